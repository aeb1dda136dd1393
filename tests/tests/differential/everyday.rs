//! Statements of one schema from a grammar: `generator/everyday.txt` is what people write every day, with values at the borders;
//! `generator/changes.txt` changes tables and their rows.
//!
//! The other generator knows the types of what it makes, so that most of it has an answer; here a statement is any derivation,
//! and that it fails alike is worth as much. A new shape of statement is a line of the grammar.

use super::generator::{Errors, Statement};
use super::tree::Sql;
use remanent_storage::world::sim::Rng;
use std::collections::BTreeMap;

static EVERYDAY: &str = include_str!("generator/everyday.txt");
static CHANGES: &str = include_str!("generator/changes.txt");

/// How deep rules lead into each other before they end.
const DEPTH: usize = 12;

/// The schema and its rows; `w` is what statements write to.
static SCHEMA: &[&str] = &[
    "CREATE TABLE p (id integer PRIMARY KEY, a integer, b bigint, n numeric, f double precision, s text, d date, \
     ts timestamp, tz timestamptz, iv interval, bo boolean, ia integer[], ta text[], j jsonb, jj json, v varchar(5), \
     c char(4), by bytea)",
    "INSERT INTO p VALUES \
     (1, 1, 10, 1.5, 0.5, 'abc', '2024-01-15', '2024-01-15 10:00', '2024-01-15 10:00+00', '1 day', true, '{1,2,3}', \
      '{a,b}', '{\"a\": 1, \"n\": 7, \"s\": \"x\"}', '{\"a\": 1}', 'abc', 'ab', '\\x00ff'), \
     (2, 1, 20, 1.50, 1.5, 'ab', '2024-01-31', '2024-01-31 23:59:59.999', '2024-07-01 00:00+00', '1 mon', false, \
      '{2,NULL}', '{b,NULL}', '{\"a\": {\"b\": 2}, \"n\": 8}', '[1, 2]', 'b', 'b', '\\x'), \
     (3, 2, NULL, 10, -2, NULL, '2023-12-31', NULL, NULL, '-1 day', NULL, NULL, NULL, 'null', 'null', NULL, NULL, NULL), \
     (4, 3, 9223372036854775807, 2.25, 1e300, 'Zeta', NULL, '2024-02-29 00:00', '2024-02-29 12:00+00', '25:00:00', true, \
      '{}', '{}', '[1, 2]', '\"t\"', 'Zeta', 'Z', '\\x41'), \
     (5, NULL, -5, NULL, 'NaN', 'a%b', 'infinity', 'infinity', 'infinity', NULL, true, '{5}', '{x}', NULL, NULL, 'a%b', \
      'a%b', '\\x61'), \
     (6, NULL, 20, 'NaN', '-Infinity', '', '0044-03-15 BC', '0001-01-01 00:00', '1970-01-01 00:00+00', '1 year', false, \
      '{1,1}', '{\"\",c}', '{}', '{}', '', '', '\\x00'), \
     (7, 2147483647, 0, -1.25, 0, 'a', '2024-01-15', '2024-01-15 10:00', NULL, '24:00:00', NULL, '{3,2,1}', NULL, \
      '{\"a\": 1}', '{\"a\": 1}', 'a', 'a', NULL), \
     (8, 3, 10, 10.00, 10, 'aaa', '1999-12-31', '1999-12-31 23:59', '1999-12-31 23:59+00', '30 days', false, '{NULL}', \
      '{aaa}', '{\"n\": null, \"a\": [1, 2]}', '[]', 'aaa', 'aaa', '\\xdeadbeef')",
    "CREATE TABLE q (id integer PRIMARY KEY, p integer, a integer, s text, n numeric(8,2), j jsonb)",
    "INSERT INTO q VALUES (1, NULL, 1, 'abc', 1.5, '{\"a\": 1}'), (2, 1, 2, 'x y', NULL, '[1]'), (3, 1, NULL, NULL, 10, \
     NULL), (4, 2, 3, '', -1.25, '{\"a\": {\"b\": 2}}'), (5, 4, 1, 'ab', 2.25, '\"s\"'), (6, 4, 3, 'a\"b', 0, '{}'), \
     (9, NULL, 3, 'Zeta', 99999.99, 'null')",
    "CREATE TABLE e (id integer, x text)",
    "CREATE TABLE w (k integer PRIMARY KEY, v integer CHECK (v < 100), t text UNIQUE, n numeric DEFAULT 1.5)",
    "INSERT INTO w (k, v, t) VALUES (1, 5, 'a'), (2, 6, 'b'), (3, NULL, NULL)",
];

/// The schema of tables that change; `z` is what statements write to.
static CHANGING: &[&str] = &[
    "CREATE TABLE z (id integer PRIMARY KEY, a integer, b text DEFAULT 'd', n numeric(6,2))",
    "INSERT INTO z VALUES (1, 1, 'one', 1.5), (2, 2, NULL, 2), (3, NULL, 'three', NULL), (4, 7, '7', 7), (5, 7, 'five', -1)",
    "CREATE TABLE o (id integer PRIMARY KEY, x text)",
    "INSERT INTO o VALUES (1, 'y'), (2, 'q'), (4, NULL), (7, 'y'), (8, '12'), (9, '1')",
];

/// A grammar and the schema of its statements.
pub struct Grammar {
    rules: BTreeMap<&'static str, Vec<&'static str>>,
    /// What makes the tables and their rows.
    pub schema: &'static [&'static str],
    /// The table that statements write to.
    written: &'static str,
}

impl Grammar {
    /// What people write every day.
    pub fn everyday() -> Grammar {
        Grammar::of(EVERYDAY, SCHEMA, "w")
    }

    /// Changes of tables.
    pub fn changes() -> Grammar {
        Grammar::of(CHANGES, CHANGING, "z")
    }

    fn of(text: &'static str, schema: &'static [&'static str], written: &'static str) -> Grammar {
        let (mut rules, mut name): (BTreeMap<&str, Vec<&str>>, &str) = (BTreeMap::new(), "");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            match line.strip_prefix("    ") {
                Some(alternative) => rules.entry(name).or_default().push(alternative),
                // An empty line within a rule is an alternative that is empty.
                None if line.is_empty() => rules.entry(name).or_default().push(""),
                None => name = line,
            }
        }
        Grammar { rules, schema, written }
    }

    /// A statement.
    pub fn statement(&self, rng: &mut Rng) -> Statement {
        let mut text = String::new();
        self.derive("statement", 0, rng, &mut text);
        let (errors, writes, text) = match text.split_at_checked(1) {
            Some(("!", rest)) => (Errors::Certain, false, rest),
            Some(("$", rest)) => (Errors::Any, true, rest),
            _ => (Errors::Any, false, text.as_str()),
        };
        let sql = match text.split_once(" @ORDER BY") {
            Some((query, order)) => {
                let order = Sql::Order(Box::new(Sql::text(format!(" ORDER BY{order}"))));
                Sql::Seq(vec![Sql::text(query), order])
            }
            None => Sql::text(text),
        };
        let merges = ["GROUP BY", "DISTINCT", "UNION", "INTERSECT", "EXCEPT", "min(", "max(", "mode("];
        Statement {
            sql,
            errors,
            approximate: true,
            representative: merges.iter().any(|word| text.contains(word)),
            writes,
            undone: false,
            looks_at: writes.then(|| self.written.to_owned()),
        }
    }

    fn derive(&self, rule: &str, depth: usize, rng: &mut Rng, out: &mut String) {
        let alternatives = &self.rules[rule];
        let chosen = if depth > DEPTH { alternatives[0] } else { *rng.pick(alternatives) };
        let mut rest = chosen;
        while let Some((before, behind)) = rest.split_once('{') {
            out.push_str(before);
            match behind.split_once('}').filter(|(name, _)| self.rules.contains_key(name)) {
                Some((name, behind)) => {
                    self.derive(name, depth + 1, rng, out);
                    rest = behind;
                }
                None => {
                    out.push('{');
                    rest = behind;
                }
            }
        }
        out.push_str(rest);
    }
}
