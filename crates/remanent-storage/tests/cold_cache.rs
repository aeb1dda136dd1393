//! The page cache holds its budget, keeps what is used, and forgets what it is told to.

mod cold_support;

use cold_support::{MemDisk, Rng, open, write_with};
use proptest::prelude::{ProptestConfig, any, proptest};
use remanent_storage::segment::{ColdWriter, PageCache};
use remanent_storage::value::{Column, Type, Value};
use remanent_storage::world::sim::{SimWorld, seeds};
use std::sync::Arc;

/// A page that says which it is.
fn page(file: u64, offset: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![(file ^ offset) as u8; len.max(16)];
    bytes[..8].copy_from_slice(&file.to_le_bytes());
    bytes[8..16].copy_from_slice(&offset.to_le_bytes());
    bytes
}

fn is(bytes: &[u8], file: u64, offset: u64) -> bool {
    bytes[..8] == file.to_le_bytes() && bytes[8..16] == offset.to_le_bytes()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn the_budget_holds_and_pages_are_the_right_ones(seed: u64, budget in 0usize..400_000, shrink in any::<u16>()) {
        let (cache, mut rng) = (PageCache::new(budget), Rng(seed));
        for step in 0..3000 {
            let (file, offset) = (rng.below(3), rng.below(100) * 4096);
            match rng.below(40) {
                0 => cache.invalidate(file),
                1 if step % 50 == 0 => cache.set_budget(usize::from(shrink)),
                2 if step % 50 == 1 => cache.set_budget(budget),
                3..20 => cache.insert(file, offset, page(file, offset, rng.below(20_000) as usize).into()),
                _ => if let Some(found) = cache.get(file, offset) {
                    assert!(is(&found, file, offset));
                },
            }
            assert!(cache.used() <= cache.budget(), "{} of {}", cache.used(), cache.budget());
        }
        (0..3).for_each(|file| cache.invalidate(file));
        assert_eq!(cache.used(), 0);
        assert!((0..300).all(|i| cache.get(i % 3, i / 3 * 4096).is_none()));
    }
}

#[test]
fn threads_share_it() {
    let cache = Arc::new(PageCache::new(200_000));
    let threads: Vec<_> = (0..4u64)
        .map(|t| {
            let cache = Arc::clone(&cache);
            remanent_storage::world::World::real()
                .spawn("reader", move || {
                    let mut rng = Rng(t);
                    for _ in 0..20_000 {
                        let (file, offset) = (rng.below(2), rng.below(60) * 4096);
                        let load = || Ok::<_, ()>(page(file, offset, 4096));
                        assert!(is(&cache.get_or_load(file, offset, load).unwrap(), file, offset));
                        assert!(cache.used() <= 200_000);
                    }
                })
                .unwrap()
        })
        .collect();
    threads.into_iter().for_each(|t| t.join());
}

#[test]
fn a_scan_does_not_wash_out_what_is_used() {
    let cache = PageCache::new(2 << 20);
    let hot = |i: u64| (1, i * 4096);
    let load =
        |file, offset| cache.get_or_load(file, offset, || Ok::<_, ()>(page(file, offset, 4096))).unwrap();
    for _ in 0..3 {
        (0..100).map(hot).for_each(|(f, o)| drop(load(f, o)));
    }
    (0..20_000u64).for_each(|i| drop(load(2, i * 4096)));
    let kept = (0..100).map(hot).filter(|&(f, o)| cache.get(f, o).is_some()).count();
    assert!(kept >= 90, "{kept} of 100 pages that were used three times are left after a long scan");
}

#[test]
fn failed_loads_and_oversized_pages_are_not_kept() {
    let cache = PageCache::new(10_000);
    assert_eq!(cache.get_or_load(1, 0, || Err("no disk")).unwrap_err(), "no disk");
    let large = cache.get_or_load(1, 0, || Ok::<_, ()>(vec![0; 20_000])).unwrap();
    assert_eq!((large.len(), cache.used()), (20_000, 0));
    assert!(cache.get(1, 0).is_none());
    assert_eq!(cache.misses(), 2);
}

#[test]
fn a_budget_that_shrinks_beside_a_page_on_its_way_holds() {
    seeds("a_budget_that_shrinks_beside_a_page_on_its_way_holds", 200, |seed| {
        let sim = SimWorld::new(seed);
        let world = sim.world();
        sim.run(move || {
            let cache = Arc::new(PageCache::new(1 << 20));
            let offered = Arc::clone(&cache);
            let offer =
                move || (0..4).for_each(|i| offered.insert(1, i * 4096, page(1, i * 4096, 4000).into()));
            let thread = world.spawn("reader", offer).unwrap();
            cache.set_budget(5000);
            thread.join();
            assert!(cache.used() <= 5000, "{} bytes", cache.used());
        });
    });
}

/// Two columns whose values do not decode alone: steps of 1 or 5, up and down.
fn steps() -> [Vec<i64>; 2] {
    let rng = &mut Rng(1);
    [1_000_000, -7].map(|first| {
        (0..5000)
            .scan(first, |at, _| {
                *at += if rng.below(8) == 0 { 5 << 20 } else { rng.below(3) as i64 };
                Some(*at)
            })
            .collect()
    })
}

#[test]
fn decoded_vectors_are_kept_under_the_budget_and_go_with_their_file() {
    let (disk, columns) = (MemDisk::default(), steps());
    let values =
        columns.clone().map(|c| Column::from_values(Type::Int8, c.into_iter().map(Value::Int8)).unwrap());
    let made = write_with(&disk, &values, &vec![1; 5000], 5000, ColdWriter::thorough);
    for budget in [0, 30_000, 1 << 20] {
        let cache = Arc::new(PageCache::new(budget));
        let segment = open(&disk, vec![Type::Int8; 2], &made, &cache);
        (0..2).for_each(|c| (0..5).for_each(|vector| drop(segment.read(c, vector).unwrap())));
        let pages = cache.used();
        for (c, values) in columns.iter().enumerate() {
            for row in (0..5000).step_by(37) {
                let expected = Value::Int8(values[row]).to_string();
                assert_eq!(segment.value(c, row as u32).unwrap().to_string(), expected);
                assert_eq!(segment.gather(c, &[row as u32]).unwrap().value(0).to_string(), expected);
            }
        }
        assert!(cache.used() <= budget);
        if budget == 1 << 20 {
            // 5 vectors of each column: 5,000 values of 8 bytes.
            assert!(cache.used() >= pages + 2 * 5000 * 8, "{} after {pages}", cache.used());
        }
        cache.invalidate(segment.file_id().into());
        assert_eq!(cache.used(), 0);
    }
}
