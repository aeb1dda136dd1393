//! What makes a tsvector of another.

use super::build::{Writer, check_length};
use super::{Entry, POSITION_MAX, POSITIONS_MAX, Position, Vector, Weight, build, without_zero};
use crate::error::Result;

/// Each lexeme's text, and which positions it keeps.
type Change<'f> = &'f mut dyn FnMut(&[u8], Position) -> Option<Position>;

/// The same lexemes, each position as `change` says.
fn change(vector: Vector<'_>, change: Change<'_>) -> Result<Vec<u8>> {
    let mut out = Writer::new();
    for lexeme in vector.iter() {
        out.lexeme(lexeme.text, &mut lexeme.positions.into_iter().filter_map(|p| change(lexeme.text, p)));
    }
    out.finish()
}

/// Without positions.
pub fn strip(bytes: &[u8]) -> Result<Vec<u8>> {
    change(Vector::new(bytes), &mut |_, _| None)
}

/// With that weight at every position, or at those of the lexemes named.
pub fn set_weight(bytes: &[u8], weight: Weight, only: Option<&[&str]>) -> Result<Vec<u8>> {
    change(Vector::new(bytes), &mut |text, position| {
        let concerned = only.is_none_or(|only| only.iter().any(|named| named.as_bytes() == text));
        Some(if concerned { Position::new(position.place().into(), weight) } else { position })
    })
}

/// Only what stands at a position of one of these weights (a set of [`Weight::bit`]s).
pub fn filter(bytes: &[u8], weights: u8) -> Result<Vec<u8>> {
    let mut out = Writer::new();
    for lexeme in Vector::new(bytes).iter() {
        let kept = |p: &Position| weights & p.weight().bit() != 0;
        if lexeme.positions.into_iter().any(|p| kept(&p)) {
            out.lexeme(lexeme.text, &mut lexeme.positions.into_iter().filter(kept));
        }
    }
    out.finish()
}

/// Without the lexemes named.
pub fn delete(bytes: &[u8], named: &[&str]) -> Result<Vec<u8>> {
    let mut out = Writer::new();
    for lexeme in Vector::new(bytes).iter() {
        if !named.iter().any(|named| named.as_bytes() == lexeme.text) {
            out.lexeme(lexeme.text, &mut lexeme.positions.into_iter());
        }
    }
    out.finish()
}

/// One document behind the other: positions of the second go on behind the last of the first.
pub fn concat(a: &[u8], b: &[u8]) -> Result<Vec<u8>> {
    let (a, b) = (Vector::new(a), Vector::new(b));
    let last = a.iter().flat_map(|lexeme| lexeme.positions).map(|p| u32::from(p.place())).max().unwrap_or(0);
    let moved = |p: Position| Position::new(last + u32::from(p.place()), p.weight());
    let (mut i, mut j) = (0, 0);
    let mut out = Writer::new();
    loop {
        let (left, right) = (a.get(i), b.get(j));
        let order = match (&left, &right) {
            (None, None) => return out.finish(),
            (Some(l), Some(r)) => l.text.cmp(r.text),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
        };
        let left = left.filter(|_| order.is_le());
        let right = right.filter(|_| order.is_ge());
        i += usize::from(left.is_some());
        j += usize::from(right.is_some());
        let text = left.or(right).map_or(&[][..], |lexeme| lexeme.text);
        let mut positions: Vec<Position> = left.into_iter().flat_map(|l| l.positions).collect();
        for position in right.into_iter().flat_map(|r| r.positions) {
            let full = positions.last().is_some_and(|p| u32::from(p.place()) == POSITION_MAX);
            if positions.len() >= POSITIONS_MAX || full {
                break;
            }
            positions.push(moved(position));
        }
        out.lexeme(text, &mut positions.into_iter());
    }
}

/// The lexemes as they are, without positions. 54000 for one that is too long.
pub fn of_lexemes(lexemes: &[&str]) -> Result<Vec<u8>> {
    let mut entries = Vec::with_capacity(lexemes.len());
    for text in lexemes {
        let text = without_zero(text);
        check_length(text.len())?;
        entries.push(Entry { text: text.as_bytes().to_vec(), positions: Vec::new() });
    }
    build(entries)
}
