//! As much of ClickHouse's lexer as is needed to see where a statement's parts are.
//!
//! Two questions are answered here: where the data of an INSERT begins in a request
//! body, and which output format a SELECT names. What a statement may do is never
//! decided here but by the engine's own parser.

/// A piece of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bare identifier or keyword, or a number.
    Word,
    /// An identifier in backquotes or double quotes.
    Quoted,
    /// A string literal.
    Literal,
    /// One other byte.
    Symbol(u8),
}

/// A token with its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its bytes; for quoted identifiers and literals without the quotes.
    pub text: &'a [u8],
    /// Where it starts.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

impl Token<'_> {
    /// Is it this keyword? Quoted identifiers are none.
    pub fn is(&self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword.as_bytes())
    }

    fn is_symbol(&self, byte: u8) -> bool {
        self.kind == Kind::Symbol(byte)
    }
}

/// Tokens of a text; comments and space are left out. An unfinished string or
/// comment ends the iteration with [`Lexer::unfinished`] set.
pub struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    unfinished: bool,
}

impl<'a> Lexer<'a> {
    /// Starts at the front.
    pub fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0, unfinished: false }
    }

    /// The text ended inside a string, a quoted identifier or a comment.
    pub fn unfinished(&self) -> bool {
        self.unfinished
    }

    fn rest(&self) -> &'a [u8] {
        &self.text[self.at..]
    }

    /// Skips space and comments; false at the end.
    fn skip_space(&mut self) -> bool {
        loop {
            let rest = self.rest();
            let Some(&byte) = rest.first() else { return false };
            if byte.is_ascii_whitespace() || byte == 0x0b {
                self.at += 1;
            } else if [&b"--"[..], b"//", b"# ", b"#!"].iter().any(|c| rest.starts_with(c)) {
                match rest.iter().position(|&b| b == b'\n') {
                    Some(end) => self.at += end,
                    None => {
                        self.at = self.text.len();
                        self.unfinished = true;
                    }
                }
            } else if rest.starts_with(b"/*") {
                match comment_length(rest) {
                    Some(length) => self.at += length,
                    None => {
                        self.at = self.text.len();
                        self.unfinished = true;
                    }
                }
            } else {
                return true;
            }
        }
    }

    /// A token between two quotes of its first byte.
    fn quoted(&mut self, kind: Kind) -> Option<Token<'a>> {
        let rest = self.rest();
        let quote = rest[0];
        let mut at = 1;
        while at < rest.len() {
            if rest[at] == b'\\' {
                at += 2;
            } else if rest[at] == quote {
                if rest.get(at + 1) == Some(&quote) {
                    at += 2;
                } else {
                    return Some(self.take(kind, at + 1, 1, at));
                }
            } else {
                at += 1;
            }
        }
        self.end_unfinished()
    }

    /// `$tag$ ... $tag$`, or a `$` that belongs to something else.
    fn heredoc(&mut self) -> Option<Token<'a>> {
        let rest = self.rest();
        let tag = rest[1..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
        if rest.get(tag + 1) != Some(&b'$') {
            return Some(self.take(Kind::Symbol(b'$'), 1, 0, 1));
        }
        let mark = &rest[..tag + 2];
        let body = &rest[mark.len()..];
        match body.windows(mark.len()).position(|w| w == mark) {
            Some(length) => {
                let start = mark.len();
                Some(self.take(Kind::Literal, length + 2 * start, start, start + length))
            }
            None => self.end_unfinished(),
        }
    }

    fn end_unfinished(&mut self) -> Option<Token<'a>> {
        self.at = self.text.len();
        self.unfinished = true;
        None
    }

    fn take(&mut self, kind: Kind, length: usize, from: usize, to: usize) -> Token<'a> {
        let start = self.at;
        self.at += length;
        Token { kind, text: &self.text[start + from..start + to], start, end: self.at }
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if !self.skip_space() {
            return None;
        }
        let rest = self.rest();
        match rest[0] {
            b'\'' => self.quoted(Kind::Literal),
            b'`' | b'"' => self.quoted(Kind::Quoted),
            b'$' => self.heredoc(),
            first if is_word(first) => {
                let length = rest.iter().take_while(|b| is_word(**b)).count();
                Some(self.take(Kind::Word, length, 0, length))
            }
            other => Some(self.take(Kind::Symbol(other), 1, 0, 1)),
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Length of a comment that starts at the front; such comments nest.
fn comment_length(rest: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0u32, 0);
    while at + 1 < rest.len() {
        match &rest[at..at + 2] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
    None
}

/// What the front of a request's text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Split {
    /// More bytes are needed to tell.
    More,
    /// A statement that brings no data with it: the whole text is the statement.
    Statement,
    /// An INSERT with data behind it.
    Insert {
        /// The statement ends here, before FORMAT or VALUES.
        head: usize,
        /// The format of the data.
        format: String,
        /// The data starts here.
        data: usize,
    },
}

/// Looks for the place where an INSERT's data starts. `complete` says that no more
/// text follows.
pub fn split(text: &[u8], complete: bool) -> Split {
    let mut lexer = Lexer::new(text);
    let mut previous: Option<Token<'_>> = None;
    let mut depth = 0u32;
    let mut count = 0u32;
    while let Some(token) = lexer.next() {
        // A token at the very end may go on in the next piece.
        if token.end == text.len() && !complete {
            return Split::More;
        }
        if count == 0 && !token.is("INSERT") {
            return Split::Statement;
        }
        count += 1;
        let names_table = previous.is_some_and(|p| {
            p.is("INTO") || p.is("TABLE") || p.is("FUNCTION") || p.is_symbol(b'.')
        });
        let opens = previous.is_some_and(|p| p.is_symbol(b'('));
        previous = Some(token);
        if token.is_symbol(b'(') {
            depth += 1;
        } else if token.is_symbol(b')') {
            depth = depth.saturating_sub(1);
        } else if names_table {
            // A table may be called `format` or `values`.
        } else if brings_no_data(&token, depth, opens) {
            return Split::Statement;
        } else if depth == 0 && token.is("VALUES") {
            return Split::Insert {
                head: token.start,
                format: "Values".to_owned(),
                data: token.end,
            };
        } else if depth == 0 && token.is("FORMAT") {
            let head = token.start;
            let Some(name) = lexer.next() else { break };
            if name.end == text.len() && !complete {
                return Split::More;
            }
            if name.is("Values") {
                return Split::Insert { head, format: "Values".to_owned(), data: name.end };
            }
            let format = String::from_utf8_lossy(name.text).into_owned();
            return match data_start(text, name.end, complete) {
                Some(data) => Split::Insert { head, format, data },
                None => Split::More,
            };
        }
    }
    if complete { Split::Statement } else { Split::More }
}

/// The INSERT takes its rows from a query or a file, or the statement ends here.
fn brings_no_data(token: &Token<'_>, depth: u32, opens: bool) -> bool {
    let query = ["SELECT", "WITH", "WATCH"].iter().any(|k| token.is(k));
    (query && (depth == 0 || (depth == 1 && opens)))
        || (depth == 0 && (token.is("FROM") || token.is_symbol(b';')))
}

/// Data begins after blanks and at most one line break, as in ClickHouse.
fn data_start(text: &[u8], from: usize, complete: bool) -> Option<usize> {
    let rest = &text[from..];
    let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | 0x0c | b'\r')).count();
    match rest.get(blanks) {
        Some(b'\n') => Some(from + blanks + 1),
        Some(_) => Some(from + blanks),
        None => complete.then_some(text.len()),
    }
}

/// The format a query names in its own FORMAT clause, at the end or before SETTINGS.
pub fn output_format(sql: &[u8]) -> Option<String> {
    let tokens: Vec<Token<'_>> = Lexer::new(sql).collect();
    let at = tokens.iter().rposition(|t| t.is("FORMAT"))?;
    let name = tokens.get(at + 1).filter(|t| t.kind == Kind::Word)?;
    match tokens.get(at + 2) {
        None => {}
        Some(t) if t.is("SETTINGS") || t.is_symbol(b';') => {}
        Some(_) => return None,
    }
    Some(String::from_utf8_lossy(name.text).into_owned())
}

/// Is it a query in the narrow sense, which the engine can stream?
pub fn is_select(sql: &[u8]) -> bool {
    Lexer::new(sql)
        .find(|t| !t.is_symbol(b'('))
        .is_some_and(|t| t.is("SELECT") || t.is("WITH") || t.is("FROM"))
}

/// Does it write or read a file on this host: INTO OUTFILE, FROM INFILE?
pub fn names_file(sql: &[u8]) -> bool {
    let mut previous = false;
    for token in Lexer::new(sql) {
        if previous && (token.is("OUTFILE") || token.is("INFILE")) {
            return true;
        }
        previous = token.is("INTO") || token.is("FROM");
    }
    false
}

#[cfg(test)]
mod tests;
