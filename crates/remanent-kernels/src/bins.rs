//! Numbers as bins and distances: what is left when no simpler encoding is small.
//!
//! The range of the numbers, 0 to 2^width − 1, is cut in halves, the halves in halves where that pays, until each
//! piece, a *bin*, holds numbers about evenly spread. A number is its bin, entropy-coded, and its distance from
//! the bin's lower end in as many bits as the bin is wide. So frequent values cost little, whatever their size, and
//! noise costs its own bits and not more. After pcodec (Loncaric, "Pcodec: better compression for numerical
//! sequences", 2025), with a tree of halves for its list of bins: halves say where they are by their place.
//!
//! Entropy coding is tANS (Duda, "Asymmetric numeral systems", 2013; table layout as in Collet's FSE): a *state*, 0 to
//! 2^log − 1, names a bin by a table, and the next state takes the bits that the table says from the stream. Four
//! states take turns, so that the processor need not wait for one; one state for fewer than 256 values.
//!
//! The body is bits, least significant first, and ends with its last byte filled with zeros:
//!
//! | bits | what |
//! |---|---|
//! | 7 | width |
//! | | the tree, from its root, left before right |
//! | log each | with more than one bin: the first states |
//! | | the bits that states take, value by value; the last value of each state takes none |
//! | | the distances, value by value |
//!
//! | bits | a node of the tree that has k bits and weight w (the root: width and 2^log) |
//! |---|---|
//! | `0` | a bin |
//! | `1 0`, left − 1 in as many bits as w − 2 takes | two halves of k − 1 bits; the weights: left, and w − left |
//! | `1 1`, n − 1 in 6 bits, n bits | the n highest of k bits are these; what follows is a node of k − n bits and weight w |
//!
//! log is as many bits as n − 1 takes, at most 9, for n values.
//!
//! Example: 0, 0, 3 has width 2 and log 2. Cutting does not pay: one bin of 2 bits, `width 0000010, 0, 00 00 11`, in
//! bytes `02 30`.
//!
//! Limits: 1 to 1,024 values; encoding costs some 30 ns a value, decoding 2 to 3.

use crate::bitpack::width_of;
use crate::bits::{BitReader, BitWriter, Padded};

/// Most values of a block.
const VALUES_MAX: usize = 1024;
/// Bits of a state, at most.
const LOG_MAX: u32 = 9;
/// Most bins, so that a byte names one.
const BINS_MAX: usize = 256;
/// Fewer values than this are not cut in halves.
const CUT_LEAST: usize = 8;
/// Fewer values than this take turns with one state.
const LANES_LEAST: usize = 256;
/// Costs are counted in parts of a bit.
const BIT: u32 = 256;

fn log_of(n: usize) -> u32 {
    width_of(n as u64 - 1).min(LOG_MAX)
}

fn lanes_of(n: usize) -> usize {
    if n < LANES_LEAST { 1 } else { 4 }
}

/// About the binary logarithm of a number from 1 on, in parts of a bit. Integers, so that every machine
/// encodes alike.
fn log2(n: u32) -> u32 {
    let whole = n.ilog2();
    let part = (u64::from(n) << 8 >> whole) as u32 - 256;
    // log2(1 + x) is close to x + 0.34 x (1 − x).
    whole * BIT + part + ((part * (256 - part) * 88) >> 16)
}

/// A node of the tree, before its descendants.
enum Node {
    Bin,
    /// How many values and bins are in both halves, and how many in the left one.
    Halves {
        values: u32,
        left: u32,
        bins: u32,
        left_bins: u32,
    },
    Narrow {
        levels: u32,
        path: u64,
    },
}

/// Cuts ascending numbers, of which the lowest `bits` bits count, where that pays; appends the nodes and returns what
/// they and the numbers cost, and how many bins there are. `penalty` is what a cut costs beside its bits.
fn cut(sorted: &[u64], bits: u32, total: u32, penalty: u32, nodes: &mut Vec<Node>) -> (u32, u32) {
    let n = sorted.len() as u32;
    let (Some(first), Some(last)) = (sorted.first(), sorted.last()) else { return (0, 0) };
    let mask = if bits == 64 { u64::MAX } else { (1 << bits) - 1 };
    let rest = width_of((first ^ last) & mask);
    let levels = bits - rest;
    let coded = n * (log2(total) - log2(n)) + BIT;
    let (wide, narrow) = (coded + n * bits * BIT, coded + n * rest * BIT + (8 + levels) * BIT);
    let (mut best, mark) = (wide.min(narrow), nodes.len());
    let path = if levels == 0 { 0 } else { (first & mask) >> rest };
    if sorted.len() >= CUT_LEAST && rest > 0 {
        let mut cost =
            (2 + width_of(u64::from(n << log_of(total as usize)) / u64::from(total))) * BIT + penalty;
        if levels > 0 {
            nodes.push(Node::Narrow { levels, path });
            cost += (8 + levels) * BIT;
        }
        let (at, bit) = (nodes.len(), rest - 1);
        nodes.push(Node::Bin);
        let (left, right) = sorted.split_at(sorted.partition_point(|v| v >> bit & 1 == 0));
        let (left_cost, left_bins) = cut(left, bit, total, penalty, nodes);
        let (right_cost, right_bins) = cut(right, bit, total, penalty, nodes);
        cost += left_cost + right_cost;
        if cost < best {
            best = cost;
            let bins = left_bins + right_bins;
            nodes[at] = Node::Halves { values: n, left: left.len() as u32, bins, left_bins };
            return (best, bins);
        }
        nodes.truncate(mark);
    }
    if narrow < wide {
        nodes.push(Node::Narrow { levels, path });
    }
    nodes.push(Node::Bin);
    (best, 1)
}

/// A bin.
#[derive(Clone, Copy, Default)]
struct Bin {
    lower: u64,
    bits: u32,
    weight: u32,
}

/// Appends the tree and returns its bins in ascending order.
fn write_tree(nodes: &[Node], width: u32, log: u32, out: &mut BitWriter<'_>) -> Vec<Bin> {
    let (mut bins, mut open) = (Vec::new(), vec![Bin { lower: 0, bits: width, weight: 1 << log }]);
    for node in nodes {
        let Some(here) = open.pop() else { break };
        match *node {
            Node::Bin => {
                out.put(0, 1);
                bins.push(here);
            }
            Node::Narrow { levels, path } => {
                out.put(0b11, 2);
                out.put(u64::from(levels - 1), 6);
                out.put(path, levels);
                let bits = here.bits - levels;
                open.push(Bin { lower: here.lower + shl(path, bits), bits, ..here });
            }
            Node::Halves { values, left, bins, left_bins } => {
                let share =
                    (u64::from(here.weight) * u64::from(left) + u64::from(values / 2)) / u64::from(values);
                let left = (share as u32).clamp(left_bins, here.weight - (bins - left_bins));
                out.put(0b01, 2);
                out.put(u64::from(left - 1), width_of(u64::from(here.weight - 2)));
                let bits = here.bits - 1;
                open.push(Bin { lower: here.lower + (1 << bits), bits, weight: here.weight - left });
                open.push(Bin { lower: here.lower, bits, weight: left });
            }
        }
    }
    bins
}

fn shl(value: u64, bits: u32) -> u64 {
    value.checked_shl(bits).unwrap_or(0)
}

fn read_tree(reader: &mut BitReader<'_>, width: u32, log: u32) -> Option<Vec<Bin>> {
    let (mut bins, mut open) = (Vec::new(), vec![Bin { lower: 0, bits: width, weight: 1 << log }]);
    while let Some(here) = open.pop() {
        if reader.take(1)? == 0 {
            bins.push(here);
            continue;
        }
        if reader.take(1)? == 1 {
            let levels = reader.take(6)? as u32 + 1;
            let bits = here.bits.checked_sub(levels)?;
            let lower = here.lower + shl(reader.take(levels)?, bits);
            open.push(Bin { lower, bits, ..here });
            continue;
        }
        let bits = here.bits.checked_sub(1)?;
        let left = reader.take(width_of(u64::from(here.weight.checked_sub(2)?)))? as u32 + 1;
        let right = here.weight.checked_sub(left).filter(|&right| right > 0)?;
        if bins.len() + open.len() + 2 > BINS_MAX {
            return None;
        }
        open.push(Bin { lower: here.lower + (1 << bits), bits, weight: right });
        open.push(Bin { lower: here.lower, bits, weight: left });
    }
    Some(bins)
}

/// The bin of every state: each bin has as many states as its weight, spread over the table.
fn spread(bins: &[Bin], log: u32) -> Vec<u8> {
    let size = 1usize << log;
    // Odd, so that it meets every place once.
    let (step, mut at) = ((size * 5 / 8) | 1, 0);
    let mut table = vec![0; size];
    for (i, bin) in bins.iter().enumerate() {
        for _ in 0..bin.weight {
            table[at] = i as u8;
            at = (at + step) & (size - 1);
        }
    }
    table
}

/// Appends up to 1,024 numbers, at least one.
pub fn encode(values: &[u64], out: &mut Vec<u8>) {
    let n = values.len();
    assert!(n > 0 && n <= VALUES_MAX);
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let (width, log) = (width_of(sorted[n - 1]), log_of(n));
    let (mut nodes, mut penalty) = (Vec::new(), 0);
    while cut(&sorted, width, n as u32, penalty, &mut nodes).1 as usize > BINS_MAX.min(1 << log) {
        nodes.clear();
        penalty = penalty * 2 + 16 * BIT;
    }
    let mut writer = BitWriter::new(out);
    writer.put(width.into(), 7);
    let bins = write_tree(&nodes, width, log, &mut writer);
    let bin_of = |v: &u64| bins.partition_point(|bin| bin.lower <= *v) - 1;
    let places: Vec<u8> = values.iter().map(|v| bin_of(v) as u8).collect();
    if bins.len() > 1 {
        write_places(&places, &bins, log, &mut writer);
    }
    for (value, &place) in values.iter().zip(&places) {
        let bin = bins[usize::from(place)];
        writer.put(value - bin.lower, bin.bits);
    }
    writer.finish();
}

/// Appends which bin each value is in.
fn write_places(places: &[u8], bins: &[Bin], log: u32, out: &mut BitWriter<'_>) {
    // The states of each bin, in ascending order, one bin after the other.
    let mut starts = vec![0u32; bins.len() + 1];
    for (i, bin) in bins.iter().enumerate() {
        starts[i + 1] = starts[i] + bin.weight;
    }
    let (mut next, mut states) = (starts.clone(), vec![0u32; 1 << log]);
    for (state, &bin) in spread(bins, log).iter().enumerate() {
        let slot = &mut next[usize::from(bin)];
        states[*slot as usize] = state as u32;
        *slot += 1;
    }
    let lanes = lanes_of(places.len());
    let mut now = [0u32; 4];
    let mut taken = Vec::with_capacity(places.len());
    // From the last value to the first: what is read first is written last.
    for (i, &place) in places.iter().enumerate().rev() {
        let (bin, state) = (usize::from(place), &mut now[i % lanes]);
        let weight = bins[bin].weight;
        let slot = if i + lanes >= places.len() {
            0
        } else {
            let whole = *state + (1 << log);
            let mut bits = log - weight.ilog2();
            if whole >> bits < weight {
                bits -= 1;
            }
            taken.push((whole & ((1 << bits) - 1), bits));
            (whole >> bits) - weight
        };
        *state = states[(starts[bin] + slot) as usize];
    }
    now[..lanes.min(places.len())].iter().for_each(|&state| out.put(state.into(), log));
    taken.iter().rev().for_each(|&(bits, n)| out.put(bits.into(), n));
}

/// What a state means.
#[derive(Clone, Copy, Default)]
struct Step {
    bin: u8,
    /// How many bits the next state takes, and what is added to them.
    bits: u8,
    base: u16,
}

fn steps(bins: &[Bin], log: u32) -> [Step; 1 << LOG_MAX] {
    let mut next: Vec<u32> = bins.iter().map(|bin| bin.weight).collect();
    let mut steps = [Step::default(); 1 << LOG_MAX];
    for (step, bin) in steps.iter_mut().zip(spread(bins, log)) {
        let whole = &mut next[usize::from(bin)];
        let bits = log - whole.ilog2();
        *step = Step { bin, bits: bits as u8, base: ((*whole << bits) - (1 << log)) as u16 };
        *whole += 1;
    }
    steps
}

/// Fills `out` with the numbers of a body; None where it is not the body of so many.
#[inline(never)]
pub fn decode(body: &[u8], out: &mut [u64]) -> Option<()> {
    let n = out.len();
    if n == 0 || n > VALUES_MAX {
        return None;
    }
    let (bits, log) = (Padded::new(body), log_of(n));
    let mut reader = BitReader { bits: &bits, at: 0 };
    let width = reader.take(7)? as u32;
    let bins = read_tree(&mut reader, if width <= 64 { width } else { return None }, log)?;
    let mut places = [0u8; VALUES_MAX];
    if bins.len() > 1 {
        read_places(&mut reader, &steps(&bins, log), log, &mut places[..n])?;
    }
    let mut ends = [Bin::default(); BINS_MAX];
    ends[..bins.len()].copy_from_slice(&bins);
    let total: usize = places[..n].iter().map(|&p| ends[usize::from(p)].bits as usize).sum();
    let mut at = reader.at;
    // The distances, and less than a byte of zeros after them.
    if (at + total).div_ceil(8) * 8 != bits.len {
        return None;
    }
    if width <= 56 {
        for (value, &place) in out.iter_mut().zip(&places) {
            let bin = &ends[usize::from(place)];
            *value = bin.lower + (bits.word(at) & ((1 << (bin.bits & 63)) - 1));
            at += bin.bits as usize;
        }
    } else {
        for (value, &place) in out.iter_mut().zip(&places) {
            let bin = &ends[usize::from(place)];
            *value = bin.lower + bits.get(at, bin.bits);
            at += bin.bits as usize;
        }
    }
    Some(())
}

/// Fills `places` with the bin of each value.
fn read_places(
    reader: &mut BitReader<'_>,
    steps: &[Step; 1 << LOG_MAX],
    log: u32,
    places: &mut [u8],
) -> Option<()> {
    let lanes = lanes_of(places.len());
    let mut now = [0usize; 4];
    for state in &mut now[..lanes] {
        *state = reader.take(log)? as usize;
    }
    let (bits, mut at) = (reader.bits, reader.at);
    let step = |state: usize| steps[state % (1 << LOG_MAX)];
    let mut i = 0;
    while lanes == 4 && i + 8 <= places.len() {
        // Four states take at most 36 bits, from one word.
        let mut word = bits.word(at);
        for (state, place) in now.iter_mut().zip(&mut places[i..i + 4]) {
            let found = step(*state);
            *place = found.bin;
            *state = usize::from(found.base) + (word as usize & ((1 << found.bits) - 1));
            word >>= found.bits;
            at += usize::from(found.bits);
        }
        i += 4;
        if at > bits.len {
            return None;
        }
    }
    let n = places.len();
    for (i, place) in places.iter_mut().enumerate().skip(i) {
        let found = step(now[i % lanes]);
        *place = found.bin;
        if i + lanes < n {
            now[i % lanes] = usize::from(found.base) + bits.get(at, found.bits.into()) as usize;
            at += usize::from(found.bits);
        }
    }
    reader.at = at;
    (at <= bits.len).then_some(())
}

/// About how many bits [`encode`] takes for these numbers, up to 1,024.
pub fn cost(values: &[u64]) -> u32 {
    let mut sorted = values[..values.len().min(VALUES_MAX)].to_vec();
    sorted.sort_unstable();
    let width = width_of(sorted.last().copied().unwrap_or(0));
    cut(&sorted, width, sorted.len() as u32, 0, &mut Vec::new()).0 / BIT
}
