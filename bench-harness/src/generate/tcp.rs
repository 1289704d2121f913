//! A TCP connection as seen on the wire: handshake, segments, acknowledgements, both FINs; no
//! loss and no reordering.

use super::{Ends, Maker, Wire};

const FIN: u8 = 0x01;
const SYN: u8 = 0x02;
pub(super) const PSH: u8 = 0x08;
pub(super) const ACK: u8 = 0x10;
/// Payload of a full segment.
pub(super) const MSS: usize = 1448;
/// Maximum segment size 1460, two fillers, selective acknowledgements allowed.
const SYN_OPTIONS: [u8; 8] = [2, 4, 5, 0xb4, 1, 1, 4, 2];
/// Between segments of one message.
const BACK_TO_BACK_NS: u64 = 12_000;
/// Until a receiver acknowledges.
const ACK_NS: u64 = 50_000;

/// Frames of [`Tcp::close`].
pub(super) const CLOSE_FRAMES: u64 = 3;

/// Side that connects.
pub(super) const CLIENT: usize = 0;
/// Side that listens.
pub(super) const SERVER: usize = 1;

/// A connection.
#[derive(Debug)]
pub(super) struct Tcp {
    pub(super) now_ns: u64,
    pub(super) rtt_ns: u64,
    /// Frames so far.
    pub(super) sent: u64,
    ends: Ends,
    /// What each side sends next.
    pub(super) seq: [u32; 2],
}

impl Tcp {
    /// Connects.
    pub(super) fn open(m: &mut Maker, start_ns: u64, ends: Ends) -> Self {
        let mut c = Self::syn(m, start_ns, ends);
        c.segment(&mut m.wire, SERVER, SYN | ACK, &[], c.rtt_ns);
        c.segment(&mut m.wire, CLIENT, ACK, &[], c.rtt_ns / 50);
        c
    }

    /// Asks for a connection.
    pub(super) fn syn(m: &mut Maker, start_ns: u64, ends: Ends) -> Self {
        let rtt_ns = m.rng.within(200_000, 20_000_000);
        let seq = [m.rng.bits() as u32, m.rng.bits() as u32];
        let mut c = Self { now_ns: start_ns, rtt_ns, sent: 0, ends, seq };
        c.segment(&mut m.wire, CLIENT, SYN, &[], 0);
        c
    }

    /// Sends a message in as many segments as it takes.
    pub(super) fn send(&mut self, wire: &mut Wire, from: usize, data: &[u8], wait_ns: u64) {
        let mut wait_ns = wait_ns;
        let mut chunks = data.chunks(MSS).peekable();
        while let Some(chunk) = chunks.next() {
            let push = if chunks.peek().is_none() { PSH } else { 0 };
            self.segment(wire, from, ACK | push, chunk, wait_ns);
            wait_ns = BACK_TO_BACK_NS;
        }
    }

    /// Acknowledges what came.
    pub(super) fn ack(&mut self, wire: &mut Wire, from: usize) {
        self.segment(wire, from, ACK, &[], ACK_NS);
    }

    /// Acknowledges what came, a round trip later.
    pub(super) fn ack_late(&mut self, wire: &mut Wire, from: usize) {
        self.segment(wire, from, ACK, &[], self.rtt_ns);
    }

    /// Closes both ways.
    pub(super) fn close(&mut self, wire: &mut Wire) {
        self.segment(wire, CLIENT, FIN | ACK, &[], 1_000_000);
        self.segment(wire, SERVER, FIN | ACK, &[], self.rtt_ns);
        self.segment(wire, CLIENT, ACK, &[], 30_000);
    }

    /// Sends one segment.
    pub(super) fn segment(
        &mut self,
        wire: &mut Wire,
        from: usize,
        flags: u8,
        data: &[u8],
        wait_ns: u64,
    ) {
        self.now_ns += wait_ns;
        self.sent += 1;
        let mut header = [0; 28];
        let len = if flags & SYN == 0 { 20 } else { 28 };
        header[0..2].copy_from_slice(&self.ends.port[from].to_be_bytes());
        header[2..4].copy_from_slice(&self.ends.port[1 - from].to_be_bytes());
        header[4..8].copy_from_slice(&self.seq[from].to_be_bytes());
        if flags & ACK != 0 {
            header[8..12].copy_from_slice(&self.seq[1 - from].to_be_bytes());
        }
        header[12] = (len as u8 / 4) << 4;
        header[13] = flags;
        header[14..16].copy_from_slice(&64240_u16.to_be_bytes());
        header[20..28].copy_from_slice(&SYN_OPTIONS);
        wire.ipv4(self.now_ns, from, &self.ends, 6, [&header[..len], data], 16);
        let phantom = u32::from(flags & (SYN | FIN) != 0);
        self.seq[from] = self.seq[from].wrapping_add(data.len() as u32 + phantom);
    }
}
