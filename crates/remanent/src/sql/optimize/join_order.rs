//! Chains of inner joins in the order that costs least.
//!
//! A join costs the rows it holds, twice, the rows that stream past, and those that come out. For chains of up to
//! [`EXACT`] inputs the cheapest tree of all is found, by the cheapest tree of every set of inputs that conditions connect
//! (Moerkotte, Neumann, "Analysis of Two Existing and One New Dynamic Programming Algorithm", 2006); longer ones are joined
//! greedily, each time the two of which the least comes out. Products are made only where no condition connects. Each
//! condition is checked at the first join that has all its columns. A projection puts the columns back where the statement
//! has them.
//!
//! Before that, a semi join that reads one input only and is expected to drop rows of it goes there.
//!
//! Limits: which side is held is chosen later; outer joins are taken as one input; chains of more than 60 inputs stay as
//! they are.

use super::{estimate, selectivity::selectivity};
use crate::sql::expr::{EvalContext, Expr};
use crate::sql::functions::Cmp;
use crate::sql::plan::{JoinKind, Plan, Side};

/// Inputs of a chain whose trees are all looked at: 3^9 pairs of sets.
const EXACT: usize = 9;

/// Chains from here on stay as they are: a set of inputs is 64 bits.
const TOO_MANY: usize = 61;

/// Orders every chain of inner joins.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    walk(plan)
}

fn walk(plan: Plan) -> Plan {
    let plan = match plan {
        Plan::Join { kind: JoinKind::Semi, .. } => sink(plan),
        other => other,
    };
    if !matches!(plan, Plan::Join { kind: JoinKind::Inner, .. }) {
        return plan.map_children(&mut walk);
    }
    let (mut inputs, mut conditions) = (Vec::new(), Vec::new());
    flatten(plan.clone(), 0, &mut inputs, &mut conditions);
    let inputs: Vec<Input> =
        inputs.into_iter().map(|input| Input { plan: walk(input.plan), ..input }).collect();
    match inputs.len() {
        0..=2 | TOO_MANY.. => plan.map_children(&mut walk),
        _ => Chain::new(inputs, conditions).ordered(),
    }
}

/// Moves a semi join to the one input of a chain that it reads, where it holds less than half of that.
fn sink(plan: Plan) -> Plan {
    let Plan::Join { left, right, kind: JoinKind::Semi, keys, filter: Some(filter), build, output: None } =
        plan
    else {
        return plan;
    };
    let semi = |left: Plan, filter: Expr| {
        let (left, right) = (Box::new(left), right.clone());
        let (keys, filter) = (keys.clone(), Some(filter));
        Plan::Join { left, right, kind: JoinKind::Semi, keys, filter, build, output: None }
    };
    let width = left.width();
    let used: Vec<usize> = filter.columns_used().into_iter().filter(|&column| column < width).collect();
    let held = estimate::rows(&right);
    let mut below = |input: Plan, start: usize| {
        if held * 2.0 >= estimate::rows(&input) {
            return (input, false);
        }
        let own = input.width();
        let place = |column: usize| if column < width { column - start } else { column - width + own };
        (semi(input, filter.clone().remap_columns(&place)), true)
    };
    let alone = !matches!(*left, Plan::Join { kind: JoinKind::Inner, .. });
    match alone || !keys.is_empty() || used.is_empty() {
        true => semi(*left, filter),
        false => match lower(*left, 0, &used, &mut below) {
            (chain, true) => chain,
            (chain, false) => semi(chain, filter),
        },
    }
}

/// Rewrites the one input of a chain that has all these columns; false: there is none, or it stays.
fn lower(
    chain: Plan,
    start: usize,
    used: &[usize],
    rewrite: &mut dyn FnMut(Plan, usize) -> (Plan, bool),
) -> (Plan, bool) {
    match chain {
        Plan::Join { left, right, kind: JoinKind::Inner, keys, filter, build, output: None } => {
            let middle = start + left.width();
            let (left, right, done) = if used.iter().all(|&column| column < middle) {
                let (left, done) = lower(*left, start, used, rewrite);
                (Box::new(left), right, done)
            } else if used.iter().all(|&column| column >= middle) {
                let (right, done) = lower(*right, middle, used, rewrite);
                (left, Box::new(right), done)
            } else {
                (left, right, false)
            };
            (Plan::Join { left, right, kind: JoinKind::Inner, keys, filter, build, output: None }, done)
        }
        input => rewrite(input, start),
    }
}

/// One input of a chain and where its columns are in the statement's order.
struct Input {
    plan: Plan,
    start: usize,
    width: usize,
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

/// A set of inputs, one bit each.
type Set = u64;

struct Chain {
    inputs: Vec<Input>,
    rows: Vec<f64>,
    conditions: Vec<Condition>,
}

/// A condition, which inputs it reads, and the part of the pairs for which it is true.
struct Condition {
    expr: Expr,
    reads: Set,
    share: f64,
}

/// The cheapest tree of a set of inputs.
#[derive(Clone)]
struct Tree {
    cost: f64,
    rows: f64,
    /// The sets that the last join joins; None: one input alone.
    sides: Option<(Set, Set)>,
}

impl Chain {
    fn new(inputs: Vec<Input>, conditions: Vec<Expr>) -> Self {
        let rows = inputs.iter().map(|input| estimate::rows(&input.plan).max(1.0)).collect();
        let mut chain = Chain { inputs, rows, conditions: Vec::new() };
        chain.conditions = conditions.into_iter().map(|expr| chain.condition(expr)).collect();
        chain.join_combined_keys();
        chain
    }

    fn condition(&self, expr: Expr) -> Condition {
        let reads =
            expr.columns_used().iter().filter_map(|&column| self.of(column)).fold(0, |set, i| set | 1 << i);
        let share = match self.sides(&expr) {
            Some((i, left, j, right)) => estimate::equal(&[(&left, &right)], self.sized(i), self.sized(j)),
            None => selectivity(&expr, &Plan::one_row(), 1.0),
        };
        Condition { expr, reads, share }
    }

    fn sized(&self, input: usize) -> (&Plan, f64) {
        (&self.inputs[input].plan, self.rows[input])
    }

    /// The input that has a column.
    fn of(&self, column: usize) -> Option<usize> {
        self.inputs.iter().position(|input| (input.start..input.start + input.width).contains(&column))
    }

    /// The two inputs that an equality is about, and its sides over their columns.
    fn sides(&self, expr: &Expr) -> Option<(usize, Expr, usize, Expr)> {
        let (Cmp::Eq, left, right) = expr.as_comparison()? else { return None };
        let side = |expr: &Expr| {
            let used = expr.columns_used();
            let input = self.of(*used.first()?)?;
            let start = self.inputs[input].start;
            let own = used.iter().all(|&column| self.of(column) == Some(input));
            own.then(|| (input, expr.clone().remap_columns(&|column| column - start)))
        };
        let ((i, left), (j, right)) = (side(left)?, side(right)?);
        (i != j).then_some((i, left, j, right))
    }

    /// Several equalities between two inputs are one: a combination of keys has no more values than there are rows.
    fn join_combined_keys(&mut self) {
        for first in 0..self.conditions.len() {
            let reads = self.conditions[first].reads;
            let same: Vec<usize> = (0..self.conditions.len())
                .filter(|&i| {
                    self.conditions[i].reads == reads && self.sides(&self.conditions[i].expr).is_some()
                })
                .collect();
            if reads.count_ones() != 2 || same.len() < 2 || same[0] != first {
                continue;
            }
            let mut keys = Vec::new();
            for &i in &same {
                if let Some((a, left, b, right)) = self.sides(&self.conditions[i].expr) {
                    keys.push(if a < b { (left, right) } else { (right, left) });
                }
            }
            let (i, j) = (reads.trailing_zeros() as usize, 63 - reads.leading_zeros() as usize);
            let keys: Vec<(&Expr, &Expr)> = keys.iter().map(|(left, right)| (left, right)).collect();
            let share = estimate::equal(&keys, self.sized(i), self.sized(j));
            same.iter().for_each(|&i| self.conditions[i].share = 1.0);
            self.conditions[first].share = share;
        }
    }

    /// True if a condition needs both sets, and no more.
    fn connects(&self, condition: &Condition, a: Set, b: Set) -> bool {
        condition.reads & !(a | b) == 0 && condition.reads & a != 0 && condition.reads & b != 0
    }

    /// The tree of two trees.
    fn join(&self, (a, left): (Set, &Tree), (b, right): (Set, &Tree)) -> (bool, Tree) {
        let mut connected = false;
        let mut rows = left.rows * right.rows;
        for condition in self.conditions.iter().filter(|condition| self.connects(condition, a, b)) {
            connected = true;
            rows *= condition.share;
        }
        let rows = rows.max(1.0);
        let (held, streaming) = (left.rows.min(right.rows), left.rows.max(right.rows));
        let cost = left.cost + right.cost + 2.0 * held + streaming + rows;
        (connected, Tree { cost, rows, sides: Some((a, b)) })
    }

    fn ordered(self) -> Plan {
        let all: Set = (1 << self.inputs.len()) - 1;
        let mut trees = Vec::new();
        let sides = match self.inputs.len() {
            ..=EXACT => {
                trees = self.exact(all);
                Vec::new()
            }
            _ => self.greedy(),
        };
        let total: usize = self.inputs.iter().map(|input| input.width).sum();
        let mut conditions = self.conditions;
        let mut inputs: Vec<Option<Input>> = self.inputs.into_iter().map(Some).collect();
        let sides_of = |set: Set| match sides.is_empty() {
            true => trees.get(set as usize).and_then(|tree: &Option<Tree>| tree.as_ref()?.sides),
            false => sides.iter().find(|(a, b)| a | b == set).copied(),
        };
        let set = if sides.is_empty() { all } else { sides.last().map_or(all, |(a, b)| a | b) };
        let (plan, at) = build(set, &sides_of, &mut inputs, &mut conditions);
        restored(plan, &at, total)
    }

    /// The cheapest tree of each set of inputs, by its bits.
    fn exact(&self, all: Set) -> Vec<Option<Tree>> {
        let mut trees: Vec<Option<Tree>> = vec![None; all as usize + 1];
        for (i, &rows) in self.rows.iter().enumerate() {
            trees[1 << i] = Some(Tree { cost: 0.0, rows, sides: None });
        }
        for set in 1..=all {
            if set.count_ones() < 2 {
                continue;
            }
            let mut best: Option<(bool, Tree)> = None;
            // Each pair of sets once: the first has the lowest input.
            let lowest = set & set.wrapping_neg();
            let mut a = set & (set - 1);
            while a != 0 {
                a = (a - 1) & (set & !lowest);
                let (first, second) = (a | lowest, set & !(a | lowest));
                if second == 0 {
                    continue;
                }
                if let (Some(left), Some(right)) = (&trees[first as usize], &trees[second as usize]) {
                    let (connected, tree) = self.join((first, left), (second, right));
                    let better = match &best {
                        None => true,
                        Some((held, _)) if *held != connected => connected,
                        Some((_, held)) => tree.cost < held.cost,
                    };
                    if better {
                        best = Some((connected, tree));
                    }
                }
            }
            trees[set as usize] = best.map(|(_, tree)| tree);
        }
        trees
    }

    /// The joins of a tree in order: each time the pair of which the least comes out.
    fn greedy(&self) -> Vec<(Set, Set)> {
        let mut left: Vec<(Set, Tree)> = Vec::new();
        for (i, &rows) in self.rows.iter().enumerate() {
            left.push((1 << i, Tree { cost: 0.0, rows, sides: None }));
        }
        let mut joins = Vec::new();
        while left.len() > 1 {
            let mut best: Option<(bool, f64, usize, usize, Tree)> = None;
            for i in 0..left.len() {
                for j in i + 1..left.len() {
                    let (connected, tree) = self.join((left[i].0, &left[i].1), (left[j].0, &left[j].1));
                    let better = best.as_ref().is_none_or(|(held, rows, ..)| {
                        if *held == connected { tree.rows < *rows } else { connected }
                    });
                    if better {
                        best = Some((connected, tree.rows, i, j, tree));
                    }
                }
            }
            let Some((_, _, i, j, tree)) = best else { break };
            let (b, _) = left.swap_remove(j);
            let (a, _) = std::mem::replace(&mut left[i], (0, tree.clone()));
            left[i].0 = a | b;
            joins.push((a, b));
        }
        joins
    }
}

/// The tree of a set, and the statement's numbers of its columns.
fn build(
    set: Set,
    sides: &dyn Fn(Set) -> Option<(Set, Set)>,
    inputs: &mut [Option<Input>],
    conditions: &mut Vec<Condition>,
) -> (Plan, Vec<usize>) {
    let Some((a, b)) = sides(set) else {
        let input = inputs.get_mut(set.trailing_zeros() as usize).and_then(Option::take);
        let alone = |input: Input| (input.plan, (input.start..input.start + input.width).collect());
        return input.map_or_else(|| (Plan::one_row(), Vec::new()), alone);
    };
    let (left, mut at) = build(a, sides, inputs, conditions);
    let (right, at_right) = build(b, sides, inputs, conditions);
    at.extend(at_right);
    let (own, later): (Vec<Condition>, Vec<Condition>) =
        std::mem::take(conditions).into_iter().partition(|condition| condition.reads & !set == 0);
    *conditions = later;
    let here = |column: usize| at.iter().position(|&held| held == column).unwrap_or(column);
    let own: Vec<Expr> = own.into_iter().map(|condition| condition.expr.remap_columns(&here)).collect();
    let plan = Plan::Join {
        left: Box::new(left),
        right: Box::new(right),
        kind: JoinKind::Inner,
        keys: Vec::new(),
        filter: (!own.is_empty()).then(|| Expr::conjunction(own)),
        build: Side::Right,
        output: None,
    };
    (plan, at)
}

/// The columns in the statement's order.
fn restored(plan: Plan, at: &[usize], total: usize) -> Plan {
    if at.is_sorted() {
        return plan;
    }
    let fields = plan.fields();
    let from = |column: usize| at.iter().position(|&held| held == column).unwrap_or(column);
    let exprs = (0..total).map(|column| Expr::column(from(column), fields[from(column)].ty)).collect();
    let names = (0..total).map(|column| fields[from(column)].name.clone()).collect();
    Plan::Project { input: Box::new(plan), exprs, names }
}
