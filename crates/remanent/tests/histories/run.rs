//! Random transactions from several sessions at once, through the public API, and the history they make.

use super::check::Level;
use super::history::{Key, Op, Record, Value};
use remanent::{Connection, Database, Error, Result, params};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Notes, Rng, SimWorld};
use std::collections::BTreeSet;
use std::path::Path;

/// What the transactions read and write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workload {
    /// Lists that grow: one row each, by key or found by a scan.
    Lists,
    /// Registers: one row each.
    Registers,
    /// Sets of rows that a condition selects.
    Sets,
}

pub const WORKLOADS: [Workload; 3] = [Workload::Lists, Workload::Registers, Workload::Sets];

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub sessions: u64,
    pub transactions: u64,
    pub keys: u64,
}

/// What the sessions share: a clock, the next value, the history.
#[derive(Default)]
struct Shared {
    clock: u64,
    values: Value,
    history: Vec<Record>,
}

fn tick(shared: &Notes<Shared>) -> u64 {
    shared.update(|s| {
        s.clock += 1;
        s.clock
    })
}

/// The history of one seed in a simulated world, where the seed also picks who goes next.
pub fn simulated(seed: u64, level: Level, workload: Workload, size: Size) -> Vec<Record> {
    let sim = SimWorld::new(seed);
    let world = sim.world();
    sim.run(move || {
        // So little memory that rows are flushed and merged meanwhile.
        let options = Database::options().memory_limit(512 << 10).background(true);
        let db = options.open_in(world.clone(), "/db").unwrap();
        history(&world, &db, level, workload, size)
    })
}

/// The history of threads of this machine.
pub fn real(path: &Path, level: Level, workload: Workload, size: Size) -> Vec<Record> {
    let world = World::real();
    let db = Database::options().synchronous_commit(false).open(path).unwrap();
    history(&world, &db, level, workload, size)
}

/// Runs the sessions beside each other, then reads everything once more.
fn history(world: &World, db: &Database, level: Level, workload: Workload, size: Size) -> Vec<Record> {
    let conn = db.connect().unwrap();
    setup(&conn, size.keys).unwrap();
    let shared = Notes::<Shared>::default();
    let threads: Vec<_> = (0..size.sessions)
        .map(|_| {
            let (db, shared) = (db.clone(), shared.clone());
            let mut rng = Rng::new(world.random());
            let body = move || session(&db, &mut rng, &shared, level, workload, size);
            world.spawn("session", body).unwrap()
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join());
    let everything: Vec<Step> = (0..size.keys as Key).map(Step::Read).collect();
    let mut rng = Rng::new(1);
    transaction(&conn, &mut rng, &shared, Level::RepeatableRead, workload, &everything, false);
    shared.update(|s| std::mem::take(&mut s.history))
}

fn setup(conn: &Connection, keys: u64) -> Result<()> {
    conn.execute(
        "CREATE TABLE lists (id int PRIMARY KEY, items text NOT NULL);
         CREATE TABLE registers (id int PRIMARY KEY, v bigint NOT NULL);
         CREATE TABLE rows (v bigint PRIMARY KEY, id int NOT NULL)",
        params![],
    )?;
    for key in 0..keys as Key {
        conn.execute("INSERT INTO lists VALUES ($1, '')", params![key])?;
        conn.execute("INSERT INTO registers VALUES ($1, 0)", params![key])?;
    }
    // Nobody reads or writes these, but who locks all rows has so many that the lock becomes the table's.
    let many = "INSERT INTO lists SELECT g, '' FROM generate_series(1000, 1149) AS g;
         INSERT INTO registers SELECT g, 0 FROM generate_series(1000, 1149) AS g";
    conn.execute(many, params![]).map(drop)
}

/// How a value is written.
#[derive(Clone, Copy, PartialEq)]
enum Way {
    Plain,
    Merge,
    OnConflict,
    /// After the row was locked, if nobody else had it.
    Locked(&'static str),
    /// After all rows were.
    AllLocked,
}

const WAYS: [Way; 8] = [
    Way::Plain,
    Way::Plain,
    Way::Merge,
    Way::Merge,
    Way::OnConflict,
    Way::Locked("UPDATE SKIP LOCKED"),
    Way::Locked("NO KEY UPDATE"),
    Way::AllLocked,
];

#[derive(Debug, Clone, Copy)]
enum Step {
    Read(Key),
    Write(Key),
}

fn session(
    db: &Database,
    rng: &mut Rng,
    shared: &Notes<Shared>,
    level: Level,
    workload: Workload,
    size: Size,
) {
    let conn = db.connect().unwrap();
    for _ in 0..size.transactions {
        let mut steps = Vec::new();
        for _ in 0..1 + rng.below(3) {
            let key = rng.below(size.keys) as Key;
            match rng.below(10) {
                0..=3 => steps.push(Step::Read(key)),
                4..=6 => steps.push(Step::Write(key)),
                _ => steps.extend([Step::Read(key), Step::Write(key)]),
            }
        }
        let give_up = rng.one_in(12);
        transaction(&conn, rng, shared, level, workload, &steps, give_up);
    }
}

/// One transaction; one that was ended by the engine is part of the history, too.
fn transaction(
    conn: &Connection,
    rng: &mut Rng,
    shared: &Notes<Shared>,
    level: Level,
    workload: Workload,
    steps: &[Step],
    give_up: bool,
) {
    let begun = tick(shared);
    conn.execute(&format!("BEGIN ISOLATION LEVEL {}", level.sql()), params![]).unwrap();
    let mut ops = Vec::new();
    let done = steps.iter().try_for_each(|&step| one(conn, rng, shared, workload, step, &mut ops));
    let done = match done {
        Ok(()) if give_up => Ok(false),
        Ok(()) => conn.execute("COMMIT", params![]).map(|_| true),
        Err(error) => Err(error),
    };
    let committed = match done {
        Ok(committed) => committed,
        Err(error) => {
            expected(&error, level);
            false
        }
    };
    if !committed {
        conn.execute("ROLLBACK", params![]).unwrap();
    }
    let ended = tick(shared);
    shared.update(|s| s.history.push(Record { ops, committed, time: (begun, ended) }));
}

/// Only what concurrency explains.
fn expected(error: &Error, level: Level) {
    let may = match level {
        Level::ReadCommitted => &["40P01"][..],
        _ => &["40P01", "40001"],
    };
    assert!(may.contains(&error.code()), "{error}");
}

fn one(
    conn: &Connection,
    rng: &mut Rng,
    shared: &Notes<Shared>,
    workload: Workload,
    step: Step,
    ops: &mut Vec<Op>,
) -> Result<()> {
    // By key, or by a condition that no key answers.
    let scan = rng.one_in(3);
    let place = if scan { "id + 0 = $1" } else { "id = $1" };
    match step {
        Step::Read(key) => {
            let op = match workload {
                Workload::Lists => {
                    let sql = format!("SELECT items FROM lists WHERE {place}");
                    let items: String = conn.query_one(&sql, params![key])?.get(0)?;
                    Op::List(key, items.split(',').filter(|i| !i.is_empty()).map(number).collect())
                }
                Workload::Registers => {
                    let sql = format!("SELECT v FROM registers WHERE {place}");
                    Op::Read(key, conn.query_one(&sql, params![key])?.get(0)?)
                }
                Workload::Sets => {
                    let sql = format!("SELECT v FROM rows WHERE {place}");
                    let rows = conn.query(&sql, params![key])?;
                    Op::Set(key, rows.map(|row| row?.get(0)).collect::<Result<BTreeSet<Value>>>()?)
                }
            };
            ops.push(op);
        }
        Step::Write(key) => {
            let value = shared.update(|s| {
                s.values += 1;
                s.values
            });
            let (op, table, set) = match workload {
                Workload::Lists => {
                    (Op::Append(key, value), "lists", "items = t.items || ',' || $2::bigint::text")
                }
                Workload::Registers => (Op::Write(key, value), "registers", "v = $2::bigint"),
                Workload::Sets => (Op::Insert(key, value), "rows", ""),
            };
            // It counts as written even if it fails: then nobody may ever see it.
            ops.push(op);
            let way = *rng.pick(&WAYS);
            match way {
                _ if workload == Workload::Sets => {}
                Way::Locked(how) => {
                    let lock = format!("SELECT id FROM {table} WHERE {place} FOR {how}");
                    conn.query(&lock, params![key])?.try_for_each(|row| row.map(drop))?;
                }
                Way::AllLocked => {
                    let lock = format!("SELECT id FROM {table} FOR UPDATE");
                    conn.query(&lock, params![])?.try_for_each(|row| row.map(drop))?;
                }
                _ => {}
            }
            let sql = match (workload, way) {
                (Workload::Sets, Way::Merge) => {
                    "MERGE INTO rows AS t USING (SELECT $2::bigint AS v) AS s ON t.v = s.v
                     WHEN NOT MATCHED THEN INSERT VALUES (s.v, $1)"
                        .to_string()
                }
                (Workload::Sets, _) => "INSERT INTO rows VALUES ($2, $1)".to_string(),
                (_, Way::Merge) => format!(
                    "MERGE INTO {table} AS t USING (SELECT $1::int AS k) AS s ON {} WHEN MATCHED THEN UPDATE SET {set}",
                    place.replace("$1", "s.k")
                ),
                (_, Way::OnConflict) => format!(
                    "INSERT INTO {table} AS t VALUES ($1, {}) ON CONFLICT (id) DO UPDATE SET {set}",
                    if table == "lists" { "''" } else { "0" }
                ),
                _ => format!("UPDATE {table} AS t SET {set} WHERE {place}"),
            };
            let affected = conn.execute(&sql, params![key, value])?;
            assert_eq!(affected, 1, "{sql}");
        }
    }
    Ok(())
}

fn number(item: &str) -> Value {
    item.parse().unwrap_or_else(|_| panic!("{item:?} is no element of a list"))
}
