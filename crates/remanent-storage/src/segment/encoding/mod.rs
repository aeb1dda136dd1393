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
//! | `bins` | sections of carriers: differences, entropy-coded |
//! | `floats` | decimal fractions as scaled integers |
//! | `bytes` | sections of byte strings: plain, LZ4, codes |
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
//! | 7 | bins | see `bins` | base + number · multiplier, summed up 0 to 2 times |
//! | 8 | short constant | base, a varint | base |
//! | 6 | scaled (floats only) | exponent u8, exceptions u16, section of digits (another tag), place u16 × exceptions, carrier i64 × exceptions | digits / 10^exponent |
//!
//! A varint is 7 bits a byte, lowest first, the highest bit set in all but the last; signed: zigzag.
//!
//! Tags 1 to 6 decode about as fast as memory is read. Bins are smaller and decode 1,024 values in 3 to 6 µs; they
//! are for what is written once and read for long ([`Effort::Thorough`]: flush and merge), for the few values of a small
//! table, and never for what rows are searched by unless they halve it.
//!
//! Packed with slope 0 is frame-of-reference; with another slope it takes up regular
//! timestamps and serial numbers in a few bits and still decodes any value alone. Delta is
//! taken where it is clearly smaller; value i alone costs up to 256 additions.
//!
//! | tag | section of byte strings | bytes after the tag |
//! |---|---|---|
//! | 1 | plain | section of end offsets, the bytes one after the other |
//! | 2 | LZ4 | section of end offsets (uncompressed), strings per block u16, section of the blocks' end offsets (compressed), the blocks |
//! | 3 | codes | section of the ends of each string's codes, table of [symbols](remanent_kernels::fsst), the codes |
//!
//! A block is compressed alone, so that reading one string decompresses about 4 KB; a block as long as its
//! strings is stored as they are.
//!
//! Example: as bytes the carriers 7, 7, 9 are `05 01 0700000000000000 00 00 02`: tag bytes, size 1,
//! base 7, the distances 0, 0, 2; as bins `07 04 02 0e 02 0104`. The carriers 5, 5 are `08 0a`. The strings "ab", "c" are
//! `01 07 00 02 04 0102 616263`: tag plain, the ends 2 and 3 as bins, the bytes.
//!
//! Limits: a section of carriers has at most 1,024 values, the ends of strings 4,096 if they are no bins; parsing trusts nothing (a
//! checksum says that bytes are what was written, not that what was written is sound).

mod bins;
pub mod bytes;
pub mod floats;
pub mod ints;

/// What is wrong with bytes that do not parse; the caller knows file and offset.
pub type Parse<T> = Result<T, &'static str>;

/// Most values of a section of carriers.
pub const SECTION_MAX: usize = 1024;
/// Most ends of strings: of those that the dictionary of a page has.
pub const ENDS_MAX: usize = 4096;

/// How much time encoding may take, and what decoding may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// What a load at full speed can afford.
    Fast,
    /// What is written once and read for long.
    Thorough,
    /// As thorough, where rows are searched by the values: they should decode alone.
    Keyed,
    /// As fast, where each value has to decode alone: ends of strings.
    Alone,
}

/// Appends a number in groups of 7 bits, the lowest first; all but the last byte have the highest bit set.
pub fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A signed number as an unsigned one that is small where its magnitude is.
pub fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

/// The inverse of [`zigzag`].
pub fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

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

    /// A number in groups of 7 bits.
    pub fn varint(&mut self) -> Parse<u64> {
        // Most are short.
        if let Some((&byte @ 0..0x80, rest)) = self.rest.split_first() {
            self.rest = rest;
            return Ok(byte.into());
        }
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.u8()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err("a number is too large")
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
