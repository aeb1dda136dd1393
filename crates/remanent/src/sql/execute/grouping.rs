//! Rows by equal keys: each distinct key gets the next number. What grouping, joining and DISTINCT share.
//!
//! Text, bytea and vectors are interned first, column by column: each distinct value gets a number of its own
//! ([`Interner`]), and from then on the key holds that number. So most keys fit a word, and a dictionary is
//! looked up once per distinct value rather than once per row.

use super::rowkey::{KeyLayout, RowKeys};
use remanent_kernels::table::{ByteTable, MISSING, WordTable};
use remanent_storage::Result;
use remanent_storage::value::{Column, ColumnData, Physical, Type};
use std::sync::Arc;

/// From the values of key columns to dense numbers, NULL equal to NULL.
pub struct Grouping {
    /// One a column; None for columns whose values are keys as they are.
    interners: Vec<Option<Interner>>,
    layout: KeyLayout,
    table: Table,
}

enum Table {
    /// The only column is interned: its numbers are the answer.
    Interned,
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
        let layout = KeyLayout::unordered(keys);
        let table = match (interners.as_slice(), layout.is_words()) {
            ([Some(_)], _) => Table::Interned,
            (_, true) => Table::Words(WordTable::default()),
            (_, false) => Table::Bytes(ByteTable::default()),
        };
        Grouping { interners, layout, table }
    }

    /// How many distinct keys there are.
    pub fn len(&self) -> usize {
        match &self.table {
            Table::Interned => self.interners.iter().flatten().map(Interner::len).sum(),
            Table::Words(table) => table.len(),
            Table::Bytes(table) => table.len(),
        }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        let table = match &self.table {
            Table::Interned => 0,
            Table::Words(table) => table.memory(),
            Table::Bytes(table) => table.memory(),
        };
        table + self.interners.iter().flatten().map(|interner| interner.table.memory()).sum::<usize>()
    }

    /// The number of each row's key, made where it is new. `groups` is overwritten.
    pub fn insert(&mut self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        let Some(columns) = self.interned(columns, rows, true, groups) else { return Ok(()) };
        match (&mut self.table, self.layout.encode(&columns, rows)?) {
            (Table::Words(table), RowKeys::Words(keys)) => table.insert(&keys, groups),
            (Table::Bytes(table), RowKeys::Bytes { bytes, ends }) => table.insert(&bytes, &ends, groups),
            _ => unreachable!("the layout chose the table"),
        }
        Ok(())
    }

    /// The number of each row's key, [`MISSING`] where it is unknown. `groups` is overwritten.
    pub fn find(&mut self, columns: &[Column], rows: usize, groups: &mut Vec<u32>) -> Result<()> {
        let Some(columns) = self.interned(columns, rows, false, groups) else { return Ok(()) };
        match (&self.table, self.layout.encode(&columns, rows)?) {
            (Table::Words(table), RowKeys::Words(keys)) => table.find(&keys, groups),
            (Table::Bytes(table), RowKeys::Bytes { bytes, ends }) => table.find(&bytes, &ends, groups),
            _ => unreachable!("the layout chose the table"),
        }
        Ok(())
    }

    /// The columns with numbers for what is interned. None: the only column's numbers are in `groups`, and are the answer.
    fn interned(
        &mut self,
        columns: &[Column],
        rows: usize,
        insert: bool,
        groups: &mut Vec<u32>,
    ) -> Option<Vec<Column>> {
        if let (Table::Interned, [Some(interner)], [column]) = (&self.table, &mut self.interners[..], columns)
        {
            interner.number(column, rows, insert, groups);
            return None;
        }
        let number = |(column, interner): (&Column, &mut Option<Interner>)| match interner {
            None => column.clone(),
            Some(interner) => {
                let mut numbers = Vec::with_capacity(rows);
                interner.number(column, rows, insert, &mut numbers);
                // What is missing becomes −1, which no key holds.
                let numbers: Vec<i32> = numbers.into_iter().map(|number| number as i32).collect();
                Column::flat(Type::Int4, ColumnData::I32(numbers.into()), None)
            }
        };
        Some(columns.iter().zip(&mut self.interners).map(number).collect())
    }
}

/// From byte strings to dense numbers; NULL has one too.
#[derive(Default)]
struct Interner {
    table: ByteTable,
    /// The number of NULL, once it came. The table's numbers from there on are one higher.
    null: Option<u32>,
    /// The last dictionary seen, and the number of each of its codes as far as known.
    dictionary: Option<(Arc<Column>, Vec<u32>)>,
}

impl Interner {
    fn len(&self) -> usize {
        self.table.len() + usize::from(self.null.is_some())
    }

    /// The number of each row; with `insert` made where it is new, else [`MISSING`]. `numbers` is overwritten.
    fn number(&mut self, column: &Column, rows: usize, insert: bool, numbers: &mut Vec<u32>) {
        numbers.clear();
        numbers.reserve(rows);
        let column = &column.sortable();
        match column.data() {
            ColumnData::Dictionary { codes, values } => {
                let mut known = match self.dictionary.take() {
                    Some((held, known)) if Arc::ptr_eq(&held, values) => known,
                    _ => vec![MISSING; values.len()],
                };
                for (row, &code) in codes.iter().enumerate() {
                    if column.validity().is_some_and(|validity| !validity.get(row)) {
                        numbers.push(self.null(insert));
                        continue;
                    }
                    let number = &mut known[code as usize];
                    if *number == MISSING {
                        *number = self.one(values, code as usize, insert);
                    }
                    numbers.push(*number);
                }
                self.dictionary = Some((Arc::clone(values), known));
            }
            ColumnData::Constant(one) if rows > 0 => {
                let number = self.one(one, 0, insert);
                numbers.resize(rows, number);
            }
            _ => numbers.extend((0..rows).map(|row| self.one(column, row, insert))),
        }
    }

    fn one(&mut self, column: &Column, row: usize, insert: bool) -> u32 {
        if !column.is_valid(row) {
            return self.null(insert);
        }
        let number = match insert {
            true => self.table.insert_one(column.bytes(row)),
            false => self.table.find_one(column.bytes(row)),
        };
        match self.null {
            Some(null) if number >= null && number != MISSING => number + 1,
            _ => number,
        }
    }

    fn null(&mut self, insert: bool) -> u32 {
        match self.null {
            Some(null) => null,
            None if insert => *self.null.insert(self.table.len() as u32),
            None => MISSING,
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
}
