//! A shared, immutable run of plain values; slicing it copies nothing.

use std::ops::Deref;
use std::sync::Arc;

/// A shared, immutable run of plain values. Cloning and slicing copy nothing.
#[derive(Debug, Clone)]
pub struct Buffer<T> {
    data: Arc<Vec<T>>,
    start: usize,
    len: usize,
}

impl<T> Buffer<T> {
    /// The part `[start, start + len)`. Panics where the part is not inside the buffer.
    pub fn slice(&self, start: usize, len: usize) -> Self {
        assert!(start.checked_add(len).is_some_and(|end| end <= self.len));
        Buffer { data: Arc::clone(&self.data), start: self.start + start, len }
    }

    /// The values.
    pub fn as_slice(&self) -> &[T] {
        &self.data[self.start..self.start + self.len]
    }

    /// Bytes this buffer keeps alive.
    pub fn memory(&self) -> usize {
        self.data.capacity() * size_of::<T>()
    }
}

impl<T: Clone> Buffer<T> {
    /// The values as a vector of their own; moves where nobody else holds them.
    pub fn into_vec(self) -> Vec<T> {
        if self.start == 0 && self.len == self.data.len() {
            Arc::try_unwrap(self.data).unwrap_or_else(|shared| shared.as_ref().clone())
        } else {
            self.as_slice().to_vec()
        }
    }
}

impl<T> From<Vec<T>> for Buffer<T> {
    fn from(values: Vec<T>) -> Self {
        let len = values.len();
        Buffer { data: Arc::new(values), start: 0, len }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        self.as_slice()
    }
}
