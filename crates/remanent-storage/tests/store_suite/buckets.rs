//! Old rows become one for each bucket of time.
//!
//! A row is (series, at, v, peak, state); time passes by sleeping.

use super::retire::{HOUR, MINUTE, options, pass, simulated};
use super::support::{self, HOME, HUGE, assert_tidy, text};
use remanent_storage::Result;
use remanent_storage::store::{Options, Store, check};
use remanent_storage::table::{ColumnDef, ScanRequest, TableDef};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Column, Type, Value};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng, SimWorld, seeds};
use std::path::Path;
use std::sync::Arc;

/// The rows of a table `d` of series and values: (at, series) → (avg, max, last).
type Buckets = Vec<(i64, i64, f64, i64, String)>;

fn create(store: &Store, option: &str) -> Result<()> {
    let of = |name: &str, ty| ColumnDef::new(name, ty);
    let columns = vec![
        of("series", Type::Int8),
        of("at", Type::Timestamptz),
        of("v", Type::Float8),
        of("peak", Type::Int8),
        of("state", Type::Text),
    ];
    let mut def = TableDef::new(0, "d", columns, vec![0, 1]);
    def.set_option("downsample", Some(option.to_string()));
    let mut txn = store.begin(Some(true))?;
    txn.create(def)?;
    txn.commit()
}

/// When, of which series, value and peak.
type Measured = (i64, i64, f64, i64);

/// One row: value and peak are as given, and the state says the peak.
fn measured(store: &Store, rows: &[Measured]) -> Result<()> {
    let column =
        |ty, value: &dyn Fn(&Measured) -> Value| Column::from_values(ty, rows.iter().map(value)).unwrap();
    let columns = vec![
        column(Type::Int8, &|row| Value::Int8(row.1)),
        column(Type::Timestamptz, &|row| Value::Timestamptz(row.0)),
        column(Type::Float8, &|row| Value::Float8(row.2)),
        column(Type::Int8, &|row| Value::Int8(row.3)),
        column(Type::Text, &|row| Value::Text(text(row.3 as u64))),
    ];
    let mut txn = store.begin(Some(true))?;
    let table = Arc::clone(txn.catalog().table("d").unwrap());
    txn.insert(&table, &Batch::new(columns, rows.len()))?;
    txn.commit()
}

fn buckets(txn: &Txn) -> Result<Buckets> {
    let Some(table) = txn.catalog().table("d").cloned() else { return Ok(Vec::new()) };
    let request = ScanRequest { columns: (0..5).collect(), ..ScanRequest::default() };
    let mut scan = txn.scan(&table, &request)?;
    let mut found = Vec::new();
    while let Some(batch) = scan.next()? {
        let batch = batch.compact();
        for i in 0..batch.rows {
            let values: Vec<Value> =
                batch.columns.iter().map(|c| c.value(i).loaded()).collect::<Result<_>>()?;
            let [
                Value::Int8(series),
                Value::Timestamptz(at),
                Value::Float8(v),
                Value::Int8(peak),
                Value::Text(state),
            ] = &values[..]
            else {
                panic!("a row has other types: {values:?}")
            };
            let state = state.split(' ').next().unwrap_or_default().to_string();
            found.push((*at, *series, *v, *peak, state));
        }
    }
    found.sort_by_key(|row| (row.0, row.1));
    Ok(found)
}

#[test]
fn what_is_infinite_or_of_a_wrong_clock_is_in_nobodys_way() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, "1 second after 1 hour").unwrap();
        let start = world.now().div_euclid(MINUTE) * MINUTE;
        let others = [(i64::MIN, 1, 1.0, 1), (start - 300_000 * HOUR, 1, 2.0, 2), (i64::MAX, 1, 3.0, 3)];
        measured(&store, &others).unwrap();
        measured(&store, &[(start, 1, 4.0, 4), (start + 1, 1, 6.0, 6)]).unwrap();
        store.flush().unwrap();
        pass(&world, 3 * HOUR);
        store.maintain().unwrap();
        let found = buckets(&store.begin(None).unwrap()).unwrap();
        let values: Vec<(i64, f64)> = found.iter().map(|row| (row.0, row.2)).collect();
        let old = start - 300_000 * HOUR;
        assert_eq!(values, [(i64::MIN, 1.0), (old, 2.0), (start, 5.0), (i64::MAX, 3.0)]);
    });
}

#[test]
fn old_rows_become_one_for_each_bucket() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, "1 minute after 1 hour, max(peak)").unwrap();
        let start = world.now().div_euclid(MINUTE) * MINUTE;
        let second = 1_000_000;
        let rows = [
            (start + second, 1, 1.0, 10),
            (start + 3 * second, 1, 2.0, 30),
            (start + 59 * second, 1, 6.0, 20),
            (start + 2 * second, 2, 7.0, 5),
            (start + MINUTE, 1, 8.0, 6),
        ];
        measured(&store, &rows[..3]).unwrap();
        store.flush().unwrap();
        measured(&store, &rows[3..]).unwrap();
        let before = store.begin(None).unwrap();
        let raw = buckets(&before).unwrap();
        store.maintain().unwrap();
        assert_eq!(buckets(&store.begin(None).unwrap()).unwrap(), raw, "nothing is old");
        pass(&world, HOUR + 3 * MINUTE);
        let young = (world.now(), 1, 3.5, 1);
        measured(&store, &[young]).unwrap();
        store.maintain().unwrap();
        let expected = vec![
            (start, 1, 3.0, 30, "20".to_string()),
            (start, 2, 7.0, 5, "5".to_string()),
            (start + MINUTE, 1, 8.0, 6, "6".to_string()),
            (young.0, 1, 3.5, 1, "1".to_string()),
        ];
        let shown = || buckets(&store.begin(None).unwrap()).unwrap();
        assert_eq!(shown(), expected);
        assert_eq!(buckets(&before).unwrap(), raw, "an older snapshot");
        drop(before);
        store.maintain().unwrap();
        store.flush().unwrap();
        store.maintain().unwrap();
        assert_eq!(shown(), expected);
        // A row that comes late stays as it is.
        measured(&store, &[(start + 5 * second, 1, 9.0, 1)]).unwrap();
        drop(store);
        let store = support::open(&world, options()).unwrap();
        pass(&world, 2 * MINUTE);
        store.maintain().unwrap();
        assert_eq!(buckets(&store.begin(None).unwrap()).unwrap().len(), 5);
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    });
}

#[test]
fn many_buckets_are_made_in_several_records_and_large_values_stay() {
    simulated(|world| {
        let store = support::open(&world, options()).unwrap();
        create(&store, "10 s after 1 hour").unwrap();
        let start = world.now().div_euclid(MINUTE) * MINUTE;
        // Twenty hours of a row a second: 7,200 buckets, where a record takes 1,024.
        let rows: Vec<_> = (0..72_000).map(|i| (start + i * 1_000_000, 1, i as f64, i)).collect();
        for rows in rows.chunks(2000) {
            measured(&store, rows).unwrap();
            store.maintain().unwrap();
        }
        measured(
            &store,
            &[(start + 500_000, 2, 1.0, HUGE as i64), (start + 600_000, 2, 2.0, HUGE as i64 + 1)],
        )
        .unwrap();
        pass(&world, 22 * HOUR);
        for _ in 0..3 {
            store.maintain().unwrap();
        }
        let found = buckets(&store.begin(None).unwrap()).unwrap();
        assert_eq!(found.len(), 7201);
        for (i, row) in found.iter().filter(|row| row.1 == 1).enumerate() {
            let i = i as i64;
            assert_eq!((row.0, row.2), (start + i * 10_000_000, (i * 10) as f64 + 4.5));
            // 4.5 and a whole number, rounded away from zero; the last of ten.
            assert_eq!((row.3, &row.4), (i * 10 + 5, &(i * 10 + 9).to_string()));
        }
        store.close().unwrap();
        assert_tidy(&world, 1).unwrap();
    });
}

fn work(world: &World, notes: &Notes<(i64, Buckets)>) -> Result<()> {
    let mut rng = Rng::new(notes.round());
    let store = support::open(world, Options { memory_limit: 512 << 10, log_limit: 24 << 10, ..options() })?;
    create(&store, "1 minute after 10 minutes, sum(peak)")?;
    for _ in 0..5 {
        let rows: Vec<_> = (0..1 + rng.below(200) as i64)
            .map(|i| (world.now() + i * 1_000_000, rng.below(3) as i64, 1.0, 1))
            .collect();
        let count = rows.len() as i64;
        // From here on they may be there, and are from the commit on.
        notes.update(|(_, maybe)| maybe.push((count, 0, 0.0, 0, String::new())));
        measured(&store, &rows)?;
        notes.update(|(sure, _)| *sure += count);
        if rng.one_in(3) {
            store.flush()?;
        }
        pass(world, (4 + rng.below(20) as i64) * MINUTE);
        store.maintain()?;
    }
    store.close()
}

fn recover(world: &World, (sure, maybe): &(i64, Buckets)) -> Result<()> {
    match check::check(world, Path::new(HOME)) {
        Err(e) if e.code() == "3D000" => return Ok(()),
        report => assert_eq!(format!("{:?}", report?.damage), "[]", "after the crash"),
    }
    let store = support::open(world, options())?;
    let rows = |store: &Store| -> Result<i64> {
        let found = buckets(&store.begin(None)?)?;
        assert!(found.windows(2).all(|two| (two[0].0, two[0].1) != (two[1].0, two[1].1)), "a key twice");
        Ok(found.iter().map(|row| row.3).sum())
    };
    // Each row is counted once, in a bucket or by itself.
    let (found, most) = (rows(&store)?, maybe.iter().map(|row| row.0).sum::<i64>());
    assert!((*sure..=most).contains(&found), "{found} of {sure} to {most}");
    pass(world, HOUR);
    store.maintain()?;
    assert_eq!(rows(&store)?, found);
    store.close()
}

#[test]
fn a_crash_beside_buckets_counts_every_row_once() {
    let test = "a_crash_beside_buckets_counts_every_row_once";
    let runs = Crashes::new(test).rounds(3).recovery_stride(11).run(work, recover);
    println!("{runs} crashes");
}

#[test]
fn who_follows_sees_the_same_buckets() {
    seeds("who_follows_sees_the_same_buckets", 6, |seed| {
        let sim = SimWorld::new(seed);
        let (world, reader) = (sim.world(), sim.process(1));
        sim.run(move || {
            let store = support::open(&world, options()).unwrap();
            create(&store, "1 minute after 10 minutes, min(peak)").unwrap();
            let follower = support::open(&reader, Options { read_only: true, ..options() }).unwrap();
            let mut rng = Rng::new(seed);
            for _ in 0..15 {
                let rows: Vec<_> = (0..1 + rng.below(400) as i64)
                    .map(|i| (world.now() + i * 500_000, rng.below(3) as i64, i as f64, i))
                    .collect();
                measured(&store, &rows).unwrap();
                if rng.one_in(3) {
                    store.flush().unwrap();
                }
                pass(&world, (4 + rng.below(20) as i64) * MINUTE);
                if rng.one_in(2) {
                    buckets(&follower.begin(None).unwrap()).unwrap();
                }
                store.maintain().unwrap();
                let seen = buckets(&follower.begin(None).unwrap()).unwrap();
                assert!(seen == buckets(&store.begin(None).unwrap()).unwrap(), "the follower has other rows");
            }
        });
    });
}
