//! Columns that hold references to large values.
//!
//! A column that comes from the store may hold references in the places of large values. [`Column::with_blobs`] says so, and
//! with what to read them; from then on whoever hands its rows on carries that along, and whoever looks at the values
//! asks for [`Column::loaded`] first.

use super::{Column, ColumnBuilder, ColumnData};
use crate::error::{Error, Result, state};
use crate::value::Value;
use crate::value::blob::{Blobs, LARGE, REFERENCE, Reference};
use std::sync::Arc;

impl Column {
    /// The views behind this column's rows, whatever its shape, and the column they belong to.
    fn long(&self) -> Option<&Column> {
        match &self.data {
            ColumnData::Bytes(_) => self.ty.may_be_large().then_some(self),
            ColumnData::Constant(one) => one.long(),
            ColumnData::Dictionary { values, .. } => values.long(),
            _ => None,
        }
    }

    /// False if no row of a text or bytea column can be large, or look like a reference.
    pub fn may_be_large(&self) -> bool {
        let Some(column) = self.long() else { return false };
        let ColumnData::Bytes(views) = &column.data else { return false };
        let large = |len: usize| len >= LARGE || len == REFERENCE;
        views.views.iter().any(|&view| large(view as u32 as usize))
    }

    /// True if a stored column has a reference in some row.
    pub fn has_references(&self) -> bool {
        let Some(column) = self.long() else { return false };
        let ColumnData::Bytes(views) = &column.data else { return false };
        !views.plain && (0..column.len).any(|i| views.is_reference(i) && column.is_valid(i))
    }

    /// The references of a stored column, row by row.
    pub fn references(&self) -> Vec<(usize, Result<Reference>)> {
        if !self.has_references() {
            return Vec::new();
        }
        let of = |i| Some((i, Reference::decode(self.bytes(i)).transpose()?));
        (0..self.len).filter_map(of).collect()
    }

    /// What can read this column's references; None where its values are what they are.
    pub fn blobs(&self) -> Option<&Blobs> {
        match &self.long()?.data {
            ColumnData::Bytes(views) => views.blobs.as_ref(),
            _ => None,
        }
    }

    /// A stored column, with what reads its references.
    pub fn with_blobs(mut self, blobs: &Blobs) -> Column {
        match &mut self.data {
            ColumnData::Bytes(views) => views.blobs = Some(blobs.clone()),
            ColumnData::Constant(one) => **one = one.as_ref().clone().with_blobs(blobs),
            ColumnData::Dictionary { values, .. } => {
                *values = Arc::new(values.as_ref().clone().with_blobs(blobs));
            }
            _ => {}
        }
        self
    }

    /// The same column as the store has it: its references are plain bytes.
    pub fn as_stored(mut self) -> Column {
        match &mut self.data {
            ColumnData::Bytes(views) => views.blobs = None,
            ColumnData::Constant(one) => **one = one.as_ref().clone().as_stored(),
            ColumnData::Dictionary { values, .. } => {
                *values = Arc::new(values.as_ref().clone().as_stored());
            }
            _ => {}
        }
        self
    }

    /// The same rows with the values themselves in the places of references: all of them are in memory then.
    pub fn loaded(&self) -> Result<Column> {
        let Some(blobs) = self.blobs().cloned() else { return Ok(self.clone()) };
        match &self.data {
            ColumnData::Constant(one) => {
                return Ok(Column { data: ColumnData::Constant(Box::new(one.loaded()?)), ..self.clone() });
            }
            ColumnData::Dictionary { codes, values } => {
                let (codes, values) = (codes.clone(), Arc::new(values.loaded()?));
                return Ok(Column { data: ColumnData::Dictionary { codes, values }, ..self.clone() });
            }
            _ => {}
        }
        let mut builder = ColumnBuilder::with_capacity(self.ty, self.len);
        for i in 0..self.len {
            if !self.is_valid(i) {
                builder.push_null();
                continue;
            }
            match Reference::decode(self.bytes(i))? {
                None => builder.push_bytes(self.bytes(i)),
                Some(reference) => {
                    let bytes = blobs.load(&reference)?;
                    if self.ty.is_text() && std::str::from_utf8(&bytes).is_err() {
                        return Err(Error::new(state::DATA_CORRUPTED, "a large text is not UTF-8"));
                    }
                    builder.push_bytes(&bytes);
                }
            }
        }
        Ok(builder.finish())
    }

    /// How many bytes the value of row `i` of a text or bytea column has, without reading it.
    pub fn byte_len(&self, i: usize) -> usize {
        let bytes = self.bytes(i);
        match (self.blobs(), Reference::decode(bytes)) {
            (Some(_), Ok(Some(reference))) => reference.len as usize,
            _ => bytes.len(),
        }
    }
}

impl Value {
    /// The value itself where this is a handle on a large one: all of it in memory.
    pub fn loaded(&self) -> Result<Value> {
        match self {
            Value::Blob(blob) => blob.value(),
            plain => Ok(plain.clone()),
        }
    }
}
