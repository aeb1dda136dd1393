//! What EXPLAIN says of a plan, as data: a tree of titles and facts, printed as text or as JSON.
//!
//! ```text
//! HashAggregate  (rows=4) (actual time=1.902..1.903 rows=4 loops=1)
//!   Group Key: note
//!   Memory: 12kB
//!   ->  Seq Scan on imu  (rows=9000) (actual time=0.011..0.702 rows=9000 loops=1)
//! ```
//!
//! Times are in milliseconds and include those of the inputs, as PostgreSQL's do; rows and times are those of all loops
//! together, divided by their number.

use super::display::ExplainOptions;
use remanent_storage::table::scan::Touched;
use std::fmt::Write;
use std::time::Duration;

/// What a node took.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// How often it was begun.
    pub loops: u64,
    /// The rows that came out, of all loops.
    pub rows: u64,
    /// Until the first rows came.
    pub first: Duration,
    /// Altogether, inputs included.
    pub total: Duration,
    /// The most memory it held, in bytes.
    pub memory: usize,
    /// Bytes that it laid down on disk.
    pub spilled: u64,
    /// How many threads helped.
    pub workers: usize,
    /// What it read and skipped, where it reads a table.
    pub touched: Option<Touched>,
}

/// A node of a plan as it is printed.
#[derive(Debug, Default)]
pub struct Node {
    pub(super) title: String,
    pub(super) facts: Vec<(&'static str, String)>,
    /// The rows expected.
    pub(super) rows: Option<f64>,
    /// What it took, where statements are measured; within, None: it never ran.
    pub(super) ran: Option<Option<Measured>>,
    pub(super) subplans: Vec<Node>,
    pub(super) children: Vec<Node>,
    /// What is run before the plan, and what becomes of its rows.
    pub(super) init: Vec<(&'static str, Node)>,
}

impl Node {
    pub(super) fn new(title: String) -> Self {
        Node { title, ..Node::default() }
    }

    pub(super) fn fact(&mut self, name: &'static str, text: String) {
        self.facts.push((name, text));
    }

    /// Several lines, each ended.
    pub fn text(&self, options: ExplainOptions) -> String {
        let mut out = String::new();
        self.lines(0, false, options, &mut out);
        for (i, (result, plan)) in self.init.iter().enumerate() {
            out.push_str(&format!("  InitPlan {} ({result})\n", i + 1));
            plan.lines(4, true, options, &mut out);
        }
        out
    }

    fn lines(&self, indent: usize, arrow: bool, options: ExplainOptions, out: &mut String) {
        let arrow = if arrow { "->  " } else { "" };
        let _ = write!(out, "{:indent$}{arrow}{}", "", self.title);
        if let Some(rows) = self.rows {
            let _ = write!(out, "  (rows={rows:.0})");
        }
        match &self.ran {
            Some(Some(ran)) => {
                let (first, total, rows) = ran.per_loop();
                match options.timing {
                    true => {
                        let _ = write!(
                            out,
                            " (actual time={first:.3}..{total:.3} rows={rows} loops={})",
                            ran.loops
                        );
                    }
                    false => {
                        let _ = write!(out, " (actual rows={rows} loops={})", ran.loops);
                    }
                }
            }
            // A node of its own in print only.
            Some(None) if self.rows.is_some() => out.push_str(" (never executed)"),
            _ => {}
        }
        out.push('\n');
        let inner = indent + 2 + arrow.len();
        for (name, text) in self.facts.iter().cloned().chain(self.measures(options)) {
            let _ = writeln!(out, "{:inner$}{name}: {text}", "");
        }
        for subplan in &self.subplans {
            let _ = writeln!(out, "{:inner$}SubPlan", "");
            subplan.lines(inner + 2, true, options, out);
        }
        self.children.iter().for_each(|child| child.lines(inner, true, options, out));
    }

    /// Memory, disk, and what was read.
    fn measures(&self, options: ExplainOptions) -> Vec<(&'static str, String)> {
        let mut all = Vec::new();
        let Some(Some(ran)) = &self.ran else { return all };
        if ran.memory > 0 {
            all.push(("Memory", format!("{}kB", ran.memory.div_ceil(1024))));
        }
        if ran.spilled > 0 {
            all.push(("Disk", format!("{}kB", ran.spilled.div_ceil(1024))));
        }
        if ran.workers > 0 {
            all.push(("Workers", ran.workers.to_string()));
        }
        if let (true, Some(touched)) = (options.buffers, ran.touched) {
            let Touched { segments_read, segments_skipped, vectors_read, vectors_skipped, .. } = touched;
            all.push(("Segments", format!("read={segments_read} skipped={segments_skipped}")));
            let mut vectors = format!("read={vectors_read} skipped={vectors_skipped}");
            if touched.vectors_summarised > 0 {
                let _ = write!(vectors, " summarised={}", touched.vectors_summarised);
            }
            all.push(("Vectors", vectors));
        }
        all
    }

    /// One object.
    pub fn json(&self, options: ExplainOptions, indent: usize) -> String {
        let pad = " ".repeat(indent + 2);
        let mut members = vec![format!("{pad}\"Node Type\": {}", quoted(&self.title))];
        if let Some(rows) = self.rows {
            members.push(format!("{pad}\"Plan Rows\": {rows:.0}"));
        }
        if let Some(ran) = &self.ran {
            let (first, total, rows) = ran.as_ref().map_or((0.0, 0.0, 0), Measured::per_loop);
            if options.timing {
                members.push(format!("{pad}\"Actual Startup Time\": {first:.3}"));
                members.push(format!("{pad}\"Actual Total Time\": {total:.3}"));
            }
            members.push(format!("{pad}\"Actual Rows\": {rows}"));
            members.push(format!("{pad}\"Actual Loops\": {}", ran.as_ref().map_or(0, |ran| ran.loops)));
        }
        for (name, text) in self.facts.iter().cloned().chain(self.measures(options)) {
            members.push(format!("{pad}\"{name}\": {}", quoted(&text)));
        }
        let inputs: Vec<&Node> =
            self.init.iter().map(|(_, node)| node).chain(&self.subplans).chain(&self.children).collect();
        if !inputs.is_empty() {
            let plans: Vec<String> =
                inputs.iter().map(|node| format!("{pad}  {}", node.json(options, indent + 4))).collect();
            members.push(format!("{pad}\"Plans\": [\n{}\n{pad}]", plans.join(",\n")));
        }
        format!("{{\n{}\n{}}}", members.join(",\n"), " ".repeat(indent))
    }
}

impl Measured {
    /// Milliseconds to the first rows and to the last, and rows.
    fn per_loop(&self) -> (f64, f64, u64) {
        let loops = self.loops.max(1);
        let ms = |time: Duration| time.as_secs_f64() * 1e3 / loops as f64;
        (ms(self.first), ms(self.total), (self.rows + loops / 2) / loops)
    }

    /// With what another run of the same node took.
    pub fn add(&mut self, other: Measured) {
        self.loops += other.loops;
        self.rows += other.rows;
        self.first += other.first;
        self.total += other.total;
        self.memory = self.memory.max(other.memory);
        self.spilled += other.spilled;
        self.workers = self.workers.max(other.workers);
        if let Some(more) = other.touched {
            self.touched.get_or_insert_default().add(more);
        }
    }
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if (c as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
