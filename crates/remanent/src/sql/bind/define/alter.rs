//! ALTER TABLE, and what of it goes for views and sequences.
//!
//! The actions of one statement change one definition: what goes, goes first ([`LAST_TURN`]). Where they leave the rows laid out as they are, the
//! rows stay and what is new of the constraints is checked; otherwise each row becomes one of a new table, which takes the
//! old one's place. Columns go, and such as are the same in all rows come, without touching them ([`Step::Reshape`]).
//!
//! Limits: ADD COLUMN copies the rows where the value is another one in each of them (a volatile default, a generated column), DROP
//! COLUMN where the column is of the primary key.

use super::constraint::{has_constraint, taken_constraint};
use super::define;
use super::foreign::altered_constraint;
use super::index::index_steps;
use super::names::kind_word;
use super::options::{reset_options, set_options};
use super::table::{NewTable, key_positions};
use crate::sql::ast::{
    self, AlterAction, AlterActionKind as A, AlterIndex, AlterTable, ConstraintAttributes, Ident,
    RelationWord, TableConstraint, TableConstraintKind,
};
use crate::sql::bind::{Binder, refuse};
use crate::sql::expr::Expr;
use crate::sql::parse::{parse_constraint, parse_expr};
use crate::sql::plan::{Define, Plan, Step};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{Generated, TableDef};
use remanent_storage::value::Value;
use std::sync::Arc;

/// Columns that go, by their old positions, and columns that come, each with what it is in all rows.
type Other = (Vec<usize>, Vec<(usize, Expr)>);

/// The last of the turns in which PostgreSQL takes the actions of a statement, however they are written: what goes, other types, new
/// columns, then what is said of columns and by keys, which may be new, and then what may name both. Within a turn they keep their order.
const LAST_TURN: u8 = 5;

fn turn(kind: &A) -> u8 {
    match kind {
        A::DropColumn { .. }
        | A::DropConstraint { .. }
        | A::DropExpression { .. }
        | A::DropIdentity { .. }
        | A::NotNull { set: false, .. }
        | A::Default { expr: None, .. } => 0,
        A::SetType { .. } => 1,
        A::AddColumn { .. } => 2,
        A::NotNull { .. } | A::SetIdentity { .. } => 3,
        A::AddConstraint(TableConstraint {
            kind: TableConstraintKind::PrimaryKey(_) | TableConstraintKind::Unique(..),
            ..
        }) => 4,
        _ => LAST_TURN,
    }
}

/// A table on its way to another definition.
pub(super) struct Altering {
    pub(super) old: Arc<TableDef>,
    pub(super) new: NewTable,
    /// What each column is computed from, over the old row.
    pub(super) sources: Vec<Expr>,
    /// The rows are laid out otherwise.
    pub(super) rewrite: bool,
    /// Conditions over the new columns that must hold, and the error where one does not.
    pub(super) checks: Vec<(Expr, Error)>,
    /// Steps before and after the change.
    pub(super) before: Vec<Step>,
    pub(super) after: Vec<Step>,
}

impl Altering {
    pub(super) fn new(old: &Arc<TableDef>, indexes: &[Arc<IndexDef>]) -> Self {
        let column = |(i, column): (usize, &remanent_storage::table::ColumnDef)| Expr::column(i, column.ty);
        let mut new = NewTable::new(TableDef::clone(old));
        new.indexes = indexes.iter().map(|def| IndexDef::clone(def)).collect();
        Altering {
            old: Arc::clone(old),
            new,
            sources: old.columns.iter().enumerate().map(column).collect(),
            rewrite: false,
            checks: Vec::new(),
            before: Vec::new(),
            after: Vec::new(),
        }
    }

    pub(super) fn def(&mut self) -> &mut TableDef {
        &mut self.new.def
    }

    /// The position of a column; 42703.
    pub(super) fn position(&self, name: &Ident) -> Result<usize> {
        self.new.def.column(&name.name).ok_or_else(|| {
            let message =
                format!("column \"{}\" of relation \"{}\" does not exist", name.name, self.new.def.name);
            Error::new(state::UNDEFINED_COLUMN, message).at(name.span.at())
        })
    }

    /// Moves what indexes name to where it is from here on; those of which something is gone go too.
    pub(super) fn move_indexed(&mut self, place: &dyn Fn(usize) -> Option<usize>) {
        let moved =
            |columns: &[usize]| columns.iter().map(|&column| place(column)).collect::<Option<Vec<_>>>();
        self.new.indexes.retain_mut(|def| {
            let filter = def.filter.map(place);
            match (moved(&def.columns), moved(&def.include), filter) {
                (Some(columns), Some(include), None | Some(Some(_))) => {
                    (def.columns, def.include, def.filter) = (columns, include, filter.flatten());
                    true
                }
                _ => false,
            }
        });
    }

    /// Takes a column out.
    pub(super) fn remove_column(&mut self, position: usize) {
        self.def().columns.remove(position);
        self.sources.remove(position);
        self.def().key.iter_mut().filter(|k| **k > position).for_each(|k| *k -= 1);
        self.move_indexed(&|column| match column.cmp(&position) {
            std::cmp::Ordering::Less => Some(column),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(column - 1),
        });
    }

    /// Which columns go, by their old positions, and which come, each with what it is in all rows; None where that is not all, or
    /// nothing.
    fn reshaped(&self) -> Option<Other> {
        let (mut kept, mut values) = (Vec::new(), Vec::new());
        for (position, source) in self.sources.iter().enumerate() {
            match source {
                Expr::Column { index, .. } => kept.push((*index, position)),
                value => values.push((position, value.clone())),
            }
        }
        let gone: Vec<usize> =
            (0..self.old.columns.len()).filter(|old| kept.iter().all(|(index, _)| index != old)).collect();
        let now = |old: &usize| kept.iter().find(|(index, _)| index == old).map(|(_, position)| *position);
        let key = self.old.key.iter().map(now).collect::<Option<Vec<usize>>>();
        let named = |(position, _): &(usize, Expr)| *position < self.new.def.visible();
        let other = !gone.is_empty() || !values.is_empty();
        let whole = key.as_ref() == Some(&self.new.def.key) && values.iter().all(named);
        (!self.rewrite && self.old.is_table() && other && whole).then_some((gone, values))
    }

    fn no_nulls(&mut self, position: usize) {
        let column = &self.new.def.columns[position];
        let message =
            format!("column \"{}\" of relation \"{}\" contains null values", column.name, self.new.def.name);
        let expr = Box::new(Expr::column(position, column.ty));
        let holds = Expr::IsNull { expr, negated: true };
        self.checks.push((holds, Error::new(state::NOT_NULL_VIOLATION, message)));
    }
}

impl Binder<'_> {
    /// ALTER TABLE, VIEW or SEQUENCE.
    pub(super) fn alter_table(&mut self, alter: &AlterTable) -> Result<Define> {
        let tag = match alter.kind {
            RelationWord::Table => "ALTER TABLE",
            RelationWord::View => "ALTER VIEW",
            RelationWord::Sequence => "ALTER SEQUENCE",
        };
        let Some(old) = self.look_up(&alter.name)?.cloned() else {
            if let ([AlterAction { kind: A::Rename(to), .. }], true) =
                (alter.actions.as_slice(), self.is_index(&alter.name))
            {
                let (name, to) = (alter.name.clone(), to.clone());
                return self.rename_index(&AlterIndex { name, if_exists: false, to });
            }
            if alter.if_exists {
                return Ok(define(tag, alter.name.last(), Vec::new()));
            }
            return Err(self.unknown_table(&alter.name));
        };
        let is = kind_word(&old);
        if alter.kind != RelationWord::Table && !is.eq_ignore_ascii_case(alter.kind.word()) {
            let message = format!("\"{}\" is not a {}", old.name, alter.kind.word().to_lowercase());
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(alter.name.span.at()));
        }
        let mut altering = Altering::new(&old, self.catalog.indexes_of(old.id));
        let turns = (0..=LAST_TURN)
            .flat_map(|at| alter.actions.iter().filter(move |action| turn(&action.kind) == at));
        for action in turns {
            let any = matches!(action.kind, A::Rename(_) | A::SetSchema(_) | A::RenameColumn { .. });
            if let (A::SetOptions(options) | A::ResetOptions(options), "view") = (&action.kind, is) {
                self.view_options(&mut altering, options, matches!(action.kind, A::ResetOptions(_)))?;
                continue;
            }
            if !old.is_table() && !any {
                let message = format!("ALTER action cannot be performed on relation \"{}\"", old.name);
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message)
                    .with_detail(format!("This operation is not supported for {is}s.")));
            }
            self.alter_action(action, &mut altering)?;
        }
        let steps = self.altered(altering)?;
        Ok(define(tag, &old.name, steps))
    }

    fn alter_action(&mut self, action: &AlterAction, a: &mut Altering) -> Result<()> {
        match &action.kind {
            A::AddColumn { if_not_exists, column } => {
                if let Some(taken) = a.new.def.column(&column.name.name) {
                    if *if_not_exists {
                        return Ok(());
                    }
                    let (name, table) = (&a.new.def.columns[taken].name, &a.new.def.name);
                    let message = format!("column \"{name}\" of relation \"{table}\" already exists");
                    return Err(Error::new(state::DUPLICATE_COLUMN, message).at(column.name.span.at()));
                }
                self.new_column(column, a)
            }
            A::DropColumn { name, if_exists, cascade } => {
                if *if_exists && a.new.def.column(&name.name).is_none() {
                    return Ok(());
                }
                let position = a.position(name)?;
                self.lost_column(position, *cascade, a)
            }
            A::SetType { column, ty, collation, using } => {
                if let Some(collation) = collation.as_ref().filter(|c| c.last() != "C") {
                    return Err(refuse(format!("collation \"{}\"", collation.last()), collation.span));
                }
                let (position, ty) = (a.position(column)?, self.resolve_type(ty)?);
                self.retyped_column(position, ty, using.as_ref(), column, a)
            }
            A::Default { column, expr } => self.new_default(column, expr.as_ref(), a),
            A::NotNull { column, set } => self.nullability(column, *set, a),
            A::DropExpression { column, if_exists } => {
                let position = a.position(column)?;
                let (table, held) = (a.new.def.name.clone(), &mut a.def().columns[position]);
                if held.generated == Generated::Stored {
                    (held.generated, held.default) = (Generated::No, None);
                } else if !if_exists {
                    let message = format!(
                        "column \"{}\" of relation \"{table}\" is not a stored generated column",
                        held.name
                    );
                    return Err(Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, message));
                }
                Ok(())
            }
            A::AddIdentity { .. } | A::SetIdentity { .. } | A::DropIdentity { .. } => {
                self.alter_identity(&action.kind, a)
            }
            A::AddConstraint(constraint) => self.new_constraint(constraint, a),
            A::AlterConstraint { name, attributes } => altered_constraint(name, *attributes, a),
            A::ValidateConstraint(name) => self.validated_constraint(name, a),
            A::DropConstraint { name, if_exists, cascade } => {
                if *if_exists && !has_constraint(&a.new.def, &name.name) {
                    return Ok(());
                }
                self.lose_key(name, *cascade, a)?;
                let place = constraint_place(name, &a.new.def)?;
                let gone = a.def().constraints.remove(place);
                a.new.indexes.retain(|def| !def.constraint || def.name != gone.name);
                if gone.text.starts_with("PRIMARY KEY") {
                    self.lost_with_key(&gone.name, *cascade, a)?;
                    a.new.forget_key();
                    a.rewrite = true;
                }
                a.new.referring.retain(|(name, _)| *name != gone.name);
                Ok(())
            }
            A::Rename(to) => self.renamed_relation(to, a),
            A::RenameColumn { column, to } => self.renamed_column(column, to, a),
            A::RenameConstraint { name, to } => {
                let place = constraint_place(name, &a.new.def)?;
                if has_constraint(&a.new.def, &to.name) {
                    return Err(taken_constraint(to, &a.new.def));
                }
                a.def().constraints[place].name.clone_from(&to.name);
                let held = |def: &&mut IndexDef| def.constraint && def.name == name.name;
                a.new.indexes.iter_mut().filter(held).for_each(|def| def.name.clone_from(&to.name));
                Ok(())
            }
            A::SetSchema(schema) => self.moved(schema, a),
            A::SetOptions(options) => set_options(a.def(), options),
            A::ResetOptions(options) => reset_options(a.def(), options),
            A::Other(what) => Err(refuse(what, action.span)),
        }
    }

    fn new_column(&mut self, written: &ast::ColumnDefinition, a: &mut Altering) -> Result<()> {
        let sequences = a.new.sequences.len();
        // What is kept for indexes stays behind the new column.
        let visible = a.new.def.visible();
        let kept = a.def().columns.split_off(visible);
        a.move_indexed(&|position| Some(if position >= visible { position + 1 } else { position }));
        self.add_column(written, &mut a.new)?;
        let position = visible;
        let column = a.new.def.columns[position].clone();
        let made = a.new.sequences.split_off(sequences);
        a.before.extend(made.into_iter().map(|def| Step::Create { def, or_leave: false }));
        let default = self.default(&column)?;
        let default = self.resolver.finish(default)?;
        let nothing = matches!(&default, Expr::Literal { value: Value::Null, .. });
        if column.not_null && nothing && column.generated == Generated::No {
            a.no_nulls(position);
        }
        // Anything else is another value in each row.
        a.rewrite |= !default.is_constant() || column.generated != Generated::No;
        a.sources.insert(position, default);
        self.finish_new(a)?;
        a.def().columns.extend(kept);
        Ok(())
    }

    /// Binds what a new column or constraint says, and has its CHECKs hold for the rows there are.
    fn finish_new(&mut self, a: &mut Altering) -> Result<()> {
        let before = a.new.def.constraints.len();
        self.finish_table(&mut a.new)?;
        let added = a.new.def.constraints[before..].to_vec();
        for constraint in added {
            let parsed = parse_constraint(&constraint.text)?;
            if let TableConstraintKind::Check(condition) = &parsed.kind {
                self.validated(&constraint.name, condition, a)?;
            }
        }
        Ok(())
    }

    pub(super) fn validated(&mut self, name: &str, condition: &ast::Expr, a: &mut Altering) -> Result<()> {
        let holds = self.check(condition, &a.new.def)?.0;
        let message =
            format!("check constraint \"{name}\" of relation \"{}\" is violated by some row", a.new.def.name);
        // NULL is as good as true.
        let holds = Expr::IsBool { expr: Box::new(holds), value: false, negated: true };
        a.checks.push((holds, Error::new(state::CHECK_VIOLATION, message)));
        Ok(())
    }

    fn new_default(&mut self, name: &Ident, expr: Option<&ast::Expr>, a: &mut Altering) -> Result<()> {
        let position = a.position(name)?;
        let column = a.new.def.columns[position].clone();
        let what = match column.generated {
            Generated::No => None,
            Generated::Stored => Some("a generated column"),
            Generated::Always | Generated::ByDefault => Some("an identity column"),
        };
        if let Some(what) = what {
            let message = format!("column \"{}\" of relation \"{}\" is {what}", column.name, a.new.def.name);
            return Err(Error::new(state::SYNTAX_ERROR, message));
        }
        if let Some(expr) = expr {
            self.default_expr(expr, &column.name, column.ty)?;
        }
        let stored = |expr: &ast::Expr| {
            self.stored(expr.to_string(), &mut |binder, text| {
                binder.default_expr(&parse_expr(text)?, &column.name, column.ty).map(drop)
            })
        };
        a.def().columns[position].default = expr.map(stored).transpose()?;
        Ok(())
    }

    fn nullability(&mut self, name: &Ident, set: bool, a: &mut Altering) -> Result<()> {
        let position = a.position(name)?;
        let column = a.new.def.columns[position].clone();
        if set {
            if !column.not_null {
                a.def().columns[position].not_null = true;
                a.no_nulls(position);
            }
            return Ok(());
        }
        if a.new.def.key.contains(&position) {
            let message = format!("column \"{}\" is in a primary key", column.name);
            return Err(Error::new(state::INVALID_TABLE_DEFINITION, message));
        }
        if matches!(column.generated, Generated::Always | Generated::ByDefault) {
            let message = format!(
                "column \"{}\" of relation \"{}\" is an identity column",
                column.name, a.new.def.name
            );
            return Err(Error::new(state::SYNTAX_ERROR, message));
        }
        a.def().columns[position].not_null = false;
        Ok(())
    }

    fn new_constraint(&mut self, constraint: &TableConstraint, a: &mut Altering) -> Result<()> {
        let key = matches!(constraint.kind, TableConstraintKind::PrimaryKey(_)) && a.new.has_key();
        if let Some(name) =
            constraint.name.as_ref().filter(|name| !key && has_constraint(&a.new.def, &name.name))
        {
            return Err(taken_constraint(name, &a.new.def));
        }
        match &constraint.kind {
            TableConstraintKind::PrimaryKey(names) => {
                let positions = key_positions(names, &a.new.def.columns, "primary key", constraint.span)?;
                for &position in &positions {
                    a.no_nulls(position);
                }
                self.set_key(&mut a.new, positions, constraint.name.as_ref(), constraint.span)?;
                a.rewrite = true;
                self.finish_new(a)
            }
            TableConstraintKind::Check(condition) if constraint.attributes.not_valid => {
                let attributes = ConstraintAttributes { not_valid: true, ..constraint.attributes };
                self.add_check(&mut a.new.def, constraint.name.as_ref(), condition, &attributes)
            }
            _ => {
                self.add_constraint(constraint, &mut a.new)?;
                self.finish_new(a)
            }
        }
    }

    /// The steps that make a definition of another.
    pub(super) fn altered(&mut self, mut a: Altering) -> Result<Vec<Step>> {
        self.check_options(&a.new)?;
        let reshaped = a.reshaped();
        if reshaped.is_none() && (a.rewrite || !a.old.same_layout(&a.new.def)) {
            self.renew_kept(&mut a)?;
        }
        let Altering { old, new, sources, rewrite, checks, before, after } = a;
        let NewTable { def: new, indexes, referring, .. } = new;
        let refer = Self::refer_steps(&new, referring);
        let mut steps = before;
        let rewrite = reshaped.is_none() && (rewrite || old.is_table() && !old.same_layout(&new));
        let scan = || self.scan(&old, &old.name, (0..old.columns.len()).collect(), false);
        let names: Vec<String> = new.columns.iter().map(|column| column.name.clone()).collect();
        let generated = new.columns.iter().any(|column| column.generated == Generated::Stored);
        let shared = Arc::new(new.clone());
        for (holds, error) in checks {
            let failing = Expr::IsBool { expr: Box::new(holds), value: true, negated: true };
            let computed =
                Plan::Project { input: Box::new(scan()), exprs: sources.clone(), names: names.clone() };
            // What is computed from the other columns is known when the rows are rewritten only.
            if !(rewrite && generated) {
                let rows = computed.filtered(vec![failing]);
                steps.push(Step::Check { table: Arc::clone(&old), rows, error });
            }
        }
        let mut copied = Vec::new();
        if rewrite || reshaped.is_some() {
            let input = Box::new(scan());
            let rows = Plan::Project { input, exprs: sources, names };
            let rules = self.rules_where(&shared, &|constraint| !constraint.attributes.not_valid)?;
            for gone in self.catalog.indexes_of(old.id) {
                if !indexes.iter().any(|kept| kept.name == gone.name) {
                    copied.push(super::comment::forgotten(&old, gone));
                }
            }
            indexes.iter().try_for_each(|def| super::method::check_classes(def, &new))?;
            let indexes = index_steps(&new, indexes.clone());
            copied.push(Step::Rewrite { old: Arc::clone(&old), new: new.clone(), rows, rules });
            copied.extend(indexes);
        }
        let (mut made, mut moved) = (Vec::new(), Vec::new());
        if !rewrite {
            let fresh = indexes.iter().filter(|def| def.id == 0).cloned().collect();
            let fresh = index_steps(&new, fresh);
            for def in self.catalog.indexes_of(old.id).iter().cloned() {
                let Some(kept) = indexes.iter().find(|kept| kept.id == def.id) else {
                    made.push(Step::DropIndex(def));
                    continue;
                };
                // As it is under its old name.
                let now = IndexDef { name: def.name.clone(), ..kept.clone() };
                if now != *def {
                    moved.push(now.clone());
                }
                if kept.name != def.name {
                    made.push(Step::RenameIndex(Arc::new(now), kept.name.clone()));
                }
            }
            made.extend(fresh);
        }
        match reshaped {
            _ if rewrite => steps.extend(copied),
            Some((gone, values)) => {
                steps.push(Step::Reshape { old, new, gone, values, indexes: moved, made, copied })
            }
            None => {
                if new != *old {
                    steps.push(Step::Alter { old, new });
                }
                steps.extend(made);
            }
        }
        steps.extend(after.into_iter().chain(refer));
        Ok(steps)
    }
}

pub(super) fn constraint_place(name: &Ident, def: &TableDef) -> Result<usize> {
    def.constraints.iter().position(|held| held.name == name.name).ok_or_else(|| {
        let message = format!("constraint \"{}\" of relation \"{}\" does not exist", name.name, def.name);
        Error::new(state::UNDEFINED_OBJECT, message).at(name.span.at())
    })
}
