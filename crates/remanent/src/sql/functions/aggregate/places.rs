//! Aggregates of geometries: ST_Extent, ST_3DExtent, ST_Collect, ST_Union, ST_MakeLine.
//!
//! Extents keep a box a group, the others all geometries of it, in the order in which they come.

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of};
use crate::sql::functions::Signature;
use crate::sql::functions::places::{GEO, GEOMETRY, value};
use remanent_shapes::bounds::Bounds;
use remanent_shapes::{Geometry, binary, make, overlay};
use remanent_storage::error::Result;
use remanent_storage::value::places::raised;
use remanent_storage::value::{Column, Type, Value};

static BOX: &[Signature] = &[(&[GEOMETRY], Type::Text)];
static SHAPE: &[Signature] = &[(&[GEOMETRY], GEO)];

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate("st_extent", BOX, |_, _| Box::new(Extent { in_space: false, groups: Vec::new() })),
    aggregate("st_3dextent", BOX, |_, _| Box::new(Extent { in_space: true, groups: Vec::new() })),
    aggregate("st_collect", SHAPE, |_, _| Box::new(Together::of(|parts| make::collect(parts.to_vec())))),
    aggregate("st_union", SHAPE, |_, _| Box::new(Together::of(union))),
    aggregate("st_makeline", SHAPE, |_, _| Box::new(Together::of(make::line))),
];

struct Extent {
    in_space: bool,
    groups: Vec<Option<Bounds>>,
}

impl Extent {
    fn grow(&mut self, group: usize, by: Option<Bounds>) {
        let (Some(slot), Some(by)) = (self.groups.get_mut(group), by) else { return };
        match slot {
            Some(held) => held.grow(&by),
            None => *slot = Some(by),
        }
    }
}

impl Accumulator for Extent {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), None);
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let columns: Vec<Column> = args.iter().map(super::settled).collect();
        Present::of(&columns, rows).each(groups, rows, &mut |row, group| {
            self.grow(group, Bounds::of_bytes(columns[0].bytes(row)));
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let by = self.groups.get(from).copied().flatten();
        self.grow(into, by);
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let groups = std::mem::take(&mut self.groups);
        let text = |bounds: Bounds| Value::Text(make::print_box(&bounds, self.in_space));
        column_of(Type::Text, groups.len(), &mut |group| Ok(groups[group].map(text)))
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<Option<Bounds>>()
    }
}

/// The polygons joined; NULL of none.
fn union(parts: &[Geometry]) -> remanent_shapes::Result<Option<Geometry>> {
    let Some(first) = parts.first() else { return Ok(None) };
    for part in parts {
        first.same_frame(part, "ST_Union")?;
    }
    let shapes: Vec<_> = parts.iter().map(|part| &part.shape).collect();
    Ok(Some(Geometry::new(first.srid, overlay::union(&shapes)?)))
}

type Make = fn(&[Geometry]) -> remanent_shapes::Result<Option<Geometry>>;

struct Together {
    make: Make,
    groups: Vec<Vec<Box<[u8]>>>,
    bytes: usize,
}

impl Together {
    fn of(make: Make) -> Together {
        Together { make, groups: Vec::new(), bytes: 0 }
    }
}

impl Accumulator for Together {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Vec::new());
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let columns: Vec<Column> = args.iter().map(super::settled).collect();
        Present::of(&columns, rows).each(groups, rows, &mut |row, group| {
            let bytes = columns[0].bytes(row);
            self.bytes += bytes.len() + size_of::<Box<[u8]>>();
            self.groups[group].push(bytes.into());
            Ok(())
        })
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from].clone();
        self.groups[into].extend(more);
        Ok(())
    }

    fn finish(&mut self) -> Result<Column> {
        let groups = std::mem::take(&mut self.groups);
        column_of(GEO, groups.len(), &mut |group| {
            let parts = groups[group]
                .iter()
                .map(|bytes| binary::parse(bytes))
                .collect::<remanent_shapes::Result<Vec<_>>>();
            let made = parts.and_then(|parts| (self.make)(&parts)).map_err(raised)?;
            Ok(made.map(|geometry| value(&geometry)))
        })
    }

    fn memory(&self) -> usize {
        2 * self.bytes + self.groups.capacity() * size_of::<Vec<Box<[u8]>>>()
    }
}
