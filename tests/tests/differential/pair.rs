//! Both sides at once: the same statements, the same state.

use super::client::Client;
use super::compare::{Verdict, compare};
use super::engine::Engine;
use super::generator::{Errors, Statement};
use super::known;
use super::outcome::Outcome;
use super::server::Server;
use super::tree::Sql;

/// A database of ours and a session of PostgreSQL.
pub struct Pair {
    /// Ours.
    pub engine: Engine,
    client: Client,
}

/// What a statement came to on both sides.
pub struct Compared {
    /// What that means.
    pub verdict: Verdict,
    /// Ours.
    pub ours: Outcome,
    /// PostgreSQL's.
    pub theirs: Outcome,
}

impl Pair {
    /// Empty on both sides.
    pub fn new(server: &Server) -> Pair {
        let mut pair = Pair { engine: Engine::new(), client: server.connect() };
        pair.client.run("SET client_min_messages = error").expect("a setting");
        pair.client.run("SET statement_timeout = '10s'").expect("a setting");
        pair.reset();
        pair
    }

    /// Makes both sides empty.
    pub fn reset(&mut self) {
        for sql in ["ROLLBACK", "DROP SCHEMA public CASCADE", "CREATE SCHEMA public"] {
            self.client.run(sql).expect("an empty schema");
        }
        self.engine = Engine::new();
    }

    /// Runs a statement on both sides, and looks at what it wrote.
    pub fn run(&mut self, statement: &Statement) -> Compared {
        let sql = statement.sql.to_string();
        if statement.undone {
            self.both("BEGIN");
        }
        let mut compared = self.judge(statement, &sql);
        if statement.undone {
            self.both("ROLLBACK");
        }
        if let (Verdict::Same, Some(table)) = (&compared.verdict, &statement.looks_at) {
            let look = Statement {
                sql: Sql::text(format!("SELECT * FROM {table}")),
                errors: Errors::Certain,
                looks_at: None,
                ..statement.clone()
            };
            let looked = self.judge(&look, &look.sql.to_string());
            if let Verdict::Different(_) = looked.verdict {
                compared = Compared { verdict: Verdict::Different("rows afterwards"), ..looked };
            }
        }
        compared
    }

    /// Runs a statement on both sides without looking at what it comes to.
    pub fn both(&mut self, sql: &str) {
        let _ = (self.engine.run(sql), self.client.run(sql));
    }

    fn judge(&mut self, statement: &Statement, sql: &str) -> Compared {
        let ours = self.engine.run(sql);
        // What we do not have must not happen there.
        if let Err(failure) = &ours
            && failure.code == "0A000"
            && statement.writes
        {
            // A transaction that failed here must have failed there.
            let _ = self.client.run("refused");
            return Compared {
                verdict: Verdict::Refused(failure.message.clone()),
                theirs: ours.clone(),
                ours,
            };
        }
        let theirs = self.client.run(sql);
        let mut verdict = compare(statement, &ours, &theirs);
        let both_failed = ours.is_err() && theirs.is_err();
        if statement.errors == Errors::Rowwise && verdict == Verdict::Different("codes") && both_failed {
            verdict = self.row_by_row(statement, sql);
        }
        if statement.errors == Errors::Rowwise
            && ours.as_ref().is_ok_and(|answer| answer.rows.as_deref() == Some(&[]))
            && verdict == Verdict::Different("we have no error")
        {
            verdict = Verdict::Unjudged("PostgreSQL computes constants where there is no row");
        }
        if matches!(verdict, Verdict::Different(_)) && known::is_known(sql, &ours, &theirs) {
            verdict = Verdict::Unjudged("known");
        }
        Compared { verdict, ours, theirs }
    }

    /// Compares the statement for each row alone.
    fn row_by_row(&mut self, statement: &Statement, sql: &str) -> Verdict {
        let Some((_, table)) = sql.rsplit_once(" FROM ") else { return Verdict::Different("codes") };
        let ids =
            self.client.run(&format!("SELECT id FROM {table}")).map(|answer| answer.rows.unwrap_or_default());
        for row in ids.unwrap_or_default() {
            let Some(Some(id)) = row.first() else { continue };
            let one = format!("{sql} WHERE r1.id = {id}");
            let verdict = compare(statement, &self.engine.run(&one), &self.client.run(&one));
            if let Verdict::Different(_) = verdict {
                return verdict;
            }
        }
        Verdict::Same
    }
}
