//! Queries: SELECT, VALUES, TABLE, set operations, WITH, and what may follow them.

use super::expr::number;
use super::lexer::Kind;
use super::{Class, Into, Parser, Result};
use crate::sql::ast::*;
use std::sync::Arc;

/// The words behind a select list, or behind a SELECT without one.
const CLAUSES: &[&str] = &[
    "from",
    "where",
    "group",
    "having",
    "window",
    "order",
    "limit",
    "offset",
    "fetch",
    "for",
    "union",
    "intersect",
    "except",
    "into",
    "on",
    "returning",
    ")",
    ";",
];

impl Parser<'_> {
    /// True where a query begins, parentheses apart.
    pub(super) fn at_query(&self) -> bool {
        self.is_any(&["select", "values", "with", "table"])
    }

    /// True where a query begins, behind parentheses perhaps.
    pub(super) fn at_query_or_paren(&self) -> bool {
        let mut n = 0;
        while self.ahead(n).is("(") {
            n += 1;
        }
        ["select", "values", "with", "table"].iter().any(|word| self.ahead(n).is(word))
    }

    /// True where what follows a query in parentheses makes them both part of a longer one.
    pub(super) fn continues_query(&self) -> bool {
        self.is_any(&["union", "intersect", "except", "order", "limit", "offset", "fetch"])
            || self.is("for") && self.is_locking()
    }

    fn is_locking(&self) -> bool {
        ["update", "share", "no", "key", "read"].iter().any(|word| self.ahead(1).is(word))
    }

    /// A query; it may begin with a parenthesis.
    pub(super) fn query(&mut self) -> Result<Query> {
        let outer = self.begin()?;
        let start = self.here();
        let with = self.with()?;
        let first = self.query_operand()?;
        let mut query = self.set_operations(first, start, 0)?;
        self.suffix(&mut query, with, start)?;
        self.end(outer);
        Ok(query)
    }

    /// The whole query that begins with one in parentheses, which was read already.
    pub(super) fn query_after(&mut self, first: Query) -> Result<Query> {
        let start = first.span;
        let mut query = self.set_operations(first, start, 0)?;
        self.suffix(&mut query, None, start)?;
        Ok(query)
    }

    /// SELECT, VALUES, TABLE or a query in parentheses.
    fn query_operand(&mut self) -> Result<Query> {
        let start = self.here();
        if self.is("(") {
            return Ok(*self.subquery()?);
        }
        let body = self.query_body(start)?;
        Ok(self.plain_query(start, body))
    }

    fn query_body(&mut self, start: Span) -> Result<QueryBody> {
        Ok(if self.eat("select") {
            QueryBody::Select(self.select(start)?)
        } else if self.eat("values") {
            QueryBody::Values(self.list(Self::paren_exprs)?)
        } else {
            self.expect("table")?;
            QueryBody::Select(Box::new(self.table_command(start)?))
        })
    }

    fn plain_query(&self, start: Span, body: QueryBody) -> Query {
        Query {
            with: None,
            body,
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
            locking: Vec::new(),
            span: self.since(start),
        }
    }

    /// UNION and EXCEPT bind loosest (power 1), INTERSECT tighter (2); all to the left.
    fn set_operations(&mut self, mut left: Query, start: Span, min: u8) -> Result<Query> {
        loop {
            let (op, power) = match () {
                () if self.is("union") => (SetOp::Union, 1),
                () if self.is("except") => (SetOp::Except, 1),
                () if self.is("intersect") => (SetOp::Intersect, 2),
                () => return Ok(left),
            };
            if power <= min {
                return Ok(left);
            }
            self.advance();
            let all = self.eat("all");
            if !all {
                self.eat("distinct");
            }
            let from = self.here();
            let right = self.query_operand()?;
            let right = self.set_operations(right, from, power)?;
            self.grow_relation()?;
            let body = QueryBody::Set { op, all, left: Box::new(left), right: Box::new(right) };
            left = self.plain_query(start, body);
        }
    }

    /// ORDER BY, LIMIT, OFFSET, FETCH, FOR. Each may be given once, inside or outside of parentheses.
    fn suffix(&mut self, query: &mut Query, with: Option<With>, start: Span) -> Result<()> {
        if let Some(with) = with {
            if query.with.is_some() {
                return Err(self.refused(with.span, "multiple WITH clauses not allowed"));
            }
            query.with = Some(with);
        }
        let inner = (!query.order_by.is_empty(), query.limit.is_some(), query.offset.is_some());
        loop {
            // Where the first is in parentheses it is the second one's value that is too much, otherwise its word.
            let again = |p: &Self, what: &str, inner: bool, words: usize| {
                let at = p.ahead(if inner { words } else { 0 }).span;
                Err(p.refused(at, &format!("multiple {what} clauses not allowed")))
            };
            match () {
                () if self.is("order") => {
                    if !query.order_by.is_empty() {
                        return again(self, "ORDER BY", inner.0, 2);
                    }
                    query.order_by = self.order_by()?;
                }
                () if self.is_any(&["limit", "fetch"]) => {
                    if query.limit.is_some() {
                        return again(self, "LIMIT", inner.1, if self.is("fetch") { 2 } else { 1 });
                    }
                    self.limit(query)?;
                }
                () if self.is("offset") => {
                    if query.offset.is_some() {
                        return again(self, "OFFSET", inner.2, 1);
                    }
                    self.advance();
                    query.offset = Some(self.expr()?);
                    let _ = self.eat("row") || self.eat("rows");
                }
                () if self.is("for") => {
                    if !self.eat_all(&["for", "read", "only"]) {
                        query.locking.push(self.locking()?);
                    }
                }
                () => break,
            }
            query.span = self.since(start);
        }
        query.span = self.since(start);
        Ok(())
    }

    fn limit(&mut self, query: &mut Query) -> Result<()> {
        if self.eat("limit") {
            if !self.eat("all") {
                query.limit = Some(self.expr()?);
            }
            if self.is(",") {
                return Err(self
                    .refused(self.here(), "LIMIT #,# syntax is not supported")
                    .with_hint("Use separate LIMIT and OFFSET clauses."));
            }
            return Ok(());
        }
        self.advance();
        if !self.eat("first") {
            self.expect("next")?;
        }
        query.limit = Some(match self.is_any(&["row", "rows"]) {
            true => self.node(self.here(), ExprKind::Literal(number("1".to_string()))),
            false => self.expr_from(super::expr::power::SIGN, false)?,
        });
        if !self.eat("row") {
            self.expect("rows")?;
        }
        query.with_ties = self.eat_all(&["with", "ties"]);
        if !query.with_ties {
            self.expect("only")?;
        }
        Ok(())
    }

    fn locking(&mut self) -> Result<Locking> {
        let start = self.here();
        self.expect("for")?;
        let strength = match () {
            () if self.eat("update") => LockStrength::Update,
            () if self.eat_all(&["no", "key", "update"]) => LockStrength::NoKeyUpdate,
            () if self.eat("share") => LockStrength::Share,
            () => {
                self.expect_all(&["key", "share"])?;
                LockStrength::KeyShare
            }
        };
        let of = if self.eat("of") { self.list(Self::qualified)? } else { Vec::new() };
        let wait = match () {
            () if self.eat("nowait") => LockWait::NoWait,
            () if self.eat_all(&["skip", "locked"]) => LockWait::SkipLocked,
            () => LockWait::Wait,
        };
        Ok(Locking { strength, of, wait, span: self.since(start) })
    }

    /// ORDER BY, if it is next.
    pub(super) fn order_by(&mut self) -> Result<Vec<OrderBy>> {
        if !self.eat("order") {
            return Ok(Vec::new());
        }
        self.expect("by")?;
        self.list(Self::order_item)
    }

    fn order_item(&mut self) -> Result<OrderBy> {
        let expr = self.expr()?;
        let using = if self.eat("using") { Some(self.operator()?) } else { None };
        let descending = self.eat("desc");
        if !descending {
            self.eat("asc");
        }
        let nulls_first = match () {
            () if self.eat_all(&["nulls", "first"]) => Some(true),
            () if self.eat_all(&["nulls", "last"]) => Some(false),
            () => None,
        };
        Ok(OrderBy { expr, descending, nulls_first, using })
    }

    /// Behind SELECT.
    fn select(&mut self, start: Span) -> Result<Box<Select>> {
        let mut select = Box::new(Select {
            distinct: Distinct::No,
            items: Vec::new(),
            from: Vec::new(),
            filter: None,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
            span: start,
        });
        self.select_list(&mut select)?;
        if self.is("into") {
            self.into(start)?;
        }
        if self.eat("from") {
            select.from = self.table_refs()?;
        }
        select.filter = self.filter()?;
        self.grouping(&mut select)?;
        if self.eat("window") {
            select.windows = self.list(|p| {
                let name = p.ident()?;
                p.expect("as")?;
                Ok((name, p.window()?))
            })?;
        }
        select.span = self.since(start);
        Ok(select)
    }

    /// INTO of the SELECT that begins at `select`: the statement makes a table.
    fn into(&mut self, select: Span) -> Result<()> {
        let at = self.here();
        if self.into.is_some() {
            return Err(self.refused(at, "SELECT ... INTO is not allowed here"));
        }
        self.advance();
        let _ = self.eat("global") || self.eat("local");
        let persistence = match () {
            () if self.eat("temporary") || self.eat("temp") => Persistence::Temporary,
            () if self.eat("unlogged") => Persistence::Unlogged,
            () => Persistence::Permanent,
        };
        self.eat("table");
        let name = self.qualified()?;
        self.into = Some(Into { select, at, persistence, name });
        Ok(())
    }

    /// `[ALL | DISTINCT [ON (…)]]` and the items.
    fn select_list(&mut self, select: &mut Select) -> Result<()> {
        if self.eat("distinct") {
            select.distinct = match self.eat("on") {
                true => Distinct::On(self.paren_exprs()?),
                false => Distinct::Rows,
            };
        } else {
            self.eat("all");
        }
        let none =
            matches!(select.distinct, Distinct::No) && (self.kind() == Kind::End || self.is_any(CLAUSES));
        if !none {
            select.items = self.list(Self::select_item)?;
        }
        Ok(())
    }

    /// GROUP BY and HAVING.
    fn grouping(&mut self, select: &mut Select) -> Result<()> {
        if self.eat("group") {
            self.expect("by")?;
            select.group_distinct = self.eat("distinct");
            if !select.group_distinct {
                self.eat("all");
            }
            select.group_by = self.list(Self::group_item)?;
        }
        if self.eat("having") {
            select.having = Some(self.expr()?);
        }
        Ok(())
    }

    /// Behind TABLE: all of one table.
    fn table_command(&mut self, start: Span) -> Result<Select> {
        let star = self.node(start, ExprKind::Star(None));
        let table = self.plain_table()?;
        Ok(Select {
            distinct: Distinct::No,
            items: vec![SelectItem { expr: star, alias: None }],
            from: vec![table],
            filter: None,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
            span: self.since(start),
        })
    }

    /// WHERE, if it is next.
    pub(super) fn filter(&mut self) -> Result<Option<Expr>> {
        if !self.eat("where") {
            return Ok(None);
        }
        if self.are(&["current", "of"]) {
            return self.unsupported(self.here(), "WHERE CURRENT OF");
        }
        self.expr().map(Some)
    }

    /// `*`, `expr`, `expr AS label`, `expr label`
    pub(super) fn select_item(&mut self) -> Result<SelectItem> {
        let start = self.here();
        if self.eat("*") {
            return Ok(SelectItem { expr: self.node(start, ExprKind::Star(None)), alias: None });
        }
        let expr = self.expr()?;
        let alias = match self.eat("as") {
            true => Some(self.label()?),
            false => self.name_if(Class::labels),
        };
        Ok(SelectItem { expr, alias })
    }

    fn group_item(&mut self) -> Result<GroupItem> {
        if self.eat_all(&["(", ")"]) {
            return Ok(GroupItem::Empty);
        }
        if self.are(&["rollup", "("]) {
            self.advance();
            return Ok(GroupItem::Rollup(self.paren_exprs()?));
        }
        if self.are(&["cube", "("]) {
            self.advance();
            return Ok(GroupItem::Cube(self.paren_exprs()?));
        }
        if self.eat_all(&["grouping", "sets", "("]) {
            let outer = self.begin()?;
            let sets = self.list(Self::group_item)?;
            self.expect(")")?;
            self.end(outer);
            return Ok(GroupItem::Sets(sets));
        }
        self.expr().map(GroupItem::Expr)
    }

    /// WITH, if it is next.
    pub(super) fn with(&mut self) -> Result<Option<With>> {
        let start = self.here();
        if !self.eat("with") {
            return Ok(None);
        }
        let recursive = self.eat("recursive");
        let ctes = self.list(Self::cte)?;
        Ok(Some(With { recursive, ctes, span: self.since(start) }))
    }

    fn cte(&mut self) -> Result<Cte> {
        let name = self.ident()?;
        let columns = self.idents_if()?;
        self.expect("as")?;
        let materialized = match () {
            () if self.eat("materialized") => Some(true),
            () if self.eat_all(&["not", "materialized"]) => Some(false),
            () => None,
        };
        self.expect("(")?;
        let outer = self.begin()?;
        let statement = Arc::new(self.data_statement()?);
        self.end(outer);
        self.expect(")")?;
        let mut search = None;
        if self.eat("search") {
            let breadth = self.eat("breadth");
            if !breadth {
                self.expect("depth")?;
            }
            self.expect("first")?;
            self.expect("by")?;
            let by = self.list(Self::ident)?;
            self.expect("set")?;
            search = Some(Search { breadth, by, set: self.ident()? });
        }
        let mut cycle = None;
        if self.eat("cycle") {
            let by = self.list(Self::ident)?;
            self.expect("set")?;
            let set = self.ident()?;
            let mut values = None;
            if self.eat("to") {
                let is = self.expr_from(0, true)?;
                self.expect("default")?;
                values = Some((is, self.expr_from(0, true)?));
            }
            self.expect("using")?;
            cycle = Some(Cycle { by, set, values, path: self.ident()? });
        }
        Ok(Cte { name, columns, materialized, statement, search, cycle })
    }
}
