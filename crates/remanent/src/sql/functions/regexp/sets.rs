//! Several matches: regexp_match, regexp_matches, regexp_split_to_array, regexp_split_to_table.
//!
//! ```text
//! regexp_match('foobarbequebaz', '(bar)(beque)')      {bar,beque}
//! regexp_matches('foobar', 'o', 'g')                  {o} and {o}
//! regexp_split_to_array('hello  world', ' +')         {hello,world}
//! ```
//!
//! Functions that return rows find one match after the other, so that what they hold is the text and its expression.

use super::super::series::{SetFunction, SetRows, set};
use super::super::{Args, Signature, TEXT};
use super::dissect::{Found, Regex};
use super::{Compiled, LISTS, Options, behind, compile, each_match, not_global, part};
use crate::sql::expr::EvalContext;
use remanent_storage::error::{Error, Result};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::{Array, Column, ColumnBuilder, Type, Value};
use std::sync::Arc;

static PIECES: &[Signature] = &[(&[TEXT, TEXT], Type::Text), (&[TEXT, TEXT, TEXT], Type::Text)];

/// What stands in FROM.
pub static FUNCTIONS: &[SetFunction] =
    &[set("regexp_matches", LISTS, matches), set("regexp_split_to_table", PIECES, pieces)];

/// The groups of a match, or all of it where there are none.
fn groups(found: &Found, text: &str) -> Result<Value> {
    let from = usize::from(found.len() > 1);
    let group = |n| found.group(n).map_or(Value::Null, |lies| Value::from(part(text, lies)));
    Ok(Array::list(Type::Text, (from..found.len()).map(group).collect())?.into())
}

/// regexp_match: the first match; NULL where there is none.
pub(super) fn first_match(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map(&mut |row| {
        let letters = if args.columns.len() > 2 { args.text(2, row)? } else { "" };
        let (regex, global) = compiled.get(args.text(1, row)?, letters)?;
        not_global(global, "regexp_match")
            .map_err(|error| error.with_hint("Use the regexp_matches function instead."))?;
        let text = args.text(0, row)?;
        let found = regex.find_at(text, 0, &|| args.ctx.interrupt.check())?;
        found.map_or(Ok(Value::Null), |found| groups(&found, text))
    })
}

/// regexp_split_to_array
pub(super) fn split_to_array(args: &Args<'_>) -> Result<Column> {
    let mut compiled = Compiled::default();
    args.map(&mut |row| {
        let letters = if args.columns.len() > 2 { args.text(2, row)? } else { "" };
        let (regex, global) = compiled.get(args.text(1, row)?, letters)?;
        not_global(global, "regexp_split_to_array")?;
        let text = args.text(0, row)?;
        let (mut parts, mut from, mut last) = (Vec::new(), 0, 0);
        each_match(args.ctx, regex, text, 0, &mut |found| {
            let (start, end) = found.whole();
            if divides(start, end, last, text) {
                parts.push(Value::from(part(text, (from, start))));
                from = end;
            }
            last = end;
            Ok(true)
        })?;
        parts.push(Value::from(text.get(from..).unwrap_or_default()));
        Ok(Array::list(Type::Text, parts)?.into())
    })
}

/// Whether a match parts the text: not an empty one at its end or right behind the match before.
fn divides(start: usize, end: usize, last: usize, text: &str) -> bool {
    start < text.len() && end > last
}

/// The matches in a text, one after the other.
struct Matches {
    ty: Type,
    text: String,
    regex: Regex,
    interrupt: Arc<Interrupt>,
    /// Where the search goes on; None: it is over.
    at: Option<usize>,
    /// Where the last match ended.
    last: usize,
    global: bool,
    /// For pieces: where the one at hand begins; None: whole matches are asked for.
    piece: Option<usize>,
}

fn start(args: &[Value], ty: Type, ctx: &EvalContext<'_>) -> Result<Matches> {
    let (text, pattern, letters) = match args {
        [Value::Text(text), Value::Text(pattern)] => (text, pattern, ""),
        [Value::Text(text), Value::Text(pattern), Value::Text(letters)] => (text, pattern, letters.as_str()),
        _ => return Err(Error::internal("a regular expression of something else")),
    };
    let options = Options::of(letters)?;
    Ok(Matches {
        ty,
        text: text.clone(),
        regex: compile(pattern, &options)?,
        interrupt: Arc::clone(ctx.interrupt),
        at: Some(0),
        last: 0,
        global: options.global,
        piece: None,
    })
}

fn matches(args: &[Value], ty: Type, ctx: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    Ok(Box::new(start(args, ty, ctx)?))
}

fn pieces(args: &[Value], ty: Type, ctx: &EvalContext<'_>) -> Result<Box<dyn SetRows>> {
    let matches = start(args, ty, ctx)?;
    not_global(matches.global, "regexp_split_to_table")?;
    Ok(Box::new(Matches { piece: Some(0), ..matches }))
}

impl Matches {
    /// The next row.
    fn row(&mut self) -> Result<Option<Value>> {
        while let Some(at) = self.at.filter(|&at| at <= self.text.len()) {
            self.interrupt.check()?;
            let check = || self.interrupt.check();
            let Some(found) = self.regex.find_at(&self.text, at, &check)? else { break };
            let (start, end) = found.whole();
            let divides = divides(start, end, self.last, &self.text);
            self.last = end;
            self.at = Some(if start == end { behind(&self.text, end) } else { end });
            match self.piece {
                None => {
                    let row = groups(&found, &self.text)?;
                    self.at = self.at.filter(|_| self.global);
                    return Ok(Some(row));
                }
                Some(from) if divides => {
                    self.piece = Some(end);
                    return Ok(Some(Value::from(self.text.get(from..start).unwrap_or_default())));
                }
                Some(_) => {}
            }
        }
        self.at = None;
        // What is left behind the last match.
        Ok(self.piece.take().map(|from| Value::from(self.text.get(from..).unwrap_or_default())))
    }
}

impl SetRows for Matches {
    fn next(&mut self, most: usize) -> Result<Option<Column>> {
        let mut out = ColumnBuilder::new(self.ty);
        while out.len() < most
            && let Some(row) = self.row()?
        {
            out.push(&row)?;
        }
        Ok((!out.is_empty()).then(|| out.finish()))
    }
}
