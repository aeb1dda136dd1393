//! The command line: what it prints where, and with which exit status.

mod common;

use common::{Place, Ran, done, failed};
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

#[test]
fn help_and_version() {
    let place = Place::new();
    let help = place.run(&["--help"]);
    assert_eq!((help.status, help.err.as_str()), (Some(0), ""));
    for word in
        ["remanent DB", "remanent import DB FILE", "remanent export DB", "remanent check DB", "remanent demo"]
    {
        assert!(help.out.contains(word), "{word}");
    }
    assert!(!help.out.contains("__write-rows"));
    assert_eq!(place.run(&["--version"]), done(concat!("remanent ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn a_wrong_command_line_is_status_2() {
    let ran = Place::new().run(&["a.rem", "--bogus"]);
    let err = "error: invalid option '--bogus'\ntry: remanent --help\n".to_owned();
    assert_eq!(ran, Ran { status: Some(2), out: String::new(), err });
}

#[test]
fn answers_in_three_forms() {
    let place = Place::new();
    let sql = "SELECT 1 AS n, 'a,b' AS t, NULL AS nothing, 0.5::float8 AS f, true AS b";
    assert_eq!(
        place.run(&["a.rem", "-c", sql]),
        done(
            " n |  t  | nothing |  f  | b\n---+-----+---------+-----+---\n 1 | a,b |         | 0.5 | t\n(1 row)\n"
        )
    );
    assert_eq!(place.run(&["a.rem", "--csv", "-c", sql]), done("n,t,nothing,f,b\n1,\"a,b\",,0.5,t\n"));
    assert_eq!(
        place.run(&["a.rem", "--json", "-c", sql]),
        done("[\n{\"n\":1,\"t\":\"a,b\",\"nothing\":null,\"f\":0.5,\"b\":true}\n]\n")
    );
}

#[test]
fn statements_come_from_arguments_files_and_standard_input() {
    let place = Place::new();
    let create =
        "CREATE TABLE t (a integer PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x;y'), (2, NULL);";
    assert_eq!(place.run(&["a.rem", "-c", create]), done("CREATE TABLE\nINSERT 0 2\n"));
    place.write("s.sql", b"-- a script\nUPDATE t SET b = 'z' WHERE a = 2;\nDELETE FROM t WHERE a = 9;\n");
    assert_eq!(place.run(&["a.rem", "-f", "s.sql"]), done("UPDATE 1\nDELETE 0\n"));
    let answer = " a |  b\n---+-----\n 1 | x;y\n 2 | z\n(2 rows)\n";
    assert_eq!(place.run_with_input(&["a.rem"], "SELECT * FROM t\nORDER BY a;\n"), done(answer));
    assert_eq!(place.run_with_input(&["a.rem"], ""), done(""));
    // Statements without an answer print nothing that another program would have to skip.
    let quiet =
        place.run(&["a.rem", "--csv", "-c", "BEGIN; DELETE FROM t; ROLLBACK; SELECT count(*) AS n FROM t"]);
    assert_eq!(quiet, done("n\n2\n"));
}

#[test]
fn the_first_failure_ends_the_script() {
    let place = Place::new();
    let script = "SELECT 1 AS a;\nSELECT\n  2 + nope AS b;\nSELECT 3 AS c";
    let err = "error 42703: column \"nope\" does not exist\n  in standard input, line 3\n  \
               3 |   2 + nope AS b;\n    |       ^\n";
    let ran = place.run_with_input(&["a.rem", "--csv"], script);
    assert_eq!(ran, Ran { status: Some(1), out: "a\n1\n".into(), err: err.into() });
    // From -c there is nothing to say about where the script is.
    let ran = place.run(&["a.rem", "-c", "SELECT nope"]);
    assert_eq!(
        ran,
        failed("error 42703: column \"nope\" does not exist\n  1 | SELECT nope\n    |        ^\n")
    );
}

#[test]
fn a_duplicate_key_shows_its_detail() {
    let place = Place::new();
    place.run(&["a.rem", "-c", "CREATE TABLE t (a integer PRIMARY KEY); INSERT INTO t VALUES (1)"]);
    let ran = place.run(&["a.rem", "-c", "INSERT INTO t VALUES (1)"]);
    assert_eq!(
        ran,
        failed(
            "error 23505: duplicate key value violates unique constraint \"t_pkey\"\n\
             detail: Key (a)=(1) already exists.\n"
        )
    );
}

#[test]
fn input_that_is_not_text_is_refused() {
    let place = Place::new();
    place.write("s.sql", b"SELECT 1;\n\xff");
    let ran = place.run(&["a.rem", "--csv", "-f", "s.sql"]);
    let err = "error: s.sql is not UTF-8 text: byte 10\n".to_owned();
    assert_eq!(ran, Ran { status: Some(1), out: "?column?\n1\n".into(), err });
    let ran = place.run(&["a.rem", "-f", "."]);
    assert_eq!(ran, failed("error: \".\" is a directory, not a script\n"));
    let ran = place.run(&["a.rem", "-f", "gone.sql"]);
    assert_eq!(ran, failed("error: could not open \"gone.sql\": No such file or directory (os error 2)\n"));
}

#[test]
fn a_statement_from_a_pipe_runs_before_the_next_one_comes() {
    let place = Place::new();
    let mut command = place.program(&["a.rem", "--csv"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("it starts");
    let mut input = child.stdin.take().expect("a pipe");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    for n in 0..3 {
        writeln!(input, "SELECT {n} AS n").expect("it reads");
        writeln!(input, ";").expect("it reads");
        let mut lines = [String::new(), String::new()];
        for line in &mut lines {
            output.read_line(line).expect("a line");
        }
        assert_eq!(lines, ["n\n".to_owned(), format!("{n}\n")]);
    }
    drop(input);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn commands_of_the_shell_work_in_scripts() {
    let place = Place::new();
    place.write(
        "create.sql",
        b"CREATE TABLE \"My t\" (id integer PRIMARY KEY, note text NOT NULL DEFAULT 'a b'); CREATE TABLE u (a int);\n",
    );
    let script = r#"
\i create.sql
\d "My t"
.tables u*
\di
\dt nope
.schema "My t"
.mode json
SELECT 1 AS a;
.mode table
\x
SELECT 1 AS a, 'b' AS bcd;
.mode markdown
SELECT 1 AS a;
\q
SELECT 2;
"#;
    let answer = r#"CREATE TABLE
CREATE TABLE
          Table "public.My t"
 Column |  Type   | Nullable | Default
--------+---------+----------+---------
 id     | integer | not null |
 note   | text    | not null | 'a b'
Indexes:
    "My t_pkey" PRIMARY KEY, btree (id)

   List of relations
 Schema | Name | Type
--------+------+-------
 public | u    | table
(1 row)
          List of indexes
 Schema |   Name    | Type  | Table
--------+-----------+-------+-------
 public | My t_pkey | index | My t
(1 row)
Did not find any relation named "nope".
CREATE TABLE "My t" (
    id integer NOT NULL,
    note text DEFAULT 'a b' NOT NULL,
    PRIMARY KEY (id)
);
[
{"a":1}
]
-[ RECORD 1 ]-
a   | 1
bcd | b
| a |
| ---: |
| 1 |
"#;
    assert_eq!(place.run_with_input(&["a.rem"], script), done(answer));
}

/// Foreign keys, as psql shows them on both sides; `.schema` adds them when all tables are there.
#[test]
fn the_shell_describes_foreign_keys() {
    let place = Place::new();
    place.write(
        "create.sql",
        b"CREATE TABLE p (id int PRIMARY KEY); \
          CREATE TABLE c (pid int, up int, CONSTRAINT b FOREIGN KEY (up) REFERENCES p DEFERRABLE, FOREIGN KEY (pid) REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL);\n",
    );
    let answer = r#"CREATE TABLE
CREATE TABLE
           Table "public.p"
 Column |  Type   | Nullable | Default
--------+---------+----------+---------
 id     | integer | not null |
Indexes:
    "p_pkey" PRIMARY KEY, btree (id)
Referenced by:
    TABLE "c" CONSTRAINT "b" FOREIGN KEY (up) REFERENCES p(id) DEFERRABLE
    TABLE "c" CONSTRAINT "c_pid_fkey" FOREIGN KEY (pid) REFERENCES p(id) ON UPDATE SET NULL ON DELETE CASCADE

           Table "public.c"
 Column |  Type   | Nullable | Default
--------+---------+----------+---------
 pid    | integer |          |
 up     | integer |          |
Foreign-key constraints:
    "b" FOREIGN KEY (up) REFERENCES p(id) DEFERRABLE
    "c_pid_fkey" FOREIGN KEY (pid) REFERENCES p(id) ON UPDATE SET NULL ON DELETE CASCADE

CREATE TABLE c (
    pid integer,
    up integer
);
ALTER TABLE c ADD CONSTRAINT b FOREIGN KEY (up) REFERENCES public.p(id) DEFERRABLE;
ALTER TABLE c ADD CONSTRAINT c_pid_fkey FOREIGN KEY (pid) REFERENCES public.p(id) ON UPDATE SET NULL ON DELETE CASCADE;
"#;
    let script = "\\i create.sql\n\\d p\n\\d c\n.schema c\n\\q\n";
    assert_eq!(place.run_with_input(&["a.rem"], script), done(answer));
}

#[test]
fn copy_takes_the_lines_that_follow() {
    let place = Place::new();
    let script = "CREATE TABLE t (a int, b text);\nCOPY t FROM STDIN;\n1\tx\n2\t\\N\n\\.\nSELECT count(*) AS n FROM t;\n\
                  COPY t TO STDOUT CSV HEADER;\n\\copy t to out.csv csv\n\\copy t from out.csv csv\n";
    let answer = "CREATE TABLE\nCOPY 2\n n\n---\n 2\n(1 row)\na,b\n1,x\n2,\nCOPY 2\nCOPY 2\n";
    assert_eq!(place.run_with_input(&["a.rem"], script), done(answer));
    assert_eq!(std::fs::read_to_string(place.path("out.csv")).expect("a file"), "1,x\n2,\n");
    let ran = place.run_with_input(&["a.rem"], "COPY t FROM STDIN;\n1\tx\nq\ty\n\\.\nSELECT 1;\n");
    let err = "error 22P02: invalid input syntax for type integer: \"q\"\n  in standard input, line 1\n\
               context: COPY t, line 2, column a: \"q\"\n";
    assert_eq!(ran, failed(err));
    // Nothing follows what `-c` says: the data are the standard input.
    let ran = place.run_with_input(
        &["a.rem", "-c", "TRUNCATE t; COPY t FROM STDIN CSV", "-c", "COPY t TO STDOUT"],
        "7,y\n8,z\n",
    );
    assert_eq!(ran, done("TRUNCATE TABLE\nCOPY 2\n7\ty\n8\tz\n"));
    let ran = place
        .run_with_input(&["a.rem", "-c", "COPY t FROM STDIN CSV;\n9,a\n\\.\nSELECT max(a) FROM t"], "7,y\n");
    assert_eq!(ran, done("COPY 1\n max\n-----\n   9\n(1 row)\n"));
}

#[test]
fn indexes_are_described() {
    let place = Place::new();
    let script = r#"CREATE TABLE t (a int PRIMARY KEY, b text UNIQUE, c int CHECK (c > 0));
CREATE INDEX ON t (c DESC, lower(b)) INCLUDE (a) WHERE c > 1;
\d t
.indexes
.schema t
"#;
    let ran = place.run_with_input(&["a.rem"], script);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    for line in [
        "CREATE INDEX",
        "    \"t_pkey\" PRIMARY KEY, btree (a)",
        "    \"t_b_key\" UNIQUE CONSTRAINT, btree (b)",
        "    \"t_c_lower_a_idx\" btree (c DESC, lower(b)) INCLUDE (a) WHERE (c > 1)",
        " public | t_c_lower_a_idx | index | t",
        "    PRIMARY KEY (a),",
        "    CONSTRAINT t_c_check CHECK (c > 0),",
        "    CONSTRAINT t_b_key UNIQUE (b)",
        "CREATE INDEX t_c_lower_a_idx ON public.t USING btree (c DESC, lower(b)) INCLUDE (a) WHERE (c > 1);",
    ] {
        assert!(ran.out.lines().any(|held| held == line), "{line}\n{}", ran.out);
    }
    assert_eq!(ran.out.matches("\n c      | integer").count(), 1);
}

#[test]
fn types_comments_and_temporary_tables_are_described() {
    let place = Place::new();
    let script = r#"CREATE TYPE mood AS ENUM ('sad', 'so so');
COMMENT ON TYPE mood IS 'how it is';
CREATE TABLE t (a int PRIMARY KEY, m mood DEFAULT 'sad', all_of mood[]);
COMMENT ON TABLE t IS 'what was felt';
COMMENT ON COLUMN t.m IS 'when it was';
CREATE TEMP TABLE u (m mood);
CREATE TABLE r (at timestamptz PRIMARY KEY) WITH (retention = '7 days', disk_budget = '2GB');
INSERT INTO t VALUES (1, 'so so', '{sad}');
\d+ t
\d+ r
\dt+
\dT
.schema t
.schema r
.mode json
SELECT m, all_of FROM t;
"#;
    let ran = place.run_with_input(&["a.rem"], script);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    for line in [
        "Column | Type | Nullable | Default | Description",
        "m | mood | | 'sad' | when it was",
        "all_of | mood[] | | |",
        "Description: what was felt",
        "Options: retention=7 days, disk_budget=2GB",
        ") WITH (retention='7 days', disk_budget='2GB');",
        "public | t | table | what was felt",
        "public | mood | sad, so so | how it is",
        "m mood DEFAULT 'sad',",
        "all_of mood[],",
        "{\"m\":\"so so\",\"all_of\":\"{sad}\"}",
    ] {
        let squeezed = |held: &str| held.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(ran.out.lines().any(|held| squeezed(held) == line), "{line}\n{}", ran.out);
    }
    assert!(ran.out.contains(" pg_temp_"), "{}", ran.out);
}

#[test]
fn series_are_drawn() {
    let place = Place::new();
    let ran =
        place.run_with_input(&["a.rem"], ".plot SELECT x, x * x AS y FROM generate_series(-9, 9) AS g (x)\n");
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines.len(), 18);
    assert!(lines[0].starts_with("81 ┤") && lines[15].starts_with(" 0 ┤"), "{}", ran.out);
    assert_eq!(lines[17], "    ━ y");
    let ran = place.run_with_input(
        &["a.rem"],
        ".plot --png 'a b.png' SELECT x, -x AS y FROM generate_series(1, 9) AS g (x)\n",
    );
    assert_eq!(ran, done(""));
    assert!(std::fs::read(place.path("a b.png")).expect("a picture").starts_with(b"\x89PNG"));
    let ran = place.run_with_input(&["a.rem"], ".plot SELECT 1, 'x' AS t\n");
    let err = "error: column \"t\" is of type text, which cannot be drawn\nhint: Cast it to a number, or leave it out.\n";
    assert_eq!(ran, failed(err));
}

#[test]
fn what_is_no_command_is_told() {
    let place = Place::new();
    let ran = place.run_with_input(&["a.rem"], "\\nope\n");
    assert_eq!(ran, failed("error: invalid command \\nope\nhint: Type .help for a list.\n"));
    let ran = place.run_with_input(&["a.rem"], ".read a.rem\n");
    assert_eq!(ran, failed("error: \"a.rem\" is a directory, not a script\n"));
    place.write("loop.sql", b".read loop.sql\n");
    let ran = place.run(&["a.rem", "-f", "loop.sql"]);
    assert_eq!(ran, failed("error: \"loop.sql\" is read by a script that is read by 32 others\n"));
}

#[test]
fn a_reader_that_leaves_ends_it_quietly() {
    let place = Place::new();
    let file = common::flight();
    assert_eq!(place.run(&["import", "a.rem", file.to_str().expect("a plain path")]).status, Some(0));
    // Far more than a pipe holds.
    let sql = "SELECT * FROM estimator_status";
    let mut command = place.program(&["a.rem", "--csv", "-c", sql, "-c", sql, "-c", sql]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::with_capacity(16, child.stdout.take().expect("a pipe")).read_line(&mut line).expect("a line");
    assert!(line.starts_with("ts,timestamp,"), "{line}");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}
