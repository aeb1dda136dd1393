//! Statements that write: batches from an input into the transaction, and RETURNING.
//!
//! The inputs' scans begin before the first write, and deliver no row written after that (the Halloween problem does not
//! arise). So it is for all statements of a WITH: every input is opened, then the statements write in their order, then
//! the last one. What comes out by RETURNING is kept until it is read ([`Laid`]). Errors that ask for a restart on a new snapshot
//! pass through to the session.
//!
//! Limits: an input that opens plans as it goes (`Plan::opens_late`), and these read tables that a statement before it writes, is run to
//! its end before the first write, so it cannot read what another statement of the same WITH returns (0A000).

use super::foreign::Due;
use super::laid::Laid;
use super::project::evaluate;
use super::{Env, Input, Reservation, Run, define, gather, open, pull, rules};
use crate::sql::expr::Expr;
use crate::sql::plan::{Conflict, Plan, Returning, Rules, WithQuery};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{RowId, TableDef, TableId};
use remanent_storage::txn::Txn;
use remanent_storage::txn::unique::{TakenRow, key_values};
use remanent_storage::value::{Batch, Column, ColumnData, Key};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// What a statement that writes did.
pub struct Written {
    /// How many rows it inserted, updated or deleted.
    pub affected: u64,
    /// What RETURNING says of them, or the rows of the query that the writing ones stand before.
    pub rows: Option<Input>,
}

/// Runs a plan that writes.
pub fn write(plan: &Plan, txn: &mut Txn, env: &Env) -> Result<Written> {
    let mut due = Due::default();
    let written = write_rows(plan, txn, env, &mut due)?;
    due.settle(txn, env)?;
    Ok(written)
}

/// As [`write`] for an INSERT that more rows will follow: parents that are not there yet are waited for
/// ([`Txn::settle_foreign_keys`]).
pub fn write_some(plan: &Plan, txn: &mut Txn, env: &Env) -> Result<Written> {
    write_rows(plan, txn, env, &mut Due::default())
}

fn write_rows(plan: &Plan, txn: &mut Txn, env: &Env, due: &mut Due) -> Result<Written> {
    let (queries, main): (&[WithQuery], &Plan) = match plan {
        Plan::With { queries, input } => (queries, input),
        other => (&[], other),
    };
    let parts = match main {
        Plan::Merge { actions } => actions.as_slice(),
        one => std::slice::from_ref(one),
    };
    let (mut inputs, mut last) = (Vec::new(), Vec::new());
    let (mut before, mut written) = (Vec::new(), Vec::new());
    let alone = !queries.iter().any(|query| query.plan.writes());
    queries.iter().map(|query| &query.plan).chain(parts).for_each(|plan| plan.written(&mut written));
    {
        let run = Run::new(env, Some(txn));
        for query in queries {
            match query.plan.writes() {
                true => {
                    env.shared.expect(query.id);
                    inputs.push(opened(&query.plan, alone, &before, &run)?);
                    query.plan.written(&mut before);
                }
                false => {
                    let input = opened(&query.plan, alone, &written, &run)?;
                    input.into_iter().for_each(|input| env.shared.begin(query.id, input));
                }
            }
        }
        for part in parts {
            last.push(opened(part, alone, &before, &run)?);
        }
    }
    let several =
        written.iter().enumerate().any(|(at, table)| written.iter().take(at).any(|before| before == table));
    let mut changed = (several && !alone).then(|| Changed::new(true, true, env));
    let writing = queries.iter().filter(|query| query.plan.writes());
    for (query, mut input) in writing.zip(inputs) {
        let mut returned = Laid::default();
        gather_own(&query.plan, &mut input, &Run::new(env, Some(txn)))?;
        run_one(&query.plan, input, txn, env, &mut returned, due, changed.as_mut())?;
        env.shared.fulfil(query.id, returned);
    }
    if !main.writes() {
        let Some(input) = last.pop().flatten() else {
            return Err(Error::internal("a query without its rows"));
        };
        let rows = gather(input, &Run::new(env, Some(txn)))?;
        return Ok(Written { affected: 0, rows: Some(rows) });
    }
    let mut returned = Laid::default();
    if matches!(main, Plan::Merge { .. }) {
        changed = Some(Changed::new(false, alone, env));
    }
    if !alone {
        let run = Run::new(env, Some(txn));
        parts.iter().zip(&mut last).try_for_each(|(part, input)| gather_own(part, input, &run))?;
    }
    let mut affected = 0;
    for (part, input) in parts.iter().zip(last) {
        affected += run_one(part, input, txn, env, &mut returned, due, changed.as_mut())?;
    }
    let rows = main.returns_rows().then(|| returned.into_input());
    Ok(Written { affected, rows })
}

/// What a plan writes, or a query delivers: its scans have begun. None for what has no input. `before`: tables that are written first,
/// of which what it opens as it goes would see other rows; `alone`: there is nothing to wait for either.
fn opened(plan: &Plan, alone: bool, before: &[TableId], run: &Run<'_>) -> Result<Option<Input>> {
    let input = match plan {
        Plan::Insert { input, .. } | Plan::Update { input, .. } | Plan::Delete { input, .. } => input,
        Plan::Define(_) => return Ok(None),
        query => query,
    };
    let rows = open(input, run)?;
    let at_once = if alone { input.opens_late() } else { input.reads_late(before) };
    Ok(Some(if at_once { gather(rows, run)? } else { rows }))
}

/// Runs an input to its end that would see, as it goes, what its own statement writes.
fn gather_own(plan: &Plan, input: &mut Option<Input>, run: &Run<'_>) -> Result<()> {
    let mut own = Vec::new();
    plan.written(&mut own);
    if plan.reads_late(&own) {
        *input = input.take().map(|rows| gather(rows, run)).transpose()?;
    }
    Ok(())
}

/// One statement; how many rows it affected.
fn run_one(
    plan: &Plan,
    input: Option<Input>,
    txn: &mut Txn,
    env: &Env,
    returned: &mut Laid,
    due: &mut Due,
    changed: Option<&mut Changed>,
) -> Result<u64> {
    match (plan, input) {
        (Plan::Insert { table, conflict, rules, returning, .. }, Some(input)) => {
            let (returning, rules, touched) = (returning.as_ref(), rules.as_deref(), FxHashSet::default());
            let mut insert = Insert { table, rules, returning, touched, due };
            insert.run(conflict.as_deref(), input, txn, env, returned)
        }
        (Plan::Update { table, assigned, rules, returning, .. }, Some(input)) => {
            let (rules, returning) = (rules.as_deref(), returning.as_ref());
            Change { table, assigned, rules, returning, due, changed }.run(input, txn, env, returned)
        }
        (Plan::Delete { table, rules, returning, .. }, Some(input)) => {
            let (rules, returning) = (rules.as_deref(), returning.as_ref());
            Change { table, assigned: &[], rules, returning, due, changed }.delete(input, txn, env, returned)
        }
        (Plan::Define(define), _) => define::run(define, txn, env),
        _ => Err(Error::internal("a plan that reads was run for writing")),
    }
}

/// Adds what RETURNING says of some rows.
fn add_returned(
    to: &mut Laid,
    returning: Option<&Returning>,
    rows: &Batch,
    txn: &Txn,
    env: &Env,
) -> Result<()> {
    let Some(returning) = returning.filter(|_| rows.rows > 0) else { return Ok(()) };
    to.push(Batch::new(evaluate(&returning.exprs, rows, &Run::new(env, Some(txn)))?, rows.rows), env)
}

/// An INSERT on its way.
struct Insert<'a> {
    table: &'a Arc<TableDef>,
    rules: Option<&'a Rules>,
    returning: Option<&'a Returning>,
    /// For DO UPDATE: the keys that this statement inserted or updated.
    touched: FxHashSet<Key>,
    due: &'a mut Due,
}

impl Insert<'_> {
    /// Inserts all rows of the input: all declared columns in order.
    fn run(
        &mut self,
        conflict: Option<&Conflict>,
        mut input: Input,
        txn: &mut Txn,
        env: &Env,
        returned: &mut Laid,
    ) -> Result<u64> {
        let mut affected = 0;
        while let Some(batch) = pull(&mut input, &Run::new(env, Some(txn)))? {
            let batch = rules::obeyed(self.rules, batch.compact(), &Run::new(env, None))?;
            let written = match conflict {
                None => {
                    txn.insert(self.table, &batch)?;
                    rules::shown(self.rules, &batch, &Run::new(env, None))?;
                    self.due.written(self.rules, None, Some(&batch), txn, env)?;
                    batch
                }
                Some(conflict) => self.resolve(conflict, batch, txn, env)?,
            };
            affected += written.rows as u64;
            add_returned(returned, self.returning, &written, txn, env)?;
        }
        Ok(affected)
    }

    /// Inserts the rows whose keys are free and deals with the others; the rows as they are now.
    fn resolve(&mut self, conflict: &Conflict, batch: Batch, txn: &mut Txn, env: &Env) -> Result<Batch> {
        let taken = txn.insert_free(self.table, &batch, conflict.arbiters.as_deref())?;
        let mut next = taken.rows.iter().map(|taken| taken.row).peekable();
        let free: Vec<u32> = (0..batch.rows as u32).filter(|row| next.next_if_eq(row).is_none()).collect();
        if self.rules.is_some() {
            let inserted = gathered(&batch, &free);
            rules::shown(self.rules, &inserted, &Run::new(env, None))?;
            self.due.written(self.rules, None, Some(&inserted), txn, env)?;
        }
        let Some(update) = &conflict.update else { return Ok(gathered(&batch, &free)) };
        // Rows of one batch have different keys, or the second is taken; what an update touches has another row's.
        self.touched.extend(taken.inserted);
        // Of each row that comes out: its place among those of the batch, followed by the updated ones.
        let mut places = vec![None; batch.rows];
        free.iter().for_each(|&row| places[row as usize] = Some(row));
        let mut updated: Vec<Batch> = vec![batch.clone()];
        for TakenRow { row, key, .. } in taken.rows {
            if !self.touched.insert(key.clone()) {
                let message = "ON CONFLICT DO UPDATE command cannot affect row a second time";
                return Err(Error::new(state::CARDINALITY_VIOLATION, message)
                    .with_hint("Ensure that no rows proposed for insertion within the same command have duplicate constrained values."));
            }
            if let Some(new) = self.update(update, conflict, &key, gathered(&batch, &[row]), txn, env)? {
                places[row as usize] = Some((batch.rows + updated.len() - 1) as u32);
                updated.push(new);
            }
        }
        let places: Vec<u32> = places.into_iter().flatten().collect();
        let column = |i: usize| {
            let parts: Vec<Column> = updated.iter().map(|batch| batch.columns[i].clone()).collect();
            Column::concat(batch.columns[i].ty(), &parts).gather(&places)
        };
        Ok(Batch::new((0..batch.columns.len()).map(column).collect(), places.len()))
    }

    /// Updates the row with a key that was to be inserted again; None where WHERE says no.
    fn update(
        &mut self,
        update: &[Expr],
        conflict: &Conflict,
        key: &Key,
        excluded: Batch,
        txn: &mut Txn,
        env: &Env,
    ) -> Result<Option<Batch>> {
        let all: Vec<usize> = (0..self.table.columns.len()).collect();
        // Committed since the snapshot: not there yet for this statement.
        let Some(held) = txn.get(self.table, key, &all)? else { return Err(Error::restart()) };
        let mut columns = Vec::with_capacity(2 * held.len());
        for (value, column) in held.into_iter().zip(&self.table.columns) {
            columns.push(Column::from_values(column.ty, [value.loaded()?])?);
        }
        columns.extend(excluded.columns);
        let both = Batch::new(columns, 1);
        let run = Run::new(env, Some(txn));
        for (view, condition) in &conflict.visible {
            if condition.filter(&both, &run.eval())?.is_empty() {
                let message = format!("conflicting row is not visible through view \"{view}\"");
                return Err(Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, message));
            }
        }
        if let Some(filter) = &conflict.filter
            && filter.filter(&both, &run.eval())?.is_empty()
        {
            return Ok(None);
        }
        let new = Batch::new(evaluate(update, &both, &run)?, 1);
        let run = Run::new(env, None);
        let new = rules::obeyed(self.rules, new, &run)?;
        let types = self.table.primary().types;
        let old = key_values(self.table, key)?.into_iter().zip(types);
        let old = old.map(|(value, ty)| Column::from_values(ty, [value])).collect::<Result<_>>()?;
        txn.update(self.table, &Batch::new(old, 1), &[RowId::unpack(NOWHERE)], &new, &conflict.assigned)?;
        rules::shown(self.rules, &new, &run)?;
        if let Some(rules) = self.rules {
            let held = rules.old.iter().filter_map(|&column| both.columns.get(column).cloned()).collect();
            self.due.written(self.rules, Some(&Batch::new(held, 1)), Some(&new), txn, env)?;
        }
        let columns = new.columns.iter().map(Column::flatten).collect();
        Ok(Some(Batch::new(columns, 1)))
    }
}

/// Where a row lies that was found by its key.
const NOWHERE: i64 = -1;

pub(super) fn gathered(batch: &Batch, rows: &[u32]) -> Batch {
    Batch::new(batch.columns.iter().map(|column| column.gather(rows)).collect(), rows.len())
}

/// An UPDATE or a DELETE on its way.
struct Change<'a> {
    table: &'a Arc<TableDef>,
    /// The columns that the statement sets.
    assigned: &'a [usize],
    rules: Option<&'a Rules>,
    returning: Option<&'a Returning>,
    due: &'a mut Due,
    changed: Option<&'a mut Changed>,
}

/// What a MERGE, or the statements of a WITH, have changed of rows that their transaction had written before: their keys. Of others the
/// transaction itself knows.
struct Changed {
    /// Of a WITH: of the changes of a row the first is made. It is an error in MERGE.
    passes_over: bool,
    /// No other part of the statement writes, or all are meant.
    alone: bool,
    keys: FxHashSet<(TableId, Key)>,
    held: usize,
    memory: Reservation,
}

impl Changed {
    fn new(passes_over: bool, alone: bool, env: &Env) -> Self {
        let memory = env.context.memory.reserve();
        Changed { passes_over, alone, keys: FxHashSet::default(), held: 0, memory }
    }

    /// 21000 where one of these rows was changed before, or is there twice.
    fn add(&mut self, table: &TableDef, keys: &Batch, at: &[RowId], txn: &Txn) -> Result<()> {
        if self.passes_over || self.first(table, keys, at, txn)?.len() == keys.rows {
            return Ok(());
        }
        let message = "MERGE command cannot affect row a second time";
        let hint = "Ensure that not more than one source row matches any one target row.";
        Err(Error::new(state::CARDINALITY_VIOLATION, message).with_hint(hint))
    }

    /// Those of the rows that are changed for the first time.
    fn first(&mut self, table: &TableDef, keys: &Batch, at: &[RowId], txn: &Txn) -> Result<Vec<u32>> {
        let columns: Vec<&Column> = keys.columns.iter().collect();
        let (mut here, mut first) = (FxHashSet::default(), Vec::with_capacity(keys.rows));
        for (row, changed) in txn.deleted_since(table, keys, at)?.into_iter().enumerate() {
            let again = match changed.filter(|_| self.alone) {
                Some(changed) => changed || !here.insert(at.get(row).copied()),
                None => {
                    let key = Key::from_row(&columns, row);
                    self.held += 2 * size_of::<(TableId, Key)>() + key.as_bytes().len();
                    !self.keys.insert((table.id, key))
                }
            };
            if !again {
                first.push(row as u32);
            }
        }
        self.memory.hold(self.held)?;
        Ok(first)
    }
}

impl Change<'_> {
    /// The rows of a batch but for those that another statement of the WITH has changed.
    fn left(&mut self, batch: Batch, keys: usize, txn: &Txn) -> Result<Batch> {
        let Some(changed) = self.changed.as_mut().filter(|changed| changed.passes_over) else {
            return Ok(batch);
        };
        let at = row_ids(batch.columns.get(keys).cloned())?;
        let key = Batch::new(batch.columns.iter().take(keys).cloned().collect(), batch.rows);
        let first = changed.first(self.table, &key, &at, txn)?;
        Ok(if first.len() < batch.rows { gathered(&batch, &first) } else { batch })
    }

    /// Takes what the rules read of the old rows off a batch.
    fn take_old(&self, columns: &mut Vec<Column>, rows: usize) -> Option<Batch> {
        let read = self.rules.map_or(0, |rules| rules.old.len());
        let old = columns.split_off(columns.len().saturating_sub(read));
        self.rules.map(|_| Batch::new(old, rows))
    }

    /// Replaces rows: the input delivers their keys, where they lie, and the new rows.
    fn run(mut self, mut input: Input, txn: &mut Txn, env: &Env, returned: &mut Laid) -> Result<u64> {
        let (keys, width) = (self.table.key_columns().len(), self.table.columns.len());
        let mut affected = 0;
        while let Some(batch) = pull(&mut input, &Run::new(env, Some(txn)))? {
            let mut batch = self.left(batch.compact(), keys, txn)?;
            if batch.columns.len() < keys + 1 + width {
                return Err(Error::internal("an update of the wrong width"));
            }
            let old = self.take_old(&mut batch.columns, batch.rows);
            let mut all = batch.columns.split_off(keys + 1);
            let beside = all.split_off(width);
            let new = rules::obeyed(self.rules, Batch::new(all, batch.rows), &Run::new(env, None))?;
            let at = row_ids(batch.columns.pop())?;
            self.changed.as_mut().map_or(Ok(()), |changed| changed.add(self.table, &batch, &at, txn))?;
            txn.update(self.table, &batch, &at, &new, self.assigned)?;
            rules::shown(self.rules, &new, &Run::new(env, None))?;
            self.due.written(self.rules, old.as_ref(), Some(&new), txn, env)?;
            let all = Batch::new(new.columns.into_iter().chain(beside).collect(), batch.rows);
            add_returned(returned, self.returning, &all, txn, env)?;
            affected += batch.rows as u64;
        }
        Ok(affected)
    }

    /// Deletes rows: the input delivers their keys and where they lie.
    fn delete(mut self, mut input: Input, txn: &mut Txn, env: &Env, returned: &mut Laid) -> Result<u64> {
        let keys = self.table.key_columns().len();
        let mut affected = 0;
        while let Some(batch) = pull(&mut input, &Run::new(env, Some(txn)))? {
            let mut batch = self.left(batch.compact(), keys, txn)?;
            let old = self.take_old(&mut batch.columns, batch.rows);
            let rest = Batch::new(batch.columns.split_off((keys + 1).min(batch.columns.len())), batch.rows);
            let at = row_ids(batch.columns.pop())?;
            self.changed.as_mut().map_or(Ok(()), |changed| changed.add(self.table, &batch, &at, txn))?;
            txn.delete(self.table, &batch, &at)?;
            self.due.written(self.rules, old.as_ref(), None, txn, env)?;
            add_returned(returned, self.returning, &rest, txn, env)?;
            affected += batch.rows as u64;
        }
        Ok(affected)
    }
}

pub(super) fn row_ids(column: Option<Column>) -> Result<Vec<RowId>> {
    match column.map(|column| column.flatten()).as_ref().map(Column::data) {
        Some(ColumnData::I64(packed)) => Ok(packed.iter().copied().map(RowId::unpack).collect()),
        _ => Err(Error::internal("rows without their places")),
    }
}
