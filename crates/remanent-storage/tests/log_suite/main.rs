//! The write-ahead log: what it promises, on a disk that does its worst.
//!
//! | file | asks |
//! |---|---|
//! | `format` | are the bytes what the page says? |
//! | `crash` | is what was acknowledged there after any crash, and nothing else? |
//! | `damage` | is a wrong byte ever believed? |
//! | `failure` | what happens when a write or a sync fails? |
//! | `group` | do many threads share their syncs, and does each hear of its own? |
//! | `recycle` | do files come round, and stay silent about their past? |

mod crash;
mod damage;
mod failure;
mod format;
mod group;
mod recycle;

use remanent_storage::log::{Log, LogOptions, Record};
use remanent_storage::world::World;
use remanent_storage::world::sim::{SimDisk, SimWorld};
use remanent_storage::{Epoch, Error, Lsn, Result};
use std::path::Path;

const DIR: &str = "/db/wal";
const FIRST: &str = "/db/wal/0000000001.log";

/// Small files, so that a few records fill one.
fn small() -> LogOptions {
    LogOptions { file_size: 4096, ready: 2, salt: 7 }
}

/// A world without threads: calls may be made from the test itself.
fn world() -> (SimDisk, World) {
    let sim = SimWorld::new(1);
    (sim.disk().clone(), sim.world())
}

/// A world around that disk.
fn world_of(disk: &SimDisk) -> World {
    SimWorld::with_disk(1, disk.clone()).world()
}

/// Opens the log and says what it replays.
fn open_from(world: &World, floor: Lsn, epoch: Epoch) -> Result<(Log, Vec<Record>)> {
    let mut seen = Vec::new();
    let log = Log::open(world, Path::new(DIR), small(), floor, epoch, &mut |record| {
        seen.push(record);
        Ok(())
    })?;
    Ok((log, seen))
}

fn open(world: &World, epoch: Epoch) -> Result<(Log, Vec<Record>)> {
    open_from(world, 0, epoch)
}

fn bodies(records: &[Record]) -> Vec<String> {
    records.iter().map(|r| String::from_utf8_lossy(&r.body).into_owned()).collect()
}

/// Appends and syncs.
fn put(log: &Log, body: &str) -> Result<Lsn> {
    let ticket = log.append(body.as_bytes().to_vec())?;
    log.sync_to(&ticket)?;
    Ok(ticket.lsn)
}

/// What `verify` reports.
fn verify(world: &World, floor: Lsn) -> (u64, Vec<Error>) {
    let mut errors = Vec::new();
    let good =
        remanent_storage::log::verify(&*world.disk, Path::new(DIR), &small(), floor, u64::MAX, &mut |e| {
            errors.push(e)
        });
    (good.unwrap(), errors)
}
