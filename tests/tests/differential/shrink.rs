//! The smallest script that still differs in the same way.

use super::compare::Verdict;
use super::generator::Statement;
use super::pair::{Compared, Pair};

/// How many smaller scripts are tried.
const ATTEMPTS: usize = 1500;

/// Statements of which the last one differs.
pub struct Script {
    /// Those before it.
    pub before: Vec<Statement>,
    /// The one that differs.
    pub last: Statement,
}

/// Makes a script smaller as long as its last statement differs in the same way.
pub fn shrink(pair: &mut Pair, script: Script, verdict: &Verdict) -> Script {
    let mut shrinker = Shrinker { pair, verdict, attempts: 0, script };
    // Both sides are still where it differed.
    shrinker.shrink_last();
    if shrinker.fails_anew().is_none() {
        // It needs what is not in the script: rows made cold, a restart.
        return shrinker.script;
    }
    shrinker.drop_statements();
    shrinker.shrink_statements();
    shrinker.script
}

struct Shrinker<'a> {
    pair: &'a mut Pair,
    verdict: &'a Verdict,
    attempts: usize,
    script: Script,
}

impl Shrinker<'_> {
    /// What the script comes to from the beginning, if it differs.
    fn fails_anew(&mut self) -> Option<Compared> {
        self.attempts += 1;
        self.pair.reset();
        for statement in &self.script.before {
            self.pair.run(statement);
        }
        self.fails_here()
    }

    fn fails_here(&mut self) -> Option<Compared> {
        self.attempts += 1;
        let compared = self.pair.run(&self.script.last);
        (compared.verdict == *self.verdict).then_some(compared)
    }

    fn shrink_last(&mut self) {
        let writes = self.script.last.writes && !self.script.last.undone;
        'again: while self.attempts < ATTEMPTS {
            let length = self.script.last.sql.to_string().len();
            let mut smaller: Vec<_> = self
                .script
                .last
                .sql
                .reductions()
                .into_iter()
                .map(|sql| (sql.to_string().len(), sql))
                .collect();
            smaller.retain(|(reduced, _)| *reduced < length);
            smaller.sort_by_key(|(length, _)| *length);
            for (_, sql) in smaller {
                let larger = std::mem::replace(&mut self.script.last.sql, sql);
                let fails = if writes { self.fails_anew() } else { self.fails_here() };
                if fails.is_some() {
                    continue 'again;
                }
                self.script.last.sql = larger;
                if self.attempts >= ATTEMPTS {
                    break;
                }
            }
            return;
        }
    }

    /// Twice: the end of a transaction can go when its beginning is gone.
    fn drop_statements(&mut self) {
        for _ in 0..2 {
            let mut at = self.script.before.len();
            while at > 0 && self.attempts < ATTEMPTS {
                at -= 1;
                let dropped = self.script.before.remove(at);
                if self.fails_anew().is_none() {
                    self.script.before.insert(at, dropped);
                }
            }
        }
    }

    fn shrink_statements(&mut self) {
        for at in 0..self.script.before.len() {
            'again: while self.attempts < ATTEMPTS {
                for sql in self.script.before[at].sql.reductions() {
                    let larger = std::mem::replace(&mut self.script.before[at].sql, sql);
                    if self.fails_anew().is_some() {
                        continue 'again;
                    }
                    self.script.before[at].sql = larger;
                    if self.attempts >= ATTEMPTS {
                        break;
                    }
                }
                break;
            }
        }
    }
}
