//! LIKE against the plainest matcher there is.

use crate::sql::expr::{EvalContext, Expr, Resolver};
use crate::sql::functions::like::like_prefix;
use remanent_storage::value::{Batch, Column, Type, Value};

/// By recursion, character by character. The pattern has no backslash at its end.
fn matches(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|i| matches(rest, &text[i..])),
        ['_', rest @ ..] => !text.is_empty() && matches(rest, &text[1..]),
        ['\\', c, rest @ ..] | [c, rest @ ..] => text.first() == Some(c) && matches(rest, &text[1..]),
    }
}

/// All words over some letters up to a length.
fn words(letters: &[char], length: usize) -> Vec<String> {
    let mut all = vec![String::new()];
    let mut from = 0;
    for _ in 0..length {
        let until = all.len();
        for i in from..until {
            for letter in letters {
                let longer = format!("{}{letter}", all[i]);
                all.push(longer);
            }
        }
        from = until;
    }
    all
}

fn like(column: &Column, pattern: &str, ctx: &EvalContext<'_>) -> Vec<bool> {
    let pattern = Expr::literal(Value::Text(pattern.into()));
    let subject = Expr::column(0, Type::Text);
    let expr = Resolver::default().like(subject, pattern, None, false, false, 0).unwrap();
    let batch = Batch::new(vec![column.clone()], column.len());
    let found = expr.evaluate(&batch, ctx).unwrap();
    (0..found.len()).map(|i| matches!(found.value(i), Value::Bool(true))).collect()
}

#[test]
fn all_short_patterns_match_as_the_definition_says() {
    let texts = words(&['a', 'b', 'ø'], 4);
    let column = Column::from_values(Type::Text, texts.iter().map(|t| Value::Text(t.clone()))).unwrap();
    super::with_context(&[], |ctx| {
        for pattern in words(&['a', 'ø', '%', '_'], 4) {
            let chars: Vec<char> = pattern.chars().collect();
            let found = like(&column, &pattern, ctx);
            let (prefix, whole) = like_prefix(&pattern);
            for (text, found) in texts.iter().zip(found) {
                let expected = matches(&chars, &text.chars().collect::<Vec<_>>());
                assert_eq!(found, expected, "{text:?} LIKE {pattern:?}");
                assert!(!expected || text.starts_with(&prefix), "{prefix:?} of {pattern:?}");
                assert!(!whole || expected == (*text == prefix), "{pattern:?} is only its prefix");
            }
        }
    });
}

#[test]
fn the_prefix_of_a_pattern_is_its_text_before_the_first_wildcard() {
    let prefix = |pattern: &str| like_prefix(pattern);
    assert_eq!(prefix("abc%"), ("abc".into(), false));
    assert_eq!(prefix("a_c"), ("a".into(), false));
    assert_eq!(prefix("abc"), ("abc".into(), true));
    assert_eq!(prefix("%abc"), (String::new(), false));
    assert_eq!(prefix(r"50\% of%"), ("50% of".into(), false));
    assert_eq!(prefix(""), (String::new(), true));
}
