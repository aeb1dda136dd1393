//! Which blob files there are, who names them, and which can take more.

use super::write::{TextCheck, ValueWriter};
use super::{FOLDER, HEADER, MAGIC, VERSION, read, stored_len};
use crate::error::{Error, Result};
use crate::map::SortedMap;
use crate::value::blob::{BlobStore, LARGE, Reference, SLICE, unreadable};
use crate::value::{Column, Type};
use crate::world::sync::Mutex;
use crate::world::sync::atomic::{AtomicU64, Ordering};
use crate::world::{Disk, Entry, File, OpenMode, mutation};
use rustc_hash::FxHashSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Dead bytes of so many files are borne before living values are moved out of mostly dead ones.
const DEAD_FILES: u64 = 4;

/// Files that someone names, and how many bytes of each.
pub type Summary = Vec<(u32, u64)>;

/// `blob/0000000012.blob`
pub fn blob_file(dir: &Path, number: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("{number:010}.blob"))
}

/// All blob files of an open database. Thread-safe.
pub struct BlobFiles {
    disk: Arc<dyn Disk>,
    dir: PathBuf,
    file_size: u64,
    state: Mutex<State>,
    /// The file that was read last.
    opened: Mutex<Option<(u32, Arc<dyn File>)>>,
    written: AtomicU64,
}

#[derive(Default)]
struct State {
    files: SortedMap<u32, Known>,
    /// Files that can take more and that nobody is writing to.
    idle: Vec<Writable>,
    /// Files that nobody names any more.
    dead: Vec<u32>,
    /// True once the folder is there.
    folder: bool,
}

#[derive(Default)]
struct Known {
    holders: u32,
    named: u64,
    size: u64,
    /// How far it is synced, and whether its name is; for files of this process.
    synced: u64,
    name_synced: bool,
    handle: Option<Arc<dyn File>>,
    /// Someone writes to it.
    writing: bool,
}

/// A file that takes more.
pub(super) struct Writable {
    pub(super) number: u32,
    pub(super) path: PathBuf,
    pub(super) handle: Arc<dyn File>,
    /// Where the next value begins.
    pub(super) end: u64,
}

impl BlobFiles {
    /// Of the database in `dir`. A file that has reached `file_size` bytes takes no more.
    pub fn new(disk: Arc<dyn Disk>, dir: &Path, file_size: u64) -> Self {
        BlobFiles {
            disk,
            dir: dir.to_path_buf(),
            file_size,
            state: Mutex::default(),
            opened: Mutex::default(),
            written: AtomicU64::new(0),
        }
    }

    /// Bytes after which a file takes no more.
    pub fn file_size(&self) -> u64 {
        self.file_size
    }

    /// Bytes written since the database was opened.
    pub fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
    }

    /// Bytes of all files, and how many of them somebody names.
    pub fn sizes(&self) -> (u64, u64) {
        let state = self.state.lock();
        state.files.values().fold((0, 0), |(size, named), f| (size + f.size, named + f.named.min(f.size)))
    }

    /// Writes bytes as a large value; `uses` holds its file from then on. Not synced yet.
    pub fn write(&self, bytes: &[u8], uses: &Uses, number: &dyn Fn() -> u32) -> Result<Reference> {
        self.write_value(uses, number, &mut |value| value.write(bytes))
    }

    /// Writes what a reader delivers as a large value, or gives its bytes back where they are few.
    pub fn write_from(
        &self,
        ty: Type,
        reader: &mut dyn Read,
        uses: &Uses,
        number: &dyn Fn() -> u32,
    ) -> Result<std::result::Result<Reference, Vec<u8>>> {
        let mut check = ty.is_text().then(TextCheck::default);
        let mut head = Vec::new();
        reader.take(LARGE as u64).read_to_end(&mut head).map_err(|e| unreadable(&e))?;
        if let Some(check) = &mut check {
            check.add(&head)?;
        }
        if head.len() < LARGE && !Reference::is(&head) {
            check.map_or(Ok(()), |check| check.finish())?;
            return Ok(Err(head));
        }
        let mut slice = vec![0; SLICE];
        let reference = self.write_value(uses, number, &mut |value| {
            value.write(&head)?;
            loop {
                let n = match reader.read(&mut slice) {
                    Ok(0) => break,
                    Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
                    n => n.map_err(|e| unreadable(&e))?,
                };
                let read = slice.get(..n).unwrap_or_default();
                if let Some(check) = &mut check {
                    check.add(read)?;
                }
                value.write(read)?;
            }
            check.as_ref().map_or(Ok(()), TextCheck::finish)
        })?;
        Ok(Ok(reference))
    }

    fn write_value(
        &self,
        uses: &Uses,
        number: &dyn Fn() -> u32,
        fill: &mut dyn FnMut(&mut ValueWriter<'_>) -> Result<()>,
    ) -> Result<Reference> {
        let mut file = self.take_file(number)?;
        let start = file.end;
        let done = {
            let mut value = ValueWriter::new(&mut file);
            fill(&mut value).and_then(|()| value.finish())
        };
        self.written.fetch_add(file.end - start, Ordering::Relaxed);
        match &done {
            Ok(reference) => uses.add(reference.file, stored_len(reference.len)),
            // What was written of it is nobody's. Where it cannot be cut off the next value lies behind it.
            Err(_) => {
                if file.handle.set_len(start).is_ok() {
                    file.end = start;
                }
            }
        }
        self.lay_back(file);
        done
    }

    fn take_file(&self, number: &dyn Fn() -> u32) -> Result<Writable> {
        let made = {
            let mut state = self.state.lock();
            if let Some(file) = state.idle.pop() {
                state.files.or_default(file.number).writing = true;
                return Ok(file);
            }
            state.folder
        };
        if !made {
            let folder = self.dir.join(FOLDER);
            self.disk.create_dir(&folder).map_err(|e| Error::io("create", &folder, &e))?;
            self.state.lock().folder = true;
        }
        let number = number();
        let path = blob_file(&self.dir, number);
        let handle =
            self.disk.open(&path, OpenMode::CreateNew).map_err(|e| Error::io("create", &path, &e))?;
        let mut header = Vec::with_capacity(HEADER);
        header.extend_from_slice(&MAGIC);
        header.push(VERSION);
        header.extend_from_slice(&number.to_le_bytes());
        header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
        if let Err(e) = handle.write_at(&header, 0) {
            let _ = self.disk.remove(&path);
            return Err(Error::io("write", &path, &e));
        }
        let end = HEADER as u64;
        let known = Known { size: end, handle: Some(Arc::clone(&handle)), writing: true, ..Known::default() };
        self.state.lock().files.insert(number, known);
        Ok(Writable { number, path, handle, end })
    }

    /// A writer is done with a file.
    fn lay_back(&self, file: Writable) {
        let mut state = self.state.lock();
        let Some(known) = state.files.get_mut(&file.number) else { return };
        known.size = file.end;
        known.writing = false;
        let (number, unused) = (file.number, known.holders == 0);
        if file.end < self.file_size && !unused {
            state.idle.push(file);
        }
        if unused {
            state.bury(number);
        }
    }

    /// Makes what was written to these files durable, and their names. After an error nobody knows what the device has.
    pub fn sync(&self, files: &FxHashSet<u32>) -> Result<()> {
        let mut names = false;
        for &number in files {
            let (handle, end) = {
                let state = self.state.lock();
                let Some(known) = state.files.get(&number) else { continue };
                names |= !known.name_synced;
                match &known.handle {
                    Some(handle) if known.synced < known.size => (Arc::clone(handle), known.size),
                    _ => continue,
                }
            };
            if !mutation("unsynced_blob") {
                let path = blob_file(&self.dir, number);
                handle.sync().map_err(|e| Error::io("sync", &path, &e))?;
            }
            let mut state = self.state.lock();
            let open = state.idle.iter().any(|file| file.number == number);
            if let Some(known) = state.files.get_mut(&number) {
                known.synced = known.synced.max(end);
                if known.synced >= known.size && !open && !known.writing {
                    known.handle = None;
                }
            }
        }
        if names {
            let folder = self.dir.join(FOLDER);
            self.disk.sync_dir(&folder).map_err(|e| Error::io("sync", &folder, &e))?;
            let mut state = self.state.lock();
            for number in files {
                if let Some(known) = state.files.get_mut(number) {
                    known.name_synced = true;
                }
            }
        }
        Ok(())
    }

    /// Files most of whose bytes nobody names, where such bytes add up to more than is borne.
    pub fn sparse(&self) -> FxHashSet<u32> {
        let state = self.state.lock();
        let (mut size, mut named) = (0, 0);
        for file in state.files.values() {
            size += file.size;
            named += file.named.min(file.size);
        }
        if size - named <= (named / 2).max(DEAD_FILES * self.file_size) {
            return FxHashSet::default();
        }
        let open = |number: u32| state.idle.iter().any(|file| file.number == number);
        let sparse = state.files.iter().filter(|(n, f)| !f.writing && f.named < f.size / 2 && !open(**n));
        sparse.map(|(&number, _)| number).collect()
    }

    /// Files that nobody names any more since this was asked last, for removal.
    pub fn take_dead(&self) -> Vec<PathBuf> {
        let dead = std::mem::take(&mut self.state.lock().dead);
        let mut opened = self.opened.lock();
        if opened.as_ref().is_some_and(|(number, _)| dead.contains(number)) {
            *opened = None;
        }
        dead.into_iter().map(|number| blob_file(&self.dir, number)).collect()
    }

    /// At open: learns the sizes of the files that are there; those that nobody names.
    pub fn survey(&self, present: &[Entry]) -> Vec<PathBuf> {
        let mut state = self.state.lock();
        state.folder = true;
        let mut unnamed = Vec::new();
        for entry in present {
            let number = entry.name.strip_suffix(".blob").and_then(|n| n.parse::<u32>().ok());
            match number.and_then(|number| state.files.get_mut(&number)) {
                Some(known) => known.size = entry.len,
                None => unnamed.push(self.dir.join(FOLDER).join(&entry.name)),
            }
        }
        unnamed
    }

    fn opened(&self, number: u32) -> Result<Arc<dyn File>> {
        let known = self.opened.lock().clone();
        if let Some((_, file)) = known.filter(|(of, _)| *of == number) {
            return Ok(file);
        }
        let file = read::open(&*self.disk, &blob_file(&self.dir, number), number)?;
        *self.opened.lock() = Some((number, Arc::clone(&file)));
        Ok(file)
    }
}

impl BlobStore for BlobFiles {
    fn read(&self, reference: &Reference, at: u64, out: &mut Vec<u8>, crc: &mut u32) -> Result<()> {
        let file = self.opened(reference.file)?;
        read::read(&*file, &blob_file(&self.dir, reference.file), reference, at, out, crc)
    }
}

impl State {
    fn bury(&mut self, number: u32) {
        self.files.remove(&number);
        self.idle.retain(|file| file.number != number);
        self.dead.push(number);
    }

    fn release(&mut self, number: u32, bytes: u64) {
        let Some(known) = self.files.get_mut(&number) else { return };
        known.holders = known.holders.saturating_sub(1);
        known.named = known.named.saturating_sub(bytes);
        if known.holders == 0 && !known.writing {
            self.bury(number);
        }
    }
}

/// The files that somebody names: they stay until this is dropped.
pub struct Uses {
    files: Arc<BlobFiles>,
    named: Mutex<SortedMap<u32, u64>>,
}

impl Uses {
    /// None yet.
    pub fn new(files: &Arc<BlobFiles>) -> Self {
        Uses { files: Arc::clone(files), named: Mutex::default() }
    }

    /// These.
    pub fn of(files: &Arc<BlobFiles>, named: &[(u32, u64)]) -> Self {
        let uses = Uses::new(files);
        named.iter().for_each(|&(file, bytes)| uses.add(file, bytes));
        uses
    }

    /// The same once more.
    pub fn again(&self) -> Self {
        Uses::of(&self.files, &self.list())
    }

    /// Names so many bytes more of a file.
    pub fn add(&self, file: u32, bytes: u64) {
        let mut named = self.named.lock();
        let mut state = self.files.state.lock();
        let known = state.files.or_default(file);
        known.named += bytes;
        let mine = named.or_insert_with(file, || {
            known.holders += 1;
            0
        });
        *mine += bytes;
    }

    /// Names what the references in stored columns name; the greatest number of a file among them.
    pub fn add_columns(&self, columns: &[Column]) -> Option<u32> {
        let mut newest = None;
        for column in columns {
            for reference in column.references().into_iter().filter_map(|(_, r)| r.ok()) {
                self.add(reference.file, stored_len(reference.len));
                newest = newest.max(Some(reference.file));
            }
        }
        newest
    }

    /// What is named.
    pub fn list(&self) -> Summary {
        self.named.lock().iter().map(|(&file, &bytes)| (file, bytes)).collect()
    }

    /// True if one of these is named.
    pub fn names_any(&self, files: &FxHashSet<u32>) -> bool {
        !files.is_empty() && self.named.lock().keys().any(|file| files.contains(file))
    }

    /// True if nothing is named.
    pub fn is_empty(&self) -> bool {
        self.named.lock().is_empty()
    }

    /// Bytes that are named.
    pub fn bytes(&self) -> u64 {
        self.named.lock().values().sum()
    }
}

impl Drop for Uses {
    fn drop(&mut self) {
        let named = std::mem::take(&mut *self.named.lock());
        if named.is_empty() {
            return;
        }
        let mut state = self.files.state.lock();
        named.into_iter().for_each(|(file, bytes)| state.release(file, bytes));
    }
}

/// Adds up what stored columns name.
#[derive(Default)]
pub struct Tally(SortedMap<u32, u64>);

impl Tally {
    /// Takes columns in.
    pub fn add(&mut self, columns: &[Column]) {
        for column in columns {
            for reference in column.references().into_iter().filter_map(|(_, r)| r.ok()) {
                *self.0.or_default(reference.file) += stored_len(reference.len);
            }
        }
    }

    /// The sum.
    pub fn finish(self) -> Summary {
        self.0.into_iter().collect()
    }
}
