//! A pipeline over one scan, run by several threads: morsels of a large table, gathered in order.
//!
//! # Model
//!
//! A chain over the scan of a table, of filters, projections, the streaming side of joins and perhaps a grouping of parts
//! ([`super::partial`]) on top, is opened for the caller. The scan comes apart into morsels ([`Scan::split`]) of some thousand rows,
//! each when somebody takes it: what a thread frees it has mostly allocated itself, so that threads do not meet in the allocator.
//! What joins hold is drained first, by the caller. It reads the first morsels alone; only where that was not the end of it do
//! helpers start, up to `max_parallel_workers_per_gather`, each with a chain of its own that shares what joins hold
//! ([`Operator::again`]). From then on whoever is free takes the next morsel; the caller hands on what comes of them in their order, so
//! every row, sum and error comes out as if there were one thread, and whatever is above knows of nothing.
//!
//! ```text
//!   scan   │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ …
//!   caller   0   1   2       4          hands on  0 1 2 3 4 …     nothing left to take: waits for 3
//!   helper           start 3   5
//! ```
//!
//! After Leis et al., "Morsel-driven parallelism" (SIGMOD 2014), with the order kept.
//!
//! Invariants: a helper runs expressions, reads segments and looks up what joins hold, nothing else: what needs the transaction,
//! takes locks, may say something else the next time or runs subqueries stays on one thread, and so do rows for writers. Helpers
//! end before this operator is dropped. What is made ahead is bounded by [`AHEAD`] bytes (and [`TOGETHER`] and a batch for each thread), whatever a
//! join makes of a morsel; they are counted from the beginning, so that when others begin to spill does not depend on who was
//! faster; where there is not so much memory, no helper starts. Who waits for room is never the first in order, unless rows of
//! its wait to be handed on.
//!
//! Limits: sorts, what joins hold, and groups (but for parts of them) are made by the caller; where a join's held side does not
//! fit in memory the whole chain is; rows of the transaction's own come from it alone, as do scans by an index.

use super::partial::Steps;
use super::sieve::{self, Pushed};
use super::{Env, Input, Operator, Report, Reservation, Run, filter, join, partial, project, pull, scan};
use crate::sql::expr::Expr;
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result};
use remanent_storage::segment::VECTOR_ROWS;
use remanent_storage::table::scan::Touched;
use remanent_storage::txn::Scan;
use remanent_storage::value::{Batch, Column};
use remanent_storage::world::sync::{Condvar, Mutex};
use remanent_storage::world::{Thread, mutation};
use std::collections::VecDeque;
use std::ops::RangeInclusive;
use std::sync::Arc;

/// Vectors of 1,024 rows in a morsel: a part of the table that is one of so many, within these bounds.
const MORSEL: RangeInclusive<u64> = 16..=64;
const MORSELS: u64 = 32;
/// So many vectors the caller reads alone.
const ALONE: u64 = 32;
/// Bytes that may wait to be handed on.
const AHEAD: usize = 8 << 20;
/// Bytes that a helper puts down together.
const TOGETHER: usize = 64 << 10;

/// A morsel for a chain of operators, and what its scan has read and skipped.
pub type Feed = Arc<Mutex<(Option<Scan>, Touched)>>;

/// The rows of a chain over a scan.
pub struct Gather {
    /// The caller's chain, and what feeds it.
    input: Input,
    feed: Feed,
    /// The scan is all of the chain: what it touched is reported here.
    bare: bool,
    /// What has not come apart.
    scan: Option<Scan>,
    /// How many threads may help; None: what joins hold has not been drained.
    helpers: Option<u32>,
    /// Vectors in a morsel, and how many the caller reads alone; how many it has.
    size: (u32, u64),
    alone: u64,
    memory: Reservation,
    /// None: nobody helps.
    table: Option<Arc<Table>>,
    threads: Vec<Box<dyn Thread>>,
    feeds: Vec<Feed>,
    /// The caller's chain is in the midst of rows that nobody else hands on.
    streaming: bool,
    /// The number of the morsel that it is in the midst of.
    own: Option<usize>,
}

/// What threads share.
#[derive(Default)]
struct Table {
    work: Mutex<Work>,
    changed: Condvar,
}

#[derive(Default)]
struct Work {
    /// What nobody has taken, and of how many vectors a morsel of it is; None: what is left does not come apart.
    waiting: Option<(Scan, u32)>,
    /// What is left.
    rest: Option<Scan>,
    /// Those that were taken and not handed on, in their order.
    taken: VecDeque<Made>,
    /// The number of the first of them.
    first: usize,
    /// Bytes of what is made, and how much that may be.
    held: usize,
    most: usize,
    stop: bool,
}

/// What was made of a morsel and not handed on, and whether that is all: rows, then the error if there was one.
#[derive(Default)]
struct Made {
    batches: VecDeque<Weighed>,
    end: Option<Result<()>>,
}

/// A batch without a selection, and how many bytes it takes.
struct Weighed {
    batch: Batch,
    bytes: usize,
}

impl Weighed {
    fn new(batch: Batch) -> Self {
        let batch = batch.compact();
        let bytes = batch.columns.iter().map(Column::weight).sum();
        Weighed { batch, bytes }
    }
}

/// The operators of a plan whose rows several threads may make; None: it is not such a plan, or not worth it.
pub fn open(plan: &Plan, pushed: &Pushed, env: &Run<'_>) -> Result<Option<Input>> {
    begin(plan, pushed, None, env)
}

/// The same below a grouping that is made in steps: the groups of parts of the rows.
pub fn open_parts(plan: &Plan, pushed: &Pushed, steps: &Arc<Steps>, env: &Run<'_>) -> Result<Option<Input>> {
    if makes_parts(plan, steps, env) { begin(plan, pushed, Some(steps), env) } else { Ok(None) }
}

/// True if the groups of parts of such rows are worth making.
pub fn makes_parts(plan: &Plan, steps: &Steps, env: &Run<'_>) -> bool {
    shared(plan, !steps.exact, env).is_some()
        && steps.exprs().all(is_plain)
        && (steps.exact || steps.are_worth_it(plan))
}

/// [`open_parts`] of a scan that has begun.
pub fn parts_over(
    plan: &Plan,
    scan: Scan,
    pushed: &Pushed,
    steps: &Arc<Steps>,
    env: &Run<'_>,
) -> Result<Input> {
    chained(plan, scan, pushed, Some(steps), env)
}

fn begin(plan: &Plan, pushed: &Pushed, steps: Option<&Arc<Steps>>, env: &Run<'_>) -> Result<Option<Input>> {
    let alone = steps.is_some_and(|steps| !steps.exact);
    let Some((scan, filter)) = shared(plan, alone, env) else { return Ok(None) };
    Ok(Some(match scan::begin(env.txn()?, scan, filter, env)? {
        Some(scan) => chained(plan, scan, pushed, steps, env)?,
        None => Box::new(scan::Once(None)),
    }))
}

/// What [`base`] finds, where there may be several threads, or one `alone` shall do as they would.
fn shared<'a>(plan: &'a Plan, alone: bool, env: &Run<'_>) -> Option<(&'a Plan, Option<&'a Expr>)> {
    let planner = env.context.planner;
    let none = planner.workers == 0 && !alone || env.locks.is_some();
    if none { None } else { base(plan, planner.parallel_rows) }
}

/// The operators of a scan that has begun, and of the filter on it if there is one: read by several threads where that is worth it.
pub fn over(plan: &Plan, scan: Scan, pushed: &Pushed, env: &Run<'_>) -> Result<Input> {
    if shared(plan, false, env).is_none() {
        let filter = match plan {
            Plan::Filter { predicate, .. } => Some(predicate),
            _ => None,
        };
        return Ok(scan::rows(scan, filter, pushed.clone()));
    }
    chained(plan, scan, pushed, None, env)
}

fn chained(
    plan: &Plan,
    scan: Scan,
    pushed: &Pushed,
    steps: Option<&Arc<Steps>>,
    env: &Run<'_>,
) -> Result<Input> {
    let feed = Feed::default();
    let planner = env.context.planner;
    let rows = base(plan, planner.parallel_rows).map_or(0, |(scan, _)| match scan {
        Plan::Scan { stats, .. } => stats.rows,
        _ => 0,
    });
    let morsel = (rows / VECTOR_ROWS as u64 / MORSELS).clamp(*MORSEL.start(), *MORSEL.end());
    let input = match steps {
        Some(steps) => partial::open(below(plan, pushed.clone(), &feed, env)?, steps),
        None => operators(plan, pushed.clone(), &feed, env)?,
    };
    Ok(Box::new(Gather {
        input,
        feed,
        bare: steps.is_none() && is_scan(plan),
        scan: Some(scan),
        helpers: None,
        // With no bound from where on it pays, all is shared, in the smallest parts: for tests.
        size: if planner.parallel_rows == 0 { (1, 0) } else { (morsel as u32, ALONE) },
        alone: 0,
        memory: env.context.memory.reserve(),
        table: None,
        threads: Vec::new(),
        feeds: Vec::new(),
        streaming: false,
        own: None,
    }))
}

/// True for what any thread may compute.
fn is_plain(expr: &Expr) -> bool {
    !expr.is_volatile() && !expr.has_subquery()
}

fn is_scan(plan: &Plan) -> bool {
    match plan {
        Plan::Filter { input, .. } => matches!(**input, Plan::Scan { .. }),
        plan => matches!(plan, Plan::Scan { .. }),
    }
}

/// The scan of so many rows or more at the bottom of a chain that any thread may run, and the filter on it.
fn base(plan: &Plan, rows: u64) -> Option<(&Plan, Option<&Expr>)> {
    match plan {
        Plan::Scan { row_ids, stats, access: None, ranked: None, counted: None, .. } => {
            (!row_ids && stats.rows >= rows).then_some((plan, None))
        }
        Plan::Filter { input, predicate } => {
            let (scan, filter) = base(input, rows)?;
            is_plain(predicate).then_some((scan, if is_scan(plan) { Some(predicate) } else { filter }))
        }
        Plan::Project { input, exprs, .. } => base(input, rows).filter(|_| exprs.iter().all(is_plain)),
        Plan::Join { keys, filter, .. } => {
            let mut exprs = keys.iter().flat_map(|(left, right)| [left, right]).chain(filter);
            base(join::streams(plan)?, rows).filter(|_| exprs.all(is_plain))
        }
        _ => None,
    }
}

/// The operators of such a plan over what is fed to them, watched.
pub fn below(plan: &Plan, pushed: Pushed, feed: &Feed, env: &Run<'_>) -> Result<Input> {
    let operators = operators(plan, pushed, feed, env)?;
    Ok(match &env.watch {
        Some(watch) => watch.wrap(plan, operators),
        None => operators,
    })
}

/// The operators of such a plan over what is fed to them.
fn operators(plan: &Plan, pushed: Pushed, feed: &Feed, env: &Run<'_>) -> Result<Input> {
    let input = |input: &Plan| {
        let pushed = sieve::below(plan, &pushed).pop().unwrap_or_default();
        below(input, pushed, feed, env)
    };
    Ok(match plan {
        Plan::Join { .. } => join::open(plan, pushed, Some(feed), env)?,
        Plan::Filter { predicate, .. } if is_scan(plan) => scan::fed(feed, Some(predicate), pushed),
        Plan::Filter { input: of, predicate } => Box::new(filter::Filter::new(input(of)?, predicate.clone())),
        Plan::Project { input: of, exprs, .. } => Box::new(project::Project::new(input(of)?, exprs.clone())),
        _ => scan::fed(feed, None, pushed),
    })
}

impl Gather {
    /// Leaves the rest of the scan to helpers, too, and starts them, where there is memory for it; the scan is given back where not.
    fn share(&mut self, mut scan: Scan, env: &Run<'_>) -> Result<Option<Scan>> {
        let (size, alone) = self.size;
        let helpers = self.helpers.replace(0).unwrap_or(0);
        let most = if alone == 0 { AHEAD >> 7 } else { AHEAD };
        if self.memory.hold(most).is_err() {
            return Ok(Some(scan));
        }
        let Some(morsel) = scan.split(size)? else {
            self.memory.hold(0)?;
            return Ok(Some(scan));
        };
        // Nobody helps with a morsel that is the last.
        let helpful = scan.parts(size).min(helpers);
        let work = Work { most, waiting: Some((scan, size)), ..Work::default() };
        let table = Arc::new(Table { work: Mutex::new(work), ..Table::default() });
        self.own = Some(table.work.lock().begin());
        self.feed.lock().0 = Some(morsel);
        for _ in 0..helpful {
            let feed = Feed::default();
            let Some(mut chain) = self.input.again(&feed, env) else { break };
            let mut env = Env::clone(env);
            // What a helper does not need it must not keep alive.
            env.shared = Arc::default();
            self.feeds.push(Arc::clone(&feed));
            let (table, world) = (Arc::clone(&table), env.context.world.clone());
            let thread = world.spawn("remanent-query", move || {
                let env = Run::new(&env, None);
                while let Some((number, morsel)) = table.take_ahead() {
                    feed.lock().0 = Some(morsel);
                    if !table.make(number, &mut chain, &env) {
                        return;
                    }
                }
            });
            // A system without another thread for us is one that has to do with this one.
            self.threads.extend(thread);
        }
        self.table = Some(table);
        Ok(None)
    }

    /// The caller's chain has the next morsel, or helpers have started; false: there is nothing more.
    fn advance(&mut self, env: &Run<'_>) -> Result<bool> {
        let helpers = match self.helpers {
            Some(helpers) => helpers,
            None => {
                // Where something does not fit in memory, what streams past it is drained at once.
                self.feed.lock().0 = self.scan.take();
                if !self.input.prepare(env)? {
                    self.helpers = Some(0);
                    self.streaming = true;
                    return Ok(true);
                }
                self.scan = self.feed.lock().0.take();
                *self.helpers.insert(env.context.planner.workers)
            }
        };
        let Some(mut scan) = self.scan.take() else { return Ok(false) };
        self.alone += self.feed.lock().1.vectors_read.saturating_sub(self.alone).max(1);
        if self.alone > self.size.1 && helpers > 0 {
            match self.share(scan, env)? {
                None => return Ok(true),
                Some(unshared) => scan = unshared,
            }
        }
        match scan.split(self.size.0)? {
            Some(morsel) => {
                self.scan = Some(scan);
                self.stream(morsel);
            }
            None => self.stream(scan),
        }
        Ok(true)
    }

    fn stream(&mut self, morsel: Scan) {
        self.feed.lock().0 = Some(morsel);
        self.streaming = true;
    }

    /// True if the caller's chain ended without looking at what it is fed: no row will come of any.
    fn wants_nothing(&self) -> bool {
        self.feed.lock().0.take().is_some()
    }
}

impl Operator for Gather {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if self.streaming {
                if let Some(batch) = pull(&mut self.input, env)? {
                    return Ok(Some(batch));
                }
                self.streaming = false;
                if self.wants_nothing() {
                    self.scan = None;
                    return Ok(None);
                }
            }
            env.context.interrupt.check()?;
            let Some(table) = self.table.clone() else {
                if !self.advance(env)? {
                    return Ok(None);
                }
                continue;
            };
            match (table.next(self.own), self.own) {
                (Next::Batch(batch), _) => return Ok(Some(batch)),
                (Next::Failed(error), _) => return Err(error),
                (Next::Take(number, morsel), _) => {
                    self.feed.lock().0 = Some(morsel);
                    self.own = Some(number);
                }
                (Next::First, Some(number)) => match pull(&mut self.input, env)? {
                    Some(batch) => return Ok(Some(batch)),
                    None if self.wants_nothing() => return Ok(None),
                    None => {
                        self.own = None;
                        table.ended(number, Ok(()));
                    }
                },
                (Next::Later, Some(number)) => {
                    let end = match pull(&mut self.input, env) {
                        Ok(Some(batch)) => {
                            table.put(number, &mut vec![Weighed::new(batch)], false);
                            continue;
                        }
                        Ok(None) => Ok(()),
                        Err(error) => Err(error),
                    };
                    self.own = None;
                    table.ended(number, end);
                }
                (Next::First | Next::Later, None) => return Err(Error::internal("a morsel of nobody")),
                (Next::Nothing, _) => {
                    let rest = table.work.lock().rest.take();
                    match rest {
                        Some(rest) => self.stream(rest),
                        None => return Ok(None),
                    }
                }
            }
        }
    }

    fn report(&self) -> Report {
        let mut touched = self.feed.lock().1;
        self.feeds.iter().for_each(|feed| touched.add(feed.lock().1));
        let workers = self.threads.len();
        Report { memory: self.memory.peak(), spilled: 0, workers, touched: self.bare.then_some(touched) }
    }
}

impl Drop for Gather {
    fn drop(&mut self) {
        if let Some(table) = &self.table {
            table.work.lock().stop = true;
            table.changed.notify_all();
        }
        self.threads.drain(..).for_each(Thread::join);
    }
}

/// What the caller does next.
enum Next {
    /// To hand that on.
    Batch(Batch),
    /// To tell that.
    Failed(Error),
    /// To begin with a morsel.
    Take(usize, Scan),
    /// To go on with its own, which is the first, and hand on what comes.
    First,
    /// To go on with its own while somebody else is at the first.
    Later,
    /// There is none.
    Nothing,
}

impl Table {
    /// The next morsel and its number, once there is room for what comes of it; None: there is none.
    fn take_ahead(&self) -> Option<(usize, Scan)> {
        let mut work = self.work.lock();
        loop {
            if work.stop || work.waiting.is_none() {
                return None;
            }
            if work.held < work.most {
                return work.take();
            }
            work = self.changed.wait(work);
        }
    }

    /// Makes all of a morsel that was fed to a helper's chain; false: that was the last one for it.
    fn make(&self, number: usize, chain: &mut Input, env: &Run<'_>) -> bool {
        let lost = Err(Error::internal("a thread that read a table ended"));
        let mut place = Place { table: self, number, end: Some(lost) };
        let (mut held, mut bytes) = (Vec::new(), 0);
        loop {
            let end = match pull(chain, env) {
                Ok(Some(batch)) => {
                    let batch = Weighed::new(batch);
                    bytes += batch.bytes;
                    held.push(batch);
                    None
                }
                Ok(None) => Some(Ok(())),
                Err(error) => Some(Err(error)),
            };
            if end.is_some() || bytes >= TOGETHER {
                if !self.put(number, &mut held, true) {
                    return false;
                }
                bytes = 0;
            }
            if let Some(end) = end {
                let more = end.is_ok();
                place.end = Some(end);
                return more;
            }
        }
    }

    /// Puts down what was made of a morsel, once there is room for it if somebody `waits`; false: nobody wants it.
    fn put(&self, number: usize, batches: &mut Vec<Weighed>, waits: bool) -> bool {
        let mut work = self.work.lock();
        loop {
            if work.stop {
                return false;
            }
            let (full, is_first) = (work.held >= work.most, number == work.first);
            let Some(made) = work.made(number) else { return false };
            if !waits || !full || batches.is_empty() || is_first && made.batches.is_empty() {
                let bytes: usize = batches.iter().map(|batch| batch.bytes).sum();
                made.batches.extend(batches.drain(..));
                work.held += bytes;
                drop(work);
                // Of what is not the first in order nobody waits for a part.
                if is_first {
                    self.changed.notify_all();
                }
                return true;
            }
            work = self.changed.wait(work);
        }
    }

    /// Nothing more is made of a morsel.
    fn ended(&self, number: usize, end: Result<()>) {
        if let Some(made) = self.work.lock().made(number) {
            made.end = Some(end);
        }
        self.changed.notify_all();
    }

    /// What the caller does, whose chain is in the midst of that morsel.
    fn next(&self, own: Option<usize>) -> Next {
        let mut work = self.work.lock();
        loop {
            let (first, ahead) = (work.first, work.held < work.most);
            if mutation("gather_out_of_order")
                && let Some(made) = work.taken.iter_mut().rev().find_map(|made| made.batches.pop_front())
            {
                return Next::Batch(made.batch);
            }
            let Some(made) = work.taken.front_mut() else {
                match work.take() {
                    Some((number, morsel)) => return Next::Take(number, morsel),
                    // What could not be taken has become an error.
                    None if !work.taken.is_empty() => continue,
                    None => return Next::Nothing,
                }
            };
            if let Some(made) = made.batches.pop_front() {
                let full = work.held >= work.most;
                work.held -= made.bytes;
                drop(work);
                if full {
                    self.changed.notify_all();
                }
                return Next::Batch(made.batch);
            }
            match (made.end.take(), own) {
                (Some(Err(error)), _) => return Next::Failed(error),
                (Some(Ok(())), _) => {
                    work.taken.pop_front();
                    work.first += 1;
                    // Who is the first now has room.
                    self.changed.notify_all();
                    continue;
                }
                (None, Some(number)) if number == first => return Next::First,
                (None, Some(_)) if ahead => return Next::Later,
                (None, None) if ahead => {
                    if let Some((number, morsel)) = work.take() {
                        return Next::Take(number, morsel);
                    }
                }
                _ => {}
            }
            work = self.changed.wait(work);
        }
    }
}

impl Work {
    /// The next morsel and its number; None: there is none, or an error instead of it.
    fn take(&mut self) -> Option<(usize, Scan)> {
        let (scan, size) = self.waiting.as_mut()?;
        match scan.split(*size) {
            Ok(Some(morsel)) => Some((self.begin(), morsel)),
            Ok(None) => {
                self.rest = self.waiting.take().map(|(scan, _)| scan);
                None
            }
            Err(error) => {
                self.waiting = None;
                self.taken.push_back(Made { batches: VecDeque::new(), end: Some(Err(error)) });
                None
            }
        }
    }

    /// The number of a morsel that is taken now.
    fn begin(&mut self) -> usize {
        self.taken.push_back(Made::default());
        self.first + self.taken.len() - 1
    }

    fn made(&mut self, number: usize) -> Option<&mut Made> {
        self.taken.get_mut(number.checked_sub(self.first)?)
    }
}

/// Says that a morsel has ended, whatever becomes of the helper that has it.
struct Place<'a> {
    table: &'a Table,
    number: usize,
    end: Option<Result<()>>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(end) = self.end.take() {
            self.table.ended(self.number, end);
        }
    }
}
