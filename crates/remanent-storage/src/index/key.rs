//! Keys of an index: byte strings that sort as its columns are ordered.
//!
//! A column's bytes are those of [`crate::value::key`], which sort ascending with NULL last. DESC flips all of them; NULL is
//! then set to the end where it belongs:
//!
//! | order | value | NULL |
//! |---|---|---|
//! | ASC NULLS LAST | `01` … | `ff` |
//! | ASC NULLS FIRST | `01` … | `00` |
//! | DESC NULLS FIRST | `fe` … (flipped) | `00` |
//! | DESC NULLS LAST | `fe` … (flipped) | `ff` |
//!
//! Example: `7::smallint` is `01 8007`, under DESC `fe 7ff8`.
//!
//! No encoding of a column is a prefix of another one of it, so the keys that begin with the encoding of the first columns are
//! one [`KeySpan`].
//!
//! Limits: a key has at most [`KEY_MAX`] bytes.

use super::IndexDef;
use crate::error::{Error, Result, state};
use crate::value::key::{decode_first, encode_column_row, encode_value};
use crate::value::{Column, ColumnBuilder, Physical, Type, Value};
use crate::world::mutation;
use std::ops::Bound;

/// The most bytes of a key: two of them fit a page.
pub const KEY_MAX: usize = 8160;

/// The tag of a value, as `value::key` writes it.
const VALUE: u8 = 0x01;
/// Below and above the tags of values.
const NULL_FIRST: u8 = 0x00;
const NULL_LAST: u8 = 0xff;

/// How a column of an index is ordered. The default: ascending, NULLs last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyOrder {
    /// DESC
    pub descending: bool,
    /// NULLS FIRST
    pub nulls_first: bool,
}

impl KeyOrder {
    /// Turns the bytes from `start` on, one column as `value::key` writes it, into those of this order.
    fn turn(self, out: &mut [u8], start: usize) {
        let Some(bytes) = out.get_mut(start..) else { return };
        match bytes.first() {
            Some(&NULL_LAST) => bytes[0] = if self.nulls_first { NULL_FIRST } else { NULL_LAST },
            _ if self.descending => bytes.iter_mut().for_each(|byte| *byte = !*byte),
            _ => {}
        }
    }

    /// The tag of values.
    fn tag(self) -> u8 {
        if self.descending { !VALUE } else { VALUE }
    }
}

impl IndexDef {
    /// Appends the key of a row; `columns` are all columns of the segment.
    pub fn encode_row(&self, out: &mut Vec<u8>, columns: &[Column], row: usize) {
        self.encode_first(out, columns, row, self.columns.len());
    }

    /// Appends what the first `count` columns bring to the key of a row.
    pub fn encode_first(&self, out: &mut Vec<u8>, columns: &[Column], row: usize, count: usize) {
        let first = self.columns.iter().take(count);
        for (column, order) in first.filter_map(|&c| columns.get(c)).zip(&self.orders) {
            let start = out.len();
            encode_column_row(out, column, row);
            order.turn(out, start);
        }
    }

    /// Appends values of the first columns.
    pub fn encode_values(&self, out: &mut Vec<u8>, values: &[Value]) {
        for (value, order) in values.iter().zip(&self.orders) {
            let start = out.len();
            encode_value(out, value);
            order.turn(out, start);
        }
    }

    /// True if a row's key counts for uniqueness: it has no NULL, or NULLs are not distinct.
    pub fn counts(&self, columns: &[Column], row: usize) -> bool {
        let valid = |&c: &usize| columns.get(c).is_some_and(|column| column.is_valid(row));
        self.holds(columns, row) && (self.nulls_not_distinct || self.columns.iter().all(valid))
    }

    /// True if a row is in the index.
    pub fn holds(&self, columns: &[Column], row: usize) -> bool {
        let is_true = |c: usize| columns.get(c).is_some_and(|column| column.value(row) == Value::Bool(true));
        mutation("ignore_index_filter") || self.filter.is_none_or(is_true)
    }

    /// The keys whose first columns are `equal`, and whose next one lies between the ends, by the order of SQL values;
    /// NULL does only where neither end is given.
    pub fn span(&self, equal: &[Value], low: Bound<&Value>, high: Bound<&Value>) -> KeySpan {
        let mut prefix = Vec::new();
        self.encode_values(&mut prefix, equal);
        let order = self.orders.get(equal.len()).copied();
        let (Some(order), false) = (order, matches!((low, high), (Bound::Unbounded, Bound::Unbounded)))
        else {
            return KeySpan::prefixed(prefix);
        };
        let end = |bound: Bound<&Value>| {
            bound.map(|value| {
                let mut key = prefix.clone();
                let start = key.len();
                encode_value(&mut key, value);
                order.turn(&mut key, start);
                key
            })
        };
        let (low, high) = match order.descending {
            false => (end(low), end(high)),
            true => (end(high), end(low)),
        };
        let values = self.values_span(equal);
        let span = KeySpan::between(low, high);
        KeySpan {
            low: if span.low.is_empty() { values.low } else { span.low },
            high: span.high.or(values.high),
        }
    }

    /// The keys whose first columns are `equal`, and whose next one is no NULL.
    pub fn values_span(&self, equal: &[Value]) -> KeySpan {
        let mut prefix = Vec::new();
        self.encode_values(&mut prefix, equal);
        prefix.extend(self.orders.get(equal.len()).map(|order| order.tag()));
        KeySpan::prefixed(prefix)
    }

    /// Puts what the keys of rows tell of some columns in their places; which columns these are.
    pub(crate) fn told(
        &self,
        keys: &[Vec<u8>],
        asked: &[usize],
        columns: &mut [Column],
    ) -> Result<Vec<usize>> {
        let places: Vec<usize> =
            (0..self.columns.len()).filter(|&i| asked.contains(&self.columns[i])).collect();
        if places.is_empty() || !self.is_plain() {
            return Ok(Vec::new());
        }
        let builder = |&i: &usize| columns.get(self.columns[i]).map(|column| ColumnBuilder::new(column.ty()));
        let Some(mut builders) = places.iter().map(builder).collect::<Option<Vec<_>>>() else {
            return Ok(Vec::new());
        };
        for key in keys {
            let values = self.decode(key)?;
            for (builder, &i) in builders.iter_mut().zip(&places) {
                builder.push(values.get(i).unwrap_or(&Value::Null))?;
            }
        }
        for (builder, &i) in builders.into_iter().zip(&places) {
            columns[self.columns[i]] = builder.finish();
        }
        Ok(places.into_iter().map(|i| self.columns[i]).collect())
    }

    /// The values of a whole key, in their canonical form.
    pub fn decode(&self, key: &[u8]) -> Result<Vec<Value>> {
        let (mut rest, mut values) = (key.to_vec(), Vec::new());
        for (&ty, order) in self.types.iter().zip(&self.orders) {
            match rest.first() {
                Some(&NULL_FIRST | &NULL_LAST) => {
                    values.push(Value::Null);
                    rest.remove(0);
                    continue;
                }
                Some(_) if order.descending => rest.iter_mut().for_each(|byte| *byte = !*byte),
                _ => {}
            }
            let (value, taken) = decode_first(&rest, ty)?;
            values.push(value);
            rest.drain(..taken);
            if order.descending {
                rest.iter_mut().for_each(|byte| *byte = !*byte);
            }
        }
        Ok(values)
    }

    /// 54000 where the key of a row is too long; `columns` are all columns of the segment.
    pub fn check_lengths(&self, columns: &[Column]) -> Result<()> {
        if !self.is_sorted() {
            return Ok(());
        }
        let long = |ty: &Type| ty.physical() == Physical::Bytes || matches!(ty, Type::Numeric(_));
        if !self.types.iter().any(long) {
            return Ok(());
        }
        let mut key = Vec::new();
        for row in 0..self.columns.first().and_then(|&c| columns.get(c)).map_or(0, Column::len) {
            let bytes = |&c: &usize| {
                columns.get(c).map_or(0, |column| match column.ty() {
                    Type::Text | Type::Bytea if column.is_valid(row) => column.bytes(row).len(),
                    Type::Vector(_) | Type::Numeric(None) => KEY_MAX,
                    _ => 32,
                })
            };
            // At most twice as long, where every byte has to be told from the end.
            if self.columns.iter().map(bytes).sum::<usize>() * 2 + 2 * self.columns.len() > KEY_MAX {
                key.clear();
                self.encode_row(&mut key, columns, row);
                self.check_length(key.len())?;
            }
        }
        Ok(())
    }

    /// 54000 where a key is too long.
    pub fn check_length(&self, key: usize) -> Result<()> {
        if key <= KEY_MAX {
            return Ok(());
        }
        let message =
            format!("index row size {key} exceeds the maximum of {KEY_MAX} for index \"{}\"", self.name);
        Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message)
            .with_hint("Index a shorter column, or a hash of this one in a column of its own."))
    }
}

/// The keys from `low` on, up to and without `high`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeySpan {
    /// The first.
    pub low: Vec<u8>,
    /// The first that is above; None: there is none.
    pub high: Option<Vec<u8>>,
}

impl KeySpan {
    /// The keys that begin so.
    pub fn prefixed(prefix: Vec<u8>) -> Self {
        KeySpan { high: above(&prefix), low: prefix }
    }

    /// The keys between two ends, which may be prefixes of keys: what begins with an included end is in, what begins with
    /// an excluded one is not.
    pub fn between(low: Bound<Vec<u8>>, high: Bound<Vec<u8>>) -> Self {
        let never = || KeySpan { low: vec![NULL_LAST; 2], high: Some(Vec::new()) };
        let low = match low {
            Bound::Unbounded => Vec::new(),
            Bound::Included(key) => key,
            Bound::Excluded(key) => match above(&key) {
                Some(key) => key,
                None => return never(),
            },
        };
        let high = match high {
            Bound::Unbounded => None,
            Bound::Included(key) => above(&key),
            Bound::Excluded(key) => Some(key),
        };
        KeySpan { low, high }
    }

    /// True if a key is in it.
    pub fn contains(&self, key: &[u8]) -> bool {
        key >= self.low.as_slice() && self.high.as_ref().is_none_or(|high| key < high.as_slice())
    }

    /// True if no key is in it.
    pub fn is_empty(&self) -> bool {
        self.high.as_ref().is_some_and(|high| *high <= self.low)
    }
}

/// The least byte string above all that begin with `prefix`; None where there is none.
fn above(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|&byte| byte != u8::MAX)?;
    let mut above = prefix[..=last].to_vec();
    above[last] += 1;
    Some(above)
}
