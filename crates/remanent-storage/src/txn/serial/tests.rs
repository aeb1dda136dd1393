//! The window and the rounds of a test, without a store.

use super::footprint::{Footprint, Names, Touched};
use super::{Hit, INSIDE, Reader, Serial};
use crate::table::version::Table;
use crate::table::{ColumnDef, ColumnRange, ScanRequest, TableDef};
use crate::txn::change::TableChange;
use crate::value::{Column, Key, Type, Value};
use std::ops::Bound;
use std::sync::Arc;

const TABLE: u32 = 40;

fn table() -> Table {
    let column = |name: &str| ColumnDef::new(name, Type::Int8);
    let def = TableDef::new(TABLE, "t", vec![column("id"), column("n")], vec![0]);
    let disk = crate::world::World::real().disk;
    let blobs = crate::segment::blob::BlobFiles::new(disk, std::path::Path::new("none"), 1);
    Table::new(Arc::new(def), 1, &Arc::new(blobs))
}

/// Rows (id, 2 · id) are inserted.
fn insert(ids: std::ops::Range<i64>) -> Arc<Footprint> {
    let of = |f: fn(i64) -> i64| {
        Column::from_values(Type::Int8, ids.clone().map(|id| Value::Int8(f(id)))).unwrap()
    };
    let rows = vec![vec![of(|id| id), of(|id| 2 * id)]];
    let change = TableChange { table: TABLE, rows, ..TableChange::default() };
    Arc::new(Footprint::of(vec![Touched::of(&table(), &change, 0)], Names::default()))
}

/// A transaction that wanted rows whose column is at least `low`.
fn reader(serial: &Arc<Serial>, column: usize, low: i64) -> Reader {
    let reader = Reader::new(serial.join(Vec::new()));
    let range = ColumnRange { column, low: Bound::Included(Value::Int8(low)), high: Bound::Unbounded };
    let request = ScanRequest { columns: vec![0], ranges: vec![range], ..ScanRequest::default() };
    reader.reads.borrow_mut().scan(TABLE, &request);
    reader
}

#[test]
fn a_round_inside_is_short_and_the_next_may_be_longer() {
    let serial = Arc::new(Serial::new(1 << 20));
    let reader = reader(&serial, 1, 5000);
    let mut test = reader.test();
    assert_eq!(test.finish(), Ok(true), "nothing came");
    // A row is two: its key and its condition; a record is one more.
    drop(serial.push(insert(0..INSIDE as i64 - 1)));
    assert_eq!(test.finish(), Ok(true), "511 comparisons, of 512");
    drop(serial.push(insert(0..2 * INSIDE as i64)));
    assert_eq!(test.finish(), Ok(false), "1025, of 1024");
    assert_eq!(test.finish(), Ok(true), "1025, of 2048");
}

#[test]
fn what_is_too_much_inside_is_done_outside() {
    let serial = Arc::new(Serial::new(1 << 20));
    let reader = reader(&serial, 1, 5000);
    let mut test = reader.test();
    drop(serial.push(insert(0..1000)));
    assert_eq!(test.finish(), Ok(false), "2001 comparisons are more than 256");
    assert_eq!(test.catch_up(), Ok(()));
    assert_eq!(test.finish(), Ok(true));
    drop(serial.push(insert(2000..2501)));
    assert_eq!(test.catch_up(), Err(Hit::Table(TABLE)), "the last row has n = 5000");
}

#[test]
fn many_records_are_tested_chunk_by_chunk() {
    let serial = Arc::new(Serial::new(1 << 20));
    let reader = reader(&serial, 0, 1000);
    for id in 0..1000 {
        drop(serial.push(insert(id..id + 1)));
    }
    assert_eq!(reader.test().catch_up(), Ok(()));
    drop(serial.push(insert(1000..1001)));
    assert_eq!(reader.test().catch_up(), Err(Hit::Table(TABLE)));
    // Who came later did not miss it.
    let later = Reader::new(serial.join(Vec::new()));
    later.reads.borrow_mut().key(TABLE, &Key::encode(&[Value::Int8(1000)]), &[0]);
    assert_eq!(later.test().finish(), Ok(true));
}

#[test]
fn the_window_holds_what_somebody_needs() {
    let serial = Arc::new(Serial::new(1 << 20));
    assert!(!serial.is_open());
    drop(serial.push(insert(0..10)));
    assert_eq!(serial.bytes(), 0, "nobody is there");
    let first = reader(&serial, 0, 1000);
    drop(serial.push(insert(0..10)));
    let one = serial.bytes();
    let second = reader(&serial, 0, 1000);
    drop(serial.push(insert(10..20)));
    assert_eq!(serial.bytes(), 2 * one);
    drop(first);
    assert_eq!(serial.bytes(), one);
    drop(second);
    assert_eq!((serial.bytes(), serial.is_open()), (0, false));
}

#[test]
fn who_needs_what_is_gone_fails() {
    let one = {
        let serial = Arc::new(Serial::new(1 << 20));
        let _open = serial.join(Vec::new());
        drop(serial.push(insert(0..10)));
        serial.bytes()
    };
    let serial = Arc::new(Serial::new(2 * one));
    let first = reader(&serial, 0, 1000);
    drop(serial.push(insert(0..10)));
    let second = reader(&serial, 0, 1000);
    drop(serial.push(insert(0..10)));
    assert_eq!(first.test().catch_up(), Ok(()));
    drop(serial.push(insert(0..10)));
    assert_eq!(serial.bytes(), 2 * one);
    assert_eq!(first.test().catch_up(), Err(Hit::Forgotten));
    assert_eq!(second.test().catch_up(), Ok(()));
    // One record larger than the limit empties it.
    drop(serial.push(insert(0..100)));
    assert_eq!(serial.bytes(), 0);
    assert_eq!(second.test().catch_up(), Err(Hit::Forgotten));
    assert_eq!(reader(&serial, 0, 0).test().finish(), Ok(true), "nothing came since");
}

#[test]
fn records_on_their_way_come_first() {
    let serial = Arc::new(Serial::new(1 << 20));
    let wants = |reader: &Reader, id: i64| {
        reader.reads.borrow_mut().key(TABLE, &Key::encode(&[Value::Int8(id)]), &[0]);
    };
    let first = Reader::new(serial.join(vec![insert(1..2), insert(2..3)]));
    // The second sees the first of them already; both stand in the window.
    let second = Reader::new(serial.join(vec![insert(2..3)]));
    wants(&first, 1);
    wants(&second, 1);
    assert_eq!(first.test().finish(), Err(Hit::Table(TABLE)));
    assert_eq!(second.test().finish(), Ok(true));
    wants(&second, 2);
    assert_eq!(second.test().finish(), Err(Hit::Table(TABLE)));
}
