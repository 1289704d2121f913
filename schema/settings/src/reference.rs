//! The settings for people and editors: the table of `config show`, a JSON schema, and a page.

use crate::key::{Kind, Program};
use crate::load::{Origin, Settings};
use crate::value::Value;
use serde_json::{Map, Value as Json, json};
use std::fmt::Write;

impl Settings {
    /// A table of every key: value, where it came from, and the default where it differs.
    pub fn show(&self) -> String {
        let mut rows = vec![["KEY".to_string(), "VALUE".into(), "FROM".into(), "DEFAULT".into()]];
        for (key, (value, origin)) in self.program.keys.iter().zip(&self.entries) {
            let hidden = key.secret && !value.to_string().is_empty();
            let text = if hidden { "(hidden)".to_string() } else { value.to_string() };
            let default = if *origin == Origin::Default { "" } else { key.default };
            rows.push([
                key.path.into(),
                if text.is_empty() { "-".into() } else { text },
                origin.to_string(),
                default.into(),
            ]);
        }
        let width =
            |column: usize| rows.iter().map(|r| r[column].chars().count()).max().unwrap_or(0);
        let (a, b, c) = (width(0), width(1), width(2));
        let mut out = String::new();
        for [key, value, from, default] in &rows {
            let line = format!("{key:a$}  {value:b$}  {from:c$}  {default}");
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

impl Program {
    /// A JSON schema (draft 2020-12) of the YAML file, for editors.
    pub fn json_schema(&self) -> String {
        let mut root = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": format!("fathom-{} configuration", self.name),
            "type": "object",
            "additionalProperties": false,
            "properties": {},
        });
        for key in self.keys {
            let mut node = &mut root;
            let mut parts = key.path.split('.').peekable();
            while let Some(part) = parts.next() {
                let leaf = parts.peek().is_none();
                let properties = node
                    .as_object_mut()
                    .expect("every node made here is an object")
                    .entry("properties")
                    .or_insert_with(|| Json::Object(Map::new()));
                let slot = &mut properties[part];
                if leaf {
                    *slot = schema_of(key.path, &key.kind, key.default, key.doc);
                } else if slot.is_null() {
                    *slot = json!({"type": ["object", "null"], "additionalProperties": false});
                }
                node = slot;
            }
        }
        let mut text = serde_json::to_string_pretty(&root).expect("a JSON value always prints");
        text.push('\n');
        text
    }

    /// The reference page's section on this program, in Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "## fathom-{}\n", self.name);
        let _ = writeln!(
            out,
            "File `/etc/fathom/{}.yaml` or `--config FILE`; environment `{}SECTION__KEY`.\n",
            self.name,
            self.env_prefix()
        );
        out.push_str("| key | type | values | default | applies | what it does |\n");
        out.push_str("| --- | --- | --- | --- | --- | --- |\n");
        for key in self.keys {
            let default = if key.default.is_empty() {
                "(none)".into()
            } else {
                format!("`{}`", cell(key.default))
            };
            let _ = writeln!(
                out,
                "| `{}` | {} | {} | {default} | {} | {} |",
                key.path,
                key.kind.name(),
                cell(&key.kind.range()),
                key.applies.name(),
                cell(key.doc)
            );
        }
        out
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn schema_of(path: &str, kind: &Kind, default: &str, doc: &str) -> Json {
    let mut node = match kind {
        Kind::Bool => json!({"type": "boolean"}),
        Kind::Integer { min, max, .. } => {
            json!({"type": "integer", "minimum": min, "maximum": max})
        }
        Kind::Duration { .. } => json!({
            "type": ["string", "integer"],
            "pattern": "^(0|[0-9][0-9_]*(\\.[0-9]+)? *([a-zA-Z]+))$",
            "maximum": 0
        }),
        Kind::Bytes { .. } => json!({
            "type": ["string", "integer"],
            "pattern": "^[0-9][0-9_]*(\\.[0-9]+)? *([a-zA-Z]*)$",
            "minimum": 0
        }),
        Kind::Text => json!({"type": ["string", "number", "boolean"]}),
        Kind::List => json!({"type": ["array", "string"], "items": {"type": ["string", "number"]}}),
        Kind::Choice(words) => json!({"enum": words}),
    };
    let range = kind.range();
    let doc = if range.is_empty() { doc.to_string() } else { format!("{doc} ({range})") };
    node["description"] = json!(doc);
    node["default"] = match Value::parse(kind, default) {
        Ok(Value::Bool(v)) => json!(v),
        Ok(Value::Integer(v)) => json!(v),
        Ok(Value::List(v)) => json!(v),
        Ok(_) | Err(_) => json!(default),
    };
    node["title"] = json!(path);
    node
}
