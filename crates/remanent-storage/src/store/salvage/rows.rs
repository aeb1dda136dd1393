//! The rows of one table: which can be read, and which of them are to be kept.

use super::SavedTable;
use super::definitions::Form;
use super::source::{Piece, Source, find_rows};
use super::target::Target;
use super::values::Values;
use super::versions::{Fact, Versions};
use crate::Lsn;
use crate::catalog::FIRST_USER_TABLE;
use crate::error::{Error, Result};
use crate::segment::deletes::RowSet;
use crate::segment::shape::Held;
use crate::segment::{ColdSegment, Shape};
use crate::table::sweep::Sweep;
use crate::table::{TableDef, TableId};
use crate::txn::change::{RowsOf, TableChange};
use crate::value::{Column, Key};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// Something that could not be read, and what that means.
#[derive(Debug, Clone)]
pub struct Loss {
    /// What is damaged: which file, at which byte.
    pub error: Error,
    /// The table whose rows are lost; None where it is not known, or none are.
    pub table: Option<String>,
    /// How many rows are lost at most; None where that is not known.
    pub rows: Option<u64>,
    /// The first and the last key of the lost rows, where they can be read.
    pub keys: Option<(String, String)>,
    /// What it means, in words.
    pub meaning: Option<&'static str>,
    number: Option<TableId>,
}

impl Loss {
    pub(super) fn of(error: Error) -> Loss {
        Loss { error, table: None, rows: None, keys: None, meaning: None, number: None }
    }

    pub(super) fn concerns_catalog(&self) -> bool {
        self.number.is_some_and(|table| table < FIRST_USER_TABLE)
    }

    pub(super) fn because(mut self, meaning: &'static str) -> Loss {
        self.meaning = Some(meaning);
        self
    }

    pub(super) fn rows(mut self, table: TableId, rows: u64) -> Loss {
        self.number = Some(table);
        self.rows = Some(rows);
        self
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.error)?;
        if let Some(rows) = self.rows {
            write!(f, ": {rows} {} lost", if rows == 1 { "row" } else { "rows" })?;
            if let Some(table) = &self.table {
                write!(f, " of table \"{table}\"")?;
            }
            if let Some((first, last)) = &self.keys {
                write!(f, ", keys {first} to {last}")?;
            }
        }
        match self.meaning {
            Some(meaning) => write!(f, "; {meaning}"),
            None => Ok(()),
        }
    }
}

/// Rows that are handed over: all stored columns, and which rows.
pub struct Rows<'a> {
    pub columns: &'a [Column],
    pub keep: &'a [usize],
}

/// What was seen of a table.
pub struct Seen {
    pub versions: Versions,
    pub lost: u64,
    pub doubtful: bool,
}

/// Hands over every row of a table that is to be kept.
pub fn collect(
    source: &Source<'_>,
    form: &Form,
    losses: &mut Vec<Loss>,
    sink: &mut dyn FnMut(&Rows<'_>) -> Result<()>,
) -> Result<Seen> {
    let Form { def, types, key } = form;
    let mut versions = Versions::default();
    let of = RowsOf { types: types.clone(), def: def.layout.as_ref().map(|_| Arc::new(def.clone())) };
    let shape = Arc::new(match def.layout {
        Some(_) => def.shape(),
        None => Shape::plain(types.clone()),
    });
    let changes = source.changes(&|table| (table == def.id).then(|| of.clone()), false, losses);
    let mut lost_keys = false;
    let sweep = |(change, sweep): (&TableChange, &Sweep)| {
        let lens = change.then.as_ref().and_then(|then| shape.lens(then.numbers(), then.types().len()));
        let now = lens.as_ref().map(|lens| lens.iter().position(|held| *held == Held::At(sweep.at())));
        let column = now.map_or(Some(sweep.column), |at| at.and_then(|at| u32::try_from(at).ok()));
        // By a column that is gone nothing can be told any more.
        column.map(|column| Sweep { column, ..*sweep })
    };
    let all = changes.iter().flat_map(|(_, change)| change.sweeps.iter().map(move |sweep| (change, sweep)));
    let sweeps: Vec<Sweep> = all.filter_map(sweep).collect();
    for (lsn, change) in &changes {
        change.deletes.iter().for_each(|key| versions.add(key.clone(), *lsn, Fact::Deleted));
        for range in &change.key_files {
            lost_keys |= !source.keys(range, losses, &mut |key| versions.add(key, *lsn, Fact::Deleted));
        }
        for batch in &change.rows {
            keys(batch, key).into_iter().for_each(|key| versions.add(key, *lsn, Fact::Made));
        }
    }
    let before = losses.len();
    losses.extend(source.missing(def.id));
    let doubtful = source.doubts(def.id) || lost_keys;
    if doubtful {
        for (id, piece) in source.of(def.id) {
            each_row(source, id, piece, (&shape, def), losses, &mut |columns, at, created| {
                let facts = keys(columns, key).into_iter().zip(at.iter().zip(created));
                for (key, (&row, &lsn)) in facts {
                    let fact = if piece.deleted.contains(row) { Fact::Gone } else { Fact::Made };
                    versions.add(key, lsn, fact);
                }
                Ok(())
            })?;
        }
    }
    // What is damaged was reported in the first round.
    let mut again = Vec::new();
    let round = if doubtful { &mut again } else { &mut *losses };
    for (id, piece) in source.of(def.id) {
        each_row(source, id, piece, (&shape, def), round, &mut |columns, at, created| {
            let lives = |i: &usize| at.get(*i).is_some_and(|&row| !piece.deleted.contains(row));
            let keys = keys(columns, key);
            let mut keep: Vec<usize> = (0..at.len()).filter(lives).collect();
            keep.retain(|&i| match (keys.get(i), created.get(i)) {
                (Some(key), Some(&lsn)) => versions.take(key, lsn) && !left(&sweeps, columns, i, lsn),
                _ => false,
            });
            sink(&Rows { columns, keep: &keep })
        })?;
    }
    let lost = losses.iter().skip(before).filter_map(|loss| loss.rows).sum();
    losses.iter_mut().skip(before).for_each(|loss| loss.table = Some(def.name.clone()));
    for (lsn, change) in &changes {
        for batch in &change.rows {
            let keys = keys(batch, key);
            let stays = |&i: &usize| versions.take(&keys[i], *lsn) && !left(&sweeps, batch, i, *lsn);
            let keep: Vec<usize> = (0..keys.len()).filter(stays).collect();
            sink(&Rows { columns: batch, keep: &keep })?;
        }
    }
    Ok(Seen { versions, lost, doubtful: doubtful || source.log_damaged })
}

/// True if a row has left by its age.
fn left(sweeps: &[Sweep], columns: &[Column], row: usize, created: Lsn) -> bool {
    let takes = |sweep: &Sweep| {
        columns.get(sweep.at()).is_some_and(|column| sweep.takes(&column.value(row), created))
    };
    sweeps.iter().any(takes)
}

/// Saves one table.
pub fn save(
    source: &Source<'_>,
    form: &Form,
    target: &mut Target,
    losses: &mut Vec<Loss>,
) -> Result<SavedTable> {
    let def = &form.def;
    let mut saving = target.table(def)?;
    let (mut refused, mut damaged) = (Vec::new(), Vec::new());
    let values = Values::new(source.world, source.dir);
    let seen = collect(source, form, losses, &mut |rows| {
        let (columns, keep) = values.whole(def, rows, &mut damaged);
        let rows = Rows { columns: &columns, keep: &keep };
        saving.insert(&rows, &mut |e| refused.push(Loss::of(e).rows(def.id, 1)))
    })?;
    let rows = saving.finish()?;
    let lost = seen.lost + (refused.len() + damaged.len()) as u64;
    losses.append(&mut damaged);
    losses.extend(refused.into_iter().map(|loss| Loss { table: Some(def.name.clone()), ..loss }));
    Ok(SavedTable { name: def.name.clone(), rows, lost, doubtful: seen.doubtful })
}

/// Takes rows: all stored columns, their ordinals, who made them.
type RowSink<'a> = &'a mut dyn FnMut(&[Column], &[u32], &[Lsn]) -> Result<()>;

/// Hands over the rows of a piece that can be read, deleted ones included; says which of the others are lost.
fn each_row(
    source: &Source<'_>,
    id: u32,
    piece: &Piece,
    (shape, def): (&Arc<Shape>, &TableDef),
    losses: &mut Vec<Loss>,
    sink: RowSink<'_>,
) -> Result<()> {
    let Some(segment) = source.open(id, shape, Some(def)) else { return Ok(()) };
    let mut damage = Damage::default();
    for vector in 0..segment.vectors() {
        let rows = segment.rows_of(vector);
        match segment.readable(vector, &mut |e| damage.note(e)) {
            Ok(read) => {
                damage.lost(rows, &read.ordinals, &piece.deleted);
                sink(&read.columns, &read.ordinals, &read.created)?;
            }
            Err(e) => {
                damage.note(e);
                damage.lost(rows, &[], &piece.deleted);
            }
        }
    }
    damage.report(&segment, shape.types(), piece.table, losses);
    Ok(())
}

fn keys(columns: &[Column], key: &[usize]) -> Vec<Key> {
    let of: Vec<&Column> = key.iter().filter_map(|&k| columns.get(k)).collect();
    let rows = columns.first().map_or(0, Column::len);
    (0..rows).map(|row| Key::from_row(&of, row)).collect()
}

/// What was found damaged in one segment.
#[derive(Default)]
struct Damage {
    errors: Vec<Error>,
    messages: BTreeSet<String>,
    lost: RowSet,
}

impl Damage {
    fn note(&mut self, error: Error) {
        if self.messages.insert(error.message().to_owned()) {
            self.errors.push(error);
        }
    }

    fn lost(&mut self, rows: std::ops::Range<u32>, read: &[u32], deleted: &RowSet) {
        if read.len() == rows.len() {
            return;
        }
        let read: RowSet = read.iter().copied().collect();
        for row in rows.filter(|&row| !read.contains(row) && !deleted.contains(row)) {
            self.lost.insert(row);
        }
    }

    /// One loss for the segment, at the first damaged place, and one for each further place.
    fn report(
        self,
        segment: &ColdSegment,
        types: &[crate::value::Type],
        table: TableId,
        losses: &mut Vec<Loss>,
    ) {
        let mut errors = self.errors.into_iter();
        let Some(first) = errors.next() else { return };
        let mut loss = Loss::of(first).rows(table, self.lost.len());
        // Keys lie in order, so these two are the range.
        let shown = |row: Option<u32>| key_text(segment, types.len(), row?);
        loss.keys = shown(self.lost.iter().next()).zip(shown(self.lost.max()));
        losses.push(loss);
        losses.extend(errors.map(|e| Loss::of(e).rows(table, 0)));
    }
}

/// The first column of a row, which is the beginning of most keys.
fn key_text(segment: &ColdSegment, columns: usize, row: u32) -> Option<String> {
    (columns > 0).then(|| segment.value(0, row).ok()).flatten().map(|value| format!("({value})"))
}

/// The rows that are lost in a segment, in the same words as [`salvage`](super::salvage) says it: for `check`.
pub fn lost_rows(segment: &ColdSegment, deleted: &RowSet, def: &TableDef) -> Vec<Loss> {
    let mut damage = Damage::default();
    if let Err(e) = find_rows(segment, &def.shape(), Some(def)) {
        damage.note(e);
    }
    for vector in 0..segment.vectors() {
        let read = segment.readable(vector, &mut |e| damage.note(e));
        let ordinals = read.map(|read| read.ordinals).unwrap_or_else(|e| {
            damage.note(e);
            Vec::new()
        });
        damage.lost(segment.rows_of(vector), &ordinals, deleted);
    }
    let mut losses = Vec::new();
    damage.report(segment, segment.types(), def.id, &mut losses);
    losses.retain(|loss| loss.rows != Some(0));
    losses.iter_mut().for_each(|loss| loss.table = Some(def.name.clone()));
    losses
}
