//! Many rows at once.
//!
//! Rows go into one column builder per column, in the column's own type; every 2,048 rows the columns go to the
//! transaction as one batch. Nothing is parsed, planned or looked up per row.

use crate::sql;
use crate::sql::bind::{relation_of_text, rules};
use crate::sql::expr::CastContext;
use crate::sql::expr::coerce::can_convert;
use crate::sql::functions::cast::cast_value;
use crate::sql::plan::Rules;
use crate::{Connection, Error, Params, Result, Type, Value};
use remanent_storage::catalog::Catalog;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::error::state;
use remanent_storage::table::TableDef;
use remanent_storage::txn::Txn;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, ColumnBuilder};
use std::sync::Arc;

/// Rows of so many bytes are handed on, however few they are.
const BATCH_BYTES: usize = 8 << 20;

/// Adds many rows to a table in one transaction, which [`finish`](Appender::finish) makes durable and visible; dropped
/// without that, nothing happened. Within an open transaction the rows are part of that one instead; dropped there
/// without `finish` after a row was appended, that transaction can only be rolled back.
///
/// ```
/// # let dir = tempfile::tempdir()?;
/// # let db = remanent::Database::open(dir.path().join("robot.rem"))?;
/// # let conn = db.connect()?;
/// use remanent::params;
/// # conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8)", params![])?;
/// let mut rows = conn.appender("imu")?;
/// for ts in 0..10_000i64 {
///     rows.append(params![ts, 0.5])?;
/// }
/// assert_eq!(rows.finish()?, 10_000);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Values are converted to the columns' types as INSERT would. A row that cannot be is refused and not added; what
/// concerns the table (a duplicate key, a NULL where none may be) is found when a batch is written, by a later
/// `append` or by `finish`, and ends the appender.
pub struct Appender<'c> {
    conn: &'c Connection,
    table: Arc<TableDef>,
    columns: Vec<ColumnBuilder>,
    /// Of each column: its enum type.
    enums: Vec<Option<Arc<EnumDef>>>,
    rows: usize,
    /// Bytes of texts and byteas among them.
    bytes: usize,
    appended: u64,
    target: Target,
    /// What is computed and checked of each row.
    rules: Option<Arc<Rules>>,
}

/// Where the rows go.
enum Target {
    /// Into a transaction of the appender's own.
    Own(Box<Txn>),
    /// Into the connection's open one, of that number.
    Block(u64),
    /// Nowhere any more: it has failed or is finished.
    Ended,
}

impl<'c> Appender<'c> {
    pub(crate) fn new(conn: &'c Connection, table: &str) -> Result<Self> {
        let mut session = conn.session();
        let path = session.path();
        let find = |txn: &mut Txn| {
            let table = find(txn.catalog(), table, &path)?;
            let rules = rules(&table, txn.catalog(), &path)?;
            let enums = table
                .columns
                .iter()
                .map(|column| column.ty.enumeration().and_then(|id| txn.catalog().enums().get(&id).cloned()));
            let enums: Vec<_> = enums.collect();
            Ok((table, rules, enums))
        };
        let ((table, rules, enums), target) = match session.open_block() {
            Some(number) => {
                let mut found = None;
                session.in_block(number, &mut |txn| find(txn).map(|table| found = Some(table)))?;
                (found.ok_or_else(ended)?, Target::Block(number))
            }
            None => {
                let mut txn = session.begin_own_to_write()?;
                (find(&mut txn)?, Target::Own(Box::new(txn)))
            }
        };
        let columns = table.columns.iter().map(|c| ColumnBuilder::with_capacity(c.ty, BATCH_ROWS)).collect();
        Ok(Appender { conn, table, columns, enums, rows: 0, bytes: 0, appended: 0, target, rules })
    }

    /// Adds a row: a value for each column of the table, in order.
    pub fn append(&mut self, row: impl Params) -> Result<()> {
        let row = row.values();
        if !row.iter().any(|value| matches!(value, Value::Blob(_))) {
            return self.append_row(row);
        }
        let mut row = row.to_vec();
        row.iter_mut().try_for_each(|value| self.settle(value))?;
        self.append_row(&row)
    }

    /// Stores what a reader delivers: it goes to the store piece by piece.
    fn settle(&mut self, value: &mut Value) -> Result<()> {
        match &mut self.target {
            Target::Own(txn) => txn.settle(value),
            Target::Block(number) => self.conn.session().in_block(*number, &mut |txn| txn.settle(value)),
            Target::Ended => Err(ended()),
        }
    }

    fn append_row(&mut self, row: &[Value]) -> Result<()> {
        if matches!(self.target, Target::Ended) {
            return Err(ended());
        }
        let visible = self.table.visible();
        if row.len() != visible {
            let (name, wanted, given) = (&self.table.name, visible, row.len());
            let message = format!("table \"{name}\" has {wanted} columns but {given} values were supplied");
            return Err(Error::new(state::SYNTAX_ERROR, message));
        }
        // What is kept for indexes is computed.
        let row = row.iter().chain(std::iter::repeat_n(&Value::Null, self.columns.len() - visible));
        let into = self.columns.iter_mut().zip(&self.table.columns).zip(&self.enums);
        for (((builder, column), def), value) in into.zip(row.clone()) {
            if let Err(error) = push(builder, value, column.ty, def.as_deref()) {
                // Which column it was, and the columns before it as they were.
                let column = self.columns.iter().position(|b| b.len() == self.rows);
                self.columns.iter_mut().for_each(|b| b.truncate(self.rows));
                let name = column.and_then(|i| self.table.columns.get(i)).map_or("", |c| &c.name);
                let error = error.with_detail(format!("It is meant for column \"{name}\"."));
                return Err(self.conn.session().spelled(error));
            }
        }
        self.rows += 1;
        self.bytes += row.map(weight).sum::<usize>();
        self.appended += 1;
        if self.rows == BATCH_ROWS || self.bytes > BATCH_BYTES { self.write() } else { Ok(()) }
    }

    /// Ends it: all rows are durable and visible when this returns (in an open transaction: when that commits). How
    /// many there are.
    pub fn finish(mut self) -> Result<u64> {
        self.write()?;
        match std::mem::replace(&mut self.target, Target::Ended) {
            Target::Own(txn) => self.conn.session().commit(*txn)?,
            Target::Block(_) => {}
            Target::Ended => return Err(ended()),
        }
        Ok(self.appended)
    }

    /// Hands the rows so far to the transaction.
    fn write(&mut self) -> Result<()> {
        if self.rows == 0 {
            return Ok(());
        }
        let fresh = |b: &mut ColumnBuilder| {
            let empty = ColumnBuilder::with_capacity(b.ty(), BATCH_ROWS);
            std::mem::replace(b, empty).finish()
        };
        let batch = Batch::new(self.columns.iter_mut().map(fresh).collect(), self.rows);
        (self.rows, self.bytes) = (0, 0);
        let batch = match &self.rules {
            Some(rules) => sql::obeyed(rules, batch, &self.conn.session().context()),
            None => Ok(batch),
        };
        let batch = batch.inspect_err(|_| self.target = Target::Ended);
        let batch = batch.map_err(|error| self.conn.session().spelled(error))?;
        let rules = self.rules.as_deref();
        let done = match &mut self.target {
            Target::Own(txn) => {
                self.conn.session().begin_call();
                // A new snapshot, so as not to hold on to the first one for as long as the appender lives.
                txn.begin_statement();
                txn.insert(&self.table, &batch).and_then(|()| sql::refer(rules, &batch, txn))
            }
            Target::Block(number) => self.conn.session().in_block(*number, &mut |txn| {
                txn.insert(&self.table, &batch)?;
                sql::refer(rules, &batch, txn)?;
                txn.settle_foreign_keys()
            }),
            Target::Ended => Err(ended()),
        };
        if done.is_err() {
            self.target = Target::Ended;
        }
        done
    }
}

impl Drop for Appender<'_> {
    fn drop(&mut self) {
        if let (Target::Block(number), true) = (&self.target, self.appended > 0) {
            // Its rows are among the transaction's other writes, or would have been: all or nothing.
            self.conn.session.borrow().signals.fail(*number);
        }
    }
}

impl std::fmt::Debug for Appender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Appender").field("table", &self.table.name).finish_non_exhaustive()
    }
}

/// The table of that name as it stands; else of the name that SQL reads there (`Imu`, `public.imu`).
fn find(catalog: &Catalog, name: &str, path: &[String]) -> Result<Arc<TableDef>> {
    let missing = || Error::new(state::UNDEFINED_TABLE, format!("relation \"{name}\" does not exist"));
    if let Some(table) = catalog.table(name) {
        return Ok(Arc::clone(table));
    }
    relation_of_text(name, catalog, path).map(Arc::clone).map_err(|_| missing())
}

/// The bytes of a text or bytea in memory.
fn weight(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.len(),
        Value::Bytea(bytes) => bytes.len(),
        _ => 0,
    }
}

fn ended() -> Error {
    Error::new(state::IN_FAILED_SQL_TRANSACTION, "the appender has failed, and what it wrote was undone")
        .with_hint("Begin again with a new appender.")
}

fn push(builder: &mut ColumnBuilder, value: &Value, ty: Type, enumeration: Option<&EnumDef>) -> Result<()> {
    if let Some(def) = enumeration.filter(|_| !value.is_null()) {
        return builder.push(&def.read(&converted(value, ty.with_enum_as(Type::Text))?)?);
    }
    match (ty, value) {
        (Type::Float8, Value::Float8(v)) => builder.push_f64(*v),
        (Type::Int8, Value::Int8(v)) => builder.push_i64(*v),
        (Type::Text, Value::Text(v)) => builder.push_bytes(v.as_bytes()),
        (Type::Numeric(_) | Type::Vector(_), _) => builder.push(&converted(value, ty)?)?,
        (_, value) if value.is_null() => builder.push_null(),
        (ty, value) if value.type_of() == Some(ty) => builder.push(value)?,
        _ => builder.push(&converted(value, ty)?)?,
    }
    Ok(())
}

/// A value as an assignment makes it fit a column.
fn converted(value: &Value, ty: Type) -> Result<Value> {
    // Text is read as any type, as a literal in quotes is.
    if !matches!(value, Value::Text(_)) && !can_convert(value.type_of(), ty, CastContext::Assignment) {
        let from = value.type_of().map_or_else(String::new, |from| from.to_string());
        let message = format!("a column of type {ty} cannot take a value of type {from}");
        return Err(Error::new(state::DATATYPE_MISMATCH, message));
    }
    cast_value(value.clone(), ty)
}
