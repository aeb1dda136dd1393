//! `ts_rewrite`: a part of a query replaced by another.
//!
//! Chains of `&` and of `|` are taken apart into sorted lists, so that `a & c` is found in `a & b & c`; the result is put
//! together again in that order, which is PostgreSQL's.

use super::{Item, Operand, items, write};
use crate::error::{Error, Result, code};
use crate::order::sort;
use std::cmp::Ordering;

/// How deep a query may be nested here, chains apart.
const DEPTH_MAX: usize = 1000;

/// A node whose operands are in PostgreSQL's order: the right one first.
#[derive(Debug, Clone)]
struct Node<'a> {
    item: Item<'a>,
    operands: Vec<Node<'a>>,
    /// It came in place of another, and is left as it is.
    fixed: bool,
}

/// The query with each occurrence of `target` replaced by `substitute` (left out, if that is empty). 54001 if one is nested
/// too deep.
pub fn rewrite(query: &[u8], target: &[u8], substitute: &[u8]) -> Result<Vec<u8>> {
    let (Some(root), Some(target)) = (tree(query, true)?, tree(target, true)?) else {
        return Ok(query.to_vec());
    };
    let substitute = tree(substitute, false)?;
    let mut found = false;
    let mut root = replace(root, &target, substitute.as_ref(), &mut found);
    if found && substitute.is_none() {
        root = root.and_then(without_gaps);
    }
    let mut bytes = Vec::new();
    if let Some(root) = root {
        emit(&root, &mut bytes);
    }
    Ok(bytes)
}

/// The tree of a query; flat: chains are lists, and sorted.
fn tree(bytes: &[u8], flat: bool) -> Result<Option<Node<'_>>> {
    let mut done: Vec<(Node<'_>, usize)> = Vec::new();
    for item in items(bytes).into_iter().rev() {
        let (mut operands, mut depth) = (Vec::new(), 0);
        for _ in 0..item.operands() {
            let Some((operand, below)) = done.pop() else { continue };
            let joins = flat && matches!(item, Item::And | Item::Or) && operand.item == item;
            depth = depth.max(if joins { below } else { below + 1 });
            operands.push(if joins { operand.operands } else { vec![operand] });
        }
        let node = Node { item, operands: joined(operands), fixed: false };
        if depth > DEPTH_MAX {
            return Err(Error::new(code::DEPTH, "stack depth limit exceeded"));
        }
        done.push((node, depth));
    }
    let mut root = done.pop().map(|(node, _)| node);
    if let Some(root) = root.as_mut().filter(|_| flat) {
        sort_all(root);
    }
    Ok(root)
}

/// The operands of the right side, then those of the left one. Where there are many on the left they come first: they are
/// sorted later, and order only tells those apart that are equal.
fn joined(sides: Vec<Vec<Node<'_>>>) -> Vec<Node<'_>> {
    let mut sides = sides.into_iter();
    let (mut right, mut left) = (sides.next().unwrap_or_default(), sides.next().unwrap_or_default());
    if left.len() > right.len() && left.len() > 8 {
        std::mem::swap(&mut right, &mut left);
    }
    right.append(&mut left);
    right
}

fn compare(a: &Node<'_>, b: &Node<'_>) -> Ordering {
    if let (Item::Word(a), Item::Word(b)) = (&a.item, &b.item) {
        return compare_words(a, b);
    }
    let nodes = rank(&a.item).cmp(&rank(&b.item)).then(b.operands.len().cmp(&a.operands.len()));
    let below = || a.operands.iter().zip(&b.operands).map(|(a, b)| compare(a, b)).find(|order| order.is_ne());
    let order = nodes.then_with(|| below().unwrap_or(Ordering::Equal));
    match (a.item, b.item) {
        (Item::Phrase(a), Item::Phrase(b)) => order.then(b.cmp(&a)),
        _ => order,
    }
}

fn sort_all(node: &mut Node<'_>) {
    node.operands.iter_mut().for_each(sort_all);
    sort_operands(node);
}

fn sort_operands(node: &mut Node<'_>) {
    if node.operands.len() < 2 || matches!(node.item, Item::Phrase(_)) {
        return;
    }
    let mut order: Vec<u32> = (0..node.operands.len() as u32).collect();
    let operands = &node.operands;
    sort(&mut order, &|a, b| compare(&operands[a as usize], &operands[b as usize]).then(a.cmp(&b)));
    let mut from: Vec<Option<Node<'_>>> = std::mem::take(&mut node.operands).into_iter().map(Some).collect();
    node.operands = order.iter().filter_map(|&i| from[i as usize].take()).collect();
}

/// The node, or what comes in its place; None: nothing does.
fn replace<'a>(
    mut node: Node<'a>,
    target: &Node<'_>,
    substitute: Option<&Node<'a>>,
    found: &mut bool,
) -> Option<Node<'a>> {
    let fixed = || substitute.map(|s| Node { fixed: true, ..s.clone() });
    if node.fixed {
        return Some(node);
    }
    if compare(&node, target).is_eq() {
        *found = true;
        return fixed();
    }
    let same = !matches!(node.item, Item::Word(_)) && rank(&node.item) == rank(&target.item);
    if same && let Some(rest) = without_operands(&node, target) {
        *found = true;
        node.operands = rest.into_iter().chain(fixed()).collect();
        sort_all(&mut node);
    }
    let operands = std::mem::take(&mut node.operands);
    node.operands = operands.into_iter().filter_map(|o| replace(o, target, substitute, found)).collect();
    Some(node)
}

/// The operands of a longer chain that are not those of the target; None: it does not have all of those.
fn without_operands<'a>(node: &Node<'a>, target: &Node<'_>) -> Option<Vec<Node<'a>>> {
    if node.operands.len() <= target.operands.len() || target.operands.is_empty() {
        return None;
    }
    let mut rest = Vec::new();
    let mut sought = target.operands.iter().peekable();
    for operand in &node.operands {
        match sought.peek().map(|next| compare(operand, next)) {
            Some(Ordering::Equal) => {
                sought.next();
            }
            Some(Ordering::Greater) => return None,
            Some(Ordering::Less) | None => rest.push(operand.clone()),
        }
    }
    sought.peek().is_none().then_some(rest)
}

/// Without operators that have lost their operands.
fn without_gaps(mut node: Node<'_>) -> Option<Node<'_>> {
    if matches!(node.item, Item::Word(_)) {
        return Some(node);
    }
    node.operands = node.operands.into_iter().filter_map(without_gaps).collect();
    match node.operands.len() {
        0 => None,
        1 if node.item != Item::Not => node.operands.pop(),
        _ => Some(node),
    }
}

/// Appends a node's bytes. A list is a chain again: its first two, then the others from the last on.
fn emit(node: &Node<'_>, bytes: &mut Vec<u8>) {
    let (head, tail) = node.operands.split_at(node.operands.len().min(2));
    (0..=tail.len()).for_each(|_| write(&node.item, bytes));
    head.iter().chain(tail.iter().rev()).for_each(|operand| emit(operand, bytes));
}

/// PostgreSQL orders words by this checksum first: CRC-32 with the table of one direction and the steps of the other.
fn checksum(text: &[u8]) -> i32 {
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
fn compare_words(a: &Operand<'_>, b: &Operand<'_>) -> Ordering {
    checksum(b.text).cmp(&checksum(a.text)).then_with(|| a.text.cmp(b.text))
}

/// The order of operators that have no others between them.
fn rank(item: &Item<'_>) -> u8 {
    match item {
        Item::Phrase(_) => 0,
        Item::Or => 1,
        Item::And => 2,
        Item::Not => 3,
        Item::Word(_) => 4,
    }
}
