//! The simulated scheduler: real threads, of which exactly one runs at a time.
//!
//! The one that runs has the *baton*. It gives it back wherever the product would wait (a taken lock, a
//! condition, a sleep, a join), at every disk call, and, as often as the seed says, where it takes or frees a lock
//! or notifies. The seed then picks the successor among those that can run. Time stands still while a thread
//! computes; it moves a little at each disk call, and jumps to the next deadline when nobody can run.
//!
//! ```text
//!            start                       pick                        finish
//!   (new) ----------> Runnable  ------------------->  running  -----------------> Finished
//!                        ^                               |
//!                        |  unlocked, notify, finish,    |  wait_for_lock, wait_for_notice,
//!                        |  the deadline                 |  sleep, join
//!                        +---------- Blocked <-----------+
//! ```
//!
//! Invariants: (1) at most one live thread runs between two of its calls into this module; (2) a thread that is
//! blocked has nothing to do until its status changes; (3) every choice comes from the seed and the order of
//! calls, never from addresses or real time. Hence the same seed gives the same trace.
//!
//! When nobody can run and no deadline is left, the threads wait for each other: that is a failure, reported with
//! who waits for what. The threads of a failed simulation stay parked until the process ends: unwinding them
//! would run more of the code that is stuck.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "the simulator stands on std")]

use super::rng::Rng;
use crate::world::Thread as ThreadTrait;
use std::any::Any;
use std::cell::RefCell;
use std::fmt::{self, Write};
use std::hash::Hasher;
use std::io;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What tells locks and conditions apart: address and size.
pub(in crate::world) type LockId = (usize, usize);
type At = &'static Location<'static>;

/// Nobody has the baton.
const NOBODY: usize = usize::MAX;
/// A simulation that has not ended after so many turns is taken to be stuck in a loop.
const TURNS_MAX: u64 = 5_000_000;
/// The longest that a simulated machine may stand still while a thread could run.
const STALL_MAX: Duration = Duration::from_secs(1);

thread_local! {
    static CURRENT: RefCell<Option<Handle>> = const { RefCell::new(None) };
}

/// The simulated thread that this is, if it is one.
pub(in crate::world) fn current() -> Option<Handle> {
    CURRENT.try_with(|current| current.borrow().clone()).ok().flatten()
}

/// A simulated thread, as its own code sees it.
#[derive(Clone)]
pub(in crate::world) struct Handle {
    scheduler: Arc<Scheduler>,
    me: usize,
}

/// How often the seed lets things happen; drawn once per simulation, so that some runs are calm and some wild.
struct Policy {
    /// At a disk call, one in so many switches threads.
    switch_at_disk: u64,
    /// At a lock, a notification or a yield, one in so many.
    switch_at_lock: u64,
    /// At an access of an atomic, one in so many: there are many, and most are far from any race.
    switch_at_atomic: u64,
    /// One wait for a condition in so many ends at once.
    wake_spuriously: u64,
    /// At one switch in so many, the next deadline passes although somebody could run.
    stall: u64,
}

enum On {
    Lock(LockId, &'static str),
    Notice(LockId),
    Sleep,
    Join(usize),
}

enum Status {
    Runnable,
    Blocked { on: On, at: At, deadline: Option<Duration> },
    Finished,
}

struct ThreadState {
    name: String,
    status: Status,
    turn: Arc<Condvar>,
    /// The last wait ended at its deadline.
    timed_out: bool,
    /// What it panicked with, until somebody joins it.
    panic: Option<Box<dyn Any + Send>>,
}

struct Holding {
    id: LockId,
    by: usize,
    at: At,
}

struct State {
    seed: u64,
    rng: Rng,
    policy: Policy,
    now: Duration,
    threads: Vec<ThreadState>,
    /// Those not finished, in the order of their start.
    live: Vec<usize>,
    running: usize,
    held: Vec<Holding>,
    turns: u64,
    failure: Option<String>,
    trace: Trace,
}

/// What happened, as a hash and, where asked for, as text.
struct Trace {
    hash: u64,
    lines: Option<Vec<String>>,
    buffer: String,
}

impl Trace {
    fn note(&mut self, name: &str, event: fmt::Arguments<'_>) {
        self.buffer.clear();
        let _ = write!(self.buffer, "{name}: {event}");
        let mut hasher = rustc_hash::FxHasher::default();
        hasher.write_u64(self.hash);
        hasher.write(self.buffer.as_bytes());
        self.hash = hasher.finish();
        if let Some(lines) = &mut self.lines {
            lines.push(self.buffer.clone());
        }
    }
}

/// All threads of one simulation.
pub(super) struct Scheduler {
    state: Mutex<State>,
    /// All threads have finished, or the simulation has failed.
    ended: Condvar,
}

/// Why a simulation failed.
pub(super) enum Failure {
    /// A thread panicked and nobody joined it.
    Panic(Box<dyn Any + Send>),
    /// The threads wait for each other or never end; the text says who does what.
    Stuck(String),
}

impl Scheduler {
    pub(super) fn new(seed: u64) -> Arc<Scheduler> {
        let mut rng = Rng::new(seed ^ 0x5c4e_d01e_5c4e_d01e);
        let policy = Policy {
            switch_at_disk: *rng.pick(&[1, 2, 4, 16]),
            switch_at_lock: *rng.pick(&[1, 4, 16, 64]),
            switch_at_atomic: *rng.pick(&[8, 64, 512, 4096]),
            wake_spuriously: *rng.pick(&[0, 0, 4, 16]),
            stall: *rng.pick(&[0, 64, 256]),
        };
        let state = State {
            seed,
            rng,
            policy,
            now: Duration::ZERO,
            threads: Vec::new(),
            live: Vec::new(),
            running: NOBODY,
            held: Vec::new(),
            turns: 0,
            failure: None,
            trace: Trace { hash: 0, lines: None, buffer: String::new() },
        };
        Arc::new(Scheduler { state: Mutex::new(state), ended: Condvar::new() })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `body` as the first thread and waits until it and all that it started have finished.
    pub(super) fn run(self: &Arc<Self>, body: Box<dyn FnOnce() + Send>) -> Result<(), Failure> {
        assert!(current().is_none(), "a simulation cannot be run inside a simulation");
        {
            let st = self.lock();
            assert!(st.failure.is_none(), "this simulated world has failed; make a new one");
            assert!(st.live.is_empty(), "this simulated world is running already");
        }
        let root = self.start("main", body).map_err(|e| Failure::Stuck(e.to_string()))?;
        let mut st = self.lock();
        st.running = root;
        self.hand_over(&st);
        while st.failure.is_none() && !st.live.is_empty() {
            st = self.ended.wait(st).unwrap_or_else(PoisonError::into_inner);
        }
        let panicked = st.threads.iter_mut().find_map(|t| t.panic.take());
        match (panicked, st.failure.clone()) {
            (Some(panic), stuck) => {
                if let Some(stuck) = stuck {
                    eprintln!("{stuck}");
                }
                Err(Failure::Panic(panic))
            }
            (None, Some(stuck)) => Err(Failure::Stuck(stuck)),
            (None, None) => Ok(()),
        }
    }

    /// Makes a thread that can run; it does when it is picked.
    fn start(self: &Arc<Self>, name: &str, body: Box<dyn FnOnce() + Send>) -> io::Result<usize> {
        let me = {
            let mut st = self.lock();
            let me = st.threads.len();
            st.threads.push(ThreadState {
                name: format!("{me}/{name}"),
                status: Status::Runnable,
                turn: Arc::new(Condvar::new()),
                timed_out: false,
                panic: None,
            });
            st.live.push(me);
            me
        };
        let handle = Handle { scheduler: Arc::clone(self), me };
        let main = move || {
            CURRENT.set(Some(handle.clone()));
            handle.scheduler.wait_for_turn(handle.scheduler.lock(), me);
            let result = catch_unwind(AssertUnwindSafe(body));
            CURRENT.set(None);
            handle.scheduler.finish(me, result.err());
        };
        let spawned = std::thread::Builder::new().name(name.replace('\0', "")).spawn(main);
        if let Err(e) = spawned {
            let mut st = self.lock();
            st.threads[me].status = Status::Finished;
            st.live.retain(|&t| t != me);
            return Err(e);
        }
        Ok(me)
    }

    fn finish(&self, me: usize, panic: Option<Box<dyn Any + Send>>) {
        let mut st = self.lock();
        st.note(me, format_args!("{}", if panic.is_some() { "panicked" } else { "finished" }));
        st.threads[me].status = Status::Finished;
        st.threads[me].panic = panic;
        st.live.retain(|&t| t != me);
        st.wake(|on| matches!(on, On::Join(t) if *t == me));
        st.choose(None);
        self.hand_over(&st);
    }

    /// Tells whoever has the baton now.
    fn hand_over(&self, st: &State) {
        match st.threads.get(st.running) {
            Some(next) => next.turn.notify_one(),
            None => self.ended.notify_all(),
        }
    }

    /// Waits until this thread has the baton.
    fn wait_for_turn(&self, mut st: MutexGuard<'_, State>, me: usize) {
        let turn = Arc::clone(&st.threads[me].turn);
        while st.running != me {
            st = turn.wait(st).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Picks who goes on, and waits for the turn if that is another.
    fn switch(&self, mut st: MutexGuard<'_, State>, me: usize) {
        st.choose(Some(me));
        if st.running != me {
            self.hand_over(&st);
            self.wait_for_turn(st, me);
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.lock().now
    }

    pub(super) fn advance(&self, time: Duration) -> Duration {
        let mut st = self.lock();
        st.now = st.now.saturating_add(time);
        st.now
    }

    pub(super) fn random(&self) -> u64 {
        self.lock().rng.next()
    }

    pub(super) fn trace_hash(&self) -> u64 {
        self.lock().trace.hash
    }

    pub(super) fn record_trace(&self) {
        self.lock().trace.lines.get_or_insert_default();
    }

    pub(super) fn trace(&self) -> Vec<String> {
        self.lock().trace.lines.clone().unwrap_or_default()
    }
}

impl State {
    fn note(&mut self, me: usize, event: fmt::Arguments<'_>) {
        let State { threads, trace, .. } = self;
        trace.note(&threads[me].name, event);
    }

    /// Those blocked on what `wanted` says can run.
    fn wake(&mut self, wanted: impl Fn(&On) -> bool) {
        for &t in &self.live {
            let thread = &mut self.threads[t];
            if matches!(&thread.status, Status::Blocked { on, .. } if wanted(on)) {
                thread.status = Status::Runnable;
                thread.timed_out = false;
            }
        }
    }

    /// Those whose deadline has come can run.
    fn expire(&mut self) {
        for &t in &self.live {
            let thread = &mut self.threads[t];
            if matches!(thread.status, Status::Blocked { deadline: Some(d), .. } if d <= self.now) {
                thread.status = Status::Runnable;
                thread.timed_out = true;
            }
        }
    }

    fn next_deadline(&self) -> Option<Duration> {
        let deadline = |&t: &usize| match self.threads[t].status {
            Status::Blocked { deadline, .. } => deadline,
            _ => None,
        };
        self.live.iter().filter_map(deadline).min()
    }

    /// Gives the baton to one of those that can run; `from` had it.
    fn choose(&mut self, from: Option<usize>) {
        self.turns += 1;
        if self.turns > TURNS_MAX {
            return self.fail("the simulation does not end");
        }
        if self.rng.one_in(self.policy.stall)
            && let Some(deadline) = self.next_deadline()
            && deadline <= self.now.saturating_add(STALL_MAX)
        {
            self.now = self.now.max(deadline);
        }
        self.expire();
        let mut ready = self.count_ready();
        if ready == 0
            && let Some(deadline) = self.next_deadline()
        {
            self.now = self.now.max(deadline);
            self.expire();
            ready = self.count_ready();
        }
        if ready == 0 {
            match self.live.is_empty() {
                true => self.running = NOBODY,
                false => self.fail("deadlock: every thread waits"),
            }
            return;
        }
        let mut nth = self.rng.below(ready);
        for &t in &self.live {
            if matches!(self.threads[t].status, Status::Runnable) {
                if nth == 0 {
                    self.running = t;
                    break;
                }
                nth -= 1;
            }
        }
        if from != Some(self.running) {
            let next = self.running;
            self.note(next, format_args!("runs"));
        }
    }

    fn count_ready(&self) -> u64 {
        self.live.iter().filter(|&&t| matches!(self.threads[t].status, Status::Runnable)).count() as u64
    }

    /// Ends the simulation: nobody gets the baton any more.
    fn fail(&mut self, what: &str) {
        self.running = NOBODY;
        let mut report =
            format!("{what} (seed {}, simulated time {:?}, {} turns)", self.seed, self.now, self.turns);
        for &t in &self.live {
            let thread = &self.threads[t];
            let _ = write!(report, "\n  {} ", thread.name);
            let _ = match &thread.status {
                Status::Blocked { on, at, .. } => match on {
                    On::Lock(id, kind) => {
                        let _ = write!(report, "waits for a {kind} at {at}");
                        self.held.iter().filter(|h| h.id == *id).try_for_each(|h| {
                            write!(report, ", held by {} since {}", self.threads[h.by].name, h.at)
                        })
                    }
                    On::Notice(_) => write!(report, "waits for a notification at {at}"),
                    On::Sleep => write!(report, "sleeps at {at}"),
                    On::Join(other) => write!(report, "joins {} at {at}", self.threads[*other].name),
                },
                _ => write!(report, "runs"),
            };
        }
        self.failure = Some(report);
    }
}

impl Handle {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.scheduler.lock()
    }

    /// Blocks this thread; true if the deadline came first.
    fn block(&self, mut st: MutexGuard<'_, State>, on: On, at: At, deadline: Option<Duration>) -> bool {
        st.threads[self.me].status = Status::Blocked { on, at, deadline };
        self.scheduler.switch(st, self.me);
        self.lock().threads[self.me].timed_out
    }

    /// A point where the seed may let another thread go first, one time in so many.
    fn maybe_switch(&self, mut st: MutexGuard<'_, State>, one_in: u64) {
        if st.live.len() > 1 && st.rng.one_in(one_in) {
            self.scheduler.switch(st, self.me);
        }
    }

    /// A disk call: takes a little time, and others may come before it.
    pub(in crate::world) fn disk_call(&self, event: fmt::Arguments<'_>) {
        let mut st = self.lock();
        st.note(self.me, event);
        let micros = st.rng.below(100);
        st.now = st.now.saturating_add(Duration::from_micros(micros));
        let one_in = st.policy.switch_at_disk;
        self.maybe_switch(st, one_in);
    }

    pub(in crate::world) fn yield_at(&self, _at: At) {
        let st = self.lock();
        let one_in = st.policy.switch_at_lock;
        self.maybe_switch(st, one_in);
    }

    pub(in crate::world) fn atomic(&self) {
        let st = self.lock();
        let one_in = st.policy.switch_at_atomic;
        if !std::thread::panicking() {
            self.maybe_switch(st, one_in);
        }
    }

    pub(in crate::world) fn before_lock(&self, id: LockId, kind: &str, at: At) {
        let st = self.lock();
        let again = st.held.iter().find(|h| h.id == id && h.by == self.me).map(|h| h.at);
        if let Some(since) = again
            && !std::thread::panicking()
        {
            drop(st);
            panic!("this thread takes the {kind} at {at} again; it holds it since {since}");
        }
        let one_in = st.policy.switch_at_lock;
        self.maybe_switch(st, one_in);
    }

    /// Waits until somebody frees the lock; false if nobody in the simulation holds it.
    pub(in crate::world) fn wait_for_lock(&self, id: LockId, kind: &'static str, at: At) -> bool {
        let mut st = self.lock();
        if !st.held.iter().any(|h| h.id == id) {
            return false;
        }
        st.note(self.me, format_args!("waits for a {kind} at {at}"));
        self.block(st, On::Lock(id, kind), at, None);
        true
    }

    pub(in crate::world) fn locked(&self, id: LockId, at: At) {
        self.lock().held.push(Holding { id, by: self.me, at });
    }

    pub(in crate::world) fn unlocked(&self, id: LockId, pause: bool) {
        let mut st = self.lock();
        if let Some(i) = st.held.iter().rposition(|h| h.id == id && h.by == self.me) {
            st.held.remove(i);
        }
        st.wake(|on| matches!(on, On::Lock(other, _) if *other == id));
        if pause {
            let one_in = st.policy.switch_at_lock;
            self.maybe_switch(st, one_in);
        }
    }

    /// Waits for a notification; true if the time ran out.
    pub(in crate::world) fn wait_for_notice(&self, id: LockId, time: Option<Duration>, at: At) -> bool {
        let mut st = self.lock();
        st.note(self.me, format_args!("waits for a notification at {at}"));
        let one_in = st.policy.wake_spuriously;
        if st.rng.one_in(one_in) {
            self.scheduler.switch(st, self.me);
            return false;
        }
        let deadline = time.map(|time| st.now.saturating_add(time));
        self.block(st, On::Notice(id), at, deadline)
    }

    pub(in crate::world) fn notify(&self, id: LockId, all: bool, at: At) {
        let mut st = self.lock();
        st.note(self.me, format_args!("notifies at {at}"));
        if all {
            st.wake(|on| matches!(on, On::Notice(other) if *other == id));
        } else {
            let waits = |t: &usize| matches!(&st.threads[*t].status, Status::Blocked { on: On::Notice(other), .. } if *other == id);
            let waiting: Vec<usize> = st.live.iter().copied().filter(waits).collect();
            if !waiting.is_empty() {
                let lucky = *st.rng.pick(&waiting);
                st.threads[lucky].status = Status::Runnable;
                st.threads[lucky].timed_out = false;
            }
        }
        let one_in = st.policy.switch_at_lock;
        if !std::thread::panicking() {
            self.maybe_switch(st, one_in);
        }
    }

    pub(super) fn sleep(&self, time: Duration, at: At) {
        let mut st = self.lock();
        st.note(self.me, format_args!("sleeps {time:?}"));
        let deadline = st.now.saturating_add(time);
        self.block(st, On::Sleep, at, Some(deadline));
    }

    pub(super) fn spawn(
        &self,
        name: &str,
        body: Box<dyn FnOnce() + Send>,
    ) -> io::Result<Box<dyn ThreadTrait>> {
        let other = self.scheduler.start(name, body)?;
        let mut st = self.lock();
        st.note(self.me, format_args!("starts {other}/{name}"));
        let one_in = st.policy.switch_at_lock;
        self.maybe_switch(st, one_in);
        Ok(Box::new(SimThread { scheduler: Arc::clone(&self.scheduler), other }))
    }
}

/// What is returned to whoever started a simulated thread.
struct SimThread {
    scheduler: Arc<Scheduler>,
    other: usize,
}

impl ThreadTrait for SimThread {
    fn join(self: Box<Self>) {
        let finished = |st: &State| matches!(st.threads[self.other].status, Status::Finished);
        let mut st = self.scheduler.lock();
        while !finished(&st) {
            let Some(me) = current() else {
                drop(st);
                panic!("a simulated thread that runs can only be joined inside its simulation");
            };
            st.note(me.me, format_args!("joins {}", self.other));
            me.block(st, On::Join(self.other), Location::caller(), None);
            st = self.scheduler.lock();
        }
        let panic = st.threads[self.other].panic.take();
        drop(st);
        if let Some(panic) = panic {
            resume_unwind(panic);
        }
    }
}
