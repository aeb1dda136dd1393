//! The visible rows of one table, batch by batch.
//!
//! A scan holds the [`TableVersion`] it began with and asks each segment in turn: cold ones a vector
//! of 1,024 rows at a time (skipped whole where a zone map excludes it), hot ones a chunk at a time,
//! last the transaction's own rows. Design rule 1 is applied here for all of them: created and deleted
//! against the snapshot, then the keys that the transaction itself has deleted.
//!
//! Limits: conditions only skip; the caller filters. A condition that pins every key column turns the
//! scan into one key probe.

mod split;
pub mod summary;

use super::gone::Gone;
use super::ranked::Chosen;
use super::version::{ColdHandle, TableVersion};
use super::{ColumnRange, Named, RowId, ScanRequest};
use crate::Lsn;
use crate::error::Result;
use crate::index::{ProbeStats, ScoreBound};
use crate::segment::deletes::RowSet;
use crate::segment::hot::HotView;
use crate::segment::{Before, Zone};
use crate::value::{Batch, Buffer, Column, ColumnBuilder, Key, Type, Value};
use crate::world::mutation;
use rustc_hash::FxHashSet;
use std::collections::VecDeque;
use std::ops::Bound;
use std::sync::Arc;

/// Rows of a vector in a cold segment.
pub(super) const VECTOR_ROWS: usize = 1024;
/// Where an index names so few rows of a vector, they are gathered, and whatever of the columns that needs is kept decoded.
const FEW_ROWS: usize = VECTOR_ROWS / 8;

/// Rows of the transaction itself: stored columns, which of them live, and the ordinal of the first.
pub struct OwnRows {
    /// All stored columns.
    pub columns: Vec<Column>,
    /// The rows that live; None: all.
    pub selection: Option<Vec<u32>>,
    /// The ordinal of the first row in the private segment.
    pub base: u32,
}

/// What a transaction adds to the committed rows of a table.
#[derive(Default)]
pub struct Own {
    /// Its rows.
    pub rows: Vec<OwnRows>,
    /// Rows it loaded straight into cold segments that nobody else sees yet.
    pub attached: Vec<Arc<ColdHandle>>,
    /// Keys of committed rows that it has deleted.
    pub hidden: Arc<FxHashSet<Key>>,
    /// More of them, by where they lie in the version that is scanned.
    pub gone: Arc<Gone>,
}

/// Rows of a vector that are fewer than one in so many are decoded one by one.
const FEW: usize = 16;

/// Sees a block before the columns that it did not ask for are read, and takes rows out of its selection.
pub type Sieve<'a> = &'a mut dyn FnMut(&mut Block<'_>) -> Result<()>;

/// Takes nothing out.
pub fn no_sieve(_: &mut Block<'_>) -> Result<()> {
    Ok(())
}

/// What a sieve leaves of rows whose columns were read already; None: nothing.
pub fn sieved(batch: Batch, sieve: Sieve<'_>) -> Result<Option<Batch>> {
    let read = |column: usize| match batch.columns.get(column) {
        Some(column) => Ok(column.clone()),
        None => Err(crate::error::Error::internal("a column that was not read")),
    };
    let wanted: Vec<usize> = (0..batch.columns.len()).collect();
    let selection = batch.selection.as_ref().map(|rows| rows.to_vec());
    let source = Source::new(&read, batch.rows);
    let mut block = Block::new(source, selection, &wanted, 0);
    sieve(&mut block)?;
    let selection = block.selection.take().map(Buffer::from);
    let left = Batch { columns: batch.columns.clone(), rows: batch.rows, selection };
    Ok(Some(left).filter(|left| !left.is_empty()))
}

/// Some rows of a scan whose columns are read when they are asked for.
pub struct Block<'a> {
    pub(super) source: Source<'a>,
    /// The rows that count, ascending; None: all.
    pub selection: Option<Vec<u32>>,
    pub(super) wanted: &'a [usize],
    pub(super) columns: Vec<Option<Column>>,
    /// The probes of the request, by bits, that name these rows and no others than those for which their conditions are true.
    pub sure: u64,
    /// Those of the first 64 columns, by bits, whose values nobody looks at any more: what is not read yet need not be.
    pub spared: u64,
}

impl<'a> Block<'a> {
    pub(super) fn new(
        source: Source<'a>,
        selection: Option<Vec<u32>>,
        wanted: &'a [usize],
        sure: u64,
    ) -> Self {
        Block { source, selection, wanted, columns: vec![None; wanted.len()], sure, spared: 0 }
    }

    /// How many columns there are.
    pub fn width(&self) -> usize {
        self.wanted.len()
    }

    /// How many rows each column has.
    pub fn rows(&self) -> usize {
        self.source.rows
    }

    /// True if no row counts.
    pub fn is_empty(&self) -> bool {
        self.source.rows == 0 || self.selection.as_ref().is_some_and(Vec::is_empty)
    }

    /// What is known, without reading it, of a column of those that the scan delivers: of these rows, and maybe others.
    pub fn zone(&self, i: usize) -> Result<Option<Zone>> {
        match (self.source.zone, self.wanted.get(i)) {
            (Some(zone), Some(&column)) => zone(column),
            _ => Ok(None),
        }
    }

    /// Column `i` of those that the scan delivers: all rows.
    pub fn column(&mut self, i: usize) -> Result<&Column> {
        if self.columns[i].is_none() {
            self.columns[i] = Some((self.source.read)(self.wanted[i])?);
        }
        self.columns[i].as_ref().ok_or_else(|| crate::error::Error::internal("a column was not read"))
    }
}

/// Where the columns of a block come from.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// All rows of a stored column.
    read: &'a dyn Fn(usize) -> Result<Column>,
    /// Some rows of a stored column, where that may cost less.
    pick: Option<Pick<'a>>,
    /// What is known of a stored column without reading it.
    zone: Option<ZoneOf<'a>>,
    rows: usize,
}

type Pick<'a> = &'a dyn Fn(usize, &[u32]) -> Result<Column>;
type ZoneOf<'a> = &'a dyn Fn(usize) -> Result<Option<Zone>>;

impl<'a> Source<'a> {
    pub(super) fn new(read: &'a dyn Fn(usize) -> Result<Column>, rows: usize) -> Self {
        Source { read, pick: None, zone: None, rows }
    }
}

/// Where a block lies.
struct Place<'a> {
    segment: u32,
    /// The ordinal of its first row.
    base: u32,
    /// The ordinals of its rows, where they do not follow each other.
    chosen: Option<&'a [u32]>,
    /// Committed, not the transaction's own.
    committed: bool,
    /// See [`Block::sure`].
    sure: u64,
}

/// What a scan has read and skipped, of cold segments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Touched {
    /// Segments of which something was read.
    pub segments_read: u64,
    /// Segments that the conditions exclude as a whole.
    pub segments_skipped: u64,
    /// Vectors of 1,024 rows that were read.
    pub vectors_read: u64,
    /// Vectors that zone maps exclude.
    pub vectors_skipped: u64,
    /// Vectors of which zone maps said all that was wanted.
    pub vectors_summarised: u64,
}

impl Touched {
    /// With what another part has read and skipped.
    pub fn add(&mut self, more: Touched) {
        self.segments_read += more.segments_read;
        self.segments_skipped += more.segments_skipped;
        self.vectors_read += more.vectors_read;
        self.vectors_skipped += more.vectors_skipped;
        self.vectors_summarised += more.vectors_summarised;
    }
}

/// A running scan.
pub struct TableScan {
    pub(super) snapshot: Lsn,
    pub(super) request: ScanRequest,
    pub(super) key: Vec<usize>,
    types: Vec<Type>,
    pub(super) hidden: Arc<FxHashSet<Key>>,
    pub(super) gone: Arc<Gone>,
    /// The stored columns to read: the wanted ones, then those the key needs for hidden keys.
    read: Vec<usize>,
    pub(super) cold: VecDeque<Arc<ColdHandle>>,
    pub(super) vector: u32,
    /// Of a part of a segment, the vector before which it ends; None: segments are read whole.
    end: Option<u32>,
    /// What is kept of the pages read last.
    before: Before,
    /// Vectors of segments that are not delivered: what is wanted of them is known.
    left_out: Arc<Vec<(u32, RowSet)>>,
    /// The rows of the cold segment in hand that the index names; None: all of them.
    pub(super) within: Option<RowSet>,
    /// So many rows of vectors of which an index names few become a block.
    together: usize,
    /// See [`Block::sure`], of the cold segment in hand.
    pub(super) sure: u64,
    pub(super) attached: VecDeque<Arc<ColdHandle>>,
    /// Hot rows: their segment, and which of them the index names.
    hot: VecDeque<(u32, HotView, Arc<Named>)>,
    own: VecDeque<OwnRows>,
    pub(super) touched: Touched,
    /// Rows of cold segments that an index ranks first, still to be delivered.
    pub(super) ranked: VecDeque<Chosen>,
    /// The same: the best scores so far.
    pub(super) bound: ScoreBound,
    /// The index that ranks was asked, of the transaction's own rows, of committed ones.
    asked: [bool; 2],
    pub(super) scores: Vec<f64>,
    /// What an index has counted.
    pub(super) counts: ProbeStats,
}

impl TableScan {
    /// Begins a scan. `types` are the stored types, `key` the key columns' positions.
    pub fn new(
        version: &TableVersion,
        snapshot: Lsn,
        request: &ScanRequest,
        types: &[Type],
        key: &[usize],
        own: Own,
    ) -> Result<Self> {
        let mut read = request.columns.clone();
        if !own.hidden.is_empty() {
            read.extend(key);
        }
        let mut scan = TableScan {
            snapshot,
            request: request.clone(),
            key: key.to_vec(),
            types: types.to_vec(),
            hidden: own.hidden,
            gone: own.gone,
            read,
            cold: VecDeque::new(),
            vector: 0,
            end: None,
            before: Before::default(),
            left_out: Arc::default(),
            within: None,
            together: FEW_ROWS / 4,
            sure: 0,
            attached: own.attached.into(),
            hot: VecDeque::new(),
            own: own.rows.into(),
            touched: Touched::default(),
            ranked: VecDeque::new(),
            bound: ScoreBound::default(),
            asked: [false; 2],
            scores: Vec::new(),
            counts: ProbeStats::default(),
        };
        match scan.pinned_key() {
            Some(pinned) => scan.point(version, &pinned?)?,
            None => {
                scan.cold = version.cold.iter().filter(|c| c.created.0 <= snapshot).cloned().collect();
                for hot in version.frozen.iter().chain([&version.hot]) {
                    let (views, within) = match request.probes.is_empty() {
                        false => hot.segment.views_within(&scan.read, &request.probes)?,
                        true => (hot.segment.views(&scan.read), Named::default()),
                    };
                    let within = Arc::new(within);
                    scan.hot.extend(views.into_iter().map(|v| (hot.segment.id(), v, within.clone())));
                }
            }
        }
        Ok(scan)
    }

    /// The next visible rows; never an empty batch; None at the end. `sieve` sees each block before what it did not ask
    /// for is read.
    pub fn next(&mut self, sieve: Sieve<'_>) -> Result<Option<Batch>> {
        loop {
            let batch = if let Some(batch) = self.cold(true, sieve)? {
                batch
            } else if let Some((id, view, within)) = self.hot.pop_front() {
                let mut selection = view.visible(self.snapshot);
                if let Some(within) = &within.rows {
                    keep_within(&mut selection, within, view.base, view.rows as u32);
                }
                self.without_gone(&mut selection, view.rows as u32, id, view.base);
                let read = |column: usize| Ok(view.columns()[column].clone());
                let place =
                    Place { segment: id, base: view.base, chosen: None, committed: true, sure: within.sure };
                self.deliver(Source::new(&read, view.rows), selection, place, sieve)?
            } else if let Some(batch) = self.cold(false, sieve)? {
                batch
            } else if let Some(own) = self.own.pop_front() {
                let rows = own.columns.first().map_or(0, Column::len);
                let read = |column: usize| Ok(own.columns[column].clone());
                let (segment, base) = (RowId::PRIVATE, own.base);
                let place = Place { segment, base, chosen: None, committed: false, sure: 0 };
                self.deliver(Source::new(&read, rows), own.selection, place, sieve)?
            } else {
                return Ok(None);
            };
            if batch.is_some() {
                return Ok(batch);
            }
        }
    }

    /// What it has read and skipped so far.
    pub fn touched(&self) -> Touched {
        self.touched
    }

    /// What an index has counted so far, of rows that are not delivered.
    pub fn counts(&self) -> &ProbeStats {
        &self.counts
    }

    /// What the next vector of a cold segment delivers, committed ones or the transaction's own; None after the last.
    fn cold(&mut self, committed: bool, sieve: Sieve<'_>) -> Result<Option<Option<Batch>>> {
        if !self.asked[usize::from(committed)] {
            self.asked[usize::from(committed)] = true;
            if let Some(ranked) = self.request.ranked.take() {
                let asked = self.rank(&ranked, committed, sieve);
                self.request.ranked = Some(ranked);
                asked?;
            }
        }
        if let Some(batch) = self.next_ranked(committed)? {
            return Ok(Some(batch));
        }
        loop {
            let list = if committed { &mut self.cold } else { &mut self.attached };
            let Some(cold) = list.front().cloned() else { return Ok(None) };
            if self.vector == 0 && self.end.is_none() {
                self.begin_segment(&cold)?;
                if self.vector < cold.segment.vectors() && self.count_rows(&cold, committed)? {
                    self.vector = cold.segment.vectors();
                }
            }
            let Some(vector) = self.next_vector(&cold) else {
                let list = if committed { &mut self.cold } else { &mut self.attached };
                list.pop_front();
                (self.vector, self.end) = (0, None);
                continue;
            };
            self.vector = vector + 1;
            return self.cold_vector(&cold, vector, committed, sieve).map(Some);
        }
    }

    /// Finds out which rows of a segment are to be looked at; where none is, its vectors are over.
    pub(super) fn begin_segment(&mut self, cold: &ColdHandle) -> Result<()> {
        let mut skipped = self.skips_segment(cold)?;
        (self.within, self.sure) = (None, 0);
        if !skipped && !self.request.probes.is_empty() {
            let named = cold.within(&self.request.probes)?;
            (self.within, self.sure) = (named.rows, named.sure);
            skipped = self.within.as_ref().is_some_and(RowSet::is_empty);
        }
        if skipped {
            self.vector = cold.segment.vectors();
            self.touched.segments_skipped += 1;
            self.touched.vectors_skipped += u64::from(self.vector);
        } else {
            self.touched.segments_read += 1;
        }
        Ok(())
    }

    /// True if no row of a segment is within the ranges.
    fn skips_segment(&self, cold: &ColdHandle) -> Result<bool> {
        for range in &self.request.ranges {
            let Some((least, greatest)) = cold.segment.range(range.column)? else { continue };
            if self.excludes(range.column, least, greatest) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// True if no value of a column between two lies within the ranges.
    fn excludes(&self, column: usize, least: &Value, greatest: &Value) -> bool {
        let below = |bound: &Bound<Value>, value: &Value| match bound {
            Bound::Included(bound) => bound.compare(value).is_gt(),
            Bound::Excluded(bound) => bound.compare(value).is_ge(),
            Bound::Unbounded => false,
        };
        let above = |bound: &Bound<Value>, value: &Value| match bound {
            Bound::Included(bound) => bound.compare(value).is_lt(),
            Bound::Excluded(bound) => bound.compare(value).is_le(),
            Bound::Unbounded => false,
        };
        let mut of = self.request.ranges.iter().filter(|range| range.column == column);
        of.any(|range| below(&range.low, greatest) || above(&range.high, least))
    }

    /// The next vector of a segment to look at; None: there is none.
    fn next_vector(&self, cold: &ColdHandle) -> Option<u32> {
        let end = self.end.filter(|_| !mutation("part_without_end"));
        let end = end.map_or(u32::MAX, |end| end.saturating_mul(VECTOR_ROWS as u32));
        let (next, rows) = (self.vector.saturating_mul(VECTOR_ROWS as u32), cold.segment.rows().min(end));
        let row = match &self.within {
            Some(within) => within.range(next.min(rows)..rows).next(),
            None => (next < rows).then_some(next),
        };
        row.map(|row| row / VECTOR_ROWS as u32)
    }

    fn cold_vector(
        &mut self,
        cold: &ColdHandle,
        vector: u32,
        committed: bool,
        sieve: Sieve<'_>,
    ) -> Result<Option<Batch>> {
        let Some(selection) = self.alive(cold, vector, committed)? else { return Ok(None) };
        let base = vector * VECTOR_ROWS as u32;
        let rows = (cold.segment.rows() - base).min(VECTOR_ROWS as u32);
        let segment = if committed { cold.id } else { RowId::PRIVATE };
        let few = selection.as_ref().filter(|rows| self.within.is_some() && rows.len() <= FEW_ROWS);
        if let Some(few) = few {
            let mut ordinals: Vec<u32> = few.iter().map(|row| base + row).collect();
            self.few_of_next(cold, committed, &mut ordinals)?;
            return self.chosen(cold, &ordinals, committed, sieve);
        }
        let read = |column: usize| cold.segment.read_on(column, vector, &self.before);
        let pick = |column: usize, rows: &[u32]| {
            let ordinals: Vec<u32> = rows.iter().map(|row| base + row).collect();
            cold.segment.gather(column, &ordinals)
        };
        let zone = |column: usize| {
            // A page may be a part of a vector.
            let zone = cold.segment.zone_of(column, base)?;
            let end = u64::from(zone.first_row) + u64::from(zone.rows);
            Ok(Some(zone).filter(|zone| zone.first_row <= base && u64::from(base + rows) <= end))
        };
        let source = Source { read: &read, pick: Some(&pick), zone: Some(&zone), rows: rows as usize };
        self.deliver(
            source,
            selection,
            Place { segment, base, chosen: None, committed, sure: self.sure },
            sieve,
        )
    }

    /// Adds the rows of the next vectors of which an index names few, so that they are no blocks of their own: each time more, for
    /// who stops after the first.
    fn few_of_next(&mut self, cold: &ColdHandle, committed: bool, ordinals: &mut Vec<u32>) -> Result<()> {
        while ordinals.len() < self.together
            && let Some(vector) = self.next_vector(cold)
        {
            let base = vector * VECTOR_ROWS as u32;
            let named = self.within.as_ref().map(|within| within.count_in(base..base + VECTOR_ROWS as u32));
            if named.is_none_or(|named| named > FEW_ROWS as u64) {
                break;
            }
            self.vector = vector + 1;
            let rows = self.alive(cold, vector, committed)?.flatten().unwrap_or_default();
            ordinals.extend(rows.into_iter().map(|row| base + row));
        }
        self.together = (self.together * 4).min(VECTOR_ROWS);
        Ok(())
    }

    /// Rows of a segment, each read for itself.
    pub(super) fn chosen(
        &self,
        cold: &ColdHandle,
        ordinals: &[u32],
        committed: bool,
        sieve: Sieve<'_>,
    ) -> Result<Option<Batch>> {
        let segment = if committed { cold.id } else { RowId::PRIVATE };
        let read = |column: usize| cold.segment.gather(column, ordinals);
        let place = Place { segment, base: 0, chosen: Some(ordinals), committed, sure: self.sure };
        self.deliver(Source::new(&read, ordinals.len()), None, place, sieve)
    }

    /// The rows of a vector that are to be looked at, as far as keys say nothing; None: zone maps or the snapshot exclude all.
    /// Within that, None: all of them.
    #[allow(clippy::option_option, reason = "no row and every row are both said without a list")]
    pub(super) fn alive(
        &mut self,
        cold: &ColdHandle,
        vector: u32,
        committed: bool,
    ) -> Result<Option<Option<Vec<u32>>>> {
        if self.leaves_out(cold, vector) {
            return Ok(None);
        }
        for range in &self.request.ranges {
            let ColumnRange { column, low, high } = range;
            if !cold.segment.may_match(*column, vector, low.as_ref(), high.as_ref())? {
                self.touched.vectors_skipped += 1;
                return Ok(None);
            }
        }
        self.touched.vectors_read += 1;
        let snapshot = if committed { self.snapshot } else { Lsn::MAX - 1 };
        let base = vector * VECTOR_ROWS as u32;
        let rows = (cold.segment.rows() - base).min(VECTOR_ROWS as u32);
        let mut selection = cold.deletes.read().visible(base..base + rows, snapshot);
        if cold.created.1 > snapshot {
            let created = cold.segment.created(vector)?;
            let seen = |i: &u32| created.get(*i as usize).is_some_and(|&c| c <= snapshot);
            selection = Some(match selection {
                Some(rows) => rows.into_iter().filter(seen).collect(),
                None => (0..rows).filter(seen).collect(),
            });
        }
        if let Some(within) = &self.within {
            keep_within(&mut selection, within, base, rows);
        }
        self.without_gone(&mut selection, rows, cold.id, base);
        Ok(Some(selection).filter(|rows| rows.as_ref().is_none_or(|rows| !rows.is_empty())))
    }

    /// Takes out the rows of a segment, from `base` on, that this transaction has deleted among many.
    fn without_gone(&self, selection: &mut Option<Vec<u32>>, rows: u32, segment: u32, base: u32) {
        let Some(gone) = self.gone.rows(segment).filter(|gone| gone.count_in(base..base + rows) > 0) else {
            return;
        };
        match selection {
            Some(rows) => rows.retain(|row| !gone.contains(base + row)),
            None => *selection = Some((0..rows).filter(|row| !gone.contains(base + row)).collect()),
        }
    }

    /// Takes out the rows whose key this transaction has deleted and those that the sieve refuses, reads what is left,
    /// and adds the row ids.
    fn deliver(
        &self,
        source: Source<'_>,
        mut selection: Option<Vec<u32>>,
        place: Place<'_>,
        sieve: Sieve<'_>,
    ) -> Result<Option<Batch>> {
        let rows = source.rows;
        if place.committed && !self.hidden.is_empty() {
            let keys = self.key.iter().map(|&c| (source.read)(c)).collect::<Result<Vec<_>>>()?;
            let keys: Vec<&Column> = keys.iter().collect();
            let shown = |i: &u32| !self.hidden.contains(&Key::from_row(&keys, *i as usize));
            selection = Some(match selection {
                Some(rows) => rows.into_iter().filter(shown).collect(),
                None => (0..rows as u32).filter(shown).collect(),
            });
        }
        let wanted = &self.request.columns;
        let mut block = Block::new(source, selection, wanted, place.sure);
        if !block.is_empty() {
            sieve(&mut block)?;
        }
        if block.is_empty() {
            return Ok(None);
        }
        for (i, (column, &at)) in block.columns.iter_mut().zip(wanted).enumerate().take(64) {
            if block.spared & 1 << i != 0 && column.is_none() {
                *column = Some(Column::null(self.type_of(at), rows));
            }
        }
        let few = block.selection.take_if(|rows| rows.len() * FEW < source.rows);
        if let (Some(chosen), Some(pick)) = (&few, source.pick) {
            let column = |(&column, read): (&usize, Option<Column>)| match read {
                Some(column) => Ok(column.gather(chosen)),
                None => pick(column, chosen),
            };
            let mut columns =
                wanted.iter().zip(block.columns).map(column).collect::<Result<Vec<Column>>>()?;
            columns.extend(self.row_ids(&place, chosen.iter().copied()));
            return Ok(Some(Batch::new(columns, chosen.len())));
        }
        for i in 0..wanted.len() {
            block.column(i)?;
        }
        let mut columns: Vec<Column> = block.columns.into_iter().flatten().collect();
        columns.extend(self.row_ids(&place, 0..rows as u32));
        let mut batch = Batch::new(columns, rows);
        batch.selection = few.or(block.selection).map(Buffer::from);
        Ok(Some(batch))
    }

    /// The column that says where each row lies, where it is wanted.
    fn row_ids(&self, place: &Place<'_>, rows: impl Iterator<Item = u32>) -> Option<Column> {
        let ordinal = |row: u32| match place.chosen {
            Some(chosen) => chosen.get(row as usize).copied().unwrap_or(0),
            None => place.base + row,
        };
        self.ids_of(place.segment, rows.map(ordinal))
    }

    /// The same of rows of a segment, by their ordinals.
    pub(super) fn ids_of(&self, segment: u32, ordinals: impl Iterator<Item = u32>) -> Option<Column> {
        self.request.row_ids.then(|| {
            let ids: Vec<i64> = ordinals.map(|ordinal| RowId { segment, ordinal }.pack()).collect();
            Column::flat(Type::Int8, crate::value::ColumnData::I64(ids.into()), None)
        })
    }

    /// The type of a stored column.
    pub(super) fn type_of(&self, column: usize) -> Type {
        self.types.get(column).copied().unwrap_or(Type::Int8)
    }

    /// The one key that the conditions allow, where they pin every key column.
    fn pinned_key(&self) -> Option<Result<Key>> {
        let pinned = |column: &usize| {
            self.request.ranges.iter().find_map(|range| match (&range.low, &range.high) {
                (Bound::Included(low), Bound::Included(high))
                    if range.column == *column && low.compare(high).is_eq() =>
                {
                    Some(low.clone())
                }
                _ => None,
            })
        };
        let values: Vec<Value> = self.key.iter().map(pinned).collect::<Option<_>>()?;
        let mut columns = Vec::new();
        for (value, &column) in values.iter().zip(&self.key) {
            match Column::constant(self.types[column], value, 1) {
                Ok(column) => columns.push(column),
                Err(e) => return Some(Err(e)),
            }
        }
        Some(Ok(Key::from_row(&columns.iter().collect::<Vec<_>>(), 0)))
    }

    /// Replaces the walk over committed segments by one probe; own rows stay as they are.
    fn point(&mut self, version: &TableVersion, key: &Key) -> Result<()> {
        if self.hidden.contains(key) {
            return Ok(());
        }
        let mut row = Vec::with_capacity(self.read.len());
        let Some(id) = version.find(&key.0, self.snapshot)? else { return Ok(()) };
        if self.gone.contains(id.segment, id.ordinal) {
            return Ok(());
        }
        if version.get(&key.0, self.snapshot, &self.read, &mut row)?.is_none() {
            return Ok(());
        }
        let mut columns: Vec<Column> = self.types.iter().map(|&ty| ColumnBuilder::new(ty).finish()).collect();
        for (&column, value) in self.read.iter().zip(&row) {
            columns[column] = Column::from_values(self.types[column], [value.clone()])?;
        }
        for (column, ty) in columns.iter_mut().zip(&self.types) {
            if column.is_empty() {
                *column = Column::null(*ty, 1);
            }
        }
        // Delivered like an own row, but under the committed row's id.
        self.hot.push_front((id.segment, HotView::single(id.ordinal, columns), Arc::default()));
        Ok(())
    }
}

/// Keeps those rows of a selection, counted from `base`, that are within a set.
fn keep_within(selection: &mut Option<Vec<u32>>, within: &RowSet, base: u32, rows: u32) {
    let named = || within.range(base..base + rows).map(|row| row - base);
    *selection = Some(match selection {
        None => named().collect(),
        Some(rows) => rows.iter().copied().filter(|row| within.contains(base + row)).collect(),
    });
}
