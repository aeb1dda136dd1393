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

    /// All words of the bits as if they began at a word boundary; bits past the end are 0.
    pub fn words(&self) -> Vec<u64> {
        let count = self.len.div_ceil(64);
        let begin = self.start / 64;
        match self.words.get(begin..begin + count) {
            Some(words) if self.start.is_multiple_of(64) => {
                let mut words = words.to_vec();
                if let (Some(last), rest @ 1..) = (words.last_mut(), self.len % 64) {
                    *last &= (1 << rest) - 1;
                }
                words
            }
            _ => (0..count).map(|i| self.word(i)).collect(),
        }
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
        let mut word = 0;
        (0..self.len).map(move |i| {
            if i % 64 == 0 {
                word = self.word(i / 64);
            }
            let bit = word & 1 == 1;
            word >>= 1;
            bit
        })
    }

    /// The positions of the set bits, ascending.
    pub fn ones(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len.div_ceil(64)).flat_map(move |i| {
            let mut word = self.word(i);
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                (word != 0).then(|| {
                    word &= word - 1;
                    i as u32 * 64 + bit
                })
            })
        })
    }

    /// The bits at those positions; panics where there is none.
    pub fn gather(&self, rows: &[u32]) -> Self {
        rows.iter().map(|&r| self.get(r as usize)).collect()
    }

    /// Set where both are; panics where the lengths differ.
    pub fn and(&self, other: &Bitmap) -> Self {
        assert_eq!(self.len, other.len);
        Bitmap::new((0..self.len.div_ceil(64)).map(|i| self.word(i) & other.word(i)).collect(), self.len)
    }

    /// The same bits in words of their own.
    pub fn compact(&self) -> Self {
        Bitmap::new((0..self.len.div_ceil(64)).map(|i| self.word(i)).collect(), self.len)
    }

    /// Bytes this bitmap keeps alive.
    pub fn memory(&self) -> usize {
        self.words.memory()
    }
}

impl FromIterator<bool> for Bitmap {
    fn from_iter<I: IntoIterator<Item = bool>>(bits: I) -> Self {
        let bits = bits.into_iter();
        let mut builder = BitmapBuilder::with_capacity(bits.size_hint().0);
        bits.for_each(|bit| builder.push(bit));
        builder.finish()
    }
}

/// Builds a [`Bitmap`] from its first bit to its last.
#[derive(Debug, Clone, Default)]
pub struct BitmapBuilder {
    /// Bits from `len` on are 0.
    words: Vec<u64>,
    len: usize,
}

impl BitmapBuilder {
    /// No bits, room for so many.
    pub fn with_capacity(bits: usize) -> Self {
        BitmapBuilder { words: Vec::with_capacity(bits.div_ceil(64)), len: 0 }
    }

    /// So many bits, all the same.
    pub fn filled(len: usize, bit: bool) -> Self {
        let mut builder = BitmapBuilder::with_capacity(len + 1);
        builder.push_many(len, bit);
        builder
    }

    /// Makes room for so many more bits.
    pub fn reserve(&mut self, bits: usize) {
        self.words.reserve((self.len + bits).div_ceil(64).saturating_sub(self.words.len()));
    }

    /// How many bits so far.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True before the first bit.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bit `i`; panics where `i >= len`.
    pub fn get(&self, i: usize) -> bool {
        assert!(i < self.len);
        self.words[i / 64] >> (i % 64) & 1 == 1
    }

    /// Adds a bit.
    #[inline]
    pub fn push(&mut self, bit: bool) {
        let at = self.len % 64;
        match self.words.last_mut() {
            Some(word) if at > 0 => *word |= u64::from(bit) << at,
            _ => self.words.push(bit.into()),
        }
        self.len += 1;
    }

    /// Adds the low `n` (at most 64) bits of `word`; those above must be 0.
    fn push_word(&mut self, word: u64, n: usize) {
        let at = self.len % 64;
        match self.words.last_mut() {
            Some(last) if at > 0 => {
                *last |= word << at;
                if at + n > 64 {
                    self.words.push(word >> (64 - at));
                }
            }
            _ if n > 0 => self.words.push(word),
            _ => {}
        }
        self.len += n;
    }

    /// Adds the same bit `n` times.
    pub fn push_many(&mut self, mut n: usize, bit: bool) {
        while n > 0 {
            let now = n.min(64);
            let word = if bit { u64::MAX >> (64 - now) } else { 0 };
            self.push_word(word, now);
            n -= now;
        }
    }

    /// Adds the bits of a bitmap: all, or those at `rows`.
    pub fn extend(&mut self, bits: &Bitmap, rows: Option<&[u32]>) {
        match rows {
            Some(rows) => rows.iter().for_each(|&r| self.push(bits.get(r as usize))),
            None => {
                for i in 0..bits.len().div_ceil(64) {
                    self.push_word(bits.word(i), (bits.len() - i * 64).min(64));
                }
            }
        }
    }

    /// Drops bits from the end until `len` are left.
    pub fn truncate(&mut self, len: usize) {
        if len >= self.len {
            return;
        }
        self.words.truncate(len.div_ceil(64));
        if let (Some(last), 1..) = (self.words.last_mut(), len % 64) {
            *last &= u64::MAX >> (64 - len % 64);
        }
        self.len = len;
    }

    /// The bitmap.
    pub fn finish(self) -> Bitmap {
        Bitmap::new(self.words, self.len)
    }

    /// Bytes held so far.
    pub fn memory(&self) -> usize {
        self.words.capacity() * 8
    }
}
