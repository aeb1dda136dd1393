//! The bytes of each kind of section, as the format pages show them, and what becomes of damaged ones. A change of the
//! bytes here is a change of format.

use proptest::prelude::{ProptestConfig, any, prop_assert_eq, proptest};
use remanent_storage::segment::encoding::bytes::{self, Bytes, Packer, Strings};
use remanent_storage::segment::encoding::floats::{self, Floats};
use remanent_storage::segment::encoding::ints::{self, Ints};
use remanent_storage::segment::encoding::{Cursor, Effort};

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Encodes carriers, and checks that they come back one by one and together, with nothing left.
fn section(values: &[i64], effort: Effort) -> Vec<u8> {
    let plan = ints::plan(values, effort);
    let mut out = Vec::new();
    plan.write(values, &mut out);
    assert_eq!(out.len(), plan.size);
    let mut cursor = Cursor { rest: &out };
    let parsed = Ints::parse(&mut cursor, values.len()).unwrap();
    assert!(cursor.rest.is_empty());
    let mut back = vec![-1];
    parsed.decode(&mut back).unwrap();
    assert_eq!(&back[1..], values);
    for i in [0, values.len() / 2, values.len() - 1] {
        assert_eq!(parsed.get(i).unwrap(), values[i]);
    }
    out
}

/// A number that looks random, always the same for the same `i`.
fn random(i: u64) -> u64 {
    let z = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

fn strings(of: &[&str]) -> Strings {
    let mut strings = Strings::default();
    of.iter().for_each(|s| strings.push(s.as_bytes()));
    strings
}

/// As [`section`], of byte strings.
fn string_section(strings: &Strings, mut packer: Packer) -> Vec<u8> {
    let mut out = Vec::new();
    bytes::write(strings, 0, strings.len(), &mut packer, &mut out);
    let mut cursor = Cursor { rest: &out };
    let parsed = Bytes::parse(&mut cursor, strings.len()).unwrap();
    let kept = parsed.decoded().unwrap();
    let plain = Bytes::of_decoded(strings.len(), &kept).unwrap();
    for i in 0..strings.len() {
        assert_eq!(plain.get(i).unwrap(), strings.get(i), "kept decoded");
    }
    assert!(!plain.is_kept());
    assert!(Bytes::of_decoded(strings.len(), &kept[..8 * strings.len() - 1]).is_err());
    assert!(cursor.rest.is_empty());
    let (data, ranges) = parsed.all().unwrap();
    for (i, range) in ranges.into_iter().enumerate() {
        assert_eq!(&data[range], strings.get(i));
        assert_eq!(&parsed.get(i).unwrap()[..], strings.get(i));
    }
    out
}

#[test]
fn the_examples_of_the_format() {
    assert_eq!(hex(&section(&[5, 5], Effort::Fast)), "080a");
    assert_eq!(hex(&section(&[i64::MAX, i64::MAX], Effort::Fast)), "01ffffffffffffff7f");
    assert_eq!(hex(&section(&[7, 7, 9], Effort::Fast)), "0704020e020104");
    assert_eq!(hex(&section(&[100, 105, 110, 115], Effort::Fast)), "070402c8010502e4");
    assert_eq!(hex(&string_section(&strings(&["ab", "c"]), Packer::default())), "01070002040102616263");
}

#[test]
fn effort_chooses() {
    let tag = |values: &[i64], effort| section(values, effort)[0];
    let noise = |i: i64| (random(i as u64) & 0xff) as i64;
    let steps: Vec<i64> = (0..1024).map(|i| i * i + noise(i) % 4).collect();
    assert_eq!(tag(&steps, Effort::Fast), 3, "differences that decode fast");
    assert_eq!(tag(&steps, Effort::Thorough), 7, "differences of differences");
    // Nothing to gain: what decodes fast stays.
    let even: Vec<i64> = (0..1024).map(|i| noise(i * 77)).collect();
    assert_eq!(tag(&even, Effort::Thorough), tag(&even, Effort::Fast));
    // A key is entropy-coded only where that halves it.
    let rare: Vec<i64> = (0..1024).map(|i| if noise(i) < 8 { 1000 + i } else { 0 }).collect();
    assert_eq!(tag(&rare, Effort::Thorough), 7);
    let jitter: Vec<i64> = (0..1024).map(|i| i * 5000 + noise(i).pow(2) / 300).collect();
    assert_ne!(tag(&jitter, Effort::Keyed), 7);
}

#[test]
fn keys_are_found_in_every_kind_of_section() {
    let check = |values: &[i64], effort| {
        let out = section(values, effort);
        let parsed = Ints::parse(&mut Cursor { rest: &out }, values.len()).unwrap();
        for value in values.iter().flat_map(|&v| [v - 1, v, v + 1]) {
            let low = values.partition_point(|&v| v < value);
            let found = low..values.partition_point(|&v| v <= value);
            assert_eq!(parsed.equal(0..values.len(), value).unwrap(), found);
        }
    };
    for effort in [Effort::Fast, Effort::Thorough, Effort::Keyed] {
        check(&(0..1024).map(|i| i * i).collect::<Vec<_>>(), effort);
        check(&(0..1024).map(|i| i / 7 * 1000).collect::<Vec<_>>(), effort);
        check(&[3, 3, 3, 8], effort);
    }
}

#[test]
fn notes_become_codes_that_decode_alone() {
    let notes: Vec<String> = (0..1000)
        .map(|i| {
            let word = |k: u64| {
                ["gripper", "wheel", "lidar", "lost", "found", "at", "the", "slip"]
                    [(random(i * 8 + k) % 8) as usize]
            };
            format!("{} {} {} {}", word(0), word(1), word(2), word(3))
        })
        .collect();
    let notes = strings(&notes.iter().map(String::as_str).collect::<Vec<_>>());
    let plain = string_section(&notes, Packer::default());
    let blocks = string_section(&notes, Packer::new(true, false));
    let codes = string_section(&notes, Packer::new(false, true));
    let best = string_section(&notes, Packer::new(true, true));
    assert_eq!((plain[0], blocks[0], codes[0], best[0]), (1, 2, 3, 3));
    assert!(codes.len() < blocks.len() && codes.len() * 2 < plain.len(), "{} {}", codes.len(), blocks.len());
    assert!(!Bytes::parse(&mut Cursor { rest: &codes }, 1000).unwrap().is_compressed());
}

#[test]
fn symbols_are_used_again_while_they_fit() {
    let of =
        |word: &str| -> Vec<String> { (0..400).map(|i| format!("{word} {i} {word} {}", i * 7)).collect() };
    let mut packer = Packer::new(false, true);
    let mut tables = Vec::new();
    for word in ["battery", "battery", "gripper"] {
        let lines = of(word);
        let lines = strings(&lines.iter().map(String::as_str).collect::<Vec<_>>());
        let mut out = Vec::new();
        bytes::write(&lines, 0, lines.len(), &mut packer, &mut out);
        assert_eq!(out[0], 3);
        let parsed = Bytes::parse(&mut Cursor { rest: &out }, lines.len()).unwrap();
        assert_eq!(&parsed.get(399).unwrap()[..], lines.get(399));
        tables.push(out);
    }
    assert_eq!(tables[0], tables[1]);
    assert_ne!(tables[0], tables[2]);
}

/// Parses and decodes what may be anything: an error or values, never a panic.
fn decode_anything(bytes: &[u8], len: usize) {
    if let Ok(parsed) = Ints::parse(&mut Cursor { rest: bytes }, len) {
        let mut out = Vec::new();
        let _ = (parsed.decode(&mut out), parsed.get(len - 1), parsed.equal(0..len, 7));
        assert!(out.len() <= len);
    }
    if let Ok(parsed) = Floats::parse(&mut Cursor { rest: bytes }, len) {
        let _ = (parsed.decode_f64(&mut Vec::new()), parsed.decode_f32(&mut Vec::new()), parsed.get(0, true));
    }
    if let Ok(parsed) = Bytes::parse(&mut Cursor { rest: bytes }, len) {
        let _ = (parsed.all().map(|_| ()), parsed.get(len - 1).map(|_| ()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn carriers_come_back(
        base: i64, bits in 0u32..64, order in 0usize..3, factor in 1i64..9000,
        noise in proptest::collection::vec(any::<u64>(), 1..1025), effort in 0usize..3,
    ) {
        let mut values: Vec<i64> =
            noise.iter().map(|n| ((n >> bits) as i64).wrapping_mul(factor).wrapping_add(base)).collect();
        for _ in 0..order {
            let mut sum = 0i64;
            values.iter_mut().for_each(|v| { sum = sum.wrapping_add(*v); *v = sum; });
        }
        section(&values, [Effort::Fast, Effort::Thorough, Effort::Keyed][effort]);
    }

    #[test]
    fn decimal_fractions_come_back(
        digits in proptest::collection::vec(-4_000_000i64..4_000_000, 1..600), power in 0i32..9, odd in 0usize..40,
    ) {
        let mut values: Vec<f64> = digits.iter().map(|&d| d as f64 / 10f64.powi(power)).collect();
        values.iter_mut().skip(7).step_by(50).take(odd).for_each(|v| *v = v.sqrt());
        let mut carriers = Vec::new();
        remanent_kernels::carrier::from_f64(&values, &mut carriers);
        let mut out = Vec::new();
        if floats::write(&carriers, false, usize::MAX, Effort::Thorough, &mut out) {
            let parsed = Floats::parse(&mut Cursor { rest: &out }, values.len()).unwrap();
            let mut back = Vec::new();
            parsed.decode_f64(&mut back).unwrap();
            for (i, (a, b)) in values.iter().zip(&back).enumerate() {
                prop_assert_eq!(a.to_bits(), b.to_bits());
                prop_assert_eq!(parsed.get(i, false).unwrap(), carriers[i]);
            }
        }
    }

    #[test]
    fn nonsense_is_an_error_or_values(
        tag in 0u8..10, mut bytes in proptest::collection::vec(any::<u8>(), 1..300), len in 1usize..1025,
    ) {
        bytes[0] = tag;
        decode_anything(&bytes, len);
    }

    #[test]
    fn a_wrong_byte_is_an_error_or_values(
        noise in proptest::collection::vec(any::<u64>(), 2..600), bits in 0u32..64, at: usize, to: u8,
    ) {
        let values: Vec<i64> = noise.iter().map(|n| (n >> bits) as i64).collect();
        let mut out = section(&values, Effort::Thorough);
        // Where the structure is: at the front.
        let place = at % out.len().min(80);
        out[place] = to;
        decode_anything(&out, values.len());
        let words: Vec<String> = values.iter().map(|v| format!("at {v} of {}", v % 3)).collect();
        let words = strings(&words.iter().map(String::as_str).collect::<Vec<_>>());
        let mut out = string_section(&words, Packer::new(at % 2 == 0, true));
        let place = at % out.len();
        out[place] = to;
        decode_anything(&out, values.len());
    }
}
