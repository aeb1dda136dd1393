//! The oldest rows leave by themselves: retention and disk budgets ([`Lifetime`]).
//!
//! # How rows leave
//!
//! 1. *Sweep*: a transaction of the background commits a record that says which rows go ([`table::sweep`](crate::table::sweep)).
//!    From here on no new snapshot sees them; their segments have marks, as after any delete.
//! 2. *Flush*: what makes a segment mostly dead is flushed ([`has_heavy_marks`](super::flush)), so that recovery needs it no more.
//! 3. *Drop*: a segment all of whose rows are gone for everyone is forgotten whole, with the parts of its indexes and the large
//!    values that only it names ([`Inner::drop_dead`]). Nothing is read or written but the manifest. Others are written anew
//!    without their dead rows, when these are worth it, as the merge policy says.
//!
//! # When
//!
//! Retention: when the time up to which rows leave has moved by a [`STEPS`]th of the retention since the last sweep, at least by
//! a second and at most by an hour. A row therefore leaves at most that much too late, and a second for the round.
//!
//! A disk budget: when the table's living cold files ([`Holding`]) are more than the budget. Whole segments leave, oldest
//! first, by the greatest value of the column; one that is more than a quarter of the budget is halved by its values instead, as often
//! as is needed. Rows that are not flushed stay. What merges make is bounded by [`Bounds`], so that there are such segments.
//!
//! # Limits
//!
//! *Bounded* by a budget are the bytes of segments, parts and named large values in which a row still lives, after each round.
//! Dead files stay as long as a snapshot or a follower sees their rows; a merge needs the space of what it writes; the log and rows in memory
//! are apart. The clock of the system is believed as [`clock`](super::clock) says. A sweep takes at most about [`SWEEP_ROWS`] rows, or one segment, so that a commit never waits for a large one; more follow in
//! the same round. Where somebody holds the table alone (DDL, a bulk load) the sweep is left for the next round.

use super::Inner;
use super::draft::Draft;
use super::manifest::Edit;
use super::sizes::bytes_of;
use crate::Lsn;
use crate::error::Result;
use crate::table::lifetime::{Lifetime, number};
use crate::table::ordinals::OrdinalMap;
use crate::table::policy::DEAD_SHARE;
use crate::table::version::{ColdHandle, Forward, Table};
use crate::txn::Txn;
use crate::value::{Interval, Type};
use remanent_kernels::sort::sort_by;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Into how many steps a retention is cut.
const STEPS: i64 = 64;

/// The shortest and the longest step, in microseconds.
const STEP_MIN: i64 = 1_000_000;
const STEP_MAX: i64 = 3_600_000_000;

/// About how many rows one record takes out.
const SWEEP_ROWS: u64 = 4 << 20;

/// A segment that is more than one in so many parts of a budget does not leave whole.
const WHOLE_SHARE: u64 = 4;

/// A segment that is more than one in so many parts of a budget is merged with no other: eight of them are a quarter of it.
const MERGED_SHARE: u64 = 32;

/// Into how many windows a retention is cut, of which each has its own segments.
const WINDOWS: i128 = 16;

const MICROS_PER_DAY: i128 = 86_400_000_000;

/// A cold segment in which rows live, as a budget sees it.
struct Holding {
    /// The least and the greatest value of the column; None where no row has one.
    ends: Option<(i64, i64)>,
    rows: u64,
    bytes: u64,
}

impl Inner {
    /// Lets rows leave that are too old or too many. Only while `exclusive` is held.
    pub(super) fn retire_rows(&self) -> Result<()> {
        let catalog = self.core.snapshots.catalog();
        let mut failed = Ok(());
        for table in catalog.all().filter(|table| !table.def.options.is_empty()) {
            // Options that mean nothing here were set by a newer version.
            let Ok(Some(lifetime)) = Lifetime::of(&table.def) else { continue };
            let done = self.retire_old(table, &lifetime).and_then(|()| self.retire_beyond(table, &lifetime));
            match done {
                // Another definition meanwhile, or a lock: the next round sees what is there then.
                Err(e) if e.is_restart() => {}
                done => failed = failed.and(done),
            }
        }
        failed
    }

    /// Retention.
    fn retire_old(&self, table: &Arc<Table>, lifetime: &Lifetime) -> Result<()> {
        let (Some(now), reached) = (self.settled_now(), table.swept()) else { return Ok(()) };
        let cutoff = |at: i64| lifetime.cutoff(&table.def, at);
        let Some(cutoff_now) = cutoff(now) else { return Ok(()) };
        let a_step_ago =
            lifetime.retention.and_then(|span| cutoff(now.saturating_sub(step(span)))).unwrap_or(i64::MIN);
        // Back: the retention has become longer since, or the clock was set.
        let back = cutoff_now < reached;
        if !back && (a_step_ago < reached || cutoff_now == reached) {
            return Ok(());
        }
        let cutoff = cutoff_now;
        for high in self.steps(table, lifetime, cutoff)? {
            if self.sweep(table, lifetime, high)?.is_none() {
                return Ok(());
            }
        }
        table.set_swept(cutoff);
        Ok(())
    }

    /// Up to where to sweep, one record after the other, so that none takes very many rows.
    fn steps(&self, table: &Table, lifetime: &Lifetime, cutoff: i64) -> Result<Vec<i64>> {
        let held = self.holdings(table, lifetime, &|cold| cold.bytes)?;
        let whole = held.iter().filter_map(|held| Some((held.ends?.1, held.rows)));
        let mut whole: Vec<(i64, u64)> = whole.filter(|(last, _)| *last < cutoff).collect();
        whole.sort_unstable();
        let (mut steps, mut rows) = (Vec::new(), 0);
        for (last, more) in whole {
            if rows > 0 && rows + more > SWEEP_ROWS {
                steps.push(last);
                rows = 0;
            }
            rows += more;
        }
        steps.push(cutoff);
        Ok(steps)
    }

    /// The disk budget.
    fn retire_beyond(&self, table: &Arc<Table>, lifetime: &Lifetime) -> Result<()> {
        let Some(budget) = lifetime.disk_budget else { return Ok(()) };
        // Deletes make it no larger, so as long as no segment and no part comes it fits as it did.
        let state = |cold: &Arc<ColdHandle>| (u64::from(cold.id) << 8) + cold.parts.ids().len() as u64 + 1;
        let seen = table
            .version()
            .cold
            .iter()
            .map(state)
            .fold(budget, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        if table.fitted() == seen {
            return Ok(());
        }
        let lengths = self.lengths_of_segments();
        let mut swept = i64::MIN;
        loop {
            let mut held = self.holdings(table, lifetime, &|cold| bytes_of(cold, &lengths))?;
            sort_by(&mut held, &|a, b| a.ends.map(|(f, l)| (l, f)).cmp(&b.ends.map(|(f, l)| (l, f))));
            let Some((high, most)) = beyond(&held, budget, swept).filter(|(high, _)| *high > swept) else {
                break;
            };
            let least = held.iter().filter_map(|held| Some(held.ends?.0)).min().unwrap_or(swept).max(swept);
            let Some(high) = self.sweep_most(table, lifetime, (least, high), most)? else { return Ok(()) };
            swept = high;
        }
        table.set_fitted(seen);
        Ok(())
    }

    /// One record; how many rows leave by it. None: somebody holds the table.
    fn sweep(&self, table: &Arc<Table>, lifetime: &Lifetime, high: i64) -> Result<Option<u64>> {
        let mut txn = Txn::new(Arc::clone(&self.core), self.core.synchronous_commit);
        let count = txn.sweep(&table.def, lifetime.column, (i64::MIN, high), Lsn::MAX)?;
        if count.is_some_and(|count| count > 0) {
            txn.commit()?;
        }
        Ok(count)
    }

    /// One record by which at most so many flushed rows leave, all of them below the number that comes back; more where they share one
    /// value. Ends of segments say little of where rows lie: one of a clock that was wrong, and the half of a span is decades on.
    /// None: somebody holds the table.
    fn sweep_most(
        &self,
        table: &Arc<Table>,
        lifetime: &Lifetime,
        (low, mut high): (i64, i64),
        most: u64,
    ) -> Result<Option<i64>> {
        loop {
            let mut txn = Txn::new(Arc::clone(&self.core), self.core.synchronous_commit);
            let span = (i64::MIN, high);
            let Some(count) = txn.sweep(&table.def, lifetime.column, span, table.flushed())? else {
                return Ok(None);
            };
            let half = low.midpoint(high);
            if count <= most || half <= low {
                if count > 0 {
                    txn.commit()?;
                }
                return Ok(Some(high));
            }
            high = half;
        }
    }

    /// The listed segments of a table in which rows live.
    fn holdings(
        &self,
        table: &Table,
        lifetime: &Lifetime,
        bytes_of: &dyn Fn(&ColdHandle) -> u64,
    ) -> Result<Vec<Holding>> {
        let mut held = Vec::new();
        for cold in table.version().cold.iter().filter(|cold| cold.listed.load(Ordering::Acquire)) {
            let rows = u64::from(cold.segment.rows());
            let living = rows.saturating_sub(cold.deletes.read().count());
            if living == 0 {
                continue;
            }
            // What a merge is about to give back is not there any more.
            let all = bytes_of(cold);
            let due = (rows - living) as f64 > rows as f64 * DEAD_SHARE;
            let bytes =
                if due { (u128::from(all) * u128::from(living) / u128::from(rows)) as u64 } else { all };
            let ends = ends(cold, lifetime)?;
            held.push(Holding { ends, rows: living, bytes });
        }
        Ok(held)
    }

    /// Forgets the segments of a table all of whose rows are gone for everyone. Only while `merging` is held and `exclusive` is
    /// not.
    pub(super) fn drop_dead(&self, table: &Arc<Table>) -> Result<()> {
        let mut gone = self.settled(table);
        gone.retain(|cold| cold.deletes.read().settled().len() == u64::from(cold.segment.rows()));
        if gone.is_empty() {
            return Ok(());
        }
        // Nobody merges meanwhile, so they are still there.
        let _work = self.exclusive();
        if !self.is_current(table) {
            return Ok(());
        }
        let mut draft = Draft::new(self);
        draft.add(gone.iter().map(|cold| Edit::RemoveSegment { segment: cold.id }));
        draft.commit()?;
        self.core.between_records(|_| {
            let mut version = table.version().as_ref().clone();
            version.cold.retain(|cold| !gone.iter().any(|dead| dead.is(cold)));
            for cold in &gone {
                let _ = cold.forward.set(Forward { map: OrdinalMap::Each(Vec::new()), target: None });
            }
            table.publish(version);
        });
        gone.iter().for_each(|cold| self.forget_segment(cold));
        Ok(())
    }
}

/// The least and the greatest value of the column by which rows are old.
pub(super) fn ends(cold: &ColdHandle, lifetime: &Lifetime) -> Result<Option<(i64, i64)>> {
    let range = cold.segment.range(lifetime.column)?;
    Ok(range.and_then(|(low, high)| Some((number(low)?, number(high)?))))
}

/// What keeps a merge from making segments that could not leave whole.
pub(super) struct Bounds(Option<Lifetime>);

impl Bounds {
    pub(super) fn of(table: &Table) -> Bounds {
        let lifetime =
            if table.def.options.is_empty() { None } else { Lifetime::of(&table.def).ok().flatten() };
        Bounds(lifetime)
    }

    /// The window that a segment is in: those of different windows are not merged.
    pub(super) fn window(&self, cold: &ColdHandle) -> i64 {
        let Some(lifetime) = &self.0 else { return 0 };
        // A window of its own, which no time is in.
        let alone = i64::MIN + i64::from(cold.id);
        if lifetime.disk_budget.is_some_and(|budget| cold.bytes > budget / MERGED_SHARE) {
            return alone;
        }
        let Some(span) = lifetime.retention else { return 0 };
        let micros = span.comparable() / WINDOWS;
        let per_window = if is_day(lifetime, cold) { micros / MICROS_PER_DAY } else { micros };
        let per_window = i64::try_from(per_window).unwrap_or(i64::MAX).max(1);
        // One that cannot be read is merged with no other.
        ends(cold, lifetime).map_or(alone, |ends| ends.map_or(0, |(_, last)| last.div_euclid(per_window)))
    }
}

fn is_day(lifetime: &Lifetime, cold: &ColdHandle) -> bool {
    cold.segment.types().get(lifetime.column) == Some(&Type::Date)
}

/// By how much time moves from one sweep to the next, where rows are that old.
pub(super) fn step(span: Interval) -> i64 {
    i64::try_from(span.comparable() / i128::from(STEPS)).unwrap_or(i64::MAX).clamp(STEP_MIN, STEP_MAX)
}

/// Up to where the oldest must leave so that the others fit a budget, and how many rows that should be, `held` being by age and all
/// below `swept` gone; None: they fit.
fn beyond(held: &[Holding], budget: u64, swept: i64) -> Option<(i64, u64)> {
    let taken: u64 = held.iter().map(|held| held.bytes).sum();
    let mut over = taken.checked_sub(budget).filter(|over| *over > 0)?;
    let (mut high, mut rows) = (None, 0);
    for held in held {
        let Some((first, last)) = held.ends.filter(|(_, last)| *last >= swept) else { continue };
        let low = first.max(swept);
        if held.bytes > budget / WHOLE_SHARE && low < last {
            // At least half of it, so that a merge writes it anew.
            let share = (over as f64 / held.bytes as f64).clamp(0.5, 1.0);
            let cut = low as f64 + (last as f64 - low as f64) * share;
            rows += ((held.rows as f64 * share) as u64).max(1);
            let high = high.max(Some((cut as i64).clamp(low.saturating_add(1), last)));
            return high.map(|high| (high, rows));
        }
        high = high.max(Some(last.saturating_add(1)));
        rows += held.rows;
        over = over.saturating_sub(held.bytes);
        if over == 0 || rows > SWEEP_ROWS {
            break;
        }
    }
    high.map(|high| (high, rows))
}
