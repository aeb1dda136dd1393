//! The target of SQL: any text, on tables with rows.

use super::database::script;
use remanent::{Database, params};
use remanent_storage::world::World;
use std::cell::RefCell;
use std::path::Path;
use tempfile::TempDir;

thread_local! {
    static DATABASE: RefCell<Option<(Database, TempDir)>> = const { RefCell::new(None) };
}

/// A fresh database with the tables that scripts know.
fn make() -> (Database, TempDir) {
    let dir = tempfile::tempdir().expect("a folder");
    let options = Database::options().background(false).memory_limit(16 << 20).synchronous_commit(false);
    let db = options.open_in(World::real(), dir.path().join("fuzz.rem")).expect("a database");
    let conn = db.connect().expect("a connection");
    conn.execute(&script(), params![]).expect("tables");
    db.flush().expect("a flush");
    drop(conn);
    (db, dir)
}

/// Runs a script. What it changes is not there for the next.
pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    // It reads and writes files, anywhere.
    if text.to_ascii_lowercase().contains("copy") {
        return;
    }
    DATABASE.with_borrow_mut(|kept| {
        let (db, _) = kept.get_or_insert_with(make);
        let before = db.stats().lsn;
        let conn = db.connect().expect("a connection");
        conn.execute("SET statement_timeout = '1s'; SET lock_timeout = '1s'; BEGIN", params![])
            .expect("a session");
        let _ = conn.execute(&text, params![]);
        if let Ok(rows) = conn.query(&text, params![]) {
            for row in rows.take(3000) {
                let Ok(row) = row else { break };
                row.values().iter().for_each(|value| drop(value.to_string()));
            }
        }
        let _ = conn.execute("ROLLBACK", params![]);
        drop(conn);
        // A script may have said COMMIT.
        if db.stats().lsn != before {
            *kept = None;
        }
    });
}

/// The statements of the golden scripts, and some over the tables here.
pub fn seeds() -> Vec<Vec<u8>> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/remanent/tests/golden/statements");
    let mut files: Vec<_> =
        std::fs::read_dir(golden).expect("the golden scripts").flatten().map(|entry| entry.path()).collect();
    files.sort();
    let mut seeds: Vec<Vec<u8>> = Vec::new();
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a golden script");
        let blocks = text.split("\n\n").filter_map(|block| Some(block.split_once("\n----")?.0));
        let blocks: Vec<&str> = blocks.collect();
        seeds.extend(blocks.iter().map(|block| block.as_bytes().to_vec()));
        // A statement alone finds no table of its script.
        seeds.extend(blocks.windows(6).step_by(5).map(|some| some.join(";\n").into_bytes()));
    }
    for sql in [
        "SELECT r.id, n.body FROM reading r JOIN note n ON n.seq = r.id WHERE r.force > 3 ORDER BY 1 LIMIT 5 OFFSET 2",
        "SELECT kind, count(*), avg(force), max(at) - min(at) FROM reading GROUP BY kind HAVING count(*) > 3",
        "WITH x AS (SELECT id, force FROM reading WHERE id < 9) SELECT * FROM x UNION ALL SELECT 1, 2.5",
        "UPDATE note SET weight = weight * 1.1, body = upper(body) WHERE topic LIKE 't%' RETURNING seq, weight",
        "INSERT INTO note VALUES ('t1', 1, 'x', 3) ON CONFLICT (topic, seq) DO UPDATE SET body = excluded.body",
        "DELETE FROM event WHERE took > interval '3 days 04:05:06' OR size / 0 > 1",
        "SAVEPOINT a; CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, E'\\x41\\n'); ROLLBACK TO a",
        "SELECT substring('abc' from 2 for 2), extract(epoch from at), '2024-02-30'::date FROM reading",
        "SELECT * FROM generate_series(1, 9223372036854775807) g WHERE g % 3 = 0 LIMIT 4",
        "SELECT (SELECT max(id) FROM reading WHERE id < n.seq) FROM note n WHERE EXISTS (SELECT 1 FROM event)",
        "EXPLAIN SELECT * FROM reading WHERE id = ANY(ARRAY[1, 2, 3])",
        "COMMIT; BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM reading; ROLLBACK",
    ] {
        seeds.push(sql.as_bytes().to_vec());
    }
    seeds
}
