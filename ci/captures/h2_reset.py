"""An HTTP/2 client that cancels its first request in the middle of the answer and asks another.
Part of ci/captures/web.sh: h2_reset.py HOST PORT PATH PATH"""
import socket
import sys

import h2.config
import h2.connection
import h2.errors
import h2.events

host, port, first, second = sys.argv[1:]
s = socket.create_connection((host, int(port)), 5)
h2c = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))


def ask(stream, path):
    names = {":method": "GET", ":scheme": "http", ":path": path, ":authority": "reset.test"}
    h2c.send_headers(stream, names.items(), end_stream=True)
    s.sendall(h2c.data_to_send())


h2c.initiate_connection()
ask(1, first)
done = cancelled = False
while not done:
    for event in h2c.receive_data(s.recv(65536)):
        if isinstance(event, h2.events.DataReceived) and event.stream_id == 1 and not cancelled:
            cancelled = True
            h2c.reset_stream(1, h2.errors.ErrorCodes.CANCEL)
            ask(3, second)
        done |= isinstance(event, h2.events.StreamEnded) and event.stream_id == 3
    s.sendall(h2c.data_to_send())
h2c.close_connection()
s.sendall(h2c.data_to_send())
