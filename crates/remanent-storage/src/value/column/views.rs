//! Byte strings as 16-byte views: short ones inline, long ones in shared buffers.
//!
//! ```text
//! bytes   0..4     4..8     8..12    12..16
//!         length   inline bytes, up to 12                length ≤ 12; what is not used is 0
//!         length   prefix   buffer   offset              longer
//! ```

use crate::value::Buffer;
use crate::value::blob::{Blobs, REFERENCE, Reference};
use std::sync::Arc;

/// The longest string that lies in its view.
pub const INLINE_MAX: usize = 12;

/// Byte strings as 16-byte views, the layout of Arrow's BinaryView: the low 32 bits are the
/// length; up to 12 bytes follow inline, longer ones have a 4-byte prefix, a buffer number and
/// an offset.
#[derive(Debug, Clone)]
pub struct Views {
    /// One view a row.
    pub views: Buffer<u128>,
    /// What long views point into.
    pub buffers: Arc<Vec<Buffer<u8>>>,
    /// What reads the large values that these rows are references to; None: they are what they are.
    pub blobs: Option<Blobs>,
    /// Known to hold nothing that looks like a reference to a large value.
    pub plain: bool,
}

impl Views {
    /// The bytes of row `i`.
    #[inline]
    pub fn get(&self, i: usize) -> &[u8] {
        let view = &self.views[i];
        match inline(view) {
            Some(bytes) => bytes,
            None => {
                let (buffer, offset, len) = place(*view);
                &self.buffers[buffer][offset..offset + len]
            }
        }
    }

    /// True if row `i` holds what is, in a stored column, a reference to a large value.
    #[inline]
    pub fn is_reference(&self, i: usize) -> bool {
        self.views[i] as u32 as usize == REFERENCE && Reference::is(self.get(i))
    }

    /// Bytes of long strings that these rows point at; a string that several rows share counts as often.
    pub fn long_bytes(&self) -> usize {
        self.views.iter().map(|&v| v as u32 as usize).filter(|&len| len > INLINE_MAX).sum()
    }
}

/// The view of `bytes`, which lie in buffer `buffer` at `offset` where they are longer than 12.
#[inline]
pub fn view_of(bytes: &[u8], buffer: u32, offset: u32) -> u128 {
    let mut view = [0u8; 16];
    view[..4].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
    if bytes.len() <= INLINE_MAX {
        view[4..4 + bytes.len()].copy_from_slice(bytes);
    } else {
        view[4..8].copy_from_slice(&bytes[..4]);
        view[8..12].copy_from_slice(&buffer.to_le_bytes());
        view[12..].copy_from_slice(&offset.to_le_bytes());
    }
    u128::from_le_bytes(view)
}

/// Buffer, offset and length of a long view.
#[inline]
pub(super) fn place(view: u128) -> (usize, usize, usize) {
    ((view >> 64) as u32 as usize, (view >> 96) as u32 as usize, view as u32 as usize)
}

/// The bytes of a short view. Views are little-endian in memory on every target we build for.
#[cfg(target_endian = "little")]
#[allow(unsafe_code, reason = "a view of plain bytes; safe slices of a u128 need a copy per access")]
#[inline]
pub(super) fn inline(view: &u128) -> Option<&[u8]> {
    let len = *view as u32 as usize;
    if len > INLINE_MAX {
        return None;
    }
    // SAFETY: a u128 is 16 initialised bytes; 4 + len ≤ 16; the borrow keeps the view alive.
    Some(unsafe { std::slice::from_raw_parts(std::ptr::from_ref(view).cast::<u8>().add(4), len) })
}
