# Sourced by the scripts that record captures: two network namespaces with a cable between them, the
# client's 10.78.0.1 and fd78::1, the server's 10.78.0.2 and fd78::2, and `record`.
#
#   source net.sh NAME; begin "$@"; ... record CASE [tcpdump options] -- COMMANDS ...
#
# Gives: $tmp a folder, $out where captures go, $py Debian's Python, c and s to run something in a
# namespace, daemon to start a server, listening PORT... to wait for servers.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=$here/../../dataplane/tests/captures
py=/usr/bin/python3
C=fathom-$1-c S=fathom-$1-s
tmp=$(mktemp -d)
pids=()

finish() {
    for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
    for p in "${pids[@]}"; do wait "$p" 2>/dev/null || true; done
    ip netns del $C 2>/dev/null || true
    ip netns del $S 2>/dev/null || true
    rm -rf "$tmp"
}
trap finish EXIT

# Background jobs name nsenter itself, so that $! is the program and not a shell around it.
c() { nsenter --net=/run/netns/$C "$@"; }
s() { nsenter --net=/run/netns/$S "$@"; }
daemon() { # LOG COMMAND...
    local log=$1; shift
    nsenter --net=/run/netns/$S "$@" >"$tmp/$log" 2>&1 & pids+=($!)
}
listening() {
    s $py "$here/client.py" wait "$@" || { tail -n 20 "$tmp"/*.log >&2; exit 1; }
}

begin() { # CASES wanted, all when there are none
    [ "$(id -u)" = 0 ] || { echo "$0: network namespaces need root" >&2; exit 1; }
    wanted=("$@")
    mkdir -p "$out"
    ip netns add $C
    ip netns add $S
    ip link add veth0 netns $C type veth peer name veth0 netns $S
    local ns n
    for ns in $C $S; do
        n=1; [ $ns = $C ] || n=2
        local do="nsenter --net=/run/netns/$ns"
        $do ip link set lo up
        $do sh -c "echo 0 > /proc/sys/net/ipv6/conf/veth0/accept_ra; echo 0 > /proc/sys/net/ipv6/conf/veth0/router_solicitations"
        $do ip link set veth0 address 02:00:00:00:78:0$n up
        $do ethtool -K veth0 tx off tso off gso off gro off >/dev/null
        $do ip addr add 10.78.0.$n/24 dev veth0
        $do ip addr add fd78::$n/64 dev veth0 nodad
    done
}

record() {
    local name=$1; shift
    local opts=()
    while [ "$1" != -- ]; do opts+=("$1"); shift; done
    shift
    if [ ${#wanted[@]} -gt 0 ] && [[ ! " ${wanted[*]} " == *" $name "* ]]; then return; fi
    local file=$out/$name.pcap log=$tmp/$name.log
    : >"$log"
    nsenter --net=/run/netns/$S tcpdump -n -U --immediate-mode -i veth0 "${opts[@]}" -w "$tmp/cap" 2>"$log" &
    local pid=$!
    until grep -qi 'listening' "$log"; do kill -0 $pid || { cat "$log" >&2; exit 1; }; sleep 0.05; done
    "$@" >"$tmp/$name.out" 2>&1 || echo "$name: the client ended with $?: $(tail -c 100 "$tmp/$name.out")" >&2
    # The last packet has been written once a marker sent after it would have been: two idle polls.
    local before=-1 now=0
    while [ $before != $now ]; do before=$now; sleep 0.3; now=$(stat -c %s "$tmp/cap" 2>/dev/null || echo 0); done
    kill -INT $pid; wait $pid 2>/dev/null || true
    mv "$tmp/cap" "$file"
    echo "$name $(stat -c %s "$file") bytes"
}
