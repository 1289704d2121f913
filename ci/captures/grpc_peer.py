"""A gRPC server and its client, without generated code: messages are bytes. Part of
ci/captures/web.sh."""
import sys
import time
from concurrent import futures

import grpc

SERVICE = "shop.Cart"
CODES = {c.value[0]: c for c in grpc.StatusCode}


def unary(request, context):
    if request.startswith(b"status "):
        code = int(request.split()[1])
        context.abort(CODES[code], "asked for %s: 100%% sure\nindeed" % CODES[code].name)
    if request == b"slow":
        time.sleep(1)
    context.set_trailing_metadata((("x-cost", "7"),))
    return b"answer to " + request


def server_stream(request, context):
    for i in range(5):
        time.sleep(0.02)
        yield b"%d of " % i + request


def client_stream(requests, context):
    return b"%d messages" % sum(1 for _ in requests)


def both(requests, context):
    for request in requests:
        yield b"echo " + request


def serve(port):
    handlers = {
        "Get": grpc.unary_unary_rpc_method_handler(unary),
        "List": grpc.unary_stream_rpc_method_handler(server_stream),
        "Put": grpc.stream_unary_rpc_method_handler(client_stream),
        "Chat": grpc.stream_stream_rpc_method_handler(both),
    }
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
    server.add_insecure_port("0.0.0.0:" + port)
    server.start()
    server.wait_for_termination()


def main(what, peer):
    if what == "serve":
        return serve(peer)
    channel = grpc.insecure_channel(peer)
    get = channel.unary_unary("/%s/Get" % SERVICE)
    trace = (
        ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
        ("x-request-id", "req-7"),
    )
    if what == "unary":
        for i in range(3):
            get(b"item %d" % i, metadata=trace)
    elif what == "streams":
        list(channel.unary_stream("/%s/List" % SERVICE)(b"all"))
        channel.stream_unary("/%s/Put" % SERVICE)(iter([b"a", b"b", b"c"]))
        list(channel.stream_stream("/%s/Chat" % SERVICE)(iter([b"x", b"y"])))
    elif what == "errors":
        for code in (5, 16, 13, 14, 3):
            try:
                get(b"status %d" % code)
            except grpc.RpcError as e:
                print(e.code())
        for method, request, timeout in (("Missing", b"x", 5), ("Get", b"slow", 0.2)):
            try:
                channel.unary_unary("/%s/%s" % (SERVICE, method))(request, timeout=timeout)
            except grpc.RpcError as e:
                print(e.code())
    elif what == "parallel":
        for _ in range(3):
            calls = [get.future(b"item %d" % i, metadata=trace) for i in range(8)]
            for call in calls:
                call.result()
    channel.close()


main(*sys.argv[1:])
