//! Conversations for parser tests: what both sides said, in order, fed to a parser whole and
//! split at every byte.

pub mod pcap;
pub mod proto;

use fathom_parsers::message::Direction::{ToClient, ToServer};
use fathom_parsers::message::{Carrier, Direction, L7Protocol, Probe};
use fathom_parsers::registry::{AnyParser, Look, Options, probe};
use fathom_parsers::testing::{Driver, OwnedMessage};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

/// What one side said at once.
pub type Said = (Direction, Vec<u8>);

/// The client says.
pub fn up(bytes: impl AsRef<[u8]>) -> Said {
    (ToServer, bytes.as_ref().to_vec())
}

/// The server says.
pub fn down(bytes: impl AsRef<[u8]>) -> Said {
    (ToClient, bytes.as_ref().to_vec())
}

/// A driver around a fresh parser.
pub fn driver(protocol: L7Protocol, options: &Options) -> Driver {
    Driver::new(AnyParser::new(protocol, Carrier::Tcp, options).unwrap(), false)
}

fn run(
    protocol: L7Protocol,
    options: &Options,
    talk: &[Said],
    cut: impl Fn(usize, usize) -> bool,
) -> Driver {
    let mut d = driver(protocol, options);
    for (i, (dir, bytes)) in talk.iter().enumerate() {
        let mut from = 0;
        for at in 1..bytes.len() {
            if cut(i, at) {
                d.feed(*dir, &bytes[from..at]);
                from = at;
            }
        }
        d.feed(*dir, &bytes[from..]);
    }
    d.finish(ToServer);
    d.finish(ToClient);
    d
}

/// The messages of a conversation, which no way to split it may change and of which nothing may
/// be lost.
pub fn messages_with(protocol: L7Protocol, options: &Options, talk: &[Said]) -> Vec<OwnedMessage> {
    keep_for_fuzzing(protocol, talk);
    let whole = run(protocol, options, talk, |_, _| false);
    assert_eq!(whole.lost, 0, "lost its place: {:#?}", whole.messages);
    let bytes = run(protocol, options, talk, |_, _| true);
    assert_eq!(whole.messages, bytes.messages, "byte by byte");
    for (i, (_, said)) in talk.iter().enumerate() {
        for at in 1..said.len() {
            let split = run(protocol, options, talk, |turn, byte| (turn, byte) == (i, at));
            assert_eq!(whole.messages, split.messages, "turn {i} split at {at}");
        }
    }
    whole.messages
}

/// With `FATHOM_UPDATE_CORPUS` set, conversations become the seeds of the fuzz target's corpus, and
/// the first few of what was said and answered each by itself too.
pub fn keep_for_fuzzing(protocol: L7Protocol, talk: &[Said]) {
    const ALONE: usize = 6;
    if std::env::var_os("FATHOM_UPDATE_CORPUS").is_none() {
        return;
    }
    keep_seed(protocol, talk);
    talk.chunks(2).take(ALONE).for_each(|part| keep_seed(protocol, part));
}

/// A seed: for each piece a byte for the direction, one for the length, the bytes.
fn keep_seed(protocol: L7Protocol, talk: &[Said]) {
    const MAX_SEED: usize = 2048;
    let mut seed = Vec::new();
    for (dir, bytes) in talk {
        for piece in bytes.chunks(255) {
            seed.extend([*dir as u8, piece.len() as u8]);
            seed.extend(piece);
        }
    }
    let name = protocol.name().to_ascii_lowercase();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    let mut hash = DefaultHasher::new();
    seed.hash(&mut hash);
    if seed.len() <= MAX_SEED {
        std::fs::write(folder.join(format!("talk-{:016x}", hash.finish())), seed).unwrap();
    }
}

/// The same with default options.
pub fn messages(protocol: L7Protocol, talk: &[Said]) -> Vec<OwnedMessage> {
    messages_with(protocol, &Options::default(), talk)
}

/// What detection says of bytes that go this way.
pub fn told(bytes: &[u8], dir: Direction) -> Probe {
    probe(bytes, Look { dir_hint: Some(dir), ..Look::over(Carrier::Tcp) })
}

/// A message in one line: what a test looks at.
pub fn line(m: &OwnedMessage) -> String {
    let mut parts = vec![m.kind.clone()];
    let mut add = |name: &str, text: String| {
        if !text.is_empty() {
            parts.push(format!("{name}={text}"));
        }
    };
    add("type", m.request_type.clone());
    add("domain", m.request_domain.clone());
    add("resource", m.request_resource.clone());
    add("endpoint", m.endpoint.clone());
    add("id", m.request_id.map_or(String::new(), |n| n.to_string()));
    add("status", if m.status == "Unknown" { String::new() } else { m.status.clone() });
    add("code", m.response_code.map_or(String::new(), |n| n.to_string()));
    add("exception", m.exception.clone());
    add("result", m.result.clone());
    add("length", m.length.map_or(String::new(), |n| n.to_string()));
    add("rows", m.affected_rows.map_or(String::new(), |n| n.to_string()));
    add("open", if m.end_follows { "yes".into() } else { String::new() });
    parts.join(" ")
}

/// The same of all.
pub fn lines(messages: &[OwnedMessage]) -> Vec<String> {
    messages.iter().map(line).collect()
}
