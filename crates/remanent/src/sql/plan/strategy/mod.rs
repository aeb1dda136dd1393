//! Which operators an index that is not sorted can be asked for.
//!
//! A line of [`STRATEGIES`] says: where an index of that kind has a column under that operator class, and a condition is this
//! function of the column and constants, the index is asked for what `probe` makes of the constants.
//!
//! ```text
//!   WHERE doc @> $1          function "@>", column 0      probe: the rows with each key and value of $1
//!   WHERE $1 <@ doc          function "<@", column 1      the same
//! ```
//!
//! A probe names a superset of the rows for which the function is true; the filter stays above the scan, and looks at what a
//! [`Probe::Exact`], or a [`Probe::Satisfying`] that a part decides, has named only where a segment has no such part. The functions are
//! strict: with a NULL no row is asked for.

mod items;
#[cfg(feature = "shapes")]
mod places;
mod ranking;

#[cfg(feature = "text")]
pub use items::best_words;
pub use ranking::{RANKINGS, Ranking, rankings};

use remanent_storage::error::Result;
use remanent_storage::index::{IndexDef, Probe, kind};
use remanent_storage::value::Value;

/// An operator or a function that a kind of index answers.
#[derive(Debug)]
pub struct Strategy {
    /// The kind of index, by its own name.
    pub kind: &'static str,
    /// The operator class of the column.
    pub class: &'static str,
    /// The function or operator that is the condition.
    pub function: &'static str,
    /// Which of its arguments is the column; the others are constants.
    pub column: usize,
    /// The share of a table's rows that it is taken to name before the constants are known.
    pub share: f64,
    /// What the index is asked; None: nothing, with these constants.
    pub probe: fn(&Question<'_>) -> Result<Option<Probe>>,
}

/// A condition whose constants are known.
pub struct Question<'a> {
    /// The index.
    pub index: &'a IndexDef,
    /// Which of its columns.
    pub column: usize,
    /// The other arguments in order, none of them NULL.
    pub args: &'a [Value],
}

/// Every operator that indexes answer.
pub static STRATEGIES: &[&[Strategy]] = &[
    items::GIN,
    #[cfg(feature = "text")]
    items::TEXT,
    #[cfg(feature = "shapes")]
    places::FLAT,
    #[cfg(feature = "shapes")]
    places::DEEP,
    #[cfg(feature = "shapes")]
    places::ROUND,
];

/// How a column of an index answers a function.
pub fn strategies<'a>(
    index: &'a IndexDef,
    column: usize,
    function: &'a str,
) -> impl Iterator<Item = &'static Strategy> + 'a {
    let name = kind(&index.kind).map_or("", |kind| kind.method().names[0]);
    let class = index.class(column);
    let of = move |strategy: &&Strategy| {
        strategy.kind == name && strategy.class == class && strategy.function == function
    };
    STRATEGIES.iter().copied().flatten().filter(of)
}

/// The share of rows for which a function is taken to be true, where an index may answer it.
pub fn share(function: &str) -> Option<f64> {
    STRATEGIES.iter().copied().flatten().find(|strategy| strategy.function == function).map(|s| s.share)
}
