//! The functions and operators of SQL: one registry, one file per topic.
//!
//! A new function is one entry in the table of its topic and one kernel:
//!
//! ```text
//! f("cbrt", &[FLOAT8], Type::Float8, cbrt).total()
//! ```
//!
//! That is a function of one double, strict (NULL in, NULL out, without asking the
//! kernel), immutable, and `total`: it cannot fail, so it may be evaluated on rows nobody
//! asked for where that is faster. Operators are entries named by their symbol.
//!
//! | file | holds |
//! |---|---|
//! | `compare` | `=` `<>` `<` `<=` `>` `>=` |
//! | `arithmetic` | `+` `-` `*` `/` `%` on numbers |
//! | `math` | abs, round, sqrt, trigonometry, random |
//! | `string`, `like` | text functions, `\|\|`; LIKE |
//! | `datetime` | now, date_trunc, extract, calendar arithmetic |
//! | `vector` | distances |
//! | `conditional` | greatest, least, nullif |
//! | `cast` | conversions between types, by [`super::expr::Expr::Cast`] |
//! | `aggregate` | count, sum, avg, … |
//!
//! Kernels see whole columns ([`Args`]): flat or constant, never a dictionary. Rows whose
//! bit in [`Args::valid`] is unset hold anything and must not raise errors.

pub mod aggregate;
mod arithmetic;
pub mod cast;
mod compare;
mod conditional;
mod datetime;
pub mod like;
mod math;
mod string;
mod vector;

use super::expr::EvalContext;
use remanent_storage::error::Result;
use remanent_storage::value::{Bitmap, Column, Type};

/// How a result depends on more than the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    /// On nothing else, ever.
    Immutable,
    /// On the transaction or the statement (`now()`).
    Stable,
    /// Each call may differ (`random()`).
    Volatile,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg {
    /// A value of that type (numeric and vector without precision or length: of any).
    Is(Type),
    /// A value of any type.
    Any,
}

/// An entry of the registry.
#[derive(Debug)]
pub struct Function {
    /// The name in lower case, or the operator's symbol.
    pub name: &'static str,
    /// The arguments.
    pub args: &'static [Arg],
    /// True if the last argument may be repeated.
    pub variadic: bool,
    /// The result's type. [`Type::Numeric`] and [`Type::Vector`] are without precision or length.
    pub returns: Type,
    /// True if NULL in any argument gives NULL; the kernel then never sees one.
    pub strict: bool,
    /// How the result depends on more than the arguments.
    pub volatility: Volatility,
    /// True if it cannot fail, whatever the arguments.
    pub total: bool,
    /// The work.
    pub kernel: Kernel,
}

/// The work of a function over whole columns.
pub type Kernel = fn(&Args<'_>) -> Result<Column>;

/// What a kernel is given.
pub struct Args<'a> {
    /// The arguments: flat or constant, `rows` rows each; at least one is flat, or `rows` is 1.
    pub columns: &'a [Column],
    /// How many rows.
    pub rows: usize,
    /// For strict functions: the rows without NULL arguments; None: all.
    pub valid: Option<Bitmap>,
    /// The statement around.
    pub ctx: &'a EvalContext<'a>,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cmp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

impl Function {
    /// Which comparison this is, if it is one.
    pub fn comparison(&self) -> Option<Cmp> {
        Some(match self.name {
            "=" => Cmp::Eq,
            "<>" => Cmp::Ne,
            "<" => Cmp::Lt,
            "<=" => Cmp::Le,
            ">" => Cmp::Gt,
            ">=" => Cmp::Ge,
            _ => return None,
        })
    }
}
