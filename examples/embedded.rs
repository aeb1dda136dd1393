//! A whole program around Remanent: opens a database, records, asks, closes.
//!
//! ```sh
//! cargo run --release -p remanent --example embedded -- robot.rem
//! ```
//!
//! It is also what BENCHMARKS.md calls the embedded program: its stripped size in the release profile is the size
//! of the engine in a user's program, since it reaches SQL, transactions, the appender and prepared statements.

use remanent::{Database, params};

fn main() -> remanent::Result<()> {
    let path = std::env::args_os().nth(1).unwrap_or_else(|| "robot.rem".into());
    let db = Database::options().memory_limit(64 << 20).open(path)?;
    let conn = db.connect()?;
    conn.execute(
        "CREATE TABLE IF NOT EXISTS imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8, note text)",
        params![],
    )?;
    let row = conn.query_one("SELECT coalesce(max(ts), 0) FROM imu", params![])?;
    let from: i64 = row.get(0)?;

    // One row at a time, each durable when the call returns.
    let insert = conn.prepare("INSERT INTO imu VALUES ($1, $2, $3, $4, $5)")?;
    for i in 1..=100 {
        let angle = i as f64 / 10.0;
        insert.execute(params![from + i, angle.sin(), angle.cos(), 9.81, "single"])?;
    }

    // Many rows in one transaction.
    let mut rows = conn.appender("imu")?;
    for i in 101..=10_000 {
        let angle = i as f64 / 10.0;
        rows.append(params![from + i, angle.sin(), angle.cos(), 9.81, None::<&str>])?;
    }
    rows.finish()?;

    // Changes that belong together.
    let tx = conn.begin()?;
    tx.execute("UPDATE imu SET note = 'first' WHERE ts = $1", params![from + 1])?;
    tx.execute("DELETE FROM imu WHERE ts = $1", params![from + 2])?;
    tx.commit()?;

    let sql = "SELECT note, count(*) AS rows, round(avg(ax)::numeric, 4) AS ax FROM imu GROUP BY note ORDER BY note";
    let rows = conn.query(sql, params![])?;
    let names: Vec<_> = rows.columns().iter().map(|c| c.name().to_owned()).collect();
    println!("{}", names.join("  "));
    for row in rows {
        let row = row?;
        println!("{}  {}  {}", row.value(0), row.value(1), row.value(2));
    }

    let point = conn.prepare("SELECT az FROM imu WHERE ts = $1")?;
    for row in point.query(params![from + 1])? {
        let az: f64 = row?.get("az")?;
        println!("az at {} is {az}", from + 1);
    }
    drop((insert, point));
    drop(conn);
    db.close()
}
