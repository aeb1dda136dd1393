//! The primary key beside a hot segment: a hash table from keys to the newest row.
//!
//! Each row's encoded key lies in an arena in row order. An open-addressing table holds, for
//! each distinct key, 32 bits of its hash and its newest row; `prev` links a row to the next
//! older one with the same key.
//!
//! ```text
//! rows    0:"a"  1:"b"  2:"a"  3:"a"          table  "a" → 3, "b" → 1
//! prev    -      -      0      2              older(3) = 2, older(2) = 0, older(0) = none
//! ```
//!
//! Invariants:
//! 1. The table holds each key once, with its greatest row; `prev[row] < row`.
//! 2. No key is greater than `greatest` (which may have been taken out again).
//! 3. A slot's hash bits, masked, are the place where its probe begins; no empty slot lies between that and its place.

use super::super::{Cost, Hits, HotPart, KeySpan, Part, Probe, ProbeStats, Rows, ScoreBound};
use super::hash::hash;
use crate::error::{Error, Result};
use crate::segment::RowSet;
use crate::segment::hot::CHUNK_ROWS;
use crate::value::Column;
use crate::value::key::encode_column_row;

/// No row.
const NONE: u32 = u32::MAX;
/// An empty slot: no row has this number.
const EMPTY: u64 = NONE as u64;
/// Slots of the smallest table.
const SLOTS_MIN: usize = 64;

/// Encoded keys in row order.
#[derive(Default)]
struct Keys {
    bytes: Vec<u8>,
    len: usize,
    /// The length of every key, while all have the same.
    width: usize,
    /// Where each key ends; empty while all have the same length.
    ends: Vec<usize>,
}

impl Keys {
    #[inline]
    fn get(&self, row: u32) -> &[u8] {
        let row = row as usize;
        if self.ends.is_empty() {
            &self.bytes[row * self.width..(row + 1) * self.width]
        } else {
            let start = if row == 0 { 0 } else { self.ends[row - 1] };
            &self.bytes[start..self.ends[row]]
        }
    }

    /// Takes in the key whose bytes were just appended.
    fn close(&mut self) {
        let start = self.end(self.len);
        let width = self.bytes.len() - start;
        if self.len == 0 {
            self.width = width;
        } else if self.ends.is_empty() && width != self.width {
            self.ends = (1..=self.len).map(|i| i * self.width).collect();
        }
        self.len += 1;
        if !self.ends.is_empty() {
            self.ends.push(self.bytes.len());
        }
    }

    /// Where the first `n` keys end.
    fn end(&self, n: usize) -> usize {
        match (n, self.ends.is_empty()) {
            (0, _) => 0,
            (n, true) => n * self.width,
            (n, false) => self.ends[n - 1],
        }
    }

    fn truncate(&mut self, len: usize) {
        self.bytes.truncate(self.end(len));
        self.ends.truncate(len);
        self.len = len;
    }
}

/// The primary key beside a hot segment.
pub struct PrimaryHot {
    /// Positions of the key's columns in the segment, in key order.
    columns: Vec<usize>,
    keys: Keys,
    prev: Vec<u32>,
    /// Hash bits above, row below; as many as a power of two.
    slots: Vec<u64>,
    /// Slots that are not empty.
    distinct: usize,
    /// No key is greater. Rows that come in key order, as those of a time series do, are known to be new by it.
    greatest: Vec<u8>,
    /// Of each chunk of rows, one with the least key and one with the greatest.
    spreads: Vec<(u32, u32)>,
}

impl PrimaryHot {
    /// An empty part over these columns of the segment, in key order.
    pub fn new(columns: Vec<usize>) -> Self {
        PrimaryHot {
            columns,
            keys: Keys::default(),
            prev: Vec::new(),
            slots: vec![EMPTY; SLOTS_MIN],
            distinct: 0,
            greatest: Vec::new(),
            spreads: Vec::new(),
        }
    }

    /// How many rows.
    pub fn len(&self) -> u32 {
        self.keys.len as u32
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.keys.len == 0
    }

    /// How many distinct keys.
    pub fn distinct(&self) -> usize {
        self.distinct
    }

    /// The encoded key of a row; panics where there is no such row.
    pub fn key(&self, row: u32) -> &[u8] {
        self.keys.get(row)
    }

    /// Adds the next row, by its (encoded) key.
    pub fn insert_key(&mut self, key: &[u8]) {
        self.keys.bytes.extend_from_slice(key);
        self.keys.close();
        self.link();
    }

    /// The newest row with that (encoded) key.
    pub fn newest(&self, key: &[u8]) -> Option<u32> {
        if key > self.greatest.as_slice() {
            return None;
        }
        let (_, row) = self.probe(key, hash(key) as u32);
        row
    }

    /// The next older row with the same key as `row`; panics where there is no such row.
    pub fn older(&self, row: u32) -> Option<u32> {
        Some(self.prev[row as usize]).filter(|&prev| prev != NONE)
    }

    /// All rows by key, rows of the same key from the oldest to the newest: the order of cold segments.
    pub fn sorted(&self) -> Vec<u32> {
        let mut rows: Vec<u32> = (0..self.len()).collect();
        let ascending = rows.windows(2).all(|pair| self.key(pair[0]) <= self.key(pair[1]));
        if !ascending {
            rows.sort_unstable_by(|&a, &b| self.key(a).cmp(self.key(b)).then(a.cmp(&b)));
        }
        rows
    }

    /// The least and the greatest key of a chunk of [`CHUNK_ROWS`] rows.
    pub fn spread(&self, chunk: usize) -> Option<(&[u8], &[u8])> {
        self.spreads.get(chunk).map(|&(least, greatest)| (self.keys.get(least), self.keys.get(greatest)))
    }

    /// Takes a row into the spread of its chunk; rows come one after the other.
    fn widen(&mut self, row: u32) {
        let key = self.keys.get(row);
        match self.spreads.get_mut(row as usize / CHUNK_ROWS) {
            Some((_, greatest)) if key >= self.keys.get(*greatest) => *greatest = row,
            Some((least, _)) if key < self.keys.get(*least) => *least = row,
            Some(_) => {}
            None => self.spreads.push((row, row)),
        }
    }

    /// The slot of a key: where it is, with its row, or where it would go.
    #[inline]
    fn probe(&self, key: &[u8], hash: u32) -> (usize, Option<u32>) {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            if slot as u32 == NONE {
                return (at, None);
            }
            if (slot >> 32) as u32 == hash && self.keys.get(slot as u32) == key {
                return (at, Some(slot as u32));
            }
            at = (at + 1) & mask;
        }
    }

    /// Links the last row in.
    fn link(&mut self) {
        let row = self.len() - 1;
        self.widen(row);
        let key = self.keys.get(row);
        if key > self.greatest.as_slice() {
            self.greatest.clear();
            self.greatest.extend_from_slice(key);
        }
        let hash = hash(key) as u32;
        let (at, older) = self.probe(self.keys.get(row), hash);
        self.slots[at] = u64::from(hash) << 32 | u64::from(row);
        self.prev.push(older.unwrap_or(NONE));
        if older.is_none() {
            self.distinct += 1;
            if self.distinct * 4 > self.slots.len() * 3 {
                self.resize(self.slots.len() * 2);
            }
        }
    }

    fn resize(&mut self, len: usize) {
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; len]);
        for slot in old.into_iter().filter(|&slot| slot as u32 != NONE) {
            let mut at = (slot >> 32) as usize & (len - 1);
            while self.slots[at] as u32 != NONE {
                at = (at + 1) & (len - 1);
            }
            self.slots[at] = slot;
        }
    }

    /// Takes the last row out.
    fn unlink(&mut self) {
        let row = self.len() - 1;
        let key = self.keys.get(row);
        let (at, found) = self.probe(key, hash(key) as u32);
        debug_assert_eq!(found, Some(row), "invariant 1: the last row is the newest of its key");
        match self.prev.pop() {
            Some(NONE) | None => self.remove(at),
            Some(older) => self.slots[at] = self.slots[at] & !EMPTY | u64::from(older),
        }
        self.keys.truncate(row as usize);
    }

    /// Empties a slot and moves up those behind it that would not be found any more (invariant 3).
    fn remove(&mut self, mut hole: usize) {
        let mask = self.slots.len() - 1;
        let mut at = hole;
        self.distinct -= 1;
        loop {
            at = (at + 1) & mask;
            let slot = self.slots[at];
            if slot as u32 == NONE {
                break;
            }
            let home = (slot >> 32) as usize & mask;
            // The slot may move unless its home lies behind the hole.
            if at.wrapping_sub(home) & mask >= at.wrapping_sub(hole) & mask {
                self.slots[hole] = slot;
                hole = at;
            }
        }
        self.slots[hole] = EMPTY;
    }
}

impl Part for PrimaryHot {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        match probe {
            Probe::Key(_) => Some(Cost { rows: 1.0, nanos: 100.0 }),
            // Chunks whose keys lie about the span are looked through.
            Probe::Span(span) => {
                let rows = if *span == KeySpan::default() { self.len() } else { self.len() / 3 };
                Some(Cost { rows: rows.into(), nanos: 50.0 * f64::from(rows) })
            }
            _ => None,
        }
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        _bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        let Probe::Key(key) = probe else {
            return Err(Error::internal("a hash table was asked for a range of keys"));
        };
        let rows = std::iter::successors(self.newest(key.as_bytes()), |&row| self.older(row));
        Ok(Box::new(Rows { rows, within }))
    }

    fn memory(&self) -> usize {
        size_of::<PrimaryHot>()
            + self.keys.bytes.capacity()
            + self.keys.ends.capacity() * 8
            + self.prev.capacity() * 4
            + (self.slots.capacity() + self.spreads.capacity()) * 8
    }
}

impl HotPart for PrimaryHot {
    fn insert(&mut self, first_ordinal: u32, columns: &[Column]) -> Result<()> {
        if first_ordinal != self.len() {
            return Err(Error::internal(format!(
                "rows from {first_ordinal} on were added to a primary key of {} rows",
                self.keys.len
            )));
        }
        let key: Option<Vec<&Column>> = self.columns.iter().map(|&c| columns.get(c)).collect();
        let key = key.ok_or_else(|| Error::internal("rows without their key's columns"))?;
        let rows = key.first().map_or(0, |column| column.len());
        self.keys.bytes.reserve(rows * self.keys.width);
        self.prev.reserve(rows);
        for row in 0..rows {
            for column in &key {
                encode_column_row(&mut self.keys.bytes, column, row);
            }
            self.keys.close();
            self.link();
        }
        Ok(())
    }

    fn truncate(&mut self, len: u32) {
        if len >= self.len() {
            return;
        }
        while self.len() > len {
            self.unlink();
        }
        let chunk = len as usize / CHUNK_ROWS;
        self.spreads.truncate(chunk);
        ((chunk * CHUNK_ROWS) as u32..len).for_each(|row| self.widen(row));
    }

    fn retain_from(&mut self, first: u32, keep: &[bool]) {
        let mut kept = Keys::default();
        for (row, _) in (first..self.len()).zip(keep).filter(|(_, keep)| **keep) {
            kept.bytes.extend_from_slice(self.keys.get(row));
            kept.close();
        }
        self.truncate(first);
        for row in 0..kept.len as u32 {
            self.keys.bytes.extend_from_slice(kept.get(row));
            self.keys.close();
            self.link();
        }
    }
}
