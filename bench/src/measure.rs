//! Medians, percentiles, memory, and the rows of the table.

use std::path::Path;
use std::time::Duration;

/// The middle of several figures.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value below which a share of the sorted samples lies.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted[at]
}

/// One row of the table: Remanent, its peer, and the ratio in the direction where more is better.
pub fn report(what: &str, unit: &str, ours: f64, theirs: f64, more_is_better: bool) {
    let ratio = if more_is_better { ours / theirs } else { theirs / ours };
    println!("| {what} | {} {unit} | {} {unit} | {ratio:.2} × |", figure(ours), figure(theirs));
}

/// A figure with three digits that matter.
pub fn figure(value: f64) -> String {
    match value {
        v if v >= 1e6 => format!("{:.2} M", v / 1e6),
        v if v >= 1e4 => format!("{:.1} k", v / 1e3),
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// A line of /proc/self/status in bytes (`VmRSS`, `VmHWM`).
pub fn memory(line: &str) -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let found = status.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
    let kilobytes = found.and_then(|l| l.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(f64::NAN) * 1024.0
}

/// Bytes of all files below a directory.
pub fn size(dir: &Path) -> f64 {
    let mut total = 0.0;
    for entry in std::fs::read_dir(dir).unwrap().flatten() {
        let meta = entry.metadata().unwrap();
        total += if meta.is_dir() { size(&entry.path()) } else { meta.len() as f64 };
    }
    total
}
