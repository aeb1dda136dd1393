//! Constants to look values up in: `x IN (1, 2, 3, …)`, `x = ANY ('{1,2,3}')`.
//!
//! Lists of a few items are compared one by one; from [`FEW`] constants on a [`Members`] is made of them, once for the
//! expression ([`Expr::fold`](super::Expr::fold)), or once an execution for an array that is a parameter ([`Arrays`]). Looking a
//! value up is then a search in sorted integers, a hash of bytes, or a search in sorted values:
//!
//! ```text
//! x IN (7, NULL, 3, y, 3, …)   →   In { expr: x, list: [y], set: {3, 7, …} and a NULL }
//! ```
//!
//! What it holds is what the statement or the parameter brought: each constant once.

use remanent_kernels::sort::sort_by;
use remanent_storage::error::Result;
use remanent_storage::value::{Array, Column, ColumnData, Physical, Type, Value};
use remanent_storage::world::sync::Mutex;
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// So many constants are not worth a set.
pub const FEW: usize = 8;

/// Constants of one type.
#[derive(Debug, PartialEq)]
pub struct Members {
    ty: Type,
    /// Ascending, each once, no NULL.
    values: Vec<Value>,
    /// There was a NULL among them.
    has_null: bool,
    index: Index,
}

/// How values are looked up.
#[derive(Debug, PartialEq)]
enum Index {
    /// In these, ascending.
    Integers(Vec<i64>),
    /// Among these.
    Bytes(FxHashSet<Box<[u8]>>),
    /// In the values themselves.
    Values,
}

impl Members {
    /// The set of these constants of a type.
    pub fn new(ty: Type, mut values: Vec<Value>) -> Result<Self> {
        let count = values.len();
        values.retain(|value| !value.is_null());
        let has_null = values.len() < count;
        sort_by(&mut values, &Value::compare);
        values.dedup();
        let index = match ty.physical() {
            Physical::I16 | Physical::I32 | Physical::I64 if !matches!(ty, Type::Numeric(_)) => {
                let column = Column::from_values(ty, values.iter().cloned())?;
                Index::Integers((0..values.len()).filter_map(|row| integer(&column, row)).collect())
            }
            Physical::Bytes if ty.is_bytewise() => {
                let column = Column::from_values(ty, values.iter().cloned())?;
                Index::Bytes((0..values.len()).map(|row| column.bytes(row).into()).collect())
            }
            _ => Index::Values,
        };
        Ok(Members { ty, values, has_null, index })
    }

    /// The type of the constants.
    pub fn ty(&self) -> Type {
        self.ty
    }

    /// The constants but NULL, ascending, each once.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// True if NULL is among them.
    pub fn has_null(&self) -> bool {
        self.has_null
    }

    /// True if the value of that row is among them; false for NULL. The column is flat or constant, and of the type of the
    /// constants, or both are integers.
    pub fn has(&self, column: &Column, row: usize) -> bool {
        if !column.is_valid(row) {
            return false;
        }
        match &self.index {
            Index::Integers(values) => {
                integer(column, row).is_some_and(|value| values.binary_search(&value).is_ok())
            }
            Index::Bytes(values) => values.contains(column.bytes(row)),
            Index::Values => {
                let value = column.value(row);
                self.values.binary_search_by(|held| held.compare(&value)).is_ok()
            }
        }
    }
}

fn integer(column: &Column, row: usize) -> Option<i64> {
    let (data, row) = column.as_constant().map_or((column.data(), row), |one| (one.data(), 0));
    Some(match data {
        ColumnData::I64(values) => values[row],
        ColumnData::I32(values) => values[row].into(),
        ColumnData::I16(values) => values[row].into(),
        _ => return None,
    })
}

/// What is computed once in one execution: values, and the sets made of parameters.
#[derive(Debug, Default)]
pub struct Kept {
    sets: Mutex<Vec<(usize, Arc<Members>)>>,
    values: Mutex<Vec<(u64, Value)>>,
}

/// Another execution may have other parameters: it begins with none.
impl Clone for Kept {
    fn clone(&self) -> Self {
        Kept::default()
    }
}

impl Kept {
    /// The set of the array that is parameter `index`.
    pub fn set_of(&self, index: usize, array: &Array) -> Result<Arc<Members>> {
        let mut known = self.sets.lock();
        if let Some((_, held)) = known.iter().find(|(held, _)| *held == index) {
            return Ok(Arc::clone(held));
        }
        let members = Arc::new(Members::new(array.element(), array.values().to_vec())?);
        known.push((index, Arc::clone(&members)));
        Ok(members)
    }

    /// The value of that number, which `compute` gives the first time.
    pub fn value_of(&self, number: u64, compute: &mut dyn FnMut() -> Result<Value>) -> Result<Value> {
        let known = |values: &[(u64, Value)]| {
            values.iter().find(|(held, _)| *held == number).map(|(_, value)| value.clone())
        };
        if let Some(value) = known(&self.values.lock()) {
            return Ok(value);
        }
        // Without the lock: who computes may ask for another.
        let value = compute()?;
        self.values.lock().push((number, value.clone()));
        Ok(value)
    }
}
