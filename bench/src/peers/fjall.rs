//! fjall, a log-structured store of keys and values: key big-endian, value the four other columns.
//!
//! A durable commit is an insert and `persist(SyncData)`, one fdatasync as the others do. Its bulk load is `ingestion`, which
//! takes sorted keys only, so rows that are not come in batches.

use crate::engine::{Engine, Keys, Open, Session, Setup, Sync, row};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, PersistMode};
use std::path::Path;
use std::time::{Duration, Instant};

struct Fjall {
    db: Database,
    imu: Keyspace,
    sync: Sync,
}

pub const OPEN: Open = |dir: &Path, setup: Setup| {
    let memory = setup.memory.unwrap_or(256 << 20) as u64;
    let db = Database::builder(dir.join("bench.fjall"))
        .cache_size(memory / 2)
        .max_journaling_size((memory * 2).max(64 << 20))
        .open()
        .unwrap();
    let options = move || KeyspaceCreateOptions::default().max_memtable_size((memory / 4).min(64 << 20));
    let imu = db.keyspace("imu", options).unwrap();
    Box::new(Fjall { db, imu, sync: setup.sync })
};

impl Engine for Fjall {
    fn session(&self) -> Box<dyn Session> {
        Box::new(FjallSession { db: self.db.clone(), imu: self.imu.clone(), sync: self.sync })
    }

    fn flush(&self) {
        self.imu.rotate_memtable_and_wait().unwrap();
    }
}

struct FjallSession {
    db: Database,
    imu: Keyspace,
    sync: Sync,
}

fn value(ts: i64) -> Vec<u8> {
    let (ax, ay, az, note) = row(ts);
    let mut bytes = Vec::with_capacity(32);
    for x in [ax, ay, az] {
        bytes.extend_from_slice(&x.to_le_bytes());
    }
    bytes.extend_from_slice(note.as_bytes());
    bytes
}

impl FjallSession {
    fn persist(&self) {
        if self.sync == Sync::Full {
            self.db.persist(PersistMode::SyncData).unwrap();
        }
    }
}

impl Session for FjallSession {
    fn inserts(&mut self, keys: Keys, each: &mut dyn FnMut(Duration)) {
        for ts in keys.iter() {
            let begun = Instant::now();
            self.imu.insert(ts.to_be_bytes(), value(ts)).unwrap();
            self.persist();
            each(begun.elapsed());
        }
    }

    fn batch(&mut self, keys: Keys) {
        let mut batch = self.db.batch();
        for ts in keys.iter() {
            batch.insert(&self.imu, ts.to_be_bytes(), value(ts));
        }
        batch.commit().unwrap();
        self.persist();
    }

    fn bulk(&mut self, keys: Keys) {
        if keys.scattered {
            for from in (keys.from..keys.from + keys.rows).step_by(1000) {
                self.batch(Keys { from, rows: 1000.min(keys.from + keys.rows - from), ..keys });
            }
            return;
        }
        let mut ingestion = self.imu.start_ingestion().unwrap();
        for ts in keys.iter() {
            ingestion.write(ts.to_be_bytes(), value(ts)).unwrap();
        }
        ingestion.finish().unwrap();
    }

    fn points(&mut self, keys: &[i64]) -> f64 {
        let mut sum = 0.0;
        for key in keys {
            if let Some(value) = self.imu.get(key.to_be_bytes()).unwrap() {
                sum += f64::from_le_bytes(value[16..24].try_into().unwrap());
            }
        }
        sum
    }

    fn scalar(&mut self, _: &str) -> Option<f64> {
        None
    }

    fn execute(&mut self, _: &str) -> bool {
        false
    }

    fn updates(&mut self, keys: &[i64]) {
        for &key in keys {
            let old = self.imu.get(key.to_be_bytes()).unwrap().unwrap();
            let mut new = old.to_vec();
            let ax = f64::from_le_bytes(new[..8].try_into().unwrap()) + 1.0;
            new[..8].copy_from_slice(&ax.to_le_bytes());
            self.imu.insert(key.to_be_bytes(), new).unwrap();
            self.persist();
        }
    }
}
