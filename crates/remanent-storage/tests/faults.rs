//! The store on a disk that fails: writes and syncs that return errors, a device that fills up, bits that flip.
//!
//! After each, reads go on, nothing acknowledged is lost, and what is wrong is said with the right code.

mod flight;

use flight::{Change, DIR, History, Rows, check_gets, create, open, scan};
use remanent_storage::Result;
use remanent_storage::store::check;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Fault, Op, Rng, SimWorld, Survival, seeds};
use std::path::Path;

/// What a successful commit is counted as.
const OK: &str = "00000";

/// Random transactions on a store that is open; after an error, what is read must be a state that was tried, and
/// the work goes on from there. Returns the codes of the errors; 00000 for every commit that went well.
fn stubborn(world: &World, history: &mut History, between: impl Fn(u64)) -> Result<Vec<&'static str>> {
    let mut codes = Vec::new();
    let store = open(world, false)?;
    history.states = vec![None, Some(Rows::new())];
    create(&store)?;
    history.all_durable();
    let mut rng = Rng::new(world.random());
    let mut rows = Rows::new();
    for n in 0..20 {
        between(n);
        let change = Change::random(&mut rng, &rows, n);
        let mut after = rows.clone();
        change.apply(&mut after);
        history.push(Some(after));
        let done = change.commit(&store, Some(true)).and_then(|()| match rng.below(5) {
            0 => store.flush(),
            1 => store.maintain(),
            _ => Ok(()),
        });
        // A planted fault strikes once: where it struck this read, the next one succeeds.
        let read = || scan(&store).and_then(|rows| check_gets(&store, rows.as_ref().unwrap()).map(|()| rows));
        let seen = read().or_else(|_| read()).expect("reads go on").expect("the table is there");
        let expected = history.states.last().cloned().flatten();
        match done {
            Ok(()) => {
                assert_eq!(Some(&seen), expected.as_ref());
                if !change.is_empty() {
                    history.all_durable();
                    codes.push(OK);
                }
            }
            Err(e) => {
                codes.push(e.code());
                eprintln!("commit {n}: {e:?}");
                assert!(Some(&seen) == expected.as_ref() || seen == rows, "{e:?}: {seen:?}");
            }
        }
        rows = seen;
        // What was read is a state from here on, whatever was tried.
        history.push(Some(rows.clone()));
    }
    // Closing may fail as the rest did.
    if let Err(e) = store.close() {
        codes.push(e.code());
    }
    Ok(codes)
}

/// Opens what is left and compares.
fn reopen(sim: &SimWorld, history: &History) {
    let (world, history) = (sim.world(), history.clone());
    sim.run(move || {
        let store = open(&world, false).unwrap();
        let rows = scan(&store).unwrap();
        history.check(&rows);
        check_gets(&store, &rows.clone().unwrap_or_default()).unwrap();
        let ids = rows.iter().flatten().map(|row| *row.0).collect();
        if rows.is_none() {
            create(&store).unwrap();
        }
        Change { delete: ids, insert: vec![(7, "again".into())] }.commit(&store, Some(true)).unwrap();
        assert_eq!(scan(&store).unwrap(), Some([(7, "again".to_owned())].into()));
        store.close().unwrap();
    });
}

/// Plants a fault, works on, loses power, opens again.
fn with_fault(seed: u64, fault: Fault) -> Vec<&'static str> {
    let sim = SimWorld::new(seed);
    let (world, disk) = (sim.world(), sim.disk().clone());
    let (history, codes) = sim.run(move || {
        let mut history = History::default();
        disk.inject(fault);
        let codes = stubborn(&world, &mut history, |_| {});
        // Where opening or creating failed, nothing else was tried.
        (history, codes.unwrap_or_else(|e| vec![e.code()]))
    });
    sim.disk().crash();
    reopen(&sim, &history);
    codes
}

#[test]
fn one_failed_call_anywhere_loses_nothing() {
    seeds("one_failed_call_anywhere_loses_nothing", 400, |seed| {
        for op in [Op::Write, Op::Sync, Op::SyncDir, Op::Create, Op::Rename, Op::Remove, Op::Read] {
            let codes = with_fault(seed, Fault::on(op).after(seed % 100));
            assert!(codes.iter().all(|code| [OK, "58030"].contains(code)), "{op:?}: {codes:?}");
        }
    });
}

#[test]
fn after_a_failed_sync_of_the_log_every_write_is_refused() {
    let mut struck = 0;
    for seed in 0..60 {
        let codes = with_fault(seed, Fault::on(Op::Sync).of("wal/0").after(seed));
        let first = codes.iter().position(|code| *code != OK).unwrap_or(codes.len());
        let refused = &codes[first..];
        struck += usize::from(refused.len() > 1);
        // Once refused, always refused (design rule 4).
        assert!(refused.iter().all(|code| *code == "58030"), "{codes:?}");
    }
    assert!(struck > 10, "{struck}");
}

#[test]
fn a_full_disk_refuses_writes_and_loses_nothing() {
    seeds("a_full_disk_refuses_writes_and_loses_nothing", 200, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        let (history, codes) = sim.run(move || {
            let mut history = History::default();
            let full_at = seed % 20;
            let codes = stubborn(&world, &mut history, |n| {
                if n == full_at {
                    disk.set_capacity(disk.used() + (seed % 7) * 4096);
                }
            });
            (history, codes.unwrap_or_else(|e| vec![e.code()]))
        });
        assert!(codes.iter().all(|code| [OK, "53100", "58030"].contains(code)), "{codes:?}");
        let first = codes.iter().find(|code| **code != OK);
        assert!(first.is_none_or(|code| *code == "53100"), "the first says what it is: {codes:?}");
        sim.disk().set_capacity(1 << 30);
        match seed % 2 {
            0 => sim.disk().crash(),
            _ => sim.disk().restart(),
        }
        reopen(&sim, &history);
    });
}

/// A disk with a database that was worked on; closed, or killed with its log full of commits.
fn worked_on(seed: u64, closed: bool) -> (SimWorld, History) {
    let sim = SimWorld::new(seed);
    let world = sim.world();
    let history = sim.run(move || {
        let mut history = History::default();
        let codes = stubborn(&world, &mut history, |_| {}).unwrap();
        assert!(codes.iter().all(|code| *code == OK), "{codes:?}");
        if !closed {
            let store = open(&world, false).unwrap();
            let rows = scan(&store).unwrap().unwrap();
            let note = (60..70).map(|id| (id, format!("in the log only {id}"))).collect();
            let change = Change { delete: rows.keys().copied().collect(), insert: note };
            change.commit(&store, Some(true)).unwrap();
            let mut after = rows;
            change.apply(&mut after);
            history.push(Some(after));
            std::mem::forget(store); // killed
        }
        history
    });
    sim.disk().crash_with(Survival::Nothing);
    (sim, history)
}

#[test]
fn a_flipped_bit_is_found_or_harmless() {
    let found = std::cell::Cell::new(0);
    let tried = seeds("a_flipped_bit_is_found_or_harmless", 12, |seed| {
        let closed = seed % 2 == 0;
        let (sim, history) = worked_on(seed, closed);
        let files = sim.disk().files();
        let mut rng = Rng::new(seed);
        for _ in 0..150 {
            let file = rng.pick(&files).clone();
            let bits = sim.disk().contents(&file).map_or(0, |bytes| bytes.len() as u64 * 8);
            if bits == 0 || file.ends_with("LOCK") {
                continue;
            }
            let disk = sim.disk().fork(seed);
            let bit = rng.below(if file.starts_with(format!("{DIR}/wal")) { bits.min(20_000) } else { bits });
            disk.flip_bit(&file, bit);
            let flipped = SimWorld::with_disk(seed, disk);
            let (world, history) = (flipped.world(), history.clone());
            let result = flipped.run(move || {
                let damaged = match check::check(&world, Path::new(DIR)) {
                    Ok(report) => !report.damage.is_empty(),
                    Err(_) => true,
                };
                let read = || -> Result<Option<Rows>> {
                    let store = open(&world, false)?;
                    let rows = scan(&store)?;
                    check_gets(&store, &rows.clone().unwrap_or_default())?;
                    Ok(rows)
                };
                (damaged, read(), history)
            });
            found.set(found.get() + u64::from(result.0));
            match result {
                (_, Err(e), _) => {
                    assert!(["XX001", "0A000", "3D000"].contains(&e.code()), "{file:?} bit {bit}: {e:?}")
                }
                (_, Ok(rows), history) if closed => {
                    assert_eq!(&rows, history.states.last().unwrap(), "{file:?} bit {bit}");
                }
                // Damage behind the last mark of what is durable looks like a torn end (design rule 5).
                (_, Ok(rows), history) => {
                    assert!(history.states.contains(&rows), "{file:?} bit {bit}: {rows:?}")
                }
            }
        }
    });
    assert!(found.get() >= tried * 20, "{} were found", found.get());
}
