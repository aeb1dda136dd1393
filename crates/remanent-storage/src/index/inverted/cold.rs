//! An inverted index of a cold segment.
//!
//! Leaves of the dictionary are described in [`terms`](super::terms), the pages over them in [`tree`](crate::index::tree), lists in
//! [`postings`](super::postings). The footer:
//!
//! | size | footer |
//! |---|---|
//! | 1 | 3: a part of kind gin, 8: one with `jsonb_ops`, 9: one with `tsvector_ops`, 10: of kind bm25; do not renumber |
//! | 4 | number of rows of the segment |
//! | 4 | number of items |
//! | 8 | number of rows in all lists |
//! | 4 | number of leaves |
//! | | the inner pages, as a tree holds them |
//! | 4 | number of pages of lists; per page: locator (16 bytes) |
//! | | of 9 and 10: number of pages of places u32, locators |
//! | | of kind bm25: number of columns u8; per column: documents u32, their length u64, number of pages of lengths u32, locators |
//!
//! Parts of kind 3 of an index with `jsonb_ops` are of a version whose items had no places: their rows are scanned, until a merge or
//! REINDEX makes the part anew. Parts of kind 6 of kind bm25, and of 3 and 8 of an index with `tsvector_ops`, are of one whose lists
//! did not say where rows have a lexeme: the documents of the rows that they name for phrases and weights are read.

use super::build::{INNER, LEAVES, LENGTHS, LISTS, PLACES, more_than_once};
use super::counts::{Lengths, LengthsReader};
use super::extract::{Extractor, ItemList, column_of};
use super::places::UNKNOWN;
use super::postings::{ListAt, ListReader, ListsReader, Says, StreamReader};
use super::search::{EachList, Lists, Postings};
use super::terms::Leaf;
use crate::error::{Error, Result};
use crate::index::primary::hash::hash;
use crate::index::tree::{Read, Tree, locator};
use crate::index::{Cost, Hits, IndexDef, Part, PartReader, Probe, ProbeStats, Rows, ScoreBound};
use crate::segment::encoding::{Cursor, Parse};
use crate::segment::page::Locator;
use crate::segment::{ColdSegment, RowSet};
use crate::value::{Column, Type};
use crate::world::sync::Mutex;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// The part's kind in its footer: of kind gin, of kind bm25, with scalars of documents that have places, with lexemes that have; of kind
/// bm25 with these. Persisted, do not renumber.
const KIND: u8 = 3;
const COUNTED: u8 = 6;
const PLACED: u8 = 8;
const STANDING: u8 = 9;
const COUNTED_STANDING: u8 = 10;

/// What the lists of a part of that kind say.
pub(super) fn says(kind: u8) -> Says {
    Says {
        times: matches!(kind, COUNTED | COUNTED_STANDING),
        places: matches!(kind, STANDING | COUNTED_STANDING),
    }
}

fn has_class(def: &IndexDef, class: &str) -> bool {
    (0..def.columns.len()).any(|column| def.class(column) == class)
}

/// The kind of an index's parts.
pub(super) fn kind_of(def: &IndexDef) -> u8 {
    match has_class(def, "jsonb_ops") {
        _ if super::is_counted(def) => COUNTED_STANDING,
        _ if has_class(def, "tsvector_ops") => STANDING,
        true => PLACED,
        false => KIND,
    }
}

/// What a part says of itself.
pub(super) struct Footer {
    pub kind: u8,
    pub rows: u32,
    pub items: u32,
    pub postings: u64,
    pub tree: Tree,
    pub lists: Vec<Locator>,
    pub places: Vec<Locator>,
    /// Of each column whose documents are counted.
    pub lengths: Vec<Lengths>,
}

impl Footer {
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![self.kind];
        out.extend_from_slice(&self.rows.to_le_bytes());
        out.extend_from_slice(&self.items.to_le_bytes());
        out.extend_from_slice(&self.postings.to_le_bytes());
        out.extend_from_slice(&self.tree.leaves.to_le_bytes());
        self.tree.encode(&mut out);
        out.extend_from_slice(&(self.lists.len() as u32).to_le_bytes());
        self.lists.iter().for_each(|at| at.encode(&mut out));
        if says(self.kind).places {
            out.extend_from_slice(&(self.places.len() as u32).to_le_bytes());
            self.places.iter().for_each(|at| at.encode(&mut out));
        }
        if !self.lengths.is_empty() {
            out.push(self.lengths.len() as u8);
        }
        for lengths in &self.lengths {
            out.extend_from_slice(&lengths.documents.to_le_bytes());
            out.extend_from_slice(&lengths.total.to_le_bytes());
            out.extend_from_slice(&(lengths.pages.len() as u32).to_le_bytes());
            lengths.pages.iter().for_each(|at| at.encode(&mut out));
        }
        out
    }

    fn decode(bytes: &[u8], wanted: u8, columns: usize, end: u64) -> Parse<Self> {
        let mut cursor = Cursor { rest: bytes };
        let kind = cursor.u8()?;
        let older = [(PLACED, KIND), (STANDING, KIND), (STANDING, PLACED), (COUNTED_STANDING, COUNTED)];
        if kind != wanted && !older.contains(&(wanted, kind)) {
            return Err("not a part of an inverted index of its kind");
        }
        let (rows, items, postings) = (cursor.u32()?, cursor.u32()?, cursor.i64()? as u64);
        let leaves = cursor.u32()?;
        let tree = Tree::decode(&mut cursor, leaves, INNER, end)?;
        let lists = locators(&mut cursor, end)?;
        let places = if says(kind).places { locators(&mut cursor, end)? } else { Vec::new() };
        let mut lengths = Vec::with_capacity(columns);
        if columns > 0 && usize::from(cursor.u8()?) != columns {
            return Err("not a part of an index of so many columns");
        }
        for _ in 0..columns {
            let (documents, total) = (cursor.u32()?, cursor.i64()? as u64);
            let pages = locators(&mut cursor, end)?;
            lengths.push(Lengths { documents, total, pages });
        }
        match cursor.rest.is_empty() && (leaves == 0) == (items == 0) {
            true => Ok(Footer { kind, rows, items, postings, tree, lists, places, lengths }),
            false => Err("the footer does not end where it should"),
        }
    }
}

/// How many, and these.
fn locators(cursor: &mut Cursor<'_>, end: u64) -> Parse<Vec<Locator>> {
    let mut found = Vec::new();
    for _ in 0..cursor.u32()? {
        found.push(locator(cursor, end)?);
    }
    Ok(found)
}

/// An inverted index of a cold segment.
pub struct InvertedCold {
    part: PartReader,
    segment: Arc<ColdSegment>,
    /// So many columns' documents are counted.
    columns: usize,
    /// The kind that its parts are written as.
    kind: u8,
    /// It has items whose places older parts do not say.
    documents: bool,
    footer: OnceLock<Footer>,
    /// Where the lists of some items are that were looked for last, the last one last: a statement asks several times, for its
    /// conditions, its scores, and what is known of all documents.
    recent: Mutex<Vec<Recent>>,
}

/// An item that was looked for, and where its list is, if there is one.
struct Recent {
    hash: u64,
    item: Vec<u8>,
    at: Option<ListAt>,
}

/// So many of them.
const RECENT: usize = 16;

impl InvertedCold {
    /// Opens a part of a segment; no I/O.
    pub fn open(part: PartReader, segment: Arc<ColdSegment>, def: &IndexDef) -> Self {
        let (columns, kind) = (super::build::counted_columns(def), kind_of(def));
        let documents = has_class(def, "jsonb_ops");
        let (footer, recent) = (OnceLock::new(), Mutex::new(Vec::new()));
        InvertedCold { part, segment, columns, kind, documents, footer, recent }
    }

    /// True for a part of a version whose items were others.
    fn is_old(&self) -> bool {
        self.documents && self.footer().is_ok_and(|footer| footer.kind == KIND)
    }

    /// True for one of a version that kept less, or something else.
    pub(super) fn is_superseded(&self) -> bool {
        self.footer().is_ok_and(|footer| footer.kind != self.kind)
    }

    /// True if its lists say where rows have lexemes.
    pub(super) fn has_places(&self) -> bool {
        self.footer().is_ok_and(|footer| says(footer.kind).places)
    }

    /// Damage of which it is not known where it is.
    #[cfg(feature = "text")]
    pub(super) fn corrupt(&self, what: &'static str) -> Error {
        self.part.corrupt(0, what)
    }

    /// The footer, read at the first touch; of two threads that meet, one reads in vain.
    fn footer(&self) -> Result<&Footer> {
        if let Some(footer) = self.footer.get() {
            return Ok(footer);
        }
        let (bytes, offset) = self.part.footer()?;
        let footer = Footer::decode(&bytes, self.kind, self.columns, offset)
            .map_err(|what| self.part.corrupt(offset, what))?;
        if footer.rows != self.segment.rows() {
            return Err(self.part.corrupt(offset, "the part belongs to another segment"));
        }
        let _ = self.footer.set(footer);
        self.footer.get().ok_or_else(|| Error::internal("a cell that was just set is empty"))
    }

    fn list<'a>(&'a self, footer: &'a Footer, at: ListAt) -> ListReader<'a> {
        let stream = |stream, pages| StreamReader { part: &self.part, stream, pages };
        let (lists, places) = (stream(LISTS, &footer.lists), stream(PLACES, &footer.places));
        let of = ListsReader { lists, places, rows: self.segment.rows(), says: says(footer.kind) };
        ListReader::new(of, at)
    }

    /// So many columns' documents are counted.
    pub(super) fn counted_columns(&self) -> Result<usize> {
        Ok(self.columns)
    }

    /// How many rows its segment has.
    pub(super) fn rows_in_segment(&self) -> u32 {
        self.segment.rows()
    }

    /// How many documents a column has and how long they are together.
    pub(super) fn documents(&self, column: usize) -> Result<(u32, u64)> {
        let lengths = self.footer()?.lengths.get(column);
        Ok(lengths.map_or((0, 0), |lengths| (lengths.documents, lengths.total)))
    }

    /// The lengths of a column's documents.
    pub(super) fn lengths(&self, column: usize) -> Result<LengthsReader<'_>> {
        let lengths = self.footer()?.lengths.get(column);
        let lengths = lengths.ok_or_else(|| Error::internal("the documents of a column are not counted"))?;
        Ok(LengthsReader::new(&self.part, LENGTHS, lengths, column))
    }

    /// Calls `each` with the rows that have a document in a column, and its length.
    pub(super) fn each_length(&self, column: usize, each: &mut dyn FnMut(u32, u32)) -> Result<()> {
        let mut lengths = self.lengths(column)?;
        for row in 0..self.segment.rows() {
            if let Some(length) = lengths.get(row)? {
                each(row, length);
            }
        }
        Ok(())
    }

    /// The list of an item.
    pub(super) fn list_of(&self, item: &[u8]) -> Result<Option<ListReader<'_>>> {
        let footer = self.footer()?;
        let hash = hash(item);
        let same = |held: &&Recent| held.hash == hash && held.item == item;
        let known = self.recent.lock().iter().find(same).map(|held| held.at.clone());
        let at = match known {
            Some(at) => at,
            None => {
                let at = self.look_up(footer, item)?;
                let mut recent = self.recent.lock();
                if recent.len() >= RECENT {
                    recent.remove(0);
                }
                recent.push(Recent { hash, item: item.to_vec(), at: at.clone() });
                at
            }
        };
        Ok(at.map(|at| self.list(footer, at)))
    }

    fn look_up(&self, footer: &Footer, item: &[u8]) -> Result<Option<ListAt>> {
        if footer.tree.leaves == 0 {
            return Ok(None);
        }
        let (number, read) = footer.tree.read_at(&self.part, LEAVES, item)?;
        let found = self.look(footer, &read, &mut |mut leaf| leaf.find(item))?;
        let next = number.saturating_add(1);
        match found {
            None if next < footer.tree.leaves => self.leaf(footer, next, &mut |mut leaf| leaf.find(item)),
            found => Ok(found),
        }
    }

    /// The lists of the items that begin so and are meant.
    pub(super) fn lists_of(
        &self,
        prefix: &[u8],
        meant: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Vec<ListReader<'_>>> {
        let (footer, mut lists) = (self.footer()?, Vec::new());
        self.begin_with(prefix, &mut |item, at| {
            if meant(item) {
                lists.push(self.list(footer, at));
            }
            Ok(true)
        })?;
        Ok(lists)
    }

    /// Looks into a leaf.
    fn leaf<T>(&self, footer: &Footer, number: u32, look: &mut dyn FnMut(Leaf<'_>) -> Parse<T>) -> Result<T> {
        self.look(footer, &footer.tree.read(&self.part, LEAVES, number)?, look)
    }

    fn look<T>(&self, footer: &Footer, read: &Read, look: &mut dyn FnMut(Leaf<'_>) -> Parse<T>) -> Result<T> {
        let found = Leaf::parse(&read.page, says(footer.kind).places).and_then(look);
        found.map_err(|what| self.part.corrupt(read.at.at.offset, what))
    }

    /// The items that begin so, in order, with their lists, until `each` is false.
    fn begin_with(&self, prefix: &[u8], each: &mut dyn FnMut(&[u8], ListAt) -> Result<bool>) -> Result<()> {
        let footer = self.footer()?;
        let mut number = footer.tree.find(&self.part, prefix)?;
        let (mut error, mut more) = (None, true);
        while more && number < footer.tree.leaves {
            self.leaf(footer, number, &mut |mut leaf| {
                leaf.seek(prefix)?;
                while let Some((item, list)) = leaf.next()? {
                    if item >= prefix {
                        more = item.starts_with(prefix)
                            && each(item, list).unwrap_or_else(|e| {
                                error = Some(e);
                                false
                            });
                    }
                    if !more {
                        break;
                    }
                }
                Ok(())
            })?;
            number += 1;
        }
        error.map_or(Ok(()), Err)
    }
}

/// The items of a part in order, a leaf at a time.
pub(super) struct Terms<'a> {
    part: &'a InvertedCold,
    leaf: u32,
    /// Those of the leaf in hand, the last first.
    items: Vec<(Vec<u8>, ListAt)>,
}

impl<'a> Terms<'a> {
    pub fn new(part: &'a InvertedCold) -> Result<Self> {
        let mut terms = Terms { part, leaf: 0, items: Vec::new() };
        terms.fill()?;
        Ok(terms)
    }

    fn fill(&mut self) -> Result<()> {
        let footer = self.part.footer()?;
        if self.items.is_empty() && self.leaf < footer.tree.leaves {
            let items = &mut self.items;
            self.part.leaf(footer, self.leaf, &mut |mut leaf| {
                while let Some((item, list)) = leaf.next()? {
                    items.push((item.to_vec(), list));
                }
                Ok(())
            })?;
            self.items.reverse();
            self.leaf += 1;
        }
        Ok(())
    }

    /// The present item; None behind the last.
    pub fn item(&self) -> Option<&[u8]> {
        self.items.last().map(|(item, _)| item.as_slice())
    }

    /// The list of the present item; the next one is present afterwards.
    pub fn next(&mut self) -> Result<Option<(Vec<u8>, ListReader<'a>)>> {
        let Some((item, list)) = self.items.pop() else { return Ok(None) };
        self.fill()?;
        Ok(Some((item, self.part.list(self.part.footer()?, list))))
    }
}

impl Lists for InvertedCold {
    fn rows(&self) -> u32 {
        self.segment.rows()
    }

    fn find<'a>(&'a self, item: &[u8]) -> Result<Option<Box<dyn Postings + 'a>>> {
        Ok(self.list_of(item)?.map(|list| Box::new(list) as Box<dyn Postings + 'a>))
    }

    fn prefixed(&self, prefix: &[u8], each: EachList<'_>) -> Result<()> {
        let footer = self.footer()?;
        self.begin_with(prefix, &mut |item, at| each(item, &self.list(footer, at)))
    }
}

impl Part for InvertedCold {
    fn cost(&self, probe: &Probe) -> Option<Cost> {
        match probe {
            Probe::BestWords(best) if self.columns > 0 => {
                let rows = best.count.min(self.segment.rows() as usize) as f64;
                Some(Cost { rows, nanos: 10_000.0 + 100.0 * rows })
            }
            _ if self.is_old() => None,
            _ => super::cost(self, probe),
        }
    }

    fn serves(&self, probe: &Probe) -> bool {
        super::asks_for_items(probe) && !self.is_old()
    }

    fn decides(&self, probe: &Probe) -> bool {
        match probe {
            Probe::Exact(_) => true,
            Probe::Satisfying(_) => self.has_places(),
            _ => false,
        }
    }

    #[cfg(feature = "text")]
    fn stats(&self, probe: &Probe, within: Option<&RowSet>) -> Result<Option<ProbeStats>> {
        match probe {
            Probe::BestWords(best) if self.columns > 0 => super::score::stats(self, best, within).map(Some),
            _ => Ok(None),
        }
    }

    fn search<'a>(
        &'a self,
        probe: &'a Probe,
        within: Option<&'a RowSet>,
        _stats: &'a ProbeStats,
        bound: &'a ScoreBound,
    ) -> Result<Box<dyn Hits + 'a>> {
        #[cfg(feature = "text")]
        if let Probe::BestWords(best) = probe {
            return super::score::search(self, best, within, bound);
        }
        #[cfg(feature = "text")]
        if let Probe::Satisfying(asked) = probe
            && self.has_places()
        {
            let rows = super::satisfy::find(self, asked)?;
            return Ok(Box::new(Rows { rows: rows.into_iter(), within }));
        }
        let _ = bound;
        Ok(Box::new(Rows { rows: super::found(self, probe)?.into_iter(), within }))
    }

    fn distinct(&self) -> Option<f64> {
        self.footer().ok().map(|footer| footer.items.into())
    }

    fn memory(&self) -> usize {
        let of = |footer: &Footer| {
            footer.tree.memory() + (footer.lists.len() + footer.places.len()) * Locator::SIZE
        };
        size_of::<InvertedCold>() + self.footer.get().map_or(0, of)
    }

    fn as_any(&self) -> Option<&dyn Any> {
        Some(self)
    }

    fn verify(&self, report: &mut dyn FnMut(Error)) {
        let checked = self.footer().and_then(|footer| {
            let mut pages = footer.tree.pages(&self.part, LEAVES)?;
            let lengths = footer.lengths.iter().flat_map(|lengths| &lengths.pages);
            pages.extend(lengths.zip(0..).map(|(&at, number)| (at, LENGTHS, number)));
            pages.extend(footer.lists.iter().zip(0..).map(|(&at, number)| (at, LISTS, number)));
            pages.extend(footer.places.iter().zip(0..).map(|(&at, number)| (at, PLACES, number)));
            self.part.verify(pages, self.part.footer()?.1, &mut |_, _, _| Ok(()), report);
            self.verify_order(footer)
        });
        if let Err(error) = checked {
            report(error);
        }
    }

    fn agrees(&self, def: &IndexDef) -> Result<bool> {
        // What it would have to say is not known any more, nor is it asked.
        if self.is_old() {
            return Ok(true);
        }
        let says = says(self.footer()?.kind);
        let mut ours = Fingerprint::default();
        let mut terms = Terms::new(self)?;
        while let Some((item, list)) = terms.next()? {
            let item = hash(&item);
            list.each_placed(&mut |rows| {
                for (i, &row) in rows.rows.iter().enumerate() {
                    let places = if says.places { rows.places.get(i) } else { &[] };
                    ours.add(item, row, rows.more.get(i).copied().unwrap_or(0), places);
                }
            })?;
        }
        let mut theirs = Fingerprint::default();
        each_row(def, &self.segment, &mut |ordinal, items| {
            for item in items.counted() {
                let more = if says.times { more_than_once(item.times) } else { 0 };
                let places = match says.places {
                    true if item.places.is_empty() => UNKNOWN,
                    true => item.places,
                    false => &[],
                };
                theirs.add(hash(item.bytes), ordinal, more.into(), places);
            }
            Ok(())
        })?;
        Ok(ours == theirs && self.lengths_agree(def)?)
    }
}

impl InvertedCold {
    /// True if the lengths of documents are what the rows say.
    fn lengths_agree(&self, def: &IndexDef) -> Result<bool> {
        let mut same = true;
        for column in 0..self.columns {
            let (mut lengths, mut found) = (self.lengths(column)?, (0u32, 0u64));
            each_row(def, &self.segment, &mut |ordinal, items| {
                let items = items.counted();
                let own = || items.iter().filter(|item| column_of(item.bytes) == column);
                let length = own().fold(0, |sum: u32, item| sum.saturating_add(item.times));
                let length = own().next().map(|_| length);
                same &= lengths.get(ordinal)? == length;
                found.0 += u32::from(length.is_some());
                found.1 += u64::from(length.unwrap_or(0));
                Ok(())
            })?;
            same &= found == self.documents(column)?;
        }
        Ok(same)
    }

    /// Items in order, and as many of them and of their rows as the footer says.
    fn verify_order(&self, footer: &Footer) -> Result<()> {
        let (mut items, mut postings, mut last) = (0u32, 0u64, None::<Vec<u8>>);
        let mut terms = Terms::new(self)?;
        while let Some((item, list)) = terms.next()? {
            list.each_placed(&mut |rows| postings += rows.rows.len() as u64)?;
            if last.as_ref().is_some_and(|last| *last >= item) {
                return Err(self.part.corrupt(0, "the items of a part are not in order"));
            }
            last = Some(item);
            items = items.saturating_add(1);
        }
        match items == footer.items && postings == footer.postings {
            true => Ok(()),
            false => Err(self.part.corrupt(0, "a part does not have as many items as it says")),
        }
    }
}

/// What pairs of an item and a row are, and how often, in any order.
#[derive(Default, PartialEq)]
struct Fingerprint(u64, u64);

impl Fingerprint {
    fn add(&mut self, item: u64, row: u32, more: u32, places: &[u8]) {
        let item = if places.is_empty() { item } else { item ^ hash(places).rotate_left(32) };
        let row = u64::from(row) << 8 | u64::from(more & 0xff);
        let pair = hash(&(item ^ row.wrapping_mul(0x9e37_79b9_7f4a_7c15)).to_le_bytes());
        self.0 = self.0.wrapping_add(pair);
        self.1 += 1;
    }
}

/// Takes a row and its items.
type EachRow<'a> = dyn FnMut(u32, &ItemList) -> Result<()> + 'a;

/// Calls `each` with the rows of a segment that are in the index, and their items.
pub(super) fn each_row(def: &IndexDef, segment: &ColdSegment, each: &mut EachRow<'_>) -> Result<()> {
    let mut extractor = Extractor::new(def);
    let mut columns: Vec<Column> = vec![Column::null(Type::Bool, 0); segment.types().len()];
    for vector in 0..segment.vectors() {
        for column in def.read() {
            if let Some(place) = columns.get_mut(column) {
                *place = segment.read(column, vector)?;
            }
        }
        for (row, ordinal) in segment.rows_of(vector).enumerate() {
            if let Some(list) = extractor.row(&columns, row) {
                each(ordinal, list)?;
            }
        }
    }
    Ok(())
}
