//! The parameters of a request: from the address, from headers, from a form.

use std::time::Duration;

use hyper::header::HeaderMap;

use crate::error::{Exception, code};
use crate::limits;
use crate::users::Credentials;

/// A session the client asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) timeout: Duration,
    /// The session must exist already.
    pub(crate) check: bool,
}

/// What the parameters say.
#[derive(Debug, Default, Clone)]
pub(crate) struct Parameters {
    /// The statement, or its front.
    pub(crate) query: Vec<u8>,
    pub(crate) database: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) compress: bool,
    pub(crate) decompress: bool,
    pub(crate) wait_end: bool,
    pub(crate) query_id: Option<String>,
    /// Settings of this one statement.
    pub(crate) settings: Vec<(String, String)>,
    /// Values for `{name:Type}` in the statement.
    pub(crate) values: Vec<(String, String)>,
    credentials: Option<Credentials>,
    session_id: Option<String>,
    session_timeout: Option<u64>,
    session_check: bool,
}

impl Parameters {
    /// Reads the address and the headers.
    ///
    /// # Errors
    /// Names that cannot be settings, too many of them, bad numbers.
    pub(crate) fn read(query: &str, headers: &HeaderMap) -> Result<Self, Exception> {
        let mut parameters = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            parameters.set(&name, value.into_owned().into_bytes())?;
        }
        let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
        if let Some(format) = header("X-ClickHouse-Format") {
            parameters.format = Some(format.to_owned());
        }
        if let Some(database) = header("X-ClickHouse-Database") {
            parameters.database = Some(database.to_owned());
        }
        if let Some(id) = header("X-ClickHouse-Query-Id") {
            parameters.query_id = Some(id.to_owned());
        }
        Ok(parameters)
    }

    /// Takes one parameter.
    ///
    /// # Errors
    /// As [`Parameters::read`].
    pub(crate) fn set(&mut self, name: &str, value: Vec<u8>) -> Result<(), Exception> {
        if name == "query" {
            if !self.query.is_empty() {
                self.query.push(b'\n');
            }
            self.query.extend_from_slice(&value);
            return Ok(());
        }
        let Ok(value) = String::from_utf8(value) else {
            return Err(bad(format!("The value of parameter {} is not UTF-8", show(name))));
        };
        let on = || matches!(value.as_str(), "1" | "true");
        match name {
            "database" => self.database = Some(value),
            "default_format" => self.format = Some(value),
            "compress" => self.compress = on(),
            "decompress" => self.decompress = on(),
            "wait_end_of_query" => self.wait_end = on(),
            "query_id" => self.query_id = Some(value),
            "user" => self.credentials.get_or_insert_default().user = value,
            "password" => self.credentials.get_or_insert_default().password = value,
            "session_id" => self.session_id = Some(value),
            "session_check" => self.session_check = on(),
            "session_timeout" => {
                let seconds = value.parse().map_err(|_| {
                    bad(format!("session_timeout={} is not a number of seconds", show(&value)))
                })?;
                self.session_timeout = Some(seconds);
            }
            // Said to the HTTP layer of a full server; nothing here depends on them.
            "buffer_size"
            | "quota_key"
            | "role"
            | "stacktrace"
            | "client_protocol_version"
            | "http_response_headers"
            | "enable_http_compression"
            | "send_progress_in_http_headers"
            | "http_headers_progress_interval_ms"
            | "cancel_http_readonly_queries_on_client_close"
            | "add_http_cors_header" => {}
            _ => {
                let list = if let Some(name) = name.strip_prefix("param_") {
                    check_name(name)?;
                    self.values.push((name.to_owned(), value));
                    &self.values
                } else {
                    check_name(name)?;
                    self.settings.retain(|(n, _)| n != name);
                    self.settings.push((name.to_owned(), value));
                    &self.settings
                };
                if list.len() > limits::PARAMETERS {
                    return Err(bad(format!("More than {} parameters", limits::PARAMETERS)));
                }
            }
        }
        Ok(())
    }

    /// User and password from the address, if there.
    pub(crate) fn credentials(&self) -> Option<Credentials> {
        self.credentials.clone()
    }

    /// The session asked for, its timeout within bounds.
    pub(crate) fn session(&self) -> Option<Session> {
        let id = self.session_id.clone().filter(|id| !id.is_empty())?;
        let timeout = self.session_timeout.map_or(limits::SESSION_TIMEOUT, Duration::from_secs);
        let timeout = timeout.min(limits::SESSION_TIMEOUT_MAX);
        Some(Session { id, timeout, check: self.session_check })
    }

    /// Takes the fields of a `multipart/form-data` body.
    ///
    /// # Errors
    /// A form that is not one; external tables (fields with a file).
    pub(crate) fn read_form(&mut self, boundary: &[u8], body: &[u8]) -> Result<(), Exception> {
        for (head, value) in form_parts(boundary, body).ok_or_else(|| {
            bad("The multipart/form-data body does not end with its boundary".to_owned())
        })? {
            let head = String::from_utf8_lossy(head);
            if head.to_ascii_lowercase().contains("filename=") {
                return Err(Exception::new(
                    code::NOT_IMPLEMENTED,
                    "External tables in a form are not supported by the embedded engine; \
                     create a table instead",
                ));
            }
            let name = head.split("name=\"").nth(1).and_then(|r| r.split('"').next());
            let Some(name) = name else { return Err(bad("A form field has no name".to_owned())) };
            self.set(name, value.to_vec())?;
        }
        Ok(())
    }
}

/// The boundary of a multipart form, if the request is one.
pub(crate) fn form_boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(hyper::header::CONTENT_TYPE)?.to_str().ok()?;
    let (kind, rest) = value.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.split(';').find_map(|p| p.trim().strip_prefix("boundary="))?;
    Some(boundary.trim_matches('"').to_owned())
}

/// Splits a form into heads and values.
fn form_parts<'a>(boundary: &[u8], body: &'a [u8]) -> Option<Vec<(&'a [u8], &'a [u8])>> {
    let mark = [b"--", boundary].concat();
    let find = |text: &[u8], what: &[u8]| text.windows(what.len()).position(|w| w == what);
    let mut parts = Vec::new();
    let mut rest = &body[find(body, &mark)? + mark.len()..];
    while !rest.starts_with(b"--") {
        rest = rest.strip_prefix(b"\r\n")?;
        let end = find(rest, &[b"\r\n", &mark[..]].concat())?;
        let part = &rest[..end];
        let split = find(part, b"\r\n\r\n")?;
        parts.push((&part[..split], &part[split + 4..]));
        rest = &rest[end + 2 + mark.len()..];
    }
    Some(parts)
}

fn check_name(name: &str) -> Result<(), Exception> {
    let first = name.bytes().next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    let rest = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if first && rest && name.len() <= 128 {
        return Ok(());
    }
    Err(Exception::new(
        code::UNKNOWN_SETTING,
        format!("{} is neither a parameter of the interface nor a setting name", show(name)),
    ))
}

/// `SET a = 'x', b = 'y'`, or nothing to set.
pub(crate) fn set_statement(settings: &[(String, String)]) -> Option<String> {
    let list: Vec<String> =
        settings.iter().map(|(name, value)| format!("{name} = {}", literal(value))).collect();
    (!list.is_empty()).then(|| format!("SET {}", list.join(", ")))
}

/// A string as SQL text.
pub(crate) fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// An identifier as SQL text.
pub(crate) fn identifier(name: &str) -> String {
    format!("`{}`", name.replace('\\', "\\\\").replace('`', "\\`"))
}

fn show(text: &str) -> String {
    text.chars().take(60).flat_map(char::escape_default).collect()
}

fn bad(text: String) -> Exception {
    Exception::new(code::BAD_ARGUMENTS, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_sorted_into_its_parts() {
        let p = Parameters::read(
            "query=SELECT%201&database=x&max_threads=3&max_threads=4&param_a=it%27s&user=u\
             &password=p&session_id=s&session_timeout=99999&compress=1&default_format=CSV",
            &HeaderMap::new(),
        )
        .unwrap();
        assert_eq!(p.query, b"SELECT 1");
        assert_eq!(p.settings, [("max_threads".to_owned(), "4".to_owned())]);
        assert_eq!(p.values, [("a".to_owned(), "it's".to_owned())]);
        assert_eq!(p.session().unwrap().timeout, limits::SESSION_TIMEOUT_MAX);
        assert_eq!(p.credentials().unwrap().user, "u");
        assert!(p.compress && !p.decompress);
    }

    #[test]
    fn names_that_could_be_sql_are_refused() {
        for name in ["a%3D1%2C+readonly", "1a", "a.b", "", "%C3%A4", "param_"] {
            let error = Parameters::read(&format!("{name}=1"), &HeaderMap::new()).unwrap_err();
            assert_eq!(error.code, code::UNKNOWN_SETTING, "{name}");
        }
        let settings = [("a".to_owned(), "x', readonly = 0 \\".to_owned())];
        assert_eq!(set_statement(&settings).unwrap(), "SET a = 'x\\', readonly = 0 \\\\'");
        assert_eq!(set_statement(&[]), None);
    }

    #[test]
    fn forms_are_read() {
        let body =
            b"--b\r\nContent-Disposition: form-data; name=\"query\"\r\n\r\nSELECT {a:String}\r\n\
            --b\r\nContent-Disposition: form-data; name=\"param_a\"\r\n\r\nx\r\ny--b\r\n--b--\r\n";
        let mut p = Parameters::default();
        p.read_form(b"b", body).unwrap();
        assert_eq!(p.query, b"SELECT {a:String}");
        assert_eq!(p.values, [("a".to_owned(), "x\r\ny--b".to_owned())]);
        assert!(Parameters::default().read_form(b"b", &body[..60]).is_err());
        assert!(Parameters::default().read_form(b"c", body).is_err());
        let mut headers = HeaderMap::new();
        headers.insert("content-type", "multipart/form-data; boundary=\"b\"".parse().unwrap());
        assert_eq!(form_boundary(&headers).as_deref(), Some("b"));
    }
}
