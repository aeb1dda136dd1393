//! LIKE and ILIKE.
//!
//! `%` stands for any text, `_` for one character, a backslash takes the next character literally (`ESCAPE`
//! is rewritten to it by `like_escape`). Patterns are compiled once where they are constant: to a comparison, texts
//! sought one behind the other in whole columns at once, or, where there is a `_`, to parts that are matched from left to right.
//!
//! ```text
//! 'abc' LIKE 'a%'   →  starts with "a"
//! 'abc' LIKE '%b%c'  →  "b" somewhere, behind it ends with "c"
//! 'abc' LIKE '%b_'  →  parts: [any] "b" one-character [end]
//! ```
//!
//! Limits: ILIKE compares lower-case forms, as PostgreSQL does, by Unicode's mapping whatever the locale.

use super::string::lower;
use super::support::bool_column;
use super::{Args, BPCHAR, BYTEA, Function, Signature, TEXT, f};
use remanent_kernels::compare::invert;
use remanent_kernels::text::{Sought, mask_of};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Buffer, Column, ColumnData, Type, Value};

// Blanks at the end of `character(n)` count here.
static LIKE: &[Signature] = &[(&[TEXT, TEXT], Type::Bool), (&[BPCHAR, TEXT], Type::Bool)];

static BYTES: &[Signature] = &[(&[BYTEA, BYTEA], Type::Bool)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("~~", LIKE, |a| like(a, false, false)),
    f("!~~", LIKE, |a| like(a, false, true)),
    f("~~*", LIKE, |a| like(a, true, false)),
    f("!~~*", LIKE, |a| like(a, true, true)),
    f("~~", BYTES, |a| like_bytes(a, false)),
    f("!~~", BYTES, |a| like_bytes(a, true)),
    f("like_escape", &[(&[TEXT, TEXT], Type::Text)], like_escape),
];

fn like(args: &Args<'_>, insensitive: bool, negated: bool) -> Result<Column> {
    let compile = |row: usize| -> Result<Pattern> {
        let text = args.text(1, row)?;
        Ok(if insensitive { Pattern::new(&lower(text)) } else { Pattern::new(text) })
    };
    let fixed = match args.columns[1].as_constant() {
        Some(_) if args.rows > 0 => Some(compile(0)?),
        _ => None,
    };
    if let (Some(Pattern::Texts(sought)), false, ColumnData::Bytes(strings)) =
        (&fixed, insensitive, args.columns[0].data())
    {
        let buffers: Vec<&[u8]> = strings.buffers.iter().map(Buffer::as_slice).collect();
        let mut mask = Vec::with_capacity(args.rows.div_ceil(64));
        mask_of(sought, &strings.views, &buffers, &mut mask);
        if negated {
            invert(&mut mask, args.rows);
        }
        return Ok(bool_column(mask, args.rows, args.valid.clone()));
    }
    args.map_bool(&mut |row| {
        let own;
        let pattern = match &fixed {
            Some(pattern) => pattern,
            None => {
                own = compile(row)?;
                &own
            }
        };
        let found = match insensitive {
            true => pattern.matches(lower(args.text(0, row)?).as_bytes())?,
            false => pattern.matches(args.columns[0].bytes(row))?,
        };
        Ok(found != negated)
    })
}

/// LIKE of bytes: of texts with a character for each byte.
fn like_bytes(args: &Args<'_>, negated: bool) -> Result<Column> {
    let text = |column: &Column| {
        let texts = column.values().map(|value| match value {
            Value::Bytea(bytes) => Value::Text(bytes.into_iter().map(char::from).collect()),
            other => other,
        });
        Column::from_values(Type::Text, texts)
    };
    let column = |column: &Column| match column.as_constant() {
        Some(one) => Column::constant(Type::Text, &text(one)?.value(0), args.rows),
        None => text(column),
    };
    let columns = args.columns.iter().map(column).collect::<Result<Vec<_>>>()?;
    like(&Args { columns: &columns, valid: args.valid.clone(), ..*args }, false, negated)
}

/// What a pattern consists of.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// That text.
    Text(Vec<u8>),
    /// `_`: one character.
    One,
    /// `%`: any text.
    Any,
    /// A backslash at the end: an error, if the match ever gets there.
    BadEnd,
}

/// A compiled pattern.
#[derive(Debug)]
enum Pattern {
    Equal(Vec<u8>),
    Texts(Sought),
    General(Vec<Part>),
}

fn parts_of(pattern: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        let literal = match c {
            '%' | '_' => None,
            '\\' => match chars.next() {
                Some(next) => Some(next),
                None => {
                    flush(&mut text, &mut parts);
                    parts.push(Part::BadEnd);
                    break;
                }
            },
            c => Some(c),
        };
        match literal {
            Some(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None => {
                flush(&mut text, &mut parts);
                if c == '_' {
                    parts.push(Part::One);
                } else if parts.last() != Some(&Part::Any) {
                    parts.push(Part::Any);
                }
            }
        }
    }
    flush(&mut text, &mut parts);
    parts
}

fn flush(text: &mut Vec<u8>, parts: &mut Vec<Part>) {
    if !text.is_empty() {
        parts.push(Part::Text(std::mem::take(text)));
    }
}

impl Pattern {
    fn new(pattern: &str) -> Self {
        let parts = parts_of(pattern);
        match parts.as_slice() {
            [] => Pattern::Equal(Vec::new()),
            [Part::Text(t)] => Pattern::Equal(t.clone()),
            _ if parts.iter().all(|part| matches!(part, Part::Text(_) | Part::Any)) => {
                let text = |part: &Part| if let Part::Text(t) = part { t.clone() } else { Vec::new() };
                let (first, last) = (parts.first().map(text), parts.last().map(text));
                let ends = usize::from(first.as_ref().is_some_and(|t| !t.is_empty()));
                let before = parts.len() - usize::from(last.as_ref().is_some_and(|t| !t.is_empty()));
                let middle = parts[ends..before].iter().map(text).filter(|t| !t.is_empty()).collect();
                let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
                Pattern::Texts(Sought { first, middle, last })
            }
            _ => Pattern::General(parts),
        }
    }

    fn matches(&self, text: &[u8]) -> Result<bool> {
        match self {
            Pattern::Equal(t) => Ok(text == t),
            Pattern::Texts(sought) => Ok(sought.is_in(text)),
            Pattern::General(parts) => general(parts, text),
        }
    }
}

/// Matches part by part; a mismatch goes back to the last `%`, which then takes one character more. That the last one
/// suffices is why this is never worse than text × pattern.
fn general(parts: &[Part], text: &[u8]) -> Result<bool> {
    let (mut part, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let rest = &text[at..];
        let step = match parts.get(part) {
            None if rest.is_empty() => return Ok(true),
            None => None,
            Some(Part::Any) => {
                if part + 1 == parts.len() {
                    return Ok(true);
                }
                retry = Some((part + 1, at));
                Some(0)
            }
            Some(Part::Text(t)) => rest.starts_with(t).then_some(t.len()),
            Some(Part::One) => (!rest.is_empty()).then(|| character(rest)),
            Some(Part::BadEnd) if rest.is_empty() => None,
            Some(Part::BadEnd) => {
                return Err(Error::new(
                    state::INVALID_ESCAPE_SEQUENCE,
                    "LIKE pattern must not end with escape character",
                ));
            }
        };
        match (step, &mut retry) {
            (Some(length), _) => {
                part += 1;
                at += length;
            }
            (None, Some((after, from))) if *from < text.len() => {
                *from += character(&text[*from..]);
                (part, at) = (*after, *from);
            }
            (None, _) => return Ok(false),
        }
    }
}

/// The length of the first character of a non-empty text.
fn character(text: &[u8]) -> usize {
    text.iter().skip(1).take_while(|&&b| b & 0xc0 == 0x80).count() + 1
}

/// The literal text with which everything matching a LIKE pattern begins, and whether the pattern is nothing but
/// that text (then LIKE is `=`). For access paths.
pub fn like_prefix(pattern: &str) -> (String, bool) {
    let parts = parts_of(pattern);
    match parts.as_slice() {
        [] => (String::new(), true),
        [Part::Text(t), rest @ ..] => (String::from_utf8_lossy(t).into_owned(), rest.is_empty()),
        _ => (String::new(), false),
    }
}

/// The pattern with its escape character replaced by the backslash.
fn like_escape(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| {
        let (pattern, escape) = (args.text(0, row)?, args.text(1, row)?);
        let mut escapes = escape.chars();
        let escape = escapes.next();
        if escapes.next().is_some() {
            return Err(Error::new(state::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                .with_hint("Escape string must be empty or one character."));
        }
        let mut after_escape = false;
        for c in pattern.chars() {
            if Some(c) == escape && !after_escape {
                out.push('\\');
                after_escape = true;
                continue;
            }
            if c == '\\' && !after_escape {
                out.push('\\');
            }
            out.push(c);
            after_escape = false;
        }
        Ok(())
    })
}
