//! Telling MQTT from anything else, and finding a place again after a loss.

use super::packet::{
    self, CONNECT, Filters, Header, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, Wrong, header, is_topic,
};
use crate::bytes::Reader;
use crate::message::{Direction, L7Protocol, Probe};
use crate::trace::TraceOptions;

/// Packets that are looked at.
const MAX_PACKETS: usize = 32;
/// Longer names of topics are not believed.
const MAX_TOPIC: usize = 1024;

/// What bytes look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Looks {
    Like,
    Short,
    Unlike,
}

/// Is this MQTT, and which way does it go?
#[inline]
pub(crate) fn probe(bytes: &[u8], hint: Option<Direction>) -> Probe {
    let certain = |dir| Probe::Certain(L7Protocol::Mqtt, dir);
    let h = match header(bytes) {
        Ok(h) => h,
        Err(Wrong::Short) if bytes.len() < 2 || bytes[0] == CONNECT << 4 => return Probe::Unsure,
        Err(_) => return Probe::NotForUs,
    };
    let (looks, dir) = match h.kind {
        CONNECT => (connect(&h, bytes), Direction::ToServer),
        SUBSCRIBE | UNSUBSCRIBE => (filters(&h, bytes), Direction::ToServer),
        PUBLISH => (publish(&h, bytes), hint.unwrap_or(Direction::ToServer)),
        _ => return Probe::NotForUs,
    };
    match looks {
        Looks::Like if h.kind == CONNECT || chain(bytes) => certain(dir),
        Looks::Like | Looks::Unlike => Probe::NotForUs,
        Looks::Short => Probe::Unsure,
    }
}

/// The protocol's name and level, and a reserved flag.
fn connect(h: &Header, bytes: &[u8]) -> Looks {
    let body = &bytes[h.len..];
    let mut short = false;
    for (name, least) in [(&b"\0\x04MQTT"[..], 4), (b"\0\x06MQIsdp", 3)] {
        let there = body.len().min(name.len());
        if body[..there] != name[..there] {
            continue;
        }
        match body.get(name.len()..name.len() + 2) {
            Some([level, flags]) if (least..=5).contains(level) && flags & 1 == 0 => {
                return Looks::Like;
            }
            Some(_) => {}
            None => short = true,
        }
    }
    if short { Looks::Short } else { Looks::Unlike }
}

/// A packet's number, then filters with their options, and nothing else.
fn filters(h: &Header, bytes: &[u8]) -> Looks {
    if h.whole > 16 * 1024 {
        return Looks::Unlike;
    }
    let Some(body) = bytes.get(h.len..h.whole) else {
        return match bytes.get(h.len + 2..h.len + 4) {
            None => Looks::Short,
            Some([0, _]) => Looks::Short,
            Some(_) => Looks::Unlike,
        };
    };
    let fits = |five: bool| {
        let mut r = Reader(body);
        if r.u16().is_none_or(|id| id == 0) {
            return false;
        }
        if five && packet::properties(&mut r, TraceOptions::none()).is_none() {
            return false;
        }
        let mut all = Filters { rest: r, options: h.kind == SUBSCRIBE };
        let mut any = false;
        for filter in all.by_ref() {
            any = true;
            if filter.is_empty() || !is_topic(filter, true) {
                return false;
            }
        }
        // The options of each are two bits, and with MQTT 5 six.
        let options = body.last().is_some_and(|b| *b <= if five { 0x2e } else { 2 });
        any && all.rest.0.is_empty() && (options || h.kind == UNSUBSCRIBE)
    };
    if fits(false) || fits(true) { Looks::Like } else { Looks::Unlike }
}

/// A topic, and a number where the message is to be acknowledged.
fn publish(h: &Header, bytes: &[u8]) -> Looks {
    let mut r = Reader(&bytes[h.len..bytes.len().min(h.whole)]);
    let Some(len) = r.u16().map(usize::from) else { return Looks::Short };
    let number = if h.qos() > 0 { 2 } else { 0 };
    if !(1..=MAX_TOPIC).contains(&len) || h.len + 2 + len + number > h.whole {
        return Looks::Unlike;
    }
    let there = &r.0[..r.0.len().min(len)];
    if there.iter().any(|b| *b < b' ') {
        return Looks::Unlike;
    }
    let Some(topic) = r.take(len) else { return Looks::Short };
    let number = match number {
        0 => Some(1),
        _ => r.u16(),
    };
    match number {
        None => Looks::Short,
        Some(1..) if is_topic(topic, false) => Looks::Like,
        Some(_) => Looks::Unlike,
    }
}

/// Do packets follow each other to the end of `bytes`?
fn chain(bytes: &[u8]) -> bool {
    let mut at = 0;
    for _ in 0..MAX_PACKETS {
        let rest = &bytes[at..];
        match header(rest) {
            Ok(h) => {
                let odd = match h.kind {
                    PUBLISH => publish(&h, rest) == Looks::Unlike,
                    CONNECT => connect(&h, rest) == Looks::Unlike,
                    SUBSCRIBE | UNSUBSCRIBE => filters(&h, rest) == Looks::Unlike,
                    packet::PINGREQ | packet::PINGRESP => false,
                    // The others are short, but for their properties.
                    _ => h.whole > 1024,
                };
                if odd {
                    return false;
                }
                at += h.whole;
                if at >= bytes.len() {
                    return true;
                }
            }
            Err(Wrong::Short) => return true,
            Err(Wrong::Bad) => return false,
        }
    }
    true
}

/// Can `bytes`, which begin a segment, begin with a packet?
pub(super) fn begins(bytes: &[u8]) -> bool {
    header(bytes).is_ok() && chain(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{ToClient, ToServer};

    #[test]
    fn what_is_mqtt() {
        let mqtt = |dir| Probe::Certain(L7Protocol::Mqtt, dir);
        for (bytes, hint, want) in [
            (&b"\x10\x10\0\x04MQTT\x04\x02\0\x3c\0\x04test"[..], None, mqtt(ToServer)),
            (b"\x10\x12\0\x06MQIsdp\x03\x02\0\x3c\0\x04test", None, mqtt(ToServer)),
            (b"\x10\x10\0\x04MQ", None, Probe::Unsure),
            (b"\x10", None, Probe::Unsure),
            (b"\x10\x10\0\x04HTTP\x04\x02\0\x3c\0\x04test", None, Probe::NotForUs),
            (b"\x10\x10\0\x04MQTT\x09\x02\0\x3c\0\x04test", None, Probe::NotForUs),
            (b"\x82\x08\0\x01\0\x03a/+\0", None, mqtt(ToServer)),
            (b"\x82\x09\0\x01\0\0\x03a/+\x01", None, mqtt(ToServer)),
            (b"\x82\x08\0\x01\0\x03a/", None, Probe::Unsure),
            (b"\x82\x08\0\0\0\x03a/+\0", None, Probe::NotForUs),
            (b"\x30\x08\0\x03a/bhey", Some(ToClient), mqtt(ToClient)),
            (b"\x30\x08\0\x03a/bhey\xc0\0", None, mqtt(ToServer)),
            (b"\x30\x08\0\x03a/bhey\0\0", None, Probe::NotForUs),
            (b"\x32\x0a\0\x03a/b\0\x07hey", None, mqtt(ToServer)),
            (b"\x32\x0a\0\x03a/b\0\0hey", None, Probe::NotForUs),
            (b"\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\0\x80\0", None, Probe::NotForUs),
            (b"30 days\r\n", None, Probe::NotForUs),
        ] {
            assert_eq!(probe(bytes, hint), want, "{}", bytes.escape_ascii());
        }
    }
}
