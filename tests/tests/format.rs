//! A database of each format version that was ever written is opened, and says what it said then.
//!
//! `tests/fixtures/format-N` holds the files of one small database, as a process that was killed left them; its log ends
//! in zeros, which are left out: the file `LENGTHS` says how long each file is. Where a format changes before the first
//! release, `REMANENT_UPDATE_GOLDEN=1 cargo test -p remanent-tests --test format` writes the newest one anew; after it, a new
//! version gets a new folder and the old ones stay.

#[path = "../../fuzz/src/database.rs"]
#[allow(dead_code, reason = "the targets of the fuzzer use the rest")]
mod database;

use remanent::params;
use remanent_storage::store::check;
use remanent_storage::world::sim::{SimDisk, SimWorld};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// The formats there are; the first is older than indexes, enums and comments.
const VERSIONS: [&str; 2] = ["1", "1-indexes"];

fn folder(version: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/format-{version}"))
}

/// Writes the files of the database that this program makes.
fn update(folder: &Path) {
    let mut lengths = String::new();
    let _ = std::fs::remove_dir_all(folder);
    for path in database::files("") {
        let name = path.strip_prefix(database::DIR).expect("a file of the database").to_owned();
        if name.starts_with("LOCK") || name.starts_with("READERS") || name.starts_with("tmp") {
            continue;
        }
        let bytes = database::contents(&path);
        let used = bytes.iter().rposition(|&b| b != 0).map_or(0, |last| last + 1);
        let file = folder.join(&name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        std::fs::write(file, &bytes[..used]).expect("a file");
        writeln!(lengths, "{} {}", bytes.len(), name.display()).expect("a line");
    }
    std::fs::write(folder.join("LENGTHS"), lengths).expect("a file");
}

/// The database on a disk.
fn load(folder: &Path) -> SimDisk {
    let disk = SimDisk::new(1);
    let lengths = std::fs::read_to_string(folder.join("LENGTHS")).expect("the fixture");
    for line in lengths.lines() {
        let (length, name) = line.split_once(' ').expect("a length and a name");
        let mut bytes = std::fs::read(folder.join(name)).expect("a file of the fixture");
        bytes.resize(length.parse().expect("a length"), 0);
        disk.put(Path::new(database::DIR).join(name), &bytes);
    }
    disk
}

/// What a query answers, a line for each row.
fn answer(db: &remanent::Database, sql: &str) -> String {
    let conn = db.connect().expect("a connection");
    let rows = conn.query(sql, params![]).unwrap_or_else(|e| panic!("{sql}: {e}"));
    let line = |row: remanent::Result<remanent::Row>| {
        let row = row.unwrap_or_else(|e| panic!("{sql}: {e}"));
        row.values().iter().map(ToString::to_string).collect::<Vec<_>>().join("|")
    };
    rows.map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_format_is_opened_with_its_rows() {
    if std::env::var_os("REMANENT_UPDATE_GOLDEN").is_some() {
        update(&folder(VERSIONS[VERSIONS.len() - 1]));
    }
    for version in VERSIONS {
        let sim = SimWorld::with_disk(1, load(&folder(version)));
        let world = sim.world();
        sim.run(move || {
            let report = check::check(&world, Path::new(database::DIR)).expect("a database");
            assert!(report.damage.is_empty(), "{:?}", report.damage);
            for round in 0..2 {
                let db = database::open(&world, false).expect("a database of that format");
                let says = |sql, what: &str| {
                    assert_eq!(answer(&db, sql), what, "format {version}, round {round}: {sql}")
                };
                says("SELECT count(*), sum(id), sum(force), count(raw), count(at) FROM reading", READING);
                says("SELECT count(*), sum(seq), sum(weight), sum(length(body)) FROM note", NOTE);
                says("SELECT count(*), sum(small), sum(size), max(what), max(day) FROM event", EVENT);
                says("SELECT force, kind, at FROM reading WHERE id = 401", ROW);
                says("SELECT count(*) FROM reading WHERE kind = 'kind 1'", KIND);
                if version != VERSIONS[0] {
                    says("SELECT indexdef FROM pg_indexes WHERE tablename = 'reading' ORDER BY 1", INDEX);
                }
                db.flush().expect("a flush");
                db.close().expect("a close");
            }
        });
    }
}

// What follows from the script in `fuzz/src/database.rs`, by arithmetic.
const READING: &str = "1268|1180260|-80881|1001|1169";
const NOTE: &str = "149|11248|11285.25|11859";
const EVENT: &str = "51|1275|1300.0|last|2024-01-28";
const KIND: &str = "260";
const INDEX: &str = "CREATE INDEX reading_kind ON public.reading USING btree (kind DESC, id)
CREATE UNIQUE INDEX reading_pkey ON public.reading USING btree (id)";
const ROW: &str = "50.125|kind 1|2024-05-01 12:00:03.005+00";
