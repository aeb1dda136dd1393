//! From a history to the anomalies in it, in the manner of Elle (Kingsbury & Alvaro, VLDB 2020).
//!
//! Dependencies are inferred from what was read. Lists show the order of all their versions: each read is a prefix of
//! the longest. Registers show less: who reads a value and then writes another wrote the later one. Sets show who was
//! there and who was not. A cycle of dependencies is an anomaly; which one, its kinds of dependencies say (Adya 1999):
//!
//! | anomaly | is |
//! |---|---|
//! | G0 | a cycle of ww |
//! | G1a, G1b | a read of what was rolled back, or was not the last write of its transaction |
//! | G1c | a cycle of ww and wr |
//! | lost update | two that replaced what both of them had read |
//! | G-single | a cycle with one rw |
//! | long fork | a cycle with several rw, no two of them next to each other: no snapshots can give that |
//! | write skew | two that replaced what the other one had read |
//! | G2 | any other cycle with rw |
//! | internal | a transaction that does not see its own writes |
//! | order | reads of a list that cannot all be prefixes of one |
//!
//! Limits: it finds what the reads show. A history without anomalies may still come from an engine that has them.

use super::graph::{Dep, Edge, Graph, explain};
use super::history::{Key, Op, Record, Value};
use std::collections::{BTreeMap, BTreeSet};

/// What may be wrong with a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Anomaly {
    Internal,
    Order,
    G0,
    G1a,
    G1b,
    G1c,
    LostUpdate,
    GSingle,
    LongFork,
    WriteSkew,
    G2,
}

/// The levels that are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    ReadCommitted,
    RepeatableRead,
    Serializable,
}

impl Level {
    /// True if no history of this level may have that.
    pub fn forbids(self, anomaly: Anomaly) -> bool {
        use Anomaly::*;
        match anomaly {
            Internal | Order | G0 | G1a | G1b | G1c => true,
            LostUpdate | GSingle | LongFork => self != Level::ReadCommitted,
            WriteSkew | G2 => self == Level::Serializable,
        }
    }

    pub fn sql(self) -> &'static str {
        match self {
            Level::ReadCommitted => "READ COMMITTED",
            Level::RepeatableRead => "REPEATABLE READ",
            Level::Serializable => "SERIALIZABLE",
        }
    }

    /// True if what had ended before a transaction began must be seen by it as a whole.
    fn keeps_time(self) -> bool {
        self != Level::ReadCommitted
    }
}

/// Anomalies, each with one example.
pub type Found = BTreeMap<Anomaly, String>;

/// All anomalies of a history, forbidden or not. A level with snapshots must also keep to the time.
pub fn anomalies(history: &[Record], level: Level) -> Found {
    let mut infer = Infer { history, writers: BTreeMap::new(), edges: Vec::new(), found: Found::new() };
    for (i, record) in history.iter().enumerate() {
        for op in &record.ops {
            if let Op::Append(k, v) | Op::Write(k, v) | Op::Insert(k, v) = op {
                assert!(infer.writers.insert((*k, *v), i).is_none(), "value {v} was written twice");
            }
        }
    }
    infer.internal();
    infer.dirty();
    infer.lists();
    infer.registers();
    infer.sets();
    if level.keeps_time() {
        infer.time();
    }
    let Infer { edges, mut found, .. } = infer;
    cycles(&Graph::new(history.len(), edges), &mut found);
    found
}

/// The anomalies that the level forbids.
pub fn forbidden(history: &[Record], level: Level) -> Found {
    let mut found = anomalies(history, level);
    found.retain(|anomaly, _| level.forbids(*anomaly));
    found
}

struct Infer<'a> {
    history: &'a [Record],
    /// Who wrote a value.
    writers: BTreeMap<(Key, Value), usize>,
    edges: Vec<Edge>,
    found: Found,
}

impl Infer<'_> {
    fn note(&mut self, anomaly: Anomaly, text: String) {
        self.found.entry(anomaly).or_insert(text);
    }

    fn committed(&self) -> impl Iterator<Item = (usize, &Record)> {
        self.history.iter().enumerate().filter(|(_, record)| record.committed)
    }

    fn writer(&self, key: Key, value: Value) -> Option<usize> {
        self.writers.get(&(key, value)).copied().filter(|&w| self.history[w].committed)
    }

    fn edge(&mut self, from: Option<usize>, to: Option<usize>, dep: Dep, key: Key) {
        if let (Some(from), Some(to)) = (from, to) {
            self.edges.push(Edge { from, to, dep, key });
        }
    }

    /// Each sees what it wrote itself, wherever it ended.
    fn internal(&mut self) {
        for (i, record) in self.history.iter().enumerate() {
            let mut own: BTreeMap<Key, Vec<Value>> = BTreeMap::new();
            for op in &record.ops {
                let sees = match op {
                    Op::Append(k, v) | Op::Write(k, v) | Op::Insert(k, v) => {
                        own.entry(*k).or_default().push(*v);
                        true
                    }
                    Op::List(k, values) => own.get(k).is_none_or(|own| values.ends_with(own)),
                    Op::Read(k, value) => own.get(k).is_none_or(|own| own.last() == Some(value)),
                    Op::Set(k, values) => own.get(k).is_none_or(|own| own.iter().all(|v| values.contains(v))),
                };
                if !sees {
                    self.note(Anomaly::Internal, format!("{i}: {op:?} after {own:?}"));
                }
            }
        }
    }

    /// Reads of what was rolled back, and of what was not the last.
    fn dirty(&mut self) {
        for (reader, record) in self.committed().map(|(i, r)| (i, r.clone())).collect::<Vec<_>>() {
            for op in &record.ops {
                let (key, values): (Key, Vec<Value>) = match op {
                    Op::List(k, values) => (*k, values.clone()),
                    Op::Read(k, value) => (*k, vec![*value]),
                    Op::Set(k, values) => (*k, values.iter().copied().collect()),
                    _ => continue,
                };
                for &value in values.iter().filter(|&&v| v != 0) {
                    let Some(&writer) = self.writers.get(&(key, value)) else {
                        self.note(Anomaly::G1a, format!("{reader} read {value}, which nobody wrote"));
                        continue;
                    };
                    if writer == reader {
                        continue;
                    }
                    let all: Vec<Value> = self.history[writer].written(key).collect();
                    let partly = match op {
                        Op::Read(..) => all.last() != Some(&value),
                        _ => all.iter().any(|v| !values.contains(v)),
                    };
                    if !self.history[writer].committed {
                        self.note(Anomaly::G1a, format!("{reader} read {value} of {writer}, rolled back"));
                    } else if partly {
                        self.note(
                            Anomaly::G1b,
                            format!("{reader} read {value} of {writer}, which wrote {all:?}"),
                        );
                    }
                }
            }
        }
    }

    fn lists(&mut self) {
        let mut reads: BTreeMap<Key, Vec<(usize, Vec<Value>, bool)>> = BTreeMap::new();
        for (i, record) in self.committed() {
            let external: Vec<&Op> = record.external().collect();
            for op in &record.ops {
                if let Op::List(key, values) = op {
                    let external = external.iter().any(|e| std::ptr::eq(*e, op));
                    reads.entry(*key).or_default().push((i, values.clone(), external));
                }
            }
        }
        for (key, reads) in reads {
            let order = reads.iter().map(|r| &r.1).max_by_key(|v| v.len()).cloned().unwrap_or_default();
            for pair in order.windows(2) {
                let (a, b) = (self.writer(key, pair[0]), self.writer(key, pair[1]));
                self.edge(a, b, Dep::Ww, key);
            }
            for (reader, values, external) in &reads {
                if !order.starts_with(values) {
                    self.note(
                        Anomaly::Order,
                        format!("{reader} read {values:?} of {key}, another {order:?}"),
                    );
                    continue;
                }
                if *external {
                    let last = values.last().and_then(|&v| self.writer(key, v));
                    let next = order.get(values.len()).and_then(|&v| self.writer(key, v));
                    self.edge(last, Some(*reader), Dep::Wr, key);
                    self.edge(Some(*reader), next, Dep::Rw, key);
                }
            }
            self.lost_elements(key, &order);
        }
        self.same_read(|op| match op {
            Op::List(key, values) => Some((*key, values.last().copied().unwrap_or(0))),
            _ => None,
        });
    }

    /// An element that was committed before some read of the list began, and is in none.
    fn lost_elements(&mut self, key: Key, order: &[Value]) {
        let lists = |r: &Record| r.ops.iter().any(|op| matches!(op, Op::List(k, _) if *k == key));
        let latest = self.committed().filter(|(_, r)| lists(r)).map(|(_, r)| r.time.0).max().unwrap_or(0);
        let lost = self.writers.iter().find(|((k, v), writer)| {
            let writer = &self.history[**writer];
            let append = writer.ops.contains(&Op::Append(key, *v));
            *k == key && append && writer.committed && writer.time.1 < latest && !order.contains(v)
        });
        if let Some(((_, value), writer)) = lost.map(|(k, w)| (*k, *w)) {
            self.note(Anomaly::LostUpdate, format!("element {value} of {key}, written by {writer}, is gone"));
        }
    }

    /// Two that read the same version and replaced it.
    fn same_read(&mut self, version: fn(&Op) -> Option<(Key, Value)>) {
        let mut replaced: BTreeMap<(Key, Value), usize> = BTreeMap::new();
        let mut found = None;
        for (i, record) in self.committed() {
            let mut last: BTreeMap<Key, Value> = BTreeMap::new();
            last.extend(record.external().filter_map(version));
            for (key, value) in last.into_iter().filter(|(key, _)| record.written(*key).next().is_some()) {
                if let Some(other) = replaced.insert((key, value), i) {
                    found =
                        Some(format!("{other} and {i} both read version {value} of {key} and replaced it"));
                }
            }
        }
        if let Some(text) = found {
            self.note(Anomaly::LostUpdate, text);
        }
    }

    fn registers(&mut self) {
        // (key, value) → values that are known to be later.
        let mut later: BTreeMap<(Key, Value), BTreeSet<Value>> = BTreeMap::new();
        let mut reads = Vec::new();
        for (i, record) in self.committed() {
            let external: Vec<(Key, Value)> = record
                .external()
                .filter_map(|op| if let Op::Read(k, v) = op { Some((*k, *v)) } else { None })
                .collect();
            let mut wrote: BTreeMap<Key, Value> = BTreeMap::new();
            wrote.extend(record.ops.iter().filter_map(|op| match op {
                Op::Write(k, v) => Some((*k, *v)),
                _ => None,
            }));
            for (&key, &value) in &wrote {
                later.entry((key, 0)).or_default().insert(value);
            }
            for &(key, value) in &external {
                reads.push((i, key, value));
                if let Some(&next) = wrote.get(&key) {
                    later.entry((key, value)).or_default().insert(next);
                }
            }
        }
        for ((key, value), nexts) in &later {
            for &next in nexts {
                let (a, b) = (self.writer(*key, *value), self.writer(*key, next));
                self.edge(a, b, Dep::Ww, *key);
            }
        }
        for (reader, key, value) in reads {
            self.edge(self.writer(key, value), Some(reader), Dep::Wr, key);
            for &next in later.get(&(key, value)).into_iter().flatten() {
                self.edge(Some(reader), self.writer(key, next), Dep::Rw, key);
            }
        }
        self.same_read(|op| if let Op::Read(k, v) = op { Some((*k, *v)) } else { None });
    }

    fn sets(&mut self) {
        let mut rows: BTreeMap<Key, Vec<(Value, usize)>> = BTreeMap::new();
        for (i, record) in self.committed() {
            for op in &record.ops {
                if let Op::Insert(key, value) = op {
                    rows.entry(*key).or_default().push((*value, i));
                }
            }
        }
        let mut edges = Vec::new();
        for (reader, record) in self.committed() {
            for op in record.external() {
                let Op::Set(key, values) = op else { continue };
                for &(value, writer) in rows.get(key).into_iter().flatten() {
                    edges.push(match values.contains(&value) {
                        true => Edge { from: writer, to: reader, dep: Dep::Wr, key: *key },
                        false => Edge { from: reader, to: writer, dep: Dep::Rw, key: *key },
                    });
                }
            }
        }
        self.edges.append(&mut edges);
    }

    fn time(&mut self) {
        let committed: Vec<(usize, (u64, u64))> = self.committed().map(|(i, r)| (i, r.time)).collect();
        for &(a, first) in &committed {
            for &(b, second) in committed.iter().filter(|(_, second)| first.1 < second.0) {
                debug_assert!(first.0 < second.1);
                self.edges.push(Edge { from: a, to: b, dep: Dep::Time, key: 0 });
            }
        }
    }
}

fn cycles(graph: &Graph, found: &mut Found) {
    let mut note = |anomaly: Anomaly, cycle: Option<Vec<Edge>>| {
        if let Some(cycle) = cycle {
            found.entry(anomaly).or_insert_with(|| explain(&cycle));
        }
    };
    let rw = |dep: Dep| dep == Dep::Rw;
    for first in graph.edges() {
        match first.dep {
            Dep::Ww => note(Anomaly::G0, graph.cycle(first, &|_, next| next == Dep::Ww, &|_| true)),
            Dep::Wr => note(Anomaly::G1c, graph.cycle(first, &|_, next| !rw(next), &|_| true)),
            Dep::Rw => {
                let single = graph.cycle(first, &|_, next| !rw(next), &|last| !rw(last));
                if single.is_some() {
                    note(Anomaly::GSingle, single);
                    continue;
                }
                let apart = graph.cycle(first, &|last, next| !(rw(last) && rw(next)), &|last| !rw(last));
                if apart.is_some() {
                    note(Anomaly::LongFork, apart);
                    continue;
                }
                let any = graph.cycle(first, &|_, _| true, &|_| true);
                let skew = any.as_ref().is_some_and(|cycle| cycle.len() == 2);
                note(if skew { Anomaly::WriteSkew } else { Anomaly::G2 }, any);
            }
            Dep::Time => {}
        }
    }
}
