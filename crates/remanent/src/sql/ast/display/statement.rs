//! Statements.

use super::{clause, list, optional, parens, quote_literal, word};
use crate::sql::ast::*;
use std::fmt::{Display, Formatter, Result};

impl Display for Statement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.kind, f)
    }
}

impl Display for StatementKind {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            StatementKind::Query(query) => Display::fmt(query, f),
            StatementKind::Insert(insert) => Display::fmt(insert, f),
            StatementKind::Update(update) => Display::fmt(update, f),
            StatementKind::Delete(delete) => Display::fmt(delete, f),
            StatementKind::Merge(merge) => Display::fmt(merge, f),
            StatementKind::CreateTable(create) => Display::fmt(create, f),
            StatementKind::CreateTableAs(create) => Display::fmt(create, f),
            StatementKind::AlterTable(alter) => Display::fmt(alter, f),
            StatementKind::CreateSequence(create) => Display::fmt(create, f),
            StatementKind::AlterSequence(alter) => Display::fmt(alter, f),
            StatementKind::CreateView(create) => Display::fmt(create, f),
            StatementKind::CreateSchema(create) => Display::fmt(create, f),
            StatementKind::CreateExtension(name) => write!(f, "CREATE EXTENSION {name}"),
            StatementKind::RenameSchema(from, to) => write!(f, "ALTER SCHEMA {from} RENAME TO {to}"),
            StatementKind::CreateEnum(create) => Display::fmt(create, f),
            StatementKind::AlterEnum(alter) => Display::fmt(alter, f),
            StatementKind::Drop(drop) => Display::fmt(drop, f),
            StatementKind::Truncate(truncate) => Display::fmt(truncate, f),
            StatementKind::Discard(what) => {
                let word = Discard::WORDS.iter().find(|(of, _)| of == what).map_or("", |(_, word)| word);
                write!(f, "DISCARD {}", word.to_ascii_uppercase())
            }
            StatementKind::Maintain(maintain) => Display::fmt(maintain, f),
            StatementKind::Comment(comment) => Display::fmt(comment, f),
            StatementKind::SetConstraints(set) => Display::fmt(set, f),
            StatementKind::CreateIndex(create) => Display::fmt(create, f),
            StatementKind::DropIndex(drop) => Display::fmt(drop, f),
            StatementKind::AlterIndex(alter) => Display::fmt(alter, f),
            StatementKind::Reindex(reindex) => Display::fmt(reindex, f),
            StatementKind::Explain(explain) => {
                f.write_str("EXPLAIN ")?;
                for (i, (name, value)) in explain.options.iter().enumerate() {
                    write!(f, "{}{name}", if i > 0 { ", " } else { "(" })?;
                    optional(f, " ", &value.as_deref().map(quote_literal))?;
                }
                word(f, !explain.options.is_empty(), ") ")?;
                Display::fmt(&explain.statement, f)
            }
            StatementKind::Transaction(transaction) => Display::fmt(transaction, f),
            StatementKind::Set(set) => {
                write!(f, "SET {}{} TO ", if set.local { "LOCAL " } else { "" }, set.name)?;
                match &set.values {
                    Some(values) => list(f, values),
                    None => f.write_str("DEFAULT"),
                }
            }
            StatementKind::Show(Some(name)) => write!(f, "SHOW {name}"),
            StatementKind::Show(None) => f.write_str("SHOW ALL"),
            StatementKind::Reset(Some(name)) => write!(f, "RESET {name}"),
            StatementKind::Reset(None) => f.write_str("RESET ALL"),
            StatementKind::Alter(alter) => {
                match &alter.database {
                    Some(name) => write!(f, "ALTER DATABASE {name} ")?,
                    None => f.write_str("ALTER SYSTEM ")?,
                }
                match &alter.change {
                    SettingChange::Set(name, values) => {
                        write!(f, "SET {name} TO ")?;
                        list(f, values)
                    }
                    SettingChange::FromCurrent(name) => write!(f, "SET {name} FROM CURRENT"),
                    SettingChange::Reset(Some(name)) => write!(f, "RESET {name}"),
                    SettingChange::Reset(None) => f.write_str("RESET ALL"),
                }
            }
            StatementKind::Copy(copy) => Display::fmt(copy, f),
            StatementKind::Backup(dir) => write!(f, "BACKUP TO {}", quote_literal(dir)),
        }
    }
}

impl Display for Insert {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        write!(f, "{}INSERT INTO {}", if self.with.is_some() { " " } else { "" }, self.table)?;
        optional(f, " AS ", &self.alias)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        f.write_str(overriding(self.overriding_system))?;
        match &self.source {
            Some(source) => write!(f, " {source}")?,
            None => f.write_str(" DEFAULT VALUES")?,
        }
        optional(f, "", &self.on_conflict)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

fn overriding(system: Option<bool>) -> &'static str {
    match system {
        Some(true) => " OVERRIDING SYSTEM VALUE",
        Some(false) => " OVERRIDING USER VALUE",
        None => "",
    }
}

impl Display for Merge {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        let (space, only) =
            (if self.with.is_some() { " " } else { "" }, if self.only { "ONLY " } else { "" });
        write!(f, "{space}MERGE INTO {only}{}", self.table)?;
        optional(f, " AS ", &self.alias)?;
        write!(f, " USING {} ON {}", self.source, self.on)?;
        for when in &self.whens {
            f.write_str(if when.matched { " WHEN MATCHED" } else { " WHEN NOT MATCHED" })?;
            optional(f, " AND ", &when.condition)?;
            f.write_str(" THEN ")?;
            Display::fmt(&when.action, f)?;
        }
        Ok(())
    }
}

impl Display for MergeAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            MergeAction::Update(set) => clause(f, "UPDATE SET ", set),
            MergeAction::Delete => f.write_str("DELETE"),
            MergeAction::Nothing => f.write_str("DO NOTHING"),
            MergeAction::Insert { columns, overriding_system, values } => {
                f.write_str("INSERT")?;
                if !columns.is_empty() {
                    parens(f, " ", columns)?;
                }
                f.write_str(overriding(*overriding_system))?;
                match values {
                    Some(values) => parens(f, " VALUES ", values),
                    None => f.write_str(" DEFAULT VALUES"),
                }
            }
        }
    }
}

impl Display for OnConflict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(" ON CONFLICT")?;
        match &self.target {
            Some(ConflictTarget::Constraint(name)) => write!(f, " ON CONSTRAINT {name}")?,
            Some(ConflictTarget::Index { keys, filter, .. }) => {
                parens(f, " ", keys)?;
                optional(f, " WHERE ", filter)?;
            }
            None => {}
        }
        match &self.update {
            Some(update) => {
                clause(f, " DO UPDATE SET ", &update.set)?;
                optional(f, " WHERE ", &update.filter)
            }
            None => f.write_str(" DO NOTHING"),
        }
    }
}

impl Display for ConflictKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.expr.kind {
            ExprKind::Column(_) | ExprKind::Function(_) => Display::fmt(&self.expr, f)?,
            _ => write!(f, "({})", self.expr)?,
        }
        optional(f, " COLLATE ", &self.collation)?;
        optional(f, " ", &self.class)
    }
}

impl Display for Target {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.column, f)?;
        for step in &self.path {
            match step {
                PathStep::Field(name) => write!(f, ".{name}")?,
                PathStep::Subscript(subscript) => Display::fmt(subscript, f)?,
            }
        }
        Ok(())
    }
}

impl Display for Assignment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.multiple {
            true => parens(f, "", &self.targets)?,
            false => list(f, &self.targets)?,
        }
        write!(f, " = {}", self.value)
    }
}

impl Display for Update {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        let (space, only) =
            (if self.with.is_some() { " " } else { "" }, if self.only { "ONLY " } else { "" });
        write!(f, "{space}UPDATE {only}{}", self.table)?;
        optional(f, " AS ", &self.alias)?;
        clause(f, " SET ", &self.set)?;
        clause(f, " FROM ", &self.from)?;
        optional(f, " WHERE ", &self.filter)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

impl Display for Delete {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "", &self.with)?;
        let (space, only) =
            (if self.with.is_some() { " " } else { "" }, if self.only { "ONLY " } else { "" });
        write!(f, "{space}DELETE FROM {only}{}", self.table)?;
        optional(f, " AS ", &self.alias)?;
        clause(f, " USING ", &self.using)?;
        optional(f, " WHERE ", &self.filter)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

impl Display for TransactionStatement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use TransactionStatement as T;
        match self {
            T::Begin(modes) => write!(f, "BEGIN{modes}"),
            T::Commit(chain) => f.write_str(if *chain { "COMMIT AND CHAIN" } else { "COMMIT" }),
            T::Rollback(chain) => f.write_str(if *chain { "ROLLBACK AND CHAIN" } else { "ROLLBACK" }),
            T::Savepoint(name) => write!(f, "SAVEPOINT {name}"),
            T::Release(name) => write!(f, "RELEASE SAVEPOINT {name}"),
            T::RollbackTo(name) => write!(f, "ROLLBACK TO SAVEPOINT {name}"),
            T::Set(modes) => write!(f, "SET TRANSACTION{modes}"),
            T::SetSession(modes) => write!(f, "SET SESSION CHARACTERISTICS AS TRANSACTION{modes}"),
        }
    }
}

impl Display for TransactionModes {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        if let Some(isolation) = self.isolation {
            f.write_str(match isolation {
                Isolation::ReadUncommitted => " ISOLATION LEVEL READ UNCOMMITTED",
                Isolation::ReadCommitted => " ISOLATION LEVEL READ COMMITTED",
                Isolation::RepeatableRead => " ISOLATION LEVEL REPEATABLE READ",
                Isolation::Serializable => " ISOLATION LEVEL SERIALIZABLE",
            })?;
        }
        match self.read_only {
            Some(true) => f.write_str(" READ ONLY")?,
            Some(false) => f.write_str(" READ WRITE")?,
            None => {}
        }
        match self.deferrable {
            Some(true) => f.write_str(" DEFERRABLE"),
            Some(false) => f.write_str(" NOT DEFERRABLE"),
            None => Ok(()),
        }
    }
}
