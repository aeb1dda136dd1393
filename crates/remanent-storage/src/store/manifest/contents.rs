//! What the edits of a manifest add up to.

use super::{Edit, SegmentMeta};
use crate::error::{Error, Result};
use crate::map::SortedMap;
use crate::{Epoch, Lsn};
use std::sync::Arc;

/// A segment and the table it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentEntry {
    /// The table.
    pub table: u32,
    /// The segment.
    pub meta: SegmentMeta,
}

/// What the edits add up to. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The life that began last.
    pub epoch: Epoch,
    /// Nothing needs the log up to here.
    pub log_floor: Lsn,
    /// The next number for a file.
    pub next_file: u32,
    /// The number that tells this database from all others; 0 until it was given.
    pub identity: u64,
    /// The segments by number.
    pub segments: SortedMap<u32, Arc<SegmentEntry>>,
    /// The files of recent marks, and their sizes.
    pub marks: SortedMap<u32, u64>,
    /// Up to where each table is flushed.
    pub flushed: SortedMap<u32, Lsn>,
    /// The next hidden key of each table.
    pub next_row_id: SortedMap<u32, i64>,
    /// Bytes ever written to files.
    pub written: Vec<u64>,
    /// The time that is known, and for how long another clock was doubted.
    pub clock: Option<(i64, i64)>,
}

impl State {
    /// Folds an edit in. An edit that contradicts the state (a segment added twice, or changed when it is not there)
    /// is XX000 and changes nothing. Floors, epochs and next numbers never fall.
    pub fn apply(&mut self, edit: &Edit) -> Result<()> {
        match edit {
            Edit::AddSegment { table, segment } => {
                if self.segments.contains_key(&segment.id) {
                    return Err(contradiction("add segment", segment.id, "it is there"));
                }
                let entry = SegmentEntry { table: *table, meta: segment.clone() };
                self.segments.insert(segment.id, Arc::new(entry));
            }
            Edit::RemoveSegment { segment } => {
                let removed = self.segments.remove(segment);
                removed.ok_or_else(|| contradiction("remove segment", *segment, "it is not there"))?;
            }
            Edit::SetDeletes { segment, generation } => {
                let entry = self.segments.get_mut(segment);
                let entry =
                    entry.ok_or_else(|| contradiction("mark segment", *segment, "it is not there"))?;
                Arc::make_mut(entry).meta.deletes = *generation;
            }
            Edit::SetParts { segment, parts } => {
                let entry = self.segments.get_mut(segment);
                let entry = entry
                    .ok_or_else(|| contradiction("give parts to segment", *segment, "it is not there"))?;
                Arc::make_mut(entry).meta.parts.clone_from(parts);
            }
            Edit::AddMarks { file, bytes } => {
                if self.marks.contains_key(file) {
                    return Err(contradiction("add marks", *file, "they are there"));
                }
                self.marks.insert(*file, *bytes);
            }
            Edit::RemoveMarks { file } => {
                let removed = self.marks.remove(file);
                removed.ok_or_else(|| contradiction("remove marks", *file, "they are not there"))?;
            }
            Edit::Flushed { table, lsn } => rise(self.flushed.or_default(*table), *lsn),
            Edit::DropTable { table } => {
                self.segments.retain(|_, entry| entry.table != *table);
                self.flushed.remove(table);
                self.next_row_id.remove(table);
            }
            Edit::LogFloor { lsn } => rise(&mut self.log_floor, *lsn),
            Edit::Epoch { epoch } => rise(&mut self.epoch, *epoch),
            Edit::NextFile { id } => rise(&mut self.next_file, *id),
            Edit::NextRowId { table, id } => rise(self.next_row_id.or_insert_with(*table, || *id), *id),
            Edit::Identity { id } => self.identity = *id,
            Edit::Written { bytes } => self.written.clone_from(bytes),
            Edit::Clock { known, doubted } => self.clock = Some((*known, *doubted)),
        }
        Ok(())
    }

    /// Edits that make this state from an empty one.
    pub fn edits(&self) -> Vec<Edit> {
        let mut edits = vec![
            Edit::Identity { id: self.identity },
            Edit::Epoch { epoch: self.epoch },
            Edit::LogFloor { lsn: self.log_floor },
            Edit::NextFile { id: self.next_file },
        ];
        if !self.written.is_empty() {
            edits.push(Edit::Written { bytes: self.written.clone() });
        }
        edits.extend(self.clock.map(|(known, doubted)| Edit::Clock { known, doubted }));
        edits.extend(self.flushed.iter().map(|(&table, &lsn)| Edit::Flushed { table, lsn }));
        edits.extend(self.next_row_id.iter().map(|(&table, &id)| Edit::NextRowId { table, id }));
        let segments = self.segments.values();
        edits.extend(segments.map(|e| Edit::AddSegment { table: e.table, segment: e.meta.clone() }));
        edits.extend(self.marks.iter().map(|(&file, &bytes)| Edit::AddMarks { file, bytes }));
        edits
    }

    /// Every table that anything is known of.
    pub fn tables(&self) -> impl Iterator<Item = u32> + use<> {
        let segments = self.segments.values().map(|segment| segment.table);
        let tables = segments.chain(self.flushed.keys().copied()).chain(self.next_row_id.keys().copied());
        let mut tables: Vec<u32> = tables.collect();
        tables.sort_unstable();
        tables.dedup();
        tables.into_iter()
    }

    /// The segments of one table, by number.
    pub fn segments_of(&self, table: u32) -> impl Iterator<Item = &SegmentMeta> {
        self.segments.values().filter(move |e| e.table == table).map(|e| &e.meta)
    }
}

fn rise<T: PartialOrd>(place: &mut T, to: T) {
    if to > *place {
        *place = to;
    }
}

fn contradiction(action: &str, id: u32, why: &str) -> Error {
    Error::internal(format!("the manifest cannot {action} {id}: {why}"))
}
