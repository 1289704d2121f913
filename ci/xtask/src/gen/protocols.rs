//! Writes `docs/protocols.md` from `parsers/protocols/*.toml`: what each protocol puts into which
//! column, and what of it is not understood.

use anyhow::{Context, Result, ensure};
use std::fmt::Write as _;
use std::path::Path;

/// Columns in the order in which they are shown.
const COLUMNS: &[&str] = &[
    "version",
    "request_type",
    "request_domain",
    "request_resource",
    "endpoint",
    "request_id",
    "request_length",
    "response_status",
    "response_code",
    "response_exception",
    "response_result",
    "response_length",
    "sql_affected_rows",
    "trace_id",
    "x_request_id",
    "http_proxy_client",
    "attributes",
    "metrics",
];

/// One protocol's description.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Protocol {
    name: String,
    about: String,
    specification: String,
    pairing: String,
    not_understood: String,
    columns: toml::map::Map<String, toml::Value>,
}

/// The page.
pub(super) fn page(root: &Path) -> Result<String> {
    let folder = root.join("parsers/protocols");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(&folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let shown = || path.display().to_string();
        let text = std::fs::read_to_string(&path).with_context(shown)?;
        let protocol: Protocol = toml::from_str(&text).with_context(shown)?;
        for column in protocol.columns.keys() {
            ensure!(COLUMNS.contains(&column.as_str()), "{}: no column {column}", shown());
        }
        all.push(protocol);
    }
    all.sort_by_key(|p| p.name.to_ascii_lowercase());
    Ok(render(&all))
}

fn render(all: &[Protocol]) -> String {
    let mut o = String::from(
        "<!-- Made by `cargo xtask gen` from parsers/protocols. Edit those. -->\n\n# Protocols\n\n\
         What the agent understands of each application protocol, and where it puts it in \
         `l7_flow_log`. How to add one: [adding-a-protocol.md](adding-a-protocol.md).\n\n\
         | protocol | request_type | request_resource | endpoint | answers are found |\n\
         | --- | --- | --- | --- | --- |\n",
    );
    for p in all {
        let anchor = p.name.to_ascii_lowercase().replace('/', "");
        let _ = write!(o, "| [{}](#{anchor}) ", p.name);
        for column in ["request_type", "request_resource", "endpoint"] {
            let _ = write!(o, "| {} ", text(p, column).unwrap_or("-"));
        }
        let _ = writeln!(o, "| {} |", p.pairing);
    }
    for p in all {
        let _ = writeln!(o, "\n## {}\n\n{}\n", p.name, p.about);
        let _ = writeln!(o, "Specification: {}\n", p.specification);
        let _ = writeln!(o, "| column | holds |\n| --- | --- |");
        for column in COLUMNS {
            if let Some(text) = text(p, column) {
                let _ = writeln!(o, "| {column} | {text} |");
            }
        }
        let _ = writeln!(o, "\nPairing: {}\n\nNot understood: {}", p.pairing, p.not_understood);
    }
    o
}

fn text<'p>(protocol: &'p Protocol, column: &str) -> Option<&'p str> {
    protocol.columns.get(column)?.as_str()
}
