//! A process that reads along while another one changes definitions: columns that come, go and change their type, tables that are
//! emptied and made anew, indexes, old rows that leave or become buckets, flushes and merges. Each statement of the reader sees one state
//! that there was, none older than what was acknowledged before it began.
//!
//! Each transaction writes down in `s` what the tables then have, so what the reader sees of `t` and of `s` is one state or it is not.

use super::harness::answer;
use remanent::{Connection, Database, Result, Value, params};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Notes, Rng, SimWorld, seeds};
use std::time::Duration;

const HOME: &str = "f.rem";

fn run(conn: &Connection, sql: &str) -> Result<u64> {
    conn.execute(sql, params![])
}

/// How far the writer is: its last acknowledged transaction, and whether it is done.
type Progress = Notes<(i64, bool)>;

/// One transaction's changes.
fn change(conn: &Connection, number: i64, columns: &mut Vec<i64>, rng: &mut Rng) -> Result<()> {
    match rng.below(12) {
        0 | 1 => {
            run(conn, &format!("ALTER TABLE t ADD COLUMN x{number} int DEFAULT {number}"))?;
            columns.push(number);
        }
        2 => {
            if let Some(x) = columns.pop() {
                run(conn, &format!("ALTER TABLE t DROP COLUMN x{x}"))?;
            }
        }
        3 => {
            let ty = *rng.pick(&["bigint", "numeric", "text"]);
            run(conn, &format!("ALTER TABLE t ALTER COLUMN n TYPE {ty} USING n::text::{ty}"))?;
        }
        4 => {
            run(conn, "TRUNCATE t")?;
        }
        5 => {
            columns.clear();
            run(conn, "DROP TABLE t; CREATE TABLE t (id bigint PRIMARY KEY, n bigint, word text)")?;
        }
        6 => {
            run(
                conn,
                &format!(
                    "DROP INDEX IF EXISTS i; CREATE INDEX i ON t (word, id); DELETE FROM t WHERE id % 7 = {}",
                    rng.below(7)
                ),
            )?;
        }
        7 => {
            run(
                conn,
                "ALTER TABLE t RENAME TO old; CREATE TABLE t AS SELECT id, n, word FROM old; DROP TABLE old; ALTER TABLE t ADD PRIMARY KEY (id)",
            )?;
            columns.clear();
        }
        8 => {
            run(
                conn,
                &format!("UPDATE t SET word = word || 'e', id = id + 100000 WHERE id % 5 = {}", rng.below(5)),
            )?;
        }
        _ => {}
    }
    let first = number * 1000;
    let rows = 1 + rng.below(150) as i64;
    run(
        conn,
        &format!("INSERT INTO t (id, n, word) SELECT i, i::text::int, 'w' || i % 9 FROM generate_series({first}, {}) AS i", first + rows - 1),
    )
    .map(drop)
}

fn write(db: &Database, world: &World, transactions: i64, rng: &mut Rng, progress: &Progress) -> Result<()> {
    let conn = db.connect()?;
    let mut columns = Vec::new();
    for number in 1..=transactions {
        run(&conn, "BEGIN")?;
        change(&conn, number, &mut columns, rng)?;
        run(
            &conn,
            "INSERT INTO r SELECT now() - i * interval '7 minutes', 1 FROM generate_series(0, 20) AS i ON CONFLICT DO NOTHING",
        )?;
        run(
            &conn,
            &format!(
                "UPDATE s SET number = {number}, rows = (SELECT count(*) FROM t), total = (SELECT coalesce(sum(id), 0) FROM t),
                     words = (SELECT coalesce(sum(length(word)), 0) FROM t)"
            ),
        )?;
        let rolled_back = rng.one_in(6);
        if rolled_back {
            run(&conn, "ROLLBACK")?;
            // What it had is not known here: nothing of it is there.
            columns.clear();
            run(
                &conn,
                "BEGIN; DROP TABLE t; CREATE TABLE t (id bigint PRIMARY KEY, n bigint, word text);
                 UPDATE s SET rows = 0, total = 0, words = 0; COMMIT",
            )?;
            continue;
        }
        run(&conn, "COMMIT")?;
        progress.update(|seen| seen.0 = number);
        world.sleep(Duration::from_millis(rng.below(8_000)));
        if rng.one_in(3) {
            db.flush()?;
        }
        if rng.one_in(4) {
            db.maintain()?;
        }
    }
    Ok(())
}

fn watch(world: &World, progress: &Progress, rng: &mut Rng) -> Result<()> {
    let options = || Database::options().read_only(true).background(false).memory_limit(16 << 20);
    let mut db = options().open_in(world.clone(), HOME)?;
    let mut conn = db.connect()?;
    let (mut last, mut opened) = (0, progress.update(|seen| seen.0));
    loop {
        let (acknowledged, done) = progress.update(|seen| *seen);
        let question = "SELECT number, rows, total::bigint, words::bigint, (SELECT count(*) FROM t), (SELECT coalesce(sum(id), 0)::bigint FROM t),
                            (SELECT coalesce(sum(length(word)), 0)::bigint FROM t) FROM s";
        let found = answer(&conn, question)?;
        let numbers: Vec<i64> = found[0]
            .iter()
            .map(|value| if let Value::Int8(n) = value { *n } else { panic!("{value:?}") })
            .collect();
        let [number, rows, total, words, rows_there, total_there, words_there] = numbers[..] else {
            panic!("{numbers:?}")
        };
        assert_eq!(
            (rows, total, words),
            (rows_there, total_there, words_there),
            "as of transaction {number}"
        );
        assert!(number >= last, "{number} after {last}");
        // The writer notices who reads along with a commit that begins after that.
        let noticed = acknowledged > opened + 1;
        assert!(!noticed || number >= acknowledged, "{number}, {acknowledged} are acknowledged");
        last = number;
        // In one snapshot, over several statements.
        run(&conn, "BEGIN ISOLATION LEVEL REPEATABLE READ")?;
        let before = answer(&conn, "SELECT * FROM t ORDER BY id")?;
        world.sleep(Duration::from_millis(rng.below(2_000)));
        assert_eq!(answer(&conn, "SELECT * FROM t ORDER BY id")?, before);
        let by_word = answer(&conn, "SELECT count(*) FROM t WHERE word LIKE 'w3%'")?;
        let scanned = answer(&conn, "SELECT count(*) FROM t WHERE word || '' LIKE 'w3%'")?;
        assert_eq!(by_word, scanned);
        run(&conn, "COMMIT")?;
        answer(&conn, "SELECT count(*), sum(x) FROM r")?;
        if rng.one_in(8) {
            drop(conn);
            db = options().open_in(world.clone(), HOME)?;
            conn = db.connect()?;
            opened = progress.update(|seen| seen.0);
        }
        if done {
            return Ok(());
        }
    }
}

#[test]
fn who_reads_along_sees_one_state_whatever_is_defined_meanwhile() {
    seeds("who_reads_along_sees_one_state_whatever_is_defined_meanwhile", 8, |seed| {
        let sim = SimWorld::new(seed);
        let (world, other) = (sim.world(), sim.process(1));
        sim.run(move || {
            let db = Database::options().memory_limit(1 << 20).open_in(world.clone(), HOME).unwrap();
            let conn = db.connect().unwrap();
            run(
                &conn,
                "CREATE TABLE t (id bigint PRIMARY KEY, n bigint, word text);
                 CREATE TABLE s (number bigint, rows bigint, total numeric, words bigint);
                 INSERT INTO s VALUES (0, 0, 0, 0);
                 CREATE TABLE r (at timestamptz PRIMARY KEY, x float8) WITH (retention = '2 hours')",
            )
            .unwrap();
            let progress = Progress::default();
            let reader = {
                let (progress, mut rng) = (progress.clone(), Rng::new(world.random()));
                world.spawn("reader", Box::new(move || watch(&other, &progress, &mut rng).unwrap())).unwrap()
            };
            let mut rng = Rng::new(world.random());
            write(&db, &world, 40, &mut rng, &progress).unwrap();
            progress.update(|seen| seen.1 = true);
            reader.join();
            drop(conn);
            db.close().unwrap();
        });
    });
}

#[test]
fn who_reads_along_lays_down_nothing() {
    let sim = SimWorld::new(1);
    let (world, other) = (sim.world(), sim.process(1));
    sim.run(move || {
        let db = Database::options().open_in(world, HOME).unwrap();
        let conn = db.connect().unwrap();
        run(
            &conn,
            "CREATE TABLE t AS SELECT i AS id, 'number ' || i AS word FROM generate_series(1, 30000) AS i",
        )
        .unwrap();
        let sorted = "SELECT count(*) FROM (SELECT DISTINCT word FROM t) AS d";
        let options = Database::options().read_only(true);
        let reader = options.memory_limit(1 << 20).open_in(other, HOME).unwrap();
        let reading = reader.connect().unwrap();
        assert_eq!(answer(&reading, sorted).unwrap_err().code(), "53200");
        assert_eq!(answer(&reading, "SELECT count(*) FROM t").unwrap(), [[Value::Int8(30_000)]]);
        drop((conn, reading, reader));
        db.close().unwrap();
    });
}
