//! Foreign keys of the rows that a statement writes: parents looked for at once, children when the statement ends.
//!
//! What a parent's going, or its new key, means for children waits in a queue until all rows of the statement are written, as
//! PostgreSQL's triggers do. Then each entry is looked at or acted on in its turn; what that changes may put more behind it, in a
//! circle too: it ends, for a row goes once, and a key that stays what it was is no change.
//!
//! ```text
//! DELETE FROM a WHERE id = 1      queue: (a.1 went, b refers, CASCADE) (a.1 went, c refers, NO ACTION)
//!   b's rows naming 1 go          queue: (a.1 went, c refers, NO ACTION) (b.7 and b.8 went, d refers, SET NULL)
//!   c has no row naming 1
//!   d's rows naming 7 or 8 …      nothing is left; last, parents that were not there are looked for again
//! ```
//!
//! Keys of one foreign key wait together, so that children are looked for once for many of them; on disk where memory is short
//! ([`Laid`]).

use super::laid::Laid;
use super::{Env, Run, rules};
use crate::sql::ast::ReferenceAction;
use crate::sql::bind::response;
use crate::sql::plan::{Referred, Response, Rules};
use remanent_storage::error::{Error, Result};
use remanent_storage::txn::Txn;
use remanent_storage::value::{Batch, Column, Key};
use std::collections::VecDeque;
use std::sync::Arc;

/// For how many keys children are looked for together: for fewer where that would take more than a quarter of what operators may hold.
const TOGETHER: usize = 1 << 16;
/// What looking for a key takes: the key in several forms.
const LOOK: usize = 400;

/// What a statement's foreign keys wait for.
#[derive(Default)]
pub struct Due {
    queue: VecDeque<Gone>,
}

/// Keys of parents that went, or became others.
struct Gone {
    referred: Arc<Referred>,
    action: ReferenceAction,
    /// Batches of them, columns in the order of the foreign key.
    old: Laid,
    /// What they became.
    new: Laid,
}

impl Due {
    /// Rows were written: the old ones as far as the rules read them, and the new ones whole.
    pub fn written(
        &mut self,
        rules: Option<&Rules>,
        old: Option<&Batch>,
        new: Option<&Batch>,
        txn: &mut Txn,
        env: &Env,
    ) -> Result<()> {
        let Some(rules) = rules else { return Ok(()) };
        if let Some(new) = new {
            for key in &rules.references {
                let columns = picked(new, &key.columns)?;
                match old {
                    None => txn.refer(key, new)?,
                    Some(old) => {
                        let before = picked(old, &places(rules, &key.columns)?)?;
                        let changed = changed(&before, &columns, false);
                        txn.refer(key, &gathered(new, &changed))?;
                    }
                }
            }
        }
        let Some(old) = old else { return Ok(()) };
        for referred in &rules.referred {
            let key = &referred.key;
            let before = picked(old, &places(rules, &key.referred)?)?;
            let (rows, after) = match new {
                None => (whole(&before), None),
                Some(new) => {
                    let after = picked(new, &key.referred)?;
                    (changed(&before, &after, true), Some(after))
                }
            };
            if rows.is_empty() {
                continue;
            }
            let action = if new.is_some() { referred.on_update } else { referred.on_delete };
            let (before, after) = (gathered(&before, &rows), after.map(|after| gathered(&after, &rows)));
            match action == ReferenceAction::NoAction && txn.is_deferred(key) {
                true => txn.leave_referred(key, &before)?,
                false => self.push(referred, action, before, after, env)?,
            }
        }
        Ok(())
    }

    fn push(
        &mut self,
        referred: &Arc<Referred>,
        action: ReferenceAction,
        old: Batch,
        new: Option<Batch>,
        env: &Env,
    ) -> Result<()> {
        let joins =
            |gone: &Gone| Arc::ptr_eq(&gone.referred, referred) && gone.new.is_empty() == new.is_none();
        let at = self.queue.iter().rposition(joins).unwrap_or_else(|| {
            let (referred, old, new) = (Arc::clone(referred), Laid::default(), Laid::default());
            self.queue.push_back(Gone { referred, action, old, new });
            self.queue.len() - 1
        });
        let Some(gone) = self.queue.get_mut(at) else { return Ok(()) };
        gone.old.push(old, env)?;
        new.map_or(Ok(()), |new| gone.new.push(new, env))
    }

    /// All rows of the statement are written: looks and acts until nothing waits any more.
    pub fn settle(&mut self, txn: &mut Txn, env: &Env) -> Result<()> {
        while let Some(mut gone) = self.queue.pop_front() {
            while let Some((old, new)) = gone.some(env.context.memory.limit() / 4)? {
                self.act(&gone.referred, gone.action, &old, &new, txn, env)?;
            }
        }
        txn.settle_foreign_keys()
    }

    fn act(
        &mut self,
        referred: &Arc<Referred>,
        action: ReferenceAction,
        old: &Batch,
        new: &Batch,
        txn: &mut Txn,
        env: &Env,
    ) -> Result<()> {
        use ReferenceAction as R;
        let update = !new.columns.is_empty();
        match action {
            R::NoAction => return txn.check_unreferred(&referred.key, old, false),
            R::Restrict => return txn.check_unreferred(&referred.key, old, true),
            R::Cascade | R::SetNull | R::SetDefault => {}
        }
        let response = responding(referred, update, txn, env)?;
        match &response.set {
            None => self.delete(referred, response, old, txn, env)?,
            Some(set) => self.update(referred, response, set, (old, new), txn, env)?,
        }
        match action {
            // The default may be the very key that went.
            R::SetDefault => txn.check_unreferred(&referred.key, old, false),
            _ => Ok(()),
        }
    }

    fn delete(
        &mut self,
        referred: &Referred,
        response: &Response,
        old: &Batch,
        txn: &mut Txn,
        env: &Env,
    ) -> Result<()> {
        let child = &referred.key.child;
        let rules = response.rules.as_deref();
        let identity = child.key_columns();
        let read = rules.map_or(&[][..], |rules| &rules.old);
        let columns: Vec<usize> = identity.iter().chain(read).copied().collect();
        let mut referring = txn.referring(&referred.key, old, &columns)?;
        while let Some((rows, _)) = referring.next()? {
            env.context.interrupt.check()?;
            let at = super::write::row_ids(rows.columns.last().cloned())?;
            let key = picked(&rows, &(0..identity.len()).collect::<Vec<_>>())?;
            let gone = picked(&rows, &(identity.len()..columns.len()).collect::<Vec<_>>())?;
            txn.delete(child, &key, &at)?;
            self.written(rules, Some(&gone), None, txn, env)?;
        }
        Ok(())
    }

    fn update(
        &mut self,
        referred: &Referred,
        response: &Response,
        set: &[(usize, crate::sql::expr::Expr)],
        (old, new): (&Batch, &Batch),
        txn: &mut Txn,
        env: &Env,
    ) -> Result<()> {
        let (child, run) = (&referred.key.child, Run::new(env, None));
        let rules = response.rules.as_deref();
        let (identity, width) = (child.key_columns(), child.columns.len());
        let mut columns: Vec<usize> = (0..width).collect();
        // The key that is hidden.
        columns.extend(identity.iter().filter(|&&column| column >= width));
        let mut referring = txn.referring(&referred.key, old, &columns)?;
        while let Some((rows, named)) = referring.next()? {
            env.context.interrupt.check()?;
            let at = super::write::row_ids(rows.columns.last().cloned())?;
            let key = picked(&rows, &identity)?;
            let before = picked(&rows, rules.map_or(&[][..], |rules| &rules.old))?;
            let values = match new.columns.is_empty() {
                true => Batch::new(Vec::new(), rows.rows),
                false => gathered(new, &named),
            };
            let mut after: Vec<Column> = rows.columns.into_iter().take(width).collect();
            for (column, expr) in set {
                if let Some(place) = after.get_mut(*column) {
                    *place = expr.evaluate(&values, &run.eval())?.flatten();
                }
            }
            let after = rules::obeyed(rules, Batch::new(after, at.len()), &run)?;
            txn.update(child, &key, &at, &after, &response.assigned)?;
            self.written(rules, Some(&before), Some(&after), txn, env)?;
        }
        Ok(())
    }
}

impl Gone {
    /// The next keys, as many as go together, which is about so many bytes at most, and what they became; None: there are no more.
    fn some(&mut self, most: usize) -> Result<Option<(Batch, Batch)>> {
        let (mut old, mut new, mut rows, mut bytes) = (Vec::new(), Vec::new(), 0, 0);
        while rows < TOGETHER
            && bytes < most
            && let Some(batch) = self.old.take()?
        {
            let after = self.new.take()?;
            rows += batch.rows;
            bytes += LOOK * batch.rows + weight(&batch) + after.as_ref().map_or(0, weight);
            old.push(batch);
            new.extend(after);
        }
        Ok((rows > 0).then(|| (joined(old), joined(new))))
    }
}

/// What an action does, found out when it first has something to do.
fn responding<'a>(referred: &'a Referred, update: bool, txn: &Txn, env: &Env) -> Result<&'a Response> {
    let place = if update { &referred.updated } else { &referred.deleted };
    if let Some(known) = place.get() {
        return Ok(known);
    }
    let made = response(referred, update, txn.catalog(), &env.context.path)?;
    Ok(place.get_or_init(|| made))
}

/// Rows that a statement's end will not wait for: those who load rows batch by batch look for their parents so.
pub fn refer(rules: Option<&Rules>, rows: &Batch, txn: &mut Txn) -> Result<()> {
    rules.into_iter().flat_map(|rules| &rules.references).try_for_each(|key| txn.refer(key, rows))
}

/// Where columns stand among the old ones that rules read.
fn places(rules: &Rules, columns: &[usize]) -> Result<Vec<usize>> {
    let place = |column: &usize| rules.old.iter().position(|held| held == column);
    let places = columns.iter().map(place).collect::<Option<_>>();
    places.ok_or_else(|| Error::internal("a column of an old row was not read"))
}

fn picked(rows: &Batch, columns: &[usize]) -> Result<Batch> {
    let missing = || Error::internal("a column was not read");
    let column = |&place: &usize| rows.columns.get(place).ok_or_else(missing)?.loaded();
    Ok(Batch::new(columns.iter().map(column).collect::<Result<_>>()?, rows.rows))
}

fn gathered(rows: &Batch, chosen: &[u32]) -> Batch {
    match chosen.len() == rows.rows {
        true => rows.clone(),
        false => super::write::gathered(rows, chosen),
    }
}

/// The rows without a NULL.
fn whole(rows: &Batch) -> Vec<u32> {
    let valid = |row: &u32| rows.columns.iter().all(|column| column.is_valid(*row as usize));
    (0..rows.rows as u32).filter(valid).collect()
}

/// The rows in which some column is not what it was; of those that were `whole` before only, where that is said.
fn changed(before: &Batch, after: &Batch, only_whole: bool) -> Vec<u32> {
    let (old, new): (Vec<&Column>, Vec<&Column>) =
        (before.columns.iter().collect(), after.columns.iter().collect());
    let differs = |row: &u32| {
        let row = *row as usize;
        Key::from_row(&old, row) != Key::from_row(&new, row)
    };
    let rows = if only_whole { whole(before) } else { (0..before.rows as u32).collect() };
    rows.into_iter().filter(differs).collect()
}

/// Several batches as one; none as one without columns.
fn joined(mut batches: Vec<Batch>) -> Batch {
    match (batches.pop(), batches.is_empty()) {
        (None, _) => Batch::new(Vec::new(), 0),
        (Some(only), true) => only,
        (Some(last), false) => {
            batches.push(last);
            let rows = batches.iter().map(|batch| batch.rows).sum();
            let width = batches.first().map_or(0, |batch| batch.columns.len());
            let column = |i: usize| {
                let parts: Vec<Column> =
                    batches.iter().filter_map(|batch| batch.columns.get(i)).map(Column::flatten).collect();
                Column::concat(parts[0].ty(), &parts)
            };
            Batch::new((0..width).map(column).collect(), rows)
        }
    }
}

fn weight(rows: &Batch) -> usize {
    rows.columns.iter().map(Column::weight).sum()
}
