//! Texts of limited length, and uuids.
//!
//! `character varying(n)` is text of at most n characters. `character(n)` is filled with blanks up to n, and blanks at
//! its end count neither in comparisons nor where it becomes text.

use super::text::invalid;
use super::types::NAME_BYTES;
use crate::error::{Error, Result, state};

/// What to do with characters that are too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excess {
    /// They are cut off, as an explicit cast does.
    Cut,
    /// They are an error (22001) unless they are blanks, as where a column is assigned.
    Refuse,
}

/// As much of a text as a `name` holds.
pub fn name(text: &str) -> &str {
    let end = (0..=NAME_BYTES.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// The text as `character varying(length)` or, `fixed`, `character(length)` holds it.
pub fn limit(text: &str, length: Option<u32>, fixed: bool, excess: Excess) -> Result<String> {
    let Some(length) = length else { return Ok(text.to_string()) };
    let mut rest = text.char_indices().skip(length as usize);
    let kept = match rest.next() {
        None => text,
        Some((end, _)) => {
            if excess == Excess::Refuse && text[end..].bytes().any(|b| b != b' ') {
                let name = if fixed { "character" } else { "character varying" };
                let message = format!("value too long for type {name}({length})");
                return Err(Error::new(state::STRING_DATA_RIGHT_TRUNCATION, message));
            }
            &text[..end]
        }
    };
    let mut out = kept.to_string();
    if fixed {
        let missing = (length as usize).saturating_sub(kept.chars().count());
        out.extend(std::iter::repeat_n(' ', missing));
    }
    Ok(out)
}

/// Without the blanks at the end.
pub fn trimmed(bytes: &[u8]) -> &[u8] {
    let blanks = bytes.iter().rev().take_while(|&&b| b == b' ').count();
    &bytes[..bytes.len() - blanks]
}

/// Reads a uuid: 32 hexadecimal digits, a hyphen allowed after each four, in braces or not.
pub fn parse_uuid(text: &str) -> Result<[u8; 16]> {
    let body = text.strip_prefix('{').map_or(Some(text), |rest| rest.strip_suffix('}'));
    let read = || {
        let mut rest = body?.bytes().peekable();
        let mut out = [0u8; 16];
        for (i, byte) in out.iter_mut().enumerate() {
            for _ in 0..2 {
                let digit = char::from(rest.next()?).to_digit(16)?;
                *byte = *byte << 4 | digit as u8;
            }
            if i % 2 == 1 && i < 15 {
                rest.next_if_eq(&b'-');
            }
        }
        rest.next().is_none().then_some(out)
    };
    read().ok_or_else(|| invalid(text, "uuid"))
}

/// `a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11`
pub fn write_uuid(f: &mut std::fmt::Formatter<'_>, uuid: &[u8; 16]) -> std::fmt::Result {
    for (i, byte) in uuid.iter().enumerate() {
        f.write_str(if matches!(i, 4 | 6 | 8 | 10) { "-" } else { "" })?;
        write!(f, "{byte:02x}")?;
    }
    Ok(())
}
