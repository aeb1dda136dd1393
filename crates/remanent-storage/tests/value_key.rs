//! Keys sort as their values do, whatever the column's shape, and read back.

mod value_support;

use proptest::prelude::*;
use remanent_storage::value::key::{decode, encode_column_row};
use remanent_storage::value::{Bitmap, Column, Decimal, Interval, Key, Type, Value};
use std::cmp::Ordering;
use std::slice::from_ref;
use std::sync::Arc;
use value_support::{config, damage, nullable, types};

fn hex(values: &[Value]) -> String {
    Key::encode(values).as_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

fn numeric(text: &str) -> Value {
    Value::parse(text, Type::Numeric(None)).unwrap()
}

#[test]
fn bytes_are_as_documented() {
    let text = |s: &str| Value::Text(s.into());
    assert_eq!(hex(&[Value::Int8(7), text("ab"), Value::Null]), "01800000000000000701616200ff");
    assert_eq!(hex(&[Value::Int8(-1)]), "017fffffffffffffff");
    assert_eq!(hex(&[Value::Int4(0)]), "0180000000");
    assert_eq!(hex(&[Value::Int2(i16::MIN)]), "010000");
    assert_eq!(hex(&[Value::Bool(true), Value::Bool(false)]), "01010100");
    assert_eq!(hex(&[text("a\0\u{1}\u{2}")]), "01610101010202".to_string() + "00");
    assert_eq!(hex(&[Value::Bytea(vec![])]), "0100");
    assert_eq!(hex(&[Value::Float8(1.0)]), "01bff0000000000000");
    assert_eq!(hex(&[Value::Float8(-0.0)]), "018000000000000000");
    assert_eq!(hex(&[Value::Vector(vec![1.0])]), "0101bf80000000");
    assert_eq!(hex(&[numeric("123.4")]), "01c2032f50");
    assert_eq!(hex(&[numeric("-123.4")]), "013dfcd0af");
    assert_eq!(hex(&[numeric("0.00")]), "0180");
    assert_eq!(hex(&[numeric("100")]), "01c202");
    assert_eq!(
        hex(&[Value::Interval(Interval { micros: 1, ..Interval::default() })]),
        "0180000000000000000001"
    );
}

#[test]
fn what_sql_calls_equal_has_one_key() {
    let interval = |months, days, micros| Value::Interval(Interval { months, days, micros });
    for (a, b) in [
        (numeric("1.0"), numeric("1.00")),
        (numeric("0"), numeric("-0.000")),
        (numeric("1000000"), numeric("1e6")),
        (Value::Float8(0.0), Value::Float8(-0.0)),
        (Value::Float8(f64::NAN), Value::Float8(-f64::NAN)),
        (Value::Float4(0.0), Value::Float4(-0.0)),
        (interval(1, 0, 0), interval(0, 30, 0)),
        (interval(0, 1, 0), interval(0, 0, 86_400_000_000)),
        (interval(1, -30, 0), interval(0, 0, 0)),
    ] {
        assert_eq!(a, b);
        assert_eq!(Key::encode(from_ref(&a)), Key::encode(from_ref(&b)), "{a}");
    }
}

#[test]
fn order_at_the_seams() {
    let ascending = [
        vec![
            "-999999999999999999999999999999999999",
            "-100.01",
            "-100",
            "-99.9",
            "-1",
            "-0.1",
            "-0.01",
            "-0.001",
        ],
        vec!["0", "0.000000000000000000000000000000000001", "0.001", "0.0099", "0.01", "0.1", "0.99", "1"],
        vec!["1.01", "9.99", "10", "99", "99.5", "100", "101", "9999.9999", "10000", "1e35"],
    ]
    .concat();
    let keys: Vec<Key> = ascending.iter().map(|n| Key::encode(&[numeric(n)])).collect();
    assert!(keys.is_sorted_by(|a, b| a < b), "{ascending:?}");
    let floats =
        [f64::NEG_INFINITY, f64::MIN, -1.0, -5e-324, 0.0, 5e-324, 1.0, f64::MAX, f64::INFINITY, f64::NAN];
    let keys: Vec<Key> = floats.iter().map(|&v| Key::encode(&[Value::Float8(v)])).collect();
    assert!(keys.is_sorted_by(|a, b| a < b));
    let strings: [&[u8]; 9] = [b"", b"\0", b"\0\0", b"\0\x01", b"\x01", b"\x01\x01", b"\x02", b"a", b"a\0"];
    let keys: Vec<Key> = strings.iter().map(|&v| Key::encode(&[Value::from(v), Value::Int2(0)])).collect();
    assert!(keys.is_sorted_by(|a, b| a < b));
    // NULL comes last, and a key of the first columns is a prefix.
    let (one, null) = (Key::encode(&[Value::Int8(1)]), Key::encode(&[Value::Null]));
    assert!(one < null && Key::encode(&[Value::Int8(i64::MAX)]) < null);
    assert!(Key::encode(&[Value::Int8(1), Value::Null]).as_bytes().starts_with(one.as_bytes()));
}

#[test]
fn damaged_keys_are_errors() {
    let bad: [(&[u8], Type); 12] = [
        (b"", Type::Int8),
        (b"\x02", Type::Int8),
        (b"\x01\x80", Type::Int8),
        (b"\x01\x80\x00\x00\x00\x00\x00\x00\x00\x00", Type::Int8),
        (b"\x01\x02", Type::Bool),
        (b"\x01ab", Type::Text),
        (b"\x01\x01\x03\x00", Type::Bytea),
        (b"\x01\xff\x00", Type::Text),
        (b"\x01\xc2\x03", Type::Numeric(None)),
        (b"\x01\xff\x02", Type::Numeric(None)),
        (b"\x01\xc2\xff\x02", Type::Numeric(None)),
        (b"\x01\x01\x00", Type::Vector(None)),
    ];
    for (bytes, ty) in bad {
        let e = decode(bytes, &[ty]).expect_err(&format!("{bytes:02x?} {ty}"));
        assert_eq!(e.code(), "XX001", "{bytes:02x?} {ty}");
    }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn keys_order_as_values((a, b) in types().prop_flat_map(|ty| (nullable(ty), nullable(ty)))) {
        let keys = Key::encode(from_ref(&a)).cmp(&Key::encode(from_ref(&b)));
        prop_assert_eq!(keys, a.compare(&b), "{:?} {:?}", a, b);
        prop_assert_eq!(a == b, keys == Ordering::Equal);
        prop_assert_eq!(b.compare(&a), keys.reverse());
    }

    #[test]
    fn keys_of_several_columns_order_column_by_column(
        (a, b) in prop::collection::vec(types(), 1..4).prop_flat_map(|types| {
            let rows: Vec<_> = types.iter().map(|&ty| nullable(ty)).collect();
            (rows.clone(), rows)
        })
    ) {
        let columns = a.iter().zip(&b).map(|(a, b)| a.compare(b));
        let expected = columns.fold(Ordering::Equal, Ordering::then);
        prop_assert_eq!(Key::encode(&a).cmp(&Key::encode(&b)), expected);
    }

    #[test]
    fn columns_of_any_shape_give_the_keys_of_their_values(
        (ty, values) in types().prop_flat_map(|ty| (Just(ty), prop::collection::vec(nullable(ty), 1..8)))
    ) {
        let flat = Column::from_values(ty, values.clone()).unwrap();
        let reversed: Vec<u32> = (0..values.len() as u32).rev().collect();
        let dictionary = Column::dictionary(reversed.into(), Arc::new(flat.clone()), None);
        for (row, value) in values.iter().enumerate() {
            // A column gives numerics its own scale, which keys do not see.
            let key = Key::encode(from_ref(value));
            prop_assert_eq!(&Key::from_row(&[&flat], row), &key);
            prop_assert_eq!(&Key::from_row(&[&dictionary], values.len() - 1 - row), &key);
            prop_assert_eq!(&Key::from_row(&[&Column::constant(ty, value, 3).unwrap()], 2), &key);
            let mut out = b"before".to_vec();
            encode_column_row(&mut out, &flat, row);
            prop_assert_eq!(&out[6..], key.as_bytes());
        }
    }

    #[test]
    fn keys_read_back_as_equal_values(
        (types, values) in prop::collection::vec(types(), 1..4)
            .prop_flat_map(|types| (Just(types.clone()), types.iter().map(|&ty| nullable(ty)).collect::<Vec<_>>()))
    ) {
        let key = Key::encode(&values);
        let back = decode(key.as_bytes(), &types).unwrap();
        prop_assert_eq!(&back, &values);
        prop_assert_eq!(Key::encode(&back), key);
    }

    #[test]
    fn damage_never_panics(
        (types, values) in prop::collection::vec(types(), 1..4)
            .prop_flat_map(|types| (Just(types.clone()), types.iter().map(|&ty| nullable(ty)).collect::<Vec<_>>())),
        places in prop::collection::vec((any::<usize>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = Key::encode(&values).as_bytes().to_vec();
        for (at, how) in places {
            damage(&mut bytes, at, how);
        }
        if let Err(e) = decode(&bytes, &types) {
            prop_assert_eq!(e.code(), "XX001");
        }
    }
}

#[test]
fn null_in_a_dictionary_is_null_in_the_key() {
    let values = Column::from_values(Type::Int8, [Value::Int8(5), Value::Null]).unwrap();
    let validity: Bitmap = [true, false, true].into_iter().collect();
    let column = Column::dictionary(vec![0, 0, 1].into(), Arc::new(values), Some(validity));
    let rows: Vec<Value> = (0..3).map(|i| column.value(i)).collect();
    assert_eq!(rows, [Value::Int8(5), Value::Null, Value::Null]);
    for (i, row) in rows.iter().enumerate() {
        assert_eq!(Key::from_row(&[&column], i), Key::encode(from_ref(row)));
    }
}

#[test]
fn the_largest_numbers_read_back() {
    for text in ["999999999999999999999999999999999999", "0.000000000000000000000000000000000001"] {
        for sign in ["", "-"] {
            let v: Decimal = format!("{sign}{text}").parse().unwrap();
            let key = Key::encode(&[v.into()]);
            let back = decode(key.as_bytes(), &[Type::Numeric(None)]).unwrap();
            assert_eq!(back[0].to_string(), format!("{sign}{text}"));
        }
    }
}
