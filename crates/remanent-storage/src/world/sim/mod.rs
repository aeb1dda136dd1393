//! A simulated world: one seed decides what the disk loses and which thread goes next.
//!
//! The engine that runs here is the engine that ships: it sees a [`World`] and its locks, and cannot tell. A test
//! runs it under many seeds; a seed that fails replays exactly.
//!
//! # Example
//!
//! ```
//! use remanent_storage::world::sim::SimWorld;
//! use remanent_storage::world::sync::Mutex;
//! use std::sync::Arc;
//!
//! // Two threads add one each, but read and write under separate locks: a check-then-act race.
//! let lossy = |seed| {
//!     let sim = SimWorld::new(seed);
//!     let world = sim.world();
//!     sim.run(move || {
//!         let sum = Arc::new(Mutex::new(0));
//!         let add = |sum: Arc<Mutex<i32>>| move || {
//!             let seen = *sum.lock();
//!             *sum.lock() = seen + 1;
//!         };
//!         let other = world.spawn("adder", add(sum.clone())).unwrap();
//!         add(sum.clone())();
//!         other.join();
//!         let total = *sum.lock();
//!         total != 2
//!     })
//! };
//! let seed = (0..100).find(|&seed| lossy(seed)).expect("some seed finds the race");
//! assert!(lossy(seed)); // and finds it again
//! ```
//!
//! # Parts
//!
//! | file | what it simulates |
//! |---|---|
//! | `scheduler` | threads, time, waits |
//! | `disk` | calls, faults, crashes on demand |
//! | `image` | what a file and a directory hold, and what of it survives |
//! | `harness` | workloads that lose power at every change |
//! | `rng` | choices |
//!
//! # How a crash plays out
//!
//! [`SimDisk::crash_after`] cuts the power at a chosen change. From there on every disk call fails, so the engine
//! reports errors, its threads end as they would on a broken device, and [`SimWorld::run`] returns. Nothing of what
//! they do after that moment reaches the disk, which is all that a power loss means to what is stored.
//! [`SimDisk::crash`] then decides what survived, and the next `run` recovers from it.
//!
//! # Limits
//!
//! - Threads switch only where they wait, call the disk, or touch a lock: races between atomics show only where
//!   the code says [`sync::yield_point`](super::sync::yield_point). Memory is sequentially consistent here.
//! - A body must end all threads it started; a thread that waits for ever fails the run as a deadlock.
//! - A failed run leaves its parked threads behind until the process ends.

mod disk;
mod harness;
mod image;
mod rng;
pub(in crate::world) mod scheduler;

pub use disk::{Counters, Fault, Op, POWER_LOSS, SimDisk};
pub use harness::{Crashes, Notes, crash_seeds, seeds};
pub use image::Survival;
pub use rng::Rng;

use super::{Clock, Thread, Threads, World};
use scheduler::{Failure, Scheduler};
use std::any::Any;
use std::io;
use std::panic::{Location, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

/// 2026-01-01 00:00:00 UTC in microseconds since 2000-01-01: when every simulation begins.
const START_US: i64 = 820_540_800_000_000;

/// A disk, a clock and threads that one seed decides about.
#[derive(Clone)]
pub struct SimWorld {
    scheduler: Arc<Scheduler>,
    disk: SimDisk,
}

impl SimWorld {
    /// A world with an empty disk.
    pub fn new(seed: u64) -> SimWorld {
        SimWorld::with_disk(seed, SimDisk::new(seed))
    }

    /// A world around a disk that there is already, such as a [`fork`](SimDisk::fork). `seed` is the scheduler's.
    pub fn with_disk(seed: u64, disk: SimDisk) -> SimWorld {
        SimWorld { scheduler: Scheduler::new(seed), disk }
    }

    /// What the engine sees of it.
    pub fn world(&self) -> World {
        self.process(0)
    }

    /// What another process sees of it: the same disk, clock and scheduler, and locks and handles of its own, which
    /// [`SimDisk::kill`] takes from it.
    pub fn process(&self, process: u32) -> World {
        let threads = Arc::new(SimThreads { scheduler: Arc::clone(&self.scheduler), process });
        World { disk: Arc::new(self.disk.process(process)), clock: threads.clone(), threads }
    }

    /// Its disk, to break and to look at.
    pub fn disk(&self) -> &SimDisk {
        &self.disk
    }

    /// Runs `body` as the first simulated thread; returns when it and all threads that it started have ended.
    ///
    /// # Panics
    /// With the panic of a thread that nobody joined, or with a report of who waits for what, if they wait for
    /// each other.
    pub fn run<R: Send + 'static>(&self, body: impl FnOnce() -> R + Send + 'static) -> R {
        match self.run_inner(body) {
            Ok(result) => result,
            Err(Failure::Panic(panic)) => resume_unwind(panic),
            Err(Failure::Stuck(report)) => panic!("{report}"),
        }
    }

    /// As [`run`](SimWorld::run), but a panic or a deadlock is returned as text.
    pub fn try_run<R: Send + 'static>(&self, body: impl FnOnce() -> R + Send + 'static) -> Result<R, String> {
        self.run_inner(body).map_err(|failure| match failure {
            Failure::Panic(panic) => panic_text(&*panic),
            Failure::Stuck(report) => report,
        })
    }

    #[allow(clippy::disallowed_types, reason = "the simulator stands on std")]
    fn run_inner<R: Send + 'static>(&self, body: impl FnOnce() -> R + Send + 'static) -> Result<R, Failure> {
        let slot = Arc::new(std::sync::Mutex::new(None));
        let result = Arc::clone(&slot);
        self.scheduler.run(Box::new(move || {
            let value = body();
            if let Ok(mut slot) = result.lock() {
                *slot = Some(value);
            }
        }))?;
        let value = slot.lock().ok().and_then(|mut slot| slot.take());
        value.ok_or_else(|| Failure::Stuck("the body of the simulation gave no result".to_owned()))
    }

    /// A fingerprint of everything that happened so far: every switch, wait and disk call, with the bytes written.
    /// The same seed and the same code give the same.
    pub fn trace_hash(&self) -> u64 {
        self.scheduler.trace_hash()
    }

    /// Keeps the trace as text from now on.
    pub fn record_trace(&self) {
        self.scheduler.record_trace();
    }

    /// What was recorded: one line per event, "thread: event".
    pub fn trace(&self) -> Vec<String> {
        self.scheduler.trace()
    }
}

/// What a panic said.
fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|s| (*s).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without text".to_owned())
}

struct SimThreads {
    scheduler: Arc<Scheduler>,
    process: u32,
}

impl Clock for SimThreads {
    fn now(&self) -> i64 {
        START_US + self.monotonic().as_micros() as i64
    }

    fn monotonic(&self) -> Duration {
        // Looking at the clock takes a moment, so that a loop that waits for a time ends.
        match scheduler::current() {
            Some(_) => self.scheduler.advance(Duration::from_micros(1)),
            None => self.scheduler.now(),
        }
    }
}

impl Threads for SimThreads {
    fn spawn(&self, name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<Box<dyn Thread>> {
        match scheduler::current() {
            Some(me) => me.spawn(name, body),
            None => Err(io::Error::other("simulated threads are started inside SimWorld::run")),
        }
    }

    fn sleep(&self, time: Duration) {
        match scheduler::current() {
            Some(me) => me.sleep(time, Location::caller()),
            None => {
                self.scheduler.advance(time);
            }
        }
    }

    fn yield_now(&self) {
        if let Some(me) = scheduler::current() {
            me.yield_at(Location::caller());
        }
    }

    fn process(&self) -> u32 {
        std::process::id().wrapping_add(self.process)
    }

    fn random(&self) -> u64 {
        self.scheduler.random()
    }
}
