//! Redis: what commands and answers say, what is hidden of them, what is no answer, and that no
//! way to split a conversation changes them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::Redis;
use fathom_parsers::message::{MessageKind, Probe};
use fathom_parsers::registry::Options;
use proptest::prelude::*;
use support::{Said, down, driver, lines, messages, messages_with, told, up};

/// A command as clients write it.
fn command(words: &[&str]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        out.extend(format!("${}\r\n{word}\r\n", word.len()).bytes());
    }
    out
}

fn shown() -> Options {
    Options { literals: Literals::Shown, ..Options::default() }
}

fn said(talk: &[Said]) -> Vec<String> {
    lines(&messages(Redis, talk))
}

/// Resource and endpoint of one command.
fn texts(words: &str) -> (String, String) {
    let words: Vec<&str> = words.split(' ').collect();
    let mut m = messages(Redis, &[up(command(&words))]);
    let m = m.remove(0);
    (m.request_resource, m.endpoint)
}

#[test]
fn commands_and_answers() {
    assert_eq!(
        said(&[
            up(command(&["GET", "user_conf_config_1"])),
            down(b"$5\r\nhello\r\n"),
            up(command(&["get", "missing"])),
            down(b"$-1\r\n"),
            up(command(&["SET", "k", "v"])),
            down(b"+OK\r\n"),
            up(command(&["INCR", "n"])),
            down(b":42\r\n"),
            up(command(&["LRANGE", "l", "0", "-1"])),
            down(b"*3\r\n$1\r\na\r\n$-1\r\n*1\r\n:1\r\n"),
            up(command(&["LRANGE", "none", "0", "-1"])),
            down(b"*0\r\n"),
            up(command(&["NOPE", "secret"])),
            down(b"-ERR unknown command 'NOPE', with args beginning with: 'secret' \r\n"),
        ]),
        [
            "Request type=GET resource=GET user_conf_config_1 endpoint=GET user_conf_config_? length=38",
            "Response status=Ok length=11",
            "Request type=GET resource=get missing endpoint=GET missing length=26",
            "Response status=Ok length=5",
            "Request type=SET resource=SET k ? endpoint=SET k length=27",
            "Response status=Ok result=OK length=5",
            "Request type=INCR resource=INCR n endpoint=INCR n length=21",
            "Response status=Ok result=42 length=5",
            "Request type=LRANGE resource=LRANGE l 0 -1 endpoint=LRANGE l length=38",
            "Response status=Ok open=yes",
            "End length=24",
            "Request type=LRANGE resource=LRANGE none 0 -1 endpoint=LRANGE none length=41",
            "Response status=Ok length=4",
            "Request type=NOPE resource=NOPE secret endpoint=NOPE secret length=26",
            "Response status=ServerError exception=ERR unknown command 'NOPE' length=66",
        ]
    );
}

#[test]
fn resp3_answers() {
    assert_eq!(
        said(&[
            up(command(&["HELLO", "3", "AUTH", "user", "pass"])),
            down(b"%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n"),
            up(command(&["HGETALL", "h"])),
            down(b"%0\r\n"),
            up(command(&["X", "y"])),
            down(b"_\r\n"),
            up(command(&["X", "y"])),
            down(b",3.14\r\n"),
            up(command(&["X", "y"])),
            down(b"#t\r\n"),
            up(command(&["X", "y"])),
            down(b"!9\r\nERR large\r\n"),
            up(command(&["X", "y"])),
            down(b"=7\r\ntxt:abc\r\n"),
            up(command(&["X", "y"])),
            down(b"|1\r\n+ttl\r\n:5\r\n$1\r\nv\r\n"),
            up(command(&["X", "y"])),
            down(b"~2\r\n+a\r\n%1\r\n+k\r\n+v\r\n"),
            up(command(&["X", "y"])),
            down(b"(12345678901234567890\r\n"),
        ])
        .iter()
        .filter(|m| !m.starts_with("Request"))
        .collect::<Vec<_>>(),
        [
            "Response status=Ok open=yes",
            "End length=33",
            "Response status=Ok length=4",
            "Response status=Ok length=3",
            "Response status=Ok length=7",
            "Response status=Ok result=t length=4",
            "Response status=ServerError exception=ERR large length=15",
            "Response status=Ok length=13",
            "Response status=Ok open=yes",
            "End length=21",
            "Response status=Ok open=yes",
            "End length=20",
            "Response status=Ok length=23",
        ]
    );
}

#[test]
fn values_are_hidden() {
    for (command, resource, endpoint) in [
        ("AUTH user pass", "AUTH ? ?", "AUTH"),
        ("HELLO 3 AUTH user pass", "HELLO 3 AUTH ? ?", "HELLO ?"),
        ("SET k v EX 10", "SET k ? EX 10", "SET k"),
        ("SETEX k 10 v", "SETEX k 10 ?", "SETEX k"),
        ("MSET a 1 b 2", "MSET a ? b ?", "MSET a"),
        ("HSET h f1 v1 f2 v2", "HSET h f1 ? f2 ?", "HSET h"),
        ("HSETNX h f v", "HSETNX h f ?", "HSETNX h"),
        ("LPUSH l a b c", "LPUSH l ? ? ?", "LPUSH l"),
        ("SADD s a", "SADD s ?", "SADD s"),
        ("ZADD z 1 m", "ZADD z ? ?", "ZADD z"),
        ("LINSERT l BEFORE p v", "LINSERT l BEFORE ? ?", "LINSERT l"),
        ("CONFIG SET requirepass x", "CONFIG SET requirepass ?", "CONFIG SET"),
        ("CONFIG GET requirepass", "CONFIG GET requirepass", "CONFIG GET"),
        ("EVAL return 2 k1 k2 a1 a2", "EVAL ? 2 k1 k2 ? ?", "EVAL"),
        ("EVALSHA 00ff 1 k a", "EVALSHA 00ff 1 k ?", "EVALSHA ?"),
        ("PUBLISH channel text", "PUBLISH channel ?", "PUBLISH channel"),
        ("XADD s * f v", "XADD s * ? ?", "XADD s"),
        ("GEOADD g 13.3 38.1 name", "GEOADD g ? ? ?", "GEOADD g"),
        ("GEORADIUSBYMEMBER g m 100 km", "GEORADIUSBYMEMBER g ? ? ?", "GEORADIUSBYMEMBER g"),
        ("JSON.SET doc $ {}", "JSON.SET doc $ ?", "JSON.SET doc"),
        ("FT.SEARCH idx query", "FT.SEARCH idx ?", "FT.SEARCH idx"),
        ("ACL SETUSER bob >secret", "ACL SETUSER bob ?", "ACL SETUSER"),
        ("MIGRATE h 1 k 0 1 AUTH p", "MIGRATE h 1 k 0 1 AUTH ?", "MIGRATE h"),
        ("PING secret", "PING ?", "PING"),
        ("RESTORE k 0 xx REPLACE", "RESTORE k 0 ? ?", "RESTORE k"),
        (
            "GET session:8f14e45f-ceea-4167-9a6f",
            "GET session:8f14e45f-ceea-4167-9a6f",
            "GET session:?",
        ),
    ] {
        assert_eq!(texts(command), (resource.to_owned(), endpoint.to_owned()), "{command}");
    }
    let m = messages_with(Redis, &shown(), &[up(command(&["SET", "k", "v"]))]);
    assert_eq!((m[0].request_resource.as_str(), m[0].endpoint.as_str()), ("SET k v", "SET k"));
}

#[test]
fn inline_commands() {
    assert_eq!(
        said(&[
            up(b"PING\r\n"),
            down(b"+PONG\r\n"),
            up(b"\r\nset k \"a value\"\n"),
            down(b"+OK\r\n"),
            up(b"  GET   k  \r\n"),
            down(b"$1\r\nx\r\n"),
        ]),
        [
            "Request type=PING resource=PING endpoint=PING length=6",
            "Response status=Ok result=PONG length=7",
            "Request type=SET resource=set k ? endpoint=SET k length=16",
            "Response status=Ok result=OK length=5",
            "Request type=GET resource=GET k endpoint=GET k length=13",
            "Response status=Ok length=7",
        ]
    );
}

#[test]
fn transactions_answer_one_by_one() {
    let got = said(&[
        up([
            command(&["MULTI"]),
            command(&["SET", "a", "1"]),
            command(&["INCR", "a"]),
            command(&["EXEC"]),
        ]
        .concat()),
        down(b"+OK\r\n+QUEUED\r\n+QUEUED\r\n*2\r\n+OK\r\n:2\r\n"),
    ]);
    let answers: Vec<_> = got.iter().filter(|m| m.starts_with("Response")).collect();
    assert_eq!(
        answers,
        [
            "Response status=Ok result=OK length=5",
            "Response status=Ok result=QUEUED length=9",
            "Response status=Ok result=QUEUED length=9",
            "Response status=Ok open=yes",
        ]
    );
}

#[test]
fn channels() {
    let message = b"*3\r\n$7\r\nmessage\r\n$6\r\nnews:1\r\n$6\r\nsecret\r\n";
    assert_eq!(
        said(&[
            up([command(&["SUBSCRIBE", "news:1", "b"]), command(&["PSUBSCRIBE", "p*"])].concat()),
            down(b"*3\r\n$9\r\nsubscribe\r\n$6\r\nnews:1\r\n:1\r\n*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n"),
            down(b"*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:3\r\n"),
            down(message),
            down(b"*4\r\n$8\r\npmessage\r\n$2\r\np*\r\n$2\r\np1\r\n$1\r\nx\r\n"),
            up(command(&["PING"])),
            down(b"*2\r\n$4\r\npong\r\n$0\r\n\r\n"),
            up(command(&["UNSUBSCRIBE"])),
            down(b"*3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:1\r\n*3\r\n$11\r\nunsubscribe\r\n$6\r\nnews:1\r\n:0\r\n"),
        ]),
        [
            "Request type=SUBSCRIBE resource=SUBSCRIBE news:1 b endpoint=SUBSCRIBE news:? length=38",
            "Request type=PSUBSCRIBE resource=PSUBSCRIBE p* endpoint=PSUBSCRIBE p* length=29",
            "Response status=Ok open=yes",
            "End length=35",
            "Response status=Ok open=yes",
            "End length=33",
            "Single type=MESSAGE resource=message news:1 ? endpoint=MESSAGE news:? status=Ok",
            "Single type=PMESSAGE resource=pmessage p1 ? endpoint=PMESSAGE ? status=Ok",
            "Request type=PING resource=PING endpoint=PING length=14",
            "Response status=Ok open=yes",
            "End length=20",
            "Request type=UNSUBSCRIBE resource=UNSUBSCRIBE endpoint=UNSUBSCRIBE length=22",
            "Response status=Ok open=yes",
            "End length=33",
        ]
    );
}

#[test]
fn pushes_between_answers() {
    assert_eq!(
        said(&[
            up([command(&["GET", "a"]), command(&["GET", "b"])].concat()),
            down(b"$1\r\nx\r\n>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n>3\r\n+message\r\n+ch\r\n+hi\r\n$1\r\ny\r\n"),
        ]),
        [
            "Request type=GET resource=GET a endpoint=GET a length=20",
            "Request type=GET resource=GET b endpoint=GET b length=20",
            "Response status=Ok length=7",
            "Single type=INVALIDATE resource=invalidate endpoint=INVALIDATE status=Ok",
            "Single type=MESSAGE resource=message ch ? endpoint=MESSAGE ch status=Ok",
            "Response status=Ok length=7",
        ]
    );
}

#[test]
fn commands_that_are_not_answered() {
    let kinds = |talk: &[Said]| {
        let all = messages(Redis, talk);
        all.iter().map(|m| format!("{} {}", m.kind, m.request_type)).collect::<Vec<_>>()
    };
    assert_eq!(
        kinds(&[
            up(command(&["CLIENT", "REPLY", "OFF"])),
            up(command(&["SET", "a", "1"])),
            up(command(&["client", "reply", "on"])),
            down(b"+OK\r\n"),
            up(command(&["CLIENT", "REPLY", "SKIP"])),
            up(command(&["GET", "a"])),
            up(command(&["GET", "b"])),
            down(b"$-1\r\n"),
        ]),
        [
            "Single CLIENT",
            "Single SET",
            "Request CLIENT",
            "Response ",
            "Single CLIENT",
            "Single GET",
            "Request GET",
            "Response "
        ]
    );
    assert_eq!(
        kinds(&[
            up(command(&["MONITOR"])),
            down(b"+OK\r\n+1700000000.1 [0 127.0.0.1:1] \"GET\" \"a\"\r\n+1700000000.2 [0 x] \"GET\" \"b\"\r\n"),
            up(command(&["PING"])),
            down(b"+PONG\r\n"),
        ]),
        ["Request MONITOR", "Response ", "Request PING", "Response "]
    );
    assert_eq!(
        kinds(&[
            up(command(&["PSYNC", "?", "-1"])),
            down(b"\n\n+FULLRESYNC 8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb 0\r\n"),
            down(b"$3\r\nRDB*1\r\n$4\r\nPING\r\n"),
            up(command(&["REPLCONF", "ACK", "14"])),
        ]),
        ["Request PSYNC", "Response ", "Single REPLCONF"]
    );
}

#[test]
fn long_values_are_skipped() {
    let value = "x".repeat(100_000);
    let set = command(&["SET", "big", &value, "EX", "10"]);
    let answer = format!("${}\r\n{value}\r\n", value.len());
    let talk = [
        up(&set),
        down(b"+OK\r\n"),
        up(command(&["GET", "big"])),
        down(&answer),
        up(command(&["PING"])),
        down(b"+PONG\r\n"),
    ];
    let mut d = driver(Redis, &Options::default());
    for (dir, bytes) in &talk {
        bytes.chunks(1460).for_each(|part| d.feed(*dir, part));
    }
    assert_eq!(d.lost, 0);
    assert_eq!(
        lines(&d.messages),
        [
            "Request type=SET resource=SET big ? endpoint=SET big open=yes".to_owned(),
            format!("End length={}", set.len()),
            "Response status=Ok result=OK length=5".into(),
            "Request type=GET resource=GET big endpoint=GET big length=22".into(),
            format!("Response status=Ok length={}", answer.len()),
            "Request type=PING resource=PING endpoint=PING length=14".into(),
            "Response status=Ok result=PONG length=7".into(),
        ]
    );
}

#[test]
fn a_thousand_pipelined_commands() {
    let (mut asked, mut answered) = (Vec::new(), Vec::new());
    for i in 0..1000 {
        asked.extend(command(&["INCRBY", "n", &i.to_string()]));
        answered.extend(format!(":{i}\r\n").bytes());
    }
    let mut d = driver(Redis, &Options::default());
    asked.chunks(1460).for_each(|part| d.feed(ToServer, part));
    answered.chunks(1460).for_each(|part| d.feed(ToClient, part));
    let of = |kind| d.messages.iter().filter(move |m| m.is(kind));
    assert_eq!(of(MessageKind::Request).count(), 1000);
    let results: Vec<_> =
        of(MessageKind::Response).map(|m| m.result.parse::<i32>().unwrap()).collect();
    assert_eq!(results, (0..1000).collect::<Vec<_>>());
}

#[test]
fn places_are_found_again() {
    // Inside a value, the count bridges the gap.
    let mut d = driver(Redis, &Options::default());
    d.feed(ToServer, &command(&["GET", "a"]));
    d.feed(ToClient, b"$1000\r\nabc");
    d.gap(ToClient, 990);
    d.feed(ToClient, b"1234567\r\n+OK\r\n");
    assert_eq!((d.lost, d.messages.len()), (0, 3));

    // A command is found behind a hole.
    let mut d = driver(Redis, &Options::default());
    d.feed(ToServer, b"*3\r\n$3\r\nSET\r\n$1\r\n");
    d.gap(ToServer, 100);
    d.feed(ToServer, b"ue\r\n*2\r\n$3\r\nGET\r\n$1\r\nb\r\n");
    assert_eq!(d.messages.last().unwrap().request_resource, "GET b");

    // Elements of an array are not taken for answers until the client has asked again.
    let mut d = driver(Redis, &Options::default());
    d.feed(ToServer, &command(&["KEYS", "*"]));
    d.feed(ToClient, b"*3\r\n$1\r\na\r\n");
    d.gap(ToClient, 7);
    d.feed(ToClient, b"$1\r\nc\r\n");
    assert_eq!(d.messages.len(), 2, "{:#?}", d.messages);
    d.feed(ToServer, &command(&["PING"]));
    d.feed(ToClient, b"+PONG\r\n");
    assert_eq!(d.messages.last().unwrap().result, "PONG");
}

#[test]
fn what_was_cut_is_said_as_far_as_it_goes() {
    let mut d = driver(Redis, &Options::default());
    d.feed(ToServer, b"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$1000\r\nabc");
    d.cut(ToServer);
    assert_eq!(d.messages[0].request_resource, "SET key ?");
    d.feed(ToClient, b"-ERR bad");
    d.cut(ToClient);
    assert_eq!(d.messages[1].exception, "ERR bad");
}

#[test]
fn detection() {
    let redis = |dir| Probe::Certain(Redis, dir);
    assert_eq!(told(&command(&["GET", "a"]), ToServer), redis(ToServer));
    assert_eq!(told(b"-NOAUTH Authentication required.\r\n", ToClient), redis(ToClient));
    assert_eq!(told(b"+PONG\r\n", ToServer), redis(ToClient));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever is asked and answered, in whatever pieces: as many answers as questions.
    #[test]
    fn any_pipeline(
        talk in prop::collection::vec((0..5usize, "[a-z:0-9]{1,20}", "[ -~]{0,200}"), 1..20),
        size in 1..400usize,
    ) {
        let (mut asked, mut answered) = (Vec::new(), Vec::new());
        for (kind, key, value) in &talk {
            match kind {
                0 => (asked.extend(command(&["SET", key, value])), answered.extend(b"+OK\r\n")),
                1 => (
                    asked.extend(command(&["GET", key])),
                    answered.extend(format!("${}\r\n{value}\r\n", value.len()).bytes()),
                ),
                2 => (
                    asked.extend(command(&["LRANGE", key, "0", "-1"])),
                    answered.extend(format!("*2\r\n${}\r\n{value}\r\n*1\r\n:1\r\n", value.len()).bytes()),
                ),
                3 => (asked.extend(format!("incr {key}\r\n").bytes()), answered.extend(b":1\r\n")),
                _ => (asked.extend(command(&["PING"])), answered.extend(b"-ERR no\r\n")),
            };
        }
        let mut d = driver(Redis, &shown());
        asked.chunks(size).for_each(|part| d.feed(ToServer, part));
        answered.chunks(size).for_each(|part| d.feed(ToClient, part));
        prop_assert_eq!(d.lost, 0);
        let count = |kind| d.messages.iter().filter(|m| m.is(kind)).count();
        prop_assert_eq!(count(MessageKind::Request), talk.len());
        prop_assert_eq!(count(MessageKind::Response), talk.len());
        let first = d.messages.iter().find(|m| m.is(MessageKind::Request)).unwrap();
        prop_assert!(first.request_resource.len() < 4096);
    }
}
