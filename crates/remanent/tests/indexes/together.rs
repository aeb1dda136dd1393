//! Indexes of several kinds in one statement: conditions on documents, text and places, before the nearest vectors.

use super::harness::{Random, Subject, compare, compare_with_scans};
use super::recall::Found;
use super::{items, places, vectors};
use std::cell::RefCell;

fn value(random: &mut Random, column: &str) -> String {
    match column {
        "x" => vectors::value(random, "v"),
        "g" | "z" | "w" => places::value(random, column),
        _ => items::value(random, column),
    }
}

fn condition(random: &mut Random) -> String {
    match random.below(4) {
        0 => items::condition(random),
        1 => places::condition(random),
        2 => format!("({} OR {})", items::condition(random), places::condition(random)),
        _ => format!("{} AND ({})", places::condition(random), items::condition(random)),
    }
}

fn question(random: &mut Random, table: &str) -> String {
    let condition = condition(random);
    if random.below(3) == 0 {
        return format!("SELECT id, d, g, v FROM {table} WHERE {condition} ORDER BY id");
    }
    let to = vectors::vector(random, 20);
    let limit = random.one(&["1", "5", "20", "7 OFFSET 3"]);
    format!("SELECT id, x <-> '{to}' AS far FROM {table} WHERE {condition} ORDER BY far LIMIT {limit}")
}

#[test]
fn kinds_of_indexes_are_asked_together() {
    let found = RefCell::new(Found::default());
    let subject = Subject {
        columns: "d jsonb, n int[], t text[], b text, v tsvector, g geometry, z geometry(PointZ), w geography, x vector(20)",
        names: &["d", "n", "t", "b", "v", "g", "z", "w", "x"],
        indexes: &[
            "USING gin (d, t)",
            "USING gin (d jsonb_path_ops)",
            "USING gin (to_tsvector('english', b), v)",
            "USING gin (n)",
            "USING gist (g)",
            "USING gist (w)",
            "USING gist (z)",
            "USING hnsw (x)",
            "USING hnsw (x) WITH (lists = 5)",
        ],
        unique: &[""],
        value,
        condition,
        question,
        compare: &|conn, question| match question.contains(" AS far ") {
            true => vectors::compare_ranked(conn, question, &mut found.borrow_mut()),
            false => compare(conn, question),
        },
    };
    compare_with_scans("kinds_of_indexes_are_asked_together", 6, &subject);
    found.borrow().assert_keeps(0.95, "all questions");
}
