//! greatest, least, nullif; membership in a list.

use super::compare::{mask, not_distinct, settled};
use super::support::{all_valid, bool_column};
use super::{ANY, Args, Cmp, Function, f};
use crate::sql::expr::Members;
use remanent_storage::error::Result;
use remanent_storage::value::{Bitmap, Column, ColumnBuilder, Type, Value};
use std::cmp::Ordering;

// The resolver gives these the type of their arguments.
pub(super) static FUNCTIONS: &[Function] = &[
    f("greatest", &[(&[ANY], Type::Text)], |a| extreme(a, true)).variadic().sees_null(),
    f("least", &[(&[ANY], Type::Text)], |a| extreme(a, false)).variadic().sees_null(),
    f("nullif", &[(&[ANY, ANY], Type::Text)], nullif).sees_null(),
];

fn extreme(args: &Args<'_>, greatest: bool) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        let values = args.columns.iter().filter(|c| c.is_valid(row)).map(|c| c.value(row));
        // Of equals the first stays: 3.0 and 3 print differently.
        let better = |v: &Value, held: &Value| match v.compare(held) {
            Ordering::Equal => false,
            order => order.is_gt() == greatest,
        };
        let best = values.reduce(|held, v| if better(&v, &held) { v } else { held });
        match best {
            Some(value) => out.push(&value)?,
            None => out.push_null(),
        }
    }
    Ok(out.finish())
}

fn nullif(args: &Args<'_>) -> Result<Column> {
    let (left, right) = (&args.columns[0], &args.columns[1]);
    let same = not_distinct(left, right, args.rows)?;
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        match same.get(row) {
            true => out.push_null(),
            false => out.push(&left.value(row))?,
        }
    }
    Ok(out.finish())
}

/// `column IN (items)`, or NOT IN, the items being those of `set` and those of the columns: NULL where nothing equals and
/// something is NULL; FALSE where there is no item.
pub fn contained(
    column: &Column,
    set: Option<&Members>,
    items: &[Column],
    negated: bool,
    rows: usize,
) -> Result<Column> {
    let column = &settled(column);
    let items: Vec<Column> = items.iter().map(settled).collect();
    let words = rows.div_ceil(64);
    let full = Bitmap::filled(rows, true);
    let (mut found, mut null) = (vec![0u64; words], vec![0u64; words]);
    let mut seek = |item: &Column| -> Result<()> {
        if item.as_constant().is_some_and(|one| !one.is_valid(0)) {
            null.fill(u64::MAX);
            return Ok(());
        }
        let equal = mask(Cmp::Eq, column, item, rows)?;
        let valid = all_valid(std::slice::from_ref(item), rows);
        for w in 0..words {
            let valid = valid.as_ref().map_or(full.word(w), |v| v.word(w));
            found[w] |= equal[w] & valid;
            null[w] |= full.word(w) & !valid;
        }
        Ok(())
    };
    items.iter().try_for_each(&mut seek)?;
    if let Some(set) = set {
        if set.has_null() {
            null.fill(u64::MAX);
        }
        for row in 0..rows {
            found[row / 64] |= u64::from(set.has(column, row)) << (row % 64);
        }
    }
    let nothing = items.is_empty() && set.is_none_or(|set| set.values().is_empty() && !set.has_null());
    let own = match column.as_constant() {
        _ if nothing => None,
        Some(one) if !one.is_valid(0) => Some(Bitmap::filled(rows, false)),
        _ => all_valid(std::slice::from_ref(column), rows),
    };
    let mut valid = Vec::with_capacity(words);
    for w in 0..words {
        let own = own.as_ref().map_or(full.word(w), |v| v.word(w));
        found[w] &= full.word(w);
        valid.push(own & (found[w] | !null[w]) & full.word(w));
    }
    if negated {
        remanent_kernels::compare::invert(&mut found, rows);
    }
    let valid = Bitmap::new(valid, rows);
    let valid = if valid.count_ones() == rows { None } else { Some(valid) };
    Ok(bool_column(found, rows, valid))
}
