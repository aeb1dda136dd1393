//! The two sides of a hash join: the one held in memory, and a batch of the other on its way past.

use crate::sql::execute::grouping::Grouping;
use remanent_kernels::table::MISSING;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Buffer, Column, Physical};
use std::sync::Arc;

/// The side held in memory.
#[derive(Default)]
pub(super) struct Held {
    pub(super) columns: Vec<Arc<Column>>,
    /// None: no row.
    pub(super) grouping: Option<Grouping>,
    /// A row was left out since its key is NULL.
    pub(super) has_null: bool,
    /// The rows of key `k` are `rows[starts[k]..starts[k + 1]]`. Both are empty where each key has one row: then the row
    /// of key `k` is `k`.
    pub(super) starts: Vec<u32>,
    pub(super) rows: Vec<u32>,
}

/// One batch of the other side on its way past.
pub(super) struct Streaming {
    pub(super) batch: Batch,
    /// The number of each row's key, or MISSING.
    pub(super) keys: Vec<u32>,
    /// The next row to pair, and how many of its pairs are out already.
    pub(super) row: usize,
    pub(super) paired: usize,
    /// Which rows have a pair that came out; empty where nobody asks.
    pub(super) matched: Vec<bool>,
}

impl Held {
    /// The values of a kept column for these rows. Text is not copied: the column is a dictionary for its readers.
    pub(super) fn pick(&self, column: usize, rows: &Buffer<u32>) -> Column {
        let column = &self.columns[column];
        if column.ty().physical() != Physical::Bytes {
            return column.gather(rows);
        }
        let validity =
            column.validity().map(|validity| rows.iter().map(|&row| validity.get(row as usize)).collect());
        Column::dictionary(rows.clone(), Arc::clone(column), validity)
    }
}

impl Streaming {
    /// The next pairs of rows, at most a batch of them: (streaming, held). None left: both are empty.
    pub(super) fn pairs(&mut self, held: &Held) -> (Vec<u32>, Vec<u32>) {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        if held.starts.is_empty() {
            // Each row has at most one partner: a batch of rows makes at most a batch of pairs.
            for (row, &key) in self.keys.iter().enumerate().skip(self.row) {
                if key != MISSING {
                    left.push(row as u32);
                    right.push(key);
                }
            }
            self.row = self.keys.len();
            return (left, right);
        }
        while self.row < self.keys.len() && left.len() < BATCH_ROWS {
            let key = self.keys[self.row];
            if key != MISSING {
                let (start, end) = (held.starts[key as usize], held.starts[key as usize + 1]);
                let listed = &held.rows[start as usize..end as usize];
                let rest = &listed[self.paired.min(listed.len())..];
                let take = rest.len().min(BATCH_ROWS - left.len());
                left.extend(std::iter::repeat_n(self.row as u32, take));
                right.extend_from_slice(&rest[..take]);
                if take < rest.len() {
                    self.paired += take;
                    continue;
                }
            }
            self.row += 1;
            self.paired = 0;
        }
        (left, right)
    }

    /// Where in the batch these of its selected rows are.
    pub(super) fn in_batch(&self, rows: &[u32]) -> Vec<u32> {
        match &self.batch.selection {
            None => rows.to_vec(),
            Some(selection) => rows.iter().map(|&row| selection[row as usize]).collect(),
        }
    }
}

/// The rows where no key is NULL; None: all.
pub(super) fn rows_without_null(columns: &[Column], rows: usize) -> Option<Vec<u32>> {
    if columns.iter().all(|column| column.null_count() == 0) {
        return None;
    }
    let valid = |&row: &u32| columns.iter().all(|column| column.is_valid(row as usize));
    Some((0..rows as u32).filter(valid).collect())
}
