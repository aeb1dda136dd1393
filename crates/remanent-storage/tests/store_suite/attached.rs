//! Transactions that outgrow memory: their rows come in segments of their own, which may be newer than hot rows.

use super::support::{self, LONG, Rows, create, get, rows, world_of};
use remanent_storage::store::Store;
use remanent_storage::world::sim::SimDisk;

/// Every way of asking says the same.
fn assert_rows(store: &Store, expected: &Rows) {
    let mut txn = store.begin(None).unwrap();
    assert_eq!(rows(&txn, "a").unwrap(), *expected);
    for id in 0..5 {
        assert_eq!(get(&txn, "a", id).unwrap(), expected.get(&id).copied(), "row {id}");
        let refused = support::insert(&mut txn, "a", &[(id, 1)]).err().map(|e| e.code());
        assert_eq!(refused, expected.contains_key(&id).then_some("23505"), "row {id}");
    }
}

#[test]
fn rows_that_a_spilled_transaction_replaced_are_found_by_key() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let store = support::open(&world, support::options()).unwrap();
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    support::insert(&mut txn, "a", &[(0, 1), (1, 1), (2, 1)]).unwrap();
    txn.commit().unwrap();
    let old = store.begin(None).unwrap();

    // Hot rows 1 and 2 are deleted; 1 comes again, in a segment of the transaction's own.
    let mut txn = store.begin(None).unwrap();
    support::update(&mut txn, "a", &[(1, 2)], true).unwrap();
    support::delete(&mut txn, "a", &[2], true).unwrap();
    let many: Vec<(i64, u64)> = (100..200).map(|id| (id, LONG)).collect();
    support::insert(&mut txn, "a", &many).unwrap();
    txn.commit().unwrap();
    let mut expected: Rows = many.into_iter().chain([(0, 1), (1, 2)]).collect();
    assert_rows(&store, &expected);
    let middle = store.begin(None).unwrap();

    // And goes again, and comes again, to hot rows.
    for n in 3..5 {
        let mut txn = store.begin(None).unwrap();
        support::update(&mut txn, "a", &[(1, n)], n == 3).unwrap();
        support::delete(&mut txn, "a", &[100 + n as i64], false).unwrap();
        txn.commit().unwrap();
        expected.insert(1, n);
        expected.remove(&(100 + n as i64));
        assert_rows(&store, &expected);
    }
    assert_eq!(get(&old, "a", 1).unwrap(), Some(1));
    assert_eq!(get(&middle, "a", 1).unwrap(), Some(2));

    // Recovery locates the same rows.
    drop((old, middle));
    std::mem::forget(store);
    disk.crash();
    let store = support::open(&world, support::options()).unwrap();
    assert_rows(&store, &expected);
    store.flush().unwrap();
    store.maintain().unwrap();
    assert_rows(&store, &expected);
}
