//! Hash tables from row keys to dense numbers: what grouping, joining and DISTINCT stand on.
//!
//! A table gives each distinct key the next number, 0, 1, 2 …, in the order of arrival. Callers keep
//! whatever belongs to a group in arrays indexed by that number, so the table itself stores only keys.
//! Open addressing, linear probing, a power of two of slots, at most half full. A slot holds the group's
//! number and 32 bits of its hash, so that a probe touches a key only where it very likely is the one.
//!
//! Three kinds of key: [`WordTable`] for what fits 128 bits, [`ByteTable`] for anything longer, and without hashing
//! [`DenseTable`] for integers that lie close together.
//!
//! ```
//! use remanent_kernels::table::{MISSING, WordTable};
//! let mut table = WordTable::default();
//! let mut groups = Vec::new();
//! table.insert(&[7, 9, 7], &mut groups);
//! assert_eq!(groups, [0, 1, 0]);
//! table.find(&[9, 8], &mut groups);
//! assert_eq!(groups, [1, MISSING]);
//! ```
//!
//! Limits: 2^31 groups. Hashes are not seeded: keys chosen by an attacker can make it slow, not wrong.

/// What [`WordTable::find`] answers where the key is not there.
pub const MISSING: u32 = u32::MAX;

/// What each code stands for, as far as it is known; false where one is [`MISSING`]. `out` is overwritten.
#[inline(never)]
pub fn translate(codes: &[u32], known: &[u32], out: &mut Vec<u32>) -> bool {
    out.clear();
    let mut all = true;
    out.extend(codes.iter().map(|&code| {
        let number = known[code as usize];
        all &= number != MISSING;
        number
    }));
    all
}

/// The number of each combination of a code so far and one more, of which there are `size`; the codes themselves where there are none so
/// far.
#[inline(never)]
pub fn combine(codes: &[u32], size: u32, combined: &mut Vec<u32>) {
    if combined.is_empty() {
        return combined.extend_from_slice(codes);
    }
    combined.iter_mut().zip(codes).for_each(|(held, &code)| *held = *held * size + code);
}

/// Numbers of groups as integers: what is [`MISSING`] becomes −1.
#[inline(never)]
pub fn as_integers(numbers: &[u32]) -> Vec<i32> {
    numbers.iter().map(|&number| number as i32).collect()
}

/// That many times the same number. `out` is overwritten.
#[inline(never)]
pub fn repeat(number: u32, times: usize, out: &mut Vec<u32>) {
    out.clear();
    out.resize(times, number);
}

const EMPTY: u64 = u64::MAX;
/// How many keys are looked up side by side.
const CHUNK: usize = 64;
const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
const MIX2: u64 = 0xd1b5_4a32_d192_ed03;

/// Multiply and fold: every input bit reaches every output bit (Wang Yi, wyhash).
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

#[inline(always)]
fn hash_word(key: u128) -> u64 {
    fold(key as u64 ^ MIX, (key >> 64) as u64 ^ MIX2)
}

/// The hash of a byte string.
#[inline]
fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hash = (bytes.len() as u64) ^ MIX;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        hash = fold(hash ^ u64::from_le_bytes(*word), MIX2);
    }
    let mut last = [0u8; 8];
    last[..rest.len()].copy_from_slice(rest);
    fold(hash ^ u64::from_le_bytes(last), MIX2 ^ MIX)
}

/// The slots common to both tables: group number below, the hash's high half above; its low bits chose the
/// slot.
#[derive(Debug, Clone, Default)]
struct Slots {
    slots: Vec<u64>,
}

impl Slots {
    /// Makes room for `groups` groups at most half full. `hash` tells each group's hash.
    fn reserve(&mut self, groups: usize, hash: impl Fn(usize) -> u64, now: usize) {
        if groups * 2 <= self.slots.len() {
            return;
        }
        let size = (groups * 2).next_power_of_two().max(64);
        self.slots.clear();
        self.slots.resize(size, EMPTY);
        let mask = size - 1;
        for group in 0..now {
            let hash = hash(group);
            let mut at = hash as usize & mask;
            while self.slots[at] != EMPTY {
                at = (at + 1) & mask;
            }
            self.slots[at] = (hash & TAG) | group as u64;
        }
    }
}

/// The bits of a hash kept in a slot: all but the 32 lowest, where the group's number lies.
const TAG: u64 = !0 << 32;

/// From keys of at most 128 bits to dense numbers.
#[derive(Debug, Clone, Default)]
pub struct WordTable {
    slots: Slots,
    keys: Vec<u128>,
}

impl WordTable {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// True before the first key.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.slots.slots.capacity() * 8 + self.keys.capacity() * 16
    }

    /// The number of each key's group, made where it is new. `groups` is overwritten.
    #[inline(never)]
    pub fn insert(&mut self, keys: &[u128], groups: &mut Vec<u32>) {
        groups.clear();
        groups.reserve(keys.len());
        for chunk in keys.chunks(CHUNK) {
            let now = self.keys.len();
            self.slots.reserve(now + chunk.len(), |group| hash_word(self.keys[group]), now);
            let (hashes, found) = self.look(chunk);
            for (i, &key) in chunk.iter().enumerate() {
                let group = self.confirm(found[i], hashes[i], key);
                groups.push(if group == MISSING { self.place(key, hashes[i]) } else { group });
            }
        }
    }

    /// The hashes of at most a chunk of keys and what lies in their first slots. These loads do not wait for each other, so
    /// a table larger than the cache costs one trip to memory a chunk rather than one a key.
    #[inline]
    fn look(&self, chunk: &[u128]) -> ([u64; CHUNK], [u64; CHUNK]) {
        let slots = &self.slots.slots[..];
        let mask = slots.len() - 1;
        let (mut hashes, mut found) = ([0u64; CHUNK], [EMPTY; CHUNK]);
        for (hash, &key) in hashes.iter_mut().zip(chunk) {
            *hash = hash_word(key);
        }
        for (found, hash) in found.iter_mut().zip(&hashes[..chunk.len()]) {
            *found = slots[*hash as usize & mask];
        }
        (hashes, found)
    }

    /// The group in a slot, where it is the key's.
    #[inline]
    fn confirm(&self, slot: u64, hash: u64, key: u128) -> u32 {
        let group = slot as u32;
        match (slot ^ hash) & TAG == 0 && slot != EMPTY && self.keys[group as usize] == key {
            true => group,
            false => MISSING,
        }
    }

    /// The key's group, made where it is new, found by walking the slots.
    fn place(&mut self, key: u128, hash: u64) -> u32 {
        match self.walk(key, hash) {
            Ok(group) => group,
            Err(at) => {
                let group = self.keys.len() as u32;
                self.slots.slots[at] = (hash & TAG) | u64::from(group);
                self.keys.push(key);
                group
            }
        }
    }

    /// The key's group, or the empty slot where it would go.
    #[inline]
    fn walk(&self, key: u128, hash: u64) -> Result<u32, usize> {
        let slots = &self.slots.slots[..];
        let mask = slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = slots[at];
            if slot == EMPTY {
                return Err(at);
            }
            let group = self.confirm(slot, hash, key);
            if group != MISSING {
                return Ok(group);
            }
            at = (at + 1) & mask;
        }
    }

    /// The number of each key's group, or [`MISSING`]. `groups` is overwritten.
    #[inline(never)]
    pub fn find(&self, keys: &[u128], groups: &mut Vec<u32>) {
        groups.clear();
        if self.keys.is_empty() {
            groups.resize(keys.len(), MISSING);
            return;
        }
        groups.reserve(keys.len());
        for chunk in keys.chunks(CHUNK) {
            let (hashes, found) = self.look(chunk);
            for (i, &key) in chunk.iter().enumerate() {
                let group = self.confirm(found[i], hashes[i], key);
                groups.push(match group {
                    MISSING if found[i] != EMPTY => self.walk(key, hashes[i]).unwrap_or(MISSING),
                    group => group,
                });
            }
        }
    }
}

/// From integers that lie close together to dense numbers: one place for each number of their range.
///
/// ```
/// use remanent_kernels::table::DenseTable;
/// let mut table = DenseTable::default();
/// let mut groups = Vec::new();
/// assert!(table.insert(&[-7, 9, -7], &mut groups) && groups == [0, 1, 0]);
/// assert!(!table.insert(&[i64::MAX], &mut groups));
/// ```
#[derive(Debug, Clone, Default)]
pub struct DenseTable {
    /// The number that the first place is for.
    base: i64,
    /// The group of each number, [`MISSING`] where there is none.
    places: Vec<u32>,
    len: usize,
}

/// A range of so many places for each key takes no more than hashing does.
const SPREAD: usize = 8;
/// And so many are always worth it: 1 MB.
const SPAN: usize = 256 << 10;

impl DenseTable {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True before the first key.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.places.capacity() * 4
    }

    /// The number of each key's group, made where it is new; false, and nothing is changed, where the keys would lie too far
    /// apart. `groups` is overwritten.
    #[inline(never)]
    pub fn insert(&mut self, keys: &[i64], groups: &mut Vec<u32>) -> bool {
        groups.clear();
        if keys.is_empty() {
            return true;
        }
        if !self.cover(keys) {
            return false;
        }
        groups.reserve(keys.len());
        for &key in keys {
            let group = &mut self.places[key.wrapping_sub(self.base) as usize];
            if *group == MISSING {
                *group = self.len as u32;
                self.len += 1;
            }
            groups.push(*group);
        }
        true
    }

    /// The number of each key's group, or [`MISSING`]. `groups` is overwritten.
    #[inline(never)]
    pub fn find(&self, keys: &[i64], groups: &mut Vec<u32>) {
        groups.clear();
        let of = |&key: &i64| {
            let at = key.wrapping_sub(self.base) as u64;
            usize::try_from(at).ok().and_then(|at| self.places.get(at)).copied().unwrap_or(MISSING)
        };
        groups.extend(keys.iter().map(of));
    }

    /// The key of each group.
    pub fn keys(&self) -> Vec<i64> {
        let mut keys = vec![0; self.len];
        for (at, &group) in self.places.iter().enumerate() {
            if let Some(key) = keys.get_mut(group as usize) {
                *key = self.base.wrapping_add(at as i64);
            }
        }
        keys
    }

    /// Makes places for these keys; false where that would be too many.
    fn cover(&mut self, keys: &[i64]) -> bool {
        let (least, greatest) = crate::sums::extent_i64(keys);
        let end = i128::from(self.base) + self.places.len() as i128;
        let inside = |key: i64| key >= self.base && i128::from(key) < end;
        if inside(least) && inside(greatest) {
            return true;
        }
        let (low, high) = match self.places.is_empty() {
            true => (i128::from(least), i128::from(greatest) + 1),
            false => (i128::from(least.min(self.base)), (i128::from(greatest) + 1).max(end)),
        };
        let most = (SPREAD * (self.len + keys.len())).max(SPAN) as i128;
        if high - low > most {
            return false;
        }
        // Some more on the side that grew, so that keys in order move little.
        let more = (high - low) / 4;
        let low = if self.places.is_empty() || low == i128::from(self.base) { low } else { low - more };
        let low = low.max(i128::from(i64::MIN)) as i64;
        let size = (high - i128::from(low)) as usize;
        let before = match self.places.is_empty() {
            true => 0,
            false => self.base.wrapping_sub(low) as usize,
        };
        if before > 0 {
            let mut places = vec![MISSING; size];
            places[before..before + self.places.len()].copy_from_slice(&self.places);
            self.places = places;
        } else {
            self.places.resize(size.max(self.places.len()), MISSING);
        }
        self.base = low;
        true
    }
}

/// From byte strings to dense numbers.
#[derive(Debug, Clone, Default)]
pub struct ByteTable {
    slots: Slots,
    hashes: Vec<u64>,
    arena: Vec<u8>,
    /// Where each key ends in the arena.
    ends: Vec<usize>,
}

impl ByteTable {
    /// How many groups there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// True before the first key.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        (self.slots.slots.capacity() + self.hashes.capacity() + self.ends.capacity()) * 8
            + self.arena.capacity()
    }

    #[inline]
    fn key(&self, group: u32) -> &[u8] {
        let group = group as usize;
        let start = if group == 0 { 0 } else { self.ends[group - 1] };
        &self.arena[start..self.ends[group]]
    }

    /// The number of each key's group, made where it is new. Key `i` is `bytes[ends[i-1]..ends[i]]`.
    /// `groups` is overwritten.
    #[inline(never)]
    pub fn insert(&mut self, bytes: &[u8], ends: &[u32], groups: &mut Vec<u32>) {
        groups.clear();
        let mut start = 0;
        for &end in ends {
            groups.push(self.insert_one(&bytes[start..end as usize]));
            start = end as usize;
        }
    }

    /// The number of a key's group, made where it is new.
    #[inline(never)]
    pub fn insert_one(&mut self, key: &[u8]) -> u32 {
        let now = self.ends.len();
        self.slots.reserve(now + 1, |group| self.hashes[group], now);
        let hash = hash_bytes(key);
        match self.probe(key, hash) {
            Ok(group) => group,
            Err(at) => {
                self.slots.slots[at] = (hash & TAG) | now as u64;
                self.hashes.push(hash);
                self.arena.extend_from_slice(key);
                self.ends.push(self.arena.len());
                now as u32
            }
        }
    }

    /// The number of each key's group, or [`MISSING`]. `groups` is overwritten.
    #[inline(never)]
    pub fn find(&self, bytes: &[u8], ends: &[u32], groups: &mut Vec<u32>) {
        groups.clear();
        let mut start = 0;
        for &end in ends {
            groups.push(self.find_one(&bytes[start..end as usize]));
            start = end as usize;
        }
    }

    /// The number of a key's group, or [`MISSING`].
    #[inline(never)]
    pub fn find_one(&self, key: &[u8]) -> u32 {
        if self.ends.is_empty() {
            return MISSING;
        }
        self.probe(key, hash_bytes(key)).unwrap_or(MISSING)
    }

    /// The key's group, or the empty slot where it would go.
    #[inline]
    fn probe(&self, key: &[u8], hash: u64) -> Result<u32, usize> {
        let slots = &self.slots.slots[..];
        let mask = slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = slots[at];
            if slot == EMPTY {
                return Err(at);
            }
            if (slot ^ hash) & TAG == 0 && self.key(slot as u32) == key {
                return Ok(slot as u32);
            }
            at = (at + 1) & mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_get_numbers_in_order_of_arrival() {
        let mut table = WordTable::default();
        let keys: Vec<u128> = (0..10_000u128).map(|i| (i % 3_000) << 61).collect();
        let mut groups = Vec::new();
        table.insert(&keys, &mut groups);
        assert_eq!(table.len(), 3_000);
        assert!(groups.iter().enumerate().all(|(i, &g)| g as usize == i % 3_000));
        table.find(&[0, 1 << 61, u128::MAX], &mut groups);
        assert_eq!(groups, [0, 1, MISSING]);
    }

    #[test]
    fn combinations_of_codes_have_numbers_of_their_own() {
        let mut combined = Vec::new();
        for (codes, size) in [([0, 2, 1, 2], 3), ([1, 0, 1, 1], 2)] {
            combine(&codes, size, &mut combined);
        }
        assert_eq!(combined, [1, 4, 3, 5]);
    }

    #[test]
    fn byte_keys_differ_by_length_too() {
        let mut table = ByteTable::default();
        let mut groups = Vec::new();
        table.insert(b"aabaab\0", &[1, 2, 3, 5, 6, 7], &mut groups);
        assert_eq!(groups, [0, 0, 1, 2, 1, 3]);
        table.find(b"bc", &[1, 2, 2], &mut groups);
        assert_eq!(groups, [1, MISSING, MISSING]);
        table.insert(b"", &[0], &mut groups);
        assert_eq!(groups, [4]);
    }
}
