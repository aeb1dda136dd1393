//! ALTER TABLE, VIEW, SEQUENCE, TYPE, SCHEMA.
//!
//! ```text
//! ALTER TABLE [IF EXISTS] [ONLY] t action, action …      RENAME and SET SCHEMA stand alone
//! ```

use super::lexer::Kind;
use super::{Parser, Result};
use crate::sql::ast::*;

/// Actions that PostgreSQL has and we do not: how they begin.
const OTHER_ACTIONS: &[&[&str]] = &[
    &["attach", "partition"],
    &["detach", "partition"],
    &["inherit"],
    &["no", "inherit"],
    &["no", "force"],
    &["force", "row"],
    &["of"],
    &["not", "of"],
    &["owner", "to"],
    &["replica", "identity"],
    &["enable"],
    &["disable"],
    &["cluster", "on"],
    &["set", "without"],
    &["set", "logged"],
    &["set", "unlogged"],
    &["set", "tablespace"],
    &["set", "access"],
    &["options", "("],
    &["depends", "on"],
    &["no", "depends"],
];

/// What may be set of a column besides.
const OTHER_OF_COLUMN: &[&[&str]] = &[
    &["set", "statistics"],
    &["set", "storage"],
    &["set", "compression"],
    &["set", "("],
    &["reset", "("],
    &["options", "("],
];

impl Parser<'_> {
    /// Behind ALTER, at TABLE, VIEW or SEQUENCE.
    pub(super) fn alter_relation(&mut self, kind: RelationWord) -> Result<StatementKind> {
        let start = self.here();
        self.advance();
        if self.are(&["all", "in"]) {
            return self.unsupported(start, "ALTER TABLE ALL IN TABLESPACE");
        }
        let if_exists = self.eat_all(&["if", "exists"]);
        let only = kind == RelationWord::Table && self.eat("only");
        let name = self.qualified()?;
        if kind == RelationWord::Table {
            self.eat("*");
        }
        let alone = self.is("rename") || self.are(&["set", "schema"]);
        if kind == RelationWord::Sequence && !alone && !self.is_any(&["owner", "set"]) {
            let options = self.sequence_options()?;
            if options.is_empty() {
                return Err(self.syntax_error());
            }
            return Ok(StatementKind::AlterSequence(Box::new(AlterSequence { name, if_exists, options })));
        }
        let actions = match alone {
            true => vec![self.rename_action()?],
            false => self.list(Self::alter_action)?,
        };
        Ok(StatementKind::AlterTable(Box::new(AlterTable { kind, name, if_exists, only, actions })))
    }

    fn rename_action(&mut self) -> Result<AlterAction> {
        use AlterActionKind as A;
        let start = self.here();
        let kind = match () {
            () if self.eat_all(&["set", "schema"]) => A::SetSchema(self.ident()?),
            () if self.eat_all(&["rename", "to"]) => A::Rename(self.ident()?),
            () if self.eat_all(&["rename", "constraint"]) => {
                let name = self.ident()?;
                self.expect("to")?;
                A::RenameConstraint { name, to: self.ident()? }
            }
            () => {
                self.expect("rename")?;
                self.eat("column");
                let column = self.ident()?;
                self.expect("to")?;
                A::RenameColumn { column, to: self.ident()? }
            }
        };
        Ok(AlterAction { kind, span: self.since(start) })
    }

    fn alter_action(&mut self) -> Result<AlterAction> {
        use AlterActionKind as A;
        let start = self.here();
        let kind = match () {
            () if self.eat("add") => self.add_action()?,
            () if self.eat("alter") => self.alter_part()?,
            () if self.eat_all(&["validate", "constraint"]) => A::ValidateConstraint(self.ident()?),
            () if self.eat("drop") => self.drop_action()?,
            () if self.are(&["set", "("]) => {
                self.advance();
                A::SetOptions(self.options_listed()?)
            }
            () if self.are(&["reset", "("]) => {
                self.advance();
                A::ResetOptions(self.options_listed()?)
            }
            () => match OTHER_ACTIONS.iter().find(|words| self.are(words)) {
                Some(words) => {
                    let feature = format!("ALTER TABLE … {}", words.join(" ").to_ascii_uppercase());
                    return self.unsupported(start, &feature);
                }
                None => return Err(self.syntax_error()),
            },
        };
        Ok(AlterAction { kind, span: self.since(start) })
    }

    /// Behind ADD.
    fn add_action(&mut self) -> Result<AlterActionKind> {
        let words = ["constraint", "primary", "unique", "check", "foreign", "exclude"];
        if self.is_any(&words) {
            return Ok(AlterActionKind::AddConstraint(self.table_constraint()?));
        }
        self.eat("column");
        let if_not_exists = self.eat_all(&["if", "not", "exists"]);
        let column = Box::new(self.column_definition()?);
        Ok(AlterActionKind::AddColumn { if_not_exists, column })
    }

    /// Behind DROP.
    fn drop_action(&mut self) -> Result<AlterActionKind> {
        let constraint = self.eat("constraint");
        if !constraint {
            self.eat("column");
        }
        let if_exists = self.eat_all(&["if", "exists"]);
        let name = self.ident()?;
        let cascade = self.behavior();
        Ok(match constraint {
            true => AlterActionKind::DropConstraint { name, if_exists, cascade },
            false => AlterActionKind::DropColumn { name, if_exists, cascade },
        })
    }

    /// Behind ALTER within ALTER TABLE.
    fn alter_part(&mut self) -> Result<AlterActionKind> {
        use AlterActionKind as A;
        if self.eat("constraint") {
            let name = self.ident()?;
            return Ok(A::AlterConstraint { name, attributes: self.constraint_attributes()? });
        }
        self.eat("column");
        if self.kind() == Kind::Integer {
            return self.unsupported(self.here(), "ALTER COLUMN by number");
        }
        let column = self.ident()?;
        let start = self.here();
        Ok(match () {
            () if self.is("type") || self.are(&["set", "data"]) => {
                if self.eat("set") {
                    self.expect("data")?;
                }
                self.expect("type")?;
                let ty = self.type_name()?;
                let collation = if self.eat("collate") { Some(self.qualified()?) } else { None };
                let using = if self.eat("using") { Some(self.expr()?) } else { None };
                A::SetType { column, ty, collation, using }
            }
            () if self.eat_all(&["set", "default"]) => A::Default { column, expr: Some(self.expr()?) },
            () if self.eat_all(&["drop", "default"]) => A::Default { column, expr: None },
            () if self.eat_all(&["set", "not", "null"]) => A::NotNull { column, set: true },
            () if self.eat_all(&["drop", "not", "null"]) => A::NotNull { column, set: false },
            () if self.eat_all(&["drop", "expression"]) => {
                A::DropExpression { column, if_exists: self.eat_all(&["if", "exists"]) }
            }
            () if self.eat_all(&["drop", "identity"]) => {
                A::DropIdentity { column, if_exists: self.eat_all(&["if", "exists"]) }
            }
            () if self.eat_all(&["add", "generated"]) => {
                let always = self.always()?;
                self.expect_all(&["as", "identity"])?;
                A::AddIdentity { column, always, options: self.identity_options()? }
            }
            () => match OTHER_OF_COLUMN.iter().find(|words| self.are(words)) {
                Some(words) => {
                    let feature = format!("ALTER COLUMN … {}", words.join(" ").to_ascii_uppercase());
                    return self.unsupported(start, &feature);
                }
                None => self.set_identity(column)?,
            },
        })
    }

    /// ALWAYS (true) or BY DEFAULT
    pub(super) fn always(&mut self) -> Result<bool> {
        let always = self.eat("always");
        if !always {
            self.expect_all(&["by", "default"])?;
        }
        Ok(always)
    }

    /// SET GENERATED …, SET option, RESTART, one or more
    fn set_identity(&mut self, column: Ident) -> Result<AlterActionKind> {
        let (mut always, mut options) = (None, Vec::new());
        loop {
            match () {
                () if self.eat_all(&["set", "generated"]) => always = Some(self.always()?),
                () if self.eat("set") || self.is("restart") => options.push(self.sequence_option()?),
                () if always.is_none() && options.is_empty() => return Err(self.syntax_error()),
                () => return Ok(AlterActionKind::SetIdentity { column, always, options }),
            }
        }
    }

    /// Behind ALTER, at SCHEMA; None where it is another form.
    pub(super) fn alter_schema(&mut self) -> Result<StatementKind> {
        let start = self.here();
        self.advance();
        let name = self.ident()?;
        if self.are(&["owner", "to"]) {
            return self.unsupported(start, "ALTER SCHEMA OWNER");
        }
        self.expect_all(&["rename", "to"])?;
        Ok(StatementKind::RenameSchema(name, self.ident()?))
    }

    /// Behind ALTER, at TYPE.
    pub(super) fn alter_type(&mut self) -> Result<StatementKind> {
        let start = self.here();
        self.advance();
        let name = self.qualified()?;
        let change = if self.eat_all(&["add", "value"]) {
            let if_not_exists = self.eat_all(&["if", "not", "exists"]);
            let label = self.enum_label()?;
            let before = self.eat("before");
            let place = match before || self.eat("after") {
                true => Some((before, self.enum_label()?)),
                false => None,
            };
            EnumChange::Add { label, if_not_exists, place }
        } else if self.eat_all(&["rename", "value"]) {
            let from = self.enum_label()?;
            self.expect("to")?;
            EnumChange::Rename(from, self.enum_label()?)
        } else if self.eat_all(&["rename", "to"]) {
            EnumChange::RenameTo(self.ident()?)
        } else if self.eat_all(&["set", "schema"]) {
            EnumChange::SetSchema(self.ident()?)
        } else if self.is_any(&["add", "drop", "alter", "rename", "owner", "set"]) {
            return self.unsupported(start, "this form of ALTER TYPE");
        } else {
            return Err(self.syntax_error());
        };
        Ok(StatementKind::AlterEnum(Box::new(AlterEnum { name, change })))
    }
}
