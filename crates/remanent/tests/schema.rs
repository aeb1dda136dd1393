//! Golden scripts of definitions: one session over an empty database, statement by statement, so that transactions and
//! settings go on from one to the next.
//!
//! Each file of `tests/golden/schema/` is a script of blocks parted by blank lines, as those of `tests/golden.rs`. A block
//! `-- reopen` closes the database and opens it again. `REMANENT_UPDATE_GOLDEN=1` writes what comes out into the files;
//! `golden/queries.py compare` says where PostgreSQL answers otherwise.

use remanent::{Connection, Database, Error, Result, Value, params};
use std::fmt::Write;
use std::path::Path;

#[test]
fn scripts_of_definitions_answer_as_recorded() {
    let update = std::env::var_os("REMANENT_UPDATE_GOLDEN").is_some();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/schema");
    let mut files: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut differing = Vec::new();
    for file in files {
        let recorded = std::fs::read_to_string(&file).unwrap();
        let actual = run_script(&recorded);
        if actual == recorded {
            continue;
        }
        if update {
            std::fs::write(&file, actual).unwrap();
            continue;
        }
        let lines = recorded.lines().chain(std::iter::repeat("<end>")).zip(actual.lines().chain(["<end>"]));
        if let Some((line, (old, new))) = lines.enumerate().find(|(_, (old, new))| old != new) {
            differing.push(format!("{}:{}\n  recorded: {old}\n  actual:   {new}", file.display(), line + 1));
        }
    }
    assert!(differing.is_empty(), "{}\nREMANENT_UPDATE_GOLDEN=1 accepts it", differing.join("\n"));
}

fn run_script(script: &str) -> String {
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
    let column = |column: &remanent::ResultColumn| format!("{} {}", column.name, column.ty);
    let mut out = rows.columns().iter().map(column).collect::<Vec<_>>().join(" | ") + "\n";
    let mut count = 0;
    for row in rows {
        let text = |value: &Value| if value.is_null() { "NULL".to_string() } else { value.to_string() };
        let _ = writeln!(out, "{}", row?.values().iter().map(text).collect::<Vec<_>>().join(" | "));
        count += 1;
    }
    if count == 0 {
        out.push_str("(no rows)\n");
    }
    Ok(out)
}

fn describe(error: &Error, sql: &str) -> String {
    let mut out = format!("ERROR {}", error.code());
    if let Some(byte) = error.position() {
        let characters = sql.get(..byte).map_or(0, |before| before.chars().count());
        let _ = write!(out, " at {}", characters + 1);
    }
    let _ = writeln!(out, ": {}", error.message());
    for (name, line) in [("DETAIL", error.detail()), ("HINT", error.hint())] {
        if let Some(line) = line {
            let _ = writeln!(out, "{name}: {line}");
        }
    }
    out
}
