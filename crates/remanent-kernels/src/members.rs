//! Sets of integers that are asked for many at once, and may say yes too often: what a join tells the scan on its other side.
//!
//! Where the keys lie close together the set is one bit for each number of their range, and exact; else a Bloom filter of
//! 16 bits a key in words of 64 bits (Putze, Sanders, Singler, "Cache-, Hash- and Space-Efficient Bloom Filters", 2007),
//! which is wrong about one number in a hundred.
//!
//! ```
//! use remanent_kernels::members::Members;
//! let members = Members::new(&[3, 5, 900]);
//! let mut rows = Vec::new();
//! members.select(&[5, 6, 900, -1], None, &mut rows);
//! assert_eq!(rows, [0, 2]);
//! ```

/// A set of integers.
#[derive(Debug)]
pub struct Members {
    least: i64,
    /// How far the greatest is from the least.
    span: u64,
    words: Vec<u64>,
    exact: bool,
}

/// A range of so many numbers for each key is still kept as bits.
const SPARSE: u64 = 64;
/// And of so many, 16 MB, at most.
const SPAN_MAX: u64 = 1 << 27;

const MIX: u64 = 0x9e37_79b9_7f4a_7c15;

/// The word of a Bloom filter and the four bits in it.
#[inline(always)]
fn place(key: i64, mask: usize) -> (usize, u64) {
    let hash = (key as u64 ^ key as u64 >> 32).wrapping_mul(MIX);
    let bits = 1 << (hash & 63) | 1 << (hash >> 6 & 63) | 1 << (hash >> 12 & 63) | 1 << (hash >> 18 & 63);
    ((hash >> 32) as usize & mask, bits)
}

impl Members {
    /// Of these keys, some of which may be equal.
    pub fn new(keys: &[i64]) -> Self {
        let (least, greatest) = crate::sums::extent_i64(keys);
        let span = greatest.wrapping_sub(least) as u64;
        let exact = span < SPAN_MAX && span < SPARSE * keys.len().max(1024) as u64;
        if keys.is_empty() {
            return Members { least: 0, span: 0, words: vec![0], exact: true };
        }
        if exact {
            let mut words = vec![0; (span / 64 + 1) as usize];
            for &key in keys {
                let at = key.wrapping_sub(least) as u64;
                words[(at / 64) as usize] |= 1 << (at % 64);
            }
            return Members { least, span, words, exact };
        }
        let mut words = vec![0; (keys.len() / 4).next_power_of_two()];
        let mask = words.len() - 1;
        for &key in keys {
            let (word, bits) = place(key, mask);
            words[word] |= bits;
        }
        Members { least, span, words, exact }
    }

    /// Bytes held.
    pub fn memory(&self) -> usize {
        self.words.capacity() * 8
    }

    /// Appends the rows whose value may be in the set: of `within`, or all.
    #[inline(never)]
    pub fn select(&self, values: &[i64], within: Option<&[u32]>, rows: &mut Vec<u32>) {
        let start = rows.len();
        let mut len = start;
        match within {
            None => {
                rows.resize(start + values.len(), 0);
                for (row, &value) in values.iter().enumerate() {
                    rows[len] = row as u32;
                    len += usize::from(self.has(value));
                }
            }
            Some(within) => {
                rows.resize(start + within.len(), 0);
                for &row in within {
                    rows[len] = row;
                    len += usize::from(self.has(values[row as usize]));
                }
            }
        }
        rows.truncate(len);
    }

    #[inline(always)]
    fn has(&self, value: i64) -> bool {
        let at = value.wrapping_sub(self.least) as u64;
        if at > self.span {
            return false;
        }
        match self.exact {
            true => self.words[(at / 64) as usize] >> (at % 64) & 1 == 1,
            false => {
                let (word, bits) = place(value, self.words.len() - 1);
                self.words[word] & bits == bits
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Members;

    #[test]
    fn no_member_is_missed_and_few_others_are_taken() {
        for step in [1i64, 3, 1_000_003, i64::MAX / 60_000] {
            let keys: Vec<i64> = (0..50_000).map(|i| (i - 25_000) * step).collect();
            let members = Members::new(&keys);
            let mut rows = Vec::new();
            members.select(&keys, None, &mut rows);
            assert_eq!(rows.len(), keys.len());
            let others: Vec<i64> = keys.iter().map(|key| key.wrapping_mul(7).wrapping_add(1)).collect();
            rows.clear();
            members.select(&others, Some(&[1, 2, 49_999]), &mut rows);
            rows.clear();
            members.select(&others, None, &mut rows);
            let wrong = rows.iter().filter(|&&row| !keys.contains(&others[row as usize])).count();
            assert!(wrong < 1_500, "{wrong} of {}", others.len());
        }
    }

    #[test]
    fn the_empty_set_and_the_ends() {
        let mut rows = Vec::new();
        Members::new(&[]).select(&[0, 1], None, &mut rows);
        assert!(rows.is_empty());
        Members::new(&[i64::MIN, i64::MAX]).select(&[i64::MIN, i64::MAX], None, &mut rows);
        assert_eq!(rows, [0, 1]);
    }
}
