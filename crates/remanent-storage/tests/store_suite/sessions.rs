//! Power lost at every change while several sessions commit, the background flushes and merges, and some commits wait
//! for their sync and some do not.
//!
//! Every row says how many rows of each session its transaction saw. What a crash leaves is a prefix of the log, so each
//! session's rows are there without gaps, in both tables, and with every row all that it saw. A counter that all sessions
//! raise says how many rows there are. Or they move money between accounts, of which there is always as much.

use super::support::{self, add, assert_tidy, create, now, rows, together};
use remanent_storage::Result;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::txn::Txn;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng};
use std::path::Path;
use std::sync::Arc;

const SESSIONS: usize = 3;
/// Ids of one session's rows.
const EACH: i64 = 1000;
const COUNTER: i64 = SESSIONS as i64 * EACH;

/// How many rows of each session are durable.
#[derive(Clone, Debug, Default)]
struct Seen {
    made: bool,
    durable: [u64; SESSIONS],
}

/// How many rows each session has; panics if one is missing between them.
fn counts(rows: &support::Rows) -> [u64; SESSIONS] {
    std::array::from_fn(|session| {
        let first = session as i64 * EACH;
        let ids: Vec<i64> = rows.range(first..first + EACH).map(|(id, _)| id - first).collect();
        assert_eq!(ids, (0..ids.len() as i64).collect::<Vec<_>>(), "rows of session {session}");
        ids.len() as u64
    })
}

fn pack(counts: [u64; SESSIONS]) -> u64 {
    counts.iter().rev().fold(0, |packed, count| packed << 8 | count)
}

fn unpack(packed: u64) -> [u64; SESSIONS] {
    std::array::from_fn(|session| packed >> (8 * session) & 0xff)
}

/// One session: rows in both tables, and the counter, in one transaction.
fn session(store: &Store, me: usize, transactions: u64, rng: &mut Rng, notes: &Notes<Seen>) -> Result<()> {
    let mut done = 0;
    while done < transactions {
        let durable = !rng.one_in(3);
        let mut txn = store.begin(Some(durable))?;
        let saw = counts(&rows(&txn, "a")?);
        let row = [(me as i64 * EACH + saw[me] as i64, pack(saw))];
        let write = |txn: &mut Txn| -> Result<()> {
            support::insert(txn, "a", &row)?;
            add(txn, "a", COUNTER, 1)?;
            support::insert(txn, "b", &row)
        };
        match write(&mut txn).and_then(|()| txn.commit()) {
            Ok(()) => done += 1,
            Err(e) => return Err(e),
        }
        if durable {
            notes.update(|seen| seen.durable[me] = done);
        }
    }
    Ok(())
}

fn workload(world: &World, notes: &Notes<Seen>) -> Result<()> {
    let options =
        Options { background: true, memory_limit: 128 << 10, log_limit: 2 << 10, ..support::options() };
    let store = support::open(world, options)?;
    let mut txn = store.begin(None)?;
    create(&mut txn, "a")?;
    create(&mut txn, "b")?;
    support::insert(&mut txn, "a", &[(COUNTER, 0)])?;
    txn.commit()?;
    notes.update(|seen| seen.made = true);
    let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
    for me in 0..SESSIONS {
        let (store, notes) = (Arc::clone(&store), notes.clone());
        let mut rng = Rng::new(world.random());
        bodies.push(Box::new(move || {
            // An error means that the power is gone.
            let _ = session(&store, me, 6, &mut rng, &notes);
        }));
    }
    let flushing = Arc::clone(&store);
    bodies.push(Box::new(move || {
        for _ in 0..4 {
            let _ = flushing.flush().and_then(|()| flushing.maintain());
        }
    }));
    together(world, bodies);
    store.close()
}

fn recover(world: &World, seen: &Seen) -> Result<()> {
    match check::check(world, Path::new(support::HOME)) {
        Err(e) if e.code() == "3D000" => assert!(!seen.made, "the database is gone"),
        report => assert_eq!(format!("{:?}", report?.damage), "[]", "after the crash"),
    }
    let store = support::open(world, support::options())?;
    let state = now(&store)?;
    let Some(a) = state.get("a") else {
        assert!(!seen.made, "the tables are gone");
        return Ok(());
    };
    let found = counts(a);
    for session in 0..SESSIONS {
        assert!(found[session] >= seen.durable[session], "{found:?}, acknowledged {:?}", seen.durable);
    }
    let total: u64 = found.iter().sum();
    assert_eq!(a[&COUNTER], total, "the counter");
    let mut others = a.clone();
    others.remove(&COUNTER);
    assert_eq!(state["b"], others, "the other table");
    for (id, saw) in &others {
        let saw = unpack(*saw);
        assert!((0..SESSIONS).all(|s| found[s] >= saw[s]), "row {id} saw {saw:?}, there are {found:?}");
    }
    store.maintain()?;
    assert_eq!(now(&store)?, state);
    store.close()?;
    assert_tidy(world, 2)
}

#[test]
fn a_crash_beside_many_sessions_leaves_a_prefix_of_the_log() {
    let runs = Crashes::new("a_crash_beside_many_sessions_leaves_a_prefix_of_the_log")
        .rounds(5)
        .recovery_stride(6)
        .run(workload, recover);
    println!("{runs} crashes");
}

const ACCOUNTS: i64 = 8;
const FUNDS: u64 = 100;

/// The row where a session counts its transfers, in the same transactions.
fn transfers_of(session: usize) -> i64 {
    100 + session as i64
}

/// Nothing was made or lost; how many transfers each session has made.
fn funds(rows: &support::Rows) -> [u64; SESSIONS] {
    let sum: u64 = rows.range(..100).map(|(_, funds)| funds).sum();
    assert_eq!((sum, rows.len()), (ACCOUNTS as u64 * FUNDS, ACCOUNTS as usize + SESSIONS), "{rows:?}");
    std::array::from_fn(|session| rows[&transfers_of(session)])
}

fn transfer(store: &Store, me: usize, rng: &mut Rng) -> Result<()> {
    let mut txn = store.begin(Some(!rng.one_in(4)))?;
    funds(&rows(&txn, "a")?);
    let from = rng.below(ACCOUNTS as u64) as i64;
    let to = (from + 1 + rng.below(ACCOUNTS as u64 - 1) as i64) % ACCOUNTS;
    // In order, so that no two wait for each other.
    let (low, high) = (from.min(to), from.max(to));
    add(&mut txn, "a", low, if low == from { -1 } else { 1 })?;
    add(&mut txn, "a", high, if high == from { -1 } else { 1 })?;
    add(&mut txn, "a", transfers_of(me), 1)?;
    txn.commit()
}

fn transfers(world: &World, notes: &Notes<Seen>) -> Result<()> {
    let options =
        Options { background: true, memory_limit: 128 << 10, log_limit: 2 << 10, ..support::options() };
    let store = support::open(world, options)?;
    let mut txn = store.begin(None)?;
    create(&mut txn, "a")?;
    let accounts = (0..ACCOUNTS).map(|id| (id, FUNDS));
    let counters = (0..SESSIONS).map(|session| (transfers_of(session), 0));
    support::insert(&mut txn, "a", &accounts.chain(counters).collect::<Vec<_>>())?;
    txn.commit()?;
    notes.update(|seen| seen.made = true);
    let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
    for me in 0..SESSIONS {
        let (store, mut rng) = (Arc::clone(&store), Rng::new(world.random()));
        bodies.push(Box::new(move || {
            // An error means that the power is gone.
            let _ = (0..6).try_for_each(|_| transfer(&store, me, &mut rng));
        }));
    }
    together(world, bodies);
    store.close()
}

#[test]
fn a_crash_beside_transfers_neither_makes_nor_loses_money() {
    let check = |world: &World, seen: &Seen| {
        let store = support::open(world, support::options())?;
        let state = now(&store)?;
        match state.get("a") {
            Some(rows) => drop(funds(rows)),
            None => assert!(!seen.made, "the table is gone"),
        }
        store.close()
    };
    let runs = Crashes::new("a_crash_beside_transfers_neither_makes_nor_loses_money")
        .rounds(2)
        .run(transfers, check);
    println!("{runs} crashes");
}
