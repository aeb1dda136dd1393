//! Indexes of texts, beside a hot segment, on disk, merged and of earlier versions, name the rows whose documents satisfy a query:
//! exactly these, where they say that they decide.
#![cfg(feature = "text")]

mod cold_support;

use cold_support::*;
use proptest::prelude::{ProptestConfig, any, prop_oneof, proptest};
use proptest::strategy::{Just, Strategy};
use remanent_storage::index::inverted::text::probe;
use remanent_storage::index::inverted::{InvertedCold, InvertedHot};
use remanent_storage::index::{
    HotPart, IndexDef, KeyOrder, MergeSource, Part, PartReader, PartWriter, Probe, ProbeStats, ScoreBound,
    kind,
};
use remanent_storage::segment::{ColdSegment, PageCache};
use remanent_storage::table::ordinals::OrdinalMap;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Column, Type, Value};
use remanent_text::matching::matches;
use remanent_text::{query, vector};
use std::path::Path;
use std::sync::Arc;

const PATH: &str = "seg/0000000001.3.idx";
const VECTOR: Type = Type::Other(Kind::TsVector, 0);
const KINDS: [&str; 2] = ["gin", "bm25"];

fn def(kind: &str) -> IndexDef {
    IndexDef {
        id: 3,
        table: 1,
        name: "i".into(),
        kind: kind.into(),
        columns: vec![0],
        types: vec![VECTOR],
        orders: vec![KeyOrder::default()],
        classes: vec![format!("{}_ops", if kind == "gin" { "tsvector" } else { kind })],
        parameters: Vec::new(),
        include: Vec::new(),
        unique: false,
        nulls_not_distinct: false,
        constraint: false,
        filter: None,
    }
}

/// Documents as tsvectors are written; None is NULL.
type Documents = Vec<Option<String>>;

fn bytes(document: &str) -> Vec<u8> {
    vector::parse(document).unwrap()
}

fn column(documents: &Documents) -> Column {
    let value = |document: &Option<String>| match document {
        None => Value::Null,
        Some(document) => Value::Other(Kind::TsVector, bytes(document).as_slice().into()),
    };
    Column::from_values(VECTOR, documents.iter().map(value)).unwrap()
}

type Built = (MemDisk, Arc<ColdSegment>, InvertedCold);

/// A part that was written by `write`, of a segment with these documents; it is sound and agrees with them.
fn cold(kind: &str, documents: &Documents, write: &dyn Fn(&ColdSegment, &mut PartWriter<'_>)) -> Built {
    let (disk, segment) = segment(&[column(documents)], &vec![1; documents.len()]);
    let segment = Arc::new(segment);
    let mut out = PartWriter::create(&disk, Path::new(PATH)).unwrap();
    write(&segment, &mut out);
    out.finish().unwrap();
    let part = open(kind, &disk, &segment);
    assert_eq!(damage(&part), "[]");
    assert!(part.agrees(&def(kind)).unwrap());
    (disk, segment, part)
}

fn open(kind: &str, disk: &MemDisk, segment: &Arc<ColdSegment>) -> InvertedCold {
    let cache = Arc::new(PageCache::new(8 << 20));
    let reader = PartReader::new(disk.shared(), PATH.into(), PartReader::file_id(3, 1), cache);
    InvertedCold::open(reader, Arc::clone(segment), &def(kind))
}

fn damage(part: &dyn Part) -> String {
    let mut damage = Vec::new();
    part.verify(&mut |e| damage.push(e));
    format!("{damage:?}")
}

fn built(name: &str, documents: &Documents) -> Built {
    cold(name, documents, &|segment, out| kind(name).unwrap().build(&def(name), segment, out).unwrap())
}

fn found(part: &dyn Part, probe: &Probe) -> Vec<u32> {
    let (stats, bound, mut hits) = (ProbeStats::default(), ScoreBound::default(), Vec::new());
    assert!(part.serves(probe));
    part.search(probe, None, &stats, &bound).unwrap().next(&mut hits, usize::MAX).unwrap();
    hits.iter().map(|hit| hit.ordinal).collect()
}

/// Asks a part, and says whether it decided: then it names the rows that satisfy the query and no others, else all of these.
fn ask(part: &dyn Part, documents: &Documents, asked: &str) -> bool {
    let query = query::parse(asked).unwrap().0;
    let Some(probe) = probe(0, &query) else { return false };
    let satisfies = |document: &Option<String>| document.as_ref().is_some_and(|d| matches(&bytes(d), &query));
    let rows = (0u32..).zip(documents).filter(|(_, document)| satisfies(document));
    let expected: Vec<u32> = rows.map(|(row, _)| row).collect();
    let found = found(part, &probe);
    if part.decides(&probe) {
        assert_eq!(found, expected, "{asked}");
        return true;
    }
    assert!(expected.iter().all(|row| found.contains(row)), "{asked}");
    false
}

fn documents(most: usize) -> impl Strategy<Value = Documents> {
    let word =
        prop_oneof![6 => "[a-d]", 2 => "[a-d]{2}", 1 => Just("l".repeat(150)), 1 => Just("m".repeat(125))];
    // Without places, at some with weights, at more than a lexeme may have, at the end of what is counted.
    let places = prop_oneof![
        2 => Just(String::new()),
        8 => proptest::collection::vec((1u32..9, "[A-D]?"), 1..4).prop_map(|places| {
            let places: Vec<String> = places.iter().map(|(at, weight)| format!("{at}{weight}")).collect();
            format!(":{}", places.join(","))
        }),
        1 => Just(format!(":{}", (1..300).map(|at| (at * 70).to_string()).collect::<Vec<_>>().join(","))),
    ];
    let document = proptest::collection::vec((word, places).prop_map(|(word, places)| word + &places), 0..6);
    let document = document.prop_map(|lexemes| lexemes.join(" "));
    proptest::collection::vec(proptest::option::weighted(0.95, document), 1..most)
}

fn queries() -> impl Strategy<Value = String> {
    let marks =
        prop_oneof![6 => Just(""), 1 => Just(":*"), 1 => Just(":A"), 1 => Just(":BD"), 1 => Just(":~1")];
    let word =
        prop_oneof![8 => "[a-d]", 2 => "[a-e]{2}", 1 => Just("l".repeat(150)), 1 => Just("m".repeat(125))];
    let leaf = (word, marks).prop_map(|(word, marks)| word + marks);
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            3 => (inner.clone(), "&|\\||<->|<2>|<0>", inner.clone())
                .prop_map(|(left, joint, right)| format!("({left}) {joint} ({right})")),
            1 => inner.prop_map(|of| format!("!({of})")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn parts_name_the_documents_that_satisfy_a_query(
        documents in documents(700),
        asked in proptest::collection::vec(queries(), 1..24),
    ) {
        for kind in KINDS {
            let (_disk, _segment, cold) = built(kind, &documents);
            let mut hot = InvertedHot::new(def(kind));
            hot.insert(0, &[column(&documents)]).unwrap();
            for asked in &asked {
                ask(&cold, &documents, asked);
                ask(&hot, &documents, asked);
            }
        }
    }

    #[test]
    fn positions_stay_with_their_rows_through_a_merge(
        sources in proptest::collection::vec(documents(400), 1..4),
        asked in proptest::collection::vec(queries(), 1..8),
        seed in any::<u64>(),
    ) {
        // Rows of the sources in turns, every seventh left out.
        let total: u64 = sources.iter().map(|rows| rows.len() as u64).sum();
        let mut maps: Vec<OrdinalMap> =
            sources.iter().map(|rows| OrdinalMap::merging(rows.len() as u32, total)).collect();
        let (mut target, mut next, mut state) = (Documents::new(), vec![0usize; sources.len()], seed);
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
        for name in KINDS {
            let parts: Vec<_> = sources.iter().map(|documents| built(name, documents)).collect();
            let (merged, _, part) = cold(name, &target, &|segment, out| {
                let sources = parts.iter().zip(&maps);
                let sources: Vec<MergeSource<'_>> = sources
                    .map(|((_, segment, part), map)| MergeSource { part: Some(part), segment, map })
                    .collect();
                kind(name).unwrap().merge(&def(name), &sources, segment, out).unwrap();
            });
            let (made, ..) = built(name, &target);
            assert_eq!(merged.bytes(Path::new(PATH)), made.bytes(Path::new(PATH)));
            asked.iter().for_each(|asked| {
                ask(&part, &target, asked);
            });
        }
    }
}

#[test]
fn phrases_weights_and_what_is_joined_of_words_are_decided() {
    let documents: Documents = (0..2000)
        .map(|i| match i % 5 {
            0 => Some(format!("all:1 is:{} well:{}", 2 + i % 3, 3 + i % 4)),
            1 => Some("all:2A well:3".to_string()),
            2 => Some("all well".to_string()),
            3 => None,
            _ => Some(String::new()),
        })
        .collect();
    for kind in KINDS {
        let (_disk, _segment, cold) = built(kind, &documents);
        let mut hot = InvertedHot::new(def(kind));
        hot.insert(0, &[column(&documents)]).unwrap();
        let joined = ["all", "al:*", "all & is", "all & !is", "!(!all | is)", "is | wel:~1", "!(!all & !is)"];
        for asked in joined {
            assert!(ask(&cold, &documents, asked) && ask(&hot, &documents, asked), "{asked}");
        }
        let placed = ["all <-> is", "all <2> well", "all:A & well", "all:BC", "all & !(is <-> well)"];
        for asked in placed.into_iter().chain(["all <-> !is", "(all <-> is) | (well & !is)"]) {
            assert!(ask(&cold, &documents, asked) && !ask(&hot, &documents, asked), "{asked}");
        }
        for asked in ["!all", "all | !is", "al:* <-> is", "al:*A", "all <-> wel:~1"] {
            assert!(!ask(&cold, &documents, asked) && !ask(&hot, &documents, asked), "{asked}");
        }
    }
}

/// The parts that an earlier version has written of the documents below.
const EARLIER: [(&str, &str); 2] = [
    (
        "bm25",
        "52454d50415254019dffbe4e000000005af14dc93d00000000000000000000000300010000000002002d01050400010474636174041100000101000000010203
         66617404110000010100000000cc324ae72b000000010000000000000001000100000010000000000000003d0000005af14dc90000000000ee6feda417000000
         030000000000000001030300030104060600000003000000090000000000000001000000010000004d000000000000002b000000cc324ae70000000001000000
         00000000000105000000090000000000000001000000780000000000000017000000ee6feda48f00000000000000570000008027628d00000000f4151f855245
         4d5041525401",
    ),
    (
        "gin",
        "52454d50415254019dffbe4e00000000e3ea9e013400000000000000000000000300010000000002002d01030401047463617404090000010102036661740409
         0000010170d258e52b0000000100000000000000010001000000100000000000000034000000e3ea9e0100000000000306000000030000000900000000000000
         010000000100000044000000000000002b00000070d258e5000000000100000000000000006f00000000000000360000008716b50c000000005772851452454d
         5041525401",
    ),
];

#[test]
fn parts_of_an_earlier_version_answer_and_are_made_anew_by_a_merge() {
    let texts = ["cat:1 fat:2", "cat:1A fat:3", "", "cat fat", "", "fat:1 cat:2,9"];
    let mut documents: Documents = texts.iter().map(|text| Some((*text).to_string())).collect();
    documents[2] = None;
    for (name, hex) in EARLIER {
        let (disk, segment, _) = built(name, &documents);
        let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
        let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
        disk.put(Path::new(PATH), digits.chunks(2).map(byte).collect());
        let part = open(name, &disk, &segment);
        assert_eq!((damage(&part), part.agrees(&def(name)).unwrap()), ("[]".to_string(), true));
        assert!(ask(&part, &documents, "cat & fat") && ask(&part, &documents, "cat & !dog"));
        assert!(!ask(&part, &documents, "cat <-> fat") && !ask(&part, &documents, "cat:A"));
        let phrase = probe(0, &query::parse("cat <-> fat").unwrap().0).unwrap();
        assert_eq!(found(&part, &phrase), [0, 1, 3, 5]);
        let mut map = OrdinalMap::merging(6, 6);
        (0..6).for_each(|row| map.set(row, row));
        let mut out = PartWriter::create(&disk, Path::new("seg/0000000002.3.idx")).unwrap();
        let source = MergeSource { part: Some(&part), segment: &segment, map: &map };
        kind(name).unwrap().merge(&def(name), &[source], &segment, &mut out).unwrap();
        out.finish().unwrap();
        disk.put(Path::new(PATH), disk.bytes(Path::new("seg/0000000002.3.idx")));
        let part = open(name, &disk, &segment);
        assert!(ask(&part, &documents, "cat <-> fat") && part.agrees(&def(name)).unwrap());
        assert_eq!(found(&part, &phrase), [0]);
    }
}

#[test]
fn every_damaged_byte_of_places_is_found() {
    let of = |i: u32| Some(format!("all:{} w{}:{}A,{}", 1 + i % 90, i % 40, 1 + i % 7, 9 + i % 5));
    let documents: Documents = (0..600).map(of).collect();
    let (disk, segment, _) = built("gin", &documents);
    let whole = disk.bytes(Path::new(PATH));
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        disk.put(Path::new(PATH), bytes);
        assert_ne!(damage(&open("gin", &disk, &segment)), "[]", "byte {at}");
    }
}

#[test]
fn the_bytes_of_a_small_part() {
    let documents = ["a:5 b:5,7", "a:5A,7 b", "a:1"].map(|text| Some(text.to_string())).to_vec();
    let (disk, ..) = built("gin", &documents);
    let hex: String = disk.bytes(Path::new(PATH)).iter().map(|byte| format!("{byte:02x}")).collect();
    // Two items, one restart; of each its rows, then where they have it.
    let leaf = "0200 0100 0000  00 03 007461 03 11 000000 0a 0b1708 02  02 01 62 02 0d 0000 090502 01";
    assert!(hex.contains(&leaf.replace(' ', "")), "{hex}");
    // The footer: kind, rows, items, rows in lists, leaves, inner pages.
    let footer = "09 03000000 02000000 0500000000000000 01000000 01000000";
    assert!(hex.contains(&footer.replace(' ', "")), "{hex}");
}
