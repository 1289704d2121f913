//! A YAML file as a flat list of dotted paths, each with its text and its line.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;

/// One leaf of the file.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub path: String,
    pub line: u64,
    pub content: Content,
}

/// What stands at a leaf.
#[derive(Debug)]
pub(crate) enum Content {
    Scalar(String),
    List(Vec<String>),
    /// `key:` with nothing behind it.
    Empty,
}

/// Reads `text`. The error is a sentence and the line it speaks of, 0 when unknown.
pub(crate) fn leaves(text: &str) -> Result<Vec<Leaf>, (String, u64)> {
    // A file of comments only is a file that sets nothing.
    if text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        return Ok(Vec::new());
    }
    // YAML 1.2 booleans only: under the old rules an interface named `on` would become `true`.
    let options = serde_saphyr::options! { strict_booleans: true };
    let root: Spanned<Node> = serde_saphyr::from_str_with_options(text, options).map_err(|e| {
        let line = e.location().map_or(0, |l| l.line());
        // The parser's text shows a source excerpt from its second line on; one sentence is enough.
        let sentence = e.without_snippet().to_string();
        (sentence.lines().next().unwrap_or("not YAML").to_string(), line)
    })?;
    let mut out = Vec::new();
    match root.value {
        Node::Map(entries) => flatten("", entries, &mut out)?,
        Node::Empty => {}
        Node::Scalar(_) | Node::List(_) => {
            return Err(("the file must be sections and keys, such as `capture:`".into(), 1));
        }
    }
    Ok(out)
}

fn flatten(
    prefix: &str,
    entries: Vec<(Spanned<String>, Node)>,
    out: &mut Vec<Leaf>,
) -> Result<(), (String, u64)> {
    for (key, node) in entries {
        let line = key.referenced.line();
        let path = if prefix.is_empty() { key.value } else { format!("{prefix}.{}", key.value) };
        let content = match node {
            Node::Map(entries) => {
                flatten(&path, entries, out)?;
                continue;
            }
            Node::Scalar(text) => Content::Scalar(text),
            Node::Empty => Content::Empty,
            Node::List(items) => Content::List(
                items
                    .into_iter()
                    .map(|item| match item {
                        Node::Scalar(text) => Ok(text),
                        _ => Err((format!("{path}: a list may hold plain values only"), line)),
                    })
                    .collect::<Result<_, _>>()?,
            ),
        };
        out.push(Leaf { path, line, content });
    }
    Ok(())
}

enum Node {
    Map(Vec<(Spanned<String>, Node)>),
    List(Vec<Node>),
    Scalar(String),
    Empty,
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a list or a section")
    }

    fn visit_bool<E>(self, v: bool) -> Result<Node, E> {
        Ok(Node::Scalar(v.to_string()))
    }

    fn visit_i64<E>(self, v: i64) -> Result<Node, E> {
        Ok(Node::Scalar(v.to_string()))
    }

    fn visit_u64<E>(self, v: u64) -> Result<Node, E> {
        Ok(Node::Scalar(v.to_string()))
    }

    fn visit_f64<E>(self, v: f64) -> Result<Node, E> {
        Ok(Node::Scalar(v.to_string()))
    }

    fn visit_str<E>(self, v: &str) -> Result<Node, E> {
        Ok(Node::Scalar(v.to_string()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Empty)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Empty)
    }

    fn visit_some<D: Deserializer<'de>>(self, d: D) -> Result<Node, D::Error> {
        Node::deserialize(d)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Node::Map(entries))
    }
}
