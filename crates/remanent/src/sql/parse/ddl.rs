//! CREATE TABLE, DROP TABLE and TRUNCATE, and the names of what else could be created or dropped.

use super::lexer::Kind;
use super::{Parser, Result};
use crate::sql::ast::*;

/// What PostgreSQL creates and drops besides tables.
const OTHER_OBJECTS: &[&str] = &[
    "access",
    "aggregate",
    "cast",
    "collation",
    "conversion",
    "database",
    "default",
    "domain",
    "event",
    "extension",
    "foreign",
    "function",
    "group",
    "language",
    "materialized",
    "operator",
    "owned",
    "policy",
    "procedural",
    "procedure",
    "publication",
    "role",
    "routine",
    "rule",
    "schema",
    "sequence",
    "server",
    "statistics",
    "subscription",
    "tablespace",
    "text",
    "transform",
    "trigger",
    "type",
    "user",
    "view",
];

/// Words that may stand between CREATE and what is created.
const OBJECT_PREFIXES: &[&str] = &[
    "or",
    "replace",
    "unique",
    "trusted",
    "constraint",
    "recursive",
    "temp",
    "temporary",
    "global",
    "local",
    "unlogged",
];

impl Parser<'_> {
    /// CREATE …
    pub(super) fn create(&mut self) -> Result<StatementKind> {
        let start = self.here();
        let mut n = 1;
        while OBJECT_PREFIXES.iter().any(|word| self.ahead(n).is(word)) {
            n += 1;
        }
        if n <= 2 && self.ahead(n).is("index") && (n == 1 || self.ahead(1).is("unique")) {
            self.advance();
            let unique = self.eat("unique");
            self.advance();
            return self.create_index(unique, start);
        }
        if !self.ahead(n).is("table") {
            return self.other_object(start, n, "CREATE");
        }
        self.advance();
        let mut persistence = Persistence::Permanent;
        let _ = self.eat("global") || self.eat("local");
        if self.eat("temporary") || self.eat("temp") {
            persistence = Persistence::Temporary;
        } else if self.eat("unlogged") {
            persistence = Persistence::Unlogged;
        }
        self.expect("table")?;
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        let name = self.qualified()?;
        if self.is("of") || self.is("partition") {
            return self
                .unsupported(self.here(), if self.is("of") { "CREATE TABLE OF" } else { "PARTITION OF" });
        }
        if self.is_any(&["as", "with", "without", "using", "on", "tablespace"]) || self.names_then_as() {
            return self.create_as(name, if_not_exists, persistence);
        }
        self.expect("(")?;
        let (mut columns, mut constraints) = (Vec::new(), Vec::new());
        if !self.is(")") {
            loop {
                match self.is_any(&["constraint", "primary", "unique", "check", "foreign", "exclude", "like"])
                {
                    true => constraints.push(self.table_constraint()?),
                    false => columns.push(self.column_definition()?),
                }
                if !self.eat(",") {
                    break;
                }
            }
        }
        self.expect(")")?;
        let options = self.table_options()?;
        let table = CreateTable { name, if_not_exists, persistence, columns, constraints, options };
        Ok(StatementKind::CreateTable(Box::new(table)))
    }

    /// An object that Remanent does not have, `n` tokens ahead.
    fn other_object(&self, start: Span, n: usize, verb: &str) -> Result<StatementKind> {
        let object = self.ahead(n);
        match (object.kind, OTHER_OBJECTS.contains(&object.text.as_ref())) {
            (Kind::Word(_), true) => {
                let mut name = object.text.to_ascii_uppercase();
                if matches!(name.as_str(), "MATERIALIZED" | "FOREIGN" | "TEXT" | "ACCESS" | "EVENT") {
                    name = format!("{name} {}", self.ahead(n + 1).text.to_ascii_uppercase());
                }
                self.unsupported(start, &format!("{verb} {name}"))
            }
            (Kind::Bad, _) => Err(self.syntax_error()),
            (Kind::End, _) => Err(self.end_error()),
            _ => Err(self.near(object.span, "syntax error")),
        }
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
        if !self.is("as") {
            return self.unsupported(self.here(), "this clause of CREATE TABLE AS");
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
        let create = CreateTableAs { name, if_not_exists, persistence, columns, query, with_data };
        Ok(StatementKind::CreateTableAs(Box::new(create)))
    }

    fn column_definition(&mut self) -> Result<ColumnDefinition> {
        let start = self.here();
        let (name, ty) = (self.ident()?, self.type_name()?);
        let mut collation = None;
        let mut constraints = Vec::new();
        loop {
            if self.eat("collate") {
                collation = Some(self.qualified()?);
            } else if self.is("storage") || self.is("compression") {
                return self.unsupported(self.here(), "a column's STORAGE or COMPRESSION");
            } else if let Some(constraint) = self.column_constraint()? {
                constraints.push(constraint);
            } else if !self.constraint_attribute()? {
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
        Ok(Some(ColumnConstraint { name, kind, span: self.since(start) }))
    }

    fn generated(&mut self) -> Result<ColumnConstraintKind> {
        let always = self.eat("always");
        if !always {
            self.expect_all(&["by", "default"])?;
        }
        self.expect("as")?;
        if self.eat("identity") {
            if self.is("(") {
                return self.unsupported(self.here(), "sequence options of IDENTITY");
            }
            return Ok(ColumnConstraintKind::Identity(always));
        }
        self.expect("(")?;
        let expr = self.expr()?;
        self.expect_all(&[")", "stored"])?;
        Ok(ColumnConstraintKind::Generated(expr))
    }

    fn check(&mut self) -> Result<Expr> {
        self.expect("(")?;
        let expr = self.expr()?;
        self.expect(")")?;
        if self.is("no") {
            return self.unsupported(self.here(), "NO INHERIT");
        }
        Ok(expr)
    }

    fn table_constraint(&mut self) -> Result<TableConstraint> {
        let start = self.here();
        if self.is("like") {
            return self.unsupported(start, "LIKE in CREATE TABLE");
        }
        let name = if self.eat("constraint") { Some(self.ident()?) } else { None };
        let kind = match () {
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
        while self.constraint_attribute()? {}
        Ok(TableConstraint { name, kind, span: self.since(start) })
    }

    /// Attributes that say what holds anyway are taken; others are refused.
    fn constraint_attribute(&mut self) -> Result<bool> {
        if self.eat_all(&["not", "deferrable"]) || self.eat_all(&["initially", "immediate"]) {
            return Ok(true);
        }
        if self.is_any(&["deferrable", "initially"]) || self.are(&["not", "valid"]) {
            return self.unsupported(self.here(), "a deferred constraint");
        }
        Ok(false)
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
        if self.is("match") {
            return self.unsupported(self.here(), "MATCH");
        }
        let (mut on_delete, mut on_update) = (ReferenceAction::NoAction, ReferenceAction::NoAction);
        loop {
            if self.eat_all(&["on", "delete"]) {
                on_delete = self.reference_action()?;
            } else if self.eat_all(&["on", "update"]) {
                on_update = self.reference_action()?;
            } else {
                return Ok(References { table, columns, on_delete, on_update });
            }
        }
    }

    fn reference_action(&mut self) -> Result<ReferenceAction> {
        let actions: [(&[&str], ReferenceAction); 5] = [
            (&["no", "action"], ReferenceAction::NoAction),
            (&["restrict"], ReferenceAction::Restrict),
            (&["cascade"], ReferenceAction::Cascade),
            (&["set", "null"], ReferenceAction::SetNull),
            (&["set", "default"], ReferenceAction::SetDefault),
        ];
        for (words, action) in actions {
            if self.eat_all(words) {
                return match self.is("(") {
                    true => self.unsupported(self.here(), "ON DELETE SET of some columns"),
                    false => Ok(action),
                };
            }
        }
        Err(self.syntax_error())
    }

    /// WITH (…); what else may follow the columns is refused by name.
    fn table_options(&mut self) -> Result<Vec<StorageOption>> {
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
        if self.is("tablespace") || self.are(&["on", "commit"]) {
            return self.unsupported(self.here(), "TABLESPACE or ON COMMIT");
        }
        Ok(options)
    }

    /// WITH (name = value, …)
    pub(super) fn storage_options(&mut self) -> Result<Vec<StorageOption>> {
        self.expect_all(&["with", "("])?;
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

    /// DROP …
    pub(super) fn drop(&mut self) -> Result<StatementKind> {
        let start = self.here();
        if self.ahead(1).is("index") {
            self.advance();
            self.advance();
            return self.drop_index();
        }
        if !self.ahead(1).is("table") {
            return self.other_object(start, 1, "DROP");
        }
        self.advance();
        self.advance();
        let if_exists = self.eat_all(&["if", "exists"]);
        let names = self.list(Self::qualified)?;
        let cascade = self.eat("cascade");
        if !cascade {
            self.eat("restrict");
        }
        Ok(StatementKind::DropTable(DropTable { names, if_exists, cascade }))
    }

    /// TRUNCATE [TABLE] [ONLY] name [*] [, …] [RESTART IDENTITY | CONTINUE IDENTITY] [CASCADE | RESTRICT]
    pub(super) fn truncate(&mut self) -> Result<StatementKind> {
        self.advance();
        self.eat("table");
        let names = self.list(|parser| {
            parser.eat("only");
            let name = parser.qualified()?;
            parser.eat("*");
            Ok(name)
        })?;
        let restart = self.eat("restart");
        if restart || self.eat("continue") {
            self.expect("identity")?;
        }
        let cascade = self.eat("cascade");
        if !cascade {
            self.eat("restrict");
        }
        Ok(StatementKind::Truncate(Truncate { names, restart, cascade }))
    }
}
