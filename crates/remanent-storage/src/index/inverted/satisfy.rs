//! Whether documents satisfy a query, told from where lists say that they have its words.
//!
//! The rows that have what the query needs are found by their items; of these, one after the other, each word's positions are looked up
//! and the query is asked as it is of a document ([`Matcher`]), so that what is not known here is not known there either.
//!
//! Words that only have to stand one behind the other, as most phrases want it, are compared place by place.
//!
//! ```text
//!   slip <-> on      rows with both: 7, 90       slip at 3, on at 4: row 7       slip at 9, on at 2: not row 90
//! ```

use super::cold::InvertedCold;
use super::items::Items;
use super::places;
use super::postings::{Blocks, ListReader, Rows};
use super::search;
use super::text::named;
use super::words::Satisfying;
use crate::error::Result;
use remanent_text::matching::Matcher;
use remanent_text::query::Item;
use remanent_text::vector::Position;

/// The rows that satisfy a query, ascending, in a part whose lists say where lexemes stand.
pub(super) fn find(part: &InvertedCold, asked: &Satisfying) -> Result<Vec<u32>> {
    let mut rows = search::find(part, &asked.items, None, true)?;
    if rows.is_empty() {
        return Ok(rows);
    }
    let query = remanent_text::query::items(&asked.query);
    let mut words: Vec<Option<Word<'_>>> = Vec::with_capacity(query.len());
    for item in &query {
        words.push(match item {
            Item::Word(word) => match named(asked.column, word) {
                Items::Item(item) => part.list_of(&item)?.map(|list| Word::new(part, list)).transpose()?,
                _ => None,
            },
            _ => None,
        });
    }
    let (matcher, line) = (Matcher::new(&asked.query), line(&query));
    let mut kept = 0;
    for at in 0..rows.len() {
        let row = rows[at];
        for word in words.iter_mut().flatten() {
            word.seek(row)?;
        }
        let positions =
            |at: usize| words.get(at)?.as_ref().filter(|word| word.here).map(|word| &word.positions[..]);
        let satisfied = match &line {
            Some(line) => stand(line, &positions),
            None => matcher.satisfied(&positions),
        };
        if satisfied {
            rows[kept] = row;
            kept += 1;
        }
    }
    rows.truncate(kept);
    Ok(rows)
}

/// A query that is words one behind the other and nothing else: which item each is, and how far it stands before the last one.
fn line(query: &[Item<'_>]) -> Option<Vec<(usize, u32)>> {
    let (mut line, mut before, mut at) = (Vec::new(), 0u32, 0);
    let plain = |at: usize| matches!(query.get(at), Some(Item::Word(word)) if word.weights == 0);
    while let Some(Item::Phrase(distance)) = query.get(at) {
        if !plain(at + 1) {
            return None;
        }
        line.push((at + 1, before));
        (before, at) = (before.saturating_add((*distance).into()), at + 2);
    }
    line.push((at, before));
    (at > 0 && plain(at)).then_some(line)
}

/// True if words stand so in a document somewhere.
fn stand<'p>(line: &[(usize, u32)], positions: &dyn Fn(usize) -> Option<&'p [Position]>) -> bool {
    let ends = |&(word, before): &(usize, u32)| {
        let places = positions(word).unwrap_or_default().iter();
        places.map(move |position| u32::from(position.place()).saturating_add(before))
    };
    // The rarest one leads.
    let lead = line.iter().min_by_key(|word| ends(word).len());
    lead.is_some_and(|lead| ends(lead).any(|end| line.iter().all(|word| ends(word).any(|at| at == end))))
}

/// The list of a word, walked from row to row.
struct Word<'a> {
    part: &'a InvertedCold,
    list: ListReader<'a>,
    blocks: Blocks,
    /// The block in hand, whether its places are, and where the walk stands in it.
    number: usize,
    rows: Rows,
    placed: bool,
    at: usize,
    buffer: Vec<u8>,
    /// The row at hand has the word, and there.
    here: bool,
    positions: Vec<Position>,
}

impl<'a> Word<'a> {
    fn new(part: &'a InvertedCold, list: ListReader<'a>) -> Result<Self> {
        let blocks = list.blocks()?;
        let (rows, buffer) = (Rows::default(), Vec::new());
        Ok(Word {
            part,
            list,
            blocks,
            number: usize::MAX,
            rows,
            placed: false,
            at: 0,
            buffer,
            here: false,
            positions: Vec::new(),
        })
    }

    /// Goes to a row that is not before the one at hand.
    fn seek(&mut self, row: u32) -> Result<()> {
        let number = self.blocks.skips.partition_point(|skip| skip.last < row);
        if number != self.number {
            self.list.load(&self.blocks, number, &mut self.buffer, &mut self.rows)?;
            (self.number, self.placed, self.at) = (number, false, 0);
        }
        let rest = self.rows.rows.get(self.at..).unwrap_or_default();
        self.at += rest.partition_point(|&at| at < row);
        self.here = self.rows.rows.get(self.at) == Some(&row);
        if self.here {
            if !self.placed {
                self.list.load_places(&self.blocks, number, &mut self.rows)?;
                self.placed = true;
            }
            let read = places::read(self.rows.places.get(self.at), &mut self.positions);
            read.map_err(|what| self.part.corrupt(what))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent_text::query::{items, parse};
    use remanent_text::vector::{self, lexemes};

    #[test]
    fn words_in_line_are_found_as_the_query_finds_them() {
        let queries = ["a <-> b", "a <2> b <-> c", "a <0> b", "b <-> a <3> b", "c <16383> c", "a <-> a"];
        let mut seed = 1u64;
        let mut below = |n: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % n
        };
        let mut found = 0;
        for _ in 0..6000 {
            let word = |word: &str, places: Vec<u64>| {
                let places: Vec<String> = places.iter().map(u64::to_string).collect();
                if places.is_empty() { word.to_owned() } else { format!("{word}:{}", places.join(",")) }
            };
            let document: Vec<String> = ["a", "b", "c"]
                .into_iter()
                .filter_map(|text| {
                    let count = below(5);
                    (count > 0).then(|| {
                        word(text, (1..count).map(|_| 1 + below(6) * (1 + below(2) * 5000)).collect())
                    })
                })
                .collect();
            let document = vector::parse(&document.join(" ")).unwrap();
            let held: Vec<(&[u8], Vec<Position>)> =
                lexemes(&document).map(|(text, positions)| (text, positions.into_iter().collect())).collect();
            for query in queries {
                let query = parse(query).unwrap().0;
                let words = items(&query);
                let positions = |at: usize| match words.get(at) {
                    Some(Item::Word(word)) => {
                        held.iter().find(|(text, _)| *text == word.text).map(|(_, positions)| &positions[..])
                    }
                    _ => None,
                };
                let expected = Matcher::new(&query).satisfied(&positions);
                assert_eq!(stand(&line(&words).unwrap(), &positions), expected);
                found += u32::from(expected);
            }
        }
        assert!(found > 1000, "{found}");
        for other in ["a <-> (b <-> c)", "a <-> b:A", "a & b", "a <-> !b", "(a | b) <-> c"] {
            assert_eq!(line(&items(&parse(other).unwrap().0)), None, "{other}");
        }
    }
}
