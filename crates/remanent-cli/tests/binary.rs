//! Parquet and MCAP, where the program was built with them. The fixtures were written by other programs: `types.parquet` by
//! pyarrow, the MCAP files by the Python library of the format, with chunks compressed.

#![cfg(any(feature = "parquet", feature = "mcap"))]

mod common;

use common::Place;
use std::path::Path;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).expect("a fixture")
}

fn import(place: &Place, args: &[&str]) -> common::Ran {
    place.run(&[&["import", "a.rem"], args].concat())
}

fn imported(place: &Place, args: &[&str]) -> String {
    let ran = import(place, args);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{args:?}");
    ran.out.trim_end().rsplit_once(" in ").expect("it says how long it took").0.to_owned()
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_of_another_program() {
    let place = Place::new();
    place.write("types.parquet", &fixture("types.parquet"));
    assert_eq!(
        imported(&place, &["types.parquet"]),
        "creating table types
  i8    smallint
  u16   integer
  u32   bigint
  u64   numeric(20)
  i64   bigint
  f     real
  d     double precision
  h     real
  s     text
  b     bytea
  ok    boolean
  day   date
  ms    timestamp
  us    timestamptz
  ns    timestamptz
  tod   time
  dec   numeric(10,2)
  big   numeric(38,3)
  l     jsonb
  g     jsonb
  m     jsonb
  dict  text
imported 3 rows from types.parquet"
    );
    assert_eq!(
        place.ask("SELECT i8, u16, u32, u64, i64, f, d, h, replace(s, chr(10), '/'), b, ok FROM types"),
        [
            "1,65535,4294967295,18446744073709551615,-9223372036854775808,0.1,0.1,0.5,a\tb/c,\\x00ff,t",
            ",0,0,0,,NaN,-0,1,\"\",\\x,f",
            "-128,,,,9223372036854775807,Infinity,1e+300,,,,",
        ]
    );
    assert_eq!(
        place.ask("SELECT day, ms, us, ns, tod, dec, big, l, g, m, dict FROM types"),
        [
            "1969-12-31,2020-01-01 01:02:03.004,2020-01-01 01:02:03.456789+00,2020-01-01 01:02:03.456789+00,01:02:03.000004,123.45,\
             12345678901234567890123456789.123,\"[1, null, 3]\",\"{\"\"x\"\": 1, \"\"y\"\": \"\"q\\\"\"\"\"}\",\"{\"\"k\"\": 1.5}\",red",
            "2020-02-29,1960-01-01 00:00:00,1960-01-01 00:00:00+00,1969-12-31 23:59:59.999999+00,23:59:59.999999,-0.05,-1.000,[],\
             \"{\"\"x\"\": null, \"\"y\"\": null}\",{},blue",
            ",,,,,,,,,,red",
        ]
    );
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_goes_out_and_comes_back() {
    let place = Place::new();
    place.ask(
        "CREATE TABLE t (i2 smallint, i4 int, i8 bigint, r real, f double precision, n numeric(12,3), b boolean, s text, by bytea, d date, \
         ti time, ts timestamp, tz timestamptz, u uuid, j jsonb); \
         INSERT INTO t VALUES (1, 2, 3, 0.1, 0.1, -12.345, true, E'a\\n\\\\N', '\\x00ff', '1900-01-01', '12:34:56.789', '1960-01-01 00:00:00.000001', \
         '2020-01-01 12:00+02', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{\"k\": [1, \"é\"]}'); \
         INSERT INTO t (s) VALUES (NULL), (''); \
         INSERT INTO t (i8, f, s) SELECT x, x / 7.0, 'row ' || x FROM generate_series(1, 70000) AS g(x)",
    );
    let ran = place.run(&["export", "a.rem", "t", "t.parquet"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""));
    imported(&place, &["t.parquet", "--table", "back"]);
    let types = |table: &str| {
        place.ask(&format!(
            "SELECT data_type, numeric_precision FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position"
        ))
    };
    assert_eq!(types("back"), types("t"));
    assert_eq!(place.ask("SELECT * FROM t EXCEPT ALL SELECT * FROM back"), [""; 0]);
    assert_eq!(place.ask("SELECT count(*) FROM back"), ["70003"]);
    assert_eq!(imported(&place, &["t.parquet", "--table", "back"]).lines().next(), Some("into table back"));
    let ran = place.run(&["export", "a.rem", "SELECT 'infinity'::timestamp AS x", "x.parquet"]);
    assert_eq!(ran.err, "error 22003: Parquet has no value for infinity in column \"x\"\n");
    assert!(!place.path("x.parquet").exists());
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_that_is_none() {
    let place = Place::new();
    let whole = fixture("types.parquet");
    for (name, bytes) in [
        ("empty.parquet", &b""[..]),
        ("text.parquet", b"a,b\n1,2\n"),
        ("short.parquet", &whole[..whole.len() / 2]),
        ("tail.parquet", &whole[whole.len() - 100..]),
    ] {
        place.write(name, bytes);
        let ran = import(&place, &[name]);
        assert_eq!(ran.status, Some(1), "{name}");
        assert!(ran.err.starts_with(&format!("error: \"{name}\" cannot be read: ")), "{name}: {}", ran.err);
    }
    place.ask("CREATE TABLE small (i8 smallint, i64 int)");
    let ran = import(&place, &["text.parquet"]);
    assert_eq!(ran.status, Some(1));
    assert!(!place.path("b.rem").exists());
}

#[cfg(feature = "mcap")]
#[test]
fn channels_become_tables() {
    for compression in ["lz4", "zstd"] {
        let place = Place::new();
        place.write("log.mcap", &fixture(&format!("{compression}.mcap")));
        assert_eq!(
            imported(&place, &["log.mcap", "--prefix", "day1_"]),
            "creating table day1_robot_pose
  log_time      timestamptz
  publish_time  timestamptz
  sequence      bigint
  x             double precision
  n             bigint
  name          text
  tags          jsonb
  at            timestamptz
  log_time_2    bigint
creating table day1_raw
  log_time      timestamptz
  publish_time  timestamptz
  sequence      bigint
  data          bytea
  messages in \"protobuf\" are kept as bytes
creating table day1_channels
  channel           text
  topic             text
  message_encoding  text
  schema_name       text
  schema_encoding   text
  schema_data       bytea
  metadata          jsonb
  messages          bigint
imported 24 rows from log.mcap"
        );
        assert_eq!(
            place.ask("SELECT * FROM day1_robot_pose ORDER BY sequence DESC LIMIT 1"),
            [
                "2020-01-01 01:02:03.475789+00,2020-01-01 01:02:03.456789+00,19,19,38,p19,\"[\"\"a\"\", 19]\",2020-01-01 00:00:00+00,19"
            ]
        );
        assert_eq!(
            place.ask("SELECT sequence, data FROM day1_raw"),
            ["0,\\x00ff", "5,\\x05ff", "10,\\x0aff", "15,\\x0fff"]
        );
        assert_eq!(
            place.ask("SELECT channel, topic, message_encoding, schema_name, schema_encoding, metadata, messages FROM day1_channels"),
            [
                "day1_robot_pose,/robot/pose,json,Pose,jsonschema,\"{\"\"a\"\": \"\"b\"\"}\",20",
                "day1_raw,/raw,protobuf,foo.Bar,protobuf,{},4",
                ",/never,json,,,{},0",
            ]
        );
        // Into the tables that are there.
        assert!(
            imported(&place, &["log.mcap", "--prefix", "day1_"]).starts_with("into table day1_robot_pose")
        );
        assert_eq!(place.ask("SELECT count(*) FROM day1_robot_pose"), ["40"]);
    }
}

#[cfg(feature = "mcap")]
#[test]
fn mcap_that_was_cut_off_or_damaged() {
    let place = Place::new();
    let whole = fixture("zstd.mcap");
    place.write("cut.mcap", &whole[..whole.len() / 2]);
    let ran = import(&place, &["cut.mcap"]);
    assert!(
        ran.err.starts_with("error: \"cut.mcap\" is damaged: it ends early\nhint: Nothing was imported."),
        "{}",
        ran.err
    );
    imported(&place, &["cut.mcap", "--partial"]);
    let count: u64 = place.ask("SELECT count(*) FROM robot_pose")[0].parse().expect("a number");
    assert!((1..20).contains(&count), "{count}");
    // No change of a byte is more than an error or other data.
    for at in (0..whole.len()).step_by(37) {
        let mut changed = whole.clone();
        changed[at] ^= 0x55;
        place.write("changed.mcap", &changed);
        let ran = place.run(&["import", "b.rem", "changed.mcap", "--prefix", &format!("x{at}_")]);
        assert!(matches!(ran.status, Some(0 | 1)), "byte {at}: {ran:?}");
    }
}
