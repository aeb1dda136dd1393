//! Files of keys: `seg/N.keys`.
//!
//! A transaction that deletes more rows than its record can name writes their keys to a file, in the order it deleted
//! them, and the record names the file and how many of its keys count (keys behind those were undone by a savepoint).
//! Keys of neighbours share most of their bytes, and a delete mostly goes along the key, so each is stored as what
//! differs from the one before it.
//!
//! | offset | size | what |
//! |---|---|---|
//! | 0 | 7 | `REMKEYS` |
//! | 7 | 1 | version, 1 |
//! | 8 | 4 | CRC-32C of bytes 0 to 8 |
//! | 12 | 4 | zero |
//! | 16 | | blocks, one after the other |
//!
//! | offset in block | size | what |
//! |---|---|---|
//! | 0 | 4 | CRC-32C of the rest of the block |
//! | 4 | 4 | n |
//! | 8 | 4 | keys in the block |
//! | 12 | 8 | keys in the blocks before |
//! | 20 | n | each key: varint of the bytes shared with the one before it (0 for the first) · varint of the others · those |
//!
//! All numbers are little-endian. Example, the keys `ab` and `ac`:
//!
//! ```text
//! 52454d4b455953 01 2b23f89f 00000000
//! 67e2bbb4 07000000 02000000 0000000000000000
//! 00 02 6162  01 01 63
//! ```
//!
//! Limits: a file is read from its beginning, a block at a time.

use crate::error::{Error, Result};
use crate::value::bytes::put_varint;
use crate::world::{Disk, File, OpenMode};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const MAGIC: &[u8; 8] = b"REMKEYS\x01";
const HEADER: u64 = 16;
const BLOCK: usize = 20;
/// Bytes of keys after which a block is written.
const BLOCK_BYTES: usize = 32 << 10;
/// Bytes written between two syncs, so that the last one has little to do.
const SLICE: u64 = 1 << 20;

/// Writes a file of keys.
pub struct KeyWriter {
    file: Arc<dyn File>,
    path: PathBuf,
    block: Vec<u8>,
    in_block: u32,
    last: Vec<u8>,
    keys: u64,
    written: u64,
    synced: u64,
}

impl KeyWriter {
    /// Creates the file.
    pub fn create(disk: &dyn Disk, path: &Path) -> Result<Self> {
        let file = disk.open(path, OpenMode::CreateNew).map_err(|e| Error::io("create", path, &e))?;
        let mut header = MAGIC.to_vec();
        header.extend_from_slice(&crc32c::crc32c(&header).to_le_bytes());
        header.extend_from_slice(&[0; 4]);
        file.write_at(&header, 0).map_err(|e| Error::io("write to", path, &e))?;
        Ok(KeyWriter {
            file,
            path: path.to_path_buf(),
            block: vec![0; BLOCK],
            in_block: 0,
            last: Vec::new(),
            keys: 0,
            written: HEADER,
            synced: HEADER,
        })
    }

    /// Adds a key.
    pub fn push(&mut self, key: &[u8]) -> Result<()> {
        let shared = key.iter().zip(&self.last).take_while(|(a, b)| a == b).count();
        let rest = key.get(shared..).unwrap_or_default();
        put_varint(&mut self.block, shared as u64);
        put_varint(&mut self.block, rest.len() as u64);
        self.block.extend_from_slice(rest);
        self.last.truncate(shared);
        self.last.extend_from_slice(rest);
        self.in_block += 1;
        self.keys += 1;
        if self.block.len() >= BLOCK_BYTES { self.write_block() } else { Ok(()) }
    }

    /// How many keys were added.
    pub fn keys(&self) -> u64 {
        self.keys
    }

    fn write_block(&mut self) -> Result<()> {
        if self.in_block == 0 {
            return Ok(());
        }
        let n = (self.block.len() - BLOCK) as u32;
        let before = self.keys - u64::from(self.in_block);
        self.block[4..8].copy_from_slice(&n.to_le_bytes());
        self.block[8..12].copy_from_slice(&self.in_block.to_le_bytes());
        self.block[12..BLOCK].copy_from_slice(&before.to_le_bytes());
        let crc = crc32c::crc32c(&self.block[4..]);
        self.block[..4].copy_from_slice(&crc.to_le_bytes());
        let written = self.file.write_at(&self.block, self.written);
        written.map_err(|e| Error::io("write to", &self.path, &e))?;
        self.written += self.block.len() as u64;
        self.block.truncate(BLOCK);
        self.in_block = 0;
        self.last.clear();
        if self.written - self.synced >= SLICE {
            self.sync()?;
        }
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        self.file.sync().map_err(|e| Error::io("sync", &self.path, &e))?;
        self.synced = self.written;
        Ok(())
    }

    /// Writes the rest and syncs; returns the file's length. Syncing the directory is the caller's work.
    pub fn finish(&mut self) -> Result<u64> {
        self.write_block()?;
        self.sync()?;
        Ok(self.written)
    }
}

/// Hands over the first `keys` keys of a file; an error from `each` ends it. XX001 where the file is damaged or has fewer.
pub fn read_keys(
    disk: &dyn Disk,
    path: &Path,
    keys: u64,
    each: &mut dyn FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    let file = disk.open(path, OpenMode::Read).map_err(|e| Error::io("open", path, &e))?;
    let len = file.len().map_err(|e| Error::io("look at", path, &e))?;
    let read =
        |at: u64, bytes: &mut [u8]| match at.checked_add(bytes.len() as u64).is_some_and(|to| to <= len) {
            true => file.read_exact_at(bytes, at).map_err(|e| Error::io("read from", path, &e)),
            false => Err(Error::corrupt(path, at, "the file ends too early")),
        };
    let mut header = [0; HEADER as usize];
    read(0, &mut header)?;
    if header[..8] != *MAGIC || header[8..12] != crc32c::crc32c(&header[..8]).to_le_bytes() {
        return Err(Error::corrupt(path, 0, "not a file of keys of a known version"));
    }
    let (mut at, mut seen) = (HEADER, 0u64);
    let mut body = Vec::new();
    while seen < keys {
        let mut head = [0; BLOCK];
        read(at, &mut head)?;
        let (n, count) = (super::page::le32(&head, 4) as usize, super::page::le32(&head, 8));
        if n as u64 > len - at {
            return Err(Error::corrupt(path, at, "a block is longer than any"));
        }
        body.resize(n, 0);
        read(at + BLOCK as u64, &mut body)?;
        let crc = crc32c::crc32c_append(crc32c::crc32c(&head[4..]), &body);
        if crc != super::page::le32(&head, 0) {
            return Err(Error::corrupt(path, at, "a block does not match its checksum"));
        }
        if super::page::le64(&head, 12) != seen {
            return Err(Error::corrupt(path, at, "a block is not where it belongs"));
        }
        let wanted = u64::from(count).min(keys - seen);
        block(&body, wanted, each)?.ok_or_else(|| Error::corrupt(path, at, "a block holds no keys"))?;
        seen += u64::from(count);
        at += (BLOCK + n) as u64;
    }
    Ok(())
}

/// The first keys of a block; None where its body is not what it should be.
fn block(body: &[u8], keys: u64, each: &mut dyn FnMut(&[u8]) -> Result<()>) -> Result<Option<()>> {
    let mut reader = crate::value::bytes::Reader::new(body);
    let mut key: Vec<u8> = Vec::new();
    let mut next = |key: &mut Vec<u8>| -> Option<()> {
        let shared = usize::try_from(reader.varint().ok()?).ok().filter(|&n| n <= key.len())?;
        key.truncate(shared);
        key.extend_from_slice(reader.bytes().ok()?);
        Some(())
    };
    for _ in 0..keys {
        if next(&mut key).is_none() {
            return Ok(None);
        }
        each(&key)?;
    }
    Ok(Some(()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    fn all(disk: &dyn Disk, path: &Path, keys: u64) -> Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        read_keys(disk, path, keys, &mut |key| {
            all.push(key.to_vec());
            Ok(())
        })?;
        Ok(all)
    }

    #[test]
    fn keys_come_back_and_damage_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.keys");
        let disk = World::real().disk;
        let mut writer = KeyWriter::create(&*disk, &path).unwrap();
        let keys: Vec<Vec<u8>> = (0..20_000u32)
            .map(|i| format!("{:06}{}", i.wrapping_mul(7) % 30_000, "x".repeat(i as usize % 9)).into_bytes())
            .chain([Vec::new(), vec![1; 100_000], vec![1; 99_999]])
            .collect();
        keys.iter().for_each(|key| writer.push(key).unwrap());
        let len = writer.finish().unwrap();
        assert_eq!(all(&*disk, &path, keys.len() as u64).unwrap(), keys);
        assert_eq!(all(&*disk, &path, 7).unwrap(), keys[..7]);
        assert_eq!(all(&*disk, &path, keys.len() as u64 + 1).unwrap_err().code(), "XX001");
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len() as u64, len);
        for at in (0..12).chain((16..bytes.len()).step_by(997)) {
            let mut bad = bytes.clone();
            bad[at] ^= 4;
            std::fs::write(&path, bad).unwrap();
            let error = all(&*disk, &path, keys.len() as u64).unwrap_err();
            assert_eq!(error.code(), "XX001", "byte {at}: {error}");
        }
    }

    #[test]
    fn the_example_is_what_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("1.keys");
        let disk = World::real().disk;
        let mut writer = KeyWriter::create(&*disk, &path).unwrap();
        [b"ab", b"ac"].iter().for_each(|key| writer.push(*key).unwrap());
        writer.finish().unwrap();
        let hex: String = std::fs::read(&path).unwrap().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(
            hex,
            "52454d4b455953012b23f89f0000000067e2bbb40700000002000000000000000000000000026162010163"
        );
    }
}
