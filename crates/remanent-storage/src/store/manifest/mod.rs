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

mod contents;
mod edit;
mod frame;

pub use contents::{SegmentEntry, State};
pub use edit::{Edit, SegmentMeta};
pub(super) use frame::{FRAME, HEADER, frame_header, has_frame, header, read_frame};

use crate::error::{Error, Result, state};
use crate::world::sync::{Condvar, Mutex, MutexGuard};
use crate::world::{Disk, File, OpenMode, join};
use frame::{encode, frame, not_a_database, read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The file's name.
pub const FILE_NAME: &str = "MANIFEST";
const NEW_FILE_NAME: &str = "MANIFEST.new";

/// Below this the file is not worth writing anew.
const REWRITE_MIN: u64 = 64 << 10;

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
