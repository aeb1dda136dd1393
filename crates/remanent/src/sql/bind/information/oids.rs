//! The numbers of objects: oids, which fit 32 bits as PostgreSQL's do.
//!
//! | object | oid |
//! |---|---|
//! | a type | PostgreSQL's own |
//! | a relation, a secondary index | 16384 and its number in the catalog |
//! | anything else | in the highest byte what it is (`kind`), then the number of what it belongs to |
//!
//! Limits: of more than 2^24 numbers given in the life of a database two objects may share an oid.

use remanent_storage::catalog::{Catalog, EntryKind, SYSTEM_SCHEMA};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{PUBLIC, TEMPORARY, TableDef};
use remanent_storage::value::kinds::{Described, KINDS, Kind};
use remanent_storage::value::{Element, Type};

/// The oids that PostgreSQL gives its own schemas.
pub(super) const OWN_SCHEMAS: [(&str, i64); 3] =
    [(SYSTEM_SCHEMA, 11), (PUBLIC, 2200), (super::INFORMATION, 13_000)];
/// The oid of the first object that a user made.
const FIRST_OBJECT: i64 = 16_384;

/// What stands in the highest byte of an oid whose object is no relation of that number.
mod kind {
    pub const PRIMARY_KEY: i64 = 1 << 24;
    pub const ENUM: i64 = 2 << 24;
    pub const TEMPORARY: i64 = 4 << 24;
    /// And as many above as a table may have constraints with an oid that is theirs alone.
    pub const CONSTRAINT: i64 = 16 << 24;
    /// Of all else that is part of a table.
    pub const PART: i64 = 128 << 24;
}
/// A number that the catalog gives, for as many bits as an oid has for it.
const NUMBERS: i64 = (1 << 24) - 1;

/// A type, its oid, the oid of its arrays, its name in pg_type, its bytes (-1: that depends), its category.
pub(super) struct Known(pub Type, pub i64, pub i64, pub &'static str, pub i16, pub &'static str);

/// PostgreSQL's numbers (`pg_type.dat` of version 15). `vector` has none there: an extension gets the next that is free.
pub(super) static TYPES: &[Known] = &[
    Known(Type::Bool, 16, 1000, "bool", 1, "B"),
    Known(Type::Bytea, 17, 1001, "bytea", -1, "U"),
    Known(Type::Int8, 20, 1016, "int8", 8, "N"),
    Known(Type::Int2, 21, 1005, "int2", 2, "N"),
    Known(Type::Int4, 23, 1007, "int4", 4, "N"),
    Known(Type::Text, 25, 1009, "text", -1, "S"),
    Known(Type::Oid, 26, 1028, "oid", 4, "N"),
    Known(Type::Name, 19, 1003, "name", 64, "S"),
    Known(Type::Json, 114, 199, "json", -1, "U"),
    Known(Type::Float4, 700, 1021, "float4", 4, "N"),
    Known(Type::Float8, 701, 1022, "float8", 8, "N"),
    Known(Type::Char(None), 1042, 1014, "bpchar", -1, "S"),
    Known(Type::Varchar(None), 1043, 1015, "varchar", -1, "S"),
    Known(Type::Date, 1082, 1182, "date", 4, "D"),
    Known(Type::Time, 1083, 1183, "time", 8, "D"),
    Known(Type::Timestamp, 1114, 1115, "timestamp", 8, "D"),
    Known(Type::Timestamptz, 1184, 1185, "timestamptz", 8, "D"),
    Known(Type::Interval, 1186, 1187, "interval", 16, "T"),
    Known(Type::Numeric(None), 1700, 1231, "numeric", -1, "N"),
    Known(Type::Regclass, 2205, 2210, "regclass", 4, "N"),
    Known(Type::Regtype, 2206, 2211, "regtype", 4, "N"),
    Known(Type::Regnamespace, 4089, 4090, "regnamespace", 4, "N"),
    Known(Type::Regproc, 24, 1008, "regproc", 4, "N"),
    Known(Type::Regrole, 4096, 4097, "regrole", 4, "N"),
    Known(Type::Uuid, 2950, 2951, "uuid", 16, "U"),
    Known(Type::Jsonb, 3802, 3807, "jsonb", -1, "U"),
    Known(Type::Vector(None), 16_380, 16_381, "vector", -1, "U"),
];

pub(super) fn known(ty: Type) -> Option<&'static Known> {
    // A length or a precision is no part of it.
    TYPES.iter().find(|known| known.0.tag()[0] == ty.plain().tag()[0])
}

/// The oid of an enum type; that of its arrays is the next.
pub(super) fn enum_oid(id: u32) -> i64 {
    kind::ENUM + ((2 * i64::from(id)) & NUMBERS)
}

/// The oid of a relation, or of an index that has a number.
pub(super) fn relation_oid(id: u32) -> i64 {
    FIRST_OBJECT + (i64::from(id) & NUMBERS)
}

/// The oid of a type; 0 if it has none.
pub(crate) fn type_oid(ty: Type) -> i64 {
    match ty {
        Type::Enum(id) => enum_oid(id),
        Type::Array(element) if element.ty().enumeration().is_some() => type_oid(element.ty()) + 1,
        Type::Array(element) => match element.ty() {
            Type::Other(kind, _) => kind.described().oids.1,
            element => known(element).map_or(0, |known| known.2),
        },
        Type::Other(kind, _) => kind.described().oids.0,
        _ => known(ty).map_or(0, |known| known.1),
    }
}

/// The type of an oid, enum types apart.
pub(super) fn type_of(oid: i64) -> Option<Type> {
    let other = |kind: &&'static Described| kind.oids.0 == oid || kind.oids.1 == oid;
    if let Some(described) = KINDS.iter().copied().find(other) {
        let ty = Type::Other(described.kind, 0);
        return Some(if described.oids.0 == oid { ty } else { Type::Array(Element::of(ty)) });
    }
    let plain = TYPES.iter().find(|known| known.1 == oid).map(|known| known.0);
    let array = || TYPES.iter().find(|known| known.2 == oid);
    plain.or_else(|| array().map(|known| Type::Array(Element::of(known.0))))
}

/// What PostgreSQL keeps of a length or a precision.
pub(super) fn modifier(ty: Type) -> i32 {
    match ty {
        Type::Numeric(Some((precision, scale))) => {
            (i32::from(precision) << 16 | i32::from(scale) & 0x7ff) + 4
        }
        Type::Varchar(Some(n)) | Type::Char(Some(n)) => i32::try_from(n).unwrap_or(0).saturating_add(4),
        Type::Vector(Some(n)) => n.into(),
        Type::Precise(precise) => precise.modifier(),
        Type::Other(Kind::TimeTz, precision) if precision > 0 => precision as i32 - 1,
        Type::Other(_, modifier) if modifier > 0 => i32::try_from(modifier).unwrap_or(-1),
        Type::Array(element) => modifier(element.ty()),
        _ => -1,
    }
}

pub(super) fn schema_oid(catalog: &Catalog, schema: &str) -> i64 {
    if let Some(session) = schema.strip_prefix(TEMPORARY).and_then(|number| number.parse::<i64>().ok()) {
        return kind::TEMPORARY + (session & NUMBERS);
    }
    let own = OWN_SCHEMAS.iter().find(|(name, _)| *name == schema).map(|(_, oid)| *oid);
    let made = || catalog.entries(EntryKind::Schema).position(|(name, _)| name == schema);
    own.or_else(|| Some(FIRST_OBJECT + made()? as i64)).unwrap_or(0)
}

/// The oid of a table's `n`th constraint.
pub(super) fn constraint_oid(def: &TableDef, n: usize) -> i64 {
    match i64::try_from(n) {
        Ok(n @ 0..112) => kind::CONSTRAINT + (n << 24) + (i64::from(def.id) & NUMBERS),
        _ => part_oid(def.id, n),
    }
}

/// A number for what nothing is looked up by: the default of a column, a value of an enum type.
pub(super) fn part_oid(of: u32, n: usize) -> i64 {
    let mixed = (u64::from(of) << 20 | n as u64 & 0xf_ffff).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
    kind::PART | mixed as i64
}

/// The oid of a primary key's index, which has no number of its own.
pub(super) fn index_oid(def: &TableDef, index: &IndexDef) -> i64 {
    match index.id {
        0 => kind::PRIMARY_KEY + (i64::from(def.id) & NUMBERS),
        id => relation_oid(id),
    }
}
