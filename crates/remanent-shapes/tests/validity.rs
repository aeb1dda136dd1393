//! What is wrong with geometries, and which are simple, as PostGIS 3.3 gave it.

use remanent_shapes::{parse, valid};

#[test]
fn as_postgis() {
    let file = std::env::var("VALIDITY")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/validity.txt").to_owned());
    let mut wrong = Vec::new();
    let mut checked = 0;
    for line in std::fs::read_to_string(file).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let [text, reason, simple] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let geometry = parse(text).unwrap();
        let found = valid::fault(&geometry.shape).map_or("Valid Geometry", |(reason, _)| reason);
        let is_simple = valid::is_simple(&geometry.shape);
        // Which of several faults is named is a matter of order.
        if (found == "Valid Geometry") != (reason == "Valid Geometry") || is_simple != (simple == "t") {
            wrong.push(format!("{line}: {found} {is_simple}"));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
