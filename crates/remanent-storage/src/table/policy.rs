//! Which cold segments to merge next: a pure function of what they are.
//!
//! Three reasons, in this order:
//!
//! 1. **Dead rows**: a segment most of whose rows are deleted is rewritten alone.
//! 2. **Depth**: where more than [`DEPTH_AIM`] segments cover the same key, those of them that are of
//!    similar size are merged, so a key probe asks few segments. A row is rewritten once per size class.
//! 3. **Count**: [`FAN_IN`] neighbours of the same size class that do not overlap are joined, so that a long
//!    series of small flushes does not become thousands of files. Large neighbours are left as they are: an
//!    append-only series is written about once.
//!
//! Example (rows in thousands, keys as ranges):
//!
//! ```text
//!   a 900 [1, 90]   b 40 [10, 80]  c 30 [5, 95]  d 35 [20, 60]  e 38 [1, 99]     depth 5 > 4
//!   choice: b c d e (similar size); a stays
//! ```

/// Segments that may cover one key before a merge is due.
pub const DEPTH_AIM: usize = 4;

/// Segments of one size class that are joined at once.
pub const FAN_IN: usize = 8;

/// A segment with at least this many rows is not joined with neighbours just to have fewer files.
pub const LARGE_ROWS: u64 = 1 << 20;

/// A segment is rewritten alone when more than this share of its rows is deleted.
const DEAD_SHARE: f64 = 0.4;

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
}

/// The segments to merge next, by number; None: leave all as they are.
pub fn choose(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    dead(segments).or_else(|| deep(segments)).or_else(|| many(segments))
}

fn dead(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    let due = |s: &&SegmentInfo| s.dead > 0 && s.dead as f64 > s.rows as f64 * DEAD_SHARE;
    segments.iter().find(due).map(|s| vec![s.id])
}

/// Size class: segments within a factor of four are alike.
fn class(rows: u64) -> u32 {
    rows.max(1).ilog2() / 2
}

fn deep(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    // The depth is largest at some segment's smallest key.
    let covering = |key: &[u8]| -> Vec<&SegmentInfo> {
        segments.iter().filter(|s| s.min_key.as_slice() <= key && key <= s.max_key.as_slice()).collect()
    };
    let deepest = segments.iter().map(|s| covering(&s.min_key)).max_by_key(Vec::len)?;
    if deepest.len() <= DEPTH_AIM {
        return None;
    }
    let mut by_size = deepest;
    by_size.sort_by_key(|s| (s.rows, s.id));
    // The smallest ones, as far as they grow together: each next one is no larger than what is gathered so far.
    let mut chosen: Vec<&SegmentInfo> = Vec::new();
    let mut rows = 0u64;
    for segment in &by_size {
        let alike = chosen.len() < 2 || segment.rows <= rows.saturating_mul(2);
        if !alike || rows.saturating_add(segment.rows) > MERGED_ROWS_MAX {
            break;
        }
        rows += segment.rows;
        chosen.push(segment);
    }
    (chosen.len() >= 2).then(|| chosen.iter().map(|s| s.id).collect())
}

fn many(segments: &[SegmentInfo]) -> Option<Vec<u32>> {
    let mut by_key: Vec<&SegmentInfo> = segments.iter().filter(|s| s.rows < LARGE_ROWS).collect();
    by_key.sort_by(|a, b| (&a.min_key, a.id).cmp(&(&b.min_key, b.id)));
    let run = by_key.chunk_by(|a, b| class(a.rows) == class(b.rows)).find(|run| run.len() >= FAN_IN)?;
    Some(run.iter().take(FAN_IN).map(|s| s.id).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(id: u32, rows: u64, keys: (u8, u8)) -> SegmentInfo {
        SegmentInfo { id, rows, dead: 0, min_key: vec![keys.0], max_key: vec![keys.1] }
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
    fn a_row_of_small_neighbours_is_joined() {
        let row: Vec<_> = (0..8).map(|i| segment(i.into(), 1000, (i, i))).collect();
        check(&row, Some(&[0, 1, 2, 3, 4, 5, 6, 7]));
        check(&row[..7], None);
    }

    #[test]
    fn mostly_dead_is_rewritten_alone() {
        let mut a = segment(7, 1000, (1, 9));
        a.dead = 401;
        check(&[segment(6, 1000, (1, 9)), a], Some(&[7]));
    }
}
