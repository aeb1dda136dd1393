//! Sorted rows on disk: what a sort lays down when memory is short, and how the runs are merged.
//!
//! A run is a file of batches, each in order, one after the other. Merging holds one batch of every run and its keys, and
//! takes the least key again and again (external merge sort: Knuth, "The Art of Computer Programming", 5.4.1). Of equal
//! keys that of the older run comes first, so the sort stays stable.
//!
//! As batches are held while runs are merged, there are never more runs than memory allows: where there are, neighbours of about one
//! size become one.
//!
//! ```text
//!   at most 4 of a size:   1 1 1 1 → 4     4 1 1 1 1 → 4 4     4 4 4 4 → 16     16 4 1 1: merged at the end
//! ```

use super::project::evaluate;
use super::rowkey::{KeyLayout, RowKeys};
use super::{Rows, Run};
use crate::sql::expr::Expr;
use remanent_storage::error::{Error, Result};
use remanent_storage::store::spill::{Spill, SpillFile, SpillPage};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, Type};
use std::cmp::Ordering;

/// About how many bytes of rows a page has.
const PAGE: usize = 32 << 10;
/// The fewest rows of a page, however wide.
const PAGE_ROWS_MIN: usize = 16;
/// What a run takes while it is merged: its page as bytes, as rows and as keys.
const HELD: usize = 4 * PAGE;
/// How many runs of a size there may be, whatever memory is: fewer would copy too often, more compare too much.
const FEWEST: usize = 4;
const MOST: usize = 128;

/// The runs of one sort, the oldest first.
#[derive(Default)]
pub struct Runs(Vec<SortedRun>);

/// What a sort is about.
pub struct Order<'a> {
    /// Of the columns.
    pub types: &'a [Type],
    /// By what rows are ordered.
    pub exprs: &'a [Expr],
    /// What keys these make.
    pub layout: &'a KeyLayout,
}

struct SortedRun {
    file: SpillFile,
    /// How often its rows were merged.
    level: u32,
    /// The pages to come, last one first.
    pages: Vec<SpillPage>,
    /// The batch at hand, its keys and its next row; None: the run is at its end, or not begun.
    batch: Option<(Vec<Column>, RowKeys, usize)>,
}

impl Runs {
    /// True if nothing was laid down.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Lays down the rows of these columns in that order. Bytes written.
    pub fn add(&mut self, spill: &Spill, columns: &[Column], order: &[u32], env: &Run<'_>) -> Result<u64> {
        let mut run = SortedRun::new(spill, 0)?;
        let held = columns.first().map_or(0, Column::len);
        let weight = columns.iter().map(Column::weight).sum::<usize>() / held.max(1);
        let rows = (PAGE / weight.max(1)).clamp(PAGE_ROWS_MIN, BATCH_ROWS);
        let mut bytes = 0;
        for part in order.chunks(rows) {
            env.context.interrupt.check()?;
            let flat = |column: &Column| Ok(column.gather(part).loaded()?.flatten());
            bytes += run.add(&columns.iter().map(flat).collect::<Result<Vec<_>>>()?)?;
        }
        run.pages.reverse();
        self.0.push(run);
        Ok(bytes)
    }

    /// Makes one of several runs where there are too many of a size or, at the end, at all. Bytes written.
    pub fn settle(&mut self, spill: &Spill, at_end: bool, of: &Order<'_>, env: &Run<'_>) -> Result<u64> {
        let most = (env.context.memory.limit() / 2 / HELD).clamp(FEWEST, MOST);
        let mut bytes = 0;
        while let Some(level) = self.0.last().map(|run| run.level) {
            let runs = self.0.len();
            let larger = self.0.iter().rposition(|run| run.level > level).map_or(0, |at| at + 1);
            let first = match at_end {
                // The last ones are the smallest.
                true => (most - 1).max(runs.saturating_sub(most)),
                false => larger,
            };
            if runs - larger < most && !at_end || runs <= most && at_end {
                break;
            }
            bytes += self.unite(spill, first, level + 1, of, env)?;
        }
        Ok(bytes)
    }

    /// What merging them all holds.
    pub fn held(&self) -> usize {
        self.0.len() * HELD
    }

    /// Makes one run of those from `first` on.
    fn unite(
        &mut self,
        spill: &Spill,
        first: usize,
        level: u32,
        of: &Order<'_>,
        env: &Run<'_>,
    ) -> Result<u64> {
        let mut parts = Runs(self.0.split_off(first));
        let (mut run, mut bytes) = (SortedRun::new(spill, level)?, 0);
        while let Some(batch) = parts.merge(of, PAGE, env)? {
            bytes += run.add(&batch.columns)?;
        }
        run.pages.reverse();
        self.0.push(run);
        Ok(bytes)
    }

    /// The next rows of all runs in order, at most a batch and little more than so many bytes; None at the end.
    pub fn merge(&mut self, of: &Order<'_>, bytes: usize, env: &Run<'_>) -> Result<Option<Batch>> {
        let mut out = Rows::new(of.types.iter().copied());
        for run in &mut self.0 {
            run.fill(of, env)?;
        }
        while out.len < BATCH_ROWS && (out.len < PAGE_ROWS_MIN || out.memory() < bytes) {
            let Some((best, limit)) = self.least() else { break };
            let second = limit.and_then(|other| self.0[other].next_key());
            let Some((columns, keys, at)) = &self.0[best].batch else { break };
            // All rows up to the least key of the other runs go together.
            let before = |row: usize| match &second {
                None => true,
                Some((others, place)) => match keys.compare(row, others, *place) {
                    Ordering::Less => true,
                    Ordering::Equal => limit.is_some_and(|other| best < other),
                    Ordering::Greater => false,
                },
            };
            let most = keys.len().min(at + BATCH_ROWS - out.len);
            let end = (at + 1..most).find(|&row| !before(row)).unwrap_or(most);
            let chosen: Vec<u32> = (*at as u32..end as u32).collect();
            out.append(columns, 0, Some(&chosen));
            if let Some((_, _, at)) = &mut self.0[best].batch {
                *at = end;
            }
            self.0[best].fill(of, env)?;
        }
        let rows = out.len;
        Ok((rows > 0).then(|| Batch::new(out.finish(), rows)))
    }

    /// The run with the least next key, and the one with the least among the others.
    fn least(&self) -> Option<(usize, Option<usize>)> {
        let (mut best, mut second): (Option<usize>, Option<usize>) = (None, None);
        for (i, run) in self.0.iter().enumerate() {
            let Some((keys, at)) = run.next_key() else { continue };
            let below = |other: Option<usize>| match other.and_then(|other| self.0[other].next_key()) {
                Some((others, place)) => keys.compare(at, others, place) == Ordering::Less,
                None => true,
            };
            if below(best) {
                (best, second) = (Some(i), best);
            } else if below(second) {
                second = Some(i);
            }
        }
        Some((best?, second))
    }
}

impl SortedRun {
    fn new(spill: &Spill, level: u32) -> Result<Self> {
        Ok(SortedRun { file: spill.create()?, level, pages: Vec::new(), batch: None })
    }

    /// Adds a page; its bytes.
    fn add(&mut self, columns: &[Column]) -> Result<u64> {
        let page = self.file.write(columns)?;
        self.pages.push(page);
        Ok(page.bytes())
    }

    fn next_key(&self) -> Option<(&RowKeys, usize)> {
        self.batch.as_ref().map(|(_, keys, at)| (keys, *at))
    }

    /// Reads the next batch where the one at hand is used up.
    fn fill(&mut self, of: &Order<'_>, env: &Run<'_>) -> Result<()> {
        if self.batch.as_ref().is_some_and(|(_, keys, at)| *at < keys.len()) {
            return Ok(());
        }
        self.batch = None;
        let Some(page) = self.pages.pop() else { return Ok(()) };
        env.context.interrupt.check()?;
        let columns = self.file.read(page, of.types)?;
        let rows = columns.first().map_or(0, Column::len);
        if rows == 0 {
            return Err(Error::internal("an empty page of sorted rows"));
        }
        let batch = Batch::new(columns, rows);
        let keys = of.layout.encode(&evaluate(of.exprs, &batch, env)?, rows)?;
        self.batch = Some((batch.columns, keys, 0));
        Ok(())
    }
}
