//! Full-text search beside what PostgreSQL 15 says: `tests/golden/text_search.txt`, recorded by `tests/golden/record.py`.
#![cfg(feature = "snowball")]

use remanent::{Connection, Database, Value};

/// What an expression says, in the form of the file.
fn answer(connection: &Connection, expression: &str) -> String {
    let found = connection.query(&format!("SELECT {expression}"), ()).and_then(|mut rows| {
        let ty = rows.columns()[0].ty().to_string();
        let row = rows.next().transpose()?;
        Ok((ty, row.map(|row| row.values()[0].clone()).unwrap_or(Value::Null)))
    });
    match found {
        Ok((ty, Value::Null)) => format!("{ty}\tNULL"),
        Ok((ty, value)) => format!("{ty}\t{value}"),
        Err(error) => format!("!\t{}\t{}", error.code(), error.message()),
    }
}

#[test]
fn expressions_are_those_of_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("text.rem")).unwrap();
    let connection = database.connect().unwrap();
    let mut wrong = Vec::new();
    for line in include_str!("golden/text_search.txt")
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (expression, expected) = line.split_once('\t').unwrap();
        let found = answer(&connection, expression);
        if found != expected {
            wrong.push(format!("{expression}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}
