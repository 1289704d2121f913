//! SIP (RFC 3261) over UDP and TCP, and RTSP 1.0 (RFC 2326), which is spelled alike: a line, headers,
//! a body of stated length. Either side asks, so answers are found by what they repeat: in SIP the
//! call, the sequence number with its method and who began, in RTSP the sequence number.

use crate::counted::Counted;
use crate::message::{
    Carrier, Direction, L7Protocol, Message, MessageKind, Pairing, Parser, Probe, ResponseStatus,
    Scratch, Step,
};
use crate::registry::Options;
use crate::text;
use crate::trace::{Carried, TraceOptions};

/// Bytes of a head that are read.
const WINDOW: usize = 16 * 1024;
/// Bodies are descriptions of sessions; more is a broken length.
const MAX_BODY: u64 = 1 << 26;

const SIP_METHODS: [&[u8]; 14] = [
    b"INVITE",
    b"ACK",
    b"BYE",
    b"CANCEL",
    b"REGISTER",
    b"OPTIONS",
    b"PRACK",
    b"SUBSCRIBE",
    b"NOTIFY",
    b"PUBLISH",
    b"INFO",
    b"REFER",
    b"MESSAGE",
    b"UPDATE",
];
const RTSP_METHODS: [&[u8]; 11] = [
    b"OPTIONS",
    b"DESCRIBE",
    b"ANNOUNCE",
    b"SETUP",
    b"PLAY",
    b"PAUSE",
    b"TEARDOWN",
    b"GET_PARAMETER",
    b"SET_PARAMETER",
    b"REDIRECT",
    b"RECORD",
];

/// The parser of one flow of either.
#[derive(Debug)]
pub struct Heads<const RTSP: bool> {
    sides: [Counted; 2],
    is_datagram: bool,
    trace: TraceOptions,
}

/// That of SIP.
pub type Sip = Heads<false>;
/// That of RTSP.
pub type Rtsp = Heads<true>;

/// A first line.
#[derive(Clone, Copy, Debug)]
enum Start<'a> {
    Request { method: &'static [u8], target: &'a [u8] },
    Answer { code: i32, reason: &'a [u8] },
}

enum Read<'a> {
    Short,
    Bad,
    Start(Start<'a>, usize),
}

/// What of the headers is wanted.
#[derive(Debug, Default)]
struct Told<'a> {
    call: &'a [u8],
    sequence: &'a [u8],
    from: &'a [u8],
    to: &'a [u8],
    agent: &'a [u8],
    session: &'a [u8],
    length: &'a [u8],
}

impl<'a> Told<'a> {
    /// Notes a header, by its long or short name; `false` when it is none of these.
    fn set(&mut self, name: &[u8], value: &'a [u8]) -> bool {
        let place = match name.len() {
            1 => match name[0].to_ascii_lowercase() {
                b'i' => &mut self.call,
                b'f' => &mut self.from,
                b't' => &mut self.to,
                b'l' => &mut self.length,
                _ => return true,
            },
            _ if name.eq_ignore_ascii_case(b"Call-ID") => &mut self.call,
            _ if name.eq_ignore_ascii_case(b"CSeq") => &mut self.sequence,
            _ if name.eq_ignore_ascii_case(b"From") => &mut self.from,
            _ if name.eq_ignore_ascii_case(b"To") => &mut self.to,
            _ if name.eq_ignore_ascii_case(b"User-Agent") => &mut self.agent,
            _ if name.eq_ignore_ascii_case(b"Server") => &mut self.agent,
            _ if name.eq_ignore_ascii_case(b"Session") => &mut self.session,
            _ if name.eq_ignore_ascii_case(b"Content-Length") => &mut self.length,
            _ => return false,
        };
        if place.is_empty() {
            *place = value;
        }
        true
    }
}

/// FNV-1a, going on from `hash`.
fn hash(hash: u64, text: &[u8]) -> u64 {
    text.iter().fold(hash, |hash, b| (hash ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// The address in `"name" <sip:address>;tag=...`.
fn address(party: &[u8]) -> &[u8] {
    if let Some(open) = memchr::memchr(b'<', party) {
        let rest = &party[open + 1..];
        return &rest[..memchr::memchr(b'>', rest).unwrap_or(rest.len())];
    }
    text::trim_end(&party[..memchr::memchr(b';', party).unwrap_or(party.len())])
}

/// The parameter `tag` of a party.
fn tag(party: &[u8]) -> &[u8] {
    let at = memchr::memmem::find(party, b"tag=").map_or(party.len(), |at| at + 4);
    let rest = &party[at..];
    &rest[..memchr::memchr2(b';', b' ', rest).unwrap_or(rest.len())]
}

/// The host of a URI, without user and port.
fn host(target: &[u8]) -> &[u8] {
    let rest = memchr::memchr(b':', target).map_or(target, |at| &target[at + 1..]);
    let rest = rest.strip_prefix(b"//").unwrap_or(rest);
    let end = rest.iter().position(|b| b"/;?>".contains(b)).unwrap_or(rest.len());
    let rest = &rest[..end];
    let rest = memchr::memrchr(b'@', rest).map_or(rest, |at| &rest[at + 1..]);
    if rest.starts_with(b"[") {
        return &rest[..memchr::memchr(b']', rest).map_or(rest.len(), |at| at + 1)];
    }
    &rest[..memchr::memchr(b':', rest).unwrap_or(rest.len())]
}

impl<const RTSP: bool> Heads<RTSP> {
    const PROTOCOL: L7Protocol = if RTSP { L7Protocol::Rtsp } else { L7Protocol::Sip };
    const VERSION: &'static [u8] = if RTSP { b"RTSP/1.0" } else { b"SIP/2.0" };
    const METHODS: &'static [&'static [u8]] = if RTSP { &RTSP_METHODS } else { &SIP_METHODS };

    /// A parser at the start of a message in both directions.
    pub fn new(options: &Options, carrier: Carrier) -> Self {
        Self {
            sides: [Counted::default(), Counted::default()],
            is_datagram: carrier.is_datagram(),
            trace: options.trace.clone(),
        }
    }

    fn method(bytes: &[u8]) -> Option<&'static [u8]> {
        let fits = |m: &&&[u8]| bytes.get(m.len()) == Some(&b' ') && bytes.starts_with(m);
        Self::METHODS.iter().find(fits).copied()
    }

    /// Can these few bytes become a first line?
    fn may_begin(bytes: &[u8]) -> bool {
        let begins = |with: &[u8]| {
            bytes[..bytes.len().min(with.len())] == with[..bytes.len().min(with.len())]
        };
        match Self::method(bytes) {
            Some(method) => {
                let target = &bytes[method.len() + 1..];
                let schemes: &[&[u8]] =
                    if RTSP { &[b"rtsp", b"*"] } else { &[b"sip:", b"sips:", b"tel:", b"urn:"] };
                schemes.iter().any(|s| {
                    let n = s.len().min(target.len());
                    target[..n].eq_ignore_ascii_case(&s[..n])
                })
            }
            None => {
                begins(Self::VERSION)
                    || Self::METHODS.iter().any(|m| bytes.len() <= m.len() && begins(m))
            }
        }
    }

    /// Reads a first line and says where headers begin.
    fn start(bytes: &[u8]) -> Read<'_> {
        let window = &bytes[..bytes.len().min(WINDOW)];
        let Some(end) = memchr::memchr(b'\n', window) else {
            let fits = window.len() < WINDOW && Self::may_begin(window);
            return if fits { Read::Short } else { Read::Bad };
        };
        let line = text::trim_end(&window[..end]);
        // Its front was believed by this, or would have been.
        if !Self::may_begin(line) {
            return Read::Bad;
        }
        let start = match Self::method(line) {
            Some(method) => {
                let rest = &line[method.len() + 1..];
                let target = rest.strip_suffix(Self::VERSION).and_then(|t| t.strip_suffix(b" "));
                let target = target.filter(|t| !t.is_empty() && !t.contains(&b' '));
                target.map(|target| Start::Request { method, target })
            }
            None => line.strip_prefix(Self::VERSION).and_then(|rest| {
                let [b' ', a @ b'1'..=b'6', b @ b'0'..=b'9', c @ b'0'..=b'9', rest @ ..] = rest
                else {
                    return None;
                };
                let code = [a, b, c].iter().fold(0, |n, d| n * 10 + i32::from(**d - b'0'));
                Some(Start::Answer { code, reason: text::trim(rest) })
            }),
        };
        start.map_or(Read::Bad, |start| Read::Start(start, end + 1))
    }

    fn head<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
        cut: bool,
    ) -> Step<'a> {
        let (start, from) = match Self::start(bytes) {
            Read::Start(start, from) => (start, from),
            Read::Short => return Step::More,
            Read::Bad => return self.lost(dir),
        };
        let window = &bytes[..bytes.len().min(WINDOW)];
        let mut told = Told::default();
        let mut carried = Carried::default();
        let mut at = from;
        let used = loop {
            let rest = &window[at..];
            let Some(n) = memchr::memchr(b'\n', rest) else {
                match cut {
                    true => break window.len(),
                    false if window.len() == WINDOW => return self.lost(dir),
                    false => return Step::More,
                }
            };
            let line = text::trim_end(&rest[..n]);
            at += n + 1;
            if line.is_empty() {
                break at;
            }
            // A line that goes on with the one before begins with a blank; none of those matter.
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = (text::trim_end(&line[..colon]), text::trim(&line[colon + 1..]));
            if !told.set(name, value) {
                carried.offer(name, value, &self.trace);
            }
        };
        let length = text::number(told.length).filter(|n| *n <= MAX_BODY);
        let body = length.unwrap_or(0);
        if !self.is_datagram {
            self.sides[dir as usize].leave(body);
        }
        if !RTSP {
            carried.request_id(told.call);
        }
        let mut message = self.message(dir, start, &told);
        message.length = Some(used as u64 + body);
        scratch.bytes.clear();
        message.trace = carried.context(&self.trace, &mut scratch.bytes);
        Step::Message { used: if self.is_datagram { bytes.len() } else { used }, message }
    }

    fn message<'a>(&self, dir: Direction, start: Start<'a>, told: &Told<'a>) -> Message<'a> {
        let number = text::number(told.sequence.split(|b| *b == b' ').next().unwrap_or(b""));
        let asks = matches!(start, Start::Request { .. });
        let id = if RTSP {
            // Both sides count by themselves.
            let from_server = asks == (dir == Direction::ToClient);
            number.unwrap_or(0) | u64::from(from_server) << 63
        } else {
            let id = hash(0xcbf2_9ce4_8422_2325, told.call);
            hash(hash(id, told.sequence), tag(told.from))
        };
        let base = Message {
            pairing: Pairing::ById(id),
            request_id: number,
            version: &Self::VERSION[Self::VERSION.len() - 3..],
            attributes: [
                ("from", address(told.from)),
                ("to", address(told.to)),
                ("user_agent", told.agent),
                ("session", told.session),
            ],
            ..Message::default()
        };
        match start {
            Start::Request { method, target } => Message {
                // Nobody answers an ACK.
                kind: if method == b"ACK" { MessageKind::Single } else { MessageKind::Request },
                request_type: method,
                request_domain: host(target),
                request_resource: target,
                endpoint: method,
                ..base
            },
            Start::Answer { code, reason } => {
                let status = match code {
                    400..500 | 600.. => ResponseStatus::ClientError,
                    500..600 => ResponseStatus::ServerError,
                    _ => ResponseStatus::Ok,
                };
                let ok = status == ResponseStatus::Ok;
                Message {
                    kind: if code < 200 { MessageKind::Interim } else { MessageKind::Response },
                    status,
                    response_code: Some(code),
                    exception: if ok { b"" } else { reason },
                    result: if ok { reason } else { b"" },
                    ..base
                }
            }
        }
    }

    fn lost<'a>(&mut self, dir: Direction) -> Step<'a> {
        self.sides[dir as usize].lose();
        Step::Lost
    }

    fn probe(bytes: &[u8]) -> Probe {
        if !Self::may_begin(bytes) {
            return Probe::NotForUs;
        }
        match Self::start(bytes) {
            Read::Start(Start::Request { .. }, _) => {
                Probe::Certain(Self::PROTOCOL, Direction::ToServer)
            }
            Read::Start(Start::Answer { .. }, _) => {
                Probe::Certain(Self::PROTOCOL, Direction::ToClient)
            }
            Read::Short => Probe::Unsure,
            Read::Bad => Probe::NotForUs,
        }
    }
}

impl<const RTSP: bool> Parser for Heads<RTSP> {
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        let side = &mut self.sides[dir as usize];
        if side.is_inside() {
            return Step::Skip { used: side.skip(bytes) };
        }
        if side.is_adrift() {
            return Step::Lost;
        }
        // Ends of lines keep a connection alive.
        let blank = bytes.iter().take_while(|b| matches!(b, b'\r' | b'\n' | 0)).count();
        if blank > 0 {
            return Step::Skip { used: blank };
        }
        if RTSP && bytes[0] == b'$' {
            // A packet of media among the messages.
            let Some([_, _, hi, lo]) = bytes.first_chunk() else { return Step::More };
            side.leave(u64::from(u16::from_be_bytes([*hi, *lo])));
            return Step::Skip { used: 4 };
        }
        let is_datagram = self.is_datagram;
        self.head(dir, bytes, scratch, is_datagram)
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        let side = &self.sides[dir as usize];
        let at_start = !side.is_inside() && !side.is_adrift();
        let step = if at_start { self.head(dir, bytes, scratch, true) } else { Step::Lost };
        self.sides[dir as usize].lose();
        match step {
            Step::Message { message, .. } => Some(message),
            _ => None,
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        self.is_datagram || self.sides[dir as usize].gap(len)
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            if matches!(Self::start(rest), Read::Start(..)) {
                self.sides[dir as usize].found();
                return Some(at);
            }
            at += memchr::memchr(b'\n', rest)? + 1;
        }
    }

    fn is_duplex(&self) -> bool {
        true
    }
}

/// Is this SIP, and which way does it go? Callees ask too; who asks first is taken for the client.
#[inline]
pub(crate) fn probe_sip(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    Sip::probe(bytes)
}

/// Is this RTSP, and which way does it go?
#[inline]
pub(crate) fn probe_rtsp(bytes: &[u8], _hint: Option<Direction>) -> Probe {
    Rtsp::probe(bytes)
}
