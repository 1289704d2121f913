//! TDS: logins, batches, calls, errors before and behind rows, answers of several packets, and that
//! no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Tds;
use fathom_parsers::message::Probe;
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, messages_with, told, up};

fn packet(kind: u8, last: bool, body: &[u8]) -> Vec<u8> {
    let len = (body.len() + 8) as u16;
    [&[kind, u8::from(last)][..], &len.to_be_bytes(), &[0, 0, 1, 0], body].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

const HEADERS: &[u8] = b"\x16\0\0\0\x12\0\0\0\x02\0\0\0\0\0\0\0\0\0\x01\0\0\0";

fn batch(text: &str) -> Vec<u8> {
    packet(1, true, &[HEADERS, &utf16(text)].concat())
}

fn prelogin(encryption: u8) -> Vec<u8> {
    let options = b"\0\0\x0b\0\x06\x01\0\x11\0\x01\xff";
    [&options[..], &[15, 0, 0, 0, 0, 0, encryption]].concat()
}

fn done(token: u8, status: u16, command: u16, rows: u64) -> Vec<u8> {
    let (s, c) = (status.to_le_bytes(), command.to_le_bytes());
    [&[token][..], &s, &c, &rows.to_le_bytes()].concat()
}

fn error(number: u32, class: u8, text: &str) -> Vec<u8> {
    let len = text.encode_utf16().count() as u16;
    let data = [
        &number.to_le_bytes()[..],
        &[1, class],
        &len.to_le_bytes(),
        &utf16(text),
        &[0, 0, 1, 0, 0, 0],
    ]
    .concat();
    [&[0xaa][..], &(data.len() as u16).to_le_bytes(), &data].concat()
}

fn login() -> Vec<u8> {
    let mut body = vec![0; 94];
    body[4..8].copy_from_slice(&[4, 0, 0, 0x74]);
    for (at, text) in [(36, "host-1"), (40, "bob"), (44, "secret"), (48, "orders"), (68, "shop")] {
        let offset = (body.len() as u16).to_le_bytes();
        body[at..at + 2].copy_from_slice(&offset);
        body[at + 2..at + 4].copy_from_slice(&(text.len() as u16).to_le_bytes());
        body.extend(utf16(text));
    }
    let len = (body.len() as u32).to_le_bytes();
    body[..4].copy_from_slice(&len);
    packet(16, true, &body)
}

fn text_parameter(text: &str) -> Vec<u8> {
    let len = (text.len() as u16 * 2).to_le_bytes();
    [&[0, 0, 0xe7, 0x40, 0x1f, 9, 4, 0xd0, 0, 0x34][..], &len, &utf16(text)].concat()
}

#[test]
fn a_session() {
    let execute = [
        HEADERS,
        b"\xff\xff\x0a\0\0\0",
        &text_parameter("SELECT a FROM t WHERE b = @p"),
        &text_parameter("@p int"),
        b"\x02@\0p\0\0\x26\x04\x04\x07\0\0\0",
    ]
    .concat();
    let call = [HEADERS, b"\x08\0", &utf16("pay_bill"), b"\0\0\0\0\x26\x04\x04\x07\0\0\0"].concat();
    let prepared = [HEADERS, b"\xff\xff\x0c\0\0\0\0\0\x26\x04\x04\x09\0\0\0"].concat();
    let talk = [
        up(packet(18, true, &prelogin(2))),
        down(packet(4, true, &prelogin(2))),
        up(login()),
        down(packet(4, true, &[&b"\xad\x01\0\x01"[..], &done(0xfd, 0, 0, 0)].concat())),
        up(batch(
            "/* traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' */ UPDATE [goods] SET price = 3 WHERE name = N'tea'",
        )),
        down(packet(4, true, &done(0xfd, 0x10, 0xc5, 2))),
        up(batch("SELECT 1/0")),
        down(packet(4, false, b"\x81\x01\0rows that nobody reads")),
        down(packet(4, false, b"more")),
        down(packet(
            4,
            true,
            &[&b"\xd1row"[..], &error(8134, 16, "Divide by zero."), &done(0xfd, 2, 0xc1, 0)]
                .concat(),
        )),
        up(packet(3, true, &execute)),
        down(packet(
            4,
            true,
            &[
                &b"\x81\x01\0"[..],
                &done(0xff, 0x11, 0xc1, 3),
                b"\x79\0\0\0\0",
                &done(0xfe, 0, 0xe0, 0),
            ]
            .concat(),
        )),
        up(packet(3, true, &call)),
        down(packet(4, true, &[error(50000, 18, "No disk"), done(0xfe, 2, 0, 0)].concat())),
        up(packet(3, true, &prepared)),
        down(packet(
            4,
            true,
            &[done(0xff, 0x10, 0xc3, 4), b"\x79\0\0\0\0".to_vec(), done(0xfe, 0, 0, 0)].concat(),
        )),
        up(packet(14, true, &[HEADERS, b"\x05\0\0\0"].concat())),
        down(packet(4, true, &done(0xfd, 0, 0, 0))),
        up(batch("WAITFOR DELAY '1:00'")),
        up(packet(6, true, b"")),
        down(packet(4, true, &done(0xfd, 0x20, 0, 0))),
    ];
    let m = messages(Tds, &talk);
    assert_eq!(
        lines(&m),
        [
            "Request type=PRELOGIN endpoint=PRELOGIN length=26",
            "Response status=Ok length=26",
            "Request type=LOGIN7 domain=shop resource=bob endpoint=LOGIN7 length=152",
            "Response status=Ok length=25",
            "Request type=SQLBatch resource=UPDATE [goods] SET price = ? WHERE name = ? endpoint=UPDATE [goods] SET price = ? WHERE name = ? length=278",
            "Response status=Ok length=21 rows=2",
            "Request type=SQLBatch resource=SELECT ?/? endpoint=SELECT ?/? length=50",
            "Response open=yes",
            "End status=ClientError code=8134 exception=Divide by zero.",
            "Request type=sp_executesql resource=SELECT a FROM t WHERE b = @p endpoint=SELECT a FROM t WHERE b = @p length=141",
            "Response status=Ok length=42",
            "Request type=RPC resource=pay_bill endpoint=pay_bill length=59",
            "Response status=ServerError code=50000 exception=No disk length=52",
            "Request type=sp_execute endpoint=sp_execute id=9 length=45",
            "Response status=Ok length=39 rows=4",
            "Request type=BEGIN TRANSACTION endpoint=BEGIN TRANSACTION length=34",
            "Response status=Ok length=21",
            "Request type=SQLBatch resource=WAITFOR DELAY ? endpoint=WAITFOR DELAY ? length=70",
            "Single type=ATTENTION endpoint=ATTENTION length=8",
            "Response status=ClientError exception=cancelled by the client length=21",
        ]
    );
    assert_eq!(m[2].version, "7.4");
    assert_eq!(m[4].trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(m[4].attributes[1].1, "[goods]");
    assert!(!format!("{m:?}").contains("secret"));
    let shown = Options { literals: Literals::Shown, ..Options::default() };
    assert!(messages_with(Tds, &shown, &talk)[4].request_resource.ends_with("N'tea'"));
}

#[test]
fn an_encrypted_login() {
    let hello = b"\x16\x03\x01\0\x05hello";
    let m = messages(
        Tds,
        &[
            up(packet(18, true, &prelogin(0))),
            down(packet(4, true, &prelogin(0))),
            up(packet(18, true, hello)),
            down(packet(18, true, hello)),
            up(b"\x17\x03\x03\0\x09encrypted"),
            down(packet(
                4,
                true,
                &[error(18456, 14, "Login failed"), done(0xfd, 2, 0, 0)].concat(),
            )),
            up(batch("SELECT 1")),
        ],
    );
    assert_eq!(
        lines(&m)[2..],
        [
            "Request type=LOGIN7 endpoint=LOGIN7 length=14",
            "Response status=ClientError code=18456 exception=Login failed length=62",
            "Request type=SQLBatch resource=SELECT ? endpoint=SELECT ? length=46",
        ]
    );
}

#[test]
fn what_is_tds() {
    let yes = |dir| Probe::Certain(Tds, dir);
    for (bytes, dir) in [
        (packet(18, true, &prelogin(0)), ToServer),
        (packet(4, true, &prelogin(0)), ToClient),
        (login(), ToServer),
        (batch("SELECT 1"), ToServer),
    ] {
        assert_eq!(told(&bytes, dir), yes(dir), "{bytes:?}");
        for cut in 3..14 {
            assert_eq!(told(&bytes[..cut], dir), Probe::Unsure, "{bytes:?} cut at {cut}");
        }
    }
    for bytes in [
        packet(4, true, &done(0xfd, 0, 0, 0)),
        packet(1, true, &utf16("SELECT 1")),
        packet(18, true, b"\x16\x03\x01\0\x05hello"),
        b"\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0".to_vec(),
        b"\x10\x1a\0\x04MQTT\x04\x02\0\x3c\0\x0eclient-id-1234".to_vec(),
        b"\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0".to_vec(),
    ] {
        assert!(!matches!(told(&bytes, ToServer), Probe::Certain(Tds, _)), "{bytes:?}");
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Tds, &Options::default());
    d.feed(ToServer, &batch("SELECT 1")[..30]);
    d.gap(ToServer, 100);
    d.feed(ToServer, &batch("SELECT a FROM b"));
    assert_eq!(d.messages.last().unwrap().request_resource, "SELECT a FROM b");
    d.feed(ToClient, &packet(4, false, &[0x81; 100])[..60]);
    d.gap(ToClient, 48);
    d.feed(ToClient, &packet(4, true, &done(0xfd, 0, 0xc1, 0)));
    assert_eq!(d.messages.last().unwrap().status, "Ok");
}
