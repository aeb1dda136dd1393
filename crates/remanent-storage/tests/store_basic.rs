//! The store by itself: what is committed is there after a reopen, a flush, a merge.

use remanent_storage::Result;
use remanent_storage::store::{Options, Store};
use remanent_storage::table::{ColumnDef, RowId, ScanRequest};
use remanent_storage::value::{Batch, Column, Key, Type, Value};
use remanent_storage::world::World;
use std::sync::Arc;

fn column(name: &str, ty: Type) -> ColumnDef {
    ColumnDef::new(name, ty)
}

fn open(dir: &std::path::Path) -> Arc<Store> {
    Store::open(World::real(), dir, Options { background: false, ..Options::default() }).unwrap()
}

fn create(store: &Store) -> Result<()> {
    let mut txn = store.begin(None)?;
    txn.create_table("t", vec![column("id", Type::Int8), column("note", Type::Text)], vec![0])?;
    txn.commit()
}

fn rows(ids: &[i64], note: &str) -> Batch {
    let id = Column::from_values(Type::Int8, ids.iter().map(|&i| Value::Int8(i))).unwrap();
    let note = Column::from_values(Type::Text, ids.iter().map(|_| Value::Text(note.into()))).unwrap();
    Batch::new(vec![id, note], ids.len())
}

fn insert(store: &Store, ids: &[i64], note: &str) -> Result<()> {
    let mut txn = store.begin(None)?;
    let table = txn.catalog().table("t").cloned().unwrap();
    txn.insert(&table, &rows(ids, note))?;
    txn.commit()
}

fn delete(store: &Store, ids: &[i64]) -> Result<()> {
    let mut txn = store.begin(None)?;
    let table = txn.catalog().table("t").cloned().unwrap();
    let keys = Batch::new(vec![rows(ids, "").columns[0].clone()], ids.len());
    txn.delete(&table, &keys, &[] as &[RowId])?;
    txn.commit()
}

fn dump(store: &Store) -> Vec<(i64, String)> {
    let txn = store.begin(None).unwrap();
    let table = txn.catalog().table("t").cloned().unwrap();
    let mut scan = txn.scan(&table, &ScanRequest { columns: vec![0, 1], ..ScanRequest::default() }).unwrap();
    let mut out = Vec::new();
    while let Some(batch) = scan.next().unwrap() {
        let batch = batch.compact();
        for i in 0..batch.rows {
            match (batch.columns[0].value(i), batch.columns[1].value(i)) {
                (Value::Int8(id), Value::Text(note)) => out.push((id, note)),
                other => panic!("{other:?}"),
            }
        }
    }
    out.sort();
    out
}

fn expect(store: &Store, expected: &[(i64, &str)]) {
    let expected: Vec<(i64, String)> = expected.iter().map(|&(i, n)| (i, n.to_string())).collect();
    assert_eq!(dump(store), expected);
    let txn = store.begin(None).unwrap();
    let table = txn.catalog().table("t").cloned().unwrap();
    for id in -1..20 {
        let row = txn.get(&table, &Key::encode(&[Value::Int8(id)]), &[1]).unwrap();
        let want = expected.iter().find(|(i, _)| *i == id).map(|(_, n)| n.clone());
        let got = row.map(|row| row[0].to_string());
        assert_eq!(got, want, "row {id}");
    }
}

#[test]
fn what_is_committed_survives_reopen_flush_and_merge() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.rem");
    {
        let store = open(&path);
        create(&store).unwrap();
        insert(&store, &[1, 2, 3], "a").unwrap();
        assert_eq!(insert(&store, &[3], "b").unwrap_err().code(), "23505");
        delete(&store, &[2]).unwrap();
        expect(&store, &[(1, "a"), (3, "a")]);
        std::mem::forget(store); // as a kill would leave it
    }
    std::fs::remove_file(path.join("LOCK")).unwrap();
    for round in 0..3 {
        let store = open(&path);
        expect(&store, &[(1, "a"), (3, "a")]);
        if round > 0 {
            store.flush().unwrap();
            store.maintain().unwrap();
            expect(&store, &[(1, "a"), (3, "a")]);
        }
        std::mem::forget(store);
        std::fs::remove_file(path.join("LOCK")).unwrap();
    }
    let store = open(&path);
    for i in 5..15 {
        insert(&store, &[i], "c").unwrap();
        store.flush().unwrap();
        delete(&store, &[i - 1]).ok();
        store.maintain().unwrap();
    }
    let after: Vec<(i64, &str)> = vec![(1, "a"), (3, "a"), (14, "c")];
    expect(&store, &after);
    drop(store);
    let store = open(&path);
    expect(&store, &after);
    insert(&store, &[4], "d").unwrap();
    delete(&store, &[1]).unwrap();
    expect(&store, &[(3, "a"), (4, "d"), (14, "c")]);
    drop(store);
    let report = remanent_storage::store::check::check(&World::real(), &path).unwrap();
    assert_eq!(format!("{:?}", report.damage), "[]");
}

#[test]
fn a_dropped_table_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.rem");
    let store = open(&path);
    for _ in 0..3 {
        create(&store).unwrap();
        insert(&store, &[1, 2, 3], "a").unwrap();
        store.flush().unwrap();
        let mut txn = store.begin(None).unwrap();
        txn.drop_table("t").unwrap();
        txn.commit().unwrap();
        store.maintain().unwrap();
    }
    store.flush().unwrap();
    drop(store);
    let store = open(&path);
    assert!(store.begin(None).unwrap().catalog().table("t").is_none());
}

#[test]
fn a_large_transaction_goes_through_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.rem");
    let store = open(&path);
    create(&store).unwrap();
    let mut txn = store.begin(None).unwrap();
    let table = txn.catalog().table("t").cloned().unwrap();
    for i in 0..400 {
        let ids: Vec<i64> = (i * 1000..i * 1000 + 1000).collect();
        txn.insert(&table, &rows(&ids, "a note that is long enough to need a buffer")).unwrap();
    }
    txn.commit().unwrap();
    let txn = store.begin(None).unwrap();
    let count = |txn: &remanent_storage::txn::Txn| {
        let mut scan = txn.scan(&table, &ScanRequest { columns: vec![0], ..ScanRequest::default() }).unwrap();
        let mut n = 0;
        while let Some(batch) = scan.next().unwrap() {
            n += batch.len();
        }
        n
    };
    assert_eq!(count(&txn), 400_000);
    drop(txn);
    std::mem::forget(store);
    std::fs::remove_file(path.join("LOCK")).unwrap();
    let store = open(&path);
    assert_eq!(count(&store.begin(None).unwrap()), 400_000);
}

#[test]
fn spilled_rows_come_back_and_leave_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spill.rem");
    let store = open(&path);
    let files = || std::fs::read_dir(path.join("tmp")).map_or(0, |entries| entries.count());
    let types = [Type::Int8, Type::Text];
    let (first, second) = (rows(&[1, 2, 3], "one"), rows(&[4], "a longer text than fits a view"));
    let mut file = store.spill().unwrap().create().unwrap();
    let pages = [file.write(&first.columns).unwrap(), file.write(&second.columns).unwrap()];
    for (page, wanted) in pages.iter().zip([&first, &second]).rev() {
        let found = file.read(*page, &types).unwrap();
        for (found, wanted) in found.iter().zip(&wanted.columns) {
            assert!(found.values().eq(wanted.values()));
        }
    }
    assert_eq!(files(), 1);
    drop(file);
    assert_eq!(files(), 0);
    // What a process that died left behind goes when the store is opened.
    std::mem::forget(store.spill().unwrap().create().unwrap());
    store.close().unwrap();
    assert_eq!(files(), 1);
    open(&path).close().unwrap();
    assert_eq!(files(), 0);
}

#[test]
fn damaged_spilled_rows_are_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("spill.rem");
    let store = open(&path);
    let mut file = store.spill().unwrap().create().unwrap();
    let page = file.write(&rows(&[1, 2, 3], "one").columns).unwrap();
    let spilled = std::fs::read_dir(path.join("tmp")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&spilled).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&spilled, bytes).unwrap();
    assert_eq!(file.read(page, &[Type::Int8, Type::Text]).unwrap_err().code(), "XX001");
}

#[test]
fn a_full_device_refuses_spilled_rows() {
    use remanent_storage::world::sim::SimWorld;
    let sim = SimWorld::new(7);
    let (world, disk) = (sim.world(), sim.disk());
    let store = Store::open(
        world,
        std::path::Path::new("/spill.rem"),
        Options { background: false, ..Options::default() },
    )
    .unwrap();
    let mut file = store.spill().unwrap().create().unwrap();
    disk.set_capacity(0);
    let refused = file.write(&rows(&[1, 2, 3], "one").columns).unwrap_err();
    assert_eq!(refused.code(), "53100");
}
