//! Values a user typed, made into what a column of a given class compares with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sqlparser::ast::{Expr, Spanned, UnaryOperator, Value};
use sqlparser::tokenizer::Span;

use super::catalog::{Class, Column, EnumValue};
use super::error::{InvalidSql, suggestion};
use super::text::{self, Number};

/// A constant of the query text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    Number(Number),
    Text(String),
}

impl Literal {
    /// Written for ClickHouse with no column to compare with.
    pub(crate) fn sql(&self) -> String {
        match self {
            Self::Number(n) => n.sql(),
            Self::Text(s) => text::string(s),
        }
    }
}

/// The constant an expression is, if it is one.
pub(crate) fn of(expr: &Expr) -> Result<Option<Literal>, InvalidSql> {
    match expr {
        Expr::Nested(inner) => of(inner),
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => match text::number(digits) {
                Some(n) => Ok(Some(Literal::Number(n))),
                None => Err(InvalidSql::at(value.span, format!("\"{digits}\" is not a number"))),
            },
            Value::SingleQuotedString(s) => Ok(Some(Literal::Text(s.clone()))),
            Value::Boolean(b) => Ok(Some(Literal::Number(Number::Int(i128::from(*b))))),
            other => {
                Err(InvalidSql::at(value.span, format!("{other} is not a value of the dialect")))
            }
        },
        Expr::UnaryOp { op: UnaryOperator::Minus, expr } => match of(expr)? {
            Some(Literal::Number(Number::Int(v))) => Ok(Some(Literal::Number(Number::Int(-v)))),
            Some(Literal::Number(Number::Float(v))) => Ok(Some(Literal::Number(Number::Float(-v)))),
            Some(Literal::Text(_)) => Err(InvalidSql::at(expr.span(), "text cannot be negative")),
            None => Ok(None),
        },
        _ => Ok(None),
    }
}

/// The constant as `column` compares with it.
pub(crate) fn for_column(
    literal: &Literal,
    column: &Column,
    span: Span,
) -> Result<String, InvalidSql> {
    if let (Literal::Text(name), Some((_, values))) = (literal, &column.enumeration)
        && column.class == Class::Int
        && text::number(name).is_none()
    {
        return enum_id(name, column.name, values, span).map(|id| id.to_string());
    }
    for_class(literal, column.class, column.name, span)
}

/// The constant as something of `class` compares with it.
pub(crate) fn for_class(
    literal: &Literal,
    class: Class,
    name: &str,
    span: Span,
) -> Result<String, InvalidSql> {
    let wrong = |what: &str| {
        let got = literal.sql();
        Err(InvalidSql::at(span, format!("\"{name}\" holds {what}, which {got} is not")))
    };
    match (class, literal) {
        (Class::Int | Class::Float, Literal::Number(n)) => Ok(n.sql()),
        (Class::Int | Class::Float, Literal::Text(s)) => match text::number(s) {
            Some(n) => Ok(n.sql()),
            None => wrong("numbers"),
        },
        (Class::Text, Literal::Text(s)) => Ok(text::string(s)),
        (Class::Text, Literal::Number(n)) => Ok(text::string(&n.sql())),
        (Class::Second, Literal::Number(Number::Int(v))) => match u32::try_from(*v) {
            Ok(v) => Ok(format!("toDateTime({v})")),
            Err(_) => wrong("seconds since the epoch"),
        },
        (Class::Second, Literal::Text(s)) => {
            Ok(format!("parseDateTimeBestEffort({}, 'UTC')", text::string(s)))
        }
        (Class::Microsecond, Literal::Number(Number::Int(v))) => match i64::try_from(*v) {
            Ok(v) => Ok(format!("fromUnixTimestamp64Micro({v})")),
            Err(_) => wrong("microseconds since the epoch"),
        },
        (Class::Microsecond, Literal::Text(s)) => {
            Ok(format!("parseDateTime64BestEffort({}, 6, 'UTC')", text::string(s)))
        }
        (Class::Ip4, Literal::Text(s)) => match s.parse::<Ipv4Addr>() {
            Ok(ip) => Ok(format!("toIPv4('{ip}')")),
            Err(_) => wrong("IPv4 addresses"),
        },
        (Class::Ip6, Literal::Text(s)) => match s.parse::<IpAddr>() {
            Ok(IpAddr::V6(ip)) => Ok(format!("toIPv6('{ip}')")),
            Ok(IpAddr::V4(ip)) => Ok(format!("toIPv6('{}')", ip.to_ipv6_mapped())),
            Err(_) => wrong("IPv6 addresses"),
        },
        (Class::Mac, Literal::Text(s)) => match mac(s) {
            Some(number) => Ok(number.to_string()),
            None => wrong("MAC addresses"),
        },
        (Class::Mac, Literal::Number(n)) => Ok(n.sql()),
        (Class::Second | Class::Microsecond, Literal::Number(_)) => wrong("whole numbers of time"),
        (Class::Ip4 | Class::Ip6, Literal::Number(_)) => wrong("addresses"),
        (Class::Nested, _) => Err(InvalidSql::at(
            span,
            format!("\"{name}\" holds a list; it can be selected, not compared"),
        )),
    }
}

/// Six octets in hexadecimal, parted by colons or dashes.
fn mac(text: &str) -> Option<u64> {
    let mut number = 0;
    let mut octets = 0;
    for part in text.split([':', '-']) {
        if part.len() != 2 || !part.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        number = number << 8 | u64::from(u8::from_str_radix(part, 16).ok()?);
        octets += 1;
    }
    (octets == 6).then_some(number)
}

/// The id an enumeration gives a name; upper and lower case are the same when that is unambiguous.
pub(crate) fn enum_id(
    name: &str,
    column: &str,
    values: &[EnumValue],
    span: Span,
) -> Result<i64, InvalidSql> {
    values
        .iter()
        .find(|v| v.name == name)
        .or_else(|| values.iter().find(|v| v.name.eq_ignore_ascii_case(name)))
        .map(|v| v.id)
        .ok_or_else(|| {
            let hint = suggestion(name, values.iter().map(|v| v.name));
            InvalidSql::at(span, format!("\"{column}\" has no value named \"{name}\"{hint}"))
        })
}

/// An address, or a network in CIDR notation, in a filter on an `ip` tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    /// Lowest and highest address; equal for a single address.
    pub(crate) first: IpAddr,
    pub(crate) last: IpAddr,
}

impl Network {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let Some((ip, bits)) = text.split_once('/') else {
            let ip: IpAddr = text.parse().ok()?;
            return Some(Self { first: ip, last: ip });
        };
        let bits: u32 = bits.parse().ok()?;
        match ip.parse().ok()? {
            IpAddr::V4(ip) if bits <= 32 => {
                let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
                let first = u32::from(ip) & mask;
                Some(Self {
                    first: IpAddr::V4(Ipv4Addr::from(first)),
                    last: IpAddr::V4(Ipv4Addr::from(first | !mask)),
                })
            }
            IpAddr::V6(ip) if bits <= 128 => {
                let mask = u128::MAX.checked_shl(128 - bits).unwrap_or(0);
                let first = u128::from(ip) & mask;
                Some(Self {
                    first: IpAddr::V6(Ipv6Addr::from(first)),
                    last: IpAddr::V6(Ipv6Addr::from(first | !mask)),
                })
            }
            _ => None,
        }
    }

    /// Bounds as ClickHouse values.
    pub(crate) fn bounds(self) -> (String, String) {
        let sql = |ip: IpAddr| match ip {
            IpAddr::V4(ip) => format!("toIPv4('{ip}')"),
            IpAddr::V6(ip) => format!("toIPv6('{ip}')"),
        };
        (sql(self.first), sql(self.last))
    }
}
