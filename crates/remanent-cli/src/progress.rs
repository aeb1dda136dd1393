//! The line that shows how far a statement or an import is, on standard error, once it has run for half a second.
//!
//! ```text
//! ⠹ 12,400,000 rows read, 6.2 M/s, 2.0 s
//! ```
//!
//! It is gone before the first byte of the answer is printed, or when the statement ends. Rows are those that the
//! statement has read from tables so far.

use crate::term::{cut, grouped};
use remanent::Interrupter;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Statements that are faster show nothing.
const PATIENCE: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);
const WHEEL: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/// The thread that draws it, until this is dropped or told to be quiet.
pub struct Progress {
    thread: Option<JoinHandle<()>>,
    done: Arc<AtomicBool>,
}

impl Progress {
    /// Nothing is drawn.
    pub fn none() -> Self {
        Progress { thread: None, done: Arc::default() }
    }

    /// Draws how many rows the connection's statement has read.
    pub fn start(statement: Interrupter) -> Self {
        Progress::of("rows read", move || statement.rows_read())
    }

    /// Draws a count of something.
    pub fn of(what: &'static str, count: impl Fn() -> u64 + Send + 'static) -> Self {
        if !io::stderr().is_terminal() {
            return Progress::none();
        }
        let done = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&done);
        let thread =
            std::thread::Builder::new().name("progress".into()).spawn(move || draw(what, &count, &flag));
        // Without a thread there is none to see.
        Progress { thread: thread.ok(), done }
    }

    /// No more of it from here on.
    pub fn quiet(&mut self) {
        if let Some(thread) = self.thread.take() {
            self.done.store(true, Ordering::Relaxed);
            thread.thread().unpark();
            let _ = thread.join();
        }
    }

    /// A writer before whose first byte the line goes.
    pub fn before<'a>(self, out: &'a mut dyn Write) -> Quiet<'a> {
        Quiet { progress: self, out }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.quiet();
    }
}

/// See [`Progress::before`].
pub struct Quiet<'a> {
    progress: Progress,
    out: &'a mut dyn Write,
}

impl Write for Quiet<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.progress.quiet();
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn draw(what: &str, count: &dyn Fn() -> u64, done: &AtomicBool) {
    let started = Instant::now();
    let mut drawn = false;
    for turn in 0.. {
        while started.elapsed() < PATIENCE && !done.load(Ordering::Relaxed) {
            std::thread::park_timeout(PATIENCE.saturating_sub(started.elapsed()));
        }
        if done.load(Ordering::Relaxed) {
            break;
        }
        let wheel = WHEEL.get(turn % WHEEL.len()).copied().unwrap_or('*');
        let columns = console::Term::stderr().size_checked().map_or(80, |(_, columns)| usize::from(columns));
        let line = format!("{wheel} {}", text(what, count(), started.elapsed()));
        // Nobody needs it so much as to fail for it.
        let _ = write!(io::stderr(), "\r{}\x1b[K", cut(&line, columns.saturating_sub(1)));
        drawn = true;
        std::thread::park_timeout(STEP);
    }
    if drawn {
        let _ = write!(io::stderr(), "\r\x1b[K");
    }
}

fn text(what: &str, count: u64, time: Duration) -> String {
    let seconds = time.as_secs_f64();
    if count == 0 {
        return format!("{seconds:.1} s");
    }
    format!("{} {what}, {}/s, {seconds:.1} s", grouped(count), short(count as f64 / seconds.max(0.001)))
}

fn short(rate: f64) -> String {
    match rate {
        ..1e3 => format!("{rate:.0}"),
        ..1e6 => format!("{:.1} k", rate / 1e3),
        _ => format!("{:.1} M", rate / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        let text = |count, seconds| text("rows read", count, Duration::from_secs(seconds));
        assert_eq!(text(0, 2), "2.0 s");
        assert_eq!(text(12_400_000, 2), "12,400,000 rows read, 6.2 M/s, 2.0 s");
        assert_eq!(text(300, 2), "300 rows read, 150/s, 2.0 s");
    }
}
