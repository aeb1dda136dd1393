//! WITH (…) of CREATE TABLE, SET (…) and RESET (…) of ALTER TABLE.
//!
//! What the options of a table are and mean is the store's ([`Lifetime`]); here a statement becomes names and values, and a
//! definition is held against what rows that leave by themselves would break.

use super::NewTable;
use crate::sql::ast::{self, OnCommit, Span, StorageOption, quote_ident};
use crate::sql::bind::{Binder, refuse};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::lifetime::{DOWNSAMPLE, Lifetime, TIME_COLUMN};
use remanent_storage::table::{TableDef, downsample, is_temporary};

/// Beginnings of PostgreSQL's names of options that a table cannot have here.
const OTHERS: &[&str] = &[
    "fillfactor",
    "parallel_workers",
    "toast_tuple_target",
    "user_catalog_table",
    "vacuum_",
    "autovacuum_",
    "log_autovacuum_",
];

fn invalid(message: String) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

/// The name of an option that a table can have; 22023 for what is none, 0A000 for one of PostgreSQL's.
fn name(option: &StorageOption) -> Result<&str> {
    let name = option.name.last();
    let unsupported = || refuse(format!("storage parameter \"{}\"", option.name), option.name.span);
    match option.name.qualifier() {
        Some(space) if space.name == "toast" => Err(unsupported()),
        Some(space) => Err(invalid(format!("unrecognized parameter namespace \"{}\"", space.name))),
        None if Lifetime::knows(name) => Ok(name),
        None if OTHERS.iter().any(|other| name.starts_with(other)) => Err(unsupported()),
        None => Err(invalid(format!("unrecognized parameter \"{name}\""))),
    }
}

/// Sets options of a definition. What their values mean is looked at when the definition is whole ([`Binder::check_options`]).
pub(super) fn set_options(def: &mut TableDef, written: &[StorageOption]) -> Result<()> {
    for (i, option) in written.iter().enumerate() {
        let name = name(option)?;
        if written.iter().take(i).any(|before| before.name.last() == name) {
            return Err(invalid(format!("parameter \"{name}\" specified more than once")));
        }
        let value = option.value.as_ref().map_or_else(|| "true".to_string(), ast::Expr::as_setting);
        // In one line, as it is stored.
        let words: Vec<&str> = value.split_whitespace().collect();
        def.set_option(name, Some(words.join(" ")));
    }
    Ok(())
}

/// Forgets options of a definition, as in PostgreSQL also those that it does not have.
pub(super) fn reset_options(def: &mut TableDef, written: &[StorageOption]) -> Result<()> {
    for option in written {
        if option.value.is_some() {
            let message = "RESET must not include values for parameters";
            return Err(Error::new(state::SYNTAX_ERROR, message));
        }
        def.set_option(option.name.last(), None);
    }
    Ok(())
}

/// A column has another name.
pub(super) fn follow_column(def: &mut TableDef, from: &str, to: &str) {
    for (name, value) in &mut def.options {
        match name.as_str() {
            TIME_COLUMN if value == from => *value = to.to_string(),
            DOWNSAMPLE => *value = downsample::renamed(value, from, to),
            _ => {}
        }
    }
}

/// ON COMMIT of a table that is not temporary.
pub(super) fn refuse_on_commit(schema: &str, on_commit: OnCommit) -> Result<()> {
    if on_commit != OnCommit::PreserveRows && !is_temporary(schema) {
        let message = "ON COMMIT can only be used on temporary tables";
        return Err(Error::new(state::INVALID_TABLE_DEFINITION, message));
    }
    Ok(())
}

/// 0A000 for a foreign key to a table whose rows leave by themselves: nobody would look for their children.
pub(super) fn refuse_parent(parent: &TableDef, span: Span) -> Result<()> {
    match Lifetime::of(parent) {
        Ok(None) => Ok(()),
        _ => {
            let what = format!("a foreign key to \"{}\", whose rows leave by their age,", parent.name);
            Err(refuse(what, span))
        }
    }
}

impl Binder<'_> {
    /// What is wrong with the options of a definition that is whole.
    pub(super) fn check_options(&self, new: &NewTable) -> Result<()> {
        let def = &new.def;
        if def.options.is_empty() {
            return Ok(());
        }
        let Some(lifetime) = Lifetime::of(def)? else { return Ok(()) };
        if def.is_temporary() {
            let message = "rows of a temporary table that leave by their age are not supported";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        if let Some(unique) = new.indexes.iter().find(|held| held.unique && lifetime.downsample.is_some()) {
            let message = format!(
                "option \"{DOWNSAMPLE}\" is not supported beside the unique index \"{}\"",
                unique.name
            );
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        let own = format!(" REFERENCES {}.{}(", quote_ident(&def.schema), quote_ident(&def.name));
        let itself = def.constraints.iter().find(|held| held.is_foreign_key() && held.text.contains(&own));
        let others = self.referring(def)?;
        let other = others.iter().find(|stored| !stored.is_of(def)).map(|stored| &stored.name);
        match itself.map(|held| &held.name).or(other) {
            None => Ok(()),
            Some(key) => {
                let message = format!(
                    "rows of \"{}\" cannot leave by their age while the foreign key \"{key}\" refers to them",
                    def.name
                );
                Err(Error::new(state::FEATURE_NOT_SUPPORTED, message))
            }
        }
    }
}
