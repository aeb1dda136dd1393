//! `remanent import DB FILE` and `.import FILE`: files into tables.
//!
//! | file | holds |
//! |---|---|
//! | [`flight`] | PX4 logs: many tables, with times and keys |
//! | [`csv`], [`json`] | text |
//! | `parquet`, `mcap` | binary files, where the program was built with the feature of that name |
//! | [`kinds`] | what a column holds, learnt from its values |
//! | [`target`] | the table that is made for it, or the one that is there |
//! | [`load`] | the rows through COPY; bad ones put aside |
//! | [`names`] | names of files as names in SQL |
//!
//! A file is read twice: the survey learns what the columns are from all values, not from a sample, so that no row is a
//! surprise to a table made for it; then the rows go through COPY in one transaction, which also makes the table. A new kind
//! of file is a line of [`KINDS`].
//!
//! ```text
//! $ remanent import robot.rem imu.csv
//! creating table imu
//!   ts  timestamptz
//!   ax  double precision
//! imported 200,000 rows from imu.csv in 0.2 s
//! ```
//!
//! Limits: a line of CSV has at most 256 MB, a value of JSON 64 MB.

mod csv;
pub mod flight;
mod json;
mod kinds;
mod load;
#[cfg(feature = "mcap")]
mod mcap;
mod names;
#[cfg(feature = "parquet")]
mod parquet;
mod target;

use crate::failure::{Failure, Result};
use crate::progress::Progress;
use crate::term::{self, Paint};
use load::Load;
use remanent::{Connection, Database, TransactionStatus, params};
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;
use target::{Found, Target};

/// How to import.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The table; None: called as the file is.
    pub table: Option<String>,
    /// Put before the name of every table of a log.
    pub prefix: String,
    /// Import what comes before the damage of a flight log instead of refusing it.
    pub partial: bool,
    /// Where records go that are no rows; None: the first is an error.
    pub skip_errors: Option<PathBuf>,
    /// CSV: the first line names the columns.
    pub header: bool,
    /// CSV: what stands between two fields; None: what the first line has most of.
    pub delimiter: Option<u8>,
}

impl Default for Options {
    fn default() -> Self {
        let prefix = String::new();
        Options { table: None, prefix, partial: false, skip_errors: None, header: true, delimiter: None }
    }
}

/// A file to import.
pub struct Source {
    path: PathBuf,
    /// In lower case.
    extension: String,
    options: Options,
    /// How many rows were seen so far in this pass.
    seen: Arc<AtomicU64>,
}

impl Source {
    fn count(&self, rows: u64) {
        self.seen.fetch_add(rows, Ordering::Relaxed);
    }
}

/// A kind of file.
struct Kind {
    extensions: &'static [&'static str],
    /// What a record is called.
    noun: &'static str,
    survey: fn(&Source) -> Result<Vec<Found>>,
    load: fn(&Source, &[Found], &[Target], &mut Load<'_>) -> Result<()>,
}

static KINDS: &[Kind] = &[
    Kind { extensions: &["csv", "tsv"], noun: "line", survey: csv::survey, load: csv::load },
    Kind { extensions: &["json", "ndjson", "jsonl"], noun: "line", survey: json::survey, load: json::load },
    #[cfg(feature = "parquet")]
    Kind { extensions: &["parquet"], noun: "row", survey: parquet::survey, load: parquet::load },
    #[cfg(feature = "mcap")]
    Kind { extensions: &["mcap"], noun: "message", survey: mcap::survey, load: mcap::load },
];

/// The command.
pub fn run(db: &Path, file: &Path, options: Options) -> Result<()> {
    let found = look(file, options)?;
    let db = Database::open(db)?;
    let conn = db.connect()?;
    let mut out = io::stdout().lock();
    take(&conn, &found, &mut out, Paint::of(&io::stdout()))?;
    drop(conn);
    Ok(db.close()?)
}

/// A file that was looked at: it should not leave an empty database behind if it is none.
pub struct Looked {
    source: Source,
    found: Option<(&'static Kind, Vec<Found>)>,
}

/// Looks at a file.
pub fn look(file: &Path, options: Options) -> Result<Looked> {
    let extension = file.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    let source = Source { path: file.to_owned(), extension, options, seen: Arc::default() };
    if source.extension == "ulg" {
        if source.options.table.is_some() || source.options.skip_errors.is_some() {
            return Err(Failure::Usage("--table and --skip-errors are not for flight logs".into()));
        }
        flight::Log::File(file).begin()?;
        return Ok(Looked { source, found: None });
    }
    let known = KINDS.iter().find(|kind| kind.extensions.contains(&source.extension.as_str()));
    let kind = known.ok_or_else(|| unknown(&source))?;
    open(file)?;
    let real = |path: &Path| path.canonicalize().ok();
    if let Some(aside) = source.options.skip_errors.as_deref()
        && real(aside).is_some_and(|aside| real(file) == Some(aside))
    {
        let what = format!("--skip-errors would write over \"{}\", which is imported", file.display());
        return Err(Failure::Usage(what));
    }
    let progress = watch("rows looked at", &source);
    let found = (kind.survey)(&source);
    drop(progress);
    Ok(Looked { found: Some((kind, found?)), source })
}

fn unknown(source: &Source) -> Failure {
    let known: Vec<_> = KINDS.iter().flat_map(|kind| kind.extensions).map(|e| format!(".{e}")).collect();
    let what = format!("\"{}\" is no file that can be imported", source.path.display());
    let hint = match source.extension.as_str() {
        feature @ ("parquet" | "mcap") => {
            format!("This program was built without the feature \"{feature}\".")
        }
        _ => format!("What it ends in says what it is: .ulg, {}.", known.join(", ")),
    };
    Failure::Other(what, Some(hint))
}

/// Takes what was looked at into the database: all of it, or nothing.
pub fn take(conn: &Connection, looked: &Looked, out: &mut dyn Write, paint: Paint) -> Result<()> {
    let Looked { source, found: Some((kind, found)) } = looked else {
        return flight::run(conn, &looked.source.path, &looked.source.options, out, paint);
    };
    let started = Instant::now();
    let own = conn.status() == TransactionStatus::Idle;
    if own {
        conn.execute("BEGIN", params![])?;
    }
    let done = take_rows(conn, source, kind, found, out, paint);
    match (own, &done) {
        (true, Ok(_)) => conn.execute("COMMIT", params![])?,
        (true, Err(_)) => conn.execute("ROLLBACK", params![])?,
        (false, _) => 0,
    };
    let (added, skipped) = done?;
    let (rows, time) = (term::count(added, "row"), term::time(started.elapsed()));
    writeln!(out, "imported {rows} from {} in {time}", source.path.display())?;
    if let (1.., Some(path)) = (skipped, &source.options.skip_errors) {
        let records = term::count(skipped, "record");
        writeln!(out, "  {}: {records} put aside in {}", paint.error("incomplete"), path.display())?;
    }
    Ok(())
}

/// How many rows were added, and how many records put aside.
fn take_rows(
    conn: &Connection,
    source: &Source,
    kind: &Kind,
    found: &[Found],
    out: &mut dyn Write,
    paint: Paint,
) -> Result<(u64, u64)> {
    let table = source.options.table.as_deref();
    if table.is_some() && found.len() > 1 {
        let what = format!("\"{}\" has {} tables: --table is for one", source.path.display(), found.len());
        return Err(Failure::Other(what, Some("Add --prefix NAME to tell them from others.".into())));
    }
    let mut targets = Vec::with_capacity(found.len());
    for found in found {
        if found.columns.is_empty() && table.is_none() {
            let what = format!("\"{}\" has no columns to make a table of", source.path.display());
            return Err(Failure::other(what));
        }
        let target = Target::of(found, &source.options, conn)?;
        target.show(out, paint)?;
        targets.push(target);
    }
    let mut load = Load::new(conn, source);
    load.noun = kind.noun;
    source.seen.store(0, Ordering::Relaxed);
    let progress = match kind.extensions.contains(&"csv") {
        true => {
            let counter = conn.interrupter();
            Progress::of("rows", move || counter.rows_read())
        }
        false => watch("rows", source),
    };
    (kind.load)(source, found, &targets, &mut load)?;
    drop(progress);
    load.finish()?;
    Ok((load.added, load.skipped))
}

fn watch(what: &'static str, source: &Source) -> Progress {
    let seen = Arc::clone(&source.seen);
    Progress::of(what, move || seen.load(Ordering::Relaxed))
}

/// A file of text from its beginning, without the mark that some programs put there (U+FEFF).
fn open(path: &Path) -> Result<Box<dyn Read>> {
    let failed = |e: &io::Error| Failure::file("open", path, e);
    if path.is_dir() {
        return Err(Failure::other(format!("\"{}\" is a directory, not a file", path.display())));
    }
    let mut file = File::open(path).map_err(|e| failed(&e))?;
    let mut head = Vec::new();
    Read::take(&mut file, 3).read_to_end(&mut head).map_err(|e| failed(&e))?;
    if head == *b"\xef\xbb\xbf" {
        head.clear();
    }
    Ok(Box::new(io::Cursor::new(head).chain(file)))
}

/// What a table of a file is called: as the file, without what it ends in.
fn stem(path: &Path) -> String {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
}
