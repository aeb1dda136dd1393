//! `remanent export DB QUERY-OR-TABLE FILE`: the rows of a query or of a table into a file.
//!
//! | file | what |
//! |---|---|
//! | `.csv`, `.tsv` | COPY's csv with a line of names |
//! | `.json` | an array of objects |
//! | `.ndjson`, `.jsonl` | an object a line |
//! | `.parquet` | where the program was built with the feature `parquet` |
//!
//! The file is written beside its place and put there when it is whole, so nobody ever reads half of it. What goes to a
//! device or a pipe goes there at once. A new kind of file is a line of [`KINDS`].

#[cfg(feature = "parquet")]
mod parquet;

use crate::failure::{Failure, Result};
use crate::output::{Head, json};
use crate::progress::Progress;
use crate::term;
use remanent::{Connection, Database, params};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// A kind of file: what it ends in, and what writes the rows of a query; it says how many there were.
type Kind = (&'static [&'static str], fn(&Connection, &str, &mut Out) -> Result<u64>);

static KINDS: &[Kind] = &[
    (&["csv"], |conn, query, out| copy(conn, query, "CSV HEADER", out)),
    (&["tsv"], |conn, query, out| copy(conn, query, "CSV HEADER DELIMITER E'\\t'", out)),
    (&["json"], |conn, query, out| objects(conn, query, &json::print, out)),
    (&["ndjson", "jsonl"], |conn, query, out| objects(conn, query, &json::print_lines, out)),
    #[cfg(feature = "parquet")]
    (&["parquet"], parquet::write),
];

/// Where rows go.
pub type Out = BufWriter<File>;

/// The command.
pub fn run(db: &Path, what: &str, file: &Path) -> Result<()> {
    let extension = file.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let kind = KINDS.iter().find(|(extensions, _)| extensions.contains(&extension.as_str()));
    let Some((_, write)) = kind else { return Err(unknown(file, &extension)) };
    if !db.exists() {
        return Err(Failure::other(format!("there is no database \"{}\"", db.display())));
    }
    let started = Instant::now();
    let db = Database::options().read_only(true).open(db)?;
    let conn = db.connect()?;
    let query = query(&conn, what)?;
    let place = Place::of(file)?;
    let mut out = BufWriter::with_capacity(256 << 10, place.begin()?);
    let progress = Progress::start(conn.interrupter());
    let done = write(&conn, &query, &mut out).and_then(|rows| {
        out.flush().map_err(|e| Failure::file("write", file, &e))?;
        place.end(out.get_ref())?;
        Ok(rows)
    });
    drop(progress);
    let rows = done.inspect_err(|_| place.remove())?;
    let (rows, time) = (term::count(rows, "row"), term::time(started.elapsed()));
    writeln!(io::stdout(), "exported {rows} to {} in {time}", file.display())?;
    drop(conn);
    Ok(db.close()?)
}

fn unknown(file: &Path, extension: &str) -> Failure {
    let known: Vec<_> =
        KINDS.iter().flat_map(|(extensions, _)| *extensions).map(|e| format!(".{e}")).collect();
    let hint = match extension {
        "parquet" => "This program was built without the feature \"parquet\".".to_owned(),
        _ => format!("What it ends in says what it is: {}.", known.join(", ")),
    };
    Failure::Other(format!("\"{}\" is no file that can be written", file.display()), Some(hint))
}

/// The query that was meant: itself, or all of a table.
fn query(conn: &Connection, what: &str) -> Result<String> {
    let what = what.trim().trim_end_matches(';').trim_end();
    let tables = conn.tables()?;
    let quoted = |name: &str| remanent::sql::ast::quote_ident(name);
    let found = tables.iter().find(|def| {
        def.name == what && def.schema == "public" || format!("{}.{}", def.schema, def.name) == what
    });
    Ok(match found {
        Some(def) => format!("SELECT * FROM {}.{}", quoted(&def.schema), quoted(&def.name)),
        // Views and names as SQL writes them.
        None if !what.contains(char::is_whitespace) && !what.contains('(') => format!("SELECT * FROM {what}"),
        None => what.to_owned(),
    })
}

fn copy(conn: &Connection, query: &str, options: &str, out: &mut Out) -> Result<u64> {
    Ok(conn.copy_out(&format!("COPY ({query}) TO STDOUT {options}"), out)?)
}

/// Prints rows of texts.
type Print = dyn Fn(
    &[Head],
    &mut dyn Iterator<Item = remanent::Result<crate::output::Cells>>,
    &mut dyn Write,
) -> Result<u64>;

fn objects(conn: &Connection, query: &str, print: &Print, out: &mut Out) -> Result<u64> {
    let rows = conn.query(query, params![])?;
    let heads = Head::of(&rows);
    print(&heads, &mut crate::output::cells(rows), out)
}

/// Where a file is made.
struct Place {
    file: PathBuf,
    /// Where it is written first; None where that is no file.
    beside: Option<PathBuf>,
}

impl Place {
    fn of(file: &Path) -> Result<Place> {
        if file.is_dir() {
            return Err(Failure::other(format!("\"{}\" is a directory", file.display())));
        }
        let plain = !file.exists() || file.is_file();
        let mut name = file.as_os_str().to_owned();
        name.push(format!(".{}.part", std::process::id()));
        Ok(Place { file: file.to_owned(), beside: plain.then(|| name.into()) })
    }

    fn begin(&self) -> Result<File> {
        let path = self.beside.as_ref().unwrap_or(&self.file);
        File::create(path).map_err(|e| Failure::file("write", path, &e))
    }

    fn end(&self, file: &File) -> Result<()> {
        let Some(beside) = &self.beside else { return Ok(()) };
        let failed = |e| Failure::file("write", &self.file, &e);
        file.sync_all().map_err(failed)?;
        std::fs::rename(beside, &self.file).map_err(failed)
    }

    fn remove(&self) {
        // What cannot be removed is a file with a name that says what it is.
        let _ = self.beside.as_ref().map(std::fs::remove_file);
    }
}
