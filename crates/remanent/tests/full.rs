//! Statements that meet a disk that fills up: they succeed or say so, what was there stays, and when space returns they go on.

use remanent::{Connection, Database, Error, Value, params};
use remanent_storage::store::check;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Fault, Op, SimDisk, SimWorld, seeds};
use std::path::Path;
use std::time::Duration;

const HOME: &str = "f.rem";
const ROOMY: u64 = 1 << 30;

fn run(conn: &Connection, sql: &str) -> Result<(), Error> {
    conn.execute(sql, params![]).map(drop)
}

fn must(conn: &Connection, sql: &str) {
    run(conn, sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn answer(conn: &Connection, sql: &str) -> Vec<Vec<Value>> {
    let rows = conn.query(sql, params![]).unwrap_or_else(|error| panic!("{sql}: {error}"));
    rows.map(|row| row.map(|row| row.values().to_vec()).unwrap_or_else(|error| panic!("{sql}: {error}")))
        .collect()
}

fn open(world: &World, memory_limit: usize) -> Database {
    let options = Database::options().memory_limit(memory_limit).min_free_space(0).background(false);
    options.open_in(world.clone(), HOME).unwrap()
}

/// Rows of every shape, on disk, in memory, and some deleted.
fn fill(db: &Database, conn: &Connection) {
    must(
        conn,
        "CREATE TABLE r (id bigint PRIMARY KEY, at timestamptz, n int, doc jsonb, note text, e vector(4), raw bytea)",
    );
    let rows = |from: i64, to: i64| {
        format!(
            "INSERT INTO r SELECT i, timestamptz '2026-01-01 00:00Z' + i * interval '1 second', i % 97, \
             jsonb_build_object('k', i % 5, 'tag', 't' || i % 31), 'the motor ' || i % 13 || ' began to slip', \
             ARRAY[i % 10, i % 9, i % 8, i]::float8[]::vector, decode(md5(i::text), 'hex') \
             FROM generate_series({from}, {to}) i"
        )
    };
    must(conn, &rows(1, 700));
    must(conn, "CREATE TABLE old (at timestamptz PRIMARY KEY, x float8) WITH (retention = '1 hour')");
    must(conn, "INSERT INTO old SELECT now() - i * interval '1 second', i FROM generate_series(1, 900) i");
    db.flush().unwrap();
    must(conn, &rows(701, 900));
    must(conn, "DELETE FROM r WHERE id % 10 = 4");
}

const QUESTIONS: [&str; 3] = [
    "SELECT count(*), sum(id), sum(n), min(at), max(note) FROM r",
    "SELECT id, md5(raw::text) FROM r WHERE id % 150 = 1 ORDER BY id",
    "SELECT count(*) FROM r WHERE doc @> '{\"k\": 2}'",
];

/// What needs space, and a question about what it made.
const STATEMENTS: &[(&str, &str)] = &[
    ("CREATE INDEX ON r (n, note)", "SELECT id FROM r WHERE n = 5 ORDER BY id"),
    ("CREATE UNIQUE INDEX ON r (raw)", "SELECT id FROM r WHERE raw = decode(md5('77'), 'hex')"),
    ("CREATE INDEX ON r USING gin (doc)", "SELECT id FROM r WHERE doc @> '{\"tag\": \"t7\"}' ORDER BY id"),
    (
        "CREATE INDEX ON r USING gin (to_tsvector('english', note))",
        "SELECT count(*) FROM r WHERE to_tsvector('english', note) @@ to_tsquery('english', 'slip & 7')",
    ),
    ("CREATE INDEX ON r USING bm25 (note)", "SELECT count(*) FROM r WHERE note LIKE '%7%'"),
    (
        "CREATE INDEX ON r USING hnsw (e vector_l2_ops)",
        "SELECT id FROM r ORDER BY e <-> '[1, 2, 3, 40]', id LIMIT 5",
    ),
    ("CREATE TABLE c AS SELECT * FROM r WHERE n > 10", "SELECT count(*), sum(id) FROM c"),
    (
        "CREATE TABLE c AS SELECT id, repeat(note, 400) AS long FROM r",
        "SELECT count(*), sum(length(long)) FROM c",
    ),
    ("INSERT INTO r SELECT id + 10000, at, n, doc, note, e, raw FROM r", "SELECT count(*), sum(id) FROM r"),
    (
        "ALTER TABLE r ADD COLUMN more text DEFAULT 'a long default that every row has'",
        "SELECT count(more) FROM r",
    ),
    ("ALTER TABLE r DROP COLUMN doc", "SELECT count(*), sum(n) FROM r"),
    ("ALTER TABLE r ALTER COLUMN n TYPE numeric(12, 3)", "SELECT sum(n) FROM r"),
    ("UPDATE r SET note = note || ' again', n = n + 1", "SELECT sum(n), max(note) FROM r"),
    ("DELETE FROM r WHERE id % 3 = 0", "SELECT count(*), sum(id) FROM r"),
    ("TRUNCATE r", "SELECT count(*) FROM r"),
    ("ALTER TABLE old SET (retention = '10 minutes')", "SELECT count(*) < 700 FROM old"),
    ("ALTER TABLE old SET (downsample = '1 minute after 5 minutes')", "SELECT count(*) < 600 FROM old"),
];

/// The work of the background, which may fail for want of space, and for nothing else.
fn maintain(db: &Database) -> Result<(), Error> {
    db.flush()?;
    db.maintain()
}

fn assert_full(error: &Error, what: &str) {
    assert_eq!(error.code(), "53100", "{what}: {error}");
}

/// What needs space: what is there before, how it is done, and what it leaves.
struct Case<'a> {
    what: &'a str,
    memory_limit: usize,
    fill: &'a dyn Fn(&Database, &Connection),
    work: &'a dyn Fn(&Database, &Connection) -> Result<(), Error>,
    look: &'a dyn Fn(&World, &Connection) -> Vec<Vec<Value>>,
    /// True where a part of the work may stay when the rest finds no space.
    in_parts: bool,
    /// False: the disk has no links, as one that is another file system.
    links: bool,
}

/// Meets a full disk at more and more room, until there is enough; how often it was refused.
fn meet(seed: u64, case: &Case) -> usize {
    let what = case.what;
    let begin = || {
        let disk = SimDisk::new(seed);
        let world = SimWorld::with_disk(seed, disk.clone()).world();
        let db = open(&world, case.memory_limit);
        let conn = db.connect().unwrap();
        if !case.links {
            disk.inject(Fault::on(Op::HardLink).forever());
        }
        (case.fill)(&db, &conn);
        (disk, world, db, conn)
    };
    let look =
        |world: &World, conn: &Connection| ((case.look)(world, conn), answer(conn, "SELECT count(*) FROM r"));
    // What it leaves where there is space for everything.
    let expected = {
        let (_, world, db, conn) = begin();
        (case.work)(&db, &conn).unwrap_or_else(|error| panic!("{what}: {error}"));
        world.sleep(Duration::from_secs(1));
        maintain(&db).unwrap();
        look(&world, &conn)
    };
    let (mut room, mut refused) = (0, 0);
    loop {
        let (disk, world, db, conn) = begin();
        let before = QUESTIONS.map(|question| answer(&conn, question));
        disk.set_capacity(disk.used() + room);
        let result = (case.work)(&db, &conn);
        let kept = result.is_ok();
        if let Err(error) = result {
            assert_full(&error, what);
            if !case.in_parts {
                assert_eq!(
                    QUESTIONS.map(|question| answer(&conn, question)),
                    before,
                    "{what} with {room} bytes"
                );
            }
            refused += 1;
        }
        let maintained = maintain(&db);
        let done = kept && maintained.is_ok();
        if let Err(error) = maintained {
            assert_full(&error, "the background");
        }
        // Space returns: no restart is needed.
        disk.set_capacity(ROOMY);
        if !kept {
            (case.work)(&db, &conn)
                .unwrap_or_else(|error| panic!("{what} with {room} bytes, again: {error}"));
        }
        world.sleep(Duration::from_secs(1));
        maintain(&db).unwrap_or_else(|error| panic!("{what} with {room} bytes: {error}"));
        assert_eq!(look(&world, &conn), expected, "{what} with {room} bytes");
        drop(conn);
        db.close().unwrap();
        let report = check::check(&world, Path::new(HOME)).unwrap();
        assert!(report.damage.is_empty(), "{what} with {room} bytes: {:?}", report.damage);
        let db = open(&world, case.memory_limit);
        let conn = db.connect().unwrap();
        assert_eq!(look(&world, &conn), expected, "{what} with {room} bytes, opened again");
        if done {
            return refused;
        }
        room = 2 * room + (8 << 10);
    }
}

#[test]
fn a_statement_that_finds_the_disk_full_changes_nothing_and_works_when_there_is_space() {
    seeds("a_statement_that_finds_the_disk_full_changes_nothing_and_works_when_there_is_space", 1, |seed| {
        let mut without: Vec<&str> = Vec::new();
        for &(sql, question) in STATEMENTS {
            let refused = meet(
                seed,
                &Case {
                    what: sql,
                    memory_limit: 16 << 20,
                    fill: &fill,
                    work: &|_, conn| run(conn, sql),
                    look: &|_, conn| answer(conn, question),
                    in_parts: false,
                    links: true,
                },
            );
            if refused == 0 {
                without.push(sql);
            }
        }
        // Some fit into the log that is there already.
        assert!(without.len() + 4 <= STATEMENTS.len(), "nothing is refused to {without:#?}");
    });
}

/// Lexemes of so many rows that an index of them is gathered in runs beside its part.
#[test]
fn a_disk_that_fills_up_under_the_runs_of_an_index_leaves_nothing_of_them() {
    let disk = SimDisk::new(1);
    let world = SimWorld::with_disk(1, disk.clone()).world();
    let db = open(&world, 16 << 20);
    let conn = db.connect().unwrap();
    must(&conn, "CREATE TABLE w (id bigint PRIMARY KEY, doc tsvector)");
    must(
        &conn,
        "INSERT INTO w SELECT i, array_to_tsvector(array_agg('w' || (i * 7 + j * 31) % 4999)) \
         FROM generate_series(1, 6500) i, generate_series(1, 130) j GROUP BY i",
    );
    maintain(&db).unwrap();
    let question = "SELECT count(*), sum(id) FROM w WHERE doc @@ 'w77 | w1000 & w1031'";
    let expected = answer(&conn, question);
    let parts = || disk.files().iter().filter(|path| path.to_string_lossy().contains(".idx")).count();
    let before = parts();
    // Where it is found full: in a run, and at last in the part that they become.
    for (room, at) in [(0, ".idx.tmp"), (300 << 10, ".idx.tmp"), (4 << 20, ".idx.tmp"), (9 << 20, ".idx\"")] {
        disk.set_capacity(disk.used() + room);
        let Err(refused) = run(&conn, "CREATE INDEX w_doc ON w USING bm25 (doc)") else {
            panic!("{room} bytes are enough");
        };
        assert_full(&refused, "CREATE INDEX");
        assert!(refused.message().contains(at), "{room}: {}", refused.message());
        assert_eq!(answer(&conn, question), expected);
        disk.set_capacity(ROOMY);
        world.sleep(Duration::from_secs(1));
        maintain(&db).unwrap();
        assert_eq!(parts(), before, "{room}: {:?}", disk.files());
    }
    must(&conn, "CREATE INDEX w_doc ON w USING bm25 (doc)");
    assert_eq!(answer(&conn, question), expected);
    drop(conn);
    db.close().unwrap();
    let report = check::check(&world, Path::new(HOME)).unwrap();
    assert!(report.damage.is_empty(), "{:?}", report.damage);
    assert_eq!(answer(&open(&world, 16 << 20).connect().unwrap(), question), expected);
}

/// Rows that are more than a transaction may hold in memory.
fn fill_more(db: &Database, conn: &Connection) {
    fill(db, conn);
    for part in 0..4 {
        let from = 20_000 + part * 1500;
        must(
            conn,
            &format!(
                "INSERT INTO r SELECT i, timestamptz '2026-02-01 00:00Z' + i * interval '1 second', i % 89, \
                 jsonb_build_object('k', i % 5, 'tag', md5(i::text)), md5(i::text) || md5((i + 1)::text), \
                 ARRAY[i % 10, i % 9, i % 8, i]::float8[]::vector, decode(md5((-i)::text), 'hex') \
                 FROM generate_series({from}, {}) i",
                from + 1499
            ),
        );
        db.flush().unwrap();
    }
}

/// A line of COPY for each of so many rows.
fn lines(rows: i64, note: &dyn Fn(i64) -> String) -> String {
    (0..rows)
        .map(|i| {
            format!(
                "{}\t2026-03-01 00:00:00Z\t{}\t{{\"k\": 3}}\t{}\t[1,2,3,{i}]\t\\\\x{:08x}\n",
                50_000 + i,
                i % 7,
                note(i),
                i
            )
        })
        .collect()
}

fn append(conn: &Connection, rows: i64) -> Result<(), Error> {
    let mut appender = conn.appender("c")?;
    for id in 0..rows {
        appender
            .append(params![id, format!("{:032x} of a long way", id.wrapping_mul(0x1e37_79b9_7f4a_7c15))])?;
    }
    appender.finish().map(drop)
}

#[test]
fn what_is_large_and_finds_the_disk_full_changes_nothing_and_works_when_there_is_space() {
    seeds("what_is_large_and_finds_the_disk_full_changes_nothing_and_works_when_there_is_space", 1, |seed| {
        let refused = |what: &str,
                       work: &dyn Fn(&Database, &Connection) -> Result<(), Error>,
                       look: &dyn Fn(&World, &Connection) -> Vec<Vec<Value>>,
                       in_parts: bool| {
            let case = Case {
                what,
                memory_limit: 1 << 20,
                fill: &fill_more,
                work,
                look,
                in_parts,
                links: what != "a backup that copies",
            };
            assert!(meet(seed, &case) > 0, "nothing is refused to {what}");
        };
        let copied = |_: &World, conn: &Connection| {
            answer(conn, "SELECT count(*), sum(id), sum(length(note)) FROM r WHERE id >= 50000")
        };
        let short = lines(4000, &|i| format!("{:032x}", (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        refused(
            "COPY",
            &|_, conn| conn.copy_in("COPY r FROM STDIN", short.as_bytes()).map(drop),
            &copied,
            false,
        );
        let long = lines(12, &|i| format!("{i:x}").repeat(20_000));
        refused(
            "COPY of large values",
            &|_, conn| conn.copy_in("COPY r FROM STDIN", long.as_bytes()).map(drop),
            &copied,
            false,
        );
        refused(
            "an appender",
            &|_, conn| {
                run(conn, "CREATE TABLE IF NOT EXISTS c (id bigint PRIMARY KEY, note text)")?;
                append(conn, 4000)
            },
            &|_, conn| answer(conn, "SELECT count(*), sum(id), max(note) FROM c"),
            false,
        );
        for (sql, question) in [
            ("CREATE INDEX ON r (note, n)", "SELECT count(*), max(id) FROM r WHERE note > 'e'"),
            (
                "CREATE UNIQUE INDEX ON r (raw, note)",
                "SELECT id FROM r WHERE raw = decode(md5('-20077'), 'hex')",
            ),
            (
                "CREATE INDEX ON r USING gin (doc)",
                "SELECT id FROM r WHERE doc @> '{\"tag\": \"t7\"}' ORDER BY id",
            ),
            (
                "CREATE INDEX ON r USING gin (to_tsvector('simple', note))",
                "SELECT id FROM r WHERE to_tsvector('simple', note) @@ to_tsquery('simple', 'slip & 7') ORDER BY id",
            ),
            ("CREATE INDEX ON r USING hnsw (e vector_l2_ops)", "SELECT count(*) FROM r WHERE e IS NOT NULL"),
            #[cfg(feature = "shapes")]
            (
                "CREATE INDEX ON r USING gist (ST_MakePoint(n, id))",
                "SELECT id FROM r WHERE ST_DWithin(ST_MakePoint(n, id), 'POINT(5 20100)', 30) ORDER BY id",
            ),
            ("ALTER TABLE r ALTER COLUMN n TYPE numeric(12, 3)", "SELECT sum(n) FROM r"),
            (
                "ALTER TABLE r ADD COLUMN more text GENERATED ALWAYS AS (note || 'x') STORED",
                "SELECT count(more), max(more) FROM r",
            ),
            ("UPDATE r SET n = n + 1", "SELECT sum(n) FROM r"),
            ("CREATE TABLE c AS SELECT note, doc FROM r", "SELECT count(*), max(note) FROM c"),
        ] {
            refused(sql, &|_, conn| run(conn, sql), &|_, conn| answer(conn, question), false);
        }
        let all = |_: &World, conn: &Connection| answer(conn, "SELECT count(*), sum(id), max(note) FROM r");
        refused(
            "deletes and merges",
            &|db, conn| {
                run(conn, "DELETE FROM r WHERE id % 4 < 2")?;
                maintain(db)
            },
            &all,
            true,
        );
        for what in ["a backup that links", "a backup that copies"] {
            refused(
                what,
                &|db, _| db.backup("copy.rem").map(drop),
                &|world, conn| {
                    let copy =
                        Database::options().background(false).open_in(world.clone(), "copy.rem").unwrap();
                    let conn_of_copy = copy.connect().unwrap();
                    let found = all(world, &conn_of_copy);
                    assert_eq!(found, all(world, conn));
                    drop(conn_of_copy);
                    copy.close().unwrap();
                    found
                },
                false,
            );
        }
    });
}
