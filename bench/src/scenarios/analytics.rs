//! Ten questions to one table of sensor readings, 10 M rows (`BENCH_ANALYTICS_ROWS`, in thousands), and one small table of
//! events. Asked: 1.5 times DuckDB's time in the geometric mean.

use super::setting;
use super::suite::{Suite, Table};
use crate::engine::Field;

/// A reading every 10 ms from one of 200,000 devices.
const TABLES: [Table; 2] = [
    Table {
        name: "reading",
        columns: "ts bigint PRIMARY KEY, device integer NOT NULL, site text NOT NULL, note text NOT NULL,
            temperature double precision NOT NULL, load double precision NOT NULL, moment timestamp NOT NULL",
        rows: |rows, add| {
            for i in 0..rows as i64 {
                let mixed = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
                let site = ["north", "south", "east", "west", "harbour", "roof", "cellar", "yard"];
                let words = ["steady", "warm start", "fan fault cleared", "calibrated twice"];
                add(&[
                    Field::Int(i * 10_000),
                    Field::Int((mixed % 200_000) as i64),
                    Field::Text(site[(mixed >> 8) as usize % 8].to_owned()),
                    Field::Text(format!("{} {}", words[(mixed >> 13) as usize % 4], mixed % 1000)),
                    Field::Float(20.0 + (i as f64 * 0.0001).sin() * 8.0 + (mixed % 997) as f64 / 997.0),
                    Field::Float((mixed % 10_007) as f64 / 10_007.0),
                    Field::Time(1_700_000_000_000_000 + i * 10_000),
                ]);
            }
        },
    },
    Table {
        name: "event",
        columns: "ts bigint PRIMARY KEY, kind text NOT NULL",
        rows: |rows, add| {
            for i in 0..rows as i64 / 100 {
                let kind = ["open", "close", "reset"][i as usize % 3];
                add(&[Field::Int(i * 1_000_003 + 5), Field::Text(kind.to_owned())]);
            }
        },
    },
];

const QUERIES: [(&str, &str); 10] = [
    ("two conditions", "SELECT count(*), avg(temperature) FROM reading WHERE load > 0.9 AND temperature < 20"),
    ("a range of time", "SELECT sum(load), max(temperature) FROM reading WHERE ts BETWEEN 20000000000 AND 30000000000"),
    ("8 groups", "SELECT site, count(*), avg(temperature), max(load) FROM reading GROUP BY site ORDER BY site"),
    (
        "200,000 groups",
        "SELECT device, count(*) AS n, avg(load) FROM reading GROUP BY device ORDER BY n DESC, device LIMIT 10",
    ),
    (
        "two keys",
        "SELECT site, device % 10 AS d, sum(load) FROM reading WHERE temperature > 22 GROUP BY site, d ORDER BY site, d",
    ),
    ("the 10 best", "SELECT ts, temperature FROM reading ORDER BY temperature DESC, ts LIMIT 10"),
    ("a pattern", "SELECT count(*) FROM reading WHERE note LIKE '%fault%99%'"),
    ("distinct values", "SELECT count(DISTINCT device) FROM reading"),
    (
        "a window",
        "SELECT max(step) FROM (SELECT temperature - lag(temperature) OVER (PARTITION BY device ORDER BY ts) AS step
         FROM reading WHERE site = 'roof' AND ts < 40000000000) AS s",
    ),
    (
        "ASOF JOIN",
        "SELECT kind, count(*), avg(load) FROM reading r ASOF JOIN event e ON r.ts >= e.ts GROUP BY kind ORDER BY kind",
    ),
];

pub fn analytics() {
    let thousands = setting("BENCH_ANALYTICS_ROWS", 10_000);
    Suite {
        name: "analytics",
        size: format!("{thousands} k rows"),
        scale: thousands as f64 * 1e3,
        tables: &TABLES,
        queries: QUERIES.map(|(name, sql)| (name.to_owned(), sql.to_owned())).to_vec(),
        asked: (None, 1.0 / 1.5),
        sqlite: None,
    }
    .run();
}
