//! ORDER BY with LIMIT tells the scans below what is not worth reading: the rows are those that the whole order has first,
//! through whatever lies between, in memory and on disk.

use remanent::{Connection, Database, params};

fn rows(conn: &Connection, sql: &str) -> Vec<String> {
    let rows = conn.query(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.map(|row| {
        let row = row.unwrap();
        row.values().iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    })
    .collect()
}

fn filled() -> (tempfile::TempDir, Database, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    for sql in [
        "CREATE TABLE t (id bigint PRIMARY KEY, f float8, i integer, n numeric(9,2), m numeric, w text, a timestamp, up bigint)",
        "INSERT INTO t SELECT g, CASE g % 13 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN -0.0 ELSE sin(g) END,
            CASE WHEN g % 2500 = 7 THEN NULL ELSE g * 7919 % 10007 END, g * 31 % 977 / 8.0, g * 37 % 1009 / 3.0,
            'w' || g * 61 % 3001, timestamp '2026-01-01' + g % 777 * interval '1 hour', g
         FROM generate_series(1, 15000) g",
        "CREATE TABLE other (i integer, x integer)",
        "INSERT INTO other SELECT g, g % 3 FROM generate_series(0, 10006, 2) g",
    ] {
        conn.execute(sql, params![]).unwrap();
    }
    (dir, db, conn)
}

/// What lies between the table and the order.
const BETWEEN: [&str; 8] = [
    "SELECT id, f, i, n, m, w, a, up FROM t",
    "SELECT id, f, i, n, m, w, a, up FROM t WHERE i > 500 AND f < 0.9",
    "SELECT t.id, f, t.i, n, m, w, a, up FROM t JOIN other o ON t.i = o.i",
    "SELECT t.id, f, o.i, n, m, w, a, up FROM t LEFT JOIN other o ON t.i = o.i",
    "SELECT t.id, f, t.i, n, m, w, a, up FROM other o FULL JOIN t ON t.i = o.i",
    "SELECT min(id) AS id, f, i, n, max(m) AS m, min(w) AS w, a, max(up) AS up FROM t GROUP BY f, i, n, a",
    "SELECT id, f, i, n, m, w, a, up FROM t UNION ALL SELECT -id, f, i, n, m, w, a, up FROM t",
    "SELECT id, f, i, n, m, w, a, up FROM (SELECT * FROM t ORDER BY id LIMIT 10000) AS first",
];

const ORDERS: [&str; 12] = [
    "f, id",
    "f DESC, id",
    "f DESC NULLS LAST, id DESC",
    "f NULLS FIRST, id",
    "i, id",
    "i DESC NULLS LAST, id",
    "n DESC, f, id",
    "m, w, id",
    "w DESC, id",
    "a, i DESC, id",
    "up, id",
    "up DESC, id",
];

fn compare(conn: &Connection) {
    for between in BETWEEN {
        for order in ORDERS {
            {
                let (offset, limit) = (3, 20);
                let first = rows(
                    conn,
                    &format!("SELECT * FROM ({between}) AS q ORDER BY {order} LIMIT {limit} OFFSET {offset}"),
                );
                let numbered =
                    format!("SELECT *, row_number() OVER (ORDER BY {order}) AS place FROM ({between}) AS q");
                let whole = rows(
                    conn,
                    &format!(
                        "SELECT id, f, i, n, m, w, a, up FROM ({numbered}) AS r \
                         WHERE place > {offset} AND place <= {offset} + {limit} ORDER BY place"
                    ),
                );
                assert_eq!(first, whole, "{between} ORDER BY {order}");
            }
        }
    }
}

#[test]
fn the_first_rows_are_those_of_the_whole_order() {
    let (_dir, db, conn) = filled();
    compare(&conn);
    db.flush().unwrap();
    conn.execute(
        "INSERT INTO t SELECT -g, g / 1e6, g, 1, 1, 'w', NULL, 0 FROM generate_series(1, 3000) g",
        params![],
    )
    .unwrap();
    compare(&conn);
}

/// Of a filter that lets many rows pass the index is asked first, of one that lets few pass the rows are: both find what a scan finds.
#[test]
#[cfg(all(feature = "shapes", feature = "text"))]
fn an_index_ranks_what_a_filter_lets_pass() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    let fill = |from: i64, to: i64| {
        let sql = format!(
            "INSERT INTO m SELECT g, g % 100, g / 160, 'w' || g % 17 || ' ' || repeat('v ', g * 7919 % 13) || 'w' || g % 29,
                ST_MakePoint(g * 7919 % 1009, g * 1231 % 1013) FROM generate_series({from}, {to}) g"
        );
        conn.execute(&sql, params![]).unwrap();
    };
    conn.execute(
        "CREATE TABLE m (id bigint PRIMARY KEY, part int, late int, note text, place geometry)",
        params![],
    )
    .unwrap();
    fill(1, 10_000);
    db.flush().unwrap();
    conn.execute("CREATE INDEX ON m USING bm25 (note)", params![]).unwrap();
    conn.execute("CREATE INDEX ON m USING gist (place)", params![]).unwrap();
    let same = |what: &str| {
        for filter in ["part < 50", "part <> 7", "part = 3", "late > 31", "late < 0", "id > 9900"] {
            for order in [
                "place <-> ST_MakePoint(500, 500)",
                "place <-> ST_MakePoint(-90, 1000)",
                "bm25_score(note, 'w3 w5') DESC",
                "bm25_score(note, 'v') DESC",
            ] {
                // Of equals others may come first.
                let values = format!(
                    "SELECT round(({})::numeric, 9) FROM m WHERE {filter} ORDER BY {order} LIMIT 7",
                    order.trim_end_matches(" DESC")
                );
                conn.execute("SET enable_indexscan = off", params![]).unwrap();
                let plain = rows(&conn, &values);
                conn.execute("SET enable_indexscan = on", params![]).unwrap();
                assert_eq!(rows(&conn, &values), plain, "{what}: {values}");
            }
        }
    };
    same("at first");
    conn.execute("DELETE FROM m WHERE id % 3 = 1", params![]).unwrap();
    same("deleted");
    fill(20_001, 23_000);
    same("in memory too");
    let tx = conn.begin().unwrap();
    tx.execute("DELETE FROM m WHERE part < 20 AND id % 2 = 0", params![]).unwrap();
    tx.execute("INSERT INTO m SELECT id + 100000, part, late, note, place FROM m WHERE id < 200", params![])
        .unwrap();
    same("within a transaction");
    tx.rollback().unwrap();
    db.flush().unwrap();
    same("two segments");
}
