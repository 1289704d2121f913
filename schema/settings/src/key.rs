//! What a key is: its path, type, range, default, when a change applies, and its description.

use crate::value::Value;
use std::time::Duration;

/// A program that has settings.
#[derive(Debug)]
pub struct Program {
    /// Short name, lower case: `agent` makes the environment prefix `FATHOM_AGENT__`.
    pub name: &'static str,
    /// Its keys, in the order in which people should read them.
    pub keys: &'static [Key],
}

impl Program {
    /// The key at `path`.
    pub fn key(&self, path: &str) -> Option<&'static Key> {
        self.keys.iter().find(|k| k.path == path)
    }

    /// Start of the names of environment variables that set keys of this program.
    pub fn env_prefix(&self) -> String {
        format!("FATHOM_{}__", self.name.to_ascii_uppercase())
    }

    /// The environment variable that sets `key`.
    pub fn env_name(&self, key: &Key) -> String {
        format!("{}{}", self.env_prefix(), key.path.replace('.', "__").to_ascii_uppercase())
    }

    /// Mistakes in the table itself: a path twice or out of form, a default outside its range,
    /// a missing description. Each program has a test that this is empty.
    pub fn mistakes(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (i, key) in self.keys.iter().enumerate() {
            let form =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
            if key.path.is_empty() || !key.path.chars().all(form) || key.path.contains("__") {
                out.push(format!("{}: a path is lower case words joined by `.`", key.path));
            }
            if key.doc.trim().is_empty() {
                out.push(format!("{}: no description", key.path));
            }
            if let Err(why) = key.parse(key.default) {
                out.push(format!("{}: default {:?}: {why}", key.path, key.default));
            }
            for other in &self.keys[..i] {
                let section =
                    |a: &str, b: &str| b.strip_prefix(a).is_some_and(|r| r.starts_with('.'));
                if other.path == key.path {
                    out.push(format!("{}: declared twice", key.path));
                } else if section(other.path, key.path) || section(key.path, other.path) {
                    out.push(format!("{}: both a key and a section ({})", key.path, other.path));
                }
            }
        }
        out
    }
}

/// One setting.
#[derive(Debug)]
pub struct Key {
    /// Dotted path, as nested in the YAML file.
    pub path: &'static str,
    /// Type, unit and range.
    pub kind: Kind,
    /// Default, written as a person would write it.
    pub default: &'static str,
    /// When a change takes effect.
    pub applies: Applies,
    /// What it does, in one or two sentences.
    pub doc: &'static str,
    /// Never printed: a password or token.
    pub secret: bool,
}

impl Key {
    /// Declares a key.
    pub const fn new(
        path: &'static str,
        kind: Kind,
        default: &'static str,
        applies: Applies,
        doc: &'static str,
    ) -> Self {
        Self { path, kind, default, applies, doc, secret: false }
    }

    /// The value is never printed.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Reads a value of this key from text.
    ///
    /// # Errors
    /// A sentence on what is wrong with the text and what would be right.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        Value::parse(&self.kind, text)
    }
}

/// When a change of a key takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// At once, on reload.
    Now,
    /// For flows that begin after the reload.
    NextFlow,
    /// Only when the program starts.
    Restart,
}

impl Applies {
    /// As printed in tables.
    pub fn name(self) -> &'static str {
        match self {
            Applies::Now => "now",
            Applies::NextFlow => "next flow",
            Applies::Restart => "restart",
        }
    }
}

/// Type, unit and range of a key.
#[derive(Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Integer {
        /// What is counted, plural: `packets`; empty for a bare number.
        unit: &'static str,
        /// Smallest value allowed.
        min: i64,
        /// Largest value allowed.
        max: i64,
    },
    /// A time span, written with its unit: `500ms`, `1s`, `2m`.
    Duration {
        /// Shortest allowed.
        min: Duration,
        /// Longest allowed.
        max: Duration,
    },
    /// A size, written with its unit: `64 MiB`; a bare number is bytes.
    Bytes {
        /// Smallest allowed, bytes.
        min: u64,
        /// Largest allowed, bytes.
        max: u64,
    },
    /// Any text.
    Text,
    /// A list of texts; in the environment and on the command line joined by commas.
    List,
    /// One of these words.
    Choice(&'static [&'static str]),
}

impl Kind {
    /// A whole number of `unit` within `min..=max`.
    pub const fn integer(unit: &'static str, min: i64, max: i64) -> Self {
        Kind::Integer { unit, min, max }
    }

    /// A time span within `min..=max`.
    pub const fn duration(min: Duration, max: Duration) -> Self {
        Kind::Duration { min, max }
    }

    /// A size within `min..=max` bytes.
    pub const fn bytes(min: u64, max: u64) -> Self {
        Kind::Bytes { min, max }
    }

    /// As printed in tables, for example `integer`.
    pub fn name(&self) -> &'static str {
        match self {
            Kind::Bool => "boolean",
            Kind::Integer { .. } => "integer",
            Kind::Duration { .. } => "duration",
            Kind::Bytes { .. } => "size",
            Kind::Text => "text",
            Kind::List => "list",
            Kind::Choice(_) => "choice",
        }
    }

    /// The values allowed, in words; empty when any is.
    pub fn range(&self) -> String {
        match self {
            Kind::Bool => "true, false".into(),
            Kind::Integer { unit, min, max } => {
                format!("{min} to {max} {unit}").trim_end().to_string()
            }
            Kind::Duration { min, max } => {
                format!("{} to {}", Value::Duration(*min), Value::Duration(*max))
            }
            Kind::Bytes { min, max } => format!("{} to {}", Value::Bytes(*min), Value::Bytes(*max)),
            Kind::Text | Kind::List => String::new(),
            Kind::Choice(words) => words.join(", "),
        }
    }
}
