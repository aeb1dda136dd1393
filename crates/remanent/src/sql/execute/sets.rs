//! Functions that return rows: in FROM, and in a select list.
//!
//! Several calls go side by side: row `i` has the `i`-th row of each, NULL where one is at its end already.

use super::project::evaluate;
use super::{Input, Operator, Run, pull};
use crate::sql::functions::series::SetRows;
use crate::sql::plan::{SetCall, SetSource};
use remanent_storage::error::Result;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, ColumnData, Type, Value};

/// The rows of calls whose arguments read no column.
pub struct Function {
    calls: Vec<SetCall>,
    /// WITH ORDINALITY
    ordinality: bool,
    running: Option<Vec<Running>>,
    at: i64,
}

impl Function {
    /// The rows of these calls side by side.
    pub fn new(calls: &[SetCall], ordinality: bool) -> Self {
        Function { calls: calls.to_vec(), ordinality, running: None, at: 0 }
    }
}

impl Operator for Function {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if self.running.is_none() {
            let begin = |call: &SetCall| {
                let args = call.args.iter().map(|arg| arg.value(&env.eval())).collect::<Result<Vec<_>>>()?;
                Running::begin(call, args, env)
            };
            self.running = Some(self.calls.iter().map(begin).collect::<Result<_>>()?);
        }
        let Some(running) = &mut self.running else { return Ok(None) };
        let Some((mut columns, rows)) = side_by_side(running, BATCH_ROWS)? else { return Ok(None) };
        if self.ordinality {
            let numbers: Vec<i64> = (self.at + 1..=self.at + rows as i64).collect();
            columns.push(Column::flat(Type::Int8, ColumnData::I64(numbers.into()), None));
        }
        self.at += rows as i64;
        Ok(Some(Batch::new(columns, rows)))
    }
}

/// The rows of an input, each as often as the longest of its calls has rows, beside those.
pub struct ProjectSet {
    input: Input,
    calls: Vec<SetCall>,
    /// The input batch at hand, with the arguments of each call, and its next row.
    batch: Option<(Batch, Vec<Vec<Column>>, usize)>,
    /// The calls of the row at hand.
    running: Vec<Running>,
}

impl ProjectSet {
    /// The rows of `input` with those of these calls.
    pub fn new(input: Input, calls: &[SetCall]) -> Self {
        ProjectSet { input, calls: calls.to_vec(), batch: None, running: Vec::new() }
    }

    /// The next rows of the batch at hand, about a batch of them; None: it is at its end.
    fn some(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let Some((batch, args, next)) = &mut self.batch else { return Ok(None) };
        let (mut repeated, mut parts) = (Vec::new(), Vec::new());
        while repeated.len() < BATCH_ROWS {
            if let Some((columns, rows)) = side_by_side(&mut self.running, BATCH_ROWS - repeated.len())? {
                repeated.extend(std::iter::repeat_n((*next - 1) as u32, rows));
                parts.push(columns);
                continue;
            }
            env.context.interrupt.check()?;
            if *next == batch.rows {
                break;
            }
            let begin = |(call, args): (&SetCall, &Vec<Column>)| {
                Running::begin(call, args.iter().map(|arg| arg.value(*next)).collect(), env)
            };
            self.running = self.calls.iter().zip(&*args).map(begin).collect::<Result<_>>()?;
            *next += 1;
        }
        if repeated.is_empty() {
            self.batch = None;
            return Ok(None);
        }
        let mut columns: Vec<Column> = batch.columns.iter().map(|column| column.gather(&repeated)).collect();
        for (i, call) in self.calls.iter().enumerate() {
            let all: Vec<Column> = parts.iter().map(|part| part[i].clone()).collect();
            columns.push(Column::concat(call.ty, &all));
        }
        Ok(Some(Batch::new(columns, repeated.len())))
    }
}

impl Operator for ProjectSet {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        loop {
            if let Some(batch) = self.some(env)? {
                return Ok(Some(batch));
            }
            let Some(batch) = pull(&mut self.input, env)? else { return Ok(None) };
            let batch = batch.compact();
            let args = self.calls.iter().map(|call| evaluate(&call.args, &batch, env));
            let args = args.collect::<Result<Vec<_>>>()?;
            self.batch = Some((batch, args, 0));
        }
    }
}

/// One call on its way.
struct Running {
    ty: Type,
    rows: Option<Box<dyn SetRows>>,
    /// Rows that came and are not handed on yet.
    ready: Option<Column>,
}

impl Running {
    fn begin(call: &SetCall, args: Vec<Value>, env: &Run<'_>) -> Result<Self> {
        let (mut rows, mut ready) = (None, None);
        match call.source {
            SetSource::Value => {
                let value = args.into_iter().next().unwrap_or(Value::Null);
                ready = Some(Column::from_values(call.ty, [value])?);
            }
            // NULL gives no row.
            SetSource::Rows(function) if function.strict && args.iter().any(Value::is_null) => {}
            SetSource::Rows(function) => rows = Some((function.start)(&args, call.ty, &env.eval())?),
        }
        Ok(Running { ty: call.ty, rows, ready })
    }

    /// Makes rows ready, if there are any; how many are.
    fn fill(&mut self, most: usize) -> Result<usize> {
        if self.ready.as_ref().is_none_or(Column::is_empty) {
            self.ready = match &mut self.rows {
                Some(rows) => rows.next(most)?,
                None => None,
            };
            if self.ready.is_none() {
                self.rows = None;
            }
        }
        Ok(self.ready.as_ref().map_or(0, Column::len))
    }

    /// So many of the ready rows, or NULLs.
    fn take(&mut self, rows: usize) -> Column {
        match self.ready.take() {
            Some(ready) => {
                let (first, rest) = (ready.slice(0, rows), ready.slice(rows, ready.len() - rows));
                self.ready = (!rest.is_empty()).then_some(rest);
                first
            }
            None => Column::null(self.ty, rows),
        }
    }
}

/// The next rows of calls that go side by side, at most so many; None where all are at their end.
fn side_by_side(running: &mut [Running], most: usize) -> Result<Option<(Vec<Column>, usize)>> {
    let mut least = usize::MAX;
    for call in running.iter_mut() {
        match call.fill(most)? {
            0 => {}
            rows => least = least.min(rows),
        }
    }
    if least == usize::MAX {
        return Ok(None);
    }
    let rows = least.min(most);
    Ok(Some((running.iter_mut().map(|call| call.take(rows)).collect(), rows)))
}
