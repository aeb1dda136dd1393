//! Functions of text and bytea.
//!
//! Positions and lengths count characters from 1, as in PostgreSQL; bytea counts bytes.
//!
//! Limits: lower, upper and initcap map by Unicode whatever the locale, one character to one (`ß` stays `ß`), as
//! PostgreSQL does in a UTF-8 locale; a result is at most [`MAX_LENGTH`] bytes.

use super::bytes::{map_bytes, push_hex};
use super::md5::md5;
use super::support::i64s;
use super::{ANY, Args, BPCHAR, BYTEA, Function, INT4, INT8, Signature, TEXT, f};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, ColumnBuilder, Type};
use std::ops::Range;

/// The longest text that a function makes from short arguments, in bytes; also for all rows of a batch together.
pub(super) const MAX_LENGTH: usize = 1 << 28;

static TEXT_TO_TEXT: &[Signature] = &[(&[TEXT], Type::Text)];
static TRIM: &[Signature] = &[(&[TEXT], Type::Text), (&[TEXT, TEXT], Type::Text)];
static CUT: &[Signature] = &[(&[TEXT, INT4], Type::Text)];
static PAD: &[Signature] = &[(&[TEXT, INT4], Type::Text), (&[TEXT, INT4, TEXT], Type::Text)];
static POSITION: &[Signature] = &[(&[TEXT, TEXT], Type::Int4)];
static LENGTH: &[Signature] = &[(&[TEXT], Type::Int4), (&[BYTEA], Type::Int4)];
static STARTS: &[Signature] = &[(&[TEXT, TEXT], Type::Bool)];
static SUBSTRING: &[Signature] = &[
    (&[TEXT, INT4], Type::Text),
    (&[TEXT, INT4, INT4], Type::Text),
    (&[BYTEA, INT4], Type::Bytea),
    (&[BYTEA, INT4, INT4], Type::Bytea),
];

pub(super) static FUNCTIONS: &[Function] = &[
    f("||", &[(&[TEXT, TEXT], Type::Text), (&[ANY, TEXT], Type::Text), (&[TEXT, ANY], Type::Text)], join),
    f("||", &[(&[BYTEA, BYTEA], Type::Bytea)], join),
    f("length", LENGTH, length),
    f("char_length", &[(&[TEXT], Type::Int4)], length),
    f("character_length", &[(&[TEXT], Type::Int4)], length),
    f("octet_length", LENGTH, |a| a.map_int(&mut |row| Ok(a.columns[0].bytes(row).len() as i64))),
    f("bit_length", LENGTH, |a| a.map_int(&mut |row| Ok(8 * a.columns[0].bytes(row).len() as i64))),
    // Blanks at the end count here.
    f("octet_length", &[(&[BPCHAR], Type::Int4)], |a| {
        a.map_int(&mut |row| Ok(a.columns[0].bytes(row).len() as i64))
    }),
    f("lower", TEXT_TO_TEXT, |a| each_text(a, push_lower)),
    f("upper", TEXT_TO_TEXT, |a| each_text(a, push_upper)),
    f("initcap", TEXT_TO_TEXT, |a| each_text(a, initcap)),
    f("reverse", TEXT_TO_TEXT, |a| each_text(a, |t, out| out.extend(t.chars().rev()))),
    f("btrim", TRIM, |a| trim(a, true, true)),
    f("trim", TRIM, |a| trim(a, true, true)),
    f("ltrim", TRIM, |a| trim(a, true, false)),
    f("rtrim", TRIM, |a| trim(a, false, true)),
    f("substr", SUBSTRING, substring),
    f("substring", SUBSTRING, substring),
    f("left", CUT, |a| cut(a, |t, n| &t[..split(t, n)])),
    f("right", CUT, |a| cut(a, |t, n| &t[split(t, if n == 0 { i64::MAX } else { -n })..])),
    f("lpad", PAD, |a| pad(a, true)),
    f("rpad", PAD, |a| pad(a, false)),
    f("repeat", CUT, repeat),
    f("replace", &[(&[TEXT, TEXT, TEXT], Type::Text)], replace),
    f("translate", &[(&[TEXT, TEXT, TEXT], Type::Text)], translate),
    f("position", POSITION, position),
    f("strpos", POSITION, position),
    f("starts_with", STARTS, starts_with),
    f("^@", STARTS, starts_with),
    f("split_part", &[(&[TEXT, TEXT, INT4], Type::Text)], split_part),
    f("concat", &[(&[ANY], Type::Text)], |a| concat(a, false)).variadic().sees_null().stable(),
    f("concat_ws", &[(&[TEXT, ANY], Type::Text)], |a| concat(a, true)).variadic().sees_null().stable(),
    f("ascii", &[(&[TEXT], Type::Int4)], |a| {
        a.map_int(&mut |row| Ok(a.text(0, row)?.chars().next().map_or(0, |c| u32::from(c).into())))
    }),
    f("chr", &[(&[INT4], Type::Text)], chr),
    f("to_hex", &[(&[INT4], Type::Text), (&[INT8], Type::Text)], to_hex),
    f("md5", &[(&[TEXT], Type::Text), (&[BYTEA], Type::Text)], |a| {
        map_bytes(a, &mut |row, out| {
            md5(a.columns[0].bytes(row)).iter().for_each(|&byte| push_hex(out, byte));
            Ok(())
        })
    }),
];

/// The text in lower case, character by character.
pub(super) fn lower(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    push_lower(text, &mut out);
    out
}

fn push_lower(text: &str, out: &mut String) {
    match text.is_ascii() {
        true => {
            out.push_str(text);
            out.make_ascii_lowercase();
        }
        false => out.extend(text.chars().map(lower_char)),
    }
}

fn push_upper(text: &str, out: &mut String) {
    match text.is_ascii() {
        true => {
            out.push_str(text);
            out.make_ascii_uppercase();
        }
        false => out.extend(text.chars().map(upper_char)),
    }
}

fn lower_char(c: char) -> char {
    let mut mapped = c.to_lowercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn upper_char(c: char) -> char {
    let mut mapped = c.to_uppercase();
    match (mapped.next(), mapped.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

fn initcap(text: &str, out: &mut String) {
    let mut within = false;
    for c in text.chars() {
        out.push(if within { lower_char(c) } else { upper_char(c) });
        within = c.is_alphanumeric();
    }
}

fn each_text(args: &Args<'_>, f: fn(&str, &mut String)) -> Result<Column> {
    args.map_text(&mut |row, out| {
        f(args.text(0, row)?, out);
        Ok(())
    })
}

/// Finds the part of a row's first argument that is the result.
type FindPart<'a> = dyn FnMut(usize, &[u8]) -> Result<Range<usize>> + 'a;

/// Row by row, for results that are a part of the first argument.
fn each_part(args: &Args<'_>, f: &mut FindPart<'_>) -> Result<Column> {
    let mut out = ColumnBuilder::new(args.ty);
    for row in 0..args.rows {
        if !args.is_valid(row) {
            out.push_null();
            continue;
        }
        let bytes = args.columns[0].bytes(row);
        let part = f(row, bytes)?;
        out.push_bytes(bytes.get(part).unwrap_or(&[]));
    }
    Ok(out.finish())
}

/// `||`: bytes behind bytes; what is not text is written as text first.
fn join(args: &Args<'_>) -> Result<Column> {
    let text = |c: &Column| -> Result<Column> {
        let plain = c.ty() == Type::Text || args.ty == Type::Bytea;
        if plain { Ok(c.clone()) } else { super::zone::column_in(c, Type::Text, args.ctx.zone) }
    };
    let (left, right) = (text(&args.columns[0])?, text(&args.columns[1])?);
    let mut out = ColumnBuilder::new(args.ty);
    let mut both = Vec::new();
    for row in 0..args.rows {
        if !args.is_valid(row) {
            out.push_null();
            continue;
        }
        both.clear();
        both.extend_from_slice(left.bytes(row));
        both.extend_from_slice(right.bytes(row));
        out.push_bytes(&both);
    }
    Ok(out.finish())
}

fn length(args: &Args<'_>) -> Result<Column> {
    let column = &args.columns[0];
    let characters = column.ty() == Type::Text;
    args.map_int(&mut |row| {
        let bytes = column.bytes(row);
        // Each character has one byte that continues none.
        Ok(if characters { bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count() } else { bytes.len() } as i64)
    })
}

fn trim(args: &Args<'_>, start: bool, end: bool) -> Result<Column> {
    let two = args.columns.len() > 1;
    each_part(args, &mut |row, _| {
        let text = args.text(0, row)?;
        let set = if two { args.text(1, row)? } else { " " };
        let inside = |c: char| set.contains(c);
        let from = if start { text.len() - text.trim_start_matches(inside).len() } else { 0 };
        let to = if end { text.trim_end_matches(inside).len() } else { text.len() };
        Ok(from.min(to)..to)
    })
}

/// The byte at which character `n` (from 0) begins, or the end.
pub(super) fn offset(text: &str, n: usize) -> usize {
    text.char_indices().nth(n).map_or(text.len(), |(at, _)| at)
}

/// Where the first `n` characters end; a negative `n`: where all but the last -n end.
fn split(text: &str, n: i64) -> usize {
    match n {
        0.. => offset(text, n as usize),
        _ => {
            let all = text.chars().count() as i64;
            offset(text, all.saturating_add(n).max(0) as usize)
        }
    }
}

fn cut(args: &Args<'_>, part: fn(&str, i64) -> &str) -> Result<Column> {
    let n = i64s(&args.columns[1])?;
    args.map_text(&mut |row, out| {
        out.push_str(part(args.text(0, row)?, n[row]));
        Ok(())
    })
}

fn substring(args: &Args<'_>) -> Result<Column> {
    let start = i64s(&args.columns[1])?;
    let length = args.columns.get(2).map(i64s).transpose()?;
    let text = args.ty == Type::Text;
    each_part(args, &mut |row, bytes| {
        let from = start[row];
        let to = match &length {
            None => i64::MAX,
            Some(length) if length[row] < 0 => {
                return Err(Error::new(state::SUBSTRING_ERROR, "negative substring length not allowed"));
            }
            Some(length) => from + length[row],
        };
        // Characters from..to, counted from 1, of which there are those from 1 on.
        let (from, to) = ((from.max(1) - 1) as usize, (to.max(1) - 1) as usize);
        if !text {
            return Ok(from.min(bytes.len())..to.min(bytes.len()));
        }
        let text = args.text(0, row)?;
        let begin = offset(text, from);
        Ok(begin..begin + offset(&text[begin..], to.saturating_sub(from)))
    })
}

pub(super) fn too_long() -> Error {
    Error::new(state::PROGRAM_LIMIT_EXCEEDED, "requested length too large")
}

/// Counts what a batch makes against [`MAX_LENGTH`].
pub(super) fn charge(spent: &mut usize, more: usize) -> Result<()> {
    *spent = spent.saturating_add(more);
    if *spent > MAX_LENGTH { Err(too_long()) } else { Ok(()) }
}

fn pad(args: &Args<'_>, left: bool) -> Result<Column> {
    let wanted = i64s(&args.columns[1])?;
    let three = args.columns.len() > 2;
    let mut spent = 0;
    args.map_text(&mut |row, out| {
        let text = args.text(0, row)?;
        let fill = if three { args.text(2, row)? } else { " " };
        let wanted = wanted[row].max(0) as usize;
        let has = text.chars().count();
        if wanted <= has || fill.is_empty() {
            out.push_str(&text[..offset(text, wanted)]);
            return Ok(());
        }
        let missing = wanted - has;
        charge(
            &mut spent,
            text.len() + missing.saturating_mul(fill.chars().map(char::len_utf8).max().unwrap_or(1)),
        )?;
        if !left {
            out.push_str(text);
        }
        out.extend(fill.chars().cycle().take(missing));
        if left {
            out.push_str(text);
        }
        Ok(())
    })
}

fn repeat(args: &Args<'_>) -> Result<Column> {
    let times = i64s(&args.columns[1])?;
    let mut spent = 0;
    args.map_text(&mut |row, out| {
        let (text, times) = (args.text(0, row)?, times[row].max(0) as usize);
        charge(&mut spent, text.len().saturating_mul(times))?;
        (0..if text.is_empty() { 0 } else { times }).for_each(|_| out.push_str(text));
        Ok(())
    })
}

fn replace(args: &Args<'_>) -> Result<Column> {
    let mut spent = 0;
    args.map_text(&mut |row, out| {
        let (text, from, to) = (args.text(0, row)?, args.text(1, row)?, args.text(2, row)?);
        if from.is_empty() {
            out.push_str(text);
            return Ok(());
        }
        for (i, piece) in text.split(from).enumerate() {
            if i > 0 {
                out.push_str(to);
            }
            out.push_str(piece);
            charge(&mut spent, to.len() + piece.len())?;
        }
        Ok(())
    })
}

fn translate(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| {
        let (from, to) = (args.text(1, row)?, args.text(2, row)?);
        for c in args.text(0, row)?.chars() {
            match from.chars().position(|f| f == c) {
                None => out.push(c),
                Some(i) => out.extend(to.chars().nth(i)),
            }
        }
        Ok(())
    })
}

fn position(args: &Args<'_>) -> Result<Column> {
    args.map_int(&mut |row| {
        let (text, sought) = (args.text(0, row)?, args.text(1, row)?);
        Ok(text.find(sought).map_or(0, |at| text[..at].chars().count() as i64 + 1))
    })
}

fn starts_with(args: &Args<'_>) -> Result<Column> {
    args.map_bool(&mut |row| Ok(args.columns[0].bytes(row).starts_with(args.columns[1].bytes(row))))
}

fn split_part(args: &Args<'_>) -> Result<Column> {
    let wanted = i64s(&args.columns[2])?;
    args.map_text(&mut |row, out| {
        let (text, by, n) = (args.text(0, row)?, args.text(1, row)?, wanted[row]);
        if n == 0 {
            return Err(Error::new(state::INVALID_PARAMETER_VALUE, "field position must not be zero"));
        }
        let nth = (n.unsigned_abs() - 1) as usize;
        let part = match (by.is_empty(), n > 0) {
            (true, _) => (nth == 0).then_some(text),
            (false, true) => text.split(by).nth(nth),
            // From the end by the parts that there are from the start: they differ where "aa" splits "aaa".
            (false, false) => text.split(by).count().checked_sub(nth + 1).and_then(|i| text.split(by).nth(i)),
        };
        out.push_str(part.unwrap_or(""));
        Ok(())
    })
}

/// concat and concat_ws: NULLs are left out; a NULL separator gives NULL.
fn concat(args: &Args<'_>, separated: bool) -> Result<Column> {
    let mut out = ColumnBuilder::new(Type::Text);
    for row in 0..args.rows {
        let (separator, parts) = match args.columns.split_first() {
            Some((first, rest)) if separated => (Some(first), rest),
            _ => (None, args.columns),
        };
        if separator.is_some_and(|s| !s.is_valid(row)) {
            out.push_null();
            continue;
        }
        let mut text = Vec::new();
        let present = parts.iter().filter(|c| c.is_valid(row));
        for (i, column) in present.enumerate() {
            if let (Some(separator), true) = (separator, i > 0) {
                text.extend_from_slice(separator.bytes(row));
            }
            match column.ty() {
                Type::Text => text.extend_from_slice(column.bytes(row)),
                _ => text.extend_from_slice(column.value(row).text_in(args.ctx.zone).as_bytes()),
            }
        }
        out.push_bytes(&text);
    }
    Ok(out.finish())
}

fn chr(args: &Args<'_>) -> Result<Column> {
    let codes = i64s(&args.columns[0])?;
    args.map_text(&mut |row, out| {
        let code = codes[row];
        let failure = |state, message: &str| Err(Error::new(state, message));
        let limit = state::PROGRAM_LIMIT_EXCEEDED;
        match u32::try_from(code) {
            Err(_) => failure(state::INVALID_PARAMETER_VALUE, "character number must be positive"),
            Ok(0) => failure(limit, "null character not permitted"),
            Ok(code) => match char::from_u32(code) {
                Some(c) => {
                    out.push(c);
                    Ok(())
                }
                None if code > 0x0010_ffff => {
                    failure(limit, &format!("requested character too large for encoding: {code}"))
                }
                None => failure(limit, &format!("requested character not valid for encoding: {code}")),
            },
        }
    })
}

fn to_hex(args: &Args<'_>) -> Result<Column> {
    let values = i64s(&args.columns[0])?;
    let short = args.columns[0].ty() == Type::Int4;
    args.map_text(&mut |row, out| {
        let v = values[row];
        out.push_str(&if short { format!("{:x}", v as u32) } else { format!("{v:x}") });
        Ok(())
    })
}
