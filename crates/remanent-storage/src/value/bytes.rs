//! Reading and writing of the small things that persisted bytes are made of.
//!
//! Integers are little-endian; counts and lengths are *varints*: seven bits a byte, least
//! significant first, the high bit set on every byte but the last (LEB128, DWARF 5
//! section 7.6). Signed numbers that are mostly small go through [`zigzag`] first.
//!
//! ```
//! use remanent_storage::value::bytes::{put_str, put_varint, Reader};
//! let mut out = Vec::new();
//! put_varint(&mut out, 300);
//! put_str(&mut out, "ab");
//! assert_eq!(out, [0xac, 0x02, 0x02, b'a', b'b']);
//! let mut r = Reader::new(&out);
//! assert_eq!(r.varint().unwrap(), 300);
//! assert_eq!(r.str().unwrap(), "ab");
//! r.finish().unwrap();
//! ```
//!
//! A [`Reader`] believes nothing: whatever does not fit is an error of state `XX001`
//! (data corrupted) that says at which byte, and no length found in the bytes leads to an
//! allocation larger than the bytes themselves could fill.

use crate::error::{Error, Result, state};

/// A varint takes at most so many bytes.
pub const VARINT_MAX: usize = 10;

/// Appends a varint.
pub fn put_varint(out: &mut Vec<u8>, mut v: u64) {
    while v >= 0x80 {
        out.push(v as u8 | 0x80);
        v >>= 7;
    }
    out.push(v as u8);
}

/// Appends a varint length and the bytes.
pub fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a varint length and the text.
pub fn put_str(out: &mut Vec<u8>, text: &str) {
    put_bytes(out, text.as_bytes());
}

/// Small numbers of either sign as small numbers: 0, -1, 1, -2 … become 0, 1, 2, 3 ….
pub fn zigzag(v: i64) -> u64 {
    ((v << 1) ^ (v >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub fn unzigzag(v: u64) -> i64 {
    (v >> 1) as i64 ^ -((v & 1) as i64)
}

/// Reads bytes that may be damaged, front to back.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

macro_rules! fixed {
    ($($(#[$doc:meta])* $name:ident: $ty:ty;)*) => {$(
        $(#[$doc])*
        pub fn $name(&mut self) -> Result<$ty> {
            let mut raw = [0; size_of::<$ty>()];
            raw.copy_from_slice(self.take(size_of::<$ty>())?);
            Ok(<$ty>::from_le_bytes(raw))
        }
    )*};
}

impl<'a> Reader<'a> {
    /// Begins at the first byte.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader { bytes, at: 0 }
    }

    /// How many bytes were read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.bytes.len() - self.at
    }

    /// True at the end.
    pub fn is_empty(&self) -> bool {
        self.remaining() == 0
    }

    /// The bytes that are left.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.at..]
    }

    /// An error of state `XX001` that names the present position.
    #[cold]
    pub fn corrupt(&self, what: impl std::fmt::Display) -> Error {
        Error::new(
            state::DATA_CORRUPTED,
            format!("damaged bytes: {what} (at byte {} of {})", self.at, self.bytes.len()),
        )
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        match self.rest().get(..n) {
            Some(bytes) => {
                self.at += n;
                Ok(bytes)
            }
            None => Err(self.corrupt(format_args!("{n} more bytes were expected"))),
        }
    }

    /// The next byte.
    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.take(1)?[0])
    }

    fixed! {
        /// The next 2 bytes.
        u16: u16;
        /// The next 4 bytes.
        u32: u32;
        /// The next 8 bytes.
        u64: u64;
        /// The next 2 bytes.
        i16: i16;
        /// The next 4 bytes.
        i32: i32;
        /// The next 8 bytes.
        i64: i64;
        /// The next 16 bytes.
        i128: i128;
        /// The next 4 bytes.
        f32: f32;
        /// The next 8 bytes.
        f64: f64;
    }

    /// A varint.
    pub fn varint(&mut self) -> Result<u64> {
        let mut v = 0u64;
        for (i, &byte) in self.rest().iter().take(VARINT_MAX).enumerate() {
            let bits = u64::from(byte & 0x7f);
            if i == VARINT_MAX - 1 && byte > 1 {
                break;
            }
            v |= bits << (7 * i);
            if byte < 0x80 {
                self.at += i + 1;
                return Ok(v);
            }
        }
        Err(self.corrupt("a number was expected"))
    }

    /// A varint that counts things of at least `bytes_each` bytes which follow; refused where
    /// the bytes left could not hold that many, so it is safe to allocate for.
    pub fn count(&mut self, bytes_each: usize) -> Result<usize> {
        let n = self.varint()?;
        match usize::try_from(n) {
            Ok(n) if n.checked_mul(bytes_each).is_some_and(|all| all <= self.remaining()) => Ok(n),
            _ => Err(self.corrupt(format_args!("a count of {n} is more than there is"))),
        }
    }

    /// A varint length and so many bytes.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let n = self.count(1)?;
        self.take(n)
    }

    /// A varint length and so many bytes of UTF-8.
    pub fn str(&mut self) -> Result<&'a str> {
        let bytes = self.bytes()?;
        std::str::from_utf8(bytes).map_err(|_| self.corrupt("a text is not valid UTF-8"))
    }

    /// Nothing may be left.
    pub fn finish(&self) -> Result<()> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(self.corrupt(format_args!("{} bytes too many", self.remaining()))),
        }
    }
}
