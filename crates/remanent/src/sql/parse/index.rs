//! CREATE INDEX, DROP INDEX, REINDEX.

use super::{Class, Parser, Result};
use crate::sql::ast::*;

impl Parser<'_> {
    /// At CREATE [UNIQUE] INDEX.
    pub(super) fn create_index(&mut self) -> Result<StatementKind> {
        let start = self.here();
        self.advance();
        let unique = self.eat("unique");
        self.expect("index")?;
        let concurrently = self.eat("concurrently");
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        let name = match self.is("on") && !if_not_exists {
            true => None,
            false => Some(self.ident()?),
        };
        self.expect("on")?;
        let only = self.eat("only");
        let table = self.qualified()?;
        let method = if self.eat("using") { Some(self.ident()?) } else { None };
        self.expect("(")?;
        let keys = self.list(Self::index_key)?;
        self.expect(")")?;
        let include = if self.eat("include") { self.ident_list()? } else { Vec::new() };
        let nulls_not_distinct = self.nulls_not_distinct()?;
        let options = if self.is("with") { self.storage_options()? } else { Vec::new() };
        if self.is("tablespace") {
            return self.unsupported(self.here(), "TABLESPACE");
        }
        let filter = self.filter()?;
        let span = self.since(start);
        let create = CreateIndex {
            unique,
            concurrently,
            if_not_exists,
            name,
            only,
            table,
            method,
            keys,
            include,
            nulls_not_distinct,
            options,
            filter,
            span,
        };
        Ok(StatementKind::CreateIndex(Box::new(create)))
    }

    /// `NULLS [NOT] DISTINCT`, if it stands here.
    pub(super) fn nulls_not_distinct(&mut self) -> Result<bool> {
        if !(self.are(&["nulls", "distinct"]) || self.are(&["nulls", "not"])) {
            return Ok(false);
        }
        self.advance();
        let not = self.eat("not");
        self.expect("distinct")?;
        Ok(not)
    }

    fn index_key(&mut self) -> Result<IndexKey> {
        let expr = self.primary()?;
        let collation = if self.eat("collate") { Some(self.qualified()?) } else { None };
        let ordered = self.is_any(&["asc", "desc", "nulls"]);
        let class =
            if !ordered && self.is_name(Class::names_column) { Some(self.qualified()?) } else { None };
        if class.is_some() && self.is("(") {
            return self.unsupported(self.here(), "parameters of an operator class");
        }
        let descending = match () {
            () if self.eat("asc") => Some(false),
            () if self.eat("desc") => Some(true),
            () => None,
        };
        let nulls_first = match () {
            () if self.eat_all(&["nulls", "first"]) => Some(true),
            () if self.eat_all(&["nulls", "last"]) => Some(false),
            () => None,
        };
        Ok(IndexKey { key: ConflictKey { expr, collation, class }, descending, nulls_first })
    }

    /// At ALTER INDEX.
    pub(super) fn alter_index(&mut self) -> Result<StatementKind> {
        let start = self.here();
        self.advance();
        self.advance();
        let if_exists = self.eat_all(&["if", "exists"]);
        let name = self.qualified()?;
        if self.is_any(&["set", "reset", "attach", "alter", "no", "depends"]) {
            return self.unsupported(start, "this form of ALTER INDEX");
        }
        self.expect_all(&["rename", "to"])?;
        Ok(StatementKind::AlterIndex(AlterIndex { name, if_exists, to: self.ident()? }))
    }

    /// At DROP INDEX.
    pub(super) fn drop_index(&mut self) -> Result<StatementKind> {
        self.advance();
        self.advance();
        let concurrently = self.eat("concurrently");
        let if_exists = self.eat_all(&["if", "exists"]);
        let names = self.list(Self::qualified)?;
        let cascade = self.behavior();
        Ok(StatementKind::DropIndex(DropIndex { concurrently, names, if_exists, cascade }))
    }

    /// REINDEX …
    pub(super) fn reindex(&mut self) -> Result<StatementKind> {
        self.advance();
        if self.eat("(") {
            while !self.eat(")") {
                if !(self.eat("verbose") || self.is("concurrently") || self.eat(",")) {
                    return self.unsupported(self.here(), "an option of REINDEX");
                }
                self.eat("concurrently");
            }
        }
        let object =
            ["index", "table", "schema", "database", "system"].into_iter().find(|word| self.is(word));
        let Some(object) = object.map(str::to_string) else { return Err(self.syntax_error()) };
        self.advance();
        let concurrently = self.eat("concurrently");
        let name = self.qualified()?;
        Ok(StatementKind::Reindex(Reindex { object, concurrently, name }))
    }
}
