"""Conversations written by hand from the specifications, for protocols whose servers no package brings:
bRPC, Pulsar, RocketMQ. Both ends play their part over a real connection. Part of ci/captures/rpc.sh.

  hand_peer.py serve|talk PROTOCOL-CASE HOST PORT
"""
import json
import socket
import struct
import sys

TRACEPARENT = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
SW8 = b"1-YS5iLmM=-ZC5l-7-c-i-e-p"


# --- Protocol Buffers


def varint(n):
    out = b""
    while True:
        out += bytes([n & 0x7f | (0x80 if n > 0x7f else 0)])
        n >>= 7
        if not n:
            return out


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


# --- bRPC (docs/en/baidu_std.md)


def brpc(meta, payload=b"\x0a\x05hello", magic=b"PRPC"):
    return magic + struct.pack("!II", len(meta) + len(payload), len(meta)) + meta + payload


def brpc_call(n, service, method, payload=b"\x0a\x05hello", more=b"", fields=b""):
    request = field(1, service) + field(2, method) + more
    return brpc(field(1, request) + field(4, n << 32 | 1) + fields, payload)


def brpc_answer(n, code=0, text=b"", payload=b"\x0a\x05hello"):
    response = field(1, code) + field(2, text) if code else b""
    return brpc(field(2, response) + field(4, n << 32 | 1), payload)


ECHO = (b"example.EchoService", b"Echo")
BRPC = {
    "calls": [
        (">", brpc_call(1, *ECHO)), ("<", brpc_answer(1)),
        (">", brpc_call(2, *ECHO, payload=b"\x0a" + varint(9000) + b"x" * 9000)), ("<", brpc_answer(2, payload=b"\x0a" + varint(9000) + b"x" * 9000)),
        (">", b"".join(brpc_call(n, *ECHO) for n in range(3, 7))), ("<", b"".join(brpc_answer(n) for n in (4, 3, 6, 5))),
    ],
    "errors": [
        (">", brpc_call(1, b"example.None", b"Echo")), ("<", brpc_answer(1, 1001, b"Fail to find service=example.None", b"")),
        (">", brpc_call(2, ECHO[0], b"None")), ("<", brpc_answer(2, 1002, b"Fail to find method=example.EchoService.None", b"")),
        (">", brpc_call(3, *ECHO)), ("<", brpc_answer(3, 2001, b"Reached server's max_concurrency=1", b"")),
    ],
    "traced": [
        (">", brpc_call(1, *ECHO, more=field(3, 77) + field(4, 0xabcdef12) + field(5, 0x12))), ("<", brpc_answer(1)),
        (">", brpc_call(2, *ECHO, more=field(7, b"r-1"), fields=field(9, field(1, b"traceparent") + field(2, TRACEPARENT)))), ("<", brpc_answer(2)),
    ],
}


# --- Pulsar (PulsarApi.proto)


def pulsar(kind, inner=b"", payload=b""):
    command = field(1, kind) + field(kind, inner)
    return struct.pack("!II", len(command) + len(payload) + 4, len(command)) + command + payload


def message(properties, body):
    metadata = field(1, b"standalone-0-1") + field(2, 0) + field(3, 1700000000000)
    for name, value in properties.items():
        metadata += field(4, field(1, name) + field(2, value))
    return b"\x0e\x01" + struct.pack("!II", 0x01020304, len(metadata)) + metadata + body


TOPIC = b"persistent://public/default/orders"
OPEN = [(">", pulsar(2, field(1, b"client 3.0") + field(4, 19))), ("<", pulsar(3, field(1, b"Pulsar Server") + field(2, 19)))]
PULSAR = {
    "producer": OPEN + [
        (">", pulsar(21, field(1, TOPIC) + field(2, 0))), ("<", pulsar(22, field(1, 0) + field(2, 0) + field(3, 0))),
        (">", pulsar(23, field(1, TOPIC) + field(2, 1) + field(3, 0))), ("<", pulsar(24, field(1, b"pulsar://broker:6650") + field(3, 1) + field(4, 1))),
        (">", pulsar(5, field(1, TOPIC) + field(2, 0) + field(3, 2))), ("<", pulsar(17, field(1, 2) + field(2, b"standalone-0-1") + field(3, 0))),
        (">", b"".join(pulsar(6, field(1, 0) + field(2, n), message({b"traceparent": TRACEPARENT}, b"order" * 200)) for n in range(3))),
        ("<", b"".join(pulsar(7, field(1, 0) + field(2, n) + field(3, field(1, 5) + field(2, n))) for n in range(3))),
        ("<", pulsar(18)), (">", pulsar(19)),
        (">", pulsar(15, field(1, 0) + field(2, 3))), ("<", pulsar(13, field(1, 3))),
    ],
    "consumer": OPEN + [
        (">", pulsar(4, field(1, TOPIC) + field(2, b"shop") + field(3, 0) + field(4, 7) + field(5, 0))), ("<", pulsar(13, field(1, 0))),
        (">", pulsar(11, field(1, 7) + field(2, 1000))),
        ("<", pulsar(9, field(1, 7) + field(2, field(1, 5) + field(2, 0)), message({b"sw8": SW8}, b"order"))),
        (">", pulsar(10, field(1, 7) + field(2, 0) + field(3, field(1, 5) + field(2, 0)))),
        (">", pulsar(12, field(1, 7) + field(2, 1))), ("<", pulsar(13, field(1, 1))),
    ],
    "errors": OPEN + [
        (">", pulsar(23, field(1, TOPIC) + field(2, 0))), ("<", pulsar(24, field(3, 2) + field(4, 0) + field(6, 6) + field(7, b"no broker owns it"))),
        (">", pulsar(4, field(1, TOPIC) + field(2, b"shop") + field(3, 0) + field(4, 7) + field(5, 1))), ("<", pulsar(14, field(1, 1) + field(2, 5) + field(3, b"exclusive consumer is connected"))),
        (">", pulsar(6, field(1, 0) + field(2, 0), message({}, b"order"))), ("<", pulsar(8, field(1, 0) + field(2, 0) + field(3, 2) + field(4, b"disk full"))),
    ],
    "refused": [(">", pulsar(2, field(1, b"client 3.0") + field(4, 19))), ("<", pulsar(14, field(1, 2**64 - 1) + field(2, 3) + field(3, b"who are you?")))],
}


# --- RocketMQ (RemotingCommand)


def rocket(header, body=b"", form=0):
    return struct.pack("!II", 4 + len(header) + len(body), form << 24 | len(header)) + header + body


def rocket_json(code, flag, opaque, fields=None, remark=None, body=b""):
    header = {"code": code, "flag": flag, "language": "JAVA", "opaque": opaque, "serializeTypeCurrentRPC": "JSON", "version": 399}
    if fields:
        header["extFields"] = fields
    if remark:
        header["remark"] = remark
    return rocket(json.dumps(header, sort_keys=True, separators=(",", ":")).encode(), body)


def rocket_binary(code, flag, opaque, fields=(), remark=b"", body=b""):
    extra = b"".join(struct.pack("!H", len(n)) + n + struct.pack("!I", len(v)) + v for n, v in fields)
    header = struct.pack("!HBHIII", code, 0, 399, opaque, flag, len(remark)) + remark + struct.pack("!I", len(extra)) + extra
    return rocket(header, body, 1)


def stored(properties, body):
    topic = b"orders"
    rest = struct.pack("!IIIIQQIQ8sQ8sIQ", 0xdaa320a7, 0, 1, 0, 5, 900, 0, 1700000000000, b"\x0a\x4e\0\1\0\0\x20\0", 1700000000001, b"\x0a\x4e\0\2\0\0\x2a\x9f", 0, 0)
    rest += struct.pack("!I", len(body)) + body + bytes([len(topic)]) + topic + struct.pack("!H", len(properties)) + properties
    return struct.pack("!I", len(rest) + 4) + rest


def sending(queue, properties):
    return {"a": "shop-group", "b": "orders", "c": "TBW102", "d": "4", "e": str(queue), "f": "0", "g": "1700000000000", "h": "0",
            "i": "".join("%s\x01%s\x02" % p for p in properties), "j": "0", "k": "false", "m": "false"}


W3C = ("traceparent", TRACEPARENT.decode())
PULL = {"consumerGroup": "shop-group", "topic": "orders", "queueId": "1", "queueOffset": "5", "maxMsgNums": "32"}
ROCKETMQ = {
    "producer": [
        (">", rocket_json(105, 0, 1, {"topic": "orders"})), ("<", rocket_json(0, 1, 1, body=b'{"brokerDatas":[],"queueDatas":[]}')),
        (">", rocket_json(34, 0, 2, body=b'{"clientID":"10.78.0.1@1","producerDataSet":[{"groupName":"shop-group"}]}')), ("<", rocket_json(0, 1, 2)),
        (">", rocket_json(310, 0, 3, sending(0, [("UNIQ_KEY", "0A4E0001"), W3C]), body=b"order" * 100)), ("<", rocket_json(0, 1, 3, {"msgId": "0A4E", "queueId": "0", "queueOffset": "5"})),
        (">", rocket_json(310, 0, 4, sending(1, [("KEYS", "k-1"), ("sw8", SW8.decode())]), body=b"order")), ("<", rocket_json(0, 1, 4, {"msgId": "0A4F", "queueId": "1", "queueOffset": "6"})),
        ("<", rocket_json(39, 0, 4, {"topic": "orders"})), (">", rocket_json(37, 2, 5, {"producerGroup": "shop-group", "commitOrRollback": "8"})),
    ],
    "consumer": [
        (">", rocket_json(38, 0, 1, {"consumerGroup": "shop-group"})), ("<", rocket_json(0, 1, 1, body=b'{"consumerIdList":["10.78.0.1@1"]}')),
        (">", rocket_json(11, 0, 2, PULL)), ("<", rocket_json(0, 1, 2, {"nextBeginOffset": "6"}, "FOUND", stored(("traceparent\x01%s\x02" % TRACEPARENT.decode()).encode(), b"order") * 3)),
        (">", rocket_json(11, 0, 3, PULL)), ("<", rocket_json(19, 1, 3, {"nextBeginOffset": "6"}, "OFFSET_OVERFLOW_ONE")),
        (">", rocket_json(15, 2, 4, {"consumerGroup": "shop-group", "topic": "orders", "queueId": "1", "commitOffset": "6"})),
    ],
    "binary": [
        (">", rocket_binary(105, 0, 1, [(b"topic", b"none")])), ("<", rocket_binary(17, 1, 1, remark=b"No topic route info in name server for the topic: none")),
        (">", rocket_binary(310, 0, 2, [(k.encode(), v.encode()) for k, v in sending(2, [W3C]).items()], body=b"order")), ("<", rocket_binary(0, 1, 2, [(b"msgId", b"0A50")])),
        (">", rocket_binary(310, 0, 3, [(k.encode(), v.encode()) for k, v in sending(2, []).items()], body=b"order")), ("<", rocket_binary(2, 1, 3, remark=b"[PCBUSY_CLEAN_QUEUE]broker busy")),
    ],
}

TALKS = {"brpc": BRPC, "pulsar": PULSAR, "rocketmq": ROCKETMQ}


def play(connection, turns, mine):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for who, said in turns:
        if who == mine:
            connection.sendall(said)
            continue
        while said:
            said = said[len(connection.recv(len(said))):]
    connection.close()


verb, case, host, port = sys.argv[1:]
protocol, _, name = case.partition("-")
turns = TALKS[protocol][name]
if verb == "serve":
    with socket.create_server((host, int(port))) as door:
        play(door.accept()[0], turns, "<")
else:
    play(socket.create_connection((host, int(port))), turns, ">")
