//! Regular expressions: `~` and its kin, SIMILAR TO, regexp_replace and the other functions of section 9.7.
//!
//! ```text
//! 'thomas' ~ 't.*ma'                          true
//! regexp_replace('foobarbaz', 'b..', 'X', 'g')  fooXX
//! regexp_instr('ABCDEFGHI', 'd', 1, 1, 0, 'i')  4
//! ```
//!
//! | module | is |
//! |---|---|
//! | [`parse`], [`tree`] | from a pattern to a tree |
//! | [`machine`] | a tree as a machine that runs over a text |
//! | [`dissect`] | which match is meant, and what its groups have of it |
//! | [`similar`] | SQL's own patterns |
//! | [`sets`] | functions that make several values of a text |
//!
//! Positions count characters from 1. Limits: what [`parse`] refuses. Letters and their cases are ASCII's.

mod dissect;
mod machine;
mod parse;
pub(crate) mod sets;
mod similar;
mod tree;

use super::string::{charge, offset};
use super::support::i64s;
use super::{Args, BPCHAR, Function, INT4, Signature, TEXT, f};
use crate::sql::expr::EvalContext;
use dissect::{Found, Regex};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Element, Type};
use similar::similar;

// Blanks of character(n) count here.
static MATCH: &[Signature] = &[(&[TEXT, TEXT], Type::Bool), (&[BPCHAR, TEXT], Type::Bool)];
static LIKE: &[Signature] = &[(&[TEXT, TEXT], Type::Bool), (&[TEXT, TEXT, TEXT], Type::Bool)];
static COUNT: &[Signature] = &[
    (&[TEXT, TEXT], Type::Int4),
    (&[TEXT, TEXT, INT4], Type::Int4),
    (&[TEXT, TEXT, INT4, TEXT], Type::Int4),
];
static INSTR: &[Signature] = &[
    (&[TEXT, TEXT], Type::Int4),
    (&[TEXT, TEXT, INT4], Type::Int4),
    (&[TEXT, TEXT, INT4, INT4], Type::Int4),
    (&[TEXT, TEXT, INT4, INT4, INT4], Type::Int4),
    (&[TEXT, TEXT, INT4, INT4, INT4, TEXT], Type::Int4),
    (&[TEXT, TEXT, INT4, INT4, INT4, TEXT, INT4], Type::Int4),
];
static SUBSTR: &[Signature] = &[
    (&[TEXT, TEXT], Type::Text),
    (&[TEXT, TEXT, INT4], Type::Text),
    (&[TEXT, TEXT, INT4, INT4], Type::Text),
    (&[TEXT, TEXT, INT4, INT4, TEXT], Type::Text),
    (&[TEXT, TEXT, INT4, INT4, TEXT, INT4], Type::Text),
];
static REPLACE: &[Signature] = &[
    (&[TEXT, TEXT, TEXT], Type::Text),
    (&[TEXT, TEXT, TEXT, TEXT], Type::Text),
    (&[TEXT, TEXT, TEXT, INT4], Type::Text),
    (&[TEXT, TEXT, TEXT, INT4, INT4], Type::Text),
    (&[TEXT, TEXT, TEXT, INT4, INT4, TEXT], Type::Text),
];
static LISTS: &[Signature] = &[(&[TEXT, TEXT], LIST), (&[TEXT, TEXT, TEXT], LIST)];
static SIMILAR: &[Signature] = &[(&[TEXT], Type::Text), (&[TEXT, TEXT], Type::Text)];
static SUBSTRING: &[Signature] = &[(&[TEXT, TEXT], Type::Text), (&[TEXT, TEXT, TEXT], Type::Text)];

const LIST: Type = Type::Array(Element::of(Type::Text));

pub(super) static FUNCTIONS: &[Function] = &[
    f("~", MATCH, |a| matches(a, "", false)),
    f("~*", MATCH, |a| matches(a, "i", false)),
    f("!~", MATCH, |a| matches(a, "", true)),
    f("!~*", MATCH, |a| matches(a, "i", true)),
    f("regexp_like", LIKE, like),
    f("regexp_count", COUNT, count),
    f("regexp_instr", INSTR, instr),
    f("regexp_substr", SUBSTR, substr),
    f("regexp_replace", REPLACE, replace),
    f("similar_to_escape", SIMILAR, similar_to_escape),
    f("regexp_match", LISTS, sets::first_match),
    f("regexp_split_to_array", LISTS, sets::split_to_array),
    f("substring", SUBSTRING, substring),
];

/// How an expression is meant: PostgreSQL's option letters.
#[derive(Default, Clone, PartialEq)]
pub struct Options {
    ignore_case: bool,
    /// `.` and negated sets do not match a newline.
    stops_at_newline: bool,
    /// `^` and `$` match at newlines.
    lines: bool,
    expanded: bool,
    literal: bool,
    global: bool,
}

impl Options {
    fn of(letters: &str) -> Result<Options> {
        let mut options = Options::default();
        letters.chars().try_for_each(|letter| options.set(letter))?;
        Ok(options)
    }

    /// 22023 for a letter that is no option.
    fn set(&mut self, letter: char) -> Result<()> {
        match letter {
            'g' => self.global = true,
            'i' => self.ignore_case = true,
            'c' => self.ignore_case = false,
            'n' | 'm' => (self.stops_at_newline, self.lines) = (true, true),
            'p' => (self.stops_at_newline, self.lines) = (true, false),
            'w' => (self.stops_at_newline, self.lines) = (false, true),
            's' => (self.stops_at_newline, self.lines) = (false, false),
            'x' => self.expanded = true,
            't' => self.expanded = false,
            'q' => self.literal = true,
            'e' => {}
            'b' => {
                let message = "basic regular expressions (option \"b\") are not supported";
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
            }
            _ => return Err(parameter(format!("invalid regular expression option: \"{letter}\""))),
        }
        Ok(())
    }
}

fn parameter(message: String) -> Error {
    Error::new(state::INVALID_PARAMETER_VALUE, message)
}

fn compile(pattern: &str, options: &Options) -> Result<Regex> {
    Regex::new(pattern, &mut options.clone())
}

/// A part of a text.
fn part(text: &str, (from, to): (usize, usize)) -> &str {
    text.get(from..to).unwrap_or_default()
}

/// The last expression that was compiled: patterns seldom differ from row to row.
#[derive(Default)]
struct Compiled(Option<(String, String, Regex, bool)>);

impl Compiled {
    /// The expression, and whether `g` was among its options.
    fn get(&mut self, pattern: &str, letters: &str) -> Result<(&Regex, bool)> {
        let same = self.0.as_ref().is_some_and(|(p, l, ..)| p == pattern && l == letters);
        if !same {
            let options = Options::of(letters)?;
            let regex = compile(pattern, &options)?;
            self.0 = Some((pattern.to_owned(), letters.to_owned(), regex, options.global));
        }
        let held = self.0.as_ref().map(|(_, _, regex, global)| (regex, *global));
        held.ok_or_else(|| Error::internal("an expression was not compiled"))
    }
}

/// The optional arguments of a row.
struct Optional<'a> {
    args: &'a Args<'a>,
    row: usize,
}

impl Optional<'_> {
    /// Integer argument `i`, at least `least`; what it is called in the error.
    fn number(&self, i: usize, name: &str, default: i64, least: i64) -> Result<i64> {
        let Some(column) = self.args.columns.get(i) else { return Ok(default) };
        let value = i64s(column)?.get(self.row).copied().unwrap_or(default);
        match value < least {
            true => Err(parameter(format!("invalid value for parameter \"{name}\": {value}"))),
            false => Ok(value),
        }
    }

    fn letters(&self, i: usize) -> Result<&str> {
        if i < self.args.columns.len() { self.args.text(i, self.row) } else { Ok("") }
    }
}

fn not_global(global: bool, function: &str) -> Result<()> {
    match global {
        true => Err(parameter(format!("{function}() does not support the \"global\" option"))),
        false => Ok(()),
    }
}

/// The byte behind the character at `at`.
fn behind(text: &str, at: usize) -> usize {
    at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
}

/// Calls `each` with the matches from byte `from` on, until it says false. After an empty match the search goes on one
/// character later. 57014 where the statement is to end.
fn each_match(
    ctx: &EvalContext<'_>,
    regex: &Regex,
    text: &str,
    from: usize,
    each: &mut dyn FnMut(&Found) -> Result<bool>,
) -> Result<()> {
    let mut at = from;
    while at <= text.len() {
        ctx.interrupt.check()?;
        let Some(found) = regex.find_at(text, at, &|| ctx.interrupt.check())? else { break };
        let (start, end) = found.whole();
        if !each(&found)? {
            break;
        }
        at = if start == end { behind(text, end) } else { end };
    }
    Ok(())
}

/// The n-th match (from 1) from byte `from` on.
fn nth(args: &Args<'_>, regex: &Regex, text: &str, from: usize, n: i64) -> Result<Option<Found>> {
    let (mut seen, mut found) = (0, None);
    each_match(args.ctx, regex, text, from, &mut |one| {
        seen += 1;
        if seen == n {
            found = Some(one.clone());
        }
        Ok(seen < n)
    })?;
    Ok(found)
}

fn matches(args: &Args<'_>, letters: &str, negated: bool) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_bool(&mut |row| {
        let (regex, _) = compiled.get(args.text(1, row)?, letters)?;
        Ok(regex.is_match(args.text(0, row)?, &|| args.ctx.interrupt.check())? != negated)
    })
}

fn like(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_bool(&mut |row| {
        let (regex, global) = compiled.get(args.text(1, row)?, Optional { args, row }.letters(2)?)?;
        not_global(global, "regexp_like")?;
        regex.is_match(args.text(0, row)?, &|| args.ctx.interrupt.check())
    })
}

/// The byte where character `start` (from 1) begins; one past the end of a shorter text.
fn begin(text: &str, start: i64) -> usize {
    let n = (start - 1) as usize;
    if n > text.len() || n > text.chars().count() { text.len() + 1 } else { offset(text, n) }
}

fn count(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_int(&mut |row| {
        let optional = Optional { args, row };
        let start = optional.number(2, "start", 1, 1)?;
        let (regex, global) = compiled.get(args.text(1, row)?, optional.letters(3)?)?;
        not_global(global, "regexp_count")?;
        let text = args.text(0, row)?;
        let mut n = 0;
        each_match(args.ctx, regex, text, begin(text, start), &mut |_| {
            n += 1;
            Ok(true)
        })?;
        Ok(n)
    })
}

fn instr(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_int(&mut |row| {
        let optional = Optional { args, row };
        let start = optional.number(2, "start", 1, 1)?;
        let n = optional.number(3, "n", 1, 1)?;
        let end = optional.number(4, "endoption", 0, 0)?;
        if end > 1 {
            return Err(parameter(format!("invalid value for parameter \"endoption\": {end}")));
        }
        let group = optional.number(6, "subexpr", 0, 0)?;
        let (regex, global) = compiled.get(args.text(1, row)?, optional.letters(5)?)?;
        not_global(global, "regexp_instr")?;
        let text = args.text(0, row)?;
        let found = nth(args, regex, text, begin(text, start), n)?;
        let part = found.and_then(|found| found.group(group as usize));
        Ok(part.map_or(0, |(from, to)| {
            let at = if end == 1 { to } else { from };
            text.get(..at).map_or(0, |before| before.chars().count() as i64) + 1
        }))
    })
}

/// Appends what was found; false: nothing was.
fn found_in(part: Option<&str>, out: &mut String) -> Result<bool> {
    out.push_str(part.unwrap_or(""));
    Ok(part.is_some())
}

fn substr(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_some(&mut |row, out| {
        let optional = Optional { args, row };
        let start = optional.number(2, "start", 1, 1)?;
        let n = optional.number(3, "n", 1, 1)?;
        let group = optional.number(5, "subexpr", 0, 0)?;
        let (regex, global) = compiled.get(args.text(1, row)?, optional.letters(4)?)?;
        not_global(global, "regexp_substr")?;
        let text = args.text(0, row)?;
        let found = nth(args, regex, text, begin(text, start), n)?;
        found_in(found.and_then(|found| found.group(group as usize)).map(|lies| part(text, lies)), out)
    })
}

/// The first group of the first match, or all of it where there are no groups. Three arguments: SQL's own patterns.
fn substring(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_some(&mut |row, out| {
        let pattern = match args.columns.len() {
            2 => args.text(1, row)?.to_owned(),
            _ => similar(args.text(1, row)?, Some(args.text(2, row)?))?,
        };
        let (regex, _) = compiled.get(&pattern, "")?;
        let text = args.text(0, row)?;
        let found = regex.find_at(text, 0, &|| args.ctx.interrupt.check())?;
        let lies = found.and_then(|found| found.group(usize::from(found.len() > 1)));
        found_in(lies.map(|lies| part(text, lies)), out)
    })
}

fn similar_to_escape(args: &Args<'_>) -> Result<Column> {
    args.map_text(&mut |row, out| {
        let escape = if args.columns.len() > 1 { Some(args.text(1, row)?) } else { None };
        out.push_str(&similar(args.text(0, row)?, escape)?);
        Ok(())
    })
}

/// Appends the replacement of a match: `\1` to `\9` are its groups, `\&` is all of it.
fn push_replacement(found: &Found, text: &str, replacement: &str, out: &mut String) {
    let group = |i: usize| found.group(i).map_or("", |lies| part(text, lies));
    let mut pieces = replacement.split('\\');
    out.push_str(pieces.next().unwrap_or(""));
    // Each further piece stands behind a backslash.
    while let Some(piece) = pieces.next() {
        let mut chars = piece.chars();
        match chars.next() {
            Some(digit @ '1'..='9') => out.push_str(group(digit as usize - '0' as usize)),
            Some('&') => out.push_str(group(0)),
            // Two in a row: one of them, and what is behind both.
            None => {
                out.push('\\');
                out.push_str(pieces.next().unwrap_or(""));
                continue;
            }
            Some(_) => {
                out.push('\\');
                out.push_str(piece);
                continue;
            }
        }
        out.push_str(chars.as_str());
    }
}

fn replace(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    let mut spent = 0;
    // The fourth argument is either the options or where to begin.
    let short = args.columns.get(3).is_some_and(|column| column.ty() == Type::Text);
    args.map_text(&mut |row, out| {
        let optional = Optional { args, row };
        let (start, letters) = match short {
            true => (1, optional.letters(3)?),
            false => (optional.number(3, "start", 1, 1)?, optional.letters(5)?),
        };
        if short && letters.starts_with(|c: char| c.is_ascii_digit()) {
            return Err(parameter(format!("invalid regular expression option: \"{}\"", &letters[..1]))
                .with_hint("If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly."));
        }
        let (regex, global) = compiled.get(args.text(1, row)?, letters)?;
        // 0: all.
        let n = optional.number(4, "n", if global { 0 } else { 1 }, 0)?;
        let (text, replacement) = (args.text(0, row)?, args.text(2, row)?);
        let (mut seen, mut done) = (0, 0);
        each_match(args.ctx, regex, text, begin(text, start), &mut |found| {
            seen += 1;
            if n == 0 || seen == n {
                let (start, end) = found.whole();
                out.push_str(text.get(done..start).unwrap_or_default());
                let before = out.len();
                push_replacement(found, text, replacement, out);
                charge(&mut spent, out.len() - before)?;
                done = end;
            }
            Ok(n == 0 || seen < n)
        })?;
        out.push_str(text.get(done..).unwrap_or_default());
        Ok(())
    })
}

/// An expression as XQuery has it, of a path in a jsonb.
#[derive(Debug)]
pub(super) struct Matcher(Regex);

/// Reads one with XQuery's flags: there `.` matches no newline unless `s` is given.
pub(super) fn xquery(pattern: &str, flags: &str) -> Result<Matcher> {
    let has = |flag: char| flags.contains(flag);
    let options = Options {
        ignore_case: has('i'),
        stops_at_newline: !has('s') && !has('q'),
        lines: has('m') && !has('q'),
        literal: has('q'),
        ..Options::default()
    };
    let regex = compile(pattern, &options)?;
    if regex.has_again() {
        let message = "a back reference in a regular expression of a path is not supported";
        return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
    }
    Ok(Matcher(regex))
}

impl Matcher {
    /// True if it matches somewhere in the text.
    pub(super) fn matches(&self, text: &str) -> bool {
        self.0.is_match(text, &|| Ok(())).unwrap_or(false)
    }
}
