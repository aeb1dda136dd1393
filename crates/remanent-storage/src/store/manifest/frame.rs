//! The bytes of a manifest: its header, its frames, and how they are read and checked.

use super::{Edit, State};
use crate::error::{Error, Result, state};
use crate::value::bytes::Reader;
use crate::world::File;
use std::path::Path;

const MAGIC: [u8; 8] = *b"REMANENT";
const VERSION: u8 = 1;
pub(in crate::store) const HEADER: usize = 16;
pub(in crate::store) const FRAME: usize = 16;
const _: () = assert!(HEADER == 8 + 1 + 3 + 4 && FRAME == 4 * 4);

pub(super) fn encode(edits: &[Edit]) -> Vec<u8> {
    let mut bytes = Vec::new();
    edits.iter().for_each(|edit| edit.encode(&mut bytes));
    bytes
}

/// The file's first bytes, and the chain they begin.
pub(in crate::store) fn header() -> ([u8; HEADER], u32) {
    let mut b = [0; HEADER];
    b[..8].copy_from_slice(&MAGIC);
    b[8] = VERSION;
    let crc = crc32c::crc32c(&b[..12]);
    b[12..].copy_from_slice(&crc.to_le_bytes());
    (b, crc)
}

/// A frame's bytes, and the chain behind it.
pub(super) fn frame(edits: &[Edit], chain: u32) -> Result<(Vec<u8>, u32)> {
    let edits = encode(edits);
    let Ok(len) = u32::try_from(edits.len()) else {
        return Err(Error::internal("one change of the manifest exceeds 4 GB"));
    };
    let mut b = Vec::with_capacity(FRAME + edits.len());
    b.extend_from_slice(&len.to_le_bytes());
    b.extend_from_slice(&chain.to_le_bytes());
    b.extend_from_slice(&crc32c::crc32c(&edits).to_le_bytes());
    let crc = crc32c::crc32c(&b);
    b.extend_from_slice(&crc.to_le_bytes());
    b.extend_from_slice(&edits);
    Ok((b, crc))
}

/// The length, the chain, the CRC of the edits and its own CRC, if these bytes begin with a frame's header.
pub(in crate::store) fn frame_header(bytes: &[u8]) -> Option<(usize, u32, u32, u32)> {
    let b = bytes.first_chunk::<FRAME>()?;
    let crc = crc32c::crc32c(&b[..12]);
    let mut words = b.chunks_exact(4).map(|w| w.iter().rev().fold(0, |v, &b| v << 8 | u32::from(b)));
    let mut word = || words.next().unwrap_or_default();
    let (len, chain, edits_crc, found) = (word(), word(), word(), word());
    (found == crc).then_some((len as usize, chain, edits_crc, crc))
}

/// The edits of the frame at the beginning of these bytes, and its CRC.
pub(in crate::store) fn read_frame(
    bytes: &[u8],
    chain: u32,
) -> std::result::Result<(&[u8], u32), &'static str> {
    let (len, before, edits_crc, crc) =
        frame_header(bytes).ok_or("a frame's header does not match its checksum")?;
    if before != chain {
        return Err("a frame does not follow the one before it");
    }
    let edits = bytes.get(FRAME..).and_then(|b| b.get(..len)).ok_or("a frame is cut short")?;
    match crc32c::crc32c(edits) == edits_crc {
        true => Ok((edits, crc)),
        false => Err("a frame's edits do not match their checksum"),
    }
}

/// True if a whole frame of some chain begins here.
pub(in crate::store) fn has_frame(bytes: &[u8]) -> bool {
    frame_header(bytes).is_some_and(|(_, chain, ..)| read_frame(bytes, chain).is_ok())
}

/// What a manifest file says.
pub(super) struct Read {
    pub state: State,
    pub end: u64,
    pub chain: u32,
    pub torn: bool,
    pub frames: u64,
}

pub(super) fn read(file: &dyn File, dir: &Path, path: &Path) -> Result<Read> {
    let len = file.len().map_err(|e| Error::io("look at", path, &e))?;
    let mut bytes = vec![0; usize::try_from(len).map_err(|_| not_a_database(dir))?];
    file.read_exact_at(&mut bytes, 0).map_err(|e| Error::io("read", path, &e))?;
    let chain = read_header(&bytes, dir, path)?;
    let mut read = Read { state: State::default(), end: HEADER as u64, chain, torn: false, frames: 0 };
    let mut at = HEADER;
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        match read_frame(rest, read.chain) {
            Ok((edits, crc)) => {
                let folded = fold(&mut read.state, edits);
                folded.map_err(|e| Error::corrupt(path, at as u64, e.message()))?;
                at += FRAME + edits.len();
                read.end = at as u64;
                read.chain = crc;
                read.frames += 1;
            }
            Err(reason) => {
                // Only the last frame can be torn.
                if let Some(later) = (1..rest.len()).find(|&i| has_frame(rest.get(i..).unwrap_or_default())) {
                    let later = at + later;
                    let what = format!("{reason}, yet the frame at byte {later} came after it");
                    return Err(Error::corrupt(path, at as u64, what));
                }
                read.torn = true;
                break;
            }
        }
    }
    if read.frames == 0 {
        return Err(Error::corrupt(path, HEADER as u64, "the first list of edits is bad"));
    }
    Ok(read)
}

/// Checks the file's header; returns the chain that it begins.
fn read_header(bytes: &[u8], dir: &Path, path: &Path) -> Result<u32> {
    let Some(found) = bytes.first_chunk::<HEADER>() else { return Err(not_a_database(dir)) };
    let crc = crc32c::crc32c(&found[..12]);
    let (ours, our_crc) = header();
    if *found == ours {
        return Ok(our_crc);
    }
    if found[..8] != MAGIC {
        // A damaged name of ours, or another program's file?
        return Err(match found[8..] == ours[8..] {
            true => Error::corrupt(path, 0, "its first bytes do not name a manifest"),
            false => not_a_database(dir),
        });
    }
    if crc.to_le_bytes() != found[12..] {
        return Err(Error::corrupt(path, 8, "its header does not match its checksum"));
    }
    let message = format!("\"{}\" has format {}, which this version does not know", path.display(), found[8]);
    Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
        .with_hint("Open the database with a newer version of Remanent."))
}

fn fold(state: &mut State, edits: &[u8]) -> Result<()> {
    let mut r = Reader::new(edits);
    while !r.is_empty() {
        state.apply(&Edit::decode(&mut r)?)?;
    }
    Ok(())
}

pub(super) fn not_a_database(dir: &Path) -> Error {
    Error::new(state::INVALID_CATALOG_NAME, format!("\"{}\" is not a Remanent database", dir.display()))
        .with_hint("A Remanent database is a directory with a MANIFEST that Remanent wrote.")
}
