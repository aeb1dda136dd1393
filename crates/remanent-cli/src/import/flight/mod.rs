//! A PX4 flight log into tables.
//!
//! The file is read twice. The first pass ([`survey`]) checks every message and learns what the tables need
//! to know beforehand; the second (`Writer`) writes rows. So a damaged file is refused before anything is
//! written, and whatever fails later takes the one transaction of the whole import with it.
//!
//! | table | holds | key |
//! |---|---|---|
//! | one a stream, `topic` or `topic_1` for instance 1 | its records: `ts`, then every field ([`schema`]) | `ts`, or `ts, seq` |
//! | `streams` | what was recorded: stream, topic, instance, points, first_ts, last_ts | `stream` |
//! | `log_messages` | ts, level, message (tag where any has one) | `ts`, or `ts, seq` |
//! | `parameters` | name, type, value, system_default, configuration_default | `name` |
//! | `parameter_changes` | ts, seq, name, value: changes in flight | `ts, seq` |
//! | `dropouts` | ts, seq, duration_ms: what the logger itself lost | `ts, seq` |
//! | `info` | name, seq, value: facts of the log, and `import_…`: of this import | `name, seq` |
//!
//! **Time.** A record's `timestamp` counts microseconds since the autopilot started. Where the log has GPS
//! time, `ts` is that count plus the median of (GPS time − timestamp) over all GPS records, so `ts` is UTC.
//! Where it has none, the log's start is taken as 1970-01-01 00:00:00 UTC. The import says which, and `info` keeps
//! the offset; the `timestamp` column stays, since other fields count on the same clock.
//!
//! **Keys.** `ts` alone where the times of a stream rise strictly. Otherwise every row is kept by adding `seq`, the
//! record's number in its stream, to the key.
//!
//! A log whose tables are there already is refused (42P07); `--prefix` keeps several logs in one database.
//!
//! ```text
//! $ remanent import flight.rem flight.ulg
//! imported flight.ulg: 70 streams, 14,604 points, 3 log messages, 980 parameters
//! times are UTC, from vehicle_gps_position
//! ```

mod schema;
mod survey;

use super::Options;
use crate::failure::{Failure, Result};
use crate::term::{self, Paint};
use crate::ulog::{Message, Reader};
use remanent::{Connection, Transaction, Value};
use schema::Tables;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use std::time::Instant;
pub use survey::Survey;

/// Rows that wait for their table's appender.
const BATCH: usize = 512;
/// Bytes between two steps of the progress bar.
const STEP: u64 = 256 << 10;

/// What was imported.
#[derive(Debug)]
pub struct Summary {
    /// What the log holds.
    pub survey: Survey,
    /// Tables of streams whose key has `seq` beside `ts`.
    pub sequenced: Vec<String>,
}

/// Imports a file through a connection, and says so.
pub fn run(
    conn: &Connection,
    file: &Path,
    options: &Options,
    out: &mut dyn Write,
    paint: Paint,
) -> Result<()> {
    let started = Instant::now();
    let log = Log::File(file);
    let bar = bar(log.len()?);
    let summary = import(conn, log, options, &mut |at| bar.set_position(at));
    bar.finish_and_clear();
    let summary = summary?;
    writeln!(out, "imported {} in {}", file.display(), term::time(started.elapsed()))?;
    report(&summary, out, paint)
}

/// A progress bar on standard error; nothing where that is no terminal.
pub fn bar(len: u64) -> indicatif::ProgressBar {
    // Both passes count.
    let bar = indicatif::ProgressBar::new(len.saturating_mul(2));
    let style = "  importing {wide_bar} {percent:>3}%";
    if let Ok(style) = indicatif::ProgressStyle::with_template(style) {
        bar.set_style(style.progress_chars("━╸ "));
    }
    bar
}

/// Says what was imported.
pub fn report(summary: &Summary, out: &mut dyn Write, paint: Paint) -> Result<()> {
    let s = &summary.survey;
    let streams = s.streams.iter().filter(|s| s.points > 0).count() as u64;
    let parts = [
        term::count(streams, "stream"),
        term::count(s.points(), "point"),
        term::count(s.texts.points, "log message"),
        term::count(s.parameters.len() as u64, "parameter"),
    ];
    writeln!(out, "  {}", parts.join(", "))?;
    writeln!(out, "  {}", s.time.describe())?;
    if !summary.sequenced.is_empty() {
        let names = summary.sequenced.join(", ");
        let what = "times do not rise strictly, so the key is (ts, seq) in";
        writeln!(out, "  {}", paint.dim(&format!("{what}: {names}")))?;
    }
    if s.unknown > 0 {
        let what = format!("passed over {} of kinds that are not known", term::count(s.unknown, "message"));
        writeln!(out, "  {}", paint.dim(&what))?;
    }
    if let Some(e) = &s.torn {
        writeln!(out, "  {}: what follows was left out: {e}", paint.error("partial"))?;
    }
    Ok(())
}

/// Imports a log in one transaction. `progress` hears how many bytes are done, of twice the log's length.
pub fn import(
    conn: &Connection,
    log: Log<'_>,
    options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Result<Summary> {
    let len = log.len()?;
    let survey = survey::survey(log.begin()?, options.partial, progress)?;
    let tables = Tables::of(&survey, &options.prefix);
    let tx = conn.begin()?;
    for sql in tables.create() {
        tx.execute(&sql, remanent::params![])?;
    }
    let mut writer = Writer { tx: &tx, survey: &survey, tables: &tables, waiting: Vec::new() };
    writer.load(log.begin()?, &mut |at| progress(len.saturating_add(at)))?;
    writer.facts(log.path())?;
    writer.finish()?;
    tx.commit()?;
    Ok(Summary { sequenced: tables.sequenced(), survey })
}

/// Where a log lies. It is read twice.
#[derive(Debug, Clone, Copy)]
pub enum Log<'a> {
    /// A file.
    File(&'a Path),
    /// Bytes that are part of the program, and what to call them.
    Bytes(&'a Path, &'a [u8]),
}

/// A log from its beginning.
pub type LogReader<'a> = Reader<BufReader<Box<dyn Read + 'a>>>;

impl<'a> Log<'a> {
    fn path(self) -> &'a Path {
        match self {
            Log::File(path) | Log::Bytes(path, _) => path,
        }
    }

    fn len(self) -> Result<u64> {
        match self {
            Log::Bytes(_, bytes) => Ok(bytes.len() as u64),
            Log::File(path) => match std::fs::metadata(path) {
                Ok(meta) if meta.is_dir() => {
                    Err(Failure::other(format!("\"{}\" is a directory, not a log file", path.display())))
                }
                Ok(meta) => Ok(meta.len()),
                Err(e) => Err(Failure::file("open", path, &e)),
            },
        }
    }

    /// Reads its head.
    pub fn begin(self) -> Result<LogReader<'a>> {
        self.len()?;
        let input: Box<dyn Read + 'a> = match self {
            Log::Bytes(_, bytes) => Box::new(bytes),
            Log::File(path) => {
                Box::new(std::fs::File::open(path).map_err(|e| Failure::file("open", path, &e))?)
            }
        };
        Ok(Reader::new(BufReader::with_capacity(256 << 10, input), self.path())?)
    }
}

/// Rows on their way into tables, a batch a table.
struct Writer<'a, 'c> {
    tx: &'a Transaction<'c>,
    survey: &'a Survey,
    tables: &'a Tables,
    /// By the table's position in `tables`.
    waiting: Vec<Vec<Vec<Value>>>,
}

impl Writer<'_, '_> {
    /// The second pass: all rows that carry a time.
    fn load(&mut self, mut log: LogReader<'_>, progress: &mut dyn FnMut(u64)) -> Result<()> {
        let mut seqs: Vec<i32> = vec![0; self.survey.streams.len()];
        let mut texts = 0;
        let mut next_step = 0;
        while log.offset() < self.survey.end {
            if log.offset() >= next_step {
                progress(log.offset());
                next_step = log.offset().saturating_add(STEP);
            }
            match log.next()? {
                None => break,
                Some(Message::Data { stream, record }) => {
                    let (Some(facts), Some(seq)) = (self.survey.streams.get(stream), seqs.get_mut(stream))
                    else {
                        return Err(changed());
                    };
                    let at = facts.layout.timestamp(record).and_then(|at| self.survey.time.ts(at));
                    let (id, table) = self.tables.stream(stream).ok_or_else(changed)?;
                    let row = at.and_then(|at| table.record(at, *seq, facts, record)).ok_or_else(changed)?;
                    *seq = seq.saturating_add(1);
                    self.push(id, row)?;
                }
                Some(Message::Text { at, level, tag, message }) => {
                    let ts = self.survey.time.ts(at).ok_or_else(changed)?;
                    let row = self.tables.text(ts, texts, level, tag, &message);
                    texts += 1;
                    self.push(Tables::LOG_MESSAGES, row)?;
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// What the survey has learnt: the small tables.
    fn facts(&mut self, file: &Path) -> Result<()> {
        let survey = self.survey;
        for (i, facts) in survey.streams.iter().enumerate().filter(|(_, s)| s.points > 0) {
            let (_, table) = self.tables.stream(i).ok_or_else(changed)?;
            let row = vec![
                Value::Text(table.name.clone()),
                Value::Text(facts.topic.clone()),
                Value::Int2(facts.multi_id.into()),
                Value::Int8(i64::try_from(facts.points).unwrap_or(i64::MAX)),
                survey.time.value(facts.first)?,
                survey.time.value(facts.last)?,
            ];
            self.push(Tables::STREAMS, row)?;
        }
        for (name, parameter) in &survey.parameters {
            let row = vec![
                Value::Text(name.clone()),
                Value::Text(parameter.ty.to_owned()),
                Value::from(parameter.value),
                Value::from(parameter.system_default),
                Value::from(parameter.configuration_default),
            ];
            self.push(Tables::PARAMETERS, row)?;
        }
        for (seq, (at, name, value)) in (0..).zip(&survey.changes) {
            let row = vec![
                survey.time.value(*at)?,
                Value::Int4(seq),
                Value::Text(name.clone()),
                Value::Float8(*value),
            ];
            self.push(Tables::PARAMETER_CHANGES, row)?;
        }
        for (seq, (at, ms)) in (0..).zip(&survey.dropouts) {
            let row = vec![survey.time.value(*at)?, Value::Int4(seq), Value::Int4((*ms).into())];
            self.push(Tables::DROPOUTS, row)?;
        }
        let import = [
            ("import_file", file.display().to_string()),
            ("import_time", survey.time.describe()),
            ("import_time_offset_us", survey.time.offset().to_string()),
        ];
        let import = import.map(|(name, value)| ((name.to_owned(), 0), value));
        for ((name, seq), value) in survey.info.clone().into_iter().chain(import) {
            self.push(Tables::INFO, vec![Value::Text(name), Value::Int4(seq), Value::Text(value)])?;
        }
        Ok(())
    }

    fn push(&mut self, id: usize, row: Vec<Value>) -> Result<()> {
        if self.waiting.len() <= id {
            self.waiting.resize_with(id + 1, Vec::new);
        }
        match self.waiting.get_mut(id) {
            Some(rows) => {
                rows.push(row);
                if rows.len() >= BATCH { self.flush(id) } else { Ok(()) }
            }
            None => Ok(()),
        }
    }

    fn flush(&mut self, id: usize) -> Result<()> {
        let rows = self.waiting.get_mut(id).map(std::mem::take).unwrap_or_default();
        let Some(table) = self.tables.get(id).filter(|_| !rows.is_empty()) else { return Ok(()) };
        let mut appender = self.tx.appender(&table.name)?;
        for row in rows {
            appender.append(row)?;
        }
        appender.finish()?;
        Ok(())
    }

    fn finish(&mut self) -> Result<()> {
        (0..self.waiting.len()).try_for_each(|id| self.flush(id))
    }
}

/// The second pass met what the first did not.
fn changed() -> Failure {
    Failure::other("the log changed while it was imported; nothing was imported")
}
