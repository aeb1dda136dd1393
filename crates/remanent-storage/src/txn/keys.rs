//! Keys in a row, and a transaction's own rows by key.

use crate::value::key::{encode_column_row, encode_value};
use crate::value::{Column, Key, Value};
use rustc_hash::FxHashMap;

/// Encoded keys one after the other.
#[derive(Default, PartialEq)]
pub struct KeyRun {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl KeyRun {
    /// The keys of all rows of these columns.
    pub fn of(key: &[&Column]) -> Self {
        let rows = key.first().map_or(0, |c| c.len());
        let mut run = KeyRun { bytes: Vec::with_capacity(rows * 10), ends: Vec::with_capacity(rows) };
        for row in 0..rows {
            for column in key {
                encode_column_row(&mut run.bytes, column, row);
            }
            run.ends.push(run.bytes.len());
        }
        run
    }

    /// These keys.
    pub fn of_keys(keys: &[Key]) -> Self {
        let mut run = KeyRun::default();
        for key in keys {
            run.bytes.extend_from_slice(key.as_bytes());
            run.ends.push(run.bytes.len());
        }
        run
    }

    /// One key.
    pub fn of_key(key: &Key) -> Self {
        KeyRun { bytes: key.as_bytes().to_vec(), ends: vec![key.as_bytes().len()] }
    }

    /// Some of them.
    pub fn gather(&self, rows: &[u32]) -> Self {
        let mut run = KeyRun::default();
        for &row in rows {
            run.bytes.extend_from_slice(self.get(row as usize));
            run.ends.push(run.bytes.len());
        }
        run
    }

    /// Bytes they take.
    pub fn memory(&self) -> usize {
        self.bytes.len() + 8 * self.ends.len()
    }

    /// The key of one row: the values of its key columns.
    pub fn of_row<'a>(key: impl Iterator<Item = &'a Value>) -> Self {
        let mut bytes = Vec::with_capacity(10);
        key.for_each(|value| encode_value(&mut bytes, value));
        KeyRun { ends: vec![bytes.len()], bytes }
    }

    /// How many keys.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Key `i`.
    pub fn get(&self, i: usize) -> &[u8] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        &self.bytes[start..self.ends[i]]
    }

    /// The last key.
    pub fn last(&self) -> Option<&[u8]> {
        self.len().checked_sub(1).map(|i| self.get(i))
    }

    /// True if every key is greater than the one before it.
    pub fn ascends(&self) -> bool {
        (1..self.len()).all(|i| self.get(i - 1) < self.get(i))
    }
}

/// Own rows by key: as long as rows come in key order (a time series does), the keys in a row, found by
/// bisection; from the first that does not on, a hash table.
pub enum OwnKeys {
    /// Ascending, row by row.
    Ordered(KeyRun),
    /// In any order.
    Hashed(FxHashMap<Key, u32>),
}

impl Default for OwnKeys {
    fn default() -> Self {
        OwnKeys::Ordered(KeyRun::default())
    }
}

impl OwnKeys {
    /// Adds the keys of the rows from `first` on; returns about how many bytes that takes.
    pub fn push(&mut self, first: u32, keys: &KeyRun) -> usize {
        if let OwnKeys::Ordered(run) = self {
            let follows = keys.is_empty() || run.last().is_none_or(|last| last < keys.get(0));
            if follows && run.len() == first as usize && keys.ascends() {
                let base = run.bytes.len();
                run.bytes.extend_from_slice(&keys.bytes);
                run.ends.extend(keys.ends.iter().map(|end| base + end));
                return keys.bytes.len() + 8 * keys.len();
            }
            let map = (0..run.len()).map(|i| (Key(run.get(i).into()), i as u32)).collect();
            *self = OwnKeys::Hashed(map);
        }
        let OwnKeys::Hashed(map) = self else { return 0 };
        map.extend((0..keys.len()).map(|i| (Key(keys.get(i).into()), first + i as u32)));
        keys.bytes.len() + 48 * keys.len()
    }

    /// The newest own row with that key, living or not.
    pub fn find(&self, key: &[u8]) -> Option<u32> {
        match self {
            OwnKeys::Hashed(map) => map.get(key).copied(),
            OwnKeys::Ordered(run) => {
                if run.last().is_none_or(|last| key > last) {
                    return None;
                }
                let (mut low, mut high) = (0, run.len());
                while low < high {
                    let middle = (low + high) / 2;
                    if run.get(middle) < key { low = middle + 1 } else { high = middle }
                }
                (low < run.len() && run.get(low) == key).then_some(low as u32)
            }
        }
    }

    /// Makes that row the one its key is found at.
    pub fn point(&mut self, key: Key, ordinal: u32) {
        if let OwnKeys::Hashed(map) = self {
            map.insert(key, ordinal);
        }
    }

    /// Forgets the rows from `rows` on.
    pub fn truncate(&mut self, rows: u32) {
        match self {
            OwnKeys::Hashed(map) => map.retain(|_, ordinal| *ordinal < rows),
            OwnKeys::Ordered(run) => {
                run.ends.truncate(rows as usize);
                run.bytes.truncate(run.ends.last().copied().unwrap_or(0));
            }
        }
    }
}
