//! CREATE INDEX, DROP INDEX, REINDEX.

use super::{clause, list, optional, parens, word};
use crate::sql::ast::{AlterIndex, CreateIndex, DropIndex, IndexKey, Reindex};
use std::fmt::{Display, Formatter, Result};

impl Display for CreateIndex {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("CREATE ")?;
        word(f, self.unique, "UNIQUE ")?;
        f.write_str("INDEX ")?;
        word(f, self.concurrently, "CONCURRENTLY ")?;
        word(f, self.if_not_exists, "IF NOT EXISTS ")?;
        if let Some(name) = &self.name {
            write!(f, "{name} ")?;
        }
        write!(f, "ON {}{}", if self.only { "ONLY " } else { "" }, self.table)?;
        optional(f, " USING ", &self.method)?;
        f.write_str(" (")?;
        list(f, &self.keys)?;
        f.write_str(")")?;
        if !self.include.is_empty() {
            parens(f, " INCLUDE ", &self.include)?;
        }
        word(f, self.nulls_not_distinct, " NULLS NOT DISTINCT")?;
        if !self.options.is_empty() {
            parens(f, " WITH ", &self.options)?;
        }
        optional(f, " WHERE ", &self.filter)
    }
}

impl Display for IndexKey {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        Display::fmt(&self.key, f)?;
        word(f, self.descending == Some(false), " ASC")?;
        word(f, self.descending == Some(true), " DESC")?;
        word(f, self.nulls_first == Some(true), " NULLS FIRST")?;
        word(f, self.nulls_first == Some(false), " NULLS LAST")
    }
}

impl Display for DropIndex {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("DROP INDEX ")?;
        word(f, self.concurrently, "CONCURRENTLY ")?;
        clause(f, if self.if_exists { "IF EXISTS " } else { "" }, &self.names)?;
        word(f, self.cascade, " CASCADE")
    }
}

impl Display for AlterIndex {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "ALTER INDEX {}", if self.if_exists { "IF EXISTS " } else { "" })?;
        write!(f, "{} RENAME TO {}", self.name, self.to)
    }
}

impl Display for Reindex {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        write!(f, "REINDEX {} ", self.object.to_ascii_uppercase())?;
        word(f, self.concurrently, "CONCURRENTLY ")?;
        Display::fmt(&self.name, f)
    }
}
