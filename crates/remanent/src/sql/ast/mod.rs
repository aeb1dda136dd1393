//! The tree that the parser makes of a statement: what was written, nothing more.
//!
//! The nodes carry the whole of PostgreSQL 15's SELECT, INSERT, UPDATE and DELETE. What a node can say and the
//! binder does not do is refused there, with 0A000 and the position that the node's [`Span`] holds. Nothing
//! here knows tables, types or functions: `a.b` is a [`Name`], `+` is an [`Op`] with a name.
//!
//! ```
//! use remanent::sql::{ast::ExprKind, parse::parse_expr};
//! let e = parse_expr("price * 2 > $1 AND Note IS NOT NULL").unwrap();
//! assert!(matches!(&e.kind, ExprKind::And(parts) if parts.len() == 2));
//! assert_eq!(e.to_string(), "price * 2 > $1 AND note IS NOT NULL");
//! ```
//!
//! Conventions:
//! - Names are folded already (`Note` is `note`, `"Note"` is `Note`); printing quotes what needs quotes.
//! - Parentheses are not in the tree; printing puts them where precedence needs them.
//! - Equality ignores spans, so that `parse(tree.to_string()) == tree`.
//! - SQL's special call syntax is an ordinary [`FunctionCall`] as in PostgreSQL: `EXTRACT(year FROM x)` is
//!   `extract('year', x)`, `x AT TIME ZONE z` is `timezone(z, x)`, `POSITION(a IN b)` is `position(b, a)`,
//!   `TRIM(LEADING c FROM s)` is `ltrim(s, c)`, `CURRENT_DATE` is `current_date()`, COALESCE, NULLIF, GREATEST
//!   and LEAST are calls of those names, `date '2020-01-01'` is a cast of the string.
//! - The height of a tree is bounded by the parser (54001), so recursion over it is safe.

mod copy;
mod define;
mod display;
mod expr;
mod index;
mod merge;
mod query;
mod statement;
mod table;

pub use copy::*;
pub use define::*;
pub use display::{quote_ident, quote_literal};
pub use expr::*;
pub use index::*;
pub use merge::*;
pub use query::*;
pub use statement::*;
pub use table::*;

use std::ops::Range;

/// Where in the statement's text a node was written: byte offsets. All spans are equal to each other, so
/// that trees compare by content.
#[derive(Debug, Clone, Copy, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From the start of the one to the end of the other.
    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end.max(self.start) }
    }

    /// As a range, to slice the text with.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The first byte, as [`crate::Error::at`] takes it.
    pub fn at(self) -> usize {
        self.start as usize
    }
}

impl PartialEq for Span {
    fn eq(&self, _: &Span) -> bool {
        true
    }
}

/// One identifier, folded to lower case where it was not quoted.
#[derive(Debug, Clone, PartialEq)]
pub struct Ident {
    /// The name as the catalog knows it.
    pub name: String,
    /// Where it was written.
    pub span: Span,
}

/// A possibly qualified name: `column`, `table.column`, `schema.table`. Never empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Name {
    /// Its parts, outermost first.
    pub parts: Vec<Ident>,
    /// Where it was written.
    pub span: Span,
}

impl Name {
    /// The last part: the object's own name.
    pub fn last(&self) -> &str {
        self.parts.last().map_or("", |p| &p.name)
    }

    /// The part before the last, where there is one: the schema of a table, the table of a column.
    pub fn qualifier(&self) -> Option<&Ident> {
        self.parts.len().checked_sub(2).and_then(|i| self.parts.get(i))
    }

    /// The name, where it has one part only.
    pub fn simple(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [only] => Some(&only.name),
            _ => None,
        }
    }
}

/// The name of a type with its modifiers, as written but for SQL's keyword types, which carry PostgreSQL's
/// own names: `int`/`integer` is `int4`, `smallint` `int2`, `bigint` `int8`, `real` `float4`, `float(n)` and
/// `double precision` `float4`/`float8`, `decimal`/`dec` `numeric`, `boolean` `bool`, `char(n)` `bpchar`,
/// `character varying` `varchar`, `timestamp with time zone` `timestamptz`, `time with time zone` `timetz`,
/// `bit varying` `varbit`.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeName {
    /// The name.
    pub name: Name,
    /// `numeric(10, 2)`, `vector(3)`, `varchar(20)`, `timestamp(3)`.
    pub modifiers: Vec<Expr>,
    /// `interval day to second`: the fields.
    pub interval: Option<IntervalFields>,
    /// `int[]`, `int[3][]`: one entry a dimension.
    pub array: Vec<Option<i64>>,
    /// Where it was written.
    pub span: Span,
}

/// The fields an interval type is restricted to, in the order of `FIELDS` in `value/precise.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum IntervalFields {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
}
