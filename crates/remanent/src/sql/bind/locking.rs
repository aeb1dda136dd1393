//! FOR UPDATE and its kin: which tables' rows are locked, and how.
//!
//! A table of FROM that a clause means is scanned with where each row lies; key and place of the row travel beside the
//! select list to a [`Plan::LockRows`] above the order and below LIMIT, so that exactly the rows that come out are locked.
//! A subquery of FROM that a clause means gets the clause itself, as in PostgreSQL.

use super::scope::Scope;
use super::select::Item;
use super::{Binder, refuse};
use crate::sql::ast::{self, Distinct, LockStrength, LockWait, Locking, Query, QueryBody, Select};
use crate::sql::plan::RowLock;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::locker::RowWait;
use remanent_storage::txn::locks::Mode;

/// The clauses of the query being bound.
#[derive(Default)]
pub struct Clauses {
    clauses: Vec<Locking>,
    /// Not all rows may come out: LIMIT or OFFSET.
    limited: bool,
}

impl Clauses {
    /// Those of a query.
    pub fn of(query: &Query) -> Self {
        let limited = query.limit.is_some() || query.offset.is_some();
        Clauses { clauses: query.locking.clone(), limited }
    }

    /// How rows of the relation of that name are to be locked: of several clauses the strongest, and the least patient.
    pub fn of_relation(&self, alias: &str) -> Option<(LockStrength, LockWait)> {
        let means = |c: &&Locking| c.of.is_empty() || c.of.iter().any(|name| name.last() == alias);
        let found = self.clauses.iter().filter(means);
        found.map(|c| (c.strength, c.wait)).reduce(|a, b| {
            let stronger = if mode(a.0) >= mode(b.0) { a.0 } else { b.0 };
            (stronger, if wait(a.1) >= wait(b.1) { a.1 } else { b.1 })
        })
    }
}

/// As SQL writes it.
pub fn words(strength: LockStrength) -> &'static str {
    match strength {
        LockStrength::Update => "FOR UPDATE",
        LockStrength::NoKeyUpdate => "FOR NO KEY UPDATE",
        LockStrength::Share => "FOR SHARE",
        LockStrength::KeyShare => "FOR KEY SHARE",
    }
}

fn mode(strength: LockStrength) -> Mode {
    match strength {
        LockStrength::Update => Mode::Update,
        LockStrength::NoKeyUpdate => Mode::NoKeyUpdate,
        LockStrength::Share => Mode::Share,
        LockStrength::KeyShare => Mode::KeyShare,
    }
}

fn wait(wait: LockWait) -> RowWait {
    match wait {
        LockWait::Wait => RowWait::Block,
        LockWait::SkipLocked => RowWait::Skip,
        LockWait::NoWait => RowWait::Refuse,
    }
}

/// 0A000 for a query whose rows are not rows of tables.
pub fn check_body(query: &Query) -> Result<()> {
    let Some(Locking { strength, span, .. }) = query.locking.first() else { return Ok(()) };
    let what = match &query.body {
        QueryBody::Set { .. } => "is not allowed with UNION/INTERSECT/EXCEPT",
        QueryBody::Values(_) => "cannot be applied to VALUES",
        QueryBody::Select(_) => return Ok(()),
    };
    Err(not_allowed(*strength, what, *span))
}

fn not_allowed(strength: LockStrength, what: &str, span: ast::Span) -> Error {
    Error::new(state::FEATURE_NOT_SUPPORTED, format!("{} {what}", words(strength))).at(span.at())
}

impl Binder<'_> {
    /// A subquery of FROM with the clauses that mean it; VALUES have no rows of tables.
    pub(super) fn with_locking(&self, query: &Query, alias: &str) -> Option<Query> {
        if matches!(query.body, QueryBody::Values(_)) {
            return None;
        }
        let (strength, wait) = self.locking.of_relation(alias)?;
        let span = self.locking.clauses.first().map_or(query.span, |clause| clause.span);
        let mut query = query.clone();
        query.locking.push(Locking { strength, of: Vec::new(), wait, span });
        Some(query)
    }

    /// The tables whose rows a SELECT locks; adds what identifies their rows to its items.
    pub(super) fn row_locks(
        &mut self,
        select: &Select,
        grouped: bool,
        scope: &Scope,
        items: &mut Vec<Item>,
    ) -> Result<Vec<RowLock>> {
        let Some(first) = self.locking.clauses.first() else { return Ok(Vec::new()) };
        let (strength, span) = (first.strength, first.span);
        for (present, what) in [
            (!matches!(select.distinct, Distinct::No), "DISTINCT clause"),
            (!select.group_by.is_empty(), "GROUP BY clause"),
            (select.having.is_some(), "HAVING clause"),
            (grouped, "aggregate functions"),
        ] {
            if present {
                return Err(not_allowed(strength, &format!("is not allowed with {what}"), span));
            }
        }
        for clause in &self.locking.clauses {
            self.check_of(clause, scope)?;
        }
        let mut locks = Vec::new();
        for relation in scope.relations() {
            let Some(table) = relation.table.as_ref().filter(|_| !relation.identity.is_empty()) else {
                continue;
            };
            let Some((strength, patience)) = self.locking.of_relation(&relation.alias) else { continue };
            if relation.nullable {
                let what = "cannot be applied to the nullable side of an outer join";
                return Err(not_allowed(strength, what, span));
            }
            let identity = relation.identity.iter().map(|&position| {
                items.push(Item::new(scope.column(position), String::new(), span.at(), Vec::new()));
                items.len() - 1
            });
            let (mode, wait) = (mode(strength), wait(patience));
            let (alias, table) = (relation.alias.clone(), table.clone());
            locks.push(RowLock { table, alias, mode, wait, identity: identity.collect() });
            self.locked.get_or_insert(words(strength));
        }
        self.at_once |= !locks.is_empty();
        Ok(locks)
    }

    /// True if the rows of the query being bound are to be locked one by one, as they come out.
    pub(super) fn locks_one_by_one(&self) -> bool {
        self.locking.limited
    }

    /// The names of OF must be relations of FROM whose rows can be locked.
    fn check_of(&self, clause: &Locking, scope: &Scope) -> Result<()> {
        let words = words(clause.strength);
        for name in &clause.of {
            if name.simple().is_none() {
                let message = format!("{words} must specify unqualified relation names");
                return Err(Error::new(state::SYNTAX_ERROR, message).at(name.span.at()));
            }
            let Some(found) = scope.relations().iter().find(|r| r.alias == name.last()) else {
                let message =
                    format!("relation \"{}\" in {words} clause not found in FROM clause", name.last());
                return Err(Error::new(state::UNDEFINED_TABLE, message).at(name.span.at()));
            };
            if found.with_query {
                return Err(not_allowed(clause.strength, "cannot be applied to a WITH query", name.span));
            }
        }
        Ok(())
    }

    /// 0A000 for the clauses of a query that cannot have any.
    pub(super) fn refuse_locking(&self, query: &Query) -> Result<()> {
        match query.locking.first() {
            Some(clause) if query.with_ties => Err(refuse("WITH TIES with row locking", clause.span)),
            _ => check_body(query),
        }
    }
}
