//! Rows that are old become fewer: one for each bucket of time, `WITH (downsample = '10 s after 7 days, max(peak)')`.
//!
//! ```text
//!   at        device  temp  peak  state          at        device  temp   peak  state
//!   12:00:01  1       20.0  3     'idle'         12:00:00  1       21.0   7     'run'
//!   12:00:04  1       22.0  7     'run'    →     12:00:10  1       23.0   5     'run'
//!   12:00:12  1       23.0  5     'run'
//! ```
//!
//! A bucket's row has the bucket's beginning for its time and the rest of the primary key as it is: the series. Of the other
//! columns numbers become their average, rounded where the type has no fractions, and everything else its last value, unless the option names
//! a function: `avg`, `sum`, `min`, `max`, `first` or `last`. NULLs count only for `first` and `last`.
//!
//! # Limits
//!
//! What is outside of a column's type (a sum, mostly) leaves the rows of its step as they are. CHECKs are not asked. Buckets begin where those of `time_bucket` do.

use super::TableDef;
use super::lifetime::{self, DOWNSAMPLE, TIME_COLUMN};
use crate::error::{Error, Result, state};
use crate::value::{Batch, Column, Interval, Numeric, Type, Value, bucket};
use remanent_kernels::sort::sort_by;
use rustc_hash::FxHashMap;
use std::cmp::Ordering;

/// What the option says.
#[derive(Debug, Clone, PartialEq)]
pub struct Downsample {
    /// How long a bucket is.
    pub width: Interval,
    /// How old rows are that go into buckets.
    pub after: Interval,
    /// What becomes of each declared column.
    folds: Vec<Fold>,
    /// The position of the time.
    time: usize,
}

/// What becomes of the values of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fold {
    /// A column of the key.
    Key,
    Avg,
    Sum,
    Min,
    Max,
    First,
    Last,
}

const FOLDS: &[(&str, Fold)] = &[
    ("avg", Fold::Avg),
    ("sum", Fold::Sum),
    ("min", Fold::Min),
    ("max", Fold::Max),
    ("first", Fold::First),
    ("last", Fold::Last),
];

fn invalid(text: &str) -> Error {
    let message = format!("invalid value for option \"{DOWNSAMPLE}\": {text}");
    Error::new(state::INVALID_PARAMETER_VALUE, message).with_hint(
        "It is written as in '10 s after 7 days' or '1 minute after 30 days, max(peak), last(state)'.",
    )
}

fn is_number(ty: Type) -> bool {
    matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Numeric(_))
}

impl Downsample {
    /// What the text of the option says of a table by its time. Errors: 22023, 42703, 42804, 42P16, 0A000.
    pub(super) fn of(def: &TableDef, time: usize, text: &str) -> Result<Downsample> {
        let mut parts = text.split(',');
        let (width, after) =
            parts.next().and_then(|span| span.split_once(" after ")).ok_or_else(|| invalid(text))?;
        let (width, after) = (lifetime::span(width), lifetime::span(after));
        let (Some(width), Some(after)) = (width, after) else { return Err(invalid(text)) };
        let days = width.micros == 0;
        let whole = width.months == 0 || (width.days == 0 && days);
        if !whole || def.columns.get(time).is_some_and(|c| c.ty.plain() == Type::Date) && !days {
            return Err(
                invalid(text).with_detail("A bucket is of months, or of none; of dates it is whole days.")
            );
        }
        refuse(def, time)?;
        let of = |(i, column): (usize, &super::ColumnDef)| match def.key.contains(&i) {
            true => Fold::Key,
            false if is_number(column.ty) => Fold::Avg,
            false => Fold::Last,
        };
        let mut folds: Vec<Fold> = def.columns.iter().enumerate().map(of).collect();
        for part in parts {
            let (column, fold) = named(def, part.trim(), text)?;
            if let Some(held) = folds.get_mut(column) {
                *held = fold;
            }
        }
        Ok(Downsample { width, after, folds, time })
    }

    /// The beginning of the bucket of a time in the column's own numbers.
    pub fn bucket(&self, def: &TableDef, number: i64) -> Result<i64> {
        const DAY: i64 = 86_400_000_000;
        match def.columns.get(self.time).map(|column| column.ty.plain()) {
            Some(Type::Date) => {
                let at = number.checked_mul(DAY).unwrap_or(if number < 0 { i64::MIN } else { i64::MAX });
                let begins = bucket::of(self.width, at, None)?;
                Ok(if begins == at { number } else { begins.div_euclid(DAY) })
            }
            _ => bucket::of(self.width, number, None),
        }
    }

    /// So many buckets on from where one begins; the greatest number where there are not so many.
    pub fn beyond(&self, def: &TableDef, begins: i64, buckets: u32) -> i64 {
        const DAY: i64 = 86_400_000_000;
        let day = def.columns.get(self.time).is_some_and(|column| column.ty.plain() == Type::Date);
        let at = if day { begins.checked_mul(DAY) } else { Some(begins) };
        let span = self.width.mul(buckets.into());
        let end = at.zip(span.ok()).and_then(|(at, span)| bucket::next(span, at).ok()).unwrap_or(i64::MAX);
        if day { end.div_euclid(DAY) } else { end }
    }

    /// An empty collection of buckets.
    pub fn buckets<'a>(&'a self, def: &'a TableDef) -> Buckets<'a> {
        Buckets { of: self, def, groups: FxHashMap::default(), rows: 0, raw: false }
    }
}

/// What a table cannot have beside this.
fn refuse(def: &TableDef, time: usize) -> Result<()> {
    let what = match () {
        () if def.visible() < def.columns.len() => "indexes on expressions or with WHERE",
        () if def.columns.iter().any(|c| c.generated == super::Generated::Stored) => "generated columns",
        () if def.constraints.iter().any(super::ConstraintDef::is_foreign_key) => "foreign keys",
        () if !def.key.contains(&time) => {
            let message = format!("option \"{DOWNSAMPLE}\" needs a time that is part of the primary key");
            return Err(Error::new(state::INVALID_TABLE_DEFINITION, message)
                .with_detail("The other columns of the key say which series a row is of.")
                .with_hint(format!("Make a key of series and time, or leave out \"{TIME_COLUMN}\".")));
        }
        () => return Ok(()),
    };
    let message = format!("option \"{DOWNSAMPLE}\" is not supported beside {what}");
    Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
}

/// `max(peak)`: the column and what becomes of it.
fn named(def: &TableDef, part: &str, text: &str) -> Result<(usize, Fold)> {
    let (name, rest) = part.split_once('(').ok_or_else(|| invalid(text))?;
    let column = column_of(rest).ok_or_else(|| invalid(text))?;
    let known = FOLDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
    let (name, fold) = *known.ok_or_else(|| invalid(text))?;
    let at =
        def.columns.iter().take(def.visible()).position(|held| held.name == column).ok_or_else(|| {
            let message = format!("column \"{column}\" named in option \"{DOWNSAMPLE}\" does not exist");
            Error::new(state::UNDEFINED_COLUMN, message)
        })?;
    let ty = def.columns[at].ty;
    if def.key.contains(&at) {
        return Err(invalid(text).with_detail(format!("Column \"{column}\" is part of the primary key.")));
    }
    if matches!(fold, Fold::Avg | Fold::Sum) && !is_number(ty) {
        let message =
            format!("option \"{DOWNSAMPLE}\" cannot have {name} of column \"{column}\" of type {ty}");
        return Err(Error::new(state::DATATYPE_MISMATCH, message));
    }
    Ok((at, fold))
}

/// The column of what stands behind the parenthesis of `max(peak)`; small letters are meant unless it is quoted.
fn column_of(rest: &str) -> Option<String> {
    let name = rest.trim().strip_suffix(')')?.trim();
    let quoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    Some(quoted.map_or_else(|| name.to_ascii_lowercase(), str::to_string))
}

/// The text of the option after a column got another name.
pub fn renamed(text: &str, from: &str, to: &str) -> String {
    let part = |part: &str| match part.split_once('(') {
        Some((name, rest)) if column_of(rest).as_deref() == Some(from) => format!("{name}(\"{to}\")"),
        _ => part.to_string(),
    };
    text.split(',').map(part).collect::<Vec<_>>().join(",")
}

/// Rows on their way into buckets.
pub struct Buckets<'a> {
    of: &'a Downsample,
    def: &'a TableDef,
    /// By the bytes of the key.
    groups: FxHashMap<Vec<u8>, Group>,
    rows: u64,
    /// Some row is not yet what its bucket would be.
    raw: bool,
}

struct Group {
    values: Vec<Folded>,
    rows: u64,
}

/// What came of a column's values so far.
struct Folded {
    /// The value, or the sum.
    value: Value,
    /// How many values that were not NULL.
    count: u64,
    /// The time of the value, for `first` and `last`.
    at: i64,
}

impl Buckets<'_> {
    /// How many rows came, and how many there will be.
    pub fn counts(&self) -> (u64, usize) {
        (self.rows, self.groups.len())
    }

    /// Bytes of the large values that the buckets have.
    pub fn large(&self) -> u64 {
        let of = |folded: &Folded| match &folded.value {
            Value::Blob(blob) => blob.len().unwrap_or(0),
            _ => 0,
        };
        self.groups.values().flat_map(|group| &group.values).map(of).sum()
    }

    /// True if the buckets are not what the rows were already.
    pub fn changes(&self) -> bool {
        self.raw || self.groups.len() as u64 != self.rows
    }

    /// Takes rows in, of all declared columns, that have a time from `low` to below `high`.
    pub fn add(&mut self, rows: &Batch, low: i64, high: i64) -> Result<()> {
        let columns: Vec<Column> = rows.compact().columns.iter().map(Column::flatten).collect();
        for row in 0..columns.first().map_or(0, Column::len) {
            let values: Vec<Value> = columns.iter().map(|column| column.value(row)).collect();
            let at = values.get(self.of.time).and_then(lifetime::number);
            if let Some(at) = at.filter(|at| (low..high).contains(at)) {
                self.add_row(values, at)?;
            }
        }
        Ok(())
    }

    fn add_row(&mut self, mut values: Vec<Value>, at: i64) -> Result<()> {
        let begins = self.of.bucket(self.def, at)?;
        self.raw |= begins != at;
        self.rows += 1;
        if let (Some(value), Some(column)) =
            (values.get_mut(self.of.time), self.def.columns.get(self.of.time))
        {
            *value = lifetime::value(column.ty, begins);
        }
        let mut key = Vec::new();
        for value in self.def.key.iter().filter_map(|&k| values.get(k)) {
            crate::value::key::encode_value(&mut key, value);
        }
        match self.groups.get_mut(&key) {
            None => {
                let new = |value: Value| Folded { count: u64::from(!value.is_null()), at, value };
                self.groups.insert(key, Group { values: values.into_iter().map(new).collect(), rows: 1 });
            }
            Some(group) => {
                group.rows += 1;
                for ((held, value), fold) in group.values.iter_mut().zip(values).zip(&self.of.folds) {
                    held.take(*fold, value, at)?;
                }
            }
        }
        Ok(())
    }

    /// The rows of the buckets, by their keys: all declared columns. None where a value has no place in its column.
    pub fn finish(self) -> Result<Option<Vec<Column>>> {
        let mut groups: Vec<(Vec<u8>, Group)> = self.groups.into_iter().collect();
        sort_by(&mut groups, &|(a, _), (b, _)| a.cmp(b));
        let mut rows: Vec<Vec<Value>> = Vec::with_capacity(groups.len());
        for (_, group) in groups {
            let single = group.rows == 1;
            let mut row = Vec::with_capacity(group.values.len());
            for ((folded, fold), column) in
                group.values.into_iter().zip(&self.of.folds).zip(&self.def.columns)
            {
                let value = if single { Some(folded.value) } else { folded.finish(*fold, column.ty) };
                match value {
                    Some(value) => row.push(value.loaded()?),
                    None => return Ok(None),
                }
            }
            rows.push(row);
        }
        let column = |(i, def): (usize, &super::ColumnDef)| {
            Column::from_values(
                def.ty.plain(),
                rows.iter().map(|row| row.get(i).cloned().unwrap_or(Value::Null)),
            )
        };
        self.def.columns.iter().enumerate().map(column).collect::<Result<Vec<_>>>().map(Some)
    }
}

impl Folded {
    fn take(&mut self, fold: Fold, value: Value, at: i64) -> Result<()> {
        let replaces = match fold {
            Fold::Key => false,
            Fold::First => at < self.at,
            Fold::Last => at >= self.at,
            _ if value.is_null() => false,
            _ if self.value.is_null() => true,
            Fold::Min => value.compare(&self.value) == Ordering::Less,
            Fold::Max => value.compare(&self.value) == Ordering::Greater,
            Fold::Avg | Fold::Sum => {
                self.value = sum(&self.value, &value)?;
                false
            }
        };
        self.count += u64::from(!value.is_null());
        if replaces {
            (self.value, self.at) = (value, at);
        }
        Ok(())
    }

    /// The value of a bucket; None where the column cannot have it.
    fn finish(self, fold: Fold, ty: Type) -> Option<Value> {
        match (fold, self.value) {
            (Fold::Avg | Fold::Sum, Value::Null) => Some(Value::Null),
            (Fold::Avg | Fold::Sum, value) => {
                let count = if fold == Fold::Avg { self.count } else { 1 };
                divided(value, count, ty)
            }
            (_, value) => Some(value),
        }
    }
}

fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Float8(v) => Some(*v),
        Value::Float4(v) => Some((*v).into()),
        _ => None,
    }
}

fn numeric(value: &Value) -> Option<Numeric> {
    let whole = |n: i64| Numeric::scaled(n.into(), 0);
    match value {
        Value::Numeric(n) => Some(n.clone()),
        Value::Int8(n) => Some(whole(*n)),
        Value::Int4(n) => Some(whole((*n).into())),
        Value::Int2(n) => Some(whole((*n).into())),
        _ => None,
    }
}

/// Of floats a double, of the others an exact number.
fn sum(a: &Value, b: &Value) -> Result<Value> {
    match (float(a), float(b), numeric(a), numeric(b)) {
        (Some(a), Some(b), ..) => Ok(Value::Float8(a + b)),
        (.., Some(a), Some(b)) => Ok(Value::Numeric(a.add(&b)?)),
        _ => Err(Error::internal("a value that is no number is added to another")),
    }
}

/// A sum by how many, as a value of a type; None where it has none.
fn divided(sum: Value, count: u64, ty: Type) -> Option<Value> {
    if let Some(sum) = float(&sum) {
        let value = sum / count as f64;
        return Some(if ty == Type::Float4 { Value::Float4(value as f32) } else { Value::Float8(value) });
    }
    let quotient = numeric(&sum)?.div(&Numeric::scaled(count.into(), 0)).ok()?;
    if let Type::Numeric(_) = ty {
        return Value::parse(&quotient.to_string(), ty).ok();
    }
    let whole = quotient.round(0).ok()?.to_i64()?;
    match ty {
        Type::Int8 => Some(Value::Int8(whole)),
        Type::Int4 => i32::try_from(whole).ok().map(Value::Int4),
        Type::Int2 => i16::try_from(whole).ok().map(Value::Int2),
        _ => None,
    }
}
