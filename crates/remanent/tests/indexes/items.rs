//! Inverted indexes: documents, arrays and text.

use super::harness::{Random, Subject, assert_sound, compare, compare_with_scans};
use remanent::{Database, params};
use remanent_storage::world::sim::{SimDisk, SimWorld};

const WORDS: [&str; 6] = ["a", "b", "c", "kéy", "", "0"];

/// A long text, which is kept as its beginning and a hash.
fn long(random: &mut Random) -> String {
    format!("{}{}", "x".repeat(130), random.below(3))
}

fn scalar(random: &mut Random) -> String {
    match random.below(8) {
        0 => "null".to_string(),
        1 => random.one(&["true", "false"]).to_string(),
        2 => random.one(&["1", "1.0", "10e-1", "2", "-1", "0", "-0.0", "12345678901234567890.5"]).to_string(),
        3 if random.below(4) == 0 => format!("\"{}\"", long(random)),
        _ => format!("\"{}\"", random.one(&WORDS)),
    }
}

/// A key; some are long, so that the places below them, or they themselves, are kept as hashes.
fn any_key(random: &mut Random) -> String {
    match random.below(24) {
        0 => "x".repeat(50),
        1 => long(random),
        _ => random.one(&WORDS).to_string(),
    }
}

/// A document, up to so deep.
fn document(random: &mut Random, depth: u64) -> String {
    if depth == 0 || random.below(4) == 0 {
        return scalar(random);
    }
    let count = random.below(4);
    match random.below(2) {
        0 => {
            let items: Vec<String> = (0..count).map(|_| document(random, depth - 1)).collect();
            format!("[{}]", items.join(", "))
        }
        _ => {
            let pair =
                |random: &mut Random| format!("\"{}\": {}", any_key(random), document(random, depth - 1));
            let pairs: Vec<String> = (0..count).map(|_| pair(random)).collect();
            format!("{{{}}}", pairs.join(", "))
        }
    }
}

fn array(random: &mut Random, column: &str) -> String {
    let items: Vec<String> = (0..random.below(4))
        .map(|_| match (random.below(8), column) {
            (0, _) => "NULL".to_string(),
            (1, "t") => long(random),
            (n, "t") => format!("\"{}{}\"", random.one(&WORDS), n % 2),
            (n, _) => n.to_string(),
        })
        .collect();
    format!("{{{}}}", items.join(","))
}

pub fn value(random: &mut Random, column: &str) -> String {
    if random.below(12) == 0 {
        return "NULL".to_string();
    }
    match column {
        "b" => format!("'{}'", prose(random)),
        "v" => format!("to_tsvector('simple', '{}')", prose(random)),
        "d" => format!("'{}'", document(random, 3)),
        "n" if random.below(10) == 0 => "'{{1,2},{3,NULL}}'".to_string(),
        _ => format!("'{}'", array(random, column)),
    }
}

const PROSE: [&str; 8] = ["the", "gripper", "grip", "slipped", "slips", "on", "a cat", "catalogue"];

fn prose(random: &mut Random) -> String {
    let words: Vec<&str> = (0..random.below(7)).map(|_| random.one(&PROSE)).collect();
    words.join(" ")
}

/// A condition of text search: over a tsvector, or over one that is made of a text.
fn search(random: &mut Random) -> String {
    let word = |random: &mut Random| {
        let word = random.one(&["gripper", "grip", "slip", "slipped", "cat", "the", "on", "dog"]);
        format!("{}{word}{}", random.one(&["", "", "", "!"]), random.one(&["", "", ":*", ":A", ":*B"]))
    };
    let mut query = word(random);
    for _ in 0..random.below(3) {
        let op = random.one(&["&", "&", "|", "<->", "<2>"]);
        query = match random.below(3) {
            0 => format!("!({query}) {op} {}", word(random)),
            1 => format!("{} {op} ({query})", word(random)),
            _ => format!("{query} {op} {}", word(random)),
        };
    }
    match random.below(4) {
        0 => format!("to_tsvector('english', b) @@ to_tsquery('english', '{query}')"),
        1 => format!("to_tsvector('english', b) @@ plainto_tsquery('english', '{}')", prose(random)),
        2 => format!("'{query}'::tsquery @@ v"),
        _ => format!("v @@ '{query}'"),
    }
}

fn path(random: &mut Random) -> String {
    let key = |random: &mut Random| random.one(&["a", "b", "c", "*", "\"kéy\"", "\"0\""]).to_string();
    let steps = |random: &mut Random| -> String {
        let step = |random: &mut Random| match random.below(6) {
            0 => random.one(&["[*]", "[0]", "[last]", ".**", ".size()", ".type()"]).to_string(),
            _ => format!(".{}", key(random)),
        };
        (0..random.below(3)).map(|_| step(random)).collect()
    };
    let mode = random.one(&["", "", "strict "]);
    let test = |random: &mut Random, root: &str| {
        let left = format!("{root}{}", steps(random));
        let constant = match random.below(3) {
            0 => random.one(&["-1", "1", "2.0", "1 + 0"]).to_string(),
            _ => scalar(random),
        };
        match random.below(9) {
            0 => format!("exists({left})"),
            1 => format!("!({left} == {constant})"),
            2 => format!("{left} {} {constant}", random.one(&["<", ">", "!=", "<="])),
            3 => format!("{left} starts with \"{}\"", random.one(&["a", "x", "k"])),
            4 => format!("{left} like_regex \"^a\""),
            5 => format!("{constant} == {left}"),
            6 => format!("({left} == {constant}) is unknown"),
            _ => format!("{left} == {constant}"),
        }
    };
    let joined = |random: &mut Random, a: String, b: String| match random.below(3) {
        0 => format!("{a} && {b}"),
        1 => format!("({a}) || ({b})"),
        _ => a,
    };
    match random.below(3) {
        0 => format!("{mode}${}", steps(random)),
        1 => {
            let (a, b) = (test(random, "@"), test(random, "@"));
            format!("{mode}${} ? ({})", steps(random), joined(random, a, b))
        }
        _ => {
            let (a, b) = (test(random, "$"), test(random, "$"));
            format!("{mode}{}", joined(random, a, b))
        }
    }
}

pub fn condition(random: &mut Random) -> String {
    let keys = |random: &mut Random| array(random, "t");
    let one = |random: &mut Random| match random.below(14) {
        0..3 => format!("d @> '{}'", document(random, 2)),
        3 => format!("'{}' <@ d", document(random, 2)),
        4 => format!("d ? '{}'", any_key(random)),
        5 => format!("d {} '{}'", random.one(&["?|", "?&"]), keys(random).replace(['0', '1'], "")),
        8 | 9 => search(random),
        6 | 7 => format!("d {} '{}'", random.one(&["@?", "@@"]), path(random)),
        _ => {
            let column = random.one(&["n", "t"]);
            let (op, array) = (random.one(&["@>", "<@", "&&", "="]), array(random, column));
            let ty = if column == "n" { "int[]" } else { "text[]" };
            match random.below(4) {
                0 => format!("'{array}'::{ty} {op} {column}"),
                _ => format!("{column} {op} '{array}'"),
            }
        }
    };
    match random.below(6) {
        0 => format!("({} OR {})", one(random), one(random)),
        1 => format!("{} AND {}", one(random), one(random)),
        2 => format!("d -> 'a' @> '{}'", document(random, 1)),
        _ => one(random),
    }
}

fn question(random: &mut Random, table: &str) -> String {
    let condition = condition(random);
    match random.below(6) {
        0 => format!("SELECT count(*), min(id) FROM {table} WHERE {condition} AND id > 20"),
        // Of which no document is read where items say it all.
        1 => format!("SELECT count(*) FROM {table} WHERE {condition}"),
        2 => format!("SELECT id FROM {table} WHERE {condition} ORDER BY id"),
        _ => format!("SELECT id, d, n, t, v FROM {table} WHERE {condition} ORDER BY id"),
    }
}

#[test]
fn items_of_an_index_leave_no_row_out() {
    let subject = Subject {
        columns: "d jsonb, n int[], t text[], b text, v tsvector",
        names: &["d", "n", "t", "b", "v"],
        indexes: &[
            "USING gin (d)",
            "USING gin (d)",
            "USING gin (d jsonb_path_ops)",
            "USING gin (d jsonb_path_ops)",
            "USING gin (n)",
            "USING gin (t)",
            "USING gin (t, d, n)",
            "USING gin (n, d jsonb_path_ops) WHERE id > 20",
            "USING gin ((d -> 'a'))",
            "USING gin (v)",
            "USING gin (to_tsvector('english', b))",
            "USING gin (v, to_tsvector('english', b), t)",
            "(n)",
        ],
        unique: &[""],
        value,
        condition,
        question,
        compare: &compare,
    };
    compare_with_scans("items_of_an_index_leave_no_row_out", 8, &subject);
}

#[test]
fn what_items_say_is_what_documents_say() {
    const DOCUMENTS: [&str; 31] = [
        "null",
        "true",
        "1",
        "1.0",
        "\"a\"",
        "\"b\"",
        "{}",
        "[]",
        "[\"a\"]",
        "[[\"a\"]]",
        "[\"a\", \"b\"]",
        "[1, true, null]",
        "{\"a\": 1}",
        "{\"a\": 1.00}",
        "{\"a\": \"1\"}",
        "{\"a\": [1]}",
        "{\"a\": [[1]]}",
        "{\"a\": {\"a\": 1}}",
        "[{\"a\": 1}]",
        "{\"b\": \"a\"}",
        "{\"a\": {}}",
        "{\"a\": []}",
        "{\"a\": null}",
        "{\"a\": [1, 2]}",
        "{\"a\": [{\"b\": 1}, {\"c\": 2}]}",
        "{\"a\": [{\"b\": 1, \"c\": 2}]}",
        "{\"a\": [{\"b\": 1}]}",
        "[[1, 2]]",
        "[[1], [2]]",
        "{\"a\": {\"b\": 1}, \"b\": 2}",
        "{\"a\": {\"b\": 1}}",
    ];
    let world = SimWorld::with_disk(5, SimDisk::new(5)).world();
    let db = Database::options().background(false).open_in(world.clone(), "i.rem").unwrap();
    let conn = db.connect().unwrap();
    let run = |sql: &str| conn.execute(sql, params![]).unwrap();
    run("CREATE TABLE d (id int PRIMARY KEY, d jsonb, t text[])");
    run("CREATE INDEX ON d USING gin (d); CREATE INDEX ON d USING gin (t)");
    for (id, document) in DOCUMENTS.iter().enumerate() {
        run(&format!(
            "INSERT INTO d VALUES ({id}, '{document}', '{{a,NULL,{id}}}'), ({}, NULL, NULL)",
            id + 100
        ));
        // The same a second time, deleted below.
        run(&format!("INSERT INTO d VALUES ({}, '{document}', '{{a}}')", id + 200));
    }
    let compare_all = || {
        let contained = DOCUMENTS.iter().map(|document| format!("d @> '{document}'"));
        let keys = ["a", "b", "1", ""].into_iter().map(|key| format!("d ? '{key}'"));
        let others = [
            "d ?| '{a,b}'",
            "d ?& '{a,b}'",
            "d ?| '{}'",
            "d ? 'a' OR d ? 'b'",
            "t @> '{a,3}'",
            "t && '{3,NULL}'",
        ];
        let others =
            others.into_iter().chain(["t @> '{NULL}'", "d ? 'a' AND d @> '{\"a\": 1}' AND t && '{12}'"]);
        for condition in contained.chain(keys).chain(others.map(String::from)) {
            for what in ["id", "id, d", "count(*)"] {
                let order = if what == "count(*)" { "" } else { "ORDER BY id" };
                compare(&conn, &format!("SELECT {what} FROM d WHERE {condition} {order}")).unwrap();
            }
        }
    };
    compare_all();
    run("DELETE FROM d WHERE id > 200");
    compare_all();
    db.flush().unwrap();
    compare_all();
    // Deleted in a cold segment, some by this transaction only, others new in it.
    run("DELETE FROM d WHERE id % 7 = 3; BEGIN; DELETE FROM d WHERE id % 7 = 4");
    run("UPDATE d SET d = '{\"a\": [1]}' WHERE id % 7 = 5; INSERT INTO d VALUES (300, '\"a\"', '{a}')");
    compare_all();
    run("COMMIT");
    compare_all();
    db.maintain().unwrap();
    compare_all();
    // Known without any scan.
    let count = |condition: &str| {
        let rows = conn
            .query(
                &format!(
                    "SELECT count(*) FROM (VALUES {}) v (d) WHERE {condition}",
                    ["\"a\"", "[\"a\"]", "[[\"a\"]]", "{\"a\": 1}", "{\"b\": {\"a\": 1}}", "{\"b\": \"a\"}"]
                        .map(|d| format!("('{d}'::jsonb)"))
                        .join(", ")
                ),
                params![],
            )
            .unwrap();
        rows.map(|row| row.unwrap().get::<i64>(0).unwrap()).sum::<i64>()
    };
    assert_eq!((count("d ? 'a'"), count("d @> '\"a\"'"), count("d ?& '{a,b}'")), (3, 2, 0));
    drop(conn);
    db.close().unwrap();
    assert_sound(&world);
}

#[test]
fn documents_that_are_changed_often_are_found_by_their_index() {
    // Versions in the tail are dropped, and the others numbered anew.
    let options = Database::options().background(false).memory_limit(8 << 20);
    let world = SimWorld::with_disk(3, SimDisk::new(3)).world();
    let db = options.open_in(world.clone(), "i.rem").unwrap();
    let conn = db.connect().unwrap();
    let script = "CREATE TABLE d (id int PRIMARY KEY, d jsonb); CREATE INDEX ON d USING gin (d);
        INSERT INTO d SELECT g, '{\"n\": 0}' FROM generate_series(0, 39) g";
    conn.execute(script, params![]).unwrap();
    let update = conn.prepare("UPDATE d SET d = jsonb_build_object('n', $2::int % 7) WHERE id = $1").unwrap();
    for n in 0..2500 {
        update.execute(params![n % 40, n]).unwrap();
        if n % 250 == 249 {
            for value in 0..7 {
                compare(&conn, &format!("SELECT id FROM d WHERE d @> '{{\"n\": {value}}}' ORDER BY id"))
                    .unwrap();
            }
        }
    }
    drop(update);
    drop(conn);
    db.close().unwrap();
    assert_sound(&world);
}
