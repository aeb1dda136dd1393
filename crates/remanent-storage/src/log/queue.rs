//! What the log's mutex guards: the queue, the watermarks, and who owns writer and round.

use super::files::{Ready, Used};
use super::format::Kind;
use super::writer::Writer;
use super::{FileRef, LogStats, Status, Ticket};
use crate::Lsn;
use crate::error::{Error, Result, state};
use std::collections::VecDeque;

/// How finely positions in bytes are remembered.
const MARK_EVERY: u64 = 64 << 10;

/// What waits to be written.
pub(super) struct Entry {
    pub kind: Kind,
    pub time: i64,
    pub body: Vec<u8>,
}

impl Entry {
    pub fn record(time: i64, body: Vec<u8>) -> Self {
        Entry { kind: Kind::Record, time, body }
    }
}

/// A write that failed: all records of attempts up to `attempt` above `written` are gone.
pub(super) struct Rewind {
    attempt: u32,
    written: Lsn,
    error: Error,
}

/// The guarded state of a log.
pub(super) struct Shared {
    pub queue: Vec<Entry>,
    pub appended: Lsn,
    pub written: Lsn,
    pub durable: Lsn,
    /// The highest durable lsn that stands in the log itself.
    pub claimed: Lsn,
    pub attempt: u32,
    /// Ascending in both numbers; one entry while retries fail at the same place.
    pub rewinds: Vec<Rewind>,
    pub poison: Option<Error>,
    pub closed: bool,

    /// None while a thread writes.
    pub writer: Option<Box<Writer>>,
    pub writer_waiters: u32,
    /// True while a thread leads a round.
    pub syncing: bool,
    /// The round that is led, or was led last.
    pub round: u64,
    /// The last record that this round will sync; `Lsn::MAX` while it still takes records in.
    pub target: Lsn,
    /// Something was written since the last sync began.
    pub dirty: bool,
    /// How many wait for odd and even rounds.
    pub round_waiters: [u32; 2],

    /// The file that is written to.
    pub active: FileRef,
    /// Files left behind with writes that were not synced yet.
    pub unsynced: Vec<FileRef>,
    /// Files that hold log, the active one last.
    pub used: VecDeque<Used>,
    pub ready: VecDeque<Ready>,
    /// How many files were begun from one round of recycling to the next lately.
    pub demand: usize,
    /// The newest file in use at the last round.
    pub recycled_at: u64,
    /// The highest number given to a file.
    pub last_file: u64,
    /// A thread makes or recycles files.
    pub preparing: bool,
    pub prepare_waiters: u32,

    /// Bytes of log read at open and written since, and how many there were after some records.
    pub position: u64,
    pub marks: VecDeque<(Lsn, u64)>,
    pub stats: LogStats,
}

impl Shared {
    /// A log whose records are all durable; `claimed` is the highest durable lsn that it says itself.
    pub fn new(
        writer: Writer,
        claimed: Lsn,
        used: VecDeque<Used>,
        ready: VecDeque<Ready>,
        last_file: u64,
    ) -> Self {
        let recycled_at = used.back().map_or(0, |file| file.number);
        Shared {
            queue: Vec::new(),
            appended: writer.lsn,
            written: writer.lsn,
            durable: writer.lsn,
            claimed,
            attempt: 0,
            rewinds: Vec::new(),
            poison: None,
            closed: false,
            active: writer.file.clone(),
            writer: Some(Box::new(writer)),
            writer_waiters: 0,
            syncing: false,
            round: 0,
            target: 0,
            dirty: false,
            round_waiters: [0; 2],
            unsynced: Vec::new(),
            used,
            ready,
            demand: 0,
            recycled_at,
            last_file,
            preparing: false,
            prepare_waiters: 0,
            position: 0,
            marks: VecDeque::new(),
            stats: LogStats::default(),
        }
    }

    /// 58030 after a failed sync, 57P01 after `close`.
    pub fn check_open(&self) -> Result<()> {
        match &self.poison {
            Some(poison) => Err(poison.clone()),
            None if self.closed => Err(Error::new(state::DATABASE_CLOSED, "the log is closed")),
            None => Ok(()),
        }
    }

    /// 58030 after a failed sync.
    pub fn check_poison(&self) -> Result<()> {
        self.poison.clone().map_or(Ok(()), Err)
    }

    pub fn append(&mut self, entry: Entry) -> Result<Ticket> {
        self.check_open()?;
        self.appended += u64::from(entry.kind == Kind::Record);
        self.queue.push(entry);
        Ok(Ticket { lsn: self.appended, attempt: self.attempt })
    }

    /// Why the record of a ticket will never be in the log, if so.
    pub fn failure(&self, ticket: &Ticket) -> Option<Error> {
        // The first rewind that the ticket lived through went back the furthest.
        let i = self.rewinds.partition_point(|r| r.attempt < ticket.attempt);
        self.rewinds.get(i).filter(|r| ticket.lsn > r.written).map(|r| r.error.clone())
    }

    pub fn status(&self, ticket: &Ticket) -> Status {
        if let Some(error) = self.failure(ticket) {
            return Status::Failed(error);
        }
        match ticket.lsn {
            lsn if lsn <= self.durable => Status::Durable,
            lsn if lsn <= self.written => Status::Written,
            _ => match &self.poison {
                Some(poison) => Status::Failed(poison.clone()),
                None => Status::Pending,
            },
        }
    }

    /// A write failed: forgets what is not written.
    pub fn rewind(&mut self, error: Error) {
        match self.rewinds.last_mut() {
            Some(last) if last.written == self.written => {
                last.attempt = self.attempt;
                last.error = error;
            }
            _ => self.rewinds.push(Rewind { attempt: self.attempt, written: self.written, error }),
        }
        self.attempt = self.attempt.wrapping_add(1);
        self.appended = self.written;
        self.queue.clear();
    }

    /// Accepts nothing more, for ever (design rule 4).
    pub fn poison(&mut self, cause: &Error) {
        self.queue.clear();
        self.poison.get_or_insert_with(|| {
            Error::new(state::IO_ERROR, format!("the log accepts no more writes: {}", cause.message()))
                .with_detail("A sync failed, so nobody knows what the device has kept. Reads go on.")
                .with_hint("Look after the device, then open the database again.")
        });
    }

    /// Notes what a write put into the log.
    pub fn publish(&mut self, written: Lsn, claimed: Lsn, bytes: u64) {
        self.stats.records += written - self.written;
        self.stats.bytes += bytes;
        self.stats.writes += 1;
        self.written = written;
        self.claimed = claimed;
        self.dirty = true;
        advance(&mut self.marks, &mut self.position, written, bytes);
    }

    pub fn bytes_since(&self, lsn: Lsn) -> u64 {
        if lsn >= self.written {
            return 0;
        }
        let i = self.marks.partition_point(|(l, _)| *l <= lsn);
        let before = i.checked_sub(1).and_then(|i| self.marks.get(i)).map_or(0, |(_, at)| *at);
        self.position - before
    }

    pub fn size(&self) -> u64 {
        self.used.iter().map(|f| f.len).sum::<u64>() + self.ready.iter().map(|f| f.len).sum::<u64>()
    }
}

/// Notes that the log is longer by that many bytes, the last of them of record `lsn`.
pub(super) fn advance(marks: &mut VecDeque<(Lsn, u64)>, position: &mut u64, lsn: Lsn, bytes: u64) {
    *position += bytes;
    if marks.back().is_none_or(|(_, at)| *position - at >= MARK_EVERY) {
        marks.push_back((lsn, *position));
    }
}
