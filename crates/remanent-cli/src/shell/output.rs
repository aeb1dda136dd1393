//! Where answers go: standard output, or a file (`.output`).

use crate::failure::{Failure, Result};
use std::fs::File;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::{Path, PathBuf};

/// Where answers go.
pub enum Output {
    Standard(BufWriter<Stdout>),
    File(PathBuf, BufWriter<File>),
}

impl Output {
    pub fn standard() -> Self {
        Output::Standard(BufWriter::new(io::stdout()))
    }

    /// A file, which is made empty first.
    pub fn file(path: &Path) -> Result<Self> {
        let file = File::create(path).map_err(|e| Failure::file("write", path, &e))?;
        Ok(Output::File(path.to_owned(), BufWriter::new(file)))
    }

    pub fn is_standard(&self) -> bool {
        matches!(self, Output::Standard(_))
    }

    pub fn writer(&mut self) -> &mut dyn Write {
        match self {
            Output::Standard(out) => out,
            Output::File(_, out) => out,
        }
    }

    pub fn flush(&mut self) -> Result<()> {
        match self {
            Output::Standard(out) => Ok(out.flush()?),
            Output::File(path, out) => out.flush().map_err(|e| Failure::file("write", path, &e)),
        }
    }
}
