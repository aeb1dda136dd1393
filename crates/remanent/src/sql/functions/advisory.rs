//! Advisory locks: numbers that mean what the application says (PostgreSQL's manual, 9.27.10).
//!
//! ```text
//! SELECT pg_advisory_lock(42)           until pg_advisory_unlock(42) or the session's end, past COMMIT and ROLLBACK
//! SELECT pg_advisory_xact_lock(1, 7)    until the transaction's end
//! SELECT pg_try_advisory_lock(42)       false instead of waiting
//! SELECT pg_advisory_lock_shared(42)    with others who share
//! ```
//!
//! One number of 64 bits and two of 32 are different locks. Deadlocks with each other and with row locks are found. A
//! statement that calls one of these runs to its end before its first row is read (`bind` sees to it). What PostgreSQL
//! calls void is the empty text here.

use super::support::i64s;
use super::{Args, Function, INT4, INT8, Signature, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::locker::{Advisory, Locker};
use remanent_storage::txn::locks::Wait;
use remanent_storage::value::{Column, Type, Value};

static LOCK: &[Signature] = &[(&[INT8], Type::Text), (&[INT4, INT4], Type::Text)];
static TRY: &[Signature] = &[(&[INT8], Type::Bool), (&[INT4, INT4], Type::Bool)];
static ALL: &[Signature] = &[(&[], Type::Text)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("pg_advisory_lock", LOCK, |a| session(a, false)).volatile(),
    f("pg_advisory_lock_shared", LOCK, |a| session(a, true)).volatile(),
    f("pg_try_advisory_lock", TRY, |a| session(a, false)).volatile(),
    f("pg_try_advisory_lock_shared", TRY, |a| session(a, true)).volatile(),
    f("pg_advisory_xact_lock", LOCK, |a| transaction(a, false)).volatile(),
    f("pg_advisory_xact_lock_shared", LOCK, |a| transaction(a, true)).volatile(),
    f("pg_try_advisory_xact_lock", TRY, |a| transaction(a, false)).volatile(),
    f("pg_try_advisory_xact_lock_shared", TRY, |a| transaction(a, true)).volatile(),
    f("pg_advisory_unlock", TRY, |a| unlock(a, false)).volatile(),
    f("pg_advisory_unlock_shared", TRY, |a| unlock(a, true)).volatile(),
    f("pg_advisory_unlock_all", ALL, unlock_all).volatile(),
];

/// True for the names of these functions.
pub fn takes_locks(name: &str) -> bool {
    name.starts_with("pg_") && FUNCTIONS.iter().any(|function| function.name == name)
}

fn session(args: &Args<'_>, shared: bool) -> Result<Column> {
    let (wait, interrupt) = (patience(args), args.ctx.interrupt);
    each(args, &mut |locker, lock| locker.session()?.lock(lock, shared, wait, interrupt))
}

fn transaction(args: &Args<'_>, shared: bool) -> Result<Column> {
    let (wait, interrupt) = (patience(args), args.ctx.interrupt);
    each(args, &mut |locker, lock| locker.advisory(lock, shared, wait, interrupt))
}

fn unlock(args: &Args<'_>, shared: bool) -> Result<Column> {
    each(args, &mut |locker, lock| Ok(locker.session()?.unlock(lock, shared)))
}

fn unlock_all(args: &Args<'_>) -> Result<Column> {
    locker(args)?.session()?.unlock_all();
    Column::constant(Type::Text, &Value::from(""), args.rows)
}

/// Those that say whether they have the lock do not wait for it.
fn patience(args: &Args<'_>) -> Wait {
    if args.ty == Type::Bool { Wait::Never } else { Wait::Block }
}

fn locker<'a>(args: &Args<'a>) -> Result<&'a Locker> {
    let message = "advisory locks can be taken only by a statement of a session";
    args.ctx.locks.ok_or_else(|| Error::new(state::FEATURE_NOT_SUPPORTED, message))
}

/// Does something with the lock of each row, in order.
fn each(args: &Args<'_>, act: &mut dyn FnMut(&Locker, Advisory) -> Result<bool>) -> Result<Column> {
    let locker = locker(args)?;
    let numbers = args.columns.iter().map(i64s).collect::<Result<Vec<_>>>()?;
    let mut values = Vec::with_capacity(args.rows);
    for row in 0..args.rows {
        let lock = match numbers.as_slice() {
            [one] => (false, one[row]),
            [high, low] => (true, high[row] << 32 | low[row] & 0xffff_ffff),
            _ => return Err(Error::internal("an advisory lock without a number")),
        };
        let valid = args.valid.as_ref().is_none_or(|valid| valid.get(row));
        values.push(match (valid, args.ty) {
            (false, _) => Value::Null,
            (true, Type::Bool) => Value::Bool(act(locker, lock)?),
            (true, _) => {
                act(locker, lock)?;
                Value::from("")
            }
        });
    }
    Column::from_values(args.ty, values)
}
