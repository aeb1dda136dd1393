//! `remanent demo`: what a new user sees first.
//!
//! It imports a real flight, asks it questions ([`questions`]), finds motion that resembles other motion
//! ([`motion`]), asks for places, times, words, documents and meanings at once ([`together`]), kills a writing process again and again ([`plug`]), and says what there is then. All of it uses
//! the public API only.

mod motion;
mod plug;
mod questions;
mod together;

use crate::failure::{Failure, Result};
use crate::import::Options;
use crate::import::flight::{self, Log};
use crate::output::{self, Format, Style};
use crate::plot::{Data, braille};
use crate::term::{self, Paint};
use remanent::{Connection, Database, Value, params};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime};

pub use plug::write_rows;

/// A real flight; examples/data/README.md tells where it comes from.
const FLIGHT: &[u8] = include_bytes!("../../../../examples/data/flight.ulg");
const FLIGHT_NAME: &str = "examples/data/flight.ulg";

/// The whole demo. `keep`: where to make the database, and keep it.
pub fn run(keep: Option<&Path>) -> Result<()> {
    let place = Place::new(keep)?;
    let mut screen = Screen { out: io::stdout(), paint: Paint::of(&io::stdout()) };
    let version = env!("CARGO_PKG_VERSION");
    let title = screen.paint.bold(&format!("Remanent {version}"));
    writeln!(screen.out, "{title}: a flight, from the log to the answer")?;

    let db = Database::open(&place.db)?;
    let conn = db.connect()?;
    screen.import(&conn)?;
    screen.heading("Ask it")?;
    for question in questions::QUESTIONS {
        screen.ask(&conn, question.text, &[], question.sql, Vec::new())?;
    }
    screen.draw(&conn, "Its height, in a picture", questions::HEIGHT)?;
    motion::show(&conn, &mut screen)?;
    together::show(&conn, &mut screen)?;
    drop(conn);
    db.close()?;
    plug::show(&place.db, &mut screen)?;
    screen.summary(&place)
}

/// Where the demo prints, and how.
struct Screen {
    out: io::Stdout,
    paint: Paint,
}

impl Screen {
    fn heading(&mut self, text: &str) -> Result<()> {
        Ok(writeln!(self.out, "\n{}", self.paint.bold(&format!("── {text} ──")))?)
    }

    fn import(&mut self, conn: &Connection) -> Result<()> {
        self.heading("Import a flight")?;
        writeln!(self.out, "  {FLIGHT_NAME}: a log of a real PX4 VTOL aircraft, near Trondheim")?;
        let started = Instant::now();
        let bar = flight::bar(FLIGHT.len() as u64);
        let log = Log::Bytes(Path::new(FLIGHT_NAME), FLIGHT);
        let summary = flight::import(conn, log, &Options::default(), &mut |at| bar.set_position(at));
        bar.finish_and_clear();
        let summary = summary?;
        let time = started.elapsed();
        flight::report(&summary, &mut self.out, self.paint)?;
        writeln!(self.out, "  {}", self.paint.dim(&format!("in one transaction, {}", term::time(time))))?;
        Ok(())
    }

    /// A question, what to know about it, its SQL, the answer, the time it took.
    fn ask(
        &mut self,
        conn: &Connection,
        text: &str,
        notes: &[String],
        sql: &str,
        values: Vec<Value>,
    ) -> Result<()> {
        writeln!(self.out, "\n{}", self.paint.bold(text))?;
        for note in notes {
            self.note(note)?;
        }
        for line in sql.lines() {
            writeln!(self.out, "  {}", self.paint.sql(line))?;
        }
        writeln!(self.out)?;
        let mut table = Vec::new();
        let style = Style { format: Format::Table, auto: false, paint: self.paint, width: term::columns() };
        let started = Instant::now();
        let answer = conn
            .query(sql, values)
            .map_err(Failure::from)
            .and_then(|rows| output::print(rows, style, &mut table, &mut || Ok(())));
        let time = started.elapsed();
        if let Err(Failure::Database(e, None)) = answer {
            let at = crate::script::Statement { text: sql, lines: sql, start: 0, line: 1 };
            return Err(Failure::statement(e, None, at));
        }
        answer?;
        // The time joins the last line, which says how many rows there are.
        self.out.write_all(table.strip_suffix(b"\n").unwrap_or(&table))?;
        writeln!(self.out, "{}", self.paint.dim(&format!("  {}", term::time(time))))?;
        Ok(())
    }

    /// Statements without an answer, one after the other.
    fn make(&mut self, conn: &Connection, statements: &[&str]) -> Result<()> {
        writeln!(self.out)?;
        for sql in statements {
            let started = Instant::now();
            conn.execute(sql, params![])?;
            let time = self.paint.dim(&format!("  {}", term::time(started.elapsed())));
            let lines: Vec<String> = sql.lines().map(|line| format!("  {}", self.paint.sql(line))).collect();
            writeln!(self.out, "{};{time}", lines.join("\n"))?;
        }
        Ok(())
    }

    fn note(&mut self, text: &str) -> Result<()> {
        Ok(writeln!(self.out, "  {}", self.paint.dim(&format!("-- {text}")))?)
    }

    /// What an answer showed.
    fn showed(&mut self, text: &str) -> Result<()> {
        Ok(writeln!(self.out, "  {}", self.paint.good(text))?)
    }

    /// A series, drawn.
    fn draw(&mut self, conn: &Connection, text: &str, sql: &str) -> Result<()> {
        writeln!(self.out, "\n{}", self.paint.bold(text))?;
        writeln!(self.out, "  {}\n", self.paint.sql(&format!(".plot {sql}")))?;
        let data = Data::read(conn.query(sql, params![])?, &mut || Ok(()))?;
        braille::print(&data, term::columns().unwrap_or(80), self.paint, &mut self.out)
    }

    fn summary(&mut self, place: &Place) -> Result<()> {
        let started = Instant::now();
        let db = Database::open(&place.db)?;
        let conn = db.connect()?;
        conn.query_one("SELECT count(*) FROM streams", params![])?;
        let time = started.elapsed();
        drop(conn);
        db.close()?;
        let (bytes, files) = disk_use(&place.db);
        self.heading("What is there now")?;
        let path = place.db.display();
        let until = if place.temporary { "  (temporary, removed now)" } else { "" };
        writeln!(self.out, "  database   {path}{}", self.paint.dim(until))?;
        writeln!(self.out, "  size       {} in {}", term::size(bytes), term::count(files, "file"))?;
        writeln!(self.out, "  open       {} to the first answer", term::time(time))?;
        self.heading("Try next")?;
        let program = program();
        if place.temporary {
            writeln!(
                self.out,
                "  the database is removed now; to keep one:\n  {program} demo --keep flight.rem"
            )?;
        }
        let kept = if place.temporary { "flight.rem".into() } else { path.to_string() };
        for rest in [
            "-c \"SELECT stream, points FROM streams ORDER BY points DESC\"",
            "-c \"SELECT * FROM vehicle_gps_position\" --csv",
            "-c \"EXPLAIN SELECT max(true_airspeed_m_s) FROM airspeed\"",
        ] {
            writeln!(self.out, "  {program} {kept} {rest}")?;
        }
        writeln!(self.out, "  {program} check {kept}")?;
        writeln!(self.out, "  {program} import my.rem FILE.ulg")?;
        Ok(())
    }
}

/// How the user called this program, as far as it can be told.
fn program() -> String {
    let path = std::env::args_os().next().map(PathBuf::from).unwrap_or_default();
    let cargo = std::env::var_os("CARGO").is_some();
    match path.to_str() {
        _ if cargo => "cargo run --release --".into(),
        Some(path) if !path.is_empty() => path.to_owned(),
        _ => "remanent".into(),
    }
}

/// Where the demo's database lies; removed at the end unless it is to be kept.
struct Place {
    db: PathBuf,
    temporary: bool,
}

impl Place {
    fn new(keep: Option<&Path>) -> Result<Place> {
        if let Some(dir) = keep {
            let used = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
            if used || dir.is_file() {
                let what = format!("\"{}\" is there already", dir.display());
                return Err(Failure::Other(what, Some("Name a directory that is new or empty.".into())));
            }
            return Ok(Place { db: dir.to_owned(), temporary: false });
        }
        let nanos = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
        let dir = std::env::temp_dir().join(format!("remanent-demo-{}-{nanos}", std::process::id()));
        std::fs::create_dir(&dir).map_err(|e| Failure::file("create", &dir, &e))?;
        Ok(Place { db: dir.join("flight.rem"), temporary: true })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let (true, Some(dir)) = (self.temporary, self.db.parent()) {
            // Left behind, it is the system's to clean: it lies in the temporary directory.
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

/// Bytes and files under a directory.
pub fn disk_use(dir: &Path) -> (u64, u64) {
    let Ok(entries) = std::fs::read_dir(dir) else { return (0, 0) };
    entries.flatten().fold((0, 0), |(bytes, files), entry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => {
            let (b, f) = disk_use(&entry.path());
            (bytes + b, files + f)
        }
        Ok(meta) => (bytes + meta.len(), files + 1),
        Err(_) => (bytes, files),
    })
}
