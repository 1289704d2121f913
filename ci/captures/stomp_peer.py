"""A client of STOMP. Part of ci/captures/messaging.sh.

  stomp_peer.py CASE HOST
"""
import sys
import time

import stomp

case, host = sys.argv[1:]
TRACE = {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"}


class Quiet(stomp.ConnectionListener):
    def __init__(self):
        self.messages = []

    def on_message(self, frame):
        self.messages.append(frame)


connection = stomp.Connection12([(host, 61613)], reconnect_attempts_max=1)
heard = Quiet()
connection.set_listener("", heard)
connection.connect("user", "secret", wait=True, headers={"client-id": "shop"})
if case == "queue":
    connection.subscribe("/queue/orders", id="1", ack="client-individual")
    for n in range(3):
        connection.send("/queue/orders", "order %d" % n, headers={**TRACE, "receipt": "r-%d" % n, "correlation-id": "c-%d" % n})
    time.sleep(0.5)
    for frame in heard.messages:
        connection.ack(frame.headers["ack"])
elif case == "topic":
    connection.subscribe("/topic/news", id="2", ack="auto", headers={"receipt": "sub-2"})
    connection.send("/topic/news", "x" * 3000)
    connection.send("/topic/news", "short")
    time.sleep(0.3)
    connection.unsubscribe("2")
elif case == "errors":
    connection.send_frame("ACK", {"id": "none", "receipt": "a-1"})
    time.sleep(0.3)
elif case == "transaction":
    connection.begin("t-1")
    connection.send("/queue/orders", "one", transaction="t-1")
    connection.commit("t-1")
    connection.begin("t-2")
    connection.abort("t-2")
try:
    connection.disconnect(receipt="bye")
    time.sleep(0.2)
except Exception:
    pass
