//! Functions of single bytes and bits, and of bytes as text: encode, decode, overlay, bit counts.
//!
//! Positions of bytes and bits count from 0, those of `overlay` from 1, as in PostgreSQL. Within a byte, bit 0 is the
//! least one.
//!
//! ```text
//! encode('\x00ff', 'base64')                  AP8=
//! overlay('Txxxxas' placing 'hom' from 2 for 4)   Thomas
//! ```

use super::string::{MAX_LENGTH, offset, too_long};
use super::support::{i64s, utf8};
use super::{Args, BYTEA, Function, INT4, INT8, Signature, TEXT, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, ColumnBuilder, Type};

static OVERLAY: &[Signature] = &[
    (&[TEXT, TEXT, INT4, INT4], Type::Text),
    (&[TEXT, TEXT, INT4], Type::Text),
    (&[BYTEA, BYTEA, INT4, INT4], Type::Bytea),
    (&[BYTEA, BYTEA, INT4], Type::Bytea),
];
static TRIM: &[Signature] = &[(&[BYTEA, BYTEA], Type::Bytea)];
static CONVERT_FROM: &[Signature] = &[(&[BYTEA, TEXT], Type::Text)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("encode", &[(&[BYTEA, TEXT], Type::Text)], encode),
    f("decode", &[(&[TEXT, TEXT], Type::Bytea)], decode),
    f("overlay", OVERLAY, overlay),
    f("get_byte", &[(&[BYTEA, INT4], Type::Int4)], |a| bit_of(a, false)),
    f("get_bit", &[(&[BYTEA, INT8], Type::Int4)], |a| bit_of(a, true)),
    f("set_byte", &[(&[BYTEA, INT4, INT4], Type::Bytea)], |a| set(a, false)),
    f("set_bit", &[(&[BYTEA, INT8, INT4], Type::Bytea)], |a| set(a, true)),
    f("bit_count", &[(&[BYTEA], Type::Int8)], |a| {
        a.map_int(&mut |row| Ok(a.columns[0].bytes(row).iter().map(|b| i64::from(b.count_ones())).sum()))
    }),
    f("position", &[(&[BYTEA, BYTEA], Type::Int4)], position),
    f("btrim", TRIM, |a| trim(a, true, true)),
    f("ltrim", TRIM, |a| trim(a, true, false)),
    f("rtrim", TRIM, |a| trim(a, false, true)),
    f("convert_from", CONVERT_FROM, convert),
    f("convert_to", &[(&[TEXT, TEXT], Type::Bytea)], convert),
];

/// Row by row over the valid rows, for bytes: `work` appends to the empty buffer it is given.
pub(super) fn map_bytes(
    args: &Args<'_>,
    work: &mut dyn FnMut(usize, &mut Vec<u8>) -> Result<()>,
) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    let mut bytes = Vec::new();
    for row in 0..args.rows {
        if !args.is_valid(row) {
            out.push_null();
            continue;
        }
        bytes.clear();
        work(row, &mut bytes)?;
        out.push_bytes(&bytes);
    }
    Ok(out.finish())
}

fn invalid(message: String) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

#[derive(Clone, Copy)]
enum Encoding {
    Hex,
    Base64,
    Escape,
}

impl Encoding {
    fn of(name: &str) -> Result<Encoding> {
        let known = [("hex", Encoding::Hex), ("base64", Encoding::Base64), ("escape", Encoding::Escape)];
        let found = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found
            .map(|(_, encoding)| *encoding)
            .ok_or_else(|| invalid(format!("unrecognized encoding: \"{name}\"")))
    }
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
/// After so many characters of base64 a new line begins (RFC 2045).
const LINE: usize = 76;

fn encode(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row, out| {
        let bytes = args.columns[0].bytes(row);
        match Encoding::of(args.text(1, row)?)? {
            Encoding::Hex => bytes.iter().for_each(|b| push_hex(out, *b)),
            Encoding::Base64 => to_base64(bytes, out),
            Encoding::Escape => bytes.iter().for_each(|&byte| match byte {
                b'\\' => out.extend(b"\\\\"),
                0 | 0x80.. => {
                    out.extend([b'\\', b'0' + (byte >> 6), b'0' + (byte >> 3 & 7), b'0' + (byte & 7)])
                }
                _ => out.push(byte),
            }),
        }
        Ok(())
    })
}

/// A byte as two digits.
pub(super) fn push_hex(out: &mut Vec<u8>, byte: u8) {
    for digit in [byte >> 4, byte & 15] {
        out.push(digit + if digit < 10 { b'0' } else { b'a' - 10 });
    }
}

fn to_base64(bytes: &[u8], out: &mut Vec<u8>) {
    for (i, group) in bytes.chunks(3).enumerate() {
        if i > 0 && i * 4 % LINE == 0 {
            out.push(b'\n');
        }
        let mut bits = [0; 3];
        bits[..group.len()].copy_from_slice(group);
        let word = u32::from(bits[0]) << 16 | u32::from(bits[1]) << 8 | u32::from(bits[2]);
        for k in 0..4 {
            let there = k <= group.len();
            out.push(if there { BASE64[(word >> (18 - 6 * k) & 63) as usize] } else { b'=' });
        }
    }
}

fn decode(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row, out| {
        let text = args.columns[0].bytes(row);
        match Encoding::of(args.text(1, row)?)? {
            Encoding::Hex => from_hex(args.text(0, row)?, out),
            Encoding::Base64 => from_base64(args.text(0, row)?, out),
            Encoding::Escape => from_escape(text, out),
        }
    })
}

fn from_hex(text: &str, out: &mut Vec<u8>) -> Result<()> {
    let mut high = None;
    for c in text.chars().filter(|c| !matches!(c, ' ' | '\n' | '\t' | '\r')) {
        let digit =
            c.to_digit(16).ok_or_else(|| invalid(format!("invalid hexadecimal digit: \"{c}\"")))? as u8;
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push(high << 4 | digit),
        }
    }
    match high {
        None => Ok(()),
        Some(_) => Err(invalid("invalid hexadecimal data: odd number of digits".to_owned())),
    }
}

fn from_base64(text: &str, out: &mut Vec<u8>) -> Result<()> {
    let unexpected = || invalid("unexpected \"=\" while decoding base64 sequence".to_owned());
    let (mut word, mut have, mut padding) = (0u32, 0, 0);
    for c in text.chars().filter(|c| !matches!(c, ' ' | '\n' | '\t' | '\r')) {
        let value = match BASE64.iter().position(|&b| char::from(b) == c) {
            Some(value) => value as u32,
            None if c == '=' => {
                // Two characters are one byte, three are two.
                if padding == 0 && have < 2 {
                    return Err(unexpected());
                }
                padding += 1;
                0
            }
            None => {
                return Err(invalid(format!("invalid symbol \"{c}\" found while decoding base64 sequence")));
            }
        };
        word = word << 6 | value;
        have += 1;
        if have == 4 {
            let bytes = word.to_be_bytes();
            out.extend_from_slice(&bytes[1..4 - padding.min(2)]);
            (word, have, padding) = (0, 0, 0);
        }
    }
    match have {
        0 => Ok(()),
        _ => Err(invalid("invalid base64 end sequence".to_owned())
            .with_hint("Input data is missing padding, is truncated, or is otherwise corrupted.")),
    }
}

fn from_escape(text: &[u8], out: &mut Vec<u8>) -> Result<()> {
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let octal = |from: &[u8]| match from {
            [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                Some((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'))
            }
            _ => None,
        };
        let (value, length) = match (byte, text.get(at + 1..).unwrap_or_default()) {
            (b'\\', [b'\\', ..]) => (b'\\', 2),
            (b'\\', rest) => match octal(rest) {
                Some(value) => (value, 4),
                None => {
                    let message = "invalid input syntax for type bytea";
                    return Err(Error::new(state::INVALID_TEXT_REPRESENTATION, message));
                }
            },
            _ => (byte, 1),
        };
        out.push(value);
        at += length;
    }
    Ok(())
}

/// The first argument with a part of it replaced; without a length, as much as comes instead.
fn overlay(args: &Args<'_>) -> Result<Column> {
    let start = i64s(&args.columns[2])?;
    let length = args.columns.get(3).map(i64s).transpose()?;
    let text = args.ty == Type::Text;
    map_bytes(args, &mut |row, out| {
        let (whole, new) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        let from = start[row];
        if from <= 0 {
            return Err(Error::new(state::SUBSTRING_ERROR, "negative substring length not allowed"));
        }
        let replaced = match &length {
            Some(length) => length[row],
            None if text => args.text(1, row)?.chars().count() as i64,
            None => new.len() as i64,
        };
        // Where what is kept before ends, and where what is kept behind begins.
        if from + replaced > i64::from(i32::MAX) {
            return Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"));
        }
        let (head, tail) = ((from - 1) as usize, (from - 1 + replaced).max(0) as usize);
        let (head, tail) = match text {
            true => {
                let text = args.text(0, row)?;
                (offset(text, head), offset(text, tail))
            }
            false => (head.min(whole.len()), tail.min(whole.len())),
        };
        if head + new.len() + (whole.len() - tail) > MAX_LENGTH {
            return Err(too_long());
        }
        out.extend_from_slice(&whole[..head]);
        out.extend_from_slice(new);
        out.extend_from_slice(&whole[tail..]);
        Ok(())
    })
}

/// The byte and the bit in it; 2202E where there is none.
fn place(bytes: &[u8], n: i64, bits: bool) -> Result<(usize, u32)> {
    let all = if bits { bytes.len() as i64 * 8 } else { bytes.len() as i64 };
    if n < 0 || n >= all {
        let message = format!("index {n} out of valid range, 0..{}", all - 1);
        return Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, message));
    }
    Ok(if bits { ((n / 8) as usize, (n % 8) as u32) } else { (n as usize, 0) })
}

fn bit_of(args: &Args<'_>, bits: bool) -> Result<Column> {
    let n = i64s(&args.columns[1])?;
    args.map_int(&mut |row| {
        let bytes = args.columns[0].bytes(row);
        let (at, bit) = place(bytes, n[row], bits)?;
        Ok(if bits { i64::from(bytes[at] >> bit & 1) } else { bytes[at].into() })
    })
}

fn set(args: &Args<'_>, bits: bool) -> Result<Column> {
    let (n, new) = (i64s(&args.columns[1])?, i64s(&args.columns[2])?);
    map_bytes(args, &mut |row, out| {
        out.extend_from_slice(args.columns[0].bytes(row));
        let (at, bit) = place(out, n[row], bits)?;
        out[at] = match (bits, new[row]) {
            (false, new) => new as u8,
            (true, 0) => out[at] & !(1 << bit),
            (true, 1) => out[at] | 1 << bit,
            (true, _) => return Err(invalid("new bit must be 0 or 1".to_owned())),
        };
        Ok(())
    })
}

fn position(args: &Args<'_>) -> Result<Column> {
    args.map_int(&mut |row| {
        let (bytes, sought) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        let found = match sought.is_empty() {
            true => Some(0),
            false => bytes.windows(sought.len()).position(|window| window == sought),
        };
        Ok(found.map_or(0, |at| at as i64 + 1))
    })
}

fn trim(args: &Args<'_>, start: bool, end: bool) -> Result<Column> {
    map_bytes(args, &mut |row, out| {
        let (bytes, set) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        let kept = |byte: &u8| !set.contains(byte);
        let from = if start { bytes.iter().position(kept).unwrap_or(bytes.len()) } else { 0 };
        let to = if end { bytes.iter().rposition(kept).map_or(0, |at| at + 1) } else { bytes.len() };
        out.extend_from_slice(bytes.get(from..to).unwrap_or_default());
        Ok(())
    })
}

/// convert_from and convert_to: text is UTF-8, so bytes of other encodings are refused.
fn convert(args: &Args<'_>) -> Result<Column> {
    map_bytes(args, &mut |row, out| {
        let name = args.text(1, row)?;
        if !["utf8", "utf-8", "unicode"].iter().any(|known| known.eq_ignore_ascii_case(name)) {
            let message = format!("conversion between UTF8 and \"{name}\" is not supported");
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let bytes = args.columns[0].bytes(row);
        if utf8(bytes)?.contains('\0') && args.ty == Type::Text {
            let message = "invalid byte sequence for encoding \"UTF8\": 0x00";
            return Err(Error::new(state::CHARACTER_NOT_IN_REPERTOIRE, message));
        }
        out.extend_from_slice(bytes);
        Ok(())
    })
}
