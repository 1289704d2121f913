"""VLAN, QinQ and IP-in-IP devices made in user space, for kernels built without them: a TAP or TUN
device whose frames travel wrapped over veth0. Real TCP stacks speak at both ends. Part of
ci/captures/make.sh.

  relay.py vlan DEVICE ID[,INNER] MAC [BELOW]      relay.py ipip DEVICE PEER
"""
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF, IFF_TUN, IFF_TAP, IFF_NO_PI = 0x400454CA, 1, 2, 0x1000
SOL_PACKET, PACKET_AUXDATA = 263, 8


def device(name, kind):
    fd = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), kind | IFF_NO_PI))
    return fd


def loop(inside, outside, wrap, unwrap):
    while True:
        for ready in select.select([inside, outside], [], [])[0]:
            if ready is inside:
                wrap(os.read(inside, 65535))
            elif (frame := unwrap()) is not None:
                try:
                    os.write(inside, frame)
                except OSError:  # the device is not up yet
                    pass


def vlan(name, ids, mac, below="veth0"):
    ids = [int(i) for i in ids.split(",")]
    mac = bytes.fromhex(mac.replace(":", ""))
    inside = device(name, IFF_TAP)
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    wire.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    wire.bind((below, 3))
    types = [0x8100] if len(ids) == 1 else [0x88A8, 0x8100]
    tags = b"".join(struct.pack("!HH", t, i) for t, i in zip(types, ids))

    def unwrap():
        data, extra, _, sender = wire.recvmsg(65535, 256)
        if sender[2] == socket.PACKET_OUTGOING or data[:6] not in (mac, b"\xff" * 6) and not data[0] & 1:
            return None
        # The kernel takes the outer tag out of a received frame and tells it beside the data.
        for level, kind, value in extra:
            if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
                status, tci, tpid = struct.unpack_from("I12xHH", value)
                if status & 0x10:
                    data = data[:12] + struct.pack("!HH", tpid or 0x8100, tci) + data[12:]
        if data[12 : 12 + len(tags)] != tags:
            return None
        return data[:12] + data[12 + len(tags) :]

    loop(inside, wire, lambda f: wire.send(f[:12] + tags + f[12:]), unwrap)


def ipip(name, peer):
    inside = device(name, IFF_TUN)
    wire = socket.socket(socket.AF_INET, socket.SOCK_RAW, 4)

    def unwrap():
        data, sender = wire.recvfrom(65535)
        return data[(data[0] & 15) * 4 :] if sender[0] == peer else None

    loop(inside, wire, lambda packet: wire.sendto(packet, (peer, 0)), unwrap)


if __name__ == "__main__":
    {"vlan": vlan, "ipip": ipip}[sys.argv[1]](*sys.argv[2:])
