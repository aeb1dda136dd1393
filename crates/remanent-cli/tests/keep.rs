//! `remanent backup`, `salvage` and what `check` says of damage.

mod common;

use common::{Place, done};
use std::fs;

fn filled(place: &Place) {
    let sql =
        "CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z');";
    assert_eq!(place.run(&["a.rem", "-c", sql]).status, Some(0));
}

#[test]
fn a_backup_holds_the_same() {
    let place = Place::new();
    filled(&place);
    let made = place.run(&["backup", "a.rem", "b.rem"]);
    assert_eq!((made.status, made.err.as_str()), (Some(0), ""), "{made:?}");
    assert!(made.out.ends_with("done\n"), "{}", made.out);
    let all = done("a,b\n1,x\n2,y\n3,z\n");
    assert_eq!(place.run(&["b.rem", "--csv", "-c", "SELECT * FROM t ORDER BY a"]), all);
    let again = place.run(&["backup", "a.rem", "b.rem"]);
    assert_eq!(again.status, Some(1));
    assert!(again.err.contains("58P02") && again.err.contains("is not empty"), "{}", again.err);
    assert_eq!(place.run(&["backup", "none.rem", "c.rem"]).status, Some(1));
    assert!(!place.path("none.rem").exists());
    let sql = place.run(&["a.rem", "-c", "BACKUP TO 'd.rem'"]);
    assert_eq!(sql.status, Some(0), "{sql:?}");
    assert_eq!(place.run(&["d.rem", "--csv", "-c", "SELECT * FROM t ORDER BY a"]), all);
}

#[test]
fn salvage_says_what_is_lost_and_saves_the_rest() {
    let place = Place::new();
    filled(&place);
    let sql = "CREATE TABLE u (a int PRIMARY KEY); INSERT INTO u VALUES (7);";
    assert_eq!(place.run(&["a.rem", "-c", sql]).status, Some(0));
    let whole = place.run(&["salvage", "a.rem", "whole.rem"]);
    assert_eq!(whole, done("t: 3 rows saved\nu: 1 row saved\neverything was saved\n"));
    // The first segment that holds rows of the first table.
    let segments = fs::read_dir(place.path("a.rem/seg")).unwrap().map(|entry| entry.unwrap().path());
    let of_t = segments.filter(|file| file.to_string_lossy().ends_with(".seg"));
    let of_t = of_t.filter(|file| fs::read(file).unwrap().windows(3).any(|bytes| bytes == b"xyz"));
    let segment = of_t.min().expect("the rows of t are in a file");
    let mut bytes = fs::read(&segment).unwrap();
    // The first page is the first column's.
    bytes[40] ^= 4;
    fs::write(&segment, bytes).unwrap();
    let checked = place.run(&["check", "a.rem"]);
    assert_eq!(checked.status, Some(1));
    assert!(checked.out.contains("3 rows lost of table \"t\""), "{}", checked.out);
    let saved = place.run(&["salvage", "a.rem", "b.rem"]);
    assert_eq!(saved.status, Some(1));
    assert!(saved.out.ends_with("t: 0 rows saved, 3 rows lost\nu: 1 row saved\n"), "{}", saved.out);
    assert_eq!(place.run(&["b.rem", "--csv", "-c", "SELECT a FROM u"]), done("a\n7\n"));
    assert_eq!(place.run(&["check", "b.rem"]).status, Some(0));
}
