//! The command line.

use crate::failure::{Failure, Result};
use crate::import;
use crate::output::Format;
use lexopt::prelude::*;
use std::path::PathBuf;

/// What `--help` prints.
pub const HELP: &str = "\
Remanent: one embedded engine for data of every shape.

usage
  remanent DB                                a shell on a terminal; otherwise SQL from standard input, as it comes
  remanent DB [-c SQL]... [--csv | --json]   run SQL: from -c or from -f
  remanent import DB FILE                    import a file: .csv .tsv .json .ndjson .parquet .mcap, or a flight log .ulg
  remanent export DB QUERY|TABLE FILE        write rows to a file: .csv .tsv .json .ndjson .parquet
  remanent check DB                          verify every checksum; print what is damaged
  remanent backup DB DIR                     copy a database to a new directory
  remanent salvage DB DIR                    copy what can be read of a damaged database to a new one
  remanent demo [--keep DIR]                 import a flight, ask it questions, pull the plug

running SQL (in the shell, .help lists its commands; its history is in $XDG_STATE_HOME or ~/.local/state,
or in the file that $REMANENT_HISTORY names)
  -c, --command SQL    statements to run; may be given more than once
  -f, --file FILE      run the statements of a file
      --read-only      change nothing; also while another process writes the database
      --csv            print answers as CSV
      --json           print answers as JSON, an array of objects a statement
                       (otherwise: as aligned tables)

import
      --table NAME     import into that table; without it, the table is called as the file is. A table that is not
                       there is made, with types learnt from the data
      --skip-errors FILE
                       put records that do not fit aside in FILE, with the reason, and import the rest
      --no-header      CSV: the first line is a row; columns go by position, or are called c1, c2, …
      --delimiter CHAR CSV: what stands between fields (otherwise what the first line has most of; tab: \t)
      --prefix NAME    put NAME before the name of every table, to keep several logs in one database
      --partial        import what comes before the damage of a truncated or damaged log

demo
      --keep DIR       make the database in DIR and keep it

  -h, --help           print this
  -V, --version        print the version

DB is a directory; it is created if it is missing. The exit status is 0, 1 if something failed, 2 if the
command line was wrong. A DB that is called like a command: write ./import.
";

/// What the user wants.
#[derive(Debug, PartialEq)]
pub enum Command {
    /// Print the help.
    Help,
    /// Print the version.
    Version,
    /// Run statements.
    Sql { db: PathBuf, scripts: Vec<Script>, format: Format, read_only: bool },
    /// Import a file.
    Import { db: PathBuf, file: PathBuf, options: import::Options },
    /// Write rows to a file.
    Export { db: PathBuf, what: String, file: PathBuf },
    /// Verify every checksum.
    Check { db: PathBuf },
    /// Copy a database.
    Backup { db: PathBuf, to: PathBuf },
    /// Save what can be read of a damaged database.
    Salvage { db: PathBuf, to: PathBuf },
    /// Show what Remanent does.
    Demo { keep: Option<PathBuf> },
    /// Hidden: insert durable rows at full speed, printing the number of each acknowledged one.
    WriteRows { db: PathBuf, first: i64, rows: i64 },
}

/// Where statements come from.
#[derive(Debug, PartialEq)]
pub enum Script {
    /// `-c`
    Text(String),
    /// `-f`
    File(PathBuf),
}

#[derive(Default)]
struct Options {
    scripts: Vec<Script>,
    format: Option<Format>,
    import: import::Options,
    read_only: bool,
    keep: Option<PathBuf>,
}

/// Understands the command line (without the program's name).
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Command> {
    let mut parser = lexopt::Parser::from_args(args);
    let mut words: Vec<PathBuf> = Vec::new();
    let mut options = Options::default();
    while let Some(arg) = parser.next().map_err(usage)? {
        match arg {
            Short('h') | Long("help") => return Ok(Command::Help),
            Short('V') | Long("version") => return Ok(Command::Version),
            Short('c') | Long("command") => {
                options.scripts.push(Script::Text(parser.value().and_then(|v| v.string()).map_err(usage)?));
            }
            Short('f') | Long("file") => {
                options.scripts.push(Script::File(parser.value().map_err(usage)?.into()));
            }
            Long("csv") => format(&mut options.format, Format::Csv)?,
            Long("json") => format(&mut options.format, Format::Json)?,
            Long("prefix") => {
                options.import.prefix = parser.value().and_then(|v| v.string()).map_err(usage)?;
            }
            Long("partial") => options.import.partial = true,
            Long("table") => {
                options.import.table = Some(parser.value().and_then(|v| v.string()).map_err(usage)?);
            }
            Long("skip-errors") => {
                options.import.skip_errors = Some(parser.value().map_err(usage)?.into());
            }
            Long("no-header") => options.import.header = false,
            Long("delimiter") => {
                let given = parser.value().and_then(|v| v.string()).map_err(usage)?;
                options.import.delimiter = Some(delimiter(&given)?);
            }
            Long("read-only") => options.read_only = true,
            Long("keep") => options.keep = Some(parser.value().map_err(usage)?.into()),
            Value(word) => words.push(word.into()),
            other => return Err(usage(other.unexpected())),
        }
    }
    command(words, options)
}

fn command(words: Vec<PathBuf>, options: Options) -> Result<Command> {
    let Options { scripts, format, import, read_only, keep } = options;
    let name = words.first().map(|w| w.to_string_lossy().into_owned()).unwrap_or_default();
    // An option that the command does not have is a mistake worth telling.
    let is = |command: &str| name == command;
    let sql =
        !["import", "export", "check", "backup", "salvage", "demo", "__write-rows"].contains(&name.as_str());
    for (given, fits, option) in [
        (!scripts.is_empty(), sql, "-c and -f belong"),
        (format.is_some(), sql, "--csv and --json belong"),
        (read_only, sql, "--read-only belongs"),
        (import != import::Options::default(), is("import"), "an option of import belongs"),
        (keep.is_some(), is("demo"), "--keep belongs"),
    ] {
        if given && !fits {
            return Err(Failure::Usage(format!("{option} to another command")));
        }
    }
    let mut words = words.into_iter();
    let mut rest = || words.by_ref().collect::<Vec<_>>();
    let want = |what: &str| Err(Failure::Usage(format!("remanent {name} takes {what}")));
    match name.as_str() {
        "" => Err(Failure::Usage("which database?".into())),
        "import" => match <[PathBuf; 3]>::try_from(rest()) {
            Ok([_, db, file]) => Ok(Command::Import { db, file, options: import }),
            Err(_) => want("a database and a file"),
        },
        "export" => match <[PathBuf; 4]>::try_from(rest()) {
            Ok([_, db, what, file]) => {
                Ok(Command::Export { db, what: what.to_string_lossy().into_owned(), file })
            }
            Err(_) => want("a database, a query or a table, and a file"),
        },
        "check" => match <[PathBuf; 2]>::try_from(rest()) {
            Ok([_, db]) => Ok(Command::Check { db }),
            Err(_) => want("one database"),
        },
        "backup" | "salvage" => match <[PathBuf; 3]>::try_from(rest()) {
            Ok([_, db, to]) if is("backup") => Ok(Command::Backup { db, to }),
            Ok([_, db, to]) => Ok(Command::Salvage { db, to }),
            Err(_) => want("a database and a new directory"),
        },
        "demo" => match rest().len() {
            1 => Ok(Command::Demo { keep }),
            _ => want("no more words; to keep the database: --keep DIR"),
        },
        "__write-rows" => match rest().as_slice() {
            [_, db, first, rows] => {
                let number = |w: &PathBuf| w.to_str().and_then(|w| w.parse().ok());
                match (number(first), number(rows)) {
                    (Some(first), Some(rows)) => Ok(Command::WriteRows { db: db.clone(), first, rows }),
                    _ => want("numbers"),
                }
            }
            _ => want("a database, a first number and a count"),
        },
        _ => match <[PathBuf; 1]>::try_from(rest()) {
            Ok([db]) => Ok(Command::Sql { db, scripts, format: format.unwrap_or_default(), read_only }),
            Err(_) => Err(Failure::Usage(format!(
                "\"{name}\" is taken as the database, and then there are words too many"
            ))),
        },
    }
}

fn delimiter(given: &str) -> Result<u8> {
    match given.as_bytes() {
        b"\\t" => Ok(b'\t'),
        [byte] if !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err(Failure::Usage(
            "--delimiter takes one character that is neither a quote nor the end of a line".into(),
        )),
    }
}

fn format(slot: &mut Option<Format>, wanted: Format) -> Result<()> {
    match slot.replace(wanted) {
        Some(other) if other != wanted => Err(Failure::Usage("--csv or --json, not both".into())),
        _ => Ok(()),
    }
}

fn usage(error: lexopt::Error) -> Failure {
    Failure::Usage(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Command) {
        assert_eq!(parse(line.split_whitespace().map(Into::into)).unwrap(), expected, "{line}");
    }

    fn refuse(line: &str, expected: &str) {
        match parse(line.split_whitespace().map(Into::into)) {
            Err(Failure::Usage(what)) => assert_eq!(what, expected, "{line}"),
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn commands() {
        let sql = |scripts, format| Command::Sql { db: "a.rem".into(), scripts, format, read_only: false };
        check("a.rem", sql(vec![], Format::Table));
        let db = "a.rem".into();
        let reading = Command::Sql { db, scripts: vec![], format: Format::Table, read_only: true };
        check("--read-only a.rem", reading);
        check("a.rem -c x --csv", sql(vec![Script::Text("x".into())], Format::Csv));
        check("--json -f x.sql a.rem", sql(vec![Script::File("x.sql".into())], Format::Json));
        let import = |prefix: &str, partial| Command::Import {
            db: "a.rem".into(),
            file: "f.ulg".into(),
            options: import::Options { prefix: prefix.into(), partial, ..import::Options::default() },
        };
        check("import a.rem f.ulg", import("", false));
        check("import a.rem --prefix=b_ f.ulg --partial", import("b_", true));
        check(
            "import a.rem f.csv --table t --skip-errors bad.csv --no-header --delimiter ;",
            Command::Import {
                db: "a.rem".into(),
                file: "f.csv".into(),
                options: import::Options {
                    table: Some("t".into()),
                    skip_errors: Some("bad.csv".into()),
                    header: false,
                    delimiter: Some(b';'),
                    ..import::Options::default()
                },
            },
        );
        let (db, what, file) = ("a.rem".into(), "t".into(), "t.csv".into());
        check("export a.rem t t.csv", Command::Export { db, what, file });
        check("check a.rem", Command::Check { db: "a.rem".into() });
        check("backup a.rem b.rem", Command::Backup { db: "a.rem".into(), to: "b.rem".into() });
        check("salvage a.rem b.rem", Command::Salvage { db: "a.rem".into(), to: "b.rem".into() });
        check("demo", Command::Demo { keep: None });
        check("demo --keep d", Command::Demo { keep: Some("d".into()) });
        check("__write-rows a.rem 5 10", Command::WriteRows { db: "a.rem".into(), first: 5, rows: 10 });
        check("a.rem --help", Command::Help);
        check("-V", Command::Version);
    }

    #[test]
    fn mistakes() {
        refuse("", "which database?");
        refuse("import a.rem", "remanent import takes a database and a file");
        refuse("export a.rem t", "remanent export takes a database, a query or a table, and a file");
        refuse("check a.rem --no-header", "an option of import belongs to another command");
        refuse("check", "remanent check takes one database");
        refuse("backup a.rem", "remanent backup takes a database and a new directory");
        refuse("salvage a.rem", "remanent salvage takes a database and a new directory");
        refuse("demo x", "remanent demo takes no more words; to keep the database: --keep DIR");
        refuse("a.rem --csv --json", "--csv or --json, not both");
        refuse("a.rem --keep d", "--keep belongs to another command");
        refuse("check a.rem --read-only", "--read-only belongs to another command");
        refuse("check a.rem -c x", "-c and -f belong to another command");
        refuse("a.rem select 1", "\"a.rem\" is taken as the database, and then there are words too many");
        refuse("a.rem --bogus", "invalid option '--bogus'");
        refuse("a.rem -c", "missing argument for option '-c'");
    }
}
