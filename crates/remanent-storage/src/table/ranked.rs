//! The rows of cold segments that an index ranks first, and what one counts of the rows that are seen.
//!
//! Which rows count comes before which are best: the rows that the snapshot sees, that other indexes name, that the transaction has
//! not deleted and that the scan's sieve lets pass are the set in which the index searches. Without a filter the sieve is not asked,
//! and the set is told from delete marks alone. Where all rows of the segment count there is no set.
//!
//! A sieve that lets many rows pass is asked of few: a sample says which share s of the rows passes, and of the rows that the index
//! ranks first of all, somewhat more than k / s are looked at. If k of them pass, no other row comes before those. Else the set is
//! made, as for a sieve that lets few pass.
//!
//! ```text
//!   s = ½, k = 10:  the 47 nearest of all → the 23 of them that pass, the 10 wanted among them
//! ```

use super::scan::{Block, Sieve, Source, TableScan, VECTOR_ROWS, no_sieve};
use super::version::ColdHandle;
use super::{RankProbe, RowId, Scores};
use crate::Lsn;
use crate::error::Result;
use crate::index::{Hit, Part, ProbeStats};
use crate::segment::RowSet;
use crate::value::{Batch, Column, ColumnData, Key, Type};
use std::collections::VecDeque;
use std::sync::Arc;

/// Of a segment's rows one in so many is tried at most: so many rows cost more than the sieve of all.
const TRIED: usize = 256;
/// How many more rows are tried than may be expected to be enough: times, and plus.
const MARGIN: f64 = 1.5;
const SPARE: usize = 16;
/// Vectors that tell which share passes, and how many rows have to pass for that to be known.
const SAMPLES: u32 = 4;
const SAMPLED: usize = 16;

/// The rows of a cold segment that an index ranks first.
pub(super) struct Chosen {
    cold: Arc<ColdHandle>,
    /// Ascending by ordinal.
    hits: Vec<Hit>,
    /// Their scores are the values that are ordered by.
    exact: bool,
}

impl TableScan {
    /// Has the index that ranks say which rows of the cold segments come first. Segments without a part that could stay in the
    /// list.
    pub(super) fn rank(&mut self, ranked: &RankProbe, committed: bool, sieve: Sieve<'_>) -> Result<()> {
        let list = std::mem::take(if committed { &mut self.cold } else { &mut self.attached });
        let mut rest = VecDeque::new();
        for cold in list {
            let Some(part) = cold.parts.get(ranked.index.id) else {
                rest.push_back(cold);
                continue;
            };
            let part = part.open(&ranked.index, &cold.segment)?;
            if part.cost(&ranked.probe).is_none() {
                rest.push_back(cold);
                continue;
            }
            self.begin_segment(&cold)?;
            if std::mem::take(&mut self.vector) >= cold.segment.vectors() {
                continue;
            }
            let (hits, exact) = self.ranked_rows(&cold, part, ranked, committed, sieve)?;
            self.ranked.push_back(Chosen { cold: Arc::clone(&cold), hits, exact });
        }
        *(if committed { &mut self.cold } else { &mut self.attached }) = rest;
        // Rows of one segment that come behind as many of others are not read.
        let bound = self.bound.get();
        for Chosen { hits, exact, .. } in &mut self.ranked {
            if *exact {
                hits.retain(|hit| hit.score <= bound || bound == f64::INFINITY);
            }
        }
        Ok(())
    }

    /// The next rows that were ranked first; None: there are no more. Where their scores are the values that are ordered by, and these
    /// are asked for, the scores are a last column; else there is none.
    pub(super) fn next_ranked(&mut self, committed: bool) -> Result<Option<Option<Batch>>> {
        let Some(Chosen { cold, mut hits, exact }) = self.ranked.pop_front() else { return Ok(None) };
        let scores = self.request.ranked.as_ref().and_then(|ranked| ranked.scores).filter(|_| exact);
        if scores.is_some() && hits.iter().any(|hit| hit.score.is_nan()) {
            // Those whose value is not known come apart.
            let known = |hit: &Hit| !hit.score.is_nan();
            let unknown = hits.iter().copied().filter(|hit| !known(hit)).collect();
            hits.retain(known);
            self.ranked.push_front(Chosen { cold: Arc::clone(&cold), hits: unknown, exact: false });
        }
        if hits.is_empty() {
            return Ok(Some(None));
        }
        let rows: Vec<u32> = hits.iter().map(|hit| hit.ordinal).collect();
        let Some(Scores { spared, negated }) = scores else {
            return self.chosen(&cold, &rows, committed, &mut no_sieve).map(Some);
        };
        let read = |(i, &column): (usize, &usize)| match i < 64 && spared & 1 << i != 0 {
            true => Ok(Column::null(self.type_of(column), rows.len())),
            false => cold.segment.gather(column, &rows),
        };
        let mut columns = self.request.columns.iter().enumerate().map(read).collect::<Result<Vec<_>>>()?;
        let segment = if committed { cold.id } else { RowId::PRIVATE };
        columns.extend(self.ids_of(segment, rows.iter().copied()));
        // Of nothing the negative is nothing.
        let value = |hit: &Hit| if negated { 0.0 - hit.score } else { hit.score };
        let scores: Vec<f64> = hits.iter().map(value).collect();
        columns.push(Column::flat(Type::Float8, ColumnData::F64(scores.into()), None));
        Ok(Some(Some(Batch::new(columns, rows.len()))))
    }

    /// What an index says of the rows of a segment that count: those that come first, ascending by ordinal, and whether their scores
    /// are exact.
    fn ranked_rows(
        &mut self,
        cold: &ColdHandle,
        part: &dyn Part,
        ranked: &RankProbe,
        committed: bool,
        sieve: Sieve<'_>,
    ) -> Result<(Vec<Hit>, bool)> {
        let named = !self.hidden.is_empty() || self.within.is_some();
        if ranked.filtered
            && !named
            && let Some(found) = self.tried(cold, part, ranked, committed, sieve)?
        {
            return Ok(found);
        }
        let within = match ranked.filtered || named {
            true => Some(self.passing(cold, committed, ranked.filtered, sieve)?),
            false => self.seen(cold, committed)?,
        };
        if within.as_ref().is_some_and(RowSet::is_empty) {
            return Ok((Vec::new(), false));
        }
        let (mut hits, stats) = (Vec::new(), ProbeStats::default());
        let exact = {
            let mut found = part.search(&ranked.probe, within.as_ref(), &stats, &self.bound)?;
            found.next(&mut hits, ranked.count)?;
            found.exact()
        };
        self.found(hits.iter().map(|hit| hit.score), ranked.count);
        hits.sort_unstable_by_key(|hit| hit.ordinal);
        Ok((hits, exact))
    }

    /// Takes note of scores: what is worse than the last of those wanted need not be looked for.
    fn found(&mut self, scores: impl Iterator<Item = f64>, count: usize) {
        self.scores.extend(scores);
        self.scores.sort_unstable_by(f64::total_cmp);
        self.scores.truncate(count);
        if let Some(&last) = self.scores.get(count.wrapping_sub(1)) {
            self.bound.tighten(last);
        }
    }

    /// The rows that pass of those that the index ranks first of all, ascending by ordinal, the wanted ones among them, and whether
    /// their scores are exact; None: that would take too many, or took too few. Only where no key is hidden and no index names rows.
    fn tried(
        &mut self,
        cold: &ColdHandle,
        part: &dyn Part,
        ranked: &RankProbe,
        committed: bool,
        sieve: Sieve<'_>,
    ) -> Result<Option<(Vec<Hit>, bool)>> {
        let rows = cold.segment.rows() as usize;
        if ranked.count > rows / TRIED {
            return Ok(None);
        }
        let Some(seen) = self.sampled(cold, committed, sieve)? else { return Ok(None) };
        let wanted = (ranked.count as f64 * MARGIN / seen) as usize + SPARE;
        if wanted > rows / TRIED {
            return Ok(None);
        }
        let (Some(probe), seen) = (ranked.probe.with_count(wanted), self.seen(cold, committed)?) else {
            return Ok(None);
        };
        let (mut hits, stats) = (Vec::new(), ProbeStats::default());
        let exact = {
            let mut found = part.search(&probe, seen.as_ref(), &stats, &self.bound)?;
            found.next(&mut hits, wanted)?;
            found.exact()
        };
        hits.sort_unstable_by_key(|hit| hit.ordinal);
        let first: Vec<u32> = hits.iter().map(|hit| hit.ordinal).collect();
        let read = |column: usize| cold.segment.gather(column, &first);
        let mut block = Block::new(Source::new(&read, first.len()), None, &self.request.columns, 0);
        if !block.is_empty() {
            sieve(&mut block)?;
        }
        let passing: Vec<Hit> = match block.selection {
            None => hits.clone(),
            Some(chosen) => chosen.into_iter().filter_map(|i| hits.get(i as usize).copied()).collect(),
        };
        // Where an index names more than it was asked for, the others may be any of them.
        let others = hits.len().saturating_sub(wanted);
        if hits.len() >= wanted && passing.len() < ranked.count + others {
            return Ok(None);
        }
        if exact {
            self.found(passing.iter().map(|hit| hit.score), ranked.count);
            return Ok(Some((passing, true)));
        }
        // At the worst those that pass are the last.
        hits.sort_unstable_by(|a, b| a.score.total_cmp(&b.score));
        let least = passing.len().saturating_sub(others).min(ranked.count);
        let from = hits.len().min(wanted).saturating_sub(least);
        self.found(hits.iter().skip(from).take(least).map(|hit| hit.score), ranked.count);
        Ok(Some((passing, false)))
    }

    /// The share of a segment's rows that a sieve lets pass, told from some; None: of those, too few.
    fn sampled(&mut self, cold: &ColdHandle, committed: bool, sieve: Sieve<'_>) -> Result<Option<f64>> {
        let (vectors, wanted) = (cold.segment.vectors(), self.request.columns.clone());
        let (mut looked, mut passed) = (0, 0);
        for i in 0..SAMPLES {
            let vector = (u64::from(2 * i + 1) * u64::from(vectors) / u64::from(2 * SAMPLES)) as u32;
            let rows = (cold.segment.rows() - vector * VECTOR_ROWS as u32).min(VECTOR_ROWS as u32) as usize;
            looked += rows;
            let Some(selection) = self.alive(cold, vector, committed)? else { continue };
            let read = |column: usize| cold.segment.read_often(column, vector);
            let mut block = Block::new(Source::new(&read, rows), selection, &wanted, 0);
            sieve(&mut block)?;
            passed += block.selection.map_or(rows, |rows| rows.len());
        }
        Ok((passed >= SAMPLED).then(|| passed as f64 / looked.max(1) as f64))
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
            let read = |column: usize| cold.segment.read_often(column, vector);
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
