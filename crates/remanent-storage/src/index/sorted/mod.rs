//! Sorted indexes: rows in the order of some columns, unique or not (`USING btree`).
//!
//! | file | holds |
//! |---|---|
//! | `hot` | [`SortedHot`]: an ordered set of (key, ordinal) |
//! | `cold` | [`SortedCold`]: leaves in key order, found through one level of inner pages |
//! | `page` | the layout of leaves |
//! | `build` | writing a part: entries sorted in memory, or in runs that are merged |
//!
//! Both parts hold an entry for every row of their segment, deleted ones and those with NULLs too. Keys are those of
//! [`key`](super::key). Rows of one key lie by ordinal.
//!
//! ```text
//!   row      0     1     2     3          CREATE INDEX ON t (b)
//!   b        'x'   'a'   NULL  'a'
//!   entries  ('a', 1) ('a', 3) ('x', 0) (NULL, 2)
//! ```
//!
//! How a probe runs on disk: the footer's fences name the inner page, its fences the leaf, a binary search the entry. From there
//! on leaves follow one another.
//!
//! Limits: INCLUDE columns are not stored here; they are read from the rows.

mod build;
mod cold;
mod hot;
mod page;

pub use cold::SortedCold;
pub use hot::SortedHot;

use super::method::{Accepts, Method, ORDERED, Parameter};
use super::{Hit, Hits, HotPart, IndexDef, IndexKind, KeySpan, Part, PartReader, PartWriter, Place, Probe};
use crate::error::{Error, Result};
use crate::segment::{ColdSegment, RowSet};
use std::sync::Arc;

/// Sorted indexes as statements know them.
pub(super) static METHOD: Method = Method {
    names: &["btree"],
    columns: true,
    unique: true,
    ordered: true,
    include: true,
    classes: ORDERED,
    parameters: &[
        Parameter { name: "fillfactor", accepts: Accepts::Integer(10, 100) },
        Parameter { name: "deduplicate_items", accepts: Accepts::Boolean },
    ],
};

/// Sorted indexes as a kind.
pub struct Sorted;

impl IndexKind for Sorted {
    fn method(&self) -> &'static Method {
        &METHOD
    }

    fn hot(&self, def: &IndexDef) -> Box<dyn HotPart> {
        Box::new(SortedHot::new(def.clone()))
    }

    fn build(&self, def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
        build::build(def, segment, out)
    }

    fn open(&self, def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Ok(Box::new(SortedCold::open(part, segment, def.filter.is_some())))
    }
}

/// The span that a probe asks for; None where a sorted index does not serve it.
fn span_of(probe: &Probe) -> Option<KeySpan> {
    match probe {
        Probe::Span(span) => Some(span.clone()),
        Probe::Key(key) => Some(KeySpan::prefixed(key.as_bytes().to_vec())),
        _ => None,
    }
}

/// The rows of a probe: of a span in order, of a key the newest first.
fn walk<'a>(part: &'a dyn Part, probe: &Probe, within: Option<&'a RowSet>) -> Result<Box<dyn Hits + 'a>> {
    let span = span_of(probe).ok_or_else(|| Error::internal("a sorted index takes spans of keys"))?;
    let backward = matches!(probe, Probe::Key(_));
    Ok(Box::new(Walk { part, span, backward, within, place: Place::Start, rows: Vec::new() }))
}

struct Walk<'a> {
    part: &'a dyn Part,
    span: KeySpan,
    backward: bool,
    within: Option<&'a RowSet>,
    place: Place,
    rows: Vec<u32>,
}

impl Hits for Walk<'_> {
    fn next(&mut self, out: &mut Vec<Hit>, max: usize) -> Result<bool> {
        let full = out.len().saturating_add(max);
        while out.len() < full {
            self.rows.clear();
            let wanted = full - out.len();
            let more =
                self.part.ordered(&self.span, self.backward, &mut self.place, &mut self.rows, wanted)?;
            let fit = |row: &u32| self.within.is_none_or(|within| within.contains(*row));
            out.extend(self.rows.iter().copied().filter(fit).map(|ordinal| Hit { ordinal, score: 0.0 }));
            if !more {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
