"""QUIC servers and clients for captures.

    quic_peer.py serve|serve-retry|serve-v2 PORT CERTIFICATES KEY
    quic_peer.py v1|v2|upgrade|negotiate|long|refused|silent|hybrid HOST PORT

The clients ask once and close: with version 1 or 2; with version 1, from which the server goes on
to 2; with a version that no server has; with a hello that does not fit a datagram; for a protocol
that the server does not speak; nobody; with keys that quantum computers do not break (qh3).
"""
import asyncio
import ssl
import sys

V1, V2, RESERVED = 0x00000001, 0x6B3343CF, 0x1A2A3A4A



def protocol(events, base):
    class Answering(base):
        def quic_event_received(self, event):
            if isinstance(event, events.StreamDataReceived) and event.end_stream:
                self._quic.send_stream_data(event.stream_id, event.data, end_stream=True)
                self.transmit()
    return Answering


async def serve(mode, port, certificates, key):
    from aioquic.asyncio import QuicConnectionProtocol, serve as listen
    from aioquic.quic import events
    from aioquic.quic.configuration import QuicConfiguration
    configuration = QuicConfiguration(is_client=False, alpn_protocols=["h3"])
    if mode == "serve-v2":
        configuration.supported_versions = [V2, V1]
    configuration.load_cert_chain(certificates, key)
    await listen("::", int(port), configuration=configuration,
                 create_protocol=protocol(events, QuicConnectionProtocol), retry=mode == "serve-retry")
    await asyncio.Event().wait()


async def ask(mode, host, port):
    if mode == "hybrid":
        from qh3.asyncio.client import connect
        from qh3.quic.configuration import QuicConfiguration
    else:
        from aioquic.asyncio.client import connect
        from aioquic.quic.configuration import QuicConfiguration
    configuration = QuicConfiguration(alpn_protocols=["h3", "hq-interop"], server_name="shop.fathom.test",
                                      verify_mode=ssl.CERT_NONE)
    if mode == "v2":
        configuration.supported_versions, configuration.original_version = [V2], V2
    elif mode == "upgrade":
        configuration.supported_versions, configuration.original_version = [V2, V1], V1
    elif mode == "negotiate":
        configuration.supported_versions, configuration.original_version = [RESERVED, V1], RESERVED
    elif mode == "long":
        configuration.quantum_readiness_test = True
    elif mode == "refused":
        configuration.alpn_protocols = ["smtp"]
    elif mode == "silent":
        configuration.idle_timeout = 1.0
    async with connect(host, int(port), configuration=configuration) as client:
        reader, writer = await client.create_stream()
        writer.write(b"ping")
        writer.write_eof()
        await reader.read()


mode, *rest = sys.argv[1:]
asyncio.run(serve(mode, *rest) if mode.startswith("serve") else ask(mode, *rest))
