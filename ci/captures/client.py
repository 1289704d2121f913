"""Clients that curl is too polite for. Part of ci/captures/make.sh."""
import asyncio
import socket
import struct
import sys
import time


def wait(*ports):
    """Until something listens on every port of this namespace."""
    for port in map(int, ports):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        else:
            sys.exit("nothing listens on port %d" % port)


def connect(host, port):
    s = socket.create_connection((host, int(port)), 5)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def request(path, extra=""):
    return ("GET %s HTTP/1.1\r\nHost: pipe.test\r\n%s\r\n" % (path, extra)).encode()


def drain(s):
    data = b""
    try:
        while part := s.recv(65536):
            data += part
    except OSError:
        pass
    return data


def pipelined(host, port):
    """Five requests in one segment, then two more while answers arrive."""
    s = connect(host, port)
    s.sendall(b"".join(request("/api/%d" % i) for i in range(5)))
    s.sendall(request("/broken") + request("/missing", "Connection: close\r\n"))
    drain(s)


def split(host, port):
    """One request, its bytes in segments of 1 to 7."""
    s = connect(host, port)
    data = request("/api/split?q=1", "X-Request-ID: in-pieces\r\nConnection: close\r\n")
    at, step = 0, 1
    while at < len(data):
        s.sendall(data[at : at + step])
        at, step = at + step, step % 7 + 1
        time.sleep(0.002)
    drain(s)


def malformed(host, port):
    """What nginx answers with 400, 414 and 505, and bytes that are no HTTP at all."""
    for data in (
        b"GET /no-host HTTP/1.1\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /future HTTP/3.7\r\nHost: x\r\n\r\n",
        b"\x00\x01\x02\x03garbage\r\n\r\n",
    ):
        s = connect(host, port)
        s.sendall(data)
        drain(s)
        s.close()


def reset(host, port):
    """The server resets after the request; then a client that resets after its answer."""
    s = connect(host, port)
    s.sendall(request("/reset"))
    drain(s)
    s.close()
    s = connect(host, port)
    s.sendall(request("/plain"))
    s.recv(65536)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def no_answer(host, port):
    """A request whose connection ends without a response."""
    s = connect(host, port)
    s.sendall(request("/silent"))
    drain(s)
    s.close()


def websocket(host, port):
    import websockets

    async def talk():
        uri = "ws://%s:%s/chat?room=1" % (host, port)
        async with websockets.connect(uri, extra_headers={"X-Request-ID": "ws-1"}) as ws:
            for text in ("one", "two" * 100, "three"):
                await ws.send(text)
                await ws.recv()
            await ws.send(bytes(range(200)))
            await ws.recv()

    asyncio.run(talk())


def ping(host):
    """Three echo requests, each answered before the next."""
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    s.settimeout(2)
    for sequence in range(3):
        packet = struct.pack("!BBHHH", 8, 0, 0, 0x7777, sequence) + bytes(range(56))
        words = sum(struct.unpack("!%dH" % (len(packet) // 2), packet))
        words = (words & 0xFFFF) + (words >> 16)
        check = ~((words & 0xFFFF) + (words >> 16)) & 0xFFFF
        s.sendto(packet[:2] + struct.pack("!H", check) + packet[4:], (host, 0))
        s.recvfrom(2048)


QUERY = b"\x12\x34\1\0\0\1\0\0\0\0\0\0\1a\6fathom\4test\0\0\1\0\1"


def ip_options(host, port):
    """A question in a datagram with IPv4 options: recorded route and time stamps, router alert."""
    for options in (b"\x07\x0f\x04" + bytes(12) + b"\0", b"\x44\x0c\x05\0" + bytes(8), b"\x94\x04\0\0"):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.settimeout(2)
        s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, options)
        s.sendto(QUERY, (host, int(port)))
        s.recvfrom(2048)


def ip6_extensions(host, port):
    """A question behind hop-by-hop and destination options, over UDP and over TCP."""
    for kind, length in ((socket.SOCK_DGRAM, b""), (socket.SOCK_STREAM, struct.pack("!H", len(QUERY)))):
        s = socket.socket(socket.AF_INET6, kind)
        s.settimeout(2)
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_HOPOPTS, b"\0\0\x05\x02\0\0\1\0")
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_DSTOPTS, b"\0\0\1\4\0\0\0\0")
        s.connect((host, int(port)))
        s.send(length + QUERY)
        s.recv(2048)
        s.close()


def other_protocols(host):
    """IP protocols that have no ports, or nobody reads: OSPF, ESP, one for experiments."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for protocol in (89, 50, 253):
        s = socket.socket(family, socket.SOCK_RAW, protocol)
        for n in range(2):
            s.sendto(struct.pack("!II", 0x1000 + protocol, n) + bytes(40), (host, 0))
            time.sleep(0.01)


def to_null(source, destination):
    """A raw IP capture as one of the BSD loopback link, which Linux does not have."""
    data = open(source, "rb").read()
    out, at = data[:20] + struct.pack("<I", 0), 24
    while at < len(data):
        seconds, fraction, kept, length = struct.unpack_from("<IIII", data, at)
        packet = data[at + 16 : at + 16 + kept]
        family = 2 if packet[0] >> 4 == 4 else 30
        out += struct.pack("<IIIII", seconds, fraction, kept + 4, length + 4, family) + packet
        at += 16 + kept
    open(destination, "wb").write(out)


if __name__ == "__main__":
    globals()[sys.argv[1].replace("-", "_")](*sys.argv[2:])
