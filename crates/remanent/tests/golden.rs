//! Golden scripts: SQL beside its answers.
//!
//! Each file of `tests/golden/statements/` is a script over an empty database: blocks parted by blank lines, each a statement, a line
//! `----`, and what comes out: the columns with their types and the rows, how many rows were affected, or the
//! error with its SQLSTATE and its position (in characters from 1, as psql counts). `REMANENT_UPDATE_GOLDEN=1` writes what
//! comes out into the files.
//!
//! Before the statement may stand
//! - `-- params: 1, 'a'` gives the parameters, evaluated as SELECT evaluates them;
//! - `-- passes` prints the plan as bound and after each pass that changes it, instead of running it;
//! - `-- memory: 4096` limits what operators may hold;
//! - `-- flush` writes all rows to cold segments first;
//! - `-- rows only` has groupings read every row.
//!
//! Of EXPLAIN ANALYZE the times and the memory are recorded as `#`.

mod scripts;

use remanent::sql::execute::{Context, MemoryBudget};
use remanent::sql::expr::Planner;
use remanent::sql::functions::jsonpath::canonical;
use remanent::sql::{Prepared, ast, parse, prepare, prepare_watched};
use remanent::{Result, Value, Zone};
use remanent_storage::store::{Options, Store};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::jsonpath;
use remanent_storage::world::World;
use scripts::{describe, text};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

#[test]
fn golden_scripts_answer_as_recorded() {
    scripts::check("golden/statements", &run_script);
}

/// A store as a database opens it.
fn opened(path: &Path) -> Arc<Store> {
    jsonpath::read_with(canonical);
    Store::open(World::real(), path, Options::default()).unwrap()
}

fn run_script(script: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(&dir.path().join("golden.rem"));
    let mut out = String::new();
    for block in script.split("\n\n") {
        let (input, _) = block.split_once("\n----").unwrap_or((block, ""));
        let input = input.trim_matches('\n');
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(input);
        out.push('\n');
        if input.lines().any(|line| !line.starts_with("--")) {
            let _ = write!(out, "----\n{}", run_block(&store, input));
        }
    }
    store.close().unwrap();
    out
}

/// What comes out of a statement with its directives.
fn run_block(store: &Store, block: &str) -> String {
    let mut session =
        Session { store, limit: 64 << 20, params: Vec::new(), passes: false, planner: Planner::default() };
    let mut sql = block;
    while let Some((line, rest)) = sql.split_once('\n').filter(|(line, _)| line.starts_with("--")) {
        if let Some(params) = line.strip_prefix("-- params: ") {
            session.params = session.row(&format!("SELECT {params}")).unwrap();
        } else if let Some(limit) = line.strip_prefix("-- memory: ") {
            session.limit = limit.parse().unwrap();
        } else if line == "-- passes" {
            session.passes = true;
        } else if line == "-- flush" {
            store.flush().unwrap();
        } else if line == "-- rows only" {
            session.planner.summaries = false;
        }
        sql = rest;
    }
    let out = session.run(sql).unwrap_or_else(|error| describe(&error, sql));
    let measured = sql.starts_with("EXPLAIN") && sql.to_uppercase().contains("ANALYZE");
    if measured { masked(&out) } else { out }
}

/// A text with `#` for the numbers that differ from run to run.
fn masked(text: &str) -> String {
    const BEFORE: [&str; 5] = ["time=", "..", "Time: ", "Time\": ", "Memory: "];
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (head, tail) = rest.split_at(at);
        out.push_str(head);
        let len = tail.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(tail.len());
        // The dots between two times belong to neither.
        let (number, after) = tail.split_at(tail.find("..").map_or(len, |dots| dots.min(len)));
        let changes = BEFORE.iter().any(|before| out.ends_with(before)) || out.ends_with("Memory\": \"");
        out.push_str(if changes { "#" } else { number });
        rest = after;
    }
    out + rest
}

struct Session<'a> {
    store: &'a Store,
    limit: usize,
    params: Vec<Value>,
    passes: bool,
    planner: Planner,
}

impl Session<'_> {
    fn context(&self) -> Context {
        Context {
            world: self.store.world().clone(),
            interrupt: Arc::new(Interrupt::default()),
            instance: None,
            memory: MemoryBudget::new(self.limit),
            spill: self.store.spill().cloned(),
            now: 0,
            statement_now: 0,
            path: ["public".to_string()].into(),
            given: None,
            zone: Zone::UTC,
            settings: None,
            planner: self.planner,
        }
    }

    fn statement(&self, sql: &str) -> Result<ast::Statement> {
        let mut statements = parse::parse(sql)?;
        assert_eq!(statements.len(), 1, "one statement a block: {sql}");
        Ok(statements.remove(0))
    }

    fn run(&self, sql: &str) -> Result<String> {
        let statement = self.statement(sql)?;
        let mut txn = self.store.begin(None)?;
        let catalog = Arc::clone(txn.catalog());
        let context = self.context();
        if self.passes {
            let (mut out, mut last) = (String::new(), String::new());
            prepare_watched(&statement, &catalog, &[], &context, &mut |pass, plan| {
                let plan = plan.printed(&[], true).to_string();
                if plan != last {
                    let _ = write!(out, "{pass}:\n{plan}");
                }
                last = plan;
            })?;
            return Ok(out);
        }
        let prepared = prepare(&statement, &catalog, &[], &context)?;
        let mut execution = prepared.execute(&mut txn, self.params.clone(), &context)?;
        if !prepared.returns_rows() {
            txn.commit()?;
            return Ok(match prepared.defines() {
                true => "done\n".to_string(),
                false => format!("{} affected\n", execution.affected()),
            });
        }
        let mut out = header(&prepared);
        let mut rows = 0;
        while let Some(batch) = execution.next()? {
            let batch = batch.compact();
            assert!(batch.rows > 0, "an empty batch");
            rows += batch.rows;
            for row in 0..batch.rows {
                let values: Vec<String> =
                    batch.columns.iter().map(|column| text(&column.value(row), &Zone::UTC)).collect();
                if !values.is_empty() {
                    let _ = writeln!(out, "{}", values.join(" | "));
                }
            }
        }
        // A point read gives the same answer on its short path.
        if let Some(point) = prepared.point() {
            let row = point.read(&prepared, &txn, &self.params)?;
            assert_eq!(row.is_some(), rows == 1, "{sql}");
            if let Some(values) = row {
                let values: Vec<String> = values.iter().map(|value| text(value, &Zone::UTC)).collect();
                assert_eq!(out.lines().nth(1), Some(values.join(" | ").as_str()), "{sql}");
            }
        }
        if prepared.writes() {
            drop(execution);
            txn.commit()?;
        }
        match rows {
            0 => out.push_str("(no rows)\n"),
            1 if prepared.columns().is_empty() => out.push_str("(1 row)\n"),
            n if prepared.columns().is_empty() => _ = writeln!(out, "({n} rows)"),
            _ => {}
        }
        Ok(out)
    }

    /// The values of a query's one row.
    fn row(&self, sql: &str) -> Result<Vec<Value>> {
        let statement = self.statement(sql)?;
        let mut txn = self.store.begin(None)?;
        let catalog = Arc::clone(txn.catalog());
        let prepared = prepare(&statement, &catalog, &[], &self.context())?;
        let mut execution = prepared.execute(&mut txn, Vec::new(), &self.context())?;
        let batch = execution.next()?.unwrap();
        Ok(batch.columns.iter().map(|column| column.value(0)).collect())
    }
}

fn header(prepared: &Prepared) -> String {
    let column = |column: &remanent::sql::ResultColumn| format!("{} {}", column.name, column.type_name());
    match prepared.columns().is_empty() {
        true => "(no columns)\n".to_string(),
        false => prepared.columns().iter().map(column).collect::<Vec<_>>().join(" | ") + "\n",
    }
}

/// Long and deep statements end in an answer or an error, whatever the size of the stack.
#[test]
fn large_statements_do_not_exhaust_the_stack() {
    let dir = tempfile::tempdir().unwrap();
    let store = opened(&dir.path().join("large.rem"));
    let run = |sql: &str| {
        let session = Session {
            store: &store,
            limit: 64 << 20,
            params: Vec::new(),
            passes: false,
            planner: Planner::default(),
        };
        session.run(sql).map(|out| out.lines().count() - 1).map_err(|error| error.code())
    };
    let many = |n: usize, item: &dyn Fn(usize) -> String, between: &str| {
        (0..n).map(item).collect::<Vec<_>>().join(between)
    };
    let relations = |n| format!("SELECT 1 FROM {}", many(n, &|i| format!("(SELECT 1 AS a) AS t{i}"), ", "));
    assert_eq!(run(&relations(60)), Ok(1));
    assert_eq!(run(&relations(5000)), Err("54001"));
    let joins = |n| {
        let join = |i| format!("JOIN (SELECT 1 AS a) AS t{i} ON t{i}.a = t.a");
        format!("SELECT t.a FROM (SELECT 1 AS a) AS t {}", many(n, &join, " "))
    };
    assert_eq!(run(&joins(60)), Ok(1));
    assert_eq!(run(&joins(5000)), Err("54001"));
    let unions = |n| many(n, &|i| format!("SELECT {i}"), " UNION ALL ");
    assert_eq!(run(&unions(60)), Ok(60));
    assert!(matches!(run(&unions(20_000)), Ok(20_000) | Err("54001")));
    let derived = |n| {
        format!(
            "SELECT a FROM {} (SELECT 1 AS a) {}",
            "(SELECT a FROM ".repeat(n),
            "AS t) ".repeat(n) + "AS t"
        )
    };
    assert_eq!(run(&derived(30)), Ok(1));
    assert_eq!(run(&derived(5000)), Err("54001"));
    let conditions = |n| format!("SELECT 1 WHERE {}", many(n, &|i| format!("{i} = {i}"), " AND "));
    assert_eq!(run(&conditions(5000)), Ok(1));
    let list = |n| format!("SELECT 1 WHERE 5 IN ({})", many(n, &|i| i.to_string(), ", "));
    assert_eq!(run(&list(50_000)), Ok(1));
    // What is computed once in an execution is looked for among few.
    let moments = |n| {
        let moment = |i| format!("now() + {i} * '1 s'::interval");
        format!("SELECT 1 WHERE now() IN ({})", many(n, &moment, ", "))
    };
    assert_eq!(run(&moments(50_000)), Ok(1));
    let rows = |n| format!("VALUES {}", many(n, &|i| format!("({i})"), ", "));
    assert_eq!(run(&rows(50_000)), Ok(50_000));
    let sum = |n| format!("SELECT {}", many(n, &|i| i.to_string(), " + "));
    assert_eq!(run(&sum(100)), Ok(1));
    assert_eq!(run(&sum(50_000)), Err("54001"));
    let ctes = |n| {
        let cte = |i: usize| match i {
            0 => "c0 AS (SELECT 1 AS a)".to_string(),
            i => format!("c{i} AS (SELECT a FROM c{} UNION ALL SELECT a FROM c{})", i - 1, i - 1),
        };
        format!("WITH {} SELECT count(*) FROM c{}", many(n, &cte, ", "), n - 1)
    };
    assert_eq!(run(&ctes(8)), Ok(1));
    // Each is computed once, however often it is read: 2,048 rows, not as many plans.
    assert_eq!(run(&ctes(12)), Ok(1));
    let chain = |n| {
        let cte = |i: usize| match i {
            0 => "c0 AS (SELECT 1 AS a)".to_string(),
            i => format!("c{i} AS (SELECT a + 1 AS a FROM c{})", i - 1),
        };
        format!("WITH {} SELECT a FROM c{}", many(n, &cte, ", "), n - 1)
    };
    assert_eq!(run(&chain(50)), Ok(1));
    assert_eq!(run(&chain(5000)), Err("54001"));
}
