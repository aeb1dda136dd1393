//! `bm25_corpus(document, query)`: what BM25 has to know of all documents: how many there are, how long they are together, and
//! how many have each word of the query that counts.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of, settled};
use crate::sql::functions::{Signature, TSQUERY, TSVECTOR};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Column, Element, Type, Value};
use remanent_text::bm25::{count, words};

/// What comes out.
pub(crate) const NUMBERS: Type = Type::Array(Element::of(Type::Int8));

static OF: &[Signature] = &[(&[TSVECTOR, TSQUERY], NUMBERS)];

pub(super) static AGGREGATES: &[AggregateFunction] =
    &[aggregate("bm25_corpus", OF, |_, _| Box::new(Corpus::default()))];

/// Numbers as a value.
pub(crate) fn array(numbers: &[i64]) -> Result<Value> {
    Ok(Array::list(Type::Int8, numbers.iter().map(|&number| Value::Int8(number)).collect())?.into())
}

/// A query, and the numbers so far.
type Known = (Box<[u8]>, Vec<i64>);

/// What is known of each group.
#[derive(Default)]
struct Corpus {
    groups: Vec<Option<Known>>,
    bytes: usize,
}

fn several() -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, "bm25_corpus was given several queries")
}

impl Corpus {
    /// The numbers of a group, which are of that query.
    fn of(&mut self, group: usize, query: &[u8]) -> Result<&mut Vec<i64>> {
        let slot = self.groups.get_mut(group).ok_or_else(|| Error::internal("no such group"))?;
        if slot.is_none() {
            let numbers = vec![0; 2 + words(query).len()];
            self.bytes += query.len() + 8 * numbers.len() + 32;
            *slot = Some((query.into(), numbers));
        }
        match slot {
            Some((held, numbers)) if **held == *query => Ok(numbers),
            _ => Err(several()),
        }
    }
}

impl Accumulator for Corpus {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let (documents, queries) = (settled(&args[0]), settled(&args[1]));
        let fixed = args[1].as_constant().filter(|query| rows > 0 && query.is_valid(0));
        let query = fixed.map(|query| query.bytes(0));
        let fixed_words = query.map(words);
        Present::of(&[documents.clone(), queries.clone()], rows).each(groups, rows, &mut |row, group| {
            let query = queries.bytes(row);
            let own: Vec<_>;
            let words = match &fixed_words {
                Some(words) => words,
                None => {
                    own = words(query);
                    &own
                }
            };
            count(documents.bytes(row), words, self.of(group, query)?);
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        if let Some((query, numbers)) = self.groups.get(from).cloned().flatten() {
            for (sum, more) in self.of(into, &query)?.iter_mut().zip(numbers) {
                *sum = sum.saturating_add(more);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let groups = std::mem::take(&mut self.groups);
        column_of(NUMBERS, groups.len(), &mut |group| {
            groups[group].as_ref().map(|(_, numbers)| array(numbers)).transpose()
        })
    }

    fn memory(&self) -> usize {
        self.bytes + self.groups.capacity() * size_of::<Option<Known>>()
    }
}
