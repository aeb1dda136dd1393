//! Functions that return rows: generate_series, unnest, generate_subscripts.
//!
//! A new one is an entry in the table and what makes its rows ([`SetRows`]); it can then stand in FROM and in a select list.

use super::{ARRAY, BOOL, INT4, INT8, INTERVAL, NUMERIC, REGCLASS, Signature, TEXT, TIMESTAMP, TIMESTAMPTZ};
use super::{array, json, jsonpath, regexp, zone};
use crate::sql::expr::EvalContext;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{
    Column, ColumnBuilder, Decimal, Element, Interval, Numeric, Type, Value, Zone,
};

/// An entry of the registry of functions that return rows.
#[derive(Debug)]
pub struct SetFunction {
    /// The name in lower case.
    pub name: &'static str,
    /// What it takes and the type of its one column.
    pub signatures: &'static [Signature],
    /// The rows for these arguments.
    pub start: Start,
    /// True if NULL in any argument gives no row; `start` then never sees one.
    pub strict: bool,
}

/// Begins the rows of a call: its arguments, the type of its column, the statement around.
pub type Start = fn(&[Value], Type, &EvalContext<'_>) -> Result<Box<dyn SetRows>>;

/// The rows of one call.
pub trait SetRows: Send {
    /// The next rows, at least one and at most `most`; None at the end.
    fn next(&mut self, most: usize) -> Result<Option<Column>>;
}

/// A strict one.
pub(super) const fn set(name: &'static str, signatures: &'static [Signature], start: Start) -> SetFunction {
    SetFunction { name, signatures, start, strict: true }
}

impl SetFunction {
    /// Its rows may be asked for with NULLs.
    pub(super) const fn sees_null(mut self) -> Self {
        self.strict = false;
        self
    }
}

static FUNCTIONS: &[SetFunction] = &[
    set("generate_series", SERIES, generate_series),
    set("unnest", &[(&[ARRAY], Type::Array(Element::ITSELF))], unnest),
    set("generate_subscripts", SUBSCRIPTS, generate_subscripts),
    set("@array_numbers", &[(&[ARRAY], Type::Int4)], array_numbers),
    set("pg_partition_ancestors", &[(&[REGCLASS], Type::Regclass)], no_rows),
    set("string_to_table", PIECES, string_to_table).sees_null(),
];

static PIECES: &[Signature] = &[(&[TEXT, TEXT], Type::Text), (&[TEXT, TEXT, TEXT], Type::Text)];

static SUBSCRIPTS: &[Signature] = &[(&[ARRAY, INT4], Type::Int4), (&[ARRAY, INT4, BOOL], Type::Int4)];

/// As what `unnest` of a tsvector is known to [`columns_of`].
pub const UNNEST_LEXEMES: &str = "@unnest_tsvector";

/// Functions whose columns are not called as they are: one by which JDBC drivers read keys and indexes among them.
static NAMED: &[(&str, &[(&str, &str)])] = &[
    ("pg_partition_ancestors", &[("relid", "pg_partition_ancestors")]),
    ("_pg_expandarray", &[("x", "unnest"), ("n", "@array_numbers")]),
];

/// The named columns of a function, each made by a function of its own; none: it has one, called as the function is.
pub fn columns_of(name: &str) -> &'static [(&'static str, &'static str)] {
    let known = json::sets::COLUMNS.iter().chain(NAMED);
    #[cfg(feature = "text")]
    let known = known.chain(super::text_search::sets::COLUMNS);
    known.into_iter().find(|(function, _)| *function == name).map_or(&[], |(_, columns)| columns)
}

static SERIES: &[Signature] = &[
    (&[INT4, INT4], Type::Int4),
    (&[INT4, INT4, INT4], Type::Int4),
    (&[INT8, INT8], Type::Int8),
    (&[INT8, INT8, INT8], Type::Int8),
    (&[NUMERIC, NUMERIC], Type::Numeric(None)),
    (&[NUMERIC, NUMERIC, NUMERIC], Type::Numeric(None)),
    (&[TIMESTAMP, TIMESTAMP, INTERVAL], Type::Timestamp),
    (&[TIMESTAMPTZ, TIMESTAMPTZ, INTERVAL], Type::Timestamptz),
];

/// Every entry.
pub fn set_functions() -> impl Iterator<Item = &'static SetFunction> {
    let known =
        FUNCTIONS.iter().chain(json::sets::FUNCTIONS).chain(regexp::sets::FUNCTIONS).chain(jsonpath::SETS);
    let known = known.chain([&json::record::FUNCTION]);
    #[cfg(feature = "text")]
    let known = known.chain(super::text_search::sets::FUNCTIONS);
    known
}

/// The entry of that name.
pub fn set_function(name: &str) -> Option<&'static SetFunction> {
    set_functions().find(|function| function.name == name)
}

/// Of tables that have no partitions.
fn no_rows(_: &[Value], _: Type, _: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    struct Nothing;
    impl SetRows for Nothing {
        fn next(&mut self, _: usize) -> Result<Option<Column>> {
            Ok(None)
        }
    }
    Ok(Box::new(Nothing))
}

fn generate_series(args: &[Value], ty: Type, ctx: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    let zero = || Err(Error::new(state::INVALID_PARAMETER_VALUE, "step size cannot equal zero"));
    match args {
        [Value::Numeric(start), Value::Numeric(stop), step @ ..] => {
            let step = match step {
                [Value::Numeric(step)] => step.clone(),
                _ => Decimal::ONE.into(),
            };
            for (what, value) in [("start", start), ("stop", stop), ("step size", &step)] {
                if value.scale().is_none() {
                    let kind = if value.is_nan() { "NaN" } else { "infinity" };
                    let message =
                        format!("{what}{} cannot be {kind}", if what == "step size" { "" } else { " value" });
                    return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
                }
            }
            if step.signum() == 0 {
                return zero();
            }
            Ok(Box::new(Decimals { next: Some(start.clone()), stop: stop.clone(), step }))
        }
        [
            Value::Timestamp(start) | Value::Timestamptz(start),
            Value::Timestamp(stop) | Value::Timestamptz(stop),
            Value::Interval(step),
        ] => {
            let sign = i128::from(step.months) * 30 * 86_400_000_000
                + i128::from(step.days) * 86_400_000_000
                + i128::from(step.micros);
            if sign == 0 {
                return zero();
            }
            let zone = if ty == Type::Timestamptz { ctx.zone.clone() } else { Zone::UTC };
            Ok(Box::new(Times { ty, next: Some(*start), stop: *stop, step: *step, up: sign > 0, zone }))
        }
        [start, stop, step @ ..] => {
            let integer = |value: &Value| match value {
                Value::Int4(n) => Ok(i64::from(*n)),
                Value::Int8(n) => Ok(*n),
                _ => Err(Error::internal("generate_series of something else")),
            };
            let step = step.first().map_or(Ok(1), integer)?;
            if step == 0 {
                return zero();
            }
            Ok(Box::new(Integers { ty, next: Some(integer(start)?), stop: integer(stop)?, step }))
        }
        _ => Err(Error::internal("generate_series without its ends")),
    }
}

/// Rows that are known from the start.
pub struct Listed {
    ty: Type,
    rows: std::vec::IntoIter<Value>,
}

impl Listed {
    /// These rows, of a type.
    pub fn boxed(ty: Type, rows: Vec<Value>) -> Box<dyn SetRows> {
        Box::new(Listed { ty, rows: rows.into_iter() })
    }
}

impl SetRows for Listed {
    fn next(&mut self, most: usize) -> Result<Option<Column>> {
        let some = self.rows.by_ref().take(most);
        let column = Column::from_values(self.ty, some)?;
        Ok((!column.is_empty()).then_some(column))
    }
}

fn unnest(args: &[Value], ty: Type, _: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    match args {
        [Value::Array(array)] => Ok(Listed::boxed(ty, array.values().to_vec())),
        _ => Err(Error::internal("unnest of something else")),
    }
}

fn string_to_table(args: &[Value], ty: Type, _: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    let text = |i: usize| match args.get(i) {
        Some(Value::Text(text)) => Some(text.as_str()),
        _ => None,
    };
    let rows = text(0).map(|whole| array::text::pieces(whole, text(1), text(2)));
    Ok(Listed::boxed(ty, rows.unwrap_or_default()))
}

/// 1, 2, … for the values of an array, whatever its subscripts.
fn array_numbers(args: &[Value], ty: Type, _: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    match args {
        [Value::Array(array)] => {
            Ok(Box::new(Integers { ty, next: Some(1), stop: array.values().len() as i64, step: 1 }))
        }
        _ => Err(Error::internal("numbers of something else")),
    }
}

fn generate_subscripts(args: &[Value], ty: Type, _: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    let [Value::Array(array), Value::Int4(n), reverse @ ..] = args else {
        return Err(Error::internal("generate_subscripts of something else"));
    };
    let dimension = usize::try_from(*n).ok().and_then(|n| array.dimensions().get(n.checked_sub(1)?));
    let Some(dimension) = dimension else { return Ok(Listed::boxed(ty, Vec::new())) };
    let (first, last) = (dimension.lower.into(), dimension.upper().into());
    Ok(match reverse {
        [Value::Bool(true)] => Box::new(Integers { ty, next: Some(last), stop: first, step: -1 }),
        _ => Box::new(Integers { ty, next: Some(first), stop: last, step: 1 }),
    })
}

struct Integers {
    ty: Type,
    next: Option<i64>,
    stop: i64,
    step: i64,
}

impl SetRows for Integers {
    fn next(&mut self, most: usize) -> Result<Option<Column>> {
        let mut out = ColumnBuilder::with_capacity(self.ty, most.min(2048));
        while let Some(value) =
            self.next.filter(|&v| if self.step > 0 { v <= self.stop } else { v >= self.stop })
            && out.len() < most
        {
            match self.ty {
                Type::Int4 => out.push_i32(value as i32),
                _ => out.push_i64(value),
            }
            self.next = value.checked_add(self.step);
        }
        Ok((!out.is_empty()).then(|| out.finish()))
    }
}

struct Decimals {
    next: Option<Numeric>,
    stop: Numeric,
    step: Numeric,
}

impl SetRows for Decimals {
    fn next(&mut self, most: usize) -> Result<Option<Column>> {
        let mut out = ColumnBuilder::new(Type::Numeric(None));
        while let Some(value) = self.next.take_if(|_| out.len() < most) {
            let order = value.cmp(&self.stop);
            if if self.step.signum() > 0 { order.is_gt() } else { order.is_lt() } {
                break;
            }
            out.push_numeric(&value)?;
            self.next = Some(value.add(&self.step)?);
        }
        Ok((!out.is_empty()).then(|| out.finish()))
    }
}

struct Times {
    ty: Type,
    next: Option<i64>,
    stop: i64,
    step: Interval,
    up: bool,
    /// Where its days and months are counted.
    zone: Zone,
}

impl SetRows for Times {
    fn next(&mut self, most: usize) -> Result<Option<Column>> {
        let mut out = ColumnBuilder::with_capacity(self.ty, most.min(2048));
        while let Some(value) = self.next.filter(|&v| if self.up { v <= self.stop } else { v >= self.stop })
            && out.len() < most
        {
            out.push_i64(value);
            self.next = Some(zone::plus(value, self.step, &self.zone)?);
        }
        Ok((!out.is_empty()).then(|| out.finish()))
    }
}
