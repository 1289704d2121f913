"""A WebSocket echo that closes as it is told, and its client. Part of ci/captures/web.sh."""
import asyncio
import sys

import websockets


async def echo(socket, path=None):
    async for message in socket:
        if message == "close badly":
            await socket.close(1011, "out of order")
        elif message == "drop":
            socket.transport.abort()
        else:
            await socket.send(message)


async def serve(port):
    async with websockets.serve(echo, "0.0.0.0", port):
        await asyncio.Future()


async def talk(uri, how):
    async with websockets.connect(uri, compression=None if how == "plain" else "deflate") as socket:
        for message in ("hello", b"\0\1\2" * 100, "x" * 3000):
            await socket.send(message)
            await socket.recv()
        await (await socket.ping())
        await socket.send(iter(["in ", "three ", "parts"]))
        await socket.recv()
        if how in ("close badly", "drop"):
            await socket.send(how)
            try:
                await socket.recv()
            except websockets.ConnectionClosed as e:
                print(e)
        else:
            await socket.close(1000, "done")


what, *rest = sys.argv[1:]
asyncio.run(serve(int(rest[0])) if what == "serve" else talk(*rest))
