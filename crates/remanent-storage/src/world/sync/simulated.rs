//! The locks of a simulation: every wait goes through the scheduler, every guard is accounted for.
//!
//! The data still lives in a `std::sync` lock. A simulated thread only ever *tries* it: it runs alone, so a lock
//! that is taken belongs to a thread that gave up the baton while holding it, and the only thing to do is to give
//! the baton back until that one is done.
#![allow(clippy::disallowed_types, reason = "this is the facade")]

use crate::world::sim::scheduler::{self, Handle, LockId};
use std::cell::RefCell;
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::panic::Location;
use std::sync::{PoisonError, TryLockError};
use std::time::Duration;

type At = &'static Location<'static>;

thread_local! {
    /// Where each guard that this thread holds was taken.
    static HELD: RefCell<Vec<At>> = const { RefCell::new(Vec::new()) };
}

/// Panics if this thread holds a lock (design rule 10): `what` would make others wait for the device.
pub(in crate::world) fn assert_unlocked(what: fmt::Arguments<'_>) {
    let held = HELD.try_with(|held| held.borrow().first().copied()).ok().flatten();
    if let Some(at) = held
        && !std::thread::panicking()
    {
        panic!("rule 10: the lock taken at {at} is held across I/O: {what}");
    }
}

/// A place where the scheduler may switch threads. Does nothing outside a simulation.
#[track_caller]
pub fn yield_point() {
    if let Some(me) = scheduler::current() {
        me.yield_at(Location::caller());
    }
}

/// A place before an access of an atomic.
pub(super) fn before_access() {
    if let Some(me) = scheduler::current() {
        me.atomic();
    }
}

/// The account of one guard.
struct Held {
    id: LockId,
    at: At,
    /// The simulated thread that holds it; None: a thread outside any simulation.
    by: Option<Handle>,
}

impl Held {
    /// Takes a lock: `now` tries, `wait` blocks the operating system's thread.
    fn take<G>(
        id: LockId,
        kind: &'static str,
        at: At,
        now: impl Fn() -> Option<G>,
        wait: impl FnOnce() -> G,
    ) -> (G, Held) {
        let by = scheduler::current();
        let guard = match &by {
            None => wait(),
            Some(me) => {
                me.before_lock(id, kind, at);
                let guard = loop {
                    if let Some(guard) = now() {
                        break guard;
                    }
                    if !me.wait_for_lock(id, kind, at) {
                        // Held by a thread outside the simulation, which needs no baton to go on.
                        break wait();
                    }
                };
                me.locked(id, at);
                guard
            }
        };
        let _ = HELD.try_with(|held| held.borrow_mut().push(at));
        (guard, Held { id, at, by })
    }

    /// Strikes the guard off; the lock itself is free already. `pause`: the scheduler may switch here.
    fn release(self, pause: bool) {
        let _ = HELD.try_with(|held| {
            let mut held = held.borrow_mut();
            if let Some(i) = held.iter().rposition(|at| std::ptr::eq(*at, self.at)) {
                held.remove(i);
            }
        });
        if let Some(me) = self.by {
            me.unlocked(self.id, pause && !std::thread::panicking());
        }
    }
}

/// What a try on a `std::sync` lock gave, poisoned or not.
fn tried<G>(result: Result<G, TryLockError<G>>) -> Option<G> {
    match result {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(e)) => Some(e.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// What tells locks apart: where they are, and how large, since a lock may begin where the lock that it
/// guards begins.
fn id_of<T>(lock: &T) -> LockId {
    (std::ptr::from_ref(lock).addr(), size_of::<T>())
}

/// Mutual exclusion.
#[derive(Debug, Default)]
pub struct Mutex<T>(std::sync::Mutex<T>);

/// The guard of a [`Mutex`].
pub struct MutexGuard<'a, T> {
    lock: &'a Mutex<T>,
    /// None only while it is being dropped or waits for a condition.
    inner: Option<(std::sync::MutexGuard<'a, T>, Held)>,
}

impl<T> Mutex<T> {
    /// An unlocked mutex.
    pub const fn new(value: T) -> Self {
        Mutex(std::sync::Mutex::new(value))
    }

    /// Waits for the lock.
    #[track_caller]
    pub fn lock(&self) -> MutexGuard<'_, T> {
        self.lock_at(Location::caller())
    }

    fn lock_at(&self, at: At) -> MutexGuard<'_, T> {
        let now = || tried(self.0.try_lock());
        let wait = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        MutexGuard { lock: self, inner: Some(Held::take(id_of(self), "Mutex", at, now, wait)) }
    }

    /// The value, when there is no other owner.
    pub fn into_inner(self) -> T {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match &self.inner {
            Some((guard, _)) => guard,
            None => unreachable!("a guard in use has its lock"),
        }
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.inner {
            Some((guard, _)) => guard,
            None => unreachable!("a guard in use has its lock"),
        }
    }
}

impl<T> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        if let Some((guard, held)) = self.inner.take() {
            drop(guard);
            held.release(true);
        }
    }
}

/// Many readers or one writer.
#[derive(Debug, Default)]
pub struct RwLock<T>(std::sync::RwLock<T>);

/// The shared guard of a [`RwLock`].
pub struct ReadGuard<'a, T>(Option<(std::sync::RwLockReadGuard<'a, T>, Held)>);

/// The exclusive guard of a [`RwLock`].
pub struct WriteGuard<'a, T>(Option<(std::sync::RwLockWriteGuard<'a, T>, Held)>);

impl<T> RwLock<T> {
    /// An unlocked lock.
    pub const fn new(value: T) -> Self {
        RwLock(std::sync::RwLock::new(value))
    }

    /// Waits for shared access.
    #[track_caller]
    pub fn read(&self) -> ReadGuard<'_, T> {
        let now = || tried(self.0.try_read());
        let wait = || self.0.read().unwrap_or_else(PoisonError::into_inner);
        ReadGuard(Some(Held::take(id_of(self), "RwLock (shared)", Location::caller(), now, wait)))
    }

    /// Waits for exclusive access.
    #[track_caller]
    pub fn write(&self) -> WriteGuard<'_, T> {
        let now = || tried(self.0.try_write());
        let wait = || self.0.write().unwrap_or_else(PoisonError::into_inner);
        WriteGuard(Some(Held::take(id_of(self), "RwLock (exclusive)", Location::caller(), now, wait)))
    }
}

impl<T> Deref for ReadGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match &self.0 {
            Some((guard, _)) => guard,
            None => unreachable!("a guard in use has its lock"),
        }
    }
}

impl<T> Deref for WriteGuard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match &self.0 {
            Some((guard, _)) => guard,
            None => unreachable!("a guard in use has its lock"),
        }
    }
}

impl<T> DerefMut for WriteGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        match &mut self.0 {
            Some((guard, _)) => guard,
            None => unreachable!("a guard in use has its lock"),
        }
    }
}

impl<T> Drop for ReadGuard<'_, T> {
    fn drop(&mut self) {
        if let Some((guard, held)) = self.0.take() {
            drop(guard);
            held.release(true);
        }
    }
}

impl<T> Drop for WriteGuard<'_, T> {
    fn drop(&mut self) {
        if let Some((guard, held)) = self.0.take() {
            drop(guard);
            held.release(true);
        }
    }
}

/// Waiting for a change of what a [`Mutex`] guards.
#[derive(Debug, Default)]
pub struct Condvar(std::sync::Condvar);

impl Condvar {
    /// A condition nobody waits for yet.
    pub const fn new() -> Self {
        Condvar(std::sync::Condvar::new())
    }

    /// Releases the lock, waits for a notification, takes the lock again. Wakes spuriously.
    #[track_caller]
    pub fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
        self.wait_at(guard, None, Location::caller()).0
    }

    /// As [`wait`](Condvar::wait), but not longer than `time`; true if the time ran out.
    #[track_caller]
    pub fn wait_timeout<'a, T>(&self, guard: MutexGuard<'a, T>, time: Duration) -> (MutexGuard<'a, T>, bool) {
        self.wait_at(guard, Some(time), Location::caller())
    }

    fn wait_at<'a, T>(
        &self,
        mut guard: MutexGuard<'a, T>,
        time: Option<Duration>,
        at: At,
    ) -> (MutexGuard<'a, T>, bool) {
        let lock = guard.lock;
        let Some((inner, held)) = guard.inner.take() else { unreachable!("a guard in use has its lock") };
        let id = held.id;
        let Some(me) = scheduler::current() else {
            held.release(false);
            let (inner, timed_out) = match time {
                None => (self.0.wait(inner).unwrap_or_else(PoisonError::into_inner), false),
                Some(time) => {
                    let (inner, result) =
                        self.0.wait_timeout(inner, time).unwrap_or_else(PoisonError::into_inner);
                    (inner, result.timed_out())
                }
            };
            let _ = HELD.try_with(|held| held.borrow_mut().push(at));
            return (MutexGuard { lock, inner: Some((inner, Held { id, at, by: None })) }, timed_out);
        };
        // This thread has the baton from here to the wait, so no notification can fall in between.
        drop(inner);
        held.release(false);
        let timed_out = me.wait_for_notice(id_of(self), time, at);
        (lock.lock_at(at), timed_out)
    }

    /// Wakes one waiter.
    #[track_caller]
    pub fn notify_one(&self) {
        self.0.notify_one();
        if let Some(me) = scheduler::current() {
            me.notify(id_of(self), false, Location::caller());
        }
    }

    /// Wakes all waiters.
    #[track_caller]
    pub fn notify_all(&self) {
        self.0.notify_all();
        if let Some(me) = scheduler::current() {
            me.notify(id_of(self), true, Location::caller());
        }
    }
}
