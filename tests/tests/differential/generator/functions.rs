//! What expressions are made of: every function and operator of `docs/functions.md`, and what has a syntax of its own.
//!
//! Two sets. [`total`] holds what cannot fail whatever its arguments are, so that it does not matter which rows an engine
//! evaluates before it filters; [`free`] holds everything, for statements where it is certain which rows are evaluated.
//!
//! A new function would make other statements of every seed. So the fixed seeds of `./check` know the functions there were when
//! they were chosen ([`FIXED`]); all others know those of the document.

use super::pools::ARGUMENTS;
use super::template::Template;
use remanent_tests::text;

/// The list that there was when the fixed seeds were chosen.
pub const FIXED: &str = "tests/fixtures/differential/functions.md";

/// The list that there is.
pub const LIVING: &str = "docs/functions.md";

/// Templates that cannot fail: `expression → type`.
static TOTAL: &str = include_str!("total.txt");

/// Templates of what has a syntax of its own and may fail.
static SYNTAX: &str = include_str!("syntax.txt");

/// Functions that two servers answer differently, that wait, or whose names only we have.
const LEFT_OUT: &[&str] = &[
    "random",
    "clock_timestamp",
    "now",
    "statement_timestamp",
    "transaction_timestamp",
    "current_date",
    "current_timestamp",
    "localtimestamp",
    "gen_random_uuid",
    "current_catalog",
    "current_database",
    "nextval",
    "currval",
    "lastval",
    "setval",
    "quote_literal(any)",
    "quote_nullable(any)",
    "age(timestamp without time zone)",
    "age(timestamp with time zone)",
    "obj_description",
    "shobj_description",
    "col_description",
    "format_type",
    "first",
    "last",
    "histogram",
];
/// Beginnings of the titles of sections that only we have, or that ask for the session and the server.
const SECTIONS_LEFT_OUT: &[&str] = &[
    "Buckets of time",
    "Places",
    "Rankings",
    "Session",
    "Definitions",
    "Objects",
    "Privileges",
    "Process",
    "Names of objects",
    "Vectors of",
    "Vectors with",
];
const LEFT_OUT_BEGINNINGS: &[&str] =
    &["rem_", "pg_", "@any", "@all", "@enum", "enum_", "@array", "@element", "@slice"];

/// Functions whose arguments stand between words.
const SPOKEN: &[(&str, &str)] = &[
    ("position(text, text)", "position({text} IN {text})"),
    ("position(bytea, bytea)", "position({bytea} IN {bytea})"),
    ("extract(text, timestamp without time zone)", "extract({#field} FROM {timestamp without time zone})"),
    ("extract(text, timestamp with time zone)", "extract({#field} FROM {timestamp with time zone})"),
    ("extract(text, date)", "extract({#field} FROM {date})"),
    ("extract(text, interval)", "extract({#field} FROM {interval})"),
    ("to_char(integer, text)", "to_char({integer}, {#numbertemplate})"),
    ("to_char(bigint, text)", "to_char({bigint}, {#numbertemplate})"),
    ("to_char(numeric, text)", "to_char({numeric}, {#numbertemplate})"),
    ("to_char(double precision, text)", "to_char({double precision}, {#numbertemplate})"),
    ("to_char(real, text)", "to_char({real}, {#numbertemplate})"),
    ("trim(text, text)", "trim(both {text} from {text})"),
    ("overlay(text, text, integer, integer)", "overlay({text} placing {text} from {#small} for {#small})"),
];

/// What cannot fail.
pub fn total() -> Vec<Template> {
    written(TOTAL)
}

/// Everything.
pub fn free(list: &str) -> Vec<Template> {
    let mut all = written(TOTAL);
    all.extend(written(SYNTAX));
    let left_out = |section: &str| SECTIONS_LEFT_OUT.iter().any(|begin| section.starts_with(begin));
    let own = |section: &str| section.starts_with("Aggregates") || section.contains("unctions");
    all.extend(listed(list, &|section| !own(section) && !left_out(section)));
    all
}

/// The aggregate functions.
pub fn aggregates(list: &str) -> Vec<Template> {
    listed(list, &|section| section == "Aggregates")
}

fn written(lines: &str) -> Vec<Template> {
    let lines = lines.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let parsed = line.rsplit_once(" → ").and_then(|(text, returns)| Template::parse(text, returns));
            parsed.unwrap_or_else(|| panic!("not a template: {line}"))
        })
        .collect()
}

/// The lines of the document whose section is wanted.
fn listed(list: &str, wanted: &dyn Fn(&str) -> bool) -> Vec<Template> {
    let document = text(list);
    let (mut section, mut out) = ("", Vec::new());
    for line in document.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title;
        }
        let Some((signature, returns)) = line.strip_prefix("- `").and_then(|line| line.split_once("` → "))
        else {
            continue;
        };
        if wanted(section) {
            out.extend(signature_template(signature, returns.trim_matches('`')));
        }
    }
    assert!(!out.is_empty(), "{list} has no such section");
    out
}

fn signature_template(signature: &str, returns: &str) -> Vec<Template> {
    let returns = match returns {
        "the arguments' type" => "C",
        "anyarray" => "A",
        "anyelement" => "E",
        other => other,
    };
    if let Some((_, spoken)) = SPOKEN.iter().find(|(known, _)| *known == signature) {
        return Template::parse(spoken, returns).into_iter().collect();
    }
    match signature.split_once('(') {
        Some((name, arguments)) => call(name, signature, arguments.trim_end_matches(')'), returns),
        None => operator(signature, returns).into_iter().collect(),
    }
}

fn call(name: &str, signature: &str, arguments: &str, returns: &str) -> Vec<Template> {
    if LEFT_OUT.iter().any(|left| *left == name || *left == signature)
        || LEFT_OUT_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
    {
        return Vec::new();
    }
    let mut types: Vec<&str> = arguments.split(", ").filter(|ty| !ty.is_empty()).collect();
    let more = types.last() == Some(&"…");
    if more {
        types.pop();
    }
    let last = types.last().copied();
    let lengths = if more { 3 } else { 1 };
    let longer = (0..lengths).map(|extra| {
        let all = types.iter().copied().chain(last.into_iter().cycle().take(extra));
        let holes: Vec<_> = all.enumerate().map(|(i, ty)| hole(name, i, ty, returns)).collect();
        let count = if name == "count" && holes.is_empty() { "*" } else { "" };
        Template::parse(&format!("{name}({count}{})", holes.join(", ")), returns)
    });
    longer.flatten().collect()
}

fn operator(signature: &str, returns: &str) -> Option<Template> {
    let words: Vec<&str> = signature.split(' ').collect();
    let is_operator = |word: &&str| word.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c));
    let at = words.iter().position(is_operator)?;
    let (left, symbol, right) = (words[..at].join(" "), words[at], words[at + 1..].join(" "));
    let right = hole(symbol, usize::from(!left.is_empty()), &right, returns);
    match left.is_empty() {
        true => Template::parse(&format!("{symbol} {right}"), returns),
        false => Template::parse(&format!("{} {symbol} {right}", hole(symbol, 0, &left, returns)), returns),
    }
}

/// The hole of an argument.
fn hole(name: &str, argument: usize, ty: &str, returns: &str) -> String {
    let special = ARGUMENTS.iter().find(|(known, at, _)| *known == name && *at == argument);
    match (special, ty) {
        (None, "any") if returns == "C" => "{R}".to_owned(),
        (Some((_, _, "key")), "integer") => "{#small}".to_owned(),
        (Some((_, _, pool)), _) => format!("{{#{pool}}}"),
        (None, "any") => "{X}".to_owned(),
        (None, "array") => "{A}".to_owned(),
        (None, "element") => "{E}".to_owned(),
        (None, ty) => format!("{{{ty}}}"),
    }
}
