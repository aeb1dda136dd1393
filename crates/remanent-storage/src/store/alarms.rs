//! What is to be done at a time, though nobody calls: ending transactions that idle too long.
//!
//! One thread for all, started when the first alarm is set, asleep until the next is due. What an alarm does is short
//! and does no I/O. In a store without threads of its own, [`Store::maintain`] does what is due.
//!
//! ```text
//!   a session ends its call within a transaction    set_alarm(after 10 s, take the transaction and drop it)
//!   it calls again                                  cancel_alarm; the transaction is still where it was left
//!   it does not                                     the thread takes it: locks and snapshot are free
//! ```

use super::{Inner, Store};
use crate::error::{Error, Result, state};
use crate::map::SortedMap;
use crate::world::sync::{Condvar, Mutex};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// What an alarm does.
pub type Action = Box<dyn FnOnce() + Send>;

/// One that is set: when, by the monotonic clock, and its number.
pub type Alarm = (Duration, u64);

/// The alarms of a store.
#[derive(Default)]
pub(super) struct Alarms {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    due: SortedMap<Alarm, Action>,
    numbers: u64,
    /// Until when the thread sleeps; None while it is awake and will look by itself.
    sleeps: Option<Duration>,
    /// There is a thread.
    attended: bool,
}

impl Alarms {
    /// Wakes the thread, to find that the store closes.
    pub(super) fn call(&self) {
        let _state = self.state.lock();
        self.changed.notify_all();
    }

    /// Does what is due by now; when the next is.
    fn ring(&self, now: Duration) -> Option<Duration> {
        loop {
            let mut state = self.state.lock();
            let first = *state.due.first()?.0;
            if first.0 > now {
                return Some(first.0);
            }
            let action = state.due.remove(&first);
            drop(state);
            if let Some(action) = action {
                action();
            }
        }
    }
}

impl Inner {
    /// Does what is due.
    pub(super) fn ring_alarms(&self) {
        self.alarms.ring(self.core.world.monotonic());
    }

    fn attend_alarms(&self) {
        while !self.stop.load(Ordering::Acquire) {
            let now = self.core.world.monotonic();
            let next = self.alarms.ring(now);
            let mut state = self.alarms.state.lock();
            // Set meanwhile, or stopped.
            if state.due.first().map(|(key, _)| key.0) != next || self.stop.load(Ordering::Acquire) {
                continue;
            }
            state.sleeps = Some(next.unwrap_or(Duration::MAX));
            let mut state = match next {
                Some(at) => self.alarms.changed.wait_timeout(state, at.saturating_sub(now)).0,
                None => self.alarms.changed.wait(state),
            };
            state.sleeps = None;
        }
    }
}

impl Store {
    /// Does something after that time, once.
    pub fn set_alarm(&self, after: Duration, action: Action) -> Result<Alarm> {
        let (inner, alarms) = (&self.inner, &self.inner.alarms);
        inner.core.check_open()?;
        let at = inner.core.world.monotonic().saturating_add(after);
        let (alarm, start) = {
            let mut state = alarms.state.lock();
            let alarm = (at, state.numbers);
            state.numbers += 1;
            state.due.insert(alarm, action);
            let start = inner.options.background && !std::mem::replace(&mut state.attended, true);
            // Most alarms are set and cancelled long before the thread's next: it is left alone then.
            if state.sleeps.is_some_and(|until| at < until) {
                state.sleeps = None;
                alarms.changed.notify_all();
            }
            (alarm, start)
        };
        if start {
            let shared = Arc::clone(inner);
            let body = Box::new(move || shared.attend_alarms());
            match inner.core.world.threads.spawn("remanent-alarms", body) {
                Ok(thread) => self.threads.lock().push(thread),
                Err(e) => {
                    let mut state = alarms.state.lock();
                    state.attended = false;
                    state.due.remove(&alarm);
                    return Err(Error::new(state::OUT_OF_MEMORY, format!("could not start a thread: {e}")));
                }
            }
        }
        Ok(alarm)
    }

    /// Forgets an alarm. What it does may have been done, or be being done.
    pub fn cancel_alarm(&self, alarm: Alarm) {
        drop(self.inner.alarms.state.lock().due.remove(&alarm));
    }
}
