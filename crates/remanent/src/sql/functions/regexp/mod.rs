//! Regular expressions: `~` and its kin, SIMILAR TO, regexp_replace and the other functions of section 9.7.
//!
//! ```text
//! 'thomas' ~ 't.*ma'                          true
//! regexp_replace('foobarbaz', 'b..', 'X', 'g')  fooXX
//! regexp_instr('ABCDEFGHI', 'd', 1, 1, 0, 'i')  4
//! ```
//!
//! The crate `regex-lite` matches, in time linear in text and pattern; [`translate`] writes PostgreSQL's patterns for it.
//! Positions count characters from 1.
//!
//! Limits: of alternatives the first that matches is taken where PostgreSQL takes the longest, and each quantifier is greedy or
//! not by itself, where PostgreSQL lets the first one decide; what [`translate`] refuses. Letters and their cases are ASCII's.

mod translate;

use super::string::{charge, offset};
use super::support::i64s;
use super::{Args, BPCHAR, Function, INT4, Signature, TEXT, f};
use regex_lite::{Captures, Regex, RegexBuilder};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Type};
use translate::{invalid, similar, translate};

// Blanks at the end of `character(n)` count here.
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
static SIMILAR: &[Signature] = &[(&[TEXT], Type::Text), (&[TEXT, TEXT], Type::Text)];
static SUBSTRING: &[Signature] = &[(&[TEXT, TEXT], Type::Text), (&[TEXT, TEXT, TEXT], Type::Text)];

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
    let mut options = options.clone();
    let translated = translate(pattern, &mut options)?;
    let built = RegexBuilder::new(&translated).nest_limit(200).size_limit(1 << 20).build();
    built.map_err(|error| invalid(&error.to_string()))
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
fn each_match<'t>(
    args: &Args<'_>,
    regex: &Regex,
    text: &'t str,
    from: usize,
    each: &mut dyn FnMut(&Captures<'t>) -> Result<bool>,
) -> Result<()> {
    let mut at = from;
    while at <= text.len() {
        args.ctx.interrupt.check()?;
        let Some(found) = regex.captures_at(text, at) else { break };
        let Some(whole) = found.get(0) else { break };
        if !each(&found)? {
            break;
        }
        at = if whole.is_empty() { behind(text, whole.end()) } else { whole.end() };
    }
    Ok(())
}

/// What a match and its groups are: where each begins, and its text.
type Groups<'t> = Vec<Option<(usize, &'t str)>>;

/// The n-th match (from 1) from byte `from` on.
fn nth<'t>(args: &Args<'_>, regex: &Regex, text: &'t str, from: usize, n: i64) -> Result<Option<Groups<'t>>> {
    let (mut seen, mut found) = (0, None);
    each_match(args, regex, text, from, &mut |captures| {
        seen += 1;
        if seen == n {
            found = Some(captures.iter().map(|group| group.map(|g| (g.start(), g.as_str()))).collect());
        }
        Ok(seen < n)
    })?;
    Ok(found)
}

fn matches(args: &Args<'_>, letters: &str, negated: bool) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_bool(&mut |row| {
        let (regex, _) = compiled.get(args.text(1, row)?, letters)?;
        Ok(regex.is_match(args.text(0, row)?) != negated)
    })
}

fn like(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map_bool(&mut |row| {
        let (regex, global) = compiled.get(args.text(1, row)?, Optional { args, row }.letters(2)?)?;
        not_global(global, "regexp_like")?;
        Ok(regex.is_match(args.text(0, row)?))
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
        each_match(args, regex, text, begin(text, start), &mut |_| {
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
        let part = found.and_then(|groups| groups.get(group as usize).copied().flatten());
        Ok(part.map_or(0, |(at, part)| {
            let at = if end == 1 { at + part.len() } else { at };
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
        found_in(found.and_then(|groups| groups.get(group as usize).copied().flatten()).map(|g| g.1), out)
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
        let found = regex.captures(args.text(0, row)?);
        let part = found.and_then(|groups| groups.get(usize::from(groups.len() > 1)));
        found_in(part.map(|part| part.as_str()), out)
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
fn push_replacement(found: &Captures<'_>, replacement: &str, out: &mut String) {
    let group = |i: usize| found.get(i).map_or("", |group| group.as_str());
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
        each_match(args, regex, text, begin(text, start), &mut |found| {
            seen += 1;
            if let Some(whole) = found.get(0)
                && (n == 0 || seen == n)
            {
                out.push_str(text.get(done..whole.start()).unwrap_or_default());
                let before = out.len();
                push_replacement(found, replacement, out);
                charge(&mut spent, out.len() - before)?;
                done = whole.end();
            }
            Ok(n == 0 || seen < n)
        })?;
        out.push_str(text.get(done..).unwrap_or_default());
        Ok(())
    })
}
