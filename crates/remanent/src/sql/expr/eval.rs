//! Evaluation over batches.
//!
//! [`Rows`] is a batch seen through a selection. An expression is evaluated for the selected
//! rows only: a column that is read is gathered first, so kernels see compact columns. AND, OR, CASE,
//! COALESCE narrow the selection as they go, so that an error arises only where PostgreSQL would raise it:
//! `x <> 0 AND 1 / x > 2` divides by no zero.
//!
//! The exception is what cannot fail and costs next to nothing ([`is_cheap`]: a comparison of a column of
//! fixed width with a constant): it is computed for all rows, which is faster than to gather them.

use super::coerce::family;
use super::members::{FEW, Kept};
use super::{Expr, Subqueries};
use crate::settings::Settings;
use crate::sql::functions::compare::not_distinct;
use crate::sql::functions::sequence::Given;
use crate::sql::functions::support::all_valid;
use crate::sql::functions::system::Instance;
use crate::sql::functions::{Function, conditional, invoke, short, zone};
use remanent_kernels::compare::{invert, mask_retain, mask_rows};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::Interrupt;
use remanent_storage::txn::locker::Locker;
use remanent_storage::value::{
    Batch, Bitmap, Buffer, Column, ColumnBuilder, ColumnData, Physical, Type, Value, Zone,
};
use remanent_storage::world::World;
use std::sync::Arc;

/// What an evaluation knows of the statement around it.
pub struct EvalContext<'a> {
    /// The values of `$1, $2, …`, each of its parameter's type (see [`zone::value_in`]).
    pub params: &'a [Value],
    /// When the transaction began: `now()`.
    pub now: i64,
    /// When the statement began.
    pub statement_now: i64,
    /// The request to end the statement.
    pub interrupt: &'a Arc<Interrupt>,
    /// The clock of `clock_timestamp()` and the source of `random()`.
    pub world: &'a World,
    /// What advisory locks are taken with; None where nothing may lock.
    pub locks: Option<&'a Locker>,
    /// What runs subqueries; None where nothing may.
    pub subqueries: Option<&'a dyn Subqueries>,
    /// The database; None where there is none.
    pub instance: Option<&'a Instance>,
    /// What relations there are, and where names without a schema are looked up.
    pub catalog: Option<&'a Arc<Catalog>>,
    /// The schemas for names without one.
    pub path: &'a [String],
    /// What the session remembers of sequences.
    pub given: Option<&'a Given>,
    /// The session's time zone.
    pub zone: &'a Zone,
    /// The session's settings; None where there is no session.
    pub settings: Option<&'a Settings>,
    /// What is computed once in this execution; None where each batch computes its own.
    pub kept: Option<&'a Kept>,
    /// What the session lets plans do.
    pub planner: Planner,
}

/// Ways to read a table that the session allows: `enable_indexscan`, `enable_seqscan`, `enable_summaries`. Where none is left, tables
/// are scanned. And how many threads read it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Planner {
    /// Rows are found by secondary indexes, and come in their order.
    pub index_scans: bool,
    /// A table may be scanned where an index would do.
    pub seq_scans: bool,
    /// Groupings take of whole pages what zone maps say of them.
    pub summaries: bool,
    /// `vector.recall`: the share of the true neighbours that a ranking index is to find; None: as the index says.
    pub recall: Option<f64>,
    /// `max_parallel_workers_per_gather`: how many threads may help with one scan.
    pub workers: u32,
    /// `min_parallel_table_scan_rows`
    pub parallel_rows: u64,
}

impl Default for Planner {
    fn default() -> Self {
        Planner {
            index_scans: true,
            seq_scans: true,
            summaries: true,
            recall: None,
            workers: 0,
            parallel_rows: 0,
        }
    }
}

/// The rows an expression is evaluated for.
#[derive(Clone, Copy)]
struct Rows<'a> {
    columns: &'a [Column],
    /// Positions in the columns, ascending; None: all.
    selection: Option<&'a [u32]>,
    /// How many are selected.
    len: usize,
    /// The operand of the enclosing simple CASE, one value a selected row.
    operand: Option<&'a Column>,
}

impl<'a> Rows<'a> {
    fn of(batch: &'a Batch) -> Self {
        let selection = batch.selection.as_ref().map(Buffer::as_slice);
        Rows { columns: &batch.columns, selection, len: batch.len(), operand: None }
    }

    /// How many rows the columns have.
    fn width(&self) -> usize {
        match (self.columns.first(), self.selection) {
            (Some(column), _) => column.len(),
            (None, None) => self.len,
            (None, Some(selection)) => selection.last().map_or(0, |&last| last as usize + 1),
        }
    }

    /// The rows at these places among the selected ones, as positions in the columns.
    fn positions(&self, places: &[u32]) -> Vec<u32> {
        match self.selection {
            None => places.to_vec(),
            Some(selection) => places.iter().map(|&p| selection[p as usize]).collect(),
        }
    }

    fn narrowed(&self, positions: &'a [u32]) -> Self {
        Rows { columns: self.columns, selection: Some(positions), len: positions.len(), operand: None }
    }
}

impl Expr {
    /// Its values for the selected rows of a batch: `batch.len()` rows; may be constant or a dictionary.
    pub fn evaluate(&self, batch: &Batch, ctx: &EvalContext<'_>) -> Result<Column> {
        self.eval(Rows::of(batch), ctx)
    }

    /// As [`evaluate`](Expr::evaluate), but a numeric without precision may come as mantissas of one scale
    /// ([`short`]).
    pub fn evaluate_short(&self, batch: &Batch, ctx: &EvalContext<'_>) -> Result<Column> {
        self.eval_short(Rows::of(batch), ctx)
    }

    /// As [`evaluate`](Expr::evaluate), but a plain column or parameter is handed on with its references to large values.
    pub fn carry(&self, batch: &Batch, ctx: &EvalContext<'_>) -> Result<Column> {
        self.eval_carried(Rows::of(batch), ctx)
    }

    /// The rows of a batch, among its selected ones, for which it is TRUE: positions in the batch, ascending.
    pub fn filter(&self, batch: &Batch, ctx: &EvalContext<'_>) -> Result<Buffer<u32>> {
        Ok(self.select(Rows::of(batch), ctx)?.into())
    }

    /// Its value where it reads no column (LIMIT, VALUES, the key of a point read).
    pub fn value(&self, ctx: &EvalContext<'_>) -> Result<Value> {
        match self {
            Expr::Literal { value, .. } => Ok(value.clone()),
            Expr::Param { index, .. } => param(*index, ctx)?.loaded(),
            Expr::Cast { expr, to } => zone::value_in(expr.value(ctx)?, *to, ctx.zone),
            Expr::Once { number, expr } => match ctx.kept {
                Some(kept) => kept.value_of(*number, &mut || expr.value(ctx)),
                None => expr.value(ctx),
            },
            _ => Ok(self.eval(Rows { columns: &[], selection: None, len: 1, operand: None }, ctx)?.value(0)),
        }
    }

    /// As [`value`](Expr::value), but a parameter that is a handle on a large value stays one.
    pub fn carried_value(&self, ctx: &EvalContext<'_>) -> Result<Value> {
        match self {
            Expr::Param { index, .. } => param(*index, ctx).cloned(),
            _ => self.value(ctx),
        }
    }

    fn eval_carried(&self, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Column> {
        match self {
            _ if rows.len == 0 => Ok(Column::null(self.ty(), 0)),
            Expr::Column { index, .. } => column(rows, *index),
            Expr::Param { index, ty, .. } => {
                Column::constant(ty.unwrap_or(Type::Text), param(*index, ctx)?, rows.len)
            }
            _ => self.eval(rows, ctx),
        }
    }

    fn eval(&self, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Column> {
        Ok(short::widened(self.eval_short(rows, ctx)?, self.ty()))
    }

    fn eval_short(&self, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Column> {
        if rows.len == 0 {
            return Ok(Column::null(self.ty(), 0));
        }
        match self {
            Expr::Column { index, .. } => column(rows, *index)?.loaded(),
            Expr::Literal { value, ty } => Column::constant(*ty, value, rows.len),
            Expr::Param { index, ty, .. } => {
                Column::constant(ty.unwrap_or(Type::Text), &param(*index, ctx)?.loaded()?, rows.len)
            }
            Expr::Once { .. } => Column::constant(self.ty(), &self.value(ctx)?, rows.len),
            Expr::Unknown { .. } => {
                Err(Error::internal("an expression was evaluated before its types were known"))
            }
            Expr::Operand { .. } => {
                rows.operand.cloned().ok_or_else(|| Error::internal("a CASE operand outside of its CASE"))
            }
            Expr::Call { function, args, ty } => {
                if let Some(lengths) = length_of_large(function, args, rows, ctx)? {
                    return Ok(lengths);
                }
                if let Some(found) = among_param(function, args, rows, ctx)? {
                    return Ok(found);
                }
                let value = |arg: &Expr| match function.takes_short {
                    true => arg.eval_short(rows, ctx),
                    false => arg.eval(rows, ctx),
                };
                let columns = args.iter().map(value).collect::<Result<Vec<_>>>()?;
                invoke(function, *ty, columns, rows.len, ctx)
            }
            Expr::Cast { expr, to } => {
                let column = expr.eval(rows, ctx)?;
                short::cast(&column, *to).map_or_else(|| zone::column_in(&column, *to, ctx.zone), Ok)
            }
            Expr::And(parts) => connect(parts, false, rows, ctx),
            Expr::Or(parts) => connect(parts, true, rows, ctx),
            Expr::Not(expr) => {
                let truth = Truth::of(&expr.eval(rows, ctx)?);
                Ok(Truth { yes: truth.no, no: truth.yes, rows: truth.rows }.into_column())
            }
            Expr::IsNull { expr, negated } => is_null(&expr.eval_carried(rows, ctx)?, *negated),
            Expr::IsBool { expr, value, negated } => {
                let truth = Truth::of(&expr.eval(rows, ctx)?);
                Ok(known(if *value { truth.yes } else { truth.no }, rows.len, *negated))
            }
            Expr::IsDistinct { left, right, negated } => {
                let same = not_distinct(&left.eval(rows, ctx)?, &right.eval(rows, ctx)?, rows.len)?;
                let words = (0..rows.len.div_ceil(64)).map(|i| same.word(i)).collect();
                Ok(known(words, rows.len, !*negated))
            }
            Expr::Case { operand, branches, otherwise, ty } => {
                case(operand.as_deref(), branches, otherwise, *ty, rows, ctx)
            }
            Expr::Coalesce { args, ty } => coalesce(args, *ty, rows, ctx),
            Expr::In { expr, list, set, negated } => {
                let items = list.iter().map(|e| e.eval(rows, ctx)).collect::<Result<Vec<_>>>()?;
                conditional::contained(&expr.eval(rows, ctx)?, set.as_deref(), &items, *negated, rows.len)
            }
            Expr::Subquery(subquery) => {
                let Some(subqueries) = ctx.subqueries else {
                    return Err(Error::internal("a subquery where none can be run"));
                };
                let args = subquery.args.iter().map(|(_, arg)| arg.eval(rows, ctx));
                let args = args.collect::<Result<Vec<_>>>()?;
                let left = subquery.left.iter().map(|left| left.eval(rows, ctx));
                subqueries.evaluate(subquery, &args, &left.collect::<Result<Vec<_>>>()?, rows.len)
            }
        }
    }

    /// The mask of the rows, selected or not, for which it is TRUE, where it [is cheap](is_cheap).
    fn mask_of_all(&self, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Vec<u64>> {
        let all = Rows { selection: None, len: rows.width(), ..rows };
        let column = self.eval(all, ctx)?;
        match (column.data(), column.validity()) {
            (ColumnData::Bool(bits), None) => Ok(bits.words()),
            _ => Ok(Truth::of(&column).yes),
        }
    }

    /// The selected rows for which it is TRUE, as positions in the columns, ascending.
    fn select(&self, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Vec<u32>> {
        if rows.len == 0 {
            return Ok(Vec::new());
        }
        match self {
            Expr::And(parts) => {
                let cheap = parts.iter().take_while(|part| is_cheap(part, rows.columns)).count();
                let (together, parts) = if cheap > 1 { parts.split_at(cheap) } else { (&[][..], &parts[..]) };
                let mut held = None;
                if let Some((first, others)) = together.split_first() {
                    let mut mask = first.mask_of_all(rows, ctx)?;
                    for part in others {
                        let other = part.mask_of_all(rows, ctx)?;
                        mask.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
                    }
                    held = Some(masked(&mask, rows));
                }
                for part in parts {
                    let found = match &held {
                        None => part.select(rows, ctx)?,
                        Some(positions) => part.select(rows.narrowed(positions), ctx)?,
                    };
                    held = Some(found);
                }
                Ok(held.unwrap_or_else(|| all_positions(rows)))
            }
            Expr::Or(parts) => select_any(parts, rows, ctx),
            Expr::Literal { value, .. } => Ok(match value {
                Value::Bool(true) => all_positions(rows),
                _ => Vec::new(),
            }),
            _ if is_cheap(self, rows.columns) => Ok(masked(&self.mask_of_all(rows, ctx)?, rows)),
            _ => {
                let column = self.eval(rows, ctx)?;
                if let Some(one) = column.as_constant() {
                    let holds = matches!(one.value(0), Value::Bool(true));
                    return Ok(if holds { all_positions(rows) } else { Vec::new() });
                }
                let mut places = Vec::new();
                mask_rows(&Truth::of(&column).yes, &mut places);
                Ok(match rows.selection {
                    None => places,
                    Some(_) => rows.positions(&places),
                })
            }
        }
    }
}

/// The selected rows whose bit is set in a mask of all.
fn masked(mask: &[u64], rows: Rows<'_>) -> Vec<u32> {
    let mut found = Vec::new();
    match rows.selection {
        None => mask_rows(mask, &mut found),
        Some(selection) => mask_retain(mask, selection, &mut found),
    }
    found
}

fn param<'a>(index: usize, ctx: &EvalContext<'a>) -> Result<&'a Value> {
    let missing = || Error::new(state::UNDEFINED_PARAMETER, format!("there is no parameter ${}", index + 1));
    ctx.params.get(index).ok_or_else(missing)
}

/// The lengths of large values, which their references say.
fn length_of_large(
    function: &Function,
    args: &[Expr],
    rows: Rows<'_>,
    ctx: &EvalContext<'_>,
) -> Result<Option<Column>> {
    let [arg @ Expr::Column { .. }] = args else { return Ok(None) };
    let bytes = function.name == "octet_length" || (function.name == "length" && arg.ty() == Type::Bytea);
    if !bytes {
        return Ok(None);
    }
    let column = arg.eval_carried(rows, ctx)?;
    if column.blobs().is_none() {
        return Ok(None);
    }
    let mut lengths = ColumnBuilder::with_capacity(Type::Int4, column.len());
    for row in 0..column.len() {
        match column.is_valid(row) {
            true => lengths.push_i32(i32::try_from(column.byte_len(row)).unwrap_or(i32::MAX)),
            false => lengths.push_null(),
        }
    }
    Ok(Some(lengths.finish()))
}

/// `x = ANY ($1)`, `x <> ALL ($1)` for many rows: the array's set is made once an execution.
fn among_param(
    function: &Function,
    args: &[Expr],
    rows: Rows<'_>,
    ctx: &EvalContext<'_>,
) -> Result<Option<Column>> {
    let Some((left, Expr::Param { index, .. }, negated)) = membership(function, args) else {
        return Ok(None);
    };
    let (Some(kept), Value::Array(array)) = (ctx.kept, param(*index, ctx)?) else { return Ok(None) };
    if array.values().len() <= FEW {
        return Ok(None);
    }
    let set = kept.set_of(*index, array)?;
    conditional::contained(&left.eval(rows, ctx)?, Some(&set), &[], negated, rows.len).map(Some)
}

/// The value, the array, and whether the answer is turned round, where a call asks whether an array has a value.
pub(super) fn membership<'a>(function: &Function, args: &'a [Expr]) -> Option<(&'a Expr, &'a Expr, bool)> {
    let [Expr::Literal { value: Value::Text(op), .. }, left, array] = args else { return None };
    let negated = match (function.name, op.as_str()) {
        ("@any", "=") => false,
        ("@all", "<>") => true,
        _ => return None,
    };
    let Type::Array(element) = array.ty() else { return None };
    let integer = |ty: Type| matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    let (left_ty, ty) = (left.ty(), element.ty());
    let text = left_ty.is_text() && ty.is_text();
    (family(left_ty) == family(ty) || text || integer(left_ty) && integer(ty))
        .then_some((left, array, negated))
}

fn column(rows: Rows<'_>, index: usize) -> Result<Column> {
    let Some(column) = rows.columns.get(index) else {
        let have = rows.columns.len();
        return Err(Error::internal(format!("column {index} of a batch of {have} columns")));
    };
    Ok(match rows.selection {
        None => column.clone(),
        Some(selection) => column.gather(selection),
    })
}

fn all_positions(rows: Rows<'_>) -> Vec<u32> {
    match rows.selection {
        Some(selection) => selection.to_vec(),
        None => (0..rows.len as u32).collect(),
    }
}

/// True for what cannot fail and costs less than gathering its rows: comparisons of columns of fixed width
/// with each other and with constants, NULL tests of columns.
fn is_cheap(expr: &Expr, columns: &[Column]) -> bool {
    let fixed = |e: &Expr| match e {
        Expr::Column { index, .. } => columns.get(*index).is_some_and(|c| match c.data() {
            ColumnData::Dictionary { values, .. } => values.len() <= c.len() / 4,
            _ => !matches!(c.ty().physical(), Physical::Bytes | Physical::I128),
        }),
        Expr::Literal { .. } | Expr::Param { .. } => true,
        _ => false,
    };
    match expr {
        Expr::Call { args, .. } => expr.as_comparison().is_some() && args.iter().all(fixed),
        Expr::IsNull { expr, .. } => matches!(**expr, Expr::Column { .. }),
        Expr::Column { .. } => true,
        _ => false,
    }
}

/// Rows for which one of the parts is TRUE; each part sees only the rows that none before it took.
fn select_any(parts: &[Expr], rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Vec<u32>> {
    let mut left = all_positions(rows);
    let mut taken = Vec::new();
    for part in parts {
        let found = part.select(rows.narrowed(&left), ctx)?;
        if found.is_empty() {
            continue;
        }
        let mut next = found.iter().copied().peekable();
        left.retain(|&row| next.next_if_eq(&row).is_none());
        taken.extend(found);
        if left.is_empty() {
            break;
        }
    }
    taken.sort_unstable();
    Ok(taken)
}

/// Three-valued truth, one a row: masks of TRUE and FALSE, neither where NULL.
struct Truth {
    yes: Vec<u64>,
    no: Vec<u64>,
    rows: usize,
}

impl Truth {
    fn of(column: &Column) -> Self {
        let rows = column.len();
        let words = rows.div_ceil(64);
        if let Some(one) = column.as_constant() {
            let all = |holds: bool| Bitmap::filled(rows, holds).words();
            let value = one.value(0);
            let (yes, no) =
                (all(matches!(value, Value::Bool(true))), all(matches!(value, Value::Bool(false))));
            return Truth { yes, no, rows };
        }
        let flat = if column.is_flat() { column.clone() } else { column.flatten() };
        let ColumnData::Bool(bits) = flat.data() else {
            return Truth { yes: vec![0; words], no: vec![0; words], rows };
        };
        let mut yes = bits.words();
        let mut no = yes.clone();
        invert(&mut no, rows);
        if let Some(valid) = flat.validity() {
            for (i, valid) in valid.words().into_iter().enumerate() {
                yes[i] &= valid;
                no[i] &= valid;
            }
        }
        Truth { yes, no, rows }
    }

    fn into_column(self) -> Column {
        let known: Vec<u64> = self.yes.iter().zip(&self.no).map(|(y, n)| y | n).collect();
        let known = Bitmap::new(known, self.rows);
        let valid = if known.count_ones() == self.rows { None } else { Some(known) };
        Column::flat(Type::Bool, ColumnData::Bool(Bitmap::new(self.yes, self.rows)), valid)
    }
}

/// A truth value that is never NULL, from the mask of TRUE (or, inverted, of FALSE).
fn known(mut mask: Vec<u64>, rows: usize, inverted: bool) -> Column {
    if inverted {
        invert(&mut mask, rows);
    }
    Column::flat(Type::Bool, ColumnData::Bool(Bitmap::new(mask, rows)), None)
}

fn is_null(column: &Column, negated: bool) -> Result<Column> {
    let rows = column.len();
    if let Some(one) = column.as_constant() {
        return Column::constant(Type::Bool, &Value::Bool(one.is_valid(0) == negated), rows);
    }
    match all_valid(std::slice::from_ref(column), rows) {
        None => Column::constant(Type::Bool, &Value::Bool(negated), rows),
        Some(valid) => Ok(known(valid.words(), rows, !negated)),
    }
}

/// AND (`decides` false) or OR (true): a part that has that value decides the row.
fn connect(parts: &[Expr], decides: bool, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Column> {
    let words = rows.len.div_ceil(64);
    let (mut decided, mut null) = (vec![0u64; words], vec![0u64; words]);
    let full = Bitmap::filled(rows.len, true);
    for (i, part) in parts.iter().enumerate() {
        let open: Vec<u64> = decided.iter().enumerate().map(|(w, d)| full.word(w) & !d).collect();
        let mut places = Vec::new();
        mask_rows(&open, &mut places);
        if places.is_empty() {
            break;
        }
        if i == 0 || places.len() == rows.len || rows.selection.is_none() && is_cheap(part, rows.columns) {
            let truth = Truth::of(&part.eval(rows, ctx)?);
            let deciding = if decides { &truth.yes } else { &truth.no };
            for w in 0..words {
                decided[w] |= deciding[w];
                null[w] |= full.word(w) & !(truth.yes[w] | truth.no[w]);
            }
            continue;
        }
        let positions = rows.positions(&places);
        let truth = Truth::of(&part.eval(rows.narrowed(&positions), ctx)?);
        let deciding = if decides { &truth.yes } else { &truth.no };
        for (k, &place) in places.iter().enumerate() {
            let (word, bit) = (place as usize / 64, 1u64 << (place % 64));
            let at = |mask: &[u64]| mask[k / 64] >> (k % 64) & 1 == 1;
            if at(deciding) {
                decided[word] |= bit;
            } else if !at(&truth.yes) && !at(&truth.no) {
                null[word] |= bit;
            }
        }
    }
    let rest = (0..words).map(|w| full.word(w) & !decided[w] & !null[w]).collect();
    let (yes, no) = if decides { (decided, rest) } else { (rest, decided) };
    Ok(Truth { yes, no, rows: rows.len }.into_column())
}

/// A result put together from parts that hold some of the rows each.
struct Pieces {
    ty: Type,
    built: ColumnBuilder,
    /// For each row, where its value is in `built`.
    from: Vec<u32>,
}

impl Pieces {
    fn new(ty: Type, rows: usize) -> Self {
        Pieces { ty, built: ColumnBuilder::new(ty), from: vec![0; rows] }
    }

    /// The values of the rows at `places`, in that order.
    fn add(&mut self, places: &[u32], values: &Column) {
        let start = self.built.len() as u32;
        self.built.append(values, None);
        for (k, &place) in places.iter().enumerate() {
            self.from[place as usize] = start + k as u32;
        }
    }

    fn finish(self) -> Column {
        self.built.finish().gather(&self.from).with_type(self.ty)
    }
}

fn case(
    operand: Option<&Expr>,
    branches: &[(Expr, Expr)],
    otherwise: &Expr,
    ty: Type,
    rows: Rows<'_>,
    ctx: &EvalContext<'_>,
) -> Result<Column> {
    let operand = operand.map(|o| o.eval(rows, ctx)).transpose()?;
    let mut left: Vec<u32> = (0..rows.len as u32).collect();
    let mut pieces = Pieces::new(ty, rows.len);
    for (condition, result) in branches {
        if left.is_empty() {
            break;
        }
        let positions = rows.positions(&left);
        let here = operand.as_ref().map(|o| o.gather(&left));
        let truth = condition.eval(Rows { operand: here.as_ref(), ..rows.narrowed(&positions) }, ctx)?;
        let mut found = Vec::new();
        mask_rows(&Truth::of(&truth).yes, &mut found);
        if found.is_empty() {
            continue;
        }
        if found.len() == rows.len {
            return result.eval(rows, ctx);
        }
        let taken: Vec<u32> = found.iter().map(|&k| left[k as usize]).collect();
        let positions = rows.positions(&taken);
        pieces.add(&taken, &result.eval(rows.narrowed(&positions), ctx)?);
        let mut next = taken.iter().copied().peekable();
        left.retain(|&place| next.next_if_eq(&place).is_none());
    }
    if left.len() == rows.len {
        return otherwise.eval(rows, ctx);
    }
    if !left.is_empty() {
        let positions = rows.positions(&left);
        pieces.add(&left, &otherwise.eval(rows.narrowed(&positions), ctx)?);
    }
    Ok(pieces.finish())
}

fn coalesce(args: &[Expr], ty: Type, rows: Rows<'_>, ctx: &EvalContext<'_>) -> Result<Column> {
    let mut left: Vec<u32> = (0..rows.len as u32).collect();
    let mut pieces = Pieces::new(ty, rows.len);
    for (i, arg) in args.iter().enumerate() {
        let all = left.len() == rows.len;
        let positions = rows.positions(&left);
        let values = if all { arg.eval(rows, ctx)? } else { arg.eval(rows.narrowed(&positions), ctx)? };
        let last = i + 1 == args.len();
        if all && (last || values.null_count() == 0) {
            return Ok(values);
        }
        // The last one's NULLs stay.
        let (keep, rest): (Vec<u32>, Vec<u32>) =
            (0..values.len() as u32).partition(|&k| last || values.is_valid(k as usize));
        let places: Vec<u32> = keep.iter().map(|&k| left[k as usize]).collect();
        pieces.add(&places, &values.gather(&keep));
        left = rest.iter().map(|&k| left[k as usize]).collect();
        if left.is_empty() {
            break;
        }
    }
    Ok(pieces.finish())
}
