//! Who a certificate is for, who issued it and how long it holds (RFC 5280): a walk over the few
//! fields of X.509 that reach rows. Everything else is stepped over; nothing is verified.

use super::read::Reader;
use crate::message::Facts;

const BOOLEAN: u8 = 0x01;
const OCTET_STRING: u8 = 0x04;
const OBJECT_ID: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const BMP_STRING: u8 = 0x1e;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const EXTENSIONS: u8 = 0xa3;
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;

/// 2.5.29.17
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// Parts of a name that are kept.
const MAX_PARTS: usize = 16;
/// Bytes kept of a name, and of the list of further names.
const MAX_TEXT: usize = 512;

/// Names of the columns for one side's certificate.
#[derive(Debug)]
pub(crate) struct Names {
    subject: &'static str,
    issuer: &'static str,
    not_before: &'static str,
    not_after: &'static str,
    alt_names: &'static str,
    valid_days: &'static str,
}

/// The server's.
pub(crate) const SERVER: Names = Names {
    subject: "server_cert_subject",
    issuer: "server_cert_issuer",
    not_before: "server_cert_not_before",
    not_after: "server_cert_not_after",
    alt_names: "server_cert_san",
    valid_days: "server_cert_valid_days",
};

/// The client's.
pub(crate) const CLIENT: Names = Names {
    subject: "client_cert_subject",
    issuer: "client_cert_issuer",
    not_before: "client_cert_not_before",
    not_after: "client_cert_not_after",
    alt_names: "client_cert_san",
    valid_days: "client_cert_valid_days",
};

/// One element of DER: its tag, and its content as far as the bytes go.
fn element<'a>(r: &mut Reader<'a>) -> Option<(u8, &'a [u8])> {
    let tag = r.u8()?;
    let len = match r.u8()? {
        short @ 0..=0x7f => usize::from(short),
        0x81 => r.u8()?.into(),
        0x82 => r.u16()?.into(),
        0x83 => r.u24()? as usize,
        _ => return None,
    };
    let (content, rest) = r.0.split_at(len.min(r.0.len()));
    r.0 = rest;
    Some((tag, content))
}

fn expect<'a>(r: &mut Reader<'a>, tag: u8) -> Option<&'a [u8]> {
    let (found, content) = element(r)?;
    (found == tag).then_some(content)
}

/// Adds what a certificate says to `facts`, as far as its bytes go. `out` is space.
pub(crate) fn describe(bytes: &[u8], names: &Names, facts: &mut Facts, out: &mut Vec<u8>) {
    let _ = read(bytes, names, facts, out);
}

fn read(bytes: &[u8], names: &Names, facts: &mut Facts, out: &mut Vec<u8>) -> Option<()> {
    let certificate = expect(&mut Reader(bytes), SEQUENCE)?;
    let mut r = Reader(expect(&mut Reader(certificate), SEQUENCE)?);
    let (tag, _) = element(&mut r)?;
    if tag == VERSION {
        // The serial number follows the version, where there is one.
        element(&mut r)?;
    }
    expect(&mut r, SEQUENCE)?;
    let issuer = expect(&mut r, SEQUENCE)?;
    let mut validity = Reader(expect(&mut r, SEQUENCE)?);
    let subject = expect(&mut r, SEQUENCE)?;

    name(subject, out);
    facts.attribute(names.subject, out);
    name(issuer, out);
    facts.attribute(names.issuer, out);
    let (from, until) = (time(&mut validity), time(&mut validity));
    for (name, seconds) in [(names.not_before, from), (names.not_after, until)] {
        if let Some(seconds) = seconds {
            calendar(seconds, out);
            facts.attribute(name, out);
        }
    }
    if let Some(until) = until {
        facts.days_until(names.valid_days, until);
    }
    expect(&mut r, SEQUENCE)?;
    while let Some((tag, content)) = element(&mut r) {
        if tag == EXTENSIONS {
            alt_names(content, out);
            facts.attribute(names.alt_names, out);
        }
    }
    Some(())
}

/// A name as RFC 4514 writes it, but in the order in which it stands.
fn name(parts: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut parts = Reader(parts);
    for _ in 0..MAX_PARTS {
        let Some(set) = expect(&mut parts, SET) else { return };
        let Some(pair) = expect(&mut Reader(set), SEQUENCE) else { return };
        let mut pair = Reader(pair);
        let Some(id) = expect(&mut pair, OBJECT_ID) else { return };
        let (Some(kind), Some((tag, text))) = (part(id), element(&mut pair)) else { continue };
        if out.len() + text.len() > MAX_TEXT {
            return;
        }
        if !out.is_empty() {
            out.push(b',');
        }
        out.extend_from_slice(kind);
        out.push(b'=');
        match tag {
            BMP_STRING => {
                let units = super::read::u16s(text);
                for c in char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                {
                    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            UTF8_STRING => out.extend_from_slice(text),
            _ => out.extend(text.iter().map(|b| if b.is_ascii() { *b } else { b'?' })),
        }
    }
}

/// Attribute types of names that people look at.
const fn part(id: &[u8]) -> Option<&'static [u8]> {
    Some(match id {
        [0x55, 4, 3] => b"CN",
        [0x55, 4, 6] => b"C",
        [0x55, 4, 7] => b"L",
        [0x55, 4, 8] => b"ST",
        [0x55, 4, 10] => b"O",
        [0x55, 4, 11] => b"OU",
        [0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 1, 25] => b"DC",
        _ => return None,
    })
}

/// Host names and addresses of the extension that lists them.
fn alt_names(extensions: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let Some(list) = expect(&mut Reader(extensions), SEQUENCE) else { return };
    let mut list = Reader(list);
    while let Some(extension) = expect(&mut list, SEQUENCE) {
        let mut r = Reader(extension);
        if expect(&mut r, OBJECT_ID) != Some(SUBJECT_ALT_NAME) {
            continue;
        }
        let value = match element(&mut r) {
            Some((OCTET_STRING, value)) => value,
            Some((BOOLEAN, _)) => expect(&mut r, OCTET_STRING).unwrap_or_default(),
            _ => return,
        };
        let mut names = Reader(expect(&mut Reader(value), SEQUENCE).unwrap_or_default());
        while let Some((tag, value)) = element(&mut names) {
            if !matches!(tag, DNS_NAME | IP_ADDRESS) {
                continue;
            }
            let before = out.len();
            if before > 0 {
                out.push(b',');
            }
            match (tag, value.len()) {
                (DNS_NAME, _) => {
                    out.extend(value.iter().map(|b| if b.is_ascii_graphic() { *b } else { b'?' }));
                }
                (_, 4 | 16) => address(value, out),
                _ => {}
            }
            if out.len() > MAX_TEXT {
                return out.truncate(before);
            }
        }
        return;
    }
}

fn address(bytes: &[u8], out: &mut Vec<u8>) {
    use std::io::Write;
    let _ = match bytes.first_chunk::<16>() {
        Some(long) => write!(out, "{}", std::net::Ipv6Addr::from(*long)),
        None => match bytes.first_chunk::<4>() {
            Some(short) => write!(out, "{}", std::net::Ipv4Addr::from(*short)),
            None => Ok(()),
        },
    };
}

/// Seconds since 1970 of the next time.
fn time(r: &mut Reader<'_>) -> Option<i64> {
    let (tag, text) = element(r)?;
    let two = |at: usize| match text.get(at..at + 2) {
        Some([a @ b'0'..=b'9', b @ b'0'..=b'9']) => Some(i64::from((a - b'0') * 10 + (b - b'0'))),
        _ => None,
    };
    let (year, at) = match tag {
        // RFC 5280 4.1.2.5.1: two digits mean 1950 to 2049.
        UTC_TIME => (two(0).map(|y| if y < 50 { 2000 + y } else { 1900 + y })?, 2),
        GENERALIZED_TIME => (two(0)? * 100 + two(2)?, 4),
        _ => return None,
    };
    let (month, day) = (two(at)?, two(at + 2)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let clock = two(at + 4)? * 3600 + two(at + 6)? * 60 + two(at + 8).unwrap_or(0);
    Some(days(year, month, day) * 86_400 + clock)
}

/// Days from 1970 to a date, by counting years from March on.
const fn days(year: i64, month: i64, day: i64) -> i64 {
    let (y, m) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) + (153 * m + 2) / 5 + day
        - 1
        - 719_468
}

/// A time as people write it.
fn calendar(seconds: i64, out: &mut Vec<u8>) {
    use std::io::Write;
    let (date, clock) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // The year is known but for one by the mean length of a year.
    let mut year = 1970 + date.div_euclid(366);
    while days(year + 1, 1, 1) <= date {
        year += 1;
    }
    let mut month = 12;
    while days(year, month, 1) > date {
        month -= 1;
    }
    let day = date - days(year, month, 1) + 1;
    out.clear();
    let (hour, minute, second) = (clock / 3600, clock / 60 % 60, clock % 60);
    let _ = write!(out, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, tag, seconds, shown) in [
            ("700101000000Z", UTC_TIME, 0, "1970-01-01 00:00:00 UTC"),
            ("491231235959Z", UTC_TIME, 2_524_607_999, "2049-12-31 23:59:59 UTC"),
            ("500101000000Z", UTC_TIME, -631_152_000, "1950-01-01 00:00:00 UTC"),
            ("240229120000Z", UTC_TIME, 1_709_208_000, "2024-02-29 12:00:00 UTC"),
            ("20500301010203Z", GENERALIZED_TIME, 2_529_709_323, "2050-03-01 01:02:03 UTC"),
            ("99991231235959Z", GENERALIZED_TIME, 253_402_300_799, "9999-12-31 23:59:59 UTC"),
        ] {
            let der = [&[tag, text.len() as u8], text.as_bytes()].concat();
            assert_eq!(time(&mut Reader(&der)), Some(seconds), "{text}");
            let mut out = Vec::new();
            calendar(seconds, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), shown);
        }
        assert_eq!(time(&mut Reader(b"\x17\x0d991331000000Z")), None);
    }
}
