//! Running plans: vectorised operators that pull batches from each other.
//!
//! Each node of a [`Plan`] becomes one [`Operator`]. The reader of the result pulls a batch from the root,
//! which pulls from its inputs, down to the scans: at most 2,048 rows at a time, in columns, with a selection where
//! a filter left some out. A filter selects and copies nothing; the columns that a projection or an aggregate
//! computes are computed for the selected rows only.
//!
//! ```text
//! SELECT b, sum(a) FROM t WHERE a > 5 GROUP BY b
//!
//! Aggregate.next ─ pull ─▶ Filter.next ─ pull ─▶ Scan.next      Batch {a: 2,048 rows, b: 2,048 rows}
//!                                                Filter         + selection [3, 17, 40 …]
//!                                                Aggregate      evaluates b, a for these; numbers the groups
//! ```
//!
//! Life of an execution: [`open`] builds the operators (scans begin here, so they see the statement's snapshot),
//! then each [`Operator::next`] hands on one batch. Operators own all they need; only opening needs the transaction.
//! Statements that write pull from their input themselves (`write`).
//!
//! Invariants: an operator never hands on a batch of no rows; it checks the interrupt between batches (in
//! [`pull`], the one place); what it keeps is counted by a [`Reservation`].
//!
//! | file | holds |
//! |---|---|
//! | `scan` | tables, single rows by key, VALUES |
//! | `filter`, `project`, `limit`, `distinct`, `append` | what works batch by batch |
//! | `aggregate`, `join`, `sort` | what holds rows |
//! | `write` | INSERT, UPDATE, DELETE |
//! | `lock` | SELECT … FOR UPDATE |
//! | `define` | CREATE TABLE, DROP TABLE, TRUNCATE |
//! | `rowkey`, `grouping` | keys, and numbers for distinct keys |
//! | `memory` | what operators may hold |
//!
//! Limits: one thread an execution; 2^32 rows in one sort, join side or grouping; nothing spills yet.

mod aggregate;
mod append;
mod define;
mod distinct;
mod filter;
mod grouping;
mod join;
mod limit;
mod lock;
mod memory;
mod project;
mod rowkey;
mod scan;
mod sort;
#[cfg(test)]
mod tests;
mod write;

pub use memory::{MemoryBudget, Reservation};

use super::expr::EvalContext;
use super::functions::system::Instance;
use super::plan::{Plan, SubPlan, SubPlanKind};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::locker::Locker;
use remanent_storage::txn::{Interrupt, Txn};
use remanent_storage::value::{Batch, Column, ColumnBuilder, Type, Value};
use remanent_storage::world::World;
use std::collections::VecDeque;
use std::sync::Arc;

/// What a session gives each of its statements.
#[derive(Clone)]
pub struct Context {
    /// The clock of `clock_timestamp()` and the source of `random()`.
    pub world: World,
    /// The request to end the statement.
    pub interrupt: Arc<Interrupt>,
    /// What operators may hold.
    pub memory: Arc<MemoryBudget>,
    /// The database; None where there is none.
    pub instance: Option<Arc<Instance>>,
    /// When the transaction began: `now()`.
    pub now: i64,
    /// When the statement began.
    pub statement_now: i64,
}

/// A statement's context with the values of its parameters.
#[derive(Clone)]
pub struct Env {
    /// What the session gave.
    pub context: Context,
    /// `$1, $2, …`, then the results of subqueries.
    pub params: Vec<Value>,
    /// What the statement takes locks with while it reads; None where it takes none.
    pub locks: Option<Arc<Locker>>,
}

impl Env {
    /// As expressions want it.
    pub fn eval(&self) -> EvalContext<'_> {
        EvalContext {
            params: &self.params,
            now: self.context.now,
            statement_now: self.context.statement_now,
            interrupt: &self.context.interrupt,
            world: &self.context.world,
            locks: self.locks.as_deref(),
            instance: self.context.instance.as_deref(),
        }
    }
}

/// One node of a running plan.
pub trait Operator: Send {
    /// The next rows, never none of them; None at the end, after which it is not called again.
    fn next(&mut self, env: &Env) -> Result<Option<Batch>>;
}

/// An operator that some other one pulls from.
pub type Input = Box<dyn Operator>;

/// The next rows of an input, unless the statement was asked to end.
pub fn pull(input: &mut Input, env: &Env) -> Result<Option<Batch>> {
    env.context.interrupt.check()?;
    input.next(env)
}

/// Runs an input to its end now; what comes out is read later.
pub fn gather(mut input: Input, env: &Env) -> Result<Input> {
    let (mut batches, mut memory) = (VecDeque::new(), env.context.memory.reserve());
    let mut held = 0;
    while let Some(batch) = pull(&mut input, env)? {
        held += batch.columns.iter().map(Column::weight).sum::<usize>();
        memory.hold(held)?;
        batches.push_back(batch);
    }
    Ok(Box::new(Gathered { batches, _memory: memory }))
}

struct Gathered {
    batches: VecDeque<Batch>,
    _memory: Reservation,
}

impl Operator for Gathered {
    fn next(&mut self, _: &Env) -> Result<Option<Batch>> {
        Ok(self.batches.pop_front())
    }
}

/// Builds the operators of a plan that reads. Without a transaction there are no tables.
pub fn open(plan: &Plan, txn: Option<&Txn>, env: &Env) -> Result<Input> {
    Ok(match plan {
        Plan::Values { rows, fields } => Box::new(scan::Values::new(rows, fields)),
        Plan::Scan { .. } => scan::open(transaction(txn)?, plan, None, env)?,
        Plan::PointGet { table, columns, key, row_ids, .. } => {
            scan::point(transaction(txn)?, table, columns, key, *row_ids, env)?
        }
        Plan::Filter { input, predicate } => {
            let input = match &**input {
                Plan::Scan { .. } => scan::open(transaction(txn)?, input, Some(predicate), env)?,
                _ => open(input, txn, env)?,
            };
            Box::new(filter::Filter::new(input, predicate.clone()))
        }
        Plan::Project { input, exprs, .. } => {
            Box::new(project::Project::new(open(input, txn, env)?, exprs.clone()))
        }
        Plan::Join { .. } => join::open(plan, txn, env)?,
        Plan::Aggregate { input, group, aggregates } => {
            Box::new(aggregate::HashAggregate::new(open(input, txn, env)?, group, aggregates, env))
        }
        Plan::Distinct { input } => {
            Box::new(distinct::Distinct::new(open(input, txn, env)?, types(input), env))
        }
        Plan::Sort { input, keys } => {
            Box::new(sort::Sort::new(open(input, txn, env)?, types(input), keys, None, 0, env))
        }
        Plan::TopN { input, keys, limit, offset } => {
            let (limit, offset) = limit::bounds(Some(limit), offset.as_ref(), env)?;
            Box::new(sort::Sort::new(open(input, txn, env)?, types(input), keys, limit, offset, env))
        }
        Plan::Limit { input, limit, offset } => {
            let (limit, offset) = limit::bounds(limit.as_ref(), offset.as_ref(), env)?;
            Box::new(limit::Limit::new(open(input, txn, env)?, limit, offset))
        }
        Plan::LockRows { input, tables, one_by_one } => {
            let input = open(input, txn, env)?;
            Box::new(lock::LockRows::new(input, tables, *one_by_one, transaction(txn)?)?)
        }
        Plan::Append { inputs } => {
            let inputs = inputs.iter().map(|input| open(input, txn, env)).collect::<Result<Vec<_>>>()?;
            Box::new(append::Append::new(inputs))
        }
        Plan::Explain { plan, subplans, verbose } => {
            Box::new(scan::Lines::new(&plan.printed(subplans, *verbose).to_string()))
        }
        Plan::Insert { .. }
        | Plan::Update { .. }
        | Plan::Delete { .. }
        | Plan::CreateTable { .. }
        | Plan::DropTable { .. }
        | Plan::Truncate { .. } => return Err(Error::internal("a plan that writes was opened for reading")),
    })
}

/// Runs a plan that writes; how many rows it affected.
pub fn write(plan: &Plan, txn: &mut Txn, env: &Env) -> Result<u64> {
    match plan {
        Plan::Insert { table, input } => {
            let input = open(input, Some(txn), env)?;
            write::insert(table, input, txn, env)
        }
        Plan::Update { table, input, assigned } => {
            let input = open(input, Some(txn), env)?;
            write::update(table, input, assigned, txn, env)
        }
        Plan::Delete { table, input } => {
            let input = open(input, Some(txn), env)?;
            write::delete(table, input, txn, env)
        }
        Plan::CreateTable { name, columns, key, if_not_exists } => {
            define::create_table(name, columns, key, *if_not_exists, txn)
        }
        Plan::Truncate { names } => define::truncate(names, txn),
        Plan::DropTable { names, if_exists } => define::drop_tables(names, *if_exists, txn),
        _ => Err(Error::internal("a plan that reads was run for writing")),
    }
}

/// Runs the subqueries of a statement in order; each result is the next parameter.
pub fn run_subplans(subplans: &[SubPlan], txn: Option<&Txn>, env: &mut Env) -> Result<()> {
    for subplan in subplans {
        let mut root = open(&subplan.plan, txn, env)?;
        let first = pull(&mut root, env)?;
        let value = match subplan.kind {
            SubPlanKind::Exists => Value::Bool(first.is_some()),
            SubPlanKind::Scalar(_) => match first {
                None => Value::Null,
                Some(batch) => {
                    if batch.len() > 1 || pull(&mut root, env)?.is_some() {
                        let message = "more than one row returned by a subquery used as an expression";
                        return Err(Error::new(state::CARDINALITY_VIOLATION, message));
                    }
                    batch.compact().columns.first().map_or(Value::Null, |column| column.value(0))
                }
            },
        };
        env.params.push(value);
    }
    Ok(())
}

fn transaction(txn: Option<&Txn>) -> Result<&Txn> {
    txn.ok_or_else(|| Error::internal("a table is read outside a transaction"))
}

fn types(plan: &Plan) -> Vec<Type> {
    plan.fields().into_iter().map(|field| field.ty).collect()
}

/// Columns that grow batch by batch, all equally long.
struct Rows {
    columns: Vec<ColumnBuilder>,
    len: usize,
}

impl Rows {
    fn new(types: impl IntoIterator<Item = Type>) -> Self {
        Rows { columns: types.into_iter().map(ColumnBuilder::new).collect(), len: 0 }
    }

    /// Adds the chosen rows of columns, or all `rows` of them.
    fn append(&mut self, columns: &[Column], rows: usize, chosen: Option<&[u32]>) {
        for (builder, column) in self.columns.iter_mut().zip(columns) {
            builder.append(column, chosen);
        }
        self.len += chosen.map_or(rows, <[u32]>::len);
    }

    fn memory(&self) -> usize {
        self.columns.iter().map(ColumnBuilder::memory).sum()
    }

    fn finish(self) -> Vec<Column> {
        self.columns.into_iter().map(ColumnBuilder::finish).collect()
    }
}
