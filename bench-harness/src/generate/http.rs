//! HTTP/1.1 with keep-alive: JSON services behind a proxy, traced, one request after the other.

use super::Maker;
use super::tcp::{CLIENT, CLOSE_FRAMES, SERVER, Tcp};
use std::io::Write;

const RESOURCES: [&str; 6] = ["orders", "users", "cart", "items", "search", "pay"];
const ANSWER_LENGTHS: [usize; 6] = [80, 200, 350, 700, 1200, 2600];

pub(super) fn flow(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 80);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let host = m.rng.below(m.hosts.len() as u64) as usize;
    let [mut request, mut answer] = std::mem::take(&mut m.text);
    while tcp.sent + CLOSE_FRAMES < packets {
        let (method, status) = exchange(m, host, &mut request, &mut answer);
        let think = m.rng.within(1_000_000, 80_000_000);
        tcp.send(&mut m.wire, CLIENT, &request, think);
        tcp.ack_late(&mut m.wire, SERVER);
        let work = m.rng.exponential(10_000_000);
        tcp.send(&mut m.wire, SERVER, &answer, work);
        tcp.ack(&mut m.wire, CLIENT);
        m.truth.http_requests += 1;
        *m.truth.http_by_status.entry(status).or_default() += 1;
        *m.truth.http_by_method.entry(method.to_owned()).or_default() += 1;
    }
    tcp.close(&mut m.wire);
    m.truth.flows.http += 1;
    m.text = [request, answer];
}

/// Up to eight requests in a row, then their answers.
pub(super) fn pipelined(m: &mut Maker, start_ns: u64, packets: u64) {
    let ends = m.ends(None, 80);
    let mut tcp = Tcp::open(m, start_ns, ends);
    let host = m.rng.below(m.hosts.len() as u64) as usize;
    let [mut request, mut answer] = std::mem::take(&mut m.text);
    let (mut requests, mut answers) = (Vec::new(), Vec::new());
    while tcp.sent + CLOSE_FRAMES < packets {
        requests.clear();
        answers.clear();
        for _ in 0..m.rng.within(2, 9) {
            let (method, status) = exchange(m, host, &mut request, &mut answer);
            requests.extend_from_slice(&request);
            answers.extend_from_slice(&answer);
            m.truth.http_requests += 1;
            *m.truth.http_by_status.entry(status).or_default() += 1;
            *m.truth.http_by_method.entry(method.to_owned()).or_default() += 1;
        }
        let think = m.rng.within(1_000_000, 80_000_000);
        tcp.send(&mut m.wire, CLIENT, &requests, think);
        tcp.ack_late(&mut m.wire, SERVER);
        let work = m.rng.exponential(10_000_000);
        tcp.send(&mut m.wire, SERVER, &answers, work);
        tcp.ack(&mut m.wire, CLIENT);
    }
    tcp.close(&mut m.wire);
    m.truth.flows.http += 1;
    m.text = [request, answer];
}

/// Writes a request and its answer.
fn exchange(
    m: &mut Maker,
    host: usize,
    request: &mut Vec<u8>,
    answer: &mut Vec<u8>,
) -> (&'static str, i32) {
    let r = &mut m.rng;
    let method = match r.below(100) {
        0..80 => "GET",
        80..95 => "POST",
        95..98 => "PUT",
        _ => "DELETE",
    };
    let (status, reason) = match r.below(100) {
        0..90 => (200, "OK"),
        90..93 => (201, "Created"),
        93..95 => (304, "Not Modified"),
        95..98 => (404, "Not Found"),
        98 => (500, "Internal Server Error"),
        _ => (503, "Service Unavailable"),
    };
    let body = match method {
        "POST" | "PUT" => &m.body[..r.within(40, 600) as usize],
        _ => &[],
    };
    request.clear();
    answer.clear();
    // Writing into memory cannot fail.
    let _ = write!(
        request,
        "{method} /api/v{}/{}/{}?page={} HTTP/1.1\r\n\
         Host: {}\r\n\
         User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench/1.0\r\n\
         Accept: application/json\r\n\
         Accept-Encoding: gzip\r\n\
         traceparent: 00-{:016x}{:016x}-{:016x}-01\r\n\
         X-Request-ID: {:016x}\r\n",
        r.within(1, 3),
        r.pick(&RESOURCES),
        r.below(1_000_000),
        r.below(50),
        m.hosts[host],
        r.bits(),
        r.bits(),
        r.bits(),
        r.bits(),
    );
    if !body.is_empty() {
        let _ =
            write!(request, "Content-Type: application/json\r\nContent-Length: {}\r\n", body.len());
    }
    request.extend_from_slice(b"Connection: keep-alive\r\n\r\n");
    request.extend_from_slice(body);
    let length = if status == 304 { 0 } else { r.pick(&ANSWER_LENGTHS) };
    let _ = write!(
        answer,
        "HTTP/1.1 {status} {reason}\r\n\
         Server: nginx\r\n\
         Content-Type: application/json\r\n\
         Content-Length: {length}\r\n\
         X-Upstream: 10.0.0.{}\r\n\r\n",
        r.below(255)
    );
    answer.extend_from_slice(&m.body[..length]);
    (method, status)
}
