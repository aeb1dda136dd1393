//! Enum types through the API: parameters and rows are labels; rows in memory, on disk and after values were added in between.

use remanent::{Connection, Database, Value, params};

fn open(dir: &tempfile::TempDir) -> (Database, Connection) {
    let database = Database::open(dir.path().join("enums.rem")).unwrap();
    let connection = database.connect().unwrap();
    (database, connection)
}

fn texts(connection: &Connection, sql: &str) -> Vec<String> {
    let rows = connection.query(sql, params![]).unwrap();
    rows.map(|row| row.unwrap().get::<String>(0).unwrap()).collect()
}

#[test]
fn parameters_and_rows_are_labels() {
    let dir = tempfile::tempdir().unwrap();
    let (_database, connection) = open(&dir);
    connection
        .execute(
            "CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
             CREATE TABLE t (id int PRIMARY KEY, m mood UNIQUE, all_of mood[])",
            params![],
        )
        .unwrap();
    let insert = connection.prepare("INSERT INTO t VALUES ($1, $2, $3)").unwrap();
    insert.execute(params![1, "happy", "{sad,ok}"]).unwrap();
    insert.execute(params![2, "sad", None::<String>]).unwrap();
    let error = insert.execute(params![3, "glad", None::<String>]).unwrap_err();
    assert_eq!((error.code(), error.message()), ("22P02", "invalid input value for enum mood: \"glad\""));
    // By the key of an index, in the order of the values, as batches.
    let row = connection.query_one("SELECT id FROM t WHERE m = $1", params!["sad"]).unwrap();
    assert_eq!(row.get::<i32>(0).unwrap(), 2);
    let rows = connection.query("SELECT m, all_of FROM t ORDER BY m DESC", params![]).unwrap();
    let types: Vec<String> = rows.columns().iter().map(|column| column.type_name()).collect();
    assert_eq!(types, ["mood", "mood[]"]);
    let rows: Vec<Vec<Value>> = rows.map(|row| row.unwrap().values().to_vec()).collect();
    assert_eq!(rows[0][0], Value::from("happy"));
    assert_eq!(rows[0][1].to_string(), "{sad,ok}");
    let mut batches = connection.query("SELECT m FROM t ORDER BY id", params![]).unwrap().batches();
    assert_eq!(batches.next().unwrap().unwrap().columns[0].value(0), Value::from("happy"));
    // A read by the whole key has a path of its own.
    let get = connection.prepare("SELECT m FROM t WHERE id = $1").unwrap();
    assert_eq!(get.query_one(params![1]).unwrap().get::<String>(0).unwrap(), "happy");
    // What a conflict says.
    let error = connection.execute("INSERT INTO t VALUES (7, 'sad')", params![]).unwrap_err();
    assert_eq!(error.detail(), Some("Key (m)=(sad) already exists."));
    connection.execute("UPDATE t SET m = $1 WHERE id = $2", params!["ok", 2]).unwrap();
    assert_eq!(texts(&connection, "SELECT m FROM t ORDER BY m"), ["ok", "happy"]);
}

#[test]
fn an_appender_takes_labels() {
    let dir = tempfile::tempdir().unwrap();
    let (_database, connection) = open(&dir);
    let make = "CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE t (m mood CHECK (m < 'ok'), a mood[])";
    connection.execute(make, params![]).unwrap();
    let mut appender = connection.appender("t").unwrap();
    appender.append(params!["sad", "{ok}"]).unwrap();
    appender.append(params![None::<String>, None::<String>]).unwrap();
    let error = appender.append(params!["nope", None::<String>]).unwrap_err();
    assert_eq!((error.code(), error.message()), ("22P02", "invalid input value for enum mood: \"nope\""));
    assert_eq!(appender.finish().unwrap(), 2);
    let mut appender = connection.appender("t").unwrap();
    appender.append(params!["ok", None::<String>]).unwrap();
    let error = appender.finish().unwrap_err();
    assert_eq!((error.code(), error.detail()), ("23514", Some("Failing row contains (ok, null).")));
    assert_eq!(texts(&connection, "SELECT count(*)::text FROM t"), ["2"]);
}

/// Rows in cold segments, and others in memory, when a value comes between two others.
#[test]
fn rows_on_disk_stay_as_they_are() {
    let dir = tempfile::tempdir().unwrap();
    let (mut database, mut connection) = open(&dir);
    let run = |connection: &Connection, sql: &str| connection.execute(sql, params![]).unwrap();
    run(
        &connection,
        "CREATE TYPE level AS ENUM ('low', 'high');
         CREATE TABLE t (id int PRIMARY KEY, l level NOT NULL);
         CREATE INDEX t_l ON t (l, id);
         CREATE TABLE names (l level PRIMARY KEY, says text);
         INSERT INTO t SELECT i, (CASE WHEN i % 2 = 0 THEN 'low' ELSE 'high' END)::level
         FROM generate_series(1, 20000) i",
    );
    database.flush().unwrap();
    run(&connection, "ALTER TYPE level ADD VALUE 'middle' BEFORE 'high'");
    run(&connection, "ALTER TYPE level ADD VALUE 'lowest' BEFORE 'low'");
    run(&connection, "INSERT INTO t SELECT i, 'middle' FROM generate_series(20001, 20100) i");
    run(&connection, "INSERT INTO t VALUES (0, 'lowest')");
    run(&connection, "INSERT INTO names SELECT l, l::text || '!' FROM unnest(enum_range(NULL::level)) l");
    let check = |connection: &Connection| {
        let grouped = "SELECT l || ':' || count(*) FROM t GROUP BY l ORDER BY l";
        let expected = ["lowest:1", "low:10000", "middle:100", "high:10000"];
        assert_eq!(texts(connection, grouped), expected);
        let joined = "SELECT says || count(*) FROM t JOIN names USING (l) GROUP BY l, says ORDER BY l";
        assert_eq!(texts(connection, joined), ["lowest!1", "low!10000", "middle!100", "high!10000"]);
        for setting in ["on", "off"] {
            run(connection, &format!("SET enable_indexscan = {setting}"));
            let between = "SELECT count(*)::text FROM t WHERE l > 'low' AND l < 'high'";
            assert_eq!(texts(connection, between), ["100"]);
            assert_eq!(
                texts(connection, "SELECT id::text AS shown FROM t ORDER BY l, id LIMIT 2"),
                ["0", "2"]
            );
            assert_eq!(texts(connection, "SELECT max(l) FROM t WHERE l <> 'high'"), ["middle"]);
        }
    };
    check(&connection);
    database.flush().unwrap();
    check(&connection);
    drop(connection);
    database.close().unwrap();
    (database, connection) = open(&dir);
    check(&connection);
    // A value takes two bytes at most, of which a page keeps each once.
    let size = "SELECT segment_bytes::text FROM rem_stat_table WHERE table_name = 't'";
    let bytes: u64 = texts(&connection, size)[0].parse().unwrap();
    assert!(bytes < 60_000, "{bytes} bytes for 20,000 rows");
    drop(connection);
    database.close().unwrap();
}

#[test]
fn copy_reads_and_writes_labels() {
    let dir = tempfile::tempdir().unwrap();
    let (_database, connection) = open(&dir);
    let make = "CREATE TYPE mood AS ENUM ('sad', 'so so'); CREATE TABLE t (m mood, a mood[])";
    connection.execute(make, params![]).unwrap();
    let file = dir.path().join("moods.csv");
    std::fs::write(&file, "so so,\"{sad,\"\"so so\"\"}\"\nsad,\n").unwrap();
    let copy = format!("COPY t FROM '{}' (FORMAT csv)", file.display());
    assert_eq!(connection.execute(&copy, params![]).unwrap(), 2);
    std::fs::write(&file, "sad,\nnope,\n").unwrap();
    let error = connection.execute(&copy, params![]).unwrap_err();
    assert_eq!((error.code(), error.message()), ("22P02", "invalid input value for enum mood: \"nope\""));
    assert_eq!(error.context(), Some("COPY t, line 2, column m: \"nope\""));
    let out = format!("COPY (SELECT * FROM t ORDER BY m) TO '{}'", file.display());
    connection.execute(&out, params![]).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "sad\t\\N\nso so\t{sad,\"so so\"}\n");
}

/// What is stored as text is rewritten where it has the label, and nowhere else.
#[test]
fn a_label_that_is_renamed_is_renamed_in_its_own_literals() {
    let dir = tempfile::tempdir().unwrap();
    let (_database, connection) = open(&dir);
    connection
        .execute(
            "CREATE TYPE \"it's\" AS ENUM ('sad', 'sad''s', 'happy');
             CREATE TABLE t (m \"it's\" DEFAULT 'sad', n text DEFAULT 'sad',
                 CHECK (m <> 'happy' OR n <> 'sad'), CHECK (m <> 'sad''s' OR n <> 'sad'));
             CREATE VIEW v AS SELECT m, \"it's\" 'happy' AS best, 'sad' AS word, \"it's\" 'sad' AS least FROM t;
             ALTER TYPE \"it's\" RENAME VALUE 'sad' TO 'a longer one'",
            params![],
        )
        .unwrap();
    connection.execute("INSERT INTO t DEFAULT VALUES", params![]).unwrap();
    let row = "SELECT m || ' ' || n || ' ' || best || ' ' || word || ' ' || least FROM (SELECT t.n, v.m::text, \
               v.best::text, v.word, v.least::text FROM v, t) AS q";
    assert_eq!(texts(&connection, row), ["a longer one sad happy sad a longer one"]);
    let refused = |sql: &str| connection.execute(sql, params![]).unwrap_err().code().to_owned();
    assert_eq!(refused("INSERT INTO t VALUES ('happy', 'sad')"), "23514");
    assert_eq!(refused("INSERT INTO t VALUES ('sad''s', 'sad')"), "23514");
    connection.execute("INSERT INTO t VALUES ('happy', 'a longer one')", params![]).unwrap();
}

#[test]
fn a_label_that_is_renamed_is_renamed_in_arrays() {
    let dir = tempfile::tempdir().unwrap();
    let (_database, connection) = open(&dir);
    connection
        .execute(
            r#"CREATE TYPE mood AS ENUM ('sad', 'o"k', '{sad}');
               CREATE TABLE t (id int, m mood[] DEFAULT '{sad,"o\"k",NULL}', k mood DEFAULT '{sad}', n text DEFAULT '{sad}');
               ALTER TYPE mood RENAME VALUE 'sad' TO 'it''s, blue';
               ALTER TYPE mood RENAME VALUE 'o"k' TO 'ok';
               INSERT INTO t (id) VALUES (1)"#,
            params![],
        )
        .unwrap();
    let found = texts(&connection, "SELECT m::text || ' ' || k::text || ' ' || n FROM t");
    assert_eq!(found, [r#"{"it's, blue",ok,NULL} {sad} {sad}"#]);
}
