//! Running the program as a user does, in a directory of its own.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::disallowed_methods, reason = "tests of real processes need real time")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A directory with a database in it, removed at the end.
pub struct Place {
    dir: tempfile::TempDir,
}

/// What a run of the program left.
#[derive(Debug, PartialEq)]
pub struct Ran {
    /// The exit status; None where a signal ended it.
    pub status: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Place {
    pub fn new() -> Self {
        Place { dir: tempfile::tempdir().expect("a temporary directory") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).expect("the file is written");
        path
    }

    /// The program, to be run in this directory.
    pub fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_remanent"));
        command.args(args).current_dir(self.dir.path()).stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        ran(self.program(args).output().expect("the program starts"))
    }

    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ran {
        let mut command = self.program(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        // It may end before it has read everything.
        let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
        ran(child.wait_with_output().expect("the program ends"))
    }

    /// Runs a statement on `a.rem` that must succeed; its answer as CSV, without the heading, line by line.
    pub fn ask(&self, sql: &str) -> Vec<String> {
        let ran = self.run(&["a.rem", "--csv", "-c", sql]);
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{sql}");
        ran.out.lines().skip(1).map(str::to_owned).collect()
    }
}

fn ran(output: Output) -> Ran {
    let text = |bytes| String::from_utf8(bytes).expect("it speaks UTF-8");
    Ran { status: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

pub fn done(out: &str) -> Ran {
    Ran { status: Some(0), out: out.to_owned(), err: String::new() }
}

pub fn failed(err: &str) -> Ran {
    Ran { status: Some(1), out: String::new(), err: err.to_owned() }
}

/// The real flight log.
pub fn flight() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/data/flight.ulg")
}

/// Writes a log, message by message. The format: `src/ulog/mod.rs`.
pub struct Log(Vec<u8>);

impl Log {
    /// A log that began `start` µs after boot.
    pub fn new(start: u64) -> Self {
        let mut bytes = vec![0x55, 0x4c, 0x6f, 0x67, 0x01, 0x12, 0x35, 1];
        bytes.extend(start.to_le_bytes());
        Log(bytes)
    }

    pub fn message(mut self, kind: u8, body: &[u8]) -> Self {
        self.0.extend(u16::try_from(body.len()).expect("it fits").to_le_bytes());
        self.0.push(kind);
        self.0.extend(body);
        self
    }

    /// A format and its stream.
    pub fn stream(self, id: u8, multi_id: u8, topic: &str, fields: &str) -> Self {
        let format = format!("{topic}:uint64_t timestamp;{fields}");
        let body = [&[multi_id, id, 0], topic.as_bytes()].concat();
        self.message(b'F', format.as_bytes()).message(b'A', &body)
    }

    pub fn data(self, id: u8, at: u64, values: &[&[u8]]) -> Self {
        let body = [&[id, 0], at.to_le_bytes().as_slice(), &values.concat()].concat();
        self.message(b'D', &body)
    }

    pub fn text(self, level: u8, at: u64, line: &str) -> Self {
        self.message(b'L', &[&[level], at.to_le_bytes().as_slice(), line.as_bytes()].concat())
    }

    pub fn float(self, kind: u8, first: &[u8], key: &str, value: f32) -> Self {
        self.message(kind, &[first, &[key.len() as u8], key.as_bytes(), &value.to_le_bytes()].concat())
    }

    pub fn bytes(self) -> Vec<u8> {
        self.0
    }
}
