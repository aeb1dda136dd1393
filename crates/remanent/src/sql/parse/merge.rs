//! MERGE.

use super::{Parser, Result};
use crate::sql::ast::{Merge, MergeAction, MergeWhen, With};

impl Parser<'_> {
    /// Behind MERGE.
    pub(super) fn merge(&mut self, with: Option<With>) -> Result<Merge> {
        self.expect("into")?;
        let (table, only, alias) = self.written_table()?;
        self.expect("using")?;
        let source = self.table_ref()?;
        self.expect("on")?;
        let on = self.expr()?;
        let mut whens = vec![self.merge_when()?];
        while self.is("when") {
            whens.push(self.merge_when()?);
        }
        Ok(Merge { with, table, only, alias, source, on, whens })
    }

    fn merge_when(&mut self) -> Result<MergeWhen> {
        self.expect("when")?;
        let matched = !self.eat("not");
        self.expect("matched")?;
        let condition = if self.eat("and") { Some(self.expr()?) } else { None };
        self.expect("then")?;
        let action = match () {
            () if self.eat("do") => {
                self.expect("nothing")?;
                MergeAction::Nothing
            }
            () if matched && self.eat("delete") => MergeAction::Delete,
            () if matched => {
                self.expect_all(&["update", "set"])?;
                MergeAction::Update(self.list(Self::assignment)?)
            }
            () => self.merge_insert()?,
        };
        Ok(MergeWhen { matched, condition, action })
    }

    fn merge_insert(&mut self) -> Result<MergeAction> {
        self.expect("insert")?;
        let columns = if self.eat("(") { self.list(Self::target)? } else { Vec::new() };
        if !columns.is_empty() {
            self.expect(")")?;
        }
        let overriding_system = self.overriding()?;
        if columns.is_empty() && overriding_system.is_none() && self.eat_all(&["default", "values"]) {
            return Ok(MergeAction::Insert { columns, overriding_system, values: None });
        }
        self.expect_all(&["values", "("])?;
        let values = Some(self.list(|p| p.expr())?);
        self.expect(")")?;
        Ok(MergeAction::Insert { columns, overriding_system, values })
    }
}
