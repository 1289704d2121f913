//! Frames of ZMTP and what commands say.

use crate::reader::Reader;

const MORE: u8 = 1;
const LONG: u8 = 2;
const COMMAND: u8 = 4;
/// A part of a message that is longer is a broken length.
const MAX_LEN: u64 = 1 << 40;

/// A frame's header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) header: usize,
    pub(super) len: u64,
    pub(super) more: bool,
    pub(super) is_command: bool,
}

pub(super) enum Read {
    Short,
    Bad,
    Frame(Frame),
}

/// Reads the header of a frame.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Read {
    let Some(&flags) = bytes.first() else { return Read::Short };
    let is_command = flags & COMMAND != 0;
    if flags > (MORE | LONG | COMMAND) || is_command && flags & MORE != 0 {
        return Read::Bad;
    }
    let long = flags & LONG != 0;
    let len = match (long, &bytes[1..]) {
        (false, [len, ..]) => u64::from(*len),
        (true, rest) => match rest.first_chunk::<8>() {
            Some(len) => u64::from_be_bytes(*len),
            None if rest.iter().take(3).any(|b| *b != 0) => return Read::Bad,
            None => return Read::Short,
        },
        (false, []) => return Read::Short,
    };
    if len >= MAX_LEN {
        return Read::Bad;
    }
    let header = if long { 9 } else { 2 };
    Read::Frame(Frame { header, len, more: flags & MORE != 0, is_command })
}

/// Can `bytes`, which begin a segment, begin with a frame? Frames follow each other up to the end.
pub(super) fn is_plausible(bytes: &[u8]) -> bool {
    const MAX_FRAMES: usize = 64;
    let mut rest = bytes;
    for _ in 0..MAX_FRAMES {
        match read(rest) {
            Read::Bad => return false,
            Read::Short => return true,
            Read::Frame(frame) => {
                let total = frame.header as u64 + frame.len;
                match usize::try_from(total).ok().and_then(|n| rest.get(n..)) {
                    Some([]) => return true,
                    Some(behind) => rest = behind,
                    None => return frame.header > 2,
                }
            }
        }
    }
    true
}

/// A command's name and what it says.
pub(super) fn command(body: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = body.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(*len))?;
    let fits = !name.is_empty() && name.iter().all(u8::is_ascii_alphanumeric);
    fits.then_some((name, rest))
}

/// The type of a socket and its name, out of what READY says.
pub(super) fn ready(properties: &[u8]) -> (&[u8], &[u8]) {
    let (mut socket, mut identity): (&[u8], &[u8]) = (b"", b"");
    let mut r = Reader(properties);
    while let Some(len) = r.u8() {
        let (Some(name), Some(value)) = (r.take(usize::from(len)), r.text32()) else { break };
        if name.eq_ignore_ascii_case(b"socket-type") {
            socket = value;
        } else if name.eq_ignore_ascii_case(b"identity") {
            identity = value;
        }
    }
    (socket, identity)
}

/// A socket's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Socket {
    #[default]
    Unknown,
    Pair,
    Pub,
    Sub,
    Req,
    Rep,
    Dealer,
    Router,
    Pull,
    Push,
    XPub,
    XSub,
    /// Of the types that are drafts.
    Other,
}

const NAMES: [(Socket, &[u8]); 11] = [
    (Socket::Pair, b"PAIR"),
    (Socket::Pub, b"PUB"),
    (Socket::Sub, b"SUB"),
    (Socket::Req, b"REQ"),
    (Socket::Rep, b"REP"),
    (Socket::Dealer, b"DEALER"),
    (Socket::Router, b"ROUTER"),
    (Socket::Pull, b"PULL"),
    (Socket::Push, b"PUSH"),
    (Socket::XPub, b"XPUB"),
    (Socket::XSub, b"XSUB"),
];

impl Socket {
    pub(super) fn of(name: &[u8]) -> Self {
        let found = NAMES.iter().find(|(_, n)| n.eq_ignore_ascii_case(name));
        found.map_or(Self::Other, |(socket, _)| *socket)
    }

    /// By its number in version 2.
    pub(super) fn of_number(number: u8) -> Self {
        NAMES.get(usize::from(number)).map_or(Self::Other, |(socket, _)| *socket)
    }

    pub(super) fn name(self) -> &'static [u8] {
        NAMES.iter().find(|(socket, _)| *socket == self).map_or(b"", |(_, name)| name)
    }
}
