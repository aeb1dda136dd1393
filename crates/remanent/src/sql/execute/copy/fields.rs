//! A line of COPY's data as fields (PostgreSQL's `CopyReadAttributesText` and `CopyReadAttributesCSV`).

use super::{bad_format, text};
use crate::sql::bind::CopyFormat;
use remanent_kernels::text::before_any;
use remanent_storage::error::Result;

/// The fields of the line at hand.
pub struct Fields {
    csv: bool,
    delimiter: u8,
    quote: u8,
    escape: u8,
    null: Vec<u8>,
    /// Bytes that mean something, outside of quotes and within.
    special: [[u8; 4]; 2],
    /// The fields' text, one behind the other.
    text: String,
    fields: Vec<Field>,
}

#[derive(Clone, Copy)]
struct Field {
    start: usize,
    end: usize,
    /// As it was written, it is what stands for NULL.
    null: bool,
    /// It had quotes.
    quoted: bool,
}

impl Fields {
    /// For data of a format.
    pub fn new(format: &CopyFormat) -> Self {
        let CopyFormat { csv, delimiter, quote, escape, .. } = *format;
        let (outside, within) = match csv {
            true => ([delimiter, quote], [quote, escape]),
            false => ([delimiter, b'\\'], [delimiter, b'\\']),
        };
        let special = [outside, within].map(|[a, b]| [a, b, b, b]);
        let null = format.null.clone().into_bytes();
        Fields { csv, delimiter, quote, escape, null, special, text: String::new(), fields: Vec::new() }
    }

    /// Takes a line apart.
    pub fn split(&mut self, line: &str) -> Result<()> {
        self.text.clear();
        self.fields.clear();
        if self.csv { self.split_csv(line) } else { self.split_text(line) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field; None for NULL. `not_null` and `force_null` are FORCE_NOT_NULL and FORCE_NULL.
    pub fn value(&self, i: usize, null: &str, not_null: bool, force_null: bool) -> Option<&str> {
        let field = self.fields.get(i)?;
        let text = self.text.get(field.start..field.end)?;
        match field.null {
            // Unquoted it is both: its text, and what stands for NULL.
            true if not_null => Some(text),
            true => None,
            false if force_null && field.quoted && text == null => None,
            false => Some(text),
        }
    }

    /// Copies what means nothing, from `at` on; where it ends. All that means something is ASCII, so characters stay whole.
    #[inline]
    fn copy(&mut self, line: &str, at: usize, within: bool) -> usize {
        let rest = line.as_bytes().get(at..).unwrap_or_default();
        let len = before_any(rest, self.special[usize::from(within)]);
        self.text.push_str(line.get(at..at + len).unwrap_or_default());
        at + len
    }

    fn split_text(&mut self, line: &str) -> Result<()> {
        let bytes = line.as_bytes();
        let mut at = 0;
        loop {
            let (from, start) = (at, self.text.len());
            at = self.copy(line, at, false);
            if bytes.get(at) == Some(&b'\\') {
                self.text.truncate(start);
                at = self.escaped_field(bytes, from)?;
            }
            let null = bytes.get(from..at) == Some(&self.null);
            self.fields.push(Field { start, end: self.text.len(), null, quoted: false });
            match bytes.get(at) {
                Some(_) => at += 1,
                None => return Ok(()),
            }
        }
    }

    /// A field with backslashes, from `at` on; where it ends. Several escapes may make one character.
    fn escaped_field(&mut self, line: &[u8], mut at: usize) -> Result<usize> {
        let mut field = Vec::new();
        while let Some(&byte) = line.get(at).filter(|&&byte| byte != self.delimiter) {
            at += 1;
            match (byte, line.get(at)) {
                (b'\\', Some(&next)) => {
                    let (byte, taken) = escape(next, line.get(at + 1..).unwrap_or_default());
                    field.push(byte);
                    at += taken;
                }
                // As in PostgreSQL: at the very end it is nothing.
                (b'\\', None) => {}
                _ => field.push(byte),
            }
        }
        self.text.push_str(text(&field)?);
        Ok(at)
    }

    fn split_csv(&mut self, line: &str) -> Result<()> {
        let bytes = line.as_bytes();
        let mut at = 0;
        loop {
            let start = self.text.len();
            let (mut quoted, mut within) = (false, false);
            loop {
                at = self.copy(line, at, within);
                let (byte, next) = (bytes.get(at).copied(), bytes.get(at + 1).copied());
                match byte {
                    None => break,
                    Some(byte) if !within && byte == self.delimiter => break,
                    Some(_) if !within => (quoted, within) = (true, true),
                    Some(byte)
                        if byte == self.escape && (next == Some(self.escape) || next == Some(self.quote)) =>
                    {
                        self.text.extend(next.map(char::from));
                        at += 1;
                    }
                    Some(byte) if byte == self.quote => within = false,
                    Some(byte) => self.text.push(char::from(byte)),
                }
                at += 1;
            }
            if within {
                return Err(bad_format("unterminated CSV quoted field"));
            }
            let end = self.text.len();
            let null = !quoted && self.text.as_bytes().get(start..end) == Some(&self.null);
            self.fields.push(Field { start, end, null, quoted });
            match bytes.get(at) {
                Some(_) => at += 1,
                None => return Ok(()),
            }
        }
    }
}

/// What stands behind a backslash, and how many bytes of it were taken.
fn escape(first: u8, rest: &[u8]) -> (u8, usize) {
    let number = |digits: &mut dyn Iterator<Item = &u8>, radix: u32| {
        let value = |n, &digit: &u8| n * radix + char::from(digit).to_digit(radix).unwrap_or(0);
        digits.fold(0u32, value) as u8
    };
    match first {
        b'0'..=b'7' => {
            let more = rest.iter().take(2).take_while(|b| matches!(b, b'0'..=b'7')).count();
            (number(&mut [first].iter().chain(rest.iter().take(more)), 8), 1 + more)
        }
        b'x' if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
            let more = rest.iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
            (number(&mut rest.iter().take(more), 16), 1 + more)
        }
        b'b' => (0x08, 1),
        b'f' => (0x0c, 1),
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'v' => (0x0b, 1),
        other => (other, 1),
    }
}
