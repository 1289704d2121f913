//! Operators over rows: Sum, Count, Max, Min, Avg, of columns and of delays. What a metric is
//! decides the SQL: of a delay only what was measured counts, and its mean is sum by count.

use sqlparser::ast::{
    Expr, FunctionArg, FunctionArgExpr, FunctionArguments, ObjectNamePart, Spanned,
};
use sqlparser::tokenizer::Span;

use super::{Aliases, Arg, Named, Place, Scope, Sql, arity, need_number};
use crate::query::catalog::{Class, Delay, Kind};
use crate::query::error::InvalidSql;
use crate::query::text;

/// Operators over rows, in lower case.
pub(super) const AGGREGATES: [&str; 5] = ["sum", "count", "max", "min", "avg"];

impl Scope<'_> {
    /// One operator over an argument; `operator` in lower case.
    pub(super) fn aggregate(
        &self,
        operator: &str,
        shown_name: &str,
        args: &[Arg<'_>],
        span: Span,
        place: Place<'_>,
    ) -> Result<Sql, InvalidSql> {
        let rows = Place { aliases: Aliases::Never, ..Place::ROWS };
        let metric = |text: String, class: Class, unit: &'static str| Sql {
            text,
            class,
            metric: true,
            unit,
            keys: Vec::new(),
            loose: None,
            constant: false,
        };
        let arg = match args {
            [] | [Arg::Star] if operator == "count" => {
                return Ok(metric("count()".to_owned(), Class::Int, ""));
            }
            [Arg::Expr(arg)] => *arg,
            _ => return Err(arity(shown_name, 1, span)),
        };
        if let Expr::Identifier(name) = arg {
            match self.find(name, place.without_aliases())? {
                Named::Row if matches!(operator, "count" | "sum") => {
                    return Ok(metric("count()".to_owned(), Class::Int, ""));
                }
                Named::Delay(delay) => {
                    return delay_aggregate(operator, delay, name.span)
                        .map(|(text, class, unit)| metric(text, class, unit));
                }
                Named::Column(column) if column.kind == Kind::Delay => {
                    let c = text::ident(column.name);
                    return Ok(match operator {
                        "sum" => metric(format!("sum({c})"), Class::Int, column.unit),
                        "max" => metric(format!("max({c})"), Class::Int, column.unit),
                        "min" => {
                            metric(format!("minOrNullIf({c}, {c} > 0)"), Class::Int, column.unit)
                        }
                        "avg" => {
                            metric(format!("avgOrNullIf({c}, {c} > 0)"), Class::Float, column.unit)
                        }
                        _ => metric(format!("countIf({c} > 0)"), Class::Int, ""),
                    });
                }
                _ => {}
            }
        }
        let inner = self.value(arg, rows)?;
        match operator {
            "count" => Ok(metric(format!("count({})", inner.text), Class::Int, "")),
            "max" | "min" if inner.class != Class::Nested => {
                Ok(metric(format!("{operator}({})", inner.text), inner.class, inner.unit))
            }
            _ => {
                need_number(&inner, arg.span())?;
                let class = if operator == "avg" { Class::Float } else { inner.class };
                Ok(metric(format!("{operator}({})", inner.text), class, inner.unit))
            }
        }
    }

    /// Whether an expression aggregates, so that the query has groups.
    pub(crate) fn aggregates(expr: &Expr) -> bool {
        match expr {
            Expr::Function(f) => {
                f.name
                    .0
                    .last()
                    .and_then(ObjectNamePart::as_ident)
                    .is_some_and(|n| AGGREGATES.contains(&n.value.to_ascii_lowercase().as_str()))
                    || matches!(&f.args, FunctionArguments::List(list) if list.args.iter().any(|a| {
                        matches!(a, FunctionArg::Unnamed(FunctionArgExpr::Expr(e)) if Self::aggregates(e))
                    }))
            }
            Expr::Nested(e) | Expr::UnaryOp { expr: e, .. } => Self::aggregates(e),
            Expr::BinaryOp { left, right, .. } => Self::aggregates(left) || Self::aggregates(right),
            _ => false,
        }
    }
}

/// The aggregate of a delay kept as sum, count and maximum.
fn delay_aggregate(
    operator: &str,
    delay: &Delay,
    span: Span,
) -> Result<(String, Class, &'static str), InvalidSql> {
    let part = |suffix: &str| text::ident(&format!("{}_{suffix}", delay.name));
    let (sum, count) = (part("sum"), part("count"));
    Ok(match operator {
        "sum" => (format!("sum({sum})"), Class::Int, delay.unit),
        "count" => (format!("sum({count})"), Class::Int, ""),
        "avg" => (format!("sum({sum}) / nullIf(sum({count}), 0)"), Class::Float, delay.unit),
        "min" => (format!("minOrNullIf({sum} / {count}, {count} > 0)"), Class::Float, delay.unit),
        _ if delay.has_max => (format!("max({})", part("max")), Class::Int, delay.unit),
        _ => {
            return Err(InvalidSql::at(span, format!("\"{}\" keeps no maximum", delay.name)));
        }
    })
}
