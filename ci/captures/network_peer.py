"""A server of RTSP, clients of RTSP and RADIUS. Part of ci/captures/network.sh.

  network_peer.py CASE [HOST]
"""
import socket
import sys


def rtspd():
    import gi

    gi.require_version("GstRtspServer", "1.0")
    from gi.repository import GLib, Gst, GstRtspServer

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch("( audiotestsrc num-buffers=20 ! alawenc ! rtppcmapay name=pay0 pt=8 )")
    server.get_mount_points().add_factory("/shop", factory)
    server.attach(None)
    GLib.MainLoop().run()


def rtsp(host):
    """Media go through the connection itself."""
    with socket.create_connection((host, 8554)) as s:
        s.settimeout(3)
        stream, session, number = s.makefile("rb"), None, 0

        def ask(method, target, *headers):
            nonlocal session, number
            number += 1
            lines = ["%s rtsp://%s:8554%s RTSP/1.0" % (method, host, target), "CSeq: %d" % number, "User-Agent: orders/1.0", *headers]
            if session:
                lines.append("Session: " + session)
            s.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            while True:
                first = stream.read(1)
                if first == b"$":
                    header = stream.read(3)
                    stream.read(header[1] << 8 | header[2])
                    continue
                length, line = 0, first + stream.readline()
                while line.strip():
                    name, _, value = line.decode().partition(":")
                    if name.lower() == "content-length":
                        length = int(value)
                    if name.lower() == "session":
                        session = value.split(";")[0].strip()
                    line = stream.readline()
                return stream.read(length)

        ask("OPTIONS", "/shop")
        ask("DESCRIBE", "/nothing", "Accept: application/sdp")
        ask("DESCRIBE", "/shop", "Accept: application/sdp")
        ask("SETUP", "/shop/stream=0", "Transport: RTP/AVP/TCP;unicast;interleaved=0-1")
        ask("PLAY", "/shop", "Range: npt=0-")
        ask("GET_PARAMETER", "/shop")
        ask("PAUSE", "/shop")
        ask("TEARDOWN", "/shop")


globals()[sys.argv[1]](*sys.argv[2:])
