//! The page cache: verified pages of immutable files, under a byte budget that holds.
//!
//! A page is named by the number of its file and its offset there. Whoever misses reads
//! and verifies the page *without any lock* and offers it; the cache keeps it, or not.
//! A hit is one shard lock, shared with other hits, one table lookup and one reference count: a reader that loses the
//! processor within a hit, on a page that everybody reads, keeps nobody else from it. Vectors that were decoded from verified pages for
//! point reads lie among them, named by offsets beyond any file (`segment::cold::kept`).
//!
//! Each shard replaces pages by S3-FIFO (Yang et al., "FIFO queues are all you need for
//! cache eviction", SOSP 2023): new pages pass through a *small* queue and are dropped at
//! its end unless they were used again, in which case they move to the *main* queue,
//! where each use buys one more round. A page that comes back soon after it was dropped
//! (its hash is in the *ghost* queue) goes to main at once. A long scan therefore never
//! washes out the pages that point reads use.
//!
//! ```
//! use remanent_storage::segment::PageCache;
//! let cache = PageCache::new(1 << 20);
//! assert!(cache.get(7, 4096).is_none());
//! cache.insert(7, 4096, vec![1, 2, 3].into());
//! assert_eq!(&cache.get(7, 4096).unwrap()[..], [1, 2, 3]);
//! cache.invalidate(7);
//! assert_eq!(cache.used(), 0);
//! ```
//!
//! Invariants:
//! 1. `used() <= budget` when no call is running, and whenever no `set_budget` with a smaller
//!    budget is. Pages that readers still hold after they were
//!    dropped here are the readers' memory.
//! 2. No lock is held while a page is read, and never two shard locks at once.
//!
//! Limits: a page larger than the budget is not kept. A read that began before
//! `invalidate` may still insert afterwards; file numbers are never given twice, so such
//! a page is only memory, until it is evicted.

use crate::value::Buffer;
use crate::world::sync::RwLock;
use crate::world::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

/// Shards, so that threads rarely meet at one lock. A power of two.
const SHARDS: usize = 16;
/// What a page costs beside its bytes: table entry, queue entry, reference counts.
const OVERHEAD: usize = 160;
/// The small queue's share of a shard's bytes: one in so many (the paper's 10 %).
const SMALL_SHARE: usize = 10;
/// Uses that are remembered per page: the paper's two bits.
const USES_MAX: u8 = 3;

/// Verified pages under a byte budget. Thread-safe; shared by everything that reads files.
pub struct PageCache {
    shards: Box<[RwLock<Shard>]>,
    budget: AtomicUsize,
    used: AtomicUsize,
    misses: AtomicU64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct PageId {
    file: u64,
    offset: u64,
}

impl PageId {
    /// Well mixed in all bits; picks the shard and stands for the page in the ghost queue.
    fn mix(self) -> u64 {
        let x = (self.offset ^ self.file.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (x ^ x >> 32).wrapping_mul(0xd6e8_feb8_6659_fd93) ^ self.file
    }

    fn shard(self) -> usize {
        (self.mix() >> 40) as usize % SHARDS
    }
}

struct Held {
    page: Buffer<u8>,
    /// Hits count without order: one that is lost is a hint that is lost.
    uses: AtomicU8,
}

/// Each page is in one of the queues.
#[derive(Default)]
struct Shard {
    table: FxHashMap<PageId, Held>,
    small: VecDeque<PageId>,
    main: VecDeque<PageId>,
    small_bytes: usize,
    bytes: usize,
    ghosts: VecDeque<u64>,
    ghost_set: FxHashSet<u64>,
}

fn weight(page: &Buffer<u8>) -> usize {
    page.memory() + OVERHEAD
}

impl Shard {
    /// Puts a page in; the caller has reserved its weight.
    fn put(&mut self, id: PageId, page: Buffer<u8>) {
        let bytes = weight(&page);
        self.table.insert(id, Held { page, uses: AtomicU8::new(0) });
        self.bytes += bytes;
        if self.ghost_set.remove(&id.mix()) {
            self.main.push_back(id);
        } else {
            self.small.push_back(id);
            self.small_bytes += bytes;
        }
    }

    /// Takes a page out of everything but the queues; returns its weight.
    fn take(&mut self, id: PageId) -> usize {
        let bytes = self.table.remove(&id).map_or(0, |held| weight(&held.page));
        self.bytes -= bytes;
        bytes
    }

    /// Drops one page by the policy; returns how many bytes that freed, 0 if there is no page.
    fn evict(&mut self) -> usize {
        loop {
            let from_small = self.small_bytes * SMALL_SHARE > self.bytes || self.main.is_empty();
            let queue = if from_small { &mut self.small } else { &mut self.main };
            let Some(id) = queue.pop_front() else { return 0 };
            let Some(held) = self.table.get_mut(&id) else { continue };
            let uses = *held.uses.get_mut();
            let bytes = weight(&held.page);
            if from_small {
                self.small_bytes -= bytes;
                if uses > 0 {
                    *held.uses.get_mut() = 0;
                    self.main.push_back(id);
                    continue;
                }
                self.remember(id.mix());
            } else if uses > 0 {
                *held.uses.get_mut() = uses - 1;
                self.main.push_back(id);
                continue;
            }
            return self.take(id);
        }
    }

    /// Adds to the ghost queue, which is as long as the main queue, at least a little.
    fn remember(&mut self, hash: u64) {
        if self.ghost_set.insert(hash) {
            self.ghosts.push_back(hash);
        }
        while self.ghosts.len() > self.main.len().max(16) {
            if let Some(old) = self.ghosts.pop_front() {
                self.ghost_set.remove(&old);
            }
        }
    }

    /// Drops all pages of a file; returns how many bytes that freed.
    fn forget(&mut self, file: u64) -> usize {
        let gone: Vec<PageId> = self.table.keys().filter(|id| id.file == file).copied().collect();
        if gone.is_empty() {
            return 0;
        }
        let freed = gone.into_iter().map(|id| self.take(id)).sum();
        let table = &self.table;
        self.small.retain(|id| table.contains_key(id));
        self.main.retain(|id| table.contains_key(id));
        self.small_bytes =
            self.small.iter().filter_map(|id| table.get(id)).map(|held| weight(&held.page)).sum();
        freed
    }
}

impl PageCache {
    /// An empty cache that will hold at most `budget` bytes.
    pub fn new(budget: usize) -> Self {
        PageCache {
            shards: (0..SHARDS).map(|_| RwLock::new(Shard::default())).collect(),
            budget: AtomicUsize::new(budget),
            used: AtomicUsize::new(0),
            misses: AtomicU64::new(0),
        }
    }

    /// The page at `offset` of `file`, if it is here.
    pub fn get(&self, file: u64, offset: u64) -> Option<Buffer<u8>> {
        let id = PageId { file, offset };
        let shard = self.shards[id.shard()].read();
        let held = shard.table.get(&id)?;
        let uses = held.uses.load(Ordering::Relaxed);
        if uses < USES_MAX {
            held.uses.store(uses + 1, Ordering::Relaxed);
        }
        Some(held.page.clone())
    }

    /// Offers a page that the caller has verified. The page may be dropped at once where the budget is too small.
    pub fn insert(&self, file: u64, offset: u64, page: Buffer<u8>) {
        let id = PageId { file, offset };
        if !self.reserve(weight(&page), id.shard()) {
            return;
        }
        let bytes = weight(&page);
        let mut shard = self.shards[id.shard()].write();
        if shard.table.contains_key(&id) {
            drop(shard);
            self.used.fetch_sub(bytes, Ordering::Relaxed);
        } else {
            shard.put(id, page);
            drop(shard);
            // The budget may have shrunk since the room was reserved: either `set_budget` saw that room taken and found no
            // page in it, or this sees the new budget.
            self.trim();
        }
    }

    /// The page, read and verified by `load` where it is not here. `load` runs without any lock; two threads that
    /// miss the same page may both run it.
    pub fn get_or_load<E>(
        &self,
        file: u64,
        offset: u64,
        load: impl FnOnce() -> Result<Vec<u8>, E>,
    ) -> Result<Buffer<u8>, E> {
        if let Some(page) = self.get(file, offset) {
            return Ok(page);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let page: Buffer<u8> = load()?.into();
        self.insert(file, offset, page.clone());
        Ok(page)
    }

    /// Makes room for `bytes` and counts them as used; false if that cannot be.
    fn reserve(&self, bytes: usize, shard: usize) -> bool {
        let mut next = shard;
        let mut empty = 0;
        loop {
            let budget = self.budget.load(Ordering::Relaxed);
            if bytes > budget {
                return false;
            }
            let fits = |used: usize| used.checked_add(bytes).filter(|&sum| sum <= budget);
            if self.used.fetch_update(Ordering::SeqCst, Ordering::Relaxed, fits).is_ok() {
                return true;
            }
            let freed = self.shards[next].write().evict();
            self.used.fetch_sub(freed, Ordering::Relaxed);
            empty = if freed == 0 { empty + 1 } else { 0 };
            if empty > SHARDS {
                return false;
            }
            next = (next + 1) % SHARDS;
        }
    }

    /// Changes the budget; where it shrinks, pages are dropped until they fit.
    pub fn set_budget(&self, budget: usize) {
        self.budget.store(budget, Ordering::SeqCst);
        self.trim();
    }

    /// Drops pages until they fit. Room that was reserved and not filled yet is left to the one who fills it.
    fn trim(&self) {
        let (mut next, mut empty) = (0, 0);
        while self.used.load(Ordering::SeqCst) > self.budget.load(Ordering::SeqCst) && empty <= SHARDS {
            let freed = self.shards[next].write().evict();
            self.used.fetch_sub(freed, Ordering::Relaxed);
            empty = if freed == 0 { empty + 1 } else { 0 };
            next = (next + 1) % SHARDS;
        }
    }

    /// The budget in bytes.
    pub fn budget(&self) -> usize {
        self.budget.load(Ordering::Relaxed)
    }

    /// Bytes held now.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }

    /// How many pages had to be read because they were not here.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// Drops all pages of a file.
    pub fn invalidate(&self, file: u64) {
        for shard in &self.shards {
            let freed = shard.write().forget(file);
            self.used.fetch_sub(freed, Ordering::Relaxed);
        }
    }
}

impl std::fmt::Debug for PageCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PageCache {{ used: {}, budget: {} }}", self.used(), self.budget())
    }
}
