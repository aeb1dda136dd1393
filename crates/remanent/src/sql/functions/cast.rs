//! Conversions of values and columns between types.

use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

/// Converts a value, by every rule an explicit cast allows. Values of precision-limited types are rounded and checked
/// (22003), vectors checked for their dimensions (22000).
pub fn cast_value(value: Value, to: Type) -> Result<Value> {
    let _ = (value, to);
    unimplemented!()
}

/// Converts a column likewise.
pub fn cast_column(column: &Column, to: Type) -> Result<Column> {
    let _ = (column, to);
    unimplemented!()
}
