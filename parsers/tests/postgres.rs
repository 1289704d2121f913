//! PostgreSQL: sessions, simple and extended queries, errors and what they skip, COPY, what is
//! hidden, and that no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::PostgreSql;
use fathom_parsers::message::MessageKind;
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, messages_with, up};

fn m(kind: u8, body: &[u8]) -> Vec<u8> {
    [&[kind], &(body.len() as u32 + 4).to_be_bytes()[..], body].concat()
}

fn query(text: &str) -> Said {
    up(m(b'Q', format!("{text}\0").as_bytes()))
}

fn parse(name: &str, text: &str) -> Vec<u8> {
    m(b'P', format!("{name}\0{text}\0\0\0").as_bytes())
}

fn bind(name: &str) -> Vec<u8> {
    m(b'B', format!("\0{name}\0\0\0\0\0\0\0").as_bytes())
}

fn execute() -> Vec<u8> {
    m(b'E', b"\0\0\0\0\0")
}

fn describe(name: &str) -> Vec<u8> {
    m(b'D', format!("S{name}\0").as_bytes())
}

fn sync() -> Vec<u8> {
    m(b'S', b"")
}

fn ready() -> Vec<u8> {
    m(b'Z', b"I")
}

fn complete(tag: &str) -> Vec<u8> {
    m(b'C', format!("{tag}\0").as_bytes())
}

fn error(state: &str, text: &str) -> Vec<u8> {
    m(b'E', format!("SERROR\0VERROR\0C{state}\0M{text}\0Dsecret detail\0\0").as_bytes())
}

fn columns() -> Vec<u8> {
    m(b'T', b"\0\x01a\0\0\0\0\0\0\0\0\0\0\x17\0\x04\xff\xff\xff\xff\0\0")
}

fn row() -> Vec<u8> {
    m(b'D', b"\0\x01\0\0\0\x011")
}

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(PostgreSql, talk))
}

#[test]
fn a_session() {
    let mut start = b"\0\0\0\0\0\x03\0\0user\0app\0database\0shop\0\0".to_vec();
    start[3] = start.len() as u8;
    assert_eq!(
        said(&[
            up(b"\0\0\0\x08\x04\xd2\x16\x2f"),
            down(b"N"),
            up(&start),
            down(m(b'R', b"\0\0\0\x0aSCRAM-SHA-256\0\0")),
            up(m(b'p', b"SCRAM-SHA-256\0\0\0\0\x05n,,n=")),
            down(m(b'R', b"\0\0\0\x0br=1")),
            up(m(b'p', b"c=biws")),
            down(
                [
                    m(b'R', b"\0\0\0\x0cv=1"),
                    m(b'R', b"\0\0\0\0"),
                    m(b'S', b"TimeZone\0UTC\0"),
                    m(b'K', b"\0\0\0\x01\0\0\0\x02"),
                    ready()
                ]
                .concat()
            ),
            query("select 'x' from t where a = 1"),
            down([columns(), row(), row(), complete("SELECT 2"), ready()].concat()),
            query("delete  from test;"),
            down([complete("DELETE 1"), ready()].concat()),
            query(""),
            down([m(b'I', b""), ready()].concat()),
            query("select nope"),
            down([error("42703", "column \"nope\" does not exist"), ready()].concat()),
            up(m(b'X', b"")),
        ]),
        [
            "Request type=Startup domain=shop resource=app endpoint=Startup length=32",
            "Response status=Ok open=yes",
            "End status=Ok length=94",
            "Request type=Query resource=select ? from t where a = ? endpoint=select ? from t where a = ? length=35",
            "Response status=Ok open=yes",
            "End status=Ok length=71",
            "Request type=Query resource=delete from test; endpoint=delete from test; length=24",
            "Response status=Ok open=yes",
            "End status=Ok length=20 rows=1",
            "Request type=Query length=6",
            "Response status=Ok open=yes",
            "End status=Ok length=11",
            "Request type=Query resource=select nope endpoint=select nope length=17",
            "Response status=ClientError code=42703 exception=42703: column \"nope\" does not exist length=72",
            "Single type=Terminate endpoint=Terminate length=5",
        ]
    );
}

#[test]
fn what_ends_a_session_early() {
    let start = b"\0\0\0\x12\0\x03\0\0user\0app\0\0";
    assert_eq!(
        said(&[up(start), down(error("28P01", "password authentication failed for user \"app\""))])
            [1],
        "Response status=ClientError exception=28P01: password authentication failed for user \"app\" length=89"
    );
    assert_eq!(
        said(&[
            up(start),
            down([m(b'R', b"\0\0\0\0"), error("3D000", "database \"x\" does not exist")].concat())
        ])[2],
        "End status=ClientError exception=3D000: database \"x\" does not exist length=80"
    );
    assert_eq!(
        said(&[up(b"\0\0\0\x10\x04\xd2\x16\x2e\0\0\0\x2a\0\0\0\x02")]),
        ["Single type=CancelRequest endpoint=CancelRequest id=42 length=16"]
    );
}

#[test]
fn several_statements_in_one_query() {
    assert_eq!(
        said(&[
            query("insert into a values (1); update b set c = 2"),
            down([complete("INSERT 0 1"), complete("UPDATE 5"), ready()].concat()),
            query("select 1; select 1/0"),
            down(
                [
                    columns(),
                    row(),
                    complete("SELECT 1"),
                    error("22012", "division by zero"),
                    ready()
                ]
                .concat()
            ),
            query("select pg_sleep(9)"),
            down(
                [
                    columns(),
                    m(b'N', b"SNOTICE\0\0"),
                    error("57014", "canceling statement"),
                    ready()
                ]
                .concat()
            ),
        ])
        .iter()
        .filter(|l| !l.starts_with("Request"))
        .collect::<Vec<_>>(),
        [
            "Response status=Ok open=yes",
            "End status=Ok length=36 rows=6",
            "Response status=Ok open=yes",
            "End status=ClientError code=22012 exception=22012: division by zero length=113",
            "Response status=Ok open=yes",
            "End status=ServerError code=57014 exception=57014: canceling statement length=104",
        ]
    );
}

#[test]
fn extended_queries() {
    let insert = "insert into t values ($1, 'x')";
    let shown = "insert into t values ($1)";
    let got = said(&[
        // All in one, as most drivers do without a name.
        up([parse("", insert), bind(""), describe(""), execute(), sync()].concat()),
        down([m(b'1', b""), m(b'2', b""), m(b'n', b""), complete("INSERT 0 1"), ready()].concat()),
        // Prepared first, run twice, then once more without Bind.
        up([parse("s1", "select a from t where b = $1"), describe("s1"), sync()].concat()),
        down([m(b'1', b""), m(b't', b"\0\x01\0\0\0\x17"), columns(), ready()].concat()),
        up([bind("s1"), execute(), sync()].concat()),
        down([m(b'2', b""), row(), m(b's', b""), ready()].concat()),
        up([execute(), sync()].concat()),
        down([row(), complete("SELECT 1"), ready()].concat()),
        // Prepared and described for a flush, then run.
        up([parse("", "select 1"), describe(""), m(b'H', b"")].concat()),
        down([m(b'1', b""), m(b't', b"\0\0"), columns()].concat()),
        up([bind(""), execute(), sync()].concat()),
        down([m(b'2', b""), row(), complete("SELECT 1"), ready()].concat()),
        // Closed: nobody knows what it was.
        up([m(b'C', b"Ss1\0"), sync()].concat()),
        down([m(b'3', b""), ready()].concat()),
        up([bind("s1"), execute(), sync()].concat()),
        down([error("26000", "prepared statement \"s1\" does not exist"), ready()].concat()),
    ]);
    assert_eq!(
        got.iter().map(String::as_str).collect::<Vec<_>>(),
        [
            &format!("Request type=Parse resource={shown} endpoint={shown} length=39"),
            "Response status=Ok open=yes",
            "End status=Ok length=31 rows=1",
            "Request type=Parse resource=select a from t where b = $1 endpoint=select a from t where b = $1 length=39",
            "Response status=Ok open=yes",
            "End status=Ok length=49",
            "Request type=Execute resource=select a from t where b = $1 endpoint=select a from t where b = $1 length=15",
            "Response status=Ok open=yes",
            "End status=Ok length=28",
            "Request type=Execute endpoint=Execute length=10",
            "Response status=Ok open=yes",
            "End status=Ok length=32",
            "Request type=Parse resource=select ? endpoint=select ? length=17",
            "Response status=Ok open=yes",
            "Request type=Execute resource=select ? endpoint=select ? length=13",
            "End status=Ok length=45",
            "Response status=Ok open=yes",
            "End status=Ok length=31",
            "Request type=Execute endpoint=Execute length=15",
            "Response status=ClientError code=26000 exception=26000: prepared statement \"s1\" does not exist length=88",
        ]
    );
}

#[test]
fn pipelines_and_what_an_error_skips() {
    let batch = |n: usize| -> Vec<u8> {
        let one = [bind("i"), execute()].concat();
        [one.repeat(n), sync()].concat()
    };
    let done = |n: usize| [m(b'2', b""), complete("INSERT 0 1")].concat().repeat(n);
    let got = said(&[
        up([parse("i", "insert into t values ($1)"), batch(3), batch(2)].concat()),
        down([m(b'1', b""), done(3), ready()].concat()),
        down([done(1), m(b'2', b""), error("23505", "duplicate key"), ready()].concat()),
        up([batch(4), parse("", "select 1"), bind(""), execute(), sync()].concat()),
        down([done(1), m(b'2', b""), error("40001", "could not serialize"), ready()].concat()),
        down([m(b'1', b""), m(b'2', b""), row(), complete("SELECT 1"), ready()].concat()),
    ]);
    let answers: Vec<&str> = got
        .iter()
        .filter(|l| !l.starts_with("Request") && !l.ends_with("open=yes"))
        .map(|l| &l[..l.find(" length").unwrap_or(l.len())])
        .collect();
    let skipped = "Response status=ServerError exception=not run: a statement before it failed";
    assert_eq!(
        answers,
        [
            "End status=Ok",
            "End status=Ok",
            "End status=Ok",
            "End status=Ok",
            "End status=ClientError code=23505 exception=23505: duplicate key",
            "End status=Ok",
            "End status=ServerError code=40001 exception=40001: could not serialize",
            skipped,
            skipped,
            "End status=Ok",
        ]
    );
    let requests = got.iter().filter(|l| l.starts_with("Request")).count();
    let responses = got.iter().filter(|l| l.starts_with("Response")).count();
    assert_eq!((requests, responses), (10, 10), "{got:#?}");
}

#[test]
fn copies_and_notifications() {
    let got = said(&[
        query("copy t from stdin"),
        down(m(b'G', b"\0\0\x01\0\0")),
        up([m(b'd', b"secret\n"), m(b'd', &[b'x'; 500]), m(b'c', b"")].concat()),
        down([complete("COPY 2"), ready()].concat()),
        query("copy t to stdout"),
        down(
            [
                m(b'H', b"\0\0\x01\0\0"),
                m(b'd', b"secret\n"),
                m(b'c', b""),
                complete("COPY 1"),
                ready(),
            ]
            .concat(),
        ),
        query("listen jobs"),
        down([complete("LISTEN"), ready()].concat()),
        down(m(b'A', b"\0\0\0\x07jobs\0secret\0")),
    ]);
    assert_eq!(
        got,
        [
            "Request type=Query resource=copy t from stdin endpoint=copy t from stdin length=23",
            "Response status=Ok open=yes",
            "End status=Ok length=28 rows=2",
            "Request type=Query resource=copy t to stdout endpoint=copy t to stdout length=22",
            "Response status=Ok open=yes",
            "End status=Ok length=45 rows=1",
            "Request type=Query resource=listen jobs endpoint=listen jobs length=17",
            "Response status=Ok open=yes",
            "End status=Ok length=18",
            "Single type=NotificationResponse resource=jobs ? endpoint=jobs status=Ok",
        ]
    );
}

#[test]
fn mid_connection_and_what_is_shown() {
    let options = Options { literals: Literals::Shown, ..Options::default() };
    let talk = [
        up([
            m(b'P', b"21\0delete from test where id=$1 returning id\0\0\0"),
            m(b'D', b"S21\0"),
            sync(),
        ]
        .concat()),
        down([m(b'2', b""), complete("DELETE 0"), ready()].concat()),
        query("delete  from test;"),
        down([complete("DELETE 1"), ready()].concat()),
        query("select 'x'::int"),
        down([error("22P02", "invalid input syntax for type integer: \"x\""), ready()].concat()),
    ];
    let got = lines(&messages_with(PostgreSql, &options, &talk));
    assert!(
        got[0]
            .starts_with("Request type=Parse resource=delete from test where id=$1 returning id "),
        "{got:#?}"
    );
    assert_eq!(got[2], "End status=Ok length=19 rows=0");
    assert!(
        got[3].starts_with(
            "Request type=Query resource=delete  from test; endpoint=delete from test;"
        )
    );
    assert!(got[7].contains("integer: \"x\""));
    let hidden = said(&talk);
    assert!(
        hidden[7].contains("exception=22P02: invalid input syntax for type integer length"),
        "{hidden:#?}"
    );
}

#[test]
fn trace_context_in_comments() {
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let text = format!("select 1 /*traceparent='00-{id}-00f067aa0ba902b7-01'*/");
    let all = messages(
        PostgreSql,
        &[query(&text), up([parse("", &text), bind(""), execute(), sync()].concat())],
    );
    assert!(all.iter().all(|m| m.trace_id == id && m.span_id == "00f067aa0ba902b7"), "{all:#?}");
    assert_eq!(all[0].endpoint, "select ?");
}

#[test]
fn behind_tls_nothing_is_read() {
    let mut d = driver(PostgreSql, &Options::default());
    d.feed(ToServer, b"\0\0\0\x08\x04\xd2\x16\x2f");
    d.feed(ToClient, b"S");
    // What is no hello is lost; data that is encrypted ends it.
    d.feed(ToServer, b"\x16\x03\x01\0\x05hello");
    assert!(d.lost == 1 && d.messages.is_empty());
    d.feed(ToServer, &[&b"\x17\x03\x03\0\x20"[..], &[7; 32]].concat());
    assert!(d.switched && d.messages.is_empty());
}

#[test]
fn places_are_found_again() {
    let mut d = driver(PostgreSql, &Options::default());
    d.feed(ToServer, &query("select a").1);
    let rows = [columns(), row().repeat(100), complete("SELECT 100"), ready()].concat();
    d.feed(ToClient, &rows[..500]);
    d.gap(ToClient, 100);
    d.feed(ToClient, &rows[600..]);
    d.feed(ToServer, &query("update b set c = 1").1);
    d.feed(ToClient, &[complete("UPDATE 3"), ready()].concat());
    assert_eq!(d.messages.last().unwrap().affected_rows, Some(3));
    let of = |kind| d.messages.iter().filter(move |m| m.is(kind)).count();
    assert_eq!((of(MessageKind::Response), of(MessageKind::End)), (2, 2));

    // The head of an answer is lost too: it was answered all the same.
    let mut d = driver(PostgreSql, &Options::default());
    d.feed(ToServer, &query("select a").1);
    d.gap(ToClient, 600);
    d.feed(ToClient, &rows[600..]);
    d.feed(ToServer, &query("select b").1);
    d.feed(ToClient, &[columns(), complete("SELECT 0"), ready()].concat());
    let kinds: Vec<_> =
        lines(&d.messages).iter().map(|l| l.chars().take(20).collect::<String>()).collect();
    assert_eq!(
        kinds,
        [
            "Request type=Query r",
            "Response length=6",
            "Request type=Query r",
            "Response status=Ok o",
            "End status=Ok length"
        ]
    );
}
