//! The system's database of time zones: files in TZif format (RFC 8536), by the names of places.
//!
//! It is the same for the real and the simulated world: it is read, never written, and says the same at all times.
#![allow(clippy::disallowed_types, clippy::disallowed_methods, reason = "this is the facade")]

use std::fs;
use std::path::{Path, PathBuf};

/// Where systems keep it.
const PLACES: &[&str] =
    &["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/usr/share/lib/zoneinfo", "/etc/zoneinfo"];

/// A file is no longer than that.
const LONGEST: u64 = 1 << 20;

/// Where it is; None: this machine has none.
pub fn directory() -> Option<PathBuf> {
    let own = std::env::var_os("TZDIR").map(PathBuf::from);
    own.into_iter().chain(PLACES.iter().map(PathBuf::from)).find(|path| path.is_dir())
}

/// The name of a zone as the database has it, and its file; case does not matter. None: there is no such zone.
pub fn read(name: &str) -> Option<(String, Vec<u8>)> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_+-".contains(c);
    let part = |part: &str| !part.is_empty() && part.chars().all(plain);
    if name.len() > 100 || !name.split('/').all(part) {
        return None;
    }
    let mut path = directory()?;
    let mut found = Vec::new();
    for part in name.split('/') {
        let entry = exact(&path, part)?;
        path.push(&entry);
        found.push(entry);
    }
    let sound = fs::metadata(&path).ok().is_some_and(|meta| meta.is_file() && meta.len() <= LONGEST);
    let bytes = if sound { fs::read(&path).ok()? } else { return None };
    bytes.starts_with(b"TZif").then(|| (found.join("/"), bytes))
}

/// An entry's name as it is written.
fn exact(directory: &Path, name: &str) -> Option<String> {
    let mut same = None;
    for entry in fs::read_dir(directory).ok()? {
        let entry = entry.ok()?.file_name();
        let entry = entry.to_str().unwrap_or_default();
        if entry == name {
            return Some(entry.to_string());
        }
        if entry.eq_ignore_ascii_case(name) {
            same = Some(entry.to_string());
        }
    }
    same
}
