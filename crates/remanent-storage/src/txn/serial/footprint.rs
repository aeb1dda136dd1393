//! What a record changed, in a form that reads can be tested against: keys, old and new images of rows.
//!
//! ```text
//!   UPDATE t SET v = 5 WHERE id = 7      keys {7}, images (7, 4) and (7, 5)
//!   INSERT INTO t VALUES (8, 1)          keys {8}, image (8, 1)
//!   DELETE FROM t WHERE id = 7           keys {7}, image (7, 5)
//!   a bulk load of ids 100 to 900        nothing but that span of keys
//!   DROP TABLE                           "the catalog"
//! ```
//!
//! Images share their columns with the record; old ones are read at commit, by key, before the sequencer. A column that
//! an image does not know may have held anything.
//!
//! # Limits
//!
//! Of more than [`OLD_ROWS`] deleted or replaced rows of a table only the columns of the key are kept. Columns of bytes,
//! of vectors, and of texts longer than [`WIDE`] bytes on average are not kept. A record that was on its way when
//! the window opened says only which tables it touched.

use super::reads::Reads;
use crate::Lsn;
use crate::catalog::FIRST_USER_TABLE;
use crate::table::TableId;
use crate::table::version::Table;
use crate::txn::change::TableChange;
use crate::txn::writes::KeyRun;
use crate::value::{Column, Key, Type, Value, key};

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
    catalog: bool,
    bytes: usize,
}

/// What one record changed in one table.
#[derive(Default)]
pub struct Touched {
    table: TableId,
    /// Nothing else is known.
    anything: bool,
    /// Of rows deleted, replaced, and inserted under a key of their own.
    keys: Vec<KeyRun>,
    images: Vec<Image>,
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

/// Rows that came in a cold segment.
struct Span {
    low: Vec<u8>,
    high: Vec<u8>,
    /// The position of the key's first column, its least and its greatest value.
    first: Option<(usize, Value, Value)>,
}

impl Image {
    /// A column by its stored position, where it is known.
    pub fn column(&self, position: usize) -> Option<&Column> {
        self.columns.get(position).and_then(Option::as_ref)
    }

    fn of_rows(columns: &[Column]) -> Self {
        let rows = columns.first().map_or(0, Column::len);
        let keep = |column: &Column| keeps(column.ty(), || column.weight(), rows).then(|| column.clone());
        Image { rows, columns: columns.iter().map(keep).collect() }
    }

    fn bytes(&self) -> usize {
        self.columns.iter().flatten().map(Column::weight).sum()
    }
}

/// True if a column of so many rows is kept.
fn keeps(ty: Type, weight: impl FnOnce() -> usize, rows: usize) -> bool {
    match ty {
        Type::Bytea | Type::Vector(_) => false,
        Type::Text => weight() <= rows.saturating_mul(WIDE),
        _ => true,
    }
}

impl Footprint {
    /// What a record changed, table by table.
    pub fn of(tables: Vec<Touched>) -> Self {
        let catalog = tables.iter().any(|t| t.table < FIRST_USER_TABLE);
        let bytes = OVERHEAD + tables.iter().map(|t| t.bytes).sum::<usize>();
        Footprint { tables, catalog, bytes }
    }

    /// What there is to say of a record without looking at its rows.
    pub fn late(tables: &[TableChange]) -> Self {
        let touched = |t: &TableChange| Touched { table: t.table, anything: true, ..Touched::default() };
        Footprint::of(tables.iter().map(touched).collect())
    }

    /// About how much memory it takes.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// True if a table was made, changed or dropped.
    pub fn changes_catalog(&self) -> bool {
        self.catalog
    }

    /// About how many comparisons [`hits`](Footprint::hits) makes.
    pub fn work(&self, reads: &Reads) -> usize {
        let of = |touched: &Touched| match reads.table(touched.table) {
            Some(reads) if !reads.whole() => {
                let keys: usize = touched.keys.iter().map(KeyRun::len).sum();
                let rows: usize = touched.images.iter().map(|image| image.rows).sum();
                keys + (rows + touched.spans.len()) * reads.width()
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
        if !change.deletes.is_empty() {
            touched.keys.push(KeyRun::of_keys(&change.deletes));
            touched.images.push(old_image(table, &keys, &change.deletes, snapshot));
        }
        for rows in &change.rows {
            if !table.def.key.is_empty() {
                let columns: Vec<&Column> = keys.iter().filter_map(|&k| rows.get(k)).collect();
                touched.keys.push(KeyRun::of(&columns));
            }
            touched.images.push(Image::of_rows(rows));
        }
        let types = key_types(table, &keys);
        for file in &change.attached {
            let value = |bytes: &[u8]| key::decode(bytes, &types).ok()?.into_iter().next();
            let first = match (keys.first(), value(&file.min_key), value(&file.max_key)) {
                (Some(&column), Some(low), Some(high)) => Some((column, low, high)),
                _ => None,
            };
            touched.spans.push(Span { low: file.min_key.clone(), high: file.max_key.clone(), first });
        }
        touched.bytes = touched.keys.iter().map(KeyRun::memory).sum::<usize>()
            + touched.images.iter().map(Image::bytes).sum::<usize>()
            + touched.spans.len() * OVERHEAD;
        touched
    }

    fn hits(&self, reads: &Reads) -> bool {
        let Some(reads) = reads.table(self.table) else { return false };
        if self.anything || reads.whole() {
            return true;
        }
        let key = |run: &KeyRun| (0..run.len()).any(|i| reads.has_key(run.get(i)));
        let span = |span: &Span| {
            let scan = match &span.first {
                Some((column, low, high)) => reads.wants_between(*column, low, high),
                None => true,
            };
            scan || reads.has_key_between(&span.low, &span.high)
        };
        self.keys.iter().any(key)
            || self.images.iter().any(|image| reads.wants(image))
            || self.spans.iter().any(span)
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
        if !version.get(key.as_bytes(), snapshot, &wanted, &mut values).ok()? {
            return None;
        }
    }
    let mut columns: Vec<Option<Column>> = vec![None; table.types.len()];
    for (i, &position) in wanted.iter().enumerate() {
        let ty = *table.types.get(position)?;
        let of_column = values.iter().skip(i).step_by(wanted.len()).cloned();
        let column = Column::from_values(ty, of_column).ok()?;
        if keeps(ty, || column.weight(), deletes.len()) {
            *columns.get_mut(position)? = Some(column);
        }
    }
    Some(Image { rows: deletes.len(), columns })
}
