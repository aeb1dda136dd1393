//! What CREATE INDEX says of the kind of its index: USING, operator classes, WITH.
//!
//! What each kind takes is said by the kind ([`remanent_storage::index::method`]); here the statement is held against it.

use crate::sql::ast::{self, CreateIndex};
use crate::sql::bind::refuse;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::index::method::method;
use remanent_storage::index::{IndexDef, Method};
use remanent_storage::table::TableDef;
use remanent_storage::value::Type;

/// Access methods of PostgreSQL that there are not here.
const OTHER_METHODS: &[&str] = &["hash", "gist", "spgist"];

/// What USING names, or the default; what of the statement it does not do is refused.
pub(super) fn method_of(create: &CreateIndex) -> Result<(&str, &'static Method)> {
    let name = create.method.as_ref().map_or("btree", |method| method.name.as_str());
    let Some(method) = method(name) else {
        return Err(match &create.method {
            Some(method) if OTHER_METHODS.contains(&name) => {
                refuse(format!("CREATE INDEX USING {name}"), method.span)
            }
            _ => Error::new(state::UNDEFINED_OBJECT, format!("access method \"{name}\" does not exist")),
        });
    };
    let ordered = create.keys.iter().any(|key| key.descending.is_some());
    let nulls = create.keys.iter().any(|key| key.nulls_first.is_some());
    let lacks = match () {
        () if create.unique && !method.unique => "unique indexes",
        () if !create.include.is_empty() && !method.include => "included columns",
        () if create.keys.len() > 1 && !method.columns => "multicolumn indexes",
        () if ordered && !method.ordered => "ASC/DESC options",
        () if nulls && !method.ordered => "NULLS FIRST/LAST options",
        () => return Ok((name, method)),
    };
    let message = format!("access method \"{name}\" does not support {lacks}");
    Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
}

/// What WITH sets.
pub(super) fn parameters(create: &CreateIndex, method: &Method) -> Result<Vec<(String, String)>> {
    let mut set: Vec<(String, String)> = Vec::with_capacity(create.options.len());
    for option in &create.options {
        let wrong = |message: String| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
        let name = option.name.last();
        if let Some(space) = option.name.qualifier() {
            return wrong(format!("unrecognized parameter namespace \"{}\"", space.name));
        }
        if set.iter().any(|(held, _)| held == name) {
            return wrong(format!("parameter \"{name}\" specified more than once"));
        }
        let value = option.value.as_ref().map_or_else(|| "true".to_string(), ast::Expr::as_setting);
        method.check_parameter(name, &value)?;
        set.push((name.to_string(), value));
    }
    Ok(set)
}

/// The operator class that is kept for a key of that type: empty where the one that is named is the default.
pub(super) fn class_of(kind: &str, method: &Method, class: Option<&ast::Name>, ty: Type) -> Result<String> {
    let default = method.default_class(ty).map(|class| class.name);
    match class {
        None => {
            method.need_class(kind, ty)?.check_length(ty)?;
            Ok(String::new())
        }
        Some(name) => {
            let class = method.class(kind, name.last(), ty)?;
            class.check_length(ty)?;
            let class = class.name;
            Ok(if default == Some(class) { String::new() } else { name.last().to_string() })
        }
    }
}

/// The error of an index one of whose columns is now of a type that its kind does not take.
pub(super) fn check_classes(def: &IndexDef, table: &TableDef) -> Result<()> {
    let Some(method) = method(&def.kind) else { return Ok(()) };
    for (i, &column) in def.columns.iter().enumerate() {
        let Some(ty) = table.columns.get(column).map(|column| column.ty) else { continue };
        match def.classes.get(i).filter(|name| !name.is_empty()) {
            Some(name) => method.class(&def.kind, name, ty)?.check_length(ty)?,
            None => method.need_class(&def.kind, ty)?.check_length(ty)?,
        }
    }
    Ok(())
}

/// ` WITH (…)` as pg_get_indexdef prints it.
pub(super) fn parameters_text(def: &IndexDef) -> String {
    let quoted = |value: &str| match ast::quote_ident(value) == value {
        true => value.to_string(),
        false => format!("'{}'", value.replace('\'', "''")),
    };
    let part = |(name, value): &(String, String)| format!("{}={}", ast::quote_ident(name), quoted(value));
    let parts: Vec<String> = def.parameters.iter().map(part).collect();
    if parts.is_empty() { String::new() } else { format!(" WITH ({})", parts.join(", ")) }
}
