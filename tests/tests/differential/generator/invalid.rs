//! Statements with one thing wrong: their SQLSTATE and the place it points at must agree.

use super::super::tree::Sql;
use super::super::types::Ty;
use super::{Errors, Maker, Statement};

/// What can be wrong. `{t}`, `{u}`: tables; `{c}`, `{d}`: columns of the first; `{e}`, `{i}`: any expression, an integer one.
static WRONG: &[&str] = &include!("wrong.txt");

impl Maker<'_> {
    /// A wrong statement.
    pub(super) fn invalid(&mut self) -> Statement {
        self.begin(false, 0);
        let (table, other) = (self.some_table(), self.some_table());
        let mut text = (*self.pick(WRONG)).to_owned();
        for hole in ["{c}", "{d}"] {
            let column = self.pick(&table.fields).name.clone();
            text = text.replace(hole, &column);
        }
        self.scope = table.columns("r1");
        for (hole, ty) in [("{i}", Ty::of("integer")), ("{e}", self.any_type())] {
            if text.contains(hole) {
                let value = self.expr(ty, 1).to_string();
                text = text.replace(hole, &value);
            }
        }
        let text = text.replace("{t}", &table.name).replace("{u}", &other.name);
        Statement { writes: true, undone: true, ..self.statement(Sql::Text(text), Errors::Any) }
    }
}
