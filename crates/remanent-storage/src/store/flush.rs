//! Hot rows to cold segments, marks to files, and the log that this makes redundant.
//!
//! # A flush of a table, step by step
//!
//! 1. *Freeze*, between two records at lsn C: the hot segment becomes a frozen one, a new one takes its place.
//! 2. *Write* the frozen rows that anyone can still see, sorted by key, as a cold segment with its index parts;
//!    and the marks up to C of the table's other segments as a marks file. Nobody waits for this.
//! 3. *Commit* one manifest edit: the segment, the marks, the segments that transactions attached up to C, and
//!    "flushed to C". From here on recovery does not read this table's records up to C.
//! 4. *Install*, between two records: marks that arrived since C move to their rows' new place; the cold segment
//!    replaces the frozen one in a new table version; the frozen one keeps a forward for marks on their way.
//!
//! An error in steps 2 and 3 leaves the frozen segment in place and no files behind ([`Draft`]); the next flush takes it
//! along. Several tables can
//! be frozen in the same instant and committed in the same edit; the two of the catalog always are.

use super::Inner;
use super::draft::Draft;
use super::manifest::{Edit, SegmentMeta};
use crate::Lsn;
use crate::catalog::FIRST_USER_TABLE;
use crate::error::Result;
use crate::index::PRIMARY;
use crate::segment::deletes::{Deletes, Marks, RowSet};
use crate::segment::hot::{HotView, LIVE};
use crate::segment::marks::MarkEntry;
use crate::table::policy::mostly_dead;
use crate::table::rewrite::{MemoryChunk, MemoryRows, Written};
use crate::table::version::{ColdHandle, Forward, HotHandle, Table};
use crate::txn::handles::ColdInfo;
use crate::txn::snapshot::Reach;
use crate::world::meter::Purpose;
use remanent_kernels::sort::sort_by;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// One table on its way through a flush.
struct Flushing {
    table: Arc<Table>,
    frozen: Vec<Arc<HotHandle>>,
    written: Vec<Flushed>,
}

/// A frozen segment, what it was written as, and the marks on rows of that.
type Flushed = (Arc<HotHandle>, Written, Marks);

impl Inner {
    /// Flushes every table that has changes.
    pub(super) fn flush_all(&self) -> Result<()> {
        let _work = self.exclusive();
        if self.options.read_only {
            return Ok(());
        }
        let log = self.core.writable()?;
        let done = self.with_spare_space(log, &|| self.flush_everything());
        self.remove_retired();
        done
    }

    fn flush_everything(&self) -> Result<()> {
        self.drop_tables()?;
        for group in self.groups() {
            self.flush_tables(&group)?;
        }
        self.fold_marks()?;
        self.advance_log()
    }

    /// The tables in groups that are flushed together: the catalog's, then each user table alone.
    fn groups(&self) -> Vec<Vec<Arc<Table>>> {
        let catalog = self.core.snapshots.catalog();
        let (system, user): (Vec<_>, Vec<_>) =
            catalog.all().cloned().partition(|t| t.def.id < FIRST_USER_TABLE);
        std::iter::once(system).chain(user.into_iter().map(|t| vec![t])).collect()
    }

    /// Flushes the tables with the most hot memory until enough is free, those that hold back too much log, and those whose
    /// deletes are worth a flush of their own.
    pub(super) fn flush_due(&self) -> Result<()> {
        let core = &self.core;
        let Some(log) = &core.log else { return Ok(()) };
        let mut groups = self.groups();
        if core.gate.used() > core.gate.flush_at() {
            let memory = |g: &Vec<Arc<Table>>| g.iter().map(|t| t.hot_memory()).sum::<usize>();
            sort_by(&mut groups, &|a, b| memory(b).cmp(&memory(a)));
            for group in &groups {
                if core.gate.used() <= core.gate.flush_at() / 2 {
                    break;
                }
                self.flush_tables(group)?;
            }
        }
        let asks = |table: &Arc<Table>| self.blobs_ask_for_a_flush(table);
        for group in groups.iter().filter(|group| group.iter().any(asks)) {
            self.flush_tables(group)?;
        }
        let oldest = |g: &Vec<Arc<Table>>| g.iter().map(|t| t.oldest_unflushed()).min().unwrap_or(LIVE);
        sort_by(&mut groups, &|a, b| oldest(a).cmp(&oldest(b)));
        for group in &groups {
            let first = oldest(group);
            if first == LIVE || log.bytes_since(first.saturating_sub(1)) <= self.options.log_limit {
                break;
            }
            self.flush_tables(group)?;
        }
        for group in &groups {
            if group.iter().any(|table| has_heavy_marks(table)) {
                self.flush_tables(group)?;
            }
        }
        Ok(())
    }

    /// True if rows in memory or the log's length ask for a flush.
    pub(super) fn flush_is_due(&self) -> bool {
        let core = &self.core;
        core.gate.used() > core.gate.flush_at()
            || core.log.as_ref().is_some_and(|log| {
                log.bytes_since(self.floor.load(Ordering::Acquire)) > self.options.log_limit
            })
    }

    /// Flushes these tables as of one instant, and the catalog before them if it waits: the manifest never knows
    /// segments of a table that the flushed catalog does not. Only while `exclusive` is held.
    pub(super) fn flush_tables(&self, tables: &[Arc<Table>]) -> Result<()> {
        let system = self.groups().into_iter().next().unwrap_or_default();
        if tables.iter().any(|table| table.def.id >= FIRST_USER_TABLE) {
            self.flush_group(&system)?;
        }
        self.flush_group(tables)
    }

    fn flush_group(&self, tables: &[Arc<Table>]) -> Result<()> {
        let core = &self.core;
        let due = |t: &&Arc<Table>| t.oldest_unflushed() != LIVE || !t.version().frozen.is_empty();
        if !tables.iter().any(|t| due(&t)) {
            return Ok(());
        }
        let (cut, mut flushing) = core.between_records(|cut| {
            let catalog = core.snapshots.catalog();
            let freeze = |table: &Arc<Table>| {
                // It may have got columns since: what comes from here on has them.
                let table = catalog.by_id(table.def.id).unwrap_or(table);
                if table.version().hot.segment.rows() > 0 {
                    table.freeze(core.new_file());
                }
                let frozen = table.version().frozen.clone();
                Flushing { table: Arc::clone(table), frozen, written: Vec::new() }
            };
            (cut, tables.iter().map(freeze).collect::<Vec<_>>())
        });
        let mut draft = Draft::new(self);
        let mut marks = Vec::new();
        for flush in &mut flushing {
            self.write_frozen(flush, cut, &mut draft, &mut marks)?;
        }
        draft.run(&marks)?;
        // "Flushed to C" must not outlive the records up to C: their lsns would be given again.
        if let Some(log) = &core.log {
            log.sync_all()?;
        }
        draft.commit()?;
        for flush in flushing {
            self.install(flush, cut);
        }
        Ok(())
    }

    /// Step 2 for one table.
    fn write_frozen(
        &self,
        flush: &mut Flushing,
        cut: Lsn,
        draft: &mut Draft<'_>,
        marks: &mut Vec<MarkEntry>,
    ) -> Result<()> {
        let core = &self.core;
        let table = &flush.table;
        let reach = core.snapshots.reach();
        let listed = table.version().cold.clone();
        for hot in &flush.frozen {
            let (written, kept_marks) = self.write_hot(table, hot, cut, &reach)?;
            draft.segment(&written);
            if written.rows > 0 {
                draft.add([add_segment(table, &written)]);
                marks.extend(entries(written.id, &kept_marks));
            }
            flush.written.push((Arc::clone(hot), written, kept_marks));
        }
        let since = table.flushed();
        for cold in &listed {
            let recent = cold.deletes.read().since(since).filter(|lsn| lsn <= cut);
            if !cold.listed.load(Ordering::Acquire) && cold.created.1 <= cut {
                draft.add([add_listed(table, cold)]);
                let settled: RowSet = cold.deletes.read().settled().iter().collect();
                if !settled.is_empty() {
                    marks.push(MarkEntry { segment: cold.id, lsn: 0, rows: settled });
                }
            }
            marks.extend(entries(cold.id, &recent));
        }
        draft.add([Edit::Flushed { table: table.def.id, lsn: cut }]);
        if table.def.key.is_empty() {
            draft.add([Edit::NextRowId { table: table.def.id, id: table.next_row_id() }]);
        }
        Ok(())
    }

    /// Writes one frozen segment; returns it with the marks up to the cut on rows that are still seen.
    fn write_hot(&self, table: &Table, hot: &HotHandle, cut: Lsn, reach: &Reach) -> Result<(Written, Marks)> {
        // As the rows are: an older snapshot may look for a column that the table has no more.
        let segment = hot.segment.plain();
        let all: Vec<usize> = (0..segment.shape().types().len()).collect();
        let views = segment.views(&all);
        let mut marked = Vec::new();
        let chunks: Vec<MemoryChunk> =
            views.iter().map(|view| chunk(view, cut, reach, &mut marked)).collect();
        let mut rows =
            MemoryRows::new(chunks, segment.shape(), &hot.segment.places(&table.def.key_columns()));
        let written = self.write_paced(table, &mut rows, true, Purpose::Flush, &mut || Ok(()))?;
        let to = |ordinal| written.maps.first().and_then(|map| map.get(ordinal));
        let moved = marked.iter().filter_map(|&(lsn, ordinal)| Some((lsn, to(ordinal)?))).collect();
        Ok((written, Marks::of(moved)))
    }

    /// Step 4 for one table.
    fn install(&self, flush: Flushing, cut: Lsn) {
        let core = &self.core;
        let Flushing { table, written, .. } = flush;
        let handles: Vec<_> = written
            .into_iter()
            .map(|(hot, mut written, marks)| {
                let map = written.maps.pop().unwrap_or_default();
                let cold = (written.rows > 0).then(|| {
                    let mut deletes = Deletes::default();
                    deletes.add(&marks);
                    core.open_cold(&table, info(written, 0), deletes, true)
                });
                (hot, Forward { map, target: cold })
            })
            .collect();
        // Most of the marks that came since the cut move before the moment in which nobody may commit.
        for (hot, forward) in &handles {
            let late = hot.segment.take_late_marks();
            move_marks(forward, &Marks::of(late).filter(|lsn| lsn > cut));
        }
        core.between_records(|_| {
            let mut version = table.version().as_ref().clone();
            for cold in version.cold.iter().filter(|c| c.created.1 <= cut) {
                cold.listed.store(true, Ordering::Release);
            }
            for (hot, forward) in handles {
                version.frozen.retain(|f| !f.is(&hot));
                let late = hot.segment.take_late_marks();
                move_marks(&forward, &Marks::of(late).filter(|lsn| lsn > cut));
                version.cold.extend(forward.target.clone());
                core.gate.give_back(hot.charged.load(Ordering::Relaxed));
                let _ = hot.forward.set(forward);
            }
            table.publish(version);
            table.set_flushed(cut);
        });
        table.forget_keys(cut);
    }

    /// Gives the log back what every table has flushed.
    pub(super) fn advance_log(&self) -> Result<()> {
        let core = &self.core;
        let Some(log) = &core.log else { return Ok(()) };
        // In this order: a record applied after the first line is above its lsn.
        let published = core.snapshots.published();
        let oldest = core.snapshots.catalog().all().map(|t| t.oldest_unflushed()).min().unwrap_or(LIVE);
        let floor = published.min(oldest.saturating_sub(1)).min(log.durable());
        let before = self.floor.load(Ordering::Acquire);
        if floor > before {
            self.commit_edits(&[Edit::LogFloor { lsn: floor }])?;
            self.floor.store(floor, Ordering::Release);
        }
        self.recycle_log(floor.max(before))
    }

    /// Forgets the files of dropped tables. The catalog is flushed first: recovery must not meet a record of a
    /// table whose files are gone.
    pub(super) fn drop_tables(&self) -> Result<()> {
        let dropped = std::mem::take(&mut *self.core.dropped.lock());
        if dropped.is_empty() {
            return Ok(());
        }
        let done = self.forget_tables(&dropped);
        if done.is_err() {
            self.core.dropped.lock().extend(dropped);
        }
        done
    }

    fn forget_tables(&self, dropped: &[Arc<Table>]) -> Result<()> {
        let system = self.groups().into_iter().next().unwrap_or_default();
        self.flush_tables(&system)?;
        let edits: Vec<Edit> = dropped.iter().map(|t| Edit::DropTable { table: t.def.id }).collect();
        self.commit_edits(&edits)?;
        for table in dropped {
            let version = table.version();
            version.cold.iter().for_each(|cold| self.forget_segment(cold));
            let hot: usize = version.hots().map(|h| h.charged.load(Ordering::Relaxed)).sum();
            self.core.gate.give_back(hot);
        }
        Ok(())
    }
}

/// True if deletes wait for a flush that recovery would have to look up in files, or that make a segment worth rewriting
/// without its dead rows, which takes their marks to be flushed: so space comes back though nothing else is written.
fn has_heavy_marks(table: &Table) -> bool {
    let flushed = table.flushed();
    let rewrites = |cold: &Arc<ColdHandle>| {
        let (rows, deletes) = (u64::from(cold.segment.rows()), cold.deletes.read());
        mostly_dead(rows, deletes.count()) && deletes.count_since(flushed) > rows / 8
    };
    !table.key_files(Lsn::MAX).is_empty() || table.version().cold.iter().any(rewrites)
}

/// One chunk of a frozen segment: which rows are still seen by someone, and the marks up to the cut on them.
fn chunk(view: &HotView, cut: Lsn, reach: &Reach, marked: &mut Vec<(Lsn, u32)>) -> MemoryChunk {
    let keep = (0..view.rows).map(|i| {
        let (created, deleted) = (view.created(i), view.deleted(i));
        if deleted > cut {
            // Deleted later, if at all: the mark is in the log and moves when the segment is installed.
            return Some(created);
        }
        if !reach.sees(created, deleted) {
            return None;
        }
        marked.push((deleted, view.base + i as u32));
        Some(created)
    });
    MemoryChunk { keep: keep.collect(), columns: view.columns().to_vec(), base: view.base }
}

/// Moves marks from the ordinals of a replaced segment to where its rows went; returns them there.
pub(super) fn move_marks(forward: &Forward, marks: &Marks) -> Marks {
    let Some(target) = &forward.target else { return Marks::default() };
    let moved = marks.moved(|row| forward.map.get(row), |rows| forward.map.moved(rows));
    target.deletes.write().add(&moved);
    moved
}

/// Marks of one segment as the entries of a marks file.
pub(super) fn entries(segment: u32, marks: &Marks) -> Vec<MarkEntry> {
    let sets = marks.sets().into_iter();
    sets.map(|(lsn, rows)| MarkEntry { segment, lsn, rows }).collect()
}

/// What is known of a segment that was just written.
pub(super) fn info(written: Written, level: u8) -> ColdInfo {
    ColdInfo {
        id: written.id,
        level,
        rows: written.rows,
        bytes: written.bytes,
        min_key: written.min_key,
        max_key: written.max_key,
        created: written.created,
        blobs: written.blobs,
        parts: written.parts,
    }
}

fn add_segment(table: &Table, written: &Written) -> Edit {
    Edit::AddSegment {
        table: table.def.id,
        segment: SegmentMeta {
            id: written.id,
            rows: written.rows,
            bytes: written.bytes,
            created_min: written.created.0,
            created_max: written.created.1,
            level: 0,
            min_key: written.min_key.clone(),
            max_key: written.max_key.clone(),
            parts: std::iter::once(PRIMARY).chain(written.parts.iter().copied()).collect(),
            deletes: 0,
            blobs: written.blobs.clone(),
        },
    }
}

/// The edit that lists a segment as it stands.
pub(super) fn add_listed(table: &Table, cold: &ColdHandle) -> Edit {
    Edit::AddSegment {
        table: table.def.id,
        segment: SegmentMeta {
            id: cold.id,
            rows: cold.segment.rows(),
            bytes: cold.bytes,
            created_min: cold.created.0,
            created_max: cold.created.1,
            level: cold.level,
            min_key: cold.min_key.clone(),
            max_key: cold.max_key.clone(),
            parts: std::iter::once(PRIMARY).chain(cold.parts.ids()).collect(),
            deletes: 0,
            blobs: cold.blobs.list(),
        },
    }
}
