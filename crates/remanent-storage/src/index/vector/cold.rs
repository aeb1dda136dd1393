//! A vector index of a cold segment on disk.
//!
//! | stream | pages |
//! |---|---|
//! | 0 | the mean of all vectors, the centroids, per list how far its rows are from its centroid: floats |
//! | 1 | lists, each from a page of its own on: blocks of 32 rows |
//! | 2 | ordinals of rows without a vector |
//! | 3 | long codes of the rows of each list, in its order, each list from a page of its own on |
//!
//! | size in a block, of dim dimensions | what |
//! |---|---|
//! | 16 · groups | codes ([`quantized`](remanent_kernels::quantized)) |
//! | 4 · 32 | per row: what its distance has that does not depend on the query |
//! | 4 · 32 | per row: the factor of the estimate |
//! | 4 · 32 | per row: its ordinal; `ffffffff` behind the last |
//!
//! | size in a long code | what |
//! |---|---|
//! | `code_len` | the code ([`nibbles`](remanent_kernels::nibbles)) |
//! | 4 | the factor of its estimate |
//!
//! | size | footer |
//! |---|---|
//! | 1 | 7: a part of kind vector; 6 was one without the last numbers in stream 0, 5 one without long codes; do not renumber |
//! | 1 | metric; 5: L1 (3 was one without stretches); do not renumber |
//! | 4 | rows of the segment |
//! | 4 | dimensions |
//! | 4 | rows without a vector |
//! | 2 · 21 | efforts |
//! | 4 · 7 | under L1: stretches |
//! | 4 | number of lists; per list: rows (4), first page of stream 1 (4), of stream 3 (4), tangent (4): see `ListAt` |
//! | | four times, streams 0, 1, 2, 3: number of pages (4), locators (16 each) |

use super::build::Centroids;
use super::effort::{Apex, Efforts, RECALLS, Stretches};
use super::metric::{Metric, each_vector};
use super::search;
use crate::error::{Error, Result};
use crate::index::{Cost, Hits, IndexDef, Part, PartReader, Probe, ProbeStats, ScoreBound};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::{BODY_MAX, Locator, PAGE_HEADER};
use crate::segment::{ColdSegment, RowSet};
use crate::value::Buffer;
use remanent_kernels::cluster::{Ascending, half_squares, products};
use remanent_kernels::nibbles::code_len;
use remanent_kernels::quantized::{BLOCK, Rotation, block_bytes};
use remanent_kernels::short::Short;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// Streams of the part. Persisted, do not renumber.
pub const CENTROIDS: u32 = 0;
/// See [`CENTROIDS`].
pub const LISTS: u32 = 1;
/// See [`CENTROIDS`].
pub const OUTSIDE: u32 = 2;
/// See [`CENTROIDS`].
pub const LONG: u32 = 3;

/// The part's kind in its footer. Persisted, do not renumber.
const KIND: u8 = 7;
/// The kind of parts without radii: their efforts are for lists in the order of the centroids' distances.
const WITHOUT_RADII: u8 = 6;
/// The kind of parts without long codes.
const WITHOUT_LONG: u8 = 5;

/// The metric of a part with stretches. Persisted, do not renumber.
const L1_STRETCHED: u8 = 5;

/// Bytes of a block.
pub fn block_len(dim: usize) -> usize {
    block_bytes(dim) + 12 * BLOCK
}

/// Rows in a page of a list.
pub fn rows_a_page(dim: usize) -> usize {
    (BODY_MAX / block_len(dim)).max(1) * BLOCK
}

/// Bytes of a row's long code and its factor.
pub fn long_len(dim: usize) -> usize {
    code_len(dim) + 4
}

/// Long codes in a page.
pub fn long_a_page(dim: usize) -> usize {
    (BODY_MAX / long_len(dim)).max(1)
}

/// The bytes of a long code of a page and its factor; none where there is no such.
pub fn long_record(page: &[u8], dim: usize, place: usize) -> &[u8] {
    let len = long_len(dim);
    let at = PAGE_HEADER + place * len;
    page.get(at..at + len).unwrap_or_default()
}

/// A list.
#[derive(Debug, Clone, Copy, Default)]
pub struct ListAt {
    /// How many rows.
    pub rows: u32,
    /// Its first page.
    pub page: u32,
    /// The first page of their long codes.
    pub long: u32,
    /// The root of the mean squared tangent of the angle between a row's long code and the row.
    pub tangent: f32,
}

/// What is beside the codes of a row in a block.
pub struct RowIn {
    /// What its distance has that does not depend on the query.
    pub constant: f32,
    /// The factor of the estimate.
    pub factor: f32,
    /// Its ordinal.
    pub ordinal: u32,
}

impl RowIn {
    /// Of a row in a block.
    pub fn read(block: &[u8], row: usize) -> Option<RowIn> {
        let (_, numbers) = block.split_at_checked(block.len().checked_sub(12 * BLOCK)?)?;
        let numbers = numbers.as_chunks::<4>().0;
        let at = |column: usize| numbers.get(column * BLOCK + row).map(|bytes| u32::from_le_bytes(*bytes));
        let (constant, factor) = (f32::from_bits(at(0)?), f32::from_bits(at(1)?));
        Some(RowIn { constant, factor, ordinal: at(2)? })
    }
}

/// What a part says of itself.
pub struct Footer {
    pub rows: u32,
    pub dim: u32,
    pub metric: Metric,
    pub without: u32,
    pub efforts: Efforts,
    /// It is known how far the rows of each list are from its centroid.
    pub has_radii: bool,
    /// Infinite where they were not measured.
    pub stretches: Stretches,
    pub lists: Vec<ListAt>,
    pub centroids: Vec<Locator>,
    pub pages: Vec<Locator>,
    pub outside: Vec<Locator>,
    pub long: Vec<Locator>,
}

impl Default for Footer {
    fn default() -> Self {
        Footer {
            rows: 0,
            dim: 0,
            metric: Metric::L2,
            without: 0,
            efforts: Efforts::default(),
            has_radii: true,
            stretches: [f32::INFINITY; RECALLS.len()],
            lists: Vec::new(),
            centroids: Vec::new(),
            pages: Vec::new(),
            outside: Vec::new(),
            long: Vec::new(),
        }
    }
}

impl Footer {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![KIND, if self.metric == Metric::L1 { L1_STRETCHED } else { self.metric as u8 }];
        let mut put = |number: u32| out.extend_from_slice(&number.to_le_bytes());
        put(self.rows);
        put(self.dim);
        put(self.without);
        self.efforts.iter().flatten().for_each(|effort| out.extend_from_slice(&effort.to_le_bytes()));
        if self.metric == Metric::L1 {
            self.stretches.iter().for_each(|stretch| out.extend_from_slice(&stretch.to_le_bytes()));
        }
        out.extend_from_slice(&(self.lists.len() as u32).to_le_bytes());
        for list in &self.lists {
            let numbers = [list.rows, list.page, list.long, list.tangent.to_bits()];
            numbers.iter().for_each(|number| out.extend_from_slice(&number.to_le_bytes()));
        }
        for pages in [&self.centroids, &self.pages, &self.outside, &self.long] {
            out.extend_from_slice(&(pages.len() as u32).to_le_bytes());
            pages.iter().for_each(|at| at.encode(&mut out));
        }
        out
    }

    fn decode(bytes: &[u8], end: u64) -> Parse<Self> {
        let mut r = Cursor { rest: bytes };
        let kind = r.u8()?;
        match kind {
            KIND | WITHOUT_RADII => {}
            WITHOUT_LONG => return Err("the index was made by an earlier version: REINDEX it"),
            _ => return Err("the part is of another kind"),
        }
        let metric = r.u8()?;
        let stretched = metric == L1_STRETCHED;
        let metric = match metric {
            0 => Metric::L2,
            1 => Metric::Inner,
            2 => Metric::Cosine,
            3 | L1_STRETCHED => Metric::L1,
            4 => Metric::Jaccard,
            _ => return Err("an unknown metric"),
        };
        let mut footer = Footer {
            metric,
            has_radii: kind == KIND,
            rows: r.u32()?,
            dim: r.u32()?,
            without: r.u32()?,
            ..Footer::default()
        };
        for effort in footer.efforts.iter_mut().flatten() {
            *effort = r.u16()?;
        }
        for stretch in footer.stretches.iter_mut().filter(|_| stretched) {
            *stretch = f32::from_bits(r.u32()?);
        }
        for _ in 0..r.u32()? {
            let (rows, page, long, tangent) = (r.u32()?, r.u32()?, r.u32()?, f32::from_bits(r.u32()?));
            footer.lists.push(ListAt { rows, page, long, tangent });
        }
        for pages in [&mut footer.centroids, &mut footer.pages, &mut footer.outside, &mut footer.long] {
            for _ in 0..r.u32()? {
                let at = r.take(Locator::SIZE)?.first_chunk().map(Locator::decode);
                let inside = |at: &Locator| at.offset.checked_add(at.len.into()).is_some_and(|to| to <= end);
                pages.push(at.filter(inside).ok_or("a page lies outside of the file")?);
            }
        }
        let dim = footer.dim as usize;
        let fit = |first: u32, rows: u32, a_page: usize, pages: &[Locator]| {
            u64::from(first) + u64::from(rows.div_ceil(a_page as u32)) <= pages.len() as u64
        };
        let fits = |list: &ListAt| {
            fit(list.page, list.rows, rows_a_page(dim), &footer.pages)
                && fit(list.long, list.rows, long_a_page(dim), &footer.long)
        };
        let rows: u64 = footer.lists.iter().map(|list| u64::from(list.rows)).sum();
        match r.rest.is_empty() && footer.dim > 0 && footer.lists.iter().all(fits) {
            true if rows + u64::from(footer.without) <= u64::from(footer.rows) => Ok(footer),
            true => Err("a part has more rows than its segment"),
            false => Err("the footer does not end where it should"),
        }
    }
}

/// What a search needs in memory.
pub struct Loaded {
    /// What the part says of itself.
    pub footer: Footer,
    /// The mean of all vectors.
    pub mean: Vec<f32>,
    /// The centroids, less the mean.
    centroids: Short,
    /// Half their squared lengths.
    half: Vec<f32>,
    /// For inner products: theirs with the mean.
    with_mean: Vec<f32>,
    /// By list, how far its rows are from its centroid; 0 where that is not known.
    radii: Vec<f32>,
    /// How vectors are rotated before they become bits.
    pub rotation: Rotation,
}

impl Loaded {
    fn new(footer: Footer, mean: Vec<f32>, mut flat: Vec<f32>, radii: Vec<f32>) -> Self {
        let dim = mean.len();
        flat.chunks_exact_mut(dim).for_each(|c| c.iter_mut().zip(&mean).for_each(|(c, mean)| *c -= mean));
        let (centroids, half) = (Short::new(&flat, dim), half_squares(&flat, dim));
        let mut with_mean = Vec::new();
        if footer.metric == Metric::Inner {
            products(&mean, &flat, &mut with_mean);
        }
        let rotation = Rotation::new(dim);
        Loaded { footer, mean, centroids, half, with_mean, radii, rotation }
    }

    /// The dimensions.
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// What a query has to say to the rows of each list. `turned`: the query, less the mean.
    pub fn apexes(&self, metric: Metric, query: &[f32], turned: &[f32]) -> Vec<Apex> {
        let mut found = Vec::new();
        self.centroids.products(turned, &mut found);
        let squares = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>();
        if metric == Metric::Inner {
            let with_mean = query.iter().zip(&self.mean).map(|(q, mean)| q * mean).sum::<f32>();
            let length = squares(query).sqrt();
            let product = |(found, own): (&f32, &f32)| Apex::product(found + with_mean + own, length);
            return found.iter().zip(&self.with_mean).map(product).collect();
        }
        let own = squares(turned);
        let distance = |(found, half): (&f32, &f32)| Apex::distance(own + 2.0 * (half - found));
        found.iter().zip(&self.half).map(distance).collect()
    }

    /// The lists in the order in which a search looks into them, likely so many.
    pub fn order(&self, apexes: &[Apex], likely: usize) -> Ascending {
        Ascending::new(apexes.iter().zip(&self.radii).map(|(apex, &r)| apex.nearness(r)), likely)
    }
}

/// A vector index of a cold segment.
pub struct VectorCold {
    pub(super) part: PartReader,
    pub(super) segment: Arc<ColdSegment>,
    pub(super) column: usize,
    loaded: OnceLock<Loaded>,
}

impl VectorCold {
    /// Opens a part of a segment; no I/O.
    pub fn open(def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Self {
        let column = def.columns.first().copied().unwrap_or_default();
        VectorCold { part, segment, column, loaded: OnceLock::new() }
    }

    /// Rows of the segment.
    pub fn rows(&self) -> u32 {
        self.segment.rows()
    }

    /// The centroids, for a merge.
    pub fn centroids(&self) -> Result<Centroids> {
        let loaded = self.loaded()?;
        let mut flat = self.floats(&loaded.footer)?.split_off(loaded.dim());
        flat.truncate(loaded.dim() * loaded.footer.lists.len());
        Ok(Centroids { mean: loaded.mean.clone(), flat })
    }

    /// Footer and centroids, read at the first touch; of two threads that meet, one reads in vain.
    pub(super) fn loaded(&self) -> Result<&Loaded> {
        if let Some(loaded) = self.loaded.get() {
            return Ok(loaded);
        }
        let (bytes, offset) = self.part.footer()?;
        let footer = Footer::decode(&bytes, offset).map_err(|what| self.part.corrupt(offset, what))?;
        if footer.rows != self.segment.rows() {
            return Err(self.part.corrupt(offset, "the part belongs to another segment"));
        }
        let mut mean = self.floats(&footer)?;
        let (dim, lists) = (footer.dim as usize, footer.lists.len());
        if mean.len() != dim * (lists + 1) + if footer.has_radii { lists } else { 0 } {
            return Err(self.part.corrupt(offset, "there are not as many centroids as lists"));
        }
        let mut flat = mean.split_off(dim);
        let mut radii = flat.split_off(dim * lists);
        radii.resize(lists, 0.0);
        let _ = self.loaded.set(Loaded::new(footer, mean, flat, radii));
        self.loaded.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))
    }

    /// The floats of the first stream.
    fn floats(&self, footer: &Footer) -> Result<Vec<f32>> {
        let mut floats = Vec::new();
        for (number, &at) in footer.centroids.iter().enumerate() {
            let page = self.part.page(at, CENTROIDS, number as u32)?;
            let body = page.get(PAGE_HEADER..).unwrap_or_default();
            floats.extend(body.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)));
        }
        Ok(floats)
    }

    /// A page of lists.
    pub(super) fn page_of_lists(&self, footer: &Footer, number: u32) -> Result<Buffer<u8>> {
        self.page(&footer.pages, LISTS, number)
    }

    /// A page of long codes.
    pub(super) fn long_page(&self, footer: &Footer, number: u32) -> Result<Buffer<u8>> {
        self.page(&footer.long, LONG, number)
    }

    /// The body of a page of a stream.
    fn page(&self, pages: &[Locator], stream: u32, number: u32) -> Result<Buffer<u8>> {
        match pages.get(number as usize) {
            Some(&at) => self.part.page(at, stream, number),
            None => Err(self.part.corrupt(0, "a list has no such page")),
        }
    }

    /// Calls `each` with the blocks of a list.
    fn each_block(
        &self,
        footer: &Footer,
        list: ListAt,
        each: &mut dyn FnMut(&[u8]) -> Result<()>,
    ) -> Result<()> {
        let dim = footer.dim as usize;
        let pages = list.rows.div_ceil(rows_a_page(dim) as u32);
        for number in list.page..list.page + pages {
            let page = self.page(&footer.pages, LISTS, number)?;
            let mut blocks = page.get(PAGE_HEADER..).unwrap_or_default().chunks_exact(block_len(dim));
            blocks.try_for_each(&mut *each)?;
        }
        Ok(())
    }

    /// A long code of a page and its factor.
    pub(super) fn long<'b>(&self, page: &'b Buffer<u8>, dim: usize, place: usize) -> Result<(&'b [u8], f32)> {
        match long_record(page, dim, place).split_last_chunk() {
            Some((code, factor)) => Ok((code, f32::from_le_bytes(*factor))),
            None => Err(self.part.corrupt(0, "a list has no such long code")),
        }
    }

    /// The rows without a vector, ascending.
    pub(super) fn outside(&self, footer: &Footer) -> Result<Vec<u32>> {
        let mut rows = Vec::new();
        for (number, &at) in footer.outside.iter().enumerate() {
            let page = self.part.page(at, OUTSIDE, number as u32)?;
            let body = page.get(PAGE_HEADER..).unwrap_or_default();
            rows.extend(body.as_chunks::<4>().0.iter().map(|bytes| u32::from_le_bytes(*bytes)));
        }
        Ok(rows)
    }

    /// The ordinals in a block.
    pub(super) fn ordinals(block: &[u8]) -> impl Iterator<Item = u32> + '_ {
        let at = block.len().saturating_sub(4 * BLOCK);
        let numbers = block.get(at..).unwrap_or_default().as_chunks::<4>().0.iter();
        numbers.map(|bytes| u32::from_le_bytes(*bytes)).take_while(|row| *row != u32::MAX)
    }
}

impl Part for VectorCold {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        let Probe::NearVector(nearest) = probe else { return None };
        // What is damaged is reported by the search.
        let fits = self.loaded().map_or(true, |loaded| loaded.footer.dim as usize == nearest.to.len());
        let rows = nearest.count as f64;
        (fits && nearest.recall < 1.0).then_some(Cost { rows, nanos: 50_000.0 })
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        let Probe::NearVector(nearest) = probe else {
            return Err(Error::internal("a vector index takes vectors"));
        };
        search::search(self, nearest, within, bound)
    }

    fn memory(&self) -> usize {
        let of = |loaded: &Loaded| {
            let Footer { lists, centroids, pages, outside, long, .. } = &loaded.footer;
            let locators = (centroids.len() + pages.len() + outside.len() + long.len()) * Locator::SIZE;
            let floats = loaded.half.len() + loaded.with_mean.len() + loaded.radii.len();
            loaded.centroids.memory()
                + (floats + 5 * loaded.mean.len()) * 4
                + lists.len() * size_of::<ListAt>()
                + locators
        };
        size_of::<VectorCold>() + self.loaded.get().map_or(0, of)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn verify(&self, report: &mut dyn FnMut(Error)) {
        let checked = self.loaded().and_then(|loaded| {
            let footer = &loaded.footer;
            let streams = [
                (&footer.centroids, CENTROIDS),
                (&footer.pages, LISTS),
                (&footer.outside, OUTSIDE),
                (&footer.long, LONG),
            ];
            let of = |(pages, stream): (&Vec<Locator>, u32)| {
                let pages = pages.iter().zip(0..);
                pages.map(|(&at, number)| (at, stream, number)).collect::<Vec<_>>()
            };
            let pages = streams.into_iter().flat_map(of).collect();
            self.part.verify(pages, self.part.footer()?.1, &mut |_, _, _| Ok(()), report);
            Ok(())
        });
        if let Err(error) = checked {
            report(error);
        }
    }

    fn agrees(&self, def: &IndexDef) -> Result<bool> {
        let footer = &self.loaded()?.footer;
        // 0: in no list, else the list's number and 1; the row without a vector: u32::MAX.
        let mut held = vec![0u32; footer.rows as usize];
        let mut twice = false;
        let mut put = |row: u32, list: u32| match held.get_mut(row as usize) {
            Some(place) if *place == 0 => *place = list,
            _ => twice = true,
        };
        for (number, &list) in (1..).zip(&footer.lists) {
            let mut rows = 0;
            self.each_block(footer, list, &mut |block| {
                for row in VectorCold::ordinals(block) {
                    put(row, number);
                    rows += 1;
                }
                Ok(())
            })?;
            if rows != list.rows {
                return Ok(false);
            }
        }
        self.outside(footer)?.into_iter().for_each(|row| put(row, u32::MAX));
        if twice {
            return Ok(false);
        }
        let (mut agrees, mut rows) = (true, 0u64);
        each_vector(def, &self.segment, &mut |ordinal, v| {
            let place = held.get(ordinal as usize).copied().unwrap_or(0);
            agrees &= place != 0 && (place == u32::MAX) == v.is_none();
            rows += 1;
            Ok(())
        })?;
        Ok(agrees && rows == held.iter().filter(|place| **place != 0).count() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_without_radii_are_still_read() {
        let footer = Footer { rows: 40, dim: 20, lists: vec![ListAt::default(); 3], ..Footer::default() };
        let mut bytes = footer.encode();
        assert!(Footer::decode(&bytes, 0).is_ok_and(|footer| footer.has_radii && footer.lists.len() == 3));
        bytes[0] = WITHOUT_RADII;
        let old = Footer::decode(&bytes, 0).unwrap();
        assert!(!old.has_radii && old.rows == 40 && old.lists.len() == 3);
        // Their efforts are for lists in the order of the distances of their centroids.
        let centroids = [[2.0f32; 20], [0.0; 20], [1.0; 20]].concat();
        let loaded = Loaded::new(old, vec![0.5; 20], centroids, vec![0.0; 3]);
        let apexes = loaded.apexes(Metric::L2, &[0.1; 20], &[-0.4; 20]);
        let mut order = loaded.order(&apexes, 3);
        assert_eq!([0, 1, 2, 3].map(|place| order.get(place)), [Some(1), Some(2), Some(0), None]);
        assert!((apexes[2].base - 20.0 * 0.81).abs() < 1e-2);
        bytes[0] = WITHOUT_LONG;
        assert!(Footer::decode(&bytes, 0).is_err());
    }
}
