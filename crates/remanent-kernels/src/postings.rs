//! Lists of rows in an index of texts: reading them, and adding up what BM25 gives their rows.
//!
//! Sums of a *window* of rows lie side by side. Each word adds to those of its rows; then its rows are looked through for sums that are
//! great enough, and what was looked at is zero again, so that nobody has to look at rows that no word has.
//!
//! ```text
//!   rows 100 …     sums  0 0 0 0 0        slip: 101, 103    floor: 103
//!                        0 s 0 s+f 0      above s: 103
//! ```

/// Appends `count` numbers that ascend, each written as how far it is behind the one before, less 1, in groups of 7 bits; the first,
/// behind `next` less 1. How many bytes that were; None where they end before, or a number is too large.
#[inline(never)]
pub fn read_steps(bytes: &[u8], count: usize, next: u64, out: &mut Vec<u32>) -> Option<usize> {
    let (mut next, mut at) = (next, 0);
    out.reserve(count.min(bytes.len()));
    for _ in 0..count {
        let mut byte = *bytes.get(at)?;
        let mut step = u64::from(byte & 0x7f);
        at += 1;
        let mut shift = 7;
        while byte >= 0x80 {
            byte = *bytes.get(at).filter(|_| shift < 35)?;
            step |= u64::from(byte & 0x7f) << shift;
            (at, shift) = (at + 1, shift + 7);
        }
        let row = u32::try_from(next + step).ok()?;
        out.push(row);
        next = u64::from(row) + 1;
    }
    Some(at)
}

/// Appends where the places of each of some rows end, which lie one behind the other: a number, and, if it is odd, a quarter of it
/// numbers more, all in groups of 7 bits. How many bytes they are; None where the bytes end before, or are more than 4 GB.
#[inline(never)]
pub fn split_places(bytes: &[u8], rows: usize, ends: &mut Vec<u32>) -> Option<usize> {
    let mut at = 0;
    ends.reserve(rows.min(bytes.len()));
    for _ in 0..rows {
        let (mut head, mut shift) = (0, 0);
        loop {
            let byte = *bytes.get(at).filter(|_| shift < 35)?;
            head |= u64::from(byte & 0x7f) << shift;
            (at, shift) = (at + 1, shift + 7);
            if byte < 0x80 {
                break;
            }
        }
        let mut more = if head % 2 == 1 { head / 4 } else { 0 };
        while more > 0 {
            more -= u64::from(*bytes.get(at)? < 0x80);
            at += 1;
        }
        ends.push(u32::try_from(at).ok()?);
    }
    Some(at)
}

/// Appends, of some rows from `base` on, what stands for each of them among numbers of `width` bytes, little-endian; None where there
/// is no such number.
#[inline(never)]
pub fn gather(numbers: &[u8], width: usize, base: u32, rows: &[u32], out: &mut Vec<u32>) -> Option<()> {
    for &row in rows {
        let at = row.checked_sub(base)? as usize * width;
        // Most take a byte.
        out.push(match numbers.get(at..at + width)? {
            [byte] => u32::from(*byte),
            bytes if width == 2 || width == 4 => {
                bytes.iter().rev().fold(0, |n, &byte| n << 8 | u32::from(byte))
            }
            _ => return None,
        });
    }
    Some(())
}

/// What BM25 has to know to weigh a word.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weighing {
    /// How much the word counts.
    pub idf: f64,
    /// How soon more of it counts no more.
    pub k1: f64,
    /// How much the length of a document counts.
    pub b: f64,
    /// How long a document is on average.
    pub average_length: f64,
}

/// Adds what a word gives rows from `base` on to their sums: each has it `more` times more than once, in a document of one
/// of these `lengths`. Rows beyond the sums get nothing.
#[inline(never)]
pub fn add(word: &Weighing, rows: &[u32], more: &[u32], lengths: &[u32], base: u32, sums: &mut [f64]) {
    let Weighing { idf, k1, b, average_length } = *word;
    for ((&row, &more), &length) in rows.iter().zip(more).zip(lengths) {
        // In the order of `Scorer::of_word`, so that the bits are the same.
        let times = f64::from(more) + 1.0;
        let scale = k1 * (1.0 - b + b * f64::from(length) / average_length);
        if let Some(sum) = sums.get_mut(row.wrapping_sub(base) as usize) {
            *sum += idf * times * (k1 + 1.0) / (times + scale);
        }
    }
}

/// Appends the rows from `base` on whose sums are above `least`, and makes the sums of all of them zero.
#[inline(never)]
pub fn take_above(rows: &[u32], base: u32, least: f64, sums: &mut [f64], out: &mut Vec<(u32, f64)>) {
    for &row in rows {
        if let Some(sum) = sums.get_mut(row.wrapping_sub(base) as usize) {
            if *sum > least && *sum != 0.0 {
                out.push((row, *sum));
            }
            *sum = 0.0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read_until_they_end() {
        let mut rows = Vec::new();
        assert_eq!(read_steps(&[3, 0, 0xa7, 2, 9], 3, 0, &mut rows), Some(4));
        assert_eq!(rows, [3, 4, 300]);
        rows.clear();
        assert_eq!(read_steps(&[0xff, 0xff, 0xff, 0xff, 0x0f], 1, 0, &mut rows), Some(5));
        assert_eq!(rows, [u32::MAX]);
        let steps: Vec<u8> =
            (0..100).flat_map(|i| if i % 30 == 29 { vec![0x80 | i, 1] } else { vec![i] }).collect();
        rows.clear();
        assert_eq!(read_steps(&steps, 100, 5, &mut rows), Some(103));
        let mut next = 5;
        let of = |i: u32| if i % 30 == 29 { i + 0x80 } else { i };
        let expected: Vec<u32> = (0..100)
            .map(|i| {
                let row = next + of(i);
                next = row + 1;
                row
            })
            .collect();
        assert_eq!(rows, expected);
        rows.clear();
        assert_eq!(read_steps(&[0; 16], 16, u64::from(u32::MAX) - 15, &mut rows), Some(16));
        assert_eq!(rows.last(), Some(&u32::MAX));
        for (bytes, next) in
            [(&[0xff, 0xff, 0xff, 0xff, 0x0f][..], 1), (&[0x80; 9], 0), (&[0x80], 0), (&[], 0)]
        {
            assert_eq!(read_steps(bytes, 1, next, &mut Vec::new()), None, "{bytes:?}");
        }
    }

    #[test]
    fn places_are_split() {
        // At 5; at 5 and 7; at 200; nowhere.
        let bytes = [0x0a, 9, 5, 2, 0x90, 3, 1];
        let mut ends = Vec::new();
        assert_eq!(split_places(&bytes, 4, &mut ends), Some(7));
        assert_eq!(ends, [1, 4, 6, 7]);
        for (bytes, rows) in [(&bytes[..], 5), (&bytes[..3], 2), (&[0x80][..], 1), (&[0x80; 9], 1)] {
            assert_eq!(split_places(bytes, rows, &mut Vec::new()), None, "{bytes:?}");
        }
    }

    #[test]
    fn numbers_of_every_width_are_gathered() {
        for width in [1, 2, 4] {
            let numbers: Vec<u8> = (0..50u32).flat_map(|n| (n * 5).to_le_bytes()[..width].to_vec()).collect();
            let mut out = Vec::new();
            assert_eq!(gather(&numbers, width, 100, &[100, 107, 149], &mut out), Some(()));
            assert_eq!(out, [0, 35, 245]);
            assert_eq!(gather(&numbers, width, 100, &[99], &mut out), None);
            assert_eq!(gather(&numbers, width, 100, &[150], &mut out), None);
        }
        assert_eq!(gather(&[0; 9], 3, 0, &[0], &mut Vec::new()), None);
    }

    #[test]
    fn sums_are_those_of_one_row_after_the_other() {
        let words = [3.7, 0.2].map(|idf| Weighing { idf, k1: 1.2, b: 0.75, average_length: 11.3 });
        let rows: [Vec<u32>; 2] = [(0..300).step_by(3).collect(), (0..300).step_by(7).collect()];
        let (more, length) = (|row: u32| row % 5, |row: u32| row % 40);
        let mut sums = vec![0.0; 250];
        for (word, rows) in words.iter().zip(&rows) {
            let rows: Vec<u32> = rows.iter().map(|row| 1000 + row).collect();
            let (times, lengths): (Vec<u32>, Vec<u32>) =
                rows.iter().map(|&row| (more(row), length(row))).unzip();
            add(word, &rows, &times, &lengths, 1000, &mut sums);
        }
        let of = |row: u32, word: usize| {
            let Weighing { idf, k1, b, average_length } = words[word];
            let times = f64::from(1 + more(row));
            idf * times * (k1 + 1.0) / (times + k1 * (1.0 - b + b * f64::from(length(row)) / average_length))
        };
        let expected = |row: u32| {
            (0..2)
                .filter(|&word| rows[word].contains(&(row - 1000)))
                .fold(0.0, |sum, word| sum + of(row, word))
        };
        for (row, &sum) in (1000..).zip(&sums) {
            assert_eq!(sum.to_bits(), expected(row).to_bits(), "{row}");
        }
        let (mut found, all) = (Vec::new(), sums.clone());
        let seen: Vec<u32> = rows[0].iter().map(|row| 1000 + row).collect();
        take_above(&seen, 1000, 2.0, &mut sums, &mut found);
        take_above(&seen, 1000, f64::NEG_INFINITY, &mut sums, &mut found);
        let above = |row: &&u32| all.get((**row - 1000) as usize).is_some_and(|&sum| sum > 2.0);
        assert!(!found.is_empty() && found.len() < seen.len());
        assert_eq!(
            found.iter().map(|(row, _)| *row).collect::<Vec<_>>(),
            seen.iter().filter(above).copied().collect::<Vec<_>>()
        );
        assert!(seen.iter().all(|row| sums.get((row - 1000) as usize).is_none_or(|&sum| sum == 0.0)));
    }
}
