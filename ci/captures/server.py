"""Answers that nginx does not give: chunked bodies with trailers, close-delimited bodies, resets,
silence; and a WebSocket echo. Part of ci/captures/make.sh."""
import asyncio
import socket
import struct
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def do_GET(self):
        if self.path == "/reset":
            # Linger zero: close sends RST.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        if self.path == "/silent":
            time.sleep(1)
            self.close_connection = True
            return
        if self.path == "/close":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"until the end\n" * 10)
            self.close_connection = True
            return
        if self.path in ("/chunked", "/trailers"):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            if self.path == "/trailers":
                self.send_header("Trailer", "X-Sum")
            self.end_headers()
            for part in (b"first ", b"second ", b"x" * 3000):
                self.chunk(part)
                self.wfile.flush()
            end = b"0\r\nX-Sum: 42\r\n\r\n" if self.path == "/trailers" else b"0\r\n\r\n"
            self.wfile.write(end)
            return
        body = ("%s %s\n" % (self.command, self.path)).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding", "") == "chunked":
            data = b""
            while True:
                size = int(self.rfile.readline().split(b";")[0], 16)
                data += self.rfile.read(size)
                self.rfile.readline()
                if size == 0:
                    return data
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_PUT(self):
        data = self.body()
        answer = b"%d bytes\n" % len(data)
        self.send_response(201)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_POST = do_PUT

    def log_message(self, *_):
        pass


async def websocket(port):
    import websockets

    async def echo(ws, *_):
        async for message in ws:
            await ws.send(message)

    async with websockets.serve(echo, "0.0.0.0", port):
        await asyncio.Future()


if __name__ == "__main__":
    if sys.argv[1] == "--websocket":
        asyncio.run(websocket(int(sys.argv[2])))
    else:
        ThreadingHTTPServer.handle_error = lambda *_: None
        ThreadingHTTPServer(("0.0.0.0", int(sys.argv[1])), Handler).serve_forever()
