//! Indexes for ranking: scores, numbers of documents and conditions are what a scan says, to the last bit.

use super::harness::{Random, Subject, compare, compare_with_scans};
use remanent::{Connection, Database, params};
use remanent_storage::world::sim::{SimDisk, SimWorld};

const PROSE: [&str; 12] = [
    "the",
    "gripper",
    "grip",
    "slipped",
    "slips",
    "on",
    "a cat",
    "catalogue",
    "robot",
    "robots",
    "Café",
    "cafes",
];

fn prose(random: &mut Random) -> String {
    let words: Vec<&str> = (0..random.below(9)).map(|_| random.one(&PROSE)).collect();
    words.join(" ")
}

fn value(random: &mut Random, _: &str) -> String {
    match random.below(12) {
        0 => "NULL".to_string(),
        1 => format!("'{} {}'", prose(random), "cat ".repeat(random.below(300) as usize)),
        _ => format!("'{}'", prose(random)),
    }
}

fn query(random: &mut Random) -> String {
    let word = |random: &mut Random| {
        let word = random.one(&["gripper", "grip", "slip", "slipped", "cat", "the", "on", "dog", "robbot"]);
        let marks = random.one(&["", "", "", ":*", ":~1", ":~2", ":A"]);
        format!("{}{word}{marks}", random.one(&["", "", "", "", "!"]))
    };
    let mut query = word(random);
    for _ in 0..random.below(4) {
        query = format!("{query} {} {}", random.one(&["&", "|", "|", "<->", "<2>"]), word(random));
    }
    format!("to_tsquery('english', '{query}')")
}

/// A document without accents, and a query that is one.
fn folded(random: &mut Random) -> String {
    let query = random.one(&["cafe", "Cafés & grip", "café | robot", "the <-> cafe", "caf:*"]);
    format!("to_tsvector('english_unaccent', b), to_tsquery('english_unaccent', '{query}')")
}

fn condition(random: &mut Random) -> String {
    match random.below(5) {
        4 => folded(random).replace("b), to", "b) @@ to"),
        0 => format!("id % {} = 0", 2 + random.below(50)),
        1 => format!("b @@ {}", query(random)),
        2 => format!("c @@ '{}'", random.one(&["robot", "slip grip"])),
        _ => format!("id < {}", random.below(2000)),
    }
}

fn question(random: &mut Random, table: &str) -> String {
    let column = random.one(&["b", "c"]);
    let query = query(random);
    let filter = match random.below(2) {
        0 => String::new(),
        _ => format!(" WHERE {}", condition(random)),
    };
    let limit = random.one(&["1", "3", "10", "40", "100000"]);
    match random.below(9) {
        8 => {
            let score = format!("bm25_score({})", folded(random));
            format!("SELECT {score} FROM {table}{filter} ORDER BY 1 DESC LIMIT {limit}")
        }
        7 => {
            let score = format!("bm25_score({column}, {query})");
            format!(
                "SELECT 1 - {score}, {score} IS NULL, 3 * {score} FROM {table}{filter} ORDER BY {score} DESC LIMIT {limit}"
            )
        }
        0 => format!("SELECT bm25_corpus(to_tsvector({column}), {query}) FROM {table}{filter}"),
        1 => format!("SELECT id, bm25_score({column}, {query}) FROM {table}{filter} ORDER BY id LIMIT 50"),
        2 => format!(
            "SELECT 2 * bm25_score(b, {query}) + bm25_score(c, {query}) FROM {table}{filter} ORDER BY 1 DESC LIMIT {limit}"
        ),
        3 => format!("SELECT count(*), min(id), max(id) FROM {table} WHERE {column} @@ {query}"),
        4 => format!(
            "SELECT bm25_score({column}, {query}) FROM {table}{filter} ORDER BY 1 DESC LIMIT 3 OFFSET {limit}"
        ),
        _ => {
            format!("SELECT bm25_score({column}, {query}) FROM {table}{filter} ORDER BY 1 DESC LIMIT {limit}")
        }
    }
}

#[test]
fn answers_of_ranking_indexes_are_those_of_a_scan() {
    // Columns with texts, and indexes over one of them, over both, and in another language.
    let subject = Subject {
        columns: "b text, c varchar",
        names: &["b", "c"],
        indexes: &[
            "USING bm25 (b)",
            "USING bm25 (b, c)",
            "USING bm25 (c, b) WITH (language = english)",
            "USING bm25 (b) WITH (language = simple)",
            "USING bm25 (b, c) WITH (accents = fold)",
            "USING bm25 (b) WHERE id % 2 = 0",
            "USING gin (to_tsvector('english', b))",
        ],
        unique: &[""],
        value,
        condition,
        question,
        compare: &compare,
    };
    compare_with_scans("answers_of_ranking_indexes_are_those_of_a_scan", 4, &subject);
}

/// Rows with words of which few are frequent, `n` of them from `first` on.
fn insert(conn: &Connection, random: &mut Random, first: u64, n: u64) {
    for first in (first..first + n).step_by(500) {
        let row = |id: u64, random: &mut Random| {
            let words: Vec<String> = (0..1 + random.below(20))
                .map(|_| format!("w{}", 2_000 / (1 + random.below(2_000))))
                .collect();
            format!("({id}, '{}')", words.join(" "))
        };
        let rows: Vec<String> = (first..first + 500).map(|id| row(id, random)).collect();
        conn.execute(&format!("INSERT INTO t VALUES {}", rows.join(", ")), params![]).unwrap();
    }
}

fn ask(conn: &Connection, random: &mut Random) {
    for _ in 0..12 {
        let words: Vec<String> = (0..1 + random.below(5))
            .map(|_| format!("w{}{}", 2_000 / (1 + random.below(2_000)), random.one(&["", "", "", ":*"])))
            .collect();
        let (query, limit) = (words.join(" | "), random.one(&["1", "10", "100", "5000"]));
        let filter = match random.below(3) {
            0 => "",
            1 => "WHERE id % 7 = 0",
            _ => "WHERE id BETWEEN 3000 AND 3050",
        };
        let score = format!("bm25_score(b, to_tsquery('simple', '{query}'))");
        compare(conn, &format!("SELECT {score} FROM t {filter} ORDER BY 1 DESC LIMIT {limit}")).unwrap();
    }
}

#[test]
fn blocks_that_cannot_come_in_are_passed_over_without_harm() {
    let world = SimWorld::with_disk(7, SimDisk::new(7)).world();
    let db = Database::options().background(false).open_in(world, "i.rem").unwrap();
    let conn = db.connect().unwrap();
    conn.execute("SET default_text_search_config = simple", params![]).unwrap();
    conn.execute("CREATE TABLE t (id bigint PRIMARY KEY, b text)", params![]).unwrap();
    conn.execute("CREATE INDEX ranked ON t USING bm25 (b) WITH (language = simple)", params![]).unwrap();
    let mut random = Random(77);
    insert(&conn, &mut random, 0, 6_000);
    db.flush().unwrap();
    ask(&conn, &mut random);
    // Some rows are gone, some lie in another segment, some in none.
    conn.execute("DELETE FROM t WHERE id % 11 = 0", params![]).unwrap();
    insert(&conn, &mut random, 6_000, 2_000);
    db.flush().unwrap();
    insert(&conn, &mut random, 8_000, 500);
    ask(&conn, &mut random);
    conn.execute("BEGIN", params![]).unwrap();
    insert(&conn, &mut random, 9_000, 500);
    conn.execute("DELETE FROM t WHERE id % 5 = 0", params![]).unwrap();
    ask(&conn, &mut random);
    conn.execute("COMMIT", params![]).unwrap();
    db.flush().unwrap();
    ask(&conn, &mut random);
}

/// The lines of a plan that name an index.
fn indexes(conn: &Connection, sql: &str) -> String {
    let rows = conn.query(&format!("EXPLAIN {sql}"), params![]).unwrap();
    let lines = rows.map(|row| row.unwrap().get::<String>(0).unwrap());
    let lines: Vec<String> = lines.filter(|line| line.contains("Index Scan")).collect();
    lines.iter().map(|line| line.trim().trim_start_matches("->  ")).collect::<Vec<_>>().join("; ")
}

#[test]
fn the_language_of_the_session_decides_which_index_answers() {
    let world = SimWorld::with_disk(7, SimDisk::new(7)).world();
    let db = Database::options().background(false).open_in(world, "i.rem").unwrap();
    let conn = db.connect().unwrap();
    conn.execute("CREATE TABLE t (id int PRIMARY KEY, b text)", params![]).unwrap();
    conn.execute("INSERT INTO t SELECT g, 'die Katzen ' || g FROM generate_series(1, 500) g", params![])
        .unwrap();
    conn.execute("CREATE INDEX en ON t USING bm25 (b)", params![]).unwrap();
    conn.execute("CREATE INDEX de ON t USING bm25 (b) WITH (language = german)", params![]).unwrap();
    let (found, best) = (
        "SELECT id FROM t WHERE b @@ 'katze 7'",
        "SELECT bm25_score(b, 'katze 7') FROM t ORDER BY 1 DESC LIMIT 1",
    );
    let count = conn.prepare("SELECT count(*) FROM t WHERE b @@ 'katze'").unwrap();
    for (language, index, rows) in [("english", "en", 0), ("german", "de", 500), ("english", "en", 0)] {
        conn.execute(&format!("SET default_text_search_config = {language}"), params![]).unwrap();
        assert_eq!(indexes(&conn, found), format!("Index Scan using {index} on t"));
        assert_eq!(
            indexes(&conn, best),
            format!("Index Scan using {index} on t; Index Scan using {index} on t")
        );
        // A statement that was prepared before means what it would mean now.
        let found: i64 = count.query_one(params![]).unwrap().get(0).unwrap();
        assert_eq!(found, rows, "{language}");
    }
    conn.execute("SET default_text_search_config = simple", params![]).unwrap();
    assert_eq!(indexes(&conn, found), "");
}

#[test]
fn scores_are_known_in_subqueries_that_become_joins() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute(
        "CREATE TABLE t (id integer PRIMARY KEY, note text);
         INSERT INTO t VALUES (1, 'cat dog'), (2, 'cat'), (3, 'fat'), (4, NULL)",
        params![],
    )
    .unwrap();
    let best = "SELECT id FROM t ORDER BY bm25_score(note, 'cat') DESC LIMIT 2";
    for index in ["", "CREATE INDEX ON t USING bm25 (note)"] {
        conn.execute(index, params![]).unwrap();
        for (sql, count) in [
            (format!("SELECT count(*) FROM t WHERE id IN ({best})"), 2),
            (format!("SELECT count(*) FROM t WHERE id NOT IN ({best})"), 2),
            (format!("WITH c AS ({best}) SELECT count(*) FROM t WHERE id IN (SELECT id FROM c)"), 2),
            (
                "SELECT count(*) FROM t WHERE id IN (SELECT id FROM t WHERE bm25_score(note, 'cat') > 0.1)"
                    .into(),
                2,
            ),
            (
                "SELECT count(*) FROM t
                 WHERE EXISTS (SELECT FROM t s WHERE s.id = t.id AND bm25_score(s.note, 'dog') > 0.1)"
                    .into(),
                1,
            ),
        ] {
            let row = conn.query_one(&sql, params![]).unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert_eq!(row.get::<i64>(0).unwrap(), count, "{sql}");
        }
    }
}

#[test]
fn an_index_that_ranks_texts_delivers_the_first_rows_alone() {
    let dir = tempfile::tempdir().unwrap();
    let db = Database::open(dir.path().join("db")).unwrap();
    let conn = db.connect().unwrap();
    conn.execute(
        "CREATE TABLE t (id integer PRIMARY KEY, note text);
         INSERT INTO t SELECT g, 'cat ' || repeat('dog ', g % 7) FROM generate_series(1, 3000) g;
         CREATE INDEX i ON t USING bm25 (note)",
        params![],
    )
    .unwrap();
    db.flush().unwrap();
    for condition in ["", "WHERE id > 2000"] {
        let sql = format!(
            "EXPLAIN (ANALYZE, TIMING OFF) SELECT id FROM t {condition} ORDER BY bm25_score(note, 'cat') DESC LIMIT 5"
        );
        let lines: Vec<String> =
            conn.query(&sql, params![]).unwrap().map(|row| row.unwrap().get(0).unwrap()).collect();
        let scan = lines.iter().find(|line| line.contains("Index Scan using i")).unwrap();
        assert!(scan.contains("(actual rows=5 "), "{lines:#?}");
    }
}
