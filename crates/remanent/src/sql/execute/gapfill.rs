//! Buckets of time without rows: rows made for them between those that there are.
//!
//! ```text
//!   a 10:00  1.0                 a 10:00  1.0
//!   a 10:10  3.0       ──→       a 10:05  NULL    locf 1.0    interpolate 2.0
//!   b 10:05  7.0                 a 10:10  3.0
//!                                b 10:00  NULL …
//! ```
//!
//! Rows come in order of series and time. A row at hand is kept until the next is known, for values on a line need both ends; so
//! what is held is two rows, whatever lies between them.

use super::{Input, Operator, Run, pull};
use crate::sql::functions::bucket::{begin_of, next_of, number};
use crate::sql::plan::{Fill, Gaps};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::datetime::is_infinite;
use remanent_storage::value::{Batch, Column, ColumnBuilder, Type, Value, Zone};
use std::collections::VecDeque;

/// Rows of a batch.
const ROWS: usize = 1024;

type Row = Vec<Value>;

/// Rows with those of the gaps between them.
pub struct GapFill {
    input: Input,
    types: Vec<Type>,
    gaps: Gaps,
    width: Value,
    zone: Option<Zone>,
    /// The first bucket, and where the buckets end.
    range: (i64, i64),
    /// Rows of the input that were not looked at yet.
    coming: VecDeque<Row>,
    ended: bool,
    /// The series in hand.
    series: Option<Series>,
    any: bool,
}

/// A series on its way through the buckets.
struct Series {
    /// Its first row; of a query without groups and rows NULLs.
    first: Row,
    /// The next bucket that was not delivered.
    next: i64,
    /// For each filled column what is carried forward, or time and value of the row before.
    held: Vec<(i64, Value)>,
    /// Up to which bucket rows are made, and the row that stands there; None: the series ends.
    upto: (i64, Option<Row>),
}

impl GapFill {
    /// Fills the gaps of an input with columns of these types.
    pub fn new(input: Input, types: Vec<Type>, gaps: &Gaps, env: &Run<'_>) -> Result<Self> {
        let ctx = env.eval();
        let types: Vec<Type> = types.into_iter().map(Type::plain).collect();
        let ty = types.get(gaps.time).copied().unwrap_or(Type::Timestamp);
        let zone = match gaps.zone.as_ref().map(|zone| zone.value(&ctx)).transpose()? {
            Some(Value::Text(name)) => Some(Zone::meant(&name)?),
            _ => None,
        };
        let width = gaps.width.value(&ctx)?;
        let end = |(expr, behind): &(crate::sql::expr::Expr, bool), name: &str| match expr.value(&ctx)? {
            Value::Null => Err(missing(name)),
            value => {
                let end = number(&value);
                let finite = !(matches!(width, Value::Interval(_)) && ty != Type::Date && is_infinite(end));
                match finite {
                    true => Ok(if *behind { end.saturating_add(1) } else { end }),
                    false => Err(invalid(&format!("{name} cannot be infinity"))),
                }
            }
        };
        if width.is_null() {
            return Err(invalid("bucket_width cannot be NULL"));
        }
        let (start, finish) = (end(&gaps.start, "start")?, end(&gaps.finish, "finish")?);
        if start >= finish {
            return Err(invalid("start must be before finish"));
        }
        let range = (begin_of(&width, start, ty, zone.as_ref())?, finish);
        Ok(GapFill {
            input,
            types,
            gaps: gaps.clone(),
            width,
            zone,
            range,
            coming: VecDeque::new(),
            ended: false,
            series: None,
            any: false,
        })
    }

    fn ty(&self) -> Type {
        self.types.get(self.gaps.time).copied().unwrap_or(Type::Timestamp)
    }

    fn behind(&self, bucket: i64) -> Result<i64> {
        next_of(&self.width, bucket, self.ty(), self.zone.as_ref())
    }

    /// The next row of the input.
    fn coming(&mut self, env: &Run<'_>) -> Result<Option<&Row>> {
        while self.coming.is_empty() && !self.ended {
            match pull(&mut self.input, env)? {
                Some(batch) => {
                    let columns: Vec<Column> = batch.compact().columns;
                    let rows = columns.first().map_or(0, Column::len);
                    let row = |row: usize| columns.iter().map(|c| c.value(row)).collect();
                    self.coming.extend((0..rows).map(row));
                }
                None => self.ended = true,
            }
        }
        Ok(self.coming.front())
    }

    /// Begins the next series, or goes on to the next row of the one in hand; false at the end.
    fn advance(&mut self, env: &Run<'_>) -> Result<bool> {
        let (start, finish) = self.range;
        let groups = self.gaps.groups.clone();
        let of =
            |row: &Row| groups.iter().map(|&g| row.get(g).cloned().unwrap_or(Value::Null)).collect::<Row>();
        let held = self.series.as_ref().map(|series| of(&series.first));
        let coming = self.coming(env)?.map(&of);
        match (held, coming) {
            (None, None) if !self.any && groups.is_empty() => {
                self.any = true;
                self.begin(vec![Value::Null; self.types.len()], (finish, None));
            }
            (None, None) => return Ok(false),
            (Some(held), Some(coming)) if held == coming => {
                let row = self.coming.pop_front().unwrap_or_default();
                let upto = self.time_of(&row).map_or(start, |time| time.min(finish));
                if let Some(series) = &mut self.series {
                    series.upto = (upto, Some(row));
                }
            }
            (Some(_), _) => {
                if let Some(series) = &mut self.series {
                    series.upto = (finish, None);
                }
            }
            (None, Some(_)) => {
                self.any = true;
                let row = self.coming.pop_front().unwrap_or_default();
                let upto = self.time_of(&row).map_or(start, |time| time.min(finish));
                self.begin(row.clone(), (upto, Some(row)));
            }
        }
        Ok(true)
    }

    fn begin(&mut self, first: Row, upto: (i64, Option<Row>)) {
        let held = self.gaps.fills.iter().map(|(_, fill)| match fill {
            Fill::Last { before, .. } => (0, at(&first, *before)),
            Fill::Line { before, .. } => point(&first, *before),
        });
        self.series = Some(Series { held: held.collect(), first, next: self.range.0, upto });
    }

    fn time_of(&self, row: &Row) -> Option<i64> {
        row.get(self.gaps.time).filter(|time| !time.is_null()).map(number)
    }

    /// The next row of the series in hand; None where it waits for the next row of the input, or is over.
    fn step(&mut self) -> Result<Option<Row>> {
        let Some(mut series) = self.series.take() else { return Ok(None) };
        if series.next < series.upto.0 {
            let bucket = series.next;
            let row = self.made(&series, bucket)?;
            series.next = self.behind(bucket)?;
            self.series = Some(series);
            return Ok(Some(row));
        }
        match series.upto.1.take() {
            Some(mut row) => {
                if let Some(time) = self.time_of(&row) {
                    if time >= series.next {
                        series.next = self.behind(time)?;
                    }
                    self.pass(&mut series, &mut row, time);
                }
                self.series = Some(series);
                Ok(Some(row))
            }
            // All its buckets are delivered.
            None => Ok(None),
        }
    }

    /// A row of a bucket that has none.
    fn made(&self, series: &Series, bucket: i64) -> Result<Row> {
        let mut row = vec![Value::Null; self.types.len()];
        for &group in &self.gaps.groups {
            if let (Some(place), Some(value)) = (row.get_mut(group), series.first.get(group)) {
                *place = value.clone();
            }
        }
        if let Some(place) = row.get_mut(self.gaps.time) {
            *place = time_value(bucket, self.ty());
        }
        for ((column, fill), held) in self.gaps.fills.iter().zip(&series.held) {
            let Some(place) = row.get_mut(*column) else { continue };
            *place = match fill {
                Fill::Last { .. } => held.1.clone(),
                Fill::Line { behind, .. } => {
                    let next = match &series.upto.1 {
                        Some(row) => (self.time_of(row).unwrap_or(0), at(row, Some(*column))),
                        None => point(&series.first, *behind),
                    };
                    between(held, &next, bucket)
                }
            };
        }
        Ok(row)
    }

    /// A row that there is: what is carried on from it.
    fn pass(&self, series: &mut Series, row: &mut Row, time: i64) {
        for ((column, fill), held) in self.gaps.fills.iter().zip(&mut series.held) {
            let Some(value) = row.get_mut(*column) else { continue };
            match fill {
                Fill::Last { nulls, .. } => {
                    let fills =
                        nulls.is_some_and(|nulls| at(&series.first, Some(nulls)) == Value::Bool(true));
                    match value.is_null() && fills {
                        true => *value = held.1.clone(),
                        false => held.1 = value.clone(),
                    }
                }
                Fill::Line { .. } => *held = (time, value.clone()),
            }
        }
    }
}

impl Operator for GapFill {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let mut columns: Vec<ColumnBuilder> = self.types.iter().copied().map(ColumnBuilder::new).collect();
        let mut rows = 0;
        while rows < ROWS {
            match self.step()? {
                Some(row) => {
                    for (column, value) in columns.iter_mut().zip(&row) {
                        column.push(value)?;
                    }
                    rows += 1;
                    // Rows come one after the other: the next one says how far the gap goes.
                    let waits =
                        self.series.as_ref().is_some_and(|s| s.next >= s.upto.0 && s.upto.1.is_none());
                    if waits {
                        self.advance(env)?;
                    }
                }
                None if self.advance(env)? => {}
                None => break,
            }
        }
        let columns: Vec<Column> = columns.into_iter().map(ColumnBuilder::finish).collect();
        Ok((rows > 0).then(|| Batch::new(columns, rows)))
    }
}

fn at(row: &Row, column: Option<usize>) -> Value {
    column.and_then(|column| row.get(column).cloned()).unwrap_or(Value::Null)
}

/// A time and a value; NULL where either is.
fn point(row: &Row, columns: Option<(usize, usize)>) -> (i64, Value) {
    let Some((time, value)) = columns else { return (0, Value::Null) };
    match at(row, Some(time)) {
        Value::Null => (0, Value::Null),
        time => (number(&time), at(row, Some(value))),
    }
}

/// The value at a time on the line between two points; NULL where either is. Integers are cut off, as TimescaleDB does.
fn between((from, low): &(i64, Value), (to, high): &(i64, Value), time: i64) -> Value {
    let span = |from: i64, to: i64| i128::from(to) - i128::from(from);
    let (whole, before, behind) = (span(*from, *to), span(*from, time), span(time, *to));
    if low.is_null() || high.is_null() || whole <= 0 {
        return Value::Null;
    }
    let float = |low: f64, high: f64| (low * behind as f64 + high * before as f64) / whole as f64;
    let integer = |low: i64, high: i64| {
        let weighed = |value: i64, by: i128| i128::from(value).checked_mul(by);
        let sum = weighed(low, behind).zip(weighed(high, before)).and_then(|(a, b)| a.checked_add(b));
        // What does not fit 128 bits is no place for the last digit.
        sum.map_or_else(|| float(low as f64, high as f64) as i64, |sum| (sum / whole) as i64)
    };
    match (low, high) {
        (Value::Int2(low), Value::Int2(high)) => Value::Int2(integer((*low).into(), (*high).into()) as i16),
        (Value::Int4(low), Value::Int4(high)) => Value::Int4(integer((*low).into(), (*high).into()) as i32),
        (Value::Int8(low), Value::Int8(high)) => Value::Int8(integer(*low, *high)),
        (Value::Float4(low), Value::Float4(high)) => {
            Value::Float4(float((*low).into(), (*high).into()) as f32)
        }
        (Value::Float8(low), Value::Float8(high)) => Value::Float8(float(*low, *high)),
        _ => Value::Null,
    }
}

fn time_value(t: i64, ty: Type) -> Value {
    match ty {
        Type::Int2 => Value::Int2(t as i16),
        Type::Int4 => Value::Int4(t as i32),
        Type::Int8 => Value::Int8(t),
        Type::Date => Value::Date(t as i32),
        Type::Timestamptz => Value::Timestamptz(t),
        _ => Value::Timestamp(t),
    }
}

fn invalid(what: &str) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, format!("invalid time_bucket_gapfill argument: {what}"))
}

/// Neither the arguments nor WHERE say where the buckets begin or end.
pub fn missing(name: &str) -> Error {
    let message = format!("missing time_bucket_gapfill argument: could not infer {name} from WHERE clause");
    Error::new(state::INVALID_PARAMETER_VALUE, message)
        .with_hint("Specify start and finish as arguments or in the WHERE clause.")
}
