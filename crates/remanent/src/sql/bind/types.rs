//! The names of types.

use super::{Binder, refuse};
use crate::sql::ast::{Expr, ExprKind, Literal, TypeName};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::precise::{DIGITS, Precise};
use remanent_storage::value::{Element, Type};

/// The most elements a vector can have, as in pgvector.
const MAX_DIMENSIONS: i64 = 16_000;
/// Types that PostgreSQL has and we do not: refused rather than called unknown.
const KNOWN: &[&str] = &[
    "xml",
    "inet",
    "cidr",
    "macaddr",
    "macaddr8",
    "money",
    "char",
    "point",
    "line",
    "lseg",
    "box",
    "path",
    "polygon",
    "circle",
    "serial",
    "bigserial",
    "smallserial",
    "serial4",
    "serial8",
    "serial2",
    "regconfig",
    "regdictionary",
    "regcollation",
    "regoper",
    "regoperator",
    "tid",
    "xid",
    "cid",
    "xid8",
    "pg_lsn",
    "refcursor",
    "tsvector",
    "tsquery",
    "int4range",
    "int8range",
    "numrange",
    "tsrange",
    "tstzrange",
    "daterange",
];

impl Binder<'_> {
    /// The type that a name means; 42704 where none.
    pub(super) fn resolve_type(&mut self, name: &TypeName) -> Result<Type> {
        resolve(name, &mut |name| match self.named_enum(&name.name)? {
            Some(def) => Ok(Some(def.ty())),
            None if self.look_up(&name.name)?.is_some() => Err(refuse("a table as a type", name.span)),
            None => Ok(None),
        })
    }
}

/// `made` knows the types that users made.
fn resolve(name: &TypeName, made: &mut dyn FnMut(&TypeName) -> Result<Option<Type>>) -> Result<Type> {
    if !name.array.is_empty() {
        // How many dimensions are declared, and how long, says nothing, as in PostgreSQL.
        let element = TypeName { array: Vec::new(), ..name.clone() };
        return Ok(Type::Array(Element::of(resolve(&element, made)?)));
    }
    if let Some(schema) = name.name.qualifier()
        && schema.name != "pg_catalog"
    {
        return made(name)?.map_or_else(|| Err(unknown(name)), |ty| unmodified(ty, name));
    }
    let plain = match name.name.last() {
        "bool" => Type::Bool,
        "int2" => Type::Int2,
        "int4" => Type::Int4,
        "int8" => Type::Int8,
        "float4" => Type::Float4,
        "float8" => Type::Float8,
        "text" => Type::Text,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "numeric" => return numeric(name),
        "vector" => return vector(name),
        "timestamp" => return precise(name, Type::Timestamp),
        "timestamptz" => return precise(name, Type::Timestamptz),
        "interval" => return precise(name, Type::Interval),
        "varchar" => return characters(name, false),
        "bpchar" => return characters(name, true),
        "uuid" => Type::Uuid,
        "oid" => Type::Oid,
        "regclass" => Type::Regclass,
        "regtype" => Type::Regtype,
        "regnamespace" => Type::Regnamespace,
        "regproc" | "regprocedure" => Type::Regproc,
        "regrole" => Type::Regrole,
        "name" => Type::Name,
        "json" => Type::Json,
        "jsonb" => Type::Jsonb,
        "time" => return precise(name, Type::Time),
        "record" => return Err(refuse("type record here", name.span)),
        other if let Some(kind) = Kind::of_name(other) => return modified(kind, name),
        other if KNOWN.contains(&other) => return Err(refuse(format!("type {other}"), name.span)),
        _ => match made(name)? {
            Some(ty) => ty,
            None => return array_of(name, made),
        },
    };
    unmodified(plain, name)
}

/// `_int4`: the name of an array type in the catalog is that of its elements' type behind a line.
fn array_of(name: &TypeName, made: &mut dyn FnMut(&TypeName) -> Result<Option<Type>>) -> Result<Type> {
    let mut element = name.clone();
    let last = element.name.parts.last_mut();
    let Some(bare) = last.and_then(|part| Some((part.name.strip_prefix('_')?.to_string(), part))) else {
        return Err(unknown(name));
    };
    bare.1.name = bare.0;
    match resolve(&element, made) {
        Ok(ty) if !matches!(ty, Type::Array(_)) => Ok(Type::Array(Element::of(ty))),
        _ => Err(unknown(name)),
    }
}

/// A type that takes no modifiers.
fn unmodified(ty: Type, name: &TypeName) -> Result<Type> {
    match name.modifiers.first() {
        None => Ok(ty),
        Some(modifier) => {
            let message = format!("type modifier is not allowed for type \"{}\"", name.name.last());
            Err(Error::new(state::SYNTAX_ERROR, message).at(modifier.span.at()))
        }
    }
}

fn unknown(name: &TypeName) -> Error {
    let written: Vec<&str> = name.name.parts.iter().map(|part| part.name.as_str()).collect();
    let message = format!("type \"{}\" does not exist", written.join("."));
    Error::new(state::UNDEFINED_OBJECT, message).at(name.span.at())
}

fn integer(modifier: &Expr) -> Result<i64> {
    match modifier.kind {
        ExprKind::Literal(Literal::Integer(n)) => Ok(n),
        _ => {
            let message = "type modifiers must be simple constants or identifiers";
            Err(Error::new(state::SYNTAX_ERROR, message).at(modifier.span.at()))
        }
    }
}

fn invalid(message: String, name: &TypeName) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message).at(name.span.at())
}

fn numeric(name: &TypeName) -> Result<Type> {
    let (precision, scale) = match name.modifiers.as_slice() {
        [] => return Ok(Type::Numeric(None)),
        [precision] => (integer(precision)?, 0),
        [precision, scale] => (integer(precision)?, integer(scale)?),
        _ => return Err(invalid("invalid NUMERIC type modifier".to_string(), name)),
    };
    Type::numeric(precision, scale).map_err(|error| error.at(name.span.at()))
}

fn characters(name: &TypeName, fixed: bool) -> Result<Type> {
    match name.modifiers.as_slice() {
        [] if fixed => Ok(Type::Char(None)),
        [] => Ok(Type::Varchar(None)),
        [length] => Type::characters(fixed, integer(length)?).map_err(|error| error.at(name.span.at())),
        _ => Err(invalid("invalid type modifier".to_string(), name)),
    }
}

/// A type of its own layout. Its modifiers are numbers and words.
fn modified(kind: Kind, name: &TypeName) -> Result<Type> {
    let mut given = Vec::new();
    for modifier in &name.modifiers {
        given.push(match &modifier.kind {
            ExprKind::Column(column) if column.parts.len() == 1 => column.last().to_string(),
            _ => integer(modifier)?.to_string(),
        });
    }
    let given: Vec<&str> = given.iter().map(String::as_str).collect();
    kind.declared(&given).map_err(|error| error.at(name.span.at()))
}

fn vector(name: &TypeName) -> Result<Type> {
    let dimensions = match name.modifiers.as_slice() {
        [] => return Ok(Type::Vector(None)),
        [dimensions] => integer(dimensions)?,
        _ => return Err(invalid("invalid type modifier".to_string(), name)),
    };
    if dimensions < 1 {
        return Err(invalid("dimensions for type vector must be at least 1".to_string(), name));
    }
    if dimensions > MAX_DIMENSIONS {
        return Err(invalid(format!("dimensions for type vector cannot exceed {MAX_DIMENSIONS}"), name));
    }
    Ok(Type::Vector(Some(dimensions as u16)))
}

/// A type of moments or spans with a precision, or with fields. More digits than there are say nothing more.
fn precise(name: &TypeName, ty: Type) -> Result<Type> {
    let digits = match name.modifiers.as_slice() {
        [] => None,
        [digits] => Some(integer(digits)?.clamp(0, DIGITS.into()) as u8),
        _ => return Err(invalid("invalid type modifier".to_string(), name)),
    };
    Ok(Precise::declared(ty, digits, name.interval.map_or(0, |fields| fields as u8 + 1)))
}
