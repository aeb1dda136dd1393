//! A shared, immutable run of bits, least significant bit first (Arrow's layout).

use super::Buffer;

/// A shared, immutable run of bits, least significant first within each byte of each word.
#[derive(Debug, Clone)]
pub struct Bitmap {
    words: Buffer<u64>,
    start: usize,
    len: usize,
}

impl Bitmap {
    /// From words, of which the first `len` bits count.
    pub fn new(words: Vec<u64>, len: usize) -> Self {
        assert!(words.len() * 64 >= len);
        Bitmap { words: words.into(), start: 0, len }
    }

    /// All bits the same.
    pub fn filled(len: usize, bit: bool) -> Self {
        Bitmap::new(vec![if bit { u64::MAX } else { 0 }; len.div_ceil(64)], len)
    }

    /// How many bits.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True if there is no bit.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bit `i`; panics where `i >= len`.
    pub fn get(&self, i: usize) -> bool {
        assert!(i < self.len);
        let at = self.start + i;
        self.words[at / 64] >> (at % 64) & 1 == 1
    }

    /// The part `[start, start + len)`; copies nothing.
    pub fn slice(&self, start: usize, len: usize) -> Self {
        assert!(start.checked_add(len).is_some_and(|end| end <= self.len));
        Bitmap { words: self.words.clone(), start: self.start + start, len }
    }

    /// Word `i` of the bits as if they began at a word boundary; bits past the end are 0.
    pub fn word(&self, i: usize) -> u64 {
        let bit = self.start + i * 64;
        let (word, shift) = (bit / 64, bit % 64);
        let low = self.words.get(word).copied().unwrap_or(0) >> shift;
        let high = match shift {
            0 => 0,
            _ => self.words.get(word + 1).copied().unwrap_or(0) << (64 - shift),
        };
        let left = self.len.saturating_sub(i * 64);
        let mask = if left >= 64 { u64::MAX } else { (1u64 << left) - 1 };
        (low | high) & mask
    }

    /// How many bits are set.
    pub fn count_ones(&self) -> usize {
        (0..self.len.div_ceil(64)).map(|i| self.word(i).count_ones() as usize).sum()
    }

    /// The bits in order.
    pub fn iter(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.len).map(|i| self.get(i))
    }

    /// Bytes this bitmap keeps alive.
    pub fn memory(&self) -> usize {
        self.words.memory()
    }
}

impl FromIterator<bool> for Bitmap {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let (mut words, mut len) = (Vec::new(), 0);
        for bit in bits {
            if len % 64 == 0 {
                words.push(0u64);
            }
            if bit {
                words[len / 64] |= 1 << (len % 64);
            }
            len += 1;
        }
        Bitmap::new(words, len)
    }
}
