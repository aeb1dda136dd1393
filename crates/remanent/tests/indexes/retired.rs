//! Rows that leave by their age are in no index of any kind, and the others are in all of them.

use crate::harness::{assert_sound, compare};
use remanent::{Connection, Database, Value, params};
use remanent_storage::world::World;
use remanent_storage::world::sim::SimWorld;
use std::time::Duration;

const INDEXES: &[&str] = &[
    "btree (n)",
    "gin (doc)",
    "gin (to_tsvector('english', note))",
    "hnsw (e vector_l2_ops)",
    #[cfg(feature = "shapes")]
    "gist (place)",
];

const QUESTIONS: &[&str] = &[
    "SELECT id FROM r WHERE n = 3 ORDER BY id",
    "SELECT id FROM r WHERE doc @> '{\"k\": 2}' ORDER BY id",
    "SELECT id FROM r WHERE to_tsvector('english', note) @@ to_tsquery('english', 'slip & motor') ORDER BY id",
    "SELECT id FROM r ORDER BY e <-> '[1, 2, 3]', id LIMIT 20",
    #[cfg(feature = "shapes")]
    "SELECT id FROM r WHERE ST_DWithin(place, ST_MakePoint(5, 5), 2) ORDER BY id",
    "SELECT count(*), min(id), max(id), sum(n) FROM r",
];

fn run(conn: &Connection, sql: &str) {
    conn.execute(sql, params![]).map(drop).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn number(conn: &Connection, sql: &str) -> i64 {
    let row = conn.query(sql, params![]).unwrap().next().unwrap().unwrap();
    match row.values()[0] {
        Value::Int8(n) => n,
        ref other => panic!("{sql}: {other:?}"),
    }
}

fn create(conn: &Connection) {
    let place = if cfg!(feature = "shapes") { "place geometry," } else { "" };
    run(
        conn,
        &format!(
            "CREATE TABLE r (at timestamptz, id bigint, n int, doc jsonb, note text, e vector(3), {place} \
             PRIMARY KEY (at, id)) WITH (retention = '1 hour')"
        ),
    );
    INDEXES.iter().for_each(|index| run(conn, &format!("CREATE INDEX ON r USING {index}")));
    run(conn, "SET vector.recall = 1");
}

/// Rows of now, so many from an id on.
fn fill(conn: &Connection, from: i64, count: i64) {
    let place = if cfg!(feature = "shapes") { ", ST_MakePoint(i % 11, i % 13)" } else { "" };
    run(
        conn,
        &format!(
            "INSERT INTO r SELECT now(), i, i % 7, jsonb_build_object('k', i % 5), \
             CASE i % 4 WHEN 0 THEN 'the motor began to slip' WHEN 1 THEN 'a slip' ELSE 'motors run' END, \
             ARRAY[i % 10, i % 9, i % 8]::float8[]::vector {place} FROM generate_series({from}, {}) i",
            from + count - 1
        ),
    );
}

fn minutes(world: &World, minutes: u64) {
    world.sleep(Duration::from_secs(60 * minutes));
}

#[test]
fn the_indexes_of_every_kind_forget_what_has_left() {
    let sim = SimWorld::new(3);
    let world = sim.world();
    sim.run(move || {
        let open = || Database::options().memory_limit(16 << 20).open_in(world.clone(), "i.rem").unwrap();
        let db = open();
        let conn = db.connect().unwrap();
        create(&conn);
        // A segment of its own, part of one, and rows in memory.
        fill(&conn, 1, 400);
        db.flush().unwrap();
        minutes(&world, 20);
        fill(&conn, 1001, 300);
        minutes(&world, 20);
        fill(&conn, 2001, 300);
        db.flush().unwrap();
        minutes(&world, 10);
        fill(&conn, 3001, 200);
        for (passed, left) in [(0, 1200), (11, 800), (20, 500), (20, 200), (11, 0)] {
            minutes(&world, passed);
            assert_eq!(number(&conn, "SELECT count(*) FROM r"), left);
            QUESTIONS.iter().for_each(|question| compare(&conn, question).unwrap());
        }
        fill(&conn, 4001, 10);
        QUESTIONS.iter().for_each(|question| compare(&conn, question).unwrap());
        drop(conn);
        db.close().unwrap();
        assert_sound(&world);
        let db = open();
        let conn = db.connect().unwrap();
        assert_eq!(number(&conn, "SELECT count(*) FROM r"), 10);
        QUESTIONS.iter().for_each(|question| compare(&conn, question).unwrap());
        // The setting is there after a reopening, and goes by ALTER TABLE.
        run(&conn, "ALTER TABLE r RESET (retention)");
        minutes(&world, 200);
        assert_eq!(number(&conn, "SELECT count(*) FROM r"), 10);
        run(&conn, "ALTER TABLE r SET (retention = '3 hours')");
        minutes(&world, 1);
        assert_eq!(number(&conn, "SELECT count(*) FROM r"), 0);
        drop(conn);
        db.close().unwrap();
    });
}
