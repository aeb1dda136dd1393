//! What is known of rows before all of them are read: conditions, the keys that a join holds, the worst of the best rows.
//!
//! A scan reads the columns of its conditions first, one condition after the other, and of the others only what is left.
//! A join that has drained the side it holds knows which keys can match at all; where rows of the other side that match
//! nothing are not wanted, its scans drop the others ([`KeyFilter`]). The filter is made when the plan is opened, handed
//! down to the scans through what passes columns on ([`below`]), and filled once the held side is drained, which is before
//! anything is pulled from the other. ORDER BY with LIMIT fills its filter again and again: a row whose first key is behind
//! that of the worst row kept will not be among the best.
//!
//! Invariant: what a sieve drops could not have come out of the plan. What it lets pass is still looked up by the join.

use super::Run;
use super::rowkey::{KeyLayout, KeyPart, RowKeys};
use crate::sql::expr::Expr;
use crate::sql::plan::{JoinKind, Plan, SortKey};
use remanent_kernels::compare::select_codes;
use remanent_kernels::members::Members;
use remanent_kernels::order::rows_up_to;
use remanent_storage::error::Result;
use remanent_storage::table::scan::Block;
use remanent_storage::value::{Batch, Buffer, Column, ColumnData, Physical, Type, Value};
use remanent_storage::world::sync::Mutex;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// What an operator wants of a column's values.
pub enum KeyFilter {
    /// They are among the keys that a join holds.
    Members(OnceLock<Members>),
    /// They do not come behind the worst of the best so far, in that layout's order, downwards or not.
    Best { layout: KeyLayout, descending: bool, bar: Mutex<Option<(u128, Value)>> },
}

/// Filters by the column of a plan that they apply to.
pub type Pushed = Vec<(usize, Arc<KeyFilter>)>;

impl KeyFilter {
    /// For a join's keys of that type; None: they are not numbers.
    pub fn of(ty: Type) -> Option<Arc<KeyFilter>> {
        let ty = ty.plain();
        let whole = matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Date);
        (whole || matches!(ty, Type::Timestamp | Type::Timestamptz))
            .then(|| Arc::new(KeyFilter::Members(OnceLock::new())))
    }

    /// For rows of which the first ones in the order of `keys` are wanted: the column, and its filter. None: the first key is
    /// no column, or of no fixed width.
    pub fn best(keys: &[SortKey]) -> Option<(usize, Arc<KeyFilter>)> {
        let key = keys.first()?;
        let Expr::Column { index, .. } = key.expr else { return None };
        let layout = KeyLayout::ordered(vec![KeyPart::of(key)]);
        let best = KeyFilter::Best { layout, descending: key.descending, bar: Mutex::new(None) };
        matches!(&best, KeyFilter::Best { layout, .. } if layout.is_words()).then(|| (index, Arc::new(best)))
    }

    /// The join's keys are known: from here on it drops rows. Bytes held.
    pub fn fill(&self, keys: &[i64]) -> usize {
        match self {
            KeyFilter::Members(members) => members.get_or_init(|| Members::new(keys)).memory(),
            KeyFilter::Best { .. } => 0,
        }
    }

    /// Enough rows are kept, and the worst has this value: from here on it drops those behind.
    pub fn raise(&self, worst: &Column) -> Result<()> {
        if let KeyFilter::Best { layout, bar, .. } = self
            && let RowKeys::Words(words) = layout.encode(std::slice::from_ref(worst), 1)?
        {
            *bar.lock() = words.first().map(|&word| (word, worst.value(0)));
        }
        Ok(())
    }

    /// True if no row of a block may pass, by what is known of the column without reading it.
    fn excludes(&self, block: &Block<'_>, column: usize) -> Result<bool> {
        let KeyFilter::Best { descending, bar, .. } = self else { return Ok(false) };
        let Some(zone) = block.zone(column)? else { return Ok(false) };
        let bar = bar.lock();
        Ok(match (&zone.range, &*bar) {
            (Some((least, greatest)), Some((_, worst))) if zone.nulls == 0 && !worst.is_null() => {
                match descending {
                    true => greatest.compare(worst).is_lt(),
                    false => least.compare(worst).is_gt(),
                }
            }
            _ => false,
        })
    }

    /// True once it drops rows.
    fn is_ready(&self) -> bool {
        match self {
            KeyFilter::Members(members) => members.get().is_some(),
            KeyFilter::Best { bar, .. } => bar.lock().is_some(),
        }
    }

    /// The rows of a column that may pass, of `within` or all; None: nothing is known yet, or not of such a column.
    fn passing(&self, column: &Column, within: Option<&[u32]>) -> Result<Option<Vec<u32>>> {
        let mut kept = Vec::new();
        match self {
            KeyFilter::Members(members) => {
                let Some(members) = members.get() else { return Ok(None) };
                let Some(values) = numbers(column) else { return Ok(None) };
                members.select(&values, within, &mut kept);
            }
            KeyFilter::Best { layout, bar, .. } => {
                let Some(bar) = bar.lock().as_ref().map(|(word, _)| *word) else { return Ok(None) };
                if column.has_references() {
                    return Ok(None);
                }
                let RowKeys::Words(words) = layout.encode(std::slice::from_ref(column), column.len())? else {
                    return Ok(None);
                };
                rows_up_to(&words, bar, &mut kept);
                if let Some(within) = within {
                    kept = both(&kept, within);
                }
            }
        }
        Ok(Some(kept))
    }
}

/// What stands in two ascending lists.
fn both(a: &[u32], b: &[u32]) -> Vec<u32> {
    let mut b = b.iter().copied().peekable();
    let mut found = Vec::new();
    for &row in a {
        while b.next_if(|&other| other < row).is_some() {}
        if b.next_if_eq(&row).is_some() {
            found.push(row);
        }
    }
    found
}

/// The numbers of a column of whole numbers or times; None: it has others, or NULLs among them do not count.
pub fn numbers(column: &Column) -> Option<Buffer<i64>> {
    let flat = column.flatten();
    match flat.data() {
        ColumnData::I64(values) => Some(values.clone()),
        ColumnData::I32(values) => Some(values.iter().map(|&v| i64::from(v)).collect::<Vec<_>>().into()),
        ColumnData::I16(values) => Some(values.iter().map(|&v| i64::from(v)).collect::<Vec<_>>().into()),
        _ => None,
    }
}

/// The filters that a plan's inputs get, in the order of its children.
pub fn below(plan: &Plan, pushed: &Pushed) -> Vec<Pushed> {
    let through = |exprs: &[Expr]| {
        let column = |(at, filter): &(usize, Arc<KeyFilter>)| match exprs.get(*at) {
            Some(Expr::Column { index, .. }) => Some((*index, Arc::clone(filter))),
            _ => None,
        };
        pushed.iter().filter_map(column).collect()
    };
    match plan {
        Plan::Filter { .. } | Plan::Sort { .. } | Plan::Distinct { .. } => vec![pushed.clone()],
        Plan::Project { exprs, .. } => vec![through(exprs)],
        Plan::Aggregate { group, sets, .. } if sets.is_empty() && !group.is_empty() => vec![through(group)],
        Plan::Append { inputs } => vec![pushed.clone(); inputs.len()],
        Plan::Join { left, right, kind, keys, output, .. } => {
            let (mut of_left, mut of_right) = (Pushed::new(), Pushed::new());
            let (to_left, to_right) = match kind {
                JoinKind::Inner => (true, true),
                JoinKind::Right => (false, true),
                JoinKind::Full => (false, false),
                _ => (true, false),
            };
            let width = left.width();
            for (at, filter) in pushed {
                let at = output.as_ref().map_or(Some(*at), |output| output.get(*at).copied());
                match at {
                    Some(at) if at < width && to_left => of_left.push((at, Arc::clone(filter))),
                    Some(at) if at >= width && to_right => of_right.push((at - width, Arc::clone(filter))),
                    _ => {}
                }
            }
            if *kind == JoinKind::Inner {
                also_equal(keys, &mut of_left, &mut of_right);
            }
            debug_assert!(right.width() > 0 || of_right.is_empty());
            vec![of_left, of_right]
        }
        other => vec![Pushed::new(); other.children().len()],
    }
}

/// What holds of one side's key holds of the other's.
fn also_equal(keys: &[(Expr, Expr)], left: &mut Pushed, right: &mut Pushed) {
    let (mut more_left, mut more_right) = (Pushed::new(), Pushed::new());
    for key in keys {
        let (Expr::Column { index: l, .. }, Expr::Column { index: r, .. }) = key else { continue };
        more_right.extend(left.iter().filter(|(at, _)| at == l).map(|(_, filter)| (*r, Arc::clone(filter))));
        more_left.extend(right.iter().filter(|(at, _)| at == r).map(|(_, filter)| (*l, Arc::clone(filter))));
    }
    left.extend(more_left);
    right.extend(more_right);
}

/// Looks at blocks of a scan.
pub struct Sieve {
    conditions: Vec<Condition>,
    /// How many conditions come before the filters: those that cost least.
    first: usize,
    filters: Vec<Applied>,
    /// Columns, by bits, that nobody reads but the conditions.
    tested: u64,
    /// The last block had large values in a column of a condition: the rest of the conditions is to be checked.
    pub unfinished: bool,
}

/// A part of the scan's condition over the columns that it reads.
struct Condition {
    columns: Vec<usize>,
    /// Over these columns, by their place in the list.
    expr: Expr,
    /// The probes of the scan, by bits, of which each says as much.
    said: u64,
    /// It says the same of the same value each time.
    stable: bool,
    known: Option<Chosen>,
}

/// What a condition over one column says of the distinct values of a page.
struct Chosen {
    /// The values, of which each has a 1 where it qualifies.
    values: Arc<Column>,
    chosen: Vec<u8>,
    null: bool,
}

/// Of so many times more distinct values than rows are asked for, each is looked at once.
const DISTINCT: usize = 8;

impl Condition {
    /// The rows for which it is true, of `within` or all; None: that is to be computed row by row.
    fn of_values(
        &mut self,
        column: &Column,
        within: Option<&[u32]>,
        env: &Run<'_>,
    ) -> Result<Option<Vec<u32>>> {
        let ColumnData::Dictionary { codes, values } = column.data() else { return Ok(None) };
        if !self.stable {
            return Ok(None);
        }
        if !self.known.as_ref().is_some_and(|known| Arc::ptr_eq(&known.values, values)) {
            if within.map_or(codes.len(), <[u32]>::len) * DISTINCT < values.len() {
                return Ok(None);
            }
            self.known = None;
            let each = Batch::new(vec![Column::clone(values)], values.len());
            let null = Batch::new(vec![Column::null(column.ty(), 1)], 1);
            let (Ok(yes), Ok(null)) =
                (self.expr.filter(&each, &env.eval()), self.expr.filter(&null, &env.eval()))
            else {
                // It fails, maybe for a value that no row has: the rows will tell.
                return Ok(None);
            };
            let mut chosen = vec![0; values.len()];
            yes.iter().filter_map(|&at| chosen.get_mut(at as usize).map(|one| *one = 1)).count();
            self.known = Some(Chosen { values: Arc::clone(values), chosen, null: !null.is_empty() });
        }
        let Some(known) = &self.known else { return Ok(None) };
        let mut kept = Vec::new();
        select_codes(codes, &known.chosen, within, &mut kept);
        if let Some(valid) = column.validity() {
            kept.retain(|&row| valid.get(row as usize));
            if known.null {
                let null = |row: &u32| !valid.get(*row as usize);
                match within {
                    None => kept.extend((0..codes.len() as u32).filter(null)),
                    Some(within) => kept.extend(within.iter().copied().filter(null)),
                }
                kept.sort_unstable();
            }
        }
        Ok(Some(kept))
    }
}

struct Applied {
    column: usize,
    filter: Arc<KeyFilter>,
    /// Rows that came, and that passed.
    seen: u64,
    passed: u64,
}

impl Applied {
    /// A filter that lets most rows pass costs more than it saves.
    fn is_useful(&self) -> bool {
        self.seen < 32_768 || self.passed * 10 < self.seen * 9
    }
}

impl Sieve {
    /// For a condition over a scan's columns, and filters on these.
    pub fn new(condition: Option<&Expr>, filters: Pushed) -> Self {
        Sieve::beside(condition, filters, 0, &|_| 0)
    }

    /// The same where of the columns those that are `tested`, by bits, are read by nobody else, and `said` gives the probes of the
    /// scan, by bits, of which each says all that a part of the condition says.
    pub fn beside(
        condition: Option<&Expr>,
        filters: Pushed,
        tested: u64,
        said: &dyn Fn(&Expr) -> u64,
    ) -> Self {
        let parts = condition.cloned().map(Expr::into_conjuncts).unwrap_or_default();
        let cheap = |part: &&Expr| part.as_comparison().is_some_and(|(_, left, _)| fixed(left.ty()));
        let all_cheap = parts.iter().take_while(cheap).count();
        let (mut conditions, mut first): (Vec<Condition>, usize) = (Vec::new(), 0);
        for (i, part) in parts.into_iter().enumerate() {
            let (columns, said) = (part.columns_used(), said(&part));
            let place = |column: usize| columns.iter().position(|&at| at == column).unwrap_or(column);
            let expr = part.remap_columns(&place);
            let cheap = i < all_cheap;
            match conditions.last_mut() {
                // `x >= 1 AND x < 5` is looked at once.
                Some(last) if cheap && last.columns == columns && last.said == said => {
                    let mut parts = std::mem::replace(&mut last.expr, Expr::And(Vec::new())).into_conjuncts();
                    parts.push(expr);
                    last.expr = Expr::And(parts);
                    last.stable = last.stable && !last.expr.is_volatile() && !last.expr.has_subquery();
                }
                _ => {
                    let stable = columns.len() == 1 && !expr.is_volatile() && !expr.has_subquery();
                    conditions.push(Condition { columns, expr, said, stable, known: None });
                    first += usize::from(cheap);
                }
            }
        }
        let applied = |(column, filter)| Applied { column, filter, seen: 0, passed: 0 };
        Sieve {
            conditions,
            first,
            filters: filters.into_iter().map(applied).collect(),
            tested,
            unfinished: false,
        }
    }

    /// Takes rows out of a block.
    pub fn narrow(&mut self, block: &mut Block<'_>, env: &Run<'_>) -> Result<()> {
        env.context.interrupt.check()?;
        self.unfinished = false;
        for applied in self.filters.iter_mut().filter(|applied| applied.is_useful()) {
            if applied.filter.is_ready() && applied.filter.excludes(block, applied.column)? {
                applied.seen += block.rows() as u64;
                block.selection = Some(Vec::new());
                return Ok(());
            }
        }
        self.check(0..self.first, block, env)?;
        for applied in self.filters.iter_mut().filter(|applied| applied.is_useful()) {
            if !applied.filter.is_ready() {
                continue;
            }
            if block.is_empty() {
                return Ok(());
            }
            let column = block.column(applied.column)?.clone();
            let Some(kept) = applied.filter.passing(&column, block.selection.as_deref())? else { continue };
            applied.seen += block.selection.as_ref().map_or(column.len(), Vec::len) as u64;
            applied.passed += kept.len() as u64;
            block.selection = Some(kept);
        }
        self.check(self.first..self.conditions.len(), block, env)?;
        block.spared = if self.unfinished { 0 } else { self.tested };
        Ok(())
    }

    /// Takes out what the whole condition refuses, with all columns read.
    pub fn finish(&mut self, block: &mut Block<'_>, condition: &Expr, env: &Run<'_>) -> Result<()> {
        let columns = (0..block.width()).map(|i| block.column(i).cloned()).collect::<Result<Vec<_>>>()?;
        let selection = block.selection.take().map(Buffer::from);
        let batch = Batch { columns, rows: block.rows(), selection };
        block.selection = Some(condition.filter(&batch, &env.eval())?.into_vec());
        self.unfinished = false;
        Ok(())
    }

    fn check(&mut self, conditions: Range<usize>, block: &mut Block<'_>, env: &Run<'_>) -> Result<()> {
        for condition in &mut self.conditions[conditions] {
            if block.is_empty() || self.unfinished {
                return Ok(());
            }
            if condition.said & block.sure != 0 {
                continue;
            }
            let mut columns = Vec::with_capacity(condition.columns.len());
            for &column in &condition.columns {
                let column = block.column(column)?;
                self.unfinished |= column.has_references();
                columns.push(column.clone());
            }
            if self.unfinished {
                return Ok(());
            }
            if let [column] = columns.as_slice()
                && let Some(kept) = condition.of_values(column, block.selection.as_deref(), env)?
            {
                block.selection = Some(kept);
                continue;
            }
            let selection = block.selection.take().map(Buffer::from);
            let batch = Batch { columns, rows: block.rows(), selection };
            block.selection = Some(condition.expr.filter(&batch, &env.eval())?.into_vec());
        }
        Ok(())
    }
}

/// True for what is compared without looking anywhere else.
fn fixed(ty: Type) -> bool {
    !matches!(ty.physical(), Physical::Bytes | Physical::I128)
}
