//! Rows by equal keys: each distinct key gets the next number. What grouping, joining and DISTINCT share.

use super::rowkey::{KeyLayout, RowKeys};
use remanent_kernels::table::{ByteTable, WordTable};
use remanent_storage::Result;
use remanent_storage::value::{Column, Type};

/// From the values of key columns to dense numbers, NULL equal to NULL.
pub struct Grouping {
    layout: KeyLayout,
    table: Table,
}

enum Table {
    Words(WordTable),
    Bytes(ByteTable),
}

impl Grouping {
    /// For key columns of these types.
    pub fn new(types: impl IntoIterator<Item = Type>) -> Self {
        let layout = KeyLayout::unordered(types);
        let table = match layout.is_words() {
            true => Table::Words(WordTable::default()),
            false => Table::Bytes(ByteTable::default()),
        };
        Grouping { layout, table }
    }

    /// How many distinct keys there are.
    pub fn len(&self) -> usize {
        match &self.table {
            Table::Words(table) => table.len(),
            Table::Bytes(table) => table.len(),
        }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        match &self.table {
            Table::Words(table) => table.memory(),
            Table::Bytes(table) => table.memory(),
        }
    }

    /// The number of each row's key, made where it is new. `groups` is overwritten.
    pub fn insert(&mut self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        match (&mut self.table, self.layout.encode(columns, rows)?) {
            (Table::Words(table), RowKeys::Words(keys)) => table.insert(&keys, groups),
            (Table::Bytes(table), RowKeys::Bytes { bytes, ends }) => table.insert(&bytes, &ends, groups),
            _ => unreachable!("the layout chose the table"),
        }
        Ok(())
    }

    /// The number of each row's key, [`remanent_kernels::table::MISSING`] where it is unknown. `groups` is
    /// overwritten.
    pub fn find(&self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        match (&self.table, self.layout.encode(columns, rows)?) {
            (Table::Words(table), RowKeys::Words(keys)) => table.find(&keys, groups),
            (Table::Bytes(table), RowKeys::Bytes { bytes, ends }) => table.find(&bytes, &ends, groups),
            _ => unreachable!("the layout chose the table"),
        }
        Ok(())
    }
}
