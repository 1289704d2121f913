//! Who may do what: one user who writes, one who only reads.

use hyper::header::{AUTHORIZATION, HeaderMap};

use crate::error::{Exception, code};

/// What a request may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Everything that ClickHouse's HTTP interface offers.
    Writer,
    /// Reading tables, within limits.
    Reader,
}

/// The two users with their passwords.
pub(crate) struct Users {
    pub(crate) writer: (String, String),
    pub(crate) reader: (String, String),
}

/// Where a request may have its user from.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Credentials {
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Credentials {
    /// From headers first, then from the address; ClickHouse's order.
    pub(crate) fn of(headers: &HeaderMap, in_url: Option<Self>) -> Option<Self> {
        let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        if let Some(user) = text("X-ClickHouse-User") {
            let password = text("X-ClickHouse-Key").unwrap_or_default();
            return Some(Self { user, password });
        }
        if let Some(value) = headers.get(AUTHORIZATION).and_then(|v| v.to_str().ok()) {
            let (scheme, data) = value.split_once(' ')?;
            if !scheme.eq_ignore_ascii_case("basic") {
                return None;
            }
            let pair = String::from_utf8(base64(data.trim())?).ok()?;
            let (user, password) = pair.split_once(':')?;
            return Some(Self { user: user.to_owned(), password: password.to_owned() });
        }
        in_url
    }
}

impl Users {
    /// The role of these credentials.
    ///
    /// # Errors
    /// Code 516, which does not say what of them is wrong.
    pub(crate) fn role(&self, credentials: &Credentials) -> Result<Role, Exception> {
        // Both are always compared, so that time tells nothing.
        let writer = same(&self.writer, credentials);
        let reader = same(&self.reader, credentials);
        match (writer, reader) {
            (true, _) => Ok(Role::Writer),
            (_, true) => Ok(Role::Reader),
            _ => Err(Exception::new(
                code::AUTHENTICATION_FAILED,
                format!(
                    "{}: Authentication failed: password is incorrect, or there is no user with such name",
                    credentials.user.escape_default()
                ),
            )),
        }
    }
}

fn same(user: &(String, String), credentials: &Credentials) -> bool {
    equal(&user.0, &credentials.user) & equal(&user.1, &credentials.password)
}

/// Compares in a time that depends on the length of the offered text only.
fn equal(expected: &str, offered: &str) -> bool {
    let expected = expected.as_bytes();
    let mut differs = u8::from(expected.len() != offered.len()) | u8::from(expected.is_empty());
    for (at, byte) in offered.bytes().enumerate() {
        let other = if expected.is_empty() { 0 } else { expected[at % expected.len()] };
        differs |= byte ^ other;
    }
    std::hint::black_box(differs) == 0
}

/// RFC 4648 base64 with or without padding.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0u32, 0u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users() -> Users {
        Users {
            writer: ("fathom".into(), "secret".into()),
            reader: ("reader".into(), String::new()),
        }
    }

    fn credentials(user: &str, password: &str) -> Credentials {
        Credentials { user: user.into(), password: password.into() }
    }

    #[test]
    fn only_exact_pairs_get_in() {
        let users = users();
        assert_eq!(users.role(&credentials("fathom", "secret")), Ok(Role::Writer));
        for (user, password) in [
            ("fathom", ""),
            ("fathom", "secre"),
            ("fathom", "secretsecret"),
            ("", ""),
            ("x", "secret"),
        ] {
            let error = users.role(&credentials(user, password)).unwrap_err();
            assert_eq!(error.code, code::AUTHENTICATION_FAILED, "{user}:{password}");
        }
        // A user without a password is a user who cannot log in.
        assert!(users.role(&credentials("reader", "")).is_err());
    }

    #[test]
    fn basic_authorisation_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, "Basic ZmF0aG9tOnNlY3JldA==".parse().unwrap());
        assert_eq!(Credentials::of(&headers, None), Some(credentials("fathom", "secret")));
        headers.insert("x-clickhouse-user", "other".parse().unwrap());
        assert_eq!(Credentials::of(&headers, None), Some(credentials("other", "")));
        assert_eq!(base64("YQ=="), Some(b"a".to_vec()));
        assert_eq!(base64("Y!"), None);
    }
}
