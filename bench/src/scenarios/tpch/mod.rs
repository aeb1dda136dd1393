//! The 22 queries of TPC-H, with the values that its specification gives for validation.
//!
//! `BENCH_TPCH_SCALE` is the scale factor in hundredths; default 100, which is 1. Asked: twice DuckDB's time in the geometric
//! mean and six times in each query at most, a tenth of SQLite's.

mod tables;

use super::setting;
use super::suite::Suite;

const QUERIES: &str = include_str!("queries.sql");

/// What SQLite's dialect says otherwise: dates are texts, and it counts no calendar.
const SQLITE_SAYS: &[(&str, &str)] = &[
    ("date '1998-12-01' - interval '90 day'", "'1998-09-02'"),
    ("date '1993-07-01' + interval '3 month'", "'1993-10-01'"),
    ("date '1993-10-01' + interval '3 month'", "'1994-01-01'"),
    ("date '1994-01-01' + interval '1 year'", "'1995-01-01'"),
    ("date '1995-09-01' + interval '1 month'", "'1995-10-01'"),
    ("date '1996-01-01' + interval '3 month'", "'1996-04-01'"),
    ("0.06 - 0.01", "0.05"),
    ("0.06 + 0.01", "0.07"),
    ("date '", "'"),
    ("extract(year from l_shipdate)", "cast(strftime('%Y', l_shipdate) as integer)"),
    ("extract(year from o_orderdate)", "cast(strftime('%Y', o_orderdate) as integer)"),
    ("substring(c_phone from 1 for 2)", "substr(c_phone, 1, 2)"),
];

pub fn tpch() {
    let scale = setting("BENCH_TPCH_SCALE", 100) as f64 / 100.0;
    let query = |text: &str| {
        let (number, sql) = text.split_once('\n').unwrap();
        (format!("Q{number}"), sql.replace(":FRACTION", &format!("{}", 0.0001 / scale)))
    };
    Suite {
        name: "tpch",
        size: format!("scale {scale}"),
        scale,
        tables: &tables::TABLES,
        queries: QUERIES.split("-- Q").skip(1).map(query).collect(),
        asked: (Some(1.0 / 6.0), 0.5),
        sqlite: Some(SQLITE_SAYS),
    }
    .run();
}
