//! Entries (a key and a note) gathered by their keys in bounded memory: for parts that keep of each key a list, where keys come again
//! and again (*single-pass in-memory indexing*, Heinz and Zobel 2003).
//!
//! A table of hashes finds the group of a key. Notes lie one behind the other as they come, each with where the one before of its group
//! begins; so only keys are compared and sorted, each once. What is larger than [`run_bytes`] becomes a run ([`Runs`]).
//!
//! ```text
//! push b 0, a 1, b 2       groups   b → 2, a → 1       notes   0 (first)  1 (first)  2 (behind 0)
//! finish                   a 1, b 0, b 2
//! ```

use super::PartWriter;
use super::primary::hash::hash;
use super::runs::{EachNote, Runs, run_bytes};
use crate::error::Result;
use crate::segment::page::{le16, le32};
use remanent_kernels::sort::sort_by;

/// What stands before a note: where the one before begins and 1 (0: there is none), its length.
const HEAD: usize = 6;

/// Takes entries in any order and gives them back in the order of keys, those of a key as they came.
pub(super) struct Groups<'a> {
    held: Held,
    most: usize,
    runs: Runs<'a>,
}

/// Those in memory.
struct Held {
    keys: Vec<u8>,
    groups: Vec<Group>,
    /// Numbers of groups and 1, each where the hash of its key says or behind that; 0: none. A power of two.
    slots: Vec<u32>,
    notes: Vec<u8>,
}

/// A key, and where its last note begins, and 1.
struct Group {
    key: (u32, u16),
    /// Bits of its hash.
    tag: u32,
    last: u32,
}

impl<'a> Groups<'a> {
    /// Runs, if there are some, lie beside the part.
    pub fn new(out: &PartWriter<'a>) -> Self {
        let slots = vec![0; 1 << 10];
        let held = Held { keys: Vec::new(), groups: Vec::new(), slots, notes: Vec::new() };
        Groups { held, most: run_bytes(out), runs: Runs::new(out.scratch()) }
    }

    /// Takes an entry, whose key is shorter than 64 KB, and whose note, of two parts, is so, too.
    pub fn push(&mut self, key: &[u8], note: [&[u8]; 2]) -> Result<()> {
        let Groups { held, most, runs } = self;
        let more = key.len() + size_of::<Group>() + HEAD + note[0].len() + note[1].len();
        if held.memory() + more > *most && !held.groups.is_empty() {
            runs.add(&mut |write| held.each(write))?;
            held.clear();
        }
        held.push(key, note);
        Ok(())
    }

    /// Gives all of them.
    pub fn finish(self, entry: EachNote<'_>) -> Result<()> {
        let Groups { held, mut runs, .. } = self;
        if runs.is_empty() {
            return held.each(entry);
        }
        runs.add(&mut |write| held.each(write))?;
        drop(held);
        runs.merge(entry)
    }
}

impl Held {
    fn memory(&self) -> usize {
        self.keys.len() + self.notes.len() + self.groups.len() * size_of::<Group>() + self.slots.len() * 4
    }

    fn clear(&mut self) {
        self.keys.clear();
        self.notes.clear();
        self.groups.clear();
        self.slots.fill(0);
    }

    fn push(&mut self, key: &[u8], note: [&[u8]; 2]) {
        let (group, at) = (self.group(key), self.notes.len() as u32);
        let before = std::mem::replace(&mut self.groups[group].last, at + 1);
        self.notes.extend_from_slice(&before.to_le_bytes());
        self.notes.extend_from_slice(&((note[0].len() + note[1].len()) as u16).to_le_bytes());
        note.iter().for_each(|part| self.notes.extend_from_slice(part));
    }

    fn key(&self, group: &Group) -> &[u8] {
        let start = group.key.0 as usize;
        &self.keys[start..start + usize::from(group.key.1)]
    }

    /// The group of a key, made where there is none.
    fn group(&mut self, key: &[u8]) -> usize {
        if self.groups.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(key);
        let (mask, tag) = (self.slots.len() - 1, (hash >> 32) as u32);
        let mut at = hash as usize & mask;
        while let Some(number) = self.slots[at].checked_sub(1) {
            let group = &self.groups[number as usize];
            if group.tag == tag && self.key(group) == key {
                return number as usize;
            }
            at = (at + 1) & mask;
        }
        self.groups.push(Group { key: (self.keys.len() as u32, key.len() as u16), tag, last: 0 });
        self.keys.extend_from_slice(key);
        self.slots[at] = self.groups.len() as u32;
        self.groups.len() - 1
    }

    fn grow(&mut self) {
        let mut slots = vec![0u32; self.slots.len() * 2];
        let mask = slots.len() - 1;
        for (number, group) in (1..).zip(&self.groups) {
            let mut at = hash(self.key(group)) as usize & mask;
            while slots[at] != 0 {
                at = (at + 1) & mask;
            }
            slots[at] = number;
        }
        self.slots = slots;
    }

    /// Gives all of them.
    fn each(&self, entry: EachNote<'_>) -> Result<()> {
        // Most keys differ in the bytes that are compared first.
        let beginning = |group: &Group| {
            let mut first = [0; 8];
            first.iter_mut().zip(self.key(group)).for_each(|(to, from)| *to = *from);
            u64::from_be_bytes(first)
        };
        let mut order: Vec<(u64, &Group)> =
            self.groups.iter().map(|group| (beginning(group), group)).collect();
        sort_by(&mut order, &|a, b| a.0.cmp(&b.0).then_with(|| self.key(a.1).cmp(self.key(b.1))));
        let mut notes: Vec<usize> = Vec::new();
        for (_, group) in order {
            notes.clear();
            let mut next = group.last;
            while let Some(at) = next.checked_sub(1) {
                notes.push(at as usize);
                next = le32(&self.notes, at as usize);
            }
            for &at in notes.iter().rev() {
                let start = at + HEAD;
                let note = self.notes.get(start..start + usize::from(le16(&self.notes, at + 4)));
                entry(self.key(group), note.unwrap_or_default())?;
            }
        }
        Ok(())
    }
}
