//! ORDER BY, and ORDER BY with LIMIT.
//!
//! Rows are kept as columns, beside one normalised key a row ([`super::rowkey`]); only keys are compared and moved, the
//! columns are gathered once, on the way out. With a limit, what is kept is cut back to the best rows whenever it has
//! grown to a few times as many, and from the first cut on a row whose key is not below the worst kept one is dropped
//! before its columns are copied.
//!
//! Where memory is short, what is held is sorted and laid down on disk; at the end the runs are merged
//! ([`super::runs`]).
//!
//! The sort is stable: rows of equal keys stay in order of arrival. (SQL does not ask for it, tests like it.)

use super::project::evaluate;
use super::rowkey::{KeyLayout, KeyPart, RowKeys};
use super::runs::{Order, Runs};
use super::sieve::KeyFilter;
use super::{Input, Operator, Report, Reservation, Rows, Run, pull};
use crate::sql::expr::Expr;
use crate::sql::plan::SortKey;
use remanent_storage::error::{Error, Result};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::column::BATCH_ROWS;
use remanent_storage::value::{Batch, Column, Type};
use std::cmp::Ordering;
use std::sync::Arc;

/// Rows in order, all or the first ones.
pub struct Sort {
    /// None once it is drained.
    input: Option<Input>,
    types: Vec<Type>,
    exprs: Vec<Expr>,
    layout: KeyLayout,
    /// How many rows can come out at all, those skipped included.
    most: usize,
    /// What tells the scans below which rows are not worth reading, and the column that it is about.
    bar: Option<(usize, Arc<KeyFilter>)>,
    offset: usize,
    rows: Rows,
    keys: Keys,
    memory: Reservation,
    /// What did not fit in memory.
    runs: Runs,
    /// In bytes.
    spilled: u64,
    /// The sorted rows and, in order, which come out.
    output: Option<(Vec<Column>, Vec<u32>)>,
    at: usize,
}

/// Pairs that are sorted in one go, some tens of milliseconds of work.
const PIECE: usize = 256 << 10;

/// About the most bytes of rows that come out together, of those that lay on disk.
const OUT: usize = 256 << 10;

/// Of many pairs each so manieth is looked at to find their middle.
const SAMPLED: usize = 64;

/// Sorts pairs that are all different, and looks at the interrupt now and then: many are parted first, about at the middle;
/// a part has no fewer than half of those looked at, so that even the worst order of all ends.
fn sort<T: Copy, F>(pairs: &mut [T], order: &F, interrupt: &Interrupt) -> Result<()>
where
    F: Fn(&T, &T) -> Ordering,
{
    interrupt.check()?;
    if pairs.len() <= PIECE {
        pairs.sort_unstable_by(order);
        return Ok(());
    }
    let mut sample: Vec<_> = pairs.iter().step_by(SAMPLED).copied().collect();
    sample.sort_unstable_by(order);
    let pivot = sample[sample.len() / 2];
    drop(sample);
    let mut below = 0;
    for at in 0..pairs.len() {
        if order(&pairs[at], &pivot).is_lt() {
            pairs.swap(at, below);
            below += 1;
        }
    }
    let (low, high) = pairs.split_at_mut(below);
    sort(low, order, interrupt)?;
    sort(high, order, interrupt)
}

/// The keys of the rows kept.
pub(super) enum Keys {
    Words(Vec<u128>),
    Bytes { bytes: Vec<u8>, ends: Vec<usize> },
}

impl Sort {
    /// The rows of `input`, whose columns have these types, in the order of `keys`.
    pub fn new(
        input: Input,
        types: Vec<Type>,
        keys: &[SortKey],
        limit: Option<usize>,
        offset: usize,
        env: &Run<'_>,
    ) -> Self {
        let layout = KeyLayout::ordered(keys.iter().map(KeyPart::of).collect());
        Sort {
            input: Some(input),
            exprs: keys.iter().map(|key| key.expr.clone()).collect(),
            most: limit.map_or(usize::MAX, |limit| limit.saturating_add(offset)),
            bar: None,
            offset,
            rows: Rows::new(types.iter().copied()),
            keys: Keys::new(&layout),
            types,
            layout,
            memory: env.context.memory.reserve(),
            runs: Runs::default(),
            spilled: 0,
            output: None,
            at: 0,
        }
    }

    /// All rows in the order of keys of this layout that these expressions make: those held already, which are laid down in the order
    /// given, and then those of `input`. `full` where there is no place for them.
    pub(super) fn begun(
        input: Input,
        types: Vec<Type>,
        (exprs, layout): (Vec<Expr>, KeyLayout),
        (held, order): (Vec<Column>, &[u32]),
        full: Error,
        env: &Run<'_>,
    ) -> Result<Self> {
        let Some(spill) = env.context.spill.as_ref().filter(|_| !types.is_empty()) else { return Err(full) };
        let mut sort = Sort::by(input, types, (exprs, layout), env);
        sort.spilled = sort.runs.add(spill, &held, order, env)?;
        Ok(sort)
    }

    /// All rows of `input` in the order of keys of this layout that these expressions make.
    pub(super) fn by(
        input: Input,
        types: Vec<Type>,
        (exprs, layout): (Vec<Expr>, KeyLayout),
        env: &Run<'_>,
    ) -> Self {
        let keys = Keys::new(&layout);
        Sort { exprs, layout, keys, ..Sort::new(input, types, &[], None, 0, env) }
    }

    /// Raises that filter as better rows come, for the column of the first key.
    pub fn raising(self, bar: Option<(usize, Arc<KeyFilter>)>) -> Self {
        Sort { bar, ..self }
    }

    fn consume(&mut self, mut input: Input, env: &Run<'_>) -> Result<()> {
        let mut worst: Option<Keys> = None;
        // The sooner the worst is known, the more is passed over without being read.
        let least = if self.bar.is_some() { BATCH_ROWS / 4 } else { BATCH_ROWS };
        let cut_at = self.most.saturating_mul(2).max(least);
        while self.most > 0
            && let Some(batch) = pull(&mut input, env)?
        {
            let columns = evaluate(&self.exprs, &batch, env)?;
            let keys = self.layout.encode(&columns, batch.len())?;
            let below = worst.as_ref().map(|worst| worst.rows_below(&keys));
            if below.as_ref().is_some_and(Vec::is_empty) {
                continue;
            }
            self.keys.append(&keys, below.as_deref());
            let chosen = match (&batch.selection, below) {
                (None, below) => below,
                (Some(selection), None) => Some(selection.to_vec()),
                (Some(selection), Some(below)) => {
                    Some(below.iter().map(|&row| selection[row as usize]).collect())
                }
            };
            self.rows.append(&batch.columns, batch.rows, chosen.as_deref());
            if self.rows.len >= cut_at {
                worst = Some(self.cut(env)?);
            }
            let scratch = self.rows.len * size_of::<(u128, u32)>();
            if let Err(full) = self.memory.hold(self.rows.memory() + self.keys.memory() + scratch) {
                self.lay_down(full, env)?;
            }
        }
        if !self.runs.is_empty() {
            let full = Error::internal("a sort without a place on disk");
            self.lay_down(full.clone(), env)?;
            let spill = env.context.spill.as_ref().ok_or(full)?;
            let of = Order { types: &self.types, exprs: &self.exprs, layout: &self.layout };
            self.spilled += self.runs.settle(spill, true, &of, env)?;
            self.memory.exceed(self.runs.held());
        }
        Ok(())
    }

    /// Moves the rows held to disk, in order; the error, where there is no place for that.
    fn lay_down(&mut self, full: Error, env: &Run<'_>) -> Result<()> {
        let Some(spill) = &env.context.spill else { return Err(full) };
        // What cannot be read back by columns alone stays in memory.
        if self.types.is_empty() {
            return Err(full);
        }
        if self.rows.len == 0 {
            return Ok(());
        }
        let mut order = self.keys.order(&env.context.interrupt)?;
        order.truncate(self.most);
        self.keys = Keys::new(&self.layout);
        let columns = std::mem::replace(&mut self.rows, Rows::new(self.types.iter().copied())).finish();
        self.spilled += self.runs.add(spill, &columns, &order, env)?;
        drop(columns);
        self.memory.hold(0)?;
        let of = Order { types: &self.types, exprs: &self.exprs, layout: &self.layout };
        self.spilled += self.runs.settle(spill, false, &of, env)?;
        Ok(())
    }

    /// The next rows of the runs on disk, without those skipped and those beyond the limit.
    fn merged(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        while self.at < self.most {
            let of = Order { types: &self.types, exprs: &self.exprs, layout: &self.layout };
            let Some(batch) = self.runs.merge(&of, OUT, env)? else { break };
            let (start, rows) = (self.offset.saturating_sub(self.at), batch.rows);
            let end = rows.min(self.most - self.at);
            self.at += rows;
            if start < end {
                return Ok(Some(batch.slice(start, end - start)));
            }
        }
        self.runs = Runs::default();
        Ok(None)
    }

    /// Keeps the best rows only; the key of the worst of them.
    fn cut(&mut self, env: &Run<'_>) -> Result<Keys> {
        let mut order = self.keys.order(&env.context.interrupt)?;
        order.truncate(self.most);
        let columns = std::mem::replace(&mut self.rows, Rows::new(self.types.iter().copied())).finish();
        if let (Some((column, bar)), Some(worst), true) = (&self.bar, order.last(), order.len() == self.most)
        {
            bar.raise(&columns[*column].gather(&[*worst]))?;
        }
        let kept = self.keys.gather(&order);
        self.keys = kept;
        // Appending copies the bytes too, so that long strings of dropped rows are freed.
        self.rows.append(&columns, 0, Some(&order));
        Ok(self.keys.gather(&[(order.len() - 1) as u32]))
    }

    fn finish(&mut self, env: &Run<'_>) -> Result<(Vec<Column>, Vec<u32>)> {
        let mut order = self.keys.order(&env.context.interrupt)?;
        order.truncate(self.most);
        order.drain(..self.offset.min(order.len()));
        self.keys = Keys::new(&self.layout);
        Ok((std::mem::replace(&mut self.rows, Rows::new([])).finish(), order))
    }
}

impl Operator for Sort {
    fn next(&mut self, env: &Run<'_>) -> Result<Option<Batch>> {
        if let Some(input) = self.input.take() {
            self.consume(input, env)?;
            if self.runs.is_empty() {
                self.output = Some(self.finish(env)?);
            }
        }
        if !self.runs.is_empty() {
            return self.merged(env);
        }
        let Some((columns, order)) = &self.output else { return Ok(None) };
        let rows = &order[self.at..order.len().min(self.at + BATCH_ROWS)];
        if rows.is_empty() {
            self.output = None;
            return Ok(None);
        }
        let batch = Batch::new(columns.iter().map(|column| column.gather(rows)).collect(), rows.len());
        self.at += rows.len();
        Ok(Some(batch))
    }

    fn report(&self) -> Report {
        Report { memory: self.memory.peak(), spilled: self.spilled, ..Report::default() }
    }
}

impl Keys {
    pub fn new(layout: &KeyLayout) -> Self {
        match layout.is_words() {
            true => Keys::Words(Vec::new()),
            false => Keys::Bytes { bytes: Vec::new(), ends: Vec::new() },
        }
    }

    pub fn memory(&self) -> usize {
        match self {
            Keys::Words(words) => words.capacity() * 16,
            Keys::Bytes { bytes, ends } => bytes.capacity() + ends.capacity() * 8,
        }
    }

    pub fn append(&mut self, new: &RowKeys, chosen: Option<&[u32]>) {
        match (self, new) {
            (Keys::Words(words), RowKeys::Words(new)) => match chosen {
                Some(chosen) => words.extend(chosen.iter().map(|&row| new[row as usize])),
                None => words.extend_from_slice(new),
            },
            (Keys::Bytes { bytes, ends }, RowKeys::Bytes { .. }) => {
                let rows = new.len() as u32;
                let mut add = |row: u32| {
                    bytes.extend_from_slice(new.bytes(row as usize));
                    ends.push(bytes.len());
                };
                match chosen {
                    Some(chosen) => chosen.iter().for_each(|&row| add(row)),
                    None => (0..rows).for_each(add),
                }
            }
            _ => debug_assert!(false, "keys of two layouts"),
        }
    }

    /// The rows whose key is below this one key.
    fn rows_below(&self, keys: &RowKeys) -> Vec<u32> {
        match (self, keys) {
            (Keys::Words(one), RowKeys::Words(keys)) => {
                let worst = one.first().copied().unwrap_or(0);
                (0u32..).zip(keys).filter(|(_, key)| **key < worst).map(|(row, _)| row).collect()
            }
            (Keys::Bytes { bytes: worst, .. }, RowKeys::Bytes { .. }) => {
                (0..keys.len() as u32).filter(|&row| keys.bytes(row as usize) < &worst[..]).collect()
            }
            _ => Vec::new(),
        }
    }

    /// A row's key, where keys are bytes.
    pub fn bytes(&self, row: u32) -> &[u8] {
        match self {
            Keys::Words(_) => &[],
            Keys::Bytes { bytes, ends } => {
                let row = row as usize;
                let start = if row == 0 { 0 } else { ends[row - 1] };
                &bytes[start..ends[row]]
            }
        }
    }

    fn gather(&self, rows: &[u32]) -> Keys {
        match self {
            Keys::Words(words) => Keys::Words(rows.iter().map(|&row| words[row as usize]).collect()),
            Keys::Bytes { .. } => {
                let (mut bytes, mut ends) = (Vec::new(), Vec::new());
                for &row in rows {
                    bytes.extend_from_slice(self.bytes(row));
                    ends.push(bytes.len());
                }
                Keys::Bytes { bytes, ends }
            }
        }
    }

    /// The rows by key, rows of equal keys by number.
    pub fn order(&self, interrupt: &Interrupt) -> Result<Vec<u32>> {
        self.order_telling(None, interrupt)
    }

    /// The same, and for each row in that order how many of the last bits of its word are those beyond which it is like the word
    /// before it; where keys are bytes, 0 or another number.
    pub fn order_telling(&self, changes: Option<&mut Vec<u8>>, interrupt: &Interrupt) -> Result<Vec<u32>> {
        let mut pairs: Vec<(u128, u32)> = match self {
            Keys::Words(words) => {
                if let Some((mut keys, below)) = beside_rows(words) {
                    sort(&mut keys, &Ord::cmp, interrupt)?;
                    tell(changes, keys.len(), &|at| bits((keys[at] ^ keys[at - 1]) >> u32::BITS << below));
                    return Ok(keys.into_iter().map(|key| key as u32).collect());
                }
                words.iter().copied().zip(0..).collect()
            }
            Keys::Bytes { ends, .. } => {
                // The first bytes decide most comparisons without touching the keys.
                let prefix = |row: u32| {
                    let mut first = [0u8; 16];
                    first.iter_mut().zip(self.bytes(row)).for_each(|(to, from)| *to = *from);
                    u128::from_be_bytes(first)
                };
                (0..ends.len() as u32).map(|row| (prefix(row), row)).collect()
            }
        };
        let order = |a: &(u128, u32), b: &(u128, u32)| {
            let bytes = || self.bytes(a.1).cmp(self.bytes(b.1));
            a.0.cmp(&b.0).then_with(bytes).then(a.1.cmp(&b.1))
        };
        sort(&mut pairs, &order, interrupt)?;
        let change = |at: usize| {
            let (before, this) = (pairs[at - 1], pairs[at]);
            bits(before.0 ^ this.0).max((self.bytes(before.1) != self.bytes(this.1)).into())
        };
        tell(changes, pairs.len(), &change);
        Ok(pairs.into_iter().map(|(_, row)| row).collect())
    }
}

/// How many bits a number has.
fn bits(word: u128) -> u8 {
    (u128::BITS - word.leading_zeros()) as u8
}

/// What has changed at each of so many rows, which is all at the first.
fn tell(changes: Option<&mut Vec<u8>>, rows: usize, change: &dyn Fn(usize) -> u8) {
    if let Some(changes) = changes {
        changes.extend((0..rows).map(|at| if at == 0 { u128::BITS as u8 } else { change(at) }));
    }
}

/// For each row its key without the bits at both ends that are the same in all keys, and below that its number; and how many
/// bits that were below. None: they do not fit.
fn beside_rows(words: &[u128]) -> Option<(Vec<u128>, u32)> {
    let (every, any) = words.iter().fold((u128::MAX, 0), |(every, any), &key| (every & key, any | key));
    let differ = every ^ any;
    let (above, below) = (differ.leading_zeros(), differ.trailing_zeros());
    let fits = differ == 0 || above + below >= u32::BITS;
    // What is shifted out above is the same in all.
    let key = |(&key, row): (&u128, u128)| key.checked_shr(below).unwrap_or(0) << u32::BITS | row;
    fits.then(|| (words.iter().zip(0..).map(key).collect(), below.min(u128::BITS - 1)))
}

impl RowKeys {
    pub(super) fn len(&self) -> usize {
        match self {
            RowKeys::Words(words) => words.len(),
            RowKeys::Bytes { ends, .. } => ends.len(),
        }
    }

    /// How a row's key is ordered beside one of the same layout.
    pub(super) fn compare(&self, row: usize, other: &RowKeys, place: usize) -> Ordering {
        match (self, other) {
            (RowKeys::Words(a), RowKeys::Words(b)) => a[row].cmp(&b[place]),
            _ => self.bytes(row).cmp(other.bytes(place)),
        }
    }

    pub(super) fn bytes(&self, row: usize) -> &[u8] {
        match self {
            RowKeys::Words(_) => &[],
            RowKeys::Bytes { bytes, ends } => {
                let start = if row == 0 { 0 } else { ends[row - 1] };
                &bytes[start as usize..ends[row] as usize]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_pairs_are_sorted_in_pieces_that_an_interrupt_ends() {
        let scattered = |i: u32| u128::from(i.wrapping_mul(2_654_435_761) % 1000) << 32 | u128::from(i);
        let pairs: Vec<u128> = (0..3 * PIECE as u32 + 5).map(scattered).collect();
        let (mut sorted, mut expected) = (pairs.clone(), pairs);
        let interrupt = Interrupt::default();
        sort(&mut sorted, &Ord::cmp, &interrupt).unwrap();
        expected.sort_unstable();
        assert!(sorted == expected);
        interrupt.set();
        assert_eq!(sort(&mut sorted, &Ord::cmp, &interrupt).unwrap_err().code(), "57014");
    }

    #[test]
    fn words_are_ordered_by_the_bits_that_differ() {
        let interrupt = Interrupt::default();
        let ends = [0, 1, 5, u128::MAX, u128::MAX - 1, 1 << 127, 1 << 96, 1 << 95, 1 << 32, u128::MAX << 32];
        for shift in [0, 1, 31, 32, 33, 64, 127] {
            for constant in [0, u128::MAX] {
                let key = |i: usize| (ends[i % ends.len()] ^ (i as u128 % 7)) << shift ^ constant;
                let words: Vec<u128> = (0..60).map(key).collect();
                for some in [&words[..], &words[..2], &words[3..5], &[words[0]; 9], &[]] {
                    let mut expected: Vec<u32> = (0..some.len() as u32).collect();
                    expected.sort_by_key(|&row| some[row as usize]);
                    let (keys, mut changes) = (Keys::Words(some.to_vec()), Vec::new());
                    assert_eq!(keys.order_telling(Some(&mut changes), &interrupt).unwrap(), expected);
                    for (pair, change) in expected.windows(2).zip(changes.iter().skip(1)) {
                        assert_eq!(bits(some[pair[0] as usize] ^ some[pair[1] as usize]), *change);
                    }
                }
            }
        }
    }
}
