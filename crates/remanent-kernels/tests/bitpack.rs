//! Packing and unpacking are inverse to each other for every width and length, and the layout is the documented one.

use remanent_kernels::bitpack::{get, pack, packed_len, unpack_u32, unpack_u64, width_of};
use remanent_kernels::carrier::*;

fn numbers(n: usize, width: u32, seed: u64) -> Vec<u64> {
    let mut state = seed;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state ^ state >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9)
    };
    (0..n).map(|_| if width == 0 { 0 } else { next() >> (64 - width) }).collect()
}

const LENGTHS: [usize; 14] = [0, 1, 15, 16, 17, 31, 32, 33, 64, 100, 255, 256, 1000, 1024];

#[test]
fn every_width_and_length_comes_back() {
    for width in 0..=64 {
        for n in LENGTHS {
            let values = numbers(n, width, u64::from(width) + 7);
            let mut bytes = vec![0xee; 3];
            pack(&values, width, &mut bytes);
            assert_eq!(bytes.len() - 3, packed_len(n, width));
            let bytes = &bytes[3..];
            let mut out = vec![u64::MAX; n];
            unpack_u64(bytes, width, 0, &mut out);
            assert_eq!(out, values, "width {width}, {n} values");
            assert!((0..n).all(|i| get(bytes, width, i) == values[i]));
            if width <= 32 {
                let mut out = vec![u32::MAX; n];
                unpack_u32(bytes, width, 0, &mut out);
                assert!(out.iter().zip(&values).all(|(&a, &b)| u64::from(a) == b));
            }
            for start in (0..n).step_by(32) {
                let mut out = vec![u64::MAX; (n - start).min(70)];
                unpack_u64(bytes, width, start, &mut out);
                assert_eq!(out, values[start..start + out.len()]);
                assert_eq!(
                    sum_packed(bytes, width, start, out.len()),
                    out.iter().fold(0i64, |sum, &v| sum.wrapping_add(v as i64))
                );
            }
        }
    }
}

#[test]
fn only_the_lowest_bits_count() {
    let mut bytes = Vec::new();
    pack(&[u64::MAX, 5], 3, &mut bytes);
    assert_eq!([get(&bytes, 3, 0), get(&bytes, 3, 1)], [7, 5]);
}

#[test]
fn the_layout_of_the_documentation() {
    let values: Vec<u64> = (0..64).map(|i| i % 16).collect();
    let mut bytes = Vec::new();
    pack(&values, 4, &mut bytes);
    assert_eq!(bytes.len(), 128);
    assert_eq!(bytes[0], (values[0] | values[32] << 4) as u8);
    assert_eq!(bytes[4], (values[1] | values[33] << 4) as u8);
    let mut bytes = Vec::new();
    pack(&[0x1_0000_0001], 33, &mut bytes);
    assert_eq!(bytes[..8], 0x1_0000_0001u64.to_le_bytes());
    assert_eq!([width_of(0), width_of(1), width_of(255), width_of(u64::MAX)], [0, 1, 8, 64]);
}

#[test]
fn lines_and_differences() {
    for width in [0, 1, 5, 31, 32, 33, 50, 64] {
        for n in LENGTHS {
            for (base, slope) in [(0, 0), (-77, 0), (i64::MAX - 5, 3000), (5, -1024), (9, i64::MAX)] {
                let packed = numbers(n, width, 3);
                let mut bytes = Vec::new();
                pack(&packed, width, &mut bytes);
                let mut out = vec![0; n];
                unpack_above_line(&bytes, width, base, slope, &mut out);
                let expected: Vec<i64> =
                    (0..n).map(|i| line(base, slope, i).wrapping_add(packed[i] as i64)).collect();
                assert_eq!(out, expected);
                assert_eq!(distances(&out, base, slope), packed);

                unpack_differences(&bytes, width, 0, base, slope, &mut out);
                let mut value = base;
                for i in 0..n {
                    if i > 0 {
                        value = value.wrapping_add(slope).wrapping_add(packed[i] as i64);
                    }
                    assert_eq!(out[i], value, "width {width}, place {i}");
                }
            }
        }
    }
    assert_eq!(differences(&[5, 7, 10, 20, 40], 2, 3), [0, 0, 1, 0, 18]);
    assert_eq!(line(10, 1536, 3), 14);
}

#[test]
fn shapes() {
    let shape_of = shape(&[3, 3, 9, -1]);
    assert_eq!(shape_of, Shape { min: -1, max: 9, runs: 3, step_min: -10, step_max: 6 });
    assert_eq!(shape(&[4]), Shape { min: 4, max: 4, runs: 1, step_min: 0, step_max: 0 });
    assert_eq!(above_line(&[10, 13, 11], 10, 1024), (-1, 2));
    assert_eq!(sum(&[i64::MAX, i64::MAX, i64::MIN, -1]), i128::from(i64::MAX) - 2);
    assert_eq!(min_max(&[2, -9, 7]), (-9, 7));
}

#[test]
fn floats_in_order_and_back() {
    let floats = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, 1e-300, 7.25, f64::INFINITY];
    let mut carriers = Vec::new();
    from_f64(&floats, &mut carriers);
    assert!(carriers.is_sorted_by(|a, b| a < b));
    let mut back = Vec::new();
    to_f64(&carriers, &mut back);
    assert!(back.iter().zip(floats).all(|(a, b)| a.to_bits() == b.to_bits()));
    let mut carriers = Vec::new();
    from_f32(&floats.map(|f| f as f32), &mut carriers);
    assert!(carriers.is_sorted());
    let mut back = Vec::new();
    to_f32(&carriers, &mut back);
    assert!(back.iter().zip(floats).all(|(a, b)| a.to_bits() == (b as f32).to_bits()));
}

#[test]
fn digits_give_exactly_the_float_back_or_are_refused() {
    let (mut carriers, mut exceptions) = (Vec::new(), Vec::new());
    let floats = [21.37, -0.01, 0.1 + 0.2, 1e300, f64::NAN, -0.0, 3.0, 22_517_998_136_852.47];
    from_f64(&floats, &mut carriers);
    let digits = to_digits(&carriers, false, 100.0, &mut exceptions);
    assert_eq!(digits, [2137, -1, -1, -1, -1, -1, 300, 2_251_799_813_685_247]);
    assert_eq!(exceptions, [2, 3, 4, 5]);
    let mut back = Vec::new();
    scaled_to_f64(&digits, 100.0, &mut back);
    assert_eq!([back[0], back[1], back[6], back[7]], [21.37, -0.01, 3.0, 22_517_998_136_852.47]);

    let (mut carriers, mut exceptions) = (Vec::new(), Vec::new());
    from_f32(&[0.1, 16_777_216.0, 0.123_456_79], &mut carriers);
    assert_eq!(to_digits(&carriers, true, 10.0, &mut exceptions), [1, 167_772_160, 167_772_160]);
    assert_eq!(exceptions, [2]);
    let mut back = Vec::new();
    scaled_to_f32(&[1], 10.0, &mut back);
    assert_eq!(back, [0.1]);
}

#[test]
fn places_outside_are_refused() {
    let mut out = vec![9];
    assert!(gather(&[5, 6], &[1, 0, 1], &mut out));
    assert_eq!(out, [9, 6, 5, 6]);
    assert!(!gather(&[5, 6], &[2], &mut out) && !gather(&[5, 6], &[-1], &mut out));
    assert_eq!(out.len(), 4);
    assert_eq!(codes_of(&[1, 0], 2), Some(vec![1, 0]));
    assert_eq!(codes_of(&[0, -1], 2), None);
}
