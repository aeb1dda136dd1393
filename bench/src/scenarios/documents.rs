//! Documents found by what they contain: 200,000 (`BENCH_DOCUMENTS`) made with a seed, each a report of a device: nested, with arrays,
//! about 250 bytes, behind a GIN index. One thread, warm. Beside it PostgreSQL with the same statements, of which what `SELECT 1`
//! takes is taken off.
//!
//! ```text
//! {"device": {"id": 4711, "kind": "lidar", "site": "s017"}, "status": "ok", "tags": ["t3", "t90"], "seq": 123,
//!  "readings": [{"name": "r1", "value": 55}, ...], "note": "..."}
//! ```
//!
//! | question | by |
//! |---|---|
//! | a device's reports | `@>` of a nested object: about 20 of 200,000 |
//! | a kind's at a site | `@>` of two members: about 125 |
//! | a tag | `@>` of an array: about 2,000 |
//! | a reading | `@>` of an object in an array |
//! | a rare key | `?`: 1 in 1,000 |
//! | one of two rare keys | `?|` |
//! | a path | `@?` with a filter of equality |
//!
//! The answers are checked to be the same rows.

use super::{fresh, setting};
use crate::measure::median;
use crate::peers::postgres::Server;
use crate::table::{Asked, less};
use remanent::{Database, Value, params};
use std::time::Instant;

const QUERIES: u64 = 100;

struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

const KINDS: [&str; 8] = ["lidar", "camera", "imu", "gps", "sonar", "motor", "gripper", "battery"];

fn document(random: &mut Random, seq: u64) -> String {
    let status =
        ["ok", "ok", "ok", "ok", "ok", "ok", "ok", "warn", "warn", "error"][random.below(10) as usize];
    let tags: Vec<String> = (0..2 + random.below(3)).map(|_| format!("\"t{}\"", random.below(300))).collect();
    let reading = |random: &mut Random| {
        format!("{{\"name\": \"r{}\", \"value\": {}}}", random.below(20), random.below(1000))
    };
    let readings: Vec<String> = (0..1 + random.below(3)).map(|_| reading(random)).collect();
    let rare = match random.below(1000) {
        0 => ", \"fault\": {\"code\": 7}",
        1 => ", \"recall\": true",
        _ => "",
    };
    format!(
        "{{\"device\": {{\"id\": {}, \"kind\": \"{}\", \"site\": \"s{:03}\"}}, \"status\": \"{status}\", \"tags\": [{}], \
         \"seq\": {seq}, \"readings\": [{}], \"note\": \"report {} of shift {}\"{rare}}}",
        random.below(10_000),
        KINDS[random.below(8) as usize],
        random.below(200),
        tags.join(", "),
        readings.join(", "),
        random.below(1 << 20),
        random.below(3),
    )
}

/// A question with the constant that asks: a statement, and a text for `$1`.
struct Question {
    what: &'static str,
    sql: &'static str,
    constants: fn(&mut Random) -> String,
}

const QUESTIONS: [Question; 8] = [
    Question {
        what: "@> a device's reports",
        sql: "SELECT id FROM d WHERE doc @> $1::text::jsonb",
        constants: |random| format!("{{\"device\": {{\"id\": {}}}}}", random.below(10_000)),
    },
    Question {
        what: "@> a kind at a site",
        sql: "SELECT id FROM d WHERE doc @> $1::text::jsonb",
        constants: |random| {
            let (kind, site) = (KINDS[random.below(8) as usize], random.below(200));
            format!("{{\"device\": {{\"kind\": \"{kind}\", \"site\": \"s{site:03}\"}}}}")
        },
    },
    Question {
        what: "@> a tag",
        sql: "SELECT id FROM d WHERE doc @> $1::text::jsonb",
        constants: |random| format!("{{\"tags\": [\"t{}\"]}}", random.below(300)),
    },
    Question {
        what: "@> a reading's name and value",
        sql: "SELECT id FROM d WHERE doc @> $1::text::jsonb",
        constants: |random| {
            let (name, value) = (random.below(20), random.below(1000));
            format!("{{\"readings\": [{{\"name\": \"r{name}\", \"value\": {value}}}]}}")
        },
    },
    Question {
        what: "@> a status, counted",
        sql: "SELECT count(*) FROM d WHERE doc @> $1::text::jsonb",
        constants: |random| format!("{{\"status\": \"{}\"}}", ["error", "warn"][random.below(2) as usize]),
    },
    Question {
        what: "? a rare key",
        sql: "SELECT id FROM d WHERE doc ? $1",
        constants: |random| ["fault", "recall"][random.below(2) as usize].into(),
    },
    Question {
        what: "?| rare keys",
        sql: "SELECT id FROM d WHERE doc ?| string_to_array($1, ',')",
        constants: |random| format!("fault,recall,none{}", random.below(10)),
    },
    Question {
        what: "@? a path to a device",
        sql: "SELECT id FROM d WHERE doc @? $1::text::jsonpath",
        constants: |random| format!("$.device.id ? (@ == {})", random.below(10_000)),
    },
];

/// The ids, or the count, in order, and the median time of a question in microseconds.
fn ask(question: &Question, mut one: impl FnMut(&str) -> Vec<i64>) -> (Vec<Vec<i64>>, f64) {
    let mut random = Random(11);
    let constants: Vec<String> = (0..QUERIES).map(|_| (question.constants)(&mut random)).collect();
    constants.iter().for_each(|text| drop(one(text)));
    let (mut answers, mut times) = (Vec::new(), Vec::new());
    for text in &constants {
        let begin = Instant::now();
        let mut answer = one(text);
        times.push(begin.elapsed().as_secs_f64() * 1e6);
        answer.sort_unstable();
        answers.push(answer);
    }
    (answers, median(times))
}

pub fn documents() {
    let rows = setting("BENCH_DOCUMENTS", 200_000);
    let mut random = Random(3);
    let documents: Vec<String> = (0..rows).map(|seq| document(&mut random, seq)).collect();
    let dir = fresh();
    let db = Database::options().memory_limit(512 << 20).open(dir.path().join("d.rem")).expect("open");
    let conn = db.connect().expect("connect");
    conn.execute("CREATE TABLE raw (id bigint, doc text)", params![]).expect("table");
    conn.execute("CREATE TABLE d (id bigint PRIMARY KEY, doc jsonb)", params![]).expect("table");
    let mut app = conn.appender("raw").expect("appender");
    for (id, text) in (0i64..).zip(&documents) {
        app.append(vec![Value::Int8(id), Value::Text(text.as_str().into())]).expect("row");
    }
    app.finish().expect("load");
    conn.execute("INSERT INTO d SELECT id, doc::jsonb FROM raw", params![]).expect("fill");
    conn.execute("DROP TABLE raw", params![]).expect("drop");
    db.flush().expect("flush");
    let begin = Instant::now();
    conn.execute("CREATE INDEX d_doc ON d USING gin (doc)", params![]).expect("index");
    let build = begin.elapsed().as_secs_f64() * 1e3;
    let parts = std::fs::read_dir(dir.path().join("d.rem/seg")).expect("segments").flatten();
    let parts = parts.filter(|entry| entry.file_name().to_string_lossy().ends_with(".idx"));
    let bytes: u64 = parts.filter_map(|entry| entry.metadata().ok()).map(|data| data.len()).sum();

    let Some(server) = Server::start() else { return };
    let mut client = server.connect();
    client.batch_execute("CREATE TABLE d (id bigint PRIMARY KEY, doc jsonb)").expect("table");
    let written: Vec<String> =
        (0..).zip(&documents).map(|(id, text): (u64, _)| format!("({id}, '{text}')")).collect();
    let (their_build, their_bytes) =
        Server::fill(&mut client, "d", &written, "d_doc", "CREATE INDEX d_doc ON d USING gin (doc)");
    let nothing = server.round_trip(&mut client);
    let peer = format!("PostgreSQL 15, {nothing:.0} µs of SELECT 1 taken off");
    less("documents", format!("build of GIN, {rows} documents"), "ms").row(
        build,
        &[("PostgreSQL 15", their_build)],
        Asked::Nothing,
    );
    less("documents", "bytes of index on disk a document", "B").row(
        bytes as f64 / rows as f64,
        &[("PostgreSQL 15", their_bytes / rows as f64)],
        Asked::Nothing,
    );
    for question in &QUESTIONS {
        let statement = conn.prepare(question.sql).expect("prepare");
        let (ours, time) = ask(question, |text| {
            let rows = statement.query(params![text]).expect("query");
            rows.map(|row| row.and_then(|row| row.get(0)).expect("id")).collect()
        });
        let statement = client.prepare(question.sql).expect("prepare");
        let (theirs, their_time) = ask(question, |text| {
            client.query(&statement, &[&text]).expect("query").iter().map(|row| row.get(0)).collect()
        });
        assert!(ours == theirs, "{}: the answers differ", question.what);
        let found = match question.sql.contains("count") {
            true => ours.iter().flatten().sum::<i64>() as f64 / ours.len() as f64,
            false => ours.iter().map(Vec::len).sum::<usize>() as f64 / ours.len() as f64,
        };
        let what = format!("{}, {found:.0} rows on average", question.what);
        less("documents", what, "µs").row(time, &[(&peer, their_time - nothing)], Asked::Ratio(2.0));
    }
}
