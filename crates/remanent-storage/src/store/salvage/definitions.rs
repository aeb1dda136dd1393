//! Which tables there are, from what is left of the catalog.

use super::Loss;
use super::rows::{Rows, collect};
use super::source::Source;
use crate::catalog::{self, column_row, table_row};
use crate::error::{Error, state};
use crate::table::{ColumnDef, TableDef, TableId};
use crate::value::{Column, Key, Type, Value};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// The user's tables, by number. Names are made up where the catalog's are lost.
pub fn read(source: &Source<'_>, losses: &mut Vec<Loss>) -> Vec<TableDef> {
    let before = losses.len();
    let mut tables: BTreeMap<TableId, TableDef> = BTreeMap::new();
    let mut columns: BTreeMap<(TableId, i32), ColumnDef> = BTreeMap::new();
    let [table_def, column_def] = catalog::system_tables();
    let of_tables = collect(source, &table_def, losses, &mut |rows: &Rows<'_>| {
        each(rows, |columns, i| table_row(columns, i).map(|def| _ = tables.insert(def.id, def)));
        Ok(())
    });
    let _ = collect(source, &column_def, losses, &mut |rows: &Rows<'_>| {
        each(rows, |of, i| {
            column_row(of, i).map(|(table, position, column)| _ = columns.insert((table, position), column))
        });
        Ok(())
    });
    let dropped = |id: TableId| {
        let key = Key::encode(&[Value::Int8(id.into())]);
        of_tables.as_ref().is_ok_and(|seen| seen.versions.is_gone(&key))
    };
    // Where all of the catalog was read, a table that it does not know is one that was dropped.
    let lost = losses.len() > before || source.doubts(catalog::TABLES) || source.log_damaged;
    let owners = source.owners();
    for (&id, types) in owners.iter().filter(|_| lost) {
        if !tables.contains_key(&id) && !dropped(id) && types.is_some() {
            tables.insert(
                id,
                TableDef { id, name: format!("table_{id}"), columns: Vec::new(), key: Vec::new() },
            );
            let message = format!("the definition of table {id} is lost");
            let loss = Loss::of(Error::new(state::DATA_CORRUPTED, message));
            losses.push(loss.because("its columns are called column_1 and so on, and it has no key"));
        }
    }
    let mut defs = Vec::new();
    let mut names = FxHashSet::default();
    for (id, mut def) in tables {
        let of = columns
            .range((id, 0)..=(id, i32::MAX))
            .map(|(&(_, position), column)| (position, column.clone()));
        complete(&mut def, of.collect(), owners.get(&id).cloned().flatten(), losses);
        while !names.insert(def.name.clone()) {
            def.name = format!("{}_{id}", def.name);
        }
        defs.push(def);
    }
    defs
}

/// Runs `read` on every row that is to be kept.
fn each(rows: &Rows<'_>, mut read: impl FnMut(&[Column], usize) -> crate::Result<()>) {
    for &i in rows.keep {
        // A row of the catalog that says nothing is as good as lost.
        let _ = read(rows.columns, i);
    }
}

/// Gives a definition its columns; those that are lost get made-up names.
fn complete(
    def: &mut TableDef,
    mut known: BTreeMap<i32, ColumnDef>,
    types: Option<Vec<Type>>,
    losses: &mut Vec<Loss>,
) {
    let stored = types.unwrap_or_default();
    let gaps = known.keys().enumerate().any(|(i, &position)| i as i32 != position);
    let needed = def.key.iter().max().map_or(0, |&last| last + 1);
    // With a hidden key, the stored columns are one more than the declared.
    let fits = |n: usize| stored.is_empty() || n + usize::from(def.key.is_empty()) == stored.len();
    if !gaps && !known.is_empty() && known.len() >= needed && fits(known.len()) {
        def.columns = known.into_values().collect();
        return;
    }
    if !stored.is_empty() && (gaps || known.len() < stored.len()) {
        let message = format!("the columns of table \"{}\" are not all known", def.name);
        losses.push(Loss::of(Error::new(state::DATA_CORRUPTED, message)));
    }
    for (i, ty) in (0i32..).zip(stored) {
        let made_up = || ColumnDef { name: format!("column_{}", i + 1), ty, not_null: false, default: None };
        let column = known.remove(&i).filter(|column| column.ty == ty).unwrap_or_else(made_up);
        def.columns.push(column);
    }
}
