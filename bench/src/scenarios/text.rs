//! The glosses that words find, the best first: 50,000 of WordNet (`BENCH_WORDNET`, a directory with `glosses.csv`; without it the
//! scenario is left out), asked for words of some of them. One thread, warm. Beside it SQLite's FTS5 with its own `bm25`.

use super::setting;
use crate::measure::median;
use crate::table::{Asked, Figure};
use remanent::{Connection, Database, params};
use std::path::{Path, PathBuf};
use std::time::Instant;

const QUERIES: usize = 200;

/// Words of some glosses, so many a query.
fn queries(conn: &Connection, glosses: &[String], words: usize) -> Vec<Vec<String>> {
    let counts = conn.prepare("SELECT numnode(plainto_tsquery($1)) > 0").expect("prepare");
    let of = |gloss: &String| {
        let mut found: Vec<String> = Vec::new();
        for word in gloss.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 3) {
            let word = word.to_ascii_lowercase();
            // Words that say nothing are no words here.
            let says: bool =
                counts.query_one(params![word.clone()]).and_then(|row| row.get(0)).expect("word");
            if says && !found.contains(&word) {
                found.push(word);
            }
        }
        // Not the first ones of all.
        found.reverse();
        found.truncate(words);
        (found.len() == words).then_some(found)
    };
    let step = glosses.len() / QUERIES / 2;
    glosses.iter().step_by(step.max(1)).filter_map(of).take(QUERIES).collect()
}

fn load(conn: &Connection, sqlite: &rusqlite::Connection, csv: &Path) -> Vec<String> {
    conn.execute("CREATE TABLE g (id bigint PRIMARY KEY, part text, words text, gloss text)", params![])
        .expect("table");
    conn.execute(&format!("COPY g FROM '{}' WITH (FORMAT csv, HEADER)", csv.display()), params![])
        .expect("copy");
    sqlite
        .execute_batch("CREATE VIRTUAL TABLE f USING fts5(gloss, tokenize = 'porter unicode61')")
        .expect("fts5");
    sqlite.execute_batch("BEGIN").expect("begin");
    let mut glosses = Vec::new();
    let mut insert = sqlite.prepare("INSERT INTO f (rowid, gloss) VALUES (?1, ?2)").expect("insert");
    for row in conn.query("SELECT id, gloss FROM g ORDER BY id", params![]).expect("rows") {
        let row = row.expect("row");
        let (id, gloss): (i64, String) = (row.get(0).expect("id"), row.get(1).expect("gloss"));
        insert.execute((id, &gloss)).expect("row");
        glosses.push(gloss);
    }
    drop(insert);
    sqlite.execute_batch("COMMIT; INSERT INTO f (f) VALUES ('optimize')").expect("commit");
    glosses
}

/// The median time of some questions in microseconds, each asked before.
fn time(queries: &[Vec<String>], ask: &mut dyn FnMut(&[String]) -> usize) -> f64 {
    let mut times = Vec::new();
    for round in 0..2 {
        for words in queries {
            let begin = Instant::now();
            assert!(ask(words) > 0, "{words:?}");
            if round > 0 {
                times.push(begin.elapsed().as_secs_f64() * 1e6);
            }
        }
    }
    median(times)
}

pub fn text() {
    let csv = std::env::var_os("BENCH_WORDNET").map(|dir| PathBuf::from(dir).join("glosses.csv"));
    let Some(csv) = csv.filter(|csv| csv.exists()) else {
        return eprintln!("text: BENCH_WORDNET names no directory with glosses.csv");
    };
    let dir = tempfile::tempdir().expect("directory");
    let db = Database::options().memory_limit(512 << 20).open(dir.path().join("t.rem")).expect("open");
    let conn = db.connect().expect("connect");
    let sqlite = rusqlite::Connection::open(dir.path().join("t.sqlite")).expect("sqlite");
    let glosses = load(&conn, &sqlite, &csv);
    let begin = Instant::now();
    conn.execute("CREATE INDEX g_gloss ON g USING bm25 (gloss)", params![]).expect("index");
    db.flush().expect("flush");
    eprintln!("text: {} glosses, indexed in {:.1} s", glosses.len(), begin.elapsed().as_secs_f64());
    let ranked =
        conn.prepare("SELECT id FROM g ORDER BY bm25_score(gloss, $1) DESC LIMIT 10").expect("prepare");
    let found = conn
        .prepare("SELECT id FROM g WHERE gloss @@ $1 ORDER BY bm25_score(gloss, $1) DESC LIMIT 10")
        .expect("prepare");
    let mut matched =
        sqlite.prepare("SELECT rowid FROM f WHERE f MATCH ?1 ORDER BY rank LIMIT 10").expect("prepare");
    let row = |what: String, ours: f64, theirs: f64, asked: Asked| {
        let figure = Figure { scenario: "text", what, unit: "us", more_is_better: false };
        figure.row(ours, &[("SQLite FTS5", theirs)], asked);
    };
    let mut fts = |words: &[String], joined: &str| {
        let rows = matched.query_map((words.join(joined),), |row| row.get::<_, i64>(0)).expect("match");
        rows.count()
    };
    let k = setting("BENCH_TEXT_WORDS", 4) as usize;
    let several = queries(&conn, &glosses, k);
    let ours = |statement: &remanent::Statement<'_>, words: &[String]| {
        statement.query(params![words.join(" ")]).expect("query").count()
    };
    let any = time(&several, &mut |words| ours(&ranked, words));
    row(
        format!("10 best of any of {k} words"),
        any,
        time(&several, &mut |words| fts(words, " OR ")),
        Asked::AtMost(500.0),
    );
    let one = queries(&conn, &glosses, 1);
    let single = time(&one, &mut |words| ours(&ranked, words));
    row("10 best of one word".into(), single, time(&one, &mut |words| fts(words, "")), Asked::AtMost(200.0));
    let two = queries(&conn, &glosses, 2);
    let both = time(&two, &mut |words| ours(&found, words));
    row(
        "10 best of those with both of two".into(),
        both,
        time(&two, &mut |words| fts(words, " AND ")),
        Asked::Nothing,
    );
}
