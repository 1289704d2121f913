//! Parsers alone, message by message, through the one interface that the stream stage calls: a
//! number of requests in a row, then their answers, on connections that were opened before.

use crate::alloc;
use crate::clock::thread_cpu_ns;
use crate::generate::client_hello;
use crate::interval::Interval;
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Parser, Scratch, Step};
use fathom_parsers::registry::{AnyParser, Options};
use std::time::Duration;

/// Messages between two looks at the clock; fewer than any parser lets wait for answers.
const RUN: usize = 16;

/// A conversation.
struct Case {
    name: &'static str,
    protocol: L7Protocol,
    carrier: Carrier,
    /// Each message is the first of a connection of its own.
    opens: bool,
    request: Vec<u8>,
    answer: Vec<u8>,
    /// What goes before, by direction.
    before: Vec<(Direction, Vec<u8>)>,
}

/// One kind of message.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Its name.
    pub name: String,
    /// Thread CPU time.
    pub ns: Interval,
    /// Allocations per message.
    pub allocations: f64,
}

fn cases() -> Vec<Case> {
    let tcp = |name, protocol, request: &[u8], answer: &[u8]| Case {
        name,
        protocol,
        carrier: Carrier::Tcp,
        opens: false,
        request: request.to_vec(),
        answer: answer.to_vec(),
        before: Vec::new(),
    };
    let dns_query =
        b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x06h12345\x06svc123\x07example\x03org\0\0\x01\0\x01";
    let mut dns_answer = dns_query.to_vec();
    dns_answer[2..8].copy_from_slice(&[0x81, 0x80, 0, 1, 0, 2]);
    for last in [1, 2] {
        dns_answer.extend_from_slice(&[0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, last]);
    }
    let mysql_ok = b"\x07\0\0\x01\0\x01\0\x02\0\0\0";
    vec![
        tcp("HTTP/1", L7Protocol::Http, HTTP_REQUEST, HTTP_ANSWER),
        Case { carrier: Carrier::Udp, ..tcp("DNS", L7Protocol::Dns, dns_query, &dns_answer) },
        Case { opens: true, ..tcp("TLS ClientHello", L7Protocol::Tls, &client_hello(7), b"") },
        tcp(
            "Redis",
            L7Protocol::Redis,
            b"*2\r\n$3\r\nGET\r\n$16\r\nuser:123:profile\r\n",
            b"$5\r\nhello\r\n",
        ),
        tcp(
            "MySQL",
            L7Protocol::MySql,
            b"\x24\0\0\0\x03SELECT id FROM items WHERE id = 1234",
            mysql_ok,
        ),
        tcp(
            "PostgreSQL",
            L7Protocol::PostgreSql,
            b"Q\0\0\0\x28SELECT id FROM items WHERE id = 1234\0",
            b"C\0\0\0\x0dSELECT 1\0Z\0\0\0\x05I",
        ),
        tcp(
            "Kafka",
            L7Protocol::Kafka,
            b"\0\0\0\x23\0\x0c\0\0\0\0\0\x01\0\x06orders\0\x05group\0\0\0\x01\0\x08member-1",
            b"\0\0\0\x06\0\0\0\x01\0\0",
        ),
    ]
}

const HTTP_REQUEST: &[u8] = b"GET /api/v2/orders/123456?page=7 HTTP/1.1\r\nHost: svc1.shop.example.com\r\n\
    User-Agent: Mozilla/5.0 (X11; Linux x86_64) bench/1.0\r\nAccept: application/json\r\n\
    Accept-Encoding: gzip\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\
    X-Request-ID: 7b1c2d3e4f5a6b7c\r\nConnection: keep-alive\r\n\r\n";
const HTTP_ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Type: application/json\r\n\
    Content-Length: 2\r\nX-Upstream: 10.0.0.7\r\n\r\n{}";

/// Takes all of `bytes`; messages found.
fn take(parser: &mut AnyParser, dir: Direction, bytes: &[u8], scratch: &mut Scratch) -> usize {
    let (mut at, mut n) = (0, 0);
    while at < bytes.len() {
        match parser.step(dir, &bytes[at..], scratch) {
            Step::Message { used, message } => {
                std::hint::black_box(&message);
                (at, n) = (at + used, n + 1);
            }
            Step::Skip { used } => at += used,
            _ => break,
        }
    }
    n
}

struct Turn {
    ns: [f64; 2],
    allocations: [u64; 2],
}

/// One turn: CPU time per request and per answer; nothing without a parser that finds them all.
fn turn(case: &Case, messages: usize) -> Option<Turn> {
    let options = Options::default();
    let mut scratch = Scratch::default();
    let new = || AnyParser::new(case.protocol, case.carrier, &options);
    let mut parser = new()?;
    for (dir, bytes) in &case.before {
        take(&mut parser, *dir, bytes, &mut scratch);
    }
    let mut fresh: Vec<AnyParser> = Vec::with_capacity(RUN);
    let (mut ns, mut allocations, mut found) = ([0_u64; 2], [0_u64; 2], [0_usize; 2]);
    let both = [(Direction::ToServer, &case.request), (Direction::ToClient, &case.answer)];
    for _ in 0..messages.div_ceil(RUN) {
        if case.opens {
            fresh.clear();
            fresh.extend((0..RUN).filter_map(|_| new()));
        }
        for (i, (dir, bytes)) in both.iter().enumerate() {
            if bytes.is_empty() {
                continue;
            }
            let (count, begun) = (alloc::count(), thread_cpu_ns());
            for n in 0..RUN {
                let parser = fresh.get_mut(n).unwrap_or(&mut parser);
                found[i] += take(parser, *dir, std::hint::black_box(bytes), &mut scratch);
            }
            ns[i] += thread_cpu_ns() - begun;
            allocations[i] += alloc::count() - count;
        }
    }
    let all = messages.div_ceil(RUN) * RUN;
    for (i, (_, bytes)) in both.iter().enumerate() {
        if !bytes.is_empty() && found[i] < all {
            println!("{:<44} skipped: {} messages of {all} were found", case.name, found[i]);
            return None;
        }
    }
    Some(Turn { ns: ns.map(|n| n as f64 / all as f64), allocations })
}

/// Names of the conversations that can be measured.
pub fn names() -> Vec<&'static str> {
    cases().iter().map(|case| case.name).collect()
}

/// CPU time of so many requests and answers; `None` for a conversation there is no parser for.
pub fn exchanges(name: &str, count: usize) -> Option<Duration> {
    let case = cases().into_iter().find(|case| case.name == name)?;
    let turn = turn(&case, count)?;
    Some(Duration::from_nanos((turn.ns.iter().sum::<f64>() * count as f64) as u64))
}

/// What a look at the clock takes, by message.
fn clock_ns() -> f64 {
    let looks: Vec<f64> = (0..1000)
        .map(|_| {
            let begun = thread_cpu_ns();
            (thread_cpu_ns() - begun) as f64 / RUN as f64
        })
        .collect();
    Interval::of(&looks).value
}

/// Measures every parser that there is, `repeat` turns of so many messages; one that does not find
/// every message is told and left out.
pub fn run(messages: usize, repeat: usize) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let clock = clock_ns();
    for case in cases() {
        let mut turns = Vec::new();
        for _ in 0..=repeat {
            turns.extend(turn(&case, messages));
        }
        // The first was the parser's first.
        let turns = turns.get(1..).unwrap_or_default();
        if turns.is_empty() {
            println!("{:<44} skipped: there is no parser yet", case.name);
            continue;
        }
        for (i, what) in ["request", "answer"].iter().enumerate() {
            let bytes = if i == 0 { &case.request } else { &case.answer };
            if bytes.is_empty() {
                continue;
            }
            let ns: Vec<f64> = turns.iter().map(|t| (t.ns[i] - clock).max(0.0)).collect();
            let allocations: u64 = turns.iter().map(|t| t.allocations[i]).sum();
            let name =
                if case.opens { case.name.to_owned() } else { format!("{} {what}", case.name) };
            outcomes.push(Outcome {
                name,
                ns: Interval::of(&ns),
                allocations: allocations as f64 / (messages * turns.len()) as f64,
            });
        }
    }
    outcomes
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_message_is_found() {
        let all = super::run(64, 1);
        for name in ["HTTP/1 request", "DNS answer", "Redis request", "MySQL answer"] {
            assert!(all.iter().any(|o| o.name == name && o.ns.value >= 0.0), "{name}");
        }
    }
}
