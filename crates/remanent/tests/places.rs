//! Places in expressions, beside what PostGIS 3.3 says to them: `tests/golden/places.txt`, recorded by `tests/golden/record.py`.
#![cfg(feature = "shapes")]

use remanent::{Connection, Database, Value};
use std::collections::BTreeMap;

/// What an expression says, in the form of the file.
fn answer(connection: &Connection, expression: &str) -> String {
    let found = connection.query(&format!("SELECT {expression}"), ()).and_then(|mut rows| {
        let ty = rows.columns()[0].ty().to_string();
        let ty = ty.split_once('(').map_or(ty.as_str(), |(base, _)| base).to_owned();
        let row = rows.next().transpose()?;
        Ok((ty, row.map(|row| row.values()[0].clone()).unwrap_or(Value::Null)))
    });
    match found {
        Ok((ty, Value::Null)) => format!("{ty}\tNULL"),
        Ok((ty, Value::Bool(value))) => format!("{ty}\t{}", if value { "t" } else { "f" }),
        Ok((ty, value)) => format!("{ty}\t{value}"),
        Err(error) => format!("!\t{}\t{}", error.code(), error.message()),
    }
}

/// True if an answer is the recorded one. Numbers on the globe may differ in what is far below a micrometre; of errors
/// PostGIS says XX000, which here is a code of PostgreSQL's.
fn fits(found: &str, expected: &str) -> bool {
    if let Some(message) = expected.strip_prefix("!\tXX000\t") {
        return found.starts_with("!\t22") && found.ends_with(message);
    }
    let number = |text: &str| text.strip_prefix("double precision\t").and_then(|n| n.parse::<f64>().ok());
    match (number(found), number(expected)) {
        (Some(a), Some(b)) => a == b || (a - b).abs() <= 1e-12 * b.abs(),
        _ => found == expected,
    }
}

#[test]
fn expressions_are_those_of_postgis() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("places.rem")).unwrap();
    let connection = database.connect().unwrap();
    let mut wrong = Vec::new();
    for line in
        include_str!("golden/places.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (expression, expected) = line.split_once('\t').unwrap();
        let found = answer(&connection, expression);
        if !fits(&found, expected) {
            wrong.push(format!("{expression}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Rows by `sql`: each an id and what it is ordered by.
fn ordered(connection: &Connection, sql: &str) -> Vec<(i64, Option<f64>)> {
    let rows = connection.query(sql, ()).unwrap_or_else(|error| panic!("{sql}: {error}")).map(Result::unwrap);
    rows.map(|row| (row.get(0).unwrap(), row.get(1).unwrap())).collect()
}

#[test]
fn the_index_knows_the_distances_of_points() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("places.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, ()).unwrap();
    run("CREATE TABLE p (id bigint PRIMARY KEY, part int, at geometry)");
    // Several in one place; each coordinate a number that 32 bits do not hold.
    let point = "ST_SetSRID(ST_MakePoint(g * 7919 % 1009 / 10.0 + 0.1, g * 104729 % 997 / 10.0 + 0.1), 4326)";
    run(&format!("INSERT INTO p SELECT g, g % 10, {point} FROM generate_series(1, 3000) g"));
    run("INSERT INTO p SELECT id + 5000, part, at FROM p WHERE id % 50 = 3");
    database.flush().unwrap();
    run("CREATE INDEX i ON p USING gist (at)");
    let check = |what: &str| {
        for (x, y) in [("50.1", "50.1"), ("0", "0"), ("-3.7", "200"), ("33.333", "66.667")] {
            let to = format!("ST_SetSRID(ST_MakePoint({x}, {y}), 4326)");
            for sql in [
                format!("SELECT id, at <-> {to} AS d FROM p ORDER BY d LIMIT 10"),
                format!(
                    "SELECT id, ST_Distance({to}, at) AS d FROM p ORDER BY ST_Distance({to}, at) LIMIT 7 OFFSET 5"
                ),
                format!("SELECT id, at <-> {to} AS d FROM p WHERE part < 5 ORDER BY d LIMIT 10"),
                format!(
                    "SELECT id, at <-> {to} AS d FROM p WHERE part = 2 AND id > 2000 ORDER BY d LIMIT 1000"
                ),
            ] {
                let found = ordered(&connection, &sql);
                run("SET enable_indexscan = off");
                let expected = ordered(&connection, &sql);
                run("RESET enable_indexscan");
                // Of equal distances any may come last.
                let bits = |rows: &[(i64, Option<f64>)]| {
                    rows.iter().map(|row| row.1.map(f64::to_bits)).collect::<Vec<_>>()
                };
                assert_eq!(bits(&found), bits(&expected), "{what}: {sql}");
                let all = format!("SELECT id, at <-> {to} FROM p");
                let all: BTreeMap<i64, Option<f64>> = ordered(&connection, &all).into_iter().collect();
                for (id, d) in found {
                    assert_eq!(all[&id].map(f64::to_bits), d.map(f64::to_bits), "{what}: {sql}: {id}");
                }
            }
        }
    };
    check("one segment");
    run("INSERT INTO p SELECT id + 10000, part, at FROM p WHERE id % 7 = 1");
    check("rows in memory");
    database.flush().unwrap();
    run("DELETE FROM p WHERE id % 11 = 5");
    run("INSERT INTO p VALUES (20000, 1, NULL), (20001, 2, 'SRID=4326;POINT EMPTY')");
    check("two segments, deleted rows, and rows without a place");
    run("BEGIN");
    run("DELETE FROM p WHERE id % 13 = 5");
    run("INSERT INTO p SELECT id + 30000, part, at FROM p WHERE id % 9 = 1");
    check("a transaction's own rows");
    run("ROLLBACK");
    // Among others that are no points the distances are those of the rows.
    run(
        "INSERT INTO p VALUES (40000, 1, 'SRID=4326;LINESTRING(50 50, 51 51)'), (40001, 2, 'SRID=4326;POINT(50.1 50.1)')",
    );
    database.flush().unwrap();
    check("a line");
}

#[test]
fn the_nearest_shapes_are_those_of_a_scan_to_the_last_bit() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("shapes.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, ()).unwrap();
    run("CREATE TABLE p (id bigint PRIMARY KEY, part int, at geometry)");
    // Points, short and long lines, areas with and without a hole, and several in one.
    run("INSERT INTO p SELECT g, g % 10, CASE g % 6
           WHEN 0 THEN ST_MakePoint(x, y)
           WHEN 1 THEN ST_MakeLine(ST_MakePoint(x, y), ST_MakePoint(x + g % 7, y - g % 5))
           WHEN 2 THEN ST_MakeLine(ST_MakePoint(x, y), ST_MakePoint(90 - x, y + 40))
           WHEN 3 THEN ST_MakeEnvelope(x, y, x + 0.1 + g % 4, y + 0.3 + g % 3)
           WHEN 4 THEN ST_Difference(ST_MakeEnvelope(x, y, x + 9, y + 9), ST_MakeEnvelope(x + 1, y + 1, x + 8, y + 8))
           ELSE ST_Collect(ST_MakePoint(x, y), ST_MakePoint(100 - x, 100 - y)) END
         FROM (SELECT g, g * 7919 % 1009 / 10.0 + 0.1 AS x, g * 104729 % 997 / 10.0 + 0.1 AS y
               FROM generate_series(1, 3000) g) s");
    database.flush().unwrap();
    run("CREATE INDEX i ON p USING gist (at)");
    let check = |what: &str| {
        for to in [
            "POINT(50.1 50.1)",
            "POINT(-30 200)",
            "LINESTRING(10 10,12 30,11.5 12)",
            "POLYGON((40 40,60 40,60 60,40 60,40 40),(41 41,59 41,59 59,41 59,41 41))",
            "MULTIPOINT(1 1,99 99)",
        ] {
            for rest in ["", "WHERE part = 3", "WHERE part < 8 AND id > 100", "WHERE id = 17"] {
                for limit in ["1", "10", "7 OFFSET 30", "5000"] {
                    let sql = format!(
                        "SELECT id, at <-> '{to}'::geometry AS d FROM p {rest} ORDER BY d LIMIT {limit}"
                    );
                    let found = ordered(&connection, &sql);
                    run("SET enable_indexscan = off");
                    let expected = ordered(&connection, &sql);
                    run("RESET enable_indexscan");
                    let bits = |rows: &[(i64, Option<f64>)]| {
                        rows.iter().map(|row| row.1.map(f64::to_bits)).collect::<Vec<_>>()
                    };
                    assert_eq!(bits(&found), bits(&expected), "{what}: {sql}");
                }
            }
        }
    };
    check("one segment");
    run("INSERT INTO p SELECT id + 10000, part, at FROM p WHERE id % 7 = 1");
    check("rows in memory");
    database.flush().unwrap();
    run("DELETE FROM p WHERE id % 11 = 5");
    run("INSERT INTO p VALUES (20000, 1, NULL), (20001, 3, 'POLYGON EMPTY')");
    check("two segments, deleted rows, and rows without a place");
}
