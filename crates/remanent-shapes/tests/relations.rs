//! Relations and distances of pairs of geometries as PostGIS 3.3 gave them: points on a small grid, so that most pairs
//! touch, overlap or share corners.

use remanent_shapes::locate::Parts;
use remanent_shapes::relate::{Predicate, holds, relate};
use remanent_shapes::{distance, parse};

#[test]
fn as_postgis() {
    let file = std::env::var("RELATIONS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/relations.txt").to_owned());
    let mut wrong = Vec::new();
    let mut checked = 0;
    for line in std::fs::read_to_string(file).unwrap().lines().filter(|line| !line.starts_with('#')) {
        let [a, b, matrix, apart] = line.split('|').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let (first, second) = (parse(a).unwrap(), parse(b).unwrap());
        let (one, two) = (Parts::new(&first.shape), Parts::new(&second.shape));
        let found = relate(&one, &two).text();
        let gap = distance::closest(&one, &two, 0.0).unwrap().distance;
        let meet = holds(Predicate::Intersects, &one, &two);
        let apart: f64 = apart.parse().unwrap();
        if found != matrix || (gap - apart).abs() > 1e-12 || meet != (apart == 0.0) {
            wrong.push(format!("{line}: {found} {gap} {meet}"));
        }
        checked += 1;
    }
    assert!(wrong.is_empty(), "{} of {checked} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
