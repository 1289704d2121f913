//! Redis, RESP2: GET, SET, INCR, and now and then a command for a value of another type.

use super::Maker;
use super::tcp::{CLIENT, CLOSE_FRAMES, SERVER, Tcp};
use std::io::Write;

pub(super) fn flow(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 6379);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let [mut command, mut answer] = std::mem::take(&mut m.text);
    while tcp.sent + CLOSE_FRAMES < packets {
        let key = format!("user:{}:profile", m.rng.below(1_000_000));
        let value = &m.body[..64];
        command.clear();
        answer.clear();
        match m.rng.below(100) {
            0..60 => {
                bulks(&mut command, &[b"GET", key.as_bytes()]);
                bulk(&mut answer, value);
            }
            60..90 => {
                bulks(&mut command, &[b"SET", key.as_bytes(), value]);
                answer.extend_from_slice(b"+OK\r\n");
            }
            90..98 => {
                bulks(&mut command, &[b"INCR", key.as_bytes()]);
                // Writing into memory cannot fail.
                let _ = write!(answer, ":{}\r\n", m.rng.below(1000));
            }
            _ => {
                bulks(&mut command, &[b"LPUSH", key.as_bytes(), b"x"]);
                answer.extend_from_slice(
                    b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n",
                );
                m.truth.redis_errors += 1;
            }
        }
        let think = m.rng.within(500_000, 10_000_000);
        tcp.send(&mut m.wire, CLIENT, &command, think);
        tcp.send(&mut m.wire, SERVER, &answer, tcp.rtt_ns);
        tcp.ack(&mut m.wire, CLIENT);
        m.truth.redis_commands += 1;
    }
    tcp.close(&mut m.wire);
    m.truth.flows.redis += 1;
    m.text = [command, answer];
}

fn bulks(out: &mut Vec<u8>, parts: &[&[u8]]) {
    let _ = write!(out, "*{}\r\n", parts.len());
    for part in parts {
        bulk(out, part);
    }
}

fn bulk(out: &mut Vec<u8>, bytes: &[u8]) {
    let _ = write!(out, "${}\r\n", bytes.len());
    out.extend_from_slice(bytes);
    out.extend_from_slice(b"\r\n");
}
