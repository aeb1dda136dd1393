//! Bits one after the other, the least significant first.

/// Appends bits to bytes.
pub(crate) struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// Bits that do not fill a byte yet.
    word: u64,
    used: u32,
}

impl<'a> BitWriter<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        BitWriter { out, word: 0, used: 0 }
    }

    /// Appends the lowest `n` bits of `bits`, at most 64.
    pub(crate) fn put(&mut self, bits: u64, n: u32) {
        if n > 32 {
            self.put(bits & 0xffff_ffff, 32);
            return self.put(bits >> 32, n - 32);
        }
        // At most 31 bits wait here.
        self.word |= (bits & ((1 << n) - 1)) << self.used;
        self.used += n;
        if self.used >= 32 {
            self.out.extend_from_slice(&(self.word as u32).to_le_bytes());
            self.word >>= 32;
            self.used -= 32;
        }
    }

    /// Fills the last byte with zeros.
    pub(crate) fn finish(self) {
        let bytes = self.used.div_ceil(8) as usize;
        self.out.extend_from_slice(&self.word.to_le_bytes()[..bytes]);
    }
}

/// Bytes that are read past their end: zeros follow them.
pub(crate) struct Padded {
    bytes: Vec<u8>,
    /// How many bits are not padding.
    pub(crate) len: usize,
}

impl Padded {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let mut padded = Vec::with_capacity(bytes.len() + 16);
        padded.extend_from_slice(bytes);
        padded.resize(bytes.len() + 16, 0);
        Padded { bytes: padded, len: bytes.len() * 8 }
    }

    /// At least 57 bits from bit `at` on; zeros where there are none.
    #[inline(always)]
    pub(crate) fn word(&self, at: usize) -> u64 {
        let bytes = self.bytes.get(at / 8..).and_then(|rest| rest.first_chunk());
        u64::from_le_bytes(*bytes.unwrap_or(&[0; 8])) >> (at % 8)
    }

    /// `n` bits from bit `at` on, at most 64.
    #[inline(always)]
    pub(crate) fn get(&self, at: usize, n: u32) -> u64 {
        let low = self.word(at);
        match n {
            0 => 0,
            1..=56 => low & ((1 << n) - 1),
            _ => (low & ((1 << 32) - 1) | self.word(at + 32) << 32) & (u64::MAX >> (64 - n)),
        }
    }
}

/// Takes bits from the front; None past the end.
pub(crate) struct BitReader<'a> {
    pub(crate) bits: &'a Padded,
    pub(crate) at: usize,
}

impl BitReader<'_> {
    pub(crate) fn take(&mut self, n: u32) -> Option<u64> {
        let bits = self.bits.get(self.at, n);
        self.at += n as usize;
        (self.at <= self.bits.len).then_some(bits)
    }
}
