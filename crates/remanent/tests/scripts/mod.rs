//! Golden scripts, whatever runs them: files in a folder below `tests/` are run again and compared with what is recorded in
//! them. `REMANENT_UPDATE_GOLDEN=1` writes what comes out into the files.

use remanent::{Error, Value};
use std::fmt::Write;
use std::path::Path;

/// Runs every file of a folder; `run` makes of its text what it should be. Panics with the first line of each that differs.
pub fn check(folder: &str, run: &dyn Fn(&str) -> String) {
    let update = std::env::var_os("REMANENT_UPDATE_GOLDEN").is_some();
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(&dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{folder} is empty");
    let mut differing = Vec::new();
    for file in files {
        let recorded = std::fs::read_to_string(&file).unwrap();
        let actual = run(&recorded);
        if actual == recorded {
            continue;
        }
        match update {
            true => std::fs::write(&file, actual).unwrap(),
            false => differing.push(difference(&file, &recorded, &actual)),
        }
    }
    assert!(differing.is_empty(), "{}\nREMANENT_UPDATE_GOLDEN=1 accepts it", differing.join("\n"));
}

/// The first line where what came out is not what is recorded.
fn difference(file: &Path, recorded: &str, actual: &str) -> String {
    let lines = recorded.lines().chain(std::iter::repeat("<end>")).zip(actual.lines().chain(["<end>"]));
    match lines.enumerate().find(|(_, (recorded, actual))| recorded != actual) {
        Some((line, (recorded, actual))) => {
            format!("{}:{}\n  recorded: {recorded}\n  actual:   {actual}", file.display(), line + 1)
        }
        None => format!("{}: differs", file.display()),
    }
}

/// An error as the scripts show it; positions count characters from 1, as psql does.
#[allow(dead_code, reason = "each test program uses a part")]
pub fn describe(error: &Error, sql: &str) -> String {
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

/// A value as the scripts show it.
#[allow(dead_code, reason = "each test program uses a part")]
pub fn text(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_string(),
        value => value.to_string(),
    }
}
