//! Pulling the plug: a process that is killed while it writes loses nothing that was acknowledged.
//!
//! The child is this program itself under a hidden command. It inserts rows, each its own durable transaction, and
//! after each it writes the row's number to a pipe. SIGKILL gives it no chance to say goodbye: what is in the
//! pipe was acknowledged, what is in the database was recovered, and the first must never exceed the second.
//! (A row may be recovered that was not acknowledged: it was durable, and its process died before saying so.)
//!
//! This shows the death of the process. That of the machine, with torn and lost writes, is what the simulated
//! disk of the engine's own tests is for.

use super::Screen;
use crate::failure::{Failure, Result};
use crate::term;
use remanent::{Database, params};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

const ROUNDS: u32 = 5;
/// The plug is pulled after a random time in this range, in milliseconds.
const AFTER_MS: std::ops::Range<u64> = 60..400;
const CREATE: &str = "CREATE TABLE plug (n bigint PRIMARY KEY, note text)";
const INSERT: &str = "INSERT INTO plug VALUES ($1, $2)";

/// The hidden command: inserts durable rows `first …` and prints each number once it is acknowledged.
pub fn write_rows(db: &Path, first: i64, rows: i64) -> Result<()> {
    let db = Database::open(db)?;
    let conn = db.connect()?;
    let insert = conn.prepare(INSERT)?;
    let mut out = io::stdout();
    for n in first..first.saturating_add(rows) {
        insert.execute(params![n, format!("row {n}, written in full or not at all")])?;
        // Standard output flushes at the end of a line: one write a row.
        writeln!(out, "{n}")?;
    }
    Ok(())
}

/// What one round found.
struct Round {
    after: Duration,
    acknowledged: i64,
    recovered: i64,
    lost: i64,
    gaps: i64,
    reopen: Duration,
}

/// Several rounds and what they found.
pub fn show(db: &Path, screen: &mut Screen) -> Result<()> {
    screen.heading("Pull the plug")?;
    writeln!(
        screen.out,
        "  A second process inserts rows as fast as it can, each one durable, and reports each"
    )?;
    writeln!(screen.out, "  that was acknowledged. SIGKILL ends it at a random moment. Then we look.\n")?;
    let db_ = Database::open(db)?;
    db_.connect()?.execute(CREATE, params![])?;
    db_.close()?;
    let columns = ["round", "killed after", "acknowledged", "recovered", "lost", "gaps", "reopened in"];
    let line = |cells: [String; 7]| {
        let cells = cells.iter().zip(columns).map(|(cell, column)| format!("{cell:>0$}", column.len()));
        cells.collect::<Vec<_>>().join("  ")
    };
    writeln!(screen.out, "  {}", screen.paint.dim(&line(columns.map(str::to_owned))))?;
    let mut first = 1;
    let (mut lost, mut acknowledged) = (0, 0);
    for number in 1..=ROUNDS {
        let round = round(db, first)?;
        let cells = [
            number.to_string(),
            term::time(round.after),
            term::grouped(round.acknowledged.unsigned_abs()),
            term::grouped(round.recovered.unsigned_abs()),
            round.lost.to_string(),
            round.gaps.to_string(),
            term::time(round.reopen),
        ];
        writeln!(screen.out, "  {}", line(cells))?;
        first += round.recovered;
        lost += round.lost + round.gaps;
        acknowledged += round.acknowledged;
    }
    if lost > 0 {
        return Err(Failure::other(format!("{lost} acknowledged rows were lost: this is a bug in Remanent")));
    }
    let verdict = format!("{} acknowledged, 0 lost", term::count(acknowledged.unsigned_abs(), "row"));
    writeln!(screen.out, "\n  {}", screen.paint.good(&verdict))?;
    Ok(())
}

fn round(db: &Path, first: i64) -> Result<Round> {
    let mut child = Killed(spawn(db, first)?);
    let pipe = child.0.stdout.take().ok_or_else(|| Failure::other("the second process has no output"))?;
    let mut pipe = BufReader::new(pipe);
    // The clock starts with the first acknowledged row, so that every round has some.
    let Some(acked) = next_number(&mut pipe) else {
        return Err(Failure::other("the second process ended before it wrote a row"));
    };
    let started = Instant::now();
    let reader = std::thread::spawn(move || last_number(pipe, acked));
    std::thread::sleep(Duration::from_millis(random(AFTER_MS)));
    child.kill()?;
    let after = started.elapsed();
    let acked = reader.join().map_err(|_| Failure::other("reading from the second process failed"))?;

    let started = Instant::now();
    let db = Database::open(db)?;
    let conn = db.connect()?;
    let row = conn.query_one("SELECT count(*), max(n) FROM plug", params![])?;
    let reopen = started.elapsed();
    let (count, max): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
    let max = max.unwrap_or(0);
    let found: i64 = conn.query_one("SELECT count(*) FROM plug WHERE n <= $1", params![acked])?.get(0)?;
    drop(conn);
    db.close()?;
    Ok(Round {
        after,
        acknowledged: acked - first + 1,
        recovered: max - first + 1,
        lost: acked - found,
        gaps: max - count,
        reopen,
    })
}

fn spawn(db: &Path, first: i64) -> Result<Child> {
    let program = std::env::current_exe()
        .map_err(|e| Failure::other(format!("this program cannot find itself: {e}")))?;
    Command::new(&program)
        .arg("__write-rows")
        .arg(db)
        .args([first.to_string(), i64::MAX.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| Failure::file("start", &program, &e))
}

fn next_number(pipe: &mut BufReader<ChildStdout>) -> Option<i64> {
    let mut line = String::new();
    pipe.read_line(&mut line).ok()?;
    // Without its end the line is torn: the number may lack digits.
    line.strip_suffix('\n')?.parse().ok()
}

fn last_number(mut pipe: BufReader<ChildStdout>, mut last: i64) -> i64 {
    while let Some(n) = next_number(&mut pipe) {
        last = n;
    }
    last
}

/// A child that does not outlive us.
struct Killed(Child);

impl Killed {
    /// SIGKILL, and waits until it is gone.
    fn kill(&mut self) -> Result<()> {
        let fail = |e: io::Error| Failure::other(format!("could not kill the second process: {e}"));
        self.0.kill().map_err(fail)?;
        self.0.wait().map_err(fail)?;
        Ok(())
    }
}

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

/// A number that nobody can foresee; it need not be better than that.
fn random(range: std::ops::Range<u64>) -> u64 {
    let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    let mixed = u64::from(nanos).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    range.start + mixed % (range.end - range.start).max(1)
}
