"""A TLS 1.2 client whose bytes go out one by one at first, then in pieces of a prime number of bytes."""
import socket
import ssl
import sys


def main(host, port, authority):
    context = ssl.create_default_context(cafile=authority)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(incoming, outgoing, server_hostname="shop.fathom.test")
    with socket.create_connection((host, int(port)), timeout=2) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def flush():
            data = outgoing.read()
            pieces = [data[i:i + 1] for i in range(0, 12)] + [data[i:i + 37] for i in range(12, len(data), 37)]
            for piece in pieces:
                s.sendall(piece)

        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                flush()
                incoming.write(s.recv(16384))
        flush()
        tls.write(b"GET / HTTP/1.0\r\n\r\n")
        s.sendall(outgoing.read())
        while s.recv(16384):
            pass


main(*sys.argv[1:])
