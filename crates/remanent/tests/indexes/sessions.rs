//! Sessions beside each other that use all that writes: MERGE, ON CONFLICT, row locks that become the table's, savepoints, deferred
//! foreign keys and appenders, beside ALTER TABLE and indexes of every kind that are made and dropped; and where the power goes.
//!
//! A transaction moves amounts between rows, in sum nothing, and writes in its journal what it moved. A row that has nothing goes. So
//! what must be there follows from the journal, in whatever order its transactions committed.

use super::building::{KINDS, ask, create, insert};
use super::harness::answer;
use remanent::{Connection, Database, Error, Result, Value, params};
use remanent_storage::store::{check, manifest};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng, SimWorld, seeds};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const SESSIONS: usize = 3;
/// Rows that have amounts; others have none, and only fill the table.
const MOVING: u64 = 60;
const FILLING: i64 = 400;
const HOME: &str = "i.rem";

/// What was acknowledged.
#[derive(Clone, Default)]
struct Seen {
    made: bool,
    /// How many transactions of each session are durable.
    durable: [i64; SESSIONS],
    /// How many rows each session has appended, whether that was committed or not.
    appended: [i64; SESSIONS],
}

/// What a transaction does beside others, as its journal has it.
#[derive(Default)]
struct Moves {
    amounts: BTreeMap<i64, i64>,
    /// The first row that it appended and how many.
    appended: Option<(i64, i64)>,
    /// Which steps it took, for those who look for a fault.
    steps: Vec<u64>,
}

impl Moves {
    fn add(&mut self, moves: &[(i64, i64)]) {
        moves.iter().for_each(|(id, by)| *self.amounts.entry(*id).or_default() += by);
    }

    fn journal(&self) -> String {
        let amounts = self.amounts.iter().map(|(id, by)| format!("{id}:{by}"));
        let appended = self.appended.iter().map(|(first, rows)| format!("a{first}:{rows}"));
        let steps = self.steps.iter().map(|step| format!("step {step}"));
        amounts.chain(appended).chain(steps).collect::<Vec<_>>().join(",")
    }
}

/// What others may do to a statement.
fn expected(error: &Error) -> bool {
    // A MERGE inserts what has come meanwhile; an appender's rows lack a column that came; and there is so little memory that not
    // every join has enough.
    ["40P01", "40001", "23505", "42601", "42804", "53200"].contains(&error.code())
}

fn run(conn: &Connection, sql: &str) -> Result<u64> {
    conn.execute(sql, params![])
}

/// Amounts that sum up to nothing.
fn draw(rng: &mut Rng) -> Vec<(i64, i64)> {
    let ids: BTreeSet<i64> = (0..2 + rng.below(10)).map(|_| rng.below(MOVING) as i64).collect();
    let mut moves: Vec<(i64, i64)> = ids.into_iter().map(|id| (id, rng.below(7) as i64 - 3)).collect();
    let rest = -moves.iter().map(|(_, by)| by).sum::<i64>();
    moves.push((MOVING as i64, rest));
    moves.retain(|(_, by)| *by != 0);
    moves
}

/// The moves as rows with all columns.
fn source(moves: &[(i64, i64)], of: u64) -> String {
    let values: Vec<String> = moves.iter().map(|(id, by)| format!("({id}, {by})")).collect();
    format!(
        "(SELECT id::bigint AS id, by::bigint AS by, h % 7 AS n, 'it slips, grip' || h % 5 AS word,
             ARRAY['a' || h % 4, 'b'] AS tags,
             jsonb_build_object('a', h % 6, 'b', jsonb_build_array(h % 3)) AS doc,
             (SELECT array_agg(sin(h * k)) FROM generate_series(1, 20) AS k)::vector AS v
         FROM (SELECT id, by, id * {of} % 1009 AS h FROM (VALUES {}) AS m (id, by)) AS m)",
        values.join(", ")
    )
}

fn merge(conn: &Connection, moves: &[(i64, i64)], of: u64) -> Result<()> {
    if moves.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "MERGE INTO t USING {} AS s ON t.id = s.id
             WHEN MATCHED AND t.amount + s.by = 0 THEN DELETE
             WHEN MATCHED THEN UPDATE SET amount = t.amount + s.by, n = s.n, word = s.word, tags = s.tags, doc = s.doc, v = s.v
             WHEN NOT MATCHED THEN INSERT (id, amount, n, word, tags, doc, v)
                 VALUES (s.id, s.by, s.n, s.word, s.tags, s.doc, s.v)",
        source(moves, of)
    );
    assert_eq!(run(conn, &sql)?, moves.len() as u64);
    Ok(())
}

fn upsert(conn: &Connection, moves: &[(i64, i64)], of: u64) -> Result<()> {
    if moves.is_empty() {
        return Ok(());
    }
    let ids: Vec<String> = moves.iter().map(|(id, _)| id.to_string()).collect();
    let sql = format!(
        "INSERT INTO t AS t (id, amount, n, word, tags, doc, v) SELECT * FROM {} AS s
             ON CONFLICT (id) DO UPDATE SET amount = t.amount + excluded.amount, n = excluded.n, tags = excluded.tags",
        source(moves, of)
    );
    run(conn, &sql)?;
    run(conn, &format!("DELETE FROM t WHERE amount = 0 AND id IN ({})", ids.join(", "))).map(drop)
}

/// One step of a transaction.
fn step(conn: &Connection, me: usize, rng: &mut Rng, moves: &mut Moves, notes: &Notes<Seen>) -> Result<()> {
    let (drawn, of) = (draw(rng), 1 + rng.below(40));
    let what = rng.below(9);
    moves.steps.push(what);
    match what {
        0 | 1 => {
            merge(conn, &drawn, of)?;
            moves.add(&drawn);
        }
        2 => {
            upsert(conn, &drawn, of)?;
            moves.add(&drawn);
        }
        3 => {
            // So many that the lock becomes the table's.
            let strength = *rng.pick(&["UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE"]);
            run(conn, &format!("SELECT count(*) FROM (SELECT id FROM t FOR {strength}) AS all_rows"))?;
            merge(conn, &drawn, of)?;
            moves.add(&drawn);
        }
        4 => {
            run(conn, "SAVEPOINT s")?;
            merge(conn, &drawn, of)?;
            if rng.one_in(2) {
                run(conn, "SELECT id FROM t ORDER BY id FOR UPDATE")?;
            }
            run(conn, "ROLLBACK TO s")?;
            let again = draw(rng);
            merge(conn, &again, of)?;
            run(conn, "RELEASE s")?;
            moves.add(&again);
        }
        5 => {
            // Names what comes later; what it named before goes.
            let parent = (me as i64 + 1) * 1_000_000 + rng.below(1_000_000) as i64;
            run(conn, &format!("UPDATE t SET up = {parent} WHERE id % 41 = {}", rng.below(41)))?;
            merge(conn, &drawn, of)?;
            let sql = format!(
                "MERGE INTO p USING (SELECT {parent}::bigint AS id UNION SELECT min(id) FROM p WHERE id / 1000000 = {}) AS s
                     ON p.id = s.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED AND s.id IS NOT NULL THEN INSERT VALUES (s.id, 'p')",
                me + 1
            );
            run(conn, &sql)?;
            moves.add(&drawn);
        }
        6 => {
            run(
                conn,
                &format!(
                    "UPDATE t SET n = n + 1, v = v * v, word = 'grip' || n WHERE id % 37 = {}",
                    rng.below(37)
                ),
            )?;
        }
        7 if moves.appended.is_none() => {
            let rows = 1 + rng.below(80) as i64;
            let first = notes.update(|seen| {
                let first = seen.appended[me];
                seen.appended[me] += rows;
                first + me as i64 * 1_000_000
            });
            let named = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'a'::regclass AND attnum > 0";
            let columns: i64 = conn.query_one(named, params![])?.get(0)?;
            let mut appender = conn.appender("a")?;
            for id in first..first + rows {
                let note = format!("{id}").repeat(9);
                let row: Vec<Value> = [Value::Int8(id), Value::Text(note)]
                    .into_iter()
                    .chain((2..columns).map(|_| Value::Int4(1)))
                    .collect();
                appender.append(&row[..])?;
            }
            appender.finish()?;
            moves.appended = Some((first, rows));
        }
        _ => {
            run(conn, "SELECT id FROM t WHERE id < 60 ORDER BY id LIMIT 5 FOR UPDATE SKIP LOCKED")?;
        }
    }
    Ok(())
}

fn session(db: &Database, me: usize, transactions: i64, rng: &mut Rng, notes: &Notes<Seen>) -> Result<()> {
    let conn = db.connect()?;
    let (mut done, mut tries) = (0, 0);
    while done < transactions && tries < 4 * transactions {
        tries += 1;
        let durable = !rng.one_in(3);
        let level = *rng.pick(&["READ COMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"]);
        run(&conn, &format!("BEGIN ISOLATION LEVEL {level}"))?;
        run(&conn, &format!("SET LOCAL synchronous_commit = {durable}"))?;
        let mut moves = Moves::default();
        let steps = 1 + rng.below(3);
        let all = (0..steps).try_for_each(|_| step(&conn, me, rng, &mut moves, notes));
        let all = all.and_then(|()| {
            run(&conn, &format!("INSERT INTO j VALUES ({me}, {done}, '{}')", moves.journal() + "," + level))
                .map(drop)
        });
        let all = match all {
            Ok(()) if rng.one_in(6) => Ok(false),
            Ok(()) => run(&conn, "COMMIT").map(|_| true),
            Err(error) => Err(error),
        };
        match all {
            Ok(true) => {
                done += 1;
                if durable {
                    notes.update(|seen| seen.durable[me] = done);
                }
            }
            Ok(false) => run(&conn, "ROLLBACK").map(drop)?,
            Err(error) if expected(&error) => run(&conn, "ROLLBACK").map(drop)?,
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Columns come and go, and indexes of every kind.
fn define(db: &Database, rounds: u64, rng: &mut Rng) -> Result<()> {
    let conn = db.connect()?;
    for round in 0..rounds {
        let kind = rng.pick(KINDS);
        let how = *rng.pick(&["", "CONCURRENTLY"]);
        let (other, table) = (rng.below(round + 1), *rng.pick(&["t", "a"]));
        let sql = match rng.below(7) {
            0 | 1 => format!("ALTER TABLE {table} ADD COLUMN x{round} int DEFAULT 1"),
            2 => format!("ALTER TABLE {table} DROP COLUMN IF EXISTS x{other}"),
            3 => format!("DROP INDEX IF EXISTS i{other}"),
            4 => "REINDEX TABLE t".to_string(),
            _ => format!("CREATE INDEX {how} i{round} ON t {}", kind.index),
        };
        match run(&conn, &sql) {
            Err(error) if !expected(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

fn read(db: &Database, rounds: u64, rng: &mut Rng) -> Result<()> {
    let conn = db.connect()?;
    for _ in 0..rounds {
        run(&conn, "BEGIN ISOLATION LEVEL REPEATABLE READ")?;
        let sums = "SELECT coalesce(sum(amount), 0)::bigint FROM t";
        assert_eq!(answer(&conn, sums)?, [[Value::Int8(0)]], "in sum nothing is moved");
        assert_journal(&conn)?;
        run(&conn, "COMMIT")?;
        ask(&conn, rng.pick(KINDS))?;
    }
    Ok(())
}

fn integers(conn: &Connection, question: &str) -> Result<Vec<(i64, i64)>> {
    conn.query(question, params![])?
        .map(|row| {
            let row = row?;
            Ok((row.get(0)?, row.get(1)?))
        })
        .collect()
}

/// How many transactions each session has, by its journal; panics where the tables are not what the journals say.
fn assert_journal(conn: &Connection) -> Result<[i64; SESSIONS]> {
    let mut counts = [0; SESSIONS];
    let (mut amounts, mut appended) = (BTreeMap::new(), Vec::new());
    for row in conn.query("SELECT session, number, moves FROM j ORDER BY session, number", params![])? {
        let row = row?;
        let (me, number, moves): (i64, i64, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        assert_eq!(number, counts[me as usize], "a transaction of session {me}");
        counts[me as usize] += 1;
        for (what, by) in moves.split(',').filter_map(|one| one.split_once(':')) {
            let by: i64 = by.parse().unwrap();
            match what.strip_prefix('a') {
                Some(first) => {
                    let first: i64 = first.parse().unwrap();
                    appended.extend(first..first + by);
                }
                None => *amounts.entry(what.parse::<i64>().unwrap()).or_insert(0) += by,
            }
        }
    }
    amounts.retain(|_, amount| *amount != 0);
    let there = integers(conn, "SELECT id, amount FROM t WHERE id < 1000 ORDER BY id")?;
    assert_eq!(there, amounts.into_iter().collect::<Vec<_>>(), "amounts, and by the journal");
    let there = integers(conn, "SELECT id, length(note)::bigint FROM a ORDER BY id")?;
    appended.sort_unstable();
    let notes = appended.iter().map(|id| (*id, 9 * id.to_string().len() as i64));
    assert_eq!(there, notes.collect::<Vec<_>>(), "appended rows, and by the journal");
    let filling = answer(conn, "SELECT count(*) FROM t WHERE id >= 1000 AND amount = 0")?;
    assert_eq!(filling, [[Value::Int8(FILLING)]]);
    let lost = "SELECT count(*) FROM t WHERE up IS NOT NULL AND NOT EXISTS (SELECT FROM p WHERE p.id = t.up)";
    assert_eq!(answer(conn, lost)?, [[Value::Int8(0)]], "rows that name none");
    Ok(counts)
}

/// What is the same in every row, is so.
fn assert_columns(conn: &Connection) -> Result<()> {
    let named = "SELECT table_name::text, column_name::text FROM information_schema.columns
                 WHERE table_name IN ('t', 'a') AND column_name LIKE 'x%'";
    for row in answer(conn, named)? {
        let [Value::Text(table), Value::Text(column)] = &row[..] else { panic!("{row:?}") };
        let others = format!("SELECT count(*) FROM {table} WHERE {column} IS DISTINCT FROM 1");
        assert_eq!(answer(conn, &others)?, [[Value::Int8(0)]], "{table}.{column}");
    }
    Ok(())
}

fn open(world: &World, background: bool) -> Result<Database> {
    Database::options().background(background).memory_limit(1 << 20).open_in(world.clone(), HOME)
}

fn prepare(world: &World) -> Result<Database> {
    let db = open(world, true)?;
    let conn = db.connect()?;
    run(
        &conn,
        "CREATE TABLE p (id bigint PRIMARY KEY, note text);
         CREATE TABLE j (session bigint, number bigint, moves text, PRIMARY KEY (session, number));
         CREATE TABLE a (id bigint PRIMARY KEY, note text)",
    )?;
    create(&conn)?;
    run(
        &conn,
        "ALTER TABLE t ADD COLUMN amount bigint NOT NULL DEFAULT 0;
         ALTER TABLE t ADD COLUMN up bigint REFERENCES p ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED",
    )?;
    run(&conn, "BEGIN")?;
    insert(&conn, 1000, 999 + FILLING, 3)?;
    run(&conn, "COMMIT")?;
    Ok(db)
}

/// What one session does.
type Session = Box<dyn FnOnce(&Database, &mut Rng) -> Result<()> + Send>;

/// All that is done beside each other, `rounds` transactions a session.
fn beside(world: &World, notes: &Notes<Seen>, rounds: u64) -> Result<()> {
    let db = prepare(world)?;
    notes.update(|seen| seen.made = true);
    let failed = Notes::<Option<Error>>::default();
    let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
    let mut add = |body: Session| {
        let (db, failed, mut rng) = (db.clone(), failed.clone(), Rng::new(world.random()));
        bodies.push(Box::new(move || {
            if let Err(error) = body(&db, &mut rng) {
                failed.update(|failed| failed.get_or_insert(error).clone());
            }
        }));
    };
    for me in 0..SESSIONS {
        let notes = notes.clone();
        add(Box::new(move |db, rng| session(db, me, rounds as i64, rng, &notes)));
    }
    add(Box::new(move |db, rng| define(db, rounds + 2, rng)));
    add(Box::new(move |db, rng| read(db, rounds / 2, rng)));
    add(Box::new(move |db, _| {
        (0..rounds / 2).try_for_each(|_| {
            db.flush()?;
            db.maintain()
        })
    }));
    let threads: Vec<_> = bodies.into_iter().map(|body| world.spawn("session", body).unwrap()).collect();
    threads.into_iter().for_each(|thread| thread.join());
    match failed.update(Option::take) {
        Some(error) => Err(error),
        None => db.close(),
    }
}

fn assert_all(world: &World, seen: &Seen) -> Result<()> {
    match check::check(world, Path::new(HOME)) {
        Err(error) if error.code() == "3D000" && !seen.made => return Ok(()),
        report => assert_eq!(format!("{:?}", report?.damage), "[]"),
    }
    if !seen.made {
        return Ok(());
    }
    let db = open(world, false)?;
    let conn = db.connect()?;
    let counts = assert_journal(&conn)?;
    let kept = counts.iter().zip(&seen.durable).all(|(there, durable)| there >= durable);
    assert!(kept, "transactions {counts:?}, acknowledged {:?}", seen.durable);
    assert_columns(&conn)?;
    for kind in KINDS {
        ask(&conn, kind)?;
    }
    db.flush()?;
    db.maintain()?;
    for kind in KINDS {
        ask(&conn, kind)?;
    }
    assert_eq!(assert_journal(&conn)?, counts);
    assert_columns(&conn)?;
    drop(conn);
    db.close()?;
    assert_eq!(format!("{:?}", check::check(world, Path::new(HOME))?.damage), "[]");
    assert_no_leak(world)
}

/// Nothing lies beside the segments and marks that the manifest names.
fn assert_no_leak(world: &World) -> Result<()> {
    let home = Path::new(HOME);
    let mut damage = Vec::new();
    let state = manifest::verify(&*world.disk, home, &mut |error| damage.push(error));
    let Some(state) = state else { panic!("{damage:?}") };
    let mut named = BTreeSet::new();
    for meta in state.segments.values().map(|segment| &segment.meta) {
        named.insert(format!("{:010}.seg", meta.id));
        named.extend(meta.parts.iter().map(|part| format!("{:010}.{part}.idx", meta.id)));
        if meta.deletes > 0 {
            named.insert(format!("{:010}.{}.del", meta.id, meta.deletes));
        }
    }
    named.extend(state.marks.keys().map(|file| format!("{file:010}.marks")));
    let names = |folder: &str| -> BTreeSet<String> {
        world.disk.list(&home.join(folder)).unwrap().into_iter().map(|entry| entry.name).collect()
    };
    assert_eq!(names("seg"), named);
    assert_eq!(names("tmp"), BTreeSet::new());
    Ok(())
}

#[test]
fn all_that_writes_beside_all_else_leaves_what_the_journal_says() {
    seeds("all_that_writes_beside_all_else_leaves_what_the_journal_says", 12, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let notes = Notes::default();
            beside(&world, &notes, 8).unwrap();
            assert_all(&world, &notes.update(|seen: &mut Seen| seen.clone())).unwrap();
        });
    });
}

#[test]
fn a_crash_beside_all_that_writes_leaves_what_the_journal_says() {
    let runs = Crashes::new("a_crash_beside_all_that_writes_leaves_what_the_journal_says")
        .rounds(2)
        .stride(19)
        .recovery_stride(5)
        .run(|world, notes| beside(world, notes, 4), assert_all);
    println!("{runs} crashes");
}

/// A parent goes, while others replace its child by newer versions, again and again: it is found whenever that is.
#[test]
fn children_that_others_change_meanwhile_are_found() {
    let test = "children_that_others_change_meanwhile_are_found";
    seeds(test, 60, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let db = open(&world, false).unwrap();
            let conn = db.connect().unwrap();
            let tables = "CREATE TABLE p (id bigint PRIMARY KEY);
                 CREATE TABLE c (id bigint PRIMARY KEY, n bigint, up bigint REFERENCES p ON DELETE SET NULL);
                 INSERT INTO c SELECT g, 0, NULL FROM generate_series(1, 3) AS g";
            run(&conn, tables).unwrap();
            let other = {
                let conn = db.connect().unwrap();
                let changes = move || {
                    for i in 0..40 {
                        run(&conn, &format!("UPDATE c SET n = n + 1 WHERE id = {}", 1 + i % 3)).unwrap();
                    }
                };
                world.spawn("other", changes).unwrap()
            };
            for id in 0..8 {
                run(&conn, &format!("INSERT INTO p VALUES ({id})")).unwrap();
                run(&conn, &format!("UPDATE c SET up = {id}")).unwrap();
                run(&conn, &format!("DELETE FROM p WHERE id = {id}")).unwrap();
                let named = answer(&conn, "SELECT count(*) FROM c WHERE up IS NOT NULL").unwrap();
                assert_eq!(named, [[Value::Int8(0)]], "rows that name parent {id}, which went");
            }
            other.join();
            let changed = answer(&conn, "SELECT sum(n)::bigint FROM c").unwrap();
            assert_eq!(changed, [[Value::Int8(40)]], "no change was lost");
        });
    });
}
