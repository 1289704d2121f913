//! SMTP, POP3, IMAP and FTP: sessions, pipelines, texts and literals, encryption that begins, and
//! that no way to split a conversation changes what is read.
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![allow(dead_code, reason = "what tests share is not used by each")]

mod support;

use fathom_parsers::literals::Literals;
use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::L7Protocol::{Ftp, Imap, Pop3, Smtp};
use fathom_parsers::message::{L7Protocol, Probe};
use fathom_parsers::registry::Options;
use support::{down, driver, lines, messages, messages_with, told, up};

#[test]
fn a_mail_is_sent() {
    let m = messages(
        Smtp,
        &[
            down("220 mx.shop.test ESMTP Postfix\r\n"),
            up("EHLO client.test\r\n"),
            down("250-mx.shop.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"),
            up("auth PLAIN\r\n"),
            down("334 \r\n"),
            up("AHVzZXIAc2VjcmV0\r\n"),
            down("235 2.7.0 Authentication successful\r\n"),
            up(
                "MAIL FROM:<a@client.test> SIZE=99\r\nRCPT TO:<b@shop.test>\r\nRCPT TO: <nobody@shop.test>\r\nDATA\r\n",
            ),
            down(
                "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n550 5.1.1 User unknown\r\n354 End data with <CR><LF>.<CR><LF>\r\n",
            ),
            up("Subject: x\r\n\r\nQUIT\r\n..dot\r\nRCPT TO:<x>\r\n.\r\nQUIT\r\n"),
            down("250 2.0.0 Ok: queued as 42\r\n221 2.0.0 Bye\r\n"),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Single type=CONNECT domain=mx.shop.test endpoint=CONNECT status=Ok code=220 result=mx.shop.test ESMTP Postfix",
            "Request type=EHLO domain=client.test endpoint=EHLO",
            "Response status=Ok code=250 result=mx.shop.test",
            "Request type=AUTH resource=PLAIN endpoint=AUTH",
            "Interim status=Ok code=334",
            "Response status=Ok code=235 result=2.7.0 Authentication successful",
            "Request type=MAIL resource=a@client.test endpoint=MAIL",
            "Request type=RCPT resource=b@shop.test endpoint=RCPT",
            "Request type=RCPT resource=nobody@shop.test endpoint=RCPT",
            "Request type=DATA endpoint=DATA",
            "Response status=Ok code=250 result=2.1.0 Ok",
            "Response status=Ok code=250 result=2.1.5 Ok",
            "Response status=ClientError code=550 exception=5.1.1 User unknown",
            "Interim status=Ok code=354 result=End data with <CR><LF>.<CR><LF>",
            "Request type=QUIT endpoint=QUIT",
            "Response status=Ok code=250 result=2.0.0 Ok: queued as 42",
            "Response status=Ok code=221 result=2.0.0 Bye",
        ]
    );
    assert_eq!(m[15].facts, [("mail_bytes".to_owned(), "43".to_owned())]);
    assert!(!format!("{m:?}").contains("AHVz"));
}

#[test]
fn mails_in_chunks_and_refused() {
    let m = messages(
        Smtp,
        &[
            down("220-mx.test\r\n220 ESMTP\r\n"),
            up("BDAT 9\r\nQUIT\r\nabcBDAT 0 LAST\r\n"),
            down("250 ok\r\n250 ok\r\n"),
            up("DATA\r\n"),
            down("451 4.3.0 later\r\n"),
            up("FROB secret words\r\nQUIT\r\n"),
            down("502 5.5.2 unknown\r\n221 bye\r\n"),
        ],
    );
    assert_eq!(
        lines(&m)[1..],
        [
            "Request type=BDAT endpoint=BDAT length=9",
            "Request type=BDAT endpoint=BDAT length=0",
            "Response status=Ok code=250 result=ok",
            "Response status=Ok code=250 result=ok",
            "Request type=DATA endpoint=DATA",
            "Response status=ServerError code=451 exception=4.3.0 later",
            "Request type=FROB endpoint=FROB",
            "Request type=QUIT endpoint=QUIT",
            "Response status=ClientError code=502 exception=5.5.2 unknown",
            "Response status=Ok code=221 result=bye",
        ]
    );
}

#[test]
fn encryption_begins() {
    let smtp = [down("220 mx.test ESMTP\r\n"), up("STARTTLS\r\n"), down("220 2.0.0 Ready\r\n")];
    let pop = [down("+OK hi\r\n"), up("STLS\r\n"), down("+OK Begin\r\n")];
    let imap = [down("* OK hi\r\n"), up("a1 STARTTLS\r\n"), down("a1 OK Begin\r\n")];
    let ftp = [down("220 FTP\r\n"), up("AUTH TLS\r\n"), down("234 ok\r\n")];
    for (protocol, talk) in [(Smtp, smtp), (Pop3, pop), (Imap, imap), (Ftp, ftp)] {
        let m = messages(protocol, &talk);
        let kinds: Vec<_> = m.iter().map(|m| m.kind.as_str()).collect();
        assert_eq!(kinds, ["Single", "Request", "Response"], "{protocol:?}");
        // What follows is for the parser of TLS, which waits for the rest of this.
        let mut d = driver(protocol, &Options::default());
        talk.iter().for_each(|(dir, bytes)| d.feed(*dir, bytes));
        d.feed(ToServer, b"\x16\x03\x01");
        assert_eq!((d.messages.len(), d.lost), (3, 0), "{protocol:?}");
    }
    // What is refused changes nothing.
    let m = messages(
        Smtp,
        &[up("EHLO a\r\nSTARTTLS\r\n"), down("250 a\r\n454 4.7.0 no\r\n"), up("QUIT\r\n")],
    );
    assert_eq!(m.last().unwrap().request_type, "QUIT");
}

#[test]
fn mails_are_fetched_by_pop() {
    let m = messages(
        Pop3,
        &[
            down("+OK Dovecot ready. <1.2@pop.test>\r\n"),
            up("CAPA\r\n"),
            down("+OK\r\nTOP\r\nUIDL\r\n.\r\n"),
            up("USER bob\r\n"),
            down("+OK\r\n"),
            up("PASS hunter2\r\n"),
            down("-ERR [AUTH] Authentication failed.\r\n"),
            up("APOP bob c4c9334bac560ecc979e58001b3e22fb\r\n"),
            down("+OK Logged in.\r\n"),
            up("LIST\r\nLIST 1\r\nRETR 1\r\nDELE 9\r\n"),
            down(
                "+OK 1 messages:\r\n1 120\r\n.\r\n+OK 1 120\r\n+OK 120 octets\r\n-ERR in text\r\n..\r\n.\r\n-ERR There's no message 9.\r\n",
            ),
            up("AUTH PLAIN\r\n"),
            down("+ \r\n"),
            up("AGJvYgBodW50ZXIy\r\n"),
            down("-ERR [SYS/TEMP] try later\r\n"),
            up("QUIT\r\n"),
            down("+OK Logging out.\r\n"),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Single type=CONNECT endpoint=CONNECT status=Ok result=Dovecot ready. <1.2@pop.test>",
            "Request type=CAPA endpoint=CAPA",
            "Response status=Ok",
            "Request type=USER resource=bob endpoint=USER",
            "Response status=Ok",
            "Request type=PASS endpoint=PASS",
            "Response status=ClientError exception=[AUTH] Authentication failed.",
            "Request type=APOP resource=bob endpoint=APOP",
            "Response status=Ok result=Logged in.",
            "Request type=LIST endpoint=LIST",
            "Request type=LIST resource=1 endpoint=LIST",
            "Request type=RETR resource=1 endpoint=RETR",
            "Request type=DELE resource=9 endpoint=DELE",
            "Response status=Ok result=1 messages:",
            "Response status=Ok result=1 120",
            "Response status=Ok result=120 octets",
            "Response status=ClientError exception=There's no message 9.",
            "Request type=AUTH resource=PLAIN endpoint=AUTH",
            "Interim",
            "Response status=ServerError exception=[SYS/TEMP] try later",
            "Request type=QUIT endpoint=QUIT",
            "Response status=Ok result=Logging out.",
        ]
    );
    assert!(!format!("{m:?}").contains("unter2"));
}

/// Literals on both sides, lines without tags, answers in another order.
fn mailbox() -> Vec<support::Said> {
    vec![
        down("* OK [CAPABILITY IMAP4rev1] ready\r\n"),
        up("a1 LOGIN bob \"hunter2\"\r\n"),
        down("* CAPABILITY IMAP4rev1\r\na1 OK Logged in\r\n"),
        up("a2 SELECT \"Sent mail\"\r\na3 uid fetch 1:2 (FLAGS BODY[TEXT])\r\n"),
        down(
            "* 2 EXISTS\r\na3 BAD not yet\r\n* 1 FETCH (BODY[TEXT] {12}\r\na9 OK faked\n FLAGS ())\r\na2 OK [READ-WRITE] done\r\n",
        ),
        up("a4 APPEND INBOX (\\Seen) {11}\r\n"),
        down("+ OK\r\n"),
        up("a8 NOOP\r\n..\r\n"),
        down("a4 OK done\r\n"),
        up("a5 APPEND Full {2000}\r\n"),
        down("a5 NO [OVERQUOTA] full\r\n"),
        up("a6 IDLE\r\n"),
        down("+ idling\r\n* 3 EXISTS\r\n"),
        up("DONE\r\n"),
        down("a6 OK done\r\n"),
        up("a7 SEARCH FROM secret\r\nb1 XFROB x\r\n"),
        down("* SEARCH\r\na7 OK done\r\nb1 NO [SERVERBUG] oh\r\n* BYE\r\n"),
    ]
}

#[test]
fn a_mailbox() {
    let m = messages(Imap, &mailbox());
    assert_eq!(
        lines(&m),
        [
            "Single type=CONNECT endpoint=CONNECT status=Ok result=[CAPABILITY IMAP4rev1] ready",
            "Request type=LOGIN resource=bob endpoint=LOGIN",
            "Response status=Ok result=Logged in",
            "Request type=SELECT resource=Sent mail endpoint=SELECT",
            "Request type=UID FETCH resource=1:2 (FLAGS BODY[TEXT]) endpoint=UID FETCH",
            "Response status=ClientError exception=not yet",
            "Response status=Ok result=[READ-WRITE] done",
            "Request type=APPEND resource=INBOX endpoint=APPEND length=11",
            "Response status=Ok result=done",
            "Request type=APPEND resource=Full endpoint=APPEND length=2000",
            "Response status=ClientError exception=[OVERQUOTA] full",
            "Request type=IDLE endpoint=IDLE",
            "Response status=Ok result=done",
            "Request type=SEARCH endpoint=SEARCH",
            "Request type=XFROB endpoint=XFROB",
            "Response status=Ok result=done",
            "Response status=ServerError exception=[SERVERBUG] oh",
        ]
    );
    assert_eq!((&m[3].pairing, &m[4].pairing), (&m[6].pairing, &m[5].pairing));
    assert_ne!(m[3].pairing, m[4].pairing);
    assert!(!format!("{m:?}").contains("hunter2"));
    let shown = Options { literals: Literals::Shown, ..Options::default() };
    let m = messages_with(Imap, &shown, &mailbox());
    assert_eq!(m[13].request_resource, "FROM secret");
}

#[test]
fn files_are_transferred() {
    let m = messages(
        Ftp,
        &[
            down("220-Welcome\r\n 220 to\r\n220 our FTP\r\n"),
            up("USER bob\r\n"),
            down("331 Password required\r\n"),
            up("PASS hunter2\r\n"),
            down("230 In\r\n"),
            up("EPSV\r\n"),
            down("229 Entering Extended Passive Mode (|||40001|)\r\n"),
            up("RETR /pub/a file.txt\r\n"),
            down("150 Opening\r\n"),
            up(b"\xff\xf4\xff\xf2ABOR\r\n"),
            down("426 Aborted\r\n226 Done\r\n"),
            up("CWD /none\r\n"),
            down("550 No such directory\r\n"),
            up("FEAT\r\n"),
            down("211-Features:\r\n MLST\r\n550 inside\r\n211 End\r\n"),
            up("QUIT\r\n"),
            down("221 Bye\r\n"),
        ],
    );
    assert_eq!(
        lines(&m),
        [
            "Single type=CONNECT endpoint=CONNECT status=Ok code=220 result=Welcome",
            "Request type=USER resource=bob endpoint=USER",
            "Response status=Ok code=331 result=Password required",
            "Request type=PASS endpoint=PASS",
            "Response status=Ok code=230 result=In",
            "Request type=EPSV endpoint=EPSV",
            "Response status=Ok code=229 result=Entering Extended Passive Mode (|||40001|)",
            "Request type=RETR resource=/pub/a file.txt endpoint=RETR",
            "Interim status=Ok code=150 result=Opening",
            "Request type=ABOR endpoint=ABOR",
            "Response status=ServerError code=426 exception=Aborted",
            "Response status=Ok code=226 result=Done",
            "Request type=CWD resource=/none endpoint=CWD",
            "Response status=ClientError code=550 exception=No such directory",
            "Request type=FEAT endpoint=FEAT",
            "Response status=Ok code=211 result=Features:",
            "Request type=QUIT endpoint=QUIT",
            "Response status=Ok code=221 result=Bye",
        ]
    );
    assert!(!format!("{m:?}").contains("hunter2"));
}

#[test]
fn what_is_which() {
    for (text, protocol, dir) in [
        ("220 mail ESMTP Exim\r\n", Smtp, ToClient),
        ("554-no SMTP for you\r\n", Smtp, ToClient),
        ("250 2.1.0 Ok\r\n", Smtp, ToClient),
        ("ehlo me\r\n", Smtp, ToServer),
        ("MAIL From:<a@b>\r\n", Smtp, ToServer),
        ("220 (vsFTPd 3.0.3)\r\n", Ftp, ToClient),
        ("220-FileZilla Server\r\n", Ftp, ToClient),
        ("331 Password please\r\n", Ftp, ToClient),
        ("227 Entering Passive Mode (1,2,3,4,5,6)\r\n", Ftp, ToClient),
        ("TYPE I\r\n", Ftp, ToServer),
        ("PORT 10,0,0,1,4,5\r\n", Ftp, ToServer),
        ("AUTH TLS\r\n", Ftp, ToServer),
        ("+OK POP3 ready\r\n", Pop3, ToClient),
        ("CAPA\r\n", Pop3, ToServer),
        ("RETR 7\r\n", Pop3, ToServer),
        ("* OK IMAP4 ready\r\n", Imap, ToClient),
        ("a1 LOGIN a b\r\n", Imap, ToServer),
        ("A0012 UID FETCH 1 FLAGS\r\n", Imap, ToServer),
    ] {
        assert_eq!(told(text.as_bytes(), dir), Probe::Certain(protocol, dir), "{text}");
        for cut in 1..text.len() {
            assert_eq!(told(&text.as_bytes()[..cut], dir), Probe::Unsure, "{text} cut at {cut}");
        }
    }
    // A long tag has to come in one piece: waiting for any word's end would cost unknown traffic.
    let long = b"A00012 UID FETCH 1 FLAGS\r\n";
    assert_eq!(told(long, ToServer), Probe::Certain(Imap, ToServer));
    assert_eq!(told(&long[..6], ToServer), Probe::NotForUs);
    let mine = |p: L7Protocol| [Smtp, Ftp, Pop3, Imap].contains(&p);
    for text in [
        "220 ready\r\n",
        "200 news NNTP\r\n",
        "226 2.5 seconds\r\n",
        "USER bob\r\n",
        "+OK\r\n",
        "+OK",
        "*3\r\n$3\r\nSET\r\n",
        "get list\r\n",
        "GET / HTTP/1.1\r\n",
        "RETR name\r\n",
        "CONNECT\nhost:a\n",
        "quit\r\n",
        "PING\r\n",
        "HELP\r\n",
    ] {
        for dir in [ToServer, ToClient] {
            let told = told(text.as_bytes(), dir);
            assert!(!matches!(told, Probe::Certain(p, _) if mine(p)), "{text} {told:?}");
        }
    }
}

#[test]
fn places_are_found_again() {
    let mut d = driver(Smtp, &Options::default());
    d.feed(ToServer, b"DATA\r\n");
    d.feed(ToClient, b"354 go\r\n");
    d.feed(ToServer, b"Subject: x\r\n");
    d.gap(ToServer, 100);
    d.feed(ToServer, b"half a line\r\nthe word DATA\r\n.\r\nMAIL FROM:<x@y>\r\n");
    assert_eq!(d.messages.last().unwrap().request_resource, "x@y");
    d.feed(ToClient, b"250 queued\r\n250 ok\r\n");
    let mut d = driver(Imap, &Options::default());
    d.feed(ToServer, b"a1 APPEND INBOX {5000}\r\nxxx");
    d.gap(ToServer, 4000);
    d.feed(ToServer, &[&[b'7'; 997][..], b"\r\na2 NOOP\r\n"].concat());
    assert_eq!((d.lost, d.messages.last().unwrap().request_type.as_str()), (0, "NOOP"));
    let mut d = driver(Pop3, &Options::default());
    d.gap(ToClient, 10);
    d.feed(ToClient, b"in a mail\r\n.\r\n+OK 3 octets\r\nabc\r\n.\r\n+OK\r\n");
    assert_eq!(lines(&d.messages), ["Response status=Ok result=3 octets", "Response status=Ok"]);
    // A line that is too long is known by its front, one that is cut by what is there.
    let mut d = driver(Ftp, &Options::default());
    d.feed(ToServer, &[b"STOR ", &[b'x'; 9000][..], b"\r\nNOOP\r\nRETR abc"].concat());
    d.cut(ToServer);
    let types: Vec<_> = d.messages.iter().map(|m| m.request_type.as_str()).collect();
    assert_eq!(types, ["STOR", "NOOP", "RETR"]);
}
