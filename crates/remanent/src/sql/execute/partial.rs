//! The first step of a grouping in two: the groups of some rows, made by whoever reads them.
//!
//! ```text
//!   SELECT a, avg(b), count(*) … GROUP BY a
//!
//!   here, of each morsel      a, sum(b), count(b), count(*)          a row a group, in order of arrival
//!   HashAggregate, of those   a, sum of sums / sum of counts, …      as of any rows: in order, laid down where memory is short
//! ```
//!
//! Which aggregates have such parts says `parts` of an `Aggregate`. Groups come in the order in which their first rows do, so
//! whoever puts morsels in order ([`super::gather`]) has all in the order of one thread.
//!
//! Where nearly each row is a group of its own, rows are handed on as groups unseen for a while ([`APART`]).
//!
//! Sums of floats depend on what is added first. Where there are such, one thread makes the same parts as several do: of morsels,
//! each as if it were the first. So the sum of a table as it lies there is one, to the digit, whoever is free.
//!
//! Limits: then the second step has as much to do as there are rows.

use super::aggregate::Set;
use super::gather::Feed;
use super::{Input, Operator, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::optimize::estimate;
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::error::Result;
use remanent_storage::value::{Batch, Type};
use std::sync::Arc;

/// Groups are handed on from so many on, which fit into a processor's cache, or once they are of so many rows.
const GROUPS: usize = 4096;
const ROWS: usize = 1 << 20;
/// So often rows are not compared after most of them had a group of their own.
const APART: u32 = 15;

/// A grouping in two steps.
pub struct Steps {
    /// What makes a group, over the rows.
    group: Vec<Expr>,
    /// Which of these need comparing.
    pub compared: Vec<bool>,
    /// The aggregates of the first step.
    parts: Vec<AggregateCall>,
    /// What makes a group, and the aggregates of the second step, over what the first one makes.
    pub whole: (Vec<Expr>, Vec<AggregateCall>),
    /// The whole is the same to the digit whatever the parts are.
    pub exact: bool,
}

impl Steps {
    /// Of a grouping; None: some aggregate has no parts.
    pub fn of(group: &[Expr], compared: Vec<bool>, aggregates: &[AggregateCall]) -> Option<Arc<Steps>> {
        let columns = group.iter().enumerate().map(|(index, key)| Expr::Column { index, ty: key.ty() });
        let (mut parts, mut whole) = (Vec::<AggregateCall>::new(), Vec::new());
        for call in aggregates {
            if call.distinct || !call.order.is_empty() {
                return None;
            }
            let (of, mut second) = call.aggregate.parts()?;
            for part in of {
                let same = |known: &AggregateCall| {
                    let of = &known.aggregate;
                    of.function.name == part.function.name
                        && of.args == part.args
                        && known.filter == call.filter
                };
                let at = parts.iter().position(same).unwrap_or(parts.len());
                let (index, ty) = (group.len() + at, part.ty);
                second.args.push(Expr::Column { index, ty });
                if at == parts.len() {
                    parts.push(AggregateCall { aggregate: part, ..call.clone() });
                }
            }
            whole.push(AggregateCall { aggregate: second, filter: None, ..call.clone() });
        }
        let whole = (columns.collect(), whole);
        let exact = aggregates.iter().all(|call| call.aggregate.is_exact());
        Some(Arc::new(Steps { group: group.to_vec(), compared, parts, whole, exact }))
    }

    /// All that is computed of rows.
    pub fn exprs(&self) -> impl Iterator<Item = &Expr> {
        self.group.iter().chain(self.parts.iter().flat_map(AggregateCall::exprs))
    }

    /// False where there are so many groups, as far as is known, that parts of them spare nobody anything.
    pub fn are_worth_it(&self, input: &Plan) -> bool {
        let rows = estimate::rows(input);
        let keys = self.group.iter().filter(|key| matches!(key, Expr::Column { .. }));
        keys.map(|key| estimate::distinct_of(key, input, rows)).product::<f64>() <= GROUPS as f64
    }

    /// The types of what the first step makes.
    pub fn types(&self) -> Vec<Type> {
        self.group.iter().map(Expr::ty).chain(self.parts.iter().map(|call| call.aggregate.ty)).collect()
    }
}

/// The first step over rows.
pub fn open(input: Input, steps: &Arc<Steps>) -> Input {
    Box::new(Partial { input, steps: Arc::clone(steps), ended: false, apart: 0 })
}

struct Partial {
    input: Input,
    steps: Arc<Steps>,
    ended: bool,
    /// How often rows are not compared from here on.
    apart: u32,
}

impl Partial {
    /// The end of a morsel.
    fn end(&mut self) -> Option<Batch> {
        if !self.steps.exact {
            self.apart = 0;
        }
        None
    }
}

impl Operator for Partial {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if std::mem::take(&mut self.ended) {
            return Ok(self.end());
        }
        let Steps { group, compared, parts, .. } = &*self.steps;
        let (all, mut numbers) = (vec![true; group.len()], Vec::new());
        let mut set = Set::new(0, group, &all, compared, parts);
        let mut rows = 0;
        set.apart = self.apart > 0;
        while rows < ROWS && set.len() < GROUPS {
            let Some(batch) = pull(&mut self.input, env)? else {
                self.ended = rows > 0;
                break;
            };
            let batch = batch.compact();
            rows += batch.rows;
            set.consume(&batch, &mut numbers, env)?;
        }
        if rows == 0 {
            return Ok(self.end());
        }
        self.apart = match self.apart {
            0 if set.len() * 4 > rows * 3 => APART,
            apart => apart.saturating_sub(1),
        };
        set.finish(env).map(Some)
    }

    fn prepare(&mut self, env: &Run<'_>) -> Result<bool> {
        self.input.prepare(env)
    }

    fn again(&self, feed: &Feed, env: &Run<'_>) -> Option<Input> {
        Some(open(self.input.again(feed, env)?, &self.steps))
    }
}
