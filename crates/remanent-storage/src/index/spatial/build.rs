//! Writing a spatial part: every row's box, in the order of the curve.

use super::cold::{Footer, PageAt};
use super::page::{Entry, capacity, encode};
use super::{Area, area_of, hilbert};
use crate::error::Result;
use crate::index::runs::Sorter;
use crate::index::{IndexDef, PartWriter};
use crate::segment::ColdSegment;
use crate::value::{Column, Type};

/// Streams of the part. Persisted, do not renumber.
pub(super) const PAGES: u32 = 0;
pub(super) const HOLLOW: u32 = 1;

/// Rows without a box in a page.
pub(super) const HOLLOW_MAX: usize = 4096;

/// A box as a key: its place on the curve, then its numbers.
const KEY: usize = 8 + 24;

/// Writes the part of a segment.
pub(super) fn build(def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
    let mut sorter = Sorter::new(out);
    let mut part = PartBuilder::new(out);
    let (mut axes, types) = (2, segment.types().len());
    // Z decides about the order and what is kept: it is known before the first box is placed.
    each(def, segment, types, &mut |_, area| {
        if let Some(area) = area
            && (area.low[2] != 0.0 || area.high[2] != 0.0)
        {
            axes = 3;
        }
        Ok(axes < 3)
    })?;
    part.axes = axes;
    each(def, segment, types, &mut |row, area| {
        let Some(area) = area else {
            part.hollow.push(row);
            return Ok(true);
        };
        sorter.push(&key(&area, axes), row, 0)?;
        Ok(true)
    })?;
    sorter.finish(&mut |key, row, _| part.push(key, row))?;
    part.finish()
}

/// Calls for each row that is in the index, with its box, until it says false.
fn each(
    def: &IndexDef,
    segment: &ColdSegment,
    types: usize,
    visit: &mut dyn FnMut(u32, Option<Area>) -> Result<bool>,
) -> Result<()> {
    let Some(&place) = def.columns.first() else { return Ok(()) };
    for vector in 0..segment.vectors() {
        let mut columns: Vec<Column> = vec![Column::null(Type::Bool, 0); types];
        for column in def.read() {
            let read = segment.read(column, vector)?;
            if let Some(slot) = columns.get_mut(column) {
                *slot = read;
            }
        }
        let first = segment.rows_of(vector).start;
        let Some(column) = columns.get(place) else { return Ok(()) };
        for row in (0..column.len()).filter(|&row| def.holds(&columns, row)) {
            if !visit(first + row as u32, area_of(column, row))? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn key(area: &Area, axes: usize) -> [u8; KEY] {
    let mut key = [0; KEY];
    key[..8].copy_from_slice(&hilbert::place(area, axes).to_be_bytes());
    for (slot, number) in key[8..].chunks_exact_mut(4).zip(area.low.iter().chain(&area.high)) {
        slot.copy_from_slice(&number.to_le_bytes());
    }
    key
}

fn area_of_key(key: &[u8]) -> Area {
    let number = |i: usize| {
        let bytes = key.get(8 + 4 * i..).and_then(|rest| rest.first_chunk());
        bytes.map_or(f32::NAN, |bytes| f32::from_le_bytes(*bytes))
    };
    Area { low: [0, 1, 2].map(number), high: [3, 4, 5].map(number) }
}

/// Pages of a part from entries in order.
struct PartBuilder<'a, 'b> {
    out: &'a mut PartWriter<'b>,
    axes: usize,
    page: Vec<Entry>,
    pages: Vec<PageAt>,
    rows: u32,
    hollow: Vec<u32>,
}

impl<'a, 'b> PartBuilder<'a, 'b> {
    fn new(out: &'a mut PartWriter<'b>) -> Self {
        PartBuilder { out, axes: 2, page: Vec::new(), pages: Vec::new(), rows: 0, hollow: Vec::new() }
    }

    fn push(&mut self, key: &[u8], row: u32) -> Result<()> {
        self.page.push((area_of_key(key), row));
        match self.page.len() == capacity(self.axes) {
            true => self.end_page(),
            false => Ok(()),
        }
    }

    fn end_page(&mut self) -> Result<()> {
        if self.page.is_empty() {
            return Ok(());
        }
        let at = self.out.page(PAGES, self.rows, &[&encode(&self.page, self.axes)])?;
        let mut area = self.page.iter().fold(Area::NONE, |all, (area, _)| all.with(area));
        // The boxes of points are a step wide on each axis.
        area.high = area.high.map(f32::next_up);
        self.pages.push(PageAt { at, first: self.rows, area });
        self.rows += self.page.len() as u32;
        self.page.clear();
        Ok(())
    }

    fn finish(mut self) -> Result<()> {
        self.end_page()?;
        let mut hollow = Vec::new();
        for (i, rows) in self.hollow.chunks(HOLLOW_MAX).enumerate() {
            let body: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
            hollow.push(self.out.page(HOLLOW, (i * HOLLOW_MAX) as u32, &[&body])?);
        }
        let footer = Footer {
            axes: self.axes,
            rows: self.rows,
            hollow_rows: self.hollow.len() as u32,
            pages: self.pages,
            hollow,
        };
        self.out.footer(footer.encode());
        Ok(())
    }
}
