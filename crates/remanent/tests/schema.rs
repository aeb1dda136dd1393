//! Golden scripts of definitions: one session over an empty database, statement by statement, so that transactions and
//! settings go on from one to the next.
//!
//! Each file of `tests/golden/schema/` is a script of blocks parted by blank lines, as those of `tests/golden.rs`. A block
//! `-- reopen` closes the database and opens it again. `REMANENT_UPDATE_GOLDEN=1` writes what comes out into the files;
//! `golden/queries.py compare` says where PostgreSQL answers otherwise.

mod scripts;

use remanent::{Connection, Database, Result, params};
use scripts::{describe, text};
use std::fmt::Write;

#[test]
fn scripts_of_definitions_answer_as_recorded() {
    scripts::check("golden/schema", &run_script);
}

fn run_script(script: &str) -> String {
    // A machine without a database of time zones has nothing to say of them.
    if script.contains("Europe/") && remanent_storage::world::zones::directory().is_none() {
        return script.to_string();
    }
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("golden.rem");
    let mut database = Database::open(&path).unwrap();
    let mut connection = database.connect().unwrap();
    let mut out = String::new();
    for block in script.split("\n\n") {
        let (input, _) = block.split_once("\n----").unwrap_or((block, ""));
        let input = input.trim_matches('\n');
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{input}");
        if input == "-- reopen" {
            drop(connection);
            database.close().unwrap();
            database = Database::open(&path).unwrap();
            connection = database.connect().unwrap();
        } else if input.lines().any(|line| !line.starts_with("--")) {
            let answer = run(&connection, input).unwrap_or_else(|error| describe(&error, input));
            let _ = write!(out, "----\n{answer}");
        }
    }
    out
}

fn run(connection: &Connection, sql: &str) -> Result<String> {
    let rows = connection.query(sql, params![])?;
    if rows.columns().is_empty() {
        let affected = rows.affected();
        rows.collect::<Result<Vec<_>>>()?;
        return Ok(match affected {
            0 => "done\n".to_string(),
            n => format!("{n} affected\n"),
        });
    }
    let column = |column: &remanent::ResultColumn| format!("{} {}", column.name, column.type_name());
    let mut out = rows.columns().iter().map(column).collect::<Vec<_>>().join(" | ") + "\n";
    let (mut count, zone) = (0, rows.zone().clone());
    for row in rows {
        let _ =
            writeln!(out, "{}", row?.values().iter().map(|v| text(v, &zone)).collect::<Vec<_>>().join(" | "));
        count += 1;
    }
    if count == 0 {
        out.push_str("(no rows)\n");
    }
    Ok(out)
}

/// A chain of views ends in an error before it ends the stack, and what was made before is read and dropped.
#[test]
fn views_read_each_other_as_deeply_as_is_stated() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("deep.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, params![]).map_err(|error| error.code());
    run("CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1); CREATE VIEW v0 AS SELECT * FROM t")
        .unwrap();
    let more =
        |i: usize| run(&format!("CREATE VIEW v{i} AS SELECT a + 1 AS a FROM v{} AS v WHERE a > 0", i - 1));
    let last = (1..).find(|&i| more(i) == Err("54001")).unwrap() - 1;
    assert!(last >= 10, "{last}");
    let row = connection.query_one(&format!("SELECT a FROM v{last}"), params![]).unwrap();
    assert_eq!(row.get::<i32>(0).unwrap() as usize, 1 + last);
    assert_eq!(run("DROP TABLE t"), Err("2BP01"));
    run("DROP TABLE t CASCADE").unwrap();
    assert_eq!(run(&format!("DROP VIEW v{last}")), Err("42P01"));
}
