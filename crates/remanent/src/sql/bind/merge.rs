//! MERGE: the rows of the source with those of the table that they meet, and the number of what becomes of each; then one statement
//! that inserts, updates or deletes for each action.
//!
//! ```text
//! MERGE INTO t USING s ON t.id = s.id
//!   WHEN MATCHED AND s.gone THEN DELETE                     0
//!   WHEN MATCHED THEN UPDATE SET v = s.v                    1
//!   WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)         2
//!
//! With  joined: Project (t's columns, where its row lies, s's columns, the number: CASE …)
//!                 Right Join (t, s)
//!   Merge
//!     Delete   rows of joined that have the number 0
//!     Update   … 1
//!     Insert   … 2
//! ```
//!
//! So rows are read once, before anything is written. What goes is deleted first, then rows are updated, then inserted, whatever
//! the order of the clauses: where PostgreSQL takes the rows one by one, a key that one row leaves may be taken by another whichever
//! comes first. Limits: no views.

use super::expr::{Clause, Place};
use super::foreign::{Writes, read_old};
use super::from::{FromItem, join, marked};
use super::insert::target_columns;
use super::scope::Scope;
use super::update::{Changed, New, assigned, identity_names};
use super::with::around;
use super::{Binder, through::UPDATES};
use crate::sql::ast::{Merge, MergeAction};
use crate::sql::expr::Expr;
use crate::sql::plan::{Field, JoinKind, Plan, WithQuery};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Type, Value};

impl Binder<'_> {
    /// MERGE.
    pub(super) fn merge_into(&mut self, merge: &Merge) -> Result<Plan> {
        check(merge)?;
        if let Some(view) = self.written_view(&merge.table)? {
            let message = format!("cannot execute MERGE on relation \"{}\"", view.name);
            let why = "This operation is not supported for views.";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).with_detail(why));
        }
        let changed = self.changed(&merge.table, merge.alias.as_ref(), UPDATES)?;
        let source = self.from(std::slice::from_ref(&merge.source))?;
        // Whether a row meets one of the table, is told by a column that is true in each of its rows.
        let meets = Expr::column(changed.scope.width(), Type::Bool);
        let target = marked(FromItem { plan: changed.plan.clone(), scope: changed.scope.clone() });
        let width = target.scope.width();
        let blank = (0..width).map(|_| Field::new("", Type::Int8));
        let unmatched = Scope::relation("", None, blank).join(source.scope.clone())?;
        let both = target.scope.join(source.scope).map_err(|error| {
            let message = error.message().replacen("table name", "name", 1);
            let why = "The name is used both as MERGE target table and data source.";
            Error::new(error.state(), message).with_detail(why)
        })?;
        let on = self.condition(&merge.on, &mut Place::new(&both, Clause::On))?;
        let all = merge.whens.iter().all(|when| when.matched);
        let kind = if all { JoinKind::Inner } else { JoinKind::Right };
        let joined = join(target.plan, source.plan, kind, Some(on));

        // Which of the actions is a row's: the numbers, for rows that meet one of the table and for others.
        let (mut met, mut others) = (Vec::new(), Vec::new());
        let mut actions = Vec::new();
        let id = self.number();
        let mut fields = joined.fields();
        let number = Expr::column(fields.len(), Type::Int8);
        fields.push(Field::new("action", Type::Int8));
        let rows = Plan::WithScan { id, alias: "joined".to_string(), fields: fields.clone(), written: false };
        for (i, when) in merge.whens.iter().enumerate() {
            let scope = if when.matched { &both } else { &unmatched };
            let condition = match &when.condition {
                Some(condition) => self.condition(condition, &mut Place::new(scope, Clause::When))?,
                None => Expr::literal(Value::Bool(true)),
            };
            let own = Expr::literal(Value::Int8(i as i64));
            let predicate = self.resolver.binary("=", number.clone(), own.clone(), 0)?;
            let chosen = Plan::Filter { input: Box::new(rows.clone()), predicate };
            let list = if when.matched { &mut met } else { &mut others };
            list.push((condition, own));
            actions.extend(self.merge_action(&when.action, &changed, scope, chosen)?);
        }
        actions.sort_by_key(|action| match action {
            Plan::Delete { .. } => 0,
            Plan::Update { .. } => 1,
            _ => 2,
        });

        let meets = Expr::IsNull { expr: Box::new(meets), negated: true };
        let chosen = vec![(meets, choice(met, nothing()))];
        let mut exprs: Vec<Expr> =
            fields.iter().take(fields.len() - 1).enumerate().map(|(i, f)| Expr::column(i, f.ty)).collect();
        exprs.push(choice(chosen, choice(others, nothing())));
        let names = fields.into_iter().map(|field| field.name).collect();
        let plan = Plan::Project { input: Box::new(joined), exprs, names };
        let query = WithQuery { id, name: "joined".to_string(), plan, materialized: None };
        Ok(around(vec![query], Plan::Merge { actions }))
    }

    /// The statement of an action over the rows that it is for; None: nothing is done with them.
    fn merge_action(
        &mut self,
        action: &MergeAction,
        changed: &Changed,
        scope: &Scope,
        rows: Plan,
    ) -> Result<Option<Plan>> {
        let table = changed.table.clone();
        let own = || table.columns.iter().map(|column| column.name.clone());
        let (mut exprs, mut names) = (changed.identity.clone(), identity_names(&table).collect::<Vec<_>>());
        let input = |exprs, names| Box::new(Plan::Project { input: Box::new(rows), exprs, names });
        Ok(Some(match action {
            MergeAction::Nothing => return Ok(None),
            MergeAction::Delete => {
                let rules = self.rules_of(&table, Writes::Deletes)?;
                read_old(rules.as_deref(), &mut exprs, &mut names);
                Plan::Delete { input: input(exprs, names), rules, returning: None, table }
            }
            MergeAction::Update(set) => {
                let mut new: Vec<New> = vec![New::Kept; table.columns.len()];
                for assignment in set {
                    self.assignment(assignment, &table, scope, &mut new)?;
                }
                let assigned = assigned(&table, &new);
                let values = new.into_iter().zip(&table.columns).enumerate();
                exprs.extend(values.map(|(i, (new, column))| new.value(i, column.ty)));
                names.extend(own());
                let rules = self.rules_of(&table, Writes::Updates(&assigned))?;
                read_old(rules.as_deref(), &mut exprs, &mut names);
                Plan::Update { input: input(exprs, names), assigned, rules, returning: None, table }
            }
            MergeAction::Insert { columns, overriding_system, values } => {
                let given = match values {
                    Some(_) => target_columns(columns, &table)?,
                    None => Vec::new(),
                };
                let values = values.as_deref().unwrap_or_default();
                let mut defaults = vec![None; table.columns.len()];
                let row =
                    self.insert_row(&table, &given, values, *overriding_system, scope, &mut defaults)?;
                let names = own().collect();
                let rules = self.rules_of(&table, Writes::Inserts(&[]))?;
                Plan::Insert { input: input(row, names), conflict: None, rules, returning: None, table }
            }
        }))
    }
}

/// 42601 for what is wrong whatever the tables are.
fn check(merge: &Merge) -> Result<()> {
    if merge.with.as_ref().is_some_and(|with| with.recursive) {
        return Err(Error::new(state::SYNTAX_ERROR, "WITH RECURSIVE is not supported for MERGE statement"));
    }
    let mut ended = [false; 2];
    for when in &merge.whens {
        let ended = &mut ended[usize::from(when.matched)];
        if *ended {
            let message = "unreachable WHEN clause specified after unconditional WHEN clause";
            return Err(Error::new(state::SYNTAX_ERROR, message));
        }
        *ended |= when.condition.is_none();
    }
    Ok(())
}

/// No action.
fn nothing() -> Expr {
    Expr::Literal { value: Value::Null, ty: Type::Int8 }
}

/// The first number whose condition is true.
fn choice(branches: Vec<(Expr, Expr)>, otherwise: Expr) -> Expr {
    match branches.is_empty() {
        true => otherwise,
        false => Expr::Case { operand: None, branches, otherwise: Box::new(otherwise), ty: Type::Int8 },
    }
}
