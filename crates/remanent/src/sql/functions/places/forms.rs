//! Making geometries, and their forms in and out.

use super::super::bytes::map_bytes;
use super::super::{BYTEA, FLOAT8, Function, INT4, JSON, JSONB, Signature, f};
use super::{Args, GEO, GEOG, GEOGRAPHY, GEOMETRIES, GEOMETRY, TEXT, of_array, raised, unsupported};
use remanent_shapes::{Coord, Geometry, Shape, binary, frame, json, make, wkt};
use remanent_storage::error::Result;
use remanent_storage::value::places;
use remanent_storage::value::{Column, Type};

static POINT: &[Signature] = &[(&[FLOAT8, FLOAT8], GEO), (&[FLOAT8, FLOAT8, INT4], GEO)];
static MAKE_POINT: &[Signature] =
    &[(&[FLOAT8, FLOAT8], GEO), (&[FLOAT8, FLOAT8, FLOAT8], GEO), (&[FLOAT8, FLOAT8, FLOAT8, FLOAT8], GEO)];
static MAKE_LINE: &[Signature] = &[(&[GEOMETRY, GEOMETRY], GEO), (&[GEOMETRIES], GEO)];
static MAKE_POLYGON: &[Signature] = &[(&[GEOMETRY], GEO), (&[GEOMETRY, GEOMETRIES], GEO)];
static ENVELOPE: &[Signature] =
    &[(&[FLOAT8, FLOAT8, FLOAT8, FLOAT8], GEO), (&[FLOAT8, FLOAT8, FLOAT8, FLOAT8, INT4], GEO)];
static SET_SRID: &[Signature] = &[(&[GEOMETRY, INT4], GEO), (&[GEOGRAPHY, INT4], GEOG)];
static SRID: &[Signature] = &[(&[GEOMETRY], Type::Int4), (&[GEOGRAPHY], Type::Int4)];
static FROM_TEXT: &[Signature] = &[(&[TEXT], GEO), (&[TEXT, INT4], GEO)];
static FROM_BYTES: &[Signature] = &[(&[BYTEA], GEO), (&[BYTEA, INT4], GEO)];
static FROM_JSON: &[Signature] = &[(&[TEXT], GEO), (&[JSON], GEO), (&[JSONB], GEO)];
static TO_TEXT: &[Signature] = &[
    (&[GEOMETRY], Type::Text),
    (&[GEOMETRY, INT4], Type::Text),
    (&[GEOGRAPHY], Type::Text),
    (&[GEOGRAPHY, INT4], Type::Text),
    (&[TEXT], Type::Text),
];
static TO_BYTES: &[Signature] = &[
    (&[GEOMETRY], Type::Bytea),
    (&[GEOMETRY, TEXT], Type::Bytea),
    (&[GEOGRAPHY], Type::Bytea),
    (&[GEOGRAPHY, TEXT], Type::Bytea),
];
static TO_JSON: &[Signature] = &[
    (&[GEOMETRY], Type::Text),
    (&[GEOMETRY, INT4], Type::Text),
    (&[GEOMETRY, INT4, INT4], Type::Text),
    (&[GEOGRAPHY], Type::Text),
    (&[GEOGRAPHY, INT4], Type::Text),
    (&[GEOGRAPHY, INT4, INT4], Type::Text),
    (&[TEXT], Type::Text),
];
static HEX: &[Signature] = &[(&[GEOMETRY], Type::Text), (&[GEOMETRY, TEXT], Type::Text)];
static TRANSFORM: &[Signature] = &[(&[GEOMETRY, INT4], GEO), (&[GEOMETRY, TEXT], GEO)];
static TILE: &[Signature] = &[
    (&[INT4, INT4, INT4], GEO),
    (&[INT4, INT4, INT4, GEOMETRY], GEO),
    (&[INT4, INT4, INT4, GEOMETRY, FLOAT8], GEO),
];

pub(in crate::sql::functions) static FUNCTIONS: &[Function] = &[
    f("st_point", POINT, |a| point(a, 2, None)),
    f("st_makepoint", MAKE_POINT, |a| point(a, a.columns.len(), None)),
    f("st_makepointm", &[(&[FLOAT8, FLOAT8, FLOAT8], GEO)], |a| point(a, 2, Some(2))),
    f("st_makeline", MAKE_LINE, |a| together(a, make::line)),
    f("st_collect", MAKE_LINE, |a| together(a, |parts| make::collect(parts.to_vec()))),
    f("st_makepolygon", MAKE_POLYGON, polygon),
    f("st_polygon", &[(&[GEOMETRY, INT4], GEO)], |a| {
        a.remake(|a, row, line| {
            let mut made = make::polygon(&line, &[]).map_err(raised)?;
            made.srid = binary::clamp_srid(a.integer(1, row, 0));
            Ok(Some(made))
        })
    }),
    f("st_makeenvelope", ENVELOPE, envelope),
    f("st_setsrid", SET_SRID, |a| {
        a.remake(|a, row, mut geometry| {
            geometry.srid = binary::clamp_srid(a.integer(1, row, 0));
            Ok(Some(geometry))
        })
    }),
    f("st_srid", SRID, |a| {
        a.map_int(&mut |row| Ok(binary::header(a.columns[0].bytes(row)).map_or(0, |head| head.0.into())))
    }),
    f("st_transform", TRANSFORM, |a| {
        a.remake(|a, row, geometry| match a.columns[1].ty() {
            Type::Int4 => frame::transform(&geometry, binary::clamp_srid(a.integer(1, row, 0)))
                .map(Some)
                .map_err(raised),
            _ => Err(unsupported("ST_Transform to a frame that is not named by its number")),
        })
    }),
    f("st_tileenvelope", TILE, |a| {
        a.map_geometry(&mut |row| {
            let at = |i: usize| a.integer(i, row, 0);
            let bounds = (a.columns.len() > 3).then(|| a.geometry(3, row)).transpose()?;
            let margin = a.number(4, row, 0.0);
            frame::tile(at(0), at(1), at(2), bounds.as_ref(), margin).map(Some).map_err(raised)
        })
    }),
    f("st_geomfromtext", FROM_TEXT, |a| from_text(a, wkt::parse)),
    f("st_geometryfromtext", FROM_TEXT, |a| from_text(a, wkt::parse)),
    f("st_geomfromewkt", &[(&[TEXT], GEO)], |a| from_text(a, wkt::parse)),
    f("st_geomfromgeojson", FROM_JSON, |a| from_text(a, |text| json::parse(text, 4326))),
    f("st_geomfromwkb", FROM_BYTES, from_bytes),
    f("st_geomfromewkb", &[(&[BYTEA], GEO)], from_bytes),
    f("st_geogfromtext", &[(&[TEXT], GEOG)], |a| from_text(a, wkt::parse)),
    f("st_geographyfromtext", &[(&[TEXT], GEOG)], |a| from_text(a, wkt::parse)),
    f("st_geogfromwkb", &[(&[BYTEA], GEOG)], from_bytes),
    f("st_astext", TO_TEXT, |a| to_text(a, false)),
    f("st_asewkt", TO_TEXT, |a| to_text(a, true)),
    f("st_asbinary", TO_BYTES, |a| to_bytes(a, binary::Form::Iso)),
    f("st_asewkb", TO_BYTES, |a| to_bytes(a, binary::Form::Extended)),
    f("st_ashexewkb", HEX, |a| {
        a.map_text(&mut |row, out| {
            let mut bytes = Vec::new();
            binary::write(&mut bytes, &a.geometry(0, row)?, binary::Form::Extended, little(a, row)?);
            out.push_str(&binary::to_hex(&bytes));
            Ok(())
        })
    }),
    f("st_asgeojson", TO_JSON, |a| {
        a.map_text(&mut |row, out| {
            let decimals = a.integer(1, row, 9).clamp(0, 15) as usize;
            out.push_str(&json::print(&a.geometry(0, row)?, decimals, a.integer(2, row, 8)));
            Ok(())
        })
    }),
    f("st_coorddim", &[(&[GEOMETRY], Type::Int2)], |a| {
        a.map_int(&mut |row| {
            let head = binary::header(a.columns[0].bytes(row));
            Ok(head.map_or(2, |(.., z, m)| 2 + i64::from(z) + i64::from(m)))
        })
    }),
];

/// Of the first numbers a point; the argument that is M.
fn point(args: &Args<'_>, numbers: usize, m: Option<usize>) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let at = |i: usize| args.number(i, row, 0.0);
        let (z, with_m) = (numbers > 2, numbers > 3 || m.is_some());
        let point = Coord {
            x: at(0),
            y: at(1),
            z: if z { at(2) } else { 0.0 },
            m: if with_m { at(m.unwrap_or(3)) } else { 0.0 },
        };
        let srid = if numbers == 2 && m.is_none() { args.integer(2, row, 0) } else { 0 };
        let empty = point.x.is_nan() && point.y.is_nan();
        let shape = Shape::Point((!empty).then_some(point));
        Ok(Some(Geometry { srid: binary::clamp_srid(srid), z, m: with_m, shape }))
    })
}

/// Of two geometries, or of an array of them, one.
fn together(
    args: &Args<'_>,
    make: fn(&[Geometry]) -> remanent_shapes::Result<Option<Geometry>>,
) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let parts = match args.array(0, row) {
            Some(array) => of_array(&array)?,
            None => vec![args.geometry(0, row)?, args.geometry(1, row)?],
        };
        make(&parts).map_err(raised)
    })
}

fn polygon(args: &Args<'_>) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let holes = match args.columns.len() {
            1 => Vec::new(),
            _ => args.array(1, row).map_or(Ok(Vec::new()), |array| of_array(&array))?,
        };
        make::polygon(&args.geometry(0, row)?, &holes).map(Some).map_err(raised)
    })
}

fn envelope(args: &Args<'_>) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let at = |i: usize| args.number(i, row, 0.0);
        let srid = binary::clamp_srid(args.integer(4, row, 0));
        Ok(Some(make::rectangle(srid, [at(0), at(1)], [at(2), at(3)])))
    })
}

/// A geometry that was read: in the frame that the second argument names, as a geography where that is asked for.
fn finished(args: &Args<'_>, row: usize, mut geometry: Geometry) -> Result<Option<Geometry>> {
    if args.columns.len() > 1 {
        geometry.srid = binary::clamp_srid(args.integer(1, row, 0));
    }
    match args.ty == GEOG {
        true => places::on_globe(geometry).map(Some),
        false => Ok(Some(geometry)),
    }
}

fn from_text(args: &Args<'_>, parse: fn(&str) -> remanent_shapes::Result<Geometry>) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let geometry = match args.columns[0].ty() {
            Type::Jsonb => parse(&args.columns[0].value(row).to_string()),
            _ => parse(args.text(0, row)?),
        };
        finished(args, row, geometry.map_err(raised)?)
    })
}

fn from_bytes(args: &Args<'_>) -> Result<Column> {
    args.map_geometry(&mut |row| {
        let geometry = binary::parse(args.columns[0].bytes(row)).map_err(raised)?;
        finished(args, row, geometry)
    })
}

fn to_text(args: &Args<'_>, extended: bool) -> Result<Column> {
    args.map_text(&mut |row, out| {
        let geometry = args.geometry(0, row)?;
        let decimals = args.integer(1, row, 15).clamp(0, 15) as usize;
        out.push_str(&match extended {
            true => wkt::print_extended(&geometry, decimals),
            false => wkt::print(&geometry, decimals, true),
        });
        Ok(())
    })
}

/// The byte order that the second argument names.
fn little(args: &Args<'_>, row: usize) -> Result<bool> {
    Ok(args.columns.len() < 2 || !args.text(1, row)?.eq_ignore_ascii_case("xdr"))
}

fn to_bytes(args: &Args<'_>, form: binary::Form) -> Result<Column> {
    map_bytes(args, &mut |row, out| {
        binary::write(out, &args.geometry(0, row)?, form, little(args, row)?);
        Ok(())
    })
}
