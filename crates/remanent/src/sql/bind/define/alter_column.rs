//! ALTER TABLE: columns that go, change their type, or become identity columns.

use super::alter::Altering;
use super::constraint::scope_of;
use super::drop::{Dropping, owns};
use super::table::NewTable;
use crate::sql::ast::{self, AlterActionKind as A, Ident, TableConstraintKind};
use crate::sql::bind::Binder;
use crate::sql::bind::expr::{Clause, Place};
use crate::sql::expr::Expr;
use crate::sql::parse::{parse_constraint, parse_expr, renamed_in};
use crate::sql::plan::Step;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::table::{Generated, RelationKind, TableDef};
use remanent_storage::txn::foreign::ForeignKey;
use remanent_storage::value::Type;

impl Binder<'_> {
    pub(super) fn lost_column(&mut self, position: usize, cascade: bool, a: &mut Altering) -> Result<()> {
        let (name, table) = (a.new.def.columns[position].name.clone(), a.new.def.name.clone());
        self.lost_for_others(&name, cascade, a)?;
        let mut dependents = Vec::new();
        for (other, column) in a.new.def.columns.clone().iter().enumerate() {
            if let (Generated::Stored, Some(text)) = (column.generated, &column.default)
                && other != position
                && self.reads(text, position, &a.new.def)?
            {
                dependents.push(other);
            }
        }
        // What is kept for an index goes with it.
        let visible = a.new.def.visible();
        let named: Vec<usize> = dependents.iter().copied().filter(|other| *other < visible).collect();
        if !named.is_empty() && !cascade {
            let line = |&other: &usize| {
                let of = &a.new.def.columns[other].name;
                format!("column {of} of table {table} depends on column {name} of table {table}")
            };
            return Err(depended_on(&format!("column {name} of"), &table, named.iter().map(line).collect()));
        }
        // They go first, the last one before the others, so that what is left can be read.
        let mut position = position;
        for other in dependents.into_iter().rev() {
            self.lost_column(other, true, a)?;
            position -= usize::from(other < position);
        }
        for constraint in a.new.def.constraints.clone() {
            let parsed = parse_constraint(&constraint.text)?;
            let gone = match &parsed.kind {
                TableConstraintKind::Check(condition) => {
                    self.check(condition, &a.new.def)?.1.contains(&position)
                }
                TableConstraintKind::PrimaryKey(names) | TableConstraintKind::Unique(names, _) => {
                    names.iter().any(|held| held.name == name)
                }
                TableConstraintKind::ForeignKey(names, _) => names.iter().any(|held| held.name == name),
            };
            if gone {
                a.def().constraints.retain(|held| held.name != constraint.name);
            }
        }
        if a.new.def.key.contains(&position) {
            a.new.forget_key();
        }
        for other in self.catalog.relations() {
            if owns(&other, &a.old, Some(&name)) {
                a.after.push(Step::Drop(other));
            }
        }
        a.remove_column(position);
        a.checks.retain(|(holds, _)| {
            !holds.any(&mut |e| matches!(e, Expr::Column { index, .. } if *index == position))
        });
        for (holds, _) in &mut a.checks {
            *holds = holds.clone().remap_columns(&|i| if i > position { i - 1 } else { i });
        }
        Ok(())
    }

    /// The views that read a column go with it, and the foreign keys that refer to it, where CASCADE was said.
    pub(super) fn lost_for_others(&mut self, name: &str, cascade: bool, a: &mut Altering) -> Result<()> {
        let mut dropping = Dropping::default();
        for (view, text) in self.views_of(&a.old)? {
            if mentions(&text, name) {
                let table = &a.old.name;
                let line = format!("view {} depends on column {name} of table {table}", view.name);
                dropping.dependents.push(line);
                dropping.relations.push(view.clone());
                self.take_along(&view, &mut dropping)?;
            }
        }
        let uses = |key: &ForeignKey| {
            let of = |&column: &usize| key.parent.columns.get(column).is_some_and(|held| held.name == name);
            key.referred.iter().any(of)
        };
        let what = format!("column {name} of table {}", a.old.name);
        self.lose_part(&uses, &what, &mut dropping, a)?;
        if !dropping.dependents.is_empty() && !cascade {
            return Err(depended_on(&format!("column {name} of"), &a.old.name, dropping.dependents));
        }
        a.before.extend(dropping.steps("", true)?);
        Ok(())
    }

    /// The views go with a primary key that group by it and read what depends on it.
    pub(super) fn lost_with_key(&mut self, name: &str, cascade: bool, a: &mut Altering) -> Result<()> {
        let (mut dropping, table) = (Dropping::default(), &a.old.name);
        for (view, text) in self.views_of(&a.old)? {
            self.keyless = Some(a.old.id);
            let bound = self.reads_of_view(&text);
            self.keyless = None;
            if bound.is_err() {
                let line = format!("view {} depends on constraint {name} on table {table}", view.name);
                dropping.dependents.push(line);
                dropping.relations.push(view.clone());
                self.take_along(&view, &mut dropping)?;
            }
        }
        if !dropping.dependents.is_empty() && !cascade {
            return Err(depended_on(&format!("constraint {name} on"), table, dropping.dependents));
        }
        a.before.extend(dropping.steps("", true)?);
        Ok(())
    }

    /// True if the expression of a generated column reads that one.
    pub(super) fn reads(&mut self, text: &str, position: usize, def: &TableDef) -> Result<bool> {
        let scope = scope_of(def);
        let mut place = Place::new(&scope, Clause::Generated);
        self.expr(&parse_expr(text)?, &mut place)?;
        Ok(place.seen.iter().any(|(read, _)| *read == position))
    }

    pub(super) fn retyped_column(
        &mut self,
        position: usize,
        ty: Type,
        using: Option<&ast::Expr>,
        written: &Ident,
        a: &mut Altering,
    ) -> Result<()> {
        let column = a.new.def.columns[position].clone();
        let is_identity = matches!(column.generated, Generated::Always | Generated::ByDefault);
        if is_identity && !matches!(ty, Type::Int2 | Type::Int4 | Type::Int8) {
            let message = "identity column type must be smallint, integer, or bigint";
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
        }
        if using.is_some() && column.generated == Generated::Stored {
            let message = "cannot specify USING when altering type of generated column";
            return Err(Error::new(SqlState("42611"), message)
                .with_detail(format!("Column \"{}\" is a generated column.", column.name)));
        }
        for other in &a.new.def.columns[..a.new.def.visible()] {
            if let (Generated::Stored, Some(text)) = (other.generated, &other.default)
                && self.reads(text, position, &a.new.def)?
            {
                let message = "cannot alter type of a column used by a generated column";
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).with_detail(format!(
                    "Column \"{}\" is used by generated column \"{}\".",
                    column.name, other.name
                )));
            }
        }
        if self.views_of(&a.old)?.iter().any(|(_, text)| mentions(text, &column.name)) {
            let message = "cannot alter type of a column used by a view or rule";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let source = match using {
            Some(using) => {
                let scope = scope_of(&a.old);
                let bound = self.expr(using, &mut Place::new(&scope, Clause::Using))?;
                self.resolver.assign(bound, ty, &column.name, using.span.at()).map_err(|_| {
                    let message = format!(
                        "result of USING clause for column \"{}\" cannot be cast automatically to type {ty}",
                        column.name
                    );
                    Error::new(state::DATATYPE_MISMATCH, message)
                        .with_hint("You might need to add an explicit cast.")
                })?
            }
            None => {
                let held = a.sources[position].clone();
                self.resolver.assign(held, ty, &column.name, written.span.at()).map_err(|_| {
                    let message =
                        format!("column \"{}\" cannot be cast automatically to type {ty}", column.name);
                    let name = ast::quote_ident(&column.name);
                    Error::new(state::DATATYPE_MISMATCH, message)
                        .with_hint(format!("You might need to specify \"USING {name}::{ty}\"."))
                })?
            }
        };
        a.sources[position] = self.resolver.finish(source)?;
        if let (Some(text), Generated::No) = (&column.default, column.generated) {
            let parsed = parse_expr(text)?;
            self.default_expr(&parsed, &column.name, ty).map_err(|_| {
                let message = format!(
                    "default for column \"{}\" cannot be cast automatically to type {ty}",
                    column.name
                );
                Error::new(state::DATATYPE_MISMATCH, message)
            })?;
        }
        a.def().columns[position].ty = ty;
        a.rewrite |= column.ty != ty || using.is_some();
        // What the constraints say must make sense of the new type.
        for constraint in a.new.def.constraints.clone() {
            if let TableConstraintKind::Check(condition) = parse_constraint(&constraint.text)?.kind {
                self.check(&condition, &a.new.def)?;
            }
        }
        self.retyped_keys(position, a)
    }

    pub(super) fn alter_identity(&mut self, action: &A, a: &mut Altering) -> Result<()> {
        let (A::AddIdentity { column: name, .. }
        | A::SetIdentity { column: name, .. }
        | A::DropIdentity { column: name, .. }) = action
        else {
            return Ok(());
        };
        let position = a.position(name)?;
        let held = a.new.def.columns[position].clone();
        let of = format!("column \"{}\" of relation \"{}\"", held.name, a.new.def.name);
        let refused =
            |what: &str| Err(Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, format!("{of} {what}")));
        let is_identity = matches!(held.generated, Generated::Always | Generated::ByDefault);
        let kind = |always: bool| if always { Generated::Always } else { Generated::ByDefault };
        match action {
            A::AddIdentity { always, options, .. } => {
                if !held.not_null {
                    return refused("must be declared NOT NULL before identity can be added");
                }
                if is_identity {
                    return refused("is already an identity column");
                }
                if held.default.is_some() {
                    return refused("already has a default value");
                }
                let mut last = NewTable::new(TableDef { columns: vec![held], ..a.new.def.clone() });
                self.sequence_of_column(&mut last, None, options)?;
                a.before.extend(last.sequences.into_iter().map(|def| Step::Create { def, or_leave: false }));
                let column = &mut a.def().columns[position];
                column.default = last.def.columns.pop().and_then(|column| column.default);
                column.generated = kind(*always);
            }
            A::SetIdentity { always, options, .. } => {
                if !is_identity {
                    return refused("is not an identity column");
                }
                if let Some(always) = always {
                    a.def().columns[position].generated = kind(*always);
                }
                for sequence in self.catalog.relations() {
                    if let RelationKind::Sequence(rules) = &sequence.kind
                        && owns(&sequence, &a.old, Some(&held.name))
                        && !options.is_empty()
                    {
                        a.after.push(self.altered_sequence(&sequence, rules.clone(), options)?);
                    }
                }
            }
            A::DropIdentity { if_exists, .. } => {
                if !is_identity {
                    return if *if_exists { Ok(()) } else { refused("is not an identity column") };
                }
                let column = &mut a.def().columns[position];
                (column.generated, column.default) = (Generated::No, None);
                let owned = self.catalog.relations();
                let owned = owned.into_iter().filter(|other| owns(other, &a.old, Some(&held.name)));
                a.after.extend(owned.map(Step::Drop));
            }
            _ => {}
        }
        Ok(())
    }
}

/// 2BP01 for a part of a table.
fn depended_on(part: &str, table: &str, lines: Vec<String>) -> Error {
    let message = format!("cannot drop {part} table {table} because other objects depend on it");
    Error::new(state::DEPENDENT_OBJECTS_STILL_EXIST, message)
        .with_detail(lines.join("\n"))
        .with_hint("Use DROP ... CASCADE to drop the dependent objects too.")
}

/// True if a text names a column, or something else that is called so.
pub fn mentions(text: &str, column: &str) -> bool {
    renamed_in(text, column, "?") != text
}
