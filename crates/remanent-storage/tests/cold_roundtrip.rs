//! What goes into a cold segment comes out: every type, every encoding, every way to read.

mod cold_support;

use cold_support::*;
use proptest::prelude::{ProptestConfig, proptest};
use remanent_storage::segment::{Before, ColdWriter, VECTOR_ROWS};
use remanent_storage::value::{Column, ColumnBuilder, ColumnData, Type, Value};
use std::sync::Arc;

/// Compares every way to read a segment with the columns it was made from, however it was encoded.
fn check(columns: &[Column], created: &[u64], rng: &mut Rng) {
    check_with(columns, created, rng, |writer| writer);
    check_with(columns, created, rng, ColdWriter::thorough);
    check_with(columns, created, rng, |writer| writer.thorough().keyed(&[0, 1]));
}

fn check_with(columns: &[Column], created: &[u64], rng: &mut Rng, tell: fn(ColdWriter) -> ColdWriter) {
    let (_disk, segment) = segment_with(columns, created, tell);
    assert_eq!(segment.rows() as usize, created.len());
    assert_eq!(segment.vectors() as usize, created.len().div_ceil(VECTOR_ROWS));
    for (c, column) in columns.iter().enumerate() {
        for vector in 0..segment.vectors() {
            let read = segment.read(c, vector).unwrap();
            let start = vector as usize * VECTOR_ROWS;
            assert_eq!(read.len(), VECTOR_ROWS.min(created.len() - start));
            assert_eq!(read.ty(), column.ty());
            for i in 0..read.len() {
                assert_eq!(
                    exact(&read.value(i)),
                    exact(&column.value(start + i)),
                    "column {c}, row {}",
                    start + i
                );
            }
        }
        let picks: Vec<u32> =
            (0..200.min(created.len())).map(|_| rng.below(created.len() as u64) as u32).collect();
        let mut ascending = picks.clone();
        ascending.sort_unstable();
        for rows in [&picks, &ascending] {
            let gathered = segment.gather(c, rows).unwrap();
            assert_eq!(gathered.len(), rows.len());
            for (i, &row) in rows.iter().enumerate() {
                let expected = exact(&column.value(row as usize));
                assert_eq!(exact(&gathered.value(i)), expected, "column {c}, row {row}");
                assert_eq!(exact(&segment.value(c, row).unwrap()), expected, "column {c}, row {row}");
            }
        }
    }
    for vector in 0..segment.vectors() {
        let start = vector as usize * VECTOR_ROWS;
        let lsns = segment.created(vector).unwrap();
        assert_eq!(lsns[..], created[start..start + lsns.len()]);
        assert_eq!(segment.created_at(start as u32).unwrap(), created[start]);
    }
    assert_eq!(damage(&segment), Vec::<String>::new());
}

#[test]
fn every_type_in_every_pattern() {
    let mut rng = Rng(1);
    for pattern in PATTERNS {
        for nulls in [0, 50, 2] {
            let rows = 2 * VECTOR_ROWS + 300;
            let columns: Vec<Column> =
                TYPES.iter().map(|&ty| column(ty, pattern, rows, nulls, &mut rng)).collect();
            let created: Vec<u64> = (0..rows as u64).map(|i| 5 + i / 100).collect();
            check(&columns, &created, &mut rng);
        }
    }
}

/// Strings of which some thousand repeat from vector to vector, with others between: pages of one dictionary each, which shrink to less
/// than half, until the others come.
#[test]
fn strings_that_repeat_from_vector_to_vector_share_a_dictionary() {
    let mut rng = Rng(12);
    let words = ["steady", "warm start", "fan fault cleared", "calibrated twice"];
    let text = |rng: &mut Rng| format!("{} {}", words[rng.below(4) as usize], rng.below(1000));
    for (nulls, strays) in [(0, 0), (40, 0), (0, 3000), (2, 50)] {
        let rows = 90 * VECTOR_ROWS + 17;
        let mut builder = ColumnBuilder::new(Type::Text);
        for row in 0..rows {
            let stray = strays > 0 && row > 60 * VECTOR_ROWS && rng.chance(strays);
            match nulls > 0 && rng.chance(nulls) {
                true => builder.push_null(),
                false if stray => builder.push(&Value::Text(format!("stray {row}"))).unwrap(),
                false => builder.push(&Value::Text(text(&mut rng))).unwrap(),
            }
        }
        let columns = [
            builder.finish(),
            Column::from_values(Type::Int4, (0..rows).map(|i| Value::Int4(i as i32))).unwrap(),
        ];
        check(&columns, &vec![3; rows], &mut rng);
        // Read on from vector to vector, the vectors of a page have one dictionary.
        let (_disk, segment) = segment_with(&columns, &vec![3; rows], |writer| writer);
        let (before, mut dictionaries, mut large) = (Before::default(), 0, 0);
        let mut last = None;
        for vector in 0..segment.vectors() {
            let read = segment.read_on(0, vector, &before).unwrap();
            let alone = segment.read(0, vector).unwrap();
            assert!((0..read.len()).all(|i| exact(&read.value(i)) == exact(&alone.value(i))));
            assert_eq!(segment.read_on(1, vector, &before).unwrap().len(), read.len());
            if let ColumnData::Dictionary { values, .. } = read.data() {
                large += usize::from(values.len() > 1024);
                let held = last.as_ref().is_some_and(|last| Arc::ptr_eq(last, values));
                dictionaries += usize::from(!held);
                last = Some(Arc::clone(values));
            }
        }
        if (nulls, strays) == (0, 0) {
            assert!(large > 70 && dictionaries <= 5, "{large} vectors, {dictionaries} dictionaries");
            let stored = segment.stored_bytes(&[0]).unwrap() as usize;
            assert!(stored < 7 * rows / 2, "{stored} bytes for {rows} rows");
        }
    }
}

#[test]
fn long_segments_cross_pages() {
    let mut rng = Rng(2);
    let rows = 40 * VECTOR_ROWS + 1;
    let types = [Type::Int8, Type::Float8, Type::Text, Type::Bool, Type::Numeric(None)];
    for pattern in [Pattern::Few, Pattern::Jitter, Pattern::Wild] {
        let columns: Vec<Column> = types.iter().map(|&ty| column(ty, pattern, rows, 500, &mut rng)).collect();
        check(&columns, &vec![9; rows], &mut rng);
    }
}

#[test]
fn strings_larger_than_pages() {
    use remanent_storage::value::{ColumnBuilder, Value};
    let mut rng = Rng(3);
    let mut text = ColumnBuilder::new(Type::Text);
    let mut blob = ColumnBuilder::new(Type::Bytea);
    let mut vector = ColumnBuilder::new(Type::Vector(Some(384)));
    let rows = 1500;
    for i in 0..rows {
        let n = match i % 97 {
            0 => 100_000,
            1 => 16_384,
            2 => 0,
            _ => rng.below(900) as usize,
        };
        text.push(&Value::Text("the same words again ".repeat(n / 20))).unwrap();
        blob.push(&Value::Bytea((0..n).map(|_| rng.next() as u8).collect())).unwrap();
        vector.push(&Value::Vector((0..384).map(|_| rng.next() as f32).collect())).unwrap();
    }
    check(&[text.finish(), blob.finish(), vector.finish()], &vec![1; rows], &mut rng);
}

#[test]
fn no_rows_at_all() {
    let (_disk, segment) = segment(&[Column::null(Type::Int8, 0)], &[]);
    assert_eq!((segment.rows(), segment.vectors(), segment.created_range()), (0, 0, (0, 0)));
    assert_eq!(damage(&segment), Vec::<String>::new());
    assert_eq!(segment.read(0, 0).unwrap_err().code(), "XX000");
    assert_eq!(segment.value(0, 0).unwrap_err().code(), "XX000");
}

#[test]
fn constants_and_repeated_strings_keep_their_shape() {
    let mut rng = Rng(4);
    let columns = [
        column(Type::Int8, Pattern::Constant, 3000, 0, &mut rng),
        column(Type::Text, Pattern::Few, 3000, 0, &mut rng),
    ];
    let (_disk, segment) = segment(&columns, &[1; 3000]);
    assert!(segment.read(0, 1).unwrap().as_constant().is_some());
    assert!(matches!(segment.read(1, 1).unwrap().data(), ColumnData::Dictionary { .. }));
}

#[test]
fn appended_shapes_do_not_matter() {
    use remanent_storage::value::Value;
    use std::sync::Arc;
    let words =
        Arc::new(Column::from_values(Type::Text, ["a", "bb"].map(|s| Value::Text(s.into()))).unwrap());
    let codes: Vec<u32> = (0..2000).map(|i| i % 2).collect();
    let columns = [
        Column::dictionary(codes.into(), words, Some((0..2000).map(|i| i % 3 > 0).collect())),
        Column::constant(Type::Float8, &Value::Float8(0.1), 2000).unwrap(),
        Column::null(Type::Int4, 2000),
    ];
    check(&columns, &[1; 2000], &mut Rng(5));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn any_columns_come_back(
        seed: u64, rows in 1usize..5000, nulls in 0u64..40,
        shapes in proptest::collection::vec((0..TYPES.len(), 0..PATTERNS.len()), 1..4),
    ) {
        let mut rng = Rng(seed);
        let columns: Vec<Column> =
            shapes.iter().map(|&(t, p)| column(TYPES[t], PATTERNS[p], rows, nulls, &mut rng)).collect();
        let created: Vec<u64> = (0..rows).map(|_| 1 + rng.below(1 << rng.clone().below(40))).collect();
        check(&columns, &created, &mut rng);
    }
}
