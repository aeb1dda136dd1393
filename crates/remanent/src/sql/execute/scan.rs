//! Where rows come from: tables, single rows by key, VALUES, the lines of EXPLAIN.

use super::gather::Feed;
use super::sieve::{Pushed, Sieve};
use super::sort::Sort;
use super::{Env, Input, Operator, Report, Rows, Run};
use crate::sql::expr::Expr;
use crate::sql::functions::Cmp;
use crate::sql::optimize::{ONLY, SHARE, comparison};
use crate::sql::plan::access::fit;
use crate::sql::plan::{self, Access, Field, Plan, TableIndexes};
use remanent_storage::error::{Error, Result};
use remanent_storage::index::Probe;
use remanent_storage::table::ordered::Walk;
use remanent_storage::table::{ColumnRange, IndexProbe, RowId, RowTest, ScanRequest, TableDef};
use remanent_storage::txn::{Scan, Txn};
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, ColumnBuilder, Key, Type, Value};
use std::ops::Bound;
use std::sync::Arc;

/// The rows of a table for which a condition is true.
struct TableRows {
    /// None: at its end.
    scan: Option<Scan>,
    sieve: Sieve,
    condition: Option<Expr>,
    /// An index ranks the rows that the sieve leaves.
    ranked: bool,
    /// By what, where that is to be a last column: how many columns there are before, and the expression over these.
    value: Option<(usize, Arc<Expr>)>,
    few: Few,
}

/// Where a condition leaves few rows of a block, those of several blocks go on together: whatever is above has as much to do for a
/// batch of ten rows as for one of hundreds. Who stops after the first rows waits for no others at first.
#[derive(Default)]
struct Few {
    /// Rows that have not gone on.
    rows: Option<Rows>,
    /// So many go on.
    together: usize,
    /// What came after them, other than such rows.
    next: Option<Result<Option<Batch>>>,
}

/// So many rows of a block are few, and so many go on together in the end.
const FEW: usize = 128;
const TOGETHER: usize = 512;

impl Few {
    /// What goes on where that comes, and perhaps `next` after it; None: it waits for more.
    fn take(&mut self, came: Result<Option<Batch>>) -> Option<Result<Option<Batch>>> {
        match came {
            Ok(Some(batch)) if batch.len() < FEW && !batch.columns.iter().any(Column::has_references) => {
                if self.rows.is_none() && batch.len() >= self.together {
                    self.together = (4 * self.together).clamp(4, TOGETHER);
                    return Some(Ok(Some(batch)));
                }
                let types = batch.columns.iter().map(Column::ty);
                let rows = self.rows.get_or_insert_with(|| Rows::new(types));
                rows.append(&batch.columns, batch.rows, batch.selection.as_deref());
                if rows.len < self.together {
                    return None;
                }
                self.together = (4 * self.together).min(TOGETHER);
            }
            other if self.rows.is_none() => return Some(other),
            other => self.next = Some(other),
        }
        self.rows.take().map(|rows| {
            let len = rows.len;
            Ok(Some(Batch::new(rows.finish(), len)))
        })
    }
}

impl TableRows {
    fn read(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let TableRows { scan, sieve, condition, ranked, value, .. } = self;
        let Some(scan) = scan else { return Ok(None) };
        while let Some(mut batch) = scan.next_sieved(&mut |block| {
            sieve.narrow(block, env)?;
            // Where an index ranks what is left, nothing may be left that does not count.
            match condition.as_ref().filter(|_| *ranked && sieve.unfinished) {
                Some(condition) => sieve.finish(block, condition, env),
                None => Ok(()),
            }
        })? {
            env.context.interrupt.count(batch.rows);
            if let (true, Some(condition)) = (sieve.unfinished, &condition) {
                batch.selection = Some(condition.filter(&batch, &env.eval())?);
            }
            if batch.is_empty() {
                continue;
            }
            // Where the index knows it, it is there.
            if let Some((_, value)) = value.as_ref().filter(|(columns, _)| batch.columns.len() == *columns) {
                batch = batch.compact();
                let computed = value.evaluate(&batch, &env.eval())?;
                batch.columns.push(computed);
            }
            return Ok(Some(batch));
        }
        Ok(None)
    }
}

impl Operator for TableRows {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if let Some(next) = self.few.next.take() {
            return next;
        }
        loop {
            let came = self.read(env);
            // What an index ranks is counted by who asked.
            if self.ranked {
                return came;
            }
            if let Some(out) = self.few.take(came) {
                return out;
            }
        }
    }

    fn report(&self) -> Report {
        Report { touched: self.scan.as_ref().map(Scan::touched), ..Report::default() }
    }
}

/// The same of the morsels that it is fed with, one after the other.
struct Fed {
    feed: Feed,
    rows: TableRows,
    pushed: Pushed,
}

impl Operator for Fed {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if self.rows.scan.is_none() {
            self.rows.scan = self.feed.lock().0.take();
        }
        let next = self.rows.next(env);
        if !matches!(next, Ok(Some(_)))
            && let Some(ended) = self.rows.scan.take()
        {
            self.feed.lock().1.add(ended.touched());
        }
        next
    }

    fn again(&self, feed: &Feed, _: &Run<'_>) -> Option<Input> {
        Some(fed(feed, self.rows.condition.as_ref(), self.pushed.clone()))
    }

    fn report(&self) -> Report {
        let mut touched = self.feed.lock().1;
        self.rows.scan.iter().for_each(|scan| touched.add(scan.touched()));
        Report { touched: Some(touched), ..Report::default() }
    }
}

/// The rows of morsels for which `filter` is true.
pub fn fed(feed: &Feed, filter: Option<&Expr>, pushed: Pushed) -> Input {
    let (sieve, condition) = (Sieve::new(filter, pushed.clone()), filter.cloned());
    let rows = TableRows { scan: None, sieve, condition, ranked: false, value: None, few: Few::default() };
    Box::new(Fed { feed: Feed::clone(feed), rows, pushed })
}

/// The rows of a scan for which `filter` is true.
pub fn rows(scan: Scan, filter: Option<&Expr>, pushed: Pushed) -> Input {
    let (sieve, condition) = (Sieve::new(filter, pushed), filter.cloned());
    let few = Few::default();
    Box::new(TableRows { scan: Some(scan), sieve, condition, ranked: false, value: None, few })
}

/// Rows made beforehand.
pub struct Once(pub Option<Batch>);

impl Operator for Once {
    fn next(&mut self, _: &Run<'_>) -> Result<Option<Batch>> {
        Ok(self.0.take())
    }
}

/// Begins the scan of a plan's node that no index serves; None: no row qualifies.
pub fn begin(txn: &Txn, scan: &Plan, filter: Option<&Expr>, env: &Run<'_>) -> Result<Option<Scan>> {
    let Plan::Scan { table, .. } = scan else { return Err(Error::internal("a scan of something else")) };
    let Some(request) = request(txn, scan, filter, env)? else { return Ok(None) };
    txn.scan(table, &request).map(Some)
}

/// What a scan reads; None: no row qualifies.
fn request(txn: &Txn, scan: &Plan, filter: Option<&Expr>, env: &Run<'_>) -> Result<Option<ScanRequest>> {
    let Plan::Scan { table, columns, ranges, row_ids, .. } = scan else {
        return Err(Error::internal("a scan of something else"));
    };
    let test = filter.filter(|_| txn.is_serializable()).and_then(|filter| row_test(filter, env));
    let mut request =
        ScanRequest { columns: columns.to_vec(), row_ids: *row_ids, test, ..ScanRequest::default() };
    for range in ranges {
        let value = range.value.value(&env.eval())?;
        if value.is_null() {
            return Ok(None);
        }
        // What lies outside of the column's type excludes nothing that the filter would not.
        let Some(value) = fit(value, column_type(table, range.column)) else { continue };
        let (low, high) = match range.op {
            Cmp::Eq => (Bound::Included(value.clone()), Bound::Included(value)),
            Cmp::Lt => (Bound::Unbounded, Bound::Excluded(value)),
            Cmp::Le => (Bound::Unbounded, Bound::Included(value)),
            Cmp::Gt => (Bound::Excluded(value), Bound::Unbounded),
            Cmp::Ge => (Bound::Included(value), Bound::Unbounded),
            Cmp::Ne => continue,
        };
        merge(&mut request.ranges, ColumnRange { column: range.column, low, high });
    }
    Ok(Some(request))
}

/// Begins a scan of a plan's node; where a range's value is NULL no row qualifies. `filter` is the whole condition of
/// the node above it, `pushed` what joins know of the rows that they want.
pub fn open(txn: &Txn, scan: &Plan, filter: Option<&Expr>, pushed: Pushed, env: &Run<'_>) -> Result<Input> {
    let Plan::Scan { table, columns, tested, indexes, access, ranked, .. } = scan else {
        return Err(Error::internal("a scan of something else"));
    };
    let Some(mut request) = request(txn, scan, filter, env)? else { return Ok(Box::new(Once(None))) };
    let width = columns.len() + usize::from(request.row_ids);
    if let Some(ranked) = ranked {
        request.ranked = ranked.probe(filter.is_some(), &env.eval())?;
    }
    let rows = |scan, probes: &[IndexProbe]| {
        let said = |condition: &Expr| {
            let exact = probes.iter().enumerate().take(64).filter(|(_, probe)| probe.is_exact());
            let says =
                |probe: &IndexProbe| access.as_ref().is_some_and(|a| a.is_said(probe, columns, condition));
            exact.filter(|(_, probe)| says(probe)).fold(0, |bits, (i, _)| bits | 1 << i)
        };
        let sieve = Sieve::beside(filter, pushed, *tested, &said);
        let condition = filter.cloned();
        let value = ranked.as_ref().and_then(|ranked| Some((width, ranked.value.clone()?)));
        let (ranked, few) = (ranked.is_some(), Few::default());
        Box::new(TableRows { scan: Some(scan), sieve, condition, ranked, value, few })
    };
    let Some(access) = access else { return Ok(rows(txn.scan(table, &request)?, &[])) };
    if let Some(order) = &access.order {
        let spans = plan::access::spans(access, &env.eval())?;
        let Some(span) = spans.first() else { return Ok(Box::new(Once(None))) };
        let walk = Walk {
            index: Arc::clone(&access.index),
            span: span.clone(),
            backward: order.backward,
            groups: order.groups,
        };
        if let Some(scan) = txn.scan_ordered(table, &request, &walk)? {
            return Ok(rows(scan, &[]));
        }
        // Without a part in some segment: all rows, sorted where that matters.
        let all = rows(txn.scan(table, &request)?, &[]);
        if order.groups > 0 {
            return Ok(all);
        }
        return Ok(Box::new(Sort::new(all, super::types(scan), &order.keys, None, 0, env)));
    }
    let forced = !env.context.planner.seq_scans;
    let nothing = || Ok(Box::new(Once(None)) as Input);
    let Some(first) = plan::access::probes(access, &env.eval())? else { return nothing() };
    if forced || pays(access, &first, indexes.as_ref()) {
        if let ([IndexProbe { probes, index, .. }], true) = (first.as_slice(), access.only)
            && let [Probe::Span(span)] = probes.as_slice()
            && (forced || few(&first, indexes.as_ref()))
        {
            let (index, span) = (Arc::clone(index), span.clone());
            let walk = Walk { index, span, backward: false, groups: 0 };
            if let Some(scan) = txn.scan_ordered(table, &request, &walk)? {
                return Ok(rows(scan, &[]));
            }
        }
        request.probes.extend(first);
        for other in &access.also {
            let Some(probes) = plan::access::probes(other, &env.eval())? else { return nothing() };
            request.probes.extend(probes);
        }
    }
    Ok(rows(txn.scan(table, &request)?, &request.probes))
}

/// True if an index names few rows, now that all values are known. One that names a row at most is not asked, nor are
/// several together.
fn pays(access: &Access, probes: &[IndexProbe], indexes: Option<&TableIndexes>) -> bool {
    let single = access.index.unique && access.equal.len() == access.index.columns.len();
    let many = probes.iter().any(|probe| probe.probes.len() > ASKED);
    if single || many || !access.also.is_empty() {
        return true;
    }
    let pays = |probe: &IndexProbe| {
        // What a probe has said need not be looked at again.
        let estimate = indexes.filter(|_| !probe.is_exact()).and_then(|indexes| indexes.estimate(probe));
        estimate.is_none_or(|estimate| estimate.rows * SHARE <= estimate.all.max(1000.0))
    };
    probes.iter().any(pays)
}

/// True if the rows that an index names are so few that what it tells of them is taken from it.
fn few(probes: &[IndexProbe], indexes: Option<&TableIndexes>) -> bool {
    let estimate = |probe| indexes.and_then(|indexes| indexes.estimate(probe));
    probes.iter().filter_map(estimate).all(|estimate| estimate.rows * ONLY <= estimate.all)
}

/// So many spans, or other probes, are counted before they are looked up.
const ASKED: usize = 16;

/// A condition as a test of other rows than those of the scan; None where the ranges say it all, or where it may say
/// something else the next time.
fn row_test(filter: &Expr, env: &Run<'_>) -> Option<RowTest> {
    let ranges_only = filter.clone().into_conjuncts().iter().all(|part| comparison(part).is_some());
    if ranges_only || filter.is_volatile() {
        return None;
    }
    let (filter, mut env) = (filter.clone(), Env::clone(env));
    // A request to end some later statement is not about this condition.
    env.context.interrupt = Arc::default();
    Some(RowTest::new(move |rows| match filter.filter(rows, &env.eval()) {
        Ok(selection) => !selection.is_empty(),
        // It would fail on that row: it might have read it.
        Err(_) => true,
    }))
}

/// One range a column where the ends do not overlap in kind: `a >= 1` and `a < 5` is one range.
fn merge(ranges: &mut Vec<ColumnRange>, new: ColumnRange) {
    let open = |bound: &Bound<Value>| matches!(bound, Bound::Unbounded);
    for range in ranges.iter_mut().filter(|range| range.column == new.column) {
        if open(&range.low) && open(&new.high) {
            range.low = new.low;
            return;
        }
        if open(&range.high) && open(&new.low) {
            range.high = new.high;
            return;
        }
    }
    ranges.push(new);
}

fn column_type(table: &TableDef, position: usize) -> Type {
    table.columns.get(position).map_or(Type::Int8, |column| column.ty)
}

/// The row with a key.
pub fn point(
    txn: &Txn,
    table: &Arc<TableDef>,
    columns: &[usize],
    key: &[Expr],
    row_ids: bool,
    env: &Run<'_>,
) -> Result<Input> {
    let mut values = Vec::with_capacity(key.len());
    for (expr, &position) in key.iter().zip(&table.key) {
        match fit(expr.value(&env.eval())?, column_type(table, position)) {
            // No key has a NULL, or a value outside of its column's type.
            None | Some(Value::Null) => return Ok(Box::new(Once(None))),
            Some(value) => values.push(value),
        }
    }
    let key = Key::encode(&values);
    let row = txn.get(table, &key, columns)?;
    let mut batch = row.map(|values| one_row(table, columns, &values)).transpose()?;
    if let (true, Some(batch)) = (row_ids, &mut batch) {
        let own = RowId { segment: RowId::PRIVATE, ordinal: 0 }.pack();
        let place = if txn.owns(table, &key)? { own } else { NOWHERE };
        batch.columns.push(Column::constant(Type::Int8, &Value::Int8(place), 1)?);
    }
    Ok(Box::new(Once(batch)))
}

/// Where a row lies that was found by its key: the place is a hint for writers, who look the key up without one.
const NOWHERE: i64 = -1;

fn one_row(table: &TableDef, columns: &[usize], values: &[Value]) -> Result<Batch> {
    let column = |(&position, value): (&usize, &Value)| {
        let mut builder = ColumnBuilder::new(column_type(table, position));
        builder.push(value)?;
        Ok(builder.finish())
    };
    Ok(Batch::new(columns.iter().zip(values).map(column).collect::<Result<_>>()?, 1))
}

/// The rows of VALUES, evaluated as they are asked for.
pub struct Values {
    rows: Arc<Vec<Vec<Expr>>>,
    types: Vec<Type>,
    at: usize,
}

impl Values {
    /// Rows of expressions, each as long as `fields`.
    pub fn new(rows: &Arc<Vec<Vec<Expr>>>, fields: &[Field]) -> Self {
        Values { rows: Arc::clone(rows), types: fields.iter().map(|field| field.ty).collect(), at: 0 }
    }
}

impl Operator for Values {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        let end = self.rows.len().min(self.at + BATCH_ROWS);
        let rows = &self.rows[self.at..end];
        if rows.is_empty() {
            return Ok(None);
        }
        let mut columns: Vec<ColumnBuilder> = self.types.iter().copied().map(ColumnBuilder::new).collect();
        for row in rows {
            for (builder, expr) in columns.iter_mut().zip(row) {
                match expr {
                    Expr::Literal { value, .. } => builder.push(value)?,
                    _ => builder.push(&expr.carried_value(&env.eval())?)?,
                }
            }
        }
        self.at = end;
        Ok(Some(Batch::new(columns.into_iter().map(ColumnBuilder::finish).collect(), rows.len())))
    }
}

/// Lines of text as rows.
pub struct Lines(Vec<String>);

impl Lines {
    /// The lines of a text, in order.
    pub fn new(text: &str) -> Self {
        Lines(text.lines().map(str::to_string).collect())
    }
}

impl Operator for Lines {
    fn next(&mut self, _: &Run<'_>) -> Result<Option<Batch>> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let rest = self.0.split_off(self.0.len().min(BATCH_ROWS));
        let lines = std::mem::replace(&mut self.0, rest);
        let rows = lines.len();
        let column = Column::from_values(Type::Text, lines.into_iter().map(Value::Text))?;
        Ok(Some(Batch::new(vec![column], rows)))
    }
}
