//! A real process on a real disk, killed while sixteen threads commit.

use super::support::{self, create, rows};
use remanent_storage::store::{Options, Store, check};
use remanent_storage::world::World;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Where the child finds its database.
const VARIABLE: &str = "REMANENT_KILLED";
const THREADS: i64 = 16;

fn open(path: &Path) -> Arc<Store> {
    Store::open(World::real(), path, Options { memory_limit: 4 << 20, ..Options::default() }).unwrap()
}

/// The process that is killed: sixteen threads insert durable rows and say so.
#[test]
#[ignore = "is run by the test below"]
fn a_process_that_inserts_until_it_is_killed() {
    let Ok(path) = std::env::var(VARIABLE) else { return };
    let store = open(Path::new(&path));
    let world = World::real();
    let mut txn = store.begin(None).unwrap();
    if txn.catalog().table("a").is_none() {
        create(&mut txn, "a").unwrap();
    }
    txn.commit().unwrap();
    let before = rows(&store.begin(None).unwrap(), "a").unwrap();
    let first = before.keys().last().map_or(0, |last| last / THREADS + 1);
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let store = Arc::clone(&store);
            let body = move || {
                for id in (first..).map(|i| i * THREADS + thread) {
                    let mut txn = store.begin(None).unwrap();
                    support::insert(&mut txn, "a", &[(id, id as u64)]).unwrap();
                    txn.commit().unwrap();
                    // One write: a line is there in whole or not at all.
                    std::io::stdout().write_all(format!("acknowledged {id}\n").as_bytes()).unwrap();
                }
            };
            world.spawn("writer", body).unwrap()
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join());
}

#[test]
fn a_killed_process_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.rem");
    let mut acknowledged = BTreeSet::new();
    for round in 0..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "killed::a_process_that_inserts_until_it_is_killed",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(VARIABLE, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut hear = |lines: &mut dyn Iterator<Item = std::io::Result<String>>| {
            for line in lines {
                let line = line.unwrap();
                acknowledged.extend(line.strip_prefix("acknowledged ").and_then(|id| id.parse::<i64>().ok()));
            }
        };
        hear(&mut lines.by_ref().take(200 + 150 * round));
        child.kill().unwrap();
        // What it said before it died is in the pipe.
        hear(&mut lines);
        child.wait().unwrap();
        assert!(!acknowledged.is_empty());
        let report = check::check(&World::real(), &path).unwrap();
        assert_eq!(format!("{:?}", report.damage), "[]");
        let store = open(&path);
        let found = rows(&store.begin(None).unwrap(), "a").unwrap();
        let lost: Vec<_> = acknowledged.iter().filter(|&id| found.get(id) != Some(&(*id as u64))).collect();
        assert!(lost.is_empty(), "lost: {lost:?} of {}", acknowledged.len());
        if round % 2 == 0 {
            store.close().unwrap();
        }
    }
}

#[test]
fn threads_share_their_syncs() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(&dir.path().join("a.rem"));
    let mut txn = store.begin(None).unwrap();
    create(&mut txn, "a").unwrap();
    txn.commit().unwrap();
    let world = World::real();
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let store = Arc::clone(&store);
            let body = move || {
                for id in (0..25).map(|i| i * THREADS + thread) {
                    let mut txn = store.begin(None).unwrap();
                    support::insert(&mut txn, "a", &[(id, 1)]).unwrap();
                    txn.commit().unwrap();
                }
            };
            world.spawn("writer", body).unwrap()
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join());
    assert_eq!(rows(&store.begin(None).unwrap(), "a").unwrap().len(), 400);
    // Never more than one sync for a commit, and one for each of the others' work.
    assert!(store.stats().log_syncs <= 401, "{:?}", store.stats());
    store.close().unwrap();
}
