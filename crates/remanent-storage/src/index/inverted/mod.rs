//! Inverted indexes: from the items that values consist of to the rows that have them (`USING gin`), and how often (`USING bm25`).
//!
//! | file | holds |
//! |---|---|
//! | `items` | [`Items`]: which items are asked for |
//! | `extract` | the items of a value, per operator class |
//! | `text` | lexemes, and what a tsquery asks of them |
//! | `search` | which rows have the items that are asked for |
//! | `hot` | [`InvertedHot`]: a map from items to rows |
//! | `cold` | [`InvertedCold`]: a sorted dictionary, and lists of rows |
//! | `terms` | the layout of the dictionary's leaves |
//! | `postings` | the layout of the lists |
//! | `counts` | how often rows have an item, how long their documents are |
//! | `places` | where rows have a lexeme |
//! | `words` | [`Satisfying`], [`BestWords`]: which documents are wanted, by a query or by their scores |
//! | `satisfy` | the documents that satisfy a query, by where its words stand |
//! | `cursor` | the rows of a word, one after the other |
//! | `score` | the documents that score best |
//! | `build` | writing a part from rows, or from the parts of a merge's sources |
//!
//! ```text
//!   row   0                       1             2         CREATE INDEX ON t USING gin (doc)
//!   doc   {"a": 1, "b": ["x"]}    {"a": "x"}    NULL
//!   items key a: 0 1    key b: 0    1 at a: 0    x in b: 0    x at a: 1
//!
//!   doc @> '{"a": 1}'             1 at a                    row 0
//! ```
//!
//! What an index names is a superset: items do not say all of a value. The filter above the scan decides, but where who asks knows that
//! his items say it ([`Probe::Exact`]), or the part by where lexemes stand ([`Probe::Satisfying`]).
//!
//! An item is a byte for the column, a byte for what it is, and bytes ([`extract`]). NULL has no item; a value without items has
//! one that says so.
//!
//! Limits: items longer than [`items::ITEM_MAX`] are kept as their beginning and a hash.
#![cfg_attr(not(feature = "text"), allow(dead_code, reason = "what only the ranking of texts reads"))]

mod build;
mod cold;
mod counts;
#[cfg(feature = "text")]
mod cursor;
pub mod extract;
mod hot;
pub mod items;
mod places;
mod postings;
#[cfg(feature = "text")]
mod satisfy;
#[cfg(feature = "text")]
mod score;
mod search;
mod terms;
#[cfg(feature = "text")]
pub mod text;
pub mod words;

pub use cold::InvertedCold;
pub use hot::InvertedHot;
pub use items::Items;
pub use words::{BestWords, Satisfying, WordField};

use super::method::{Accepts, Class, Method, Parameter, Takes};
use super::{Cost, HotPart, IndexDef, IndexKind, MergeSource, Part, PartReader, PartWriter, Probe};
use crate::error::{Error, Result};
use crate::segment::ColdSegment;
use crate::value::Type;
#[cfg(feature = "text")]
use crate::value::kinds::Kind;
use std::sync::Arc;

static METHOD: Method = Method {
    names: &["gin"],
    columns: true,
    unique: false,
    ordered: false,
    include: false,
    classes: &[
        Class { name: "jsonb_ops", takes: Takes::Type(Type::Jsonb), default: true },
        Class { name: "jsonb_path_ops", takes: Takes::Type(Type::Jsonb), default: false },
        Class { name: "array_ops", takes: Takes::Arrays, default: true },
        #[cfg(feature = "text")]
        Class { name: "tsvector_ops", takes: Takes::Type(Type::Other(Kind::TsVector, 0)), default: true },
    ],
    // Rows enter an index when they are committed: there is no list of pending ones to be tuned.
    parameters: &[
        Parameter { name: "fastupdate", accepts: Accepts::Boolean },
        Parameter { name: "gin_pending_list_limit", accepts: Accepts::Integer(64, 2_147_483_647) },
    ],
};

/// `USING bm25`: of texts an index is made over `to_tsvector` of them, in this language, with or without accents.
#[cfg(feature = "text")]
static COUNTED: Method = Method {
    names: &["bm25"],
    classes: &[Class { name: "bm25_ops", takes: Takes::Type(Type::Other(Kind::TsVector, 0)), default: true }],
    parameters: &[
        Parameter { name: "language", accepts: Accepts::Configuration },
        Parameter { name: "accents", accepts: Accepts::Word(&["keep", "fold"]) },
    ],
    ..METHOD
};

/// Inverted indexes as a kind.
pub struct Inverted(&'static Method);

/// `USING gin`
pub static GIN: Inverted = Inverted(&METHOD);
/// `USING bm25`
#[cfg(feature = "text")]
pub static BM25: Inverted = Inverted(&COUNTED);

/// True if an index says how often rows have items.
fn is_counted(def: &IndexDef) -> bool {
    def.kind == "bm25"
}

impl IndexKind for Inverted {
    fn method(&self) -> &'static Method {
        self.0
    }

    fn hot(&self, def: &IndexDef) -> Box<dyn HotPart> {
        Box::new(InvertedHot::new(def.clone()))
    }

    fn build(&self, def: &IndexDef, segment: &ColdSegment, out: &mut PartWriter<'_>) -> Result<()> {
        build::build(def, segment, out)
    }

    fn merge(
        &self,
        def: &IndexDef,
        sources: &[MergeSource<'_>],
        segment: &ColdSegment,
        out: &mut PartWriter<'_>,
    ) -> Result<()> {
        let parts: Option<Vec<&InvertedCold>> =
            sources.iter().map(|source| source.part?.as_any()?.downcast_ref()).collect();
        match parts {
            Some(parts) if !parts.is_empty() && !parts.iter().any(|part| part.is_superseded()) => {
                build::merge(def, &parts, sources, segment, out)
            }
            _ => build::build(def, segment, out),
        }
    }

    fn open(&self, def: &IndexDef, part: PartReader, segment: Arc<ColdSegment>) -> Result<Box<dyn Part>> {
        Ok(Box::new(InvertedCold::open(part, segment, def)))
    }
}

/// True of a probe that asks for items.
fn asks_for_items(probe: &Probe) -> bool {
    items_of(probe).is_some()
}

/// The items that a probe asks for.
fn items_of(probe: &Probe) -> Option<&Items> {
    match probe {
        Probe::Items(items) | Probe::Exact(items) => Some(items),
        Probe::Satisfying(asked) => Some(&asked.items),
        _ => None,
    }
}

/// The price of a probe; None where it does not ask for items.
fn cost(lists: &dyn search::Lists, probe: &Probe) -> Option<Cost> {
    let items = items_of(probe)?;
    // What is damaged is reported by the search.
    let rows = search::estimate(lists, items).unwrap_or_else(|_| lists.rows().into());
    Some(Cost { rows, nanos: 2000.0 + 10.0 * rows })
}

/// The rows that a probe asks for.
fn found(lists: &dyn search::Lists, probe: &Probe) -> Result<Vec<u32>> {
    let items = items_of(probe).ok_or_else(|| Error::internal("an inverted index takes items"))?;
    search::find(lists, items, None, matches!(probe, Probe::Exact(_)))
}
