//! The file `READERS`: what the writing process tells the processes that follow it.
//!
//! # Model
//!
//! The writer keeps one small notice at a fixed place: which record is committed and applied, and how many edits the
//! manifest has seen. A commit is announced before it is acknowledged, so a statement that a follower begins after
//! that sees it. A notice is never synced and means nothing after a crash of the machine: who opens the
//! directory believes it only of the process that holds the lock file, and reads the log to its end if nobody does.
//!
//! # What it costs
//!
//! One positioned write of 64 bytes into the operating system's cache for each group of commits that are applied together
//! (0.8 µs where this was measured), and only while somebody follows: a follower says so with the word at
//! [`WORD`]. While nobody does, the writer looks at that word and announces at most once in [`PACE`]: with the commit
//! that comes then, or, for those that came sooner, by a thread that sleeps while there are none. So a follower that opens
//! has to wait no longer than that for what was acknowledged before.
//!
//! # Format
//!
//! Little-endian.
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 8 | magic `REMREAD`, version 1 |
//! | 8 | 8 | epoch of the writer |
//! | 16 | 8 | the last record that is committed and applied |
//! | 24 | 8 | the last record that is durable |
//! | 32 | 8 | generation: how many edits of the manifest this epoch has made, from 1 |
//! | 40 | 4 | the writer's process, as in `LOCK` |
//! | 44 | 16 | zero |
//! | 60 | 4 | CRC-32C of bytes 0..60 |
//! | 64 | 8 | the followers' word: not zero if one has come since the writer looked |
//!
//! While a writer opens the directory, the first 64 bytes are zero. Example: process 258 in epoch 3, everything up to
//! record 300 committed and up to 299 durable, the manifest not changed since it opened:
//!
//! ```text
//! 00  52 45 4d 52 45 41 44 01  03 00 00 00 00 00 00 00   REMREAD 1, epoch 3
//! 10  2c 01 00 00 00 00 00 00  2b 01 00 00 00 00 00 00   committed 300, durable 299
//! 20  01 00 00 00 00 00 00 00  02 01 00 00 00 00 00 00   generation 1, process 258
//! 30  00 00 00 00 00 00 00 00  00 00 00 00 0b 02 47 49   CRC
//! ```

use crate::error::{Error, Result};
use crate::world::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use crate::world::sync::{Condvar, Mutex};
use crate::world::{Disk, File, OpenMode, World, join, mutation};
use crate::{Epoch, Lsn};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The file's name.
pub const FILE_NAME: &str = "READERS";
/// The length of a notice.
pub const NOTICE: usize = 64;
/// Where followers say that they are there.
pub const WORD: u64 = NOTICE as u64;

const MAGIC: [u8; 8] = *b"REMREAD\x01";

/// While nobody follows: how long a commit may go unannounced. Well below the 5 ms of a loop at 200 Hz, whose commits then
/// need no thread, also where one is late and the next is not: a thread that is woken can take the loop's processor.
pub const PACE: Duration = Duration::from_millis(2);

/// What the writer tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Notice {
    /// The writer's life.
    pub epoch: Epoch,
    /// The last record that is committed and applied.
    pub committed: Lsn,
    /// The last record that is durable.
    pub durable: Lsn,
    /// How many edits of the manifest this life has made.
    pub generation: u64,
    /// The writer's process.
    pub process: u32,
}

impl Notice {
    /// The bytes in the file.
    pub fn encode(&self) -> [u8; NOTICE] {
        let mut bytes = Vec::with_capacity(NOTICE);
        bytes.extend_from_slice(&MAGIC);
        for field in [self.epoch, self.committed, self.durable, self.generation, self.process.into(), 0] {
            bytes.extend_from_slice(&field.to_le_bytes());
        }
        bytes.resize(NOTICE - 4, 0);
        bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_le_bytes());
        bytes.try_into().unwrap_or([0; NOTICE])
    }

    /// None: these bytes are no notice, or one that is just being written.
    pub fn decode(bytes: &[u8; NOTICE]) -> Option<Notice> {
        let (body, crc) = bytes.split_last_chunk::<4>()?;
        if crc32c::crc32c(body).to_le_bytes() != *crc || !body.starts_with(&MAGIC) {
            return None;
        }
        let word = |i: usize| body.get(8 * i..)?.first_chunk().map(|b| u64::from_le_bytes(*b));
        Some(Notice {
            epoch: word(1)?,
            committed: word(2)?,
            durable: word(3)?,
            generation: word(4)?,
            process: word(5)? as u32,
        })
    }
}

/// Where the writer announces. Thread-safe.
pub struct Board {
    file: Arc<dyn File>,
    world: World,
    epoch: Epoch,
    pace: Duration,
    generation: AtomicU64,
    /// The last record that was announced.
    told: AtomicU64,
    /// When that was, in µs.
    when: AtomicU64,
    /// How often somebody was heard to come since nobody followed; 0: nobody follows.
    heard: AtomicU64,
    /// A commit went unannounced, and the thread that makes up for it knows.
    owing: AtomicBool,
    sleeper: Mutex<()>,
    wake: Condvar,
    pen: Mutex<Pen>,
    free: Condvar,
}

/// Who writes, and how many wait for that.
#[derive(Default)]
struct Pen {
    busy: bool,
    waiters: u32,
}

impl Board {
    /// Takes the file over, or makes it: until the first announcement a writer is opening the directory. A pace of zero:
    /// every commit is announced, since there is no thread to make up for it.
    pub fn open(world: &World, dir: &Path, pace: Duration) -> Result<Board> {
        let path = join(dir, FILE_NAME);
        let disk: &dyn Disk = &*world.disk;
        let there = disk.exists(&path).map_err(|e| Error::io("look for", &path, &e))?;
        let mode = if there { OpenMode::ReadWrite } else { OpenMode::CreateNew };
        let file = disk.open(&path, mode).map_err(|e| Error::io("open", &path, &e))?;
        file.write_at(&[0; NOTICE], 0).map_err(|e| Error::io("write to", &path, &e))?;
        Ok(Board {
            file,
            world: world.clone(),
            epoch: 0,
            pace,
            generation: AtomicU64::new(1),
            told: AtomicU64::new(0),
            when: AtomicU64::new(0),
            heard: AtomicU64::new(0),
            owing: AtomicBool::new(false),
            sleeper: Mutex::default(),
            wake: Condvar::new(),
            pen: Mutex::default(),
            free: Condvar::new(),
        })
    }

    /// The writer's life.
    pub fn set_epoch(&mut self, epoch: Epoch) {
        self.epoch = epoch;
    }

    /// How many edits of the manifest this life has made.
    pub fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// The manifest has changed.
    pub fn edited(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    /// True if a follower has come since the last call. False on errors: who follows may then wait for a round of
    /// the background.
    pub fn called(&self) -> bool {
        let mut word = [0; 8];
        let read = self.file.read_at(&mut word, WORD);
        let called = read.is_ok() && word != [0; 8];
        if called {
            // Before the slots are looked at, so that no call is lost.
            let _ = self.file.write_at(&[0; 8], WORD);
            self.heard.fetch_add(1, Ordering::AcqRel);
        }
        called
    }

    /// True while somebody follows.
    pub fn listening(&self) -> bool {
        self.heard.load(Ordering::Acquire) > 0
    }

    /// Looks whether those who were heard still follow, as `live` says: it looks at their slots. Who is heard by another
    /// thread meanwhile stays heard.
    pub fn recount(&self, live: &dyn Fn() -> bool) {
        self.called();
        let heard = self.heard.load(Ordering::Acquire);
        if heard > 0 && !live() {
            let _ = self.heard.compare_exchange(heard, 0, Ordering::AcqRel, Ordering::Acquire);
        }
    }

    /// Counts a follower whom the writer before has left.
    pub fn inherit(&self) {
        self.heard.fetch_add(1, Ordering::AcqRel);
    }

    /// True if something was not announced yet.
    pub fn behind(&self, committed: Lsn) -> bool {
        self.told.load(Ordering::Acquire) < committed
    }

    /// Says that `lsn` is committed, if somebody follows or it is time by the monotonic clock. On the way of every commit.
    pub fn commit(&self, lsn: Lsn, time: Duration, now: &dyn Fn() -> (Lsn, Lsn)) {
        if self.told.load(Ordering::Acquire) >= lsn || mutation("announce_nothing") {
            return;
        }
        if !self.listening() {
            let time = time.as_micros() as u64;
            if time.saturating_sub(self.when.load(Ordering::Relaxed)) < self.pace.as_micros() as u64 {
                if !self.owing.swap(true, Ordering::AcqRel) {
                    self.wake();
                }
                return;
            }
            self.when.store(time, Ordering::Relaxed);
            self.called();
        }
        self.announce(lsn, now);
    }

    /// Wakes the thread that [`makes up`](Board::make_up) for commits that went unannounced.
    pub fn wake(&self) {
        // Who is about to sleep has seen that nothing is owed and holds this; who is woken needs it.
        drop(self.sleeper.lock());
        self.wake.notify_one();
    }

    /// Sleeps until a commit goes unannounced or `stopped`, and a pace longer; the caller then announces.
    pub fn make_up(&self, stopped: &dyn Fn() -> bool) {
        let mut sleeper = self.sleeper.lock();
        while !self.owing.load(Ordering::Acquire) && !stopped() {
            sleeper = self.wake.wait(sleeper);
        }
        drop(sleeper);
        if !stopped() {
            self.world.sleep(self.pace);
            // Before the announcement looks what is committed: whoever comes later owes again.
            self.owing.store(false, Ordering::Release);
            self.called();
        }
    }

    /// Announces the present state, which `now` gives as (committed, durable), unless somebody else just did so for
    /// `lsn`. Never an error: a commit does not fail because nobody can be told of it, and the next one tries again.
    pub fn announce(&self, lsn: Lsn, now: &dyn Fn() -> (Lsn, Lsn)) {
        let mut pen = self.pen.lock();
        while pen.busy {
            pen.waiters += 1;
            pen = self.free.wait(pen);
            pen.waiters -= 1;
        }
        if self.told.load(Ordering::Acquire) >= lsn {
            return;
        }
        pen.busy = true;
        drop(pen);
        let generation = self.generation();
        let (committed, durable) = now();
        let process = self.world.threads.process();
        let notice = Notice { epoch: self.epoch, committed, durable, generation, process };
        if self.file.write_at(&notice.encode(), 0).is_ok() {
            self.told.store(committed, Ordering::Release);
        }
        let mut pen = self.pen.lock();
        pen.busy = false;
        if pen.waiters > 0 {
            self.free.notify_all();
        }
    }
}

#[cfg(all(test, feature = "simulation"))]
mod tests {
    use super::*;
    use crate::world::sim::{SimWorld, seeds};

    #[test]
    fn who_comes_while_the_writer_looks_for_others_is_heard() {
        seeds("who_comes_while_the_writer_looks_for_others_is_heard", 3000, |seed| {
            let sim = SimWorld::new(seed);
            let world = sim.world();
            sim.run(move || {
                let dir = Path::new("/db");
                world.disk.create_dir(dir).unwrap();
                let board = Arc::new(Board::open(&world, dir, PACE).unwrap());
                let there = Arc::new(AtomicBool::new(false));
                // Whoever followed until now has died.
                board.inherit();
                let follower = {
                    let (world, there) = (world.clone(), Arc::clone(&there));
                    world.clone().spawn("follower", move || {
                        there.store(true, Ordering::Release);
                        let file =
                            world.disk.open(&join(Path::new("/db"), FILE_NAME), OpenMode::ReadWrite).unwrap();
                        file.write_at(&[1; 8], WORD).unwrap();
                    })
                };
                let commits = {
                    let board = Arc::clone(&board);
                    world.spawn("commits", move || {
                        board.called();
                    })
                };
                board.recount(&|| there.load(Ordering::Acquire));
                follower.unwrap().join();
                commits.unwrap().join();
                assert!(board.called() || board.listening(), "nobody hears the follower");
            });
        });
    }
}
