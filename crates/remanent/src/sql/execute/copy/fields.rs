//! A line of COPY's data as fields (PostgreSQL's `CopyReadAttributesText` and `CopyReadAttributesCSV`).

use super::{bad_format, text};
use crate::sql::bind::CopyFormat;
use remanent_storage::error::Result;

/// The fields of the line at hand.
#[derive(Default)]
pub struct Fields {
    /// Their text, one behind the other.
    bytes: Vec<u8>,
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
    /// Takes a line apart.
    pub fn split(&mut self, line: &str, format: &CopyFormat) -> Result<()> {
        self.bytes.clear();
        self.fields.clear();
        match format.csv {
            true => self.split_csv(line.as_bytes(), format)?,
            false => self.split_text(line.as_bytes(), format),
        }
        // Escapes may have made what is no text.
        text(&self.bytes).map(drop)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// A field; None for NULL.
    pub fn value(&self, i: usize, format: &CopyFormat, not_null: bool, null: bool) -> Option<&str> {
        let field = self.fields.get(i)?;
        let text =
            self.bytes.get(field.start..field.end).and_then(|bytes| std::str::from_utf8(bytes).ok())?;
        match field.null {
            // Unquoted it is both: its text, and what stands for NULL.
            true if not_null => Some(text),
            true => None,
            false if null && field.quoted && text == format.null => None,
            false => Some(text),
        }
    }

    fn split_text(&mut self, line: &[u8], format: &CopyFormat) {
        let mut at = 0;
        loop {
            let (from, start) = (at, self.bytes.len());
            let mut ended = true;
            while let Some(&byte) = line.get(at) {
                at += 1;
                if byte == format.delimiter {
                    ended = false;
                    break;
                }
                match (byte, line.get(at)) {
                    (b'\\', Some(&next)) => at += self.escape(next, line.get(at + 1..).unwrap_or_default()),
                    _ => self.bytes.push(byte),
                }
            }
            let to = if ended { at } else { at - 1 };
            let null = line.get(from..to) == Some(format.null.as_bytes());
            self.fields.push(Field { start, end: self.bytes.len(), null, quoted: false });
            if ended {
                return;
            }
        }
    }

    /// What stands behind a backslash; how many bytes of it were taken.
    fn escape(&mut self, first: u8, rest: &[u8]) -> usize {
        let number = |digits: &[u8], radix: u32| {
            let value = |n, &digit: &u8| n * radix + char::from(digit).to_digit(radix).unwrap_or(0);
            digits.iter().fold(0u32, value) as u8
        };
        let (byte, more) = match first {
            b'0'..=b'7' => {
                let more = rest.iter().take(2).take_while(|b| matches!(b, b'0'..=b'7')).count();
                let digits: Vec<u8> = [first].into_iter().chain(rest.iter().copied().take(more)).collect();
                (number(&digits, 8), more)
            }
            b'x' if rest.first().is_some_and(u8::is_ascii_hexdigit) => {
                let more = rest.iter().take(2).take_while(|b| b.is_ascii_hexdigit()).count();
                (number(rest.get(..more).unwrap_or_default(), 16), more)
            }
            b'b' => (0x08, 0),
            b'f' => (0x0c, 0),
            b'n' => (b'\n', 0),
            b'r' => (b'\r', 0),
            b't' => (b'\t', 0),
            b'v' => (0x0b, 0),
            other => (other, 0),
        };
        self.bytes.push(byte);
        1 + more
    }

    fn split_csv(&mut self, line: &[u8], format: &CopyFormat) -> Result<()> {
        let mut at = 0;
        loop {
            let start = self.bytes.len();
            let (mut quoted, mut within, mut ended) = (false, false, true);
            while let Some(&byte) = line.get(at) {
                at += 1;
                match within {
                    false if byte == format.delimiter => {
                        ended = false;
                        break;
                    }
                    false if byte == format.quote => (quoted, within) = (true, true),
                    true if byte == format.escape
                        && line
                            .get(at)
                            .is_some_and(|&next| next == format.escape || next == format.quote) =>
                    {
                        self.bytes.extend(line.get(at));
                        at += 1;
                    }
                    true if byte == format.quote => within = false,
                    _ => self.bytes.push(byte),
                }
            }
            if within {
                return Err(bad_format("unterminated CSV quoted field"));
            }
            let end = self.bytes.len();
            let null = !quoted && self.bytes.get(start..end) == Some(format.null.as_bytes());
            self.fields.push(Field { start, end, null, quoted });
            if ended {
                return Ok(());
            }
        }
    }
}
