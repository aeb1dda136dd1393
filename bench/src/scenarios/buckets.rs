//! A year of readings, one a second (31,536 k rows; `BENCH_BUCKETS_ROWS`, in thousands, for fewer), and its sums by day, by hour
//! and as a whole.

use super::setting;
use super::suite::{Suite, Table};
use crate::engine::Field;

const TABLES: [Table; 1] = [Table {
    name: "year",
    columns: "ts timestamp PRIMARY KEY, x double precision NOT NULL, n integer",
    rows: |rows, add| {
        for i in 0..rows as i64 {
            let mixed = (i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
            add(&[
                Field::Time(1_672_531_200_000_000 + i * 1_000_000),
                Field::Float(20.0 + (i as f64 * 0.0001).sin() * 8.0 + (mixed % 9973) as f64 / 9973.0),
                Field::Int((mixed % 100_000) as i64),
            ]);
        }
    },
}];

const OF: &str = "sum(x) AS s, count(*) AS c, min(x) AS low, max(x) AS high, avg(x) AS mean";

pub fn buckets() {
    let thousands = setting("BENCH_BUCKETS_ROWS", 31_536);
    let within = "ts >= TIMESTAMP '2023-01-01 06:00:00' AND ts < TIMESTAMP '2024-01-01'";
    let by = |width: &str, within: &str| {
        format!(
            "SELECT time_bucket(INTERVAL '{width}', ts) AS bucket, {OF} FROM year WHERE {within} GROUP BY 1 ORDER BY 1"
        )
    };
    let january = "ts >= TIMESTAMP '2023-01-01' AND ts < TIMESTAMP '2023-02-01'";
    Suite {
        name: "buckets",
        size: format!("{thousands} k rows"),
        scale: thousands as f64 * 1e3,
        tables: &TABLES,
        queries: vec![
            ("sums by day".to_owned(), by("1 day", within)),
            ("sums of January by hour".to_owned(), by("1 hour", january)),
            ("sums of all".to_owned(), format!("SELECT {OF}, sum(n) AS n FROM year WHERE {within}")),
        ],
        asked: (None, 1.0),
        sqlite: None,
    }
    .run();
}
