//! Queries within expressions. They must not depend on the row: each is run once, before the statement, and its
//! result is a parameter behind those of the user.

use super::expr::{Clause, Place};
use super::{Binder, Relation};
use crate::sql::ast::Query;
use crate::sql::expr::Expr;
use crate::sql::plan::{Plan, SubPlan, SubPlanKind};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Type, Value};

impl Binder<'_> {
    /// `(SELECT …)` as a value.
    pub(super) fn scalar_subquery(&mut self, query: &Query, at: usize, place: &Place<'_>) -> Result<Expr> {
        let relation = self.nested(query, place)?;
        let [field] = relation.fields.as_slice() else {
            return Err(
                Error::new(state::SYNTAX_ERROR, "subquery must return only one column").at(query.span.at())
            );
        };
        let ty = field.ty;
        Ok(self.subplan(SubPlanKind::Scalar(ty), relation.plan, ty, at))
    }

    /// `EXISTS (SELECT …)`
    pub(super) fn exists(&mut self, query: &Query, place: &Place<'_>) -> Result<Expr> {
        let plan = self.nested(query, place)?.plan;
        let one = Expr::Literal { value: Value::Int8(1), ty: Type::Int8 };
        let first = Plan::Limit { input: Box::new(plan), limit: Some(one), offset: None };
        Ok(self.subplan(SubPlanKind::Exists, first, Type::Bool, query.span.at()))
    }

    /// A query that may not refer to the scope of `place`, but whose errors know it.
    pub(super) fn nested(&mut self, query: &Query, place: &Place<'_>) -> Result<Relation> {
        if place.clause == Clause::Default {
            let message = "cannot use subquery in DEFAULT expression";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(query.span.at()));
        }
        self.outer.push(place.scope.clone());
        let bound = self.query(query, None);
        self.outer.pop();
        bound
    }

    fn subplan(&mut self, kind: SubPlanKind, plan: Plan, ty: Type, at: usize) -> Expr {
        self.subplans.push(SubPlan { kind, plan });
        Expr::Param { index: self.params + self.subplans.len() - 1, ty: Some(ty), at }
    }
}
