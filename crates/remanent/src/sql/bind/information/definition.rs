//! What `format_type`, `pg_get_indexdef` and their kin say of the numbers of pg_catalog.

use super::class::finds;
use super::index_text;
use super::oids::{constraint_oid, enum_oid, index_oid, relation_oid, type_of};
use super::system::indexes;
use crate::sql::ast::TableConstraintKind;
use crate::sql::expr::enums::type_name;
use crate::sql::parse::parse_constraint;
use remanent_storage::catalog::Catalog;
use remanent_storage::table::{ConstraintDef, RelationKind};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::precise::Precise;
use remanent_storage::value::{Element, Type};

/// The name of a type by its number, with what pg_attribute keeps of a length or a precision; `???` for no type.
pub(crate) fn format_type(catalog: &Catalog, path: &[String], oid: i64, modifier: Option<i32>) -> String {
    if let Some(ty) = type_of(oid) {
        // A modifier that says nothing is not the same as none.
        let nothing = modifier.is_some_and(|modifier| modifier < 0);
        return match modified(ty, modifier.unwrap_or(-1)) {
            Type::Char(None) if !nothing => "character".to_string(),
            Type::Array(element) if element.ty() == Type::Char(None) && !nothing => "character[]".to_string(),
            Type::Other(Kind::Bit, 0) if nothing => "\"bit\"".to_string(),
            ty => ty.to_string(),
        };
    }
    let def = catalog.enums().values().find(|def| (0..=1).contains(&(oid - enum_oid(def.id))));
    match def {
        Some(def) if oid == enum_oid(def.id) => type_name(def, path),
        Some(def) => format!("{}[]", type_name(def, path)),
        None => match oid {
            0 => "-",
            UNKNOWN => "unknown",
            _ => "???",
        }
        .to_string(),
    }
}

/// PostgreSQL's oid of the type of literals that have none yet.
pub(crate) const UNKNOWN: i64 = 705;

/// The inverse of what pg_attribute keeps.
fn modified(ty: Type, modifier: i32) -> Type {
    let length = modifier.checked_sub(4).and_then(|length| u32::try_from(length).ok());
    match (ty, length) {
        (Type::Array(element), _) => Type::Array(Element::of(modified(element.ty(), modifier))),
        (Type::Other(Kind::TimeTz, _), _) if modifier >= 0 => Type::Other(Kind::TimeTz, modifier as u32 + 1),
        (Type::Other(kind, _), _) if modifier > 0 => Type::Other(kind, modifier as u32),
        (Type::Time | Type::Timestamp | Type::Timestamptz | Type::Interval, _) => {
            Precise::of_modifier(ty, modifier)
        }
        (Type::Vector(_), _) => Type::Vector(u16::try_from(modifier).ok().filter(|n| *n > 0)),
        (Type::Varchar(_), Some(length)) => Type::Varchar(Some(length)),
        (Type::Char(_), Some(length)) => Type::Char(Some(length)),
        (Type::Numeric(_), Some(packed)) => {
            // Eleven bits of scale, with its sign.
            let scale = ((packed << 21) as i32) >> 21;
            Type::numeric((packed >> 16).into(), scale.into()).unwrap_or(ty)
        }
        _ => ty,
    }
}

/// The definition of a view, an index or a constraint by its number; of an index, where `column` is not 0, that of a column.
/// A table that a constraint names has its schema where `path` would not find it.
pub(crate) fn defined(catalog: &Catalog, path: &[String], oid: i64, column: usize) -> Option<String> {
    for def in catalog.relations() {
        if let RelationKind::View(text) = &def.kind
            && relation_oid(def.id) == oid
        {
            return Some(format!("{text};"));
        }
        let places = def.constraints.iter().enumerate();
        if let Some((_, held)) = places.clone().find(|(i, _)| constraint_oid(&def, *i) == oid) {
            return Some(constraint_text(catalog, path, held));
        }
        let Some(index) = indexes(catalog, &def).into_iter().find(|index| index_oid(&def, index) == oid)
        else {
            continue;
        };
        return match column.checked_sub(1) {
            None => Some(index_text(&def, &index)),
            Some(at) => {
                let mut all = index.columns.iter().chain(&index.include);
                Some(all.nth(at).map_or_else(String::new, |&column| def.label(column)))
            }
        };
    }
    None
}

fn constraint_text(catalog: &Catalog, path: &[String], held: &ConstraintDef) -> String {
    if held.is_foreign_key()
        && let Ok(mut constraint) = parse_constraint(&held.text)
        && let TableConstraintKind::ForeignKey(_, parent) = &mut constraint.kind
        && let [schema, name] = parent.table.parts.as_slice()
        && finds(catalog, path, &schema.name, &name.name)
    {
        parent.table.parts.remove(0);
        return constraint.to_string();
    }
    held.text.clone()
}
