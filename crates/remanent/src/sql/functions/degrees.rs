//! Trigonometry in degrees, exact where schoolbooks are: sind(30) is 0.5, cosd(60) too, tand(45) is 1.
//!
//! An angle is brought into the first quadrant; there sine and cosine are scaled by what they are at 30 and 60 degrees, as
//! PostgreSQL does, so that the digits agree.

use super::math::{each, pair, range};
use super::{FLOAT8, Function, Signature, f};
use remanent_storage::error::Result;
use remanent_storage::value::Type;

static ANGLE: &[Signature] = &[(&[FLOAT8], Type::Float8)];
static TWO: &[Signature] = &[(&[FLOAT8, FLOAT8], Type::Float8)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("sind", ANGLE, |a| each(a, |x| finite(x, sind))),
    f("cosd", ANGLE, |a| each(a, |x| finite(x, cosd))),
    f("tand", ANGLE, |a| each(a, |x| finite(x, |x| ratio(x, true)))),
    f("cotd", ANGLE, |a| each(a, |x| finite(x, |x| ratio(x, false)))),
    f("asind", ANGLE, |a| each(a, |x| within(x, |x| if x >= 0.0 { asin(x) } else { -asin(-x) }))),
    f("acosd", ANGLE, |a| each(a, |x| within(x, |x| if x >= 0.0 { acos(x) } else { 90.0 + asin(-x) }))),
    f("atand", ANGLE, |a| each(a, |x| Ok(x.atan() / 1f64.atan() * 45.0))),
    f("atan2d", TWO, |a| pair(a, |y, x| Ok(y.atan2(x) / 1f64.atan() * 45.0))),
];

const RADIANS: f64 = std::f64::consts::PI / 180.0;

fn finite(x: f64, f: fn(f64) -> f64) -> Result<f64> {
    if x.is_infinite() { Err(range()) } else { Ok(f(x)) }
}

fn within(x: f64, f: fn(f64) -> f64) -> Result<f64> {
    if x.is_nan() || (-1.0..=1.0).contains(&x) { Ok(f(x)) } else { Err(range()) }
}

/// Up to 30 degrees.
fn small_sine(x: f64) -> f64 {
    (x * RADIANS).sin() / (30.0 * RADIANS).sin() / 2.0
}

/// Up to 60 degrees.
fn small_cosine(x: f64) -> f64 {
    1.0 - (1.0 - (x * RADIANS).cos()) / (1.0 - (60.0 * RADIANS).cos()) / 2.0
}

/// In the first quadrant.
fn sine(x: f64) -> f64 {
    if x <= 30.0 { small_sine(x) } else { small_cosine(90.0 - x) }
}

fn cosine(x: f64) -> f64 {
    if x <= 60.0 { small_cosine(x) } else { small_sine(90.0 - x) }
}

fn sind(x: f64) -> f64 {
    let (mut x, mut sign) = (x % 360.0, 1.0);
    if x < 0.0 {
        (x, sign) = (-x, -sign);
    }
    if x > 180.0 {
        (x, sign) = (360.0 - x, -sign);
    }
    sign * sine(if x > 90.0 { 180.0 - x } else { x })
}

fn cosd(x: f64) -> f64 {
    let (mut x, mut sign) = ((x % 360.0).abs(), 1.0);
    if x > 180.0 {
        x = 360.0 - x;
    }
    if x > 90.0 {
        (x, sign) = (180.0 - x, -sign);
    }
    sign * cosine(x)
}

/// The tangent, or the cotangent.
fn ratio(x: f64, tangent: bool) -> f64 {
    let (mut x, mut sign) = (x % 360.0, 1.0);
    if x < 0.0 {
        (x, sign) = (-x, -sign);
    }
    if x > 180.0 {
        (x, sign) = (360.0 - x, -sign);
    }
    if x > 90.0 {
        (x, sign) = (180.0 - x, -sign);
    }
    let of = |x: f64| if tangent { sine(x) / cosine(x) } else { cosine(x) / sine(x) };
    // A zero has no sign here.
    sign * (of(x) / of(45.0)) + 0.0
}

/// In the first quadrant.
fn asin(x: f64) -> f64 {
    if x <= 0.5 { x.asin() / 0.5f64.asin() * 30.0 } else { 90.0 - x.acos() / 0.5f64.acos() * 60.0 }
}

fn acos(x: f64) -> f64 {
    if x <= 0.5 { 90.0 - x.asin() / 0.5f64.asin() * 30.0 } else { x.acos() / 0.5f64.acos() * 60.0 }
}
