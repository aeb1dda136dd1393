//! What foreign keys have still to look at: keys whose rows were not there, or not gone, when they were asked for.
//!
//! Keys are remembered for each constraint and side, once, in the order they came. They are looked at when their constraint is due: at
//! the end of the statement, when SET CONSTRAINTS says so, or at commit. Then only those fail which some row still names.
//!
//! ```text
//!   INSERT INTO child naming 7, deferred         child's key 7 is open
//!   INSERT INTO parent, row 7                    nothing is looked at
//!   COMMIT                                       7 is there: locked, and done
//! ```
//!
//! A list only grows while a transaction may be rolled back to a savepoint, so what a savepoint keeps of it are two lengths:
//! how many keys there were, and how many of them had been looked at.

use super::{ForeignKey, key_of_row};
use crate::error::{Error, Result, state};
use crate::table::version::Table;
use crate::table::{TableDef, TableId};
use crate::txn::Txn;
use crate::value::{Batch, Column, Key, Value, key};
use crate::world::mutation;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How many keys are looked for at once.
const AT_ONCE: usize = 1 << 14;
/// About what a key takes beside its bytes, in both places.
const KEY_BYTES: usize = 64;

/// Whose keys a list has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// A child was written whose parent was not there.
    Child,
    /// A parent went that children may name.
    Parent,
}

/// The keys of one constraint that are still to be looked at.
struct List {
    side: Side,
    /// In the order they came, in the form of their own side.
    keys: Vec<Key>,
    /// Those of them that were not looked at.
    seen: FxHashSet<Key>,
    bytes: usize,
    state: State,
}

/// How far a list has come.
#[derive(Clone)]
struct State {
    /// The constraint as its tables are now.
    key: Arc<ForeignKey>,
    len: usize,
    /// How many of its keys were looked at and are done.
    done: usize,
    /// Rows were written that the constraint has not been due for.
    touched: bool,
    /// There were too many keys to remember: all rows are looked at.
    all: bool,
}

/// When constraints are due, where SET CONSTRAINTS has said so: for all, or by table and name.
#[derive(Clone, Default)]
struct Modes {
    all: Option<bool>,
    named: BTreeMap<(TableId, String), bool>,
}

/// What a transaction's foreign keys have still to look at.
#[derive(Default)]
pub struct Open {
    lists: Vec<List>,
    modes: Arc<Modes>,
    /// How many locks it took on parents.
    pub(super) locked: usize,
}

/// How far it had come.
#[derive(Clone, Default)]
pub struct Mark {
    states: Vec<State>,
    modes: Arc<Modes>,
    locked: usize,
}

impl Open {
    pub fn mark(&self) -> Mark {
        let states = self.lists.iter().map(|list| list.state.clone()).collect();
        Mark { states, modes: Arc::clone(&self.modes), locked: self.locked }
    }

    pub fn rollback_to(&mut self, mark: &Mark) {
        self.lists.truncate(mark.states.len());
        for (list, state) in self.lists.iter_mut().zip(&mark.states) {
            list.rollback_to(state.clone());
        }
        (self.modes, self.locked) = (Arc::clone(&mark.modes), mark.locked);
    }

    fn is_deferred(&self, key: &ForeignKey) -> bool {
        let named = (!self.modes.named.is_empty()).then(|| (key.child.id, key.name.clone()));
        let said = named.and_then(|name| self.modes.named.get(&name).copied()).or(self.modes.all);
        key.deferrable && said.unwrap_or(key.deferred)
    }

    /// The list of a constraint's side; made where there is none.
    fn list(&mut self, key: &Arc<ForeignKey>, side: Side) -> Option<&mut List> {
        let named = |key: &ForeignKey| (key.child.schema.clone(), key.child.name.clone(), key.name.clone());
        let is = |list: &List| list.side == side && named(&list.state.key) == named(key);
        let place = self.lists.iter().position(is).unwrap_or_else(|| {
            let state = State { key: Arc::clone(key), len: 0, done: 0, touched: false, all: false };
            self.lists.push(List { side, keys: Vec::new(), seen: FxHashSet::default(), bytes: 0, state });
            self.lists.len() - 1
        });
        let list = self.lists.get_mut(place)?;
        list.state.key = Arc::clone(key);
        Some(list)
    }

    /// True if rows were written in a table whose foreign keys have still to look at something.
    fn has(&self, table: TableId) -> bool {
        let written = |list: &&List| match list.side {
            Side::Child => list.state.key.child.id == table,
            Side::Parent => list.state.key.parent.id == table,
        };
        self.lists.iter().filter(written).any(List::is_open)
    }
}

impl List {
    fn is_open(&self) -> bool {
        self.state.touched || self.state.all || self.state.done < self.state.len
    }

    fn push(&mut self, key: &[u8], room: usize) {
        if self.state.all || self.seen.contains(key) {
            return;
        }
        self.bytes += 2 * key.len() + KEY_BYTES;
        if self.bytes > room {
            self.state.all = true;
            self.seen = FxHashSet::default();
            return;
        }
        self.keys.push(Key(key.into()));
        self.seen.insert(Key(key.into()));
        self.state.len = self.keys.len();
    }

    /// Everything was looked at. What a savepoint has no use for is forgotten.
    fn finish(&mut self, forget: bool) {
        if forget {
            self.keys.truncate(self.state.done);
        }
        self.seen = FxHashSet::default();
        self.bytes = self.keys.iter().map(|key| 2 * key.as_bytes().len() + KEY_BYTES).sum();
        let (key, len) = (Arc::clone(&self.state.key), self.keys.len());
        self.state = State { key, len, done: len, touched: false, all: false };
    }

    fn rollback_to(&mut self, state: State) {
        self.keys.truncate(state.len);
        let len = self.keys.len();
        self.state = State { len, done: state.done.min(len), ..state };
        self.seen = self.keys[self.state.done..].iter().cloned().collect();
        self.bytes = self.keys.iter().map(|key| 2 * key.as_bytes().len() + KEY_BYTES).sum();
    }
}

impl Txn {
    /// Rows were written that refer to others: all declared columns. Their parents are looked for and kept; those that are not there
    /// are looked for again when the constraint is due.
    pub fn refer(&mut self, key: &Arc<ForeignKey>, rows: &Batch) -> Result<()> {
        if rows.rows == 0 {
            return Ok(());
        }
        let parent = self.hold_for_keys(&key.parent)?;
        let columns = key.columns.iter().filter_map(|&column| rows.columns.get(column)).map(Column::loaded);
        let columns: Vec<Column> = columns.collect::<Result<_>>()?;
        let missing = self.missing(key, &parent, &columns, &mut FxHashSet::default())?;
        let (room, deferred) = (self.core.spill(), self.open.is_deferred(key));
        if missing.is_empty() && !deferred {
            return Ok(());
        }
        if let Some(list) = self.open.list(key, Side::Child) {
            list.state.touched |= deferred;
            missing.iter().for_each(|key| list.push(key.as_bytes(), room));
        }
        Ok(())
    }

    /// The keys of a child's rows whose parents are not there, in the child's form; the others' parents stay.
    fn missing(
        &mut self,
        key: &ForeignKey,
        parent: &Arc<Table>,
        columns: &[Column],
        known: &mut FxHashSet<Key>,
    ) -> Result<Vec<Key>> {
        let alone = self.holds_parents(parent)?;
        let columns: Vec<&Column> = columns.iter().collect();
        let (mut missing, mut bytes) = (Vec::new(), Vec::new());
        for row in 0..columns.first().map_or(0, |column| column.len()) {
            let nulls = columns.iter().filter(|column| !column.is_valid(row)).count();
            if nulls == columns.len() || nulls > 0 && !key.full {
                continue;
            }
            key_of_row(&mut bytes, &columns, row);
            if known.contains(bytes.as_slice()) {
                continue;
            }
            known.insert(Key(bytes.as_slice().into()));
            let values: Vec<Value> = columns.iter().map(|column| column.value(row)).collect();
            if nulls > 0 || !self.names_parent(key, parent, &values, alone)? {
                missing.push(Key(bytes.as_slice().into()));
            }
        }
        Ok(missing)
    }

    fn names_parent(
        &mut self,
        key: &ForeignKey,
        parent: &Arc<Table>,
        values: &[Value],
        alone: bool,
    ) -> Result<bool> {
        match key.as_parent(values) {
            Some(values) => self.parent_stays(key, parent, &values, alone),
            None => Ok(false),
        }
    }

    /// True if a constraint is due at commit only.
    pub fn is_deferred(&self, key: &ForeignKey) -> bool {
        self.open.is_deferred(key)
    }

    /// Parents went, columns in the order of the foreign key: whether children name them is looked at when the constraint is due.
    pub fn leave_referred(&mut self, key: &Arc<ForeignKey>, keys: &Batch) -> Result<()> {
        // The children's table stays what it is until then.
        self.hold_for_keys(&key.child)?;
        let (keys, room) = (keys.compact(), self.core.spill());
        let columns: Vec<&Column> = keys.columns.iter().collect();
        let mut bytes = Vec::new();
        if let Some(list) = self.open.list(key, Side::Parent) {
            list.state.touched = true;
            for row in 0..keys.rows {
                key_of_row(&mut bytes, &columns, row);
                list.push(&bytes, room);
            }
        }
        Ok(())
    }

    /// Parents went, columns in the order of the foreign key: 23503 where a child names one. Unless `strictly`, one that has come
    /// again is none that went.
    pub fn check_unreferred(&mut self, key: &Arc<ForeignKey>, keys: &Batch, strictly: bool) -> Result<()> {
        let keys = keys.compact();
        for start in (0..keys.rows).step_by(AT_ONCE) {
            let rows = start..keys.rows.min(start + AT_ONCE);
            let values = rows.map(|row| keys.columns.iter().map(|column| column.value(row)).collect());
            self.check_gone(key, values.collect(), strictly)?;
        }
        Ok(())
    }

    fn check_gone(&mut self, key: &Arc<ForeignKey>, mut keys: Vec<Vec<Value>>, strictly: bool) -> Result<()> {
        if mutation("skip_children") {
            return Ok(());
        }
        if !strictly {
            let parent = self.table(&key.parent)?;
            let mut left = Vec::with_capacity(keys.len());
            for values in keys {
                if !self.has_parent(key, &parent, &values)? {
                    left.push(values);
                }
            }
            keys = left;
        }
        match self.first_referred(key, &keys)? {
            Some(place) => Err(referred(key, keys.get(place).map_or(&[][..], Vec::as_slice))),
            None => Ok(()),
        }
    }

    /// A statement ends: what is due now is looked at.
    pub fn settle_foreign_keys(&mut self) -> Result<()> {
        self.settle_due(true, &|open, key| !open.is_deferred(key))
    }

    /// The transaction ends: everything is looked at. 23503
    pub(in crate::txn) fn settle_all(&mut self) -> Result<()> {
        self.settle_due(true, &|_, _| true)
    }

    fn settle_due(&mut self, forget: bool, due: &dyn Fn(&Open, &ForeignKey) -> bool) -> Result<()> {
        for place in 0..self.open.lists.len() {
            let list = &self.open.lists[place];
            if !list.is_open() || !due(&self.open, &list.state.key) {
                continue;
            }
            let (key, side, all) = (Arc::clone(&list.state.key), list.side, list.state.all);
            let keys = list.keys[list.state.done..].to_vec();
            match (side, all) {
                (Side::Child, false) => self.settle_children(&key, keys)?,
                (Side::Parent, false) => {
                    let types = key.parent_types();
                    for some in keys.chunks(AT_ONCE) {
                        let values = some.iter().map(|key| key::decode(key.as_bytes(), &types));
                        self.check_gone(&key, values.collect::<Result<_>>()?, false)?;
                    }
                }
                (Side::Child, true) => self.settle_rows(&key, true, side)?,
                (Side::Parent, true) => self.settle_rows(&key, false, side)?,
            }
            self.open.lists[place].finish(forget);
        }
        Ok(())
    }

    /// Fails where a row of this transaction's own names a parent that is still not there.
    fn settle_children(&mut self, key: &Arc<ForeignKey>, keys: Vec<Key>) -> Result<()> {
        let parent = self.hold_for_keys(&key.parent)?;
        let alone = self.holds_parents(&parent)?;
        let types = key.child_types();
        let mut missing = FxHashSet::default();
        for held in &keys {
            let values = key::decode(held.as_bytes(), &types)?;
            let mixed = values.iter().any(Value::is_null);
            if mixed || !self.names_parent(key, &parent, &values, alone)? {
                missing.insert(held.clone());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut named = FxHashSet::default();
        self.each_key(key, true, &mut |_, columns| {
            let columns: Vec<&Column> = columns.iter().collect();
            let mut bytes = Vec::new();
            for row in 0..columns.first().map_or(0, |column| column.len()) {
                key_of_row(&mut bytes, &columns, row);
                if let Some(held) = missing.take(bytes.as_slice()) {
                    named.insert(held);
                }
            }
            Ok(())
        })?;
        match keys.into_iter().find(|key| named.contains(key)) {
            Some(held) => Err(not_there(key, &key::decode(held.as_bytes(), &types)?)),
            None => Ok(()),
        }
    }

    /// Fails where a row of the child, of this transaction's own or any, names a parent that is not there.
    fn settle_rows(&mut self, key: &Arc<ForeignKey>, own: bool, side: Side) -> Result<()> {
        let parent = self.hold_for_keys(&key.parent)?;
        let types = key.child_types();
        self.each_key(key, own, &mut |txn, columns| {
            let missing = txn.missing(key, &parent, columns, &mut FxHashSet::default())?;
            let Some(first) = missing.first() else { return Ok(()) };
            let values = key::decode(first.as_bytes(), &types)?;
            Err(match side {
                Side::Child => not_there(key, &values),
                Side::Parent => referred(key, &values),
            })
        })
    }

    /// Looks at all rows of a child: a constraint that is new. Both tables are held alone.
    pub fn validate_foreign_key(&mut self, key: &Arc<ForeignKey>) -> Result<()> {
        self.settle_rows(key, false, Side::Child)
    }

    /// SET CONSTRAINTS: which, by table and name, or all; what is due from here on is looked at.
    pub fn set_constraints(&mut self, names: Option<&[(TableId, String)]>, deferred: bool) -> Result<()> {
        let modes = Arc::make_mut(&mut self.open.modes);
        match names {
            None => *modes = Modes { all: Some(deferred), named: BTreeMap::new() },
            Some(names) => modes.named.extend(names.iter().cloned().map(|name| (name, deferred))),
        }
        // A savepoint from before may want to look again.
        self.settle_due(false, &|open, key| !open.is_deferred(key))
    }

    /// Definitions have changed: what is open is looked at as `renew` says that a constraint is now; None: it is what it was.
    pub fn renew_open_keys(&mut self, renew: &dyn Fn(&ForeignKey) -> Option<Arc<ForeignKey>>) {
        for list in &mut self.open.lists {
            if let Some(key) = renew(&list.state.key) {
                list.state.key = key;
            }
        }
    }

    /// True if rows of a table were written that its foreign keys, or those that refer to it, have still to look at: its definition
    /// must stay.
    pub fn has_open_keys(&self, table: &TableDef) -> bool {
        self.open.has(table.id)
    }
}

/// 23503 for a child.
#[cold]
fn not_there(key: &ForeignKey, values: &[Value]) -> Error {
    let child = &key.child.name;
    let message =
        format!("insert or update on table \"{child}\" violates foreign key constraint \"{}\"", key.name);
    let detail = match values.iter().any(Value::is_null) {
        true => "MATCH FULL does not allow mixing of null and nonnull key values.".to_string(),
        false => described(&key.child, &key.columns, values, "is not present in", &key.parent),
    };
    Error::new(state::FOREIGN_KEY_VIOLATION, message).with_detail(detail)
}

/// 23503 for a parent.
#[cold]
fn referred(key: &ForeignKey, values: &[Value]) -> Error {
    let message = format!(
        "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
        key.parent.name, key.name, key.child.name
    );
    let detail = described(&key.parent, &key.referred, values, "is still referenced from", &key.child);
    Error::new(state::FOREIGN_KEY_VIOLATION, message).with_detail(detail)
}

fn described(table: &TableDef, columns: &[usize], values: &[Value], what: &str, other: &TableDef) -> String {
    let names: Vec<String> = columns.iter().map(|&column| table.label(column)).collect();
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!("Key ({})=({}) {what} table \"{}\".", names.join(", "), values.join(", "), other.name)
}
