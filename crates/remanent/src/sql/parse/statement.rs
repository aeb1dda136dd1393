//! Statements: what a script's words begin.

use super::lexer::Kind;
use super::{Class, Parser, Result};
use crate::sql::ast::*;

impl Parser<'_> {
    pub(super) fn statement(&mut self) -> Result<Statement> {
        let start = self.here();
        let kind = match self.kind() {
            Kind::Word(_) => self.statement_kind()?,
            _ if self.is("(") => StatementKind::Query(Box::new(self.query()?)),
            _ => return Err(self.syntax_error()),
        };
        if let Some(into) = &self.into {
            return Err(self.refused(into.at, "SELECT ... INTO is not allowed here"));
        }
        Ok(Statement { kind, span: self.since(start), params: self.params })
    }

    fn statement_kind(&mut self) -> Result<StatementKind> {
        let word = self.token().text.clone();
        Ok(match word.as_ref() {
            "select" | "values" | "table" | "with" | "insert" | "update" | "delete" | "merge" => {
                return Ok(self.data_statement()?.kind);
            }
            "create" => return self.create(),
            "drop" => return self.drop(),
            "truncate" => self.truncate()?,
            "reindex" => self.reindex()?,
            "explain" => StatementKind::Explain(Box::new(self.explain()?)),
            "begin" | "start" | "commit" | "end" | "rollback" | "abort" | "savepoint" | "release" => {
                StatementKind::Transaction(self.transaction(&word)?)
            }
            "set" => return self.set(),
            "show" => {
                self.advance();
                StatementKind::Show(self.setting_or_all()?)
            }
            "reset" => {
                self.advance();
                StatementKind::Reset(self.setting_or_all()?)
            }
            "alter" => return self.alter(),
            "copy" => return self.copy(),
            "backup" => {
                self.advance();
                self.expect("to")?;
                match self.kind() {
                    Kind::String => StatementKind::Backup(self.take_ident().name),
                    _ => return Err(self.syntax_error()),
                }
            }
            "comment" => return self.comment(),
            "discard" => return self.discard(),
            "checkpoint" | "vacuum" | "analyze" | "analyse" => return self.maintain(),
            _ => return self.other_statement(),
        })
    }

    /// A query, INSERT, UPDATE, DELETE or MERGE.
    pub(super) fn data_statement(&mut self) -> Result<Statement> {
        let start = self.here();
        let with = self.with()?;
        let kind = match () {
            () if self.eat("insert") => StatementKind::Insert(Box::new(self.insert(with)?)),
            () if self.eat("update") => StatementKind::Update(Box::new(self.update(with)?)),
            () if self.eat("delete") => StatementKind::Delete(Box::new(self.delete(with)?)),
            () if self.eat("merge") => StatementKind::Merge(Box::new(self.merge(with)?)),
            () => {
                let mut query = self.query()?;
                match (with, &query.with) {
                    (Some(with), Some(_)) => {
                        return Err(self.refused(with.span, "multiple WITH clauses not allowed"));
                    }
                    (Some(with), None) => {
                        query.with = Some(with);
                        query.span = self.since(start);
                    }
                    (None, _) => {}
                }
                self.made_of(query)
            }
        };
        Ok(Statement { kind, span: self.since(start), params: self.params })
    }

    /// A query, or the table that its INTO makes.
    fn made_of(&mut self, query: Query) -> StatementKind {
        let mut first = &query.body;
        while let QueryBody::Set { left, .. } = first {
            first = &left.body;
        }
        let begins = match first {
            QueryBody::Select(select) => select.span.start,
            _ => return StatementKind::Query(Box::new(query)),
        };
        let Some(into) = self.into.take_if(|into| into.select.start == begins) else {
            return StatementKind::Query(Box::new(query));
        };
        StatementKind::CreateTableAs(Box::new(CreateTableAs {
            name: into.name,
            if_not_exists: false,
            persistence: into.persistence,
            columns: Vec::new(),
            options: Vec::new(),
            on_commit: OnCommit::default(),
            query,
            with_data: true,
        }))
    }

    /// Behind INSERT.
    fn insert(&mut self, with: Option<With>) -> Result<Insert> {
        self.expect("into")?;
        let table = self.qualified()?;
        let alias = if self.eat("as") { Some(self.ident()?) } else { None };
        let mut columns = Vec::new();
        if self.is("(") && !self.at_query_or_paren() {
            self.advance();
            columns = self.list(Self::target)?;
            self.expect(")")?;
        }
        let overriding_system = self.overriding()?;
        let source = match columns.is_empty() && self.eat_all(&["default", "values"]) {
            true => None,
            false => Some(Box::new(self.query()?)),
        };
        let on_conflict = if self.are(&["on", "conflict"]) { Some(self.on_conflict()?) } else { None };
        let returning = self.returning()?;
        Ok(Insert { with, table, alias, columns, overriding_system, source, on_conflict, returning })
    }

    /// `[OVERRIDING SYSTEM | USER VALUE]`
    pub(super) fn overriding(&mut self) -> Result<Option<bool>> {
        if !self.eat("overriding") {
            return Ok(None);
        }
        let system = self.eat("system");
        if !system {
            self.expect("user")?;
        }
        self.expect("value")?;
        Ok(Some(system))
    }

    fn on_conflict(&mut self) -> Result<OnConflict> {
        let start = self.here();
        self.expect_all(&["on", "conflict"])?;
        let at = self.here();
        let target = if self.eat_all(&["on", "constraint"]) {
            Some(ConflictTarget::Constraint(self.ident()?))
        } else if self.eat("(") {
            let keys = self.list(|p| {
                let expr = p.primary()?;
                let collation = if p.eat("collate") { Some(p.qualified()?) } else { None };
                let class = if p.is_name(Class::names_column) { Some(p.qualified()?) } else { None };
                Ok(ConflictKey { expr, collation, class })
            })?;
            self.expect(")")?;
            Some(ConflictTarget::Index { keys, filter: self.filter()?, at })
        } else {
            None
        };
        self.expect("do")?;
        let update = match self.eat("nothing") {
            true => None,
            false => {
                self.expect_all(&["update", "set"])?;
                Some(ConflictUpdate { set: self.list(Self::assignment)?, filter: self.filter()? })
            }
        };
        Ok(OnConflict { target, update, span: self.since(start) })
    }

    pub(super) fn target(&mut self) -> Result<Target> {
        let column = self.ident()?;
        let mut path = Vec::new();
        loop {
            if self.eat(".") {
                path.push(PathStep::Field(self.label()?));
            } else if self.is("[") {
                path.push(PathStep::Subscript(Box::new(self.subscript()?)));
            } else {
                return Ok(Target { column, path });
            }
        }
    }

    pub(super) fn assignment(&mut self) -> Result<Assignment> {
        let multiple = self.eat("(");
        let targets = if multiple { self.list(Self::target)? } else { vec![self.target()?] };
        if multiple {
            self.expect(")")?;
        }
        self.expect("=")?;
        Ok(Assignment { targets, multiple, value: self.expr()? })
    }

    fn returning(&mut self) -> Result<Vec<SelectItem>> {
        if self.eat("returning") { self.list(Self::select_item) } else { Ok(Vec::new()) }
    }

    /// `[ONLY] t [*] [[AS] alias]`; SET is no alias.
    pub(super) fn written_table(&mut self) -> Result<(Name, bool, Option<Ident>)> {
        let table = self.plain_table()?;
        let TableKind::Table { name, only, .. } = table.kind else { return Err(self.syntax_error()) };
        let alias = match () {
            () if self.eat("as") => Some(self.ident()?),
            () if self.is("set") => None,
            () => self.name_if(Class::names_column),
        };
        Ok((name, only, alias))
    }

    /// Behind UPDATE.
    fn update(&mut self, with: Option<With>) -> Result<Update> {
        let (table, only, alias) = self.written_table()?;
        self.expect("set")?;
        let set = self.list(Self::assignment)?;
        let from = if self.eat("from") { self.table_refs()? } else { Vec::new() };
        let filter = self.filter()?;
        let returning = self.returning()?;
        Ok(Update { with, table, only, alias, set, from, filter, returning })
    }

    /// Behind DELETE.
    fn delete(&mut self, with: Option<With>) -> Result<Delete> {
        self.expect("from")?;
        let (table, only, alias) = self.written_table()?;
        let using = if self.eat("using") { self.table_refs()? } else { Vec::new() };
        let filter = self.filter()?;
        let returning = self.returning()?;
        Ok(Delete { with, table, only, alias, using, filter, returning })
    }

    fn explain(&mut self) -> Result<Explain> {
        self.advance();
        let mut options = Vec::new();
        if self.is("(") && !self.at_query_or_paren() {
            self.advance();
            options = self.list(|p| {
                let name = match p.is("analyze") || p.is("analyse") {
                    true => Ident { name: "analyze".to_string(), ..p.take_ident() },
                    false => p.name(|class| class.names_column() || class.names_type())?,
                };
                let value = match p.is(",") || p.is(")") {
                    true => None,
                    false => Some(p.word_or_number()?),
                };
                Ok((name, value))
            })?;
            self.expect(")")?;
        } else {
            for word in ["analyze", "verbose"] {
                if self.is(word) || word == "analyze" && self.is("analyse") {
                    let name = Ident { name: word.to_string(), span: self.here() };
                    self.advance();
                    options.push((name, None));
                }
            }
        }
        let outer = self.begin()?;
        let at = self.here();
        let statement = self.statement()?;
        self.end(outer);
        match statement.kind {
            StatementKind::Query(_)
            | StatementKind::Insert(_)
            | StatementKind::Update(_)
            | StatementKind::Delete(_)
            | StatementKind::Merge(_)
            | StatementKind::CreateTableAs(_) => Ok(Explain { options, statement }),
            _ => Err(self.near(at, "syntax error")),
        }
    }

    /// A word, a string or a number, with its sign, as text.
    pub(super) fn word_or_number(&mut self) -> Result<String> {
        let sign = if self.eat("-") { "-" } else { "" };
        match self.kind() {
            Kind::Word(_) | Kind::Quoted | Kind::String | Kind::Integer | Kind::Numeric => {
                Ok(format!("{sign}{}", self.take_ident().name))
            }
            _ => Err(self.syntax_error()),
        }
    }

    fn transaction(&mut self, word: &str) -> Result<TransactionStatement> {
        use TransactionStatement as T;
        self.advance();
        Ok(match word {
            "start" => {
                self.expect("transaction")?;
                T::Begin(self.transaction_modes()?)
            }
            "begin" => {
                self.work();
                T::Begin(self.transaction_modes()?)
            }
            "savepoint" => T::Savepoint(self.ident()?),
            "release" => {
                self.eat("savepoint");
                T::Release(self.ident()?)
            }
            _ if self.is("prepared") => return self.unsupported(self.here(), "PREPARED TRANSACTION"),
            "commit" | "end" => {
                self.work();
                T::Commit(self.chain()?)
            }
            _ => {
                self.work();
                if self.eat("to") {
                    self.eat("savepoint");
                    return Ok(T::RollbackTo(self.ident()?));
                }
                T::Rollback(self.chain()?)
            }
        })
    }

    fn work(&mut self) {
        let _ = self.eat("work") || self.eat("transaction");
    }

    fn chain(&mut self) -> Result<bool> {
        if !self.eat("and") {
            return Ok(false);
        }
        let no = self.eat("no");
        self.expect("chain")?;
        Ok(!no)
    }

    fn transaction_modes(&mut self) -> Result<TransactionModes> {
        let mut modes = TransactionModes::default();
        let mut comma = false;
        loop {
            if self.eat_all(&["isolation", "level"]) {
                modes.isolation = Some(self.isolation()?);
            } else if self.eat_all(&["read", "only"]) {
                modes.read_only = Some(true);
            } else if self.eat_all(&["read", "write"]) {
                modes.read_only = Some(false);
            } else if self.eat("deferrable") {
                modes.deferrable = Some(true);
            } else if self.eat_all(&["not", "deferrable"]) {
                modes.deferrable = Some(false);
            } else if comma {
                return Err(self.syntax_error());
            } else {
                return Ok(modes);
            }
            comma = self.eat(",");
        }
    }

    fn isolation(&mut self) -> Result<Isolation> {
        let levels: [(&[&str], Isolation); 4] = [
            (&["read", "uncommitted"], Isolation::ReadUncommitted),
            (&["read", "committed"], Isolation::ReadCommitted),
            (&["repeatable", "read"], Isolation::RepeatableRead),
            (&["serializable"], Isolation::Serializable),
        ];
        for (words, level) in levels {
            if self.eat_all(words) {
                return Ok(level);
            }
        }
        Err(self.syntax_error())
    }

    /// `name`, `TIME ZONE`, …; None for ALL.
    pub(super) fn setting_or_all(&mut self) -> Result<Option<Name>> {
        if self.eat("all") { Ok(None) } else { self.setting().map(Some) }
    }

    pub(super) fn setting(&mut self) -> Result<Name> {
        let start = self.here();
        let words: [(&[&str], &str); 3] = [
            (&["time", "zone"], "timezone"),
            (&["transaction", "isolation", "level"], "transaction_isolation"),
            (&["session", "authorization"], "session_authorization"),
        ];
        for (words, name) in words {
            if self.eat_all(words) {
                let span = self.since(start);
                return Ok(Name { parts: vec![Ident { name: name.to_string(), span }], span });
            }
        }
        self.qualified()
    }

    fn set(&mut self) -> Result<StatementKind> {
        let start = self.here();
        self.advance();
        if self.is("constraints") {
            return self.set_constraints();
        }
        if self.eat_all(&["session", "characteristics", "as", "transaction"]) {
            let modes = self.transaction_modes()?;
            return Ok(StatementKind::Transaction(TransactionStatement::SetSession(modes)));
        }
        let mut local = false;
        if self.is_any(&["session", "local"]) && !self.ahead(1).is("authorization") {
            let setting = ["to", "=", "."].iter().any(|s| self.ahead(1).is(s));
            if !setting {
                local = self.is("local");
                self.advance();
            }
        }
        if self.is("transaction") && !self.ahead(1).is("to") && !self.ahead(1).is("=") {
            self.advance();
            if self.is("snapshot") {
                return self.unsupported(start, "SET TRANSACTION SNAPSHOT");
            }
            let modes = self.transaction_modes()?;
            return Ok(StatementKind::Transaction(TransactionStatement::Set(modes)));
        }
        // SET NAMES 'utf8', SET ROLE x, SET TIME ZONE x: without TO.
        let (bare, name) = match self.token().text.as_ref() {
            "names" => (true, "client_encoding"),
            "schema" => (true, "search_path"),
            "role" => (true, "role"),
            "xml" => return self.unsupported(start, "SET XML OPTION"),
            _ => (self.are(&["time", "zone"]) || self.are(&["session", "authorization"]), ""),
        };
        let bare = bare && !self.ahead(1).is("to") && !self.ahead(1).is("=");
        let name = if bare && !name.is_empty() {
            Name {
                parts: vec![Ident { name: name.to_string(), ..self.take_ident() }],
                span: self.since(start),
            }
        } else {
            self.setting()?
        };
        if !bare && !self.eat("=") {
            self.expect("to")?;
        }
        if self.eat("default") || bare && (self.kind() == Kind::End || self.is(";")) {
            return Ok(StatementKind::Set(Set { name, local, values: None }));
        }
        let values = Some(self.list(Self::setting_value)?);
        Ok(StatementKind::Set(Set { name, local, values }))
    }

    /// A literal; a word is a string.
    pub(super) fn setting_value(&mut self) -> Result<Expr> {
        let start = self.here();
        if self.is("interval") {
            return self.primary();
        }
        match self.kind() {
            Kind::Word(_) | Kind::Quoted => {
                let word = self.take_ident().name;
                Ok(self.node(start, ExprKind::Literal(Literal::String(word))))
            }
            _ => self.expr_from(super::expr::power::SIGN, true),
        }
    }
}
