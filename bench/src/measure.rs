//! Medians, percentiles, and what the operating system says of this process: memory, bytes written, processor time.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

/// The middle of several figures.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

/// The value below which a share of the sorted samples lies.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() as f64 * share) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or_default()
}

/// How long this thread has run on a processor: what neighbours on the machine do does not count.
pub fn thread_time() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ran = text.split_whitespace().next().and_then(|n| n.parse().ok());
    Duration::from_nanos(ran.unwrap_or(0))
}

/// A line of /proc/self/status in bytes (`VmRSS`, `VmHWM`).
pub fn memory(line: &str) -> f64 {
    proc_line("/proc/self/status", line) * 1024.0
}

/// Bytes that reached the device of a directory since the machine started, whoever wrote them; what waits in the operating
/// system's cache is sent first. `write_bytes` of /proc/self/io will not do: it counts a page of the cache as a whole, and
/// those of a preallocated file are large.
pub fn device_bytes(dir: &Path) -> f64 {
    let _ = std::process::Command::new("sync").status();
    let Ok(meta) = std::fs::metadata(dir) else { return f64::NAN };
    let (major, minor) = (meta.dev() >> 8 & 0xfff, meta.dev() & 0xff | meta.dev() >> 12 & 0xfff00);
    let text = std::fs::read_to_string(format!("/sys/dev/block/{major}:{minor}/stat")).unwrap_or_default();
    // The seventh field: sectors of 512 bytes written.
    text.split_whitespace().nth(6).and_then(|n| n.parse::<f64>().ok()).map_or(f64::NAN, |n| n * 512.0)
}

fn proc_line(path: &str, line: &str) -> f64 {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let found = text.lines().find_map(|l| l.strip_prefix(line)?.strip_prefix(':'));
    found.and_then(|l| l.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(f64::NAN)
}

/// Seconds of processor that all threads of this process have used.
pub fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, in parentheses, may hold spaces.
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|f| f.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}

/// Bytes of all files below a directory; what vanishes meanwhile counts nothing.
pub fn size(dir: &Path) -> f64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0.0 };
    let of = |entry: std::fs::DirEntry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size(&entry.path()),
        Ok(meta) => meta.len() as f64,
        Err(_) => 0.0,
    };
    entries.flatten().map(of).sum()
}
