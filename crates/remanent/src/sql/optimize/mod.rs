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
//! | `texts_joined` | `texts` again, for what were subqueries | unnest makes joins of them |
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
//! Most statements that run often have one table and a condition. A pass says which nodes it is there for, and is left out where
//! a plan has none of them.
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
mod once;
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

pub use access::{ONLY, SHARE};
pub use lift::{plan_reads, reads};
pub use once::share;
pub use ranges::comparison;
pub use subqueries::optimize_subqueries;
pub use summaries::by_clock;

use super::expr::EvalContext;
use super::plan::Plan;

/// One rewrite of a plan.
pub struct Pass {
    /// Its name, as the golden files print it.
    pub name: &'static str,
    /// What it looks for, as [`contents`] says: a plan that has none of these it leaves as it is. [`ANY`]: whatever there is.
    needs: u32,
    /// The rewrite.
    pub run: fn(Plan, &EvalContext<'_>) -> Plan,
}

/// What a plan may have, for passes that look for it.
const ANY: u32 = 0;
const FILTER: u32 = 1;
const PROJECT: u32 = 2;
const AGGREGATE: u32 = 4;
const JOIN: u32 = 8;
const LIMIT: u32 = 16;
const TOP: u32 = 32;
const DISTINCT: u32 = 64;
const WITH: u32 = 128;
const APPLY: u32 = 256;
/// An index on an expression.
const KEPT: u32 = 512;
/// A subquery in an expression; looked for where it is asked for only.
const SUBQUERY: u32 = 1024;

/// The passes in order.
pub static PASSES: &[Pass] = &[
    Pass { name: "with", needs: WITH | SUBQUERY, run: with::run },
    #[cfg(feature = "text")]
    Pass { name: "texts", needs: ANY, run: texts::run },
    Pass { name: "fold", needs: ANY, run: fold::run },
    Pass { name: "simplify", needs: ANY, run: simplify::run },
    Pass { name: "unnest", needs: APPLY | SUBQUERY, run: unnest::run },
    #[cfg(feature = "text")]
    Pass { name: "texts_joined", needs: JOIN, run: texts::run },
    Pass { name: "implied", needs: JOIN, run: implied::run },
    Pass { name: "push_filters", needs: ANY, run: push_filters::run },
    Pass { name: "join_order", needs: JOIN, run: join_order::run },
    Pass { name: "join_keys", needs: JOIN, run: join_keys::run },
    Pass { name: "merge_projects", needs: PROJECT | AGGREGATE, run: merge_projects::run },
    Pass { name: "limits", needs: LIMIT, run: limits::run },
    Pass { name: "counts", needs: AGGREGATE, run: counts::run },
    #[cfg(feature = "text")]
    Pass { name: "kept", needs: KEPT, run: kept::run },
    Pass { name: "prune", needs: ANY, run: prune::run },
    Pass { name: "point_get", needs: FILTER, run: point_get::run },
    Pass { name: "ranges", needs: FILTER, run: ranges::run },
    Pass { name: "access", needs: FILTER | DISTINCT | AGGREGATE | TOP, run: access::run },
    Pass { name: "nearest", needs: TOP, run: nearest::run },
    #[cfg(feature = "text")]
    Pass { name: "corpus", needs: AGGREGATE, run: corpus::run },
    Pass { name: "summaries", needs: AGGREGATE, run: summaries::run },
    Pass { name: "build_side", needs: JOIN, run: build_side::run },
    Pass { name: "once", needs: ANY, run: once::run },
];

/// What nodes a plan has, of those that passes look for; subqueries apart.
fn contents(plan: &Plan) -> u32 {
    let mut has = match plan {
        Plan::Filter { .. } => FILTER,
        Plan::Project { .. } => PROJECT,
        Plan::Aggregate { .. } => AGGREGATE,
        Plan::Join { .. } => JOIN,
        Plan::Limit { .. } => LIMIT,
        Plan::TopN { .. } => TOP,
        Plan::Distinct { .. } | Plan::DistinctOn { .. } => DISTINCT,
        Plan::With { .. } => WITH,
        Plan::Apply { .. } => APPLY,
        Plan::Scan { indexes: Some(indexes), .. } if !indexes.kept.is_empty() => KEPT,
        _ => 0,
    };
    plan.for_each_child(&mut |child| has |= contents(child));
    has
}

/// True if an expression of a plan has a subquery.
fn has_subquery(plan: &Plan) -> bool {
    let mut has = false;
    plan.for_each_expr(&mut |expr| has = has || expr.has_subquery());
    plan.for_each_child(&mut |child| has = has || has_subquery(child));
    has
}

/// Runs all passes that find what they need. `watch` sees the name of each and the plan after it.
pub fn optimize(mut plan: Plan, ctx: &EvalContext<'_>, watch: &mut dyn FnMut(&str, &Plan)) -> Plan {
    let mut has = contents(&plan);
    for pass in PASSES {
        let asks = pass.needs & SUBQUERY != 0 && has & pass.needs == 0;
        if pass.needs == ANY || has & pass.needs != 0 || asks && has_subquery(&plan) {
            plan = (pass.run)(plan, ctx);
            has = contents(&plan);
        }
        watch(pass.name, &plan);
    }
    plan
}
