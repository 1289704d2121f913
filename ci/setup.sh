#!/bin/sh
# Installs what is missing on Debian 12 and later: `setup.sh run` for building and running,
# `setup.sh test` for the tests as well. Says what it is about to do; does nothing twice.
set -eu
cd "$(dirname "$0")/.."

build="gcc make pkg-config ca-certificates"
# For AF_XDP: the kernel programs and libxdp. Without them everything else still builds.
xdp="clang m4 libelf-dev zlib1g-dev"
tests="curl nginx-light dnsmasq-base dnsutils ethtool iproute2 tcpdump valgrind"

want="$build $xdp"
[ "${1:-run}" = test ] && want="$want $tests"

missing=
for p in $want; do
    dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing="$missing $p"
done

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: not a Debian system; please see that these are there:$missing" >&2
    elif [ "$(id -u)" = 0 ]; then
        echo "setup: installing$missing"
        apt-get update -qq
        # A server package would start its service: this machine may have its own.
        printf '#!/bin/sh\nexit 101\n' >/tmp/policy-rc.d.$$ && chmod 755 /tmp/policy-rc.d.$$
        moved=
        if [ ! -e /usr/sbin/policy-rc.d ]; then
            mv /tmp/policy-rc.d.$$ /usr/sbin/policy-rc.d && moved=1
        else
            rm -f /tmp/policy-rc.d.$$
        fi
        status=0
        # shellcheck disable=SC2086 # a list of words
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null || status=$?
        [ -n "$moved" ] && rm -f /usr/sbin/policy-rc.d
        [ "$status" = 0 ] || exit "$status"
    else
        echo "setup: not root, so these are not installed:$missing" >&2
        echo "setup: to install them: sudo apt-get install$missing" >&2
    fi
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: no cargo; install a Rust toolchain first (https://rustup.rs)" >&2
    exit 1
fi

# The engine is fetched once into a cache folder; without it the server still runs against a
# ClickHouse given by --clickhouse, and replay needs none.
if ! sh ci/get-engine.sh; then
    echo "setup: the embedded ClickHouse engine could not be fetched; run ci/get-engine.sh again when online," >&2
    echo "setup: or use an external one: fathom up --clickhouse URL" >&2
    [ "${1:-run}" = test ] && exit 1
fi
exit 0
