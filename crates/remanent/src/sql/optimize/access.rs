//! Scans that find their rows by an index.
//!
//! Three questions are asked of the indexes of a table:
//!
//! - *Which rows*: conditions that say what the first columns of an index are equal to, and between which ends the next lies.
//!   The index that names the fewest rows is taken where those are few ([`SHARE`]); others that leave fewer are asked too, and
//!   their rows intersected. Parts are asked how many they name as far as the values are known; otherwise the average number of
//!   rows of a key is taken.
//! - *In which order*: an ORDER BY with LIMIT that is the order of an index or of the primary key, forward or backward, walks
//!   it and stops early, where that visits few rows of a large table ([`WALK`], [`WALK_PRIMARY`]).
//! - *Which is first*: `min(x)`, `max(x)`, `first(y, x)` and `last(y, x)` alone are such a walk of one row; of one row of each
//!   group see `latest`.
//!
//! An index that is not sorted is asked for the operators that its kind answers ([`strategies`]); conditions that OR joins are
//! asked together where it answers each.
//!
//! What an index keeps of an expression is a column of the table without a name: where a condition or an order says the
//! expression, [`Known`] puts that column in its place. An index with WHERE is asked where the conditions imply its own.
//!
//! The filter stays above the scan: an index names a superset of the rows, never less. `enable_indexscan = off` leaves all
//! scans as they are, `enable_seqscan = off` takes the best index whatever it costs.

use super::ranges::{comparable, comparison, conditions};
use super::{estimate, latest};
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::access::probes;
use crate::sql::plan::strategy::{Strategy, strategies};
use crate::sql::plan::{
    Access, AggregateCall, Asked, Equal, IndexOrder, Plan, RangeCond, SortKey, TableIndexes,
};
use remanent_kernels::sort::sort_by;
use remanent_storage::index::{IndexDef, KeySpan, PRIMARY};
use remanent_storage::table::{IndexProbe, TableDef};
use remanent_storage::value::Value;
use std::sync::Arc;

/// One row in so many, at most, is found by an index.
pub const SHARE: f64 = 10.0;
/// One row in so many, at most, is read from an index that tells all that is wanted of it: of more, vectors are read.
pub const ONLY: f64 = 100.0;
/// A row that is read by a walk over an index costs as much as so many of a scan.
const WALK: f64 = 100.0;
/// One that is read by a walk over the primary key, in whose order rows lie.
const WALK_PRIMARY: f64 = 8.0;
/// So many values of an IN list, at most, are looked up one by one.
const LIST_MAX: usize = 1000;
/// Reading a row costs as much as so many entries of an index.
const ENTRIES: f64 = 10.0;
/// What a LIMIT is taken to be before it is known.
const LIMIT: f64 = 100.0;
/// A row that need not be looked at again costs so much of one that is.
const SURE: f64 = 0.2;
/// Fewer rows than these are read rather than looked for in another index.
const FEW: f64 = 64.0;

/// Finds the scans that use an index.
pub fn run(plan: Plan, ctx: &EvalContext<'_>) -> Plan {
    if !ctx.planner.index_scans {
        return plan;
    }
    plan.transform(&mut |node| match node {
        Plan::Filter { input, predicate } => {
            Plan::Filter { input: Box::new(by_index(*input, &predicate, ctx)), predicate }
        }
        Plan::DistinctOn { input, keys } => {
            let input = latest::of_rows(*input, &keys, ctx);
            Plan::DistinctOn { input: Box::new(input), keys }
        }
        Plan::Distinct { input } => Plan::Distinct { input: Box::new(latest::of_distinct(*input, ctx)) },
        Plan::Aggregate { input, group, aggregates, sets } if !group.is_empty() && sets.is_empty() => {
            let input = latest::of_groups(*input, &group, &aggregates, ctx);
            Plan::Aggregate { input: Box::new(input), group, aggregates, sets }
        }
        Plan::TopN { input, keys, limit, offset } => walk(*input, keys, limit, offset, ctx),
        Plan::Aggregate { input, group, aggregates, sets } if group.is_empty() => {
            let input = extreme(*input, &aggregates, ctx);
            Plan::Aggregate { input: Box::new(input), group, aggregates, sets }
        }
        other => other,
    })
}

/// A scan under a condition.
fn by_index(mut input: Plan, predicate: &Expr, ctx: &EvalContext<'_>) -> Plan {
    if let Plan::Scan { columns, stats, indexes: Some(indexes), access, row_ids, .. } = &mut input
        && access.is_none()
        && indexes.defs.iter().any(|def| def.id != PRIMARY)
    {
        let known = Known::new(columns, indexes, &predicate.clone().into_conjuncts());
        // Scans find a range of the primary key by themselves.
        let secondary = indexes.defs.iter().filter(|def| def.id != PRIMARY);
        let candidates = secondary.filter(|def| known.implies(def)).filter_map(|def| known.access_of(def));
        let all = (stats.rows as f64).max(1.0);
        let mut priced: Vec<(f64, Access)> = candidates
            .filter_map(|access| Some((rows(&access, indexes, stats.rows, ctx)?, access)))
            .collect();
        sort_by(&mut priced, &|a, b| a.0.total_cmp(&b.0));
        let mut priced = priced.into_iter();
        if let Some((mut left, mut best)) = priced.next() {
            for (rows, other) in priced {
                let column = other.index.columns.first();
                let new =
                    std::iter::once(&best).chain(&best.also).all(|held| held.index.columns.first() != column);
                if new && left > FEW && rows <= left * ENTRIES {
                    left *= (rows / all).min(1.0);
                    best.also.push(other);
                }
            }
            let exact =
                |probes: Vec<IndexProbe>| !probes.is_empty() && probes.iter().all(IndexProbe::is_exact);
            let sure = !best.index.is_sorted() && probes(&best, ctx).ok().flatten().is_some_and(exact);
            let share = if sure { SHARE * SURE } else { SHARE };
            if left * share <= all.max(1000.0) || !ctx.planner.seq_scans {
                let single = best.equal.iter().all(|equal| equal.count() == 1);
                let alone = single && best.also.is_empty() && !*row_ids;
                let few = left * ONLY <= all || !ctx.planner.seq_scans;
                best.only = alone && few && best.index.tells(columns);
                *access = Some(Box::new(best));
            }
        }
    }
    input
}

/// What is known of the rows of a scan.
pub(super) struct Known {
    /// Where columns are in the table: those of the scan, then those without a name.
    columns: Vec<usize>,
    /// What columns without a name keep, over the scan's columns, and which they are.
    kept: Vec<(Expr, usize)>,
    /// Conditions over these columns.
    conjuncts: Vec<Expr>,
}

impl Known {
    pub fn new(columns: &[usize], indexes: &TableIndexes, conjuncts: &[Expr]) -> Self {
        let (mut all, mut kept) = (columns.to_vec(), Vec::new());
        for (position, expr) in &indexes.kept {
            let place = |column: usize| columns.iter().position(|&at| at == column);
            if expr.columns_used().into_iter().all(|column| place(column).is_some()) {
                kept.push((expr.clone().remap_columns(&|column| place(column).unwrap_or(column)), all.len()));
                all.push(*position);
            }
        }
        let mut known = Known { columns: all, kept, conjuncts: Vec::new() };
        // What a condition says of other columns counts too.
        let named = conjuncts.iter().map(|part| known.named(part));
        let named: Vec<Expr> = named.filter(|part| !conjuncts.contains(part)).collect();
        known.conjuncts = conjuncts.iter().cloned().chain(named).collect();
        known
    }

    /// Where a column is in the table.
    pub fn column(&self, index: usize) -> Option<usize> {
        self.columns.get(index).copied()
    }

    /// Where all are.
    pub fn columns(&self) -> &[usize] {
        &self.columns
    }

    /// An expression with the columns that keep parts of it.
    pub fn named(&self, expr: &Expr) -> Expr {
        self.named_but(expr, usize::MAX)
    }

    /// The same, but for what one of these columns keeps.
    fn named_but(&self, expr: &Expr, except: usize) -> Expr {
        if self.kept.is_empty() {
            return expr.clone();
        }
        expr.clone().transform(&mut |part| match self.kept.iter().find(|(kept, _)| *kept == part) {
            Some((kept, index)) if *index != except && !is_plain(kept) => Expr::column(*index, kept.ty()),
            _ => part,
        })
    }

    /// True if each row that meets the conditions meets that of the index.
    pub fn implies(&self, def: &IndexDef) -> bool {
        let Some(filter) = def.filter else { return true };
        let Some(place) = self.columns.iter().position(|&column| column == filter) else { return false };
        let Some((kept, _)) = self.kept.iter().find(|(_, index)| *index == place) else { return false };
        let is_place = |part: &Expr| matches!(part, Expr::Column { index, .. } if *index == place);
        self.conjuncts.iter().any(is_place)
            || kept.clone().into_conjuncts().iter().all(|wanted| {
                let wanted = self.named_but(wanted, place);
                self.conjuncts.iter().any(|held| *held == wanted || implies(held, &wanted))
            })
    }

    /// What the conditions say of the first columns of an index; None: nothing.
    fn access_of(&self, def: &Arc<IndexDef>) -> Option<Access> {
        if !def.is_sorted() {
            let asked = self.conjuncts.iter().filter_map(|part| self.asked(def, part));
            let access = Access { asked: asked.collect(), ..Access::all(def) };
            return (!access.asked.is_empty()).then_some(access);
        }
        let access = self.pinned(def);
        let ranged = access.low.is_some() || access.high.is_some() || access.not_null;
        // The rows of a partial index are few by themselves.
        (ranged || !access.equal.is_empty() || def.filter.is_some()).then_some(access)
    }

    /// What an index is asked for a condition: one of these is true.
    fn asked(&self, def: &Arc<IndexDef>, condition: &Expr) -> Option<Vec<Asked>> {
        let one = |condition: &Expr| {
            let Expr::Call { function, args, .. } = condition else { return None };
            let here = |strategy: &Strategy, column: usize| {
                let others = args.iter().enumerate().filter(|(i, _)| *i != strategy.column);
                let is_column = match args.get(strategy.column) {
                    Some(Expr::Column { index, .. }) => self.columns.get(*index) == Some(&column),
                    _ => false,
                };
                is_column && others.into_iter().all(|(_, arg)| arg.is_constant())
            };
            def.columns.iter().enumerate().find_map(|(i, &column)| {
                let strategy = strategies(def, i, function.name).find(|strategy| here(strategy, column))?;
                let mut args = args.clone();
                args.remove(strategy.column);
                Some(Asked { strategy, column: i, args })
            })
        };
        match condition {
            Expr::Or(parts) => parts.iter().map(one).collect(),
            other => one(other).map(|asked| vec![asked]),
        }
    }

    pub fn pinned(&self, def: &Arc<IndexDef>) -> Access {
        let mut found = Access::all(def);
        let mut values = 1;
        for &column in &def.columns {
            let here = |index: usize| self.columns.get(index) == Some(&column);
            if let Some(equal) = self.conjuncts.iter().find_map(|part| equal(part, &here)) {
                values *= equal.count();
                if values > LIST_MAX {
                    break;
                }
                found.equal.push(equal);
                continue;
            }
            for range in self.conjuncts.iter().flat_map(conditions).filter(|range| here(range.column)) {
                let RangeCond { op, value, .. } = range;
                match op {
                    Cmp::Gt | Cmp::Ge => found.low = found.low.or(Some((op == Cmp::Ge, value))),
                    Cmp::Lt | Cmp::Le => found.high = found.high.or(Some((op == Cmp::Le, value))),
                    Cmp::Eq | Cmp::Ne => {}
                }
            }
            let not_null = |part: &Expr| match part {
                Expr::IsNull { expr, negated: true } => {
                    matches!(expr.as_ref(), Expr::Column { index, .. } if here(*index))
                }
                _ => false,
            };
            found.not_null = self.conjuncts.iter().any(not_null);
            break;
        }
        found
    }
}

/// True for what stands for itself wherever it is said.
fn is_plain(expr: &Expr) -> bool {
    expr.is_constant() || matches!(expr, Expr::Column { .. })
}

/// True if what meets the one condition meets the other, by the constants that they compare a column to.
fn implies(held: &Expr, wanted: &Expr) -> bool {
    let held = conditions(held);
    if let Expr::IsNull { expr, negated: true } = wanted {
        return match expr.as_ref() {
            Expr::Column { index, .. } => held.iter().any(|range| range.column == *index),
            _ => false,
        };
    }
    let Some(wanted) = comparison(wanted) else { return false };
    let Expr::Literal { value: bound, .. } = &wanted.value else { return false };
    held.iter().filter(|range| range.column == wanted.column).any(|range| {
        let Expr::Literal { value, .. } = &range.value else { return false };
        if value.is_null() || bound.is_null() {
            return false;
        }
        let order = value.compare(bound);
        match (range.op, wanted.op) {
            (Cmp::Eq, Cmp::Eq) => order.is_eq(),
            (Cmp::Eq | Cmp::Ge, Cmp::Gt) => order.is_gt(),
            (Cmp::Eq | Cmp::Le, Cmp::Lt) => order.is_lt(),
            (Cmp::Gt, Cmp::Gt) | (Cmp::Eq | Cmp::Gt | Cmp::Ge, Cmp::Ge) => order.is_ge(),
            (Cmp::Lt, Cmp::Lt) | (Cmp::Eq | Cmp::Lt | Cmp::Le, Cmp::Le) => order.is_le(),
            _ => false,
        }
    })
}

/// The values that a condition allows for a column: `=`, IN, IS NULL.
fn equal(condition: &Expr, here: &dyn Fn(usize) -> bool) -> Option<Equal> {
    if let Some(range) = comparison(condition).filter(|range| range.op == Cmp::Eq && here(range.column)) {
        return Some(Equal::Values(vec![range.value]));
    }
    let (Expr::In { expr, .. } | Expr::IsNull { expr, .. }) = condition else { return None };
    let Expr::Column { index, ty } = expr.as_ref() else { return None };
    let literal = |item: &Expr| match item {
        Expr::Literal { ty: of, .. } => comparable(*ty, *of).then(|| item.clone()),
        _ => None,
    };
    match condition {
        Expr::In { list, set, negated: false, .. } if here(*index) => {
            let mut values = list.iter().map(literal).collect::<Option<Vec<_>>>()?;
            if let Some(set) = set {
                if !comparable(*ty, set.ty()) || set.values().len() > LIST_MAX {
                    return None;
                }
                let constant = |value: &Value| Expr::Literal { value: value.clone(), ty: set.ty() };
                values.extend(set.values().iter().map(constant));
            }
            Some(Equal::Values(values))
        }
        Expr::IsNull { negated: false, .. } if here(*index) => Some(Equal::Null),
        _ => None,
    }
}

/// About how many rows an access names; None where that cannot be said.
fn rows(access: &Access, indexes: &TableIndexes, table_rows: u64, ctx: &EvalContext<'_>) -> Option<f64> {
    let mut known = true;
    access.for_each_expr(&mut |expr| known &= matches!(expr, Expr::Literal { .. }));
    if known {
        let Some(probes) = probes(access, ctx).ok()? else { return Some(0.0) };
        let rows = probes.iter().map(|probe| indexes.estimate(probe).map(|estimate| estimate.rows));
        return rows.flatten().min_by(f64::total_cmp);
    }
    if !access.index.is_sorted() {
        let share = |alternatives: &Vec<Asked>| alternatives.iter().map(|asked| asked.strategy.share).sum();
        let least = access.asked.iter().map(share).min_by(f64::total_cmp);
        return least.map(|share: f64| share.min(1.0) * table_rows as f64);
    }
    let estimate = indexes.estimate(&IndexProbe::of_spans(&access.index, [KeySpan::default()]))?;
    let all = estimate.all.max(table_rows as f64).max(1.0);
    let (width, equal) = (access.index.columns.len() as f64, access.equal.len() as f64);
    let distinct = match access.index.unique && access.equal.len() == access.index.columns.len() {
        true => all,
        false => estimate.distinct.max(1.0).powf(equal / width),
    };
    let lists: usize = access.equal.iter().map(Equal::count).product();
    let ends = [&access.low, &access.high].iter().filter(|end| end.is_some()).count();
    Some(all / distinct * lists as f64 * 0.2f64.powi(ends as i32))
}

/// ORDER BY with LIMIT.
fn walk(input: Plan, keys: Vec<SortKey>, limit: Expr, offset: Option<Expr>, ctx: &EvalContext<'_>) -> Plan {
    let bounded = |expr: &Expr| match expr {
        Expr::Literal { value: Value::Int8(n), .. } => Some(*n as f64),
        Expr::Param { .. } => Some(LIMIT),
        _ => None,
    };
    let wanted = bounded(&limit).zip(offset.as_ref().map_or(Some(0.0), bounded)).map(|(a, b)| a + b);
    let Some(wanted) = wanted else { return Plan::TopN { input: Box::new(input), keys, limit, offset } };
    match ordered(input, &keys, &Wanted { rows: wanted, ctx }, &[]) {
        (input, true) => Plan::Limit { input: Box::new(input), limit: Some(limit), offset, ties: Vec::new() },
        (input, false) => Plan::TopN { input: Box::new(input), keys, limit, offset },
    }
}

/// The input of `min`, `max`, `first` and `last` of one column: one row of it, where an index has the order.
fn extreme(input: Plan, calls: &[AggregateCall], ctx: &EvalContext<'_>) -> Plan {
    let order = latest::order_of(calls);
    let Some([SortKey { expr: column, descending, .. }]) = order.as_deref() else { return input };
    let (column, descending) = (column.clone(), *descending);
    let values = Expr::IsNull { expr: Box::new(column.clone()), negated: true };
    let (rows, mut conjuncts) = match input {
        Plan::Filter { input, predicate } => (*input, predicate.into_conjuncts()),
        other => (other, Vec::new()),
    };
    let given = conjuncts.len();
    if !conjuncts.contains(&values) {
        conjuncts.push(values);
    }
    // Where NULLs come does not matter: there are none.
    let mut rows = rows.filtered(conjuncts.clone());
    for nulls_first in [false, true] {
        let keys = [SortKey { expr: column.clone(), descending, nulls_first }];
        match ordered(rows, &keys, &Wanted { rows: 1.0, ctx }, &[]) {
            (input, true) => {
                let limit =
                    Some(Expr::Literal { value: Value::Int8(1), ty: remanent_storage::value::Type::Int8 });
                return Plan::Limit { input: Box::new(input), limit, offset: None, ties: Vec::new() };
            }
            (same, false) => rows = same,
        }
    }
    // As it was.
    match rows {
        Plan::Filter { input, .. } => {
            conjuncts.truncate(given);
            input.filtered(conjuncts)
        }
        other => other,
    }
}

/// How many rows are wanted of a walk.
struct Wanted<'a> {
    rows: f64,
    ctx: &'a EvalContext<'a>,
}

/// The same rows, in the order of `keys` where an index has it and the rows that are visited are few; whether they are.
fn ordered(plan: Plan, keys: &[SortKey], wanted: &Wanted<'_>, conjuncts: &[Expr]) -> (Plan, bool) {
    match plan {
        Plan::Filter { input, predicate } => {
            let conjuncts = predicate.clone().into_conjuncts();
            let (input, done) = ordered(*input, keys, wanted, &conjuncts);
            (Plan::Filter { input: Box::new(input), predicate }, done)
        }
        Plan::Project { input, exprs, names } => {
            let below = |key: &SortKey| match &key.expr {
                Expr::Column { index, .. } => {
                    Some(SortKey { expr: exprs.get(*index)?.clone(), ..key.clone() })
                }
                _ => None,
            };
            let (input, done) = match keys.iter().map(below).collect::<Option<Vec<_>>>() {
                Some(keys) => ordered(*input, &keys, wanted, &[]),
                None => (*input, false),
            };
            (Plan::Project { input: Box::new(input), exprs, names }, done)
        }
        Plan::Scan { .. } => ordered_scan(plan, keys, wanted, conjuncts),
        other => (other, false),
    }
}

fn ordered_scan(mut scan: Plan, keys: &[SortKey], wanted: &Wanted<'_>, conjuncts: &[Expr]) -> (Plan, bool) {
    let matching = estimate::rows(&scan.clone().filtered(conjuncts.to_vec())).max(1.0);
    let Plan::Scan { table, columns, stats, indexes: Some(indexes), access, .. } = &mut scan else {
        return (scan, false);
    };
    let known = Known::new(columns, indexes, conjuncts);
    let keyed: Vec<SortKey> =
        keys.iter().map(|key| SortKey { expr: known.named(&key.expr), ..key.clone() }).collect();
    let walked = |def: &Arc<IndexDef>| {
        if !def.is_sorted() || !known.implies(def) {
            return None;
        }
        let pinned = known.pinned(def);
        let single = pinned.equal.iter().all(|equal| equal.count() == 1);
        let pinned = if single { pinned } else { Access::all(def) };
        // What is equal to one value is in any order.
        let is_pinned = |key: &&SortKey| match &key.expr {
            Expr::Column { index, .. } => {
                let mut of = def.columns.iter().take(pinned.equal.len());
                of.any(|column| known.columns.get(*index) == Some(column))
            }
            _ => false,
        };
        let free: Vec<&SortKey> = keyed.iter().filter(|key| !is_pinned(key)).collect();
        let backward = direction(def, table, &known.columns, &free, pinned.equal.len())?;
        let order = IndexOrder { backward, groups: 0, keys: keys.to_vec() };
        Some(Box::new(Access { order: Some(order), ..pinned }))
    };
    let named = |access: &Access| rows(access, indexes, stats.rows, wanted.ctx);
    // Of the rows that an index names, as many are visited as it takes to meet enough that match.
    let visited = |def: &Arc<IndexDef>| {
        let access = walked(def)?;
        let named = named(&access)?;
        let visited = (wanted.rows / matching).min(1.0) * named;
        Some((visited * if def.id == PRIMARY { WALK_PRIMARY } else { WALK }, access))
    };
    let best = indexes.defs.iter().filter_map(visited).min_by(|a, b| a.0.total_cmp(&b.0));
    let pays = |visited: f64| match &access {
        Some(access) => named(access).is_none_or(|named| visited <= named * WALK),
        None => visited <= stats.rows as f64,
    };
    let forced = !wanted.ctx.planner.seq_scans;
    let found = best.filter(|(visited, _)| forced || pays(*visited)).map(|(_, access)| access);
    let done = found.is_some();
    if done {
        *access = found;
    }
    (scan, done)
}

/// In which direction an index has the order of `keys` behind its first `skip` columns; true: backward.
pub(super) fn direction(
    def: &IndexDef,
    table: &TableDef,
    columns: &[usize],
    keys: &[&SortKey],
    skip: usize,
) -> Option<bool> {
    let mut rest = def.columns.iter().zip(&def.orders).skip(skip);
    let has_no_null = |column: usize| table.columns.get(column).is_some_and(|column| column.not_null);
    let mut direction = None;
    for key in keys {
        let Some((&column, order)) = rest.next() else {
            // No two rows agree so far.
            return direction.filter(|_| def.id == PRIMARY);
        };
        let Expr::Column { index, .. } = &key.expr else { return None };
        let backward = key.descending != order.descending;
        let same = columns.get(*index) == Some(&column)
            && (has_no_null(column) || (key.nulls_first != order.nulls_first) == backward)
            && *direction.get_or_insert(backward) == backward;
        if !same {
            return None;
        }
    }
    Some(direction.unwrap_or(false))
}
