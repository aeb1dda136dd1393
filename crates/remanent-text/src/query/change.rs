//! What makes a query of others, and what compares them.

use super::parse::checked_distance;
use super::{Item, items, print, write};
use crate::error::Result;
use crate::order::sort;

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
