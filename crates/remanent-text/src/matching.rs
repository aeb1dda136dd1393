//! Whether a document satisfies a query: `@@`.
//!
//! Items are taken in reverse, so that operands come before their operator and no query needs more stack than another.
//! Outside of phrases an operand is true or false. Under `<N>` it is a set of places, or with `!` all places but a set; a
//! place is where the operand ends, and how wide it is says how far before that it begins:
//!
//! ```text
//! 'a':1,5 'b':2     a          {1 5}
//!                   b          {2}
//!                   a <-> b    {2}, one wide
//!                   !b         all but {2}
//!                   a <-> !b   {6}: a at 5 has no b behind it
//! ```
//!
//! A lexeme without positions may stand anywhere: a phrase of it is not found.

use crate::query::{Item, Operand, items, lefts};
use crate::vector::{Position, Vector};

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    No,
    /// It is there, but not known where.
    Maybe,
    Yes,
}

/// Where words are looked for.
pub(crate) trait Source {
    /// Looks for the word that is item `at` of the query; where `places` is given, says where, ascending and each once.
    fn look(&self, at: usize, word: &Operand<'_>, places: Option<&mut Vec<u32>>) -> Truth;
}

/// A query made ready to be asked often.
#[derive(Debug, Clone)]
pub struct Matcher<'a> {
    pub(crate) items: Vec<Item<'a>>,
    /// Which items are operands of `<N>`, at any depth.
    in_phrase: Vec<bool>,
}

/// What is found of a subtree. Outside of phrases only the truth counts.
struct Found {
    truth: Truth,
    places: Vec<u32>,
    /// All places but those.
    negated: bool,
    /// How far before its place it begins.
    width: u32,
}

impl Found {
    fn of(truth: Truth) -> Self {
        Found { truth, places: Vec::new(), negated: false, width: 0 }
    }
}

/// True if the tsvector satisfies the tsquery. The empty query is satisfied by nothing.
///
/// ```
/// let vector = remanent_text::vector::parse("cat:1 fat:2").unwrap();
/// let query = remanent_text::query::parse("cat <-> fat").unwrap().0;
/// assert!(remanent_text::matching::matches(&vector, &query));
/// ```
pub fn matches(vector: &[u8], query: &[u8]) -> bool {
    Matcher::new(query).matches(vector)
}

impl<'a> Matcher<'a> {
    /// True if what holds of a part of a document holds of all of it: nothing is negated.
    pub(crate) fn is_monotone(&self) -> bool {
        !self.items.iter().any(|item| matches!(item, Item::Not))
    }

    /// Of that query.
    pub fn new(query: &'a [u8]) -> Self {
        let items = items(query);
        let lefts = lefts(&items);
        let mut in_phrase = vec![false; items.len()];
        for (i, item) in items.iter().enumerate() {
            if in_phrase[i] || matches!(item, Item::Phrase(_)) {
                if item.operands() > 0 {
                    in_phrase[i + 1] = true;
                }
                if item.operands() > 1 {
                    in_phrase[lefts[i]] = true;
                }
            }
        }
        Matcher { items, in_phrase }
    }

    /// True if the tsvector satisfies it.
    pub fn matches(&self, vector: &[u8]) -> bool {
        self.holds(&Vector::new(vector))
    }

    /// The same of a document of which this is known: of a word that is an item of the query and stands for one lexeme where that
    /// stands (nowhere: not known where), None where the document has not got it. Other words it has not.
    pub fn satisfied<'p>(&self, positions: &dyn Fn(usize) -> Option<&'p [Position]>) -> bool {
        self.holds(&Listed(positions))
    }

    pub(crate) fn holds(&self, source: &dyn Source) -> bool {
        let mut stack: Vec<Found> = Vec::new();
        for (i, item) in self.items.iter().enumerate().rev() {
            let found = match item {
                Item::Word(word) => {
                    let mut found = Found::of(Truth::No);
                    let places = self.in_phrase[i].then_some(&mut found.places);
                    found.truth = source.look(i, word, places);
                    found
                }
                Item::Not => {
                    let Some(operand) = stack.pop() else { return false };
                    if self.in_phrase[i] { not_in_phrase(operand) } else { Found::of(not(operand.truth)) }
                }
                _ => {
                    let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else { return false };
                    match (item, self.in_phrase[i]) {
                        (Item::Or, true) => or_in_phrase(left, right),
                        (Item::Or, false) => Found::of(or(left.truth, right.truth)),
                        (Item::And, false) => Found::of(not(or(not(left.truth), not(right.truth)))),
                        (Item::Phrase(distance), false) => {
                            let found = and_in_phrase(left, right, Some(*distance));
                            Found::of(if found.truth == Truth::Yes { Truth::Yes } else { Truth::No })
                        }
                        (Item::Phrase(distance), true) => and_in_phrase(left, right, Some(*distance)),
                        _ => and_in_phrase(left, right, None),
                    }
                }
            };
            stack.push(found);
        }
        stack.pop().is_some_and(|found| found.truth != Truth::No)
    }
}

fn not(truth: Truth) -> Truth {
    match truth {
        Truth::No => Truth::Yes,
        Truth::Maybe => Truth::Maybe,
        Truth::Yes => Truth::No,
    }
}

fn or(a: Truth, b: Truth) -> Truth {
    match (a, b) {
        (Truth::Yes, _) | (_, Truth::Yes) => Truth::Yes,
        (Truth::No, Truth::No) => Truth::No,
        _ => Truth::Maybe,
    }
}

fn not_in_phrase(mut operand: Found) -> Found {
    match operand.truth {
        Truth::Maybe => {}
        Truth::No => {
            operand.truth = Truth::Yes;
            operand.negated = true;
        }
        Truth::Yes if operand.places.is_empty() && operand.negated => {
            operand.truth = Truth::No;
            operand.negated = false;
        }
        Truth::Yes => operand.negated = !operand.negated,
    }
    operand
}

/// Which places of two sets are wanted.
struct Wanted {
    left: bool,
    both: bool,
    right: bool,
}

/// Both sets, each moved on so far, merged.
fn merge(left: (&Found, u32), right: (&Found, u32), wanted: &Wanted) -> Vec<u32> {
    let ((left, left_on), (right, right_on)) = (left, right);
    let moved = |found: &Found, i: usize, on: u32| found.places.get(i).map(|place| place.saturating_add(on));
    let (mut i, mut j) = (0, 0);
    let mut places = Vec::new();
    loop {
        let (l, r) = (moved(left, i, left_on), moved(right, j, right_on));
        let (place, take) = match (l, r) {
            (None, None) => return places,
            (Some(l), Some(r)) if l == r => {
                (i, j) = (i + 1, j + 1);
                (l, wanted.both)
            }
            (Some(l), r) if r.is_none_or(|r| l < r) => {
                i += 1;
                (l, wanted.left)
            }
            (_, Some(r)) => {
                j += 1;
                (r, wanted.right)
            }
            (Some(_), None) => return places,
        };
        if take && place > 0 {
            places.push(place);
        }
    }
}

/// `<N>`, or `&` under one.
fn and_in_phrase(left: Found, right: Found, distance: Option<u16>) -> Found {
    if left.truth == Truth::No || right.truth == Truth::No {
        return Found::of(Truth::No);
    }
    if left.truth == Truth::Maybe || right.truth == Truth::Maybe {
        return Found::of(Truth::Maybe);
    }
    let wider = left.width.max(right.width);
    let (left_on, right_on, width) = match distance.map(u32::from) {
        Some(distance) => {
            let on = distance.saturating_add(right.width);
            (on, 0, on.saturating_add(left.width))
        }
        None => (wider - left.width, wider - right.width, wider),
    };
    let negated = left.negated && right.negated;
    let wanted = Wanted {
        left: negated || right.negated,
        both: left.negated == right.negated,
        right: negated || left.negated,
    };
    let places = merge((&left, left_on), (&right, right_on), &wanted);
    let truth = if negated || !places.is_empty() { Truth::Yes } else { Truth::No };
    Found { truth, places, negated, width }
}

/// `|` under `<N>`.
fn or_in_phrase(mut left: Found, mut right: Found) -> Found {
    if left.truth == Truth::No && right.truth == Truth::No {
        return Found::of(Truth::No);
    }
    if left.truth == Truth::Maybe || right.truth == Truth::Maybe {
        return Found::of(Truth::Maybe);
    }
    for side in [&mut left, &mut right] {
        if side.truth == Truth::No {
            side.width = 0;
        }
    }
    let width = left.width.max(right.width);
    let negated = left.negated || right.negated;
    let wanted = Wanted { left: !right.negated, both: left.negated == right.negated, right: !left.negated };
    let places = merge((&left, width - left.width), (&right, width - right.width), &wanted);
    let truth = if negated || !places.is_empty() { Truth::Yes } else { Truth::No };
    Found { truth, places, negated, width }
}

impl Source for Vector<'_> {
    fn look(&self, _: usize, word: &Operand<'_>, places: Option<&mut Vec<u32>>) -> Truth {
        let found = word.within(*self);
        let Some(places) = places else {
            let mut found = found.map(|(_, lexeme)| lexeme.positions);
            let admitted = found
                .any(|p| p.is_empty() || word.weights == 0 || p.into_iter().any(|p| word.admits(p.weight())));
            return if admitted { Truth::Yes } else { Truth::No };
        };
        let mut lexemes = 0;
        for (_, lexeme) in found {
            if lexeme.positions.is_empty() {
                places.clear();
                return Truth::Maybe;
            }
            lexemes += 1;
            let admitted = lexeme.positions.into_iter().filter(|p| word.admits(p.weight()));
            places.extend(admitted.map(|p| u32::from(p.place())));
        }
        if lexemes > 1 {
            crate::order::sort(places, &|a, b| a.cmp(&b));
            places.dedup();
        }
        if places.is_empty() { Truth::No } else { Truth::Yes }
    }
}

/// What is known of a document's words, by items of the query.
struct Listed<'f, 'p>(&'f dyn Fn(usize) -> Option<&'p [Position]>);

impl Source for Listed<'_, '_> {
    fn look(&self, at: usize, word: &Operand<'_>, places: Option<&mut Vec<u32>>) -> Truth {
        let Some(positions) = (self.0)(at) else { return Truth::No };
        let mut admitted = positions.iter().filter(|position| word.admits(position.weight()));
        let found = match places {
            None => positions.is_empty() || admitted.next().is_some(),
            Some(_) if positions.is_empty() => return Truth::Maybe,
            Some(places) => {
                places.extend(admitted.map(|position| u32::from(position.place())));
                !places.is_empty()
            }
        };
        if found { Truth::Yes } else { Truth::No }
    }
}
