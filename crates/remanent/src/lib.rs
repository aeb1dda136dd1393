//! Remanent: one embedded engine for data of every shape, a robot's memory.
//!
//! A database is a directory. It opens in milliseconds, survives the plug being pulled at any instant, and speaks
//! PostgreSQL's SQL.
//!
//! ```
//! use remanent::{Database, params};
//! # let dir = tempfile::tempdir()?;
//! # let path = dir.path().join("robot.rem");
//! let db = Database::open(path)?;
//! let conn = db.connect()?;
//! conn.execute("CREATE TABLE imu (ts bigint PRIMARY KEY, ax float8, ay float8, az float8)", params![])?;
//! conn.execute("INSERT INTO imu VALUES ($1, $2, $3, $4)", params![1i64, 0.1, 0.2, 9.8])?;
//! for row in conn.query("SELECT ts, az FROM imu ORDER BY ts", params![])? {
//!     let row = row?;
//!     let (ts, az): (i64, f64) = (row.get("ts")?, row.get(1)?);
//!     assert_eq!((ts, az), (1, 9.8));
//! }
//! drop(conn);
//! db.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | type | is |
//! |---|---|
//! | [`Database`] | an open directory; clone it for each thread |
//! | [`Connection`] | a session: one transaction at a time; each thread has its own |
//! | [`Statement`] | a statement prepared once, run often |
//! | [`Transaction`], [`Savepoint`] | changes that belong together; rolled back when dropped |
//! | [`Appender`] | the fast way to add many rows |
//! | [`Rejected`] | a line of COPY FROM that is no row |
//! | [`Rows`], [`Row`] | an answer, row by row or in columns |
//! | [`Interrupter`] | ends a running statement from another thread |
//! | [`TableDef`], [`ColumnDef`] | what a table consists of, see [`Connection::tables`] |
//! | [`Value`], [`Type`] | one SQL value; a SQL type |
//! | [`Blob`], [`BlobReader`] | a large value from a reader; one read piece by piece |
//! | [`Error`] | what went wrong: a SQLSTATE for programs, words for people |
//!
//! Life of a call, for those who read on: [`Connection::query`] → `session` finds or makes the prepared statement
//! ([`sql`]), begins a transaction or takes the open one, runs it, commits where it stands alone → [`Rows`] pulls the
//! batches.

mod appender;
mod connection;
mod database;
mod params;
mod rows;
mod salvage;
mod session;
mod settings;
pub mod sql;
mod statement;
mod transaction;

pub use appender::Appender;
pub use connection::{Connection, Interrupter, TransactionStatus};
pub use database::{Database, Options};
pub use params::Params;
pub use rows::{Batches, Row, RowIndex, Rows};
pub use salvage::salvage;
pub use sql::ResultColumn;
pub use sql::execute::Rejected;
pub use statement::Statement;
pub use transaction::{Savepoint, Transaction};

pub use remanent_storage::error::{self, Error, Result};
pub use remanent_storage::store::Stats;
pub use remanent_storage::store::backup::Backup;
pub use remanent_storage::store::check::Report;
pub use remanent_storage::store::salvage::{Loss, SalvageReport, SavedTable};
pub use remanent_storage::table::{ColumnDef, ConstraintDef, TableDef};
pub use remanent_storage::value::blob::{Blob, BlobReader};
pub use remanent_storage::value::json;
pub use remanent_storage::value::value::FromValue;
pub use remanent_storage::value::{
    Array, Batch, Column, ColumnData, Decimal, Interval, Jsonb, Numeric, Type, Value, Zone,
};
pub use remanent_storage::world::meter::Written;
