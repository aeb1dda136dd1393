//! Lines with fewer points, after Douglas and Peucker (1973): none of those taken out is farther than the tolerance from
//! what is left. A ring that becomes no ring goes.

use crate::plane::{distance, nearest};
use crate::shape::{Coord, Shape};

/// With fewer points. `keep`: what collapses is kept as the least that its kind may be.
pub fn simplify(shape: &Shape, tolerance: f64, keep: bool) -> Shape {
    match shape {
        Shape::Point(point) => Shape::Point(*point),
        Shape::Line(line) => {
            let thin = thinned(line, tolerance, 2);
            let collapsed = matches!(thin.as_slice(), [a, b] if a.same(*b));
            Shape::Line(if collapsed && !keep { Vec::new() } else { thin })
        }
        Shape::Polygon(rings) => {
            let mut thin = Vec::with_capacity(rings.len());
            for (i, ring) in rings.iter().enumerate() {
                let least = if i == 0 && keep { 4 } else { 2 };
                let ring = thinned(ring, tolerance, least);
                match ring.len() {
                    4.. => thin.push(ring),
                    _ if i == 0 => return Shape::Polygon(Vec::new()),
                    _ => {}
                }
            }
            Shape::Polygon(thin)
        }
        Shape::Many(kind, parts) => {
            let parts = parts.iter().map(|part| simplify(part, tolerance, keep));
            Shape::Many(*kind, parts.filter(|part| !part.is_empty()).collect())
        }
    }
}

/// The points that stay, at least so many.
fn thinned(line: &[Coord], tolerance: f64, least: usize) -> Vec<Coord> {
    if line.len() <= least.max(2) || tolerance.is_nan() || tolerance < 0.0 {
        return line.to_vec();
    }
    let mut stays = vec![false; line.len()];
    let last = line.len() - 1;
    (stays[0], stays[last]) = (true, true);
    let mut kept = 2;
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let mut farthest = (from, -1.0);
        for at in from + 1..to {
            let on = nearest(line[from], line[to], line[at]).0;
            let gap = distance(on, line[at]);
            if gap > farthest.1 {
                farthest = (at, gap);
            }
        }
        let (at, gap) = farthest;
        if at > from && (gap > tolerance || kept < least) {
            stays[at] = true;
            kept += 1;
            open.extend([(from, at), (at, to)]);
        }
    }
    line.iter().zip(&stays).filter(|(_, stays)| **stays).map(|(point, _)| *point).collect()
}
