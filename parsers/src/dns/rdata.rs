//! The records of a response: text of the answers, and the upper bits of the response code.

use super::{Header, MAX_RECORDS, be16, codes, name};
use std::io::Write;
use std::net::Ipv6Addr;

/// The result text stops growing here; more answers than fit say nothing new.
const MAX_TEXT: usize = 1024;

/// One record's fixed part.
struct Record {
    kind: u16,
    ttl: [u8; 4],
    /// Where its data begins and ends.
    data: std::ops::Range<usize>,
}

#[inline]
fn record(message: &[u8], at: usize) -> Option<Record> {
    let at = name::skip(message, at)?;
    let h = message.get(at..)?.first_chunk::<10>()?;
    let start = at + 10;
    let end = start + usize::from(u16::from_be_bytes([h[8], h[9]]));
    message.get(start..end)?;
    let ttl = [h[4], h[5], h[6], h[7]];
    Some(Record { kind: u16::from_be_bytes([h[0], h[1]]), ttl, data: start..end })
}

/// Appends the text of every answer, each behind one separator byte, and returns the response
/// code. A message cut short (or read in part) gives what is there.
#[inline]
pub(super) fn answers(message: &[u8], mut at: usize, header: Header, out: &mut Vec<u8>) -> u16 {
    let rcode = header.rcode();
    for _ in 1..header.questions {
        let Some(next) = name::skip(message, at) else { return rcode };
        at = next + 4;
    }
    let limit = out.len() + MAX_TEXT;
    for _ in 0..header.answers {
        let Some(r) = record(message, at) else { return rcode };
        at = r.data.end;
        let before = out.len();
        if before < limit && text(message, &r, out).is_none() {
            out.truncate(before);
        }
    }
    if header.additionals == 0 {
        return rcode;
    }
    // RFC 6891 6.1.3: EDNS, somewhere in the last section, has eight more bits of the code.
    let behind = usize::from(header.authorities) + usize::from(header.additionals);
    for _ in 0..behind.min(MAX_RECORDS) {
        let Some(r) = record(message, at) else { return rcode };
        at = r.data.end;
        if r.kind == codes::OPT {
            return rcode | u16::from(r.ttl[0]) << 4;
        }
    }
    rcode
}

/// Appends a separator and one record's data as text; nothing for types without a short one.
/// `None` when the data does not fit its type.
fn text(message: &[u8], record: &Record, out: &mut Vec<u8>) -> Option<()> {
    let data = &message[record.data.clone()];
    let at = record.data.start;
    let start = out.len();
    match record.kind {
        codes::A => {
            let &[a, b, c, d] = data else { return None };
            for byte in [a, b, c, d] {
                out.push(b'.');
                number(u32::from(byte), out);
            }
        }
        codes::AAAA => {
            let address: [u8; 16] = data.try_into().ok()?;
            out.push(b',');
            // Writing into a vector cannot fail.
            write!(out, "{}", Ipv6Addr::from(address)).ok()?;
        }
        codes::NS | codes::CNAME | codes::PTR | codes::DNAME | codes::SOA => {
            name::read(message, at, out)?;
        }
        codes::MX | codes::SVCB | codes::HTTPS => numbered(message, at, 1, out)?,
        codes::SRV => numbered(message, at, 3, out)?,
        codes::TXT => {
            out.push(b',');
            let mut rest = data;
            while let Some((&len, tail)) = rest.split_first() {
                let (string, tail) = tail.split_at_checked(usize::from(len))?;
                out.extend_from_slice(string);
                rest = tail;
            }
        }
        _ => return Some(()),
    }
    out[start] = b',';
    Some(())
}

/// A few 16-bit numbers and a name behind them.
fn numbered(message: &[u8], at: usize, numbers: usize, out: &mut Vec<u8>) -> Option<()> {
    for i in 0..numbers {
        out.push(b' ');
        number(u32::from(be16(message, at + 2 * i)?), out);
    }
    let separator = out.len();
    name::read(message, at + 2 * numbers, out)?;
    out[separator] = b' ';
    Some(())
}

/// Appends a number in decimal.
pub(super) fn number(n: u32, out: &mut Vec<u8>) {
    let mut digits = [0; 10];
    let mut at = digits.len();
    let mut n = n;
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}
