//! A spatial index beside a hot segment: an R-tree (Guttman 1984) that grows row by row.
//!
//! A row goes down to the node whose box grows the least; a node that is full is cut in two along the axis on which its
//! children lie apart the most. No insertion costs more than a path of cuts. Rows of the last chunk may be dropped and
//! numbered anew, so their boxes are kept by row until the next chunk begins.

use super::walk::{Child, Nearby, Tree, region};
use super::{Area, area_of};
use crate::error::{Error, Result};
use crate::index::{Cost, Hits, HotPart, IndexDef, Part, Probe, ProbeStats, Region, ScoreBound};
use crate::segment::RowSet;
use crate::segment::hot::CHUNK_ROWS;
use crate::value::Column;
use crate::world::mutation;

/// Children of a node.
const FULL: usize = 16;
/// Rows that are counted to price a probe: one in so many, but at least and at most these.
const COUNTED_SHARE: u32 = 8;
const COUNTED_MIN: u32 = 256;
const COUNTED_MAX: u32 = 8192;

#[derive(Clone)]
struct Node {
    leaf: bool,
    areas: Vec<Area>,
    /// Nodes, or rows of a leaf.
    children: Vec<u32>,
}

/// A row's place in the index.
#[derive(Clone, Copy)]
enum Entry {
    /// A partial index leaves it out.
    Absent,
    /// It has no box.
    Hollow,
    Boxed(Area),
}

/// A spatial index beside a hot segment.
pub struct SpatialHot {
    def: IndexDef,
    nodes: Vec<Node>,
    root: u32,
    hollow: Vec<u32>,
    len: u32,
    rows: u32,
    /// The last rows, from a multiple of [`CHUNK_ROWS`] on.
    recent: Vec<Entry>,
}

impl SpatialHot {
    /// Without rows.
    pub fn new(def: IndexDef) -> Self {
        let root = Node { leaf: true, areas: Vec::new(), children: Vec::new() };
        SpatialHot {
            def,
            nodes: vec![root],
            root: 0,
            hollow: Vec::new(),
            len: 0,
            rows: 0,
            recent: Vec::new(),
        }
    }

    fn push(&mut self, entry: Entry) {
        if (self.len as usize).is_multiple_of(CHUNK_ROWS) {
            self.recent.clear();
        }
        self.recent.push(entry);
        match entry {
            Entry::Absent => {}
            Entry::Hollow => self.hollow.push(self.len),
            Entry::Boxed(area) => {
                self.rows += 1;
                self.plant(area, self.len);
            }
        }
        self.len += 1;
    }

    /// Adds a row to the tree.
    fn plant(&mut self, area: Area, row: u32) {
        if let Some((first, second)) = self.descend(self.root, area, row) {
            let left = self.root;
            self.root = self.nodes.len() as u32;
            let (areas, children) = (vec![first, second.0], vec![left, second.1]);
            self.nodes.push(Node { leaf: false, areas, children });
        }
    }

    /// Adds a row below a node; where that was cut in two, the box of what is left of it, and the other with its box.
    fn descend(&mut self, at: u32, area: Area, row: u32) -> Option<(Area, (Area, u32))> {
        let node = &mut self.nodes[at as usize];
        if node.leaf {
            node.areas.push(area);
            node.children.push(row);
        } else {
            let home = home(&node.areas, &area);
            node.areas[home].grow(&area);
            let child = node.children[home];
            let (first, second) = self.descend(child, area, row)?;
            let node = &mut self.nodes[at as usize];
            node.areas[home] = first;
            node.areas.push(second.0);
            node.children.push(second.1);
        }
        if self.nodes[at as usize].children.len() <= FULL {
            return None;
        }
        let second = self.nodes[at as usize].cut();
        let (first, other) = (around(&self.nodes[at as usize].areas), around(&second.areas));
        self.nodes.push(second);
        Some((first, (other, self.nodes.len() as u32 - 1)))
    }

    /// Takes a row out of the tree. Boxes stay as they are: larger than they need be until the segment is written.
    fn uproot(&mut self, area: &Area, row: u32) {
        let mut open = vec![self.root];
        while let Some(at) = open.pop() {
            let node = &mut self.nodes[at as usize];
            let holds = |outer: &Area| outer.with(area) == *outer;
            if !node.leaf {
                open.extend(node.children.iter().zip(&node.areas).filter(|(_, a)| holds(a)).map(|(c, _)| *c));
            } else if let Some(i) = node.children.iter().position(|&child| child == row) {
                node.children.swap_remove(i);
                node.areas.swap_remove(i);
                self.rows -= 1;
                return;
            }
        }
    }

    /// How many rows meet a region; where there are many, it is taken to be a third.
    fn count(&self, region: &Region) -> f64 {
        let most = (self.rows / COUNTED_SHARE).clamp(COUNTED_MIN, COUNTED_MAX);
        let (mut open, mut met) = (vec![self.root], 0);
        while let Some(at) = open.pop() {
            let node = &self.nodes[at as usize];
            for (area, &child) in node.areas.iter().zip(&node.children) {
                match (area.meets(region), node.leaf) {
                    (true, true) => met += 1,
                    (true, false) => open.push(child),
                    _ => {}
                }
            }
            if met >= most {
                return f64::from(self.rows) / 3.0;
            }
        }
        f64::from(met)
    }

    fn tree(&self) -> Walker<'_> {
        Walker(self)
    }
}

/// Which of the boxes is to hold another: the one that grows the least, of those the smallest.
fn home(areas: &[Area], area: &Area) -> usize {
    let mut best = (0, f32::INFINITY, f32::INFINITY);
    for (i, held) in areas.iter().enumerate() {
        let girth = held.girth();
        let growth = held.with(area).girth() - girth;
        if growth < best.1 || growth == best.1 && girth < best.2 {
            best = (i, growth, girth);
        }
    }
    best.0
}

fn around(areas: &[Area]) -> Area {
    areas.iter().fold(Area::NONE, |all, area| all.with(area))
}

impl Node {
    /// Takes out half of the children: those that lie farther along the axis on which they lie apart the most.
    fn cut(&mut self) -> Node {
        let spread = |axis: usize| {
            let middles = self.areas.iter().map(|area| area.middle(axis));
            let (low, high) =
                middles.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), m| (low.min(m), high.max(m)));
            high - low
        };
        let axis = (0..3).max_by(|&a, &b| spread(a).total_cmp(&spread(b))).unwrap_or(0);
        let mut order: Vec<usize> = (0..self.areas.len()).collect();
        order.sort_by(|&a, &b| self.areas[a].middle(axis).total_cmp(&self.areas[b].middle(axis)));
        let (near, far) = order.split_at(order.len() / 2);
        let pick = |which: &[usize]| Node {
            leaf: self.leaf,
            areas: which.iter().map(|&i| self.areas[i]).collect(),
            children: which.iter().map(|&i| self.children[i]).collect(),
        };
        let (near, far) = (pick(near), pick(far));
        *self = near;
        far
    }
}

struct Walker<'a>(&'a SpatialHot);

impl Tree for Walker<'_> {
    fn open(&mut self, node: Option<u64>, _: &Region, visit: &mut dyn FnMut(&Area, Child)) -> Result<()> {
        let at = node.unwrap_or(self.0.root.into());
        let node = &self.0.nodes[at as usize];
        for (area, &child) in node.areas.iter().zip(&node.children) {
            visit(area, if node.leaf { Child::Row(child) } else { Child::Node(child.into()) });
        }
        Ok(())
    }

    fn hollow(&self) -> &[u32] {
        &self.0.hollow
    }
}

impl Part for SpatialHot {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        let rows = match probe {
            Probe::Nearest(_) => f64::from(self.rows),
            Probe::Region(region) => self.count(region),
            _ => return None,
        };
        Some(Cost { rows, nanos: 500.0 + 50.0 * rows })
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        match probe {
            Probe::Region(wanted) => region(&mut self.tree(), wanted, within),
            Probe::Nearest(near) => Ok(Box::new(Nearby::new(self.tree(), near, within, bound))),
            _ => Err(Error::internal("a spatial index takes regions and places")),
        }
    }

    fn memory(&self) -> usize {
        let child = size_of::<Area>() + size_of::<u32>();
        let nodes = self.nodes.len() * (size_of::<Node>() + child * (FULL + 1));
        size_of::<SpatialHot>() + nodes + self.hollow.capacity() * 4
    }
}

impl HotPart for SpatialHot {
    fn insert(&mut self, first_ordinal: u32, columns: &[Column]) -> Result<()> {
        if first_ordinal != self.len {
            let message = format!("rows from {first_ordinal} on were added to an index of {} rows", self.len);
            return Err(Error::internal(message));
        }
        let Some(column) = self.def.columns.first().and_then(|&c| columns.get(c)) else { return Ok(()) };
        for row in 0..column.len() {
            let entry = match (self.def.holds(columns, row), area_of(column, row)) {
                (false, _) => Entry::Absent,
                (true, None) => Entry::Hollow,
                (true, Some(area)) => Entry::Boxed(area),
            };
            self.push(entry);
        }
        Ok(())
    }

    fn truncate(&mut self, len: u32) {
        while self.len > len {
            let Some(entry) = self.recent.pop() else {
                // Further back than boxes are kept by row.
                let mut dropped = 0;
                for node in self.nodes.iter_mut().filter(|node| node.leaf) {
                    for i in (0..node.children.len()).rev() {
                        if node.children[i] >= len {
                            node.children.swap_remove(i);
                            node.areas.swap_remove(i);
                            dropped += 1;
                        }
                    }
                }
                self.rows -= dropped;
                self.hollow.retain(|&row| row < len);
                self.len = len;
                return;
            };
            self.len -= 1;
            match entry {
                Entry::Absent => {}
                Entry::Hollow => {
                    self.hollow.pop();
                }
                Entry::Boxed(area) => self.uproot(&area, self.len),
            }
        }
    }

    fn retain_from(&mut self, first: u32, keep: &[bool]) {
        if mutation("stale_index_ordinals") {
            return;
        }
        let base = self.len - self.recent.len() as u32;
        let tail = self.recent.iter().skip(first.saturating_sub(base) as usize);
        let kept: Vec<Entry> = tail.zip(keep).filter(|(_, keep)| **keep).map(|(entry, _)| *entry).collect();
        self.truncate(first);
        kept.into_iter().for_each(|entry| self.push(entry));
    }
}
