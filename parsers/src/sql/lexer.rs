//! The walk over a statement: tokens in, fingerprint out.
//!
//! What stays as it is is not copied byte by byte: `kept` is where the run of such bytes began,
//! and a run is written when something else has to be. A list of placeholders keeps its first
//! one, a list of equal groups (rows to insert) its first group.

use super::words::{self, Words};
use super::{Dialect, Statement};

/// Parentheses deeper than this are read, but lists in them are not joined.
const MAX_DEPTH: usize = 16;

/// What kind of token a byte begins.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Class {
    Other,
    Word,
    Digit,
    Space,
    Apostrophe,
    Quote,
    Backtick,
    Bracket,
    Minus,
    Plus,
    Slash,
    Hash,
    Dollar,
    At,
    Colon,
    Question,
    Comma,
    Open,
    Close,
    Dot,
}

const CLASSES: [Class; 256] = {
    let mut t = [Class::Other; 256];
    let mut b = 0;
    while b < 256 {
        t[b] = match b as u8 {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => Class::Word,
            b'0'..=b'9' => Class::Digit,
            b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c => Class::Space,
            b'\'' => Class::Apostrophe,
            b'"' => Class::Quote,
            b'`' => Class::Backtick,
            b'[' => Class::Bracket,
            b'-' => Class::Minus,
            b'+' => Class::Plus,
            b'/' => Class::Slash,
            b'#' => Class::Hash,
            b'$' => Class::Dollar,
            b'@' => Class::At,
            b':' => Class::Colon,
            b'?' => Class::Question,
            b',' => Class::Comma,
            b'(' => Class::Open,
            b')' => Class::Close,
            b'.' => Class::Dot,
            _ => Class::Other,
        };
        b += 1;
    }
    t
};

/// May stand inside a word behind its first byte.
const IN_WORD: [bool; 256] = {
    let mut t = [false; 256];
    let mut b = 0;
    while b < 256 {
        t[b] = matches!(b as u8, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | b'$' | 0x80..);
        b += 1;
    }
    t
};

/// What the last token was, as far as the next one depends on it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    /// The beginning, an operator, `(`: a sign belongs to the number behind it.
    Operator,
    /// A name, a keyword, `)`.
    Operand,
    /// A placeholder; the fingerprint ends with it.
    Placeholder,
    /// A comma behind a placeholder.
    PlaceholderComma,
    /// `)` of a group that could be one of several equal ones.
    Group,
    /// A comma behind such a group.
    GroupComma,
}

/// An open parenthesis.
#[derive(Clone, Copy, Default)]
struct Paren {
    /// Where its `(` stands in the fingerprint.
    at: usize,
    /// A comma and an equal group stood before it: that group's place.
    previous: Option<(usize, usize)>,
    /// It belongs to a function that uses FROM for its own purposes.
    takes_from: bool,
}

pub(super) struct Lexer<'t, 'o> {
    text: &'t [u8],
    dialect: Dialect,
    out: &'o mut Vec<u8>,
    at: usize,
    kept: usize,
    base: usize,
    last: Last,
    /// Length of the fingerprint behind the last placeholder.
    mark: usize,
    /// The last closed group in the fingerprint.
    group: (usize, usize),
    parens: [Paren; MAX_DEPTH],
    depth: usize,
    words: Words,
    table: (usize, usize),
    /// The last word is such a function's name.
    takes_from: bool,
    /// Inside a comment whose content MySQL executes.
    in_conditional: bool,
    comments: [(u32, u32); 2],
}

impl<'t, 'o> Lexer<'t, 'o> {
    pub(super) fn new(text: &'t [u8], dialect: Dialect, out: &'o mut Vec<u8>) -> Self {
        let base = out.len();
        Self {
            text,
            dialect,
            out,
            at: 0,
            kept: 0,
            base,
            last: Last::Operator,
            mark: 0,
            group: (0, 0),
            parens: [Paren::default(); MAX_DEPTH],
            depth: 0,
            words: Words::default(),
            table: (0, 0),
            takes_from: false,
            in_conditional: false,
            comments: [(0, 0); 2],
        }
    }

    pub(super) fn run(mut self) -> Statement {
        while let Some(&b) = self.text.get(self.at) {
            match CLASSES[usize::from(b)] {
                Class::Space => self.space(),
                Class::Word => self.word(),
                Class::Digit => self.number(self.at),
                Class::Apostrophe => self.string(self.at, self.at, self.backslash_escapes()),
                Class::Quote if self.dialect == Dialect::MySql => {
                    self.string(self.at, self.at, true);
                }
                Class::Quote => self.name(b'"'),
                Class::Backtick => self.name(b'`'),
                Class::Bracket if self.dialect == Dialect::TSql => self.name(b']'),
                Class::Minus if self.peek(1) == Some(b'-') && self.dashes_comment() => {
                    self.line_comment(2);
                }
                Class::Minus | Class::Plus => self.sign(),
                Class::Slash if self.peek(1) == Some(b'*') => self.block_comment(),
                Class::Slash if self.dialect == Dialect::Cql && self.peek(1) == Some(b'/') => {
                    self.line_comment(2);
                }
                Class::Hash if matches!(self.dialect, Dialect::MySql | Dialect::ClickHouse) => {
                    self.line_comment(1);
                }
                Class::Dollar => self.dollar(),
                Class::At => self.variable(),
                Class::Colon => self.colon(),
                Class::Question => self.placeholder(self.at, self.at + 1, b"?"),
                Class::Comma => self.comma(),
                Class::Open => self.open(),
                Class::Close => self.close(),
                Class::Dot => self.dot(),
                Class::Bracket | Class::Slash | Class::Hash | Class::Other => self.operator(b),
            }
        }
        self.finish()
    }

    fn finish(mut self) -> Statement {
        self.flush(self.text.len());
        while self.out.len() > self.base && self.out.last() == Some(&b' ') {
            self.out.pop();
        }
        let end = self.out.len();
        let (from, to) = (self.table.0.min(end), self.table.1.min(end));
        Statement {
            start: self.base as u32,
            end: end as u32,
            table: (from as u32, to as u32),
            operation: self.words.operation,
            comments: self.comments,
        }
    }

    #[inline]
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at + ahead).copied()
    }

    /// Writes the run of unchanged bytes up to `until`.
    #[inline]
    fn flush(&mut self, until: usize) {
        if self.kept < until {
            self.out.extend_from_slice(&self.text[self.kept..until]);
            self.kept = until;
        }
    }

    /// The length that the fingerprint has once everything up to `until` is written.
    #[inline]
    fn len_at(&self, until: usize) -> usize {
        self.out.len() + until.saturating_sub(self.kept)
    }

    #[inline]
    fn space(&mut self) {
        let next = self.peek(1).map(|b| CLASSES[usize::from(b)]);
        let one = self.text[self.at] == b' ' && next != Some(Class::Space);
        if one && self.at > self.kept {
            self.at += 1;
            return;
        }
        self.flush(self.at);
        self.skip_space();
        if self.out.len() > self.base && self.out.last() != Some(&b' ') {
            self.out.push(b' ');
        }
        self.kept = self.at;
    }

    fn skip_space(&mut self) {
        while self.peek(0).is_some_and(|b| CLASSES[usize::from(b)] == Class::Space) {
            self.at += 1;
        }
    }

    #[inline]
    fn operator(&mut self, b: u8) {
        if b == b'*' && self.in_conditional && self.peek(1) == Some(b'/') {
            self.in_conditional = false;
            return self.leave_out(self.at + 2);
        }
        self.at += 1;
        self.last = match b {
            b']' | b'}' => Last::Operand,
            _ => Last::Operator,
        };
        // Behind a statement's end another one may follow; its words are not looked at.
        self.words.done |= b == b';';
    }

    fn word_end(&self, from: usize) -> usize {
        let rest = &self.text[from..];
        from + rest.iter().take_while(|b| IN_WORD[usize::from(**b)]).count()
    }

    #[inline]
    fn word(&mut self) {
        let start = self.at;
        let end = self.word_end(start);
        let word = &self.text[start..end];
        if word.len() <= 2 && self.text.get(end) == Some(&b'\'') && self.prefixed(start, end) {
            return;
        }
        if self.dialect == Dialect::Cql && self.uuid(start) {
            return;
        }
        self.at = end;
        self.last = Last::Operand;
        if self.words.done && self.words.operation != b"WITH" {
            return;
        }
        if self.words.name_follows && !Words::is_filler(word) {
            return self.named(start, end);
        }
        self.takes_from = words::takes_from(word);
        let in_call = self.paren().is_some_and(|p| p.takes_from);
        self.words.word(word, self.depth as u32, in_call);
    }

    /// A name where the table's is expected; the parts behind dots belong to it.
    fn named(&mut self, start: usize, end: usize) {
        self.table = (self.len_at(start), self.len_at(end));
        self.words.name_follows = false;
        self.words.done = !self.words.operation.is_empty();
    }

    /// The name goes on behind a dot.
    fn dot(&mut self) {
        if self.peek(1).is_some_and(|b| b.is_ascii_digit()) && self.last != Last::Operand {
            return self.number(self.at);
        }
        let extends = self.table.1 > 0 && self.table.1 == self.len_at(self.at);
        self.at += 1;
        let Some(b) = self.peek(0) else { return };
        match CLASSES[usize::from(b)] {
            Class::Word => self.at = self.word_end(self.at),
            Class::Backtick => self.quoted_end(b'`'),
            Class::Quote if self.dialect != Dialect::MySql => self.quoted_end(b'"'),
            Class::Bracket if self.dialect == Dialect::TSql => self.quoted_end(b']'),
            _ => {
                self.last = Last::Operator;
                return;
            }
        }
        self.last = Last::Operand;
        if extends {
            self.table.1 = self.len_at(self.at);
        }
    }

    /// A quoted name.
    fn name(&mut self, close: u8) {
        let start = self.at;
        self.quoted_end(close);
        self.last = Last::Operand;
        if self.words.name_follows && !self.words.done {
            self.named(start, self.at);
        }
    }

    /// Moves behind a quoted name; a doubled quote stands for itself.
    fn quoted_end(&mut self, close: u8) {
        self.at += 1;
        while let Some(b) = self.peek(0) {
            self.at += 1;
            if b == close {
                if self.peek(0) != Some(close) {
                    return;
                }
                self.at += 1;
            }
        }
    }

    fn backslash_escapes(&self) -> bool {
        matches!(self.dialect, Dialect::MySql | Dialect::ClickHouse)
    }

    /// A literal in quotes that opens at `open`; its prefix began at `start`.
    fn string(&mut self, start: usize, open: usize, escapes: bool) {
        let quote = self.text[open];
        let mut at = open + 1;
        loop {
            let rest = &self.text[at.min(self.text.len())..];
            let found = if escapes {
                memchr::memchr2(quote, b'\\', rest)
            } else {
                memchr::memchr(quote, rest)
            };
            // A literal that the end cuts is hidden like any other.
            let Some(n) = found else {
                at = self.text.len();
                break;
            };
            at += n;
            let doubled = self.text.get(at + 1) == Some(&quote);
            if self.text[at] == b'\\' || doubled {
                at += 2;
            } else {
                at += 1;
                break;
            }
        }
        let end = at.min(self.text.len());
        self.placeholder(start, end, b"?");
    }

    /// A literal with letters in front: E'..', B'..', X'..', N'..', q'[..]'.
    fn prefixed(&mut self, start: usize, end: usize) -> bool {
        let at = |i: usize| self.text[start..end].get(i).map_or(0, u8::to_ascii_uppercase);
        let upper = [at(0), at(1)];
        let escapes = match (upper, self.dialect) {
            ([b'E', 0], Dialect::Postgres) => true,
            ([b'B' | b'X' | b'N', 0], _) => self.backslash_escapes(),
            ([b'Q', 0] | [b'N', b'Q'], Dialect::Oracle) => {
                self.alternative(start, end);
                return true;
            }
            _ => return false,
        };
        self.string(start, end, escapes);
        true
    }

    /// Oracle's `q'[text]'`: the byte behind the quote chooses the one that ends it.
    fn alternative(&mut self, start: usize, quote: usize) {
        let close = match self.text.get(quote + 1) {
            Some(b'[') => b']',
            Some(b'{') => b'}',
            Some(b'(') => b')',
            Some(b'<') => b'>',
            Some(&other) => other,
            None => 0,
        };
        let from = (quote + 2).min(self.text.len());
        let mut at = from;
        let end = loop {
            match memchr::memchr(close, &self.text[at..]) {
                Some(n) if self.text.get(at + n + 1) == Some(&b'\'') => break at + n + 2,
                Some(n) => at += n + 1,
                None => break self.text.len(),
            }
        };
        self.placeholder(start, end, b"?");
    }

    /// A number, of which a sign or dot at `start` is part.
    fn number(&mut self, start: usize) {
        if self.dialect == Dialect::Cql && self.uuid(start) {
            return;
        }
        let mut at = self.at;
        while let Some(&b) = self.text.get(at) {
            let exponent = matches!(b, b'+' | b'-')
                && matches!(self.text[at - 1], b'e' | b'E')
                && self.text.get(at + 1).is_some_and(u8::is_ascii_digit)
                && !self.text[self.at..at].iter().any(|b| matches!(b, b'x' | b'X'));
            if !(IN_WORD[usize::from(b)] || b == b'.' || exponent) {
                break;
            }
            at += 1;
        }
        self.placeholder(start, at.max(self.at + 1), b"?");
    }

    /// CQL writes UUIDs without quotes.
    fn uuid(&mut self, start: usize) -> bool {
        const LEN: usize = 36;
        let Some(text) = self.text.get(start..start + LEN) else { return false };
        let fits = text.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
        if fits {
            self.placeholder(start, start + LEN, b"?");
        }
        fits
    }

    fn sign(&mut self) {
        let digit = match self.peek(1) {
            Some(b'.') => self.peek(2),
            other => other,
        };
        let unary = !matches!(self.last, Last::Operand | Last::Placeholder | Last::Group);
        if unary && digit.is_some_and(|b| b.is_ascii_digit()) {
            let start = self.at;
            self.at += 1;
            self.number(start);
        } else {
            self.operator(self.text[self.at]);
        }
    }

    /// `$1`, `$tag$text$tag$`, or a money sign.
    fn dollar(&mut self) {
        if !matches!(self.dialect, Dialect::Postgres | Dialect::Cql) {
            return self.operator(b'$');
        }
        let start = self.at;
        let digits = self.text[start + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 {
            let end = start + 1 + digits;
            let text = self.text;
            return self.placeholder(start, end, &text[start..end]);
        }
        let tag_end = start + 1 + self.text[start + 1..].iter().take_while(|b| in_tag(**b)).count();
        if self.text.get(tag_end) != Some(&b'$') {
            return self.operator(b'$');
        }
        let tag = &self.text[start..=tag_end];
        let body = &self.text[tag_end + 1..];
        let end = memchr::memmem::find(body, tag)
            .map_or(self.text.len(), |n| tag_end + 1 + n + tag.len());
        self.placeholder(start, end, b"?");
    }

    /// `@variable`, `@@variable`: a parameter of SQL Server, a variable elsewhere.
    fn variable(&mut self) {
        let start = self.at;
        let signs = self.text[start..].iter().take_while(|b| **b == b'@').count();
        let end = self.word_end(start + signs);
        if self.dialect == Dialect::TSql && signs == 1 && end > start + 1 {
            let text = self.text;
            return self.placeholder(start, end, &text[start..end]);
        }
        self.at = end;
        self.last = Last::Operand;
    }

    /// `:name` and `:1` are parameters, `::type` a cast, `:=` an assignment.
    fn colon(&mut self) {
        let start = self.at;
        if matches!(self.peek(1), Some(b':' | b'=')) {
            self.at += 2;
            self.last = Last::Operator;
            return;
        }
        let end = self.word_end(start + 1);
        let binds = matches!(self.dialect, Dialect::Oracle | Dialect::Cql);
        if binds && end > start + 1 && !matches!(self.last, Last::Placeholder | Last::Operand) {
            let text = self.text;
            return self.placeholder(start, end, &text[start..end]);
        }
        self.operator(b':');
    }

    /// Writes `shown` for the bytes from `start` to `end`, unless they continue a list.
    fn placeholder(&mut self, start: usize, end: usize, shown: &[u8]) {
        if self.last == Last::PlaceholderComma {
            self.out.truncate(self.mark);
        } else {
            self.flush(start);
            self.out.extend_from_slice(shown);
            self.mark = self.out.len();
        }
        self.kept = end;
        self.at = end;
        self.last = Last::Placeholder;
        if self.words.name_follows {
            self.words.name_follows = false;
        }
    }

    fn comma(&mut self) {
        let next = match self.last {
            Last::Placeholder => Last::PlaceholderComma,
            Last::Group => Last::GroupComma,
            _ => Last::Operator,
        };
        // What stands between a placeholder and its comma goes when the list is joined.
        self.flush(self.at + 1);
        self.at += 1;
        self.last = next;
    }

    fn paren(&self) -> Option<&Paren> {
        self.parens.get(self.depth.checked_sub(1)?)
    }

    fn open(&mut self) {
        self.flush(self.at);
        let previous = (self.last == Last::GroupComma).then_some(self.group);
        let (at, takes_from) = (self.out.len(), self.takes_from);
        if let Some(p) = self.parens.get_mut(self.depth) {
            *p = Paren { at, previous, takes_from };
        }
        self.depth += 1;
        self.at += 1;
        self.flush(self.at);
        self.last = Last::Operator;
        self.takes_from = false;
        self.words.name_follows = false;
    }

    fn close(&mut self) {
        self.at += 1;
        self.flush(self.at);
        self.last = Last::Operand;
        let Some(depth) = self.depth.checked_sub(1) else { return };
        self.depth = depth;
        let Some(paren) = self.parens.get(depth).copied() else { return };
        let here = (paren.at, self.out.len());
        self.group = match paren.previous {
            Some(p) if self.out[p.0..p.1] == self.out[here.0..here.1] => {
                self.out.truncate(p.1);
                p
            }
            _ => here,
        };
        self.last = Last::Group;
    }

    /// Remembers a comment: the first and the last of a statement may carry trace context.
    fn note(&mut self, from: usize, to: usize) {
        let which = usize::from(self.comments[0].1 > 0);
        self.comments[which] = (from as u32, to as u32);
    }

    /// MySQL wants white space behind `--`.
    fn dashes_comment(&self) -> bool {
        let next = self.peek(2).map(|b| CLASSES[usize::from(b)]);
        self.dialect != Dialect::MySql || matches!(next, None | Some(Class::Space))
    }

    fn line_comment(&mut self, marker: usize) {
        let start = self.at;
        let rest = &self.text[start..];
        let end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |n| start + n);
        self.note(start + marker, end);
        self.leave_out(end);
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let conditional = match self.dialect {
            Dialect::MySql => self.conditional(start),
            _ => None,
        };
        if let Some(inside) = conditional {
            self.in_conditional = true;
            return self.leave_out(inside);
        }
        let nests = matches!(self.dialect, Dialect::Postgres | Dialect::TSql);
        let (mut at, mut depth) = (start + 2, 1);
        while depth > 0 {
            let Some(n) = memchr::memchr2(b'*', b'/', &self.text[at.min(self.text.len())..]) else {
                at = self.text.len();
                break;
            };
            at += n;
            match (self.text[at], self.text.get(at + 1)) {
                (b'*', Some(b'/')) => (at, depth) = (at + 2, depth - 1),
                (b'/', Some(b'*')) if nests => (at, depth) = (at + 2, depth + 1),
                _ => at += 1,
            }
        }
        self.note(start + 2, at);
        self.leave_out(at);
    }

    /// `/*!50003 text */`: the text counts. Where it begins.
    fn conditional(&self, start: usize) -> Option<usize> {
        let rest = self.text.get(start + 2..)?;
        let marker = if rest.starts_with(b"M!") { 2 } else { 1 };
        (rest.get(marker - 1) == Some(&b'!')).then(|| {
            let digits = rest[marker..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
            start + 2 + marker + digits
        })
    }

    /// Goes on at `end`, with one space for what is left out.
    fn leave_out(&mut self, end: usize) {
        self.flush(self.at);
        self.at = end;
        self.skip_space();
        if self.out.len() > self.base && self.out.last() != Some(&b' ') {
            self.out.push(b' ');
        }
        self.kept = self.at;
    }
}

fn in_tag(b: u8) -> bool {
    IN_WORD[usize::from(b)] && b != b'$'
}
