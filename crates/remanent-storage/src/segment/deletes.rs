//! Which rows of a segment are gone, and since when.
//!
//! A delete never touches the segment: it adds a *mark*, an ordinal with the lsn of the
//! record that deleted it. Marks at or below the horizon (the oldest snapshot anyone can
//! hold) need no lsn any more: they are *settled* and become bits in a [`RowSet`].
//!
//! ```
//! use remanent_storage::segment::Deletes;
//! let mut deletes = Deletes::default();
//! let before = deletes.clone();                        // a snapshot; copies nothing
//! deletes.mark(5, &[2, 3]);
//! assert!(deletes.is_deleted(2, 5) && !deletes.is_deleted(2, 4));
//! assert_eq!(deletes.visible(0..5, 5), Some(vec![0, 1, 4]));
//! assert_eq!(deletes.visible(0..5, 4), None);           // all of them
//! deletes.settle(5);
//! assert_eq!(deletes.deleted_at(2), Some(0));
//! assert_eq!(before.count(), 0);
//! ```
//!
//! Recent marks lie in *runs*: a large delete is a run of its own (one lsn, one set);
//! small ones are runs of (ordinal, lsn) by ordinal, merged like a binary counter so that
//! n marks make at most log2 n runs. Rows that are marked one at a time, as an UPDATE by key
//! does, come to a run together: the *newest*, of fewer than 32 marks. A mark costs O(log n),
//! a lookup O(log² n) at most, and cloning (which scans do) O(log n).
//!
//! Invariants: an ordinal is marked at most once; the runs of small marks halve in size
//! at least from one to the next, the newest apart.
//!
//! Limits: marks of one row are for ever; rolling back never reaches this far, since
//! nothing is applied before it is committed.

use crate::Lsn;
use crate::world::mutation;
use remanent_kernels::sort::sort_by;
use roaring::RoaringBitmap;
use std::ops::Range;
use std::sync::Arc;

/// A compressed set of ordinals.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RowSet(RoaringBitmap);

impl RowSet {
    /// The empty set.
    pub fn new() -> Self {
        RowSet::default()
    }

    /// Adds a row; false if it was there.
    pub fn insert(&mut self, ordinal: u32) -> bool {
        self.0.insert(ordinal)
    }

    /// Adds rows `[start, end)`.
    pub fn insert_range(&mut self, range: Range<u32>) {
        self.0.insert_range(range);
    }

    /// Adds rows.
    pub fn insert_all(&mut self, rows: &[u32]) {
        self.0.extend(rows);
    }

    /// Removes a row; false if it was not there.
    pub fn remove(&mut self, ordinal: u32) -> bool {
        self.0.remove(ordinal)
    }

    /// Adds all rows of another set.
    pub fn union_with(&mut self, other: &RowSet) {
        self.0 |= &other.0;
    }

    /// Keeps only rows that are in the other set too.
    pub fn intersect_with(&mut self, other: &RowSet) {
        self.0 &= &other.0;
    }

    /// Removes all rows of another set.
    pub fn subtract(&mut self, other: &RowSet) {
        self.0 -= &other.0;
    }

    /// True if the row is in the set.
    pub fn contains(&self, ordinal: u32) -> bool {
        self.0.contains(ordinal)
    }

    /// How many rows.
    pub fn len(&self) -> u64 {
        self.0.len()
    }

    /// True if there is no row.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The greatest row.
    pub fn max(&self) -> Option<u32> {
        self.0.max()
    }

    /// How many rows lie in `[start, end)`.
    pub fn count_in(&self, range: Range<u32>) -> u64 {
        self.0.range_cardinality(range)
    }

    /// The rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter()
    }

    /// The rows in `[start, end)`, ascending.
    pub fn range(&self, range: Range<u32>) -> impl Iterator<Item = u32> + '_ {
        self.0.range(range)
    }

    /// Appends the persisted form: the portable format of <https://github.com/RoaringBitmap/RoaringFormatSpec>.
    pub fn encode(&self, out: &mut Vec<u8>) {
        // Writing to a vector cannot fail.
        let _ = self.0.serialize_into(out);
    }

    /// Reads the persisted form; None where the bytes are not exactly one set.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut rest = bytes;
        let set = RoaringBitmap::deserialize_from(&mut rest).ok()?;
        rest.is_empty().then_some(RowSet(set))
    }

    /// Bytes held, estimated from the persisted size.
    pub fn memory(&self) -> usize {
        size_of::<RowSet>() + self.0.serialized_size() * 3 / 2
    }
}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        RowSet(rows.into_iter().collect())
    }
}

/// A delete of at least so many rows is kept as one set.
const LARGE: usize = 256;
/// So many rows that are marked one at a time are a run.
const NEWEST: usize = 32;

/// The delete marks of one segment. Cloning shares; changing copies what is shared.
#[derive(Debug, Clone, Default)]
pub struct Deletes {
    settled: Arc<RowSet>,
    small: Vec<Arc<Run>>,
    newest: Run,
    filter: Filter,
    large: Vec<(Lsn, Arc<RowSet>)>,
}

/// Which rows small deletes may have marked: one bit of many for each, by its hash, so that of most rows it is known at once that
/// they are not among them. Without bits nothing is known; a copy has none, so that copying stays short.
#[derive(Debug, Default)]
struct Filter(Vec<u64>);

impl Clone for Filter {
    fn clone(&self) -> Self {
        Filter::default()
    }
}

impl Filter {
    /// Bits for each mark when it is made; half as many when it is made anew.
    const BITS: usize = 32;

    /// Of the marks of these runs.
    fn of<'a>(runs: impl Iterator<Item = &'a Run> + Clone) -> Self {
        let marks: usize = runs.clone().map(|run| run.marks.len()).sum();
        let mut filter = Filter(vec![0; (marks * Self::BITS / 64).next_power_of_two()]);
        runs.flat_map(|run| &run.marks).for_each(|mark| filter.add(mark.0));
        filter
    }

    fn place(&self, ordinal: u32) -> (usize, u64) {
        let hash = u64::from(ordinal).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        ((hash >> 38) as usize & self.0.len().wrapping_sub(1), 1 << (hash >> 32 & 63))
    }

    fn add(&mut self, ordinal: u32) {
        let (word, bit) = self.place(ordinal);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    /// False: none of them is of that row.
    fn may_hold(&self, ordinal: u32) -> bool {
        let (word, bit) = self.place(ordinal);
        self.0.get(word).is_none_or(|word| word & bit != 0)
    }
}

/// Marks on their way to a file or to another segment: one by one those of small deletes, as sets those of large ones, so
/// that a delete of millions of rows takes bits and not words.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// By lsn, then ordinal.
    small: Vec<(Lsn, u32)>,
    large: Vec<(Lsn, Arc<RowSet>)>,
}

impl Marks {
    /// Marks one by one.
    pub fn of(mut small: Vec<(Lsn, u32)>) -> Self {
        small.sort_unstable();
        Marks { small, large: Vec::new() }
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.small.is_empty() && self.large.is_empty()
    }

    /// With those of large deletes.
    pub fn with(mut self, large: impl IntoIterator<Item = (Lsn, RowSet)>) -> Self {
        self.large.extend(large.into_iter().map(|(lsn, rows)| (lsn, Arc::new(rows))));
        self
    }

    /// Those that `keep` says of their lsn.
    pub fn filter(mut self, keep: impl Fn(Lsn) -> bool) -> Self {
        self.small.retain(|mark| keep(mark.0));
        self.large.retain(|mark| keep(mark.0));
        self
    }

    /// The same marks on the rows that `set` and `one` say instead; those without one are left out.
    pub fn moved(&self, one: impl Fn(u32) -> Option<u32>, set: impl Fn(&RowSet) -> RowSet) -> Self {
        let mut small: Vec<(Lsn, u32)> =
            self.small.iter().filter_map(|&(lsn, ordinal)| Some((lsn, one(ordinal)?))).collect();
        small.sort_unstable();
        let large = self.large.iter().map(|(lsn, rows)| (*lsn, Arc::new(set(rows))));
        Marks { small, large: large.filter(|(_, rows)| !rows.is_empty()).collect() }
    }

    /// Takes others in.
    pub fn extend(&mut self, others: Marks) {
        self.small.extend(others.small);
        self.small.sort_unstable();
        self.large.extend(others.large);
    }

    /// One set per record, by lsn.
    pub fn sets(&self) -> Vec<(Lsn, RowSet)> {
        let mut sets: Vec<(Lsn, RowSet)> = Vec::new();
        for small in self.small.chunk_by(|a, b| a.0 == b.0) {
            let lsn = small.first().map_or(0, |mark| mark.0);
            sets.push((lsn, small.iter().map(|mark| mark.1).collect()));
        }
        for (lsn, rows) in &self.large {
            match sets.iter_mut().find(|(at, _)| at == lsn) {
                Some((_, set)) => set.union_with(rows),
                None => sets.push((*lsn, rows.as_ref().clone())),
            }
        }
        sort_by(&mut sets, &|(a, _), (b, _)| a.cmp(b));
        sets
    }

    /// Each mark.
    pub fn iter(&self) -> impl Iterator<Item = (Lsn, u32)> + '_ {
        let large = self.large.iter().flat_map(|(lsn, rows)| rows.iter().map(|ordinal| (*lsn, ordinal)));
        self.small.iter().copied().chain(large)
    }
}

/// Marks by ordinal, with the range of their lsns.
#[derive(Debug, Clone)]
struct Run {
    marks: Vec<(u32, Lsn)>,
    oldest: Lsn,
    newest: Lsn,
}

impl Default for Run {
    fn default() -> Self {
        Run::new(Vec::new())
    }
}

impl Run {
    fn new(marks: Vec<(u32, Lsn)>) -> Self {
        let (oldest, newest) =
            marks.iter().fold((Lsn::MAX, 0), |(low, high), m| (low.min(m.1), high.max(m.1)));
        Run { marks, oldest, newest }
    }

    fn merge(&self, other: &Run) -> Run {
        let mut marks = Vec::with_capacity(self.marks.len() + other.marks.len());
        let (mut a, mut b) = (self.marks.iter().peekable(), other.marks.iter().peekable());
        while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
            let next = if x.0 <= y.0 { a.next() } else { b.next() };
            marks.extend(next);
        }
        marks.extend(a.chain(b));
        Run { marks, oldest: self.oldest.min(other.oldest), newest: self.newest.max(other.newest) }
    }

    fn find(&self, ordinal: u32) -> Option<Lsn> {
        self.marks.binary_search_by_key(&ordinal, |m| m.0).ok().map(|at| self.marks[at].1)
    }

    fn within(&self, range: &Range<u32>) -> &[(u32, Lsn)] {
        let start = self.marks.partition_point(|m| m.0 < range.start);
        let end = self.marks.partition_point(|m| m.0 < range.end);
        &self.marks[start..end.max(start)]
    }
}

impl Deletes {
    /// Marks that are all settled, as a `.del` file holds them.
    pub fn from_settled(settled: RowSet) -> Self {
        Deletes { settled: Arc::new(settled), ..Deletes::default() }
    }

    /// Marks rows as deleted by record `lsn`. A row that is marked already keeps its first mark.
    pub fn mark(&mut self, lsn: Lsn, ordinals: &[u32]) {
        let mut fresh: Vec<u32> =
            ordinals.iter().copied().filter(|&o| self.deleted_at(o).is_none()).collect();
        fresh.sort_unstable();
        fresh.dedup();
        if fresh.is_empty() {
            return;
        }
        if fresh.len() >= LARGE {
            self.large.push((lsn, Arc::new(fresh.into_iter().collect())));
            return;
        }
        if !mutation("unfiltered_marks") {
            fresh.iter().for_each(|&ordinal| self.filter.add(ordinal));
        }
        self.push(Run::new(fresh.into_iter().map(|o| (o, lsn)).collect()));
    }

    /// Adds a run, merged with those that are not longer.
    fn push(&mut self, mut run: Run) {
        while self.small.last().is_some_and(|last| last.marks.len() < 2 * run.marks.len()) {
            if let Some(last) = self.small.pop() {
                run = last.merge(&run);
            }
        }
        self.small.push(Arc::new(run));
    }

    /// Marks one row as deleted by record `lsn`; false, and nothing happens, where it was.
    pub fn mark_one(&mut self, lsn: Lsn, ordinal: u32) -> bool {
        if self.deleted_at(ordinal).is_some() {
            return false;
        }
        let Run { marks, oldest, newest } = &mut self.newest;
        (*oldest, *newest) = (lsn.min(*oldest), lsn.max(*newest));
        marks.insert(marks.partition_point(|mark| mark.0 < ordinal), (ordinal, lsn));
        self.filter.add(ordinal);
        if marks.len() >= NEWEST {
            let run = std::mem::take(&mut self.newest);
            self.push(run);
            let marks: usize = self.runs().map(|run| run.marks.len()).sum();
            if marks * Filter::BITS / 2 > self.filter.0.len() * 64 {
                self.filter = Filter::of(self.runs());
            }
        }
        true
    }

    /// The runs of small deletes.
    fn runs(&self) -> impl Iterator<Item = &Run> + Clone {
        self.small.iter().map(|run| &**run).chain([&self.newest])
    }

    /// Marks a set of rows as deleted by record `lsn`, as [`mark`](Deletes::mark).
    pub fn mark_set(&mut self, lsn: Lsn, rows: &RowSet) {
        if rows.len() < LARGE as u64 {
            return self.mark(lsn, &rows.iter().collect::<Vec<_>>());
        }
        let mut fresh = rows.clone();
        self.take_from(&mut fresh);
        if !fresh.is_empty() {
            self.large.push((lsn, Arc::new(fresh)));
        }
    }

    /// Removes the rows that are marked from a set.
    pub fn take_from(&self, rows: &mut RowSet) {
        rows.subtract(&self.settled);
        self.large.iter().for_each(|(_, set)| rows.subtract(set));
        for (ordinal, _) in self.runs().flat_map(|run| &run.marks) {
            rows.remove(*ordinal);
        }
    }

    /// Adds marks that were taken from another segment and moved here.
    pub fn add(&mut self, marks: &Marks) {
        for small in marks.small.chunk_by(|a, b| a.0 == b.0) {
            let lsn = small.first().map_or(0, |mark| mark.0);
            self.mark(lsn, &small.iter().map(|mark| mark.1).collect::<Vec<_>>());
        }
        marks.large.iter().for_each(|(lsn, set)| self.mark_set(*lsn, set));
    }

    /// Which record deleted the row; 0 where that is settled.
    pub fn deleted_at(&self, ordinal: u32) -> Option<Lsn> {
        if self.is_empty() {
            return None;
        }
        if self.settled.contains(ordinal) {
            return Some(0);
        }
        let small = match self.filter.may_hold(ordinal) {
            true => self.runs().find_map(|run| run.find(ordinal)),
            false => None,
        };
        small.or_else(|| self.large.iter().find(|(_, set)| set.contains(ordinal)).map(|(lsn, _)| *lsn))
    }

    /// True if the row is gone in that snapshot (design rule 1).
    pub fn is_deleted(&self, ordinal: u32, snapshot: Lsn) -> bool {
        self.deleted_at(ordinal).is_some_and(|lsn| lsn <= snapshot)
    }

    /// Of rows `[start, end)`, those not deleted in that snapshot, counted from `start`; None: all of them.
    pub fn visible(&self, range: Range<u32>, snapshot: Lsn) -> Option<Vec<u32>> {
        if self.is_empty() || range.is_empty() {
            return None;
        }
        let len = (range.end - range.start) as usize;
        let mut gone: Vec<u64> = Vec::new();
        let mut hide = |ordinal: u32| {
            if gone.is_empty() {
                gone.resize(len.div_ceil(64), 0);
            }
            let at = (ordinal - range.start) as usize;
            gone[at / 64] |= 1 << (at % 64);
        };
        self.settled.range(range.clone()).for_each(&mut hide);
        for run in self.runs().filter(|run| run.oldest <= snapshot) {
            run.within(&range).iter().filter(|m| m.1 <= snapshot).for_each(|m| hide(m.0));
        }
        for (_, set) in self.large.iter().filter(|(lsn, _)| *lsn <= snapshot) {
            set.range(range.clone()).for_each(&mut hide);
        }
        if gone.is_empty() {
            return None;
        }
        // The runs between the deleted rows.
        let (mut visible, mut next) = (Vec::with_capacity(len), 0);
        for (i, word) in gone.into_iter().enumerate() {
            let mut word = word;
            while word != 0 {
                let at = i as u32 * 64 + word.trailing_zeros();
                visible.extend(next..at);
                next = at + 1;
                word &= word - 1;
            }
        }
        visible.extend(next..len as u32);
        Some(visible)
    }

    /// The marks up to `lsn`, for those who look from there or later.
    pub fn settled_at(&self, lsn: Lsn) -> Deletes {
        let mut marks = self.clone();
        marks.settle(lsn);
        marks.small.clear();
        marks.newest = Run::default();
        marks.filter = Filter::default();
        marks.large.clear();
        marks
    }

    /// Forgets the lsns of marks at or below `horizon`: no snapshot older than that is left.
    pub fn settle(&mut self, horizon: Lsn) {
        let due =
            self.runs().any(|run| run.oldest <= horizon) || self.large.iter().any(|(lsn, _)| *lsn <= horizon);
        if !due {
            return;
        }
        let newest = std::mem::take(&mut self.newest);
        if !newest.marks.is_empty() {
            self.push(newest);
        }
        let settled = Arc::make_mut(&mut self.settled);
        for run in std::mem::take(&mut self.small) {
            if run.oldest > horizon {
                self.small.push(run);
                continue;
            }
            let (old, new): (Vec<_>, Vec<_>) = run.marks.iter().copied().partition(|m| m.1 <= horizon);
            for (ordinal, _) in old {
                settled.insert(ordinal);
            }
            if !new.is_empty() {
                self.small.push(Arc::new(Run::new(new)));
            }
        }
        self.filter = Filter::default();
        self.large.retain(|(lsn, set)| {
            if *lsn <= horizon {
                settled.union_with(set);
            }
            *lsn > horizon
        });
        sort_by(&mut self.small, &|a, b| b.marks.len().cmp(&a.marks.len()));
    }

    /// The settled marks.
    pub fn settled(&self) -> &RowSet {
        &self.settled
    }

    /// The marks that are not settled, one set per record, by lsn.
    pub fn recent(&self) -> Vec<(Lsn, RowSet)> {
        self.since(0).sets()
    }

    /// Marks later than `lsn`; settled marks count as 0.
    pub fn since(&self, lsn: Lsn) -> Marks {
        let mut small: Vec<(Lsn, u32)> = Vec::new();
        for run in self.runs().filter(|run| run.newest > lsn) {
            small.extend(run.marks.iter().filter(|m| m.1 > lsn).map(|m| (m.1, m.0)));
        }
        small.sort_unstable();
        Marks { small, large: self.large.iter().filter(|(at, _)| *at > lsn).cloned().collect() }
    }

    /// How many marks are later than `lsn`.
    pub fn count_since(&self, lsn: Lsn) -> u64 {
        let small = self.runs().filter(|run| run.newest > lsn);
        let small = small.map(|run| run.marks.iter().filter(|mark| mark.1 > lsn).count() as u64);
        let large = self.large.iter().filter(|(at, _)| *at > lsn).map(|(_, set)| set.len());
        small.sum::<u64>() + large.sum::<u64>()
    }

    /// True if that record deleted so many rows here that they are one set.
    pub fn is_large(&self, lsn: Lsn) -> bool {
        self.large.iter().any(|(at, _)| *at == lsn)
    }

    /// How many rows are marked.
    pub fn count(&self) -> u64 {
        self.settled.len()
            + self.runs().map(|run| run.marks.len() as u64).sum::<u64>()
            + self.large.iter().map(|(_, set)| set.len()).sum::<u64>()
    }

    /// True if no row is marked.
    pub fn is_empty(&self) -> bool {
        self.small.is_empty()
            && self.newest.marks.is_empty()
            && self.large.is_empty()
            && self.settled.is_empty()
    }

    /// Bytes held, shared ones included.
    pub fn memory(&self) -> usize {
        let small: usize = self.runs().map(|run| run.marks.capacity() * 16 + 64).sum();
        let large: usize = self.large.iter().map(|(_, set)| set.memory() + 40).sum();
        size_of::<Deletes>() + self.settled.memory() + small + large + self.filter.0.capacity() * 8
    }
}
