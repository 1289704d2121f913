//! Puts the values together: defaults, file, environment, command line; remembers where each came
//! from, and reports every problem at once with the place it is at.

use crate::key::{Applies, Key, Kind, Program};
use crate::nearest::nearest;
use crate::value::Value;
use crate::yaml::{self, Content};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A configuration file larger than this is a mistake: the whole reference is a few KiB.
const FILE_MAX_BYTES: u64 = 1 << 20;

/// Where values may come from besides the defaults. Later fields win.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sources<'a> {
    /// The YAML file.
    pub file: Option<&'a Path>,
    /// Environment variables; those without the program's prefix are ignored.
    pub env: &'a [(String, String)],
    /// `(path, value)` pairs from the command line.
    pub pairs: &'a [(String, String)],
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File(PathBuf, u64),
    /// This environment variable.
    Environment(String),
    /// The command line.
    CommandLine,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Default => f.write_str("default"),
            Origin::File(path, 0) => write!(f, "{}", path.display()),
            Origin::File(path, line) => write!(f, "{}:{line}", path.display()),
            Origin::Environment(name) => write!(f, "${name}"),
            Origin::CommandLine => f.write_str("command line"),
        }
    }
}

/// One thing that is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where the wrong text stands.
    pub origin: Origin,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
#[error("{}", lines(.0))]
pub struct Error(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The effective value of every key of a program.
#[derive(Clone)]
pub struct Settings {
    pub(crate) program: &'static Program,
    pub(crate) entries: Vec<(Value, Origin)>,
}

/// The table of [`Settings::show`], so that no secret gets into a log this way.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Settings {
    /// Loads from all sources.
    ///
    /// # Errors
    /// Every problem of every source, not only the first.
    pub fn load(program: &'static Program, sources: Sources<'_>) -> Result<Settings, Error> {
        let mut problems = Vec::new();
        let mut settings = Settings { program, entries: Vec::with_capacity(program.keys.len()) };
        for key in program.keys {
            // A default that does not parse is caught by the program's own test of its table;
            // here it is reported like any other problem.
            match key.parse(key.default) {
                Ok(value) => settings.entries.push((value, Origin::Default)),
                Err(why) => {
                    problems.push(Problem {
                        origin: Origin::Default,
                        message: format!("{}: {why}", key.path),
                    });
                    settings.entries.push((Value::Text(String::new()), Origin::Default));
                }
            }
        }
        if let Some(path) = sources.file {
            settings.apply_file(path, &mut problems);
        }
        let prefix = program.env_prefix();
        for (name, text) in sources.env {
            if let Some(rest) = name.strip_prefix(&prefix) {
                let path = rest.replace("__", ".").to_ascii_lowercase();
                settings.apply(&path, text, Origin::Environment(name.clone()), &mut problems);
            }
        }
        for (path, text) in sources.pairs {
            settings.apply(path, text, Origin::CommandLine, &mut problems);
        }
        if problems.is_empty() { Ok(settings) } else { Err(Error(problems)) }
    }

    /// Checks a file alone, as `config check FILE` does.
    ///
    /// # Errors
    /// Every problem of the file.
    pub fn check(program: &'static Program, file: &Path) -> Result<(), Error> {
        Self::load(program, Sources { file: Some(file), ..Sources::default() }).map(|_| ())
    }

    fn apply_file(&mut self, path: &Path, problems: &mut Vec<Problem>) {
        let mut report = |line, message| {
            problems.push(Problem { origin: Origin::File(path.to_path_buf(), line), message });
        };
        let text = match read(path) {
            Ok(text) => text,
            Err(why) => return report(0, why),
        };
        let leaves = match yaml::leaves(&text) {
            Ok(leaves) => leaves,
            Err((why, line)) => return report(line, why),
        };
        for leaf in leaves {
            let origin = Origin::File(path.to_path_buf(), leaf.line);
            match leaf.content {
                Content::Scalar(text) => self.apply(&leaf.path, &text, origin, problems),
                Content::List(items) => self.apply_list(&leaf.path, items, origin, problems),
                // `section:` or `key:` with nothing behind it leaves the default, as when every
                // key of a section is commented out.
                Content::Empty => {
                    let section = format!("{}.", leaf.path);
                    if !self.program.keys.iter().any(|k| k.path.starts_with(&section)) {
                        let _ = self.find(&leaf.path, &origin, problems);
                    }
                }
            }
        }
    }

    fn find(&self, path: &str, origin: &Origin, problems: &mut Vec<Problem>) -> Option<usize> {
        let at = self.program.keys.iter().position(|k| k.path == path);
        if at.is_none() {
            let hint = nearest(path, self.program.keys.iter().map(|k| k.path)).map_or_else(
                || format!("`fathom-{} config show` lists the keys there are", self.program.name),
                |near| format!("did you mean `{near}`?"),
            );
            problems.push(Problem {
                origin: origin.clone(),
                message: format!("unknown key `{path}`; {hint}"),
            });
        }
        at
    }

    fn apply(&mut self, path: &str, text: &str, origin: Origin, problems: &mut Vec<Problem>) {
        let Some(at) = self.find(path, &origin, problems) else { return };
        match self.program.keys[at].parse(text) {
            Ok(value) => self.entries[at] = (value, origin),
            Err(why) => problems.push(Problem { origin, message: format!("{path}: {why}") }),
        }
    }

    fn apply_list(
        &mut self,
        path: &str,
        items: Vec<String>,
        origin: Origin,
        problems: &mut Vec<Problem>,
    ) {
        let Some(at) = self.find(path, &origin, problems) else { return };
        if matches!(self.program.keys[at].kind, Kind::List) {
            self.entries[at] = (Value::List(items), origin);
        } else {
            let kind = self.program.keys[at].kind.name();
            problems.push(Problem {
                origin,
                message: format!("{path}: one {kind} is wanted, not a list"),
            });
        }
    }

    /// The program these are the settings of.
    pub fn program(&self) -> &'static Program {
        self.program
    }

    /// Value and origin of the key at `path`.
    ///
    /// # Panics
    /// When no such key is declared: the tables are static, so that is a slip in this program.
    pub fn get(&self, path: &str) -> (&Value, &Origin) {
        let at = self.program.keys.iter().position(|k| k.path == path);
        let at =
            at.unwrap_or_else(|| panic!("no key `{path}` in the table of {}", self.program.name));
        (&self.entries[at].0, &self.entries[at].1)
    }

    /// A [`Kind::Bool`]. Panics like [`Settings::get`], or when the key has another type.
    pub fn bool(&self, path: &str) -> bool {
        match self.get(path).0 {
            Value::Bool(v) => *v,
            other => wrong(path, "boolean", other),
        }
    }

    /// A [`Kind::Integer`]. Panics like [`Settings::bool`].
    pub fn integer(&self, path: &str) -> i64 {
        match self.get(path).0 {
            Value::Integer(v) => *v,
            other => wrong(path, "integer", other),
        }
    }

    /// A [`Kind::Duration`]. Panics like [`Settings::bool`].
    pub fn duration(&self, path: &str) -> Duration {
        match self.get(path).0 {
            Value::Duration(v) => *v,
            other => wrong(path, "duration", other),
        }
    }

    /// A [`Kind::Bytes`]. Panics like [`Settings::bool`].
    pub fn bytes(&self, path: &str) -> u64 {
        match self.get(path).0 {
            Value::Bytes(v) => *v,
            other => wrong(path, "size", other),
        }
    }

    /// A [`Kind::Text`] or [`Kind::Choice`]. Panics like [`Settings::bool`].
    pub fn text(&self, path: &str) -> &str {
        match self.get(path).0 {
            Value::Text(v) => v,
            other => wrong(path, "text", other),
        }
    }

    /// A [`Kind::Text`] where empty means that it is not set. Panics like [`Settings::bool`].
    pub fn text_opt(&self, path: &str) -> Option<&str> {
        Some(self.text(path)).filter(|s| !s.is_empty())
    }

    /// A [`Kind::List`]. Panics like [`Settings::bool`].
    pub fn list(&self, path: &str) -> &[String] {
        match self.get(path).0 {
            Value::List(v) => v,
            other => wrong(path, "list", other),
        }
    }

    /// Keys whose value differs in `newer`, for reloads: what applies now, what has to wait.
    pub fn changes(&self, newer: &Settings) -> Vec<(&'static Key, Applies)> {
        let pairs = self.program.keys.iter().zip(self.entries.iter().zip(&newer.entries));
        pairs.filter(|(_, (old, new))| old.0 != new.0).map(|(key, _)| (key, key.applies)).collect()
    }
}

fn wrong(path: &str, wanted: &str, found: &Value) -> ! {
    panic!("key `{path}` was read as {wanted} but is declared as {found:?}")
}

fn read(path: &Path) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|e| format!("cannot be read: {e}"))?.len();
    if size > FILE_MAX_BYTES {
        return Err(format!("{size} bytes; a configuration file is at most {FILE_MAX_BYTES}"));
    }
    std::fs::read_to_string(path).map_err(|e| format!("cannot be read: {e}"))
}
