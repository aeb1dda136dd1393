//! Taking a query apart from the row around it: the conditions that read that row move to the top of the query, where a
//! join can check them instead.
//!
//! ```text
//! SELECT max(y) FROM u WHERE u.k = $7 AND u.z > 0         $7 is the row's t.k
//!
//! lifted: SELECT y, k FROM u WHERE z > 0                  conditions: column 1 = $7
//! ```
//!
//! The lifted plan delivers the columns of the original one first, then those that the conditions need. For any values
//! of the parameters, its rows for which the conditions hold are those of the original plan.

use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::plan::{AggregateCall, JoinKind, Plan};

/// True if an expression, or a subquery in it, reads one of these parameters.
pub fn reads(expr: &Expr, slots: &[usize]) -> bool {
    expr.any(&mut |part| match part {
        Expr::Param { index, .. } => slots.contains(index),
        Expr::Subquery(subquery) => plan_reads(&subquery.plan, slots),
        _ => false,
    })
}

/// True if a plan reads one of these parameters.
pub fn plan_reads(plan: &Plan, slots: &[usize]) -> bool {
    let mut found = false;
    plan.for_each_expr(&mut |expr| found = found || reads(expr, slots));
    found || plan.any_child(&mut |child| plan_reads(child, slots))
}

/// A plan that reads none of these parameters, and the conditions under which its rows count. None: it reads them where
/// no condition can be taken out.
pub fn lift(plan: Plan, slots: &[usize]) -> Option<(Plan, Vec<Expr>)> {
    if !plan_reads(&plan, slots) {
        return Some((plan, Vec::new()));
    }
    match plan {
        Plan::Filter { input, predicate } => {
            let (input, mut conditions) = lift(*input, slots)?;
            let (lifted, own) = split(predicate, slots)?;
            conditions.extend(lifted);
            Some((input.filtered(own), conditions))
        }
        Plan::Project { input, mut exprs, mut names } => {
            if exprs.iter().any(|expr| reads(expr, slots)) {
                return None;
            }
            let (input, conditions) = lift(*input, slots)?;
            let fields = input.fields();
            let conditions = carry(conditions, &mut exprs, &mut |column| {
                names.push(fields.get(column).map_or_else(String::new, |field| field.name.clone()));
            });
            Some((Plan::Project { input: Box::new(input), exprs, names }, conditions))
        }
        // What is delivered is a set of rows: their order does not matter.
        Plan::Sort { input, .. } => lift(*input, slots),
        Plan::Distinct { input } => {
            let width = input.width();
            let (input, conditions) = lift(*input, slots)?;
            // One value of the added columns meets an equality, so no row of the original columns comes twice.
            let fit = input.width() == width || conditions.iter().all(|c| equality(c, slots).is_some());
            fit.then(|| (Plan::Distinct { input: Box::new(input) }, conditions))
        }
        Plan::Aggregate { input, mut group, aggregates, sets } if !group.is_empty() && sets.is_empty() => {
            let own = group.iter().chain(aggregates.iter().flat_map(|call| call.exprs()));
            if own.into_iter().any(|expr| reads(expr, slots)) || collects(&input, &aggregates) {
                return None;
            }
            let (input, conditions) = lift(*input, slots)?;
            let groups = group.len();
            let mut over = Vec::new();
            for (i, condition) in conditions.iter().enumerate() {
                let (inner, outer, flipped) = equality(condition, slots)?;
                let column = Expr::column(groups + aggregates.len() + i, inner.ty());
                over.push(equal(condition, column, outer, flipped));
                group.push(inner);
            }
            // The added groups stand between the original ones and the aggregates: put them last.
            let (width, added) = (groups + aggregates.len(), group.len() - groups);
            let aggregate = Plan::Aggregate { input: Box::new(input), group, aggregates, sets };
            let fields = aggregate.fields();
            let from = |column: usize| match column {
                _ if column < groups => column,
                _ if column < width => column + added,
                _ => column - width + groups,
            };
            let exprs = (0..fields.len()).map(|i| Expr::column(from(i), fields[from(i)].ty)).collect();
            let names = (0..fields.len()).map(|i| fields[from(i)].name.clone()).collect();
            Some((Plan::Project { input: Box::new(aggregate), exprs, names }, over))
        }
        Plan::Join { .. } => lift_join(plan, slots),
        _ => None,
    }
}

/// True if aggregates take values in the order that their input says: `array_agg(x)` of a query with ORDER BY.
pub fn collects(input: &Plan, aggregates: &[AggregateCall]) -> bool {
    let ordered = match input {
        Plan::Sort { .. } => true,
        Plan::Project { input, .. } | Plan::Filter { input, .. } => return collects(input, aggregates),
        _ => false,
    };
    ordered && aggregates.iter().any(|call| call.aggregate.function.name.ends_with("_agg"))
}

fn lift_join(plan: Plan, slots: &[usize]) -> Option<(Plan, Vec<Expr>)> {
    let Plan::Join { left, right, kind, keys, filter, build, output: None } = plan else { return None };
    if !keys.is_empty() {
        return None;
    }
    let (width, right_width) = (left.width(), right.width());
    let inner = kind == JoinKind::Inner;
    // Only what an inner join checks, and the side whose rows all count, can be taken out.
    if kind.extends_left() || !inner && plan_reads(&right, slots) {
        return None;
    }
    let (left, left_conditions) = lift(*left, slots)?;
    let (right, right_conditions) = lift(*right, slots)?;
    let (lifted, own) = match filter {
        Some(filter) if inner => split(filter, slots)?,
        Some(filter) if reads(&filter, slots) => return None,
        filter => (Vec::new(), filter.into_iter().collect()),
    };
    let wider = left.width();
    let shift = |column: usize| if column < width { column } else { column - width + wider };
    let mut conditions: Vec<Expr> = left_conditions;
    conditions.extend(right_conditions.into_iter().map(|c| c.remap_columns(&|column| column + wider)));
    conditions.extend(lifted.into_iter().map(|c| c.remap_columns(&shift)));
    let own: Vec<Expr> = own.into_iter().map(|c| c.remap_columns(&shift)).collect();
    let join = Plan::Join {
        left: Box::new(left),
        right: Box::new(right),
        kind,
        keys,
        filter: (!own.is_empty()).then(|| Expr::conjunction(own)),
        build,
        output: None,
    };
    let delivered = if kind.delivers_right() { width + right_width } else { width };
    let fields = join.fields();
    if fields.len() == delivered {
        return Some((join, conditions));
    }
    let mut names: Vec<String> = (0..delivered).map(|i| fields[shift(i)].name.clone()).collect();
    let mut exprs: Vec<Expr> = (0..delivered).map(|i| Expr::column(shift(i), fields[shift(i)].ty)).collect();
    let conditions = carry(conditions, &mut exprs, &mut |column| names.push(fields[column].name.clone()));
    Some((Plan::Project { input: Box::new(join), exprs, names }, conditions))
}

/// Conditions over an input as ones over a projection of it, to which the columns they need are added.
fn carry(conditions: Vec<Expr>, exprs: &mut Vec<Expr>, name: &mut dyn FnMut(usize)) -> Vec<Expr> {
    let mut over = Vec::with_capacity(conditions.len());
    for condition in conditions {
        over.push(condition.transform(&mut |part| match part {
            Expr::Column { index, ty } => {
                let same = |held: &Expr| matches!(held, Expr::Column { index: i, .. } if *i == index);
                let place = exprs.iter().position(same).unwrap_or_else(|| {
                    exprs.push(Expr::Column { index, ty });
                    name(index);
                    exprs.len() - 1
                });
                Expr::Column { index: place, ty }
            }
            other => other,
        }));
    }
    over
}

/// The conjuncts that read the parameters, and the others. None where one cannot be checked elsewhere.
fn split(predicate: Expr, slots: &[usize]) -> Option<(Vec<Expr>, Vec<Expr>)> {
    let (lifted, own): (Vec<Expr>, Vec<Expr>) =
        predicate.into_conjuncts().into_iter().partition(|part| reads(part, slots));
    let movable = |part: &Expr| !part.is_volatile() && !part.has_subquery();
    lifted.iter().all(movable).then_some((lifted, own))
}

/// An equality of something over the plan with something over the parameters: both, and whether they stood the other way
/// round.
pub fn equality(condition: &Expr, slots: &[usize]) -> Option<(Expr, Expr, bool)> {
    let (Cmp::Eq, a, b) = condition.as_comparison()? else { return None };
    let outer = |e: &Expr| e.columns_used().is_empty() && reads(e, slots);
    match () {
        _ if outer(b) && !reads(a, slots) => Some((a.clone(), b.clone(), false)),
        _ if outer(a) && !reads(b, slots) => Some((b.clone(), a.clone(), true)),
        _ => None,
    }
}

/// The same equality with another inner side.
pub fn equal(condition: &Expr, inner: Expr, outer: Expr, flipped: bool) -> Expr {
    match condition {
        Expr::Call { function, ty, .. } => {
            let args = if flipped { vec![outer, inner] } else { vec![inner, outer] };
            Expr::Call { function, args, ty: *ty }
        }
        other => other.clone(),
    }
}
