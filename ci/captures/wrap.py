"""Tunnels made in user space, for kinds that neither the kernel at hand nor Open vSwitch makes: a
TUN or TAP device whose packets travel in the tunnel to PEER (IPv4 or IPv6). Real IP stacks speak at
both ends; only the tunnel's own header is written here. Part of ci/captures/tunnels.sh.

  wrap.py KIND DEVICE PEER [HEX]
    ipip        IP in IP: protocols 4 and 41
    gre-mpls    MPLS in GRE, labels HEX
    udp-mpls    MPLS in UDP, labels HEX
    gtp         GTP-U, header behind the length HEX: TEID, sequence number, extension headers
    erspan1     ERSPAN type I
    erspan3-ip  ERSPAN type III with IP packets
    l2tp-ip     L2TPv3 over IP, session id and cookie HEX
    l2tp-udp    L2TPv3 over UDP
    nsh         VXLAN-GPE, NSH with metadata of type 2 HEX, Ethernet
    llc         802.3 with SNAP on the device br0; PEER is a MAC address
    pppoe       a PPPoE session on the device br0; PEER is a MAC address
"""
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000


def device(name, kind):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI))
    return fd


class Raw:
    """An IP protocol of its own."""

    def __init__(self, peer, protocol):
        self.family = socket.AF_INET6 if ":" in peer else socket.AF_INET
        self.socket = socket.socket(self.family, socket.SOCK_RAW, protocol)
        self.peer = peer

    def send(self, data):
        self.socket.sendto(data, (self.peer, 0))

    def receive(self):
        data, sender = self.socket.recvfrom(65535)
        if sender[0] != self.peer:
            return None
        return data if self.family == socket.AF_INET6 else data[(data[0] & 15) * 4 :]


class Udp:
    def __init__(self, peer, port):
        family = socket.AF_INET6 if ":" in peer else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind(("", port))
        self.peer = (peer, port)

    def send(self, data):
        self.socket.sendto(data, self.peer)

    def receive(self):
        return self.socket.recvfrom(65535)[0]


class Link:
    """Frames on br0."""

    def __init__(self, peer, ether_type):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.socket.bind(("br0", 3))
        self.type = ether_type
        self.mac = self.socket.getsockname()[4]
        self.peer = bytes.fromhex(peer.replace(":", ""))

    def send(self, data):
        kind = self.type if self.type is not None else len(data)
        self.socket.send(self.peer + self.mac + struct.pack("!H", kind) + data)

    def receive(self):
        data, sender = self.socket.recvfrom(65535)
        if sender[2] == socket.PACKET_OUTGOING or data[:6] != self.mac:
            return None
        kind = struct.unpack_from("!H", data, 12)[0]
        if self.type is not None:
            return data[14:] if kind == self.type else None
        return data[14 : 14 + kind] if kind < 0x600 else None


def loop(inside, ways):
    """`ways`: (outside, wrap, unwrap); wrap answers None where another way has to be taken."""
    while True:
        for ready in select.select([inside] + [w[0].socket for w in ways], [], [])[0]:
            if ready is inside:
                data = os.read(inside, 65535)
                for outside, wrap, _ in ways:
                    if (wrapped := wrap(data)) is not None:
                        try:
                            outside.send(wrapped)
                        except OSError:  # nobody there yet
                            pass
                continue
            for outside, _, unwrap in ways:
                if outside.socket is ready and (data := outside.receive()) is not None:
                    try:
                        os.write(inside, unwrap(data))
                    except OSError:  # the device is not up yet
                        pass


def is_four(data):
    return data[0] >> 4 == 4


def main(kind, name, peer, hexed=""):
    extra = bytes.fromhex(hexed)
    n = len(extra)
    tun, tap = (lambda *ways: loop(device(name, IFF_TUN), ways)), (lambda *ways: loop(device(name, IFF_TAP), ways))
    if kind == "ipip":
        tun(
            (Raw(peer, 4), lambda d: d if is_four(d) else None, lambda d: d),
            (Raw(peer, 41), lambda d: None if is_four(d) else d, lambda d: d),
        )
    elif kind == "gre-mpls":
        tun((Raw(peer, 47), lambda d: b"\0\0\x88\x47" + extra + d, lambda d: d[4 + n :]))
    elif kind == "udp-mpls":
        tun((Udp(peer, 6635), lambda d: extra + d, lambda d: d[n:]))
    elif kind == "gtp":
        # TEID only, or with the optional fields: sequence number, N-PDU number, extensions.
        flags = 0x30 if n == 4 else 0x36
        wrap = lambda d: struct.pack("!BBH", flags, 255, n - 4 + len(d)) + extra + d
        tun((Udp(peer, 2152), wrap, lambda d: d[4 + n :]))
    elif kind == "erspan1":
        tap((Raw(peer, 47), lambda d: b"\0\0\x88\xbe" + d, lambda d: d[4:]))
    elif kind == "erspan3-ip":
        sequence = iter(range(1 << 30))
        header = lambda: struct.pack("!HHIHHIHH", 0x1000, 0x22EB, next(sequence), 0x2000 | 7, 34, 0, 0, 2 << 10)
        tun((Raw(peer, 47), lambda d: header() + d, lambda d: d[20:]))
    elif kind == "l2tp-ip":
        tap((Raw(peer, 115), lambda d: extra + d, lambda d: d[n:]))
    elif kind == "l2tp-udp":
        tap((Udp(peer, 1701), lambda d: b"\0\3\0\0" + extra + d, lambda d: d[4 + n :]))
    elif kind == "nsh":
        header = b"\x0c\0\0\4" + b"\0\0\x2a\0" + struct.pack("!HBBI", 0x0FC0 | (8 + n) // 4, 2, 3, 0x2AFF) + extra
        tap((Udp(peer, 4790), lambda d: header + d, lambda d: d[16 + n :]))
    elif kind == "llc":
        snap = lambda d: b"\xaa\xaa\3\0\0\0" + (b"\x08\0" if is_four(d) else b"\x86\xdd") + d
        tun((Link(peer, None), snap, lambda d: d[8:]))
    elif kind == "pppoe":
        ppp = lambda d: struct.pack("!BBHHH", 0x11, 0, 0x2A, len(d) + 2, 0x21 if is_four(d) else 0x57) + d
        tun((Link(peer, 0x8864), ppp, lambda d: d[8 : 6 + struct.unpack_from("!H", d, 4)[0]]))
    else:
        sys.exit("no tunnel %r" % kind)


if __name__ == "__main__":
    main(*sys.argv[1:])
