//! The tables of pg_catalog that programs look into for what there is: relations, columns, types, indexes, constraints.
//!
//! An object's oid is the number under which the catalog knows it, for types PostgreSQL's own. What has no number of its own,
//! a constraint or a default, gets one from its table's and its place there: [`part_of`].
//!
//! ```text
//! SELECT attname, format_type FROM pg_attribute WHERE attrelid = (SELECT oid FROM pg_class WHERE relname = 'imu')
//! ```
//!
//! Limits: oids are bigint, "char" and name are text, and int2vector is smallint[] from 0 (so that `indkey[0]` is the first). There are no owners, privileges or statistics, so
//! their columns are left out. A schema's oid is its place among the schemas.
//! `conkey` of a CHECK is NULL. `enumsortorder` counts the values.

use super::constraints::{each_constraint, referred};
use super::{View, text};
use crate::sql::ast::{ReferenceAction, TableConstraintKind};
use remanent_storage::catalog::{Catalog, EntryKind, SYSTEM_SCHEMA};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{Generated, PUBLIC, RelationKind, TEMPORARY, TableDef};
use remanent_storage::value::array::Dimension;
use remanent_storage::value::kinds::{Described, KINDS};
use remanent_storage::value::{Array, Element, Type, Value};
use std::sync::Arc;

const T: Type = Type::Text;
const O: Type = Type::Int8;
const B: Type = Type::Bool;
const S: Type = Type::Int2;
const I: Type = Type::Int4;
const POSITIONS: Type = Type::Array(Element::of(Type::Int2));

pub(super) static TABLES: &[View] = &[
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_namespace",
        columns: &[("oid", O), ("nspname", T)],
        rows: pg_namespace,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_class",
        columns: &[
            ("oid", O),
            ("relname", T),
            ("relnamespace", O),
            ("relhasindex", B),
            ("relpersistence", T),
            ("relkind", T),
            ("relnatts", S),
            ("relchecks", S),
            ("relispartition", B),
        ],
        rows: pg_class,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_attribute",
        columns: &[
            ("attrelid", O),
            ("attname", T),
            ("atttypid", O),
            ("attlen", S),
            ("attnum", S),
            ("atttypmod", I),
            ("attnotnull", B),
            ("atthasdef", B),
            ("attidentity", T),
            ("attgenerated", T),
            ("attisdropped", B),
        ],
        rows: pg_attribute,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_attrdef",
        columns: &[("oid", O), ("adrelid", O), ("adnum", S), ("adbin", T)],
        rows: pg_attrdef,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_type",
        columns: &[
            ("oid", O),
            ("typname", T),
            ("typnamespace", O),
            ("typlen", S),
            ("typtype", T),
            ("typcategory", T),
            ("typisdefined", B),
            ("typdelim", T),
            ("typrelid", O),
            ("typelem", O),
            ("typarray", O),
            ("typnotnull", B),
            ("typbasetype", O),
        ],
        rows: pg_type,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_enum",
        columns: &[("oid", O), ("enumtypid", O), ("enumsortorder", Type::Float4), ("enumlabel", T)],
        rows: pg_enum,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_index",
        columns: &[
            ("indexrelid", O),
            ("indrelid", O),
            ("indnatts", S),
            ("indnkeyatts", S),
            ("indisunique", B),
            ("indnullsnotdistinct", B),
            ("indisprimary", B),
            ("indisvalid", B),
            ("indkey", POSITIONS),
        ],
        rows: pg_index,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_constraint",
        columns: &[
            ("oid", O),
            ("conname", T),
            ("connamespace", O),
            ("contype", T),
            ("condeferrable", B),
            ("condeferred", B),
            ("convalidated", B),
            ("conrelid", O),
            ("conindid", O),
            ("confrelid", O),
            ("confupdtype", T),
            ("confdeltype", T),
            ("confmatchtype", T),
            ("conkey", POSITIONS),
            ("confkey", POSITIONS),
            ("confdelsetcols", POSITIONS),
        ],
        rows: pg_constraint,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_sequence",
        columns: &[
            ("seqrelid", O),
            ("seqtypid", O),
            ("seqstart", O),
            ("seqincrement", O),
            ("seqmax", O),
            ("seqmin", O),
            ("seqcache", O),
            ("seqcycle", B),
        ],
        rows: pg_sequence,
    },
];

/// The oids that PostgreSQL gives its own schemas.
const OWN_SCHEMAS: [(&str, i64); 3] = [(SYSTEM_SCHEMA, 11), (PUBLIC, 2200), (super::INFORMATION, 13_000)];
/// The oid of the first schema that a user made.
const FIRST_SCHEMA: i64 = 16_384;
/// The oid before that of the first session's temporary schema.
const FIRST_TEMPORARY: i64 = 1 << 48;

/// A type, its oid, the oid of its arrays, its name in pg_type, its bytes (-1: that depends), its category.
struct Known(Type, i64, i64, &'static str, i16, &'static str);

/// PostgreSQL's numbers (`pg_type.dat` of version 15). `vector` has none there: an extension gets the next that is free.
static TYPES: &[Known] = &[
    Known(Type::Bool, 16, 1000, "bool", 1, "B"),
    Known(Type::Bytea, 17, 1001, "bytea", -1, "U"),
    Known(Type::Int8, 20, 1016, "int8", 8, "N"),
    Known(Type::Int2, 21, 1005, "int2", 2, "N"),
    Known(Type::Int4, 23, 1007, "int4", 4, "N"),
    Known(Type::Text, 25, 1009, "text", -1, "S"),
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
    Known(Type::Uuid, 2950, 2951, "uuid", 16, "U"),
    Known(Type::Jsonb, 3802, 3807, "jsonb", -1, "U"),
    Known(Type::Vector(None), 16_380, 16_381, "vector", -1, "U"),
];

fn known(ty: Type) -> Option<&'static Known> {
    // A length or a precision is no part of it.
    TYPES.iter().find(|known| known.0.tag()[0] == ty.tag()[0])
}

/// Numbers of enum types, behind those of all else: each type's, and that of its arrays.
pub(super) fn enum_oid(id: u32) -> i64 {
    (1 << 49) + 2 * i64::from(id)
}

/// The oid of a type; 0 if it has none.
fn type_oid(ty: Type) -> i64 {
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
fn modifier(ty: Type) -> i32 {
    match ty {
        Type::Numeric(Some((precision, scale))) => {
            (i32::from(precision) << 16 | i32::from(scale) & 0x7ff) + 4
        }
        Type::Varchar(Some(n)) | Type::Char(Some(n)) => i32::try_from(n).unwrap_or(0).saturating_add(4),
        Type::Other(_, modifier) if modifier > 0 => i32::try_from(modifier).unwrap_or(-1),
        Type::Array(element) => modifier(element.ty()),
        _ => -1,
    }
}

pub(super) fn schema_oid(catalog: &Catalog, schema: &str) -> i64 {
    if let Some(session) = schema.strip_prefix(TEMPORARY).and_then(|number| number.parse::<i64>().ok()) {
        return FIRST_TEMPORARY.saturating_add(session);
    }
    let own = OWN_SCHEMAS.iter().find(|(name, _)| *name == schema).map(|(_, oid)| *oid);
    let made = || catalog.entries(EntryKind::Schema).position(|(name, _)| name == schema);
    own.or_else(|| Some(FIRST_SCHEMA + made()? as i64)).unwrap_or(0)
}

/// Where the numbers of a table's constraints begin among those of its parts.
pub(super) const OF_CONSTRAINT: usize = 0x4000;

/// The oid of the `n`th of a table's constraints, defaults or whatever a list of pg_catalog has of it.
pub(super) fn part_of(def: &TableDef, n: usize) -> i64 {
    (i64::from(def.id) << 16) + n as i64
}

/// The oid of a primary key's index, which has no number of its own.
pub(super) fn index_oid(def: &TableDef, index: &IndexDef) -> i64 {
    match index.id {
        0 => part_of(def, 0),
        id => id.into(),
    }
}

fn small(n: usize) -> Value {
    Value::Int2(i16::try_from(n).unwrap_or(i16::MAX))
}

/// Positions from 0 as numbers from 1; 0 stands for an expression. The first has the subscript `lower`.
fn positions(def: &TableDef, lower: i32, columns: impl Iterator<Item = usize>) -> Value {
    let number = |column| if column < def.visible() { small(column + 1) } else { Value::Int2(0) };
    let values: Vec<Value> = columns.map(number).collect();
    let length = i32::try_from(values.len()).unwrap_or(i32::MAX);
    match Array::new(Type::Int2, vec![Dimension { length, lower }], values) {
        Ok(list) if length > 0 => Value::Array(Box::new(list)),
        _ => Value::Null,
    }
}

pub(super) fn indexes(catalog: &Catalog, def: &TableDef) -> Vec<Arc<IndexDef>> {
    let key = (def.is_table() && !def.key.is_empty()).then(|| Arc::new(def.primary()));
    key.into_iter().chain(catalog.indexes_of(def.id).iter().cloned()).collect()
}

fn pg_namespace(catalog: &Catalog) -> Vec<Vec<Value>> {
    let own = OWN_SCHEMAS.iter().map(|(name, _)| *name);
    let made = catalog.entries(EntryKind::Schema).map(|(name, _)| name);
    let mut rows: Vec<Vec<Value>> =
        own.chain(made).map(|name| vec![Value::Int8(schema_oid(catalog, name)), text(name)]).collect();
    let mut temporary: Vec<String> =
        catalog.relations().iter().filter(|def| def.is_temporary()).map(|def| def.schema.clone()).collect();
    temporary.dedup();
    rows.extend(temporary.iter().map(|name| vec![Value::Int8(schema_oid(catalog, name)), text(name)]));
    rows
}

fn pg_class(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.relations() {
        let schema = Value::Int8(schema_oid(catalog, &def.schema));
        let indexes = indexes(catalog, &def);
        let mut row = |oid: i64, name: &str, kind: &str, columns: usize, checks: usize| {
            rows.push(vec![
                Value::Int8(oid),
                text(name),
                schema.clone(),
                Value::Bool(kind == "r" && !indexes.is_empty()),
                text(if def.is_temporary() { "t" } else { "p" }),
                text(kind),
                small(columns),
                small(checks),
                Value::Bool(false),
            ]);
        };
        let kind = match def.kind {
            RelationKind::Table => "r",
            RelationKind::View(_) => "v",
            RelationKind::Sequence(_) => "S",
        };
        let checks = def.constraints.iter().filter(|held| held.text.starts_with("CHECK")).count();
        row(def.id.into(), &def.name, kind, def.visible(), checks);
        for index in &indexes {
            let columns = index.columns.len() + index.include.len();
            row(index_oid(&def, index), &index.name, "i", columns, 0);
        }
    }
    rows
}

fn pg_attribute(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.relations() {
        for (column, position) in def.columns.iter().take(def.visible()).zip(1..) {
            let (identity, generated) = match column.generated {
                Generated::Always => ("a", ""),
                Generated::ByDefault => ("d", ""),
                Generated::Stored => ("", "s"),
                _ => ("", ""),
            };
            let length = match column.ty {
                Type::Array(_) => -1,
                Type::Enum(_) => 4,
                ty => known(ty).map_or(-1, |known| known.4),
            };
            rows.push(vec![
                Value::Int8(def.id.into()),
                text(&column.name),
                Value::Int8(type_oid(column.ty)),
                Value::Int2(length),
                small(position),
                Value::Int4(modifier(column.ty)),
                Value::Bool(column.not_null || def.key.contains(&(position - 1))),
                Value::Bool(column.default.is_some() && identity.is_empty()),
                text(identity),
                text(generated),
                Value::Bool(false),
            ]);
        }
    }
    rows
}

fn pg_attrdef(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.tables() {
        for (column, position) in def.columns.iter().take(def.visible()).zip(1..) {
            let identity = matches!(column.generated, Generated::Always | Generated::ByDefault);
            if let Some(default) = column.default.as_deref().filter(|_| !identity) {
                let oid = part_of(&def, 0x8000 + position);
                rows.push(vec![Value::Int8(oid), Value::Int8(def.id.into()), small(position), text(default)]);
            }
        }
    }
    rows
}

fn pg_type(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for Known(_, oid, array, name, length, category) in TYPES {
        let row = (*oid, (*name).to_string(), *length, *category);
        rows.extend(type_rows(row, *array, 11));
    }
    for described in KINDS {
        let (oid, array) = described.oids;
        rows.extend(type_rows((oid, described.name.to_string(), -1, "U"), array, 11));
    }
    for def in catalog.enums().values() {
        let oid = enum_oid(def.id);
        rows.extend(type_rows((oid, def.name.clone(), 4, "E"), oid + 1, schema_oid(catalog, &def.schema)));
    }
    rows
}

/// A type by its oid, name, length and category, and that of its arrays.
fn type_rows(ty: (i64, String, i16, &str), array: i64, schema: i64) -> [Vec<Value>; 2] {
    let (oid, name, length, category) = ty;
    let row = |(oid, name, length, category): (i64, String, i16, &str), element: i64, array: i64| {
        vec![
            Value::Int8(oid),
            Value::Text(name),
            Value::Int8(schema),
            Value::Int2(length),
            text(if category == "E" { "e" } else { "b" }),
            text(category),
            Value::Bool(true),
            text(","),
            Value::Int8(0),
            Value::Int8(element),
            Value::Int8(array),
            Value::Bool(false),
            Value::Int8(0),
        ]
    };
    let arrays = (array, format!("_{name}"), -1, "A");
    [row((oid, name, length, category), 0, array), row(arrays, oid, 0)]
}

fn pg_enum(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.enums().values() {
        for (label, place) in def.labels.iter().zip(1u16..) {
            let number = (enum_oid(def.id) << 12) + i64::from(place);
            let order = Value::Float4(place.into());
            rows.push(vec![Value::Int8(number), Value::Int8(enum_oid(def.id)), order, text(&label.text)]);
        }
    }
    rows
}

fn pg_index(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.tables() {
        for index in indexes(catalog, &def) {
            rows.push(vec![
                Value::Int8(index_oid(&def, &index)),
                Value::Int8(def.id.into()),
                small(index.columns.len() + index.include.len()),
                small(index.columns.len()),
                Value::Bool(index.unique),
                Value::Bool(index.nulls_not_distinct),
                Value::Bool(index.id == 0),
                Value::Bool(true),
                positions(&def, 0, index.columns.iter().chain(&index.include).copied()),
            ]);
        }
    }
    rows
}

/// As pg_constraint says it.
fn action_letter(action: ReferenceAction) -> Value {
    text(match action {
        ReferenceAction::NoAction => "a",
        ReferenceAction::Restrict => "r",
        ReferenceAction::Cascade => "c",
        ReferenceAction::SetNull => "n",
        ReferenceAction::SetDefault => "d",
    })
}

fn pg_constraint(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    each_constraint(catalog, &mut |def, constraint, parsed| {
        let (kind, columns) = match &parsed.kind {
            TableConstraintKind::PrimaryKey(columns) => ("p", columns.as_slice()),
            TableConstraintKind::Unique(columns, _) => ("u", columns.as_slice()),
            TableConstraintKind::ForeignKey(columns, _) => ("f", columns.as_slice()),
            TableConstraintKind::Check(_) => ("c", &[][..]),
        };
        let place = def.constraints.iter().position(|held| held.name == constraint.name).unwrap_or(0);
        let number = |name: &str| def.columns.iter().position(|column| column.name == name);
        let referred = referred(catalog, def, constraint);
        let own = indexes(catalog, def).into_iter().find(|index| index.name == constraint.name);
        let index = match &referred {
            Some(referred) => index_oid(&referred.key.parent, &referred.key.index),
            None => own.map_or(0, |index| index_oid(def, &index)),
        };
        let mut row = vec![
            Value::Int8(part_of(def, OF_CONSTRAINT + place)),
            text(&constraint.name),
            Value::Int8(schema_oid(catalog, &def.schema)),
            text(kind),
            Value::Bool(parsed.attributes.deferrable == Some(true)),
            Value::Bool(parsed.attributes.deferred == Some(true)),
            Value::Bool(!parsed.attributes.not_valid),
            Value::Int8(def.id.into()),
            Value::Int8(index),
        ];
        row.push(Value::Int8(referred.as_ref().map_or(0, |referred| referred.key.parent.id.into())));
        row.extend(match &referred {
            Some(referred) => {
                let matching = text(if referred.key.full { "f" } else { "s" });
                [action_letter(referred.on_update), action_letter(referred.on_delete), matching]
            }
            None => [" ", " ", " "].map(text),
        });
        row.push(positions(def, 1, columns.iter().filter_map(|column| number(&column.name))));
        row.extend(match (&referred, &parsed.kind) {
            (Some(referred), TableConstraintKind::ForeignKey(_, references)) => {
                let set = references.set_columns.iter().filter_map(|column| number(&column.name));
                let other = referred.key.referred.iter().copied();
                [positions(&referred.key.parent, 1, other), positions(def, 1, set)]
            }
            _ => [Value::Null, Value::Null],
        });
        rows.push(row);
    });
    rows
}

fn pg_sequence(catalog: &Catalog) -> Vec<Vec<Value>> {
    let row = |def: Arc<TableDef>| match &def.kind {
        RelationKind::Sequence(rules) => {
            let numbers = [rules.start, rules.increment, rules.max, rules.min, rules.cache];
            let mut row = vec![Value::Int8(def.id.into()), Value::Int8(type_oid(rules.ty))];
            row.extend(numbers.map(Value::Int8));
            row.push(Value::Bool(rules.cycle));
            Some(row)
        }
        _ => None,
    };
    catalog.relations().into_iter().filter_map(row).collect()
}
