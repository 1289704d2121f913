"""Servers and clients of Thrift in all its forms. Part of ci/captures/rpc.sh.

  thrift_peer.py serve|call FORM HOST PORT
"""
import io
import sys

import thriftpy2
from thriftpy2.protocol import TBinaryProtocolFactory, TCompactProtocolFactory, TMultiplexedProtocolFactory
from thriftpy2.rpc import make_client, make_server
from thriftpy2.thrift import TMultiplexedProcessor, TProcessor
from thriftpy2.transport import TBufferedTransportFactory, TFramedTransportFactory

IDL = """
exception NoItem { 1: i32 id, 2: string why }
struct Item { 1: i32 id, 2: string name, 3: list<string> tags, 4: map<string, i64> counts, 5: bool sold, 6: double price }
service Items {
  Item find(1: i32 id, 2: list<Item> alike) throws (1: NoItem none)
  binary load(1: i32 size)
  void touch(1: string name)
  oneway void forget(1: i32 id)
}
service More extends Items { void later() }
"""
thrift = thriftpy2.load_fp(io.StringIO(IDL), "items_thrift")
FORMS = {
    "binary": (TBinaryProtocolFactory, TBufferedTransportFactory), "compact": (TCompactProtocolFactory, TBufferedTransportFactory),
    "framed": (TBinaryProtocolFactory, TFramedTransportFactory), "framed-compact": (TCompactProtocolFactory, TFramedTransportFactory),
}


class Items:
    def find(self, id, alike):
        if id > 10:
            raise thrift.NoItem(id=id, why="no item %d" % id)
        return thrift.Item(id=id, name="apple", tags=["red", "round"], counts={"left": 7}, sold=False, price=1.5)

    def load(self, size):
        return b"x" * size

    def touch(self, name):
        pass

    def forget(self, id):
        pass


verb, form, host, port = sys.argv[1:]
protocol, transport = (kind() for kind in FORMS[form])
if verb == "serve":
    make_server(thrift.Items, Items(), host, int(port), proto_factory=protocol, trans_factory=transport).serve()
else:
    # A service that the server does not know in full.
    client = make_client(thrift.More, host, int(port), proto_factory=protocol, trans_factory=transport, timeout=5000)
    alike = thrift.Item(id=2, name="pear", tags=["green"], counts={"left": 1}, sold=True, price=0.5)
    client.find(1, [alike, alike])
    client.touch("a" * 300)
    try:
        client.find(11, [])
    except thrift.NoItem:
        pass
    client.forget(3)
    client.load(6000)
    client.touch("again")
    try:
        client.later()
    except Exception:
        pass
    client.close()
