//! `SELECT ... FROM table WHERE ... GROUP BY ... HAVING ... ORDER BY ... LIMIT`: the clauses, and
//! refusing those the dialect does not have.

use std::collections::HashMap;
use std::fmt::Write as _;

use sqlparser::ast::{
    Distinct, Expr, GroupByExpr, LimitClause, ObjectNamePart, OrderBy, OrderByExpr, OrderByKind,
    OrderBySort, Query, Select, SelectItem, SetExpr, Spanned, Statement, TableFactor,
};
use sqlparser::dialect::ClickHouseDialect;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Span, TokenWithSpan};

use super::catalog::{self, Class, Table};
use super::error::InvalidSql;
use super::expr::{Aliases, Place, Scope, Sql, ip_text, shown};
use super::literal::{self, Literal};
use super::text::{self, Number};
use super::{DEFAULT_LIMIT, OutColumn, Plan};

/// Deepest nesting of a statement.
const MAX_DEPTH: usize = 50;

/// Translates a SELECT.
pub(crate) fn translate(
    db: &str,
    precision: Option<&str>,
    tokens: Vec<TokenWithSpan>,
) -> Result<Plan, InvalidSql> {
    let statement = parse(tokens)?;
    let Statement::Query(query) = statement else {
        return Err(InvalidSql::new("only SELECT and SHOW can be asked"));
    };
    let select = plain_select(&query)?;
    let table = from(db, precision, select)?;
    let aliases = aliases(select)?;
    let scope = Scope { table, aliases };
    let grouping = grouping(select)?;
    let grouped = !grouping.is_empty()
        || select.having.is_some()
        || select.projection.iter().any(|item| item_expr(item).is_some_and(Scope::aggregates))
        || ordering(&query).iter().any(|item| Scope::aggregates(&item.expr));

    let mut keys: Vec<String> = Vec::new();
    for expr in grouping {
        let place = Place { group: None, aliases: Aliases::First };
        let sql = scope.value(expr, place)?;
        if sql.constant {
            return Err(InvalidSql::at(expr.span(), "grouping needs a tag, not a constant"));
        }
        for key in sql.keys {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
    }
    let group = grouped.then_some(keys.as_slice());

    let mut columns = Vec::new();
    let mut projection = Vec::new();
    for item in &select.projection {
        let place = Place { group, aliases: Aliases::Never };
        match item {
            SelectItem::UnnamedExpr(expr) => {
                let sql = complete(scope.value(expr, place)?)?;
                columns.push(out_column(expr.to_string(), expr.to_string(), &sql));
                projection.push(sql.text);
            }
            SelectItem::ExprWithAlias { expr, alias } => {
                let sql = complete(scope.value(expr, place)?)?;
                columns.push(out_column(alias.value.clone(), expr.to_string(), &sql));
                projection.push(sql.text);
            }
            SelectItem::Wildcard(_) if item.to_string() == "*" && !grouped => {
                every_column(table, &mut columns, &mut projection);
            }
            SelectItem::Wildcard(_) => {
                return Err(InvalidSql::at(item.span(), "* cannot stand in a query with groups"));
            }
            other => {
                return Err(InvalidSql::at(
                    other.span(),
                    format!("\"{other}\" is not part of the dialect"),
                ));
            }
        }
    }

    let mut sql = format!(
        "SELECT {} FROM {}.{}",
        projection.join(", "),
        text::ident(table.database),
        text::ident(table.name)
    );
    if let Some(filter) = &select.selection {
        let place = Place { group: None, aliases: Aliases::AfterColumns };
        let _ = write!(sql, " WHERE {}", scope.condition(filter, place)?.text);
    }
    if !keys.is_empty() {
        let _ = write!(sql, " GROUP BY {}", keys.join(", "));
    }
    let place = Place { group, aliases: Aliases::First };
    if let Some(having) = &select.having {
        let condition = scope.condition(having, place)?;
        if let Some((name, span)) = condition.loose {
            return Err(ungrouped(&name, span));
        }
        let _ = write!(sql, " HAVING {}", condition.text);
    }
    if let Some(order) = &query.order_by {
        let _ = write!(sql, " ORDER BY {}", order_by(&scope, order, place)?);
    }
    let (limit, offset) = limit(query.limit_clause.as_ref())?;
    let _ = write!(sql, " LIMIT {limit}");
    if offset > 0 {
        let _ = write!(sql, " OFFSET {offset}");
    }
    Ok(Plan::Select { sql, columns })
}

/// Parses the tokens of one SELECT.
pub(crate) fn parse(tokens: Vec<TokenWithSpan>) -> Result<Statement, InvalidSql> {
    let dialect = ClickHouseDialect {};
    let mut parser =
        Parser::new(&dialect).with_recursion_limit(MAX_DEPTH).with_tokens_with_locations(tokens);
    let fail = |error: ParserError| match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => {
            located(&message)
        }
        ParserError::RecursionLimitExceeded => {
            InvalidSql::new(format!("the query is nested deeper than {MAX_DEPTH}"))
        }
    };
    let mut statements = parser.parse_statements().map_err(fail)?;
    match (statements.pop(), statements.is_empty()) {
        (Some(statement), true) => Ok(statement),
        _ => Err(InvalidSql::new("one statement is asked at a time")),
    }
}

/// The parser writes the place into its message; take it out again.
fn located(message: &str) -> InvalidSql {
    let found = message.rsplit_once(" at Line: ").and_then(|(text, place)| {
        let (line, column) = place.split_once(", Column: ")?;
        Some((text, (line.trim().parse().ok()?, column.trim().parse().ok()?)))
    });
    match found {
        Some((text, at)) => InvalidSql { message: text.to_owned(), at: Some(at) },
        None => InvalidSql::new(message),
    }
}

/// The SELECT of a query that has nothing the dialect lacks.
fn plain_select(query: &Query) -> Result<&Select, InvalidSql> {
    let refuse = |what: &str| Err(InvalidSql::new(format!("{what} is not part of the dialect")));
    if query.with.is_some() {
        return refuse("WITH");
    }
    if query.fetch.is_some() || !query.locks.is_empty() || query.for_clause.is_some() {
        return refuse("FETCH or FOR");
    }
    if query.settings.is_some() {
        return refuse("SETTINGS");
    }
    if query.format_clause.is_some() {
        return refuse("FORMAT");
    }
    if !query.pipe_operators.is_empty() {
        return refuse("a pipe");
    }
    let SetExpr::Select(select) = query.body.as_ref() else {
        return refuse("a combination of several SELECT");
    };
    match &select.distinct {
        None | Some(Distinct::All) => {}
        Some(_) => {
            return Err(InvalidSql::new("DISTINCT is not part of the dialect; use GROUP BY"));
        }
    }
    if select.into.is_some() {
        return refuse("INTO");
    }
    if select.prewhere.is_some() {
        return refuse("PREWHERE");
    }
    if select.qualify.is_some() || !select.named_window.is_empty() {
        return refuse("a window");
    }
    let rest = select.top.is_some()
        || select.exclude.is_some()
        || select.select_modifiers.is_some()
        || !select.optimizer_hints.is_empty()
        || !select.lateral_views.is_empty()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || select.value_table_mode.is_some();
    if rest { refuse("this form of SELECT") } else { Ok(select) }
}

fn from(db: &str, precision: Option<&str>, select: &Select) -> Result<&'static Table, InvalidSql> {
    let [source] = &select.from[..] else {
        return Err(match select.from.get(1) {
            Some(second) => InvalidSql::at(second.span(), "a query reads one table"),
            None => InvalidSql::new("FROM is missing: which table?"),
        });
    };
    if let Some(join) = source.joins.first() {
        return Err(InvalidSql::at(join.span(), "JOIN is not part of the dialect"));
    }
    let odd = |what: &str| InvalidSql::at(source.span(), format!("{what} cannot be queried"));
    let TableFactor::Table { name, args, .. } = &source.relation else {
        return Err(odd("a sub-query or a table function"));
    };
    if args.is_some() {
        return Err(odd("a table function"));
    }
    // What the table is called and nothing beside it: no alias, sample, FINAL, hint.
    if source.relation.to_string() != name.to_string() {
        return Err(odd("a table with an alias or a modifier"));
    }
    let mut parts = Vec::new();
    for part in &name.0 {
        match part {
            ObjectNamePart::Identifier(ident) => parts.push(ident.value.as_str()),
            ObjectNamePart::Function(_) => return Err(odd("a function")),
        }
    }
    table_of(db, &parts, precision, name.span())
}

/// Resolves `[database.]table[.precision]`.
pub(crate) fn table_of(
    db: &str,
    parts: &[&str],
    precision: Option<&str>,
    span: Span,
) -> Result<&'static Table, InvalidSql> {
    match parts {
        [name] => catalog::table(db, name, precision, span),
        [database, name] if catalog::databases().contains(database) => {
            catalog::table(database, name, precision, span)
        }
        [family, precision] if catalog::tables().iter().any(|t| t.family() == *family) => {
            catalog::table(db, family, Some(precision), span)
        }
        [database, _] => Err(InvalidSql::at(
            span,
            format!(
                "there is no database \"{database}\"{}",
                super::error::suggestion(database, catalog::databases())
            ),
        )),
        [database, name, precision] => catalog::table(database, name, Some(precision), span),
        _ => Err(InvalidSql::at(span, "a table is named database.table.precision")),
    }
}

/// What ORDER BY names; nothing in a form that is refused later.
fn ordering(query: &Query) -> &[OrderByExpr] {
    match query.order_by.as_ref().map(|order| &order.kind) {
        Some(OrderByKind::Expressions(exprs)) => exprs,
        _ => &[],
    }
}

fn item_expr(item: &SelectItem) -> Option<&Expr> {
    match item {
        SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } => Some(expr),
        _ => None,
    }
}

fn aliases(select: &Select) -> Result<HashMap<&str, &Expr>, InvalidSql> {
    let mut aliases = HashMap::new();
    for item in &select.projection {
        if let SelectItem::ExprWithAlias { expr, alias } = item
            && let Some(before) = aliases.insert(alias.value.as_str(), expr)
            && before != expr
        {
            return Err(InvalidSql::at(
                alias.span,
                format!("\"{}\" names two different columns", alias.value),
            ));
        }
    }
    Ok(aliases)
}

fn grouping(select: &Select) -> Result<&[Expr], InvalidSql> {
    match &select.group_by {
        GroupByExpr::Expressions(exprs, modifiers) if modifiers.is_empty() => Ok(exprs),
        GroupByExpr::Expressions(..) => {
            Err(InvalidSql::new("GROUP BY ... WITH is not part of the dialect"))
        }
        GroupByExpr::All(_) => Err(InvalidSql::new("GROUP BY ALL is not part of the dialect")),
    }
}

fn complete(sql: Sql) -> Result<Sql, InvalidSql> {
    match sql.loose {
        Some((name, span)) => Err(ungrouped(&name, span)),
        None => Ok(sql),
    }
}

fn ungrouped(name: &str, span: Span) -> InvalidSql {
    InvalidSql::at(
        span,
        format!("\"{name}\" must be in GROUP BY or inside an operator such as Sum or Max"),
    )
}

fn out_column(name: String, expression: String, sql: &Sql) -> OutColumn {
    let name = name.trim_matches('`').to_owned();
    OutColumn { name, expression, metric: sql.metric, unit: sql.unit }
}

/// `*`: every column, with addresses as text.
fn every_column(table: &'static Table, columns: &mut Vec<OutColumn>, projection: &mut Vec<String>) {
    for side in table.sides {
        let name = format!("ip{side}");
        let sql = ip_text(side);
        columns.push(out_column(name.clone(), name, &sql));
        projection.push(sql.text);
    }
    for column in &table.columns {
        if matches!(column.class, Class::Ip4 | Class::Ip6) && column.name.starts_with("ip") {
            continue;
        }
        let sql = shown(column);
        columns.push(out_column(column.name.to_owned(), column.name.to_owned(), &sql));
        projection.push(sql.text);
    }
}

fn order_by(scope: &Scope<'_>, order: &OrderBy, place: Place<'_>) -> Result<String, InvalidSql> {
    let OrderByKind::Expressions(exprs) = &order.kind else {
        return Err(InvalidSql::new("ORDER BY ALL is not part of the dialect"));
    };
    if order.interpolate.is_some() || exprs.iter().any(|e| e.with_fill.is_some()) {
        return Err(InvalidSql::new("WITH FILL is not part of the dialect"));
    }
    let mut out = Vec::with_capacity(exprs.len());
    for item in exprs {
        let mut sql = complete(scope.value(&item.expr, place)?)?;
        // The stored form orders like the shown one, and follows the table's sort key.
        if let Some(column) = scope.plain_column(&item.expr, place)?
            && matches!(column.class, Class::Second | Class::Microsecond | Class::Mac)
        {
            sql.text = text::ident(column.name);
        }
        if sql.constant {
            return Err(InvalidSql::at(
                item.expr.span(),
                "ordering needs a column, not a constant",
            ));
        }
        let direction = match &item.options.sort {
            None | Some(OrderBySort::Asc) => "ASC",
            Some(OrderBySort::Desc) => "DESC",
            Some(OrderBySort::Using(_)) => {
                return Err(InvalidSql::at(item.expr.span(), "USING is not part of the dialect"));
            }
        };
        let nulls = match item.options.nulls_first {
            None => "",
            Some(true) => " NULLS FIRST",
            Some(false) => " NULLS LAST",
        };
        out.push(format!("{} {direction}{nulls}", sql.text));
    }
    Ok(out.join(", "))
}

/// LIMIT and OFFSET.
fn limit(clause: Option<&LimitClause>) -> Result<(u64, u64), InvalidSql> {
    match clause {
        None => Ok((DEFAULT_LIMIT, 0)),
        Some(LimitClause::LimitOffset { limit, offset, limit_by }) => {
            if let Some(by) = limit_by.first() {
                return Err(InvalidSql::at(by.span(), "LIMIT BY is not part of the dialect"));
            }
            let limit = limit.as_ref().map_or(Ok(DEFAULT_LIMIT), count)?;
            let offset = offset.as_ref().map_or(Ok(0), |o| count(&o.value))?;
            Ok((limit, offset))
        }
        Some(LimitClause::OffsetCommaLimit { offset, limit }) => {
            Ok((count(limit)?, count(offset)?))
        }
    }
}

fn count(expr: &Expr) -> Result<u64, InvalidSql> {
    match literal::of(expr)? {
        Some(Literal::Number(Number::Int(v))) if (0..=i128::from(u32::MAX)).contains(&v) => {
            u64::try_from(v).map_err(|_| InvalidSql::at(expr.span(), "the number is too large"))
        }
        _ => Err(InvalidSql::at(expr.span(), "LIMIT and OFFSET take whole numbers below 2^32")),
    }
}
