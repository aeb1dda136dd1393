//! Areas of joined, cut and widened geometries, as PostGIS 3.3 gave them; each result is valid.

use remanent_shapes::overlay::{Rule, buffer, overlay};
use remanent_shapes::{Shape, measure, parse, valid};

fn lines(own: &str, from: &str) -> Vec<String> {
    let text = std::env::var(from).map_or(own.to_owned(), |file| std::fs::read_to_string(file).unwrap());
    text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

/// What is wrong with a result whose area is known.
fn fault(shape: remanent_shapes::Result<Shape>, area: &str, part: f64) -> Option<String> {
    let shape = match shape {
        Ok(shape) => shape,
        Err(error) => return Some(error.to_string()),
    };
    let (found, area) = (measure::area(&shape), area.parse::<f64>().unwrap());
    let fault = valid::fault(&shape);
    ((found - area).abs() > part * area.max(1.0) || fault.is_some()).then(|| format!("{found} {fault:?}"))
}

#[test]
fn areas_are_those_of_postgis() {
    let mut wrong = Vec::new();
    for line in lines(include_str!("overlays.txt"), "OVERLAYS") {
        let columns: Vec<&str> = line.split('|').collect();
        let (a, b) = (parse(columns[0]).unwrap().shape, parse(columns[1]).unwrap().shape);
        let rules = [Rule::Union, Rule::Intersection, Rule::Difference, Rule::Symmetric];
        for (rule, area) in rules.into_iter().zip(&columns[2..6]) {
            if let Some(found) = fault(overlay(&a, &b, rule, "overlay"), area, 1e-9) {
                wrong.push(format!("{line}: {rule:?} {found}"));
            }
        }
        // Round corners are cut in other places.
        for (distance, area) in [0.7, -0.4].into_iter().zip(&columns[6..]) {
            if let Some(found) = fault(buffer(&a, distance, 8), area, 2e-3) {
                wrong.push(format!("{line}: {distance} {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_near_has_the_area_of_postgis() {
    let mut wrong = Vec::new();
    for line in lines(include_str!("buffers.txt"), "BUFFERS") {
        let columns: Vec<&str> = line.split('|').collect();
        let shape = parse(columns[0]).unwrap().shape;
        for ((distance, quarter, part), area) in
            [(0.5, 8, 3e-3), (1.3, 4, 8e-3)].into_iter().zip(&columns[1..])
        {
            if let Some(found) = fault(buffer(&shape, distance, quarter), area, part) {
                wrong.push(format!("{line}: {distance} {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// A ring each of whose edges crosses most others: a million places at which to cut, which are not noted before it is refused.
#[test]
fn what_crosses_too_often_is_refused() {
    let corner = |i: u64| format!("{} {}", i * 7_919 % 2_003, i * i * 104_729 % 1_999);
    let ring: Vec<String> = (0..2_000).chain([0]).map(corner).collect();
    let shape = parse(&format!("POLYGON(({}))", ring.join(","))).unwrap().shape;
    for found in [overlay(&shape, &shape, Rule::Union, "overlay"), buffer(&shape, 1.0, 8)] {
        assert_eq!(found.unwrap_err().state, "54000");
    }
}
