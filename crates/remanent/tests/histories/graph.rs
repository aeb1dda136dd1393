//! Dependencies between transactions, and ways around in them.

use super::history::Key;
use std::collections::VecDeque;

/// How one transaction comes before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dep {
    /// The second replaced what the first wrote.
    Ww,
    /// The second read what the first wrote.
    Wr,
    /// The second replaced what the first read.
    Rw,
    /// The second began after the first had ended.
    Time,
}

/// One dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub dep: Dep,
    /// Over what; 0 for time.
    pub key: Key,
}

/// The dependencies of a history.
pub struct Graph {
    out: Vec<Vec<Edge>>,
}

impl Graph {
    pub fn new(nodes: usize, mut edges: Vec<Edge>) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let mut out = vec![Vec::new(); nodes];
        edges.into_iter().filter(|e| e.from != e.to).for_each(|e| out[e.from].push(e));
        Graph { out }
    }

    pub fn edges(&self) -> impl Iterator<Item = Edge> + '_ {
        self.out.iter().flatten().copied()
    }

    /// A shortest way round that begins with `first`. `step` says which dependency may follow which; `close` which may
    /// come before `first` at the end.
    pub fn cycle(
        &self,
        first: Edge,
        step: &dyn Fn(Dep, Dep) -> bool,
        close: &dyn Fn(Dep) -> bool,
    ) -> Option<Vec<Edge>> {
        let mut seen = vec![[false; 4]; self.out.len()];
        let mut open = VecDeque::from([first]);
        seen[first.to][first.dep as usize] = true;
        let mut from: Vec<Vec<(Edge, Edge)>> = vec![Vec::new(); self.out.len()];
        while let Some(edge) = open.pop_front() {
            if edge.to == first.from && close(edge.dep) {
                let mut way = vec![edge];
                while let Some(last) = way.last().copied()
                    && last != first
                {
                    let previous = from[last.to].iter().find(|(e, _)| *e == last);
                    way.extend(previous.map(|(_, p)| *p));
                }
                way.reverse();
                return Some(way);
            }
            for &next in self.out[edge.to].iter().filter(|next| step(edge.dep, next.dep)) {
                if !std::mem::replace(&mut seen[next.to][next.dep as usize], true) {
                    from[next.to].push((next, edge));
                    open.push_back(next);
                }
            }
        }
        None
    }
}

/// For people: `3 -rw 1→ 5 -ww 1→ 3`.
pub fn explain(cycle: &[Edge]) -> String {
    let mut text = cycle.first().map_or(String::new(), |e| e.from.to_string());
    for edge in cycle {
        let dep = format!("{:?}", edge.dep).to_lowercase();
        text += &format!(" -{dep} {}→ {}", edge.key, edge.to);
    }
    text
}
