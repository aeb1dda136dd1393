//! Joins and windows against what a naive loop computes.

use super::tests::{column, integers, join, numbers, run};
use crate::sql::expr::{Expr, Resolver};
use crate::sql::functions::Cmp;
use crate::sql::plan::{
    Bound, Field, Frame, FrameExclude, FrameUnit, JoinKind, Plan, Side, SortKey, WindowCall, WindowFunction,
};
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

const NULL: i64 = i64::MIN;

/// VALUES of bigint columns.
fn table(rows: &[Vec<i64>]) -> Plan {
    let value = |&n: &i64| Expr::Literal {
        value: if n == NULL { Value::Null } else { Value::Int8(n) },
        ty: Type::Int8,
    };
    let fields = (0..rows[0].len()).map(|i| Field::new(format!("c{i}"), Type::Int8)).collect();
    Plan::Values { rows: Arc::new(rows.iter().map(|row| row.iter().map(value).collect()).collect()), fields }
}

/// Numbers that look random, the same each time.
fn scrambled(count: usize, below: i64, seed: u64) -> Vec<i64> {
    let mut state = seed;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as i64) % below
    };
    (0..count).map(|_| next()).collect()
}

#[test]
fn outer_joins_are_the_same_whichever_side_is_held() {
    let left = scrambled(3000, 700, 1);
    let right = scrambled(2500, 900, 2);
    let filter = || Resolver::default().binary("<>", column(0), Expr::literal(Value::Int8(13)), 0).unwrap();
    for kind in
        [JoinKind::Inner, JoinKind::Left, JoinKind::Right, JoinKind::Full, JoinKind::Semi, JoinKind::Anti]
    {
        for filtered in [false, true] {
            let plan = |build| {
                let keys = vec![(column(0), column(0))];
                let filter = filtered.then(filter);
                join(numbers(left.iter().copied()), numbers(right.iter().copied()), kind, keys, filter, build)
            };
            let rows = |build| {
                let mut rows = integers(&run(&plan(build)));
                rows.sort_unstable();
                rows
            };
            let meets = |l: i64, r: i64| l == r && (!filtered || l != 13);
            let mut expected: Vec<Vec<i64>> = Vec::new();
            for &l in &left {
                let matches = right.iter().filter(|&&r| meets(l, r)).count();
                match kind {
                    JoinKind::Semi => expected.extend((matches > 0).then(|| vec![l])),
                    JoinKind::Anti => expected.extend((matches == 0).then(|| vec![l])),
                    _ => expected.extend(std::iter::repeat_n(vec![l, l], matches)),
                }
                if matches == 0 && matches!(kind, JoinKind::Left | JoinKind::Full) {
                    expected.push(vec![l, NULL]);
                }
            }
            if kind.extends_left() {
                let alone = right.iter().filter(|&&r| !left.iter().any(|&l| meets(l, r)));
                expected.extend(alone.map(|&r| vec![NULL, r]));
            }
            expected.sort_unstable();
            assert_eq!(rows(Side::Right), expected, "{kind:?} {filtered}");
            assert_eq!(rows(Side::Left), expected, "{kind:?} {filtered}, left side held");
        }
    }
}

#[test]
fn asof_meets_the_nearest_row_of_each_key() {
    let side = |count, seed| -> Vec<Vec<i64>> {
        let times = scrambled(count, 5000, seed);
        let keys = scrambled(count, 20, seed + 1);
        (0..count).map(|i| vec![keys[i], if i % 97 == 0 { NULL } else { times[i] }, i as i64]).collect()
    };
    let (mut left, right) = (side(4000, 5), side(1500, 9));
    for sorted in [false, true] {
        if sorted {
            left.sort_by_key(|row| row[1]);
        }
        for op in [Cmp::Ge, Cmp::Gt, Cmp::Le, Cmp::Lt] {
            let plan = Plan::Asof {
                left: Box::new(table(&left)),
                right: Box::new(table(&right)),
                keys: vec![(column(0), column(0))],
                by: (column(1), column(1)),
                op,
                outer: true,
                filter: None,
            };
            let found = integers(&run(&plan));
            assert_eq!(found.len(), left.len());
            for (row, l) in found.iter().zip(&left) {
                assert_eq!(row[..3], l[..]);
                let fits = right
                    .iter()
                    .filter(|r| r[0] == l[0] && r[1] != NULL && l[1] != NULL && op.holds(l[1].cmp(&r[1])));
                let nearest = match op {
                    Cmp::Ge | Cmp::Gt => fits.map(|r| r[1]).max(),
                    _ => fits.map(|r| r[1]).min(),
                };
                assert_eq!(row[4], nearest.unwrap_or(NULL), "{op:?} {l:?}");
            }
        }
    }
}

#[test]
fn frames_add_up_what_a_loop_adds_up() {
    let (keys, values) = (scrambled(3000, 7, 3), scrambled(3000, 1000, 4));
    let rows: Vec<Vec<i64>> = (0..3000).map(|i| vec![keys[i], i as i64, values[i]]).collect();
    let offset = |n: i64, preceding| Bound::Offset {
        offset: Expr::Literal { value: Value::Int8(n), ty: Type::Int8 },
        value: None,
        preceding,
    };
    let frames = [
        (offset(5, true), offset(3, false)),
        (Bound::UnboundedPreceding, offset(2, true)),
        (offset(1, false), Bound::UnboundedFollowing),
        (offset(10, true), offset(4, true)),
        (Bound::CurrentRow, Bound::UnboundedFollowing),
    ];
    for (start, end) in frames {
        for exclude in [FrameExclude::NoOthers, FrameExclude::CurrentRow] {
            let frame = Frame {
                unit: FrameUnit::Rows,
                start: start.clone(),
                end: end.clone(),
                exclude,
                range_key: None,
            };
            let call = |name: &str| {
                let aggregate = Resolver::default().aggregate(name, vec![column(2)], 0).unwrap();
                let (args, ty) = (aggregate.args.clone(), aggregate.ty);
                let function = WindowFunction::Aggregate(aggregate);
                WindowCall { function, args, ty, filter: None, frame: frame.clone() }
            };
            let plan = Plan::Window {
                input: Box::new(table(&rows)),
                partition: vec![column(0)],
                order: vec![SortKey { expr: column(1), descending: false, nulls_first: false }],
                calls: vec![call("count"), call("max")],
            };
            let found = integers(&run(&plan));
            assert_eq!(found.len(), rows.len());
            for row in found.iter().step_by(7) {
                let partition: Vec<&Vec<i64>> = rows.iter().filter(|other| other[0] == row[0]).collect();
                let here = partition.iter().position(|other| other[1] == row[1]).unwrap() as i64;
                let place = |bound: &Bound, whole: i64| match bound {
                    Bound::UnboundedPreceding | Bound::UnboundedFollowing => whole,
                    Bound::CurrentRow => here,
                    Bound::Offset { offset, preceding, .. } => match offset {
                        Expr::Literal { value: Value::Int8(n), .. } => {
                            here + if *preceding { -n } else { *n }
                        }
                        _ => unreachable!(),
                    },
                };
                let (from, to) = (place(&start, 0), place(&end, partition.len() as i64 - 1));
                let inside = (0i64..).zip(&partition).filter(|(i, _)| {
                    *i >= from && *i <= to && (exclude == FrameExclude::NoOthers || *i != here)
                });
                let inside: Vec<i64> = inside.map(|(_, other)| other[2]).collect();
                assert_eq!(row[3], inside.len() as i64, "{row:?} {from} {to} {exclude:?}");
                assert_eq!(row[4], inside.iter().copied().max().unwrap_or(NULL), "{row:?}");
            }
        }
    }
}
