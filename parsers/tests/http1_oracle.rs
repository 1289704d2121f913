//! The same heads read by `httparse`: both must see the same method, target, status and fields.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use fathom_parsers::message::{Carrier, Direction, L7Protocol};
use fathom_parsers::registry::{AnyParser, Options};
use fathom_parsers::testing::{Driver, OwnedMessage};
use proptest::prelude::*;

const KNOWN: [&str; 8] = [
    "Host",
    "User-Agent",
    "Referer",
    "Content-Type",
    "X-Request-ID",
    "Accept",
    "Cookie",
    "X-Unknown",
];

/// A head with its header lines: names in any case, values without blanks around them.
fn lines() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop_oneof![
        (0..KNOWN.len(), any::<bool>()).prop_map(|(i, lower)| {
            if lower { KNOWN[i].to_ascii_lowercase() } else { KNOWN[i].to_owned() }
        }),
        "[a-zA-Z][a-zA-Z0-9-]{0,20}".prop_filter("framing is tested elsewhere", |n| {
            !["content-length", "transfer-encoding"].contains(&n.to_ascii_lowercase().as_str())
        }),
    ];
    let value = "([!-~]([ -~]{0,40}[!-~])?)?";
    prop::collection::vec((name, value), 0..12)
}

fn head(start: &str, lines: &[(String, String)], end: &str) -> String {
    let mut text = format!("{start}{end}");
    for (name, value) in lines {
        text += &format!("{name}: {value}{end}");
    }
    text + end
}

fn parse(dir: Direction, text: &str) -> OwnedMessage {
    let parser = AnyParser::new(L7Protocol::Http, Carrier::Tcp, &Options::default()).unwrap();
    let mut driver = Driver::new(parser, false);
    driver.feed(dir, text.as_bytes());
    assert_eq!((driver.messages.len(), driver.lost), (1, 0), "{text:?}");
    driver.messages.swap_remove(0)
}

fn attribute<'m>(m: &'m OwnedMessage, name: &str) -> &'m str {
    m.attributes.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
}

/// The value `httparse` sees for a header that occurs once or not at all.
fn oracle<'h>(headers: &'h [httparse::Header<'_>], name: &str) -> Option<&'h str> {
    let mut found = headers.iter().filter(|h| h.name.eq_ignore_ascii_case(name));
    match (found.next(), found.next()) {
        (None, _) => Some(""),
        (Some(h), None) => Some(std::str::from_utf8(h.value).unwrap()),
        _ => None,
    }
}

fn same_fields(m: &OwnedMessage, headers: &[httparse::Header<'_>]) {
    for (name, got) in [
        ("Host", m.request_domain.as_str()),
        ("X-Request-ID", &m.x_request_id),
        ("User-Agent", attribute(m, "User-Agent")),
        ("Referer", attribute(m, "Referer")),
        ("Content-Type", attribute(m, "Content-Type")),
    ] {
        if let Some(expected) = oracle(headers, name) {
            assert_eq!(got, expected, "{name}");
        }
    }
}

proptest! {
    #[test]
    fn requests(
        method in "[A-Z]{1,16}",
        target in "/[!-~]{0,60}",
        minor in 0u8..2,
        lines in lines(),
        bare in any::<bool>(),
    ) {
        let end = if bare { "\n" } else { "\r\n" };
        let text = head(&format!("{method} {target} HTTP/1.{minor}"), &lines, end);
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut expected = httparse::Request::new(&mut headers);
        // What the oracle refuses (some bytes in targets) is no test.
        prop_assume!(matches!(expected.parse(text.as_bytes()), Ok(httparse::Status::Complete(_))));
        let m = parse(Direction::ToServer, &text);
        prop_assert_eq!(Some(m.request_type.as_str()), expected.method);
        prop_assert_eq!(Some(m.request_resource.as_str()), expected.path);
        prop_assert_eq!(&m.version, &format!("1.{}", expected.version.unwrap()));
        same_fields(&m, expected.headers);
    }

    #[test]
    fn responses(
        status in 200u16..600,
        reason in "[A-Za-z]([ -~]{0,20}[!-~])?",
        lines in lines(),
    ) {
        prop_assume!(status != 204 && status != 304);
        let text = head(&format!("HTTP/1.1 {status} {reason}"), &lines, "\r\n");
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut expected = httparse::Response::new(&mut headers);
        prop_assume!(matches!(expected.parse(text.as_bytes()), Ok(httparse::Status::Complete(_))));
        let m = parse(Direction::ToClient, &text);
        prop_assert_eq!(m.response_code, expected.code.map(i32::from));
        if status >= 400 {
            prop_assert_eq!(Some(m.exception.as_str()), expected.reason);
        }
        prop_assert_eq!(attribute(&m, "Content-Type"), oracle(expected.headers, "Content-Type")
            .unwrap_or(attribute(&m, "Content-Type")));
    }

    /// Where the oracle says that bytes are missing, so does the parser, and never a message.
    #[test]
    fn prefixes(target in "/[a-z/]{0,20}", lines in lines(), cut in any::<prop::sample::Index>()) {
        let text = head(&format!("GET {target} HTTP/1.1"), &lines, "\r\n");
        let text = &text[..cut.index(text.len())];
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let answer = httparse::Request::new(&mut headers).parse(text.as_bytes());
        prop_assume!(matches!(answer, Ok(httparse::Status::Partial)));
        let parser = AnyParser::new(L7Protocol::Http, Carrier::Tcp, &Options::default()).unwrap();
        let mut driver = Driver::new(parser, false);
        driver.feed(Direction::ToServer, text.as_bytes());
        prop_assert_eq!((driver.messages.len(), driver.lost), (0, 0));
    }
}
