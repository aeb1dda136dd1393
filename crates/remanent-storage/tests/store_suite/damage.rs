//! A wrong bit anywhere: found by `check`, found when read, never believed.

use super::script::{self, Plan, Seen};
use super::support::{self, HOME, State, now, world_of};
use remanent_storage::store::{Options, check};
use remanent_storage::world::Disk;
use remanent_storage::world::sim::{Notes, Rng, SimDisk, SimWorld, seeds};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

/// A database after a script, with files of every kind; closed, or with a log that has to be replayed.
pub fn database(seed: u64, closed: bool) -> (SimDisk, State) {
    let (disk, state, _) = database_with_past(seed, closed);
    (disk, state)
}

/// The same, and every state that it has had.
pub fn database_with_past(seed: u64, closed: bool) -> (SimDisk, State, Vec<State>) {
    let sim = SimWorld::new(seed);
    let world = sim.world();
    let notes = Notes::<Seen>::default();
    let told = notes.clone();
    let state = sim.run(move || {
        // Much stays in the log, so that there is something to damage.
        let options = Options { log_file_size: 64 << 10, blob_file_size: 256 << 10, ..support::options() };
        let mut script =
            script::Script::begin(&world, seed, &Plan { options, ..Plan::new(0) }, &told).unwrap();
        script.spill().unwrap();
        script.many_marks().unwrap();
        (0..12).for_each(|_| script.transaction().unwrap());
        script.flush().unwrap();
        (0..6).for_each(|_| script.transaction().unwrap());
        script.store.flush().unwrap();
        if !closed {
            // Until records stay in the log that recovery needs: many deletes or large values flush of their own accord.
            for _ in 0..20 {
                (0..6).for_each(|_| script.transaction().unwrap());
                // When the log falls idle it says what is durable: from then on damage is known for what it is.
                script.store.maintain().unwrap();
                script.store.maintain().unwrap();
                if script.store.stats().log_bytes > 3 << 10 {
                    break;
                }
            }
        }
        let state = now(&script.store).unwrap();
        match closed {
            true => script.store.close().unwrap(),
            false => std::mem::forget(script),
        }
        state
    });
    sim.disk().restart();
    (sim.disk().clone(), state, notes.update(|seen| seen.states.clone()))
}

/// The bytes that mean something: those of all files but the lock, and of the log only those that were ever written.
pub fn targets(disk: &SimDisk) -> Vec<(PathBuf, u64)> {
    let mut targets = Vec::new();
    for path in disk.files() {
        let name = path.to_string_lossy().into_owned();
        let log = name.contains("/wal/");
        // What these say is void once nobody has the database open.
        if name.ends_with("LOCK") || name.ends_with("READERS") {
            continue;
        }
        let bytes = disk.contents(&path).unwrap();
        let len = match log {
            true => bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1),
            false => bytes.len(),
        };
        targets.push((path, len as u64));
    }
    targets
}

pub fn kind(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    name.rsplit('.').next().unwrap().to_owned()
}

/// Opens the database and reads everything: the right answer or an error.
fn read_all(disk: &SimDisk, state: &State, what: &str) -> bool {
    let world = world_of(disk);
    let read = catch_unwind(AssertUnwindSafe(|| {
        let store = support::open(&world, support::options())?;
        let found = now(&store)?;
        assert!(found == *state, "a wrong answer: {}", support::difference(&found, state));
        // Background work reads what statements do not.
        store.maintain()
    }));
    match read {
        Err(_) => panic!("{what}: a panic"),
        Ok(Ok(())) => true,
        Ok(Err(e)) => {
            assert!(["XX001", "3D000", "0A000", "58P01", "58030"].contains(&e.code()), "{what}: {e:?}");
            false
        }
    }
}

/// Check finds the damage. What does not matter it may pass over: the manifest's last frame is an empty mark, and of a
/// log that was closed nothing is needed. What lies between the large values that rows name is nobody's.
fn assert_found(disk: &SimDisk, path: &Path, state: &State, what: &str) {
    let found = found_by_check(disk);
    let right = read_all(disk, state, what);
    assert!(
        found || (right && ["MANIFEST", "log", "blob"].contains(&&*kind(path))),
        "{what}: check finds nothing"
    );
}

fn found_by_check(disk: &SimDisk) -> bool {
    match check::check(&world_of(disk), Path::new(HOME)) {
        Ok(report) => !report.damage.is_empty(),
        Err(_) => true,
    }
}

#[test]
fn a_wrong_bit_in_a_closed_database_is_found() {
    seeds("a_wrong_bit_in_a_closed_database_is_found", 2, |seed| {
        let (disk, state) = database(seed, true);
        assert!(read_all(&disk.fork(0), &state, "without damage"));
        let targets = targets(&disk);
        let mut kinds: Vec<String> = targets.iter().map(|t| kind(&t.0)).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds, ["MANIFEST", "blob", "del", "idx", "log", "marks", "seg"]);
        let mut rng = Rng::new(seed);
        for (path, len) in &targets {
            let step = (len / 60).max(1);
            for byte in (0..*len).step_by(step as usize) {
                let bit = (byte + rng.below(step.min(len - byte))) * 8 + rng.below(8);
                let damaged = disk.fork(bit);
                damaged.flip_bit(path, bit);
                let what = format!("bit {bit} of {}", path.display());
                assert_found(&damaged, path, &state, &what);
            }
        }
    });
}

#[test]
fn a_wrong_bit_in_a_log_that_is_needed_is_found() {
    seeds("a_wrong_bit_in_a_log_that_is_needed_is_found", 2, |seed| {
        let (disk, state) = database(seed, false);
        assert!(read_all(&disk.fork(0), &state, "without damage"));
        let mut found = 0;
        let mut rng = Rng::new(seed);
        for (path, len) in targets(&disk).iter().filter(|(path, _)| kind(path) == "log") {
            for byte in (0..*len).step_by(5) {
                let bit = byte * 8 + rng.below(8);
                let damaged = disk.fork(bit);
                damaged.flip_bit(path, bit);
                let what = format!("bit {bit} of {}", path.display());
                // Recovery and check agree: either it lies where nobody looks, or both report it.
                let right = read_all(&damaged.fork(0), &state, &what);
                assert_eq!(found_by_check(&damaged), !right, "{what}");
                found += u64::from(!right);
            }
        }
        assert!(found > 100, "{found}");
    });
}

#[test]
fn files_cut_short_and_files_gone_are_found() {
    let (disk, state) = database(3, true);
    let mut rng = Rng::new(3);
    for (path, len) in targets(&disk).into_iter().filter(|(_, len)| *len > 0) {
        for keep in [0, rng.below(len), len - 1] {
            let damaged = disk.fork(keep);
            damaged.truncate(&path, keep);
            let what = format!("{} cut to {keep} bytes", path.display());
            assert_found(&damaged, &path, &state, &what);
        }
        let damaged = disk.fork(9);
        damaged.remove(&path).unwrap();
        assert_found(&damaged, &path, &state, &format!("{} is gone", path.display()));
    }
}

#[test]
fn a_wrong_bit_in_a_segment_that_only_the_log_names_is_found() {
    let disk = SimDisk::new(1);
    let store = support::open(&world_of(&disk), support::options()).unwrap();
    let mut txn = store.begin(None).unwrap();
    support::create(&mut txn, "a").unwrap();
    support::insert(&mut txn, "a", &(0..100).map(|id| (id, support::LONG)).collect::<Vec<_>>()).unwrap();
    txn.commit().unwrap();
    let state = now(&store).unwrap();
    std::mem::forget(store);
    disk.crash();
    let mut rng = Rng::new(1);
    let segments: Vec<_> =
        targets(&disk).into_iter().filter(|(path, _)| path.starts_with("/db/seg")).collect();
    assert_eq!(segments.len(), 2, "a segment and its part");
    for (path, len) in segments {
        for byte in (0..len).step_by(len as usize / 40) {
            let bit = byte * 8 + rng.below(8);
            let damaged = disk.fork(bit);
            damaged.flip_bit(&path, bit);
            let what = format!("bit {bit} of {}", path.display());
            assert!(found_by_check(&damaged), "{what}: check finds nothing");
            read_all(&damaged, &state, &what);
        }
    }
}
