//! What a statement that writes has to do for foreign keys: those of its table, and those that refer to it.
//!
//! ```text
//! UPDATE parent SET id = $1, note = $2      the foreign keys that refer to id; the old id is needed
//! UPDATE child SET note = $1                none, so that the statement keeps its short path
//! ```

use super::Binder;
use super::update::assigned_with;
use crate::sql::ast::ReferenceAction;
use crate::sql::expr::Expr;
use crate::sql::plan::{Referred, Response, Rules};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::Result;
use remanent_storage::table::TableDef;
use remanent_storage::txn::foreign::ForeignKey;
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

/// What a statement does to rows.
#[derive(Clone, Copy)]
pub(super) enum Writes<'a> {
    /// New ones; where the key is taken, these columns of the others.
    Inserts(&'a [usize]),
    /// It sets these columns.
    Updates(&'a [usize]),
    Deletes,
}

impl Binder<'_> {
    /// What is computed and checked of the rows that a statement writes, and what their foreign keys want.
    pub(super) fn rules_of(
        &mut self,
        table: &Arc<TableDef>,
        writes: Writes<'_>,
    ) -> Result<Option<Arc<Rules>>> {
        let plain = match writes {
            Writes::Deletes => None,
            _ => self.rules(table)?,
        };
        let touches = |columns: &[usize], inserted: bool| match writes {
            Writes::Inserts(set) => inserted || columns.iter().any(|column| set.contains(column)),
            Writes::Updates(set) => columns.iter().any(|column| set.contains(column)),
            Writes::Deletes => !inserted,
        };
        let mut references: Vec<Arc<ForeignKey>> = Vec::new();
        for held in table.constraints.iter().filter(|held| held.is_foreign_key()) {
            let key = self.foreign_key(table, held)?.map(|referred| Arc::clone(&referred.key));
            references.extend(key.filter(|key| touches(&key.columns, true)));
        }
        let mut referred = self.foreign_keys_to(table)?;
        referred.retain(|referred| touches(&referred.key.referred, false));
        if references.is_empty() && referred.is_empty() {
            return Ok(plain);
        }
        let mut old: Vec<usize> = Vec::new();
        if !matches!(writes, Writes::Inserts([])) {
            old.extend(references.iter().flat_map(|key| &key.columns));
            old.extend(referred.iter().flat_map(|referred| &referred.key.referred));
            old.sort_unstable();
            old.dedup();
        }
        let rules = plain.map_or_else(|| Rules::new(table), |rules| Rules::clone(&rules));
        Ok(Some(Arc::new(Rules { references, referred, old, ..rules })))
    }

    fn response(&mut self, referred: &Referred, action: ReferenceAction, update: bool) -> Result<Response> {
        use ReferenceAction as R;
        let (key, child) = (&referred.key, &referred.key.child);
        let columns = if update { &key.columns } else { &referred.set };
        let mut set = Vec::with_capacity(columns.len());
        for &column in columns {
            let of = &child.columns[column];
            let value = match action {
                R::SetNull => Expr::Literal { value: Value::Null, ty: of.ty },
                R::SetDefault => self.default(of)?,
                R::Cascade if update => {
                    let place = key.columns.iter().position(|held| *held == column).unwrap_or(0);
                    let ty = key.parent_types().get(place).copied().unwrap_or(Type::Int8);
                    self.resolver.assign(Expr::column(place, ty), of.ty, &of.name, 0)?
                }
                R::Cascade | R::NoAction | R::Restrict => {
                    let rules = self.rules_of(child, Writes::Deletes)?;
                    return Ok(Response { set: None, assigned: Vec::new(), rules });
                }
            };
            set.push((column, self.resolver.finish(value)?));
        }
        let assigned = assigned_with(child, &|column| columns.contains(&column));
        let rules = self.rules_of(child, Writes::Updates(&assigned))?;
        Ok(Response { set: Some(set), assigned, rules })
    }
}

/// What an action does to the rows of a child.
pub(crate) fn response(
    referred: &Referred,
    update: bool,
    catalog: &Catalog,
    path: &[String],
) -> Result<Response> {
    let action = if update { referred.on_update } else { referred.on_delete };
    Binder::new(catalog, Vec::new(), 0, path).response(referred, action, update)
}

/// The old rows' columns that rules need, behind everything else that a statement reads of a row.
pub(super) fn read_old(rules: Option<&Rules>, exprs: &mut Vec<Expr>, names: &mut Vec<String>) {
    let Some(rules) = rules else { return };
    for &column in &rules.old {
        let of = &rules.table.columns[column];
        exprs.push(Expr::column(column, of.ty));
        names.push(format!("old {}", of.name));
    }
}
