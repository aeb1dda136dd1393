//! CREATE TABLE and ALTER TABLE.

use super::expr::Operand;
use super::{join, list, optional, parens, word};
use crate::sql::ast::*;
use crate::sql::parse::power;
use std::fmt::{Display, Formatter, Result};

impl Persistence {
    pub(super) fn word(self) -> &'static str {
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
        list(f, &self.elements)?;
        f.write_str(")")?;
        trailer(f, &self.options, self.on_commit)
    }
}

/// What follows the columns.
fn trailer(f: &mut Formatter<'_>, options: &[StorageOption], on_commit: OnCommit) -> Result {
    if !options.is_empty() {
        parens(f, " WITH ", options)?;
    }
    f.write_str(match on_commit {
        OnCommit::PreserveRows => "",
        OnCommit::DeleteRows => " ON COMMIT DELETE ROWS",
        OnCommit::Drop => " ON COMMIT DROP",
    })
}

impl Display for TableElement {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            TableElement::Column(column) => Display::fmt(column, f),
            TableElement::Constraint(constraint) => Display::fmt(constraint, f),
            TableElement::Like(like) => {
                write!(f, "LIKE {}", like.table)?;
                for (including, what) in &like.options {
                    let what = what.name.to_uppercase();
                    write!(f, " {} {what}", if *including { "INCLUDING" } else { "EXCLUDING" })?;
                }
                Ok(())
            }
        }
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
            ColumnConstraintKind::Unique(same) => write!(f, " UNIQUE{}", not_distinct(*same))?,
            ColumnConstraintKind::Check(expr) => write!(f, " CHECK ({expr})")?,
            ColumnConstraintKind::References(references) => write!(f, " {references}")?,
            ColumnConstraintKind::Generated(expr) => write!(f, " GENERATED ALWAYS AS ({expr}) STORED")?,
            ColumnConstraintKind::Identity(always, options) => {
                write!(f, " GENERATED {} AS IDENTITY", always_word(*always))?;
                if !options.is_empty() {
                    f.write_str(" (")?;
                    join(f, options, " ")?;
                    f.write_str(")")?;
                }
            }
        }
        Display::fmt(&constraint.attributes, f)?;
    }
    Ok(())
}

impl Display for TableConstraint {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        optional(f, "CONSTRAINT ", &self.name)?;
        word(f, self.name.is_some(), " ")?;
        match &self.kind {
            TableConstraintKind::PrimaryKey(columns) => parens(f, "PRIMARY KEY ", columns),
            TableConstraintKind::Unique(columns, same) => {
                parens(f, &format!("UNIQUE{} ", not_distinct(*same)), columns)
            }
            TableConstraintKind::Check(expr) => write!(f, "CHECK ({expr})"),
            TableConstraintKind::ForeignKey(columns, references) => {
                parens(f, "FOREIGN KEY ", columns)?;
                write!(f, " {references}")
            }
        }?;
        Display::fmt(&self.attributes, f)
    }
}

impl Display for ConstraintAttributes {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let either = |value: Option<bool>, yes, no| value.map_or("", |value| if value { yes } else { no });
        f.write_str(either(self.deferrable, " DEFERRABLE", " NOT DEFERRABLE"))?;
        f.write_str(either(self.deferred, " INITIALLY DEFERRED", " INITIALLY IMMEDIATE"))?;
        word(f, self.no_inherit, " NO INHERIT")?;
        word(f, self.not_valid, " NOT VALID")
    }
}

fn not_distinct(same: bool) -> &'static str {
    if same { " NULLS NOT DISTINCT" } else { "" }
}

pub(super) fn always_word(always: bool) -> &'static str {
    if always { "ALWAYS" } else { "BY DEFAULT" }
}

impl Display for References {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "REFERENCES {}", self.table)?;
        if !self.columns.is_empty() {
            parens(f, "", &self.columns)?;
        }
        word(f, self.full, " MATCH FULL")?;
        // As pg_get_constraintdef prints it.
        for (event, action) in [(" ON UPDATE ", self.on_update), (" ON DELETE ", self.on_delete)] {
            if action != ReferenceAction::NoAction {
                write!(f, "{event}{}", action.words())?;
            }
        }
        if !self.set_columns.is_empty() {
            parens(f, " ", &self.set_columns)?;
        }
        Ok(())
    }
}

impl ReferenceAction {
    /// As SQL writes it.
    pub fn words(self) -> &'static str {
        match self {
            ReferenceAction::NoAction => "NO ACTION",
            ReferenceAction::Restrict => "RESTRICT",
            ReferenceAction::Cascade => "CASCADE",
            ReferenceAction::SetNull => "SET NULL",
            ReferenceAction::SetDefault => "SET DEFAULT",
        }
    }
}

impl Display for CreateTableAs {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let exists = if self.if_not_exists { "IF NOT EXISTS " } else { "" };
        write!(f, "CREATE {}TABLE {exists}{}", self.persistence.word(), self.name)?;
        if !self.columns.is_empty() {
            parens(f, " ", &self.columns)?;
        }
        trailer(f, &self.options, self.on_commit)?;
        write!(f, " AS {}", self.query)?;
        word(f, !self.with_data, " WITH NO DATA")
    }
}

impl Display for AlterTable {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "ALTER {} ", self.kind.word())?;
        word(f, self.if_exists, "IF EXISTS ")?;
        word(f, self.only, "ONLY ")?;
        write!(f, "{} ", self.name)?;
        list(f, &self.actions)
    }
}

impl Display for AlterAction {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        use AlterActionKind as A;
        let exists = |exists: bool| if exists { "IF EXISTS " } else { "" };
        match &self.kind {
            A::AddColumn { if_not_exists, column } => {
                write!(f, "ADD COLUMN {}{column}", if *if_not_exists { "IF NOT EXISTS " } else { "" })
            }
            A::DropColumn { name, if_exists, cascade } => {
                write!(f, "DROP COLUMN {}{name}", exists(*if_exists))?;
                word(f, *cascade, " CASCADE")
            }
            A::SetType { column, ty, collation, using } => {
                write!(f, "ALTER COLUMN {column} TYPE {ty}")?;
                optional(f, " COLLATE ", collation)?;
                optional(f, " USING ", using)
            }
            A::Default { column, expr: Some(expr) } => write!(f, "ALTER COLUMN {column} SET DEFAULT {expr}"),
            A::Default { column, expr: None } => write!(f, "ALTER COLUMN {column} DROP DEFAULT"),
            A::NotNull { column, set } => {
                write!(f, "ALTER COLUMN {column} {} NOT NULL", if *set { "SET" } else { "DROP" })
            }
            A::DropExpression { column, if_exists } => {
                write!(f, "ALTER COLUMN {column} DROP EXPRESSION")?;
                word(f, *if_exists, " IF EXISTS")
            }
            A::AddIdentity { column, always, options } => {
                let always = always_word(*always);
                write!(f, "ALTER COLUMN {column} ADD GENERATED {always} AS IDENTITY")?;
                if !options.is_empty() {
                    f.write_str(" (")?;
                    join(f, options, " ")?;
                    f.write_str(")")?;
                }
                Ok(())
            }
            A::SetIdentity { column, always, options } => {
                write!(f, "ALTER COLUMN {column}")?;
                if let Some(always) = always {
                    write!(f, " SET GENERATED {}", always_word(*always))?;
                }
                for option in options {
                    let restart = matches!(option.kind, SequenceOptionKind::Restart(_));
                    write!(f, " {}{option}", if restart { "" } else { "SET " })?;
                }
                Ok(())
            }
            A::DropIdentity { column, if_exists } => {
                write!(f, "ALTER COLUMN {column} DROP IDENTITY")?;
                word(f, *if_exists, " IF EXISTS")
            }
            A::AddConstraint(constraint) => write!(f, "ADD {constraint}"),
            A::AlterConstraint { name, attributes } => write!(f, "ALTER CONSTRAINT {name}{attributes}"),
            A::ValidateConstraint(name) => write!(f, "VALIDATE CONSTRAINT {name}"),
            A::DropConstraint { name, if_exists, cascade } => {
                write!(f, "DROP CONSTRAINT {}{name}", exists(*if_exists))?;
                word(f, *cascade, " CASCADE")
            }
            A::Rename(to) => write!(f, "RENAME TO {to}"),
            A::RenameColumn { column, to } => write!(f, "RENAME COLUMN {column} TO {to}"),
            A::RenameConstraint { name, to } => write!(f, "RENAME CONSTRAINT {name} TO {to}"),
            A::SetSchema(schema) => write!(f, "SET SCHEMA {schema}"),
            A::SetOptions(options) => parens(f, "SET ", options),
            A::ResetOptions(options) => parens(f, "RESET ", options),
            A::Other(what) => f.write_str(what),
        }
    }
}
