//! A terminal with the program on it.

#![allow(clippy::disallowed_types, reason = "tests of real processes need real threads")]

use super::common::Place;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long something may take to appear: tests run beside others.
const PATIENCE: Duration = Duration::from_secs(60);

/// The program's terminal, seen from the person's side.
pub struct Terminal {
    keys: File,
    seen: std::sync::mpsc::Receiver<Vec<u8>>,
    /// What was shown and not expected yet.
    text: String,
    child: Child,
}

impl Terminal {
    pub fn start(place: &Place, args: &[&str], columns: u16) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("it is ours");
        let size = Winsize { ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).expect("it has a size");
        let name = ptsname(&master, Vec::new()).expect("it has a name");
        let open = || {
            File::options().read(true).write(true).open(OsStr::from_bytes(name.as_bytes())).expect("it opens")
        };
        // A session of its own, of which this is the terminal: so Ctrl-C is a signal.
        let child = Command::new("setsid")
            .args(["--ctty", "--wait", env!("CARGO_BIN_EXE_remanent")])
            .args(args)
            .current_dir(place.path(""))
            .env("TERM", "xterm-256color")
            .env("XDG_STATE_HOME", place.path("state"))
            .env("VISUAL", "sh edit.sh")
            .env_remove("NO_COLOR")
            .env_remove("REMANENT_HISTORY")
            .stdin(Stdio::from(open()))
            .stdout(Stdio::from(open()))
            .stderr(Stdio::from(open()))
            .spawn()
            .expect("it starts");
        let keys = File::from(master);
        let mut screen = keys.try_clone().expect("a handle");
        let (sender, seen) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(n @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..n].to_vec()).is_err() {
                    break;
                }
            }
        });
        Terminal { keys, seen, text: String::new(), child }
    }

    /// Types.
    pub fn send(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("it listens");
    }

    /// Types a line.
    pub fn enter(&mut self, line: &str) {
        self.send(&format!("{line}\r"));
    }

    /// Waits until that is shown, colours apart; what was shown before it is forgotten.
    pub fn expect(&mut self, wanted: &str) {
        let until = Instant::now() + PATIENCE;
        loop {
            let text = if wanted.contains('\x1b') { self.text.clone() } else { without_colours(&self.text) };
            if let Some(at) = text.find(wanted) {
                self.text = text[at + wanted.len()..].to_owned();
                return;
            }
            match self.seen.recv_timeout(until.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.text.push_str(&String::from_utf8_lossy(&bytes)),
                Err(_) => panic!("{wanted:?} is not shown, but {:?}", self.text),
            }
        }
    }

    /// Waits for the end; the exit status.
    pub fn end(mut self) -> Option<i32> {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        panic!("it does not end: {:?}", self.text);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The text without sequences that set colours; others stay.
fn without_colours(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("\x1b[") {
        let (before, sequence) = rest.split_at(at);
        out.push_str(before);
        let end = sequence[2..].find(|c: char| c.is_ascii_alphabetic()).map(|i| i + 3);
        let Some(end) = end else {
            out.push_str(sequence);
            return out;
        };
        if !sequence[..end].ends_with('m') {
            out.push_str(&sequence[..end]);
        }
        rest = &sequence[end..];
    }
    out + rest
}
