//! `remanent DB`: running statements and printing their answers.

use crate::args::Script;
use crate::failure::{Failure, Result};
use crate::output::{self, Format};
use crate::script::{Statement, statements};
use crate::term::Paint;
use remanent::{Connection, Database, params};
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

/// Runs all scripts, or standard input where there are none, on one connection. Ends at the first failure.
pub fn run(db: &Path, scripts: &[Script], format: Format, read_only: bool) -> Result<()> {
    let db = Database::options().read_only(read_only).open(db)?;
    let conn = db.connect()?;
    let mut out = BufWriter::new(io::stdout().lock());
    let paint = Paint::of(&io::stdout());
    let mut printer = Printer { format, paint, out: &mut out };
    let done = match scripts {
        [] => read_script("standard input", &mut io::stdin().lock())
            .and_then(|text| printer.script(&conn, &text, Some("standard input"))),
        _ => scripts.iter().try_for_each(|script| match script {
            Script::Text(text) => printer.script(&conn, text, None),
            Script::File(path) => {
                let name = path.display().to_string();
                let mut file = std::fs::File::open(path).map_err(|e| Failure::file("open", path, &e))?;
                let text = read_script(&name, &mut file)?;
                printer.script(&conn, &text, Some(&name))
            }
        }),
    };
    // What was answered before a failure is printed before the failure is.
    let flushed = out.flush().map_err(Failure::from);
    done.and(flushed)?;
    drop(conn);
    Ok(db.close()?)
}

fn read_script(name: &str, input: &mut dyn Read) -> Result<String> {
    let mut bytes = Vec::new();
    input.read_to_end(&mut bytes).map_err(|e| Failure::other(format!("could not read {name}: {e}")))?;
    String::from_utf8(bytes).map_err(|e| {
        Failure::other(format!("{name} is not UTF-8 text: byte {}", e.utf8_error().valid_up_to()))
    })
}

struct Printer<'a> {
    format: Format,
    paint: Paint,
    out: &'a mut dyn Write,
}

impl Printer<'_> {
    fn script(&mut self, conn: &Connection, text: &str, name: Option<&str>) -> Result<()> {
        for statement in statements(text) {
            self.statement(conn, statement).map_err(|failure| match failure {
                Failure::Database(e, None) => Failure::statement(e, text, name, statement),
                other => other,
            })?;
        }
        Ok(())
    }

    fn statement(&mut self, conn: &Connection, statement: Statement<'_>) -> Result<()> {
        let rows = conn.query(statement.text, params![])?;
        if rows.columns().is_empty() {
            let affected = rows.affected();
            rows.for_each(drop);
            if self.format == Format::Table {
                writeln!(self.out, "{}", tag(statement, affected))?;
            }
            return Ok(());
        }
        output::print(rows, self.format, self.out, self.paint)?;
        Ok(())
    }
}

/// What psql prints for a statement without an answer: its first words, and how many rows it touched.
fn tag(statement: Statement<'_>, affected: u64) -> String {
    let words: Vec<_> = statement.words().take(2).collect();
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["INSERT", ..] => format!("INSERT 0 {affected}"),
        [verb @ ("UPDATE" | "DELETE"), ..] => format!("{verb} {affected}"),
        [verb @ ("CREATE" | "DROP" | "ALTER"), what] => format!("{verb} {what}"),
        [verb, ..] => (*verb).to_owned(),
        [] => String::new(),
    }
}
