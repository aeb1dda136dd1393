//! Rows as COPY TO writes them (PostgreSQL's `CopyAttributeOutText` and `CopyAttributeOutCSV`).

use crate::sql::bind::{BoundCopy, CopyFormat, Header};
use remanent_storage::error::Result;
use remanent_storage::value::{Value, Zone};

/// Writes rows as lines.
pub struct CopyOut {
    format: CopyFormat,
    force_quote: Vec<bool>,
    /// The value at hand as text.
    shown: String,
}

impl CopyOut {
    /// For a bound COPY TO.
    pub fn new(bound: &BoundCopy) -> Self {
        CopyOut { format: bound.format.clone(), force_quote: bound.force_quote.clone(), shown: String::new() }
    }

    /// Adds the line of names, if there is one.
    pub fn header(&self, names: &mut dyn Iterator<Item = &str>, out: &mut Vec<u8>) {
        if self.format.header == Header::No {
            return;
        }
        let names: Vec<&str> = names.collect();
        for (i, name) in names.iter().enumerate() {
            self.separate(i, out);
            self.field(name, false, names.len() == 1, out);
        }
        out.push(b'\n');
    }

    /// Adds a row, moments as clocks in that zone show them.
    pub fn row(&mut self, row: &[Value], zone: &Zone, out: &mut Vec<u8>) -> Result<()> {
        for (i, value) in row.iter().enumerate() {
            self.separate(i, out);
            let value = value.loaded()?;
            if value.is_null() {
                out.extend_from_slice(self.format.null.as_bytes());
                continue;
            }
            value.write_in(zone, &mut self.shown);
            let force = self.force_quote.get(i) == Some(&true) || self.shown == self.format.null;
            self.field(&self.shown, force, row.len() == 1, out);
        }
        out.push(b'\n');
        Ok(())
    }

    fn separate(&self, i: usize, out: &mut Vec<u8>) {
        if i > 0 {
            out.push(self.format.delimiter);
        }
    }

    fn field(&self, text: &str, force: bool, alone: bool, out: &mut Vec<u8>) {
        if self.format.csv { self.csv(text, force, alone, out) } else { self.text(text, out) }
    }

    fn text(&self, text: &str, out: &mut Vec<u8>) {
        for &byte in text.as_bytes() {
            let letter = match byte {
                0x08 => b'b',
                0x0c => b'f',
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                0x0b => b'v',
                b'\\' => b'\\',
                byte if byte == self.format.delimiter => byte,
                byte => {
                    out.push(byte);
                    continue;
                }
            };
            out.extend([b'\\', letter]);
        }
    }

    fn csv(&self, text: &str, force: bool, alone: bool, out: &mut Vec<u8>) {
        let CopyFormat { delimiter, quote, escape, .. } = self.format;
        let special = |byte: u8| byte == delimiter || byte == quote || matches!(byte, b'\n' | b'\r');
        // Alone on its line it would end the data.
        let quotes = force || text.bytes().any(special) || alone && text == "\\.";
        if !quotes {
            out.extend_from_slice(text.as_bytes());
            return;
        }
        out.push(quote);
        for byte in text.bytes() {
            if byte == quote || byte == escape {
                out.push(escape);
            }
            out.push(byte);
        }
        out.push(quote);
    }
}
