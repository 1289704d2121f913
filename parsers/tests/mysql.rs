//! MySQL: handshake, commands and answers of every form, what is hidden, the compressed protocol,
//! and that no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::MySql;
use fathom_parsers::message::{MessageKind, Probe};
use fathom_parsers::registry::Options;
use support::{Said, down, driver, lines, messages, messages_with, told, up};

fn packet(seq: u8, payload: &[u8]) -> Vec<u8> {
    let len = (payload.len() as u32).to_le_bytes();
    [&len[..3], &[seq], payload].concat()
}

fn command(code: u8, body: &[u8]) -> Vec<u8> {
    packet(0, &[&[code], body].concat())
}

fn query(text: &str) -> Said {
    up(command(3, text.as_bytes()))
}

fn ok(seq: u8, rows: u8, flags: u16) -> Vec<u8> {
    let f = flags.to_le_bytes();
    packet(seq, &[0, rows, 0, f[0], f[1], 0, 0])
}

fn eof(seq: u8, flags: u16) -> Vec<u8> {
    let f = flags.to_le_bytes();
    packet(seq, &[0xfe, 0, 0, f[0], f[1]])
}

/// The end of rows where EOF packets are done away with.
fn ok_eof(seq: u8, flags: u16) -> Vec<u8> {
    let f = flags.to_le_bytes();
    packet(seq, &[0xfe, 0, 0, f[0], f[1], 0, 0])
}

fn error(seq: u8, code: u16, text: &str) -> Vec<u8> {
    packet(seq, &[&[0xff], &code.to_le_bytes()[..], b"#42000", text.as_bytes()].concat())
}

fn column(seq: u8) -> Vec<u8> {
    packet(seq, b"\x03def\0\0\0\x01a\0\x0c\x3f\0\x01\0\0\0\x08\x81\0\0\0\0")
}

/// One column, these rows.
fn result(rows: &[&str], old: bool, flags: u16) -> Vec<u8> {
    let mut out = [packet(1, &[1]), column(2)].concat();
    let mut seq = 3;
    let mut add = |out: &mut Vec<u8>, f: &dyn Fn(u8) -> Vec<u8>| {
        out.extend(f(seq));
        seq += 1;
    };
    if old {
        add(&mut out, &|seq| eof(seq, 2));
    }
    for row in rows {
        add(&mut out, &|seq| packet(seq, &[&[row.len() as u8], row.as_bytes()].concat()));
    }
    add(&mut out, &|seq| if old { eof(seq, flags) } else { ok_eof(seq, flags) });
    out
}

fn said(talk: &[Said]) -> Vec<String> {
    // Mid-connection, the first command shows how packets travel.
    let mut all = vec![query("begin"), down(ok(1, 0, 2))];
    all.extend_from_slice(talk);
    lines(&messages(MySql, &all)).split_off(2)
}

fn greeting() -> Vec<u8> {
    let mut g = b"\x0a8.0.26\0\x07\x8c\0\0\x01Z\x17wYcD_\0\xff\xf7".to_vec();
    g.extend([0; 40]);
    packet(0, &g)
}

fn login(capabilities: u32, user: &str, database: &str) -> Vec<u8> {
    let mut p = capabilities.to_le_bytes().to_vec();
    p.extend([0, 0, 0, 1, 0x21]);
    p.extend([0; 23]);
    p.extend(user.bytes());
    p.extend(b"\0\x04auth");
    p.extend(database.bytes());
    p.extend(b"\0mysql_native_password\0");
    packet(1, &p)
}

const CAPABILITIES: u32 = 0x0008_a208;

#[test]
fn a_session_from_its_greeting() {
    let talk = [
        down(greeting()),
        up(login(CAPABILITIES, "root", "shop")),
        down(packet(2, b"\xfecaching_sha2_password\0challenge")),
        up(packet(3, b"response")),
        down(packet(4, b"\x01\x03")),
        down(ok(5, 0, 2)),
        query("select name from users where id = 7"),
        down(result(&["alice", "bob"], true, 2)),
        query("insert into t values (1, 'secret')"),
        down(ok(1, 1, 2)),
        up(command(2, b"abcd")),
        down(error(1, 1049, "Unknown database 'abcd'")),
        up(command(1, b"")),
    ];
    assert_eq!(
        lines(&messages(MySql, &talk)),
        [
            "Request type=COM_CONNECT domain=shop resource=root endpoint=COM_CONNECT length=73",
            "Response status=Ok length=53 rows=0",
            "Request type=COM_QUERY resource=select name from users where id = ? endpoint=select name from users where id = ? length=40",
            "Response status=Ok open=yes",
            "End status=Ok length=68",
            "Request type=COM_QUERY resource=insert into t values (?) endpoint=insert into t values (?) length=39",
            "Response status=Ok length=11 rows=1",
            "Request type=COM_INIT_DB resource=abcd endpoint=COM_INIT_DB length=9",
            "Response status=ServerError code=1049 exception=Unknown database 'abcd' length=36",
            "Single type=COM_QUIT endpoint=COM_QUIT length=5",
        ]
    );
}

#[test]
fn results_of_every_form() {
    assert_eq!(
        said(&[
            query("select 1"),
            down(result(&[], true, 2)),
            query("select 1"),
            down(result(&["x"], false, 2)),
            query("select 1"),
            down(result(&[], false, 2)),
            query("call p()"),
            down(
                [
                    result(&["x"], true, 10),
                    [packet(6, &[1]), column(7), eof(8, 2), eof(9, 10), ok(10, 0, 2)].concat()
                ]
                .concat()
            ),
            query("update a; update b"),
            down([ok(1, 2, 10), ok(2, 3, 2)].concat()),
            query("select broken"),
            down(
                [
                    packet(1, &[1]),
                    column(2),
                    eof(3, 2),
                    packet(4, b"\x01x"),
                    error(5, 1317, "interrupted")
                ]
                .concat()
            ),
            query("load data local infile 'x' into table t"),
            down(packet(1, b"\xfbx")),
            up(packet(2, b"1,2,3\n")),
            up(packet(3, b"")),
            down(ok(4, 1, 2)),
            up(command(14, b"")),
            down(ok(1, 0, 2)),
            up(command(9, b"")),
            down(packet(1, b"Uptime: 1  Threads: 2")),
            up(command(4, b"t1\0%")),
            down([column(1), column(2), eof(3, 2)].concat()),
            up(command(27, b"\x01\0")),
            down(eof(1, 2)),
        ])
        .iter()
        .filter(|l| !l.starts_with("Request"))
        .collect::<Vec<_>>(),
        [
            "Response status=Ok open=yes",
            "End status=Ok length=50",
            "Response status=Ok open=yes",
            "End status=Ok length=49",
            "Response status=Ok open=yes",
            "End status=Ok length=43",
            "Response status=Ok open=yes",
            "End status=Ok length=117 rows=0",
            "Response status=Ok open=yes",
            "End status=Ok length=22 rows=5",
            "Response status=Ok open=yes",
            "End status=ServerError code=1317 exception=interrupted length=71",
            "Response status=Ok length=17 rows=1",
            "Response status=Ok length=11 rows=0",
            "Response status=Ok length=25",
            "Response status=Ok open=yes",
            "End status=Ok length=63",
            "Response status=Ok length=9",
        ]
    );
}

fn prepared(id: u32, columns: u16, parameters: u16, old: bool) -> Vec<u8> {
    let mut out = [
        &[0],
        &id.to_le_bytes()[..],
        &columns.to_le_bytes(),
        &parameters.to_le_bytes(),
        &[0, 0, 0],
    ]
    .concat();
    out = packet(1, &out);
    let mut seq = 2;
    for n in [parameters, columns] {
        for _ in 0..n {
            out.extend(column(seq));
            seq += 1;
        }
        if n > 0 && old {
            out.extend(eof(seq, 2));
            seq += 1;
        }
    }
    out
}

fn execute(id: u32, values: &[&str]) -> Vec<u8> {
    let mut body = [&id.to_le_bytes()[..], &[0, 1, 0, 0, 0]].concat();
    if !values.is_empty() {
        body.extend(vec![0; values.len().div_ceil(8)]);
        body.push(1);
        values.iter().for_each(|_| body.extend([0xfd, 0]));
        values.iter().for_each(|v| {
            body.push(v.len() as u8);
            body.extend(v.bytes());
        });
    }
    command(23, &body)
}

#[test]
fn prepared_statements() {
    for old in [true, false] {
        let talk = [
            up(command(22, b"select a from t where b = ? and c = 'lit'")),
            down(prepared(55, 1, 1, old)),
            up(execute(55, &["secret"])),
            down(result(&["x"], old, 2)),
            up(command(24, b"\x37\0\0\0\0\0data")),
            up(command(26, b"\x37\0\0\0")),
            down(ok(1, 0, 2)),
            up(command(25, b"\x37\0\0\0")),
            up(execute(55, &[])),
            down(ok(1, 0, 2)),
            up(command(22, b"bad")),
            down(error(1, 1064, "You have an error near 'bad' at line 1")),
            up(command(22, b"begin")),
            down(prepared(56, 0, 0, old)),
            up(execute(u32::MAX, &[])),
            down(ok(1, 0, 2)),
        ];
        let statement = "select a from t where b = ? and c = ?";
        let got = said(&talk);
        assert_eq!(
            got.iter().filter(|l| !l.starts_with("End")).cloned().collect::<Vec<_>>(),
            [
                format!("Request type=COM_STMT_PREPARE resource={statement} endpoint={statement} length=46"),
                "Response id=55 status=Ok open=yes".into(),
                format!("Request type=COM_STMT_EXECUTE resource={statement} endpoint={statement} id=55 length=25"),
                "Response status=Ok open=yes".into(),
                format!("Single type=COM_STMT_SEND_LONG_DATA resource={statement} endpoint={statement} id=55 length=15"),
                format!("Request type=COM_STMT_RESET resource={statement} endpoint={statement} id=55 length=9"),
                "Response status=Ok length=11 rows=0".into(),
                format!("Single type=COM_STMT_CLOSE resource={statement} endpoint={statement} id=55 length=9"),
                "Request type=COM_STMT_EXECUTE endpoint=COM_STMT_EXECUTE id=55 length=14".into(),
                "Response status=Ok length=11 rows=0".into(),
                "Request type=COM_STMT_PREPARE resource=bad endpoint=bad length=8".into(),
                "Response status=ServerError code=1064 exception=You have an error near length=51".into(),
                "Request type=COM_STMT_PREPARE resource=begin endpoint=begin length=10".into(),
                "Response id=56 status=Ok length=16".into(),
                "Request type=COM_STMT_EXECUTE resource=begin endpoint=begin id=4294967295 length=14".into(),
                "Response status=Ok length=11 rows=0".into(),
            ],
            "{old}"
        );
    }
}

#[test]
fn what_is_shown_when_nothing_is_hidden() {
    let options = Options { literals: Literals::Shown, ..Options::default() };
    let talk = [
        query("select  1 /* c */"),
        down(result(&["1"], true, 2)),
        up(command(22, b"select ?, ?")),
        down(prepared(1, 0, 2, true)),
        up(execute(1, &["a", "b"])),
        down(ok(1, 0, 2)),
        query("insert x"),
        down(error(1, 1062, "Duplicate entry 'a@b' for key 'k'")),
    ];
    let m = messages_with(MySql, &options, &talk);
    let requests: Vec<_> = m.iter().filter(|m| m.is(MessageKind::Request)).collect();
    assert_eq!(requests[0].request_resource, "select  1 /* c */");
    assert_eq!(requests[0].endpoint, "select ?");
    assert_eq!(requests[2].request_resource, "'a', 'b'");
    assert_eq!(requests[2].endpoint, "select ?");
    assert_eq!(m.last().unwrap().exception, "Duplicate entry 'a@b' for key 'k'");
}

#[test]
fn trace_context_and_attributes() {
    let id = "4bf92f3577b34da6a3ce929d0e0e4736";
    let comment = format!("select 1 /*traceparent='00-{id}-00f067aa0ba902b7-01'*/");
    let mut named = b"\x01\x01\0\x01\xfd\0\x0btraceparent\x37".to_vec();
    named.extend(format!("00-{id}-00f067aa0ba902b7-01select 2 from t").bytes());
    let m =
        messages(MySql, &[query(&comment), down(result(&["1"], true, 2)), up(command(3, &named))]);
    let requests: Vec<_> = m.iter().filter(|m| m.is(MessageKind::Request)).collect();
    assert_eq!(requests.len(), 2);
    for r in &requests {
        assert_eq!((r.trace_id.as_str(), r.span_id.as_str()), (id, "00f067aa0ba902b7"));
    }
    assert_eq!(requests[1].endpoint, "select ? from t");
    let attributes =
        [("db_operation".to_owned(), "SELECT".to_owned()), ("db_table".into(), "t".into())];
    assert_eq!(requests[1].attributes[..2], attributes);
}

#[test]
fn pipelined_commands_keep_their_answers() {
    let asked: Vec<u8> =
        (0..50).flat_map(|i| command(3, format!("select {i}").as_bytes())).collect();
    let answered: Vec<u8> = (0..50u8)
        .flat_map(|i| if i % 2 == 0 { ok(1, i, 2) } else { result(&["x"], i % 4 == 1, 2) })
        .collect();
    let m = messages(MySql, &[up(asked), down(answered)]);
    let rows: Vec<_> =
        m.iter().filter(|m| m.is(MessageKind::Response)).map(|m| m.affected_rows).collect();
    let want: Vec<_> = (0..50u64).map(|i| (i % 2 == 0).then_some(i)).collect();
    assert_eq!(rows, want);
}

fn frame(seq: u8, inner: &[u8], pack: bool) -> Vec<u8> {
    let body =
        if pack { miniz_oxide::deflate::compress_to_vec_zlib(inner, 6) } else { inner.to_vec() };
    let (len, unpacked) = (body.len() as u32, if pack { inner.len() as u32 } else { 0 });
    [&len.to_le_bytes()[..3], &[seq], &unpacked.to_le_bytes()[..3], &body].concat()
}

#[test]
fn the_compressed_protocol() {
    let long = format!("select a, b, c from t where d in ({})", "1, ".repeat(300) + "1");
    let talk = [
        down(greeting()),
        up(login(CAPABILITIES | 0x20, "root", "")),
        down(ok(2, 0, 2)),
        up(frame(0, &command(3, b"use `test`"), false)),
        down(frame(1, &ok(1, 0, 2), false)),
        up(frame(0, &command(3, long.as_bytes()), true)),
        down(
            [
                frame(1, &result(&["abc"; 20], true, 2), true),
                frame(2, &[7; 100], true),
                frame(3, &[0; 9], false),
            ]
            .concat(),
        ),
        up(frame(
            0,
            &command(3, b"select broken from t where x = 'long enough to be packed'"),
            true,
        )),
        down(frame(1, &error(1, 1054, "Unknown column 'broken'"), false)),
        up(frame(0, &command(1, b""), false)),
    ];
    let want = [
        "Request type=COM_CONNECT resource=root endpoint=COM_CONNECT length=69",
        "Response status=Ok length=11 rows=0",
        "Request type=COM_QUERY resource=use `test` endpoint=use `test` length=22",
        "Response status=Ok length=18 rows=0",
        "Request type=COM_QUERY resource=select a, b, c from t where d in (?) endpoint=select a, b, c from t where d in (?)",
        "Response status=Ok",
        "Request type=COM_QUERY resource=select broken from t where x = ? endpoint=select broken from t where x = ?",
        "Response status=ServerError code=1054 exception=Unknown column 'broken'",
        "Single type=COM_QUIT endpoint=COM_QUIT length=12",
    ];
    let cut = |talk: &[Said]| -> Vec<String> {
        let all = lines(&messages(MySql, talk));
        // Lengths of packed frames depend on who packs.
        let cut = all.iter().enumerate().map(|(i, l)| match i {
            4..8 => l[..l.find(" length").unwrap()].to_owned(),
            _ => l.clone(),
        });
        cut.collect()
    };
    assert_eq!(cut(&talk), want);
    // Mid-connection too.
    let m = lines(&messages(MySql, &talk[3..]));
    assert_eq!(m[..2], want[2..4]);
}

/// Found by mutating the fuzz corpus: a packet that says it is empty, and something behind it.
#[test]
fn an_empty_packet_inside_the_compressed_protocol_is_no_command() {
    let empty_then_query = [&[0, 0, 0, 0][..], &[3]].concat();
    for pack in [false, true] {
        let talk = [
            down(greeting()),
            up(login(CAPABILITIES | 0x20, "root", "")),
            down(ok(2, 0, 2)),
            up(frame(0, &empty_then_query, pack)),
            up(frame(0, &command(3, b"use `test`"), pack)),
        ];
        let got = lines(&messages(MySql, &talk));
        assert_eq!(got.len(), 3, "{got:#?}");
        assert!(got[2].starts_with("Request type=COM_QUERY resource=use `test`"), "{got:#?}");
    }
}

/// Found by mutating the fuzz corpus: joined in the middle, with something behind the first command
/// in its frame. However the bytes come, it is the compressed protocol.
#[test]
fn what_stands_behind_the_first_command_does_not_decide() {
    let said = frame(0, &[&[4, 0, 0, 0, 3][..], b"use `test`"].concat(), false);
    let want = "Request type=COM_QUERY resource=use endpoint=use length=22";
    assert_eq!(lines(&messages(MySql, &[up(said.clone())])), [want]);
    let bytes: Vec<_> = said.iter().map(|b| up(vec![*b])).collect();
    assert_eq!(lines(&messages(MySql, &bytes)), [want]);
}

#[test]
fn behind_tls_nothing_is_read() {
    let mut d = driver(MySql, &Options::default());
    d.feed(ToClient, &greeting());
    let mut request = (CAPABILITIES | 0x800).to_le_bytes().to_vec();
    request.extend([0; 28]);
    d.feed(ToServer, &packet(1, &request));
    // What is no hello is lost; data that is encrypted ends it.
    d.feed(ToServer, b"\x16\x03\x01\0\x05hello");
    assert!(d.lost == 1 && d.messages.is_empty());
    d.feed(ToServer, &[&b"\x17\x03\x03\0\x20"[..], &[7; 32]].concat());
    assert!(d.switched && d.messages.is_empty());
    assert_eq!(told(&login(CAPABILITIES, "root", ""), ToServer), Probe::Certain(MySql, ToServer));
}

#[test]
fn refused_before_the_greeting() {
    let m = messages(MySql, &[down(packet(0, b"\xff\x10\x04Too many connections"))]);
    assert_eq!(lines(&m), ["Response status=ServerError code=1040 exception=Too many connections"]);
}

#[test]
fn places_are_found_again() {
    // Among rows: the next command's answer is found.
    let mut d = driver(MySql, &Options::default());
    d.feed(ToServer, &command(3, b"select a"));
    let rows = result(&["one", "two", "three"], true, 2);
    d.feed(ToClient, &rows[..rows.len() - 20]);
    d.gap(ToClient, 15);
    d.feed(ToClient, &rows[rows.len() - 5..]);
    d.feed(ToServer, &command(3, b"select b"));
    d.feed(ToClient, &ok(1, 3, 2));
    assert_eq!(d.messages.last().unwrap().affected_rows, Some(3));

    // A long statement whose middle is lost: it is said as far as it goes, and the next is found.
    let mut d = driver(MySql, &Options::default());
    let long = command(3, format!("insert into t values ('{}')", "x".repeat(3000)).as_bytes());
    d.feed(ToServer, &long[..1000]);
    d.gap(ToServer, 1000);
    d.feed(ToServer, &long[2000..]);
    d.feed(ToClient, &ok(1, 1, 2));
    d.feed(ToServer, &command(3, b"select b"));
    d.feed(ToClient, &ok(1, 2, 2));
    let got = lines(&d.messages);
    assert_eq!(
        got[0],
        "Request type=COM_QUERY resource=insert into t values (? endpoint=insert into t values (?"
    );
    assert_eq!(got.len(), 4, "{got:#?}");
}
