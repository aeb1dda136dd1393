//! What is computed and checked of rows before they are stored: generated columns, CHECK constraints; and afterwards: the check
//! options of views.

use super::Run;
use crate::sql::plan::Rules;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::failing_row;
use remanent_storage::value::{Batch, Column, ColumnData, Value};

/// Rows with their generated columns; 23514 where one fails a CHECK. A NULL where none may be is left to the store, which
/// speaks of it first as PostgreSQL does.
pub fn obeyed(rules: Option<&Rules>, rows: Batch, run: &Run<'_>) -> Result<Batch> {
    let Some(rules) = rules else { return Ok(rows) };
    let mut rows = rows;
    // In their order: what is kept for indexes comes last, and may read the others.
    for (place, expr) in &rules.generated {
        let computed = expr.evaluate(&rows, &run.eval())?;
        if let Some(column) = rows.columns.get_mut(*place) {
            *column = computed;
        }
    }
    let mut first: Option<(usize, &str)> = None;
    for (name, condition) in &rules.checks {
        let failing = first_false(&condition.evaluate(&rows, &run.eval())?);
        if let Some(row) = failing.filter(|row| first.is_none_or(|(held, _)| *row < held)) {
            first = Some((row, name));
        }
    }
    match first {
        Some((row, name)) if !has_null(rules, &rows, row) => Err(violation(rules, &rows, row, name)),
        _ => Ok(rows),
    }
}

/// 44000 where a row that was stored is none that the views show through which it was written.
pub fn shown(rules: Option<&Rules>, rows: &Batch, run: &Run<'_>) -> Result<()> {
    let mut first: Option<(usize, &str)> = None;
    for (view, condition) in rules.iter().flat_map(|rules| &rules.views) {
        let failing = first_false(&condition.evaluate(rows, &run.eval())?);
        if let Some(row) = failing.filter(|row| first.is_none_or(|(held, _)| *row < held)) {
            first = Some((row, view));
        }
    }
    let (Some((row, view)), Some(rules)) = (first, rules) else { return Ok(()) };
    let message = format!("new row violates check option for view \"{view}\"");
    Err(Error::new(state::WITH_CHECK_OPTION_VIOLATION, message).with_detail(failing(rules, rows, row)))
}

fn first_false(column: &Column) -> Option<usize> {
    let column = column.flatten();
    let ColumnData::Bool(_) = column.data() else { return None };
    (0..column.len()).find(|&row| column.value(row) == Value::Bool(false))
}

/// True if a row up to that one has a NULL where none may be.
fn has_null(rules: &Rules, rows: &Batch, last: usize) -> bool {
    let required = |position: usize| rules.table.columns.get(position).is_some_and(|c| c.not_null);
    let columns = rows.columns.iter().enumerate().filter(|(position, _)| required(*position));
    columns.into_iter().any(|(_, column)| (0..=last).any(|row| column.value(row).is_null()))
}

#[cold]
fn violation(rules: &Rules, rows: &Batch, row: usize, name: &str) -> Error {
    let table = &rules.table.name;
    let message = format!("new row for relation \"{table}\" violates check constraint \"{name}\"");
    Error::new(state::CHECK_VIOLATION, message).with_detail(failing(rules, rows, row))
}

fn failing(rules: &Rules, rows: &Batch, row: usize) -> String {
    let shown = rows.columns.iter().take(rules.table.visible());
    failing_row(&shown.map(|column| column.value(row)).collect::<Vec<Value>>())
}
