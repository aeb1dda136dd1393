//! Columns of equal length that travel together.

use super::Column;
use crate::value::Buffer;

/// Columns of equal length, of which the selected rows count.
#[derive(Debug, Clone)]
pub struct Batch {
    /// The columns; all have `rows` rows.
    pub columns: Vec<Column>,
    /// How many rows each column has (there may be no column).
    pub rows: usize,
    /// The rows that count, ascending; None: all.
    pub selection: Option<Buffer<u32>>,
}

impl Batch {
    /// All rows of equally long columns. `rows` is asked for since there may be no column.
    pub fn new(columns: Vec<Column>, rows: usize) -> Self {
        assert!(columns.iter().all(|c| c.len() == rows));
        Batch { columns, rows, selection: None }
    }

    /// How many rows count.
    pub fn len(&self) -> usize {
        self.selection.as_ref().map_or(self.rows, |s| s.len())
    }

    /// True if no row counts.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The same rows without a selection.
    pub fn compact(&self) -> Self {
        match &self.selection {
            None => self.clone(),
            Some(rows) => Batch::new(self.columns.iter().map(|c| c.gather(rows)).collect(), rows.len()),
        }
    }

    /// Of the rows that count, `[start, start + len)`.
    pub fn slice(&self, start: usize, len: usize) -> Self {
        match &self.selection {
            None => Batch::new(self.columns.iter().map(|c| c.slice(start, len)).collect(), len),
            Some(rows) => Batch {
                columns: self.columns.clone(),
                rows: self.rows,
                selection: Some(rows.slice(start, len)),
            },
        }
    }

    /// Bytes this batch keeps alive.
    pub fn memory(&self) -> usize {
        self.columns.iter().map(Column::memory).sum::<usize>()
            + self.selection.as_ref().map_or(0, Buffer::memory)
    }
}
