//! Types, values, columns and the order of keys.
//!
//! | file | holds |
//! |---|---|
//! | `types` | [`Type`]: the SQL types |
//! | `value` | [`Value`]: one value, its conversions and its text |
//! | `text` | values from and to PostgreSQL's text forms |
//! | `numeric` | [`Numeric`]: exact numbers of any size |
//! | `decimal` | [`Decimal`]: those that fit 16 bytes; `wide`: their 256-bit products |
//! | `characters` | texts of limited length, uuids |
//! | `array` | [`Array`]; `json`: [`Jsonb`] and JSON's text |
//! | `precise` | types of moments and spans that keep less: `timestamp(3)` |
//! | `kinds` | types whose values are bytes of their own layout; `bits`, `halfvec`, `places`, `record`, `sparsevec`, `text_search`, `timetz`: some of them |
//! | `interval` | [`Interval`]: months, days, microseconds; `interval_text`: their text |
//! | `bucket` | times in buckets of a width |
//! | `datetime` | calendar arithmetic; `datetime_text`: the text of dates and times; `datetime_fields`: cut into fields |
//! | `zone` | [`Zone`]: time zones |
//! | `column` | [`Column`], [`ColumnBuilder`], [`Batch`]: vectors of values in Arrow's layout |
//! | `blob` | [`blob::Blob`], [`blob::Reference`]: large values that lie elsewhere |
//! | `units` | numbers with a unit: bytes, times |
//! | `bitmap`, `buffer` | the pieces columns are made of |
//! | `key` | [`Key`]: bytes that sort as the values do |
//! | `codec` | columns and values as bytes in the log |
//! | `bytes` | varints and the [`Reader`](bytes::Reader) of untrusted bytes |

pub mod array;
pub mod bitmap;
pub mod bits;
pub mod blob;
pub mod bucket;
pub mod buffer;
pub mod bytes;
pub mod characters;
pub mod codec;
pub mod column;
pub mod datetime;
mod datetime_fields;
mod datetime_text;
pub mod decimal;
pub mod halfvec;
pub mod inline;
pub mod interval;
mod interval_text;
pub mod json;
pub mod jsonpath;
pub mod key;
pub mod kinds;
pub mod numeric;
#[cfg(feature = "shapes")]
pub mod places;
pub mod precise;
pub mod record;
pub mod sparsevec;
pub mod text;
#[cfg(feature = "text")]
pub mod text_search;
pub mod timetz;
pub mod types;
pub mod units;
#[allow(clippy::module_inception, reason = "the type's own file")]
pub mod value;
mod wide;
pub mod zone;

pub use array::Array;
pub use bitmap::Bitmap;
pub use buffer::Buffer;
pub use column::{Batch, Column, ColumnBuilder, ColumnData, Views};
pub use datetime::{Extracted, Field};
pub use decimal::Decimal;
pub use interval::Interval;
pub use json::{Jsonb, JsonbRef};
pub use key::Key;
pub use numeric::Numeric;
pub use types::{Element, Physical, Type};
pub use value::{FromValue, Value};
pub use zone::Zone;
