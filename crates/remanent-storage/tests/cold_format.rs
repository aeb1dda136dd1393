//! The bytes of the smallest files, as the format pages show them. A change here is a change of format.

mod cold_support;

use cold_support::*;
use remanent_storage::index::PartWriter;
use remanent_storage::segment::page::{PagedReader, PagedWriter};
use remanent_storage::segment::{PageCache, VECTOR_ROWS};
use remanent_storage::value::{Column, ColumnBuilder, Type, Value};
use std::path::Path;
use std::sync::Arc;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Hex digits without the blanks that make them readable.
fn dense(hex: &[&str]) -> String {
    hex.concat().replace(' ', "")
}

#[test]
fn a_paged_file() {
    let (disk, path) = (MemDisk::default(), Path::new("a.idx"));
    let mut out = PartWriter::create(&disk, path).unwrap();
    let at = out.page(1, 5, &[&[0xaa], &[0xbb]]).unwrap();
    out.footer(vec![0xcc]);
    assert_eq!(out.finish().unwrap(), 67);
    let expected = dense(&[
        "52454d50415254 01 9dffbe4e 00000000",
        "bc705b0f 12000000 01000000 05000000 aabb",
        "cc",
        "2200000000000000 01000000 45bab3dc 00000000 197aff31 52454d50415254 01",
    ]);
    assert_eq!(hex(&disk.bytes(path)), expected);
    let cache = Arc::new(PageCache::new(1 << 20));
    let reader = PagedReader::new(disk.shared(), path.into(), 1, *b"REMPART\x01", cache);
    assert_eq!(reader.footer().unwrap(), (vec![0xcc], 34));
    assert_eq!(reader.page(at, 1, 5).unwrap()[16..], [0xaa, 0xbb]);
    assert!(reader.read_page(at, 1, 6).unwrap_err().message().contains("page of another place"));
    assert!(PagedWriter::create(&disk, path, *b"REMPART\x01").is_err());
}

#[test]
fn a_segment_of_three_rows() {
    let column = Column::from_values(Type::Int2, [Value::Int2(7), Value::Null, Value::Int2(9)]).unwrap();
    let disk = MemDisk::default();
    let made = write(&disk, &[column], &[5, 5, 5], 3);
    let expected = dense(&[
        "52454d434f4c44 02 03e8790e 00000000",
        // bundle
        "15e3571a 30000000 03000000 00000000",
        "0000 1c00",
        "01 00 01 00 03000000 0000 1c00",
        "02 0500000000000000",
        "07 04 02 0e 02 0104",
        // zones
        "205a730b 1c000000 02000000 00000000",
        "0200 09 01 02 8007 02 8009 01 10",
        // footer
        "03 05 00",
        "01 30 10 15e3571a",
        "01 1c 40 205a730b",
        "01 02 01 00 39 00 04",
        "04 00",
        // tail
        "5c00000000000000 1a000000 dbff2b52 00000000 9c0a5feb 52454d434f4c44 02",
    ]);
    assert_eq!(hex(&disk.bytes(&path())), expected);
    assert_eq!((made.rows, made.created_min, made.created_max), (3, 5, 5));
}

/// Bytes per row that columns of a kind take in a segment of 64 vectors.
fn bytes_per_row(values: impl Fn(usize) -> Value, ty: Type) -> f64 {
    let rows = 64 * VECTOR_ROWS;
    let mut builder = ColumnBuilder::new(ty);
    (0..rows).for_each(|i| builder.push(&values(i)).unwrap());
    let disk = MemDisk::default();
    write(&disk, &[builder.finish()], &vec![1; rows], 10_000).bytes as f64 / rows as f64
}

#[test]
fn regular_data_is_small() {
    let noise = |i: usize| Rng(i as u64).next();
    let check = |name: &str, limit: f64, found: f64| assert!(found <= limit, "{name}: {found} bytes a row");
    check("constant", 0.02, bytes_per_row(|_| Value::Float8(9.81), Type::Float8));
    check("serial number", 0.1, bytes_per_row(|i| Value::Int8(i as i64), Type::Int8));
    let ts = |i: usize| Value::Timestamptz(700_000_000_000_000 + i as i64 * 5_000 + (noise(i) % 64) as i64);
    check("timestamps with jitter of 64 µs", 1.0, bytes_per_row(ts, Type::Timestamptz));
    let temperature = |i: usize| Value::Float8((2000 + noise(i) % 500) as f64 / 100.0);
    check("two decimals", 1.3, bytes_per_row(temperature, Type::Float8));
    let real = |i: usize| Value::Float4((noise(i) % 500) as f32 / 100.0);
    check("two decimals, real", 1.3, bytes_per_row(real, Type::Float4));
    let state = |i: usize| Value::Text(["idle", "moving", "error"][i / 700 % 3].into());
    check("states that last", 0.1, bytes_per_row(state, Type::Text));
    let flag = |i: usize| Value::Bool(noise(i) & 1 == 1);
    check("random flags", 0.17, bytes_per_row(flag, Type::Bool));
    let note = |i: usize| Value::Text(format!("sensor {} lost its signal at step {i}", noise(i) % 10));
    check("notes", 16.0, bytes_per_row(note, Type::Text));
    let wild = |i: usize| Value::Int8(noise(i) as i64);
    check("random numbers", 8.1, bytes_per_row(wild, Type::Int8));
}
