//! Zone maps never deny a row that is there, and do deny what is far away.

mod cold_support;

use cold_support::*;
use remanent_storage::segment::{ColdSegment, Sum, VECTOR_ROWS};
use remanent_storage::value::{Column, Decimal, Type, Value};
use std::ops::Bound::{self, Excluded, Included, Unbounded};

/// Whether a value lies within bounds, by the order of SQL values.
fn within(value: &Value, low: &Bound<&Value>, high: &Bound<&Value>) -> bool {
    let above = match low {
        Unbounded => true,
        Included(low) => value.compare(low).is_ge(),
        Excluded(low) => value.compare(low).is_gt(),
    };
    let below = match high {
        Unbounded => true,
        Included(high) => value.compare(high).is_le(),
        Excluded(high) => value.compare(high).is_lt(),
    };
    !value.is_null() && above && below
}

#[test]
fn nothing_that_is_there_is_denied() {
    let mut rng = Rng(21);
    let rows = 3 * VECTOR_ROWS;
    for ty in TYPES {
        for pattern in PATTERNS {
            let data = column(ty, pattern, rows, 30, &mut rng);
            let (_disk, segment) = segment(std::slice::from_ref(&data), &vec![1; rows]);
            let far = column(ty, Pattern::Wild, 20, 0, &mut rng);
            for i in 0..20 {
                let low = data.value(rng.below(rows as u64) as usize);
                let high =
                    if i % 2 == 0 { far.value(i) } else { data.value(rng.below(rows as u64) as usize) };
                for (low, high) in [
                    (Included(&low), Included(&high)),
                    (Excluded(&low), Excluded(&high)),
                    (Included(&low), Included(&low)),
                    (Unbounded, Excluded(&low)),
                    (Excluded(&high), Unbounded),
                    (Unbounded, Unbounded),
                ] {
                    let null = matches!(low, Included(Value::Null) | Excluded(Value::Null))
                        || matches!(high, Included(Value::Null) | Excluded(Value::Null));
                    for vector in 0..segment.vectors() {
                        let start = vector as usize * VECTOR_ROWS;
                        let there = !null
                            && (start..start + VECTOR_ROWS).any(|i| within(&data.value(i), &low, &high));
                        let may = segment.may_match(0, vector, low, high).unwrap();
                        assert!(may || !there, "{ty} {pattern:?} vector {vector}: {low:?} to {high:?}");
                    }
                }
            }
        }
    }
}

fn one(ty: Type, values: Vec<Value>) -> ColdSegment {
    let rows = values.len();
    segment(&[Column::from_values(ty, values).unwrap()], &vec![1; rows]).1
}

#[test]
fn what_is_far_away_is_denied() {
    let segment = one(Type::Int8, (0..40_000).map(Value::Int8).collect());
    let may = |vector, low, high| segment.may_match(0, vector, low, high).unwrap();
    let (a, b) = (Value::Int8(39_990), Value::Int8(50_000));
    assert!(may(39, Included(&a), Unbounded));
    assert!(!may(0, Included(&a), Unbounded));
    assert!(!may(39, Included(&b), Unbounded));
    assert!(!may(39, Excluded(&Value::Int8(39_999)), Unbounded));
    assert!(may(39, Included(&Value::Int8(39_999)), Unbounded));
    assert!(!may(0, Unbounded, Excluded(&Value::Int8(0))));
    assert!(may(0, Unbounded, Included(&Value::Int8(0))));
    assert!(!may(0, Included(&Value::Null), Unbounded), "nothing compares with NULL");
    assert!(may(0, Included(&Value::Text("x".into())), Unbounded), "another type tells nothing");
}

#[test]
fn special_floats_and_nulls() {
    let floats = one(Type::Float8, [1.0, -0.0, f64::NAN].map(Value::Float8).to_vec());
    let may = |low, high| floats.may_match(0, 0, low, high).unwrap();
    assert!(may(Included(&Value::Float8(f64::NAN)), Unbounded), "NaN is greatest");
    assert!(may(Included(&Value::Float8(0.0)), Included(&Value::Float8(0.0))), "-0 is 0");
    assert!(!may(Unbounded, Excluded(&Value::Float8(-0.0))));
    let nulls = one(Type::Float8, vec![Value::Null; 5]);
    assert!(!nulls.may_match(0, 0, Unbounded, Unbounded).unwrap());
    let zone = nulls.zone(0, 0).unwrap().unwrap();
    assert_eq!((zone.rows, zone.nulls, zone.range), (5, 5, None));
}

#[test]
fn long_texts_are_cut_but_sound() {
    let text = |s: &str| Value::Text(s.into());
    let segment =
        one(Type::Text, vec![text("a long string that is cut, b"), text("zebra crossing ahead, slow")]);
    let may =
        |low: Bound<Value>, high: Bound<Value>| segment.may_match(0, 0, low.as_ref(), high.as_ref()).unwrap();
    assert!(may(Included(text("zebra crossing ahead, slow")), Unbounded));
    assert!(may(Included(text("zebra crossing ahead, slower")), Unbounded), "cannot be told");
    assert!(!may(Included(text("zebra d")), Unbounded));
    assert!(may(Unbounded, Included(text("a long string that is cut, b"))));
    assert!(!may(Unbounded, Included(text("a long"))));
    assert_eq!(segment.zone(0, 0).unwrap().unwrap().range, None);
}

#[test]
fn zones_know_range_nulls_and_sum() {
    let segment = one(Type::Int4, vec![Value::Int4(-7), Value::Null, Value::Int4(40)]);
    let zone = segment.zone(0, 0).unwrap().unwrap();
    assert_eq!((zone.first_row, zone.rows, zone.nulls, zone.sum), (0, 3, 1, Some(Sum::Int(33))));
    assert_eq!(format!("{:?}", zone.range), "Some((Int4(-7), Int4(40)))");
    assert!(segment.zone(0, 1).unwrap().is_none());

    let big = i64::MAX;
    let sums = [
        (Type::Int8, vec![Value::Int8(big); 3], Some(Sum::Int(3 * i128::from(big)))),
        (Type::Float8, [0.5, 0.25].map(Value::Float8).to_vec(), Some(Sum::Float(0.75))),
        (Type::Float4, [0.5, 0.25].map(Value::Float4).to_vec(), Some(Sum::Float(0.75))),
        (Type::Text, vec![Value::Text("a".into())], None),
        (Type::Date, vec![Value::Date(3)], None),
        (
            Type::Numeric(Some((30, 2))),
            vec![Value::from(Decimal { mantissa: 1 << 80, scale: 2 }); 2],
            Some(Sum::Int(1 << 81)),
        ),
    ];
    for (ty, values, sum) in sums {
        assert_eq!(one(ty, values).zone(0, 0).unwrap().unwrap().sum, sum, "{ty}");
    }
}
