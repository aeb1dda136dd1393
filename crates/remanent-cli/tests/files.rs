//! `remanent import` and `remanent export` with text files: what becomes of the columns, what is said of bad lines, and that
//! rows that go out and come back are equal. Parquet and MCAP: `binary.rs`.

mod common;

use common::{Place, done, failed};

fn import(place: &Place, args: &[&str]) -> common::Ran {
    place.run(&[&["import", "a.rem"], args].concat())
}

/// An import that must succeed: what it said, without the time.
fn imported(place: &Place, args: &[&str]) -> String {
    let ran = import(place, args);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{args:?}");
    let lines: Vec<_> = ran.out.lines().map(|line| line.split(" in ").next().unwrap_or_default()).collect();
    lines.join("\n")
}

#[test]
fn types_are_learnt_from_all_values() {
    let place = Place::new();
    let head = "\u{feff}Id,Größe,when,on,code,u,doc,n,flag,long,none\n";
    let first = "1,1.5,2020-01-01,2020-01-01T12:00:00Z,007,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,\"{\"\"a\"\":1}\",1,true,1,\n";
    let last = "2,-3e2,2020-01-02 03:04:05.5,2020-01-02 01:00+02,x,,,2.5,f,18446744073709551615,\n";
    let middle = "2,1,2020-01-01,2020-01-01T12:00:00Z,1,,[],1,,1,\n".repeat(3000);
    place.write("Data Set.csv", [head, first, &middle, last].concat().as_bytes());
    assert_eq!(
        imported(&place, &["Data Set.csv"]),
        "creating table data_set
  id     bigint
  größe  double precision
  when   timestamp
  on     timestamptz
  code   text
  u      uuid
  doc    jsonb
  n      double precision
  flag   boolean
  long   numeric
  none   text
imported 3,002 rows from Data Set.csv"
    );
    assert_eq!(
        place.ask("SELECT * FROM data_set WHERE code IN ('007', 'x') ORDER BY id"),
        [
            "1,1.5,2020-01-01 00:00:00,2020-01-01 12:00:00+00,007,a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11,\"{\"\"a\"\": 1}\",1,t,1,",
            "2,-300,2020-01-02 03:04:05.5,2020-01-01 23:00:00+00,x,,,2.5,f,18446744073709551615,",
        ]
    );
}

#[test]
fn what_stands_between_fields() {
    let place = Place::new();
    place.write("semi.csv", b"a;b\r\n1,5;\"x;\r\ny\"\r\n");
    place.write("tab.tsv", b"a\tb\n1\t\"x\ty\"\n");
    place.write("bar.csv", b"a,b|c\n1,2|3\n");
    place.write("rows.csv", b"1,x\n2,y\n");
    imported(&place, &["semi.csv"]);
    imported(&place, &["tab.tsv"]);
    imported(&place, &["bar.csv", "--delimiter", "|"]);
    imported(&place, &["rows.csv", "--no-header", "--prefix", "my "]);
    assert_eq!(place.ask("SELECT a, replace(b, chr(13) || chr(10), '/') FROM semi"), ["\"1,5\",x;/y"]);
    assert_eq!(place.ask("SELECT a, b = 'x' || chr(9) || 'y' FROM tab"), ["1,t"]);
    assert_eq!(place.ask("SELECT a_b, c FROM bar"), ["\"1,2\",3"]);
    assert_eq!(place.ask("SELECT c1, c2 FROM my_rows ORDER BY c1"), ["1,x", "2,y"]);
}

#[test]
fn into_a_table_that_is_there() {
    let place = Place::new();
    place.ask(
        "CREATE TABLE t (id int PRIMARY KEY, \"Name\" text, at date DEFAULT '2020-01-01', twice int GENERATED ALWAYS AS (id * 2) STORED, \
         tags text[], CHECK (id < 100))",
    );
    place.write("t.csv", b"Name,ID\nann,1\nbob,2\n");
    assert_eq!(
        imported(&place, &["t.csv"]),
        "into table t\n  Name  text\n  id    integer\nimported 2 rows from t.csv"
    );
    place.write(
        "more.ndjson",
        b"{\"id\": 3, \"tags\": [\"a b\", null, \"q\\\"\"], \"Name\": null}\n\n{\"id\":4}\n",
    );
    imported(&place, &["more.ndjson", "--table", "t"]);
    place.write("last.csv", b"5,eve\n");
    imported(&place, &["last.csv", "--table", "public.t", "--no-header"]);
    assert_eq!(
        place.ask("SELECT * FROM t ORDER BY id"),
        [
            "1,ann,2020-01-01,2,",
            "2,bob,2020-01-01,4,",
            "3,,2020-01-01,6,\"{\"\"a b\"\",NULL,\"\"q\\\"\"\"\"}\"",
            "4,,2020-01-01,8,",
            "5,eve,2020-01-01,10,"
        ]
    );
    place.write("x.csv", b"id,other\n6,x\n");
    let err = "error: table \"t\" has no column \"other\", which \"x.csv\" has\n\
               hint: ALTER TABLE … ADD COLUMN makes it; --table NAME imports into another table.\n";
    let ran = import(&place, &["x.csv", "--table", "t"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(1), err));
    place.write("x.ndjson", b"{\"id\": 7}\n{\"id\": 8, \"other\": 1}\n");
    let ran = import(&place, &["x.ndjson", "--table", "t"]);
    assert!(ran.err.starts_with("error 42703: column \"other\" of relation \"t\" does not exist\n  in x.ndjson, line 2, column other\n"), "{}", ran.err);
    // A key that is taken, a condition that does not hold.
    place.write("y.csv", b"id\n9\n2\n");
    let ran = import(&place, &["y.csv", "--table", "t"]);
    assert!(ran.err.contains("error 23505") && ran.err.contains("  in y.csv, line 3\n"), "{}", ran.err);
    place.write("z.csv", b"id\n10\n100\n");
    let ran = import(&place, &["z.csv", "--table", "t"]);
    assert!(ran.err.contains("error 23514") && ran.err.contains("  in z.csv, line 3\n"), "{}", ran.err);
    assert_eq!(place.ask("SELECT count(*), max(id) FROM t"), ["5,5"]);
}

#[test]
fn json_of_several_shapes() {
    let place = Place::new();
    let rows = "{\"a\": 1, \"d\": {\"x\": [1, 2]}, \"s\": \"1\", \"t\": \"2020-01-01T00:00:00Z\", \"mixed\": 1}\n\
                {\"a\": 2.5, \"d\": [], \"s\": \"tab\\tnew\\nback\\\\\", \"b\": true, \"mixed\": \"x\", \"a\": 3}\n";
    place.write("lines.ndjson", rows.as_bytes());
    place.write("rows.json", format!("\n[{}]\n", rows.trim().replace('\n', "\n,\n")).as_bytes());
    place.write("several.json", rows.as_bytes());
    assert_eq!(
        imported(&place, &["lines.ndjson"]),
        "creating table lines\n  a      double precision\n  d      jsonb\n  s      text\n  t      timestamptz\n  mixed  text\n  b      boolean\n\
         imported 2 rows from lines.ndjson"
    );
    for name in ["rows", "several"] {
        imported(&place, &[&format!("{name}.json")]);
        assert_eq!(place.ask(&format!("SELECT * FROM lines EXCEPT SELECT * FROM {name}")), [""; 0]);
    }
    assert_eq!(
        place.ask("SELECT a, d, s = '1', mixed, b FROM lines ORDER BY a"),
        ["1,\"{\"\"x\"\": [1, 2]}\",t,1,", "3,[],f,x,t"]
    );
}

#[test]
fn a_bad_line_leaves_nothing() {
    let place = Place::new();
    place.ask("CREATE TABLE t (a int, b date)");
    let good: String = (0..5000).map(|i| format!("{i},2020-01-01\n")).collect();
    place.write("t.csv", format!("a,b\n{good}x,2020-01-01\n{good}").as_bytes());
    let err = "error 22P02: invalid input syntax for type integer: \"x\"\n  in t.csv, line 5002, column a\n  | x,2020-01-01\n\
               hint: Nothing was imported. To put such records aside and import the rest, add --skip-errors FILE.\n";
    let ran = import(&place, &["t.csv"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(1), err));
    assert_eq!(place.ask("SELECT count(*) FROM t"), ["0"]);
    // The table that was to be made is not there either.
    place.write("ragged.csv", b"a,b\n1,2\n3\n");
    let err = "error 22P04: missing data for column \"b\"\n  in ragged.csv, line 3\n  | 3\n";
    assert!(import(&place, &["ragged.csv"]).err.starts_with(err));
    place.write("wide.csv", b"a,b\n1,2,3\n");
    assert!(
        import(&place, &["wide.csv"])
            .err
            .starts_with("error 22P04: extra data after last expected column\n  in wide.csv, line 2\n")
    );
    place.write("utf.csv", b"a,b\n1,2\n1,\xff\n");
    assert!(import(&place, &["utf.csv"]).err.starts_with(
        "error 22021: invalid byte sequence for encoding \"UTF8\": 0xff\n  in utf.csv, line 3\n"
    ));
    place.write("utf.ndjson", b"{\"a\":1}\n{\"a\":\"\xff\"}\n");
    assert!(import(&place, &["utf.ndjson"]).err.starts_with(
        "error 22021: invalid byte sequence for encoding \"UTF8\" at byte 6\n  in utf.ndjson, line 2\n"
    ));
    place.write("quote.csv", b"a,b\n1,\"2\n3,4\n");
    assert!(
        import(&place, &["quote.csv"])
            .err
            .starts_with("error 22P04: unterminated CSV quoted field\n  in quote.csv, line")
    );
    place.write("ends.csv", b"a,b\r\n1,2\r\n3,4\n");
    assert!(
        import(&place, &["ends.csv"])
            .err
            .starts_with("error 22P04: unquoted newline found in data\n  in ends.csv, line 3\n")
    );
    place.write("cut.ndjson", b"{\"a\":1}\n{\"a\":");
    assert!(
        import(&place, &["cut.ndjson"])
            .err
            .starts_with("error 22P02: invalid input syntax for type json\n  in cut.ndjson, line 2\n")
    );
    place.write("cut.json", b"[{\"a\":1},\n{\"a\":2}");
    assert_eq!(import(&place, &["cut.json"]), failed("error: \"cut.json\" ends within its array: line 2\n"));
    place.write("more.json", b"[{\"a\":1}]\n{\"a\":2}");
    assert_eq!(
        import(&place, &["more.json"]),
        failed("error: \"more.json\" goes on behind its array: line 2\n")
    );
    place.write("row.ndjson", b"[1]\n");
    let err = "error 22P02: a row of JSON must be an object\n  in row.ndjson, line 1\n  | [1]\n";
    assert!(import(&place, &["row.ndjson"]).err.starts_with(err));
    assert_eq!(
        place.ask("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"),
        ["t"]
    );
}

#[test]
fn bad_records_are_put_aside() {
    let place = Place::new();
    place.ask("CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL)");
    place.write("t.csv", b"a,b\n1,x\nq,y\n2\n1,again\n3,\n4,z\n");
    let said = imported(&place, &["t.csv", "--skip-errors", "aside.csv"]);
    assert_eq!(
        said.lines().skip(3).collect::<Vec<_>>(),
        ["imported 2 rows from t.csv", "  incomplete: 4 records put aside"]
    );
    assert_eq!(place.ask("SELECT a, b FROM t ORDER BY a"), ["1,x", "4,z"]);
    let aside = std::fs::read_to_string(place.path("aside.csv")).expect("a file");
    assert_eq!(
        aside,
        "file,number,column,code,reason,record\n\
         t.csv,3,a,22P02,\"invalid input syntax for type integer: \"\"q\"\"\",\"q,y\"\n\
         t.csv,4,,22P04,\"missing data for column \"\"b\"\"\",2\n\
         t.csv,5,,23505,\"duplicate key value violates unique constraint \"\"t_pkey\"\" (Key (a)=(1) already exists.)\",\"1,again\"\n\
         t.csv,6,,23502,\"null value in column \"\"b\"\" of relation \"\"t\"\" violates not-null constraint (Failing row contains (3, null).)\",\"3,\"\n"
    );
    // What was put aside is a table like any other.
    imported(&place, &["aside.csv"]);
    assert_eq!(
        place.ask("SELECT number, code FROM aside ORDER BY number"),
        ["3,22P02", "4,22P04", "5,23505", "6,23502"]
    );
    place.write("u.ndjson", b"{\"a\":10,\"b\":\"x\"}\nnope\n[1]\n{\"a\":\"y\",\"b\":\"x\"}\n{\"a\":11,\"b\":\"x\",\"c\":1}\n{\"a\":12,\"b\":\"x\"}\n");
    imported(&place, &["u.ndjson", "--table", "t", "--skip-errors", "aside2.csv"]);
    assert_eq!(place.ask("SELECT a FROM t WHERE a >= 10 ORDER BY a"), ["10", "12"]);
    let aside = std::fs::read_to_string(place.path("aside2.csv")).expect("a file");
    let numbers: Vec<_> =
        aside.lines().skip(1).map(|line| line.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        numbers,
        ["u.ndjson,2,,22P02", "u.ndjson,3,,22P02", "u.ndjson,4,a,22P02", "u.ndjson,5,c,42703"]
    );
}

#[test]
fn what_is_put_aside_does_not_take_the_place_of_the_file() {
    let place = Place::new();
    place.write("t.csv", b"a,b\n1,x\n2\n");
    let same = place.path(".").join("t.csv");
    for aside in ["t.csv", same.to_str().expect("text")] {
        let ran = import(&place, &["t.csv", "--skip-errors", aside]);
        let said = "error: --skip-errors would write over \"t.csv\", which is imported";
        assert!(ran.err.starts_with(said), "{ran:?}");
        assert_eq!(std::fs::read(place.path("t.csv")).expect("a file"), b"a,b\n1,x\n2\n");
    }
}

#[test]
fn files_that_are_none() {
    let place = Place::new();
    place.write("empty.csv", b"");
    assert_eq!(import(&place, &["empty.csv"]), failed("error: \"empty.csv\" is empty\n"));
    // Why it has none, where there is something in it.
    place.write("words.ndjson", b"no words\n[1]\n");
    for more in [&[][..], &["--skip-errors", "aside.csv"]] {
        let ran = import(&place, &[&["words.ndjson"], more].concat());
        let err =
            "error 22P02: invalid input syntax for type json\n  in words.ndjson, line 1\n  | no words\n";
        assert!(ran.err.starts_with(err), "{ran:?}");
    }
    place.write("empty.ndjson", b"\n");
    let ran = import(&place, &["empty.ndjson"]);
    assert_eq!(ran, failed("error: \"empty.ndjson\" has no columns to make a table of\n"));
    let hint = "hint: Name the columns apart in the first line, or import it with --no-header.\n";
    place.write("twice.csv", b"a,b,a\n1,2,3\n");
    let err = "error: the first line of \"twice.csv\" has two columns \"a\"\n";
    assert_eq!(import(&place, &["twice.csv"]), failed(&format!("{err}{hint}")));
    place.write("nameless.csv", b"a,,c\n1,2,3\n");
    let err = "error: the first line of \"nameless.csv\" has no name for column 2\n";
    assert_eq!(import(&place, &["nameless.csv"]), failed(&format!("{err}{hint}")));
    std::fs::create_dir(place.path("dir.csv")).expect("a directory");
    assert_eq!(import(&place, &["dir.csv"]), failed("error: \"dir.csv\" is a directory, not a file\n"));
    assert!(
        import(&place, &["nope.csv"]).err.starts_with("error: could not open \"nope.csv\": No such file")
    );
    place.write("x.docx", b"x");
    assert!(
        import(&place, &["x.docx"])
            .err
            .starts_with("error: \"x.docx\" is no file that can be imported\nhint: What it ends in")
    );
    // 65 MB without an end.
    let endless = std::fs::File::create(place.path("endless.ndjson")).expect("a file");
    endless.set_len(65 << 20).expect("room");
    let err = "error: \"endless.ndjson\" has a value that is longer than 64 MB: line 1\n";
    assert_eq!(import(&place, &["endless.ndjson"]), failed(err));
    // Only a first line: a table without rows.
    place.write("head.csv", b"a,b\n");
    assert_eq!(
        imported(&place, &["head.csv"]),
        "creating table head\n  a  text\n  b  text\nimported 0 rows from head.csv"
    );
    // Names that differ only in what SQL folds.
    place.write("fold.csv", b"A b,a_b\n1,2\n");
    imported(&place, &["fold.csv"]);
    assert_eq!(place.ask("SELECT a_b, a_b_2 FROM fold"), ["1,2"]);
}

/// What goes out and comes back is what it was.
#[test]
fn round_trips() {
    let place = Place::new();
    place.ask(
        "CREATE TABLE t (i bigint, f double precision, b boolean, s text, d date, ts timestamp, tz timestamptz, u uuid, j jsonb); \
         INSERT INTO t VALUES (1, 0.1, true, E'a,\"b\"\\n\\tc\\\\', '2020-02-29', '2020-01-01 00:00:00.000001', '2020-01-01 12:00+02', \
         'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"k\": [1, \"é\"]}'), (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), \
         (-9223372036854775808, 1e300, false, 'plain', '1999-12-31', '1999-12-31 23:59:59', '0001-01-01 00:00:00+00', \
         '00000000-0000-0000-0000-000000000000', '[]'), (9223372036854775807, 'NaN', true, ' x ', '2000-01-01', '2000-01-01', '2000-01-01 00:00Z', \
         'ffffffff-ffff-ffff-ffff-ffffffffffff', '{}')",
    );
    for extension in ["csv", "tsv", "ndjson", "json"] {
        let file = format!("out.{extension}");
        let ran = place.run(&["export", "a.rem", "t", &file]);
        assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
        assert!(ran.out.starts_with(&format!("exported 4 rows to {file} in ")), "{}", ran.out);
        imported(&place, &[&file, "--prefix", extension]);
        let back = format!("{extension}out");
        assert_eq!(
            place.ask(&format!("SELECT data_type FROM information_schema.columns WHERE table_name = '{back}' ORDER BY ordinal_position")),
            ["bigint", "double precision", "boolean", "text", "date", "timestamp without time zone", "timestamp with time zone", "uuid", "jsonb"]
        );
        assert_eq!(
            place.ask(&format!("SELECT * FROM t EXCEPT SELECT * FROM {back}")),
            [""; 0],
            "{extension}"
        );
        assert_eq!(place.ask(&format!("SELECT count(*) FROM {back}")), ["4"]);
    }
}

#[test]
fn exports_of_queries_and_what_fails() {
    let place = Place::new();
    place.ask("CREATE TABLE \"Odd name\" (a int); INSERT INTO \"Odd name\" VALUES (1), (2); CREATE VIEW v AS SELECT a * 2 AS b FROM \"Odd name\"");
    let read = |name: &str| std::fs::read_to_string(place.path(name)).expect("a file");
    let export = |what: &str, file: &str| place.run(&["export", "a.rem", what, file]);
    assert_eq!(export("Odd name", "o.csv").status, Some(0));
    assert_eq!(read("o.csv"), "a\n1\n2\n");
    assert_eq!(export("v", "v.ndjson").status, Some(0));
    assert_eq!(read("v.ndjson"), "{\"b\":2}\n{\"b\":4}\n");
    assert_eq!(export("WITH w AS (SELECT 1 AS x, 'a;b' AS y) SELECT * FROM w;", "w.tsv").status, Some(0));
    assert_eq!(read("w.tsv"), "x\ty\n1\ta;b\n");
    assert_eq!(
        export("SELECT a FROM v", "none.json").err.lines().next(),
        Some("error 42703: column \"a\" does not exist")
    );
    assert!(!place.path("none.json").exists());
    // What was there stays when an export fails on its way.
    let failing = "SELECT 1 / (3 - x) FROM generate_series(1, 5) AS g(x)";
    assert_eq!(export(failing, "o.csv").err.lines().next(), Some("error 22012: division by zero"));
    assert_eq!(read("o.csv"), "a\n1\n2\n");
    let left: Vec<_> =
        std::fs::read_dir(place.path("")).expect("the directory").flatten().map(|e| e.file_name()).collect();
    assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".part")), "{left:?}");
    assert!(export("v", "x.docx").err.starts_with("error: \"x.docx\" is no file that can be written\n"));
    assert_eq!(
        place.run(&["export", "nope.rem", "v", "x.csv"]),
        failed("error: there is no database \"nope.rem\"\n")
    );
    // It reads and does not write.
    assert!(export("DELETE FROM \"Odd name\" RETURNING a", "x.csv").err.starts_with("error 25006"));
}

#[test]
fn the_shell_imports_too() {
    let place = Place::new();
    place.write("t.csv", b"a\n1\n");
    let said = place.run_with_input(
        &["a.rem"],
        ".import t.csv\n.import t.csv other\nBEGIN;\n.import t.csv\nROLLBACK;\nSELECT count(*) FROM t;\n",
    );
    assert_eq!((said.status, said.err.as_str()), (Some(0), ""));
    let said: Vec<_> =
        said.out.lines().filter(|line| !line.starts_with("imported 1 row from t.csv")).collect();
    assert_eq!(
        said,
        [
            "creating table t",
            "  a  bigint",
            "creating table other",
            "  a  bigint",
            "BEGIN",
            "into table t",
            "  a  bigint",
            "ROLLBACK",
            " count",
            "-------",
            "     1",
            "(1 row)"
        ]
    );
    assert_eq!(
        place.run_with_input(&["a.rem"], ".import\n"),
        failed("error: it takes a file and perhaps a table\n")
    );
    let out = ".output o.csv\n.mode csv\nSELECT 1 AS x;\n.output\nSELECT 2 AS y;\n";
    assert_eq!(place.run_with_input(&["a.rem"], out), done("y\n2\n"));
    assert_eq!(std::fs::read_to_string(place.path("o.csv")).expect("a file"), "x\n1\n");
}
