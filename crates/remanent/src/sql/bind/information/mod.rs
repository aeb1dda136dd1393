//! information_schema and the views of pg_catalog that show definitions, computed from the catalog.
//!
//! A view is an entry of [`VIEWS`] (those of constraints are made in `constraints`), for the tables of pg_catalog of
//! `system::TABLES`: its columns, and a function that makes its
//! rows. Columns whose names end in `_catalog`, and `datname`, hold the database's name and are left to the machinery. A new view is one
//! entry and one function.
//!
//! ```text
//! SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'
//! ```
//!
//! Limits: NOT NULL is in `columns` only; PostgreSQL shows it among the CHECK constraints too. There are no owners.

pub(super) mod absent;
mod class;
mod constraints;
mod definition;
mod description;
mod oids;
mod procs;
mod system;

pub(crate) use class::{
    class_name, class_number, class_of, class_oid, path_finds, relation_of_oid, schema_named, schema_of_oid,
    schema_of_type, serial_sequence, type_named,
};
pub(crate) use definition::{UNKNOWN, defined, format_type};
pub(crate) use description::descriptions;
pub(crate) use oids::type_oid;
pub(crate) use procs::{procedure_named, procedures};

use super::Binder;
use super::define::index_text;
use super::through::{check_option, writable};
use crate::sql::ast::Name;
use crate::sql::expr::Expr;
use crate::sql::expr::coerce::family;
use crate::sql::functions::lookup;
use crate::sql::plan::{Field, Plan};
use remanent_storage::catalog::{Catalog, EntryKind, SYSTEM_SCHEMA};
use remanent_storage::table::{Generated, PUBLIC, RelationKind, SequenceDef, TableDef, is_temporary};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::precise::DIGITS;
use remanent_storage::value::{Type, Value};
use std::sync::Arc;

/// The schema of SQL's own views.
pub const INFORMATION: &str = "information_schema";

/// A view that is computed.
struct View {
    schema: &'static str,
    name: &'static str,
    columns: &'static [(&'static str, Type)],
    /// The values of each row, those of `_catalog` columns left out.
    rows: fn(&Catalog) -> Vec<Vec<Value>>,
}

/// The column of `pg_sequences` that says which number was given last.
const LAST_VALUE: &str = "last_value";

const T: Type = Type::Text;
const I: Type = Type::Int4;

static VIEWS: &[View] = &[
    View {
        schema: INFORMATION,
        name: "schemata",
        columns: &[("catalog_name", T), ("schema_name", T)],
        rows: schemata,
    },
    View {
        schema: INFORMATION,
        name: "tables",
        columns: &[
            ("table_catalog", T),
            ("table_schema", T),
            ("table_name", T),
            ("table_type", T),
            ("is_insertable_into", T),
        ],
        rows: tables,
    },
    View {
        schema: INFORMATION,
        name: "columns",
        columns: &[
            ("table_catalog", T),
            ("table_schema", T),
            ("table_name", T),
            ("column_name", T),
            ("ordinal_position", I),
            ("column_default", T),
            ("is_nullable", T),
            ("data_type", T),
            ("character_maximum_length", I),
            ("character_octet_length", I),
            ("numeric_precision", I),
            ("numeric_precision_radix", I),
            ("numeric_scale", I),
            ("datetime_precision", I),
            ("interval_type", T),
            ("udt_catalog", T),
            ("udt_schema", T),
            ("udt_name", T),
            ("is_identity", T),
            ("identity_generation", T),
            ("identity_start", T),
            ("identity_increment", T),
            ("identity_maximum", T),
            ("identity_minimum", T),
            ("identity_cycle", T),
            ("is_generated", T),
            ("generation_expression", T),
            ("is_updatable", T),
        ],
        rows: columns,
    },
    View {
        schema: INFORMATION,
        name: "views",
        columns: &[
            ("table_catalog", T),
            ("table_schema", T),
            ("table_name", T),
            ("view_definition", T),
            ("check_option", T),
            ("is_updatable", T),
            ("is_insertable_into", T),
        ],
        rows: views,
    },
    View {
        schema: INFORMATION,
        name: "sequences",
        columns: &[
            ("sequence_catalog", T),
            ("sequence_schema", T),
            ("sequence_name", T),
            ("data_type", T),
            ("start_value", T),
            ("minimum_value", T),
            ("maximum_value", T),
            ("increment", T),
            ("cycle_option", T),
        ],
        rows: sequences,
    },
    View {
        schema: INFORMATION,
        name: "table_constraints",
        columns: &[
            ("constraint_catalog", T),
            ("constraint_schema", T),
            ("constraint_name", T),
            ("table_catalog", T),
            ("table_schema", T),
            ("table_name", T),
            ("constraint_type", T),
            ("is_deferrable", T),
            ("initially_deferred", T),
        ],
        rows: constraints::table_constraints,
    },
    View {
        schema: INFORMATION,
        name: "check_constraints",
        columns: &[
            ("constraint_catalog", T),
            ("constraint_schema", T),
            ("constraint_name", T),
            ("check_clause", T),
        ],
        rows: constraints::check_constraints,
    },
    View {
        schema: INFORMATION,
        name: "key_column_usage",
        columns: &[
            ("constraint_catalog", T),
            ("constraint_schema", T),
            ("constraint_name", T),
            ("table_catalog", T),
            ("table_schema", T),
            ("table_name", T),
            ("column_name", T),
            ("ordinal_position", I),
            ("position_in_unique_constraint", I),
        ],
        rows: constraints::key_columns,
    },
    View {
        schema: INFORMATION,
        name: "referential_constraints",
        columns: &[
            ("constraint_catalog", T),
            ("constraint_schema", T),
            ("constraint_name", T),
            ("unique_constraint_catalog", T),
            ("unique_constraint_schema", T),
            ("unique_constraint_name", T),
            ("match_option", T),
            ("update_rule", T),
            ("delete_rule", T),
        ],
        rows: constraints::referential_constraints,
    },
    View {
        schema: INFORMATION,
        name: "constraint_column_usage",
        columns: &[
            ("table_catalog", T),
            ("table_schema", T),
            ("table_name", T),
            ("column_name", T),
            ("constraint_catalog", T),
            ("constraint_schema", T),
            ("constraint_name", T),
        ],
        rows: constraints::constraint_columns,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_tables",
        columns: &[("schemaname", T), ("tablename", T), ("hasindexes", Type::Bool)],
        rows: pg_tables,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_indexes",
        columns: &[("schemaname", T), ("tablename", T), ("indexname", T), ("tablespace", T), ("indexdef", T)],
        rows: pg_indexes,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_views",
        columns: &[("schemaname", T), ("viewname", T), ("definition", T)],
        rows: pg_views,
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_sequences",
        columns: &[
            ("schemaname", T),
            ("sequencename", T),
            ("data_type", T),
            ("start_value", Type::Int8),
            ("min_value", Type::Int8),
            ("max_value", Type::Int8),
            ("increment_by", Type::Int8),
            ("cycle", Type::Bool),
            ("cache_size", Type::Int8),
            (LAST_VALUE, Type::Int8),
        ],
        rows: pg_sequences,
    },
];

impl Binder<'_> {
    /// The rows of a computed view, if the name is one's.
    pub(super) fn information(&self, name: &Name) -> Option<Plan> {
        let found = |schema: &str| {
            let mut all = VIEWS.iter().chain(system::TABLES).chain(description::TABLES);
            all.find(|view| view.schema == schema && view.name == name.last())
        };
        let view = match name.qualifier() {
            Some(schema) => found(&schema.name),
            None => found(SYSTEM_SCHEMA).or_else(|| {
                self.path.iter().any(|schema| schema == INFORMATION).then(|| found(INFORMATION))?
            }),
        };
        let Some(view) = view else { return self.absent(name) };
        let called = |name, args, ty| match lookup(name) {
            [function, ..] => Expr::Call { function, args, ty },
            [] => Expr::Literal { value: Value::Null, ty },
        };
        let database = || called("current_database", Vec::new(), T);
        let fixed = absent::fixed(view);
        let row = |values: Vec<Value>| {
            let mut values = values.into_iter();
            let cell = |(name, ty): &(&str, Type)| match name.ends_with("_catalog")
                || matches!(*name, "catalog_name" | "datname")
            {
                true => database(),
                // Asked when the statement runs; the row has the sequence's number.
                false if *name == LAST_VALUE => {
                    let sequence = values.next().unwrap_or(Value::Null);
                    called("pg_sequence_last_value", vec![literal(&sequence, Type::Regclass)], *ty)
                }
                false => Expr::Literal { value: values.next().unwrap_or(Value::Null), ty: *ty },
            };
            let of_each = view.columns.iter().map(cell);
            of_each.chain(fixed.iter().map(|((_, ty), value)| literal(value, *ty))).collect()
        };
        // What other sessions have for themselves shows in the tables of pg_catalog only that go by numbers.
        let others = |value: &Value| match value {
            Value::Text(text) => is_temporary(text) && self.temporary != Some(text),
            _ => false,
        };
        let mut all = (view.rows)(self.catalog);
        if view.name != "pg_namespace" {
            all.retain(|row| !row.iter().take(2).any(others));
        }
        let rows = Arc::new(all.into_iter().map(row).collect());
        let columns = view.columns.iter().copied().chain(fixed.iter().map(|(column, _)| *column));
        Some(Plan::Values { rows, fields: fields(view.name, columns) })
    }

    /// The rows of a table that is the same everywhere.
    fn absent(&self, name: &Name) -> Option<Plan> {
        let information = match name.qualifier() {
            Some(schema) if schema.name == INFORMATION => true,
            Some(schema) if schema.name != SYSTEM_SCHEMA => return None,
            _ => false,
        };
        let (columns, rows) = absent::table(information, name.last())?;
        let row =
            |row: Vec<Value>| row.iter().zip(&columns).map(|(value, (_, ty))| literal(value, *ty)).collect();
        let rows = Arc::new(rows.into_iter().map(row).collect());
        Some(Plan::Values { rows, fields: fields(name.last(), columns.iter().copied()) })
    }
}

fn literal(value: &Value, ty: Type) -> Expr {
    Expr::Literal { value: value.clone(), ty }
}

fn fields(view: &str, columns: impl Iterator<Item = (&'static str, Type)>) -> Vec<Field> {
    let field = |(name, ty): (&str, Type)| Field { relation: Some(view.to_string()), ..Field::new(name, ty) };
    columns.map(field).collect()
}

fn text(text: &str) -> Value {
    Value::from(text)
}

/// A default, as PostgreSQL writes those of serial columns: programs look for `'…'::regclass`.
fn written(default: &str) -> Value {
    let name = default.strip_prefix("nextval('").and_then(|rest| rest.strip_suffix("')"));
    match name.filter(|name| !name.contains("::")) {
        Some(name) => Value::Text(format!("nextval('{name}'::regclass)")),
        None => text(default),
    }
}

/// YES or NO, as SQL's views say it.
fn yes(yes: bool) -> Value {
    text(if yes { "YES" } else { "NO" })
}

fn named(def: &TableDef) -> Vec<Value> {
    vec![text(&def.schema), text(&def.name)]
}

fn schemata(catalog: &Catalog) -> Vec<Vec<Value>> {
    let own = [SYSTEM_SCHEMA, INFORMATION, PUBLIC].into_iter();
    own.chain(catalog.entries(EntryKind::Schema).map(|(name, _)| name)).map(|name| vec![text(name)]).collect()
}

fn tables(catalog: &Catalog) -> Vec<Vec<Value>> {
    let row = |def: Arc<TableDef>| {
        let kind = match def.kind {
            RelationKind::Table if def.is_temporary() => "LOCAL TEMPORARY",
            RelationKind::Table => "BASE TABLE",
            RelationKind::View(_) => "VIEW",
            RelationKind::Sequence(_) => return None,
        };
        let mut row = named(&def);
        row.extend([text(kind), yes(def.is_table() || writable(catalog, &def).is_some())]);
        Some(row)
    };
    catalog.relations().into_iter().filter_map(row).collect()
}

/// What `columns` says of a type: its name, the greatest length in characters and in bytes, digits, their base and scale, digits of seconds,
/// fields, PostgreSQL's name.
fn described(ty: Type) -> [Value; 9] {
    let number = |n: i64| Value::Int4(i32::try_from(n).unwrap_or(i32::MAX));
    let (mut length, mut bytes) = (Value::Null, Value::Null);
    let (mut digits, mut base, mut scale) = (Value::Null, number(2), Value::Null);
    let (mut seconds, mut fields) = (Value::Null, Value::Null);
    match ty {
        Type::Int2 => (digits, scale) = (number(16), number(0)),
        Type::Int4 => (digits, scale) = (number(32), number(0)),
        Type::Int8 => (digits, scale) = (number(64), number(0)),
        Type::Float4 => digits = number(24),
        Type::Float8 => digits = number(53),
        Type::Numeric(None) => base = number(10),
        Type::Numeric(Some((p, s))) => {
            (digits, base, scale) = (number(p.into()), number(10), number(s.into()))
        }
        Type::Varchar(Some(n)) | Type::Char(Some(n)) => {
            (length, bytes) = (number(n.into()), number(4 * i64::from(n)))
        }
        Type::Text | Type::Varchar(None) => bytes = number(1 << 30),
        Type::Other(Kind::Bit | Kind::VarBit, n) if n > 0 => length = number(n.into()),
        Type::Date => seconds = number(0),
        Type::Time | Type::Timestamp | Type::Timestamptz | Type::Interval => seconds = number(DIGITS.into()),
        Type::Other(Kind::TimeTz, modifier) => {
            seconds = number(i64::from(modifier.checked_sub(1).unwrap_or(DIGITS.into())));
        }
        Type::Precise(precise) => {
            seconds = number(precise.digits().unwrap_or(DIGITS).into());
            if let Some(named) = precise.fields() {
                let digits = precise.digits().map_or_else(String::new, |digits| format!("({digits})"));
                fields = Value::Text(named.to_uppercase() + &digits);
            }
        }
        _ => {}
    }
    let name = match family(ty) {
        Type::Enum(_) => "USER-DEFINED".to_string(),
        Type::Array(_) => "ARRAY".to_string(),
        Type::Char(_) => "character".to_string(),
        // Those of extensions.
        ty if type_oid(ty) > FIRST_OWN => "USER-DEFINED".to_string(),
        ty => ty.to_string(),
    };
    let known = match ty {
        Type::Array(element) => named_in_catalog(element.ty()).map(|name| format!("_{name}")),
        ty => named_in_catalog(ty).map(str::to_string),
    };
    if !matches!(ty, Type::Numeric(_)) && digits.is_null() {
        base = Value::Null;
    }
    let known = known.map_or(Value::Null, Value::Text);
    [Value::Text(name), length, bytes, digits, base, scale, seconds, fields, known]
}

/// The schema of a type.
fn type_schema(catalog: &Catalog, ty: Type) -> String {
    let enumeration = match ty {
        Type::Array(element) => element.ty().enumeration(),
        ty => ty.enumeration(),
    };
    let made = enumeration.and_then(|id| catalog.enums().get(&id));
    made.map_or(SYSTEM_SCHEMA, |def| def.schema.as_str()).to_string()
}

/// Above this lie the oids that PostgreSQL gives to no type of its own.
const FIRST_OWN: i64 = 16_000;

/// The name of a type in pg_type; None for one of an enum type, which the catalog knows.
fn named_in_catalog(ty: Type) -> Option<&'static str> {
    match ty {
        Type::Other(kind, _) => Some(kind.described().name),
        ty => oids::known(ty).map(|known| known.3),
    }
}

fn columns(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    let relations = catalog.relations();
    for def in relations.iter().filter(|def| !matches!(def.kind, RelationKind::Sequence(_))) {
        let writable = writable(catalog, def);
        for (column, position) in def.columns.iter().take(def.visible()).zip(1..) {
            let types = described(column.ty);
            let identity = match column.generated {
                Generated::Always => Some("ALWAYS"),
                Generated::ByDefault => Some("BY DEFAULT"),
                _ => None,
            };
            let stored = column.generated == Generated::Stored;
            let expr = || column.default.as_deref().map_or(Value::Null, written);
            let mut row = named(def);
            row.extend([
                text(&column.name),
                Value::Int4(position),
                if stored || identity.is_some() { Value::Null } else { expr() },
                yes(!column.not_null),
            ]);
            row.extend(types);
            row.insert(row.len() - 1, text(&type_schema(catalog, column.ty)));
            row.extend([yes(identity.is_some()), identity.map_or(Value::Null, text)]);
            row.extend(match identity.and_then(|_| sequence_of(&relations, def, &column.name)) {
                Some(s) => {
                    let [start, increment, max, min] = [s.start, s.increment, s.max, s.min].map(number);
                    [start, increment, max, min, yes(s.cycle)]
                }
                None => [Value::Null, Value::Null, Value::Null, Value::Null, yes(false)],
            });
            row.extend([
                text(if stored { "ALWAYS" } else { "NEVER" }),
                if stored { expr() } else { Value::Null },
                yes(def.is_table()
                    || writable
                        .as_ref()
                        .is_some_and(|columns| columns.get(position as usize - 1) == Some(&true))),
            ]);
            rows.push(row);
        }
    }
    rows
}

fn views(catalog: &Catalog) -> Vec<Vec<Value>> {
    let row = |def: Arc<TableDef>| match &def.kind {
        RelationKind::View(query) => {
            let option = match check_option(&def) {
                None => "NONE",
                Some(true) => "LOCAL",
                Some(false) => "CASCADED",
            };
            let written = yes(writable(catalog, &def).is_some());
            Some([named(&def), vec![text(query), text(option), written.clone(), written]].concat())
        }
        _ => None,
    };
    catalog.relations().into_iter().filter_map(row).collect()
}

fn pg_views(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = views(catalog);
    rows.iter_mut().for_each(|row| row.truncate(3));
    rows
}

fn pg_tables(catalog: &Catalog) -> Vec<Vec<Value>> {
    let row = |def: Arc<TableDef>| {
        let has_indexes = !def.key.is_empty() || !catalog.indexes_of(def.id).is_empty();
        [named(&def), vec![Value::Bool(has_indexes)]].concat()
    };
    catalog.tables().into_iter().map(row).collect()
}

fn pg_indexes(catalog: &Catalog) -> Vec<Vec<Value>> {
    let mut rows = Vec::new();
    for def in catalog.tables() {
        let key = (!def.key.is_empty()).then(|| Arc::new(def.primary()));
        for index in key.iter().chain(catalog.indexes_of(def.id)) {
            let row = vec![text(&index.name), Value::Null, Value::Text(index_text(&def, index))];
            rows.push([named(&def), row].concat());
        }
    }
    rows
}

fn each_sequence(catalog: &Catalog, row: fn(&TableDef, &SequenceDef) -> Vec<Value>) -> Vec<Vec<Value>> {
    let of = |def: Arc<TableDef>| match &def.kind {
        RelationKind::Sequence(rules) => Some([named(&def), row(&def, rules)].concat()),
        _ => None,
    };
    catalog.relations().into_iter().filter_map(of).collect()
}

/// A number as information_schema has it.
fn number(number: i64) -> Value {
    Value::Text(number.to_string())
}

/// The sequence that goes with a column.
fn sequence_of<'a>(
    relations: &'a [Arc<TableDef>],
    table: &TableDef,
    column: &str,
) -> Option<&'a SequenceDef> {
    let owner = [table.schema.as_str(), table.name.as_str(), column];
    relations.iter().find_map(|def| match &def.kind {
        RelationKind::Sequence(rules) => rules.owner.as_ref().filter(|held| **held == owner).map(|_| rules),
        _ => None,
    })
}

fn sequences(catalog: &Catalog) -> Vec<Vec<Value>> {
    each_sequence(catalog, |_, s| {
        let ty = Value::Text(s.ty.to_string());
        vec![ty, number(s.start), number(s.min), number(s.max), number(s.increment), yes(s.cycle)]
    })
}

fn pg_sequences(catalog: &Catalog) -> Vec<Vec<Value>> {
    each_sequence(catalog, |def, s| {
        let numbers = [s.start, s.min, s.max, s.increment].map(Value::Int8);
        let mut row = vec![Value::Text(s.ty.to_string())];
        row.extend(numbers);
        row.extend([Value::Bool(s.cycle), Value::Int8(s.cache), Value::Int8(class_number(def))]);
        row
    })
}
