//! Conditions: WHERE and HAVING. Names in comparisons become what the row stores (ids of
//! enumerations, typed addresses, times) before the scan, so that the sort key and skip indexes
//! of the table are used.

use sqlparser::ast::{BinaryOperator, Expr, Spanned, UnaryOperator};
use sqlparser::tokenizer::Span;

use super::catalog::{Class, Column};
use super::error::InvalidSql;
use super::expr::{Named, Place, Scope, Sql, enum_name, ip_text, short};
use super::literal::{self, Literal, Network};
use super::text;

/// A translated condition.
pub(crate) struct Condition {
    pub(crate) text: String,
    pub(crate) loose: Option<(String, Span)>,
}

/// The left side of a comparison with constants.
enum Target {
    /// A stored column.
    Column(&'static Column),
    /// The name of an enumerated column's value.
    Name(&'static Column),
    /// Either address family of one side.
    Ip(&'static str),
    /// Anything else.
    Value(Sql),
}

impl Scope<'_> {
    /// Translates a condition.
    pub(crate) fn condition(&self, expr: &Expr, place: Place<'_>) -> Result<Condition, InvalidSql> {
        match expr {
            Expr::Nested(inner) => self.condition(inner, place),
            Expr::BinaryOp { op: op @ (BinaryOperator::And | BinaryOperator::Or), .. } => {
                self.chain(expr, op, place)
            }
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => {
                let inner = self.condition(expr, place)?;
                Ok(Condition { text: format!("NOT ({})", inner.text), ..inner })
            }
            Expr::BinaryOp { left, op, right } => self.comparison(left, op, right, place),
            Expr::InList { expr, list, negated } => {
                let texts = list
                    .iter()
                    .map(|item| constant(item).map(|l| (l, item.span())))
                    .collect::<Result<Vec<_>, _>>()?;
                self.in_list(expr, &texts, *negated, place)
            }
            Expr::Between { expr, negated, low, high } => {
                let (low, high) = (self.bound(expr, low, place)?, self.bound(expr, high, place)?);
                let (left, loose) = self.raw(expr, place)?;
                let not = if *negated { "NOT " } else { "" };
                Ok(Condition { text: format!("{left} {not}BETWEEN {low} AND {high}"), loose })
            }
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                let pattern = self.pattern(pattern)?;
                let value = self.text_of(expr, place)?;
                let not = if *negated { "NOT " } else { "" };
                Ok(Condition {
                    text: format!("{} {not}LIKE {}", value.text, text::string(&pattern)),
                    loose: value.loose,
                })
            }
            Expr::RLike { negated, expr, pattern, .. } => {
                let pattern = self.pattern(pattern)?;
                let value = self.text_of(expr, place)?;
                let not = if *negated { "NOT " } else { "" };
                Ok(Condition {
                    text: format!("{not}match({}, {})", value.text, text::string(&pattern)),
                    loose: value.loose,
                })
            }
            Expr::IsNull(inner) => self.nullness(inner, "IS NULL", place),
            Expr::IsNotNull(inner) => self.nullness(inner, "IS NOT NULL", place),
            other => Err(InvalidSql::at(
                other.span(),
                format!(
                    "\"{}\" is not a condition; conditions are =, !=, <, <=, >, >=, IN, LIKE, \
                     REGEXP, BETWEEN, IS NULL, joined by AND, OR, NOT",
                    short(&other.to_string())
                ),
            )),
        }
    }

    /// `a AND b AND c`, without a call per term.
    fn chain(
        &self,
        expr: &Expr,
        op: &BinaryOperator,
        place: Place<'_>,
    ) -> Result<Condition, InvalidSql> {
        let mut terms = Vec::new();
        let mut rest = expr;
        while let Expr::BinaryOp { left, op: same, right } = rest
            && same == op
        {
            terms.push(right.as_ref());
            rest = left;
        }
        terms.push(rest);
        let mut text = String::new();
        let mut loose = None;
        for term in terms.into_iter().rev() {
            let inner = self.condition(term, place)?;
            if !text.is_empty() {
                text.push_str(if *op == BinaryOperator::And { " AND " } else { " OR " });
            }
            let atomic = !matches!(
                strip(term),
                Expr::BinaryOp { op: BinaryOperator::And | BinaryOperator::Or, .. }
            );
            if atomic {
                text.push_str(&inner.text);
            } else {
                text.push('(');
                text.push_str(&inner.text);
                text.push(')');
            }
            loose = loose.or(inner.loose);
        }
        Ok(Condition { text, loose })
    }

    fn comparison(
        &self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        place: Place<'_>,
    ) -> Result<Condition, InvalidSql> {
        let sign = match op {
            BinaryOperator::Eq => "=",
            BinaryOperator::NotEq => "!=",
            BinaryOperator::Lt => "<",
            BinaryOperator::LtEq => "<=",
            BinaryOperator::Gt => ">",
            BinaryOperator::GtEq => ">=",
            other => {
                return Err(InvalidSql::at(
                    left.span(),
                    format!("\"{other}\" is not a comparison of the dialect"),
                ));
            }
        };
        match (literal::of(left)?, literal::of(right)?) {
            (None, Some(value)) => self.with_constant(left, sign, &value, right.span(), place),
            (Some(value), None) => {
                self.with_constant(right, mirrored(sign), &value, left.span(), place)
            }
            _ => {
                // A time compares with a computed time as a time, so that the sort key is used.
                for (a, b, sign) in [(left, right, sign), (right, left, mirrored(sign))] {
                    if let Target::Column(column) = self.target(a, place)?
                        && column.class == Class::Second
                    {
                        let value = self.value(b, place)?;
                        if value.constant {
                            let (text, loose) = self.raw(a, place)?;
                            let text = format!("{text} {sign} toDateTime({})", value.text);
                            return Ok(Condition { text, loose });
                        }
                    }
                }
                let (l, r) = (self.value(left, place)?, self.value(right, place)?);
                Ok(Condition {
                    text: format!("{} {sign} {}", l.text, r.text),
                    loose: l.loose.or(r.loose),
                })
            }
        }
    }

    fn with_constant(
        &self,
        left: &Expr,
        sign: &str,
        value: &Literal,
        span: Span,
        place: Place<'_>,
    ) -> Result<Condition, InvalidSql> {
        match self.target(left, place)? {
            Target::Column(column) => {
                let value = literal::for_column(value, column, span)?;
                let (text, loose) = self.raw(left, place)?;
                Ok(Condition { text: format!("{text} {sign} {value}"), loose })
            }
            Target::Name(column) => {
                if !matches!(sign, "=" | "!=") {
                    return Err(InvalidSql::at(
                        span,
                        "names compare with =, !=, IN, LIKE and REGEXP",
                    ));
                }
                let id = self.name_id(column, value, span)?;
                let (ident, loose) = grouped(column, left.span(), place);
                Ok(Condition { text: format!("{ident} {sign} {id}"), loose })
            }
            Target::Ip(side) => {
                let network = network(value, span)?;
                let text = ip_condition(side, sign, network);
                Ok(Condition { text, loose: self.value(left, place)?.loose })
            }
            Target::Value(sql) => {
                let value = literal::for_class(value, sql.class, &short(&left.to_string()), span)?;
                Ok(Condition { text: format!("{} {sign} {value}", sql.text), loose: sql.loose })
            }
        }
    }

    fn in_list(
        &self,
        left: &Expr,
        list: &[(Literal, Span)],
        negated: bool,
        place: Place<'_>,
    ) -> Result<Condition, InvalidSql> {
        if list.is_empty() {
            return Err(InvalidSql::at(left.span(), "IN needs at least one value"));
        }
        let not = if negated { "NOT " } else { "" };
        let (text, values, loose): (String, Vec<String>, _) = match self.target(left, place)? {
            Target::Column(column) => {
                let values = list.iter().map(|(l, span)| literal::for_column(l, column, *span));
                let (text, loose) = self.raw(left, place)?;
                (text, values.collect::<Result<_, _>>()?, loose)
            }
            Target::Name(column) => {
                let ids = list
                    .iter()
                    .map(|(l, span)| self.name_id(column, l, *span).map(|id| id.to_string()));
                let (ident, loose) = grouped(column, left.span(), place);
                (ident, ids.collect::<Result<_, _>>()?, loose)
            }
            Target::Ip(side) => {
                let mut terms = Vec::with_capacity(list.len());
                for (value, span) in list {
                    terms.push(ip_condition(side, "=", network(value, *span)?));
                }
                let text = format!("{not}({})", terms.join(" OR "));
                return Ok(Condition { text, loose: self.value(left, place)?.loose });
            }
            Target::Value(sql) => {
                let name = short(&left.to_string());
                let values =
                    list.iter().map(|(l, span)| literal::for_class(l, sql.class, &name, *span));
                (sql.text, values.collect::<Result<_, _>>()?, sql.loose)
            }
        };
        Ok(Condition { text: format!("{text} {not}IN ({})", values.join(", ")), loose })
    }

    /// A bound of BETWEEN.
    fn bound(&self, left: &Expr, bound: &Expr, place: Place<'_>) -> Result<String, InvalidSql> {
        let target = self.target(left, place)?;
        if let Some(value) = literal::of(bound)? {
            return match target {
                Target::Column(column) => literal::for_column(&value, column, bound.span()),
                Target::Value(sql) => {
                    literal::for_class(&value, sql.class, &short(&left.to_string()), bound.span())
                }
                Target::Name(_) | Target::Ip(_) => Err(InvalidSql::at(
                    left.span(),
                    "BETWEEN is for numbers and times; give a network as address/bits",
                )),
            };
        }
        let value = self.value(bound, place)?;
        match target {
            Target::Column(column) if column.class == Class::Second && value.constant => {
                Ok(format!("toDateTime({})", value.text))
            }
            _ => Ok(value.text),
        }
    }

    fn nullness(
        &self,
        inner: &Expr,
        test: &str,
        place: Place<'_>,
    ) -> Result<Condition, InvalidSql> {
        let (text, loose) = self.raw(inner, place)?;
        Ok(Condition { text: format!("{text} {test}"), loose })
    }

    fn target(&self, expr: &Expr, place: Place<'_>) -> Result<Target, InvalidSql> {
        match expr {
            Expr::Nested(inner) => self.target(inner, place),
            Expr::Identifier(name) => match self.find(name, place)? {
                Named::Alias(expr) => self.target(expr, place.without_aliases()),
                Named::Column(column) => Ok(match column.name_of {
                    Some(base) => match self.table.column(base) {
                        Some(base) => Target::Name(base),
                        None => Target::Column(column),
                    },
                    None => Target::Column(column),
                }),
                Named::Ip(side) => Ok(Target::Ip(side)),
                _ => self.value(expr, place).map(Target::Value),
            },
            Expr::Function(f) if f.name.to_string().eq_ignore_ascii_case("enum") => {
                let value = self.value(expr, place)?;
                let column =
                    value.keys.first().and_then(|key| self.table.column(key.trim_matches('`')));
                Ok(column.map_or(Target::Value(value), Target::Name))
            }
            _ => self.value(expr, place).map(Target::Value),
        }
    }

    /// The left side as the row stores it.
    fn raw(
        &self,
        expr: &Expr,
        place: Place<'_>,
    ) -> Result<(String, Option<(String, Span)>), InvalidSql> {
        match self.target(expr, place)? {
            Target::Column(column) => Ok(grouped(column, expr.span(), place)),
            _ => self.value(expr, place).map(|sql| (sql.text, sql.loose)),
        }
    }

    /// The left side as text, for LIKE and REGEXP.
    fn text_of(&self, expr: &Expr, place: Place<'_>) -> Result<Sql, InvalidSql> {
        let sql = match self.target(expr, place)? {
            Target::Name(column) => Sql {
                loose: grouped(column, expr.span(), place).1,
                ..enum_name(column, expr.span())?
            },
            Target::Column(column)
                if column.enumeration.is_some() && column.class == Class::Int =>
            {
                Sql {
                    loose: grouped(column, expr.span(), place).1,
                    ..enum_name(column, expr.span())?
                }
            }
            Target::Ip(side) => Sql { loose: self.value(expr, place)?.loose, ..ip_text(side) },
            Target::Column(_) | Target::Value(_) => self.value(expr, place)?,
        };
        match sql.class {
            Class::Text => Ok(sql),
            Class::Ip4 | Class::Ip6 => Ok(Sql { text: format!("toString({})", sql.text), ..sql }),
            _ => Err(InvalidSql::at(
                expr.span(),
                format!(
                    "LIKE and REGEXP are for text, which \"{}\" is not",
                    short(&expr.to_string())
                ),
            )),
        }
    }

    fn pattern(&self, expr: &Expr) -> Result<String, InvalidSql> {
        match literal::of(expr)? {
            Some(Literal::Text(pattern)) => Ok(pattern),
            _ => Err(InvalidSql::at(expr.span(), "a pattern is text in single quotes")),
        }
    }

    fn name_id(
        &self,
        column: &'static Column,
        value: &Literal,
        span: Span,
    ) -> Result<i64, InvalidSql> {
        let values = column.enumeration.as_ref().map_or(&[][..], |(_, values)| values);
        match value {
            Literal::Text(name) => literal::enum_id(name, column.name, values, span),
            Literal::Number(_) => Err(InvalidSql::at(
                span,
                format!("a name of \"{}\" is text in quotes", column.name),
            )),
        }
    }
}

fn strip(expr: &Expr) -> &Expr {
    match expr {
        Expr::Nested(inner) => strip(inner),
        other => other,
    }
}

/// A stored column as it stands, and whether the groups have it.
fn grouped(
    column: &'static Column,
    span: Span,
    place: Place<'_>,
) -> (String, Option<(String, Span)>) {
    let ident = text::ident(column.name);
    let free = place.group.is_some_and(|group| !group.contains(&ident));
    (ident, free.then(|| (column.name.to_owned(), span)))
}

fn constant(expr: &Expr) -> Result<Literal, InvalidSql> {
    literal::of(expr)?.ok_or_else(|| {
        InvalidSql::at(expr.span(), format!("\"{}\" is not a constant", short(&expr.to_string())))
    })
}

fn network(value: &Literal, span: Span) -> Result<Network, InvalidSql> {
    match value {
        Literal::Text(text) => Network::parse(text),
        Literal::Number(_) => None,
    }
    .ok_or_else(|| {
        InvalidSql::at(
            span,
            format!("{} is neither an address nor a network like '10.0.0.0/8'", value.sql()),
        )
    })
}

/// A comparison of one side's address, in the family of the constant.
fn ip_condition(side: &str, sign: &str, network: Network) -> String {
    let (column, is_ipv4) = match network.first {
        std::net::IpAddr::V4(_) => (text::ident(&format!("ip4{side}")), 1),
        std::net::IpAddr::V6(_) => (text::ident(&format!("ip6{side}")), 0),
    };
    let (first, last) = network.bounds();
    let inside = if network.first == network.last {
        format!("{column} = {first}")
    } else {
        format!("{column} BETWEEN {first} AND {last}")
    };
    match sign {
        "=" => format!("(`is_ipv4` = {is_ipv4} AND {inside})"),
        "!=" => format!("NOT (`is_ipv4` = {is_ipv4} AND {inside})"),
        // Beyond a network means beyond all of it.
        ">" | "<=" => format!("(`is_ipv4` = {is_ipv4} AND {column} {sign} {last})"),
        _ => format!("(`is_ipv4` = {is_ipv4} AND {column} {sign} {first})"),
    }
}

fn mirrored(sign: &str) -> &str {
    match sign {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        other => other,
    }
}
