//! The text forms of tsvector and tsquery, and what makes one of another: each answer is PostgreSQL 15's.

use remanent_text::{query, vector};

fn vector_of(text: &str) -> Vec<u8> {
    vector::parse(text).unwrap()
}

fn query_of(text: &str) -> Vec<u8> {
    query::parse(text).unwrap().0
}

#[test]
fn vectors_are_read_and_printed() {
    for (text, printed) in [
        ("a fat cat", "'a' 'cat' 'fat'"),
        ("a:1A2", "'a':1A"),
        (":a", "':a'"),
        ("a b:3,2,2A c", "'a' 'b':2A,3 'c'"),
        ("  ", ""),
        ("a'b", "'a''b'"),
        ("x:99999999999999999999", "'x':16383"),
        ("'it''s':2 'sp ace' \\:a a\\:b", "':a' 'a:b' 'it''s':2 'sp ace'"),
    ] {
        assert_eq!(vector::print(&vector_of(text)), printed, "{text}");
    }
    for (text, message) in [
        ("a:1abc", "syntax error in tsvector: \"a:1abc\""),
        ("a:", "syntax error in tsvector: \"a:\""),
        ("a:0", "wrong position info in tsvector: \"a:0\""),
        ("''", "syntax error in tsvector: \"''\""),
        ("'a", "syntax error in tsvector: \"'a\""),
        ("a\\", "there is no escaped character: \"a\\\""),
    ] {
        assert_eq!(vector::parse(text).unwrap_err().message, message);
    }
    let long = vector::parse(&"x".repeat(3000)).unwrap_err();
    assert_eq!(
        (long.code, long.message.as_str()),
        ("54000", "word is too long (3000 bytes, max 2047 bytes)")
    );
}

#[test]
fn bytes_that_are_no_layout_read_as_less() {
    let value = vector_of("cat:3A,7 sat:2 zebra");
    assert!(vector::is_valid(&value) && vector::is_valid(&[]));
    for end in 0..value.len() {
        vector::print(&value[..end]);
        assert!(end == 0 || !vector::is_valid(&value[..end]), "{end}");
        for flip in 0..end {
            let mut bytes = value.clone();
            bytes[flip] ^= 0xff;
            vector::print(&bytes);
            vector::is_valid(&bytes);
        }
    }
    let value = query_of("a & !b:*A <3> c | d");
    for end in 0..value.len() {
        assert_eq!(query::print(&value[..end]), "");
        assert_eq!(query::is_valid(&value[..end]), end == 0);
    }
}

#[test]
fn queries_are_read_and_printed() {
    for (text, printed) in [
        ("fat & (rat | cat)", "'fat' & ( 'rat' | 'cat' )"),
        ("a | b & c <-> !d", "'a' | 'b' & 'c' <-> !'d'"),
        ("!(a & b)", "!( 'a' & 'b' )"),
        ("!!a", "!!'a'"),
        ("a <-> (b <-> c)", "'a' <-> ( 'b' <-> 'c' )"),
        ("a <-> b <2> c", "'a' <-> 'b' <2> 'c'"),
        ("super:*ab & 'it''s':d", "'super':*AB & 'it''s':D"),
    ] {
        assert_eq!(query::print(&query_of(text)), printed, "{text}");
    }
    assert_eq!(query::parse(" ").unwrap(), (Vec::new(), Some(query::Empty::NoLexemes)));
    for (text, message) in [
        ("a b", "syntax error in tsquery: \"a b\""),
        ("a &", "no operand in tsquery: \"a &\""),
        ("(a", "syntax error in tsquery: \"(a\""),
        ("a)", "syntax error in tsquery: \"a)\""),
        (
            "a <99999> b",
            "distance in phrase operator must be an integer value between zero and 16384 inclusive",
        ),
    ] {
        assert_eq!(query::parse(text).unwrap_err().message, message);
    }
}

#[test]
fn deep_queries_need_no_stack() {
    let deep = format!("{}a{}", "!(".repeat(100_000), ")".repeat(100_000));
    let query = query_of(&deep);
    assert_eq!(query::count(&query), 100_001);
    assert_eq!(query::print(&query), format!("{}'a'", "!".repeat(100_000)));
    assert_eq!(query::required(&query), "T");
    assert_eq!(query::rewrite(&query, &query_of("a"), &query_of("b")).unwrap_err().code, "54001");
    let right = query_of(&format!("{}a{}", "a & (".repeat(50_000), ")".repeat(50_000)));
    assert!(query::rewrite(&right, &query_of("a & a"), &[]).is_ok());
}

#[test]
fn queries_are_rewritten() {
    for (query, target, substitute, result) in [
        ("a & b", "a", "c", "'b' & 'c'"),
        ("a & b & c", "a & c", "d | e", "'b' & ( 'e' | 'd' )"),
        ("a & b & c & d & e & f", "a & c", "x & y", "'e' & 'b' & 'f' & 'd' & 'y' & 'x'"),
        ("!(a & b)", "b & a", "x", "!'x'"),
        ("a", "a", "", ""),
        ("a | !b", "b", "", "'a'"),
    ] {
        let rewritten = query::rewrite(&query_of(query), &query_of(target), &query_of(substitute)).unwrap();
        assert_eq!(query::print(&rewritten), result, "{query}");
    }
}

#[test]
fn the_layout_is_as_its_module_says() {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let vector = "0000001b00000002 0063617400fffff0 0173617400 000000080000000d".replace(' ', "");
    assert_eq!(hex(&vector_of("cat:3A sat")), vector);
    assert_eq!(hex(&query_of("fat & rat:*")), "03 01100300726174 01000300666174".replace(' ', ""));
}
