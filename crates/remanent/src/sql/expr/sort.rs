//! Rows as byte strings whose bytewise order is that of an ORDER BY.

use remanent_storage::value::Column;

/// One item of ORDER BY.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOrder {
    /// DESC
    pub descending: bool,
    /// NULLS FIRST. PostgreSQL's default: NULL is greater than everything.
    pub nulls_first: bool,
}

/// Appends the sort key of row `row`: bytes that compare as the rows do under `order`.
pub fn encode_sort_key(out: &mut Vec<u8>, columns: &[Column], order: &[SortOrder], row: usize) {
    let _ = (out, columns, order, row);
    unimplemented!()
}
