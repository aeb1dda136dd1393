//! What there is of a damaged database: segments, marks, records.

use super::{Loss, manifest};
use crate::Lsn;
use crate::catalog;
use crate::error::{Error, Result, state};
use crate::log::{self, Record};
use crate::map::SortedMap;
use crate::segment::deletes::RowSet;
use crate::segment::keys::read_keys;
use crate::segment::marks::{MarkEntry, read_marks, salvage_marks};
use crate::segment::{ColdSegment, PageCache, Shape};
use crate::store::manifest::State;
use crate::store::open::LOG_FOLDER;
use crate::table::{TableDef, TableId, files};
use crate::txn::change::{ChangeReader, KeyRange, RowsOf, TableChange};
use crate::value::{Key, Type};
use crate::world::World;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Memory for pages.
const CACHE: usize = 32 << 20;

/// Finds the pages of a segment without its footer, where that is damaged. Which columns it has its head says; where that is damaged too,
/// its rows are lost.
pub fn find_rows(segment: &ColdSegment, shape: &Shape, def: Option<&TableDef>) -> Result<()> {
    let Some(def) = def.filter(|def| def.layout.is_some()) else { return segment.find_pages(shape) };
    let held = def.shape_of(segment.mark()?);
    let unknown = || Error::corrupt(segment.path(), 12, "nothing says which columns the file has");
    segment.find_pages(&held.ok_or_else(unknown)?)
}

/// A segment that was found.
pub struct Piece {
    pub table: TableId,
    pub rows: u32,
    pub created: (Lsn, Lsn),
    /// The rows of it that are deleted, as far as marks say so.
    pub deleted: RowSet,
    /// The types that its own footer names; None: it could not be read.
    pub types: Option<Vec<Type>>,
    /// Its first and its last key, where they are known.
    pub ends: Option<(Vec<u8>, Vec<u8>)>,
    /// Its file is not there.
    missing: bool,
}

/// A damaged database.
pub struct Source<'a> {
    pub world: &'a World,
    pub dir: &'a Path,
    pub cache: Arc<PageCache>,
    /// By number.
    pub pieces: SortedMap<u32, Piece>,
    /// Up to where each table is flushed; empty where the manifest is in doubt.
    pub flushed: SortedMap<TableId, Lsn>,
    /// The log, as far as it can be read.
    pub records: Vec<Record>,
    /// Something that says which rows exist is lost, for all tables.
    pub doubtful: bool,
    /// The same for single tables.
    pub doubtful_tables: FxHashSet<TableId>,
    /// Records of the log are lost.
    pub log_damaged: bool,
}

impl<'a> Source<'a> {
    pub fn read(world: &'a World, dir: &'a Path, losses: &mut Vec<Loss>) -> Result<Source<'a>> {
        let disk = &*world.disk;
        let present: Vec<String> = disk.list(&dir.join(files::FOLDER)).map_or_else(
            |e| {
                losses.push(Loss::of(Error::io("list", &dir.join(files::FOLDER), &e)));
                Vec::new()
            },
            |entries| entries.into_iter().map(|entry| entry.name).collect(),
        );
        let (state, whole) = manifest::read(disk, dir, &mut |e| losses.push(Loss::of(e)));
        if present.is_empty() && !whole && disk.list(&dir.join(LOG_FOLDER)).is_err() {
            let message = format!("\"{}\" holds nothing of a Remanent database", dir.display());
            return Err(Error::new(state::INVALID_CATALOG_NAME, message));
        }
        let mut source = Source {
            world,
            dir,
            cache: Arc::new(PageCache::new(CACHE)),
            pieces: SortedMap::new(),
            flushed: if whole { state.flushed.clone() } else { SortedMap::new() },
            records: Vec::new(),
            doubtful: !whole,
            doubtful_tables: FxHashSet::default(),
            log_damaged: false,
        };
        source.list_segments(&state, &present, losses);
        source.read_log(&state, losses)?;
        source.read_marks(&state, &present, losses);
        Ok(source)
    }

    /// The segment of a piece; its pages are found one by one where its footer is bad. `def`: the table's definition, where it is
    /// known.
    pub fn open(&self, id: u32, shape: &Arc<Shape>, def: Option<&TableDef>) -> Option<ColdSegment> {
        let piece = self.pieces.get(&id).filter(|piece| !piece.missing)?;
        let path = files::segment(self.dir, id);
        let disk = Arc::clone(&self.world.disk);
        let cache = Arc::clone(&self.cache);
        let segment = ColdSegment::shaped(disk, path, id, shape, piece.rows, piece.created, cache);
        if piece.types.is_none() {
            // What cannot be found is told where it is read.
            let _ = find_rows(&segment, shape, def);
        }
        Some(segment)
    }

    /// True if not only the newest facts of the log count for a table.
    pub fn doubts(&self, table: TableId) -> bool {
        self.doubtful || self.doubtful_tables.contains(&table)
    }

    fn list_segments(&mut self, state: &State, present: &[String], losses: &mut Vec<Loss>) {
        for segment in state.segments.values() {
            let meta = &segment.meta;
            let created = (meta.created_min, meta.created_max);
            let ends = Some((meta.min_key.clone(), meta.max_key.clone()));
            let piece = Piece {
                table: segment.table,
                rows: meta.rows,
                created,
                deleted: RowSet::new(),
                types: None,
                ends,
                missing: false,
            };
            self.add(meta.id, piece, losses);
        }
        if !self.doubtful {
            return;
        }
        let unnamed =
            present.iter().filter(|name| name.ends_with(".seg")).filter_map(|name| files::number(name));
        for id in unnamed.filter(|id| !state.segments.contains_key(id)) {
            let newest = self.pieces.range(..id).map(|(_, piece)| piece.created.1).max().unwrap_or(0);
            match self.describe(id) {
                Ok(found) => {
                    // A transaction wrote it before it had an lsn: not before what older files hold.
                    let created = if found.created == (0, 0) { (newest, newest) } else { found.created };
                    let types = Some(found.types);
                    let deleted = RowSet::new();
                    self.pieces.insert(
                        id,
                        Piece {
                            table: found.table,
                            rows: found.rows,
                            created,
                            deleted,
                            types,
                            ends: None,
                            missing: false,
                        },
                    );
                }
                Err(e) => losses.push(Loss::of(e).because("nothing says which table its rows belong to")),
            }
        }
    }

    fn describe(&self, id: u32) -> Result<crate::segment::cold::Described> {
        let (disk, path) = (Arc::clone(&self.world.disk), files::segment(self.dir, id));
        ColdSegment::describe(disk, path, id, Arc::clone(&self.cache))
    }

    fn add(&mut self, id: u32, mut piece: Piece, losses: &mut Vec<Loss>) {
        match self.describe(id) {
            Ok(found) if found.rows == piece.rows => piece.types = Some(found.types),
            Ok(_) => {
                let path = files::segment(self.dir, id);
                losses.push(Loss::of(Error::corrupt(
                    &path,
                    0,
                    "the file holds another segment than it should",
                )));
                return;
            }
            Err(e) if e.code() == state::UNDEFINED_FILE.0 => {
                piece.missing = true;
            }
            Err(e) => losses.push(Loss::of(e).because("its pages are read without it")),
        }
        self.pieces.insert(id, piece);
    }

    fn read_log(&mut self, state: &State, losses: &mut Vec<Loss>) -> Result<()> {
        let disk = &*self.world.disk;
        let folder = self.dir.join(LOG_FOLDER);
        let known = (state.identity != 0).then_some(state.identity as u32);
        let Some(salt) = known.or_else(|| log::find_salt(disk, &folder)) else {
            let message =
                "the log cannot be read: the manifest's number that its checksums begin with is lost";
            losses.push(Loss::of(Error::new(state::DATA_CORRUPTED, message)));
            self.log_damaged = true;
            return Ok(());
        };
        let floor = (!self.doubtful).then_some(state.log_floor);
        let mut records = Vec::new();
        let mut damaged = false;
        let mut keep = |record: Record| {
            records.push(record);
            Ok(())
        };
        log::salvage(disk, &folder, salt, floor, &mut keep, &mut |e| {
            damaged = true;
            losses.push(Loss::of(e).because("what its transactions changed is lost"));
        })?;
        self.records = records;
        self.log_damaged = damaged;
        for (lsn, change) in self.changes(&|_| Some(RowsOf::default()), true, losses) {
            for file in change.attached {
                if self.pieces.contains_key(&file.file) && !self.doubtful {
                    continue;
                }
                let deleted = file.marks.iter().copied().collect();
                let ends = Some((file.min_key, file.max_key));
                let piece = Piece {
                    table: change.table,
                    rows: file.rows,
                    created: (lsn, lsn),
                    deleted,
                    types: None,
                    ends,
                    missing: false,
                };
                self.add(file.file, piece, losses);
            }
        }
        Ok(())
    }

    /// What the log's records change in tables whose types are known; only above where a table is flushed, unless what is
    /// flushed is in doubt. `attached`: only the segments that they name.
    pub fn changes(
        &self,
        rows: &dyn Fn(TableId) -> Option<RowsOf>,
        attached: bool,
        losses: &mut Vec<Loss>,
    ) -> Vec<(Lsn, TableChange)> {
        let mut changes = Vec::new();
        for record in &self.records {
            let mut read = || -> Result<()> {
                let mut reader = ChangeReader::new(&record.body)?;
                loop {
                    let wanted = |table| {
                        let flushed = self.flushed.get(&table).copied().unwrap_or(0);
                        Ok(rows(table).filter(|_| self.doubts(table) || record.lsn > flushed))
                    };
                    let next = if attached { reader.next_attached()? } else { reader.next(wanted)? };
                    let Some(change) = next else { return Ok(()) };
                    let flushed = |table| self.flushed.get(&table).copied().unwrap_or(0);
                    let due = |c: &TableChange| self.doubts(c.table) || record.lsn > flushed(c.table);
                    changes.extend(change.filter(due).map(|change| (record.lsn, change)));
                }
            };
            if let Err(e) = read() {
                losses.push(Loss::of(e));
            }
        }
        changes
    }

    /// Hands over the keys of a file that a record names, as far as they can be read; false if some may be lost.
    pub fn keys(&self, range: &KeyRange, losses: &mut Vec<Loss>, each: &mut dyn FnMut(Key)) -> bool {
        let path = files::keys(self.dir, range.file);
        let read = read_keys(&*self.world.disk, &path, range.keys, &mut |key| {
            each(Key(key.into()));
            Ok(())
        });
        match read {
            Ok(()) => true,
            // Flushed, perhaps: then marks say the same.
            Err(e) if e.code() == state::UNDEFINED_FILE.0 && self.doubtful => true,
            Err(e) => {
                losses.push(Loss::of(e).because("rows that it says are deleted may have come back"));
                false
            }
        }
    }

    fn read_marks(&mut self, state: &State, present: &[String], losses: &mut Vec<Loss>) {
        let disk = &*self.world.disk;
        let runs = state.marks.keys().map(|&file| files::marks(self.dir, file));
        let own = state.segments.values().filter(|s| s.meta.deletes > 0);
        let own = own.map(|s| files::deletes(self.dir, s.meta.id, s.meta.deletes));
        let named = runs.chain(own).filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let mut wanted: BTreeSet<String> = named.collect();
        if self.doubtful {
            let marks = |name: &&String| name.ends_with(".marks") || name.ends_with(".del");
            wanted.extend(present.iter().filter(marks).cloned());
        }
        let mut entries: Vec<MarkEntry> = Vec::new();
        for name in wanted {
            let path = self.dir.join(files::FOLDER).join(&name);
            match read_marks(disk, &path) {
                Ok(read) => entries.extend(read),
                Err(e) if e.code() == state::UNDEFINED_FILE.0 && self.doubtful => {}
                Err(e) => {
                    losses.push(Loss::of(e).because("rows that it says are deleted may have come back"));
                    entries.extend(salvage_marks(disk, &path, &|id| self.pieces.contains_key(&id)));
                    match files::number(&name).and_then(|id| self.pieces.get(&id)) {
                        Some(piece) if name.ends_with(".del") => _ = self.doubtful_tables.insert(piece.table),
                        _ => self.doubtful = true,
                    }
                }
            }
        }
        for entry in entries {
            if let Some(piece) = self.pieces.get_mut(&entry.segment) {
                piece.deleted.union_with(&entry.rows);
            }
        }
    }

    /// What the segments of a table cost whose files are gone.
    pub fn missing(&self, table: TableId) -> Vec<Loss> {
        let gone = self.of(table).filter(|(_, piece)| piece.missing);
        let loss = |(id, piece): (u32, &Piece)| {
            let loss = Loss::of(Error::corrupt(&files::segment(self.dir, id), 0, "the file is missing"));
            match self.doubtful {
                true => loss.because("perhaps it was merged, and what the manifest says of that is damaged"),
                false => loss.rows(table, u64::from(piece.rows).saturating_sub(piece.deleted.len())),
            }
        };
        gone.map(loss).collect()
    }

    /// The pieces of a table, by number.
    pub fn of(&self, table: TableId) -> impl Iterator<Item = (u32, &Piece)> {
        self.pieces.iter().filter(move |(_, piece)| piece.table == table).map(|(&id, piece)| (id, piece))
    }

    /// Tables that own a segment or are changed in the log, the catalog's own apart.
    pub fn owners(&self) -> FxHashMap<TableId, Option<Vec<Type>>> {
        let mut owners: FxHashMap<TableId, Option<Vec<Type>>> = FxHashMap::default();
        for piece in self.pieces.values().filter(|piece| piece.table >= catalog::FIRST_USER_TABLE) {
            let types = owners.entry(piece.table).or_default();
            *types = types.take().or_else(|| piece.types.clone());
        }
        owners
    }
}
