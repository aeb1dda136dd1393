//! Sequences, views, schemas, enum types; DROP, TRUNCATE, COMMENT ON.

use super::{clause, join, list, optional, parens, quote_literal, word};
use crate::sql::ast::*;
use std::fmt::{Display, Formatter, Result};

impl Display for CreateSequence {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_not_exists { "IF NOT EXISTS " } else { "" };
        write!(f, "CREATE {}SEQUENCE {exists}{}", self.persistence.word(), self.name)?;
        word(f, !self.options.is_empty(), " ")?;
        join(f, &self.options, " ")
    }
}

impl Display for AlterSequence {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_exists { "IF EXISTS " } else { "" };
        write!(f, "ALTER SEQUENCE {exists}{} ", self.name)?;
        join(f, &self.options, " ")
    }
}

impl Display for SequenceOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use SequenceOptionKind as S;
        match &self.kind {
            S::As(ty) => write!(f, "AS {ty}"),
            S::Increment(n) => write!(f, "INCREMENT BY {n}"),
            S::MinValue(Some(n)) => write!(f, "MINVALUE {n}"),
            S::MinValue(None) => f.write_str("NO MINVALUE"),
            S::MaxValue(Some(n)) => write!(f, "MAXVALUE {n}"),
            S::MaxValue(None) => f.write_str("NO MAXVALUE"),
            S::Start(n) => write!(f, "START WITH {n}"),
            S::Restart(Some(n)) => write!(f, "RESTART WITH {n}"),
            S::Restart(None) => f.write_str("RESTART"),
            S::Cache(n) => write!(f, "CACHE {n}"),
            S::Cycle(true) => f.write_str("CYCLE"),
            S::Cycle(false) => f.write_str("NO CYCLE"),
            S::OwnedBy(Some(column)) => write!(f, "OWNED BY {column}"),
            S::OwnedBy(None) => f.write_str("OWNED BY NONE"),
            S::Name(name) => write!(f, "SEQUENCE NAME {name}"),
        }
    }
}

impl Display for CreateView {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(if self.or_replace { "CREATE OR REPLACE " } else { "CREATE " })?;
        f.write_str(self.persistence.word())?;
        word(f, self.recursive, "RECURSIVE ")?;
        write!(f, "VIEW {}", self.name)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        if !self.options.is_empty() {
            parens(f, " WITH ", &self.options)?;
        }
        write!(f, " AS {}", self.query)?;
        f.write_str(match self.check_option {
            Some(true) => " WITH LOCAL CHECK OPTION",
            Some(false) => " WITH CASCADED CHECK OPTION",
            None => "",
        })
    }
}

impl Display for CreateSchema {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "CREATE SCHEMA {}{}", if self.if_not_exists { "IF NOT EXISTS " } else { "" }, self.name)
    }
}

fn label(label: &Ident) -> String {
    quote_literal(&label.name)
}

impl Display for CreateEnum {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "CREATE TYPE {} AS ENUM (", self.name)?;
        list(f, &self.labels.iter().map(label).collect::<Vec<_>>())?;
        f.write_str(")")
    }
}

impl Display for AlterEnum {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "ALTER TYPE {} ", self.name)?;
        match &self.change {
            EnumChange::Add { label: new, if_not_exists, place } => {
                let exists = if *if_not_exists { "IF NOT EXISTS " } else { "" };
                write!(f, "ADD VALUE {exists}{}", label(new))?;
                match place {
                    Some((true, other)) => write!(f, " BEFORE {}", label(other)),
                    Some((false, other)) => write!(f, " AFTER {}", label(other)),
                    None => Ok(()),
                }
            }
            EnumChange::RenameTo(to) => write!(f, "RENAME TO {to}"),
            EnumChange::SetSchema(schema) => write!(f, "SET SCHEMA {schema}"),
            EnumChange::Rename(from, to) => write!(f, "RENAME VALUE {} TO {}", label(from), label(to)),
        }
    }
}

impl Display for DropObjects {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_exists { "IF EXISTS " } else { "" };
        write!(f, "DROP {} {exists}", self.kind.word().to_uppercase())?;
        list(f, &self.names)?;
        word(f, self.cascade, " CASCADE")
    }
}

impl Display for Truncate {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        clause(f, "TRUNCATE TABLE ", &self.names)?;
        word(f, self.restart, " RESTART IDENTITY")?;
        word(f, self.cascade, " CASCADE")
    }
}

impl Display for Comment {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.on {
            CommentOn::Object(kind, name) => write!(f, "COMMENT ON {} {name}", kind.word().to_uppercase())?,
            CommentOn::Column(name) => write!(f, "COMMENT ON COLUMN {name}")?,
            CommentOn::Constraint(name, table) => write!(f, "COMMENT ON CONSTRAINT {name} ON {table}")?,
        }
        match &self.text {
            Some(text) => optional(f, " IS ", &Some(quote_literal(text))),
            None => f.write_str(" IS NULL"),
        }
    }
}

impl Display for Maintain {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(self.what)?;
        let of_columns = self.tables.iter().any(|(_, columns)| !columns.is_empty());
        f.write_str(if of_columns && self.what == "VACUUM" { " ANALYZE" } else { "" })?;
        for (i, (table, columns)) in self.tables.iter().enumerate() {
            write!(f, "{} {table}", if i == 0 { "" } else { "," })?;
            if !columns.is_empty() {
                parens(f, " ", columns)?;
            }
        }
        Ok(())
    }
}

impl Display for SetConstraints {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.names.is_empty() {
            true => f.write_str("SET CONSTRAINTS ALL")?,
            false => clause(f, "SET CONSTRAINTS ", &self.names)?,
        }
        f.write_str(if self.deferred { " DEFERRED" } else { " IMMEDIATE" })
    }
}
