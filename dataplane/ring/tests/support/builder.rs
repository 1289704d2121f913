//! Capture files put together by hand, in every variant of their formats.

#![allow(dead_code, reason = "each test crate uses its part")]

use fathom_ring::file::FileSource;
use fathom_ring::{Error, LinkType, Source};

/// Writes integers in one byte order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Little,
    Big,
}

impl Order {
    pub(crate) fn u16(self, n: u16) -> [u8; 2] {
        if self == Self::Big { n.to_be_bytes() } else { n.to_le_bytes() }
    }

    pub(crate) fn u32(self, n: u32) -> [u8; 4] {
        if self == Self::Big { n.to_be_bytes() } else { n.to_le_bytes() }
    }

    pub(crate) fn u64(self, n: u64) -> [u8; 8] {
        if self == Self::Big { n.to_be_bytes() } else { n.to_le_bytes() }
    }
}

/// A classic pcap file.
pub(crate) struct Pcap {
    pub(crate) order: Order,
    pub(crate) bytes: Vec<u8>,
    extra: usize,
    swapped: bool,
}

impl Pcap {
    pub(crate) fn new(order: Order, magic: u32, network: u32) -> Self {
        Self::version(order, magic, [2, 4], network)
    }

    pub(crate) fn version(order: Order, magic: u32, version: [u16; 2], network: u32) -> Self {
        let mut bytes = Vec::new();
        bytes.extend(order.u32(magic));
        bytes.extend(version.map(|n| order.u16(n)).concat());
        bytes.extend([0; 8]);
        bytes.extend(order.u32(262_144));
        bytes.extend(order.u32(network));
        let extra = if magic == 0xa1b2_cd34 { 8 } else { 0 };
        Self { order, bytes, extra, swapped: version < [2, 3] }
    }

    pub(crate) fn record(mut self, seconds: u32, fraction: u32, wire: u32, data: &[u8]) -> Self {
        let captured = data.len() as u32;
        let (a, b) = if self.swapped { (wire, captured) } else { (captured, wire) };
        for word in [seconds, fraction, a, b] {
            self.bytes.extend(self.order.u32(word));
        }
        self.bytes.extend(std::iter::repeat_n(0xee, self.extra));
        self.bytes.extend(data);
        self
    }
}

/// A pcapng file.
pub(crate) struct Pcapng {
    pub(crate) order: Order,
    pub(crate) bytes: Vec<u8>,
}

impl Pcapng {
    pub(crate) fn new(order: Order) -> Self {
        Self { order, bytes: Vec::new() }.section(order)
    }

    pub(crate) fn block(mut self, kind: u32, body: &[u8]) -> Self {
        let body_len = body.len().next_multiple_of(4);
        let length = self.order.u32(12 + body_len as u32);
        self.bytes.extend(self.order.u32(kind));
        self.bytes.extend(length);
        self.bytes.extend(body);
        self.bytes.extend(std::iter::repeat_n(0, body_len - body.len()));
        self.bytes.extend(length);
        self
    }

    pub(crate) fn section(mut self, order: Order) -> Self {
        self.order = order;
        let mut body = Vec::new();
        body.extend(order.u32(0x1a2b_3c4d));
        body.extend(order.u16(1));
        body.extend(order.u16(0));
        body.extend([0xff; 8]);
        body.extend(self.option(4, b"a writer"));
        body.extend(self.option(0, b""));
        self.block(0x0a0d_0d0a, &body)
    }

    pub(crate) fn option(&self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut option = Vec::new();
        option.extend(self.order.u16(code));
        option.extend(self.order.u16(value.len() as u16));
        option.extend(value);
        option.resize(option.len().next_multiple_of(4), 0);
        option
    }

    pub(crate) fn interface(self, link: u16, snaplen: u32, options: &[(u16, &[u8])]) -> Self {
        let mut body = Vec::new();
        body.extend(self.order.u16(link));
        body.extend([0; 2]);
        body.extend(self.order.u32(snaplen));
        for (code, value) in options {
            body.extend(self.option(*code, value));
        }
        self.block(1, &body)
    }

    pub(crate) fn enhanced(self, interface: u32, time: u64, wire: u32, data: &[u8]) -> Self {
        let o = self.order;
        let mut body = Vec::new();
        body.extend(o.u32(interface));
        body.extend(o.u32((time >> 32) as u32));
        body.extend(o.u32(time as u32));
        body.extend(o.u32(data.len() as u32));
        body.extend(o.u32(wire));
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
        body.extend(self.option(1, b"a comment"));
        self.block(6, &body)
    }

    pub(crate) fn simple(self, wire: u32, data: &[u8]) -> Self {
        let mut body = self.order.u32(wire).to_vec();
        body.extend(data);
        self.block(3, &body)
    }

    pub(crate) fn obsolete(self, interface: u16, time: u64, wire: u32, data: &[u8]) -> Self {
        let o = self.order;
        let mut body = Vec::new();
        body.extend(o.u16(interface));
        body.extend(o.u16(7));
        body.extend(o.u32((time >> 32) as u32));
        body.extend(o.u32(time as u32));
        body.extend(o.u32(data.len() as u32));
        body.extend(o.u32(wire));
        body.extend(data);
        self.block(2, &body)
    }
}

/// A frame, owned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) data: Vec<u8>,
    pub(crate) wire_len: u32,
    pub(crate) time_ns: u64,
    pub(crate) interface: u32,
    pub(crate) link: LinkType,
}

/// All frames of a source in batches of `max`, and the error that ended it, if one did.
pub(crate) fn drain(source: &mut dyn Source, max: usize) -> (Vec<Seen>, Option<Error>) {
    let mut seen = Vec::new();
    while !source.finished() {
        match source.acquire(max) {
            Ok(batch) => {
                for i in 0..batch.len() {
                    batch.prefetch(i);
                    let f = batch.frame(i);
                    seen.push(Seen {
                        data: f.data.to_vec(),
                        wire_len: f.wire_len,
                        time_ns: f.time_ns,
                        interface: f.interface,
                        link: f.link,
                    });
                }
            }
            Err(error) => return (seen, Some(error)),
        }
        source.release();
    }
    (seen, None)
}

/// All warnings of a file.
pub(crate) fn warnings(source: &mut FileSource) -> Vec<String> {
    std::iter::from_fn(|| source.warning()).collect()
}

/// A small pcap file of six frames, one of them cut.
pub(crate) fn small_pcap(order: Order) -> Vec<u8> {
    let mut file = Pcap::new(order, 0xa1b2_c3d4, 1);
    for n in 0..6u8 {
        let data = vec![n; 20 + usize::from(n)];
        let wire = if n == 3 { 1500 } else { data.len() as u32 };
        file = file.record(1_700_000_000 + u32::from(n), 1000, wire, &data);
    }
    file.bytes
}

/// A small pcapng file of six frames in two sections, with blocks to step over.
pub(crate) fn small_pcapng(order: Order) -> Vec<u8> {
    let other = if order == Order::Little { Order::Big } else { Order::Little };
    Pcapng::new(order)
        .interface(1, 0, &[(2, b"eth0"), (9, &[9])])
        .enhanced(0, 1_700_000_000_000_000_000, 20, &[1; 20])
        .block(5, &[0; 24])
        .interface(101, 0, &[(2, b"tun0")])
        .enhanced(1, 1_700_000_001_000_000, 90, &[2; 21])
        .simple(22, &[3; 22])
        .section(other)
        .block(0x8000_0001, &[9; 33])
        .interface(113, 100, &[])
        .enhanced(0, 1_700_000_002_000_000, 23, &[4; 23])
        .obsolete(0, 1_700_000_003_000_000, 24, &[5; 24])
        .simple(25, &[6; 25])
        .bytes
}
