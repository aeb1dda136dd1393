//! The share of background work: what it writes keeps to the bandwidth, and nonsense is refused.

use super::support::{self, LONG, create, now};
use remanent_storage::store::Options;
use remanent_storage::world::sim::SimWorld;

fn refused(options: Options) {
    let world = SimWorld::new(1).world();
    let error = support::open(&world, options).err().unwrap();
    assert_eq!(error.code(), "22023", "{error}");
}

#[test]
fn a_share_that_is_none_is_refused() {
    for share in [0.0, -1.0, 1.5, f64::NAN, f64::INFINITY] {
        refused(Options { background_cpu: share, ..support::options() });
    }
    refused(Options { background_bandwidth: 0, ..support::options() });
}

#[test]
fn a_flush_keeps_to_the_bandwidth() {
    let sim = SimWorld::new(1);
    let world = sim.world();
    sim.run(move || {
        let options = Options {
            memory_limit: 512 << 20,
            background_bandwidth: 1 << 20,
            log_file_size: 1 << 20,
            ..support::options()
        };
        let store = support::open(&world, options).unwrap();
        let mut txn = store.begin(None).unwrap();
        create(&mut txn, "a").unwrap();
        txn.commit().unwrap();
        let rows: Vec<(i64, u64)> = (0..60_000).map(|id| (id, LONG + id as u64 * 7_919)).collect();
        for part in rows.chunks(10_000) {
            let mut txn = store.begin(None).unwrap();
            support::insert(&mut txn, "a", part).unwrap();
            txn.commit().unwrap();
        }
        let begun = world.monotonic();
        store.flush().unwrap();
        let (took, bytes) = (world.monotonic() - begun, store.stats().flush_written);
        // A slice of 512 KB is on the disk before the pace knows of it, and so is what is left at the end.
        assert!(bytes > 1 << 20, "{bytes}");
        assert!(
            took.as_secs_f64() * (1 << 20) as f64 >= bytes as f64 - f64::from(2 * (512 << 10)),
            "{took:?}, {bytes}"
        );
        assert_eq!(now(&store).unwrap()["a"].len(), 60_000);
        store.close().unwrap();
    });
}
