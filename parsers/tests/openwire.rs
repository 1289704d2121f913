//! OpenWire: both encodings, destinations that are only named once, properties, failures, and that
//! no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::OpenWire;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, told, up};

fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    let mut p = (body.len() as u32 + 1).to_be_bytes().to_vec();
    p.push(kind);
    p.extend(body);
    p
}

fn hello(cache: bool) -> Vec<u8> {
    let mut p = b"ActiveMQ\0\0\0\x0c\x01\0\0\0\x16\0\0\0\x01\0\x0cCacheEnabled\x01".to_vec();
    p.push(u8::from(cache));
    frame(1, &p)
}

fn utf(t: &str) -> Vec<u8> {
    [&(t.len() as u16).to_be_bytes()[..], t.as_bytes()].concat()
}

/// Writes fields in one of the encodings.
struct Fields {
    tight: bool,
    flags: Vec<bool>,
    data: Vec<u8>,
}

impl Fields {
    fn new(tight: bool, id: u32, answered: bool) -> Self {
        let mut f = Self { tight, flags: Vec::new(), data: Vec::new() };
        if tight {
            f.flag(answered);
            f.data.extend(id.to_be_bytes());
        } else {
            f.data.extend(id.to_be_bytes());
            f.flag(answered);
        }
        f
    }

    fn flag(&mut self, set: bool) {
        if self.tight { self.flags.push(set) } else { self.data.push(u8::from(set)) }
    }

    fn text(&mut self, t: &str) {
        self.flag(true);
        if self.tight {
            self.flags.push(true);
        }
        self.data.extend(utf(t));
    }

    fn no_text(&mut self) {
        self.flag(false);
    }

    fn long(&mut self, n: u8) {
        if !self.tight {
            self.data.extend([0, 0, 0, 0, 0, 0, 0, n]);
        } else if n == 0 {
            self.flags.extend([false, false]);
        } else {
            self.flags.extend([false, true]);
            self.data.extend([0, n]);
        }
    }

    fn index(&mut self, new: bool, index: u16) {
        self.flag(new);
        self.data.extend(index.to_be_bytes());
    }

    fn queue(&mut self, name: &str) {
        self.flag(true);
        self.data.push(100);
        self.text(name);
    }

    fn producer(&mut self) {
        self.flag(true);
        self.data.push(123);
        self.text("ID:host-1-1:1");
        self.long(1);
        self.long(1);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.flag(true);
        self.data.extend((bytes.len() as u32).to_be_bytes());
        self.data.extend(bytes);
    }

    fn body(self) -> Vec<u8> {
        if !self.tight {
            return self.data;
        }
        let flags: Vec<u8> = self
            .flags
            .chunks(8)
            .map(|byte| byte.iter().enumerate().map(|(i, set)| u8::from(*set) << i).sum())
            .collect();
        let mut p =
            if flags.len() < 64 { vec![flags.len() as u8] } else { vec![0xc0, flags.len() as u8] };
        p.extend(flags);
        p.extend(self.data);
        p
    }
}

/// A message's fields up to its properties; `destination` writes the destination.
fn message(f: &mut Fields, cached: bool, destination: impl Fn(&mut Fields), properties: &[u8]) {
    if cached {
        f.index(true, 1);
    }
    f.producer();
    destination(f);
    // Neither a transaction nor a first destination: with the cache also that is an index.
    for _ in 0..2 {
        if cached {
            f.index(true, 9);
        }
        f.flag(false);
    }
    f.flag(true);
    f.data.push(110);
    f.no_text();
    if cached {
        f.index(false, 1);
    } else {
        f.producer();
    }
    f.long(1);
    f.long(0);
    if cached {
        f.index(true, 9);
    }
    f.flag(false);
    f.no_text();
    f.data.extend([0; 4]);
    f.text("corr-1");
    f.flag(true);
    f.long(0);
    f.data.push(4);
    f.flag(false);
    f.long(9);
    f.no_text();
    f.bytes(b"content");
    f.bytes(properties);
}

fn properties() -> Vec<u8> {
    let mut p = vec![0, 0, 0, 3];
    p.extend(utf("n"));
    p.extend([5, 0, 0, 0, 1]);
    p.extend(utf("sw8"));
    p.push(9);
    p.extend(utf("1-YS5iLmM=-ZC5l-7-x"));
    p.extend(utf("on"));
    p.extend([1, 1]);
    p
}

fn talk(tight: bool, cached: bool) -> Vec<Said> {
    let mut producer = Fields::new(tight, 4, true);
    if cached {
        producer.index(true, 1);
    }
    producer.producer();
    if cached {
        producer.index(true, 2);
    }
    producer.queue("ORDERS");
    let mut sent = Fields::new(tight, 5, true);
    let again = |f: &mut Fields| if cached { f.index(false, 2) } else { f.queue("ORDERS") };
    message(&mut sent, cached, again, &properties());
    let answer = |id: u32| {
        let mut f = Fields::new(tight, 0, false);
        f.data.extend(id.to_be_bytes());
        f.body()
    };
    let mut failed = Fields::new(tight, 0, false);
    failed.data.extend(5u32.to_be_bytes());
    failed.flag(true);
    failed.text("javax.jms.JMSException");
    failed.text("full");
    let mut dispatched = Fields::new(tight, 0, false);
    if cached {
        dispatched.index(true, 3);
    }
    dispatched.producer();
    if cached {
        dispatched.index(true, 4);
    }
    dispatched.queue("ORDERS");
    dispatched.flag(true);
    dispatched.data.push(28);
    if tight {
        dispatched.flag(false);
        dispatched.flag(false);
        dispatched.data.extend(7u32.to_be_bytes());
    } else {
        dispatched.data.extend(7u32.to_be_bytes());
        dispatched.flag(false);
    }
    let known = |f: &mut Fields| if cached { f.index(false, 4) } else { f.queue("ORDERS") };
    message(&mut dispatched, cached, known, &properties());
    vec![
        up(hello(cached)),
        down(hello(true)),
        up(frame(6, &producer.body())),
        down(frame(30, &answer(4))),
        up(frame(28, &sent.body())),
        up(frame(10, &Fields::new(tight, 6, false).body())),
        down(frame(31, &failed.body())),
        down(frame(21, &dispatched.body())),
    ]
}

#[test]
fn both_encodings() {
    for (tight, cached) in [(false, false), (false, true), (true, false), (true, true)] {
        let m = messages(OpenWire, &talk(tight, cached));
        let strip = |line: String| line[..line.find(" length").unwrap()].to_owned();
        let got: Vec<_> = lines(&m).into_iter().map(strip).collect();
        assert_eq!(
            got,
            [
                "Single type=WireFormatInfo",
                "Single type=WireFormatInfo",
                "Request type=ProducerInfo resource=ORDERS endpoint=ORDERS id=4",
                "Response status=Ok",
                "Request type=ActiveMQTextMessage resource=ORDERS endpoint=ORDERS id=5",
                "Response status=ServerError exception=javax.jms.JMSException: full",
                "Single type=MessageDispatch resource=ORDERS endpoint=ORDERS id=0",
            ],
            "tight {tight} cached {cached}"
        );
        for traced in [&m[4], &m[6]] {
            assert_eq!(
                [&traced.trace_id, &traced.span_id, &traced.x_request_id],
                ["a.b.c", "d.e-7", "corr-1"]
            );
        }
        assert_eq!(m[4].pairing, m[5].pairing);
    }
}

/// Whoever joins late does not know what was agreed on: what stands there tells.
#[test]
fn joined_late() {
    for (tight, cached) in [(false, false), (false, true), (true, false), (true, true)] {
        let talk = talk(tight, cached);
        assert_eq!(told(&talk[2].1, ToServer), Probe::Certain(OpenWire, ToServer));
        let m = messages(OpenWire, &talk[2..5]);
        assert_eq!(m[0].request_resource, "ORDERS", "tight {tight} cached {cached}");
        assert_eq!(m[2].request_resource, "ORDERS", "tight {tight} cached {cached}");
    }
}

#[test]
fn what_is_openwire() {
    assert_eq!(told(&hello(true), ToServer), Probe::Certain(OpenWire, ToServer));
    assert_eq!(told(&hello(true), ToClient), Probe::Certain(OpenWire, ToClient));
    assert_eq!(told(&hello(true)[..9], ToClient), Probe::Unsure);
    let other = frame(1, b"SomethingElse");
    assert!(!matches!(told(&other, ToServer), Probe::Certain(..)));
}

#[test]
fn places_are_found_again() {
    let mut d = driver(OpenWire, &Options::default());
    let talk = talk(true, true);
    d.feed(ToServer, &talk[0].1);
    d.feed(ToServer, &talk[2].1[..20]);
    d.gap(ToServer, 5000);
    d.feed(ToServer, b"tail");
    d.feed(ToServer, &talk[4].1);
    assert_eq!(d.messages.last().unwrap().request_type, "ActiveMQTextMessage");
}
