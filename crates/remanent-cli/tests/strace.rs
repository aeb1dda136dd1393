//! What the kernel sees: one durable insert is one write and one sync, and no acknowledgement comes before them.

#![cfg(target_os = "linux")]

mod common;

use common::Place;
use std::collections::BTreeSet;
use std::process::Command;

const ROWS: usize = 300;

/// What matters of a system call.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Event {
    /// A write to a file of the database returned.
    Write,
    /// A sync of a file of the database returned.
    Sync,
    /// A line on standard output began to be written.
    Acknowledge,
}

/// Runs the writing process under strace; None, with a note, where strace cannot run.
fn trace(place: &Place) -> Option<Vec<Event>> {
    let calls =
        "trace=write,writev,pwrite64,pwritev,pwritev2,fsync,fdatasync,sync_file_range,msync,io_uring_enter";
    let rows = ROWS.to_string();
    let program = place.program(&["__write-rows", "a.rem", "1", &rows]);
    let run = Command::new("strace")
        .args(["-f", "-y", "-s", "8", "-o", "trace.txt", "-e", calls])
        .arg(program.get_program())
        .args(program.get_args())
        .current_dir(place.path(""))
        .output();
    let why = match run {
        Err(e) => format!("it does not start: {e}"),
        Ok(output) if !output.status.success() => String::from_utf8_lossy(&output.stderr).into_owned(),
        Ok(_) => {
            let text = std::fs::read_to_string(place.path("trace.txt")).expect("strace wrote its file");
            // The threads whose interrupted call is an announcement.
            let mut announcing = BTreeSet::new();
            return Some(text.lines().filter_map(|line| event(line, &mut announcing)).collect());
        }
    };
    eprintln!("skipped: strace cannot run here: {}", why.trim());
    None
}

/// A line of strace's output. Calls that are interrupted by other threads come as two lines; an acknowledgement
/// counts when it begins, a write or sync when it has returned, so that the order is the careful one.
fn event<'a>(line: &'a str, announcing: &mut BTreeSet<&'a str>) -> Option<Event> {
    let (thread, rest) = line.split_once(' ')?;
    let rest = rest.trim_start();
    if let Some(resumed) = rest.strip_prefix("<... ") {
        if announcing.remove(thread) {
            return None;
        }
        // Which file it was is on the line where it began; all are the database's, since standard output is
        // written by one thread and small.
        let name = resumed.split(' ').next()?;
        return match name {
            "fsync" | "fdatasync" | "sync_file_range" => Some(Event::Sync),
            "pwrite64" | "pwritev" | "pwritev2" => Some(Event::Write),
            _ => None,
        };
    }
    let (name, arguments) = rest.split_once('(')?;
    if name == "write" && arguments.starts_with("1<") {
        return Some(Event::Acknowledge);
    }
    // What is announced to other processes is never synced, and nothing depends on it.
    if arguments.contains("/READERS>") && rest.contains("<unfinished") {
        announcing.insert(thread);
    }
    if !arguments.contains("/a.rem/") || arguments.contains("/READERS>") || rest.contains("<unfinished") {
        return None;
    }
    match name {
        "fsync" | "fdatasync" | "sync_file_range" | "msync" => Some(Event::Sync),
        _ => Some(Event::Write),
    }
}

#[test]
fn a_durable_insert_is_one_write_and_one_sync() {
    let place = Place::new();
    place.run(&["a.rem", "-c", "CREATE TABLE plug (n bigint PRIMARY KEY, note text)"]);
    let Some(events) = trace(&place) else { return };
    // What lies between two acknowledgements.
    let between: Vec<&[Event]> = events.split(|e| *e == Event::Acknowledge).collect();
    assert_eq!(between.len(), ROWS + 1, "one acknowledgement a row");
    // The first row has opening the database before it; after the last comes closing it.
    let inserts = &between[1..ROWS];
    for (i, events) in inserts.iter().enumerate() {
        let write = events.iter().position(|e| *e == Event::Write);
        let sync = events.iter().rposition(|e| *e == Event::Sync);
        assert!(write.is_some() && write < sync, "row {} was acknowledged after {events:?}", i + 2);
    }
    // Where the machine stalls, the log may note in between that it is idle; that is rare.
    let exact = inserts.iter().filter(|e| ***e == [Event::Write, Event::Sync]).count();
    assert!(
        exact * 100 >= inserts.len() * 95,
        "{exact} of {} inserts were one write and one sync",
        inserts.len()
    );
}
