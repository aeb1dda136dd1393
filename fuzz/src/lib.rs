//! Untrusted bytes for every parser of untrusted bytes (design section 13).
//!
//! A *target* is a function of bytes that must come to an end: without a panic, without an allocation that the bytes
//! cannot justify. What it may answer is its own business; most answers are errors.
//!
//! | target | bytes | reaches |
//! |---|---|---|
//! | `sql` | a script | lexer, parser, binder, optimizer, executor, on tables with rows |
//! | `change` | the body of a record of the log | `txn/change.rs`, `value/codec.rs` |
//! | `values` | single values and keys | `value/codec.rs`, `value/key.rs`, text forms |
//! | `encodings` | sections of a column page | `segment/encoding` |
//! | `kernels` | entropy-coded numbers, tables of symbols | `remanent-kernels` |
//! | `manifest`, `log`, `segment`, `part`, `marks` | that file of a database | open, check, queries, writes, salvage |
//! | `readers` | the writer's notice, then a follower's slot | a writer and a follower beside each other |
//! | `ulog` | a flight log | the reader of the import |
//! | `text` | documents, queries, tsvectors, tsqueries | `remanent-text` |
//! | `shapes` | WKT, EWKT, WKB, GeoJSON | `remanent-shapes`: every function of what is accepted |
//! | `copy` | data of COPY | `sql/execute/copy`, the same in pieces of any size |
//!
//! Checksums would turn nearly every changed byte away before a parser sees it. So [`seals`] puts them right again: what is
//! tested is what stands behind them, which must hold even where a checksum agrees.
//!
//! The same functions run in two ways. `tests/tests/fuzz.rs` runs each on a stable compiler: a number of seeded changes of
//! valid inputs ([`mutate`]), and every file in `regressions`, each an input that once failed. cargo-fuzz runs them under
//! libFuzzer, guided by coverage (`./check long`):
//!
//! ```text
//! REMANENT_FUZZ_SEEDS=/tmp/seeds cargo test -p remanent-tests --test fuzz seeds   # valid inputs to begin with
//! cargo +nightly fuzz run segment /tmp/corpus /tmp/seeds/segment fuzz/regressions/segment
//! ```
#![allow(dead_code, reason = "libFuzzer's programs and the driver each use their part")]

pub mod copy;
pub mod database;
pub mod files;
pub mod mutate;
pub mod parsers;
pub mod seals;
pub mod shapes;
pub mod statements;
pub mod text;

// The files of the reader, without its tests, which run where it is.
#[path = "../../crates/remanent-cli/src/ulog"]
#[allow(clippy::all, unused, reason = "the reader of the program, which is no library")]
pub mod ulog {
    mod error;
    pub mod format;
    pub mod layout;
    mod reader;
    mod scalar;

    pub use error::{Error, Kind, Result};
    pub use layout::Layout;
    pub use reader::{Message, Reader};
    pub use scalar::{Datum, Scalar, typed_text};
}

/// One kind of untrusted bytes.
pub struct Target {
    /// Its name, in the table above.
    pub name: &'static str,
    /// What must come to an end.
    pub run: fn(&[u8]),
    /// Valid inputs.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// How many changed inputs `./check` tries: about a second or two.
    pub rounds: u64,
}

/// All of them.
pub const TARGETS: &[Target] = &[
    Target { name: "sql", run: statements::run, seeds: statements::seeds, rounds: 1500 },
    Target { name: "change", run: parsers::change, seeds: parsers::change_seeds, rounds: 20_000 },
    Target { name: "values", run: parsers::values, seeds: parsers::values_seeds, rounds: 50_000 },
    Target { name: "encodings", run: parsers::encodings, seeds: parsers::encodings_seeds, rounds: 20_000 },
    Target { name: "kernels", run: parsers::kernels, seeds: parsers::kernels_seeds, rounds: 20_000 },
    Target { name: "manifest", run: files::manifest, seeds: files::manifest_seeds, rounds: 300 },
    Target { name: "log", run: files::log, seeds: files::log_seeds, rounds: 150 },
    Target { name: "segment", run: files::segment, seeds: files::segment_seeds, rounds: 300 },
    Target { name: "part", run: files::part, seeds: files::part_seeds, rounds: 300 },
    Target { name: "marks", run: files::marks, seeds: files::marks_seeds, rounds: 100 },
    Target { name: "readers", run: files::readers, seeds: files::readers_seeds, rounds: 200 },
    Target { name: "ulog", run: parsers::ulog, seeds: parsers::ulog_seeds, rounds: 20_000 },
    Target { name: "copy", run: copy::run, seeds: copy::seeds, rounds: 20_000 },
    Target { name: "text", run: text::run, seeds: text::seeds, rounds: 20_000 },
    Target { name: "shapes", run: shapes::run, seeds: shapes::seeds, rounds: 20_000 },
];

/// Runs the target of that name.
///
/// # Panics
/// Where there is none, and with whatever the target finds.
pub fn run(name: &str, data: &[u8]) {
    let target = TARGETS.iter().find(|target| target.name == name).expect("a target of that name");
    (target.run)(data);
}
