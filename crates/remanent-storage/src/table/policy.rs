//! Which cold segments to merge next: a pure function of what they are.
//!
//! Three reasons, in this order:
//!
//! 1. **Dead rows**: a segment most of whose rows are deleted is rewritten alone.
//! 2. **Depth**: where more than [`DEPTH_AIM`] segments cover the same key, those of them that are of
//!    similar size are merged, so a key probe asks few segments; where more than [`DEPTH_CAP`] do, also those that are less
//!    alike. A row is rewritten about once per doubling of what there is.
//! 3. **Count**: [`FAN_IN`] neighbours of the same size class that do not overlap are joined, so that a long
//!    series of small flushes does not become thousands of files. Large neighbours are left as they are: an
//!    append-only series is written about once.
//!
//! The latter two look at each *window* by itself ([`SegmentInfo::window`]): where the oldest rows of a table leave by
//! themselves, what leaves together is kept together.
//!
//! Example (rows in thousands, keys as ranges):
//!
//! ```text
//!   a 900 [1, 90]   b 40 [10, 80]  c 30 [5, 95]  d 35 [20, 60]  e 38 [1, 99]     depth 5 > 4
//!   choice: b c d e (similar size); a stays
//! ```

use remanent_kernels::sort::sort_by;
use std::borrow::Cow;

/// Segments that may cover one key before a merge is due.
pub const DEPTH_AIM: usize = 4;

/// Segments that may cover one key while merging them would rewrite much for little; above it, writers are slowed.
pub const DEPTH_CAP: usize = 8;

/// Segments of one size class that are joined at once.
pub const FAN_IN: usize = 8;

/// A segment with at least this many rows is not joined with neighbours just to have fewer files.
pub const LARGE_ROWS: u64 = 1 << 20;

/// A segment is rewritten alone when more than this share of its rows is deleted.
pub const DEAD_SHARE: f64 = 0.4;

/// A merge never makes a segment with more rows than this.
const MERGED_ROWS_MAX: u64 = 1 << 28;

/// What the policy looks at.
#[derive(Debug, Clone)]
pub struct SegmentInfo {
    /// Its number.
    pub id: u32,
    /// Its rows, deleted ones included.
    pub rows: u64,
    /// How many of them are deleted for good.
    pub dead: u64,
    /// Its smallest key.
    pub min_key: Vec<u8>,
    /// Its largest key.
    pub max_key: Vec<u8>,
    /// Only those of one window are merged.
    pub window: i64,
}

/// The segments to merge next, by number; None: leave all as they are.
pub fn choose(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    let windows = || windows(segments).into_iter();
    dead(segments).or_else(|| windows().find_map(|w| deep(&w))).or_else(|| windows().find_map(|w| many(&w)))
}

/// The segments window by window.
fn windows(segments: &[SegmentInfo]) -> Vec<Cow<'_, [SegmentInfo]>> {
    let Some(first) = segments.first() else { return Vec::new() };
    if segments.iter().all(|segment| segment.window == first.window) {
        return vec![Cow::Borrowed(segments)];
    }
    let mut numbers: Vec<i64> = segments.iter().map(|segment| segment.window).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let of = |window| segments.iter().filter(|segment| segment.window == window).cloned().collect();
    numbers.into_iter().map(|window| Cow::Owned(of(window))).collect()
}

fn dead(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    segments.iter().find(|s| mostly_dead(s.rows, s.dead)).map(|s| vec![s.id])
}

/// True if a segment is rewritten for its deleted rows alone.
pub fn mostly_dead(rows: u64, dead: u64) -> bool {
    dead > 0 && dead as f64 > rows as f64 * DEAD_SHARE
}

/// Size class: segments within a factor of four are alike.
fn class(rows: u64) -> u32 {
    rows.max(1).ilog2() / 2
}

/// The most segments of one window that cover one key.
pub fn depth(segments: &[SegmentInfo]) -> usize {
    windows(segments).iter().filter_map(|w| deepest(w)).map(|(depth, _)| depth).max().unwrap_or(0)
}

/// How many segments cover the key that most do, and that key: some segment's smallest.
fn deepest(segments: &[SegmentInfo]) -> Option<(usize, &[u8])> {
    let mut begins: Vec<&[u8]> = segments.iter().map(|s| s.min_key.as_slice()).collect();
    let mut ends: Vec<&[u8]> = segments.iter().map(|s| s.max_key.as_slice()).collect();
    sort_by(&mut begins, &Ord::cmp);
    sort_by(&mut ends, &Ord::cmp);
    let mut ended = 0;
    let depth_at = |(i, key): (usize, &&'_ [u8])| {
        while ends.get(ended).is_some_and(|end| end < key) {
            ended += 1;
        }
        i + 1 - ended
    };
    let depths: Vec<usize> = begins.iter().enumerate().map(depth_at).collect();
    let at = (0..depths.len()).rev().max_by_key(|&i| depths[i])?;
    Some((depths[at], begins[at]))
}

fn deep(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    let (depth, key) = deepest(segments)?;
    if depth <= DEPTH_AIM {
        return None;
    }
    let covers = |s: &&SegmentInfo| s.min_key.as_slice() <= key && key <= s.max_key.as_slice();
    let mut by_size: Vec<&SegmentInfo> = segments.iter().filter(covers).collect();
    sort_by(&mut by_size, &|a, b| (a.rows, a.id).cmp(&(b.rows, b.id)));
    // The smallest ones, as far as they grow together: each next one is no larger than what is gathered so far. Up to
    // the cap it may wait until that is worth it; above, twice as large will do.
    let (growth, least) = if depth <= DEPTH_CAP { (1, 3) } else { (2, 2) };
    let mut chosen: Vec<&SegmentInfo> = Vec::new();
    let mut rows = 0u64;
    for segment in &by_size {
        let alike = chosen.len() < 2 || segment.rows <= rows.saturating_mul(growth);
        if !alike || rows.saturating_add(segment.rows) > MERGED_ROWS_MAX {
            break;
        }
        rows += segment.rows;
        chosen.push(segment);
    }
    (chosen.len() >= least).then(|| chosen.iter().map(|s| s.id).collect())
}

fn many(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    let mut by_key: Vec<&SegmentInfo> = segments.iter().filter(|s| s.rows < LARGE_ROWS).collect();
    sort_by(&mut by_key, &|a, b| (&a.min_key, a.id).cmp(&(&b.min_key, b.id)));
    let run = by_key.chunk_by(|a, b| class(a.rows) == class(b.rows)).find(|run| run.len() >= FAN_IN)?;
    Some(run.iter().take(FAN_IN).map(|s| s.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(id: u32, rows: u64, keys: (u8, u8)) -> SegmentInfo {
        SegmentInfo { id, rows, dead: 0, min_key: vec![keys.0], max_key: vec![keys.1], window: 0 }
    }

    fn check(segments: &[SegmentInfo], expected: Option<&[u32]>) {
        assert_eq!(choose(segments), expected.map(<[u32]>::to_vec));
    }

    #[test]
    fn few_or_disjoint_segments_stay() {
        check(&[], None);
        check(&[segment(1, 900_000, (1, 9)), segment(2, 900_000, (1, 9))], None);
        let series: Vec<_> = (0..100).map(|i| segment(i.into(), LARGE_ROWS, (i, i))).collect();
        check(&series, None);
    }

    #[test]
    fn a_deep_stack_merges_its_similar_small_ones() {
        let stack = [
            segment(1, 900_000, (1, 90)),
            segment(2, 40_000, (10, 80)),
            segment(3, 30_000, (5, 95)),
            segment(4, 35_000, (20, 60)),
            segment(5, 38_000, (1, 99)),
        ];
        check(&stack, Some(&[3, 4, 5, 2]));
    }

    #[test]
    fn the_depth_is_counted_where_most_overlap() {
        let keys = [(1, 3), (3, 5), (4, 9), (5, 5), (9, 9)];
        let segments: Vec<_> = (0..).zip(keys).map(|(id, keys)| segment(id, 10, keys)).collect();
        assert_eq!([0, 1, 2, 3, 4, 5].map(|n| depth(&segments[..n])), [0, 1, 2, 2, 3, 3]);
    }

    /// What flushes of `rows` rows each cost: rows written again by merges per row flushed, and the greatest depth.
    fn simulate(flushes: u32, rows: u64, keys: impl Fn(u32) -> (u32, u32)) -> (f64, usize) {
        let key = |n: u32| n.to_be_bytes().to_vec();
        let (mut segments, mut next, mut again, mut deepest): (Vec<SegmentInfo>, u32, u64, usize) =
            (Vec::new(), 0, 0, 0);
        for i in 0..flushes {
            let (min, max) = keys(i);
            let (min_key, max_key) = (key(min), key(max));
            segments.push(SegmentInfo { id: next, rows, dead: 0, min_key, max_key, window: 0 });
            next += 1;
            while let Some(chosen) = choose(&segments) {
                let (merged, rest): (Vec<_>, Vec<_>) =
                    segments.into_iter().partition(|s| chosen.contains(&s.id));
                segments = rest;
                let rows = merged.iter().map(|s| s.rows).sum();
                again += rows;
                let min_key = merged.iter().map(|s| &s.min_key).min().unwrap().clone();
                let max_key = merged.iter().map(|s| &s.max_key).max().unwrap().clone();
                segments.push(SegmentInfo { id: next, rows, dead: 0, min_key, max_key, window: 0 });
                next += 1;
            }
            deepest = deepest.max(depth(&segments));
        }
        (again as f64 / (u64::from(flushes) * rows) as f64, deepest)
    }

    #[test]
    fn a_series_is_written_about_once() {
        // Large flushes are never rewritten, small ones until they are large: one rewrite per factor of eight.
        assert_eq!(simulate(500, LARGE_ROWS, |i| (2 * i, 2 * i + 1)), (0.0, 1));
        let (again, depth) = simulate(512, LARGE_ROWS / 64, |i| (2 * i, 2 * i + 1));
        assert!(again <= 2.0 && depth == 1, "{again} {depth}");
    }

    #[test]
    fn random_keys_are_rewritten_logarithmically_often() {
        for (flushes, most) in [(64, 3.0), (512, 5.0), (4096, 8.0)] {
            let (again, depth) = simulate(flushes, 10_000, |_| (0, u32::MAX));
            assert!(again <= most && depth <= DEPTH_CAP, "{flushes}: {again} {depth}");
        }
    }

    #[test]
    fn a_row_of_small_neighbours_is_joined() {
        let row: Vec<_> = (0..8).map(|i| segment(i.into(), 1000, (i, i))).collect();
        check(&row, Some(&[0, 1, 2, 3, 4, 5, 6, 7]));
        check(&row[..7], None);
    }

    #[test]
    fn windows_are_merged_each_by_itself() {
        let row = |windows: [i64; 8]| -> Vec<SegmentInfo> {
            (0..)
                .zip(windows)
                .map(|(id, window)| SegmentInfo { window, ..segment(id, 1000, (1, 9)) })
                .collect()
        };
        let two = row([0, 1, 0, 1, 0, 1, 0, 1]);
        check(&two, None);
        assert_eq!(depth(&two), 4);
        check(&row([3, 1, 1, 1, 2, 1, 1, 2]), Some(&[1, 2, 3, 5, 6]));
    }

    #[test]
    fn mostly_dead_is_rewritten_alone() {
        let mut a = segment(7, 1000, (1, 9));
        a.dead = 401;
        check(&[segment(6, 1000, (1, 9)), a], Some(&[7]));
    }
}
