//! A capture file with many requests, made in memory: the truth is known.

use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes a pcap with `flows` TCP connections of `requests` HTTP exchanges each. Every request
/// has an endpoint of its own, so that metrics have as many rows as requests.
pub(crate) fn write_http(path: &Path, flows: u32, requests: u32) {
    let mut out = BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap());
    out.write_all(&0xa1b2_3c4d_u32.to_le_bytes()).unwrap();
    out.write_all(&[2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 1, 0, 0, 0]).unwrap();
    // Recent, so that no retention takes the rows away while they are counted.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    let start_ns = (now.as_secs() - 3600) * 1_000_000_000;
    for flow in 0..flows {
        let mut t = Talk {
            out: &mut out,
            at_ns: start_ns + u64::from(flow) * 1_000_000,
            client: [10, (flow >> 16) as u8, (flow >> 8) as u8, flow as u8],
            port: 20_000 + (flow % 40_000) as u16,
            seq: [flow.wrapping_mul(977), flow.wrapping_mul(1013)],
        };
        t.send(0, 2, b"");
        t.send(1, 18, b"");
        t.send(0, 16, b"");
        for r in 0..requests {
            let ask = format!("GET /f{flow}/r{r} HTTP/1.1\r\nHost: shop.test\r\n\r\n");
            t.send(0, 24, ask.as_bytes());
            t.send(1, 24, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        }
        t.send(0, 17, b"");
        t.send(1, 17, b"");
        t.send(0, 16, b"");
    }
    out.flush().unwrap();
}

struct Talk<'a, W> {
    out: &'a mut W,
    at_ns: u64,
    client: [u8; 4],
    port: u16,
    seq: [u32; 2],
}

impl<W: Write> Talk<'_, W> {
    fn send(&mut self, who: usize, flags: u8, payload: &[u8]) {
        self.at_ns += 10_000;
        let len = 14 + 40 + payload.len();
        let mut f = Vec::with_capacity(16 + len);
        f.extend(((self.at_ns / 1_000_000_000) as u32).to_le_bytes());
        f.extend(((self.at_ns % 1_000_000_000) as u32).to_le_bytes());
        f.extend((len as u32).to_le_bytes());
        f.extend((len as u32).to_le_bytes());
        f.extend([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]);
        f.extend((40 + payload.len() as u16).to_be_bytes());
        f.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
        let server = [172, 16, 0, 1];
        let (ips, ports) = ([self.client, server], [self.port, 80]);
        f.extend(ips[who]);
        f.extend(ips[1 - who]);
        f.extend(ports[who].to_be_bytes());
        f.extend(ports[1 - who].to_be_bytes());
        f.extend(self.seq[who].to_be_bytes());
        f.extend(if flags & 16 != 0 { self.seq[1 - who] } else { 0 }.to_be_bytes());
        f.extend([5 << 4, flags, 0x20, 0, 0, 0, 0, 0]);
        f.extend(payload);
        self.out.write_all(&f).unwrap();
        self.seq[who] =
            self.seq[who].wrapping_add(payload.len() as u32 + u32::from(flags & 3 != 0));
    }
}
