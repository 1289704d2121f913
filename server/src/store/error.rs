//! Why the store did not do what was asked, told apart by what to do about it.

use clickhouse::error::Error as ClientError;

/// A failed request to the store.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The embedded engine is being started again.
    #[error("the embedded store is starting; try again in a moment")]
    Restarting,
    /// The embedded engine ended and will be started again.
    #[error("the embedded store ended and is started again soon: {0}")]
    Down(String),
    /// The embedded engine will not start again.
    #[error("the embedded store ended: {0}")]
    Ended(String),
    /// No connection, or it broke.
    #[error("the store cannot be reached: {0}")]
    Unreachable(String),
    /// There was a connection, and the store ended it in the middle of an insert.
    #[error("the store hung up during an insert: {0}")]
    Cut(String),
    /// No answer in time.
    #[error("the store did not answer in time")]
    Timeout,
    /// ClickHouse refused, with its code and text.
    #[error("ClickHouse says: {message} (code {code})")]
    ClickHouse {
        /// ClickHouse's error code.
        code: u32,
        /// Its text, without code and version.
        message: String,
    },
    /// An answer nobody expects.
    #[error("the store answered {0}")]
    Answer(String),
    /// The result is larger than what is kept in memory for one answer.
    #[error("the result has more than {0} bytes; ask for fewer rows or columns")]
    TooLarge(usize),
}

/// What kind of trouble a ClickHouse error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The text of the statement, or data of the wrong type: the same again fails again.
    Statement,
    /// A table or database that is not there: a mistake in a query, but for an insert something
    /// the migrations will mend.
    Missing,
    /// It takes too long.
    Time,
    /// It takes too much memory.
    Memory,
    /// It returns or reads too many rows.
    Rows,
    /// Not allowed for this user.
    Denied,
    /// Too many at once.
    Busy,
    /// Anything else: the store's own state.
    Store,
}

impl StoreError {
    /// Whether the same request may succeed later.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Restarting
            | Self::Down(_)
            | Self::Unreachable(_)
            | Self::Cut(_)
            | Self::Timeout
            | Self::Answer(_) => true,
            Self::Ended(_) | Self::TooLarge(_) => false,
            Self::ClickHouse { code, message } => trouble(*code, message) != Trouble::Statement,
        }
    }

    /// Whether an insert failed for want of what the migrations make: a table, a database or
    /// (`NO_SUCH_COLUMN_IN_TABLE`) a column.
    #[must_use]
    pub fn is_for_migrations(&self) -> bool {
        self.trouble() == Some(Trouble::Missing)
            || matches!(self, Self::ClickHouse { code: 16, .. })
    }

    /// The kind of a ClickHouse error.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::ClickHouse { code, message } => Some(trouble(*code, message)),
            Self::Timeout => Some(Trouble::Time),
            Self::TooLarge(_) => Some(Trouble::Rows),
            _ => None,
        }
    }
}

/// Sorts ClickHouse's codes. Unknown ones count as the store's state: an insert is then tried
/// again instead of being given up.
fn trouble(code: u32, message: &str) -> Trouble {
    match code {
        // TOO_MANY_PARTS is two things: merges that lag behind, or rows of too many partitions.
        252 if message.starts_with("Too many partitions") => Trouble::Statement,
        // NO_SUCH_COLUMN_IN_TABLE, sizes and types that do not fit, CANNOT_PARSE_*, SYNTAX_ERROR,
        // UNKNOWN_* of functions, identifiers, types, formats and settings, ILLEGAL_*, BAD_*,
        // aggregates in the wrong place, regular expressions, dates out of range.
        6..=10
        | 15
        | 16
        | 20
        | 25..=28
        | 33
        | 34
        | 36
        | 38
        | 41..=44
        | 46
        | 47
        | 50
        | 51
        | 53
        | 59
        | 62
        | 63
        | 65
        | 67
        | 69
        | 70
        | 72
        | 73
        | 83
        | 92
        | 115
        | 117
        | 127
        | 128
        | 130
        | 131
        | 153
        | 157
        | 169
        | 174
        | 179
        | 184
        | 190
        | 207
        | 215
        | 248
        | 261
        | 321
        | 349
        | 352
        | 386
        | 395
        | 403
        | 407
        | 427
        | 432
        | 440
        | 441
        | 456
        | 457
        | 469
        | 599 => Trouble::Statement,
        60 | 81 => Trouble::Missing,
        159 | 160 | 209 => Trouble::Time,
        173 | 241 => Trouble::Memory,
        158 | 307 | 396 => Trouble::Rows,
        164 | 291 | 446 | 452 | 497 | 515 => Trouble::Denied,
        202 | 252 => Trouble::Busy,
        _ => Trouble::Store,
    }
}

impl From<ClientError> for StoreError {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::BadResponse(text) => exception(&text),
            ClientError::TimedOut => Self::Timeout,
            ClientError::Network(cause) => Self::Unreachable(innermost(cause.as_ref())),
            other => match other.to_string() {
                // Errors in the middle of a stream come as text too.
                text if text.contains("DB::Exception") => exception(&text),
                text => Self::Unreachable(text),
            },
        }
    }
}

/// The cause that says something: wrappers around it say "error sending request".
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// Takes `Code: 62. DB::Exception: Text. (NAME) (version ...)` apart.
fn exception(text: &str) -> StoreError {
    let Some((_, rest)) = text.split_once("Code: ") else {
        return StoreError::Answer(text.chars().take(500).collect());
    };
    let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let Ok(code) = rest[..digits].parse() else {
        return StoreError::Answer(text.chars().take(500).collect());
    };
    let message = rest[digits..].trim_start_matches(['.', ' ']);
    let message = message.strip_prefix("DB::Exception:").unwrap_or(message).trim();
    let message = match message.rfind(" (version ") {
        Some(at) => &message[..at],
        None => message,
    };
    StoreError::ClickHouse { code, message: message.trim_end_matches(['.', ' ']).to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_are_taken_apart() {
        let text = "Code: 62. DB::Exception: Syntax error: failed at position 1 (SELEC): SELEC. \
                    (SYNTAX_ERROR) (version 26.7.2.1)";
        let error = exception(text);
        assert_eq!(
            error,
            StoreError::ClickHouse {
                code: 62,
                message: "Syntax error: failed at position 1 (SELEC): SELEC. (SYNTAX_ERROR)".into()
            }
        );
        assert!(!error.is_retryable());
        assert!(exception("Code: 252. DB::Exception: Too many parts (300)").is_retryable());
        assert!(!exception("Code: 252. DB::Exception: Too many partitions for").is_retryable());
        assert!(exception("Code: 99999. DB::Exception: What").is_retryable());
        assert_eq!(exception("502 Bad Gateway"), StoreError::Answer("502 Bad Gateway".into()));
    }
}
