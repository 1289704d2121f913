//! Frames into an arena: Ethernet, IPv4 and the transport's checksum; then all of them in order
//! of time as a pcap file.

use super::Truth;
use crate::rng::Rng;

const MAC: [[u8; 6]; 2] = [[2, 0, 0, 0, 0, 1], [2, 0, 0, 0, 0, 2]];
const ETHERNET_LEN: usize = 14;
const IPV4_LEN: usize = 20;
const VXLAN_LEN: usize = 8;
/// Less than any round trip here takes.
const LATE_NS: u64 = 150_000;
/// What a tunnel puts before a frame.
const OUTER_LEN: usize = ETHERNET_LEN + IPV4_LEN + 8 + VXLAN_LEN;
/// Shortest Ethernet frame without its check sequence.
const FRAME_MIN: usize = 60;
const PCAP_MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
const PCAP_LINK_ETHERNET: u32 = 1;
const MEAN_FRAME: u64 = 320;

/// Addresses and ports of a flow, the client's first.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// IPv4 addresses.
    pub ip: [[u8; 4]; 2],
    /// Ports.
    pub port: [u16; 2],
}

#[derive(Clone, Copy, Debug)]
struct Record {
    time_ns: u64,
    at: usize,
    len: u32,
    /// A connection's SYN, or a datagram.
    opens: bool,
}

/// Frames in the order they were made.
#[derive(Debug, Default)]
pub struct Wire {
    bytes: Vec<u8>,
    records: Vec<Record>,
    ip_id: u16,
    tunnel: bool,
}

impl Wire {
    /// With room for about so many frames.
    pub fn with_capacity(packets: u64) -> Self {
        Self {
            bytes: Vec::with_capacity((packets * MEAN_FRAME) as usize),
            records: Vec::with_capacity(packets as usize),
            ip_id: 0,
            tunnel: false,
        }
    }

    /// Adds an IPv4 frame sent by side `from`. `transport` is its transport header and payload
    /// in two parts, `checksum_at` where in the header the checksum goes.
    pub fn ipv4(
        &mut self,
        time_ns: u64,
        from: usize,
        ends: &Ends,
        protocol: u8,
        transport: [&[u8]; 2],
        checksum_at: usize,
    ) {
        let at = self.bytes.len();
        let (src, dst) = (ends.ip[from], ends.ip[1 - from]);
        let l4_len = transport[0].len() + transport[1].len();
        self.ip_id = self.ip_id.wrapping_add(1);
        let out = &mut self.bytes;
        out.extend_from_slice(&MAC[1 - from]);
        out.extend_from_slice(&MAC[from]);
        out.extend_from_slice(&[8, 0, 0x45, 0]);
        out.extend_from_slice(&((IPV4_LEN + l4_len) as u16).to_be_bytes());
        out.extend_from_slice(&self.ip_id.to_be_bytes());
        // Don't fragment, TTL 64; the checksum comes when the header is there.
        out.extend_from_slice(&[0x40, 0, 64, protocol, 0, 0]);
        out.extend_from_slice(&src);
        out.extend_from_slice(&dst);
        out.extend_from_slice(transport[0]);
        out.extend_from_slice(transport[1]);
        let (ip_at, l4_at) = (at + ETHERNET_LEN, at + ETHERNET_LEN + IPV4_LEN);
        let sum = fold(sum(&out[ip_at..l4_at]));
        out[ip_at + 10..ip_at + 12].copy_from_slice(&sum.to_be_bytes());
        let pseudo = sum_of_pseudo_header(src, dst, protocol, l4_len);
        let mut sum = fold(sum_from(pseudo, &out[l4_at..]));
        if sum == 0 && protocol == 17 {
            // Zero says that there is none (RFC 768).
            sum = 0xffff;
        }
        let at_sum = l4_at + checksum_at;
        out[at_sum..at_sum + 2].copy_from_slice(&sum.to_be_bytes());
        let len = (out.len() - at).max(FRAME_MIN);
        out.resize(at + len, 0);
        // SYN alone or with ACK; losing those changes what flows there are.
        let opens = protocol != 6 || transport[0][13] & 2 != 0;
        self.records.push(Record { time_ns, at, len: len as u32, opens });
    }

    /// Adds a UDP datagram.
    pub fn udp(&mut self, time_ns: u64, from: usize, ends: &Ends, payload: &[u8]) {
        let mut header = [0; 8];
        header[0..2].copy_from_slice(&ends.port[from].to_be_bytes());
        header[2..4].copy_from_slice(&ends.port[1 - from].to_be_bytes());
        header[4..6].copy_from_slice(&((8 + payload.len()) as u16).to_be_bytes());
        self.ipv4(time_ns, from, ends, 17, [&header, payload], 6);
    }

    /// All frames are carried in VXLAN from now on, those that are there already, too.
    pub fn tunnel(&mut self) {
        self.tunnel = true;
    }

    /// One TCP segment in a hundred comes late, another one twice; not so late that its answer is
    /// there before.
    pub fn reorder(&mut self, rng: &mut Rng) {
        for at in 0..self.records.len() {
            match rng.below(100) {
                // What opens a connection, and datagrams, keep their place: it is part of the truth.
                0 | 1 if self.records[at].opens => {}
                0 => self.records[at].time_ns += rng.within(10_000, LATE_NS),
                1 => {
                    let mut again = self.records[at];
                    again.time_ns += rng.within(10_000, LATE_NS);
                    self.records.push(again);
                }
                _ => {}
            }
        }
    }

    /// One frame in five hundred is lost, but none that opens a connection, and no datagram.
    pub fn lose(&mut self, rng: &mut Rng) {
        self.records.retain(|r| r.opens || rng.below(500) != 0);
    }

    /// Writes the headers of a tunnel that carries a frame of `len` bytes.
    fn outer(out: &mut Vec<u8>, len: usize) {
        let udp = 8 + VXLAN_LEN + len;
        out.extend_from_slice(&MAC[1]);
        out.extend_from_slice(&MAC[0]);
        out.extend_from_slice(&[8, 0]);
        let at = out.len();
        out.extend_from_slice(&[0x45, 0]);
        out.extend_from_slice(&((IPV4_LEN + udp) as u16).to_be_bytes());
        out.extend_from_slice(&[0, 0, 0x40, 0, 64, 17, 0, 0, 192, 0, 2, 1, 192, 0, 2, 2]);
        let sum = fold(sum(&out[at..]));
        out[at + 10..at + 12].copy_from_slice(&sum.to_be_bytes());
        out.extend_from_slice(&[0xc0, 0, 0x12, 0xb5]);
        out.extend_from_slice(&(udp as u16).to_be_bytes());
        // No checksum (RFC 7348); network 77.
        out.extend_from_slice(&[0, 0, 8, 0, 0, 0, 0, 0, 77, 0]);
    }

    /// All frames by time as a pcap file; counts them. Bytes are those of the frames that a tunnel
    /// carries.
    pub fn into_pcap(mut self, truth: &mut Truth) -> Vec<u8> {
        self.records.sort_by_key(|r| r.time_ns);
        let bytes: u64 = self.records.iter().map(|r| u64::from(r.len)).sum();
        let mut out = Vec::with_capacity(24 + bytes as usize + 16 * self.records.len());
        out.extend_from_slice(&PCAP_MAGIC_NANOSECONDS.to_le_bytes());
        out.extend_from_slice(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        out.extend_from_slice(&65535_u32.to_le_bytes());
        out.extend_from_slice(&PCAP_LINK_ETHERNET.to_le_bytes());
        for r in &self.records {
            let (s, ns) = (r.time_ns / 1_000_000_000, r.time_ns % 1_000_000_000);
            let len = r.len + if self.tunnel { OUTER_LEN as u32 } else { 0 };
            for word in [s as u32, ns as u32, len, len] {
                out.extend_from_slice(&word.to_le_bytes());
            }
            if self.tunnel {
                Self::outer(&mut out, r.len as usize);
            }
            out.extend_from_slice(&self.bytes[r.at..r.at + r.len as usize]);
        }
        truth.packets = self.records.len() as u64;
        truth.bytes = bytes;
        truth.mean_frame = bytes as f64 / (truth.packets.max(1)) as f64;
        if let (Some(first), Some(last)) = (self.records.first(), self.records.last()) {
            truth.span_s = (last.time_ns - first.time_ns) as f64 / 1e9;
        }
        out
    }
}

fn sum(bytes: &[u8]) -> u32 {
    sum_from(0, bytes)
}

/// Sum of big-endian 16-bit words (RFC 1071), folded by [`fold`].
fn sum_from(start: u32, bytes: &[u8]) -> u32 {
    let mut words = bytes.chunks_exact(2);
    let mut sum = start;
    for w in &mut words {
        sum += u32::from(u16::from_be_bytes([w[0], w[1]]));
    }
    if let [last] = words.remainder() {
        sum += u32::from(*last) << 8;
    }
    sum
}

fn sum_of_pseudo_header(src: [u8; 4], dst: [u8; 4], protocol: u8, len: usize) -> u32 {
    sum_from(sum(&src) + u32::from(protocol) + len as u32, &dst)
}

fn fold(sum: u32) -> u16 {
    let once = (sum & 0xffff) + (sum >> 16);
    !((once & 0xffff) + (once >> 16)) as u16
}

#[cfg(test)]
mod tests {
    use super::{fold, sum};

    #[test]
    fn checksum_of_the_rfc() {
        // RFC 1071 section 3: the sum of these words is ddf2.
        assert_eq!(fold(sum(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7])), !0xddf2);
        assert_eq!(fold(sum(&[0x12])), !0x1200);
    }
}
