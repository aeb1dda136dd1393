//! Files that are the user's and not the database's: what COPY reads and writes, from the beginning to the end, so that they may be
//! pipes and devices. No simulated world has them: its disk is the database's alone, and these are the real ones there too.

use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

/// Opens a file for reading; `IsADirectory` where it is one.
pub fn reader(path: &Path) -> io::Result<Box<dyn Read>> {
    let file = fs::File::open(path)?;
    match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(Box::new(file)),
    }
}

/// Makes a file, or makes an existing one empty.
pub fn writer(path: &Path) -> io::Result<Box<dyn Write>> {
    Ok(Box::new(fs::File::create(path)?))
}
