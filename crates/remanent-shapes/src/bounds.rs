//! Boxes around geometries, from a [`Geometry`] or straight from the bytes of a column.

use crate::shape::{Coord, Geometry, Kind, Shape};

/// A box: along x, y and z. What has no Z lies at z = 0, as it does for PostGIS.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The least numbers.
    pub low: [f64; 3],
    /// The greatest.
    pub high: [f64; 3],
}

impl Bounds {
    /// Around one point.
    pub fn point(point: Coord) -> Bounds {
        let at = [point.x, point.y, point.z];
        Bounds { low: at, high: at }
    }

    /// Grows to hold another; NaN does not count.
    pub fn grow(&mut self, other: &Bounds) {
        for axis in 0..3 {
            self.low[axis] = self.low[axis].min(other.low[axis]);
            self.high[axis] = self.high[axis].max(other.high[axis]);
        }
    }

    /// Around a geometry; None: it is empty.
    pub fn of(geometry: &Geometry) -> Option<Bounds> {
        Bounds::of_shape(&geometry.shape)
    }

    /// Around a shape; None: it is empty.
    pub fn of_shape(shape: &Shape) -> Option<Bounds> {
        let mut all: Option<Bounds> = None;
        shape.lines(&mut |line| line.iter().for_each(|&point| join(&mut all, point)));
        all
    }

    /// Around what the bytes of a column hold, and its frame; None: it is empty (or no EWKB).
    pub fn of_bytes(bytes: &[u8]) -> Option<Bounds> {
        let mut all = None;
        Walk { bytes, at: 0 }.geometry(&mut all, crate::DEPTH_MAX);
        all
    }

    /// True if they have a point of the plane in common.
    pub fn meets(&self, other: &Bounds) -> bool {
        self.meets_in(other, 2)
    }

    /// True if they have a point in common along the first axes.
    pub fn meets_in(&self, other: &Bounds, axes: usize) -> bool {
        (0..axes).all(|axis| self.low[axis] <= other.high[axis] && other.low[axis] <= self.high[axis])
    }

    /// True if all of the other lies in it, in the plane.
    pub fn holds(&self, other: &Bounds) -> bool {
        (0..2).all(|axis| self.low[axis] <= other.low[axis] && other.high[axis] <= self.high[axis])
    }

    /// The distance between the nearest points along the first axes.
    pub fn distance_in(&self, other: &Bounds, axes: usize) -> f64 {
        let gaps = (0..axes).map(|axis| {
            let gap = (other.low[axis] - self.high[axis]).max(self.low[axis] - other.high[axis]);
            gap.max(0.0)
        });
        gaps.map(|gap| gap * gap).sum::<f64>().sqrt()
    }

    /// Larger by that much on each side, along the first axes.
    pub fn expanded(mut self, by: f64, axes: usize) -> Bounds {
        for axis in 0..axes {
            self.low[axis] -= by;
            self.high[axis] += by;
        }
        self
    }
}

fn join(all: &mut Option<Bounds>, point: Coord) {
    let one = Bounds::point(point);
    match all {
        Some(all) => all.grow(&one),
        None => *all = Some(one),
    }
}

/// Reads what [`crate::binary`] wrote.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Walk<'_> {
    fn number(&mut self) -> Option<u32> {
        let bytes = self.bytes.get(self.at..self.at + 4)?;
        self.at += 4;
        Some(u32::from_le_bytes(bytes.try_into().ok()?))
    }

    fn geometry(&mut self, all: &mut Option<Bounds>, depth: usize) -> Option<()> {
        let (_, kind, z, m) = crate::binary::header(self.bytes.get(self.at..)?)?;
        let code = u32::from_le_bytes(self.bytes.get(self.at + 1..self.at + 5)?.try_into().ok()?);
        self.at += if code & 0x2000_0000 != 0 { 9 } else { 5 };
        let size = 16 + 8 * (usize::from(z) + usize::from(m));
        match kind {
            Kind::Point => self.points(1, size, z, all),
            Kind::LineString => {
                let count = self.number()?;
                self.points(count, size, z, all)
            }
            Kind::Polygon => {
                for _ in 0..self.number()? {
                    let count = self.number()?;
                    self.points(count, size, z, all)?;
                }
                Some(())
            }
            _ => {
                let depth = depth.checked_sub(1)?;
                for _ in 0..self.number()? {
                    self.geometry(all, depth)?;
                }
                Some(())
            }
        }
    }

    fn points(&mut self, count: u32, size: usize, z: bool, all: &mut Option<Bounds>) -> Option<()> {
        let bytes = self.bytes.get(self.at..)?;
        let bytes = bytes.get(..(count as usize).checked_mul(size)?)?;
        self.at += bytes.len();
        for point in bytes.chunks_exact(size) {
            let number = |i: usize| point[8 * i..].first_chunk().map_or(0.0, |b| f64::from_le_bytes(*b));
            let (x, y) = (number(0), number(1));
            if !(x.is_nan() && y.is_nan()) {
                join(all, Coord { x, y, z: if z { number(2) } else { 0.0 }, m: 0.0 });
            }
        }
        Some(())
    }
}
