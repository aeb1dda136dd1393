//! Sequences: nextval, setval, currval, lastval (PostgreSQL's manual, 9.17).
//!
//! ```text
//! SELECT nextval('s')              the next number, given to nobody else, not taken back by ROLLBACK
//! SELECT setval('s', 42)           43 comes next
//! SELECT setval('s', 42, false)    42 comes next
//! SELECT currval('s'), lastval()   what this session was given last: by s, by any
//! ```

use super::random::Generator;
use super::system::instance;
use super::{Args, BOOL, Function, INT8, REGCLASS, Signature, TEXT, f};
use crate::sql::bind::{relation_of_oid, relation_of_text};
use crate::sql::expr::Expr;
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::map::SortedMap;
use remanent_storage::table::{RelationKind, SequenceDef, TableDef, TableId};
use remanent_storage::txn::locker::SessionLocks;
use remanent_storage::txn::sequence::Asker;
use remanent_storage::value::{Column, ColumnBuilder, Type, Value};
use remanent_storage::world::sync::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// PostgreSQL's object_not_in_prerequisite_state.
const NOT_READY: SqlState = SqlState("55000");

static OF_NAME: &[Signature] = &[(&[TEXT], Type::Int8), (&[REGCLASS], Type::Int8)];
static SET: &[Signature] = &[
    (&[TEXT, INT8], Type::Int8),
    (&[TEXT, INT8, BOOL], Type::Int8),
    (&[REGCLASS, INT8], Type::Int8),
    (&[REGCLASS, INT8, BOOL], Type::Int8),
];
static LAST: &[Signature] = &[(&[], Type::Int8)];

/// Where a sequence stands; its name is as [`TableDef`] has it: schema, name.
pub(crate) const STANDS_AT: &str = "rem_sequence_value";
/// Whether that number was given.
pub(crate) const IS_CALLED: &str = "rem_sequence_called";

pub(super) static FUNCTIONS: &[Function] = &[
    f("nextval", OF_NAME, nextval).volatile(),
    f("currval", OF_NAME, currval).volatile(),
    f("setval", SET, setval).volatile(),
    f("lastval", LAST, lastval).volatile(),
    f(STANDS_AT, &[(&[TEXT, TEXT], Type::Int8)], stands_at).volatile(),
    f(IS_CALLED, &[(&[TEXT, TEXT], Type::Bool)], stands_at).volatile(),
];

/// What a session remembers of what its statements called: the numbers it was given, the seed of `random()`, settings to
/// be changed.
pub struct Given {
    session: Arc<SessionLocks>,
    /// Whether its commits wait for the disk.
    durable: AtomicBool,
    /// Whether its transaction only reads.
    read_only: AtomicBool,
    last: Mutex<Last>,
    random: Mutex<Option<Generator>>,
    wanted: Mutex<Vec<Wanted>>,
}

/// A setting that is to be changed: its name, its value (None: its first one), and whether for the transaction only.
pub type Wanted = (String, Option<String>, bool);

#[derive(Default)]
struct Last {
    by_sequence: SortedMap<TableId, i64>,
    of: Option<TableId>,
}

impl Given {
    /// Of a session that was given nothing yet.
    pub fn new(session: &Arc<SessionLocks>) -> Self {
        Given {
            session: Arc::clone(session),
            durable: AtomicBool::new(true),
            read_only: AtomicBool::new(false),
            last: Mutex::default(),
            random: Mutex::default(),
            wanted: Mutex::default(),
        }
    }

    /// Forgets what sequences gave: currval and lastval have nothing to say.
    pub(crate) fn forget(&self) {
        *self.last.lock() = Last::default();
    }

    /// Begins a sequence of random numbers.
    pub(super) fn seed(&self, seed: f64) {
        *self.random.lock() = Some(Generator::of_fraction(seed));
    }

    /// The next random numbers; None where no seed was given.
    pub(super) fn random(&self, count: usize) -> Option<Vec<f64>> {
        self.random.lock().as_mut().map(|generator| (0..count).map(|_| generator.fraction()).collect())
    }

    /// A setting is to be changed with the session's next statement.
    pub(super) fn want(&self, name: String, value: Option<String>, local: bool) {
        self.wanted.lock().push((name, value, local));
    }

    /// The settings that are to be changed.
    pub fn wanted(&self) -> Vec<Wanted> {
        std::mem::take(&mut self.wanted.lock())
    }

    /// The session's `synchronous_commit`.
    pub fn set_durable(&self, durable: bool) {
        self.durable.store(durable, Ordering::Relaxed);
    }

    /// Whether the statement at hand stands in a transaction that only reads.
    pub fn set_read_only(&self, read_only: bool) {
        self.read_only.store(read_only, Ordering::Relaxed);
    }

    /// 25006 for a change of a sequence that others see, in a transaction that only reads.
    fn may_change(&self, def: &TableDef, function: &str) -> Result<()> {
        match self.read_only.load(Ordering::Relaxed) && !def.is_temporary() {
            true => {
                let message = format!("cannot execute {function}() in a read-only transaction");
                Err(Error::new(state::READ_ONLY_SQL_TRANSACTION, message))
            }
            false => Ok(()),
        }
    }

    fn note(&self, sequence: TableId, number: i64, as_last: bool) {
        let mut last = self.last.lock();
        last.by_sequence.insert(sequence, number);
        if as_last {
            last.of = Some(sequence);
        }
    }

    /// Forgets the sequences that there are no more, once there are many.
    fn forget_dropped(&self, catalog: &Catalog) {
        let mut last = self.last.lock();
        if last.by_sequence.len() > catalog.all().count() {
            last.by_sequence.retain(|id, _| catalog.by_id(*id).is_some());
        }
    }
}

/// Runs something for each row that has no NULL, in order.
fn each(args: &Args<'_>, of: &mut dyn FnMut(&[Value]) -> Result<Value>) -> Result<Column> {
    let mut values = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        let row: Vec<Value> = args.columns.iter().map(|column| column.value(row)).collect();
        values.push(&match row.iter().any(Value::is_null) {
            true => Value::Null,
            false => of(&row)?,
        })?;
    }
    Ok(values.finish())
}

/// True if some of these expressions ask what others change: then they are computed row by row.
pub(crate) fn depend(exprs: &[Expr]) -> bool {
    let (mut taken, mut asked, mut again) = (Vec::<Vec<Expr>>::new(), false, false);
    for expr in exprs.iter().filter(|expr| expr.is_volatile()) {
        expr.any(&mut |e| {
            if let Expr::Call { function, args, .. } = e {
                match function.name {
                    "nextval" => {
                        again |= taken.contains(args);
                        taken.push(args.clone());
                    }
                    "setval" | "currval" | "lastval" => asked = true,
                    _ => {}
                }
            }
            false
        });
    }
    again || asked && !taken.is_empty()
}

fn text(value: Option<&Value>) -> &str {
    match value {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}

fn catalog<'a>(args: &Args<'a>) -> Result<&'a Arc<Catalog>> {
    args.ctx.catalog.ok_or_else(|| outside("sequences"))
}

fn outside(what: &str) -> Error {
    let message = format!("{what} can be asked only by a statement of a session");
    Error::new(state::FEATURE_NOT_SUPPORTED, message)
}

fn given<'a>(args: &Args<'a>) -> Result<&'a Given> {
    args.ctx.given.ok_or_else(|| outside("sequences"))
}

/// The sequence of a name as SQL writes it, or of an oid; 42809 for another relation.
fn sequence<'a>(args: &Args<'a>, of: Option<&Value>) -> Result<(&'a Arc<TableDef>, &'a SequenceDef)> {
    let def = match of {
        Some(Value::Int8(oid)) => relation_of_oid(*oid, catalog(args)?)?,
        name => relation_of_text(text(name), catalog(args)?, args.ctx.path)?,
    };
    match &def.kind {
        RelationKind::Sequence(rules) => Ok((def, rules)),
        _ => Err(Error::new(state::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", def.name))),
    }
}

fn asker<'a>(args: &Args<'a>) -> Result<Asker<'a>> {
    let given = given(args)?;
    Ok(Asker {
        session: Some(&given.session),
        interrupt: args.ctx.interrupt,
        durable: given.durable.load(Ordering::Relaxed),
    })
}

fn nextval(args: &Args<'_>) -> Result<Column> {
    let (asker, given, store) = (asker(args)?, given(args)?, &instance(args)?.store);
    given.forget_dropped(catalog(args)?);
    each(args, &mut |row| {
        let (def, _) = sequence(args, row.first())?;
        given.may_change(def, "nextval")?;
        let next = store.next_value(def, &asker)?;
        given.note(def.id, next, true);
        Ok(Value::Int8(next))
    })
}

fn setval(args: &Args<'_>) -> Result<Column> {
    let (asker, given, store) = (asker(args)?, given(args)?, &instance(args)?.store);
    each(args, &mut |row| {
        let (def, rules) = sequence(args, row.first())?;
        given.may_change(def, "setval")?;
        let called = !matches!(row.get(2), Some(Value::Bool(false)));
        let Some(Value::Int8(number)) = row.get(1) else { return Ok(Value::Null) };
        if !(rules.min..=rules.max).contains(number) {
            let message = format!(
                "setval: value {number} is out of bounds for sequence \"{}\" ({}..{})",
                def.name, rules.min, rules.max
            );
            return Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, message));
        }
        store.set_value(def, *number, called, &asker)?;
        if called {
            given.note(def.id, *number, false);
        }
        Ok(Value::Int8(*number))
    })
}

fn currval(args: &Args<'_>) -> Result<Column> {
    let given = given(args)?;
    each(args, &mut |row| {
        let (def, _) = sequence(args, row.first())?;
        let number = given.last.lock().by_sequence.get(&def.id).copied();
        number.map(Value::Int8).ok_or_else(|| {
            let message = format!("currval of sequence \"{}\" is not yet defined in this session", def.name);
            Error::new(NOT_READY, message)
        })
    })
}

fn lastval(args: &Args<'_>) -> Result<Column> {
    let (last, catalog) = (given(args)?.last.lock(), catalog(args)?);
    let of = last.of.filter(|id| catalog.by_id(*id).is_some());
    match of.and_then(|id| last.by_sequence.get(&id)) {
        Some(number) => Column::constant(Type::Int8, &Value::Int8(*number), args.rows),
        None => Err(Error::new(NOT_READY, "lastval is not yet defined in this session")),
    }
}

/// `pg_sequence_last_value`: NULL where none was given yet.
pub(super) fn last_value(args: &Args<'_>) -> Result<Column> {
    let (store, catalog) = (&instance(args)?.store, catalog(args)?);
    each(args, &mut |row| {
        let Some(Value::Int8(oid)) = row.first() else { return Ok(Value::Null) };
        let (last, called) = store.last_value(relation_of_oid(*oid, catalog)?)?;
        Ok(if called { Value::Int8(last) } else { Value::Null })
    })
}

fn stands_at(args: &Args<'_>) -> Result<Column> {
    let (store, catalog, ty) = (&instance(args)?.store, catalog(args)?, args.ty);
    each(args, &mut |row| {
        let Some(def) = catalog.relation(text(row.first()), text(row.get(1))) else { return Ok(Value::Null) };
        let (last, called) = store.last_value(def)?;
        Ok(if ty == Type::Bool { Value::Bool(called) } else { Value::Int8(last) })
    })
}
