//! Is a savepoint the place it was, however often one comes back to it, past rows that moved to disk meanwhile?

use super::support::{self, create, rows};
use remanent_storage::txn::{Savepoint, Txn};
use remanent_storage::world::sim::{Rng, SimWorld, seeds};

/// A stack of places, each with the rows that were there.
type Places = Vec<(Savepoint, support::Rows)>;

/// One change of the table and of what it should hold.
fn change(txn: &mut Txn, model: &mut support::Rows, rng: &mut Rng, next: &mut i64) {
    // Long notes: some dozens outgrow the 16 KB after which rows go to disk.
    let n = support::LONG + rng.below(1000);
    let held: Vec<i64> = model.keys().copied().collect();
    let some = |rng: &mut Rng| held[rng.below(held.len() as u64) as usize];
    match rng.below(6) {
        0 | 1 => {
            let new: Vec<(i64, u64)> = (0..1 + rng.below(60) as i64).map(|i| (*next + i, n)).collect();
            *next += new.len() as i64;
            support::insert(txn, "a", &new).unwrap();
            model.extend(new);
        }
        2 | 3 if !held.is_empty() => {
            let id = some(rng);
            support::update(txn, "a", &[(id, n)], rng.one_in(2)).unwrap();
            model.insert(id, n);
        }
        4 if !held.is_empty() => {
            let id = some(rng);
            support::delete(txn, "a", &[id], rng.one_in(2)).unwrap();
            model.remove(&id);
        }
        _ => {}
    }
}

#[test]
fn a_savepoint_is_a_place_to_come_back_to() {
    seeds("a_savepoint_is_a_place_to_come_back_to", 60, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let mut rng = Rng::new(seed);
            let store = support::open(&world, support::options()).unwrap();
            let mut txn = store.begin(None).unwrap();
            create(&mut txn, "a").unwrap();
            support::insert(&mut txn, "a", &(0..20).map(|id| (id, 1)).collect::<Vec<_>>()).unwrap();
            txn.commit().unwrap();
            let mut model = rows(&store.begin(None).unwrap(), "a").unwrap();
            let mut next = 20;
            for _ in 0..4 {
                let mut txn = store.begin(None).unwrap();
                let (before, mut places) = (model.clone(), Places::new());
                for _ in 0..40 {
                    match rng.below(8) {
                        0 => places.push((txn.savepoint(), model.clone())),
                        1 if !places.is_empty() => {
                            // Back, and the places after it are no more; half of the time, locks stay.
                            places.truncate(1 + rng.below(places.len() as u64) as usize);
                            let (place, then) = places.last().unwrap();
                            match rng.one_in(2) {
                                true => txn.rollback_to(place),
                                false => txn.undo_to(place),
                            }
                            model = then.clone();
                        }
                        2 => drop(places.pop()),
                        _ => change(&mut txn, &mut model, &mut rng, &mut next),
                    }
                    assert_eq!(rows(&txn, "a").unwrap(), model);
                }
                match rng.one_in(3) {
                    true => {
                        txn.rollback();
                        model = before;
                    }
                    false => txn.commit().unwrap(),
                }
                assert_eq!(rows(&store.begin(None).unwrap(), "a").unwrap(), model);
            }
            store.close().unwrap();
            let store = support::open(&world, support::options()).unwrap();
            assert_eq!(rows(&store.begin(None).unwrap(), "a").unwrap(), model);
            store.close().unwrap();
            support::assert_tidy(&world, 1).unwrap();
        });
    });
}
