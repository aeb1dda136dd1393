//! Bytes that lie in their owner while they are few: keys are mostly one or two numbers, and are copied for every lock and
//! every row that is replaced.
//!
//! ```
//! use remanent_storage::value::inline::InlineBytes;
//! let key = InlineBytes::from(&[1, 128, 0, 0, 0, 0, 0, 0, 7][..]);
//! assert_eq!((key.len(), size_of::<InlineBytes>()), (9, 24));
//! ```
//!
//! Limits: up to [`FEW`] bytes; more are an allocation.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// So many bytes need no allocation: two whole numbers of eight bytes with their tags, and some.
pub const FEW: usize = 22;

/// An immutable byte string.
#[derive(Clone)]
pub struct InlineBytes(Bytes);

#[derive(Clone)]
enum Bytes {
    Few(u8, [u8; FEW]),
    Many(Box<[u8]>),
}

impl From<&[u8]> for InlineBytes {
    fn from(bytes: &[u8]) -> Self {
        let mut few = [0; FEW];
        InlineBytes(match few.get_mut(..bytes.len()) {
            Some(place) => {
                place.copy_from_slice(bytes);
                Bytes::Few(bytes.len() as u8, few)
            }
            None => Bytes::Many(bytes.into()),
        })
    }
}

impl From<Vec<u8>> for InlineBytes {
    fn from(bytes: Vec<u8>) -> Self {
        match bytes.len() > FEW {
            true => InlineBytes(Bytes::Many(bytes.into())),
            false => bytes.as_slice().into(),
        }
    }
}

impl Deref for InlineBytes {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Bytes::Few(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Bytes::Many(bytes) => bytes,
        }
    }
}

impl PartialEq for InlineBytes {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for InlineBytes {}

impl PartialOrd for InlineBytes {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for InlineBytes {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

/// As the slice: a table of keys is asked for slices.
impl Hash for InlineBytes {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl std::fmt::Debug for InlineBytes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn few_and_many_bytes_are_what_they_were_made_of() {
        let hasher = rustc_hash::FxBuildHasher;
        for len in [0, 1, 9, FEW, FEW + 1, 300] {
            let bytes: Vec<u8> = (0..len).map(|i| i as u8).collect();
            let (of_slice, of_vec) = (InlineBytes::from(bytes.as_slice()), InlineBytes::from(bytes.clone()));
            assert_eq!((&*of_slice, &*of_vec), (bytes.as_slice(), bytes.as_slice()));
            assert_eq!(of_slice, of_vec);
            assert_eq!(hasher.hash_one(&of_slice), hasher.hash_one(bytes.as_slice()));
        }
        let order = ["", "a", "a\0", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "b"];
        assert!(order.windows(2).all(|w| InlineBytes::from(w[0].as_bytes()) < w[1].as_bytes().into()));
    }
}
