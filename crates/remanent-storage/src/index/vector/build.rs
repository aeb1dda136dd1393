//! Writing a vector part: centroids from a sample, rows into lists, lists into pages.
//!
//! Rows are read three times: for the sample, to find each row's list (and, on the way, the neighbours of some rows, from which
//! [`effort`](super::effort) is told), and to write the codes, list by list. What does not fit in memory at once is written in several
//! passes of the last kind.
//!
//! What is held follows [`PartWriter::memory`]: of less memory there are fewer rows in the sample, fewer that ask for their neighbours, and
//! more passes. Beyond it come the centroids and two bytes a row.

use super::cold::{
    CENTROIDS, Footer, LISTS, LONG, ListAt, OUTSIDE, VectorCold, block_len, long_a_page, long_len,
    rows_a_page,
};
use super::effort::{self, Apex, Found, Neighbours, QUERIES};
use super::metric::{Metric, dimensions, each_vector, set};
use crate::error::{Error, Result};
use crate::index::{IndexDef, PartWriter};
use crate::segment::ColdSegment;
use crate::segment::page::BODY_MAX;
use remanent_kernels::cluster::{Ascending, TOGETHER, all_products, half_squares, nearest, products, refine};
use remanent_kernels::distance::l1;
use remanent_kernels::nibbles::{self, code_len};
use remanent_kernels::quantized::{BLOCK, Rotation, encode};

/// Bytes of codes that are held while a part is written, where there is memory for them.
const CODES: usize = 32 << 20;
/// Bytes of the vectors that centroids are found from, likewise.
const SAMPLE: usize = 24 << 20;
/// The fewest bytes of either.
const LEAST: usize = 1 << 20;
/// The fewest rows that ask for their neighbours.
const QUERIES_MIN: usize = 64;
/// Vectors of the sample for each list, at most.
const SAMPLED: usize = 48;
/// Rounds of Lloyd's algorithm.
const ROUNDS: usize = 6;
/// No list.
const NONE: u16 = u16::MAX;

/// Writes the part of a segment. `like`: a part whose centroids are taken.
pub fn build(
    def: &IndexDef,
    segment: &ColdSegment,
    like: Option<&VectorCold>,
    out: &mut PartWriter<'_>,
) -> Result<()> {
    let ty = def.types.first().copied();
    let dim = ty.and_then(dimensions).ok_or_else(|| Error::internal("a vector index without dimensions"))?;
    let metric = Metric::of(def);
    let Centroids { mean, flat } = match like {
        Some(part) => part.centroids()?,
        None => train(def, segment, dim, out.memory().clamp(LEAST, SAMPLE))?,
    };
    let lists = flat.len() / dim;
    let half = half_squares(&flat, dim);
    let queries = (out.memory() / Neighbours::BYTES).clamp(QUERIES_MIN, QUERIES);
    let assigned = assign(def, segment, (dim, metric), &flat, &half, queries)?;
    let mut footer = Footer {
        rows: segment.rows(),
        dim: dim as u32,
        metric,
        efforts: assigned.efforts,
        stretches: assigned.stretches,
        lists: vec![ListAt::default(); lists],
        ..Footer::default()
    };
    // The mean goes before the centroids.
    let floats = mean.iter().chain(&flat).chain(&assigned.radii);
    let floats: Vec<u8> = floats.flat_map(|x| x.to_le_bytes()).collect();
    for (number, part) in floats.chunks(BODY_MAX / 4 * 4).enumerate() {
        footer.centroids.push(out.page(CENTROIDS, number as u32, &[part])?);
    }
    let codes = out.memory().clamp(LEAST, CODES);
    let writer = Writer { def, segment, dim, metric, mean: &mean, flat: &flat, assigned: &assigned, codes };
    writer.write(&mut footer, out)?;
    let bytes: Vec<u8> = assigned.outside.iter().flat_map(|row| row.to_le_bytes()).collect();
    for (number, part) in bytes.chunks(BODY_MAX / 4 * 4).enumerate() {
        footer.outside.push(out.page(OUTSIDE, number as u32, &[part])?);
    }
    footer.without = assigned.outside.len() as u32;
    out.footer(footer.encode());
    Ok(())
}

/// The mean of all vectors and the centroids of the lists.
pub struct Centroids {
    /// The mean.
    pub mean: Vec<f32>,
    /// The centroids, one after the other.
    pub flat: Vec<f32>,
}

/// How many lists so many rows have.
fn lists(def: &IndexDef, rows: u32) -> usize {
    let given = def.parameter("lists").and_then(|lists| lists.parse::<usize>().ok());
    let usual = (f64::from(rows).sqrt() * 1.6) as usize;
    given.unwrap_or(usual).clamp(1, 1024).min(rows.max(1) as usize)
}

fn train(def: &IndexDef, segment: &ColdSegment, dim: usize, bytes: usize) -> Result<Centroids> {
    let lists = lists(def, segment.rows());
    let most = (bytes / (4 * dim)).min(lists * SAMPLED).max(lists);
    let stride = (segment.rows() as usize / most.max(1)).max(1) as u32;
    let mut sample: Vec<f32> = Vec::new();
    each_vector(def, segment, &mut |ordinal, v| {
        if let Some(v) = v
            && sampled(ordinal, stride, 1)
            && sample.len() < most * dim
        {
            sample.extend_from_slice(v);
        }
        Ok(())
    })?;
    let n = sample.len() / dim;
    let mut mean = vec![0.0f64; dim];
    for v in sample.chunks_exact(dim) {
        mean.iter_mut().zip(v).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    let mean: Vec<f32> = mean.into_iter().map(|sum| (sum / n.max(1) as f64) as f32).collect();
    let lists = lists.min(n);
    let mut flat = Vec::with_capacity(lists * dim);
    for i in 0..lists {
        let at = i * n / lists;
        flat.extend_from_slice(sample.get(at * dim..(at + 1) * dim).unwrap_or_default());
    }
    if flat.is_empty() {
        flat = mean.clone();
    }
    refine(&sample, dim, &mut flat, if n > 0 { ROUNDS } else { 0 }, &mut || true);
    Ok(Centroids { mean, flat })
}

/// True for one row of each `stride`, which the part's number and a seed choose: rows that come in turns (a robot on its round, sensors one
/// after the other) would else all be of one kind.
fn sampled(ordinal: u32, stride: u32, seed: u64) -> bool {
    let part = u64::from(ordinal / stride);
    // The finalizer of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
    let mut x = (part + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(seed << 32);
    x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 31;
    u64::from(ordinal % stride) == x % u64::from(stride)
}

/// Where rows go.
struct Assigned {
    /// By ordinal; [`NONE`]: in no list.
    list: Vec<u16>,
    /// By list, the root of the mean squared distance of the rows from the centroid.
    radii: Vec<f32>,
    /// Rows of each list.
    counts: Vec<u32>,
    /// Rows without a vector.
    outside: Vec<u32>,
    efforts: effort::Efforts,
    stretches: effort::Stretches,
}

fn assign(
    def: &IndexDef,
    segment: &ColdSegment,
    (dim, metric): (usize, Metric),
    flat: &[f32],
    half: &[f32],
    most: usize,
) -> Result<Assigned> {
    let rows = segment.rows() as usize;
    let stride = (rows / most).max(1) as u32;
    let mut queries: Vec<f32> = Vec::new();
    let mut asked: Vec<u32> = Vec::new();
    each_vector(def, segment, &mut |ordinal, v| {
        if let Some(v) = v
            && sampled(ordinal, stride, 2)
            && asked.len() < most
        {
            asked.push(ordinal);
            queries.extend_from_slice(v);
        }
        Ok(())
    })?;
    let mut assigned = Assigned {
        list: vec![NONE; rows],
        radii: vec![0.0; half.len()],
        counts: vec![0; half.len()],
        outside: Vec::new(),
        efforts: effort::Efforts::default(),
        stretches: effort::Stretches::default(),
    };
    let mut placing = Placing {
        dim,
        metric,
        flat,
        half,
        of_queries: half_squares(&queries, dim),
        set: queries.chunks_exact(dim).map(|query| set_of(metric, query)).collect(),
        neighbours: asked.iter().map(|_| Neighbours::new()).collect(),
        euclidean: asked.iter().filter(|_| metric == Metric::L1).map(|_| Neighbours::new()).collect(),
        queries,
        asked,
        ordinals: Vec::new(),
        vectors: Vec::new(),
        to_lists: Vec::new(),
        to_queries: Vec::new(),
    };
    each_vector(def, segment, &mut |ordinal, v| {
        match v {
            Some(v) => placing.add(ordinal, v, &mut assigned),
            None => assigned.outside.push(ordinal),
        }
        Ok(())
    })?;
    placing.place(&mut assigned);
    let Placing { queries, neighbours, euclidean, .. } = placing;
    for (radius, &count) in assigned.radii.iter_mut().zip(&assigned.counts) {
        *radius = (*radius / count.max(1) as f32).sqrt();
    }
    let rows = |of: Vec<Neighbours>| of.into_iter().map(Neighbours::rows).collect::<Vec<_>>();
    let (neighbours, euclidean) = (rows(neighbours), rows(euclidean));
    if metric == Metric::L1 {
        let both = neighbours.iter().zip(&euclidean);
        assigned.stretches = effort::stretches(&both.map(|(a, b)| (&a[..], &b[..])).collect::<Vec<_>>());
    }
    let queries = queries.chunks_exact(dim).map(|query| places(metric, query, flat, half, &assigned.radii));
    let queries: Vec<_> = neighbours.iter().map(Vec::as_slice).zip(queries).collect();
    assigned.efforts = effort::efforts(&queries, half.len());
    Ok(assigned)
}

/// The place of each list in the order in which a query looks into them.
fn places(metric: Metric, query: &[f32], flat: &[f32], half: &[f32], radii: &[f32]) -> Vec<u32> {
    let mut found = Vec::new();
    products(query, flat, &mut found);
    let own = query.iter().map(|x| x * x).sum::<f32>();
    let near = |(product, (half, radius)): (&f32, (&f32, &f32))| {
        let apex = match metric {
            Metric::Inner => Apex::product(*product, own.sqrt()),
            _ => Apex::distance(own + 2.0 * (half - product)),
        };
        apex.nearness(*radius)
    };
    let mut order = Ascending::new(found.iter().zip(half.iter().zip(radii)).map(near), half.len());
    let mut places = vec![0; half.len()];
    for place in 0..half.len() {
        let slot = order.get(place).and_then(|list| places.get_mut(list as usize));
        slot.into_iter().for_each(|slot| *slot = place as u32);
    }
    places
}

/// Bits that are set, where that is what counts.
fn set_of(metric: Metric, v: &[f32]) -> f32 {
    if metric == Metric::Jaccard { set(v) } else { 0.0 }
}

/// Rows on the way to their lists, so many at a time.
struct Placing<'a> {
    dim: usize,
    metric: Metric,
    flat: &'a [f32],
    half: &'a [f32],
    /// The rows that ask for their neighbours, their vectors, half the squared lengths of these, the bits set in them.
    asked: Vec<u32>,
    queries: Vec<f32>,
    of_queries: Vec<f32>,
    set: Vec<f32>,
    neighbours: Vec<Neighbours>,
    /// Their Euclidean neighbours, where those are others.
    euclidean: Vec<Neighbours>,
    /// The rows that wait, and their vectors.
    ordinals: Vec<u32>,
    vectors: Vec<f32>,
    /// Products of the rows with all centroids, and with all queries.
    to_lists: Vec<f32>,
    to_queries: Vec<f32>,
}

impl Placing<'_> {
    fn add(&mut self, ordinal: u32, v: &[f32], assigned: &mut Assigned) {
        self.ordinals.push(ordinal);
        self.vectors.extend_from_slice(v);
        if self.ordinals.len() == TOGETHER {
            self.place(assigned);
        }
    }

    /// Finds the lists of the rows that wait, and offers these to the queries.
    fn place(&mut self, assigned: &mut Assigned) {
        all_products(&self.vectors, self.flat, self.dim, &mut self.to_lists);
        all_products(&self.vectors, &self.queries, self.dim, &mut self.to_queries);
        let lists = self.to_lists.chunks_exact(self.half.len().max(1));
        let vectors = self.vectors.chunks_exact(self.dim);
        for (row, ((&ordinal, v), products)) in self.ordinals.iter().zip(vectors).zip(lists).enumerate() {
            let list = nearest(products, self.half);
            let (own, own_set) = (v.iter().map(|x| x * x).sum::<f32>() / 2.0, set_of(self.metric, v));
            let of_list = |of: &[f32]| of.get(list).copied().unwrap_or_default();
            let squared = 2.0 * (own + of_list(self.half) - of_list(products));
            let place = assigned.list.get_mut(ordinal as usize);
            if let (Some(place), Some(radius), Some(count)) =
                (place, assigned.radii.get_mut(list), assigned.counts.get_mut(list))
            {
                *place = list as u16;
                *radius += squared.max(0.0);
                *count += 1;
            }
            let products = self.to_queries.iter().skip(row * self.asked.len());
            let bytes: Vec<u8> = match self.metric {
                Metric::L1 => v.iter().flat_map(|x| x.to_le_bytes()).collect(),
                _ => Vec::new(),
            };
            let queries = self.asked.iter().zip(&self.of_queries).zip(&self.set);
            for (q, ((neighbours, product), ((&asked, half), set))) in
                self.neighbours.iter_mut().zip(products).zip(queries).enumerate()
            {
                if asked == ordinal {
                    continue;
                }
                let squared = own + half - product;
                let distance = match self.metric {
                    Metric::Inner => -product,
                    Metric::L1 => {
                        let query = self.queries.get(q * self.dim..).and_then(|rest| rest.get(..self.dim));
                        l1(&bytes, query.unwrap_or_default())
                    }
                    Metric::Jaccard => {
                        let both = product * (own_set * set).sqrt();
                        -both / (own_set + set - both)
                    }
                    _ => squared,
                };
                let row = Found { distance, list: list as u32, squared };
                neighbours.offer(row);
                if let Some(euclidean) = self.euclidean.get_mut(q) {
                    euclidean.offer(Found { distance: squared, ..row });
                }
            }
        }
        self.ordinals.clear();
        self.vectors.clear();
    }
}

struct Writer<'a> {
    def: &'a IndexDef,
    segment: &'a ColdSegment,
    dim: usize,
    metric: Metric,
    mean: &'a [f32],
    flat: &'a [f32],
    assigned: &'a Assigned,
    /// Bytes of codes that may be held.
    codes: usize,
}

/// The rows of one list while they are collected.
#[derive(Default)]
struct Collected {
    blocks: Vec<u8>,
    long: Vec<u8>,
    rows: usize,
    /// The sum of the squared tangents.
    tangents: f64,
}

impl Writer<'_> {
    /// Writes all lists, as many at a time as fit in memory.
    fn write(&self, footer: &mut Footer, out: &mut PartWriter<'_>) -> Result<()> {
        let block = block_len(self.dim);
        let counts = &self.assigned.counts;
        let long = long_len(self.dim);
        let mut first = 0;
        while first < counts.len() {
            let mut bytes = 0;
            let fit = |count: &&u32| {
                let rows = **count as usize;
                bytes += rows.div_ceil(BLOCK) * block + rows * long;
                bytes <= self.codes
            };
            let taken = counts.iter().skip(first).take_while(fit).count().max(1);
            let collected = self.collect(first, taken)?;
            for (list, collected) in (first..).zip(collected) {
                let at = ListAt {
                    rows: collected.rows as u32,
                    page: footer.pages.len() as u32,
                    long: footer.long.len() as u32,
                    tangent: (collected.tangents / collected.rows.max(1) as f64).sqrt() as f32,
                };
                let pages = [
                    (&collected.blocks, rows_a_page(self.dim) / BLOCK * block, LISTS, &mut footer.pages),
                    (&collected.long, long_a_page(self.dim) * long, LONG, &mut footer.long),
                ];
                for (bytes, a_page, stream, pages) in pages {
                    for body in bytes.chunks(a_page) {
                        pages.push(out.page(stream, pages.len() as u32, &[body])?);
                    }
                }
                if let Some(place) = footer.lists.get_mut(list) {
                    *place = at;
                }
            }
            first += taken;
        }
        Ok(())
    }

    fn collect(&self, first: usize, lists: usize) -> Result<Vec<Collected>> {
        let Writer { dim, metric, .. } = *self;
        let rotation = Rotation::new(dim);
        let block = block_len(dim);
        let mut collected: Vec<Collected> = (0..lists).map(|_| Collected::default()).collect();
        let mut residual = vec![0.0f32; dim];
        each_vector(self.def, self.segment, &mut |ordinal, v| {
            let list = self.assigned.list.get(ordinal as usize).copied().unwrap_or(NONE);
            let place = usize::from(list).checked_sub(first).and_then(|i| collected.get_mut(i));
            let (Some(v), Some(to)) = (v, place.filter(|_| list != NONE)) else { return Ok(()) };
            let centroid =
                self.flat.get(usize::from(list) * dim..(usize::from(list) + 1) * dim).unwrap_or_default();
            let (mut squares, mut towards) = (0.0f32, 0.0f32);
            for (((r, x), c), mean) in residual.iter_mut().zip(v).zip(centroid).zip(self.mean) {
                *r = x - c;
                squares += *r * *r;
                // What the estimate leaves out: see `search`.
                towards += *r * if metric == Metric::Inner { *mean } else { c - mean };
            }
            rotation.apply(&mut residual);
            let i = to.rows % BLOCK;
            if i == 0 {
                to.blocks.resize(to.blocks.len() + block, 0);
                let start = to.blocks.len() - 4 * BLOCK;
                to.blocks.get_mut(start..).unwrap_or_default().fill(0xff);
            }
            let start = to.blocks.len() - block;
            let Some(bytes) = to.blocks.get_mut(start..) else { return Ok(()) };
            let codes = block - 12 * BLOCK;
            let factor = encode(&residual, bytes.get_mut(..codes).unwrap_or_default(), i);
            let begins = to.long.len();
            to.long.resize(begins + code_len(dim), 0);
            let (long, tangent) = nibbles::encode(&residual, to.long.get_mut(begins..).unwrap_or_default());
            to.long.extend_from_slice(&long.to_le_bytes());
            let constant = if metric == Metric::Inner { -towards } else { squares + 2.0 * towards };
            for (column, number) in [constant.to_bits(), factor.to_bits(), ordinal].into_iter().enumerate() {
                let at = codes + (column * BLOCK + i) * 4;
                if let Some(place) = bytes.get_mut(at..at + 4) {
                    place.copy_from_slice(&number.to_le_bytes());
                }
            }
            to.rows += 1;
            to.tangents += f64::from(tangent);
            Ok(())
        })?;
        Ok(collected)
    }
}
