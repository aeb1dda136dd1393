//! Vectors of values as bytes, and back.
//!
//! Every fixed-width value is encoded as an i64, its *carrier*: integers, dates and times as
//! they are, booleans as 0 and 1, floats as bits mapped so that the integers' order is the
//! floats'. Byte strings (and 16-byte values that do not fit a carrier) are *byte sections*.
//! The choice among encodings is made per vector, by computing what each would take.
//!
//! | file | holds |
//! |---|---|
//! | `ints` | sections of carriers: constant, packed, delta, runs, bytes |
//! | `floats` | decimal fractions as scaled integers |
//! | `bytes` | sections of byte strings: plain, LZ4 |
//!
//! A *section* is n values, where n is known from outside. It says itself where it ends:
//! parsing one returns how many bytes it took. Sections (tags are persisted, do not renumber;
//! numbers are little-endian; `width` and `packed` as in [`remanent_kernels::bitpack`]):
//!
//! | tag | section of carriers | bytes after the tag | value i |
//! |---|---|---|---|
//! | 1 | constant | base i64 | base |
//! | 2 | packed | width u8, base i64, slope i64, packed | base + floor(slope · i / 1024) + packed i |
//! | 3 | delta | width u8, least i64, an anchor i64 per 256 values, packed | anchor of its 256, plus (least + packed) of each value after the anchor up to i |
//! | 4 | runs | count u16, size u8, base i64, ends u16 × count, values × count | base + the value of the first run whose end is beyond i |
//! | 5 | bytes | size u8, base i64, values × n | base + value; size is 1, 2, 4 or 8 bytes |
//! | 6 | scaled (floats only) | exponent u8, exceptions u16, section of digits (tag 1 to 5), place u16 × exceptions, carrier i64 × exceptions | digits / 10^exponent |
//!
//! Packed with slope 0 is frame-of-reference; with another slope it takes up regular
//! timestamps and serial numbers in a few bits and still decodes any value alone. Delta is
//! taken where it is clearly smaller; value i alone costs up to 256 additions.
//!
//! | tag | section of byte strings | bytes after the tag |
//! |---|---|---|
//! | 1 | plain | section of end offsets, the bytes one after the other |
//! | 2 | LZ4 | section of end offsets (uncompressed), strings per block u16, section of the blocks' end offsets (compressed), the blocks |
//!
//! A block is compressed alone, so that reading one string decompresses about 4 KB; a block as long as its
//! strings is stored as they are.
//!
//! Example: the carriers 7, 7, 9 are `05 01 0700000000000000 00 00 02`: tag bytes, size 1,
//! base 7, the distances 0, 0, 2. The strings "ab", "c" are `01 05 01 0200000000000000 00 01 6162 63`.
//!
//! Limits: a section of carriers has at most 1,024 values; parsing trusts nothing (a
//! checksum says that bytes are what was written, not that what was written is sound).

pub mod bytes;
pub mod floats;
pub mod ints;

/// What is wrong with bytes that do not parse; the caller knows file and offset.
pub type Parse<T> = Result<T, &'static str>;

/// Most values of a section of carriers.
pub const SECTION_MAX: usize = 1024;

/// Takes sections apart from front to back.
#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    /// What is left.
    pub rest: &'a [u8],
}

impl<'a> Cursor<'a> {
    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Parse<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(n).ok_or("a section ends too early")?;
        self.rest = rest;
        Ok(taken)
    }

    /// One byte.
    pub fn u8(&mut self) -> Parse<u8> {
        Ok(self.take(1)?[0])
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Parse<u16> {
        let b = self.take(2)?;
        Ok(u16::from_le_bytes([b[0], b[1]]))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Parse<u32> {
        let b = self.take(4)?;
        Ok(u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// Eight bytes.
    pub fn i64(&mut self) -> Parse<i64> {
        Ok(i64::from_le_bytes(self.take(8)?.try_into().unwrap_or_default()))
    }
}
