// A server and clients of gRPC-Web over HTTP/1 and HTTP/2 (Connect for Node). Part of
// ci/captures/web.sh, which installs @connectrpc/connect, @connectrpc/connect-node and
// @bufbuild/protobuf beside a copy of this file.
import { proto3, StringValue, MethodKind } from "@bufbuild/protobuf";
import { createPromiseClient, ConnectError, Code } from "@connectrpc/connect";
import { connectNodeAdapter, createGrpcWebTransport } from "@connectrpc/connect-node";
import * as http from "http";
import * as http2 from "http2";

const Cart = {
  typeName: "shop.Cart",
  methods: {
    get: { name: "Get", I: StringValue, O: StringValue, kind: MethodKind.Unary },
    list: { name: "List", I: StringValue, O: StringValue, kind: MethodKind.ServerStreaming },
  },
};

function routes(router) {
  router.service(Cart, {
    get(request) {
      if (request.value === "missing") throw new ConnectError("no such item: 100%", Code.NotFound);
      if (request.value === "broken") throw new ConnectError("sorry", Code.Internal);
      return { value: "answer to " + request.value };
    },
    async *list(request) {
      for (let i = 0; i < 3; i++) yield { value: i + " of " + request.value };
    },
  });
}

const [what, at, version] = process.argv.slice(2);
if (what === "serve") {
  const handler = connectNodeAdapter({ routes });
  http.createServer(handler).listen(Number(at));
  http2.createServer(handler).listen(Number(at) + 1);
} else {
  const transport = createGrpcWebTransport({ baseUrl: "http://" + at, httpVersion: version });
  const client = createPromiseClient(Cart, transport);
  await client.get({ value: "item" }, { headers: { "x-request-id": "web-1" } });
  for (const value of ["missing", "broken"]) {
    try {
      await client.get({ value });
    } catch (e) {
      console.log(e.code);
    }
  }
  for await (const item of client.list({ value: "all" })) console.log(item.value);
  process.exit(0);
}
