//! Commands: their words read, their values hidden.

use super::WINDOW;
use super::resp::{Header, header, line_len};
use super::table::{self, Rule};
use crate::keys;
use crate::message::{Message, MessageKind};

/// A verb is not longer.
const MAX_VERB: usize = 64;
/// Redis takes as many words (`proto-max-bulk-len` aside).
const MAX_WORDS: u64 = i32::MAX as u64;

/// What a command does to the connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Effect {
    #[default]
    None,
    /// Each word is confirmed by itself.
    Subscribe,
    Monitor,
    Replicate,
    RepliesOn,
    RepliesOff,
    RepliesSkip,
}

/// A command that was read. Its texts are in scratch.
#[derive(Debug)]
pub(super) struct Command {
    /// Bytes it took, or those of it that were read.
    pub(super) used: usize,
    /// Elements, and bytes of the one before them, that follow.
    pub(super) open: Option<(u64, u64)>,
    /// Words behind the verb.
    pub(super) arguments: usize,
    pub(super) effect: Effect,
    resource: usize,
    verb: usize,
}

impl Command {
    #[inline(always)]
    pub(super) fn message<'a>(&self, kind: MessageKind, text: &'a [u8]) -> Message<'a> {
        let (resource, endpoint) = text.split_at(self.resource.min(text.len()));
        Message {
            kind,
            request_type: &endpoint[..self.verb.min(endpoint.len())],
            request_resource: resource,
            endpoint,
            ..Message::default()
        }
    }
}

pub(super) enum Read {
    Command(Command),
    /// So many bytes without a command: an empty line or array.
    Nothing(usize),
    Short,
    Bad,
}

/// Text of a command in the making.
struct Builder<'a, 'o> {
    out: &'o mut Vec<u8>,
    rule: Rule,
    hide: bool,
    /// Words so far, the verb included.
    words: usize,
    verb: &'a [u8],
    first: &'a [u8],
    /// What [`Rule::hides`] remembers of the words before.
    memory: u32,
    effect: Effect,
}

impl<'a, 'o> Builder<'a, 'o> {
    #[inline]
    fn new(verb: &'a [u8], hide: bool, out: &'o mut Vec<u8>) -> Self {
        out.extend_from_slice(verb);
        let rule = table::rule(verb);
        let effect = match rule {
            Rule::Subscribe => Effect::Subscribe,
            Rule::Monitor => Effect::Monitor,
            Rule::Replicate => Effect::Replicate,
            _ => Effect::None,
        };
        Self { out, rule, hide, words: 1, verb, first: b"", memory: 0, effect }
    }

    #[inline]
    fn word(&mut self, word: &'a [u8]) {
        let i = self.words;
        self.words += 1;
        let hidden = self.rule.hides(i, word, &mut self.memory);
        self.out.push(b' ');
        if hidden && self.hide {
            self.out.push(b'?');
        } else {
            self.out.extend_from_slice(word);
        }
        if i == 1 && !hidden {
            self.first = word;
        }
        if self.rule == Rule::Client && i == 2 && self.first.eq_ignore_ascii_case(b"REPLY") {
            self.effect = match word.to_ascii_uppercase_4() {
                [b'O', b'N', 0, 0] => Effect::RepliesOn,
                [b'O', b'F', b'F', 0] => Effect::RepliesOff,
                [b'S', b'K', b'I', b'P'] => Effect::RepliesSkip,
                _ => Effect::None,
            };
        }
    }

    #[inline]
    fn done(self, used: usize, open: Option<(u64, u64)>, words: u64) -> Read {
        let resource = self.out.len();
        self.out.extend_from_slice(self.verb);
        self.out[resource..].make_ascii_uppercase();
        if !self.first.is_empty() {
            self.out.push(b' ');
            keys::pattern(self.first, self.out);
        }
        Read::Command(Command {
            used,
            open,
            arguments: usize::try_from(words.saturating_sub(1)).unwrap_or(usize::MAX),
            effect: self.effect,
            resource,
            verb: self.verb.len(),
        })
    }
}

/// Reads the command at the front of `bytes`. When it is `cut`, nothing more of it will come.
#[inline]
pub(super) fn read(bytes: &[u8], cut: bool, hide: bool, out: &mut Vec<u8>) -> Read {
    if bytes.first() != Some(&b'*') {
        return inline(bytes, cut, hide, out);
    }
    let window = &bytes[..bytes.len().min(WINDOW)];
    let (words, mut at) = match header(window) {
        Header::Is(None | Some(0), used) => return Read::Nothing(used),
        Header::Is(Some(n), used) if n <= MAX_WORDS => (n, used),
        Header::Short => return Read::Short,
        Header::Is(..) | Header::Bad => return Read::Bad,
    };
    let (verb, next) = match element(window, at) {
        Element::Whole(verb, next) if is_verb(verb) => (verb, next),
        Element::Short | Element::Part(..) if !cut && window.len() <= MAX_VERB => {
            return Read::Short;
        }
        _ => return Read::Bad,
    };
    at = next;
    let mut command = Builder::new(verb, hide, out);
    for done in 1..words {
        match element(window, at) {
            Element::Whole(word, next) => {
                command.word(word);
                at = next;
            }
            Element::Part(word, left) if cut || bytes.len() >= WINDOW => {
                command.word(word);
                return command.done(window.len(), Some((words - done - 1, left)), words);
            }
            Element::Short if cut || bytes.len() >= WINDOW => {
                return command.done(at, Some((words - done, 0)), words);
            }
            Element::Part(..) | Element::Short => return Read::Short,
            Element::Bad => return Read::Bad,
        }
    }
    command.done(at, None, words)
}

enum Element<'a> {
    /// With its line end; what follows begins there.
    Whole(&'a [u8], usize),
    /// As far as it is here; so many bytes follow, its line end included.
    Part(&'a [u8], u64),
    /// Not even its header is here.
    Short,
    Bad,
}

#[inline]
fn element(window: &[u8], at: usize) -> Element<'_> {
    match window.get(at) {
        Some(b'$') => {}
        Some(_) => return Element::Bad,
        None => return Element::Short,
    }
    let (len, used) = match header(&window[at..]) {
        Header::Is(Some(len), used) => (len, used),
        Header::Short => return Element::Short,
        Header::Is(None, _) | Header::Bad => return Element::Bad,
    };
    let rest = &window[at + used..];
    match usize::try_from(len).ok().filter(|n| rest.len() >= n.saturating_add(2)) {
        Some(n) if rest[n..].starts_with(b"\r\n") => Element::Whole(&rest[..n], at + used + n + 2),
        Some(_) => Element::Bad,
        None => {
            let here = rest.len().min(usize::try_from(len).unwrap_or(usize::MAX));
            Element::Part(&rest[..here], len.saturating_add(2) - rest.len() as u64)
        }
    }
}

/// Letters, and what modules put between them.
pub(super) fn is_verb(verb: &[u8]) -> bool {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'|');
    verb.len() <= MAX_VERB
        && verb.first().is_some_and(u8::is_ascii_alphabetic)
        && verb.iter().all(inner)
}

/// A line of words, as a person types it.
fn inline(bytes: &[u8], cut: bool, hide: bool, out: &mut Vec<u8>) -> Read {
    let line = match line_len(bytes, WINDOW) {
        Some(used) => &bytes[..used],
        None if bytes.len() >= WINDOW => return Read::Bad,
        None if cut => bytes,
        None if matches!(bytes[0], b'\r' | b' ') || bytes[0].is_ascii_alphabetic() => {
            return Read::Short;
        }
        None => return Read::Bad,
    };
    let mut words = Words { rest: line };
    let Some(verb) = words.next() else { return Read::Nothing(line.len()) };
    if !is_verb(verb) {
        return Read::Bad;
    }
    let mut command = Builder::new(verb, hide, out);
    for word in words {
        command.word(word);
    }
    let words = command.words as u64;
    command.done(line.len(), None, words)
}

/// Words of a line; quotes hold one together.
pub(super) struct Words<'a> {
    pub(super) rest: &'a [u8],
}

impl<'a> Iterator for Words<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let text = self.rest.trim_ascii_start();
        let first = *text.first()?;
        let end = if matches!(first, b'"' | b'\'') {
            let mut at = 1;
            while at < text.len() && text[at] != first {
                at += 1 + usize::from(text[at] == b'\\');
            }
            (at + 1).min(text.len())
        } else {
            text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len())
        };
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        Some(word)
    }
}

trait Upper4 {
    fn to_ascii_uppercase_4(&self) -> [u8; 4];
}

impl Upper4 for [u8] {
    /// Of the first four bytes; longer words are cut, which none that matters is.
    fn to_ascii_uppercase_4(&self) -> [u8; 4] {
        std::array::from_fn(|i| self.get(i).map_or(0, u8::to_ascii_uppercase))
    }
}
