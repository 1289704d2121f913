//! Calculating with values: the four operations, with division by nothing giving nothing, and
//! intervals of time as seconds.

use sqlparser::ast::{BinaryOperator, DateTimeField, Expr, Interval, Spanned};
use sqlparser::tokenizer::Span;

use super::{Place, Scope, Sql, need_number};
use crate::query::catalog::Class;
use crate::query::error::InvalidSql;
use crate::query::literal::{self, Literal};
use crate::query::text::{self, Number};

impl Scope<'_> {
    /// `a + b` and its like, between numbers.
    pub(super) fn arithmetic(
        &self,
        left: &Expr,
        op: &BinaryOperator,
        right: &Expr,
        place: Place<'_>,
    ) -> Result<Sql, InvalidSql> {
        let sign = match op {
            BinaryOperator::Plus => "+",
            BinaryOperator::Minus => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::Divide => "/",
            other => {
                return Err(InvalidSql::at(
                    left.span(),
                    format!("\"{other}\" cannot stand between values here"),
                ));
            }
        };
        let (l, r) = (self.value(left, place)?, self.value(right, place)?);
        need_number(&l, left.span())?;
        need_number(&r, right.span())?;
        // What is divided by nothing is nothing, not infinity.
        let never_zero = r.constant && text::number(&r.text).is_some_and(|n| n != Number::Int(0));
        let rhs = match sign {
            "/" if !never_zero => format!("nullIf({}, 0)", r.text),
            _ => guarded(&r.text),
        };
        let text = format!("{} {sign} {rhs}", guarded(&l.text));
        let unit = if sign == "+" || sign == "-" { l.unit } else { "" };
        Ok(Sql {
            keys: vec![text.clone()],
            text,
            class: if sign == "/" || l.class == Class::Float { Class::Float } else { r.class },
            metric: l.metric || r.metric,
            unit,
            loose: l.loose.or(r.loose),
            constant: l.constant && r.constant,
        })
    }
}

/// Parentheses around an operand that is itself an operation.
fn guarded(text: &str) -> String {
    let mut depth = 0usize;
    let mut quote = None;
    let mut escaped = false;
    let compound = text.chars().any(|c| {
        if let Some(q) = quote {
            match c {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                c if c == q => quote = None,
                _ => {}
            }
            return false;
        }
        match c {
            '\'' | '`' => quote = Some(c),
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 => return true,
            _ => {}
        }
        false
    });
    if compound || text.starts_with('-') { format!("({text})") } else { text.to_owned() }
}

/// Whether an expression in parentheses needs them in the answer too.
pub(super) fn inner_needs_parentheses(inner: &Expr) -> bool {
    matches!(inner, Expr::BinaryOp { .. } | Expr::UnaryOp { .. })
}

/// `INTERVAL n UNIT` as seconds.
pub(super) fn seconds(interval: &Interval, span: Span) -> Result<Sql, InvalidSql> {
    let odd =
        || InvalidSql::at(span, "an interval is INTERVAL n SECOND, MINUTE, HOUR, DAY or WEEK");
    let count = match literal::of(&interval.value)? {
        Some(Literal::Number(Number::Int(v))) => v,
        Some(Literal::Text(s)) => s.parse().map_err(|_| odd())?,
        _ => return Err(odd()),
    };
    let unit = match interval.leading_field {
        Some(DateTimeField::Second | DateTimeField::Seconds) => 1,
        Some(DateTimeField::Minute | DateTimeField::Minutes) => 60,
        Some(DateTimeField::Hour | DateTimeField::Hours) => 3600,
        Some(DateTimeField::Day | DateTimeField::Days) => 86_400,
        Some(DateTimeField::Week(None) | DateTimeField::Weeks) => 604_800,
        _ => return Err(odd()),
    };
    let total =
        count.checked_mul(unit).filter(|v| v.abs() <= i128::from(u32::MAX)).ok_or_else(odd)?;
    Ok(Sql::constant(total.to_string(), Class::Int))
}
