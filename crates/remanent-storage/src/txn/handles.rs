//! Handles on files of the store: cold segments, parts of indexes, files of keys. Making one reads nothing; the last one to go lets an
//! obsolete file retire.

use crate::Lsn;
use crate::index::parts::{PartHandle, Parts};
use crate::index::primary::PrimaryCold;
use crate::index::{IndexId, PRIMARY, PartReader};
use crate::segment::ColdSegment;
use crate::segment::blob::{Summary, Uses};
use crate::segment::deletes::Deletes;
use crate::table::files;
use crate::table::version::{ColdHandle, ColdState, KeyFile, Table};
use crate::txn::core::Core;
use crate::world::mutation;
use crate::world::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, OnceLock};

/// What is known of a cold segment without reading it.
pub struct ColdInfo {
    /// Its number.
    pub id: u32,
    /// How often its rows were merged.
    pub level: u8,
    /// Its rows.
    pub rows: u32,
    /// The length of its file.
    pub bytes: u64,
    /// Its smallest key.
    pub min_key: Vec<u8>,
    /// Its largest key.
    pub max_key: Vec<u8>,
    /// The lsn of its oldest and newest row.
    pub created: (Lsn, Lsn),
    /// The large values that its rows name.
    pub blobs: Summary,
    /// The indexes that there is a part of.
    pub parts: Vec<IndexId>,
}

impl Core {
    /// A handle on a file of keys.
    pub fn key_file(&self, file: u32) -> KeyFile {
        let path = files::keys(&self.dir, file);
        KeyFile { path, obsolete: AtomicBool::new(false), retired: Arc::clone(&self.retired) }
    }

    /// A handle on a cold segment; reads nothing yet.
    pub fn open_cold(
        &self,
        table: &Table,
        info: ColdInfo,
        deletes: Deletes,
        listed: bool,
    ) -> Arc<ColdHandle> {
        let path = files::segment(&self.dir, info.id);
        let part = files::part(&self.dir, info.id, PRIMARY);
        let disk = &self.world.disk;
        let segment = Arc::new(ColdSegment::shaped(
            Arc::clone(disk),
            path.clone(),
            info.id,
            &table.shape,
            info.rows,
            info.created,
            Arc::clone(&self.cache),
        ));
        let file_id = PartReader::file_id(PRIMARY, info.id);
        let reader = PartReader::new(Arc::clone(disk), part.clone(), file_id, Arc::clone(&self.cache));
        let primary = PrimaryCold::open(table.def.key_columns(), reader, Arc::clone(&segment));
        self.raise_blobs(&info.blobs);
        let parts = Parts::default();
        for &index in info.parts.iter().filter(|&&index| index != PRIMARY) {
            parts.add(self.part_handle(info.id, index));
        }
        let state = ColdState {
            parts,
            blobs: match mutation("lost_blob_reference") {
                true => Uses::new(&self.blobs),
                false => Uses::of(&self.blobs, &info.blobs),
            },
            id: info.id,
            level: info.level,
            bytes: info.bytes,
            min_key: info.min_key,
            max_key: info.max_key,
            created: info.created,
            primary: Arc::new(primary),
            deletes: crate::world::sync::RwLock::new(deletes),
            generation: AtomicU32::new(0),
            listed: AtomicBool::new(listed),
            forward: OnceLock::new(),
            obsolete: AtomicBool::new(false),
            files: vec![path, part],
            retired: Arc::clone(&self.retired),
        };
        ColdHandle::new(segment, state)
    }

    /// A handle on the part of an index for a segment; reads nothing yet.
    pub fn part_handle(&self, segment: u32, index: IndexId) -> Arc<PartHandle> {
        PartHandle::new(index, files::part(&self.dir, segment, index), &self.retired)
    }
}
