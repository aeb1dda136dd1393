//! Centroids of vectors: Lloyd's algorithm, and the inner products of a vector with many centroids.
//!
//! Centroids lie one after the other in one slice. The nearest one to x has the least |c|² / 2 − <x, c>.

use crate::wide::dispatch;

dispatch! {
    /// Appends the inner product of `x` with each of the vectors that lie one after the other in `others`.
    pub fn products(x: &[f32], others: &[f32], out: &mut Vec<f32>) {
        let dim = x.len();
        if dim == 0 {
            return;
        }
        let mut fours = others.chunks_exact(4 * dim);
        for four in &mut fours {
            let (a, rest) = four.split_at(dim);
            let (b, rest) = rest.split_at(dim);
            let (c, d) = rest.split_at(dim);
            let mut lanes = [[0.0f32; 8]; 4];
            let (xs, x_rest) = x.as_chunks::<8>();
            let (a, a_rest) = a.as_chunks::<8>();
            let (b, b_rest) = b.as_chunks::<8>();
            let (c, c_rest) = c.as_chunks::<8>();
            let (d, d_rest) = d.as_chunks::<8>();
            for ((((x, a), b), c), d) in xs.iter().zip(a).zip(b).zip(c).zip(d) {
                add(&mut lanes[0], x, a);
                add(&mut lanes[1], x, b);
                add(&mut lanes[2], x, c);
                add(&mut lanes[3], x, d);
            }
            for (lanes, rest) in lanes.iter().zip([a_rest, b_rest, c_rest, d_rest]) {
                out.push(total(lanes, x_rest, rest));
            }
        }
        for one in fours.remainder().chunks_exact(dim) {
            out.push(product(x, one));
        }
    }
}

#[inline(always)]
fn add(lanes: &mut [f32; 8], x: &[f32; 8], y: &[f32; 8]) {
    for j in 0..8 {
        lanes[j] += x[j] * y[j];
    }
}

/// Never inlined: where the sums of several vectors stand side by side, the compiler takes these for what is to be done at once, and
/// shuffles each step of the loop before so that it can, which takes five times as long.
#[inline(never)]
fn total(lanes: &[f32; 8], x_rest: &[f32], y_rest: &[f32]) -> f32 {
    let sum = lanes.iter().fold(0.0, |sum, lane| sum + lane);
    x_rest.iter().zip(y_rest).fold(sum, |sum, (x, y)| sum + x * y)
}

#[inline(always)]
fn product(x: &[f32], y: &[f32]) -> f32 {
    let mut lanes = [0.0f32; 8];
    let ((a, a_rest), (b, b_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    a.iter().zip(b).for_each(|(a, b)| add(&mut lanes, a, b));
    total(&lanes, a_rest, b_rest)
}

/// Half the squared length of each vector in `vectors`.
pub fn half_squares(vectors: &[f32], dim: usize) -> Vec<f32> {
    vectors.chunks_exact(dim.max(1)).map(|v| v.iter().fold(0.0, |sum, x| sum + x * x) / 2.0).collect()
}

/// Vectors that are multiplied at a time: so many of a few hundred dimensions stay in the nearest cache.
pub const TOGETHER: usize = 8;

dispatch! {
    /// Replaces `out` by the inner products of each of the vectors in `xs` with each of those in `others`: all of the first of `xs`, then
    /// all of the second. The same numbers as [`products`].
    pub fn all_products(xs: &[f32], others: &[f32], dim: usize, out: &mut Vec<f32>) {
        out.clear();
        if dim == 0 {
            return;
        }
        let (n, k) = (xs.len() / dim, others.len() / dim);
        out.resize(n * k, 0.0);
        for first in (0..n).step_by(TOGETHER) {
            let last = n.min(first + TOGETHER);
            for (at, pair) in others.chunks(2 * dim).enumerate() {
                let (a, b) = pair.split_at(dim);
                let mut i = first;
                while b.len() == dim && i + 4 <= last {
                    let found = four_by_two(&xs[i * dim..(i + 4) * dim], a, b);
                    for (row, found) in found.into_iter().enumerate() {
                        out[(i + row) * k + 2 * at..][..2].copy_from_slice(&found);
                    }
                    i += 4;
                }
                for i in i..last {
                    let x = &xs[i * dim..(i + 1) * dim];
                    for (place, other) in pair.chunks_exact(dim).enumerate() {
                        out[i * k + 2 * at + place] = product(x, other);
                    }
                }
            }
        }
    }
}

/// The products of four vectors with two.
#[inline(always)]
fn four_by_two(four: &[f32], a: &[f32], b: &[f32]) -> [[f32; 2]; 4] {
    let dim = a.len();
    let (x, rest) = four.split_at(dim);
    let (y, rest) = rest.split_at(dim);
    let (z, w) = rest.split_at(dim);
    let mut lanes = [[[0.0f32; 8]; 2]; 4];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let ((x, x_rest), (y, y_rest)) = (x.as_chunks::<8>(), y.as_chunks::<8>());
    let ((z, z_rest), (w, w_rest)) = (z.as_chunks::<8>(), w.as_chunks::<8>());
    for (((((a, b), x), y), z), w) in a.iter().zip(b).zip(x).zip(y).zip(z).zip(w) {
        add(&mut lanes[0][0], x, a);
        add(&mut lanes[0][1], x, b);
        add(&mut lanes[1][0], y, a);
        add(&mut lanes[1][1], y, b);
        add(&mut lanes[2][0], z, a);
        add(&mut lanes[2][1], z, b);
        add(&mut lanes[3][0], w, a);
        add(&mut lanes[3][1], w, b);
    }
    let mut out = [[0.0; 2]; 4];
    for ((out, lanes), rest) in out.iter_mut().zip(&lanes).zip([x_rest, y_rest, z_rest, w_rest]) {
        for ((out, lanes), other) in out.iter_mut().zip(lanes).zip([a_rest, b_rest]) {
            *out = total(lanes, rest, other);
        }
    }
    out
}

/// The place of the nearest centroid, given the products of a vector with all. `half` is [`half_squares`] of the centroids.
pub fn nearest(products: &[f32], half: &[f32]) -> usize {
    let mut best = (f32::INFINITY, 0);
    for (i, (half, product)) in half.iter().zip(products).enumerate() {
        let distance = half - *product;
        if distance < best.0 {
            best = (distance, i);
        }
    }
    best.1
}

/// The places of numbers, the least first: put in order only so far as they are asked for.
///
/// ```
/// use remanent_kernels::cluster::Ascending;
/// let mut places = Ascending::new([0.5, -1.0, 0.25], 1);
/// assert_eq!([0, 1, 2, 3].map(|i| places.get(i)), [Some(1), Some(2), Some(0), None]);
/// ```
pub struct Ascending {
    /// The numbers, so that whole numbers compare as they do, and their places.
    keys: Vec<u64>,
    /// So many are in order, and none behind them is less.
    sorted: usize,
    /// How many are put in order next.
    step: usize,
}

impl Ascending {
    /// Of those numbers, of which so many are likely to be asked for.
    pub fn new(numbers: impl IntoIterator<Item = f32>, likely: usize) -> Self {
        let key = |(number, place): (f32, u32)| {
            let bits = number.to_bits();
            // As `total_cmp`.
            let ordered = if bits >> 31 == 1 { !bits } else { bits | 1 << 31 };
            u64::from(ordered) << 32 | u64::from(place)
        };
        Ascending { keys: numbers.into_iter().zip(0..).map(key).collect(), sorted: 0, step: likely.max(8) }
    }

    /// The place of the number that comes at `i`.
    pub fn get(&mut self, i: usize) -> Option<u32> {
        if i >= self.sorted {
            self.sort(i);
        }
        self.keys.get(i).map(|key| *key as u32)
    }

    fn sort(&mut self, i: usize) {
        let rest = self.keys.get_mut(self.sorted..).unwrap_or_default();
        let count = (i + 1 - self.sorted).max(self.step).min(rest.len());
        if count < rest.len() {
            rest.select_nth_unstable(count);
        }
        rest.get_mut(..count).unwrap_or_default().sort_unstable();
        self.sorted += count;
        self.step *= 2;
    }
}

/// Moves centroids to the means of the vectors that are nearest to them, so many times. `pause` is called between two steps of some
/// milliseconds; false ends it. A centroid without vectors takes the place of one of `vectors`.
pub fn refine(
    vectors: &[f32],
    dim: usize,
    centroids: &mut [f32],
    rounds: usize,
    pause: &mut dyn FnMut() -> bool,
) -> bool {
    let (n, k) = (vectors.len() / dim.max(1), centroids.len() / dim.max(1));
    let mut found = Vec::with_capacity(TOGETHER * k);
    for round in 0..rounds {
        let half = half_squares(centroids, dim);
        let mut sums = vec![0.0f64; centroids.len()];
        let mut counts = vec![0u32; k];
        for (i, some) in vectors.chunks(TOGETHER * dim.max(1)).enumerate() {
            if i % 8 == 0 && !pause() {
                return false;
            }
            all_products(some, centroids, dim, &mut found);
            for (v, products) in some.chunks_exact(dim).zip(found.chunks_exact(k.max(1))) {
                let at = nearest(products, &half);
                counts[at] += 1;
                sums[at * dim..(at + 1) * dim].iter_mut().zip(v).for_each(|(sum, x)| *sum += f64::from(*x));
            }
        }
        for (at, &count) in counts.iter().enumerate() {
            let centroid = &mut centroids[at * dim..(at + 1) * dim];
            if count == 0 && n > 0 {
                let other = (at * 7919 + round * 104_729) % n;
                centroid.copy_from_slice(&vectors[other * dim..(other + 1) * dim]);
                continue;
            }
            let sums = &sums[at * dim..(at + 1) * dim];
            centroid.iter_mut().zip(sums).for_each(|(c, sum)| *c = (sum / f64::from(count.max(1))) as f32);
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_those_of_each() {
        for dim in [1, 3, 8, 13] {
            let x: Vec<f32> = (0..dim).map(|i| i as f32 - 2.0).collect();
            let others: Vec<f32> = (0..7 * dim).map(|i| (i % 5) as f32).collect();
            let mut out = Vec::new();
            products(&x, &others, &mut out);
            let plain = |v: &[f32]| x.iter().zip(v).map(|(a, b)| a * b).sum::<f32>();
            assert_eq!(out, others.chunks(dim).map(plain).collect::<Vec<_>>());
        }
    }

    #[test]
    fn many_products_are_those_of_each_vector() {
        for (dim, n, k) in [(1, 1, 1), (3, 5, 4), (8, 9, 3), (13, 17, 7), (384, 10, 5)] {
            let number = |i: usize| (i * 7919 % 1009) as f32 / 500.0 - 1.0;
            let xs: Vec<f32> = (0..n * dim).map(number).collect();
            let others: Vec<f32> = (5..5 + k * dim).map(number).collect();
            let (mut all, mut each) = (Vec::new(), Vec::new());
            all_products(&xs, &others, dim, &mut all);
            xs.chunks(dim).for_each(|x| products(x, &others, &mut each));
            assert_eq!(all, each, "{dim} {n} {k}");
        }
    }

    #[test]
    fn centroids_find_the_clusters() {
        let vectors: Vec<f32> =
            (0..100).flat_map(|i| [(i % 4) as f32 * 10.0, (i % 3) as f32 * 0.1]).collect();
        let mut centroids = vec![0.0, 0.0, 1.0, 0.0, 19.0, 0.0, 40.0, 0.0];
        assert!(refine(&vectors, 2, &mut centroids, 10, &mut || true));
        let mut found: Vec<i32> = centroids.chunks(2).map(|c| c[0].round() as i32).collect();
        found.sort_unstable();
        assert_eq!(found, [0, 10, 20, 30]);
    }
}
