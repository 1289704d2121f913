"""Servers for captures of databases. Part of ci/captures/databases.sh.

  databases_server.py tds PORT TABLES CERTIFICATE
  databases_server.py cassandra PORT
"""
import socketserver
import struct
import sys
import uuid


def tds(port, tables, certificate):
    """pySQLbridge with a certificate that clients are told of."""
    from pysqlbridge.catalog import load as load_catalog
    from pysqlbridge.certificate import self_signed
    from pysqlbridge.logins import load as load_logins
    from pysqlbridge.server import serve

    own = self_signed("shop.test")
    with open(certificate, "wb") as file:
        file.write(own.cert_pem)
    serve("0.0.0.0", int(port), certificate=own, query_handler=load_catalog(tables).answer, logins=load_logins(tables))


def text(s):
    return struct.pack(">H", len(s)) + s.encode()


def rows(columns):
    """A result of one row, or of none, in the table system.local."""
    body = struct.pack(">iii", 2, 1, len(columns)) + text("system") + text("local")
    for name, kind, _ in columns:
        body += text(name) + struct.pack(">H", kind)
    whole = columns and columns[0][2] is not None
    body += struct.pack(">i", 1 if whole else 0)
    for _, _, value in columns if whole else []:
        body += struct.pack(">i", len(value)) + value
    return body


VARCHAR, UUID, INET = 13, 12, 16
LOCAL = [("key", VARCHAR, b"local"), ("cluster_name", VARCHAR, b"shop"), ("data_center", VARCHAR, b"dc1"),
         ("rack", VARCHAR, b"r1"), ("release_version", VARCHAR, b"4.1.0"), ("partitioner", VARCHAR, b"Murmur3Partitioner"),
         ("rpc_address", INET, bytes([10, 78, 0, 2])), ("host_id", UUID, uuid.UUID(int=7).bytes),
         ("schema_version", UUID, uuid.UUID(int=8).bytes)]


class Cassandra(socketserver.BaseRequestHandler):
    """As much of a node as a driver needs; what it answers is made up."""

    def handle(self):
        from cassandra.segment import SegmentCodec

        self.codec, self.segments, self.pending = SegmentCodec(), False, b""
        try:
            while True:
                version, flags, stream, op, length = struct.unpack(">BBhBI", self.take(9))
                answer, body = self.answer(version, op, self.take(length))
                self.say(struct.pack(">BBhBI", 0x80 | version, 0, stream, answer, len(body)) + body)
                if op == 1 and version >= 5:
                    self.segments = True
        except (ConnectionError, EOFError):
            pass

    def receive(self, n):
        data = b""
        while len(data) < n:
            more = self.request.recv(n - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def take(self, n):
        while len(self.pending) < n:
            if self.segments:
                length = int.from_bytes(self.receive(6)[:3], "little") & 0x1ffff
                self.pending += self.receive(length)
                self.receive(4)
            else:
                self.pending += self.receive(n - len(self.pending))
        data, self.pending = self.pending[:n], self.pending[n:]
        return data

    def say(self, frame):
        if self.segments:
            import io

            out = io.BytesIO()
            self.codec.encode(out, frame)
            frame = out.getvalue()
        self.request.sendall(frame)

    def answer(self, version, op, body):
        error = lambda code, words: (0, struct.pack(">i", code) + text(words))
        if op == 5:
            return 6, (struct.pack(">H", 2) + text("CQL_VERSION") + struct.pack(">H", 1) + text("3.4.6")
                       + text("COMPRESSION") + struct.pack(">H", 0))
        if op in (1, 11):
            return 2, b""
        if op == 9:
            query = body[4:4 + struct.unpack(">I", body[:4])[0]]
            number = uuid.uuid5(uuid.NAMESPACE_URL, query.decode()).bytes
            prepared = struct.pack(">iH", 4, 16) + number
            if version >= 5:
                prepared += struct.pack(">H", 16) + number
            prepared += struct.pack(">iii", 1, 1, 0) + text("shop") + text("goods") + text("id") + struct.pack(">H", 9)
            return 8, prepared + struct.pack(">ii", 4, 0)
        if op == 7:
            query = body[4:4 + struct.unpack(">I", body[:4])[0]].decode()
            if "system.local" in query:
                return 8, rows(LOCAL)
            if "system.peers" in query:
                return 8, rows([(name, kind, None) for name, kind, _ in LOCAL])
            if query.startswith("USE"):
                return 8, struct.pack(">i", 3) + text("shop")
            if "nothing" in query:
                return error(0x2200, "table nothing does not exist")
            if "SELEC " in query:
                return error(0x2000, "line 1:0 no viable alternative at input 'SELEC'")
            if "slow" in query:
                waited = struct.pack(">HiiB", 1, 0, 1, 0)
                code, words = error(0x1200, "Operation timed out - received only 0 responses.")
                return code, words + waited
            if "SELECT" in query:
                return 8, rows([("name", VARCHAR, b"tea")])
        return 8, struct.pack(">i", 1)


def cassandra(port):
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    socketserver.ThreadingTCPServer(("0.0.0.0", int(port)), Cassandra).serve_forever()


globals()[sys.argv[1]](*sys.argv[2:])
