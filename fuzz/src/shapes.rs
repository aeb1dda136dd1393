//! Places: texts and bytes as anybody may make them, and all that is computed of what is accepted.

use remanent_shapes::binary::{self, Form};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::locate::Parts;
use remanent_shapes::overlay::{self, Rule};
use remanent_shapes::relate::{self, Predicate};
use remanent_shapes::{
    Coord, Geometry, access, distance, edit, geodesic, hull, json, make, measure, simplify, solid, valid, wkt,
};

const PREDICATES: [Predicate; 11] = [
    Predicate::Disjoint,
    Predicate::Intersects,
    Predicate::Contains,
    Predicate::Within,
    Predicate::Covers,
    Predicate::CoveredBy,
    Predicate::Touches,
    Predicate::Crosses,
    Predicate::Overlaps,
    Predicate::Equals,
    Predicate::ContainsProperly,
];

/// Numbers that functions take beside geometries.
const NUMBERS: [f64; 14] = [
    0.0,
    1.0,
    -1.0,
    0.5,
    1e-9,
    -2.5,
    1e300,
    -1e300,
    1e-320,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    90.0,
    1e16,
];

/// More points than these are not computed with: it is many changes that are tried, not long ones.
const POINTS: usize = 400;

/// The first two bytes say what the others are and choose numbers; texts are cut in two where there is a line break.
pub fn run(data: &[u8]) {
    let [what, number, rest @ ..] = data else { return };
    let numbers = [number % 14, number / 14 % 14].map(|i| NUMBERS[usize::from(i)]);
    let (first, second) = match what % 2 {
        0 => {
            let (first, second) = rest.split_at(rest.len() / 2);
            let whole = binary::parse(rest).ok();
            look(rest);
            (whole.or_else(|| binary::parse(first).ok()), binary::parse(second).ok())
        }
        _ => {
            let text = String::from_utf8_lossy(rest);
            let (first, second) = text.split_once('\n').unwrap_or((&text, ""));
            make::parse_box(&text);
            let _ = (wkt::parse(first), json::parse(first, 4326));
            (remanent_shapes::parse(first).ok(), remanent_shapes::parse(second).ok())
        }
    };
    for geometry in first.iter().chain(&second) {
        forms(geometry);
        if geometry.shape.points() <= POINTS {
            one(geometry, numbers, i32::from(*what));
        }
    }
    if let (Some(a), Some(b)) = (first, second)
        && a.shape.points() + b.shape.points() <= POINTS
    {
        pair(&a, &b, numbers);
        pair(&b, &a, numbers);
    }
}

/// What is read of bytes without making a geometry.
fn look(bytes: &[u8]) {
    let _ = (binary::as_point(bytes), binary::header(bytes), Bounds::of_bytes(bytes));
    geodesic::bounds_of_bytes(bytes);
}

/// A geometry in its forms, and back.
fn forms(geometry: &Geometry) {
    let bytes = binary::encode(geometry);
    look(&bytes);
    let back = binary::parse(&bytes).expect("its own bytes");
    // Not compared by value: NaN.
    assert_eq!(binary::encode(&back), bytes);
    assert_eq!(binary::encode(&binary::from_hex(&binary::to_hex(&bytes)).expect("its own digits")), bytes);
    for little in [false, true] {
        let mut out = Vec::new();
        binary::write(&mut out, geometry, Form::Iso, little);
        binary::parse(&out).expect("its own ISO bytes");
    }
    for decimals in [0, 6, 15, 100] {
        let text = wkt::print_extended(geometry, decimals);
        let _ = wkt::parse(&text);
        wkt::print(geometry, decimals, true);
        let text = json::print(geometry, decimals, 5);
        let _ = json::parse(&text, 0);
    }
    if let Some(bounds) = Bounds::of(geometry) {
        let text = make::print_box(&bounds, geometry.z);
        make::parse_box(&text);
    }
}

/// All that is computed of one geometry.
fn one(geometry: &Geometry, [first, second]: [f64; 2], what: i32) {
    let shape = &geometry.shape;
    let n = i64::from(what) - 100;
    for (a, b) in [(first, second), (second, first)] {
        let _ =
            (edit::interpolate(geometry, a), edit::substring(geometry, a, b), edit::segmentize(geometry, a));
        let around = Coord::xy(a, b);
        edit::affine(geometry, [a, b, a], [b, a, b]);
        edit::rotate(geometry, a, around);
        edit::expand(geometry, [a, b]);
        edit::snap(geometry, [a, b], [b, a]);
        edit::force_z(geometry, Some(a));
        forms(&edit::flip(geometry));
        simplify::simplify(shape, a, what % 3 == 0);
        if let Ok(area) = overlay::buffer(shape, a, what as usize % 12) {
            forms(&geometry.with(area));
        }
    }
    let _ = (
        access::line(geometry),
        access::boundary(geometry),
        access::is_closed(geometry),
        access::rings(shape),
    );
    let _ = (access::point_n(geometry, n), access::geometry_n(geometry, n), access::ring_n(geometry, n));
    let mut reversed = shape.clone();
    edit::reverse(&mut reversed);
    measure::area(shape);
    measure::length(shape, true, geometry.z);
    measure::centroid(shape);
    forms(&hull::convex(geometry));
    forms(&make::envelope(geometry));
    let _ =
        (make::line(std::slice::from_ref(geometry)), make::polygon(geometry, std::slice::from_ref(geometry)));
    if let Ok(Some(all)) = make::collect(vec![geometry.clone(), geometry.clone()]) {
        forms(&all);
    }
    valid::fault(shape);
    valid::is_simple(shape);
    let mut on_globe = geometry.clone();
    geodesic::normalise(&mut on_globe);
    let shape = &on_globe.shape;
    geodesic::length(shape, true);
    geodesic::area(shape);
    geodesic::bounds(shape);
    if let Some(Coord { x, y, .. }) = measure::centroid(shape) {
        let from = Coord::xy(x, y);
        geodesic::azimuth(from, Coord::xy(first, second));
        geodesic::project(from, first, second);
    }
}

/// All that is computed of two.
fn pair(a: &Geometry, b: &Geometry, [first, _]: [f64; 2]) {
    let (mine, theirs) = (Parts::new(&a.shape), Parts::new(&b.shape));
    let matrix = relate::relate(&mine, &theirs).text();
    assert_eq!(matrix.len(), 9);
    for predicate in PREDICATES {
        relate::holds(predicate, &mine, &theirs);
    }
    distance::closest(&mine, &theirs, first);
    distance::farthest(&a.shape, &b.shape);
    let _ = (solid::closest(&a.shape, &b.shape), solid::farthest(&a.shape, &b.shape));
    for rule in [Rule::Union, Rule::Intersection, Rule::Difference, Rule::Symmetric] {
        if let Ok(shape) = overlay::overlay(&a.shape, &b.shape, rule, "a function") {
            forms(&a.with(shape));
        }
    }
    let _ = (edit::locate(a, b), a.same_frame(b, "a function"), make::line(&[a.clone(), b.clone()]));
    let _ = make::polygon(a, std::slice::from_ref(b));
    let (mut here, mut there) = (a.clone(), b.clone());
    geodesic::normalise(&mut here);
    geodesic::normalise(&mut there);
    geodesic::gap(&here.shape, &there.shape, first > 0.0);
    let (here, there) = (geodesic::Globe::new(&here.shape), geodesic::Globe::new(&there.shape));
    here.covers(&there);
    geodesic::closest(&here, &there);
}

const TEXTS: &[&str] = &[
    "POINT(1 2)\nPOINT EMPTY",
    "SRID=4326;POINT ZM (1 2 3 4)\nSRID=4326;POINTZ(1e10 -1.5e-7 0)",
    "LINESTRING(0 0,4 4,8 0,8 0)\nLINESTRING(0 4,4 0,0 4)",
    "POLYGON((0 0,4 0,4 3,0 0))\nPOLYGON((0 0,10 0,10 10,0 10,0 0),(2 2,2 4,4 4,4 2,2 2))",
    "POLYGON((0 0,4 4,4 0,0 4,0 0))\nMULTIPOLYGON(((0 0,4 0,4 4,0 4,0 0)),((2 2,6 2,6 6,2 6,2 2)))",
    "MULTIPOINT((1 1),2 2,EMPTY)\nMULTILINESTRING((0 0,1 1),(1 1,2 0),EMPTY)",
    "GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,2 2),GEOMETRYCOLLECTION(POLYGON((0 0,1 0,1 1,0 0))))\nPOINT(inf nan)",
    "POLYGON((170 80,-170 80,-170 89,170 89,170 80))\nPOINT(180 90)",
    "{\"type\":\"Point\",\"coordinates\":[1,2,3]}\n{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[1,1],[0,0]]]}",
    "{\"crs\":{\"type\":\"name\",\"properties\":{\"name\":\"EPSG:4326\"}},\"type\":\"GeometryCollection\",\"geometries\":[{\"type\":\"MultiPoint\",\"coordinates\":[[1,2],[3,4]]}]}\nBOX(0 0,1 1)",
    "BOX3D(0 0 0,1 1 1)\nPOLYGON((0 0,1e300 0,1e300 1e300,0 1e300,0 0))",
    "0101000020E6100000000000000000F03F0000000000000040\nPOINT(-180 -90)",
];

/// Texts and bytes of all sorts.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (i, text) in TEXTS.iter().enumerate() {
        for number in [17 * i as u8, 3] {
            seeds.push([&[1 + 2 * i as u8, number], text.as_bytes()].concat());
        }
        let values = text.split('\n').filter_map(|text| remanent_shapes::parse(text).ok());
        let bytes: Vec<Vec<u8>> = values.map(|value| binary::encode(&value)).collect();
        seeds.extend(bytes.iter().map(|value| [&[0, 5 * i as u8], value.as_slice()].concat()));
        if let [a, b] = bytes.as_slice()
            && a.len() == b.len()
        {
            seeds.push([&[2, 30], a.as_slice(), b.as_slice()].concat());
        }
    }
    seeds
}
