//! Which tables there are, from what is left of the catalog.

use super::Loss;
use super::rows::{Rows, collect};
use super::source::{Piece, Source};
use crate::catalog::{self, EntryKind, column_row, constraint_row, index_row, table_row};
use crate::error::{Error, state};
use crate::index::IndexDef;
use crate::map::SortedMap;
use crate::segment::Shape;
use crate::table::{ColumnDef, ConstraintDef, TableDef, TableId};
use crate::value::{Column, Key, Type, Value};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A table as it is in the source, and as it will be.
pub struct Form {
    pub def: TableDef,
    /// The types of its stored columns.
    pub types: Vec<Type>,
    /// Which of them are its key.
    pub key: Vec<usize>,
}

impl Form {
    pub fn of(def: TableDef) -> Form {
        Form { types: def.shape().types().to_vec(), key: def.key_columns(), def }
    }
}

/// The user's tables, by number. Names are made up where the catalog's are lost.
pub fn read(source: &Source<'_>, losses: &mut Vec<Loss>) -> Vec<Form> {
    let mut tables: SortedMap<TableId, TableDef> = SortedMap::new();
    let mut columns: SortedMap<(TableId, i32), ColumnDef> = SortedMap::new();
    let [table_def, column_def, _, constraint_def, _] = catalog::system_tables().map(Form::of);
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
    let mut constraints: SortedMap<(TableId, i32), ConstraintDef> = SortedMap::new();
    let _ = collect(source, &constraint_def, losses, &mut |rows: &Rows<'_>| {
        each(rows, |of, i| {
            constraint_row(of, i).map(|(table, place, held)| _ = constraints.insert((table, place), held))
        });
        Ok(())
    });
    let dropped = |id: TableId| {
        let key = Key::encode(&[Value::Int8(id.into())]);
        of_tables.as_ref().is_ok_and(|seen| seen.versions.is_gone(&key))
    };
    // Where all of the catalog was read, a table that it does not know is one that was dropped.
    let lost =
        losses.iter().any(Loss::concerns_catalog) || source.doubts(catalog::TABLES) || source.log_damaged;
    let owners = source.owners();
    for (&id, types) in owners.iter().filter(|_| lost) {
        if !tables.contains_key(&id) && !dropped(id) && types.is_some() {
            tables.insert(id, TableDef::new(id, format!("table_{id}"), Vec::new(), Vec::new()));
            let message = format!("the definition of table {id} is lost");
            let loss = Loss::of(Error::new(state::DATA_CORRUPTED, message));
            losses.push(loss.because("it is called by its number"));
        }
    }
    let mut forms = Vec::new();
    let mut names = FxHashSet::default();
    for (id, mut def) in tables {
        while !names.insert((def.schema.clone(), def.name.clone())) {
            def.name = format!("{}_{id}", def.name);
        }
        def.constraints = constraints.range((id, 0)..=(id, i32::MAX)).map(|(_, held)| held.clone()).collect();
        let of = columns.range((id, 0)..=(id, i32::MAX));
        let known = of.map(|(&(_, position), column)| (position, column.clone())).collect();
        forms.push(complete(source, def, known, owners.get(&id).cloned().flatten(), losses));
    }
    forms
}

/// The entries: kind, name, value.
pub fn entries(source: &Source<'_>, losses: &mut Vec<Loss>) -> Vec<(EntryKind, String, String)> {
    let [_, _, entries_def, _, _] = catalog::system_tables().map(Form::of);
    let mut found = Vec::new();
    let _ = collect(source, &entries_def, losses, &mut |rows: &Rows<'_>| {
        for &i in rows.keep {
            let values: Vec<Value> = rows.columns.iter().map(|column| column.value(i)).collect();
            if let [Value::Text(kind), Value::Text(name), Value::Text(value)] = values.as_slice() {
                found.extend(EntryKind::of(kind).map(|kind| (kind, name.clone(), value.clone())));
            }
        }
        Ok(())
    });
    found
}

/// The indexes of tables; what is lost of them costs no row.
pub fn indexes(source: &Source<'_>, losses: &mut Vec<Loss>) -> Vec<IndexDef> {
    let [.., index_def] = catalog::system_tables().map(Form::of);
    let mut found = Vec::new();
    let _ = collect(source, &index_def, losses, &mut |rows: &Rows<'_>| {
        each(rows, |of, i| index_row(of, i).map(|def| found.push(def)));
        Ok(())
    });
    found
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
    source: &Source<'_>,
    mut def: TableDef,
    mut known: SortedMap<i32, ColumnDef>,
    types: Option<Vec<Type>>,
    losses: &mut Vec<Loss>,
) -> Form {
    let stored = types.unwrap_or_default();
    let gaps = known.keys().enumerate().any(|(i, &position)| i as i32 != position);
    let needed = def.key.iter().max().map_or(0, |&last| last + 1);
    // With a hidden key, the stored columns are one more than the declared.
    // Where it has got columns, segments may have fewer.
    let fits = |n: usize| {
        stored.is_empty() || def.layout.is_some() || n + usize::from(def.key.is_empty()) == stored.len()
    };
    if !gaps && !known.is_empty() && known.len() >= needed && fits(known.len()) {
        def.columns = known.values().cloned().collect();
        if def.layout_fits() {
            return Form::of(def);
        }
        def.columns.clear();
    }
    let message = format!("the columns and the key of table \"{}\" are not all known", def.name);
    losses.push(Loss::of(Error::new(state::DATA_CORRUPTED, message)));
    // They may speak of what is lost.
    def.constraints.clear();
    def.layout = None;
    for (i, &ty) in (0i32..).zip(&stored) {
        let made_up = || ColumnDef::new(format!("column_{}", i + 1), ty);
        let column = known.remove(&i).filter(|column| column.ty == ty).unwrap_or_else(made_up);
        def.columns.push(column);
    }
    let key = find_key(source, def.id, &stored);
    if def.key.is_empty() {
        def.key.clone_from(&key);
    }
    // With no key known, only rows that are the same in all columns are taken for the same.
    let key = if key.is_empty() { (0..stored.len()).collect() } else { key };
    Form { def, types: stored, key }
}

/// The key's columns, found by what the ends of a segment are known to be: its rows lie in key order.
fn find_key(source: &Source<'_>, table: TableId, types: &[Type]) -> Vec<usize> {
    let mut candidates: Vec<Vec<usize>> = (0..types.len()).map(|i| vec![i]).collect();
    candidates.extend((2..=types.len()).map(|n| (0..n).collect()));
    let pairs = (0..types.len()).flat_map(|i| (0..types.len()).map(move |j| vec![i, j]));
    candidates.extend(pairs.filter(|pair| pair.first() != pair.last()));
    let shape = Arc::new(Shape::plain(types.to_vec()));
    let ends = |id: u32, piece: &Piece| {
        let (first, last) = piece.ends.as_ref()?;
        let segment = source.open(id, &shape, None)?;
        let rows = [0, piece.rows.checked_sub(1)?];
        let columns: Vec<Column> =
            (0..types.len()).map(|column| segment.gather(column, &rows).ok()).collect::<Option<_>>()?;
        let fits = |key: &Vec<usize>| {
            let of: Vec<&Column> = key.iter().filter_map(|&k| columns.get(k)).collect();
            Key::from_row(&of, 0).as_bytes() == first.as_slice()
                && Key::from_row(&of, 1).as_bytes() == last.as_slice()
        };
        candidates.iter().find(|key| fits(key)).cloned()
    };
    source.of(table).find_map(|(id, piece)| ends(id, piece)).unwrap_or_default()
}
