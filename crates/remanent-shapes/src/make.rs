//! Geometries made of others: lines of points, polygons of lines, collections.

use crate::bounds::Bounds;
use crate::shape::{Coord, Geometry, Kind, Shape};
use crate::{Error, Result, number};

/// The most points that one geometry is made of here: some tens of MB.
pub const POINTS_MAX: usize = 1 << 20;

/// 54000: more points than a geometry may have.
pub fn too_many() -> Error {
    let message = format!("a geometry cannot have more than {POINTS_MAX} points");
    Error { state: "54000", message, hint: None }
}

/// The frame of all, and whether any has Z and M.
fn common(parts: &[Geometry], function: &str) -> Result<Geometry> {
    let mut all = Geometry::new(0, Shape::Point(None));
    if let Some(first) = parts.first() {
        all.srid = first.srid;
        for part in parts {
            first.same_frame(part, function)?;
            all.z |= part.z;
            all.m |= part.m;
        }
    }
    Ok(all)
}

/// A line through points, and through the points of lines, in order. None: nothing was given that has one.
pub fn line(parts: &[Geometry]) -> Result<Option<Geometry>> {
    let all = common(parts, "ST_MakeLine")?;
    let mut points: Vec<Coord> = Vec::new();
    for part in parts {
        match &part.shape {
            Shape::Point(point) => points.extend(point),
            // A point in which two lines meet is there once.
            Shape::Line(line) => {
                let twice = points.last().zip(line.first()).is_some_and(|(a, b)| a == b);
                points.extend(line.iter().skip(usize::from(twice)));
            }
            Shape::Many(Kind::MultiPoint, _) => part.shape.lines(&mut |line| points.extend(line)),
            _ => return Err(Error::value("Input geometries must be points or lines")),
        }
        if points.len() > POINTS_MAX {
            return Err(too_many());
        }
    }
    Ok((!parts.is_empty()).then(|| all.with(Shape::Line(points))))
}

/// A polygon with a line around it and lines around its holes.
pub fn polygon(shell: &Geometry, holes: &[Geometry]) -> Result<Geometry> {
    let Shape::Line(outer) = &shell.shape else { return Err(Error::value("Shell is not a line")) };
    let mut rings = Vec::with_capacity(holes.len() + 1);
    let check = |ring: &[Coord], what: &str| {
        if ring.len() < 4 {
            return Err(Error::value(format!("lwpoly_from_lwlines: {what} must have at least 4 points")));
        }
        let closed = ring.first().zip(ring.last()).is_some_and(|(a, b)| a.same(*b));
        match closed {
            true => Ok(()),
            false => Err(Error::value(format!("lwpoly_from_lwlines: {what} must be closed"))),
        }
    };
    check(outer, "shell")?;
    rings.push(outer.clone());
    for hole in holes {
        shell.same_frame(hole, "ST_MakePolygon")?;
        let Shape::Line(ring) = &hole.shape else {
            return Err(Error::value("Hole is not a line"));
        };
        check(ring, "holes")?;
        rings.push(ring.clone());
    }
    Ok(shell.with(Shape::Polygon(rings)))
}

/// A rectangle.
pub fn rectangle(srid: i32, low: [f64; 2], high: [f64; 2]) -> Geometry {
    let ring = [(low[0], low[1]), (low[0], high[1]), (high[0], high[1]), (high[0], low[1]), (low[0], low[1])];
    Geometry::new(srid, Shape::Polygon(vec![ring.iter().map(|&(x, y)| Coord::xy(x, y)).collect()]))
}

/// All of them together: of one kind without parts as a Multi of it, else as a collection. None: there are none.
pub fn collect(parts: Vec<Geometry>) -> Result<Option<Geometry>> {
    let all = common(&parts, "ST_Collect")?;
    let Some(first) = parts.first().map(|part| part.shape.kind()) else { return Ok(None) };
    let alike = parts.iter().all(|part| part.shape.kind() == first);
    let kind = if alike { first.many() } else { Kind::Collection };
    let shapes = parts.into_iter().map(|part| part.shape).collect();
    Ok(Some(all.with(Shape::Many(kind, shapes))))
}

/// What the box around a geometry is, as a geometry in the plane: a point, a line or a rectangle.
pub fn envelope(geometry: &Geometry) -> Geometry {
    Bounds::of(geometry).map_or_else(|| geometry.clone(), |bounds| of_box(geometry.srid, &bounds))
}

/// A box as a geometry in the plane.
pub fn of_box(srid: i32, bounds: &Bounds) -> Geometry {
    let (low, high) = (bounds.low, bounds.high);
    let (start, end) = (Coord::xy(low[0], low[1]), Coord::xy(high[0], high[1]));
    if start.same(end) {
        return Geometry::new(srid, Shape::Point(Some(start)));
    }
    if start.x == end.x || start.y == end.y {
        return Geometry::new(srid, Shape::Line(vec![start, end]));
    }
    rectangle(srid, [low[0], low[1]], [high[0], high[1]])
}

/// A box as PostGIS writes it: `BOX(0 0,1 1)`, `BOX3D(0 0 0,1 1 1)`.
pub fn print_box(bounds: &Bounds, in_space: bool) -> String {
    let mut text = if in_space { "BOX3D(" } else { "BOX(" }.to_owned();
    let axes = if in_space { 3 } else { 2 };
    for (i, corner) in [bounds.low, bounds.high].iter().enumerate() {
        for (axis, number) in corner.iter().take(axes).enumerate() {
            match (i, axis) {
                (1, 0) => text.push(','),
                (_, 0) => {}
                _ => text.push(' '),
            }
            number::push(&mut text, *number, 15);
        }
    }
    text.push(')');
    text
}

/// A box as [`print_box`] writes it; None: the text is something else.
pub fn parse_box(text: &str) -> Option<Bounds> {
    let text = text.trim();
    let behind = |name: &str| match text.split_at_checked(name.len()) {
        Some((head, rest)) if head.eq_ignore_ascii_case(name) => Some(rest),
        _ => None,
    };
    let in_space = behind("BOX3D(").map(|rest| (3, rest));
    let (axes, rest) = in_space.or_else(|| Some((2, behind("BOX(")?)))?;
    let (low, high) = rest.strip_suffix(')')?.split_once(',')?;
    let corner = |text: &str| {
        let mut at = [0.0; 3];
        let mut words = text.split_whitespace();
        for number in at.iter_mut().take(axes) {
            *number = words.next()?.parse().ok()?;
        }
        words.next().is_none().then_some(at)
    };
    let (a, b) = (corner(low)?, corner(high)?);
    let mut bounds = Bounds { low: a, high: a };
    bounds.grow(&Bounds { low: b, high: b });
    Some(bounds)
}
