//! Taking over what the writer's flushes and merges have made, in a store that follows it.
//!
//! The manifest names other segments now, and a table is flushed up to C. For each table that is concerned a new [`Table`]
//! is built and put into the catalog; what is visible has reached C before, and stays where it is.
//!
//! - *Merged only* (C is the old one): the hot rows stay. The segments are those that the manifest names; those that
//!   were there before keep their handles. Marks after C on rows of segments that are gone move to the new ones. There
//!   is no ordinal map here: a version of a row is known by its key and the record that made it, which a merge keeps.
//! - *Flushed*: the segments as the manifest names them, with the marks up to C, and an empty hot segment; then the
//!   records after C are applied once more, for these tables only. They are few, since C is where the flush began. (The
//!   old hot rows will not do: a version that was pruned here may be in the writer's segment, and its mark is gone.)
//!
//! Snapshots taken before keep their catalog, and so the old tables with all they had: these get no more records, and
//! such a snapshot sees none.

use super::manifest::{SegmentMeta, State};
use super::open;
use crate::Lsn;
use crate::error::{Error, Result};
use crate::log::{Record, Tail};
use crate::map::SortedMap;
use crate::segment::deletes::Deletes;
use crate::table::TableId;
use crate::table::version::{ColdHandle, Table};
use crate::txn::change::{ChangeReader, RowsOf};
use crate::txn::core::Core;
use crate::value::{Key, Value};
use crate::world::mutation;
use rustc_hash::FxHashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

type Tables = SortedMap<TableId, Arc<Table>>;

/// Takes over what the manifest says. Everything that any table has flushed is visible. Returns the segments that no
/// table has any more; None if the log does not reach back far enough. Only by the one thread that follows.
pub(super) fn adopt(core: &Core, state: &State) -> Result<Option<Vec<Arc<ColdHandle>>>> {
    let catalog = core.snapshots.catalog();
    let (mut merged, mut flushed) = (Vec::new(), Vec::new());
    for table in catalog.all() {
        let cut = state.flushed.get(&table.def.id).copied().unwrap_or(0).max(table.flushed());
        let named: FxHashSet<u32> = state.segments_of(table.def.id).map(|s| s.id).collect();
        let cold = table.version().cold.clone();
        // Those that came with a transaction and wait for a flush are not named yet.
        let settled: FxHashSet<u32> = cold.iter().filter(|c| c.created.0 <= cut).map(|c| c.id).collect();
        if table.oldest_unflushed() <= cut || (settled != named && cut > table.flushed()) {
            flushed.push((table, cut));
        } else if settled != named {
            merged.push(table);
        } else if cut > table.flushed() {
            table.set_flushed(cut);
        }
    }
    for cold in catalog.all().flat_map(|table| table.version().cold.clone()) {
        if let Some(entry) = state.segments.get(&cold.id) {
            cold.parts.adopt(&entry.meta.parts, &|index| core.part_handle(cold.id, index));
        }
    }
    if merged.is_empty() && flushed.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let marks = open::load_marks(core, state)?.by_segment;
    let (mut new, mut gone) = (Tables::default(), Vec::new());
    for table in merged {
        let (next, left) = merge(core, state, table, &marks)?;
        new.insert(table.def.id, next);
        gone.extend(left);
    }
    let mut released = 0;
    if !flushed.is_empty() {
        let mut empty = Tables::default();
        for &(table, cut) in &flushed {
            empty.insert(table.def.id, flush(core, state, table, cut, &marks));
            gone.extend(table.version().cold.iter().cloned());
            released += table.version().hots().map(|h| h.charged.load(Ordering::Relaxed)).sum::<usize>();
        }
        let first = flushed.iter().map(|(_, cut)| *cut).min().unwrap_or(0).max(state.log_floor);
        if !again(core, state, first, &empty)? {
            return Ok(None);
        }
        new.extend(empty);
    }
    let catalog = Arc::new(catalog.with_segments(new.into_values()));
    core.between_records(|lsn| core.snapshots.replace(lsn, catalog));
    core.gate.give_back(released);
    Ok(Some(gone))
}

/// A table after a merge, and the segments that it no longer has.
fn merge(
    core: &Core,
    state: &State,
    table: &Arc<Table>,
    marks: &SortedMap<u32, Deletes>,
) -> Result<(Arc<Table>, Vec<Arc<ColdHandle>>)> {
    let next = Table::new(Arc::clone(&table.def), core.new_file(), &core.blobs);
    let before = table.version();
    let mut version = before.as_ref().clone();
    let mut fresh = Vec::new();
    version.cold.clear();
    for meta in state.segments_of(table.def.id) {
        let there = before.cold.iter().find(|c| c.id == meta.id).cloned();
        version.cold.push(there.unwrap_or_else(|| {
            let cold = load(core, &next, meta, marks);
            fresh.push(Arc::clone(&cold));
            cold
        }));
    }
    let cut = table.flushed();
    version.cold.extend(before.cold.iter().filter(|c| c.created.0 > cut).cloned());
    let kept: FxHashSet<u32> = version.cold.iter().map(|c| c.id).collect();
    let gone: Vec<_> = before.cold.iter().filter(|c| !kept.contains(&c.id)).cloned().collect();
    for cold in &gone {
        let late = cold.deletes.read().since(cut);
        for (lsn, ordinal) in late.iter().filter(|_| !mutation("forget_late_marks")) {
            move_mark(table, cold, ordinal, lsn, &fresh)?;
        }
    }
    table.indexes.get().iter().for_each(|def| next.indexes.add(def));
    next.raise_row_id(table.next_row_id());
    next.publish(version);
    next.set_flushed(cut);
    if table.oldest_unflushed() != Lsn::MAX {
        next.set_changed(table.oldest_unflushed());
    }
    Ok((Arc::new(next), gone))
}

/// Marks a row of a segment that is gone where it is now.
fn move_mark(
    table: &Table,
    gone: &ColdHandle,
    ordinal: u32,
    lsn: Lsn,
    fresh: &[Arc<ColdHandle>],
) -> Result<()> {
    let columns = table.def.key_columns();
    let key: Vec<Value> = columns.iter().map(|&c| gone.segment.value(c, ordinal)).collect::<Result<_>>()?;
    let (key, created) = (Key::encode(&key), gone.created_at(ordinal)?);
    for cold in fresh {
        for row in cold.lookup(key.as_bytes())? {
            if cold.created_at(row)? == created {
                cold.deletes.write().mark(lsn, &[row]);
                return Ok(());
            }
        }
    }
    Err(Error::internal(format!("a row of \"{}\" got lost in a merge", table.def.name)))
}

/// A table as of its flush.
fn flush(
    core: &Core,
    state: &State,
    table: &Arc<Table>,
    cut: Lsn,
    marks: &SortedMap<u32, Deletes>,
) -> Arc<Table> {
    let next = Table::new(Arc::clone(&table.def), core.new_file(), &core.blobs);
    for def in table.indexes.get().iter() {
        // Of no row yet; a kind that is not known has no part.
        let _ = next.add_index(def);
    }
    let before = table.version();
    let mut version = next.version().as_ref().clone();
    for meta in state.segments_of(table.def.id) {
        let there = before.cold.iter().find(|c| c.id == meta.id);
        version.cold.push(match there {
            // What was read of it stays; snapshots older than the cut have the old handle.
            Some(cold) => cold.with_deletes(cold.deletes.read().settled_at(cut)),
            None => load(core, &next, meta, marks),
        });
    }
    next.raise_row_id(table.next_row_id());
    next.publish(version);
    next.set_flushed(cut);
    Arc::new(next)
}

fn load(core: &Core, table: &Table, meta: &SegmentMeta, marks: &SortedMap<u32, Deletes>) -> Arc<ColdHandle> {
    open::open_segment(core, table, meta, marks.get(&meta.id).cloned().unwrap_or_default())
}

/// Applies what is visible of the log above `first` once more, to these tables; false if the log does not have it.
fn again(core: &Core, state: &State, first: Lsn, tables: &Tables) -> Result<bool> {
    let visible = core.snapshots.published();
    if visible <= first {
        return Ok(true);
    }
    let folder = core.dir.join(open::LOG_FOLDER);
    let mut tail = Tail::new(&core.world.disk, &folder, &open::log_options(state), first);
    tail.follow(visible, &mut |record| apply(core, &record, tables))
}

fn apply(core: &Core, record: &Record, tables: &Tables) -> Result<()> {
    let wanted = |id: TableId| tables.get(&id).filter(|table| record.lsn > table.flushed());
    let reach = core.snapshots.reach();
    let mut reader = ChangeReader::new(&record.body)?;
    while let Some(change) = reader.next(|id| Ok(wanted(id).map(|table| RowsOf::table(table))))? {
        let Some(change) = change else { continue };
        let Some(table) = wanted(change.table) else { continue };
        let located = open::locate(core, table, &change, record.lsn)?;
        core.apply_table(table, record.lsn, &change, &located, &|created, deleted| {
            reach.sees(created, deleted)
        })?;
    }
    Ok(())
}
