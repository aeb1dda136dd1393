//! Which time rows are old by: the system's clock, as far as it is to be believed.
//!
//! A robot whose clock has no battery boots in 1970, or in 2038, until somebody sets it. Rows that left by such a clock would not
//! come back, so the store keeps a time of its own beside it, the *known* one. It goes on with the time that passes while the store is
//! open, and stands in the manifest ([`Edit::Clock`](super::manifest::Edit)) while it is not.
//!
//! ```text
//!   the clock says                     rows leave by         the known time becomes
//!   about what is known (an hour)      the clock             the clock's
//!   more, for too short a time         nothing               what passed more
//!   less, for too short a time         the clock             what passed more
//!   either, for long enough            the clock             the clock's
//! ```
//!
//! *Long enough* is a 24th of what they differ by, at least an hour and at most a day, of time in which the store was open, over
//! several openings where one is too short: a night costs an hour, a month a day. What differs may be the time the store was closed,
//! which nobody can tell from a clock that is wrong.
//!
//! # Limits
//!
//! A clock that is wrong for longer is believed. A clock that was wrong when the first table with a lifetime was made is what
//! is known. Rows that were written under a wrong clock bear its times, and leave by them once the right one is believed. Of time in which the
//! store was open counts what the last flush, merge or close has written. While a machine sleeps no time passes.

use super::Inner;
use super::manifest::Edit;
use std::time::Duration;

/// By how much, in microseconds, the clock may differ from what is known.
const TOLERANCE: u64 = 3_600_000_000;

/// A lead must last for one of so many parts of it.
const PATIENCE_SHARE: u64 = 24;

/// But no longer.
const PATIENCE_MAX: u64 = 24 * TOLERANCE;

/// The time that is known.
#[derive(Clone, Copy)]
pub(super) struct Clock {
    known: i64,
    /// When that was.
    since: Duration,
    /// For how many microseconds the clock has been seen ahead, or below zero: behind; 0: it agreed.
    doubted: i64,
}

impl Clock {
    /// What an earlier opening knew.
    pub(super) fn of(kept: Option<(i64, i64)>, ticks: Duration) -> Option<Clock> {
        kept.map(|(known, doubted)| Clock { known, since: ticks, doubted })
    }

    /// What is known when the clock says something; and whether rows may leave by that.
    fn next(seen: Option<Clock>, now: i64, ticks: Duration) -> (Clock, bool) {
        let agreed = (Clock { known: now, since: ticks, doubted: 0 }, true);
        let Some(seen) = seen else { return agreed };
        let passed = ticks.saturating_sub(seen.since).as_micros().try_into().unwrap_or(i64::MAX);
        let known = seen.known.saturating_add(passed);
        let (differs, side) = (now.abs_diff(known), if now > known { 1 } else { -1 });
        let doubted = match seen.doubted.signum() == side {
            true => seen.doubted.saturating_add(passed.saturating_mul(side)),
            false => side,
        };
        let patience = (differs / PATIENCE_SHARE).clamp(TOLERANCE, PATIENCE_MAX);
        if differs <= TOLERANCE || doubted.unsigned_abs() > patience {
            return agreed;
        }
        (Clock { known, since: ticks, doubted }, side < 0)
    }
}

impl Inner {
    /// The time of the clock, None while it is not believed.
    pub(super) fn settled_now(&self) -> Option<i64> {
        let (now, ticks) = (self.core.world.now(), self.core.world.monotonic());
        let mut seen = self.clock.lock();
        let (clock, believed) = Clock::next(*seen, now, ticks);
        *seen = Some(clock);
        believed.then_some(now)
    }

    /// What is known, to be kept; nothing where no table asked.
    pub(super) fn clock_edit(&self) -> Option<Edit> {
        self.clock.lock().map(|clock| Edit::Clock { known: clock.known, doubted: clock.doubted })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;
    const DAY: i64 = 24 * 60 * MINUTE;

    /// A clock beside the time that passes, in minutes.
    struct Watch(Option<Clock>);

    impl Watch {
        fn believes(&mut self, now: i64, minutes: u64) -> bool {
            let (clock, believed) = Clock::next(self.0, now, Duration::from_secs(60 * minutes));
            self.0 = Some(clock);
            believed
        }

        /// Closed, and opened again by another process.
        fn reopen(&mut self) {
            self.0 = Clock::of(self.0.map(|clock| (clock.known, clock.doubted)), Duration::ZERO);
        }
    }

    #[test]
    fn a_clock_that_leaps_ahead_is_believed_when_it_has_lasted() {
        let mut watch = Watch(None);
        assert!(watch.believes(0, 0));
        assert!(watch.believes(100 * MINUTE, 100), "as much time passed");
        assert!(!watch.believes(1_000 * MINUTE, 101), "ahead");
        assert!(!watch.believes(1_059 * MINUTE, 160));
        assert!(watch.believes(1_060 * MINUTE, 161), "it may have been set right");
        assert!(!watch.believes(9_000 * DAY, 162));
        assert!(!watch.believes(9_000 * DAY, 162 + 23 * 60), "the more it is ahead, the longer it takes");
        assert!(watch.believes(9_000 * DAY, 162 + 24 * 60 + 1));
    }

    #[test]
    fn a_clock_that_is_back_where_it_was_was_never_believed() {
        let mut watch = Watch(None);
        assert!(watch.believes(0, 0));
        assert!(!watch.believes(9_000 * DAY, 1));
        assert!(watch.believes(30 * MINUTE, 30));
        assert!(!watch.believes(9_000 * DAY, 31), "and is doubted as before");
        assert!(!watch.believes(9_000 * DAY, 1_400));
        assert!(watch.believes(i64::MIN, 1_401) && !watch.believes(i64::MAX, 1_402));
    }

    #[test]
    fn what_is_known_outlives_a_clock_that_starts_in_1970() {
        let mut watch = Watch(None);
        assert!(watch.believes(10_000 * DAY, 0));
        assert!(watch.believes(10_000 * DAY + 480 * MINUTE, 480));
        watch.reopen();
        assert!(watch.believes(-10_000 * DAY, 0), "what is early takes nothing");
        assert!(!watch.believes(10_001 * DAY, 2), "set right, a night is in doubt for an hour");
        assert!(!watch.believes(10_001 * DAY + 59 * MINUTE, 61));
        assert!(watch.believes(10_001 * DAY + 60 * MINUTE, 62));
    }

    #[test]
    fn openings_that_are_too_short_add_up() {
        let mut watch = Watch(None);
        assert!(watch.believes(0, 0));
        for opening in 0..6 {
            watch.reopen();
            assert!(!watch.believes(DAY + 10 * opening * MINUTE, 0), "{opening}");
            assert!(!watch.believes(DAY + 10 * opening * MINUTE + 9 * MINUTE, 9), "{opening}");
        }
        watch.reopen();
        assert!(watch.believes(DAY + 68 * MINUTE, 8));
    }
}
