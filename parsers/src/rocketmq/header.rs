//! A command's header, in JSON or in RocketMQ's own form (RocketMQSerializable).

use crate::json::{Json, Members};
use crate::reader::Reader;
use crate::text;

const ANSWER: u32 = 1;
const ONE_WAY: u32 = 2;
/// Length of a binary header without its texts.
const FIXED: usize = 21;

#[derive(Clone, Copy, Debug)]
enum Extra<'a> {
    Json(&'a [u8]),
    Binary(&'a [u8]),
}

/// A header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header<'a> {
    pub(super) code: i32,
    pub(super) opaque: u32,
    flags: u32,
    pub(super) version: &'a [u8],
    pub(super) remark: &'a [u8],
    extra: Extra<'a>,
}

/// What of the fields of commands is wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Fields<'a> {
    pub(super) topic: &'a [u8],
    pub(super) group: &'a [u8],
    pub(super) queue: &'a [u8],
    pub(super) properties: &'a [u8],
}

impl<'a> Fields<'a> {
    fn set(&mut self, is_short: bool, name: &[u8], value: &'a [u8]) {
        match name {
            b"topic" => self.topic = value,
            b"consumerGroup" | b"producerGroup" | b"group" => self.group = value,
            b"queueId" => self.queue = value,
            b"properties" => self.properties = value,
            // The second version of sending gives each field one letter.
            b"a" if is_short => self.group = value,
            b"b" if is_short => self.topic = value,
            b"e" if is_short => self.queue = value,
            b"i" if is_short => self.properties = value,
            _ => {}
        }
    }
}

impl<'a> Header<'a> {
    pub(super) fn is_answer(&self) -> bool {
        self.flags & ANSWER != 0
    }

    pub(super) fn is_one_way(&self) -> bool {
        self.flags & ONE_WAY != 0
    }

    pub(super) fn fields(&self) -> Fields<'a> {
        let is_short = super::code::is_short(self.code);
        let mut fields = Fields::default();
        match self.extra {
            Extra::Json(object) => {
                for (name, value) in Members::of(object) {
                    fields.set(is_short, name, value.plain());
                }
            }
            Extra::Binary(bytes) => {
                let mut r = Reader(bytes);
                while let (Some(name), Some(value)) = (r.text16(), r.text32()) {
                    fields.set(is_short, name, value);
                }
            }
        }
        fields
    }
}

/// May `text` be the front of a header in JSON?
pub(super) fn begins_json(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'{'] | [b'{', b'"', ..] => text.iter().take(64).all(|b| *b >= b' '),
        _ => false,
    }
}

/// May `text` be the front of a binary header of `len` bytes?
pub(super) fn begins_binary(text: &[u8], len: usize) -> bool {
    let at = |place: usize| Reader(text.get(place..).unwrap_or(b""));
    len >= FIXED
        && at(0).u16().is_none_or(|code| code < 2000)
        && at(2).u8().is_none_or(|language| language <= 13)
        && at(9).u32().is_none_or(|flags| flags < 4)
        && at(13).u32().is_none_or(|n| n as usize + FIXED <= len)
}

/// Reads a header. `None`: it is none.
#[inline]
pub(super) fn read(text: &[u8], is_json: bool) -> Option<Header<'_>> {
    if is_json { json(text) } else { binary(text) }
}

fn signed(value: Json<'_>) -> Option<i64> {
    let Json::Literal(digits) = value else { return None };
    let (negative, digits) = match digits.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, digits),
    };
    let n = i64::try_from(text::number(digits)?).ok()?;
    Some(if negative { -n } else { n })
}

fn json(text: &[u8]) -> Option<Header<'_>> {
    let [mut code, mut opaque, mut flags] = [None; 3];
    let [mut version, mut remark, mut extra]: [&[u8]; 3] = [b""; 3];
    for (name, value) in Members::of(text) {
        match (name, value) {
            (b"code", _) => code = signed(value),
            (b"opaque", _) => opaque = signed(value),
            (b"flag", _) => flags = signed(value),
            (b"version", Json::Literal(digits)) => version = digits,
            (b"remark", Json::Text(text)) => remark = text,
            (b"extFields", Json::Nested(object)) => extra = object,
            _ => {}
        }
    }
    Some(Header {
        code: i32::try_from(code?).ok()?,
        opaque: opaque? as u32,
        flags: u32::try_from(flags.unwrap_or(0)).ok()?,
        version,
        remark,
        extra: Extra::Json(extra),
    })
}

fn binary(text: &[u8]) -> Option<Header<'_>> {
    let mut r = Reader(text);
    let code = i32::from(r.u16()?);
    r.take(1 + 2)?;
    let opaque = r.u32()?;
    let flags = r.u32()?;
    let remark = r.text32()?;
    let extra = r.text32()?;
    let header = Header { code, opaque, flags, version: b"", remark, extra: Extra::Binary(extra) };
    r.0.is_empty().then_some(header)
}
