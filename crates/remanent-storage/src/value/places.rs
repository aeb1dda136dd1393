//! The types `geometry` and `geography`: bytes in the form of EWKB (the crate `remanent-shapes`).
//!
//! ```text
//! geometry(PointZ,4326)      modifier: 4326 << 5 | Point << 2 | Z << 1
//! geography                  0: none
//! ```
//!
//! A geography is in frame 4326, its longitudes and latitudes within their range.
//!
//! Limits: a frame that a modifier names is below 524,288; `geometry(Geometry)` is `geometry`, and takes Z and M.

use super::kinds::{Described, Kind};
use crate::error::{Error, Result, SqlState, state};
use remanent_shapes as shapes;
use shapes::{Geometry, binary, geodesic};
use std::fmt;

pub(super) static GEOMETRY: Described = Described {
    kind: Kind::Geometry,
    name: "geometry",
    title: ("geometry", ""),
    category: "U",
    oids: (16_360, 16_361),
    parse: |text| shapes::parse(text).map(|geometry| binary::encode(&geometry)).map_err(raised),
    print,
    check,
    modifier: |given| Ok(modifier(given, "geometry")?.0),
    shown,
    fit,
};

pub(super) static GEOGRAPHY: Described = Described {
    kind: Kind::Geography,
    name: "geography",
    title: ("geography", ""),
    category: "U",
    oids: (16_362, 16_363),
    parse: |text| Ok(binary::encode(&on_globe(shapes::parse(text).map_err(raised)?)?)),
    print,
    check,
    modifier: |given| {
        let (modifier, srid) = modifier(given, "geography")?;
        match srid {
            0 => Ok(modifier | (LON_LAT as u32) << 5),
            LON_LAT => Ok(modifier),
            _ => Err(not_on_globe()),
        }
    },
    shown,
    fit,
};

/// Longitude and latitude on WGS 84.
const LON_LAT: i32 = 4326;

/// The frames that a modifier can name are below.
const SRID_END: i32 = 1 << 19;

/// An error of the crate below.
pub fn raised(error: shapes::Error) -> Error {
    let raised = Error::new(SqlState(error.state), error.message);
    match error.hint {
        Some(hint) => raised.with_hint(hint),
        None => raised,
    }
}

fn not_on_globe() -> Error {
    let message = "Only lon/lat coordinate systems are supported in geography.";
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// A geometry as a geography.
pub fn on_globe(mut geometry: Geometry) -> Result<Geometry> {
    if geometry.srid != 0 && geometry.srid != LON_LAT {
        return Err(not_on_globe());
    }
    geometry.srid = LON_LAT;
    geodesic::normalise(&mut geometry);
    Ok(geometry)
}

fn print(bytes: &[u8], out: &mut dyn fmt::Write) -> fmt::Result {
    out.write_str(&binary::to_hex(bytes))
}

fn check(bytes: &[u8]) -> bool {
    // Written as it is read: one value has one form.
    binary::parse(bytes).is_ok_and(|geometry| binary::encode(&geometry) == bytes)
}

/// What a modifier says: the frame, the kind (0: any), Z and M.
fn apart(modifier: u32) -> (i32, u32, bool, bool) {
    ((modifier >> 5) as i32, modifier >> 2 & 7, modifier & 2 != 0, modifier & 1 != 0)
}

/// The modifier that words say, and the frame in it.
fn modifier(given: &[&str], name: &str) -> Result<(u32, i32)> {
    let wrong = |message: String| Error::new(state::INVALID_PARAMETER_VALUE, message);
    let word = given.first().copied().unwrap_or_default();
    let lower = word.to_ascii_lowercase();
    let endings = [("zm", 3), ("z", 2), ("m", 1), ("", 0)];
    let kind = endings.iter().find_map(|(ending, numbers)| match lower.strip_suffix(ending)? {
        "geometry" => Some(*numbers),
        kind => Some((shapes::Kind::of_name(kind)? as u32) << 2 | numbers),
    });
    let kind = kind.ok_or_else(|| wrong(format!("Invalid {name} type modifier: {word}")))?;
    let srid = match given.get(1) {
        None => 0,
        Some(srid) => srid.trim().parse::<i32>().map_err(|_| {
            let message = format!("invalid input syntax for type integer: \"{srid}\"");
            Error::new(state::INVALID_TEXT_REPRESENTATION, message)
        })?,
    };
    let srid = binary::clamp_srid(srid);
    if srid >= SRID_END {
        return Err(raised(shapes::Error::unsupported(format!("a column of SRID {srid} is not supported"))));
    }
    Ok(((srid as u32) << 5 | kind, srid))
}

fn shown(modifier: u32) -> String {
    let (srid, kind, z, m) = apart(modifier);
    let mut text = shapes::Kind::of_code(kind).map_or("Geometry", shapes::Kind::name).to_owned();
    text.push_str(if z { "Z" } else { "" });
    text.push_str(if m { "M" } else { "" });
    if srid != 0 {
        text.push_str(&format!(",{srid}"));
    }
    text
}

/// Refuses a value that is no such geometry; one without a frame gets that of the column.
fn fit(bytes: &[u8], modifier: u32) -> Result<Option<Vec<u8>>> {
    let (srid, kind, z, m) = apart(modifier);
    let Some((own, own_kind, own_z, own_m)) = binary::header(bytes) else { return Ok(None) };
    let wrong = |message: String| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    if srid != 0 && own != 0 && srid != own {
        return wrong(format!("Geometry SRID ({own}) does not match column SRID ({srid})"));
    }
    if let Some(kind) = shapes::Kind::of_code(kind)
        && kind != own_kind
    {
        let (own, kind) = (own_kind.name(), kind.name());
        return wrong(format!("Geometry type ({own}) does not match column type ({kind})"));
    }
    for (name, column, value) in [("Z", z, own_z), ("M", m, own_m)] {
        match (column, value) {
            (true, false) => return wrong(format!("Column has {name} dimension but geometry does not")),
            (false, true) => return wrong(format!("Geometry has {name} dimension but column does not")),
            _ => {}
        }
    }
    if srid == 0 || own == srid {
        return Ok(None);
    }
    let mut framed = binary::parse(bytes).map_err(raised)?;
    framed.srid = srid;
    Ok(Some(binary::encode(&framed)))
}
