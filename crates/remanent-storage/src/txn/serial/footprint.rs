//! What a record changed, in a form that reads can be tested against: keys, old and new images of rows.
//!
//! ```text
//!   UPDATE t SET v = 5 WHERE id = 7      change 7: (7, 4) → (7, 5)
//!   INSERT INTO t VALUES (8, 1)          keys {8}, image (8, 1)
//!   DELETE FROM t WHERE id = 7           keys {7}, image (7, 5)
//!   a bulk load of ids 100 to 900        nothing but that span of keys
//!   CREATE TABLE t, DROP TABLE t         the name t, beside the rows of the catalog's tables
//! ```
//!
//! Images share their columns with the record; old ones are read at commit, by key, before the sequencer. A column that
//! an image does not know may have held anything. Where a record deletes a key and has a row under the same key again,
//! that is a change, whose images are compared column by column.
//!
//! # Limits
//!
//! Of more than [`OLD_ROWS`] deleted or replaced rows of a table only the columns of the key are kept. Columns of bytes,
//! of vectors, of texts longer than [`WIDE`] bytes on average and with large texts are not kept. A record that was on its way when
//! the window opened says only which tables it touched.

use super::reads::{ColumnSet, Reads};
use crate::Lsn;
use crate::catalog::{TABLES, table_row};
use crate::table::sweep::Sweep;
use crate::table::version::Table;
use crate::table::{TableId, lifetime};
use crate::txn::change::TableChange;
use crate::txn::keys::KeyRun;
use crate::value::{Column, Key, Physical, Type, Value, key};
use rustc_hash::FxHashMap;

/// Old rows of one table whose columns are all kept.
pub const OLD_ROWS: usize = 1024;

/// Texts longer than that on average are not kept.
pub const WIDE: usize = 256;

/// What a footprint takes beside its columns and keys.
const OVERHEAD: usize = 256;

/// What one record changed.
#[derive(Default)]
pub struct Footprint {
    tables: Vec<Touched>,
    /// Tables that were made or dropped.
    names: Names,
    bytes: usize,
}

/// The names of tables that a record made or dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// These.
    These(Vec<String>),
    /// Some: which, is not known.
    Unknown,
}

impl Default for Names {
    fn default() -> Self {
        Names::These(Vec::new())
    }
}

impl Names {
    /// What a record's change of the table of tables says. `name` knows those that there were.
    pub fn of(change: &TableChange, name: impl Fn(TableId) -> Option<String>) -> Self {
        let id = |key: &Key| match key::decode(key.as_bytes(), &[Type::Int8]).ok()?.first()? {
            Value::Int8(id) => TableId::try_from(*id).ok(),
            _ => None,
        };
        let gone = change.deletes.iter().map(|key| id(key).and_then(&name));
        let new = change.rows.iter().flat_map(|rows| {
            let of = |i: usize| table_row(rows, i).ok().map(|def| def.name);
            (0..rows.first().map_or(0, Column::len)).map(of).collect::<Vec<_>>()
        });
        gone.chain(new).collect::<Option<Vec<String>>>().map_or(Names::Unknown, Names::These)
    }

    fn bytes(&self) -> usize {
        match self {
            Names::These(names) => names.iter().map(|name| name.len() + size_of::<String>()).sum(),
            Names::Unknown => 0,
        }
    }
}

/// What one record changed in one table.
#[derive(Default)]
pub struct Touched {
    table: TableId,
    /// Nothing else is known.
    anything: bool,
    /// Of rows that came or went.
    keys: Vec<KeyRun>,
    images: Vec<Image>,
    changes: Vec<Change>,
    spans: Vec<Span>,
    bytes: usize,
}

/// Rows before or after a change.
pub struct Image {
    /// How many.
    pub rows: usize,
    /// The stored columns; None: not known.
    columns: Vec<Option<Column>>,
}

/// Rows that stayed under their keys.
struct Change {
    keys: KeyRun,
    before: Image,
    after: Image,
}

/// Rows that came in a cold segment, went with their keys in a file, or left by their age.
struct Span {
    low: Vec<u8>,
    high: Vec<u8>,
    /// The position of the key's first column, or of the one that says how old a row is, and its least and greatest value.
    first: Option<(usize, Value, Value)>,
}

impl Span {
    fn of_sweep(table: &Table, keys: &[usize], sweep: &Sweep) -> Self {
        let ty = table.types.get(sweep.at()).copied().unwrap_or(Type::Int8);
        let (least, beyond) = (lifetime::value(ty, sweep.low), lifetime::value(ty, sweep.high));
        let (low, high) = match keys.first() == Some(&sweep.at()) {
            true => {
                [&least, &beyond].map(|end| Key::encode(std::slice::from_ref(end)).as_bytes().to_vec()).into()
            }
            // Any key.
            false => (Vec::new(), vec![u8::MAX]),
        };
        Span { low, high, first: Some((sweep.at(), least, beyond)) }
    }
}

impl Image {
    /// A column by its stored position, where it is known.
    pub fn column(&self, position: usize) -> Option<&Column> {
        self.columns.get(position).and_then(Option::as_ref)
    }

    fn of_rows(columns: &[Column]) -> Self {
        let rows = columns.first().map_or(0, Column::len);
        let kept = |column: &Column| keeps(column.ty(), || column.weight(), rows) && !column.has_references();
        let keep = |column: &Column| kept(column).then(|| column.clone());
        Image { rows, columns: columns.iter().map(keep).collect() }
    }

    /// Some of its rows.
    fn gather(&self, rows: &[u32]) -> Self {
        let of = |column: &Option<Column>| column.as_ref().map(|column| column.gather(rows));
        Image { rows: rows.len(), columns: self.columns.iter().map(of).collect() }
    }

    /// True if a row is, or may be, another one in some of these columns of another image.
    pub fn differs(&self, other: &Image, row: usize, columns: ColumnSet) -> bool {
        (0..self.columns.len()).filter(|&position| columns.has(position)).any(|position| {
            match (self.column(position), other.column(position)) {
                (Some(a), Some(b)) => !same(&a.value(row), &b.value(row)),
                _ => true,
            }
        })
    }

    fn bytes(&self) -> usize {
        self.columns.iter().flatten().map(Column::weight).sum()
    }
}

/// True if nobody can tell two values apart: equal values may print differently (`1.0` and `1.00`, `0` and `-0`).
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float4(a), Value::Float4(b)) => a.to_bits() == b.to_bits(),
        (Value::Float8(a), Value::Float8(b)) => a.to_bits() == b.to_bits(),
        (Value::Numeric(_), Value::Numeric(_)) | (Value::Interval(_), Value::Interval(_)) => {
            a.to_string() == b.to_string()
        }
        (Value::Char(_) | Value::Jsonb(_) | Value::Array(_), _) => a.to_string() == b.to_string(),
        _ => a == b,
    }
}

/// True if a column of so many rows is kept.
fn keeps(ty: Type, weight: impl FnOnce() -> usize, rows: usize) -> bool {
    match ty {
        Type::Bytea | Type::Vector(_) => false,
        _ if ty.physical() == Physical::Bytes => weight() <= rows.saturating_mul(WIDE),
        _ => true,
    }
}

impl Footprint {
    /// What a record changed, table by table.
    pub fn of(tables: Vec<Touched>, names: Names) -> Self {
        let bytes = OVERHEAD + tables.iter().map(|t| t.bytes).sum::<usize>() + names.bytes();
        Footprint { tables, names, bytes }
    }

    /// What there is to say of a record without looking at its rows.
    pub fn late(tables: &[TableChange]) -> Self {
        let touched = |t: &TableChange| Touched { table: t.table, anything: true, ..Touched::default() };
        let names = match tables.iter().any(|t| t.table == TABLES) {
            true => Names::Unknown,
            false => Names::default(),
        };
        Footprint::of(tables.iter().map(touched).collect(), names)
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// True if a table was made or dropped that was looked up, or may have been.
    pub fn defines(&self, reads: &Reads) -> bool {
        match &self.names {
            Names::These(names) => names.iter().any(|name| reads.has_name(name)),
            Names::Unknown => true,
        }
    }

    /// About how many comparisons [`hits`](Footprint::hits) makes.
    pub fn work(&self, reads: &Reads) -> usize {
        let of = |touched: &Touched| match reads.table(touched.table) {
            Some(reads) if !reads.whole() => {
                let keys: usize = touched.keys.iter().map(KeyRun::len).sum();
                let rows: usize = touched.images.iter().map(|image| image.rows).sum();
                let changed: usize = touched.changes.iter().map(|change| change.before.rows).sum();
                keys + changed + (rows + 2 * changed + touched.spans.len()) * reads.width()
            }
            _ => 0,
        };
        1 + self.tables.iter().map(of).sum::<usize>()
    }

    /// The first table of which it changed, or may have changed, what was read.
    pub fn hits(&self, reads: &Reads) -> Option<TableId> {
        self.tables.iter().find(|touched| touched.hits(reads)).map(|touched| touched.table)
    }
}

impl Touched {
    /// What a change of one table is made of. `snapshot` sees the rows that it deletes.
    pub fn of(table: &Table, change: &TableChange, snapshot: Lsn) -> Self {
        let mut touched = Touched { table: change.table, ..Touched::default() };
        let keys = table.def.key_columns();
        let mut old = Old::of(table, &keys, &change.deletes, snapshot);
        for rows in &change.rows {
            let columns: Vec<&Column> = keys.iter().filter_map(|&k| rows.get(k)).collect();
            // Nobody asks for a hidden key, and new ones are nobody's.
            let asked = !table.def.key.is_empty() || !change.deletes.is_empty();
            let run = if asked { KeyRun::of(&columns) } else { KeyRun::default() };
            touched.came(&mut old, run, Image::of_rows(rows));
        }
        touched.went(old);
        let types = key_types(table, &keys);
        let attached = change.attached.iter().map(|file| (&file.min_key, &file.max_key));
        let deleted = change.key_files.iter().map(|file| (&file.min_key, &file.max_key));
        for (low, high) in attached.chain(deleted) {
            let value = |bytes: &[u8]| key::decode(bytes, &types).ok()?.into_iter().next();
            let first = match (keys.first(), value(low), value(high)) {
                (Some(&column), Some(low), Some(high)) => Some((column, low, high)),
                _ => None,
            };
            touched.spans.push(Span { low: low.clone(), high: high.clone(), first });
        }
        touched.spans.extend(change.sweeps.iter().map(|sweep| Span::of_sweep(table, &keys, sweep)));
        let of_change = |c: &Change| c.keys.memory() + c.before.bytes() + c.after.bytes();
        touched.bytes = touched.keys.iter().map(KeyRun::memory).sum::<usize>()
            + touched.images.iter().map(Image::bytes).sum::<usize>()
            + touched.changes.iter().map(of_change).sum::<usize>()
            + touched.spans.len() * OVERHEAD;
        touched
    }

    /// New rows: those under the key of an old one are changes.
    fn came(&mut self, old: &mut Old<'_>, keys: KeyRun, rows: Image) {
        let (mut before, mut after, mut new) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..keys.len() {
            match old.places.remove(keys.get(row)) {
                Some(place) => {
                    before.push(place);
                    after.push(row as u32);
                }
                None => new.push(row as u32),
            }
        }
        if before.is_empty() {
            self.keys.push(keys);
            self.images.push(rows);
            return;
        }
        let (changed, fresh) = (keys.gather(&after), keys.gather(&new));
        let (before, after) = (old.image.gather(&before), rows.gather(&after));
        self.changes.push(Change { keys: changed, before, after });
        if !new.is_empty() {
            self.keys.push(fresh);
            self.images.push(rows.gather(&new));
        }
    }

    /// The old rows that are left.
    fn went(&mut self, old: Old<'_>) {
        let mut left: Vec<u32> = old.places.into_values().collect();
        left.sort_unstable();
        match left.len() == old.image.rows {
            _ if left.is_empty() => {}
            true => {
                self.keys.push(old.keys);
                self.images.push(old.image);
            }
            false => {
                self.keys.push(old.keys.gather(&left));
                self.images.push(old.image.gather(&left));
            }
        }
    }

    fn hits(&self, reads: &Reads) -> bool {
        let Some(reads) = reads.table(self.table) else { return false };
        if self.anything || reads.whole() {
            return true;
        }
        let key = |run: &KeyRun| (0..run.len()).any(|i| reads.has_key(run.get(i)));
        let change = |change: &Change| {
            let row = |i: usize| {
                reads.has_changed(change.keys.get(i), |columns| {
                    change.before.differs(&change.after, i, columns)
                })
            };
            (0..change.keys.len()).any(row) || reads.wants_change(&change.before, &change.after)
        };
        let span = |span: &Span| {
            let scan = match &span.first {
                Some((column, low, high)) => reads.wants_between(*column, low, high),
                None => reads.scanned(),
            };
            scan || reads.has_key_between(&span.low, &span.high)
        };
        self.keys.iter().any(key)
            || self.images.iter().any(|image| reads.wants(image))
            || self.changes.iter().any(change)
            || self.spans.iter().any(span)
    }
}

/// The rows that a change deletes or replaces.
struct Old<'a> {
    keys: KeyRun,
    image: Image,
    /// Where each is, by its key.
    places: FxHashMap<&'a [u8], u32>,
}

impl<'a> Old<'a> {
    fn of(table: &Table, keys: &[usize], deletes: &'a [Key], snapshot: Lsn) -> Self {
        let places = deletes.iter().zip(0..).map(|(key, place)| (key.as_bytes(), place)).collect();
        Old { keys: KeyRun::of_keys(deletes), image: old_image(table, keys, deletes, snapshot), places }
    }
}

fn key_types(table: &Table, keys: &[usize]) -> Vec<Type> {
    keys.iter().map(|&k| table.types.get(k).copied().unwrap_or(Type::Int8)).collect()
}

/// The rows that a change deletes, as they were: read by key, or what the keys themselves say where they are too many
/// or cannot be read.
fn old_image(table: &Table, keys: &[usize], deletes: &[Key], snapshot: Lsn) -> Image {
    let whole = (deletes.len() <= OLD_ROWS).then(|| read_old(table, deletes, snapshot)).flatten();
    whole.unwrap_or_else(|| {
        let types = key_types(table, keys);
        let mut columns: Vec<Option<Column>> = vec![None; table.types.len()];
        let rows: Option<Vec<Vec<Value>>> =
            deletes.iter().map(|k| key::decode(k.as_bytes(), &types).ok()).collect();
        for (i, (&position, &ty)) in keys.iter().zip(&types).enumerate() {
            let values = rows.as_ref().and_then(|rows| {
                let values: Option<Vec<Value>> = rows.iter().map(|row| row.get(i).cloned()).collect();
                values
            });
            if let (Some(values), Some(slot)) = (values, columns.get_mut(position)) {
                *slot = Column::from_values(ty, values).ok();
            }
        }
        Image { rows: deletes.len(), columns }
    })
}

fn read_old(table: &Table, deletes: &[Key], snapshot: Lsn) -> Option<Image> {
    let wanted: Vec<usize> = (0..table.types.len())
        .filter(|&c| table.types.get(c).is_some_and(|&ty| keeps(ty, || 0, 1)))
        .collect();
    let version = table.version();
    let mut values = Vec::with_capacity(wanted.len() * deletes.len());
    for key in deletes {
        version.get(key.as_bytes(), snapshot, &wanted, &mut values).ok()??;
    }
    let mut columns: Vec<Option<Column>> = vec![None; table.types.len()];
    for (i, &position) in wanted.iter().enumerate() {
        let ty = *table.types.get(position)?;
        let of_column = values.iter().skip(i).step_by(wanted.len()).cloned();
        let column = Column::from_values(ty, of_column).ok()?;
        if keeps(ty, || column.weight(), deletes.len()) && !column.has_references() {
            *columns.get_mut(position)? = Some(column);
        }
    }
    Some(Image { rows: deletes.len(), columns })
}
