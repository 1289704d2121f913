//! Who is the server: a score per endpoint, learned from what it does.
//!
//! A SYN+ACK or a recognised request settles the matter; without either, endpoints that are
//! talked to gain points and those that talk first lose them, and where the scores are close the
//! lower side of the ephemeral port range decides.

use crate::limits;
use fathom_parsers::message::L7Protocol;
use fathom_parsers::packet::Addr;
use foldhash::fast::RandomState;
use hashbrown::HashMap;

/// The endpoint sent a SYN+ACK.
pub const SCORE_SYN_ACK: u8 = 255;
/// A parser saw it answer, or saw a request sent to it.
pub const SCORE_L7: u8 = 254;
/// The highest score that counting packets gives.
const SCORE_LEARNED_MAX: u8 = 252;
/// Scores closer than this say nothing.
const SCORE_NEAR: u8 = 8;
/// Where Linux begins to take client ports from (`ip_local_port_range`).
const EPHEMERAL: u16 = 32768;

/// An endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Endpoint {
    /// Address.
    pub ip: Addr,
    /// Port.
    pub port: u16,
    /// IP protocol.
    pub protocol: u8,
}

/// What is known of an endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Known {
    score: u8,
    /// What it was heard to speak last.
    protocol: L7Protocol,
    /// Flows in a row to it whose protocol nobody knew.
    unknown: u8,
}

/// Scores of endpoints of one shard, and what they speak, bounded; the least recently changed
/// half is forgotten when it is full.
#[derive(Debug, Default)]
pub struct ServiceTable {
    young: HashMap<Endpoint, Known, RandomState>,
    old: HashMap<Endpoint, Known, RandomState>,
}

impl ServiceTable {
    fn known(&self, e: &Endpoint) -> Known {
        self.young.get(e).or_else(|| self.old.get(e)).copied().unwrap_or_default()
    }

    fn get(&self, e: &Endpoint) -> u8 {
        self.known(e).score
    }

    fn set(&mut self, e: Endpoint, score: u8) {
        if score == 0 {
            self.young.remove(&e);
            self.old.remove(&e);
            return;
        }
        let known = self.known(&e);
        self.keep(e, Known { score, ..known });
    }

    fn keep(&mut self, e: Endpoint, known: Known) {
        if self.young.len() >= limits::SERVICE_ENTRIES / 2 && !self.young.contains_key(&e) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(e, known);
    }

    /// What flows to `server` spoke so far, and whether that is worth a long look: when several
    /// in a row said nothing that anyone knew, it is not.
    pub fn speaks(&self, server: &Endpoint) -> (L7Protocol, bool) {
        let known = self.known(server);
        (known.protocol, known.unknown < limits::UNKNOWN_FLOWS)
    }

    /// A flow to `server` speaks `protocol`, or nothing that anyone knows.
    pub fn heard(&mut self, server: Endpoint, protocol: L7Protocol) {
        let known = self.known(&server);
        let now = match protocol {
            L7Protocol::Unknown => Known { unknown: known.unknown.saturating_add(1), ..known },
            _ => Known { protocol, unknown: 0, ..known },
        };
        if protocol != known.protocol || now.unknown != known.unknown {
            self.keep(server, now);
        }
    }

    /// Learns from the first packet of a flow and says whether it went from client to server,
    /// with the server's score.
    pub fn first_packet(&mut self, src: Endpoint, dst: Endpoint, flags: FirstPacket) -> (bool, u8) {
        match flags {
            FirstPacket::SynAck => {
                self.set(src, SCORE_SYN_ACK);
                self.set(dst, 0);
                return (false, SCORE_SYN_ACK);
            }
            FirstPacket::Syn => {
                self.set(src, 0);
                let score = self.get(&dst);
                if score < SCORE_LEARNED_MAX {
                    self.set(dst, score + 1);
                }
                return (true, self.get(&dst).max(1));
            }
            FirstPacket::Other => {}
        }
        let (mut s, mut d) = (self.get(&src), self.get(&dst));
        if d < SCORE_LEARNED_MAX {
            d += 1;
            self.set(dst, d);
        }
        if s > 0 && s <= SCORE_LEARNED_MAX {
            s -= 1;
            self.set(src, s);
        }
        if s.abs_diff(d) < SCORE_NEAR && (src.port >= EPHEMERAL) != (dst.port >= EPHEMERAL) {
            return (src.port >= EPHEMERAL, s.max(d));
        }
        (s <= d, s.max(d))
    }

    /// `server` was proven to serve, by `score`.
    pub fn prove(&mut self, server: Endpoint, client: Endpoint, score: u8) {
        if self.get(&server) < score {
            self.set(server, score);
        }
        if self.get(&client) != 0 && self.get(&client) < score {
            self.set(client, 0);
        }
    }
}

/// What the first packet of a flow says by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FirstPacket {
    /// SYN without ACK: the sender is the client.
    Syn,
    /// SYN with ACK: the sender is the server.
    SynAck,
    /// Anything else.
    Other,
}
