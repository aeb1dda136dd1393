//! The rows of the printed table: a figure of Remanent, a peer's, their ratio, and what was asked.

/// What a figure was asked to be.
#[derive(Clone, Copy)]
pub enum Asked {
    Nothing,
    /// Remanent is at least this many times as good as the first peer, SQLite.
    Ratio(f64),
    AtMost(f64),
    AtLeast(f64),
}

/// One figure, measured on several engines.
pub struct Figure<'a> {
    pub scenario: &'a str,
    pub what: String,
    pub unit: &'a str,
    pub more_is_better: bool,
}

impl Figure<'_> {
    /// A row per peer. A ratio that is below what was asked, or below 1, is bold; so is a figure that misses its limit.
    pub fn row(&self, ours: f64, peers: &[(&str, f64)], asked: Asked) {
        let (limit, met) = match asked {
            Asked::Nothing => (String::new(), true),
            Asked::Ratio(r) if r < 1.0 => (format!("≥ {} ×", figure(r)), true),
            Asked::Ratio(r) => (format!("≥ {r} ×"), true),
            Asked::AtMost(most) => (format!("≤ {} {}", figure(most), self.unit), ours <= most),
            Asked::AtLeast(least) => (format!("≥ {} {}", figure(least), self.unit), ours >= least),
        };
        let mine = mark(format!("{} {}", figure(ours), self.unit), met);
        for (i, (peer, theirs)) in peers.iter().enumerate() {
            let ratio = if self.more_is_better { ours / theirs } else { theirs / ours };
            let (least, limit) = match asked {
                Asked::Ratio(asked) if i == 0 => (asked.max(1.0), limit.as_str()),
                Asked::Ratio(_) => (1.0, ""),
                _ => (1.0, limit.as_str()),
            };
            let fine = ratio >= least;
            let ratio = mark(format!("{ratio:.2} ×"), fine);
            let theirs = format!("{} {}", figure(*theirs), self.unit);
            println!(
                "| `{}` | {} | {mine} | {peer} | {theirs} | {ratio} | {limit} |",
                self.scenario, self.what
            );
        }
        if peers.is_empty() {
            println!("| `{}` | {} | {mine} | | | | {limit} |", self.scenario, self.what);
        }
    }

    /// A row of differences, which have no ratio.
    pub fn difference(&self, ours: f64, (peer, theirs): (&str, f64), asked: Asked) {
        let (limit, met) = match asked {
            Asked::AtMost(most) => (format!("≤ {} {}", figure(most), self.unit), ours <= most),
            _ => (String::new(), true),
        };
        let mine = mark(format!("{} {}", figure(ours), self.unit), met);
        let theirs = format!("{} {}", figure(theirs), self.unit);
        println!("| `{}` | {} | {mine} | {peer} | {theirs} | | {limit} |", self.scenario, self.what);
    }
}

/// A figure where more is better.
pub fn more<'a>(scenario: &'a str, what: impl Into<String>, unit: &'a str) -> Figure<'a> {
    Figure { scenario, what: what.into(), unit, more_is_better: true }
}

/// A figure where less is better.
pub fn less<'a>(scenario: &'a str, what: impl Into<String>, unit: &'a str) -> Figure<'a> {
    Figure { scenario, what: what.into(), unit, more_is_better: false }
}

pub fn head() {
    println!(
        "| scenario | figure | Remanent | peer | its figure | ratio | asked |\n|---|---|---|---|---|---|---|"
    );
}

fn mark(text: String, fine: bool) -> String {
    if fine { text } else { format!("**{text}**") }
}

/// A figure with three digits that matter.
pub fn figure(value: f64) -> String {
    match value {
        v if v < 0.0 => format!("−{}", figure(-v)),
        v if v >= 1e6 => format!("{:.2} M", v / 1e6),
        v if v >= 1e4 => format!("{:.1} k", v / 1e3),
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}
