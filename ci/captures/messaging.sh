#!/usr/bin/env bash
# Records the captures of messaging protocols: ZeroMQ's sockets (ZMTP), and ActiveMQ with its Java client
# (OpenWire) and stomp.py (STOMP).
#
#   ci/captures/messaging.sh [CASE...]      all cases, or those named
#
# Needs root and: activemq default-jdk-headless tcpdump ethtool iproute2 python3-venv. The Python packages are
# pinned in rpc.txt and kept in $FATHOM_PEERS. Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" mq
peers=${FATHOM_PEERS:-$HOME/.cache/fathom/rpc-peers}
mkdir -p "$peers"
[ -x "$peers/venv/bin/python" ] || $py -m venv "$peers/venv"
"$peers/venv/bin/pip" -q install --disable-pip-version-check -r "$here/rpc.txt"
begin "$@"
python=$peers/venv/bin/python

# --- ZMTP
for name in requests topics pipeline router plain; do
    nsenter --net=/run/netns/$S "$python" "$here/zmq_peer.py" serve $name 10.78.0.2 >"$tmp/zmq.log" 2>&1 & peer=$!
    pids+=($peer)
    until c bash -c "exec 3<>/dev/tcp/10.78.0.2/5555" 2>/dev/null; do sleep 0.05; done
    record zmtp-$name 'tcp port 5555' -- c timeout 10 "$python" "$here/zmq_peer.py" talk $name 10.78.0.2
    kill $peer 2>/dev/null || true
    wait $peer 2>/dev/null || true
done

# --- OpenWire and STOMP
jars=$(find -L /usr/share/activemq/lib /usr/share/java -name '*.jar' | grep -E 'activemq|geronimo|slf4j-(api|simple)|hawtbuf|jaxb|guava' | tr '\n' ':')
javac -cp "$jars" -d "$tmp/classes" "$here/JmsPeer.java"
run=(java -Xmx128m -cp "$tmp/classes:$jars" JmsPeer)
(cd "$tmp" && exec nsenter --net=/run/netns/$S "${run[@]}" broker 10.78.0.2) >"$tmp/broker.log" 2>&1 & pids+=($!)
until c bash -c "exec 3<>/dev/tcp/10.78.0.2/61613" 2>/dev/null; do sleep 0.2; done
for name in queue topic traced errors loose uncached; do
    record openwire-$name 'tcp port 61616' -- c "${run[@]}" $name 10.78.0.2
done
for name in queue topic errors transaction; do
    record stomp-$name 'tcp port 61613' -- c "$python" "$here/stomp_peer.py" $name 10.78.0.2
done
