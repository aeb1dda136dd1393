//! CREATE TABLE, with columns or as a query's rows.

use super::{Parser, Result};
use crate::sql::ast::*;
use remanent_storage::error::{Error, state};

impl Parser<'_> {
    /// Behind CREATE TABLE.
    pub(super) fn create_table(&mut self, persistence: Persistence) -> Result<StatementKind> {
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        let name = self.qualified()?;
        if self.is("of") || self.are(&["partition", "of"]) {
            return self
                .unsupported(self.here(), if self.is("of") { "CREATE TABLE OF" } else { "PARTITION OF" });
        }
        if self.is_any(&["as", "with", "without", "using", "on", "tablespace"]) || self.names_then_as() {
            return self.create_as(name, if_not_exists, persistence);
        }
        self.expect("(")?;
        let elements = if self.is(")") { Vec::new() } else { self.list(Self::table_element)? };
        self.expect(")")?;
        let (options, on_commit) = self.table_options()?;
        let table = CreateTable { name, if_not_exists, persistence, elements, options, on_commit };
        Ok(StatementKind::CreateTable(Box::new(table)))
    }

    fn table_element(&mut self) -> Result<TableElement> {
        let words = ["constraint", "primary", "unique", "check", "foreign", "exclude"];
        Ok(match () {
            () if self.is("like") => TableElement::Like(self.like_table()?),
            () if self.is_any(&words) => TableElement::Constraint(self.table_constraint()?),
            () => TableElement::Column(self.column_definition()?),
        })
    }

    fn like_table(&mut self) -> Result<Like> {
        const WORDS: [&str; 9] = [
            "all",
            "comments",
            "compression",
            "constraints",
            "defaults",
            "generated",
            "identity",
            "indexes",
            "storage",
        ];
        let start = self.here();
        self.advance();
        let table = self.qualified()?;
        let mut options = Vec::new();
        while self.is("including") || self.is("excluding") {
            let including = self.is("including");
            self.advance();
            match self.is_any(&WORDS) || self.is("statistics") {
                true => options.push((including, self.take_ident())),
                false => return Err(self.syntax_error()),
            }
        }
        Ok(Like { table, options, span: self.since(start) })
    }

    /// True for `(a, b) AS`, `(a, b) WITH`: the column names of CREATE TABLE AS.
    fn names_then_as(&self) -> bool {
        if !self.is("(") {
            return false;
        }
        let mut n = 1;
        while self.ahead_is_name(n, |class| class.names_column()) {
            match self.ahead(n + 1) {
                t if t.is(",") => n += 2,
                t if t.is(")") => return true,
                _ => return false,
            }
        }
        false
    }

    fn create_as(
        &mut self,
        name: Name,
        if_not_exists: bool,
        persistence: Persistence,
    ) -> Result<StatementKind> {
        let columns = self.idents_if()?;
        let (options, on_commit) = self.table_options()?;
        if !self.is("as") {
            return Err(self.syntax_error());
        }
        self.advance();
        if self.is("execute") {
            return self.unsupported(self.here(), "CREATE TABLE AS EXECUTE");
        }
        let query = self.query()?;
        let mut with_data = true;
        if self.eat("with") {
            with_data = !self.eat("no");
            self.expect("data")?;
        }
        let create =
            CreateTableAs { name, if_not_exists, persistence, columns, options, on_commit, query, with_data };
        Ok(StatementKind::CreateTableAs(Box::new(create)))
    }

    pub(super) fn column_definition(&mut self) -> Result<ColumnDefinition> {
        let start = self.here();
        let (name, ty) = (self.ident()?, self.type_name()?);
        let mut collation = None;
        let mut constraints = Vec::new();
        loop {
            if self.eat("collate") {
                collation = Some(self.qualified()?);
            } else if self.is("storage") || self.is("compression") || self.are(&["options", "("]) {
                return self.unsupported(self.here(), "a column's STORAGE, COMPRESSION or OPTIONS");
            } else if let Some(constraint) = self.column_constraint()? {
                constraints.push(constraint);
            } else {
                return Ok(ColumnDefinition { name, ty, collation, constraints, span: self.since(start) });
            }
        }
    }

    fn column_constraint(&mut self) -> Result<Option<ColumnConstraint>> {
        let start = self.here();
        let name = if self.eat("constraint") { Some(self.ident()?) } else { None };
        let kind = match () {
            () if self.eat_all(&["not", "null"]) => ColumnConstraintKind::NotNull,
            () if self.eat("null") => ColumnConstraintKind::Null,
            () if self.eat("default") => ColumnConstraintKind::Default(self.expr_from(0, true)?),
            () if self.eat_all(&["primary", "key"]) => {
                self.index_parameters()?;
                ColumnConstraintKind::PrimaryKey
            }
            () if self.eat("unique") => {
                let same = self.nulls_not_distinct()?;
                self.index_parameters()?;
                ColumnConstraintKind::Unique(same)
            }
            () if self.eat("check") => ColumnConstraintKind::Check(self.check()?),
            () if self.is("references") => ColumnConstraintKind::References(self.references()?),
            () if self.eat("generated") => self.generated()?,
            () if name.is_some() => return Err(self.syntax_error()),
            () => return Ok(None),
        };
        let span = self.since(start);
        let attributes = self.constraint_attributes()?;
        Ok(Some(ColumnConstraint { name, kind, attributes, span }))
    }

    fn generated(&mut self) -> Result<ColumnConstraintKind> {
        let always = self.eat("always");
        if !always {
            self.expect_all(&["by", "default"])?;
        }
        self.expect("as")?;
        if self.eat("identity") {
            return Ok(ColumnConstraintKind::Identity(always, self.identity_options()?));
        }
        if !always {
            return Err(self.syntax_error());
        }
        self.expect("(")?;
        let expr = self.expr()?;
        self.expect_all(&[")", "stored"])?;
        Ok(ColumnConstraintKind::Generated(expr))
    }

    /// `(START WITH 10 …)`, if it is there.
    pub(super) fn identity_options(&mut self) -> Result<Vec<SequenceOption>> {
        if !self.eat("(") {
            return Ok(Vec::new());
        }
        let mut options = Vec::new();
        while !self.eat(")") {
            options.push(self.sequence_option()?);
        }
        match options.is_empty() {
            true => Err(self.syntax_error()),
            false => Ok(options),
        }
    }

    fn check(&mut self) -> Result<Expr> {
        self.expect("(")?;
        let expr = self.expr()?;
        self.expect(")")?;
        Ok(expr)
    }

    pub(super) fn table_constraint(&mut self) -> Result<TableConstraint> {
        let start = self.here();
        let name = if self.eat("constraint") { Some(self.ident()?) } else { None };
        let kind = match () {
            () if self.are(&["primary", "key", "using"]) || self.are(&["unique", "using"]) => {
                return self.unsupported(start, "USING INDEX");
            }
            () if self.eat_all(&["primary", "key"]) => {
                let columns = self.ident_list()?;
                self.index_parameters()?;
                TableConstraintKind::PrimaryKey(columns)
            }
            () if self.eat("unique") => {
                let same = self.nulls_not_distinct()?;
                let columns = self.ident_list()?;
                self.index_parameters()?;
                TableConstraintKind::Unique(columns, same)
            }
            () if self.eat("check") => TableConstraintKind::Check(self.check()?),
            () if self.eat_all(&["foreign", "key"]) => {
                let columns = self.ident_list()?;
                TableConstraintKind::ForeignKey(columns, self.references()?)
            }
            () if self.is("exclude") => return self.unsupported(self.here(), "EXCLUDE"),
            () => return Err(self.syntax_error()),
        };
        let span = self.since(start);
        let attributes = self.constraint_attributes()?;
        Ok(TableConstraint { name, kind, attributes, span })
    }

    /// DEFERRABLE, INITIALLY DEFERRED, NOT VALID, NO INHERIT, in any order.
    pub(super) fn constraint_attributes(&mut self) -> Result<ConstraintAttributes> {
        let mut held = ConstraintAttributes::default();
        loop {
            let start = self.here();
            match () {
                () if self.eat_all(&["not", "deferrable"]) => held.deferrable = Some(false),
                () if self.eat("deferrable") => held.deferrable = Some(true),
                () if self.eat_all(&["initially", "immediate"]) => held.deferred = Some(false),
                () if self.eat_all(&["initially", "deferred"]) => held.deferred = Some(true),
                () if self.eat_all(&["not", "valid"]) => held.not_valid = true,
                () if self.eat_all(&["no", "inherit"]) => held.no_inherit = true,
                () => return Ok(held),
            }
            if (held.deferrable, held.deferred) == (Some(false), Some(true)) {
                let message = "constraint declared INITIALLY DEFERRED must be DEFERRABLE";
                return Err(self.refused(start, message));
            }
        }
    }

    fn index_parameters(&mut self) -> Result<()> {
        if self.is_any(&["include", "using"]) || self.are(&["with", "("]) {
            return self.unsupported(self.here(), "an index parameter of a constraint");
        }
        Ok(())
    }

    fn references(&mut self) -> Result<References> {
        self.expect("references")?;
        let table = self.qualified()?;
        let columns = self.idents_if()?;
        let full = self.eat_all(&["match", "full"]);
        if self.are(&["match", "partial"]) {
            let message = "MATCH PARTIAL not yet implemented";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(self.here().at()));
        }
        self.eat_all(&["match", "simple"]);
        let (mut on_delete, mut on_update) = (None, None);
        loop {
            let start = self.here();
            if on_delete.is_none() && self.eat_all(&["on", "delete"]) {
                on_delete = Some(self.reference_action()?);
            } else if on_update.is_none() && self.eat_all(&["on", "update"]) {
                let (action, columns) = self.reference_action()?;
                if !columns.is_empty() {
                    let message = format!(
                        "a column list with {} is only supported for ON DELETE actions",
                        action.words()
                    );
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(start.at()));
                }
                on_update = Some(action);
            } else if self.are(&["on", "delete"]) || self.are(&["on", "update"]) {
                // Once is enough.
                self.advance();
                return Err(self.syntax_error());
            } else {
                let (on_delete, set_columns) = on_delete.unwrap_or((ReferenceAction::NoAction, Vec::new()));
                let on_update = on_update.unwrap_or(ReferenceAction::NoAction);
                return Ok(References { table, columns, full, on_delete, set_columns, on_update });
            }
        }
    }

    /// What happens to referencing rows, and to which of their columns.
    fn reference_action(&mut self) -> Result<(ReferenceAction, Vec<Ident>)> {
        const ACTIONS: [(&[&str], ReferenceAction); 5] = [
            (&["no", "action"], ReferenceAction::NoAction),
            (&["restrict"], ReferenceAction::Restrict),
            (&["cascade"], ReferenceAction::Cascade),
            (&["set", "null"], ReferenceAction::SetNull),
            (&["set", "default"], ReferenceAction::SetDefault),
        ];
        let found = ACTIONS.into_iter().find(|(words, _)| self.are(words));
        let Some((words, action)) = found else { return Err(self.syntax_error()) };
        self.eat_all(words);
        let sets = matches!(action, ReferenceAction::SetNull | ReferenceAction::SetDefault);
        Ok((action, if sets { self.idents_if()? } else { Vec::new() }))
    }

    /// WITH (…) and ON COMMIT; what else may follow the columns is refused by name.
    pub(super) fn table_options(&mut self) -> Result<(Vec<StorageOption>, OnCommit)> {
        for (words, feature) in [
            (&["inherits"][..], "INHERITS"),
            (&["partition", "by"], "PARTITION BY in CREATE TABLE"),
            (&["using"], "USING in CREATE TABLE"),
        ] {
            if self.are(words) {
                return self.unsupported(self.here(), feature);
            }
        }
        let options = if self.are(&["with", "("]) { self.storage_options()? } else { Vec::new() };
        self.eat_all(&["without", "oids"]);
        let mut on_commit = OnCommit::default();
        if self.eat_all(&["on", "commit"]) {
            on_commit = match () {
                () if self.eat("drop") => OnCommit::Drop,
                () if self.eat_all(&["delete", "rows"]) => OnCommit::DeleteRows,
                () => {
                    self.expect_all(&["preserve", "rows"])?;
                    OnCommit::PreserveRows
                }
            };
        }
        if self.is("tablespace") {
            return self.unsupported(self.here(), "TABLESPACE");
        }
        Ok((options, on_commit))
    }

    /// WITH (name = value, …)
    pub(super) fn storage_options(&mut self) -> Result<Vec<StorageOption>> {
        self.expect("with")?;
        self.options_listed()
    }

    /// (name = value, …)
    pub(super) fn options_listed(&mut self) -> Result<Vec<StorageOption>> {
        self.expect("(")?;
        let options = self.list(|p| {
            let first = p.label()?;
            let name = p.qualified_from(first)?;
            let value = match p.eat("=") {
                true => Some(p.setting_value()?),
                false => None,
            };
            Ok(StorageOption { name, value })
        })?;
        self.expect(")")?;
        Ok(options)
    }
}
