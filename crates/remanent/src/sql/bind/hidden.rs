//! The system columns of tables: `tableoid` is the table's number; where a row lies (`ctid`) and which transactions made it (`xmin`
//! and its kin) is not shown (0A000), since rows move and keep no number of a transaction.

use super::scope::Scope;
use super::{Binder, class_number, refuse};
use crate::sql::ast::Name;
use crate::sql::expr::Expr;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Type, Value};

const NAMES: [&str; 6] = ["tableoid", "ctid", "xmin", "xmax", "cmin", "cmax"];

/// 42701 for the name of a system column, which no other column may have.
pub(super) fn refuse_system_name(name: &str, at: Option<usize>) -> Result<()> {
    if !NAMES.contains(&name) {
        return Ok(());
    }
    let message = format!("column name \"{name}\" conflicts with a system column name");
    let error = Error::new(state::DUPLICATE_COLUMN, message);
    Err(match at {
        Some(at) => error.at(at),
        None => error,
    })
}

impl Binder<'_> {
    /// The system column that a name means which is no other column's.
    pub(super) fn system_column(&mut self, name: &Name, scope: &Scope) -> Result<Option<Expr>> {
        let column = name.last();
        if !NAMES.contains(&column) {
            return Ok(None);
        }
        let has = |qualifier: &str| name.qualifier().is_none_or(|held| held.name == qualifier);
        let mut tables = scope.relations().iter().filter(|relation| has(&relation.alias));
        let Some((alias, table)) = tables.find_map(|held| Some((&held.alias, held.table.as_ref()?))) else {
            return Ok(None);
        };
        if tables.any(|other| other.table.is_some()) {
            let message = format!("column reference \"{column}\" is ambiguous");
            return Err(Error::new(state::AMBIGUOUS_COLUMN, message).at(name.span.at()));
        }
        if column != "tableoid" {
            return Err(refuse(format!("the system column {column}"), name.span));
        }
        let oid = Expr::Literal { value: Value::Int8(class_number(table)), ty: Type::Oid };
        let mut own = name.clone();
        own.parts.truncate(1);
        own.parts.iter_mut().for_each(|part| part.name.clone_from(alias));
        let missing = scope.row(&own).map(|row| row.missing).unwrap_or_default();
        let tests = missing.into_iter().map(|column| self.resolver.is_null(scope.column(column), false));
        let tests = tests.collect::<Result<Vec<_>>>()?;
        if tests.is_empty() {
            return Ok(Some(oid));
        }
        let null = Expr::Literal { value: Value::Null, ty: Type::Oid };
        let branches = vec![(Expr::conjunction(tests), null)];
        Ok(Some(Expr::Case { operand: None, branches, otherwise: Box::new(oid), ty: Type::Oid }))
    }
}
