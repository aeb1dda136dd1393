//! Visiting and rewriting the parts of a plan.

use super::{Plan, Step};
use crate::sql::expr::Expr;
use std::sync::Arc;

impl Plan {
    /// The inputs.
    pub fn children(&self) -> Vec<&Plan> {
        let mut children = Vec::new();
        self.for_each_child(&mut |child| children.push(child));
        children
    }

    /// True if `test` holds for an input.
    pub fn any_child(&self, test: &mut dyn FnMut(&Plan) -> bool) -> bool {
        let mut found = false;
        self.for_each_child(&mut |child| found = found || test(child));
        found
    }

    /// Calls `visit` for the inputs.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Plan)) {
        match self {
            Plan::Values { .. }
            | Plan::Scan { .. }
            | Plan::PointGet { .. }
            | Plan::WithScan { .. }
            | Plan::Given { .. }
            | Plan::Function { .. } => {}
            Plan::Filter { input, .. }
            | Plan::Project { input, .. }
            | Plan::Aggregate { input, .. }
            | Plan::Distinct { input }
            | Plan::DistinctOn { input, .. }
            | Plan::Gapfill { input, .. }
            | Plan::Window { input, .. }
            | Plan::ProjectSet { input, .. }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::LockRows { input, .. }
            | Plan::Insert { input, .. }
            | Plan::Update { input, .. }
            | Plan::Delete { input, .. }
            | Plan::Explain { plan: input, .. } => visit(input),
            Plan::Join { left, right, .. }
            | Plan::Apply { left, right, .. }
            | Plan::Asof { left, right, .. }
            | Plan::SetOp { left, right, .. }
            | Plan::Recursive { first: left, step: right, .. } => {
                visit(left);
                visit(right);
            }
            Plan::Append { inputs } | Plan::Merge { actions: inputs } => inputs.iter().for_each(visit),
            Plan::Define(define) => define.steps.iter().filter_map(Step::plan).for_each(visit),
            Plan::With { queries, input } => {
                queries.iter().for_each(|query| visit(&query.plan));
                visit(input);
            }
        }
    }

    /// How many nodes there are, and how many at most from the root to a leaf.
    pub fn size(&self) -> (usize, usize) {
        let children = self.children().into_iter().map(Plan::size);
        let (nodes, depth) = children.fold((0, 0), |(n, d), (nodes, depth)| (n + nodes, d.max(depth)));
        (nodes + 1, depth + 1)
    }

    /// Calls `visit` for the inputs, which it may change.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Plan)) {
        match self {
            Plan::Values { .. }
            | Plan::Scan { .. }
            | Plan::PointGet { .. }
            | Plan::WithScan { .. }
            | Plan::Given { .. }
            | Plan::Function { .. } => {}
            Plan::Filter { input, .. }
            | Plan::Project { input, .. }
            | Plan::Aggregate { input, .. }
            | Plan::Distinct { input }
            | Plan::DistinctOn { input, .. }
            | Plan::Gapfill { input, .. }
            | Plan::Window { input, .. }
            | Plan::ProjectSet { input, .. }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::LockRows { input, .. }
            | Plan::Insert { input, .. }
            | Plan::Update { input, .. }
            | Plan::Delete { input, .. }
            | Plan::Explain { plan: input, .. } => visit(input),
            Plan::Join { left, right, .. }
            | Plan::Apply { left, right, .. }
            | Plan::Asof { left, right, .. }
            | Plan::SetOp { left, right, .. }
            | Plan::Recursive { first: left, step: right, .. } => {
                visit(left);
                visit(right);
            }
            Plan::Append { inputs } | Plan::Merge { actions: inputs } => inputs.iter_mut().for_each(visit),
            Plan::Define(define) => define.steps.iter_mut().filter_map(Step::plan_mut).for_each(visit),
            Plan::With { queries, input } => {
                queries.iter_mut().for_each(|query| visit(&mut query.plan));
                visit(input);
            }
        }
    }

    /// Takes the plan out, leaving an empty one.
    pub fn take(&mut self) -> Plan {
        std::mem::replace(self, Plan::Append { inputs: Vec::new() })
    }

    /// Rewrites the inputs.
    pub fn map_children(mut self, rewrite: &mut dyn FnMut(Plan) -> Plan) -> Plan {
        self.for_each_child_mut(&mut |child| *child = rewrite(child.take()));
        self
    }

    /// Rewrites every node, inputs first.
    pub fn transform(mut self, rewrite: &mut dyn FnMut(Plan) -> Plan) -> Plan {
        // Where they lie, so that what is not rewritten is not moved to and fro.
        self.for_each_child_mut(&mut |child| child.transform_here(rewrite));
        rewrite(self)
    }

    fn transform_here(&mut self, rewrite: &mut dyn FnMut(Plan) -> Plan) {
        self.for_each_child_mut(&mut |child| child.transform_here(rewrite));
        *self = rewrite(self.take());
    }

    /// The same of the nodes that are `wanted` once their inputs are rewritten; the others stay where they lie.
    pub fn transform_where(
        mut self,
        wanted: &dyn Fn(&Plan) -> bool,
        rewrite: &mut dyn FnMut(Plan) -> Plan,
    ) -> Plan {
        self.rewrite_where(wanted, rewrite);
        self
    }

    fn rewrite_where(&mut self, wanted: &dyn Fn(&Plan) -> bool, rewrite: &mut dyn FnMut(Plan) -> Plan) {
        self.for_each_child_mut(&mut |child| child.rewrite_where(wanted, rewrite));
        if wanted(self) {
            *self = rewrite(self.take());
        }
    }

    /// Rewrites the expressions of this node.
    pub fn map_exprs(mut self, rewrite: &mut dyn FnMut(Expr) -> Expr) -> Plan {
        self.for_each_expr_mut(&mut |expr| {
            let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
            *expr = rewrite(taken);
        });
        self
    }

    /// Calls `visit` for the expressions of this node.
    pub fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Plan::Values { rows, .. } => rows.iter().flatten().for_each(visit),
            Plan::Scan { ranges, access, ranked, counted, .. } => {
                ranges.iter().for_each(|r| visit(&r.value));
                access.iter().for_each(|access| access.for_each_expr(visit));
                ranked.iter().for_each(|ranked| ranked.for_each_expr(visit));
                counted.iter().for_each(|counted| visit(&counted.query));
            }
            Plan::PointGet { key, .. } => key.iter().for_each(visit),
            Plan::Filter { predicate, .. } => visit(predicate),
            Plan::Project { exprs, .. } => exprs.iter().for_each(visit),
            Plan::Join { keys, filter, .. } => {
                keys.iter().for_each(|(left, right)| [left, right].into_iter().for_each(&mut *visit));
                filter.iter().for_each(visit);
            }
            Plan::Asof { keys, by, filter, .. } => {
                let pairs = keys.iter().chain([by]);
                pairs.for_each(|(left, right)| [left, right].into_iter().for_each(&mut *visit));
                filter.iter().for_each(visit);
            }
            Plan::Function { calls, .. } | Plan::ProjectSet { calls, .. } => {
                calls.iter().flat_map(|call| &call.args).for_each(visit)
            }
            Plan::Apply { args, filter, .. } => {
                args.iter().for_each(|(_, arg)| visit(arg));
                filter.iter().for_each(visit);
            }
            Plan::Aggregate { group, aggregates, .. } => {
                group.iter().for_each(&mut *visit);
                aggregates.iter().for_each(|call| call.exprs().for_each(&mut *visit));
            }
            Plan::Window { partition, order, calls, .. } => {
                partition.iter().for_each(&mut *visit);
                order.iter().for_each(|k| visit(&k.expr));
                calls.iter().for_each(|call| call.exprs().for_each(&mut *visit));
            }
            Plan::DistinctOn { keys, .. } => keys.iter().for_each(visit),
            Plan::Gapfill { gaps, .. } => gaps.exprs().for_each(visit),
            Plan::Sort { keys, .. } => keys.iter().for_each(|k| visit(&k.expr)),
            Plan::TopN { keys, limit, offset, .. } => {
                keys.iter().for_each(|k| visit(&k.expr));
                visit(limit);
                offset.iter().for_each(visit);
            }
            Plan::Limit { limit, offset, ties, .. } => {
                limit.iter().chain(offset).for_each(&mut *visit);
                ties.iter().for_each(|k| visit(&k.expr));
            }
            Plan::Insert { conflict, returning, .. } => {
                if let Some(conflict) = conflict {
                    conflict.update.iter().flatten().chain(&conflict.filter).for_each(&mut *visit);
                    conflict.visible.iter().for_each(|(_, condition)| visit(condition));
                }
                returning.iter().flat_map(|r| &r.exprs).for_each(visit);
            }
            Plan::Update { returning, .. } | Plan::Delete { returning, .. } => {
                returning.iter().flat_map(|r| &r.exprs).for_each(visit)
            }
            Plan::Distinct { .. }
            | Plan::SetOp { .. }
            | Plan::Append { .. }
            | Plan::Merge { .. }
            | Plan::With { .. }
            | Plan::WithScan { .. }
            | Plan::Recursive { .. }
            | Plan::LockRows { .. }
            | Plan::Define(_)
            | Plan::Given { .. }
            | Plan::Explain { .. } => {}
        }
    }

    /// Calls `visit` for the expressions of this node, which it may change.
    pub fn for_each_expr_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
            Plan::Values { rows, .. } => Arc::make_mut(rows).iter_mut().flatten().for_each(visit),
            Plan::Scan { ranges, access, ranked, counted, .. } => {
                ranges.iter_mut().for_each(|r| visit(&mut r.value));
                access.iter_mut().for_each(|access| access.for_each_expr_mut(visit));
                ranked.iter_mut().for_each(|ranked| ranked.for_each_expr_mut(visit));
                counted.iter_mut().for_each(|counted| visit(&mut counted.query));
            }
            Plan::PointGet { key, .. } => key.iter_mut().for_each(visit),
            Plan::Filter { predicate, .. } => visit(predicate),
            Plan::Project { exprs, .. } => exprs.iter_mut().for_each(visit),
            Plan::Join { keys, filter, .. } => {
                for (left, right) in keys {
                    visit(left);
                    visit(right);
                }
                filter.iter_mut().for_each(visit);
            }
            Plan::Asof { keys, by, filter, .. } => {
                for (left, right) in keys.iter_mut().chain([by]) {
                    visit(left);
                    visit(right);
                }
                filter.iter_mut().for_each(visit);
            }
            Plan::Function { calls, .. } | Plan::ProjectSet { calls, .. } => {
                calls.iter_mut().flat_map(|call| &mut call.args).for_each(visit)
            }
            Plan::Apply { args, filter, .. } => {
                args.iter_mut().for_each(|(_, arg)| visit(arg));
                filter.iter_mut().for_each(visit);
            }
            Plan::Aggregate { group, aggregates, .. } => {
                group.iter_mut().for_each(&mut *visit);
                for call in aggregates {
                    call.exprs_mut().for_each(&mut *visit);
                }
            }
            Plan::Window { partition, order, calls, .. } => {
                partition.iter_mut().for_each(&mut *visit);
                order.iter_mut().for_each(|k| visit(&mut k.expr));
                calls.iter_mut().for_each(|call| call.exprs_mut().for_each(&mut *visit));
            }
            Plan::DistinctOn { keys, .. } => keys.iter_mut().for_each(visit),
            Plan::Gapfill { gaps, .. } => gaps.exprs_mut().for_each(visit),
            Plan::Sort { keys, .. } => keys.iter_mut().for_each(|k| visit(&mut k.expr)),
            Plan::TopN { keys, limit, offset, .. } => {
                keys.iter_mut().for_each(|k| visit(&mut k.expr));
                visit(limit);
                offset.iter_mut().for_each(visit);
            }
            Plan::Limit { limit, offset, ties, .. } => {
                limit.iter_mut().chain(offset).for_each(&mut *visit);
                ties.iter_mut().for_each(|k| visit(&mut k.expr));
            }
            Plan::Insert { conflict, returning, .. } => {
                if let Some(conflict) = conflict {
                    conflict.update.iter_mut().flatten().chain(&mut conflict.filter).for_each(&mut *visit);
                    conflict.visible.iter_mut().for_each(|(_, condition)| visit(condition));
                }
                returning.iter_mut().flat_map(|r| &mut r.exprs).for_each(visit);
            }
            Plan::Update { returning, .. } | Plan::Delete { returning, .. } => {
                returning.iter_mut().flat_map(|r| &mut r.exprs).for_each(visit)
            }
            Plan::Distinct { .. }
            | Plan::SetOp { .. }
            | Plan::Append { .. }
            | Plan::Merge { .. }
            | Plan::With { .. }
            | Plan::WithScan { .. }
            | Plan::Recursive { .. }
            | Plan::LockRows { .. }
            | Plan::Define(_)
            | Plan::Given { .. }
            | Plan::Explain { .. } => {}
        }
    }
}
