//! Where rows live: hot segments in memory, cold ones on disk, and the marks of deleted rows.
//!
//! | file | holds |
//! |---|---|
//! | `hot` | [`hot::HotRows`]: the newest rows of a table, in memory |
//! | `page` | paged files: checksummed pages, a footer, a tail |
//! | `cache` | [`PageCache`]: verified pages under a byte budget |
//! | `encoding` | vectors of values as bytes, and back |
//! | `format` | what a cold segment's pages, zone maps and footer look like |
//! | `cold` | [`ColdSegment`], [`ColdWriter`]: immutable rows in a file |
//! | `shape` | [`Shape`]: which columns rows have, and what those that they lack are |
//! | `deletes` | [`Deletes`], [`RowSet`]: which rows are gone, and since when |
//! | `marks` | files of delete marks |
//! | `blob` | [`blob::BlobFiles`]: files of large values |

pub mod blob;
pub mod cache;
pub mod cold;
pub mod deletes;
pub mod encoding;
pub mod format;
pub mod hot;
pub mod keys;
pub mod marks;
pub mod page;
pub mod shape;

pub use cache::PageCache;
pub use cold::{Before, ColdSegment, ColdSummary, ColdWriter, Sum, VECTOR_ROWS, Zone};
pub use deletes::{Deletes, Marks, RowSet};
pub use marks::{MarkEntry, read_marks, verify_marks, write_marks};
pub use shape::Shape;
