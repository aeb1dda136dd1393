//! Random changes of three tables, with questions between them that are asked with and without their indexes.

use remanent::{Connection, Database, Result, Value, params};
use remanent_storage::store::check;
use remanent_storage::world::World;
use remanent_storage::world::sim::{SimDisk, SimWorld, seeds};
use std::path::Path;

/// A small generator: the same numbers for the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }

    pub fn one<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.below(of.len() as u64) as usize]
    }
}

/// What is asked of which columns.
pub struct Subject<'a> {
    /// The columns beside `id`, as CREATE TABLE has them, and their names.
    pub columns: &'static str,
    pub names: &'static [&'static str],
    /// What CREATE INDEX may say behind the table.
    pub indexes: &'static [&'static str],
    /// Before INDEX.
    pub unique: &'static [&'static str],
    /// A value of a column as SQL writes it.
    pub value: fn(&mut Random, &str) -> String,
    pub condition: fn(&mut Random) -> String,
    /// A question to a table whose answer has one order.
    pub question: fn(&mut Random, &str) -> String,
    /// Asks it in several ways and compares.
    pub compare: &'a dyn Fn(&Connection, &str) -> Result<()>,
}

impl Subject<'_> {
    fn row(&self, random: &mut Random, id: u64) -> String {
        let values: Vec<String> = self.names.iter().map(|column| (self.value)(random, column)).collect();
        format!("({id}, {})", values.join(", "))
    }

    /// One change of a table; whether it may fail is not asked.
    fn change(&self, random: &mut Random, table: &str, next: &mut u64) -> String {
        match random.below(8) {
            0..3 => {
                let rows: Vec<String> = (0..1 + random.below(60))
                    .map(|_| {
                        *next += 1;
                        self.row(random, *next)
                    })
                    .collect();
                format!("INSERT INTO {table} VALUES {}", rows.join(", "))
            }
            3..5 => {
                let column = random.one(self.names);
                let value = (self.value)(random, column);
                format!("UPDATE {table} SET {column} = {value} WHERE {}", (self.condition)(random))
            }
            5 => format!("UPDATE {table} SET id = id + 1000000 WHERE id = {}", random.below(*next + 1)),
            _ => format!("DELETE FROM {table} WHERE {} AND id % 3 = 0", (self.condition)(random)),
        }
    }
}

pub fn answer(conn: &Connection, question: &str) -> Result<Vec<Vec<Value>>> {
    conn.query(question, params![])?.map(|row| Ok(row?.values().to_vec())).collect()
}

/// Asks by the indexes that pay, by the indexes at any price, and without.
pub fn compare(conn: &Connection, question: &str) -> Result<()> {
    let set = |sql: &str| conn.execute(sql, params![]);
    let chosen = answer(conn, question)?;
    set("SET enable_seqscan = off")?;
    let forced = answer(conn, question)?;
    set("SET enable_seqscan = on")?;
    set("SET enable_indexscan = off")?;
    let plain = answer(conn, question)?;
    set("SET enable_indexscan = on")?;
    assert_eq!(chosen, plain, "{question}");
    assert_eq!(forced, plain, "{question}, forced");
    Ok(())
}

fn ask(conn: &Connection, subject: &Subject<'_>, question: &str) {
    (subject.compare)(conn, question).unwrap_or_else(|error| panic!("{question}: {error}"));
}

/// Runs `count` seeds of a test.
pub fn compare_with_scans(test: &str, count: u64, subject: &Subject<'_>) {
    seeds(test, count, |seed| {
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let disk = SimDisk::new(seed);
        let world = SimWorld::with_disk(seed, disk.clone()).world();
        let open =
            || Database::options().background(false).memory_limit(16 << 20).open_in(world.clone(), "i.rem");
        let mut db = open().unwrap();
        let columns = subject.columns;
        let conn = db.connect().unwrap();
        conn.execute(&format!("CREATE TABLE k (id bigint PRIMARY KEY, {columns})"), params![]).unwrap();
        conn.execute(&format!("CREATE TABLE h (id bigint, {columns}, UNIQUE (id))"), params![]).unwrap();
        let (series, key) = ("s smallint GENERATED ALWAYS AS (id % 5) STORED", "PRIMARY KEY (s, id)");
        conn.execute(&format!("CREATE TABLE m (id bigint, {columns}, {series}, {key})"), params![]).unwrap();
        drop(conn);
        let (mut next, mut made) = (0, 0);
        for _ in 0..120 {
            let conn = db.connect().unwrap();
            let table = random.one(&["k", "h", "m"]);
            match random.below(15) {
                0 => {
                    let (unique, keys) = (random.one(subject.unique), random.one(subject.indexes));
                    made += 1;
                    // A unique one may meet rows that are equal.
                    let _ =
                        conn.execute(&format!("CREATE {unique}INDEX i{made} ON {table} {keys}"), params![]);
                }
                1 if made > 0 => {
                    let name = random.below(made) + 1;
                    conn.execute(&format!("DROP INDEX IF EXISTS i{name}"), params![]).unwrap();
                }
                2 | 7 => db.flush().unwrap(),
                // Segments that are there are merged, and parts made that they lack.
                6 => db.maintain().unwrap(),
                3 => {
                    drop(conn);
                    db.close().unwrap();
                    assert_sound(&world);
                    db = open().unwrap();
                    continue;
                }
                4 => {
                    // What is not committed yet, then rolled back.
                    conn.execute("BEGIN", params![]).unwrap();
                    for _ in 0..3 {
                        if conn.execute(&subject.change(&mut random, table, &mut next), params![]).is_err() {
                            break;
                        }
                        let question = (subject.question)(&mut random, table);
                        if conn.query(&question, params![]).is_ok() {
                            ask(&conn, subject, &question);
                        }
                    }
                    conn.execute("ROLLBACK", params![]).unwrap();
                }
                5 => {
                    // The power goes in the midst of a flush or a merge, or while an index is made.
                    disk.crash_after(random.below(80));
                    let _ = db.flush();
                    if random.below(2) == 0 {
                        let _ = db.maintain();
                    }
                    made += 1;
                    let keys = random.one(subject.indexes);
                    let _ = conn.execute(&format!("CREATE INDEX i{made} ON {table} {keys}"), params![]);
                    let _ = db.flush();
                    drop(conn);
                    std::mem::forget(db);
                    disk.crash();
                    db = open().unwrap();
                    continue;
                }
                _ => {
                    let change = subject.change(&mut random, table, &mut next);
                    if let Err(error) = conn.execute(&change, params![]) {
                        assert_eq!(error.code(), "23505", "{change}: {error}");
                    }
                }
            }
            for _ in 0..4 {
                let question = (subject.question)(&mut random, table);
                ask(&conn, subject, &question);
            }
        }
        db.close().unwrap();
        assert_sound(&world);
    });
}

/// Each part of an index says what the rows say.
pub fn assert_sound(world: &World) {
    let report = check::check(world, Path::new("i.rem")).unwrap();
    assert!(report.damage.is_empty(), "{:?}", report.damage);
}
