//! CREATE TABLE … AS, SELECT … INTO; LIKE in CREATE TABLE.

use super::define;
use super::index::{Fresh, KEPT};
use super::names::made_up;
use super::options::{refuse_on_commit, set_options};
use super::table::{MAX_COLUMNS, NewTable, on_commit_step};
use crate::sql::ast::{CreateTableAs, Like, TableConstraintKind};
use crate::sql::bind::{Binder, Relation, refuse};
use crate::sql::parse::parse_constraint;
use crate::sql::plan::{Define, Step};
use remanent_storage::catalog::comments::{PartKind, Subject};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{ColumnDef, Generated, RelationKind, TableDef};
use remanent_storage::value::Type;
use remanent_storage::value::record::RECORD;

impl Binder<'_> {
    /// CREATE TABLE … AS.
    pub(super) fn create_table_as(&mut self, create: &CreateTableAs) -> Result<Define> {
        let (schema, name) = self.target_of(&create.name, create.persistence, "table")?;
        refuse_on_commit(&schema, create.on_commit)?;
        if create.if_not_exists && self.catalog.relation(&schema, &name).is_some() {
            self.note(&name);
            return Ok(define("CREATE TABLE AS", &name, Vec::new()));
        }
        let Relation { plan, fields, .. } = self.query(&create.query, None)?;
        if let Some(extra) = create.columns.get(fields.len()) {
            let message = "too many column names were specified";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(extra.span.at()));
        }
        if fields.len() > MAX_COLUMNS {
            let message = format!("tables can have at most {MAX_COLUMNS} columns");
            return Err(Error::new(state::TOO_MANY_COLUMNS, message));
        }
        let mut columns: Vec<ColumnDef> = Vec::with_capacity(fields.len());
        for (i, field) in fields.iter().enumerate() {
            let name = create.columns.get(i).map_or(&field.name, |given| &given.name);
            if columns.iter().any(|held| held.name == *name) {
                let message = format!("column \"{name}\" specified more than once");
                return Err(Error::new(state::DUPLICATE_COLUMN, message));
            }
            let of = if let Type::Array(element) = field.ty { element.ty() } else { field.ty };
            if of == RECORD {
                // That of a relation has a type of its own in PostgreSQL.
                let own =
                    field.row.as_ref().and_then(|row| row.first()).is_some_and(|(first, _)| first != "f1");
                if own {
                    return Err(refuse("a column of rows", create.query.span));
                }
                let message = format!("column \"{name}\" has pseudo-type {}", field.ty);
                return Err(Error::new(state::INVALID_TABLE_DEFINITION, message));
            }
            columns.push(ColumnDef::new(name, field.ty));
        }
        let def = TableDef { schema: schema.clone(), ..TableDef::new(0, &name, columns, Vec::new()) };
        let mut new = NewTable::new(def);
        set_options(&mut new.def, &create.options)?;
        self.check_options(&new)?;
        let mut steps = vec![Step::Create { def: new.def, or_leave: create.if_not_exists }];
        steps.extend(on_commit_step(&(schema.clone(), name.clone()), create.on_commit));
        if create.with_data {
            steps.push(Step::Fill { name: (schema, name.clone()), rows: plan });
        }
        Ok(define("CREATE TABLE AS", &name, steps))
    }

    /// LIKE: the columns of another relation, and what else is asked for.
    pub(super) fn like(&mut self, like: &Like, new: &mut NewTable) -> Result<()> {
        let source = self.table(&like.table)?;
        if let RelationKind::Sequence(_) = source.kind {
            let message = format!("relation \"{}\" is invalid in LIKE clause", source.name);
            return Err(Error::new(state::WRONG_OBJECT_TYPE, message)
                .with_detail("This operation is not supported for sequences.")
                .at(like.table.span.at()));
        }
        let wanted = |what: &str| {
            let said = like.options.iter().rev().find(|(_, word)| word.name == what || word.name == "all");
            said.is_some_and(|(including, _)| *including)
        };
        let catalog = self.catalog;
        let said = |kind: PartKind, name: &str| {
            let text = catalog.comment(Subject::Part(source.id, kind, name));
            text.filter(|_| wanted("comments")).map(str::to_string)
        };
        let first = new.def.columns.len();
        for column in source.columns.iter().take(source.visible()) {
            if new.def.column(&column.name).is_some() {
                let message = format!("column \"{}\" specified more than once", column.name);
                return Err(Error::new(state::DUPLICATE_COLUMN, message));
            }
            let mut copy = ColumnDef { not_null: column.not_null, ..ColumnDef::new(&column.name, column.ty) };
            let identity = matches!(column.generated, Generated::Always | Generated::ByDefault);
            match column.generated {
                Generated::No if wanted("defaults") => copy.default.clone_from(&column.default),
                Generated::Stored if wanted("generated") => {
                    (copy.generated, copy.default) = (Generated::Stored, column.default.clone());
                }
                _ => {}
            }
            if let Some(text) = said(PartKind::Column, &column.name) {
                new.comments.push((PartKind::Column, column.name.clone(), text));
            }
            new.def.columns.push(copy);
            if identity && wanted("identity") {
                self.sequence_of_column(new, None, &[])?;
                if let Some(last) = new.def.columns.last_mut() {
                    last.generated = column.generated;
                }
            }
        }
        for constraint in &source.constraints {
            match parse_constraint(&constraint.text)?.kind {
                TableConstraintKind::Check(_) if wanted("constraints") => {
                    let mut copy = constraint.clone();
                    copy.name = made_up_of(&copy.name, new);
                    let text = said(PartKind::Constraint, &constraint.name);
                    new.comments.extend(text.map(|text| (PartKind::Constraint, copy.name.clone(), text)));
                    new.def.constraints.push(copy);
                }
                TableConstraintKind::PrimaryKey(_) if wanted("indexes") => {
                    let positions = source.key.iter().map(|key| key + first).collect();
                    self.set_key(new, positions, None, like.span)?;
                    let text = said(PartKind::Index, &constraint.name);
                    new.comments.extend(text.map(|text| (PartKind::Index, new.def.key_name(), text)));
                }
                _ => {}
            }
        }
        let indexes = self.catalog.indexes_of(source.id).iter().filter(|_| wanted("indexes"));
        for index in indexes {
            let mut kept: Vec<ColumnDef> = Vec::new();
            let mut moved = |column: usize| match source.columns.get(column) {
                Some(held) if held.name.is_empty() => {
                    kept.push(held.clone());
                    KEPT + kept.len() - 1
                }
                _ => column + first,
            };
            let columns = index.columns.iter().map(|&column| moved(column)).collect();
            let include = index.include.iter().map(|&column| moved(column)).collect();
            let filter = index.filter.map(moved);
            let (name, of) = (String::new(), IndexDef::clone(index));
            let def = IndexDef { id: 0, table: 0, name, columns, include, filter, ..of };
            let comment = said(PartKind::Index, &index.name);
            new.fresh.push(Fresh { def, constraint: index.constraint, kept, span: like.span, comment });
        }
        Ok(())
    }
}

fn made_up_of(name: &str, new: &NewTable) -> String {
    match super::constraint::has_constraint(&new.def, name) {
        false => name.to_string(),
        true => {
            made_up(&new.def.name, None, "check", &|name| super::constraint::has_constraint(&new.def, name))
        }
    }
}
