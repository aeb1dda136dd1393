//! The database whose files are damaged: small, and with a file of every kind.

use remanent::{Database, Result, params};
use remanent_storage::world::World;
use remanent_storage::world::sim::{SimDisk, SimWorld};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Where it lies.
pub const DIR: &str = "/robot.rem";

/// Opens it without background threads; nothing happens but what the caller does.
pub fn open(world: &World, read_only: bool) -> Result<Database> {
    Database::options()
        .background(false)
        .memory_limit(8 << 20)
        .read_only(read_only)
        .open_in(world.clone(), DIR)
}

/// Tables of every type of column.
const TABLES: &str = "
    CREATE TABLE reading (id int PRIMARY KEY, at timestamptz, force float8, kind text, raw bytea, ok boolean);
    CREATE TABLE note (topic text, seq bigint, body text NOT NULL, weight numeric(10,2), PRIMARY KEY (topic, seq));
    CREATE TABLE event (what text, took interval, place real, day date, size numeric, small smallint);
    CREATE TYPE mood AS ENUM ('sad', 'so so', 'ok');
    CREATE TABLE felt (id int PRIMARY KEY, m mood, all_of mood[], CHECK (m < 'ok'));
    CREATE INDEX felt_m ON felt (m, id);
    COMMENT ON COLUMN felt.m IS 'how it was';
    CREATE INDEX reading_kind ON reading (kind DESC, id);
    CREATE UNIQUE INDEX event_what ON event (what)";

/// The tables and their rows: few enough for pages that are shared, and enough for pages that are not.
pub fn script() -> String {
    let mut script = TABLES.to_owned();
    let mut rows = |table: &str, count: i64, row: &dyn Fn(i64) -> String| {
        let rows: Vec<String> = (1..=count).map(|i| format!("({})", row(i))).collect();
        script += &format!("; INSERT INTO {table} VALUES {}", rows.join(", "));
    };
    rows("reading", 1500, &|i| {
        let raw = if i % 7 == 0 { "NULL" } else { "'\\x00ff'" };
        let at = 1_000 + i * 5 % 60_000;
        let at = format!("2024-05-01 12:00:{:02}.{:03}+00", at / 1000 % 60, at % 1000);
        format!("{i}, '{at}', {}, 'kind {}', {raw}, {}", i as f64 / 8.0, i % 5, i % 3 == 0)
    });
    rows("note", 150, &|i| {
        format!("'t{}', {i}, '{}', {}.25", i % 4, "the gripper slipped ".repeat(i as usize % 9), i)
    });
    rows("felt", 60, &|i| format!("{i}, {}, '{{ok,sad}}'", ["'sad'", "'so so'", "NULL"][i as usize % 3]));
    rows("event", 60, &|i| format!("'e{i}', '{i} hours', {i}, '2024-01-{:02}', {i}.5, {i}", 1 + i % 28));
    script
}

/// Runs scripts one after the other, each followed by a flush.
fn fill(world: &World) -> Result<()> {
    let db = open(world, false)?;
    let conn = db.connect()?;
    let late: Vec<String> = (2001..2100).map(|i| format!("({i}, {})", -i)).collect();
    for script in [
        &script(),
        "DELETE FROM reading WHERE id % 10 = 3; UPDATE note SET body = body || '!' WHERE seq < 20",
        &format!("INSERT INTO reading (id, force) VALUES {}", late.join(", ")),
        "DELETE FROM reading WHERE id BETWEEN 100 AND 300; DELETE FROM event WHERE small > 50",
    ] {
        conn.execute(script, params![])?;
        db.flush()?;
    }
    // What only the log knows.
    conn.execute("INSERT INTO event (what) VALUES ('last'); DELETE FROM note WHERE seq = 77", params![])?;
    conn.execute("UPDATE reading SET force = 1 WHERE id < 50", params![])?;
    drop(conn);
    // As a process that is killed leaves it.
    std::mem::forget(db);
    Ok(())
}

/// The disk with the database, made once.
pub fn disk() -> &'static SimDisk {
    static DISK: OnceLock<SimDisk> = OnceLock::new();
    DISK.get_or_init(|| {
        let sim = SimWorld::new(1);
        let world = sim.world();
        sim.run(move || fill(&world)).expect("a database");
        sim.disk().restart();
        sim.disk().clone()
    })
}

/// Its files whose names end so.
pub fn files(ending: &str) -> Vec<PathBuf> {
    let inside = |path: &PathBuf| path.starts_with(DIR) && path.to_string_lossy().ends_with(ending);
    disk().files().into_iter().filter(inside).collect()
}

/// What a file of it holds.
pub fn contents(path: &Path) -> Vec<u8> {
    disk().contents(path).unwrap_or_default()
}
