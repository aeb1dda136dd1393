//! Large values: a text or bytea that lies in a file, or that a reader is going to deliver.
//!
//! # Model
//!
//! ```text
//!   stored column      "seen"   ⟨REMBLOB 4 @16, 1,048,576 bytes, c0ffee00⟩   NULL
//!   Column             the same bytes, and the [`Blobs`] that can read what references name
//!   Column::value(1)   Value::Blob, a handle     Column::loaded()  the bytes themselves
//! ```
//!
//! A [`Reference`] is [`REFERENCE`] bytes in the place of the value. Segments, the log, flush and merge carry it like any
//! other bytes. It cannot be mistaken: whatever looks like one and is none is itself stored as a large value, so a stored
//! value that looks like a reference is one. Outside of the store a column holds references only where its views say so
//! ([`Views::blobs`](super::column::Views)).
//!
//! A [`Blob`] is one such value by itself. It keeps the file that it lies in, so it can be read as long as it lives.
//!
//! ```
//! use remanent_storage::value::blob::Blob;
//! let blob = Blob::from_reader(&b"a camera frame"[..]);
//! assert_eq!(blob.load().unwrap(), b"a camera frame");
//! ```

use super::column::VALUE_MAX;
use super::{Type, Value};
use crate::error::{Error, Result, state};
use crate::world::sync::Mutex;
use std::fmt;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

/// Values of at least so many bytes are large: they go to a file of their own kind, at the price of one more sync for the
/// transaction; a smaller one is cheaper in its row.
pub const LARGE: usize = 8 << 10;

/// Bytes of a reference.
pub const REFERENCE: usize = 46;

/// What a reference begins with.
const MARK: &[u8; 10] = b"\x02REMBLOB:\x03";

/// How much of a value is read at once.
pub const SLICE: usize = 256 << 10;

/// Where a large value lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reference {
    /// The file's number.
    pub file: u32,
    /// Where its first page begins.
    pub offset: u64,
    /// Its bytes.
    pub len: u32,
    /// CRC-32C of the checksums of its pages, 4 bytes each, in order.
    pub crc: u32,
}

impl Reference {
    /// The form in which a column holds it: a mark, then file, offset, length and checksum in hexadecimal. It is ASCII, so
    /// that a column of text may hold it.
    pub fn encode(&self) -> [u8; REFERENCE] {
        let mut out = [0; REFERENCE];
        let text = format!("{:08x}{:012x}{:08x}{:08x}", self.file, self.offset, self.len, self.crc);
        let (mark, rest) = out.split_at_mut(MARK.len());
        mark.copy_from_slice(MARK);
        rest.copy_from_slice(
            text.as_bytes().get(..REFERENCE - MARK.len()).unwrap_or(&[0; REFERENCE - MARK.len()]),
        );
        out
    }

    /// True if stored bytes are a reference.
    #[inline]
    pub fn is(bytes: &[u8]) -> bool {
        bytes.len() == REFERENCE && bytes.starts_with(MARK)
    }

    /// The reference in stored bytes; None where they are an ordinary value. XX001 where it is not whole.
    pub fn decode(bytes: &[u8]) -> Result<Option<Reference>> {
        if !Reference::is(bytes) {
            return Ok(None);
        }
        let field = |from: usize, to: usize| {
            let digits = bytes.get(MARK.len() + from..MARK.len() + to)?;
            u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        let whole = || {
            Some(Reference {
                file: field(0, 8)? as u32,
                offset: field(8, 20)?,
                len: field(20, 28)? as u32,
                crc: field(28, 36)? as u32,
            })
        };
        let broken = || Error::new(state::DATA_CORRUPTED, "a reference to a large value cannot be read");
        whole().map(Some).ok_or_else(broken)
    }
}

/// What reads large values.
pub trait BlobStore: Send + Sync {
    /// Appends to `out` at most [`SLICE`] bytes of a value from byte `at` on, which is a multiple of a page's data, and takes
    /// the checksums of their pages into `crc`. Nothing is appended at its end. Every byte is verified.
    fn read(&self, reference: &Reference, at: u64, out: &mut Vec<u8>, crc: &mut u32) -> Result<()>;
}

/// Something that keeps files from being removed.
pub type Hold = Arc<dyn std::any::Any + Send + Sync>;

/// What can read the references of a column, and what keeps their files.
#[derive(Clone)]
pub struct Blobs {
    store: Arc<dyn BlobStore>,
    holds: Vec<Hold>,
}

impl Blobs {
    /// Of one store; `hold` keeps the files.
    pub fn new(store: Arc<dyn BlobStore>, hold: Hold) -> Self {
        Blobs { store, holds: vec![hold] }
    }

    /// True if both read the same store.
    pub fn same_store(&self, other: &Blobs) -> bool {
        self.is_of(&other.store)
    }

    /// True if it reads that store.
    pub fn is_of(&self, store: &Arc<dyn BlobStore>) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.store), Arc::as_ptr(store))
    }

    /// Keeps what another keeps too.
    pub fn join(&mut self, other: &Blobs) {
        for hold in &other.holds {
            if !self.holds.iter().any(|h| std::ptr::addr_eq(Arc::as_ptr(h), Arc::as_ptr(hold))) {
                self.holds.push(Arc::clone(hold));
            }
        }
    }

    /// All bytes of a value.
    pub fn load(&self, reference: &Reference) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(reference.len as usize);
        let mut crc = 0;
        while bytes.len() < reference.len as usize {
            let at = bytes.len() as u64;
            self.store.read(reference, at, &mut bytes, &mut crc)?;
        }
        check(reference, crc)?;
        Ok(bytes)
    }
}

fn check(reference: &Reference, crc: u32) -> Result<()> {
    match crc == reference.crc {
        true => Ok(()),
        false => Err(Error::new(
            state::DATA_CORRUPTED,
            format!(
                "the large value at offset {} of blob file {} is not the one that its row names",
                reference.offset, reference.file
            ),
        )),
    }
}

impl fmt::Debug for Blobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Blobs")
    }
}

/// A large value by itself: a handle, cheap to clone.
#[derive(Clone)]
pub struct Blob(Arc<Inner>);

struct Inner {
    ty: Type,
    state: Mutex<State>,
}

enum State {
    /// In a file.
    Stored(Blobs, Reference),
    /// Still to come.
    Given(Box<dyn Read + Send>),
    /// It was not large after all.
    Small(Arc<[u8]>),
    /// Someone is reading what was given, or failed to.
    Taken,
}

/// What a blob is, as far as a store wants to know.
pub enum Content {
    /// It lies in a file.
    Stored(Blobs, Reference),
    /// It comes from here. [`Blob::settle`] says what became of it.
    Given(Box<dyn Read + Send>),
    /// These bytes.
    Small(Arc<[u8]>),
}

impl Blob {
    /// A bytea whose bytes a reader delivers when the value is stored: it is never in memory as a whole. The reader is read
    /// once, to its end; an error from it is the statement's.
    pub fn from_reader(reader: impl Read + Send + 'static) -> Self {
        Blob::new(Type::Bytea, State::Given(Box::new(reader)))
    }

    /// As [`from_reader`](Self::from_reader) for a text; that it is UTF-8 is tested on the way (22021).
    pub fn text_from_reader(reader: impl Read + Send + 'static) -> Self {
        Blob::new(Type::Text, State::Given(Box::new(reader)))
    }

    /// One that is stored.
    pub fn stored(ty: Type, blobs: Blobs, reference: Reference) -> Self {
        Blob::new(ty, State::Stored(blobs, reference))
    }

    fn new(ty: Type, state: State) -> Self {
        Blob(Arc::new(Inner { ty, state: Mutex::new(state) }))
    }

    /// text or bytea.
    pub fn ty(&self) -> Type {
        self.0.ty
    }

    /// Its bytes, where that is known before it is read.
    pub fn len(&self) -> Option<u64> {
        match &*self.0.state.lock() {
            State::Stored(_, reference) => Some(reference.len.into()),
            State::Small(bytes) => Some(bytes.len() as u64),
            State::Given(_) | State::Taken => None,
        }
    }

    /// True if it is known to hold nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// What it is. A reader is handed over: until [`settle`](Self::settle) it is nobody else's. 55000 where that has
    /// happened before and failed.
    pub fn take(&self) -> Result<Content> {
        let mut state = self.0.state.lock();
        Ok(match std::mem::replace(&mut *state, State::Taken) {
            State::Stored(blobs, reference) => {
                *state = State::Stored(blobs.clone(), reference);
                Content::Stored(blobs, reference)
            }
            State::Small(bytes) => {
                *state = State::Small(Arc::clone(&bytes));
                Content::Small(bytes)
            }
            State::Given(reader) => Content::Given(reader),
            State::Taken => {
                let message = "the reader of a large value was read before, and failed";
                return Err(Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
                    .with_hint("Give the statement a new one."));
            }
        })
    }

    /// As [`take`](Self::take), but what comes from a reader is read into memory where it is not stored.
    pub fn stored_content(&self) -> Result<Content> {
        match self.take()? {
            given @ Content::Given(_) => {
                self.settle(given);
                Ok(Content::Small(self.load()?.into()))
            }
            other => Ok(other),
        }
    }

    /// Says where the bytes of the reader are now.
    pub fn settle(&self, content: Content) {
        *self.0.state.lock() = match content {
            Content::Stored(blobs, reference) => State::Stored(blobs, reference),
            Content::Small(bytes) => State::Small(bytes),
            Content::Given(reader) => State::Given(reader),
        };
    }

    /// All its bytes.
    pub fn load(&self) -> Result<Vec<u8>> {
        match self.take()? {
            Content::Stored(blobs, reference) => blobs.load(&reference),
            Content::Small(bytes) => Ok(bytes.to_vec()),
            Content::Given(reader) => {
                let mut bytes = Vec::new();
                let most = VALUE_MAX as u64 + 1;
                reader.take(most).read_to_end(&mut bytes).map_err(|e| unreadable(&e))?;
                if bytes.len() > VALUE_MAX {
                    return Err(too_long());
                }
                self.settle(Content::Small(bytes.as_slice().into()));
                Ok(bytes)
            }
        }
    }

    /// The value as a plain one: all of it in memory.
    pub fn value(&self) -> Result<Value> {
        let bytes = self.load()?;
        Ok(match self.0.ty {
            ty if ty.is_text() => Value::Text(String::from_utf8(bytes).map_err(|_| not_text())?),
            _ => Value::Bytea(bytes),
        })
    }

    /// Reads it piece by piece.
    pub fn reader(&self) -> Result<BlobReader> {
        Ok(match self.take()? {
            Content::Stored(blobs, reference) => BlobReader::new(Some(blobs), reference, Vec::new()),
            Content::Small(bytes) => BlobReader::of_bytes(bytes.to_vec()),
            given @ Content::Given(_) => {
                self.settle(given);
                BlobReader::of_bytes(self.load()?)
            }
        })
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.len() {
            Some(len) => write!(f, "Blob({}, {len} bytes)", self.0.ty),
            None => write!(f, "Blob({}, from a reader)", self.0.ty),
        }
    }
}

/// What a reader failed with.
pub fn unreadable(e: &io::Error) -> Error {
    Error::new(state::IO_ERROR, format!("the reader of a large value failed: {e}"))
}

/// 54000: longer than a value may be.
pub fn too_long() -> Error {
    Error::new(state::PROGRAM_LIMIT_EXCEEDED, format!("a value holds at most {VALUE_MAX} bytes"))
        .with_hint("Store it in several rows.")
}

/// 22021: bytes that are no text.
pub fn not_text() -> Error {
    Error::new(state::CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\"")
}

/// A large value read piece by piece: at most [`SLICE`] bytes of it are in memory. It keeps the value's file. An error of
/// the database comes as an [`io::Error`] of kind `InvalidData` around it.
pub struct BlobReader {
    blobs: Option<Blobs>,
    reference: Reference,
    buffer: Vec<u8>,
    /// Where the buffer begins in the value, and the reader's place in the value.
    begins: u64,
    at: u64,
    /// Checksum of the pages read so far; None once it was not read in order.
    crc: Option<u32>,
}

impl BlobReader {
    fn new(blobs: Option<Blobs>, reference: Reference, buffer: Vec<u8>) -> Self {
        BlobReader { blobs, reference, buffer, begins: 0, at: 0, crc: Some(0) }
    }

    /// Of bytes that are in memory.
    pub fn of_bytes(bytes: Vec<u8>) -> Self {
        let reference = Reference { file: 0, offset: 0, len: bytes.len() as u32, crc: 0 };
        BlobReader::new(None, reference, bytes)
    }

    /// The bytes of the value.
    pub fn len(&self) -> u64 {
        self.reference.len.into()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.reference.len == 0
    }

    fn fill(&mut self) -> Result<()> {
        let Some(blobs) = &self.blobs else { return Ok(()) };
        let next = self.begins + self.buffer.len() as u64;
        let begins = self.at / SLICE as u64 * SLICE as u64;
        if begins != next {
            self.crc = None;
        }
        self.buffer.clear();
        self.begins = begins;
        let mut crc = self.crc.unwrap_or(0);
        blobs.store.read(&self.reference, begins, &mut self.buffer, &mut crc)?;
        if self.crc.is_some() {
            self.crc = Some(crc);
            if begins + self.buffer.len() as u64 >= self.len() {
                check(&self.reference, crc)?;
            }
        }
        Ok(())
    }

    fn rest(&self) -> &[u8] {
        let from = self.at.checked_sub(self.begins).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| self.buffer.get(from..)).unwrap_or_default()
    }
}

impl Read for BlobReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.len() {
            return Ok(0);
        }
        if self.rest().is_empty() {
            self.fill().map_err(|e| io::Error::new(io::ErrorKind::InvalidData, e))?;
        }
        let rest = self.rest();
        let n = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for BlobReader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let place = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => self.len().checked_add_signed(by),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
        };
        let before =
            || io::Error::new(io::ErrorKind::InvalidInput, "a seek to before the value's first byte");
        self.at = place.ok_or_else(before)?;
        Ok(self.at)
    }
}

impl fmt::Debug for BlobReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobReader({} of {} bytes)", self.at, self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_comes_back_and_nothing_else_is_one() {
        let reference = Reference { file: 7, offset: 0x1_0000_0010, len: 1 << 20, crc: 0xc0ff_ee00 };
        let bytes = reference.encode();
        assert_eq!(&bytes[..], b"\x02REMBLOB:\x030000000700010000001000100000c0ffee00");
        assert_eq!(Reference::decode(&bytes).unwrap(), Some(reference));
        assert_eq!(Reference::decode(b"seen").unwrap(), None);
        let mut broken = bytes;
        broken[20] = b'x';
        assert_eq!(Reference::decode(&broken).unwrap_err().code(), "XX001");
    }
}
