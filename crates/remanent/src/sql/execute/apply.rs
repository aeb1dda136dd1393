//! LATERAL: a join whose right input depends on the left row.
//!
//! The right plan is opened and run once for each distinct combination of what it reads of the left row; its rows are
//! kept for the left rows to come. Where the memory for that is short, they are forgotten and computed again.

use super::grouping::Grouping;
use super::project::evaluate;
use super::subquery::{exact, exact_type, with_args};
use super::{Input, Operator, Reservation, Rows, Run, open as open_plan, pull, types};
use crate::sql::expr::Expr;
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, Type};
use std::collections::VecDeque;
use std::sync::Arc;

/// What remembered rows may take before they are forgotten.
const REMEMBERED: usize = 16 << 20;

/// Builds the operator of a dependent join.
pub fn open(plan: &Plan, env: &Run<'_>) -> Result<Input> {
    let Plan::Apply { left, right, args, outer, filter } = plan else {
        return Err(Error::internal("not a dependent join"));
    };
    let volatile = super::subquery::is_volatile(right);
    Ok(Box::new(Apply {
        left: open_plan(left, env)?,
        right: Arc::new((**right).clone()),
        right_types: types(right),
        args: args.clone(),
        outer: *outer,
        filter: filter.clone(),
        known: Grouping::new(args.iter().map(|(_, arg)| exact_type(arg.ty()))),
        rows: Vec::new(),
        held: 0,
        volatile,
        memory: env.context.memory.reserve(),
        out: VecDeque::new(),
    }))
}

struct Apply {
    left: Input,
    right: Arc<Plan>,
    right_types: Vec<Type>,
    args: Vec<(usize, Expr)>,
    outer: bool,
    filter: Option<Expr>,
    known: Grouping,
    /// By number of the arguments: the right rows.
    rows: Vec<Arc<(Vec<Column>, usize)>>,
    held: usize,
    volatile: bool,
    memory: Reservation,
    out: VecDeque<Batch>,
}

impl Operator for Apply {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.out.pop_front() {
                return Ok(Some(batch));
            }
            let Some(batch) = pull(&mut self.left, env)? else { return Ok(None) };
            let batch = batch.compact();
            let exprs: Vec<Expr> = self.args.iter().map(|(_, arg)| arg.clone()).collect();
            let args = evaluate(&exprs, &batch, env)?;
            self.pairs(&batch, &args, env)?;
        }
    }
}

impl Apply {
    /// Makes the pairs of a batch of left rows.
    fn pairs(&mut self, batch: &Batch, args: &[Column], env: &Run<'_>) -> Result<()> {
        if self.held > REMEMBERED {
            self.forget()?;
        }
        let mut numbers = Vec::new();
        if !self.volatile {
            self.known.insert(&exact(args)?, batch.rows, &mut numbers)?;
        }
        let mut pairs = Pairs::default();
        for row in 0..batch.rows {
            env.context.interrupt.check()?;
            let right = match numbers.get(row).and_then(|&number| self.rows.get(number as usize)) {
                Some(known) => Arc::clone(known),
                None => {
                    let mut ran = self.run(args, row, env);
                    if matches!(&ran, Err(error) if error.state() == state::OUT_OF_MEMORY) && self.held > 0 {
                        self.forget()?;
                        numbers.clear();
                        ran = self.run(args, row, env);
                    }
                    let rows = Arc::new(ran?);
                    // Once they were forgotten, the other rows of this batch are run each.
                    if !numbers.is_empty() {
                        self.held += rows.0.iter().map(Column::memory).sum::<usize>() + 64;
                        self.rows.push(Arc::clone(&rows));
                        if self.memory.hold(self.held + self.known.memory()).is_err() {
                            self.forget()?;
                            numbers.clear();
                        }
                    }
                    rows
                }
            };
            let mut taken = 0;
            while taken < right.1 {
                let take = (right.1 - taken).min(BATCH_ROWS);
                let chosen: Vec<u32> = (taken as u32..(taken + take) as u32).collect();
                self.keep(batch, row, &right.0, chosen, &mut pairs, env)?;
                taken += take;
            }
            if self.outer && !pairs.matched {
                pairs.add(row, None, &self.right_types);
            }
            pairs.matched = false;
            if pairs.left.len() >= BATCH_ROWS {
                self.hand_on(batch, &mut pairs);
            }
        }
        self.hand_on(batch, &mut pairs);
        Ok(())
    }

    /// Forgets what was run.
    fn forget(&mut self) -> Result<()> {
        (self.known, self.rows, self.held) =
            (Grouping::new(self.args.iter().map(|(_, arg)| exact_type(arg.ty()))), Vec::new(), 0);
        self.memory.hold(0)
    }

    /// Adds the pairs of one left row with some right rows that meet the filter.
    fn keep(
        &mut self,
        batch: &Batch,
        row: usize,
        right: &[Column],
        mut chosen: Vec<u32>,
        pairs: &mut Pairs,
        env: &Run<'_>,
    ) -> Result<()> {
        let mut columns: Vec<Column> = right.iter().map(|column| column.gather(&chosen)).collect();
        if let Some(filter) = &self.filter {
            let repeated = vec![row as u32; chosen.len()];
            let mut both: Vec<Column> = batch.columns.iter().map(|column| column.gather(&repeated)).collect();
            both.extend(columns.iter().cloned());
            let kept = filter.filter(&Batch::new(both, chosen.len()), &env.eval())?;
            columns = columns.iter().map(|column| column.gather(&kept)).collect();
            chosen = kept.to_vec();
        }
        if !chosen.is_empty() {
            pairs.matched = true;
            pairs.add(row, Some((&columns, chosen.len())), &self.right_types);
        }
        if pairs.left.len() >= BATCH_ROWS {
            self.hand_on(batch, pairs);
        }
        Ok(())
    }

    /// Runs the right side for one left row.
    fn run(&self, args: &[Column], row: usize, env: &Run<'_>) -> Result<(Vec<Column>, usize)> {
        let inner = with_args(env, &self.args, args, row);
        let inner = Run::new(&inner, env.txn);
        let mut root = open_plan(&self.right, &inner)?;
        let mut rows = Rows::new(self.right_types.iter().copied());
        let mut memory = env.context.memory.reserve();
        while let Some(batch) = pull(&mut root, &inner)? {
            let batch = batch.compact();
            rows.append(&batch.columns, batch.rows, None);
            memory.hold(rows.memory())?;
        }
        let len = rows.len;
        Ok((rows.finish(), len))
    }

    fn hand_on(&mut self, batch: &Batch, pairs: &mut Pairs) {
        let (left, right) = (std::mem::take(&mut pairs.left), pairs.right.take());
        let Some(right) = right.filter(|_| !left.is_empty()) else { return };
        let mut columns: Vec<Column> = batch.columns.iter().map(|column| column.gather(&left)).collect();
        columns.extend(right.finish());
        let all = Batch::new(columns, left.len());
        let mut at = 0;
        while at < all.rows {
            let len = (all.rows - at).min(BATCH_ROWS);
            self.out.push_back(all.slice(at, len));
            at += len;
        }
    }
}

/// The pairs made so far of one left batch.
#[derive(Default)]
struct Pairs {
    left: Vec<u32>,
    right: Option<Rows>,
    /// The left row at hand has a partner.
    matched: bool,
}

impl Pairs {
    /// A left row beside right ones, or beside NULLs.
    fn add(&mut self, row: usize, right: Option<(&[Column], usize)>, types: &[Type]) {
        let rows = self.right.get_or_insert_with(|| Rows::new(types.iter().copied()));
        match right {
            Some((columns, len)) => {
                rows.append(columns, len, None);
                self.left.extend(std::iter::repeat_n(row as u32, len));
            }
            None => {
                let nulls: Vec<Column> = types.iter().map(|&ty| Column::null(ty, 1)).collect();
                rows.append(&nulls, 1, None);
                self.left.push(row as u32);
            }
        }
    }
}
