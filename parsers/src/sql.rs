//! Statements of the SQL family, read once: what may be shown of them, what they group by, what
//! they do, to which table, and in whose trace.
//!
//! [`read`] walks a statement token by token (`lexer.rs`) and writes its fingerprint: literals as
//! `?`, lists of values as one, white space as one space, comments left out. Under obfuscation
//! the fingerprint is all that leaves the host; it is what statements group by in any case.
//! `words.rs` finds the verb and the table among the tokens, `comment.rs` the trace context that
//! clients put into comments. Every parser of a protocol that carries SQL ends here.

pub(crate) mod comment;
mod lexer;
pub(crate) mod statements;
mod words;

use crate::message::{Message, TraceContext};
use crate::trace::{Found, TraceOptions};
use lexer::Lexer;

/// Bytes of a statement that are read: twice what a row keeps, so that a comment behind a long
/// list of columns is still found.
pub const MAX_STATEMENT: usize = 8 * 1024;

/// What differs between the SQLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// MySQL, MariaDB: `"text"`, backslash escapes, `#` comments, names in backticks.
    MySql,
    /// PostgreSQL: `"name"`, `$tag$text$tag$`, `$1`, nested comments, `E'..'`.
    Postgres,
    /// SQL Server: `"name"`, `[name]`, `@parameter`, nested comments.
    TSql,
    /// Oracle: `"name"`, `:1`, `q'[text]'`.
    Oracle,
    /// Cassandra: `"name"`, `$$text$$`, `//` comments, bare UUIDs.
    Cql,
    /// ClickHouse: `"name"` or backticks, backslash escapes, `#` comments.
    ClickHouse,
}

/// A statement that was read. Positions are in the scratch that [`read`] wrote to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Statement {
    start: u32,
    end: u32,
    table: (u32, u32),
    operation: &'static [u8],
    /// The first and the last comment, in the statement's own text.
    comments: [(u32, u32); 2],
}

impl Statement {
    /// Its fingerprint.
    pub fn fingerprint<'a>(&self, scratch: &'a [u8]) -> &'a [u8] {
        scratch.get(self.start as usize..self.end as usize).unwrap_or(b"")
    }

    /// The first table, view or procedure that it names, as it is written.
    pub fn table<'a>(&self, scratch: &'a [u8]) -> &'a [u8] {
        scratch.get(self.table.0 as usize..self.table.1 as usize).unwrap_or(b"")
    }

    /// Its verb in capitals, empty when it is none that is known.
    pub fn operation(&self) -> &'static [u8] {
        self.operation
    }

    /// Fills the columns that statements have. `text` is what the wire holds; it is shown only
    /// when nothing is to be hidden.
    #[inline]
    pub fn describe<'a>(
        &self,
        message: &mut Message<'a>,
        text: &'a [u8],
        scratch: &'a [u8],
        hide: bool,
    ) {
        message.endpoint = self.fingerprint(scratch);
        message.request_resource = if hide { message.endpoint } else { text };
        message.attributes[0] = ("db_operation", self.operation);
        message.attributes[1] = ("db_table", self.table(scratch));
    }

    /// The trace context in the comments of `text`, from which the statement was read, or in what
    /// was `found` beside it. What has to be decoded is appended to `out`.
    #[inline]
    pub(crate) fn trace<'a>(
        &self,
        text: &'a [u8],
        found: Option<Found<'a>>,
        options: &TraceOptions,
        out: &'a mut Vec<u8>,
    ) -> TraceContext<'a> {
        if self.comments[0].1 == 0 && found.is_none() {
            return TraceContext::default();
        }
        let mut found = found.unwrap_or_default();
        for (from, to) in self.comments {
            comment::read(&text[from as usize..to as usize], options, &mut found);
        }
        found.context(b"", options, out)
    }
}

/// Can these be the first bytes of a statement? `None`: too few to tell.
pub(crate) fn begins_statement(text: &[u8]) -> Option<bool> {
    let mut text = text.trim_ascii_start();
    while let Some(rest) = text.strip_prefix(b"(") {
        text = rest.trim_ascii_start();
    }
    if text.starts_with(b"/*") || text.starts_with(b"--") {
        let printable = |b: &u8| *b >= b' ' || b.is_ascii_whitespace();
        return (text.len() >= 8).then(|| text[..8].iter().all(printable));
    }
    if b"/-".iter().any(|b| text == [*b]) {
        return None;
    }
    let word = text.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    if word == text.len() {
        return if words::begins_verb(text) { None } else { Some(false) };
    }
    let end = matches!(
        text[word],
        b' ' | b'\t' | b'\r' | b'\n' | b';' | b'(' | b'*' | b'/' | b'`' | b'@' | 0
    );
    Some(end && words::is_verb(&text[..word]))
}

/// Reads a statement, of which at most [`MAX_STATEMENT`] bytes count. The fingerprint is
/// appended to `out`.
pub fn read(text: &[u8], dialect: Dialect, out: &mut Vec<u8>) -> Statement {
    let text = &text[..text.len().min(MAX_STATEMENT)];
    Lexer::new(text, dialect, out).run()
}

#[cfg(test)]
mod tests;
