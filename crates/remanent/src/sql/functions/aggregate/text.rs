//! string_agg.

use super::{Accumulator, AggregateFunction, Present, aggregate, settled};
use crate::sql::functions::{BYTEA, TEXT};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, ColumnBuilder, Type};

pub(super) static AGGREGATES: &[AggregateFunction] =
    &[aggregate("string_agg", &[(&[TEXT, TEXT], Type::Text), (&[BYTEA, BYTEA], Type::Bytea)], |_, ty| {
        Box::new(Joined { ty, groups: Vec::new(), bytes: 0 })
    })];

/// The values of a group, each behind its row's separator; the first one's, whose length is beside them, is cut off at
/// the end. NULL values are left out.
struct Joined {
    ty: Type,
    groups: Vec<Option<(Vec<u8>, usize)>>,
    bytes: usize,
}

impl Accumulator for Joined {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let (values, separators) = (settled(&args[0]), settled(&args[1]));
        Present::of(&args[..1], rows).each(groups, rows, &mut |row, group| {
            let value = values.bytes(row);
            // A NULL separator is none.
            let separator = if separators.is_valid(row) { separators.bytes(row) } else { &[] };
            let (held, _) = self.groups[group].get_or_insert_with(|| (Vec::new(), separator.len()));
            held.extend_from_slice(separator);
            held.extend_from_slice(value);
            self.bytes += separator.len() + value.len();
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let Some((more, separator)) = self.groups[from].clone() else { return Ok(()) };
        self.bytes += more.len();
        let (held, _) = self.groups[into].get_or_insert_with(|| (Vec::new(), separator));
        held.extend_from_slice(&more);
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let mut out = ColumnBuilder::new(self.ty);
        for group in std::mem::take(&mut self.groups) {
            match group {
                Some((bytes, separator)) => out.push_bytes(bytes.get(separator..).unwrap_or_default()),
                None => out.push_null(),
            }
        }
        Ok(out.finish())
    }

    fn memory(&self) -> usize {
        // Vectors grow by doubling: up to half of them may be empty.
        2 * self.bytes + self.groups.capacity() * size_of::<Option<(Vec<u8>, usize)>>()
    }
}
