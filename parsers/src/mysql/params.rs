//! Bound parameters in the binary protocol: as text, where nothing is to be hidden.

use super::wire::Reader;
use std::io::Write;

const TINY: u8 = 1;
const SHORT: u8 = 2;
const LONG: u8 = 3;
const FLOAT: u8 = 4;
const DOUBLE: u8 = 5;
const NULL: u8 = 6;
const TIMESTAMP: u8 = 7;
const LONGLONG: u8 = 8;
const INT24: u8 = 9;
const DATE: u8 = 10;
const TIME: u8 = 11;
const DATETIME: u8 = 12;
const YEAR: u8 = 13;
const UNSIGNED: u16 = 0x8000;

/// Parameters that are shown of one execution.
const MAX_SHOWN: usize = 64;
/// Bytes of one that are shown.
const MAX_TEXT: usize = 512;

/// One value's bytes.
pub(super) fn raw<'a>(r: &mut Reader<'a>, kind: u8) -> Option<&'a [u8]> {
    match kind {
        TINY => r.take(1),
        SHORT | YEAR => r.take(2),
        LONG | INT24 | FLOAT => r.take(4),
        DOUBLE | LONGLONG => r.take(8),
        NULL => Some(b""),
        DATE | TIME | DATETIME | TIMESTAMP => {
            let len = r.u8()?;
            r.take(usize::from(len))
        }
        _ => r.text(),
    }
}

/// Appends the parameters of a COM_STMT_EXECUTE, whose `body` begins behind the iteration count,
/// as a list. Types are only there when they are sent anew; without them nothing is known.
pub(super) fn write(body: &[u8], count: u16, named: bool, out: &mut Vec<u8>) -> Option<()> {
    let mut r = Reader(body);
    let count = if named { usize::try_from(r.number()?).ok()? } else { usize::from(count) };
    let nulls = r.take(count.div_ceil(8))?;
    if r.u8()? != 1 {
        return None;
    }
    let mut kinds = [0u16; MAX_SHOWN];
    for i in 0..count {
        let kind = r.u16()?;
        if named {
            r.text()?;
        }
        if let Some(place) = kinds.get_mut(i) {
            *place = kind;
        }
    }
    for (i, kind) in kinds.into_iter().enumerate().take(count) {
        if i > 0 {
            out.extend_from_slice(b", ");
        }
        if nulls[i / 8] >> (i % 8) & 1 == 1 {
            out.extend_from_slice(b"NULL");
        } else {
            let value = raw(&mut r, kind as u8)?;
            one(kind, value, out);
        }
    }
    Some(())
}

fn one(kind: u16, value: &[u8], out: &mut Vec<u8>) {
    let signed = kind & UNSIGNED == 0;
    let mut wide = [0; 8];
    let n = value.len().min(8);
    wide[..n].copy_from_slice(&value[..n]);
    let number = u64::from_le_bytes(wide);
    let shift = 64 - 8 * n as u32;
    // Writing to memory cannot fail.
    let _ = match kind as u8 {
        TINY | SHORT | YEAR | LONG | INT24 | LONGLONG if signed && n > 0 => {
            write!(out, "{}", (number << shift) as i64 >> shift)
        }
        TINY | SHORT | YEAR | LONG | INT24 | LONGLONG => write!(out, "{number}"),
        FLOAT => write!(out, "{}", f32::from_bits(number as u32)),
        DOUBLE => write!(out, "{}", f64::from_bits(number)),
        NULL => write!(out, "NULL"),
        TIME => time(value, out),
        DATE | DATETIME | TIMESTAMP => date(value, out),
        _ => {
            out.push(b'\'');
            out.extend_from_slice(&value[..value.len().min(MAX_TEXT)]);
            out.write_all(b"'")
        }
    };
}

fn date(value: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
    let at = |i: usize| value.get(i).copied().unwrap_or(0);
    write!(out, "'{:04}-{:02}-{:02}", u16::from_le_bytes([at(0), at(1)]), at(2), at(3))?;
    if value.len() > 4 {
        write!(out, " {:02}:{:02}:{:02}", at(4), at(5), at(6))?;
    }
    out.write_all(b"'")
}

fn time(value: &[u8], out: &mut Vec<u8>) -> std::io::Result<()> {
    let at = |i: usize| value.get(i).copied().unwrap_or(0);
    let days = u32::from_le_bytes([at(1), at(2), at(3), at(4)]);
    let hours = u64::from(days) * 24 + u64::from(at(5));
    let sign = if at(0) == 1 { "-" } else { "" };
    write!(out, "'{sign}{hours:02}:{:02}:{:02}'", at(6), at(7))
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn values_as_text() {
        let mut body = vec![0b0000_0010, 1];
        for kind in [0x0003u16, 0x0003, 0x8001, 0x00fe, 0x0005, 0x000c, 0x000b] {
            body.extend(kind.to_le_bytes());
        }
        body.extend((-5i32).to_le_bytes());
        body.push(200);
        body.extend(b"\x03abc");
        body.extend(1.5f64.to_le_bytes());
        body.extend([7, 0xe8, 7, 2, 3, 4, 5, 6]);
        body.extend([8, 1, 1, 0, 0, 0, 2, 3, 4]);
        let mut out = Vec::new();
        write(&body, 7, false, &mut out).unwrap();
        let text = std::str::from_utf8(&out).unwrap();
        assert_eq!(text, "-5, NULL, 200, 'abc', 1.5, '2024-02-03 04:05:06', '-26:03:04'");
        for n in 0..body.len() {
            assert!(write(&body[..n], 7, false, &mut Vec::new()).is_none(), "{n}");
        }
    }
}
