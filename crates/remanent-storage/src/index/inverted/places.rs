//! Where a lexeme stands in the document of a row: what lists of texts keep beside the row.
//!
//! A number, a varint. If it is even, the lexeme stands at one place, half of it, with the weight D. Else its bits above the lowest
//! two say at how many places; each follows as a varint: how far it is behind the one before (the first: behind 0), or, where the
//! second bit is set, four times that plus the weight (D is 0, A is 3). At no place: it is not known where.
//!
//! ```text
//!   'a':5      0a         'a':5,7     09 05 02        'a':5A,7     0b 17 08        'a'     01
//! ```
//!
//! Places are stored as the tsvector has them, so what was cut off there (256 places of a lexeme, none behind 16,383) is cut off here.

#[cfg(feature = "text")]
use crate::segment::encoding::Cursor;
use crate::segment::encoding::Parse;
#[cfg(feature = "text")]
use crate::segment::encoding::put_varint;
use remanent_kernels::postings::split_places;
#[cfg(feature = "text")]
use remanent_text::vector::{Position, Positions, Weight};

/// Of an item that stands nowhere in particular.
pub(super) const UNKNOWN: &[u8] = &[1];

#[cfg(feature = "text")]
const SEVERAL: u64 = 1;
#[cfg(feature = "text")]
const WEIGHTED: u64 = 2;

/// Appends where a lexeme stands.
#[cfg(feature = "text")]
pub(super) fn write(positions: Positions<'_>, out: &mut Vec<u8>) {
    let weighted = positions.into_iter().any(|position| position.weight() != Weight::D);
    if let (1, false, Some(only)) = (positions.len(), weighted, positions.get(0)) {
        return put_varint(u64::from(only.place()) << 1, out);
    }
    put_varint((positions.len() as u64) << 2 | if weighted { WEIGHTED } else { 0 } | SEVERAL, out);
    let mut before = 0;
    for position in positions {
        let step = u64::from(position.place().saturating_sub(before));
        before = position.place();
        put_varint(if weighted { step << 2 | position.weight() as u64 } else { step }, out);
    }
}

/// Reads what [`write`] has written.
#[cfg(feature = "text")]
pub(super) fn read(bytes: &[u8], out: &mut Vec<Position>) -> Parse<()> {
    out.clear();
    let mut cursor = Cursor { rest: bytes };
    let head = cursor.varint()?;
    if head & SEVERAL == 0 {
        out.push(position(head >> 1, Weight::D));
        return Ok(());
    }
    let mut place = 0u64;
    for _ in 0..head >> 2 {
        let number = cursor.varint()?;
        let (step, weight) = if head & WEIGHTED != 0 { (number >> 2, number & 3) } else { (number, 0) };
        place = place.saturating_add(step);
        out.push(position(place, Weight::ALL[weight as usize]));
    }
    Ok(())
}

#[cfg(feature = "text")]
fn position(place: u64, weight: Weight) -> Position {
    Position::new(u32::try_from(place).unwrap_or(u32::MAX), weight)
}

/// Where those of some rows lie, one behind the other.
#[derive(Default)]
pub(super) struct Places {
    pub bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Places {
    /// Finds those of so many rows.
    pub fn split(&mut self, rows: usize) -> Parse<()> {
        self.ends.clear();
        match split_places(&self.bytes, rows, &mut self.ends) == Some(self.bytes.len()) {
            true => Ok(()),
            false => Err("places do not end where they should"),
        }
    }

    /// Those of row number `i`; nothing of one that is not there.
    pub fn get(&self, i: usize) -> &[u8] {
        let start = i.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        let end = self.ends.get(i).copied().unwrap_or(0);
        self.bytes.get(start as usize..end as usize).unwrap_or_default()
    }

    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}
