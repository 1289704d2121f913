#!/usr/bin/env bash
# Records the captures of RPC protocols from servers and clients that programs use: SOFARPC on Node
# (Dubbo, Bolt), nginx with PHP-FPM (FastCGI), thriftpy2 (Thrift), @tars/rpc (TARS). Those of bRPC, Pulsar and
# RocketMQ are written by hand (hand_peer.py), since no package brings their servers.
#
#   ci/captures/rpc.sh [CASE...]      all cases, or those named
#
# Needs root and: nginx-light php-fpm curl nodejs npm tcpdump ethtool iproute2 python3-venv. What comes from
# the registries of Node and Python is pinned in rpc.txt and rpc.npm, and kept in $FATHOM_PEERS. Rewrites the
# captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" rpc
peers=${FATHOM_PEERS:-$HOME/.cache/fathom/rpc-peers}
mkdir -p "$peers"
[ -x "$peers/venv/bin/python" ] || $py -m venv "$peers/venv"
"$peers/venv/bin/pip" -q install --disable-pip-version-check -r "$here/rpc.txt"
(cd "$peers" && xargs npm install --silent --no-fund --no-audit --no-save <"$here/rpc.npm")
begin "$@"

serve() { # LOG COMMAND...
    local log=$1; shift
    (cd "$peers" && exec nsenter --net=/run/netns/$S "$@") >"$tmp/$log" 2>&1 & pids+=($!)
}
# Node finds its packages from the folder that it runs in.
in_client() { (cd "$peers" && exec nsenter --net=/run/netns/$C "$@"); }

# --- Dubbo and Bolt
for protocol in dubbo bolt; do
    port=20880; [ $protocol = dubbo ] || port=12200
    serve $protocol.log node "$here/rpc_peer.mjs" serve $protocol $port
    listening $port
    for name in calls errors parallel traced timeout; do
        record $protocol-$name "tcp port $port" -- in_client node "$here/rpc_peer.mjs" call $protocol 10.78.0.2 $port $name
    done
done

# --- FastCGI
fpm=$(ls /usr/sbin/php-fpm* | sort -V | tail -n 1)
www=/tmp/fathom-www
rm -rf $www
mkdir -p "$www"
chmod 755 "$www"
cp "$here"/fastcgi/*.php "$www/"
cat >"$tmp/fpm.conf" <<EOF
[global]
error_log = $tmp/fpm.err
daemonize = no
[www]
user = www-data
listen = 10.78.0.2:9000
pm = static
pm.max_children = 3
catch_workers_output = yes
EOF
daemon fpm.log "$fpm" -F -y "$tmp/fpm.conf"
listening_at() { until s bash -c "exec 3<>/dev/tcp/$1/$2" 2>/dev/null; do sleep 0.05; done; }
listening_at 10.78.0.2 9000
cat >"$tmp/nginx.conf" <<EOF
worker_processes 1;
daemon off;
pid $tmp/nginx.pid;
error_log $tmp/nginx.err;
events {}
http {
    access_log off;
    client_body_temp_path $tmp/b; proxy_temp_path $tmp/p; fastcgi_temp_path $tmp/f; uwsgi_temp_path $tmp/u; scgi_temp_path $tmp/s;
    upstream php { server 10.78.0.2:9000; keepalive 2; }
    server {
        listen 127.0.0.1:8080;
        root $www;
        location / {
            fastcgi_pass php;
            fastcgi_keep_conn on;
            include /etc/nginx/fastcgi_params;
            fastcgi_param SCRIPT_FILENAME $www/index.php;
        }
        location /missing { fastcgi_pass php; include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $www/none.php; }
        location /broken { fastcgi_pass php; include /etc/nginx/fastcgi_params; fastcgi_param SCRIPT_FILENAME $www/broken.php; }
    }
}
EOF
mkdir -p "$tmp"/{b,p,f,u,s}
nsenter --net=/run/netns/$C nginx -c "$tmp/nginx.conf" >"$tmp/nginx.log" 2>&1 & pids+=($!)
until c curl -s -o /dev/null http://127.0.0.1:8080/; do sleep 0.05; done
ask() { c curl -s -o /dev/null --max-time 5 -A test/1.0 "$@"; }
W3C='traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
record fastcgi-requests 'tcp port 9000' -- ask "http://127.0.0.1:8080/items?id=[1-3]" -H "$W3C" -H 'X-Request-ID: r-1' -H 'X-Forwarded-For: 192.0.2.7'
record fastcgi-upload 'tcp port 9000' -- ask http://127.0.0.1:8080/upload --data "$(head -c 6000 /dev/zero | tr '\0' x)"
record fastcgi-errors 'tcp port 9000' -- ask http://127.0.0.1:8080/missing http://127.0.0.1:8080/broken "http://127.0.0.1:8080/?status=503" "http://127.0.0.1:8080/?status=302"
record fastcgi-large 'tcp port 9000' -- ask "http://127.0.0.1:8080/?large=9000" -H "X-Long: $(head -c 3000 /dev/zero | tr '\0' y)"

rm -rf $www

# --- Thrift
for form in binary compact framed framed-compact; do
    serve thrift.log "$peers/venv/bin/python" "$here/thrift_peer.py" serve $form 10.78.0.2 9090; peer=${pids[-1]}
    listening_at 10.78.0.2 9090
    record thrift-$form 'tcp port 9090' -- in_client "$peers/venv/bin/python" "$here/thrift_peer.py" call $form 10.78.0.2 9090
    kill $peer; wait $peer 2>/dev/null || true
done

# --- TARS
cat >"$tmp/tars.conf" <<EOF
<tars>
<application>
enableset=n
setdivision=NULL
<server>
app=TRom
server=NodeTarsServer
localip=10.78.0.2
local=tcp -h 127.0.0.1 -p 10002 -t 3000
basepath=$tmp/
datapath=$tmp/
logpath=$tmp/
<TRom.NodeTarsServer.NodeTarsObjAdapter>
endpoint=tcp -h 10.78.0.2 -p 14002 -t 60000
maxconns=100
protocol=tars
queuecap=1000
queuetimeout=6000
servant=TRom.NodeTarsServer.NodeTarsObj
threads=1
</TRom.NodeTarsServer.NodeTarsObjAdapter>
</server>
<client>
modulename=TRom.NodeTarsServer
async-invoke-timeout=5000
</client>
</application>
</tars>
EOF
serve tars.log node "$here/tars_peer.js" serve "$tmp/tars.conf"
listening_at 10.78.0.2 14002
record tars-calls 'tcp port 14002' -- in_client node "$here/tars_peer.js" call 10.78.0.2 14002

# --- By hand
for case in brpc-{calls,errors,traced} pulsar-{producer,consumer,errors,refused} rocketmq-{producer,consumer,binary}; do
    case $case in brpc*) port=8002 ;; pulsar*) port=6650 ;; *) port=10911 ;; esac
    serve hand.log $py "$here/hand_peer.py" serve $case 10.78.0.2 $port; peer=${pids[-1]}
    until s ss -ltn | grep -q ":$port "; do sleep 0.05; done
    record $case "tcp port $port" -- in_client $py "$here/hand_peer.py" talk $case 10.78.0.2 $port
    kill $peer 2>/dev/null || true; wait $peer 2>/dev/null || true
done
