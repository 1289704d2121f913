#!/usr/bin/env bash
# Records the captures of HTTP/2 and what speaks through it, from real servers and clients: nginx,
# nghttpd, nghttpx, Python's grpc and websockets, Connect
# for Node; curl, nghttp, h2load.
#
#   ci/captures/web.sh [CASE...]      all cases, or those named
#
# Needs root and: nginx-light nghttp2-server nghttp2-proxy nghttp2-client python3-grpcio python3-h2
# python3-websockets nodejs npm curl tcpdump
# ethtool iproute2. Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" web
begin "$@"

mkdir -p "$tmp/www/logs" "$tmp/www/api/v1"
head -c 20000 /dev/zero | tr '\0' 'x' >"$tmp/www/large.txt"
printf 'hello\n' >"$tmp/www/index.html"
printf 'body { color: red }\n' >"$tmp/www/style.css"
cat >"$tmp/nginx.conf" <<END
daemon off; user root; worker_processes 1; pid $tmp/nginx.pid; error_log $tmp/error.log;
events { worker_connections 64; }
http {
  access_log off; default_type text/plain;
  server {
    listen 8080 http2; listen [::]:8080 http2; root $tmp/www; http2_max_concurrent_streams 100;
    location /api/ { return 200 "{\"ok\":true}"; }
    location /gone { return 410; }
    location /broken { return 500 "sorry"; }
    location /push/ { http2_push /style.css; return 200 "pushed"; }
    location /slow/ { limit_rate 4000; alias $tmp/www/; }
  }
  server { listen 127.0.0.1:8081; root $tmp/www; location /api/ { return 200 "{\"ok\":true}"; } }
}
END
daemon nginx.log nginx -p "$tmp" -c "$tmp/nginx.conf"
daemon nghttpd.log nghttpd --no-tls -d "$tmp/www" --trailer='x-sum: 1' --push=/index.html=/style.css 8082
daemon nghttpx.log nghttpx --conf=/dev/null --frontend='0.0.0.0,8083;no-tls' --backend='127.0.0.1,8081' --workers=1
daemon grpc.log $py "$here/grpc_peer.py" serve 8084
daemon ws.log $py "$here/ws_peer.py" serve 8085
listening 8080 8082 8083 8084 8085

TP='traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
h2=http://10.78.0.2:8080
u() { c curl -s --max-time 10 --http2-prior-knowledge "$@"; }
n() { c nghttp -n "$@"; }

curl_all() {
    u -H "$TP" -H 'X-Request-ID: req-1' -H 'Referer: http://shop.test/' "$h2/api/v1/users/42?verbose=1"
    u "$h2/missing/page"; u "$h2/broken"; u "$h2/gone"
    u -I "$h2/index.html" || true
    u -d 'name=x&n=1' "$h2/api/create"
}
record http2-curl 'tcp port 8080' -- curl_all
record http2-ipv6 'tcp port 8080' -- u 'http://[fd78::2]:8080/api/six'
# Several requests at a time, their answers interleaved frame by frame.
record http2-interleaved 'tcp port 8080' -- u -Z --parallel-immediate "$h2/large.txt" "$h2/api/a" "$h2/large.txt?2" "$h2/missing"
record http2-many 'tcp port 8080' -- c h2load -n 30 -c 2 -m 5 "$h2/api/v1/items/1" "$h2/index.html" "$h2/missing"
record http2-push 'tcp port 8080' -- n "$h2/push/now"
record http2-trailers 'tcp port 8082' -- n -y --trailer='x-check: 2' -d "$tmp/www/style.css" http://10.78.0.2:8082/index.html http://10.78.0.2:8082/style.css
# Header blocks of several frames: a long header.
record http2-continuation 'tcp port 8082' -- n --no-push --continuation -H "x-long: $(head -c 3000 /dev/zero | tr '\0' 'y')" http://10.78.0.2:8082/index.html http://10.78.0.2:8082/style.css
record http2-padded 'tcp port 8080' -- n -b 40 "$h2/api/padded" "$h2/index.html"
# The request asks in HTTP/1 for HTTP/2, the answer comes in HTTP/2, the next request too.
record http2-upgrade 'tcp port 8083' -- c curl -s --max-time 10 --http2 -H 'X-Request-ID: up-1' http://10.78.0.2:8083/api/upgraded --next -s --http2 http://10.78.0.2:8083/index.html
# The client gives up in the middle of the answer.
record http2-cancelled 'tcp port 8080' -- c $py "$here/h2_reset.py" 10.78.0.2 8080 /slow/large.txt /api/next
record http2-closed 'tcp port 8080' -- u --max-time 1 "$h2/slow/large.txt"
record http2-truncated -s 160 'tcp port 8080' -- u -H "$TP" "$h2/api/v1/cut"

record grpc-unary 'tcp port 8084' -- c $py "$here/grpc_peer.py" unary 10.78.0.2:8084
record grpc-streams 'tcp port 8084' -- c $py "$here/grpc_peer.py" streams 10.78.0.2:8084
record grpc-errors 'tcp port 8084' -- c $py "$here/grpc_peer.py" errors 10.78.0.2:8084
record grpc-parallel 'tcp port 8084' -- c $py "$here/grpc_peer.py" parallel 10.78.0.2:8084
if [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *grpc-web* ]]; then
    # Connect's is the only implementation that needs no proxy; it is not packaged by Debian.
    (cd "$tmp" && npm init -y && npm install @connectrpc/connect@1 @connectrpc/connect-node@1 @bufbuild/protobuf@1) \
        >"$tmp/npm.log" 2>&1 || { tail "$tmp/npm.log" >&2; exit 1; }
    cp "$here/grpc_web_peer.mjs" "$tmp"
    daemon grpc-web.log node "$tmp/grpc_web_peer.mjs" serve 8086
    listening 8086 8087
    record grpc-web-http1 'tcp port 8086' -- c node "$tmp/grpc_web_peer.mjs" call 10.78.0.2:8086 1.1
    record grpc-web-http2 'tcp port 8087' -- c node "$tmp/grpc_web_peer.mjs" call 10.78.0.2:8087 2
fi

ws() { c $py "$here/ws_peer.py" talk ws://10.78.0.2:8085/chat/room?user=7 "$1"; }
record websocket-plain 'tcp port 8085' -- ws plain
record websocket-deflate 'tcp port 8085' -- ws deflate
record websocket-failed 'tcp port 8085' -- ws 'close badly'
record websocket-dropped 'tcp port 8085' -- ws drop

# Joined when the connection has been in use for a while: the header tables are not known.
record grpc-joined-late 'tcp port 8084' -- c $py "$here/grpc_peer.py" parallel 10.78.0.2:8084
if [ -e "$out/grpc-joined-late.pcap" ]; then
    late() { tshark -r "$1" -w "$tmp/late.pcap" -F pcap 'frame.number > 20' 2>/dev/null; mv "$tmp/late.pcap" "$1"; }
    if [ ${#wanted[@]} = 0 ] || [[ " ${wanted[*]} " == *" grpc-joined-late "* ]]; then late "$out/grpc-joined-late.pcap"; fi
fi
