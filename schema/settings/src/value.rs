//! Values of keys: read from text, and written back as a person would write them.

use crate::key::Kind;
use crate::nearest::nearest;
use std::fmt;
use std::time::Duration;

/// The value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// See [`Kind::Bool`].
    Bool(bool),
    /// See [`Kind::Integer`].
    Integer(i64),
    /// See [`Kind::Duration`].
    Duration(Duration),
    /// See [`Kind::Bytes`].
    Bytes(u64),
    /// See [`Kind::Text`] and [`Kind::Choice`].
    Text(String),
    /// See [`Kind::List`].
    List(Vec<String>),
}

/// Units of time spans, longest first, in nanoseconds.
const TIMES: &[(&str, u64)] = &[
    ("d", 86_400_000_000_000),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Units of sizes, largest first, in bytes. Decimal ones are read but never written.
const SIZES: &[(&str, u64)] = &[
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1_000),
    ("B", 1),
];

impl Value {
    pub(crate) fn parse(kind: &Kind, text: &str) -> Result<Value, String> {
        let text = text.trim();
        match kind {
            Kind::Bool => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => Err(format!("{text:?} is neither `true` nor `false`")),
            },
            Kind::Integer { min, max, .. } => {
                let n: i64 = text
                    .replace('_', "")
                    .parse()
                    .map_err(|_| format!("{text:?} is not a whole number"))?;
                if n < *min || n > *max {
                    return Err(format!("{n} is outside {}", kind.range()));
                }
                Ok(Value::Integer(n))
            }
            Kind::Duration { min, max } => {
                let ns = quantity(text, TIMES, None).ok_or_else(|| {
                    format!("{text:?} is not a time span such as `500ms`, `10s`, `2m`, `1h`")
                })?;
                let d = Duration::from_nanos(ns);
                if d < *min || d > *max {
                    return Err(format!("{} is outside {}", Value::Duration(d), kind.range()));
                }
                Ok(Value::Duration(d))
            }
            Kind::Bytes { min, max } => {
                let n = quantity(text, SIZES, Some(1))
                    .ok_or_else(|| format!("{text:?} is not a size such as `64 MiB` or `1 GiB`"))?;
                if n < *min || n > *max {
                    return Err(format!("{} is outside {}", Value::Bytes(n), kind.range()));
                }
                Ok(Value::Bytes(n))
            }
            Kind::Text => Ok(Value::Text(text.to_string())),
            Kind::List => Ok(Value::List(
                text.split(',')
                    .map(str::trim)
                    .filter(|s| !s.is_empty())
                    .map(String::from)
                    .collect(),
            )),
            Kind::Choice(words) => {
                if words.contains(&text) {
                    return Ok(Value::Text(text.to_string()));
                }
                let hint = nearest(text, words.iter().copied())
                    .map_or(String::new(), |w| format!("; did you mean `{w}`?"));
                Err(format!("{text:?} is none of {}{hint}", kind.range()))
            }
        }
    }
}

/// `12`, `1.5 GiB`, `500ms`: a number times a unit. `bare` is the unit of a number that has none;
/// zero needs no unit.
fn quantity(text: &str, units: &[(&str, u64)], bare: Option<u64>) -> Option<u64> {
    let split =
        text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
    let number = text[..split].replace('_', "");
    let unit = text[split..].trim();
    let scale = if unit.is_empty() {
        if number == "0" { 1 } else { bare? }
    } else {
        units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?.1
    };
    match number.split_once('.') {
        None => number.parse::<u64>().ok()?.checked_mul(scale),
        Some((whole, fraction)) => {
            if fraction.is_empty() || fraction.len() > 9 {
                return None;
            }
            let whole = whole.parse::<u64>().ok()?.checked_mul(scale)?;
            let part = u128::from(fraction.parse::<u64>().ok()?) * u128::from(scale)
                / 10u128.pow(fraction.len() as u32);
            whole.checked_add(u64::try_from(part).ok()?)
        }
    }
}

/// The largest unit that divides `n` evenly; sizes are only written in powers of two.
fn write_quantity(
    f: &mut fmt::Formatter<'_>,
    n: u64,
    units: &[(&str, u64)],
    gap: &str,
) -> fmt::Result {
    let (name, scale) = units
        .iter()
        .find(|(_, scale)| n != 0 && n.is_multiple_of(*scale))
        .or(units.last())
        .copied()
        .unwrap_or(("", 1));
    write!(f, "{}{gap}{name}", n / scale)
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bool(b) => write!(f, "{b}"),
            Value::Integer(n) => write!(f, "{n}"),
            Value::Duration(d) if d.is_zero() => f.write_str("0s"),
            Value::Duration(d) => {
                write_quantity(f, u64::try_from(d.as_nanos()).unwrap_or(u64::MAX), TIMES, "")
            }
            Value::Bytes(n) => {
                let binary: Vec<(&str, u64)> = SIZES
                    .iter()
                    .copied()
                    .filter(|(name, _)| name.contains('i') || *name == "B")
                    .collect();
                write_quantity(f, *n, &binary, " ")
            }
            Value::Text(s) => f.write_str(s),
            Value::List(items) => f.write_str(&items.join(", ")),
        }
    }
}
