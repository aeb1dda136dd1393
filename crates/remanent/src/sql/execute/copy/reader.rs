//! COPY's data as lines of fields, for COPY itself and for who looks at a file before it is copied.

use super::fields::Fields;
use super::records::Records;
use super::text;
use crate::sql::bind::CopyFormat;
use remanent_storage::error::Result;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// A line is there.
    Line,
    /// More bytes are needed.
    More,
    /// No more lines.
    End,
}

/// Reads lines of fields from bytes as they come. It holds one line and what was pushed behind it.
///
/// ```
/// use remanent::sql::bind::CopyFormat;
/// use remanent::sql::execute::{CopyNext, CopyReader};
/// let mut reader = CopyReader::new(&CopyFormat::csv(b','));
/// reader.push(b"1,\"a\nb\"\n");
/// assert_eq!(reader.next(true)?, CopyNext::Line);
/// reader.split()?;
/// assert_eq!((reader.len(), reader.value(1, false, false)), (2, Some("a\nb")));
/// # Ok::<(), remanent::Error>(())
/// ```
pub struct CopyReader {
    records: Records,
    fields: Fields,
    null: String,
}

impl CopyReader {
    /// For data of a format.
    pub fn new(format: &CopyFormat) -> Self {
        let (records, fields) = (Records::new(format), Fields::new(format));
        CopyReader { records, fields, null: format.null.clone() }
    }

    /// More bytes. A line that was at hand is gone.
    pub fn push(&mut self, bytes: &[u8]) {
        self.records.push(bytes);
    }

    /// The next line. `last`: no more bytes will come. Line ends that do not fit together are 22P04, a line that is too long is
    /// 54000.
    pub fn next(&mut self, last: bool) -> Result<Next> {
        self.records.next(last)
    }

    /// The line at hand, without its end.
    pub fn bytes(&self) -> &[u8] {
        self.records.bytes()
    }

    /// Its number, from 1; of one that goes over several lines, that of the last.
    pub fn line(&self) -> u64 {
        self.records.line()
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.records.held()
    }

    /// Takes the line at hand apart; 22021 where it is not UTF-8, 22P04 where a quote is not closed.
    pub fn split(&mut self) -> Result<()> {
        self.fields.split(text(self.records.bytes())?)
    }

    /// How many fields the line has that was taken apart last.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// True if it has none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A field; None for NULL. `not_null` and `force_null` are FORCE_NOT_NULL and FORCE_NULL.
    pub fn value(&self, i: usize, not_null: bool, force_null: bool) -> Option<&str> {
        self.fields.value(i, &self.null, not_null, force_null)
    }
}
