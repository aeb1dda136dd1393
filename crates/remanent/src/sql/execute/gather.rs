//! One scan, read by several threads: morsels of a large table, gathered in order.
//!
//! # Model
//!
//! A chain of projections and filters over the scan of a table is opened once for the caller and once for each thread that
//! may help (`max_parallel_workers_per_gather`). The scan comes apart into morsels ([`Scan::split`]) of some thousand rows. The
//! caller reads the first of them alone, as they come; only where that was not the end of it do helpers start. From then on
//! whoever is free takes the next morsel; the caller hands them on in their order, so every row, sum and error comes out as if
//! there were one thread, and whatever is above knows of nothing.
//!
//! ```text
//!   scan   │ 0 │ 1 │ 2 │ 3 │ 4 │ 5 │ …
//!   caller   0   1   2       4          hands on  0 1 2 3 4 …     nothing left to take: waits for 3
//!   helper           start 3   5
//! ```
//!
//! After Leis et al., "Morsel-driven parallelism" (SIGMOD 2014), with the order kept.
//!
//! Invariants: a helper runs expressions and reads segments, nothing else: what needs the transaction, takes locks, may say
//! something else the next time or runs subqueries stays on one thread, and so do rows for writers. Helpers end before this
//! operator is dropped. What is read ahead is bounded by [`AHEAD`] bytes (and a morsel for each thread), which are counted
//! from the beginning, so that when others begin to spill does not depend on who was faster; where there is not so much memory,
//! no helper starts.
//!
//! Limits: groups, sorts and joins are made by the caller; rows of the transaction's own come from it alone, as do scans by an
//! index.

use super::sieve::{self, Pushed};
use super::{Env, Input, Operator, Report, Reservation, Run, filter, project, pull, scan};
use crate::sql::expr::Expr;
use crate::sql::plan::Plan;
use remanent_storage::error::{Error, Result};
use remanent_storage::table::scan::Touched;
use remanent_storage::txn::Scan;
use remanent_storage::value::{Batch, Column};
use remanent_storage::world::Thread;
use remanent_storage::world::sync::{Condvar, Mutex};
use std::collections::VecDeque;
use std::sync::Arc;

/// Vectors of 1,024 rows in a morsel.
const MORSEL: u32 = 16;
/// So many vectors the caller reads alone.
const ALONE: u64 = 32;
/// Bytes that may wait to be handed on.
const AHEAD: usize = 8 << 20;

/// A morsel for a chain of operators, and what its scan has read and skipped.
pub type Feed = Arc<Mutex<(Option<Scan>, Touched)>>;

/// A chain of operators that reads what is fed to it.
struct Chain {
    input: Input,
    feed: Feed,
}

/// The rows of a chain over a scan.
pub struct Gather {
    own: Chain,
    /// Of helpers that have not started.
    others: Vec<Chain>,
    /// What has not come apart.
    scan: Option<Scan>,
    /// Vectors in a morsel, and how many the caller reads alone; how many it has.
    size: (u32, u64),
    alone: u64,
    memory: Reservation,
    /// None: nobody helps.
    table: Option<Arc<Table>>,
    threads: Vec<Box<dyn Thread>>,
    feeds: Vec<Feed>,
    /// The caller's chain is in the midst of a morsel.
    streaming: bool,
    /// Rows of a morsel that is done.
    ready: VecDeque<Batch>,
    failed: Option<Error>,
}

/// What threads share.
#[derive(Default)]
struct Table {
    work: Mutex<Work>,
    changed: Condvar,
}

#[derive(Default)]
struct Work {
    /// Morsels that nobody has taken.
    waiting: VecDeque<Scan>,
    /// Those that were taken and not handed on, in their order; None: somebody is at it.
    taken: VecDeque<Option<Done>>,
    /// The number of the first of them.
    first: usize,
    /// Bytes of what is done, and how much that may be.
    held: usize,
    most: usize,
    stop: bool,
}

/// What came of a morsel: the rows before the error, if there was one.
#[derive(Default)]
struct Done {
    batches: VecDeque<Batch>,
    error: Option<Error>,
    held: usize,
}

/// The operators of a plan whose scan may be read by several threads; None: it is not such a plan, or not worth it.
pub fn open(plan: &Plan, pushed: &Pushed, env: &Run<'_>) -> Result<Option<Input>> {
    let Some((scan, filter)) = shared(plan, env) else { return Ok(None) };
    Ok(Some(match scan::begin(env.txn()?, scan, filter, env)? {
        Some(scan) => over(plan, scan, pushed, env),
        None => Box::new(scan::Once(None)),
    }))
}

/// What [`base`] finds, where there may be several threads.
fn shared<'a>(plan: &'a Plan, env: &Run<'_>) -> Option<(&'a Plan, Option<&'a Expr>)> {
    let planner = env.context.planner;
    if planner.workers == 0 || env.locks.is_some() { None } else { base(plan, planner.parallel_rows) }
}

/// The operators of a scan that has begun, and of the filter on it if there is one: read by several threads where that is worth it.
pub fn over(plan: &Plan, scan: Scan, pushed: &Pushed, env: &Run<'_>) -> Input {
    if shared(plan, env).is_none() {
        let filter = match plan {
            Plan::Filter { predicate, .. } => Some(predicate),
            _ => None,
        };
        return scan::rows(scan, filter, pushed.clone());
    }
    let planner = env.context.planner;
    let chain = || {
        let feed = Feed::default();
        Chain { input: operators(plan, pushed.clone(), &feed, env), feed }
    };
    let (own, others) = (chain(), (0..planner.workers).map(|_| chain()).collect());
    Box::new(Gather {
        own,
        others,
        scan: Some(scan),
        // With no bound from where on it pays, all is shared, in the smallest parts: for tests.
        size: if planner.parallel_rows == 0 { (1, 0) } else { (MORSEL, ALONE) },
        alone: 0,
        memory: env.context.memory.reserve(),
        table: None,
        threads: Vec::new(),
        feeds: Vec::new(),
        streaming: false,
        ready: VecDeque::new(),
        failed: None,
    })
}

/// The scan of so many rows or more below projections and filters that any thread may run, and the filter on it.
fn base(plan: &Plan, rows: u64) -> Option<(&Plan, Option<&Expr>)> {
    let plain = |expr: &Expr| !expr.is_volatile() && !expr.has_subquery();
    match plan {
        Plan::Scan { row_ids, stats, access: None, ranked: None, counted: None, .. } => {
            (!row_ids && stats.rows >= rows).then_some((plan, None))
        }
        Plan::Filter { input, predicate } => {
            let (scan, filter) = base(input, rows)?;
            let direct = matches!(**input, Plan::Scan { .. });
            plain(predicate).then_some((scan, if direct { Some(predicate) } else { filter }))
        }
        Plan::Project { input, exprs, .. } => base(input, rows).filter(|_| exprs.iter().all(plain)),
        _ => None,
    }
}

/// The operators of such a plan over what is fed to them.
fn operators(plan: &Plan, pushed: Pushed, feed: &Feed, env: &Run<'_>) -> Input {
    let below = |input: &Plan| {
        let pushed = sieve::below(plan, &pushed).pop().unwrap_or_default();
        let operators = operators(input, pushed, feed, env);
        match &env.watch {
            Some(watch) => watch.wrap(input, operators),
            None => operators,
        }
    };
    match plan {
        Plan::Filter { input, predicate } if matches!(**input, Plan::Scan { .. }) => {
            scan::fed(feed, Some(predicate), pushed)
        }
        Plan::Filter { input, predicate } => Box::new(filter::Filter::new(below(input), predicate.clone())),
        Plan::Project { input, exprs, .. } => Box::new(project::Project::new(below(input), exprs.clone())),
        _ => scan::fed(feed, None, pushed),
    }
}

impl Gather {
    /// Takes the rest of the scan apart and starts helpers, where there is memory for it.
    fn share(&mut self, scan: &mut Scan, env: &Run<'_>) -> Result<()> {
        let (size, _) = self.size;
        let others = std::mem::take(&mut self.others);
        let most = if size < MORSEL { AHEAD >> 7 } else { AHEAD };
        if self.memory.hold(most).is_err() {
            return Ok(());
        }
        let mut waiting = VecDeque::new();
        while let Some(morsel) = scan.split(size)? {
            waiting.push_back(morsel);
            env.context.interrupt.check()?;
        }
        let helpful = others.len().min(waiting.len().saturating_sub(1));
        let table = Arc::new(Table {
            work: Mutex::new(Work { waiting, most, ..Work::default() }),
            ..Table::default()
        });
        for mut chain in others.into_iter().take(helpful) {
            let mut env = Env::clone(env);
            // What a helper does not need it must not keep alive.
            env.shared = Arc::default();
            self.feeds.push(Arc::clone(&chain.feed));
            let (table, world) = (Arc::clone(&table), env.context.world.clone());
            let thread = world.spawn("remanent-query", move || {
                while let Some((number, morsel)) = table.take_ahead() {
                    let mut place = Place { table: &table, number, done: None };
                    place.done = Some(run(&mut chain, morsel, &Run::new(&env, None)));
                }
            });
            // A system without another thread for us is one that has to do with this one.
            self.threads.extend(thread);
        }
        self.table = Some(table);
        Ok(())
    }

    /// The caller's chain has the next morsel, or rows are ready; false: there is nothing more.
    fn advance(&mut self, env: &Run<'_>) -> Result<bool> {
        let Some(table) = self.table.clone() else {
            let Some(mut scan) = self.scan.take() else { return Ok(false) };
            self.alone += self.own.feed.lock().1.vectors_read.saturating_sub(self.alone).max(1);
            if self.alone > self.size.1 && !self.others.is_empty() {
                self.share(&mut scan, env)?;
            }
            let morsel = if self.table.is_none() { scan.split(self.size.0)? } else { None };
            match (morsel, &self.table) {
                (Some(morsel), _) => {
                    self.scan = Some(scan);
                    self.stream(morsel);
                }
                (None, Some(_)) => self.scan = Some(scan),
                (None, None) => self.stream(scan),
            }
            return Ok(true);
        };
        match table.next() {
            Next::Done(done) => {
                (self.ready, self.failed) = (done.batches, done.error);
            }
            Next::First(morsel) => self.stream(morsel),
            Next::Later(number, morsel) => {
                let done = run(&mut self.own, morsel, env);
                table.done(number, done);
            }
            Next::Nothing => match self.scan.take() {
                Some(rest) => self.stream(rest),
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    fn stream(&mut self, morsel: Scan) {
        self.own.feed.lock().0 = Some(morsel);
        self.streaming = true;
    }
}

impl Operator for Gather {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.ready.pop_front() {
                return Ok(Some(batch));
            }
            if let Some(error) = self.failed.take() {
                return Err(error);
            }
            if self.streaming {
                if let Some(batch) = pull(&mut self.own.input, env)? {
                    return Ok(Some(batch));
                }
                self.streaming = false;
                if let Some(table) = &self.table {
                    table.handed_on();
                }
            }
            env.context.interrupt.check()?;
            if !self.advance(env)? {
                return Ok(None);
            }
        }
    }

    fn report(&self) -> Report {
        let mut touched = self.own.feed.lock().1;
        self.feeds.iter().for_each(|feed| touched.add(feed.lock().1));
        let workers = self.threads.len();
        Report { memory: self.memory.peak(), spilled: 0, workers, touched: Some(touched) }
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
    /// The first morsel is done.
    Done(Done),
    /// It is to be read now, and handed on as it comes.
    First(Scan),
    /// Somebody else is at it; that one is to be read meanwhile.
    Later(usize, Scan),
    /// There is none.
    Nothing,
}

impl Table {
    /// The next morsel and its number, once there is room for what comes of it; None: there is none.
    fn take_ahead(&self) -> Option<(usize, Scan)> {
        let mut work = self.work.lock();
        loop {
            if work.stop || work.waiting.is_empty() {
                return None;
            }
            if work.held < work.most {
                return work.take();
            }
            work = self.changed.wait(work);
        }
    }

    fn done(&self, number: usize, done: Done) {
        let mut work = self.work.lock();
        work.held += done.held;
        let place = number.wrapping_sub(work.first);
        if let Some(taken) = work.taken.get_mut(place) {
            *taken = Some(done);
        }
        drop(work);
        self.changed.notify_all();
    }

    /// What the caller streamed is handed on.
    fn handed_on(&self) {
        let mut work = self.work.lock();
        if work.taken.pop_front().is_some() {
            work.first += 1;
        }
    }

    fn next(&self) -> Next {
        let mut work = self.work.lock();
        loop {
            match work.taken.front_mut().map(Option::take) {
                Some(Some(done)) => {
                    work.taken.pop_front();
                    work.first += 1;
                    work.held -= done.held;
                    drop(work);
                    self.changed.notify_all();
                    return Next::Done(done);
                }
                Some(None) if work.held < work.most => {
                    if let Some((number, morsel)) = work.take() {
                        return Next::Later(number, morsel);
                    }
                }
                Some(None) => {}
                None => return work.take().map_or(Next::Nothing, |(_, morsel)| Next::First(morsel)),
            }
            work = self.changed.wait(work);
        }
    }
}

impl Work {
    fn take(&mut self) -> Option<(usize, Scan)> {
        let morsel = self.waiting.pop_front()?;
        self.taken.push_back(None);
        Some((self.first + self.taken.len() - 1, morsel))
    }
}

/// Where a helper puts what came of a morsel, whatever becomes of the helper.
struct Place<'a> {
    table: &'a Table,
    number: usize,
    done: Option<Done>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let lost =
            || Done { error: Some(Error::internal("a thread that read a table ended")), ..Done::default() };
        self.table.done(self.number, self.done.take().unwrap_or_else(lost));
    }
}

/// All that comes of a morsel.
fn run(chain: &mut Chain, morsel: Scan, env: &Run<'_>) -> Done {
    chain.feed.lock().0 = Some(morsel);
    let mut done = Done::default();
    loop {
        match pull(&mut chain.input, env) {
            Ok(Some(batch)) => {
                let batch = batch.compact();
                done.held += batch.columns.iter().map(Column::weight).sum::<usize>();
                done.batches.push_back(batch);
            }
            Ok(None) => return done,
            Err(error) => {
                done.error = Some(error);
                return done;
            }
        }
    }
}
