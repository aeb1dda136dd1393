//! Views of the system: counters, as relations that can be joined and filtered like others.
//!
//! | view | a row is |
//! |---|---|
//! | `rem_stat` | a counter of the database: `name`, `value` |
//! | `rem_written` | what bytes were written for: `purpose`, `bytes` since the database was opened, `bytes_ever` |
//! | `rem_stat_table` | a table: `table_name`, `rows` (deleted ones too, until they are merged away), `hot_rows`, `hot_bytes`, … |
//!
//! Each is a list of rows whose numbers are volatile functions (`functions/system.rs`), so it needs no operator of its own.
//! A table of the user's of that name hides the view.

use super::Binder;
use crate::sql::expr::Expr;
use crate::sql::functions::lookup;
use crate::sql::functions::sequence::{IS_CALLED, STANDS_AT};
use crate::sql::functions::system::{COUNTER, TABLE_COUNTER};
use crate::sql::plan::{Field, Plan};
use remanent_storage::table::{ColumnDef, TableDef};
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

const COUNTERS: [&str; 11] = [
    "lsn",
    "hot_bytes",
    "segments",
    "segment_bytes",
    "log_bytes",
    "log_syncs",
    "cache_bytes",
    "cache_misses",
    "lock_waits",
    "loads",
    "memory_limit",
];

const PURPOSES: [&str; 8] = ["log", "flush", "merge", "load", "blobs", "manifest", "other", "total"];

const OF_TABLE: [&str; 6] = ["rows", "hot_rows", "hot_bytes", "segments", "segment_bytes", "index_bytes"];

impl Binder<'_> {
    /// The rows of a view, if it is one.
    pub(super) fn system_view(&self, name: &str) -> Option<Plan> {
        let (columns, rows): (Vec<&str>, Vec<Vec<Expr>>) = match name {
            "rem_stat" => {
                let row = |name: &&str| vec![text(name), call(COUNTER, vec![text(name)])];
                (vec!["name", "value"], COUNTERS.iter().map(row).collect())
            }
            "rem_written" => {
                let of = |which: &str, name: &str| call(COUNTER, vec![text(&format!("{which}:{name}"))]);
                let row = |name: &&str| vec![text(name), of("written", name), of("ever", name)];
                (vec!["purpose", "bytes", "bytes_ever"], PURPOSES.iter().map(row).collect())
            }
            "rem_stat_table" => {
                let tables = self.catalog.tables();
                let row = |table: &str| {
                    let of = |what: &&str| call(TABLE_COUNTER, vec![text(table), text(what)]);
                    [text(table)].into_iter().chain(OF_TABLE.iter().map(of)).collect()
                };
                let columns = ["table_name"].into_iter().chain(OF_TABLE).collect();
                (columns, tables.iter().map(|table| row(&table.name)).collect())
            }
            _ => return None,
        };
        let field = |(i, column): (usize, &&str)| {
            let ty = if i == 0 { Type::Text } else { Type::Int8 };
            Field { relation: Some(name.to_string()), name: (*column).to_string(), ty }
        };
        let fields = columns.iter().enumerate().map(field).collect();
        Some(Plan::Values { rows: Arc::new(rows), fields })
    }
}

impl Binder<'_> {
    /// What is read of a sequence: its row, with the number that was given last whatever the log knows as given.
    pub(super) fn sequence_row(&self, sequence: &TableDef) -> Plan {
        let call = |name: &str, ty: Type| {
            let args = vec![text(&sequence.schema), text(&sequence.name)];
            match lookup(name) {
                [function, ..] => Expr::Call { function, args, ty },
                [] => Expr::Literal { value: Value::Null, ty },
            }
        };
        let zero = Expr::Literal { value: Value::Int8(0), ty: Type::Int8 };
        let row = vec![call(STANDS_AT, Type::Int8), zero, call(IS_CALLED, Type::Bool)];
        let field = |column: &ColumnDef| Field {
            relation: Some(sequence.name.clone()),
            name: column.name.clone(),
            ty: column.ty,
        };
        Plan::Values { rows: Arc::new(vec![row]), fields: sequence.columns.iter().map(field).collect() }
    }
}

fn text(text: &str) -> Expr {
    Expr::Literal { value: Value::from(text), ty: Type::Text }
}

fn call(name: &str, args: Vec<Expr>) -> Expr {
    match lookup(name) {
        [function, ..] => Expr::Call { function, args, ty: Type::Int8 },
        [] => Expr::Literal { value: Value::Null, ty: Type::Int8 },
    }
}
