//! Groups that are known of whole pages: what a grouping takes from zone maps before it reads what is left.
//!
//! ```text
//! SELECT time_bucket('1 day', at), sum(v) FROM t WHERE at >= … GROUP BY 1
//!
//!   stretch of `at`      Monday 03:10 … 07:43     both ends qualify, and are of Monday: so is all between
//!   the pages of `v`     71.5 + 70.2 + …          one number for the group's sum
//!   what is left         the page with midnight   read by the scan, which leaves the stretch out
//! ```
//!
//! Stretches of one group that follow each other are a [`Part`]. Parts are found when the plan is opened; the grouping takes them
//! first, so sums of floats may differ in their last bits from those of the rows in order.
//!
//! Limits: a part of which zone maps say less than half of what is wanted is left to the scan, and so are all for which there is no
//! memory.

use super::gather;
use super::partial::Steps;
use super::project::evaluate;
use super::scan::{self, Once};
use super::sieve::Pushed;
use super::{Input, Reservation, Run};
use crate::sql::expr::Expr;
use crate::sql::optimize::by_clock;
use crate::sql::plan::{AggregateCall, Plan};
use remanent_storage::error::Result;
use remanent_storage::segment::RowSet;
use remanent_storage::table::scan::summary::{Stretch, Summary, Wanted};
use remanent_storage::txn::Scan;
use remanent_storage::value::{Batch, Column, Type, Value};
use std::sync::Arc;

/// What a part takes in memory, and each of its columns.
const PART: usize = 256;

/// What is known of a grouping before its rows are read.
#[derive(Default)]
pub struct Known {
    /// Of which columns.
    pub columns: Vec<Asked>,
    /// For each aggregate the place in `columns` of its argument, and whether it wants its ends; None: it counts rows.
    pub args: Vec<Option<(usize, bool)>>,
    /// In the order of rows.
    pub parts: Vec<Part>,
    /// The memory of the parts.
    pub held: Option<Reservation>,
}

/// A column that aggregates are of.
pub struct Asked {
    /// Its place in the table.
    pub column: usize,
    /// Its type.
    pub ty: Type,
    /// What of it.
    pub wanted: Wanted,
}

/// Some rows of one group.
pub struct Part {
    /// Where they lie.
    pub rows: Stretch,
    /// What makes the group, one row each.
    pub keys: Vec<Column>,
    /// What is known of each column.
    pub columns: Vec<Summary>,
}

/// What a grouping reads.
pub enum Read {
    /// These rows, and it begins with what is known of others.
    Rows(Input, Known),
    /// Groups of parts of the rows, of none of which anything is known.
    Parts(Input, Arc<Steps>),
}

/// What a grouping reads of its input, if that is marked.
pub fn open(
    input: &Plan,
    group: &[Expr],
    calls: &[AggregateCall],
    pushed: &Pushed,
    steps: &dyn Fn() -> Option<Arc<Steps>>,
    env: &Run<'_>,
) -> Result<Option<Read>> {
    let (table, filter) = match input {
        Plan::Filter { input, predicate } => (&**input, Some(predicate)),
        scan => (scan, None),
    };
    let Plan::Scan { columns, summarised: true, .. } = table else { return Ok(None) };
    if group.iter().any(by_clock) && env.context.zone.offset().is_none() {
        return Ok(None);
    }
    let mut known = Known::default();
    for call in calls {
        let arg = match call.aggregate.args.first() {
            Some(Expr::Column { index, ty }) => columns.get(*index).map(|&column| (column, *ty)),
            _ => None,
        };
        let arg = arg.map(|(column, ty)| known.ask(column, ty, call.aggregate.function.name));
        known.args.push(arg);
    }
    let rows = match scan::begin(env.txn()?, table, filter, env)? {
        None => Box::new(Once(None)),
        Some(mut rows) => {
            known.find(&mut rows, table, filter, group, env)?;
            match known.parts.is_empty().then(steps).flatten() {
                Some(steps) if gather::makes_parts(input, &steps, env) => {
                    return gather::parts_over(input, rows, pushed, &steps, env)
                        .map(|parts| Some(Read::Parts(parts, steps)));
                }
                _ => gather::over(input, rows, pushed, env)?,
            }
        }
    };
    let rows = match &env.watch {
        Some(watch) => watch.wrap(input, rows),
        None => rows,
    };
    Ok(Some(Read::Rows(rows, known)))
}

impl Known {
    /// Notes what an aggregate wants of its argument, and says what it is in `args`.
    fn ask(&mut self, column: usize, ty: Type, function: &str) -> (usize, bool) {
        let place = self.columns.iter().position(|asked| asked.column == column).unwrap_or_else(|| {
            self.columns.push(Asked { column, ty, wanted: Wanted::default() });
            self.columns.len() - 1
        });
        let (wanted, extreme) = (&mut self.columns[place].wanted, matches!(function, "min" | "max"));
        wanted.least |= function == "min";
        wanted.greatest |= function == "max";
        wanted.sum |= !extreme && function != "count";
        (place, extreme)
    }

    /// Finds the parts, and takes them out of the scan.
    fn find(
        &mut self,
        rows: &mut Scan,
        table: &Plan,
        filter: Option<&Expr>,
        group: &[Expr],
        env: &Run<'_>,
    ) -> Result<()> {
        let (Plan::Scan { columns, .. }, Some(rows)) = (table, rows.segments()) else { return Ok(()) };
        let types = super::types(table);
        let mut bounded: Vec<usize> = group.iter().chain(filter).flat_map(Expr::columns_used).collect();
        bounded.sort_unstable();
        bounded.dedup();
        let stored: Vec<usize> = bounded.iter().filter_map(|&column| columns.get(column).copied()).collect();
        let (mut parts, mut memory): (Vec<Part>, _) = (Vec::new(), env.context.memory.reserve());
        rows.stretches(&stored, &mut |rows, ends| {
            env.context.interrupt.check()?;
            let mut ends = bounded.iter().zip(ends).peekable();
            let mut both = Vec::with_capacity(types.len());
            for (i, &ty) in types.iter().enumerate() {
                let column = match ends.next_if(|(column, _)| **column == i) {
                    Some((_, (least, greatest))) => Column::from_values(ty, [least, greatest]),
                    None => Ok(Column::null(ty, 2)),
                };
                // Of a type whose ends are no values of it nothing is known.
                let Ok(column) = column else { return Ok(()) };
                both.push(column);
            }
            let Some(keys) = keys(&Batch::new(both, 2), filter, group, env) else { return Ok(()) };
            let same =
                |part: &Part| part.keys.iter().zip(&keys).all(|(a, b)| equal(&a.value(0), &b.value(0)));
            let last = parts.last_mut().filter(|part| same(part));
            if !last.is_some_and(|part| part.rows.extend(&rows))
                && memory.hold((parts.len() + 1) * (self.columns.len() + 1) * PART).is_ok()
            {
                parts.push(Part { rows, keys, columns: Vec::new() });
            }
            Ok(())
        })?;
        for mut part in parts {
            env.context.interrupt.check()?;
            let mut read = RowSet::new();
            for asked in &self.columns {
                let summary = part.rows.summary(asked.column, asked.wanted)?;
                read.insert_all(&summary.unread);
                part.columns.push(summary);
            }
            if part.columns.iter().all(|summary| summary.unread.len() * 2 <= part.rows.vectors()) {
                rows.leave_out(&part.rows, read.len());
                self.parts.push(part);
            }
        }
        self.held = Some(memory);
        Ok(())
    }
}

/// What makes the one group of all rows between two; None: some do not qualify, there are several groups, or there is an error,
/// which is for those to raise who see the rows.
fn keys(ends: &Batch, filter: Option<&Expr>, group: &[Expr], env: &Run<'_>) -> Option<Vec<Column>> {
    if let Some(filter) = filter
        && filter.filter(ends, &env.eval()).ok()?.len() < ends.rows
    {
        return None;
    }
    let keys = evaluate(group, ends, env).ok()?;
    let one = keys.iter().all(|key| equal(&key.value(0), &key.value(1)));
    one.then(|| keys.iter().map(|key| key.slice(0, 1)).collect())
}

fn equal(a: &Value, b: &Value) -> bool {
    a.compare(b).is_eq()
}
