//! Scenarios that look at a whole process run in one of their own: this program calls itself with `--child`.

use super::{counter, memory, wear};
use crate::peers;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs a scenario in a child process; the numbers that it prints.
pub fn in_child(args: &[&str], dir: &Path) -> Vec<f64> {
    let me = std::env::current_exe().unwrap();
    let child =
        Command::new(me).arg("--child").arg(dir).args(args).stderr(Stdio::inherit()).output().unwrap();
    let text = String::from_utf8_lossy(&child.stdout).into_owned();
    text.split_whitespace().filter_map(|n| n.parse().ok()).collect()
}

/// Prints the figures of a child.
pub fn numbers(figures: &[f64]) {
    let words: Vec<String> = figures.iter().map(f64::to_string).collect();
    println!("{}", words.join(" "));
}

/// What a child does: `DIR SCENARIO PEER [MORE …]`.
pub fn run(args: &[String]) {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    let [dir, scenario, peer, more @ ..] = words.as_slice() else { return };
    let (dir, peer) = (Path::new(dir), peers::named(peer).expect("a peer that is there"));
    match *scenario {
        "counter" => counter::child(peer, dir),
        "fill" => memory::fill(peer, dir),
        "idle" => memory::idle(peer, dir),
        "sustained" => memory::sustained(peer, dir, more),
        "wear" => wear::child(peer, dir, more),
        other => panic!("no child does {other}"),
    }
}
