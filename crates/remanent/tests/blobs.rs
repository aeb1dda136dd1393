//! Large values: what SQL says of them, readers in and out, space that comes back.

use remanent::{Blob, Connection, Database, Result, Value, params};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

fn frame(seed: u8, len: usize) -> Vec<u8> {
    (0..len).map(|i| (i as u8).wrapping_mul(31).wrapping_add(seed) ^ (i >> 8) as u8).collect()
}

fn open(dir: &Path) -> Database {
    Database::open(dir.join("robot.rem")).unwrap()
}

fn one(conn: &Connection, sql: &str) -> Value {
    conn.query_one(sql, params![]).unwrap().get(0).unwrap()
}

fn blob_files(dir: &Path) -> Vec<u64> {
    let Ok(entries) = std::fs::read_dir(dir.join("robot.rem/blob")) else { return Vec::new() };
    entries.map(|entry| entry.unwrap().metadata().unwrap().len()).collect()
}

/// A frame that is in blob files, in hot rows and, after a flush, in cold ones.
fn each_state(db: &Database, check: &dyn Fn()) {
    check();
    db.flush().unwrap();
    check();
}

#[test]
fn large_values_come_back_whatever_the_statement() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    conn.execute("CREATE TABLE f (id int PRIMARY KEY, note text, frame bytea)", params![])?;
    let (small, large, text) = (frame(1, 100), frame(2, 300_000), "ä".repeat(20_000));
    conn.execute("INSERT INTO f VALUES (1, $1, $2)", params![&text, large.as_slice()])?;
    conn.execute(
        "INSERT INTO f VALUES (2, 'two', $1), (3, NULL, NULL), (4, $2, $3)",
        params![small.as_slice(), &text, large.as_slice()],
    )?;
    assert_eq!(blob_files(dir.path()).iter().map(|len| len / 1000).sum::<u64>(), 680);
    each_state(&db, &|| {
        let row = conn.query_one("SELECT frame, note FROM f WHERE id = 1", params![]).unwrap();
        assert!(matches!(row.value(0), Value::Blob(_)));
        assert_eq!(row.get::<Vec<u8>>(0).unwrap(), large);
        assert_eq!(row.get::<String>("note").unwrap(), text);
        let rows = conn.query("SELECT id, frame FROM f ORDER BY id DESC", params![]).unwrap();
        let frames: Vec<Option<Vec<u8>>> = rows.map(|row| row.unwrap().get(1).unwrap()).collect();
        assert_eq!(frames, [Some(large.clone()), None, Some(small.clone()), Some(large.clone())]);
        let batches = conn.query("SELECT frame FROM f WHERE id < 3", params![]).unwrap().batches();
        let bytes: Vec<usize> = batches
            .flat_map(|b| b.unwrap().columns[0].values().collect::<Vec<_>>())
            .map(|v| match v {
                Value::Bytea(bytes) => bytes.len(),
                _ => 0,
            })
            .collect();
        assert_eq!(bytes, [300_000, 100]);
        let ids = |condition: &str, value: Value| {
            let sql = format!("SELECT id FROM f WHERE {condition} ORDER BY id");
            let rows = conn.query(&sql, [value]).unwrap();
            rows.map(|row| row.unwrap().get::<i32>(0).unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(ids("frame = $1", large.clone().into()), [1, 4]);
        assert_eq!(ids("frame < $1", large.clone().into()), [2]);
        assert_eq!(ids("note = $1", text.clone().into()), [1, 4]);
        assert_eq!(ids("note >= $1", "z".into()), [1, 4]);
        assert_eq!(ids("note LIKE $1", "ää%".into()), [1, 4]);
        assert_eq!(ids("frame IS NULL AND $1", true.into()), [3]);
        assert_eq!(ids("octet_length(frame) = $1", 300_000.into()), [1, 4]);
        assert_eq!(one(&conn, "SELECT length(note) FROM f WHERE id = 1"), Value::Int4(20_000));
        assert_eq!(one(&conn, "SELECT octet_length(note) FROM f WHERE id = 1"), Value::Int4(40_000));
        assert_eq!(
            one(
                &conn,
                "SELECT md5(frame) = md5($1) FROM f WHERE id = 1"
                    .replace("$1", &format!("'\\x{}'::bytea", hex(&large)))
                    .as_str()
            ),
            Value::Bool(true)
        );
        assert_eq!(one(&conn, "SELECT count(DISTINCT frame) FROM f"), Value::Int8(2));
        assert_eq!(one(&conn, "SELECT count(frame) FROM f"), Value::Int8(3));
        let groups = conn.query("SELECT note, count(*) FROM f GROUP BY note ORDER BY 1", params![]).unwrap();
        let counts: Vec<i64> = groups.map(|row| row.unwrap().get(1).unwrap()).collect();
        assert_eq!(counts, [1, 2, 1]);
        assert_eq!(conn.query("SELECT DISTINCT frame FROM f", params![]).unwrap().count(), 3);
        let union = "SELECT frame FROM f UNION SELECT frame FROM f";
        assert_eq!(conn.query(union, params![]).unwrap().count(), 3);
        let joined =
            "SELECT a.id, b.frame FROM f a JOIN f b ON a.frame = b.frame AND a.id <> b.id ORDER BY 1";
        let joined: Vec<(i32, usize)> = conn
            .query(joined, params![])
            .unwrap()
            .map(|row| {
                let row = row.unwrap();
                (row.get(0).unwrap(), row.get::<Vec<u8>>(1).unwrap().len())
            })
            .collect();
        assert_eq!(joined, [(1, 300_000), (4, 300_000)]);
        let scalar = one(&conn, "SELECT octet_length((SELECT frame FROM f WHERE id = 4))");
        assert_eq!(scalar, Value::Int4(300_000));
        assert_eq!(
            one(&conn, "SELECT max(note) = note FROM f WHERE id = 1 GROUP BY note"),
            Value::Bool(true)
        );
        assert_eq!(one(&conn, "SELECT substr(note, 1, 2) || 'x' FROM f WHERE id = 4"), Value::from("ääx"));
        assert_eq!(
            one(&conn, "SELECT CASE WHEN id = 1 THEN coalesce(note, 'no') END FROM f WHERE id = 1"),
            Value::from(text.as_str())
        );
    });
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[test]
fn an_update_of_other_columns_keeps_the_value_where_it_is() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    conn.execute("CREATE TABLE f (id int PRIMARY KEY, n int, frame bytea)", params![])?;
    let large = frame(3, 500_000);
    conn.execute("INSERT INTO f VALUES (1, 0, $1)", params![large.as_slice()])?;
    let before = blob_files(dir.path());
    for n in 1..10 {
        conn.execute("UPDATE f SET n = $1 WHERE id = 1", params![n])?;
        if n == 5 {
            db.flush()?;
        }
    }
    conn.execute("CREATE TABLE g (id int PRIMARY KEY, frame bytea)", params![])?;
    conn.execute("INSERT INTO g SELECT id, frame FROM f", params![])?;
    assert_eq!(blob_files(dir.path()), before);
    conn.execute("DELETE FROM f", params![])?;
    db.flush()?;
    drop(conn);
    db.close()?;
    let db = open(dir.path());
    let conn = db.connect()?;
    assert_eq!(one(&conn, "SELECT frame FROM g"), Value::Bytea(large));
    Ok(())
}

#[test]
fn what_looks_like_a_reference_is_a_value() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    let reference = "\u{2}REMBLOB:\u{3}000000010000000000100000000500000000";
    conn.execute(
        "CREATE TABLE t (id serial, a text, b bytea)".replace("id serial, ", "").as_str(),
        params![],
    )?;
    conn.execute("INSERT INTO t VALUES ($1, $2)", params![reference, reference.as_bytes()])?;
    conn.execute("INSERT INTO t SELECT a, b FROM t", params![])?;
    let mut rows = conn.appender("t")?;
    rows.append(params![reference, reference.as_bytes()])?;
    rows.finish()?;
    each_state(&db, &|| {
        for row in conn.query("SELECT a, b, a = $1 FROM t", params![reference]).unwrap() {
            let row = row.unwrap();
            assert_eq!(row.get::<String>(0).unwrap(), reference);
            assert_eq!(row.get::<Vec<u8>>(1).unwrap(), reference.as_bytes());
            assert!(row.get::<bool>(2).unwrap());
        }
        assert_eq!(one(&conn, "SELECT count(*) FROM t"), Value::Int8(3));
    });
    Ok(())
}

#[test]
fn readers_deliver_values_and_values_readers() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    conn.execute("CREATE TABLE f (id int PRIMARY KEY, frame bytea, note text)", params![])?;
    let large = frame(9, 3_000_001);
    let reader = |bytes: &[u8]| Blob::from_reader(std::io::Cursor::new(bytes.to_vec()));
    conn.execute("INSERT INTO f VALUES (1, $1, 'a')", params![reader(&large)])?;
    conn.execute(
        "INSERT INTO f VALUES (2, $1, $2)",
        params![reader(b"few"), Blob::text_from_reader(&b"text"[..])],
    )?;
    conn.execute("UPDATE f SET frame = $1 WHERE id = 2 AND note = 'text'", params![reader(&large[1..])])?;
    let mut rows = conn.appender("f")?;
    rows.append(params![3, reader(&large[2..]), None::<String>])?;
    rows.finish()?;
    conn.execute("INSERT INTO f SELECT 4, $1, 'x'", params![reader(&large[3..])])?;
    each_state(&db, &|| {
        for id in 1..5 {
            let row = conn.query_one("SELECT frame FROM f WHERE id = $1", params![id]).unwrap();
            let expected = &large[id as usize - 1..];
            let mut reader = row.get_blob_reader("frame").unwrap();
            assert_eq!(reader.len(), expected.len() as u64);
            let mut whole = Vec::new();
            reader.read_to_end(&mut whole).unwrap();
            assert!(whole == expected);
            let mut part = [0; 40];
            reader.seek(SeekFrom::Start(1_000_000)).unwrap();
            reader.read_exact(&mut part).unwrap();
            assert_eq!(part, expected[1_000_000..1_000_040]);
            reader.seek(SeekFrom::End(-40)).unwrap();
            reader.read_exact(&mut part).unwrap();
            assert_eq!(part, expected[expected.len() - 40..]);
        }
    });
    // A value of another database is copied.
    let other = Database::open(dir.path().join("other.rem"))?;
    let there = other.connect()?;
    there.execute("CREATE TABLE f (frame bytea)", params![])?;
    let row = conn.query_one("SELECT frame FROM f WHERE id = 1", params![])?;
    there.execute("INSERT INTO f VALUES ($1)", [row.value(0).clone()])?;
    conn.execute("DELETE FROM f", params![])?;
    assert_eq!(one(&there, "SELECT frame FROM f"), Value::Bytea(large.clone()));
    // A handle keeps its file, whatever becomes of the row.
    db.flush()?;
    assert_eq!(row.get::<Vec<u8>>(0)?, large);
    // What is no text is refused, and a reader that fails ends its statement.
    let bad = conn.execute(
        "INSERT INTO f VALUES (7, NULL, $1)",
        params![Blob::text_from_reader(std::io::Cursor::new(vec![0xe4; 20_000]))],
    );
    assert_eq!(bad.unwrap_err().code(), "22021");
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("the camera is gone"))
        }
    }
    let broken = std::io::Cursor::new(vec![1; 900_000]).chain(Broken);
    let error =
        conn.execute("INSERT INTO f VALUES (7, $1, NULL)", params![Blob::from_reader(broken)]).unwrap_err();
    assert_eq!(
        (error.code(), error.message()),
        ("58030", "the reader of a large value failed: the camera is gone")
    );
    Ok(())
}

#[test]
fn a_key_is_never_a_reference() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    conn.execute("CREATE TABLE k (name text PRIMARY KEY, n int)", params![])?;
    let long = "k".repeat(30_000);
    conn.execute("INSERT INTO k VALUES ($1, 1)", params![&long])?;
    let from = Blob::text_from_reader(std::io::Cursor::new(format!("{long}2").into_bytes()));
    conn.execute("INSERT INTO k VALUES ($1, 2)", params![from])?;
    each_state(&db, &|| {
        let n = |key: &str| {
            conn.query_one("SELECT n FROM k WHERE name = $1", params![key]).unwrap().get::<i32>(0)
        };
        assert_eq!((n(&long).unwrap(), n(&format!("{long}2")).unwrap()), (1, 2));
    });
    Ok(())
}

#[test]
fn a_transaction_that_is_rolled_back_leaves_no_file() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    conn.execute("CREATE TABLE f (id int PRIMARY KEY, frame bytea)", params![])?;
    let txn = conn.begin()?;
    txn.execute("INSERT INTO f VALUES (1, $1)", params![frame(0, 100_000).as_slice()])?;
    drop(txn);
    db.flush()?;
    assert_eq!(blob_files(dir.path()), Vec::<u64>::new());
    Ok(())
}

/// Delivers 32 MB; when the last of it is asked for, says how much of it is in files already.
struct Stream {
    left: usize,
    home: std::path::PathBuf,
    stored: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl Read for Stream {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = out.len().min(self.left);
        out[..n].fill(self.left as u8);
        self.left -= n;
        if self.left == 0 {
            let stored = blob_files(&self.home).iter().sum();
            self.stored.fetch_max(stored, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(n)
    }
}

#[test]
fn a_value_from_a_reader_is_never_held_as_a_whole() -> Result<()> {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path());
    let conn = db.connect()?;
    conn.execute("CREATE TABLE f (id int PRIMARY KEY, frame bytea)", params![])?;
    let stored = std::sync::Arc::default();
    let stream = Stream { left: 32 << 20, home: dir.path().into(), stored: std::sync::Arc::clone(&stored) };
    conn.execute("INSERT INTO f VALUES (1, $1)", params![Blob::from_reader(stream)])?;
    let stored = stored.load(std::sync::atomic::Ordering::Relaxed);
    assert!(stored > (32 << 20) - (1 << 20), "{stored} bytes were stored when the last came");
    assert_eq!(one(&conn, "SELECT length(frame) FROM f"), Value::Int4(32 << 20));
    Ok(())
}
