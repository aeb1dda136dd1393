//! A PostgreSQL 15 of one's own: made in a temporary directory, reached by a socket in it, gone with it.
//!
//! PostgreSQL refuses to run as root; there the server is the user `postgres`, or `nobody`. A shell stands between: it stops
//! the server when its own input ends, so that no server outlives a test that was killed.

use super::client::Client;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Where Debian and others put the programs of version 15; `REMANENT_POSTGRES` names another folder.
const FOLDERS: [&str; 4] = [
    "/usr/lib/postgresql/15/bin",
    "/usr/pgsql-15/bin",
    "/usr/local/pgsql/bin",
    "/opt/homebrew/opt/postgresql@15/bin",
];

/// How the server runs: as fast as it can, and without whims of its planner.
const SETTINGS: [&str; 10] = [
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "autovacuum=off",
    "jit=off",
    "max_parallel_workers_per_gather=0",
    "timezone=UTC",
    "log_min_messages=panic",
    "shared_buffers=64MB",
];

/// A running server.
pub struct Server {
    shell: Child,
    dir: TempDir,
}

impl Server {
    /// Starts one; None, said on standard error, where there is no PostgreSQL 15 or no user that may run it.
    pub fn start() -> Option<Server> {
        let Some(programs) = programs() else {
            eprintln!("skipped: no PostgreSQL 15 (Debian: apt-get install postgresql-15)");
            return None;
        };
        let dir = tempfile::Builder::new().prefix("remanent-pg").tempdir().expect("a directory");
        let user = match is_root(dir.path()) {
            false => None,
            true => match other_user() {
                None => {
                    eprintln!(
                        "skipped: PostgreSQL does not run as root, and there is no user postgres or nobody"
                    );
                    return None;
                }
                user => user,
            },
        };
        if let Some((uid, gid)) = user {
            chown(dir.path(), Some(uid), Some(gid)).expect("root may");
        }
        let command = |program: &str| {
            let mut command = Command::new(program);
            command.current_dir(dir.path()).env_remove("PGDATA").env("LC_ALL", "C");
            if let Some((uid, gid)) = user {
                command.uid(uid).gid(gid);
            }
            command
        };
        let data = dir.path().join("data");
        let made = command(&programs.join("initdb").to_string_lossy())
            .args(["--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8", "--no-sync", "-D"])
            .arg(&data)
            .output()
            .expect("initdb runs");
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        let mut shell = command("sh");
        shell.args(["-c", "\"$@\" & read -r _; kill -QUIT $!; wait $!", "sh"]);
        shell.arg(programs.join("postgres")).arg("-D").arg(&data).arg("-k").arg(dir.path());
        for setting in SETTINGS {
            shell.args(["-c", setting]);
        }
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        Some(Server { shell: shell.expect("a shell"), dir })
    }

    /// A session of its own.
    pub fn connect(&self) -> Client {
        let socket = self.dir.path().join(".s.PGSQL.5432");
        for _ in 0..600 {
            if let Ok(client) = Client::connect(&socket) {
                return client;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL does not answer on {}", socket.display());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn programs() -> Option<PathBuf> {
    let named = std::env::var_os("REMANENT_POSTGRES").map(PathBuf::from);
    let folders = named.into_iter().chain(FOLDERS.iter().map(PathBuf::from));
    folders.into_iter().find(|folder| {
        let version = Command::new(folder.join("postgres")).arg("--version").output();
        version.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains(" 15."))
    })
}

/// True if what this process makes is root's.
fn is_root(made: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    made.metadata().is_ok_and(|about| about.uid() == 0)
}

/// The numbers of a user that may run a server, and of their group.
fn other_user() -> Option<(u32, u32)> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    ["postgres", "nobody"].iter().find_map(|name| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    })
}
