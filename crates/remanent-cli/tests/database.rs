//! Directories that are not as they should be: not a database, in use, damaged.

mod common;

use common::Place;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

#[test]
fn a_directory_that_is_no_database_is_left_alone() {
    let place = Place::new();
    std::fs::create_dir(place.path("a.rem")).expect("it is made");
    place.write("a.rem/photo.jpg", b"not ours");
    let ran = place.run(&["a.rem", "-c", "SELECT 1"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("error ") && ran.err.contains("a.rem"), "{}", ran.err);
    let left: Vec<_> = std::fs::read_dir(place.path("a.rem")).expect("it is there").flatten().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}

#[test]
fn a_file_is_no_database() {
    let place = Place::new();
    place.write("a.rem", b"a file");
    let ran = place.run(&["a.rem", "-c", "SELECT 1"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("error ") && ran.err.contains("a.rem"), "{}", ran.err);
}

#[test]
fn a_database_in_use_names_its_holder() {
    let place = Place::new();
    place.run(&["a.rem", "-c", "CREATE TABLE plug (n bigint PRIMARY KEY, note text)"]);
    let mut command = place.program(&["__write-rows", "a.rem", "1", "1000000000"]);
    let mut writer = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut pipe = BufReader::new(writer.stdout.take().expect("a pipe"));
    pipe.read_line(&mut String::new()).expect("a first row");
    let ran = place.run(&["a.rem", "-c", "SELECT 1"]);
    writer.kill().expect("it is killed");
    let pid = writer.id().to_string();
    writer.wait().expect("it is gone");
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    assert!(ran.err.starts_with("error 55006") && ran.err.contains(&pid), "{pid}: {}", ran.err);
}

#[test]
fn check_says_that_all_is_well_or_what_is_not() {
    let place = Place::new();
    let file = common::flight();
    place.run(&["import", "a.rem", file.to_str().expect("a plain path")]);
    let ran = place.run(&["check", "a.rem"]);
    assert_eq!((ran.status, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    assert!(ran.out.contains("no damage"), "{}", ran.out);

    let segments: Vec<_> = std::fs::read_dir(place.path("a.rem/seg"))
        .expect("closing moved rows to segments")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "seg"))
        .collect();
    let victim = segments.iter().max_by_key(|p| p.metadata().map_or(0, |m| m.len())).expect("a segment");
    let mut bytes = std::fs::read(victim).expect("it is read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(victim, &bytes).expect("it is written");
    let ran = place.run(&["check", "a.rem"]);
    assert_eq!(ran.status, Some(1), "{}", ran.out);
    let name = victim.file_name().and_then(|n| n.to_str()).expect("a plain name");
    assert!(ran.out.contains(name) && ran.out.contains("damaged at byte"), "{}", ran.out);
}

#[test]
fn check_of_what_is_not_there() {
    let place = Place::new();
    let ran = place.run(&["check", "gone.rem"]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(1), ""));
    let first = "error 3D000: \"gone.rem\" is not a Remanent database";
    assert!(ran.err.starts_with(first), "{}", ran.err);
    assert!(!place.path("gone.rem").exists());
}
