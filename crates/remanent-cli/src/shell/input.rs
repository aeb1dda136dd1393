//! Lines of files and pipes, as they come.

use crate::failure::{Failure, Result};
use std::io::{self, BufRead, Read};

/// The longest line.
const LINE_MAX: u64 = 256 << 20;

/// What the lines of `-c` are called.
pub const COMMAND: &str = "-c";

/// The lines of an input, each with its end.
pub struct Lines<'a> {
    name: &'a str,
    input: &'a mut dyn Buffered,
    /// Bytes read before.
    offset: u64,
}

/// A reader that says what it has.
pub trait Buffered: BufRead {
    /// True if the next line is there already.
    fn has_line(&self) -> bool;
}

impl Buffered for &[u8] {
    fn has_line(&self) -> bool {
        true
    }
}

impl<R: Read> Buffered for io::BufReader<R> {
    fn has_line(&self) -> bool {
        self.buffer().contains(&b'\n')
    }
}

impl<'a> Lines<'a> {
    /// `name`: what to call the input in errors.
    pub fn new(name: &'a str, input: &'a mut dyn Buffered) -> Self {
        Lines { name, input, offset: 0 }
    }

    /// True if it is what `-c` says, all of which was read.
    pub fn is_spent_command(&mut self) -> bool {
        self.name == COMMAND && self.input.fill_buf().is_ok_and(<[u8]>::is_empty)
    }

    /// True if the next line can be had without waiting.
    pub fn has_more_at_once(&self) -> bool {
        self.input.has_line()
    }

    /// The next line, with its end, whatever it holds; empty where there is no more.
    pub fn next_bytes(&mut self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut input = Read::take(&mut *self.input, LINE_MAX + 1);
        let read = input.read_until(b'\n', &mut bytes)? as u64;
        self.offset += read;
        match read > LINE_MAX {
            true => Err(io::Error::other(format!("a line is longer than {} MB", LINE_MAX >> 20))),
            false => Ok(bytes),
        }
    }

    /// The next line, with its end; None where there is no more.
    pub fn next(&mut self) -> Result<Option<String>> {
        let name = self.name;
        let start = self.offset;
        let bytes = self.next_bytes().map_err(|e| Failure::other(format!("could not read {name}: {e}")))?;
        match String::from_utf8(bytes) {
            Ok(line) => Ok((!line.is_empty()).then_some(line)),
            Err(e) => {
                let at = start + e.utf8_error().valid_up_to() as u64;
                Err(Failure::other(format!("{name} is not UTF-8 text: byte {at}")))
            }
        }
    }
}
