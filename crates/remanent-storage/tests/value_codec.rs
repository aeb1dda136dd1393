//! Batches and values survive the way through bytes; damaged bytes are errors.

mod value_support;

use proptest::prelude::*;
use remanent_storage::value::bytes::{Reader, put_varint, unzigzag, zigzag};
use remanent_storage::value::codec::{
    decode_batch, decode_value, encode_batch, encode_row, encode_value, is_plain,
};
use remanent_storage::value::{Column, Type, Value};
use std::sync::Arc;
use value_support::{config, damage, exact, nullable, types};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn encoded(columns: &[Column]) -> Vec<u8> {
    let mut out = Vec::new();
    encode_batch(&mut out, columns);
    out
}

fn decoded(bytes: &[u8], types: &[Type]) -> Vec<Column> {
    let mut r = Reader::new(bytes);
    let columns = decode_batch(&mut r, types).unwrap();
    r.finish().unwrap();
    columns
}

fn column(ty: Type, values: &[Value]) -> Column {
    Column::from_values(ty, values.iter().cloned()).unwrap()
}

fn values_of(column: &Column) -> Vec<Value> {
    column.values().collect()
}

#[test]
fn the_documented_example() {
    let numbers = column(Type::Int8, &[Value::Int8(7), Value::Null]);
    let texts = column(Type::Text, &["a".into(), "bcd".into()]);
    assert_eq!(
        hex(&encoded(&[numbers, texts])),
        "02".to_string() + "01010700000000000000" + "00010361626364"
    );
}

#[test]
fn constants_and_nulls_stay_small() {
    let seven = Column::constant(Type::Int4, &Value::Int4(7), 1000).unwrap();
    let null = Column::null(Type::Text, 1000);
    let bytes = encoded(&[seven, null]);
    assert_eq!(hex(&bytes), "e807".to_string() + "0207000000" + "03");
    let back = decoded(&bytes, &[Type::Int4, Type::Text]);
    assert!(back[0].as_constant().is_some());
    assert_eq!((back[0].value(999), back[1].null_count()), (Value::Int4(7), 1000));
}

#[test]
fn values_carry_their_type() {
    for (value, expected) in [
        (Value::Null, "00"),
        (Value::Bool(true), "02"),
        (Value::Int8(5), "050a"),
        (Value::Int2(-1), "0301"),
        (Value::Text("ab".into()), "09026162"),
        (Value::Date(i32::MAX), "0bfeffffff0f"),
        (Value::Vector(vec![1.0]), "0f010000803f"),
    ] {
        let mut out = Vec::new();
        encode_value(&mut out, &value);
        assert_eq!(hex(&out), expected, "{value:?}");
    }
}

#[test]
fn claims_larger_than_the_bytes_are_refused_at_once() {
    // rows, form, then nothing behind it
    for (bytes, ty) in [
        (&b"\xff\xff\xff\xff\x0f\x00"[..], Type::Int8),
        (b"\xff\xff\xff\xff\x0f\x00", Type::Text),
        (b"\xff\xff\xff\xff\x0f\x01", Type::Text),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x03", Type::Int8),
        (b"\x01\x00\xff\xff\xff\xff\x0f", Type::Text),
        (b"\x02\x00\x05\x05abcde", Type::Text),
        (b"\x01\x04", Type::Int8),
        (b"\x01\x00\x02", Type::Bool),
        (b"\x01\x00\x02\xc3\x28", Type::Text),
        (b"\x01\x00\x03abc", Type::Vector(None)),
        (b"\x01\x00\x04abcd", Type::Vector(Some(2))),
        (b"\x01\x00\xff\xff\xff\xff\xff\xff\xff\x7f", Type::Numeric(Some((4, 2)))),
        (b"\x01\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f", Type::Numeric(None)),
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", Type::Int8),
        (b"", Type::Int8),
    ] {
        let e = decode_batch(&mut Reader::new(bytes), &[ty]).expect_err(&hex(bytes));
        assert_eq!(e.code(), "XX001", "{}", hex(bytes));
    }
    for bytes in
        [&b"\x10"[..], b"\x03\xff\xff\x7f", b"\x09\xff\xff\xff\xff\x0fab", b"\x0f\xff\xff\xff\xff\xff\x1f"]
    {
        assert_eq!(decode_value(&mut Reader::new(bytes)).unwrap_err().code(), "XX001", "{}", hex(bytes));
    }
}

fn batch() -> impl Strategy<Value = (Vec<Type>, Vec<Vec<Value>>)> {
    (prop::collection::vec(types(), 1..4), 0usize..70).prop_flat_map(|(types, rows)| {
        let columns: Vec<_> = types.iter().map(|&ty| prop::collection::vec(nullable(ty), rows)).collect();
        (Just(types), columns)
    })
}

proptest! {
    #![proptest_config(config(600))]

    #[test]
    fn batches_round_trip((types, rows) in batch()) {
        let columns: Vec<Column> = types.iter().zip(&rows).map(|(&ty, values)| column(ty, values)).collect();
        let back = decoded(&encoded(&columns), &types);
        for ((back, values), &ty) in back.iter().zip(&rows).zip(&types) {
            prop_assert_eq!(back.ty(), ty);
            prop_assert_eq!(exact(&values_of(back)), exact(values));
        }
    }

    #[test]
    fn a_plain_row_is_a_batch_of_one((types, rows) in batch()) {
        for row in 0..rows.first().map_or(0, Vec::len) {
            let row: Vec<Value> = rows.iter().map(|column| column[row].clone()).collect();
            if !row.iter().zip(&types).all(|(value, &ty)| is_plain(ty, value)) {
                continue;
            }
            let mut bytes = Vec::new();
            encode_row(&mut bytes, &row);
            let columns: Vec<Column> = types.iter().zip(&row).map(|(&ty, v)| column(ty, std::slice::from_ref(v))).collect();
            prop_assert_eq!(hex(&bytes), hex(&encoded(&columns)));
        }
    }

    #[test]
    fn the_shape_of_a_column_does_not_show((types, rows) in batch(), start in 0usize..70) {
        let (ty, values) = (types[0], &rows[0]);
        let start = start.min(values.len());
        let flat = column(ty, values);
        let part = flat.slice(start, values.len() - start);
        prop_assert_eq!(encoded(&[part]), encoded(&[column(ty, &values[start..])]));
        let codes: Vec<u32> = (0..values.len() as u32).collect();
        let dictionary = Column::dictionary(codes.into(), Arc::new(flat.clone()), None);
        prop_assert_eq!(exact(&values_of(&decoded(&encoded(&[dictionary]), &[ty])[0])), exact(values));
    }

    #[test]
    fn single_values_round_trip(values in types().prop_flat_map(|ty| prop::collection::vec(nullable(ty), 0..5))) {
        let mut out = Vec::new();
        values.iter().for_each(|v| encode_value(&mut out, v));
        let mut r = Reader::new(&out);
        let back: Vec<Value> = values.iter().map(|_| decode_value(&mut r).unwrap()).collect();
        r.finish().unwrap();
        prop_assert_eq!(exact(&back), exact(&values));
    }

    #[test]
    fn damage_never_panics(
        (types, rows) in batch(),
        places in prop::collection::vec((any::<usize>(), any::<u8>()), 1..5),
    ) {
        let columns: Vec<Column> = types.iter().zip(&rows).map(|(&ty, values)| column(ty, values)).collect();
        let mut bytes = encoded(&columns);
        for (at, how) in places {
            damage(&mut bytes, at, how);
        }
        match decode_batch(&mut Reader::new(&bytes), &types) {
            // What is believed must be usable in full, text and numbers included.
            Ok(columns) => columns.iter().for_each(|c| (0..c.len().min(100)).for_each(|i| drop(c.value(i).to_string()))),
            Err(e) => prop_assert_eq!(e.code(), "XX001"),
        }
    }

    #[test]
    fn noise_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), ty in types()) {
        let _ = decode_batch(&mut Reader::new(&bytes), &[ty, ty]);
        let _ = decode_value(&mut Reader::new(&bytes)).map(|v| v.to_string());
    }

    #[test]
    fn varints_round_trip(v in prop_oneof![any::<u64>(), 0u64..300, Just(u64::MAX)], i in any::<i64>()) {
        let mut out = Vec::new();
        put_varint(&mut out, v);
        let mut r = Reader::new(&out);
        prop_assert_eq!(r.varint().unwrap(), v);
        r.finish().unwrap();
        prop_assert_eq!(unzigzag(zigzag(i)), i);
    }
}
