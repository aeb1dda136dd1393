//! The order along a Hilbert curve: boxes that are near in it are near in the plane, or in space.
//!
//! After Skilling, "Programming the Hilbert curve" (2004). Coordinates are the bits of floats in the order of their values,
//! so that no one needs to know the extent of all before; where numbers are of one size, that is a plain grid.

use super::Area;

/// A box's place on the curve, by its middle. Of two axes each has 32 bits, of three 21.
pub fn place(area: &Area, axes: usize) -> u64 {
    let bits = if axes > 2 { 21 } else { 32 };
    let mut at = [0u32; 3];
    for (axis, slot) in at.iter_mut().enumerate().take(axes) {
        *slot = ordered(area.middle(axis)) >> (32 - bits);
    }
    index(&mut at, axes, bits)
}

/// The bits of a float as a number that is in the order of its values.
fn ordered(number: f32) -> u32 {
    let bits = number.to_bits();
    if bits >> 31 == 0 { bits | 1 << 31 } else { !bits }
}

fn index(at: &mut [u32; 3], axes: usize, bits: u32) -> u64 {
    let mut bit = 1u32 << (bits - 1);
    while bit > 1 {
        let low = bit - 1;
        for axis in 0..axes {
            if at[axis] & bit != 0 {
                at[0] ^= low;
            } else {
                let swap = (at[0] ^ at[axis]) & low;
                at[0] ^= swap;
                at[axis] ^= swap;
            }
        }
        bit >>= 1;
    }
    for axis in 1..axes {
        at[axis] ^= at[axis - 1];
    }
    let mut flips = 0;
    bit = 1 << (bits - 1);
    while bit > 1 {
        if at[axes - 1] & bit != 0 {
            flips ^= bit - 1;
        }
        bit >>= 1;
    }
    // The bits of the axes in turn, the highest first.
    let mut place = 0u64;
    for bit in (0..bits).rev() {
        for number in at.iter().take(axes) {
            place = place << 1 | u64::from((number ^ flips) >> bit & 1);
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Neighbours on the curve are neighbours in the grid, and each cell is there once.
    #[test]
    fn steps_by_one() {
        for axes in [2, 3] {
            let side = 8u32;
            let mut cells: Vec<(u64, [u32; 3])> = Vec::new();
            for x in 0..side {
                for y in 0..side {
                    for z in 0..if axes > 2 { side } else { 1 } {
                        cells.push((index(&mut [x, y, z], axes, 3), [x, y, z]));
                    }
                }
            }
            cells.sort();
            for (i, pair) in cells.windows(2).enumerate() {
                assert_eq!(pair[0].0, i as u64);
                let steps = (0..3).map(|axis| pair[0].1[axis].abs_diff(pair[1].1[axis])).sum::<u32>();
                assert_eq!(steps, 1, "{:?}", pair);
            }
        }
    }
}
