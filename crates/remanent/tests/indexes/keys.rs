//! Sorted indexes.

use super::harness::{Random, Subject, compare, compare_with_scans};

fn value(random: &mut Random, column: &str) -> String {
    let n = random.below(40) as i64 - 10;
    match column {
        _ if random.below(12) == 0 => "NULL".to_string(),
        "b" => format!("'{}{}'", random.one(&["", "a", "ab", "b", "zé"]), n.rem_euclid(7)),
        "c" => format!("{n}.{:02}", random.below(3) * 50),
        "d" => ["true", "false"][random.below(2) as usize].to_string(),
        "e" => format!("timestamp '2024-01-01' + interval '{n} hours'"),
        _ => n.to_string(),
    }
}

fn condition(random: &mut Random) -> String {
    let column = random.one(&["a", "a", "b", "c", "d", "e"]);
    match random.below(10) {
        7 => format!("lower(b) = {}", value(random, "b")),
        8 => format!("a {} {}", random.one(&["+ 1 =", "% 5 =", "+ 1 >"]), random.below(6)),
        9 => random.one(&["d", "NOT d", "a > 3", "a >= 4", "c <= 7", "upper(b) = 'AB1'"]).to_string(),
        // Few constants are a list, many a set.
        0 => {
            let count = if random.below(2) == 0 { 3 } else { 30 };
            let values: Vec<String> = (0..count).map(|_| value(random, column)).collect();
            format!("{column} IN ({})", values.join(", "))
        }
        1 => format!("{column} IS {}NULL", random.one(&["", "NOT "])),
        2 => format!("{column} BETWEEN {} AND {}", value(random, column), value(random, column)),
        3 if column == "b" => format!("b LIKE '{}%'", random.one(&["a", "ab", "zé", "", "b1"])),
        4 => format!("{column} {} {}", random.one(&["<", "<=", ">", ">="]), value(random, column)),
        _ => format!("{column} = {}", value(random, column)),
    }
}

fn question(random: &mut Random, table: &str) -> String {
    let parts: Vec<String> = (0..1 + random.below(3)).map(|_| condition(random)).collect();
    let condition = parts.join(" AND ");
    match random.below(11) {
        9 | 10 => of_the_index(random, table),
        5 => by_key(random, table, &condition),
        6 => format!(
            "SELECT {0}({1}) FROM {table} WHERE {condition}",
            random.one(&["min", "max"]),
            if table == "m" { random.one(&["s", "id"]) } else { "id" }
        ),
        7 | 8 => of_each(random, table, &condition),
        0 => format!(
            "SELECT min({0}), count({0}) FROM {table} WHERE {condition}",
            random.one(&["a", "b", "c"])
        ),
        1 => format!(
            "SELECT {}({}) FROM {table}",
            random.one(&["min", "max"]),
            random.one(&["a", "b", "c", "e"])
        ),
        2 => {
            let (order, end) = (random.one(&["", " DESC"]), random.one(&["", " NULLS FIRST", " NULLS LAST"]));
            let column = random.one(&["a", "b", "c", "lower(b)", "a + 1"]);
            format!(
                "SELECT {column} FROM {table} WHERE {condition} ORDER BY {column}{order}{end} LIMIT 7 OFFSET 2"
            )
        }
        _ => format!("SELECT id, a, b, c, d, e FROM {table} WHERE {condition} ORDER BY id"),
    }
}

/// Only columns that an index has.
fn of_the_index(random: &mut Random, table: &str) -> String {
    let columns = random.one(&["a", "b", "a, b", "d, e", "e", "count(a)", "count(e)", "b, a"]);
    let first = if columns.contains('e') { random.one(&["e", "d"]) } else { "a" };
    let first = if columns.starts_with('b') { "b" } else { first };
    let condition = match random.below(3) {
        0 => format!("{first} = {}", value(random, first)),
        1 => format!("{first} IS NULL"),
        _ => format!("{first} BETWEEN {} AND {}", value(random, first), value(random, first)),
    };
    let order = if columns.contains('(') { "1" } else { columns };
    format!("SELECT {columns} FROM {table} WHERE {condition} ORDER BY {order}")
}

/// Rows in the order of a primary key, or the first ones of some of it.
fn by_key(random: &mut Random, table: &str, condition: &str) -> String {
    let order = random.one(&["", " DESC", " DESC NULLS LAST"]);
    let limit = random.one(&["1", "3", "40", "7 OFFSET 5", "2000"]);
    let condition = match random.below(3) {
        0 => String::new(),
        1 => format!("WHERE {condition}"),
        _ if table == "m" => format!("WHERE s = {}", random.below(5)),
        _ => format!("WHERE id {} {}", random.one(&["<", ">=", ">"]), random.below(400)),
    };
    let keys = match table {
        "m" if condition.starts_with("WHERE s") => format!("id{order}, b"),
        "m" => format!("s{order}, id{order}"),
        _ => format!("id{order}"),
    };
    format!("SELECT * FROM {table} {condition} ORDER BY {keys} LIMIT {limit}")
}

/// One row of each series.
fn of_each(random: &mut Random, table: &str, condition: &str) -> String {
    let condition = match random.below(5) {
        0 | 1 => String::new(),
        2 => format!("WHERE {condition}"),
        3 if table == "m" => format!("WHERE s {} {}", random.one(&["<", ">=", "=", "<>"]), random.below(5)),
        _ => format!("WHERE id {} {}", random.one(&["<", ">=", ">"]), random.below(600)),
    };
    if table != "m" {
        let columns = random.one(&["a", "b", "a, b", "lower(b)", "d"]);
        return format!("SELECT DISTINCT {columns} FROM {table} {condition} ORDER BY {columns}");
    }
    let order = random.one(&["", " DESC"]);
    let (end, extreme) = if order.is_empty() { ("first", "min") } else { ("last", "max") };
    match random.below(4) {
        0 => format!(
            "SELECT DISTINCT ON (s) s, id, a, b FROM m {condition} ORDER BY s{}, id{order}",
            random.one(&["", " DESC"])
        ),
        1 => format!(
            "SELECT s, {end}(b, id), {end}(c, id), {extreme}(id) FROM m {condition} GROUP BY s ORDER BY s"
        ),
        2 => format!("SELECT {}(b, id), max(id) FROM m {condition}", random.one(&["first", "last"])),
        _ => format!("SELECT DISTINCT s FROM m {condition} ORDER BY s{order}"),
    }
}

const INDEXES: [&str; 14] = [
    "(a)",
    "(b)",
    "(a DESC, b)",
    "(c NULLS FIRST, a)",
    "(b DESC NULLS LAST, c) INCLUDE (e)",
    "(d, e)",
    "(e DESC)",
    "(c, b, a)",
    "(lower(b), a)",
    "((a + 1))",
    "(a) WHERE d",
    "(b, c) WHERE a > 3 AND b IS NOT NULL",
    "((a % 5) DESC, upper(b)) WHERE c <= 10",
    "(e) WHERE NOT d",
];

#[test]
fn every_question_by_an_index_is_answered_as_by_a_scan() {
    let subject = Subject {
        columns: "a int, b text, c numeric(8,2), d bool, e timestamp",
        names: &["a", "b", "c", "d", "e"],
        indexes: &INDEXES,
        unique: &["", "", "UNIQUE "],
        value,
        condition,
        question,
        compare: &compare,
    };
    compare_with_scans("every_question_by_an_index_is_answered_as_by_a_scan", 6, &subject);
}
