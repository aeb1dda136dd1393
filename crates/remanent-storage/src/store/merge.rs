//! Cold segments to fewer, and delete marks to fewer files.
//!
//! # A merge, step by step
//!
//! 1. *Cut* at an lsn C, between two records: the sources with their marks up to C.
//! 2. *Write* the rows that anyone can still see. This may take long, so it is done without the right to work on the
//!    manifest ([`Inner::merging`] keeps other merges away): commits go on marking the sources, flushes go on flushing,
//!    also those that this thread itself makes between two steps when they are due.
//! 3. *Commit* one manifest edit that exchanges the segments, with the marks that are flushed by now: those up to C and
//!    those that a flush has made known since.
//! 4. *Install*: marks that arrived after C move along the ordinal map, in rounds while commits go on, the last few
//!    between two records, in the same instant in which the table version changes. A transaction that located a row in a
//!    source before finds its way by the source's forward.
//!
//! A table that is dropped during step 2 ends the merge; its files go with it.
//!
//! Marks files are runs: each flush adds one. When there are more than [`RUNS_MAX`], the marks of every segment they
//! name are written as that segment's own `.del` file and the runs are forgotten. A run none of whose
//! segments is left is forgotten without more.

use super::Inner;
use super::blobs::Moving;
use super::draft::Draft;
use super::flush::{add_listed, entries, info, move_marks};
use super::manifest::Edit;
use super::retire::Bounds;
use crate::Lsn;
use crate::error::{Error, Result, state};
use crate::segment::deletes::{Deletes, Marks, RowSet};
use crate::segment::marks::MarkEntry;
use crate::table::files;
use crate::table::policy::{SegmentInfo, choose, depth};
use crate::table::rewrite::{MergedRows, Written};
use crate::table::version::{ColdHandle, Forward, Table};
use crate::world::meter::Purpose;
use crate::world::mutation;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A merge of at most so many rows may be done by whoever closes the store.
const QUICK_ROWS: u64 = 64 << 10;

/// How many runs of marks there may be before they are folded into files per segment.
const RUNS_MAX: usize = 8;

/// A merge that was cut and written.
#[derive(Clone, Copy)]
struct Merge<'a> {
    table: &'a Arc<Table>,
    sources: &'a [Arc<ColdHandle>],
    cut: u64,
}

/// The marks that a merge keeps on rows of one source, in its ordinals.
#[derive(Clone, Default)]
struct Kept {
    small: Vec<(Lsn, u32)>,
    large: Vec<(Lsn, RowSet)>,
}

impl Kept {
    fn push(&mut self, lsn: Lsn, ordinal: u32, large: bool) {
        if !large {
            return self.small.push((lsn, ordinal));
        }
        match self.large.iter_mut().find(|(at, _)| *at == lsn) {
            Some((_, rows)) => _ = rows.insert(ordinal),
            None => self.large.push((lsn, RowSet::from_iter([ordinal]))),
        }
    }

    fn marks(self) -> Marks {
        Marks::of(self.small).with(self.large)
    }
}

/// The end of a merge that nobody needs any more; not an error of the store's.
fn abandoned() -> Error {
    Error::new(state::DATABASE_CLOSED, "a merge was abandoned")
}

impl Inner {
    /// Merges until the policy is content. Only while `exclusive` is not held.
    pub(super) fn merge_due(&self) -> Result<()> {
        let Some(_merging) = self.try_merging() else { return Ok(()) };
        let done = self.merge_tables();
        // Also after a failure: no writer waits for what is not being done.
        self.core.gate.set_depth(0);
        done
    }

    fn merge_tables(&self) -> Result<()> {
        for table in self.core.snapshots.catalog().all() {
            loop {
                self.drop_dead(table)?;
                let infos = self.segment_infos(table);
                let Some(chosen) = choose(&infos).or_else(|| self.sparse_blobs(table)) else { break };
                if !self.has_room_to_merge(table, &chosen) || self.is_seen_otherwise(table) {
                    break;
                }
                self.core.gate.set_depth(depth(&infos));
                if self.stop.load(Ordering::Acquire) {
                    return Ok(());
                }
                match self.merge(table, &chosen) {
                    Err(_) if self.stop.load(Ordering::Acquire) || !self.is_current(table) => break,
                    done => done?,
                }
            }
        }
        Ok(())
    }

    /// Merges once per table where that is quick: sessions that only open, write and close never rest long enough for
    /// the background, and must not pile up files all the same.
    pub(super) fn merge_small(&self) -> Result<()> {
        let Some(_merging) = self.try_merging() else { return Ok(()) };
        for table in self.core.snapshots.catalog().all() {
            self.drop_dead(table)?;
            let infos = self.segment_infos(table);
            let Some(chosen) = choose(&infos) else { continue };
            let rows: u64 = infos.iter().filter(|s| chosen.contains(&s.id)).map(|s| s.rows).sum();
            if rows <= QUICK_ROWS && self.has_room_to_merge(table, &chosen) && !self.is_seen_otherwise(table)
            {
                self.merge(table, &chosen)?;
            }
        }
        Ok(())
    }

    /// A merge writes the columns that the table has now: true if an older snapshot may look for others, and it has to wait.
    fn is_seen_otherwise(&self, table: &Table) -> bool {
        self.core.snapshots.reach().horizon() < table.narrowed()
    }

    /// A merge that would fill the device fails after it has written all that fits, and so would the next.
    fn has_room_to_merge(&self, table: &Table, chosen: &[u32]) -> bool {
        let live = |cold: &Arc<ColdHandle>| {
            let (rows, dead) = (u64::from(cold.segment.rows()), cold.deletes.read().settled().len());
            cold.bytes / rows.max(1) * rows.saturating_sub(dead)
        };
        let version = table.version();
        self.core.has_room(version.cold.iter().filter(|c| chosen.contains(&c.id)).map(live).sum())
    }

    /// The listed segments of a table, with their marks settled as far as anybody's snapshot allows.
    pub(super) fn settled(&self, table: &Table) -> Vec<Arc<ColdHandle>> {
        let horizon = self.core.snapshots.reach().horizon().min(table.flushed());
        let mut listed = table.version().cold.clone();
        listed.retain(|cold| cold.listed.load(Ordering::Acquire));
        listed.iter().for_each(|cold| cold.deletes.write().settle(horizon));
        listed
    }

    fn segment_infos(&self, table: &Table) -> Vec<SegmentInfo> {
        let bounds = Bounds::of(table);
        self.settled(table)
            .iter()
            .map(|cold| {
                // Reads, before a lock is taken.
                let window = bounds.window(cold);
                let dead = cold.deletes.read().settled().len();
                let (min_key, max_key) = (cold.min_key.clone(), cold.max_key.clone());
                SegmentInfo { id: cold.id, rows: cold.segment.rows().into(), dead, min_key, max_key, window }
            })
            .collect()
    }

    /// Replaces these segments of a table by one. Only while `merging` is held and `exclusive` is not.
    pub(super) fn merge(&self, table: &Arc<Table>, ids: &[u32]) -> Result<()> {
        let core = &self.core;
        let (cut, sources) = core.between_records(|cut| {
            let cold = table.version().cold.clone();
            let chosen = cold.into_iter().filter(|c| ids.contains(&c.id));
            let with_marks = chosen.map(|c| {
                let deletes = c.deletes.read().clone();
                (c, deletes)
            });
            (cut, with_marks.collect::<Vec<_>>())
        });
        let reach = core.snapshots.reach();
        let flushed = table.flushed();
        let handles: Vec<Arc<ColdHandle>> = sources.iter().map(|(c, _)| Arc::clone(c)).collect();
        let mut kept = vec![Kept::default(); sources.len()];
        // The values that were moved are held until the new segment names them.
        let moved;
        let written = {
            let keep = |source: usize, ordinal: u32, created| {
                let Some(deleted) = sources[source].1.deleted_at(ordinal) else { return true };
                // What is not flushed yet is replayed after a crash, and must find its row.
                let seen = deleted > flushed || (deleted != 0 && reach.sees(created, deleted));
                if seen {
                    kept[source].push(deleted, ordinal, sources[source].1.is_large(deleted));
                }
                seen
            };
            let rows = MergedRows::new(&handles, table, Box::new(keep))?;
            let mut rows = Moving::new(core, rows, table);
            let written =
                self.write_paced(table, &mut rows, false, Purpose::Merge, &mut || self.between_steps(table))?;
            moved = rows.finish()?;
            written
        };
        let mut draft = Draft::new(self);
        draft.segment(&written);
        let mut marks = Marks::default();
        for (kept, map) in kept.into_iter().zip(&written.maps) {
            marks.extend(kept.marks().moved(|row| map.get(row), |rows| map.moved(rows)));
        }
        let merge = Merge { table, sources: &handles, cut };
        let done = self.finish_merge(&merge, written, marks, draft);
        drop(moved);
        done
    }

    /// What a merge does between two steps: what cannot wait for its end.
    fn between_steps(&self, table: &Arc<Table>) -> Result<()> {
        self.core.check_open()?;
        if self.stop.load(Ordering::Acquire) || !self.is_current(table) {
            return Err(abandoned());
        }
        if self.flush_is_due() {
            let _work = self.exclusive();
            self.flush_due()?;
            self.advance_log()?;
        }
        Ok(())
    }

    pub(super) fn is_current(&self, table: &Arc<Table>) -> bool {
        self.core.snapshots.catalog().by_id(table.def.id).is_some_and(|t| Arc::ptr_eq(t, table))
    }

    /// Steps 3 and 4.
    fn finish_merge(
        &self,
        merge: &Merge<'_>,
        mut written: Written,
        mut marks: Marks,
        mut draft: Draft<'_>,
    ) -> Result<()> {
        let Merge { table, sources, cut } = *merge;
        let _work = self.exclusive();
        if !self.is_current(table) {
            return Err(abandoned());
        }
        let flushed = table.flushed();
        let level = sources.iter().map(|c| c.level).max().unwrap_or(0).saturating_add(1);
        draft.add(sources.iter().map(|c| Edit::RemoveSegment { segment: c.id }));
        let maps = std::mem::take(&mut written.maps);
        let target = (written.rows > 0).then(|| {
            let mut deletes = Deletes::default();
            deletes.add(&marks);
            self.core.open_cold(table, info(written, level), deletes, true)
        });
        let forwards: Vec<Forward> =
            maps.into_iter().map(|map| Forward { map, target: target.clone() }).collect();
        // Marks that came since the cut move up to here now; what comes from now on moves at the end.
        let upto = self.core.snapshots.published().max(flushed);
        let mut late = Marks::default();
        for (source, forward) in sources.iter().zip(&forwards) {
            let since = source.deletes.read().since(cut).filter(|lsn| lsn <= upto);
            late.extend(move_marks(forward, &since));
        }
        if let Some(target) = &target {
            draft.add([add_listed(table, target)]);
            if !mutation("lost_late_marks") {
                marks.extend(late);
            }
            let marks = marks.filter(|lsn| lsn <= flushed);
            draft.run(&entries(target.id, &marks))?;
        }
        draft.commit()?;
        self.install_merge(table, sources, forwards, target, upto);
        Ok(())
    }

    fn install_merge(
        &self,
        table: &Table,
        sources: &[Arc<ColdHandle>],
        forwards: Vec<Forward>,
        target: Option<Arc<ColdHandle>>,
        mut moved: u64,
    ) {
        // The manifest's sync took a while. What came meanwhile moves before the moment in which nobody may commit.
        let upto = self.core.snapshots.published();
        for (source, forward) in sources.iter().zip(&forwards) {
            let since = source.deletes.read().since(moved).filter(|lsn| lsn <= upto);
            move_marks(forward, &since);
        }
        moved = moved.max(upto);
        self.core.between_records(|_| {
            for (source, forward) in sources.iter().zip(forwards) {
                let late = source.deletes.read().since(moved);
                move_marks(&forward, &late);
                let _ = source.forward.set(forward);
            }
            let mut version = table.version().as_ref().clone();
            let at = version.cold.iter().position(|c| c.is(&sources[0])).unwrap_or(0);
            version.cold.retain(|c| !sources.iter().any(|s| c.is(s)));
            if let Some(target) = target {
                version.cold.insert(at.min(version.cold.len()), target);
            }
            table.publish(version);
        });
        sources.iter().for_each(|source| self.forget_segment(source));
    }

    /// The manifest has forgotten a segment: its files may go, and nothing is kept for its marks.
    pub(super) fn forget_segment(&self, cold: &ColdHandle) {
        cold.obsolete.store(true, Ordering::Release);
        for segments in self.marks.lock().values_mut() {
            segments.remove(&cold.id);
        }
        let generation = cold.generation.load(Ordering::Acquire);
        if generation > 0 {
            // Readers have the marks in memory.
            self.core.retired.lock().push(files::deletes(&self.core.dir, cold.id, generation));
        }
    }

    /// Forgets runs of marks that nobody needs, and folds the others when they are many.
    pub(super) fn fold_marks(&self) -> Result<()> {
        let runs = self.marks.lock().clone();
        let dead: Vec<u32> = runs.iter().filter(|(_, s)| s.is_empty()).map(|(f, _)| *f).collect();
        let mut draft = Draft::new(self);
        draft.add(dead.iter().map(|&file| Edit::RemoveMarks { file }));
        let mut gone: Vec<_> = dead.iter().map(|&f| files::marks(&self.core.dir, f)).collect();
        let mut folded = dead;
        let mut changed = Vec::new();
        if runs.len() - folded.len() > RUNS_MAX {
            let catalog = self.core.snapshots.catalog();
            for table in catalog.all() {
                for cold in table.version().cold.iter().filter(|c| c.listed.load(Ordering::Acquire)) {
                    if runs.values().any(|segments| segments.contains(&cold.id)) {
                        changed
                            .push((Arc::clone(cold), self.fold_segment(table.flushed(), cold, &mut draft)?));
                    }
                }
            }
            let rest = runs.keys().filter(|f| !folded.contains(f)).copied().collect::<Vec<_>>();
            draft.add(rest.iter().map(|&file| Edit::RemoveMarks { file }));
            gone.extend(rest.iter().map(|&f| files::marks(&self.core.dir, f)));
            folded.extend(rest);
        }
        if draft.is_empty() {
            return Ok(());
        }
        draft.commit()?;
        self.marks.lock().retain(|file, _| !folded.contains(file));
        for (cold, generation) in changed {
            let old = cold.generation.swap(generation, Ordering::AcqRel);
            gone.extend((old > 0).then(|| files::deletes(&self.core.dir, cold.id, old)));
        }
        self.core.retired.lock().extend(gone);
        Ok(())
    }

    /// Writes all flushed marks of one segment as its next `.del` file; returns its generation.
    fn fold_segment(&self, flushed: u64, cold: &ColdHandle, draft: &mut Draft<'_>) -> Result<u32> {
        let deletes = cold.deletes.read().clone();
        let mut marks: Vec<MarkEntry> = Vec::new();
        let settled: RowSet = deletes.settled().iter().collect();
        if !settled.is_empty() {
            marks.push(MarkEntry { segment: cold.id, lsn: 0, rows: settled });
        }
        let lost = usize::from(mutation("fold_loses_a_run"));
        let recent = deletes.recent().into_iter().filter(|(lsn, _)| *lsn <= flushed).skip(lost);
        marks.extend(recent.map(|(lsn, rows)| MarkEntry { segment: cold.id, lsn, rows }));
        let mut generation = cold.generation.load(Ordering::Acquire) + 1;
        let mut path = files::deletes(&self.core.dir, cold.id, generation);
        // A file of that name that was never named: of a life that ended while it wrote it, kept with all its leftovers for
        // whoever followed it.
        while self.core.world.disk.exists(&path).map_err(|e| Error::io("look for", &path, &e))? {
            generation += 1;
            path = files::deletes(&self.core.dir, cold.id, generation);
        }
        draft.marks(path, &marks)?;
        draft.add([Edit::SetDeletes { segment: cold.id, generation }]);
        Ok(generation)
    }
}
