//! How a scan finds its rows by an index.

use super::SortKey;
use super::strategy::{Question, Ranking, Strategy};
use crate::sql::expr::{EvalContext, Expr};
use remanent_storage::error::Result;
use remanent_storage::index::vector::RECALL;
use remanent_storage::index::{IndexDef, KeySpan, Probe};
use remanent_storage::table::estimate::IndexEstimate;
use remanent_storage::table::version::Table;
use remanent_storage::table::{IndexProbe, RankProbe, Scores};
use remanent_storage::value::{Type, Value};
use std::fmt;
use std::ops::Bound;
use std::sync::{Arc, Weak};

/// Rows by an index. Of a sorted one: all columns before are equal to something, the next lies in a range. One of another kind
/// is asked for what operators say of its columns.
#[derive(Debug, Clone)]
pub struct Access {
    /// The index.
    pub index: Arc<IndexDef>,
    /// What the first columns are equal to.
    pub equal: Vec<Equal>,
    /// The lower end of the next column; true: it is included.
    pub low: Option<(bool, Expr)>,
    /// The upper end.
    pub high: Option<(bool, Expr)>,
    /// The next column is no NULL.
    pub not_null: bool,
    /// What an index that is not sorted is asked for: of each of these, one.
    pub asked: Vec<Vec<Asked>>,
    /// Other indexes, without an order: only rows that they name too.
    pub also: Vec<Access>,
    /// Rows come in the order of the index; None: as they lie.
    pub order: Option<IndexOrder>,
    /// Without an order: the index may be walked nevertheless, since it tells all that is read of rows, which are few.
    pub only: bool,
}

/// The rows that come first in the order of an operator, by an index that ranks.
#[derive(Debug, Clone)]
pub struct Ranked {
    /// The index.
    pub index: Arc<IndexDef>,
    /// The operator.
    pub ranking: &'static Ranking,
    /// By what is ranked: the sum of these. One without a weight, where the operator's values are not added.
    pub terms: Vec<RankedTerm>,
    /// How many rows are wanted, and how many before them.
    pub limit: Expr,
    /// How many rows are left out first.
    pub offset: Option<Expr>,
    /// What is ordered by, over the scan's columns: the scan delivers its values as a last column.
    pub value: Option<Arc<Expr>>,
    /// Those of the scan's first 64 columns, by bits, that nothing else reads.
    pub spared: u64,
}

/// A value of an operator, by which an index ranks, alone or added to others.
#[derive(Debug, Clone)]
pub struct RankedTerm {
    /// What it is multiplied by.
    pub weight: Option<Expr>,
    /// Which of the index's columns it is about.
    pub column: usize,
    /// The operator's other arguments in order, which read no column.
    pub args: Vec<Expr>,
}

/// What `bm25_corpus` of a column and a query says, by an index.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The index.
    pub index: Arc<IndexDef>,
    /// Which of its columns.
    pub column: usize,
    /// The query, which reads no column.
    pub query: Expr,
}

impl Ranked {
    /// Shows each expression.
    pub fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        let terms = self.terms.iter().flat_map(|term| term.args.iter().chain(&term.weight));
        terms.chain([&self.limit]).chain(&self.offset).chain(self.value.as_deref()).for_each(visit);
    }

    /// The same, to change them.
    pub fn for_each_expr_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        let terms = self.terms.iter_mut().flat_map(|term| term.args.iter_mut().chain(&mut term.weight));
        let value = self.value.as_mut().map(Arc::make_mut);
        terms.chain([&mut self.limit]).chain(&mut self.offset).chain(value).for_each(visit);
    }

    /// What the index is asked; None: it cannot be, with these values. `filtered`: the scan has a condition.
    pub fn probe(&self, filtered: bool, ctx: &EvalContext<'_>) -> Result<Option<RankProbe>> {
        let mut count = 0usize;
        for expr in std::iter::once(&self.limit).chain(&self.offset) {
            match expr.value(ctx)? {
                Value::Int8(n) => count = count.saturating_add(usize::try_from(n).unwrap_or(0)),
                // All rows.
                _ => return Ok(None),
            }
        }
        let recall = ctx.planner.recall.or_else(|| self.index.parameter("recall")?.parse().ok());
        let count = count.max(1);
        let recall = recall.unwrap_or(RECALL);
        let mut sum: Option<Probe> = None;
        for term in &self.terms {
            let args =
                term.args.iter().map(|arg| arg.value(ctx)?.loaded()).collect::<Result<Vec<Value>>>()?;
            let weight = term.weight.as_ref().map_or(Ok(Value::Float8(1.0)), |weight| weight.value(ctx))?;
            let Value::Float8(weight) = weight else { return Ok(None) };
            if args.iter().any(Value::is_null) || !(weight.is_finite() && weight >= 0.0) {
                return Ok(None);
            }
            let question = Question { index: &self.index, column: term.column, args: &args };
            let Some(mut probe) = (self.ranking.probe)(&question, count, recall)? else { return Ok(None) };
            if let Probe::BestWords(best) = &mut probe {
                best.fields.iter_mut().for_each(|field| field.weight *= weight);
                if let Some(Probe::BestWords(all)) = &mut sum {
                    all.fields.append(&mut best.fields);
                    continue;
                }
            }
            sum = Some(probe);
        }
        let scores = Scores { spared: self.spared, negated: self.ranking.descending };
        let scores = self.value.is_some().then_some(scores);
        Ok(sum.map(|probe| RankProbe { index: Arc::clone(&self.index), probe, count, filtered, scores }))
    }
}

/// What an operator says of a column of an index.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The operator.
    pub strategy: &'static Strategy,
    /// Which of the index's columns it is about.
    pub column: usize,
    /// Its other arguments in order. They read no column.
    pub args: Vec<Expr>,
}

impl Asked {
    /// True if a condition over a scan's columns says this and no more.
    fn is(&self, index: &IndexDef, columns: &[usize], condition: &Expr) -> bool {
        let Expr::Call { function, args, .. } = condition else { return false };
        let mut others = self.args.iter();
        let same = args.iter().enumerate().all(|(i, arg)| match arg {
            Expr::Column { index: at, .. } if i == self.strategy.column => {
                columns.get(*at).is_some_and(|at| index.columns.get(self.column) == Some(at))
            }
            arg => others.next() == Some(arg),
        });
        same && function.name == self.strategy.function && others.next().is_none()
    }
}

/// What a column of an index is equal to.
#[derive(Debug, Clone)]
pub enum Equal {
    /// One of these. They read no column.
    Values(Vec<Expr>),
    /// NULL: `IS NULL`.
    Null,
}

impl Equal {
    /// How many keys that may be.
    pub fn count(&self) -> usize {
        match self {
            Equal::Values(values) => values.len(),
            Equal::Null => 1,
        }
    }
}

/// The order in which a scan delivers its rows.
#[derive(Debug, Clone)]
pub struct IndexOrder {
    /// From the end of the index to its beginning.
    pub backward: bool,
    /// Of the rows that agree in so many first columns of the index the first is enough; 0: all are wanted.
    pub groups: usize,
    /// The same as an order of the scan's columns, for where the index cannot be walked; none where `groups` is not 0.
    pub keys: Vec<SortKey>,
}

impl Access {
    /// All rows of an index.
    pub fn all(index: &Arc<IndexDef>) -> Self {
        Access {
            index: Arc::clone(index),
            equal: Vec::new(),
            low: None,
            high: None,
            not_null: false,
            asked: Vec::new(),
            also: Vec::new(),
            order: None,
            only: false,
        }
    }

    /// True if rows of these columns are read from the index.
    pub fn is_only(&self, columns: &[usize]) -> bool {
        self.only || self.order.is_some() && self.index.tells(columns)
    }

    /// True if all that a condition over a scan's columns says is said by a probe of this, or of the others.
    pub fn is_said(&self, probe: &IndexProbe, columns: &[usize], condition: &Expr) -> bool {
        let index = &probe.index;
        if !Arc::ptr_eq(index, &self.index) {
            return self.also.iter().any(|other| other.is_said(probe, columns, condition));
        }
        match (self.asked.get(probe.number).map(Vec::as_slice), condition) {
            (Some([asked]), condition) => asked.is(index, columns, condition),
            (Some(asked), Expr::Or(parts)) => {
                asked.len() == parts.len()
                    && asked.iter().zip(parts).all(|(asked, part)| asked.is(index, columns, part))
            }
            _ => false,
        }
    }

    /// Visits the expressions in it.
    pub fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        for equal in &self.equal {
            if let Equal::Values(values) = equal {
                values.iter().for_each(&mut *visit);
            }
        }
        self.low.iter().chain(&self.high).for_each(|(_, expr)| visit(expr));
        self.asked.iter().flatten().flat_map(|asked| &asked.args).for_each(&mut *visit);
        self.also.iter().for_each(|access| access.for_each_expr(visit));
    }

    /// The same, to be changed. The keys of the order are columns.
    pub fn for_each_expr_mut(&mut self, visit: &mut dyn FnMut(&mut Expr)) {
        for equal in &mut self.equal {
            if let Equal::Values(values) = equal {
                values.iter_mut().for_each(&mut *visit);
            }
        }
        self.low.iter_mut().chain(&mut self.high).for_each(|(_, expr)| visit(expr));
        self.asked.iter_mut().flatten().flat_map(|asked| &mut asked.args).for_each(&mut *visit);
        self.also.iter_mut().for_each(|access| access.for_each_expr_mut(visit));
    }
}

/// The indexes of a scan's table. A plan that is kept does not keep the table's segments.
#[derive(Clone)]
pub struct TableIndexes {
    /// The indexes, the primary key first.
    pub defs: Arc<[Arc<IndexDef>]>,
    /// The table.
    pub table: Weak<Table>,
    /// What columns that have no name keep, over the table's columns.
    pub kept: Vec<(usize, Expr)>,
}

impl TableIndexes {
    /// Those of a table; None where there is none.
    pub fn of(table: &Arc<Table>, defs: &[Arc<IndexDef>]) -> Option<TableIndexes> {
        let primary = (!table.def.key.is_empty()).then_some(&table.primary);
        let secondary = defs.iter().filter(|def| def.has_parts());
        let defs: Arc<[Arc<IndexDef>]> = primary.into_iter().chain(secondary).cloned().collect();
        (!defs.is_empty()).then(|| TableIndexes { defs, table: Arc::downgrade(table), kept: Vec::new() })
    }

    /// What an index will name.
    pub fn estimate(&self, probe: &IndexProbe) -> Option<IndexEstimate> {
        self.table.upgrade()?.estimate(probe)
    }
}

impl fmt::Debug for TableIndexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.defs.iter().map(|def| &def.name)).finish()
    }
}

/// What an access asks of its index, without the others: rows are among those of each. None: no row is. Of what cannot be
/// asked with these values, nothing is.
pub fn probes(access: &Access, ctx: &EvalContext<'_>) -> Result<Option<Vec<IndexProbe>>> {
    let index = &access.index;
    if index.is_sorted() {
        let spans = spans(access, ctx)?;
        return Ok((!spans.is_empty()).then(|| vec![IndexProbe::of_spans(index, spans)]));
    }
    let mut all = Vec::with_capacity(access.asked.len());
    for (number, alternatives) in access.asked.iter().enumerate() {
        let (mut probes, mut known) = (Vec::with_capacity(alternatives.len()), true);
        for Asked { strategy, column, args } in alternatives {
            let args = args.iter().map(|arg| arg.value(ctx)?.loaded()).collect::<Result<Vec<Value>>>()?;
            // What is said of NULL is not true.
            if args.iter().any(Value::is_null) {
                continue;
            }
            match (strategy.probe)(&Question { index, column: *column, args: &args })? {
                Some(probe) => probes.push(probe),
                None => known = false,
            }
        }
        if known && probes.is_empty() {
            return Ok(None);
        }
        if known {
            all.push(IndexProbe { index: Arc::clone(index), probes, number });
        }
    }
    Ok(Some(all))
}

/// The spans of keys that an access of a sorted index names, without those that are empty; no NULL is equal to anything.
pub fn spans(access: &Access, ctx: &EvalContext<'_>) -> Result<Vec<KeySpan>> {
    let def = &access.index;
    let mut prefixes: Vec<Vec<Value>> = vec![Vec::new()];
    for (equal, &ty) in access.equal.iter().zip(&def.types) {
        let mut values = Vec::with_capacity(equal.count());
        match equal {
            Equal::Null => values.push(Value::Null),
            Equal::Values(list) => {
                for expr in list {
                    values.extend(key_value(expr, ty, ctx)?);
                }
            }
        }
        let longer = |prefix: &Vec<Value>| {
            let prefix = prefix.clone();
            values.clone().into_iter().map(move |value| {
                let mut longer = prefix.clone();
                longer.push(value);
                longer
            })
        };
        prefixes = prefixes.iter().flat_map(longer).collect();
    }
    let next = def.types.get(access.equal.len()).copied();
    let (low, high) = match next {
        Some(ty) => match (end(access.low.as_ref(), ty, ctx)?, end(access.high.as_ref(), ty, ctx)?) {
            (Some(low), Some(high)) => (low, high),
            _ => return Ok(Vec::new()),
        },
        None => (Bound::Unbounded, Bound::Unbounded),
    };
    let open = matches!((&low, &high), (Bound::Unbounded, Bound::Unbounded));
    let span = |prefix: &Vec<Value>| match access.not_null && open {
        true => def.values_span(prefix),
        false => def.span(prefix, low.as_ref(), high.as_ref()),
    };
    Ok(prefixes.iter().map(span).filter(|span| !span.is_empty()).collect())
}

/// One end of a range: None where nothing lies within it, unbounded where it excludes nothing.
fn end(end: Option<&(bool, Expr)>, ty: Type, ctx: &EvalContext<'_>) -> Result<Option<Bound<Value>>> {
    let Some((included, expr)) = end else { return Ok(Some(Bound::Unbounded)) };
    let value = expr.value(ctx)?;
    if value.is_null() {
        return Ok(None);
    }
    Ok(Some(match (fit(value, ty), included) {
        // Outside of the column's type: the filter decides.
        (None, _) => Bound::Unbounded,
        (Some(value), true) => Bound::Included(value),
        (Some(value), false) => Bound::Excluded(value),
    }))
}

/// A value to be found in a column of that type; None where no row has it.
fn key_value(expr: &Expr, ty: Type, ctx: &EvalContext<'_>) -> Result<Option<Value>> {
    let value = expr.value(ctx)?.loaded()?;
    Ok(match value.is_null() {
        true => None,
        false => fit(value, ty),
    })
}

/// An integer as the integer type of a column; None where it does not fit.
pub fn fit(value: Value, ty: Type) -> Option<Value> {
    let integer = match &value {
        Value::Int2(v) => i64::from(*v),
        Value::Int4(v) => i64::from(*v),
        Value::Int8(v) => *v,
        _ => return Some(value),
    };
    match ty {
        Type::Int2 => i16::try_from(integer).ok().map(Value::Int2),
        Type::Int4 => i32::try_from(integer).ok().map(Value::Int4),
        _ => Some(Value::Int8(integer)),
    }
}
