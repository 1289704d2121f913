//! HTTP/1 conversations: what they say, and that no way to cut them changes it.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::http1::{self, MAX_HEAD};
use fathom_parsers::message::Direction::{ToClient as S, ToServer as C};
use fathom_parsers::message::{Carrier, Direction, L7Protocol};
use fathom_parsers::registry::{AnyParser, Options};
use fathom_parsers::testing::{Driver, OwnedMessage};
use fathom_parsers::trace::{TraceHeader, TraceOptions};
use proptest::prelude::*;

type Turn = (Direction, &'static str);

/// One conversation: turns (client or server speaks) and what each message is, in order:
/// `C GET host resource length`, `S 200 length`, `S end length`, `S interim 100`.
struct Conversation {
    name: &'static str,
    turns: &'static [Turn],
    says: &'static [&'static str],
    switched: bool,
}

const fn talk(
    name: &'static str,
    turns: &'static [Turn],
    says: &'static [&'static str],
) -> Conversation {
    Conversation { name, turns, says, switched: false }
}

const CONVERSATIONS: &[Conversation] = &[
    talk(
        "one request, one answer with a length",
        &[
            (C, "GET /a?b=c HTTP/1.1\r\nHost: h\r\n\r\n"),
            (S, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        ],
        &["C GET h /a?b=c Some(0)", "S 200 Some(5)"],
    ),
    talk(
        "three pipelined requests, the second with a body",
        &[
            (
                C,
                "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nhost:h\r\ncontent-length: \
                 3\r\n\r\nabcGET /3 HTTP/1.1\r\nHOST:  h \r\n\r\n",
            ),
            (
                S,
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 201 Created\r\n\
                 Content-Length: 2\r\n\r\nokHTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx",
            ),
        ],
        &[
            "C GET h /1 Some(0)",
            "C POST h /2 Some(3)",
            "C GET h /3 Some(0)",
            "S 200 Some(0)",
            "S 201 Some(2)",
            "S 404 Some(1)",
        ],
    ),
    talk(
        "chunked both ways, with extensions and trailers",
        &[
            (
                C,
                "PUT /u HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n\
                 4;name=\"v\"\r\nGET \r\n0a  \r\n0123456789\r\n0\r\nX-Sum: 1\r\nA: b\r\n\r\n\
                 GET /n HTTP/1.1\r\nHost: h\r\n\r\n",
            ),
            (
                S,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n\
                 00003\r\nabc\r\n0\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            ),
        ],
        &[
            "C PUT h /u None",
            "C end Some(14)",
            "C GET h /n Some(0)",
            "S 200 None",
            "S end Some(3)",
            "S 204 Some(0)",
        ],
    ),
    talk(
        "answers without a body keep the next one in place",
        &[
            (
                C,
                "HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n\
                 GET /3 HTTP/1.1\r\nHost: h\r\n\r\n",
            ),
            (
                S,
                "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nHTTP/1.1 304 Not Modified\r\n\
                 Content-Length: 77\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
            ),
        ],
        &[
            "C HEAD h /1 Some(0)",
            "C GET h /2 Some(0)",
            "C GET h /3 Some(0)",
            "S 200 Some(0)",
            "S 304 Some(0)",
            "S 204 Some(0)",
        ],
    ),
    talk(
        "100-continue and early hints are interim",
        &[
            (C, "POST /u HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"),
            (S, "HTTP/1.1 100 Continue\r\n\r\n"),
            (C, "ab"),
            (
                S,
                "HTTP/1.1 103 Early Hints\r\nLink: </s>\r\n\r\nHTTP/1.1 500 Oh no\r\nContent-Length: 0\r\n\r\n",
            ),
        ],
        &["C POST h /u Some(2)", "S interim 100", "S interim 103", "S 500 Some(0)"],
    ),
    talk(
        "a body that lasts until the connection closes",
        &[
            (C, "GET / HTTP/1.0\r\n\r\n"),
            (S, "HTTP/1.0 200 OK\r\nServer: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\nstill body"),
        ],
        &["C GET  / Some(0)", "S 200 None", "S end Some(29)"],
    ),
    talk(
        "bare line feeds, blank lines in front, folded lines, odd methods",
        &[
            (
                C,
                "\r\n\r\nfrob /x HTTP/1.1\nHost: h\nX-Long: a\n\t b\nTransfer-Encoding:\n chunked\n\n\
                 3\nabc\n0\n\n\nM-SEARCH * HTTP/1.1\r\nHost: h\r\n\r\n",
            ),
            (S, "HTTP/1.1 200\r\nContent-Length: 1, 1\r\nContent-Length: 1\r\n\r\nx"),
            (S, "HTTP/1.1 200 \nContent-Length:0\n\n"),
        ],
        &[
            "C frob h /x None",
            "C end Some(3)",
            "C M-SEARCH h * Some(0)",
            "S 200 Some(1)",
            "S 200 Some(0)",
        ],
    ),
    talk(
        "a proxy's absolute target names the host",
        &[
            (C, "GET http://u:p@web.example:8080/p/q?r HTTP/1.1\r\nHost: proxy\r\n\r\n"),
            (C, "GET HTTPS://web.example HTTP/1.1\r\nHost: proxy\r\n\r\n"),
        ],
        &["C GET web.example:8080 /p/q?r Some(0)", "C GET web.example / Some(0)"],
    ),
    talk(
        "a refused CONNECT goes on",
        &[
            (C, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"),
            (S, "HTTP/1.1 407 Who\r\nContent-Length: 2\r\n\r\nno"),
            (C, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            (S, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ],
        &[
            "C CONNECT a.example:443 a.example:443 Some(0)",
            "S 407 Some(2)",
            "C GET h / Some(0)",
            "S 200 Some(0)",
        ],
    ),
    Conversation {
        name: "an accepted CONNECT ends HTTP",
        turns: &[
            (C, "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n"),
            (S, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
            (C, "\u{16}\u{3}\u{1}GET / HTTP/1.1\r\n\r\n"),
        ],
        says: &["C CONNECT a.example:443 a.example:443 Some(0)", "S 200 Some(0)"],
        switched: true,
    },
    Conversation {
        name: "an upgrade ends HTTP",
        turns: &[
            (C, "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"),
            (S, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\u{1}\u{5}hello"),
        ],
        says: &["C GET h /ws Some(0)", "S 101 Some(0)", "CLOSE Some(1006)"],
        switched: false,
    },
];

fn summary(m: &OwnedMessage) -> String {
    let side = if m.dir == Some(C) { "C" } else { "S" };
    match m.kind.as_str() {
        "Request" => format!(
            "{side} {} {} {} {:?}",
            m.request_type, m.request_domain, m.request_resource, m.length
        ),
        "Response" => format!("{side} {} {:?}", m.response_code.unwrap(), m.length),
        "Interim" => format!("{side} interim {}", m.response_code.unwrap()),
        "Single" => format!("{} {:?}", m.request_type, m.response_code),
        "End" => format!("{side} end {:?}", m.length),
        other => panic!("{other}"),
    }
}

fn driver() -> Driver {
    Driver::new(AnyParser::new(L7Protocol::Http, Carrier::Tcp, &Options::default()).unwrap(), false)
}

fn run(turns: &[(Direction, &[u8])]) -> Driver {
    let mut driver = driver();
    for &(dir, bytes) in turns {
        driver.feed(dir, bytes);
    }
    driver.finish(C);
    driver.finish(S);
    driver
}

fn run_text(turns: &[Turn]) -> Vec<OwnedMessage> {
    let turns: Vec<_> = turns.iter().map(|&(d, t)| (d, t.as_bytes())).collect();
    let driver = run(&turns);
    assert_eq!(driver.lost, 0, "{:#?}", driver.messages);
    driver.messages
}

fn one(dir: Direction, text: &'static str) -> OwnedMessage {
    run_text(&[(dir, text)]).swap_remove(0)
}

#[test]
fn conversations_say_what_they_say() {
    for c in CONVERSATIONS {
        let turns: Vec<_> = c.turns.iter().map(|&(d, t)| (d, t.as_bytes())).collect();
        let driver = run(&turns);
        let says: Vec<_> = driver.messages.iter().map(summary).collect();
        assert_eq!(says, c.says, "{}", c.name);
        assert_eq!((driver.lost, driver.switched), (0, c.switched), "{}", c.name);
    }
}

#[test]
fn every_split_in_two_says_the_same() {
    for c in CONVERSATIONS {
        let whole: Vec<_> = c.turns.iter().map(|&(d, t)| (d, t.as_bytes())).collect();
        let expected = run(&whole).messages;
        for (i, &(dir, text)) in whole.iter().enumerate() {
            for at in 0..=text.len() {
                let mut turns = whole.clone();
                turns.splice(i..=i, [(dir, &text[..at]), (dir, &text[at..])]);
                let driver = run(&turns);
                assert_eq!(driver.messages, expected, "{} turn {i} cut at {at}", c.name);
                assert_eq!(driver.lost, 0);
            }
        }
        let bytewise: Vec<_> =
            whole.iter().flat_map(|&(d, t)| t.chunks(1).map(move |b| (d, b))).collect();
        assert_eq!(run(&bytewise).messages, expected, "{} in single bytes", c.name);
    }
}

proptest! {
    #[test]
    fn any_splits_say_the_same(
        which in 0..CONVERSATIONS.len(),
        sizes in prop::collection::vec(1usize..40, 1..60),
    ) {
        let c = &CONVERSATIONS[which];
        let whole: Vec<_> = c.turns.iter().map(|&(d, t)| (d, t.as_bytes())).collect();
        let mut sizes = sizes.iter().copied().cycle();
        let mut turns = Vec::new();
        for &(dir, mut text) in &whole {
            while !text.is_empty() {
                let (part, rest) = text.split_at(sizes.next().unwrap().min(text.len()));
                turns.push((dir, part));
                text = rest;
            }
        }
        prop_assert_eq!(run(&turns).messages, run(&whole).messages);
    }

    #[test]
    fn random_bytes_never_hang_or_panic(
        chunks in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..300)), 0..20),
    ) {
        let mut driver = driver();
        for (up, bytes) in &chunks {
            driver.feed(if *up { C } else { S }, bytes);
        }
    }

    /// Mutations of real text reach deeper than noise.
    #[test]
    fn damaged_text_never_hangs_or_panics(
        which in 0..CONVERSATIONS.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut driver = driver();
        for &(dir, text) in CONVERSATIONS[which].turns {
            let mut text = text.as_bytes().to_vec();
            for (at, byte) in &damage {
                let at = at.index(text.len());
                text[at] = *byte;
            }
            driver.feed(dir, &text);
        }
        driver.finish(C);
        driver.finish(S);
    }
}

#[test]
fn head_fields() {
    let m = one(
        C,
        "GET /api/v2/items/7?x=/y HTTP/1.1\r\nHost: shop.example:8080\r\nUser-Agent: curl/8\r\n\
         Referer: http://r/\r\nContent-Type: text/plain\r\nX-Request-ID: rid-1\r\n\
         X-Forwarded-For: 192.0.2.7, 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n\
         TraceParent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
    );
    assert_eq!((m.version.as_str(), m.endpoint.as_str()), ("1.1", "/api/v2"));
    assert_eq!((m.x_request_id.as_str(), m.client_ip.as_str()), ("rid-1", "192.0.2.7"));
    assert_eq!(m.trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m.span_id, "00f067aa0ba902b7");
    let attributes: Vec<_> = m.attributes.iter().map(|(n, v)| format!("{n}={v}")).collect();
    assert_eq!(attributes, ["User-Agent=curl/8", "Referer=http://r/", "Content-Type=text/plain"]);

    let m = one(S, "HTTP/1.0 503 Try Later\r\nx-request-id: r2\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((m.version.as_str(), m.status.as_str()), ("1.0", "ServerError"));
    assert_eq!((m.exception.as_str(), m.x_request_id.as_str()), ("Try Later", "r2"));
    let m = one(S, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((m.status.as_str(), m.exception.as_str()), ("ClientError", "Not Found"));
    let m = one(S, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((m.status.as_str(), m.exception.as_str()), ("Ok", ""));
}

#[test]
fn endpoints_and_custom_trace_headers_follow_the_options() {
    let headers = ["X-My-Trace", "SW8"].map(TraceHeader::from_name);
    let options = Options {
        trace: TraceOptions::new(&headers),
        http: http1::Options { endpoint_segments: 1 },
        ..Options::default()
    };
    let mut driver =
        Driver::new(AnyParser::new(L7Protocol::Http, Carrier::Tcp, &options).unwrap(), false);
    driver.feed(
        C,
        b"GET /a/b/c HTTP/1.1\r\nsw8: 1-YQ==-Yg==-3\r\nx-my-trace: t1\r\n\
          traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n\r\n",
    );
    let m = &driver.messages[0];
    assert_eq!((m.trace_id.as_str(), m.trace_id_2.as_str()), ("t1", "a"));
    assert_eq!(m.endpoint, "/a");
    for (target, endpoint) in [
        ("/", "/"),
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("/a/b", "/a/b"),
        ("/a/b/", "/a/b"),
        ("/a?b/c/d", "/a"),
    ] {
        let text = format!("GET {target} HTTP/1.1\r\n\r\n");
        assert_eq!(run(&[(C, text.as_bytes())]).messages[0].endpoint, endpoint, "{target}");
    }
}

/// Framing that makes no sense: the message stands, the place is lost, the next one is found.
#[test]
fn bad_framing_is_survived() {
    for head in [
        "POST /bad HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n",
        "POST /bad HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
        "POST /bad HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "POST /bad HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST /bad HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /bad HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n",
        "POST /bad HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n",
        "GARBAGE\r\n",
    ] {
        let driver =
            run(&[(C, head.as_bytes()), (C, b"body\r\n"), (C, b"GET /next HTTP/1.1\r\n\r\n")]);
        let last = driver.messages.last().unwrap();
        assert_eq!(last.request_resource, "/next", "{head}");
        assert_eq!(driver.lost, 1, "{head}");
    }
}

#[test]
fn heads_are_bounded() {
    let mut d = driver();
    d.feed(C, b"GET / HTTP/1.1\r\n");
    for _ in 0..MAX_HEAD / 8 {
        d.feed(C, b"A: bcd\r\n");
    }
    assert_eq!(d.lost, 1, "a head without an end");
    d.feed(C, b"GET /next HTTP/1.1\r\n\r\n");
    assert_eq!(d.messages[0].request_resource, "/next");
    let whole = ["GET / HTTP/1.1\r\n", &"A: bcd\r\n".repeat(MAX_HEAD / 8), "\r\n"].concat();
    assert_eq!(run(&[(C, whole.as_bytes())]).messages.len(), 0, "the same limit in one piece");
    let mut d = driver();
    d.feed(C, b"GET /slow HTTP/1.1\r\nCookie: ");
    (0..60_000).for_each(|_| d.feed(C, b"c"));
    d.feed(C, b"\r\n\r\n");
    assert_eq!((d.messages.len(), d.lost), (1, 0), "a long head in single bytes");
    let long_line = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000));
    assert_eq!(run(&[(C, long_line.as_bytes())]).messages.len(), 0);
}

#[test]
fn gaps_inside_counted_bodies_do_no_harm() {
    let mut d = driver();
    d.feed(S, b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
    d.gap(S, 50);
    d.feed(S, &[b'x'; 40]);
    d.feed(S, b"HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n0123456789");
    d.gap(S, 22);
    d.feed(S, b"\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n");
    d.gap(S, 7);
    d.feed(S, b"HTTP/1.1 201 OK\r\n\r\nabc");
    d.gap(S, 1000);
    d.finish(S);
    let says: Vec<_> = d.messages.iter().map(summary).collect();
    assert_eq!(
        says,
        [
            "S 200 Some(100)",
            "S 404 None",
            "S end Some(32)",
            "S 200 Some(7)",
            "S 201 None",
            "S end Some(1003)"
        ]
    );
    assert_eq!(d.lost, 0);
}

#[test]
fn other_gaps_end_at_the_next_message() {
    let mut d = driver();
    d.feed(C, b"GET /1 HTTP/1.1\r\nHost: one\r\nX-Requ");
    d.gap(C, 200);
    d.feed(
        C,
        b"tail of something\r\nmore: of it\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 4\r\n\r\nab",
    );
    d.gap(C, 100);
    d.feed(C, b"\x00\x01binary");
    d.feed(C, b"GET /3 HTTP/1.1\r\nHos");
    d.feed(C, b"t: three\r\n\r\n");
    d.feed(S, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01");
    d.gap(S, 9);
    d.feed(
        S,
        b"GET / HTTP/1.1\r\nHTTP/1.1 bad\nHTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    );
    let says: Vec<_> = d.messages.iter().map(summary).collect();
    assert_eq!(
        says,
        [
            "C GET one /1 None",
            "C POST  /2 Some(4)",
            "C GET three /3 Some(0)",
            "S 200 Some(10)",
            "S 404 Some(0)"
        ]
    );
}

#[test]
fn what_a_cut_packet_still_says() {
    let cut = |dir, text: &[u8]| {
        let mut d = driver();
        d.feed(dir, text);
        d.cut(dir);
        d.messages.pop()
    };
    let m = cut(C, b"GET /path/that/is/lo").unwrap();
    assert_eq!((m.request_type.as_str(), m.request_resource.as_str()), ("GET", "/path/that/is/lo"));
    let m = cut(C, b"GET /p HTTP/1.1\r\nHost: h\r\nReferer: http://unfinis").unwrap();
    assert_eq!((m.request_domain.as_str(), m.length), ("h", None));
    assert!(m.attributes.is_empty(), "an unfinished line may lie");
    let m = cut(C, b"PUT /p HTTP/1.1\r\nContent-Length: 50\r\nX").unwrap();
    assert_eq!(m.length, Some(50));
    let m = cut(S, b"HTTP/1.1 404 Not Fo").unwrap();
    assert_eq!((m.response_code, m.end_follows), (Some(404), false));
    assert!(cut(C, b"GET ").is_none() && cut(S, b"HTTP/1.1 40").is_none());
}
