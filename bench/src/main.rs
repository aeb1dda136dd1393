//! Remanent beside SQLite: `cargo run --release --manifest-path bench/Cargo.toml -- [SCENARIO …]`.
//!
//! Every scenario runs both engines in turn, several rounds, and prints the median of each and their ratio
//! (above 1: Remanent is better) as a row of a Markdown table. Without arguments all scenarios run.
//! `BENCH_DIR` names the directory whose device is measured; the default is the system's temporary one.

mod engine;
mod frames;
mod measure;
mod remanent_side;
mod scenarios;
mod sqlite_side;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    // A scenario that measures a whole process calls this program again.
    if let [flag, scenario, side, dir] = wanted.as_slice() {
        if flag == "--child" {
            return scenarios::child(scenario, side, std::path::Path::new(dir));
        }
    }
    println!("| scenario | Remanent | SQLite {} (WAL) | ratio |\n|---|---|---|---|", rusqlite::version());
    for (name, run) in scenarios::ALL {
        if wanted.is_empty() || wanted.iter().any(|w| w == name) {
            run();
        }
    }
}
