//! Reading large values, every page verified.

use super::{HEADER, MAGIC, PAGE, VERSION, end_of, page_crc};
use crate::error::{Error, Result, state};
use crate::value::blob::{Reference, SLICE};
use crate::world::{Disk, File, OpenMode};
use std::path::Path;

/// Opens a file and verifies its header.
pub(super) fn open(disk: &dyn Disk, path: &Path, number: u32) -> Result<std::sync::Arc<dyn File>> {
    let file = match disk.open(path, OpenMode::Read) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::corrupt(path, 0, "the file is missing"));
        }
        file => file.map_err(|e| Error::io("open", path, &e))?,
    };
    let mut header = [0; HEADER];
    read_exact(&*file, path, &mut header, 0)?;
    check_header(&header, path, number)?;
    Ok(file)
}

fn check_header(header: &[u8; HEADER], path: &Path, number: u32) -> Result<()> {
    let (body, crc) = header.split_at(12);
    if crc32c::crc32c(body).to_le_bytes() != *crc || !body.starts_with(&MAGIC) {
        return Err(Error::corrupt(path, 0, "the header of a blob file is damaged"));
    }
    if let Some(&version) = body.get(7).filter(|&&v| v != VERSION) {
        let message =
            format!("\"{}\" is of version {version}; this program reads version {VERSION}", path.display());
        return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
            .with_hint("Open the database with the program version that wrote it."));
    }
    match body.get(8..12) == Some(&number.to_le_bytes()[..]) {
        true => Ok(()),
        false => Err(Error::corrupt(path, 8, "it is another blob file")),
    }
}

fn read_exact(file: &dyn File, path: &Path, out: &mut [u8], at: u64) -> Result<()> {
    file.read_exact_at(out, at).map_err(|e| match e.kind() {
        std::io::ErrorKind::UnexpectedEof => Error::corrupt(path, at, "the file ends within a large value"),
        _ => Error::io("read", path, &e),
    })
}

/// Appends bytes of a value, see [`BlobStore::read`](crate::value::blob::BlobStore::read).
pub(super) fn read(
    file: &dyn File,
    path: &Path,
    reference: &Reference,
    at: u64,
    out: &mut Vec<u8>,
    crc: &mut u32,
) -> Result<()> {
    let left = u64::from(reference.len).saturating_sub(at).min(SLICE as u64) as usize;
    if left == 0 {
        return Ok(());
    }
    let first = at / PAGE as u64;
    let pages = left.div_ceil(PAGE);
    let begins = reference.offset.saturating_add(first * (HEADER + PAGE) as u64);
    let mut bytes = vec![0; left + pages * HEADER];
    read_exact(file, path, &mut bytes, begins)?;
    for (i, page) in bytes.chunks(HEADER + PAGE).enumerate() {
        let offset = begins + (i * (HEADER + PAGE)) as u64;
        let bad = |what: &str| Error::corrupt(path, offset, what);
        let (Some((sum, rest)), Some(data)) = (page.split_first_chunk::<4>(), page.get(HEADER..)) else {
            return Err(bad("a page of a large value is cut off"));
        };
        let sound = page_crc(reference.file, offset, rest) == u32::from_le_bytes(*sum);
        if !sound && !crate::world::mutation("skip_blob_checksum") {
            return Err(bad("the checksum of a page of a large value does not match"));
        }
        let number = (first as u32).wrapping_add(i as u32);
        let says = [number, data.len() as u32, 0].map(u32::to_le_bytes).concat();
        if rest.get(..HEADER - 4) != Some(says.as_slice()) && !crate::world::mutation("skip_blob_checksum") {
            return Err(bad("the page belongs to another large value"));
        }
        out.extend_from_slice(data);
        *crc = crc32c::crc32c_append(*crc, sum);
    }
    Ok(())
}

/// Reads a value and forgets it: what is wrong with it, if anything.
pub fn verify(disk: &dyn Disk, path: &Path, reference: &Reference) -> Result<()> {
    let file = open(disk, path, reference.file)?;
    let (mut at, mut crc, mut bytes) = (0, 0, Vec::new());
    while at < u64::from(reference.len) {
        bytes.clear();
        read(&*file, path, reference, at, &mut bytes, &mut crc)?;
        at += bytes.len() as u64;
    }
    match crc == reference.crc {
        true => Ok(()),
        false => Err(Error::corrupt(
            path,
            reference.offset,
            format_args!("the large value up to {} is not the one that its row names", end_of(reference)),
        )),
    }
}
