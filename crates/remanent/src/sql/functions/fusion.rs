//! `rrf(k, rank, …)`: several rankings of the same rows made one (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion
//! outperforms Condorcet and individual Rank Learning Methods", 2009).
//!
//! ```text
//! rrf(60, 1, 3)       1/61 + 1/63
//! rrf(60, 1, NULL)    1/61: the other ranking does not have the row
//! ```

use super::{Args, FLOAT8, Function, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, ColumnBuilder, Type, Value};

pub(super) static FUNCTIONS: &[Function] =
    &[f("rrf", &[(&[FLOAT8, FLOAT8], Type::Float8)], rrf).variadic().sees_null()];

fn rrf(args: &Args<'_>) -> Result<Column> {
    let wrong = |message: &str| Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        let number = |column: &Column| match column.value(row) {
            Value::Float8(number) => Some(number),
            _ => None,
        };
        let mut numbers = args.columns.iter().map(number);
        let Some(k) = numbers.next().flatten() else {
            out.push_null();
            continue;
        };
        if !(k.is_finite() && k >= 0.0) {
            return wrong("the constant of rrf must be zero or greater");
        }
        let mut sum = 0.0;
        for rank in numbers.flatten() {
            if rank.is_nan() || rank < 1.0 {
                return wrong("a rank of rrf must be one or greater");
            }
            sum += 1.0 / (k + rank);
        }
        out.push(&Value::Float8(sum))?;
    }
    Ok(out.finish())
}
