//! Whatever is asked of a table by its indexes is what a scan says, beside inserts, updates, deletes, rollbacks, flushes, merges,
//! indexes made and dropped, and reopening.

use remanent::{Connection, Database, Value, params};
use remanent_storage::world::sim::{SimDisk, SimWorld, seeds};

/// A small generator: the same numbers for the same seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }

    /// A value of a column as SQL writes it.
    fn value(&mut self, column: &str) -> String {
        let n = self.below(40) as i64 - 10;
        match column {
            _ if self.below(12) == 0 => "NULL".to_string(),
            "b" => format!("'{}{}'", self.one(&["", "a", "ab", "b", "zé"]), n.rem_euclid(7)),
            "c" => format!("{n}.{:02}", self.below(3) * 50),
            "d" => ["true", "false"][self.below(2) as usize].to_string(),
            "e" => format!("timestamp '2024-01-01' + interval '{n} hours'"),
            _ => n.to_string(),
        }
    }

    fn row(&mut self, id: u64) -> String {
        let values: Vec<String> = ["a", "b", "c", "d", "e"].iter().map(|column| self.value(column)).collect();
        format!("({id}, {})", values.join(", "))
    }

    fn condition(&mut self) -> String {
        let column = self.one(&["a", "a", "b", "c", "d", "e"]);
        match self.below(10) {
            7 => format!("lower(b) = {}", self.value("b")),
            8 => format!("a {} {}", self.one(&["+ 1 =", "% 5 =", "+ 1 >"]), self.below(6)),
            9 => self.one(&["d", "NOT d", "a > 3", "a >= 4", "c <= 7", "upper(b) = 'AB1'"]).to_string(),
            // Few constants are a list, many a set.
            0 => {
                let count = if self.below(2) == 0 { 3 } else { 30 };
                let values: Vec<String> = (0..count).map(|_| self.value(column)).collect();
                format!("{column} IN ({})", values.join(", "))
            }
            1 => format!("{column} IS {}NULL", self.one(&["", "NOT "])),
            2 => format!("{column} BETWEEN {} AND {}", self.value(column), self.value(column)),
            3 if column == "b" => format!("b LIKE '{}%'", self.one(&["a", "ab", "zé", "", "b1"])),
            4 => format!("{column} {} {}", self.one(&["<", "<=", ">", ">="]), self.value(column)),
            _ => format!("{column} = {}", self.value(column)),
        }
    }

    /// A question whose answer has one order.
    fn question(&mut self, table: &str) -> String {
        let parts: Vec<String> = (0..1 + self.below(3)).map(|_| self.condition()).collect();
        let condition = parts.join(" AND ");
        match self.below(9) {
            7 | 8 => self.of_each(table, &condition),
            5 => self.by_key(table, &condition),
            6 => format!(
                "SELECT {0}({1}) FROM {table} WHERE {condition}",
                self.one(&["min", "max"]),
                if table == "m" { self.one(&["s", "id"]) } else { "id" }
            ),
            0 => format!(
                "SELECT min({0}), count({0}) FROM {table} WHERE {condition}",
                self.one(&["a", "b", "c"])
            ),
            1 => format!(
                "SELECT {}({}) FROM {table}",
                self.one(&["min", "max"]),
                self.one(&["a", "b", "c", "e"])
            ),
            2 => {
                let (order, end) = (self.one(&["", " DESC"]), self.one(&["", " NULLS FIRST", " NULLS LAST"]));
                let column = self.one(&["a", "b", "c", "lower(b)", "a + 1"]);
                format!(
                    "SELECT {column} FROM {table} WHERE {condition} ORDER BY {column}{order}{end} LIMIT 7 OFFSET 2"
                )
            }
            _ => format!("SELECT id, a, b, c, d, e FROM {table} WHERE {condition} ORDER BY id"),
        }
    }
}

impl Random {
    /// Rows in the order of a primary key, or the first ones of some of it.
    fn by_key(&mut self, table: &str, condition: &str) -> String {
        let order = self.one(&["", " DESC", " DESC NULLS LAST"]);
        let limit = self.one(&["1", "3", "40", "7 OFFSET 5", "2000"]);
        let condition = match self.below(3) {
            0 => String::new(),
            1 => format!("WHERE {condition}"),
            _ if table == "m" => format!("WHERE s = {}", self.below(5)),
            _ => format!("WHERE id {} {}", self.one(&["<", ">=", ">"]), self.below(400)),
        };
        let keys = match table {
            "m" if condition.starts_with("WHERE s") => format!("id{order}, b"),
            "m" => format!("s{order}, id{order}"),
            _ => format!("id{order}"),
        };
        format!("SELECT * FROM {table} {condition} ORDER BY {keys} LIMIT {limit}")
    }
}

impl Random {
    /// One row of each series.
    fn of_each(&mut self, table: &str, condition: &str) -> String {
        let condition = match self.below(5) {
            0 | 1 => String::new(),
            2 => format!("WHERE {condition}"),
            3 if table == "m" => format!("WHERE s {} {}", self.one(&["<", ">=", "=", "<>"]), self.below(5)),
            _ => format!("WHERE id {} {}", self.one(&["<", ">=", ">"]), self.below(600)),
        };
        if table != "m" {
            let columns = self.one(&["a", "b", "a, b", "lower(b)", "d"]);
            return format!("SELECT DISTINCT {columns} FROM {table} {condition} ORDER BY {columns}");
        }
        let order = self.one(&["", " DESC"]);
        match self.below(4) {
            0 => format!(
                "SELECT DISTINCT ON (s) s, id, a, b FROM m {condition} ORDER BY s{}, id{order}",
                self.one(&["", " DESC"])
            ),
            1 => format!(
                "SELECT s, {0}(b, id), {0}(c, id), {1}(id) FROM m {condition} GROUP BY s ORDER BY s",
                if order.is_empty() { "first" } else { "last" },
                if order.is_empty() { "min" } else { "max" }
            ),
            2 => format!("SELECT {}(b, id), max(id) FROM m {condition}", self.one(&["first", "last"])),
            _ => format!("SELECT DISTINCT s FROM m {condition} ORDER BY s{order}"),
        }
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

fn answer(conn: &Connection, question: &str) -> Vec<Vec<Value>> {
    let rows = conn.query(question, params![]).unwrap_or_else(|error| panic!("{question}: {error}"));
    rows.map(|row| row.unwrap().values().to_vec()).collect()
}

/// Asks by the indexes that pay, by the indexes at any price, and without.
fn compare(conn: &Connection, question: &str) {
    let set = |sql: &str| conn.execute(sql, params![]).map(drop).unwrap();
    let chosen = answer(conn, question);
    set("SET enable_seqscan = off");
    let forced = answer(conn, question);
    set("SET enable_seqscan = on");
    set("SET enable_indexscan = off");
    let plain = answer(conn, question);
    set("SET enable_indexscan = on");
    assert_eq!(chosen, plain, "{question}");
    assert_eq!(forced, plain, "{question}, forced");
}

/// One change of a table; whether it may fail is not asked.
fn change(random: &mut Random, table: &str, next: &mut u64) -> String {
    match random.below(8) {
        0..3 => {
            let rows: Vec<String> = (0..1 + random.below(60))
                .map(|_| {
                    *next += 1;
                    random.row(*next)
                })
                .collect();
            format!("INSERT INTO {table} VALUES {}", rows.join(", "))
        }
        3..5 => {
            let column = random.one(&["a", "b", "c", "d", "e"]);
            format!("UPDATE {table} SET {column} = {} WHERE {}", random.value(column), random.condition())
        }
        5 => format!("UPDATE {table} SET id = id + 1000000 WHERE id = {}", random.below(*next + 1)),
        _ => format!("DELETE FROM {table} WHERE {} AND id % 3 = 0", random.condition()),
    }
}

#[test]
fn every_question_by_an_index_is_answered_as_by_a_scan() {
    seeds("every_question_by_an_index_is_answered_as_by_a_scan", 6, |seed| {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let world = SimWorld::with_disk(seed, SimDisk::new(seed)).world();
        let open =
            || Database::options().background(false).memory_limit(16 << 20).open_in(world.clone(), "i.rem");
        let mut db = open().unwrap();
        let columns = "a int, b text, c numeric(8,2), d bool, e timestamp";
        let conn = db.connect().unwrap();
        conn.execute(&format!("CREATE TABLE k (id bigint PRIMARY KEY, {columns})"), params![]).unwrap();
        conn.execute(&format!("CREATE TABLE h (id bigint, {columns}, UNIQUE (id))"), params![]).unwrap();
        let series = "s smallint GENERATED ALWAYS AS (id % 5) STORED";
        let key = "PRIMARY KEY (s, id)";
        conn.execute(&format!("CREATE TABLE m (id bigint, {columns}, {series}, {key})"), params![]).unwrap();
        drop(conn);
        let (mut next, mut made) = (0, 0);
        for _ in 0..120 {
            let conn = db.connect().unwrap();
            let table = random.one(&["k", "h", "m"]);
            match random.below(12) {
                0 => {
                    let (unique, keys) = (random.one(&["", "", "UNIQUE "]), random.one(&INDEXES));
                    made += 1;
                    // A unique one may meet rows that are equal.
                    let _ =
                        conn.execute(&format!("CREATE {unique}INDEX i{made} ON {table} {keys}"), params![]);
                }
                1 if made > 0 => {
                    let name = random.below(made) + 1;
                    conn.execute(&format!("DROP INDEX IF EXISTS i{name}"), params![]).unwrap();
                }
                2 => db.flush().unwrap(),
                3 => {
                    drop(conn);
                    db.close().unwrap();
                    db = open().unwrap();
                    continue;
                }
                4 => {
                    // What is not committed yet, then rolled back.
                    conn.execute("BEGIN", params![]).unwrap();
                    for _ in 0..3 {
                        if conn.execute(&change(&mut random, table, &mut next), params![]).is_err() {
                            break;
                        }
                        let question = random.question(table);
                        if conn.query(&question, params![]).is_ok() {
                            compare(&conn, &question);
                        }
                    }
                    conn.execute("ROLLBACK", params![]).unwrap();
                }
                _ => {
                    let change = change(&mut random, table, &mut next);
                    if let Err(error) = conn.execute(&change, params![]) {
                        assert_eq!(error.code(), "23505", "{change}: {error}");
                    }
                }
            }
            for _ in 0..4 {
                let question = random.question(table);
                compare(&conn, &question);
            }
        }
        db.close().unwrap();
    });
}
