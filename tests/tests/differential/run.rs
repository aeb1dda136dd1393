//! One seed: a schema, then statements, on both sides; what was found and how much was compared.

use super::compare::Verdict;
use super::everyday::Grammar;
use super::generator::{Maker, Statement, Vocabulary};
use super::outcome::show;
use super::pair::Pair;
use super::shrink::{Script, shrink};
use remanent_storage::world::sim::Rng;
use std::collections::BTreeMap;

/// How many statements a seed has.
const STATEMENTS: usize = 120;
/// How many differences of a seed are made small.
const SHRUNK: usize = 4;

/// What came of many statements.
#[derive(Default)]
pub struct Tally {
    /// How many statements were run on both sides.
    pub compared: usize,
    /// Of these, how many both refused alike.
    pub errors: usize,
    /// What we do not have, and how often it was asked for.
    pub refused: BTreeMap<String, usize>,
    /// What could not be told, and how often.
    pub unjudged: BTreeMap<&'static str, usize>,
    /// Reports of what differs.
    pub different: Vec<String>,
}

impl Tally {
    /// How much of a hundred statements a count is.
    pub fn percent(&self, count: usize) -> f64 {
        count as f64 * 100.0 / self.compared.max(1) as f64
    }

    /// All refusals.
    pub fn refusals(&self) -> usize {
        self.refused.values().sum()
    }

    fn add(&mut self, verdict: &Verdict, failed: bool) {
        self.compared += 1;
        match verdict {
            Verdict::Same => self.errors += usize::from(failed),
            Verdict::Refused(feature) => *self.refused.entry(feature.clone()).or_default() += 1,
            Verdict::Unjudged(why) => *self.unjudged.entry(why).or_default() += 1,
            Verdict::Different(_) => {}
        }
    }
}

/// Runs a seed.
pub fn run_seed(pair: &mut Pair, words: &Vocabulary, seed: u64, tally: &mut Tally) {
    let mut maker = Maker::new(seed, words);
    let mut whims = Rng::new(!seed);
    pair.reset();
    let mut queue = maker.schema();
    let mut script: Vec<Statement> = Vec::new();
    let (mut made, mut shrunk) = (0, 0);
    loop {
        if queue.is_empty() {
            if made >= STATEMENTS {
                return;
            }
            queue = if whims.below(100) < 78 { vec![maker.reading()] } else { maker.writing() };
            // Between statements that belong together a database may be closed.
            match whims.below(30) {
                0..3 => pair.engine.flush(),
                3 => pair.engine.reopen(),
                _ => {}
            }
        }
        let statement = queue.remove(0);
        made += 1;
        let compared = pair.run(&statement);
        tally.add(&compared.verdict, compared.ours.is_err());
        let parted =
            statement.writes && !statement.undone && compared.ours.is_ok() != compared.theirs.is_ok();
        if let Verdict::Different(what) = compared.verdict {
            shrunk += 1;
            let mut report = format!("seed {seed}, statement {made}: {what}\n{};\n", statement.sql);
            report += &format!("ours: {}theirs: {}", show(&compared.ours), show(&compared.theirs));
            if shrunk <= SHRUNK {
                let small = Script { before: script.clone(), last: statement.clone() };
                let small = shrink(pair, small, &compared.verdict);
                report += &described(pair, &small);
                replay(pair, &script);
            }
            println!("── {report}");
            tally.different.push(report);
            if statement.writes && !statement.undone && compared.theirs.is_ok() {
                return;
            }
        }
        if parted {
            return;
        }
        if statement.writes && !statement.undone {
            script.push(statement);
        }
    }
}

/// Runs a seed of everyday statements.
pub fn run_everyday(pair: &mut Pair, grammar: &Grammar, seed: u64, tally: &mut Tally) {
    let mut rng = Rng::new(seed ^ 0x0e5e_7da1);
    pair.reset();
    for sql in grammar.schema {
        pair.both(sql);
    }
    let mut open = false;
    for made in 1..=STATEMENTS {
        match rng.below(60) {
            0 => pair.engine.flush(),
            1 if !open => pair.engine.reopen(),
            _ => {}
        }
        let statement = grammar.statement(&mut rng);
        let sql = statement.sql.to_string();
        open = open && !matches!(sql.as_str(), "COMMIT" | "ROLLBACK") || sql == "BEGIN";
        let compared = pair.run(&statement);
        tally.add(&compared.verdict, compared.ours.is_err());
        if let Verdict::Different(what) = compared.verdict {
            let mut report = format!("seed {seed}, statement {made}: {what}\n{};\n", statement.sql);
            report += &format!("ours: {}theirs: {}", show(&compared.ours), show(&compared.theirs));
            println!("── {report}");
            tally.different.push(report);
        }
        if statement.writes && compared.ours.is_ok() != compared.theirs.is_ok() {
            return;
        }
    }
}

/// Brings both sides to where a script leads.
fn replay(pair: &mut Pair, script: &[Statement]) {
    pair.reset();
    for statement in script {
        pair.run(statement);
    }
}

/// A script and what it comes to.
fn described(pair: &mut Pair, script: &Script) -> String {
    replay(pair, &script.before);
    let compared = pair.run(&script.last);
    let mut out = String::from("smallest script:\n");
    for statement in script.before.iter().chain([&script.last]) {
        out += &format!("    {};\n", statement.sql);
    }
    out + &format!("  ours: {}  theirs: {}", show(&compared.ours), show(&compared.theirs))
}
