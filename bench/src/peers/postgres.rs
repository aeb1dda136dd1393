//! A server of PostgreSQL of its own, in a temporary directory, asked over a Unix socket.
//!
//! `BENCH_POSTGRES` names the directory of its programs; default: where Debian has version 15. The server refuses to run as root,
//! so root starts it as the user `postgres`. It stops, and its directory goes, when the value is dropped.
//!
//! A statement here pays for two processes that wake each other, which a library does not: a scenario measures `SELECT 1`
//! as well ([`Server::round_trip`]) and takes it off.

use crate::measure::median;
use postgres::{Client, NoTls};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Instant;

/// What differs from the defaults: caches as large as ours, one thread a query, no compiler at run time.
const SETTINGS: &str = "-c shared_buffers=512MB -c work_mem=64MB -c maintenance_work_mem=512MB -c max_parallel_workers_per_gather=0 \
    -c max_parallel_maintenance_workers=0 -c jit=off -c autovacuum=off -c max_wal_size=4GB -c listen_addresses=";

pub struct Server {
    dir: tempfile::TempDir,
    /// A shell that stops the server when its input ends, and so when this process does, however.
    shell: Child,
}

impl Server {
    /// Starts one; None, and the reason is said, where it is not installed.
    pub fn start() -> Option<Server> {
        let dir = crate::scenarios::fresh();
        match begin(dir.path()) {
            Ok(shell) => Some(Server { dir, shell }),
            Err(error) => {
                eprintln!("no PostgreSQL (BENCH_POSTGRES names the directory of its programs): {error}");
                None
            }
        }
    }

    pub fn connect(&self) -> Client {
        let dir = self.dir.path().display();
        Client::connect(&format!("host={dir} user=postgres dbname=postgres"), NoTls).expect("connect")
    }

    /// Fills a table with rows as VALUES has them, then makes an index; how many milliseconds that took, and its bytes.
    pub fn fill(client: &mut Client, table: &str, rows: &[String], index: &str, sql: &str) -> (f64, f64) {
        for some in rows.chunks(1000) {
            client.batch_execute(&format!("INSERT INTO {table} VALUES {}", some.join(","))).expect("rows");
        }
        let begin = Instant::now();
        client.batch_execute(sql).expect("index");
        let build = begin.elapsed().as_secs_f64() * 1e3;
        client.batch_execute(&format!("VACUUM ANALYZE {table}")).expect("analyze");
        let size = format!("SELECT pg_relation_size('{index}')");
        let bytes: i64 = client.query_one(&size, &[]).expect("size").get(0);
        (build, bytes as f64)
    }

    /// Microseconds that a statement takes which does nothing.
    pub fn round_trip(&self, client: &mut Client) -> f64 {
        let nothing = client.prepare("SELECT 1").expect("prepare");
        let one = |_| {
            let begin = Instant::now();
            client.query(&nothing, &[]).expect("query");
            begin.elapsed().as_secs_f64() * 1e6
        };
        median((0..2000).map(one).collect())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

/// Starts a server whose files and socket are in a directory.
fn begin(dir: &Path) -> std::io::Result<Child> {
    let programs = std::env::var_os("BENCH_POSTGRES").unwrap_or("/usr/lib/postgresql/15/bin".into());
    let (programs, dir) = (Path::new(&programs).display(), dir.display());
    let root = std::fs::metadata("/proc/self")?.uid() == 0;
    if root {
        Command::new("chown").arg("postgres").arg(dir.to_string()).status()?;
    }
    let script = format!(
        "{programs}/initdb --locale=C -E UTF8 -A trust -U postgres -D {dir}/data >/dev/null &&
         {programs}/pg_ctl -w -D {dir}/data -l {dir}/log -o '{SETTINGS} -k {dir}' start >/dev/null && echo ready
         cat >/dev/null
         {programs}/pg_ctl -D {dir}/data -m immediate stop >/dev/null; rm -rf {dir}/data {dir}/log"
    );
    let mut command = Command::new(if root { "su" } else { "sh" });
    command.args(if root { &["postgres", "-s", "/bin/sh", "-c"][..] } else { &["-c"] }).arg(script);
    let mut shell = command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut said = String::new();
    BufReader::new(shell.stdout.take().ok_or_else(|| std::io::Error::other("no output"))?)
        .read_line(&mut said)?;
    match said.trim() == "ready" {
        true => Ok(shell),
        false => Err(std::io::Error::other("it did not start")),
    }
}
