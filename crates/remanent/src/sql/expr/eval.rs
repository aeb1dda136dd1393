use super::Expr;
use remanent_storage::error::Result;
use remanent_storage::txn::Interrupt;
use remanent_storage::value::{Batch, Buffer, Column, Value};
use remanent_storage::world::World;

/// What an evaluation knows of the statement around it.
pub struct EvalContext<'a> {
    /// The values of `$1, $2, …`, each of its parameter's type (see [`super::super::functions::cast::cast_value`]).
    pub params: &'a [Value],
    /// When the transaction began: `now()`.
    pub now: i64,
    /// When the statement began.
    pub statement_now: i64,
    /// The request to end the statement.
    pub interrupt: &'a Interrupt,
    /// The clock of `clock_timestamp()` and the source of `random()`.
    pub world: &'a World,
}

impl Expr {
    /// Its values for the selected rows of a batch: `batch.len()` rows; may be constant or a dictionary.
    pub fn evaluate(&self, batch: &Batch, ctx: &EvalContext<'_>) -> Result<Column> {
        let _ = (batch, ctx);
        unimplemented!()
    }

    /// The rows of a batch, among its selected ones, for which it is TRUE: positions in the batch, ascending.
    pub fn filter(&self, batch: &Batch, ctx: &EvalContext<'_>) -> Result<Buffer<u32>> {
        let _ = (batch, ctx);
        unimplemented!()
    }

    /// Its value where it reads no column (LIMIT, VALUES, the key of a point read).
    pub fn value(&self, ctx: &EvalContext<'_>) -> Result<Value> {
        let _ = ctx;
        unimplemented!()
    }
}
