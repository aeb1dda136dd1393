//! Reading PX4's flight logs: the ULog format, as a stream.
//!
//! Source of the format: "ULog File Format", <https://docs.px4.io/main/en/dev_log/ulog_file_format>.
//! All numbers are little-endian. A file is a header of 16 bytes and then messages to its end:
//!
//! ```text
//! offset size  header                      offset size  message
//!      0    7  55 4c 6f 67 01 12 35             0    2  size of the body in bytes
//!      7    1  version: 0 or 1                  2    1  kind, a letter (below)
//!      8    8  µs since boot, start of log      3    n  body
//! ```
//!
//! | kind | body | what [`Reader::next`] makes of it |
//! |---|---|---|
//! | `B` | compat flags 8, incompat flags 8, appended offsets 3 × 8 | kept by the reader: where it jumps |
//! | `F` | `name:type field;type[n] field;…` | kept: a [`format`](mod@format) that streams and other formats use |
//! | `I` | key length 1, key `type name`, value | [`Message::Info`] |
//! | `M` | continued 1, key length 1, key, value | [`Message::MultiInfo`] |
//! | `P` | as `I`; int32_t or float | [`Message::Parameter`] |
//! | `Q` | which default 1, then as `P` | [`Message::DefaultParameter`] |
//! | `A` | multi id 1, message id 2, format name | [`Message::Subscribed`]: a new stream |
//! | `R` | message id 2 | [`Message::Other`] |
//! | `D` | message id 2, one record of that stream | [`Message::Data`] |
//! | `L`, `C` | level 1, (tag 2,) µs 8, text | [`Message::Text`] |
//! | `O` | ms 2 | [`Message::Dropout`] |
//! | `S` | 8 fixed bytes | checked; [`Message::Other`] |
//!
//! A worked example, a log with one stream and one record:
//!
//! ```text
//! 55 4c 6f 67 01 12 35 01  40 42 0f 00 00 00 00 00                 header, version 1, began at 1,000,000 µs
//! 1f 00 46  "imu:uint64_t timestamp;float x;"                      F: a format of 12 bytes a record
//! 06 00 41  00  07 00  "imu"                                       A: message id 7 is "imu", instance 0
//! 0e 00 44  07 00  80 96 98 00 00 00 00 00  00 00 80 3f            D: timestamp 10,000,000, x = 1
//! ```
//!
//! Limits. ULog carries no checksums: a flipped bit inside a value cannot be noticed, only one that breaks
//! the structure. Nothing is believed before it is checked, memory never follows a number in the file (a
//! message is at most 64 KiB; flattened formats are bounded by the constants of [`layout`]), and
//! every failure is an [`Error`] that names file, byte and reason. Letters of the alphabet that the format
//! does not know yet are passed over, as it asks; any other unknown kind is damage.

mod error;
pub mod format;
pub mod layout;
mod reader;
mod scalar;

pub use error::{Error, Kind, Result};
pub use layout::Layout;
pub use reader::{Message, Reader};
pub use scalar::{Datum, Scalar, typed_text};

#[cfg(test)]
mod tests;
