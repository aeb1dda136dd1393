//! The tables of pg_catalog that programs look into for what there is: relations, columns, types, indexes, constraints.
//!
//! What an object's oid is, `oids` says. Columns that say the same of every row are in `absent`.
//!
//! ```text
//! SELECT attname, format_type FROM pg_attribute WHERE attrelid = (SELECT oid FROM pg_class WHERE relname = 'imu')
//! ```
//!
//! Limits: "char" is text, int2vector is smallint[] from 0 (so that `indkey[0]` is the first). There are no privileges or
//! statistics, and one owner. A schema's oid is its place among the schemas.
//! `enumsortorder` counts the values.

use super::constraints::{each_constraint, referred};
use super::oids::{
    Known, OWN_SCHEMAS, TYPES, constraint_oid, enum_oid, index_oid, known, modifier, part_oid, relation_oid,
    schema_oid, type_oid,
};
use super::procs::{of_type, pg_proc};
use super::{View, text, written};
use crate::sql::ast::{ReferenceAction, TableConstraintKind};
use crate::sql::bind::define::mentions;
use remanent_storage::catalog::{Catalog, EntryKind, SYSTEM_SCHEMA};
use remanent_storage::index::{IndexDef, KeyOrder};
use remanent_storage::table::{Generated, RelationKind, TableDef};
use remanent_storage::value::array::Dimension;
use remanent_storage::value::kinds::KINDS;
use remanent_storage::value::{Array, Element, Type, Value};
use std::sync::Arc;

const T: Type = Type::Text;
const N: Type = Type::Name;
const O: Type = Type::Oid;
const L: Type = Type::Int8;
const B: Type = Type::Bool;
const S: Type = Type::Int2;
const I: Type = Type::Int4;
const P: Type = Type::Regproc;
const TEXTS: Type = Type::Array(Element::of(Type::Text));
const POSITIONS: Type = Type::Array(Element::of(Type::Int2));

pub(super) static TABLES: &[View] = &[
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_namespace",
        columns: &[("oid", O), ("nspname", N)],
        rows: pg_namespace,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_class",
        columns: &[
            ("oid", O),
            ("relname", N),
            ("relnamespace", O),
            ("relhasindex", B),
            ("relpersistence", T),
            ("relkind", T),
            ("relnatts", S),
            ("relchecks", S),
            ("relispartition", B),
            ("relam", O),
            ("relreplident", T),
            ("reloptions", TEXTS),
            ("relhasrules", B),
            ("relhastriggers", B),
        ],
        rows: pg_class,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_attribute",
        columns: &[
            ("attrelid", O),
            ("attname", N),
            ("atttypid", O),
            ("attlen", S),
            ("attnum", S),
            ("atttypmod", I),
            ("attnotnull", B),
            ("atthasdef", B),
            ("attidentity", T),
            ("attgenerated", T),
            ("attisdropped", B),
            ("attbyval", B),
            ("attalign", T),
            ("attstorage", T),
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
            ("typname", N),
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
            ("typinput", P),
            ("typoutput", P),
            ("typreceive", P),
            ("typsend", P),
            ("typbyval", B),
            ("typalign", T),
            ("typstorage", T),
        ],
        rows: pg_type,
    },
    View { schema: SYSTEM_SCHEMA, name: "pg_proc", columns: &[("oid", O), ("proname", N)], rows: pg_proc },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_enum",
        columns: &[("oid", O), ("enumtypid", O), ("enumsortorder", Type::Float4), ("enumlabel", N)],
        rows: pg_enum,
    },
    View { schema: SYSTEM_SCHEMA, name: "pg_stat_all_tables", columns: OF_TABLE, rows: stat_tables },
    View { schema: SYSTEM_SCHEMA, name: "pg_stat_user_tables", columns: OF_TABLE, rows: stat_tables },
    View { schema: SYSTEM_SCHEMA, name: "pg_statio_all_tables", columns: OF_TABLE, rows: stat_tables },
    View { schema: SYSTEM_SCHEMA, name: "pg_statio_user_tables", columns: OF_TABLE, rows: stat_tables },
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
            ("indoption", POSITIONS),
            ("indpred", T),
            ("indexprs", T),
        ],
        rows: pg_index,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_constraint",
        columns: &[
            ("oid", O),
            ("conname", N),
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
            ("seqstart", L),
            ("seqincrement", L),
            ("seqmax", L),
            ("seqmin", L),
            ("seqcache", L),
            ("seqcycle", B),
        ],
        rows: pg_sequence,
    },
];

/// What views of statistics say of a table itself.
const OF_TABLE: &[(&str, Type)] = &[("schemaname", N), ("relname", N), ("relid", O)];

fn stat_tables(catalog: &Catalog) -> Vec<Vec<Value>> {
    let row =
        |def: Arc<TableDef>| vec![text(&def.schema), text(&def.name), Value::Int8(relation_oid(def.id))];
    catalog.tables().into_iter().map(row).collect()
}

/// PostgreSQL's oids of its ways to keep rows and indexes.
pub(super) const HEAP: i64 = 2;
pub(super) const BTREE: i64 = 403;

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

/// All schemas: SQL's own, those that users made, those of sessions with temporary relations.
pub(super) fn schemas(catalog: &Catalog) -> Vec<String> {
    let own = OWN_SCHEMAS.iter().map(|(name, _)| *name);
    let made = catalog.entries(EntryKind::Schema).map(|(name, _)| name);
    let mut temporary: Vec<String> =
        catalog.relations().iter().filter(|def| def.is_temporary()).map(|def| def.schema.clone()).collect();
    temporary.dedup();
    own.chain(made).map(str::to_string).chain(temporary).collect()
}

fn pg_namespace(catalog: &Catalog) -> Vec<Vec<Value>> {
    let row = |name: String| vec![Value::Int8(schema_oid(catalog, &name)), Value::Text(name)];
    schemas(catalog).into_iter().map(row).collect()
}

/// How PostgreSQL keeps a type of that length and name: whether by value, how it is aligned (an array of it, as its elements), and whether a large
/// value is compressed or moved away.
fn layout(length: i16, name: &str) -> [Value; 3] {
    let align = |length: i16| match length {
        1 | 64 => "c",
        2 | 6 => "s",
        8 => "d",
        16 if name != "uuid" => "d",
        16 => "c",
        _ => "i",
    };
    let element = name.strip_prefix('_').and_then(|name| TYPES.iter().find(|known| known.3 == name));
    let align = match element.map(|known| align(known.4)) {
        Some("d") => "d",
        Some(_) => "i",
        None => align(length),
    };
    let storage = match length {
        -1 if name == "numeric" => "m",
        -1 => "x",
        _ => "p",
    };
    [Value::Bool(matches!(length, 1 | 2 | 4 | 8)), text(align), text(storage)]
}

/// The tables with a foreign key, and those that one refers to: PostgreSQL keeps them by triggers.
fn with_triggers(catalog: &Catalog) -> Vec<(String, String)> {
    let mut tables = Vec::new();
    each_constraint(catalog, &mut |def, _, parsed| {
        if let TableConstraintKind::ForeignKey(_, references) = parsed.kind {
            let schema = references.table.qualifier().map_or(def.schema.as_str(), |schema| &schema.name);
            tables.push((schema.to_string(), references.table.last().to_string()));
            tables.push((def.schema.clone(), def.name.clone()));
        }
    });
    tables
}

fn pg_class(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    let triggers = with_triggers(catalog);
    for def in catalog.relations() {
        let schema = Value::Int8(schema_oid(catalog, &def.schema));
        let indexes = indexes(catalog, &def);
        let mut row = |oid: i64, name: &str, kind: &str, columns: usize, checks: usize, options: &[_]| {
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
                Value::Int8(match kind {
                    "r" => HEAP,
                    "i" => BTREE,
                    _ => 0,
                }),
                text(if kind == "r" { "d" } else { "n" }),
                options_text(options),
                Value::Bool(kind == "v"),
                Value::Bool(kind == "r" && triggers.iter().any(|(s, n)| *s == def.schema && *n == def.name)),
            ]);
        };
        let kind = match def.kind {
            RelationKind::Table => "r",
            RelationKind::View(_) => "v",
            RelationKind::Sequence(_) => "S",
        };
        let checks = def.constraints.iter().filter(|held| held.text.starts_with("CHECK")).count();
        row(relation_oid(def.id), &def.name, kind, def.visible(), checks, &def.options);
        for index in &indexes {
            let columns = index.columns.len() + index.include.len();
            row(index_oid(&def, index), &index.name, "i", columns, 0, &index.parameters);
        }
    }
    rows
}

/// `{name=value,…}`; NULL where there is none.
fn options_text(options: &[(String, String)]) -> Value {
    let texts: Vec<Value> =
        options.iter().map(|(name, value)| Value::Text(format!("{name}={value}"))).collect();
    match Array::list(Type::Text, texts) {
        Ok(list) if !options.is_empty() => Value::Array(Box::new(list)),
        _ => Value::Null,
    }
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
            let (length, name) = match column.ty {
                Type::Array(element) => (-1, format!("_{}", known(element.ty()).map_or("", |known| known.3))),
                Type::Enum(_) => (4, String::new()),
                ty => known(ty).map_or((-1, String::new()), |known| (known.4, known.3.to_string())),
            };
            let mut row = vec![
                Value::Int8(relation_oid(def.id)),
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
            ];
            row.extend(layout(length, &name));
            rows.push(row);
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
                let oid = part_oid(def.id, position);
                rows.push(vec![
                    Value::Int8(oid),
                    Value::Int8(relation_oid(def.id)),
                    small(position),
                    written(default),
                ]);
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
        rows.extend(type_rows((oid, described.name.to_string(), -1, described.category), array, 11));
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
        let procedures = of_type(&name, category);
        let layout = layout(length, &name);
        let mut row = vec![
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
        ];
        row.extend(procedures);
        row.extend(layout);
        row
    };
    let arrays = (array, format!("_{name}"), -1, "A");
    [row((oid, name, length, category), 0, array), row(arrays, oid, 0)]
}

fn pg_enum(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.enums().values() {
        for (label, place) in def.labels.iter().zip(1u16..) {
            let number = part_oid(def.id, place.into());
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
                Value::Int8(relation_oid(def.id)),
                small(index.columns.len() + index.include.len()),
                small(index.columns.len()),
                Value::Bool(index.unique),
                Value::Bool(index.nulls_not_distinct),
                Value::Bool(index.id == 0),
                Value::Bool(true),
                positions(&def, 0, index.columns.iter().chain(&index.include).copied()),
                options(&index),
                index.filter.map_or(Value::Null, |column| text(&def.label(column))),
                expressions(&def, &index),
            ]);
        }
    }
    rows
}

/// Bit 0 of each column says DESC, bit 1 NULLS FIRST.
fn options(index: &IndexDef) -> Value {
    let option =
        |order: &KeyOrder| Value::Int2(i16::from(order.descending) | i16::from(order.nulls_first) << 1);
    let options: Vec<Value> = index.orders.iter().map(option).collect();
    let length = i32::try_from(options.len()).unwrap_or(i32::MAX);
    Array::new(Type::Int2, vec![Dimension { length, lower: 0 }], options).map_or(Value::Null, Value::from)
}

/// The expressions among the columns of an index; NULL where it has none.
fn expressions(def: &TableDef, index: &IndexDef) -> Value {
    let columns = index.columns.iter().filter(|&&column| column >= def.visible());
    let texts: Vec<String> = columns.map(|&column| def.label(column)).collect();
    if texts.is_empty() { Value::Null } else { Value::Text(texts.join(", ")) }
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
            Value::Int8(constraint_oid(def, place)),
            text(&constraint.name),
            Value::Int8(schema_oid(catalog, &def.schema)),
            text(kind),
            Value::Bool(parsed.attributes.deferrable == Some(true)),
            Value::Bool(parsed.attributes.deferred == Some(true)),
            Value::Bool(!parsed.attributes.not_valid),
            Value::Int8(relation_oid(def.id)),
            Value::Int8(index),
        ];
        row.push(Value::Int8(referred.as_ref().map_or(0, |referred| relation_oid(referred.key.parent.id))));
        row.extend(match &referred {
            Some(referred) => {
                let matching = text(if referred.key.full { "f" } else { "s" });
                [action_letter(referred.on_update), action_letter(referred.on_delete), matching]
            }
            None => [" ", " ", " "].map(text),
        });
        row.push(match parsed.kind {
            TableConstraintKind::Check(_) => {
                let names = def.columns.iter().take(def.visible()).enumerate();
                let mentioned = names.filter(|(_, column)| mentions(&constraint.text, &column.name));
                positions(def, 1, mentioned.map(|(position, _)| position))
            }
            _ => positions(def, 1, columns.iter().filter_map(|column| number(&column.name))),
        });
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
            let mut row = vec![Value::Int8(relation_oid(def.id)), Value::Int8(type_oid(rules.ty))];
            row.extend(numbers.map(Value::Int8));
            row.push(Value::Bool(rules.cycle));
            Some(row)
        }
        _ => None,
    };
    catalog.relations().into_iter().filter_map(row).collect()
}
