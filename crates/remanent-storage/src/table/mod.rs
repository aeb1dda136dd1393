//! One table: its definition, one hot segment and many cold ones; flush and merge.

pub mod downsample;
pub mod estimate;
pub mod files;
pub mod gone;
pub mod hot;
pub mod layout;
pub mod lifetime;
pub mod located;
pub mod ordered;
pub mod ordinals;
pub mod policy;
mod ranked;
pub mod rewrite;
pub mod scan;
pub mod sweep;
pub mod version;

use crate::error::Result;
use crate::index::{IndexDef, KeyOrder, KeySpan, Part, Place, Probe, ProbeStats, ScoreBound};
use crate::segment::RowSet;
use crate::value::{Batch, Type, Value};
use layout::Layout;
use std::ops::Bound;
use std::sync::Arc;

/// A table's number; not given again while the log or the manifest knows of it.
pub type TableId = u32;

/// The schema of tables whose statement names none.
pub const PUBLIC: &str = "public";
/// Begins the name of the schema of a session's temporary relations; the session's number follows.
pub const TEMPORARY: &str = "pg_temp_";

/// True for the schema of a session's temporary relations.
pub fn is_temporary(schema: &str) -> bool {
    schema.starts_with(TEMPORARY)
}

/// What a relation consists of, as declared: a table, or a view or a sequence, which are kept in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct TableDef {
    /// Its number.
    pub id: TableId,
    /// The schema it is in.
    pub schema: String,
    /// Its name, folded as PostgreSQL folds it.
    pub name: String,
    /// What it is.
    pub kind: RelationKind,
    /// Its columns in order.
    pub columns: Vec<ColumnDef>,
    /// Positions in `columns` of the primary key's columns, in key order. Empty: rows have a hidden key,
    /// `row_id bigint`, which scans deliver as column number `columns.len()`.
    pub key: Vec<usize>,
    /// What its rows must meet besides key and NOT NULL, in the order of declaration. Who inserts rows checks them.
    pub constraints: Vec<ConstraintDef>,
    /// What WITH (…) says of it: names and values, in the order they were set ([`lifetime`]).
    pub options: Vec<(String, String)>,
    /// Which columns its rows have, where it has got some since it was made.
    pub layout: Option<Layout>,
}

/// What a relation is.
#[derive(Debug, Clone, PartialEq)]
pub enum RelationKind {
    /// Rows.
    Table,
    /// A query under a name: its text. It has columns and no rows.
    View(String),
    /// Numbers: one row that says which were given (`txn::sequence`).
    Sequence(SequenceDef),
}

/// How a sequence goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceDef {
    /// The type of its numbers: smallint, integer or bigint.
    pub ty: Type,
    /// The first one.
    pub start: i64,
    /// From one to the next; never 0.
    pub increment: i64,
    /// The smallest.
    pub min: i64,
    /// The largest.
    pub max: i64,
    /// How many a session may take ahead; kept for who asks.
    pub cache: i64,
    /// It begins again at the other end.
    pub cycle: bool,
    /// The column that it goes with: schema, table, column.
    pub owner: Option<[String; 3]>,
}

/// A constraint: its name and its text, as SQL prints it (`CHECK (a > 0)`).
#[derive(Debug, Clone, PartialEq)]
pub struct ConstraintDef {
    /// Its name, of which a table has no other.
    pub name: String,
    /// What it says. Nothing here reads it.
    pub text: String,
}

impl ConstraintDef {
    /// True if it says that rows refer to those of another table.
    pub fn is_foreign_key(&self) -> bool {
        self.text.starts_with("FOREIGN KEY")
    }
}

/// Where the values of a column come from that are not simply given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Generated {
    /// From the statement, or the default.
    #[default]
    No,
    /// From the other columns: the default is the expression.
    Stored,
    /// From a sequence, unless the statement overrides it.
    Always,
    /// From a sequence where the statement gives none.
    ByDefault,
}

/// One declared column, or one that is kept for an index: what an expression gives, or whether a condition holds.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnDef {
    /// Its name. Empty: it is kept for an index, comes behind those that have one, and no statement names it.
    pub name: String,
    /// Its type.
    pub ty: Type,
    /// NULL is refused (23502).
    pub not_null: bool,
    /// The text of its DEFAULT expression.
    pub default: Option<String>,
    /// Where its values come from.
    pub generated: Generated,
}

impl ColumnDef {
    /// A column that may be NULL and has no default.
    pub fn new(name: impl Into<String>, ty: Type) -> Self {
        ColumnDef { name: name.into(), ty, not_null: false, default: None, generated: Generated::No }
    }
}

impl TableDef {
    /// A table without constraints in the schema `public`.
    pub fn new(id: TableId, name: impl Into<String>, columns: Vec<ColumnDef>, key: Vec<usize>) -> Self {
        let (schema, kind) = (PUBLIC.to_string(), RelationKind::Table);
        let (constraints, options) = (Vec::new(), Vec::new());
        TableDef { id, schema, name: name.into(), kind, columns, key, constraints, options, layout: None }
    }

    /// How many columns statements know: the first ones.
    pub fn visible(&self) -> usize {
        self.columns.partition_point(|column| !column.name.is_empty())
    }

    /// What messages and plans call a column: its name, or the expression that it keeps.
    pub fn label(&self, column: usize) -> String {
        let Some(column) = self.columns.get(column) else { return "row_id".to_string() };
        match (&column.default, column.name.is_empty()) {
            (Some(text), true) if is_call(text) => text.clone(),
            (Some(text), true) => format!("({text})"),
            _ => column.name.clone(),
        }
    }

    /// True for what goes with its session.
    pub fn is_temporary(&self) -> bool {
        is_temporary(&self.schema)
    }

    /// True for a table, false for a view or a sequence.
    pub fn is_table(&self) -> bool {
        self.kind == RelationKind::Table
    }

    /// True if rows of the one are laid out as rows of the other.
    pub fn same_layout(&self, other: &TableDef) -> bool {
        let types = |def: &TableDef| def.columns.iter().map(|column| column.ty).collect::<Vec<_>>();
        self.key == other.key && self.layout == other.layout && types(self) == types(other)
    }

    /// True if the rows of the one are those of the other, of which they may have fewer columns.
    pub fn same_rows(&self, other: &TableDef) -> bool {
        let widened = self.layout.is_some() || other.layout.is_some();
        self.same_layout(other) || widened && self.is_table() && other.is_table()
    }

    /// The value of an option.
    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(held, _)| held == name).map(|(_, value)| value.as_str())
    }

    /// Sets an option anew, as the last one, or, None, forgets it.
    pub fn set_option(&mut self, name: &str, value: Option<String>) {
        self.options.retain(|(held, _)| held != name);
        self.options.extend(value.map(|value| (name.to_string(), value)));
    }

    /// The position of a column by name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c.name == name)
    }

    /// What the primary key is called: as its constraint says, or after the table.
    pub fn key_name(&self) -> String {
        self.key_constraint().map_or_else(|| format!("{}_pkey", self.name), |held| held.name.clone())
    }

    /// True if there is a primary key that is called so.
    pub fn has_key_named(&self, name: &str) -> bool {
        let after_table = || name.strip_suffix("_pkey") == Some(&self.name);
        !self.key.is_empty() && self.key_constraint().map_or_else(after_table, |held| held.name == name)
    }

    fn key_constraint(&self) -> Option<&ConstraintDef> {
        self.constraints.iter().find(|held| held.text.starts_with("PRIMARY KEY"))
    }

    /// The primary key as an index.
    pub fn primary(&self) -> IndexDef {
        let columns = self.key_columns();
        let ty = |&c: &usize| self.columns.get(c).map_or(Type::Int8, |c| c.ty.plain());
        IndexDef {
            id: 0,
            table: self.id,
            name: self.key_name(),
            kind: "primary".into(),
            types: columns.iter().map(ty).collect(),
            orders: vec![KeyOrder::default(); columns.len()],
            classes: Vec::new(),
            parameters: Vec::new(),
            include: Vec::new(),
            columns,
            unique: true,
            nulls_not_distinct: false,
            constraint: true,
            filter: None,
        }
    }

    /// Positions of the key's columns as scans number them (the hidden `row_id` where no key is declared).
    pub fn key_columns(&self) -> Vec<usize> {
        if self.key.is_empty() { vec![self.columns.len()] } else { self.key.clone() }
    }
}

/// True for `name(…)`, which needs no parentheses around it.
fn is_call(text: &str) -> bool {
    let name = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.'))).unwrap_or(0);
    let mut depth = 0;
    let inner = text.char_indices().skip_while(|(at, _)| *at < name).find(|(_, c)| {
        depth += i32::from(*c == '(') - i32::from(*c == ')');
        depth <= 0
    });
    name > 0 && inner.is_some_and(|(at, c)| c == ')' && at + 1 == text.len())
}

/// Where a row lies just now. Flush and merge change it; a statement's scan keeps what it points into alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId {
    /// The segment; [`RowId::PRIVATE`] is the transaction's own.
    pub segment: u32,
    /// The row in it.
    pub ordinal: u32,
}

impl RowId {
    /// The segment of rows that only their transaction sees. What else is in it says nothing.
    pub const PRIVATE: u32 = 0;

    /// As one number, the form in which scans deliver it (a bigint column).
    pub fn pack(self) -> i64 {
        i64::from(self.segment) << 32 | i64::from(self.ordinal)
    }

    /// The inverse of [`pack`](RowId::pack).
    pub fn unpack(packed: i64) -> Self {
        RowId { segment: (packed >> 32) as u32, ordinal: packed as u32 }
    }
}

/// What a scan should deliver.
#[derive(Debug, Clone, Default)]
pub struct ScanRequest {
    /// Columns by position, in the order wanted; `def.columns.len()` is the hidden `row_id`.
    pub columns: Vec<usize>,
    /// Conditions that every wanted row meets. The scan skips what it cheaply can; it may deliver rows that
    /// fail them, so the caller filters again.
    pub ranges: Vec<ColumnRange>,
    /// Every wanted row is among those of each of these. Parts of the indexes that are there spare the scan the others.
    pub probes: Vec<IndexProbe>,
    /// Of each segment that has a part of this index, only the rows that it ranks first are wanted.
    pub ranked: Option<RankProbe>,
    /// Of segments that have a part of this index no rows are wanted, but what the part counts of those that are seen.
    pub counted: Option<(Arc<IndexDef>, Probe)>,
    /// Adds a last column with each row's packed [`RowId`].
    pub row_ids: bool,
    /// The caller's whole condition, for serializable transactions to test other rows by; the scan does not use it.
    pub test: Option<RowTest>,
}

/// The rows that an index ranks first.
#[derive(Debug, Clone)]
pub struct RankProbe {
    /// The index.
    pub index: Arc<IndexDef>,
    /// What it is asked; it ranks.
    pub probe: Probe,
    /// How many rows are wanted.
    pub count: usize,
    /// The scan's sieve takes rows out, and has to before they are ranked.
    pub filtered: bool,
    /// The values that are ordered by are wanted as a last column, where the index knows them.
    pub scores: Option<Scores>,
}

/// How rows come with the values that are ordered by, of which an index knows them ([`Hits::exact`](crate::index::Hits::exact)).
#[derive(Debug, Clone, Copy)]
pub struct Scores {
    /// Those of the first 64 columns, by bits, at which nobody looks then.
    pub spared: u64,
    /// The greatest values come first: scores are their negatives.
    pub negated: bool,
}

/// Rows that an index names.
#[derive(Debug, Clone)]
pub struct IndexProbe {
    /// The index.
    pub index: Arc<IndexDef>,
    /// What it is asked: the rows are those of one of these. None of them ranks.
    pub probes: Vec<Probe>,
    /// Which of the index's questions it is, for who asks several.
    pub number: usize,
}

/// The rows of a segment that indexes name.
#[derive(Debug, Clone, Default)]
pub struct Named {
    /// Those that are among the rows of each probe; None: nothing is known of any.
    pub rows: Option<RowSet>,
    /// The probes, by bits, whose conditions are known to be true for these rows.
    pub sure: u64,
}

/// Rows that a part names, and whether the condition is known to be true for all of them.
pub type NamedRows = (RowSet, bool);

impl IndexProbe {
    /// The rows whose keys lie in one of some spans.
    pub fn of_spans(index: &Arc<IndexDef>, spans: impl IntoIterator<Item = KeySpan>) -> Self {
        IndexProbe {
            index: Arc::clone(index),
            probes: spans.into_iter().map(Probe::Span).collect(),
            number: 0,
        }
    }

    /// The rows that a part names, in no order, and whether the condition is known to be true for all of them; None where it cannot say.
    pub fn rows(&self, part: &(impl Part + ?Sized)) -> Result<Option<NamedRows>> {
        let (mut rows, mut hits) = (Vec::new(), Vec::new());
        let sure = self.probes.iter().all(|probe| part.decides(probe));
        for probe in &self.probes {
            if let Probe::Span(span) = probe {
                part.ordered(span, false, &mut Place::Start, &mut rows, usize::MAX)?;
                continue;
            }
            if !part.serves(probe) {
                return Ok(None);
            }
            let (stats, bound) = (ProbeStats::default(), ScoreBound::default());
            part.search(probe, None, &stats, &bound)?.next(&mut hits, usize::MAX)?;
            rows.extend(hits.drain(..).map(|hit| hit.ordinal));
        }
        Ok(Some((rows.into_iter().collect(), sure)))
    }

    /// True if parts may name no row but those for which the condition is true.
    pub fn is_exact(&self) -> bool {
        self.probes.iter().all(|probe| matches!(probe, Probe::Exact(_) | Probe::Satisfying(_)))
    }

    /// The rows that are among those of each probe. `named` gives those of one; None where that is not known.
    pub fn common(
        probes: &[IndexProbe],
        named: &mut dyn FnMut(&IndexProbe) -> Result<Option<NamedRows>>,
    ) -> Result<Named> {
        let mut all = Named::default();
        for (i, probe) in probes.iter().enumerate() {
            let Some((rows, sure)) = named(probe)? else { continue };
            if sure {
                all.sure |= 1u64.checked_shl(i as u32).unwrap_or(0);
            }
            match &mut all.rows {
                None => all.rows = Some(rows),
                Some(all) => all.intersect_with(&rows),
            }
            if all.rows.as_ref().is_some_and(RowSet::is_empty) {
                break;
            }
        }
        Ok(all)
    }
}

/// A condition over the columns of a scan: true if any row of a batch meets it, or might. Without side effects, and the
/// same each time.
#[derive(Clone)]
pub struct RowTest(Arc<dyn Fn(&Batch) -> bool + Send + Sync>);

impl RowTest {
    /// The batch has the columns that the scan asked for, in that order.
    pub fn new(holds: impl Fn(&Batch) -> bool + Send + Sync + 'static) -> Self {
        RowTest(Arc::new(holds))
    }

    /// True if some row meets the condition.
    pub fn holds(&self, rows: &Batch) -> bool {
        (self.0)(rows)
    }
}

impl std::fmt::Debug for RowTest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RowTest")
    }
}

/// `low ≤/< column ≤/< high`, by the order of SQL values; NULL never qualifies.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnRange {
    /// The column by position.
    pub column: usize,
    /// The lower end, of the column's type.
    pub low: Bound<Value>,
    /// The upper end, of the column's type.
    pub high: Bound<Value>,
}
