//! What makes a query of others, and what compares them.

use super::parse::checked_distance;
use super::{Item, Operand, items, lefts, print, write};
use crate::error::Result;
use crate::order::sort;
use std::cmp::Ordering;

/// A tree whose nodes can be taken out.
pub(super) struct Arena<'a> {
    /// None: a gap.
    items: Vec<Option<Item<'a>>>,
    left: Vec<usize>,
    right: Vec<usize>,
}

/// How far gaps that were closed reach beyond a subtree.
#[derive(Debug, Clone, Copy, Default)]
struct Reach {
    left: u32,
    right: u32,
}

/// What is left of a subtree: its root, if anything is.
type Kept = (Option<usize>, Reach);

/// Says what becomes of a node, given what is left of its left and its right operand.
type Fold<'f, 'a> = &'f mut dyn FnMut(&mut Arena<'a>, usize, Kept, Kept) -> Kept;

impl<'a> Arena<'a> {
    /// The tree of a list in stored order. None: it is no whole tree.
    pub(super) fn new(list: &[Option<Item<'a>>]) -> Option<Self> {
        let (mut left, mut right) = (vec![0; list.len()], vec![0; list.len()]);
        let mut roots = Vec::new();
        for (i, item) in list.iter().enumerate().rev() {
            let operands = item.map_or(0, |item| item.operands());
            if operands > 0 {
                right[i] = roots.pop()?;
            }
            if operands > 1 {
                left[i] = roots.pop()?;
            }
            roots.push(i);
        }
        (roots.len() == 1).then(|| Arena { items: list.to_vec(), left, right })
    }

    /// The bytes of the tree below a node.
    fn write(&self, root: Option<usize>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut due: Vec<usize> = root.into_iter().collect();
        while let Some(at) = due.pop() {
            let Some(item) = self.items[at] else { continue };
            write(&item, &mut bytes);
            if item.operands() > 1 {
                due.push(self.left[at]);
            }
            if item.operands() > 0 {
                due.push(self.right[at]);
            }
        }
        bytes
    }

    /// Each node, operands first, with what became of its operands; `f` says what becomes of the node.
    fn fold(&mut self, f: Fold<'_, 'a>) -> Option<usize> {
        let mut done: Vec<Kept> = Vec::new();
        for at in (0..self.items.len()).rev() {
            let operands = self.items[at].map_or(0, |item| item.operands());
            let right = if operands > 0 { done.pop() } else { None };
            let left = if operands > 1 { done.pop() } else { None };
            let kept = f(self, at, left.unwrap_or_default(), right.unwrap_or_default());
            done.push(kept);
        }
        done.pop().and_then(|(root, _)| root)
    }

    /// Takes out gaps, and operators that lose an operand; distances grow by what was between.
    pub(super) fn close_gaps(&mut self) -> Vec<u8> {
        let root = self.fold(&mut Arena::close);
        self.write(root)
    }

    /// What becomes of a node whose operands are closed.
    fn close(&mut self, at: usize, (left, l): Kept, (right, r): Kept) -> Kept {
        let distance = match self.items[at] {
            None => return (None, Reach::default()),
            Some(Item::Word(_)) => return (Some(at), Reach::default()),
            Some(Item::Not) => {
                self.right[at] = right.unwrap_or(0);
                return (right.map(|_| at), r);
            }
            Some(Item::Phrase(distance)) => Some(u32::from(distance)),
            Some(_) => None,
        };
        // Where nothing is left of a subtree, both of its sides say how wide it was.
        match (left, right, distance) {
            (None, None, Some(distance)) => {
                let all = l.left + distance + r.left;
                (None, Reach { left: all, right: all })
            }
            (None, None, None) => {
                let wider = l.left.max(r.left);
                (None, Reach { left: wider, right: wider })
            }
            (None, Some(_), Some(distance)) => {
                (right, Reach { left: l.left + distance + r.left, right: r.right })
            }
            (None, Some(_), None) => (right, r),
            (Some(_), None, Some(distance)) => {
                (left, Reach { left: l.left, right: l.right + distance + r.right })
            }
            (Some(_), None, None) => (left, l),
            (Some(left), Some(right), distance) => {
                (self.left[at], self.right[at]) = (left, right);
                let Some(distance) = distance else { return (Some(at), Reach::default()) };
                let distance = distance + l.right + r.left;
                self.items[at] = Some(Item::Phrase(distance.min(u32::from(u16::MAX)) as u16));
                (Some(at), Reach { left: l.left, right: r.right })
            }
        }
    }
}

/// The part of a query that an index could look for, as text: without what is negated; `T` if nothing is left.
pub fn required(bytes: &[u8]) -> String {
    let list: Vec<Option<Item<'_>>> = items(bytes).into_iter().map(Some).collect();
    let Some(mut arena) = Arena::new(&list) else { return String::new() };
    let keep = &mut |arena: &mut Arena<'_>, at: usize, (left, _): Kept, (right, _): Kept| {
        let kept = match (arena.items[at], left, right) {
            (Some(Item::Word(_)), ..) => Some(at),
            (Some(Item::Not) | None, ..) => None,
            (Some(Item::Or), None, _) | (Some(Item::Or), _, None) => None,
            (_, Some(left), Some(right)) => {
                (arena.left[at], arena.right[at]) = (left, right);
                Some(at)
            }
            (_, left, right) => left.or(right),
        };
        (kept, Reach::default())
    };
    match arena.fold(keep) {
        None => "T".to_owned(),
        root => print(&arena.write(root)),
    }
}

/// Both queries under an operator; an empty one goes without saying.
fn join(operator: Item<'_>, a: &[u8], b: &[u8]) -> Vec<u8> {
    if a.is_empty() || b.is_empty() {
        return if a.is_empty() { b.to_vec() } else { a.to_vec() };
    }
    let mut bytes = Vec::with_capacity(3 + a.len() + b.len());
    write(&operator, &mut bytes);
    bytes.extend_from_slice(b);
    bytes.extend_from_slice(a);
    bytes
}

/// `a & b`
pub fn and(a: &[u8], b: &[u8]) -> Vec<u8> {
    join(Item::And, a, b)
}

/// `a | b`
pub fn or(a: &[u8], b: &[u8]) -> Vec<u8> {
    join(Item::Or, a, b)
}

/// `a <N> b`. 22023 if the distance is out of range.
pub fn phrase(a: &[u8], b: &[u8], distance: i64) -> Result<Vec<u8>> {
    Ok(join(Item::Phrase(checked_distance(distance)?), a, b))
}

/// `!a`
pub fn negated(a: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + a.len());
    if !a.is_empty() {
        write(&Item::Not, &mut bytes);
        bytes.extend_from_slice(a);
    }
    bytes
}

/// True if all words of `b` are words of `a`, whatever the operators are.
pub fn contains(a: &[u8], b: &[u8]) -> bool {
    let words = |bytes| super::words(bytes).map(|word| word.text).collect::<Vec<&[u8]>>();
    let (a, b): (Vec<&[u8]>, Vec<&[u8]>) = (words(a), words(b));
    let mut order: Vec<u32> = (0..a.len() as u32).collect();
    sort(&mut order, &|x, y| a[x as usize].cmp(a[y as usize]));
    b.iter().all(|word| order.binary_search_by(|&i| a[i as usize].cmp(word)).is_ok())
}

/// PostgreSQL orders words by this checksum first: CRC-32 with the table of one direction and the steps of the other.
pub(super) fn checksum(text: &[u8]) -> i32 {
    let mut crc = u32::MAX;
    for &byte in text {
        let mut entry = (crc >> 24) ^ u32::from(byte);
        for _ in 0..8 {
            entry = (entry >> 1) ^ ((entry & 1) * 0xedb8_8320);
        }
        crc = (crc << 8) ^ entry;
    }
    !crc as i32
}

/// The order of two words: weights and prefixes do not count.
pub(super) fn compare_words(a: &Operand<'_>, b: &Operand<'_>) -> Ordering {
    checksum(b.text).cmp(&checksum(a.text)).then_with(|| a.text.cmp(b.text))
}

/// The order of operators that have no others between them.
pub(super) fn rank(item: &Item<'_>) -> u8 {
    match item {
        Item::Phrase(_) => 0,
        Item::Or => 1,
        Item::And => 2,
        Item::Not => 3,
        Item::Word(_) => 4,
    }
}

/// The order of queries, which is PostgreSQL's: by the number of nodes, the bytes of all words, then node by node.
pub fn compare(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (items(a), items(b));
    let bytes = |items: &[Item<'_>]| -> usize {
        items.iter().map(|item| if let Item::Word(word) = item { word.text.len() + 1 } else { 0 }).sum()
    };
    let sizes = a.len().cmp(&b.len()).then_with(|| bytes(&a).cmp(&bytes(&b)));
    if sizes.is_ne() {
        return sizes;
    }
    // Distances count once all below is equal: those that wait, with where their subtree ends.
    let ends = ends(&a);
    let mut waiting: Vec<(usize, Ordering)> = Vec::new();
    for (i, (x, y)) in a.iter().zip(&b).enumerate() {
        while let Some((_, order)) = waiting.pop_if(|(end, _)| *end <= i) {
            if order.is_ne() {
                return order;
            }
        }
        match (x, y) {
            (Item::Word(x), Item::Word(y)) => match compare_words(x, y) {
                Ordering::Equal => {}
                order => return order,
            },
            (Item::Phrase(x), Item::Phrase(y)) => waiting.push((ends[i], y.cmp(x))),
            _ => match rank(x).cmp(&rank(y)) {
                Ordering::Equal => {}
                order => return order,
            },
        }
    }
    waiting.iter().rev().map(|(_, order)| *order).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Where the subtree of each item ends.
fn ends(items: &[Item<'_>]) -> Vec<usize> {
    let lefts = lefts(items);
    let mut ends = vec![0; items.len()];
    for (i, item) in items.iter().enumerate().rev() {
        ends[i] = match item.operands() {
            0 => i + 1,
            1 => ends[i + 1],
            _ => ends[lefts[i]],
        };
    }
    ends
}
