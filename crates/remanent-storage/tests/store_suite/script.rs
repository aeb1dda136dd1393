//! A workload of everything a store does, drawn from a seed, with a model beside it that knows every state which
//! the database may be in after a crash.
//!
//! One session commits most transactions; a second one stays open across flushes and merges and writes to keys of
//! its own, and a reader keeps an old snapshot. Tables: `a` small and busy, `b` large (spills go there), `h` without a
//! declared key, `c` made and dropped.

use super::support::{self, HUGE, LONG, Rows, State, answers, assert_same, create, difference, now};
use remanent_storage::store::{Options, Store};
use remanent_storage::txn::Txn;
use remanent_storage::value::key::encode_value;
use remanent_storage::value::{Key, Value};
use remanent_storage::world::World;
use remanent_storage::world::sim::{Notes, Rng};
use remanent_storage::{Error, Result};
use std::collections::BTreeSet;
use std::sync::Arc;

/// No table, then the state after each transaction that was begun to be committed; and from which of them on a crash
/// may show.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub states: Vec<State>,
    /// The last that is durable.
    pub sure: usize,
    /// The last that was acknowledged.
    pub acknowledged: usize,
}

impl Seen {
    /// Which of the states that may be there after a crash this is.
    pub fn find(&self, state: &State) -> Option<usize> {
        (self.sure..self.states.len()).rev().find(|&i| self.states[i] == *state)
    }

    /// Panics unless this state may be there after a crash; says which it is.
    pub fn expect(&self, state: &State) -> usize {
        let found = self.find(state);
        found.unwrap_or_else(|| {
            let last = self.states.last().cloned().unwrap_or_default();
            panic!(
                "not a state that may be there: {}\n{} states, durable up to {}, acknowledged up to {}",
                difference(state, &last),
                self.states.len(),
                self.sure,
                self.acknowledged
            )
        })
    }
}

/// How a script is run.
#[derive(Clone)]
pub struct Plan {
    pub options: Options,
    /// Transactions and other steps after the first ones.
    pub steps: u64,
    /// Goes on after an error, as a program on a broken disk would.
    pub go_on: bool,
    /// What it does half of the time.
    pub mostly: Mostly,
}

/// What a script does more often than the rest.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Mostly {
    /// A bit of everything.
    All,
    /// Transactions that come in segments of their own.
    Bulk,
    /// Tables made and dropped.
    Tables,
    /// Flushes, merges, recycled log files and idle marks.
    Maintenance,
    /// Runs of marks that are folded into `.del` files.
    Marks,
    /// Columns that tables get beside rows of all kinds.
    Columns,
}

impl Plan {
    pub fn new(steps: u64) -> Plan {
        Plan { options: support::options(), steps, go_on: false, mostly: Mostly::All }
    }
}

/// What a script did, to see that it did it all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Done {
    pub spills: u64,
    /// Rows that were transactions of their own.
    pub alone: u64,
    pub merged: u64,
    pub flushed: u64,
    pub across: u64,
    pub drops: u64,
    pub widened: u64,
    pub errors: u64,
}

/// A running script.
pub struct Script {
    pub store: Arc<Store>,
    world: World,
    plan: Plan,
    rng: Rng,
    notes: Notes<Seen>,
    /// What is committed.
    model: State,
    /// A transaction that stays open, with what it changed in `a` and `h`.
    other: Option<(Txn, Changes)>,
    reader: Option<(Txn, State)>,
    next_note: u64,
    next_id: i64,
    pub done: Done,
    /// What the errors were, under `go_on`.
    pub codes: Vec<&'static str>,
}

/// (table, id) to new note; None: deleted.
type Changes = std::collections::BTreeMap<(&'static str, i64), Option<u64>>;

/// A transaction being built: its changes against the model.
struct Draft {
    txn: Txn,
    changes: Changes,
}

/// Ids from here on belong to the transaction that stays open.
const OTHER: i64 = 500;

fn apply(model: &State, changes: &Changes) -> State {
    let mut state = model.clone();
    for ((name, id), change) in changes {
        let rows = state.entry((*name).to_owned()).or_default();
        match change {
            Some(note) => rows.insert(*id, *note),
            None => rows.remove(id),
        };
    }
    state
}

/// Runs the script of `seed` from an empty disk to its end.
pub fn run(world: &World, seed: u64, plan: &Plan, notes: &Notes<Seen>) -> Result<Done> {
    let mut script = Script::begin(world, seed, plan, notes)?;
    for step in 0..plan.steps {
        script.step(step)?;
    }
    script.end()
}

impl Script {
    pub fn begin(world: &World, seed: u64, plan: &Plan, notes: &Notes<Seen>) -> Result<Script> {
        notes.update(|seen| seen.states = vec![State::new()]);
        let store = support::open(world, plan.options.clone())?;
        let mut script = Script {
            store,
            world: world.clone(),
            plan: plan.clone(),
            rng: Rng::new(seed ^ 0x5c81),
            notes: notes.clone(),
            model: State::new(),
            other: None,
            reader: None,
            next_note: 1,
            next_id: 1000,
            done: Done::default(),
            codes: Vec::new(),
        };
        for name in ["a", "b", "c", "h"] {
            // A fault may strike here; the second time it works, unless a sync has failed.
            let made =
                script.ddl(name, true).or_else(|e| if plan.go_on { script.ddl(name, true) } else { Err(e) });
            script.judge(made)?;
        }
        Ok(script)
    }

    /// Under `go_on` errors are counted, otherwise they end the script.
    fn judge(&mut self, result: Result<()>) -> Result<()> {
        match result {
            Err(e) if !self.plan.go_on => Err(e),
            Err(e) => {
                assert_ne!(e.code(), "XX000", "{e:?}");
                self.codes.push(e.code());
                self.done.errors += 1;
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    pub fn step(&mut self, step: u64) -> Result<()> {
        let often = self.plan.mostly != Mostly::All && self.rng.one_in(2);
        let done = match self.rng.below(100) {
            _ if step == 6 => self.spill(),
            _ if often => self.usual(),
            0..8 => self.alone(),
            8..34 => self.transaction(),
            34..40 => self.rolled_back(),
            40..46 => self.flush(),
            46..56 if self.other.is_none() => self.begin_other(),
            46..51 => self.end_other(),
            51..56 => self.more_of_other(),
            56..60 if self.reader.is_none() => self.begin_reader(),
            56..60 => self.end_reader(),
            60..70 => self.flush(),
            70..84 => self.store.maintain(),
            84..86 => self.spill(),
            86..94 => self.make_or_drop(),
            94..97 => self.many_marks(),
            _ => self.reopen(),
        };
        self.judge(done)?;
        if self.rng.one_in(6) {
            let seen = self.look();
            self.judge(seen)?;
        }
        Ok(())
    }

    fn usual(&mut self) -> Result<()> {
        match self.plan.mostly {
            Mostly::All => self.transaction(),
            Mostly::Bulk => self.spill(),
            Mostly::Tables => self.make_or_drop(),
            Mostly::Marks => self.many_marks(),
            Mostly::Columns if self.rng.one_in(2) => self.widen(),
            Mostly::Columns => self.transaction(),
            Mostly::Maintenance => {
                self.transaction()?;
                // When nothing was committed since the round before, the log says what is durable.
                for _ in 0..1 + self.rng.below(3) {
                    self.store.maintain()?;
                }
                if self.rng.one_in(3) { self.flush() } else { Ok(()) }
            }
        }
    }

    pub fn end(mut self) -> Result<Done> {
        for done in [self.end_reader(), self.end_other(), self.look()] {
            self.judge(done)?;
        }
        let merged = self.store.stats();
        self.done.merged = self.done.merged.max(merged.merge_written);
        self.done.flushed += merged.flush_written;
        if self.rng.one_in(2) {
            let closed = self.store.close();
            if closed.is_ok() {
                self.durable();
            }
            self.judge(closed)?;
        }
        Ok(self.done)
    }

    /// What a new transaction sees is what was committed.
    pub fn look(&mut self) -> Result<()> {
        let found = now(&self.store)?;
        assert_same(&found, &self.model, "wrong answer");
        Ok(())
    }

    /// Everything acknowledged is durable now.
    fn durable(&mut self) {
        self.notes.update(|seen| seen.sure = seen.acknowledged);
    }

    /// Commits, and notes what a crash before, during and after that may leave behind.
    fn commit(&mut self, txn: Txn, state: State, durable: bool) -> Result<()> {
        self.committed(state, durable, || txn.commit())
    }

    /// Notes what a commit leaves behind.
    fn committed(&mut self, state: State, durable: bool, commit: impl FnOnce() -> Result<()>) -> Result<()> {
        self.notes.update(|seen| seen.states.push(state.clone()));
        match commit() {
            Ok(()) => {
                self.model = state;
                self.notes.update(|seen| {
                    seen.acknowledged = seen.states.len() - 1;
                    if durable {
                        seen.sure = seen.acknowledged;
                    }
                });
                Ok(())
            }
            Err(e) => {
                // After a failed sync nobody knows; after any other error it is not there.
                if self.plan.go_on && !e.message().contains("accepts no more") {
                    self.notes.update(|seen| seen.states.pop());
                }
                Err(e)
            }
        }
    }

    fn durable_mode(&self) -> bool {
        self.plan.options.synchronous_commit
    }

    fn note(&mut self) -> u64 {
        self.next_note += 1;
        // Every ninth is a large value.
        if self.next_note.is_multiple_of(9) { HUGE + self.next_note } else { self.next_note }
    }

    fn ddl(&mut self, name: &'static str, make: bool) -> Result<()> {
        let mut txn = self.store.begin(None)?;
        let mut state = self.model.clone();
        match make {
            true => {
                create(&mut txn, name)?;
                // One has none but its key: whoever writes a row of it may take the short way.
                if name != "c" {
                    support::create_index(&mut txn, name, name != "b")?;
                }
                state.insert(name.to_owned(), Rows::new());
            }
            false => {
                txn.drop_table(name)?;
                state.remove(name);
                self.done.drops += 1;
            }
        }
        if make && self.rng.one_in(2) {
            // Rows of a table that the same record makes.
            let rows: Vec<(i64, u64)> = (0..3).map(|id| (id, self.note())).collect();
            support::insert(&mut txn, name, &rows)?;
            state.insert(name.to_owned(), rows.into_iter().collect());
        }
        let durable = self.durable_mode();
        self.commit(txn, state, durable)
    }

    fn make_or_drop(&mut self) -> Result<()> {
        let there = self.model.contains_key("c");
        self.ddl("c", !there)
    }

    /// A table gets a column or loses one, and perhaps gets rows like that; or the transaction thinks better of it.
    fn widen(&mut self) -> Result<()> {
        // Who writes in a table has it until the end.
        let names: &[&'static str] = if self.other.is_some() { &["b", "c"] } else { &["a", "b", "c", "h"] };
        let name = *self.rng.pick(names);
        let Some(rows) = self.model.get(name) else { return self.transaction() };
        let width = rows.get(&support::WIDTH).copied().unwrap_or(0);
        let lost = (width > 0 && self.rng.one_in(2)).then(|| self.rng.below(width) as usize);
        let width = if lost.is_some() { width - 1 } else { width + 1 };
        if width > 6 {
            return self.transaction();
        }
        let mut txn = self.store.begin(None)?;
        let mut changes = Changes::from([((name, support::WIDTH), (width > 0).then_some(width))]);
        if self.rng.one_in(3) {
            // A column that comes to nothing, with a row that has it.
            let (savepoint, since) = (txn.savepoint(), self.next_note);
            support::widen(&mut txn, name, since + 7)?;
            let n = self.note();
            support::insert(&mut txn, name, &[(OTHER - 1, n)])?;
            txn.undo_to(&savepoint);
            assert_same(&answers(&txn)?, &self.model, "a column that was taken back");
        }
        match lost {
            Some(which) => support::narrow(&mut txn, name, which)?,
            None => support::widen(&mut txn, name, self.next_note)?,
        }
        if self.rng.one_in(2) {
            let rows = &self.model[name];
            let id = (0..40).find(|id| !rows.contains_key(id)).unwrap_or(41);
            let (n, m) = (self.note(), self.note());
            support::insert(&mut txn, name, &[(id, n)])?;
            changes.insert((name, id), Some(n));
            let old = self.model[name].keys().copied().find(|id| *id < 40);
            if let Some(old) = old {
                support::update(&mut txn, name, &[(old, m)], true)?;
                changes.insert((name, old), Some(m));
            }
            let mut own = answers(&txn)?;
            let expected = apply(&self.model, &changes);
            own.retain(|name, _| expected.contains_key(name));
            assert_same(&own, &expected, "own columns");
        }
        if self.rng.one_in(5) {
            txn.rollback();
            return Ok(());
        }
        self.done.widened += 1;
        let state = apply(&self.model, &changes);
        let durable = self.durable_mode();
        self.commit(txn, state, durable)
    }

    /// One to five changes of one to three tables.
    fn draft(&mut self) -> Result<Draft> {
        let mut draft = Draft { txn: self.store.begin(None)?, changes: Changes::new() };
        for _ in 0..1 + self.rng.below(5) {
            self.change(&mut draft)?;
        }
        Ok(draft)
    }

    /// Some rows of a table are inserted, updated or deleted.
    fn change(&mut self, draft: &mut Draft) -> Result<()> {
        let names: &[&'static str] =
            if self.model.contains_key("c") { &["a", "a", "b", "h", "c"] } else { &["a", "a", "b", "h"] };
        let name = *self.rng.pick(names);
        let view = apply(&self.model, &draft.changes);
        let rows: Vec<i64> =
            view.get(name).into_iter().flat_map(Rows::keys).copied().filter(|id| *id < OTHER).collect();
        let kind = self.rng.below(3);
        let look = self.rng.one_in(2);
        if kind == 0 || rows.is_empty() {
            let free: BTreeSet<i64> = (0..1 + self.rng.below(6)).map(|_| self.rng.below(40) as i64).collect();
            let new: Vec<(i64, u64)> =
                free.into_iter().filter(|id| !rows.contains(id)).map(|id| (id, self.note())).collect();
            if let Some(taken) = rows.first().filter(|_| name != "h" && self.rng.one_in(4)) {
                let refused = support::insert(&mut draft.txn, name, &[(*taken, 1)]).unwrap_err();
                if refused.code() != "23505" {
                    return Err(refused);
                }
            }
            if !new.is_empty() {
                support::insert(&mut draft.txn, name, &new)?;
            }
            draft.changes.extend(new.into_iter().map(|(id, n)| ((name, id), Some(n))));
            return Ok(());
        }
        let some: BTreeSet<i64> = (0..1 + self.rng.below(4)).map(|_| *self.rng.pick(&rows)).collect();
        if kind == 1 {
            let new: Vec<(i64, u64)> = some.into_iter().map(|id| (id, self.note())).collect();
            support::update(&mut draft.txn, name, &new, look)?;
            draft.changes.extend(new.into_iter().map(|(id, n)| ((name, id), Some(n))));
        } else {
            let some: Vec<i64> = some.into_iter().collect();
            support::delete(&mut draft.txn, name, &some, look)?;
            draft.changes.extend(some.into_iter().map(|id| ((name, id), None)));
        }
        Ok(())
    }

    pub fn transaction(&mut self) -> Result<()> {
        let mut draft = self.draft()?;
        if self.rng.one_in(3) {
            let savepoint = draft.txn.savepoint();
            let kept = draft.changes.clone();
            self.change(&mut draft)?;
            draft.txn.rollback_to(&savepoint);
            draft.changes = kept;
        }
        if self.rng.one_in(3) {
            let mut own = answers(&draft.txn)?;
            if let Some((_, changes)) = &self.other {
                // Not this one's.
                assert!(changes.keys().all(|(_, id)| *id >= OTHER));
            }
            let expected = apply(&self.model, &draft.changes);
            own.retain(|name, _| expected.contains_key(name));
            assert_same(&own, &expected, "own writes");
        }
        let state = apply(&self.model, &draft.changes);
        let durable = match self.durable_mode() {
            true => true,
            // Some commits wait for their sync all the same.
            false => self.rng.one_in(5),
        };
        draft.txn.set_synchronous_commit(durable);
        let writes = draft.txn.has_writes();
        if !writes {
            return draft.txn.commit();
        }
        self.commit(draft.txn, state, durable)
    }

    /// A row that is a transaction of its own, inserted or updated by its key.
    fn alone(&mut self) -> Result<()> {
        let name = if self.model.contains_key("c") { "c" } else { *self.rng.pick(&["a", "b"]) };
        let (id, n) = (self.rng.below(40) as i64, self.note());
        let held = self.model.get(name).is_some_and(|rows| rows.contains_key(&id));
        let state = apply(&self.model, &Changes::from([((name, id), Some(n))]));
        let durable = self.durable_mode() || self.rng.one_in(5);
        let mut txn = self.store.begin(None)?;
        txn.set_synchronous_commit(durable);
        txn.begin_statement();
        let table = support::table(&txn, name)?;
        let row: Vec<Value> =
            support::batch_of(&table, &[(id, n)]).columns.iter().map(|column| column.value(0)).collect();
        let mut key = Vec::new();
        encode_value(&mut key, &row[0]);
        let key = Key(key.into());
        let found = txn.find(&table, &key, &[0])?;
        assert_eq!(found.is_some(), held, "row {id} of {name}");
        let (mut alone, columns) = (false, [1]);
        let done = self.committed(state, durable, || {
            let replaces = found.map(|(_, at)| (at, &columns[..]));
            alone = txn.commit_row(&table, &key, &mut row.clone(), replaces)?;
            match (alone, held) {
                (true, _) => {}
                (false, true) => support::update(&mut txn, name, &[(id, n)], false)?,
                (false, false) => support::insert(&mut txn, name, &[(id, n)])?,
            }
            txn.commit()
        });
        self.done.alone += u64::from(alone);
        done
    }

    fn rolled_back(&mut self) -> Result<()> {
        let draft = self.draft()?;
        draft.txn.rollback();
        Ok(())
    }

    pub fn flush(&mut self) -> Result<()> {
        self.store.flush()?;
        // A flush makes the log durable first.
        self.durable();
        Ok(())
    }

    /// A transaction that outgrows memory, deletes rows of its own and goes back over the spill.
    pub fn spill(&mut self) -> Result<()> {
        let mut draft = Draft { txn: self.store.begin(None)?, changes: Changes::new() };
        self.change(&mut draft)?;
        let first = self.next_id;
        self.next_id += 1000;
        let many =
            |from: i64, n: u64| -> Vec<(i64, u64)> { (from..from + 80).map(|id| (id, LONG + n)).collect() };
        let put = |draft: &mut Draft, rows: Vec<(i64, u64)>| {
            support::insert(&mut draft.txn, "b", &rows)?;
            draft.changes.extend(rows.into_iter().map(|(id, n)| (("b", id), Some(n))));
            Ok::<_, Error>(())
        };
        let n = self.note();
        put(&mut draft, many(first, n))?;
        let back = self.rng.one_in(3).then(|| (draft.txn.savepoint(), draft.changes.clone()));
        put(&mut draft, many(first + 150, n))?;
        let gone: Vec<i64> = (0..11).map(|i| first + i * 7).collect();
        support::delete(&mut draft.txn, "b", &gone, false)?;
        draft.changes.extend(gone.into_iter().map(|id| (("b", id), None)));
        put(&mut draft, vec![(first + 400, n)])?;
        if let Some((savepoint, changes)) = back {
            draft.txn.rollback_to(&savepoint);
            draft.changes = changes;
        }
        if self.rng.one_in(4) {
            draft.txn.rollback();
            return Ok(());
        }
        // Most of what earlier spills left goes, so that the table stays small.
        let old: Vec<i64> = self.model.get("b").into_iter().flat_map(Rows::keys).copied().collect();
        let old: Vec<i64> = old.into_iter().filter(|id| *id >= 1000 && id % 10 > 0).collect();
        support::delete(&mut draft.txn, "b", &old, true)?;
        draft.changes.extend(old.into_iter().map(|id| (("b", id), None)));
        let state = apply(&self.model, &draft.changes);
        let durable = self.durable_mode();
        self.commit(draft.txn, state, durable)?;
        self.done.spills += 1;
        Ok(())
    }

    /// Many small deletes from one segment, each flushed: runs of marks pile up and are folded.
    pub fn many_marks(&mut self) -> Result<()> {
        let first = self.next_id;
        self.next_id += 1000;
        let rows: Vec<(i64, u64)> = (first..first + 40).map(|id| (id, self.note())).collect();
        let mut draft = Draft { txn: self.store.begin(None)?, changes: Changes::new() };
        support::insert(&mut draft.txn, "a", &rows)?;
        draft.changes.extend(rows.into_iter().map(|(id, n)| (("a", id), Some(n))));
        let state = apply(&self.model, &draft.changes);
        let durable = self.durable_mode();
        self.commit(draft.txn, state, durable)?;
        self.flush()?;
        for id in first..first + 10 {
            let mut txn = self.store.begin(None)?;
            support::delete(&mut txn, "a", &[id], true)?;
            let state = apply(&self.model, &Changes::from([(("a", id), None)]));
            self.commit(txn, state, durable)?;
            self.flush()?;
        }
        self.store.maintain()
    }

    fn begin_other(&mut self) -> Result<()> {
        let txn = self.store.begin(None)?;
        self.other = Some((txn, Changes::new()));
        self.more_of_other()
    }

    /// Rows of its own, located now and changed at its commit, wherever they have gone until then.
    fn more_of_other(&mut self) -> Result<()> {
        let Some((mut txn, mut changes)) = self.other.take() else { return Ok(()) };
        for name in ["a", "h"] {
            let view = apply(&self.model, &changes);
            let ids = (0..3).map(|_| OTHER + self.rng.below(8) as i64);
            for id in ids.collect::<BTreeSet<i64>>() {
                let note = self.note();
                let look = self.rng.one_in(2);
                let there = view.get(name).is_some_and(|rows| rows.contains_key(&id));
                match (there, self.rng.one_in(2)) {
                    (false, _) => support::insert(&mut txn, name, &[(id, note)])?,
                    (true, true) => support::update(&mut txn, name, &[(id, note)], look)?,
                    (true, false) => support::delete(&mut txn, name, &[id], look)?,
                }
                // The arm above that deleted left no row.
                let there = support::rows(&txn, name)?.get(&id).copied();
                changes.insert((name, id), there);
            }
        }
        self.other = Some((txn, changes));
        Ok(())
    }

    fn end_other(&mut self) -> Result<()> {
        let Some((txn, changes)) = self.other.take() else { return Ok(()) };
        if self.rng.one_in(5) || !txn.has_writes() {
            txn.rollback();
            return Ok(());
        }
        let state = apply(&self.model, &changes);
        let durable = self.durable_mode();
        self.done.across += 1;
        self.commit(txn, state, durable)
    }

    /// Ends the transactions that stay open.
    pub fn drop_others(&mut self) {
        self.reader = None;
        self.other = None;
    }

    fn begin_reader(&mut self) -> Result<()> {
        self.reader = Some((self.store.begin(None)?, self.model.clone()));
        Ok(())
    }

    /// The old snapshot still shows what it showed at first.
    fn end_reader(&mut self) -> Result<()> {
        let Some((txn, state)) = self.reader.take() else { return Ok(()) };
        let found = answers(&txn)?;
        assert_same(&found, &state, "an old snapshot");
        Ok(())
    }

    fn reopen(&mut self) -> Result<()> {
        self.drop_others();
        self.done.merged = self.done.merged.max(self.store.stats().merge_written);
        self.done.flushed += self.store.stats().flush_written;
        let closed = self.store.close();
        if closed.is_ok() {
            self.durable();
        }
        self.judge(closed)?;
        let options = &self.plan.options;
        let again = |e| if self.plan.go_on { support::open(&self.world, options.clone()) } else { Err(e) };
        self.store = support::open(&self.world, options.clone()).or_else(again)?;
        if self.plan.go_on {
            // After a failed sync either may be there; from now on it is what is shown now.
            let found = now(&self.store).or_else(|_| now(&self.store))?;
            self.notes.update(|seen| {
                seen.expect(&found);
                *seen = Seen { states: vec![found.clone()], ..Seen::default() };
            });
            self.model = found;
        }
        self.look()
    }
}
