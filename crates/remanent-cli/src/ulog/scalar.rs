//! The basic types of ULog and their values.

use std::borrow::Cow;
use std::fmt::Write as _;

/// A basic type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the format's, without _t")]
pub enum Scalar {
    Int8,
    UInt8,
    Int16,
    UInt16,
    Int32,
    UInt32,
    Int64,
    UInt64,
    Float,
    Double,
    Bool,
    Char,
}

/// One value, borrowed from the log.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum<'a> {
    /// Any integer that an i64 holds.
    Int(i64),
    /// A uint64_t.
    UInt(u64),
    /// A float.
    Float(f32),
    /// A double.
    Double(f64),
    /// A bool.
    Bool(bool),
    /// A char or char\[n\], up to its first NUL; bytes that are not UTF-8 become U+FFFD.
    Text(Cow<'a, str>),
}

impl Scalar {
    /// The type of that name.
    pub fn parse(name: &str) -> Option<Scalar> {
        Some(match name {
            "int8_t" => Scalar::Int8,
            "uint8_t" => Scalar::UInt8,
            "int16_t" => Scalar::Int16,
            "uint16_t" => Scalar::UInt16,
            "int32_t" => Scalar::Int32,
            "uint32_t" => Scalar::UInt32,
            "int64_t" => Scalar::Int64,
            "uint64_t" => Scalar::UInt64,
            "float" => Scalar::Float,
            "double" => Scalar::Double,
            "bool" => Scalar::Bool,
            "char" => Scalar::Char,
            _ => return None,
        })
    }

    /// Bytes of one value.
    pub fn size(self) -> usize {
        match self {
            Scalar::Int8 | Scalar::UInt8 | Scalar::Bool | Scalar::Char => 1,
            Scalar::Int16 | Scalar::UInt16 => 2,
            Scalar::Int32 | Scalar::UInt32 | Scalar::Float => 4,
            Scalar::Int64 | Scalar::UInt64 | Scalar::Double => 8,
        }
    }

    /// The value in `bytes`, which hold exactly one (any number of bytes for text). None: they do not.
    pub fn read(self, bytes: &[u8]) -> Option<Datum<'_>> {
        Some(match self {
            Scalar::Int8 => Datum::Int(i8::from_le_bytes(bytes.try_into().ok()?).into()),
            Scalar::UInt8 => Datum::Int(u8::from_le_bytes(bytes.try_into().ok()?).into()),
            Scalar::Int16 => Datum::Int(i16::from_le_bytes(bytes.try_into().ok()?).into()),
            Scalar::UInt16 => Datum::Int(u16::from_le_bytes(bytes.try_into().ok()?).into()),
            Scalar::Int32 => Datum::Int(i32::from_le_bytes(bytes.try_into().ok()?).into()),
            Scalar::UInt32 => Datum::Int(u32::from_le_bytes(bytes.try_into().ok()?).into()),
            Scalar::Int64 => Datum::Int(i64::from_le_bytes(bytes.try_into().ok()?)),
            Scalar::UInt64 => Datum::UInt(u64::from_le_bytes(bytes.try_into().ok()?)),
            Scalar::Float => Datum::Float(f32::from_le_bytes(bytes.try_into().ok()?)),
            Scalar::Double => Datum::Double(f64::from_le_bytes(bytes.try_into().ok()?)),
            Scalar::Bool => Datum::Bool(*bytes.first()? != 0),
            Scalar::Char => Datum::Text(text(bytes)),
        })
    }
}

/// Bytes as text, up to the first NUL.
pub fn text(bytes: &[u8]) -> Cow<'_, str> {
    let end = bytes.iter().position(|b| *b == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(bytes.get(..end).unwrap_or_default())
}

/// A value of an info message as text: characters as they are, arrays with spaces between.
pub fn typed_text(scalar: Scalar, bytes: &[u8]) -> String {
    if scalar == Scalar::Char {
        return text(bytes).into_owned();
    }
    let mut out = String::new();
    for value in bytes.chunks_exact(scalar.size()).filter_map(|b| scalar.read(b)) {
        if !out.is_empty() {
            out.push(' ');
        }
        let _ = match value {
            Datum::Int(v) => write!(out, "{v}"),
            Datum::UInt(v) => write!(out, "{v}"),
            Datum::Float(v) => write!(out, "{v}"),
            Datum::Double(v) => write!(out, "{v}"),
            Datum::Bool(v) => write!(out, "{v}"),
            Datum::Text(v) => write!(out, "{v}"),
        };
    }
    out
}
