//! Optimizing: from a plan that says what is meant to one that costs less and means the same.
//!
//! An ordered list of passes ([`PASSES`]), each a function from plan to plan that does one thing, so that each can be
//! read, tested and printed alone (`tests/golden/statements/optimize.sql` shows the plan after each). The order is the
//! list's, and says why:
//!
//! | pass | does | after |
//! |---|---|---|
//! | `with` | puts queries of WITH that are read once where they are read | |
//! | `texts` | the configuration of text search, the documents of `bm25_score` | queries of WITH stand where they are read |
//! | `fold` | computes what is constant | |
//! | `simplify` | conditions that are always true or never; plans that deliver nothing | fold makes the constants |
//! | `unnest` | makes joins of subqueries | what is known to be false is gone |
//! | `implied` | what an OR over several tables says of each | |
//! | `push_filters` | moves conditions towards the tables | |
//! | `join_order` | chains of joins in the order that costs least | conditions stand at the joins |
//! | `join_keys` | finds what must be equal | the order decides which sides there are |
//! | `merge_projects` | one projection instead of two | |
//! | `limits` | ORDER BY with LIMIT keeps only the best | projections are out of the way |
//! | `counts` | `count(x)` of what is never NULL is `count(*)` | |
//! | `kept` | reads what an index keeps of an expression rather than compute it | |
//! | `prune` | columns that nobody reads are not read | everything above is settled |
//! | `point_get` | the row with a key by its key | |
//! | `ranges` | conditions that let a scan skip | what remains is scanned |
//! | `access` | rows by an index, rows in the order of an index | what filters a scan is known |
//! | `nearest` | the first rows by an index that ranks | what filters a scan is known |
//! | `corpus` | documents counted by an index | |
//! | `summaries` | groups by what is stored of whole pages | what filters a scan is known, and that no index serves it |
//! | `build_side` | the smaller input of a join is the one held | |
//!
//! Invariant: a pass changes neither the rows nor the columns that the root delivers, nor which statements fail,
//! except that a failing expression may be evaluated for rows that another condition would have removed, as in
//! PostgreSQL.

mod access;
mod build_side;
#[cfg(feature = "text")]
mod corpus;
mod counts;
pub mod estimate;
mod fold;
mod implied;
mod join_keys;
mod join_order;
#[cfg(feature = "text")]
mod kept;
mod latest;
mod lift;
mod limits;
mod merge_projects;
mod nearest;
mod null_rejecting;
mod point_get;
mod prune;
mod push_filters;
mod ranges;
mod selectivity;
mod simplify;
mod subqueries;
mod summaries;
#[cfg(feature = "text")]
pub mod texts;
mod unnest;
mod with;

pub use access::SHARE;
pub use ranges::comparison;
pub use subqueries::optimize_subqueries;
pub use summaries::by_clock;

use super::expr::EvalContext;
use super::plan::Plan;

/// One rewrite of a plan.
pub struct Pass {
    /// Its name, as the golden files print it.
    pub name: &'static str,
    /// The rewrite.
    pub run: fn(Plan, &EvalContext<'_>) -> Plan,
}

/// The passes in order.
pub static PASSES: &[Pass] = &[
    Pass { name: "with", run: with::run },
    #[cfg(feature = "text")]
    Pass { name: "texts", run: texts::run },
    Pass { name: "fold", run: fold::run },
    Pass { name: "simplify", run: simplify::run },
    Pass { name: "unnest", run: unnest::run },
    Pass { name: "implied", run: implied::run },
    Pass { name: "push_filters", run: push_filters::run },
    Pass { name: "join_order", run: join_order::run },
    Pass { name: "join_keys", run: join_keys::run },
    Pass { name: "merge_projects", run: merge_projects::run },
    Pass { name: "limits", run: limits::run },
    Pass { name: "counts", run: counts::run },
    #[cfg(feature = "text")]
    Pass { name: "kept", run: kept::run },
    Pass { name: "prune", run: prune::run },
    Pass { name: "point_get", run: point_get::run },
    Pass { name: "ranges", run: ranges::run },
    Pass { name: "access", run: access::run },
    Pass { name: "nearest", run: nearest::run },
    #[cfg(feature = "text")]
    Pass { name: "corpus", run: corpus::run },
    Pass { name: "summaries", run: summaries::run },
    Pass { name: "build_side", run: build_side::run },
];

/// Runs all passes. `watch` sees the name of each and the plan after it.
pub fn optimize(mut plan: Plan, ctx: &EvalContext<'_>, watch: &mut dyn FnMut(&str, &Plan)) -> Plan {
    for pass in PASSES {
        plan = (pass.run)(plan, ctx);
        watch(pass.name, &plan);
    }
    plan
}
