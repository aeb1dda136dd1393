//! Foreign keys where it is tight: sessions that write a child beside sessions that delete its parent, under a scheduler that
//! picks who is next at every wait, and power lost at every change. No row names one that is not there.

use super::support::{self, create, delete, insert, now, options, statement, table, together};
use remanent_storage::Result;
use remanent_storage::store::Store;
use remanent_storage::txn::Txn;
use remanent_storage::txn::foreign::ForeignKey;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng, SimWorld, seeds};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// `hc.id` names `p.id`.
fn key(txn: &Txn, deferred: bool) -> Result<Arc<ForeignKey>> {
    let (child, parent) = (table(txn, "hc")?, table(txn, "p")?);
    let index = Arc::new(parent.primary());
    let (columns, referred) = (vec![0], vec![0]);
    let (name, convert) = ("hc_id_fkey".to_string(), |value: &_, _| Some(Clone::clone(value)));
    let full = false;
    Ok(Arc::new(ForeignKey {
        name,
        child,
        columns,
        parent,
        referred,
        index,
        full,
        deferrable: deferred,
        deferred,
        convert,
    }))
}

/// INSERT of children.
fn bring(txn: &mut Txn, ids: &[i64], deferred: bool) -> Result<()> {
    statement(txn, |txn| {
        let rows: Vec<_> = ids.iter().map(|&id| (id, 1)).collect();
        let key = key(txn, deferred)?;
        let rows = support::batch(&rows);
        txn.insert(&key.child, &rows)?;
        txn.refer(&key, &rows)?;
        txn.settle_foreign_keys()
    })
}

/// DELETE of parents.
fn take(txn: &mut Txn, ids: &[i64], deferred: bool) -> Result<()> {
    statement(txn, |txn| {
        let key = key(txn, deferred)?;
        delete(txn, "p", ids, false)?;
        let gone = support::batch(&ids.iter().map(|&id| (id, 0)).collect::<Vec<_>>());
        let gone = remanent_storage::value::Batch::new(gone.columns[..1].to_vec(), gone.rows);
        match deferred {
            true => txn.leave_referred(&key, &gone),
            false => txn.check_unreferred(&key, &gone, false),
        }
    })
}

fn assert_no_orphan(store: &Store) -> Result<()> {
    let state = now(store)?;
    if let (Some(children), Some(parents)) = (state.get("hc"), state.get("p")) {
        for id in children.keys() {
            assert!(parents.contains_key(id), "row {id} has no parent among {parents:?}");
        }
    }
    Ok(())
}

#[test]
fn a_child_and_its_parents_end_do_not_both_succeed() {
    seeds("a_child_and_its_parents_end_do_not_both_succeed", 80, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        let inner = world.clone();
        sim.run(move || {
            let store = support::open(&inner, options()).unwrap();
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "p").unwrap();
            create(&mut txn, "hc").unwrap();
            insert(&mut txn, "p", &(0..4).map(|id| (id, 1)).collect::<Vec<_>>()).unwrap();
            txn.commit().unwrap();
            if seed % 3 == 0 {
                store.flush().unwrap();
            }
            let deferred = seed % 2 == 0;
            let done = Arc::new(AtomicU32::new(0));
            let mut bodies: Vec<Box<dyn FnOnce() + Send>> = Vec::new();
            for id in 0..4 {
                for child in [true, false] {
                    let (store, done) = (Arc::clone(&store), Arc::clone(&done));
                    bodies.push(Box::new(move || {
                        let mut txn = store.begin(None).unwrap();
                        let tried = match child {
                            true => bring(&mut txn, &[id], deferred),
                            false => take(&mut txn, &[id], deferred),
                        };
                        match tried.and_then(|()| txn.commit()) {
                            Ok(()) => _ = done.fetch_add(1, Ordering::Relaxed),
                            Err(e) => assert_eq!(e.code(), "23503", "{e:?}"),
                        }
                    }));
                }
            }
            together(&inner, bodies);
            assert_eq!(done.load(Ordering::Relaxed), 4, "of two who exclude each other one succeeds");
            assert_no_orphan(&store).unwrap();
            store.close().unwrap();
        });
    });
}

fn run(world: &World, rng: &mut Rng) -> Result<()> {
    let store = support::open(world, options())?;
    let mut txn = store.begin(Some(true))?;
    create(&mut txn, "p")?;
    create(&mut txn, "hc")?;
    txn.commit()?;
    for _ in 0..30 {
        let mut txn = store.begin(Some(rng.one_in(2)))?;
        let id = rng.below(6) as i64;
        let mut state = now(&store)?;
        let (parents, children) =
            (state.remove("p").unwrap_or_default(), state.remove("hc").unwrap_or_default());
        let fresh: Vec<i64> = [id, id + 1].into_iter().filter(|id| !children.contains_key(id)).collect();
        let done = match rng.below(8) {
            0 => {
                store.flush()?;
                continue;
            }
            1 => {
                store.maintain()?;
                continue;
            }
            2 | 3 if !parents.contains_key(&id) => insert(&mut txn, "p", &[(id, 1)]),
            4 if parents.contains_key(&id) => take(&mut txn, &[id], false),
            5 if parents.contains_key(&id) => take(&mut txn, &[id], true),
            _ => bring(&mut txn, &fresh, rng.one_in(2)),
        };
        match done.and_then(|()| txn.commit()) {
            Err(e) if e.code() != "23503" => return Err(e),
            _ => {}
        }
    }
    store.close()
}

#[test]
fn no_crash_leaves_a_child_without_its_parent() {
    let runs = Crashes::new("no_crash_leaves_a_child_without_its_parent").rounds(3).recovery_stride(9).run(
        |world: &World, notes: &Notes<()>| run(world, &mut Rng::new(notes.round())),
        |world: &World, _: &()| {
            let store = support::open(world, options())?;
            assert_no_orphan(&store)?;
            store.close()
        },
    );
    println!("{runs} crashes");
}
