//! Rows, text, vectors and places in one statement: what the indexes say together is what a scan says.

use super::harness::compare;
use remanent::{Connection, Database, Value, params};
use remanent_storage::world::sim::{SimDisk, SimWorld};

fn run(conn: &Connection, sql: &str) {
    conn.execute(sql, params![]).unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// 20,000 frames of a robot, the last of them of the last seconds, and of those to come: the clock goes on.
fn frames(db: &Database) -> Connection {
    let conn = db.connect().unwrap();
    run(
        &conn,
        "CREATE TABLE frames (id int PRIMARY KEY, taken_at timestamptz, frame text, place geography(Point), note text, embedding vector(3))",
    );
    run(&conn, "CREATE TABLE force (at timestamptz PRIMARY KEY, newtons float8)");
    run(
        &conn,
        "INSERT INTO frames SELECT g, now() - (19000 - g) * interval '10 ms', 'frame ' || g, \
         ST_SetSRID(ST_MakePoint(10.408 + (g % 47) * 0.0001, 63.417), 4326)::geography, \
         CASE WHEN g % 3 = 0 THEN 'the gripper slips' WHEN g % 3 = 1 THEN 'holds part ' || g ELSE NULL END, \
         ARRAY[g % 7, g % 11, g % 13]::vector FROM generate_series(1, 20000) g",
    );
    run(
        &conn,
        "INSERT INTO force SELECT now() - (3800 - g) * interval '50 ms', g % 5 FROM generate_series(1, 4000) g",
    );
    conn
}

const INDEXES: [&str; 4] = [
    "CREATE INDEX by_time ON frames (taken_at)",
    "CREATE INDEX by_place ON frames USING gist (place)",
    "CREATE INDEX by_note ON frames USING bm25 (note)",
    "CREATE INDEX by_embedding ON frames USING hnsw (embedding vector_l2_ops)",
];

/// As the design writes it.
const DESIGN: &str = "SELECT f.taken_at, f.frame
FROM   frames f ASOF JOIN force s ON f.taken_at >= s.at
WHERE  s.newtons > 2 AND f.taken_at > now() - interval '3 s'
AND    ST_DWithin(f.place, ST_MakePoint(10.408, 63.417), 50)
AND    f.note @@ 'slip'
ORDER  BY f.embedding <-> $1 LIMIT 10";

fn answer(conn: &Connection) -> Vec<Vec<Value>> {
    let rows = conn.query(DESIGN, params![Value::Vector(vec![3.0, 4.0, 5.0])]).unwrap();
    rows.map(|row| row.unwrap().values().to_vec()).collect()
}

fn plan(conn: &Connection, sql: &str) -> String {
    let rows = conn.query(&format!("EXPLAIN {sql}"), params![]).unwrap();
    rows.map(|row| row.unwrap().get::<String>(0).unwrap() + "\n").collect()
}

#[test]
fn the_query_of_the_design_runs_by_its_indexes_and_without() {
    let world = SimWorld::with_disk(7, SimDisk::new(7)).world();
    let db = Database::options().background(false).open_in(world, "i.rem").unwrap();
    let conn = frames(&db);
    let bare = answer(&conn);
    let age: String = conn
        .query_one("SELECT (now() - max(taken_at))::text FROM frames", params![])
        .unwrap()
        .get(0)
        .unwrap();
    assert_eq!(bare.len(), 10, "{age}");
    for flushed in [false, true] {
        if flushed {
            db.flush().unwrap();
        } else {
            INDEXES.iter().for_each(|index| run(&conn, index));
        }
        let by_indexes = answer(&conn);
        run(&conn, "SET enable_indexscan = off");
        let plain = answer(&conn);
        run(&conn, "RESET enable_indexscan");
        assert_eq!(by_indexes, plain);
        assert_eq!(by_indexes.len(), bare.len());
    }
    let plan = plan(&conn, &DESIGN.replace("$1", "'[3,4,5]'"));
    assert!(plan.contains("Index Scan using by_time, by_place, by_note on frames f"), "{plan}");
}

#[test]
fn text_and_vectors_are_ranked_together() {
    let world = SimWorld::with_disk(7, SimDisk::new(7)).world();
    let db = Database::options().background(false).open_in(world, "i.rem").unwrap();
    let conn = frames(&db);
    INDEXES.iter().for_each(|index| run(&conn, index));
    run(&conn, "SET vector.recall = 1");
    let fused = "WITH words AS (
        SELECT id, rank() OVER (ORDER BY score DESC) AS rank
        FROM (SELECT id, bm25_score(note, 'holds 7') AS score FROM frames WHERE id <= 30 ORDER BY score DESC LIMIT 10) w),
    near AS (
        SELECT id, rank() OVER (ORDER BY distance) AS rank
        FROM (SELECT id, embedding <-> '[3,4,5]' AS distance FROM frames WHERE id <= 30 ORDER BY distance LIMIT 5) n)
    SELECT id, rrf(60, words.rank, near.rank) AS score FROM words FULL JOIN near USING (id) ORDER BY score DESC, id LIMIT 3";
    let plan = plan(&conn, fused);
    assert!(plan.contains("Index Scan using by_note on frames"), "{plan}");
    for _ in 0..2 {
        compare(&conn, fused).unwrap();
        // A weighted sum of scores, conditions first.
        compare(
            &conn,
            "SELECT id, bm25_score(note, 'slips') - 0.1 * (embedding <-> '[3,4,5]') AS score FROM frames WHERE id % 10 = 0 \
             ORDER BY score DESC, id LIMIT 5",
        )
        .unwrap();
        db.flush().unwrap();
    }
}
