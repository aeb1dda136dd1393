//! What is left of subqueries once the passes are through: their plans are optimized too, and what does not depend on
//! the row around is run once, before the statement, its result being a parameter.
//!
//! A query that a CASE or COALESCE might not ask for stays where it is, since it may fail: but for one that reads what another
//! query of the WITH writes, and is therefore run before (`execute/write.rs`).

use super::lift::plan_reads;
use super::optimize;
use crate::sql::expr::{EvalContext, Expr, Subquery, SubqueryKind};
use crate::sql::plan::{Plan, SubPlan, SubPlanKind};
use remanent_storage::table::TableId;
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

/// Optimizes the plans of all subqueries of a plan; those to be run beforehand, in order. `slots` is the number of the
/// next parameter.
pub fn optimize_subqueries(plan: &mut Plan, ctx: &EvalContext<'_>, slots: &mut usize) -> Vec<SubPlan> {
    let mut rows = Vec::new();
    row_slots(plan, &mut rows);
    let mut written = Vec::new();
    if let Plan::With { queries, input } = &*plan
        && queries.iter().any(|query| query.plan.writes())
    {
        queries.iter().map(|query| &query.plan).chain([&**input]).for_each(|plan| plan.written(&mut written));
    }
    let mut work = Work { ctx, slots, rows, written, subplans: Vec::new(), settled: Vec::new() };
    work.plan(plan);
    work.subplans
}

struct Work<'a> {
    ctx: &'a EvalContext<'a>,
    slots: &'a mut usize,
    /// The parameters that hold values of a row around.
    rows: Vec<usize>,
    /// What the queries of a WITH write, one before the other.
    written: Vec<TableId>,
    subplans: Vec<SubPlan>,
    /// The plans that are settled already, as they were, and what became of them: ranges of scans repeat conditions.
    settled: Vec<(Arc<Plan>, Expr)>,
}

impl Work<'_> {
    fn plan(&mut self, plan: &mut Plan) {
        plan.for_each_expr_mut(&mut |expr| self.expr(expr, false));
        plan.for_each_child_mut(&mut |child| self.plan(child));
    }

    fn expr(&mut self, expr: &mut Expr, lazy: bool) {
        let lazy = lazy || matches!(expr, Expr::Case { .. } | Expr::Coalesce { .. });
        expr.for_each_child_mut(&mut |child| self.expr(child, lazy));
        let Expr::Subquery(subquery) = expr else { return };
        if let Some((_, done)) = self.settled.iter().find(|(held, _)| Arc::ptr_eq(held, &subquery.plan)) {
            match done {
                Expr::Subquery(done) => subquery.plan = Arc::clone(&done.plan),
                other => *expr = other.clone(),
            }
            return;
        }
        let before = Arc::clone(&subquery.plan);
        self.settle(expr, lazy);
        self.settled.push((before, expr.clone()));
    }

    fn settle(&mut self, expr: &mut Expr, lazy: bool) {
        let Expr::Subquery(subquery) = expr else { return };
        let mut plan = Plan::clone(&subquery.plan);
        if subquery.kind == SubqueryKind::Exists {
            let one = Expr::Literal { value: Value::Int8(1), ty: Type::Int8 };
            plan = Plan::Limit { input: Box::new(plan), limit: Some(one), offset: None, ties: Vec::new() };
        }
        plan = optimize(plan, self.ctx, &mut |_, _| {});
        self.plan(&mut plan);
        subquery.plan = Arc::new(plan);
        let (kind, ty) = match subquery.kind {
            SubqueryKind::Scalar(ty) => (SubPlanKind::Scalar(ty), ty),
            SubqueryKind::Exists => (SubPlanKind::Exists, Type::Bool),
            SubqueryKind::Any | SubqueryKind::All => return,
        };
        if lazy && !subquery.plan.reads(&self.written) || !self.runs_alone(subquery) {
            return;
        }
        let slot = *self.slots;
        *self.slots += 1;
        self.subplans.push(SubPlan { slot, kind, plan: Plan::clone(&subquery.plan) });
        *expr = Expr::Param { index: slot, ty: Some(ty), at: 0 };
    }

    /// True if a subquery reads nothing of a row around, however far, nor rows that come with the statement.
    fn runs_alone(&self, subquery: &Subquery) -> bool {
        subquery.args.is_empty()
            && !subquery.volatile
            && !plan_reads(&subquery.plan, &self.rows)
            && !reads_with(&subquery.plan)
    }
}

/// The parameters that hold values of a row around some subquery or dependent join.
fn row_slots(plan: &Plan, slots: &mut Vec<usize>) {
    if let Plan::Apply { args, .. } = plan {
        slots.extend(args.iter().map(|(slot, _)| *slot));
    }
    plan.for_each_expr(&mut |expr| {
        expr.any(&mut |part| {
            if let Expr::Subquery(subquery) = part {
                slots.extend(subquery.args.iter().map(|(slot, _)| *slot));
                row_slots(&subquery.plan, slots);
            }
            false
        });
    });
    plan.for_each_child(&mut |child| row_slots(child, slots));
}

/// True if a plan reads a query of a WITH around it, which is not begun yet before the statement.
fn reads_with(plan: &Plan) -> bool {
    fn walk(plan: &Plan, own: &mut Vec<usize>) -> bool {
        match plan {
            Plan::With { queries, .. } => own.extend(queries.iter().map(|query| query.id)),
            Plan::Recursive { id, .. } => own.push(*id),
            Plan::WithScan { id, .. } => return !own.contains(id),
            _ => {}
        }
        let mut found = false;
        plan.for_each_expr(&mut |expr| {
            expr.any(&mut |part| {
                if let Expr::Subquery(subquery) = part {
                    found = found || walk(&subquery.plan, own);
                }
                false
            });
        });
        found || plan.any_child(&mut |child| walk(child, own))
    }
    walk(plan, &mut Vec::new())
}
