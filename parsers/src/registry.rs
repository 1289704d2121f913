//! Which protocol a flow speaks, and the one type that holds any parser. The stream stage calls
//! [`probe`] with a flow's first bytes and keeps an [`AnyParser`] from then on.

use crate::dns::{self, Dns};
use crate::http1::{self, Http1};
use crate::message::{Direction, L7Protocol, Message, Parser, Probe, Scratch, Step};

/// What parsers can be told, once for all flows. Cloning is cheap; give each shard its own.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// HTTP/1.
    pub http1: http1::Options,
}

/// A set of protocols to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Enabled(u8);

impl Enabled {
    /// Every protocol this crate knows.
    pub const ALL: Self = Self(0b11);
    /// None.
    pub const NONE: Self = Self(0);

    const fn bit(protocol: L7Protocol) -> u8 {
        match protocol {
            L7Protocol::Unknown => 0,
            L7Protocol::Http => 1,
            L7Protocol::Dns => 2,
        }
    }

    /// This set and `protocol`.
    #[must_use]
    pub const fn with(self, protocol: L7Protocol) -> Self {
        Self(self.0 | Self::bit(protocol))
    }

    /// This set without `protocol`.
    #[must_use]
    pub const fn without(self, protocol: L7Protocol) -> Self {
        Self(self.0 & !Self::bit(protocol))
    }

    /// Is `protocol` to be looked for?
    #[inline]
    pub const fn contains(self, protocol: L7Protocol) -> bool {
        self.0 & Self::bit(protocol) != 0
    }
}

impl Default for Enabled {
    fn default() -> Self {
        Self::ALL
    }
}

/// Tells the protocol of a flow by `bytes` that begin a segment or are one datagram.
///
/// `dir_hint` is what the flow stage believes of the direction (a SYN was seen, a port
/// scored); the answer's direction comes from the bytes and overrules it. [`Probe::Unsure`] is
/// only answered for streams, and at most until [`MAX_PROBE`] bytes are there.
#[inline]
pub fn probe(
    bytes: &[u8],
    is_datagram: bool,
    dir_hint: Option<Direction>,
    enabled: Enabled,
) -> Probe {
    let mut unsure = bytes.is_empty() && !is_datagram;
    if enabled.contains(L7Protocol::Http) && !is_datagram {
        match http1::probe(bytes, dir_hint) {
            Probe::NotForUs => {}
            Probe::Unsure => unsure = true,
            certain @ Probe::Certain(..) => return certain,
        }
    }
    if enabled.contains(L7Protocol::Dns) {
        let answer =
            if is_datagram { dns::probe_datagram(bytes) } else { dns::probe_stream(bytes) };
        match answer {
            Probe::NotForUs => {}
            Probe::Unsure => unsure = true,
            certain @ Probe::Certain(..) => return certain,
        }
    }
    if unsure && bytes.len() < MAX_PROBE { Probe::Unsure } else { Probe::NotForUs }
}

/// With this many bytes [`probe`] always decides: a request line of the length servers accept.
pub const MAX_PROBE: usize = 8 * 1024;

/// Any parser of this crate, without indirection.
#[derive(Debug)]
pub enum AnyParser {
    /// HTTP/1.0 and 1.1.
    Http1(Http1),
    /// DNS.
    Dns(Dns),
}

// Every flow with a known protocol holds one.
const _: () = assert!(size_of::<AnyParser>() <= 112);

impl AnyParser {
    /// A parser for one flow. `None` for [`L7Protocol::Unknown`].
    pub fn new(protocol: L7Protocol, is_datagram: bool, options: &Options) -> Option<Self> {
        match protocol {
            L7Protocol::Unknown => None,
            L7Protocol::Http => Some(Self::Http1(Http1::new(&options.http1))),
            L7Protocol::Dns => Some(Self::Dns(Dns::new(is_datagram))),
        }
    }

    /// What it parses.
    pub const fn protocol(&self) -> L7Protocol {
        match self {
            Self::Http1(_) => L7Protocol::Http,
            Self::Dns(_) => L7Protocol::Dns,
        }
    }
}

impl Parser for AnyParser {
    #[inline]
    fn step<'a>(&mut self, dir: Direction, bytes: &'a [u8], scratch: &'a mut Scratch) -> Step<'a> {
        match self {
            Self::Http1(p) => p.step(dir, bytes, scratch),
            Self::Dns(p) => p.step(dir, bytes, scratch),
        }
    }

    fn truncated<'a>(
        &mut self,
        dir: Direction,
        bytes: &'a [u8],
        scratch: &'a mut Scratch,
    ) -> Option<Message<'a>> {
        match self {
            Self::Http1(p) => p.truncated(dir, bytes, scratch),
            Self::Dns(p) => p.truncated(dir, bytes, scratch),
        }
    }

    fn gap(&mut self, dir: Direction, len: u64) -> bool {
        match self {
            Self::Http1(p) => p.gap(dir, len),
            Self::Dns(p) => p.gap(dir, len),
        }
    }

    fn resync(&mut self, dir: Direction, bytes: &[u8]) -> Option<usize> {
        match self {
            Self::Http1(p) => p.resync(dir, bytes),
            Self::Dns(p) => p.resync(dir, bytes),
        }
    }

    fn finish(&mut self, dir: Direction) -> Option<Message<'static>> {
        match self {
            Self::Http1(p) => p.finish(dir),
            Self::Dns(p) => p.finish(dir),
        }
    }
}
