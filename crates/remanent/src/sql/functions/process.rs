//! The process that runs the database, and waiting (PostgreSQL's manual, 9.9.5 and 9.26).
//!
//! ```text
//! SELECT pg_sleep(1.5), pg_backend_pid(), pg_is_in_recovery()
//! ```
//!
//! Who sleeps wakes when the statement is cancelled or has run too long. What PostgreSQL calls void is the empty text here.
//! Limits: sessions of one process have the same number; `pg_postmaster_start_time` is the time of the first question.

use super::support::{f64s, i64s, intervals};
use super::{Args, FLOAT8, Function, INTERVAL, TIMESTAMPTZ, f};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Interval, Type, Value, datetime};
use std::sync::OnceLock;
use std::time::Duration;

/// How long a sleeper does not look whether it is to wake.
const NAP: Duration = Duration::from_millis(10);

pub(super) static FUNCTIONS: &[Function] = &[
    f("pg_sleep", &[(&[FLOAT8], Type::Text)], |a| {
        let seconds = f64s(&a.columns[0])?;
        sleep(a, &mut |row| Ok(seconds[row]))
    })
    .volatile(),
    f("pg_sleep_for", &[(&[INTERVAL], Type::Text)], |a| {
        let spans = intervals(&a.columns[0])?;
        sleep(a, &mut |row| until(a, Interval::clone(&spans[row])))
    })
    .volatile(),
    f("pg_sleep_until", &[(&[TIMESTAMPTZ], Type::Text)], |a| {
        let ends = i64s(&a.columns[0])?;
        sleep(a, &mut |row| Ok(ends[row].saturating_sub(a.ctx.world.now()) as f64 / 1e6))
    })
    .volatile(),
    f("pg_backend_pid", &[(&[], Type::Int4)], |a| {
        let process = a.ctx.world.threads.process();
        Column::constant(a.ty, &Value::Int4(i32::try_from(process).unwrap_or(i32::MAX)), a.rows)
    })
    .stable(),
    f("pg_is_in_recovery", &[(&[], Type::Bool)], |a| Column::constant(a.ty, &Value::Bool(false), a.rows))
        .volatile(),
    f("pg_postmaster_start_time", &[(&[], Type::Timestamptz)], started).stable(),
    f("pg_conf_load_time", &[(&[], Type::Timestamptz)], started).stable(),
];

/// Seconds until `span` has passed, by the calendar.
fn until(args: &Args<'_>, span: Interval) -> Result<f64> {
    let now = args.ctx.world.now();
    Ok(datetime::timestamp_plus(now, span)?.saturating_sub(now) as f64 / 1e6)
}

/// Sleeps so many seconds for each row.
fn sleep(args: &Args<'_>, seconds: &mut dyn FnMut(usize) -> Result<f64>) -> Result<Column> {
    args.map(&mut |row| {
        let world = args.ctx.world;
        // NaN, too, is no time.
        let time = Duration::try_from_secs_f64(seconds(row)?.max(0.0)).unwrap_or(Duration::MAX);
        let end = world.monotonic().saturating_add(time);
        loop {
            args.ctx.interrupt.check()?;
            let rest = end.saturating_sub(world.monotonic());
            if rest.is_zero() {
                return Ok(Value::from(""));
            }
            world.sleep(rest.min(NAP));
        }
    })
}

fn started(args: &Args<'_>) -> Result<Column> {
    static STARTED: OnceLock<i64> = OnceLock::new();
    let at = *STARTED.get_or_init(|| args.ctx.now);
    Column::constant(args.ty, &Value::Timestamptz(at.min(args.ctx.now)), args.rows)
}
