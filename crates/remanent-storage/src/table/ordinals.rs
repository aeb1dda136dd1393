//! Where the rows of a source went in a rewrite: source ordinal → target ordinal.
//!
//! A merge keeps the order of each source, so its maps rise and two bit sets say it all: which ordinals of the source
//! were kept, and which ordinals of the target are theirs. The n-th of the one went to the n-th of the other.
//!
//! ```text
//! source  0 1 2 3 4        kept    1 1 0 1 1            0 → 1   3 → 5
//! target  . 0 1 . 3 4 .    theirs  0 1 1 0 0 1 1        1 → 2   4 → 6     2 is gone
//! ```
//!
//! ```
//! use remanent_storage::table::ordinals::OrdinalMap;
//! let mut map = OrdinalMap::rising(5);
//! [(0, 1), (1, 2), (3, 5), (4, 6)].into_iter().for_each(|(from, to)| map.set(from, to));
//! assert_eq!([0, 2, 4, 9].map(|from| map.get(from)), [Some(1), None, Some(6), None]);
//! ```
//!
//! A bit and an eighth per row of source and target, instead of 32 per row of the source. Where that is more (a small
//! source in a large target), and where the order is not kept (rows from memory, which are sorted), a map is a plain list.
//!
//! Counting with samples: Jacobson, "Space-efficient static trees and graphs", FOCS 1989.
//!
//! Limits: a rising map is filled in rising order; anything else is a programmer's error (asserted).

use crate::index::Moved;
use crate::segment::deletes::RowSet;

/// The row was unreachable and was not copied.
const GONE: u32 = u32::MAX;
/// Words between two samples.
const SAMPLE: usize = 8;

/// Where the rows of one source went.
#[derive(Debug, Clone)]
pub enum OrdinalMap {
    /// By source ordinal; `u32::MAX` where the row is gone.
    Each(Vec<u32>),
    /// In rising order.
    Rising(Box<Rising>),
}

/// A map that keeps the order.
#[derive(Debug, Clone, Default)]
pub struct Rising {
    rows: u32,
    kept: Bits,
    theirs: Bits,
}

/// A set of ordinals that is filled from below, with how many there are before every eighth word.
#[derive(Debug, Clone, Default)]
struct Bits {
    words: Vec<u64>,
    before: Vec<u32>,
    len: u32,
}

impl Bits {
    fn push(&mut self, ordinal: u32) {
        let word = ordinal as usize / 64;
        while self.words.len() <= word {
            if self.words.len().is_multiple_of(SAMPLE) {
                self.before.push(self.len);
            }
            self.words.push(0);
        }
        assert_eq!(word + 1, self.words.len(), "ordinals rise");
        self.words[word] |= 1 << (ordinal % 64);
        self.len += 1;
    }

    /// How many there are below a member; None where it is none.
    fn rank(&self, ordinal: u32) -> Option<u32> {
        let (word, bit) = (ordinal as usize / 64, ordinal % 64);
        let last = *self.words.get(word)?;
        if last >> bit & 1 == 0 {
            return None;
        }
        let block = word / SAMPLE;
        let between: u32 = self.words[block * SAMPLE..word].iter().map(|w| w.count_ones()).sum();
        Some(self.before[block] + between + (last & ((1 << bit) - 1)).count_ones())
    }

    /// The members, ascending.
    fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            let rest = std::iter::successors(Some(word), |word| Some(word & word.wrapping_sub(1)));
            rest.take_while(|word| *word != 0).map(move |word| i as u32 * 64 + word.trailing_zeros())
        })
    }

    /// The member with so many below it.
    fn select(&self, rank: u32) -> Option<u32> {
        let block = self.before.partition_point(|&before| before <= rank).checked_sub(1)?;
        let mut left = rank - self.before[block];
        for (i, &word) in self.words.iter().enumerate().skip(block * SAMPLE) {
            let ones = word.count_ones();
            if left < ones {
                let mut word = word;
                (0..left).for_each(|_| word &= word - 1);
                return Some(i as u32 * 64 + word.trailing_zeros());
            }
            left -= ones;
        }
        None
    }
}

impl Default for OrdinalMap {
    fn default() -> Self {
        OrdinalMap::Each(Vec::new())
    }
}

impl OrdinalMap {
    /// A map of a source of so many rows in any order; all are gone as yet.
    pub fn each(rows: u32) -> Self {
        OrdinalMap::Each(vec![GONE; rows as usize])
    }

    /// A map of a source of so many rows whose order is kept; all are gone as yet.
    pub fn rising(rows: u32) -> Self {
        OrdinalMap::Rising(Box::new(Rising { rows, ..Rising::default() }))
    }

    /// The map of one of the sources of a merge, which have `total` rows together.
    pub fn merging(rows: u32, total: u64) -> Self {
        match u64::from(rows) * 30 < total {
            true => OrdinalMap::each(rows),
            false => OrdinalMap::rising(rows),
        }
    }

    /// A row of the source went there. Panics where the source has no such row.
    pub fn set(&mut self, from: u32, to: u32) {
        match self {
            OrdinalMap::Each(map) => map[from as usize] = to,
            OrdinalMap::Rising(map) => {
                assert!(from < map.rows, "the source has no row {from}");
                map.kept.push(from);
                map.theirs.push(to);
            }
        }
    }

    /// Where a row of the source went; None where it is gone or was never there.
    pub fn get(&self, from: u32) -> Option<u32> {
        match self {
            OrdinalMap::Each(map) => map.get(from as usize).copied().filter(|&to| to != GONE),
            OrdinalMap::Rising(map) => map.kept.rank(from).and_then(|rank| map.theirs.select(rank)),
        }
    }

    /// Where the rows of a set went. Of a large set that is one walk and not a search for each.
    pub fn moved(&self, rows: &RowSet) -> RowSet {
        match self {
            OrdinalMap::Rising(map) if rows.len() > u64::from(map.kept.len) / 64 => {
                let went = map.kept.iter().zip(map.theirs.iter());
                went.filter(|(from, _)| rows.contains(*from)).map(|(_, to)| to).collect()
            }
            _ => rows.iter().filter_map(|row| self.get(row)).collect(),
        }
    }
}

impl Moved for OrdinalMap {
    fn get(&self, row: u32) -> Option<u32> {
        OrdinalMap::get(self, row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_rising_map_says_what_a_list_says(steps in prop::collection::vec((1u32..200, 1u32..200), 0..600)) {
            let (mut from, mut to) = (0, 0);
            let rows = steps.iter().map(|s| s.0).sum::<u32>() + 1;
            let (mut list, mut rising) = (OrdinalMap::each(rows), OrdinalMap::rising(rows));
            for (a, b) in steps {
                list.set(from, to);
                rising.set(from, to);
                (from, to) = (from + a, to + b);
            }
            for ordinal in 0..rows + 70 {
                prop_assert_eq!(rising.get(ordinal), list.get(ordinal), "{}", ordinal);
            }
            for step in [1, 3, 500] {
                let rows: RowSet = (0..rows + 70).step_by(step).collect();
                prop_assert_eq!(rising.moved(&rows), list.moved(&rows));
            }
        }
    }
}
