//! Windows and ASOF joins over more rows than memory holds: what comes of them is what comes where memory is plenty.

use remanent::{Connection, Database, params};
use std::fmt::Write;

const ROWS: i64 = 60_000;

/// Rows in no order: most of one partition, few values of `p` and many of `t`, and both more than once.
fn database(dir: &std::path::Path, limit: usize) -> (Database, Connection) {
    let db = Database::options().memory_limit(limit).synchronous_commit(false).open(dir).unwrap();
    let conn = db.connect().unwrap();
    let sql =
        "CREATE TABLE r (id bigint PRIMARY KEY, k int, p int, t int, x int, n numeric, f float8, s text)";
    conn.execute(sql, params![]).unwrap();
    let sql = format!(
        "INSERT INTO r SELECT i, CASE WHEN h % 10 < 7 THEN 1 WHEN h % 10 = 8 THEN NULL ELSE h % 50 END,
             h % 7, h / 100 % 20000, nullif(h % 1000, 7), (h % 90000) / 100.0, h % 1000, 'text ' || h % 300
         FROM (SELECT i, (i * 7919 + i::bigint * i % 1013) % 1000003 AS h FROM generate_series(1, {ROWS}::bigint) AS g(i)) AS q"
    );
    conn.execute(&sql, params![]).unwrap();
    (db, conn)
}

/// The rows of a query as text, one a line, in the order of the first column.
fn lines(conn: &Connection, sql: &str) -> Vec<String> {
    let mut rows: Vec<(i64, String)> = Vec::new();
    let found = conn.query(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e} {:?}", e.detail()));
    let columns = found.columns().len();
    for row in found {
        let row = row.unwrap_or_else(|e| panic!("{sql}: {e} {:?}", e.detail()));
        let mut line = String::new();
        for at in 0..columns {
            write!(line, "{} ", row.value(at)).unwrap();
        }
        rows.push((row.get(0).unwrap(), line));
    }
    rows.sort();
    rows.into_iter().map(|(_, line)| line).collect()
}

/// Runs queries where memory is plenty and where it is not. Each names the node that has to lay down rows.
fn compare(node: &str, queries: &[String]) {
    let dir = tempfile::tempdir().unwrap();
    let (_large, plenty) = database(&dir.path().join("plenty.rem"), 512 << 20);
    let (_small, short) = database(&dir.path().join("short.rem"), 8 << 20);
    for sql in queries {
        let (found, expected) = (lines(&short, sql), lines(&plenty, sql));
        assert_eq!(found.len(), expected.len(), "{sql}");
        assert!(found.len() as i64 > ROWS / 10, "{sql}: {} rows", found.len());
        let differ = found.iter().zip(&expected).find(|(found, expected)| found != expected);
        assert!(differ.is_none(), "{sql}: {differ:?}");
        let mut plan = String::new();
        for row in short.query(&format!("EXPLAIN (ANALYZE) {sql}"), params![]).unwrap() {
            plan += &row.unwrap().get::<String>(0).unwrap();
        }
        let of_node = plan.split(node).nth(1).unwrap_or_default();
        assert!(of_node.contains("Disk:"), "nothing was laid down: {sql}\n{plan}");
    }
}

#[test]
fn pieces_of_a_partition_come_to_the_same_as_all_of_it() {
    let calls = [
        "row_number() OVER w, rank() OVER w, dense_rank() OVER w",
        "lag(x) OVER w, lag(s, 3, 'none') OVER w, lead(x, 2) OVER w, lead(n, -1) OVER w, lag(x, NULL) OVER w, lag(x, 0) OVER w",
        "sum(x) OVER w, count(*) OVER w, avg(n) OVER w, min(s) OVER w, max(f) OVER w, bool_and(x > 2) OVER w",
        "first_value(s) OVER w, last_value(s) OVER w, count(x) FILTER (WHERE f > 300) OVER w, stddev(x) OVER w",
        "sum(x * interval '1 second') OVER w, stddev(n) OVER w, regr_count(x, t) OVER w, last(s, id) OVER w, bit_xor(x) OVER w,
         avg(ARRAY[coalesce(x, 0), 1]::vector(2)) OVER w",
        "percent_rank() OVER w, cume_dist() OVER w, ntile(7) OVER w, sum(x) OVER (PARTITION BY k)",
    ];
    // Of the last, the rows of one value of `p` are more than memory holds.
    let windows = [
        "PARTITION BY k ORDER BY t, id",
        "ORDER BY t DESC, id",
        "ORDER BY id",
        "PARTITION BY k, p ORDER BY t",
    ];
    let queries = windows.iter().flat_map(|window| {
        calls.iter().map(move |calls| format!("SELECT id, {calls} FROM r WINDOW w AS ({window})"))
    });
    compare("WindowAgg", &queries.collect::<Vec<_>>());
}

#[test]
fn frames_reach_over_the_ends_of_pieces() {
    let frames = [
        "ORDER BY id ROWS BETWEEN 3 PRECEDING AND CURRENT ROW",
        "ORDER BY id ROWS BETWEEN 200 PRECEDING AND 100 FOLLOWING",
        "PARTITION BY k ORDER BY id ROWS BETWEEN 5 FOLLOWING AND 9 FOLLOWING",
        "PARTITION BY k ORDER BY id ROWS BETWEEN 9 PRECEDING AND 5 PRECEDING",
        "ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 4 PRECEDING",
        "ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 40 FOLLOWING",
        "ORDER BY t RANGE BETWEEN 50 PRECEDING AND 20 FOLLOWING",
        "PARTITION BY k ORDER BY t DESC GROUPS BETWEEN 2 PRECEDING AND 1 FOLLOWING",
        "ORDER BY t GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING",
        "ORDER BY t ROWS BETWEEN 30 PRECEDING AND 30 FOLLOWING EXCLUDE CURRENT ROW",
        "ORDER BY t ROWS BETWEEN 30 PRECEDING AND 30 FOLLOWING EXCLUDE TIES",
        "ORDER BY t RANGE BETWEEN 30 PRECEDING AND 30 FOLLOWING EXCLUDE GROUP",
        "ORDER BY x NULLS FIRST, id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
        "PARTITION BY s ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
        "ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
        "ORDER BY s, id",
        "ORDER BY id ROWS BETWEEN 400 PRECEDING AND 100 FOLLOWING",
    ];
    // Where rows of one `t` are in no order, values of single rows are not of interest.
    let of = |frame: &&str| match frame.contains("ORDER BY t") {
        true => {
            format!("SELECT id, sum(x) OVER w, count(*) OVER w, max(f) OVER w FROM r WINDOW w AS ({frame})")
        }
        false => format!(
            "SELECT id, sum(x) OVER w, first_value(x) OVER w, last_value(s) OVER w, min(n) OVER w FROM r WINDOW w AS ({frame})"
        ),
    };
    compare("WindowAgg", &frames.iter().map(of).collect::<Vec<_>>());
}

#[test]
fn what_needs_all_rows_of_a_partition_takes_them_or_says_that_memory_is_short() {
    let small = [
        "nth_value(s, 3) OVER (PARTITION BY s ORDER BY id)",
        "sum(x) OVER (PARTITION BY s ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
        "string_agg(s, ',') OVER (PARTITION BY s ORDER BY id ROWS UNBOUNDED PRECEDING)",
        "lag(x, x % 5) OVER (PARTITION BY s ORDER BY id)",
        "sum(x) OVER (PARTITION BY s ORDER BY t RANGE UNBOUNDED PRECEDING EXCLUDE CURRENT ROW)",
        "sum(x) OVER (PARTITION BY s)",
    ];
    compare("WindowAgg", &small.map(|call| format!("SELECT id, {call} FROM r")));
    let dir = tempfile::tempdir().unwrap();
    let (_db, conn) = database(&dir.path().join("short.rem"), 8 << 20);
    for call in [
        "nth_value(s, 3) OVER (ORDER BY id)",
        "sum(x) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)",
        "lag(x, x % 5) OVER (ORDER BY id)",
        "sum(x) OVER (ORDER BY x IS NULL)",
        "avg(x) OVER (ORDER BY id ROWS 50000 PRECEDING)",
        "row_number() OVER (ORDER BY random())",
    ] {
        let rows = conn.query(&format!("SELECT id, s, {call} FROM r"), params![]);
        let error = rows.map(|rows| rows.collect::<Result<Vec<_>, _>>()).and_then(|rows| rows).map(drop);
        assert_eq!(error.unwrap_err().code(), "53200", "{call}");
        // The session goes on.
        assert_eq!(conn.query_one("SELECT count(*) FROM r", params![]).unwrap().get::<i64>(0).unwrap(), ROWS);
    }
}

#[test]
fn the_nearest_rows_are_the_same_on_disk() {
    // Values on the left lie between those on the right, on them, and beyond both ends.
    let left = "(SELECT id, k, s, t, x, (id * 7919) % 70000 - 5000 AS u FROM r)";
    let right = "(SELECT id, k, s, t, x, nullif(id, 77) AS v FROM r)";
    let mut queries = Vec::new();
    for (op, outer) in [(">=", ""), (">", "LEFT "), ("<=", "LEFT "), ("<", "")] {
        for more in ["", "l.k = q.k AND ", "l.s = q.s AND ", "l.k = q.k AND l.t % 3 = q.t % 3 AND "] {
            queries.push(format!(
                "SELECT l.id, q.id, q.s, q.v FROM {left} l ASOF {outer}JOIN {right} q ON {more}l.u {op} q.v"
            ));
        }
        for outer in ["", "LEFT "] {
            queries.push(format!(
                "SELECT l.id, q.id, q.s FROM {left} l ASOF {outer}JOIN {right} q ON l.u {op} q.v AND q.x < l.x + 300"
            ));
        }
        // Of several rows with one value any may come, all with that value. Many left rows of one value, and many right ones between two.
        queries.push(format!("SELECT l.id, q.t, l.s FROM {left} l ASOF {outer}JOIN r q ON l.u {op} q.t"));
        queries.push(format!(
            "SELECT l.id, q.id, q.s FROM (SELECT id, id / 20000 * 20000 + 1 AS u FROM r) l ASOF LEFT JOIN {right} q ON l.u {op} q.v"
        ));
    }
    compare("Asof Cond", &queries);
}
