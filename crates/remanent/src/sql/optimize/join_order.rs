//! A chain of inner joins in an order that makes no needless product: greedy, by estimated size.
//!
//! The largest input streams; the others are joined to it one after the other, each time the smallest of those that a
//! condition connects to what is joined already, and only if there is none, the smallest of all. Each condition is
//! checked at the first join that has all its columns. A projection puts the columns back where the statement has them.
//!
//! Limits: two inputs stay as they are (which is held is chosen later); left joins are taken as one input.

use super::estimate;
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::plan::{JoinKind, Plan, Side};

/// Orders every chain of three or more inner joins.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    walk(plan)
}

fn walk(plan: Plan) -> Plan {
    if !matches!(plan, Plan::Join { kind: JoinKind::Inner, .. }) {
        return plan.map_children(&mut walk);
    }
    let (mut inputs, mut conditions) = (Vec::new(), Vec::new());
    flatten(plan.clone(), 0, &mut inputs, &mut conditions);
    let inputs: Vec<Input> =
        inputs.into_iter().map(|input| Input { plan: walk(input.plan), ..input }).collect();
    match inputs.len() {
        0..=2 => plan.map_children(&mut walk),
        _ => order(inputs, conditions),
    }
}

/// One input of a chain and where its columns are in the statement's order.
struct Input {
    plan: Plan,
    start: usize,
    width: usize,
}

impl Input {
    fn holds(&self, column: usize) -> bool {
        (self.start..self.start + self.width).contains(&column)
    }
}

/// Takes a chain apart; conditions speak of columns in the statement's order.
fn flatten(plan: Plan, start: usize, inputs: &mut Vec<Input>, conditions: &mut Vec<Expr>) {
    match plan {
        Plan::Join { left, right, kind: JoinKind::Inner, keys, filter, .. } if keys.is_empty() => {
            let width = left.width();
            let own = filter.map(Expr::into_conjuncts).unwrap_or_default();
            conditions.extend(own.into_iter().map(|c| c.remap_columns(&|column| column + start)));
            flatten(*left, start, inputs, conditions);
            flatten(*right, start + width, inputs, conditions);
        }
        other => inputs.push(Input { start, width: other.width(), plan: other }),
    }
}

fn order(mut inputs: Vec<Input>, mut conditions: Vec<Expr>) -> Plan {
    let total: usize = inputs.iter().map(|input| input.width).sum();
    let sizes = |inputs: &[Input]| inputs.iter().map(|input| estimate::rows(&input.plan)).collect::<Vec<_>>();
    let mut size = sizes(&inputs);
    // The first of the largest.
    let largest = (0..size.len()).rev().max_by(|&a, &b| size[a].total_cmp(&size[b])).unwrap_or(0);
    let first = inputs.remove(largest);
    size.remove(largest);
    // `at[i]` is the statement's number of column i of what is joined so far.
    let mut at: Vec<usize> = (first.start..first.start + first.width).collect();
    let mut plan = first.plan;
    while !inputs.is_empty() {
        let connects = |input: &Input| {
            conditions.iter().any(|condition| {
                let used = condition.columns_used();
                used.iter().any(|&column| input.holds(column))
                    && used.iter().any(|column| at.contains(column))
            })
        };
        let connected: Vec<usize> = (0..inputs.len()).filter(|&i| connects(&inputs[i])).collect();
        let candidates = if connected.is_empty() { (0..inputs.len()).collect() } else { connected };
        let next = candidates.into_iter().min_by(|&a, &b| size[a].total_cmp(&size[b])).unwrap_or(0);
        let input = inputs.remove(next);
        size.remove(next);
        at.extend(input.start..input.start + input.width);
        let ready = |condition: &Expr| condition.columns_used().iter().all(|column| at.contains(column));
        let (own, later): (Vec<Expr>, Vec<Expr>) = conditions.into_iter().partition(ready);
        conditions = later;
        let here = |column: usize| at.iter().position(|&held| held == column).unwrap_or(column);
        let own: Vec<Expr> = own.into_iter().map(|condition| condition.remap_columns(&here)).collect();
        plan = Plan::Join {
            left: Box::new(plan),
            right: Box::new(input.plan),
            kind: JoinKind::Inner,
            keys: Vec::new(),
            filter: (!own.is_empty()).then(|| Expr::conjunction(own)),
            build: Side::Right,
            output: None,
        };
    }
    if at.is_sorted() {
        return plan;
    }
    let fields = plan.fields();
    let from = |column: usize| at.iter().position(|&held| held == column).unwrap_or(column);
    let exprs = (0..total).map(|column| Expr::column(from(column), fields[from(column)].ty)).collect();
    let names = (0..total).map(|column| fields[from(column)].name.clone()).collect();
    Plan::Project { input: Box::new(plan), exprs, names }
}
