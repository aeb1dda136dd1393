//! Real processes: one writes, others read along, and any of them is killed.

#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests of real processes need real time and threads"
)]

mod common;

use common::{Place, done};
use remanent::{Connection, Database, params};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::{Duration, Instant};

fn count(conn: &Connection) -> i64 {
    let mut rows = conn.query("SELECT count(*) FROM plug", params![]).unwrap();
    rows.next().unwrap().unwrap().get(0).unwrap()
}

/// Waits for something that must happen.
fn until(what: &str, mut happened: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !happened() {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn slots(place: &Place) -> usize {
    std::fs::read_dir(place.path("a.rem/readers")).map_or(0, |entries| entries.count())
}

#[test]
fn a_follower_sees_each_acknowledged_row_and_outlives_writers() {
    let place = Place::new();
    place.run(&["a.rem", "-c", "CREATE TABLE plug (n bigint PRIMARY KEY, note text)"]);
    let other = Database::options().read_only(true).open(place.path("a.rem")).unwrap();
    let reader = other.connect().unwrap();
    assert_eq!(count(&reader), 0);
    let mut first = 1;
    for _ in 0..3 {
        let mut command = place.program(&["__write-rows", "a.rem", &first.to_string(), "1000000000"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let (mut last, begun) = (first, Instant::now());
        for line in lines.map_while(Result::ok).take(20_000) {
            let Ok(n) = line.parse::<i64>() else { break };
            last = n;
            // Each of them, however short ago it was acknowledged.
            if n % 50 == 0 {
                let seen = count(&reader);
                assert!(seen >= n, "{n} rows are acknowledged, {seen} are seen");
            }
            if begun.elapsed() > Duration::from_millis(1500) {
                break;
            }
        }
        child.kill().expect("it is killed");
        child.wait().expect("it is gone");
        // Nobody writes now.
        let seen = count(&reader);
        assert!(seen >= last, "{last} rows were acknowledged, {seen} are seen");
        let late = place.run(&["--read-only", "a.rem", "--csv", "-c", "SELECT count(*) >= 1 FROM plug"]);
        assert_eq!(late, done("?column?\nt\n"));
        let total: i64 = place.ask("SELECT count(*) FROM plug")[0].parse().unwrap();
        assert_eq!(count(&reader), total, "after the recovery");
        assert!(total >= seen);
        first = total + 1;
    }
    let error = place.run(&["--read-only", "a.rem", "-c", "DELETE FROM plug"]);
    assert_eq!(error.status, Some(1));
    assert!(error.err.contains("read-only"), "{error:?}");
}

#[test]
fn a_second_writer_is_told_about_read_only() {
    let place = Place::new();
    let db = Database::open(place.path("a.rem")).unwrap();
    let refused = place.run(&["a.rem", "-c", "SELECT 1"]);
    assert_eq!(refused.status, Some(1));
    let expected = format!("is in use by process {}", std::process::id());
    assert!(refused.err.contains(&expected) && refused.err.contains("--read-only"), "{refused:?}");
    assert_eq!(place.run(&["--read-only", "a.rem", "--csv", "-c", "SELECT 1 AS x"]), done("x\n1\n"));
    db.close().unwrap();
}

#[test]
fn a_killed_follower_holds_nothing_back() {
    let place = Place::new();
    let db = Database::open(place.path("a.rem")).unwrap();
    let writer = db.connect().unwrap();
    writer.execute("CREATE TABLE plug (n bigint PRIMARY KEY, note text)", params![]).unwrap();
    // It waits for its statements, with the database open.
    let mut command = place.program(&["--read-only", "a.rem"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().expect("it starts");
    until("a slot", || slots(&place) == 1);
    child.kill().expect("it is killed");
    child.wait().expect("it is gone");
    assert_eq!(slots(&place), 1, "the dead cannot clean up");
    writer.execute("INSERT INTO plug VALUES (1, 'x')", params![]).unwrap();
    until("its removal", || {
        db.flush().unwrap();
        slots(&place) == 0
    });
    db.close().unwrap();
}
