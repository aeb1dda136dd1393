//! The commands of the shell: those of sqlite3 begin with a dot, those of psql with a backslash.
//!
//! A new one is a line of [`COMMANDS`]: its names, what it takes, what it does in words, and a function.

use super::Session;
use super::input::Lines;
use super::output::Output;
use super::settings::Expanded;
use crate::failure::{Failure, Result};
use crate::import;
use crate::output::FORMATS;
use std::io::Write;
use std::path::Path;

/// A command of the shell.
pub struct Command {
    /// Its names, the dot's first.
    pub names: &'static [&'static str],
    /// What it takes, for the help.
    pub takes: &'static str,
    /// What it does.
    pub help: &'static str,
    /// What its words are, for completion.
    pub words: Words,
    run: fn(&mut Session, &str) -> Result<()>,
}

/// What the arguments of a command are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    None,
    Relations,
    Files,
    Modes,
    Switch,
    Sql,
}

/// The kinds of relations.
const ALL: &[&str] = &["table", "view", "sequence"];

/// All of them, in the order of the help.
pub static COMMANDS: &[Command] = &[
    c(&[".help", "\\?"], "", "this list", Words::None, |s, _| s.help()),
    c(&[".tables", "\\dt"], "[PATTERN]", "tables", Words::Relations, |s, args| {
        s.list(&["table"], args, false)
    }),
    c(&["\\dt+"], "[PATTERN]", "tables and what is said of them", Words::Relations, |s, args| {
        s.list(&["table"], args, true)
    }),
    c(
        &["\\d"],
        "[PATTERN]",
        "all relations, or the columns of one",
        Words::Relations,
        |s, args| match args {
            "" => s.list(ALL, args, false),
            _ => s.describe(args, false),
        },
    ),
    c(&["\\d+"], "[PATTERN]", "the same with what is said of them", Words::Relations, |s, args| match args {
        "" => s.list(ALL, args, true),
        _ => s.describe(args, true),
    }),
    c(&["\\dv"], "[PATTERN]", "views", Words::Relations, |s, args| s.list(&["view"], args, false)),
    c(&["\\dT"], "[PATTERN]", "enum types", Words::None, Session::list_types),
    c(&[".indexes", "\\di"], "[PATTERN]", "indexes", Words::Relations, Session::list_indexes),
    c(
        &[".schema"],
        "[PATTERN]",
        "the statements that make the tables",
        Words::Relations,
        Session::definitions,
    ),
    c(&[".mode"], "[MODE]", "answers as table, csv, json, markdown or line", Words::Modes, Session::mode),
    c(&["\\x"], "[on|off|auto]", "answers with a line a value", Words::Switch, Session::expand),
    c(
        &[".timer", "\\timing"],
        "[on|off]",
        "the time that each statement took",
        Words::Switch,
        Session::timer,
    ),
    c(&[".read", "\\i"], "FILE", "run the statements of a file", Words::Files, |s, args| {
        s.read_file(Path::new(&one("a file", args)?))
    }),
    c(
        &[".import"],
        "FILE [TABLE]",
        "a file into a table, which is made if it is not there",
        Words::Files,
        Session::import,
    ),
    c(&[".output", "\\o"], "[FILE]", "answers go to a file, or back here", Words::Files, Session::output),
    c(
        &[".plot"],
        "[--png FILE] SELECT …",
        "draw x and up to six series of numbers",
        Words::Sql,
        Session::plot,
    ),
    c(&["\\copy"], "TABLE FROM|TO FILE …", "COPY with a file", Words::Relations, |_, _| Ok(())),
    c(&["\\e"], "[FILE]", "edit the last statement with $EDITOR, then run it", Words::Files, Session::edit),
    c(&[".quit", ".exit", "\\q"], "", "leave (or Ctrl-D)", Words::None, |s, _| {
        s.quit = true;
        Ok(())
    }),
];

const fn c(
    names: &'static [&'static str],
    takes: &'static str,
    help: &'static str,
    words: Words,
    run: fn(&mut Session, &str) -> Result<()>,
) -> Command {
    Command { names, takes, help, words, run }
}

/// The line as a command, if it is one.
pub fn command(line: &str) -> Option<&str> {
    let line = line.trim();
    let mut chars = line.chars();
    let begins = matches!(chars.next(), Some('.' | '\\'));
    (begins && !chars.next().is_some_and(|c| c.is_ascii_digit())).then_some(line)
}

/// The command of that name.
pub fn find(name: &str) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.names.contains(&name))
}

impl Session {
    /// Runs a command.
    pub(super) fn command(&mut self, line: &str, lines: &mut Lines<'_>) -> Result<()> {
        let name = line.split(char::is_whitespace).next().unwrap_or_default();
        let args = line.get(name.len()..).unwrap_or_default();
        // As in SQL a semicolon may end it.
        let (name, args) = match args.trim().is_empty() {
            true => (name.trim_end_matches(';'), ""),
            false => (name, args.trim().trim_end_matches(';').trim_end()),
        };
        match find(name) {
            // It may read what follows.
            Some(command) if command.names.contains(&"\\copy") => self.copy_command(args, lines),
            Some(command) => (command.run)(self, args),
            None => {
                let what = format!("invalid command {name}");
                Err(Failure::Other(what, Some("Type .help for a list.".into())))
            }
        }
    }

    fn help(&mut self) -> Result<()> {
        let paint = self.paint();
        let titles = COMMANDS.iter().map(|c| format!("{} {}", c.names.join(", "), c.takes));
        let titles: Vec<String> = titles.map(|t| t.trim_end().to_owned()).collect();
        let widest = titles.iter().map(String::len).max().unwrap_or(0);
        let out = self.out.writer();
        for (title, command) in titles.iter().zip(COMMANDS) {
            writeln!(out, "  {}{}  {}", paint.name(title), " ".repeat(widest - title.len()), command.help)?;
        }
        let keys = "A statement ends with a semicolon. Tab completes, Ctrl-C stops a statement or drops a line, Ctrl-R searches.";
        Ok(writeln!(out, "{}", paint.dim(keys))?)
    }

    fn mode(&mut self, args: &str) -> Result<()> {
        if args.is_empty() {
            let name = FORMATS
                .iter()
                .find(|(_, format)| *format == self.settings.format)
                .map_or("", |(name, _)| name);
            return Ok(writeln!(self.out.writer(), "{name}")?);
        }
        match FORMATS.iter().find(|(name, _)| *name == args) {
            Some((_, format)) => {
                self.settings.format = *format;
                Ok(())
            }
            None => {
                let known: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
                Err(Failure::Other(
                    format!("there is no mode \"{args}\""),
                    Some(format!("Modes: {}.", known.join(", "))),
                ))
            }
        }
    }

    fn expand(&mut self, args: &str) -> Result<()> {
        self.settings.expanded = match (args, self.settings.expanded) {
            ("auto", _) => Expanded::Auto,
            ("", Expanded::Off) => Expanded::On,
            ("", _) => Expanded::Off,
            _ if switch(args)? => Expanded::On,
            _ => Expanded::Off,
        };
        let now = match self.settings.expanded {
            Expanded::Off => "off",
            Expanded::On => "on",
            Expanded::Auto => "used automatically",
        };
        self.say(&format!("Expanded display is {now}."))
    }

    fn timer(&mut self, args: &str) -> Result<()> {
        self.settings.timing = if args.is_empty() { !self.settings.timing } else { switch(args)? };
        self.say(&format!("Timing is {}.", if self.settings.timing { "on" } else { "off" }))
    }

    fn import(&mut self, args: &str) -> Result<()> {
        let (file, table) = match split(args)?.as_slice() {
            [file] => (file.clone(), None),
            [file, table] => (file.clone(), Some(table.clone())),
            _ => return Err(Failure::other("it takes a file and perhaps a table")),
        };
        let looked = import::look(Path::new(&file), import::Options { table, ..import::Options::default() })?;
        let paint = self.paint();
        import::take(&self.conn, &looked, self.out.writer(), paint)
    }

    fn output(&mut self, args: &str) -> Result<()> {
        self.out.flush()?;
        self.out = match args {
            "" | "stdout" => Output::standard(),
            _ => Output::file(Path::new(&one("a file", args)?))?,
        };
        Ok(())
    }

    /// Says something to a person; scripts need not hear it.
    pub(super) fn say(&mut self, what: &str) -> Result<()> {
        match self.typed {
            true => Ok(writeln!(std::io::stdout(), "{what}")?),
            false => Ok(()),
        }
    }
}

fn switch(word: &str) -> Result<bool> {
    match word {
        "on" | "true" | "1" | "yes" => Ok(true),
        "off" | "false" | "0" | "no" => Ok(false),
        _ => Err(Failure::other(format!("\"{word}\" is neither on nor off"))),
    }
}

/// The only word of the arguments.
pub fn one(what: &str, args: &str) -> Result<String> {
    match <[String; 1]>::try_from(split(args)?) {
        Ok([word]) => Ok(word),
        Err(words) if words.is_empty() => Err(Failure::other(format!("it takes {what}"))),
        Err(_) => Err(Failure::other(format!("it takes {what}, and then there are words too many"))),
    }
}

/// The words of arguments: apart by white space, with quotes (single or double) around what has some.
pub fn split(args: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in args.chars() {
        match (quote, c) {
            (Some(q), _) if c == q => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                word.get_or_insert_default();
                quote = Some(c);
            }
            (None, _) if c.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(c),
        }
    }
    if quote.is_some() {
        return Err(Failure::other("a quote is not closed"));
    }
    words.extend(word);
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_sql() {
        assert_eq!(command("  .tables \n"), Some(".tables"));
        assert_eq!(command("\\dt;"), Some("\\dt;"));
        assert_eq!((command("SELECT .5"), command(".5"), command("")), (None, None, None));
    }

    #[test]
    fn words_and_quotes() {
        assert_eq!(split("a  'b c' \"d'e\" ''").unwrap(), ["a", "b c", "d'e", ""]);
        assert!(split("'a").is_err());
        assert_eq!(one("a file", "x").unwrap(), "x");
        assert!(one("a file", "").is_err() && one("a file", "x y").is_err());
    }

    #[test]
    fn names_are_given_once() {
        let mut names: Vec<_> = COMMANDS.iter().flat_map(|c| c.names).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
