//! Strings come back from their codes.

use remanent_kernels::fsst::{Decoder, Symbols, table_len};

/// Trains, encodes, decodes, compares; returns how many bytes the codes and the table take.
fn check(strings: &[Vec<u8>]) -> (usize, usize) {
    let mut ends = Vec::new();
    let data = strings.concat();
    strings.iter().fold(0, |end, s| {
        ends.push((end + s.len()) as i64);
        end + s.len()
    });
    let symbols = Symbols::train(&data, &ends);
    let mut table = Vec::new();
    symbols.write(&mut table);
    assert_eq!(table_len(&table), Some(table.len()));
    let decoder = Decoder::new(&table).unwrap();
    let (mut total, mut out) = (0, Vec::new());
    for string in strings {
        let mut codes = Vec::new();
        symbols.encode(string, &mut codes);
        total += codes.len();
        out.clear();
        decoder.decode(&codes, &mut out).unwrap();
        assert_eq!(&out, string);
    }
    (total, table.len())
}

#[test]
fn the_example_of_the_format() {
    let table = [1, 1, 0, 0, 0, 0, 0, 0, b'n', b'n', b'a'];
    assert_eq!(table_len(&table), Some(11));
    let mut out = Vec::new();
    Decoder::new(&table).unwrap().decode(&[255, b'b', 255, b'a', 1, 1], &mut out).unwrap();
    assert_eq!(out, b"banana");
}

#[test]
fn text_shrinks_to_less_than_half() {
    let note = |i: usize| {
        let part = ["left gripper", "right wheel", "lidar", "battery"][i * 7 % 4];
        format!("{part} lost its signal at step {i}; retry in {} ms", i * 37 % 1000).into_bytes()
    };
    let strings: Vec<Vec<u8>> = (0..1000).map(note).collect();
    let raw: usize = strings.iter().map(Vec::len).sum();
    let (codes, table) = check(&strings);
    assert!(codes * 5 < raw * 2 && table < 2000, "{raw} bytes to {codes}, table {table}");
}

#[test]
fn any_bytes_come_back() {
    let mut state = 7u64;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    for alphabet in [1, 2, 3, 17, 256] {
        for count in [0, 1, 2, 50, 700] {
            let strings: Vec<Vec<u8>> = (0..count)
                .map(|_| (0..random() % 60).map(|_| (random() % alphabet) as u8).collect())
                .collect();
            check(&strings);
        }
    }
    check(&[vec![255; 100_000], Vec::new(), vec![0; 70_000]]);
}

#[test]
fn damaged_tables_and_codes_are_refused_or_decode_to_something() {
    assert_eq!(table_len(&[1; 7]), None);
    assert_eq!(table_len(&[128, 128, 0, 0, 0, 0, 0, 0]), None);
    assert!(Decoder::new(&[2, 0, 0, 0, 0, 0, 0, 0, b'a']).is_none());
    let decoder = Decoder::new(&[1, 0, 0, 0, 0, 0, 0, 0, b'a']).unwrap();
    let mut out = Vec::new();
    assert!(decoder.decode(&[0, 1], &mut out).is_none(), "a code without a symbol");
    assert!(decoder.decode(&[0, 255], &mut out).is_none(), "an escape without its byte");
}
