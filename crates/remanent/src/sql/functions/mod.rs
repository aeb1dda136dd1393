//! The functions and operators of SQL: one registry, one file per topic.
//!
//! A new function is one entry in the table of its topic and one kernel:
//!
//! ```text
//! f("cbrt", &[(&[FLOAT8], Type::Float8)], cbrt)
//! ```
//!
//! That is a function with one signature, of one double; it is strict (NULL in, NULL out, without
//! asking the kernel) and immutable. Operators are entries named by their symbol.
//!
//! | file | holds |
//! |---|---|
//! | `compare` | `=` `<>` `<` `<=` `>` `>=` |
//! | `arithmetic` | `+` `-` `*` `/` `%` on numbers |
//! | `math` | abs, round, sqrt, trigonometry, random |
//! | `degrees`, `counting` | trigonometry in degrees; buckets, factorials, counts of NULLs |
//! | `exact` | what kernels of numeric are written with |
//! | `string`, `like` | text functions, `\|\|`; LIKE |
//! | `md5`, `sha` | digests; `hash`: numbers for texts |
//! | `missing` | what PostgreSQL has besides |
//! | `regexp` | regular expressions, SIMILAR TO |
//! | `bytes`, `quote` | bytes, bits, encodings; quoting, format |
//! | `datetime` | now, date_trunc, extract, calendar arithmetic |
//! | `bucket` | time_bucket, gapfill |
//! | `parameters` | functions whose arguments may be given by name |
//! | `time`, `timetz` | times of day, without and with a zone; OVERLAPS |
//! | `zone` | AT TIME ZONE; what depends on the session's zone |
//! | `to_char` | values by templates |
//! | `array` | arrays; `json`: json and jsonb; `uuid`: gen_random_uuid |
//! | `jsonpath` | paths into jsonb |
//! | `vector`, `halfvec`, `sparsevec` | distances; `bits`: strings of bits and distances of them |
//! | `places` | geometry and geography |
//! | `text_search` | tsvector, tsquery |
//! | `fusion` | rrf |
//! | `advisory` | pg_advisory_lock and its kin |
//! | `sequence` | nextval and its kin |
//! | `session` | settings, schemas, pg_typeof |
//! | `definition` | types and definitions by their numbers; `catalog`: what else is asked of them |
//! | `description` | comments |
//! | `privilege` | has_table_privilege and its kin |
//! | `process` | pg_sleep, the process |
//! | `enums` | enum types |
//! | `record` | rows as values; `reference`: regclass and regtype |
//! | `random` | random numbers |
//! | `system` | the database's name, sizes, counters |
//! | `conditional` | greatest, least, nullif |
//! | `ordered_set` | what ordered-set aggregates make of their values |
//! | `short` | numerics as mantissas of one scale |
//! | `cast` | conversions between types, by [`super::expr::Expr::Cast`]; `between`: a table of more of them |
//! | `support` | what kernels are written with |
//! | `aggregate` | count, sum, avg, … |
//! | `series` | functions that return rows |
//!
//! Kernels see whole columns ([`Args`]): flat or constant, never a dictionary. Rows whose
//! bit in [`Args::valid`] is unset hold anything and must not raise errors.

pub mod advisory;
pub mod aggregate;
mod arithmetic;
mod array;
pub(crate) mod between;
mod bits;
pub(crate) mod bucket;
mod bytes;
pub mod cast;
mod catalog;
pub(crate) mod compare;
pub(crate) mod conditional;
mod counting;
mod datetime;
mod definition;
mod degrees;
mod description;
pub(crate) mod enums;
mod exact;
mod fusion;
mod halfvec;
mod hash;
pub mod json;
pub mod jsonpath;
pub mod like;
mod math;
mod md5;
pub(crate) mod missing;
pub(crate) mod ordered_set;
pub(crate) mod parameters;
#[cfg(feature = "shapes")]
pub(crate) mod places;
mod privilege;
mod process;
mod quote;
mod random;
pub(crate) mod record;
pub(crate) mod reference;
mod regexp;
pub(crate) mod sequence;
pub mod series;
pub(crate) mod session;
mod sha;
pub mod short;
mod sparsevec;
mod string;
pub(crate) mod support;
pub mod system;
#[cfg(feature = "text")]
pub(in crate::sql) mod text_search;
mod time;
mod timetz;
mod to_char;
mod uuid;
mod vector;
pub mod zone;

use super::expr::EvalContext;
use remanent_kernels::sort::sort_by;
use remanent_storage::error::Result;
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Bitmap, Column, ColumnData, Element, Type};
use std::cmp::Ordering;
use std::sync::OnceLock;

/// How a result depends on more than the arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Volatility {
    /// On nothing else, ever.
    Immutable,
    /// On the transaction or the statement (`now()`).
    Stable,
    /// Each call may differ (`random()`).
    Volatile,
}

/// What an argument may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arg {
    /// A value of that type (numeric and vector without precision or length: of any).
    Is(Type),
    /// A value of any type.
    Any,
    /// An array. All of them, and all elements, are of one type in the end.
    Array,
    /// What the arrays of the call have as elements.
    Element,
    /// A value of an enum type. All of them are of one in the end.
    Enum,
}

/// The arguments and the result's type, which is without precision or length.
pub type Signature = (&'static [Arg], Type);

/// An entry of the registry.
#[derive(Debug)]
pub struct Function {
    /// The name in lower case, or the operator's symbol.
    pub name: &'static str,
    /// What it takes and what it returns.
    pub signatures: &'static [Signature],
    /// True if the last argument may be repeated.
    pub variadic: bool,
    /// True if NULL in any argument gives NULL; the kernel then never sees one.
    pub strict: bool,
    /// How the result depends on more than the arguments.
    pub volatility: Volatility,
    /// Its kernel takes short numerics ([`short`]).
    pub takes_short: bool,
    /// The work.
    pub kernel: Kernel,
}

/// The work of a function over whole columns.
pub type Kernel = fn(&Args<'_>) -> Result<Column>;

/// What a kernel is given.
pub struct Args<'a> {
    /// The arguments: flat or constant, `rows` rows each; at least one is flat, or `rows` is 1.
    pub columns: &'a [Column],
    /// How many rows.
    pub rows: usize,
    /// The result's type.
    pub ty: Type,
    /// For strict functions: the rows without NULL arguments; None: all.
    pub valid: Option<Bitmap>,
    /// The statement around.
    pub ctx: &'a EvalContext<'a>,
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cmp {
    /// `=`
    Eq,
    /// `<>`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// A strict, immutable function.
const fn f(name: &'static str, signatures: &'static [Signature], kernel: Kernel) -> Function {
    Function {
        name,
        signatures,
        variadic: false,
        strict: true,
        volatility: Volatility::Immutable,
        takes_short: false,
        kernel,
    }
}

impl Function {
    /// Its kernel wants to see NULLs.
    const fn sees_null(mut self) -> Self {
        self.strict = false;
        self
    }

    /// Its last argument may be repeated.
    const fn variadic(mut self) -> Self {
        self.variadic = true;
        self
    }

    /// Its kernel takes short numerics.
    const fn takes_short(mut self) -> Self {
        self.takes_short = true;
        self
    }

    /// It depends on the transaction or the statement.
    const fn stable(mut self) -> Self {
        self.volatility = Volatility::Stable;
        self
    }

    /// Each call may differ.
    const fn volatile(mut self) -> Self {
        self.volatility = Volatility::Volatile;
        self
    }

    /// Which comparison this is, if it is one.
    pub fn comparison(&self) -> Option<Cmp> {
        Some(match self.name {
            "=" => Cmp::Eq,
            "<>" => Cmp::Ne,
            "<" => Cmp::Lt,
            "<=" => Cmp::Le,
            ">" => Cmp::Gt,
            ">=" => Cmp::Ge,
            _ => return None,
        })
    }

    /// True for a name that is a symbol.
    pub fn is_operator(&self) -> bool {
        self.name.bytes().next().is_some_and(|b| b.is_ascii_punctuation() && b != b'_')
    }
}

impl Cmp {
    /// The comparison that is true where this one is false (NULL apart).
    pub fn negated(self) -> Self {
        match self {
            Cmp::Eq => Cmp::Ne,
            Cmp::Ne => Cmp::Eq,
            Cmp::Lt => Cmp::Ge,
            Cmp::Le => Cmp::Gt,
            Cmp::Gt => Cmp::Le,
            Cmp::Ge => Cmp::Lt,
        }
    }

    /// The comparison that says the same with its sides exchanged.
    pub fn flipped(self) -> Self {
        match self {
            Cmp::Lt => Cmp::Gt,
            Cmp::Le => Cmp::Ge,
            Cmp::Gt => Cmp::Lt,
            Cmp::Ge => Cmp::Le,
            same => same,
        }
    }

    /// The operator.
    pub fn function(self) -> Option<&'static Function> {
        let name = match self {
            Cmp::Eq => "=",
            Cmp::Ne => "<>",
            Cmp::Lt => "<",
            Cmp::Le => "<=",
            Cmp::Gt => ">",
            Cmp::Ge => ">=",
        };
        lookup(name).first().copied()
    }

    /// What it says of two values that stand in that order.
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Cmp::Eq => order.is_eq(),
            Cmp::Ne => order.is_ne(),
            Cmp::Lt => order.is_lt(),
            Cmp::Le => order.is_le(),
            Cmp::Gt => order.is_gt(),
            Cmp::Ge => order.is_ge(),
        }
    }
}

/// Calls a function on whole columns of `rows` rows. NULLs, constants and dictionaries are seen to here,
/// so that kernels need not.
pub fn invoke(
    function: &Function,
    ty: Type,
    columns: Vec<Column>,
    rows: usize,
    ctx: &EvalContext<'_>,
) -> Result<Column> {
    // Kernels know one kind of text.
    let plain = |c: Column| if c.ty().is_text() { c.with_type(Type::Text) } else { c };
    let columns: Vec<Column> = columns.into_iter().map(plain).collect();
    if function.strict && columns.iter().any(|c| c.as_constant().is_some_and(|one| !one.is_valid(0))) {
        return Ok(Column::null(ty, rows));
    }
    let constant = columns.iter().all(|c| c.as_constant().is_some());
    if constant && rows != 1 && function.volatility != Volatility::Volatile {
        let ones: Vec<Column> = columns.iter().filter_map(|c| c.as_constant().cloned()).collect();
        let one = call_kernel(function, ty, &ones, 1, ctx)?;
        return Column::constant(one.ty(), &one.value(0), rows);
    }
    if function.strict
        && function.volatility != Volatility::Volatile
        && let Some(column) = on_dictionary(function, ty, &columns, rows, ctx)
    {
        return Ok(column);
    }
    let flat = |c: Column| if matches!(c.data(), ColumnData::Dictionary { .. }) { c.flatten() } else { c };
    let columns: Vec<Column> = columns.into_iter().map(flat).collect();
    call_kernel(function, ty, &columns, rows, ctx)
}

fn call_kernel(
    function: &Function,
    ty: Type,
    columns: &[Column],
    rows: usize,
    ctx: &EvalContext<'_>,
) -> Result<Column> {
    let valid = if function.strict { support::all_valid(columns, rows) } else { None };
    let column = (function.kernel)(&Args { columns, rows, ty, valid, ctx })?;
    debug_assert_eq!(column.len(), rows, "{}", function.name);
    Ok(column)
}

/// A function of one dictionary and constants is called once a distinct value. None: this is no such case, or
/// it failed, maybe for a value that no row has: the rows will tell.
fn on_dictionary(
    function: &Function,
    ty: Type,
    columns: &[Column],
    rows: usize,
    ctx: &EvalContext<'_>,
) -> Option<Column> {
    let mut dictionaries = columns.iter().filter(|c| c.as_constant().is_none());
    let dictionary = dictionaries.next()?;
    let ColumnData::Dictionary { codes, values } = dictionary.data() else { return None };
    if dictionaries.next().is_some() || values.len() > rows {
        return None;
    }
    let distinct = columns.iter().map(|c| match c.as_constant() {
        Some(one) => Column::constant(c.ty(), &one.value(0), values.len()),
        None => Ok(values.as_ref().clone()),
    });
    let distinct = distinct.collect::<Result<Vec<Column>>>().ok()?;
    let column = call_kernel(function, ty, &distinct, values.len(), ctx).ok()?;
    Some(support::mask_nulls(column.flatten().gather(codes), dictionary.validity()))
}

/// The tables of all topics, each with its heading in the list of functions.
pub static TOPICS: &[(&str, &[Function])] = &[
    ("Comparison", compare::FUNCTIONS),
    ("Arithmetic", arithmetic::FUNCTIONS),
    ("Mathematics", math::FUNCTIONS),
    ("Trigonometry in degrees", degrees::FUNCTIONS),
    ("Buckets and counts", counting::FUNCTIONS),
    ("Text", string::FUNCTIONS),
    ("Numbers for texts", hash::FUNCTIONS),
    ("LIKE", like::FUNCTIONS),
    ("Regular expressions", regexp::FUNCTIONS),
    ("Bytes and bits", bytes::FUNCTIONS),
    ("Quoting and format", quote::FUNCTIONS),
    ("Dates and times", datetime::FUNCTIONS),
    ("Buckets of time", bucket::FUNCTIONS),
    ("Times of day", time::FUNCTIONS),
    ("Times of day with a zone", timetz::FUNCTIONS),
    ("Time zones", zone::FUNCTIONS),
    ("Templates", to_char::FUNCTIONS),
    ("Vectors", vector::FUNCTIONS),
    ("Vectors of 16-bit floats", halfvec::FUNCTIONS),
    ("Vectors with few elements", sparsevec::FUNCTIONS),
    ("Strings of bits", bits::FUNCTIONS),
    #[cfg(feature = "shapes")]
    ("Places: forms", places::forms::FUNCTIONS),
    #[cfg(feature = "shapes")]
    ("Places: parts", places::parts::FUNCTIONS),
    #[cfg(feature = "shapes")]
    ("Places: relations and distances", places::pairs::FUNCTIONS),
    #[cfg(feature = "shapes")]
    ("Places: measures and changes", places::edit::FUNCTIONS),
    #[cfg(feature = "shapes")]
    ("Places on the globe", places::globe::FUNCTIONS),
    #[cfg(feature = "text")]
    ("Text search", text_search::FUNCTIONS),
    ("Rankings made one", fusion::FUNCTIONS),
    ("Conditional", conditional::FUNCTIONS),
    ("Advisory locks", advisory::FUNCTIONS),
    ("Session", session::FUNCTIONS),
    ("System", system::FUNCTIONS),
    ("Comments", description::FUNCTIONS),
    ("Definitions", definition::FUNCTIONS),
    ("Objects", catalog::FUNCTIONS),
    ("Privileges", privilege::FUNCTIONS),
    ("Process and sleep", process::FUNCTIONS),
    ("Enum types", enums::FUNCTIONS),
    ("Names of objects", reference::FUNCTIONS),
    ("Sequences", sequence::FUNCTIONS),
    ("Arrays", array::FUNCTIONS),
    ("Rows", record::FUNCTIONS),
    ("JSON", json::FUNCTIONS),
    ("JSON paths", jsonpath::FUNCTIONS),
    ("UUID", uuid::FUNCTIONS),
    ("Digests", sha::FUNCTIONS),
    ("Ordered-set aggregates (WITHIN GROUP)", ordered_set::FUNCTIONS),
];

/// Every entry.
pub fn all_functions() -> impl Iterator<Item = &'static Function> {
    TOPICS.iter().flat_map(|(_, topic)| topic.iter())
}

/// The entries of that name, in lower case.
pub fn lookup(name: &str) -> &'static [&'static Function] {
    static BY_NAME: OnceLock<Vec<&'static Function>> = OnceLock::new();
    let all = BY_NAME.get_or_init(|| {
        let mut all: Vec<&'static Function> = all_functions().collect();
        sort_by(&mut all, &|a, b| a.name.cmp(b.name));
        all
    });
    let start = all.partition_point(|f| f.name < name);
    let len = all[start..].partition_point(|f| f.name == name);
    &all[start..start + len]
}

// What signatures are written with.
const ANY: Arg = Arg::Any;
const BOOL: Arg = Arg::Is(Type::Bool);
const INT2: Arg = Arg::Is(Type::Int2);
const INT4: Arg = Arg::Is(Type::Int4);
const INT8: Arg = Arg::Is(Type::Int8);
const FLOAT4: Arg = Arg::Is(Type::Float4);
const FLOAT8: Arg = Arg::Is(Type::Float8);
const NUMERIC: Arg = Arg::Is(Type::Numeric(None));
const TEXT: Arg = Arg::Is(Type::Text);
const BPCHAR: Arg = Arg::Is(Type::Char(None));
const UUID: Arg = Arg::Is(Type::Uuid);
const OID: Arg = Arg::Is(Type::Oid);
const NAME: Arg = Arg::Is(Type::Name);
const REGCLASS: Arg = Arg::Is(Type::Regclass);
const REGTYPE: Arg = Arg::Is(Type::Regtype);
const REGNAMESPACE: Arg = Arg::Is(Type::Regnamespace);
const REGPROC: Arg = Arg::Is(Type::Regproc);
const REGROLE: Arg = Arg::Is(Type::Regrole);
const TIME: Arg = Arg::Is(Type::Time);
const JSON: Arg = Arg::Is(Type::Json);
const JSONB: Arg = Arg::Is(Type::Jsonb);
const TEXTS: Arg = Arg::Is(Type::Array(Element::of(Type::Text)));
const ARRAY: Arg = Arg::Array;
const ELEMENT: Arg = Arg::Element;
const BYTEA: Arg = Arg::Is(Type::Bytea);
const DATE: Arg = Arg::Is(Type::Date);
const TIMESTAMP: Arg = Arg::Is(Type::Timestamp);
const TIMESTAMPTZ: Arg = Arg::Is(Type::Timestamptz);
const INTERVAL: Arg = Arg::Is(Type::Interval);
const VECTOR: Arg = Arg::Is(Type::Vector(None));
const HALFVEC: Arg = Arg::Is(Type::Other(Kind::HalfVec, 0));
const SPARSEVEC: Arg = Arg::Is(Type::Other(Kind::SparseVec, 0));
const BIT: Arg = Arg::Is(Type::Other(Kind::Bit, 0));
const TIMETZ: Arg = Arg::Is(Type::Other(Kind::TimeTz, 0));
const JSONPATH: Arg = Arg::Is(Type::Other(Kind::JsonPath, 0));
const RECORD: Arg = Arg::Is(remanent_storage::value::record::RECORD);
const VARBIT: Arg = Arg::Is(Type::Other(Kind::VarBit, 0));
#[cfg(feature = "text")]
const TSVECTOR: Arg = Arg::Is(Type::Other(Kind::TsVector, 0));
#[cfg(feature = "text")]
const TSQUERY: Arg = Arg::Is(Type::Other(Kind::TsQuery, 0));
#[cfg(feature = "text")]
const REGCONFIG: Arg = Arg::Is(Type::Other(Kind::RegConfig, 0));
