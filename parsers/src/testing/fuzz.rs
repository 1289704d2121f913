//! What the fuzz targets run, so that their corpora are replayed by ordinary tests too.

use super::Driver;
use crate::headers::{self, Decap, DecodeError, Link};
use crate::message::{Direction, L7Protocol, Probe};
use crate::packet::Packet;
use crate::registry::{self, AnyParser, Enabled, Options};

/// Any bytes as a frame: no panic, and lengths that agree with the bytes given.
pub fn fuzz_headers(data: &[u8]) {
    let Some((&control, frame)) = data.split_first() else { return };
    let link = match control & 7 {
        1 => Link::LinuxSll,
        2 => Link::LinuxSll2,
        3 => Link::RawIp,
        4 => Link::Null,
        _ => Link::Ethernet,
    };
    let decap = if control & 8 != 0 { Decap::NONE } else { Decap::ALL };
    let wire_len = frame.len() as u32 + if control & 16 != 0 { 1000 } else { 0 };
    let mut packet = Packet::default();
    match headers::decode(link, frame, wire_len, 0, decap, &mut packet) {
        Ok(()) => {
            assert!(packet.payload.len() as u64 <= u64::from(packet.l4_payload_len));
            assert!(packet.l4_payload_len <= packet.l3_payload_len);
            assert!(packet.tunnel.tier <= headers::MAX_TUNNELS);
            assert!(decap != Decap::NONE || packet.tunnel.tier == 0);
        }
        Err(error) => assert_eq!(DecodeError::ALL[error.index()], error),
    }
}

/// Any bytes as two directions of an HTTP/1 connection.
pub fn fuzz_http1(data: &[u8]) {
    fuzz_stream(data, L7Protocol::Http);
}

/// Any bytes as DNS: one datagram, or two directions of a connection.
pub fn fuzz_dns(data: &[u8]) {
    match data.split_first() {
        Some((0, datagram)) => {
            if let Some(parser) = AnyParser::new(L7Protocol::Dns, true, &Options::default()) {
                let mut driver = Driver::new(parser, true);
                driver.feed(Direction::ToServer, datagram);
                let probe = registry::probe(datagram, true, None, Enabled::ALL);
                if let Probe::Certain(..) = probe {
                    assert_eq!(driver.messages.len(), 1, "detected, but not parsed");
                }
            }
        }
        Some((_, stream)) => fuzz_stream(stream, L7Protocol::Dns),
        None => {}
    }
}

enum Event<'a> {
    Bytes(Direction, &'a [u8]),
    Gap(Direction, u64),
    Finish(Direction),
}

/// Takes a script from the input: a control byte (direction, kind), a length byte, bytes.
fn events(mut data: &[u8]) -> Vec<Event<'_>> {
    let mut all = Vec::new();
    while let [control, len, rest @ ..] = data {
        let dir = if control & 1 == 0 { Direction::ToServer } else { Direction::ToClient };
        let len = usize::from(*len) * if control & 2 == 0 { 1 } else { 16 };
        data = rest;
        match control >> 2 & 15 {
            14 => all.push(Event::Gap(dir, len as u64)),
            15 => all.push(Event::Finish(dir)),
            _ => {
                let (chunk, rest) = data.split_at(len.min(data.len()));
                all.push(Event::Bytes(dir, chunk));
                data = rest;
            }
        }
    }
    all
}

/// Runs a script as it is and with every chunk cut into single bytes. When nothing was lost on
/// the way both runs must say the same.
fn fuzz_stream(data: &[u8], protocol: L7Protocol) {
    let events = events(data);
    let run = |step: usize| {
        let parser = AnyParser::new(protocol, false, &Options::default())?;
        let mut driver = Driver::new(parser, false);
        for event in &events {
            match *event {
                Event::Bytes(dir, bytes) => {
                    let _ = registry::probe(bytes, false, Some(dir), Enabled::ALL);
                    for part in bytes.chunks(step) {
                        driver.feed(dir, part);
                    }
                }
                Event::Gap(dir, len) => driver.gap(dir, len),
                Event::Finish(dir) => driver.finish(dir),
            }
        }
        Some(driver)
    };
    let (Some(whole), Some(split)) = (run(usize::MAX), run(1)) else { return };
    if whole.lost == 0 {
        assert_eq!(split.lost, 0, "a split lost the place");
        assert_eq!(whole.messages, split.messages, "a split changed the messages");
    }
}
