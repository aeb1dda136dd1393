//! Spatial indexes: places in the plane, in space and on the globe.

use super::harness::{Random, Subject, compare, compare_with_scans};
use remanent::{Database, params};

/// A number of a small grid, or between.
fn number(random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("{}.{}", random.below(20), random.below(1000)),
        1 => format!("-{}", random.below(10)),
        _ => random.below(20).to_string(),
    }
}

fn point(random: &mut Random, numbers: usize) -> String {
    (0..numbers).map(|_| number(random)).collect::<Vec<_>>().join(" ")
}

/// A rectangle: rings at random are seldom any.
fn ring(random: &mut Random) -> String {
    let (x, y) = (random.below(15), random.below(15));
    let (w, h) = (1 + random.below(5), 1 + random.below(5));
    format!("(({x} {y},{} {y},{} {},{x} {},{x} {y}))", x + w, x + w, y + h, y + h)
}

fn place(random: &mut Random) -> String {
    match random.below(12) {
        0 => random.one(&["POINT EMPTY", "POLYGON EMPTY", "GEOMETRYCOLLECTION EMPTY"]).to_string(),
        1 | 2 => format!("LINESTRING({},{})", point(random, 2), point(random, 2)),
        3 | 4 => format!("POLYGON{}", ring(random)),
        5 => format!("MULTIPOINT({},{})", point(random, 2), point(random, 2)),
        _ => format!("POINT({})", point(random, 2)),
    }
}

/// Far apart, some at the date line and at a pole.
fn place_on_globe(random: &mut Random) -> String {
    let one = |random: &mut Random| match random.below(5) {
        0 => format!("{}179.{} {}", random.one(&["", "-"]), random.below(100), number(random)),
        1 => format!("{} 89.{}", number(random), random.below(100)),
        _ => point(random, 2),
    };
    match random.below(8) {
        0 => format!("LINESTRING({},{})", one(random), one(random)),
        1 => format!("POLYGON{}", ring(random)),
        2 => "POINT EMPTY".to_string(),
        _ => format!("POINT({})", one(random)),
    }
}

pub fn value(random: &mut Random, column: &str) -> String {
    if random.below(12) == 0 {
        return "NULL".to_string();
    }
    match column {
        "g" => format!("'{}'", place(random)),
        "z" => format!("'POINT Z ({})'", point(random, 3)),
        _ => format!("'{}'", place_on_globe(random)),
    }
}

pub fn condition(random: &mut Random) -> String {
    let one = |random: &mut Random| match random.below(14) {
        0 => format!("g {} '{}'::geometry", random.one(&["&&", "@", "~", "~=", "&&&"]), place(random)),
        1 => format!("'{}'::geometry {} g", place(random), random.one(&["&&", "@", "~"])),
        2 => format!("ST_DWithin(g, '{}', {})", place(random), random.below(4)),
        3 => format!("ST_DWithin('POINT({})'::geometry, g, 0.{})", point(random, 2), random.below(100)),
        4 => format!("ST_Intersects('POLYGON{}'::geometry, g)", ring(random)),
        5 | 6 => {
            let test =
                random.one(&["ST_Within", "ST_CoveredBy", "ST_Touches", "ST_Intersects", "ST_Crosses"]);
            format!("{test}(g, 'POLYGON{}')", ring(random))
        }
        7 => format!("ST_Contains(g, 'POINT({})')", point(random, 2)),
        8 => format!("ST_3DDWithin(z, 'POINT Z ({})', {})", point(random, 3), random.below(6)),
        9 => format!("z &&& ST_Expand('POINT({})'::geometry, 3)", point(random, 2)),
        10 => format!("ST_DWithin(w, '{}', {})", place_on_globe(random), random.below(600_000)),
        11 => format!("w && '{}'::geography", place_on_globe(random)),
        12 => format!("ST_Intersects(w, '{}')", place_on_globe(random)),
        _ => format!("ST_Covers('POLYGON{}'::geography, w)", ring(random)),
    };
    match random.below(6) {
        0 => format!("({} OR {})", one(random), one(random)),
        1 => format!("{} AND {}", one(random), one(random)),
        _ => one(random),
    }
}

fn question(random: &mut Random, table: &str) -> String {
    let by = match random.below(8) {
        0 => format!("g <-> '{}'", place(random)),
        1 => format!("'POINT({})' <-> g", point(random, 2)),
        2 => format!("z <<->> 'POINT Z ({})'", point(random, 3)),
        3 => format!("w <-> '{}'", place_on_globe(random)),
        _ => String::new(),
    };
    if !by.is_empty() {
        // Distances, as rows at the same one come in any order.
        let condition = if random.below(2) == 0 { "true".to_owned() } else { condition(random) };
        return format!(
            "SELECT {by} FROM {table} WHERE {condition} ORDER BY {by} LIMIT {}",
            random.below(20)
        );
    }
    let columns = random.one(&["count(*), min(id)", "ST_Extent(g), ST_3DExtent(z)", ""]);
    let condition = condition(random);
    match columns {
        "" => format!("SELECT id, g, z, w FROM {table} WHERE {condition} ORDER BY id"),
        columns => format!("SELECT {columns} FROM {table} WHERE {condition}"),
    }
}

#[test]
fn boxes_of_an_index_leave_no_row_out() {
    let subject = Subject {
        columns: "g geometry, z geometry(PointZ), w geography",
        names: &["g", "z", "w"],
        indexes: &[
            "USING gist (g)",
            "USING spatial (g)",
            "USING gist (g gist_geometry_ops_nd)",
            "USING gist (z)",
            "USING rtree (z)",
            "USING gist (w)",
            "USING gist (w) WHERE id > 20",
        ],
        unique: &[""],
        value,
        condition,
        question,
        compare: &compare,
    };
    compare_with_scans("boxes_of_an_index_leave_no_row_out", 8, &subject);
}

/// Enough for several pages of an index, and many boxes in each.
#[test]
fn the_nearest_of_many_are_those_of_a_scan() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("places.rem")).unwrap();
    let conn = db.connect().unwrap();
    let run = |sql: &str| conn.execute(sql, params![]).unwrap();
    run("CREATE TABLE p (id int PRIMARY KEY, g geometry, z geometry(PointZ), w geography)");
    run("INSERT INTO p SELECT i, ST_MakePoint(i * 7919 % 4001 / 100.0, i * 104729 % 4003 / 100.0),
         ST_MakePoint(i * 31 % 97, i * 57 % 101, i * 13 % 103),
         ST_MakePoint(i * 7919 % 3600 / 10.0 - 180, i * 104729 % 1799 / 10.0 - 90)::geography
         FROM generate_series(1, 4000) AS s (i)");
    let asked = |i: i32| {
        [
            format!("g <-> 'POINT({} {}.25)'", i * 3, i * 2),
            format!("g <-> 'POLYGON(({i} {i},{i}.5 {i},{i}.5 {i}.5,{i} {i}))'"),
            format!("z <<->> 'POINT Z ({} {} {})'", i * 7, i * 8, i * 6),
            format!("w <-> 'POINT({} {})'::geography", i * 28 - 180, i * 14 - 90),
        ]
    };
    let answers = || -> Vec<Vec<f64>> {
        let of = |by: String| {
            let sql = format!("SELECT {by} FROM p ORDER BY {by} LIMIT 15");
            conn.query(&sql, params![]).unwrap().map(|row| row.unwrap().get(0).unwrap()).collect()
        };
        (0..13).flat_map(asked).map(of).collect()
    };
    let scanned = answers();
    for column in ["g", "z", "w"] {
        run(&format!("CREATE INDEX ON p USING gist ({column})"));
    }
    assert_eq!(answers(), scanned, "rows in memory");
    db.flush().unwrap();
    assert_eq!(answers(), scanned, "rows on disk");
}
