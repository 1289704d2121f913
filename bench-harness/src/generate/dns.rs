//! DNS over UDP: one query, one answer with two addresses or none.

use super::Maker;
use std::io::Write;

const RESOLVER: [u8; 4] = [172, 16, 0, 53];
const A: u16 = 1;
const AAAA: u16 = 28;
const NXDOMAIN: u16 = 3;
/// A pointer to the name of the question.
const NAME_OF_QUESTION: [u8; 2] = [0xc0, 0x0c];

pub(super) fn flow(m: &mut Maker, start_ns: u64, _packets: u64) {
    let ends = m.ends(Some(RESOLVER), 53);
    let r = &mut m.rng;
    let (id, host, service) = (r.bits() as u16, r.below(100_000), r.below(500));
    let kind = if r.percent(25) { AAAA } else { A };
    let unknown = r.percent(5);
    let [mut query, mut answer] = std::mem::take(&mut m.text);
    header(&mut query, id, 0x0100, 0);
    let mut name = [0_u8; 64];
    let mut rest = &mut name[..];
    // 64 bytes hold the longest of these names.
    let _ = write!(rest, "h{host}.svc{service}.example.org");
    let len = 64 - rest.len();
    for label in name[..len].split(|b| *b == b'.') {
        query.push(label.len() as u8);
        query.extend_from_slice(label);
    }
    query.push(0);
    query.extend_from_slice(&kind.to_be_bytes());
    query.extend_from_slice(&1_u16.to_be_bytes());
    m.wire.udp(start_ns, 0, &ends, &query);
    let (code, count) = if unknown { (NXDOMAIN, 0) } else { (0, 2) };
    header(&mut answer, id, 0x8180 | code, count);
    answer.extend_from_slice(&query[12..]);
    for _ in 0..count {
        let mut address = [0; 16];
        r.fill(&mut address);
        let len = if kind == A { 4_u16 } else { 16 };
        answer.extend_from_slice(&NAME_OF_QUESTION);
        answer.extend_from_slice(&kind.to_be_bytes());
        answer.extend_from_slice(&[0, 1, 0, 0, 0, 60]);
        answer.extend_from_slice(&len.to_be_bytes());
        answer.extend_from_slice(&address[..usize::from(len)]);
    }
    let wait_ns = r.exponential(4_000_000);
    m.wire.udp(start_ns + wait_ns, 1, &ends, &answer);
    m.truth.flows.dns += 1;
    m.truth.dns_queries += 1;
    m.truth.dns_nxdomain += u64::from(unknown);
    m.text = [query, answer];
}

/// A header with one question and so many answers.
fn header(out: &mut Vec<u8>, id: u16, flags: u16, answers: u16) {
    out.clear();
    for word in [id, flags, 1, answers, 0, 0] {
        out.extend_from_slice(&word.to_be_bytes());
    }
}
