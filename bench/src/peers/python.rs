//! Peers that are libraries of Python: a script beside the bench measures them and prints what it found, in the environment that
//! `bench/peers.sh` makes.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

/// A line of a script: whose figure, which one, its value, and the recall where it has one.
pub struct Line {
    pub peer: String,
    pub what: String,
    pub value: f64,
    pub recall: f64,
}

impl Line {
    fn read(line: &str) -> Option<Line> {
        let mut parts = line.split('\t');
        let (peer, what) = (parts.next()?.to_owned(), parts.next()?.to_owned());
        Some(Line { peer, what, value: parts.next()?.parse().ok()?, recall: parts.next()?.parse().ok()? })
    }
}

/// What a script says; what it complains of goes to standard error. Nothing where the environment is absent, and with
/// `BENCH_PEERS=0`; names there, with commas between, are the script's last arguments.
pub fn ask(script: &str, args: &[&OsStr]) -> Vec<Line> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(here.join("target/peers/python/bin/python"));
    command.arg(here.join(script));
    said(command, args, script)
}

/// The same of a program, as `bench/peers.sh` builds it.
pub fn said(mut command: Command, args: &[&OsStr], name: &str) -> Vec<Line> {
    let wanted = std::env::var("BENCH_PEERS").unwrap_or_default();
    if wanted == "0" {
        return Vec::new();
    }
    let names = wanted.split(',').filter(|name| !name.is_empty());
    let Ok(output) = command.args(args).args(names).output() else {
        eprintln!("{name}: absent; bench/peers.sh fetches or builds it");
        return Vec::new();
    };
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).lines().filter_map(Line::read).collect()
}

/// A figure's values by peer, whose names tell the recall.
pub fn of(lines: &[Line], what: &str) -> Vec<(String, f64)> {
    let name = |line: &Line| match line.recall > 0.0 {
        true => format!("{}, recall {:.3}", line.peer, line.recall),
        false => line.peer.clone(),
    };
    lines.iter().filter(|line| line.what == what).map(|line| (name(line), line.value)).collect()
}
