"""Clients of message queues and of MongoDB's protocol. Part of ci/captures/queues.sh.

  queues_client.py CASE HOST
"""
import asyncio
import socket
import sys
import time

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def wait(host, port):
    for _ in range(1800):
        try:
            return socket.create_connection((host, int(port)), 1).close()
        except OSError:
            time.sleep(0.1)
    sys.exit("nobody listens on port %s" % port)


def drain(s, quiet=0.3):
    """Until the peer closes, or says nothing for a while."""
    s.settimeout(quiet)
    data = b""
    try:
        while part := s.recv(65536):
            data += part
    except OSError:
        pass
    return data


def connect(host, port):
    s = socket.create_connection((host, port), 5)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


# --- Kafka


def kafka_config(host, **more):
    return {"bootstrap.servers": host + ":9092", "client.id": "shop", **more}


def kafka_setup(host):
    from confluent_kafka.admin import AdminClient, NewTopic

    a = AdminClient(kafka_config(host))
    for f in a.create_topics([NewTopic("orders", 2, 1), NewTopic("bills", 1, 1)]).values():
        f.result()


def kafka_produce(host):
    from confluent_kafka import Producer

    p = Producer(kafka_config(host, **{"linger.ms": 0}))
    for i in range(5):
        headers = [("traceparent", TRACE), ("X-Request-ID", "req-%d" % i)] if i % 2 == 0 else None
        p.produce("orders", b"order %d" % i, key=b"k", partition=i % 2, headers=headers)
        p.flush()
    p = Producer(kafka_config(host, acks=0))
    p.produce("bills", b"nobody answers", partition=0)
    p.flush()
    time.sleep(0.2)


def kafka_consume(host):
    from confluent_kafka import Consumer, TopicPartition

    c = Consumer(kafka_config(host, **{"group.id": "readers", "fetch.wait.max.ms": 100, "auto.offset.reset": "earliest"}))
    c.assign([TopicPartition("orders", 0, 0)])
    for _ in range(3):
        c.poll(2)
    c.close()


def kafka_group(host):
    from confluent_kafka import Consumer

    c = Consumer(kafka_config(host, **{"group.id": "billing", "auto.offset.reset": "earliest", "fetch.wait.max.ms": 100, "session.timeout.ms": 6000, "heartbeat.interval.ms": 300}))
    c.subscribe(["bills"])
    for _ in range(40):
        if c.poll(0.2):
            break
    try:
        c.commit(asynchronous=False)
    except Exception:
        pass
    time.sleep(0.7)
    c.close()


def kafka_admin(host):
    from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

    a = AdminClient(kafka_config(host))
    for call in (
        lambda: a.create_topics([NewTopic("events", 1, 1)]),
        lambda: a.create_topics([NewTopic("events", 1, 1)]),
        lambda: a.describe_configs([ConfigResource(ResourceType.TOPIC, "events")]),
        lambda: a.delete_topics(["events"]),
    ):
        for f in call().values():
            try:
                f.result(5)
            except Exception:
                pass
    for call in (lambda: a.list_groups(timeout=5), lambda: a.list_topics("orders", timeout=5)):
        try:
            call()
        except Exception:
            pass


def kafka_errors(host):
    """A topic that is not there, an offset that is not, a member nobody knows."""
    import struct

    s = connect(host, 9092)

    def ask(key, version, number, body):
        m = struct.pack(">hhih3s", key, version, number, 3, b"app") + body
        s.sendall(struct.pack(">i", len(m)) + m)
        drain(s)

    text = lambda t: struct.pack(">h", len(t)) + t
    ask(3, 4, 1, struct.pack(">i", 1) + text(b"missing") + b"\0")
    ask(1, 4, 2, struct.pack(">iiiibi", -1, 100, 1, 1 << 20, 0, 1) + text(b"orders") + struct.pack(">iiqi", 1, 0, 9999, 1 << 20))
    ask(12, 0, 3, text(b"billing") + struct.pack(">i", 7) + text(b"nobody"))
    ask(14, 0, 4, text(b"billing") + struct.pack(">i", 7) + text(b"nobody") + struct.pack(">i", 0))
    s.close()


def kafka_python(host):
    """Another client, other versions of the requests."""
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition

    p = KafkaProducer(bootstrap_servers=host, client_id="py", api_version=(2, 6, 0))
    p.send("orders", b"hello", partition=0, headers=[("traceparent", TRACE.encode())]).get(5)
    p.close()
    c = KafkaConsumer(bootstrap_servers=host, client_id="py", api_version=(2, 6, 0), consumer_timeout_ms=500, auto_offset_reset="earliest")
    c.assign([TopicPartition("orders", 0)])
    next(c)
    c.close()


def kafka_large(host):
    from confluent_kafka import Producer

    p = Producer(kafka_config(host))
    p.produce("bills", b"x" * 20000, partition=0, headers=[("traceparent", TRACE)])
    p.flush()


def kafka_packed(host):
    from confluent_kafka import Producer

    for how in ("gzip", "snappy", "lz4", "zstd"):
        p = Producer(kafka_config(host, **{"compression.codec": how, "client.id": how}))
        p.produce("bills", b"word " * 100, partition=0, headers=[("traceparent", TRACE)])
        p.flush()


# --- MongoDB


def mongo_connect(host, **more):
    from pymongo import MongoClient

    return MongoClient(host, 27017, serverSelectionTimeoutMS=3000, directConnection=True, heartbeatFrequencyMS=60000, **more)


def mongo_commands(host):
    m = mongo_connect(host)
    users = m.shop.users
    users.insert_one({"_id": 1, "name": "alice", "email": "a@example.com", "age": 31})
    users.find_one({"email": "a@example.com", "age": {"$gt": 18}})
    users.update_one({"_id": 1}, {"$set": {"name": "bob"}, "$inc": {"age": 1}})
    list(users.aggregate([{"$match": {"age": {"$in": [31, 32]}}}, {"$group": {"_id": "$name", "n": {"$sum": 1}}}]))
    users.count_documents({})
    users.distinct("name")
    users.create_index("email")
    users.find_one_and_delete({"_id": 1})
    m.shop.list_collection_names()
    m.admin.command("ping")
    m.close()


def mongo_errors(host):
    m = mongo_connect(host)
    for call in (
        lambda: m.shop.users.insert_many([{"_id": 7, "mail": "secret"}, {"_id": 7, "mail": "secret"}]),
        lambda: m.shop.command("noSuchCommand"),
        lambda: list(m.shop.users.find({"$bad": 1})),
        lambda: m.shop.command("getMore", 12345, collection="users"),
    ):
        try:
            call()
        except Exception:
            pass
    m.close()


def mongo_bulk(host):
    from pymongo import DeleteMany, InsertOne, UpdateOne

    m = mongo_connect(host)
    m.shop.things.insert_many([{"_id": i, "text": "x" * 50} for i in range(150)])
    m.shop.things.bulk_write([InsertOne({"_id": 1000}), UpdateOne({"_id": 1}, {"$set": {"a": 1}}), DeleteMany({"_id": {"$gt": 140}})])
    m.close()


def mongo_cursor(host):
    m = mongo_connect(host)
    m.shop.many.insert_many([{"_id": i, "text": "y" * 40} for i in range(50)])
    list(m.shop.many.find({}, batch_size=20))
    m.close()


def mongo_packed(host):
    for how in ("zlib", "snappy"):
        m = mongo_connect(host, compressors=how)
        try:
            m.shop.users.insert_one({"name": "alice " * 20})
            m.shop.users.find_one({"name": "alice"})
        except Exception:
            pass
        m.close()


def mongo_traced(host):
    m = mongo_connect(host)
    list(m.shop.users.find({"age": 1}, comment="traceparent='%s'" % TRACE))
    list(m.shop.users.find({"age": 1}, comment={"traceparent": TRACE}))
    m.close()


# --- MQTT


def mqtt_client(name, version=4):
    import paho.mqtt.client as mqtt

    c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id=name, protocol=version)
    return c


def mqtt_loop(c, seconds=0.4):
    end = time.time() + seconds
    while time.time() < end:
        c.loop(0.05)


def mqtt_three(host):
    for version, name in ((3, "old-1"), (4, "sensor-1")):
        c = mqtt_client(name, version)
        c.connect(host, 1883, 60)
        mqtt_loop(c)
        c.subscribe([("home/+/temp", 1), ("jobs/#", 0)])
        mqtt_loop(c)
        c.publish("home/7/temp", "21.5")
        mqtt_loop(c)
        c.unsubscribe("jobs/#")
        mqtt_loop(c)
        c.disconnect()
        mqtt_loop(c, 0.1)


def mqtt_five(host):
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    c = mqtt_client("", 5)
    c.connect(host, 1883, 60)
    mqtt_loop(c)
    c.subscribe("home/#")
    mqtt_loop(c)
    p = Properties(PacketTypes.PUBLISH)
    p.UserProperty = [("traceparent", TRACE), ("X-Request-ID", "req-1")]
    p.ResponseTopic = "home/answers"
    p.TopicAlias = 3
    c.publish("home/kitchen/temp", "20", qos=1, properties=p)
    mqtt_loop(c)
    p = Properties(PacketTypes.PUBLISH)
    p.TopicAlias = 3
    c.publish("home/kitchen/temp", "21", properties=p)
    mqtt_loop(c)
    c.disconnect()
    mqtt_loop(c, 0.1)


def mqtt_qos(host):
    c = mqtt_client("worker-1")
    c.connect(host, 1883, 60)
    mqtt_loop(c)
    c.subscribe("jobs/1", 2)
    mqtt_loop(c)
    for qos in (0, 1, 2):
        c.publish("jobs/1", "qos %d" % qos, qos=qos)
        mqtt_loop(c)
    s = c.socket()
    s.sendall(b"\xc0\0")
    mqtt_loop(c)
    c.disconnect()
    mqtt_loop(c, 0.1)


def mqtt_errors(host):
    """Topics that the access list refuses, and what is no MQTT."""
    c = mqtt_client("intruder", 5)
    c.connect(host, 1883, 60)
    mqtt_loop(c)
    c.publish("admin/reset", "now", qos=1)
    mqtt_loop(c)
    s = connect(host, 1883)
    s.sendall(b"\x10\x10\0\x04MQTT\x09\x02\0\x3c\0\x04test")
    drain(s)
    s.close()
    c.disconnect()
    mqtt_loop(c, 0.1)


def mqtt_large(host):
    c = mqtt_client("camera-1")
    c.connect(host, 1883, 60)
    mqtt_loop(c)
    c.publish("home/picture", b"x" * 20000, qos=1)
    mqtt_loop(c)
    c.disconnect()
    mqtt_loop(c, 0.1)


def mqtt_retained(host):
    c = mqtt_client("setter")
    c.connect(host, 1883, 60)
    mqtt_loop(c)
    c.publish("home/state", "on", qos=1, retain=True)
    mqtt_loop(c)
    c.subscribe("home/state", 1)
    mqtt_loop(c)
    c.disconnect()
    mqtt_loop(c, 0.1)


# --- AMQP


def amqp_connect(host, **more):
    import pika

    return pika.BlockingConnection(pika.ConnectionParameters(host, 5672, **more))


def amqp_declared(ch, queue):
    ch.exchange_declare("logs", "topic")
    ch.queue_declare(queue)
    ch.queue_bind(queue, "logs", "app.*.info")


def amqp_publish(host):
    c = amqp_connect(host)
    ch = c.channel()
    amqp_declared(ch, "orders")
    ch.basic_publish("logs", "app.1.info", b"hello")
    ch.basic_publish("", "orders", b"direct")
    ch.queue_purge("orders")
    ch.close()
    c.close()


def amqp_consume(host):
    c = amqp_connect(host)
    ch = c.channel()
    amqp_declared(ch, "work")
    ch.basic_qos(prefetch_count=1)
    for i in range(3):
        ch.basic_publish("", "work", b"job %d" % i)
    for n, (method, _, _) in enumerate(ch.consume("work", inactivity_timeout=1)):
        if method is None:
            break
        ch.basic_nack(method.delivery_tag, requeue=False) if n == 1 else ch.basic_ack(method.delivery_tag)
        if n == 2:
            break
    ch.cancel()
    c.close()


def amqp_confirm(host):
    import pika

    c = amqp_connect(host)
    ch = c.channel()
    amqp_declared(ch, "sure")
    ch.confirm_delivery()
    ch.basic_publish("", "sure", b"one")
    ch.basic_publish("", "sure", b"two")
    try:
        ch.basic_publish("", "nowhere", b"returned", mandatory=True)
    except pika.exceptions.UnroutableError:
        pass
    c.close()


def amqp_errors(host):
    import pika

    c = amqp_connect(host)
    for call in (
        lambda ch: ch.queue_declare("missing", passive=True),
        lambda ch: ch.exchange_declare("logs", "fanout"),
        lambda ch: (ch.basic_publish("no-such-exchange", "k", b"x"), ch.queue_declare("orders", passive=True)),
    ):
        ch = c.channel()
        try:
            call(ch)
        except pika.exceptions.AMQPError:
            pass
    c.close()


def amqp_get(host):
    c = amqp_connect(host)
    ch = c.channel()
    ch.queue_declare("box")
    ch.basic_publish("", "box", b"one")
    ch.basic_get("box", auto_ack=True)
    ch.basic_get("box", auto_ack=True)
    ch.tx_select()
    ch.basic_publish("", "box", b"two")
    ch.tx_commit()
    ch.queue_delete("box")
    c.close()


def amqp_large(host):
    c = amqp_connect(host, frame_max=8192)
    ch = c.channel()
    ch.queue_declare("large")
    ch.basic_publish("", "large", b"x" * 20000)
    ch.queue_purge("large")
    c.close()


def amqp_traced(host):
    import pika

    c = amqp_connect(host)
    ch = c.channel()
    ch.queue_declare("traced")
    p = pika.BasicProperties(message_id="m-1", correlation_id="c-1", headers={"traceparent": TRACE, "X-Request-ID": "req-1", "n": 7, "nested": {"a": [1, True]}})
    ch.basic_publish("", "traced", b"hello", p)
    ch.basic_get("traced", auto_ack=True)
    c.close()


def amqp_refused(host):
    import pika

    for more in ({"virtual_host": "nowhere"}, {"credentials": pika.PlainCredentials("guest", "wrong")}):
        try:
            amqp_connect(host, **more).close()
        except Exception:
            pass


def amqp_one(host):
    from proton import Message
    from proton.utils import BlockingConnection

    c = BlockingConnection("amqp://guest:guest@%s:5672" % host, timeout=5, allowed_mechs="PLAIN")
    sender = c.create_sender("/queue/one")
    sender.send(Message(id="m-1", body="hello", properties={"traceparent": TRACE, "X-Request-ID": "req-1"}))
    sender.send(Message(body="x" * 5000))
    receiver = c.create_receiver("/queue/one")
    for _ in range(2):
        receiver.receive(5)
        receiver.accept()
    c.close()


def amqp_one_errors(host):
    from proton.utils import BlockingConnection

    c = BlockingConnection("amqp://guest:guest@%s:5672" % host, timeout=2, allowed_mechs="PLAIN")
    try:
        c.create_sender("/exchange/no-such-exchange/key")
    except Exception:
        pass
    try:
        c.close()
    except Exception:
        pass


# --- NATS


async def nats_connect(host, **more):
    import nats

    return await nats.connect("nats://%s:4222" % host, name="shop", allow_reconnect=False, **more)


async def nats_messages_(host):
    n = await nats_connect(host)
    got = await n.subscribe("orders.>", queue="workers")
    await n.flush()
    for i in range(3):
        await n.publish("orders.new.%d" % i, b"order")
    await n.flush()
    for _ in range(3):
        await got.next_msg(1)
    await got.unsubscribe()
    await n.close()


async def nats_headers_(host):
    n = await nats_connect(host)
    got = await n.subscribe("traced")
    await n.publish("traced", b"hello", headers={"traceparent": TRACE, "X-Request-ID": "req-1", "Nats-Msg-Id": "7"})
    await got.next_msg(1)
    await n.close()


async def nats_request_(host):
    n = await nats_connect(host)

    async def answer(msg):
        await msg.respond(b"pong")

    await n.subscribe("service.echo", cb=answer)
    await n.request("service.echo", b"ping", timeout=1)
    try:
        await n.request("service.none", b"ping", timeout=1)
    except Exception:
        pass
    await n.close()


async def nats_verbose_(host):
    n = await nats_connect(host, verbose=True)
    got = await n.subscribe("a")
    await n.publish("a", b"hi")
    await got.next_msg(1)
    await n.close()


def nats_errors(host):
    s = connect(host, 4222)
    s.sendall(b'CONNECT {"verbose":true,"pedantic":true,"lang":"raw","protocol":1,"headers":true}\r\n')
    drain(s)
    s.sendall(b"PUB a.>.b 2\r\nhi\r\n")
    drain(s)
    s.sendall(b"NONSENSE\r\n")
    drain(s)
    s.close()


async def nats_large_(host):
    n = await nats_connect(host)
    await n.publish("large", b"x" * 20000)
    await n.flush()
    await n.close()


def main():
    case, host = sys.argv[1:3]
    if case == "wait":
        return wait(host, sys.argv[3])
    if case + "_" in globals():
        return asyncio.run(globals()[case + "_"](host))
    globals()[case](host)


main()
