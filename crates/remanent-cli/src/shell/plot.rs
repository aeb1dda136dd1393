//! `.plot [--png FILE] SELECT …`

use super::{Session, canceled, commands};
use crate::failure::{Failure, Result};
use crate::plot::{Data, braille};
use crate::script::Statement;
use crate::term;
use remanent::params;
use std::path::Path;
use std::sync::atomic::Ordering;

/// How wide a plot is that goes to no terminal.
const COLUMNS: usize = 80;

impl Session {
    /// Draws the answer of a statement.
    pub(super) fn plot(&mut self, args: &str) -> Result<()> {
        let (picture, sql) = match args.strip_prefix("--png") {
            Some(rest) => {
                let (file, sql) = first_word(rest)?;
                (Some(file), sql)
            }
            None => (None, args),
        };
        if sql.is_empty() {
            let hint = "As in: .plot SELECT ts, height FROM flights";
            return Err(Failure::Other("there is no statement to draw".into(), Some(hint.into())));
        }
        let at = Statement { text: sql, lines: sql, start: 0, line: 1 };
        self.stop.store(false, Ordering::Relaxed);
        let stop = &self.stop;
        let mut progress = self.progress();
        let data = self.conn.query(sql, params![]).map_err(Failure::from).and_then(|rows| {
            Data::read(rows, &mut || if stop.load(Ordering::Relaxed) { Err(canceled()) } else { Ok(()) })
        });
        progress.quiet();
        let data = data.map_err(|failure| match failure {
            Failure::Database(e, None) => Failure::statement(e, None, at),
            other => other,
        })?;
        match picture {
            Some(file) => write_picture(&data, Path::new(&file)),
            None => {
                let columns = term::columns().filter(|_| self.typed).unwrap_or(COLUMNS);
                let paint = self.paint();
                braille::print(&data, columns, paint, self.out.writer())
            }
        }
    }
}

/// The first word, which may be in quotes, and what follows it.
fn first_word(args: &str) -> Result<(String, &str)> {
    let args = args.trim_start();
    let quote = args.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let end = match quote {
        Some(q) => args.get(1..).and_then(|rest| rest.find(q)).map_or(args.len(), |i| i + 2),
        None => args.find(char::is_whitespace).unwrap_or(args.len()),
    };
    let (word, rest) = args.split_at(end);
    Ok((commands::one("a file", word)?, rest.trim_start()))
}

#[cfg(feature = "png")]
fn write_picture(data: &Data, path: &Path) -> Result<()> {
    crate::plot::png::write(data, path)
}

#[cfg(not(feature = "png"))]
fn write_picture(_: &Data, _: &Path) -> Result<()> {
    let hint = "Build it with: cargo build --features png";
    Err(Failure::Other("this program was built without pictures".into(), Some(hint.into())))
}
