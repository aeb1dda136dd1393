//! Aggregate functions over groups of rows.
//!
//! An [`Accumulator`] holds the state of one aggregate for all groups of one execution and is
//! fed whole batches; the executor decides which group a row belongs to and, for
//! DISTINCT and FILTER, which rows are fed at all.

use super::Signature;
use crate::sql::expr::Expr;
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type};

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
    /// The results, one row a group, in order of group; the state is spent.
    fn finish(&mut self) -> Result<Column>;
    /// Bytes held.
    fn memory(&self) -> usize;
}

/// All aggregates.
static AGGREGATES: &[AggregateFunction] = &[];

/// The entries of that name, in lower case.
pub(crate) fn lookup(name: &str) -> impl Iterator<Item = &'static AggregateFunction> + use<'_> {
    AGGREGATES.iter().filter(move |f| f.name == name)
}

/// True if that is the name of an aggregate.
pub fn is_aggregate(name: &str) -> bool {
    lookup(name).next().is_some()
}
