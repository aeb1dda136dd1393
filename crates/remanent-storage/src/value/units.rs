//! Numbers with a unit, as settings are written: `256MB`, `200ms`.
//!
//! Limits: numbers are 64-bit floats, exact up to 2⁵³.

/// The units of bytes, largest first; as in PostgreSQL, case matters.
pub const BYTES: &[(&str, f64)] = &[
    ("TB", (1u64 << 40) as f64),
    ("GB", (1u64 << 30) as f64),
    ("MB", (1u64 << 20) as f64),
    ("kB", 1024.0),
    ("B", 1.0),
];

/// The units of times, largest first, in milliseconds.
pub const TIMES: &[(&str, f64)] =
    &[("d", 86_400_000.0), ("h", 3_600_000.0), ("min", 60_000.0), ("s", 1000.0), ("ms", 1.0), ("us", 0.001)];

/// A number with a unit or without, in the unit whose factor is 1; None where it is neither.
pub fn quantity(text: &str, units: &[(&str, f64)]) -> Option<f64> {
    let text = text.trim();
    let digits = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let known = units.iter().find(|(name, factor)| *name == unit || unit.is_empty() && *factor == 1.0);
    Some(number.trim().parse::<f64>().ok()? * known?.1)
}

/// A whole number with the largest unit that it is a multiple of; 0 has none.
pub fn with_unit(number: f64, units: &[(&str, f64)]) -> String {
    let largest = units.iter().find(|(_, factor)| number % factor == 0.0);
    match largest {
        Some((unit, factor)) if number != 0.0 => format!("{}{unit}", number / factor),
        _ => "0".to_string(),
    }
}
