//! An index of each kind while it is built: beside sessions that write and read, and where the power goes.

use super::harness::{assert_sound, compare};
use super::recall::Found;
use super::vectors::compare_ranked;
use remanent::{Connection, Database, Result, params};
use remanent_storage::store::check;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng, SimWorld, seeds};
use std::path::Path;

/// What CREATE INDEX says behind the table, and questions that the index answers.
pub struct Kind {
    pub index: &'static str,
    questions: &'static [&'static str],
}

pub const KINDS: &[Kind] = &[
    Kind {
        index: "(n, word)",
        questions: &[
            "SELECT id, n FROM t WHERE n = 3 ORDER BY id",
            "SELECT n, word FROM t WHERE n BETWEEN 2 AND 4 ORDER BY n, word LIMIT 30",
            "SELECT min(n), max(n) FROM t",
        ],
    },
    Kind {
        index: "USING gin (doc)",
        questions: &[
            "SELECT id, doc FROM t WHERE doc @> '{\"a\": 2}' ORDER BY id",
            "SELECT count(*) FROM t WHERE doc ?| ARRAY['b', 'x'] AND doc @@ '$.b[*] == 1'",
        ],
    },
    Kind {
        index: "USING gin (doc jsonb_path_ops)",
        questions: &["SELECT id, doc FROM t WHERE doc @> '{\"b\": [1]}' ORDER BY id"],
    },
    Kind {
        index: "USING gin (tags)",
        questions: &[
            "SELECT id, tags FROM t WHERE tags && ARRAY['a1', 'a3'] ORDER BY id",
            "SELECT id FROM t WHERE tags @> ARRAY['a2', 'b'] ORDER BY id",
        ],
    },
    Kind {
        index: "USING gin (to_tsvector('english', word))",
        questions: &[
            "SELECT id, word FROM t WHERE to_tsvector('english', word) @@ to_tsquery('english', 'slip & grip3')
             ORDER BY id",
            "SELECT id FROM t WHERE to_tsvector('english', word) @@ to_tsquery('english', 'grip:* & !grip1')
             ORDER BY id",
        ],
    },
    #[cfg(feature = "shapes")]
    Kind {
        index: "USING gist (place)",
        questions: &[
            "SELECT id, place FROM t WHERE ST_DWithin(place, 'POINT(5 5)', 2.5) ORDER BY id",
            "SELECT place <-> 'POINT(3 7)' FROM t WHERE n <> 2 ORDER BY place <-> 'POINT(3 7)' LIMIT 9",
        ],
    },
    Kind {
        index: "USING hnsw (v)",
        questions: &[
            "SELECT id, v <-> array_fill(0.3, ARRAY[20])::vector AS far FROM t WHERE true ORDER BY far LIMIT 7",
            "SELECT id, v <-> array_fill(0.1, ARRAY[20])::vector AS far FROM t WHERE n = 3 ORDER BY far LIMIT 7",
        ],
    },
];

const CREATE: &str =
    "CREATE TABLE t (id bigint PRIMARY KEY, n int, word text, tags text[], doc jsonb, v vector(20))";

/// Rows from a number to another, all of whose columns follow from `id` and `of`.
pub fn insert(conn: &Connection, from: i64, to: i64, of: i64) -> Result<()> {
    let sql = format!(
        "INSERT INTO t (id, n, word, tags, doc, v) SELECT g, h % 7, 'it slips, grip' || h % 5, ARRAY['a' || h % 4, 'b'],
             jsonb_build_object('a', h % 6, 'b', jsonb_build_array(h % 3)),
             (SELECT array_agg(sin(h * k)) FROM generate_series(1, 20) AS k)::vector
         FROM (SELECT g, g * {of} % 1009 AS h FROM generate_series({from}::bigint, {to}) AS g) AS numbers"
    );
    conn.execute(&sql, params![])?;
    if cfg!(feature = "shapes") {
        let sql = format!(
            "UPDATE t SET place = ST_MakePoint(id % 13, id / 7 % 11) WHERE id BETWEEN {from} AND {to}"
        );
        conn.execute(&sql, params![])?;
    }
    Ok(())
}

pub fn create(conn: &Connection) -> Result<()> {
    conn.execute(CREATE, params![])?;
    if cfg!(feature = "shapes") {
        conn.execute("ALTER TABLE t ADD COLUMN place geometry", params![])?;
    }
    Ok(())
}

/// Asks all that an index of this kind answers, under one snapshot.
pub fn ask(conn: &Connection, kind: &Kind) -> Result<()> {
    conn.execute("BEGIN ISOLATION LEVEL REPEATABLE READ", params![])?;
    for question in kind.questions {
        match kind.index.contains("hnsw") {
            true => compare_ranked(conn, question, &mut Found::default())?,
            false => compare(conn, question)?,
        }
    }
    conn.execute("COMMIT", params![]).map(drop)
}

/// Changes of random rows, each in a transaction of its own; some are rolled back.
fn write(conn: &Connection, rng: &mut Rng, first: i64, rounds: u64) {
    for round in 0..rounds as i64 {
        let of = 1 + rng.below(40) as i64;
        let from = first + round * 40;
        conn.execute("BEGIN", params![]).unwrap();
        let done = match rng.below(3) {
            0 => insert(conn, from, from + rng.below(40) as i64, of),
            1 => conn
                .execute(&format!("DELETE FROM t WHERE id % 37 = {}", rng.below(37)), params![])
                .map(drop),
            _ => conn
                .execute(
                    &format!(
                        "UPDATE t SET n = n + 1, doc = doc || '{{\"a\": {of}}}', v = v * v, word = 'grip' || n,
                             tags = tags || 'a1'::text WHERE id % 41 = {}",
                        rng.below(41)
                    ),
                    params![],
                )
                .map(drop),
        };
        match done {
            Ok(()) if rng.one_in(5) => conn.execute("ROLLBACK", params![]).unwrap(),
            Ok(()) => conn.execute("COMMIT", params![]).unwrap(),
            Err(error) => {
                assert!(["40P01", "40001"].contains(&error.code()), "{error}");
                conn.execute("ROLLBACK", params![]).unwrap()
            }
        };
    }
}

#[test]
fn an_index_that_is_built_beside_writers_answers_as_a_scan() {
    let test = "an_index_that_is_built_beside_writers_answers_as_a_scan";
    seeds(test, 3 * KINDS.len() as u64, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let kind = &KINDS[seed as usize % KINDS.len()];
            // So little memory that rows are flushed and merged meanwhile.
            let options = Database::options().memory_limit(1 << 20).background(true);
            let db = options.open_in(world.clone(), "i.rem").unwrap();
            let conn = db.connect().unwrap();
            create(&conn).unwrap();
            insert(&conn, 0, 299, 1).unwrap();
            db.flush().unwrap();
            let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for session in 1..3 {
                let (db, mut rng) = (db.clone(), Rng::new(world.random()));
                bodies.push(Box::new(move || {
                    write(&db.connect().unwrap(), &mut rng, session * 10_000, 6);
                }));
            }
            let of_reader = db.clone();
            bodies.push(Box::new(move || {
                let conn = of_reader.connect().unwrap();
                (0..6).for_each(|_| ask(&conn, kind).unwrap());
            }));
            let of_builder = db.clone();
            bodies.push(Box::new(move || {
                let conn = of_builder.connect().unwrap();
                for name in ["i", "j"] {
                    conn.execute(&format!("CREATE INDEX {name} ON t {}", kind.index), params![]).unwrap();
                    ask(&conn, kind).unwrap();
                }
                conn.execute("DROP INDEX i", params![]).unwrap();
                of_builder.flush().unwrap();
            }));
            let threads: Vec<_> =
                bodies.into_iter().map(|body| world.spawn("session", body).unwrap()).collect();
            threads.into_iter().for_each(|thread| thread.join());
            ask(&conn, kind).unwrap();
            drop(conn);
            db.close().unwrap();
            assert_sound(&world);
        });
    });
}

/// What was acknowledged: the kind of index, rows that are there at least, whether the index is.
type Seen = (usize, i64, bool);

fn open(world: &World) -> Result<Database> {
    Database::options().background(false).memory_limit(8 << 20).open_in(world.clone(), "i.rem")
}

fn build(world: &World, notes: &Notes<Seen>) -> Result<()> {
    let number = notes.round() as usize % KINDS.len();
    let kind = &KINDS[number];
    notes.update(|seen| seen.0 = number);
    let db = open(world)?;
    let conn = db.connect()?;
    create(&conn)?;
    insert(&conn, 0, 149, 1)?;
    db.flush()?;
    insert(&conn, 150, 199, 3)?;
    notes.update(|seen| seen.1 = 200);
    conn.execute(&format!("CREATE INDEX i ON t {}", kind.index), params![])?;
    notes.update(|seen| seen.2 = true);
    insert(&conn, 200, 259, 5)?;
    notes.update(|seen| seen.1 = 260);
    db.flush()?;
    conn.execute("UPDATE t SET n = n + 1, v = v + v, tags = tags || 'a1'::text WHERE id % 2 = 0", params![])?;
    db.maintain()?;
    drop(conn);
    db.close()
}

fn recover(world: &World, seen: &Seen) -> Result<()> {
    let (number, rows, built) = *seen;
    if rows == 0 {
        return Ok(());
    }
    let kind = &KINDS[number];
    assert_eq!(format!("{:?}", check::check(world, Path::new("i.rem"))?.damage), "[]");
    let db = open(world)?;
    for round in 0..2 {
        let conn = db.connect()?;
        let there: i64 = conn.query_one("SELECT count(*) FROM t", params![])?.get(0)?;
        assert!(there >= rows, "{there} rows of {rows}");
        let named = "SELECT count(*) FROM pg_class WHERE relname = 'i'";
        let named: i64 = conn.query_one(named, params![])?.get(0)?;
        assert!(named == 1 || !built, "the index is gone");
        ask(&conn, kind)?;
        conn.execute("DELETE FROM t WHERE id >= 1000", params![])?;
        insert(&conn, 1000 + round * 100, 1020 + round * 100, 7)?;
        ask(&conn, kind)?;
        if round == 0 {
            db.maintain()?;
            db.flush()?;
        }
    }
    db.close()?;
    assert_eq!(format!("{:?}", check::check(world, Path::new("i.rem"))?.damage), "[]");
    Ok(())
}

#[test]
fn a_crash_while_an_index_of_any_kind_is_built_leaves_it_whole_or_not_at_all() {
    let runs = Crashes::new("a_crash_while_an_index_of_any_kind_is_built_leaves_it_whole_or_not_at_all")
        .rounds(KINDS.len() as u64)
        .stride(7)
        .recovery_stride(1)
        .run(build, recover);
    println!("{runs} crashes");
}
