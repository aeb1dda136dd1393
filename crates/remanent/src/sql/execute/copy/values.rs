//! A field as a value of its column. Numbers and texts, of which data mostly consists, take no detour by a [`Value`].

use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::Result;
use remanent_storage::value::{ColumnBuilder, Type, Value, Zone};

/// Adds a field to its column, whose enum type is known if it has one; None is NULL. A moment without a zone is meant in this one.
pub fn push(
    builder: &mut ColumnBuilder,
    field: Option<&str>,
    enumeration: Option<&EnumDef>,
    zone: &Zone,
) -> Result<()> {
    let ty = builder.ty();
    let Some(text) = field else {
        builder.push_null();
        return Ok(());
    };
    if let Some(def) = enumeration {
        return builder.push(&def.read(&Value::parse(text, ty.with_enum_as(Type::Text))?)?);
    }
    match ty {
        Type::Int8 | Type::Int4 => match (plain_integer(text), ty) {
            (Some(v), Type::Int8) => builder.push_i64(v),
            (Some(v), _) if i32::try_from(v).is_ok() => builder.push_i32(v as i32),
            _ => builder.push(&Value::parse(text, ty)?)?,
        },
        Type::Float8 => match plain_float(text) {
            Some(v) => builder.push_f64(v),
            None => builder.push(&Value::parse(text, ty)?)?,
        },
        Type::Text => builder.push_bytes(text.as_bytes()),
        _ => builder.push(&Value::parse_in(text, ty, zone)?)?,
    }
    Ok(())
}

/// Up to 18 digits with a minus sign or none; what else may be a number is left to others.
fn plain_integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut v = 0i64;
    for b in digits.bytes() {
        if !b.is_ascii_digit() {
            return None;
        }
        v = v * 10 + i64::from(b - b'0');
    }
    Some(if digits.len() < text.len() { -v } else { v })
}

/// A number that begins with a digit, as data is, and is neither too large nor too small.
fn plain_float(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|v: &f64| v.is_finite() && *v != 0.0)
}
