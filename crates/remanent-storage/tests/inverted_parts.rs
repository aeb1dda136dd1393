//! An inverted index, beside a hot segment, on disk and merged, names exactly the rows that have the items; and the bytes of a small
//! part.

mod cold_support;

use cold_support::*;
use proptest::prelude::{ProptestConfig, any, prop_oneof, proptest};
use proptest::strategy::Strategy;
use remanent_storage::index::inverted::extract::{element, json_contained, json_has};
use remanent_storage::index::inverted::{InvertedCold, InvertedHot};
use remanent_storage::index::{
    HotPart, IndexDef, Items, KeyOrder, MergeSource, Part, PartReader, PartWriter, Probe, ProbeStats,
    ScoreBound, kind,
};
use remanent_storage::segment::{ColdSegment, PageCache, RowSet};
use remanent_storage::table::ordinals::OrdinalMap;
use remanent_storage::value::{Array, Column, Element, Jsonb, Type, Value};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

const PATH: &str = "seg/0000000001.3.idx";
const TEXTS: Type = Type::Array(Element::of(Type::Text));

fn def() -> IndexDef {
    IndexDef {
        id: 3,
        table: 1,
        name: "i".into(),
        kind: "gin".into(),
        columns: vec![0],
        types: vec![TEXTS],
        orders: vec![KeyOrder::default()],
        classes: Vec::new(),
        parameters: Vec::new(),
        include: Vec::new(),
        unique: false,
        nulls_not_distinct: false,
        constraint: false,
        filter: None,
    }
}

/// Rows as lists of words; None is NULL.
type Words = Vec<Option<Vec<String>>>;

fn column(rows: &Words) -> Column {
    let value = |row: &Option<Vec<String>>| match row {
        None => Value::Null,
        Some(words) => {
            let words = words.iter().map(|word| Value::Text(word.clone())).collect();
            Value::Array(Array::list(Type::Text, words).unwrap().into())
        }
    };
    Column::from_values(TEXTS, rows.iter().map(value)).unwrap()
}

/// A part that was written by `write`, of a segment with that column; it is sound and agrees with its rows.
fn cold(
    rows: &Words,
    write: &dyn Fn(&ColdSegment, &mut PartWriter<'_>),
) -> (MemDisk, Arc<ColdSegment>, InvertedCold) {
    let (disk, segment) = segment(&[column(rows)], &vec![1; rows.len()]);
    let segment = Arc::new(segment);
    let mut out = PartWriter::create(&disk, Path::new(PATH)).unwrap();
    write(&segment, &mut out);
    out.finish().unwrap();
    let part = open(&disk, &segment);
    assert_eq!(damage(&part), "[]");
    assert!(part.agrees(&def()).unwrap());
    (disk, segment, part)
}

fn open(disk: &MemDisk, segment: &Arc<ColdSegment>) -> InvertedCold {
    let cache = Arc::new(PageCache::new(8 << 20));
    let reader = PartReader::new(disk.shared(), PATH.into(), PartReader::file_id(3, 1), cache);
    InvertedCold::open(reader, Arc::clone(segment), &def())
}

fn damage(part: &dyn Part) -> String {
    let mut damage = Vec::new();
    part.verify(&mut |e| damage.push(e));
    format!("{damage:?}")
}

fn built(rows: &Words) -> (MemDisk, Arc<ColdSegment>, InvertedCold) {
    cold(rows, &|segment, out| kind("gin").unwrap().build(&def(), segment, out).unwrap())
}

fn hot(rows: &Words) -> InvertedHot {
    let mut part = InvertedHot::new(def());
    part.insert(0, &[column(rows)]).unwrap();
    part
}

fn found(part: &dyn Part, items: &Items, within: Option<&RowSet>) -> Vec<u32> {
    let (probe, stats, bound) = (Probe::Exact(items.clone()), ProbeStats::default(), ScoreBound::default());
    assert!(part.cost(&probe).is_some());
    let mut hits = Vec::new();
    let mut search = part.search(&probe, within, &stats, &bound).unwrap();
    while search.next(&mut hits, 100).unwrap() {}
    hits.iter().map(|hit| hit.ordinal).collect()
}

fn word(word: &str) -> Items {
    element(0, &Value::Text(word.into())).0
}

/// The words that begin so: an item is the column, its kind, the word.
fn begins(start: &str) -> Items {
    let Items::Item(mut item) = word(start) else { panic!("one item") };
    // Without what ends a text.
    item.truncate(3 + start.len());
    Items::prefix(item)
}

/// True if a row with these words has what is asked for.
fn fits(words: &[String], items: &Items) -> bool {
    let begins_with = |held: &String| {
        (0..=held.len()).filter(|&n| held.is_char_boundary(n)).any(|n| begins(&held[..n]) == *items)
    };
    match items {
        Items::Item(_) => words.iter().any(|held| word(held) == *items),
        Items::Prefix(_) => words.iter().any(begins_with),
        Items::Like(..) => panic!("not asked for"),
        Items::All(parts) => parts.iter().all(|part| fits(words, part)),
        Items::Any(parts) => parts.iter().any(|part| fits(words, part)),
        Items::Not(items) => !fits(words, items),
    }
}

fn words() -> impl Strategy<Value = Words> {
    // Some words are in most rows, some in few; some are long.
    let word = prop_oneof![
        4 => "[ab]", 2 => "[a-d]{2}", 2 => "[a-z]{1,3}", 1 => (0u32..40).prop_map(|n| format!("{}{n}", "l".repeat(150))),
    ];
    let row = proptest::option::weighted(0.95, proptest::collection::vec(word, 0..5));
    proptest::collection::vec(row, 1..4000)
}

fn items() -> impl Strategy<Value = Items> {
    let leaf = prop_oneof![
        4 => "[ab]|[a-d]{2}|[a-z]{1,3}".prop_map(|w| word(&w)),
        1 => "[a-d]|[a-d]{2}|l".prop_map(|w| begins(&w)),
        1 => (0u32..40).prop_map(|n| word(&format!("{}{n}", "l".repeat(150)))),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Items::All),
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Items::Any),
            inner.prop_map(|items| Items::Not(Box::new(items))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn parts_name_the_rows_that_have_the_items(
        rows in words(),
        asked in proptest::collection::vec(items(), 1..8),
        some in any::<u64>(),
    ) {
        let (_disk, _segment, cold) = built(&rows);
        let hot = hot(&rows);
        let within: RowSet = (0..rows.len() as u32).filter(|row| some >> (row % 64) & 1 == 1).collect();
        for items in &asked {
            let fitting = (0u32..).zip(&rows).filter(|(_, words)| fits(words.as_deref().unwrap_or_default(), items));
            let expected: Vec<u32> = fitting.map(|(row, _)| row).collect();
            let among: Vec<u32> = expected.iter().copied().filter(|row| within.contains(*row)).collect();
            for part in [&cold as &dyn Part, &hot] {
                assert_eq!(found(part, items, None), expected, "{items:?}");
                assert_eq!(found(part, items, Some(&within)), among, "{items:?}");
            }
        }
    }

    #[test]
    fn a_merged_part_is_the_one_that_would_be_built(
        sources in proptest::collection::vec(words(), 1..4),
        seed in any::<u64>(),
    ) {
        // Rows of the sources in turns, every seventh left out.
        let total: u64 = sources.iter().map(|rows| rows.len() as u64).sum();
        let mut maps: Vec<OrdinalMap> =
            sources.iter().map(|rows| OrdinalMap::merging(rows.len() as u32, total)).collect();
        let (mut target, mut next, mut state) = (Words::new(), vec![0usize; sources.len()], seed);
        while next.iter().zip(&sources).any(|(&at, rows)| at < rows.len()) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let source = (state >> 33) as usize % sources.len();
            let Some(row) = sources[source].get(next[source]) else { continue };
            if !(state >> 40).is_multiple_of(7) {
                maps[source].set(next[source] as u32, target.len() as u32);
                target.push(row.clone());
            }
            next[source] += 1;
        }
        if target.is_empty() {
            return Ok(());
        }
        let parts: Vec<_> = sources.iter().map(built).collect();
        let (merged, ..) = cold(&target, &|segment, out| {
            let sources = parts.iter().zip(&maps);
            let sources: Vec<MergeSource<'_>> = sources
                .map(|((_, segment, part), map)| MergeSource { part: Some(part), segment, map })
                .collect();
            kind("gin").unwrap().merge(&def(), &sources, segment, out).unwrap();
        });
        let (made, ..) = built(&target);
        assert_eq!(merged.bytes(Path::new(PATH)), made.bytes(Path::new(PATH)));
    }

    #[test]
    fn rows_that_are_dropped_from_the_end_leave_the_others(
        first in words(),
        more in words(),
        keep in proptest::collection::vec(any::<bool>(), 1024),
        last in words(),
    ) {
        // As a hot segment does it: rows of the last chunk only.
        let first: Words = first.into_iter().cycle().take(1024).collect();
        let more: Words = more.into_iter().take(1000).collect();
        let mut part = InvertedHot::new(def());
        part.insert(0, &[column(&first)]).unwrap();
        part.insert(1024, &[column(&more)]).unwrap();
        part.retain_from(1024, &keep[..more.len()]);
        let kept = more.iter().zip(&keep).filter(|(_, keep)| **keep).map(|(row, _)| row.clone());
        let mut all: Words = first.iter().cloned().chain(kept).collect();
        part.insert(all.len() as u32, &[column(&last)]).unwrap();
        all.extend(last);
        let expected = hot(&all);
        let distinct: BTreeSet<&String> = all.iter().flatten().flatten().collect();
        for held in &distinct {
            assert_eq!(found(&part, &word(held), None), found(&expected, &word(held), None));
        }
        assert_eq!((part.memory(), part.distinct()), (expected.memory(), expected.distinct()));
        // Further back than rows are kept: nothing is left of what came later.
        part.truncate(1000);
        let expected = hot(&first[..1000].to_vec());
        assert_eq!((part.memory(), part.distinct()), (expected.memory(), expected.distinct()));
    }
}

#[test]
fn a_part_larger_than_memory_is_built_in_runs_and_long_lists_are_read_in_part() {
    let of = |i: u32| format!("w{:05}", i.wrapping_mul(2_654_435_761) % 60_000);
    let rows: Words = (0..200_000).map(|i| Some(vec!["all".into(), of(i), format!("m{}", i % 3)])).collect();
    let (_disk, _segment, part) = built(&rows);
    let all: Vec<u32> = (0..200_000).collect();
    assert_eq!(found(&part, &word("all"), None), all);
    let third: Vec<u32> = all.iter().copied().filter(|i| i % 3 == 1).collect();
    assert_eq!(found(&part, &Items::All(vec![word("all"), word("m1")]), None), third);
    for i in [0, 777, 199_999] {
        let expected: Vec<u32> = all.iter().copied().filter(|&j| of(j) == of(i) && j % 3 == i % 3).collect();
        let items = Items::All(vec![word("all"), word(&of(i)), word(&format!("m{}", i % 3))]);
        assert_eq!(found(&part, &items, None), expected);
    }
    let words: BTreeSet<String> = (0..200_000).map(of).collect();
    assert_eq!(part.distinct(), Some(words.len() as f64 + 4.0));
}

#[test]
fn every_damaged_byte_of_a_part_is_found() {
    let rows: Words = (0..3000).map(|i| Some(vec!["all".into(), format!("w{}", i % 50)])).collect();
    let (disk, segment, _) = built(&rows);
    let whole = disk.bytes(Path::new(PATH));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        disk.put(Path::new(PATH), bytes);
        assert_ne!(damage(&open(&disk, &segment)), "[]", "byte {at}");
    }
}

#[test]
fn a_part_of_other_rows_does_not_agree() {
    let rows: Words = (0..50).map(|i| Some(vec![format!("w{}", i % 7)])).collect();
    let mut other = rows.clone();
    other.swap(0, 1);
    let (_, _, part) = built(&rows);
    let (disk, segment, _) = built(&other);
    let (theirs, ..) = built(&rows);
    disk.put(Path::new(PATH), theirs.bytes(Path::new(PATH)));
    assert_eq!(damage(&open(&disk, &segment)), "[]");
    assert!(!open(&disk, &segment).agrees(&def()).unwrap() && part.agrees(&def()).unwrap());
}

#[test]
fn items_say_all_of_what_leads_to_one_scalar_at_a_time() {
    let exact = |text: &str| json_contained(0, "jsonb_ops", Jsonb::parse(text).unwrap().view()).1;
    let (long_key, long_text) = ("k".repeat(60), "x".repeat(130));
    let whole = ["1", "\"a\"", "{\"a\": 1}", "{\"a\": {\"b\": null, \"c\": true}}", "[1, 2]", "[[1], [2]]"];
    let more = ["{\"a\": [1, \"b\"], \"b\": 2}", "{\"a\": [{\"b\": 1}, {\"c\": [1]}]}"];
    assert_eq!(whole.into_iter().chain(more).filter(|text| !exact(text)).count(), 0);
    let part =
        ["{}", "[]", "{\"a\": {}}", "{\"a\": 1, \"b\": []}", "[{\"a\": 1, \"b\": 2}]", "[[1, 2]]", "[{}, 1]"];
    let long = [format!("{{\"{long_key}\": 1}}"), format!("\"{long_text}\"")];
    assert_eq!(part.into_iter().chain(long.iter().map(String::as_str)).filter(|text| exact(text)).count(), 0);
    assert!(!json_contained(0, "jsonb_path_ops", Jsonb::parse("{\"a\": 1}").unwrap().view()).1);
    assert!(json_has(0, &long_key).1 && !json_has(0, &long_text).1);
    let text = |text: &str| element(0, &Value::Text(text.into())).1;
    assert!(text("a") && !text(&long_text) && !element(0, &Value::Float8(0.0)).1);
}

#[test]
fn a_part_of_documents_without_places_is_not_asked_and_made_anew_by_a_merge() {
    let of = |class: &str| IndexDef { types: vec![Type::Jsonb], classes: vec![class.to_string()], ..def() };
    let (old, new) = (of("jsonb_path_ops"), of("jsonb_ops"));
    let documents = (0..50).map(|i| Value::Jsonb(Jsonb::parse(&format!("{{\"n\": {}}}", i % 5)).unwrap()));
    let (disk, segment) = segment(&[Column::from_values(Type::Jsonb, documents).unwrap()], &[1; 50]);
    let segment = Arc::new(segment);
    let open = |def: &IndexDef| {
        let cache = Arc::new(PageCache::new(8 << 20));
        let reader = PartReader::new(disk.shared(), PATH.into(), PartReader::file_id(3, 1), cache);
        InvertedCold::open(reader, Arc::clone(&segment), def)
    };
    let mut out = PartWriter::create(&disk, Path::new(PATH)).unwrap();
    kind("gin").unwrap().build(&old, &segment, &mut out).unwrap();
    out.finish().unwrap();
    let part = open(&new);
    let asked = json_contained(0, "jsonb_ops", Jsonb::parse("{\"n\": 3}").unwrap().view()).0;
    assert_eq!(part.cost(&Probe::Exact(asked.clone())), None);
    assert_eq!((damage(&part), part.agrees(&new).unwrap()), ("[]".to_string(), true));
    let mut map = OrdinalMap::merging(50, 50);
    (0..50).for_each(|row| map.set(row, row));
    let mut out = PartWriter::create(&disk, Path::new("seg/0000000002.3.idx")).unwrap();
    let source = MergeSource { part: Some(&part), segment: &segment, map: &map };
    kind("gin").unwrap().merge(&new, &[source], &segment, &mut out).unwrap();
    out.finish().unwrap();
    disk.put(Path::new(PATH), disk.bytes(Path::new("seg/0000000002.3.idx")));
    let part = open(&new);
    assert!(part.agrees(&new).unwrap());
    assert_eq!(found(&part, &asked, None), (0..50).filter(|row| row % 5 == 3).collect::<Vec<u32>>());
}

#[test]
fn the_bytes_of_a_small_part() {
    let mut rows: Words = vec![Some(Vec::new()); 301];
    for (row, words) in [(3, "a b"), (4, "b"), (300, "b")] {
        rows[row] = Some(words.split(' ').map(str::to_string).collect());
    }
    rows.iter_mut().filter(|row| row.as_ref().is_some_and(Vec::is_empty)).for_each(|row| *row = None);
    let (disk, ..) = built(&rows);
    let hex: String = disk.bytes(Path::new(PATH)).iter().map(|byte| format!("{byte:02x}")).collect();
    // Two items, one restart; the item of "a" whole with its row; of "b" what differs, with three rows.
    let leaf = "0200 0100 0000  00 05 00650161 00 01 03 03  03 02 62 00 03 09 0300a702";
    assert!(hex.contains(&leaf.replace(' ', "")), "{hex}");
    // The footer: kind, rows, items, rows in lists, leaves, inner pages.
    let footer = "03 2d010000 02000000 0400000000000000 01000000 01000000";
    assert!(hex.contains(&footer.replace(' ', "")), "{hex}");
}
