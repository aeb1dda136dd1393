//! A sorted index, beside a hot segment and on disk, names exactly the rows of a span, in its order, from both ends and
//! in steps of any size; and the bytes of a small part.

mod cold_support;

use cold_support::*;
use proptest::prelude::{Just, ProptestConfig, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy;
use remanent_storage::index::sorted::{SortedCold, SortedHot};
use remanent_storage::index::{
    HotPart, IndexDef, KeyOrder, KeySpan, Part, PartReader, PartWriter, Place, Probe, kind,
};
use remanent_storage::segment::PageCache;
use remanent_storage::value::{Column, Type, Value};
use std::cmp::Ordering;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

const PATH: &str = "seg/0000000001.3.idx";

fn def(types: &[Type], orders: &[KeyOrder]) -> IndexDef {
    IndexDef {
        id: 3,
        table: 1,
        name: "i".into(),
        kind: "btree".into(),
        columns: (0..types.len()).collect(),
        types: types.to_vec(),
        orders: orders.to_vec(),
        classes: Vec::new(),
        parameters: Vec::new(),
        include: Vec::new(),
        unique: false,
        nulls_not_distinct: false,
        constraint: false,
        filter: None,
    }
}

/// The part of a segment with these columns, on a disk.
fn cold(def: &IndexDef, columns: &[Column]) -> (MemDisk, SortedCold) {
    let (disk, segment) = segment(columns, &vec![1; columns[0].len()]);
    let segment = Arc::new(segment);
    let mut out = PartWriter::create(&disk, Path::new(PATH)).unwrap();
    kind("btree").unwrap().build(def, &segment, &mut out).unwrap();
    out.finish().unwrap();
    let cache = Arc::new(PageCache::new(8 << 20));
    let reader = PartReader::new(disk.shared(), PATH.into(), PartReader::file_id(3, 1), cache);
    let part = SortedCold::open(reader, segment, false);
    let mut damage = Vec::new();
    part.verify(&mut |e| damage.push(e));
    assert_eq!(format!("{damage:?}"), "[]");
    (disk, part)
}

fn hot(def: &IndexDef, columns: &[Column]) -> SortedHot {
    let mut part = SortedHot::new(def.clone());
    part.insert(0, columns).unwrap();
    part
}

/// The order of two values in a column of an index.
fn compare(a: &Value, b: &Value, order: KeyOrder) -> Ordering {
    match (a.is_null(), b.is_null()) {
        (true, true) => Ordering::Equal,
        (true, false) => {
            if order.nulls_first {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
        (false, true) => {
            if order.nulls_first {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        (false, false) if order.descending => b.compare(a),
        (false, false) => a.compare(b),
    }
}

/// All rows of a walk in steps.
fn walk(part: &dyn Part, span: &KeySpan, backward: bool, step: usize) -> Vec<u32> {
    let (mut rows, mut place) = (Vec::new(), Place::Start);
    while part.ordered(span, backward, &mut place, &mut rows, step).unwrap() {}
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn both_parts_name_the_rows_of_a_span_in_order(
        values in proptest::collection::vec(
            (prop_oneof![Just(None), (-3i16..30).prop_map(Some)], prop_oneof![Just(None), "[ab\0\u{1}]{0,6}".prop_map(Some)]),
            1..1500,
        ),
        orders in (any::<(bool, bool)>(), any::<(bool, bool)>()),
        low in -4i16..30,
        width in 0i16..12,
        inclusive in any::<(bool, bool)>(),
        step in 1usize..700,
    ) {
        let order = |(descending, nulls_first)| KeyOrder { descending, nulls_first };
        let def = def(&[Type::Int2, Type::Text], &[order(orders.0), order(orders.1)]);
        let row = |(a, b): &(Option<i16>, Option<String>)| {
            [a.map_or(Value::Null, Value::Int2), b.clone().map_or(Value::Null, Value::Text)]
        };
        let rows: Vec<[Value; 2]> = values.iter().map(row).collect();
        let column = |i: usize, ty| Column::from_values(ty, rows.iter().map(|row| row[i].clone())).unwrap();
        let columns = [column(0, Type::Int2), column(1, Type::Text)];
        let mut sorted: Vec<u32> = (0..rows.len() as u32).collect();
        sorted.sort_by(|&a, &b| {
            let (x, y) = (&rows[a as usize], &rows[b as usize]);
            compare(&x[0], &y[0], def.orders[0]).then(compare(&x[1], &y[1], def.orders[1])).then(a.cmp(&b))
        });
        let end = |value: i16, inclusive: bool| {
            if inclusive { Bound::Included(Value::Int2(value)) } else { Bound::Excluded(Value::Int2(value)) }
        };
        let (from, to) = (end(low, inclusive.0), end(low + width, inclusive.1));
        let within = |value: &Value| {
            let above = match &from { Bound::Included(v) => value.compare(v).is_ge(), Bound::Excluded(v) => value.compare(v).is_gt(), Bound::Unbounded => true };
            let below = match &to { Bound::Included(v) => value.compare(v).is_le(), Bound::Excluded(v) => value.compare(v).is_lt(), Bound::Unbounded => true };
            !value.is_null() && above && below
        };
        let a_is = Value::Int2(low);
        let text = Value::Text("a".into());
        type Wanted<'a> = Box<dyn Fn(&[Value; 2]) -> bool + 'a>;
        let spans: Vec<(KeySpan, Wanted<'_>)> = vec![
            (KeySpan::default(), Box::new(|_| true)),
            (def.span(&[], from.as_ref(), to.as_ref()), Box::new(|row| within(&row[0]))),
            (def.span(&[], from.as_ref(), Bound::Unbounded), Box::new(|row| !row[0].is_null() && match &from {
                Bound::Excluded(v) => row[0].compare(v).is_gt(),
                _ => row[0].compare(&a_is).is_ge(),
            })),
            (def.span(std::slice::from_ref(&a_is), Bound::Unbounded, Bound::Unbounded), Box::new(|row| !row[0].is_null() && row[0].compare(&a_is).is_eq())),
            (def.span(&[Value::Null], Bound::Unbounded, Bound::Unbounded), Box::new(|row| row[0].is_null())),
            (def.span(std::slice::from_ref(&a_is), Bound::Excluded(&text), Bound::Unbounded), Box::new(|row| {
                !row[0].is_null() && row[0].compare(&a_is).is_eq() && !row[1].is_null() && row[1].compare(&text).is_gt()
            })),
        ];
        let (_disk, cold) = cold(&def, &columns);
        let hot = hot(&def, &columns);
        let (mut told, mut keys, mut place) = (Vec::new(), Vec::new(), Place::Start);
        while cold.ordered_keyed(&KeySpan::default(), false, &mut place, &mut told, &mut keys, step).unwrap() {}
        prop_assert_eq!(&told, &sorted);
        for (row, key) in told.iter().zip(&keys) {
            let mut encoded = Vec::new();
            def.encode_row(&mut encoded, &columns, *row as usize);
            prop_assert_eq!(key, &encoded);
            let values = def.decode(key).unwrap();
            prop_assert!(values.iter().zip(&rows[*row as usize]).all(|(a, b)| a.compare(b).is_eq()));
        }
        prop_assert_eq!(keys.len(), told.len());
        for (span, wanted) in &spans {
            let mut expected: Vec<u32> = sorted.iter().copied().filter(|&row| wanted(&rows[row as usize])).collect();
            for part in [&cold as &dyn Part, &hot] {
                assert_eq!(walk(part, span, false, step), expected);
            }
            assert_eq!(cold.cost(&Probe::Span(span.clone())).unwrap().rows, expected.len() as f64);
            expected.reverse();
            for part in [&cold as &dyn Part, &hot] {
                assert_eq!(walk(part, span, true, step), expected);
            }
        }
    }

    #[test]
    fn rows_that_are_dropped_from_the_end_leave_the_others(
        values in proptest::collection::vec(0i16..9, 1..1024),
        keep in proptest::collection::vec(any::<bool>(), 1024),
        more in proptest::collection::vec(0i16..9, 1..40),
    ) {
        let def = def(&[Type::Int2], &[KeyOrder::default()]);
        let column = |values: &[i16]| Column::from_values(Type::Int2, values.iter().map(|&v| Value::Int2(v))).unwrap();
        let first = vec![5i16; 1024];
        let mut part = SortedHot::new(def.clone());
        part.insert(0, &[column(&first)]).unwrap();
        part.insert(1024, &[column(&values)]).unwrap();
        part.retain_from(1024, &keep[..values.len()]);
        let kept: Vec<i16> = values.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(v, _)| *v).collect();
        part.insert(1024 + kept.len() as u32, &[column(&more)]).unwrap();
        let all: Vec<i16> = first.into_iter().chain(kept).chain(more).collect();
        let expected = hot(&def, &[column(&all)]);
        assert_eq!(walk(&part, &KeySpan::default(), false, 300), walk(&expected, &KeySpan::default(), false, 300));
        assert_eq!(part.memory(), expected.memory());
    }
}

#[test]
fn a_part_larger_than_memory_is_built_in_runs() {
    // Long keys in no order: more than 8 MB of them.
    let n = 30_000u32;
    let text = |i: u32| format!("{:010}{}", i.wrapping_mul(2_654_435_761) % n, "x".repeat(300));
    let values: Vec<Value> = (0..n).map(|i| Value::Text(text(i))).collect();
    let column = Column::from_values(Type::Text, values.iter().cloned()).unwrap();
    let def = def(&[Type::Text], &[KeyOrder::default()]);
    let (_disk, part) = cold(&def, &[column]);
    let mut expected: Vec<u32> = (0..n).collect();
    expected.sort_by(|&a, &b| text(a).cmp(&text(b)).then(a.cmp(&b)));
    assert_eq!(walk(&part, &KeySpan::default(), false, 5000), expected);
    for row in [0, 17, 29_999] {
        let span = def.span(&[Value::Text(text(row))], Bound::Unbounded, Bound::Unbounded);
        assert!(walk(&part, &span, false, 10).contains(&row));
    }
}

#[test]
fn the_bytes_of_a_small_part() {
    let values = [9, 7, 5, 5].map(|v| if v == 9 { Value::Null } else { Value::Int2(v) });
    let column = Column::from_values(Type::Int2, values).unwrap();
    let (disk, _) = cold(&def(&[Type::Int2], &[KeyOrder::default()]), &[column]);
    let bytes = disk.bytes(Path::new(PATH));
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    // The leaf: three distinct keys of four rows.
    let leaf = "0300 0400 0000  0300 0600 0700  0200 0300 0400  02000000 03000000 01000000 00000000  018005 018007 ff";
    assert!(hex.contains(&leaf.replace(' ', "")), "{hex}");
    // The footer: kind, rows, distinct keys, leaves, least, greatest.
    let footer = "02 04000000 03000000 01000000 03000000 018005 01000000 ff 01000000";
    assert!(hex.contains(&footer.replace(' ', "")), "{hex}");
}
