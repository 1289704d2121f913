"""A server and a client of SOME/IP, on the library pysomeip. Part of ci/captures/someip.sh.

  someip_peer.py serve
  someip_peer.py udp|tcp|udp_errors HOST
"""
import asyncio
import socket
import sys
import time

from someip import service
from someip.header import SOMEIPHeader, SOMEIPMessageType, SOMEIPReturnCode

PORT = 30509


class Doors(service.SimpleService):
    service_id, version_major, version_minor = 0x1234, 1, 0

    def __init__(self, instance):
        super().__init__(instance)
        self.register_method(0x21, lambda message, sender: b"open")
        self.register_method(0x22, self.malformed)

    def malformed(self, message, sender):
        raise service.MalformedMessageError


def call(method, session, payload=b"door 1", kind=SOMEIPMessageType.REQUEST, interface=1, number=0x1234):
    return SOMEIPHeader(service_id=number, method_id=method, client_id=7, session_id=session, interface_version=interface,
                        message_type=kind, payload=payload).build()


async def stream(reader, writer):
    """Over TCP the library has no server: the same answers, read and written by its header."""
    data = b""
    while more := await reader.read(4096):
        data += more
        while len(data) >= 16 and len(data) >= 8 + int.from_bytes(data[4:8], "big"):
            asked, data = SOMEIPHeader.parse(data)
            if asked.message_type != SOMEIPMessageType.REQUEST:
                event = SOMEIPHeader(service_id=0x1234, method_id=0x8001, client_id=0, session_id=1, interface_version=1,
                                     message_type=SOMEIPMessageType.NOTIFICATION, payload=b"opened")
                writer.write(event.build())
                continue
            known = asked.method_id == 0x21
            answer = SOMEIPHeader(
                service_id=asked.service_id, method_id=asked.method_id, client_id=asked.client_id, session_id=asked.session_id,
                interface_version=1, message_type=SOMEIPMessageType.RESPONSE if known else SOMEIPMessageType.ERROR,
                return_code=SOMEIPReturnCode.E_OK if known else SOMEIPReturnCode.E_UNKNOWN_METHOD, payload=b"open" * 1000 if known else b"")
            writer.write(answer.build())


async def serving():
    await Doors.create_unicast_endpoint(1, local_addr=("0.0.0.0", PORT))
    await (await asyncio.start_server(stream, "0.0.0.0", PORT)).serve_forever()


def serve():
    asyncio.run(serving())


def datagrams(host, *messages):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        for message in messages:
            s.sendto(message, (host, PORT))
            try:
                s.recv(4096)
            except TimeoutError:
                pass


def udp(host):
    datagrams(host, call(0x21, 1), call(0x21, 2), call(0x21, 3) + call(0x21, 4),
              call(0x21, 5, kind=SOMEIPMessageType.REQUEST_NO_RETURN))


def udp_errors(host):
    datagrams(host, call(0x22, 1), call(0x99, 2), call(0x21, 3, interface=2), call(0x21, 4, number=0x4321))


def tcp(host):
    with socket.create_connection((host, PORT)) as s:
        s.sendall(call(0x21, 1) + call(0x99, 2))
        time.sleep(0.2)
        s.sendall(call(0x21, 3, b"x" * 3000)[:700])
        time.sleep(0.1)
        s.sendall(call(0x21, 3, b"x" * 3000)[700:])
        s.sendall(call(0x30, 4, kind=SOMEIPMessageType.REQUEST_NO_RETURN))
        time.sleep(0.3)


globals()[sys.argv[1]](*sys.argv[2:])
