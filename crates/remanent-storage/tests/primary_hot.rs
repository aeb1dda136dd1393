//! The primary key of a hot segment against a model: a list of keys.

mod cold_support;

use cold_support::*;
use proptest::prelude::{ProptestConfig, any, prop_oneof, proptest};
use proptest::strategy::Strategy;
use remanent_storage::index::primary::PrimaryHot;
use remanent_storage::index::{Hit, HotPart, Part, Probe, ProbeStats, ScoreBound};
use remanent_storage::value::{Column, Key, Type, Value};
use std::ops::Bound;

fn key(text: &str) -> Key {
    Key::encode(&[Value::Text(text.into())])
}

fn texts(keys: &[String]) -> Column {
    Column::from_values(Type::Text, keys.iter().map(|k| Value::Text(k.clone()))).unwrap()
}

/// Every version of every key, newest first, as the part and as the model have them.
fn check(part: &PrimaryHot, model: &[String]) {
    assert_eq!(part.len() as usize, model.len());
    let mut distinct: Vec<&String> = model.iter().collect();
    distinct.sort();
    distinct.dedup();
    assert_eq!(part.distinct(), distinct.len());
    for text in distinct {
        let expected: Vec<u32> =
            (0..model.len()).rev().filter(|&i| model[i] == *text).map(|i| i as u32).collect();
        let chain = std::iter::successors(part.newest(key(text).as_bytes()), |&row| part.older(row));
        assert_eq!(chain.collect::<Vec<_>>(), expected, "{text}");
    }
    assert_eq!(part.newest(key("absent!").as_bytes()), None);
    let mut sorted: Vec<u32> = (0..model.len() as u32).collect();
    sorted.sort_by(|&a, &b| key(&model[a as usize]).cmp(&key(&model[b as usize])).then(a.cmp(&b)));
    assert_eq!(part.sorted(), sorted);
}

#[derive(Debug, Clone)]
enum Op {
    Insert(Vec<u8>),
    Truncate(u16),
    Retain(u16, Vec<bool>),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    proptest::collection::vec(
        prop_oneof![
            4 => proptest::collection::vec(any::<u8>(), 0..60).prop_map(Op::Insert),
            1 => any::<u16>().prop_map(Op::Truncate),
            2 => (any::<u16>(), proptest::collection::vec(any::<bool>(), 400))
                .prop_map(|(from, keep)| Op::Retain(from, keep)),
        ],
        1..12,
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_sequence_of_changes(ops in ops(), same_length: bool) {
        let (mut part, mut model) = (PrimaryHot::new(vec![1]), Vec::<String>::new());
        for op in ops {
            match op {
                Op::Insert(names) => {
                    let names: Vec<String> = names
                        .iter()
                        .map(|n| if same_length { format!("{n:03}") } else { "k".repeat(usize::from(n % 40)) })
                        .collect();
                    let columns = [Column::null(Type::Int8, names.len()), texts(&names)];
                    part.insert(model.len() as u32, &columns).unwrap();
                    model.extend(names);
                }
                Op::Truncate(len) => {
                    let len = usize::from(len) % (model.len() + 1);
                    part.truncate(len as u32);
                    model.truncate(len);
                }
                Op::Retain(from, keep) => {
                    let from = usize::from(from) % (model.len() + 1);
                    let keep: Vec<bool> = (from..model.len()).map(|i| keep[i % keep.len()]).collect();
                    part.retain_from(from as u32, &keep);
                    let tail = model.split_off(from);
                    model.extend(tail.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(k, _)| k));
                }
            }
            check(&part, &model);
        }
    }
}

#[test]
fn many_keys_grow_the_table_and_leave_it() {
    let mut part = PrimaryHot::new(vec![0]);
    let column = Column::from_values(Type::Int8, (0..20_000).map(Value::Int8)).unwrap();
    part.insert(0, &[column]).unwrap();
    let find = |part: &PrimaryHot, v: i64| part.newest(Key::encode(&[Value::Int8(v)]).as_bytes());
    assert!((0..20_000).all(|v| find(&part, v) == Some(v as u32)));
    part.truncate(13);
    assert!((0..20_000).all(|v| find(&part, v) == (v < 13).then_some(v as u32)));
    assert_eq!(part.distinct(), 13);
}

#[test]
fn rows_come_in_order_and_with_their_key() {
    let mut part = PrimaryHot::new(vec![1]);
    let one = Column::from_values(Type::Int8, [Value::Int8(1)]).unwrap();
    assert_eq!(part.insert(1, &[one.clone(), one.clone()]).unwrap_err().code(), "XX000");
    assert_eq!(part.insert(0, &[one]).unwrap_err().code(), "XX000");
}

#[test]
fn through_the_trait() {
    let mut part = PrimaryHot::new(vec![0]);
    let names = ["a", "b", "a", "a"].map(String::from);
    part.insert(0, &[texts(&names)]).unwrap();
    let (stats, bound, probe) = (ProbeStats::default(), ScoreBound::default(), Probe::Key(key("a")));
    let within = [0, 1, 3].into_iter().collect();
    let mut out = Vec::new();
    let mut hits = part.search(&probe, Some(&within), &stats, &bound).unwrap();
    assert!(hits.next(&mut out, 1).unwrap());
    assert!(!hits.next(&mut out, 5).unwrap());
    assert_eq!(out, [3, 0].map(|ordinal| Hit { ordinal, score: 0.0 }));
    let range = Probe::KeyRange { low: Bound::Unbounded, high: Bound::Unbounded };
    assert!(part.cost(&range).is_none());
    assert!(part.search(&range, None, &stats, &bound).is_err());
    let _ = Rng(0);
}
