//! Visiting and rewriting the parts of a plan.

use super::Plan;
use crate::sql::expr::Expr;
use std::sync::Arc;

impl Plan {
    /// The inputs.
    pub fn children(&self) -> Vec<&Plan> {
        match self {
            Plan::Values { .. }
            | Plan::Scan { .. }
            | Plan::PointGet { .. }
            | Plan::CreateTable { .. }
            | Plan::DropTable { .. }
            | Plan::Truncate { .. } => Vec::new(),
            Plan::Filter { input, .. }
            | Plan::Project { input, .. }
            | Plan::Aggregate { input, .. }
            | Plan::Distinct { input }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::LockRows { input, .. }
            | Plan::Insert { input, .. }
            | Plan::Update { input, .. }
            | Plan::Delete { input, .. }
            | Plan::Explain { plan: input, .. } => vec![input],
            Plan::Join { left, right, .. } => vec![left, right],
            Plan::Append { inputs } => inputs.iter().collect(),
        }
    }

    /// How many nodes there are, and how many at most from the root to a leaf.
    pub fn size(&self) -> (usize, usize) {
        let children = self.children().into_iter().map(Plan::size);
        let (nodes, depth) = children.fold((0, 0), |(n, d), (nodes, depth)| (n + nodes, d.max(depth)));
        (nodes + 1, depth + 1)
    }

    fn children_mut(&mut self) -> Vec<&mut Plan> {
        match self {
            Plan::Values { .. }
            | Plan::Scan { .. }
            | Plan::PointGet { .. }
            | Plan::CreateTable { .. }
            | Plan::DropTable { .. }
            | Plan::Truncate { .. } => Vec::new(),
            Plan::Filter { input, .. }
            | Plan::Project { input, .. }
            | Plan::Aggregate { input, .. }
            | Plan::Distinct { input }
            | Plan::Sort { input, .. }
            | Plan::TopN { input, .. }
            | Plan::Limit { input, .. }
            | Plan::LockRows { input, .. }
            | Plan::Insert { input, .. }
            | Plan::Update { input, .. }
            | Plan::Delete { input, .. }
            | Plan::Explain { plan: input, .. } => vec![input],
            Plan::Join { left, right, .. } => vec![left, right],
            Plan::Append { inputs } => inputs.iter_mut().collect(),
        }
    }

    /// Takes the plan out, leaving an empty one.
    pub fn take(&mut self) -> Plan {
        std::mem::replace(self, Plan::Append { inputs: Vec::new() })
    }

    /// Rewrites the inputs.
    pub fn map_children(mut self, rewrite: &mut dyn FnMut(Plan) -> Plan) -> Plan {
        for child in self.children_mut() {
            *child = rewrite(child.take());
        }
        self
    }

    /// Rewrites every node, inputs first.
    pub fn transform(self, rewrite: &mut dyn FnMut(Plan) -> Plan) -> Plan {
        let inner = self.map_children(&mut |child| child.transform(rewrite));
        rewrite(inner)
    }

    /// Rewrites the expressions of this node.
    pub fn map_exprs(mut self, rewrite: &mut dyn FnMut(Expr) -> Expr) -> Plan {
        self.for_each_expr_mut(&mut |expr| {
            let taken = std::mem::replace(expr, Expr::Unknown { text: None, at: 0 });
            *expr = rewrite(taken);
        });
        self
    }

    /// Calls `visit` for the expressions of this node, which it may change.
    pub fn for_each_expr_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
            Plan::Values { rows, .. } => Arc::make_mut(rows).iter_mut().flatten().for_each(visit),
            Plan::Scan { ranges, .. } => ranges.iter_mut().for_each(|r| visit(&mut r.value)),
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
            Plan::Aggregate { group, aggregates, .. } => {
                group.iter_mut().for_each(&mut *visit);
                for call in aggregates {
                    call.aggregate.args.iter_mut().for_each(&mut *visit);
                    call.filter.iter_mut().for_each(&mut *visit);
                }
            }
            Plan::Sort { keys, .. } => keys.iter_mut().for_each(|k| visit(&mut k.expr)),
            Plan::TopN { keys, limit, offset, .. } => {
                keys.iter_mut().for_each(|k| visit(&mut k.expr));
                visit(limit);
                offset.iter_mut().for_each(visit);
            }
            Plan::Limit { limit, offset, .. } => limit.iter_mut().chain(offset).for_each(visit),
            Plan::Distinct { .. }
            | Plan::Append { .. }
            | Plan::LockRows { .. }
            | Plan::Insert { .. }
            | Plan::Update { .. }
            | Plan::Delete { .. }
            | Plan::CreateTable { .. }
            | Plan::DropTable { .. }
            | Plan::Truncate { .. }
            | Plan::Explain { .. } => {}
        }
    }
}
