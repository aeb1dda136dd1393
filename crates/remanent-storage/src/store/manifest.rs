//! The manifest: which files the database consists of, as a log of edits.
//!
//! # Model
//!
//! The file `MANIFEST` holds local physical facts only (segments, marks, floors); tables and columns
//! are rows of the catalog. It is a header and then *frames*. One frame is one list of [`Edit`]s that happen together or
//! not at all; [`Manifest::commit`] appends it with one write and one sync. Folding all edits in order
//! ([`State::apply`]) gives the [`State`]. When most of the file is about things that are gone, it is written anew as
//! `MANIFEST.new`, one frame that says it all, and renamed over the old one.
//!
//! # Format
//!
//! Little-endian. The header, 16 bytes:
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 8 | magic `REMANENT` |
//! | 8 | 1 | version, 1 |
//! | 9 | 3 | zero |
//! | 12 | 4 | CRC-32C of bytes 0..12 |
//!
//! A frame, 16 bytes and its edits:
//!
//! | offset | size | field |
//! |---:|---:|---|
//! | 0 | 4 | length of the edits in bytes |
//! | 4 | 4 | chain: CRC of the frame before, or of the header |
//! | 8 | 4 | CRC-32C of the edits |
//! | 12 | 4 | CRC-32C of bytes 0..12 |
//!
//! An edit is its tag (1 byte, see [`Edit`]), the length of its fields, and its fields in the order of their
//! declaration. Numbers are varints, signed ones zigzag; a list is its length, then its items
//! (module [`bytes`](crate::value::bytes)).
//!
//! Worked example: a new database whose epoch is 1 (`tests/manifest_suite/main.rs` holds the manifest to it):
//!
//! ```text
//! 00  52 45 4d 41 4e 45 4e 54  01 00 00 00 f6 ce dd ee   REMANENT, version 1
//! 10  03 00 00 00 f6 ce dd ee  b5 14 bd 1c e3 e4 3c 22   3 bytes of edits, behind the header
//! 20  09 01 01                                           Epoch { epoch: 1 }
//! ```
//!
//! # What ends it
//!
//! A commit is acknowledged after its sync and the next begins after that, so a crash can tear the last frame only:
//! it is cut. A bad frame with a valid one anywhere behind it is damage (design rule 5), an error with its
//! offset; so is a bad first frame, because `MANIFEST` gets its name after that frame is durable.
//!
//! # Not guaranteed
//!
//! Damage in the very last frame looks like a crash, and the frame is cut: its edits are undone together. An empty
//! commit at close ([`Manifest::commit`] of `[]`) moves every edit before the last frame. Files that no state names
//! are the caller's to remove at open.
//!
//! A failed sync poisons (design rule 4), except that of a new file which is then thrown away: nothing relies on it.

use crate::error::{Error, Result, state};
use crate::map::SortedMap;
use crate::value::bytes::{Reader, put_bytes, put_varint, unzigzag, zigzag};
use crate::world::sync::{Condvar, Mutex, MutexGuard};
use crate::world::{Disk, File, OpenMode, join};
use crate::{Epoch, Lsn};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file's name.
pub const FILE_NAME: &str = "MANIFEST";
const NEW_FILE_NAME: &str = "MANIFEST.new";

const MAGIC: [u8; 8] = *b"REMANENT";
const VERSION: u8 = 1;
pub(super) const HEADER: usize = 16;
pub(super) const FRAME: usize = 16;
const _: () = assert!(HEADER == 8 + 1 + 3 + 4 && FRAME == 4 * 4);

/// Below this the file is not worth writing anew.
const REWRITE_MIN: u64 = 64 << 10;

/// One cold segment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SegmentMeta {
    /// Its number, and its file's.
    pub id: u32,
    /// How many rows it holds, deleted ones included.
    pub rows: u32,
    /// The size of its file.
    pub bytes: u64,
    /// The lowest lsn that created a row in it.
    pub created_min: Lsn,
    /// The highest.
    pub created_max: Lsn,
    /// How often its rows were merged.
    pub level: u8,
    /// The lowest key in it.
    pub min_key: Vec<u8>,
    /// The highest.
    pub max_key: Vec<u8>,
    /// The indexes that have a part file for it.
    pub parts: Vec<u32>,
    /// The generation of its file of delete marks; 0: it has none.
    pub deletes: u32,
    /// The files with large values that its rows name, and how many bytes of each. Written where there are any.
    pub blobs: Vec<(u32, u64)>,
}

/// One change of what the database consists of. The numbers are the persisted tags: do not renumber.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(u8)]
pub enum Edit {
    /// A table has one segment more.
    AddSegment {
        /// The table.
        table: u32,
        /// The segment.
        segment: SegmentMeta,
    } = 1,
    /// A segment is gone.
    RemoveSegment {
        /// Its number.
        segment: u32,
    } = 2,
    /// A segment's delete marks are in a new file.
    SetDeletes {
        /// The segment.
        segment: u32,
        /// The file's generation.
        generation: u32,
    } = 3,
    /// There is one more file of recent marks.
    AddMarks {
        /// Its number.
        file: u32,
        /// Its size.
        bytes: u64,
    } = 4,
    /// A file of recent marks is gone.
    RemoveMarks {
        /// Its number.
        file: u32,
    } = 5,
    /// All changes to a table up to an lsn are in its segments and marks.
    Flushed {
        /// The table.
        table: u32,
        /// The lsn.
        lsn: Lsn,
    } = 6,
    /// A table and all its segments are gone.
    DropTable {
        /// The table.
        table: u32,
    } = 7,
    /// Nothing needs the log up to here any more.
    LogFloor {
        /// The last record that is not needed.
        lsn: Lsn,
    } = 8,
    /// A life of the database begins.
    Epoch {
        /// Its number.
        epoch: Epoch,
    } = 9,
    /// Files below this number are taken.
    NextFile {
        /// The next number to give.
        id: u32,
    } = 10,
    /// Hidden keys below this number are taken.
    NextRowId {
        /// The table.
        table: u32,
        /// The next key to give.
        id: i64,
    } = 11,
    /// The number that tells this database from all others; made once, at random.
    Identity {
        /// The number.
        id: u64,
    } = 12,
    /// How many bytes were ever written to files, in the order of `world::meter::Written::each`.
    Written {
        /// The counts.
        bytes: Vec<u64>,
    } = 13,
    /// A segment has parts of other indexes than before.
    SetParts {
        /// The segment.
        segment: u32,
        /// The indexes that have a part file for it.
        parts: Vec<u32>,
    } = 14,
}

impl Edit {
    fn encode(&self, out: &mut Vec<u8>) {
        let mut fields = Vec::new();
        let mut put = |v: u64| put_varint(&mut fields, v);
        let tag = match self {
            Edit::AddSegment { table, segment } => {
                put(u64::from(*table));
                segment.encode(&mut fields);
                1
            }
            Edit::RemoveSegment { segment } => {
                put(u64::from(*segment));
                2
            }
            Edit::SetDeletes { segment, generation } => {
                put(u64::from(*segment));
                put(u64::from(*generation));
                3
            }
            Edit::AddMarks { file, bytes } => {
                put(u64::from(*file));
                put(*bytes);
                4
            }
            Edit::RemoveMarks { file } => {
                put(u64::from(*file));
                5
            }
            Edit::Flushed { table, lsn } => {
                put(u64::from(*table));
                put(*lsn);
                6
            }
            Edit::DropTable { table } => {
                put(u64::from(*table));
                7
            }
            Edit::LogFloor { lsn } => {
                put(*lsn);
                8
            }
            Edit::Epoch { epoch } => {
                put(*epoch);
                9
            }
            Edit::NextFile { id } => {
                put(u64::from(*id));
                10
            }
            Edit::NextRowId { table, id } => {
                put(u64::from(*table));
                put(zigzag(*id));
                11
            }
            Edit::Identity { id } => {
                put(*id);
                12
            }
            Edit::Written { bytes } => {
                put(bytes.len() as u64);
                bytes.iter().for_each(|&bytes| put(bytes));
                13
            }
            Edit::SetParts { segment, parts } => {
                put(u64::from(*segment));
                put(parts.len() as u64);
                parts.iter().for_each(|&part| put(u64::from(part)));
                14
            }
        };
        out.push(tag);
        put_bytes(out, &fields);
    }

    pub(super) fn decode(r: &mut Reader<'_>) -> Result<Edit> {
        let tag = r.u8()?;
        let r = &mut Reader::new(r.bytes()?);
        let edit = match tag {
            1 => Edit::AddSegment { table: small(r)?, segment: SegmentMeta::decode(r)? },
            2 => Edit::RemoveSegment { segment: small(r)? },
            3 => Edit::SetDeletes { segment: small(r)?, generation: small(r)? },
            4 => Edit::AddMarks { file: small(r)?, bytes: r.varint()? },
            5 => Edit::RemoveMarks { file: small(r)? },
            6 => Edit::Flushed { table: small(r)?, lsn: r.varint()? },
            7 => Edit::DropTable { table: small(r)? },
            8 => Edit::LogFloor { lsn: r.varint()? },
            9 => Edit::Epoch { epoch: r.varint()? },
            10 => Edit::NextFile { id: small(r)? },
            11 => Edit::NextRowId { table: small(r)?, id: unzigzag(r.varint()?) },
            12 => Edit::Identity { id: r.varint()? },
            13 => Edit::Written { bytes: (0..r.count(1)?).map(|_| r.varint()).collect::<Result<_>>()? },
            14 => Edit::SetParts {
                segment: small(r)?,
                parts: (0..r.count(1)?).map(|_| small(r)).collect::<Result<_>>()?,
            },
            _ => return Err(r.corrupt(format_args!("there is no edit of kind {tag}"))),
        };
        r.finish()?;
        Ok(edit)
    }
}

/// A varint that fits 32 bits.
fn small(r: &mut Reader<'_>) -> Result<u32> {
    let v = r.varint()?;
    u32::try_from(v).map_err(|_| r.corrupt(format_args!("{v} is too large")))
}

impl SegmentMeta {
    fn encode(&self, out: &mut Vec<u8>) {
        for v in [u64::from(self.id), u64::from(self.rows), self.bytes, self.created_min, self.created_max] {
            put_varint(out, v);
        }
        out.push(self.level);
        put_bytes(out, &self.min_key);
        put_bytes(out, &self.max_key);
        put_varint(out, self.parts.len() as u64);
        for part in &self.parts {
            put_varint(out, u64::from(*part));
        }
        put_varint(out, u64::from(self.deletes));
        if self.blobs.is_empty() {
            return;
        }
        put_varint(out, self.blobs.len() as u64);
        for (file, bytes) in &self.blobs {
            put_varint(out, u64::from(*file));
            put_varint(out, *bytes);
        }
    }

    fn decode(r: &mut Reader<'_>) -> Result<SegmentMeta> {
        Ok(SegmentMeta {
            id: small(r)?,
            rows: small(r)?,
            bytes: r.varint()?,
            created_min: r.varint()?,
            created_max: r.varint()?,
            level: r.u8()?,
            min_key: r.bytes()?.to_vec(),
            max_key: r.bytes()?.to_vec(),
            parts: (0..r.count(1)?).map(|_| small(r)).collect::<Result<_>>()?,
            deletes: small(r)?,
            blobs: match r.is_empty() {
                true => Vec::new(),
                false => (0..r.count(2)?).map(|_| Ok((small(r)?, r.varint()?))).collect::<Result<_>>()?,
            },
        })
    }
}

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

/// The manifest of an open database. Thread-safe; commits are done one after the other.
pub struct Manifest {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    path: PathBuf,
    shared: Mutex<Shared>,
    free: Condvar,
}

struct Shared {
    state: State,
    poison: Option<Error>,
    /// None while a thread commits; no lock is held meanwhile (design rule 10).
    writer: Option<Writer>,
}

struct Writer {
    file: Arc<dyn File>,
    /// Where the next frame goes: the end of the file.
    end: u64,
    /// CRC of the last frame's header.
    chain: u32,
    /// When the file is longer than this, it may be worth writing anew.
    look: u64,
}

impl Manifest {
    /// Makes the manifest of a new database; durable when it returns. 58P02 if there is one.
    pub fn create(disk: &Arc<dyn Disk>, dir: &Path, edits: &[Edit]) -> Result<Manifest> {
        let path = join(dir, FILE_NAME);
        if disk.exists(&path).map_err(|e| Error::io("look for", &path, &e))? {
            let message = format!("\"{}\" is a database already", dir.display());
            return Err(Error::new(state::DUPLICATE_FILE, message));
        }
        let mut state = State::default();
        edits.iter().try_for_each(|edit| state.apply(edit))?;
        let writer = write_new(&**disk, dir, edits)?;
        install_new(&**disk, dir)?;
        Ok(Manifest::new(disk, dir, state, writer))
    }

    /// Opens the manifest of an existing database. 3D000: there is none, or the file is something else; 0A000: it is of
    /// a later version; XX001: it is damaged.
    pub fn open(disk: &Arc<dyn Disk>, dir: &Path) -> Result<(Manifest, State)> {
        let path = join(dir, FILE_NAME);
        let file = match disk.open(&path, OpenMode::ReadWrite) {
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(not_a_database(dir)),
            file => file.map_err(|e| Error::io("open", &path, &e))?,
        };
        let new = join(dir, NEW_FILE_NAME);
        if disk.exists(&new).map_err(|e| Error::io("look for", &new, &e))? {
            disk.remove(&new).map_err(|e| Error::io("remove", &new, &e))?;
        }
        let read = read(&*file, dir, &path)?;
        if read.torn {
            file.set_len(read.end).map_err(|e| Error::io("truncate", &path, &e))?;
        }
        // After a crash of the process alone, what was read may not be on the device yet.
        file.sync().map_err(|e| Error::io("sync", &path, &e))?;
        let writer = Writer { file, end: read.end, chain: read.chain, look: REWRITE_MIN };
        Ok((Manifest::new(disk, dir, read.state.clone(), writer), read.state))
    }

    /// One that another process writes, as it stands: every commit is 25006.
    pub fn read_only(disk: &Arc<dyn Disk>, dir: &Path, says: State) -> Manifest {
        let refusal =
            Error::new(state::READ_ONLY_SQL_TRANSACTION, "cannot write: the database is open read-only");
        Manifest {
            disk: disk.clone(),
            dir: dir.to_path_buf(),
            path: join(dir, FILE_NAME),
            shared: Mutex::new(Shared { state: says, poison: Some(refusal), writer: None }),
            free: Condvar::new(),
        }
    }

    fn new(disk: &Arc<dyn Disk>, dir: &Path, state: State, writer: Writer) -> Manifest {
        Manifest {
            disk: disk.clone(),
            dir: dir.to_path_buf(),
            path: join(dir, FILE_NAME),
            shared: Mutex::new(Shared { state, poison: None, writer: Some(writer) }),
            free: Condvar::new(),
        }
    }

    /// What the durable edits add up to.
    pub fn state(&self) -> State {
        self.shared.lock().state.clone()
    }

    /// Makes edits durable, all or none. Contradictory edits are XX000 and change nothing; a failed write changes
    /// nothing; after a failed sync every commit is 58030. An empty list is a mark (see the module).
    pub fn commit(&self, edits: &[Edit]) -> Result<()> {
        let (mut writer, mut state) = self.take_writer()?;
        let mut result = edits.iter().try_for_each(|edit| state.apply(edit));
        let mut poisoned = None;
        if result.is_ok() {
            match self.append(&mut writer, edits) {
                Ok(()) => {}
                Err(Failure::Nothing(e)) => {
                    result = Err(e);
                }
                Err(Failure::Unknown(e)) => poisoned = Some(poison(&e)),
            }
        }
        let committed = result.is_ok() && poisoned.is_none();
        if committed
            && writer.end > writer.look
            && let Err(e) = self.rewrite(&mut writer, &state)
        {
            poisoned = Some(poison(&e));
        }
        let mut shared = self.shared.lock();
        if committed {
            shared.state = state;
        } else if let Some(poison) = &poisoned {
            result = Err(poison.clone());
        }
        shared.poison = poisoned;
        shared.writer = Some(writer);
        self.free.notify_all();
        result
    }

    /// True after a failed sync: nobody knows what is durable.
    pub fn is_poisoned(&self) -> bool {
        self.shared.lock().poison.is_some()
    }

    /// Waits until nobody commits.
    fn take_writer(&self) -> Result<(Writer, State)> {
        let mut shared: MutexGuard<'_, Shared> = self.shared.lock();
        loop {
            if let Some(poison) = &shared.poison {
                return Err(poison.clone());
            }
            match shared.writer.take() {
                Some(writer) => return Ok((writer, shared.state.clone())),
                None => shared = self.free.wait(shared),
            }
        }
    }

    /// Appends a frame and syncs it.
    fn append(&self, writer: &mut Writer, edits: &[Edit]) -> std::result::Result<(), Failure> {
        let (bytes, chain) = frame(edits, writer.chain).map_err(Failure::Nothing)?;
        if let Err(e) = writer.file.write_at(&bytes, writer.end) {
            // What was written of it must never be read: the caller hears that nothing happened.
            let cut = writer.file.set_len(writer.end).and_then(|()| writer.file.sync());
            let failed = Error::io("write to", &self.path, &e);
            return Err(match cut {
                Ok(()) => Failure::Nothing(failed),
                Err(_) => Failure::Unknown(failed),
            });
        }
        writer.file.sync().map_err(|e| Failure::Unknown(Error::io("sync", &self.path, &e)))?;
        writer.end += bytes.len() as u64;
        writer.chain = chain;
        Ok(())
    }

    /// Writes the file anew if most of it is about things that are gone. An error poisons; a new file that cannot
    /// be written does not, the old one is good.
    fn rewrite(&self, writer: &mut Writer, state: &State) -> Result<()> {
        let edits = state.edits();
        let size = (HEADER + FRAME + encode(&edits).len()) as u64;
        writer.look = (2 * size).max(REWRITE_MIN);
        if writer.end <= writer.look {
            return Ok(());
        }
        match write_new(&*self.disk, &self.dir, &edits) {
            Ok(new) => {
                install_new(&*self.disk, &self.dir)?;
                *writer = new;
            }
            Err(_) => {
                let _ = self.disk.remove(&join(&self.dir, NEW_FILE_NAME));
                writer.look = 2 * writer.end;
            }
        }
        Ok(())
    }
}

impl std::fmt::Debug for Manifest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Manifest({})", self.path.display())
    }
}

/// How an append failed.
enum Failure {
    /// The file is as it was.
    Nothing(Error),
    /// Nobody knows what the device has.
    Unknown(Error),
}

fn poison(cause: &Error) -> Error {
    Error::new(state::IO_ERROR, format!("the manifest accepts no more changes: {}", cause.message()))
        .with_detail("A sync failed, so nobody knows what the device has kept. Reads go on.")
        .with_hint("Look after the device, then open the database again.")
}

fn not_a_database(dir: &Path) -> Error {
    Error::new(state::INVALID_CATALOG_NAME, format!("\"{}\" is not a Remanent database", dir.display()))
        .with_hint("A Remanent database is a directory with a MANIFEST that Remanent wrote.")
}

fn encode(edits: &[Edit]) -> Vec<u8> {
    let mut bytes = Vec::new();
    edits.iter().for_each(|edit| edit.encode(&mut bytes));
    bytes
}

/// The file's first bytes, and the chain they begin.
pub(super) fn header() -> ([u8; HEADER], u32) {
    let mut b = [0; HEADER];
    b[..8].copy_from_slice(&MAGIC);
    b[8] = VERSION;
    let crc = crc32c::crc32c(&b[..12]);
    b[12..].copy_from_slice(&crc.to_le_bytes());
    (b, crc)
}

/// A frame's bytes, and the chain behind it.
fn frame(edits: &[Edit], chain: u32) -> Result<(Vec<u8>, u32)> {
    let edits = encode(edits);
    let Ok(len) = u32::try_from(edits.len()) else {
        return Err(Error::internal("one change of the manifest exceeds 4 GB"));
    };
    let mut b = Vec::with_capacity(FRAME + edits.len());
    b.extend_from_slice(&len.to_le_bytes());
    b.extend_from_slice(&chain.to_le_bytes());
    b.extend_from_slice(&crc32c::crc32c(&edits).to_le_bytes());
    let crc = crc32c::crc32c(&b);
    b.extend_from_slice(&crc.to_le_bytes());
    b.extend_from_slice(&edits);
    Ok((b, crc))
}

/// Writes `MANIFEST.new` and syncs it.
fn write_new(disk: &dyn Disk, dir: &Path, edits: &[Edit]) -> Result<Writer> {
    let path = join(dir, NEW_FILE_NAME);
    if disk.exists(&path).map_err(|e| Error::io("look for", &path, &e))? {
        disk.remove(&path).map_err(|e| Error::io("remove", &path, &e))?;
    }
    let (header, chain) = header();
    let (frame, chain) = frame(edits, chain)?;
    let mut bytes = header.to_vec();
    bytes.extend_from_slice(&frame);
    let file = disk.open(&path, OpenMode::CreateNew).map_err(|e| Error::io("create", &path, &e))?;
    file.write_at(&bytes, 0).map_err(|e| Error::io("write to", &path, &e))?;
    file.sync().map_err(|e| Error::io("sync", &path, &e))?;
    let end = bytes.len() as u64;
    Ok(Writer { file, end, chain, look: (2 * end).max(REWRITE_MIN) })
}

/// Puts `MANIFEST.new` in the place of `MANIFEST`.
fn install_new(disk: &dyn Disk, dir: &Path) -> Result<()> {
    let (new, path) = (join(dir, NEW_FILE_NAME), join(dir, FILE_NAME));
    disk.rename(&new, &path).map_err(|e| Error::io("rename", &new, &e))?;
    disk.sync_dir(dir).map_err(|e| Error::io("sync", dir, &e))
}

/// What a manifest file says.
struct Read {
    state: State,
    end: u64,
    chain: u32,
    torn: bool,
    frames: u64,
}

fn read(file: &dyn File, dir: &Path, path: &Path) -> Result<Read> {
    let len = file.len().map_err(|e| Error::io("look at", path, &e))?;
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| not_a_database(dir))?];
    file.read_exact_at(&mut bytes, 0).map_err(|e| Error::io("read", path, &e))?;
    let chain = read_header(&bytes, dir, path)?;
    let mut read = Read { state: State::default(), end: HEADER as u64, chain, torn: false, frames: 0 };
    let mut at = HEADER;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        match read_frame(rest, read.chain) {
            Ok((edits, crc)) => {
                let folded = fold(&mut read.state, edits);
                folded.map_err(|e| Error::corrupt(path, at as u64, e.message()))?;
                at += FRAME + edits.len();
                read.end = at as u64;
                read.chain = crc;
                read.frames += 1;
            }
            Err(reason) => {
                // Only the last frame can be torn.
                if let Some(later) = (1..rest.len()).find(|&i| has_frame(rest.get(i..).unwrap_or_default())) {
                    let later = at + later;
                    let what = format!("{reason}, yet the frame at byte {later} came after it");
                    return Err(Error::corrupt(path, at as u64, what));
                }
                read.torn = true;
                break;
            }
        }
    }
    if read.frames == 0 {
        return Err(Error::corrupt(path, HEADER as u64, "the first list of edits is bad"));
    }
    Ok(read)
}

/// Checks the file's header; returns the chain that it begins.
fn read_header(bytes: &[u8], dir: &Path, path: &Path) -> Result<u32> {
    let Some(found) = bytes.first_chunk::<HEADER>() else { return Err(not_a_database(dir)) };
    let crc = crc32c::crc32c(&found[..12]);
    let (ours, our_crc) = header();
    if *found == ours {
        return Ok(our_crc);
    }
    if found[..8] != MAGIC {
        // A damaged name of ours, or another program's file?
        return Err(match found[8..] == ours[8..] {
            true => Error::corrupt(path, 0, "its first bytes do not name a manifest"),
            false => not_a_database(dir),
        });
    }
    if crc.to_le_bytes() != found[12..] {
        return Err(Error::corrupt(path, 8, "its header does not match its checksum"));
    }
    let message = format!("\"{}\" has format {}, which this version does not know", path.display(), found[8]);
    Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
        .with_hint("Open the database with a newer version of Remanent."))
}

/// The length, the chain, the CRC of the edits and its own CRC, if these bytes begin with a frame's header.
pub(super) fn frame_header(bytes: &[u8]) -> Option<(usize, u32, u32, u32)> {
    let b = bytes.first_chunk::<FRAME>()?;
    let crc = crc32c::crc32c(&b[..12]);
    let mut words = b.chunks_exact(4).map(|w| w.iter().rev().fold(0, |v, &b| v << 8 | u32::from(b)));
    let mut word = || words.next().unwrap_or_default();
    let (len, chain, edits_crc, found) = (word(), word(), word(), word());
    (found == crc).then_some((len as usize, chain, edits_crc, crc))
}

/// The edits of the frame at the beginning of these bytes, and its CRC.
pub(super) fn read_frame(bytes: &[u8], chain: u32) -> std::result::Result<(&[u8], u32), &'static str> {
    let (len, before, edits_crc, crc) =
        frame_header(bytes).ok_or("a frame's header does not match its checksum")?;
    if before != chain {
        return Err("a frame does not follow the one before it");
    }
    let edits = bytes.get(FRAME..).and_then(|b| b.get(..len)).ok_or("a frame is cut short")?;
    match crc32c::crc32c(edits) == edits_crc {
        true => Ok((edits, crc)),
        false => Err("a frame's edits do not match their checksum"),
    }
}

/// True if a whole frame of some chain begins here.
pub(super) fn has_frame(bytes: &[u8]) -> bool {
    frame_header(bytes).is_some_and(|(_, chain, ..)| read_frame(bytes, chain).is_ok())
}

fn fold(state: &mut State, edits: &[u8]) -> Result<()> {
    let mut r = Reader::new(edits);
    while !r.is_empty() {
        state.apply(&Edit::decode(&mut r)?)?;
    }
    Ok(())
}

/// What the manifest says that another process may be writing. What is half written at its end does not count yet.
pub fn peek(disk: &dyn Disk, dir: &Path) -> Result<State> {
    let path = join(dir, FILE_NAME);
    let file = match disk.open(&path, OpenMode::Read) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(not_a_database(dir)),
        file => file.map_err(|e| Error::io("open", &path, &e))?,
    };
    read(&*file, dir, &path).map(|read| read.state)
}

/// Checks the manifest of a database that nobody writes; returns what it says, or reports what is damaged.
/// A torn last frame is not damage.
pub fn verify(disk: &dyn Disk, dir: &Path, report: &mut dyn FnMut(Error)) -> Option<State> {
    let path = join(dir, FILE_NAME);
    let read = match disk.open(&path, OpenMode::Read) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(not_a_database(dir)),
        file => file.map_err(|e| Error::io("open", &path, &e)).and_then(|file| read(&*file, dir, &path)),
    };
    read.map_err(report).ok().map(|read| read.state)
}
