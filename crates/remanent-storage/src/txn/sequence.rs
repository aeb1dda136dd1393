//! Sequences: numbers that are never given twice, whatever becomes of the transaction that asked.
//!
//! A sequence is a table of one row, the number given last. It is updated by transactions of its own, each for the
//! next [`AHEAD`] numbers, so a number costs no record and no sync of its own:
//!
//! ```text
//!   in the log   last_value 32                      last_value 64
//!   in memory    1 2 3 … 32                         33 34 …                  a crash here: 65 comes next
//! ```
//!
//! The record is committed before the first of its numbers is given, as the session commits: with `synchronous_commit` off a
//! power cut may take it along with all that could have used its numbers. A close writes down where each sequence stands.
//!
//! A sequence that a running transaction has made is known to that one only: its numbers are in memory, and what they have
//! come to is written with the transaction's commit.

use super::{Txn, undefined_table};
use crate::error::{Error, Result, SqlState};
use crate::map::SortedMap;
use crate::table::{ColumnDef, RelationKind, SequenceDef, TableDef, TableId};
use crate::txn::Interrupt;
use crate::txn::core::Core;
use crate::txn::keys::KeyRun;
use crate::txn::locker::SessionLocks;
use crate::txn::locks::{Mode, Target};
use crate::value::{Column, Key, Type, Value};
use crate::world::mutation;
use crate::world::sync::Mutex;
use std::sync::Arc;

/// How many numbers a record is for, as in PostgreSQL.
const AHEAD: u32 = 32;

/// PostgreSQL's sequence_generator_limit_exceeded.
const LIMIT_EXCEEDED: SqlState = SqlState("2200H");

/// Where the sequences stand that were asked since the store was opened.
#[derive(Default)]
pub struct Sequences {
    states: Mutex<SortedMap<TableId, State>>,
}

/// Where a sequence stands.
#[derive(Debug, Clone, Copy)]
struct State {
    last: i64,
    /// False: `last` comes next.
    called: bool,
    /// How many more the log knows as given; None: a running transaction has made the sequence.
    left: Option<u32>,
}

/// Who asks for numbers.
pub struct Asker<'a> {
    /// The session, by which deadlocks are found.
    pub session: Option<&'a Arc<SessionLocks>>,
    /// What ends the statement.
    pub interrupt: &'a Arc<Interrupt>,
    /// Records are synced before their numbers are given.
    pub durable: bool,
}

/// The columns of a sequence. Its key never changes.
pub fn columns() -> Vec<ColumnDef> {
    let column = |name: &str, ty| ColumnDef { not_null: true, ..ColumnDef::new(name, ty) };
    vec![column("last_value", Type::Int8), column("log_cnt", Type::Int8), column("is_called", Type::Bool)]
}

/// The positions of its key's columns.
pub const KEY: usize = 1;

fn key() -> Vec<Value> {
    vec![Value::Int8(0)]
}

fn row(state: State) -> Result<Vec<Column>> {
    [Value::Int8(state.last), Value::Int8(0), Value::Bool(state.called)]
        .into_iter()
        .zip([Type::Int8, Type::Int8, Type::Bool])
        .map(|(value, ty)| Column::from_values(ty, [value]))
        .collect()
}

fn rules(def: &TableDef) -> Result<&SequenceDef> {
    match &def.kind {
        RelationKind::Sequence(rules) => Ok(rules),
        _ => Err(Error::internal("a relation that is no sequence was asked for numbers")),
    }
}

impl State {
    /// The number that comes next; 2200H where none does.
    fn next(&self, name: &str, rules: &SequenceDef) -> Result<i64> {
        if !self.called {
            return Ok(self.last);
        }
        let next = self.last.checked_add(rules.increment);
        let up = rules.increment > 0;
        match next.filter(|next| (rules.min..=rules.max).contains(next)) {
            Some(next) => Ok(next),
            None if rules.cycle => Ok(if up { rules.min } else { rules.max }),
            None => {
                let (which, limit) = if up { ("maximum", rules.max) } else { ("minimum", rules.min) };
                let message = format!("nextval: reached {which} value of sequence \"{name}\" ({limit})");
                Err(Error::new(LIMIT_EXCEEDED, message))
            }
        }
    }

    /// Where it stands after so many numbers more, or at its end.
    fn after(mut self, name: &str, rules: &SequenceDef) -> State {
        for _ in 0..AHEAD {
            match self.next(name, rules) {
                Ok(next) => (self.last, self.called) = (next, true),
                Err(_) => break,
            }
        }
        self
    }
}

impl Core {
    /// The next number of a sequence.
    pub fn next_value(self: &Arc<Self>, def: &TableDef, asker: &Asker<'_>) -> Result<i64> {
        let rules = rules(def)?;
        loop {
            if let Some(state) = self.sequences.states.lock().get_mut(&def.id) {
                let next = state.next(&def.name, rules)?;
                if state.left != Some(0) {
                    (state.last, state.called) = (next, true);
                    state.left = state.left.map(|left| left - 1);
                    return Ok(next);
                }
            }
            self.write_sequence(def, asker, None)?;
        }
    }

    /// Lets a sequence go on behind `last`, or with it where that was not `called`.
    pub fn set_value(
        self: &Arc<Self>,
        def: &TableDef,
        last: i64,
        called: bool,
        asker: &Asker<'_>,
    ) -> Result<()> {
        rules(def)?;
        if let Some(state) = self.sequences.states.lock().get_mut(&def.id)
            && state.left.is_none()
        {
            (state.last, state.called) = (last, called);
            return Ok(());
        }
        self.write_sequence(def, asker, Some(State { last, called, left: Some(0) }))
    }

    /// Where a sequence stands: the last number, and whether it was given.
    pub fn last_value(self: &Arc<Self>, def: &TableDef) -> Result<(i64, bool)> {
        if let Some(state) = self.sequences.states.lock().get(&def.id) {
            return Ok((state.last, state.called));
        }
        let state = Txn::new(Arc::clone(self), false).sequence_row(def)?;
        Ok((state.last, state.called))
    }

    /// Writes down the next numbers as given, or where the sequence is set to.
    fn write_sequence(self: &Arc<Self>, def: &TableDef, asker: &Asker<'_>, set: Option<State>) -> Result<()> {
        let mut txn = Txn::new(Arc::clone(self), asker.durable);
        txn.set_interrupt(Arc::clone(asker.interrupt));
        asker.session.into_iter().for_each(|session| txn.set_session(session));
        self.writable()?;
        // One after the other; who waited finds what the one before has written.
        txn.lock(Target::Row(def.id, Key::encode(&key())), Mode::Update)?;
        txn.begin_statement();
        let known = self.sequences.states.lock().get(&def.id).copied();
        if set.is_none() && known.is_some_and(|state| state.left != Some(0)) {
            return Ok(());
        }
        let state = match set.or(known) {
            Some(state) => state,
            None => txn.sequence_row(def)?,
        };
        let written = if set.is_some() { state } else { state.after(&def.name, rules(def)?) };
        if !mutation("sequence_without_record") {
            txn.update_sequence(def, written)?;
            txn.commit()?;
        }
        let left = Some(if set.is_some() { 0 } else { AHEAD });
        self.sequences.states.lock().insert(def.id, State { left, ..state });
        Ok(())
    }

    /// Writes down where the sequences stand, so that a clean end leaves no gaps.
    pub fn settle_sequences(self: &Arc<Self>) -> Result<()> {
        let states: Vec<(TableId, State)> =
            self.sequences.states.lock().iter().map(|(&id, &state)| (id, state)).collect();
        let catalog = self.snapshots.catalog();
        for (id, state) in states.into_iter().filter(|(_, state)| state.left.is_some_and(|left| left > 0)) {
            let Some(table) = catalog.by_id(id) else { continue };
            let mut txn = Txn::new(Arc::clone(self), false);
            txn.update_sequence(&table.def, state)?;
            txn.commit()?;
            self.sequences.states.lock().remove(&id);
        }
        Ok(())
    }

    /// The sequence is gone.
    pub fn forget_sequence(&self, id: TableId) {
        self.sequences.states.lock().remove(&id);
    }
}

impl Txn {
    /// Gives a sequence that this transaction has just made its row.
    pub(super) fn begin_sequence(&mut self, def: &TableDef) -> Result<()> {
        let rules = rules(def)?;
        let state = State { last: rules.start, called: false, left: None };
        let def = self.defined(def.id)?;
        let table = self.begin_write(&def, 1)?;
        self.insert_stored(&table, &row(state)?, None, None)?;
        self.core.sequences.states.lock().insert(def.id, state);
        self.sequences.push(def.id);
        Ok(())
    }

    /// Puts a sequence that goes on from another place into the place of one.
    pub fn restart_sequence(
        &mut self,
        old: &Arc<TableDef>,
        new: TableDef,
        last: i64,
        called: bool,
    ) -> Result<Arc<TableDef>> {
        let new = self.replace(old, new)?;
        self.core.sequences.states.lock().insert(new.id, State { last, called, left: None });
        Ok(new)
    }

    /// Writes what the sequences have come to that this transaction made.
    pub(super) fn write_own_sequences(&mut self) -> Result<()> {
        for id in self.sequences.clone() {
            let Some(def) = self.catalog().by_id(id).map(|table| Arc::clone(&table.def)) else { continue };
            let Some(state) = self.core.sequences.states.lock().get(&id).copied() else { continue };
            let ahead = state.after(&def.name, rules(&def)?);
            self.update_sequence(&def, ahead)?;
            self.core.sequences.states.lock().insert(id, State { left: Some(AHEAD), ..state });
        }
        Ok(())
    }

    /// Forgets the sequences that this transaction made and nobody else will know.
    pub(super) fn forget_own_sequences(&self) {
        self.sequences.iter().for_each(|&id| self.core.forget_sequence(id));
    }

    fn update_sequence(&mut self, def: &TableDef, state: State) -> Result<()> {
        let found = self.catalog().by_id(def.id).map(|table| Arc::clone(&table.def));
        let def = found.ok_or_else(|| undefined_table(&def.name))?;
        let table = self.begin_write(&def, 1)?;
        let keys = KeyRun::of_keys(&[Key::encode(&key())]);
        self.delete_stored(&table, &keys, &[], Some(&keys))?;
        self.insert_stored(&table, &row(state)?, Some(&keys), Some(Box::from([0b101u8])))
    }

    fn sequence_row(&self, def: &TableDef) -> Result<State> {
        let found = self.catalog().by_id(def.id).map(|table| Arc::clone(&table.def));
        let def = found.ok_or_else(|| undefined_table(&def.name))?;
        match self.get(&def, &Key::encode(&key()), &[0, 2])?.as_deref() {
            Some([Value::Int8(last), Value::Bool(called)]) => {
                Ok(State { last: *last, called: *called, left: Some(0) })
            }
            _ => Err(Error::internal("a sequence without its row")),
        }
    }
}
