//! Power lost at every change while numbers are taken from sequences and tables get other definitions: no number is given
//! twice, and a table is what it was or what it was to be, with all its rows.

use super::support::{self, create, now, rows, table};
use remanent_storage::Result;
use remanent_storage::catalog::comments::Subject;
use remanent_storage::catalog::enums::EnumDef;
use remanent_storage::store::Store;
use remanent_storage::table::{ConstraintDef, RelationKind, SequenceDef, TableDef};
use remanent_storage::txn::Interrupt;
use remanent_storage::txn::sequence::{Asker, KEY, columns};
use remanent_storage::value::Type;
use remanent_storage::world::World;
use remanent_storage::world::sim::{Crashes, Notes, Rng, SimDisk};
use std::sync::Arc;

/// What is known to be durable, and what may be.
#[derive(Clone, Debug, Default)]
struct Seen {
    /// The largest number that was given.
    given: i64,
    /// How many constraints the table has: at least, at most.
    constraints: (usize, usize),
    /// Likewise for rows.
    rows: (usize, usize),
    /// Likewise for values of the enum type.
    labels: (usize, usize),
    /// What is said of the table, and what may be.
    said: [Option<String>; 2],
}

fn sequence(cycle: bool) -> TableDef {
    let (start, increment, min, max) = (1, 1, 1, i64::MAX);
    let rules = SequenceDef { ty: Type::Int8, start, increment, min, max, cache: 1, cycle, owner: None };
    TableDef { kind: RelationKind::Sequence(rules), ..TableDef::new(0, "s", columns(), vec![KEY]) }
}

fn next(store: &Store) -> Result<Option<i64>> {
    let Some(def) = store.catalog().table("s").cloned() else { return Ok(None) };
    let interrupt = Arc::new(Interrupt::default());
    store.next_value(&def, &Asker { session: None, interrupt: &interrupt, durable: true }).map(Some)
}

fn run(world: &World, rng: &mut Rng, notes: &Notes<Seen>) -> Result<()> {
    let store = support::open(world, support::options())?;
    let mut txn = store.begin(Some(true))?;
    create(&mut txn, "t")?;
    txn.create(sequence(false))?;
    txn.create_enum(EnumDef::new("public", "mood", &["sad", "ok"]))?;
    txn.commit()?;
    notes.update(|seen| seen.labels = (2, 2));
    for step in 0..40 {
        match rng.below(10) {
            0 => {
                let mut txn = store.begin(Some(true))?;
                let old = table(&txn, "t")?;
                let mut new = TableDef::clone(&old);
                let text = format!("CHECK (id > {step})");
                new.constraints.push(ConstraintDef { name: format!("c{step}"), text });
                let count = new.constraints.len();
                txn.alter(&old, new)?;
                notes.update(|seen| seen.constraints.1 = count);
                txn.commit()?;
                notes.update(|seen| seen.constraints.0 = count);
            }
            1 => {
                let mut txn = store.begin(Some(true))?;
                support::insert(&mut txn, "t", &[(step, 7)])?;
                notes.update(|seen| seen.rows.1 += 1);
                txn.commit()?;
                notes.update(|seen| seen.rows.0 += 1);
            }
            2 => {
                // Its numbers go on from where they are under another number of its own.
                let mut txn = store.begin(Some(true))?;
                let old = table(&txn, "s")?;
                let (last, called) = store.last_value(&old)?;
                txn.restart_sequence(&old, sequence(rng.one_in(2)), last, called)?;
                txn.commit()?;
            }
            3 => store.maintain()?,
            4 => {
                let mut txn = store.begin(Some(true))?;
                let old = txn.catalog().enumeration("public", "mood").cloned();
                let old = old.expect("the type was made");
                let count = old.labels.len() + 1;
                txn.alter_enum(&old.with_label(&step.to_string(), rng.below(count as u64) as usize))?;
                notes.update(|seen| seen.labels.1 = count);
                txn.commit()?;
                notes.update(|seen| seen.labels.0 = count);
            }
            5 => {
                let mut txn = store.begin(Some(true))?;
                let (def, text) = (table(&txn, "t")?, rng.one_in(2).then(|| step.to_string()));
                txn.comment(&def, "t", &Subject::Relation(def.id).to_string(), text.as_deref())?;
                notes.update(|seen| seen.said[1].clone_from(&text));
                txn.commit()?;
                notes.update(|seen| seen.said[0].clone_from(&text));
            }
            _ => {
                let number = next(&store)?.unwrap_or(0);
                notes.update(|seen| {
                    assert!(number > seen.given, "{number} was given");
                    seen.given = number;
                });
            }
        }
    }
    store.close()
}

fn recover(world: &World, seen: &Seen) -> Result<()> {
    let store = support::open(world, support::options())?;
    now(&store)?;
    let txn = store.begin(Some(true))?;
    let made = txn.catalog().table("t").is_some();
    assert!(made || seen.given == 0 && seen.rows.0 == 0, "the table is gone");
    if made {
        let count = table(&txn, "t")?.constraints.len();
        assert!((seen.constraints.0..=seen.constraints.1).contains(&count), "{count} constraints, {seen:?}");
        let count = rows(&txn, "t")?.len();
        assert!((seen.rows.0..=seen.rows.1).contains(&count), "{count} rows, {seen:?}");
        let mood = txn.catalog().enumeration("public", "mood").expect("the type came with the table");
        let count = mood.labels.len();
        assert!(
            (seen.labels.0..=seen.labels.1).contains(&count) || seen.labels.1 == 0,
            "{count} labels, {seen:?}"
        );
        assert!(mood.labels.is_sorted_by(|a, b| a.place < b.place));
        let said = txn.catalog().comment(Subject::Relation(table(&txn, "t")?.id)).map(str::to_string);
        assert!(seen.said.contains(&said), "{said:?}, {seen:?}");
    }
    drop(txn);
    if let Some(number) = next(&store)? {
        assert!(number > seen.given, "{number} is given again, {seen:?}");
    }
    store.close()?;
    let store = support::open(world, support::options())?;
    if let Some(number) = next(&store)? {
        assert!(number > seen.given + 1, "{number} is given again after a close, {seen:?}");
    }
    store.close()
}

#[test]
fn numbers_that_were_given_are_not_given_again_after_a_power_loss() {
    let disk = SimDisk::new(1);
    let world = support::world_of(&disk);
    let mut given = 0;
    for lost in 0..3 {
        let store = support::open(&world, support::options()).unwrap();
        if lost == 0 {
            let mut txn = store.begin(Some(true)).unwrap();
            txn.create(sequence(false)).unwrap();
            txn.commit().unwrap();
        }
        // More than are written down at once, the third time.
        for _ in 0..[1, 5, 70][lost] {
            let number = next(&store).unwrap().unwrap();
            assert!(number > given, "{number} is given again, after {given}");
            given = number;
        }
        std::mem::forget(store);
        disk.crash();
    }
}

#[test]
fn no_number_is_given_twice_and_no_definition_is_torn() {
    let runs = Crashes::new("no_number_is_given_twice_and_no_definition_is_torn")
        .rounds(2)
        .recovery_stride(9)
        .run(|world: &World, notes: &Notes<Seen>| run(world, &mut Rng::new(notes.round()), notes), recover);
    println!("{runs} crashes");
}
