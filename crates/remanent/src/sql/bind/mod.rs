//! Binding: from what was written to what it means.
//!
//! The [`Binder`] walks the tree of a statement and makes a [`Plan`]: names become positions of columns, `*` becomes
//! columns, every expression gets a type and every conversion becomes explicit (by the [`Resolver`]), GROUP BY and
//! aggregates become a node of their own. The plan says what the statement means; how it is computed well is up to
//! [`super::optimize`].
//!
//! ```text
//! SELECT b, sum(a) AS total FROM t WHERE a > 5 GROUP BY b ORDER BY total DESC
//!
//! Sort (column 1, descending)
//!   Project (column 0 AS b, column 1 AS total)
//!     Aggregate (group: column 1 of t; sum of column 0 of t)
//!       Filter (column 0 > 5)
//!         Scan t (a, b)
//! ```
//!
//! The rules are PostgreSQL 15's, in its order, so that of two errors in a statement the same one is reported: FROM,
//! the select list, WHERE, HAVING, ORDER BY, GROUP BY, LIMIT; what is not grouped comes last. What the tree can say and
//! we do not do is refused with 0A000 and its position ([`refuse`]).
//!
//! | file | holds |
//! |---|---|
//! | `scope` | which columns a name can mean; the hint when it means none |
//! | `expr` | expressions |
//! | `call` | function and aggregate calls |
//! | `from` | FROM: tables, subqueries, joins |
//! | `asof` | ASOF JOIN |
//! | `function` | functions in FROM, functions that return rows |
//! | `query` | ORDER BY and LIMIT around SELECT, VALUES, UNION and its kin |
//! | `with` | WITH |
//! | `select` | SELECT: the list, WHERE, DISTINCT |
//! | `gapfill` | time_bucket_gapfill |
//! | `group` | GROUP BY, HAVING, and what stands above a grouping |
//! | `order` | ORDER BY |
//! | `tile` | ST_AsMVT |
//! | `window` | calls with OVER, WINDOW |
//! | `subquery` | queries within expressions |
//! | `locking` | FOR UPDATE, FOR SHARE |
//! | `insert`, `update` | INSERT; UPDATE and DELETE |
//! | `merge` | MERGE |
//! | `through` | rows changed through views |
//! | `returning` | RETURNING, ON CONFLICT |
//! | `rows` | whole rows as values |
//! | `hidden` | system columns |
//! | `information`, `system` | views that are computed: information_schema, counters |
//! | `define` | CREATE, ALTER, DROP, TRUNCATE |
//! | `copy` | COPY |
//! | `types` | the names of types |
//! | `names` | what an output column is called |

mod asof;
mod call;
mod copy;
mod define;
mod expr;
mod foreign;
mod from;
mod function;
mod gapfill;
mod group;
mod hidden;
mod information;
mod insert;
mod locking;
mod merge;
mod names;
mod order;
mod query;
mod record;
mod returning;
mod rows;
mod scope;
mod select;
mod subquery;
mod system;
mod through;
mod tile;
mod traverse;
mod types;
mod update;
pub(in crate::sql) mod window;
mod with;
mod within;

pub(crate) use define::{constraints_named, has_schema, relation_of_text};
pub(crate) use foreign::response;
pub(crate) use information::{
    UNKNOWN, class_name, class_number, class_of, class_oid, defined, descriptions, format_type, path_finds,
    procedure_named, procedures, relation_of_oid, schema_named, schema_of_oid, schema_of_type,
    serial_sequence, type_named, type_oid,
};

use super::ast::{self, Name, Span, Statement, StatementKind};
use super::expr::{Expr, Resolver};
use super::plan::{ExplainOptions, Field, Plan, Referred, Rules, SetCall};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{TableDef, TableId, is_temporary};
use remanent_storage::value::{Type, Zone};
use std::cell::RefCell;
use std::fmt::Display;
use std::sync::Arc;

pub use copy::{BoundCopy, CopyFormat, Header, bind_copy};
pub use window::window_functions;

/// What a statement means.
#[derive(Debug)]
pub struct Bound {
    /// What it does.
    pub plan: Plan,
    /// The number of the next parameter: behind the user's stand those that hold values of a row around a subquery.
    pub slots: usize,
    /// The types of `$1, $2, …`.
    pub params: Vec<Type>,
    /// What the rows consist of; empty for what returns none.
    pub columns: Vec<Field>,
    /// It must run to its end at once: it takes locks while it reads.
    pub at_once: bool,
    /// What locks rows in it, as SQL writes it.
    pub locked: Option<&'static str>,
    /// The tables that were looked up.
    pub names: Vec<String>,
}

/// Binds a statement that reads or writes tables. `params` are the types of parameters known beforehand. Statements of
/// the session (BEGIN, SET, …) are an internal error here.
/// Names without a schema are looked up along `path`; moments without a zone are in this one.
pub fn bind(
    statement: &Statement,
    catalog: &Catalog,
    params: &[Option<Type>],
    path: &[String],
    zone: &Zone,
) -> Result<Bound> {
    let given = params.len().max(statement.params as usize);
    let mut types = params.to_vec();
    types.resize(given, None);
    let mut binder = Binder::new(catalog, types, given, path);
    binder.resolver = binder.resolver.in_zone(zone.clone());
    let Relation { plan, fields: columns, .. } = binder.statement(statement)?;
    let params = binder.resolver.param_types()?;
    let (at_once, locked) = (binder.at_once, binder.locked);
    let names = binder.names.into_inner();
    Ok(Bound { plan, slots: binder.slots, params, columns, at_once, locked, names })
}

/// What is computed and checked of a table's rows, for who inserts them without a statement; None where nothing is.
pub(crate) fn rules(table: &Arc<TableDef>, catalog: &Catalog, path: &[String]) -> Result<Option<Arc<Rules>>> {
    Binder::new(catalog, Vec::new(), 0, path).rules_of(table, foreign::Writes::Inserts(&[]))
}

/// The foreign key of a table under that name; `Error::restart` where there is none any more.
pub(crate) fn foreign_key(
    child: &Arc<TableDef>,
    name: &str,
    catalog: &Catalog,
    path: &[String],
) -> Result<Arc<Referred>> {
    let held = child.constraints.iter().find(|held| held.name == name).ok_or_else(Error::restart)?;
    let found = Binder::new(catalog, Vec::new(), 0, path).foreign_key(child, held)?;
    found.ok_or_else(Error::restart)
}

/// The state of binding one statement.
struct Binder<'a> {
    catalog: &'a Catalog,
    /// The schemas for names without one.
    path: &'a [String],
    /// The schema of the session's temporary relations.
    temporary: Option<&'a str>,
    /// The tables that were looked up in it.
    names: RefCell<Vec<String>>,
    resolver: Resolver,
    /// How many parameters the user gives.
    params: usize,
    /// The number of the next parameter.
    slots: usize,
    /// The queries of WITH that can be named here, innermost last.
    queries: Vec<with::Named>,
    /// The number of the next of them.
    next_query: usize,
    /// How many of them the query being bound builds on, one on the other.
    chain: usize,
    /// How many queries are being bound, one within the other.
    level: usize,
    /// The scopes around the subquery, or the item of FROM, being bound.
    outer: Vec<subquery::Frame>,
    /// How many sides of outer joins that may be missing stand around the item of FROM being bound.
    missing: usize,
    /// The functions that return rows in the select list being bound, each with the columns it names and where.
    sets: Vec<(SetCall, Vec<(usize, usize)>)>,
    /// The calls with OVER of the query being bound, and its WINDOW clause.
    windows: Vec<window::BoundWindow>,
    named_windows: Vec<(ast::Ident, ast::Window)>,
    /// The arguments of each grouping() of the query being bound.
    groupings: Vec<Vec<(Expr, usize)>>,
    /// Of a query with GROUP BY or DISTINCT: its expressions with queries in them, as far as they are bound.
    alike: Option<Vec<subquery::Alike>>,
    /// A query of WITH that was bound writes.
    writes_beside: bool,
    /// FOR UPDATE and its kin, of the query being bound.
    locking: locking::Clauses,
    at_once: bool,
    locked: Option<&'static str>,
    /// The views that are being read, one by the other, and how high their queries are together.
    views: Vec<TableId>,
    views_height: u32,
    /// While a view's query is bound: what of it is to be written out.
    written: Option<define::Written>,
    /// The table that is about to lose its primary key.
    keyless: Option<TableId>,
    /// What is wrong with a statement that is otherwise right: PostgreSQL finds it when it rewrites the statement.
    late: Option<Error>,
}

/// A bound query: its rows and what they are called.
#[derive(Debug, Clone)]
struct Relation {
    plan: Plan,
    fields: Vec<Field>,
    /// The columns that are constants without a type, for which text was taken.
    untyped: Vec<usize>,
}

impl Relation {
    fn new(plan: Plan, fields: Vec<Field>) -> Self {
        Relation { plan, fields, untyped: Vec::new() }
    }
}

impl<'a> Binder<'a> {
    fn new(catalog: &'a Catalog, types: Vec<Option<Type>>, params: usize, path: &'a [String]) -> Self {
        Binder {
            catalog,
            path,
            temporary: path.iter().find(|schema| is_temporary(schema)).map(String::as_str),
            names: RefCell::default(),
            resolver: Resolver::new(types).with_enums(catalog.enums()),
            params,
            slots: params,
            queries: Vec::new(),
            next_query: 0,
            chain: 0,
            level: 0,
            outer: Vec::new(),
            missing: 0,
            sets: Vec::new(),
            windows: Vec::new(),
            named_windows: Vec::new(),
            groupings: Vec::new(),
            alike: None,
            writes_beside: false,
            locking: locking::Clauses::default(),
            at_once: false,
            locked: None,
            views: Vec::new(),
            views_height: 0,
            written: None,
            keyless: None,
            late: None,
        }
    }
}

impl Binder<'_> {
    fn statement(&mut self, statement: &Statement) -> Result<Relation> {
        let plan = match &statement.kind {
            StatementKind::Query(query) => {
                let bound = self.query(query, None)?;
                return self.late.take().map_or(Ok(bound), Err);
            }
            StatementKind::Insert(insert) => {
                self.with_around(insert.with.as_ref(), &mut |b| b.insert(insert))
            }
            StatementKind::Update(update) => {
                self.with_around(update.with.as_ref(), &mut |b| b.update(update))
            }
            StatementKind::Delete(delete) => {
                self.with_around(delete.with.as_ref(), &mut |b| b.delete(delete))
            }
            StatementKind::Merge(merge) => {
                self.with_around(merge.with.as_ref(), &mut |b| b.merge_into(merge))
            }
            StatementKind::Explain(explain) => self.explain(explain),
            StatementKind::Transaction(_)
            | StatementKind::Set(_)
            | StatementKind::Show(_)
            | StatementKind::Reset(_)
            | StatementKind::Alter(_)
            | StatementKind::SetConstraints(_)
            | StatementKind::Discard(_)
            | StatementKind::Maintain(_)
            | StatementKind::Copy(_)
            | StatementKind::Backup(_) => Err(Error::internal("a statement of the session was prepared")),
            _ => self.define(statement),
        }?;
        if let Some(late) = self.late.take() {
            return Err(late);
        }
        let fields = plan.fields();
        Ok(Relation::new(plan, fields))
    }

    /// The first error of those that are found when all of a statement is bound.
    fn refuse_later(&mut self, found: Result<()>) {
        let Err(error) = found else { return };
        // Columns that are set twice are looked for before those that may not be set.
        let twice = |error: &Error| error.state() == state::SYNTAX_ERROR;
        if self.late.as_ref().is_none_or(|held| twice(&error) && !twice(held)) {
            self.late = Some(error);
        }
    }

    fn explain(&mut self, explain: &ast::Explain) -> Result<Plan> {
        let options = explain_options(&explain.options)?;
        let explained = matches!(
            explain.statement.kind,
            StatementKind::Query(_)
                | StatementKind::Insert(_)
                | StatementKind::Update(_)
                | StatementKind::Delete(_)
                | StatementKind::Merge(_)
        );
        if !explained {
            return Err(refuse("EXPLAIN of this statement", explain.statement.span));
        }
        let plan = Box::new(self.statement(&explain.statement)?.plan);
        if !options.analyze {
            // It is not run.
            (self.at_once, self.locked) = (false, None);
        }
        Ok(Plan::Explain { plan, subplans: Vec::new(), options })
    }

    /// The table of that name, or 42P01.
    fn table(&self, name: &Name) -> Result<Arc<TableDef>> {
        self.look_up(name)?.cloned().ok_or_else(|| self.unknown_table(name).at(name.span.at()))
    }

    /// The relation of that name, if there is one.
    fn look_up(&self, name: &Name) -> Result<Option<&Arc<TableDef>>> {
        self.note(name.last());
        // What is stored may name them: a view that is looked through for what it reads.
        let stored = self.written.is_some() || !self.views.is_empty();
        if let Some(schema) = name.qualifier().filter(|_| !stored)
            && is_temporary(&schema.name)
            && self.temporary != Some(&schema.name)
        {
            let message = "cannot access temporary tables of other sessions";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(schema.span.at()));
        }
        define::look_up(name, self.catalog, self.path)
    }

    /// That name was looked up.
    fn note(&self, name: &str) {
        let mut names = self.names.borrow_mut();
        if !names.iter().any(|known| known == name) {
            names.push(name.to_string());
        }
    }

    fn unknown_table(&self, name: &Name) -> Error {
        let schema = name.qualifier().map(|schema| schema.name.as_str());
        if information::absent::is_missing(schema, name.last()) {
            return refuse(name, name.span);
        }
        let written: Vec<&str> = name.parts.iter().map(|part| part.name.as_str()).collect();
        let message = format!("relation \"{}\" does not exist", written.join("."));
        let error = Error::new(state::UNDEFINED_TABLE, message);
        let mut tables = self.catalog.tables();
        tables.retain(|table| !table.is_temporary() || self.temporary == Some(&table.schema));
        match scope::nearest(name.last(), tables.iter().map(|table| table.name.as_str())) {
            Some(near) => error.with_hint(format!("Perhaps you meant the table \"{near}\".")),
            None => error,
        }
    }
}

/// The error for what we do not do: 0A000, what it is and where it stands.
fn refuse(what: impl Display, span: Span) -> Error {
    Error::new(state::FEATURE_NOT_SUPPORTED, format!("{what} is not supported")).at(span.at())
}

/// The options of EXPLAIN, of which the last of a name counts.
fn explain_options(given: &[(ast::Ident, Option<String>)]) -> Result<ExplainOptions> {
    let mut options = ExplainOptions::default();
    let (mut costs, mut timing, mut summary) = (None, None, None);
    for (option, value) in given {
        let unknown = |value: &str| {
            let message = format!("unrecognized value for EXPLAIN option \"{}\": \"{value}\"", option.name);
            Error::new(state::INVALID_PARAMETER_VALUE, message).at(option.span.at())
        };
        if option.name == "format" {
            options.json = match value.as_deref() {
                Some("text") => false,
                Some("json") => true,
                Some("xml" | "yaml") => return Err(refuse("this FORMAT of EXPLAIN", option.span)),
                other => return Err(unknown(other.unwrap_or_default())),
            };
            continue;
        }
        let on = match value.as_deref() {
            None | Some("true" | "on" | "1") => true,
            Some("false" | "off" | "0") => false,
            Some(other) => return Err(unknown(other)),
        };
        match option.name.as_str() {
            "verbose" => options.verbose = on,
            "analyze" => options.analyze = on,
            "buffers" => options.buffers = on,
            "costs" => costs = Some(on),
            "timing" => timing = Some((on, option.span)),
            "summary" => summary = Some(on),
            "wal" | "settings" if on => {
                return Err(refuse(format!("EXPLAIN ({})", option.name.to_uppercase()), option.span));
            }
            "wal" | "settings" => {}
            other => {
                let message = format!("unrecognized EXPLAIN option \"{other}\"");
                return Err(Error::new(state::SYNTAX_ERROR, message).at(option.span.at()));
            }
        }
    }
    if let (false, Some((true, _))) = (options.analyze, timing) {
        let message = "EXPLAIN option TIMING requires ANALYZE";
        return Err(Error::new(state::INVALID_PARAMETER_VALUE, message));
    }
    options.costs = costs.unwrap_or(options.analyze);
    options.timing = timing.map_or(options.analyze, |(on, _)| on);
    options.summary = summary.unwrap_or(options.analyze);
    Ok(options)
}
