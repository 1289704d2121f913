//! `SHOW`: what can be asked, from the catalogue; and the values a tag has, from the table.

use serde_json::{Value, json};
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan};

use super::catalog::{self, Class, Column, Kind, Table};
use super::error::{InvalidSql, suggestion};
use super::{Plan, select, text, token};

/// Values of a tag shown when no LIMIT is given.
const DEFAULT_VALUES: &str = "100";

/// Translates a SHOW statement; `tokens[0]` is SHOW.
pub(crate) fn translate(
    db: &str,
    precision: Option<&str>,
    tokens: &[TokenWithSpan],
) -> Result<Plan, InvalidSql> {
    let mut words = Words { tokens, at: 1 };
    let (what, span) = words.name("databases, tables, tags, metrics or tag")?;
    match what.to_ascii_lowercase().as_str() {
        "databases" => words.end().map(|()| databases()),
        "tables" => {
            let db = if words.done() {
                db.to_owned()
            } else {
                words.keyword("from")?;
                words.name("a database")?.0
            };
            words.end()?;
            tables(&db, span)
        }
        "tags" => words.table(db, precision).and_then(|t| words.end().map(|()| tags(t))),
        "metrics" => words.table(db, precision).and_then(|t| words.end().map(|()| metrics(t))),
        "tag" => values(db, precision, &mut words),
        other => {
            let known = ["databases", "tables", "tags", "metrics", "tag"];
            Err(InvalidSql::at(
                span,
                format!(
                    "SHOW knows databases, tables, tags, metrics and tag ... values, not \"{other}\"{}",
                    suggestion(other, known)
                ),
            ))
        }
    }
}

fn databases() -> Plan {
    let values = catalog::databases().into_iter().map(|name| vec![json!(name)]).collect();
    Plan::Rows { columns: vec!["name"], values }
}

fn tables(db: &str, span: Span) -> Result<Plan, InvalidSql> {
    if !db.is_empty() && !catalog::databases().contains(&db) {
        let hint = suggestion(db, catalog::databases());
        return Err(InvalidSql::at(span, format!("there is no database \"{db}\"{hint}")));
    }
    let mut families: Vec<(&str, &str, Vec<&str>, &str)> = Vec::new();
    for table in catalog::tables().iter().filter(|t| db.is_empty() || t.database == db) {
        match families.iter_mut().find(|f| f.0 == table.family() && f.1 == table.database) {
            Some(family) => family.2.extend(table.precision()),
            None => families.push((
                table.family(),
                table.database,
                table.precision().into_iter().collect(),
                table.doc,
            )),
        }
    }
    let values = families
        .into_iter()
        .map(|(name, database, precisions, doc)| {
            vec![json!(name), json!(database), json!(precisions), json!(doc)]
        })
        .collect();
    Ok(Plan::Rows { columns: vec!["name", "database", "datasources", "description"], values })
}

fn tags(table: &Table) -> Plan {
    let columns = vec![
        "name",
        "client_name",
        "server_name",
        "display_name",
        "type",
        "enum",
        "operators",
        "unit",
        "description",
        "table",
    ];
    let mut values = Vec::new();
    match table.sides {
        [""] => values.push(ip_tag(table, "", "")),
        [client, server] => {
            values.push(ip_tag(table, &format!("ip{client}"), &format!("ip{server}")));
        }
        _ => {}
    }
    for column in table.columns.iter().filter(|c| c.kind == Kind::Tag) {
        let (name, client, server) = match column.pair {
            // The pair is one tag with two names; its server side adds no row of its own.
            Some(_) if column.name.ends_with("_1") => continue,
            Some(stem) => (stem, format!("{stem}_0"), format!("{stem}_1")),
            None => (column.name, column.name.to_owned(), column.name.to_owned()),
        };
        values.push(vec![
            json!(name),
            json!(client),
            json!(server),
            json!(name),
            json!(tag_type(column)),
            json!(column.enumeration.as_ref().map_or("", |(name, _)| name)),
            json!(operators(column)),
            json!(column.unit),
            json!(column.doc.trim_end_matches(" Client side.")),
            json!(table.name),
        ]);
    }
    Plan::Rows { columns, values }
}

fn ip_tag(table: &Table, client: &str, server: &str) -> Vec<Value> {
    let (client, server) = if client.is_empty() { ("ip", "ip") } else { (client, server) };
    vec![
        json!("ip"),
        json!(client),
        json!(server),
        json!("ip"),
        json!("ip"),
        json!(""),
        json!(TEXT_OPERATORS),
        json!(""),
        json!("Address as text, IPv4 or IPv6; compares with addresses and networks."),
        json!(table.name),
    ]
}

fn tag_type(column: &Column) -> &'static str {
    match column.class {
        _ if column.name_of.is_some() => "string_enum",
        _ if column.enumeration.is_some() => "int_enum",
        Class::Int if column.pair.unwrap_or(column.name).ends_with("_id") => "id",
        Class::Int | Class::Float => "int",
        Class::Text => "string",
        Class::Second | Class::Microsecond => "time",
        Class::Ip4 | Class::Ip6 => "ip",
        Class::Mac => "mac",
        Class::Nested if column.ty.starts_with("Map") => "map",
        Class::Nested => "array",
    }
}

const TEXT_OPERATORS: &[&str] =
    &["=", "!=", "in", "not in", "like", "not like", "regexp", "not regexp"];

fn operators(column: &Column) -> &'static [&'static str] {
    match column.class {
        Class::Nested => &[],
        Class::Text => TEXT_OPERATORS,
        _ if column.enumeration.is_some() => TEXT_OPERATORS,
        _ => &["=", "!=", "<", "<=", ">", ">=", "in", "not in", "between"],
    }
}

fn metrics(table: &Table) -> Plan {
    let columns =
        vec!["name", "is_agg", "display_name", "unit", "type", "operators", "description", "table"];
    let row = |name: &str, unit: &str, ty: &str, operators: &[&str], doc: &str| {
        vec![
            json!(name),
            json!(false),
            json!(name),
            json!(unit),
            json!(ty),
            json!(operators),
            json!(doc),
            json!(table.name),
        ]
    };
    const ALL: &[&str] = &["Sum", "Count", "Max", "Min", "Avg"];
    let mut values: Vec<_> = table
        .columns
        .iter()
        .filter(|c| !matches!(c.kind, Kind::Tag))
        .map(|c| {
            let operators = if c.class == Class::Nested { &[][..] } else { ALL };
            row(c.name, c.unit, c.kind.name(), operators, c.doc)
        })
        .collect();
    for delay in &table.delays {
        let operators = if delay.has_max { ALL } else { &["Sum", "Count", "Min", "Avg"] };
        values.push(row(delay.name, delay.unit, "delay", operators, delay.doc));
    }
    values.push(row("row", "row", "counter", &["Count", "Sum"], "Rows."));
    Plan::Rows { columns, values }
}

/// `SHOW tag x values FROM t [WHERE ...] [LIMIT n]`.
fn values(db: &str, precision: Option<&str>, words: &mut Words<'_>) -> Result<Plan, InvalidSql> {
    let (tag, span) = words.name("a tag")?;
    words.keyword("values")?;
    let table = words.table(db, precision)?;
    let rest = &words.tokens[words.at..];
    let column = table.column(&tag);
    if column.is_none() && table.ip_side(&tag).is_none() {
        let hint = catalog::hint(table, &tag);
        return Err(InvalidSql::at(
            span,
            format!("there is no tag \"{tag}\" in \"{}\"{hint}", table.name),
        ));
    }
    let named = column.and_then(|c| c.enumeration.as_ref());
    if let (true, Some((_, values))) = (rest.is_empty(), named) {
        let values = values.iter().map(|v| vec![json!(v.id), json!(v.name)]).collect();
        return Ok(Plan::Rows { columns: vec!["value", "display_name"], values });
    }
    let limit = rest
        .iter()
        .position(|t| matches!(&t.token, Token::Word(w) if w.keyword == Keyword::LIMIT))
        .unwrap_or(rest.len());
    let quoted = text::ident(&tag);
    let display = if named.is_some() { format!("Enum({quoted})") } else { quoted.clone() };
    let mut statement = token::tokens(&format!(
        "SELECT {quoted} AS value, {display} AS display_name FROM {}.{}",
        text::ident(table.database),
        text::ident(table.name)
    ))?;
    statement.extend_from_slice(&rest[..limit]);
    statement
        .extend(token::tokens(&format!("GROUP BY {quoted} ORDER BY Count(row) DESC, {quoted}"))?);
    if limit == rest.len() {
        statement.extend(token::tokens(&format!("LIMIT {DEFAULT_VALUES}"))?);
    } else {
        statement.extend_from_slice(&rest[limit..]);
    }
    select::translate(db, precision, statement)
}

/// Reads a SHOW statement word by word.
struct Words<'a> {
    tokens: &'a [TokenWithSpan],
    at: usize,
}

impl Words<'_> {
    fn done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    fn here(&self) -> Span {
        let last = self.tokens.len() - 1;
        self.tokens[self.at.min(last)].span
    }

    fn name(&mut self, what: &str) -> Result<(String, Span), InvalidSql> {
        match self.tokens.get(self.at) {
            Some(TokenWithSpan { token: Token::Word(word), span }) => {
                self.at += 1;
                Ok((word.value.clone(), *span))
            }
            _ => Err(InvalidSql::at(self.here(), format!("{what} is expected here"))),
        }
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), InvalidSql> {
        match self.tokens.get(self.at) {
            Some(TokenWithSpan { token: Token::Word(word), .. })
                if word.value.eq_ignore_ascii_case(keyword) =>
            {
                self.at += 1;
                Ok(())
            }
            _ => Err(InvalidSql::at(
                self.here(),
                format!("{} is expected here", keyword.to_ascii_uppercase()),
            )),
        }
    }

    fn table(&mut self, db: &str, precision: Option<&str>) -> Result<&'static Table, InvalidSql> {
        self.keyword("from")?;
        let (first, span) = self.name("a table")?;
        let mut parts = vec![first];
        while self.tokens.get(self.at).is_some_and(|t| t.token == Token::Period) {
            self.at += 1;
            parts.push(self.name("a table")?.0);
        }
        // `FROM network.1s` became one word when the tokens were made.
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        select::table_of(db, &parts, precision, span)
    }

    fn end(&self) -> Result<(), InvalidSql> {
        if self.done() {
            Ok(())
        } else {
            Err(InvalidSql::at(
                self.here(),
                format!("\"{}\" is too much", self.tokens[self.at].token),
            ))
        }
    }
}
