//! Writing a sorted part: every row's key, sorted.
//!
//! Rows that lie in the order of the index already (a time series by its time) are written as they come; others are sorted
//! ([`Sorter`]).

use super::cold::Footer;
use super::page::LeafWriter;
use crate::error::Result;
use crate::index::key::KEY_MAX;
use crate::index::runs::Sorter;
use crate::index::tree::TreeWriter;
use crate::index::{IndexDef, PartWriter};
use crate::segment::ColdSegment;
use crate::value::Column;

/// Streams of the part. Persisted, do not renumber.
pub(super) const LEAVES: u32 = 0;
pub(super) const INNER: u32 = 1;

/// Writes the part of a segment.
pub(super) fn build(def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
    let mut sorter = Sorter::new(out);
    let mut key = Vec::new();
    let types = segment.types().len();
    for vector in 0..segment.vectors() {
        let mut columns: Vec<Column> = vec![Column::null(crate::value::Type::Bool, 0); types];
        let mut rows = 0;
        for column in def.read() {
            let read = segment.read(column, vector)?;
            rows = read.len();
            if let Some(place) = columns.get_mut(column) {
                *place = read;
            }
        }
        let first = segment.rows_of(vector).start;
        for row in (0..rows).filter(|&row| def.holds(&columns, row)) {
            key.clear();
            def.encode_row(&mut key, &columns, row);
            // Whoever sees the index sees no such row: statements refuse them, and CREATE INDEX looks for them.
            key.truncate(KEY_MAX);
            sorter.push(&key, first + row as u32, 0)?;
        }
    }
    let mut part = PartBuilder::new(out);
    sorter.finish(&mut |key, ordinal, _| part.push(key, ordinal))?;
    part.finish()
}

/// Pages of a part from entries in order.
struct PartBuilder<'a, 'b> {
    out: &'a mut PartWriter<'b>,
    leaf: LeafWriter,
    tree: TreeWriter,
    /// Entries in leaves that are written.
    entries: u32,
    distinct: u32,
    least: Vec<u8>,
    last: Vec<u8>,
}

impl<'a, 'b> PartBuilder<'a, 'b> {
    fn new(out: &'a mut PartWriter<'b>) -> Self {
        let (leaf, tree) = (LeafWriter::default(), TreeWriter::new(INNER));
        PartBuilder { out, leaf, tree, entries: 0, distinct: 0, least: Vec::new(), last: Vec::new() }
    }

    fn push(&mut self, key: &[u8], ordinal: u32) -> Result<()> {
        if !self.leaf.takes(key.len()) {
            self.end_leaf()?;
        }
        if self.distinct == 0 {
            self.least = key.to_vec();
        }
        if self.distinct == 0 || self.last != key {
            self.distinct += 1;
            self.last.clear();
            self.last.extend_from_slice(key);
        }
        self.leaf.push(key, ordinal);
        Ok(())
    }

    fn end_leaf(&mut self) -> Result<()> {
        let Some((first, last)) = self.leaf.first().zip(self.leaf.last()) else { return Ok(()) };
        let (low, high) = (first.to_vec(), last.to_vec());
        let first = self.entries;
        let (body, rows) = self.leaf.take();
        let at = self.out.page(LEAVES, first, &[&body])?;
        self.entries += rows;
        self.tree.push(self.out, at, first, (&low, &high))
    }

    fn finish(mut self) -> Result<()> {
        self.end_leaf()?;
        let footer = Footer {
            rows: self.entries,
            distinct: self.distinct,
            least: self.least,
            greatest: self.last,
            tree: self.tree.finish(self.out)?,
        };
        self.out.footer(footer.encode());
        Ok(())
    }
}
