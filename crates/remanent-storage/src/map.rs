//! A map for what is counted in tens: a sorted vector.
//!
//! The standard library's B-tree is several KB of code for each kind of key and value, which is more than what most of our
//! maps ever hold: tables, files, snapshots, sessions. Their keys are numbers that grow, so that an insertion is nearly always
//! an append; a copy is one copy.
//!
//! ```
//! use remanent_storage::map::SortedMap;
//! let mut sizes: SortedMap<u32, u64> = [(7, 70), (3, 30)].into_iter().collect();
//! *sizes.or_default(7) += 1;
//! assert_eq!(sizes.iter().map(|(&file, &size)| (file, size)).collect::<Vec<_>>(), [(3, 30), (7, 71)]);
//! ```
//!
//! Limits: inserting before others and removing move all that follow, so keep rows and keys of tables elsewhere.

use std::borrow::Borrow;
use std::ops::{Bound, RangeBounds};

/// Keys in ascending order, each once, with their values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, V> SortedMap<K, V> {
    /// Nothing.
    pub const fn new() -> Self {
        SortedMap(Vec::new())
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Keys and values by key.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&K, &V)> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Keys and values by key, to change the values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &K> + ExactSizeIterator + Clone {
        self.0.iter().map(|(key, _)| key)
    }

    /// The values in the order of their keys.
    pub fn values(&self) -> impl DoubleEndedIterator<Item = &V> + ExactSizeIterator + Clone {
        self.0.iter().map(|(_, value)| value)
    }

    /// The values in the order of their keys, to change them.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// The values alone, in the order of their keys.
    pub fn into_values(self) -> impl DoubleEndedIterator<Item = V> + ExactSizeIterator {
        self.0.into_iter().map(|(_, value)| value)
    }

    /// The least key and its value.
    pub fn first(&self) -> Option<(&K, &V)> {
        self.iter().next()
    }

    /// Keeps only what passes.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &mut V) -> bool) {
        self.0.retain_mut(|(key, value)| keep(key, value));
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// Where a key is, or where it would be.
    fn place<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        match self.0.last() {
            Some((last, _)) if last.borrow() < key => Err(self.0.len()),
            _ => self.0.binary_search_by(|(held, _)| held.borrow().cmp(key)),
        }
    }

    /// The value of a key.
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &self.0[at].1)
    }

    /// The value of a key, to change it.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| &mut self.0[at].1)
    }

    /// True if the key is there.
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.place(key).is_ok()
    }

    /// Sets the value of a key; what it was before.
    pub fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => Some(std::mem::replace(&mut self.0[at].1, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    /// The value of a key, which is made first where there is none.
    pub fn or_insert_with(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
        let at = match self.place(&key) {
            Ok(at) => at,
            Err(at) => {
                self.0.insert(at, (key, make()));
                at
            }
        };
        &mut self.0[at].1
    }

    /// The value of a key, where there is none the default.
    pub fn or_default(&mut self, key: K) -> &mut V
    where
        V: Default,
    {
        self.or_insert_with(key, V::default)
    }

    /// Keys and values from one key to another.
    pub fn range(&self, keys: impl RangeBounds<K>) -> impl DoubleEndedIterator<Item = (&K, &V)> {
        let begin = match keys.start_bound() {
            Bound::Included(first) => self.0.partition_point(|(key, _)| key < first),
            Bound::Excluded(before) => self.0.partition_point(|(key, _)| key <= before),
            Bound::Unbounded => 0,
        };
        let end = match keys.end_bound() {
            Bound::Included(last) => self.0.partition_point(|(key, _)| key <= last),
            Bound::Excluded(behind) => self.0.partition_point(|(key, _)| key < behind),
            Bound::Unbounded => self.0.len(),
        };
        self.0.get(begin..end).unwrap_or_default().iter().map(|(key, value)| (key, value))
    }

    /// Takes a key and its value out.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.place(key).ok().map(|at| self.0.remove(at).1)
    }
}

impl<K: Ord, V> Extend<(K, V)> for SortedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, items: I) {
        for (key, value) in items {
            self.insert(key, value);
        }
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut map = Self::new();
        map.extend(items);
        map
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::SortedMap;
    use std::collections::BTreeMap;

    #[test]
    fn it_is_the_standard_librarys_map() {
        let mut seed = 7u64;
        let (mut ours, mut theirs) = (SortedMap::new(), BTreeMap::new());
        for _ in 0..5000 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let (key, value) = ((seed >> 40) as u32 % 97, seed as u32);
            match seed >> 60 {
                0..8 => assert_eq!(ours.insert(key, value), theirs.insert(key, value)),
                8..12 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
                12 => assert_eq!(ours.or_default(key), theirs.entry(key).or_default()),
                13 => assert_eq!(ours.get_mut(&key).map(|v| *v ^= 1), theirs.get_mut(&key).map(|v| *v ^= 1)),
                14 => assert_eq!(ours.contains_key(&key), theirs.contains_key(&key)),
                _ => {
                    ours.retain(|key, _| key % 5 != 0);
                    theirs.retain(|key, _| key % 5 != 0);
                }
            }
            assert_eq!(ours.get(&key), theirs.get(&key));
            assert_eq!(ours.first(), theirs.first_key_value());
            assert!(ours.range(key..).eq(theirs.range(key..)) && ours.range(..=key).eq(theirs.range(..=key)));
            assert!(ours.iter().eq(theirs.iter()) && ours.len() == theirs.len());
        }
        assert!(ours.into_iter().eq(theirs));
    }
}
