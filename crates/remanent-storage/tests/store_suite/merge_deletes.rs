//! Deletes beside a flush and a merge: at every call of the disk that either makes, rows are deleted and replaced, and
//! every delete has its effect, at once, after the swap, and after a crash.
//!
//! Three transactions cross the work: one that located its rows before it and commits in the middle of it, one that
//! does both in the middle, and one that locates in the middle and commits afterwards. An old snapshot stays.

use super::support::{self, Rows, State, answers, assert_same, assert_tidy, create, now, world_of};
use remanent_storage::store::{Options, Store};
use remanent_storage::txn::Txn;
use remanent_storage::world::sim::{Notes, Rng, SimDisk, Survival};
use std::sync::Arc;

/// What is done while the hook waits for its moment.
type Work = fn(&Store) -> remanent_storage::Result<()>;

fn options() -> Options {
    // Larger than the rows: nothing spills, nothing flushes by itself.
    Options { memory_limit: 64 << 20, ..support::options() }
}

/// Tables `a` and `h` in six segments that a merge joins, with marks on them; and, where `hot`, the newest rows in
/// memory. Each segment holds more than one vector where `large`.
fn prepare(large: bool, hot: bool) -> (SimDisk, State) {
    let disk = SimDisk::new(1);
    let store = support::open(&world_of(&disk), options()).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    create(&mut txn, "h").unwrap();
    txn.commit().unwrap();
    let per = if large { 1500 } else { 40 };
    for part in 0..6 {
        for name in ["a", "h"] {
            let mut txn = store.begin(None).unwrap();
            let rows: Vec<(i64, u64)> = (0..per).map(|i| (i * 6 + part, 1 + part as u64)).collect();
            support::insert(&mut txn, name, &rows).unwrap();
            txn.commit().unwrap();
        }
        if !hot || part < 5 {
            store.flush().unwrap();
        }
        let mut txn = store.begin(None).unwrap();
        support::delete(&mut txn, "a", &[part, part + 6], false).unwrap();
        support::update(&mut txn, "a", &[(part + 12, 50)], true).unwrap();
        txn.commit().unwrap();
    }
    if !hot {
        store.flush().unwrap();
    }
    let state = now(&store).unwrap();
    // As a power loss would leave it: marks and hot rows are in the log.
    std::mem::forget(store);
    disk.crash_with(Survival::Everything);
    (disk, state)
}

/// The ids that one of the crossing transactions works on: some to delete, some to replace.
#[derive(Clone, Copy)]
struct Share {
    from: i64,
    count: i64,
}

impl Share {
    fn deletes(self) -> Vec<i64> {
        (self.from..self.from + self.count).collect()
    }

    fn updates(self) -> Vec<(i64, u64)> {
        (self.from + self.count..self.from + self.count + 3).map(|id| (id, 70)).collect()
    }

    fn write(self, txn: &mut Txn) {
        for name in ["a", "h"] {
            support::delete(txn, name, &self.deletes(), true).unwrap();
            support::update(txn, name, &self.updates(), true).unwrap();
        }
    }

    fn apply(self, state: &mut State) {
        for name in ["a", "h"] {
            let rows: &mut Rows = state.get_mut(name).unwrap();
            self.deletes().iter().for_each(|id| _ = rows.remove(id));
            rows.extend(self.updates());
        }
    }
}

/// Where the crossing transactions commit: at that call of the work on such files; and whether they are flushed there,
/// while the work is still going on.
#[derive(Clone, Copy)]
struct Moment {
    of: &'static str,
    at: u64,
    flush: bool,
}

/// Runs `work` with the crossing transactions at that moment; false if it makes fewer calls.
fn cross(disk: &SimDisk, before: &State, work: Work, moment: Moment, large: bool) -> bool {
    let Moment { of, at, flush } = moment;
    let world = world_of(disk);
    let store = support::open(&world, options()).unwrap();
    assert_same(&now(&store).unwrap(), before, "before");
    // So many that they make a set of marks of their own.
    let many = if large { 300 } else { 5 };
    let shares = [20, 20 + many + 10, 40 + 2 * many].map(|from| Share { from, count: many });
    let [early, inside, late] = shares;
    let reader = store.begin(None).unwrap();
    let mut located_before = store.begin(None).unwrap();
    early.write(&mut located_before);
    let left = Notes::<Option<Txn>>::default();
    let (shared, hand) = (Arc::clone(&store), left.clone());
    let model = before.clone();
    disk.hook(of, at, move || {
        located_before.commit().unwrap();
        let mut txn = shared.begin(None).unwrap();
        inside.write(&mut txn);
        txn.commit().unwrap();
        let mut txn = shared.begin(None).unwrap();
        late.write(&mut txn);
        if flush {
            shared.flush().unwrap();
        }
        let mut model = model;
        early.apply(&mut model);
        inside.apply(&mut model);
        assert_same(&now(&shared).unwrap(), &model, "in the middle");
        hand.update(|slot| *slot = Some(txn));
    });
    work(&store).unwrap();
    if disk.unhook() {
        return false;
    }
    let mut model = before.clone();
    early.apply(&mut model);
    inside.apply(&mut model);
    assert_same(&now(&store).unwrap(), &model, "after the work");
    assert_same(&answers(&reader).unwrap(), before, "the old snapshot");
    // Power may go now ...
    let fork = disk.fork(at);
    recovered(&fork, &model, at);
    // ... or after the last one's commit.
    left.update(Option::take).unwrap().commit().unwrap();
    late.apply(&mut model);
    assert_same(&now(&store).unwrap(), &model, "after the last commit");
    assert_same(&answers(&reader).unwrap(), before, "the old snapshot");
    drop(reader);
    recovered(&disk.fork(at + 1), &model, at);
    store.maintain().unwrap();
    store.flush().unwrap();
    assert_same(&now(&store).unwrap(), &model, "after the next work");
    store.close().unwrap();
    assert_tidy(&world, 2).unwrap();
    true
}

/// After a power loss the state is still that, and the next flush and merge change nothing.
fn recovered(disk: &SimDisk, model: &State, seed: u64) {
    disk.crash();
    let world = world_of(disk);
    let store = support::open(&world, options()).unwrap();
    assert_same(&now(&store).unwrap(), model, "after a crash");
    if Rng::new(seed).one_in(2) {
        store.flush().unwrap();
    }
    store.maintain().unwrap();
    assert_same(&now(&store).unwrap(), model, "after a crash and a merge");
    store.close().unwrap();
    assert_tidy(&world, 2).unwrap();
}

fn at_every_call(work: Work, hot: bool, of: &[&'static str], flush: bool) {
    let mut calls = 0;
    for large in [false, true] {
        let (disk, state) = prepare(large, hot);
        // A large one takes many more calls, of the same kinds. Calls on the log are the commits' own.
        let stride = if large { 7 } else { 1 };
        for of in of {
            let mut at = 0;
            while cross(&disk.fork(at), &state, work, Moment { of, at, flush }, large) {
                at += stride;
                calls += 1;
            }
        }
    }
    assert!(calls > 15, "only {calls} calls");
}

#[test]
fn deletes_at_every_call_of_a_merge_have_their_effect() {
    at_every_call(Store::maintain, false, &["seg", "MANIFEST"], false);
}

#[test]
fn deletes_at_every_call_of_a_flush_have_their_effect() {
    at_every_call(Store::flush, true, &["seg", "MANIFEST"], false);
}

#[test]
fn deletes_at_every_call_of_a_flush_and_the_merge_behind_it_have_their_effect() {
    at_every_call(|store| store.flush().and_then(|()| store.maintain()), true, &["seg", "MANIFEST"], false);
}

/// While a merge writes, a flush may make marks known that the merge's sources got after its cut: the merge's edit, which
/// forgets the sources, must know them too.
#[test]
fn deletes_flushed_while_a_merge_writes_have_their_effect() {
    at_every_call(Store::maintain, false, &[".seg", ".idx"], true);
}
