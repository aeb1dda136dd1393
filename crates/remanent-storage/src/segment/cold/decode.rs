//! From chunks to columns: whole vectors, chosen rows, single values.

use super::pending::{NAN_CARRIER, bytes_value, carrier_value, i128_of, interval_of, wide_value, widen};
use crate::segment::encoding::Parse;
use crate::segment::encoding::bytes::Bytes;
use crate::segment::encoding::ints::Ints;
use crate::segment::format::{Chunk, Dictionary, Section, VECTOR_ROWS};
use crate::value::blob::REFERENCE;
use crate::value::column::view_of;
use crate::value::{
    Bitmap, Buffer, Column, ColumnBuilder, ColumnData, Numeric, Physical, Type, Value, Views,
};
use remanent_kernels::carrier::{codes_of, gather, has, to_bits, to_f32, to_f64, to_i16, to_i32};
use remanent_kernels::text::{any_of_length, views};
use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    /// Room for the numbers of one vector that are not what comes out, codes and carriers: threads that read side by side would meet in
    /// the allocator.
    static ROOM: [Cell<Vec<i64>>; 2] = const { [Cell::new(Vec::new()), Cell::new(Vec::new())] };
}

/// Runs `read` on the codes of a vector.
fn with_places<T>(codes: &Ints<'_>, read: impl FnOnce(&[i64]) -> Parse<T>) -> Parse<T> {
    let mut places = ROOM.with(|room| room[0].take());
    places.clear();
    let done = codes.decode(&mut places).and_then(|()| read(&places));
    ROOM.with(|room| room[0].set(places));
    done
}

/// Collects rows of one column, from any number of chunks.
pub(super) struct Decoder {
    ty: Type,
    rows: usize,
    /// Words of validity; empty while no row is NULL.
    valid: Vec<u64>,
    carriers: Vec<i64>,
    floats: Vec<f64>,
    reals: Vec<f32>,
    wide: Vec<i128>,
    /// The numerics that 16 bytes do not hold, by their place in `wide`, which has 0 there.
    big: Vec<(usize, Numeric)>,
    views: Vec<u128>,
    buffers: Vec<Buffer<u8>>,
}

/// What is wrong with a string layout where carriers are expected, or the other way round.
const MISFIT: &str = "a vector holds values of another layout";

/// What is wrong with a code that means nothing.
const OUTSIDE: &str = "a code lies outside its dictionary";

impl Decoder {
    pub(super) fn new(ty: Type) -> Self {
        let narrow = matches!(ty.physical(), Physical::I16 | Physical::I32);
        let mut carriers = if narrow { ROOM.with(|room| room[1].take()) } else { Vec::new() };
        carriers.clear();
        Decoder {
            ty,
            rows: 0,
            valid: Vec::new(),
            carriers,
            floats: Vec::new(),
            reals: Vec::new(),
            wide: Vec::new(),
            big: Vec::new(),
            views: Vec::new(),
            buffers: Vec::new(),
        }
    }

    /// Marks the next `n` rows, all valid or all NULL.
    fn mark(&mut self, n: usize, valid: bool) {
        if valid && self.valid.is_empty() {
            self.rows += n;
            return;
        }
        self.explicit(n);
        if valid {
            (self.rows..self.rows + n).for_each(|i| self.valid[i / 64] |= 1 << (i % 64));
        }
        self.rows += n;
    }

    /// Makes room for `n` more bits; rows so far that had none are valid.
    fn explicit(&mut self, n: usize) {
        if self.valid.is_empty() {
            self.valid = vec![u64::MAX; self.rows / 64];
            if !self.rows.is_multiple_of(64) {
                self.valid.push((1 << (self.rows % 64)) - 1);
            }
        }
        self.valid.resize((self.rows + n).div_ceil(64), 0);
    }

    /// Adds all rows of a chunk of `page`.
    pub(super) fn chunk(&mut self, chunk: &Chunk<'_>, page: &Buffer<u8>) -> Parse<()> {
        let n = chunk.rows;
        let Some(values) = &chunk.values else {
            self.zeros(n);
            self.mark(n, false);
            return Ok(());
        };
        match (values, &chunk.dictionary) {
            (Section::Ints(codes), Some(dictionary)) => {
                with_places(codes, |places| self.coded(places, dictionary, page))?;
            }
            (Section::Ints(ints), None) => match self.ty.physical() {
                Physical::Bytes | Physical::F32 | Physical::F64 => return Err(MISFIT),
                Physical::I128 | Physical::Interval => {
                    let mut carriers = Vec::with_capacity(n);
                    ints.decode(&mut carriers)?;
                    self.wide.extend(carriers.into_iter().map(|c| widen(self.ty, c)));
                }
                _ => ints.decode(&mut self.carriers)?,
            },
            (Section::Floats(floats), _) => match self.ty.physical() {
                Physical::F64 => floats.decode_f64(&mut self.floats)?,
                Physical::F32 => floats.decode_f32(&mut self.reals)?,
                _ => return Err(MISFIT),
            },
            (Section::Bytes(bytes), _) => self.strings(bytes, page)?,
        }
        match chunk.validity {
            None => self.mark(n, true),
            Some(bits) => {
                self.explicit(n);
                let words =
                    bits.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
                for (i, word) in words.enumerate() {
                    let left = n - i * 64;
                    let word = if left < 64 { word & ((1 << left) - 1) } else { word };
                    let (at, shift) = ((self.rows + i * 64) / 64, self.rows % 64);
                    self.valid[at] |= word << shift;
                    if shift > 0 && word >> (64 - shift) != 0 {
                        self.valid[at + 1] |= word >> (64 - shift);
                    }
                }
                self.rows += n;
            }
        }
        Ok(())
    }

    /// Adds values for rows that are all NULL.
    fn zeros(&mut self, n: usize) {
        match self.ty.physical() {
            Physical::F64 => self.floats.resize(self.floats.len() + n, 0.0),
            Physical::F32 => self.reals.resize(self.reals.len() + n, 0.0),
            Physical::I128 | Physical::Interval => self.wide.resize(self.wide.len() + n, 0),
            Physical::Bytes => self.views.resize(self.views.len() + n, 0),
            _ => self.carriers.resize(self.carriers.len() + n, 0),
        }
    }

    /// Adds rows given by their places in a dictionary.
    fn coded(&mut self, places: &[i64], dictionary: &Dictionary<'_>, page: &Buffer<u8>) -> Parse<()> {
        match &dictionary.values {
            Section::Ints(ints) => {
                let values = ints.all()?;
                let mut of_places = Vec::new();
                let carriers = match self.ty.physical() {
                    Physical::Bytes => return Err(MISFIT),
                    Physical::F64 | Physical::F32 | Physical::I128 | Physical::Interval => &mut of_places,
                    _ => &mut self.carriers,
                };
                carriers.reserve(places.len());
                if !gather(&values, places, carriers) {
                    return Err(OUTSIDE);
                }
                match self.ty.physical() {
                    Physical::F64 => to_f64(&of_places, &mut self.floats),
                    Physical::F32 => to_f32(&of_places, &mut self.reals),
                    _ => self.wide.extend(of_places.into_iter().map(|c| widen(self.ty, c))),
                }
            }
            Section::Bytes(bytes) => {
                let mut entries = Decoder::new(self.ty);
                entries.buffers = std::mem::take(&mut self.buffers);
                entries.strings(bytes, page)?;
                self.buffers = std::mem::take(&mut entries.buffers);
                if codes_of(places, dictionary.len).is_none() {
                    return Err(OUTSIDE);
                }
                self.views.extend(places.iter().filter_map(|&p| entries.views.get(p as usize)));
                for &place in places {
                    self.copy_wide(&entries, place as usize);
                }
            }
            Section::Floats(_) => return Err(MISFIT),
        }
        Ok(())
    }

    /// Adds all strings of a section.
    fn strings(&mut self, bytes: &Bytes<'_>, page: &Buffer<u8>) -> Parse<()> {
        let (data, ranges) = bytes.all()?;
        match self.ty.physical() {
            Physical::Bytes => {}
            Physical::I128 | Physical::Interval => {
                for range in ranges {
                    self.sixteen(data.get(range).ok_or(MISFIT)?)?;
                }
                return Ok(());
            }
            _ => return Err(MISFIT),
        }
        // Views point into the page itself, or into what was decompressed.
        let buffer = self.buffers.len() as u32;
        let base = match &data {
            Cow::Borrowed(slice) => slice.as_ptr().addr() - page.as_ptr().addr(),
            Cow::Owned(_) => 0,
        };
        if !views(&data, &ranges, buffer, base, &mut self.views) {
            return Err(MISFIT);
        }
        self.buffers.push(match data {
            Cow::Borrowed(_) => page.clone(),
            Cow::Owned(data) => data.into(),
        });
        Ok(())
    }

    /// Adds a value of 16 bytes, or a numeric that they do not hold.
    fn sixteen(&mut self, bytes: &[u8]) -> Parse<()> {
        match bytes.len() {
            16 => self.wide.push(i128_of(bytes)),
            _ => {
                let number =
                    Numeric::decode(bytes).filter(|_| matches!(self.ty, Type::Numeric(_))).ok_or(MISFIT)?;
                self.big.push((self.wide.len(), number));
                self.wide.push(0);
            }
        }
        Ok(())
    }

    /// Adds a value of another decoder, of 16 bytes or more; nothing where it has none.
    fn copy_wide(&mut self, other: &Decoder, i: usize) {
        let Some(&value) = other.wide.get(i) else { return };
        if let Ok(at) = other.big.binary_search_by_key(&i, |(row, _)| *row) {
            self.big.push((self.wide.len(), other.big[at].1.clone()));
        }
        self.wide.push(value);
    }

    /// Adds row `i` of a chunk whose bytes `page` holds.
    pub(super) fn row(&mut self, chunk: &Chunk<'_>, i: usize, page: &Buffer<u8>) -> Parse<()> {
        if !chunk.is_valid(i) {
            self.zeros(1);
            self.mark(1, false);
            return Ok(());
        }
        match scalar(self.ty, chunk, i)? {
            Scalar::Carrier(c) => match self.ty.physical() {
                Physical::F64 => to_f64(&[c], &mut self.floats),
                Physical::F32 => to_f32(&[c], &mut self.reals),
                Physical::I128 | Physical::Interval => self.wide.push(widen(self.ty, c)),
                Physical::Bytes => return Err(MISFIT),
                _ => self.carriers.push(c),
            },
            Scalar::Bytes(bytes) => match self.ty.physical() {
                Physical::I128 | Physical::Interval => self.sixteen(&bytes)?,
                Physical::Bytes => {
                    // What is stored as it is stays where it is.
                    let start = bytes.as_ptr().addr().wrapping_sub(page.as_ptr().addr());
                    let inside = start.checked_add(bytes.len()).is_some_and(|end| end <= page.len());
                    let again =
                        inside && self.buffers.last().is_some_and(|last| last.as_ptr() == page.as_ptr());
                    let buffer = self.buffers.len() - usize::from(again);
                    self.views.push(view_of(&bytes, buffer as u32, if inside { start as u32 } else { 0 }));
                    if bytes.len() > 12 && !again {
                        let held = if inside { page.clone() } else { bytes.into_owned().into() };
                        self.buffers.push(held);
                    }
                }
                _ => return Err(MISFIT),
            },
        }
        self.mark(1, true);
        Ok(())
    }

    /// Adds row `i` of another decoder of the same type, all of whose buffers were taken over by [`take_buffers`](Decoder::take_buffers), which returned `base`.
    pub(super) fn copy(&mut self, other: &Decoder, i: usize, base: u32) {
        match self.ty.physical() {
            Physical::F64 => self.floats.extend(other.floats.get(i)),
            Physical::F32 => self.reals.extend(other.reals.get(i)),
            Physical::I128 | Physical::Interval => self.copy_wide(other, i),
            Physical::Bytes => {
                // A view longer than 12 bytes says in its third word which buffer it points into.
                let moved =
                    |&view: &u128| if view as u32 > 12 { view + (u128::from(base) << 64) } else { view };
                self.views.extend(other.views.get(i).map(moved));
            }
            _ => self.carriers.extend(other.carriers.get(i)),
        }
        let valid = other.valid.is_empty() || other.valid[i / 64] >> (i % 64) & 1 == 1;
        self.mark(1, valid);
    }

    /// Takes over another decoder's buffers; returns the number of the first.
    pub(super) fn take_buffers(&mut self, other: &mut Decoder) -> u32 {
        let base = self.buffers.len() as u32;
        self.buffers.append(&mut other.buffers);
        base
    }

    fn has_nan(&self) -> bool {
        self.ty.fixed_scale().is_some() && has(&self.carriers, NAN_CARRIER)
    }

    /// The rows as a flat column of numerics that their layout does not hold.
    fn finish_wide(self) -> Column {
        let mut out = ColumnBuilder::with_capacity(self.ty, self.rows);
        let mut big = self.big.into_iter().peekable();
        for row in 0..self.rows {
            let valid = self.valid.is_empty() || self.valid[row / 64] >> (row % 64) & 1 == 1;
            let value = match big.next_if(|(at, _)| *at == row) {
                Some((_, number)) => Value::Numeric(number),
                None => match self.wide.get(row) {
                    Some(&bits) => wide_value(self.ty, bits),
                    None => carrier_value(self.ty, self.carriers[row]),
                },
            };
            // Whatever was decoded fits; a damaged value does not get here as something else.
            if !valid || out.push(&value).is_err() {
                out.push_null();
            }
        }
        out.finish()
    }

    /// The rows as a flat column.
    pub(super) fn finish(self) -> Column {
        if self.has_nan() || !self.big.is_empty() {
            return self.finish_wide();
        }
        let validity = (!self.valid.is_empty()).then(|| Bitmap::new(self.valid, self.rows));
        let data = match self.ty.physical() {
            Physical::Bool => ColumnData::Bool(Bitmap::new(to_bits(&self.carriers), self.rows)),
            Physical::I16 => ColumnData::I16(narrowed(self.carriers, to_i16).into()),
            Physical::I32 => ColumnData::I32(narrowed(self.carriers, to_i32).into()),
            Physical::I64 => ColumnData::I64(self.carriers.into()),
            Physical::I128 => ColumnData::I128(self.wide.into()),
            Physical::F32 => ColumnData::F32(self.reals.into()),
            Physical::F64 => ColumnData::F64(self.floats.into()),
            Physical::Interval => {
                ColumnData::Interval(self.wide.into_iter().map(interval_of).collect::<Vec<_>>().into())
            }
            Physical::Bytes => ColumnData::Bytes(Views {
                plain: !any_of_length(&self.views, REFERENCE as u32),
                views: self.views.into(),
                buffers: Arc::new(self.buffers),
                blobs: None,
            }),
        };
        Column::flat(self.ty, data, validity)
    }
}

/// Carriers as what they are of fewer bytes; the room that they took is there for the next.
fn narrowed<T>(carriers: Vec<i64>, to: fn(&[i64]) -> Vec<T>) -> Vec<T> {
    let values = to(&carriers);
    if carriers.capacity() <= VECTOR_ROWS {
        ROOM.with(|room| room[1].set(carriers));
    }
    values
}

/// One value of a chunk, not NULL.
enum Scalar<'a> {
    Carrier(i64),
    Bytes(Cow<'a, [u8]>),
}

fn scalar<'a>(ty: Type, chunk: &Chunk<'a>, i: usize) -> Parse<Scalar<'a>> {
    let narrow = ty.physical() == Physical::F32;
    match (&chunk.values, &chunk.dictionary) {
        (Some(Section::Ints(codes)), Some(dictionary)) => {
            let place = codes.get(i)?;
            if place < 0 || place as usize >= dictionary.len {
                return Err(OUTSIDE);
            }
            match &dictionary.values {
                Section::Ints(ints) => Ok(Scalar::Carrier(ints.get(place as usize)?)),
                Section::Bytes(bytes) => Ok(Scalar::Bytes(bytes.get(place as usize)?)),
                Section::Floats(_) => Err(MISFIT),
            }
        }
        (Some(Section::Ints(ints)), None) => Ok(Scalar::Carrier(ints.get(i)?)),
        (Some(Section::Floats(floats)), _) => Ok(Scalar::Carrier(floats.get(i, narrow)?)),
        (Some(Section::Bytes(bytes)), _) => Ok(Scalar::Bytes(bytes.get(i)?)),
        (None, _) => Err(MISFIT),
    }
}

/// The value of row `i` of a chunk.
pub(super) fn value(ty: Type, chunk: &Chunk<'_>, i: usize) -> Parse<Value> {
    if !chunk.is_valid(i) {
        return Ok(Value::Null);
    }
    Ok(match scalar(ty, chunk, i)? {
        Scalar::Carrier(c) if ty.physical() != Physical::Bytes => carrier_value(ty, c),
        Scalar::Bytes(b) if ty.physical() == Physical::Bytes => bytes_value(ty, &b),
        Scalar::Bytes(b) if b.len() == 16 || matches!(ty, Type::Numeric(_)) => bytes_value(ty, &b),
        _ => return Err(MISFIT),
    })
}

/// The column of a chunk that is a whole vector; constant and dictionary where that keeps the data small. `entries` are those of the
/// page's dictionary, once one of its vectors was decoded.
pub(super) fn vector(
    ty: Type,
    chunk: &Chunk<'_>,
    page: &Buffer<u8>,
    entries: &mut Option<Arc<Column>>,
) -> Parse<Column> {
    let n = chunk.rows;
    let Some(values) = &chunk.values else { return Ok(Column::null(ty, n)) };
    let constant = match values {
        Section::Ints(ints) => ints.constant().is_some(),
        Section::Floats(floats) => floats.constant().is_some(),
        Section::Bytes(_) => false,
    };
    if constant && chunk.validity.is_none() {
        let value = value(ty, chunk, 0)?;
        return Column::constant(ty, &value, n).map_err(|_| MISFIT);
    }
    if let (Section::Ints(codes), Some(dictionary), Physical::Bytes) =
        (values, &chunk.dictionary, ty.physical())
    {
        let Section::Bytes(strings) = &dictionary.values else { return Err(MISFIT) };
        let codes = with_places(codes, |places| codes_of(places, dictionary.len).ok_or(OUTSIDE))?;
        let of_page = match entries.take().filter(|held| held.len() == dictionary.len) {
            Some(held) => held,
            None => {
                let mut decoder = Decoder::new(ty);
                decoder.strings(strings, page)?;
                decoder.rows = dictionary.len;
                Arc::new(decoder.finish())
            }
        };
        *entries = Some(Arc::clone(&of_page));
        let validity = chunk.validity.map(|bits| {
            let words = bits.chunks_exact(8).map(|b| u64::from_le_bytes(b.try_into().unwrap_or_default()));
            Bitmap::new(words.collect(), n)
        });
        return Ok(Column::dictionary(codes.into(), of_page, validity));
    }
    let mut decoder = Decoder::new(ty);
    decoder.chunk(chunk, page)?;
    Ok(decoder.finish())
}
