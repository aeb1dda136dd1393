//! Pages of a spatial part.
//!
//! Behind its header a page holds entries in the order of the curve, in groups of [`GROUP`], each with a box around it. With A axes (2 or 3):
//!
//! | size | page |
//! |---|---|
//! | 2 | number of entries n |
//! | 1 | A |
//! | 1 | 1: the entries are points, of which only the lesser corner is kept; 0: boxes |
//! | 8A × groups | per group: least and greatest numbers, f32 each |
//! | (4A or 8A) × n | per entry: its numbers, f32 each: a point's, or least and greatest ones |
//! | 4 × n | per entry: its row |
//!
//! Of a point the 32-bit float below it is kept: its box reaches from there to the float behind.
//!
//! Example, of the points (1 2) and (3 4) in rows 7 and 0:
//! `0200 02 01 0000803f 00000040 01004040 01008040 0000803f 00000040 00004040 00008040 07000000 00000000`.

use super::Area;
use crate::segment::encoding::Parse;
use crate::segment::page::{BODY_MAX, PAGE_HEADER};
use remanent_kernels::boxes;

/// Entries of a group, no more than [`boxes::meeting`] looks at.
pub const GROUP: usize = 32;

/// What comes before the boxes.
const HEAD: usize = 4;

/// An entry of a page: a box and a row.
pub type Entry = (Area, u32);

/// Entries that surely fit into a page of so many axes.
pub fn capacity(axes: usize) -> usize {
    (BODY_MAX - HEAD - 8 * axes) / (8 * axes + 4 + (8 * axes).div_ceil(GROUP))
}

/// True if a box is what is left of a point: at most one step of a float wide.
fn is_point(area: &Area, axes: usize) -> bool {
    (0..axes).all(|axis| area.low[axis] == area.high[axis] || area.low[axis].next_up() == area.high[axis])
}

/// The body of a page.
pub fn encode(entries: &[Entry], axes: usize) -> Vec<u8> {
    let points = entries.iter().all(|(area, _)| is_point(area, axes));
    let mut out = Vec::with_capacity(HEAD + entries.len() * (8 * axes + 4));
    out.extend((entries.len() as u16).to_le_bytes());
    out.extend([axes as u8, u8::from(points)]);
    let put = |out: &mut Vec<u8>, numbers: &[f32; 3]| {
        numbers.iter().take(axes).for_each(|number| out.extend(number.to_le_bytes()));
    };
    let kept = |area: &Area| if points { of_point(*area, axes) } else { *area };
    for group in entries.chunks(GROUP) {
        let around = group.iter().fold(Area::NONE, |all, (area, _)| all.with(&kept(area)));
        put(&mut out, &around.low);
        put(&mut out, &around.high);
    }
    for (area, _) in entries {
        put(&mut out, &area.low);
        if !points {
            put(&mut out, &area.high);
        }
    }
    entries.iter().for_each(|(_, row)| out.extend(row.to_le_bytes()));
    out
}

/// Which bits are set.
fn ones(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let at = (bits != 0).then_some(bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(at)
    })
}

/// The box of a point whose lesser corner is known.
fn of_point(mut area: Area, axes: usize) -> Area {
    for axis in 0..axes {
        area.high[axis] = area.low[axis].next_up();
    }
    area
}

/// A page as it lies there.
#[derive(Clone, Copy)]
pub struct Page<'a> {
    entries: usize,
    axes: usize,
    points: bool,
    boxes: &'a [u8],
    numbers: &'a [u8],
    rows: &'a [u8],
}

impl<'a> Page<'a> {
    /// Looks at a page with its header.
    pub fn parse(page: &'a [u8]) -> Parse<Page<'a>> {
        let body = page.get(PAGE_HEADER..).unwrap_or_default();
        let ([low, high, axes, points], rest) = body.split_first_chunk().ok_or("a page ends too early")?;
        let (entries, axes) = (usize::from(u16::from_le_bytes([*low, *high])), usize::from(*axes));
        let points = *points == 1;
        if !(2..=3).contains(&axes) {
            return Err("a page of a spatial index has two or three axes");
        }
        let numbers = if points { 4 * axes } else { 8 * axes };
        let (boxes, rest) =
            rest.split_at_checked(8 * axes * entries.div_ceil(GROUP)).ok_or("a page ends too early")?;
        let (numbers, rows) = rest.split_at_checked(numbers * entries).ok_or("a page ends too early")?;
        if rows.len() != 4 * entries {
            return Err("a page of a spatial index does not end where it should");
        }
        Ok(Page { entries, axes, points, boxes, numbers, rows })
    }

    /// How many entries.
    pub fn entries(&self) -> usize {
        self.entries
    }

    /// How many groups.
    pub fn groups(&self) -> usize {
        self.entries.div_ceil(GROUP)
    }

    /// The box around a group. Axes that are not kept reach everywhere.
    pub fn around(&self, group: usize) -> Area {
        self.area(self.boxes, group, false)
    }

    /// Calls for each group whose box meets another, or may.
    pub fn groups_meeting(&self, wanted: &Area, visit: &mut dyn FnMut(usize)) {
        let boxes = self.boxes.as_chunks().0.chunks(64 * 2 * self.axes);
        for (first, some) in (0..).step_by(64).zip(boxes) {
            let met = boxes::meeting(some, self.axes, false, &wanted.low, &wanted.high);
            ones(met).for_each(|group| visit(first + group));
        }
    }

    /// The entries of a group that meet a box, or may, by their numbers in the page.
    pub fn entries_meeting(&self, group: usize, wanted: &Area) -> impl Iterator<Item = usize> + use<> {
        let entries = self.group(group);
        let each = if self.points { self.axes } else { 2 * self.axes };
        let own = self.numbers.as_chunks().0.get(entries.start * each..entries.end * each);
        let met = boxes::meeting(own.unwrap_or_default(), self.axes, self.points, &wanted.low, &wanted.high);
        ones(met).map(move |entry| entries.start + entry)
    }

    /// The entries of a group, by their numbers in the page.
    pub fn group(&self, group: usize) -> std::ops::Range<usize> {
        group * GROUP..((group + 1) * GROUP).min(self.entries)
    }

    /// The box of an entry.
    pub fn entry(&self, entry: usize) -> Area {
        self.area(self.numbers, entry, self.points)
    }

    /// The row of an entry.
    pub fn row(&self, entry: usize) -> u32 {
        self.rows.as_chunks().0.get(entry).map_or(u32::MAX, |b| u32::from_le_bytes(*b))
    }

    fn area(&self, numbers: &[u8], i: usize, point: bool) -> Area {
        let each = if point { self.axes } else { 2 * self.axes };
        let numbers = numbers.as_chunks::<4>().0.get(i * each..(i + 1) * each).unwrap_or_default();
        let mut area = Area { low: [f32::NEG_INFINITY; 3], high: [f32::INFINITY; 3] };
        match numbers {
            &[x, y] if point => {
                (area.low[0], area.low[1]) = (f32::from_le_bytes(x), f32::from_le_bytes(y));
                (area.high[0], area.high[1]) = (area.low[0].next_up(), area.low[1].next_up());
            }
            numbers => {
                let (low, high) = numbers.split_at(self.axes.min(numbers.len()));
                let fill = |out: &mut [f32; 3], from: &[[u8; 4]]| {
                    out.iter_mut().zip(from).for_each(|(out, from)| *out = f32::from_le_bytes(*from));
                };
                fill(&mut area.low, low);
                fill(&mut area.high, high);
                if point {
                    return of_point(area, self.axes);
                }
            }
        }
        area
    }
}
