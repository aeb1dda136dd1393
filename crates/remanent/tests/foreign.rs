//! Foreign keys under random statements, beside a naive model: three tables with every action, transactions with savepoints
//! that are rolled back, deferred constraints, rows hot and cold. After each transaction no row names one that is not there,
//! and the tables are what the model says.

use remanent::{Connection, Database, Error, params};
use std::collections::BTreeMap;

/// What a parent's going does to the rows that name it.
#[derive(Clone, Copy, PartialEq)]
enum Action {
    Nothing,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

const ACTIONS: [(Action, &str); 5] = [
    (Action::Nothing, "NO ACTION"),
    (Action::Restrict, "RESTRICT"),
    (Action::Cascade, "CASCADE"),
    (Action::SetNull, "SET NULL"),
    (Action::SetDefault, "SET DEFAULT"),
];

/// The default of each child's column.
const DEFAULT: i64 = 1;

/// Rows of each table: what they name. Table 0 names itself, 1 names 0, 2 names 1.
#[derive(Clone, PartialEq, Debug)]
struct Model {
    tables: [BTreeMap<i64, Option<i64>>; 3],
}

/// How the tables are declared.
#[derive(Clone, Copy)]
struct Plan {
    deleted: [Action; 3],
    updated: [Action; 3],
    deferred: [bool; 3],
}

/// Which table a table names.
fn parent(table: usize) -> usize {
    table.saturating_sub(1)
}

fn children(table: usize) -> impl Iterator<Item = usize> {
    (0..3).filter(move |&child| parent(child) == table)
}

/// What went, or became something else, and waits for its turn.
struct Gone {
    child: usize,
    old: i64,
    new: Option<i64>,
}

impl Model {
    /// Writes the statement's rows, then acts in turn; false: it fails.
    fn apply(&mut self, plan: &Plan, statement: &Statement, at_commit: &[bool; 3]) -> bool {
        let mut queue: Vec<Gone> = Vec::new();
        match *statement {
            Statement::Insert(table, key, named) => {
                if self.tables[table].contains_key(&key) {
                    return false;
                }
                self.tables[table].insert(key, named);
            }
            Statement::Delete(table, low, high) => {
                let gone: Vec<i64> = self.tables[table].range(low..high).map(|(key, _)| *key).collect();
                for old in gone {
                    self.tables[table].remove(&old);
                    queue.extend(children(table).map(|child| Gone { child, old, new: None }));
                }
            }
            Statement::Move(table, old, new) => {
                if old == new {
                    return true;
                }
                let Some(named) = self.tables[table].remove(&old) else { return true };
                if self.tables[table].insert(new, named).is_some() {
                    return false;
                }
                queue.extend(children(table).map(|child| Gone { child, old, new: Some(new) }));
            }
            Statement::Name(table, key, named) => {
                if let Some(held) = self.tables[table].get_mut(&key) {
                    *held = named;
                }
            }
        }
        let mut next = 0;
        while next < queue.len() {
            let Gone { child, old, new } = queue[next];
            next += 1;
            let action = if new.is_some() { plan.updated[child] } else { plan.deleted[child] };
            let rows: Vec<i64> = self.tables[child]
                .iter()
                .filter(|(_, named)| **named == Some(old))
                .map(|(key, _)| *key)
                .collect();
            let again = self.tables[parent(child)].contains_key(&old);
            let to = match action {
                Action::Nothing if at_commit[child] => continue,
                Action::Nothing if !rows.is_empty() && !again => return false,
                Action::Restrict if !rows.is_empty() => return false,
                Action::Nothing | Action::Restrict => continue,
                Action::Cascade if new.is_none() => {
                    for row in rows {
                        self.tables[child].remove(&row);
                        queue.extend(children(child).map(|child| Gone { child, old: row, new: None }));
                    }
                    continue;
                }
                Action::Cascade => new,
                Action::SetNull => None,
                Action::SetDefault => Some(DEFAULT),
            };
            for row in rows {
                self.tables[child].insert(row, to);
            }
            let left = self.tables[child].values().any(|named| *named == Some(old));
            if action == Action::SetDefault && left && !self.tables[parent(child)].contains_key(&old) {
                return false;
            }
        }
        (0..3).all(|table| at_commit[table] || self.holds(table))
    }

    /// True if no row of a table names one that is not there.
    fn holds(&self, table: usize) -> bool {
        self.tables[table].values().flatten().all(|named| self.tables[parent(table)].contains_key(named))
    }
}

#[derive(Debug, Clone, Copy)]
enum Statement {
    Insert(usize, i64, Option<i64>),
    Delete(usize, i64, i64),
    /// Another key.
    Move(usize, i64, i64),
    /// Another parent.
    Name(usize, i64, Option<i64>),
}

impl Statement {
    fn random(random: &mut Random) -> Self {
        let (table, key) = (random.below(3) as usize, random.below(12));
        let named = |random: &mut Random| (random.below(5) > 0).then(|| random.below(12));
        match random.below(8) {
            0..=3 => Statement::Insert(table, key, named(random)),
            4 => Statement::Delete(table, key, key + 1 + random.below(3)),
            5 | 6 => Statement::Move(table, key, random.below(12)),
            _ => Statement::Name(table, key, named(random)),
        }
    }

    fn sql(self) -> String {
        let text = |named: Option<i64>| named.map_or("NULL".to_string(), |named| named.to_string());
        match self {
            Statement::Insert(table, key, named) => {
                format!("INSERT INTO t{table} VALUES ({key}, {})", text(named))
            }
            Statement::Delete(table, low, high) => {
                format!("DELETE FROM t{table} WHERE id >= {low} AND id < {high}")
            }
            Statement::Move(table, old, new) => format!("UPDATE t{table} SET id = {new} WHERE id = {old}"),
            Statement::Name(table, key, named) => {
                format!("UPDATE t{table} SET named = {} WHERE id = {key}", text(named))
            }
        }
    }
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> i64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n) as i64
    }
}

fn tables(connection: &Connection) -> Model {
    let read = |table: usize| {
        let rows = connection.query(&format!("SELECT id, named FROM t{table}"), params![]).unwrap();
        rows.map(|row| row.map(|row| (row.get(0).unwrap(), row.get(1).unwrap())))
            .collect::<Result<_, _>>()
            .unwrap()
    };
    Model { tables: [read(0), read(1), read(2)] }
}

fn create(connection: &Connection, plan: &Plan, indexed: bool) {
    for table in 0..3 {
        let word = |action: Action| ACTIONS.iter().find(|(known, _)| *known == action).unwrap().1;
        let deferred = if plan.deferred[table] { "DEFERRABLE INITIALLY DEFERRED" } else { "" };
        let sql = format!(
            "CREATE TABLE t{table} (id bigint PRIMARY KEY, named bigint DEFAULT {DEFAULT} \
             REFERENCES t{} ON DELETE {} ON UPDATE {} {deferred})",
            parent(table),
            word(plan.deleted[table]),
            word(plan.updated[table]),
        );
        connection.execute(&sql, params![]).unwrap();
        if indexed {
            connection.execute(&format!("CREATE INDEX ON t{table} (named)"), params![]).unwrap();
        }
    }
}

#[test]
fn no_row_names_one_that_is_not_there() {
    for seed in 0..30 {
        let mut random = Random(seed);
        let mut action = || ACTIONS[random.below(5) as usize].0;
        let (deleted, updated) = ([action(), action(), action()], [action(), action(), action()]);
        let deferred = [(); 3].map(|()| random.below(3) == 0);
        let plan = Plan { deleted, updated, deferred };
        let dir = tempfile::tempdir().unwrap();
        let database = Database::open(dir.path().join("model.rem")).unwrap();
        let connection = database.connect().unwrap();
        connection.execute("SET synchronous_commit = off", params![]).unwrap();
        create(&connection, &plan, seed % 2 == 0);
        let mut model = tables(&connection);
        for round in 0..40 {
            let context = format!("seed {seed}, round {round}");
            model = transaction(&connection, &plan, model, &mut random, &context);
            assert_eq!(tables(&connection), model, "{context}");
            assert!((0..3).all(|table| model.holds(table)), "{context}: a row without its parent");
            if round % 10 == 9 {
                database.flush().unwrap();
            }
        }
    }
}

/// A transaction of some statements, on the database and on the model.
fn transaction(
    connection: &Connection,
    plan: &Plan,
    before: Model,
    random: &mut Random,
    context: &str,
) -> Model {
    let run = |sql: &str| connection.execute(sql, params![]);
    let mut model = before.clone();
    run("BEGIN").unwrap();
    for _ in 0..1 + random.below(6) {
        let (saved, undone) = (model.clone(), random.below(4) == 0);
        run("SAVEPOINT s").unwrap();
        let statement = Statement::random(random);
        let holds = model.apply(plan, &statement, &plan.deferred);
        let done = run(&statement.sql());
        assert_eq!(done.is_ok(), holds, "{context}: {statement:?}: {done:?}");
        if done.is_err() || undone {
            run("ROLLBACK TO s").unwrap();
            model = saved;
        }
    }
    let holds = (0..3).all(|table| model.holds(table));
    let done = run("COMMIT");
    assert_eq!(done.is_ok(), holds, "{context}: {done:?}");
    assert!(done.as_ref().err().map(Error::code).is_none_or(|code| code == "23503"), "{context}: {done:?}");
    if holds { model } else { before }
}

/// Children come before their parents, rows by the ten thousand: in one statement, by COPY, by an appender, deferred.
#[test]
fn large_loads_are_checked() {
    const ROWS: i64 = 30_000;
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("large.rem")).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, params![]).map_err(|error| error.code());
    run("CREATE TABLE p (id bigint PRIMARY KEY, up bigint REFERENCES p)").unwrap();
    run("CREATE TABLE c (id bigint PRIMARY KEY, pid bigint REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
        .unwrap();
    // Each names the next; the last itself.
    let chain = format!("INSERT INTO p SELECT i, least(i + 1, {ROWS}) FROM generate_series(1, {ROWS}) i");
    assert_eq!(run(&chain), Ok(ROWS as u64));
    assert_eq!(run("DELETE FROM p WHERE id > 1"), Err("23503"));
    assert_eq!(run("DELETE FROM p"), Ok(ROWS as u64));
    let lines: String = (1..=ROWS).map(|i| format!("{i}\t{}\n", (i + 1).min(ROWS))).collect();
    let copied = connection.copy_in("COPY p FROM STDIN", lines.as_bytes());
    assert_eq!(copied.map_err(|error| error.code()), Ok(ROWS as u64));
    let orphan = connection.copy_in("COPY p FROM STDIN", format!("{}\t{}\n", ROWS + 1, ROWS + 2).as_bytes());
    assert_eq!(orphan.map_err(|error| error.code()), Err("23503"));
    run("BEGIN").unwrap();
    run(&format!("INSERT INTO c SELECT i, i + {ROWS} FROM generate_series(1, {ROWS}) i")).unwrap();
    run(&format!("INSERT INTO p SELECT i FROM generate_series({ROWS} + 1, 2 * {ROWS}) i")).unwrap();
    run("COMMIT").unwrap();
    run("BEGIN").unwrap();
    run(&format!("INSERT INTO c SELECT i, 3 * {ROWS} + i FROM generate_series({ROWS} + 1, 2 * {ROWS}) i"))
        .unwrap();
    assert_eq!(run("COMMIT"), Err("23503"));
    let mut rows = connection.appender("c").unwrap();
    for i in 0..5000i64 {
        rows.append(params![ROWS + 1 + i, 1 + i]).unwrap();
    }
    assert_eq!(rows.finish().map_err(|error| error.code()), Ok(5000));
    let mut rows = connection.appender("c").unwrap();
    rows.append(params![-1i64, -1i64]).unwrap();
    assert_eq!(rows.finish().map_err(|error| error.code()), Err("23503"));
}

/// Keys that outgrow what is remembered of them: what is left to look at is found again among the rows.
#[test]
fn keys_beyond_memory_are_looked_at_again() {
    const ROWS: i64 = 8_000;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wide.rem");
    let database = Database::options().memory_limit(24 << 20).open(&path).unwrap();
    let connection = database.connect().unwrap();
    let run = |sql: &str| connection.execute(sql, params![]).map_err(|error| error.code());
    let key = "repeat(i::text, 400)";
    run("CREATE TABLE p (id text PRIMARY KEY, n bigint)").unwrap();
    run("CREATE TABLE c (n bigint PRIMARY KEY, pid text REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE)")
        .unwrap();
    run("CREATE TABLE d (n bigint PRIMARY KEY, pid text REFERENCES p DEFERRABLE INITIALLY DEFERRED)")
        .unwrap();
    let rows = format!("FROM generate_series(1, {ROWS}) i");
    // Children first, and parents for all of them, or for all but one.
    run("BEGIN").unwrap();
    run(&format!("INSERT INTO d SELECT i, {key} {rows}")).unwrap();
    run(&format!("INSERT INTO p SELECT {key}, i {rows} WHERE i <> 77")).unwrap();
    assert_eq!(run("COMMIT"), Err("23503"));
    run("BEGIN").unwrap();
    run(&format!("INSERT INTO d SELECT i, {key} {rows}")).unwrap();
    run(&format!("INSERT INTO p SELECT {key}, i {rows}")).unwrap();
    run("COMMIT").unwrap();
    // Parents go before their children.
    run("BEGIN").unwrap();
    run("DELETE FROM p").unwrap();
    run("DELETE FROM d WHERE n <> 77").unwrap();
    assert_eq!(run("COMMIT"), Err("23503"));
    run("BEGIN").unwrap();
    run("DELETE FROM p WHERE n <= 4000").unwrap();
    run("DELETE FROM d WHERE n <= 4000").unwrap();
    run("COMMIT").unwrap();
    run("DELETE FROM d").unwrap();
    // Actions for some of very many keys.
    run("INSERT INTO c SELECT n, id FROM p WHERE n % 100 = 0 OR n = 4960").unwrap();
    assert_eq!(run("UPDATE p SET id = 'x' || id WHERE n % 1000 < 900"), Ok(3_600));
    assert_eq!(run("DELETE FROM p WHERE n % 1000 < 950"), Ok(3_800));
    let left = connection.query("SELECT n FROM c ORDER BY n", params![]).unwrap();
    let left: Vec<i64> = left.map(|row| row.unwrap().get(0).unwrap()).collect();
    assert_eq!(left, [4960]);
}
