//! A stretch of a file that is the process's memory: small pieces are put into it without a call of the system.
//!
//! # Why
//!
//! A `pwrite` changes the time of the file's last change, which ext4 notes in its journal; while the journal writes that very
//! block to the device the call waits. In a loop of 200 commits a second without sync, beside flushes that sync their
//! files, four calls of 4,000 waited so for 0.7 to 9 ms, on Linux 6.18. A store into a mapped page notes the time once, when the page is first
//! made ready to write, and once more after each sync, which takes that right away.
//!
//! ```text
//!   file     ....|=======page=======|=======page=======|....    256 KiB of it are mapped
//!   pieces        [a][ b ][ c ][ d ]                            a asks for the page, b and c are copied
//! ```
//!
//! # Safety
//!
//! A page that cannot be had when it is stored into ends the process (SIGBUS). So the first piece in a page asks for it, by
//! `madvise`, which says so instead, and then the write that is tried in its place says what is wrong. A sync takes the right to
//! write away at some moment: while one runs each piece asks (about 1 µs), and the first one afterwards. What is left is a page that
//! the system wrote out for reasons of its own, on a device that has failed since, before the next sync finds that out. A page
//! has its place on the device, because the file's bytes were there before (the window never goes beyond
//! them) and because this is done only on file systems that need no other room to write a block again. The file is cut by nobody else: it belongs
//! to whoever holds the database's lock.
//!
//! Limits: Linux from 5.14; elsewhere and on other file systems there is no window, and pieces are written by `pwrite`.
#![allow(unsafe_code, reason = "memory that is a file's is a pointer")]
#![allow(clippy::disallowed_types, reason = "this is the facade")]

use rustix::mm::{Advice, MapFlags, ProtFlags, madvise, mmap, munmap};
use std::ffi::c_void;
use std::fs::File;
use std::ops::Range;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// How much of a file is mapped at a time.
const LENGTH: u64 = 256 << 10;

/// File systems on which a block that is there can be written again however full the device is: ext4, XFS, F2FS, tmpfs. (Where XFS shares
/// it with a copy, asking for the page says so.)
const KNOWN: [u64; 4] = [0xef53, 0x5846_5342, 0xf2f5_2010, 0x0102_1994];

/// Larger pieces are as cheap by a call.
const PIECE: usize = 64 << 10;

/// How pieces are put into a file.
#[derive(Default)]
pub struct Pieces {
    view: Mutex<View>,
    /// Syncs that began, and that ended.
    begun: AtomicU64,
    ended: AtomicU64,
}

#[derive(Default)]
enum View {
    #[default]
    Closed,
    Open(Window),
    /// It cannot be had.
    Never,
}

impl Pieces {
    /// Puts bytes at a place of the file; false: not done, to be written in another way.
    pub fn put(&self, file: &File, bytes: &[u8], offset: u64) -> bool {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*view, View::Never) || bytes.len() > PIECE {
            return false;
        }
        if !matches!(&*view, View::Open(window) if window.place(offset, bytes.len()).is_some()) {
            *view = Window::open(file, offset).map_or(View::Never, View::Open);
        }
        let View::Open(window) = &mut *view else { return false };
        let ended = self.ended.load(Ordering::Acquire);
        let done = window.put(bytes, offset, (self.begun.load(Ordering::Acquire) == ended).then_some(ended));
        if !done {
            *view = View::Never;
        }
        done
    }

    /// Runs a sync of the file.
    pub fn around<T>(&self, sync: impl FnOnce() -> T) -> T {
        self.begun.fetch_add(1, Ordering::AcqRel);
        let synced = sync();
        self.ended.fetch_add(1, Ordering::AcqRel);
        synced
    }

    /// No more follow for now.
    pub fn end(&self) {
        let mut view = self.view.lock().unwrap_or_else(PoisonError::into_inner);
        if let View::Open(_) = *view {
            *view = View::Closed;
        }
    }
}

/// A mapped stretch of a file.
struct Window {
    memory: *mut c_void,
    /// Where it lies in the file, and how long it is.
    offset: u64,
    len: usize,
    page: usize,
    /// The bytes of it whose pages were had since so many syncs.
    had: Option<(Range<usize>, u64)>,
}

// SAFETY: the memory is the mapping's, which any thread may store into; `put` and `drop` have it alone.
unsafe impl Send for Window {}

impl Window {
    /// A window over what the file has at `offset`; None where it ends before, where writing it again may need room, or
    /// where the system refuses.
    fn open(file: &File, offset: u64) -> Option<Window> {
        let kind = rustix::fs::fstatfs(file).ok()?.f_type as u64 & 0xffff_ffff;
        if !KNOWN.contains(&kind) {
            return None;
        }
        let page = rustix::param::page_size();
        let offset = offset - offset % page as u64;
        let len = file.metadata().ok()?.len().saturating_sub(offset).min(LENGTH);
        // Whole pages only: what lies behind the file's end has no place.
        let len = usize::try_from(len).ok()? / page * page;
        if len == 0 {
            return None;
        }
        let (rights, flags) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED);
        // SAFETY: a mapping of its own at an address that the system chooses; nothing else is touched.
        let memory = unsafe { mmap(ptr::null_mut(), len, rights, flags, file, offset) }.ok()?;
        let window = Window { memory, offset, len, page, had: None };
        // SAFETY: the whole mapping, which stays as it is. No page is read ahead, so none is larger than a page.
        unsafe { madvise(memory, len, Advice::Random) }.ok()?;
        Some(window)
    }

    /// Where so many bytes at a place of the file lie in the window; None: not all of them do.
    fn place(&self, offset: u64, len: usize) -> Option<usize> {
        let at = usize::try_from(offset.checked_sub(self.offset)?).ok()?;
        (at.checked_add(len)? <= self.len).then_some(at)
    }

    /// Puts bytes at a place of the file, on which no sync runs since that many; false: not done, because its pages cannot
    /// be had.
    fn put(&mut self, bytes: &[u8], offset: u64, quiet: Option<u64>) -> bool {
        let Some(at) = self.place(offset, bytes.len()) else { return false };
        let end = at + bytes.len();
        let known = matches!(&self.had, Some((had, syncs)) if Some(*syncs) == quiet && had.start <= at && end <= had.end);
        if !known {
            let pages = at - at % self.page..end.next_multiple_of(self.page);
            let (start, len) = (self.memory.wrapping_byte_add(pages.start), pages.len());
            // SAFETY: pages of the mapping, which is whole pages long; their bytes stay as they are.
            if unsafe { madvise(start, len, Advice::LinuxPopulateWrite) }.is_err() {
                return false;
            }
            self.had = quiet.map(|syncs| (pages, syncs));
        }
        // SAFETY: the piece lies in the mapping (`place`), nobody has a reference into it, and `bytes` is not of it.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.memory.byte_add(at).cast(), bytes.len()) };
        true
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours alone, and nobody uses it any more. What was stored is the file's.
        let _ = unsafe { munmap(self.memory, self.len) };
    }
}
