//! The `remanent` program: SQL, import, check and demo on the command line.
//!
//! | file | holds |
//! |---|---|
//! | `args` | the command line |
//! | `shell` | running statements and commands, the prompt; `script` cuts them apart |
//! | `output` | answers as tables, lines, CSV, JSON, Markdown |
//! | `plot` | series of numbers as a picture |
//! | `import` | files into tables; `ulog` reads flight logs |
//! | `export` | answers into files |
//! | `progress` | the line that shows how far something is |
//! | `check` | verifying a database |
//! | `backup` | copying one |
//! | `salvage` | saving what is left of one |
//! | `demo` | what a new user sees first |
//! | `failure` | every way to end early, and how it is said |
//! | `term` | colours, numbers and times for people |
//!
//! Errors go to standard error; answers to standard output. When nobody reads the output any more the program
//! ends quietly.

#![allow(
    clippy::disallowed_methods,
    reason = "a program for people, outside the engine: it measures time and sleeps on the real machine"
)]

mod args;
mod backup;
mod check;
mod demo;
mod export;
mod failure;
mod import;
mod output;
mod plot;
mod progress;
mod salvage;
mod script;
mod shell;
mod term;
mod ulog;

use args::Command;
use failure::{Failure, Result};
use std::io::{self, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            // If standard error is gone too, there is nobody left to tell.
            let _ = failure.report(&mut io::stderr().lock(), term::Paint::of(&io::stderr()));
            ExitCode::from(failure.status())
        }
    }
}

fn run() -> Result<()> {
    match args::parse(std::env::args_os().skip(1))? {
        Command::Help => print(args::HELP),
        Command::Version => print(concat!("remanent ", env!("CARGO_PKG_VERSION"), "\n")),
        Command::Sql { db, scripts, format, read_only } => shell::run(&db, &scripts, format, read_only),
        Command::Import { db, file, options } => import::run(&db, &file, options),
        Command::Export { db, what, file } => export::run(&db, &what, &file),
        Command::Check { db } => check::run(&db),
        Command::Backup { db, to } => backup::run(&db, &to),
        Command::Salvage { db, to } => salvage::run(&db, &to),
        Command::Demo { keep } => demo::run(keep.as_deref()),
        Command::WriteRows { db, first, rows } => demo::write_rows(&db, first, rows),
    }
}

fn print(text: &str) -> Result<()> {
    io::stdout().write_all(text.as_bytes()).map_err(Failure::from)
}
