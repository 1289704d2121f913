#!/bin/sh
# Installs the programs that `fathom-bench peers` and `fathom-bench file` measure beside the agent,
# as far as this system's package sources and PyPI have them. None is required: what is missing is
# skipped by name. Says what it is about to do; does nothing twice. Packages need root.
#
#   ci/get-peers.sh             install what is missing
#   ci/get-peers.sh --list      only say what is there
#   ci/get-peers.sh --backports ask the release's backports too (Debian 12: Suricata); their entry
#                               in the package sources is removed again at the end
#
# FATHOM_CACHE   cache directory for the Python environment (default: ~/.cache/fathom)
# PYTHON         Python 3.8 or later to make it with
set -eu

# command:package
peers="tcpdump:tcpdump softflowd:softflowd nfpcapd:nfdump pmacctd:pmacct ndpiReader:libndpi-bin
    tshark:tshark suricata:suricata zeek:zeek"
NFSTREAM=6.6.0

say() { printf 'get-peers: %s\n' "$*"; }

list=no
backports=
case ${1:-} in
    '') ;;
    --list) list=yes ;;
    --backports) backports=/etc/apt/sources.list.d/fathom-backports.list ;;
    *) say "unknown argument '$1'; there are --list and --backports" >&2; exit 1 ;;
esac

cache=${FATHOM_CACHE:-${HOME:?set FATHOM_CACHE to a directory}/.cache/fathom}
environment=$cache/peers/nfstream
# Daemons are in sbin, which an ordinary user's path may lack.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

missing=
for peer in $peers; do
    if command -v "${peer%%:*}" >/dev/null 2>&1; then
        say "${peer%%:*} is at $(command -v "${peer%%:*}")"
    else
        missing="$missing ${peer##*:}"
    fi
done
if [ -x "$environment/bin/python" ] && "$environment/bin/python" -c 'import nfstream' 2>/dev/null; then
    say "nfstream is in $environment"
    wheel=no
else
    wheel=yes
fi
if [ "$list" = yes ]; then
    [ -z "$missing" ] || say "not there:$missing"
    [ "$wheel" = no ] || say "not there: nfstream"
    exit 0
fi

if [ -n "$missing" ] && ! command -v apt-get >/dev/null 2>&1; then
    say "not a Debian system, so these are not installed:$missing"
elif [ -n "$missing" ] && [ "$(id -u)" != 0 ]; then
    say "not root, so these are not installed:$missing"
elif [ -n "$missing" ]; then
    policy=
    trap 'rm -f ${policy:+"$policy"} ${backports:+"$backports"}' EXIT
    if [ -n "$backports" ]; then
        # shellcheck disable=SC1091 # the system's own file
        release=$(. /etc/os-release && echo "$VERSION_CODENAME")
        echo "deb http://deb.debian.org/debian $release-backports main" >"$backports"
    fi
    apt-get update -qq
    # Their services are not to start: this machine may have its own.
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d
        policy=/usr/sbin/policy-rc.d
    fi
    for package in $missing; do
        if ! apt-cache policy "$package" | grep -q 'Candidate: [^(]'; then
            say "$package is not in this system's package sources"
            continue
        fi
        from=
        if [ -n "$backports" ] && apt-cache policy "$package" | grep -q "^ .*$release-backports"; then
            from="-t $release-backports"
        fi
        say "installing $package"
        # shellcheck disable=SC2086 # an option and its value, or nothing
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 --no-install-recommends $from "$package" >/dev/null 2>&1 ||
            say "$package could not be installed"
    done
fi

if [ "$wheel" = yes ]; then
    say "installing nfstream $NFSTREAM into $environment"
    python=${PYTHON:-python3}
    if ! { "$python" -m venv "$environment" &&
        "$environment/bin/pip" install --quiet --only-binary :all: "nfstream==$NFSTREAM"; }; then
        rm -rf "$environment"
        say "nfstream could not be installed: it needs $python with venv, and PyPI"
    fi
fi
