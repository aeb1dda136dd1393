//! ORDER BY with LIMIT over a scan whose rows an index ranks: the value that is ordered by is the scan's last column.
//!
//! Such rows are few: the scan delivers of each segment little more than is wanted, and what was not flushed yet. They are held as they
//! came, one number a row is sorted, and only what comes out is copied. Where there are many all the same (segments without a part of
//! the index), they are sorted as any others ([`Sort`]).
//!
//! ```text
//!   batches   [7, 3 | 0.5, 0.2]   [9 | 0.3]        first 2:  3, 9
//! ```
//!
//! Rows of equal values stay in order of arrival.

use super::sort::Sort;
use super::{Input, Operator, Report, Reservation, Rows, Run, pull};
use crate::sql::plan::SortKey;
use remanent_storage::error::Result;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, ColumnData};
use std::collections::VecDeque;

/// The first rows.
pub struct First {
    /// None once it is drained.
    input: Option<Input>,
    keys: Vec<SortKey>,
    limit: Option<usize>,
    offset: usize,
    memory: Option<Reservation>,
    /// What sorts them where they are many.
    sorted: Option<Box<Sort>>,
}

impl First {
    /// The first rows of `input` by its last column, which `keys` names.
    pub fn new(input: Input, keys: &[SortKey], limit: Option<usize>, offset: usize) -> Self {
        First { input: Some(input), keys: keys.to_vec(), limit, offset, memory: None, sorted: None }
    }

    /// The place of a value in the order, as a number.
    fn place(&self, value: Option<f64>) -> u64 {
        let (descending, nulls_first) =
            self.keys.first().map_or((false, false), |k| (k.descending, k.nulls_first));
        let Some(value) = value else { return if nulls_first { 0 } else { u64::MAX } };
        // Zeros are equal, and what is no number comes behind all.
        let bits = if value.is_nan() { f64::NAN.to_bits() & !(1 << 63) } else { (value + 0.0).to_bits() };
        let place = if bits >> 63 == 0 { bits | 1 << 63 } else { !bits };
        if descending { !place } else { place }
    }

    fn first(&mut self, mut input: Input, env: &Run<'_>) -> Result<Option<Batch>> {
        let most = self.limit.map_or(usize::MAX, |limit| limit.saturating_add(self.offset));
        let mut batches: Vec<Batch> = Vec::new();
        let mut rows: Vec<(u64, u32, u32)> = Vec::new();
        let mut memory = env.context.memory.reserve();
        let mut held = 0;
        while most > 0
            && let Some(batch) = pull(&mut input, env)?
        {
            let batch = batch.compact();
            held += batch.columns.iter().map(Column::weight).sum::<usize>();
            let values = batch.columns.last().map(Column::flatten);
            if let Some((values, ColumnData::F64(numbers))) =
                values.as_ref().map(|values| (values, values.data()))
            {
                for (row, &value) in (0u32..).zip(numbers.iter()) {
                    let value = values.is_valid(row as usize).then_some(value);
                    rows.push((self.place(value), batches.len() as u32, row));
                }
            }
            batches.push(batch);
            if rows.len() > 2 * BATCH_ROWS || memory.hold(held).is_err() {
                let types =
                    batches.first().map_or_else(Vec::new, |b| b.columns.iter().map(Column::ty).collect());
                let input = Box::new(Again { batches: batches.into(), input });
                let mut sorted = Sort::new(input, types, &self.keys, self.limit, self.offset, env);
                let first = sorted.next(env);
                self.sorted = Some(Box::new(sorted));
                return first;
            }
        }
        self.memory = Some(memory);
        rows.sort_unstable();
        rows.truncate(most);
        rows.drain(..self.offset.min(rows.len()));
        let chosen: Vec<u32> = rows.iter().map(|row| row.2).collect();
        if chosen.is_empty() {
            return Ok(None);
        }
        if let [batch] = batches.as_slice() {
            let columns = batch.columns.iter().map(|column| column.gather(&chosen)).collect();
            return Ok(Some(Batch::new(columns, chosen.len())));
        }
        let types = batches.first().into_iter().flat_map(|batch| batch.columns.iter().map(Column::ty));
        let mut all = Rows::new(types);
        let mut order = vec![0; rows.len()];
        for (number, batch) in (0..).zip(&batches) {
            let own = |(_, row): &(usize, &(u64, u32, u32))| row.1 == number;
            let (places, own): (Vec<usize>, Vec<u32>) =
                rows.iter().enumerate().filter(own).map(|(place, row)| (place, row.2)).unzip();
            for (place, at) in places.into_iter().zip(all.len as u32..) {
                if let Some(order) = order.get_mut(place) {
                    *order = at;
                }
            }
            all.append(&batch.columns, batch.rows, Some(&own));
        }
        let columns = all.finish().iter().map(|column| column.gather(&order)).collect();
        Ok(Some(Batch::new(columns, order.len())))
    }
}

impl Operator for First {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        match (self.input.take(), &mut self.sorted) {
            (Some(input), _) => self.first(input, env),
            (None, Some(sorted)) => sorted.next(env),
            (None, None) => Ok(None),
        }
    }

    fn report(&self) -> Report {
        match &self.sorted {
            Some(sorted) => sorted.report(),
            None => Report { memory: self.memory.as_ref().map_or(0, Reservation::peak), ..Report::default() },
        }
    }
}

/// Batches that were pulled before, and then the others.
struct Again {
    batches: VecDeque<Batch>,
    input: Input,
}

impl Operator for Again {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        match self.batches.pop_front() {
            Some(batch) => Ok(Some(batch)),
            None => pull(&mut self.input, env),
        }
    }
}
