//! Strings that repeat from page to page are stored by dictionaries, and conditions look at each of them once: the answers are those of
//! the same strings as they are computed.

use remanent::{Connection, Database, params};

const NOTE: &str = "CASE WHEN g % 37 = 5 AND g > 30000 THEN NULL
    ELSE (ARRAY['steady', 'warm start', 'fan fault cleared', 'calibrated twice'])[1 + g * 7919 % 4093 % 4] || ' ' || g * 31 % 997 END";

fn answer(conn: &Connection, sql: &str) -> Vec<String> {
    let rows = match conn.query(sql, params![]) {
        Ok(rows) => rows,
        Err(error) => return vec![format!("{} {error}", error.code())],
    };
    let line = |row: remanent::Result<remanent::Row>| match row {
        Ok(row) => row.values().iter().map(ToString::to_string).collect::<Vec<_>>().join("|"),
        Err(error) => format!("{} {error}", error.code()),
    };
    rows.map(line).collect()
}

const QUERIES: [&str; 16] = [
    "SELECT count(*), sum(id) FROM t WHERE note LIKE '%fault%99%'",
    "SELECT count(*), sum(id) FROM t WHERE note NOT LIKE '%fault%99%'",
    "SELECT id FROM t WHERE note = 'steady 17' ORDER BY id",
    "SELECT count(*), sum(id) FROM t WHERE note IS NULL",
    "SELECT count(*), sum(id) FROM t WHERE coalesce(note, 'none') = 'none'",
    "SELECT count(*), sum(id) FROM t WHERE (note LIKE 'w%') IS NOT TRUE",
    "SELECT count(*), sum(id) FROM t WHERE n = 3 AND upper(note) LIKE 'FAN%1' AND id > 2500",
    "SELECT count(*), sum(id) FROM t WHERE id % 200 = 3 AND length(note) > 12",
    "SELECT note, count(*), sum(id) FROM t GROUP BY note ORDER BY note",
    "SELECT left(note, 3) AS a, kind, count(*), sum(id) FROM t GROUP BY a, kind ORDER BY a, kind",
    "SELECT other, kind, count(*), max(id) FROM t GROUP BY other, kind ORDER BY other, kind",
    "SELECT sum(n * 2 + id), sum((n * 2 + id) * 3), avg(n * 2 + id), max(n * 2), count(n * 2 + id) FROM t",
    "SELECT kind, sum((n + 1) * f), sum((n + 1) * f * 2), count(DISTINCT n + 1) FROM t GROUP BY kind ORDER BY kind",
    "SELECT count(DISTINCT note), min(note), max(note) FROM t",
    // What fails for a string that no row left has does not fail.
    "SELECT count(*) FROM t WHERE id < 40000 AND note IS NOT NULL AND 10 / (length(note) - 8) > 2",
    "SELECT count(*) FROM t WHERE note NOT LIKE '% 1__' AND note NOT LIKE 'steady _' AND 10 / (length(note) - 10) > 2",
];

#[test]
fn conditions_on_repeating_strings_answer_as_on_computed_ones() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    let columns = format!(
        "g AS id, {NOTE} AS note, g % 7 AS n, ((g % 50) / 4.0)::numeric(9,2) AS f,
         CASE WHEN g % 11 < 4 THEN 'even' WHEN g % 11 < 8 THEN 'odd' ELSE 'neither' END AS kind,
         (ARRAY['x', 'yy'])[1 + g % 2] AS other"
    );
    conn.execute(
        "CREATE TABLE s (id bigint PRIMARY KEY, note text, n integer, f numeric(9,2), kind text, other text)",
        params![],
    )
    .unwrap();
    let given = format!("WITH t AS (SELECT {columns} FROM generate_series(1, 60000) g)");
    conn.execute(&format!("INSERT INTO s SELECT {columns} FROM generate_series(1, 60000) g"), params![])
        .unwrap();
    let expected: Vec<Vec<String>> =
        QUERIES.iter().map(|sql| answer(&conn, &format!("{given} {sql}"))).collect();
    db.flush().unwrap();
    for workers in [0, 1] {
        let set =
            format!("SET min_parallel_table_scan_rows = 0; SET max_parallel_workers_per_gather = {workers}");
        conn.execute(&set, params![]).unwrap();
        for (sql, expected) in QUERIES.iter().zip(&expected) {
            let found = answer(&conn, &sql.replace("FROM t", "FROM s"));
            assert_eq!(&found, expected, "{sql} with {workers} helpers");
        }
        // By key, one by one.
        let by_key = "SELECT count(*) FROM generate_series(1, 60000, 997) g, s WHERE s.id = g";
        let alike = format!("{by_key} AND s.note IS NOT DISTINCT FROM {NOTE}");
        assert_eq!(answer(&conn, by_key), answer(&conn, &alike));
    }
}
