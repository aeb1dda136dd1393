//! The rows that name a key: the newest ones, whatever snapshot their transaction has, and its own.
//!
//! An index of the child's that begins with columns of the foreign key spares looking at all its rows; so do its primary key, where one
//! key is looked for that covers it, and zone maps.
//!
//! Limits: of its own rows in memory a transaction looks at all. Without an index, so it is for all rows.

use super::{ForeignKey, key_of, key_of_row};
use crate::error::{Error, Result};
use crate::index::IndexDef;
use crate::table::{ColumnRange, IndexProbe, RowId, ScanRequest};
use crate::txn::locks::{Mode, Target};
use crate::txn::{Scan, Txn};
use crate::value::{Batch, Column, ColumnData, Key, Type, Value};
use rustc_hash::FxHashMap;
use std::ops::Bound;
use std::sync::Arc;

/// Rows that name one of some keys, batch by batch. Rows written after it began are not among them.
pub struct Referring {
    key: Arc<ForeignKey>,
    scan: Scan,
    keys: FxHashMap<Key, u32>,
    /// Where the child's columns stand among those delivered.
    places: Vec<usize>,
}

impl Referring {
    /// The next rows, and of each the place among the keys of the one it names; None after the last.
    #[allow(clippy::should_implement_trait, reason = "an iterator of results cannot be read with `?` alone")]
    pub fn next(&mut self) -> Result<Option<(Batch, Vec<u32>)>> {
        while let Some(batch) = self.scan.next()? {
            let batch = batch.compact();
            let columns =
                self.places.iter().filter_map(|&place| batch.columns.get(place)).map(Column::loaded);
            let columns: Vec<Column> = columns.collect::<Result<_>>()?;
            let columns: Vec<&Column> = columns.iter().collect();
            let (mut rows, mut named, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
            let same = self.key.same_types();
            for row in 0..batch.rows {
                if !columns.iter().all(|column| column.is_valid(row)) {
                    continue;
                }
                if same {
                    key_of_row(&mut bytes, &columns, row);
                } else {
                    let values: Vec<Value> = columns.iter().map(|column| column.value(row)).collect();
                    let Some(values) = self.key.as_parent(&values) else { continue };
                    bytes.clear();
                    bytes.extend_from_slice(key_of(&values).as_bytes());
                }
                if let Some(&place) = self.keys.get(bytes.as_slice()) {
                    rows.push(row as u32);
                    named.push(place);
                }
            }
            if !rows.is_empty() {
                let columns = batch.columns.iter().map(|column| column.gather(&rows)).collect();
                return Ok(Some((Batch::new(columns, rows.len()), named)));
            }
        }
        Ok(None)
    }
}

impl Txn {
    /// The child's rows that name one of these keys, columns of the parent's in the order of the foreign key. Delivered are `columns`,
    /// then where each row lies.
    pub fn referring(&mut self, key: &Arc<ForeignKey>, keys: &Batch, columns: &[usize]) -> Result<Referring> {
        let all = keys.compact();
        let of = |row| all.columns.iter().map(|column| column.value(row)).collect();
        self.referring_to(key, &(0..all.rows).map(of).collect::<Vec<_>>(), columns)
    }

    pub(super) fn referring_to(
        &mut self,
        key: &Arc<ForeignKey>,
        keys: &[Vec<Value>],
        columns: &[usize],
    ) -> Result<Referring> {
        let child = self.hold_for_keys(&key.child)?;
        let mut wanted = columns.to_vec();
        for column in &key.columns {
            if !wanted.contains(column) {
                wanted.push(*column);
            }
        }
        let place = |column: &usize| wanted.iter().position(|held| held == column);
        let places = key.columns.iter().filter_map(place).collect();
        let (probes, ranges) = self.access(key, keys);
        let request =
            ScanRequest { columns: wanted, ranges, probes, row_ids: true, ..ScanRequest::default() };
        let scan = self.scan_newest(&child, &request)?;
        let keys = keys.iter().zip(0..).map(|(values, place)| (key_of(values), place)).collect();
        Ok(Referring { key: Arc::clone(key), scan, keys, places })
    }

    /// What spares looking at all rows of the child.
    fn access(&self, key: &ForeignKey, keys: &[Vec<Value>]) -> (Vec<IndexProbe>, Vec<ColumnRange>) {
        let kinds = key.child_types().into_iter().zip(key.parent_types());
        let whole = |ty: Type| matches!(ty, Type::Int2 | Type::Int4 | Type::Int8);
        if !kinds.clone().all(|(child, parent)| child.same_values(parent) || whole(child) && whole(parent)) {
            return (Vec::new(), Vec::new());
        }
        let kinds: Vec<(Type, Type)> = kinds.collect();
        // As the child has them; those that it cannot have are named by no row.
        let as_child = |values: &Vec<Value>| -> Option<Vec<Value>> {
            let pairs = values.iter().zip(&kinds);
            let convert = |(value, (child, parent)): (&Value, &(Type, Type))| match child.same_values(*parent)
            {
                true => Some(value.clone()),
                false => (key.convert)(value, *child),
            };
            pairs.map(convert).collect()
        };
        let keys: Vec<Vec<Value>> = keys.iter().filter_map(as_child).collect();
        let place = |column: &usize| key.columns.iter().position(|held| held == column);
        let leading = |def: &IndexDef| def.columns.iter().map_while(place).collect::<Vec<usize>>();
        let usable = |def: &&Arc<IndexDef>| def.filter.is_none() && def.is_sorted();
        let best = self
            .catalog()
            .indexes_of(key.child.id)
            .iter()
            .filter(usable)
            .max_by_key(|def| leading(def).len());
        let probes = best.map(|def| (def, leading(def))).filter(|(_, leading)| !leading.is_empty());
        let probes = probes.map(|(def, leading)| {
            let span = |values: &Vec<Value>| {
                let prefix: Vec<Value> = leading.iter().filter_map(|&i| values.get(i).cloned()).collect();
                def.span(&prefix, Bound::Unbounded, Bound::Unbounded)
            };
            IndexProbe::of_spans(def, keys.iter().map(span))
        });
        let ranges = key.columns.iter().enumerate().filter_map(|(i, &column)| {
            let of = || keys.iter().filter_map(|values| values.get(i));
            let low = of().min_by(|a, b| a.compare(b))?.clone();
            let high = of().max_by(|a, b| a.compare(b))?.clone();
            Some(ColumnRange { column, low: Bound::Included(low), high: Bound::Included(high) })
        });
        (probes.into_iter().collect(), ranges.collect())
    }

    /// The first of these keys that a row of the child names, own ones or the newest. One that another transaction is about to delete
    /// is waited for.
    pub(super) fn first_referred(
        &mut self,
        key: &Arc<ForeignKey>,
        keys: &[Vec<Value>],
    ) -> Result<Option<usize>> {
        let identity = key.child.key_columns();
        let mut waited: Option<Key> = None;
        loop {
            let mut best: Option<(u32, Key, RowId)> = None;
            let mut referring = self.referring_to(key, keys, &identity)?;
            while let Some((rows, named)) = referring.next()? {
                let of: Vec<&Column> = rows.columns.iter().take(identity.len()).collect();
                for (row, place) in named.into_iter().enumerate() {
                    if best.as_ref().is_none_or(|(held, ..)| place < *held) {
                        best = Some((place, Key::from_row(&of, row), place_of(rows.columns.last(), row)?));
                    }
                }
                if best.as_ref().is_some_and(|(place, ..)| *place == 0) {
                    break;
                }
            }
            let Some((place, row, at)) = best else { return Ok(None) };
            let alone = self.writes.get(&key.child.id).is_some_and(|writes| writes.exclusive);
            if at.segment == RowId::PRIVATE || alone || waited.as_ref() == Some(&row) {
                return Ok(Some(place as usize));
            }
            self.lock(Target::Row(key.child.id, row.clone()), Mode::KeyShare)?;
            waited = Some(row);
        }
    }

    /// Calls `each` with the keys of rows of the child, those of the transaction's own or all that there are.
    pub(super) fn each_key(
        &mut self,
        key: &ForeignKey,
        own: bool,
        each: &mut dyn FnMut(&mut Txn, &[Column]) -> Result<()>,
    ) -> Result<()> {
        let child = self.hold_for_keys(&key.child)?;
        let request = ScanRequest { columns: key.columns.clone(), ..ScanRequest::default() };
        // No committed row is as old as 0.
        let mut scan =
            if own { self.scan_at(&child, &request, 0)? } else { self.scan_newest(&child, &request)? };
        while let Some(batch) = scan.next()? {
            self.interrupt.check()?;
            let columns = batch.compact().columns.iter().map(Column::loaded).collect::<Result<Vec<_>>>()?;
            each(self, &columns)?;
        }
        Ok(())
    }
}

fn place_of(column: Option<&Column>, row: usize) -> Result<RowId> {
    match column.map(Column::flatten).as_ref().map(Column::data) {
        Some(ColumnData::I64(packed)) => packed.get(row).copied().map(RowId::unpack),
        _ => None,
    }
    .ok_or_else(|| Error::internal("rows without their places"))
}
