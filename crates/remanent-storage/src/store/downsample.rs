//! Old rows become one for each bucket of time ([`Downsample`]).
//!
//! # One step
//!
//! A transaction of the background reads the rows of some buckets, sweeps them ([`table::sweep`](crate::table::sweep)) and writes the
//! buckets' rows, and how far it has come, in the same record: whoever sees the one sees the other, after a crash and in processes that follow
//! too. Its rows are rows like all others, so segments, merges and indexes know nothing of this. (A merge could not do it: it changes no
//! answer, and knows no snapshot.)
//!
//! It is serializable: where somebody has changed what it read by the time it commits, nothing has happened, and the next round tries
//! again. So it does where a row is locked that would be a bucket's. It never waits.
//!
//! # When
//!
//! When the time up to which rows are put into buckets has moved by a 64th of `after`, at least by a second and at most by an hour, and over the end
//! of a bucket. What comes later with an older time stays as it is; so do buckets that were made with another width.
//!
//! # Limits
//!
//! A step takes up to [`ROWS`] rows and [`GROUPS`] buckets' rows, or one bucket. A row that a transaction has located, and replaces in a
//! record behind that of its bucket, is there again in its new form beside the bucket.

use super::Inner;
use super::retire::{ends, step};
use crate::Lsn;
use crate::catalog::EntryKind;
use crate::catalog::comments::{PartKind, Subject};
use crate::error::{Result, state};
use crate::table::ScanRequest;
use crate::table::downsample::Downsample;
use crate::table::lifetime::{Lifetime, number, value};
use crate::table::version::Table;
use crate::table::{ColumnRange, TableId};
use crate::txn::Txn;
use crate::value::Type;
use crate::value::datetime::{DATE_MIN, TIMESTAMP_MIN};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Rows that one step reads.
const ROWS: u64 = 256 << 10;

/// Rows that one step writes.
const GROUPS: usize = 16 << 10;

/// Bytes of large values that one step writes.
const LARGE: u64 = 16 << 20;

/// Buckets that one step makes.
const BUCKETS: u32 = 1024;

/// What became of a step.
enum Outcome {
    /// There are too many rows for one.
    TooMany,
    /// Somebody else works on these rows.
    Held,
    /// There are none.
    Empty,
    Done,
}

/// Under which name a table's rows say how far they are in buckets.
fn entry(id: TableId) -> String {
    Subject::Part(id, PartKind::Downsampled, "upto").to_string()
}

impl Inner {
    /// Puts rows into buckets that are old enough. Only while `exclusive` is not held.
    pub(super) fn downsample_due(&self) -> Result<()> {
        let catalog = self.core.snapshots.catalog();
        let mut failed = Ok(());
        for table in catalog.all().filter(|table| !table.def.options.is_empty()) {
            let Ok(Some(lifetime)) = Lifetime::of(&table.def) else { continue };
            let Some(downsample) = &lifetime.downsample else { continue };
            // Refused where they are made; a newer version may know what to do with them.
            if table.indexes.get().iter().any(|index| index.unique) {
                continue;
            }
            let done = loop {
                if self.stop.load(Ordering::Acquire) {
                    return failed;
                }
                let _work = self.exclusive();
                if self.flush_is_due() {
                    self.flush_due()?;
                    self.advance_log()?;
                }
                match self.downsample_step(table, &lifetime, downsample) {
                    Ok(true) => {}
                    Ok(false) => break Ok(()),
                    Err(e) if e.is_restart() || e.state() == state::SERIALIZATION_FAILURE => break Ok(()),
                    Err(e) => break Err(e),
                }
            };
            failed = failed.and(done);
        }
        failed
    }

    /// One step; false where nothing is left to do for now.
    fn downsample_step(
        &self,
        table: &Arc<Table>,
        lifetime: &Lifetime,
        downsample: &Downsample,
    ) -> Result<bool> {
        let (def, Some(now)) = (&table.def, self.settled_now()) else { return Ok(false) };
        let upto = |now: i64| {
            let before = lifetime.before(def, now, downsample.after)?;
            downsample.bucket(def, before).ok()
        };
        // What is infinite has no bucket.
        let least = match def.columns.get(lifetime.column).map(|column| column.ty.plain()) {
            Some(Type::Date) => DATE_MIN.into(),
            _ => TIMESTAMP_MIN,
        };
        let from = self.downsampled(table).max(least);
        let Some(limit) = upto(now).filter(|limit| *limit > from) else { return Ok(false) };
        if upto(now.saturating_sub(step(downsample.after))).is_none_or(|before| before < from) {
            return Ok(false);
        }
        let Some(oldest) = oldest(table, lifetime, from, limit)? else {
            table.set_downsampled(limit);
            return Ok(false);
        };
        let mut low = downsample.bucket(def, oldest)?.max(from);
        let mut buckets = BUCKETS;
        loop {
            let high = downsample.beyond(def, low, buckets).min(limit);
            match self.replace(table, lifetime, downsample, (low, high), buckets > 1)? {
                Outcome::TooMany => buckets /= 2,
                Outcome::Held => return Ok(false),
                // Where nothing is for long, as beside a row of a wrong clock, ever longer spans are looked at.
                Outcome::Empty if high < limit => {
                    low = high;
                    buckets = buckets.saturating_mul(2);
                }
                Outcome::Empty | Outcome::Done => {
                    table.set_downsampled(high);
                    return Ok(high < limit);
                }
            }
        }
    }

    /// Up to where the rows of a table are in buckets.
    fn downsampled(&self, table: &Table) -> i64 {
        let catalog = self.core.snapshots.catalog();
        let stored =
            catalog.entry(EntryKind::Comment, &entry(table.def.id)).and_then(|text| text.parse().ok());
        table.downsampled().max(stored.unwrap_or(i64::MIN))
    }

    /// Puts the rows of a span of whole buckets into them; `may_end`: not where they are too many.
    fn replace(
        &self,
        table: &Arc<Table>,
        lifetime: &Lifetime,
        downsample: &Downsample,
        (low, high): (i64, i64),
        may_end: bool,
    ) -> Result<Outcome> {
        let def = &table.def;
        let mut txn = Txn::new(Arc::clone(&self.core), self.core.synchronous_commit);
        txn.begin_serializable();
        match txn.sweep(def, lifetime.column, (low, high), Lsn::MAX)? {
            None => return Ok(Outcome::Held),
            Some(0) => return Ok(Outcome::Empty),
            Some(rows) if rows > ROWS && may_end => return Ok(Outcome::TooMany),
            Some(_) => {}
        }
        let end = |number| table.types.get(lifetime.column).map(|&ty| value(ty, number));
        let (Some(first), Some(beyond)) = (end(low), end(high)) else { return Ok(Outcome::Done) };
        let ranges = vec![ColumnRange {
            column: lifetime.column,
            low: Bound::Included(first),
            high: Bound::Excluded(beyond),
        }];
        let request =
            ScanRequest { columns: (0..def.columns.len()).collect(), ranges, ..ScanRequest::default() };
        let mut scan = txn.scan(def, &request)?;
        let mut buckets = downsample.buckets(def);
        while let Some(batch) = scan.next()? {
            // A sum that no number is leaves its rows as they are.
            if buckets.add(&batch, low, high).is_err() {
                return Ok(Outcome::Done);
            }
            self.core.turns.give();
            if may_end && (buckets.counts().1 > GROUPS || buckets.large() > LARGE) {
                return Ok(Outcome::TooMany);
            }
        }
        if !buckets.changes() {
            return Ok(Outcome::Done);
        }
        let Some(columns) = buckets.finish()? else { return Ok(Outcome::Done) };
        if !txn.put_swept(def, &columns)? {
            return Ok(Outcome::Held);
        }
        txn.set_entry(EntryKind::Comment, &entry(def.id), Some(&high.to_string()))?;
        txn.commit().map(|()| Outcome::Done)
    }
}

/// The least value from `from` to below `limit` that a row may have.
fn oldest(table: &Table, lifetime: &Lifetime, from: i64, limit: i64) -> Result<Option<i64>> {
    let within = |n: &i64| (from..limit).contains(n);
    let (version, mut least) = (table.version(), None::<i64>);
    let mut take = |n: Option<i64>| least = least.into_iter().chain(n).min();
    for hot in version.hots() {
        for view in hot.segment.views(&[lifetime.column]) {
            let Some(column) = view.columns().get(lifetime.column) else { continue };
            take((0..view.rows).filter_map(|row| number(&column.value(row))).filter(within).min());
        }
    }
    for cold in &version.cold {
        let ends = ends(cold, lifetime)?.filter(|(_, last)| *last >= from);
        take(ends.map(|(first, _)| first.max(from)).filter(within));
    }
    Ok(least)
}
