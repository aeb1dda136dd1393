//! CREATE, DROP, COMMENT ON, TRUNCATE: sequences, views, schemas, enum types, and the way to tables.

use super::lexer::Kind;
use super::{Parser, Result};
use crate::error::{Error, state};
use crate::sql::ast::*;

impl Parser<'_> {
    /// CREATE …
    pub(super) fn create(&mut self) -> Result<StatementKind> {
        if self.ahead(1).is("index") || self.are(&["create", "unique", "index"]) {
            return self.create_index();
        }
        let mut n = 1;
        let or_replace = self.ahead(n).is("or") && self.ahead(n + 1).is("replace");
        n += if or_replace { 2 } else { 0 };
        n += usize::from(["global", "local"].iter().any(|word| self.ahead(n).is(word)));
        let persistence = match () {
            () if self.ahead(n).is("temporary") || self.ahead(n).is("temp") => Persistence::Temporary,
            () if self.ahead(n).is("unlogged") => Persistence::Unlogged,
            () => Persistence::Permanent,
        };
        n += usize::from(persistence != Persistence::Permanent);
        let recursive = self.ahead(n).is("recursive");
        let plain = !or_replace && !recursive;
        let make: fn(&mut Self, Persistence) -> Result<StatementKind> = match () {
            () if self.ahead(n).is("table") && plain => Self::create_table,
            () if self.ahead(n).is("sequence") && plain => Self::create_sequence,
            () if self.ahead(n).is("schema") && n == 1 => Self::create_schema,
            () if self.ahead(n).is("extension") && n == 1 => Self::create_extension,
            () if self.ahead(n).is("type") && n == 1 && self.at_enum(n + 1) => Self::create_enum,
            () if self.ahead(n + usize::from(recursive)).is("view") => {
                (0..=n + usize::from(recursive)).for_each(|_| self.advance());
                return self.create_view(or_replace, persistence, recursive);
            }
            () => return self.other_statement(),
        };
        (0..=n).for_each(|_| self.advance());
        make(self, persistence)
    }

    /// Behind CREATE SEQUENCE.
    fn create_sequence(&mut self, persistence: Persistence) -> Result<StatementKind> {
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        let name = self.qualified()?;
        let options = self.sequence_options()?;
        Ok(StatementKind::CreateSequence(Box::new(CreateSequence {
            name,
            if_not_exists,
            persistence,
            options,
        })))
    }

    pub(super) fn sequence_options(&mut self) -> Result<Vec<SequenceOption>> {
        let mut options = Vec::new();
        while self.kind() != Kind::End && !self.is(";") {
            options.push(self.sequence_option()?);
        }
        Ok(options)
    }

    /// One option of a sequence.
    pub(super) fn sequence_option(&mut self) -> Result<SequenceOption> {
        use SequenceOptionKind as S;
        let start = self.here();
        let kind = match () {
            () if self.eat("as") => S::As(self.type_name()?),
            () if self.eat("increment") => {
                self.eat("by");
                S::Increment(self.sequence_number()?)
            }
            () if self.eat("minvalue") => S::MinValue(Some(self.sequence_number()?)),
            () if self.eat("maxvalue") => S::MaxValue(Some(self.sequence_number()?)),
            () if self.eat_all(&["no", "minvalue"]) => S::MinValue(None),
            () if self.eat_all(&["no", "maxvalue"]) => S::MaxValue(None),
            () if self.eat("start") => {
                self.eat("with");
                S::Start(self.sequence_number()?)
            }
            () if self.eat("restart") => {
                let with = self.eat("with");
                let number = with || self.is("-") || self.is("+");
                let number = number || matches!(self.kind(), Kind::Integer | Kind::Numeric);
                S::Restart(if number { Some(self.sequence_number()?) } else { None })
            }
            () if self.eat("cache") => S::Cache(self.sequence_number()?),
            () if self.eat("cycle") => S::Cycle(true),
            () if self.eat_all(&["no", "cycle"]) => S::Cycle(false),
            () if self.eat_all(&["owned", "by", "none"]) => S::OwnedBy(None),
            () if self.eat_all(&["owned", "by"]) => S::OwnedBy(Some(self.qualified()?)),
            () if self.eat_all(&["sequence", "name"]) => S::Name(self.qualified()?),
            () => return Err(self.syntax_error()),
        };
        Ok(SequenceOption { kind, span: self.since(start) })
    }

    /// A whole number with its sign; 22003 where a bigint cannot hold it.
    fn sequence_number(&mut self) -> Result<i64> {
        let start = self.here();
        let minus = self.eat("-");
        if !minus {
            self.eat("+");
        }
        if !matches!(self.kind(), Kind::Integer | Kind::Numeric) {
            return Err(self.syntax_error());
        }
        let text = format!("{}{}", if minus { "-" } else { "" }, self.take_ident().name);
        text.parse().map_err(|_| match text.contains(['.', 'e', 'E']) {
            true => {
                let message = format!("invalid input syntax for type bigint: \"{text}\"");
                Error::new(state::INVALID_TEXT_REPRESENTATION, message).at(start.at())
            }
            false => {
                let message = format!("value \"{text}\" is out of range for type bigint");
                Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message).at(start.at())
            }
        })
    }

    /// Behind CREATE VIEW.
    fn create_view(
        &mut self,
        or_replace: bool,
        persistence: Persistence,
        recursive: bool,
    ) -> Result<StatementKind> {
        let name = self.qualified()?;
        let columns = self.idents_if()?;
        if recursive && columns.is_empty() {
            return Err(self.syntax_error());
        }
        let options = if self.are(&["with", "("]) { self.storage_options()? } else { Vec::new() };
        self.expect("as")?;
        let query = self.query()?;
        let mut check_option = None;
        if self.eat("with") {
            let local = self.eat("local");
            if !local {
                self.eat("cascaded");
            }
            self.expect_all(&["check", "option"])?;
            check_option = Some(local);
        }
        let view =
            CreateView { name, or_replace, persistence, recursive, columns, options, query, check_option };
        Ok(StatementKind::CreateView(Box::new(view)))
    }

    /// Behind CREATE SCHEMA.
    fn create_schema(&mut self, _: Persistence) -> Result<StatementKind> {
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        if self.is("authorization") {
            return self.unsupported(self.here(), "CREATE SCHEMA AUTHORIZATION");
        }
        let name = self.ident()?;
        if self.is("authorization") {
            return self.unsupported(self.here(), "CREATE SCHEMA AUTHORIZATION");
        }
        if self.is_any(&["create", "grant"]) {
            return self.unsupported(self.here(), "a statement within CREATE SCHEMA");
        }
        Ok(StatementKind::CreateSchema(Box::new(CreateSchema { name, if_not_exists })))
    }

    /// Behind CREATE EXTENSION: where it is put, and which one, says nothing of what is built in.
    fn create_extension(&mut self, _: Persistence) -> Result<StatementKind> {
        self.eat_all(&["if", "not", "exists"]);
        let name = self.ident()?;
        self.eat("with");
        while self.kind() != Kind::End && !self.is(";") {
            match () {
                () if self.eat("cascade") => {}
                () if self.eat("schema") => _ = self.ident()?,
                () if self.eat("version") => match self.kind() {
                    Kind::String => self.advance(),
                    _ => _ = self.ident()?,
                },
                () => return Err(self.syntax_error()),
            }
        }
        Ok(StatementKind::CreateExtension(name))
    }

    /// True for `name AS ENUM`, `n` tokens ahead.
    fn at_enum(&self, n: usize) -> bool {
        let rest = |n: usize| self.ahead(n).is("as") && self.ahead(n + 1).is("enum");
        rest(n + 1) || self.ahead(n + 1).is(".") && rest(n + 3)
    }

    /// Behind CREATE TYPE.
    fn create_enum(&mut self, _: Persistence) -> Result<StatementKind> {
        let name = self.qualified()?;
        self.expect_all(&["as", "enum", "("])?;
        let labels = if self.is(")") { Vec::new() } else { self.list(Self::enum_label)? };
        self.expect(")")?;
        Ok(StatementKind::CreateEnum(Box::new(CreateEnum { name, labels })))
    }

    pub(super) fn enum_label(&mut self) -> Result<Ident> {
        match self.kind() {
            Kind::String => Ok(self.take_ident()),
            _ => Err(self.syntax_error()),
        }
    }

    /// The kind of object that a word names; indexes and the database are dropped in other ways.
    fn object_kind(&self, n: usize) -> Option<ObjectKind> {
        use ObjectKind as O;
        let kinds = [O::Table, O::View, O::Sequence, O::Schema, O::Type, O::Index, O::Database];
        kinds.into_iter().find(|kind| self.ahead(n).is(kind.word()))
    }

    /// DROP …
    pub(super) fn drop(&mut self) -> Result<StatementKind> {
        if self.ahead(1).is("index") {
            return self.drop_index();
        }
        let Some(kind) = self.object_kind(1).filter(|kind| *kind != ObjectKind::Database) else {
            return self.other_statement();
        };
        self.advance();
        self.advance();
        let if_exists = self.eat_all(&["if", "exists"]);
        let names = match kind {
            ObjectKind::Schema => self.list(Self::schema_name)?,
            _ => self.list(Self::qualified)?,
        };
        let cascade = self.behavior();
        Ok(StatementKind::Drop(Box::new(DropObjects { kind, names, if_exists, cascade })))
    }

    fn schema_name(&mut self) -> Result<Name> {
        let ident = self.ident()?;
        Ok(Name { span: ident.span, parts: vec![ident] })
    }

    /// CASCADE (true) or RESTRICT, if it is there.
    pub(super) fn behavior(&mut self) -> bool {
        let cascade = self.eat("cascade");
        if !cascade {
            self.eat("restrict");
        }
        cascade
    }

    /// CHECKPOINT; VACUUM or ANALYZE, `[(option [value], …)]` or words, `[table [(columns)], …]`
    pub(super) fn maintain(&mut self) -> Result<StatementKind> {
        let what = match () {
            () if self.is("checkpoint") => "CHECKPOINT",
            () if self.is("vacuum") => "VACUUM",
            () => "ANALYZE",
        };
        self.advance();
        let mut tables = Vec::new();
        if what != "CHECKPOINT" {
            let vacuum = what == "VACUUM";
            let mut analyzes = !vacuum;
            if self.eat("(") {
                analyzes |= self.maintenance_option(vacuum)?;
                while self.eat(",") {
                    analyzes |= self.maintenance_option(vacuum)?;
                }
                self.expect(")")?;
            } else {
                if vacuum {
                    self.eat("full");
                    self.eat("freeze");
                }
                self.eat("verbose");
                analyzes |= vacuum && (self.eat("analyze") || self.eat("analyse"));
            }
            if !self.is(";") && self.kind() != Kind::End {
                tables = self.list(|p| Ok((p.qualified()?, p.idents_if()?)))?;
            }
            if !analyzes && tables.iter().any(|(_, columns)| !columns.is_empty()) {
                let message = "ANALYZE option must be specified when a column list is provided";
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
            }
        }
        Ok(StatementKind::Maintain(Maintain { what, tables }))
    }

    /// `FREEZE`, `INDEX_CLEANUP off`, `PARALLEL 2`: all of them say how, none what, but that a VACUUM analyzes, which is the answer.
    fn maintenance_option(&mut self, vacuum: bool) -> Result<bool> {
        let of_both = ["analyze", "analyse", "verbose", "skip_locked"];
        let of_vacuum = [
            "disable_page_skipping",
            "freeze",
            "full",
            "index_cleanup",
            "parallel",
            "process_toast",
            "truncate",
        ];
        let known = if vacuum { &of_both[..] } else { &of_both[2..] };
        let Some(word) = known.iter().chain(of_vacuum.iter().filter(|_| vacuum)).find(|word| self.eat(word))
        else {
            return Err(self.syntax_error());
        };
        let analyzes = word.starts_with("analy");
        if self.is(",") || self.is(")") {
            return Ok(analyzes);
        }
        let at = self.here().at();
        let value = self.setting_value()?.as_setting().to_lowercase();
        let (on, off) = (["on", "true", "1"], ["off", "false", "0"]);
        let (is_on, is_off) = (on.contains(&value.as_str()), off.contains(&value.as_str()));
        let (fits, wanted) = match *word {
            "parallel" => (value.parse::<u16>().is_ok(), "an integer"),
            "index_cleanup" => (is_on || is_off || value == "auto", "a Boolean"),
            _ => (is_on || is_off, "a Boolean"),
        };
        match fits {
            true => Ok(analyzes && is_on),
            false => Err(Error::new(state::SYNTAX_ERROR, format!("{word} requires {wanted} value")).at(at)),
        }
    }

    /// DISCARD …
    pub(super) fn discard(&mut self) -> Result<StatementKind> {
        self.advance();
        for (what, word) in Discard::WORDS {
            if self.eat(word) {
                return Ok(StatementKind::Discard(what));
            }
        }
        Err(self.syntax_error())
    }

    /// COMMENT ON …
    pub(super) fn comment(&mut self) -> Result<StatementKind> {
        let on = match self.object_kind(2).filter(|_| self.ahead(1).is("on")) {
            Some(kind) => {
                (0..3).for_each(|_| self.advance());
                CommentOn::Object(kind, self.qualified()?)
            }
            None if self.eat_all(&["comment", "on", "column"]) => CommentOn::Column(self.qualified()?),
            None if self.are(&["comment", "on", "constraint"]) && !self.ahead(5).is("domain") => {
                (0..3).for_each(|_| self.advance());
                let name = self.ident()?;
                self.expect("on")?;
                CommentOn::Constraint(name, self.qualified()?)
            }
            None => return self.other_statement(),
        };
        self.expect("is")?;
        let text = match self.eat("null") {
            true => None,
            false => Some(self.enum_label()?.name),
        };
        Ok(StatementKind::Comment(Box::new(Comment { on, text })))
    }

    /// Behind SET: CONSTRAINTS …
    pub(super) fn set_constraints(&mut self) -> Result<StatementKind> {
        self.expect("constraints")?;
        let names = if self.eat("all") { Vec::new() } else { self.list(Self::qualified)? };
        let deferred = self.eat("deferred");
        if !deferred {
            self.expect("immediate")?;
        }
        Ok(StatementKind::SetConstraints(SetConstraints { names, deferred }))
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
        let cascade = self.behavior();
        Ok(StatementKind::Truncate(Truncate { names, restart, cascade }))
    }
}
