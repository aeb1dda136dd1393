//! Foreign keys: rows of one table, the child, name a row of another, the parent, by its primary key or a unique index.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`ForeignKey`]: which columns name which, and how their values compare |
//! | `parent` | is the row that is named there, and does it stay? |
//! | `child` | the rows that name these keys |
//! | `open` | what is still to be looked at: at the end of the statement, or of the transaction |
//!
//! Looking is all that happens here; what ON DELETE and ON UPDATE do are changes of rows like any other, with defaults and
//! CHECKs, and SQL's business. A look needs no statement, so it can be had at commit, where no SQL runs any more.
//!
//! ```text
//!   T1  INSERT INTO child naming 7    finds row 7 of parent, locks it KeyShare until the end, finds it again
//!   T2  DELETE FROM parent, row 7     wants Update: waits for T1
//!   T1  COMMIT                        T2 goes on, looks for children among the newest rows: 23503
//! ```
//!
//! Who deletes a parent, or gives it another key, holds its row (`Update`) before it looks for children, and who writes a child
//! holds its parent's row (`KeyShare`) from when it looked. So of the two the second sees what the first did, at whatever
//! isolation level: both look at the newest rows, not at a snapshot's. Those who keep one snapshot for all statements
//! ([`Txn::keep_snapshot`]) find a parent only where that has it too, as in PostgreSQL.
//!
//! Both tables are locked, `KeyShare`: they stay what they are, others go on writing in them. Who locks very many parents locks the
//! parents' table against writers instead ([`LOCK`](parent)).
//!
//! A parent that is not there when a child is written may come until the constraint is due, so its key is remembered
//! (`open`), once for all rows that name it. Keys that outgrow a spill's worth of memory are forgotten again, and all the
//! transaction's own rows are looked at in the end.

mod child;
mod open;
mod parent;

pub use child::Referring;
pub(super) use open::{Mark, Open};

use crate::index::IndexDef;
use crate::table::TableDef;
use crate::txn::Txn;
use crate::value::key::{encode_column_row, encode_value};
use crate::value::{Column, Key, Type, Value};
use std::sync::Arc;

/// A foreign key: `columns` of `child` name `referred` of `parent`, one by one.
#[derive(Debug)]
pub struct ForeignKey {
    /// The name of the constraint.
    pub name: String,
    /// The table that refers.
    pub child: Arc<TableDef>,
    /// Its columns, by position.
    pub columns: Vec<usize>,
    /// The table that is referred to.
    pub parent: Arc<TableDef>,
    /// Its columns, one for each of the child's.
    pub referred: Vec<usize>,
    /// The parent's primary key or unique index, which has just these columns in some order.
    pub index: Arc<IndexDef>,
    /// MATCH FULL: all columns are NULL, or none is.
    pub full: bool,
    /// It may be looked at later than at the end of the statement.
    pub deferrable: bool,
    /// It is, unless SET CONSTRAINTS says otherwise.
    pub deferred: bool,
    /// A value as one of another type, where the types of two columns differ; None: that has no such value.
    pub convert: fn(&Value, Type) -> Option<Value>,
}

impl ForeignKey {
    /// The types of the child's columns.
    pub fn child_types(&self) -> Vec<Type> {
        types(&self.child, &self.columns)
    }

    /// The types of the parent's columns.
    pub fn parent_types(&self) -> Vec<Type> {
        types(&self.parent, &self.referred)
    }

    /// True if values of the child's columns are values of the parent's.
    fn same_types(&self) -> bool {
        self.child_types().iter().zip(self.parent_types()).all(|(child, parent)| child.same_values(parent))
    }

    /// A child's key as the parent would have it; None where it names no row that there could be.
    fn as_parent(&self, values: &[Value]) -> Option<Vec<Value>> {
        let pairs = values.iter().zip(self.child_types().into_iter().zip(self.parent_types()));
        let convert = |(value, (from, to)): (&Value, (Type, Type))| match from.same_values(to) {
            _ if value.is_null() => None,
            true => Some(value.clone()),
            false => (self.convert)(value, to),
        };
        pairs.map(convert).collect()
    }

    /// The key of the parent's index for values in the order of `referred`.
    fn index_key(&self, values: &[Value]) -> Key {
        let place = |column: &usize| self.referred.iter().position(|referred| referred == column);
        let ordered: Vec<Value> =
            self.index.columns.iter().filter_map(|c| values.get(place(c)?).cloned()).collect();
        let mut key = Vec::new();
        self.index.encode_values(&mut key, &ordered);
        Key(key.into())
    }
}

fn types(table: &TableDef, columns: &[usize]) -> Vec<Type> {
    columns.iter().map(|&c| table.columns.get(c).map_or(Type::Int8, |column| column.ty)).collect()
}

/// The key of a row: its columns, in their order.
fn key_of_row(out: &mut Vec<u8>, columns: &[&Column], row: usize) {
    out.clear();
    columns.iter().for_each(|column| encode_column_row(out, column, row));
}

fn key_of(values: &[Value]) -> Key {
    let mut key = Vec::new();
    values.iter().for_each(|value| encode_value(&mut key, value));
    Key(key.into())
}

impl Txn {
    /// Its statements share one snapshot: what came after it is not there for foreign keys either.
    pub fn keep_snapshot(&mut self) {
        self.keeps_snapshot = true;
    }
}
