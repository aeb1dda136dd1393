//! What a damaged manifest still says.

use crate::error::Error;
use crate::store::manifest::{Edit, FILE_NAME, FRAME, HEADER, State, frame_header, has_frame, read_frame};
use crate::value::bytes::Reader;
use crate::world::{Disk, OpenMode, join};
use std::path::Path;

/// What the frames that are whole add up to, and whether they are all there are.
pub fn read(disk: &dyn Disk, dir: &Path, report: &mut dyn FnMut(Error)) -> (State, bool) {
    let path = join(dir, FILE_NAME);
    let bytes = disk.open(&path, OpenMode::Read).and_then(|file| {
        let mut bytes = vec![0; usize::try_from(file.len()?).unwrap_or(0)];
        file.read_exact_at(&mut bytes, 0).map(|()| bytes)
    });
    let mut state = State::default();
    let bytes = match bytes {
        Ok(bytes) => bytes,
        Err(e) => {
            report(Error::io("read", &path, &e));
            return (state, false);
        }
    };
    let (mut at, mut whole) = (HEADER, true);
    // Its first bytes only say what it is.
    if bytes.get(..HEADER).is_none_or(|header| header != crate::store::manifest::header().0) {
        report(Error::corrupt(&path, 0, "its header is bad"));
    }
    while at < bytes.len() {
        let rest = bytes.get(at..).unwrap_or_default();
        let chain = frame_header(rest).map_or(0, |(_, chain, ..)| chain);
        match read_frame(rest, chain) {
            Ok((edits, _)) => {
                fold(&mut state, edits);
                at += FRAME + edits.len();
            }
            Err(reason) => {
                report(Error::corrupt(&path, at as u64, reason));
                whole = false;
                let next = (1..rest.len()).find(|&i| has_frame(rest.get(i..).unwrap_or_default()));
                at = next.map_or(bytes.len(), |next| at + next);
            }
        }
    }
    whole &= state.next_file > 0;
    (state, whole)
}

/// Edits that contradict what is known are those that follow one that is lost.
fn fold(state: &mut State, edits: &[u8]) {
    let mut r = Reader::new(edits);
    while !r.is_empty() {
        let Ok(edit) = Edit::decode(&mut r) else { return };
        let _ = state.apply(&edit);
    }
}
