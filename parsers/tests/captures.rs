//! Detection over a folder of public captures: no protocol's bytes may be taken for another's.
//!
//! The captures are not part of this repository. They are looked for in `$FATHOM_CAPTURES`, then
//! in `../shared/captures` beside the checkout; without them the test says so and passes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::headers::{self, Decap, Link};
use fathom_parsers::message::{Carrier, Direction, L7Protocol, MessageKind, Probe};
use fathom_parsers::packet::{Packet, Transport};
use fathom_parsers::registry::{self, AnyParser, Look, Options};
use fathom_parsers::testing::{Driver, OwnedMessage};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/captures");
    let found = std::env::var_os("FATHOM_CAPTURES").map_or(beside, PathBuf::from);
    if !found.is_dir() {
        eprintln!("SKIPPED: no captures at {} (set FATHOM_CAPTURES)", found.display());
        return None;
    }
    Some(found)
}

/// Frames of a classic pcap file: bytes and original length.
fn frames(file: &[u8]) -> (Link, Vec<(&[u8], u32)>) {
    let big = matches!(file[..4], [0xa1, 0xb2, ..]);
    assert!(big || matches!(file[..4], [0xd4 | 0x4d | 0x34, 0xc3 | 0x3c | 0xcd, 0xb2, 0xa1]));
    // A variant of old Linux distributions has 8 more bytes per record.
    let record_header = if file[0] == 0x34 { 24 } else { 16 };
    let u32_at = |at: usize| {
        let b: [u8; 4] = file[at..at + 4].try_into().unwrap();
        if big { u32::from_be_bytes(b) } else { u32::from_le_bytes(b) }
    };
    let link = match u32_at(20) & 0xffff {
        1 => Link::Ethernet,
        113 => Link::LinuxSll,
        276 => Link::LinuxSll2,
        101 => Link::RawIp,
        0 => Link::Null,
        other => panic!("link type {other}"),
    };
    let (mut at, mut all) = (24, Vec::new());
    while at + record_header <= file.len() {
        let (captured, original) = (u32_at(at + 8) as usize, u32_at(at + 12));
        let start = at + record_header;
        let end = (start + captured).min(file.len());
        all.push((&file[start..end], original));
        at = end;
    }
    (link, all)
}

fn captures(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for sub in std::fs::read_dir(folder).unwrap().flatten().filter(|e| e.path().is_dir()) {
        for file in std::fs::read_dir(sub.path()).unwrap().flatten() {
            let path = file.path();
            if path.extension().is_some_and(|e| e == "pcap") {
                let name = path.strip_prefix(folder).unwrap().display().to_string();
                all.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    all.sort();
    all
}

/// Which protocols a capture's `no_protocols` forbids, and which of ours it expects.
fn expects(folder: &Path, capture: &str, protocol: &str) -> bool {
    let path = folder.join(capture.replace(".pcap", ".expected.json"));
    let text = std::fs::read_to_string(path).unwrap();
    let must = &text[..text.find("\"nice\"").unwrap_or(text.len())];
    must.contains(&format!("\"l7_protocol\": \"{protocol}\""))
}

#[test]
fn every_frame_decodes_and_nothing_is_taken_for_another_protocol() {
    let Some(folder) = folder() else { return };
    let (mut total, mut claims) = (0, HashMap::<(String, L7Protocol), usize>::new());
    for (name, file) in captures(&folder) {
        let (link, frames) = frames(&file);
        for (i, &(data, wire_len)) in frames.iter().enumerate() {
            let mut packet = Packet::default();
            headers::decode(link, data, wire_len, 0, Decap::ALL, &mut packet)
                .unwrap_or_else(|e| panic!("{name} frame {}: {e}", i + 1));
            total += 1;
            let is_datagram = match packet.transport {
                Transport::Tcp(_) => false,
                Transport::Udp => true,
                _ => continue,
            };
            if packet.payload.is_empty() || packet.fragment.is_some() {
                continue;
            }
            let probe = registry::probe(packet.payload, look(is_datagram));
            if let Probe::Certain(protocol, _) = probe {
                *claims.entry((name.clone(), protocol)).or_default() += 1;
            }
        }
    }
    assert!(total > 1000, "only {total} frames");
    for (capture, protocol) in claims.keys() {
        let text = protocol.name();
        // Some captures hold HTTP, DNS and SSH that their expectations do not spell out.
        let unlisted = capture.starts_with("common/")
            || capture.contains("udp_normal")
            || capture.starts_with("flow_generator/")
                && matches!(*protocol, L7Protocol::Http | L7Protocol::Ssh);
        // What another protocol's parser finds is its own protocol's expectation.
        let also = registry::ENTRIES.iter().filter(|e| e.protocol == *protocol);
        let also = also.flat_map(|e| e.also).any(|p| expects(&folder, capture, p.name()));
        assert!(unlisted || also || expects(&folder, capture, text), "{capture} taken for {text}");
    }
    for expected in ["http/httpv1.pcap", "http/client-ip.pcap"] {
        assert!(claims.contains_key(&(expected.into(), L7Protocol::Http)), "{expected}");
    }
    for expected in ["dns/dns.pcap", "dns/a-and-ns.pcap", "dns/nxdomain.pcap"] {
        assert!(claims.contains_key(&(expected.into(), L7Protocol::Dns)), "{expected}");
    }
}

fn look(is_datagram: bool) -> Look {
    Look::over(if is_datagram { Carrier::Udp } else { Carrier::Tcp })
}

/// Every message of one capture, each packet's payload taken as the next bytes of its flow.
fn messages(folder: &Path, capture: &str) -> Vec<OwnedMessage> {
    let file = std::fs::read(folder.join(capture)).unwrap();
    let (link, frames) = frames(&file);
    let mut flows: HashMap<_, (Driver, (_, u16))> = HashMap::new();
    let mut order = Vec::new();
    for (data, wire_len) in frames {
        let mut p = Packet::default();
        headers::decode(link, data, wire_len, 0, Decap::ALL, &mut p).unwrap();
        let is_datagram = p.transport == Transport::Udp;
        if p.payload.is_empty() {
            continue;
        }
        let (a, b) = ((p.src, p.src_port), (p.dst, p.dst_port));
        let key = (a.min(b), a.max(b));
        let (driver, client) = match flows.entry(key) {
            std::collections::hash_map::Entry::Occupied(e) => e.into_mut(),
            std::collections::hash_map::Entry::Vacant(e) => {
                let probe = registry::probe(p.payload, look(is_datagram));
                let Probe::Certain(protocol, dir) = probe else { continue };
                let parser =
                    AnyParser::new(protocol, look(is_datagram).carrier, &Options::default())
                        .unwrap();
                order.push(key);
                let client = if dir == Direction::ToServer { a } else { b };
                e.insert((Driver::new(parser, is_datagram), client))
            }
        };
        let dir = if *client == a { Direction::ToServer } else { Direction::ToClient };
        driver.feed(dir, p.payload);
    }
    let mut all = Vec::new();
    for key in order {
        let (driver, _) = flows.get_mut(&key).unwrap();
        driver.finish(Direction::ToServer);
        driver.finish(Direction::ToClient);
        all.append(&mut driver.messages);
    }
    all
}

#[test]
fn messages_of_the_http_and_dns_captures() {
    let Some(folder) = folder() else { return };
    let m = messages(&folder, "http/client-ip.pcap");
    let request = m.iter().find(|m| m.is(MessageKind::Request)).unwrap();
    assert_eq!(request.request_domain, "api-webizft1.intranet.local");
    assert_eq!(request.endpoint, "/biz-inquiry-bff/bff");
    assert_eq!(request.trace_id, "6d4ae9e1fb8a4399aba252d65b5a83c9.76.17016891360410347");
    assert_eq!(request.span_id, "6d4ae9e1fb8a4399aba252d65b5a83c9.76.17016891360410346-6");
    assert_eq!(request.x_request_id, "b3ce82fc-3b95-971d-9e88-206ddc1bb0e6");
    assert_eq!(request.client_ip, "10.90.14.76");
    let response = m.iter().find(|m| m.is(MessageKind::Response)).unwrap();
    assert_eq!((response.response_code, response.end_follows), (Some(200), true));

    let m = messages(&folder, "dns/nxdomain.pcap");
    let ids: Vec<_> = m.iter().filter_map(|m| m.request_id).collect();
    assert_eq!(ids.len(), 6, "{m:#?}");
    assert!(m.iter().any(|m| m.result.contains("100.103.26.52")), "{m:#?}");
    assert_eq!(m.iter().filter(|m| m.response_code == Some(3)).count(), 2);
    let m = messages(&folder, "dns/a-and-ns.pcap");
    assert!(m.iter().any(|m| m.result.contains("10.50.71.5")), "{m:#?}");
}
