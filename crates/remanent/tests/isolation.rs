//! Golden scripts of several sessions, in the manner of PostgreSQL's isolation tester: who waits for whom, and what comes
//! out.
//!
//! Each file of `tests/isolation/` holds scripts, each under a heading `== what it shows` and over a database of its own.
//! A line `a: SELECT …` is a step: session `a` runs the statement. The indented lines below it are what came out: the
//! answer, or `waits` if the session waits for a lock; then, by name, the answers of sessions whose wait the step has
//! ended. `a! SELECT …` waits for the answer even if the session waits for a lock meanwhile (timeouts); `cancel a`
//! interrupts a session. The sessions `a`, `b`, … connect when they are first named; `end a` ends one.
//! `REMANENT_UPDATE_GOLDEN=1` writes what comes out into the files.
//!
//! Nothing here is timed: a step is over when every session has answered or waits for a lock that it cannot have.

#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "real sessions on real threads")]

mod scripts;

use remanent::{Connection, Database, Interrupter, Value, params};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::JoinHandle;
use std::time::Duration;

#[test]
fn isolation_scripts_answer_as_recorded() {
    scripts::check("isolation", &run_file);
}

fn run_file(text: &str) -> String {
    let mut out = String::new();
    let mut script: Option<Script> = None;
    for line in text.lines() {
        match line {
            _ if line.starts_with("   ") => continue,
            _ if line.starts_with("==") => script = Some(Script::new()),
            _ => {}
        }
        out.push_str(line);
        out.push('\n');
        let step = match script.as_mut() {
            Some(script) if !line.is_empty() && !line.starts_with("==") && !line.starts_with('#') => {
                script.step(line)
            }
            _ => continue,
        };
        for answer in step {
            let _ = writeln!(out, "   {answer}");
        }
    }
    out
}

/// One script: a database and the sessions.
struct Script {
    sessions: BTreeMap<String, Session>,
    db: Database,
    _dir: tempfile::TempDir,
}

struct Session {
    statements: Option<Sender<String>>,
    answers: Receiver<Vec<String>>,
    interrupter: Interrupter,
    waits: bool,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.statements = None;
        self.interrupter.interrupt();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Script {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let db = Database::open(dir.path().join("t.rem")).unwrap();
        Script { sessions: BTreeMap::new(), db, _dir: dir }
    }

    fn session(&mut self, name: &str) -> &mut Session {
        let db = &self.db;
        self.sessions.entry(name.to_string()).or_insert_with(|| {
            let conn = db.connect().unwrap();
            let interrupter = conn.interrupter();
            let (statements, inbox) = channel::<String>();
            let (outbox, answers) = channel();
            let thread = std::thread::spawn(move || {
                for statement in inbox {
                    if outbox.send(answer(&conn, &statement)).is_err() {
                        return;
                    }
                }
            });
            Session { statements: Some(statements), answers, interrupter, waits: false, thread: Some(thread) }
        })
    }

    /// Runs one line; what came out.
    fn step(&mut self, line: &str) -> Vec<String> {
        if let Some(name) = line.strip_prefix("cancel ") {
            self.session(name).interrupter.interrupt();
            return self.settle(None, true);
        }
        if let Some(name) = line.strip_prefix("end ") {
            self.sessions.remove(name);
            return self.settle(None, false);
        }
        let end = line.find([':', '!']).unwrap_or_else(|| panic!("no step: {line}"));
        let (name, patient) = (&line[..end], line[end..].starts_with('!'));
        let session = self.session(name);
        assert!(!session.waits, "{name} waits: {line}");
        session.statements.as_ref().unwrap().send(line[end + 1..].trim().to_string()).unwrap();
        session.waits = true;
        self.settle(Some(name), patient)
    }

    /// Waits until nothing moves any more; the answers, those of `first` first. `patient`: some answer must come.
    fn settle(&mut self, first: Option<&str>, patient: bool) -> Vec<String> {
        let mut out = Vec::new();
        let mut own = None;
        loop {
            let mut waiting = 0;
            for (name, session) in self.sessions.iter_mut().filter(|(_, session)| session.waits) {
                match session.answers.try_recv() {
                    Ok(answer) => {
                        session.waits = false;
                        match first == Some(name) {
                            true => own = Some(answer),
                            false => out.push((name.clone(), answer)),
                        }
                    }
                    Err(TryRecvError::Empty) => waiting += 1,
                    Err(TryRecvError::Disconnected) => panic!("session {name} is gone"),
                }
            }
            let answered = match first {
                Some(_) => own.is_some(),
                None => !out.is_empty(),
            };
            if waiting == self.db.stats().lock_waits && (answered || !patient) {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        out.sort();
        let mut lines = own.unwrap_or_else(|| first.map(|_| "waits".to_string()).into_iter().collect());
        for (name, answer) in out {
            lines.extend(answer.into_iter().map(|line| format!("{name}: {line}")));
        }
        lines
    }
}

/// What comes out of a statement.
fn answer(conn: &Connection, statement: &str) -> Vec<String> {
    let run = || -> remanent::Result<Vec<String>> {
        let rows = conn.query(statement, params![])?;
        let (affected, reads) = (rows.affected(), !rows.columns().is_empty());
        let mut lines = Vec::new();
        for row in rows {
            let row = row?;
            let text = |value: &Value| match value.to_string() {
                text if text.is_empty() => "''".to_string(),
                text => text,
            };
            lines.push(row.values().iter().map(text).collect::<Vec<_>>().join(" | "));
        }
        match (reads, affected) {
            (true, _) if lines.is_empty() => lines.push("no rows".to_string()),
            (true, _) => {}
            (false, 0) => lines.push("ok".to_string()),
            (false, 1) => lines.push("1 row".to_string()),
            (false, n) => lines.push(format!("{n} rows")),
        }
        Ok(lines)
    };
    run().unwrap_or_else(|error| vec![format!("ERROR {}: {error}", error.code())])
}
