//! COPY.

use super::{list, parens, quote_ident, quote_literal};
use crate::sql::ast::*;
use std::fmt::{Display, Formatter, Result};

impl Display for Copy {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.what {
            Copied::Table { name, columns } => {
                write!(f, "COPY {name}")?;
                if !columns.is_empty() {
                    parens(f, " ", columns)?;
                }
            }
            Copied::Query(statement) => write!(f, "COPY ({statement})")?,
        }
        f.write_str(if self.from { " FROM " } else { " TO " })?;
        match &self.end {
            CopyEnd::Program => f.write_str(if self.from { "STDIN" } else { "STDOUT" })?,
            CopyEnd::File(path) => f.write_str(&quote_literal(path))?,
            CopyEnd::Command(command, _) => write!(f, "PROGRAM {}", quote_literal(command))?,
        }
        if !self.options.is_empty() {
            f.write_str(" WITH (")?;
            list(f, &self.options)?;
            f.write_str(")")?;
        }
        match &self.filter {
            Some(filter) => write!(f, " WHERE {filter}"),
            None => Ok(()),
        }
    }
}

impl Display for CopyOption {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(&quote_ident(&self.name.name))?;
        match &self.value {
            CopyValue::None => Ok(()),
            CopyValue::Text(text) => write!(f, " {}", quote_literal(text)),
            CopyValue::Star => f.write_str(" *"),
            CopyValue::List(names) => parens(f, " ", names),
        }
    }
}
