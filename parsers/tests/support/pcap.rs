//! What was said in one connection of a capture of this repository.

use super::Said;
use fathom_parsers::headers::{self, Decap, Link};
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::packet::Packet;
use std::path::Path;

/// The payloads of connection `which` (counted by first payload), as its segments or datagrams came;
/// who speaks first is the client.
pub fn conversation(name: &str, which: usize) -> Vec<Said> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("../dataplane/tests/captures/{name}.pcap"));
    let file = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let u32_at = |at: usize| u32::from_le_bytes(file[at..at + 4].try_into().unwrap()) as usize;
    assert_eq!(u32_at(0), 0xa1b2_c3d4, "a capture as tcpdump writes it");
    let (mut at, mut clients, mut talk) = (24, Vec::new(), Vec::new());
    while at < file.len() {
        let end = at + 16 + u32_at(at + 8);
        let mut p = Packet::default();
        let frame = &file[at + 16..end];
        headers::decode(Link::Ethernet, frame, frame.len() as u32, 0, Decap::ALL, &mut p).unwrap();
        at = end;
        if p.payload.is_empty() {
            continue;
        }
        let (from, to) = ((p.src, p.src_port), (p.dst, p.dst_port));
        let flow = clients.iter().position(|c| *c == (from, to) || *c == (to, from));
        let flow = flow.unwrap_or_else(|| {
            clients.push((from, to));
            clients.len() - 1
        });
        if flow == which {
            let dir = if clients[flow].0 == from { ToServer } else { ToClient };
            talk.push((dir, p.payload.to_vec()));
        }
    }
    assert!(!talk.is_empty(), "{name} has no connection {which}");
    talk
}
