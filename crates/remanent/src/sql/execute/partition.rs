//! Rows parted by their keys and laid down on disk: what grouping, DISTINCT and joins do when memory is short.
//!
//! Rows of equal keys are in one part, in order of arrival, so each part can be worked on alone, as if it were all there is
//! (Shapiro, "Join Processing in Database Systems with Large Main Memories", 1986). A part that is still too large is
//! parted again, by other bits of the hash.
//!
//! Limits: rows of one key are never parted; [`LEVELS`] times, then memory is short for good.

use super::project::evaluate;
use super::rowkey::{KeyLayout, RowKeys};
use super::{Input, Operator, Rows, Run};
use crate::sql::expr::Expr;
use remanent_storage::error::{Error, Result};
use remanent_storage::store::spill::{SpillFile, SpillPage};
use remanent_storage::value::{Batch, Column, Type};
use rustc_hash::FxHasher;
use std::hash::Hasher;

/// How many parts.
const PARTS: usize = 16;
/// How often rows are parted again.
pub const LEVELS: u32 = 6;
/// A part goes to disk when it has so many rows, or so many bytes where there is memory for that: all parts together take a sixteenth of
/// what operators may hold.
const PAGE_ROWS: usize = 512;
const PAGE_BYTES: usize = 64 << 10;
const PAGE_BYTES_MIN: usize = 4 << 10;

/// Rows by part.
pub struct Partitions {
    exprs: Vec<Expr>,
    layout: KeyLayout,
    types: Vec<Type>,
    level: u32,
    parts: Vec<Part>,
    /// Bytes on disk.
    pub bytes: u64,
}

struct Part {
    rows: Rows,
    laid: Option<SpillFile>,
    pages: Vec<SpillPage>,
}

/// The rows of one part.
struct Laid {
    types: Vec<Type>,
    file: SpillFile,
    /// Those to come, last one first.
    pages: Vec<SpillPage>,
}

/// No row.
pub struct Nothing;

impl Operator for Nothing {
    fn next(&mut self, _: &Run<'_>) -> Result<Option<Batch>> {
        Ok(None)
    }
}

impl Partitions {
    /// For rows with columns of these types, parted by the values of expressions over them; `full` where there is no place
    /// on disk, nothing to part by, or where it was done too often already.
    pub fn new(exprs: Vec<Expr>, types: Vec<Type>, level: u32, full: Error, env: &Run<'_>) -> Result<Self> {
        if env.context.spill.is_none() || exprs.is_empty() || types.is_empty() || level >= LEVELS {
            return Err(full);
        }
        let part = || Part { rows: Rows::new(types.iter().copied()), laid: None, pages: Vec::new() };
        let layout = KeyLayout::unordered(exprs.iter().map(Expr::ty));
        Ok(Partitions { exprs, layout, level, parts: (0..PARTS).map(|_| part()).collect(), types, bytes: 0 })
    }

    /// Adds the rows of a batch.
    pub fn add(&mut self, batch: &Batch, env: &Run<'_>) -> Result<()> {
        let batch = batch.compact();
        let keys = self.layout.encode(&evaluate(&self.exprs, &batch, env)?, batch.rows)?;
        let mut chosen = vec![Vec::new(); PARTS];
        for row in 0..batch.rows {
            let mut hasher = FxHasher::default();
            match &keys {
                RowKeys::Words(keys) => hasher.write_u128(keys[row]),
                RowKeys::Bytes { .. } => hasher.write(keys.bytes(row)),
            }
            // Each level has bits of its own, of those that are best. (A seed would only shift all of them.)
            chosen[(hasher.finish() >> (self.level * PARTS.ilog2())) as usize % PARTS].push(row as u32);
        }
        let columns = batch.columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
        let page = (env.context.memory.limit() / 16 / PARTS).clamp(PAGE_BYTES_MIN, PAGE_BYTES);
        for (number, chosen) in chosen.iter().enumerate().filter(|(_, chosen)| !chosen.is_empty()) {
            let part = &mut self.parts[number];
            part.rows.append(&columns, batch.rows, Some(chosen));
            if part.rows.len >= PAGE_ROWS || part.rows.memory() > page {
                self.write(number, env)?;
            }
        }
        Ok(())
    }

    fn write(&mut self, part: usize, env: &Run<'_>) -> Result<()> {
        env.context.interrupt.check()?;
        let part = &mut self.parts[part];
        let rows = std::mem::replace(&mut part.rows, Rows::new(self.types.iter().copied()));
        let Some(spill) = &env.context.spill else { return Err(Error::internal("no place on disk")) };
        let file = match &mut part.laid {
            Some(file) => file,
            None => part.laid.insert(spill.create()?),
        };
        let page = file.write(&rows.finish())?;
        self.bytes += page.bytes();
        part.pages.push(page);
        Ok(())
    }

    /// The rows of each part; None: it has none.
    pub fn finish(mut self, env: &Run<'_>) -> Result<Vec<Option<Input>>> {
        for part in 0..PARTS {
            if self.parts[part].rows.len > 0 {
                self.write(part, env)?;
            }
        }
        let types = self.types;
        let laid = |mut part: Part| {
            part.pages.reverse();
            let file = part.laid?;
            Some(Box::new(Laid { types: types.clone(), file, pages: part.pages }) as Input)
        };
        Ok(self.parts.into_iter().map(laid).collect())
    }
}

impl Operator for Laid {
    fn next(&mut self, _: &Run<'_>) -> Result<Option<Batch>> {
        let Some(page) = self.pages.pop() else { return Ok(None) };
        let columns = self.file.read(page, &self.types)?;
        let rows = columns.first().map_or(0, Column::len);
        Ok(Some(Batch::new(columns, rows)))
    }
}
