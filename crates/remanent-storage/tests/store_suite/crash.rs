//! Power lost at every change of the disk, and again during the recovery from that, twice.
//!
//! After each crash: the state is one that the script knows, not older than what was acknowledged as durable;
//! scans and key probes agree; the directory holds what it should and nothing else; the next life sees the same.

use super::script::{self, Mostly, Plan, Seen};
use super::support::{self, answers, assert_same, assert_tidy, create, now};
use remanent_storage::store::Options;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, SimWorld, seeds};
use remanent_storage::{Result, store::check};
use std::path::Path;

/// Where a check writes what it has seen, so that the next check of the same disk sees no less.
const WITNESS: &str = "witness";

/// Opens what a crash has left and holds it against what was seen.
fn recover(world: &World, seen: &Seen) -> Result<()> {
    match check::check(world, Path::new(support::HOME)) {
        Err(e) if e.code() == "3D000" => assert_eq!(seen.sure, 0, "the database is gone"),
        report => assert_eq!(format!("{:?}", report?.damage), "[]", "after the crash"),
    }
    let store = support::open(world, support::options())?;
    let mut state = now(&store)?;
    let witness = state.remove(WITNESS);
    let shown = seen.expect(&state);
    let before = witness.as_ref().and_then(|rows| rows.keys().last());
    assert!(
        before.is_none_or(|&before| seen.states.get(before as usize) == seen.states.get(shown)),
        "a state was taken back"
    );
    // What was shown stays, and the database can be written to.
    let mut txn = store.begin(Some(true))?;
    if witness.is_none() {
        create(&mut txn, WITNESS)?;
    }
    if before.is_none() {
        support::insert(&mut txn, WITNESS, &[(shown as i64, 1)])?;
    }
    let expected = answers(&txn)?;
    txn.commit()?;
    store.maintain()?;
    assert_same(&now(&store)?, &expected, "after maintenance");
    store.close()?;
    assert_tidy(world, expected.len())?;
    if world.random().is_multiple_of(3) {
        let store = support::open(world, support::options())?;
        assert_same(&now(&store)?, &expected, "after the next open");
    }
    Ok(())
}

fn crashes(test: &str, rounds: u64, plan: Plan) {
    let runs = Crashes::new(test).rounds(rounds).recovery_stride(5).run(
        move |world: &World, notes: &Notes<Seen>| script::run(world, notes.round(), &plan, notes).map(|_| ()),
        recover,
    );
    println!("{runs} crashes");
}

#[test]
fn a_crash_at_every_change_loses_nothing_acknowledged() {
    crashes("a_crash_at_every_change_loses_nothing_acknowledged", 4, Plan::new(24));
}

#[test]
fn a_crash_without_synchronous_commit_leaves_a_prefix() {
    let options = Options { synchronous_commit: false, ..support::options() };
    crashes("a_crash_without_synchronous_commit_leaves_a_prefix", 4, Plan { options, ..Plan::new(30) });
}

#[test]
fn a_crash_beside_background_threads_loses_nothing_acknowledged() {
    // So little memory that the background flushes by itself.
    let options =
        Options { background: true, memory_limit: 256 << 10, log_limit: 8 << 10, ..support::options() };
    crashes(
        "a_crash_beside_background_threads_loses_nothing_acknowledged",
        3,
        Plan { options, ..Plan::new(20) },
    );
}

#[test]
fn a_crash_beside_bulk_loads_leaves_all_of_one_or_nothing() {
    let plan = Plan { mostly: Mostly::Bulk, ..Plan::new(12) };
    crashes("a_crash_beside_bulk_loads_leaves_all_of_one_or_nothing", 2, plan);
}

#[test]
fn a_crash_beside_tables_made_and_dropped_leaves_all_of_one_or_nothing() {
    let plan = Plan { mostly: Mostly::Tables, ..Plan::new(16) };
    crashes("a_crash_beside_tables_made_and_dropped_leaves_all_of_one_or_nothing", 2, plan);
}

#[test]
fn a_crash_beside_maintenance_and_recycled_logs_loses_nothing_acknowledged() {
    let options = Options { log_file_size: 4 << 10, log_limit: 6 << 10, ..support::options() };
    let plan = Plan { mostly: Mostly::Maintenance, options, ..Plan::new(14) };
    crashes("a_crash_beside_maintenance_and_recycled_logs_loses_nothing_acknowledged", 2, plan);
}

#[test]
fn a_crash_beside_columns_that_come_loses_none() {
    let test = "a_crash_beside_columns_that_come_loses_none";
    crashes(test, 2, Plan { mostly: Mostly::Columns, ..Plan::new(22) });
}

#[test]
fn a_crash_beside_columns_that_come_and_short_logs_loses_none() {
    let options = Options { log_file_size: 4 << 10, log_limit: 3 << 10, ..support::options() };
    let test = "a_crash_beside_columns_that_come_and_short_logs_loses_none";
    crashes(test, 1, Plan { mostly: Mostly::Columns, options, ..Plan::new(22) });
}

#[test]
fn a_crash_beside_columns_that_come_and_threads_loses_none() {
    let options =
        Options { background: true, memory_limit: 256 << 10, log_limit: 8 << 10, ..support::options() };
    let test = "a_crash_beside_columns_that_come_and_threads_loses_none";
    crashes(test, 1, Plan { mostly: Mostly::Columns, options, ..Plan::new(20) });
}

#[test]
fn scripts_give_tables_columns() {
    let mut widened = 0;
    seeds("scripts_give_tables_columns", 80, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let plan = Plan { mostly: Mostly::Columns, ..Plan::new(40) };
        widened += sim.run(move || script::run(&world, seed, &plan, &Notes::default())).unwrap().widened;
    });
    assert!(widened > 200, "{widened}");
}

#[test]
fn a_crash_beside_marks_that_are_folded_loses_none() {
    let plan = Plan { mostly: Mostly::Marks, ..Plan::new(5) };
    crashes("a_crash_beside_marks_that_are_folded_loses_none", 1, plan);
}

/// A device that says it has synced and has not can lose anything. What is found then is an error that says so, or rows that
/// are right; never a panic, never a row that was not written.
#[test]
fn a_disk_that_lies_about_syncs_is_found_out_or_shows_rows_that_were() {
    let (mut found, mut shown) = (0, 0);
    seeds("a_disk_that_lies_about_syncs_is_found_out_or_shows_rows_that_were", 120, |seed| {
        let sim = SimWorld::new(seed);
        let (world, disk) = (sim.world(), sim.disk().clone());
        let honest = seed % 24;
        sim.run(move || {
            let mut script = script::Script::begin(&world, seed, &Plan::new(0), &Notes::default()).unwrap();
            for step in 0..24 {
                disk.lie_about_syncs(step >= honest);
                script.step(step).unwrap();
            }
            std::mem::forget(script);
        });
        sim.disk().crash();
        sim.disk().lie_about_syncs(false);
        let world = support::world_of(sim.disk());
        let codes = ["XX001", "3D000", "58P01"];
        let checked = check::check(&world, Path::new(support::HOME));
        let clean = checked.as_ref().is_ok_and(|report| report.damage.is_empty());
        let looked = support::open(&world, support::options()).and_then(|store| now(&store).map(drop));
        match looked {
            Ok(()) => shown += 1,
            Err(e) => {
                assert!(codes.contains(&e.code()), "{e:?}");
                assert!(!clean, "check found nothing, yet {e:?}");
                found += 1;
            }
        }
    });
    assert!(found > 5 && shown > 5, "{found} {shown}");
}

#[test]
fn the_scripts_do_all_that_a_store_does() {
    let mut done = script::Done::default();
    seeds("the_scripts_do_all_that_a_store_does", 120, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let one = sim.run(move || script::run(&world, seed, &Plan::new(24), &Notes::default())).unwrap();
        done.spills += one.spills;
        done.merged += one.merged;
        done.flushed += one.flushed;
        done.across += one.across;
        done.drops += one.drops;
        done.alone += one.alone;
    });
    assert!(
        done.alone > 60
            && done.spills > 60
            && done.merged > 60
            && done.flushed > 60
            && done.across > 60
            && done.drops > 30,
        "{done:?}"
    );
}
