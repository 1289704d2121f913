//! MongoDB: commands of every operation, packed or not, errors, further answers, and that no way
//! to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::MongoDb;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, messages_with, told, up};

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(MongoDb, talk))
}

enum V<'a> {
    S(&'a str),
    I(i32),
    F(f64),
    D(Vec<u8>),
    A(Vec<u8>),
}

fn doc(elements: &[(&str, V<'_>)]) -> Vec<u8> {
    let mut b = vec![0; 4];
    for (name, value) in elements {
        let kind = match value {
            V::F(_) => 1,
            V::S(_) => 2,
            V::D(_) => 3,
            V::A(_) => 4,
            V::I(_) => 16,
        };
        b.push(kind);
        b.extend(name.bytes().chain([0]));
        match value {
            V::F(n) => b.extend(n.to_le_bytes()),
            V::I(n) => b.extend(n.to_le_bytes()),
            V::D(d) | V::A(d) => b.extend(d),
            V::S(s) => {
                b.extend((s.len() as u32 + 1).to_le_bytes());
                b.extend(s.bytes().chain([0]));
            }
        }
    }
    b.push(0);
    let len = b.len() as u32;
    b[..4].copy_from_slice(&len.to_le_bytes());
    b
}

fn wire(id: u32, answers: u32, operation: u32, body: &[u8]) -> Vec<u8> {
    let mut m = (16 + body.len() as u32).to_le_bytes().to_vec();
    for n in [id, answers, operation] {
        m.extend(n.to_le_bytes());
    }
    m.extend(body);
    m
}

fn msg(flags: u32, document: &[u8]) -> Vec<u8> {
    [&flags.to_le_bytes()[..], &[0], document].concat()
}

fn ask(id: u32, document: &[u8]) -> Said {
    up(wire(id, 0, 2013, &msg(0, document)))
}

fn tell(answers: u32, document: &[u8]) -> Said {
    down(wire(1000 + answers, answers, 2013, &msg(0, document)))
}

fn find() -> Vec<u8> {
    doc(&[
        ("find", V::S("users")),
        (
            "filter",
            V::D(doc(&[
                ("email", V::S("a@b.c")),
                ("age", V::D(doc(&[("$gt", V::I(30))]))),
                ("id", V::D(doc(&[("$in", V::A(doc(&[("0", V::I(1)), ("1", V::I(2))])))]))),
            ])),
        ),
        ("limit", V::I(10)),
        ("lsid", V::D(doc(&[("id", V::I(1))]))),
        ("comment", V::S("traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'")),
        ("$db", V::S("shop")),
    ])
}

#[test]
fn commands() {
    let update = doc(&[("update", V::S("users")), ("ordered", V::I(1)), ("$db", V::S("shop"))]);
    let one = doc(&[
        ("q", V::D(doc(&[("_id", V::I(7))]))),
        ("u", V::D(doc(&[("$set", V::D(doc(&[("name", V::S("alice"))])))]))),
    ]);
    let mut sections = msg(0, &update);
    sections.push(1);
    sections.extend((4 + 8 + 2 * one.len() as u32).to_le_bytes());
    sections.extend(b"updates\0");
    sections.extend([&one[..], &one[..]].concat());
    let talk = [
        ask(1, &find()),
        tell(1, &doc(&[("cursor", V::D(doc(&[("ns", V::S("shop.users"))]))), ("ok", V::F(1.0))])),
        up(wire(2, 0, 2013, &sections)),
        tell(2, &doc(&[("n", V::I(2)), ("nModified", V::I(1)), ("ok", V::F(1.0))])),
        ask(3, &doc(&[("replSetGetStatus", V::I(1)), ("$db", V::S("admin"))])),
        tell(
            3,
            &doc(&[
                ("ok", V::F(0.0)),
                ("errmsg", V::S("not running with --replSet")),
                ("code", V::I(76)),
                ("codeName", V::S("NoReplicationEnabled")),
            ]),
        ),
        ask(
            4,
            &doc(&[
                ("insert", V::S("users")),
                (
                    "documents",
                    V::A(doc(&[("0", V::D(doc(&[("name", V::S("bob"))]))), ("1", V::D(doc(&[])))])),
                ),
                ("$db", V::S("shop")),
            ]),
        ),
        tell(
            4,
            &doc(&[
                ("n", V::I(0)),
                (
                    "writeErrors",
                    V::A(doc(&[(
                        "0",
                        V::D(doc(&[
                            ("index", V::I(0)),
                            ("code", V::I(11000)),
                            (
                                "errmsg",
                                V::S(
                                    "E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: \"a@b.c\" }",
                                ),
                            ),
                        ])),
                    )])),
                ),
                ("ok", V::F(1.0)),
            ]),
        ),
        ask(
            5,
            &doc(&[("getMore", V::I(77)), ("collection", V::S("users")), ("$db", V::S("shop"))]),
        ),
        tell(5, &doc(&[("ok", V::F(0.0)), ("errmsg", V::S("stepped down")), ("code", V::I(189))])),
    ];
    assert_eq!(
        said(&talk),
        [
            "Request type=OP_MSG domain=shop resource={\"find\": \"users\", \"filter\": {\"email\": ?, \"age\": {\"$gt\": ?}, \"id\": {\"$in\": [?]}}, \"limit\": ?, \"comment\": ?, \"$db\": \"shop\"} endpoint=find users id=1 length=251",
            "Response id=1 status=Ok length=70",
            "Request type=OP_MSG domain=shop resource={\"update\": \"users\", \"ordered\": ?, \"$db\": \"shop\", \"updates\": [{\"q\": {\"_id\": ?}, \"u\": {\"$set\": {\"name\": ?}}}, ...]} endpoint=update users id=2 length=198",
            "Response id=2 status=Ok length=60 rows=1",
            "Request type=OP_MSG domain=admin resource={\"replSetGetStatus\": 1, \"$db\": \"admin\"} endpoint=replSetGetStatus id=3 length=63",
            "Response id=3 status=ClientError code=76 exception=not running with --replSet length=122",
            "Request type=OP_MSG domain=shop resource={\"insert\": \"users\", \"documents\": [{\"name\": ?}, ...], \"$db\": \"shop\"} endpoint=insert users id=4 length=104",
            "Response id=4 status=ClientError code=11000 exception=E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: ? } length=197 rows=0",
            "Request type=OP_MSG domain=shop resource={\"getMore\": 77, \"collection\": \"users\", \"$db\": \"shop\"} endpoint=getMore users id=5 length=75",
            "Response id=5 status=ServerError code=189 exception=stepped down length=73",
        ]
    );
    assert_eq!(messages(MongoDb, &talk)[0].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    let shown = Options { literals: Literals::Shown, ..Options::default() };
    let shown = messages_with(MongoDb, &shown, &talk[..1]);
    assert!(shown[0].request_resource.contains("\"email\": \"a@b.c\", \"age\": {\"$gt\": 30}"));
}

#[test]
fn operations_of_before() {
    let query = |name: &str, document: &[u8]| {
        [&[0; 4][..], name.as_bytes(), &[0; 5], &[255; 4], document].concat()
    };
    let reply = |flags: u8, document: &[u8]| {
        [&[flags, 0, 0, 0][..], &[0; 12], &[1, 0, 0, 0], document].concat()
    };
    let hello = doc(&[("isMaster", V::I(1)), ("client", V::D(doc(&[("driver", V::S("x"))])))]);
    let insert = [&[0; 4][..], b"shop.users\0", &doc(&[("name", V::S("bob"))])].concat();
    let more = [&[0; 4][..], b"shop.users\0", &[0; 4], &[7; 8]].concat();
    assert_eq!(
        said(&[
            up(wire(0, 0, 2004, &query("admin.$cmd", &hello))),
            down(wire(9, 0, 1, &reply(8, &doc(&[("ismaster", V::I(1)), ("ok", V::F(1.0))])))),
            up(wire(1, 0, 2004, &query("shop.users", &doc(&[("age", V::I(3))])))),
            down(wire(
                10,
                1,
                1,
                &reply(2, &doc(&[("$err", V::S("bad query")), ("code", V::I(2))]))
            )),
            up(wire(2, 0, 2002, &insert)),
            up(wire(3, 0, 2005, &more)),
            down(wire(11, 3, 1, &reply(1, b""))),
        ]),
        [
            "Request type=OP_QUERY domain=admin resource={\"isMaster\": 1, \"client\": {\"driver\": ?}} endpoint=isMaster id=0 length=85",
            "Response id=0 status=Ok length=67",
            "Request type=OP_QUERY domain=shop resource={\"age\": ?} endpoint=query users id=1 length=53",
            "Response id=1 status=ClientError code=2 exception=bad query length=71",
            "Single type=OP_INSERT domain=shop resource={\"name\": ?} endpoint=insert users id=2 length=50",
            "Request type=OP_GET_MORE domain=shop resource=shop.users endpoint=getMore users id=3 length=43",
            "Response id=3 status=ClientError code=43 exception=cursor not found length=36",
        ]
    );
}

#[test]
fn packed_messages() {
    let plain = msg(0, &find());
    let packed = |how: u8, bytes: &[u8], len: usize| {
        let mut b = 2013u32.to_le_bytes().to_vec();
        b.extend((len as u32).to_le_bytes());
        b.push(how);
        b.extend(bytes);
        b
    };
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(&plain, 6);
    let ok = msg(0, &doc(&[("ok", V::F(1.0))]));
    let talk = [
        up(wire(1, 0, 2012, &packed(2, &zlib, plain.len()))),
        down(wire(2, 1, 2012, &packed(0, &ok, ok.len()))),
        up(wire(3, 0, 2012, &packed(3, b"(zstd)", 100))),
    ];
    let m = messages(MongoDb, &talk);
    assert_eq!(m[0].endpoint, "find users");
    assert_eq!(m[0].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!((m[1].status.as_str(), m[2].request_type.as_str()), ("Ok", "OP_MSG"));
    assert_eq!(m[2].endpoint, "");
}

#[test]
fn messages_without_and_with_several_answers() {
    let hello = doc(&[("hello", V::I(1)), ("$db", V::S("admin"))]);
    let ok = doc(&[("ok", V::F(1.0))]);
    let talk = [
        up(wire(1, 0, 2013, &msg(2, &doc(&[("insert", V::S("log")), ("$db", V::S("a"))])))),
        up(wire(2, 0, 2013, &msg(1 << 16, &hello))),
        down(wire(50, 2, 2013, &msg(2, &ok))),
        down(wire(51, 50, 2013, &msg(2, &ok))),
        down(wire(52, 51, 2013, &msg(0, &ok))),
    ];
    let kinds: Vec<_> = messages(MongoDb, &talk).iter().map(|m| m.kind.clone()).collect();
    assert_eq!(kinds, ["Single", "Request", "Response", "Interim", "Interim"]);
}

#[test]
fn what_is_mongodb() {
    let (_, request) = ask(1, &find());
    let (_, answer) = tell(1, &doc(&[("ok", V::F(1.0))]));
    assert_eq!(told(&request, ToClient), Probe::Certain(MongoDb, ToClient));
    assert_eq!(told(&request, ToServer), Probe::Certain(MongoDb, ToServer));
    assert_eq!(told(&answer, ToServer), Probe::Certain(MongoDb, ToClient));
    for n in 1..25 {
        assert_eq!(told(&request[..n], ToServer), Probe::Unsure, "{n}");
    }
    let mut odd = request.clone();
    odd[16] = 8;
    assert_eq!(told(&odd, ToServer), Probe::NotForUs);
    odd[12] = 0;
    assert_eq!(told(&odd, ToServer), Probe::NotForUs);
}

#[test]
fn places_are_found_again() {
    let large = doc(&[
        ("cursor", V::D(doc(&[("firstBatch", V::S(&"x".repeat(20_000)))]))),
        ("ok", V::F(1.0)),
    ]);
    let mut d = driver(MongoDb, &Options::default());
    d.feed(ToServer, &ask(1, &find()).1);
    let (_, answer) = tell(1, &large);
    d.feed(ToClient, &answer[..5000]);
    d.gap(ToClient, 10_000);
    d.feed(ToClient, &answer[15_000..]);
    assert_eq!((d.lost, d.messages.len()), (0, 2));
    assert_eq!(d.messages[1].status, "Ok");
    for dir in [ToServer, ToClient] {
        d.gap(dir, 100);
    }
    d.feed(ToServer, &[b"tail", &ask(2, &find()).1[..]].concat());
    d.feed(ToClient, &[b"tail", &tell(2, &large).1[..]].concat());
    assert_eq!((d.lost, d.messages.len()), (2, 4));
    assert_eq!(d.messages[3].request_id, Some(2));
    d.feed(ToClient, &tell(3, &doc(&[("ok", V::F(1.0))])).1[..20]);
    d.cut(ToClient);
    assert_eq!(d.messages[4].request_id, Some(3));
}
