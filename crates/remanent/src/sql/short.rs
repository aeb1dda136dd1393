//! The short paths of the statements that devices run all day: reading, inserting and changing one row by its whole key.
//! No operators: values go straight from the parameters to the transaction.
//!
//! ```text
//! SELECT ax FROM imu WHERE ts = $1            Point      one key to look up, columns to return
//! INSERT INTO imu VALUES ($1, $2, 0.5)        InsertRow  one value per column
//! UPDATE imu SET ax = ax + $2 WHERE ts = $1   UpdateRow  one key to look up, one new value per column
//! ```
//!
//! Limits: a short path knows constants and parameters of exactly the columns' types; what an UPDATE computes may be any
//! expression. For anything else the plan is run as any other, and so are its errors.

use super::execute::{Context, Env};
use super::expr::Expr;
use super::expr::coerce::family;
use super::plan::Plan;
use super::prepare::{Prepared, check_text, is_of};
use remanent_storage::error::Result;
use remanent_storage::table::{ColumnDef, TableDef};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Column, Key, Type, Value};
use std::sync::Arc;

/// Where a value comes from.
#[derive(Debug)]
enum Source {
    Constant(Value),
    Param(usize),
}

impl Source {
    /// The source of an expression that is a constant or a parameter of a column's type, its length or precision apart.
    fn of(expr: &Expr, ty: Type, params: &[Type]) -> Option<Self> {
        match expr {
            Expr::Literal { value, .. } if is_of(value, family(ty)) => Some(Source::Constant(value.clone())),
            Expr::Param { index, .. } if params.get(*index) == Some(&family(ty)) => {
                Some(Source::Param(*index))
            }
            _ => None,
        }
    }

    fn value<'a>(&'a self, params: &'a [Value]) -> Option<&'a Value> {
        match self {
            Source::Constant(value) => Some(value),
            Source::Param(index) => params.get(*index),
        }
    }
}

/// The short path of a read by the whole primary key: no batches, no operators.
#[derive(Debug)]
pub struct Point {
    table: Arc<TableDef>,
    key: Vec<Source>,
    /// The columns to return, by position in the table.
    columns: Vec<usize>,
}

impl Point {
    /// The short path of a plan that has one: a point read of plain columns whose key values are constants and
    /// parameters of exactly the key's types.
    pub(super) fn of(plan: &Plan, params: &[Type]) -> Option<Self> {
        let (get, picked) = match plan {
            Plan::Project { input, exprs, .. } => (&**input, Some(exprs)),
            other => (other, None),
        };
        let Plan::PointGet { columns, row_ids: false, .. } = get else { return None };
        let column = |expr: &Expr| match expr {
            Expr::Column { index, .. } => columns.get(*index).copied(),
            _ => None,
        };
        let columns = match picked {
            Some(exprs) => exprs.iter().map(column).collect::<Option<Vec<_>>>()?,
            None => columns.clone(),
        };
        Point::of_get(get, columns, params)
    }

    /// The row, if there is one: the statement's columns in order.
    pub fn read(&self, prepared: &Prepared, txn: &Txn, params: &[Value]) -> Result<Option<Vec<Value>>> {
        if !prepared.takes(params) {
            let params = prepared.coerce(params.to_vec())?;
            return self.look_up(txn, &params);
        }
        self.look_up(txn, params)
    }

    fn look_up(&self, txn: &Txn, params: &[Value]) -> Result<Option<Vec<Value>>> {
        let mut bytes = Vec::with_capacity(9 * self.key.len());
        for part in &self.key {
            let value = match part.value(params) {
                None | Some(Value::Null) => return Ok(None),
                Some(value) => value,
            };
            remanent_storage::value::key::encode_value(&mut bytes, &value.loaded()?);
        }
        txn.get(&self.table, &Key(bytes.into()), &self.columns)
    }

    /// Of a node that gets one row, and what to read of it.
    fn of_get(get: &Plan, columns: Vec<usize>, params: &[Type]) -> Option<Self> {
        let Plan::PointGet { table, key, .. } = get else { return None };
        let value = |(expr, &position): (&Expr, &usize)| {
            let ty = table.columns.get(position)?.ty;
            match expr {
                Expr::Literal { value, .. } if value.is_null() => None,
                expr => Source::of(expr, ty, params),
            }
        };
        let key = key.iter().zip(&table.key).map(value).collect::<Option<Vec<_>>>()?;
        Some(Point { table: Arc::clone(table), key, columns })
    }
}

/// The short path of an INSERT of one row of constants and parameters.
#[derive(Debug)]
pub struct InsertRow {
    table: Arc<TableDef>,
    values: Vec<Source>,
}

impl InsertRow {
    fn of_values(table: &Arc<TableDef>, row: &[Expr], params: &[Type]) -> Option<Self> {
        let value = |(expr, column): (&Expr, &ColumnDef)| Source::of(expr, column.ty, params);
        let values = row.iter().zip(&table.columns).map(value).collect::<Option<Vec<_>>>()?;
        (values.len() == table.columns.len()).then(|| InsertRow { table: Arc::clone(table), values })
    }

    /// The short path of a plan that has one.
    pub(super) fn of(plan: &Plan, params: &[Type]) -> Option<Self> {
        let Plan::Insert { table, input, conflict: None, rules: None, returning: None } = plan else {
            return None;
        };
        match &**input {
            Plan::Values { rows, .. } => match rows.as_slice() {
                [row] => InsertRow::of_values(table, row, params),
                _ => None,
            },
            _ => None,
        }
    }

    /// Inserts the row; false, and nothing happened, where a value has to be converted first.
    pub fn run(&self, prepared: &Prepared, txn: &mut Txn, params: &[Value]) -> Result<bool> {
        if !prepared.takes(params) {
            return Ok(false);
        }
        let mut row = Vec::with_capacity(self.values.len());
        for (source, column) in self.values.iter().zip(&self.table.columns) {
            match source.value(params) {
                Some(value) if fits(value, column.ty) => row.push(value),
                _ => return Ok(false),
            }
        }
        params.iter().try_for_each(check_text)?;
        txn.insert_row(&self.table, &row)?;
        Ok(true)
    }
}

/// The short path of an UPDATE of one row by its whole key, which stays.
#[derive(Debug)]
pub struct UpdateRow {
    old: Point,
    /// The new value of each declared column.
    new: Vec<New>,
    /// Which of the columns that are read the computed ones read.
    used: Vec<bool>,
    /// The columns that the statement sets.
    assigned: Vec<usize>,
}

/// Where a new value comes from.
#[derive(Debug)]
enum New {
    /// A column that was read, by its place among those.
    Kept(usize),
    Given(Source),
    Computed(Expr),
}

impl UpdateRow {
    /// The short path of a plan that has one.
    pub(super) fn of(plan: &Plan, params: &[Type]) -> Option<Self> {
        let Plan::Update { table, input, assigned, rules: None, returning: None } = plan else { return None };
        let Plan::Project { input: get, exprs, .. } = &**input else { return None };
        let Plan::PointGet { columns, .. } = &**get else { return None };
        if table.key.is_empty() || assigned.iter().any(|column| table.key.contains(column)) {
            return None;
        }
        let mut used = vec![false; columns.len()];
        let mut new = |(expr, column): (&Expr, &ColumnDef)| match expr {
            Expr::Column { index, .. } => (*index < columns.len()).then_some(New::Kept(*index)),
            expr => match Source::of(expr, column.ty, params) {
                Some(source) => Some(New::Given(source)),
                None if expr.has_subquery() => None,
                None => {
                    expr.columns_used()
                        .into_iter()
                        .try_for_each(|c| used.get_mut(c).map(|used| *used = true))?;
                    Some(New::Computed(expr.clone()))
                }
            },
        };
        let row = exprs.get(table.key.len() + 1..)?;
        let new = row.iter().zip(&table.columns).map(&mut new).collect::<Option<Vec<_>>>()?;
        let old = Point::of_get(get, columns.clone(), params)?;
        (new.len() == table.columns.len()).then(|| UpdateRow { old, new, used, assigned: assigned.clone() })
    }

    /// Changes the row: how many there were. None, and nothing happened, where the plan has to be run: a value must be
    /// converted first, or is kept in a file.
    pub fn run(
        &self,
        prepared: &Prepared,
        txn: &mut Txn,
        params: &[Value],
        context: &Context,
    ) -> Result<Option<u64>> {
        if !prepared.takes(params) || params.iter().any(|value| matches!(value, Value::Blob(_))) {
            return Ok(None);
        }
        params.iter().try_for_each(check_text)?;
        let Some(old) = self.old.look_up(txn, params)? else { return Ok(Some(0)) };
        if old.iter().any(|value| matches!(value, Value::Blob(_))) {
            return Ok(None);
        }
        let table = &self.old.table;
        let computed = self.computed(&old, params, context)?;
        let mut next = computed.iter();
        let mut row = Vec::with_capacity(self.new.len());
        for (new, column) in self.new.iter().zip(&table.columns) {
            let value = match new {
                New::Kept(at) => old.get(*at),
                New::Given(source) => source.value(params).filter(|value| fits(value, column.ty)),
                New::Computed(_) => next.next(),
            };
            match value {
                Some(value) => row.push(value),
                None => return Ok(None),
            }
        }
        txn.update_row(table, &row, &self.assigned)?;
        Ok(Some(1))
    }

    /// The values that are computed, in order.
    fn computed(&self, old: &[Value], params: &[Value], context: &Context) -> Result<Vec<Value>> {
        let mut values = Vec::new();
        if !self.new.iter().any(|new| matches!(new, New::Computed(_))) {
            return Ok(values);
        }
        let mut columns = Vec::with_capacity(old.len());
        for ((value, &position), &used) in old.iter().zip(&self.old.columns).zip(&self.used) {
            let ty = self.old.table.columns.get(position).map_or(Type::Int8, |column| column.ty);
            columns.push(match used {
                true => Column::from_values(ty, [value.clone()])?,
                false => Column::null(ty, 1),
            });
        }
        let (row, env) = (Batch::new(columns, 1), Env::new(context.clone(), params.to_vec(), None));
        for new in &self.new {
            if let New::Computed(expr) = new {
                values.push(expr.evaluate(&row, &env.eval())?.value(0));
            }
        }
        Ok(values)
    }
}

/// True if a value of a column's type can be stored as it is.
fn fits(value: &Value, ty: Type) -> bool {
    match (value, ty) {
        (Value::Null, _) => true,
        (_, Type::Numeric(limits)) => limits.is_none(),
        (_, Type::Precise(_)) => false,
        (_, Type::Other(_, modifier)) => modifier == 0,
        (Value::Vector(items), Type::Vector(Some(length))) => items.len() == length as usize,
        _ => true,
    }
}
