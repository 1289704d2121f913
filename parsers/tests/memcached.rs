//! Memcached: text, meta and binary requests and answers, datagrams, and that no way to split a
//! conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Carrier;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Memcached;
use fathom_parsers::message::MessageKind;
use fathom_parsers::registry::{AnyParser, Options};
use fathom_parsers::testing::Driver;
use support::{Said, down, driver, lines, messages, up};

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(Memcached, talk))
}

#[test]
fn text() {
    assert_eq!(
        said(&[
            up(b"set user:1001 84 0 6\r\nsecret\r\n"),
            down(b"STORED\r\n"),
            up(b"get user:1001\r\n"),
            down(b"VALUE user:1001 84 6\r\nsecret\r\nEND\r\n"),
            up(b"gets a b\r\n"),
            down(b"VALUE a 0 4 77\r\nEND\r\r\nVALUE b 0 0 78\r\n\r\nEND\r\n"),
            up(b"get none\r\n"),
            down(b"END\r\n"),
            up(b"incr count 5\r\n"),
            down(b"15\r\n"),
            up(b"delete none\r\n"),
            down(b"NOT_FOUND\r\n"),
            up(b"cas a 0 0 1 77\r\nx\r\n"),
            down(b"EXISTS\r\n"),
            up(b"touch a 30 noreply\r\nversion\r\n"),
            down(b"VERSION 1.6.18\r\n"),
            up(b"stats\r\n"),
            down(b"STAT pid 1\r\nSTAT uptime 2\r\nEND\r\n"),
            up(b"gat 30 a\r\n"),
            down(b"SERVER_ERROR out of memory storing object\r\n"),
            up(b"quit\r\n"),
        ]),
        [
            "Request type=set resource=set user:1001 84 0 6 endpoint=set user:? length=30",
            "Response status=Ok result=STORED length=8",
            "Request type=get resource=get user:1001 endpoint=get user:? length=15",
            "Response status=Ok result=VALUE user:1001 84 6 open=yes",
            "End length=35",
            "Request type=gets resource=gets a b endpoint=gets a length=10",
            "Response status=Ok result=VALUE a 0 4 77 open=yes",
            "End length=45",
            "Request type=get resource=get none endpoint=get none length=10",
            "Response status=Ok result=END length=5",
            "Request type=incr resource=incr count 5 endpoint=incr count length=14",
            "Response status=Ok result=15 length=4",
            "Request type=delete resource=delete none endpoint=delete none length=13",
            "Response status=Ok result=NOT_FOUND length=11",
            "Request type=cas resource=cas a 0 0 1 77 endpoint=cas a length=19",
            "Response status=Ok result=EXISTS length=8",
            "Single type=touch resource=touch a 30 noreply endpoint=touch a length=20",
            "Request type=version resource=version endpoint=version length=9",
            "Response status=Ok result=VERSION 1.6.18 length=16",
            "Request type=stats resource=stats endpoint=stats length=7",
            "Response status=Ok result=STAT pid 1 open=yes",
            "End length=32",
            "Request type=gat resource=gat 30 a endpoint=gat a length=10",
            "Response status=ServerError exception=SERVER_ERROR out of memory storing object length=43",
            "Single type=quit resource=quit endpoint=quit length=6",
        ]
    );
}

#[test]
fn errors_and_what_the_server_makes_of_bad_values() {
    assert_eq!(
        said(&[
            up(b"nonsense\r\n"),
            down(b"ERROR\r\n"),
            // The value is too long by three bytes: the server takes what is left for a command.
            up(b"set k 0 0 5\r\ntoo long\r\n"),
            down(b"CLIENT_ERROR bad data chunk\r\nERROR\r\n"),
        ]),
        [
            "Request type=nonsense resource=nonsense endpoint=nonsense length=10",
            "Response status=ClientError exception=ERROR length=7",
            "Request type=set resource=set k 0 0 5 endpoint=set k length=20",
            "Request type=g resource=g endpoint=g length=3",
            "Response status=ClientError exception=CLIENT_ERROR bad data chunk length=29",
            "Response status=ClientError exception=ERROR length=7",
        ]
    );
}

#[test]
fn meta_commands() {
    assert_eq!(
        said(&[
            up(b"ms meta:1 5 T60\r\nhello\r\nmg meta:1 v t f\r\nmg missing v\r\n"),
            down(b"HD\r\nVA 5 t60 f0\r\nhello\r\nEN\r\n"),
            up(b"ms a 2 q\r\nhi\r\nmg a v q\r\nmg nope v q\r\nmn\r\n"),
            down(b"VA 2\r\nhi\r\nMN\r\n"),
            up(b"md meta:1\r\n"),
            down(b"NF\r\n"),
        ]),
        [
            "Request type=ms resource=ms meta:1 5 T60 endpoint=ms meta:? length=24",
            "Request type=mg resource=mg meta:1 v t f endpoint=mg meta:? length=17",
            "Request type=mg resource=mg missing v endpoint=mg missing length=14",
            "Response status=Ok result=HD length=4",
            "Response status=Ok result=VA 5 t60 f0 length=20",
            "Response status=Ok result=EN length=4",
            "Single type=ms resource=ms a 2 q endpoint=ms a length=14",
            "Single type=mg resource=mg a v q endpoint=mg a length=10",
            "Single type=mg resource=mg nope v q endpoint=mg nope length=13",
            "Request type=mn resource=mn endpoint=mn length=4",
            "Response status=Ok result=MN length=4",
            "Request type=md resource=md meta:1 endpoint=md meta:? length=11",
            "Response status=Ok result=NF length=4",
        ]
    );
}

fn binary(magic: u8, opcode: u8, status: u16, extras: &[u8], key: &str, value: &str) -> Vec<u8> {
    let body = (extras.len() + key.len() + value.len()) as u32;
    let mut p = vec![magic, opcode];
    p.extend((key.len() as u16).to_be_bytes());
    p.extend([extras.len() as u8, 0]);
    p.extend(status.to_be_bytes());
    p.extend(body.to_be_bytes());
    p.extend([0; 12]);
    p.extend(extras);
    p.extend(key.bytes());
    p.extend(value.bytes());
    p
}

fn ask(opcode: u8, extras: usize, key: &str, value: &str) -> Said {
    up(binary(0x80, opcode, 0, &vec![0; extras], key, value))
}

fn tell(opcode: u8, status: u16, extras: usize, key: &str, value: &str) -> Said {
    down(binary(0x81, opcode, status, &vec![0; extras], key, value))
}

#[test]
fn binary_requests() {
    let many =
        [ask(9, 0, "a", ""), ask(9, 0, "none", ""), ask(0x0d, 0, "b", ""), ask(0x0a, 0, "", "")];
    let answers = [tell(9, 0, 4, "", "v"), tell(0x0d, 0, 4, "b", "v"), tell(0x0a, 0, 0, "", "")];
    let join = |all: &[Said]| all.iter().flat_map(|s| s.1.clone()).collect::<Vec<_>>();
    assert_eq!(
        said(&[
            ask(1, 8, "user:1001", "secret"),
            tell(1, 0, 0, "", ""),
            ask(0, 0, "user:1001", ""),
            tell(0, 0, 4, "", "secret"),
            ask(0, 0, "none", ""),
            tell(0, 1, 0, "", "Not found"),
            up(join(&many)),
            down(join(&answers)),
            ask(0x10, 0, "", ""),
            tell(0x10, 0, 0, "pid", "1"),
            tell(0x10, 0, 0, "uptime", "2"),
            tell(0x10, 0, 0, "", ""),
            ask(5, 20, "count", ""),
            tell(5, 6, 0, "", "Non-numeric server-side value for incr or decr"),
        ]),
        [
            "Request type=set resource=set user:1001 endpoint=set user:? length=47",
            "Response status=Ok code=0 length=24",
            "Request type=get resource=get user:1001 endpoint=get user:? length=33",
            "Response status=Ok code=0 length=34",
            "Request type=get resource=get none endpoint=get none length=28",
            "Response status=Ok code=1 result=Not found length=33",
            "Single type=getq resource=getq a endpoint=getq a length=25",
            "Single type=getq resource=getq none endpoint=getq none length=28",
            "Single type=getkq resource=getkq b endpoint=getkq b length=25",
            "Request type=noop resource=noop endpoint=noop length=24",
            "Response status=Ok code=0 length=24",
            "Request type=stats resource=stats endpoint=stats length=24",
            "Response status=Ok code=0 open=yes",
            "End length=83",
            "Request type=incr resource=incr count endpoint=incr count length=49",
            "Response status=ClientError code=6 exception=Non-numeric server-side value for incr or decr length=70",
        ]
    );
}

#[test]
fn datagrams() {
    let parser = AnyParser::new(Memcached, Carrier::Udp, &Options::default()).unwrap();
    let mut d = Driver::new(parser, true);
    let frame =
        |id: u8, number: u8, of: u8, text: &[u8]| [&[0, id, 0, number, 0, of, 0, 0], text].concat();
    d.feed(ToServer, &frame(1, 0, 1, b"get a\r\n"));
    d.feed(ToServer, &frame(2, 0, 1, b"get b\r\n"));
    d.feed(ToClient, &frame(2, 0, 1, b"END\r\n"));
    d.feed(ToClient, &frame(1, 0, 2, b"VALUE a 0 2000\r\nxxxx"));
    d.feed(ToClient, &frame(1, 1, 2, b"xxxx\r\nEND\r\n"));
    let got: Vec<_> = d
        .messages
        .iter()
        .map(|m| format!("{} {} {}{}", m.kind, m.pairing, m.request_type, m.result))
        .collect();
    assert_eq!(
        got,
        [
            "Request ById(1) get",
            "Request ById(2) get",
            "Response ById(2) END",
            "Response ById(1) VALUE a 0 2000"
        ]
    );
}

#[test]
fn a_thousand_pipelined_requests() {
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    for i in 0..1000 {
        asked.extend(format!("incr n {i}\r\n").bytes());
        answered.extend(format!("{i}\r\n").bytes());
    }
    let mut d = driver(Memcached, &Options::default());
    asked.chunks(1460).for_each(|part| d.feed(ToServer, part));
    answered.chunks(1460).for_each(|part| d.feed(ToClient, part));
    let of = |kind| d.messages.iter().filter(move |m| m.is(kind));
    assert_eq!(of(MessageKind::Request).count(), 1000);
    let results: Vec<_> =
        of(MessageKind::Response).map(|m| m.result.parse::<i32>().unwrap()).collect();
    assert_eq!(results, (0..1000).collect::<Vec<_>>());
}

#[test]
fn places_are_found_again() {
    // Inside a value the count bridges the gap.
    let mut d = driver(Memcached, &Options::default());
    d.feed(ToServer, b"get a\r\n");
    d.feed(ToClient, b"VALUE a 0 1000\r\nabc");
    d.gap(ToClient, 990);
    d.feed(ToClient, b"1234567\r\nEND\r\n");
    assert_eq!((d.lost, d.messages.len()), (0, 3));
    // Behind a lost request the next one is found, behind lost answers the next one's answer.
    let mut d = driver(Memcached, &Options::default());
    d.feed(ToServer, b"set a 0 0 10\r\n01");
    d.gap(ToServer, 30);
    d.feed(ToServer, b"tail of something\r\nget b\r\n");
    assert_eq!(d.messages.last().unwrap().request_resource, "get b");
    d.gap(ToClient, 10);
    d.feed(ToClient, b"END\r\n");
    d.feed(ToServer, b"get c\r\n");
    d.feed(ToClient, b"END\r\n");
    assert_eq!(d.messages.last().unwrap().result, "END");
}
