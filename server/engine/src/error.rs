//! Errors as ClickHouse tells them: a code, a text, an HTTP status.

use hyper::StatusCode;

/// Codes this process raises itself. The names are ClickHouse's.
pub mod code {
    #![allow(missing_docs, reason = "ClickHouse's own names")]
    pub const BAD_ARGUMENTS: u32 = 36;
    pub const NOT_IMPLEMENTED: u32 = 48;
    pub const SYNTAX_ERROR: u32 = 62;
    pub const UNKNOWN_SETTING: u32 = 115;
    pub const TIMEOUT_EXCEEDED: u32 = 159;
    pub const READONLY: u32 = 164;
    pub const TOO_MANY_SIMULTANEOUS_QUERIES: u32 = 202;
    pub const SOCKET_TIMEOUT: u32 = 209;
    pub const NETWORK_ERROR: u32 = 210;
    pub const REQUIRED_PASSWORD: u32 = 194;
    pub const CANNOT_DECOMPRESS: u32 = 271;
    pub const TOO_LARGE: u32 = 307;
    pub const SESSION_NOT_FOUND: u32 = 372;
    pub const SESSION_IS_LOCKED: u32 = 373;
    pub const ACCESS_DENIED: u32 = 497;
    pub const AUTHENTICATION_FAILED: u32 = 516;
    pub const UNKNOWN_EXCEPTION: u32 = 1002;
}

/// One failure of a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Exception {
    /// ClickHouse's number of the error.
    pub code: u32,
    /// The whole text, beginning with `Code: N. DB::Exception: `.
    pub message: String,
}

impl Exception {
    /// An error of this process, with ClickHouse's name of the code at the end.
    pub fn new(code: u32, text: impl AsRef<str>) -> Self {
        let name = match code {
            code::BAD_ARGUMENTS => "BAD_ARGUMENTS",
            code::NOT_IMPLEMENTED => "NOT_IMPLEMENTED",
            code::SYNTAX_ERROR => "SYNTAX_ERROR",
            code::UNKNOWN_SETTING => "UNKNOWN_SETTING",
            code::TIMEOUT_EXCEEDED => "TIMEOUT_EXCEEDED",
            code::READONLY => "READONLY",
            code::TOO_MANY_SIMULTANEOUS_QUERIES => "TOO_MANY_SIMULTANEOUS_QUERIES",
            code::SOCKET_TIMEOUT => "SOCKET_TIMEOUT",
            code::NETWORK_ERROR => "NETWORK_ERROR",
            code::REQUIRED_PASSWORD => "REQUIRED_PASSWORD",
            code::CANNOT_DECOMPRESS => "CANNOT_DECOMPRESS",
            code::TOO_LARGE => "TOO_MANY_BYTES",
            code::SESSION_NOT_FOUND => "SESSION_NOT_FOUND",
            code::SESSION_IS_LOCKED => "SESSION_IS_LOCKED",
            code::ACCESS_DENIED => "ACCESS_DENIED",
            code::AUTHENTICATION_FAILED => "AUTHENTICATION_FAILED",
            _ => "UNKNOWN_EXCEPTION",
        };
        Self { code, message: format!("Code: {code}. DB::Exception: {}. ({name})", text.as_ref()) }
    }

    /// An error text of the engine; the code is read from its front.
    pub fn from_engine(text: &str) -> Self {
        let text = text.trim_end();
        let code = text
            .strip_prefix("Code: ")
            .and_then(|rest| rest.split('.').next())
            .and_then(|digits| digits.parse().ok());
        match code {
            Some(code) => Self { code, message: text.to_owned() },
            None => Self::new(code::UNKNOWN_EXCEPTION, text),
        }
    }

    /// The text as a client expects it: with the version, ending in a newline.
    /// Some clients recognise an exception by this ending.
    pub fn text(&self, version: &str) -> String {
        if self.message.ends_with(')') && self.message.contains("(version ") {
            format!("{}\n", self.message)
        } else {
            format!("{} (version {version} (official build))\n", self.message)
        }
    }

    /// The HTTP status ClickHouse answers with for this code.
    pub fn status(&self) -> StatusCode {
        match self.code {
            code::REQUIRED_PASSWORD => StatusCode::UNAUTHORIZED,
            192 | 193 | 497 | 512 | 516 => StatusCode::FORBIDDEN,
            // Readonly: the request cannot succeed as it is.
            code::READONLY => StatusCode::FORBIDDEN,
            // What cannot be parsed or does not fit its type.
            6 | 26 | 27 | 33 | 36 | 38 | 41 | 42 | 43 | 53 | 62 | 69 | 70 | 72 | 117 | 271
            | 456 | 457 => StatusCode::BAD_REQUEST,
            // What is not there.
            16 | 46 | 47 | 50 | 56 | 60 | 63 | 73 | 78 | 81 | 115 | 336 | 372 => {
                StatusCode::NOT_FOUND
            }
            code::TIMEOUT_EXCEEDED => StatusCode::REQUEST_TIMEOUT,
            code::TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
            code::NOT_IMPLEMENTED => StatusCode::NOT_IMPLEMENTED,
            code::TOO_MANY_SIMULTANEOUS_QUERIES | code::SOCKET_TIMEOUT | 439 => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_code_and_adds_the_version_once() {
        let e = Exception::from_engine("Code: 62. DB::Exception: Syntax error. (SYNTAX_ERROR)\n");
        assert_eq!((e.code, e.status()), (62, StatusCode::BAD_REQUEST));
        assert_eq!(
            e.text("26.7"),
            "Code: 62. DB::Exception: Syntax error. (SYNTAX_ERROR) (version 26.7 (official build))\n"
        );
        let with = Exception::from_engine("Code: 27. DB::Exception: x. (Y) (version 26.7.2.1)");
        assert_eq!(with.text("26.7"), "Code: 27. DB::Exception: x. (Y) (version 26.7.2.1)\n");
        assert_eq!(Exception::from_engine("std::bad_alloc").code, code::UNKNOWN_EXCEPTION);
    }
}
