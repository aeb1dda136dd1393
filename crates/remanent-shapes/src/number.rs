//! Numbers as PostGIS writes them: the shortest digits that give the number back, rounded to so many decimals; with an
//! exponent from 1e15 on and below 1e-8.
//!
//! ```text
//! 0.30000000000000004   0.3      (15 decimals)
//! 1e15                  1e+15
//! ```

/// Beyond these an exponent is written.
const FIXED: std::ops::Range<f64> = 1e-8..1e15;

/// Appends a number with at most so many decimals.
pub fn push(out: &mut String, number: f64, decimals: usize) {
    let size = number.abs();
    if number.is_nan() {
        out.push_str("NaN");
    } else if number.is_infinite() {
        out.push_str(if number > 0.0 { "Infinity" } else { "-Infinity" });
    } else if number == 0.0 {
        out.push('0');
    } else if size <= FIXED.start || size >= FIXED.end {
        let text = format!("{number:e}");
        match text.split_once('e') {
            Some((digits, exponent)) => {
                rounded(out, digits, decimals);
                out.push_str(if exponent.starts_with('-') { "e" } else { "e+" });
                out.push_str(exponent);
            }
            None => out.push_str(&text),
        }
    } else {
        rounded(out, &number.to_string(), decimals);
    }
}

/// Appends digits with a point, rounded, a half to the even digit; zeros at the end go.
fn rounded(out: &mut String, text: &str, decimals: usize) {
    let Some((whole, fraction)) = text.split_once('.') else {
        out.push_str(text);
        return;
    };
    if fraction.len() <= decimals {
        out.push_str(text);
        return;
    }
    let (sign, whole) = match whole.strip_prefix('-') {
        Some(whole) => ("-", whole),
        None => ("", whole),
    };
    let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes().take(decimals)).collect();
    let rest = &fraction.as_bytes()[decimals..];
    let odd = digits.last().is_some_and(|digit| digit % 2 == 1);
    let up = rest[0] > b'5' || rest[0] == b'5' && (odd || rest[1..].iter().any(|&digit| digit != b'0'));
    let mut carry = up;
    for digit in digits.iter_mut().rev() {
        if !carry {
            break;
        }
        carry = *digit == b'9';
        *digit = if carry { b'0' } else { *digit + 1 };
    }
    let mut written = String::with_capacity(digits.len() + 2);
    if carry {
        written.push('1');
    }
    written.extend(digits.iter().map(|&d| char::from(d)));
    let point = written.len() - decimals;
    let fraction = written[point..].trim_end_matches('0').to_owned();
    written.truncate(point);
    if written.bytes().all(|d| d == b'0') && fraction.is_empty() {
        out.push('0');
        return;
    }
    out.push_str(sign);
    out.push_str(&written);
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(&fraction);
    }
}
