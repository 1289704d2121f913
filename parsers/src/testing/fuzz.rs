//! What the fuzz targets run, so that their corpora are replayed by ordinary tests too.

use super::Driver;
use crate::headers::{self, Decap, DecodeError, Link};
use crate::message::{Carrier, Direction, L7Protocol, Probe};
use crate::packet::Packet;
use crate::registry::{self, AnyParser, Look, Options};

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
    if let (Link::Ethernet, Some((ethernet, ip))) = (link, frame.split_at_checked(14))
        && matches!(ethernet[12..], [0x08, 0x00] | [0x86, 0xdd])
    {
        same_without_ethernet(&packet, ethernet, ip, wire_len, decap);
    }
}

/// The straight line for common frames against the general path: the same packet without its
/// Ethernet header must decode to the same.
fn same_without_ethernet(
    packet: &Packet<'_>,
    ethernet: &[u8],
    ip: &[u8],
    wire_len: u32,
    decap: Decap,
) {
    let version = if ethernet[12] == 0x08 { 4 } else { 6 };
    let mut raw = Packet::default();
    let decoded = headers::decode(Link::RawIp, ip, wire_len - 14, 0, decap, &mut raw);
    if decoded.is_err() || ip.first().is_none_or(|b| b >> 4 != version) {
        return;
    }
    let mut expected = *packet;
    if raw.tunnel.tier == 0 || raw.mac_src == [0; 6] {
        expected.mac_src = raw.mac_src;
        expected.mac_dst = raw.mac_dst;
    }
    if expected.wire_len != raw.wire_len {
        expected.wire_len -= 14;
    }
    expected.tunnel.mac_src = raw.tunnel.mac_src;
    expected.tunnel.mac_dst = raw.tunnel.mac_dst;
    assert_eq!(format!("{expected:?}"), format!("{raw:?}"));
}

/// Any bytes as what the parser of `protocol` is given: two directions of a connection, or one
/// datagram; where the protocol has both, the first byte says which.
///
/// # Panics
/// When the parser breaks its contract.
pub fn fuzz_protocol(protocol: L7Protocol, data: &[u8]) {
    let Some(entry) = registry::ENTRIES.iter().find(|e| e.protocol == protocol) else { return };
    let datagrams = Carrier::ALL.into_iter().find(|c| c.is_datagram() && entry.is_over(*c));
    match (entry.is_over(Carrier::Tcp), datagrams) {
        (true, None) => fuzz_stream(data, protocol),
        (false, Some(carrier)) => fuzz_datagrams(data, protocol, carrier),
        (true, Some(carrier)) => match data.split_first() {
            Some((0, datagram)) => fuzz_datagram(datagram, protocol, carrier),
            Some((1, several)) => fuzz_datagrams(several, protocol, carrier),
            Some((_, stream)) => fuzz_stream(stream, protocol),
            None => {}
        },
        // Only ever what another protocol turns into.
        (false, None) => fuzz_stream(data, protocol),
    }
}

fn fuzz_datagram(datagram: &[u8], protocol: L7Protocol, carrier: Carrier) {
    let Some(parser) = AnyParser::new(protocol, carrier, &Options::default()) else { return };
    let mut driver = Driver::new(parser, true);
    driver.feed(Direction::ToServer, datagram);
    if let Probe::Certain(found, _) = registry::probe(datagram, Look::over(carrier))
        && found == protocol
    {
        assert_eq!(driver.lost, 0, "detected, but not parsed");
    }
}

fn fuzz_datagrams(data: &[u8], protocol: L7Protocol, carrier: Carrier) {
    let Some(parser) = AnyParser::new(protocol, carrier, &Options::default()) else { return };
    let mut driver = Driver::new(parser, true);
    for event in events(data) {
        match event {
            Event::Bytes(dir, bytes) => driver.feed(dir, bytes),
            Event::Gap(dir, len) => driver.gap(dir, len),
            Event::Finish(dir) => driver.finish(dir),
        }
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
        let parser = AnyParser::new(protocol, Carrier::Tcp, &Options::default())?;
        let mut driver = Driver::new(parser, false);
        for event in &events {
            match *event {
                Event::Bytes(dir, bytes) => {
                    let look = Look { dir_hint: Some(dir), ..Look::over(Carrier::Tcp) };
                    let _ = registry::probe(bytes, look);
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
