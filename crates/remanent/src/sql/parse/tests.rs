//! Golden trees, positions of errors, printing and parsing again, and text that makes no sense.
//!
//! `golden.txt` has a statement a line, then what it prints as, behind `=`, or its error, behind `!`. Run with
//! REMANENT_BLESS=1 to write down what comes out now.

use super::*;
use crate::sql::ast::{ExprKind, Literal, StatementKind};
use std::fmt::Write;

/// What `golden.txt` says of a statement.
fn outcome(sql: &str) -> String {
    match parse(sql) {
        Ok(statements) => {
            let printed: Vec<_> = statements.iter().map(ToString::to_string).collect();
            format!("= {}", printed.join("; ").replace('\n', "\\n"))
        }
        Err(e) => {
            let mut line = format!("! {} {}", e.code(), e.message());
            if let Some(at) = e.position() {
                write!(line, " at {at}").unwrap();
            }
            line
        }
    }
}

#[test]
fn golden_statements() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/sql/parse/golden.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let mut out = String::new();
    for line in text.lines().filter(|line| !line.starts_with("= ") && !line.starts_with("! ")) {
        out += line;
        out.push('\n');
        if !line.is_empty() && !line.starts_with('#') {
            out += &outcome(line);
            out.push('\n');
        }
    }
    if std::env::var_os("REMANENT_BLESS").is_some() {
        std::fs::write(path, out).unwrap();
    } else {
        for (number, (now, then)) in out.lines().zip(text.lines()).enumerate() {
            assert_eq!(now, then, "golden.txt, line {}", number + 1);
        }
        assert_eq!(out.lines().count(), text.lines().count());
    }
}

/// Operators with all their parentheses.
fn shape(sql: &str) -> String {
    fn of(e: &Expr) -> String {
        let many = |parts: &[Expr], op: &str| {
            format!("({})", parts.iter().map(of).collect::<Vec<_>>().join(&format!(" {op} ")))
        };
        match &e.kind {
            ExprKind::Binary { op, left, right } => format!("({} {} {})", of(left), op.name, of(right)),
            ExprKind::Unary { op, expr } => format!("({} {})", op.name, of(expr)),
            ExprKind::And(parts) => many(parts, "AND"),
            ExprKind::Or(parts) => many(parts, "OR"),
            ExprKind::Not(e) => format!("(NOT {})", of(e)),
            ExprKind::Cast { expr, ty, .. } => format!("({}::{ty})", of(expr)),
            ExprKind::IsNull { expr, .. } => format!("({} IS NULL)", of(expr)),
            ExprKind::Collate { expr, .. } => format!("({} COLLATE)", of(expr)),
            ExprKind::Between { expr, low, high, .. } => {
                format!("({} BETWEEN {} AND {})", of(expr), of(low), of(high))
            }
            ExprKind::Like { expr, pattern, .. } => format!("({} LIKE {})", of(expr), of(pattern)),
            ExprKind::In { expr, list, .. } => format!("({} IN {})", of(expr), many(list, ",")),
            _ => e.to_string(),
        }
    }
    of(&parse_expr(sql).unwrap())
}

#[test]
fn operators_bind_as_in_postgresql() {
    for (sql, wanted) in [
        ("1 + 2 * 3 - 4", "((1 + (2 * 3)) - 4)"),
        ("2 ^ 3 ^ 2", "((2 ^ 3) ^ 2)"),
        ("-2 ^ 2", "(-2 ^ 2)"),
        ("- a ^ 2", "((- a) ^ 2)"),
        ("-a::int", "(- (a::int4))"),
        ("-1::int", "(- (1::int4))"),
        ("a || b + c", "(a || (b + c))"),
        ("a <-> b < c", "((a <-> b) < c)"),
        ("a = b OR c AND NOT d = e", "((a = b) OR (c AND (NOT (d = e))))"),
        ("NOT a = b", "(NOT (a = b))"),
        ("a < b IS NULL", "((a < b) IS NULL)"),
        ("a IS NULL = b", "((a IS NULL) = b)"),
        ("a + b IS NULL AND c", "(((a + b) IS NULL) AND c)"),
        ("a BETWEEN b AND c AND d", "((a BETWEEN b AND c) AND d)"),
        ("a BETWEEN b < c AND d OR e", "((a BETWEEN (b < c) AND d) OR e)"),
        ("a LIKE b || 'x' = c", "((a LIKE (b || 'x')) = c)"),
        ("a IN (1, 2) AND b", "((a IN (1 , 2)) AND b)"),
        ("a AND b AND c AND d", "(a AND b AND c AND d)"),
        ("(a AND b) AND (c AND d)", "(a AND b AND (c AND d))"),
        ("@ a + b", "(@ (a + b))"),
        ("- - 1", "1"),
        ("- -a", "(- (- a))"),
        ("a COLLATE \"C\" || b", "((a COLLATE) || b)"),
        ("a OPERATOR(pg_catalog.*) b + c", "(a * (b + c))"),
        ("a -1", "(a - 1)"),
        ("a=-1", "(a = -1)"),
        ("a@-1", "(a @- 1)"),
    ] {
        assert_eq!(shape(sql), wanted, "{sql}");
    }
}

#[test]
fn what_does_not_associate_is_refused() {
    for (sql, at) in [
        ("a < b < c", 6),
        ("a = b <> c", 6),
        ("a BETWEEN 1 AND 2 BETWEEN 3 AND 4", 18),
        ("a LIKE b LIKE c", 9),
    ] {
        let error = parse_expr(sql).unwrap_err();
        assert_eq!((error.code(), error.position()), ("42601", Some(at)), "{sql}");
    }
}

#[test]
fn numbers_are_integers_where_they_fit() {
    let literal = |sql: &str| match parse_expr(sql).unwrap().kind {
        ExprKind::Literal(literal) => literal,
        other => panic!("{other:?}"),
    };
    assert_eq!(literal("9223372036854775807"), Literal::Integer(i64::MAX));
    assert_eq!(literal("9223372036854775808"), Literal::Numeric("9223372036854775808".into()));
    assert_eq!(literal("-9223372036854775808"), Literal::Integer(i64::MIN));
    assert_eq!(literal("-(-9223372036854775808)"), Literal::Numeric("9223372036854775808".into()));
    assert_eq!(literal("1.50"), Literal::Numeric("1.50".into()));
    assert_eq!(literal("-.5e-3"), Literal::Numeric("-.5e-3".into()));
    assert_eq!(literal("007"), Literal::Integer(7));
}

#[test]
fn spans_say_where_things_stand() {
    let sql = "SELECT a, lower( b ) AS c FROM t WHERE x . y >= 1 + 2";
    let statement = parse(sql).unwrap().remove(0);
    let StatementKind::Query(query) = &statement.kind else { panic!("{statement:?}") };
    let crate::sql::ast::QueryBody::Select(select) = &query.body else { panic!("{query:?}") };
    let text = |span: Span| &sql[span.range()];
    assert_eq!(text(statement.span), sql);
    assert_eq!(text(select.items[1].expr.span), "lower( b )");
    assert_eq!(text(select.from[0].span), "t");
    let filter = select.filter.as_ref().unwrap();
    assert_eq!(text(filter.span), "x . y >= 1 + 2");
    let ExprKind::Binary { op, left, right } = &filter.kind else { panic!("{filter:?}") };
    assert_eq!((text(left.span), text(op.span), text(right.span)), ("x . y", ">=", "1 + 2"));
}

#[test]
fn statements_come_one_by_one() {
    let sql = "SELECT 1;; SELEC 2; SELECT $3, $1 ; -- end";
    let all: Vec<_> = statements(sql).collect();
    assert_eq!(all.len(), 3);
    assert_eq!(&sql[all[0].as_ref().unwrap().span.range()], "SELECT 1");
    assert_eq!(all[1].as_ref().unwrap_err().position(), Some(11));
    let last = all[2].as_ref().unwrap();
    assert_eq!((&sql[last.span.range()], last.params), ("SELECT $3, $1", 3));
    assert_eq!(statements(" -- nothing\n ; ;").count(), 0);
    // After text that is no token there is nothing to go on with.
    assert_eq!(statements("SELECT 'open; SELECT 1; SELECT 2").count(), 1);
}

#[test]
fn names_are_folded_and_cut() {
    let name = |sql: &str| match parse_expr(sql).unwrap().kind {
        ExprKind::Column(name) => name.parts.iter().map(|p| p.name.clone()).collect::<Vec<_>>().join("|"),
        other => panic!("{other:?}"),
    };
    assert_eq!(name("FooBar"), "foobar");
    assert_eq!(name("\"FooBar\".\"a\"\"b\""), "FooBar|a\"b");
    assert_eq!(name("Straße"), "straße");
    assert_eq!(name("U&\"d\\0061t\\+000061\""), "data");
    assert_eq!(name(&"x".repeat(80)).len(), 63);
    // Not within a character.
    assert_eq!(name(&"ø".repeat(40)), "ø".repeat(31));
    assert_eq!(name("t . select"), "t|select");
    assert_eq!(name("year"), "year");
}

#[test]
fn strings_are_decoded() {
    let string = |sql: &str| match parse_expr(sql).map(|e| e.kind) {
        Ok(ExprKind::Literal(Literal::String(text))) => text,
        Ok(other) => panic!("{other:?}"),
        Err(error) => format!("{error:?}"),
    };
    assert_eq!(string(r"'it''s \n'"), r"it's \n");
    assert_eq!(string(r"E'it''s\n\t\\\'\x41\101\u00e9\U0001F600'"), "it's\n\t\\'AAé😀");
    assert_eq!(string(r"e'\ud83d\ude00'"), "😀");
    assert_eq!(string(r"U&'\0041\+01F600!'"), "A😀!");
    assert_eq!(string(r"U&'!0041\' UESCAPE '!'"), r"A\");
    assert_eq!(string("'one'\n  -- and\n 'two'"), "onetwo");
    assert_eq!(string("$$it's$$"), "it's");
    assert_eq!(string("$a$ $$ $b$ $a$"), " $$ $b$ ");
    assert_eq!(string(r"E'\xff'"), "22021: invalid byte sequence for encoding \"UTF8\": 0xff; at byte 0");
    assert_eq!(string("'a\0'"), "22021: invalid byte sequence for encoding \"UTF8\": 0x00; at byte 0");
    assert!(string(r"E'\ud83d'").contains("invalid Unicode surrogate pair"));
    assert!(string(r"E'\u12'").contains("invalid Unicode escape"));
    assert!(string("'a' 'b'").contains("syntax error at or near \"'b'\""));
}

/// Statements of many kinds, from the golden file.
fn samples() -> Vec<&'static str> {
    include_str!("golden.txt").lines().filter(|l| !l.is_empty() && !l.starts_with(['#', '=', '!'])).collect()
}

fn assert_prints_and_parses(sql: &str) {
    let Ok(statements) = parse(sql) else { return };
    for statement in statements {
        let printed = statement.to_string();
        let again = parse(&printed).unwrap_or_else(|e| panic!("{sql}\nprints {printed}\nwhich is {e:?}"));
        assert_eq!(again.len(), 1, "{printed}");
        assert!(again[0].kind == statement.kind, "{sql}\nprints {printed}\nwhich is {}", again[0]);
    }
}

#[test]
fn printed_trees_parse_to_themselves() {
    samples().into_iter().for_each(assert_prints_and_parses);
}

/// xorshift64
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n.max(1) as u64) as usize
    }
}

/// Statements whose words were moved, doubled, dropped and mixed: none may panic, and what is still a statement
/// prints and parses.
#[test]
fn mutated_statements_end_in_a_tree_or_an_error() {
    let samples = samples();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let cut = |sql: &str| {
        let mut lexer = Lexer::new(sql);
        let mut words = Vec::new();
        loop {
            let token = lexer.next();
            if matches!(token.kind, Kind::End | Kind::Bad) {
                return words;
            }
            words.push(sql[token.span.range()].to_string());
        }
    };
    for _ in 0..20_000 {
        let mut words = cut(samples[random.below(samples.len())]);
        let other = cut(samples[random.below(samples.len())]);
        for _ in 0..=random.below(3) {
            let at = random.below(words.len() + 1);
            match random.below(4) {
                0 if at < words.len() => drop(words.remove(at)),
                1 if at < words.len() => words.insert(at, words[at].clone()),
                2 if at < words.len() => words.swap(at, 0),
                _ if !other.is_empty() => words.insert(at, other[random.below(other.len())].clone()),
                _ => {}
            }
        }
        assert_prints_and_parses(&words.join(" "));
    }
    // Bytes as well as words.
    for _ in 0..20_000 {
        let mut bytes = samples[random.below(samples.len())].as_bytes().to_vec();
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match (random.below(3), bytes.get_mut(at)) {
                (0, Some(byte)) => *byte = random.below(256) as u8,
                (1, Some(_)) => drop(bytes.remove(at)),
                _ => bytes.insert(at, b"'\"$\\()[];:.,-+*/e&x\0"[random.below(20)]),
            }
        }
        assert_prints_and_parses(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn what_nests_too_deep_is_too_complex() {
    let nested = |open: &str, inner: &str, close: &str, n: usize| {
        format!("SELECT {}{inner}{}", open.repeat(n), close.repeat(n))
    };
    let deep = |sql: &str| parse(sql).map(drop).map_err(|e| e.code());
    for (open, inner, close) in [
        ("(", "1", ")"),
        ("(SELECT ", "1", ")"),
        ("f(", "1", ")"),
        ("NOT ", "a", ""),
        ("- ", "a", ""),
        ("CASE WHEN a THEN ", "1", " END"),
        ("ARRAY[", "1", "]"),
        ("1 IN (", "1", ")"),
        ("EXISTS (SELECT * FROM (SELECT ", "1", ") t)"),
        ("a[", "1", "]"),
        ("1 + (2 * ", "3", ")"),
    ] {
        assert_eq!(deep(&nested(open, inner, close, 30)), Ok(()), "{open}");
        assert_eq!(deep(&nested(open, inner, close, 100_000)), Err("54001"), "{open}");
    }
    let chain = |link: &str, n: usize| format!("SELECT 1{}", link.repeat(n));
    // A join or a UNION counts two.
    let high = MAX_HEIGHT as usize / 2 - 10;
    for link in [" + 1", " || 'x'", "::int", " = ANY (a)", " UNION SELECT 1", " IS NULL"] {
        assert_eq!(deep(&chain(link, high)), Ok(()), "{link}");
        assert_eq!(deep(&chain(link, 100_000)), Err("54001"), "{link}");
    }
    for link in [" CROSS JOIN b", ", b"] {
        let from = |n: usize| format!("SELECT * FROM a{}", link.repeat(n));
        assert_eq!((deep(&from(high)), deep(&from(100_000))), (Ok(()), Err("54001")));
    }
    // Wide is not deep.
    for link in [" OR a = 1", " AND a = 1", ", 1"] {
        assert_eq!(deep(&chain(link, 20_000)), Ok(()), "{link}");
    }
}

/// Chains within chains: their heights add up.
#[test]
fn heights_add_up() {
    let mut sql = "1".to_string();
    for _ in 0..10 {
        sql = format!("({sql}{})", " + 1".repeat(100));
    }
    assert_eq!(parse(&format!("SELECT {sql}")).unwrap_err().code(), "54001");
}

/// What PostgreSQL 15 accepted while it ran its own tests. The corpus lies beside the repository where it is
/// developed (`REMANENT_POSTGRES_DATA` names another folder); elsewhere this test has nothing to do.
#[test]
fn postgresql_s_own_statements() {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/postgres");
    let folder = std::env::var("REMANENT_POSTGRES_DATA").unwrap_or_else(|_| beside.to_string());
    let path = format!("{folder}/accepted-statements.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: {path} is not there");
        return;
    };
    let (mut all, mut syntax, mut queries, mut parsed) = (0, 0, 0, 0);
    for line in text.lines() {
        let sql = from_json(line);
        let outcome = parse(&sql);
        let mut lexer = Lexer::new(&sql);
        let mut word = lexer.next();
        while word.is("(") {
            word = lexer.next();
        }
        all += 1;
        // Of INTO in a subquery PostgreSQL says the same, once it has read it.
        let wrong = |e: &Error| e.code() == "42601" && e.message() != "SELECT ... INTO is not allowed here";
        let wrong = outcome.as_ref().is_err_and(wrong);
        syntax += usize::from(wrong);
        if QUERIES.iter().any(|w| word.is(w)) {
            queries += 1;
            parsed += usize::from(outcome.is_ok());
        }
        let must = QUERIES.iter().chain(TRANSACTIONS).any(|w| word.is(w));
        assert!(!(must && wrong), "{sql}: {}", outcome.err().map_or(String::new(), |e| e.to_string()));
        assert_prints_and_parses(&sql);
    }
    println!(
        "{parsed} of {queries} queries and changes parse; {syntax} of all {all} are called syntax errors"
    );
    assert!(queries > 7_000 && parsed * 1000 >= queries * 985, "{parsed} of {queries}");
    assert!(syntax * 1000 <= all, "{syntax} of {all}");
}

const QUERIES: &[&str] = &["select", "values", "insert", "update", "delete", "table", "with"];

/// What is never called a syntax error, besides.
const TRANSACTIONS: &[&str] =
    &["copy", "explain", "begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"];

/// A JSON string without its quotes and escapes.
fn from_json(line: &str) -> String {
    let mut out = String::new();
    let mut chars = line.trim().trim_start_matches('"').chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('b') => out.push('\u{8}'),
                Some('f') => out.push('\u{c}'),
                Some('u') => {
                    let hex: String = chars.by_ref().take(4).collect();
                    out.extend(u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32));
                }
                other => out.extend(other),
            },
            c => out.push(c),
        }
    }
    out
}
