//! Types, values, columns and the order of keys.
//!
//! | file | holds |
//! |---|---|
//! | `types` | [`Type`]: the SQL types |
//! | `value` | [`Value`]: one value, its conversions and its text |
//! | `decimal` | [`Decimal`]: exact numbers |
//! | `interval` | [`Interval`]: months, days, microseconds |
//! | `datetime` | calendar arithmetic and the text of dates and times |
//! | `text` | values from and to PostgreSQL's text forms |
//! | `column` | [`Column`], [`ColumnBuilder`], [`Batch`]: vectors of values in Arrow's layout |
//! | `bitmap`, `buffer` | the pieces columns are made of |
//! | `key` | [`Key`]: bytes that sort as the values do |
//! | `codec` | columns and values as bytes in the log |
//! | `bytes` | varints and the [`Reader`](bytes::Reader) of untrusted bytes |

pub mod bitmap;
pub mod buffer;
pub mod bytes;
pub mod codec;
pub mod column;
pub mod decimal;
pub mod interval;
pub mod key;
pub mod types;
#[allow(clippy::module_inception, reason = "the type's own file")]
pub mod value;

pub use bitmap::Bitmap;
pub use buffer::Buffer;
pub use column::{Batch, Column, ColumnBuilder, ColumnData, Views};
pub use decimal::Decimal;
pub use interval::Interval;
pub use key::Key;
pub use types::{Physical, Type};
pub use value::Value;
