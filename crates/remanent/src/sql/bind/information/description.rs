//! Comments, as pg_description and pg_shdescription show them, and what `obj_description` and its kin look up.

use super::oids::{constraint_oid, enum_oid, index_oid, relation_oid, schema_oid};
use super::system::indexes;
use super::{View, text};
use remanent_storage::catalog::comments::{PartKind, Subject};
use remanent_storage::catalog::{Catalog, SYSTEM_SCHEMA};
use remanent_storage::table::{RelationKind, TableDef};
use remanent_storage::value::{Type, Value};

const T: Type = Type::Text;
const N: Type = Type::Name;
const O: Type = Type::Oid;
const I: Type = Type::Int4;

pub(super) static TABLES: &[View] = &[
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_description",
        columns: &[("objoid", O), ("classoid", O), ("objsubid", I), ("description", T)],
        rows: |catalog| {
            let row = |d: &Description<'_>| {
                vec![Value::Int8(d.oid), Value::Int8(d.class), Value::Int4(d.part), text(d.text)]
            };
            descriptions(catalog).iter().filter(|d| d.class != DATABASE.0).map(row).collect()
        },
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_shdescription",
        columns: &[("objoid", O), ("classoid", O), ("description", T)],
        rows: |catalog| {
            let row = |d: &Description<'_>| vec![Value::Int8(d.oid), Value::Int8(d.class), text(d.text)];
            descriptions(catalog).iter().filter(|d| d.class == DATABASE.0).map(row).collect()
        },
    },
    View {
        schema: SYSTEM_SCHEMA,
        name: "pg_database",
        columns: &[("oid", O), ("datname", N)],
        rows: |_| vec![vec![Value::Int8(DATABASE_OID)]],
    },
];

/// The number of the database, as PostgreSQL numbers the first that a user makes.
const DATABASE_OID: i64 = 16_384;

/// Tables of pg_catalog whose rows can have comments: PostgreSQL's number, and the name.
const CLASS: (i64, &str) = (1259, "pg_class");
const CONSTRAINT: (i64, &str) = (2606, "pg_constraint");
const SCHEMA: (i64, &str) = (2615, "pg_namespace");
const DATABASE: (i64, &str) = (1262, "pg_database");
const TYPE: (i64, &str) = (1247, "pg_type");

/// A comment by PostgreSQL's numbers.
pub(crate) struct Description<'c> {
    /// The object.
    pub oid: i64,
    /// The table of pg_catalog that has it.
    pub class: i64,
    /// The column from 1; 0 for the object itself.
    pub part: i32,
    /// What is said.
    pub text: &'c str,
}

/// Every comment.
pub(crate) fn descriptions(catalog: &Catalog) -> Vec<Description<'_>> {
    let of = |(subject, text)| {
        let (class, oid, part) = numbers(catalog, subject)?;
        Some(Description { oid, class, part, text })
    };
    catalog.comments().filter_map(of).collect()
}

fn numbers(catalog: &Catalog, subject: Subject<'_>) -> Option<(i64, i64, i32)> {
    let def = |id| catalog.by_id(id).map(|table| &table.def);
    Some(match subject {
        Subject::Database => (DATABASE.0, DATABASE_OID, 0),
        Subject::Type(id) => (TYPE.0, enum_oid(catalog.enums().get(&id)?.id), 0),
        Subject::Schema(name) => (SCHEMA.0, schema_oid(catalog, name), 0),
        Subject::Relation(id) => (CLASS.0, relation_oid(def(id)?.id), 0),
        Subject::Part(id, PartKind::Column, name) => {
            let def = def(id)?;
            (CLASS.0, relation_oid(def.id), i32::try_from(def.column(name)? + 1).ok()?)
        }
        Subject::Part(id, PartKind::Constraint, name) => (CONSTRAINT.0, numbered(def(id)?, name)?, 0),
        Subject::Part(_, PartKind::Commit | PartKind::Downsampled, _) => return None,
        Subject::Part(id, PartKind::Index, name) => {
            let def = def(id)?;
            let index = indexes(catalog, def).into_iter().find(|index| index.name == name)?;
            (CLASS.0, index_oid(def, &index), 0)
        }
    })
}

fn numbered(def: &TableDef, name: &str) -> Option<i64> {
    if !matches!(def.kind, RelationKind::Table) {
        return None;
    }
    let place = def.constraints.iter().position(|held| held.name == name)?;
    Some(constraint_oid(def, place))
}
