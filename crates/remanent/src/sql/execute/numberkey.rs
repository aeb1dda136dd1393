//! Numerics as bytes that sort, for keys of rows.
//!
//! ```text
//! first byte   c0 + exponent; 80 is zero; ff NaN, fe infinity
//! 16 bytes     the first 38 digits, moved to the left, so that trailing zeros do not count
//! pairs        of what digits follow, plus one; then 00
//! ```
//!
//! An exponent beyond ±60 is `fd` or `83` and then 4 bytes. Negative numbers have all bytes flipped. So a number of up to
//! 36 digits takes [`SHORT`] bytes.

use remanent_storage::value::{Column, ColumnData, Decimal, Numeric, Value};

/// Bytes of a decimal.
pub const SHORT: usize = 18;
/// Digits of the second part.
const HEAD: usize = 38;
/// The greatest exponent that stands in the first byte.
const EXPONENT_MAX: i32 = 60;

/// The bytes of a decimal.
pub fn decimal(value: Decimal) -> [u8; SHORT] {
    let mut out = [0u8; SHORT];
    if value.mantissa == 0 {
        out[0] = 0x80;
        return out;
    }
    let magnitude = value.mantissa.unsigned_abs();
    let digits = magnitude.ilog10() as i32 + 1;
    // 38 digits fit 127 bits; a decimal has at most 36.
    let aligned = magnitude.saturating_mul(10u128.pow((HEAD as i32 - digits).max(0) as u32));
    // −scale + digits lies within −36 ..= 38.
    out[0] = 0xC0u8.saturating_add_signed((digits - i32::from(value.scale)) as i8);
    out[1..SHORT - 1].copy_from_slice(&aligned.to_be_bytes());
    if value.mantissa < 0 {
        out.iter_mut().for_each(|b| *b = !*b);
    }
    out
}

/// The bytes of row `i` of a numeric column that is kept as bytes.
pub fn of_row(column: &Column, i: usize) -> Vec<u8> {
    match column.value(i) {
        Value::Numeric(Numeric::Decimal(d)) => decimal(d).to_vec(),
        Value::Numeric(Numeric::NaN) => vec![0xff],
        Value::Numeric(Numeric::Infinity) => vec![0xfe],
        Value::Numeric(Numeric::NegativeInfinity) => vec![!0xfe],
        Value::Numeric(zero) if zero.signum() == 0 => decimal(Decimal::ZERO).to_vec(),
        Value::Numeric(big) => self::big(&big),
        _ => Vec::new(),
    }
}

fn big(value: &Numeric) -> Vec<u8> {
    let text = value.to_string();
    let whole = text.find('.').unwrap_or(text.len()) - usize::from(value.signum() < 0);
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    let zeros = digits.iter().take_while(|&&b| b == b'0').count();
    let end = digits.len() - digits.iter().rev().take_while(|&&b| b == b'0').count();
    let digits = digits.get(zeros..end).unwrap_or_default();
    let exponent = whole as i32 - zeros as i32;
    let mut out = Vec::with_capacity(SHORT + digits.len() / 2);
    if exponent.abs() <= EXPONENT_MAX {
        out.push(0xC0u8.saturating_add_signed(exponent as i8));
    } else {
        out.push(if exponent > 0 { 0xfd } else { 0x83 });
        out.extend_from_slice(&(exponent ^ i32::MIN).to_be_bytes());
    }
    let digit = |i: usize| digits.get(i).map_or(0, |b| b - b'0');
    let head = (0..HEAD).fold(0u128, |n, i| n * 10 + u128::from(digit(i)));
    out.extend_from_slice(&head.to_be_bytes());
    out.extend((HEAD..digits.len()).step_by(2).map(|i| digit(i) * 10 + digit(i + 1) + 1));
    out.push(0);
    if value.signum() < 0 {
        out.iter_mut().for_each(|b| *b = !*b);
    }
    out
}

/// Numerics of up to 18 digits, among which NaN made bytes of all, as mantissas again: NaN is the greatest.
pub fn mantissas(column: &Column) -> Column {
    let scale = column.ty().fixed_scale().unwrap_or(0);
    let of = |i: usize| match column.value(i) {
        Value::Numeric(Numeric::Decimal(d)) => d.rescale(scale).map_or(0, |d| d.mantissa as i64),
        _ => i64::MAX,
    };
    let values: Vec<i64> = (0..column.len()).map(of).collect();
    Column::flat(column.ty(), ColumnData::I64(values.into()), column.validity().cloned())
}
