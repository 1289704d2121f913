//! `cargo xtask new parser NAME`: everything that a protocol consists of besides what it says:
//! module, line of the registry, tests, a first input for the fuzzer, a script for captures, a
//! description. What is written compiles and passes its tests; `docs/adding-a-protocol.md` goes on
//! from there.

use anyhow::{Context, Result, bail, ensure};
use std::path::Path;

/// Files that are made: template, place.
const FILES: &[(&str, &str)] = &[
    (include_str!("../templates/parser.rs.txt"), "parsers/src/@name@.rs"),
    (include_str!("../templates/test.rs.txt"), "parsers/tests/@name@.rs"),
    (include_str!("../templates/capture.sh.txt"), "ci/captures/@name@.sh"),
    (include_str!("../templates/protocol.toml.txt"), "parsers/protocols/@name@.toml"),
    ("", "dataplane/tests/captures/@name@-calls.rows"),
];

/// The names of one protocol.
struct Names {
    /// As users write it.
    name: String,
    /// In `L7Protocol`.
    variant: String,
    /// In small letters.
    small: String,
}

impl Names {
    fn fill(&self, template: &str) -> String {
        let magic: String = format!("{:_<4}", self.small.to_uppercase()).chars().take(4).collect();
        template
            .replace("@Name@", &self.name)
            .replace("@Variant@", &self.variant)
            .replace("@Type@", &self.variant)
            .replace("@name@", &self.small)
            .replace("@Magic@", &magic)
    }
}

/// Makes the files and the lines of a new parser.
pub(crate) fn parser(root: &Path, name: &str) -> Result<()> {
    let names = names(root, name)?;
    let module = root.join(names.fill("parsers/src/@name@.rs"));
    ensure!(!module.exists(), "{} is there already", module.display());
    edit(root, "parsers/src/lib.rs", |text| module_line(text, &names.small))?;
    edit(root, "parsers/src/registry.rs", |text| registry_line(text, &names))?;
    for (template, place) in FILES {
        let place = names.fill(place);
        if !root.join(&place).exists() {
            write(root, &place, names.fill(template).as_bytes())?;
        }
    }
    let seed = names.fill("parsers/fuzz/corpus/@name@/first");
    let message = names.fill("@Magic@\0\0\0\0\x07\0\0\0\x04find");
    write(root, &seed, &[&[0, message.len() as u8], message.as_bytes()].concat())?;
    println!("now follow docs/adding-a-protocol.md");
    Ok(())
}

/// The protocol by its name, which has to have a number already.
fn names(root: &Path, name: &str) -> Result<Names> {
    let path = "parsers/src/protocol.rs";
    let text = std::fs::read_to_string(root.join(path)).context(path)?;
    let lines = text.lines().filter_map(|l| l.trim().strip_suffix("\",")?.split_once(" = "));
    for (variant, rest) in lines {
        let Some((_, shown)) = rest.split_once(" \"") else { continue };
        if shown.eq_ignore_ascii_case(name) {
            let small = shown.to_ascii_lowercase();
            return Ok(Names { name: shown.into(), variant: variant.into(), small });
        }
    }
    bail!("{name} has no number: add it to l7_protocol in schema/enums.toml and to {path}")
}

fn edit(root: &Path, name: &str, change: impl Fn(&str) -> Option<String>) -> Result<()> {
    let text = std::fs::read_to_string(root.join(name)).with_context(|| name.to_owned())?;
    let text = change(&text).with_context(|| format!("{name} is not as expected"))?;
    write(root, name, text.as_bytes())
}

fn write(root: &Path, name: &str, text: &[u8]) -> Result<()> {
    let path = root.join(name);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    std::fs::write(&path, text).with_context(|| format!("writing {name}"))?;
    println!("wrote {name}");
    Ok(())
}

/// `pub mod NAME;` where it belongs by the alphabet.
fn module_line(text: &str, small: &str) -> Option<String> {
    let name = |line: &str| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        Some(line.strip_prefix("mod ")?.strip_suffix(';')?.to_owned())
    };
    let mut lines: Vec<&str> = text.lines().collect();
    let before = lines.iter().position(|l| name(l).is_some_and(|n| *n > *small));
    let at = before.or_else(|| lines.iter().rposition(|l| name(l).is_some()).map(|n| n + 1))?;
    let line = format!("pub mod {small};");
    lines.insert(at, &line);
    Some(lines.join("\n") + "\n")
}

/// The last line of the registry.
fn registry_line(text: &str, names: &Names) -> Option<String> {
    let begin = text.find("\nregistry! {\n")?;
    let end = begin + text[begin..].find("\n}\n")? + 1;
    let line = format!(
        "    {0}: {0}, inline crate::{1}::{0}, tcp(crate::{1}::probe, _), ports [];\n",
        names.variant, names.small
    );
    Some([&text[..end], &line, &text[end..]].concat())
}
