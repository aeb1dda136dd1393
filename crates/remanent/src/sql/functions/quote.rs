//! Text as SQL writes it: identifiers and literals in quotes, and `format`, which puts them together.
//!
//! ```text
//! quote_ident('Flight log')                       "Flight log"
//! quote_literal('it''s')                          'it''s'
//! format('SELECT * FROM %I WHERE v > %L', 't', 3) SELECT * FROM t WHERE v > '3'
//! ```
//!
//! Limits: `format` takes its arguments one by one, not as VARIADIC array.

use super::string::charge;
use super::{ANY, Args, BOOL, Function, Signature, TEXT, f};
use crate::sql::parse::keywords::must_be_quoted;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Array, Column, ColumnBuilder, Element, Type, Value};

const NAMES: Type = Type::Array(Element::of(Type::Text));
static QUOTE: &[Signature] = &[(&[TEXT], Type::Text), (&[ANY], Type::Text)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("quote_ident", &[(&[TEXT], Type::Text)], |a| {
        a.map_text(&mut |row, out| {
            push_ident(a.text(0, row)?, out);
            Ok(())
        })
    }),
    f("quote_literal", QUOTE, quote_literal),
    f("quote_nullable", QUOTE, quote_nullable).sees_null(),
    f("format", &[(&[TEXT], Type::Text), (&[TEXT, ANY], Type::Text)], format).variadic().sees_null().stable(),
    f("parse_ident", &[(&[TEXT], NAMES), (&[TEXT, BOOL], NAMES)], parse_ident),
    f("unistr", &[(&[TEXT], Type::Text)], unistr),
];

/// The identifier, in quotes where it needs them.
fn push_ident(name: &str, out: &mut String) {
    let begins = |b: u8| b.is_ascii_lowercase() || b == b'_';
    let plain = name.bytes().next().is_some_and(begins)
        && name.bytes().all(|b| begins(b) || b.is_ascii_digit())
        && !must_be_quoted(name);
    match plain {
        true => out.push_str(name),
        false => push_quoted(name, '"', out),
    }
}

/// parse_ident: the parts of a qualified name; what stands behind it is an error unless the second argument says false.
fn parse_ident(args: &Args<'_>) -> Result<Column> {
    args.map(&mut |row| {
        let strict = args.columns.get(1).is_none_or(|column| column.value(row) == Value::Bool(true));
        let parts = identifiers(args.text(0, row)?, strict)?;
        Ok(Array::list(Type::Text, parts.into_iter().map(Value::Text).collect())?.into())
    })
}

fn identifiers(text: &str, strict: bool) -> Result<Vec<String>> {
    let invalid = |detail: &str| {
        let message = format!("string is not a valid identifier: \"{text}\"");
        let error = Error::new(state::INVALID_PARAMETER_VALUE, message);
        if detail.is_empty() { error } else { error.with_detail(detail) }
    };
    let space = |c: char| c.is_ascii_whitespace() || c == '\x0b';
    let (mut rest, mut parts) = (text.trim_start_matches(space), Vec::new());
    loop {
        let mut part = String::new();
        if let Some(mut quoted) = rest.strip_prefix('"') {
            loop {
                let Some((piece, behind)) = quoted.split_once('"') else {
                    return Err(invalid("String has unclosed double quotes."));
                };
                part.push_str(piece);
                rest = behind;
                let Some(more) = behind.strip_prefix('"') else { break };
                part.push('"');
                quoted = more;
            }
            if part.is_empty() {
                return Err(invalid("Quoted identifier must not be empty."));
            }
        } else {
            let begins = |c: char| c == '_' || c.is_ascii_alphabetic() || !c.is_ascii();
            let goes_on = |c: char| begins(c) || c == '$' || c.is_ascii_digit();
            let end = rest.find(|c: char| !goes_on(c)).unwrap_or(rest.len());
            let (word, behind) = rest.split_at(end);
            if !word.starts_with(begins) {
                return Err(invalid(match (rest.starts_with('.'), parts.is_empty()) {
                    (true, _) => "No valid identifier before \".\".",
                    (false, false) => "No valid identifier after \".\".",
                    (false, true) => "",
                }));
            }
            part.push_str(&word.to_ascii_lowercase());
            rest = behind;
        }
        parts.push(part);
        rest = rest.trim_start_matches(space);
        match rest.strip_prefix('.') {
            Some(behind) => rest = behind.trim_start_matches(space),
            None if strict && !rest.is_empty() => return Err(invalid("")),
            None => return Ok(parts),
        }
    }
}

/// The literal; one with a backslash is written with E, so that it means the same whatever the settings.
fn push_literal(text: &str, out: &mut String) {
    if !text.contains('\\') {
        return push_quoted(text, '\'', out);
    }
    out.push('E');
    push_quoted(&text.replace('\\', "\\\\"), '\'', out);
}

fn push_quoted(text: &str, quote: char, out: &mut String) {
    out.push(quote);
    for c in text.chars() {
        if c == quote {
            out.push(quote);
        }
        out.push(c);
    }
    out.push(quote);
}

/// Argument `i` of a row as text; None for NULL. `cast`: as a cast writes it, which for boolean is another way.
fn text_of(args: &Args<'_>, i: usize, row: usize, cast: bool) -> Result<Option<String>> {
    let Some(column) = args.columns.get(i).filter(|column| column.is_valid(row)) else { return Ok(None) };
    match column.ty() {
        Type::Text => args.text(i, row).map(|text| Some(text.to_owned())),
        ty if cast => {
            let one = Column::constant(ty, &column.value(row), 1)?;
            super::support::utf8(super::zone::column_in(&one, Type::Text, args.ctx.zone)?.bytes(0))
                .map(|text| Some(text.to_owned()))
        }
        _ => Ok(Some(column.value(row).text_in(args.ctx.zone))),
    }
}

fn quote_literal(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| {
        push_literal(&text_of(args, 0, row, true)?.unwrap_or_default(), out);
        Ok(())
    })
}

fn quote_nullable(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| {
        match text_of(args, 0, row, true)? {
            Some(text) => push_literal(&text, out),
            None => out.push_str("NULL"),
        }
        Ok(())
    })
}

/// A conversion: `%[position$][-][width]type`.
struct Conversion {
    position: Option<usize>,
    left: bool,
    width: Width,
    kind: char,
}

/// How wide a conversion's result is at least.
enum Width {
    Fixed(i64),
    /// As the next argument, or that one, says.
    Argument(Option<usize>),
}

fn bad_format(message: &str) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

fn too_few() -> Error {
    bad_format("too few arguments for format()")
}

/// The number at the beginning of the text, and what is behind it.
fn number(text: &str) -> Result<(Option<i64>, &str)> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (digits, rest) = text.split_at(digits);
    if digits.is_empty() {
        return Ok((None, rest));
    }
    let value: i32 = digits
        .parse()
        .map_err(|_| Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range"))?;
    Ok((Some(value.into()), rest))
}

/// What follows a percent sign, and the text behind it.
fn conversion(text: &str) -> Result<(Conversion, &str)> {
    let argument = |n: i64| match n {
        0 => Err(bad_format("format specifies argument 0, but arguments are numbered from 1")),
        n => Ok(n as usize),
    };
    let (mut position, mut left, mut width) = (None, false, Width::Fixed(0));
    let (first, mut rest) = number(text)?;
    let mut done = false;
    if let Some(n) = first {
        match rest.strip_prefix('$') {
            Some(more) => (position, rest) = (Some(argument(n)?), more),
            None => (width, done) = (Width::Fixed(n), true),
        }
    }
    if !done {
        while let Some(more) = rest.strip_prefix('-') {
            (left, rest) = (true, more);
        }
        if let Some(more) = rest.strip_prefix('*') {
            let (n, more) = number(more)?;
            width = Width::Argument(match n {
                None => None,
                Some(n) => Some(argument(n)?),
            });
            rest = more;
            if n.is_some() {
                rest = rest
                    .strip_prefix('$')
                    .ok_or_else(|| bad_format("width argument position must be ended by \"$\""))?;
            }
        } else if let (Some(n), more) = number(rest)? {
            (width, rest) = (Width::Fixed(n), more);
        }
    }
    let mut chars = rest.chars();
    let kind = chars.next().ok_or_else(|| {
        bad_format("unterminated format() type specifier").with_hint("For a single \"%\" use \"%%\".")
    })?;
    Ok((Conversion { position, left, width, kind }, chars.as_str()))
}

fn format(args: &Args<'_>) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    let (mut text, mut spent) = (String::new(), 0);
    for row in 0..args.rows {
        if !args.columns[0].is_valid(row) {
            out.push_null();
            continue;
        }
        text.clear();
        format_row(args, row, &mut text, &mut spent)?;
        out.push_bytes(text.as_bytes());
    }
    Ok(out.finish())
}

fn format_row(args: &Args<'_>, row: usize, out: &mut String, spent: &mut usize) -> Result<()> {
    let mut rest = args.text(0, row)?;
    // The last argument that was used.
    let mut last = 0;
    while let Some((plain, behind)) = rest.split_once('%') {
        out.push_str(plain);
        if let Some(more) = behind.strip_prefix('%') {
            out.push('%');
            rest = more;
            continue;
        }
        let (conversion, behind) = conversion(behind)?;
        rest = behind;
        if !matches!(conversion.kind, 's' | 'I' | 'L') {
            let message = format!("unrecognized format() type specifier \"{}\"", conversion.kind);
            return Err(bad_format(&message).with_hint("For a single \"%\" use \"%%\"."));
        }
        let mut left = conversion.left;
        let width = match conversion.width {
            Width::Fixed(width) => width,
            Width::Argument(position) => {
                last = position.unwrap_or(last + 1);
                let width = width_argument(args, last, row)?;
                left |= width < 0;
                width.saturating_abs()
            }
        };
        last = conversion.position.unwrap_or(last + 1);
        if last >= args.columns.len() {
            return Err(too_few());
        }
        let mut piece = String::new();
        match (text_of(args, last, row, false)?, conversion.kind) {
            (Some(value), 'I') => push_ident(&value, &mut piece),
            (Some(value), 'L') => push_literal(&value, &mut piece),
            (Some(value), _) => piece = value,
            (None, 'I') => {
                let message = "null values cannot be formatted as an SQL identifier";
                return Err(Error::new(state::NULL_VALUE_NOT_ALLOWED, message));
            }
            (None, 'L') => piece.push_str("NULL"),
            (None, _) => {}
        }
        let missing = usize::try_from(width).unwrap_or(0).saturating_sub(piece.chars().count());
        charge(spent, piece.len().saturating_add(missing))?;
        let spaces = std::iter::repeat_n(' ', missing);
        if left {
            out.push_str(&piece);
            out.extend(spaces);
        } else {
            out.extend(spaces);
            out.push_str(&piece);
        }
    }
    charge(spent, rest.len())?;
    out.push_str(rest);
    Ok(())
}

/// A width given as an argument; NULL is none.
fn width_argument(args: &Args<'_>, i: usize, row: usize) -> Result<i64> {
    if i >= args.columns.len() {
        return Err(too_few());
    }
    let Some(text) = text_of(args, i, row, false)? else { return Ok(0) };
    text.trim().parse::<i32>().map(i64::from).map_err(|_| {
        let message = format!("invalid input syntax for type integer: \"{text}\"");
        Error::new(state::INVALID_TEXT_REPRESENTATION, message)
    })
}

/// `\XXXX`, `\+XXXXXX`, `\uXXXX` and `\UXXXXXXXX` as the characters they stand for.
fn unistr(args: &Args<'_>) -> Result<Column> {
    let invalid = |message: &str| Error::new(state::SYNTAX_ERROR, message);
    args.map_text(&mut |row, out| {
        let mut rest = args.text(0, row)?;
        let mut high: Option<u32> = None;
        let pair = || invalid("invalid Unicode surrogate pair");
        while let Some(c) = rest.chars().next() {
            let behind = &rest[c.len_utf8()..];
            if c != '\\' || behind.starts_with('\\') {
                if high.is_some() {
                    return Err(pair());
                }
                out.push(c);
                rest = if c == '\\' { &behind[1..] } else { behind };
                continue;
            }
            let (skip, digits) = match behind.as_bytes().first() {
                Some(b'+') => (1, 6),
                Some(b'u') => (1, 4),
                Some(b'U') => (1, 8),
                _ => (0, 4),
            };
            let code = behind.get(skip..skip + digits).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
            let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| {
                invalid("invalid Unicode escape")
                    .with_hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.")
            })?;
            rest = &behind[skip + digits..];
            match (high.take(), code) {
                (None, 0xd800..=0xdbff) => high = Some(code),
                (Some(high), 0xdc00..=0xdfff) => {
                    out.extend(char::from_u32(0x1_0000 + ((high & 0x3ff) << 10 | code & 0x3ff)));
                }
                (Some(_), _) | (None, 0xdc00..=0xdfff) => return Err(pair()),
                (None, code) => match char::from_u32(code).filter(|&c| c != '\0') {
                    Some(c) => out.push(c),
                    None => {
                        let message = format!("invalid Unicode code point: {code:04X}");
                        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
                    }
                },
            }
        }
        match high {
            Some(_) => Err(pair()),
            None => Ok(()),
        }
    })
}
