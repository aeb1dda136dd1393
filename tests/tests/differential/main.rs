//! Random statements on Remanent and on a PostgreSQL 15, whose answers, types, errors and positions must agree.
//!
//! | module | is |
//! |---|---|
//! | [`server`], [`client`] | a PostgreSQL of one's own, and how to speak with it |
//! | [`engine`], [`pair`] | our side; both sides in the same state |
//! | [`types`], [`generator`], [`tree`] | statements from a seed, as trees that can be made smaller |
//! | [`everyday`] | statements from grammars, each over one schema |
//! | [`outcome`], [`compare`], [`known`] | what a statement came to; when that is the same; where we differ on purpose |
//! | [`run`], [`shrink`] | a seed; the smallest script of what it found |
//! | [`metamorphic`] | what needs no PostgreSQL: queries that follow from each other, rows hot and cold |
//!
//! ```text
//! cargo test -p remanent-tests --test differential                        # fixed seeds, as in ./check
//! REMANENT_SEED=17 cargo test -p remanent-tests --test differential       # one seed
//! REMANENT_SEEDS=30 cargo test …                                          # so many times more seeds
//! REMANENT_DIFFERENTIAL_SECONDS=36000 cargo test …                        # other seeds, for ten hours, from
//! REMANENT_DIFFERENTIAL_FIRST=1000000 on
//! ```
//!
//! Without PostgreSQL 15 on the machine nothing is compared, which is said.
#![allow(clippy::disallowed_methods, reason = "a server of another program is waited for in real time")]

mod client;
mod compare;
mod engine;
mod everyday;
mod generator;
mod known;
mod metamorphic;
mod outcome;
mod pair;
mod run;
mod server;
mod shrink;
mod tree;
mod types;

use everyday::Grammar;
use generator::{FIXED_SEEDS, Vocabulary};
use pair::Pair;
use run::{Tally, run_everyday, run_seed};
use server::Server;
use std::time::{Duration, Instant};

/// How many seeds `./check` runs.
const SEEDS: u64 = 40;
/// The most statements of a hundred that may be refused with 0A000.
const REFUSED_MAX: f64 = 5.0;
/// The most statements of a hundred whose errors of the data cannot be judged.
const UNJUDGED_MAX: f64 = 5.0;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}

/// What the seeds know that the environment asks for.
fn vocabulary() -> Vocabulary {
    let seconds = number("REMANENT_DIFFERENTIAL_SECONDS").map(|_| first_seed());
    Vocabulary::of(number("REMANENT_SEED").or(seconds).unwrap_or(0))
}

fn first_seed() -> u64 {
    number("REMANENT_DIFFERENTIAL_FIRST").unwrap_or(FIXED_SEEDS)
}

/// What to do for each seed that the environment asks for.
fn for_seeds(seeds: u64, run: &mut dyn FnMut(u64)) {
    if let Some(seed) = number("REMANENT_SEED") {
        return run(seed);
    }
    let Some(seconds) = number("REMANENT_DIFFERENTIAL_SECONDS") else {
        return (0..seeds * number("REMANENT_SEEDS").unwrap_or(1)).for_each(run);
    };
    let begun = Instant::now();
    (first_seed()..).take_while(|_| begun.elapsed() < Duration::from_secs(seconds)).for_each(run);
}

#[test]
fn statements_do_what_postgresql_does() {
    let Some(server) = Server::start() else { return };
    let words = vocabulary();
    let mut pair = Pair::new(&server);
    let mut tally = Tally::default();
    for_seeds(SEEDS, &mut |seed| run_seed(&mut pair, &words, seed, &mut tally));
    print(&tally);
    assert!(tally.different.is_empty(), "{} differences", tally.different.len());
    let unjudged: usize = tally.unjudged.values().sum();
    assert!(tally.percent(tally.refusals()) <= REFUSED_MAX, "too much is refused");
    assert!(tally.percent(unjudged) <= UNJUDGED_MAX, "too much cannot be judged");
}

#[test]
fn everyday_statements_do_what_postgresql_does() {
    let Some(server) = Server::start() else { return };
    compare_grammar(&server, &Grammar::everyday());
}

#[test]
fn changes_of_tables_do_what_postgresql_does() {
    let Some(server) = Server::start() else { return };
    compare_grammar(&server, &Grammar::changes());
}

fn compare_grammar(server: &Server, grammar: &Grammar) {
    let mut pair = Pair::new(server);
    let mut tally = Tally::default();
    for_seeds(SEEDS, &mut |seed| run_everyday(&mut pair, grammar, seed, &mut tally));
    print(&tally);
    assert!(tally.different.is_empty(), "{} differences", tally.different.len());
    assert!(tally.percent(tally.refusals()) <= REFUSED_MAX, "too much is refused");
}

#[test]
fn queries_follow_from_each_other() {
    let words = vocabulary();
    let (mut compared, mut failures) = (0, Vec::new());
    for_seeds(SEEDS, &mut |seed| match metamorphic::run_seed(&words, seed) {
        Ok(count) => compared += count,
        Err(failure) => failures.push(format!("seed {seed}: {failure}")),
    });
    println!("{compared} queries compared");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn print(tally: &Tally) {
    println!("{} statements compared, {} of them errors alike", tally.compared, tally.errors);
    for (what, count) in &tally.unjudged {
        println!("  unjudged {count}: {what}");
    }
    for (feature, count) in &tally.refused {
        println!("  refused {count}: {feature}");
    }
    println!("{} differences", tally.different.len());
}
