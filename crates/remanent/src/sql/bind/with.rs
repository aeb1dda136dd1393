//! WITH: named queries, recursive ones, and statements that write.
//!
//! A named query is bound once, where it stands; what reads it is a [`Plan::WithScan`] of its number. Whether it is then
//! put in the place of its one reader is up to the optimizer.

use super::from::{FromItem, named_relation};
use super::query::column_places;
use super::{Binder, Relation, refuse};
use crate::sql::ast::{Cte, Name, Query, QueryBody, SetOp, StatementKind, TableAlias, With};
use crate::sql::expr::Expr;
use crate::sql::plan::{Field, Plan, WithQuery};
use remanent_storage::error::{Error, Result, SqlState, state};

/// How many named queries may build on each other, one on the other.
const MAX_CHAIN: usize = 100;
/// 42P19
pub const INVALID_RECURSION: SqlState = SqlState("42P19");

/// A query that can be named.
pub struct Named {
    name: String,
    id: usize,
    /// What it is; None: it writes, and returns nothing.
    fields: Option<Vec<Field>>,
    /// How many queries it builds on, one on the other.
    chain: usize,
    /// It is a recursive one that is being bound; whether it may be named where the binder stands.
    recursion: Option<Recursion>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Recursion {
    /// It is not bound yet: a table of that name is not meant.
    Waiting,
    /// The first rows are being bound.
    First,
    /// The step is.
    Step(Step),
}

/// What is known while a step is bound.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Step {
    /// It read the query.
    read: bool,
    /// How deep in subqueries and in sides of outer joins it stands itself.
    nesting: usize,
    missing: usize,
}

impl Binder<'_> {
    /// A statement that writes, with its WITH.
    pub(super) fn with_around(
        &mut self,
        with: Option<&With>,
        bind: &mut dyn FnMut(&mut Self) -> Result<Plan>,
    ) -> Result<Plan> {
        let Some(with) = with else { return bind(self) };
        let outer = self.queries.len();
        let queries = self.with(with)?;
        let bound = bind(self);
        self.queries.truncate(outer);
        Ok(around(queries, bound?))
    }

    /// Binds the queries of a WITH, so that they can be named.
    pub(super) fn with(&mut self, with: &With) -> Result<Vec<WithQuery>> {
        let mut queries = Vec::with_capacity(with.ctes.len());
        for (i, cte) in with.ctes.iter().enumerate() {
            if with.ctes.iter().take(i).any(|held| held.name.name == cte.name.name) {
                let message = format!("WITH query name \"{}\" specified more than once", cte.name.name);
                return Err(Error::new(state::DUPLICATE_ALIAS, message).at(cte.name.span.at()));
            }
        }
        self.queries.extend(with.ctes.iter().filter(|_| with.recursive).map(|cte| Named {
            name: cte.name.name.clone(),
            id: usize::MAX,
            fields: None,
            chain: 0,
            recursion: Some(Recursion::Waiting),
        }));
        let mut waiting: Vec<&Cte> = with.ctes.iter().rev().collect();
        // Those that wait for the one that is bound next.
        let mut asking: Vec<&Cte> = Vec::new();
        while let Some(cte) = waiting.pop() {
            let name = &cte.name.name;
            let (around, held) = (std::mem::replace(&mut self.chain, 0), self.queries.len());
            let bound = match &cte.statement.kind {
                StatementKind::Query(query) if cte.search.is_some() || cte.cycle.is_some() => {
                    let (cte, query) = self.traversed(cte, query)?;
                    self.recursive(&cte, &query).map_err(Error::without_position)
                }
                StatementKind::Query(query) if with.recursive => self.recursive(cte, query),
                _ => self.with_statement(cte).map(|bound| (self.number(), bound)),
            };
            if let Err(error) = &bound
                && with.recursive
                && error.state() == state::UNDEFINED_TABLE
            {
                let lacks = |other: &&Cte| {
                    error.message() == format!("relation \"{}\" does not exist", other.name.name)
                };
                if let Some(asked) = asking.iter().copied().find(|cte| lacks(cte)) {
                    let message = "mutual recursion between WITH items is not implemented";
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(asked.name.span.at()));
                }
                // Of queries that may be recursive one may name those behind it: these come first.
                if let Some(place) = waiting.iter().position(lacks) {
                    let first = waiting.remove(place);
                    self.chain = around;
                    self.queries.truncate(held);
                    asking.push(cte);
                    waiting.extend([cte, first]);
                    continue;
                }
            }
            let (id, bound) = bound?;
            asking.retain(|other| other.name.name != *name);
            let chain = std::mem::replace(&mut self.chain, around) + 1;
            if chain > MAX_CHAIN {
                let message = "the queries of WITH build too deeply on each other";
                return Err(Error::new(state::STATEMENT_TOO_COMPLEX, message).at(cte.name.span.at()));
            }
            self.writes_beside |= bound.plan.writes();
            let returns = bound.plan.returns_rows();
            let fields = returns.then(|| named(bound.fields, cte)).transpose()?;
            // What writes is found below one WITH: its own queries come before it in that one.
            let plan = match bound.plan {
                Plan::With { queries: own, input } if input.writes() => {
                    queries.extend(own);
                    *input
                }
                plan => plan,
            };
            self.queries.push(Named { name: name.clone(), id, fields, chain, recursion: None });
            queries.push(WithQuery { id, name: name.clone(), plan, materialized: cte.materialized });
        }
        Ok(queries)
    }

    pub(super) fn number(&mut self) -> usize {
        self.next_query += 1;
        self.next_query - 1
    }

    fn with_statement(&mut self, cte: &Cte) -> Result<Relation> {
        let own = match &cte.statement.kind {
            StatementKind::Query(query) => return self.query(query, None),
            _ if self.level > 1 || !self.outer.is_empty() => return Err(not_at_top(cte)),
            StatementKind::Merge(_) => return Err(refuse("MERGE in WITH", cte.name.span)),
            StatementKind::Insert(insert) => insert.with.as_ref(),
            StatementKind::Update(update) => update.with.as_ref(),
            StatementKind::Delete(delete) => delete.with.as_ref(),
            _ => return Err(refuse("a statement of that kind in WITH", cte.name.span)),
        };
        let writes = |cte: &&Cte| !matches!(cte.statement.kind, StatementKind::Query(_));
        if let Some(inner) = own.and_then(|with| with.ctes.iter().find(writes)) {
            return Err(not_at_top(inner));
        }
        let plan = self.with_around(own, &mut |binder| match &cte.statement.kind {
            StatementKind::Insert(insert) => binder.insert(insert),
            StatementKind::Update(update) => binder.update(update),
            StatementKind::Delete(delete) => binder.delete(delete),
            _ => Err(Error::internal("a statement of WITH that writes nothing")),
        })?;
        let fields = plan.fields();
        Ok(Relation::new(plan, fields))
    }

    /// A query of WITH RECURSIVE, which may read itself: `first UNION [ALL] step`.
    fn recursive(&mut self, cte: &Cte, query: &Query) -> Result<(usize, Relation)> {
        let id = self.number();
        let QueryBody::Set { op: SetOp::Union, all, left, right } = &query.body else {
            return Ok((id, self.not_recursive(cte, query)?));
        };
        let name = cte.name.name.clone();
        let outer = self.queries.len();
        let own = query.with.as_ref().map_or_else(|| Ok(Vec::new()), |with| self.with(with))?;
        // What the step reads is not what others read, who may come while it is computed.
        let round = self.number();
        let known =
            Named { name, id: round, fields: Some(Vec::new()), chain: 0, recursion: Some(Recursion::First) };
        self.queries.push(known);
        let place = self.queries.len() - 1;
        let bound = self.recursive_sides(cte, left, right, place);
        let step = self.queries.get(place).and_then(|held| held.recursion);
        let read = matches!(step, Some(Recursion::Step(Step { read: true, .. })));
        self.queries.truncate(outer);
        if let Err(error) = &bound
            && error.state() == INVALID_RECURSION
        {
            return bound.map(|_| (id, Relation::new(Plan::one_row(), Vec::new())));
        }
        if !read {
            // It does not read itself: a UNION like any other, whose errors are its own.
            return Ok((id, self.query(query, None)?));
        }
        let (first, step, fields) = bound?;
        for (present, what) in [
            (query.order_by.first().map(|item| item.expr.span), "ORDER BY"),
            (query.offset.as_ref().map(|offset| offset.span), "OFFSET"),
            (query.limit.as_ref().map(|limit| limit.span), "LIMIT"),
            (query.locking.first().map(|clause| clause.span), "FOR UPDATE/SHARE"),
        ] {
            if let Some(span) = present {
                let message = format!("{what} in a recursive query is not implemented");
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(span.at()));
            }
        }
        let (first, step) = (Box::new(first), Box::new(step));
        let plan = Plan::Recursive { id: round, first, step, distinct: !all, fields: fields.clone() };
        Ok((id, Relation::new(around(own, plan), fields)))
    }

    /// The first rows and the step of a recursive query, of one type each column.
    fn recursive_sides(
        &mut self,
        cte: &Cte,
        left: &Query,
        right: &Query,
        place: usize,
    ) -> Result<(Plan, Plan, Vec<Field>)> {
        let first = self.query(left, None)?;
        let mut fields = named(first.fields, cte)?;
        fields.iter_mut().for_each(|field| field.relation = None);
        let nesting = self.nesting();
        if let Some(held) = self.queries.get_mut(place) {
            let step = Step { read: false, nesting, missing: self.missing };
            (held.fields, held.recursion) = (Some(fields.clone()), Some(Recursion::Step(step)));
        }
        let step = self.query(right, None)?;
        let places = column_places(right);
        let at = places.first().copied().unwrap_or(right.span.at());
        if step.fields.len() != fields.len() {
            let message = "each UNION query must have the same number of columns";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
        }
        let mut exprs = Vec::with_capacity(fields.len());
        for (i, (field, of_step)) in fields.iter().zip(&step.fields).enumerate() {
            let column = Expr::column(i, of_step.ty);
            let held = Expr::column(i, field.ty);
            let common = self.resolver.common_type(
                &[&held, &column],
                "UNION",
                &[places.get(i).or(places.last()).copied().unwrap_or(at)],
            )?;
            if common != field.ty {
                let message = format!(
                    "recursive query \"{}\" column {} has type {} in non-recursive term but type {common} overall",
                    cte.name.name,
                    i + 1,
                    field.ty
                );
                return Err(Error::new(state::DATATYPE_MISMATCH, message)
                    .with_hint("Cast the output of the non-recursive term to the correct type.")
                    .at(column_places(left).get(i).copied().unwrap_or(left.span.at())));
            }
            exprs.push(self.resolver.cast(column, field.ty, crate::sql::expr::CastContext::Implicit, at)?);
        }
        let names = fields.iter().map(|field| field.name.clone()).collect();
        let step = Plan::Project { input: Box::new(step.plan), exprs, names };
        Ok((first.plan, step, fields))
    }

    fn not_recursive(&mut self, cte: &Cte, query: &Query) -> Result<Relation> {
        let known = Named {
            name: cte.name.name.clone(),
            id: usize::MAX,
            fields: Some(Vec::new()),
            chain: 0,
            recursion: Some(Recursion::First),
        };
        self.queries.push(known);
        let place = self.queries.len() - 1;
        let bound = self.query(query, None);
        self.queries.truncate(place);
        // What is wrong is the whole of it.
        bound.map_err(|error| match error.state() == INVALID_RECURSION {
            true => error.at(cte.name.span.at()),
            false => error,
        })
    }

    /// The query of WITH that a name means.
    pub(super) fn with_query(&mut self, name: &Name, alias: Option<&TableAlias>) -> Result<Option<FromItem>> {
        let Some(simple) = name.simple() else { return Ok(None) };
        let (nesting, missing) = (self.nesting(), self.missing);
        let Some(found) = self.queries.iter_mut().rev().find(|held| held.name == simple) else {
            return Ok(None);
        };
        match &mut found.recursion {
            Some(Recursion::Waiting) => return Err(self.unknown_table(name)),
            Some(Recursion::First) => {
                if found.id == usize::MAX {
                    // All of the query is wrong: the place is added there.
                    return Err(Error::new(
                        INVALID_RECURSION,
                        format!(
                            "recursive query \"{simple}\" does not have the form non-recursive-term UNION [ALL] recursive-term"
                        ),
                    ));
                }
                let message = format!(
                    "recursive reference to query \"{simple}\" must not appear within its non-recursive term"
                );
                return Err(Error::new(INVALID_RECURSION, message).at(name.span.at()));
            }
            Some(Recursion::Step(step)) => {
                let wrong = match () {
                    () if nesting > step.nesting => Some("within a subquery"),
                    () if missing > step.missing => Some("within an outer join"),
                    () if step.read => Some("more than once"),
                    () => None,
                };
                if let Some(wrong) = wrong {
                    let message =
                        format!("recursive reference to query \"{simple}\" must not appear {wrong}");
                    return Err(Error::new(INVALID_RECURSION, message).at(name.span.at()));
                }
                step.read = true;
            }
            None => {}
        }
        let recursive = found.recursion.is_some();
        let Some(fields) = found.fields.clone() else {
            let message = format!("WITH query \"{simple}\" does not have a RETURNING clause");
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(name.span.at()));
        };
        self.chain = self.chain.max(found.chain);
        let alias_name = alias.map_or(simple, |alias| &alias.name.name).to_string();
        let (id, written) = (found.id, self.writes_beside);
        let plan = Plan::WithScan { id, alias: alias_name, fields: fields.clone(), written };
        let mut item = named_relation(Relation::new(plan, fields), simple, alias)?;
        item.scope.mark_with_query(recursive);
        Ok(Some(item))
    }
}

fn not_at_top(cte: &Cte) -> Error {
    let message = "WITH clause containing a data-modifying statement must be at the top level";
    Error::new(state::FEATURE_NOT_SUPPORTED, message).at(cte.name.span.at())
}

/// A plan with the named queries that it may read. What writes is found below one WITH.
pub fn around(mut queries: Vec<WithQuery>, plan: Plan) -> Plan {
    match plan {
        plan if queries.is_empty() => plan,
        Plan::With { queries: own, input } if matches!(*input, Plan::Merge { .. }) => {
            queries.extend(own);
            Plan::With { queries, input }
        }
        plan => Plan::With { queries, input: Box::new(plan) },
    }
}

/// Columns under the names given, of which there may be fewer; 42P10 where there are more.
pub fn named(mut fields: Vec<Field>, cte: &Cte) -> Result<Vec<Field>> {
    let names = &cte.columns;
    if names.len() > fields.len() {
        let message = format!(
            "WITH query \"{}\" has {} columns available but {} columns specified",
            cte.name.name,
            fields.len(),
            names.len()
        );
        return Err(Error::new(state::INVALID_COLUMN_REFERENCE, message).at(cte.name.span.at()));
    }
    for (field, name) in fields.iter_mut().zip(names) {
        field.name.clone_from(&name.name);
    }
    Ok(fields)
}
