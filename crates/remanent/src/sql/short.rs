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

use super::expr::coerce::family;
use super::expr::{EvalContext, Expr};
use super::plan::Plan;
use super::prepare::{Prepared, check_text, is_of};
use remanent_storage::error::Result;
use remanent_storage::table::{ColumnDef, TableDef};
use remanent_storage::txn::Txn;
use remanent_storage::value::key::encode_value;
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
        match self.key(params)? {
            Some(key) => txn.get(&self.table, &key, &self.columns),
            None => Ok(None),
        }
    }

    /// The key; None where a part of it is NULL, so that no row has it.
    fn key(&self, params: &[Value]) -> Result<Option<Key>> {
        let mut bytes = Vec::with_capacity(9 * self.key.len());
        for part in &self.key {
            let value = match part.value(params) {
                None | Some(Value::Null) => return Ok(None),
                Some(value) => value,
            };
            match value {
                Value::Blob(_) => encode_value(&mut bytes, &value.loaded()?),
                value => encode_value(&mut bytes, value),
            }
        }
        Ok(Some(Key(bytes.into())))
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

    /// Inserts the row, and commits where it is `alone`; false, and nothing happened, where a value has to be converted first.
    pub fn run(&self, prepared: &Prepared, txn: &mut Txn, params: &[Value], alone: bool) -> Result<bool> {
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
        if alone && !self.table.key.is_empty() && row.iter().all(|value| !matches!(value, Value::Blob(_))) {
            let mut key = Vec::with_capacity(9 * self.table.key.len());
            self.table.key.iter().filter_map(|&k| row.get(k)).for_each(|value| encode_value(&mut key, value));
            let mut own = row.iter().map(|&value| value.clone()).collect();
            if txn.commit_row(&self.table, &Key(key.into()), &mut own, None)? {
                return Ok(true);
            }
        }
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
    /// How many of the columns that are read the computed ones read: the first, which these call 0, 1, ….
    used: usize,
    /// The columns that the statement sets.
    assigned: Vec<usize>,
}

/// Where a new value comes from.
#[derive(Debug)]
enum New {
    /// A column that was read, by its place among those, and whether no other column takes the same.
    Kept(usize, bool),
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
        let row = exprs.get(table.key.len() + 1..)?;
        let mut used: Vec<usize> = Vec::new();
        let mut new = |(expr, column): (&Expr, &ColumnDef)| match expr {
            Expr::Column { index, .. } => Some(New::Kept(*columns.get(*index)?, true)),
            expr => match Source::of(expr, column.ty, params) {
                Some(source) => Some(New::Given(source)),
                None if expr.has_subquery() => None,
                None => {
                    used.extend(expr.columns_used());
                    Some(New::Computed(expr.clone()))
                }
            },
        };
        let mut new = row.iter().zip(&table.columns).map(&mut new).collect::<Option<Vec<_>>>()?;
        used.sort_unstable();
        used.dedup();
        if new.len() != table.columns.len() || used.last().is_some_and(|&last| last >= columns.len()) {
            return None;
        }
        let mut old = Point::of_get(get, Vec::new(), params)?;
        // What is read: columns that stay, but for those that the statement names the row by, and what is computed from.
        let mut read: Vec<usize> = used.iter().filter_map(|&at| columns.get(at).copied()).collect();
        for place in 0..new.len() {
            let Some(&New::Kept(position, _)) = new.get(place) else { continue };
            let part = table.key.iter().position(|&key| key == position);
            let given =
                part.filter(|_| table.columns.get(position).is_some_and(|column| is_its_key(column.ty)));
            let value = match given.and_then(|part| old.key.get(part)) {
                Some(Source::Constant(value)) => New::Given(Source::Constant(value.clone())),
                Some(Source::Param(index)) => New::Given(Source::Param(*index)),
                None => {
                    let at = read.iter().position(|&column| column == position).unwrap_or_else(|| {
                        read.push(position);
                        read.len() - 1
                    });
                    let last = new
                        .iter()
                        .skip(place + 1)
                        .all(|new| !matches!(new, New::Kept(next, _) if *next == position));
                    New::Kept(at, last)
                }
            };
            new[place] = value;
        }
        for new in &mut new {
            if let New::Computed(expr) = new {
                *expr = expr.clone().remap_columns(&|column| used.binary_search(&column).unwrap_or(column));
            }
        }
        old.columns = read;
        Some(UpdateRow { old, new, used: used.len(), assigned: assigned.clone() })
    }

    /// Changes the row, and commits where it is `alone`: how many there were. None, and nothing happened, where the plan has to
    /// be run: a value must be converted first, or is kept in a file.
    pub fn run(
        &self,
        prepared: &Prepared,
        txn: &mut Txn,
        params: &[Value],
        ctx: &EvalContext<'_>,
        alone: bool,
    ) -> Result<Option<u64>> {
        if !prepared.takes(params) || params.iter().any(|value| matches!(value, Value::Blob(_))) {
            return Ok(None);
        }
        params.iter().try_for_each(check_text)?;
        let Some(key) = self.old.key(params)? else { return Ok(Some(0)) };
        let Some((mut old, at)) = txn.find(&self.old.table, &key, &self.old.columns)? else {
            return Ok(Some(0));
        };
        if old.iter().any(|value| matches!(value, Value::Blob(_))) {
            return Ok(None);
        }
        let table = &self.old.table;
        let mut computed = self.computed(&old, ctx)?.into_iter();
        let mut row = Vec::with_capacity(self.new.len());
        for (new, column) in self.new.iter().zip(&table.columns) {
            let value = match new {
                New::Kept(at, true) => old.get_mut(*at).map(|value| std::mem::replace(value, Value::Null)),
                New::Kept(at, false) => old.get(*at).cloned(),
                New::Given(source) => source.value(params).filter(|value| fits(value, column.ty)).cloned(),
                New::Computed(_) => computed.next(),
            };
            match value {
                Some(value) => row.push(value),
                None => return Ok(None),
            }
        }
        if !alone || !txn.commit_row(table, &key, &mut row, Some((at, &self.assigned)))? {
            txn.update_row(table, (&key, at), &row.iter().collect::<Vec<_>>(), &self.assigned)?;
        }
        Ok(Some(1))
    }

    /// The values that are computed, in order.
    fn computed(&self, old: &[Value], ctx: &EvalContext<'_>) -> Result<Vec<Value>> {
        let mut row = None;
        let mut values = Vec::new();
        for new in &self.new {
            let New::Computed(expr) = new else { continue };
            if let Some(value) = self.counted(expr, old, ctx.params) {
                values.push(value);
                continue;
            }
            let row = match &mut row {
                Some(row) => row,
                row => row.insert(self.row(old)?),
            };
            values.push(expr.evaluate(row, ctx)?.value(0));
        }
        Ok(values)
    }

    /// The value of a sum or a product of numbers, as counters have it, without columns; None where the expression is something
    /// else, or its value NULL, an error or close to one.
    fn counted(&self, expr: &Expr, old: &[Value], params: &[Value]) -> Option<Value> {
        let (name, left, right) = match expr {
            Expr::Column { index, .. } => return number(old.get(*index)?),
            Expr::Literal { value, .. } => return number(value),
            Expr::Param { index, .. } => return number(params.get(*index)?),
            Expr::Once { expr, .. } => return self.counted(expr, old, params),
            Expr::Call { function, args, .. } => match args.as_slice() {
                [left, right] => (function.name, left, right),
                _ => return None,
            },
            _ => return None,
        };
        if !matches!(name, "+" | "-" | "*") {
            return None;
        }
        let integer = |x: i64, y: i64| match name {
            "+" => x.checked_add(y),
            "-" => x.checked_sub(y),
            _ => x.checked_mul(y),
        };
        match (self.counted(left, old, params)?, self.counted(right, old, params)?) {
            (Value::Int8(x), Value::Int8(y)) => integer(x, y).map(Value::Int8),
            (Value::Int4(x), Value::Int4(y)) => {
                Some(Value::Int4(i32::try_from(integer(x.into(), y.into())?).ok()?))
            }
            (Value::Float8(x), Value::Float8(y)) => {
                let value = match name {
                    "+" => x + y,
                    "-" => x - y,
                    _ => x * y,
                };
                value.is_normal().then_some(Value::Float8(value))
            }
            _ => None,
        }
    }

    /// What the computed ones read of the row.
    fn row(&self, old: &[Value]) -> Result<Batch> {
        let column = |(value, &position): (&Value, &usize)| {
            let def = self.old.table.columns.get(position);
            Column::from_values(def.map_or(Type::Int8, |def| def.ty), [value.clone()])
        };
        let used = old.iter().zip(&self.old.columns).take(self.used);
        Ok(Batch::new(used.map(column).collect::<Result<_>>()?, 1))
    }
}

/// True if of a type's values each is known by its key.
fn is_its_key(ty: Type) -> bool {
    use Type::{Bool, Date, Int2, Int4, Int8, Text, Timestamp, Timestamptz};
    matches!(ty, Bool | Date | Int2 | Int4 | Int8 | Text | Timestamp | Timestamptz)
}

/// A value that is a plain number.
fn number(value: &Value) -> Option<Value> {
    matches!(value, Value::Int4(_) | Value::Int8(_) | Value::Float8(_)).then(|| value.clone())
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
