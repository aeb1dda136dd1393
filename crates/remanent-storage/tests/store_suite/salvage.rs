//! Saving what is left of a damaged database: every row that can be read arrives, none that never was does, and the
//! report says exactly what is missing.

use super::damage::{database_with_past, kind, targets};
use super::support::{self, HOME, Rows, State, assert_same, create, difference, now, text, world_of};
use remanent_storage::store::Store;
use remanent_storage::store::check;
use remanent_storage::store::salvage::{SalvageReport, salvage};
use remanent_storage::table::ScanRequest;
use remanent_storage::txn::Txn;
use remanent_storage::value::Value;
use remanent_storage::world::Disk;
use remanent_storage::world::sim::{Fault, Op, Rng, SimDisk, seeds};
use std::path::Path;

const SAVED: &str = "/saved";

/// Saves, and reads what was saved. Nothing may be written in the damaged database.
fn save(disk: &SimDisk, what: &str) -> (State, SalvageReport) {
    let world = world_of(disk);
    let before = contents(disk);
    let report = salvage(&world, Path::new(HOME), Path::new(SAVED))
        .unwrap_or_else(|e| panic!("{what}: nothing could be saved: {e:?}"));
    assert!(contents(disk) == before, "{what}: the damaged database was written to");
    let damage = check::check(&world, Path::new(SAVED)).unwrap().damage;
    assert_eq!(format!("{damage:?}"), "[]", "{what}");
    let store = Store::open(world, Path::new(SAVED), support::options()).unwrap();
    let (state, found) = read(&store);
    let counts: Vec<_> = report.tables.iter().map(|t| (t.name.clone(), t.rows as usize)).collect();
    assert_eq!(counts, found, "{what}: the report counts what is there");
    (state, report)
}

/// All files of the damaged database.
fn contents(disk: &SimDisk) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = disk.files().into_iter().filter(|file| file.starts_with(HOME));
    files.map(|file| (file.clone(), disk.contents(&file).unwrap())).collect()
}

/// All rows by their first two columns, whatever those are called, and how many there are of each table. Without a key, of
/// two rows with the same id the newer counts: where a deletion is lost both are there.
fn read(store: &Store) -> (State, Vec<(String, usize)>) {
    let txn = store.begin(None).unwrap();
    let (mut state, mut counts) = (State::new(), Vec::new());
    for table in txn.catalog().tables() {
        let request = ScanRequest { columns: vec![0, 1], ..ScanRequest::default() };
        let mut scan = txn.scan(&table, &request).unwrap();
        let rows = state.entry(table.name.clone()).or_default();
        let mut count = 0;
        while let Some(batch) = scan.next().unwrap() {
            let batch = batch.compact();
            for i in 0..batch.rows {
                let (Value::Int8(id), Value::Text(note)) =
                    (batch.columns[0].value(i), batch.columns[1].value(i).loaded().unwrap())
                else {
                    panic!("a row of {} has other types", table.name)
                };
                let n = note.split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
                assert_eq!(text(n), note, "a wrong row of {}", table.name);
                let before = rows.get(&id).copied();
                rows.insert(id, n.max(before.unwrap_or(0)));
                assert!(before.is_none() || table.key.is_empty(), "row {id} of {} came twice", table.name);
                count += 1;
            }
        }
        counts.push((table.name.clone(), count));
    }
    (state, counts)
}

fn lost(report: &SalvageReport) -> u64 {
    report.tables.iter().map(|table| table.lost).sum()
}

fn size(state: &State) -> u64 {
    state.values().map(|rows| rows.len() as u64).sum()
}

/// True if every row of `part` is in `whole`, with the same note.
fn within(part: &State, whole: &State) -> bool {
    part.iter().all(|(name, rows)| {
        let whole = whole.get(name);
        rows.iter().all(|(id, n)| whole.is_some_and(|whole| whole.get(id) == Some(n)))
    })
}

/// Gives tables whose names are lost the name that their rows tell.
fn named(state: State, expected: &State) -> State {
    let missing: Vec<&String> = expected.keys().filter(|name| !state.contains_key(*name)).collect();
    let rename = |(name, rows): (String, Rows)| {
        let same = |candidate: &&&String| {
            !rows.is_empty() && rows.iter().all(|(id, n)| expected[**candidate].get(id) == Some(n))
        };
        match expected.contains_key(&name) {
            true => (name, rows),
            false => (missing.iter().find(same).map_or(name, |found| (*found).clone()), rows),
        }
    };
    state.into_iter().map(rename).collect()
}

#[test]
fn a_whole_database_is_saved_whole() {
    for (seed, closed) in [(1, true), (2, false), (3, true), (4, false)] {
        let (disk, state, _) = database_with_past(seed, closed);
        let (saved, report) = save(&disk, "without damage");
        assert!(saved == state, "{}", difference(&saved, &state));
        assert_eq!((report.losses.len(), lost(&report)), (0, 0), "{:?}", report.losses);
        assert!(report.tables.iter().all(|table| !table.doubtful));
    }
}

/// Saves a database with one kind of file damaged, and holds the outcome against what that kind may cost.
fn assert_saved(disk: &SimDisk, path: &Path, state: &State, past: &[State], what: &str) -> bool {
    let (saved, report) = save(disk, what);
    let saved = named(saved, state);
    let exact = saved == *state;
    let diff = || format!("{what}: {}{:?}", difference(&saved, state), report.losses);
    let doubtful = report.tables.iter().any(|table| table.doubtful);
    assert!(exact || !report.losses.is_empty(), "{}", diff());
    match &*kind(path) {
        "seg" | "blob" => {
            assert!(within(&saved, state), "{}", diff());
            let missing = size(state) - size(&saved);
            // With records behind it, some of what is lost there is known from them.
            let open = past.is_empty();
            assert!(missing == lost(&report) || (open && missing < lost(&report)), "{}", diff());
        }
        // Deleted rows are still in their segments, also those that a transaction made and deleted itself.
        "marks" | "del" => {
            assert!(within(state, &saved), "{}", diff());
            assert!(exact || doubtful, "{}", diff());
        }
        "log" => {
            // One record is lost at most: only what it changed can be different.
            let one = past.windows(2).any(|pair| differs_within(&saved, state, &pair[0], &pair[1]));
            assert!(exact || (one && doubtful), "{}", diff());
            assert!(every_row_was(&saved, past), "{}", diff());
        }
        _ => assert!(exact, "{}", diff()),
    }
    exact
}

fn every_row_was(saved: &State, past: &[State]) -> bool {
    saved.iter().all(|(name, rows)| {
        rows.iter().all(|(id, n)| past.iter().any(|s| s.get(name).and_then(|rows| rows.get(id)) == Some(n)))
    })
}

/// True if two states differ only in rows in which two others differ.
fn differs_within(a: &State, b: &State, c: &State, d: &State) -> bool {
    let row = |s: &State, name: &str, id: i64| s.get(name).and_then(|rows| rows.get(&id)).copied();
    let all = a.iter().chain(b).flat_map(|(name, rows)| rows.keys().map(move |id| (name, *id)));
    all.into_iter()
        .all(|(name, id)| row(a, name, id) == row(b, name, id) || row(c, name, id) != row(d, name, id))
}

#[test]
fn after_a_wrong_bit_in_any_file_every_readable_row_is_saved() {
    let mut inexact = 0;
    seeds("after_a_wrong_bit_in_any_file_every_readable_row_is_saved", 2, |seed| {
        let (disk, state, past) = database_with_past(seed, true);
        let mut rng = Rng::new(seed);
        for (path, len) in targets(&disk) {
            let step = (len / 24).max(1);
            for byte in (0..len).step_by(step as usize) {
                let bit = (byte + rng.below(step.min(len - byte))) * 8 + rng.below(8);
                let damaged = disk.fork(bit);
                damaged.flip_bit(&path, bit);
                let what = format!("bit {bit} of {}", path.display());
                inexact += u64::from(!assert_saved(&damaged, &path, &state, &past, &what));
            }
        }
    });
    assert!(inexact > 20, "{inexact}");
}

#[test]
fn after_a_wrong_bit_in_a_log_that_is_needed_the_other_records_are_saved() {
    let mut inexact = 0;
    seeds("after_a_wrong_bit_in_a_log_that_is_needed_the_other_records_are_saved", 3, |seed| {
        let (disk, state, past) = database_with_past(seed, false);
        let mut rng = Rng::new(seed);
        for (path, len) in targets(&disk).iter().filter(|(path, _)| kind(path) == "log") {
            for byte in (0..*len).step_by(61) {
                let bit = byte * 8 + rng.below(8);
                let damaged = disk.fork(bit);
                damaged.flip_bit(path, bit);
                let what = format!("bit {bit} of {}", path.display());
                inexact += u64::from(!assert_saved(&damaged, path, &state, &past, &what));
            }
        }
    });
    assert!(inexact > 20, "{inexact}");
}

#[test]
fn files_cut_short_gone_and_unreadable_cost_what_was_in_them() {
    for (seed, closed) in [(3, true), (4, false)] {
        let (disk, state, past) = database_with_past(seed, closed);
        let past = if closed { past } else { Vec::new() };
        let mut rng = Rng::new(seed);
        for (path, len) in targets(&disk).into_iter().filter(|(_, len)| *len > 0) {
            if kind(&path) == "log" && !closed {
                // More than one record may go with it: tested apart.
                continue;
            }
            for keep in [0, rng.below(len), len - 1] {
                let damaged = disk.fork(keep);
                damaged.truncate(&path, keep);
                let what = format!("{} cut to {keep} bytes", path.display());
                assert_saved(&damaged, &path, &state, &past, &what);
            }
            let damaged = disk.fork(9);
            damaged.remove(&path).unwrap();
            assert_saved(&damaged, &path, &state, &past, &format!("{} is gone", path.display()));
            let damaged = disk.fork(9);
            damaged.inject(Fault::on(Op::Read).of(&path.to_string_lossy()).forever());
            assert_saved(&damaged, &path, &state, &past, &format!("{} cannot be read", path.display()));
        }
    }
}

#[test]
fn a_lost_log_file_costs_its_records_and_no_others() {
    let (disk, state, past) = database_with_past(2, false);
    for (path, _) in targets(&disk).into_iter().filter(|(path, len)| kind(path) == "log" && *len > 0) {
        let damaged = disk.fork(1);
        damaged.remove(&path).unwrap();
        let (saved, report) = save(&damaged, "a log file is gone");
        assert!(!report.losses.is_empty());
        assert!(every_row_was(&saved, &past), "{}", difference(&saved, &state));
    }
}

#[test]
fn without_manifest_everything_is_found_again() {
    for (seed, closed) in [(5, true), (6, false)] {
        let (disk, state, _) = database_with_past(seed, closed);
        disk.remove(Path::new("/db/MANIFEST")).unwrap();
        let (saved, report) = save(&disk, "the manifest is gone");
        assert!(saved == state, "{}{:?}", difference(&saved, &state), report.losses);
        assert!(report.tables.iter().all(|table| table.doubtful));
    }
}

#[test]
fn check_says_which_rows_are_lost() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let store = support::open(&world, support::options()).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    support::insert(&mut txn, "a", &(0..3000).map(|id| (id, id as u64)).collect::<Vec<_>>()).unwrap();
    txn.commit().unwrap();
    store.close().unwrap();
    drop(store);
    let state = now(&support::open(&world, support::options()).unwrap()).unwrap();
    let (path, len) = targets(&disk).into_iter().filter(|t| kind(&t.0) == "seg").max_by_key(|t| t.1).unwrap();
    let mut partly = 0;
    for byte in (0..len).step_by(len as usize / 50) {
        let damaged = disk.fork(byte);
        damaged.flip_bit(&path, byte * 8);
        let report = check::check(&world_of(&damaged), Path::new(HOME)).unwrap();
        assert!(!report.damage.is_empty());
        let said: u64 = report.lost.iter().filter_map(|loss| loss.rows).sum();
        assert!(report.lost.iter().all(|loss| loss.table.as_deref() == Some("a")), "{:?}", report.lost);
        let (saved, _) = save(&damaged, "a damaged page");
        assert_eq!(size(&state) - size(&saved), said, "{:?}", report.lost);
        if said > 0 && said < 3000 {
            partly += 1;
            let gone: Vec<i64> =
                state["a"].keys().filter(|id| !saved["a"].contains_key(id)).copied().collect();
            let range = (format!("({})", gone[0]), format!("({})", gone[gone.len() - 1]));
            let keys = report.lost[0].keys.clone();
            assert!(keys.is_none() || keys == Some(range), "{keys:?}");
        }
    }
    assert!(partly > 5, "{partly}");
}

#[test]
fn nothing_is_saved_from_nothing_nor_over_a_database() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    disk.create_dir(Path::new("/empty")).unwrap();
    let refused = salvage(&world, Path::new("/empty"), Path::new(SAVED)).unwrap_err();
    assert_eq!(refused.code(), "3D000");
    support::open(&world, support::options()).unwrap().close().unwrap();
    let refused = salvage(&world, Path::new(HOME), Path::new(HOME)).unwrap_err();
    assert_eq!(refused.code(), "58P02");
    let report = salvage(&world, Path::new(HOME), Path::new(SAVED)).unwrap();
    assert_eq!((report.tables.len(), report.losses.len()), (0, 0));
}

#[test]
fn a_lost_footer_costs_no_rows_though_columns_came_and_went() {
    // Columns that came, and one that went, between segments; without a key, where the hidden key stands behind them, too.
    for name in ["a", "h"] {
        let disk = SimDisk::new(4);
        let world = world_of(&disk);
        let store = support::open(&world, support::options()).unwrap();
        let mut txn = store.begin(None).unwrap();
        create(&mut txn, name).unwrap();
        txn.commit().unwrap();
        let steps: [&dyn Fn(&mut Txn); 5] = [
            &|_| {},
            &|txn| support::widen(txn, name, 10).unwrap(),
            &|txn| support::widen(txn, name, 20).unwrap(),
            &|txn| support::narrow(txn, name, 0).unwrap(),
            &|txn| support::widen(txn, name, 40).unwrap(),
        ];
        for (part, step) in (0..).zip(steps) {
            let mut txn = store.begin(None).unwrap();
            step(&mut txn);
            txn.commit().unwrap();
            let mut txn = store.begin(None).unwrap();
            let rows: Vec<(i64, u64)> =
                (part * 20..part * 20 + 20).map(|id| (id, 10 * part as u64 + 5)).collect();
            support::insert(&mut txn, name, &rows).unwrap();
            txn.commit().unwrap();
            store.flush().unwrap();
        }
        let state = now(&store).unwrap();
        drop(store);
        disk.restart();
        let segments = disk.files().into_iter().filter(|file| file.to_string_lossy().ends_with(".seg"));
        let mut whole = 0;
        for path in segments {
            let bytes = disk.contents(&path).unwrap();
            let footer = u64::from_le_bytes(bytes[bytes.len() - 32..][..8].try_into().unwrap());
            // In the footer, in the tail, and in the mark that says which columns there are.
            for bit in [footer * 8 + 3, (bytes.len() as u64 - 30) * 8, 12 * 8 + 5] {
                let damaged = disk.fork(bit);
                damaged.flip_bit(&path, bit);
                let (saved, report) = save(&damaged, &format!("{name}, bit {bit} of {}", path.display()));
                assert_eq!(size(&saved), 100, "{}: {:?}", path.display(), report.losses);
                let again = Store::open(world_of(&damaged), Path::new(SAVED), support::options()).unwrap();
                assert_same(&now(&again).unwrap(), &state, "what was saved");
                assert_eq!(lost(&report), 0, "{:?}", report.losses);
                assert!(!report.losses.is_empty());
                whole += 1;
            }
        }
        assert!(whole >= 15, "{whole}");
    }
}
