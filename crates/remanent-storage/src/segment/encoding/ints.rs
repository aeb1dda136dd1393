//! Sections of carriers; see the [module](super) for their bytes.

use super::bins::{self, BINS, Bins};
use super::{Cursor, ENDS_MAX, Effort, Parse, SECTION_MAX, put_varint, unzigzag, zigzag};
use remanent_kernels::bitpack::{get, pack, packed_len, width_of};
use remanent_kernels::carrier::{
    Shape, above_line, differences, distances, fill, from_bytes, gather, line, shape, sum_packed,
    unpack_above_line, unpack_differences,
};
use std::ops::Range;

/// Persisted tags, do not renumber.
const CONSTANT: u8 = 1;
const PACKED: u8 = 2;
const DELTA: u8 = 3;
const RUNS: u8 = 4;
const BYTES: u8 = 5;
// 6 is a section of floats, 7 one of bins.
const SHORT: u8 = 8;

/// Values between two anchors of a delta section.
const ANCHOR: usize = 256;
/// Delta must be smaller than the best other encoding by one part in so many: it decodes slower.
const DELTA_GAIN: usize = 8;
/// As `DELTA_GAIN`, for bins; for small sections, which decode in no time, any gain will do.
const BINS_GAIN: usize = 8;
const SMALL_BYTES: usize = 512;
/// Fewer values than this take so little time that bins are tried whatever the effort.
const SMALL_VALUES: usize = 512;

/// How a run of carriers is best encoded, and how many bytes that takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Bytes of the section.
    pub size: usize,
    /// The shape of the values.
    pub shape: Shape,
    how: How,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    Constant,
    Short,
    /// The section, complete.
    Bins(Vec<u8>),
    Packed {
        base: i64,
        slope: i64,
        width: u32,
    },
    Delta {
        width: u32,
    },
    Runs,
    Bytes,
}

/// Bytes that an unsigned number up to `greatest` takes in runs and bytes sections.
fn byte_size(greatest: u64) -> usize {
    match greatest {
        0..0x100 => 1,
        0x100..0x1_0000 => 2,
        0x1_0000..0x1_0000_0000 => 4,
        _ => 8,
    }
}

/// The cheapest encoding of up to 1,024 carriers (at least one); of more, up to 4,096, those that decode alone.
pub fn plan(values: &[i64], effort: Effort) -> Plan {
    let (n, shape) = (values.len(), shape(values));
    if shape.min == shape.max {
        return constant(shape);
    }
    let best = simple_plan(values, shape);
    if effort == Effort::Alone || n > SECTION_MAX || effort == Effort::Fast && n >= SMALL_VALUES {
        return best;
    }
    let enough = match effort {
        // The search for a key would decode all values.
        Effort::Keyed => best.size / 2,
        _ if best.size < SMALL_BYTES => best.size,
        _ => best.size - best.size / BINS_GAIN,
    };
    let section = bins::section(values);
    match section.len() < enough {
        true => Plan { size: section.len(), shape, how: How::Bins(section) },
        false => best,
    }
}

fn constant(shape: Shape) -> Plan {
    match zigzag(shape.min).leading_zeros() > 8 {
        true => Plan { size: 1 + varint_len(zigzag(shape.min)), shape, how: How::Short },
        false => Plan { size: 9, shape, how: How::Constant },
    }
}

fn varint_len(value: u64) -> usize {
    (64 - value.leading_zeros() as usize).div_ceil(7).max(1)
}

/// The cheapest of the encodings that take no search.
fn simple_plan(values: &[i64], shape: Shape) -> Plan {
    let n = values.len();
    let range = shape.max.wrapping_sub(shape.min) as u64;
    let flat = width_of(range);
    let mut best = Plan {
        size: 18 + packed_len(n, flat),
        shape,
        how: How::Packed { base: shape.min, slope: 0, width: flat },
    };
    let mut consider = |size: usize, how: How| {
        if size < best.size {
            best = Plan { size, shape, how };
        }
    };
    let step = values[n - 1].checked_sub(values[0]).filter(|step| step.unsigned_abs() < 1 << 52);
    if let Some(step) = step.filter(|&step| step != 0) {
        let slope = (step << 10) / (n as i64 - 1);
        let (low, high) = above_line(values, values[0], slope);
        // Distances wrap around; a range that does so comes out as a great width and is not taken.
        let width = width_of(high.wrapping_sub(low) as u64);
        let base = values[0].wrapping_add(low);
        consider(18 + packed_len(n, width), How::Packed { base, slope, width });
    }
    consider(12 + shape.runs * (2 + byte_size(range)), How::Runs);
    consider(10 + n * byte_size(range), How::Bytes);
    let width = width_of(shape.step_max.wrapping_sub(shape.step_min) as u64);
    let size = 10 + n.div_ceil(ANCHOR) * 8 + packed_len(n, width);
    if size + best.size / DELTA_GAIN < best.size {
        best = Plan { size, shape, how: How::Delta { width } };
    }
    best
}

impl Plan {
    /// Appends the section. `values` are those the plan was made from.
    pub fn write(&self, values: &[i64], out: &mut Vec<u8>) {
        match &self.how {
            How::Bins(section) => out.extend_from_slice(section),
            How::Short => {
                out.push(SHORT);
                put_varint(zigzag(self.shape.min), out);
            }
            How::Constant => {
                out.push(CONSTANT);
                out.extend_from_slice(&self.shape.min.to_le_bytes());
            }
            &How::Packed { base, slope, width } => {
                out.extend_from_slice(&[PACKED, width as u8]);
                out.extend_from_slice(&base.to_le_bytes());
                out.extend_from_slice(&slope.to_le_bytes());
                pack(&distances(values, base, slope), width, out);
            }
            &How::Delta { width } => self.write_delta(values, width, out),
            How::Runs => self.write_runs(values, out),
            How::Bytes => {
                let size = self.byte_size();
                out.extend_from_slice(&[BYTES, size as u8]);
                out.extend_from_slice(&self.shape.min.to_le_bytes());
                values.iter().for_each(|v| self.put(*v, size, out));
            }
        }
    }

    fn byte_size(&self) -> usize {
        byte_size(self.shape.max.wrapping_sub(self.shape.min) as u64)
    }

    fn put(&self, value: i64, size: usize, out: &mut Vec<u8>) {
        out.extend_from_slice(&value.wrapping_sub(self.shape.min).to_le_bytes()[..size]);
    }

    fn write_delta(&self, values: &[i64], width: u32, out: &mut Vec<u8>) {
        let least = self.shape.step_min;
        out.extend_from_slice(&[DELTA, width as u8]);
        out.extend_from_slice(&least.to_le_bytes());
        values.iter().step_by(ANCHOR).for_each(|v| out.extend_from_slice(&v.to_le_bytes()));
        pack(&differences(values, least, ANCHOR), width, out);
    }

    fn write_runs(&self, values: &[i64], out: &mut Vec<u8>) {
        let size = self.byte_size();
        out.push(RUNS);
        out.extend_from_slice(&(self.shape.runs as u16).to_le_bytes());
        out.push(size as u8);
        out.extend_from_slice(&self.shape.min.to_le_bytes());
        let mut end = 0;
        for run in values.chunk_by(|a, b| a == b) {
            end += run.len();
            out.extend_from_slice(&(end as u16).to_le_bytes());
        }
        values.chunk_by(|a, b| a == b).for_each(|run| self.put(run[0], size, out));
    }
}

/// A parsed section of carriers.
#[derive(Debug, Clone, Copy)]
pub struct Ints<'a> {
    len: usize,
    base: i64,
    body: Body<'a>,
}

#[derive(Debug, Clone, Copy)]
enum Body<'a> {
    Constant,
    Packed { width: u32, slope: i64, packed: &'a [u8] },
    Delta { width: u32, anchors: &'a [u8], packed: &'a [u8] },
    Runs { ends: &'a [u8], size: usize, values: &'a [u8] },
    Bytes { size: usize, values: &'a [u8] },
    Bins(Bins<'a>),
}

/// Values as 8 bytes each.
pub(super) fn to_bytes(values: &[i64]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The little-endian number of 1, 2, 4 or 8 bytes at place `i`; parsing has checked that it is there.
#[inline]
fn number(bytes: &[u8], size: usize, i: usize) -> u64 {
    let at = |n: usize| &bytes[i * n..i * n + n];
    match size {
        1 => u64::from(bytes[i]),
        2 => u64::from(u16::from_le_bytes(at(2).try_into().unwrap_or_default())),
        4 => u64::from(u32::from_le_bytes(at(4).try_into().unwrap_or_default())),
        _ => u64::from_le_bytes(at(8).try_into().unwrap_or_default()),
    }
}

impl<'a> Ints<'a> {
    /// Takes a section of `len` values from the cursor.
    pub fn parse(cursor: &mut Cursor<'a>, len: usize) -> Parse<Self> {
        if len == 0 || len > ENDS_MAX || len > SECTION_MAX && cursor.rest.first() == Some(&BINS) {
            return Err("a section has an impossible number of values");
        }
        let width = |cursor: &mut Cursor<'a>| match cursor.u8()? {
            width @ 0..=64 => Ok(u32::from(width)),
            _ => Err("a section is packed with more than 64 bits"),
        };
        let size = |cursor: &mut Cursor<'a>| match cursor.u8()? {
            size @ (1 | 2 | 4 | 8) => Ok(usize::from(size)),
            _ => Err("a section has values of an unknown size"),
        };
        let (base, body) = match cursor.u8()? {
            CONSTANT => (cursor.i64()?, Body::Constant),
            SHORT => (unzigzag(cursor.varint()?), Body::Constant),
            BINS => {
                let (base, bins) = Bins::parse(cursor, len)?;
                (base, Body::Bins(bins))
            }
            PACKED => {
                let (width, base, slope) = (width(cursor)?, cursor.i64()?, cursor.i64()?);
                (base, Body::Packed { width, slope, packed: cursor.take(packed_len(len, width))? })
            }
            DELTA => {
                let (width, least) = (width(cursor)?, cursor.i64()?);
                let anchors = cursor.take(len.div_ceil(ANCHOR) * 8)?;
                (least, Body::Delta { width, anchors, packed: cursor.take(packed_len(len, width))? })
            }
            RUNS => {
                let (count, size, base) = (usize::from(cursor.u16()?), size(cursor)?, cursor.i64()?);
                let (ends, values) = (cursor.take(2 * count)?, cursor.take(size * count)?);
                let mut last = 0;
                for i in 0..count {
                    let end = number(ends, 2, i);
                    if end <= last {
                        return Err("the runs of a section do not follow one another");
                    }
                    last = end;
                }
                if last != len as u64 {
                    return Err("the runs of a section do not end with it");
                }
                (base, Body::Runs { ends, size, values })
            }
            BYTES => {
                let (size, base) = (size(cursor)?, cursor.i64()?);
                (base, Body::Bytes { size, values: cursor.take(size * len)? })
            }
            _ => return Err("a section has an unknown tag"),
        };
        Ok(Ints { len, base, body })
    }

    /// The one value of a constant section.
    pub fn constant(&self) -> Option<i64> {
        matches!(self.body, Body::Constant).then_some(self.base)
    }

    /// True if one value costs decoding all.
    pub fn is_compressed(&self) -> bool {
        matches!(self.body, Body::Bins(_))
    }

    /// All values as they are kept for [`of_decoded`](Ints::of_decoded), 8 bytes each.
    pub fn decoded(&self) -> Parse<Vec<u8>> {
        Ok(to_bytes(&self.all()?))
    }

    /// As [`decoded`](Ints::decoded), of the entries of a dictionary that these values are the codes of.
    pub fn decoded_by(&self, entries: &Ints<'_>) -> Parse<Vec<u8>> {
        let (codes, entries, mut values) = (self.all()?, entries.all()?, Vec::with_capacity(self.len));
        match gather(&entries, &codes, &mut values) {
            true => Ok(to_bytes(&values)),
            false => Err("a code lies outside its dictionary"),
        }
    }

    /// The `len` values that [`decoded`](Ints::decoded) returned, of which each decodes alone.
    pub fn of_decoded(len: usize, values: &'a [u8]) -> Parse<Self> {
        match values.len() == len * 8 {
            true => Ok(Ints { len, base: 0, body: Body::Bytes { size: 8, values } }),
            false => Err("decoded values belong to another section"),
        }
    }

    /// All values.
    pub fn all(&self) -> Parse<Vec<i64>> {
        let mut values = Vec::with_capacity(self.len);
        self.decode(&mut values).map(|()| values)
    }

    /// Value `i`; panics where `i` is not below the length.
    pub fn get(&self, i: usize) -> Parse<i64> {
        assert!(i < self.len);
        match self.body {
            Body::Bins(bins) => {
                let mut values = [0; SECTION_MAX];
                bins.decode(self.base, &mut values[..self.len])?;
                Ok(values[i])
            }
            _ => Ok(self.at(i)),
        }
    }

    /// Value `i` of a section whose values decode alone.
    fn at(&self, i: usize) -> i64 {
        match self.body {
            Body::Constant => self.base,
            Body::Packed { width, slope, packed } => {
                line(self.base, slope, i).wrapping_add(get(packed, width, i) as i64)
            }
            Body::Delta { width, anchors, packed } => {
                let (start, n) = (i / ANCHOR * ANCHOR, i % ANCHOR);
                // The difference at the anchor is 0.
                let sum = sum_packed(packed, width, start, n + 1);
                let above = sum.wrapping_add(self.base.wrapping_mul(n as i64));
                (number(anchors, 8, i / ANCHOR) as i64).wrapping_add(above)
            }
            Body::Runs { ends, size, values } => {
                self.base.wrapping_add(number(values, size, self.run(ends, i)) as i64)
            }
            Body::Bytes { size, values } => self.base.wrapping_add(number(values, size, i) as i64),
            // Decoded as a whole by those who call this.
            Body::Bins(_) => self.base,
        }
    }

    /// Which run value `i` is in: the first whose end is beyond `i`.
    fn run(&self, ends: &[u8], i: usize) -> usize {
        let (mut low, mut high) = (0, ends.len() / 2);
        while low < high {
            let middle = (low + high) / 2;
            if number(ends, 2, middle) as usize <= i {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The first values after anchor `block` of a delta section, that at the anchor included.
    fn block(&self, block: usize, out: &mut [i64]) {
        if let Body::Delta { width, anchors, packed } = self.body {
            let anchor = number(anchors, 8, block) as i64;
            unpack_differences(packed, width, block * ANCHOR, anchor, self.base, out);
        }
    }

    /// Appends all values.
    pub fn decode(&self, out: &mut Vec<i64>) -> Parse<()> {
        let start = out.len();
        match self.body {
            Body::Constant => fill(self.base, self.len, out),
            Body::Packed { width, slope, packed } => {
                fill(0, self.len, out);
                unpack_above_line(packed, width, self.base, slope, &mut out[start..]);
            }
            Body::Delta { .. } => {
                fill(0, self.len, out);
                for (i, block) in out[start..].chunks_mut(ANCHOR).enumerate() {
                    self.block(i, block);
                }
            }
            Body::Runs { ends, size, values } => {
                for i in 0..ends.len() / 2 {
                    let value = self.base.wrapping_add(number(values, size, i) as i64);
                    out.resize(start + number(ends, 2, i) as usize, value);
                }
            }
            Body::Bytes { size, values } => from_bytes(values, size, self.base, out),
            Body::Bins(bins) => {
                fill(0, self.len, out);
                bins.decode(self.base, &mut out[start..])?;
            }
        }
        Ok(())
    }

    /// The first of places `within`, whose values ascend, whose value is at least `value` (`after`: greater); the end
    /// of `within` where there is none.
    fn search(&self, within: Range<usize>, value: i64, after: bool) -> usize {
        assert!(within.end <= self.len);
        let before = |v: i64| v < value || after && v == value;
        let (mut low, mut high) = (within.start, within.end);
        while low < high {
            let middle = (low + high) / 2;
            match before(self.at(middle)) {
                true => low = middle + 1,
                false => high = middle,
            }
        }
        low
    }

    /// The places of `within`, whose values ascend, with that value; where there is none, an empty range at the first
    /// greater value.
    pub fn equal(&self, within: Range<usize>, value: i64) -> Parse<Range<usize>> {
        if let Body::Bins(bins) = self.body {
            let mut values = [0; SECTION_MAX];
            bins.decode(self.base, &mut values[..self.len])?;
            let low = first(within.clone(), |place| values[place] < value);
            return Ok(low..first(low..within.end, |place| values[place] == value));
        }
        Ok(self.equal_alone(within, value))
    }

    /// As [`equal`](Ints::equal), of a section whose values decode alone.
    fn equal_alone(&self, within: Range<usize>, value: i64) -> Range<usize> {
        if let Body::Delta { anchors, .. } = self.body {
            // Unpack the one block where the value begins, instead of a part of it at each step.
            let blocks = within.start.div_ceil(ANCHOR)..within.end.div_ceil(ANCHOR);
            let block = first(blocks, |block| (number(anchors, 8, block) as i64) < value).saturating_sub(1);
            let start = block * ANCHOR;
            let (mut values, end) = ([0; ANCHOR], self.len.min(start + ANCHOR));
            let values = &mut values[..end - start];
            self.block(block, values);
            let at = |place: usize| values[place - start];
            let inside = within.start.max(start)..within.end.min(end);
            let low = first(inside.clone(), |place| at(place) < value);
            let high = first(low..inside.end, |place| at(place) == value);
            return match high == end && high < within.end {
                true => low..self.search(high..within.end, value, true),
                false => low..high,
            };
        }
        let start = match (self.body, self.base) {
            // As they are kept for reads by key.
            (Body::Bytes { size: 8, values }, 0) => {
                let values = values.as_chunks::<8>().0;
                first(within.clone(), |i| values.get(i).is_some_and(|v| i64::from_le_bytes(*v) < value))
            }
            _ => self.search(within.clone(), value, false),
        };
        if start == within.end || self.at(start) != value {
            return start..start;
        }
        let next = start + 1;
        match next < within.end && self.at(next) == value {
            true => start..self.search(next..within.end, value, true),
            false => start..next,
        }
    }
}

/// The first of `places` of which `before` is false; `before` is true of those before it.
fn first(places: Range<usize>, mut before: impl FnMut(usize) -> bool) -> usize {
    let (mut low, mut high) = (places.start, places.end);
    while low < high {
        let middle = (low + high) / 2;
        match before(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}
