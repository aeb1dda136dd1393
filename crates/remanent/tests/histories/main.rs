//! Random concurrent histories under each isolation level, checked for the anomalies that the level forbids.
//!
//! | file | holds |
//! |---|---|
//! | `history` | what sessions did and saw |
//! | `run` | sessions that make one: lists, registers, sets of rows; simulated, or on this machine |
//! | `check` | the anomalies in one |
//! | `graph` | dependencies, and ways around in them |
//! | `known` | histories whose anomalies are known, for the checker itself |
//! | `rates` | how often a serializable transaction is refused, and how often it need not have been |
//!
//! PostgreSQL's levels forbid: READ COMMITTED G0 and G1; REPEATABLE READ, which is snapshot isolation, also lost updates,
//! G-single and long forks; SERIALIZABLE everything. From REPEATABLE READ on, a transaction also sees all that was
//! committed before it began.

mod check;
mod graph;
mod history;
mod known;
mod rates;
mod run;

use check::{Anomaly, Found, Level, anomalies, forbidden};
use history::Record;
use remanent_storage::world::sim::seeds;
use run::{Size, WORKLOADS};

const SIMULATED: Size = Size { sessions: 3, transactions: 5, keys: 2 };

/// Runs all workloads under many seeds; panics at an anomaly that the level forbids. All that were found, allowed ones
/// included, and how many transactions committed.
fn clean(test: &str, level: Level, count: u64) -> (Found, usize) {
    let (mut all, mut committed) = (Found::new(), 0);
    seeds(test, count, |seed| {
        for workload in WORKLOADS {
            let history = run::simulated(seed, level, workload, SIMULATED);
            assert_clean(&history, level, &format!("{workload:?}"));
            all.append(&mut anomalies(&history, level));
            committed += history.iter().filter(|record| record.committed).count();
        }
    });
    (all, committed)
}

fn assert_clean(history: &[Record], level: Level, what: &str) {
    let found = forbidden(history, level);
    if !found.is_empty() {
        for (i, record) in history.iter().enumerate() {
            eprintln!(
                "{i:3} {:?} {} {:?}",
                record.time,
                if record.committed { ' ' } else { '✗' },
                record.ops
            );
        }
        panic!("{what} under {}: {found:?}", level.sql());
    }
}

fn kinds(found: &Found) -> Vec<Anomaly> {
    found.keys().copied().collect()
}

#[test]
fn read_committed_reads_what_is_committed() {
    let (found, _) = clean("read_committed_reads_what_is_committed", Level::ReadCommitted, 60);
    // And the checker sees what this level allows.
    for allowed in [Anomaly::LostUpdate, Anomaly::GSingle, Anomaly::WriteSkew] {
        assert!(found.contains_key(&allowed), "{allowed:?} does not show: {:?}", kinds(&found));
    }
}

#[test]
fn repeatable_read_is_snapshot_isolation() {
    let (found, _) = clean("repeatable_read_is_snapshot_isolation", Level::RepeatableRead, 60);
    assert!(found.contains_key(&Anomaly::WriteSkew), "write skew does not show: {:?}", kinds(&found));
}

#[test]
fn serializable_has_no_anomaly() {
    let (found, committed) = clean("serializable_has_no_anomaly", Level::Serializable, 60);
    assert_eq!(kinds(&found), []);
    assert!(committed > 60 * 10, "only {committed} transactions committed");
}

#[test]
fn threads_of_this_machine_show_nothing_forbidden_either() {
    let size = Size { sessions: 4, transactions: 40, keys: 3 };
    for level in [Level::ReadCommitted, Level::RepeatableRead, Level::Serializable] {
        for workload in WORKLOADS {
            let dir = tempfile::tempdir().unwrap();
            let history = run::real(&dir.path().join("t.rem"), level, workload, size);
            assert_eq!(history.len(), 161);
            assert_clean(&history, level, &format!("{workload:?}"));
        }
    }
}
