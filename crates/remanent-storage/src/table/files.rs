//! The names of a table's files (design section 7).

use std::path::{Path, PathBuf};

/// The folder of segments, parts and marks.
pub const FOLDER: &str = "seg";

/// `seg/0000000012.seg`
pub fn segment(dir: &Path, id: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("{id:010}.seg"))
}

/// `seg/0000000012.3.idx`: the part of index 3 for segment 12.
pub fn part(dir: &Path, segment: u32, index: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("{segment:010}.{index}.idx"))
}

/// `seg/0000000012.7.del`: the settled marks of segment 12, generation 7.
pub fn deletes(dir: &Path, segment: u32, generation: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("{segment:010}.{generation}.del"))
}

/// `seg/0000000031.marks`: a run of recent marks.
pub fn marks(dir: &Path, id: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("{id:010}.marks"))
}

/// `seg/0000000044.keys`: keys that a transaction has deleted, too many for its record.
pub fn keys(dir: &Path, id: u32) -> PathBuf {
    dir.join(FOLDER).join(format!("{id:010}.keys"))
}

/// The number that a file's name begins with.
pub fn number(name: &str) -> Option<u32> {
    name.split('.').next()?.parse().ok()
}
