//! Queries within expressions that depend on the row around them: run once for each distinct combination of what
//! they read of it, and remembered.
//!
//! ```text
//! SELECT * FROM t WHERE x IN (SELECT y FROM u WHERE u.k = t.k)
//!
//! t: k = 1, 2, 1, 1   →   the subquery runs for 1 and for 2; the rows of each run are kept (x is compared with them)
//! ```
//!
//! Most such subqueries never come here: the optimizer makes joins of them (`optimize/unnest`).
//!
//! Invariants: the value is the one that SQL defines, NULLs included: `x = ANY (…)` is true where one comparison is,
//! else NULL where one is, else false. What was remembered is good for one [`Run`]: parameters do not change in it. Where
//! memory is short it is forgotten, and begun anew.

use super::grouping::Grouping;
use super::{Env, Input, Reservation, Rows, Run, open, pull};
use crate::sql::expr::{Expr, Subqueries, Subquery, SubqueryKind};
use crate::sql::functions::Cmp;
use crate::sql::plan::{Plan, SubPlanKind};
use remanent_kernels::table::MISSING;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::map::SortedMap;
use remanent_storage::value::record::RECORD;
use remanent_storage::value::{Batch, Column, ColumnBuilder, Type, Value, codec};
use std::sync::Arc;

/// What the subqueries of an execution gave so far, by the address of their plans (which the execution's plan holds).
#[derive(Default)]
pub struct Memo {
    known: SortedMap<usize, Known>,
}

/// What one subquery gave so far.
struct Known {
    /// The combinations of arguments, numbered.
    args: Grouping,
    /// By number: the value (scalar, EXISTS), or the place in `rows`.
    values: ColumnBuilder,
    rows: Vec<Held>,
    memory: Reservation,
    held: usize,
}

/// The rows of one run, to be compared with.
struct Held {
    columns: Vec<Column>,
    len: usize,
    /// Where the comparison is equality throughout: the keys, and whether any part of any is NULL.
    keys: Option<(Grouping, bool)>,
}

/// The value of a subquery that is run now.
pub fn single(kind: SubPlanKind, root: &mut Input, env: &Run<'_>) -> Result<Value> {
    let first = pull(root, env)?;
    match (kind, first) {
        (SubPlanKind::Exists, first) => Ok(Value::Bool(first.is_some())),
        (SubPlanKind::Scalar(_), None) => Ok(Value::Null),
        (SubPlanKind::Scalar(_), Some(batch)) => {
            if batch.len() > 1 || pull(root, env)?.is_some() {
                return Err(too_many_rows());
            }
            batch.compact().columns.first().map_or(Ok(Value::Null), |column| column.value(0).loaded())
        }
    }
}

/// 21000 for a subquery used as an expression.
pub fn too_many_rows() -> Error {
    let message = "more than one row returned by a subquery used as an expression";
    Error::new(state::CARDINALITY_VIOLATION, message)
}

/// The environment of a run with one row's arguments.
pub fn with_args(env: &Env, args: &[(usize, Expr)], columns: &[Column], row: usize) -> Env {
    let mut inner = env.clone();
    for ((slot, _), column) in args.iter().zip(columns) {
        if inner.params.len() <= *slot {
            inner.params.resize(slot + 1, Value::Null);
        }
        inner.params[*slot] = column.value(row);
    }
    inner
}

/// The type by which what was run for values of a type is remembered. Equal values may print differently (1.0 and 1.00, a day and
/// 24 hours): these go by their bytes.
pub fn exact_type(ty: Type) -> Type {
    match ty.plain() {
        Type::Numeric(_) if ty.fixed_scale().is_some() => ty,
        Type::Numeric(_) | Type::Float4 | Type::Float8 | Type::Interval | Type::Char(_) | Type::Jsonb => {
            Type::Bytea
        }
        Type::Array(_) | RECORD => Type::Bytea,
        _ => ty,
    }
}

/// Columns as [`exact_type`] has them.
pub fn exact(columns: &[Column]) -> Result<Vec<Column>> {
    let bytes = |value: Value| match value {
        Value::Null => Value::Null,
        value => {
            let mut bytes = Vec::new();
            codec::encode_value(&mut bytes, &value);
            Value::Bytea(bytes)
        }
    };
    let each = |column: &Column| match exact_type(column.ty()) == column.ty() {
        true => Ok(column.clone()),
        false => Column::from_values(Type::Bytea, column.values().map(bytes)),
    };
    columns.iter().map(each).collect()
}

impl Subqueries for Run<'_> {
    fn evaluate(&self, subquery: &Subquery, args: &[Column], left: &[Column], rows: usize) -> Result<Column> {
        let key = Arc::as_ptr(&subquery.plan) as usize;
        // Taken out while it is in use: a subquery's own subqueries have runs, and so memos, of their own.
        let held = if subquery.volatile { None } else { self.memo.borrow_mut().known.remove(&key) };
        let mut known = held.unwrap_or_else(|| self.unknown(subquery));
        let slice = |columns: &[Column], at, len| -> Vec<Column> {
            columns.iter().map(|column| column.slice(at, len)).collect()
        };
        let (mut start, mut parts) = (0, Vec::new());
        loop {
            let (args, left_over) = (slice(args, start, rows - start), rows - start);
            let (mut numbers, before) = ((0..left_over as u32).collect::<Vec<_>>(), known.args.len());
            let mut new = numbers.clone();
            if !subquery.volatile {
                known.args.insert(&exact(&args)?, left_over, &mut numbers)?;
                new = super::distinct::first_rows(&numbers, before);
            }
            let (mut done, mut full) = (left_over, false);
            for row in new.into_iter().map(|row| row as usize) {
                match self.run(subquery, &args, row, &mut known) {
                    Ok(()) => {
                        full = known.memory.hold(known.bytes()).is_err();
                        done = if full { row + 1 } else { done };
                    }
                    // There is room once the others are forgotten.
                    Err(error) if error.state() == state::OUT_OF_MEMORY && known.runs() > 0 => {
                        (done, full) = (row, true);
                    }
                    Err(error) => return Err(error),
                }
                if full {
                    break;
                }
            }
            if done > 0 || rows == 0 {
                let left = slice(left, start, done);
                parts.push(known.values(subquery, numbers.get(..done).unwrap_or(&[]), &left, self)?);
            }
            if full {
                known = self.unknown(subquery);
            }
            start += done;
            if start == rows {
                break;
            }
        }
        if !subquery.volatile {
            self.memo.borrow_mut().known.insert(key, known);
        }
        let ty = parts.first().map_or(Type::Bool, Column::ty);
        Ok(Column::concat(ty, &parts))
    }
}

impl Run<'_> {
    fn unknown(&self, subquery: &Subquery) -> Known {
        let ty = match subquery.kind {
            SubqueryKind::Scalar(ty) => ty,
            _ => Type::Bool,
        };
        Known {
            args: Grouping::new(subquery.args.iter().map(|(_, arg)| exact_type(arg.ty()))),
            values: ColumnBuilder::new(ty),
            rows: Vec::new(),
            memory: self.context.memory.reserve(),
            held: 0,
        }
    }

    /// Runs a subquery for one row's arguments and keeps what it gives.
    fn run(&self, subquery: &Subquery, args: &[Column], row: usize, known: &mut Known) -> Result<()> {
        let inner = with_args(self.env, &subquery.args, args, row);
        let inner = Run::new(&inner, self.txn);
        let mut root = open(&subquery.plan, &inner)?;
        match subquery.kind {
            SubqueryKind::Scalar(ty) => {
                known.values.push(&single(SubPlanKind::Scalar(ty), &mut root, &inner)?)?
            }
            SubqueryKind::Exists => known.values.push(&single(SubPlanKind::Exists, &mut root, &inner)?)?,
            SubqueryKind::Any | SubqueryKind::All => {
                let held = Held::of(subquery, &mut root, &inner)?;
                known.held += held.columns.iter().map(Column::memory).sum::<usize>() + 64;
                known.held += held.keys.as_ref().map_or(0, |(keys, _)| keys.memory());
                known.rows.push(held);
            }
        }
        Ok(())
    }
}

impl Known {
    fn bytes(&self) -> usize {
        self.held + self.args.memory() + self.values.memory()
    }

    fn runs(&self) -> usize {
        self.values.len() + self.rows.len()
    }

    /// The values for rows whose arguments have these numbers.
    fn values(
        &mut self,
        subquery: &Subquery,
        numbers: &[u32],
        left: &[Column],
        env: &Run<'_>,
    ) -> Result<Column> {
        if !matches!(subquery.kind, SubqueryKind::Any | SubqueryKind::All) {
            let values = self.values.snapshot();
            return match numbers.first() {
                Some(&first) if subquery.args.is_empty() => {
                    Column::constant(values.ty(), &values.value(first as usize), numbers.len())
                }
                _ => Ok(values.gather(numbers)),
            };
        }
        let decides = subquery.kind == SubqueryKind::Any;
        let mut out = ColumnBuilder::with_capacity(Type::Bool, numbers.len());
        let mut found = Vec::new();
        if let ([held], true) = (&mut self.rows[..], subquery.args.is_empty())
            && let Some((keys, _)) = &mut held.keys
        {
            keys.find(left, numbers.len(), &mut found)?;
        }
        for (row, &number) in numbers.iter().enumerate() {
            let Some(held) = self.rows.get_mut(number as usize) else {
                return Err(Error::internal("a subquery without its rows"));
            };
            let value = match (&mut held.keys, found.get(row)) {
                _ if held.len == 0 => Some(!decides),
                (Some(_), Some(&group)) if group != MISSING && valid(left, row) => Some(true),
                (Some((_, false)), Some(_)) if valid(left, row) => Some(false),
                (Some((_, true)), Some(_)) if left.len() == 1 => None,
                (Some(_), Some(_)) if left.len() == 1 => None,
                _ => held.compare(subquery, left, row, decides, env)?,
            };
            match value {
                Some(value) => out.push_bool(value),
                None => out.push_null(),
            }
        }
        Ok(out.finish())
    }
}

fn valid(left: &[Column], row: usize) -> bool {
    left.iter().all(|column| column.is_valid(row))
}

impl Held {
    /// All rows of a run.
    fn of(subquery: &Subquery, root: &mut Input, env: &Run<'_>) -> Result<Self> {
        let mut rows = Rows::new(super::types(&subquery.plan));
        let mut memory = env.context.memory.reserve();
        while let Some(batch) = pull(root, env)? {
            let batch = batch.compact();
            rows.append(&batch.columns, batch.rows, None);
            memory.hold(rows.memory())?;
        }
        let len = rows.len;
        let columns = rows.finish().iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
        let mut keys = None;
        if subquery.kind == SubqueryKind::Any && subquery.args.is_empty() && is_equality(subquery) {
            let mut grouping = Grouping::new(columns.iter().map(Column::ty));
            grouping.insert(&columns, len, &mut Vec::new())?;
            keys = Some((grouping, columns.iter().any(|column| column.null_count() > 0)));
        }
        Ok(Held { columns, len, keys })
    }

    /// `left op ANY rows` (`decides` true) or `ALL` for one row, by comparing it with each.
    fn compare(
        &self,
        subquery: &Subquery,
        left: &[Column],
        row: usize,
        decides: bool,
        env: &Run<'_>,
    ) -> Result<Option<bool>> {
        let Some(test) = &subquery.test else { return Err(Error::internal("a subquery without its test")) };
        let mut columns = Vec::with_capacity(left.len() + self.columns.len());
        for column in left {
            columns.push(Column::constant(column.ty(), &column.value(row), self.len)?);
        }
        columns.extend(self.columns.iter().cloned());
        let truth = test.evaluate(&Batch::new(columns, self.len), &env.eval())?;
        let mut unknown = false;
        for i in 0..self.len {
            match truth.value(i) {
                Value::Bool(value) if value == decides => return Ok(Some(decides)),
                Value::Null => unknown = true,
                _ => {}
            }
        }
        Ok((!unknown).then_some(!decides))
    }
}

/// True if the test is equality of each value of the row around with the column of the same number, types alike.
fn is_equality(subquery: &Subquery) -> bool {
    let Some(test) = &subquery.test else { return false };
    let width = subquery.left.len();
    let parts = test.clone().into_conjuncts();
    parts.len() == width
        && subquery.plan.width() == width
        && parts.iter().enumerate().all(|(i, part)| match part.as_comparison() {
            Some((Cmp::Eq, Expr::Column { index: a, ty: s }, Expr::Column { index: b, ty: t })) => {
                *a == i && *b == width + i && s == t
            }
            _ => false,
        })
}

/// True if a plan may give other rows when it is run again in the same statement.
pub fn is_volatile(plan: &Plan) -> bool {
    let mut volatile = false;
    plan.for_each_expr(&mut |expr| volatile = volatile || expr.is_volatile());
    volatile || plan.any_child(&mut is_volatile)
}
