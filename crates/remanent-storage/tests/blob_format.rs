//! The files of large values are what their page of documentation says (`segment/blob/mod.rs`).

#![cfg(feature = "simulation")]

use remanent_storage::segment::blob::{BlobFiles, Uses, blob_file, verify};
use remanent_storage::value::blob::{BlobStore, Reference};
use remanent_storage::world::sim::{SimDisk, SimWorld};
use std::path::Path;
use std::sync::Arc;

fn files(disk: &SimDisk, file_size: u64) -> Arc<BlobFiles> {
    let world = SimWorld::with_disk(1, disk.clone()).world();
    Arc::new(BlobFiles::new(Arc::clone(&world.disk), Path::new("/db"), file_size))
}

#[test]
fn the_worked_example() {
    let disk = SimDisk::new(1);
    let files = files(&disk, 1000);
    let uses = Uses::new(&files);
    let reference = files.write(b"frame", &uses, &|| 7).unwrap();
    assert_eq!(reference, Reference { file: 7, offset: 16, len: 5, crc: 0x122892d5 });
    let bytes = disk.contents(blob_file(Path::new("/db"), 7)).unwrap();
    let hex: Vec<String> = bytes.iter().map(|b| format!("{b:02x}")).collect();
    let expected = "52 45 4d 42 4c 4f 42 01 07 00 00 00 29 7b b0 8d fb d5 c2 9d 00 00 00 00 05 00 00 00 00 00 00 00 66 72 61 6d 65";
    assert_eq!(hex.join(" "), expected);
}

#[test]
fn values_of_every_length_around_a_page_come_back() {
    let disk = SimDisk::new(2);
    let files = files(&disk, 100_000);
    let uses = Uses::new(&files);
    let number = std::cell::Cell::new(0);
    let next = || {
        number.set(number.get() + 1);
        number.get()
    };
    let page = 16 << 10;
    for len in [1, page - 1, page, page + 1, 2 * page, 17 * page + 3, 40 * page] {
        let bytes: Vec<u8> = (0..len).map(|i| (i * 7 + i / 251) as u8).collect();
        let reference = files.write(&bytes, &uses, &next).unwrap();
        let (mut back, mut crc) = (Vec::new(), 0);
        while back.len() < len {
            let at = back.len() as u64;
            files.read(&reference, at, &mut back, &mut crc).unwrap();
        }
        assert!(back == bytes && crc == reference.crc, "{len}");
        let world = SimWorld::with_disk(1, disk.clone()).world();
        verify(&*world.disk, &blob_file(Path::new("/db"), reference.file), &reference).unwrap();
        // Another place, another value, another file: never believed.
        let wrong = Reference { crc: reference.crc ^ 1, ..reference };
        assert_eq!(
            verify(&*world.disk, &blob_file(Path::new("/db"), wrong.file), &wrong).unwrap_err().code(),
            "XX001"
        );
        let wrong = Reference { offset: reference.offset + 1, ..reference };
        assert_eq!(files.read(&wrong, 0, &mut Vec::new(), &mut 0).unwrap_err().code(), "XX001");
    }
    assert_eq!(uses.list().len(), 2);
}
