#!/usr/bin/env bash
# Records the captures dataplane/tests/captures/tunnel-*.pcap and link-*.pcap: nginx, dnsmasq, curl and
# dig talk through tunnels between two network namespaces, and the wire under the tunnels is recorded.
#
#   ci/captures/tunnels.sh [CASE...]      all cases, or those named
#
# Who makes the tunnels: Open vSwitch in its user-space form (VXLAN, VXLAN-GPE with NSH, Geneve, GRE,
# ERSPAN II and III, MPLS labels), Osmocom (GTP), the kernel where it has the module (VXLAN, segment routing, IPv4
# options and IPv6 extension headers), usrsctp (SCTP), and wrap.py for what none of them can do here.
# What wrap.py wraps is real traffic, but the tunnel's header is by hand: 4in6 6in4 6in6 ipip-fragments
# ipip-fragments6 gre-mpls mpls-udp mpls-udp-ip6 gtp-ip6 gtp-extensions erspan1 erspan3-ip l2tp-ip
# l2tp-udp l2tp-vlan nsh-md2, three layers of nested, link-snap and link-pppoe; link-null is rewritten.
#
# Needs root and: openvswitch-switch nginx-light dnsmasq dnsutils curl tcpdump ethtool iproute2
# libusrsctp-examples osmo-ggsn. Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
out=$here/../../dataplane/tests/captures
py=/usr/bin/python3
C=fathom-tunnel-c S=fathom-tunnel-s
tmp=$(mktemp -d)
pids=() daemons=()
wanted=("$@")

stop() { # pid...
    for p in "$@"; do kill "$p" 2>/dev/null || true; done
    for p in "$@"; do wait "$p" 2>/dev/null || true; done
}
finish() {
    stop "${pids[@]}"
    for d in "${daemons[@]}"; do kill "$(cat "$d" 2>/dev/null)" 2>/dev/null || true; done
    ip netns del $C 2>/dev/null || true
    ip netns del $S 2>/dev/null || true
    rm -rf "$tmp"
}
trap finish EXIT

[ "$(id -u)" = 0 ] || { echo "tunnels.sh: network namespaces need root" >&2; exit 1; }
for tool in ovs-vswitchd nginx dnsmasq dig curl tcpdump osmo-ggsn sgsnemu ethtool ip; do
    command -v $tool >/dev/null || { echo "tunnels.sh: $tool is missing (see the head of this file)" >&2; exit 1; }
done

# Starts a program in a namespace; $last is the program itself, not a shell around it.
bg() { nsenter --net=/run/netns/"$1" "${@:2}" & last=$!; }
in_ns() { nsenter --net=/run/netns/"$1" "${@:2}"; }
c() { in_ns $C "$@"; }
s() { in_ns $S "$@"; }
number() { [ "$1" = $C ] && echo 1 || echo 2; }
vs() { # namespace, ovs-vsctl's arguments
    local n; n=$(number "$1")
    OVS_RUNDIR=$tmp/$n ovs-vsctl --db=unix:"$tmp/$n/db.sock" --timeout=10 "${@:2}"
}
of() { local n; n=$(number "$1"); OVS_RUNDIR=$tmp/$n ovs-ofctl -O OpenFlow15 "${@:2}"; }

# --- the network: one cable, a user-space switch at each end
ip netns add $C
ip netns add $S
ip link add veth0 netns $C type veth peer name veth0 netns $S
quiet() { # namespace device: captures hold the traffic of their case only
    in_ns "$1" sh -c "echo 0 > /proc/sys/net/ipv6/conf/$2/accept_ra; echo 0 > /proc/sys/net/ipv6/conf/$2/router_solicitations"
    in_ns "$1" ethtool -K "$2" tx off tso off gso off gro off >/dev/null 2>&1 || true
}
switch() { # namespace
    local ns=$1 n; n=$(number "$1")
    local d=$tmp/$n
    mkdir -p "$d"
    in_ns "$ns" ip link set lo up
    quiet "$ns" veth0
    in_ns "$ns" ip link set veth0 address 02:00:00:00:77:0"$n" addrgenmode none mtu 1600 up
    export OVS_RUNDIR=$d OVS_LOGDIR=$d OVS_DBDIR=$d OVS_SYSCONFDIR=$d
    ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema
    in_ns "$ns" ovsdb-server "$d/conf.db" --remote=punix:"$d/db.sock" --pidfile="$d/db.pid" --unixctl="$d/db.ctl" --log-file="$d/db.log" --detach --no-chdir 2>/dev/null
    daemons+=("$d/db.pid")
    vs "$ns" --no-wait init
    in_ns "$ns" ovs-vswitchd unix:"$d/db.sock" --pidfile="$d/vs.pid" --unixctl="$d/vs.ctl" --log-file="$d/vs.log" --detach --no-chdir 2>/dev/null
    daemons+=("$d/vs.pid")
    vs "$ns" add-br br0 -- set bridge br0 datapath_type=netdev other-config:hwaddr=02:00:00:00:78:0"$n" -- add-port br0 veth0
    quiet "$ns" br0
    in_ns "$ns" ip link set br0 addrgenmode none up
    in_ns "$ns" ip addr add 10.77.0."$n"/24 dev br0
    in_ns "$ns" ip addr add fd77::"$n"/64 dev br0 nodad
    # The neighbours are known, so that no capture begins with finding them.
    in_ns "$ns" ip neigh replace 10.77.0.$((3 - n)) lladdr 02:00:00:00:78:0$((3 - n)) dev br0
    in_ns "$ns" ip neigh replace fd77::$((3 - n)) lladdr 02:00:00:00:78:0$((3 - n)) dev br0
}
switch $C
switch $S
for ns in $C $S; do
    n=$(number $ns)
    OVS_RUNDIR=$tmp/$n ovs-appctl -t "$tmp/$n/vs.ctl" tnl/neigh/set br0 10.77.0.$((3 - n)) 02:00:00:00:78:0$((3 - n)) >/dev/null
    OVS_RUNDIR=$tmp/$n ovs-appctl -t "$tmp/$n/vs.ctl" tnl/neigh/set br0 fd77::$((3 - n)) 02:00:00:00:78:0$((3 - n)) >/dev/null
done

# --- the servers
cat >"$tmp/nginx.conf" <<END
daemon off; user root; worker_processes 1; pid $tmp/nginx.pid; error_log $tmp/error.log;
events { worker_connections 64; }
http { access_log off; server { listen 80; listen [::]:80; location / { return 200 "{\"ok\":true}"; } } }
END
bg $S nginx -p "$tmp" -c "$tmp/nginx.conf"; pids+=($last)
for i in $(seq 100 111); do printf 'txt-record=big.fathom.test,%0200d%d\n' 0 "$i"; done >"$tmp/dnsmasq.conf"
names() { # port
    bg $S dnsmasq -C "$tmp/dnsmasq.conf" --no-daemon --no-resolv --no-hosts --edns-packet-max=4096 --local=/fathom.test/ \
        --address=/a.fathom.test/192.0.2.1 --port="$1" --pid-file="$tmp/dnsmasq.$1" 2>"$tmp/dnsmasq.log"
    pids+=($last)
}
names 53
s $py "$here/client.py" wait 80 53

# --- recording
chosen() { [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" $1 "* ]]; }
# record NAME [-i DEV] [tcpdump options] -- COMMANDS
record() {
    local name=$1 dev=veth0 opts=(); shift
    while [ "$1" != -- ]; do
        if [ "$1" = -i ]; then dev=$2; shift 2; else opts+=("$1"); shift; fi
    done
    shift
    local file=$out/$name.pcap log=$tmp/$name.log
    : >"$log"
    bg $S tcpdump -n -U --immediate-mode -i "$dev" "${opts[@]}" -w "$tmp/cap" 2>"$log"
    local pid=$last
    until grep -q 'listening' "$log"; do kill -0 $pid || { cat "$log" >&2; exit 1; }; sleep 0.05; done
    "$@" >"$tmp/said" 2>&1 || { echo "tunnels.sh: $name: the traffic failed" >&2; cat "$tmp/said" >&2; exit 1; }
    local before=-1 now=0
    while [ $before != $now ]; do before=$now; sleep 0.3; now=$(stat -c %s "$tmp/cap" 2>/dev/null || echo 0); done
    stop $pid
    mv "$tmp/cap" "$file"
    echo "$name $(stat -c %s "$file") bytes"
}
four() { c curl -sf --max-time 5 -H 'X-Request-ID: four' "http://10.88.0.2/api/tunnel"; }
six() { c curl -sf --max-time 5 -H 'X-Request-ID: six' "http://[fd88::2]/api/tunnel"; }
both() { four; six; }
large() { c dig +tries=1 +time=3 @"$1" +bufsize=4096 +notcp +ignore big.fathom.test TXT | grep -q '000111'; }

addresses() { # namespace device [mtu]
    local n; n=$(number "$1")
    quiet "$1" "$2"
    in_ns "$1" ip link set "$2" mtu "${3:-1400}" addrgenmode none up
    in_ns "$1" ip addr add 10.88.0."$n"/24 dev "$2"
    in_ns "$1" ip addr add fd88::"$n"/64 dev "$2" nodad
    in_ns "$1" ip neigh replace 10.88.0.$((3 - n)) lladdr 02:00:00:00:88:0$((3 - n)) dev "$2" 2>/dev/null || true
    in_ns "$1" ip neigh replace fd88::$((3 - n)) lladdr 02:00:00:00:88:0$((3 - n)) dev "$2" 2>/dev/null || true
}

# --- tunnels of Open vSwitch: a second switch whose one other port is the tunnel
# ovs NAME FAMILY TYPE [-p] OPTIONS -- COMMANDS; -p: the tunnel carries packets without Ethernet
ovs() {
    local name=$1 family=$2 type=$3; shift 3
    chosen "$name" || return 0
    local l3= opts=()
    while [ "$1" != -- ]; do
        case $1 in -p) l3=yes ;; *) opts+=("options:$1") ;; esac
        shift
    done
    shift
    for ns in $C $S; do
        local n m remote; n=$(number $ns); m=$((3 - n))
        remote=10.77.0.$m; [ "$family" = 6 ] && remote=fd77::$m
        vs $ns add-br t0 -- set bridge t0 datapath_type=netdev other-config:hwaddr=02:00:00:00:88:0"$n" \
            -- add-port t0 tun0 -- set interface tun0 type="$type" options:remote_ip=$remote ofport_request=1 "${opts[@]}"
        addresses $ns t0
        # A packet without Ethernet gets a header whose addresses somebody has to fill in.
        [ -z "$l3" ] || of $ns add-flow t0 "priority=9,in_port=1,actions=set_field:02:00:00:00:88:0$n->eth_dst,LOCAL"
        [ -z "$l3" ] || of $ns add-flow t0 "priority=9,in_port=LOCAL,actions=output:1"
        if [ -n "${flows:-}" ]; then "$flows" $ns; fi
    done
    record "$name" -- "$@"
    for ns in $C $S; do vs $ns del-br t0; done
}
policy() { of "$1" add-flow t0 "priority=9,in_port=LOCAL,actions=set_field:0x1234->tun_gbp_id,output:1"; }
flows=policy ovs tunnel-vxlan-gbp 4 vxlan key=77 exts=gbp dst_port=8472 -- both
ovs tunnel-vxlan-ip6 6 vxlan key=78 -- both
ovs tunnel-gpe-ethernet 4 vxlan key=79 exts=gpe dst_port=4790 -- both
ovs tunnel-gpe-ip 6 vxlan -p key=80 exts=gpe dst_port=4790 packet_type=legacy_l3 -- both
service_path() {
    of "$1" add-flow t0 'priority=9,in_port=LOCAL,actions=encap(nsh(md_type=1)),set_field:42->nsh_spi,set_field:0x11223344->nsh_c1,output:1'
    of "$1" add-flow t0 'priority=9,in_port=1,packet_type=(1,0x894f),actions=decap(),output:LOCAL'
}
flows=service_path ovs tunnel-nsh 4 vxlan key=81 exts=gpe dst_port=4790 packet_type=ptap -- both
ovs tunnel-geneve 4 geneve key=82 -- both
geneve_options() {
    of "$1" add-tlv-map t0 '{class=0x102,type=0x80,len=4}->tun_metadata0,{class=0x102,type=1,len=12}->tun_metadata1'
    of "$1" add-flow t0 'priority=9,in_port=LOCAL,actions=set_field:0x01020304->tun_metadata0,set_field:0x5->tun_metadata1,output:1'
}
flows=geneve_options ovs tunnel-geneve-options 6 geneve key=83 -- both
ovs tunnel-gre 4 gre -p packet_type=legacy_l3 -- both
ovs tunnel-gre-key 6 gre -p packet_type=legacy_l3 key=84 csum=true -- both
ovs tunnel-gre-sequence 4 gre -p packet_type=legacy_l3 key=84 seq=true -- six
ovs tunnel-nvgre 4 gre key=0x0f423f01 -- both
ovs tunnel-teb-ip6 6 gre -- both
ovs tunnel-erspan2 4 erspan key=85 erspan_ver=1 erspan_idx=3 -- both
ovs tunnel-erspan3 6 erspan key=86 erspan_ver=2 erspan_dir=1 erspan_hwid=4 -- both
inner_fragments() { large 10.88.0.2; large fd88::2; }
ovs tunnel-geneve-fragments 4 geneve key=89 -- inner_fragments

# MPLS on the wire itself: labels pushed at each end
if chosen link-mpls; then
    for ns in $C $S; do
        n=$(number $ns) m=$((3 - $(number $ns)))
        vs $ns add-br t0 -- set bridge t0 datapath_type=netdev other-config:hwaddr=02:00:00:00:88:0"$n" \
            -- add-port t0 p0 -- set interface p0 type=patch options:peer=p1 ofport_request=1 \
            -- add-port br0 p1 -- set interface p1 type=patch options:peer=p0 ofport_request=2
        addresses $ns t0
        for kind in 0x0800 0x86dd; do
            of $ns add-flow t0 "priority=9,in_port=LOCAL,eth_type=$kind,actions=push_mpls:0x8847,set_field:100$n->mpls_label,push_mpls:0x8847,set_field:16->mpls_label,output:1"
            bos=$([ $kind = 0x0800 ] && echo 4 || echo 6)
            of $ns add-flow t0 "priority=$bos,in_port=1,eth_type=0x8847,mpls_bos=0,actions=pop_mpls:0x8847,resubmit(,$bos)"
        done
        of $ns add-flow t0 "table=6,eth_type=0x8847,mpls_label=100$m,actions=pop_mpls:0x0800,output:LOCAL"
    done
    record link-mpls mpls -- four
    for ns in $C $S; do vs $ns --if-exists del-port br0 p1; vs $ns del-br t0; done
fi

# --- tunnels of the kernel
if chosen tunnel-vxlan-fragments; then
    for ns in $C $S; do
        n=$(number $ns) m=$((3 - $(number $ns)))
        in_ns $ns ip link set br0 mtu 1280
        in_ns $ns ip link add v4 address 02:00:00:00:88:0"$n" type vxlan id 90 local 10.77.0."$n" remote 10.77.0.$m dstport 4789 df unset
        addresses $ns v4 1400
    done
    record tunnel-vxlan-fragments -- large 10.88.0.2
    for ns in $C $S; do in_ns $ns ip link del v4; in_ns $ns ip link set br0 mtu 1500; done
fi
if chosen tunnel-srv6; then
    # IPv6 in IPv6 with a segment routing header, unpacked at the segment's end.
    for ns in $C $S; do
        n=$(number $ns) m=$((3 - $(number $ns)))
        in_ns $ns sh -c 'echo 1 > /proc/sys/net/ipv6/conf/all/seg6_enabled; echo 1 > /proc/sys/net/ipv6/conf/br0/seg6_enabled; echo 1 > /proc/sys/net/ipv6/conf/all/forwarding'
        in_ns $ns ip -6 addr add fd88::"$n"/128 dev lo nodad
        in_ns $ns ip -6 route add fc00:$n::100/128 encap seg6local action End.DT6 table 255 dev br0
        in_ns $ns ip -6 route add fc00:$m::100/128 via fd77::$m dev br0
        in_ns $ns ip -6 route add fd88::$m/128 src fd88::"$n" encap seg6 mode encap segs fd77::$m,fc00:$m::100 dev br0
    done
    record tunnel-srv6 -- six
    for ns in $C $S; do
        n=$(number $ns) m=$((3 - $(number $ns)))
        in_ns $ns sh -c 'echo 0 > /proc/sys/net/ipv6/conf/all/forwarding'
        in_ns $ns ip -6 route del fd88::$m/128
        in_ns $ns ip -6 route del fc00:$n::100/128
        in_ns $ns ip -6 route del fc00:$m::100/128
        in_ns $ns ip -6 addr del fd88::"$n"/128 dev lo
    done
fi

# --- a mobile network: a phone's packets between Osmocom's gateway and its emulated access network
if chosen tunnel-gtp; then
    cat >"$tmp/ggsn.cfg" <<END
log stderr
 logging level ggsn error
ggsn ggsn0
 gtp state-dir $tmp
 gtp bind-ip 10.77.0.2
 apn internet
  gtpu-mode tun
  tun-device w0
  type-support v4
  ip prefix dynamic 10.88.0.0/24
  ip dns 0 10.77.0.2
  ip ifconfig 10.88.0.2/24
  no shutdown
 default-apn internet
 no shutdown ggsn
END
    bg $S osmo-ggsn -c "$tmp/ggsn.cfg" >"$tmp/ggsn.log" 2>&1; ggsn=$last; pids+=($ggsn)
    until s ip -4 addr show w0 2>/dev/null | grep -q 10.88.0.2; do kill -0 $ggsn || { cat "$tmp/ggsn.log" >&2; exit 1; }; sleep 0.05; done
    quiet $S w0
    phone() {
        bg $C sgsnemu --listen 10.77.0.1 --remote 10.77.0.2 --apn internet --imsi 240011234567890 --msisdn 46702123456 \
            --statedir "$tmp" --pidfile "$tmp/sgsnemu.pid" --createif --defaultroute --contexts 1; pids+=($last)
        until c ip -4 route | grep -q default; do kill -0 "$last"; sleep 0.05; done
        for each in $(c ls /sys/class/net); do quiet $C "$each" || true; done
        four
        stop "$last"
    }
    record tunnel-gtp udp -- phone
    stop $ggsn
fi

# --- tunnels that wrap.py makes
# wrapped NAME FAMILY KIND [HEX] -- COMMANDS
wrapped() {
    local name=$1 family=$2 kind=$3 hex=; shift 3
    chosen "$name" || return 0
    if [ "$1" != -- ]; then hex=$1; shift; fi
    shift
    local mine=()
    for ns in $C $S; do
        local m peer; m=$((3 - $(number $ns)))
        case $family in 4) peer=10.77.0.$m ;; 6) peer=fd77::$m ;; *) peer=02:00:00:00:78:0$m ;; esac
        bg $ns $py "$here/wrap.py" "$kind" w0 "$peer" "$hex"; mine+=($last)
        until in_ns $ns ip link show w0 >/dev/null 2>&1; do sleep 0.05; done
        in_ns $ns ip link set w0 address 02:00:00:00:88:0"$(number $ns)" 2>/dev/null || true
        addresses $ns w0 "${mtu:-1400}"
    done
    pids+=("${mine[@]}")
    record "$name" "${filter[@]}" -- "$@"
    stop "${mine[@]}"
}
filter=()
wrapped tunnel-6in4 4 ipip -- both
wrapped tunnel-4in6 6 ipip -- four
wrapped tunnel-6in6 6 ipip -- six
mtu=1800 wrapped tunnel-ipip-fragments 4 ipip -- large 10.88.0.2
mtu=1800 wrapped tunnel-ipip-fragments6 6 ipip -- large 10.88.0.2
wrapped tunnel-gre-mpls 6 gre-mpls 0001064000101140 -- four
wrapped tunnel-mpls-udp 4 udp-mpls 003e9140 -- six
wrapped tunnel-mpls-udp-ip6 6 udp-mpls 0001064000101140 -- four
# A TEID alone.
# With all options: TEID, sequence number, no N-PDU number; a PDU session container (TS 38.415), then a PDCP number.
wrapped tunnel-gtp-ip6 6 gtp 0000c0de -- both
wrapped tunnel-gtp-extensions 4 gtp 0000c0de00070085010009c001000100 -- both
wrapped tunnel-erspan1 4 erspan1 -- both
wrapped tunnel-erspan3-ip 6 erspan3-ip -- four
wrapped tunnel-l2tp-ip 4 l2tp-ip 0000abcd -- both
wrapped tunnel-l2tp-udp 6 l2tp-udp 0000abcec0ffee00c0ffee0000000000 -- both
# NSH metadata of type 2: one class with eight bytes of data.
wrapped tunnel-nsh-md2 4 nsh 0102800811223344aabbccdd -- four
filter=('ether[12:2] <= 1500')
wrapped link-snap link llc -- both
filter=(pppoes)
wrapped link-pppoe link pppoe -- both
filter=()

if chosen tunnel-nested; then
    # GTP-U in IP in IP in MPLS over UDP over VXLAN: each device's peer is reached through the next one.
    mine=()
    for ns in $C $S; do
        n=$(number $ns) m=$((3 - $(number $ns)))
        in_ns $ns ip link add v4 address 02:00:00:00:90:0"$n" type vxlan id 92 local fd77::"$n" remote fd77::$m dstport 4789
        quiet $ns v4
        in_ns $ns ip link set v4 mtu 1420 addrgenmode none up
        in_ns $ns ip addr add 10.90.0."$n"/24 dev v4
        in_ns $ns ip neigh replace 10.90.0.$m lladdr 02:00:00:00:90:0$m dev v4
        layer() { # device kind peer hex address mtu
            bg $ns $py "$here/wrap.py" "$2" "$1" "$3" "$4"; mine+=($last)
            until in_ns $ns ip link show "$1" >/dev/null 2>&1; do sleep 0.05; done
            quiet $ns "$1"
            in_ns $ns ip link set "$1" mtu "$6" addrgenmode none up
            in_ns $ns ip addr add "$5" dev "$1"
        }
        layer w1 udp-mpls 10.90.0.$m 003e9140 10.91.0."$n"/24 1380
        layer w2 ipip 10.91.0.$m '' 10.92.0."$n"/24 1350
        layer w0 gtp 10.92.0.$m 0000c0de 10.88.0."$n"/24 1300
    done
    pids+=("${mine[@]}")
    record tunnel-nested -- four
    stop "${mine[@]}"
    for ns in $C $S; do in_ns $ns ip link del v4; done
fi

if chosen tunnel-l2tp-vlan; then
    # A tagged frame in the tunnel: relay.py makes the VLAN device on top of it.
    mine=()
    for ns in $C $S; do
        n=$(number $ns) m=$((3 - $(number $ns)))
        bg $ns $py "$here/wrap.py" l2tp-ip w1 10.77.0.$m 0000abcf00112233; mine+=($last)
        until in_ns $ns ip link show w1 >/dev/null 2>&1; do sleep 0.05; done
        quiet $ns w1
        in_ns $ns ip link set w1 address 02:00:00:00:91:0"$n" mtu 1440 addrgenmode none up
        bg $ns $py "$here/relay.py" vlan w0 9 02:00:00:00:88:0"$n" w1; mine+=($last)
        until in_ns $ns ip link show w0 >/dev/null 2>&1; do sleep 0.05; done
        in_ns $ns ip link set w0 address 02:00:00:00:88:0"$n"
        addresses $ns w0
    done
    pids+=("${mine[@]}")
    record tunnel-l2tp-vlan -- four
    stop "${mine[@]}"
fi

# --- ports of tunnels that somebody else uses, and the rest of the link layer
not_tunnels() {
    for port in 2152 4789 6081; do
        c dig +tries=1 +time=2 -p $port @10.77.0.2 a.fathom.test A
        c dig +tries=1 +time=2 -b 0.0.0.0#$port @10.77.0.2 a.fathom.test A
        c dig +tries=1 +time=2 -p $port -b ::#$port @fd77::2 a.fathom.test A
    done
}
if chosen tunnel-none; then
    for port in 2152 4789 6081; do names $port; done
    s $py "$here/client.py" wait 2152 4789 6081
    record tunnel-none -- not_tunnels
fi
options() { c $py "$here/client.py" ip-options 10.77.0.2 53; }
if chosen link-ip-options; then record link-ip-options 'udp port 53' -- options; fi
extensions() { c $py "$here/client.py" ip6-extensions fd77::2 53; }
if chosen link-ip6-extensions; then record link-ip6-extensions 'host fd77::1' -- extensions; fi
others() { c $py "$here/client.py" other-protocols 10.77.0.2; c $py "$here/client.py" other-protocols fd77::2; }
if chosen link-other-protocols; then record link-other-protocols 'not icmp and not icmp6' -- others; fi
if chosen link-sctp; then
    bg $S /usr/lib/usrsctp/echo_server >/dev/null 2>&1
    echo_pid=$last
    pids+=($echo_pid)
    say() { printf 'hello\nagain\n' | c timeout 5 /usr/lib/usrsctp/client 10.77.0.2 7 || [ $? = 124 ]; }
    record link-sctp sctp -- say
    stop $echo_pid
fi
# The BSD loopback link, which Linux does not have: a raw IP capture with the family in front of each packet.
if chosen link-null; then
    $py "$here/client.py" to-null "$out/http-raw-ip.pcap" "$out/link-null.pcap"
fi
