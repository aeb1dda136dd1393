//! Which oid a name has, and which name an oid: relations, types.

use super::oids::{enum_oid, index_oid, relation_oid, schema_oid, type_of, type_oid};
use super::system::{indexes, schemas};
use crate::sql::ast::quote_ident;
use crate::sql::bind::Binder;
use crate::sql::bind::define::names::{has_schema, look_up, meant, relation_of_text, unknown_schema};
use crate::sql::parse::{parse_name, parse_type};
use remanent_storage::catalog::{Catalog, SYSTEM_SCHEMA};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::IndexDef;
use remanent_storage::table::{RelationKind, TableDef};
use std::sync::Arc;

/// The tables of pg_catalog under PostgreSQL's numbers.
const CLASSES: &str = "pg_default_acl=826 pg_shdepend=1214 pg_tablespace=1213 pg_type=1247 pg_attribute=1249 \
    pg_proc=1255 pg_class=1259 pg_authid=1260 pg_auth_members=1261 pg_database=1262 \
    pg_foreign_server=1417 pg_sequence=2224 pg_foreign_data_wrapper=2328 pg_shdescription=2396 \
    pg_aggregate=2600 pg_am=2601 pg_amop=2602 pg_amproc=2603 pg_attrdef=2604 pg_cast=2605 \
    pg_constraint=2606 pg_conversion=2607 pg_depend=2608 pg_description=2609 pg_index=2610 \
    pg_inherits=2611 pg_language=2612 pg_namespace=2615 pg_opclass=2616 pg_operator=2617 \
    pg_rewrite=2618 pg_trigger=2620 pg_opfamily=2753 pg_db_role_setting=2964 \
    pg_largeobject_metadata=2995 pg_extension=3079 pg_foreign_table=3118 pg_policy=3256 \
    pg_partitioned_table=3350 pg_statistic_ext=3381 pg_collation=3456 pg_event_trigger=3466 \
    pg_enum=3501 pg_range=3541 pg_ts_dict=3600 pg_ts_parser=3601 pg_ts_config=3602 \
    pg_ts_template=3764 pg_subscription=6100 pg_publication=6104 pg_publication_rel=6106 \
    pg_publication_namespace=6237";

fn classes() -> impl Iterator<Item = (&'static str, i64)> {
    CLASSES.split(' ').filter_map(|word| {
        let (name, oid) = word.split_once('=')?;
        Some((name, oid.parse().ok()?))
    })
}

/// The number of a table of pg_catalog.
pub(crate) fn class_of(name: &str) -> Option<i64> {
    classes().find(|(known, _)| *known == name).map(|(_, oid)| oid)
}

/// The oid of a relation.
pub(crate) fn class_number(def: &TableDef) -> i64 {
    relation_oid(def.id)
}

/// The oid of a relation by its name as SQL writes it; 42P01 where there is none, 3F000 where its schema is missing.
pub(crate) fn class_oid(text: &str, catalog: &Catalog, path: &[String]) -> Result<i64> {
    let name = parse_name(text.trim()).map_err(|_| Error::new(state::INVALID_NAME, "invalid name syntax"))?;
    if let Some(def) = look_up(&name, catalog, path).map_err(Error::without_position)? {
        return Ok(relation_oid(def.id));
    }
    let own = name.qualifier().is_none_or(|schema| schema.name == SYSTEM_SCHEMA);
    if let Some(oid) = class_of(name.last()).filter(|_| own) {
        return Ok(oid);
    }
    let schema = name.qualifier().map(|schema| schema.name.as_str());
    if let Some((def, index)) = index_named(schema, name.last(), catalog, path) {
        return Ok(index_oid(&def, &index));
    }
    match name.qualifier().filter(|schema| !has_schema(catalog, &schema.name)) {
        Some(schema) => Err(unknown_schema(&schema.name)),
        None => Err(Error::new(state::UNDEFINED_TABLE, format!("relation \"{name}\" does not exist"))),
    }
}

/// An index by its name: of that schema, or of the first of the path that has one.
fn index_named(
    schema: Option<&str>,
    name: &str,
    catalog: &Catalog,
    path: &[String],
) -> Option<(Arc<TableDef>, Arc<IndexDef>)> {
    let within = |schema: &str| {
        let tables = catalog.tables().into_iter().filter(|def| def.schema == schema);
        let mut all = tables
            .flat_map(|def| indexes(catalog, &def).into_iter().map(move |index| (Arc::clone(&def), index)));
        all.find(|(_, index)| index.name == name)
    };
    match schema {
        Some(schema) => within(schema),
        None => path.iter().find_map(|schema| within(schema)),
    }
}

/// A relation or an index by its oid: its schema and its name.
fn named(catalog: &Catalog, oid: i64) -> Option<(String, String)> {
    for def in catalog.relations() {
        if relation_oid(def.id) == oid {
            return Some((def.schema.clone(), def.name.clone()));
        }
        if let Some(index) = indexes(catalog, &def).into_iter().find(|index| index_oid(&def, index) == oid) {
            return Some((def.schema.clone(), index.name.clone()));
        }
    }
    None
}

/// The relation of an oid; 42P01 where there is none.
pub(crate) fn relation_of_oid(oid: i64, catalog: &Catalog) -> Result<&Arc<TableDef>> {
    let found = catalog.all().find(|table| relation_oid(table.def.id) == oid).map(|table| &table.def);
    found.ok_or_else(|| Error::new(state::UNDEFINED_TABLE, format!("could not open relation with OID {oid}")))
}

/// True if the path finds a relation of that name there first.
pub(super) fn finds(catalog: &Catalog, path: &[String], schema: &str, name: &str) -> bool {
    let mut has_it = path.iter().filter(|held| {
        catalog.relation(held, name).is_some() || index_named(Some(held), name, catalog, path).is_some()
    });
    has_it.next().is_some_and(|first| first == schema)
}

/// `pg_table_is_visible`; None where there is no such relation.
pub(crate) fn path_finds(catalog: &Catalog, path: &[String], oid: i64) -> Option<bool> {
    match named(catalog, oid) {
        Some((schema, name)) => Some(finds(catalog, path, &schema, &name)),
        None => classes().any(|(_, known)| known == oid).then_some(true),
    }
}

/// What a relation's oid prints as: its name, with its schema where the path would not find it.
pub(crate) fn class_name(catalog: &Catalog, path: &[String], oid: i64) -> Option<String> {
    match named(catalog, oid) {
        Some((schema, name)) if finds(catalog, path, &schema, &name) => Some(quote_ident(&name)),
        Some((schema, name)) => Some(format!("{}.{}", quote_ident(&schema), quote_ident(&name))),
        None => classes().find(|(_, known)| *known == oid).map(|(name, _)| name.to_string()),
    }
}

/// The schema that a type is in; None where there is no such type.
pub(crate) fn schema_of_type(catalog: &Catalog, oid: i64) -> Option<String> {
    let made = catalog.enums().values().find(|def| (0..=1).contains(&(oid - enum_oid(def.id))));
    made.map(|def| def.schema.clone()).or_else(|| type_of(oid).map(|_| SYSTEM_SCHEMA.to_string()))
}

/// `pg_get_serial_sequence`: the sequence that goes with a column, as SQL writes its name.
pub(crate) fn serial_sequence(
    catalog: &Catalog,
    path: &[String],
    table: &str,
    column: &str,
) -> Result<Option<String>> {
    let def = relation_of_text(table, catalog, path)?;
    if def.column(column).is_none() {
        let message = format!("column \"{column}\" of relation \"{}\" does not exist", def.name);
        return Err(Error::new(state::UNDEFINED_COLUMN, message));
    }
    let owner = [def.schema.as_str(), def.name.as_str(), column];
    let owned = |held: &Arc<TableDef>| match &held.kind {
        RelationKind::Sequence(rules) => rules.owner.as_ref().is_some_and(|held| *held == owner),
        _ => false,
    };
    let found = catalog.relations().into_iter().find(owned);
    Ok(found.map(|def| format!("{}.{}", quote_ident(&def.schema), quote_ident(&def.name))))
}

/// The oid of a schema by its name; 3F000 where there is none.
pub(crate) fn schema_named(text: &str, catalog: &Catalog, path: &[String]) -> Result<i64> {
    let name = parse_name(text.trim()).map_err(|_| Error::new(state::INVALID_NAME, "invalid name syntax"))?;
    match name.simple().map(|name| meant(name, path)).filter(|name| has_schema(catalog, name)) {
        Some(name) => Ok(schema_oid(catalog, name)),
        None => Err(unknown_schema(name.last())),
    }
}

/// The schema of an oid.
pub(crate) fn schema_of_oid(catalog: &Catalog, oid: i64) -> Option<String> {
    schemas(catalog).into_iter().find(|name| schema_oid(catalog, name) == oid)
}

/// The oid of a type by its name as SQL writes it; 42704 where there is none.
pub(crate) fn type_named(text: &str, catalog: &Catalog, path: &[String]) -> Result<i64> {
    let name = parse_type(text).map_err(Error::without_position)?;
    let mut binder = Binder::new(catalog, Vec::new(), 0, path);
    binder.resolve_type(&name).map(type_oid).map_err(Error::without_position)
}
