"""ZeroMQ's sockets on both ends. Part of ci/captures/messaging.sh.

  zmq_peer.py serve|talk CASE HOST
"""
import sys
import time

import zmq

verb, case, host = sys.argv[1:]
context = zmq.Context()
KINDS = {
    "requests": (zmq.REP, zmq.REQ), "topics": (zmq.PUB, zmq.SUB), "pipeline": (zmq.PULL, zmq.PUSH),
    "router": (zmq.ROUTER, zmq.DEALER), "plain": (zmq.REP, zmq.REQ),
}
socket = context.socket(KINDS[case][verb == "talk"])
socket.linger = 1000
if case == "plain":
    if verb == "serve":
        from zmq.auth.thread import ThreadAuthenticator

        door = ThreadAuthenticator(context)
        door.start()
        door.configure_plain(domain="*", passwords={"user": "secret"})
        socket.plain_server = True
    else:
        socket.plain_username, socket.plain_password = b"user", b"secret"

if verb == "serve":
    socket.bind("tcp://%s:5555" % host)
    while True:
        if case == "topics":
            for topic in (b"sport", b"news"):
                socket.send_multipart([topic, b"secret " * 3])
            time.sleep(0.05)
        elif case == "pipeline":
            socket.recv_multipart()
        elif case == "router":
            peer, number, _ = socket.recv_multipart()
            socket.send_multipart([peer, number, b"done"])
        else:
            question = socket.recv_multipart()
            socket.send_multipart([b"answer"] + question)
else:
    if case == "topics":
        socket.subscribe(b"sport")
    socket.connect("tcp://%s:5555" % host)
    if case == "topics":
        for _ in range(3):
            socket.recv_multipart()
        socket.unsubscribe(b"sport")
        time.sleep(0.1)
    elif case == "pipeline":
        for n in range(5):
            socket.send_multipart([b"job", b"%d" % n, b"x" * 400])
        time.sleep(0.1)
    elif case == "router":
        for n in range(4):
            socket.send_multipart([b"%d" % n, b"work"])
        for _ in range(4):
            socket.recv_multipart()
    else:
        for n in range(3):
            socket.send(b"question %d" % n)
            socket.recv_multipart()
    socket.close()
    context.term()
