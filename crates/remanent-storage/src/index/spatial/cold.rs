//! A spatial index of a cold segment: a packed R-tree.
//!
//! Pages ([`page`](super::page)) lie in the order of the curve. The footer names them with their boxes; the levels above
//! are made of it when the part is first touched, and stay in memory: 44 bytes for some hundreds of rows.
//!
//! | size | footer |
//! |---|---|
//! | 1 | 4: a part of kind gist; do not renumber |
//! | 1 | axes: 2 or 3 |
//! | 4, 4, 4, 4 | numbers of rows with a box, of rows without, of pages, of pages of rows without |
//! | 44 | per page: locator (16 bytes), number of its first entry u32, least and greatest numbers (f32 × 6) |
//! | 16 | per page of rows without: locator; such a page is row numbers, u32 each |

use super::Area;
use super::build::{HOLLOW, HOLLOW_MAX, PAGES};
use super::page::Page;
use super::walk::{Child, Nearby, Tree, region};
use crate::error::{Error, Result};
use crate::index::{Cost, Hits, IndexDef, Part, PartReader, Probe, ProbeStats, Region, ScoreBound, Spot};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{Locator, PAGE_HEADER};
use crate::segment::{ColdSegment, RowSet};
use crate::value::Buffer;
use remanent_shapes::distance::closest;
use remanent_shapes::locate::Parts;
use remanent_shapes::{Coord, binary, plane};
use std::cell::OnceCell;
use std::sync::{Arc, OnceLock};

/// The part's kind in its footer. Persisted, do not renumber.
const KIND: u8 = 4;

/// Nodes of a node above the pages.
const FANOUT: usize = 16;

/// Where a page is, and the box around it.
pub(super) struct PageAt {
    pub at: Locator,
    /// The number of its first entry.
    pub first: u32,
    pub area: Area,
}

/// What a part says of itself.
pub(super) struct Footer {
    pub axes: usize,
    pub rows: u32,
    pub hollow_rows: u32,
    pub pages: Vec<PageAt>,
    pub hollow: Vec<Locator>,
}

impl Footer {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![KIND, self.axes as u8];
        for field in [self.rows, self.hollow_rows, self.pages.len() as u32, self.hollow.len() as u32] {
            out.extend(field.to_le_bytes());
        }
        for page in &self.pages {
            page.at.encode(&mut out);
            out.extend(page.first.to_le_bytes());
            let numbers = page.area.low.iter().chain(&page.area.high);
            numbers.for_each(|number| out.extend(number.to_le_bytes()));
        }
        self.hollow.iter().for_each(|at| at.encode(&mut out));
        out
    }

    fn decode(bytes: &[u8], end: u64) -> Parse<Footer> {
        let mut cursor = Cursor { rest: bytes };
        if cursor.u8()? != KIND {
            return Err("not a part of a spatial index");
        }
        let axes = usize::from(cursor.u8()?);
        let (rows, hollow_rows) = (cursor.u32()?, cursor.u32()?);
        let counts = [cursor.u32()?, cursor.u32()?];
        let locator = |cursor: &mut Cursor<'_>| {
            let at = cursor.take(Locator::SIZE)?.first_chunk().ok_or("a locator ends too early")?;
            let at = Locator::decode(at);
            match at.offset.checked_add(at.len.into()).is_none_or(|past| past > end) {
                true => Err("the footer names a page outside the file"),
                false => Ok(at),
            }
        };
        let (mut pages, mut hollow): (Vec<PageAt>, Vec<Locator>) = (Vec::new(), Vec::new());
        for _ in 0..counts[0] {
            let (at, first) = (locator(&mut cursor)?, cursor.u32()?);
            let mut numbers = [0.0; 6];
            for number in &mut numbers {
                *number = f32::from_bits(cursor.u32()?);
            }
            let [a, b, c, d, e, f] = numbers;
            if pages.last().map_or(first != 0, |last| first <= last.first) || first >= rows {
                return Err("the pages do not follow one another");
            }
            pages.push(PageAt { at, first, area: Area { low: [a, b, c], high: [d, e, f] } });
        }
        for _ in 0..counts[1] {
            hollow.push(locator(&mut cursor)?);
        }
        let fits =
            pages.is_empty() == (rows == 0) && hollow.len() == (hollow_rows as usize).div_ceil(HOLLOW_MAX);
        match cursor.rest.is_empty() && fits && (2..=3).contains(&axes) {
            true => Ok(Footer { axes, rows, hollow_rows, pages, hollow }),
            false => Err("the footer does not end where it should"),
        }
    }
}

/// What is in memory of a part.
struct Known {
    footer: Footer,
    /// The boxes around [`FANOUT`] of those below, from those of the pages up.
    levels: Vec<Vec<Area>>,
}

/// A spatial index of a cold segment.
pub struct SpatialCold {
    part: PartReader,
    segment: Arc<ColdSegment>,
    column: usize,
    /// It may lack rows.
    partial: bool,
    known: OnceLock<Known>,
}

impl SpatialCold {
    /// Opens a part of a segment; no I/O.
    pub fn open(def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Self {
        let column = def.columns.first().copied().unwrap_or_default();
        SpatialCold { part, segment, column, partial: def.filter.is_some(), known: OnceLock::new() }
    }

    /// The footer, read at the first touch; of two threads that meet, one reads in vain.
    fn known(&self) -> Result<&Known> {
        if let Some(known) = self.known.get() {
            return Ok(known);
        }
        let (bytes, offset) = self.part.footer()?;
        let footer = Footer::decode(&bytes, offset).map_err(|what| self.part.corrupt(offset, what))?;
        let rows = footer.rows.saturating_add(footer.hollow_rows);
        if rows > self.segment.rows() || !self.partial && rows < self.segment.rows() {
            return Err(self.part.corrupt(offset, "the part belongs to another segment"));
        }
        let mut levels: Vec<Vec<Area>> = vec![footer.pages.iter().map(|page| page.area).collect()];
        while let Some(last) = levels.last().filter(|last| last.len() > FANOUT) {
            let above =
                last.chunks(FANOUT).map(|some| some.iter().fold(Area::NONE, |all, area| all.with(area)));
            levels.push(above.collect());
        }
        let _ = self.known.set(Known { footer, levels });
        self.known.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))
    }

    fn read(&self, page: &PageAt) -> Result<Buffer<u8>> {
        self.part.page(page.at, PAGES, page.first)
    }

    fn page<'a>(&self, at: &PageAt, body: &'a [u8]) -> Result<Page<'a>> {
        Page::parse(body).map_err(|what| self.part.corrupt(at.at.offset, what))
    }

    /// The rows without a box.
    fn hollow(&self) -> Result<Vec<u32>> {
        let footer = &self.known()?.footer;
        let mut rows = Vec::with_capacity(footer.hollow_rows as usize);
        for (i, at) in footer.hollow.iter().enumerate() {
            let body = self.part.page(*at, HOLLOW, (i * HOLLOW_MAX) as u32)?;
            let body = body.get(PAGE_HEADER..).unwrap_or_default();
            rows.extend(body.chunks_exact(4).filter_map(|row| Some(u32::from_le_bytes(*row.first_chunk()?))));
        }
        match rows.len() == footer.hollow_rows as usize && rows.iter().all(|&row| row < self.segment.rows()) {
            true => Ok(rows),
            false => Err(self.part.corrupt(0, "the rows without a box are others than the footer says")),
        }
    }

    fn walker(&self, ranks: bool) -> Result<Walker<'_>> {
        let hollow = if ranks { self.hollow()? } else { Vec::new() };
        Ok(Walker { part: self, known: self.known()?, hollow, held: None })
    }

    /// How many rows a region may name, from the boxes in memory.
    fn estimate(&self, region: &Region) -> Result<f64> {
        let footer = &self.known()?.footer;
        let each = f64::from(footer.rows) / footer.pages.len().max(1) as f64;
        let share = |page: &PageAt| {
            if !page.area.meets(region) {
                return 0.0;
            }
            let axes = 0..footer.axes;
            let shares = axes.map(|axis| {
                let (low, high) = (f64::from(page.area.low[axis]), f64::from(page.area.high[axis]));
                let common = region.high[axis].min(high) - region.low[axis].max(low);
                if high > low { (common / (high - low)).clamp(0.0, 1.0) } else { 1.0 }
            });
            shares.product::<f64>() * each
        };
        Ok(footer.pages.iter().map(share).sum::<f64>().max(1.0))
    }
}

/// A walk over the tree. Nodes are numbered `kind << 60 | …`: of a level, its number and the place in it; a page; a group
/// of a page.
struct Walker<'a> {
    part: &'a SpatialCold,
    known: &'a Known,
    hollow: Vec<u32>,
    /// The page that was read last.
    held: Option<(usize, Buffer<u8>)>,
}

const LEVEL: u64 = 0;
const PAGE: u64 = 1;
const IN_PAGE: u64 = 2;

fn node(kind: u64, major: usize, minor: usize) -> u64 {
    kind << 60 | (major as u64) << 16 | minor as u64
}

impl Walker<'_> {
    /// The nodes of a level from a place on.
    fn level(&self, level: usize, from: usize, visit: &mut dyn FnMut(&Area, Child)) {
        let areas = self.known.levels.get(level).map_or(&[][..], Vec::as_slice);
        for (i, area) in areas.iter().enumerate().skip(from).take(FANOUT) {
            let child = match level {
                0 => node(PAGE, i, 0),
                _ => node(LEVEL, i, level),
            };
            visit(area, Child::Node(child));
        }
    }

    fn body(&mut self, page: usize) -> Result<(Buffer<u8>, &PageAt)> {
        let at =
            self.known.footer.pages.get(page).ok_or_else(|| Error::internal("a page that is not there"))?;
        if let Some((held, body)) = &self.held
            && *held == page
        {
            return Ok((body.clone(), at));
        }
        let body = self.part.read(at)?;
        self.held = Some((page, body.clone()));
        Ok((body, at))
    }
}

impl Tree for Walker<'_> {
    fn open(&mut self, at: Option<u64>, wanted: &Region, visit: &mut dyn FnMut(&Area, Child)) -> Result<()> {
        let Some(at) = at else {
            self.level(self.known.levels.len().saturating_sub(1), 0, visit);
            return Ok(());
        };
        let (kind, major, minor) = (at >> 60, (at << 4 >> 20) as usize, (at & 0xffff) as usize);
        if kind == LEVEL {
            self.level(minor.saturating_sub(1), major * FANOUT, visit);
            return Ok(());
        }
        let (part, rows) = (self.part, self.part.segment.rows());
        let (body, place) = self.body(major)?;
        let page = part.page(place, &body)?;
        let wanted = Area::around(wanted);
        if kind == PAGE {
            page.groups_meeting(&wanted, &mut |group| {
                visit(&page.around(group), Child::Node(node(IN_PAGE, major, group)));
            });
            return Ok(());
        }
        for entry in page.entries_meeting(minor, &wanted) {
            let row = page.row(entry);
            if row >= rows {
                return Err(part
                    .part
                    .corrupt(place.at.offset, "a part names a row that its segment has not"));
            }
            visit(&page.entry(entry), Child::Row(row));
        }
        Ok(())
    }

    fn hollow(&self) -> &[u32] {
        &self.hollow
    }

    fn distances(&self, spot: &Spot, rows: &[u32]) -> Result<Option<Vec<f64>>> {
        let column = self.part.segment.gather(self.part.column, rows)?;
        if column.has_references() {
            return Ok(None);
        }
        let to = spot.at.map(|[x, y]| Coord::xy(x, y));
        let Ok(shape) = binary::parse(&spot.bytes).map(|place| place.shape) else { return Ok(None) };
        let parts = OnceCell::new();
        let distance = |row: usize| {
            let bytes = column.is_valid(row).then(|| column.bytes(row))?;
            if binary::header(bytes)?.0 != spot.frame {
                return None;
            }
            if let Some((point, to)) = binary::as_point(bytes).zip(to) {
                return Some(plane::distance(point, to));
            }
            let place = binary::parse(bytes).ok()?;
            let to = parts.get_or_init(|| Parts::new(&shape));
            closest(&Parts::new(&place.shape), to, 0.0).map(|gap| gap.distance)
        };
        Ok((0..rows.len()).map(distance).collect())
    }
}

impl Part for SpatialCold {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        // What is damaged is reported by the search.
        let rows = match probe {
            Probe::Region(region) => self.estimate(region).unwrap_or_else(|_| self.segment.rows().into()),
            Probe::Nearest(_) => self.segment.rows().into(),
            _ => return None,
        };
        Some(Cost { rows, nanos: 2000.0 + 10.0 * rows })
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        match probe {
            Probe::Region(wanted) => region(&mut self.walker(false)?, wanted, within),
            Probe::Nearest(near) => {
                let walker = self.walker(true)?;
                Ok(Box::new(Nearby::new(walker, near, within, bound)))
            }
            _ => Err(Error::internal("a spatial index takes regions and places")),
        }
    }

    fn memory(&self) -> usize {
        let known = self.known.get().map_or(0, |known| {
            let levels: usize = known.levels.iter().map(|level| level.capacity() * size_of::<Area>()).sum();
            levels + known.footer.pages.capacity() * size_of::<PageAt>()
        });
        size_of::<SpatialCold>() + known
    }

    fn verify(&self, report: &mut dyn FnMut(Error)) {
        if let Err(error) = self.verify_all(report) {
            report(error);
        }
    }
}

impl SpatialCold {
    fn verify_all(&self, report: &mut dyn FnMut(Error)) -> Result<()> {
        let (footer, end) = (&self.known()?.footer, self.part.footer()?.1);
        let mut pages: Vec<(Locator, u32, u32)> = Vec::new();
        pages.extend(footer.pages.iter().map(|page| (page.at, PAGES, page.first)));
        pages.extend(footer.hollow.iter().enumerate().map(|(i, at)| (*at, HOLLOW, (i * HOLLOW_MAX) as u32)));
        self.part.verify(pages, end, &mut |_, _, _| Ok(()), report);
        let (mut seen, mut entries) = (RowSet::new(), 0u64);
        for at in &footer.pages {
            let body = self.read(at)?;
            let page = self.page(at, &body)?;
            for group in 0..page.groups() {
                let around = page.around(group);
                for entry in page.group(group) {
                    let area = page.entry(entry);
                    if around.with(&area) != around || at.area.with(&flat(area, footer.axes)) != at.area {
                        return Err(self
                            .part
                            .corrupt(at.at.offset, "a box lies outside of the one around it"));
                    }
                    seen.insert(page.row(entry));
                }
            }
            entries += page.entries() as u64;
        }
        for row in self.hollow()? {
            seen.insert(row);
            entries += 1;
        }
        if seen.len() != entries || seen.max().is_some_and(|max| max >= self.segment.rows()) {
            return Err(self.part.corrupt(0, "a part does not have each row of its segment once"));
        }
        Ok(())
    }
}

/// The box with an axis that is not kept as the footer has it.
fn flat(mut area: Area, axes: usize) -> Area {
    for axis in axes..3 {
        (area.low[axis], area.high[axis]) = (0.0, 0.0);
    }
    area
}
