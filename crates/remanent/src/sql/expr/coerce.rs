//! Which type converts to which: PostgreSQL 15's casts between our types, its type
//! categories, and the common type of CASE, UNION, VALUES and IN (chapter 10.5).
//!
//! | context | where | example |
//! |---|---|---|
//! | implicit | anywhere in an expression | `integer` → `bigint` |
//! | assignment | INSERT and UPDATE, into the column's type | `bigint` → `integer` |
//! | explicit | `CAST`, `::` | `text` → `integer` |
//!
//! Every type converts to `text` on assignment, and `text` to every type explicitly,
//! through the text form. A conversion that only adds precision or length to
//! `numeric` or `vector` is allowed everywhere.

use super::Expr;
use crate::sql::functions::between::between;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Element, Type};

/// How much conversion a place allows; each allows what those before it do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CastContext {
    /// In the middle of an expression.
    Implicit,
    /// Into a column.
    Assignment,
    /// Where a cast is written.
    Explicit,
}

/// The categories that the rules of resolution speak of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Category {
    Bool,
    Number,
    Text,
    DateTime,
    Span,
    Array,
    Enum,
    Bits,
    Other,
}

/// The type without precision or length: what signatures speak of.
pub fn family(ty: Type) -> Type {
    match ty {
        Type::Precise(precise) => precise.plain(),
        Type::Numeric(_) => Type::Numeric(None),
        Type::Vector(_) => Type::Vector(None),
        Type::Varchar(_) => Type::Varchar(None),
        Type::Char(_) => Type::Char(None),
        Type::Other(kind, _) => Type::Other(kind, 0),
        Type::Array(element) => Type::Array(Element::of(family(element.ty()))),
        other => other,
    }
}

pub(super) fn category(ty: Type) -> Category {
    match ty {
        Type::Precise(precise) => category(precise.plain()),
        Type::Bool => Category::Bool,
        Type::Int2 | Type::Int4 | Type::Int8 | Type::Float4 | Type::Float8 | Type::Numeric(_) => {
            Category::Number
        }
        Type::Oid | Type::Regclass | Type::Regtype | Type::Regnamespace | Type::Regproc | Type::Regrole => {
            Category::Number
        }
        Type::Text | Type::Varchar(_) | Type::Char(_) | Type::Name => Category::Text,
        Type::Array(_) => Category::Array,
        Type::Enum(_) => Category::Enum,
        Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz => Category::DateTime,
        Type::Interval => Category::Span,
        Type::Other(Kind::Bit | Kind::VarBit, _) => Category::Bits,
        Type::Other(Kind::TimeTz, _) => Category::DateTime,
        Type::Bytea | Type::Vector(_) | Type::Uuid | Type::Json | Type::Jsonb | Type::Other(..) => {
            Category::Other
        }
    }
}

/// True for the type that its category prefers.
pub(super) fn is_preferred(ty: Type) -> bool {
    use Type::*;
    matches!(ty, Bool | Float8 | Oid | Text | Timestamptz | Interval | Vector(_) | Other(Kind::VarBit, _))
}

/// What context a conversion needs; None: there is no such conversion.
pub fn conversion(from: Type, to: Type) -> Option<CastContext> {
    use CastContext::*;
    let (from, to) = (family(from), family(to));
    // Numbers in the order in which they convert implicitly: each to all after it.
    let rank = |ty| match ty {
        Type::Int2 => Some(0),
        Type::Int4 => Some(1),
        Type::Int8 => Some(2),
        Type::Numeric(_) => Some(3),
        Type::Float4 => Some(4),
        Type::Float8 => Some(5),
        _ => None,
    };
    if from == to {
        return Some(Implicit);
    }
    if let (Some(a), Some(b)) = (rank(from), rank(to)) {
        return Some(if a < b { Implicit } else { Assignment });
    }
    if from.is_oid() || to.is_oid() {
        return of_object(from, to);
    }
    if let Some(between) = between(from, to) {
        return Some(between.context);
    }
    match (from, to) {
        (Type::Date, Type::Timestamp | Type::Timestamptz) | (Type::Timestamp, Type::Timestamptz) => {
            Some(Implicit)
        }
        (Type::Timestamp | Type::Timestamptz, Type::Date) | (Type::Timestamptz, Type::Timestamp) => {
            Some(Assignment)
        }
        (Type::Timestamp | Type::Timestamptz | Type::Interval, Type::Time) => Some(Assignment),
        (Type::Time, Type::Interval) => Some(Implicit),
        (Type::Int4, Type::Bool) | (Type::Bool, Type::Int4) => Some(Explicit),
        (Type::Json, Type::Jsonb) | (Type::Jsonb, Type::Json) => Some(Assignment),
        (Type::Jsonb, to) if to == Type::Bool || category(to) == Category::Number => Some(Explicit),
        (Type::Array(from), Type::Array(to)) => conversion(from.ty(), to.ty()),
        (from, to) if category(from) == Category::Text && category(to) == Category::Text => Some(Implicit),
        (_, to) if category(to) == Category::Text => Some(Assignment),
        (from, _) if category(from) == Category::Text => Some(Explicit),
        _ => None,
    }
}

/// The same, of numbers of objects.
fn of_object(from: Type, to: Type) -> Option<CastContext> {
    use CastContext::*;
    let whole = |ty| matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
    match (from, to) {
        (Type::Oid, to) if to.is_reference() => Some(Implicit),
        (from, Type::Oid) if from.is_reference() => Some(Implicit),
        (from, to) if from.is_oid() && to.is_oid() => None,
        (from, _) if whole(from) => Some(Implicit),
        (_, Type::Int4 | Type::Int8) => Some(Assignment),
        (from, Type::Regclass) if from.is_text() => Some(Implicit),
        (_, to) if category(to) == Category::Text => Some(Assignment),
        (from, _) if category(from) == Category::Text => Some(Explicit),
        _ => None,
    }
}

/// The type in which values of both types are equal, and ordered, exactly as `=` and `<` say; None: there is none.
pub fn equatable(left: Type, right: Type) -> Option<Type> {
    use Type::*;
    Some(match (left.plain(), right.plain()) {
        _ if left == right => left,
        (left, right) if left == right => left,
        (Int2 | Int4 | Int8, Int2 | Int4 | Int8) => Int8,
        (Float4 | Float8, Float4 | Float8) => Float8,
        (Numeric(_), Numeric(_)) => Numeric(None),
        (Vector(_), Vector(_)) => Vector(None),
        (Other(a, _), Other(b, _)) if a == b => Other(a, 0),
        (left, right) if left.is_oid() && right.is_oid() => Oid,
        (Text | Varchar(_) | Name, Text | Varchar(_) | Name) => Text,
        (Char(_), Char(_)) => Char(None),
        (Array(_), Array(_)) if family(left) == family(right) => family(left),
        (Date | Timestamp, Date | Timestamp) => Timestamp,
        (Date | Timestamp | Timestamptz, Date | Timestamp | Timestamptz) => Timestamptz,
        _ => return None,
    })
}

/// True if a value of `from` may stand where `to` is wanted.
pub fn can_convert(from: Option<Type>, to: Type, context: CastContext) -> bool {
    from.is_none_or(|from| conversion(from, to).is_some_and(|needs| needs <= context))
}

/// The type that several expressions have in common (chapter 10.5). `context` and `at` are for the error; of `at` the last
/// entry stands for those that have none.
/// All unknown gives `text`. Precision and length stay where all agree.
/// `known` holds the expressions' types as far as they are known.
pub(super) fn common(exprs: &[&Expr], known: &[Option<Type>], context: &str, at: &[usize]) -> Result<Type> {
    let place = |i: usize| at.get(i).or(at.last()).copied().unwrap_or_default();
    let implicit = CastContext::Implicit;
    let mut best: Option<Type> = None;
    let mut same = true;
    for (i, (expr, &ty)) in exprs.iter().zip(known).enumerate() {
        let Some(ty) = ty else {
            // A literal that is still to be read must not be rounded to the others' precision.
            same &= matches!(expr, Expr::Unknown { text: None, .. });
            continue;
        };
        let Some(held) = best else {
            best = Some(ty);
            continue;
        };
        same &= ty == held;
        let (new, old) = (family(ty), family(held));
        if new == old {
            continue;
        }
        if category(new) != category(old) {
            let message = format!("{context} types {old} and {new} cannot be matched");
            return Err(Error::new(state::DATATYPE_MISMATCH, message).at(place(i)));
        }
        if !is_preferred(old)
            && can_convert(Some(old), new, implicit)
            && !can_convert(Some(new), old, implicit)
        {
            best = Some(new);
        }
    }
    let best = best.unwrap_or(Type::Text);
    let common = if same { best } else { family(best) };
    for (i, ty) in known.iter().enumerate().filter_map(|(i, ty)| Some((i, (*ty)?))) {
        if !can_convert(Some(ty), common, implicit) {
            let message = format!("{context} could not convert type {} to {common}", family(ty));
            return Err(Error::new(state::CANNOT_COERCE, message).at(place(i)));
        }
    }
    Ok(common)
}
