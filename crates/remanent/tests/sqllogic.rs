//! The files of sqllogictest, run through the embedded API: those committed in `tests/sqllogictest/`, and the corpus in
//! `../shared/data/sqllogictest` beside the repository, where there is one (`REMANENT_SQLLOGICTEST` names another folder).
//!
//! The runner is the `sqllogictest` crate; the engine's name is `postgresql`. What the files leave to the runner is done
//! here: a value is printed as the letter of its column says (`I` as an integer, `R` with three decimals), as SQLite's
//! own runner prints it. VARCHAR(n) is read as TEXT.

use remanent::{Connection, Database, Error, Value, params};
use remanent_storage::world::sync::Mutex;
use sqllogictest::{DB, DBOutput, DefaultColumnType, QueryExpect, Record, Runner, parse_file};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The types of the columns that the next query is expected to have.
type Expected = Arc<Mutex<Vec<DefaultColumnType>>>;

struct Engine {
    database: Database,
    expected: Expected,
    /// How many it has run.
    statements: u64,
}

impl DB for Engine {
    type Error = Failure;
    type ColumnType = DefaultColumnType;

    fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, Failure> {
        let connection = self.database.connect().map_err(Failure)?;
        // Every other statement reads its tables with several threads, however small they are.
        self.statements += 1;
        if self.statements.is_multiple_of(2) {
            for sql in ["SET min_parallel_table_scan_rows = 0", "SET max_parallel_workers_per_gather = 2"] {
                connection.execute(sql, params![]).map_err(Failure)?;
            }
        }
        self.answer(&connection, &without_lengths(sql)).map_err(Failure)
    }

    fn engine_name(&self) -> &str {
        "postgresql"
    }

    fn error_sql_state(error: &Failure) -> Option<String> {
        Some(error.0.code().to_string())
    }
}

impl Engine {
    fn answer(&self, connection: &Connection, sql: &str) -> Result<DBOutput<DefaultColumnType>, Error> {
        let rows = connection.query(sql, params![])?;
        if rows.columns().is_empty() {
            let affected = rows.affected();
            rows.collect::<Result<Vec<_>, _>>()?;
            return Ok(DBOutput::StatementComplete(affected));
        }
        let expected = self.expected.lock().clone();
        let types: Vec<DefaultColumnType> = (0..rows.columns().len())
            .map(|i| expected.get(i).cloned().unwrap_or(DefaultColumnType::Any))
            .collect();
        let mut printed = Vec::new();
        for row in rows {
            let row = row?;
            printed.push(row.values().iter().zip(&types).map(|(value, ty)| print(value, ty)).collect());
        }
        Ok(DBOutput::Rows { types, rows: printed })
    }
}

/// A statement with `TEXT` for `VARCHAR(n)`: no file has a longer text than a column holds.
fn without_lengths(sql: &str) -> String {
    let mut parts = sql.split("VARCHAR(");
    let mut out = parts.next().unwrap_or_default().to_string();
    for part in parts {
        out.push_str("TEXT");
        out.push_str(part.split_once(')').map_or("", |(_, rest)| rest));
    }
    out
}

/// A value as SQLite's runner prints it for a column of that letter.
fn print(value: &Value, ty: &DefaultColumnType) -> String {
    let number = || value.to_string().parse::<f64>().ok();
    match (value, ty) {
        (Value::Null, _) => "NULL".to_string(),
        (Value::Bool(true), _) => "1".to_string(),
        (Value::Bool(false), _) => "0".to_string(),
        (Value::Text(text), _) if text.is_empty() => "(empty)".to_string(),
        (Value::Text(text), DefaultColumnType::Integer) => text.parse::<i64>().unwrap_or(0).to_string(),
        (Value::Text(text), _) => text.clone(),
        (_, DefaultColumnType::Integer) => {
            number().map_or_else(|| value.to_string(), |number| (number.trunc() as i64).to_string())
        }
        (_, DefaultColumnType::FloatingPoint) => {
            number().map_or_else(|| value.to_string(), |number| format!("{number:.3}"))
        }
        _ => value.to_string(),
    }
}

#[derive(Debug)]
struct Failure(Error);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.0.code(), self.0)
    }
}

impl std::error::Error for Failure {}

/// Runs one file over an empty database; what failed, at most a few records.
fn run(file: &Path) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let expected = Expected::default();
    let database = Database::options().synchronous_commit(false).open(dir.path().join("test.rem")).unwrap();
    let engine =
        Arc::new(Mutex::new(Some(Engine { database, expected: Arc::clone(&expected), statements: 0 })));
    let mut runner = Runner::new(|| {
        let engine = engine.lock().take().expect("one connection");
        async move { Ok(engine) }
    });
    runner.add_label("postgresql");
    let mut failed = Vec::new();
    for record in parse_file::<DefaultColumnType>(file).unwrap() {
        match &record {
            Record::Halt { .. } => break,
            Record::Query { expected: QueryExpect::Results { types, .. }, .. } => {
                expected.lock().clone_from(types);
            }
            _ => {}
        }
        if let Err(error) = runner.run(record) {
            failed.push(error.display(false).to_string());
            if failed.len() >= 5 {
                break;
            }
        }
    }
    failed
}

fn files(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files(&path, found),
            false if path.extension().is_some_and(|end| end == "slt") => found.push(path),
            false => {}
        }
    }
}

fn run_all(dir: &Path) {
    let mut found = Vec::new();
    files(dir, &mut found);
    found.sort();
    assert!(!found.is_empty(), "no .slt file in {}", dir.display());
    // Two halves side by side, dealt by size.
    found.sort_by_key(|file| std::cmp::Reverse(std::fs::metadata(file).map_or(0, |m| m.len())));
    let failed: Vec<String> = std::thread::scope(|scope| {
        let halves: Vec<_> = (0..2)
            .map(|half| {
                let own: Vec<&PathBuf> = found.iter().skip(half).step_by(2).collect();
                let run_own = move || {
                    let report = |file: &&PathBuf| {
                        run(file)
                            .into_iter()
                            .map(|what| format!("{}: {what}", file.display()))
                            .collect::<Vec<_>>()
                    };
                    own.iter().flat_map(report).collect::<Vec<_>>()
                };
                scope.spawn(run_own)
            })
            .collect();
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert!(failed.is_empty(), "{} records failed, among them:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn the_committed_files_pass() {
    run_all(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sqllogictest"));
}

#[test]
fn the_corpus_passes() {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/sqllogictest");
    let dir = std::env::var_os("REMANENT_SQLLOGICTEST").map_or(beside, PathBuf::from);
    match dir.is_dir() {
        true => run_all(&dir),
        false => eprintln!("skipped: there is no {}", dir.display()),
    }
}
