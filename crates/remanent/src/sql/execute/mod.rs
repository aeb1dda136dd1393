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
//! then each [`Operator::next`] hands on one batch. Operators own all they need; only opening needs the transaction, but for
//! plans that open others as they go ([`Plan::opens_late`]): those are run to their end at once.
//! Statements that write pull from their input themselves (`write`).
//!
//! Invariants: an operator never hands on a batch of no rows; it checks the interrupt between batches (in
//! [`pull`], the one place); what it keeps is counted by a [`Reservation`].
//!
//! | file | holds |
//! |---|---|
//! | `scan` | tables, single rows by key, VALUES |
//! | `filter`, `project`, `limit`, `distinct`, `append` | what works batch by batch |
//! | `gather` | a pipeline over one scan, run by several threads |
//! | `partial` | the first step of a grouping in two |
//! | `aggregate`, `join`, `setop`, `sort`, `window` | what holds rows |
//! | `first` | the first rows of a scan that an index ranks |
//! | `asof` | ASOF JOIN |
//! | `gapfill` | buckets of time without rows |
//! | `summary` | groups that zone maps know |
//! | `sets` | functions that return rows |
//! | `subquery`, `apply` | what is run again for other rows |
//! | `shared`, `recursive` | WITH |
//! | `write` | INSERT, UPDATE, DELETE |
//! | `lock` | SELECT … FOR UPDATE |
//! | `define` | CREATE, ALTER, DROP, TRUNCATE |
//! | `foreign` | what foreign keys have to look at and to do |
//! | `rules` | generated columns and CHECK |
//! | `runs`, `partition`, `laid` | rows on disk: sorted, parted by key, as they came |
//! | `sieve` | what a scan checks before it reads on |
//! | `common` | what several expressions compute |
//! | `rowkey`, `grouping` | keys, and numbers for distinct keys |
//! | `memory` | what operators may hold |
//! | `watch` | what EXPLAIN ANALYZE measures |
//!
//! Limits: beside `gather`, one thread an execution; 2^32 rows in one sort, join side or grouping. What memory must suffice for: the
//! rows of one partition of a window, the right rows of one key of an ASOF join, what one group collects, what UNION has seen in a
//! recursive query, the rows of one key in a FULL join and in NOT IN.

mod aggregate;
mod append;
mod apply;
mod asof;
mod common;
mod copy;
#[cfg(feature = "text")]
mod corpus;
mod define;
mod distinct;
mod filter;
mod first;
mod foreign;
mod gapfill;
mod gather;
mod grouping;
mod join;
mod laid;
mod limit;
mod lock;
mod memory;
mod numberkey;
mod partial;
mod partition;
mod project;
mod recursive;
mod rowkey;
mod rules;
mod runs;
mod scan;
mod setop;
mod sets;
mod shared;
mod sieve;
mod sort;
mod subquery;
mod summary;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_joins;
mod watch;
mod window;
mod write;

pub(crate) use foreign::refer;
pub(super) use rules::obeyed;

pub use copy::{CopyIn, CopyOut, CopyReader, Next as CopyNext, Policy, Rejected};
pub(super) use gapfill::missing as missing_bound;
pub use memory::{MemoryBudget, Reservation};
pub use shared::SharedQueries;
pub use subquery::is_volatile;
pub use watch::{Report, Watch};
pub use write::{Written, write};

use super::expr::{EvalContext, Kept, Planner};
use super::functions::sequence::Given;
use super::functions::system::Instance;
use super::plan::determined::compared;
use super::plan::{ExplainOptions, Plan, SubPlan};
use crate::settings::Settings;
use gather::Feed;
use laid::Laid;
use partial::Steps;
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result};
use remanent_storage::store::spill::Spill;
use remanent_storage::txn::locker::Locker;
use remanent_storage::txn::{Interrupt, Txn};
use remanent_storage::value::{Batch, Column, ColumnBuilder, Type, Value, Zone};
use remanent_storage::world::World;
use sieve::{KeyFilter, Pushed};
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;
use subquery::Memo;

/// What a session gives each of its statements.
#[derive(Clone)]
pub struct Context {
    /// The clock of `clock_timestamp()` and the source of `random()`.
    pub world: World,
    /// The request to end the statement.
    pub interrupt: Arc<Interrupt>,
    /// What operators may hold.
    pub memory: Arc<MemoryBudget>,
    /// Where they lay down what they may not; None: nowhere.
    pub spill: Option<Arc<Spill>>,
    /// The database; None where there is none.
    pub instance: Option<Arc<Instance>>,
    /// When the transaction began: `now()`.
    pub now: i64,
    /// When the statement began.
    pub statement_now: i64,
    /// Where names without a schema are looked up.
    pub path: Arc<[String]>,
    /// What the session remembers of sequences; None where there is no session.
    pub given: Option<Arc<Given>>,
    /// The session's time zone.
    pub zone: Zone,
    /// The session's settings; None where there is no session.
    pub settings: Option<Arc<Settings>>,
    /// What the session lets plans do.
    pub planner: Planner,
}

impl Context {
    /// As expressions of no statement in particular want it: they take no locks and read no tables.
    pub fn eval<'a>(&'a self, params: &'a [Value]) -> EvalContext<'a> {
        EvalContext {
            params,
            now: self.now,
            statement_now: self.statement_now,
            interrupt: &self.interrupt,
            world: &self.world,
            locks: None,
            subqueries: None,
            instance: self.instance.as_deref(),
            catalog: None,
            path: &self.path,
            given: self.given.as_deref(),
            zone: &self.zone,
            settings: self.settings.as_deref(),
            kept: None,
            planner: self.planner,
        }
    }
}

/// A statement's context with the values of its parameters.
#[derive(Clone)]
pub struct Env {
    /// What the session gave.
    pub context: Context,
    /// `$1, $2, …`, then the results of subqueries and the values of the row around a subquery.
    pub params: Vec<Value>,
    /// What the statement takes locks with while it reads; None where it takes none.
    pub locks: Option<Arc<Locker>>,
    /// The queries of WITH whose rows several readers share.
    pub shared: Arc<SharedQueries>,
    /// What relations there are; None where no table can be read.
    pub catalog: Option<Arc<Catalog>>,
    /// What measures the operators; None: nobody asks.
    pub watch: Option<Arc<Watch>>,
    /// What is computed once.
    pub kept: Kept,
}

impl Env {
    /// For a statement with these parameters.
    pub fn new(context: Context, params: Vec<Value>, locks: Option<Arc<Locker>>) -> Self {
        Env {
            context,
            params,
            locks,
            shared: Arc::default(),
            catalog: None,
            watch: None,
            kept: Kept::default(),
        }
    }

    /// As expressions want it; subqueries cannot be run.
    pub fn eval(&self) -> EvalContext<'_> {
        EvalContext {
            locks: self.locks.as_deref(),
            catalog: self.catalog.as_ref(),
            kept: Some(&self.kept),
            ..self.context.eval(&self.params)
        }
    }
}

/// One execution of a plan: its environment, the transaction if it is at hand, and what its subqueries gave so far.
pub struct Run<'a> {
    env: &'a Env,
    /// None once rows are read without it.
    txn: Option<&'a Txn>,
    memo: RefCell<Memo>,
}

impl<'a> Run<'a> {
    /// An execution that has run no subquery yet.
    pub fn new(env: &'a Env, txn: Option<&'a Txn>) -> Self {
        Run { env, txn, memo: RefCell::default() }
    }

    /// A text in which enum types and their values are spelled.
    pub fn spelled(&self, text: String) -> String {
        let catalog = self.env.catalog.as_ref();
        catalog
            .and_then(|catalog| crate::sql::spelled(&text, catalog, &self.env.context.path))
            .unwrap_or(text)
    }

    /// As expressions want it.
    pub fn eval(&self) -> EvalContext<'_> {
        EvalContext { subqueries: Some(self), ..self.env.eval() }
    }

    fn txn(&self) -> Result<&'a Txn> {
        self.txn.ok_or_else(|| Error::internal("a table is read outside a transaction"))
    }
}

impl Deref for Run<'_> {
    type Target = Env;

    fn deref(&self) -> &Env {
        self.env
    }
}

/// One node of a running plan.
pub trait Operator: Send {
    /// The next rows, never none of them; None at the end, after which it is not called again.
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>>;

    /// Makes what has to be there before rows are read, for an operator whose rows several threads may make; false: only one
    /// can, since that does not fit in memory.
    fn prepare(&mut self, _env: &Run<'_>) -> Result<bool> {
        Ok(true)
    }

    /// Once it is prepared, another one of its kind, for another thread, over what it is fed; None: there cannot be one.
    fn again(&self, _feed: &Feed, _env: &Run<'_>) -> Option<Input> {
        None
    }

    /// What it took, for EXPLAIN ANALYZE: asked before it is dropped.
    fn report(&self) -> Report {
        Report::default()
    }
}

/// An operator that some other one pulls from.
pub type Input = Box<dyn Operator>;

/// The next rows of an input, unless the statement was asked to end.
pub fn pull(input: &mut Input, env: &Run<'_>) -> Result<Option<Batch>> {
    env.context.interrupt.check()?;
    input.next(env)
}

/// Runs an input to its end now; what comes out is read later, from disk where it does not fit in memory.
pub fn gather(mut input: Input, env: &Run<'_>) -> Result<Input> {
    let mut rows = Laid::default();
    while let Some(batch) = pull(&mut input, env)? {
        rows.push(batch, env)?;
    }
    Ok(rows.into_input())
}

/// Builds the operators of a plan that reads. Without a transaction there are no tables.
pub fn open(plan: &Plan, env: &Run<'_>) -> Result<Input> {
    open_sieved(plan, Pushed::new(), env)
}

/// The same, of whose rows only those are wanted that filters let pass; others may come all the same.
fn open_sieved(plan: &Plan, pushed: Pushed, env: &Run<'_>) -> Result<Input> {
    let input = open_node(plan, pushed, env)?;
    Ok(match &env.watch {
        Some(watch) => watch.wrap(plan, input),
        None => input,
    })
}

fn open_node(plan: &Plan, pushed: Pushed, env: &Run<'_>) -> Result<Input> {
    if let Plan::Scan { .. } | Plan::Filter { .. } | Plan::Project { .. } | Plan::Join { .. } = plan
        && let Some(input) = gather::open(plan, &pushed, env)?
    {
        return Ok(input);
    }
    if let Plan::Join { .. } = plan {
        return join::open(plan, pushed, None, env);
    }
    let mut below = sieve::below(plan, &pushed).into_iter();
    let mut open = |plan: &Plan, env: &Run<'_>| open_sieved(plan, below.next().unwrap_or_default(), env);
    Ok(match plan {
        Plan::Values { rows, fields } => Box::new(scan::Values::new(rows, fields)),
        Plan::Scan { .. } => scan::open(env.txn()?, plan, None, pushed, env)?,
        Plan::PointGet { table, columns, key, row_ids, .. } => {
            scan::point(env.txn()?, table, columns, key, *row_ids, env)?
        }
        Plan::Filter { input, predicate } => {
            if let Plan::Scan { .. } = &**input {
                return scan::open(env.txn()?, input, Some(predicate), pushed, env);
            }
            Box::new(filter::Filter::new(open(input, env)?, predicate.clone()))
        }
        Plan::Project { input, exprs, .. } => {
            Box::new(project::Project::new(open(input, env)?, exprs.clone()))
        }
        Plan::Apply { .. } => apply::open(plan, env)?,
        Plan::Asof { .. } => asof::open(plan, env)?,
        Plan::Function { calls, ordinality, .. } => Box::new(sets::Function::new(calls, *ordinality)),
        Plan::Given { rows, .. } => Box::new(scan::Once(rows.take())),
        Plan::ProjectSet { input, calls } => Box::new(sets::ProjectSet::new(open(input, env)?, calls)),
        #[cfg(feature = "text")]
        Plan::Aggregate { input, aggregates, .. }
            if matches!(**input, Plan::Scan { counted: Some(_), .. }) =>
        {
            corpus::open(env.txn()?, input, aggregates, env)?
        }
        Plan::Aggregate { input, group, aggregates, sets } => {
            let types = types(input);
            let pushed = below.next().unwrap_or_default();
            let steps = || match sets.is_empty() {
                true => Steps::of(group, compared(input, group), aggregates),
                false => None,
            };
            let in_parts = |parts, steps: &Arc<Steps>| -> Result<Input> {
                Ok(Box::new(aggregate::HashAggregate::of_parts(parts, steps, env)))
            };
            let (rows, known) = match summary::open(input, group, aggregates, &pushed, &steps, env)? {
                Some(summary::Read::Parts(parts, steps)) => return in_parts(parts, &steps),
                Some(summary::Read::Rows(rows, known)) => (rows, known),
                None => {
                    if let Some(steps) = steps()
                        && let Some(parts) = gather::open_parts(input, &pushed, &steps, env)?
                    {
                        return in_parts(parts, &steps);
                    }
                    (open_sieved(input, pushed, env)?, summary::Known::default())
                }
            };
            let mut grouping = aggregate::HashAggregate::new(rows, types, group, aggregates, sets, env);
            if sets.is_empty() {
                grouping.compare(compared(input, group));
            }
            Box::new(grouping.knowing(known))
        }
        Plan::Distinct { input } => Box::new(distinct::Distinct::new(open(input, env)?, types(input), env)),
        Plan::Window { input, partition, order, calls } => {
            let (types, input) = (types(input), open(input, env)?);
            Box::new(window::Window::new(input, types, partition, order, calls, env))
        }
        Plan::Gapfill { input, gaps } => {
            let (types, input) = (types(input), open(input, env)?);
            Box::new(gapfill::GapFill::new(input, types, gaps, env)?)
        }
        Plan::DistinctOn { input, keys } => {
            let sorted = matches!(**input, Plan::Sort { .. });
            Box::new(distinct::Distinct::on(open(input, env)?, keys.clone(), sorted, env))
        }
        Plan::SetOp { op, all, left, right } => {
            let (types, left, right) = (types(left), open(left, env)?, open(right, env)?);
            Box::new(setop::SetOp::new(*op, *all, left, right, types, env))
        }
        Plan::Sort { input, keys } => {
            Box::new(sort::Sort::new(open(input, env)?, types(input), keys, None, 0, env))
        }
        Plan::TopN { input, keys, limit, offset } if input.ranked_by().is_some() => {
            let (limit, offset) = limit::bounds(Some(limit), offset.as_ref(), env)?;
            Box::new(first::First::new(open(input, env)?, keys, limit, offset))
        }
        Plan::TopN { input, keys, limit, offset } => {
            let (limit, offset) = limit::bounds(Some(limit), offset.as_ref(), env)?;
            let best = KeyFilter::best(keys);
            let rows = open_sieved(input, best.iter().cloned().collect(), env)?;
            Box::new(sort::Sort::new(rows, types(input), keys, limit, offset, env).raising(best))
        }
        Plan::Limit { input, limit, offset, ties } => {
            let (limit, offset) = limit::bounds(limit.as_ref(), offset.as_ref(), env)?;
            Box::new(limit::Limit::new(open(input, env)?, limit, offset, ties))
        }
        Plan::LockRows { input, tables, one_by_one } => {
            let input = open(input, env)?;
            Box::new(lock::LockRows::new(input, tables, *one_by_one, env.txn()?)?)
        }
        Plan::Append { inputs } => {
            let inputs = inputs.iter().map(|input| open(input, env)).collect::<Result<Vec<_>>>()?;
            Box::new(append::Append::new(inputs))
        }
        Plan::With { queries, input } => {
            for query in queries.iter().filter(|query| !query.plan.writes()) {
                env.shared.begin(query.id, open(&query.plan, env)?);
            }
            open(input, env)?
        }
        Plan::WithScan { id, .. } => env.shared.read(*id)?,
        Plan::Recursive { id, first, step, distinct, .. } => {
            Box::new(recursive::Recursive::new(*id, open(first, env)?, step, *distinct, types(first), env))
        }
        Plan::Explain { plan, subplans, options } => {
            lines(&env.spelled(explained(plan, subplans, *options, Duration::ZERO, None)))
        }
        Plan::Join { .. }
        | Plan::Insert { .. }
        | Plan::Update { .. }
        | Plan::Delete { .. }
        | Plan::Merge { .. }
        | Plan::Define(_) => return Err(Error::internal("a plan was opened that is opened elsewhere")),
    })
}

/// Runs the subqueries of a statement in order; each result is a parameter.
pub fn run_subplans(subplans: &[SubPlan], txn: Option<&Txn>, env: &mut Env) -> Result<()> {
    for subplan in subplans {
        let value = {
            let run = Run::new(env, txn);
            let mut root = open(&subplan.plan, &run)?;
            subquery::single(subplan.kind, &mut root, &run)?
        };
        if env.params.len() <= subplan.slot {
            env.params.resize(subplan.slot + 1, Value::Null);
        }
        env.params[subplan.slot] = value;
    }
    Ok(())
}

/// The lines of a text as rows.
pub fn lines(text: &str) -> Input {
    Box::new(scan::Lines::new(text))
}

/// What EXPLAIN says: of a plan that was run, with how long planning and running it took.
pub fn explained(
    plan: &Plan,
    subplans: &[SubPlan],
    options: ExplainOptions,
    planning: Duration,
    ran: Option<(&Watch, Duration)>,
) -> String {
    let measure = |plan: &Plan| ran.and_then(|(watch, _)| watch.of(plan));
    let tree = plan.explained(subplans, options, &measure).tree();
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let summary = ran.filter(|_| options.summary).map(|(_, execution)| (ms(planning), ms(execution)));
    if options.json {
        let mut members = vec![format!("    \"Plan\": {}", tree.json(options, 4))];
        if let Some((planning, execution)) = summary {
            members.push(format!("    \"Planning Time\": {planning:.3}"));
            members.push(format!("    \"Execution Time\": {execution:.3}"));
        }
        return format!("[\n  {{\n{}\n  }}\n]\n", members.join(",\n"));
    }
    let mut text = tree.text(options);
    if let Some((planning, execution)) = summary {
        text.push_str(&format!("Planning Time: {planning:.3} ms\nExecution Time: {execution:.3} ms\n"));
    }
    text
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
