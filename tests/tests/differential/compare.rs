//! Whether two outcomes are the same.
//!
//! *Answers*: names and types of columns, how many rows were written, and the rows' exact texts, in order where the statement's
//! ORDER BY is total, otherwise in any order. Two exceptions, which a [`Statement`] asks for: sums of floats may differ by
//! [`TOLERANCE`], and values that are equal but print differently (1.0 and 1.00, 0 and -0, blanks at the end of `character(n)`)
//! may stand for each other in groups.
//!
//! A type of PostgreSQL's may have a modifier (`varchar(4)`) where ours has none: it describes an answer after it has chosen
//! among the branches of a CASE.
//!
//! *Errors*: SQLSTATE and position; a position where PostgreSQL has none is no difference. Where a statement has two errors,
//! it may be the one or the other that is found first: messages and positions of both sides differ then, which is counted as
//! unjudged. Errors of the data (classes 21, 22, 23) depend on which rows an engine evaluates first,
//! or at all, where it may filter before or after. The rule, by [`Errors`]:
//!
//! | statement | one side fails | both fail otherwise |
//! |---|---|---|
//! | one row, or none: `SELECT expression`, INSERT of one row | differs | differs |
//! | one expression for all rows of a table | differs | decided row by row |
//! | others | unjudged, counted | unjudged, counted |
//!
//! The last line is rare, because most such statements are made of what cannot fail; the driver bounds its share.

use super::generator::{Errors, Statement};
use super::outcome::{Answer, Failure, Outcome};

/// How much sums of floats may differ, relative to their size.
pub const TOLERANCE: f64 = 1e-9;

/// SQLSTATEs of limits that the two sides need not share: memory, stack, time, number of columns.
const LIMITS: [&str; 6] = ["53200", "54000", "54001", "54011", "57014", "53100"];

/// What a comparison comes to.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The same.
    Same,
    /// We do not have it (0A000): the feature.
    Refused(String),
    /// It cannot be told, and why.
    Unjudged(&'static str),
    /// Not the same, and in what.
    Different(&'static str),
}

/// Compares ours with PostgreSQL's.
pub fn compare(statement: &Statement, ours: &Outcome, theirs: &Outcome) -> Verdict {
    match (ours, theirs) {
        (Err(our), Err(their))
            if our.code == their.code && their.position.is_none_or(|at| our.position == Some(at)) =>
        {
            Verdict::Same
        }
        (Err(our), _) if our.code == "0A000" => Verdict::Refused(our.message.clone()),
        (_, Err(their)) if their.code == "0A000" => Verdict::Unjudged("PostgreSQL does not have it"),
        (Err(failure), _) | (_, Err(failure)) if LIMITS.contains(&failure.code.as_str()) => {
            Verdict::Unjudged("a limit of one side")
        }
        (Ok(our), Ok(their)) => answers(statement, our, their),
        (Err(our), Err(their)) => errors(statement, our, their),
        // Constants are computed before a statement runs; there, in branches that are not taken, too.
        (Ok(_), Err(their)) if their.is_of_data() && branches(statement) => {
            Verdict::Unjudged("PostgreSQL computes constants in a branch not taken")
        }
        (Err(failure), Ok(_)) | (Ok(_), Err(failure)) => {
            match failure.is_of_data() && statement.errors == Errors::Any {
                true => Verdict::Unjudged("an error of the data on one side"),
                false if ours.is_ok() => Verdict::Different("we have no error"),
                false => Verdict::Different("we have an error"),
            }
        }
    }
}

fn branches(statement: &Statement) -> bool {
    let sql = statement.sql.to_string();
    ["CASE", "coalesce(", " AND ", " OR "].iter().any(|word| sql.contains(word))
}

fn errors(statement: &Statement, our: &Failure, their: &Failure) -> Verdict {
    match our.is_of_data() && their.is_of_data() && statement.errors == Errors::Any {
        true => Verdict::Unjudged("other errors of the data"),
        false if our.message != their.message && our.position.is_some() && our.position != their.position => {
            match their.position {
                Some(_) => Verdict::Unjudged("two errors, another one first"),
                None => Verdict::Different("codes"),
            }
        }
        false if our.code == their.code => Verdict::Different("positions"),
        false => Verdict::Different("codes"),
    }
}

fn answers(statement: &Statement, our: &Answer, their: &Answer) -> Verdict {
    let names = |answer: &Answer| answer.columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    if names(our) != names(their) {
        return Verdict::Different("names");
    }
    let fits = |ours: &str, theirs: &str| {
        let without = |(name, rest): (&str, &str)| match rest.split_once(')') {
            _ if name == "character" => "bpchar".to_owned(),
            Some((_, behind)) if name.starts_with("time") => format!("{name}{behind}"),
            _ => name.to_owned(),
        };
        ours == theirs || theirs.split_once('(').map(without).as_deref() == Some(ours)
    };
    if !our.columns.iter().zip(&their.columns).all(|((_, ours), (_, theirs))| fits(ours, theirs)) {
        return Verdict::Different("types");
    }
    // Rows without columns are counted only.
    if !their.columns.is_empty() || their.rows.is_some() {
        let none = Vec::new();
        let (ours, theirs) = (our.rows.as_ref().unwrap_or(&none), their.rows.as_ref().unwrap_or(&none));
        if ours.len() != theirs.len() {
            return Verdict::Different("number of rows");
        }
        return rows(statement, ours, theirs);
    }
    match our.count == their.count {
        true => Verdict::Same,
        false => Verdict::Different("rows written"),
    }
}

type Row = Vec<Option<String>>;

fn rows(statement: &Statement, ours: &[Row], theirs: &[Row]) -> Verdict {
    let ordered = statement.sql.is_ordered();
    let (ours_sorted, theirs_sorted) = (sorted(ours), sorted(theirs));
    let same = |a: &[Row], b: &[Row]| a.iter().zip(b).all(|(a, b)| same_row(statement, a, b));
    if !same(&ours_sorted, &theirs_sorted) {
        if !statement.representative {
            return Verdict::Different("rows");
        }
        let plain = |rows: &[Row]| sorted(&rows.iter().map(plain_row).collect::<Vec<_>>());
        if !same(&plain(ours), &plain(theirs)) {
            return Verdict::Different("rows");
        }
    }
    let plain = |rows: &[Row]| rows.iter().map(plain_row).collect::<Vec<_>>();
    match !ordered || same(ours, theirs) || same(&plain(ours), &plain(theirs)) {
        true => Verdict::Same,
        false => Verdict::Different("order"),
    }
}

fn sorted(rows: &[Row]) -> Vec<Row> {
    let mut rows = rows.to_vec();
    rows.sort();
    rows
}

fn same_row(statement: &Statement, a: &Row, b: &Row) -> bool {
    a == b
        || statement.approximate
            && a.iter().zip(b).all(|(a, b)| match (a, b) {
                (Some(a), Some(b)) => a == b || near(a, b),
                (a, b) => a == b,
            })
}

/// True if both are numbers, and nearly the same.
fn near(a: &str, b: &str) -> bool {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => (a - b).abs() <= TOLERANCE * a.abs().max(b.abs()).max(1.0),
        _ => false,
    }
}

fn plain_row(row: &Row) -> Row {
    row.iter().map(|value| value.as_deref().map(plain)).collect()
}

/// A text with its numbers as short as they can be, without blanks at its end.
fn plain(text: &str) -> String {
    let (mut out, mut number) = (String::new(), String::new());
    for c in text.trim_end_matches(' ').chars().chain(['\n']) {
        if c.is_ascii_digit() || (c == '.' && !number.is_empty()) {
            number.push(c);
            continue;
        }
        if number.contains('.') {
            number.truncate(number.trim_end_matches('0').trim_end_matches('.').len());
        }
        if number == "0" && out.ends_with('-') {
            out.pop();
        }
        out += &number;
        number.clear();
        out.push(c);
    }
    out.pop();
    out
}
