//! GROUP BY and aggregate functions.
//!
//! Each batch's rows get the numbers of their groups; each aggregate's state is then fed whole columns with
//! those numbers beside them. Without GROUP BY there is one group and no number is made at all.
//!
//! Where memory is short no more groups are begun: rows of groups that are there are added to them, the others are laid
//! down by their keys ([`super::partition`]) and grouped afterwards, part by part. Of DISTINCT, what was not seen by then is laid
//! down by group and arguments, and looked at once all rows came.
//!
//! What keeps all its values (array_agg) grows with groups that are there, too. Then the rows are kept as well, and where memory
//! is short all of them are laid down, as if none had been grouped yet.

use super::common::take_common;
use super::distinct::{Distinct, first_rows};
use super::grouping::Grouping;
use super::limit::slice;
use super::partial::Steps;
use super::partition::{LEVELS, Partitions};
use super::project::evaluate;
use super::rowkey::{KeyLayout, KeyPart};
use super::sort::Keys;
use super::summary::Known;
use super::{Input, Operator, Report, Reservation, Rows, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::functions::aggregate::Accumulator;
use crate::sql::plan::{AggregateCall, SortKey};
use remanent_kernels::table::MISSING;
use remanent_storage::error::{Error, Result};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, ColumnData, Type, Value};
use std::borrow::Cow;
use std::collections::VecDeque;

/// One row a group: the grouping expressions, then the aggregates.
pub struct HashAggregate {
    /// None once it is drained.
    input: Option<Input>,
    definition: Definition,
    /// One a grouping set.
    sets: Vec<Set>,
    /// There are grouping sets: a last column says which one a row is of.
    marked: bool,
    memory: Reservation,
    output: VecDeque<Batch>,
    /// How often the rows at hand were parted, and what the groups took when no more could be begun.
    level: u32,
    full_at: Option<usize>,
    /// Rows yet to be grouped: the number of their grouping set, and how often they were parted.
    pending: Vec<(usize, Input, u32)>,
    spilled: u64,
    /// How many threads made parts of the groups.
    workers: usize,
    in_steps: bool,
    /// What is known of rows that the input does not deliver.
    known: Known,
}

/// What is grouped, and by what.
struct Definition {
    types: Vec<Type>,
    group: Vec<Expr>,
    /// Which of these need comparing; the others follow from them.
    compared: Vec<bool>,
    aggregates: Vec<AggregateCall>,
    sets: Vec<Vec<bool>>,
}

/// The groups of one grouping set.
pub(super) struct Set {
    number: usize,
    /// Rows of groups that are not begun any more.
    rest: Option<Partitions>,
    /// Each row makes a group, without looking whether there is one like it.
    pub(super) apart: bool,
    /// The grouping expressions that count.
    group: Vec<Expr>,
    /// For each grouping expression of the plan its place in `group`, or the type of its NULLs.
    places: Vec<(Option<usize>, Type)>,
    calls: Vec<Call>,
    /// What several of them compute of each row, once there is one.
    shared: Option<Vec<Expr>>,
    groups: Groups,
}

/// One aggregate and its state.
struct Call {
    args: Vec<Expr>,
    filter: Option<Expr>,
    /// For DISTINCT: the pairs of group and arguments seen so far; without GROUP BY, the arguments.
    seen: Option<Grouping>,
    /// Those unlike all of these, from where on memory was short.
    later: Option<Partitions>,
    /// For ORDER BY: the rows, to be fed in order at the end.
    ordered: Option<Ordered>,
    /// The state takes short numerics.
    takes_short: bool,
    state: Box<dyn Accumulator>,
}

/// What groups may grow by, in parts of what they took, after no more can be begun.
const GROWTH: usize = 4;

impl HashAggregate {
    /// Groups of the input's rows, whose columns have these types.
    pub fn new(
        input: Input,
        types: Vec<Type>,
        group: &[Expr],
        aggregates: &[AggregateCall],
        sets: &[Vec<bool>],
        env: &Run<'_>,
    ) -> Self {
        let marked = !sets.is_empty();
        let sets = if marked { sets.to_vec() } else { vec![vec![true; group.len()]] };
        let (group, compared) = (group.to_vec(), vec![true; group.len()]);
        let definition = Definition { types, group, compared, aggregates: aggregates.to_vec(), sets };
        HashAggregate {
            input: Some(input),
            sets: (0..definition.sets.len()).map(|number| definition.set(number)).collect(),
            definition,
            marked,
            memory: env.context.memory.reserve(),
            output: VecDeque::new(),
            level: 0,
            full_at: None,
            pending: Vec::new(),
            spilled: 0,
            workers: 0,
            in_steps: false,
            known: Known::default(),
        }
    }

    /// Of the one grouping only these expressions need comparing: before any row has come.
    pub fn compare(&mut self, compared: Vec<bool>) {
        self.definition.compared = compared;
        self.sets = vec![self.definition.set(0)];
    }

    /// With what is known of rows that the input does not deliver.
    pub fn knowing(self, known: Known) -> Self {
        HashAggregate { known, ..self }
    }

    /// The second step of a grouping whose first one is the input.
    pub fn of_parts(input: Input, steps: &Steps, env: &Run<'_>) -> Self {
        let (group, aggregates) = &steps.whole;
        let mut second = HashAggregate::new(input, steps.types(), group, aggregates, &[], env);
        second.compare(steps.compared.clone());
        HashAggregate { in_steps: true, ..second }
    }

    /// Begins with what is known of rows that the input does not deliver.
    fn take_known(&mut self, env: &Run<'_>) -> Result<()> {
        let Known { columns, args, parts, held: _held } = std::mem::take(&mut self.known);
        let Some(set) = self.sets.first_mut() else { return Ok(()) };
        let mut numbers = vec![0];
        for part in parts {
            env.context.interrupt.check()?;
            if !set.group.is_empty() {
                set.groups.number(&part.keys, 1, &mut numbers)?;
                let groups = set.groups.len();
                set.calls.iter_mut().for_each(|call| call.state.resize(groups));
            }
            let group = numbers.first().copied().unwrap_or(0);
            for (call, arg) in set.calls.iter_mut().zip(&args) {
                let Some((at, extreme)) = *arg else {
                    call.state.add(group as usize, part.rows.rows().into(), None)?;
                    continue;
                };
                let (summary, column) = (&part.columns[at], &columns[at]);
                match &summary.range {
                    Some((least, most)) if extreme => {
                        let ends = Column::from_values(column.ty, [least.clone(), most.clone()])?;
                        call.state.update(Some(&[group, group]), &[ends], 2)?;
                    }
                    _ if extreme => {}
                    _ => {
                        let scale = column.ty.fixed_scale().unwrap_or(0);
                        let sum = summary.sum.map(|sum| (sum, scale));
                        call.state.add(group as usize, summary.count, sum)?;
                    }
                }
            }
            for (at, summary) in part.columns.iter().enumerate() {
                for &vector in &summary.unread {
                    let column = [part.rows.read(columns[at].column, vector)?];
                    let (rows, calls) = (column[0].len(), set.calls.iter_mut().zip(&args));
                    let groups = vec![group; rows];
                    for (call, _) in calls.filter(|(_, arg)| arg.is_some_and(|(of, _)| of == at)) {
                        call.state.update(Some(&groups), &column, rows)?;
                    }
                }
            }
            let held = set.memory();
            if self.memory.hold(held).is_err() {
                // No more groups are begun once rows come.
                self.memory.exceed(held);
            }
        }
        Ok(())
    }

    fn consume(&mut self, mut input: Input, env: &Run<'_>) -> Result<()> {
        let mut numbers = Vec::new();
        let keeps = self.definition.grows(&self.sets);
        let mut kept = Rows::new(self.definition.types.iter().copied().filter(|_| keeps));
        while let Some(batch) = pull(&mut input, env)? {
            // Several expressions read the same columns: they are picked out once.
            let batch = batch.compact();
            if keeps {
                kept.append(&batch.columns, batch.rows, None);
            }
            let mut held = kept.memory();
            for set in &mut self.sets {
                set.consume(&batch, &mut numbers, env)?;
                held += set.memory();
            }
            match self.memory.hold(held) {
                Err(full) if keeps => {
                    self.lay_all(kept, &mut input, full, env)?;
                    break;
                }
                Err(full) => self.begin_no_more(held, full, env)?,
                Ok(()) => {}
            }
        }
        if self.in_steps {
            self.workers = self.workers.max(input.report().workers);
        }
        Ok(())
    }

    /// Memory is short, and would not suffice for the groups at hand either: no row was grouped yet, all are laid down.
    fn lay_all(&mut self, kept: Rows, input: &mut Input, full: Error, env: &Run<'_>) -> Result<()> {
        let Some(set) = self.sets.first_mut() else { return Err(full) };
        *set = self.definition.set(set.number);
        let types = self.definition.types.clone();
        let mut rest = Partitions::new(set.group.clone(), types, self.level, full, env)?;
        let (len, columns) = (kept.len, kept.finish());
        for at in (0..len).step_by(BATCH_ROWS) {
            let rows = BATCH_ROWS.min(len - at);
            rest.add(&Batch::new(columns.iter().map(|column| column.slice(at, rows)).collect(), rows), env)?;
        }
        drop(columns);
        self.memory.hold(0)?;
        while let Some(batch) = pull(input, env)? {
            rest.add(&batch, env)?;
        }
        set.rest = Some(rest);
        Ok(())
    }

    /// Memory is short: other groups than those at hand have to wait.
    fn begin_no_more(&mut self, held: usize, full: Error, env: &Run<'_>) -> Result<()> {
        match self.full_at {
            Some(at) if held > at + at / GROWTH + (64 << 10) => return Err(full),
            Some(_) => {}
            None => {
                let mut waits = false;
                for set in &mut self.sets {
                    if !set.group.is_empty() {
                        let (group, types) = (set.group.clone(), self.definition.types.clone());
                        set.rest = Some(Partitions::new(group, types, self.level, full.clone(), env)?);
                        waits = true;
                    }
                    for call in set.calls.iter_mut().filter(|call| call.may_wait()) {
                        call.later = Some(Partitions::new(
                            call.pair(!set.group.is_empty()),
                            call.pair_types(!set.group.is_empty()),
                            // By other bits than what is parted further then.
                            LEVELS - 1,
                            full.clone(),
                            env,
                        )?);
                        waits = true;
                    }
                }
                if !waits {
                    return Err(full);
                }
                self.full_at = Some(held);
            }
        }
        self.memory.exceed(held);
        Ok(())
    }

    /// The rows of all groups at hand; what could not be grouped is pending.
    fn finish(&mut self, env: &Run<'_>) -> Result<()> {
        for mut set in std::mem::take(&mut self.sets) {
            let number = set.number;
            if let Some(rest) = set.rest.take() {
                let level = self.level + 1;
                self.spilled += rest.bytes;
                self.pending
                    .extend(rest.finish(env)?.into_iter().flatten().map(|part| (number, part, level)));
            }
            let mut all = set.finish(env)?;
            if self.marked {
                all.columns.push(Column::constant(Type::Int4, &Value::Int4(number as i32), all.rows)?);
            }
            self.output.push_back(all);
        }
        Ok(())
    }
}

/// Aggregates that keep all their values.
const GROWING: &[&str] =
    &["array_agg", "string_agg", "json_agg", "jsonb_agg", "json_object_agg", "jsonb_object_agg"];

impl Definition {
    /// True if groups at hand may grow without end, and rows can be parted before they are grouped.
    fn grows(&self, sets: &[Set]) -> bool {
        let grows =
            |call: &AggregateCall| !call.order.is_empty() || GROWING.contains(&call.aggregate.function.name);
        matches!(sets, [set] if !set.group.is_empty()) && self.aggregates.iter().any(grows)
    }

    /// No group yet of one grouping set.
    fn set(&self, number: usize) -> Set {
        Set::new(number, &self.group, &self.sets[number], &self.compared, &self.aggregates)
    }
}

impl Operator for HashAggregate {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(input) = self.input.take() {
                self.take_known(env)?;
                self.consume(input, env)?;
                self.finish(env)?;
            }
            while let Some(first) = self.output.pop_front() {
                let len = first.rows.min(BATCH_ROWS);
                if len < first.rows {
                    self.output.push_front(first.slice(len, first.rows - len));
                }
                if len > 0 {
                    return Ok(Some(slice(first, 0, len)));
                }
            }
            let Some((number, part, level)) = self.pending.pop() else { return Ok(None) };
            self.memory.hold(0)?;
            (self.sets, self.level, self.full_at) = (vec![self.definition.set(number)], level, None);
            self.input = Some(part);
        }
    }

    fn report(&self) -> Report {
        let (memory, workers) = (self.memory.peak(), self.workers);
        Report { memory, spilled: self.spilled, workers, ..Report::default() }
    }
}

impl Set {
    /// Of the grouping expressions those that are `kept`, of which those that are `compared` tell groups apart.
    pub(super) fn new(
        number: usize,
        group: &[Expr],
        kept: &[bool],
        compared: &[bool],
        aggregates: &[AggregateCall],
    ) -> Self {
        let (mut own, mut places) = (Vec::new(), Vec::with_capacity(group.len()));
        let mut told = Vec::new();
        for ((expr, &kept), &compared) in group.iter().zip(kept).zip(compared) {
            places.push((kept.then_some(own.len()), expr.ty()));
            told.extend((kept && compared).then_some(own.len()));
            own.extend(kept.then(|| expr.clone()));
        }
        let types = own.iter().map(Expr::ty).collect();
        let mut calls: Vec<Call> = aggregates.iter().map(|call| Call::new(call, !own.is_empty())).collect();
        if own.is_empty() {
            calls.iter_mut().for_each(|call| call.state.resize(1));
        }
        let (groups, shared) = (Groups::new(types, told), None);
        Set { number, rest: None, apart: false, group: own, places, calls, shared, groups }
    }

    pub(super) fn consume(&mut self, batch: &Batch, numbers: &mut Vec<u32>, env: &Run<'_>) -> Result<()> {
        let grouped = !self.group.is_empty();
        let known;
        let mut batch = batch;
        if grouped {
            let keys = evaluate(&self.group, batch, env)?;
            match &mut self.rest {
                None if self.apart => self.groups.apart(&keys, batch.len(), numbers),
                None => self.groups.number(&keys, batch.len(), numbers)?,
                Some(rest) => {
                    known = self.groups.known(&keys, batch, numbers, rest, env)?;
                    batch = &known;
                }
            }
        }
        let calls = &mut self.calls;
        let shared = self.shared.get_or_insert_with(|| {
            let plain = calls.iter_mut().filter(|call| call.is_plain());
            take_common(&mut plain.flat_map(|call| &mut call.args).collect::<Vec<_>>(), batch.columns.len())
        });
        let with;
        if !shared.is_empty() {
            let mut more = batch.compact();
            for expr in shared {
                let column = expr.evaluate_short(&more, &env.eval())?;
                more.columns.push(column);
            }
            with = more;
            batch = &with;
        }
        for call in calls {
            if grouped {
                call.state.resize(self.groups.len());
            }
            call.feed(batch, grouped.then_some(&numbers[..]), env)?;
        }
        Ok(())
    }

    /// How many groups there are.
    pub(super) fn len(&self) -> usize {
        self.groups.len()
    }

    fn memory(&self) -> usize {
        self.groups.memory() + self.calls.iter().map(Call::memory).sum::<usize>()
    }

    pub(super) fn finish(mut self, env: &Run<'_>) -> Result<Batch> {
        let rows = if self.group.is_empty() { 1 } else { self.groups.len() };
        let keys = self.groups.take_keys();
        let key = |&(place, ty): &(Option<usize>, Type)| match place {
            Some(place) => keys[place].clone(),
            None => Column::null(ty, rows),
        };
        let mut columns: Vec<Column> = self.places.iter().map(key).collect();
        let grouped = !self.group.is_empty();
        for call in &mut self.calls {
            columns.push(call.finish(grouped, env)?);
        }
        Ok(Batch::new(columns, rows))
    }
}

impl Call {
    fn new(call: &AggregateCall, grouped: bool) -> Self {
        let args = call.aggregate.args.clone();
        let types = grouped.then_some(Type::Int4).into_iter().chain(args.iter().map(Expr::ty));
        let seen = call.distinct.then(|| Grouping::new(types));
        let ordered = (!call.order.is_empty()).then(|| Ordered::new(&call.order, &args));
        let takes_short = matches!(call.aggregate.function.name, "sum" | "avg");
        let state = call.aggregate.accumulator();
        Call { args, filter: call.filter.clone(), seen, later: None, ordered, takes_short, state }
    }

    /// True if all rows count, as they come.
    fn is_plain(&self) -> bool {
        self.filter.is_none() && self.seen.is_none() && self.ordered.is_none()
    }

    /// True for DISTINCT whose arguments may come later, in any order.
    fn may_wait(&self) -> bool {
        self.seen.is_some() && self.ordered.is_none() && !self.args.is_empty()
    }

    /// The types of the group, where there are groups, and of the arguments.
    fn pair_types(&self, grouped: bool) -> Vec<Type> {
        grouped.then_some(Type::Int4).into_iter().chain(self.args.iter().map(Expr::ty)).collect()
    }

    /// The columns of those.
    fn pair(&self, grouped: bool) -> Vec<Expr> {
        let types = self.pair_types(grouped).into_iter().enumerate();
        types.map(|(index, ty)| Expr::Column { index, ty }).collect()
    }

    /// Adds the selected rows of a batch; `groups` has one number for each, None: all are group 0.
    fn feed(&mut self, batch: &Batch, groups: Option<&[u32]>, env: &Run<'_>) -> Result<()> {
        if self.is_plain() {
            let args = match self.takes_short {
                true => self
                    .args
                    .iter()
                    .map(|arg| arg.evaluate_short(batch, &env.eval()))
                    .collect::<Result<_>>()?,
                false => evaluate(&self.args, batch, env)?,
            };
            return self.state.update(groups, &args, batch.len());
        }
        let mut batch = batch.compact();
        let mut chosen: Option<Vec<u32>> = groups.map(<[u32]>::to_vec);
        let narrow = |numbers: &mut Option<Vec<u32>>, rows: &[u32]| {
            if let Some(numbers) = numbers {
                *numbers = rows.iter().map(|&row| numbers[row as usize]).collect();
            }
        };
        if let Some(filter) = &self.filter {
            let rows = filter.filter(&batch, &env.eval())?;
            narrow(&mut chosen, &rows);
            batch.selection = Some(rows);
        }
        if self.ordered.is_some() {
            batch = batch.compact();
        }
        let mut args = evaluate(&self.args, &batch, env)?;
        let mut rows = batch.len();
        if let Some(seen) = &mut self.seen {
            let before = seen.len();
            let group = chosen.is_some().then(|| group_column(chosen.as_deref(), rows));
            let keys: Vec<Column> = group.into_iter().chain(args.iter().cloned()).collect();
            let mut pairs = Vec::new();
            if let Some(later) = &mut self.later {
                seen.find(&keys, rows, &mut pairs)?;
                return later.add(&parted(&Batch::new(keys, rows), &pairs).1, env);
            }
            seen.insert(&keys, rows, &mut pairs)?;
            let new = first_rows(&pairs, before);
            narrow(&mut chosen, &new);
            args = args.iter().map(|column| column.gather(&new)).collect();
            rows = new.len();
            batch.selection = Some(new.into());
        }
        if let Some(ordered) = &mut self.ordered {
            return ordered.add(&batch, chosen.as_deref(), args, rows, env);
        }
        self.state.update(chosen.as_deref(), &args, rows)
    }

    fn finish(&mut self, grouped: bool, env: &Run<'_>) -> Result<Column> {
        if let Some(later) = self.later.take() {
            self.seen = None;
            for part in later.finish(env)?.into_iter().flatten() {
                let mut distinct = Distinct::new(part, self.pair_types(grouped), env);
                while let Some(batch) = distinct.next(env)? {
                    env.context.interrupt.check()?;
                    let Batch { columns, rows, .. } = batch.compact();
                    let (group, args) = columns.split_at(usize::from(grouped).min(columns.len()));
                    let numbers = group.first().map(super::sieve::numbers);
                    let numbers =
                        numbers.flatten().map(|all| all.iter().map(|&n| n as u32).collect::<Vec<_>>());
                    self.state.update(numbers.as_deref(), args, rows)?;
                }
            }
        }
        if let Some(ordered) = self.ordered.take() {
            ordered.feed(self.state.as_mut(), env)?;
        }
        self.state.finish()
    }

    fn memory(&self) -> usize {
        let ordered = self.ordered.as_ref().map_or(0, Ordered::memory);
        self.state.memory() + self.seen.as_ref().map_or(0, Grouping::memory) + ordered
    }
}

fn group_column(groups: Option<&[u32]>, rows: usize) -> Column {
    let group: Vec<i32> = match groups {
        Some(numbers) => numbers.iter().map(|&n| n as i32).collect(),
        None => vec![0; rows],
    };
    Column::flat(Type::Int4, ColumnData::I32(group.into()), None)
}

/// The rows of an aggregate with ORDER BY: the group, what it is ordered by, the arguments.
struct Ordered {
    exprs: Vec<Expr>,
    keys: Keys,
    layout: KeyLayout,
    rows: Rows,
}

impl Ordered {
    fn new(order: &[SortKey], args: &[Expr]) -> Self {
        let group = KeyPart::unordered(Type::Int4);
        let parts = std::iter::once(group).chain(order.iter().map(KeyPart::of));
        let layout = KeyLayout::ordered(parts.collect());
        Ordered {
            exprs: order.iter().map(|key| key.expr.clone()).collect(),
            keys: Keys::new(&layout),
            layout,
            rows: Rows::new(std::iter::once(Type::Int4).chain(args.iter().map(Expr::ty))),
        }
    }

    fn add(
        &mut self,
        batch: &Batch,
        groups: Option<&[u32]>,
        args: Vec<Column>,
        rows: usize,
        env: &Run<'_>,
    ) -> Result<()> {
        let group = group_column(groups, rows);
        let mut keys = vec![group.clone()];
        keys.extend(evaluate(&self.exprs, batch, env)?);
        self.keys.append(&self.layout.encode(&keys, rows)?, None);
        let all: Vec<Column> = std::iter::once(group).chain(args).collect();
        self.rows.append(&all, rows, None);
        Ok(())
    }

    fn feed(self, state: &mut dyn Accumulator, env: &Run<'_>) -> Result<()> {
        let order = self.keys.order(&env.context.interrupt)?;
        let columns = self.rows.finish();
        let Some((group, args)) = columns.split_first() else { return Ok(()) };
        for part in order.chunks(BATCH_ROWS) {
            let group = group.gather(part);
            let ColumnData::I32(numbers) = group.data() else { return Err(Error::internal("no groups")) };
            let numbers: Vec<u32> = numbers.iter().map(|&n| n as u32).collect();
            let args: Vec<Column> = args.iter().map(|column| column.gather(part)).collect();
            state.update(Some(&numbers), &args, part.len())?;
        }
        Ok(())
    }

    fn memory(&self) -> usize {
        self.keys.memory() + self.rows.memory()
    }
}

/// The groups found so far and their keys.
struct Groups {
    grouping: Grouping,
    /// The keys that are compared; None: all.
    compared: Option<Vec<usize>>,
    keys: Rows,
}

impl Groups {
    fn new(types: Vec<Type>, compared: Vec<usize>) -> Self {
        let grouping = Grouping::new(compared.iter().map(|&at| types[at]));
        let compared = (compared.len() < types.len()).then_some(compared);
        Groups { grouping, compared, keys: Rows::new(types) }
    }

    fn of<'a>(&self, keys: &'a [Column]) -> Cow<'a, [Column]> {
        match &self.compared {
            None => Cow::Borrowed(keys),
            Some(compared) => compared.iter().map(|&at| keys[at].clone()).collect(),
        }
    }

    fn len(&self) -> usize {
        self.keys.len
    }

    fn memory(&self) -> usize {
        self.grouping.memory() + self.keys.memory()
    }

    fn take_keys(&mut self) -> Vec<Column> {
        std::mem::replace(&mut self.keys, Rows::new([])).finish()
    }

    /// The rows of groups that are there, and the number of each one's group; the others go to `rest`.
    fn known(
        &mut self,
        keys: &[Column],
        batch: &Batch,
        numbers: &mut Vec<u32>,
        rest: &mut Partitions,
        env: &Run<'_>,
    ) -> Result<Batch> {
        let of = self.of(keys);
        self.grouping.find(&of, batch.len(), numbers)?;
        let (known, others) = parted(batch, numbers);
        numbers.retain(|&number| number != MISSING);
        if !others.is_empty() {
            rest.add(&others, env)?;
        }
        Ok(known)
    }

    /// A new group for each row.
    fn apart(&mut self, keys: &[Column], rows: usize, numbers: &mut Vec<u32>) {
        let before = self.len() as u32;
        numbers.clear();
        numbers.extend(before..before + rows as u32);
        self.keys.append(keys, rows, None);
    }

    /// The number of each row's group; `numbers` is overwritten.
    fn number(&mut self, keys: &[Column], rows: usize, numbers: &mut Vec<u32>) -> Result<()> {
        let before = self.grouping.len();
        let of = self.of(keys);
        self.grouping.insert(&of, rows, numbers)?;
        if self.grouping.len() > before {
            self.keys.append(keys, rows, Some(&first_rows(numbers, before)));
        }
        Ok(())
    }
}

/// The rows of a batch that have a number, and the others.
pub fn parted(batch: &Batch, numbers: &[u32]) -> (Batch, Batch) {
    let row = |i: usize| batch.selection.as_ref().map_or(i as u32, |selection| selection[i]);
    let rows = |known: bool| {
        let chosen = (0..numbers.len()).filter(|&i| (numbers[i] != MISSING) == known).map(row);
        Batch { selection: Some(chosen.collect::<Vec<u32>>().into()), ..batch.clone() }
    };
    (rows(true), rows(false))
}
