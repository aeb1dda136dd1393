//! INSERT, UPDATE and DELETE of rows that a view shows, where those are the rows of one table (PostgreSQL's automatically
//! updatable views).
//!
//! ```text
//! CREATE VIEW v AS SELECT id AS n, upper(note) AS loud FROM t WHERE id < 100
//! UPDATE v SET n = n + 1 WHERE loud = 'A' RETURNING n
//!
//! Update t
//!   Project
//!     Filter (column 3 = 'A')
//!       Project (all of t and where its rows lie; then n: id, loud: upper(note))
//!         Filter (id < 100)
//!           Scan t
//! ```
//!
//! A view's columns stand behind those of its table, which have no name. What RETURNING says of them is computed from the new row.
//!
//! SET … = DEFAULT is NULL, as in PostgreSQL: a view's column has no default of its own. INSERT leaves the table its defaults.
//!
//! WITH CHECK OPTION makes conditions of views rules of the rows that are stored ([`Rules::views`]): of the view that has it, and,
//! unless it is LOCAL, of all below. ON CONFLICT is bound over the view's columns and then said of those of the table.
//!
//! Limits: conditions that are checked have no subqueries; ON CONFLICT names no expression and no predicate of an index.

use super::define::PATH;
use super::foreign::Writes;
use super::insert::target_column;
use super::scope::Scope;
use super::update::Changed;
use super::{Binder, refuse};
use crate::sql::ast::{
    Assignment, ConflictTarget, Distinct, ExprKind, Ident, Insert, Literal, Name, OnConflict, Query,
    QueryBody, Select, TableKind, Target,
};
use crate::sql::expr::Expr;
use crate::sql::parse::parse_query;
use crate::sql::plan::{Conflict, Field, Plan, Returning, Rules};
use remanent_storage::catalog::Catalog;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::table::{Generated, RelationKind, TableDef};
use remanent_storage::value::Type;
use std::sync::Arc;

/// What a statement does with a view.
#[derive(Clone, Copy)]
pub(super) struct Does {
    /// As in "cannot update view".
    what: &'static str,
    /// As in "To enable updating the view".
    doing: &'static str,
    event: &'static str,
    /// A view above has its rows checked by those below, too.
    cascaded: bool,
}

pub(super) const INSERTS: Does =
    Does { what: "insert into", doing: "inserting into", event: "INSERT", cascaded: false };
pub(super) const UPDATES: Does = Does { what: "update", doing: "updating", event: "UPDATE", cascaded: false };
pub(super) const DELETES: Does =
    Does { what: "delete from", doing: "deleting from", event: "DELETE", cascaded: false };

/// How the columns of a view are made.
pub(super) struct Through {
    view: Arc<TableDef>,
    /// Where they stand in the plan.
    first: usize,
    /// What they are, over the columns of the table.
    exprs: Vec<Expr>,
    /// What is true of the rows that it shows: of each view with a condition, those below first.
    shows: Vec<Shows>,
}

/// The condition of a view.
struct Shows {
    view: String,
    /// Over the columns of the table.
    condition: Expr,
    /// Rows that are written are to fulfil it.
    checked: bool,
}

/// What a view's definition keeps its check option under.
pub(super) const CHECK_OPTION: &str = "check_option";

/// The check option of a view: whether it is LOCAL.
pub(super) fn check_option(view: &TableDef) -> Option<bool> {
    view.constraints.iter().find(|held| held.name == CHECK_OPTION).map(|held| held.text == "local")
}

/// Which columns of a view can be written, where any can: those that are columns of its table.
pub(super) fn writable(catalog: &Catalog, view: &Arc<TableDef>) -> Option<Vec<bool>> {
    let mut binder = Binder::new(catalog, Vec::new(), 0, &[]);
    let Changed { table, through, .. } = binder.changed_through(view, &view.name, UPDATES).ok()?;
    Some(through?.exprs.iter().map(|expr| is_column(expr, table.columns.len())).collect())
}

/// True for a column of a table of so many.
fn is_column(expr: &Expr, width: usize) -> bool {
    matches!(expr, Expr::Column { index, .. } if *index < width)
}

impl Binder<'_> {
    /// The view of a name, if it is one's.
    pub(super) fn written_view(&self, name: &Name) -> Result<Option<Arc<TableDef>>> {
        let found = self.look_up(name)?.filter(|def| matches!(def.kind, RelationKind::View(_)));
        Ok(found.cloned())
    }

    /// The rows of a table as a view shows them.
    pub(super) fn changed_through(
        &mut self,
        view: &Arc<TableDef>,
        called: &str,
        does: Does,
    ) -> Result<Changed> {
        let RelationKind::View(text) = &view.kind else {
            return Err(Error::internal("rows of a table are changed as those of a view"));
        };
        if self.views.contains(&view.id) {
            let message = format!("infinite recursion detected in rules for relation \"{}\"", view.name);
            return Err(Error::new(state::INVALID_OBJECT_DEFINITION, message));
        }
        let (query, _) = parse_query(text)?;
        let select = simple(&query).map_err(|why| not_updatable(view, does, why))?;
        self.views.push(view.id);
        // Nothing of the statement around it can be named in it.
        let queries = std::mem::take(&mut self.queries);
        let outer = std::mem::take(&mut self.outer);
        let path = std::mem::replace(&mut self.path, PATH.as_slice());
        let labels = self.resolver.labels();
        let bound = self.shown(view, select, called, does);
        self.resolver.set_labels(labels);
        self.views.pop();
        (self.queries, self.outer, self.path) = (queries, outer, path);
        bound.map_err(Error::without_position)
    }

    /// The rows of a view's query, with its columns behind those of the table.
    fn shown(&mut self, view: &Arc<TableDef>, select: &Select, called: &str, does: Does) -> Result<Changed> {
        let single = "Views that do not select from a single table or view are not automatically updatable.";
        let [from] = select.from.as_slice() else { return Err(not_updatable(view, does, single)) };
        let (TableKind::Table { name, sample: None, .. }, true) =
            (&from.kind, from.alias.as_ref().is_none_or(|alias| alias.columns.is_empty()))
        else {
            return Err(not_updatable(view, does, single));
        };
        let alias = from.alias.as_ref().map(|alias| &alias.name);
        let option = check_option(view);
        let cascaded = does.cascaded || option == Some(false);
        let Changed { table, plan, scope, identity, through } = match self.look_up(name)? {
            Some(_) => self.changed(name, alias, Does { cascaded, ..does })?,
            // A table that is computed.
            None => return Err(not_updatable(view, does, single)),
        };
        let mut aggregates = Vec::new();
        let items = self.items(&select.items, &scope, &mut aggregates, None)?;
        if !aggregates.is_empty() {
            let why = "Views that return aggregate functions are not automatically updatable.";
            return Err(not_updatable(view, does, why));
        }
        if !std::mem::take(&mut self.windows).is_empty() {
            let why = "Views that return window functions are not automatically updatable.";
            return Err(not_updatable(view, does, why));
        }
        if !std::mem::take(&mut self.sets).is_empty() {
            let why = "Views that return set-returning functions are not automatically updatable.";
            return Err(not_updatable(view, does, why));
        }
        let plan = match &select.filter {
            Some(filter) => self.filter(plan, filter, &scope)?,
            None => plan,
        };
        let condition = match (&plan, &select.filter) {
            (Plan::Filter { predicate, .. }, Some(_)) => {
                Some(over_table(predicate.clone(), through.as_ref()))
            }
            _ => None,
        };
        let below = plan.fields();
        let (first, width) = (below.len(), table.columns.len());
        let mut exprs: Vec<Expr> =
            below.iter().enumerate().map(|(i, field)| Expr::column(i, field.ty)).collect();
        exprs.extend(items.iter().map(|item| item.expr.clone()));
        let names = below.iter().map(|field| field.name.clone());
        let own = view.columns.iter().map(|column| column.name.clone());
        let names: Vec<String> = names.chain(own).collect();
        let blank = below.iter().map(|field| Field::new("", field.ty));
        let shown = view.columns.iter().zip(&items);
        let shown = shown.map(|(column, item)| Field::new(&column.name, item.expr.ty()));
        let scope = Scope::relation(called, None, blank.chain(shown));
        let over = |expr: &Expr| over_table(expr.clone(), through.as_ref());
        let made: Vec<Expr> = items.iter().map(|item| over(&item.expr)).collect();
        if does.event != DELETES.event && !made.iter().any(|expr| is_column(expr, width)) {
            let why = "Views that have no updatable columns are not automatically updatable.";
            return Err(not_updatable(view, does, why));
        }
        let plan = Plan::Project { input: Box::new(plan), exprs, names };
        let checked = option.is_some() || does.cascaded;
        let own = condition.map(|condition| Shows { view: view.name.clone(), condition, checked });
        let shows = through.into_iter().flat_map(|through| through.shows).chain(own).collect();
        let through = Some(Through { view: Arc::clone(view), first, exprs: made, shows });
        Ok(Changed { table, plan, scope, identity, through })
    }

    /// INSERT into a view: into its table.
    pub(super) fn insert_through(&mut self, insert: &Insert, view: &Arc<TableDef>) -> Result<Plan> {
        let called = insert.alias.as_ref().map_or(view.name.as_str(), |alias| &alias.name).to_string();
        let changed = self.changed_through(view, &called, INSERTS)?;
        let Changed { table, scope, through: Some(through), .. } = changed else {
            return Err(Error::internal("a view has no columns"));
        };
        let given: Vec<Target> = match insert.columns.is_empty() {
            false => insert.columns.clone(),
            true => {
                let width = match insert.source.as_ref().map(|query| &query.body) {
                    Some(QueryBody::Values(rows)) => rows.first().map_or(0, Vec::len),
                    Some(QueryBody::Select(select)) => select.items.len(),
                    _ => view.columns.len(),
                };
                let all = view.columns.iter().take(width.max(1));
                let named = |name: &String| Ident { name: name.clone(), span: insert.table.span };
                all.map(|column| Target { column: named(&column.name), path: Vec::new() }).collect()
            }
        };
        let columns =
            if insert.source.is_none() { Vec::new() } else { through.targets(&given, &table, INSERTS)? };
        let part = |name: &str| Ident { name: name.to_string(), span: insert.table.span };
        let name = Name { parts: vec![part(&table.schema), part(&table.name)], span: insert.table.span };
        let (on_conflict, returning) = (None, Vec::new());
        let own = Insert { table: name, alias: None, columns, on_conflict, returning, ..insert.clone() };
        let mut plan = self.insert(&own)?;
        let Plan::Insert { conflict, rules, returning, .. } = &mut plan else { return Ok(plan) };
        if let Some(written) = &insert.on_conflict {
            *conflict = Some(Box::new(self.conflict_through(written, &through, &table, &scope)?));
            let set = conflict.as_ref().map_or(&[][..], |conflict| &conflict.assigned);
            *rules = self.rules_of(&table, Writes::Inserts(set))?;
        }
        *rules = through.checked(rules.take(), &table)?;
        *returning = self.returning(&insert.returning, &scope, &table)?.map(|list| through.returning(list));
        Ok(plan)
    }

    /// ON CONFLICT of an INSERT into a view.
    fn conflict_through(
        &mut self,
        written: &OnConflict,
        through: &Through,
        table: &Arc<TableDef>,
        scope: &Scope,
    ) -> Result<Conflict> {
        let mut own = written.clone();
        if let Some(target) = &mut own.target {
            through.conflict_target(target, table)?;
        }
        if let Some(update) = &mut own.update {
            update.set = through.assignments(&update.set, table, INSERTS)?;
        }
        let wide = through.first + through.exprs.len();
        let blank = (0..through.first).map(|_| Field::new("", Type::Int8));
        let shown = through.view.columns.iter().zip(&through.exprs);
        let shown = shown.map(|(column, expr)| Field::new(&column.name, expr.ty()));
        let excluded = Scope::relation("excluded", None, blank.chain(shown));
        let mut conflict = self.on_conflict(&own, table, scope, excluded)?;
        let width = table.columns.len();
        // The row that is there, then the one that was to be inserted, each as the table has it.
        let over = |expr: Expr| {
            expr.transform(&mut |part| match part {
                Expr::Column { index, ty } if index >= wide => {
                    let made = over_table(Expr::Column { index: index - wide, ty }, Some(through));
                    made.transform(&mut |part| match part {
                        Expr::Column { index, ty } => Expr::Column { index: index + width, ty },
                        part => part,
                    })
                }
                Expr::Column { .. } => over_table(part, Some(through)),
                part => part,
            })
        };
        conflict.update = conflict.update.map(|update| update.into_iter().map(over).collect());
        conflict.filter = conflict.filter.map(over);
        let visible = through.shows.iter().map(|shows| (shows.view.clone(), shows.condition.clone()));
        conflict.visible = visible.collect();
        match conflict.visible.iter().any(|(_, condition)| condition.has_subquery()) {
            true => Err(refuse("ON CONFLICT DO UPDATE through a view with a subquery", written.span)),
            false => Ok(conflict),
        }
    }
}

impl Through {
    /// The columns of the table that are meant by some of the view; 0A000 where one is computed.
    pub fn targets(&self, targets: &[Target], table: &TableDef, does: Does) -> Result<Vec<Target>> {
        let one = |target: &Target| {
            let position = target_column(target, &self.view)?;
            let column = match self.exprs.get(position) {
                Some(Expr::Column { index, .. }) => table.columns.get(*index),
                _ => None,
            };
            let column = column.ok_or_else(|| {
                let name = &target.column.name;
                let message =
                    format!("cannot {} column \"{name}\" of view \"{}\"", does.what, self.view.name);
                let why = "View columns that are not columns of their base relation are not updatable.";
                Error::new(state::FEATURE_NOT_SUPPORTED, message).with_detail(why)
            })?;
            let name = Ident { name: column.name.clone(), span: target.column.span };
            Ok(Target { column: name, path: target.path.clone() })
        };
        targets.iter().map(one).collect()
    }

    /// SET, likewise.
    pub fn assignments(&self, set: &[Assignment], table: &TableDef, does: Does) -> Result<Vec<Assignment>> {
        let one = |assignment: &Assignment| {
            let targets = self.targets(&assignment.targets, table, does)?;
            let mut value = assignment.value.clone();
            // A view's column has no default of its own.
            let generated = |target: &Target| {
                let column = table.column(&target.column.name).and_then(|column| table.columns.get(column));
                column.is_some_and(|column| column.generated != Generated::No)
            };
            let parts = match &mut value.kind {
                ExprKind::Row(parts) if assignment.multiple => parts.iter_mut().collect(),
                _ => vec![&mut value],
            };
            for (part, target) in parts.into_iter().zip(&targets) {
                if matches!(part.kind, ExprKind::Default) && !generated(target) {
                    part.kind = ExprKind::Literal(Literal::Null);
                }
            }
            Ok(Assignment { targets, value, ..assignment.clone() })
        };
        set.iter().map(one).collect()
    }

    /// What ON CONFLICT names, in the table's words.
    fn conflict_target(&self, target: &mut ConflictTarget, table: &TableDef) -> Result<()> {
        let (keys, filter) = match target {
            ConflictTarget::Constraint(name) => {
                let (view, at) = (&self.view.name, name.span.at());
                let message = format!("constraint \"{}\" for table \"{view}\" does not exist", name.name);
                return Err(Error::new(state::UNDEFINED_OBJECT, message).at(at));
            }
            ConflictTarget::Index { keys, filter, .. } => (keys, filter),
        };
        if let Some(filter) = filter {
            return Err(refuse("the predicate of an index through a view", filter.span));
        }
        for key in keys {
            let ExprKind::Column(name) = &mut key.expr.kind else {
                return Err(refuse("the expression of an index through a view", key.expr.span));
            };
            let Some(ident) = name.parts.last_mut() else { continue };
            let Some(position) = self.view.column(&ident.name) else {
                let message = format!("column \"{}\" does not exist", ident.name);
                return Err(Error::new(state::UNDEFINED_COLUMN, message).at(name.span.at()));
            };
            let column = match self.exprs.get(position) {
                Some(Expr::Column { index, .. }) => table.columns.get(*index),
                _ => None,
            };
            match column {
                Some(column) => ident.name.clone_from(&column.name),
                // No index is on what a view computes.
                None => key.expr.kind = ExprKind::Literal(Literal::Null),
            }
        }
        Ok(())
    }

    /// The rules of a table, with what views want to be true of its rows.
    pub fn checked(&self, rules: Option<Arc<Rules>>, table: &Arc<TableDef>) -> Result<Option<Arc<Rules>>> {
        let checked = self.shows.iter().filter(|shows| shows.checked);
        let mut views = Vec::new();
        for shows in checked {
            if shows.condition.has_subquery() {
                let message =
                    format!("a check option of view \"{}\" with a subquery is not supported", shows.view);
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
            }
            let expr = Box::new(shows.condition.clone());
            views.push((shows.view.clone(), Expr::IsBool { expr, value: true, negated: false }));
        }
        if views.is_empty() {
            return Ok(rules);
        }
        let rules = rules.map_or_else(|| Rules::new(table), |rules| Rules::clone(&rules));
        Ok(Some(Arc::new(Rules { views, ..rules })))
    }

    /// RETURNING over the row of the table.
    pub fn returning(&self, mut list: Returning) -> Returning {
        let over = |expr| over_table(expr, Some(self));
        list.exprs = list.exprs.into_iter().map(over).collect();
        list
    }
}

/// An expression with what a view's columns are in their places.
fn over_table(expr: Expr, through: Option<&Through>) -> Expr {
    let Some(through) = through else { return expr };
    expr.transform(&mut |part| match &part {
        Expr::Column { index, .. } => {
            let column = index.checked_sub(through.first).and_then(|place| through.exprs.get(place));
            column.cloned().unwrap_or(part)
        }
        _ => part,
    })
}

/// A query as a view may have it that is changed through; why it may not.
fn simple(query: &Query) -> std::result::Result<&Select, &'static str> {
    let Query { with, body, limit, offset, .. } = query;
    let QueryBody::Select(select) = body else {
        return Err(match body {
            QueryBody::Set { .. } => {
                "Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable."
            }
            _ => "Views that do not select from a single table or view are not automatically updatable.",
        });
    };
    match () {
        () if !matches!(select.distinct, Distinct::No) => {
            Err("Views containing DISTINCT are not automatically updatable.")
        }
        () if !select.group_by.is_empty() => {
            Err("Views containing GROUP BY are not automatically updatable.")
        }
        () if select.having.is_some() => Err("Views containing HAVING are not automatically updatable."),
        () if with.is_some() => Err("Views containing WITH are not automatically updatable."),
        () if limit.is_some() || offset.is_some() => {
            Err("Views containing LIMIT or OFFSET are not automatically updatable.")
        }
        () => Ok(select),
    }
}

fn not_updatable(view: &TableDef, does: Does, why: &str) -> Error {
    let Does { what, doing, event, .. } = does;
    let message = format!("cannot {what} view \"{}\"", view.name);
    let hint = format!(
        "To enable {doing} the view, provide an INSTEAD OF {event} trigger or an unconditional ON {event} DO INSTEAD rule."
    );
    Error::new(state::OBJECT_NOT_IN_PREREQUISITE_STATE, message).with_detail(why).with_hint(&hint)
}
