//! A driver that feeds a parser as the stream stage does, for tests, fuzz targets and examples:
//! bytes a parser does not use are kept and presented again, longer. It checks the contract of
//! [`Parser`] on the way, and panics where a parser breaks it.

pub mod frames;
mod fuzz;

pub use fuzz::{fuzz_headers, fuzz_protocol};

use crate::message::{
    Carrier, Direction, Fact, Facts, L7Protocol, MAX_CARRY, Message, MessageKind, Parser, Scratch,
    Step,
};
use crate::registry::{AnyParser, Options};

/// A message with its text copied, for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are those of Message")]
pub struct OwnedMessage {
    pub dir: Option<Direction>,
    pub kind: String,
    pub protocol: String,
    pub pairing: String,
    pub version: String,
    pub request_type: String,
    pub request_domain: String,
    pub request_resource: String,
    pub endpoint: String,
    pub request_id: Option<u64>,
    pub status: String,
    pub response_code: Option<i32>,
    pub exception: String,
    pub result: String,
    pub length: Option<u64>,
    pub end_follows: bool,
    pub trace_id: String,
    pub trace_id_2: String,
    pub span_id: String,
    pub x_request_id: String,
    pub client_ip: String,
    pub attributes: Vec<(String, String)>,
    pub is_async: bool,
    pub affected_rows: Option<u64>,
    pub facts: Vec<(String, String)>,
}

impl OwnedMessage {
    /// Copies `message`, which was read from bytes that went in direction `dir`.
    pub fn of(dir: Direction, message: &Message<'_>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            dir: Some(dir),
            kind: format!("{:?}", message.kind),
            protocol: match message.protocol {
                L7Protocol::Unknown => String::new(),
                other => other.name().to_owned(),
            },
            pairing: format!("{:?}", message.pairing),
            version: text(message.version),
            request_type: text(message.request_type),
            request_domain: text(message.request_domain),
            request_resource: text(message.request_resource),
            endpoint: text(message.endpoint),
            request_id: message.request_id,
            status: format!("{:?}", message.status),
            response_code: message.response_code,
            exception: text(message.exception),
            result: text(message.result),
            length: message.length,
            end_follows: message.end_follows,
            trace_id: text(message.trace.trace_id),
            trace_id_2: text(message.trace.trace_id_2),
            span_id: text(message.trace.span_id),
            x_request_id: text(message.trace.x_request_id),
            client_ip: text(message.client_ip),
            attributes: message
                .attributes
                .iter()
                .filter(|(name, _)| !name.is_empty())
                .map(|(name, value)| ((*name).to_owned(), text(value)))
                .collect(),
            is_async: message.is_async,
            affected_rows: message.affected_rows,
            facts: message.facts.map(facts).unwrap_or_default(),
        }
    }

    /// Is it of this kind?
    pub fn is(&self, kind: MessageKind) -> bool {
        self.kind == format!("{kind:?}")
    }
}

/// Attributes by their names, other columns by theirs, numbers behind them.
fn facts(facts: &Facts) -> Vec<(String, String)> {
    let texts = facts.iter().map(|(fact, text)| {
        let name = match fact {
            Fact::Attribute(name) => name.to_owned(),
            column => format!("{column:?}"),
        };
        (name, String::from_utf8_lossy(text).into_owned())
    });
    let (names, values) = facts.metrics();
    let numbers = names.iter().zip(values).map(|(n, v)| ((*n).to_owned(), v.to_string()));
    let until = facts.deadlines().iter().map(|(n, at)| ((*n).to_owned(), format!("until {at}")));
    texts.chain(numbers).chain(until).collect()
}

/// One parser and what a stream stage keeps for it.
#[derive(Debug)]
pub struct Driver {
    parser: AnyParser,
    scratch: Scratch,
    carry: [Vec<u8>; 2],
    adrift: [bool; 2],
    is_datagram: bool,
    /// Every message so far.
    pub messages: Vec<OwnedMessage>,
    /// How often the parser lost its place, by its own judgement or by a gap.
    pub lost: u32,
    /// The connection speaks something else now that has no parser.
    pub switched: bool,
}

impl Driver {
    /// Around a parser at the start of a connection; each `feed` is one datagram, or the next
    /// bytes of a stream.
    pub fn new(parser: AnyParser, is_datagram: bool) -> Self {
        Self {
            parser,
            scratch: Scratch::default(),
            carry: [Vec::new(), Vec::new()],
            adrift: [false; 2],
            is_datagram,
            messages: Vec::new(),
            lost: 0,
            switched: false,
        }
    }

    /// Around a parser for `protocol` with the usual options.
    ///
    /// # Panics
    /// When nothing parses `protocol`.
    pub fn of(protocol: L7Protocol, carrier: Carrier) -> Self {
        let parser = AnyParser::new(protocol, carrier, &Options::default());
        Self::new(parser.expect("a parser of that protocol"), carrier.is_datagram())
    }

    /// Gives the next bytes of a stream, or one datagram.
    pub fn feed(&mut self, dir: Direction, bytes: &[u8]) {
        let Self { parser, scratch, messages, .. } = self;
        let carry = &mut self.carry[dir as usize];
        let adrift = &mut self.adrift[dir as usize];
        carry.extend_from_slice(bytes);
        let mut at = 0;
        while at < carry.len() && !self.switched {
            let rest = &carry[at..];
            if *adrift {
                match parser.resync(dir, rest) {
                    Some(offset) => {
                        assert!(offset < rest.len(), "resync beyond the bytes");
                        at += offset;
                        *adrift = false;
                    }
                    None => at = carry.len(),
                }
                continue;
            }
            match parser.step(dir, rest, scratch) {
                Step::Message { used, message } => {
                    assert!(used <= rest.len(), "message beyond the bytes");
                    messages.push(OwnedMessage::of(dir, &message));
                    at += used;
                }
                Step::Skip { used } => {
                    assert!(used > 0 && used <= rest.len(), "skip must progress");
                    at += used;
                }
                Step::More => {
                    assert!(rest.len() < MAX_CARRY + 2, "asks for more than a flow may keep");
                    break;
                }
                Step::Lost => {
                    self.lost += 1;
                    if self.is_datagram {
                        at = carry.len();
                        continue;
                    }
                    *adrift = true;
                    // These bytes were refused: look behind their first.
                    at += 1;
                }
                Step::Switched(to) => match parser.successor(to, &Options::default()) {
                    Some(next) => *parser = next,
                    None => self.switched = true,
                },
                Step::Done => self.switched = true,
            }
        }
        if self.switched { carry.clear() } else { drop(carry.drain(..at)) }
    }

    /// `len` bytes were lost; before that, what is kept is read as far as it goes.
    pub fn gap(&mut self, dir: Direction, len: u64) {
        self.cut(dir);
        let knows_place = self.parser.gap(dir, len);
        self.adrift[dir as usize] = !knows_place;
        self.lost += u32::from(!knows_place);
    }

    /// What is kept will never be completed.
    pub fn cut(&mut self, dir: Direction) {
        let carry = &mut self.carry[dir as usize];
        if !carry.is_empty() && !self.switched {
            if let Some(message) = self.parser.truncated(dir, carry, &mut self.scratch) {
                self.messages.push(OwnedMessage::of(dir, &message));
            }
            self.adrift[dir as usize] = true;
            self.lost += 1;
        }
        carry.clear();
    }

    /// The direction ended.
    pub fn finish(&mut self, dir: Direction) {
        self.cut(dir);
        let mut ends = 0;
        while let Some(message) = self.parser.finish(dir, &mut self.scratch) {
            self.messages.push(OwnedMessage::of(dir, &message));
            ends += 1;
            assert!(ends < 10_000, "a direction ends once");
        }
    }
}

/// Every message of a conversation over TCP.
pub fn converse(protocol: L7Protocol, turns: &[(Direction, &[u8])]) -> Driver {
    let mut driver = Driver::of(protocol, Carrier::Tcp);
    for &(dir, bytes) in turns {
        driver.feed(dir, bytes);
    }
    driver.finish(Direction::ToServer);
    driver.finish(Direction::ToClient);
    driver
}

/// The messages of a conversation, after checking that they are the same for every cut of every
/// turn in two, and for single bytes.
///
/// # Panics
/// When a cut changes anything.
pub fn every_split(protocol: L7Protocol, turns: &[(Direction, &[u8])]) -> Vec<OwnedMessage> {
    let whole = converse(protocol, turns);
    for (i, &(dir, bytes)) in turns.iter().enumerate() {
        for at in 1..bytes.len() {
            let mut cut = turns.to_vec();
            cut.splice(i..=i, [(dir, &bytes[..at]), (dir, &bytes[at..])]);
            let cut = converse(protocol, &cut);
            assert_eq!(cut.messages, whole.messages, "turn {i} cut at {at}");
            assert_eq!(cut.lost, whole.lost, "turn {i} cut at {at}");
        }
    }
    let single: Vec<_> =
        turns.iter().flat_map(|&(d, t)| t.chunks(1).map(move |b| (d, b))).collect();
    assert_eq!(converse(protocol, &single).messages, whole.messages, "in single bytes");
    whole.messages
}
