//! The text form of a query.

use super::{Item, Operand, items, lefts};
use crate::vector::Weight;
use crate::vector::parse::quote;

/// What is still to be printed.
enum Due {
    Text(&'static str),
    Distance(u16),
    /// The node of that number; how strongly what is around it binds; it is the right operand of `<N>`.
    Node(usize, u8, bool),
}

/// The text form: as few parentheses as can be.
pub fn print(bytes: &[u8]) -> String {
    let items = items(bytes);
    let lefts = lefts(&items);
    let mut out = String::new();
    let mut due = Vec::new();
    if !items.is_empty() {
        due.push(Due::Node(0, 0, false));
    }
    while let Some(next) = due.pop() {
        let (at, around, right_of_phrase) = match next {
            Due::Text(text) => {
                out.push_str(text);
                continue;
            }
            Due::Distance(distance) => {
                out.push_str(&format!(" <{distance}> "));
                continue;
            }
            Due::Node(at, around, right_of_phrase) => (at, around, right_of_phrase),
        };
        let (binds, between) = match items[at] {
            Item::Word(word) => {
                print_word(&word, &mut out);
                continue;
            }
            Item::Not => (4, Due::Text("!")),
            Item::And => (2, Due::Text(" & ")),
            Item::Or => (1, Due::Text(" | ")),
            Item::Phrase(1) => (3, Due::Text(" <-> ")),
            Item::Phrase(distance) => (3, Due::Distance(distance)),
        };
        let phrase = matches!(items[at], Item::Phrase(_));
        let parentheses = binds < around || phrase && right_of_phrase;
        if parentheses {
            due.push(Due::Text(" )"));
        }
        due.push(Due::Node(at + 1, binds, phrase));
        due.push(between);
        if items[at] != Item::Not {
            due.push(Due::Node(lefts[at], binds, false));
        }
        if parentheses {
            due.push(Due::Text("( "));
        }
    }
    out
}

fn print_word(word: &Operand<'_>, out: &mut String) {
    quote(word.text, out);
    if word.weights != 0 || !word.is_exact() {
        out.push(':');
    }
    if word.edits > 0 {
        out.push('~');
        out.push(if word.edits > 1 { '2' } else { '1' });
    }
    if word.prefix {
        out.push('*');
    }
    for weight in Weight::ALL.into_iter().rev() {
        if word.weights & weight.bit() != 0 {
            out.push(weight.letter());
        }
    }
}
