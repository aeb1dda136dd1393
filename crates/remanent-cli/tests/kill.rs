//! SIGKILL at random moments of a real process: nothing acknowledged is lost, nothing is there by half.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests of real processes need real time and threads")]

mod common;

use common::{Place, flight};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

/// Rounds of each test; `./check long` asks for more.
fn rounds() -> u64 {
    std::env::var("REMANENT_KILL_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(12)
}

/// Different from round to round and from run to run.
fn random(round: u64, below: u64) -> u64 {
    let nanos =
        std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.subsec_nanos());
    ((u64::from(nanos) ^ round << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33) % below
}

#[test]
fn acknowledged_rows_survive() {
    let place = Place::new();
    place.run(&["a.rem", "-c", "CREATE TABLE plug (n bigint PRIMARY KEY, note text)"]);
    let mut first = 1;
    for round in 0..rounds() {
        let mut command = place.program(&["__write-rows", "a.rem", &first.to_string(), "1000000000"]);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
        let mut acknowledged = BufReader::new(child.stdout.take().expect("a pipe")).split(b'\n');
        acknowledged.next().expect("a first row").expect("the pipe is read");
        let killer = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_micros(random(round, 60_000)));
            child.kill().expect("it is killed");
            child.wait().expect("it is gone");
        });
        // The last line may be torn: only whole ones, ended by the next or by their own end, count.
        let mut last = first;
        for line in acknowledged.map_while(Result::ok) {
            match std::str::from_utf8(&line).ok().and_then(|n| n.parse::<i64>().ok()) {
                Some(n) if n == last + 1 => last = n,
                _ => break,
            }
        }
        killer.join().expect("it ended");
        let answer = place.ask("SELECT count(*), min(n), max(n) FROM plug");
        let counts: Vec<i64> = answer[0].split(',').map(|n| n.parse().expect("a number")).collect();
        let [count, min, max] = counts.as_slice() else { panic!("{answer:?}") };
        assert!(*max >= last, "round {round}: {last} was acknowledged, {max} was recovered");
        assert!(*max <= last + 1, "round {round}: {max} is there, but {last} was the last acknowledged");
        assert_eq!((*min, *count), (1, *max), "round {round}: rows are missing in between");
        first = max + 1;
    }
    let notes = place.ask("SELECT count(*) FROM plug WHERE note LIKE 'row %, written in full or not at all'");
    assert_eq!(notes, [(first - 1).to_string()]);
}

#[test]
fn an_import_is_there_in_full_or_not_at_all() {
    let path = flight();
    let path = path.to_str().expect("a plain path");
    for round in 0..rounds() {
        let place = Place::new();
        let mut child =
            place.program(&["import", "a.rem", path]).stdout(Stdio::null()).spawn().expect("it starts");
        std::thread::sleep(Duration::from_micros(random(round, 400_000)));
        child.kill().expect("it is killed");
        child.wait().expect("it is gone");
        let ran = place.run(&["a.rem", "--csv", "-c", "SELECT count(*), sum(points) FROM streams"]);
        match ran.status {
            Some(0) => {
                assert_eq!(ran.out.lines().nth(1), Some("70,14604"), "round {round}");
                assert_eq!(
                    place.ask("SELECT count(*) FROM vehicle_angular_velocity"),
                    ["1812"],
                    "round {round}"
                );
            }
            _ => assert!(ran.err.starts_with("error 42P01"), "round {round}: {}", ran.err),
        }
        let check = place.run(&["check", "a.rem"]);
        assert_eq!((check.status, check.err.as_str()), (Some(0), ""), "round {round}: {}", check.out);
    }
}
