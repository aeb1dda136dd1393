//! Bound expressions: what the binder makes of the expressions of a statement.
//!
//! Every name is resolved, every type is known, every conversion is an explicit
//! [`Expr::Cast`]. Operators and functions alike are [`Expr::Call`]s of entries of the
//! registry in [`super::functions`]; the enum below holds only what is evaluated in a
//! way of its own (short-circuits, NULL tests, lists).
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`Expr`], walking and rewriting |
//! | `resolve` | [`Resolver`]: the rules by which names and types become an `Expr` |
//! | `overload` | which of several functions of one name is meant |
//! | `coerce` | which type converts to which, categories, the common type |
//! | `eval` | [`Expr::evaluate`], [`Expr::filter`], [`EvalContext`] |
//! | `fold` | [`Expr::fold`]: constant parts are computed once |
//! | `members` | [`Members`]: constants to look values up in |
//! | `display` | the text of `EXPLAIN` |
//!
//! A worked example: `a + 1.5 > $1` over a column `a integer` becomes
//!
//! ```text
//! Call ">" (Call "+" (Cast (Column 0 → numeric), Literal 1.5), Param 1 : numeric)
//! ```
//!
//! An untyped literal (`'x'`, `NULL`) is [`Expr::Unknown`] and a parameter without a type
//! has `ty: None` until the [`Resolver`] meets a context that says what they are.
//! [`Resolver::finish`] makes what is still unknown `text`, as PostgreSQL does.

pub mod coerce;
mod display;
pub mod enums;
mod eval;
mod fold;
mod members;
mod overload;
mod reference;
mod resolve;
#[cfg(test)]
mod tests;

pub use coerce::CastContext;
pub use display::Names;
pub use eval::{EvalContext, Planner};
pub use members::{Kept, Members};
pub use resolve::{Place, Resolver, needs_equality, needs_order};

use super::functions::{Cmp, Function, Volatility};
use super::plan::Plan;
use remanent_storage::error::Result;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Column, Type, Value, codec};
use std::sync::Arc;

/// A bound expression.
#[derive(Debug, Clone)]
pub enum Expr {
    /// Column `index` of the batch.
    Column {
        /// Position in the batch.
        index: usize,
        /// Its type.
        ty: Type,
    },
    /// A constant.
    Literal {
        /// The value, of type `ty`, or NULL.
        value: Value,
        /// Its type.
        ty: Type,
    },
    /// A quoted literal or NULL whose type is not known yet. Never evaluated.
    Unknown {
        /// The text; None for NULL.
        text: Option<String>,
        /// Where it stands in the statement, in bytes.
        at: usize,
    },
    /// `$n`; `index` is n - 1.
    Param {
        /// Position in the parameters.
        index: usize,
        /// Its type, once known.
        ty: Option<Type>,
        /// Where it stands in the statement, in bytes.
        at: usize,
    },
    /// The operand of the enclosing simple CASE, within its WHEN conditions.
    Operand {
        /// Its type.
        ty: Type,
    },
    /// A function or an operator.
    Call {
        /// The entry of the registry.
        function: &'static Function,
        /// As many as it takes, each of the type it takes.
        args: Vec<Expr>,
        /// The result's type.
        ty: Type,
    },
    /// A conversion.
    Cast {
        /// What is converted.
        expr: Box<Expr>,
        /// To what.
        to: Type,
    },
    /// All are true. Evaluated left to right, for rows not yet known to be false.
    And(Vec<Expr>),
    /// One is true. Evaluated left to right, for rows not yet known to be true.
    Or(Vec<Expr>),
    /// NOT
    Not(Box<Expr>),
    /// IS (NOT) NULL
    IsNull {
        /// What is tested.
        expr: Box<Expr>,
        /// True for IS NOT NULL.
        negated: bool,
    },
    /// IS (NOT) TRUE, IS (NOT) FALSE
    IsBool {
        /// What is tested.
        expr: Box<Expr>,
        /// Against what.
        value: bool,
        /// True for IS NOT.
        negated: bool,
    },
    /// IS (NOT) DISTINCT FROM; both sides have one type.
    IsDistinct {
        /// One side.
        left: Box<Expr>,
        /// The other.
        right: Box<Expr>,
        /// True for IS NOT DISTINCT FROM.
        negated: bool,
    },
    /// CASE. A simple CASE has an operand; its conditions are comparisons with [`Expr::Operand`].
    Case {
        /// `CASE operand WHEN …`.
        operand: Option<Box<Expr>>,
        /// Conditions and results.
        branches: Vec<(Expr, Expr)>,
        /// ELSE; a NULL where there is none.
        otherwise: Box<Expr>,
        /// The result's type.
        ty: Type,
    },
    /// COALESCE: each is evaluated for the rows where those before it are NULL.
    Coalesce {
        /// The alternatives, all of type `ty`.
        args: Vec<Expr>,
        /// The result's type.
        ty: Type,
    },
    /// (NOT) IN over a list; all have one type.
    In {
        /// What is looked for.
        expr: Box<Expr>,
        /// In what.
        list: Vec<Expr>,
        /// And in what else: the constants, where there are many.
        set: Option<Arc<Members>>,
        /// True for NOT IN.
        negated: bool,
    },
    /// A query within an expression.
    Subquery(Box<Subquery>),
    /// What is computed once in an execution: it has the same value for all rows.
    Once {
        /// By which its value is found again.
        number: u64,
        /// What is computed.
        expr: Box<Expr>,
    },
}

/// A query within an expression: run once for each distinct combination of the values of the row around it.
#[derive(Debug, Clone)]
pub struct Subquery {
    /// What its value is.
    pub kind: SubqueryKind,
    /// Its rows; reads the arguments as parameters.
    pub plan: Arc<Plan>,
    /// Which parameters, and their values over the row around.
    pub args: Vec<(usize, Expr)>,
    /// What its rows are compared with, over the row around.
    pub left: Vec<Expr>,
    /// The comparison: over `left`, then a row of the subquery.
    pub test: Option<Expr>,
    /// Two runs within one statement may differ.
    pub volatile: bool,
}

/// What the value of a subquery is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubqueryKind {
    /// The one value of its one row, or NULL where it has none; 21000 where it has more.
    Scalar(Type),
    /// Whether it has a row.
    Exists,
    /// `op ANY`, IN: whether the comparison is true for one of its rows.
    Any,
    /// `op ALL`: whether it is true for all.
    All,
}

/// What runs the subqueries of an expression.
pub trait Subqueries {
    /// The values of a subquery for `rows` rows, given its arguments and what it is compared with.
    fn evaluate(&self, subquery: &Subquery, args: &[Column], left: &[Column], rows: usize) -> Result<Column>;
}

impl Expr {
    /// A constant with the type of its value; NULL is unknown.
    pub fn literal(value: Value) -> Self {
        match value.type_of() {
            Some(ty) => Expr::Literal { value, ty },
            None => Expr::Unknown { text: None, at: 0 },
        }
    }

    /// A number written in a statement with a point or an exponent: numeric.
    pub fn number(text: &str) -> Result<Self> {
        Ok(Expr::literal(Value::parse(text, Type::Numeric(None))?))
    }

    /// A column of the batch.
    pub fn column(index: usize, ty: Type) -> Self {
        Expr::Column { index, ty }
    }

    /// The type, or None where it is not known yet.
    pub fn known_type(&self) -> Option<Type> {
        match self {
            Expr::Unknown { .. } => None,
            Expr::Param { ty, .. } => *ty,
            Expr::Column { ty, .. }
            | Expr::Literal { ty, .. }
            | Expr::Operand { ty }
            | Expr::Call { ty, .. }
            | Expr::Cast { to: ty, .. }
            | Expr::Case { ty, .. }
            | Expr::Coalesce { ty, .. } => Some(*ty),
            Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::IsNull { .. }
            | Expr::IsBool { .. }
            | Expr::IsDistinct { .. }
            | Expr::In { .. } => Some(Type::Bool),
            Expr::Subquery(subquery) => Some(match subquery.kind {
                SubqueryKind::Scalar(ty) => ty,
                SubqueryKind::Exists | SubqueryKind::Any | SubqueryKind::All => Type::Bool,
            }),
            Expr::Once { expr, .. } => expr.known_type(),
        }
    }

    /// The type; `text` where it is not known (what [`Resolver::finish`] would make of it).
    pub fn ty(&self) -> Type {
        self.known_type().unwrap_or(Type::Text)
    }

    /// Calls `visit` for the direct parts.
    pub fn for_each_child<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        match self {
            Expr::Column { .. }
            | Expr::Literal { .. }
            | Expr::Unknown { .. }
            | Expr::Param { .. }
            | Expr::Operand { .. } => {}
            Expr::Call { args, .. } | Expr::And(args) | Expr::Or(args) | Expr::Coalesce { args, .. } => {
                args.iter().for_each(visit)
            }
            Expr::Cast { expr, .. }
            | Expr::Once { expr, .. }
            | Expr::Not(expr)
            | Expr::IsNull { expr, .. }
            | Expr::IsBool { expr, .. } => visit(expr),
            Expr::IsDistinct { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Expr::Case { operand, branches, otherwise, .. } => {
                if let Some(operand) = operand {
                    visit(operand);
                }
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                visit(otherwise);
            }
            Expr::In { expr, list, .. } => {
                visit(expr);
                list.iter().for_each(visit);
            }
            Expr::Subquery(subquery) => {
                subquery.args.iter().for_each(|(_, arg)| visit(arg));
                subquery.left.iter().for_each(visit);
            }
        }
    }

    /// Calls `visit` for the direct parts, which it may change.
    pub fn for_each_child_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        match self {
            Expr::Column { .. }
            | Expr::Literal { .. }
            | Expr::Unknown { .. }
            | Expr::Param { .. }
            | Expr::Operand { .. } => {}
            Expr::Call { args, .. } | Expr::And(args) | Expr::Or(args) | Expr::Coalesce { args, .. } => {
                args.iter_mut().for_each(visit)
            }
            Expr::Cast { expr, .. }
            | Expr::Once { expr, .. }
            | Expr::Not(expr)
            | Expr::IsNull { expr, .. }
            | Expr::IsBool { expr, .. } => visit(expr),
            Expr::IsDistinct { left, right, .. } => {
                visit(left);
                visit(right);
            }
            Expr::Case { operand, branches, otherwise, .. } => {
                if let Some(operand) = operand {
                    visit(operand);
                }
                for (condition, result) in branches {
                    visit(condition);
                    visit(result);
                }
                visit(otherwise);
            }
            Expr::In { expr, list, .. } => {
                visit(expr);
                list.iter_mut().for_each(visit);
            }
            Expr::Subquery(subquery) => {
                subquery.args.iter_mut().for_each(|(_, arg)| visit(arg));
                subquery.left.iter_mut().for_each(visit);
            }
        }
    }

    /// Calls `visit` for this expression and all within, parents first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        self.for_each_child(&mut |child| child.walk(visit));
    }

    /// Rewrites this expression bottom-up: every part is replaced by what `rewrite` makes of it
    /// after its own parts were.
    pub fn transform(mut self, rewrite: &mut dyn FnMut(Expr) -> Expr) -> Self {
        self.for_each_child_mut(&mut |child| {
            let taken = std::mem::replace(child, Expr::Unknown { text: None, at: 0 });
            *child = taken.transform(rewrite);
        });
        rewrite(self)
    }

    /// True if `test` holds for this expression or any within.
    pub fn any(&self, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
        let mut found = test(self);
        self.for_each_child(&mut |child| found = found || child.any(test));
        found
    }

    /// The columns it reads, ascending, each once.
    pub fn columns_used(&self) -> Vec<usize> {
        let mut columns = Vec::new();
        self.walk(&mut |e| {
            if let Expr::Column { index, .. } = e {
                columns.push(*index);
            }
        });
        remanent_kernels::sort::sort_by(&mut columns, &Ord::cmp);
        columns.dedup();
        columns
    }

    /// Renumbers its columns.
    pub fn remap_columns(mut self, to: &dyn Fn(usize) -> usize) -> Self {
        self.remap(to);
        self
    }

    /// The same where it lies.
    pub fn remap(&mut self, to: &dyn Fn(usize) -> usize) {
        if let Expr::Column { index, .. } = self {
            *index = to(*index);
        }
        self.for_each_child_mut(&mut |child| child.remap(to));
    }

    /// True if it has the same value for all rows of one execution, from its beginning: no column, nothing volatile, nothing that
    /// another query of its WITH is to write. Parameters and `now()` are constant in this sense.
    pub fn is_constant(&self) -> bool {
        let mut later = |plan: &Plan| matches!(plan, Plan::WithScan { written: true, .. });
        !self.is_volatile()
            && !self.any(&mut |e| match e {
                Expr::Column { .. } | Expr::Operand { .. } => true,
                Expr::Subquery(subquery) => subquery.plan.any_within(&mut later),
                _ => false,
            })
    }

    /// True if it has the same value in every execution: constant, without parameters and `now()`.
    pub fn is_immutable(&self) -> bool {
        !self.any(&mut |e| match e {
            Expr::Column { .. } | Expr::Operand { .. } | Expr::Param { .. } | Expr::Subquery(_) => true,
            Expr::Call { function, .. } => function.volatility != Volatility::Immutable,
            _ => false,
        })
    }

    /// True if it depends on nothing but the columns it reads.
    pub fn is_of_row(&self) -> bool {
        !self.any(&mut |e| match e {
            Expr::Call { function, .. } => function.volatility != Volatility::Immutable,
            Expr::Subquery(_) | Expr::Param { .. } => true,
            _ => false,
        })
    }

    /// True if no conversion in it depends on the session: how dates are read and written, and in which time zone.
    pub fn is_lasting(&self) -> bool {
        let zoned = |ty: Type| matches!(ty, Type::Timestamptz | Type::Other(Kind::TimeTz, _));
        let dated =
            |ty: Type| matches!(ty, Type::Date | Type::Timestamp | Type::Timestamptz | Type::Array(_));
        let timed = |ty: Type| dated(ty) || zoned(ty) || matches!(ty, Type::Time | Type::Interval);
        !self.any(&mut |e| match e {
            Expr::Cast { expr, to } => match (expr.ty(), *to) {
                (from, to) if from.is_text() => timed(to),
                (from, to) if to.is_text() => dated(from),
                (Type::Other(Kind::TimeTz, _), Type::Time) => false,
                (from, to) => zoned(from) != zoned(to) && timed(from) && timed(to),
            },
            _ => false,
        })
    }

    /// True if two evaluations within one statement may differ (`random()`, `clock_timestamp()`).
    pub fn is_volatile(&self) -> bool {
        self.any(&mut |e| match e {
            Expr::Call { function, .. } => function.volatility == Volatility::Volatile,
            Expr::Subquery(subquery) => subquery.volatile,
            _ => false,
        })
    }

    /// True if there is a subquery in it.
    pub fn has_subquery(&self) -> bool {
        self.any(&mut |e| matches!(e, Expr::Subquery(_)))
    }

    /// The two sides of a comparison operator, for access paths and zone maps.
    pub fn as_comparison(&self) -> Option<(Cmp, &Expr, &Expr)> {
        match self {
            Expr::Call { function, args, .. } => match (function.comparison(), &args[..]) {
                (Some(cmp), [left, right]) => Some((cmp, left, right)),
                _ => None,
            },
            _ => None,
        }
    }

    /// The conjuncts of a condition, with nested ANDs opened.
    pub fn into_conjuncts(self) -> Vec<Expr> {
        match self {
            Expr::And(parts) => parts.into_iter().flat_map(Expr::into_conjuncts).collect(),
            other => vec![other],
        }
    }

    /// All of them as one condition; TRUE where there is none.
    pub fn conjunction(mut parts: Vec<Expr>) -> Self {
        match parts.len() {
            0 => Expr::Literal { value: Value::Bool(true), ty: Type::Bool },
            1 => parts.remove(0),
            _ => Expr::And(parts),
        }
    }
}

/// Structural equality: the same calls on the same columns, constants of the same type and representation.
impl PartialEq for Expr {
    fn eq(&self, other: &Self) -> bool {
        use Expr::*;
        match (self, other) {
            (Column { index: a, ty: s }, Column { index: b, ty: t }) => a == b && s == t,
            (Literal { value: a, ty: s }, Literal { value: b, ty: t }) => s == t && same_value(a, b),
            (Unknown { text: a, .. }, Unknown { text: b, .. }) => a == b,
            (Param { index: a, ty: s, .. }, Param { index: b, ty: t, .. }) => a == b && s == t,
            (Operand { ty: s }, Operand { ty: t }) => s == t,
            (Call { function: f, args: a, ty: s }, Call { function: g, args: b, ty: t }) => {
                std::ptr::eq(*f, *g) && s == t && a == b
            }
            (Cast { expr: a, to: s }, Cast { expr: b, to: t }) => s == t && a == b,
            (And(a), And(b)) | (Or(a), Or(b)) => a == b,
            (Not(a), Not(b)) => a == b,
            (IsNull { expr: a, negated: m }, IsNull { expr: b, negated: n }) => m == n && a == b,
            (IsBool { expr: a, value: v, negated: m }, IsBool { expr: b, value: w, negated: n }) => {
                v == w && m == n && a == b
            }
            (IsDistinct { left: a, right: b, negated: m }, IsDistinct { left: c, right: d, negated: n }) => {
                m == n && a == c && b == d
            }
            (
                Case { operand: a, branches: b, otherwise: c, ty: s },
                Case { operand: d, branches: e, otherwise: f, ty: t },
            ) => s == t && a == d && b == e && c == f,
            (Coalesce { args: a, ty: s }, Coalesce { args: b, ty: t }) => s == t && a == b,
            (In { expr: a, list: b, set: s, negated: m }, In { expr: c, list: d, set: t, negated: n }) => {
                m == n && a == c && b == d && s == t
            }
            (Once { number: a, .. }, Once { number: b, .. }) => a == b,
            (Subquery(a), Subquery(b)) => {
                Arc::ptr_eq(&a.plan, &b.plan) && a.kind == b.kind && a.args == b.args && a.left == b.left
            }
            _ => false,
        }
    }
}

/// The same representation: floats by their bits, decimals with their scale.
fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Null, Value::Null) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int4(a), Value::Int4(b)) => a == b,
        (Value::Int8(a), Value::Int8(b)) => a == b,
        (Value::Text(a), Value::Text(b)) => a == b,
        _ => {
            let [mut ours, mut theirs] = [Vec::new(), Vec::new()];
            codec::encode_value(&mut ours, a);
            codec::encode_value(&mut theirs, b);
            ours == theirs
        }
    }
}
