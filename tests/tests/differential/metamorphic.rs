//! What needs no other database: a query and what must follow from it.
//!
//! - *Partition* (TLP: Rigger, Su, "Finding bugs in database systems via query partitioning", OOPSLA 2020): the rows where a
//!   condition is true, where it is false and where it is NULL are together the rows without it.
//! - *Count* (NoREC: the same, "Detecting optimization bugs in database engines via non-optimizing reference engine
//!   construction", FSE 2020): as many rows pass a WHERE as there are for which the select list says that the condition holds.
//! - *Hot and cold*: the rows are the same whether they lie in memory, on disk, in many segments, in merged ones, or have been
//!   read from the files of a database that was closed.
//!
//! The joins are those that PostgreSQL has not (ASOF) and those it has.

use super::engine::Engine;
use super::generator::{Maker, Vocabulary};
use super::outcome::{Failure, Outcome, show};

/// How many pairs of a FROM clause and a condition a seed tries.
const QUERIES: usize = 25;
/// How often all rows are written again as they are, each time to segments of their own.
const REWRITES: usize = 6;

/// Runs a seed; what did not follow.
pub fn run_seed(words: &Vocabulary, seed: u64) -> Result<usize, String> {
    let mut maker = Maker::new(seed, words);
    let mut engine = Engine::new();
    for statement in maker.schema() {
        let sql = statement.sql.to_string();
        if let Err(failure) = engine.run(&sql) {
            // A seed whose tables cannot be made says nothing; the other test says why.
            return if failure.is_of_data() { Ok(0) } else { Err(format!("{sql}\n{failure}")) };
        }
    }
    let mut hot = Vec::new();
    for _ in 0..QUERIES {
        let (from, condition) = maker.partition();
        follows(&engine, &from, &condition)?;
        let sql = format!("SELECT * FROM {from} WHERE {condition}");
        hot.push((rows(&engine.run(&sql)), sql));
    }
    let again = |engine: &Engine, when: &str| {
        hot.iter().try_for_each(|(before, sql)| {
            let after = engine.run(sql);
            match rows(&after) == *before {
                true => Ok(()),
                false => Err(format!("{when}: {sql}\nbefore: {before:?}\nafter: {}", show(&after))),
            }
        })
    };
    engine.flush();
    again(&engine, "flushed")?;
    for _ in 0..REWRITES {
        for table in &maker.tables {
            let Some(field) = table.written().nth(1) else { continue };
            let sql = format!("UPDATE {} SET {} = {} WHERE id % 2 = 0", table.name, field.name, field.name);
            engine.run(&sql).map_err(|failure| format!("{sql}\n{failure}"))?;
        }
        engine.flush();
        again(&engine, "rewritten")?;
    }
    engine.reopen();
    again(&engine, "opened again")?;
    Ok(QUERIES * (5 + 1 + REWRITES + 1))
}

/// What must follow for a FROM clause and a condition.
fn follows(engine: &Engine, from: &str, condition: &str) -> Result<(), String> {
    let query = |filter: &str| engine.run(&format!("SELECT * FROM {from}{filter}"));
    let all = query("");
    let parts = [condition.to_owned(), format!("NOT {condition}"), format!("{condition} IS NULL")];
    let parts = parts.map(|part| query(&format!(" WHERE {part}")));
    if all.is_err() || parts.iter().any(Result::is_err) {
        // What cannot fail was asked for, so an error is one of the statement, of all forms of it.
        let of_data = parts.iter().filter_map(|part| part.as_ref().err()).any(Failure::is_of_data);
        return match of_data || parts.iter().all(Result::is_err) {
            true => Ok(()),
            false => Err(format!(
                "some fail: SELECT * FROM {from} WHERE {condition}\n{}",
                parts.map(|p| show(&p)).join("")
            )),
        };
    }
    let mut together: Vec<_> = parts.iter().flat_map(rows).collect();
    together.sort();
    if rows(&all) != together {
        return Err(format!(
            "the parts are not the whole: SELECT * FROM {from} WHERE {condition}\nwhole: {}true: {}false: {}NULL: {}",
            show(&all),
            show(&parts[0]),
            show(&parts[1]),
            show(&parts[2])
        ));
    }
    let counted = engine.run(&format!("SELECT count(*) FROM {from} WHERE {condition}"));
    let summed = engine.run(&format!("SELECT count(CASE WHEN {condition} THEN 1 END) FROM {from}"));
    match rows(&counted) == rows(&summed) {
        true => Ok(()),
        false => Err(format!(
            "WHERE passes another number than the select list: {from} WHERE {condition}\n{}{}",
            show(&counted),
            show(&summed)
        )),
    }
}

/// The rows in an order of their own; an error as its SQLSTATE.
fn rows(outcome: &Outcome) -> Vec<Vec<Option<String>>> {
    match outcome {
        Ok(answer) => {
            let mut rows = answer.rows.clone().unwrap_or_default();
            rows.sort();
            rows
        }
        Err(failure) => vec![vec![Some(failure.code.clone())]],
    }
}
