//! FROM: tables, subqueries, functions, joins.

use super::{Class, Parser, Result};
use crate::sql::ast::*;

/// What stood in parentheses in FROM.
enum Paren {
    Query(Box<Query>),
    Table(TableRef),
}

/// How a join begins.
struct JoinWords {
    kind: JoinKind,
    natural: bool,
}

impl Parser<'_> {
    /// The items of FROM. Each is joined to those before it, so they count as joins do.
    pub(super) fn table_refs(&mut self) -> Result<Vec<TableRef>> {
        let mut items = vec![self.table_ref()?];
        while self.eat(",") {
            items.push(self.table_ref()?);
            self.grow_relation()?;
        }
        Ok(items)
    }

    /// One item of FROM: a table with all that is joined to it.
    pub(super) fn table_ref(&mut self) -> Result<TableRef> {
        let outer = self.begin()?;
        let start = self.here();
        let left = self.table_operand()?;
        let table = self.joins(left, start)?;
        self.end(outer);
        Ok(table)
    }

    /// The joins behind a table.
    fn joins(&mut self, mut left: TableRef, start: Span) -> Result<TableRef> {
        while let Some(JoinWords { kind, natural }) = self.join_words()? {
            self.grow_relation()?;
            let from = self.here();
            let mut right = self.table_operand()?;
            let condition = if kind == JoinKind::Cross {
                JoinCondition::None
            } else if natural {
                JoinCondition::Natural
            } else {
                // `a JOIN b JOIN c ON x ON y` is `a JOIN (b JOIN c ON x) ON y`.
                if !self.is_any(&["on", "using"]) {
                    let outer = self.begin()?;
                    right = self.joins(right, from)?;
                    self.end(outer);
                }
                self.join_condition()?
            };
            let join = Join { kind, left, right, condition };
            left = TableRef { kind: TableKind::Join(Box::new(join)), alias: None, span: self.since(start) };
        }
        Ok(left)
    }

    /// `[NATURAL] [INNER | LEFT | RIGHT | FULL [OUTER] | CROSS] JOIN`, if it is next.
    fn join_words(&mut self) -> Result<Option<JoinWords>> {
        if self.eat_all(&["cross", "join"]) {
            return Ok(Some(JoinWords { kind: JoinKind::Cross, natural: false }));
        }
        if self.at_asof() {
            self.eat("asof");
            let kind = if self.eat("left") { JoinKind::AsofLeft } else { JoinKind::Asof };
            if kind == JoinKind::AsofLeft {
                self.eat("outer");
            } else {
                self.eat("inner");
            }
            self.expect("join")?;
            return Ok(Some(JoinWords { kind, natural: false }));
        }
        let natural = self.eat("natural");
        let outer = |p: &mut Self| {
            p.eat("outer");
        };
        let kind = match () {
            () if self.eat("join") => return Ok(Some(JoinWords { kind: JoinKind::Inner, natural })),
            () if self.eat("inner") => JoinKind::Inner,
            () if self.eat("left") => {
                outer(self);
                JoinKind::Left
            }
            () if self.eat("right") => {
                outer(self);
                JoinKind::Right
            }
            () if self.eat("full") => {
                outer(self);
                JoinKind::Full
            }
            () if natural => return Err(self.syntax_error()),
            () => return Ok(None),
        };
        self.expect("join")?;
        Ok(Some(JoinWords { kind, natural }))
    }

    /// True before `ASOF [INNER | LEFT [OUTER]] JOIN`: ASOF is a name anywhere else.
    fn at_asof(&self) -> bool {
        self.is("asof")
            && (self.ahead(1).is("join")
                || self.ahead(1).is("inner") && self.ahead(2).is("join")
                || self.ahead(1).is("left")
                    && (self.ahead(2).is("join") || self.ahead(2).is("outer") && self.ahead(3).is("join")))
    }

    fn join_condition(&mut self) -> Result<JoinCondition> {
        if self.eat("using") {
            let columns = self.ident_list()?;
            let alias = if self.eat("as") { Some(self.ident()?) } else { None };
            return Ok(JoinCondition::Using(columns, alias));
        }
        self.expect("on")?;
        Ok(JoinCondition::On(self.expr()?))
    }

    /// One table, subquery, function or parenthesis, with its alias.
    fn table_operand(&mut self) -> Result<TableRef> {
        let start = self.here();
        let lateral = self.eat("lateral");
        if self.is("(") {
            return match self.paren_table()? {
                Paren::Query(query) => self.derived(query, lateral, start),
                Paren::Table(_) if lateral => Err(self.near(start, "syntax error")),
                Paren::Table(table) => self.paren_alias(table, start),
            };
        }
        if self.are(&["rows", "from"]) && self.ahead(2).is("(") {
            return self.rows_from(lateral, start);
        }
        if self.is("xmltable") && self.ahead(1).is("(") {
            return self.unsupported(start, "XMLTABLE");
        }
        if lateral || !self.at_plain_table() {
            let call = self.primary()?;
            if !matches!(call.kind, ExprKind::Function(_)) {
                return Err(self.near(call.span, "syntax error"));
            }
            return self.function_table(vec![(call, Vec::new())], false, lateral, start);
        }
        let mut table = self.plain_table()?;
        table.alias = self.alias()?;
        if self.eat("tablesample") {
            let sample = self.sample()?;
            if let TableKind::Table { sample: slot, .. } = &mut table.kind {
                *slot = Some(Box::new(sample));
            }
        }
        table.span = self.since(start);
        Ok(table)
    }

    /// True where the name of a table follows rather than a call.
    fn at_plain_table(&self) -> bool {
        if self.is("only") {
            return true;
        }
        if !self.is_name(Class::names_column) {
            // A function whose name is no table's, such as `left(…)` or CURRENT_DATE.
            return false;
        }
        let mut n = 1;
        while self.ahead(n).is(".") {
            n += 2;
        }
        !self.ahead(n).is("(")
    }

    /// `t`, `s.t`, `t *`, `ONLY t`, `ONLY (t)`
    pub(super) fn plain_table(&mut self) -> Result<TableRef> {
        let start = self.here();
        let only = self.eat("only");
        let paren = only && self.eat("(");
        let name = self.qualified()?;
        if paren {
            self.expect(")")?;
        } else if !only {
            self.eat("*");
        }
        let kind = TableKind::Table { name, only, sample: None };
        Ok(TableRef { kind, alias: None, span: self.since(start) })
    }

    fn sample(&mut self) -> Result<Sample> {
        let first = self.name(Class::names_type)?;
        let method = self.qualified_from(first)?;
        let args = self.paren_exprs()?;
        let seed = match self.eat_all(&["repeatable", "("]) {
            true => {
                let seed = self.expr()?;
                self.expect(")")?;
                Some(seed)
            }
            false => None,
        };
        Ok(Sample { method, args, seed })
    }

    /// `(…)` in FROM: a query or a join. Linear in the text, as [`Parser::paren`].
    fn paren_table(&mut self) -> Result<Paren> {
        let outer = self.begin()?;
        self.expect("(")?;
        let start = self.here();
        let paren = if self.at_query() {
            Paren::Query(Box::new(self.query()?))
        } else if self.is("(") {
            match self.paren_table()? {
                Paren::Query(query) if self.continues_query() => {
                    Paren::Query(Box::new(self.query_after(*query)?))
                }
                Paren::Query(query) if self.is(")") => Paren::Query(query),
                inner => {
                    let table = match inner {
                        Paren::Query(query) => self.derived(query, false, start)?,
                        Paren::Table(table) => self.paren_alias(table, start)?,
                    };
                    Paren::Table(self.joins(table, start)?)
                }
            }
        } else {
            Paren::Table(self.table_ref()?)
        };
        // A parenthesis around one table is no syntax of SQL's; one around a join is.
        if matches!(&paren, Paren::Table(t) if !matches!(t.kind, TableKind::Join(_))) {
            return Err(self.syntax_error());
        }
        self.expect(")")?;
        self.end(outer);
        Ok(paren)
    }

    fn derived(&mut self, query: Box<Query>, lateral: bool, start: Span) -> Result<TableRef> {
        let alias = self.alias()?;
        if alias.is_none() {
            let (what, example) = match query.body {
                QueryBody::Values(_) => ("VALUES", "VALUES"),
                _ => ("subquery", "SELECT"),
            };
            return Err(self
                .refused(start, &format!("{what} in FROM must have an alias"))
                .with_hint(format!("For example, FROM ({example} ...) [AS] foo.")));
        }
        let kind = TableKind::Query { query, lateral };
        Ok(TableRef { kind, alias, span: self.since(start) })
    }

    /// An alias behind a join in parentheses.
    fn paren_alias(&mut self, table: TableRef, start: Span) -> Result<TableRef> {
        let alias = self.alias()?;
        match (alias, table.alias) {
            (Some(_), Some(second)) => Err(self.near(second.name.span, "syntax error")),
            (alias, inner) => {
                Ok(TableRef { kind: table.kind, alias: alias.or(inner), span: self.since(start) })
            }
        }
    }

    /// `[AS] name [(columns)]`, if it is next.
    fn alias(&mut self) -> Result<Option<TableAlias>> {
        let name = match self.eat("as") {
            true => self.ident()?,
            false if self.at_asof() => return Ok(None),
            false => match self.name_if(Class::names_column) {
                Some(name) => name,
                None => return Ok(None),
            },
        };
        Ok(Some(TableAlias { name, columns: self.idents_if()? }))
    }

    fn rows_from(&mut self, lateral: bool, start: Span) -> Result<TableRef> {
        self.expect_all(&["rows", "from", "("])?;
        let calls = self.list(|p| {
            let call = p.primary()?;
            if !matches!(call.kind, ExprKind::Function(_)) {
                return Err(p.near(call.span, "syntax error"));
            }
            let columns = if p.eat("as") { p.column_definitions()? } else { Vec::new() };
            Ok((call, columns))
        })?;
        self.expect(")")?;
        self.function_table(calls, true, lateral, start)
    }

    /// `[WITH ORDINALITY]` and the alias, whose columns may have types.
    fn function_table(
        &mut self,
        mut calls: Vec<(Expr, Vec<ColumnDefinition>)>,
        rows_from: bool,
        lateral: bool,
        start: Span,
    ) -> Result<TableRef> {
        let ordinality = self.eat_all(&["with", "ordinality"]);
        let mut alias = None;
        let mut definitions = Vec::new();
        let has_as = self.eat("as");
        if has_as && self.is("(") {
            definitions = self.column_definitions()?;
        } else if let Some(name) = self.name_if(Class::names_column) {
            let mut columns = Vec::new();
            if self.is("(") && (self.ahead(2).is(",") || self.ahead(2).is(")")) {
                columns = self.ident_list()?;
            } else if self.is("(") {
                definitions = self.column_definitions()?;
            }
            alias = Some(TableAlias { name, columns });
        } else if has_as {
            return Err(self.syntax_error());
        }
        if !definitions.is_empty()
            && let Some(first) = calls.first_mut()
        {
            first.1 = definitions;
        }
        let kind = TableKind::Function { calls, rows_from, lateral, ordinality };
        Ok(TableRef { kind, alias, span: self.since(start) })
    }

    /// `(a int, b text)`
    fn column_definitions(&mut self) -> Result<Vec<ColumnDefinition>> {
        self.expect("(")?;
        let columns = self.list(|p| {
            let start = p.here();
            let (name, ty) = (p.ident()?, p.type_name()?);
            let collation = if p.eat("collate") { Some(p.qualified()?) } else { None };
            Ok(ColumnDefinition { name, ty, collation, constraints: Vec::new(), span: p.since(start) })
        })?;
        self.expect(")")?;
        Ok(columns)
    }
}
