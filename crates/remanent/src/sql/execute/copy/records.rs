//! Where a line of COPY's data ends, and where the data does.
//!
//! Lines end in LF, CR or CR LF, all in the same one; `\.` alone ends the data. In csv a line may go on within quotes; in
//! text a backslash takes the next character along, a line's end too. The rules and errors are PostgreSQL's
//! (`CopyReadLineText`). Each byte is looked at once, however the data is cut into pieces.

use super::{Next, bad_format};
use crate::sql::bind::CopyFormat;
use remanent_kernels::text::before_any;
use remanent_storage::error::{Error, Result, state};

/// The longest line.
const LINE_MAX: usize = 256 << 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Lf,
    Cr,
    CrLf,
}

/// Cuts bytes into lines.
pub struct Records {
    csv: bool,
    quote: u8,
    /// What escapes in csv, if it is another one than the quote.
    escape: Option<u8>,
    bytes: Vec<u8>,
    /// Where the line at hand begins and ends, and where the next byte to look at is.
    start: usize,
    end: usize,
    at: usize,
    /// In the middle of a line.
    within: bool,
    quoted: bool,
    escaped: bool,
    ending: Option<Ending>,
    /// Bytes that mean something. In csv a backslash does too, where a line begins.
    special: [u8; 4],
    /// The number of the line at hand.
    line: u64,
    /// The data has ended.
    done: bool,
}

impl Records {
    /// For data of a format.
    pub fn new(format: &CopyFormat) -> Self {
        let special = match format.csv {
            true => [b'\r', b'\n', format.quote, format.escape],
            false => *b"\r\n\\\\",
        };
        Records {
            csv: format.csv,
            quote: format.quote,
            escape: (format.escape != format.quote).then_some(format.escape),
            bytes: Vec::new(),
            start: 0,
            end: 0,
            at: 0,
            within: false,
            quoted: false,
            escaped: false,
            ending: None,
            special,
            line: 0,
            done: false,
        }
    }

    /// More bytes. A line that was at hand is gone.
    pub fn push(&mut self, bytes: &[u8]) {
        let gone = if self.within { self.start } else { self.at };
        self.bytes.drain(..gone);
        self.at -= gone;
        (self.start, self.end) = (0, 0);
        self.bytes.extend_from_slice(bytes);
    }

    /// The line at hand, without its end.
    pub fn bytes(&self) -> &[u8] {
        self.bytes.get(self.start..self.end).unwrap_or_default()
    }

    /// How many bytes are held.
    pub fn held(&self) -> usize {
        self.bytes.len()
    }

    /// Its number, from 1; of one that goes over several lines, that of the last.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// The next line. `last`: no more bytes will come.
    pub fn next(&mut self, last: bool) -> Result<Next> {
        if self.done {
            return Ok(Next::End);
        }
        if !self.within {
            (self.within, self.quoted, self.escaped) = (true, false, false);
            self.start = self.at;
            self.end = self.at;
            self.line += 1;
        }
        loop {
            self.pass_over();
            let Some(&byte) = self.bytes.get(self.at) else {
                return if last { Ok(self.ended(self.at)) } else { self.more() };
            };
            if !last && !self.can_look_ahead(byte) {
                return self.more();
            }
            if self.csv {
                self.follow_quotes(byte);
            }
            match byte {
                b'\r' | b'\n' if !self.quoted => {
                    let end = self.at;
                    self.at += self.line_end(byte)?;
                    (self.end, self.within) = (end, false);
                    return Ok(Next::Line);
                }
                b'\\' if !self.csv || self.at == self.start => {
                    if self.ahead(1) == Some(b'.') && self.is_end_marker()? {
                        return Ok(self.ended(self.at));
                    }
                    // The next character goes along, whatever it is.
                    self.at += if self.csv || self.ahead(1).is_none() { 1 } else { 2 };
                }
                _ => self.at += 1,
            }
        }
    }

    /// Passes over what means nothing.
    #[inline]
    fn pass_over(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let len = before_any(rest, self.special);
        if len > 0 && !(self.at == self.start && rest.first() == Some(&b'\\')) {
            (self.at, self.escaped) = (self.at + len, false);
        }
    }

    fn ahead(&self, n: usize) -> Option<u8> {
        self.bytes.get(self.at + n).copied()
    }

    /// True if all that a byte's meaning depends on is there.
    fn can_look_ahead(&self, byte: u8) -> bool {
        let needed = match byte {
            b'\r' if !self.quoted => 1,
            b'\\' if self.ahead(1) != Some(b'.') => 1,
            b'\\' if self.ending == Some(Ending::CrLf) => 3,
            b'\\' => 2,
            _ => 0,
        };
        self.at + needed < self.bytes.len()
    }

    fn more(&self) -> Result<Next> {
        if self.at - self.start > LINE_MAX {
            let message = format!("a line of the data is longer than {} MB", LINE_MAX >> 20);
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
        }
        Ok(Next::More)
    }

    /// The data ends; what is left before `end` is the last line.
    fn ended(&mut self, end: usize) -> Next {
        (self.end, self.done, self.within) = (end, true, false);
        if end > self.start { Next::Line } else { Next::End }
    }

    fn follow_quotes(&mut self, byte: u8) {
        if self.quoted && Some(byte) == self.escape {
            self.escaped = !self.escaped;
        }
        if byte == self.quote && !self.escaped {
            self.quoted = !self.quoted;
        }
        if Some(byte) != self.escape {
            self.escaped = false;
        }
        let counted = if self.ending == Some(Ending::Lf) { b'\n' } else { b'\r' };
        if self.quoted && byte == counted {
            self.line += 1;
        }
    }

    /// The length of the end of a line, which must be as those before.
    fn line_end(&mut self, byte: u8) -> Result<usize> {
        let ending = match byte {
            b'\n' => Ending::Lf,
            _ if self.ending == Some(Ending::Cr) => Ending::Cr,
            _ if self.ahead(1) == Some(b'\n') => Ending::CrLf,
            _ => Ending::Cr,
        };
        if self.ending.is_some_and(|before| before != ending) {
            let (name, written) = if byte == b'\n' { ("newline", "\\n") } else { ("carriage return", "\\r") };
            return Err(match self.csv {
                false => bad_format(format!("literal {name} found in data"))
                    .with_hint(format!("Use \"{written}\" to represent {name}.")),
                true => bad_format(format!("unquoted {name} found in data"))
                    .with_hint(format!("Use quoted CSV field to represent {name}.")),
            });
        }
        self.ending = Some(ending);
        Ok(if ending == Ending::CrLf { 2 } else { 1 })
    }

    /// At `\.`: true if it ends the data. In csv it is text where anything is amiss.
    fn is_end_marker(&self) -> Result<bool> {
        let corrupt = || match self.csv {
            true => Ok(false),
            false => Err(bad_format("end-of-copy marker corrupt")),
        };
        let other = || match self.csv {
            true => Ok(false),
            false => Err(bad_format("end-of-copy marker does not match previous newline style")),
        };
        let mut next = 2;
        if self.ending == Some(Ending::CrLf) {
            match self.ahead(next) {
                Some(b'\n') => return other(),
                Some(b'\r') => next += 1,
                _ => return corrupt(),
            }
        }
        match (self.ahead(next), self.ending) {
            (Some(b'\r' | b'\n'), None)
            | (Some(b'\n'), Some(Ending::Lf | Ending::CrLf))
            | (Some(b'\r'), Some(Ending::Cr)) => Ok(true),
            (Some(b'\r' | b'\n'), _) => other(),
            _ => corrupt(),
        }
    }
}
