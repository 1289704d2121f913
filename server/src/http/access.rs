//! Who may ask: on loopback anybody on this machine, elsewhere who has the token.

use hyper::header::{AUTHORIZATION, HOST, HeaderValue, ORIGIN, WWW_AUTHENTICATE};
use hyper::{Request, StatusCode};

use super::app::App;
use super::reply::{Reply, failure};
use crate::config::is_local;

/// What anybody may see: that the process lives, and an empty page that asks for the token.
const OPEN: [&str; 3] = ["", "/healthz", "/readyz"];

/// The refusal of a request that may not be made; `None` lets it pass.
pub(super) fn refusal<B>(app: &App, path: &str, request: &Request<B>) -> Option<Reply> {
    if is_local(app.http.listen.ip()) && !is_local_name(request) {
        // A name that resolves to loopback lets any web page a person visits ask this server.
        return Some(failure(
            StatusCode::MISDIRECTED_REQUEST,
            "FORBIDDEN",
            "this server listens on loopback; ask for it as localhost or by its address",
        ));
    }
    if OPEN.contains(&path) {
        return None;
    }
    if is_of_another_site(request) {
        return Some(failure(
            StatusCode::FORBIDDEN,
            "FORBIDDEN",
            "a page of another site may not ask this server",
        ));
    }
    let token = app.http.token.as_ref()?;
    let given = request.headers().get(AUTHORIZATION).and_then(|v| v.to_str().ok());
    let given =
        given.and_then(|v| v.split_once(' ')).filter(|(s, _)| s.eq_ignore_ascii_case("bearer"));
    if given.is_some_and(|(_, given)| same(token, given.trim())) {
        return None;
    }
    let mut reply = failure(
        StatusCode::UNAUTHORIZED,
        "UNAUTHORIZED",
        "a token is required: Authorization: Bearer TOKEN, the one of http.token",
    );
    reply.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    Some(reply)
}

/// Whether the request names this machine: localhost, or an address.
fn is_local_name<B>(request: &Request<B>) -> bool {
    let host = request.headers().get(HOST).and_then(|v| v.to_str().ok());
    // HTTP/1.0 clients send none; browsers always do.
    let Some(host) = host else { return true };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost") || name.parse::<std::net::IpAddr>().is_ok()
}

/// Whether a browser asks on behalf of a page that is not this server's. Such a page could not read
/// the answer, but it could keep the store busy. Other clients send neither header.
fn is_of_another_site<B>(request: &Request<B>) -> bool {
    let text = |name| request.headers().get(name).and_then(|v: &HeaderValue| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text(ORIGIN.as_str()) else { return false };
    let from = origin.split_once("://").map(|(_, host)| host);
    !from.is_some_and(|from| text(HOST.as_str()).is_some_and(|h| h.eq_ignore_ascii_case(from)))
}

/// Compares in a time that does not depend on where the texts differ.
fn same(expected: &str, given: &str) -> bool {
    let (expected, given) = (expected.as_bytes(), given.as_bytes());
    let mut differs = u8::from(expected.len() != given.len());
    for (at, byte) in given.iter().enumerate() {
        differs |= byte ^ expected.get(at).copied().unwrap_or(0xff);
    }
    std::hint::black_box(differs) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for (host, local) in [
            ("localhost", true),
            ("LocalHost:20416", true),
            ("127.0.0.1:20416", true),
            ("[::1]:20416", true),
            ("[::1]", true),
            ("evil.example:20416", false),
            ("localhost.evil.example", false),
        ] {
            let request = Request::builder().header(HOST, host).body(()).unwrap();
            assert_eq!(is_local_name(&request), local, "{host}");
        }
    }

    #[test]
    fn pages_of_other_sites() {
        let other = |headers: &[(&str, &str)]| {
            let host = Request::builder().header(HOST, "localhost:20416");
            let all = headers.iter().fold(host, |r, (k, v)| r.header(*k, *v));
            is_of_another_site(&all.body(()).unwrap())
        };
        assert!(!other(&[]));
        assert!(!other(&[("origin", "http://localhost:20416")]));
        assert!(!other(&[("sec-fetch-site", "same-origin"), ("origin", "http://localhost:20416")]));
        assert!(!other(&[("sec-fetch-site", "none")]), "typed by a person");
        assert!(other(&[("origin", "http://evil.example")]));
        assert!(other(&[("origin", "http://localhost:3000")]));
        assert!(other(&[("origin", "null")]));
        assert!(other(&[("sec-fetch-site", "cross-site")]), "an image");
        assert!(other(&[("sec-fetch-site", "same-site"), ("origin", "http://localhost:20416")]));
    }

    #[test]
    fn tokens() {
        assert!(same("abc", "abc"));
        assert!(
            !same("abc", "abd") && !same("abc", "ab") && !same("abc", "abcd") && !same("abc", "")
        );
    }
}
