//! Between frames: degrees of the globe (4326) and the metres of web maps (3857), and the tiles of those.
//!
//! Web maps take the globe for a sphere of the equator's radius and draw it by Mercator (EPSG method 1024):
//!
//! ```text
//! x = a λ        y = a asinh(tan φ)        a = 6378137 m
//! ```
//!
//! A longitude is first brought between −180 and 180 degrees, as PROJ does.
//!
//! ```
//! let town = remanent_shapes::parse("SRID=4326;POINT(0 0)").unwrap();
//! assert_eq!(remanent_shapes::frame::transform(&town, 3857).unwrap().srid, 3857);
//! ```
//!
//! Tiles are PostGIS's, but for the last column of zoom 31, where its arithmetic overflows.
//!
//! Limits: those two frames. The others need parameters and grids by the thousand.

use crate::bounds::Bounds;
use crate::make::rectangle;
use crate::{Error, Geometry, Result};
use std::f64::consts::{FRAC_PI_2, PI, TAU};

/// Degrees: longitude, latitude on WGS 84.
const DEGREES: i32 = 4326;
/// Metres of web maps.
const WEB: i32 = 3857;
/// The radius of the equator, in metres.
const RADIUS: f64 = 6378137.0;
/// Half the width of the world of web maps, in metres.
const HALF: f64 = 20037508.342789244;
/// Longitudes may go so far around, in radians (PROJ's limit).
const TURNS_MAX: f64 = 10.0;
/// So far past a pole a latitude may lie by rounding, in radians.
const POLE: f64 = 1e-12;

/// The same place in another frame.
pub fn transform(geometry: &Geometry, to: i32) -> Result<Geometry> {
    if to == 0 {
        return Err(Error::value("ST_Transform: 0 is an invalid target SRID"));
    }
    if geometry.srid == 0 {
        return Err(Error::value("ST_Transform: Input geometry has unknown (0) SRID"));
    }
    let mut moved = geometry.clone();
    if geometry.srid == to {
        return Ok(moved);
    }
    let project = match (geometry.srid, to) {
        (DEGREES, WEB) => to_web,
        (WEB, DEGREES) => to_degrees,
        (from, to) => {
            return Err(Error::unsupported(format!(
                "ST_Transform from SRID {from} to {to} is not supported"
            )));
        }
    };
    moved.srid = to;
    let mut bad = false;
    moved.shape.change(&mut |point| match project(point.x, point.y) {
        Some((x, y)) => (point.x, point.y) = (x, y),
        None => bad = true,
    });
    match bad {
        true => Err(Error::value("transform: Invalid coordinate")),
        false => Ok(moved),
    }
}

fn to_web(x: f64, y: f64) -> Option<(f64, f64)> {
    let (lambda, phi) = (x.to_radians(), y.to_radians());
    // NaN is refused, too.
    let good = lambda.abs() <= TURNS_MAX && phi.abs() <= FRAC_PI_2 + POLE;
    let phi = phi.clamp(-FRAC_PI_2, FRAC_PI_2);
    good.then(|| (RADIUS * around(lambda), RADIUS * phi.tan().asinh()))
}

fn to_degrees(x: f64, y: f64) -> Option<(f64, f64)> {
    let good = x.is_finite() && y.is_finite();
    good.then(|| (around(x / RADIUS).to_degrees(), (y / RADIUS).sinh().atan().to_degrees()))
}

/// The same longitude within half a turn of zero.
fn around(lambda: f64) -> f64 {
    match lambda.abs() <= PI {
        true => lambda,
        false => (lambda + PI) - TAU * ((lambda + PI) / TAU).floor() - PI,
    }
}

/// The rectangle of a tile: its column and row, from the upper left, among the 2^`zoom` × 2^`zoom` tiles of `bounds` (the
/// world of web maps), larger by `margin` of its size on each side. It does not pass the bounds up and down, and
/// not at all where it would be larger than they.
pub fn tile(zoom: i32, x: i32, y: i32, bounds: Option<&Geometry>, margin: f64) -> Result<Geometry> {
    let wrong = |what: String| Error::value(format!("ST_TileEnvelope: {what}"));
    let (srid, low, high) = match bounds {
        None => (WEB, [-HALF; 2], [HALF; 2]),
        Some(bounds) => match Bounds::of(bounds) {
            None => return Err(wrong("Empty bounds".into())),
            Some(Bounds { low, high }) => (bounds.srid, [low[0], low[1]], [high[0], high[1]]),
        },
    };
    let (width, height) = (high[0] - low[0], high[1] - low[1]);
    // NaN is refused, too.
    if !(width > 0.0 && height > 0.0) {
        return Err(wrong("Geometric bounds are too small".into()));
    }
    if !(0..32).contains(&zoom) {
        return Err(wrong(format!("Invalid tile zoom value, {zoom}")));
    }
    if margin.is_nan() || margin < -0.5 {
        return Err(wrong(format!("Margin must not be less than -50%, margin={margin:.6}")));
    }
    let tiles = 1_i64 << zoom;
    for (name, at) in [("x", x), ("y", y)] {
        if !(0..tiles).contains(&i64::from(at)) {
            return Err(wrong(format!("Invalid tile {name} value, {at}")));
        }
    }
    let tiles = tiles as f64;
    let (x, y, wide, tall) = (f64::from(x), f64::from(y), width / tiles, height / tiles);
    let (left, right) = match 1.0 + 2.0 * margin > tiles {
        true => (low[0], high[0]),
        false => (low[0] + wide * (x - margin), low[0] + wide * (x + 1.0 + margin)),
    };
    let bottom = (high[1] - tall * (y + 1.0 + margin)).max(low[1]);
    let top = (high[1] - tall * (y - margin)).min(high[1]);
    Ok(rectangle(srid, [left, bottom], [right, top]))
}
