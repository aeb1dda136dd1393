//! Writing an inverted part: from the rows of a segment, or from the parts of a merge's sources.
//!
//! From rows: an entry for each item of each row, gathered by items in bounded memory ([`Groups`]). From parts: the dictionaries are walked side
//! by side, and of each item the lists are joined, row by row, with the numbers that the rows have in the target.

use super::cold::{Footer, InvertedCold, Terms, each_row, kind_of, says};
use super::counts::LengthsWriter;
use super::extract::{RowItem, column_of};
use super::postings::{ListReader, ListWriter, Posting, StreamWriter, Streams};
use super::terms::LeafWriter;
use crate::error::{Error, Result};
use crate::index::groups::Groups;
use crate::index::tree::TreeWriter;
use crate::index::{IndexDef, MergeSource, PartWriter};
use crate::segment::ColdSegment;
use crate::segment::page::le32;
use crate::world::mutation;

/// Streams of the part. Persisted, do not renumber.
pub(super) const LEAVES: u32 = 0;
pub(super) const INNER: u32 = 1;
pub(super) const LISTS: u32 = 2;
pub(super) const LENGTHS: u32 = 3;
pub(super) const PLACES: u32 = 4;

/// What is noted of an entry before its places: the row, and how often it has the item, less 1.
const NOTED: usize = 5;

/// Writes the part of a segment.
pub(super) fn build(def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
    let mut groups = Groups::new(out);
    let (mut lengths, says) = (no_lengths(counted_columns(def), segment), says(kind_of(def)));
    each_row(def, segment, &mut |ordinal, items| {
        add_lengths(&mut lengths, ordinal, &mut items.iter());
        items.iter().try_for_each(|item| {
            let [a, b, c, d] = ordinal.to_le_bytes();
            let places = if says.places { item.places } else { &[] };
            groups.push(item.bytes, [&[a, b, c, d, more_than_once(item.times)], places])
        })
    })?;
    let mut part = PartBuilder::new(kind_of(def), out, lengths);
    groups.finish(&mut |item, note| {
        let places = note.get(NOTED..).unwrap_or_default();
        part.push(item, le32(note, 0), note.get(NOTED - 1).copied().unwrap_or(0), places)
    })?;
    part.finish(segment.rows())
}

/// So many columns' documents are counted.
pub(super) fn counted_columns(def: &IndexDef) -> usize {
    if super::is_counted(def) { def.columns.len() } else { 0 }
}

/// How often an item is there, less 1.
pub(super) fn more_than_once(times: u32) -> u8 {
    times.saturating_sub(1).min(u8::MAX.into()) as u8
}

fn no_lengths(columns: usize, segment: &ColdSegment) -> Vec<LengthsWriter> {
    (0..columns).map(|_| LengthsWriter::new(segment.rows())).collect()
}

/// Adds a row's documents: each is as long as its items are often.
fn add_lengths(lengths: &mut [LengthsWriter], row: u32, items: &mut dyn Iterator<Item = RowItem<'_>>) {
    for item in items {
        if let Some(lengths) = lengths.get_mut(column_of(item.bytes)) {
            lengths.set(row, lengths.get(row).saturating_add(item.times));
        }
    }
}

/// Writes the part of a merge's target.
pub(super) fn merge(
    def: &IndexDef,
    parts: &[&InvertedCold],
    sources: &[MergeSource<'_>],
    segment: &ColdSegment,
    out: &mut PartWriter<'_>,
) -> Result<()> {
    let mut terms = parts.iter().map(|part| Terms::new(part)).collect::<Result<Vec<_>>>()?;
    let mut lengths = no_lengths(parts.first().map_or(Ok(0), |part| part.counted_columns())?, segment);
    for (part, source) in parts.iter().zip(sources) {
        for (column, lengths) in lengths.iter_mut().enumerate() {
            part.each_length(column, &mut |row, length| {
                if let Some(row) = source.map.get(row) {
                    lengths.set(row, length);
                }
            })?;
        }
    }
    let mut part = PartBuilder::new(kind_of(def), out, lengths);
    let (mut rows, mut moved, mut places) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(least) = terms.iter().filter_map(Terms::item).min().map(<[u8]>::to_vec) {
        rows.clear();
        places.clear();
        for (terms, source) in terms.iter_mut().zip(sources) {
            if terms.item() != Some(&least) {
                continue;
            }
            if let Some((_, list)) = terms.next()? {
                move_rows(&list, source, &mut moved, &mut places)?;
                join(&mut rows, &moved);
            }
        }
        for &Moved { row, more, places: (start, end) } in &rows {
            part.push(&least, row, more, places.get(start..end).unwrap_or_default())?;
        }
    }
    part.finish(segment.rows())
}

/// A row, how often it has an item, less 1, and where.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
struct Moved {
    row: u32,
    more: u8,
    /// From where to where of the bytes.
    places: (usize, usize),
}

/// The rows of a list that are left, with their numbers in the target, ascending.
fn move_rows(
    list: &ListReader<'_>,
    source: &MergeSource<'_>,
    out: &mut Vec<Moved>,
    places: &mut Vec<u8>,
) -> Result<()> {
    out.clear();
    let unmoved = mutation("merge_unmoved_items");
    let shifted = usize::from(mutation("merge_shifted_places"));
    list.each_placed(&mut |rows| {
        for (i, &row) in rows.rows.iter().enumerate() {
            let more = rows.more.get(i).map_or(0, |&more| more as u8);
            if let Some(row) = if unmoved { Some(row) } else { source.map.get(row) } {
                let start = places.len();
                places.extend_from_slice(rows.places.get(i.saturating_sub(shifted)));
                out.push(Moved { row, more, places: (start, places.len()) });
            }
        }
    })?;
    // A merge keeps the order of its sources.
    match unmoved || out.is_sorted_by_key(|moved| moved.row) {
        true => Ok(()),
        false => Err(Error::internal("a merge has turned the rows of a source")),
    }
}

/// Two ascending lists as one.
fn join(rows: &mut Vec<Moved>, more: &[Moved]) {
    if rows.last().zip(more.first()).is_none_or(|(last, first)| last.row < first.row) {
        return rows.extend_from_slice(more);
    }
    let (mut left, mut right) = (rows.as_slice(), more);
    let mut both = Vec::with_capacity(left.len() + right.len());
    while let ([a, left_rest @ ..], [b, right_rest @ ..]) = (left, right) {
        if a.row <= b.row {
            both.push(*a);
            left = left_rest;
        } else {
            both.push(*b);
            right = right_rest;
        }
    }
    both.extend_from_slice(left);
    both.extend_from_slice(right);
    *rows = both;
}

/// Pages of a part from entries in order.
struct PartBuilder<'a, 'b> {
    kind: u8,
    out: &'a mut PartWriter<'b>,
    leaf: LeafWriter,
    tree: TreeWriter,
    streams: Streams,
    list: ListWriter,
    /// Of each column whose documents are counted.
    lengths: Vec<LengthsWriter>,
    /// The item in hand; empty before the first.
    item: Vec<u8>,
    /// Items in leaves that are written, and all of them.
    written: u32,
    items: u32,
    postings: u64,
}

impl<'a, 'b> PartBuilder<'a, 'b> {
    fn new(kind: u8, out: &'a mut PartWriter<'b>, lengths: Vec<LengthsWriter>) -> Self {
        PartBuilder {
            kind,
            out,
            leaf: LeafWriter::default(),
            tree: TreeWriter::new(INNER),
            streams: Streams { lists: StreamWriter::new(LISTS), places: StreamWriter::new(PLACES) },
            list: ListWriter::new(says(kind)),
            lengths,
            item: Vec::new(),
            written: 0,
            items: 0,
            postings: 0,
        }
    }

    fn push(&mut self, item: &[u8], row: u32, more: u8, places: &[u8]) -> Result<()> {
        if self.item != item {
            self.end_item()?;
            item.clone_into(&mut self.item);
        }
        let length = self.lengths.get(column_of(item)).map_or(0, |lengths| lengths.get(row));
        self.list.push(Posting { row, more, length, places }, &mut self.streams, self.out)
    }

    fn end_item(&mut self) -> Result<()> {
        if self.item.is_empty() {
            return Ok(());
        }
        let list = self.list.finish(&mut self.streams, self.out)?;
        if !self.leaf.takes(&self.item, &list) {
            self.end_leaf()?;
        }
        self.leaf.push(&self.item, &list, says(self.kind).places);
        self.postings += u64::from(list.count);
        self.items = self.items.checked_add(1).ok_or_else(|| Error::internal("more than 2^32 items"))?;
        Ok(())
    }

    fn end_leaf(&mut self) -> Result<()> {
        let Some((first, last)) = self.leaf.ends().map(|(first, last)| (first.to_vec(), last.to_vec()))
        else {
            return Ok(());
        };
        let (body, items) = self.leaf.take();
        let at = self.out.page(LEAVES, self.written, &[&body])?;
        self.tree.push(self.out, at, self.written, (&first, &last))?;
        self.written += items;
        Ok(())
    }

    fn finish(mut self, rows: u32) -> Result<()> {
        self.end_item()?;
        self.end_leaf()?;
        let (items, postings) = (self.items, self.postings);
        let tree = self.tree.finish(self.out)?;
        let lists = self.streams.lists.finish(self.out)?;
        let places = self.streams.places.finish(self.out)?;
        let mut lengths = Vec::with_capacity(self.lengths.len());
        for (column, of) in self.lengths.iter().enumerate() {
            lengths.push(of.write(LENGTHS, column, self.out)?);
        }
        let kind = self.kind;
        self.out.footer(Footer { kind, rows, items, postings, tree, lists, places, lengths }.encode());
        Ok(())
    }
}
