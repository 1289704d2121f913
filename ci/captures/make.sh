#!/usr/bin/env bash
# Records the captures under dataplane/tests/captures from real servers and clients (nginx, dnsmasq,
# tinyproxy, Python's http.server and websockets, curl, dig) in two network namespaces of its own.
#
#   ci/captures/make.sh [CASE...]      all cases, or those named
#
# Needs root and: nginx-light dnsmasq dnsutils curl tcpdump tshark tinyproxy-bin ethtool iproute2
# python3-websockets. Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../dataplane/tests/captures
py=/usr/bin/python3
C=fathom-cap-c S=fathom-cap-s
tmp=$(mktemp -d)
pids=()

finish() {
    for p in "${pids[@]}"; do kill "$p" 2>/dev/null || true; done
    ip netns del $C 2>/dev/null || true
    ip netns del $S 2>/dev/null || true
    rm -rf "$tmp"
}
trap finish EXIT

[ "$(id -u)" = 0 ] || { echo "make.sh: network namespaces need root" >&2; exit 1; }
for tool in nginx dnsmasq dig curl tcpdump dumpcap tinyproxy ethtool ip; do
    command -v $tool >/dev/null || { echo "make.sh: $tool is missing (see the head of this file)" >&2; exit 1; }
done

# Background jobs name nsenter itself, so that $! is the program and not a shell around it.
inS=(nsenter --net=/run/netns/$S)
c() { nsenter --net=/run/netns/$C "$@"; }
s() { nsenter --net=/run/netns/$S "$@"; }

# --- the network: one cable, VLANs on it, a VXLAN and an IP-in-IP tunnel over it
ip netns add $C
ip netns add $S
ip link add veth0 netns $C type veth peer name veth0 netns $S
net() { # namespace number
    local ns=$1 n=$2 m=$((3 - $2))
    local do="nsenter --net=/run/netns/$ns"
    $do ip link set lo up
    $do ip link set veth0 address 02:00:00:00:77:0"$n" up
    $do ethtool -K veth0 tx off tso off gso off gro off >/dev/null
    $do ethtool -K lo tx off tso off gso off gro off >/dev/null 2>&1 || true
    $do ip addr add 10.77.0."$n"/24 dev veth0
    $do ip addr add fd77::"$n"/64 dev veth0 nodad
    $do ip link add vxlan0 type vxlan id 4242 local 10.77.0."$n" remote 10.77.0."$m" dstport 4789
    $do ip addr add 10.77.99."$n"/24 dev vxlan0
    $do ip addr add fd77:99::"$n"/64 dev vxlan0 nodad
    $do ip link set vxlan0 up
    $do $py "$here/relay.py" vlan vlan42 42 02:00:00:00:42:0"$n" & pids+=($!)
    $do $py "$here/relay.py" vlan qinq0 7,43 02:00:00:00:43:0"$n" & pids+=($!)
    $do $py "$here/relay.py" ipip ipip1 10.77.0."$m" & pids+=($!)
    for dev in vlan42 qinq0 ipip1; do
        until $do ip link show $dev >/dev/null 2>&1; do sleep 0.05; done
    done
    $do ip link set vlan42 address 02:00:00:00:42:0"$n" mtu 1400 up
    $do ip link set qinq0 address 02:00:00:00:43:0"$n" mtu 1400 up
    $do ip link set ipip1 mtu 1400 up
    $do ip addr add 10.77.42."$n"/24 dev vlan42
    $do ip addr add 10.77.43."$n"/24 dev qinq0
    $do ip addr add 10.77.98."$n"/24 dev ipip1
    # Captures hold the traffic of their case only.
    for dev in veth0 vlan42 qinq0 vxlan0; do
        $do sh -c "echo 0 > /proc/sys/net/ipv6/conf/$dev/accept_ra; echo 0 > /proc/sys/net/ipv6/conf/$dev/router_solicitations"
    done
}
net $C 1
net $S 2

# --- the servers
mkdir -p "$tmp/www/logs"
head -c 40000 /dev/zero | tr '\0' 'x' >"$tmp/www/large.txt"
printf 'hello\n' >"$tmp/www/index.html"
cat >"$tmp/nginx.conf" <<EOF
daemon off; user root; worker_processes 1; pid $tmp/nginx.pid; error_log $tmp/error.log;
events { worker_connections 64; }
http {
  access_log off; keepalive_timeout 30; default_type text/plain;
  upstream app { server 127.0.0.1:8081; }
  server {
    listen 80; listen [::]:80; root $tmp/www;
    location /api/ { return 200 "{\"ok\":true}"; }
    location /created { return 201 "made"; }
    location /gone { return 410; }
    location /moved { return 302 /index.html; }
    location /broken { return 500 "sorry"; }
    location /busy { return 503; }
    location /nothing { return 204; }
    location /app/ {
      proxy_pass http://app; proxy_set_header X-Request-ID \$request_id;
      proxy_set_header X-Forwarded-For \$remote_addr; proxy_http_version 1.1; proxy_set_header Connection "";
    }
  }
}
EOF
"${inS[@]}" nginx -p "$tmp" -c "$tmp/nginx.conf" & pids+=($!)

cat >"$tmp/dnsmasq.conf" <<EOF
no-daemon
no-resolv
no-hosts
bind-interfaces
port=53
edns-packet-max=4096
local=/fathom.test/
address=/a.fathom.test/192.0.2.1
address=/a.fathom.test/2001:db8::1
host-record=two.fathom.test,192.0.2.2,2001:db8::2
cname=www.fathom.test,two.fathom.test
mx-host=fathom.test,mail.fathom.test,10
txt-record=fathom.test,v=spf1 -all
srv-host=_http._tcp.fathom.test,two.fathom.test,8080,5,10
ptr-record=2.2.0.192.in-addr.arpa,two.fathom.test
EOF
for i in $(seq 100 111); do printf 'txt-record=big.fathom.test,%0200d%d\n' 0 "$i"; done >>"$tmp/dnsmasq.conf"
"${inS[@]}" dnsmasq -C "$tmp/dnsmasq.conf" --pid-file="$tmp/dnsmasq.pid" 2>"$tmp/dnsmasq.log" & pids+=($!)

printf 'Port 8888\nListen 0.0.0.0\nTimeout 30\nMaxClients 8\nConnectPort 80\nLogFile "%s/proxy.log"\nPidFile "%s/proxy.pid"\n' "$tmp" "$tmp" >"$tmp/proxy.conf"
"${inS[@]}" tinyproxy -d -c "$tmp/proxy.conf" >/dev/null 2>&1 & pids+=($!)
"${inS[@]}" $py "$here/server.py" 8081 & pids+=($!)
"${inS[@]}" $py "$here/server.py" --websocket 8082 & pids+=($!)

listening() { s $py "$here/client.py" wait 80 53 8888 8081 8082; }
listening || { head -50 "$tmp/dnsmasq.log" >&2; exit 1; }

# --- recording
# record NAME [-n NS] [-i DEV] [tcpdump options] -- COMMANDS
record() {
    local name=$1; shift
    local ns=$S dev=veth0 opts=() tool=tcpdump
    while [ "$1" != -- ]; do
        case $1 in
            -n) ns=$2; shift 2 ;;
            -i) dev=$2; shift 2 ;;
            --pcapng) tool=dumpcap; shift ;;
            *) opts+=("$1"); shift ;;
        esac
    done
    shift
    if [ ${#wanted[@]} -gt 0 ] && [[ ! " ${wanted[*]} " == *" $name "* ]]; then return; fi
    local file=$out/$name.pcap log=$tmp/$name.log
    rm -f "$file"; : >"$log"
    if [ $tool = dumpcap ]; then
        nsenter --net=/run/netns/$ns dumpcap -q -n -i "$dev" "${opts[@]}" -w "$tmp/cap" 2>"$log" &
    else
        nsenter --net=/run/netns/$ns tcpdump -n -U --immediate-mode -i "$dev" "${opts[@]}" -w "$tmp/cap" 2>"$log" &
    fi
    local pid=$!
    until grep -qiE 'listening|Capturing|File:' "$log"; do kill -0 $pid || { cat "$log" >&2; exit 1; }; sleep 0.05; done
    "$@" >/dev/null 2>&1 || true
    # The last packet has been written once a marker sent after it would have been: two idle polls.
    local before=-1 now=0
    while [ $before != $now ]; do before=$now; sleep 0.3; now=$(stat -c %s "$tmp/cap" 2>/dev/null || echo 0); done
    kill -INT $pid; wait $pid 2>/dev/null || true
    mv "$tmp/cap" "$file"
    echo "$name $(stat -c %s "$file") bytes"
}

wanted=("$@")
mkdir -p "$out"
TP='traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
web=http://10.77.0.2
u() { c curl -s --max-time 10 "$@"; }
client() { c $py "$here/client.py" "$@"; }
q() { c dig +tries=1 +time=2 "$@"; }

keepalive() {
    u -H "$TP" -H 'X-Request-ID: req-1' "$web/api/v1/users/42?verbose=1" \
        --next -s "$web/index.html" --next -s -I "$web/index.html" --next -s "$web/missing/page" \
        --next -s "$web/broken" --next -s "$web/moved" --next -s -d 'name=x&n=1' "$web/created" \
        --next -s "$web/nothing" --next -s "$web/gone"
}
record http-keepalive 'tcp port 80' -- keepalive
record http-pipelined 'tcp port 80' -- client pipelined 10.77.0.2 80
record http-split 'tcp port 80' -- client split 10.77.0.2 80
chunked() {
    u -H "$TP" http://10.77.0.2:8081/chunked --next -s http://10.77.0.2:8081/trailers \
        --next -s -T - -H 'Transfer-Encoding: chunked' http://10.77.0.2:8081/upload <<<'streamed body'
}
record http-chunked 'tcp port 8081' -- chunked
expect() { u -H 'Expect: 100-continue' --expect100-timeout 5 -d "@$tmp/www/index.html" http://10.77.0.2:8081/upload; }
record http-continue 'tcp port 8081' -- expect
connect() { u -p -x http://10.77.0.2:8888 "$web/api/tunnelled"; u -p -x http://10.77.0.2:8888 http://10.77.0.2:81/refused; }
record http-connect 'tcp port 8888' -- connect
record http-websocket 'tcp port 8082' -- client websocket 10.77.0.2 8082
record http-10-close 'tcp port 8081' -- u --http1.0 http://10.77.0.2:8081/close
record http-ipv6 'tcp port 80' -- u -6 -H 'X-Request-ID: six' 'http://[fd77::2]/api/six' --next -s -6 'http://[fd77::2]/busy'
record http-vlan 'vlan 42 and tcp' -- u http://10.77.42.2/api/vlan
record http-qinq 'ether proto 0x88a8 or vlan' -- u http://10.77.43.2/api/qinq
record http-vxlan 'udp port 4789' -- u http://10.77.99.2/api/vxlan --next -s 'http://[fd77:99::2]/missing'
record http-ipip 'ip proto 4' -- u http://10.77.98.2/api/ipip
record http-raw-ip -i ipip1 'tcp port 80' -- u http://10.77.98.2/api/raw
record http-proxied-sll2 -i any 'tcp port 80 or tcp port 8081' -- u -H "$TP" "$web/app/echo?x=1"
record http-sll1 -i any -y LINUX_SLL 'tcp port 80' -- u "$web/api/sll"
record http-nanosecond --time-stamp-precision=nano 'tcp port 80' -- u "$web/api/nano"
record http-truncated -s 128 'tcp port 80' -- u "$web/large.txt"
record http-malformed 'tcp port 80' -- client malformed 10.77.0.2 80
record http-reset 'tcp port 8081' -- client reset 10.77.0.2 8081
record http-no-answer 'tcp port 8081' -- client no-answer 10.77.0.2 8081
record tcp-refused 'tcp port 81' -- u "http://10.77.0.2:81/"
silent() { c ip neigh replace 10.77.0.9 lladdr 02:00:00:00:77:09 dev veth0; u --connect-timeout 4 http://10.77.0.9/; }
record tcp-unanswered 'host 10.77.0.9' -- silent

dns() {
    local at=$1 n; shift
    for n in 'a.fathom.test A' 'a.fathom.test AAAA' 'www.fathom.test A' 'fathom.test MX' 'fathom.test TXT' \
        '_http._tcp.fathom.test SRV' 'nowhere.fathom.test A' 'fathom.test NS' 'outside.example A'; do
        # shellcheck disable=SC2086
        q "@$at" "$@" $n
    done
    q "@$at" "$@" -x 192.0.2.2
}
record dns-udp 'udp port 53' -- dns 10.77.0.2
record dns-udp-plain 'udp port 53' -- dns 10.77.0.2 +noedns
record dns-tcp 'tcp port 53' -- dns 10.77.0.2 +tcp
reuse() { q @10.77.0.2 +tcp +keepopen a.fathom.test A two.fathom.test AAAA missing.fathom.test A; }
record dns-tcp-reuse 'tcp port 53' -- reuse
record dns-ipv6 'udp port 53 or tcp port 53' -- dns fd77::2
record dns-truncated 'port 53' -- q @10.77.0.2 +noedns big.fathom.test TXT
record dns-fragments 'udp port 53 or ip[6:2] & 0x1fff != 0' -- q @10.77.0.2 +bufsize=4096 +notcp +ignore big.fathom.test TXT
record dns-fragments6 'ip6 and not icmp6' -- q @fd77::2 +bufsize=4096 +notcp +ignore big.fathom.test TXT
record dns-vlan 'vlan 42 and udp port 53' -- q @10.77.42.2 a.fathom.test A
record dns-vxlan 'udp port 4789' -- q @10.77.99.2 a.fathom.test A
record dns-port-closed 'udp port 5353 or icmp' -- q @10.77.0.2 -p 5353 a.fathom.test A
record dns-pcapng --pcapng -f 'udp port 53' -- q @10.77.0.2 two.fathom.test AAAA
record icmp-ping 'icmp' -- client ping 10.77.0.2
