//! The scenarios, by what they look at. Each prints its own rows.
//!
//! | file | asks |
//! |---|---|
//! | `writes` | how many rows a second come in: one by one, by many threads, in batches, in bulk |
//! | `control_loop` | how long a 200 Hz loop waits for its insert beside everything else |
//! | `frames` | the same loop beside a camera |
//! | `counter` | what one row costs that is updated all the time |
//! | `reads` | how long points and scans take |
//! | `files` | how long opening takes, and how large the files are |
//! | `memory` | how much memory a process holds |
//! | `wear` | how many bytes reach the device |
//! | `suite` | what scenarios of many queries share |
//! | `analytics` | how long ten questions to a table of sensor readings take |
//! | `buckets` | how long sums of a year of readings take, by day |
//! | `tpch` | how long the 22 queries of TPC-H take |
//! | `vectors` | how long the nearest vectors take to find |
//! | `text` | how long the best texts take to find |
//! | `places` | how long the places near others take to find |
//! | `documents` | how long documents take to find by what they contain |
//! | `ingest` | what indexes of all kinds cost who writes |
//! | `child` | what of these runs in a process of its own |

mod analytics;
mod buckets;
pub mod child;
mod control_loop;
mod counter;
mod documents;
mod files;
mod frames;
mod ingest;
mod memory;
mod places;
mod reads;
mod suite;
mod text;
mod tpch;
mod vectors;
mod wear;
mod writes;

use crate::measure::median;
use crate::peers::{self, Peer};
use std::path::Path;
use std::time::Instant;

/// All scenarios by name.
pub const ALL: &[(&str, fn())] = &[
    ("durable", writes::durable),
    ("threads", writes::threads),
    ("off", writes::off),
    ("updates", writes::updates),
    ("batches", writes::batches),
    ("bulk", writes::bulk),
    ("loop", control_loop::durable),
    ("loop-off", control_loop::off),
    ("counter", counter::counter),
    ("frames", frames::frames),
    ("points", reads::points),
    ("plan", reads::plan),
    ("scans", reads::scans),
    ("analytics", analytics::analytics),
    ("buckets", buckets::buckets),
    ("tpch", tpch::tpch),
    ("vectors", vectors::vectors),
    ("text", text::text),
    ("places", places::places),
    ("documents", documents::documents),
    ("ingest", ingest::ingest),
    ("open", files::open),
    ("size", files::size_on_disk),
    ("memory", memory::memory),
    ("wear", wear::wear),
];

const ROUNDS: usize = 5;

/// A new directory on the device that is measured.
pub fn fresh() -> tempfile::TempDir {
    match std::env::var_os("BENCH_DIR") {
        Some(dir) => tempfile::tempdir_in(dir).unwrap(),
        None => tempfile::tempdir().unwrap(),
    }
}

/// A number that the user may set.
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// The peers of a scenario, with DuckDB where it is there.
fn with_duckdb(peers: &[Peer]) -> Vec<Peer> {
    peers.iter().copied().chain(peers::duckdb()).collect()
}

/// Medians of `rounds` runs: Remanent's, and each peer's with its name.
struct Medians {
    ours: f64,
    peers: Vec<(&'static str, f64)>,
}

/// Runs Remanent and the peers in turn, `rounds` times, each in a fresh directory.
fn versus(rounds: usize, peers: &[Peer], run: impl Fn(Peer, &Path) -> f64) -> Medians {
    let [medians] = versus_many(rounds, peers, |peer, dir| [run(peer, dir)]);
    medians
}

/// The same of runs that give several figures.
fn versus_many<const N: usize>(
    rounds: usize,
    peers: &[Peer],
    run: impl Fn(Peer, &Path) -> [f64; N],
) -> [Medians; N] {
    let sides: Vec<Peer> = [peers::REMANENT].iter().chain(peers).copied().collect();
    let mut figures = vec![[(); N].map(|()| Vec::new()); sides.len()];
    for _ in 0..rounds {
        for (side, figures) in sides.iter().zip(&mut figures) {
            let dir = fresh();
            for (figure, all) in run(*side, dir.path()).into_iter().zip(figures) {
                all.push(figure);
            }
        }
    }
    std::array::from_fn(|i| {
        let mut all =
            sides.iter().zip(&figures).map(|(side, figures)| (side.name, median(figures[i].clone())));
        let ours = all.next().map_or(f64::NAN, |(_, figure)| figure);
        Medians { ours, peers: all.collect() }
    })
}

fn per_second(rows: i64, begun: Instant) -> f64 {
    rows as f64 / begun.elapsed().as_secs_f64()
}
