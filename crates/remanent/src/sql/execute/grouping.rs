//! Rows by equal keys: each distinct key gets the next number. What grouping, joining and DISTINCT share.
//!
//! Text, bytea and vectors are interned first, column by column: each distinct value gets a number of its own
//! ([`Interner`]), and from then on the key holds that number. So most keys fit a word, and a dictionary is
//! looked up once per distinct value rather than once per row. The numbers of one column that lie close together, as the
//! keys of most tables do, are looked up without hashing, until NULL comes or one that lies far off.

use super::rowkey::{KeyLayout, RowKeys};
use super::sieve::numbers;
use remanent_kernels::table::{
    ByteTable, DenseTable, MISSING, WordTable, as_integers, combine, repeat, translate,
};
use remanent_storage::value::{Buffer, Column, ColumnData, Physical, Type};
use remanent_storage::{Error, Result};
use std::sync::Arc;

/// Of each key column the last dictionary that was looked up, and the number of each of its codes as far as known.
pub type Looked = Vec<Dictionary>;

type Dictionary = Option<(Arc<Column>, Vec<u32>)>;

/// From the values of key columns to dense numbers, NULL equal to NULL.
pub struct Grouping {
    /// One a column; None for columns whose values are keys as they are.
    interners: Vec<Option<Interner>>,
    layout: KeyLayout,
    table: Table,
    looked: Looked,
    coded: Coded,
}

/// Of key columns that are all dictionaries: these, and for each combination of codes the number of its key, as far as known.
#[derive(Default)]
struct Coded {
    values: Vec<Arc<Column>>,
    numbers: Vec<u32>,
}

/// Most combinations of codes that are looked up by themselves.
const COMBINATIONS: usize = 4096;

enum Table {
    /// The only column is interned: its numbers are the answer.
    Interned,
    /// The only column is of numbers of that type.
    Dense(Type, DenseTable),
    Words(WordTable),
    Bytes(ByteTable),
}

impl Grouping {
    /// For key columns of these types.
    pub fn new(types: impl IntoIterator<Item = Type>) -> Self {
        let (mut interners, mut keys) = (Vec::new(), Vec::new());
        for ty in types {
            let interned = ty.physical() == Physical::Bytes;
            keys.push(if interned { Type::Int4 } else { ty });
            interners.push(interned.then(Interner::default));
        }
        let layout = KeyLayout::unordered(keys.iter().copied());
        let table = match (interners.as_slice(), layout.is_words()) {
            ([Some(_)], _) => Table::Interned,
            ([None], _) if is_whole(keys[0]) => Table::Dense(keys[0], DenseTable::default()),
            (_, true) => Table::Words(WordTable::default()),
            (_, false) => Table::Bytes(ByteTable::default()),
        };
        Grouping { interners, layout, table, looked: Looked::new(), coded: Coded::default() }
    }

    /// How many distinct keys there are.
    pub fn len(&self) -> usize {
        match &self.table {
            Table::Interned => self.interners.iter().flatten().map(Interner::len).sum(),
            Table::Dense(_, table) => table.len(),
            Table::Words(table) => table.len(),
            Table::Bytes(table) => table.len(),
        }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let table = match &self.table {
            Table::Interned => 0,
            Table::Dense(_, table) => table.memory(),
            Table::Words(table) => table.memory(),
            Table::Bytes(table) => table.memory(),
        };
        table
            + self.coded.numbers.capacity() * 4
            + self.interners.iter().flatten().map(|interner| interner.table.memory()).sum::<usize>()
    }

    /// The number of each row's key, made where it is new. `groups` is overwritten.
    pub fn insert(&mut self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        if columns.len() > 1 && self.insert_coded(columns, groups)? {
            return Ok(());
        }
        self.insert_rows(columns, rows, groups)
    }

    /// The same of columns that are all dictionaries of few values, without NULLs; false: they are not.
    fn insert_coded(&mut self, columns: &[Column], groups: &mut Vec<u32>) -> Result<bool> {
        let mut size = 1usize;
        for column in columns {
            let (ColumnData::Dictionary { values, .. }, None) = (column.data(), column.validity()) else {
                return Ok(false);
            };
            size = size.saturating_mul(values.len());
        }
        if size > COMBINATIONS {
            return Ok(false);
        }
        let parts: Vec<(&Buffer<u32>, &Arc<Column>)> = columns.iter().filter_map(dictionary).collect();
        let mut coded = std::mem::take(&mut self.coded);
        let same = |(held, (_, values)): (&Arc<Column>, &(_, &Arc<Column>))| Arc::ptr_eq(held, values);
        if coded.values.len() != parts.len() || !coded.values.iter().zip(&parts).all(same) {
            coded.values = parts.iter().map(|(_, values)| Arc::clone(values)).collect();
            coded.numbers.clear();
            coded.numbers.resize(size, MISSING);
        }
        let mut codes = Vec::new();
        for (part, values) in &parts {
            combine(part, values.len() as u32, &mut codes);
        }
        if !translate(&codes, &coded.numbers, groups) {
            let mut one = Vec::new();
            for (row, &code) in (0u32..).zip(&codes) {
                if coded.numbers[code as usize] == MISSING {
                    let columns: Vec<Column> = columns.iter().map(|column| column.gather(&[row])).collect();
                    self.insert_rows(&columns, 1, &mut one)?;
                    coded.numbers[code as usize] = one.first().copied().unwrap_or(MISSING);
                }
            }
            translate(&codes, &coded.numbers, groups);
        }
        self.coded = coded;
        Ok(true)
    }

    fn insert_rows(&mut self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        if let (Table::Dense(ty, table), [column]) = (&mut self.table, columns) {
            // A constant says only of its one row whether it is NULL.
            if column.null_count() == 0
                && let Some(keys) = numbers(column)
                && table.insert(&keys, groups)
            {
                return Ok(());
            }
            let known = of_numbers(*ty, table.keys());
            let mut words = WordTable::default();
            if let RowKeys::Words(keys) = self.layout.encode(&[known], table.len())? {
                words.insert(&keys, groups);
            }
            self.table = Table::Words(words);
        }
        let interners = &mut self.interners;
        let number = &mut |at: usize, column: &Column, numbers: &mut Vec<u32>| {
            let Some(interner) = &mut interners[at] else { return false };
            let mut looked = interner.dictionary.take();
            number(column, rows, &mut looked, &mut |column, row| interner.insert(column, row), numbers);
            interner.dictionary = looked;
            true
        };
        let only = matches!(self.table, Table::Interned);
        let Some(columns) = interned(only, columns, number, groups) else { return Ok(()) };
        match (&mut self.table, self.layout.encode(&columns, rows)?) {
            (Table::Words(table), RowKeys::Words(keys)) => table.insert(&keys, groups),
            (Table::Bytes(table), RowKeys::Bytes { bytes, ends }) => table.insert(&bytes, &ends, groups),
            _ => unreachable!("the layout chose the table"),
        }
        Ok(())
    }

    /// The number of each row's key, [`MISSING`] where it is unknown. `groups` is overwritten.
    pub fn find(&mut self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        let mut looked = std::mem::take(&mut self.looked);
        let found = self.look_up(columns, rows, &mut looked, groups);
        self.looked = looked;
        found
    }

    /// The same beside others: each keeps `looked` of its own, empty at first.
    pub fn look_up(
        &self,
        columns: &[Column],
        rows: usize,
        looked: &mut Looked,
        groups: &mut Vec<u32>,
    ) -> Result<()> {
        if let (Table::Dense(_, table), [column]) = (&self.table, columns) {
            let keys = numbers(column).ok_or_else(|| Error::internal("a key of another type"))?;
            table.find(&keys, groups);
            if column.null_count() > 0 {
                let null = (0..rows).filter(|&row| !column.is_valid(row));
                null.for_each(|row| groups[row] = MISSING);
            }
            return Ok(());
        }
        looked.resize(self.interners.len(), None);
        let number = &mut |at: usize, column: &Column, numbers: &mut Vec<u32>| {
            let Some(interner) = &self.interners[at] else { return false };
            number(column, rows, &mut looked[at], &mut |column, row| interner.find(column, row), numbers);
            true
        };
        let only = matches!(self.table, Table::Interned);
        let Some(columns) = interned(only, columns, number, groups) else { return Ok(()) };
        match (&self.table, self.layout.encode(&columns, rows)?) {
            (Table::Words(table), RowKeys::Words(keys)) => table.find(&keys, groups),
            (Table::Bytes(table), RowKeys::Bytes { bytes, ends }) => table.find(&bytes, &ends, groups),
            _ => unreachable!("the layout chose the table"),
        }
        Ok(())
    }
}

/// The columns with numbers for what is interned, which `number` gives, or says that a column is not. None: the `only` column's
/// numbers are in `groups`, and are the answer.
fn interned(
    only: bool,
    columns: &[Column],
    number: &mut dyn FnMut(usize, &Column, &mut Vec<u32>) -> bool,
    groups: &mut Vec<u32>,
) -> Option<Vec<Column>> {
    if let (true, [column]) = (only, columns) {
        number(0, column, groups);
        return None;
    }
    let each = |(at, column): (usize, &Column)| {
        let mut numbers = Vec::new();
        if !number(at, column, &mut numbers) {
            return column.clone();
        }
        // What is missing becomes −1, which no key holds.
        Column::flat(Type::Int4, ColumnData::I32(as_integers(&numbers).into()), None)
    };
    Some(columns.iter().enumerate().map(each).collect())
}

/// The number of each row, which `one` gives of a value. `numbers` is overwritten.
fn number(
    column: &Column,
    rows: usize,
    looked: &mut Dictionary,
    one: &mut dyn FnMut(&Column, usize) -> u32,
    numbers: &mut Vec<u32>,
) {
    numbers.clear();
    numbers.reserve(rows);
    let column = &column.sortable();
    match column.data() {
        ColumnData::Dictionary { codes, values } => {
            let mut known = match looked.take() {
                Some((held, known)) if Arc::ptr_eq(&held, values) => known,
                _ => vec![MISSING; values.len()],
            };
            match column.validity() {
                // Codes that are new are few: then all are looked at again.
                None if translate(codes, &known, numbers) => {}
                None => {
                    for &code in codes.iter() {
                        let number = &mut known[code as usize];
                        if *number == MISSING {
                            *number = one(values, code as usize);
                        }
                    }
                    translate(codes, &known, numbers);
                }
                Some(validity) => {
                    for (row, &code) in codes.iter().enumerate() {
                        if !validity.get(row) {
                            numbers.push(one(column, row));
                            continue;
                        }
                        let number = &mut known[code as usize];
                        if *number == MISSING {
                            *number = one(values, code as usize);
                        }
                        numbers.push(*number);
                    }
                }
            }
            *looked = Some((Arc::clone(values), known));
        }
        ColumnData::Constant(value) if rows > 0 => {
            repeat(one(value, 0), rows, numbers);
        }
        _ => numbers.extend((0..rows).map(|row| one(column, row))),
    }
}

fn dictionary(column: &Column) -> Option<(&Buffer<u32>, &Arc<Column>)> {
    match column.data() {
        ColumnData::Dictionary { codes, values } => Some((codes, values)),
        _ => None,
    }
}

fn is_whole(ty: Type) -> bool {
    matches!(ty, Type::Int2 | Type::Int4 | Type::Int8 | Type::Date)
}

/// A column of a whole type.
fn of_numbers(ty: Type, values: Vec<i64>) -> Column {
    let data = match ty.physical() {
        Physical::I16 => ColumnData::I16(values.into_iter().map(|v| v as i16).collect::<Vec<_>>().into()),
        Physical::I32 => ColumnData::I32(values.into_iter().map(|v| v as i32).collect::<Vec<_>>().into()),
        _ => ColumnData::I64(values.into()),
    };
    Column::flat(ty, data, None)
}

/// From byte strings to dense numbers; NULL has one too.
#[derive(Default)]
struct Interner {
    table: ByteTable,
    /// The number of NULL, once it came. The table's numbers from there on are one higher.
    null: Option<u32>,
    /// The last dictionary that came.
    dictionary: Dictionary,
}

impl Interner {
    fn len(&self) -> usize {
        self.table.len() + usize::from(self.null.is_some())
    }

    /// The number of a row, made where it is new.
    fn insert(&mut self, column: &Column, row: usize) -> u32 {
        if !column.is_valid(row) {
            return *self.null.get_or_insert(self.table.len() as u32);
        }
        let number = self.table.insert_one(column.bytes(row));
        self.behind_null(number)
    }

    /// The number of a row, or [`MISSING`].
    fn find(&self, column: &Column, row: usize) -> u32 {
        if !column.is_valid(row) {
            return self.null.unwrap_or(MISSING);
        }
        self.behind_null(self.table.find_one(column.bytes(row)))
    }

    fn behind_null(&self, number: u32) -> u32 {
        match self.null {
            Some(null) if number >= null && number != MISSING => number + 1,
            _ => number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use remanent_storage::value::Value;

    fn text(values: &[Option<&str>]) -> Column {
        let value = |v: &Option<&str>| v.map_or(Value::Null, |v| Value::Text(v.to_string()));
        Column::from_values(Type::Text, values.iter().map(value)).unwrap()
    }

    fn insert(grouping: &mut Grouping, columns: &[Column]) -> Vec<u32> {
        let mut groups = Vec::new();
        grouping.insert(columns, columns[0].len(), &mut groups).unwrap();
        groups
    }

    #[test]
    fn numbers_are_dense_with_null_among_them() {
        let mut grouping = Grouping::new([Type::Text]);
        assert_eq!(
            insert(&mut grouping, &[text(&[Some("a"), None, Some("b"), None, Some("a")])]),
            [0, 1, 2, 1, 0]
        );
        assert_eq!(insert(&mut grouping, &[text(&[Some("c"), Some("b"), Some("a")])]), [3, 2, 0]);
        assert_eq!(grouping.len(), 4);
        let mut groups = Vec::new();
        grouping.find(&[text(&[Some("b"), Some("x"), None])], 3, &mut groups).unwrap();
        assert_eq!(groups, [2, MISSING, 1]);
    }

    #[test]
    fn dictionaries_and_flat_columns_agree() {
        let mut grouping = Grouping::new([Type::Text, Type::Int8]);
        let numbers = Column::from_values(Type::Int8, (0..4).map(|i| Value::Int8(i % 2))).unwrap();
        let flat = text(&[Some("a"), Some("b"), Some("a"), None]);
        assert_eq!(insert(&mut grouping, &[flat, numbers.clone()]), [0, 1, 0, 2]);
        let values = Arc::new(text(&[Some("b"), Some("a")]));
        let coded = Column::dictionary(vec![1, 0, 1, 1].into(), values, None);
        assert_eq!(insert(&mut grouping, &[coded, numbers]), [0, 1, 0, 3]);
    }

    #[test]
    fn long_keys_are_compared_whole() {
        let mut grouping = Grouping::new([Type::Int8, Type::Int8, Type::Numeric(None)]);
        let int = |v: [i64; 3]| Column::from_values(Type::Int8, v.map(Value::Int8)).unwrap();
        let numeric = Column::null(Type::Numeric(None), 3);
        assert_eq!(insert(&mut grouping, &[int([1, 1, 1]), int([2, 3, 2]), numeric]), [0, 1, 0]);
    }

    #[test]
    fn a_column_that_is_null_throughout_is_not_one_of_zeros() {
        let zeros = Column::from_values(Type::Int4, [0, 0].map(Value::Int4)).unwrap();
        let nulls = Column::constant(Type::Int4, &Value::Null, 2).unwrap();
        let mut grouping = Grouping::new([Type::Int4]);
        assert_eq!(insert(&mut grouping, std::slice::from_ref(&zeros)), [0, 0]);
        let mut groups = Vec::new();
        grouping.find(std::slice::from_ref(&nulls), 2, &mut groups).unwrap();
        assert_eq!(groups, [MISSING, MISSING]);
        assert_eq!(insert(&mut grouping, &[nulls]), [1, 1]);
        assert_eq!(insert(&mut grouping, &[zeros]), [0, 0]);
    }

    #[test]
    fn numbers_that_come_to_lie_far_apart_keep_their_groups() {
        let numbers = |values: &[Option<i64>]| {
            let value = |v: &Option<i64>| v.map_or(Value::Null, Value::Int8);
            Column::from_values(Type::Int8, values.iter().map(value)).unwrap()
        };
        for late in [Some(i64::MIN), Some(i64::MAX), None] {
            let mut grouping = Grouping::new([Type::Int8]);
            assert_eq!(insert(&mut grouping, &[numbers(&[Some(5), Some(-3), Some(5)])]), [0, 1, 0]);
            assert_eq!(insert(&mut grouping, &[numbers(&[Some(-9), Some(100_000)])]), [2, 3]);
            let mut groups = Vec::new();
            grouping.find(&[numbers(&[Some(-3), Some(4), None, Some(i64::MIN)])], 4, &mut groups).unwrap();
            assert_eq!(groups, [1, MISSING, MISSING, MISSING]);
            assert_eq!(insert(&mut grouping, &[numbers(&[Some(-9), late, Some(5)])]), [2, 4, 0]);
            assert_eq!(insert(&mut grouping, &[numbers(&[late, Some(6)])]), [4, 5]);
            assert_eq!(grouping.len(), 6);
        }
    }
}
