//! The prompt: a line editor with history, completion and colours.
//!
//! ```text
//! flight=# select 1      a statement goes on until its semicolon; the arrows walk in all its lines
//!        +  2;
//! flight=*# …            in a transaction
//! flight=!# …            in one that has failed
//! ```
//!
//! The history is a file in the user's state directory, see [`history_file`]. Ctrl-C drops what is being typed, or stops the
//! statement that runs; Ctrl-D leaves.

use super::Session;
use super::complete::Names;
use super::highlight::highlight;
use super::{commands, input::Lines};
use crate::failure::{Failure, Result};
use crate::script::is_complete;
use crate::term::{Paint, first_columns};
use remanent::TransactionStatus;
use rustyline::completion::Completer;
use rustyline::config::{BellStyle, CompletionType};
use rustyline::error::ReadlineError;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::Hinter;
use rustyline::history::FileHistory;
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Config, Context, Editor, Helper};
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Statements that are remembered.
const HISTORY_MAX: usize = 5_000;
/// Longer texts are not coloured while they are typed.
const COLOUR_MAX: usize = 64 << 10;
/// The prompt takes at most so much of the database's name.
const NAME_MAX: usize = 24;

type Prompt = Editor<Typing, FileHistory>;

/// Talks with a person until they leave.
pub fn run(session: &mut Session, db: &Path) -> Result<()> {
    let name = db.file_stem().map_or("remanent".into(), |name| crate::term::visible(&name.to_string_lossy()));
    let (name, _) = first_columns(&name, NAME_MAX);
    let paint = Paint::of(&io::stdout());
    catch_interrupts(session);
    let mut editor = editor(paint).map_err(failed)?;
    let history = history_file();
    let kept = history.as_deref().filter(|file| open_history(&mut editor, file));
    let version = concat!("remanent ", env!("CARGO_PKG_VERSION"));
    session.say(&format!(
        "{}, {}. Type .help for help.",
        paint.bold(version),
        crate::term::visible(&db.display().to_string())
    ))?;
    while !session.quit {
        if let Some(typing) = editor.helper_mut() {
            // Without names there is less to offer; the next statement will say what is wrong.
            let _ = typing.names.refresh(&session.conn);
        }
        let text = match read(&mut editor, session, name, paint) {
            Ok(text) => text,
            Err(ReadlineError::Interrupted) => continue,
            Err(ReadlineError::Eof) => {
                session.say("\\q")?;
                break;
            }
            Err(error) => return Err(failed(error)),
        };
        if text.trim().is_empty() {
            continue;
        }
        // What cannot be kept can be typed again.
        let _ = editor.add_history_entry(text.trim_end());
        if let Some(file) = kept {
            let _ = editor.append_history(file);
        }
        run_text(session, &text)?;
        while let Some(text) = session.edited.take_if(|text| is_complete(text)) {
            session.say(&text)?;
            let _ = editor.add_history_entry(text.trim_end());
            run_text(session, &text)?;
        }
    }
    Ok(())
}

fn read(editor: &mut Prompt, session: &mut Session, name: &str, paint: Paint) -> rustyline::Result<String> {
    let mark = match session.conn.status() {
        TransactionStatus::Idle => "=",
        TransactionStatus::Open => "=*",
        TransactionStatus::Failed => "=!",
    };
    let painted = if mark == "=!" { paint.error(mark) } else { mark.to_owned() };
    let prompt = (format!("{name}{mark}# "), format!("{}{painted}# ", paint.bold(name)));
    match session.edited.take() {
        Some(text) => editor.readline_with_initial(&prompt, (&text, "")),
        None => editor.readline(&prompt),
    }
}

/// Runs what was typed. A failure is told and is not the end, unless nobody reads our answers any more.
fn run_text(session: &mut Session, text: &str) -> Result<()> {
    let done = session.feed(&mut Lines::new("the terminal", &mut text.as_bytes()), None);
    match done.and(session.out.flush()) {
        Err(Failure::Closed) => Err(Failure::Closed),
        Err(failure) => Ok(failure.report(&mut io::stderr().lock(), Paint::of(&io::stderr()))?),
        Ok(()) => Ok(()),
    }
}

/// Ctrl-C stops the statement that runs. (While a line is edited the terminal sends none.)
fn catch_interrupts(session: &Session) {
    let (stop, statement) = (Arc::clone(&session.stop), session.conn.interrupter());
    // Where that cannot be, Ctrl-C ends the program as it does others.
    let _ = ctrlc::set_handler(move || {
        stop.store(true, Ordering::Relaxed);
        statement.interrupt();
    });
}

fn editor(paint: Paint) -> rustyline::Result<Prompt> {
    let config = Config::builder()
        .max_history_size(HISTORY_MAX)?
        .history_ignore_dups(true)?
        .history_ignore_space(true)
        .completion_type(CompletionType::List)
        .bell_style(BellStyle::None)
        .tab_stop(4)
        .build();
    let mut editor = Editor::with_config(config)?;
    editor.set_helper(Some(Typing { names: Names::default(), paint }));
    Ok(editor)
}

/// Where statements are remembered: `$REMANENT_HISTORY` (empty: nowhere), or `remanent/history` in
/// `$XDG_STATE_HOME` (<https://specifications.freedesktop.org/basedir-spec>), or in `~/.local/state`.
fn history_file() -> Option<PathBuf> {
    let set = |name: &str| std::env::var_os(name).map(PathBuf::from);
    if let Some(file) = set("REMANENT_HISTORY") {
        return (!file.as_os_str().is_empty()).then_some(file);
    }
    let state = set("XDG_STATE_HOME").filter(|dir| dir.is_absolute());
    let state = state.or_else(|| std::env::home_dir().map(|home| home.join(".local/state")))?;
    Some(state.join("remanent/history"))
}

/// Reads the history; false where it cannot be kept there.
fn open_history(editor: &mut Prompt, file: &Path) -> bool {
    if let Some(dir) = file.parent() {
        let _ = std::fs::create_dir_all(dir);
    }
    match editor.load_history(file) {
        Ok(()) => true,
        Err(ReadlineError::Io(e)) => e.kind() == io::ErrorKind::NotFound,
        Err(_) => false,
    }
}

fn failed(error: ReadlineError) -> Failure {
    Failure::other(format!("the terminal cannot be read: {error}"))
}

impl Session {
    /// `\e`: the last statement, or a file, in an editor. What comes back is run if it is complete.
    pub(super) fn edit(&mut self, args: &str) -> Result<()> {
        if !self.typed {
            return Err(Failure::other("there is no terminal to edit on"));
        }
        let (path, temporary) = match args {
            "" => (std::env::temp_dir().join(format!("remanent-{}.sql", std::process::id())), true),
            _ => (PathBuf::from(commands::one("a file", args)?), false),
        };
        if temporary {
            let text = if self.last.is_empty() { String::new() } else { format!("{};\n", self.last) };
            std::fs::write(&path, text).map_err(|e| Failure::file("write", &path, &e))?;
        }
        let edited = open_editor(&path);
        let text = edited
            .and_then(|()| std::fs::read_to_string(&path).map_err(|e| Failure::file("read", &path, &e)));
        if temporary {
            let _ = std::fs::remove_file(&path);
        }
        self.edited = Some(text?.trim_end().to_owned()).filter(|text| !text.is_empty());
        Ok(())
    }
}

/// Runs the user's editor and waits for it.
fn open_editor(path: &Path) -> Result<()> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR")).unwrap_or_else(|| "vi".into());
    let mut words = editor.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(path).status();
    match status.map_err(|e| Failure::file("start", Path::new(program), &e))? {
        status if status.success() => Ok(()),
        status => Err(Failure::other(format!("the editor \"{program}\" failed: {status}"))),
    }
}

/// What the line editor asks while a person types.
struct Typing {
    names: Names,
    paint: Paint,
}

impl Helper for Typing {}

impl Hinter for Typing {
    type Hint = String;
}

impl Completer for Typing {
    type Candidate = String;

    fn complete(&self, line: &str, pos: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        Ok(self.names.complete(line, pos))
    }
}

impl Validator for Typing {
    fn validate(&self, typed: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        let text = typed.input();
        let done = text.trim().is_empty() || commands::command(text).is_some() || is_complete(text);
        Ok(if done { ValidationResult::Valid(None) } else { ValidationResult::Incomplete })
    }
}

impl Highlighter for Typing {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        match self.paint.is_on() && line.len() <= COLOUR_MAX {
            true => Cow::Owned(highlight(line, &self.names, self.paint)),
            false => Cow::Borrowed(line),
        }
    }

    fn highlight_char(&self, _: &str, _: usize, kind: CmdKind) -> bool {
        kind != CmdKind::MoveCursor
    }
}
