//! Values of a query: columns, the operators over them, tag functions and arithmetic.
//!
//! In a query with aggregation every column must be inside an operator or follow from the
//! GROUP BY; this module finds the first one that does not, so that the answer names it instead
//! of passing on the engine's complaint.

mod aggregate;
mod arithmetic;

use std::collections::HashMap;

use sqlparser::ast::{
    Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident, ObjectNamePart,
    Spanned, UnaryOperator,
};
use sqlparser::tokenizer::Span;

use aggregate::AGGREGATES;
use arithmetic::{inner_needs_parentheses, seconds};

use super::catalog::{self, Class, Column, Delay, Kind, Table};
use super::error::{InvalidSql, suggestion};
use super::literal::{self, Literal};
use super::text::{self, Number};

/// What names mean in one query.
pub(crate) struct Scope<'a> {
    pub(crate) table: &'static Table,
    pub(crate) aliases: HashMap<&'a str, &'a Expr>,
}

/// Where an expression stands.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The GROUP BY keys of a query with aggregation; `None` where rows are meant (WHERE, inside
    /// an operator, queries without aggregation).
    pub(crate) group: Option<&'a [String]>,
    /// Whether aliases count, and whether before columns.
    pub(crate) aliases: Aliases,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aliases {
    Never,
    AfterColumns,
    First,
}

impl Place<'_> {
    /// The same place inside an alias' own expression: aliases do not refer to aliases.
    pub(crate) fn without_aliases(self) -> Self {
        Self { aliases: Aliases::Never, ..self }
    }

    const ROWS: Place<'static> = Place { group: None, aliases: Aliases::Never };
}

/// A translated value.
#[derive(Debug, Clone)]
pub(crate) struct Sql {
    pub(crate) text: String,
    pub(crate) class: Class,
    pub(crate) metric: bool,
    pub(crate) unit: &'static str,
    /// What GROUP BY this value groups by.
    pub(crate) keys: Vec<String>,
    /// The first column that is neither grouped nor inside an operator.
    pub(crate) loose: Option<(String, Span)>,
    /// Same for every row.
    pub(crate) constant: bool,
}

impl Sql {
    fn constant(text: String, class: Class) -> Self {
        Self { text, class, metric: false, unit: "", keys: Vec::new(), loose: None, constant: true }
    }

    fn numeric(&self) -> bool {
        matches!(self.class, Class::Int | Class::Float)
    }
}

/// What a name stands for.
pub(crate) enum Named<'a> {
    Column(&'static Column),
    Delay(&'static Delay),
    Ip(&'static str),
    Row,
    Alias(&'a Expr),
}

impl<'a> Scope<'a> {
    /// Finds a name; the error names the nearest one that exists.
    pub(crate) fn find(&self, name: &Ident, place: Place<'_>) -> Result<Named<'a>, InvalidSql> {
        let alias = self.aliases.get(name.value.as_str()).map(|e| Named::Alias(e));
        if place.aliases == Aliases::First
            && let Some(alias) = alias
        {
            return Ok(alias);
        }
        let value = name.value.as_str();
        if let Some(column) = self.table.column(value) {
            return Ok(Named::Column(column));
        }
        if let Some(side) = self.table.ip_side(value) {
            return Ok(Named::Ip(side));
        }
        if let Some(delay) = self.table.delay(value) {
            return Ok(Named::Delay(delay));
        }
        if value == "row" {
            return Ok(Named::Row);
        }
        if place.aliases == Aliases::AfterColumns
            && let Some(expr) = self.aliases.get(value)
        {
            return Ok(Named::Alias(expr));
        }
        Err(InvalidSql::at(
            name.span,
            format!(
                "there is no tag or metric \"{value}\" in \"{}\"{}",
                self.table.name,
                catalog::hint(self.table, value)
            ),
        ))
    }

    /// Translates a value.
    pub(crate) fn value(&self, expr: &Expr, place: Place<'_>) -> Result<Sql, InvalidSql> {
        let mut sql = self.value_inner(expr, place)?;
        if let Some(group) = place.group
            && group.contains(&sql.text)
        {
            sql.loose = None;
        }
        Ok(sql)
    }

    fn value_inner(&self, expr: &Expr, place: Place<'_>) -> Result<Sql, InvalidSql> {
        if let Some(literal) = literal::of(expr)? {
            let class = match literal {
                Literal::Number(Number::Int(_)) => Class::Int,
                Literal::Number(Number::Float(_)) => Class::Float,
                Literal::Text(_) => Class::Text,
            };
            return Ok(Sql::constant(literal.sql(), class));
        }
        match expr {
            Expr::Identifier(name) => self.named(name, place),
            Expr::CompoundIdentifier(parts) => self.named(&joined(parts), place),
            Expr::Nested(inner) => {
                let mut sql = self.value(inner, place)?;
                if !sql.text.starts_with('(') && inner_needs_parentheses(inner) {
                    sql.text = format!("({})", sql.text);
                }
                Ok(sql)
            }
            Expr::Function(function) => self.function(function, place),
            Expr::BinaryOp { left, op, right } => self.arithmetic(left, op, right, place),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                let mut sql = self.value(expr, place)?;
                need_number(&sql, expr.span())?;
                sql.text = format!("-({})", sql.text);
                sql.keys = vec![sql.text.clone()];
                Ok(sql)
            }
            Expr::Interval(interval) => seconds(interval, expr.span()),
            other => Err(InvalidSql::at(
                other.span(),
                format!("\"{}\" is not part of the dialect", short(&other.to_string())),
            )),
        }
    }

    fn named(&self, name: &Ident, place: Place<'_>) -> Result<Sql, InvalidSql> {
        let sql = match self.find(name, place)? {
            Named::Alias(expr) => return self.value(expr, place.without_aliases()),
            Named::Column(column) => shown(column),
            Named::Ip(side) => ip_text(side),
            Named::Delay(delay) => Sql {
                text: format!(
                    "{} / nullIf({}, 0)",
                    text::ident(&format!("{}_sum", delay.name)),
                    text::ident(&format!("{}_count", delay.name))
                ),
                class: Class::Float,
                metric: true,
                unit: delay.unit,
                keys: vec![
                    text::ident(&format!("{}_sum", delay.name)),
                    text::ident(&format!("{}_count", delay.name)),
                ],
                loose: None,
                constant: false,
            },
            Named::Row => Sql { metric: true, ..Sql::constant("1".to_owned(), Class::Int) },
        };
        Ok(loose(sql, &name.value, name.span, place))
    }

    fn function(&self, function: &Function, place: Place<'_>) -> Result<Sql, InvalidSql> {
        let (name, span) = function_name(function)?;
        let args = arguments(function, span)?;
        let lower = name.to_ascii_lowercase();
        if AGGREGATES.contains(&lower.as_str()) {
            if place.group.is_none() {
                return Err(InvalidSql::at(
                    span,
                    format!(
                        "{name}() cannot stand in WHERE or GROUP BY or inside another operator"
                    ),
                ));
            }
            return self.aggregate(&lower, name, &args, span, place);
        }
        match lower.as_str() {
            "time" => self.time_bucket(&args, span, place),
            "enum" => {
                let [arg] = args[..] else { return Err(arity(name, 1, span)) };
                let column = self.column_argument(arg, name, place)?;
                Ok(loose(enum_name(column, span)?, column.name, span, place))
            }
            "tostring" => {
                let [Arg::Expr(arg)] = args[..] else { return Err(arity(name, 1, span)) };
                let sql = self.value(arg, place)?;
                let text = match self.plain_column(arg, place)? {
                    Some(c) if matches!(c.class, Class::Second | Class::Microsecond) => {
                        format!("toString({}, 'UTC')", text::ident(c.name))
                    }
                    _ => format!("toString({})", sql.text),
                };
                Ok(Sql { text, class: Class::Text, unit: "", ..sql })
            }
            "tounixtimestamp" | "tounixtimestamp64micro" => {
                let [arg] = args[..] else { return Err(arity(name, 1, span)) };
                let column = self.column_argument(arg, name, place)?;
                let micro = lower.ends_with("micro");
                let sql = match (column.class, micro) {
                    (Class::Second, false) | (Class::Microsecond, true) => shown(column),
                    (Class::Microsecond, false) => {
                        let ident = text::ident(column.name);
                        Sql {
                            text: format!("toUnixTimestamp({ident})"),
                            unit: "s",
                            ..shown(column)
                        }
                    }
                    _ => {
                        return Err(InvalidSql::at(
                            span,
                            format!("{name}() cannot take \"{}\"", column.name),
                        ));
                    }
                };
                Ok(loose(sql, column.name, span, place))
            }
            "now" if args.is_empty() => {
                Ok(Sql::constant("toUnixTimestamp(now())".to_owned(), Class::Int))
            }
            _ => {
                let known = FUNCTIONS.iter().copied();
                let hint = match suggestion(name, known) {
                    hint if hint.is_empty() => format!("; there are {}", FUNCTIONS.join(", ")),
                    hint => hint,
                };
                Err(InvalidSql::at(
                    span,
                    format!("there is no operator or function \"{name}\"{hint}"),
                ))
            }
        }
    }

    fn time_bucket(
        &self,
        args: &[Arg<'_>],
        span: Span,
        place: Place<'_>,
    ) -> Result<Sql, InvalidSql> {
        let [column, Arg::Expr(step)] = args[..] else {
            return Err(InvalidSql::at(span, "time(time, N) takes a time and a number of seconds"));
        };
        let column = self.column_argument(column, "time", place)?;
        if !matches!(column.class, Class::Second | Class::Microsecond) {
            return Err(InvalidSql::at(span, format!("\"{}\" is not a time", column.name)));
        }
        let step = match literal::of(step)? {
            Some(Literal::Number(Number::Int(v))) if (1..=MAX_BUCKET_SECONDS).contains(&v) => v,
            _ => {
                return Err(InvalidSql::at(
                    step.span(),
                    format!(
                        "the step of time() is a whole number of seconds, 1 to {MAX_BUCKET_SECONDS}"
                    ),
                ));
            }
        };
        let text =
            format!("intDiv(toUnixTimestamp({}), {step}) * {step}", text::ident(column.name));
        let sql = Sql {
            keys: vec![text.clone()],
            text,
            class: Class::Int,
            metric: false,
            unit: "s",
            loose: None,
            constant: false,
        };
        let grouped = place.group.is_some_and(|g| g.contains(&sql.text));
        if grouped {
            Ok(sql)
        } else {
            Ok(loose_by(sql, column.name, span, place, &text::ident(column.name)))
        }
    }

    /// The column an argument names.
    fn column_argument(
        &self,
        arg: Arg<'_>,
        function: &str,
        place: Place<'_>,
    ) -> Result<&'static Column, InvalidSql> {
        let column = match arg {
            Arg::Expr(expr) => self.plain_column(expr, place)?,
            Arg::Star => None,
        };
        column.ok_or_else(|| InvalidSql::new(format!("{function}() takes the name of a column")))
    }

    /// The stored column an expression is, if it is just that.
    pub(crate) fn plain_column(
        &self,
        expr: &Expr,
        place: Place<'_>,
    ) -> Result<Option<&'static Column>, InvalidSql> {
        match expr {
            Expr::Nested(inner) => self.plain_column(inner, place),
            Expr::Identifier(name) => match self.find(name, place)? {
                Named::Column(column) => Ok(Some(column)),
                Named::Alias(expr) => self.plain_column(expr, place.without_aliases()),
                _ => Ok(None),
            },
            _ => Ok(None),
        }
    }
}

/// Longest step of `time(time, N)`: a year.
const MAX_BUCKET_SECONDS: i128 = 366 * 86_400;

const FUNCTIONS: [&str; 11] = [
    "Sum",
    "Count",
    "Max",
    "Min",
    "Avg",
    "time",
    "Enum",
    "toString",
    "toUnixTimestamp",
    "toUnixTimestamp64Micro",
    "now",
];

/// An argument of a function.
#[derive(Clone, Copy)]
enum Arg<'a> {
    Expr(&'a Expr),
    Star,
}

fn function_name(function: &Function) -> Result<(&str, Span), InvalidSql> {
    match &function.name.0[..] {
        [ObjectNamePart::Identifier(name)] => Ok((&name.value, name.span)),
        _ => Err(InvalidSql::new(format!(
            "\"{}\" is not a function of the dialect",
            short(&function.name.to_string())
        ))),
    }
}

fn arguments(function: &Function, span: Span) -> Result<Vec<Arg<'_>>, InvalidSql> {
    let odd = || InvalidSql::at(span, "this form of call is not part of the dialect");
    let plain = matches!(function.parameters, FunctionArguments::None)
        && function.filter.is_none()
        && function.over.is_none()
        && function.null_treatment.is_none()
        && function.within_group.is_empty()
        && !function.uses_odbc_syntax;
    let FunctionArguments::List(list) = &function.args else { return Err(odd()) };
    if !plain || list.duplicate_treatment.is_some() || !list.clauses.is_empty() {
        return Err(odd());
    }
    list.args
        .iter()
        .map(|arg| match arg {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(Arg::Expr(expr)),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok(Arg::Star),
            _ => Err(odd()),
        })
        .collect()
}

fn arity(name: &str, count: usize, span: Span) -> InvalidSql {
    let noun = if count == 1 { "argument" } else { "arguments" };
    InvalidSql::at(span, format!("{name}() takes {count} {noun}"))
}

fn need_number(sql: &Sql, span: Span) -> Result<(), InvalidSql> {
    if sql.numeric() {
        Ok(())
    } else {
        Err(InvalidSql::at(span, "only numbers can be calculated with"))
    }
}

/// A stored column as an answer shows it.
pub(crate) fn shown(column: &'static Column) -> Sql {
    let ident = text::ident(column.name);
    let (text, class) = match column.class {
        Class::Second => (format!("toUnixTimestamp({ident})"), Class::Int),
        Class::Microsecond => (format!("toUnixTimestamp64Micro({ident})"), Class::Int),
        Class::Mac => (format!("lower(MACNumToString({ident}))"), Class::Text),
        other => (ident.clone(), other),
    };
    Sql {
        text,
        class,
        metric: column.kind != Kind::Tag,
        unit: column.unit,
        keys: vec![ident],
        loose: None,
        constant: false,
    }
}

/// The address of one side as text, whichever family it is.
pub(crate) fn ip_text(side: &str) -> Sql {
    let (v4, v6) = (text::ident(&format!("ip4{side}")), text::ident(&format!("ip6{side}")));
    Sql {
        text: format!("if(`is_ipv4` = 1, toString({v4}), toString({v6}))"),
        class: Class::Text,
        metric: false,
        unit: "",
        keys: vec!["`is_ipv4`".to_owned(), v4, v6],
        loose: None,
        constant: false,
    }
}

/// The name of an enumerated column's value; the number as text when it has none.
pub(crate) fn enum_name(column: &'static Column, span: Span) -> Result<Sql, InvalidSql> {
    let Some((_, values)) = &column.enumeration else {
        return Err(InvalidSql::at(
            span,
            format!("\"{}\" has no names for its values", column.name),
        ));
    };
    let ident = text::ident(column.name);
    let ids: Vec<String> = values.iter().map(|v| v.id.to_string()).collect();
    let names: Vec<String> = values.iter().map(|v| text::string(v.name)).collect();
    Ok(Sql {
        text: format!(
            "transform({ident}, [{}], [{}], toString({ident}))",
            ids.join(", "),
            names.join(", ")
        ),
        class: Class::Text,
        unit: "",
        ..shown(column)
    })
}

/// Marks `sql` loose when its keys are not all among the group's.
fn loose(sql: Sql, name: &str, span: Span, place: Place<'_>) -> Sql {
    let grouped = place.group.is_none_or(|group| sql.keys.iter().all(|key| group.contains(key)));
    if grouped { sql } else { Sql { loose: Some((name.to_owned(), span)), ..sql } }
}

fn loose_by(sql: Sql, name: &str, span: Span, place: Place<'_>, key: &str) -> Sql {
    let grouped = place.group.is_none_or(|group| group.iter().any(|g| g == key));
    if grouped { sql } else { Sql { loose: Some((name.to_owned(), span)), ..sql } }
}

fn joined(parts: &[Ident]) -> Ident {
    let value = parts.iter().map(|p| p.value.as_str()).collect::<Vec<_>>().join(".");
    Ident { value, quote_style: None, span: parts.first().map_or_else(Span::empty, |p| p.span) }
}

/// A piece of the query text short enough for a message.
pub(crate) fn short(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((at, _)) => format!("{}...", &text[..at]),
        None => text.to_owned(),
    }
}
