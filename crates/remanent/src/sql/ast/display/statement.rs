//! Statements.

use super::expr::Operand;
use super::{clause, list, optional, parens, quote_literal, word};
use crate::sql::ast::*;
use crate::sql::parse::power;
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
            StatementKind::CreateTable(create) => Display::fmt(create, f),
            StatementKind::CreateTableAs(create) => Display::fmt(create, f),
            StatementKind::DropTable(drop) => {
                clause(f, if drop.if_exists { "DROP TABLE IF EXISTS " } else { "DROP TABLE " }, &drop.names)?;
                word(f, drop.cascade, " CASCADE")
            }
            StatementKind::Truncate(truncate) => {
                clause(f, "TRUNCATE TABLE ", &truncate.names)?;
                word(f, truncate.restart, " RESTART IDENTITY")?;
                word(f, truncate.cascade, " CASCADE")
            }
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
        f.write_str(match self.overriding_system {
            Some(true) => " OVERRIDING SYSTEM VALUE",
            Some(false) => " OVERRIDING USER VALUE",
            None => "",
        })?;
        match &self.source {
            Some(source) => write!(f, " {source}")?,
            None => f.write_str(" DEFAULT VALUES")?,
        }
        optional(f, "", &self.on_conflict)?;
        clause(f, " RETURNING ", &self.returning)
    }
}

impl Display for OnConflict {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(" ON CONFLICT")?;
        match &self.target {
            Some(ConflictTarget::Constraint(name)) => write!(f, " ON CONSTRAINT {name}")?,
            Some(ConflictTarget::Index { keys, filter }) => {
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

impl Persistence {
    fn word(self) -> &'static str {
        match self {
            Persistence::Permanent => "",
            Persistence::Temporary => "TEMPORARY ",
            Persistence::Unlogged => "UNLOGGED ",
        }
    }
}

impl Display for CreateTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_not_exists { "IF NOT EXISTS " } else { "" };
        write!(f, "CREATE {}TABLE {exists}{} (", self.persistence.word(), self.name)?;
        list(f, &self.columns)?;
        word(f, !self.columns.is_empty() && !self.constraints.is_empty(), ", ")?;
        list(f, &self.constraints)?;
        f.write_str(")")?;
        if self.options.is_empty() { Ok(()) } else { parens(f, " WITH ", &self.options) }
    }
}

impl Display for StorageOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.name, f)?;
        optional(f, " = ", &self.value)
    }
}

impl Display for ColumnDefinition {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "{} {}", self.name, self.ty)?;
        optional(f, " COLLATE ", &self.collation)?;
        clause_of(f, &self.constraints)
    }
}

fn clause_of(f: &mut Formatter<'_>, constraints: &[ColumnConstraint]) -> Result {
    for constraint in constraints {
        optional(f, " CONSTRAINT ", &constraint.name)?;
        match &constraint.kind {
            ColumnConstraintKind::NotNull => f.write_str(" NOT NULL")?,
            ColumnConstraintKind::Null => f.write_str(" NULL")?,
            ColumnConstraintKind::Default(expr) => write!(f, " DEFAULT {}", Operand(expr, power::OTHER))?,
            ColumnConstraintKind::PrimaryKey => f.write_str(" PRIMARY KEY")?,
            ColumnConstraintKind::Unique => f.write_str(" UNIQUE")?,
            ColumnConstraintKind::Check(expr) => write!(f, " CHECK ({expr})")?,
            ColumnConstraintKind::References(references) => write!(f, " {references}")?,
            ColumnConstraintKind::Generated(expr) => write!(f, " GENERATED ALWAYS AS ({expr}) STORED")?,
            ColumnConstraintKind::Identity(true) => f.write_str(" GENERATED ALWAYS AS IDENTITY")?,
            ColumnConstraintKind::Identity(false) => f.write_str(" GENERATED BY DEFAULT AS IDENTITY")?,
        }
    }
    Ok(())
}

impl Display for TableConstraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "CONSTRAINT ", &self.name)?;
        word(f, self.name.is_some(), " ")?;
        match &self.kind {
            TableConstraintKind::PrimaryKey(columns) => parens(f, "PRIMARY KEY ", columns),
            TableConstraintKind::Unique(columns) => parens(f, "UNIQUE ", columns),
            TableConstraintKind::Check(expr) => write!(f, "CHECK ({expr})"),
            TableConstraintKind::ForeignKey(columns, references) => {
                parens(f, "FOREIGN KEY ", columns)?;
                write!(f, " {references}")
            }
        }
    }
}

impl Display for References {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "REFERENCES {}", self.table)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        for (event, action) in [(" ON DELETE ", self.on_delete), (" ON UPDATE ", self.on_update)] {
            f.write_str(if action == ReferenceAction::NoAction { "" } else { event })?;
            f.write_str(match action {
                ReferenceAction::NoAction => "",
                ReferenceAction::Restrict => "RESTRICT",
                ReferenceAction::Cascade => "CASCADE",
                ReferenceAction::SetNull => "SET NULL",
                ReferenceAction::SetDefault => "SET DEFAULT",
            })?;
        }
        Ok(())
    }
}

impl Display for CreateTableAs {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_not_exists { "IF NOT EXISTS " } else { "" };
        write!(f, "CREATE {}TABLE {exists}{}", self.persistence.word(), self.name)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        write!(f, " AS {}", self.query)?;
        word(f, !self.with_data, " WITH NO DATA")
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
