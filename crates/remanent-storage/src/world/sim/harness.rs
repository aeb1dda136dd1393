//! Workloads that lose power at every change of the disk.
//!
//! A crash test has three parts: a *workload* that uses the engine and *notes* what was acknowledged, the crash,
//! and a *check* that opens what is left and compares it with the notes. [`Crashes`] runs them for every change of
//! the disk that the workload makes, each with another seed, and then cuts the power once more while the check
//! recovers, twice over. Both may end in an error, which is the answer expected of an engine without power and a failure of
//! the test at any other time; a panic always is one.
//!
//! ```
//! use remanent_storage::world::sim::{Crashes, Notes};
//! use remanent_storage::world::{OpenMode, World};
//! use std::path::Path;
//!
//! // A counter in a file: acknowledged once its sync is back.
//! Crashes::new("counter_survives").run(
//!     |world: &World, acknowledged: &Notes<u64>| {
//!         world.disk.create_dir(Path::new("/c"))?;
//!         let file = world.disk.open(Path::new("/c/n"), OpenMode::CreateNew)?;
//!         world.disk.sync_dir(Path::new("/c"))?;
//!         for n in 1..=5u64 {
//!             file.write_at(&n.to_le_bytes(), n * 8)?;
//!             file.sync()?;
//!             acknowledged.update(|a| *a = n);
//!         }
//!         std::io::Result::Ok(())
//!     },
//!     |world: &World, acknowledged: &u64| {
//!         if *acknowledged > 0 {
//!             let file = world.disk.open(Path::new("/c/n"), OpenMode::Read)?;
//!             assert!(file.len()? >= (acknowledged + 1) * 8);
//!         }
//!         std::io::Result::Ok(())
//!     },
//! );
//! ```
//!
//! A failure prints the command that replays it: `REMANENT_SEED=<seed>:<change> cargo test … <test>`. The replay
//! prints the trace as well: every disk call, wait and switch, up to the panic.
#![allow(clippy::disallowed_types, reason = "the simulator stands on std")]

use super::{Rng, SimDisk, SimWorld};
use crate::world::World;
use std::fmt::Display;
use std::sync::{Arc, Mutex, PoisonError};

/// The variable that chooses one run to replay.
const SEED_VARIABLE: &str = "REMANENT_SEED";
/// What runs one test, wherever in the workspace it is.
const COMMAND: &str = "cargo test --workspace --features remanent-storage/simulation";
/// The variable that multiplies how much is tried.
const EFFORT_VARIABLE: &str = "REMANENT_SEEDS";

/// The variable that says how many crashes each crash test makes at least.
const CRASHES_VARIABLE: &str = "REMANENT_CRASHES";

/// Seeds of one round; more than a workload makes changes.
const ROUND_SEEDS: u64 = 1_000_003;

/// A change that no workload reaches.
const NEVER: u64 = u64::MAX / 2;

/// The seeds `0..count`, times `REMANENT_SEEDS`; only the one in `REMANENT_SEED` where that is set. Each is given
/// to `body`; a panic prints how to replay it. Returns how many were tried.
pub fn seeds(test: &str, count: u64, mut body: impl FnMut(u64)) -> u64 {
    if let Some((seed, _)) = chosen() {
        body(seed);
        return 1;
    }
    let count = count.saturating_mul(effort());
    for seed in 0..count {
        let _replay = Replay { test, chosen: seed.to_string(), replayed: None };
        body(seed);
    }
    count
}

/// As [`seeds`], for a test that crashes at every change by itself: `body` returns how many crashes a seed made, and seeds are
/// tried until there were `REMANENT_CRASHES` at least.
pub fn crash_seeds(test: &str, count: u64, mut body: impl FnMut(u64) -> u64) -> u64 {
    let mut made = 0;
    let mut tried = seeds(test, count, |seed| made += body(seed));
    while chosen().is_none() && made < least_crashes() {
        let _replay = Replay { test, chosen: tried.to_string(), replayed: None };
        made += body(tried);
        tried += 1;
    }
    made
}

/// How many crashes each crash test makes at least.
fn least_crashes() -> u64 {
    std::env::var(CRASHES_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(0)
}

/// What `REMANENT_SEED` says: a seed, and after a colon which change of the disk is the last.
fn chosen() -> Option<(u64, Option<u64>)> {
    let text = std::env::var(SEED_VARIABLE).ok()?;
    let (seed, change) = match text.split_once(':') {
        Some((seed, change)) => (seed, Some(change)),
        None => (text.as_str(), None),
    };
    let number =
        |s: &str| s.parse().unwrap_or_else(|_| panic!("{SEED_VARIABLE}={text}: not seed or seed:change"));
    Some((number(seed), change.map(number)))
}

fn effort() -> u64 {
    std::env::var(EFFORT_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// Prints how to replay a run when a panic passes; in the replay, what happened.
struct Replay<'a> {
    test: &'a str,
    chosen: String,
    replayed: Option<SimWorld>,
}

impl Drop for Replay<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for event in self.replayed.iter().flat_map(SimWorld::trace) {
                eprintln!("{event}");
            }
            eprintln!("replay: {SEED_VARIABLE}={} {COMMAND} {}", self.chosen, self.test);
        }
    }
}

/// What a workload tells its check: outside the simulated machine, so a crash does not touch it.
pub struct Notes<T> {
    told: Arc<Mutex<T>>,
    round: u64,
}

impl<T> Clone for Notes<T> {
    fn clone(&self) -> Self {
        Notes { told: Arc::clone(&self.told), round: self.round }
    }
}

impl<T: Default> Default for Notes<T> {
    fn default() -> Self {
        Notes::new(0)
    }
}

impl<T: Default> Notes<T> {
    /// Empty notes of a round.
    pub fn new(round: u64) -> Self {
        Notes { told: Arc::default(), round }
    }
}

impl<T> Notes<T> {
    /// Changes the notes. No lock of the simulation, so threads do not switch here.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        change(&mut self.told.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Which round of [`Crashes`] this is: the same for all crashes of one script, so a workload may be drawn from it.
    pub fn round(&self) -> u64 {
        self.round
    }
}

/// A crash test: see the module.
pub struct Crashes {
    test: String,
    rounds: u64,
    stride: u64,
    recovery_stride: u64,
}

impl Crashes {
    /// `test`: its name, for the command that replays a failure.
    pub fn new(test: &str) -> Crashes {
        Crashes { test: test.to_owned(), rounds: 1, stride: 1, recovery_stride: 8 }
    }

    /// Goes through all changes so many times, each time with other seeds. 1 at first.
    pub fn rounds(mut self, rounds: u64) -> Crashes {
        self.rounds = rounds;
        self
    }

    /// Crashes at every so-manieth change only. 1 at first.
    pub fn stride(mut self, stride: u64) -> Crashes {
        self.stride = stride.max(1);
        self
    }

    /// In every so-manieth run the power goes again during recovery. 8 at first; 0: never.
    pub fn recovery_stride(mut self, stride: u64) -> Crashes {
        self.recovery_stride = stride;
        self
    }

    /// Runs `workload` until the power goes, then `check` on what is left, for every change that the workload
    /// makes. Both run inside the simulation.
    ///
    /// In some runs the power goes again during the check, and once more during the next; it is then run on what that
    /// left. Returns how many times the workload ran.
    pub fn run<T: Clone + Default + Send + Sync + 'static, E: Display>(
        self,
        workload: impl Fn(&World, &Notes<T>) -> Result<(), E> + Send + Sync + 'static,
        check: impl Fn(&World, &T) -> Result<(), E> + Send + Sync + 'static,
    ) -> u64 {
        let (workload, check) = (Arc::new(workload), Arc::new(check));
        let one = |seed: u64, change: u64| {
            let sim = SimWorld::new(seed);
            let replayed = chosen().is_some().then(|| sim.clone());
            replayed.iter().for_each(SimWorld::record_trace);
            let _replay = Replay { test: &self.test, chosen: format!("{seed}:{change}"), replayed };
            sim.disk().crash_after(change);
            let notes = Notes::<T>::new(seed / ROUND_SEEDS);
            let (told, work) = (notes.clone(), Arc::clone(&workload));
            until_power_loss(&sim, "the workload", move |world| work(world, &told));
            let ended = sim.disk().is_powered();
            sim.disk().crash();
            let told = notes.update(|told| told.clone());
            let check = Arc::clone(&check);
            let check = Arc::new(move |world: &World| check(world, &told));
            if self.recovery_stride > 0 && change % self.recovery_stride == seed % self.recovery_stride {
                recover_twice(sim.disk(), seed, &check);
            }
            until_power_loss(&sim, "the check", move |world| check(world));
            ended
        };
        if let Some((seed, change)) = chosen() {
            one(seed, change.unwrap_or(NEVER));
            return 1;
        }
        let mut runs = 0;
        let least = least_crashes();
        for round in 0.. {
            if round >= self.rounds.saturating_mul(effort()) && runs >= least {
                break;
            }
            let mut change = round % self.stride;
            // Schedules differ between seeds, and with them the number of changes; a run that ends by itself
            // was beyond the last.
            while !one(round * ROUND_SEEDS + change, change) {
                change += self.stride;
                runs += 1;
            }
        }
        runs
    }
}

/// Runs a part of a test; it may end in an error only if the power went.
fn until_power_loss<E: Display>(
    sim: &SimWorld,
    what: &str,
    part: impl FnOnce(&World) -> Result<(), E> + Send + 'static,
) {
    let world = sim.world();
    let result = sim.run(move || part(&world).map_err(|e| e.to_string()));
    if let Err(e) = result
        && sim.disk().is_powered()
    {
        panic!("{what} failed: {e}");
    }
}

/// On a fork of `disk`, loses power at some change of the recovery, and of the recovery from that, then recovers.
fn recover_twice<E: Display, C>(disk: &SimDisk, seed: u64, check: &Arc<C>)
where
    C: Fn(&World) -> Result<(), E> + Send + Sync + 'static,
{
    let recover = |disk: &SimDisk, what: &str| {
        let check = Arc::clone(check);
        until_power_loss(&SimWorld::with_disk(seed, disk.clone()), what, move |world| check(world));
    };
    // How many changes a whole recovery makes.
    let trial = disk.fork(seed);
    recover(&trial, "the check");
    let changes = trial.counters().changes - disk.counters().changes;
    let fork = disk.fork(seed);
    let mut rng = Rng::new(seed);
    for _ in 0..2 {
        fork.crash_after(rng.below(changes.max(1)));
        recover(&fork, "the check that loses power");
        fork.crash();
    }
    recover(&fork, "the check after the third power loss");
}
