//! The glosses that words find, the best first: 50,000 of WordNet (`BENCH_WORDNET`, a directory with `glosses.csv`; without it the
//! scenario is left out), asked for words of some of them. One thread, warm. Beside it SQLite's FTS5 with its own `bm25`,
//! and tantivy where `bench/peers.sh` has made it a Python environment (`bench/text.py`). Scores differ by their parameters and
//! words by their stems, so what is compared beside times is how many texts answer, on standard error.

use super::setting;
use crate::measure::median;
use crate::peers::python;
use crate::table::{Asked, Figure};
use remanent::{Connection, Database, params};
use std::path::{Path, PathBuf};
use std::time::Instant;

const QUERIES: usize = 200;

/// Whether a word is one to search for: some say nothing.
fn says(conn: &Connection, word: &str) -> bool {
    let counts = conn.prepare("SELECT numnode(plainto_tsquery($1)) > 0").expect("prepare");
    counts.query_one(params![word.to_owned()]).and_then(|row| row.get(0)).expect("word")
}

/// Two words of some glosses that stand side by side.
fn phrases(conn: &Connection, glosses: &[String]) -> Vec<Vec<String>> {
    let plain = |word: &str| word.len() > 3 && word.bytes().all(|b| b.is_ascii_lowercase());
    let of = |gloss: &String| {
        let words: Vec<&str> = gloss.split(' ').collect();
        let two =
            words.windows(2).rev().find(|two| two.iter().all(|word| plain(word) && says(conn, word)))?;
        Some(two.iter().map(|word| (*word).to_owned()).collect())
    };
    let step = glosses.len() / QUERIES / 2;
    glosses.iter().step_by(step.max(1)).filter_map(of).take(QUERIES).collect()
}

/// Words of some glosses, so many a query.
fn queries(conn: &Connection, glosses: &[String], words: usize) -> Vec<Vec<String>> {
    let of = |gloss: &String| {
        let mut found: Vec<String> = Vec::new();
        for word in gloss.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| word.len() > 3) {
            let word = word.to_ascii_lowercase();
            if says(conn, &word) && !found.contains(&word) {
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

/// The glosses, in both; and how many seconds SQLite took.
fn load(conn: &Connection, sqlite: &rusqlite::Connection, csv: &Path) -> (Vec<String>, f64) {
    conn.execute("CREATE TABLE g (id bigint PRIMARY KEY, part text, words text, gloss text)", params![])
        .expect("table");
    conn.execute(&format!("COPY g FROM '{}' WITH (FORMAT csv, HEADER)", csv.display()), params![])
        .expect("copy");
    let row = |row: remanent::Row| -> (i64, String) { (row.get(0).expect("id"), row.get(1).expect("gloss")) };
    let rows = conn.query("SELECT id, gloss FROM g ORDER BY id", params![]).expect("rows");
    let rows: Vec<(i64, String)> = rows.map(|found| row(found.expect("row"))).collect();
    let begin = Instant::now();
    sqlite
        .execute_batch("CREATE VIRTUAL TABLE f USING fts5(gloss, tokenize = 'porter unicode61'); BEGIN")
        .expect("fts5");
    let mut insert = sqlite.prepare("INSERT INTO f (rowid, gloss) VALUES (?1, ?2)").expect("insert");
    for row in &rows {
        insert.execute((row.0, &row.1)).expect("row");
    }
    sqlite.execute_batch("COMMIT; INSERT INTO f (f) VALUES ('optimize')").expect("commit");
    (rows.into_iter().map(|(_, gloss)| gloss).collect(), begin.elapsed().as_secs_f64())
}

/// The median time of some questions in microseconds, each asked before, and so often (`BENCH_ROUNDS`, default 1).
fn time(queries: &[Vec<String>], ask: &mut dyn FnMut(&[String]) -> usize) -> f64 {
    let mut times = Vec::new();
    for round in 0..=setting("BENCH_ROUNDS", 1) {
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

/// A kind of question: how its words are asked for, of each engine.
struct Kind {
    figure: &'static str,
    what: String,
    questions: Vec<Vec<String>>,
    ours: &'static str,
    /// As SQLite joins words; tantivy is asked the same.
    joined: &'static str,
    quote: &'static str,
    /// What makes a tsquery of the words, and what then is between them.
    count: (&'static str, &'static str),
    asked: Asked,
}

impl Kind {
    fn question(&self, words: &[String]) -> String {
        format!("{0}{1}{0}", self.quote, words.join(self.joined))
    }
}

fn kinds(conn: &Connection, glosses: &[String]) -> Vec<Kind> {
    const RANKED: &str = "SELECT id FROM g ORDER BY bm25_score(gloss, $1) DESC LIMIT 10";
    const BOTH: &str = "SELECT id FROM g WHERE gloss @@ $1 ORDER BY bm25_score(gloss, $1) DESC LIMIT 10";
    const PHRASE: &str =
        "SELECT id FROM g WHERE gloss @@ phraseto_tsquery($1) ORDER BY bm25_score(gloss, $1) DESC LIMIT 10";
    let k = setting("BENCH_TEXT_WORDS", 4) as usize;
    let kind = |figure, what: &str, questions, ours, joined, count, asked| {
        let quote = if figure == "phrase" { "\"" } else { "" };
        Kind { figure, what: what.to_owned(), questions, ours, joined, quote, count, asked }
    };
    let any = format!("10 best of any of {k} words");
    let (to, plain, phrase) = ("to_tsquery", "plainto_tsquery", "phraseto_tsquery");
    let few = queries(conn, glosses, k);
    vec![
        kind("any", &any, few, RANKED, " OR ", (to, " | "), Asked::AtMost(500.0)),
        kind(
            "one",
            "10 best of one word",
            queries(conn, glosses, 1),
            RANKED,
            "",
            (plain, ""),
            Asked::AtMost(200.0),
        ),
        kind(
            "both",
            "10 best of those with both of two",
            queries(conn, glosses, 2),
            BOTH,
            " AND ",
            (plain, " "),
            Asked::Nothing,
        ),
        kind(
            "phrase",
            "10 best of those with two side by side",
            phrases(conn, glosses),
            PHRASE,
            " ",
            (phrase, " "),
            Asked::Nothing,
        ),
    ]
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
    let (glosses, filled) = load(&conn, &sqlite, &csv);
    let begin = Instant::now();
    conn.execute("CREATE INDEX g_gloss ON g USING bm25 (gloss)", params![]).expect("index");
    db.flush().expect("flush");
    let build = begin.elapsed().as_secs_f64();
    let kinds = kinds(&conn, &glosses);
    let asked = dir.path().join("questions");
    let lines = |kind: &Kind| -> Vec<String> {
        kind.questions.iter().map(|words| format!("{}\t{}\n", kind.figure, kind.question(words))).collect()
    };
    let all: Vec<String> = kinds.iter().flat_map(lines).collect();
    std::fs::write(&asked, all.concat()).expect("questions");
    let peers = python::ask("text.py", &[csv.as_os_str(), asked.as_os_str()]);
    let row = |what: String, unit: &'static str, ours: f64, fts: f64, figure: &str, asked: Asked| {
        let others = python::of(&peers, figure);
        let mut theirs = vec![("SQLite FTS5", fts)];
        theirs.extend(others.iter().map(|(name, value)| (name.as_str(), *value)));
        Figure { scenario: "text", what, unit, more_is_better: false }.row(ours, &theirs, asked);
    };
    // Of ours the index, which takes its words from a table that is there; of theirs the texts go in as well.
    row(format!("index of {} glosses", glosses.len()), "s", build, filled, "build", Asked::Nothing);
    let mut matched =
        sqlite.prepare("SELECT rowid FROM f WHERE f MATCH ?1 ORDER BY rank LIMIT 10").expect("prepare");
    let mut counted = sqlite.prepare("SELECT count(*) FROM f WHERE f MATCH ?1").expect("prepare");
    for kind in &kinds {
        let statement = conn.prepare(kind.ours).expect("prepare");
        let mine = time(&kind.questions, &mut |words| {
            statement.query(params![words.join(" ")]).expect("query").count()
        });
        let fts = time(&kind.questions, &mut |words| {
            let question = kind.question(words);
            matched.query_map((question,), |row| row.get::<_, i64>(0)).expect("match").count()
        });
        row(kind.what.clone(), "us", mine, fts, kind.figure, kind.asked);
        let (make, between) = kind.count;
        let sql = format!("SELECT count(*) FROM g WHERE gloss @@ {make}($1)");
        let count = conn.prepare(&sql).expect("prepare");
        let (mut ours, mut theirs) = (0i64, 0i64);
        for words in &kind.questions {
            ours += count
                .query_one(params![words.join(between)])
                .and_then(|row| row.get::<i64>(0))
                .expect("count");
            theirs += counted.query_row((kind.question(words),), |row| row.get::<_, i64>(0)).expect("count");
        }
        let others = python::of(&peers, &format!("{}, answers", kind.figure));
        eprintln!(
            "text: {}: {} questions, answers: Remanent {ours}, SQLite {theirs}, {others:?}",
            kind.what,
            kind.questions.len()
        );
    }
}
