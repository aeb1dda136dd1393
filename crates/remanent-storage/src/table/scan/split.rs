//! How a scan comes apart, so that several threads may read it.
//!
//! Rows that were committed are taken out as scans of their own: a range of vectors of one cold segment, or some hot chunks. One after
//! the other they deliver what the whole would.
//!
//! ```text
//!   cold 1 (40 vectors)   cold 2 (10)   hot     own rows
//!   │ 0 … 15 │ … 31 │ … 39 │ 0 … 9 │ chunks │ stay with what is left
//! ```
//!
//! Limits: scans that an index narrows or ranks do not come apart, nor the transaction's own rows.

use super::{Before, ScoreBound, TableScan, Touched};
use crate::error::Result;
use crate::index::ProbeStats;
use std::collections::VecDeque;
use std::sync::Arc;

impl TableScan {
    /// Takes the next committed rows out, at most so many vectors or chunks, to be read in their place by somebody else. None:
    /// what is left does not come apart. Not for scans that an index narrows or ranks, nor once [`next`](Self::next) was called.
    pub fn split(&mut self, vectors: u32) -> Result<Option<TableScan>> {
        while let Some(cold) = self.cold.front().cloned() {
            if self.vector == 0 {
                self.begin_segment(&cold)?;
            }
            let (mut start, all) = (self.vector, cold.segment.vectors());
            while start < all && self.leaves_out(&cold, start) {
                start += 1;
            }
            let end = start.saturating_add(vectors).min(all);
            self.vector = end;
            if end >= all {
                self.cold.pop_front();
                self.vector = 0;
            }
            if start < end {
                let part = self.part();
                return Ok(Some(TableScan { cold: [cold].into(), vector: start, end: Some(end), ..part }));
            }
        }
        let chunks = self.hot.len().min(vectors as usize);
        let mut part = self.part();
        part.hot.extend(self.hot.drain(..chunks));
        Ok(Some(part).filter(|_| chunks > 0))
    }

    /// Into how many such parts it comes apart, about: what conditions exclude counts.
    pub fn parts(&self, vectors: u32) -> u32 {
        let cold = self.cold.iter().map(|cold| cold.segment.vectors().div_ceil(vectors));
        let read = self.vector / vectors.max(1);
        (cold.sum::<u32>() + self.hot.len().div_ceil(vectors as usize) as u32).saturating_sub(read)
    }

    /// A scan like this of no rows.
    fn part(&self) -> TableScan {
        TableScan {
            snapshot: self.snapshot,
            request: self.request.clone(),
            key: self.key.clone(),
            types: self.types.clone(),
            hidden: Arc::clone(&self.hidden),
            gone: Arc::clone(&self.gone),
            read: self.read.clone(),
            cold: VecDeque::new(),
            vector: 0,
            end: None,
            before: Before::default(),
            left_out: Arc::clone(&self.left_out),
            within: None,
            together: self.together,
            sure: 0,
            attached: VecDeque::new(),
            hot: VecDeque::new(),
            own: VecDeque::new(),
            touched: Touched::default(),
            ranked: VecDeque::new(),
            asked: [false; 2],
            bound: ScoreBound::default(),
            scores: Vec::new(),
            counts: ProbeStats::default(),
        }
    }
}
