//! Aggregate functions over groups of rows.
//!
//! An [`Accumulator`] holds the state of one aggregate for all groups of one execution and is
//! fed whole batches; the executor decides which group a row belongs to and, for
//! DISTINCT and FILTER, which rows are fed at all. Without groups whole slices go through one
//! kernel; with groups, values are added to their group's place in a flat array.
//!
//! | file | holds |
//! |---|---|
//! | `count` | count, bool_and, bool_or, every |
//! | `sum` | sum, avg |
//! | `extreme` | min, max, bit_and, bit_or, bit_xor |
//! | `moments` | stddev, variance and their kin |
//! | `regression` | corr, covar_pop, regr_slope and their kin |
//! | `text` | string_agg |
//! | `ends` | first, last, histogram |
//! | `list` | array_agg, json_agg and their kin |
//! | `corpus` | bm25_corpus |
//! | `parts` | counts and means of what other threads counted and summed |
//! | `places` | ST_Extent, ST_Collect and their kin; `tiles`: ST_AsMVT |
//!
//! Limits: sum(real) adds in double precision and rounds once, where PostgreSQL rounds after each row; float
//! sums may differ in their last bits with the order and grouping of rows.

#[cfg(feature = "text")]
pub(in crate::sql) mod corpus;
mod count;
mod ends;
mod extreme;
mod list;
mod moments;
mod parts;
#[cfg(feature = "shapes")]
mod places;
mod regression;
mod sum;
mod text;
#[cfg(feature = "shapes")]
mod tiles;

use super::Signature;
use super::compare::settled;
use super::support::all_valid;
use crate::sql::expr::Expr;
use remanent_kernels::compare::{gather_u32, mask_rows};
use remanent_storage::error::{Error, Result};
use remanent_storage::segment::Sum;
use remanent_storage::value::{Bitmap, Buffer, Column, ColumnBuilder, Type, Value};
use std::borrow::Cow;

/// An entry of the registry of aggregates.
#[derive(Debug)]
pub struct AggregateFunction {
    /// The name in lower case; `count` without arguments is `count(*)`.
    pub name: &'static str,
    /// What it takes and what it returns.
    pub signatures: &'static [Signature],
    /// A new state, with no group yet, for arguments of these types and a result of that type.
    pub make: fn(&[Type], Type) -> Box<dyn Accumulator>,
}

/// A resolved call of an aggregate.
#[derive(Debug, Clone)]
pub struct Aggregate {
    /// The function.
    pub function: &'static AggregateFunction,
    /// Its arguments, each of the type it takes.
    pub args: Vec<Expr>,
    /// The result's type.
    pub ty: Type,
}

impl Aggregate {
    /// A new state, with no group yet.
    pub fn accumulator(&self) -> Box<dyn Accumulator> {
        let types: Vec<Type> = self.args.iter().map(Expr::ty).collect();
        (self.function.make)(&types, self.ty)
    }
}

/// The state of one aggregate for all groups.
pub trait Accumulator: Send {
    /// Makes room for groups `0..groups`; new ones are empty. Never shrinks.
    fn resize(&mut self, groups: usize);
    /// Adds `rows` rows: `groups[i]` is the group of row i, all below what [`resize`](Accumulator::resize) was told;
    /// None: all rows belong to group 0. Arguments have `rows` rows each.
    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()>;
    /// Adds `count` values that are not NULL of which the sum is known, with its scale; for aggregates that want no more. None:
    /// there is none, or it is not wanted.
    fn add(&mut self, _group: usize, _count: i64, _sum: Option<(Sum, u8)>) -> Result<()> {
        Err(Error::internal("an aggregate wants its values"))
    }
    /// Adds what group `from` has to group `into`, behind what that one has already.
    fn merge(&mut self, into: usize, from: usize) -> Result<()>;
    /// A state with what that group has as its group 0, to go on from there; None: there is none of this aggregate.
    fn of_group(&mut self, _group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(None)
    }
    /// The results, one row a group, in order of group; the state is spent.
    fn finish(&mut self) -> Result<Column>;
    /// Bytes held.
    fn memory(&self) -> usize;
}

/// All aggregates.
static AGGREGATES: &[&[AggregateFunction]] = &[
    count::AGGREGATES,
    sum::AGGREGATES,
    extreme::AGGREGATES,
    moments::AGGREGATES,
    regression::AGGREGATES,
    text::AGGREGATES,
    list::AGGREGATES,
    #[cfg(feature = "shapes")]
    places::AGGREGATES,
    #[cfg(feature = "shapes")]
    tiles::AGGREGATES,
    ends::AGGREGATES,
    #[cfg(feature = "text")]
    corpus::AGGREGATES,
];

const fn aggregate(
    name: &'static str,
    signatures: &'static [Signature],
    make: fn(&[Type], Type) -> Box<dyn Accumulator>,
) -> AggregateFunction {
    AggregateFunction { name, signatures, make }
}

/// Every entry.
pub fn all_aggregates() -> impl Iterator<Item = &'static AggregateFunction> {
    AGGREGATES.iter().flat_map(|topic| topic.iter())
}

/// The entries of that name, in lower case.
pub(crate) fn lookup(name: &str) -> impl Iterator<Item = &'static AggregateFunction> + use<'_> {
    all_aggregates().filter(move |f| f.name == name)
}

/// True if that is the name of an aggregate.
pub fn is_aggregate(name: &str) -> bool {
    lookup(name).next().is_some()
}

/// The rows that count: those where no argument is NULL.
enum Present {
    All,
    None,
    Some(Bitmap),
}

impl Present {
    fn of(args: &[Column], rows: usize) -> Self {
        if rows == 0 || args.iter().any(|c| c.as_constant().is_some_and(|one| !one.is_valid(0))) {
            return Present::None;
        }
        match all_valid(args, rows) {
            None => Present::All,
            Some(valid) if valid.count_ones() == rows => Present::All,
            Some(valid) => Present::Some(valid),
        }
    }

    /// Calls `f` with each row that counts and its group.
    fn each(
        &self,
        groups: Option<&[u32]>,
        rows: usize,
        f: &mut dyn FnMut(usize, usize) -> Result<()>,
    ) -> Result<()> {
        for row in 0..rows {
            let counts = match self {
                Present::All => true,
                Present::None => false,
                Present::Some(valid) => valid.get(row),
            };
            if counts {
                f(row, groups.map_or(0, |g| g[row] as usize))?;
            }
        }
        Ok(())
    }

    /// The values and groups of the rows that count, side by side. `gather` is the kernel for such values.
    fn pick<'a, T>(
        &self,
        values: Buffer<T>,
        groups: Option<&'a [u32]>,
        gather: fn(&[T], &[u32]) -> Vec<T>,
    ) -> Picked<'a, T> {
        match self {
            Present::All => (values, groups.map(Cow::Borrowed)),
            Present::None => (Vec::new().into(), groups.map(|_| Cow::Borrowed(&[][..]))),
            Present::Some(valid) => {
                let words: Vec<u64> = (0..valid.len().div_ceil(64)).map(|i| valid.word(i)).collect();
                let mut places = Vec::new();
                mask_rows(&words, &mut places);
                (gather(&values, &places).into(), groups.map(|g| Cow::Owned(gather_u32(g, &places))))
            }
        }
    }
}

/// Values and the group of each; without groups all belong to group 0.
type Picked<'a, T> = (Buffer<T>, Option<Cow<'a, [u32]>>);

/// One value a group.
fn column_of(
    ty: Type,
    groups: usize,
    value: &mut dyn FnMut(usize) -> Result<Option<Value>>,
) -> Result<Column> {
    let mut out = ColumnBuilder::new(ty);
    for group in 0..groups {
        match value(group)? {
            Some(value) => out.push(&value)?,
            None => out.push_null(),
        }
    }
    Ok(out.finish())
}
