//! How many lists a search has to look into for a recall: measured when a part is written.
//!
//! Some rows of the segment are asked for their nearest neighbours among all others, exactly. Each neighbour lies in a list; where
//! that list comes in the order in which the query would look into them is how far the query has to go to find it. The effort for a
//! recall is the least number of lists in which that share of the neighbours lies, of three fifths of the loss allowed: the rest is for
//! the estimates by which candidates are chosen.
//!
//! Efforts are for the first 10, 100 and 1,000 neighbours: a filter that lets a share s of the rows pass makes the k nearest of those
//! left the k / s nearest of all, about.
//!
//! Lists are looked into in the order of [`Apex::nearness`]: with r the distance of a list's rows from its centroid c, a row that lies
//! somewhat towards the query q, at an angle φ, has by the law of cosines the squared distance
//!
//! ```text
//!   |q - c|² + r² - 2 |q - c| r cos φ
//! ```
//!
//! so that of two lists whose centroids are equally near the one with rows near to it comes first. Of sentence embeddings that takes
//! a sixth fewer rows than the order of the centroids' distances. (Stopping where no row can be nearer than the k-th so far took more
//! than a fixed number of lists, whatever the cosine: the queries whose neighbours are far off look into nearly all lists, and find
//! them in the first.)
//!
//! Estimates are of Euclidean distances. Under the distance of the sum of differences (L1) the neighbours are others: how much farther
//! they lie than the last of as many Euclidean ones is measured, too ([`Stretches`]), and candidates are taken so far out.
//!
//! Limits: 256 queries, and as few as 64 where memory is short; between the counts that are kept, the next greater one is taken.

use std::cmp::Ordering;

/// The recalls for which efforts are kept. Persisted by their places.
pub const RECALLS: [f64; 7] = [0.80, 0.90, 0.95, 0.98, 0.99, 0.995, 0.999];
/// The counts of neighbours for which efforts are kept. Persisted by their places.
pub const COUNTS: [usize; 3] = [10, 100, 1000];
/// Rows that are asked for their neighbours, where there is memory for them.
pub const QUERIES: usize = 256;

/// Lists by recall and count.
pub type Efforts = [[u16; COUNTS.len()]; RECALLS.len()];

/// By recall: how many times the squared Euclidean distance of the last of so many rows candidates may lie away.
pub type Stretches = [f32; RECALLS.len()];

/// The nearest of the rows that were offered: among them, up to twice as many as are wanted, so that few steps sort much.
pub struct Neighbours {
    rows: Vec<Found>,
    /// What is farther is not among them.
    bar: f32,
}

/// What a query and a centroid have to say to all rows of the list.
#[derive(Debug, Clone, Copy)]
pub struct Apex {
    /// |q - c|²; or -<q, c>
    pub base: f32,
    /// |q - c|; or half of |q|, and negative.
    pub length: f32,
}

/// cos φ of a row that lies somewhat towards the query.
const COSINE: f32 = 0.4;

impl Apex {
    /// Of a squared distance.
    pub fn distance(squared: f32) -> Self {
        let base = squared.max(0.0);
        Apex { base, length: base.sqrt() }
    }

    /// Of an inner product with a query of that length.
    pub fn product(product: f32, length: f32) -> Self {
        Apex { base: -product, length: -0.5 * length }
    }

    /// How near the list is whose rows are so far from its centroid.
    pub fn nearness(self, radius: f32) -> f32 {
        let own = if self.length < 0.0 { 0.0 } else { radius * radius };
        self.base + own - 2.0 * COSINE * self.length.abs() * radius
    }
}

/// One of them.
#[derive(Clone, Copy, PartialEq)]
pub struct Found {
    /// How far away it is.
    pub distance: f32,
    /// Its list.
    pub list: u32,
    /// Half its squared Euclidean distance.
    pub squared: f32,
}

impl Eq for Found {}

impl PartialOrd for Found {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Found {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.list.cmp(&other.list))
    }
}

impl Neighbours {
    const MOST: usize = COUNTS[COUNTS.len() - 1];

    /// What those of one query take.
    pub const BYTES: usize = 2 * Self::MOST * size_of::<Found>();

    /// None yet.
    pub fn new() -> Self {
        Neighbours { rows: Vec::new(), bar: f32::INFINITY }
    }

    /// A row.
    pub fn offer(&mut self, row: Found) {
        if row.distance > self.bar {
            return;
        }
        self.rows.push(row);
        if self.rows.len() == 2 * Self::MOST {
            self.bar = self.rows.select_nth_unstable(Self::MOST - 1).1.distance;
            self.rows.truncate(Self::MOST);
        }
    }

    /// The rows, the nearest first.
    pub fn rows(mut self) -> Vec<Found> {
        self.rows.sort_unstable();
        self.rows.truncate(Self::MOST);
        self.rows
    }
}

/// What share of the neighbours has to lie in what is looked at, for a recall. The rest of the loss is for estimates, and for queries that
/// are not rows: their neighbours lie farther away.
fn share(recall: f64) -> f64 {
    1.0 - (1.0 - recall) * 0.6
}

/// The efforts, from the neighbours of some queries, the nearest first, and for each the places of all lists in the order of their
/// distances.
pub fn efforts(queries: &[(&[Found], Vec<u32>)], lists: usize) -> Efforts {
    // By count: how many neighbours lie in the list that comes at each place.
    let mut at = vec![[0u64; COUNTS.len()]; lists];
    let mut all = [0u64; COUNTS.len()];
    for (neighbours, places) in queries {
        for (i, found) in neighbours.iter().enumerate() {
            let Some(&place) = places.get(found.list as usize) else { continue };
            let Some(counts) = at.get_mut(place as usize) else { continue };
            for (c, &count) in COUNTS.iter().enumerate().filter(|(_, count)| i < **count) {
                debug_assert!(count > i);
                counts[c] += 1;
                all[c] += 1;
            }
        }
    }
    let mut efforts = [[1u16; COUNTS.len()]; RECALLS.len()];
    for (r, recall) in RECALLS.iter().enumerate() {
        for c in 0..COUNTS.len() {
            let wanted = (all[c] as f64 * share(*recall)).ceil() as u64;
            let mut sum = 0;
            let enough = at.iter().position(|counts| {
                sum += counts[c];
                sum >= wanted
            });
            efforts[r][c] = enough.map_or(lists, |place| place + 1).clamp(1, u16::MAX.into()) as u16;
        }
    }
    efforts
}

/// The stretches, from the neighbours of some queries and their Euclidean ones. An eighth of the loss is theirs: a third
/// of what is left for estimates.
pub fn stretches(queries: &[(&[Found], &[Found])]) -> Stretches {
    let mut stretches = [1.0f32; RECALLS.len()];
    for count in COUNTS {
        let mut times: Vec<f32> = Vec::new();
        for (neighbours, nearest) in queries {
            if let Some(last) = nearest.get(count - 1) {
                // What is as near as can be lies nowhere else.
                let last = last.squared.max(f32::MIN_POSITIVE);
                times.extend(neighbours.iter().take(count).map(|found| found.squared.max(0.0) / last));
            }
        }
        times.sort_unstable_by(f32::total_cmp);
        for (stretch, recall) in stretches.iter_mut().zip(RECALLS) {
            let place = (times.len() as f64 * (1.0 - (1.0 - recall) * 0.125)).ceil() as usize;
            *stretch = stretch.max(times.get(place.saturating_sub(1)).copied().unwrap_or(1.0));
        }
    }
    stretches
}

/// The stretch for a recall.
pub fn stretch(stretches: &Stretches, recall: f64) -> f32 {
    let place = RECALLS.iter().position(|&held| held >= recall);
    place.and_then(|place| stretches.get(place)).copied().unwrap_or(f32::INFINITY)
}

/// How many lists to look into for a recall among so many neighbours: between two recalls that are kept, in proportion.
pub fn wanted(efforts: &Efforts, recall: f64, count: f64, lists: usize) -> usize {
    let most = COUNTS[COUNTS.len() - 1] as f64;
    let column = COUNTS.iter().position(|&held| held as f64 >= count);
    let times = if column.is_none() { (count / most).sqrt() } else { 1.0 };
    let column = column.unwrap_or(COUNTS.len() - 1);
    let of = |r: usize| efforts.get(r).and_then(|row| row.get(column)).map(|&lists| f64::from(lists) * times);
    let Some(r) = RECALLS.iter().position(|&held| held >= recall) else { return lists };
    let (Some(high), low) = (of(r), r.checked_sub(1)) else { return lists };
    let wanted = match low.and_then(|low| Some((*RECALLS.get(low)?, of(low)?))) {
        Some((held, low)) => low + (high - low) * (recall - held) / (RECALLS[r] - held),
        None => high,
    };
    (wanted.ceil() as usize).clamp(1, lists.max(1))
}

/// How many standard errors an estimate may be off, for a recall: the rest of the loss is theirs.
pub fn deviations(recall: f64) -> f32 {
    match () {
        _ if recall <= 0.80 => 1.0,
        _ if recall <= 0.90 => 1.3,
        _ if recall <= 0.95 => 1.7,
        _ if recall <= 0.98 => 2.1,
        _ if recall <= 0.99 => 2.4,
        _ if recall <= 0.995 => 2.7,
        _ => 3.3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(distance: f32, list: u32, squared: f32) -> Found {
        Found { distance, list, squared }
    }

    #[test]
    fn efforts_are_where_the_neighbours_lie() {
        // Of each query: nine neighbours in its first list, one in its third.
        let mut neighbours = Neighbours::new();
        (0..10).for_each(|i| neighbours.offer(row(i as f32, if i == 9 { 2 } else { 0 }, 0.0)));
        let rows = neighbours.rows();
        let queries: Vec<_> = (0..10).map(|_| (rows.as_slice(), vec![0, 1, 2, 3])).collect();
        let efforts = efforts(&queries, 4);
        assert_eq!(wanted(&efforts, 0.8, 10.0, 4), 1);
        assert_eq!(wanted(&efforts, 0.9, 10.0, 4), 3);
        // Half way between one list and three.
        assert_eq!(wanted(&efforts, 0.85, 10.0, 4), 2);
        assert_eq!(wanted(&efforts, 0.99, 10.0, 4), 3);
        assert_eq!(wanted(&efforts, 0.9999, 10.0, 4), 4);
    }

    #[test]
    fn stretches_are_how_far_the_neighbours_lie() {
        // Of ten neighbours one is four times as far as the last of ten Euclidean ones.
        let (mut neighbours, mut nearest) = (Neighbours::new(), Neighbours::new());
        for i in 0..10 {
            neighbours.offer(row(i as f32, 0, if i == 4 { 40.0 } else { 1.0 + i as f32 }));
            nearest.offer(row(1.0 + i as f32, 0, 1.0 + i as f32));
        }
        let stretches = stretches(&[(&neighbours.rows(), &nearest.rows())]);
        assert_eq!(stretch(&stretches, 0.95), 4.0);
        assert_eq!(stretch(&stretches, 0.5), 4.0);
        assert_eq!(stretch(&stretches, 0.9999), f32::INFINITY);
        // Of too few rows, and of rows that are alike, nothing else is said.
        assert_eq!(super::stretches(&[]), [1.0; RECALLS.len()]);
    }
}
