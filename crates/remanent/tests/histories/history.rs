//! What sessions did and saw: the record that is checked.

use std::collections::BTreeSet;

/// What is read and written: a list, a register, or a set of rows has one.
pub type Key = i32;

/// What is written; never twice. 0 is a register before its first write.
pub type Value = i64;

/// One step of a transaction, with what it saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Op {
    /// Adds an element to the end of a list.
    Append(Key, Value),
    /// Reads a list.
    List(Key, Vec<Value>),
    /// Writes a register.
    Write(Key, Value),
    /// Reads a register.
    Read(Key, Value),
    /// Adds a row to a set.
    Insert(Key, Value),
    /// Reads the rows of a set.
    Set(Key, BTreeSet<Value>),
}

/// One transaction that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it did and saw, in order.
    pub ops: Vec<Op>,
    /// False: rolled back, by itself or by an error.
    pub committed: bool,
    /// When it began and ended, by a clock that all sessions share.
    pub time: (u64, u64),
}

impl Record {
    /// The elements and values that it wrote under a key, in order.
    pub fn written(&self, key: Key) -> impl Iterator<Item = Value> + '_ {
        self.ops.iter().filter_map(move |op| match op {
            Op::Append(k, v) | Op::Write(k, v) | Op::Insert(k, v) if *k == key => Some(*v),
            _ => None,
        })
    }

    /// The reads that saw only what others wrote: those before its own first write of the key.
    pub fn external(&self) -> impl Iterator<Item = &Op> {
        let mut own = BTreeSet::new();
        self.ops.iter().filter(move |op| match op {
            Op::Append(k, _) | Op::Write(k, _) | Op::Insert(k, _) => {
                own.insert(*k);
                false
            }
            Op::List(k, _) | Op::Read(k, _) | Op::Set(k, _) => !own.contains(k),
        })
    }
}
