//! Which columns the rows of a segment have, and which a reader wants of them.
//!
//! A table gets columns while its rows stay where they are (ALTER TABLE … ADD COLUMN), so segments of one table have different
//! columns. Each column has a number of its own in its table, never given twice; a segment knows the numbers of what it holds
//! ([`Shape`]), and who reads it asks through the shape of a definition. What the segment lacks is one value for all its rows, as
//! PostgreSQL's `attmissingval`.
//!
//! ```text
//!   CREATE TABLE t (a int)             numbers 0 (a), 1 (the hidden key)
//!   ALTER TABLE t ADD b int DEFAULT 7  numbers 0 (a), 2 (b), 1 (the hidden key); of number 2 what is missing is 7
//!   a segment written before           holds 0, 1; read through the new shape: column 0, the constant 7, column 1
//! ```
//!
//! A shape without numbers of its own counts from 0, and nothing of it is ever missing: that of a table that was never changed.

use crate::value::{Column, Type, Value};

/// The columns of rows, in their order.
pub struct Shape {
    types: Vec<Type>,
    /// Their numbers; empty: 0, 1, 2 and so on.
    numbers: Vec<u32>,
    /// Per column, what it is where it is missing; None: it is never. Empty: none ever is.
    missing: Vec<Option<Value>>,
}

impl std::fmt::Debug for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.numbers.fmt(f)
    }
}

/// A column as a segment has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// At that place.
    At(usize),
    /// Not at all.
    Missing,
}

/// Where a segment has the columns of a shape.
pub type Lens = Box<[Held]>;

impl Shape {
    /// The columns of a table that was never changed.
    pub fn plain(types: Vec<Type>) -> Self {
        Shape { types, numbers: Vec::new(), missing: Vec::new() }
    }

    /// Columns with their types, their numbers and what they are where they are missing.
    pub fn new(columns: impl Iterator<Item = (Type, u32, Option<Value>)>) -> Self {
        let mut shape = Shape::plain(Vec::new());
        for (ty, number, missing) in columns {
            shape.types.push(ty);
            shape.numbers.push(number);
            shape.missing.push(missing);
        }
        shape
    }

    /// The types of the columns.
    pub fn types(&self) -> &[Type] {
        &self.types
    }

    /// The numbers of the columns; empty: 0, 1, 2 and so on.
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// True if rows of the one are rows of the other.
    pub fn same(&self, other: &Shape) -> bool {
        std::ptr::eq(self, other) || self.numbers == other.numbers && self.types == other.types
    }

    /// What a column is where it is missing; None: it never is.
    pub fn missing(&self, column: usize) -> Option<&Value> {
        self.missing.get(column).and_then(Option::as_ref)
    }

    /// So many rows of a column that is missing; of one that never is, NULLs.
    pub fn absent(&self, column: usize, rows: usize) -> Column {
        let ty = self.types.get(column).copied().unwrap_or(Type::Int8);
        let value = self.missing(column).unwrap_or(&Value::Null);
        Column::constant(ty, value, rows).unwrap_or_else(|_| Column::null(ty, rows))
    }

    /// True if it has a column that the other one has not.
    pub fn exceeds(&self, other: &Shape) -> bool {
        let lens = self.lens(&other.numbers, other.types.len());
        lens.is_some_and(|lens| lens.contains(&Held::Missing))
    }

    /// Where rows with those numbers have these columns; None: all, each at its place.
    pub fn lens(&self, held: &[u32], columns: usize) -> Option<Lens> {
        if self.numbers == held && (!held.is_empty() || columns == self.types.len()) {
            return None;
        }
        let number = |column: usize| self.numbers.get(column).map_or(column, |&number| number as usize);
        let place = |number: usize| match held.is_empty() {
            true => (number < columns).then_some(number),
            false => held.iter().position(|&of| of as usize == number),
        };
        Some((0..self.types.len()).map(|c| place(number(c)).map_or(Held::Missing, Held::At)).collect())
    }
}

/// What tells columns of these numbers from others, in the head of a file whose footer may be lost; 0: they count from 0.
pub fn mark(numbers: &[u32]) -> u32 {
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    if numbers.is_empty() { 0 } else { crc32c::crc32c(&bytes).max(1) }
}

/// The columns of a shape, of rows that lie as a lens says; `wanted` only, the others may be empty.
pub fn seen(shape: &Shape, lens: &[Held], held: &[Column], rows: usize, wanted: &[usize]) -> Vec<Column> {
    let column = |(column, at): (usize, &Held)| match at {
        Held::At(place) => held.get(*place).cloned().unwrap_or_else(|| shape.absent(column, rows)),
        Held::Missing => shape.absent(column, if wanted.contains(&column) { rows } else { 0 }),
    };
    lens.iter().enumerate().map(column).collect()
}
