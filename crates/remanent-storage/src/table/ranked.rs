//! The rows of cold segments that an index ranks first, and what one counts of the rows that are seen.
//!
//! Which rows count comes before which are best: the rows that the snapshot sees, that other indexes name, that the transaction has
//! not deleted and that the scan's sieve lets pass are the set in which the index searches. Without a filter the sieve is not asked,
//! and the set is told from delete marks alone. Where all rows of the segment count there is no set.

use super::scan::{Block, Sieve, Source, TableScan, VECTOR_ROWS, no_sieve};
use super::version::ColdHandle;
use crate::Lsn;
use crate::error::Result;
use crate::index::ProbeStats;
use crate::segment::RowSet;
use crate::value::{Batch, Column, Key};

impl TableScan {
    /// What the index that ranks says of a segment; None: it has no part that could.
    #[allow(clippy::option_option, reason = "no part, no rows, some rows")]
    pub(super) fn ranked_rows(
        &mut self,
        cold: &ColdHandle,
        committed: bool,
        sieve: Sieve<'_>,
    ) -> Result<Option<Option<Batch>>> {
        let Some(ranked) = self.request.ranked.clone() else { return Ok(None) };
        let Some(part) = cold.parts.get(ranked.index.id) else { return Ok(None) };
        let part = part.open(&ranked.index, &cold.segment)?;
        if part.cost(&ranked.probe).is_none() {
            return Ok(None);
        }
        let within = match ranked.filtered || !self.hidden.is_empty() || self.within.is_some() {
            true => Some(self.passing(cold, committed, ranked.filtered, sieve)?),
            false => self.seen(cold, committed)?,
        };
        if within.as_ref().is_some_and(RowSet::is_empty) {
            return Ok(Some(None));
        }
        let mut hits = Vec::new();
        let stats = ProbeStats::default();
        part.search(&ranked.probe, within.as_ref(), &stats, &self.bound)?.next(&mut hits, ranked.count)?;
        self.scores.extend(hits.iter().map(|hit| hit.score));
        self.scores.sort_unstable_by(f64::total_cmp);
        self.scores.truncate(ranked.count);
        if let Some(&last) = self.scores.get(ranked.count.wrapping_sub(1)) {
            self.bound.tighten(last);
        }
        let mut rows: Vec<u32> = hits.iter().map(|hit| hit.ordinal).collect();
        rows.sort_unstable();
        if rows.is_empty() {
            return Ok(Some(None));
        }
        self.chosen(cold, &rows, committed, &mut no_sieve).map(Some)
    }

    /// Has the index that is asked to count a segment's rows; false where it cannot.
    pub(super) fn count_rows(&mut self, cold: &ColdHandle, committed: bool) -> Result<bool> {
        let Some((index, probe)) = self.request.counted.clone() else { return Ok(false) };
        let Some(part) = cold.parts.get(index.id) else { return Ok(false) };
        let part = part.open(&index, &cold.segment)?;
        let within = match !self.hidden.is_empty() || self.within.is_some() {
            true => Some(self.passing(cold, committed, false, &mut no_sieve)?),
            false => self.seen(cold, committed)?,
        };
        let Some(counts) = part.stats(&probe, within.as_ref())? else { return Ok(false) };
        self.counts.add(&counts);
        Ok(true)
    }

    /// The rows of a segment that the snapshot sees; None: all. Only where no key is hidden and no index names rows.
    fn seen(&mut self, cold: &ColdHandle, committed: bool) -> Result<Option<RowSet>> {
        let snapshot = if committed { self.snapshot } else { Lsn::MAX - 1 };
        if cold.created.1 > snapshot {
            return self.passing(cold, committed, false, &mut no_sieve).map(Some);
        }
        let deletes = cold.deletes.read();
        let gone = self.gone.rows(cold.id).filter(|_| committed);
        if deletes.is_empty() && gone.is_none() {
            return Ok(None);
        }
        let mut rows = RowSet::new();
        rows.insert_range(0..cold.segment.rows());
        rows.subtract(deletes.settled());
        for (_, marked) in deletes.recent().iter().filter(|(lsn, _)| *lsn <= snapshot) {
            rows.subtract(marked);
        }
        if let Some(gone) = gone {
            rows.subtract(gone);
        }
        Ok(Some(rows))
    }

    /// The rows of a segment that are left of all that takes rows out.
    fn passing(
        &mut self,
        cold: &ColdHandle,
        committed: bool,
        filtered: bool,
        sieve: Sieve<'_>,
    ) -> Result<RowSet> {
        let mut passing = RowSet::new();
        let wanted = self.request.columns.clone();
        for vector in 0..cold.segment.vectors() {
            let base = vector * VECTOR_ROWS as u32;
            let rows = (cold.segment.rows() - base).min(VECTOR_ROWS as u32);
            if self.within.as_ref().is_some_and(|within| within.count_in(base..base + rows) == 0) {
                continue;
            }
            let Some(mut selection) = self.alive(cold, vector, committed)? else { continue };
            let read = |column: usize| cold.segment.read(column, vector);
            if committed && !self.hidden.is_empty() {
                let keys = self.key.iter().map(|&c| read(c)).collect::<Result<Vec<_>>>()?;
                let keys: Vec<&Column> = keys.iter().collect();
                let shown = |i: &u32| !self.hidden.contains(&Key::from_row(&keys, *i as usize));
                selection = Some(match selection {
                    Some(rows) => rows.into_iter().filter(shown).collect(),
                    None => (0..rows).filter(shown).collect(),
                });
            }
            let source = Source::new(&read, rows as usize);
            let mut block = Block::new(source, selection, &wanted, self.sure);
            if filtered && !block.is_empty() {
                sieve(&mut block)?;
            }
            match block.selection {
                None => passing.insert_range(base..base + rows),
                Some(rows) => {
                    let rows: Vec<u32> = rows.into_iter().map(|row| base + row).collect();
                    passing.insert_all(&rows);
                }
            }
        }
        Ok(passing)
    }
}
