//! Values of every type in expressions, beside what PostgreSQL 15 says to them: `tests/golden/types.txt`, recorded by
//! `tests/golden/record.py`; and the same values stored, as columns and as keys.

use remanent::{Connection, Database, Type, Value};

/// The type without length, as `pg_typeof` prints it.
fn type_name(ty: &str) -> String {
    // Its fields are no part of it.
    let ty = if ty.starts_with("interval ") { "interval" } else { ty };
    let (base, rest) =
        ty.split_once('(').map_or((ty, ""), |(base, rest)| (base, rest.split_once(')').map_or("", |r| r.1)));
    format!("{base}{rest}").replace("bpchar", "character")
}

/// What an expression says, in the form of the file.
fn answer(connection: &Connection, expression: &str) -> String {
    let found = connection.query(&format!("SELECT {expression}"), ()).and_then(|mut rows| {
        let ty = type_name(&rows.columns()[0].ty().to_string());
        let row = rows.next().transpose()?;
        Ok((ty, row.map(|row| row.values()[0].clone()).unwrap_or(Value::Null)))
    });
    match found {
        Ok((ty, Value::Null)) => format!("{ty}\tNULL"),
        Ok((ty, value)) => format!("{ty}\t{value}"),
        Err(error) => format!("!\t{}\t{}", error.code(), error.message()),
    }
}

#[test]
fn expressions_are_those_of_postgresql() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::open(dir.path().join("types.rem")).unwrap();
    let connection = database.connect().unwrap();
    let mut wrong = Vec::new();
    for line in
        include_str!("golden/types.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let (expression, expected) = line.split_once('\t').unwrap();
        let found = answer(&connection, expression);
        if found != expected {
            wrong.push(format!("{expression}\n  expected {expected}\n  found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Values of a type in ascending order; none equals another.
const ORDERED: &[(&str, &[&str])] = &[
    (
        "numeric",
        &[
            "-Infinity",
            "-1e100",
            "-1e40",
            "-1.5",
            "-1e-50",
            "0",
            "1e-100",
            "1e-3",
            "1",
            "1e40",
            "1e99",
            "Infinity",
            "NaN",
        ],
    ),
    ("numeric(50,10)", &["-1e39", "0", "0.0000000001", "1e39", "NaN"]),
    ("numeric(10,2)", &["-5.50", "0", "7.25", "NaN"]),
    ("varchar(5)", &["", "a", "ab", "b"]),
    ("char(5)", &["", "a", "ab", "b"]),
    (
        "uuid",
        &[
            "00000000-0000-0000-0000-000000000000",
            "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
            "ffffffff-ffff-ffff-ffff-ffffffffffff",
        ],
    ),
    ("bit(9)", &["000000000", "000000001", "010000000", "011111111", "100000000", "111111111"]),
    (
        "bit varying",
        &["", "0", "00", "0000000", "00000000", "00000001", "01", "1", "1000000", "10000001", "11"],
    ),
    ("time", &["00:00:00", "12:30:00.5", "24:00:00"]),
    (
        "timetz",
        &["12:00:00+15", "10:00:00+02", "09:00:00+01", "08:00:00+00", "07:59:59-00:30", "24:00:00-15:59"],
    ),
    (
        "sparsevec",
        &["{1:-2}/2", "{}/1", "{2:-1}/2", "{}/2", "{3:-1}/3", "{}/3", "{2:1}/2", "{1:1}/1", "{1:1}/2"],
    ),
    (
        "timestamp(1)",
        &["-infinity", "1999-12-31 23:59:59.9", "2000-01-01 00:00:00", "2024-01-01 00:00:00.5", "infinity"],
    ),
    ("time(0)", &["00:00:00", "23:59:59", "24:00:00"]),
    ("interval day to minute", &["-1 days", "00:00:00", "00:01:00", "1 day 02:03:00"]),
    ("timestamptz(0)[]", &["{}", "{\"2024-01-01 00:00:00+00\"}", "{\"2024-01-01 00:00:01+00\"}"]),
    ("int[]", &["{}", "{1}", "{1,2}", "{1,NULL}", "{2}", "{NULL}"]),
    ("text[]", &["{}", "{a}", "{a,b}", "{ab}", "{b}"]),
    ("numeric[]", &["{-1e50}", "{0}", "{1.5}", "{1e40}", "{NaN}"]),
    (
        "jsonb",
        &[
            "[]",
            "null",
            "\"a\"",
            "\"b\"",
            "1",
            "2.5",
            "1e40",
            "false",
            "true",
            "[1]",
            "[1,2]",
            "{}",
            "{\"a\":1}",
            "{\"a\":1,\"b\":2}",
        ],
    ),
];

/// The integers that a query answers.
fn numbers(connection: &Connection, sql: &str) -> Vec<i64> {
    let rows = connection.query(sql, ()).unwrap_or_else(|e| panic!("{sql}: {e}"));
    rows.map(|row| row.unwrap().get::<i64>(0).unwrap()).collect()
}

/// Every way to look for them finds what is there.
fn check(db: &Connection, table: &str, ty: &str, values: &[&str]) {
    let all: Vec<i64> = (0..values.len() as i64).collect();
    for order in ["k", "v", "k, v"] {
        assert_eq!(
            numbers(db, &format!("SELECT n FROM {table} ORDER BY {order}")),
            all,
            "{ty} ORDER BY {order}"
        );
    }
    let groups = format!("SELECT min(n) FROM {table} GROUP BY v HAVING count(*) = 1");
    assert_eq!(numbers(db, &groups).len(), values.len(), "{ty}");
    for (n, value) in values.iter().enumerate() {
        for column in ["k", "v"] {
            let sql = format!("SELECT n FROM {table} WHERE {column} = '{value}'::{ty}");
            assert_eq!(numbers(db, &sql), [n as i64], "{sql}");
        }
        let sql = format!("SELECT count(*) FROM {table} WHERE v < '{value}'::{ty}");
        assert_eq!(numbers(db, &sql), [n as i64], "{sql}");
    }
    let joined = format!("SELECT count(*) FROM {table} a JOIN {table} b ON a.v = b.k");
    assert_eq!(numbers(db, &joined), [values.len() as i64], "{ty}");
}

#[test]
fn stored_values_come_back_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("types.rem");
    let database = Database::open(&path).unwrap();
    let db = database.connect().unwrap();
    for (i, (ty, values)) in ORDERED.iter().enumerate() {
        db.execute(&format!("CREATE TABLE t{i} (k {ty} PRIMARY KEY, v {ty}, n bigint)"), ()).unwrap();
        for (n, value) in values.iter().enumerate().rev() {
            db.execute(&format!("INSERT INTO t{i} VALUES ('{value}', '{value}', {n})"), ()).unwrap();
            let twice = db.execute(&format!("INSERT INTO t{i} VALUES ('{value}', NULL, 0)"), ());
            assert_eq!(twice.unwrap_err().code(), "23505", "{ty} {value}");
        }
        check(&db, &format!("t{i}"), ty, values);
    }
    // The same from the log, and from cold segments.
    drop(db);
    drop(database);
    for _ in 0..2 {
        let database = Database::open(&path).unwrap();
        let db = database.connect().unwrap();
        ORDERED.iter().enumerate().for_each(|(i, (ty, values))| check(&db, &format!("t{i}"), ty, values));
        database.flush().unwrap();
        ORDERED.iter().enumerate().for_each(|(i, (ty, values))| check(&db, &format!("t{i}"), ty, values));
    }
}

#[test]
fn values_are_rounded_whichever_way_they_come() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("types.rem");
    let database = Database::open(&path).unwrap();
    let db = database.connect().unwrap();
    db.execute(
        "CREATE TABLE t (id int PRIMARY KEY, a timestamp(0), d interval hour, z timetz(0), b bit(2))",
        (),
    )
    .unwrap();
    let half = 500_000;
    let timetz =
        |db: &Connection| db.query_one("SELECT timetz '10:00:00.5+02'", ()).unwrap().value(0).clone();
    let mut rows = db.appender("t").unwrap();
    let span = Value::parse("1 day 02:59", Type::Interval).unwrap();
    rows.append(vec![Value::Int4(1), Value::Timestamp(half), span.clone(), timetz(&db), "10".into()])
        .unwrap();
    rows.append(vec![
        Value::Int4(2),
        "2000-01-01 00:00:00.5".into(),
        "1 day 02:59".into(),
        "10:00:00.5+02".into(),
        "10".into(),
    ])
    .unwrap();
    rows.finish().unwrap();
    let bits = db.query_one("SELECT B'10'", ()).unwrap().value(0).clone();
    let given = vec![Value::Int4(3), Value::Timestamp(half), span.clone(), timetz(&db), bits.clone()];
    db.execute("INSERT INTO t VALUES ($1, $2, $3, $4, $5)", given).unwrap();
    db.execute("INSERT INTO t VALUES (4)", ()).unwrap();
    db.execute(
        "UPDATE t SET a = $1, d = $2, z = $3, b = $4 WHERE id = 4",
        vec![Value::Timestamp(half), span, timetz(&db), bits],
    )
    .unwrap();
    database.flush().unwrap();
    drop(db);
    drop(database);
    let database = Database::open(&path).unwrap();
    let db = database.connect().unwrap();
    let found = db.query("SELECT DISTINCT a, d, z, b FROM t", ()).unwrap();
    let found: Vec<String> =
        found.map(|row| row.unwrap().values().iter().map(|v| format!("{v} ")).collect()).collect();
    assert_eq!(found, ["2000-01-01 00:00:01 1 day 02:00:00 10:00:01+02 10 "]);
}

/// What is first asked of a database may be rows rather than a statement.
#[test]
fn a_path_is_read_before_any_statement() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("p.rem");
    let db = Database::open(&path).unwrap();
    db.connect()
        .unwrap()
        .execute("CREATE TABLE t (id int PRIMARY KEY, p jsonpath)", remanent::params![])
        .unwrap();
    db.close().unwrap();
    let db = Database::open(&path).unwrap();
    let conn = db.connect().unwrap();
    let mut app = conn.appender("t").unwrap();
    app.append(remanent::params![1i32, "$.a[*]"]).unwrap();
    let refused = app.append(remanent::params![2i32, "$.a["]).unwrap_err();
    assert_eq!(refused.code(), "42601");
    drop(app);
    let mut app = conn.appender("t").unwrap();
    app.append(remanent::params![1i32, "$.a[*]"]).unwrap();
    app.finish().unwrap();
    let row = conn.query_one("SELECT p FROM t", remanent::params![]).unwrap();
    assert_eq!(row.value(0).to_string(), "$.\"a\"[*]");
}
