//! CREATE TABLE.

use super::constraint::has_constraint;
use super::define;
use super::foreign::NewKey;
use super::index::{Fresh, index_steps, unique_index};
use super::names::made_up;
use super::options::{refuse_on_commit, set_options};
use crate::sql::ast::{
    self, ConstraintAttributes, CreateTable, Ident, OnCommit, Span, TableConstraint, TableConstraintKind,
    TableElement,
};
use crate::sql::bind::Binder;
use crate::sql::expr::needs_equality;
use crate::sql::parse::parse_expr;
use crate::sql::plan::{Commented, Define, Step};
use remanent_storage::catalog::comments::{DELETE_ROWS, DROP, PartKind};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{ColumnDef, ConstraintDef, TableDef};

/// The most columns a table can have, as in PostgreSQL.
pub const MAX_COLUMNS: usize = 1600;

/// A table being declared.
pub struct NewTable {
    pub def: TableDef,
    /// The sequences of its columns.
    pub sequences: Vec<TableDef>,
    /// Its CHECK constraints, to be bound when all columns are known.
    pub checks: Vec<(Option<Ident>, ast::Expr, ConstraintAttributes)>,
    /// Its generated columns, likewise.
    pub generated: Vec<(usize, ast::Expr)>,
    /// Its indexes, and those that are still to be named.
    pub indexes: Vec<IndexDef>,
    pub fresh: Vec<Fresh>,
    /// Its foreign keys, to be bound when all that they may name is known.
    pub foreign: Vec<NewKey>,
    /// Those that are bound: their names, and whether the rows that are there are looked at.
    pub referring: Vec<(String, bool)>,
    /// What is said of its columns, constraints and indexes.
    pub comments: Vec<(PartKind, String, String)>,
    /// The primary key is as new as these.
    pub fresh_key: bool,
    has_key: bool,
}

impl NewTable {
    pub fn new(def: TableDef) -> Self {
        let has_key = !def.key.is_empty();
        NewTable {
            def,
            sequences: Vec::new(),
            checks: Vec::new(),
            generated: Vec::new(),
            indexes: Vec::new(),
            fresh: Vec::new(),
            foreign: Vec::new(),
            referring: Vec::new(),
            comments: Vec::new(),
            fresh_key: false,
            has_key,
        }
    }

    /// True if the table, or something that is made with it, is called so.
    pub fn is_called(&self, name: &str) -> bool {
        self.def.name == name
            || self.sequences.iter().any(|sequence| sequence.name == name)
            || self.indexes.iter().any(|index| index.name == name)
    }

    /// The primary key; there can be only one, and it is called after the table.
    pub fn set_key(
        &mut self,
        columns: Vec<usize>,
        name: Option<&Ident>,
        span: Span,
        taken: &dyn Fn(&str) -> bool,
    ) -> Result<()> {
        if self.has_key {
            let message = format!("multiple primary keys for table \"{}\" are not allowed", self.def.name);
            return Err(Error::new(state::INVALID_TABLE_DEFINITION, message).at(span.at()));
        }
        for &column in &columns {
            let ty = self.def.columns[column].ty;
            needs_equality(ty, None).map_err(|_| {
                let message = format!("data type {ty} has no default operator class for access method \"btree\"");
                Error::new(state::UNDEFINED_OBJECT, message).with_hint(
                    "You must specify an operator class for the index or define a default operator class for the data type.",
                )
            })?;
        }
        let names: Vec<String> =
            columns.iter().map(|&column| ast::quote_ident(&self.def.columns[column].name)).collect();
        let called = match name {
            Some(name) => name.name.clone(),
            None => {
                let taken =
                    |name: &str| has_constraint(&self.def, name) || self.is_called(name) || taken(name);
                made_up(&self.def.name, None, "pkey", &taken)
            }
        };
        let text = format!("PRIMARY KEY ({})", names.join(", "));
        self.def.constraints.push(ConstraintDef { name: called, text });
        (self.has_key, self.fresh_key) = (true, true);
        self.def.key = columns;
        Ok(())
    }
}

impl NewTable {
    /// True if there is a primary key.
    pub fn has_key(&self) -> bool {
        self.has_key
    }

    /// There is no primary key any more.
    pub fn forget_key(&mut self) {
        self.has_key = false;
        self.def.key.clear();
        self.def.constraints.retain(|held| !held.text.starts_with("PRIMARY KEY"));
    }
}

impl Binder<'_> {
    /// CREATE TABLE.
    pub(super) fn create_table(&mut self, create: &CreateTable) -> Result<Define> {
        let (schema, name) = self.target_of(&create.name, create.persistence, "table")?;
        refuse_on_commit(&schema, create.on_commit)?;
        if create.if_not_exists && self.catalog.relation(&schema, &name).is_some() {
            self.note(&name);
            return Ok(define("CREATE TABLE", &name, Vec::new()));
        }
        let mut new = NewTable::new(TableDef { schema, ..TableDef::new(0, name, Vec::new(), Vec::new()) });
        set_options(&mut new.def, &create.options)?;
        for element in &create.elements {
            match element {
                TableElement::Column(column) => {
                    if new.def.columns.len() == MAX_COLUMNS {
                        let message = format!("tables can have at most {MAX_COLUMNS} columns");
                        return Err(Error::new(state::TOO_MANY_COLUMNS, message).at(column.span.at()));
                    }
                    self.add_column(column, &mut new)?;
                }
                TableElement::Like(like) => self.like(like, &mut new)?,
                TableElement::Constraint(_) => {}
            }
        }
        for element in &create.elements {
            if let TableElement::Constraint(constraint) = element {
                self.add_constraint(constraint, &mut new)?;
            }
        }
        // There are no rows yet that could have no parent.
        new.foreign.iter_mut().for_each(|key| key.attributes.not_valid = false);
        self.finish_table(&mut new)?;
        self.check_options(&new)?;
        let NewTable { def, sequences, indexes, referring, comments, .. } = new;
        let name = def.name.clone();
        let indexes = index_steps(&def, indexes);
        let refer = Self::refer_steps(&def, referring);
        let of = (def.schema.clone(), name.clone());
        let comment = |(kind, part, text)| {
            Step::Comment(Commented::Relation(of.clone(), Some((kind, part))), Some(text))
        };
        let mut comments: Vec<Step> = comments.into_iter().map(comment).collect();
        comments.extend(on_commit_step(&of, create.on_commit));
        let mut steps = vec![Step::Create { def, or_leave: create.if_not_exists }];
        steps.extend(sequences.into_iter().map(|def| Step::Create { def, or_leave: false }));
        steps.extend(indexes.chain(refer));
        steps.extend(comments);
        Ok(define("CREATE TABLE", &name, steps))
    }

    pub(super) fn add_constraint(&mut self, constraint: &TableConstraint, new: &mut NewTable) -> Result<()> {
        match &constraint.kind {
            TableConstraintKind::PrimaryKey(names) => {
                self.refuse_deferred(&constraint.attributes, "PRIMARY KEY", constraint.span)?;
                let positions = key_positions(names, &new.def.columns, "primary key", constraint.span)?;
                self.set_key(new, positions, constraint.name.as_ref(), constraint.span)
            }
            TableConstraintKind::Check(condition) => {
                self.refuse_deferred(&constraint.attributes, "CHECK", constraint.span)?;
                new.checks.push((constraint.name.clone(), condition.clone(), constraint.attributes));
                Ok(())
            }
            TableConstraintKind::Unique(names, same) => {
                self.refuse_deferred(&constraint.attributes, "UNIQUE", constraint.span)?;
                let positions = key_positions(names, &new.def.columns, "unique", constraint.span)?;
                let name = constraint.name.as_ref();
                new.fresh.push(unique_index(name, positions, *same, constraint.span));
                Ok(())
            }
            TableConstraintKind::ForeignKey(columns, references) => {
                new.foreign.push(NewKey {
                    name: constraint.name.clone(),
                    columns: columns.clone(),
                    references: references.clone(),
                    attributes: constraint.attributes,
                });
                Ok(())
            }
        }
    }

    /// Gives a table a primary key.
    pub(super) fn set_key(
        &self,
        new: &mut NewTable,
        columns: Vec<usize>,
        name: Option<&Ident>,
        span: Span,
    ) -> Result<()> {
        let schema = new.def.schema.clone();
        new.set_key(columns, name, span, &|name| self.catalog.is_taken(&schema, name))
    }

    /// Binds what speaks of the table's columns, now that all are known.
    pub(super) fn finish_table(&mut self, new: &mut NewTable) -> Result<()> {
        for position in new.def.key.clone() {
            new.def.columns[position].not_null = true;
        }
        for (position, written) in std::mem::take(&mut new.generated) {
            if !self.generation(&written, position, &new.def)?.is_lasting() {
                let message = "generation expression is not immutable";
                return Err(Error::new(state::INVALID_OBJECT_DEFINITION, message).at(written.span.at()));
            }
            let text = self.stored(written.to_string(), &mut |binder, text| {
                binder.generation(&parse_expr(text)?, position, &new.def).map(drop)
            })?;
            new.def.columns[position].default = Some(text);
        }
        for (name, condition, attributes) in std::mem::take(&mut new.checks) {
            // Nothing is there yet that could fail.
            let attributes = ConstraintAttributes { not_valid: false, ..attributes };
            self.add_check(&mut new.def, name.as_ref(), &condition, &attributes)?;
        }
        self.finish_indexes(new)?;
        self.finish_foreign_keys(new)
    }
}

/// The step that says what a commit does with a table that a step before has made.
pub fn on_commit_step(table: &(String, String), on_commit: OnCommit) -> Option<Step> {
    let what = match on_commit {
        OnCommit::PreserveRows => return None,
        OnCommit::DeleteRows => DELETE_ROWS,
        OnCommit::Drop => DROP,
    };
    let of = Commented::Relation(table.clone(), Some((PartKind::Commit, what.to_string())));
    Some(Step::Comment(of, Some(what.to_string())))
}

/// The positions of a key's columns.
pub fn key_positions(names: &[Ident], columns: &[ColumnDef], what: &str, span: Span) -> Result<Vec<usize>> {
    let mut positions = Vec::with_capacity(names.len());
    for name in names {
        let Some(position) = columns.iter().position(|column| column.name == name.name) else {
            let message = format!("column \"{}\" named in key does not exist", name.name);
            return Err(Error::new(state::UNDEFINED_COLUMN, message).at(span.at()));
        };
        if positions.contains(&position) {
            let message = format!("column \"{}\" appears twice in {what} constraint", name.name);
            return Err(Error::new(state::DUPLICATE_COLUMN, message).at(span.at()));
        }
        positions.push(position);
    }
    Ok(positions)
}
