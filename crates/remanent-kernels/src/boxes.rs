//! Boxes of 32-bit floats beside a box that is asked for.
//!
//! Numbers lie little-endian, of a box the least ones along its axes and then the greatest; of a point there is one an axis.
//! `meeting` says in a bit each which of up to 64 have a point in common with `[low, high]`, edges included:
//!
//! ```
//! let points = [1.0f32, 2.0, 3.0, 4.0].map(f32::to_le_bytes);
//! assert_eq!(remanent_kernels::boxes::meeting(&points, 2, true, &[0.0, 0.0, 0.0], &[1.0, 2.0, 0.0]), 0b01);
//! ```
//!
//! A number that is none meets nothing.

/// Which of the boxes, or points, meet a box; those beyond the first 64 are not looked at.
pub fn meeting(numbers: &[[u8; 4]], axes: usize, points: bool, low: &[f32; 3], high: &[f32; 3]) -> u64 {
    match (axes, points) {
        (2, true) => each::<2, 2>(numbers, low, high),
        (2, false) => each::<2, 4>(numbers, low, high),
        (3, true) => each::<3, 3>(numbers, low, high),
        (3, false) => each::<3, 6>(numbers, low, high),
        _ => 0,
    }
}

/// Of boxes of so many numbers each.
fn each<const AXES: usize, const NUMBERS: usize>(
    numbers: &[[u8; 4]],
    low: &[f32; 3],
    high: &[f32; 3],
) -> u64 {
    let (boxes, _) = numbers.as_chunks::<NUMBERS>();
    let mut bits = 0;
    for (i, own) in boxes.iter().enumerate().take(64) {
        let own = own.map(f32::from_le_bytes);
        let mut meets = true;
        for axis in 0..AXES {
            // Of a point the least number is the greatest.
            meets &= own[axis] <= high[axis] && own[NUMBERS - AXES + axis] >= low[axis];
        }
        bits |= u64::from(meets) << i;
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::meeting;

    fn bytes(numbers: &[f32]) -> Vec<[u8; 4]> {
        numbers.iter().map(|number| number.to_le_bytes()).collect()
    }

    #[test]
    fn boxes_and_points_of_two_and_three_axes() {
        let (low, high) = ([0.0, 0.0, 0.0], [1.0, 1.0, 1.0]);
        let meets = |numbers: &[f32], axes, points| meeting(&bytes(numbers), axes, points, &low, &high);
        assert_eq!(meets(&[0.5, 1.0, 1.5, 0.5, f32::NAN, 0.0, 0.0, -0.1, 1.0, 1.0], 2, true), 0b10001);
        assert_eq!(meets(&[-1.0, -1.0, 0.0, 0.0, 2.0, 0.0, 3.0, 1.0, -9.0, -9.0, 9.0, 9.0], 2, false), 0b101);
        assert_eq!(meets(&[0.5, 0.5, 0.5, 0.5, 0.5, 1.5], 3, true), 0b01);
        assert_eq!(meets(&[0.0, 0.0, 2.0, 1.0, 1.0, 3.0, 0.0, 0.0, 1.0, 1.0, 1.0, 3.0], 3, false), 0b10);
    }

    #[test]
    fn no_more_than_64() {
        assert_eq!(meeting(&bytes(&[0.0; 200]), 2, true, &[0.0; 3], &[0.0; 3]), u64::MAX);
    }
}
