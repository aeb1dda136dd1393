//! Strings of bits: PostgreSQL's functions of `bit` and `bit varying`, and pgvector's distances of them.
//!
//! Bits count from 0 in get_bit and set_bit, from 1 in substring, overlay and position, as in PostgreSQL.
//!
//! ```text
//! B'101' || B'01'                    10101
//! B'1100' <~> B'1010'                2      differing bits
//! B'1100' <%> B'1010'                0.667  1 - bits of both / bits of either
//! ```

use super::bytes::map_bytes;
use super::support::{i64s, out_of_range};
use super::{Args, BIT, BOOL, Function, HALFVEC, INT4, INT8, Signature, VARBIT, VECTOR, f};
use remanent_kernels::count;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::bits::{self, Writer};
use remanent_storage::value::column::floats;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Column, Type, Value, halfvec};

const STRING: Type = Type::Other(Kind::Bit, 0);
static BOTH: &[Signature] = &[(&[BIT, BIT], STRING)];
static SHIFT: &[Signature] = &[(&[BIT, INT4], STRING)];
static LENGTH: &[Signature] = &[(&[BIT], Type::Int4)];
static PART: &[Signature] = &[(&[BIT, INT4, INT4], STRING), (&[BIT, INT4], STRING)];
static OVERLAY: &[Signature] = &[(&[BIT, BIT, INT4, INT4], STRING), (&[BIT, BIT, INT4], STRING)];
static DISTANCE: &[Signature] = &[(&[BIT, BIT], Type::Float8)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("||", &[(&[VARBIT, VARBIT], Type::Other(Kind::VarBit, 0))], |a| {
        map(a, &mut |row, out| (0..2).for_each(|i| out.part(a.columns[i].bytes(row), 0, usize::MAX)))
    }),
    f("&", BOTH, |a| each_pair(a, AND)),
    f("|", BOTH, |a| each_pair(a, OR)),
    f("#", BOTH, |a| each_pair(a, XOR)),
    f("~", &[(&[BIT], STRING)], |a| {
        map(a, &mut |row, out| bits::iter(a.columns[0].bytes(row)).for_each(|bit| out.push(!bit)))
    }),
    f("<<", SHIFT, |a| shift(a, 1)),
    f(">>", SHIFT, |a| shift(a, -1)),
    f("length", LENGTH, |a| length(a, 1)),
    f("bit_length", LENGTH, |a| length(a, 1)),
    f("octet_length", LENGTH, |a| length(a, 8)),
    f("bit_count", &[(&[BIT], Type::Int8)], |a| {
        a.map_int(&mut |row| Ok(bits::iter(a.columns[0].bytes(row)).filter(|bit| *bit).count() as i64))
    }),
    f("get_bit", &[(&[BIT, INT4], Type::Int4)], |a| {
        let n = i64s(&a.columns[1])?;
        a.map_int(&mut |row| {
            let bytes = a.columns[0].bytes(row);
            Ok(bits::get(bytes, place(bytes, n[row])?).into())
        })
    }),
    f("set_bit", &[(&[BIT, INT4, INT4], STRING)], set),
    f("substring", PART, substring),
    f("overlay", OVERLAY, overlay),
    f("position", &[(&[BIT, BIT], Type::Int4)], |a| {
        a.map_int(&mut |row| Ok(position(a.columns[0].bytes(row), a.columns[1].bytes(row))))
    }),
    f("bit", &[(&[BIT, INT4, BOOL], STRING)], |a| resize(a, Kind::Bit)),
    f("bit", &[(&[INT4, INT4], STRING), (&[INT8, INT4], STRING)], |a| {
        let (number, n) = (i64s(&a.columns[0])?, i64s(&a.columns[1])?);
        map_some(a, &mut |row, out| {
            let n = n[row].max(1) as usize;
            bits::limited(n)?;
            out.number(number[row], n);
            Ok(())
        })
    }),
    f("varbit", &[(&[VARBIT, INT4, BOOL], Type::Other(Kind::VarBit, 0))], |a| resize(a, Kind::VarBit)),
    f("<~>", DISTANCE, |a| distance(a, |x, y| count::differing(x, y).into())),
    f("hamming_distance", DISTANCE, |a| distance(a, |x, y| count::differing(x, y).into())),
    f("<%>", DISTANCE, |a| distance(a, bits::jaccard)),
    f("jaccard_distance", DISTANCE, |a| distance(a, bits::jaccard)),
    f("binary_quantize", &[(&[VECTOR], STRING)], |a| {
        map(a, &mut |row, out| floats(a.columns[0].bytes(row)).for_each(|v| out.push(v > 0.0)))
    }),
    f("binary_quantize", &[(&[HALFVEC], STRING)], |a| {
        map(a, &mut |row, out| {
            halfvec::floats(a.columns[0].bytes(row)).into_iter().for_each(|v| out.push(v > 0.0));
        })
    }),
];

/// An operation on the bits of two strings: bytes of both become one, and its name.
pub(super) type Op = (fn(u8, u8) -> u8, &'static str);

/// Bits that both have.
pub(super) const AND: Op = (|x, y| x & y, "AND");
/// Bits that either has.
pub(super) const OR: Op = (|x, y| x | y, "OR");
/// Bits that one of them has.
pub(super) const XOR: Op = (|x, y| x ^ y, "XOR");

/// Two strings combined; 22026 where they are not of one length.
pub(super) fn combined(a: &[u8], b: &[u8], (op, name): Op) -> Result<Vec<u8>> {
    bits::combined(a, b, op).ok_or_else(|| {
        let message = format!("cannot {name} bit strings of different sizes");
        Error::new(state::STRING_DATA_LENGTH_MISMATCH, message)
    })
}

/// The lowest bit of a number.
pub(super) fn of_number(value: Value) -> Result<Value> {
    let mut out = Writer::default();
    match value {
        Value::Int4(v) => out.number(v.into(), 1),
        Value::Int8(v) => out.number(v, 1),
        other => return Ok(other),
    }
    Ok(Value::Other(Kind::Bit, out.finish()?.into()))
}

/// The number that the bits are, the last one the lowest; 22003 where there are too many.
pub(super) fn to_number(value: Value, to: Type) -> Result<Value> {
    let Value::Other(_, bytes) = value else { return Ok(value) };
    let width = if to == Type::Int4 { 32 } else { 64 };
    if bits::len(&bytes) > width {
        return Err(out_of_range(to));
    }
    let number = bits::iter(&bytes).fold(0u64, |number, bit| number << 1 | u64::from(bit));
    Ok(match to {
        Type::Int4 => Value::Int4(number as u32 as i32),
        _ => Value::Int8(number as i64),
    })
}

/// Row by row over the valid rows: `work` appends to an empty string.
fn map(args: &Args<'_>, work: &mut dyn FnMut(usize, &mut Writer)) -> Result<Column> {
    map_some(args, &mut |row, out| {
        work(row, out);
        Ok(())
    })
}

fn map_some(args: &Args<'_>, work: &mut dyn FnMut(usize, &mut Writer) -> Result<()>) -> Result<Column> {
    map_bytes(args, &mut |row, bytes| {
        let mut out = Writer::default();
        work(row, &mut out)?;
        *bytes = out.finish()?;
        Ok(())
    })
}

fn each_pair(args: &Args<'_>, op: Op) -> Result<Column> {
    map_bytes(args, &mut |row, out| {
        *out = combined(args.columns[0].bytes(row), args.columns[1].bytes(row), op)?;
        Ok(())
    })
}

fn length(args: &Args<'_>, unit: usize) -> Result<Column> {
    args.map_int(&mut |row| Ok(bits::len(args.columns[0].bytes(row)).div_ceil(unit) as i64))
}

/// Shifts to the left, or, where `sign` is -1, to the right; negative numbers shift to the other side.
fn shift(args: &Args<'_>, sign: i64) -> Result<Column> {
    let by = i64s(&args.columns[1])?;
    map(args, &mut |row, out| {
        let bytes = args.columns[0].bytes(row);
        let length = bits::len(bytes);
        let by = by[row] * sign;
        let zeros = by.unsigned_abs().min(length as u64) as usize;
        (0..if by < 0 { zeros } else { 0 }).for_each(|_| out.push(false));
        match by < 0 {
            true => out.part(bytes, 0, length - zeros),
            false => out.part(bytes, zeros, length),
        }
        (0..if by < 0 { 0 } else { zeros }).for_each(|_| out.push(false));
    })
}

/// The place of a bit; 2202E where there is none.
fn place(bytes: &[u8], n: i64) -> Result<usize> {
    let length = bits::len(bytes) as i64;
    if (0..length).contains(&n) {
        return Ok(n as usize);
    }
    let message = format!("bit index {n} out of valid range (0..{})", length - 1);
    Err(Error::new(state::ARRAY_SUBSCRIPT_ERROR, message))
}

fn set(args: &Args<'_>) -> Result<Column> {
    let (n, new) = (i64s(&args.columns[1])?, i64s(&args.columns[2])?);
    map_some(args, &mut |row, out| {
        let bytes = args.columns[0].bytes(row);
        let at = place(bytes, n[row])?;
        if !(0..=1).contains(&new[row]) {
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, "new bit must be 0 or 1"));
        }
        bits::iter(bytes)
            .enumerate()
            .for_each(|(i, bit)| out.push(if i == at { new[row] == 1 } else { bit }));
        Ok(())
    })
}

fn negative() -> Error {
    Error::new(state::SUBSTRING_ERROR, "negative substring length not allowed")
}

fn substring(args: &Args<'_>) -> Result<Column> {
    let start = i64s(&args.columns[1])?;
    let length = args.columns.get(2).map(i64s).transpose()?;
    map_some(args, &mut |row, out| {
        let end = match length.as_ref().map(|length| length[row]) {
            None => i64::MAX,
            Some(..0) => return Err(negative()),
            Some(length) => start[row] + length,
        };
        let place = |n: i64| (n.max(1) - 1) as usize;
        out.part(args.columns[0].bytes(row), place(start[row]), place(end));
        Ok(())
    })
}

/// The first string with a part of it replaced; without a length, as much as comes instead.
fn overlay(args: &Args<'_>) -> Result<Column> {
    let start = i64s(&args.columns[2])?;
    let length = args.columns.get(3).map(i64s).transpose()?;
    map_some(args, &mut |row, out| {
        let (whole, new) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        let from = start[row];
        if from <= 0 {
            return Err(negative());
        }
        let end = from + length.as_ref().map_or(bits::len(new) as i64, |length| length[row]);
        if i32::try_from(end).is_err() {
            return Err(out_of_range(Type::Int4));
        }
        out.part(whole, 0, from as usize - 1);
        out.part(new, 0, usize::MAX);
        out.part(whole, (end.max(1) - 1) as usize, usize::MAX);
        Ok(())
    })
}

/// Where a string begins in another, counted from 1; 0: nowhere. Knuth, Morris and Pratt: no bit is looked at twice.
fn position(bytes: &[u8], sought: &[u8]) -> i64 {
    let length = bits::len(sought);
    if length == 0 {
        return (!bytes.is_empty()).into();
    }
    if length > bits::len(bytes) {
        return 0;
    }
    // How long the longest beginning is that the first i bits end with.
    let mut border = vec![0usize; length + 1];
    let next = |border: &[usize], mut held: usize, bit: bool| {
        while held > 0 && (held == length || bits::get(sought, held) != bit) {
            held = border[held];
        }
        held + usize::from(bits::get(sought, held) == bit)
    };
    for i in 1..length {
        border[i + 1] = next(&border, border[i], bits::get(sought, i));
    }
    let mut held = 0;
    for (i, bit) in bits::iter(bytes).enumerate() {
        held = next(&border, held, bit);
        if held == length {
            return (i + 2 - length) as i64;
        }
    }
    0
}

/// Brought to a length, as a conversion does.
fn resize(args: &Args<'_>, kind: Kind) -> Result<Column> {
    let length = i64s(&args.columns[1])?;
    map_bytes(args, &mut |row, out| {
        let bytes = args.columns[0].bytes(row);
        let n = u32::try_from(length[row]).unwrap_or(0);
        let explicit = args.columns[2].value(row) == Value::Bool(true);
        match n {
            0 => out.extend(bytes),
            _ if explicit => {
                bits::limited(n as usize)?;
                *out = bits::resized(bytes, n as usize, kind == Kind::Bit)?;
            }
            _ => {
                kind.fitted(bytes.into(), n)?;
                out.extend(bytes);
            }
        }
        Ok(())
    })
}

fn distance(args: &Args<'_>, of: fn(&[u8], &[u8]) -> f64) -> Result<Column> {
    args.map_float(&mut |row| {
        let (x, y) = (args.columns[0].bytes(row), args.columns[1].bytes(row));
        let (a, b) = (bits::len(x), bits::len(y));
        match a == b {
            true => Ok(of(x, y)),
            false => Err(Error::new(state::DATA_EXCEPTION, format!("different bit lengths {a} and {b}"))),
        }
    })
}
