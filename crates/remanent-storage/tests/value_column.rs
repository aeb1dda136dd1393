//! Columns agree with a plain vector of values under every operation, and do not keep more than they need.

mod value_support;

use proptest::prelude::*;
use remanent_storage::value::{Batch, Bitmap, Column, ColumnBuilder, ColumnData, Type, Value};
use std::sync::Arc;
use value_support::{config, exact, nullable, types};

fn values_of(column: &Column) -> Vec<Value> {
    column.values().collect()
}

fn agrees(column: &Column, model: &[Value]) {
    assert_eq!(column.len(), model.len());
    assert_eq!(exact(&values_of(column)), exact(model));
    assert_eq!(column.null_count(), model.iter().filter(|v| v.is_null()).count());
    for (i, value) in model.iter().enumerate() {
        assert_eq!(column.is_valid(i), !value.is_null());
        match value {
            Value::Text(s) => assert_eq!(column.str(i), s),
            Value::Bytea(b) => assert_eq!(column.bytes(i), b),
            Value::Null => assert_eq!(column.bytes(i), b""),
            _ => {}
        }
    }
}

/// A change of a column that a vector of values can follow.
#[derive(Debug, Clone)]
enum Step {
    Slice(usize, usize),
    Gather(Vec<usize>),
    Flatten,
    Compact,
    Dictionary(Vec<usize>),
    /// One row, many times.
    Repeat(usize, usize),
    /// Built again: pushed, appended in parts, cut, snapshot.
    Rebuild(usize, Vec<usize>),
    Concat(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let rows = || prop::collection::vec(any::<usize>(), 0..100);
    let step = prop_oneof![
        (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Step::Slice(a, b)),
        rows().prop_map(Step::Gather),
        Just(Step::Flatten),
        Just(Step::Compact),
        rows().prop_map(Step::Dictionary),
        (any::<usize>(), 0usize..70).prop_map(|(row, n)| Step::Repeat(row, n)),
        (any::<usize>(), rows()).prop_map(|(at, rows)| Step::Rebuild(at, rows)),
        any::<usize>().prop_map(Step::Concat),
    ];
    prop::collection::vec(step, 1..6)
}

fn within(rows: &[usize], len: usize) -> Vec<u32> {
    if len == 0 { Vec::new() } else { rows.iter().map(|r| (r % len) as u32).collect() }
}

fn pick(model: &[Value], rows: &[u32]) -> Vec<Value> {
    rows.iter().map(|&r| model[r as usize].clone()).collect()
}

fn apply(column: &Column, model: &[Value], step: &Step) -> (Column, Vec<Value>) {
    let len = model.len();
    match step {
        Step::Slice(a, b) => {
            let start = a % (len + 1);
            let n = b % (len - start + 1);
            (column.slice(start, n), model[start..start + n].to_vec())
        }
        Step::Gather(rows) => {
            let rows = within(rows, len);
            (column.gather(&rows), pick(model, &rows))
        }
        Step::Flatten => {
            let flat = column.flatten();
            assert!(flat.is_flat());
            (flat, model.to_vec())
        }
        Step::Compact => (column.compact(), model.to_vec()),
        Step::Dictionary(rows) => {
            let codes = within(rows, len);
            let dictionary = Column::dictionary(codes.clone().into(), Arc::new(column.flatten()), None);
            (dictionary, pick(model, &codes))
        }
        Step::Repeat(row, n) => match len {
            0 => (column.clone(), Vec::new()),
            _ => {
                let one = column.slice(row % len, 1).flatten();
                (one.repeat(*n), vec![model[row % len].clone(); *n])
            }
        },
        Step::Rebuild(at, rows) => {
            let (at, rows) = (at % (len + 1), within(rows, len));
            let mut builder = ColumnBuilder::new(column.ty());
            let mut built = Vec::new();
            for value in &model[..at] {
                builder.push(value).unwrap();
                built.push(value.clone());
            }
            builder.append(&column.slice(at, len - at), None);
            built.extend_from_slice(&model[at..]);
            builder.append(column, Some(&rows));
            built.extend(pick(model, &rows));
            agrees(&builder.snapshot(), &built);
            builder.truncate(at + rows.len() / 2);
            built.truncate(at + rows.len() / 2);
            builder.append(column, None);
            built.extend_from_slice(model);
            let found: Vec<Value> = (0..builder.len()).map(|i| builder.value(i)).collect();
            assert_eq!(exact(&found), exact(&built));
            (builder.finish(), built)
        }
        Step::Concat(at) => {
            let at = at % (len + 1);
            let parts = [column.slice(at, len - at), column.slice(0, at), column.clone()];
            (Column::concat(column.ty(), &parts), [&model[at..], &model[..at], model].concat())
        }
    }
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn columns_agree_with_a_vector_of_values(
        (ty, mut model) in types().prop_flat_map(|ty| (Just(ty), prop::collection::vec(nullable(ty), 0..150))),
        steps in steps(),
    ) {
        let mut column = Column::from_values(ty, model.clone()).unwrap();
        agrees(&column, &model);
        for step in &steps {
            (column, model) = apply(&column, &model, step);
            prop_assert_eq!(column.ty(), ty);
            agrees(&column, &model);
            if model.len() > 2000 {
                break;
            }
        }
    }

    #[test]
    fn bitmaps_agree_with_a_vector_of_bits(
        bits in prop::collection::vec(any::<bool>(), 0..200), a in any::<usize>(), b in any::<usize>(),
    ) {
        let start = a % (bits.len() + 1);
        let len = b % (bits.len() - start + 1);
        let part = &bits[start..start + len];
        let whole: Bitmap = bits.iter().copied().collect();
        let slice = whole.slice(start, len);
        for bitmap in [&slice, &slice.compact(), &slice.and(&slice), &slice.slice(0, len)] {
            prop_assert_eq!(bitmap.iter().collect::<Vec<_>>(), part);
            prop_assert_eq!(bitmap.count_ones(), part.iter().filter(|&&bit| bit).count());
            let ones: Vec<u32> = (0..len as u32).filter(|&i| part[i as usize]).collect();
            prop_assert_eq!(bitmap.ones().collect::<Vec<_>>(), ones);
        }
        let other: Bitmap = part.iter().map(|bit| !bit).collect();
        prop_assert_eq!(slice.and(&other).count_ones(), 0);
    }
}

#[test]
fn a_compacted_slice_does_not_keep_the_whole() {
    let long: Vec<Value> = (0..2000).map(|i| Value::Text(format!("{i:0>1000}"))).collect();
    let whole = Column::from_values(Type::Text, long.clone()).unwrap();
    let part = whole.slice(700, 3);
    assert!(part.memory() > 1 << 20);
    let kept = part.compact();
    assert!(kept.memory() < 8 << 10, "{}", kept.memory());
    agrees(&kept, &long[700..703]);
    // What is needed anyway is shared, not copied.
    let same = whole.compact();
    let (ColumnData::Bytes(a), ColumnData::Bytes(b)) = (whole.data(), same.data()) else { panic!() };
    assert!(Arc::ptr_eq(&a.buffers, &b.buffers));
    let gathered = whole.gather(&[1999]).compact();
    assert!(gathered.memory() < 8 << 10);
    let numbers = Column::from_values(Type::Int8, (0..10_000).map(Value::Int8)).unwrap();
    assert!(numbers.slice(5000, 2).compact().memory() < 2 << 10);
    let dictionary = Column::dictionary(vec![1500, 1500].into(), Arc::new(whole), None);
    assert!(dictionary.compact().memory() < 8 << 10);
    agrees(&dictionary.compact(), &[long[1500].clone(), long[1500].clone()]);
}

#[test]
fn a_dictionary_without_values_is_all_null() {
    let empty = Arc::new(Column::from_values(Type::Text, []).unwrap());
    let column = Column::dictionary(vec![0, 0].into(), empty, Some(Bitmap::filled(2, false)));
    agrees(&column, &[Value::Null, Value::Null]);
    agrees(&column.flatten(), &[Value::Null, Value::Null]);
}

#[test]
fn typed_pushes_are_what_values_are() {
    let mut ints = ColumnBuilder::with_capacity(Type::Int8, 3);
    ints.push_i64(5);
    ints.push_null();
    ints.push_i64(-5);
    agrees(&ints.finish(), &[Value::Int8(5), Value::Null, Value::Int8(-5)]);
    let mut dates = ColumnBuilder::new(Type::Date);
    dates.push_i32(1);
    agrees(&dates.finish(), &[Value::Date(1)]);
    let mut flags = ColumnBuilder::new(Type::Bool);
    (0..130).for_each(|i| flags.push_bool(i % 3 == 0));
    agrees(&flags.finish(), &(0..130).map(|i| Value::Bool(i % 3 == 0)).collect::<Vec<_>>());
    let mut texts = ColumnBuilder::new(Type::Text);
    texts.push_bytes(b"short");
    texts.push_bytes(b"longer than twelve bytes");
    agrees(&texts.finish_tight(), &["short".into(), "longer than twelve bytes".into()]);
    let mut numbers = ColumnBuilder::new(Type::Numeric(Some((5, 2))));
    numbers.push_i64(150);
    numbers.push(&Value::parse("2", Type::Numeric(None)).unwrap()).unwrap();
    let column = numbers.finish();
    assert_eq!([column.value(0).to_string(), column.value(1).to_string()], ["1.50", "2.00"]);
}

#[test]
fn values_of_another_layout_are_refused() {
    let mut builder = ColumnBuilder::new(Type::Int4);
    assert!(builder.push(&Value::Int8(1)).is_err());
    assert!(builder.push(&Value::Text("1".into())).is_err());
    assert!(ColumnBuilder::new(Type::Text).push(&Value::Bytea(vec![1])).is_err());
    let mut short = ColumnBuilder::new(Type::Numeric(Some((18, 10))));
    assert!(short.push(&Value::parse("1e10", Type::Numeric(None)).unwrap()).is_err());
    assert_eq!((builder.len(), short.len()), (0, 0));
}

#[test]
fn batches_select_and_slice() {
    let column = Column::from_values(Type::Int4, (0..10).map(Value::Int4)).unwrap();
    let mut batch = Batch::new(vec![column], 10);
    batch.selection = Some(vec![1, 3, 5, 7].into());
    let part = batch.slice(1, 2);
    assert_eq!((part.len(), part.rows), (2, 10));
    agrees(&part.compact().columns[0], &[Value::Int4(3), Value::Int4(5)]);
    assert_eq!(Batch::new(Vec::new(), 7).slice(2, 3).len(), 3);
}
