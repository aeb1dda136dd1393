//! Binary search in a segment whose rows lie in key order.
//!
//! Rows are compared by the [key](crate::value::key) of some columns, as bytes. Where a key
//! column is stored as integers, the search runs on the encoded section; else each row that
//! the search looks at is decoded alone.

use super::{Stored, VECTOR_ROWS, decode};
use crate::error::Result;
use crate::segment::format::{PageAt, PageView, Section};
use crate::value::key::encode_value;
use crate::value::{Buffer, Column, Type};
use std::cmp::Ordering;
use std::ops::Range;

/// A key column during one search.
struct KeyColumn {
    number: usize,
    ty: Type,
    /// The page looked at last, and its rows.
    page: Option<(Buffer<u8>, PageAt, Range<u32>)>,
    /// The vector as a column, where its values do not decode alone.
    decoded: Option<Column>,
}

/// The carrier of an integer's key, and how many bytes the key took; None for another type or a cut key.
fn carrier(ty: Type, key: &[u8]) -> Option<(i64, usize)> {
    let (&tag, rest) = key.split_first()?;
    let signed = |n: usize| -> Option<i64> {
        let bytes = rest.get(..n)?;
        let unsigned = bytes.iter().fold(0u64, |v, &b| v << 8 | u64::from(b));
        // The encoding flipped the sign bit: move it to the top, flip it back, move it down again.
        let shift = 64 - 8 * n as u32;
        Some(((unsigned << shift) ^ (1 << 63)) as i64 >> shift)
    };
    if tag != 1 {
        return None;
    }
    match ty {
        Type::Int8 | Type::Timestamp | Type::Timestamptz => Some((signed(8)?, 9)),
        Type::Int4 | Type::Date => Some((signed(4)?, 5)),
        Type::Int2 => Some((signed(2)?, 3)),
        Type::Bool => Some((i64::from(*rest.first()?), 2)),
        _ => None,
    }
}

impl Stored {
    /// Of rows `[start, end)`, which lie in one vector in order of the key of `columns`: those whose key begins with
    /// `key`. Where there is none, an empty range at the first row whose key is above.
    pub fn equal(&self, columns: &[usize], rows: Range<u32>, key: &[u8]) -> Result<Range<u32>> {
        let (mut rows, mut key) = (rows, key);
        for (i, &number) in columns.iter().enumerate() {
            if key.is_empty() || rows.is_empty() {
                break;
            }
            let found = match carrier(self.type_of(number), key) {
                Some((value, taken)) => self.equal_carrier(number, rows.clone(), value)?.map(|f| (f, taken)),
                None => None,
            };
            match found {
                Some((found, taken)) => (rows, key) = (found, &key[taken..]),
                None => return self.equal_rows(&columns[i..], rows, key),
            }
        }
        Ok(rows)
    }

    /// The rows of `rows` with that carrier; None where the column does not store plain integers there.
    fn equal_carrier(&self, column: usize, rows: Range<u32>, value: i64) -> Result<Option<Range<u32>>> {
        let mut equal = None;
        self.point_chunk(column, rows.start, &mut |chunk, place| {
            let (Some(Section::Ints(ints)), None, None) = (&chunk.values, chunk.validity, &chunk.dictionary)
            else {
                return Ok(());
            };
            let base = rows.start - place as u32;
            let within = place..(rows.end - base) as usize;
            if within.end <= chunk.rows {
                let found = ints.equal(within, value)?;
                equal = Some(base + found.start as u32..base + found.end as u32);
            }
            Ok(())
        })?;
        Ok(equal)
    }

    /// As [`equal`](Stored::equal), row by row.
    fn equal_rows(&self, columns: &[usize], rows: Range<u32>, key: &[u8]) -> Result<Range<u32>> {
        let column =
            |&number: &usize| KeyColumn { number, ty: self.type_of(number), page: None, decoded: None };
        let mut columns: Vec<KeyColumn> = columns.iter().map(column).collect();
        let mut row_key = Vec::with_capacity(key.len() + 16);
        // How the key of a row, cut to the length of `key`, compares with it.
        let mut compare = |row: u32| -> Result<Ordering> {
            row_key.clear();
            columns.iter_mut().try_for_each(|column| self.key_of(column, row, &mut row_key))?;
            Ok(row_key[..row_key.len().min(key.len())].cmp(key))
        };
        let (mut low, mut high) = (rows.start, rows.end);
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(middle)? {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        let start = low;
        // Few rows share a key: look further in growing steps.
        let mut step = 1;
        while low < rows.end && compare(low)? == Ordering::Equal {
            low = low.saturating_add(step).min(rows.end);
            step *= 2;
        }
        let mut high = low;
        low = start.max(low.saturating_sub(step / 2));
        while low < high {
            let middle = low + (high - low) / 2;
            match compare(middle)? {
                Ordering::Equal => low = middle + 1,
                _ => high = middle,
            }
        }
        Ok(start..low)
    }

    /// Appends the key of one row of one column.
    fn key_of(&self, column: &mut KeyColumn, row: u32, out: &mut Vec<u8>) -> Result<()> {
        let place = row as usize % VECTOR_ROWS;
        if let Some(decoded) = &column.decoded {
            crate::value::key::encode_column_row(out, decoded, place);
            return Ok(());
        }
        if !column.page.as_ref().is_some_and(|(_, _, rows)| rows.contains(&row)) {
            let (page, at) = self.page(column.number, row)?;
            let end = self.page_end(column.number, at.first_row)?;
            column.page = Some((page, at, at.first_row..end));
        }
        let Some((page, at, _)) = &column.page else { return Ok(()) };
        let i = (row - at.first_row) as usize;
        let parsed = at.slice(page).and_then(|slice| PageView::parse(slice, column.ty.physical()));
        let value = parsed.and_then(|view| {
            let chunk = view.chunk(i / VECTOR_ROWS)?;
            if i % VECTOR_ROWS >= chunk.rows {
                return Err("a column page has fewer rows than it should");
            }
            // A compressed section would be decompressed again for every row.
            match chunk.values {
                Some(values) if values.is_compressed() => Ok(None),
                _ => decode::value(column.ty, &chunk, i % VECTOR_ROWS).map(Some),
            }
        });
        match value.map_err(|what| self.file.corrupt(at.at.offset, what))? {
            Some(value) => encode_value(out, &value),
            None => {
                let decoded = self.read(column.number, row / VECTOR_ROWS as u32)?;
                crate::value::key::encode_column_row(out, &decoded, place);
                column.decoded = Some(decoded);
            }
        }
        Ok(())
    }
}
