//! greatest, least, nullif; membership in a list.

use super::compare::{mask, not_distinct, settled};
use super::support::{all_valid, bool_column};
use super::{ANY, Args, Cmp, Function, f};
use remanent_storage::error::Result;
use remanent_storage::value::{Bitmap, Column, ColumnBuilder, ColumnData, Physical, Type, Value};
use rustc_hash::FxHashSet;
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

/// `column IN (items)`, or NOT IN: NULL where nothing equals and something is NULL.
pub fn contained(column: &Column, items: &[Column], negated: bool, rows: usize) -> Result<Column> {
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
    let constant = |item: &&Column| item.as_constant().is_some_and(|one| one.is_valid(0));
    let constants = items.iter().filter(constant).count();
    // A set pays from a few constants on.
    let set = if constants > 8 { Set::new(column, items.iter().filter(constant)) } else { None };
    for item in items.iter().filter(|item| set.is_none() || !constant(item)) {
        seek(item)?;
    }
    if let Some(set) = set {
        for row in 0..rows {
            if set.contains(column, row) {
                found[row / 64] |= 1 << (row % 64);
            }
        }
    }
    let own = match column.as_constant() {
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
        remanent_kernels::compute::invert(&mut found, rows);
    }
    let valid = Bitmap::new(valid, rows);
    let valid = if valid.count_ones() == rows { None } else { Some(valid) };
    Ok(bool_column(found, rows, valid))
}

/// Many constants, to look values up in.
enum Set<'a> {
    Integers(Vec<i64>),
    Bytes(FxHashSet<&'a [u8]>),
}

impl<'a> Set<'a> {
    /// None: values of that type are compared one by one.
    fn new(column: &Column, items: impl Iterator<Item = &'a Column>) -> Option<Self> {
        match (column.ty(), column.ty().physical()) {
            (Type::Numeric(_), _) => None,
            (ty, Physical::Bytes) if !ty.is_bytewise() => None,
            (_, Physical::I16 | Physical::I32 | Physical::I64) => {
                let mut values = Vec::new();
                for item in items {
                    let same_kind = (item.ty() == Type::Date) == (column.ty() == Type::Date);
                    let value = super::support::i64s(item.as_constant()?).ok().filter(|_| same_kind)?;
                    values.push(*value.first()?);
                }
                values.sort_unstable();
                Some(Set::Integers(values))
            }
            (_, Physical::Bytes) => Some(Set::Bytes(items.map(|item| item.bytes(0)).collect())),
            _ => None,
        }
    }

    fn contains(&self, column: &Column, row: usize) -> bool {
        let (data, row) = column.as_constant().map_or((column.data(), row), |one| (one.data(), 0));
        match (self, data) {
            (Set::Integers(values), ColumnData::I64(v)) => values.binary_search(&v[row]).is_ok(),
            (Set::Integers(values), ColumnData::I32(v)) => values.binary_search(&v[row].into()).is_ok(),
            (Set::Integers(values), ColumnData::I16(v)) => values.binary_search(&v[row].into()).is_ok(),
            (Set::Bytes(values), ColumnData::Bytes(v)) => values.contains(v.get(row)),
            _ => false,
        }
    }
}
