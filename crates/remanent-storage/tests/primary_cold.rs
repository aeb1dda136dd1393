//! The primary key of a cold segment finds exactly the rows that have a key, or lie in a range of keys.

mod cold_support;

use cold_support::*;
use proptest::prelude::{ProptestConfig, any, prop_oneof, proptest};
use proptest::strategy::Just;
use remanent_storage::index::primary::PrimaryCold;
use remanent_storage::index::{
    Hit, IndexDef, KeyOrder, Part, PartReader, PartWriter, Probe, ProbeStats, ScoreBound, kind,
};
use remanent_storage::segment::{ColdSegment, PageCache, RowSet};
use remanent_storage::value::key::encode_column_row;
use remanent_storage::value::{Column, Key, Type, Value};
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

/// The key columns of a segment and their encoded keys, in order.
struct Made {
    part: PrimaryCold,
    keys: Vec<Vec<u8>>,
    segment: Arc<ColdSegment>,
    disk: MemDisk,
}

fn keys_of(columns: &[Column]) -> Vec<Vec<u8>> {
    (0..columns[0].len())
        .map(|row| {
            let mut key = Vec::new();
            columns.iter().for_each(|column| encode_column_row(&mut key, column, row));
            key
        })
        .collect()
}

fn def(columns: usize, types: Vec<Type>) -> IndexDef {
    let (name, kind) = ("t_pkey".into(), "primary".into());
    IndexDef {
        id: 0,
        table: 0,
        name,
        kind,
        columns: (0..columns).collect(),
        orders: vec![KeyOrder::default(); types.len()],
        types,
        classes: Vec::new(),
        parameters: Vec::new(),
        include: Vec::new(),
        unique: true,
        nulls_not_distinct: false,
        constraint: true,
        filter: None,
    }
}

/// A segment of these columns in key order, all of them key columns, and its part.
fn make(columns: &[Column]) -> Made {
    let mut order: Vec<u32> = (0..columns[0].len() as u32).collect();
    let keys = keys_of(columns);
    order.sort_by(|&a, &b| keys[a as usize].cmp(&keys[b as usize]));
    let columns: Vec<Column> = columns.iter().map(|c| c.gather(&order)).collect();
    let (disk, segment) = segment(&columns, &vec![1; order.len()]);
    let segment = Arc::new(segment);
    let types: Vec<Type> = columns.iter().map(Column::ty).collect();
    let path = Path::new("seg/0000000001.0.idx");
    let mut out = PartWriter::create(&disk, path).unwrap();
    kind("primary").unwrap().build(&def(columns.len(), types), &segment, &mut out).unwrap();
    out.finish().unwrap();
    let cache = Arc::new(PageCache::new(8 << 20));
    let reader = PartReader::new(disk.shared(), path.into(), PartReader::file_id(0, 1), cache);
    let part = PrimaryCold::open((0..columns.len()).collect(), reader, Arc::clone(&segment));
    Made { part, keys: keys_of(&columns), segment, disk }
}

impl Made {
    /// Compares lookups of a key and of its prefixes with the sorted keys.
    fn check(&self, key: &[u8]) {
        let below = |k: &[u8]| self.keys.partition_point(|x| x.as_slice() < k) as u32;
        let through = |k: &[u8]| self.keys.partition_point(|x| &x[..x.len().min(k.len())] <= k) as u32;
        let found = self.part.find(key).unwrap();
        let expected = below(key)..self.keys.partition_point(|x| x.as_slice() <= key) as u32;
        match expected.is_empty() {
            true => assert!(found.is_empty(), "{key:x?} is not there"),
            false => assert_eq!(found, expected, "{key:x?}"),
        }
        for cut in [0, 1, key.len() / 2, key.len().saturating_sub(1), key.len()] {
            let prefix = &key[..cut];
            assert_eq!(self.part.seek(prefix, false).unwrap(), below(prefix), "from {prefix:x?}");
            assert_eq!(self.part.seek(prefix, true).unwrap(), through(prefix), "after {prefix:x?}");
        }
    }

    fn check_all(&self, absent: &[Vec<u8>]) {
        self.keys.iter().step_by(23).for_each(|key| self.check(key));
        absent.iter().for_each(|key| self.check(key));
        let mut damaged = Vec::new();
        self.part.verify(&mut |e| damaged.push(e.to_string()));
        assert_eq!(damaged, Vec::<String>::new());
    }
}

#[test]
fn bigint_keys() {
    let column = Column::from_values(Type::Int8, (0..30_000).map(|i| Value::Int8(i * 3 - 5))).unwrap();
    let absent = Column::from_values(Type::Int8, (0..500).map(|i| Value::Int8(i * 171 - 4001))).unwrap();
    make(&[column]).check_all(&keys_of(&[absent]));
}

#[test]
fn versions_of_a_key_across_vectors() {
    let values = (0..9_000i64).map(|i| Value::Int8(if (500..7_000).contains(&i) { 500 } else { i }));
    let made = make(&[Column::from_values(Type::Int8, values).unwrap()]);
    assert_eq!(made.part.find(&made.keys[500]).unwrap(), 500..7_000);
    made.check_all(&[]);
}

#[test]
fn every_type_as_a_key() {
    let mut rng = Rng(7);
    for ty in TYPES {
        for pattern in PATTERNS {
            let made = make(&[column(ty, pattern, 2500, 0, &mut rng)]);
            made.check_all(&keys_of(&[column(ty, pattern, 30, 0, &mut rng)]));
        }
    }
}

#[test]
fn keys_of_two_columns() {
    let mut rng = Rng(8);
    for (a, b) in [(Type::Int4, Type::Text), (Type::Text, Type::Timestamptz), (Type::Bool, Type::Int8)] {
        let columns =
            [column(a, Pattern::Small, 6000, 0, &mut rng), column(b, Pattern::Wild, 6000, 0, &mut rng)];
        let other = [column(a, Pattern::Small, 50, 0, &mut rng), column(b, Pattern::Wild, 50, 0, &mut rng)];
        make(&columns).check_all(&keys_of(&other));
    }
}

#[test]
fn long_keys_take_more_than_one_fence_page() {
    let text = |i: u32| Value::Text(format!("{}{i:06}{}", "x".repeat(3000), "y".repeat(100)));
    let made = make(&[Column::from_values(Type::Text, (0..8000).map(|i| text(i * 2))).unwrap()]);
    let absent = Column::from_values(Type::Text, (0..20).map(|i| text(i * 801 + 1))).unwrap();
    made.keys.iter().step_by(531).for_each(|key| made.check(key));
    keys_of(&[absent]).iter().for_each(|key| made.check(key));
}

#[test]
fn a_segment_without_rows() {
    let made = make(&[Column::null(Type::Int8, 0)]);
    assert!(made.part.find(&[1]).unwrap().is_empty());
    assert_eq!(made.part.seek(&[], false).unwrap(), 0);
    assert!(made.part.bounds().unwrap().is_none());
    made.check_all(&[]);
}

#[test]
fn rows_out_of_order_are_refused() {
    let column = Column::from_values(Type::Int8, [2, 1].map(Value::Int8)).unwrap();
    let (disk, segment) = segment(&[column], &[1, 1]);
    let mut out = PartWriter::create(&disk, Path::new("x.idx")).unwrap();
    let refused = kind("primary").unwrap().build(&def(1, vec![Type::Int8]), &segment, &mut out);
    assert_eq!(refused.unwrap_err().code(), "XX000");
}

fn hits(part: &dyn Part, probe: &Probe, within: Option<&RowSet>) -> Vec<u32> {
    let (stats, bound) = (ProbeStats::default(), ScoreBound::default());
    let mut hits = part.search(probe, within, &stats, &bound).unwrap();
    let mut out: Vec<Hit> = Vec::new();
    while hits.next(&mut out, 3).unwrap() {}
    out.into_iter().map(|hit| hit.ordinal).collect()
}

#[test]
fn through_the_trait() {
    let column = Column::from_values(Type::Int8, [1, 2, 2, 2, 3, 5].map(Value::Int8)).unwrap();
    let made = make(&[column]);
    let key = |v: i64| Key::encode(&[Value::Int8(v)]);
    assert_eq!(hits(&made.part, &Probe::Key(key(2)), None), [3, 2, 1]);
    assert_eq!(hits(&made.part, &Probe::Key(key(4)), None), [0u32; 0]);
    let range = Probe::KeyRange { low: Bound::Excluded(key(1)), high: Bound::Included(key(3)) };
    assert_eq!(hits(&made.part, &range, None), [1, 2, 3, 4]);
    let within: RowSet = [0, 2, 4].into_iter().collect();
    assert_eq!(hits(&made.part, &range, Some(&within)), [2, 4]);
    assert!(made.part.cost(&range).unwrap().rows < 6.0);
}

#[test]
fn every_damaged_byte_of_a_part_is_found() {
    let made = make(&[Column::from_values(Type::Int8, (0..3000).map(Value::Int8)).unwrap()]);
    let path = Path::new("seg/0000000001.0.idx");
    let whole = made.disk.bytes(path);
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        made.disk.put(path, bytes);
        let cache = Arc::new(PageCache::new(1 << 20));
        let reader = PartReader::new(made.disk.shared(), path.into(), 9, cache);
        let part = PrimaryCold::open(vec![0], reader, Arc::clone(&made.segment));
        let mut damaged = 0;
        part.verify(&mut |_| damaged += 1);
        assert!(damaged > 0, "byte {at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn any_keys(
        values in proptest::collection::vec(
            prop_oneof![any::<i64>(), -50i64..50, Just(i64::MIN), Just(i64::MAX)], 1..4000),
        absent in proptest::collection::vec(prop_oneof![any::<i64>(), -60i64..60], 1..50),
    ) {
        let column = |v: &[i64]| Column::from_values(Type::Int8, v.iter().map(|&v| Value::Int8(v))).unwrap();
        make(&[column(&values)]).check_all(&keys_of(&[column(&absent)]));
    }
}
