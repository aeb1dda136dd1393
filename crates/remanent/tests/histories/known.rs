//! The checker itself: histories whose anomalies are known.

use super::check::{Anomaly, Level, anomalies};
use super::history::{Op, Record};
use Anomaly::*;
use Op::*;

/// Committed transactions beside each other.
fn beside(transactions: &[&[Op]]) -> Vec<Record> {
    let record = |ops: &&[Op]| Record { ops: ops.to_vec(), committed: true, time: (0, 100) };
    transactions.iter().map(record).collect()
}

fn kinds(history: &[Record]) -> Vec<Anomaly> {
    anomalies(history, Level::Serializable).into_keys().collect()
}

fn set(values: &[i64]) -> std::collections::BTreeSet<i64> {
    values.iter().copied().collect()
}

#[test]
fn a_serial_history_has_no_anomaly() {
    let lists = beside(&[
        &[List(1, vec![]), Append(1, 1)],
        &[List(1, vec![1]), Append(1, 2), Append(2, 3), List(1, vec![1, 2])],
        &[List(1, vec![1, 2]), List(2, vec![3])],
    ]);
    assert_eq!(kinds(&lists), []);
    let registers = beside(&[&[Read(1, 0), Write(1, 1)], &[Read(1, 1), Write(1, 2)], &[Read(1, 2)]]);
    assert_eq!(kinds(&registers), []);
    let sets = beside(&[&[Set(1, set(&[])), Insert(1, 1)], &[Set(1, set(&[1])), Insert(1, 2)]]);
    assert_eq!(kinds(&sets), []);
}

#[test]
fn writes_that_interleave_are_g0() {
    let history = beside(&[
        &[Append(1, 1), Append(2, 1)],
        &[Append(1, 2), Append(2, 2)],
        &[List(1, vec![1, 2]), List(2, vec![2, 1])],
    ]);
    assert_eq!(kinds(&history), [G0]);
}

#[test]
fn reads_of_what_is_not_committed_are_g1() {
    let mut history = beside(&[&[Append(1, 1)], &[List(1, vec![1])]]);
    history[0].committed = false;
    assert_eq!(kinds(&history), [G1a]);
    assert_eq!(kinds(&beside(&[&[Write(1, 1), Write(1, 2)], &[Read(1, 1)]])), [G1b]);
    assert_eq!(kinds(&beside(&[&[Append(1, 1), Append(1, 2)], &[List(1, vec![1])]])), [G1b]);
    let around = beside(&[&[Append(1, 1), List(2, vec![2])], &[Append(2, 2), List(1, vec![1])]]);
    assert_eq!(kinds(&around), [G1c]);
    assert_eq!(kinds(&beside(&[&[Read(1, 9)]])), [G1a], "nobody wrote that");
}

#[test]
fn two_that_replace_what_both_read_lose_an_update() {
    let registers = beside(&[&[Read(1, 0), Write(1, 1)], &[Read(1, 0), Write(1, 2)]]);
    assert_eq!(kinds(&registers), [LostUpdate, WriteSkew]);
    let lists =
        beside(&[&[List(1, vec![]), Append(1, 1)], &[List(1, vec![]), Append(1, 2)], &[List(1, vec![1, 2])]]);
    assert_eq!(kinds(&lists), [LostUpdate, GSingle]);
    let mut gone = beside(&[&[Append(1, 1)], &[Append(1, 2)], &[List(1, vec![2])]]);
    gone[2].time = (200, 300);
    assert_eq!(kinds(&gone), [LostUpdate]);
}

#[test]
fn a_read_that_is_torn_is_g_single() {
    let lists =
        beside(&[&[Append(1, 1), Append(2, 2)], &[List(1, vec![1]), List(2, vec![])], &[List(2, vec![2])]]);
    assert_eq!(kinds(&lists), [GSingle]);
    let sets = beside(&[&[Insert(1, 1), Insert(2, 2)], &[Set(1, set(&[1])), Set(2, set(&[]))]]);
    assert_eq!(kinds(&sets), [GSingle]);
    let mut stale = beside(&[&[Insert(1, 1)], &[Set(1, set(&[]))]]);
    stale[1].time = (200, 300);
    assert_eq!(kinds(&stale), [GSingle], "it began after the other had ended");
    assert_eq!(anomalies(&stale, Level::ReadCommitted).len(), 0);
}

#[test]
fn two_readers_that_disagree_who_was_first_are_a_long_fork() {
    let history = beside(&[
        &[Insert(1, 1)],
        &[Insert(2, 2)],
        &[Set(1, set(&[1])), Set(2, set(&[]))],
        &[Set(1, set(&[])), Set(2, set(&[2]))],
    ]);
    assert_eq!(kinds(&history), [LongFork]);
}

#[test]
fn two_that_replace_what_the_other_read_are_write_skew() {
    let registers = beside(&[&[Read(1, 0), Read(2, 0), Write(1, 1)], &[Read(1, 0), Read(2, 0), Write(2, 2)]]);
    assert_eq!(kinds(&registers), [WriteSkew]);
    let sets = beside(&[&[Set(1, set(&[])), Insert(2, 1)], &[Set(2, set(&[])), Insert(1, 2)]]);
    assert_eq!(kinds(&sets), [WriteSkew]);
    let three = beside(&[
        &[Set(1, set(&[])), Insert(2, 1)],
        &[Set(2, set(&[])), Insert(3, 2)],
        &[Set(3, set(&[])), Insert(1, 3)],
    ]);
    assert_eq!(kinds(&three), [G2]);
}

#[test]
fn a_reader_may_show_that_two_writers_were_not_serial() {
    // Fekete, O'Neil, O'Neil, "A Read-Only Transaction Anomaly Under Snapshot Isolation", SIGMOD Record 2004.
    let history = beside(&[
        &[Read(1, 0), Read(2, 0), Write(1, 11)],
        &[Read(2, 0), Write(2, 20)],
        &[Read(1, 0), Read(2, 20)],
    ]);
    assert_eq!(kinds(&history), [G2]);
}

#[test]
fn one_sees_its_own_writes_and_lists_only_grow() {
    assert_eq!(kinds(&beside(&[&[Write(1, 1), Read(1, 0)]])), [Internal]);
    assert_eq!(kinds(&beside(&[&[Append(1, 1), List(1, vec![])]])), [Internal]);
    let history = beside(&[&[Append(1, 1)], &[Append(1, 2)], &[List(1, vec![1])], &[List(1, vec![2, 1])]]);
    assert_eq!(kinds(&history), [Order]);
}
