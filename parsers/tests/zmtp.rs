//! ZMTP: greetings, socket types, messages of several parts, and that no way to split a conversation
//! changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Zmtp;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, told, up};

fn greeting(minor: u8) -> Vec<u8> {
    let mut p = vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 3, minor];
    p.extend(b"NULL");
    p.resize(64, 0);
    p
}

fn frame(flags: u8, body: &[u8]) -> Vec<u8> {
    let mut p = if body.len() > 255 { vec![flags | 2] } else { vec![flags, body.len() as u8] };
    if body.len() > 255 {
        p.extend((body.len() as u64).to_be_bytes());
    }
    p.extend(body);
    p
}

fn command(name: &str, rest: &[u8]) -> Vec<u8> {
    frame(4, &[&[name.len() as u8], name.as_bytes(), rest].concat())
}

fn ready(socket: &str) -> Vec<u8> {
    let mut p = b"\x0bSocket-Type".to_vec();
    p.extend((socket.len() as u32).to_be_bytes());
    p.extend(socket.bytes());
    command("READY", &p)
}

fn opened(client: &str, server: &str) -> Vec<Said> {
    vec![up(greeting(1)), down([greeting(1), ready(server)].concat()), up(ready(client))]
}

#[test]
fn requests_and_answers() {
    let mut talk = opened("REQ", "REP");
    talk.push(up([frame(1, b""), frame(0, b"question")].concat()));
    talk.push(down([frame(1, b""), frame(1, b"more"), frame(0, &[7; 300])].concat()));
    let m = messages(Zmtp, &talk);
    assert_eq!(
        lines(&m),
        [
            "Single type=READY length=25",
            "Single type=READY length=25",
            "Request type=MESSAGE length=8",
            "Response type=MESSAGE status=Ok length=304",
        ]
    );
    assert_eq!(m[2].version, "3.1");
    assert_eq!(m[2].attributes, [("socket_type".to_owned(), "REQ".to_owned())]);
}

#[test]
fn topics() {
    let mut talk = opened("SUB", "PUB");
    talk.push(up([
        frame(0, b"\x01news"),
        command("SUBSCRIBE", b"sport"),
        command("CANCEL", b"news"),
    ]
    .concat()));
    talk.push(down([frame(1, b"sport"), frame(0, b"secret")].concat()));
    talk.push(down(frame(0, b"secret")));
    talk.push(down(command("PING", b"\0\0")));
    talk.push(up(command("PONG", b"")));
    talk.push(down(command("ERROR", b"\x07refused")));
    assert_eq!(
        lines(&messages(Zmtp, &talk))[2..],
        [
            "Single type=SUBSCRIBE resource=news endpoint=news length=5",
            "Single type=SUBSCRIBE resource=sport length=15",
            "Single type=CANCEL resource=news length=11",
            "Single type=MESSAGE resource=sport endpoint=sport length=11",
            "Single type=MESSAGE length=6",
            "Single type=PING length=7",
            "Single type=PONG length=5",
            "Single type=ERROR status=ServerError exception=refused length=14",
        ]
    );
}

#[test]
fn version_2() {
    let greeting = |socket| vec![0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, 1, socket];
    let talk = [
        up([greeting(3), frame(0, b"me")].concat()),
        down([greeting(4), frame(0, b"")].concat()),
        up([frame(1, b""), frame(0, b"q")].concat()),
        down([frame(1, b""), frame(0, b"a")].concat()),
    ];
    let m = messages(Zmtp, &talk);
    assert_eq!(
        lines(&m),
        ["Request type=MESSAGE length=1", "Response type=MESSAGE status=Ok length=1"]
    );
    assert_eq!(m[0].version, "2.0");
}

#[test]
fn what_is_zmtp() {
    assert_eq!(told(&greeting(0), ToServer), Probe::Certain(Zmtp, ToServer));
    assert_eq!(told(&greeting(0)[..10], ToClient), Probe::Certain(Zmtp, ToClient));
    assert_eq!(told(&greeting(0)[..5], ToServer), Probe::Unsure);
    assert!(!matches!(told(&[0xff; 64], ToServer), Probe::Certain(..)));
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Zmtp, &Options::default());
    for (dir, bytes) in opened("DEALER", "ROUTER") {
        d.feed(dir, &bytes);
    }
    let large = frame(0, &[7; 20000]);
    d.feed(ToServer, &large[..1000]);
    d.gap(ToServer, 10000);
    d.feed(ToServer, &[&large[11000..], &frame(0, b"next")].concat());
    assert_eq!((d.lost, d.messages.len()), (0, 4));
    d.feed(ToServer, &large[..1000]);
    d.gap(ToServer, 50000);
    d.feed(ToServer, &[0x30; 30]);
    d.feed(ToServer, &[frame(1, b"more"), frame(0, b"found")].concat());
    assert_eq!(d.messages.last().unwrap().length, Some(9));
}
