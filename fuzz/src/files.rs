//! Targets that are a file of a database: it is put in the place of the good one, and then all is done that reads it.

use super::database::{self, DIR};
use super::seals;
use remanent::{Connection, Database, Result, params};
use remanent_storage::log::find_salt;
use remanent_storage::store::{check, salvage};
use remanent_storage::world::World;
use remanent_storage::world::sim::SimWorld;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Statements that read every column, search by key, and write; each may fail.
const STATEMENTS: [&str; 12] = [
    "SELECT * FROM reading",
    "SELECT * FROM note",
    "SELECT * FROM event",
    "SELECT sum(force), min(at), max(kind), count(raw) FROM reading WHERE ok",
    "SELECT body FROM note WHERE topic = 't1' AND seq = 21",
    "SELECT force FROM reading WHERE id = 77 OR id BETWEEN 1030 AND 1040 ORDER BY id DESC",
    "SELECT id, force FROM reading WHERE kind = 'kind 3' ORDER BY id DESC LIMIT 20",
    "SELECT count(*) FROM reading WHERE kind IN ('kind 1', 'kind 4') AND id < 90",
    "SELECT took FROM event WHERE what = 'e7'",
    "UPDATE reading SET ok = NOT ok WHERE id IN (5, 1400)",
    "DELETE FROM note WHERE topic = 't2' AND seq < 100",
    "INSERT INTO event (what) VALUES ('after')",
];

fn use_it(conn: &Connection) -> Result<()> {
    for sql in STATEMENTS {
        // What one statement meets says nothing about the next.
        if let Ok(rows) = conn.query(sql, params![]) {
            for row in rows {
                if row.is_err() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// Everything that reads a database: check, open, statements, flush, merge, open again, backup, salvage.
fn exercise(world: &World) {
    let _ = check::check(world, Path::new(DIR));
    let _ = salvage::salvage(world, Path::new(DIR), Path::new("/saved.rem"));
    for _ in 0..2 {
        let Ok(db) = database::open(world, false) else { return };
        let _ = db.connect().and_then(|conn| use_it(&conn));
        let _ = db.flush();
        let _ = db.close();
    }
}

/// Puts `bytes` in the place of a file and does everything with the database.
fn with_file(path: &Path, bytes: &[u8]) {
    let disk = database::disk().fork(1);
    disk.put(path, bytes);
    let sim = SimWorld::with_disk(1, disk);
    let world = sim.world();
    sim.run(move || exercise(&world));
}

/// A target of files whose names end so. The first byte of the data chooses one of them; the rest is put in its place.
fn one_of(ending: &str, data: &[u8], seal: impl FnOnce(&Path, &mut [u8])) {
    let (Some((&which, bytes)), files) = (data.split_first(), database::files(ending)) else { return };
    let Some(path) = files.get(usize::from(which) % files.len().max(1)) else { return };
    let mut bytes = bytes.to_vec();
    seal(path, &mut bytes);
    with_file(path, &bytes);
}

/// The files of that ending, each behind its number.
fn seeds_of(ending: &str) -> Vec<Vec<u8>> {
    let file = |(i, path): (usize, &PathBuf)| [&[i as u8], &database::contents(path)[..]].concat();
    let seeds: Vec<_> = database::files(ending).iter().enumerate().map(file).collect();
    assert!(!seeds.is_empty(), "the database has no file {ending}");
    seeds
}

/// `MANIFEST`.
pub fn manifest(data: &[u8]) {
    one_of("/MANIFEST", data, |_, bytes| seals::manifest(bytes));
}

pub fn manifest_seeds() -> Vec<Vec<u8>> {
    seeds_of("/MANIFEST")
}

/// `seg/*.seg`.
pub fn segment(data: &[u8]) {
    one_of(".seg", data, |_, bytes| seals::paged(bytes));
}

pub fn segment_seeds() -> Vec<Vec<u8>> {
    seeds_of(".seg")
}

/// `seg/*.idx`.
pub fn part(data: &[u8]) {
    one_of(".idx", data, |_, bytes| seals::paged(bytes));
}

pub fn part_seeds() -> Vec<Vec<u8>> {
    seeds_of(".idx")
}

/// `seg/*.marks`, whose format is that of `seg/*.del` as well.
pub fn marks(data: &[u8]) {
    one_of(".marks", data, |_, bytes| seals::marks(bytes));
}

pub fn marks_seeds() -> Vec<Vec<u8>> {
    seeds_of(".marks")
}

/// `wal/*.log`. Behind the bytes lie zeros, as in a file of the log.
pub fn log(data: &[u8]) {
    static SALT: OnceLock<u32> = OnceLock::new();
    let salt = *SALT.get_or_init(|| {
        find_salt(database::disk(), &Path::new(DIR).join("wal")).expect("the salt of the log")
    });
    one_of(".log", data, |path, bytes| {
        let number = path.file_stem().and_then(|name| name.to_str()?.parse().ok()).unwrap_or(0);
        seals::log(bytes, salt, number);
    });
}

/// The log's files up to where they are zero.
pub fn log_seeds() -> Vec<Vec<u8>> {
    let mut seeds = seeds_of(".log");
    for seed in &mut seeds {
        seed.truncate(seed.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1));
    }
    seeds.retain(|seed| seed.len() > 64);
    seeds
}

/// Length of a notice with the followers' word behind it.
const BOARD: usize = 72;
/// Length of a follower's slot.
const SLOT: usize = 40;

/// A writer and a follower beside each other: what the writer announces is replaced, then what the follower says it needs.
pub fn readers(data: &[u8]) {
    let (mut notice, mut slot) = match data.split_at_checked(BOARD) {
        Some((notice, slot)) => (notice.to_vec(), slot.to_vec()),
        None => return,
    };
    if slot.len() != SLOT {
        return;
    }
    seals::notice(&mut notice, 64);
    seals::notice(&mut slot, SLOT);
    let sim = SimWorld::with_disk(1, database::disk().fork(1));
    let (writing, following, disk) = (sim.process(0), sim.process(1), sim.disk().clone());
    sim.run(move || {
        let writer = database::open(&writing, false).expect("a good database");
        let follower = database::open(&following, true).expect("a good database");
        let conn = follower.connect().expect("a connection");
        let _ = use_it(&conn);
        disk.put(Path::new(DIR).join("READERS"), &notice);
        let _ = use_it(&conn);
        let slots: Vec<_> = disk
            .files()
            .into_iter()
            .filter(|path| path.starts_with(Path::new(DIR).join("readers")))
            .collect();
        slots.iter().for_each(|path| disk.put(path, &slot));
        work(&writer);
        let _ = use_it(&conn);
        drop(conn);
        let _ = (follower.close(), writer.close());
    });
}

fn work(writer: &Database) {
    let conn = writer.connect().expect("a connection");
    conn.execute("DELETE FROM reading WHERE id > 1000", params![]).expect("a good database");
    writer.flush().expect("a good database");
    conn.execute("INSERT INTO event (what) VALUES ('more')", params![]).expect("a good database");
    writer.flush().expect("a good database");
}

pub fn readers_seeds() -> Vec<Vec<u8>> {
    let notice = remanent_storage::txn::board::Notice {
        epoch: 2,
        committed: 9,
        durable: 9,
        generation: 1,
        process: 0,
    };
    let slot = |epoch: u64, lsn: u64, generation: u64| {
        let mut slot = b"REMSLOT\x01".to_vec();
        [epoch, lsn, generation, 0].iter().for_each(|n| slot.extend(n.to_le_bytes()));
        slot
    };
    let seed = |notice: &[u8], slot: Vec<u8>| [notice, &[0; 8], &slot].concat();
    vec![
        seed(&notice.encode(), slot(2, 9, 1)),
        seed(&notice.encode(), slot(1, 3, 0)),
        seed(&[0; 64], slot(2, 9, 1)),
    ]
}
