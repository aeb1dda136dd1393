//! Every damaged byte of a cold segment is found, when it is read and by `verify`; nothing panics and no wrong
//! row comes out.

mod cold_support;

use cold_support::*;
use remanent_storage::Result;
use remanent_storage::segment::{ColdSegment, ColdSummary, ColdWriter, PageCache, VECTOR_ROWS};
use remanent_storage::value::{Column, Type, Value};
use std::ops::Bound;
use std::sync::Arc;

/// A small segment with all kinds of pages: types, NULLs, dictionary, runs, LZ4, a value larger than a page.
fn sample() -> (MemDisk, Vec<Type>, ColdSummary) {
    sample_with(|writer| writer)
}

/// As [`sample`], with the encodings that take more time.
fn thorough_sample() -> (MemDisk, Vec<Type>, ColdSummary) {
    sample_with(ColdWriter::thorough)
}

fn sample_with(tell: fn(ColdWriter) -> ColdWriter) -> (MemDisk, Vec<Type>, ColdSummary) {
    let mut rng = Rng(11);
    let mut columns = vec![
        column(Type::Int8, Pattern::Regular, 1100, 0, &mut rng),
        column(Type::Float8, Pattern::Small, 1100, 9, &mut rng),
        column(Type::Text, Pattern::Few, 1100, 0, &mut rng),
        column(Type::Bool, Pattern::Runs, 1100, 20, &mut rng),
        column(Type::Interval, Pattern::Few, 1100, 0, &mut rng),
    ];
    let note = |i: u64| Value::Text("gripper slipped on the wet crate; ".repeat(1 + i as usize % 3));
    columns.push(Column::from_values(Type::Text, (0..1100).map(note)).unwrap());
    let disk = MemDisk::default();
    let created: Vec<u64> = (0..1100).map(|i| 3 + i / 300).collect();
    let made = write_with(&disk, &columns, &created, 1100, tell);
    (disk, columns.iter().map(Column::ty).collect(), made)
}

/// Everything there is to read, as one text; the first error ends it.
fn read_all(segment: &ColdSegment) -> Result<String> {
    let mut out = String::new();
    for column in 0..segment.types().len() {
        for vector in 0..segment.vectors() {
            let read = segment.read(column, vector)?;
            (0..read.len()).for_each(|i| out.push_str(&exact(&read.value(i))));
            out.push_str(&format!("{:?}", segment.created(vector)?.as_slice()));
            segment.may_match(column, vector, Bound::Unbounded, Bound::Unbounded)?;
        }
        let mut page = 0;
        while let Some(zone) = segment.zone(column, page)? {
            out.push_str(&format!("{zone:?}"));
            page += 1;
        }
        let picks = segment.gather(column, &[0, 700, 1099])?;
        (0..3).for_each(|i| out.push_str(&exact(&picks.value(i))));
    }
    Ok(out)
}

fn reopen(disk: &MemDisk, types: &[Type], made: &ColdSummary) -> ColdSegment {
    open(disk, types.to_vec(), made, &Arc::new(PageCache::new(1 << 20)))
}

#[test]
fn every_flipped_bit_is_found() {
    find_every_flipped_bit(sample());
    find_every_flipped_bit(thorough_sample());
}

fn find_every_flipped_bit((disk, types, made): (MemDisk, Vec<Type>, ColdSummary)) {
    let whole = disk.bytes(&path());
    assert_eq!(whole.len() as u64, made.bytes);
    let good = read_all(&reopen(&disk, &types, &made)).unwrap();
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        disk.put(&path(), bytes);
        let damaged = damage(&reopen(&disk, &types, &made));
        assert!(!damaged.is_empty(), "verify does not see byte {at}");
        assert!(damaged.iter().all(|e| e.contains("0000000001.seg") && e.contains("damaged")), "{damaged:?}");
        if at % 5 == 0 {
            match read_all(&reopen(&disk, &types, &made)) {
                Ok(read) => assert_eq!(read, good, "byte {at} changes an answer"),
                Err(error) => assert_eq!(error.code(), "XX001", "byte {at}: {error}"),
            }
        }
    }
}

#[test]
fn every_truncated_file_is_found() {
    let (disk, types, made) = sample();
    let whole = disk.bytes(&path());
    for len in (0..whole.len()).rev().step_by(13).chain(0..100) {
        disk.put(&path(), whole[..len].to_vec());
        let segment = reopen(&disk, &types, &made);
        assert!(!damage(&segment).is_empty(), "{len} bytes");
        assert_eq!(segment.value(0, 0).unwrap_err().code(), "XX001", "{len} bytes");
    }
    disk.put(&path(), [&whole[..], &[0]].concat());
    assert!(!damage(&reopen(&disk, &types, &made)).is_empty());
}

#[test]
fn a_page_of_another_place_is_found() {
    let mut rng = Rng(12);
    // Pages of the same length: eight random vectors of bigint.
    let values = column(Type::Int8, Pattern::Wild, 16 * VECTOR_ROWS, 0, &mut rng);
    let disk = MemDisk::default();
    let made = write(&disk, &[values], &vec![1; 16 * VECTOR_ROWS], 4000);
    let whole = disk.bytes(&path());
    // The first page says its length; the second follows.
    let len = u32::from_le_bytes(whole[20..24].try_into().unwrap()) as usize;
    let next = u32::from_le_bytes(whole[16 + len + 4..16 + len + 8].try_into().unwrap()) as usize;
    assert_eq!(len, next, "the test wants pages of equal length");
    let mut bytes = whole.clone();
    bytes.copy_within(16..16 + len, 16 + len);
    disk.put(&path(), bytes);
    let segment = reopen(&disk, &[Type::Int8], &made);
    assert_eq!(damage(&segment).len(), 1);
    assert!(segment.read(0, 0).is_ok());
    let error = segment.read(0, made.rows / 1024 - 1).and(segment.read(0, 2)).unwrap_err();
    assert!(error.to_string().contains("not the one that was written there"), "{error}");
}

#[test]
fn another_segment_than_the_manifest_says() {
    let (disk, types, made) = sample();
    let cache = Arc::new(PageCache::new(1 << 20));
    let mut swapped = types.clone();
    swapped.swap(0, 1);
    let other = [
        (types.clone(), ColdSummary { rows: made.rows - 1, ..made }),
        (types.clone(), ColdSummary { created_max: made.created_max + 1, ..made }),
        (types[1..].to_vec(), made),
        (swapped, made),
    ];
    for (types, made) in other {
        assert_eq!(open(&disk, types, &made, &cache).read(0, 0).unwrap_err().code(), "XX001");
    }
}

#[test]
fn a_missing_file_is_an_error_at_the_first_touch() {
    let (disk, types, made) = sample();
    remanent_storage::world::Disk::remove(&disk, &path()).unwrap();
    let segment = reopen(&disk, &types, &made);
    assert_eq!(segment.read(0, 0).unwrap_err().code(), "58P01");
    assert_eq!(damage(&segment).len(), 1);
}

#[test]
fn rows_that_do_not_fit_the_segment_are_refused() {
    use remanent_storage::segment::ColdWriter;
    let disk = MemDisk::default();
    let mut writer = ColdWriter::create(&disk, &path(), &[Type::Int8]).unwrap();
    let one = Column::from_values(Type::Int8, [Value::Int8(1)]).unwrap();
    let text = Column::from_values(Type::Text, [Value::Text("a".into())]).unwrap();
    assert!(writer.append(&[], &[1]).is_err());
    assert!(writer.append(std::slice::from_ref(&one), &[1, 2]).is_err());
    assert!(writer.append(&[text], &[1]).is_err());
    writer.append(&[one], &[1]).unwrap();
    assert_eq!(writer.finish().unwrap().rows, 1);
    assert_eq!(ColdWriter::create(&disk, &path(), &[]).err().unwrap().code(), "58030");
}

#[test]
fn background_writes_are_slices_that_are_synced() {
    let mut rng = Rng(13);
    let columns: Vec<Column> =
        (0..4).map(|_| column(Type::Int8, Pattern::Wild, 60_000, 0, &mut rng)).collect();
    let disk = MemDisk::default();
    let made = write(&disk, &columns, &vec![1; 60_000], 5000);
    let synced = disk.synced(&path());
    assert_eq!(*synced.last().unwrap() as u64, made.bytes);
    assert!(synced.windows(2).all(|pair| pair[1] - pair[0] <= 512 << 10), "{synced:?}");
    assert!(synced[0] <= 512 << 10);
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

/// Makes all checksums of a segment's file right again: those of pages at `pages`, of the footer, of the tail.
fn repair(bytes: &mut [u8], pages: &[(usize, usize)]) {
    let tail = bytes.len() - 32;
    let footer = le32(bytes, tail) as usize;
    for &(at, len) in pages {
        let (old, new) = (bytes[at..at + 4].to_vec(), crc32c(&bytes[at + 4..at + len]).to_le_bytes());
        bytes[at..at + 4].copy_from_slice(&new);
        // The footer names the page by its checksum.
        if let Some(place) = bytes[footer..tail].windows(4).position(|w| w == old) {
            bytes[footer + place..footer + place + 4].copy_from_slice(&new);
        }
    }
    let crc = crc32c(&bytes[footer..tail]).to_le_bytes();
    bytes[tail + 12..tail + 16].copy_from_slice(&crc);
    let crc = crc32c(&bytes[tail..tail + 20]).to_le_bytes();
    bytes[tail + 20..tail + 24].copy_from_slice(&crc);
}

/// CRC-32C bit by bit: the polynomial of Castagnoli, reflected.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, &b| {
        (0..8).fold(crc ^ u32::from(b), |crc, _| (crc >> 1) ^ (0x82f6_3b78 & 0u32.wrapping_sub(crc & 1)))
    })
}

#[test]
fn nonsense_under_sound_checksums_is_an_error_or_a_value() {
    read_nonsense(sample());
    read_nonsense(thorough_sample());
}

fn read_nonsense((disk, types, made): (MemDisk, Vec<Type>, ColdSummary)) {
    let whole = disk.bytes(&path());
    let footer = le32(&whole, whole.len() - 32) as usize;
    let (mut pages, mut at) = (Vec::new(), 16);
    while at < footer {
        pages.push((at, le32(&whole, at + 4) as usize));
        at += pages[pages.len() - 1].1;
    }
    let mut rng = Rng(14);
    let (mut errors, mut values) = (0, 0);
    for _ in 0..1200 {
        let mut bytes = whole.clone();
        // Mostly heads of pages, where the structure is; sometimes the footer.
        let (at, len) = pages[rng.below(pages.len() as u64) as usize];
        let place = match rng.below(10) {
            0 => footer + rng.below((whole.len() - 32 - footer) as u64) as usize,
            1..4 => at + 8 + rng.below(len as u64 - 8) as usize,
            _ => at + 8 + rng.below(60.min(len as u64 - 8)) as usize,
        };
        bytes[place] = rng.next() as u8;
        repair(&mut bytes, &[(at, len)]);
        disk.put(&path(), bytes);
        let segment = reopen(&disk, &types, &made);
        match read_all(&segment) {
            Ok(_) => values += 1,
            Err(error) => {
                assert!(matches!(error.code(), "XX001" | "58030"), "{error}");
                errors += 1;
            }
        }
        damage(&segment);
    }
    assert!(errors > 300 && values > 50, "{errors} errors, {values} values");
}
