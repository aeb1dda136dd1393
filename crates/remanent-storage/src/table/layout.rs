//! Columns that came after the rows or went before them: which columns a table's rows had at which time, and what those are that rows
//! do not have.
//!
//! ALTER TABLE … ADD COLUMN and DROP COLUMN leave the rows where they are, in segments and in the log. A definition that was changed
//! so therefore remembers every column that there ever was by a number of its own ([`Shape`]) and counts its generations: records say
//! under which one their rows were written, segments which numbers they hold.
//!
//! ```text
//!   CREATE TABLE t (a int)             generation 0   a, row_id
//!   ALTER TABLE t ADD b int DEFAULT 7  generation 1   a, b, row_id         "=1 03000000n0 04000000h0 03000000n1:040e"
//!   ALTER TABLE t DROP a               generation 2   b, row_id            "=2 03000000n0-2 04000000h0 03000000n1:040e"
//! ```
//!
//! The text is what the catalog holds: the generation, then for each number the type's tag, what the column is (`n`amed, `k`ept for
//! an index, the `h`idden key), the generation it came with, the one that it is gone in, and its value where it is missing
//! ([`encode_value`]).
//!
//! Limits: a table that is copied (TRUNCATE, ALTER COLUMN TYPE) begins anew; one that has had [`SLOTS_MAX`] columns is copied by the
//! next ADD COLUMN. Files have a dropped column until they are merged.

use super::{TableDef, Value};
use crate::error::{Error, Result, state};
use crate::segment::shape::{Lens, Shape, mark, seen};
use crate::value::bytes::Reader;
use crate::value::codec::{decode_value, encode_value};
use crate::value::{Column, Type};
use std::fmt::Write;
use std::sync::Arc;

/// How many columns a table remembers.
const SLOTS_MAX: usize = 4096;
/// A value of so many bytes is written into the rows.
const VALUE_MAX: usize = 4096;

/// The columns of a table's rows, by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Layout {
    generation: u32,
    slots: Vec<Slot>,
}

#[derive(Debug, Clone, PartialEq)]
struct Slot {
    ty: Type,
    kind: Kind,
    /// The generation that it came with.
    born: u32,
    /// The generation that it is gone in; the greatest number: it is not.
    died: u32,
    /// What it is where it is missing; None: it came with the table.
    missing: Option<Vec<u8>>,
}

/// In the order in which columns of these kinds follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Named,
    Kept,
    Hidden,
}

/// Rows as they were under an earlier definition.
pub struct Older {
    /// Their columns.
    pub then: Arc<Shape>,
    shape: Shape,
    lens: Lens,
}

impl Older {
    /// The rows as the definition has them now.
    pub fn fit(&self, rows: &[Column]) -> Vec<Column> {
        let wanted: Vec<usize> = (0..self.shape.types().len()).collect();
        seen(&self.shape, &self.lens, rows, rows.first().map_or(0, Column::len), &wanted)
    }
}

impl Layout {
    /// That of a table that was never changed.
    fn of(def: &TableDef) -> Self {
        let kind = |named: bool| if named { Kind::Named } else { Kind::Kept };
        let declared = def.columns.iter().map(|column| (column.ty.plain(), kind(!column.name.is_empty())));
        let hidden = def.key.is_empty().then_some((Type::Int8, Kind::Hidden));
        let slot = |(ty, kind)| Slot { ty, kind, born: 0, died: u32::MAX, missing: None };
        Layout { generation: 0, slots: declared.chain(hidden).map(slot).collect() }
    }

    /// The numbers of the columns that rows of a generation have, in their order.
    fn numbers(&self, generation: u32) -> Vec<u32> {
        let mut numbers: Vec<u32> = (0..self.slots.len() as u32).collect();
        let lives = |slot: &Slot| slot.born <= generation && generation < slot.died;
        numbers.retain(|&number| lives(&self.slots[number as usize]));
        numbers.sort_by_key(|&number| (self.slots[number as usize].kind, number));
        numbers
    }

    /// What a column is where it is missing.
    fn missing(&self, number: u32) -> Option<Value> {
        let bytes = self.slots.get(number as usize)?.missing.as_ref()?;
        decode_value(&mut Reader::new(bytes)).ok()
    }

    /// As the catalog holds it.
    pub fn text(&self) -> String {
        let mut text = format!("={}", self.generation);
        for slot in &self.slots {
            text.push(' ');
            hex(&slot.ty.tag(), &mut text);
            text.push(match slot.kind {
                Kind::Named => 'n',
                Kind::Kept => 'k',
                Kind::Hidden => 'h',
            });
            let _ = write!(text, "{}", slot.born);
            if slot.died < u32::MAX {
                let _ = write!(text, "-{}", slot.died);
            }
            if let Some(missing) = &slot.missing {
                text.push(':');
                hex(missing, &mut text);
            }
        }
        text
    }

    /// What [`text`](Layout::text) wrote; None where it makes no sense.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.strip_prefix('=')?.split(' ');
        let generation = words.next()?.parse().ok()?;
        let slots = words.map(|word| {
            let ty = Type::of_tag(bytes(word.get(..8)?)?.try_into().ok()?)?;
            let kind = match word.as_bytes().get(8)? {
                b'n' => Kind::Named,
                b'k' => Kind::Kept,
                b'h' => Kind::Hidden,
                _ => return None,
            };
            let (life, missing) = match word.get(9..)?.split_once(':') {
                Some((life, missing)) => (life, Some(bytes(missing)?)),
                None => (word.get(9..)?, None),
            };
            let (born, died) = match life.split_once('-') {
                Some((born, died)) => (born, died.parse().ok()?),
                None => (life, u32::MAX),
            };
            if let Some(missing) = &missing {
                decode_value(&mut Reader::new(missing)).ok()?;
            }
            Some(Slot { ty, kind, born: born.parse().ok()?, died, missing })
        });
        Some(Layout { generation, slots: slots.collect::<Option<Vec<Slot>>>()? })
    }
}

impl TableDef {
    /// How often it has got other columns while its rows stayed.
    pub fn generation(&self) -> u32 {
        self.layout.as_ref().map_or(0, |layout| layout.generation)
    }

    /// The stored columns: the declared ones, then the hidden key where no key is declared.
    pub fn shape(&self) -> Shape {
        let hidden = self.key.is_empty().then_some(Type::Int8);
        let types = self.columns.iter().map(|column| column.ty.plain()).chain(hidden);
        let Some(layout) = &self.layout else { return Shape::plain(types.collect()) };
        let numbers = layout.numbers(layout.generation);
        Shape::new(types.zip(numbers).map(|(ty, number)| (ty, number, layout.missing(number))))
    }

    /// The columns of a segment with that [`mark`]; None where rows of this table never had such.
    pub(crate) fn shape_of(&self, marked: u32) -> Option<Shape> {
        let Some(layout) = &self.layout else { return (marked == 0).then(|| self.shape()) };
        let first = layout.slots.iter().filter(|slot| slot.born == 0);
        if marked == 0 {
            return Some(Shape::plain(first.map(|slot| slot.ty).collect()));
        }
        let numbers = (0..=layout.generation).map(|then| layout.numbers(then));
        let numbers = numbers.into_iter().find(|numbers| mark(numbers) == marked)?;
        let column = |number: u32| (layout.slots[number as usize].ty, number, layout.missing(number));
        Some(Shape::new(numbers.into_iter().map(column)))
    }

    /// True if its layout speaks of as many columns as it has.
    pub(crate) fn layout_fits(&self) -> bool {
        let stored = self.columns.len() + usize::from(self.key.is_empty());
        self.layout.as_ref().is_none_or(|layout| layout.numbers(layout.generation).len() == stored)
    }

    /// Rows that were written under that version of the definition; None: they are as its rows are now.
    pub fn older(&self, version: u32) -> Result<Option<Older>> {
        let now = self.generation();
        match (version.checked_sub(1), &self.layout) {
            (Some(then), _) if then == now => Ok(None),
            (Some(then), Some(layout)) if then < now => {
                let (numbers, shape) = (layout.numbers(then), self.shape());
                let column = |number: u32| (layout.slots[number as usize].ty, number, layout.missing(number));
                let then = Arc::new(Shape::new(numbers.iter().map(|&number| column(number))));
                // What came since may have gone again.
                let lens = shape.lens(&numbers, numbers.len());
                Ok(lens.map(|lens| Older { then, shape, lens }))
            }
            _ => {
                let message = format!("rows of \"{}\" are of an unknown version {version}", self.name);
                Err(Error::new(state::DATA_CORRUPTED, message))
            }
        }
    }

    /// Makes a definition that has other columns than the old one, one whose rows may be those of the old: those at the positions `gone`
    /// of the old one it has no more, and in those at these positions of its own there are these values. False, and nothing is
    /// done, where the rows have to be copied.
    pub fn reshape(&mut self, old: &TableDef, gone: &[usize], values: &[(usize, Value)]) -> bool {
        let mut layout = old.layout.clone().unwrap_or_else(|| Layout::of(old));
        let Some(generation) = layout.generation.checked_add(1) else { return false };
        if layout.slots.len() + values.len() > SLOTS_MAX {
            return false;
        }
        let numbers = layout.numbers(layout.generation);
        for &position in gone {
            let number = numbers.get(position).map_or(usize::MAX, |&number| number as usize);
            let Some(slot) = layout.slots.get_mut(number) else { return false };
            slot.died = generation;
        }
        for (position, value) in values {
            let Some(column) = self.columns.get(*position) else { return false };
            let ty = column.ty.plain();
            let mut missing = Vec::new();
            encode_value(&mut missing, value);
            if missing.len() > VALUE_MAX || Column::constant(ty, value, 1).is_err() {
                return false;
            }
            let (kind, born, died, missing) = (Kind::Named, generation, u32::MAX, Some(missing));
            layout.slots.push(Slot { ty, kind, born, died, missing });
        }
        layout.generation = generation;
        self.layout = Some(layout);
        self.layout_fits()
    }
}

fn hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
}

fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::ColumnDef;

    fn def() -> TableDef {
        TableDef::new(17, "t", vec![ColumnDef::new("a", Type::Int4)], Vec::new())
    }

    #[test]
    fn columns_keep_their_numbers_and_old_rows_their_columns() {
        let (first, mut second) = (def(), def());
        second.columns.push(ColumnDef::new("b", Type::Int4));
        assert!(second.reshape(&first, &[], &[(1, Value::Int4(7))]));
        let text = second.layout.as_ref().unwrap().text();
        assert_eq!(text, "=1 03000000n0 04000000h0 03000000n1:040e");
        assert_eq!((second.shape().numbers(), second.older(2).unwrap().is_none()), (&[0, 2, 1][..], true));
        let rows = [Type::Int4, Type::Int8].map(|ty| Column::null(ty, 2));
        let older = second.older(1).unwrap().unwrap();
        let now: Vec<Value> = older.fit(&rows).iter().map(|column| column.value(1)).collect();
        assert!(matches!(now.as_slice(), [Value::Null, Value::Int4(7), Value::Null]), "{now:?}");
        let mut third = second.clone();
        third.columns.remove(0);
        assert!(third.reshape(&second, &[0], &[]));
        let text = third.layout.as_ref().unwrap().text();
        assert_eq!(text, "=2 03000000n0-2 04000000h0 03000000n1:040e");
        assert_eq!(third.shape().numbers(), [2, 1]);
        assert_eq!(Layout::parse(&text), third.layout);
        assert_eq!(third.older(4).err().map(|e| e.code()), Some("XX001"));
        let mut back = second.clone();
        back.columns.pop();
        assert!(back.reshape(&second, &[1], &[]));
        assert!(back.older(1).unwrap().is_none(), "rows of the first generation are as they were");
    }

    #[test]
    fn damaged_texts_make_no_sense() {
        let texts = [
            "=",
            "=x",
            "=1 03",
            "=1 zz000000n0",
            "=1 03000000q0",
            "=1 03000000n",
            "=1 03000000n0:ff",
            "=1 é3000000n0",
        ];
        assert!(texts.iter().all(|text| Layout::parse(text).is_none()));
    }
}
