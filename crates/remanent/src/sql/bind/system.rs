//! Views of the system: counters, as relations that can be joined and filtered like others.
//!
//! | view | a row is |
//! |---|---|
//! | `rem_stat` | a counter of the database: `name`, `value` |
//! | `rem_written` | what bytes were written for: `purpose`, `bytes` since the database was opened, `bytes_ever` |
//! | `rem_stat_table` | a table: `table_name`, `rows` (deleted ones too, until they are merged away), `hot_rows`, `hot_bytes`, …, `schema_name` |
//! | `pg_settings` | a setting of the session, as PostgreSQL's view of that name; those of the transaction are not there |
//!
//! Each is a list of rows whose numbers are volatile functions (`functions/system.rs`), so it needs no operator of its own.
//! A table of the user's of that name hides the view.

use super::Binder;
use crate::settings;
use crate::sql::expr::Expr;
use crate::sql::functions::lookup;
use crate::sql::functions::sequence::{IS_CALLED, STANDS_AT};
use crate::sql::functions::session::SETTING;
use crate::sql::functions::system::{COUNTER, TABLE_COUNTER};
use crate::sql::plan::{Field, Plan};
use remanent_storage::table::{ColumnDef, TableDef};
use remanent_storage::value::{Element, Type, Value};
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
            "pg_settings" => (OF_SETTING.split(' ').collect(), settings::described().map(setting).collect()),
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
                let row = |table: &Arc<TableDef>| {
                    let number = table.id.to_string();
                    let of = |what: &&str| call(TABLE_COUNTER, vec![text(&number), text(what)]);
                    let counters = OF_TABLE.iter().map(of);
                    [text(&table.name)].into_iter().chain(counters).chain([text(&table.schema)]).collect()
                };
                let columns = ["table_name"].into_iter().chain(OF_TABLE).chain(["schema_name"]).collect();
                (columns, tables.iter().map(row).collect())
            }
            _ => return None,
        };
        let field = |(i, column): (usize, &&str)| {
            let ty = rows.first().and_then(|row| row.get(i)).map_or(Type::Text, Expr::ty);
            Field { relation: Some(name.to_string()), ..Field::new(*column, ty) }
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
            ..Field::new(&column.name, column.ty)
        };
        Plan::Values { rows: Arc::new(vec![row]), fields: sequence.columns.iter().map(field).collect() }
    }
}

/// The columns of `pg_settings`.
const OF_SETTING: &str = "name setting unit category short_desc extra_desc context vartype source min_val max_val enumvals \
    boot_val reset_val sourcefile sourceline pending_restart";

fn setting([name, unit, context, kind, first]: [&str; 5]) -> Vec<Expr> {
    let null = |ty: Type| Expr::Literal { value: Value::Null, ty };
    let none = || null(Type::Text);
    let shown = |what: i32| match lookup(SETTING) {
        [function, ..] => {
            let what = Expr::Literal { value: Value::Int4(what), ty: Type::Int4 };
            Expr::Call { function, args: vec![text(name), what], ty: Type::Text }
        }
        [] => none(),
    };
    let unit = if unit.is_empty() { none() } else { text(unit) };
    let enumvals = null(Type::Array(Element::of(Type::Text)));
    let restart = Expr::Literal { value: Value::Bool(false), ty: Type::Bool };
    let begin = [text(name), shown(0), unit, text(""), text(""), none(), text(context), text(kind), shown(1)];
    let end = [none(), none(), enumvals, text(first), shown(2), none(), null(Type::Int4), restart];
    begin.into_iter().chain(end).collect()
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
