//! What is said of types that do not fit: in PostgreSQL's words, with its hints.

use super::Kind;
use crate::sql::expr::coerce::family;
use crate::sql::functions::{self, Arg};
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::value::Type;

/// 42883 for a type whose values have no equality; `at` is None where PostgreSQL has no place for it.
pub fn needs_equality(ty: Type, at: Option<usize>) -> Result<()> {
    needs(ty, "an equality operator", at)
}

/// 42883 for a type whose values have no order.
pub fn needs_order(ty: Type, at: usize) -> Result<()> {
    needs(ty, "an ordering operator", Some(at))
        .map_err(|error| error.with_hint("Use an explicit ordering operator or modify the query."))
}

pub(super) fn needs(ty: Type, what: &str, at: Option<usize>) -> Result<()> {
    if comparable(ty) {
        return Ok(());
    }
    let message = format!("could not identify {what} for type {}", family(ty));
    let error = Error::new(state::UNDEFINED_FUNCTION, message);
    Err(match at {
        Some(at) => error.at(at),
        None => error,
    })
}

/// True for types with an equality, and with it an order.
pub(super) fn comparable(ty: Type) -> bool {
    if let Type::Array(element) = ty {
        return comparable(element.ty());
    }
    if let Type::Enum(_) = ty {
        return true;
    }
    if ty.is_text() || ty.is_oid() {
        return true;
    }
    let ty = Arg::Is(family(ty));
    functions::lookup("=").iter().flat_map(|f| f.signatures).any(|(args, _)| args.contains(&ty))
}

pub(super) fn undetermined() -> Error {
    let message = "could not determine polymorphic type because input has type unknown";
    Error::new(state::DATATYPE_MISMATCH, message)
}

/// `integer, unknown`
fn type_list(types: &[Option<Type>]) -> Vec<String> {
    types.iter().map(|ty| ty.map_or("unknown".to_string(), |ty| family(ty).to_string())).collect()
}

/// The name and arguments as errors show them: `f(integer)`, `integer + boolean`, `- boolean`.
fn shown(kind: Kind, name: &str, types: &[Option<Type>]) -> String {
    let types = type_list(types);
    match (kind, types.as_slice()) {
        (Kind::Operator, [only]) => format!("operator {name} {only}"),
        (Kind::Operator, [left, right]) => format!("operator {left} {name} {right}"),
        _ => format!("function {name}({})", types.join(", ")),
    }
}

pub(super) fn no_such(kind: Kind, name: &str, types: &[Option<Type>], at: usize) -> Error {
    let shown = shown(kind, name, types);
    let (message, hint) = match (kind, types.len()) {
        (Kind::Operator, 1) => (
            shown.replacen("operator", "operator does not exist:", 1),
            "No operator matches the given name and argument type. You might need to add an explicit type cast.",
        ),
        (Kind::Operator, _) => (
            shown.replacen("operator", "operator does not exist:", 1),
            "No operator matches the given name and argument types. You might need to add explicit type casts.",
        ),
        _ => (
            format!("{shown} does not exist"),
            "No function matches the given name and argument types. You might need to add explicit type casts.",
        ),
    };
    failure(state::UNDEFINED_FUNCTION, message, hint, at)
}

pub(super) fn ambiguous(kind: Kind, name: &str, types: &[Option<Type>], at: usize) -> Error {
    let shown = shown(kind, name, types);
    let (message, hint) = match kind {
        Kind::Operator => (
            shown.replacen("operator", "operator is not unique:", 1),
            "Could not choose a best candidate operator. You might need to add explicit type casts.",
        ),
        Kind::Function => (
            format!("{shown} is not unique"),
            "Could not choose a best candidate function. You might need to add explicit type casts.",
        ),
    };
    failure(state::AMBIGUOUS_FUNCTION, message, hint, at)
}

pub(super) fn failure(state: SqlState, message: String, hint: &str, at: usize) -> Error {
    Error::new(state, message).with_hint(hint).at(at)
}
