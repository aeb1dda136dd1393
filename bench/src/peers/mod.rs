//! The engines, each behind the same trait.

mod duckdb;
mod fjall;
pub mod postgres;
pub mod python;
mod remanent;
mod sqlite;

use crate::engine::Open;

/// An engine and how it is opened.
#[derive(Clone, Copy)]
pub struct Peer {
    pub name: &'static str,
    pub open: Open,
}

pub const REMANENT: Peer = Peer { name: "Remanent", open: remanent::OPEN };
pub const SQLITE: Peer = Peer { name: "SQLite", open: sqlite::OPEN };
pub const FJALL: Peer = Peer { name: "fjall", open: fjall::OPEN };

/// DuckDB, if its library is there.
pub fn duckdb() -> Option<Peer> {
    duckdb::library().map(|_| Peer { name: "DuckDB", open: duckdb::OPEN })
}

/// The engine of that name. DuckDB's library, which takes 13 MB of memory, is opened only where it is asked for.
pub fn named(name: &str) -> Option<Peer> {
    let known = [REMANENT, SQLITE, FJALL].into_iter().find(|peer| peer.name == name);
    known.or_else(|| duckdb().filter(|peer| peer.name == name))
}

/// Which versions are compared.
pub fn versions() -> String {
    let duckdb = match duckdb::library() {
        Some(library) => format!("DuckDB {}", library.version()),
        None => "no DuckDB (bench/peers.sh fetches it)".to_owned(),
    };
    format!("SQLite {} (WAL), fjall 3.1, {duckdb}", rusqlite::version())
}
