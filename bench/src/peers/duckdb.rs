//! DuckDB through its C interface, from a shared library that is opened when the program runs: its crate would compile
//! for most of an hour. Declared here is what is called, after duckdb.h (version 1.x, stable since 1.0).
//!
//! Default settings (as many threads as processors). Loads go through the appender, row by row, inside a transaction.

use crate::engine::{Engine, Feed, Field, Keys, Open, Session, Setup, row};
use std::ffi::{CStr, CString, c_char, c_void};
use std::path::{Path, PathBuf};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

type Handle = *mut c_void;
/// `duckdb_state`: 0 is success.
type State = u32;

/// `duckdb_result`; only handed back to the library.
#[repr(C)]
struct RawResult {
    deprecated: [u64; 3],
    pointers: [Handle; 3],
}

/// `duckdb_date`: days since 1970-01-01.
#[repr(C)]
struct RawDate(i32);

/// `duckdb_timestamp`: microseconds since 1970-01-01.
#[repr(C)]
struct RawTimestamp(i64);

/// Declares the functions of the library that are used, and loads them by their names.
macro_rules! library {
    ($($name:ident($($arg:ty),*) -> $ret:ty;)*) => {
        /// The functions; the library stays open as long as they do.
        #[allow(non_snake_case)]
        pub struct Library {
            _library: libloading::Library,
            $($name: unsafe extern "C" fn($($arg),*) -> $ret,)*
        }

        impl Library {
            /// None where the library or one of its functions is absent.
            fn load(path: &Path) -> Option<Library> {
                // SAFETY: the types are those of duckdb.h; loading runs the library's own initialisers only.
                unsafe {
                    let library = libloading::Library::new(path).ok()?;
                    $(let $name = *library
                        .get::<unsafe extern "C" fn($($arg),*) -> $ret>(concat!("duckdb_", stringify!($name)))
                        .ok()?;)*
                    Some(Library { _library: library, $($name),* })
                }
            }
        }
    };
}

library! {
    library_version() -> *const c_char;
    open(*const c_char, *mut Handle) -> State;
    close(*mut Handle) -> ();
    connect(Handle, *mut Handle) -> State;
    disconnect(*mut Handle) -> ();
    query(Handle, *const c_char, *mut RawResult) -> State;
    result_error(*mut RawResult) -> *const c_char;
    destroy_result(*mut RawResult) -> ();
    value_double(*mut RawResult, u64, u64) -> f64;
    column_count(*mut RawResult) -> u64;
    row_count(*mut RawResult) -> u64;
    value_varchar(*mut RawResult, u64, u64) -> *mut c_char;
    free(*mut c_char) -> ();
    prepare(Handle, *const c_char, *mut Handle) -> State;
    destroy_prepare(*mut Handle) -> ();
    bind_int64(Handle, u64, i64) -> State;
    bind_double(Handle, u64, f64) -> State;
    bind_varchar_length(Handle, u64, *const c_char, u64) -> State;
    execute_prepared(Handle, *mut RawResult) -> State;
    appender_create(Handle, *const c_char, *const c_char, *mut Handle) -> State;
    append_int64(Handle, i64) -> State;
    append_double(Handle, f64) -> State;
    append_date(Handle, RawDate) -> State;
    append_timestamp(Handle, RawTimestamp) -> State;
    append_varchar_length(Handle, *const c_char, u64) -> State;
    appender_end_row(Handle) -> State;
    appender_destroy(*mut Handle) -> State;
}

impl Library {
    pub fn version(&self) -> String {
        // SAFETY: a static string of the library.
        unsafe { CStr::from_ptr((self.library_version)()) }.to_string_lossy().into_owned()
    }
}

/// The library, if it is there.
pub fn library() -> Option<&'static Library> {
    static LIBRARY: OnceLock<Option<Library>> = OnceLock::new();
    let load = || {
        let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/libduckdb.so");
        Library::load(&std::env::var_os("BENCH_DUCKDB").map_or(fetched, PathBuf::from))
    };
    LIBRARY.get_or_init(load).as_ref()
}

struct Duck {
    lib: &'static Library,
    db: Handle,
}

// SAFETY: a database may be used by several threads at once (duckdb.h); a connection stays with its session.
unsafe impl Send for Duck {}
unsafe impl Sync for Duck {}

pub const OPEN: Open = |dir: &Path, _: Setup| {
    let lib = library().expect("asked for without its library");
    let path = CString::new(dir.join("bench.duckdb").to_str().unwrap()).unwrap();
    let mut db = null_mut();
    // SAFETY: the path ends with NUL, the handle is written.
    assert_eq!(unsafe { (lib.open)(path.as_ptr(), &mut db) }, 0, "DuckDB could not open");
    let duck = Duck { lib, db };
    let create =
        "CREATE TABLE IF NOT EXISTS imu (ts bigint PRIMARY KEY, ax double, ay double, az double, note text)";
    duck.session().execute(create);
    Box::new(duck)
};

impl Engine for Duck {
    fn session(&self) -> Box<dyn Session> {
        let mut conn = null_mut();
        // SAFETY: the database is open.
        assert_eq!(unsafe { (self.lib.connect)(self.db, &mut conn) }, 0);
        Box::new(DuckSession { lib: self.lib, conn })
    }

    fn flush(&self) {
        self.session().execute("CHECKPOINT");
    }
}

impl Drop for Duck {
    fn drop(&mut self) {
        // SAFETY: opened once, closed once.
        unsafe { (self.lib.close)(&mut self.db) }
    }
}

struct DuckSession {
    lib: &'static Library,
    conn: Handle,
}

impl Drop for DuckSession {
    fn drop(&mut self) {
        // SAFETY: connected once, disconnected once.
        unsafe { (self.lib.disconnect)(&mut self.conn) }
    }
}

/// A prepared statement.
struct Prepared<'a> {
    session: &'a DuckSession,
    handle: Handle,
}

impl Drop for Prepared<'_> {
    fn drop(&mut self) {
        // SAFETY: prepared once, destroyed once.
        unsafe { (self.session.lib.destroy_prepare)(&mut self.handle) }
    }
}

impl Prepared<'_> {
    fn int(&self, at: u64, x: i64) {
        // SAFETY: the statement lives.
        unsafe { (self.session.lib.bind_int64)(self.handle, at, x) };
    }

    fn row(&self, ts: i64) {
        let (ax, ay, az, note) = row(ts);
        self.int(1, ts);
        // SAFETY: the statement lives; the text is copied by its length.
        unsafe {
            (self.session.lib.bind_double)(self.handle, 2, ax);
            (self.session.lib.bind_double)(self.handle, 3, ay);
            (self.session.lib.bind_double)(self.handle, 4, az);
            (self.session.lib.bind_varchar_length)(self.handle, 5, note.as_ptr().cast(), note.len() as u64);
        }
    }

    fn run(&self) -> f64 {
        let lib = self.session.lib;
        // SAFETY: the result is destroyed after its one value is read; of no rows that is 0.
        self.session.result(|result| unsafe { (lib.execute_prepared)(self.handle, result) })
    }
}

impl DuckSession {
    fn prepare(&self, sql: &str) -> Prepared<'_> {
        let sql = CString::new(sql).unwrap();
        let mut handle = null_mut();
        // SAFETY: the text ends with NUL.
        assert_eq!(unsafe { (self.lib.prepare)(self.conn, sql.as_ptr(), &mut handle) }, 0);
        Prepared { session: self, handle }
    }

    /// The first value of what a call gives.
    fn result(&self, call: impl FnOnce(*mut RawResult) -> State) -> f64 {
        // SAFETY: the result is whole while it is read.
        self.read(call, |result| unsafe { (self.lib.value_double)(result, 0, 0) })
    }

    /// What is made of a call's result.
    fn read<T>(
        &self,
        call: impl FnOnce(*mut RawResult) -> State,
        read: impl FnOnce(*mut RawResult) -> T,
    ) -> T {
        let mut result = RawResult { deprecated: [0; 3], pointers: [null_mut(); 3] };
        if call(&mut result) != 0 {
            // SAFETY: a failed call leaves its message in the result.
            let words = unsafe { CStr::from_ptr((self.lib.result_error)(&mut result)) };
            panic!("DuckDB: {}", words.to_string_lossy());
        }
        let value = read(&mut result);
        // SAFETY: the result is destroyed once.
        unsafe { (self.lib.destroy_result)(&mut result) };
        value
    }

    fn query(&self, sql: &str) -> f64 {
        let sql = CString::new(sql).unwrap();
        // SAFETY: the text ends with NUL.
        self.result(|result| unsafe { (self.lib.query)(self.conn, sql.as_ptr(), result) })
    }
}

const INSERT: &str = "INSERT INTO imu VALUES ($1, $2, $3, $4, $5)";

impl Session for DuckSession {
    fn inserts(&mut self, keys: Keys, each: &mut dyn FnMut(Duration)) {
        let statement = self.prepare(INSERT);
        for ts in keys.iter() {
            let begun = Instant::now();
            statement.row(ts);
            statement.run();
            each(begun.elapsed());
        }
    }

    fn batch(&mut self, keys: Keys) {
        self.query("BEGIN");
        let statement = self.prepare(INSERT);
        for ts in keys.iter() {
            statement.row(ts);
            statement.run();
        }
        drop(statement);
        self.query("COMMIT");
    }

    fn bulk(&mut self, keys: Keys) {
        self.query("BEGIN");
        let lib = self.lib;
        let mut appender = null_mut();
        // SAFETY: the appender lives from here to `appender_destroy`, which flushes it; texts are copied by length.
        unsafe {
            assert_eq!((lib.appender_create)(self.conn, null(), c"imu".as_ptr(), &mut appender), 0);
            for ts in keys.iter() {
                let (ax, ay, az, note) = row(ts);
                (lib.append_int64)(appender, ts);
                (lib.append_double)(appender, ax);
                (lib.append_double)(appender, ay);
                (lib.append_double)(appender, az);
                (lib.append_varchar_length)(appender, note.as_ptr().cast(), note.len() as u64);
                assert_eq!((lib.appender_end_row)(appender), 0);
            }
            assert_eq!((lib.appender_destroy)(&mut appender), 0);
        }
        self.query("COMMIT");
    }

    fn points(&mut self, keys: &[i64]) -> f64 {
        let statement = self.prepare("SELECT az FROM imu WHERE ts = $1");
        let one = |key: &i64| {
            statement.int(1, *key);
            statement.run()
        };
        keys.iter().map(one).sum()
    }

    fn scalar(&mut self, sql: &str) -> Option<f64> {
        Some(self.query(sql))
    }

    fn execute(&mut self, sql: &str) -> bool {
        self.query(sql);
        true
    }

    fn load(&mut self, table: &str, columns: &str, rows: Feed<'_>) {
        self.query(&format!("CREATE TABLE {table} ({columns})"));
        self.query("BEGIN");
        let lib = self.lib;
        let name = CString::new(table).unwrap();
        let mut appender = null_mut();
        // SAFETY: the appender lives from here to `appender_destroy`, which flushes it; texts are copied by length.
        unsafe { assert_eq!((lib.appender_create)(self.conn, null(), name.as_ptr(), &mut appender), 0) };
        let add = |field: &Field| unsafe {
            // SAFETY: as above.
            match field {
                Field::Int(v) => (lib.append_int64)(appender, *v),
                Field::Float(v) => (lib.append_double)(appender, *v),
                Field::Cents(v) => (lib.append_double)(appender, *v as f64 / 100.0),
                Field::Day(v) => (lib.append_date)(appender, RawDate(*v)),
                Field::Time(v) => (lib.append_timestamp)(appender, RawTimestamp(*v)),
                Field::Text(v) => (lib.append_varchar_length)(appender, v.as_ptr().cast(), v.len() as u64),
            }
        };
        rows(&mut |row| {
            row.iter().for_each(|field| assert_eq!(add(field), 0));
            // SAFETY: as above.
            assert_eq!(unsafe { (lib.appender_end_row)(appender) }, 0);
        });
        // SAFETY: as above.
        assert_eq!(unsafe { (lib.appender_destroy)(&mut appender) }, 0);
        self.query("COMMIT");
    }

    fn answer(&mut self, sql: &str) -> Vec<Vec<String>> {
        let sql = CString::new(sql).unwrap();
        let lib = self.lib;
        let cell = |result, column, row| {
            // SAFETY: the result is whole; the text is ours and freed once, NULL of a NULL.
            unsafe {
                let text = (lib.value_varchar)(result, column, row);
                if text.is_null() {
                    return "NULL".to_owned();
                }
                let owned = CStr::from_ptr(text).to_string_lossy().into_owned();
                (lib.free)(text);
                owned
            }
        };
        self.read(
            // SAFETY: the text ends with NUL.
            |result| unsafe { (lib.query)(self.conn, sql.as_ptr(), result) },
            |result| {
                // SAFETY: the result is whole.
                let (columns, rows) = unsafe { ((lib.column_count)(result), (lib.row_count)(result)) };
                (0..rows).map(|row| (0..columns).map(|c| cell(result, c, row)).collect()).collect()
            },
        )
    }

    fn plan(&mut self) -> bool {
        self.prepare("SELECT az FROM imu WHERE ts = $1");
        true
    }

    fn updates(&mut self, keys: &[i64]) {
        let statement = self.prepare("UPDATE imu SET ax = ax + 1 WHERE ts = $1");
        for &key in keys {
            statement.int(1, key);
            statement.run();
        }
    }
}
