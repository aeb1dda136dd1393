//! COPY. Every answer and error here is PostgreSQL 15's for the same statements and bytes; its CONTEXT is
//! the last line of what is expected.

use remanent::{Connection, Database, params};
use std::io::{self, Read};

struct Place {
    conn: Connection,
    _db: Database,
    _dir: tempfile::TempDir,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("a.rem")).unwrap();
    let conn = db.connect().unwrap();
    let create = "CREATE TABLE t (a int, b text NOT NULL DEFAULT 'd', c float8); CREATE TABLE k (a int PRIMARY KEY, b text)";
    conn.execute(create, params![]).unwrap();
    Place { conn, _db: db, _dir: dir }
}

impl Place {
    /// The data is added in pieces of every size from 1 on up to the whole: it must not matter.
    fn adds(&self, sql: &str, data: &str, expected: &str) {
        for piece in [1, 2, 3, 7, data.len().max(1)] {
            self.conn.execute("DELETE FROM t; DELETE FROM k", params![]).unwrap();
            let input = Pieces(data.as_bytes(), piece);
            let added = self.conn.copy_in(sql, input).unwrap_or_else(|e| panic!("{sql}: {e}"));
            let table = if sql.starts_with("COPY k") { "k" } else { "t" };
            let out = self.text(&format!("COPY (SELECT * FROM {table} ORDER BY a) TO STDOUT"));
            assert_eq!(out, expected, "{sql} {data:?} by {piece}");
            assert_eq!(added, expected.lines().count() as u64);
        }
    }

    fn text(&self, sql: &str) -> String {
        let mut out = Vec::new();
        self.conn.copy_out(sql, &mut out).unwrap_or_else(|e| panic!("{sql}: {e}"));
        String::from_utf8(out).unwrap()
    }

    /// Nothing of the data is added.
    fn refuses(&self, sql: &str, data: &[u8], code: &str, message: &str, detail: &str) {
        for piece in [1, 5, data.len().max(1)] {
            let before = self.text("COPY t TO STDOUT") + &self.text("COPY k TO STDOUT");
            let error = self.conn.copy_in(sql, Pieces(data, piece)).expect_err(sql);
            let said: Vec<&str> = [error.detail(), error.context()].into_iter().flatten().collect();
            assert_eq!(
                (error.code(), error.message(), said.join("\n").as_str()),
                (code, message, detail),
                "{sql}"
            );
            assert_eq!(self.text("COPY t TO STDOUT") + &self.text("COPY k TO STDOUT"), before);
        }
    }

    fn fails(&self, sql: &str, code: &str, message: &str) {
        let error = match sql.contains("STDIN") {
            true => self.conn.copy_in(sql, io::empty()).expect_err(sql),
            false => self.conn.copy_out(sql, io::sink()).expect_err(sql),
        };
        assert_eq!((error.code(), error.message()), (code, message), "{sql}");
    }
}

/// A reader that gives a few bytes at a time.
struct Pieces<'a>(&'a [u8], usize);

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let len = self.1.min(self.0.len()).min(buffer.len());
        buffer[..len].copy_from_slice(&self.0[..len]);
        self.0 = &self.0[len..];
        Ok(len)
    }
}

#[test]
fn text() {
    let p = place();
    p.adds("COPY t FROM STDIN", "1\tx\t0.5\n2\ty\t\\N\n", "1\tx\t0.5\n2\ty\t\\N\n");
    p.adds("COPY t FROM STDIN", "1\tx\t0.5\r\n2\ty\t1\r\n", "1\tx\t0.5\n2\ty\t1\n");
    p.adds("COPY t FROM STDIN", "1\tx\t0.5\r2\ty\t1", "1\tx\t0.5\n2\ty\t1\n");
    p.adds("COPY t FROM STDIN", "1\tx\t0.5\n\\.\nnot data", "1\tx\t0.5\n");
    p.adds("COPY t (c, a) FROM STDIN", "0.5\t1\n", "1\td\t0.5\n");
    p.adds("COPY t (a, b) FROM STDIN", "1\ta\\tb\\\\c\\nd\\x41\\101\\q\n", "1\ta\\tb\\\\c\\ndAAq\t\\N\n");
    p.adds("COPY t (a, b) FROM STDIN", "1\ta\\\nb\n", "1\ta\\nb\t\\N\n");
    p.adds("COPY t (a, b) FROM STDIN (DELIMITER '|', NULL '')", "|x\n2|\\|\n", "2\t|\t\\N\n\\N\tx\t\\N\n");
    p.adds("COPY t FROM STDIN WHERE a > 1", "1\tx\t1\n2\ty\t2\n", "2\ty\t2\n");
    p.adds("COPY t FROM STDIN", "", "");
}

#[test]
fn escapes_make_bytes_and_bytes_make_characters() {
    let p = place();
    let copy = "COPY t (a, b) FROM STDIN";
    p.adds(copy, "1\té😀\\303\\251\\xf0\\x9f\\x98\\x80\n", "1\té😀é😀\t\\N\n");
    p.adds(copy, "1\tx\\", "1\tx\t\\N\n");
    p.adds(copy, "1\t\\\\N\n", "1\t\\\\N\t\\N\n");
    let bad = "invalid byte sequence for encoding \"UTF8\": ";
    for (field, bytes) in [("\\303", "0xc3"), ("\\377", "0xff"), ("\\0", "0x00")] {
        let line = format!("1\t{field}\t1");
        let shown = format!("COPY t, line 1: \"{line}\"");
        p.refuses("COPY t FROM STDIN", line.as_bytes(), "22021", &format!("{bad}{bytes}"), &shown);
    }
}

#[test]
fn csv() {
    let p = place();
    p.adds(
        "COPY t FROM STDIN (FORMAT csv)",
        "1,x,0.5\n2,\"y\n\"\"z\"\"\",\n",
        "1\tx\t0.5\n2\ty\\n\"z\"\t\\N\n",
    );
    p.adds("COPY t FROM STDIN CSV HEADER", "q,r,s\r\n1,x,0.5\r\n", "1\tx\t0.5\n");
    p.adds("COPY t FROM STDIN (FORMAT csv, HEADER match)", "a,b,c\n1,x,0.5\n", "1\tx\t0.5\n");
    p.adds("COPY t FROM STDIN (FORMAT csv, FORCE_NOT_NULL (b))", "3,,\n", "3\t\t\\N\n");
    p.adds(
        "COPY k FROM STDIN (FORMAT csv, FORCE_NULL (b), NULL 'n')",
        "1,\"n\"\n2,n\n3,m\n",
        "1\t\\N\n2\t\\N\n3\tm\n",
    );
    p.adds(
        "COPY t FROM STDIN (FORMAT csv, QUOTE '''', ESCAPE '\\')",
        "1,'a\\'b,',1\n2,a'b'c,2\n",
        "1\ta'b,\t1\n2\tabc\t2\n",
    );
    p.adds("COPY t (b) FROM STDIN CSV", "\\.x\n\\.\n", "\\N\t\\\\.x\t\\N\n");
}

#[test]
fn what_is_wrong_with_data_is_told_with_line_and_column() {
    let p = place();
    p.conn.execute("INSERT INTO t VALUES (7); INSERT INTO k VALUES (9)", params![]).unwrap();
    let copy = "COPY t FROM STDIN";
    let csv = "COPY t FROM STDIN (FORMAT csv)";
    p.refuses(
        copy,
        b"1\tx\t0.5\n2\ty\n",
        "22P04",
        "missing data for column \"c\"",
        "COPY t, line 2: \"2\ty\"",
    );
    p.refuses(
        copy,
        b"1\tx\t0.5\tz\n",
        "22P04",
        "extra data after last expected column",
        "COPY t, line 1: \"1\tx\t0.5\tz\"",
    );
    p.refuses(
        copy,
        b"q\tx\t0.5\n",
        "22P02",
        "invalid input syntax for type integer: \"q\"",
        "COPY t, line 1, column a: \"q\"",
    );
    p.refuses(
        copy,
        b"1\tx\t1\n1\t\\N\t0.5\n",
        "23502",
        "null value in column \"b\" of relation \"t\" violates not-null constraint",
        "Failing row contains (1, null, 0.5).\nCOPY t, line 2: \"1\t\\N\t0.5\"",
    );
    p.refuses(
        "COPY k FROM STDIN",
        b"1\ta\n2\tb\n1\tc\n",
        "23505",
        "duplicate key value violates unique constraint \"k_pkey\"",
        "Key (a)=(1) already exists.\nCOPY k, line 3",
    );
    p.refuses(
        "COPY t FROM STDIN (FORMAT csv, HEADER match)",
        b"a,b,x\n",
        "22P04",
        "column name mismatch in header line field 3: got \"x\", expected \"c\"",
        "COPY t, line 1: \"a,b,x\"",
    );
    p.refuses(
        "COPY t FROM STDIN (FORMAT csv, HEADER match)",
        b"a,b\n",
        "22P04",
        "wrong number of fields in header line: got 2, expected 3",
        "COPY t, line 1: \"a,b\"",
    );
    p.refuses(csv, b"1,\"x\n", "22P04", "unterminated CSV quoted field", "COPY t, line 1: \"1,\"x\n\"");
    p.refuses(csv, b"1,x,1\r\n2,y\n", "22P04", "unquoted newline found in data", "COPY t, line 2");
    p.refuses(copy, b"1\tx\t1\n2\ty\r\n", "22P04", "literal carriage return found in data", "COPY t, line 2");
    p.refuses(copy, b"\\.x\n", "22P04", "end-of-copy marker corrupt", "COPY t, line 1");
    let bad = "invalid byte sequence for encoding \"UTF8\": 0xff";
    p.refuses(copy, b"1\tx\t1\n2\t\xff\t1\n", "22021", bad, "COPY t, line 2");
    p.refuses(
        copy,
        b"2\ta\0\t1\n",
        "22021",
        "invalid byte sequence for encoding \"UTF8\": 0x00",
        "COPY t, line 1",
    );
}

/// What is computed and checked for INSERT is for COPY.
#[test]
fn defaults_constraints_and_kinds_of_columns() {
    let p = place();
    let create = "DROP TABLE t, k; CREATE TABLE t (a int PRIMARY KEY, b int CHECK (b > 0), g int GENERATED ALWAYS AS (a * 2) STORED, \
                  i int GENERATED ALWAYS AS IDENTITY, d date DEFAULT '2020-01-01'); CREATE TABLE k (a int); \
                  CREATE VIEW v AS SELECT 1 AS x; CREATE SEQUENCE s";
    p.conn.execute(create, params![]).unwrap();
    p.adds("COPY t FROM STDIN", "1\t2\t7\t2021-01-01\n", "1\t2\t2\t7\t2021-01-01\n");
    p.conn.copy_in("COPY t (a) FROM STDIN", &b"5\n6\n"[..]).unwrap();
    let out = p.text("COPY (SELECT * FROM t WHERE a > 1 ORDER BY a) TO STDOUT");
    assert_eq!(out, "5\t\\N\t10\t1\t2020-01-01\n6\t\\N\t12\t2\t2020-01-01\n");
    assert_eq!(p.text("COPY t TO STDOUT").lines().next(), Some("1\t2\t7\t2021-01-01"));
    p.refuses(
        "COPY t (a, b, i) FROM STDIN",
        b"10\t1\t1\n11\t1\t2\n12\tx\t3\n",
        "22P02",
        "invalid input syntax for type integer: \"x\"",
        "COPY t, line 3, column b: \"x\"",
    );
    p.refuses(
        "COPY t (a, b, i) FROM STDIN",
        b"10\t1\t1\n11\t0\t2\n12\tx\t3\n",
        "23514",
        "new row for relation \"t\" violates check constraint \"t_b_check\"",
        "Failing row contains (11, 0, 22, 2, 2020-01-01).\nCOPY t, line 2: \"11\t0\t2\"",
    );
    for (sql, code, message) in [
        ("COPY t (a, g) FROM STDIN", "42P10", "column \"g\" is a generated column"),
        ("COPY t (g) TO STDOUT", "42P10", "column \"g\" is a generated column"),
        ("COPY v FROM STDIN", "42809", "cannot copy to view \"v\""),
        ("COPY v TO STDOUT", "42809", "cannot copy from view \"v\""),
        ("COPY s FROM STDIN", "42809", "cannot copy to sequence \"s\""),
        ("COPY s TO STDOUT", "42809", "cannot copy from sequence \"s\""),
    ] {
        p.fails(sql, code, message);
    }
}

#[test]
fn moments_are_read_and_written_in_the_zone_of_the_session() {
    let p = place();
    let create =
        "CREATE TABLE z (a int, tz timestamptz, list timestamptz[], ti timetz); SET TIME ZONE 'Asia/Kolkata'";
    p.conn.execute(create, params![]).unwrap();
    let row = "1\t2020-01-01 12:00:00\t{\"2020-07-01 00:00\",NULL}\t10:00\n";
    let written = "1\t2020-01-01 12:00:00+05:30\t{\"2020-07-01 00:00:00+05:30\",NULL}\t10:00:00+05:30\n";
    assert_eq!(p.conn.copy_in("COPY z FROM STDIN", row.as_bytes()).unwrap(), 1);
    assert_eq!(p.text("COPY z TO STDOUT"), written);
    assert_eq!(p.text("COPY (SELECT tz FROM z) TO STDOUT CSV"), "2020-01-01 12:00:00+05:30\n");
    p.conn.execute("SET TIME ZONE 'UTC'", params![]).unwrap();
    let utc = "1\t2020-01-01 06:30:00+00\t{\"2020-06-30 18:30:00+00\",NULL}\t10:00:00+05:30\n";
    assert_eq!(p.text("COPY z TO STDOUT"), utc);
}

#[test]
fn values_of_every_type_come_and_go() {
    let p = place();
    let create = "CREATE TABLE y (a int[], j json, jb jsonb, n numeric(10,2), n2 numeric, by bytea, ts timestamp, tz timestamptz, \
                  d date, ti time, iv interval, u uuid, vc varchar(3), ch char(4), r real, bo boolean, s smallint, big bigint, ta text[])";
    p.conn.execute(create, params![]).unwrap();
    let row = "{1,2,NULL}\t{\"a\": [1, 2]}\t{\"b\":1,\"a\":2}\t12.345\t1e30\t\\\\x00ff\t2020-01-01 12:00:00.5\t\
               2020-01-01 12:00:00+02\t2020-02-29\t23:59:59\t1 day 02:03:04\ta0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\tabc\tab\t0.1\t\
               t\t-32768\t9223372036854775807\t{\"a b\",NULL,\"c\\\\\"d\",\"\"}\n";
    let written = "{1,2,NULL}\t{\"a\": [1, 2]}\t{\"a\": 2, \"b\": 1}\t12.35\t1000000000000000000000000000000\t\\\\x00ff\t\
                   2020-01-01 12:00:00.5\t2020-01-01 10:00:00+00\t2020-02-29\t23:59:59\t1 day 02:03:04\t\
                   a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\tabc\tab  \t0.1\tt\t-32768\t9223372036854775807\t\
                   {\"a b\",NULL,\"c\\\\\"d\",\"\"}\n";
    assert_eq!(p.conn.copy_in("COPY y FROM STDIN", row.as_bytes()).unwrap(), 1);
    assert_eq!(p.text("COPY y TO STDOUT"), written);
    for csv in ["CSV", "(FORMAT csv, FORCE_QUOTE *, DELIMITER '|')"] {
        let out = p.text(&format!("COPY y TO STDOUT {csv}"));
        p.conn.execute("DELETE FROM y", params![]).unwrap();
        let back = csv.replace(", FORCE_QUOTE *", "");
        p.conn.copy_in(&format!("COPY y FROM STDIN {back}"), out.as_bytes()).unwrap();
        assert_eq!(p.text("COPY y TO STDOUT"), written);
    }
}

/// Bad lines are told in order, whether they do not convert or a constraint refuses them, and the rest is there.
#[test]
fn bad_lines_can_be_skipped() {
    let p = place();
    p.conn.execute("ALTER TABLE k ADD CHECK (a <> 13)", params![]).unwrap();
    let line = |i: u32| match i {
        7 => "x\tseven\n".to_string(),
        9 => "9\n".to_string(),
        11 => "3\televen\n".to_string(),
        3000 => "3\t\n".to_string(),
        4000 => "13\tlate\n".to_string(),
        _ => format!("{i}\tn\n"),
    };
    let data: String = (1..=5000).map(line).collect();
    let mut bad = Vec::new();
    let added = p.conn.copy_in_skipping("COPY k FROM STDIN", Pieces(data.as_bytes(), 777), |line| {
        bad.push((line.line, line.column, line.text, line.error.code()));
        Ok(())
    });
    let expected = [
        (7, Some("a"), "x\tseven", "22P02"),
        (9, None, "9", "22P04"),
        (11, None, "3\televen", "23505"),
        (13, None, "13\tn", "23514"),
        (3000, None, "3\t", "23505"),
        (4000, None, "13\tlate", "23514"),
    ];
    let expected =
        expected.map(|(line, column, text, code)| (line, column.map(str::to_string), text.to_string(), code));
    assert_eq!(bad, expected);
    assert_eq!(added.unwrap(), 4994);
    let count = "SELECT count(*) FROM k";
    assert_eq!(p.conn.query_one(count, params![]).unwrap().get::<i64>(0).unwrap(), 4994);
    // Who has seen enough ends it.
    let enough = p.conn.copy_in_skipping("COPY k FROM STDIN", &b"9000\ta\nx\n"[..], |line| Err(line.error));
    assert_eq!(enough.unwrap_err().code(), "22P02");
    assert_eq!(p.conn.query_one(count, params![]).unwrap().get::<i64>(0).unwrap(), 4994);
}

/// What a query writes is undone where its rows cannot be written, or it is never run.
#[test]
fn rows_that_cannot_be_written_are_not_deleted() {
    struct Full;
    impl io::Write for Full {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let p = place();
    p.conn.execute("INSERT INTO t VALUES (1)", params![]).unwrap();
    let delete = "COPY (DELETE FROM t RETURNING a) TO";
    assert_eq!(p.conn.copy_out(&format!("{delete} STDOUT"), Full).unwrap_err().code(), "58030");
    p.fails(
        &format!("{delete} STDOUT (DELIMITER 'ab')"),
        "0A000",
        "COPY delimiter must be a single one-byte character",
    );
    p.fails(&format!("{delete} STDOUT CSV FORCE QUOTE z"), "42703", "column \"z\" does not exist");
    assert_eq!(p.conn.execute(&format!("{delete} '/nope/x'"), params![]).unwrap_err().code(), "58P01");
    assert_eq!(p.text("COPY t TO STDOUT"), "1\td\t\\N\n");
    assert_eq!(p.text(&format!("{delete} STDOUT")), "1\n");
    assert_eq!(p.text("COPY t TO STDOUT"), "");
}

#[test]
fn large_values_and_lines_too_long() {
    let p = place();
    let long = "x".repeat(3 << 20);
    let data = format!("1\t{long}\n2\ty\n");
    assert_eq!(p.conn.copy_in("COPY k FROM STDIN", data.as_bytes()).unwrap(), 2);
    assert_eq!(p.text("COPY (SELECT * FROM k ORDER BY a) TO STDOUT"), data);
    let endless = io::repeat(b'x').take(1 << 30);
    let error = p.conn.copy_in("COPY k FROM STDIN", endless).unwrap_err();
    assert!(["53200", "54000"].contains(&error.code()), "{error:?}");
    assert_eq!(p.text("COPY (SELECT count(*) FROM k) TO STDOUT"), "2\n");
}

#[test]
fn rows_are_written() {
    let p = place();
    p.conn.execute("INSERT INTO t VALUES (1, 'd', 1), (2, 'a,b', NULL), (3, '', 0.5)", params![]).unwrap();
    assert_eq!(p.text("COPY t TO STDOUT (HEADER)"), "a\tb\tc\n1\td\t1\n2\ta,b\t\\N\n3\t\t0.5\n");
    assert_eq!(p.text("COPY t TO STDOUT (FORMAT csv)"), "1,d,1\n2,\"a,b\",\n3,\"\",0.5\n");
    let all = p.text("COPY t TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)");
    assert_eq!(all, "a,b,c\n\"1\",\"d\",\"1\"\n\"2\",\"a,b\",\n\"3\",\"\",\"0.5\"\n");
    assert_eq!(p.text("COPY (SELECT E'a\\tb\\\\c\\n', 1) TO STDOUT"), "a\\tb\\\\c\\n\t1\n");
    assert_eq!(p.text("COPY (SELECT E'\\\\.') TO STDOUT (FORMAT csv)"), "\"\\.\"\n");
    assert_eq!(
        p.text("COPY t (b, a) TO STDOUT (DELIMITER 'D')"),
        "d\\D1\n".replace("d\\D1", "dD1") + "a,bD2\nD3\n"
    );
    assert_eq!(p.text("COPY (DELETE FROM t WHERE a = 1 RETURNING b) TO STDOUT"), "d\n");
}

#[test]
fn options_are_checked() {
    let p = place();
    for (sql, code, message) in [
        ("COPY t TO STDOUT (DELIMITER 'ab')", "0A000", "COPY delimiter must be a single one-byte character"),
        ("COPY t TO STDOUT (DELIMITER 'a')", "22023", "COPY delimiter cannot be \"a\""),
        ("COPY t TO STDOUT (FORMAT nope)", "22023", "COPY format \"nope\" not recognized"),
        ("COPY t TO STDOUT (FORMAT csv, FORMAT csv)", "42601", "conflicting or redundant options"),
        ("COPY t TO STDOUT (NOPE)", "42601", "option \"nope\" not recognized"),
        ("COPY t TO STDOUT (QUOTE 'x')", "0A000", "COPY quote available only in CSV mode"),
        (
            "COPY t TO STDOUT (FORMAT csv, FORCE_NOT_NULL (a))",
            "0A000",
            "COPY force not null only available using COPY FROM",
        ),
        (
            "COPY t TO STDOUT (FORMAT csv, FORCE_QUOTE (zz))",
            "42703",
            "column \"zz\" of relation \"t\" does not exist",
        ),
        (
            "COPY t (a) TO STDOUT (FORMAT csv, FORCE_QUOTE (b))",
            "42P10",
            "FORCE_QUOTE column \"b\" not referenced by COPY",
        ),
        ("COPY t (zz) TO STDOUT", "42703", "column \"zz\" of relation \"t\" does not exist"),
        ("COPY t (a, a) TO STDOUT", "42701", "column \"a\" specified more than once"),
        ("COPY nope TO STDOUT", "42P01", "relation \"nope\" does not exist"),
        ("COPY t TO STDOUT (HEADER match)", "0A000", "cannot use \"match\" with HEADER in COPY TO"),
        ("COPY t TO STDOUT (HEADER 3)", "42601", "header requires a Boolean value or \"match\""),
        ("COPY t TO STDOUT WHERE a > 1", "42601", "WHERE clause not allowed with COPY TO"),
        (
            "COPY t FROM STDIN WHERE count(*) > 1",
            "42803",
            "aggregate functions are not allowed in COPY FROM WHERE conditions",
        ),
        ("COPY t FROM STDIN WHERE a", "42804", "argument of WHERE must be type boolean, not type integer"),
        (
            "COPY t FROM STDIN WHERE a = (SELECT 1)",
            "0A000",
            "cannot use subquery in COPY FROM WHERE condition",
        ),
        ("COPY t TO STDOUT (FORMAT binary)", "0A000", "COPY in binary format is not supported"),
        ("COPY (DELETE FROM t) TO STDOUT", "0A000", "COPY query must have a RETURNING clause"),
        ("COPY t TO STDOUT (DELIMITER)", "42601", "delimiter requires a parameter"),
        ("COPY t TO STDOUT BINARY CSV", "42601", "conflicting or redundant options"),
        (
            "COPY t FROM STDIN (NULL E'\n')",
            "22023",
            "COPY null representation cannot use newline or carriage return",
        ),
        (
            "COPY t TO STDOUT CSV NULL ','",
            "0A000",
            "COPY delimiter must not appear in the NULL specification",
        ),
        ("COPY (SELECT 1 AS x) TO STDOUT CSV FORCE QUOTE y", "42703", "column \"y\" does not exist"),
        ("COPY t TO STDOUT CSV DELIMITER '\"'", "22023", "COPY delimiter and quote must be different"),
        (
            "COPY t TO STDOUT (ENCODING 'nope')",
            "22023",
            "argument to option \"encoding\" must be a valid encoding name",
        ),
        ("COPY t TO PROGRAM 'x'", "42601", "the statement is not one COPY … TO STDOUT"),
    ] {
        p.fails(sql, code, message);
    }
}

#[test]
fn files_and_transactions() {
    let p = place();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("t.csv");
    std::fs::write(&file, "1,x,1\n2,y,2\n").unwrap();
    let path = file.display();
    assert_eq!(p.conn.execute(&format!("COPY t FROM '{path}' CSV"), params![]).unwrap(), 2);
    assert_eq!(p.conn.execute(&format!("COPY (SELECT a FROM t) TO '{path}'"), params![]).unwrap(), 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "1\n2\n");
    let error = |sql: &str| {
        let error = p.conn.execute(sql, params![]).expect_err(sql);
        (error.code().to_string(), error.message().to_string())
    };
    let gone = "could not open file \"/nope/x\" for reading: No such file or directory (os error 2)";
    assert_eq!(error("COPY t FROM '/nope/x'"), ("58P01".into(), gone.into()));
    let dir = dir.path().display().to_string();
    assert_eq!(error(&format!("COPY t FROM '{dir}'")), ("42809".into(), format!("\"{dir}\" is a directory")));
    assert_eq!(error("COPY t FROM STDIN").0, "0A000");
    p.conn.execute("SET default_transaction_read_only = on", params![]).unwrap();
    let only = "cannot execute COPY FROM in a read-only transaction";
    p.fails("COPY t FROM STDIN", "25006", only);
    assert_eq!(p.text("COPY (SELECT 1) TO STDOUT"), "1\n");
    p.conn.execute("SET default_transaction_read_only = off", params![]).unwrap();
    p.conn.execute("BEGIN READ ONLY", params![]).unwrap();
    p.fails("COPY t FROM STDIN", "25006", only);
    p.conn.execute("ROLLBACK", params![]).unwrap();
    // In a transaction it is one statement of it.
    let tx = p.conn.begin().unwrap();
    p.conn.copy_in("COPY t FROM STDIN", &b"3\tz\t3\n"[..]).unwrap();
    assert_eq!(tx.query_one("SELECT count(*) FROM t", params![]).unwrap().get::<i64>(0).unwrap(), 3);
    p.conn.copy_in("COPY t FROM STDIN", &b"4\n"[..]).unwrap_err();
    assert_eq!(tx.execute("SELECT 1", params![]).unwrap_err().code(), "25P02");
    drop(tx);
    assert_eq!(p.conn.query_one("SELECT count(*) FROM t", params![]).unwrap().get::<i64>(0).unwrap(), 2);
}

#[test]
fn many_rows_come_in_batches() {
    let p = place();
    let data: String = (0..10_000).map(|i| format!("{i}\tnote {i}\n")).collect();
    assert_eq!(p.conn.copy_in("COPY k FROM STDIN", data.as_bytes()).unwrap(), 10_000);
    assert_eq!(p.text("COPY (SELECT * FROM k ORDER BY a) TO STDOUT"), data);
    let again = format!("{}5000\tx\n", (20_000..26_000).map(|i| format!("{i}\ty\n")).collect::<String>());
    let error = p.conn.copy_in("COPY k FROM STDIN", again.as_bytes()).unwrap_err();
    assert_eq!(error.detail(), Some("Key (a)=(5000) already exists."));
    assert_eq!(error.context(), Some("COPY k, line 6001"));
    assert_eq!(p.conn.query_one("SELECT count(*) FROM k", params![]).unwrap().get::<i64>(0).unwrap(), 10_000);
}
