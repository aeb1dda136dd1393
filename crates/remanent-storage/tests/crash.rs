//! The store when the power goes: at every change of the disk that a workload makes, and again during recovery.
//!
//! After each crash the rules of design section 6 are checked against what was acknowledged. A failing run prints
//! the command that replays it.

mod flight;

use flight::{Change, History, Rows, check_gets, create, open, scan, scan_in};
use remanent_storage::store::Store;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng};
use remanent_storage::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The row that a check inserts after a recovery.
const AFTER: i64 = 99;

/// One writer: random transactions, flushes and merges between them.
fn write(world: &World, history: &Notes<History>, background: bool, always_durable: bool) -> Result<()> {
    let store = open(world, background)?;
    history.update(|h| h.states = vec![None, Some(Rows::new())]);
    create(&store)?;
    history.update(History::all_durable);
    let mut rng = Rng::new(world.random());
    let mut rows = Rows::new();
    for n in 0..25 {
        let change = Change::random(&mut rng, &rows, n);
        change.apply(&mut rows);
        let durable = always_durable || rng.one_in(3);
        history.update(|h| h.push(Some(rows.clone())));
        change.commit(&store, Some(durable))?;
        // A transaction that wrote nothing has nothing to make durable.
        if durable && !change.is_empty() {
            history.update(History::all_durable);
        }
        match rng.below(8) {
            0 => {
                store.flush()?;
                history.update(History::all_durable);
            }
            1 => store.maintain()?,
            2 if background => world.sleep(std::time::Duration::from_millis(rng.below(1500))),
            _ => {}
        }
    }
    store.close()?;
    history.update(History::all_durable);
    Ok(())
}

/// Opens what is left, compares it with the history, and goes on working with it.
fn recover(world: &World, history: &History) -> Result<()> {
    let store = open(world, false)?;
    let found = scan(&store)?;
    check_gets(&store, &found.clone().unwrap_or_default())?;
    let mut rows = found.clone().unwrap_or_default();
    // A check that lost power may have got that far already.
    let again = rows.remove(&AFTER).is_some();
    history.check(&if again { Some(rows.clone()) } else { found.clone() });
    if found.is_none() {
        create(&store)?;
    }
    let after = Change { delete: Vec::new(), insert: vec![(AFTER, "after".into())] };
    if !again {
        after.commit(&store, Some(true))?;
    }
    after.apply(&mut rows);
    assert_eq!(scan(&store)?.as_ref(), Some(&rows));
    store.flush()?;
    store.maintain()?;
    assert_eq!(scan(&store)?.as_ref(), Some(&rows));
    store.close()?;
    let store = open(world, false)?;
    assert_eq!(scan(&store)?, Some(rows));
    store.close()
}

#[test]
fn durable_commits_survive_a_crash_at_every_change() {
    let crashes = Crashes::new("durable_commits_survive_a_crash_at_every_change").rounds(5);
    crashes.run(|world, history| write(world, history, false, true), recover);
}

#[test]
fn unsynced_commits_survive_up_to_some_moment() {
    let crashes = Crashes::new("unsynced_commits_survive_up_to_some_moment").rounds(5);
    crashes.run(|world, history| write(world, history, false, false), recover);
}

#[test]
fn background_work_changes_nothing() {
    let crashes = Crashes::new("background_work_changes_nothing").rounds(5);
    crashes.run(|world, history| write(world, history, true, false), recover);
}

// ---- several writers ----

/// Accounts and what each holds at first.
const ACCOUNTS: i64 = 8;
const FUNDS: i64 = 100;
const WRITERS: u64 = 3;

/// What each writer's last acknowledged transfer was.
type Acknowledged = Vec<u64>;

/// The funds of an account, or the number of a writer's last transfer, as its note.
fn number(rows: &Rows, id: i64) -> i64 {
    rows.get(&id).and_then(|note| note.parse().ok()).unwrap_or_else(|| panic!("row {id} of {rows:?}"))
}

/// The row where a writer counts its transfers, in the same transactions.
fn counter(writer: u64) -> i64 {
    1000 + writer as i64
}

/// Nothing was made or lost, and every snapshot is whole.
fn check_funds(rows: &Rows) {
    let sum: i64 = (0..ACCOUNTS).map(|id| number(rows, id)).sum();
    assert_eq!(sum, ACCOUNTS * FUNDS, "{rows:?}");
    assert_eq!(rows.len() as u64, ACCOUNTS as u64 + WRITERS);
}

/// Moves one unit between two accounts and counts it.
fn transfer(store: &Store, writer: u64, n: u64, from: i64, to: i64) -> Result<()> {
    loop {
        let mut txn = store.begin(Some(true))?;
        let rows = scan_in(&txn)?.ok_or_else(|| Error::internal("no table"))?;
        check_funds(&rows);
        let after =
            [(from, number(&rows, from) - 1), (to, number(&rows, to) + 1), (counter(writer), n as i64)];
        let change = Change {
            delete: after.iter().map(|row| row.0).collect(),
            insert: after.iter().map(|row| (row.0, row.1.to_string())).collect(),
        };
        match change.write(&mut txn).and_then(|()| txn.commit()) {
            Err(e) if e.is_restart() || e.code() == "40P01" => {}
            result => return result,
        }
    }
}

fn many_writers(world: &World, acknowledged: &Notes<Acknowledged>) -> Result<()> {
    let store = open(world, true)?;
    create(&store)?;
    let accounts = (0..ACCOUNTS).map(|id| (id, FUNDS.to_string()));
    let counters = (0..WRITERS).map(|w| (counter(w), "0".to_owned()));
    Change { delete: Vec::new(), insert: accounts.chain(counters).collect() }.commit(&store, Some(true))?;
    acknowledged.update(|a| *a = vec![0; WRITERS as usize]);
    let failed = Arc::new(AtomicBool::new(false));
    let writer = |w: u64| {
        let (world, store, told, failed) =
            (world.clone(), store.clone(), acknowledged.clone(), failed.clone());
        move || {
            let mut rng = Rng::new(world.random());
            for n in 1..=6 {
                let from = rng.below(ACCOUNTS as u64) as i64;
                let to = (from + 1 + rng.below(ACCOUNTS as u64 - 1) as i64) % ACCOUNTS;
                match transfer(&store, w, n, from, to) {
                    Ok(()) => told.update(|told| told[w as usize] = n),
                    Err(e) if world.disk.exists(std::path::Path::new("/")).is_ok() => {
                        panic!("writer {w}: {e:?}")
                    }
                    Err(_) => return failed.store(true, Ordering::SeqCst),
                }
            }
        }
    };
    let spawn = |w| world.spawn("writer", writer(w)).map_err(|e| Error::internal(e.to_string()));
    let threads = (0..WRITERS).map(spawn).collect::<Result<Vec<_>>>()?;
    threads.into_iter().for_each(|t| t.join());
    match failed.load(Ordering::SeqCst) {
        true => Err(Error::internal("a writer failed")),
        false => store.close(),
    }
}

fn check_many_writers(world: &World, acknowledged: &Acknowledged) -> Result<()> {
    let store = open(world, true)?;
    let rows = scan(&store)?.unwrap_or_default();
    if !rows.is_empty() || !acknowledged.is_empty() {
        check_funds(&rows);
        check_gets(&store, &rows)?;
        for (w, n) in acknowledged.iter().enumerate() {
            assert!(number(&rows, counter(w as u64)) >= *n as i64, "writer {w}: {n} acknowledged, {rows:?}");
        }
    }
    store.close()
}

#[test]
fn concurrent_transfers_neither_make_nor_lose_money() {
    let crashes = Crashes::new("concurrent_transfers_neither_make_nor_lose_money").rounds(5);
    crashes.run(many_writers, check_many_writers);
}
