//! Memory: the bytes that are alive stay within `memory_limit` and a fixed amount for the program itself. Counted by an
//! allocator, so that neither the operating system nor its caches have a say.
#![allow(unsafe_code, reason = "an allocator that counts")]

use remanent::{Database, params};
use std::alloc::{GlobalAlloc, Layout, System};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// What sessions, catalogs, log buffers and file names may take beside the limit.
const FIXED: usize = 6 << 20;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Relaxed) + layout.size();
        PEAK.fetch_max(live, Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Relaxed);
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Numbers without order or end.
fn next(x: &mut u64) -> u64 {
    *x ^= *x << 13;
    *x ^= *x >> 7;
    *x ^= *x << 17;
    *x
}

/// Random keys, updates, scans, a sort, and large loads, updates and deletes under a limit of that many megabytes.
fn work(megabytes: usize, rows: u64) {
    let dir = tempfile::tempdir().unwrap();
    let limit = megabytes << 20;
    let before = LIVE.load(Relaxed);
    let db = within(dir.path(), limit);
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let within = |what: &str| {
        let peak = PEAK.swap(LIVE.load(Relaxed), Relaxed) - before;
        assert!(peak <= limit + FIXED, "{what}: {peak} bytes at a limit of {limit}");
        eprintln!("{megabytes} MB: {what}: {peak} bytes");
    };
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE k (id bigint PRIMARY KEY, a float8, c text)", params![]).unwrap();
    let insert = conn.prepare("INSERT INTO k VALUES ($1, $2, $3)").unwrap();
    let mut x = 88_172_645_463_325_252;
    let mut ids = Vec::new();
    for _ in 0..rows / 200 {
        let tx = conn.begin().unwrap();
        for _ in 0..200 {
            let id = (next(&mut x) >> 1) as i64;
            insert.execute(params![id, 0.5, format!("reading {id} of a sensor on a long arm")]).unwrap();
            if ids.len() < 2_000 {
                ids.push(id);
            }
        }
        tx.commit().unwrap();
    }
    let rows = rows / 200 * 200;
    within("inserts of random keys");
    let update = conn.prepare("UPDATE k SET a = a + 1 WHERE id = $1").unwrap();
    for id in &ids {
        assert_eq!(update.execute(params![*id]).unwrap(), 1);
    }
    within("updates");
    let row = conn.query_one("SELECT count(*), sum(a) FROM k", params![]).unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), rows as i64);
    assert_eq!(row.get::<f64>(1).unwrap(), rows as f64 * 0.5 + ids.len() as f64);
    within("an aggregate");
    match conn
        .query("SELECT c FROM k ORDER BY c", params![])
        .and_then(|mut rows| rows.try_for_each(|r| r.map(drop)))
    {
        Ok(()) => {}
        Err(error) => assert_eq!(error.code(), "53200", "{error}"),
    }
    within("a sort");
    let mut appender = conn.appender("k").unwrap();
    for id in 0..rows as i64 {
        appender
            .append(params![-1 - id, 0.5, format!("reading {id} of another sensor on a long arm")])
            .unwrap();
    }
    appender.finish().unwrap();
    within("one large transaction");
    let all = 2 * rows as i64;
    assert_eq!(conn.execute("UPDATE k SET a = a + 2", params![]).unwrap(), all as u64);
    within("one large update");
    let row = conn.query_one("SELECT count(*), sum(a) FROM k", params![]).unwrap();
    assert_eq!(row.get::<i64>(0).unwrap(), all);
    assert_eq!(row.get::<f64>(1).unwrap(), all as f64 * 2.5 + ids.len() as f64);
    assert_eq!(conn.execute("DELETE FROM k WHERE id < 0", params![]).unwrap(), rows);
    within("one large delete");
    let row = conn.query_one("SELECT count(*), min(id) >= 0 FROM k", params![]).unwrap();
    assert_eq!((row.get::<i64>(0).unwrap(), row.get::<bool>(1).unwrap()), (rows as i64, true));
    assert_eq!(conn.execute("DELETE FROM k", params![]).unwrap(), rows);
    within("everything deleted");
    drop((insert, update));
    drop(conn);
    db.close().unwrap();
    within("close");
}

#[test]
fn live_bytes_stay_within_the_limit() {
    for (megabytes, rows) in [(16, 200_000), (64, 200_000), (256, 600_000)] {
        work(megabytes, rows);
    }
    // Not a test of its own, which would run beside: all bytes are counted together.
    many(300_000);
    for (megabytes, rows) in [(1, 20_000), (8, 60_000)] {
        operators(megabytes << 20, rows);
    }
    indexes(16 << 20, 30_000);
}

/// Indexes of all kinds, made of rows that are there, and of those that come.
fn indexes(limit: usize, rows: i64) {
    let dir = tempfile::tempdir().unwrap();
    let before = LIVE.load(Relaxed);
    let db = within(dir.path(), limit);
    let conn = db.connect().unwrap();
    let sql = "CREATE TABLE d (id bigint PRIMARY KEY, v vector(128), s text, at geometry, j jsonb)";
    conn.execute(sql, params![]).unwrap();
    // Some of them near each other.
    let fill = |from: i64, to: i64| {
        let sql = format!(
            "INSERT INTO d SELECT i, (SELECT array_agg(sin((i % 100) * 7.0 + n) + ((i * n) % 97) / 200.0) FROM generate_series(1, 128) AS n)::vector,
                 'word' || i % 900 || ' and word' || i % 7919, ST_MakePoint(i % 317, i / 317.0), jsonb_build_object('k', i % 50, 'i', i)
             FROM generate_series({from}::bigint, {to}) AS i"
        );
        assert_eq!(conn.execute(&sql, params![]).unwrap() as i64, to - from + 1);
    };
    fill(1, rows);
    db.flush().unwrap();
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let check = |what: &str| {
        let peak = PEAK.swap(LIVE.load(Relaxed), Relaxed) - before;
        eprintln!("{limit} {rows} rows: {} KB, resident {} KB: {what}", peak >> 10, resident() >> 10);
        assert!(peak <= limit + FIXED, "{what}: {peak} bytes at a limit of {limit}");
    };
    for sql in [
        "CREATE INDEX ON d USING vector (v vector_l2_ops)",
        "CREATE INDEX ON d USING gin (to_tsvector('simple', s))",
        "CREATE INDEX ON d USING bm25 (s)",
        "CREATE INDEX ON d USING gist (at)",
        "CREATE INDEX ON d USING gin (j)",
        "CREATE INDEX ON d (s, id)",
    ] {
        conn.execute(sql, params![]).unwrap();
        check(sql);
    }
    fill(rows + 1, rows + rows / 2);
    db.flush().unwrap();
    check("rows for all indexes");
    let near = |recall: &str| {
        conn.execute(&format!("SET vector.recall = {recall}"), params![]).unwrap();
        let sql = "SELECT id FROM d ORDER BY v <-> (SELECT v FROM d WHERE id = 77) LIMIT 10";
        let rows = conn.query(sql, params![]).unwrap();
        rows.map(|row| row.unwrap().get::<i64>(0).unwrap()).collect::<Vec<_>>()
    };
    let (found, exact) = (near("0.99"), near("1"));
    assert!(exact.iter().filter(|id| found.contains(id)).count() >= 9, "{found:?} {exact:?}");
    check("a search");
}

/// A database that may hold so many bytes.
fn within(dir: &Path, limit: usize) -> Database {
    Database::options().memory_limit(limit).synchronous_commit(false).open(dir.join("m.rem")).unwrap()
}

/// Many rows at a small limit, changed, locked and deleted by one statement each: it is done, or it is 53200 and nothing is lost.
fn many(rows: i64) {
    let dir = tempfile::tempdir().unwrap();
    let limit = 16 << 20;
    let before = LIVE.load(Relaxed);
    let db = within(dir.path(), limit);
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE k (id bigint PRIMARY KEY, at bigint, a float8)", params![]).unwrap();
    let mut appender = conn.appender("k").unwrap();
    for id in 0..rows {
        // Keys come in no order that a segment could keep.
        appender.append(params![id.wrapping_mul(0x1e37_79b9_7f4a_7c15), id, 0.5]).unwrap();
    }
    appender.finish().unwrap();
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let (mut count, mut sum) = (rows, rows as f64 * 0.5);

    for sql in [
        "UPDATE k SET a = a + 1",
        "SELECT id FROM k WHERE at % 16 = 3 FOR UPDATE",
        "SELECT id FROM k FOR UPDATE",
        "DELETE FROM k WHERE at % 10 < 2",
        "UPDATE k SET id = id + 1",
        "DELETE FROM k",
    ] {
        conn.execute("BEGIN", params![]).unwrap();
        let done = match sql.starts_with("SELECT") {
            true => {
                conn.query(sql, params![]).and_then(|mut rows| rows.try_fold(0, |n, row| row.map(|_| n + 1)))
            }
            false => conn.execute(sql, params![]),
        };
        if sql == "SELECT id FROM k FOR UPDATE" && done.is_ok() {
            let other = db.connect().unwrap();
            other.execute("SET lock_timeout = 10", params![]).unwrap();
            for refused in ["UPDATE k SET a = 0 WHERE at = 77", "SELECT a FROM k WHERE at = 200077 FOR SHARE"]
            {
                let error = other
                    .query(refused, params![])
                    .and_then(|mut rows| rows.try_for_each(|row| row.map(drop)));
                assert_eq!(error.unwrap_err().code(), "55P03", "{refused}");
            }
            assert_eq!(
                other.query_one("SELECT count(*) FROM k", params![]).unwrap().get::<i64>(0).unwrap(),
                count
            );
        }
        let ended = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        conn.execute(ended, params![]).unwrap();
        let peak = PEAK.swap(LIVE.load(Relaxed), Relaxed) - before;
        eprintln!("{rows} rows: {sql}: {done:?}, {peak} bytes");
        match done {
            Ok(n) if sql.starts_with("UPDATE k SET a") => (_, sum) = (n, sum + n as f64),
            Ok(n) if sql.starts_with("DELETE") => {
                count -= n as i64;
                sum -= n as f64 * sum / (count + n as i64) as f64;
            }
            Ok(_) => {}
            Err(error) => assert_eq!(error.code(), "53200", "{sql}: {error}"),
        }
        let row = conn.query_one("SELECT count(*), coalesce(sum(a), 0) FROM k", params![]).unwrap();
        assert_eq!((row.get::<i64>(0).unwrap(), row.get::<f64>(1).unwrap()), (count, sum), "{sql}");
        assert!(peak <= limit + FIXED, "{sql}: {peak} bytes at a limit of {limit}");
    }
    assert_eq!(count, 0);
}

/// As many as a robot's log has; takes minutes.
#[test]
#[ignore = "large"]
fn statements_about_ten_million_rows_stay_within_the_limit() {
    many(2_000_000);
    many(10_000_000);
}

/// The most resident since it was asked last, in bytes; 0 where the system does not say.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<usize>().ok());
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    kilobytes.unwrap_or(0) << 10
}

/// What needs more memory than there is: all of it is done, on disk.
fn operators(limit: usize, rows: i64) {
    let dir = tempfile::tempdir().unwrap();
    let before = LIVE.load(Relaxed);
    let db = within(dir.path(), limit);
    let conn = db.connect().unwrap();
    for sql in [
        "CREATE TABLE t (id bigint PRIMARY KEY, g int, s text)",
        "CREATE TABLE u (id bigint PRIMARY KEY, g int, s text)",
        "CREATE TABLE p (id bigint PRIMARY KEY, up bigint REFERENCES p ON DELETE CASCADE)",
        "CREATE TABLE c (id bigint PRIMARY KEY, p bigint REFERENCES p ON DELETE CASCADE ON UPDATE CASCADE)",
        "CREATE INDEX ON c (p)",
        "CREATE INDEX ON p (up)",
    ] {
        conn.execute(sql, params![]).unwrap();
    }
    let mut appender = conn.appender("t").unwrap();
    for id in 1..=rows {
        // In no order.
        let text = format!("reading {:016x} of a sensor", id.wrapping_mul(0x1e37_79b9_7f4a_7c15));
        appender.append(params![id, (id % 1000) as i32, text]).unwrap();
    }
    appender.finish().unwrap();
    let (n, half) = (rows, rows / 2);
    let sum = n * (n + 1) / 2;
    resident();
    PEAK.store(LIVE.load(Relaxed), Relaxed);
    let queries = [
        ("SELECT count(*) FROM (SELECT DISTINCT s FROM t) AS q", vec![n]),
        ("SELECT count(*), sum(n)::bigint FROM (SELECT s, count(*) AS n, max(id) AS m FROM t GROUP BY s) AS q", vec![n, n]),
        ("SELECT count(DISTINCT s), count(*) FROM t", vec![n, n]),
        ("SELECT count(*), sum(a.id)::bigint FROM t AS a JOIN t AS b ON a.s = b.s", vec![n, sum]),
        (
            "SELECT count(*), sum(c)::bigint FROM (SELECT a.s, count(*) AS c FROM t AS a JOIN t AS b ON a.s = b.s
             JOIN t AS d ON d.id = b.id LEFT JOIN t AS e ON e.s = d.s GROUP BY a.s) AS q",
            vec![n, n],
        ),
        ("SELECT count(*), sum(r)::bigint FROM (SELECT row_number() OVER (PARTITION BY s ORDER BY id) AS r FROM t) AS q", vec![n, n]),
        (
            "SELECT count(*), sum(r)::bigint, sum(id - before)::bigint, max(total) FROM (SELECT id, row_number() OVER (ORDER BY s) AS r,
             coalesce(lag(id) OVER (ORDER BY id), 0) AS before, count(*) OVER () AS total FROM t) AS q",
            vec![n, sum, n, n],
        ),
        (
            "SELECT count(*), max(m)::bigint, sum(c)::bigint FROM (SELECT sum(id) OVER (ORDER BY id) AS m,
             count(s) OVER (PARTITION BY g % 2 ORDER BY s ROWS 9 PRECEDING) AS c FROM t) AS q",
            vec![n, sum, 10 * n - 90],
        ),
        ("SELECT count(*) FROM (SELECT id, s FROM t INTERSECT SELECT id, s FROM t) AS q", vec![n]),
        ("SELECT count(*) FROM (SELECT id, s FROM t EXCEPT SELECT id + 1, s FROM t) AS q", vec![n]),
        (
            "WITH w AS MATERIALIZED (SELECT id, s FROM t) SELECT count(*), sum(a.id)::bigint FROM w AS a JOIN w AS b USING (s)",
            vec![n, sum],
        ),
        ("SELECT count(*), sum(cardinality(a))::bigint FROM (SELECT g, array_agg(id) AS a FROM t GROUP BY g) AS q", vec![1000, n]),
        ("WITH i AS (INSERT INTO u SELECT id, g, s FROM t RETURNING id, s) SELECT count(*), sum(id)::bigint FROM i", vec![n, sum]),
        ("WITH i AS (UPDATE u SET g = g + 1 RETURNING id, s) SELECT count(*), sum(id)::bigint FROM i", vec![n, sum]),
        ("MERGE INTO u USING t ON u.id = t.id WHEN MATCHED AND t.id % 2 = 0 THEN UPDATE SET s = t.s || '!' WHEN MATCHED THEN DELETE", vec![n]),
        ("SELECT count(*), sum(length(s))::bigint FROM u", vec![half, 37 * half]),
        ("MERGE INTO u USING t ON u.id = t.id WHEN MATCHED THEN DO NOTHING WHEN NOT MATCHED THEN INSERT VALUES (t.id, t.g, t.s)", vec![n - half]),
        ("INSERT INTO p SELECT id, nullif(id / 2, 0) FROM t", vec![n]),
        ("INSERT INTO c SELECT -id, id FROM t", vec![n]),
        ("UPDATE p SET id = id + 1000000000 WHERE id > (SELECT count(*) FROM t) / 2", vec![n - half]),
        ("SELECT count(*), count(p.id) FROM c LEFT JOIN p ON p.id = c.p", vec![n, n]),
        ("DELETE FROM p WHERE id = 1", vec![1]),
        ("SELECT (SELECT count(*) FROM c), (SELECT count(*) FROM p)", vec![0, 0]),
        ("DELETE FROM u", vec![n]),
    ];
    for (sql, expected) in queries {
        let found: Vec<i64> = match sql.starts_with("SELECT") || sql.starts_with("WITH") {
            true => {
                let row = conn.query_one(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e} {e:?}"));
                (0..expected.len()).map(|at| row.get::<i64>(at).unwrap()).collect()
            }
            false => vec![conn.execute(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e} {e:?}")) as i64],
        };
        let peak = PEAK.swap(LIVE.load(Relaxed), Relaxed) - before;
        eprintln!(
            "{limit} {rows} rows: {} KB, resident {} KB: {found:?} {sql}",
            peak >> 10,
            resident() >> 10
        );
        assert_eq!(found, expected, "{sql}");
        assert!(peak <= limit + FIXED, "{sql}: {peak} bytes at a limit of {limit}");
    }
    let mut last = String::new();
    for row in conn.query("SELECT s, id FROM t ORDER BY s", params![]).unwrap() {
        let text: String = row.unwrap().get(0).unwrap();
        assert!(last < text, "{last} {text}");
        last = text;
    }
    let peak = PEAK.swap(LIVE.load(Relaxed), Relaxed) - before;
    eprintln!("{limit} {rows} rows: {} KB, resident {} KB: ORDER BY", peak >> 10, resident() >> 10);
    assert!(peak <= limit + FIXED, "ORDER BY: {peak} bytes at a limit of {limit}");
}

/// Takes minutes.
#[test]
#[ignore = "large"]
fn operators_larger_than_memory_finish_on_disk() {
    let of = |name: &str, otherwise: i64| {
        std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
    };
    operators((of("REMANENT_MEMORY", 16) << 20) as usize, of("REMANENT_ROWS", 2_000_000));
}
