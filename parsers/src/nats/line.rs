//! One line of NATS: its verb and words, and how much follows it.

/// A line is not longer, but for those with a document in them.
pub(super) const MAX_LINE: usize = 8 * 1024;
/// Servers take no larger message, whatever they are told (`max_payload` is 1 MiB by default).
pub(super) const MAX_PAYLOAD: usize = 64 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Info,
    Connect,
    Pub,
    Hpub,
    Sub,
    Unsub,
    Msg,
    Hmsg,
    Ping,
    Pong,
    Ok,
    Err,
}

const VERBS: [(&[u8], Verb); 12] = [
    (b"PUB", Verb::Pub),
    (b"MSG", Verb::Msg),
    (b"HPUB", Verb::Hpub),
    (b"HMSG", Verb::Hmsg),
    (b"+OK", Verb::Ok),
    (b"SUB", Verb::Sub),
    (b"UNSUB", Verb::Unsub),
    (b"PING", Verb::Ping),
    (b"PONG", Verb::Pong),
    (b"-ERR", Verb::Err),
    (b"INFO", Verb::Info),
    (b"CONNECT", Verb::Connect),
];

impl Verb {
    pub(super) fn name(self) -> &'static [u8] {
        VERBS.iter().find(|v| v.1 == self).map_or(b"", |v| v.0)
    }

    /// Only clients say it; `Some(false)`: only servers do.
    pub(super) const fn is_clients(self) -> Option<bool> {
        match self {
            Self::Connect | Self::Pub | Self::Hpub | Self::Sub | Self::Unsub => Some(true),
            Self::Info | Self::Msg | Self::Hmsg | Self::Ok | Self::Err => Some(false),
            Self::Ping | Self::Pong => None,
        }
    }
}

/// A line that was read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    pub(super) verb: Verb,
    /// What a message is about, or a subscription is for.
    pub(super) subject: &'a [u8],
    pub(super) reply: &'a [u8],
    /// Queue group, or what `INFO`, `CONNECT` and `-ERR` say.
    pub(super) text: &'a [u8],
    /// Bytes of the line, of headers and of everything else behind it, the last line end
    /// included.
    pub(super) used: usize,
    pub(super) headers: usize,
    pub(super) payload: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    Short,
    Bad,
}

/// Reads the line that begins with `bytes`.
#[inline]
pub(super) fn read(bytes: &[u8]) -> Result<Line<'_>, Wrong> {
    let word = bytes.iter().take(8).position(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n'));
    let Some(word) = word else {
        let begins =
            |v: &[u8]| v.len() >= bytes.len() && v[..bytes.len()].eq_ignore_ascii_case(bytes);
        let any = VERBS.iter().any(|(v, _)| begins(v));
        return Err(if any { Wrong::Short } else { Wrong::Bad });
    };
    let verb = VERBS.iter().find(|(v, _)| v.eq_ignore_ascii_case(&bytes[..word]));
    let verb = verb.ok_or(Wrong::Bad)?.1;
    let line = &bytes[word..bytes.len().min(MAX_LINE)];
    let end = memchr::memchr(b'\n', line);
    let text = &line[..end.unwrap_or(line.len())];
    // Of a line that is not all there as much has to be in order as of a whole one.
    if !text.iter().all(|b| *b >= b' ' || matches!(b, b'\t' | b'\r')) {
        return Err(Wrong::Bad);
    }
    match end {
        Some(end) => words(verb, text.trim_ascii(), word + end + 1).ok_or(Wrong::Bad),
        None if bytes.len() < MAX_LINE => Err(Wrong::Short),
        None => Err(Wrong::Bad),
    }
}

fn words(verb: Verb, rest: &[u8], used: usize) -> Option<Line<'_>> {
    let mut line = Line { verb, subject: b"", reply: b"", text: b"", used, headers: 0, payload: 0 };
    if matches!(verb, Verb::Info | Verb::Connect) {
        line.text = rest;
        return rest.starts_with(b"{").then_some(line);
    }
    if matches!(verb, Verb::Err) {
        let text = rest.strip_prefix(b"'").unwrap_or(rest);
        line.text = text.strip_suffix(b"'").unwrap_or(text);
        return Some(line);
    }
    let mut words: [&[u8]; 5] = [b""; 5];
    let mut count = 0;
    for word in rest.split(|b| matches!(b, b' ' | b'\t')).filter(|w| !w.is_empty()) {
        *words.get_mut(count)? = word;
        count += 1;
    }
    let sized = |word: &[u8]| {
        let n = usize::try_from(crate::text::number(word)?).ok()?;
        (n <= MAX_PAYLOAD).then_some(n)
    };
    // A subject, and between it and the lengths what may be there.
    let (least, most, sizes) = match verb {
        Verb::Pub => (2, 3, 1),
        Verb::Hpub => (3, 4, 2),
        Verb::Msg => (3, 4, 1),
        Verb::Hmsg => (4, 5, 2),
        Verb::Sub => (2, 3, 0),
        Verb::Unsub => (1, 2, 0),
        _ => (0, 0, 0),
    };
    if !(least..=most).contains(&count) {
        return None;
    }
    if sizes > 0 {
        let total = sized(words[count - 1])?;
        line.headers = if sizes == 2 { sized(words[count - 2])? } else { 0 };
        line.payload = (total + 2).checked_sub(line.headers)?;
        if line.headers > total {
            return None;
        }
        if count == most {
            line.reply = words[count - 1 - sizes];
        }
    }
    match verb {
        Verb::Unsub => line.text = words[0],
        Verb::Sub => {
            line.subject = words[0];
            line.text = if count == 3 { words[1] } else { b"" };
        }
        _ => line.subject = words[0],
    }
    let plain = |w: &[u8]| w.iter().all(|b| *b > b' ' && *b != 0x7f);
    words.iter().all(|w| plain(w)).then_some(line)
}

/// The text of a name in a document, if it stands there as a text.
pub(super) fn json<'a>(document: &'a [u8], name: &[u8]) -> &'a [u8] {
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&document[from..], name) {
        let behind = &document[from + at + name.len()..];
        let quoted = from + at > 0 && document[from + at - 1] == b'"';
        if let (true, Some(rest)) = (quoted, behind.strip_prefix(b"\"")) {
            let rest = rest.trim_ascii_start().strip_prefix(b":").unwrap_or(b"");
            let rest = rest.trim_ascii_start();
            return match rest.strip_prefix(b"\"") {
                Some(text) => &text[..memchr::memchr(b'"', text).unwrap_or(text.len())],
                None => {
                    let end = rest.iter().position(|b| matches!(b, b',' | b'}'));
                    &rest[..end.unwrap_or(rest.len())]
                }
            };
        }
        from += at + name.len();
    }
    b""
}
