//! The first step of a query: text to tokens, with the two things a general SQL parser does not
//! know: a table name may carry a precision (`network.1m`), and a statement has a size beyond
//! which nobody wrote it by hand.

use sqlparser::dialect::ClickHouseDialect;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::{Span, Token, TokenWithSpan, Tokenizer, Whitespace, Word};

use super::error::InvalidSql;

/// Longest query text. Long IN lists of trace ids are the largest honest queries.
pub const MAX_SQL_BYTES: usize = 256 * 1024;

/// Most operators in one statement. Chains of operators become deep trees, and the stack of a
/// worker thread bounds how deep a tree may be walked.
pub const MAX_OPERATORS: usize = 256;

/// The tokens of one statement, without white space and with `table.precision` as one word.
pub(crate) fn tokens(sql: &str) -> Result<Vec<TokenWithSpan>, InvalidSql> {
    if sql.len() > MAX_SQL_BYTES {
        return Err(InvalidSql::new(format!(
            "the query has {} bytes, the limit is {MAX_SQL_BYTES}",
            sql.len()
        )));
    }
    let raw = Tokenizer::new(&ClickHouseDialect {}, sql).tokenize_with_location().map_err(|e| {
        InvalidSql {
            message: e.message.trim_end().to_owned(),
            at: (e.location.line > 0).then_some((e.location.line, e.location.column)),
        }
    })?;
    let mut out = Vec::with_capacity(raw.len());
    let mut operators = 0;
    for token in raw {
        match &token.token {
            Token::Whitespace(
                Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
            ) => return Err(InvalidSql::at(token.span, "comments are not part of the dialect")),
            Token::Whitespace(_) | Token::EOF => {}
            other => {
                operators += usize::from(is_operator(other));
                out.push(token);
            }
        }
    }
    while matches!(out.last().map(|t| &t.token), Some(Token::SemiColon)) {
        out.pop();
    }
    if let Some(extra) = out.iter().find(|t| t.token == Token::SemiColon) {
        return Err(InvalidSql::at(extra.span, "only one statement may be asked at a time"));
    }
    if out.is_empty() {
        return Err(InvalidSql::new("the query is empty"));
    }
    if operators > MAX_OPERATORS {
        return Err(InvalidSql::new(format!(
            "the query has {operators} operators, the limit is {MAX_OPERATORS}; use IN for long lists"
        )));
    }
    join_precision(&mut out);
    Ok(out)
}

fn is_operator(token: &Token) -> bool {
    match token {
        Token::Plus | Token::Minus | Token::Mul | Token::Div | Token::Mod | Token::LParen => true,
        Token::Word(word) => matches!(word.keyword, Keyword::AND | Keyword::OR | Keyword::NOT),
        _ => false,
    }
}

/// After FROM, `network.1m` reaches us as `network` `.1` `m` (or `.` `1m`): make it one word, so
/// that the parser sees a table name.
fn join_precision(tokens: &mut Vec<TokenWithSpan>) {
    let mut i = 0;
    while i + 2 < tokens.len() {
        let is_from = matches!(&tokens[i].token, Token::Word(w) if w.keyword == Keyword::FROM);
        i += 1;
        if !is_from {
            continue;
        }
        // Skip `database.` in `database.table.precision`.
        let mut table = i;
        while table + 2 < tokens.len()
            && tokens[table + 1].token == Token::Period
            && matches!(tokens[table + 2].token, Token::Word(_))
        {
            table += 2;
        }
        let Token::Word(name) = &tokens[table].token else { continue };
        let mut suffix = String::new();
        let mut used = table;
        for token in tokens.iter().skip(table + 1).take(3) {
            if token.span.start != tokens[used].span.end {
                break;
            }
            match &token.token {
                Token::Period if suffix.is_empty() => suffix.push('.'),
                Token::Number(digits, _) if suffix.is_empty() && digits.starts_with('.') => {
                    suffix.push_str(digits);
                }
                Token::Number(digits, _) if suffix == "." => suffix.push_str(digits),
                Token::Word(unit) if suffix.len() > 1 && unit.quote_style.is_none() => {
                    suffix.push_str(&unit.value);
                }
                _ => break,
            }
            used += 1;
        }
        if suffix.len() > 1 {
            let word = Word {
                value: format!("{}{suffix}", name.value),
                quote_style: Some('`'),
                keyword: Keyword::NoKeyword,
            };
            let span = Span::new(tokens[table].span.start, tokens[used].span.end);
            tokens.splice(table..=used, [TokenWithSpan { token: Token::Word(word), span }]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(sql: &str) -> Vec<String> {
        tokens(sql).unwrap().into_iter().map(|t| t.token.to_string()).collect()
    }

    #[test]
    fn a_precision_belongs_to_the_table_name() {
        for sql in
            ["select a from network.1m where b = 1.5", "select a from `network.1m` where b = 1.5"]
        {
            assert_eq!(words(sql), words("select a from `network.1m` where b = 1.5"), "{sql}");
        }
        assert_eq!(words("select a from db.network.1s limit 1")[5], "`network.1s`");
        assert_eq!(words("select a from l7_flow_log limit 1")[3], "l7_flow_log");
        assert_eq!(words("select a from db.t"), ["select", "a", "from", "db", ".", "t"]);
    }

    #[test]
    fn one_statement_without_comments() {
        assert!(tokens("select 1; select 2").is_err());
        assert!(tokens("select 1 -- x").is_err());
        assert!(tokens("select /* x */ 1").is_err());
        assert!(tokens("  ;; ").is_err());
        assert_eq!(words("select 1;").len(), 2);
        assert!(tokens(&format!("select {}1", "-".repeat(MAX_OPERATORS + 1))).is_err());
    }
}
