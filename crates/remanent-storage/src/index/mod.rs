//! Indexes: every index is a part in every segment.
//!
//! An index of a table is a small mutable part beside the hot segment ([`HotPart`]) and one
//! immutable part per cold segment ([`Part`], in a paged file that a [`PartWriter`] wrote).
//! All parts speak row ordinals of their segment and answer the same [`Probe`]s, so a query
//! over several indexes is set intersection inside a segment, then a merge across segments.
//! A kind of index is one module here and one line in [`KINDS`].
//!
//! How a search runs, for one index and one snapshot:
//!
//! 1. [`Part::cost`] of every part; a part that says None is scanned instead.
//! 2. [`Part::stats`] of every part, summed by [`ProbeStats::add`].
//! 3. [`Part::search`] in every part with the summed stats, the rows that are `within`
//!    (visible, and passed every other filter) and a shared [`ScoreBound`]; the [`Hits`] are drawn batch
//!    by batch, in any order of parts, and the caller keeps the best.
//!
//! Where the parts come from: a row enters the hot part when its record is applied
//! ([`HotPart::insert`]); flush writes the frozen rows as a cold segment and calls
//! [`IndexKind::build`] on it; merge calls [`IndexKind::merge`]. Visibility is no business
//! of an index: it knows every row of its segment, deleted ones too.
//!
//! | file | holds |
//! |---|---|
//! | `primary` | the primary key |
//! | `inverted` | from items of values to rows |
//! | `sorted` | secondary indexes in key order, unique or not |
//! | `spatial` | rows by the boxes around their places |
//! | `region` | what a spatial index is asked |
//! | `method` | what CREATE INDEX may say of a kind |
//! | `key` | keys of an index with its columns' orders, and ranges of them |
//! | `tree` | the tree over the leaves of a part |
//! | `runs`, `groups` | entries sorted, or gathered by their keys, in bounded memory |
//! | `part` | the files of parts |
//! | `parts` | which parts a cold segment has |
//! | `list` | which indexes a table's segments keep parts of |
//!
//! | `vector` | vectors near to one |

mod groups;
pub mod inverted;
pub mod key;
pub mod list;
pub mod method;
pub mod part;
pub mod parts;
pub mod primary;
pub mod region;
mod runs;
pub mod sorted;
#[cfg(feature = "shapes")]
pub mod spatial;
mod tree;
pub mod vector;

pub use inverted::{BestWords, Items, Satisfying, WordField};
pub use key::{KeyOrder, KeySpan};
pub use method::{BRIN, Method};
pub use part::{PartReader, PartWriter};
pub use region::{Measure, Nearest, Region, Spot};
pub use vector::NearVector;

use crate::error::{Error, Result, state};
use crate::segment::{ColdSegment, RowSet};
use crate::value::{Column, Key, Type};
use crate::world::sync::atomic::{AtomicU64, Ordering};
use std::any::Any;
use std::ops::{Bound, Range};
use std::sync::Arc;

/// An index's number, from the same counter as those of tables and never given twice. 0 is the primary key of any table.
pub type IndexId = u32;

/// The number of the primary key.
pub const PRIMARY: IndexId = 0;

/// An index as declared.
#[derive(Debug, Clone, PartialEq)]
pub struct IndexDef {
    /// Its number.
    pub id: IndexId,
    /// Whose rows.
    pub table: u32,
    /// Its name, folded as PostgreSQL folds it.
    pub name: String,
    /// The name of its kind, one of [`Method::names`].
    pub kind: String,
    /// Positions of its columns in the segment, in index order.
    pub columns: Vec<usize>,
    /// The types of these columns.
    pub types: Vec<Type>,
    /// How each of them is ordered.
    pub orders: Vec<KeyOrder>,
    /// Their operator classes; empty: the default one of the column's type. Fewer than columns: so are the others.
    pub classes: Vec<String>,
    /// What WITH has set: names and values, as they were given.
    pub parameters: Vec<(String, String)>,
    /// Positions of columns that INCLUDE names; they are no part of the key.
    pub include: Vec<usize>,
    /// No two visible rows share a key.
    pub unique: bool,
    /// Two NULLs are the same, for `unique`.
    pub nulls_not_distinct: bool,
    /// It came with a UNIQUE constraint of its name, and goes with it.
    pub constraint: bool,
    /// Of a partial index: the position of a boolean column. Only rows where it is true are in the index.
    pub filter: Option<usize>,
}

/// What is asked of an index.
#[derive(Debug, Clone)]
pub enum Probe {
    /// Rows with exactly this key, newest first. Every version in the segment, deleted ones too.
    Key(Key),
    /// Rows whose key lies between the ends, bytewise. An end may be a prefix of a key: the encoding of the
    /// first columns; `Included(prefix)` as upper end takes in the keys that begin with it.
    KeyRange {
        /// The lower end.
        low: Bound<Key>,
        /// The upper end.
        high: Bound<Key>,
    },
    /// Rows whose key lies in a span.
    Span(KeySpan),
    /// Rows whose box may meet a region.
    Region(Region),
    /// The nearest rows, and those that may be; scores are no less than the distances.
    Nearest(Nearest),
    /// Rows with items: no row that has them is missing.
    Items(Items),
    /// The same, where no other row has them: the condition that is asked for need not be looked at again.
    Exact(Items),
    /// Rows whose documents satisfy a query, and maybe others, where the part does not [decide](Part::decides) it.
    Satisfying(Satisfying),
    /// Rows whose vectors are nearest to one, the nearest first.
    NearVector(NearVector),
    /// Rows whose documents score best, the best first: their scores are less than zero.
    BestWords(BestWords),
}

impl Probe {
    /// The same question for another number of rows; None where there is none.
    pub fn with_count(&self, rows: usize) -> Option<Probe> {
        let mut probe = self.clone();
        match &mut probe {
            Probe::Nearest(Nearest { count, .. })
            | Probe::NearVector(NearVector { count, .. })
            | Probe::BestWords(BestWords { count, .. }) => *count = rows,
            _ => return None,
        }
        Some(probe)
    }
}

/// What a probe costs in one part, estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cost {
    /// How many rows it will yield.
    pub rows: f64,
    /// How many nanoseconds it will take, pages in the cache.
    pub nanos: f64,
}

/// What must be summed over all parts before any can score. Only probes for words need something.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProbeStats {
    /// The numbers of documents that BM25 has to know (`remanent_text::bm25`).
    pub numbers: Vec<i64>,
}

impl IndexDef {
    /// False where it is known by name only.
    pub fn has_parts(&self) -> bool {
        self.kind != BRIN
    }

    /// True if its parts are in order of their keys.
    pub fn is_sorted(&self) -> bool {
        let names = [sorted::METHOD.names, primary::METHOD.names];
        names.iter().any(|names| names.contains(&self.kind.as_str()))
    }

    /// True if its parts on disk tell the values of these columns by their keys, in the form that rows have.
    pub fn tells(&self, columns: &[usize]) -> bool {
        let told = |column: &usize| self.columns.contains(column);
        self.id != PRIMARY && self.is_sorted() && self.is_plain() && columns.iter().all(told)
    }

    /// True if values of its columns that are equal are written alike.
    pub(crate) fn is_plain(&self) -> bool {
        self.types.iter().all(|ty| {
            matches!(
                ty.plain(),
                Type::Bool
                    | Type::Int2
                    | Type::Int4
                    | Type::Int8
                    | Type::Date
                    | Type::Time
                    | Type::Timestamp
                    | Type::Timestamptz
                    | Type::Text
                    | Type::Varchar(_)
                    | Type::Uuid
            )
        })
    }

    /// The columns that decide whether a row is in the index, and under which key.
    pub fn read(&self) -> impl Iterator<Item = usize> + '_ {
        self.columns.iter().copied().chain(self.filter)
    }
}

impl ProbeStats {
    /// Takes in what another part counted.
    pub fn add(&mut self, other: &ProbeStats) {
        self.numbers.resize(self.numbers.len().max(other.numbers.len()), 0);
        self.numbers.iter_mut().zip(&other.numbers).for_each(|(sum, more)| *sum = sum.saturating_add(*more));
    }
}

/// The k-th best score found so far in any part: a part may skip what cannot be better. Smaller is better.
#[derive(Debug)]
pub struct ScoreBound(AtomicU64);

impl Default for ScoreBound {
    fn default() -> Self {
        ScoreBound(AtomicU64::new(f64::INFINITY.to_bits()))
    }
}

impl ScoreBound {
    /// The bound now; infinite until k rows are found.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }

    /// Lowers the bound; a score that is no better changes nothing.
    pub fn tighten(&self, score: f64) {
        let lower = |bits| (score < f64::from_bits(bits)).then(|| score.to_bits());
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, lower);
    }
}

/// Where a walk over a part in order stands, for who cannot hold the part meanwhile.
#[derive(Debug, Clone, Default)]
pub enum Place {
    /// Before its first row.
    #[default]
    Start,
    /// Behind the entry with that key of that row.
    Behind(Box<[u8]>, u32),
    /// Between these entries, each a leaf and a place in it.
    Between((u32, usize), (u32, usize)),
    /// Before the rest of the rows, which lie in order.
    Rows(Range<u32>),
}

/// One row that a probe found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit {
    /// The row in its segment.
    pub ordinal: u32,
    /// How well it fits; smaller is better; 0 where the probe does not rank.
    pub score: f64,
}

/// A resumable cursor over the rows that a probe found in one part.
pub trait Hits {
    /// Appends up to `max` more rows; false if there are no more after them.
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool>;

    /// True if the scores that came are the values that the statement orders by, bit for bit (negated, where it wants the
    /// greatest first): who sorts the rows need not compute them again. NaN: the value of that row is not known. Where it is true, no
    /// more rows come than were wanted.
    fn exact(&self) -> bool {
        false
    }
}

/// Rows that were found at once, of which those count that are within a set.
pub(crate) struct Rows<'a, I> {
    rows: I,
    within: Option<&'a RowSet>,
}

impl<I: Iterator<Item = u32>> Hits for Rows<'_, I> {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        let mut left = max;
        while left > 0 {
            let Some(ordinal) = self.rows.next() else { return Ok(false) };
            if self.within.is_none_or(|within| within.contains(ordinal)) {
                out.push(Hit { ordinal, score: 0.0 });
                left -= 1;
            }
        }
        Ok(true)
    }
}

/// What both the hot and the cold side of an index answer.
pub trait Part: Send + Sync {
    /// The price of this probe here; None: this part cannot serve it.
    fn cost(&self, probe: &Probe) -> Option<Cost>;

    /// True if this part can serve the probe.
    fn serves(&self, probe: &Probe) -> bool {
        self.cost(probe).is_some()
    }

    /// True if it names no row but those for which the condition that is asked for is true.
    fn decides(&self, probe: &Probe) -> bool {
        matches!(probe, Probe::Exact(_))
    }

    /// What must be summed over all parts before any can score, of the rows that are `within` (None: all rows); None: this part
    /// cannot say it.
    fn stats(&self, _probe: &Probe, _within: Option<&RowSet>) -> Result<Option<ProbeStats>> {
        Ok(None)
    }

    /// The rows that fit, best first where the probe ranks. `within` holds the rows that are visible and passed
    /// every other filter (None: all rows); `bound` is the k-th best score found so far in any part.
    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        stats: &'a ProbeStats,
        bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>>;

    /// Of the rows whose keys lie in a span, up to `max` more in the order of keys (those of a key by ordinal) or, `backward`,
    /// the other way round, from `place` on, which moves; false if there are no more after them. Only parts that are in
    /// order of their keys have one.
    fn ordered(
        &self,
        _span: &KeySpan,
        _backward: bool,
        _place: &mut Place,
        _out: &mut Vec<u32>,
        _max: usize,
    ) -> Result<bool> {
        Err(Error::internal("a part without an order was asked for it"))
    }

    /// The same, with the key of each row where the part knows them all: then there is one more in `keys` for each row.
    fn ordered_keyed(
        &self,
        span: &KeySpan,
        backward: bool,
        place: &mut Place,
        out: &mut Vec<u32>,
        _keys: &mut Vec<Vec<u8>>,
        max: usize,
    ) -> Result<bool> {
        self.ordered(span, backward, place, out, max)
    }

    /// How many distinct keys there are, where that is known.
    fn distinct(&self) -> Option<f64> {
        None
    }

    /// Bytes held outside the page cache.
    fn memory(&self) -> usize;

    /// Reads every byte on disk and reports what is damaged.
    fn verify(&self, _report: &mut dyn FnMut(Error)) {}

    /// True if it says of each row of its segment what the row says; of a part that [`verify`](Part::verify) has found whole.
    fn agrees(&self, _def: &IndexDef) -> Result<bool> {
        Ok(true)
    }

    /// Itself, for a kind that merges parts.
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }
}

/// The mutable part beside a hot segment. Ordinals are dense and rows are only added at the end.
pub trait HotPart: Part {
    /// Adds the rows from `first_ordinal` on: all columns of the segment, of which the index takes its own.
    fn insert(&mut self, first_ordinal: u32, columns: &[Column]) -> Result<()>;

    /// Forgets all rows from `len` on.
    fn truncate(&mut self, len: u32);

    /// The rows from `first` on are numbered anew without gaps; those whose `keep` is false vanish.
    fn retain_from(&mut self, first: u32, keep: &[bool]);
}

/// Where the rows of a source of a merge are in its target.
pub trait Moved {
    /// Where a row went; None: it was dropped.
    fn get(&self, row: u32) -> Option<u32>;
}

/// One source of a merge.
pub struct MergeSource<'a> {
    /// Its part of this index; None where it has none.
    pub part: Option<&'a dyn Part>,
    /// Its rows.
    pub segment: &'a ColdSegment,
    /// Where its rows went.
    pub map: &'a dyn Moved,
}

/// A kind of index. Registered once, in [`KINDS`].
pub trait IndexKind: Send + Sync {
    /// What `CREATE INDEX` may say of it, its names first.
    fn method(&self) -> &'static Method;

    /// The mutable part that lives beside a hot segment.
    fn hot(&self, def: &IndexDef) -> Box<dyn HotPart>;

    /// Writes the immutable part of one cold segment. The caller finishes the writer.
    fn build(&self, def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()>;

    /// Writes the part of a merged segment from the parts of its sources.
    fn merge(
        &self,
        def: &IndexDef,
        _sources: &[MergeSource<'_>],
        segment: &ColdSegment,
        out: &mut PartWriter<'_>,
    ) -> Result<()> {
        self.build(def, segment, out)
    }

    /// Opens a part for searching; no I/O. Reads pages on demand through the cache.
    fn open(&self, def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Result<Box<dyn Part>>;
}

/// Every kind of index there is.
pub static KINDS: &[&dyn IndexKind] = &[
    &primary::Primary,
    &sorted::Sorted,
    &inverted::GIN,
    #[cfg(feature = "text")]
    &inverted::BM25,
    &vector::Vectors,
    #[cfg(feature = "shapes")]
    &spatial::Spatial,
];

/// The kind of that name; 42704 where there is none.
pub fn kind(name: &str) -> Result<&'static dyn IndexKind> {
    KINDS.iter().copied().find(|kind| kind.method().names.contains(&name)).ok_or_else(|| {
        Error::new(state::UNDEFINED_OBJECT, format!("access method \"{name}\" does not exist"))
    })
}
