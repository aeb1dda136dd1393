//! Indexes made, dropped, probed and kept unique beside flush, merge, crash and reopen. That they agree with the rows at every
//! moment of the workload is asked by `script`, whose tables have them.

use super::support::{
    self, answers, create, create_index, delete, insert, now, options, together, update, world_of,
};
use remanent_storage::Result;
use remanent_storage::index::KeySpan;
use remanent_storage::store::check;
use remanent_storage::table::ordered::Walk;
use remanent_storage::table::{PUBLIC, ScanRequest};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, SimDisk, SimWorld, seeds};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

fn commit(store: &Arc<remanent_storage::store::Store>, body: impl FnOnce(&mut remanent_storage::txn::Txn)) {
    let mut txn = store.begin(None).unwrap();
    body(&mut txn);
    txn.commit().unwrap();
}

fn drop_index(txn: &mut remanent_storage::txn::Txn, name: &str) -> Result<()> {
    let def = txn.catalog().index(PUBLIC, name).cloned();
    txn.drop_index(&def.expect("there is such an index"))
}

/// True if every segment of `a` has a part of its index.
fn has_all_parts(store: &Arc<remanent_storage::store::Store>) -> Result<bool> {
    let txn = store.begin(None)?;
    let table = support::table(&txn, "a")?;
    let walks = txn.catalog().indexes_of(table.id).iter().map(|def| {
        let walk = Walk { index: Arc::clone(def), span: KeySpan::default(), backward: false, groups: 0 };
        Ok(txn.scan_ordered(&table, &ScanRequest::default(), &walk)?.is_some())
    });
    walks.collect::<Result<Vec<bool>>>().map(|walks| walks.into_iter().all(|walks| walks))
}

#[test]
fn an_index_of_rows_that_are_there_agrees_with_them() {
    let disk = SimDisk::new(1);
    let world = world_of(&disk);
    let store = support::open(&world, options()).unwrap();
    commit(&store, |txn| create(txn, "h").unwrap());
    for round in 0..4 {
        let rows: Vec<(i64, u64)> = (0..700).map(|i| (round * 1000 + i * 7 % 701, i as u64)).collect();
        commit(&store, |txn| insert(txn, "h", &rows).unwrap());
        if round < 3 {
            store.flush().unwrap();
        }
    }
    commit(&store, |txn| delete(txn, "h", &[3, 1003, 2003, 3003], true).unwrap());
    // Rolled back: nothing of it stays.
    let mut txn = store.begin(None).unwrap();
    create_index(&mut txn, "h", true).unwrap();
    answers(&txn).unwrap();
    txn.rollback();
    store.maintain().unwrap();
    // Committed, beside an older snapshot.
    let old = store.begin(None).unwrap();
    commit(&store, |txn| {
        insert(txn, "h", &[(-5, 1)]).unwrap();
        create_index(txn, "h", true).unwrap();
        insert(txn, "h", &[(-6, 1)]).unwrap();
        answers(txn).unwrap();
    });
    let expected = now(&store).unwrap();
    assert_eq!(answers(&old).unwrap()["h"].len() + 2, expected["h"].len());
    drop(old);
    store.flush().unwrap();
    store.maintain().unwrap();
    assert_eq!(now(&store).unwrap(), expected);
    store.close().unwrap();
    support::assert_tidy(&world, 1).unwrap();
    let store = support::open(&world, options()).unwrap();
    assert_eq!(now(&store).unwrap(), expected);
    // Dropped: the parts go.
    commit(&store, |txn| drop_index(txn, "h_id").unwrap());
    store.maintain().unwrap();
    assert_eq!(now(&store).unwrap(), expected);
    store.close().unwrap();
    support::assert_tidy(&world, 1).unwrap();
}

#[test]
fn a_counter_that_is_updated_often_is_found_by_its_index() {
    // Versions in the tail are dropped, and the others numbered anew.
    let world = world_of(&SimDisk::new(2));
    let store =
        support::open(&world, remanent_storage::store::Options { memory_limit: 8 << 20, ..options() })
            .unwrap();
    commit(&store, |txn| {
        create(txn, "a").unwrap();
        create_index(txn, "a", true).unwrap();
        insert(txn, "a", &(0..40).map(|id| (id, 1)).collect::<Vec<_>>()).unwrap();
    });
    for n in 0..2500 {
        commit(&store, |txn| update(txn, "a", &[(n % 40, n as u64)], false).unwrap());
        if n % 500 == 499 {
            now(&store).unwrap();
        }
    }
    now(&store).unwrap();
    store.close().unwrap();
}

#[test]
fn of_those_who_bring_the_same_unique_key_exactly_one_succeeds() {
    seeds("of_those_who_bring_the_same_unique_key_exactly_one_succeeds", 40, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let inner = world.clone();
        sim.run(move || {
            let store = support::open(&inner, options()).unwrap();
            commit(&store, |txn| {
                create(txn, "h").unwrap();
                create_index(txn, "h", true).unwrap();
                insert(txn, "h", &[(7, 1)]).unwrap();
            });
            if seed % 3 == 0 {
                store.flush().unwrap();
            }
            let (won, freed) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
            let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for id in [5, 5, 5, 7] {
                let (store, won) = (Arc::clone(&store), Arc::clone(&won));
                bodies.push(Box::new(move || {
                    let mut txn = store.begin(None).unwrap();
                    match insert(&mut txn, "h", &[(id, 2)]).and_then(|()| txn.commit()) {
                        Ok(()) if id == 5 => _ = won.fetch_add(1, Ordering::Relaxed),
                        Ok(()) => _ = won.fetch_add(100, Ordering::Relaxed),
                        Err(e) => assert_eq!(e.code(), "23505", "{e:?}"),
                    }
                }));
            }
            let (deleter, freed_too) = (Arc::clone(&store), Arc::clone(&freed));
            bodies.push(Box::new(move || {
                let mut txn = deleter.begin(None).unwrap();
                delete(&mut txn, "h", &[7], true).unwrap();
                if seed % 2 == 0 {
                    txn.commit().unwrap();
                    freed_too.fetch_add(1, Ordering::Relaxed);
                }
            }));
            together(&inner, bodies);
            let won = won.load(Ordering::Relaxed);
            assert_eq!(won % 100, 1, "of three who insert the same id");
            let rows = now(&store).unwrap().remove("h").unwrap();
            let seven = freed.load(Ordering::Relaxed) == 0 || won >= 100;
            assert_eq!(rows.keys().copied().collect::<Vec<_>>(), if seven { vec![5, 7] } else { vec![5] });
            store.close().unwrap();
        });
    });
}

#[test]
fn a_crash_while_an_index_is_made_or_dropped_leaves_it_whole_or_not_at_all() {
    type Seen = u32;
    let script = |world: &World, notes: &Notes<Seen>| -> Result<()> {
        let store = support::open(world, options())?;
        let mut txn = store.begin(None)?;
        create(&mut txn, "a")?;
        insert(&mut txn, "a", &(0..300).map(|id| (id * 7 % 300, 1)).collect::<Vec<_>>())?;
        txn.commit()?;
        notes.update(|seen| *seen = 1);
        store.flush()?;
        let mut txn = store.begin(None)?;
        create_index(&mut txn, "a", true)?;
        insert(&mut txn, "a", &[(301, 2)])?;
        txn.commit()?;
        notes.update(|seen| *seen = 2);
        // Rows that come in a segment of their own.
        let mut txn = store.begin(None)?;
        insert(&mut txn, "a", &(400..520).map(|id| (id, support::LONG)).collect::<Vec<_>>())?;
        txn.commit()?;
        notes.update(|seen| *seen = 3);
        store.maintain()?;
        store.flush()?;
        let mut txn = store.begin(None)?;
        drop_index(&mut txn, "a_id")?;
        txn.commit()?;
        notes.update(|seen| *seen = 4);
        store.maintain()?;
        store.close()
    };
    let recover = |world: &World, seen: &Seen| -> Result<()> {
        if *seen == 0 {
            return Ok(());
        }
        assert_eq!(format!("{:?}", check::check(world, Path::new(support::HOME))?.damage), "[]");
        let store = support::open(world, options())?;
        for _ in 0..2 {
            let state = now(&store)?;
            let rows = state.get("a").map_or(0, |rows| rows.len());
            let sure = [0, 300, 301, 421, 421][*seen as usize];
            assert!([300, 301, 421].contains(&rows) && rows >= sure, "{rows} rows after step {seen}");
            let mut txn = store.begin(None)?;
            let indexed = txn.catalog().index(PUBLIC, "a_id").is_some();
            assert!(!indexed || rows > 300, "an index without the row of its record");
            assert_eq!(insert(&mut txn, "a", &[(5, 1)]).unwrap_err().code(), "23505");
            drop(txn);
            store.maintain()?;
            // What a crash has taken of its parts is there again.
            assert!(!indexed || has_all_parts(&store)?, "a segment without a part");
        }
        store.close()?;
        support::assert_tidy(world, 1)
    };
    let runs = Crashes::new("a_crash_while_an_index_is_made_or_dropped_leaves_it_whole_or_not_at_all")
        .rounds(1)
        .recovery_stride(7)
        .run(script, recover);
    println!("{runs} crashes");
}
