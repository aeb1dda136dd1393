//! `halfvec(n)`, as pgvector has it: up to 16,000 floats of 16 bits.
//!
//! Layout: two bytes an element, big-endian, with the sign bit turned around and, of negative ones, all other bits too, so that
//! bytes are in the order of vectors.
//!
//! ```text
//!   [1, -2]   1 = 3c00 → bc 00    -2 = c000 → 3f ff
//! ```

use super::kinds::{Described, Kind};
use super::text::{VECTOR_MAX, parse_elements, write_elements};
use crate::error::{Error, Result, state};
use remanent_kernels::half;

/// The type.
pub static HALFVEC: Described = Described {
    kind: Kind::HalfVec,
    name: "halfvec",
    title: ("halfvec", ""),
    category: "U",
    oids: (16_382, 16_383),
    parse,
    print: |bytes, out| write_elements(&floats(bytes), out),
    check: |bytes| bytes.len().is_multiple_of(2) && !bytes.is_empty(),
    modifier,
    shown: |n| n.to_string(),
    fit,
};

/// The elements.
pub fn floats(bytes: &[u8]) -> Vec<f32> {
    let mut floats = Vec::new();
    half::read_ordered(bytes, &mut floats);
    floats
}

/// The bytes of elements; 22003 for one that 16 bits do not hold.
pub fn encode(elements: &[f32]) -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(2 * elements.len());
    for &v in elements {
        let bits = half::from_f32(v);
        if half::to_f32(bits).is_infinite() {
            let message = format!("\"{}\" is out of range for type halfvec", super::Value::Float4(v));
            return Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message));
        }
        bytes.extend(half::ordered(bits).to_be_bytes());
    }
    Ok(bytes)
}

fn parse(text: &str) -> Result<Vec<u8>> {
    encode(&parse_elements(text, "halfvec")?)
}

fn modifier(given: &[&str]) -> Result<u32> {
    let invalid = |message: String| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    match given {
        [n] => match n.parse::<i64>() {
            Ok(..1) => invalid("dimensions for type halfvec must be at least 1".to_string()),
            Ok(n) if n <= VECTOR_MAX as i64 => Ok(n as u32),
            _ => invalid(format!("dimensions for type halfvec cannot exceed {VECTOR_MAX}")),
        },
        _ => invalid("invalid type modifier".to_string()),
    }
}

fn fit(bytes: &[u8], modifier: u32) -> Result<Option<Vec<u8>>> {
    match bytes.len() / 2 == modifier as usize {
        true => Ok(None),
        false => {
            let message = format!("expected {modifier} dimensions, not {}", bytes.len() / 2);
            Err(Error::new(state::DATA_EXCEPTION, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_in_the_order_of_vectors() {
        let values = [-65504.0f32, -2.0, -1.0, -6e-8, 0.0, 6e-8, 0.1, 1.0, 2.5, 65504.0];
        let bytes: Vec<Vec<u8>> = values.iter().filter_map(|v| encode(&[*v]).ok()).collect();
        assert_eq!(bytes.len(), values.len());
        assert!(bytes.is_sorted());
        assert!(encode(&[65520.0]).is_err());
    }
}
