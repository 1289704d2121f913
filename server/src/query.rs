//! The read path's language: DeepFlow's SQL in, one ClickHouse statement out.
//!
//! text -> [`token`] -> parser -> [`select`] / [`show`] -> ClickHouse SQL or rows of the catalogue.
//! Everything here is a pure function of the text and the catalogue; running the statement is the
//! HTTP layer's work, and shaping its answer [`answer`]'s.

pub mod answer;
pub mod catalog;
mod error;
mod expr;
mod filter;
mod literal;
mod schema;
mod select;
mod show;
mod text;
mod token;

use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

pub use error::InvalidSql;
pub use token::{MAX_OPERATORS, MAX_SQL_BYTES};

/// Rows returned when a query names no LIMIT.
pub const DEFAULT_LIMIT: u64 = 10_000;

/// One column of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutColumn {
    /// Name: the alias, or the text of the expression.
    pub name: String,
    /// Text of the expression.
    pub expression: String,
    /// Whether it is a metric rather than a tag.
    pub metric: bool,
    /// Unit; empty without one.
    pub unit: &'static str,
}

/// What a query text means.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// One ClickHouse statement whose columns are `columns`, in order.
    Select {
        /// The statement, without FORMAT.
        sql: String,
        /// Columns of the answer.
        columns: Vec<OutColumn>,
    },
    /// Rows known from the catalogue alone.
    Rows {
        /// Column names.
        columns: Vec<&'static str>,
        /// Values.
        values: Vec<Vec<serde_json::Value>>,
    },
}

/// Translates one query.
///
/// `db` is the request's database (may be empty when the table's name is enough), `precision` the
/// wanted precision of a metrics table named without one.
///
/// # Errors
///
/// Everything the dialect does not know, with the place in the text.
pub fn translate(db: &str, sql: &str, precision: Option<&str>) -> Result<Plan, InvalidSql> {
    let tokens = token::tokens(sql)?;
    let precision = precision.filter(|p| !p.is_empty());
    match &tokens[0].token {
        Token::Word(word) if word.keyword == Keyword::SELECT => {
            select::translate(db, precision, tokens)
        }
        Token::Word(word) if word.value.eq_ignore_ascii_case("show") => {
            show::translate(db, precision, &tokens)
        }
        other => Err(InvalidSql::at(
            tokens[0].span,
            format!("a query begins with SELECT or SHOW, not with \"{other}\""),
        )),
    }
}
