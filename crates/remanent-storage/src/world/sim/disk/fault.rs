//! What a test may ask of a simulated disk: calls that fail, and how often it was called.

/// The kinds of calls that a disk serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the calls")]
pub enum Op {
    CreateDir,
    List,
    Exists,
    Open,
    Create,
    Rename,
    Remove,
    HardLink,
    SyncDir,
    Lock,
    FreeSpace,
    Read,
    Write,
    Sync,
    Len,
    SetLen,
}

impl Op {
    /// True if it changes the disk, or what of it is durable. Only these count for [`SimDisk::crash_after`].
    pub fn changes(self) -> bool {
        use Op::*;
        matches!(
            self,
            CreateDir | Create | Rename | Remove | HardLink | SyncDir | Lock | Write | Sync | SetLen
        )
    }
}

/// A call that will fail.
#[derive(Debug, Clone)]
pub struct Fault {
    op: Op,
    skip: u64,
    pub(super) forever: bool,
    path: String,
}

impl Fault {
    /// The next call of that kind fails, once.
    pub fn on(op: Op) -> Fault {
        Fault { op, skip: 0, forever: false, path: String::new() }
    }

    /// So many matching calls succeed first.
    pub fn after(mut self, calls: u64) -> Fault {
        self.skip = calls;
        self
    }

    /// Every matching call from there on fails.
    pub fn forever(mut self) -> Fault {
        self.forever = true;
        self
    }

    /// Only calls on a path that contains `part` match; an open file is called what it was last renamed to.
    pub fn of(mut self, part: &str) -> Fault {
        self.path = part.to_owned();
        self
    }

    /// True if this call fails by it.
    pub(super) fn strikes(&mut self, op: Op, path: &str) -> bool {
        if self.op != op || !path.contains(&self.path) {
            return false;
        }
        let strikes = self.skip == 0;
        self.skip = self.skip.saturating_sub(1);
        strikes
    }
}

/// How often the disk was called, failed calls included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "named after the calls")]
pub struct Counters {
    pub reads: u64,
    pub writes: u64,
    pub syncs: u64,
    pub dir_syncs: u64,
    pub bytes_read: u64,
    pub bytes_written: u64,
    /// Calls that change the disk: what [`SimDisk::crash_after`] counts.
    pub changes: u64,
}
