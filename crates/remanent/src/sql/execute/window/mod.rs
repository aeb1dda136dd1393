//! Window functions: rows are sorted, and each gets values that depend on the rows around it.
//!
//! ```text
//! sum(x) OVER (PARTITION BY k ORDER BY t ROWS 1 PRECEDING)
//!
//!   k t x   partition   peers   frame     sum
//!   a 1 10  [0, 2)      [0, 1)  [0, 1)    10
//!   a 2 20  [0, 2)      [1, 2)  [0, 2)    30
//!   b 1  5  [2, 3)      [2, 3)  [2, 3)     5
//! ```
//!
//! Rows that do not fit in memory are sorted on disk and come back in order, some at a time ([`stream`]); those of a window without order
//! and partitions are never held.
//!
//! The rows of the input come out in the order of partitions, then of ORDER BY, with one more column a call. Positions of
//! rows are in that order throughout.
//!
//! | file | holds |
//! |---|---|
//! | `frame` | which rows a row's frame has |
//! | `aggregate` | aggregates over frames |
//! | `stream` | windows over more rows than memory holds |

mod aggregate;
mod frame;
mod stream;

use super::grouping::Grouping;
use super::project::evaluate;
use super::rowkey::{KeyLayout, KeyPart};
use super::sort::{Keys, Sort};
use super::{Input, Operator, Report, Reservation, Rows, Run, pull};
use crate::sql::expr::Expr;
#[cfg(feature = "shapes")]
use crate::sql::functions::places::cluster;
use crate::sql::plan::{SortKey, WindowCall, WindowFunction};
use frame::Frames;
use remanent_storage::error::{Error, Result, SqlState};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, ColumnData, Type, Value};
use stream::Stream;

/// Rows with the values of window functions.
pub struct Window {
    /// None once it is drained.
    input: Option<Input>,
    over: Over,
    memory: Reservation,
    /// Where the rows are not held.
    stream: Option<Stream>,
    output: Option<Batch>,
    at: usize,
}

/// What calls over one window ask for.
struct Over {
    /// Of the input's columns.
    types: Vec<Type>,
    partition: Vec<Expr>,
    order: Vec<SortKey>,
    calls: Vec<WindowCall>,
    /// By what rows are sorted, and the keys that makes.
    exprs: Vec<Expr>,
    layout: KeyLayout,
    /// About how many bytes a row takes beside its own.
    beside: usize,
}

/// What is needed beside the bytes of a row: where its partition and its peers begin.
const PLACE: usize = 24;
/// Of a call: its value; and its frame, with a state.
const VALUE: usize = 16;
const FRAME: usize = 96;

/// All rows in order, and where partitions and peers begin.
pub(super) struct Sorted {
    /// The input's columns.
    pub rows: Batch,
    /// Where each partition begins; last, how many rows there are.
    pub partitions: Vec<usize>,
    /// Where each group of peers begins; last, how many rows there are.
    pub peers: Vec<usize>,
    /// The number of each row's partition and group of peers.
    pub partition_of: Vec<u32>,
    pub peers_of: Vec<u32>,
    /// What came before, of the first partition; and how many rows that has, where more are to come.
    before: Before,
    total: Option<usize>,
}

/// How much of a partition came before some of its rows.
#[derive(Clone, Copy, Default)]
struct Before {
    rows: usize,
    /// Groups of peers before that of the first of the rows.
    groups: usize,
    /// Rows of that group before them.
    peers: usize,
}

impl Window {
    /// The rows of an input whose columns have these types, with the values of calls over one window.
    pub fn new(
        input: Input,
        types: Vec<Type>,
        partition: &[Expr],
        order: &[SortKey],
        calls: &[WindowCall],
        env: &Run<'_>,
    ) -> Self {
        let ascending = |expr: &Expr| KeyPart::unordered(expr.ty());
        let parts = partition.iter().map(ascending).chain(order.iter().map(KeyPart::of));
        let beside = |call: &WindowCall| if call.function.has_frame() { FRAME } else { VALUE };
        let over = Over {
            types,
            exprs: partition.iter().chain(order.iter().map(|key| &key.expr)).cloned().collect(),
            layout: KeyLayout::ordered(parts.collect()),
            beside: PLACE + calls.iter().map(beside).sum::<usize>(),
            partition: partition.to_vec(),
            order: order.to_vec(),
            calls: calls.to_vec(),
        };
        let memory = env.context.memory.reserve();
        Window { input: Some(input), over, memory, stream: None, output: None, at: 0 }
    }

    /// Drains and sorts the input. None: it did not fit in memory, or any order will do, and is to be read from the stream.
    fn sort(&mut self, mut input: Input, env: &Run<'_>) -> Result<Option<Sorted>> {
        let over = &self.over;
        if over.exprs.is_empty() {
            self.stream = Some(Stream::new(input, over, env));
            return Ok(None);
        }
        let (mut rows, mut keys) = (Rows::new(over.types.iter().copied()), Keys::new(&over.layout));
        while let Some(batch) = pull(&mut input, env)? {
            let batch = batch.compact();
            keys.append(&over.layout.encode(&evaluate(&over.exprs, &batch, env)?, batch.rows)?, None);
            rows.append(&batch.columns, batch.rows, None);
            if let Err(full) = self.memory.hold(rows.memory() + keys.memory() + over.beside * rows.len) {
                // Keys are made anew of what lay on disk.
                if over.exprs.iter().any(Expr::is_volatile) {
                    return Err(full);
                }
                let order = keys.order(&env.context.interrupt)?;
                drop(keys);
                let (by, held) = ((over.exprs.clone(), over.layout.clone()), (rows.finish(), &order[..]));
                let sort = Sort::begun(input, over.types.clone(), by, held, full, env)?;
                self.memory.hold(0)?;
                self.stream = Some(Stream::new(Box::new(sort), over, env));
                return Ok(None);
            }
        }
        let len = rows.len;
        let mut changes = Vec::new();
        let order = keys.order_telling(Some(&mut changes), &env.context.interrupt)?;
        drop(keys);
        let columns = rows.finish().into_iter().map(|column| column.gather(&order)).collect();
        over.sorted(Batch::new(columns, len), &changes, env).map(Some)
    }
}

impl Over {
    /// Rows in order, of which it is known how many bits of its key have changed at each.
    fn sorted(&self, rows: Batch, changes: &[u8], env: &Run<'_>) -> Result<Sorted> {
        let (partitions, partition_of) = match self.layout.bits_from(self.partition.len()) {
            Some(rest) => runs(rows.rows, &|at| u32::from(changes[at]) > rest, env)?,
            None => self.partitions(&rows, env)?,
        };
        let (peers, peers_of) = runs(rows.rows, &|at| changes[at] > 0, env)?;
        Ok(Sorted { rows, partitions, peers, partition_of, peers_of, before: Before::default(), total: None })
    }

    /// The partitions of sorted rows, where keys do not tell which of their bytes are those of PARTITION BY.
    fn partitions(&self, rows: &Batch, env: &Run<'_>) -> Result<(Vec<usize>, Vec<u32>)> {
        let mut grouping = Grouping::new(self.partition.iter().map(Expr::ty));
        let (mut all, mut numbers) = (Vec::with_capacity(rows.rows), Vec::new());
        for at in (0..rows.rows).step_by(BATCH_ROWS) {
            env.context.interrupt.check()?;
            let part = rows.slice(at, (rows.rows - at).min(BATCH_ROWS));
            grouping.insert(&evaluate(&self.partition, &part, env)?, part.rows, &mut numbers)?;
            all.extend_from_slice(&numbers);
        }
        runs(all.len(), &|at| all[at] != all[at - 1], env)
    }

    /// The rows with the values of all calls.
    fn with_values(&self, sorted: Sorted, env: &Run<'_>) -> Result<Batch> {
        let calls = if sorted.rows.rows == 0 { &[][..] } else { &self.calls };
        let values = calls.iter().map(|call| {
            let args = evaluate(&call.args, &sorted.rows, env)?;
            self.call(call, &sorted, &args, None, env)
        });
        let values = values.collect::<Result<Vec<_>>>()?;
        let mut rows = sorted.rows;
        rows.columns.extend(values);
        Ok(rows)
    }

    /// The values of one call, of its arguments and, if they are known already, its frames.
    fn call(
        &self,
        call: &WindowCall,
        sorted: &Sorted,
        args: &[Column],
        frames: Option<Frames>,
        env: &Run<'_>,
    ) -> Result<Column> {
        let len = sorted.rows.rows;
        let numbers = |value: &mut dyn FnMut(usize) -> i64| {
            let values: Vec<i64> = (0..len).map(value).collect();
            Column::flat(Type::Int8, ColumnData::I64(values.into()), None)
        };
        let parts = |value: &mut dyn FnMut(usize) -> f64| {
            let values: Vec<f64> = (0..len).map(value).collect();
            Column::flat(Type::Float8, ColumnData::F64(values.into()), None)
        };
        // Who looks at no frame has its offsets checked all the same.
        if !call.function.has_frame() && call.frame.has_offset() {
            Frames::new(call, &self.order, sorted, env)?;
        }
        let frames = || frames.map_or_else(|| Frames::new(call, &self.order, sorted, env), Ok);
        Ok(match &call.function {
            WindowFunction::RowNumber => numbers(&mut |row| sorted.place(row) as i64 + 1),
            WindowFunction::Rank => numbers(&mut |row| sorted.rank(row) as i64 + 1),
            WindowFunction::DenseRank => numbers(&mut |row| {
                let first = sorted.peers_of[sorted.partition(row).0];
                i64::from(sorted.peers_of[row] - first) + sorted.before.groups as i64 + 1
            }),
            WindowFunction::PercentRank => parts(&mut |row| match sorted.total(row) {
                1 => 0.0,
                rows => sorted.rank(row) as f64 / (rows - 1) as f64,
            }),
            WindowFunction::CumeDist => parts(&mut |row| {
                let end = sorted.peers(row).1 - sorted.partition(row).0 + sorted.before.rows;
                end as f64 / sorted.total(row) as f64
            }),
            WindowFunction::Ntile => ntile(sorted, args)?,
            WindowFunction::Lag => beside(sorted, call, args, -1)?,
            WindowFunction::Lead => beside(sorted, call, args, 1)?,
            WindowFunction::FirstValue | WindowFunction::LastValue | WindowFunction::NthValue => {
                in_frame(sorted, call, args, &frames()?)?
            }
            #[cfg(feature = "shapes")]
            WindowFunction::Cluster => {
                // The shapes, decoded.
                let mut held = env.context.memory.reserve();
                held.hold(args.first().map_or(0, Column::memory).saturating_mul(4) + 200 * len)?;
                cluster::dbscan(args, &sorted.partitions, &mut || env.context.interrupt.check())?
            }
            WindowFunction::Aggregate(aggregate) => {
                aggregate::values(aggregate, call, sorted, args, &frames()?, env)?
            }
        })
    }
}

impl Operator for Window {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(input) = self.input.take()
                && let Some(sorted) = self.sort(input, env)?
            {
                let rows = self.over.with_values(sorted, env)?;
                self.memory.hold(rows.columns.iter().map(Column::memory).sum())?;
                (self.output, self.at) = (Some(rows), 0);
            }
            if let Some(output) = &self.output {
                let len = (output.rows - self.at).min(BATCH_ROWS);
                if len > 0 {
                    let part = output.slice(self.at, len);
                    self.at += len;
                    return Ok(Some(part));
                }
                self.output = None;
            }
            let Some(stream) = &mut self.stream else { return Ok(None) };
            match stream.next(&self.over, &mut self.memory, env)? {
                Some(rows) => (self.output, self.at) = (Some(rows), 0),
                None => return Ok(None),
            }
        }
    }

    fn report(&self) -> Report {
        let sorts = !self.over.exprs.is_empty();
        let spilled = self.stream.as_ref().map_or(0, |stream| stream.spilled(sorts));
        Report { memory: self.memory.peak(), spilled, ..Report::default() }
    }
}

/// Where each run of rows begins, how many rows there are, and the number of each one's run. A row that `begins` one is not
/// of that before it; not asked of the first.
fn runs(rows: usize, begins: &dyn Fn(usize) -> bool, env: &Run<'_>) -> Result<(Vec<usize>, Vec<u32>)> {
    let (mut starts, mut of) = (Vec::new(), Vec::with_capacity(rows));
    for at in 0..rows {
        if at % BATCH_ROWS == 0 {
            env.context.interrupt.check()?;
        }
        if at == 0 || begins(at) {
            starts.push(at);
        }
        of.push((starts.len() - 1) as u32);
    }
    starts.push(rows);
    Ok((starts, of))
}

impl Sorted {
    /// The first row of a row's partition, and the one behind its last.
    pub fn partition(&self, row: usize) -> (usize, usize) {
        let number = self.partition_of[row] as usize;
        (self.partitions[number], self.partitions[number + 1])
    }

    /// How many rows of its partition come before a row.
    fn place(&self, row: usize) -> usize {
        row - self.partition(row).0 + self.before.rows
    }

    /// How many of them are not its peers.
    fn rank(&self, row: usize) -> usize {
        let first = self.peers(row).0;
        self.place(first) - if self.peers_of[row] == 0 { self.before.peers } else { 0 }
    }

    /// How many rows a row's partition has.
    fn total(&self, row: usize) -> usize {
        let (start, end) = self.partition(row);
        self.total.unwrap_or(end - start)
    }

    /// The first of a row's peers, and the one behind the last.
    pub fn peers(&self, row: usize) -> (usize, usize) {
        let number = self.peers_of[row] as usize;
        (self.peers[number], self.peers[number + 1])
    }
}

fn integer(column: &Column, row: usize) -> Option<i64> {
    match column.value(row) {
        Value::Int2(n) => Some(n.into()),
        Value::Int4(n) => Some(n.into()),
        Value::Int8(n) => Some(n),
        _ => None,
    }
}

fn ntile(sorted: &Sorted, args: &[Column]) -> Result<Column> {
    let Some(arg) = args.first() else { return Err(Error::internal("ntile without its argument")) };
    let mut values = vec![0i32; sorted.rows.rows];
    let mut null = Vec::new();
    for bounds in sorted.partitions.windows(2) {
        let (start, end) = (bounds[0], bounds[1]);
        let Some(buckets) = integer(arg, start) else {
            null.push((start, end));
            continue;
        };
        if buckets <= 0 {
            let message = "argument of ntile must be greater than zero";
            return Err(Error::new(SqlState("22014"), message));
        }
        // The first `rest` buckets have one row more.
        let rows = sorted.total(start) as i64;
        let (each, rest) = (rows / buckets, rows % buckets);
        for (i, value) in (sorted.before.rows as i64..).zip(&mut values[start..end]) {
            let in_larger = rest * (each + 1);
            *value = match i < in_larger {
                true => i / (each + 1) + 1,
                false => rest + (i - in_larger) / each.max(1) + 1,
            } as i32;
        }
    }
    let column = Column::flat(Type::Int4, ColumnData::I32(values.into()), None);
    if null.is_empty() {
        return Ok(column);
    }
    let len = sorted.rows.rows as u32;
    let mut places: Vec<u32> = (0..len).collect();
    null.into_iter().for_each(|(start, end)| places[start..end].fill(len));
    Ok(Column::concat(Type::Int4, &[column, Column::null(Type::Int4, 1)]).gather(&places))
}

/// lag and lead: the value of the row so many rows before or behind, within the partition.
fn beside(sorted: &Sorted, call: &WindowCall, args: &[Column], direction: i64) -> Result<Column> {
    let len = sorted.rows.rows;
    let Some(values) = args.first() else { return Err(Error::internal("lag without its argument")) };
    let default = args.get(2).cloned().unwrap_or_else(|| Column::null(call.ty, len));
    let (otherwise, null) = (len, 2 * len);
    let mut places = Vec::with_capacity(len);
    for row in 0..len {
        let (start, end) = sorted.partition(row);
        let offset = match args.get(1) {
            None => Some(1),
            Some(offset) => integer(offset, row),
        };
        let place = offset.map(|offset| (row as i64).saturating_add(direction.saturating_mul(offset)));
        places.push(match place {
            None => null,
            Some(place) if place >= start as i64 && place < end as i64 => place as usize,
            Some(_) => otherwise + row,
        } as u32);
    }
    let all = [values.clone(), default, Column::null(call.ty, 1)];
    Ok(Column::concat(call.ty, &all).gather(&places))
}

/// first_value, last_value and nth_value.
fn in_frame(sorted: &Sorted, call: &WindowCall, args: &[Column], frames: &Frames) -> Result<Column> {
    let len = sorted.rows.rows;
    let Some(values) = args.first() else { return Err(Error::internal("no argument")) };
    let mut places = Vec::with_capacity(len);
    for row in 0..len {
        let pieces = frames.pieces(row);
        let mut nonempty = pieces.iter().filter(|(start, end)| start < end);
        let place = match &call.function {
            WindowFunction::FirstValue => nonempty.next().map(|(start, _)| *start),
            WindowFunction::LastValue => nonempty.next_back().map(|(_, end)| end - 1),
            _ => match args.get(1).and_then(|n| integer(n, row)) {
                Some(n) if n <= 0 => {
                    let message = "argument of nth_value must be greater than zero";
                    return Err(Error::new(SqlState("22016"), message));
                }
                Some(n) => {
                    let mut left = (n - 1) as usize;
                    nonempty.find_map(|(start, end)| match left < end - start {
                        true => Some(start + left),
                        false => {
                            left -= end - start;
                            None
                        }
                    })
                }
                None => None,
            },
        };
        places.push(place.unwrap_or(len) as u32);
    }
    Ok(Column::concat(call.ty, &[values.clone(), Column::null(call.ty, 1)]).gather(&places))
}
