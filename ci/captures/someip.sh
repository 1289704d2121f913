#!/usr/bin/env bash
# Records the captures of SOME/IP: a service and a client on the library pysomeip.
#
#   ci/captures/someip.sh [CASE...]      all cases, or those named
#
# Needs root and: python3-venv tcpdump ethtool iproute2; pysomeip comes from the Python registry,
# pinned in someip.txt, into a folder that is kept ($FATHOM_VENV). Rewrites the captures, so run
# afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" someip
venv=${FATHOM_VENV:-$HOME/.cache/fathom/captures-venv}
[ -x "$venv/bin/python" ] || $py -m venv "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check -r "$here/someip.txt"
begin "$@"

daemon someip.log "$venv/bin/python" "$here/someip_peer.py" serve
listening 30509
client() { c "$venv/bin/python" "$here/someip_peer.py" "$@"; }
record someip-udp 'udp port 30509' -- client udp 10.78.0.2
record someip-errors 'udp port 30509' -- client udp_errors 10.78.0.2
record someip-tcp 'tcp port 30509' -- client tcp 10.78.0.2
