//! Conditions on single columns that let a scan skip rows without looking at them.
//!
//! `column op constant` (constant within one execution: parameters and `now()` are), a list of constants, and the fixed
//! beginning of a LIKE pattern. The filter stays: a scan may deliver more than it must. In it such conditions come first:
//! they cost least, and what is dearer (or may fail) then sees fewer rows.

use crate::sql::expr::{EvalContext, Expr, Members};
use crate::sql::functions::Cmp;
use crate::sql::functions::like::like_prefix;
use crate::sql::plan::{Plan, RangeCond};
use remanent_storage::value::{Type, Value};
use std::cmp::Ordering;

/// Gives every filtered scan its ranges.
pub fn run(plan: Plan, _: &EvalContext<'_>) -> Plan {
    plan.transform(&mut |node| match node {
        Plan::Filter { input, predicate } => match *input {
            Plan::Scan {
                table,
                alias,
                columns,
                mut ranges,
                row_ids,
                stats,
                indexes,
                access,
                ranked,
                counted,
                summarised,
            } => {
                for part in predicate.clone().into_conjuncts() {
                    ranges.extend(conditions(&part).into_iter().filter_map(|range| {
                        let column = *columns.get(range.column)?;
                        Some(RangeCond { column, ..range })
                    }));
                }
                let (cheap, dear): (Vec<Expr>, Vec<Expr>) =
                    predicate.into_conjuncts().into_iter().partition(|part| !conditions(part).is_empty());
                let predicate = Expr::conjunction(cheap.into_iter().chain(dear).collect());
                let scan = Plan::Scan {
                    table,
                    alias,
                    columns,
                    ranges,
                    row_ids,
                    stats,
                    indexes,
                    access,
                    ranked,
                    counted,
                    summarised,
                };
                Plan::Filter { input: Box::new(scan), predicate }
            }
            other => Plan::Filter { input: Box::new(other), predicate },
        },
        other => other,
    })
}

/// What a condition says of single columns of the batch.
pub fn conditions(condition: &Expr) -> Vec<RangeCond> {
    if let Some(range) = comparison(condition) {
        return vec![range];
    }
    match condition {
        Expr::In { expr, list, set, negated: false } => in_list(expr, list, set.as_deref()),
        Expr::Call { function, args, .. } if function.name == "~~" => match args.as_slice() {
            [Expr::Column { index, ty: Type::Text }, Expr::Literal { value: Value::Text(pattern), .. }] => {
                like(*index, pattern)
            }
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

/// `column op constant`, either way round.
pub fn comparison(condition: &Expr) -> Option<RangeCond> {
    let (op, left, right) = condition.as_comparison()?;
    let (op, column, value) = match (left, right) {
        (Expr::Column { .. }, value) if value.is_constant() => (op, left, value),
        (value, Expr::Column { .. }) if value.is_constant() => (op.flipped(), right, value),
        _ => return None,
    };
    let Expr::Column { index, ty } = column else { return None };
    let usable = op != Cmp::Ne && !matches!(ty, Type::Vector(_)) && comparable(*ty, value.ty());
    usable.then(|| RangeCond { column: *index, op, value: value.clone() })
}

/// True if a value of the one type can be made one of the column's without changing what it compares to.
pub fn comparable(column: Type, value: Type) -> bool {
    let integer = |ty| matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    let numeric = |ty| matches!(ty, Type::Numeric(_));
    column == value || integer(column) && integer(value) || numeric(column) && numeric(value)
}

fn in_list(expr: &Expr, list: &[Expr], set: Option<&Members>) -> Vec<RangeCond> {
    let Expr::Column { index, ty } = expr else { return Vec::new() };
    if set.is_some_and(|set| !comparable(*ty, set.ty())) {
        return Vec::new();
    }
    let value = |item: &Expr| match item {
        Expr::Literal { value, ty: of } if comparable(*ty, *of) && !value.is_null() => Some(value.clone()),
        _ => None,
    };
    let Some(mut values) = list.iter().map(value).collect::<Option<Vec<Value>>>() else { return Vec::new() };
    let held = set.map_or(&[][..], Members::values);
    values.extend(held.first().into_iter().chain(held.last()).cloned());
    let least = values.iter().min_by(|a, b| order(a, b));
    let greatest = values.iter().max_by(|a, b| order(a, b));
    let end = |op, value: Option<&Value>| {
        let value = Expr::Literal { value: value?.clone(), ty: *ty };
        Some(RangeCond { column: *index, op, value })
    };
    [end(Cmp::Ge, least), end(Cmp::Le, greatest)].into_iter().flatten().collect()
}

fn order(a: &Value, b: &Value) -> Ordering {
    a.compare(b)
}

/// `column LIKE 'abc%'`: at least `abc`, below `abd`.
fn like(column: usize, pattern: &str) -> Vec<RangeCond> {
    let (prefix, _) = like_prefix(pattern);
    let text = |text: String| Expr::Literal { value: Value::Text(text), ty: Type::Text };
    let mut conditions = Vec::new();
    // The last letter that has a next one gets it; what follows it no longer matters.
    let next = prefix.char_indices().rev().find_map(|(at, letter)| {
        let next = char::from_u32(letter as u32 + 1)?;
        Some(format!("{}{next}", &prefix[..at]))
    });
    if let Some(next) = next {
        conditions.push(RangeCond { column, op: Cmp::Ge, value: text(prefix) });
        conditions.push(RangeCond { column, op: Cmp::Lt, value: text(next) });
    }
    conditions
}
