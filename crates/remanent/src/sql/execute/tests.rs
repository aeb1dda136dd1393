//! Operators and keys where golden scripts do not reach: many batches, every type, interrupts.

use super::rowkey::{KeyLayout, KeyPart, RowKeys};
use super::{Context, Env, MemoryBudget, Run, open, pull};
use crate::sql::expr::{Expr, Planner, Resolver};
use crate::sql::plan::{Field, JoinKind, Plan, Side};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::{Batch, Column, Type, Value};
use remanent_storage::world::World;
use std::cmp::Ordering;
use std::sync::Arc;

fn env() -> Env {
    let context = Context {
        world: World::real(),
        interrupt: Arc::new(Interrupt::default()),
        instance: None,
        memory: MemoryBudget::new(64 << 20),
        spill: None,
        now: 0,
        statement_now: 0,
        path: ["public".to_string()].into(),
        given: None,
        zone: remanent_storage::value::Zone::UTC,
        settings: None,
        planner: Planner::default(),
    };
    Env::new(context, Vec::new(), None)
}

/// VALUES of one bigint column.
pub(super) fn numbers(values: impl IntoIterator<Item = i64>) -> Plan {
    let row = |n| vec![Expr::Literal { value: Value::Int8(n), ty: Type::Int8 }];
    Plan::Values {
        rows: Arc::new(values.into_iter().map(row).collect()),
        fields: vec![Field::new("n", Type::Int8)],
    }
}

pub(super) fn column(index: usize) -> Expr {
    Expr::column(index, Type::Int8)
}

pub(super) fn run(plan: &Plan) -> Vec<Vec<Value>> {
    let env = env();
    let mut root = open(plan, &Run::new(&env, None)).unwrap();
    let mut rows = Vec::new();
    while let Some(batch) = pull(&mut root, &Run::new(&env, None)).unwrap() {
        assert!(!batch.is_empty() && batch.len() <= 2048);
        let batch = batch.compact();
        for row in 0..batch.rows {
            rows.push(batch.columns.iter().map(|column| column.value(row)).collect());
        }
    }
    assert!(pull(&mut root, &Run::new(&env, None)).unwrap().is_none());
    drop(root);
    assert_eq!(env.context.memory.held(), 0);
    rows
}

pub(super) fn integers(rows: &[Vec<Value>]) -> Vec<Vec<i64>> {
    let integer = |value: &Value| match value {
        Value::Int8(n) => *n,
        Value::Null => i64::MIN,
        other => panic!("{other:?}"),
    };
    rows.iter().map(|row| row.iter().map(integer).collect()).collect()
}

pub(super) fn join(
    left: Plan,
    right: Plan,
    kind: JoinKind,
    keys: Vec<(Expr, Expr)>,
    filter: Option<Expr>,
    build: Side,
) -> Plan {
    Plan::Join { left: Box::new(left), right: Box::new(right), kind, keys, filter, build, output: None }
}

#[test]
fn a_product_larger_than_a_batch_comes_out_whole() {
    for build in [Side::Left, Side::Right] {
        let plan = join(numbers(0..3000), numbers(0..100), JoinKind::Inner, Vec::new(), None, build);
        let mut rows = integers(&run(&plan));
        rows.sort_unstable();
        let expected: Vec<Vec<i64>> = (0..3000).flat_map(|a| (0..100).map(move |b| vec![a, b])).collect();
        assert_eq!(rows, expected);
    }
}

#[test]
fn a_left_join_with_a_filter_keeps_each_lonely_row_once() {
    let filter = Resolver::default().binary("<", column(0), column(1), 0).unwrap();
    // Pairs (a, b) with a % 2 = b % 2 and a < b: rows 4998 and 4999 have none.
    let parity = |e: Expr| Resolver::default().binary("%", e, Expr::literal(Value::Int8(2)), 0).unwrap();
    let keys = vec![(parity(column(0)), parity(column(0)))];
    let plan =
        join(numbers(4000..5000), numbers(4990..5000), JoinKind::Left, keys, Some(filter), Side::Right);
    let mut rows = integers(&run(&plan));
    rows.sort_unstable();
    let mut expected: Vec<Vec<i64>> = (4000..5000i64)
        .flat_map(|a| (4990..5000).filter(move |b| a % 2 == b % 2 && a < *b).map(move |b| vec![a, b]))
        .collect();
    expected.extend([vec![4998, i64::MIN], vec![4999, i64::MIN]]);
    expected.sort_unstable();
    assert_eq!(rows, expected);
}

#[test]
fn top_n_is_the_head_of_the_sort() {
    let values: Vec<i64> = (0..20_000).map(|i| (i * 7919) % 10_007).collect();
    let keys =
        |descending| vec![crate::sql::plan::SortKey { expr: column(0), descending, nulls_first: descending }];
    for (limit, offset, descending) in
        [(0, 0, false), (1, 0, true), (10, 5, false), (5000, 100, true), (30_000, 19_990, false)]
    {
        let mut sorted = values.clone();
        sorted.sort_unstable();
        if descending {
            sorted.reverse();
        }
        let expected: Vec<Vec<i64>> = sorted.iter().skip(offset).take(limit).map(|&v| vec![v]).collect();
        let literal = |n: usize| Expr::literal(Value::Int8(n as i64));
        let input = Box::new(numbers(values.iter().copied()));
        let plan = Plan::TopN {
            input,
            keys: keys(descending),
            limit: literal(limit),
            offset: Some(literal(offset)),
        };
        assert_eq!(integers(&run(&plan)), expected, "{limit} {offset} {descending}");
    }
}

#[test]
fn a_limit_cuts_batches_where_it_must() {
    let literal = |n| Some(Expr::literal(Value::Int8(n)));
    let input = Box::new(numbers(0..10_000));
    let plan = Plan::Limit { input, limit: literal(5000), offset: literal(3000), ties: Vec::new() };
    assert_eq!(integers(&run(&plan)), (3000..8000).map(|n| vec![n]).collect::<Vec<_>>());
}

#[test]
fn an_interrupt_ends_a_statement_between_batches() {
    let env = env();
    let plan = join(numbers(0..5000), numbers(0..5000), JoinKind::Inner, Vec::new(), None, Side::Right);
    let mut root = open(&plan, &Run::new(&env, None)).unwrap();
    assert!(pull(&mut root, &Run::new(&env, None)).unwrap().is_some());
    env.context.interrupt.set();
    assert_eq!(pull(&mut root, &Run::new(&env, None)).unwrap_err().code(), "57014");
    // Deep within, too: an operator that would not hand on a batch for long looks for itself.
    assert_eq!(root.next(&Run::new(&env, None)).unwrap_err().code(), "57014");
}

/// Values of every type in ascending order, none equal to the next.
fn ladders() -> Vec<(Type, Vec<&'static str>)> {
    vec![
        (Type::Bool, vec!["f", "t"]),
        (Type::Int2, vec!["-32768", "-1", "0", "7", "32767"]),
        (Type::Int4, vec!["-2147483648", "-1", "0", "7", "2147483647"]),
        (Type::Int8, vec!["-9223372036854775808", "-1", "0", "7", "9223372036854775807"]),
        (Type::Float4, vec!["-Infinity", "-1.5", "0", "1e-30", "2.5", "Infinity", "NaN"]),
        (Type::Float8, vec!["-Infinity", "-1.5", "0", "1e-300", "2.5", "Infinity", "NaN"]),
        (Type::Numeric(Some((10, 2))), vec!["-99999999.99", "-0.01", "0", "0.01", "5", "99999999.99"]),
        (Type::Numeric(Some((30, 2))), vec!["-1e20", "-0.01", "0", "0.01", "1e20"]),
        (
            Type::Numeric(None),
            vec!["-1e30", "-12.3", "-12", "-0.001", "0", "0.001", "0.01", "9", "10", "10.5", "1e30"],
        ),
        (Type::Text, vec!["", "\u{1}", "a", "a\u{1}", "ab", "b", "ba", "ä"]),
        (Type::Bytea, vec!["\\x", "\\x00", "\\x0000", "\\x0001", "\\x01", "\\x01ff", "\\xff", "\\xff00"]),
        (Type::Date, vec!["-infinity", "1999-12-31", "2000-01-01", "infinity"]),
        (Type::Timestamp, vec!["-infinity", "1999-12-31 23:59:59.999999", "2000-01-01", "infinity"]),
        (Type::Timestamptz, vec!["-infinity", "1999-12-31 23:59+00", "2000-01-01 00:00+00", "infinity"]),
        (
            Type::Interval,
            vec!["-1 year", "-1 day", "0", "1 hour", "29 days", "1 month", "31 days", "100 years"],
        ),
    ]
}

fn parsed(ty: Type, texts: &[&str]) -> Vec<Value> {
    texts.iter().map(|text| crate::sql::functions::cast::parse_text(text, ty).unwrap()).collect()
}

fn key(keys: &RowKeys, row: usize) -> Vec<u8> {
    match keys {
        RowKeys::Words(words) => words[row].to_be_bytes().to_vec(),
        RowKeys::Bytes { bytes, ends } => {
            let start = if row == 0 { 0 } else { ends[row - 1] };
            bytes[start as usize..ends[row] as usize].to_vec()
        }
    }
}

#[test]
fn keys_of_every_type_sort_as_its_values() {
    for (ty, texts) in ladders() {
        let mut values = parsed(ty, &texts);
        values.push(Value::Null);
        let rows = values.len();
        let column = Column::from_values(ty, values).unwrap();
        for (descending, nulls_first) in [(false, false), (false, true), (true, false), (true, true)] {
            // Alone, and behind and before a column that makes the key long.
            let part = KeyPart { ty, descending, nulls_first };
            let wide =
                Column::constant(Type::Numeric(None), &parsed(Type::Numeric(None), &["1"])[0], rows).unwrap();
            let filler = KeyPart::unordered(Type::Numeric(None));
            let layouts = [
                (KeyLayout::ordered(vec![part]), vec![column.clone()]),
                (KeyLayout::ordered(vec![filler, part]), vec![wide.clone(), column.clone()]),
                (KeyLayout::ordered(vec![part, filler]), vec![column.clone(), wide.clone()]),
            ];
            for (layout, columns) in layouts {
                let keys = layout.encode(&columns, rows).unwrap();
                let mut order: Vec<usize> = (0..rows).collect();
                order.sort_by_key(|&row| key(&keys, row));
                let mut expected: Vec<usize> = (0..rows - 1).collect();
                if descending {
                    expected.reverse();
                }
                expected.insert(if nulls_first { 0 } else { rows - 1 }, rows - 1);
                assert_eq!(order, expected, "{ty} {descending} {nulls_first}");
            }
        }
    }
}

#[test]
fn what_sql_calls_equal_has_equal_keys() {
    let cases = [
        (Type::Float8, "0", "-0"),
        (Type::Float4, "0", "-0"),
        (Type::Float8, "NaN", "NaN"),
        (Type::Numeric(None), "1.0", "1.000"),
        (Type::Numeric(None), "0", "0.00"),
        (Type::Numeric(None), "-1200", "-1200.0"),
        (Type::Interval, "1 month", "30 days"),
        (Type::Interval, "1 day", "24 hours"),
    ];
    for (ty, a, b) in cases {
        let column = Column::from_values(ty, parsed(ty, &[a, b])).unwrap();
        let keys = KeyLayout::unordered([ty]).encode(&[column], 2).unwrap();
        assert_eq!(key(&keys, 0), key(&keys, 1), "{ty} {a} {b}");
    }
}

#[test]
fn nulls_have_equal_keys_whatever_lies_under_them() {
    for (ty, texts) in ladders() {
        // Gathering leaves other values under the NULLs than pushing them does.
        let mut values = parsed(ty, &texts);
        values.push(Value::Null);
        let all = Column::from_values(ty, values).unwrap();
        let (first, last) = (all.slice(0, 1), all.len() as u32 - 1);
        let under = mask(&first);
        let null = all.gather(&[last]);
        for wide in [false, true] {
            let mut layout = vec![KeyPart::unordered(ty)];
            layout.extend(wide.then(|| KeyPart::unordered(Type::Numeric(None))));
            let keys = |column: &Column| {
                let mut columns = vec![column.clone()];
                columns.extend(wide.then(|| Column::null(Type::Numeric(None), 1)));
                key(&KeyLayout::ordered(layout.clone()).encode(&columns, 1).unwrap(), 0)
            };
            assert_eq!(keys(&under).cmp(&keys(&null)), Ordering::Equal, "{ty}");
        }
    }
}

/// The same column with its one row NULL, the value still under it.
fn mask(column: &Column) -> Column {
    let validity = remanent_storage::value::Bitmap::filled(1, false);
    Column::flat(column.ty(), column.data().clone(), Some(validity))
}

#[test]
fn batches_keep_their_selection_through_a_projection_of_columns() {
    let env = env();
    let filter = Resolver::default().binary(">", column(0), Expr::literal(Value::Int8(2040)), 0).unwrap();
    let plan = Plan::Project {
        input: Box::new(numbers(0..2048).filtered(vec![filter])),
        exprs: vec![column(0), column(0)],
        names: vec!["a".to_string(), "b".to_string()],
    };
    let batch: Batch =
        open(&plan, &Run::new(&env, None)).unwrap().next(&Run::new(&env, None)).unwrap().unwrap();
    assert_eq!((batch.rows, batch.len()), (2048, 7));
    assert_eq!(batch.compact().columns[1].value(0).to_string(), "2041");
}
