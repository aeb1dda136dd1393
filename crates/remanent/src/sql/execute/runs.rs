//! Sorted rows on disk: what a sort lays down when memory is short, and how the runs are merged.
//!
//! A run is a file of batches, each in order, one after the other. Merging holds one batch of every run and its keys, and
//! takes the least key again and again (external merge sort: Knuth, "The Art of Computer Programming", 5.4.1). Of equal
//! keys that of the older run comes first, so the sort stays stable.
//!
//! Limits: all runs are merged at once; with thousands of them the batches held count.

use super::project::evaluate;
use super::rowkey::{KeyLayout, RowKeys};
use super::{Rows, Run};
use crate::sql::expr::Expr;
use remanent_storage::error::{Error, Result};
use remanent_storage::store::spill::{Spill, SpillFile, SpillPage};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, Type};
use std::cmp::Ordering;

/// The runs of one sort.
#[derive(Default)]
pub struct Runs(Vec<SortedRun>);

struct SortedRun {
    file: SpillFile,
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
        let mut file = spill.create()?;
        let mut pages = Vec::with_capacity(order.len().div_ceil(BATCH_ROWS));
        for part in order.chunks(BATCH_ROWS) {
            env.context.interrupt.check()?;
            let flat = |column: &Column| Ok(column.gather(part).loaded()?.flatten());
            let columns: Vec<Column> = columns.iter().map(flat).collect::<Result<_>>()?;
            pages.push(file.write(&columns)?);
        }
        pages.reverse();
        let bytes = pages.iter().map(SpillPage::bytes).sum();
        self.0.push(SortedRun { file, pages, batch: None });
        Ok(bytes)
    }

    /// The next rows of all runs in order, at most a batch; None at the end.
    pub fn merge(
        &mut self,
        types: &[Type],
        exprs: &[Expr],
        layout: &KeyLayout,
        env: &Run<'_>,
    ) -> Result<Option<Batch>> {
        let mut out = Rows::new(types.iter().copied());
        for run in &mut self.0 {
            run.fill(types, exprs, layout, env)?;
        }
        while out.len < BATCH_ROWS {
            let Some((best, limit)) = self.least() else { break };
            let second = limit.and_then(|other| self.0[other].next_key());
            let Some((columns, keys, at)) = &self.0[best].batch else { break };
            // All rows up to the least key of the other runs go together.
            let before = |row: usize| match &second {
                None => true,
                Some((others, place)) => match compare(keys, row, others, *place) {
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
            self.0[best].fill(types, exprs, layout, env)?;
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
                Some((others, place)) => compare(keys, at, others, place) == Ordering::Less,
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
    fn next_key(&self) -> Option<(&RowKeys, usize)> {
        self.batch.as_ref().map(|(_, keys, at)| (keys, *at))
    }

    /// Reads the next batch where the one at hand is used up.
    fn fill(&mut self, types: &[Type], exprs: &[Expr], layout: &KeyLayout, env: &Run<'_>) -> Result<()> {
        if self.batch.as_ref().is_some_and(|(_, keys, at)| *at < keys.len()) {
            return Ok(());
        }
        self.batch = None;
        let Some(page) = self.pages.pop() else { return Ok(()) };
        env.context.interrupt.check()?;
        let columns = self.file.read(page, types)?;
        let rows = columns.first().map_or(0, Column::len);
        if rows == 0 {
            return Err(Error::internal("an empty page of sorted rows"));
        }
        let batch = Batch::new(columns, rows);
        let keys = layout.encode(&evaluate(exprs, &batch, env)?, rows)?;
        self.batch = Some((batch.columns, keys, 0));
        Ok(())
    }
}

fn compare(a: &RowKeys, i: usize, b: &RowKeys, j: usize) -> Ordering {
    match (a, b) {
        (RowKeys::Words(a), RowKeys::Words(b)) => a[i].cmp(&b[j]),
        _ => a.bytes(i).cmp(b.bytes(j)),
    }
}
