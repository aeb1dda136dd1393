//! Full-text search: documents, queries and stored values of both, as whoever writes SQL or a file may make them.

use remanent_text::config::Config;
use remanent_text::document::{Notation, to_query, to_vector};
use remanent_text::headline::{Options, headline};
use remanent_text::{matching, parser, query, rank, vector};

const NOTATIONS: [Notation; 4] = [Notation::Query, Notation::Plain, Notation::Phrase, Notation::Web];

/// The first byte says what the others are; texts are cut in two where there is a line break.
pub fn run(data: &[u8]) {
    let Some((&what, rest)) = data.split_first() else { return };
    if what % 4 == 0 {
        return stored(rest);
    }
    let text = String::from_utf8_lossy(rest);
    let (document, asked) = text.split_once('\n').unwrap_or((&text, &text));
    let config = Config::all().nth(usize::from(what) % Config::all().count()).unwrap_or(Config::SIMPLE);
    let tokens = parser::Parser::new(document).map(|token| token.text.len()).sum::<usize>();
    assert!(tokens >= document.len(), "every character is in a token");
    if let Ok(vector) = vector::parse(document) {
        assert!(vector::is_valid(&vector));
        assert_eq!(vector::parse(&vector::print(&vector)).as_ref(), Ok(&vector));
        together(&vector, query::parse(asked).map(|(query, _)| query).unwrap_or_default());
    }
    let Ok(vector) = to_vector(config, &[document, asked]) else { return };
    assert!(vector::is_valid(&vector));
    let notation = NOTATIONS[usize::from(what / 4) % NOTATIONS.len()];
    if let Ok((query, _)) = to_query(config, notation, asked) {
        assert!(query::is_valid(&query));
        headline(config, document, &query, &Options::parse(asked).unwrap_or_default());
        together(&vector, query);
    }
}

/// Bytes that are taken for values.
fn stored(data: &[u8]) {
    let (first, second) = data.split_at(data.len() / 2);
    for bytes in [data, first] {
        vector::print(bytes);
        query::print(bytes);
        if vector::is_valid(bytes) {
            assert!(bytes.is_empty() || vector::parse(&vector::print(bytes)).is_ok());
        }
    }
    together(first, second.to_vec());
    together(data, query::parse("a & !b:* <-> c | d").expect("a query").0);
}

/// All that takes a tsvector and a tsquery.
fn together(vector: &[u8], query: Vec<u8>) {
    matching::matches(vector, &query);
    rank::rank(&rank::WEIGHTS, vector, &query, 63);
    rank::rank_covers(&rank::WEIGHTS, vector, &query, 63);
    query::required(&query);
    let _ = query::rewrite(&query, &query, &query::negated(&query));
    let _ = (vector::concat(vector, vector), vector::strip(vector), vector::filter(vector, 9));
}

/// Values and texts of all sorts.
pub fn seeds() -> Vec<Vec<u8>> {
    let texts = [
        "The cats' state-of-the-art fly-by, 3.5e-3 m at http://a.org/x?y <b>of</b> user@b.com &amp; Straße\n\"fat cat\" or -rat",
        "'a':1A,5 b:2 'it''s':3C\na & !b:*AB <-> (c | d) <2> 'e f'",
        "MaxWords=5, MinWords=2\nMaxFragments=2, StartSel='<', StopSel=\">\"",
    ];
    let values = [
        vector::parse("cat:3A,7 sat:2 zebra").expect("a value"),
        query::parse("a & !b:*A <3> c | d").expect("a value").0,
    ];
    let mut seeds = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        for what in [1u8, 6, 11, 17] {
            seeds.push([&[what + 16 * i as u8], text.as_bytes()].concat());
        }
    }
    seeds.extend(values.iter().map(|value| [&[0], value.as_slice()].concat()));
    seeds.push([&[0], values[0].as_slice(), values[1].as_slice()].concat());
    seeds
}
