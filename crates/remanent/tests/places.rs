//! Places in expressions, beside what PostGIS 3.3 says to them: `tests/golden/places.txt`, recorded by `tests/golden/record.py`.
#![cfg(feature = "shapes")]

use remanent::{Connection, Database, Value};

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
