//! Areas, lengths, centroids in the plane.

use crate::plane::{distance, turning};
use crate::shape::{Coord, Shape};
use crate::solid;

/// The area of its polygons.
pub fn area(shape: &Shape) -> f64 {
    let mut sum = 0.0;
    shape.leaves(&mut |leaf| {
        if let Shape::Polygon(rings) = leaf {
            for (i, ring) in rings.iter().enumerate() {
                let area = (turning(ring) / 2.0).abs();
                sum += if i == 0 { area } else { -area };
            }
        }
    });
    sum
}

/// The length of its lines, or of its polygons' rings; in space or in the plane.
pub fn length(shape: &Shape, rings: bool, in_space: bool) -> f64 {
    let of_line: fn(&[Coord]) -> f64 = if in_space { solid::length } else { flat };
    let mut sum = 0.0;
    shape.leaves(&mut |leaf| match leaf {
        Shape::Line(line) if !rings => sum += of_line(line),
        Shape::Polygon(all) if rings => sum += all.iter().map(|ring| of_line(ring)).sum::<f64>(),
        _ => {}
    });
    sum
}

/// The length of the way through points, in the plane.
pub fn flat(line: &[Coord]) -> f64 {
    line.windows(2).map(|pair| distance(pair[0], pair[1])).sum()
}

/// A weighted mean of points, as far as it is summed.
#[derive(Default)]
struct Mean {
    x: f64,
    y: f64,
    weight: f64,
}

impl Mean {
    fn add(&mut self, x: f64, y: f64, weight: f64) {
        self.x += x * weight;
        self.y += y * weight;
        self.weight += weight;
    }

    fn get(&self, parts: f64) -> Option<Coord> {
        let mean = |sum: f64| sum / parts / self.weight;
        (self.weight != 0.0).then(|| Coord::xy(mean(self.x), mean(self.y)))
    }
}

/// The centre of mass of what has the most dimensions (and an extent in them); None: it is empty.
pub fn centroid(shape: &Shape) -> Option<Coord> {
    let (mut areas, mut lines, mut points) = (Mean::default(), Mean::default(), Mean::default());
    let mut base = None;
    shape.leaves(&mut |leaf| match leaf {
        Shape::Point(point) => point.iter().for_each(|p| points.add(p.x, p.y, 1.0)),
        Shape::Line(line) => add_line(line, &mut lines, &mut points),
        Shape::Polygon(rings) => {
            for (i, ring) in rings.iter().enumerate() {
                let Some(&first) = ring.first() else { continue };
                let base: Coord = *base.get_or_insert(first);
                // Triangles from one point: those of the outer ring count as positive, whichever way it runs.
                let sign = if (turning(ring) > 0.0) == (i == 0) { 1.0 } else { -1.0 };
                for pair in ring.windows(2) {
                    let (a, b) = (pair[0], pair[1]);
                    let twice = (a.x - base.x) * (b.y - base.y) - (b.x - base.x) * (a.y - base.y);
                    areas.add(base.x + a.x + b.x, base.y + a.y + b.y, sign * twice);
                }
                add_line(ring, &mut lines, &mut points);
            }
        }
        Shape::Many(..) => {}
    });
    areas.get(3.0).or_else(|| lines.get(1.0)).or_else(|| points.get(1.0))
}

fn add_line(line: &[Coord], lines: &mut Mean, points: &mut Mean) {
    let before = lines.weight;
    for pair in line.windows(2) {
        let (a, b) = (pair[0], pair[1]);
        lines.add((a.x + b.x) / 2.0, (a.y + b.y) / 2.0, distance(a, b));
    }
    if let [first, ..] = line
        && lines.weight == before
    {
        points.add(first.x, first.y, 1.0);
    }
}
