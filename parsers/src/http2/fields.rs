//! Which header fields are looked at, and the fields of one block.

use crate::trace::{Found, TraceOptions};

/// Names longer than this are not those of any field that is looked at; custom trace headers
/// may be this long.
pub(super) const MAX_NAME: usize = 64;

/// A field that is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Slot {
    Method,
    Path,
    Authority,
    Status,
    ContentType,
    UserAgent,
    Referer,
    XRequestId,
    ForwardedFor,
    GrpcStatus,
    GrpcMessage,
    Host,
    /// Any header of Dubbo's Triple.
    Triple,
    /// The first trace header.
    Trace,
}

const SLOTS: usize = Slot::Trace as usize + crate::trace::SLOTS;

/// What is known of a field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It is looked at.
    Slot(u8),
    /// Another pseudo-header.
    Pseudo,
    /// Nobody asks for it.
    Other,
    /// It stands in a part of the table that was not seen.
    Unknown,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Text {
    #[default]
    None,
    /// In the block: offset and length.
    Wire(u32, u32),
    /// In the static table.
    Static(u8),
    /// Decoded: offset and length.
    Out(u32, u32),
}

impl Text {
    pub(super) fn resolve<'t>(self, block: &'t [u8], out: &'t [u8]) -> &'t [u8] {
        let (text, at, len) = match self {
            Self::None => return b"",
            Self::Static(index) => return STATIC[usize::from(index) - 1].1,
            Self::Wire(at, len) => (block, at as usize, len as usize),
            Self::Out(at, len) => (out, at as usize, len as usize),
        };
        &text[at..at + len]
    }
}

const fn slot(slot: Slot) -> Name {
    Name::Slot(slot as u8)
}

/// The static table (RFC 7541, appendix A), as far as it matters here.
pub(super) static STATIC: [(Name, &[u8]); 61] = {
    let mut table: [(Name, &[u8]); 61] = [(Name::Other, b""); 61];
    table[0] = (slot(Slot::Authority), b"");
    table[1] = (slot(Slot::Method), b"GET");
    table[2] = (slot(Slot::Method), b"POST");
    table[3] = (slot(Slot::Path), b"/");
    table[4] = (slot(Slot::Path), b"/index.html");
    table[5] = (Name::Pseudo, b"http");
    table[6] = (Name::Pseudo, b"https");
    table[7] = (slot(Slot::Status), b"200");
    table[8] = (slot(Slot::Status), b"204");
    table[9] = (slot(Slot::Status), b"206");
    table[10] = (slot(Slot::Status), b"304");
    table[11] = (slot(Slot::Status), b"400");
    table[12] = (slot(Slot::Status), b"404");
    table[13] = (slot(Slot::Status), b"500");
    table[30] = (slot(Slot::ContentType), b"");
    table[37] = (slot(Slot::Host), b"");
    table[50] = (slot(Slot::Referer), b"");
    table[57] = (slot(Slot::UserAgent), b"");
    table
};

/// The fields of one block that are looked at.
#[derive(Debug)]
pub(super) struct Fields<'o> {
    trace: &'o TraceOptions,
    values: [Text; SLOTS],
    seen: u32,
    /// Some field's name or value is unknown.
    pub(super) unknown: bool,
    /// A field that is no pseudo-header was seen: no pseudo-header follows (RFC 9113 8.3).
    regular: bool,
    /// A pseudo-header behind other fields, or twice: no peer accepts that.
    pub(super) malformed: bool,
}

impl<'o> Fields<'o> {
    pub(super) fn new(trace: &'o TraceOptions) -> Self {
        Self {
            trace,
            values: [Text::None; SLOTS],
            seen: 0,
            unknown: false,
            regular: false,
            malformed: false,
        }
    }

    /// What a name, as it stands in a block, is; `None` when it cannot be a name.
    pub(super) fn name(&self, name: &[u8]) -> Option<Name> {
        let known = match name {
            b":method" => Slot::Method,
            b":path" => Slot::Path,
            b":authority" => Slot::Authority,
            b":status" => Slot::Status,
            b"content-type" => Slot::ContentType,
            b"user-agent" => Slot::UserAgent,
            b"referer" => Slot::Referer,
            b"x-request-id" => Slot::XRequestId,
            b"x-forwarded-for" => Slot::ForwardedFor,
            b"grpc-status" => Slot::GrpcStatus,
            b"grpc-message" => Slot::GrpcMessage,
            b"host" => Slot::Host,
            [b't', b'r', b'i', b'-', ..] => Slot::Triple,
            [b':', rest @ ..] if is_name(rest) => return Some(Name::Pseudo),
            _ if !is_name(name) => return None,
            _ => {
                let trace = self.trace.slot(name).map(|n| Name::Slot(Slot::Trace as u8 + n as u8));
                return Some(trace.unwrap_or(Name::Other));
            }
        };
        Some(slot(known))
    }

    /// Is the value of a field of this name still wanted?
    pub(super) fn wants(&self, name: Name) -> bool {
        match name {
            Name::Slot(n) => self.seen & 1 << n == 0,
            // Only the path begins as a path does, among the pseudo-headers.
            Name::Unknown => !self.regular && self.wants(slot(Slot::Path)),
            Name::Pseudo | Name::Other => false,
        }
    }

    /// A name that was not seen is that of the path when its value is one.
    pub(super) fn infer(&self, name: Name, value: &[u8]) -> Name {
        let is_path = name == Name::Unknown && self.wants(name) && value.first() == Some(&b'/');
        if is_path { slot(Slot::Path) } else { name }
    }

    pub(super) fn set(&mut self, name: Name, text: Text) {
        let pseudo = match name {
            Name::Slot(n) => {
                let pseudo = n <= Slot::Status as u8;
                if self.seen & 1 << n == 0 {
                    self.seen |= 1 << n;
                    self.values[usize::from(n)] = text;
                } else {
                    self.malformed |= pseudo;
                }
                pseudo
            }
            Name::Pseudo => true,
            Name::Other => false,
            Name::Unknown => {
                self.unknown = true;
                return;
            }
        };
        self.malformed |= pseudo && self.regular;
        self.regular |= !pseudo;
    }

    pub(super) fn has(&self, slot: Slot) -> bool {
        self.seen & 1 << slot as u8 != 0
    }

    pub(super) fn get<'t>(&self, slot: Slot, block: &'t [u8], out: &'t [u8]) -> &'t [u8] {
        self.values[slot as usize].resolve(block, out)
    }

    /// The trace headers.
    pub(super) fn trace<'t>(&self, block: &'t [u8], out: &'t [u8]) -> Found<'t> {
        let mut found = Found::default();
        for (i, text) in self.values[Slot::Trace as usize..].iter().enumerate() {
            if self.seen & 1 << (Slot::Trace as usize + i) != 0 {
                found.set(i, text.resolve(block, out));
            }
        }
        found
    }
}

/// RFC 9113 8.2.1: field names are tokens without capital letters.
fn is_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&b| crate::text::is_token(b) && !b.is_ascii_uppercase())
}
