//! How well a document satisfies a query: `ts_rank` and `ts_rank_cd`, to PostgreSQL's last bit.
//!
//! `ts_rank` counts words, each by the weights of its positions; for a query of `&` or `<N>` it looks at each pair of words and how
//! far apart they stand. `ts_rank_cd` counts covers, the shortest stretches of the document that satisfy the query, each by its
//! density:
//!
//! ```text
//! 'a':1,9 'b':3    a & b    covers: 1 to 3 (one word between), 3 to 9 (five between)
//! ```

use crate::error::{Error, Result, code};
use crate::matching::{Matcher, Source, Truth};
use crate::order::sort;
use crate::query::{Item, Operand, words};
use crate::vector::{Position, Positions, Vector, Weight};
use std::cmp::Ordering;

/// What weights count, from D to A, where nobody says otherwise.
pub const WEIGHTS: [f32; 4] = [0.1, 0.2, 0.4, 1.0];

/// How a rank is put into proportion: a set of these.
pub mod norm {
    /// By the logarithm of the document's length.
    pub const LOG_LENGTH: i32 = 1;
    /// By its length.
    pub const LENGTH: i32 = 2;
    /// By how far covers are apart, on harmonic average.
    pub const DISTANCE: i32 = 4;
    /// By how many lexemes it has.
    pub const UNIQUE: i32 = 8;
    /// By the logarithm of that.
    pub const LOG_UNIQUE: i32 = 16;
    /// To between 0 and 1.
    pub const SHARE: i32 = 32;
}

/// What the weights count: those below zero as by default. 22023 if one is above 1.
pub fn weights(given: [f32; 4]) -> Result<[f32; 4]> {
    let mut weights = WEIGHTS;
    for (weight, given) in weights.iter_mut().zip(given) {
        if given >= 0.0 {
            *weight = given;
        }
        if *weight > 1.0 {
            return Err(Error::new(code::PARAMETER, "weight out of range"));
        }
    }
    Ok(weights)
}

/// How long the document is: positions, and one for each lexeme without.
fn length(vector: Vector<'_>) -> usize {
    vector.iter().map(|lexeme| lexeme.positions.len().max(1)).sum()
}

/// The positions of a lexeme; one without stands at the end, as D.
#[derive(Clone, Copy)]
struct Stand<'a> {
    positions: Positions<'a>,
}

impl Stand<'_> {
    fn len(self) -> usize {
        self.positions.len().max(1)
    }

    fn get(self, i: usize) -> Position {
        self.positions.get(i).unwrap_or(Position::new(crate::vector::POSITION_MAX, Weight::D))
    }
}

/// The words of a query, each once, ascending.
fn unique_words(query: &[u8]) -> Vec<Operand<'_>> {
    let all: Vec<Operand<'_>> = words(query).collect();
    let mut order: Vec<u32> = (0..all.len() as u32).collect();
    sort(&mut order, &|a, b| all[a as usize].text.cmp(all[b as usize].text).then(b.cmp(&a)));
    let mut unique: Vec<Operand<'_>> = order.iter().map(|&i| all[i as usize]).collect();
    unique.dedup_by(|a, b| a.text == b.text);
    unique
}

/// `ts_rank`. `method` is a set of [`norm`]s.
pub fn rank(weights: &[f32; 4], vector: &[u8], query: &[u8], method: i32) -> f32 {
    let vector = Vector::new(vector);
    let root = crate::query::items(query).first().copied();
    let Some(root) = root.filter(|_| !vector.is_empty()) else { return 0.0 };
    let words = unique_words(query);
    let pairs = matches!(root, Item::And | Item::Phrase(_)) && words.len() > 1;
    let mut rank =
        if pairs { rank_pairs(weights, vector, &words) } else { rank_words(weights, vector, &words) };
    if rank < 0.0 {
        rank = 1e-20;
    }
    let log2 = |n: usize| ((n + 1) as f64).ln() / std::f64::consts::LN_2;
    if method & norm::LOG_LENGTH != 0 {
        rank = (f64::from(rank) / log2(length(vector))) as f32;
    }
    if method & norm::LENGTH != 0 {
        rank /= length(vector).max(1) as f32;
    }
    if method & norm::UNIQUE != 0 {
        rank /= vector.len() as f32;
    }
    if method & norm::LOG_UNIQUE != 0 {
        rank = (f64::from(rank) / log2(vector.len())) as f32;
    }
    if method & norm::SHARE != 0 {
        rank /= rank + 1.0;
    }
    rank
}

fn rank_words(weights: &[f32; 4], vector: Vector<'_>, words: &[Operand<'_>]) -> f32 {
    let weight = |p: Position| weights[p.weight() as usize];
    let mut rank = 0f32;
    for word in words {
        for (_, lexeme) in word.within(vector) {
            let stand = Stand { positions: lexeme.positions };
            let (mut sum, mut best, mut best_at) = (0f32, -1f32, 0);
            for i in 0..stand.len() {
                let weight = weight(stand.get(i));
                sum += weight / ((i + 1) * (i + 1)) as f32;
                if weight > best {
                    (best, best_at) = (weight, i);
                }
            }
            // The heaviest counts in full, the others by their squared number; all of them at most π²/6.
            let sum = best + sum - best / ((best_at + 1) * (best_at + 1)) as f32;
            rank = (f64::from(rank) + f64::from(sum) / 1.64493406685) as f32;
        }
    }
    if words.is_empty() { rank } else { rank / words.len() as f32 }
}

/// How much a pair of words counts that stand so far apart.
fn nearness(distance: u32) -> f32 {
    if distance > 100 {
        return 1e-30;
    }
    (1.0 / (1.005 + 0.05 * (f64::from(distance as f32) / 1.5 - 2.0).exp())) as f32
}

fn rank_pairs(weights: &[f32; 4], vector: Vector<'_>, words: &[Operand<'_>]) -> f32 {
    let weight = |p: Position| weights[p.weight() as usize];
    let mut rank = -1f32;
    let mut stands: Vec<Option<Stand<'_>>> = vec![None; words.len()];
    for (i, word) in words.iter().enumerate() {
        for (_, lexeme) in word.within(vector) {
            let stand = Stand { positions: lexeme.positions };
            stands[i] = Some(stand);
            for other in stands[..i].iter().flatten() {
                let unknown = stand.positions.is_empty() || other.positions.is_empty();
                for (a, b) in (0..stand.len()).flat_map(|a| (0..other.len()).map(move |b| (a, b))) {
                    let (a, b) = (stand.get(a), other.get(b));
                    let distance = u32::from(a.place().abs_diff(b.place()));
                    if distance == 0 && !unknown {
                        continue;
                    }
                    let distance = if distance == 0 { crate::vector::POSITION_MAX + 1 } else { distance };
                    let pair = f64::from(weight(a) * weight(b) * nearness(distance)).sqrt() as f32;
                    rank = match rank < 0.0 {
                        true => pair,
                        false => (1.0 - (1.0 - f64::from(rank)) * (1.0 - f64::from(pair))) as f32,
                    };
                }
            }
        }
    }
    rank
}

/// A word of the query at a place of the document.
#[derive(Clone, Copy)]
struct Hit {
    position: Position,
    /// The lexeme's number.
    lexeme: usize,
    /// The word's number among the query's items.
    word: usize,
}

/// A place of the document: hits from `begin` to `end`.
#[derive(Clone, Copy)]
struct Spot {
    position: Position,
    begin: usize,
    end: usize,
}

/// Where each word of the query was met so far.
struct Met {
    /// For each item the places: ascending, or descending where the document is read backwards.
    places: Vec<Vec<u32>>,
    backwards: bool,
}

impl Met {
    fn clear(&mut self, backwards: bool) {
        self.places.iter_mut().for_each(Vec::clear);
        self.backwards = backwards;
    }

    fn meet(&mut self, hits: &[Hit], spot: Spot) {
        let place = u32::from(spot.position.place());
        for hit in &hits[spot.begin..spot.end] {
            let places = &mut self.places[hit.word];
            if places.last() != Some(&place) {
                places.push(place);
            }
        }
    }
}

impl Source for Met {
    fn look(&self, at: usize, _: &Operand<'_>, places: Option<&mut Vec<u32>>) -> Truth {
        let met = &self.places[at];
        if let Some(places) = places {
            places.extend_from_slice(met);
            if self.backwards {
                places.reverse();
            }
        }
        if met.is_empty() { Truth::No } else { Truth::Yes }
    }
}

/// The places of the document where words of the query stand, ascending.
fn spots(vector: Vector<'_>, matcher: &Matcher<'_>) -> (Vec<Hit>, Vec<Spot>) {
    let mut found = Vec::new();
    for (i, item) in matcher.items.iter().enumerate() {
        let Item::Word(word) = item else { continue };
        for (number, lexeme) in word.within(vector) {
            let admitted = lexeme.positions.into_iter().filter(|p| word.admits(p.weight()));
            found.extend(admitted.map(|position| Hit { position, lexeme: number, word: i }));
        }
    }
    let key = |hit: &Hit| (hit.position.place(), hit.position.weight(), hit.lexeme);
    let mut order: Vec<u32> = (0..found.len() as u32).collect();
    sort(&mut order, &|a, b| key(&found[a as usize]).cmp(&key(&found[b as usize])).then(a.cmp(&b)));
    let hits: Vec<Hit> = order.iter().map(|&i| found[i as usize]).collect();
    let mut spots: Vec<Spot> = Vec::new();
    for (i, hit) in hits.iter().enumerate() {
        match spots.last_mut() {
            Some(last) if key(&hits[last.begin]).cmp(&key(hit)) == Ordering::Equal => last.end = i + 1,
            _ => spots.push(Spot { position: hit.position, begin: i, end: i + 1 }),
        }
    }
    (hits, spots)
}

/// A cover: from which spot to which.
type Cover = (usize, usize);

/// The next cover that begins at spot `from` or later.
fn next_cover(
    matcher: &Matcher<'_>,
    hits: &[Hit],
    spots: &[Spot],
    met: &mut Met,
    from: &mut usize,
) -> Option<Cover> {
    loop {
        met.clear(false);
        let last = (*from..spots.len()).find(|&i| {
            met.meet(hits, spots[i]);
            matcher.holds(met)
        });
        let last = last?;
        met.clear(true);
        let first = (*from..=last).rev().find(|&i| {
            met.meet(hits, spots[i]);
            matcher.holds(met)
        });
        match first {
            Some(first) => {
                *from = first + 1;
                return Some((first, last));
            }
            None => *from += 1,
        }
    }
}

/// `ts_rank_cd`. `method` is a set of [`norm`]s.
pub fn rank_covers(weights: &[f32; 4], vector: &[u8], query: &[u8], method: i32) -> f32 {
    let vector = Vector::new(vector);
    let matcher = Matcher::new(query);
    let (hits, spots) = spots(vector, &matcher);
    let mut met = Met { places: vec![Vec::new(); matcher.items.len()], backwards: false };
    let (mut rank, mut nearness, mut before, mut covers) = (0f64, 0f64, 0f64, 0usize);
    let mut from = 0;
    while let Some((first, last)) = next_cover(&matcher, &hits, &spots, &mut met, &mut from) {
        let weight = |spot: &Spot| 1.0 / f64::from(weights[spot.position.weight() as usize]);
        let sum: f64 = spots[first..=last].iter().map(weight).fold(0.0, |sum, w| sum + w);
        let (begin, end) =
            (f64::from(spots[first].position.place()), f64::from(spots[last].position.place()));
        let noise = (end - begin) as i64 - (last - first) as i64;
        // At the last position there is, all words stand in one place.
        let noise = if noise < 0 { (last - first) as i64 / 2 } else { noise };
        rank += (last - first + 1) as f64 / sum / (1 + noise) as f64;
        let middle = (end + begin) / 2.0;
        if covers > 0 && middle > before {
            nearness += 1.0 / (middle - before);
        }
        before = middle;
        covers += 1;
    }
    if hits.is_empty() {
        return 0.0;
    }
    let log = |n: usize| ((n + 1) as f64).ln();
    if method & norm::LOG_LENGTH != 0 {
        rank /= log(length(vector));
    }
    if method & norm::LENGTH != 0 {
        rank /= length(vector).max(1) as f64;
    }
    if method & norm::DISTANCE != 0 && covers > 0 && nearness > 0.0 {
        rank /= covers as f64 / nearness;
    }
    if method & norm::UNIQUE != 0 {
        rank /= vector.len() as f64;
    }
    if method & norm::LOG_UNIQUE != 0 {
        rank /= log(vector.len()) / std::f64::consts::LN_2;
    }
    if method & norm::SHARE != 0 {
        rank /= rank + 1.0;
    }
    rank as f32
}
