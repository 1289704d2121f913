//! The binary protocol (BinaryProtocolRevamped): a header of 24 bytes, extras, key, value.

use crate::keys;
use crate::message::{Direction, Message, MessageKind, ResponseStatus};

pub(super) const HEADER: usize = 24;
/// Keys have at most 250 bytes.
const MAX_KEY: usize = 250;
/// Extras have at most 20.
const MAX_EXTRAS: usize = 32;
/// Values have at most 1 GiB.
const MAX_BODY: usize = 1 << 30;
const STAT: u8 = 0x10;

/// Names as in the text protocol where there are such; the flag: answered only when there is
/// something to say.
const COMMANDS: [(&[u8], bool); 0x25] = [
    (b"get", false),
    (b"set", false),
    (b"add", false),
    (b"replace", false),
    (b"delete", false),
    (b"incr", false),
    (b"decr", false),
    (b"quit", false),
    (b"flush_all", false),
    (b"getq", true),
    (b"noop", false),
    (b"version", false),
    (b"getk", false),
    (b"getkq", true),
    (b"append", false),
    (b"prepend", false),
    (b"stats", false),
    (b"setq", true),
    (b"addq", true),
    (b"replaceq", true),
    (b"deleteq", true),
    (b"incrq", true),
    (b"decrq", true),
    (b"quitq", true),
    (b"flush_allq", true),
    (b"appendq", true),
    (b"prependq", true),
    (b"verbosity", false),
    (b"touch", false),
    (b"gat", false),
    (b"gatq", true),
    (b"hello", false),
    (b"sasl_list_mechs", false),
    (b"sasl_auth", false),
    (b"sasl_step", false),
    (b"gatk", false),
    (b"gatkq", true),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Short,
    Bad,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) opcode: u8,
    key: usize,
    extras: usize,
    status: u16,
    /// Bytes behind the header.
    pub(super) body: usize,
}

/// Reads a header of this direction.
#[inline]
pub(super) fn head(bytes: &[u8], dir: Direction) -> Result<Head, Wrong> {
    let magic = if dir == Direction::ToServer { 0x80 } else { 0x81 };
    if bytes.first().is_some_and(|m| *m != magic) {
        return Err(Wrong::Bad);
    }
    let h = bytes.first_chunk::<HEADER>().ok_or(Wrong::Short)?;
    let head = Head {
        opcode: h[1],
        key: usize::from(u16::from_be_bytes([h[2], h[3]])),
        extras: usize::from(h[4]),
        status: u16::from_be_bytes([h[6], h[7]]),
        body: u32::from_be_bytes([h[8], h[9], h[10], h[11]]) as usize,
    };
    let fits =
        head.key <= MAX_KEY && head.extras <= MAX_EXTRAS && head.key + head.extras <= head.body;
    if fits && head.body <= MAX_BODY && h[5] == 0 { Ok(head) } else { Err(Wrong::Bad) }
}

impl Head {
    /// A command that this knows, with extras of the length that it takes in a request.
    pub(super) fn is_plausible_request(&self) -> bool {
        let extras = match self.opcode {
            0x01..=0x03 | 0x11..=0x13 => self.extras == 8,
            0x05 | 0x06 | 0x15 | 0x16 => self.extras == 20,
            0x08 | 0x18 | 0x1b | 0x1c..=0x1e | 0x23 | 0x24 => matches!(self.extras, 0 | 4),
            _ => self.extras == 0,
        };
        let key = match self.opcode {
            0x00..=0x06 | 0x09 | 0x0c..=0x0f | 0x11..=0x16 | 0x19 | 0x1a => self.key > 0,
            0x07 | 0x0a | 0x0b => self.key == 0 && self.body == 0,
            _ => true,
        };
        usize::from(self.opcode) < COMMANDS.len() && extras && key
    }

    /// A status that this knows.
    pub(super) fn is_plausible_answer(&self) -> bool {
        usize::from(self.opcode) < COMMANDS.len()
            && matches!(self.status, 0..=8 | 0x20 | 0x21 | 0x81..=0x86)
    }

    pub(super) fn is_quiet(&self) -> bool {
        COMMANDS.get(usize::from(self.opcode)).is_some_and(|c| c.1)
    }

    /// Statistics come one by one, the last one empty.
    pub(super) fn continues(&self) -> bool {
        self.opcode == STAT && self.status == 0 && self.key > 0
    }

    /// Bytes of the body that are read: a key, or an error's text.
    pub(super) fn reads(&self) -> usize {
        if self.status == 0 { self.extras + self.key } else { self.body.min(MAX_KEY + MAX_EXTRAS) }
    }

    #[inline]
    pub(super) fn request<'a>(&self, body: &'a [u8], out: &'a mut Vec<u8>) -> Message<'a> {
        let name = COMMANDS.get(usize::from(self.opcode)).map_or(&b"unknown"[..], |c| c.0);
        let key = body.get(self.extras..).unwrap_or(b"");
        let key = &key[..key.len().min(self.key)];
        out.extend_from_slice(name);
        if !key.is_empty() {
            out.push(b' ');
            out.extend_from_slice(key);
        }
        let resource = out.len();
        out.extend_from_slice(name);
        if !key.is_empty() {
            out.push(b' ');
            keys::pattern(key, out);
        }
        let (resource, endpoint) = out.split_at(resource);
        Message { request_type: name, request_resource: resource, endpoint, ..Message::default() }
    }

    #[inline]
    pub(super) fn answer<'a>(&self, body: &'a [u8]) -> Message<'a> {
        let status = match self.status {
            // Nothing found, there already, not stored: answers as good as any.
            0 | 1 | 2 | 5 => ResponseStatus::Ok,
            3 | 4 | 6 | 8 | 0x20 | 0x21 | 0x81 | 0x83 => ResponseStatus::ClientError,
            _ => ResponseStatus::ServerError,
        };
        let text = if self.status == 0 { b"" } else { body.get(self.extras..).unwrap_or(b"") };
        let ok = status == ResponseStatus::Ok;
        Message {
            kind: MessageKind::Response,
            status,
            response_code: Some(i32::from(self.status)),
            exception: if ok { b"" } else { text },
            result: if ok { text } else { b"" },
            ..Message::default()
        }
    }
}
