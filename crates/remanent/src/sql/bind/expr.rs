//! Expressions: each node of the tree by the rule of its kind.

use super::scope::Scope;
use super::{Binder, refuse};
use crate::sql::ast::{self, ExprKind, LikeKind, Literal, Name, Op, Span, Subscript};
use crate::sql::expr::{CastContext, Expr, Place as Subscripted};
use crate::sql::plan::AggregateCall;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind;
use remanent_storage::value::{Array, Type, Value};

/// Columns from here on stand for aggregates until the grouping is known: `AGGREGATES + k` is aggregate k.
pub const AGGREGATES: usize = usize::MAX / 2;

/// Columns from here on stand for grouping(): `GROUPINGS + k` is that of the k-th list of arguments.
pub const GROUPINGS: usize = AGGREGATES + usize::MAX / 8;

/// Columns from here on stand for window functions: `WINDOWS + k` is call k.
pub const WINDOWS: usize = GROUPINGS + usize::MAX / 8;

/// Columns from here on stand for functions that return rows: `SETS + k` is call k.
pub const SETS: usize = WINDOWS + usize::MAX / 8;

/// Which clause an expression stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the variants are the SQL words")]
pub enum Clause {
    Select,
    Where,
    Having,
    GroupBy,
    OrderBy,
    On,
    Filter,
    Values,
    Set,
    Default,
    Check,
    Generated,
    Index,
    IndexWhere,
    Using,
    Limit,
    Offset,
    Returning,
    From,
    CopyFrom,
    When,
}

impl Clause {
    /// As in "argument of … must be type boolean".
    pub fn name(self) -> &'static str {
        match self {
            Clause::Select => "SELECT",
            Clause::Where => "WHERE",
            Clause::Having => "HAVING",
            Clause::GroupBy => "GROUP BY",
            Clause::OrderBy => "ORDER BY",
            Clause::On => "JOIN/ON",
            Clause::Filter => "FILTER",
            Clause::Values => "VALUES",
            Clause::Set => "UPDATE",
            Clause::Default => "DEFAULT",
            Clause::Check => "CHECK",
            Clause::Generated => "GENERATED",
            Clause::Index => "INDEX",
            Clause::IndexWhere => "WHERE",
            Clause::Using => "USING",
            Clause::Limit => "LIMIT",
            Clause::Offset => "OFFSET",
            Clause::Returning => "RETURNING",
            Clause::From => "FROM",
            Clause::CopyFrom => "WHERE",
            Clause::When => "WHEN",
        }
    }

    /// As in "aggregate functions are not allowed in …".
    pub fn place(self) -> &'static str {
        match self {
            Clause::On => "JOIN conditions",
            Clause::Default => "DEFAULT expressions",
            Clause::Check => "check constraints",
            Clause::Generated => "column generation expressions",
            Clause::Index => "index expressions",
            Clause::IndexWhere => "index predicates",
            Clause::Using => "transform expressions",
            Clause::From => "functions in FROM",
            Clause::CopyFrom => "COPY FROM WHERE conditions",
            Clause::When => "MERGE WHEN conditions",
            other => other.name(),
        }
    }
}

/// Where an expression stands: what it may name and hold.
pub struct Place<'s> {
    /// The columns it may name.
    pub scope: &'s Scope,
    /// The clause.
    pub clause: Clause,
    /// The aggregates of the query so far; None: they are not allowed here.
    pub aggregates: Option<&'s mut Vec<AggregateCall>>,
    /// It stands in the argument of an aggregate.
    pub inside_aggregate: bool,
    /// It stands in a CASE or COALESCE.
    pub lazy: bool,
    /// It stands in a call with OVER.
    pub inside_window: bool,
    /// The columns named outside of aggregates, each with where.
    pub seen: Vec<(usize, usize)>,
}

impl<'s> Place<'s> {
    /// A place without aggregates.
    pub fn new(scope: &'s Scope, clause: Clause) -> Self {
        Place {
            scope,
            clause,
            aggregates: None,
            inside_aggregate: false,
            lazy: false,
            inside_window: false,
            seen: Vec::new(),
        }
    }

    /// A place with aggregates.
    pub fn grouped(scope: &'s Scope, clause: Clause, aggregates: &'s mut Vec<AggregateCall>) -> Self {
        let aggregates = Some(aggregates);
        Place { aggregates, ..Place::new(scope, clause) }
    }
}

impl Binder<'_> {
    /// An expression.
    pub(super) fn expr(&mut self, expr: &ast::Expr, place: &mut Place<'_>) -> Result<Expr> {
        let at = expr.span.at();
        match &expr.kind {
            ExprKind::Column(name) => self.column(name, place),
            ExprKind::Star(Some(name)) => {
                let row = self.whole_row(name, place)?;
                row.ok_or_else(|| place.scope.star(Some(name)).err().unwrap_or_else(|| unsupported(expr)))
            }
            ExprKind::Row(parts) => self.row(parts, at, place),
            ExprKind::Field { expr, field: Some(field) } => self.field(expr, field, place),
            ExprKind::Literal(literal) => constant(literal, expr.span),
            ExprKind::Param(n) => Ok(self.resolver.param((*n as usize).saturating_sub(1), at)),
            ExprKind::Unary { op, expr } => {
                let arg = self.expr(expr, place)?;
                self.resolver.unary(operator(op)?, arg, op.span.at())
            }
            ExprKind::Binary { op, left, right } => self.binary(op, left, right, place),
            ExprKind::And(parts) => {
                let places: Vec<usize> = parts.iter().map(|part| part.span.at()).collect();
                let parts = self.exprs(parts, place)?;
                self.resolver.and(parts, &places)
            }
            ExprKind::Or(parts) => {
                let places: Vec<usize> = parts.iter().map(|part| part.span.at()).collect();
                let parts = self.exprs(parts, place)?;
                self.resolver.or(parts, &places)
            }
            ExprKind::Not(inner) => {
                let arg = self.expr(inner, place)?;
                self.resolver.not(arg, inner.span.at())
            }
            ExprKind::Cast { expr, ty, by } => {
                let to = self.resolve_type(ty)?;
                let arg = match (&expr.kind, to) {
                    // The elements are cast, one by one.
                    (ExprKind::Array(items), Type::Array(_)) => {
                        self.array(items, Some(to), expr.span, place)?
                    }
                    _ => self.expr(expr, place)?,
                };
                self.resolver.cast(arg, to, CastContext::Explicit, by.at())
            }
            ExprKind::Collate { expr, collation } => {
                let arg = self.expr(expr, place)?;
                let element = |ty: Type| if let Type::Array(element) = ty { element.ty() } else { ty };
                let text = |ty: &Type| element(*ty).is_text() || matches!(element(*ty), Type::Char(_));
                if let Some(ty) = arg.known_type().filter(|ty| !text(ty)) {
                    let message = format!("collations are not supported by type {ty}");
                    return Err(Error::new(state::DATATYPE_MISMATCH, message).at(at));
                }
                match collation.last() {
                    "C" | "POSIX" | "default" | "ucs_basic" => Ok(arg),
                    other => Err(refuse(format!("collation \"{other}\""), collation.span)
                        .with_hint("Text is ordered by its bytes, as COLLATE \"C\" does.")),
                }
            }
            ExprKind::Case { operand, branches, otherwise, whens } => {
                self.case((operand.as_deref(), branches, whens), otherwise.as_deref(), at, place)
            }
            ExprKind::Function(call) => self.call(call, place),
            ExprKind::Subquery(_)
            | ExprKind::Exists(_)
            | ExprKind::ArrayQuery(_)
            | ExprKind::InQuery { .. }
            | ExprKind::Quantified { .. } => self.with_subquery(expr, place),
            ExprKind::Array(items) => self.array(items, None, expr.span, place),
            ExprKind::Subscript { expr, subscripts } => self.subscript(expr, subscripts, place),
            _ => self.predicate(expr, place),
        }
    }

    /// Tests of one or more operands.
    fn predicate(&mut self, expr: &ast::Expr, place: &mut Place<'_>) -> Result<Expr> {
        let at = expr.span.at();
        match &expr.kind {
            ExprKind::In { expr, list, negated, by } if matches!(expr.kind, ExprKind::Row(_)) => {
                self.rows_in(expr, list, *negated, by.at(), place)
            }
            ExprKind::In { expr, list, negated, by } => {
                let arg = self.expr(expr, place)?;
                let list = self.exprs(list, place)?;
                self.resolver.in_list(arg, list, *negated, by.at())
            }
            ExprKind::Between { expr, low, high, negated, symmetric: false, by }
                if let (ExprKind::Row(row), ExprKind::Row(low), ExprKind::Row(high)) =
                    (&expr.kind, &low.kind, &high.kind) =>
            {
                let row = self.exprs(row, place)?;
                let (first, second) = if *negated { ("<", ">") } else { (">=", "<=") };
                let (low, high) = (self.exprs(low, place)?, self.exprs(high, place)?);
                let tests = vec![
                    self.rows_compared(first, row.clone(), low, by.at())?,
                    self.rows_compared(second, row, high, by.at())?,
                ];
                Ok(if *negated { Expr::Or(tests) } else { Expr::And(tests) })
            }
            ExprKind::Between { expr, low, high, negated, symmetric, by } => {
                let arg = self.expr(expr, place)?;
                let (low, high) = (self.expr(low, place)?, self.expr(high, place)?);
                self.resolver.between(arg, low, high, *negated, *symmetric, by.at())
            }
            ExprKind::Like { kind, expr, pattern, escape, negated, by } => {
                let arg = self.expr(expr, place)?;
                let pattern = self.expr(pattern, place)?;
                let escape = escape.as_ref().map(|e| self.expr(e, place)).transpose()?;
                if *kind == LikeKind::Similar {
                    return self.resolver.similar(arg, pattern, escape, *negated, by.at());
                }
                self.resolver.like(arg, pattern, escape, *kind == LikeKind::ILike, *negated, by.at())
            }
            ExprKind::IsNull { expr, negated } if matches!(expr.kind, ExprKind::Row(_)) => {
                let ExprKind::Row(parts) = &expr.kind else { return Err(unsupported(expr)) };
                let parts = self.fields(parts, place)?.into_iter();
                let tests = parts.map(|part| self.resolver.is_null(part, *negated));
                Ok(Expr::conjunction(tests.collect::<Result<_>>()?))
            }
            ExprKind::IsNull { expr, negated } => {
                let arg = self.expr(expr, place)?;
                self.is_null(arg, *negated)
            }
            ExprKind::IsBool { expr, value, negated } => {
                let arg = self.expr(expr, place)?;
                self.resolver.is_bool(arg, *value, *negated, at)
            }
            ExprKind::IsDistinct { left, right, negated, by } => {
                if let (ExprKind::Row(left), ExprKind::Row(right)) = (&left.kind, &right.kind) {
                    return self.distinct_rows(left, right, *negated, by.at(), place);
                }
                let (left, right) = (self.expr(left, place)?, self.expr(right, place)?);
                self.resolver.is_distinct(left, right, *negated, by.at())
            }
            _ => Err(unsupported(expr)),
        }
    }

    /// `ARRAY[…]`, whose elements are cast to those of `to`.
    fn array(
        &mut self,
        items: &[ast::Expr],
        to: Option<Type>,
        span: Span,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        if items.is_empty() {
            let Some(ty) = to else {
                let message = "cannot determine type of empty array";
                return Err(Error::new(state::INDETERMINATE_DATATYPE, message)
                    .with_hint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
                    .at(span.at()));
            };
            let Type::Array(element) = ty else { return Err(Error::internal("an array of another type")) };
            return Ok(Expr::Literal { value: Array::empty(element.ty()).into(), ty });
        }
        let mut bound = Vec::with_capacity(items.len());
        for item in items {
            let inner = match (&item.kind, to) {
                (ExprKind::Array(items), _) => self.array(items, to, item.span, place)?,
                (_, None) => self.expr(item, place)?,
                (_, Some(to)) => {
                    let item_at = item.span.at();
                    let item = self.expr(item, place)?;
                    let element = match (item.known_type(), to) {
                        (Some(Type::Array(_)), _) => to,
                        (_, Type::Array(element)) => element.ty(),
                        _ => to,
                    };
                    self.resolver.cast(item, element, CastContext::Explicit, item_at)?
                }
            };
            bound.push(inner);
        }
        let places: Vec<usize> = items.iter().map(|item| item.span.at()).collect();
        self.resolver.array(bound, &places)
    }

    /// `x[1][2:3]`: brackets that follow one another are one subscript.
    fn subscript(&mut self, of: &ast::Expr, subscripts: &[Subscript], place: &mut Place<'_>) -> Result<Expr> {
        let places =
            subscripts.iter().map(|step| self.subscripted(step, place)).collect::<Result<Vec<_>>>()?;
        let array = self.expr(of, place)?;
        self.resolver.subscript(array, places, of.span.at())
    }

    /// What stands in brackets.
    pub(super) fn subscripted(&mut self, step: &Subscript, place: &mut Place<'_>) -> Result<Subscripted> {
        let mut end = |e: &Option<ast::Expr>| e.as_ref().map(|e| self.expr(e, place)).transpose();
        Ok(match step {
            Subscript::Slice(low, high) => Subscripted::Slice(end(low)?, end(high)?),
            Subscript::At(i) => Subscripted::At(self.expr(i, place)?),
        })
    }

    /// Several expressions.
    pub(super) fn exprs(&mut self, exprs: &[ast::Expr], place: &mut Place<'_>) -> Result<Vec<Expr>> {
        exprs.iter().map(|expr| self.expr(expr, place)).collect()
    }

    /// An expression that must be boolean.
    pub(super) fn condition(&mut self, expr: &ast::Expr, place: &mut Place<'_>) -> Result<Expr> {
        let bound = self.expr(expr, place)?;
        self.resolver.condition(bound, place.clause.name(), expr.span.at())
    }

    fn column(&mut self, name: &Name, place: &mut Place<'_>) -> Result<Expr> {
        let at = name.span.at();
        match place.clause {
            Clause::Limit | Clause::Offset => {
                return self.outer_column(name)?.ok_or_else(|| {
                    let message = format!("argument of {} must not contain variables", place.clause.name());
                    Error::new(state::INVALID_COLUMN_REFERENCE, message).at(at)
                });
            }
            Clause::Default => {
                let message = "cannot use column reference in DEFAULT expression";
                return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at));
            }
            _ => {}
        }
        let error = match place.scope.resolve(name) {
            Ok(position) => {
                if !place.inside_aggregate {
                    place.seen.push((position, at));
                }
                return Ok(place.scope.column(position));
            }
            Err(error) => error,
        };
        if error.state() == state::UNDEFINED_COLUMN
            && let Some(found) = self.system_column(name, place.scope)?
        {
            return Ok(found);
        }
        if error.state() == state::AMBIGUOUS_COLUMN || place.scope.has_relation_of(name) {
            return Err(error);
        }
        match self.outer_column(name)? {
            Some(found) => Ok(found),
            None if name.simple().is_some() => self.whole_row(name, place)?.ok_or(error),
            None => Err(error),
        }
    }

    fn binary(
        &mut self,
        op: &Op,
        left: &ast::Expr,
        right: &ast::Expr,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        match (&left.kind, &right.kind) {
            (ExprKind::Row(left), ExprKind::Row(right)) => {
                return self.compare_rows(op, left, right, place);
            }
            // `(a, b) = (SELECT …)`: whether it is so of the one row, NULL where there is none.
            (ExprKind::Row(_), ExprKind::Subquery(query)) => {
                return self.row_subquery(left, operator(op)?, query, op.span.at(), place);
            }
            _ => {}
        }
        let (left, right) = (self.expr(left, place)?, self.expr(right, place)?);
        self.resolver.binary(operator(op)?, left, right, op.span.at())
    }

    /// `(a, b) < (c, d)` is `a < c OR a = c AND b < d`; `=` is all, `<>` any.
    fn compare_rows(
        &mut self,
        op: &Op,
        left: &[ast::Expr],
        right: &[ast::Expr],
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let at = op.span.at();
        let (left, right) = (self.fields(left, place)?, self.fields(right, place)?);
        self.rows_compared(operator(op)?, left, right, at)
    }

    /// A comparison of two rows of bound expressions.
    pub(super) fn rows_compared(
        &mut self,
        op: &str,
        left: Vec<Expr>,
        right: Vec<Expr>,
        at: usize,
    ) -> Result<Expr> {
        if left.len() != right.len() {
            return Err(
                Error::new(state::SYNTAX_ERROR, "unequal number of entries in row expressions").at(at)
            );
        }
        let mut pairs = left.into_iter().zip(right).rev();
        let Some((left, right)) = pairs.next() else {
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, "cannot compare rows of zero length").at(at));
        };
        let mut result = self.resolver.binary(op, left, right, at)?;
        for (left, right) in pairs {
            result = match op {
                "=" | "<>" => {
                    let first = self.resolver.binary(op, left, right, at)?;
                    match op {
                        "=" => self.resolver.and(vec![first, result], &[at])?,
                        _ => self.resolver.or(vec![first, result], &[at])?,
                    }
                }
                "<" | "<=" | ">" | ">=" => {
                    let strict = &op[..1];
                    let first = self.resolver.binary(strict, left.clone(), right.clone(), at)?;
                    let equal = self.resolver.binary("=", left, right, at)?;
                    let rest = self.resolver.and(vec![equal, result], &[at])?;
                    self.resolver.or(vec![first, rest], &[at])?
                }
                _ => {
                    let message =
                        format!("could not determine interpretation of row comparison operator {op}");
                    return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message)
                        .with_hint(
                            "Row comparison operators must be associated with btree operator families.",
                        )
                        .at(at));
                }
            };
        }
        Ok(result)
    }

    /// `(a, b) IN ((1, 2), (3, 4))`
    fn rows_in(
        &mut self,
        row: &ast::Expr,
        list: &[ast::Expr],
        negated: bool,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let ExprKind::Row(left) = &row.kind else { return Err(unsupported(row)) };
        let left = self.exprs(left, place)?;
        let mut tests = Vec::with_capacity(list.len());
        for item in list {
            let ExprKind::Row(right) = &item.kind else { return Err(unsupported(row)) };
            let right = self.exprs(right, place)?;
            tests.push(self.rows_compared("=", left.clone(), right, at)?);
        }
        let test = if tests.len() == 1 { tests.remove(0) } else { Expr::Or(tests) };
        Ok(if negated { Expr::Not(Box::new(test)) } else { test })
    }

    /// IS (NOT) DISTINCT FROM of rows: one part is distinct.
    fn distinct_rows(
        &mut self,
        left: &[ast::Expr],
        right: &[ast::Expr],
        negated: bool,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let (left, right) = (self.fields(left, place)?, self.fields(right, place)?);
        if left.len() != right.len() {
            let message = "unequal number of entries in row expressions";
            return Err(Error::new(state::SYNTAX_ERROR, message).at(at));
        }
        let pairs = left.into_iter().zip(right);
        let tests = pairs.map(|(left, right)| self.resolver.is_distinct(left, right, false, at));
        let tests = tests.collect::<Result<Vec<_>>>()?;
        let test = match tests.len() {
            0 => Expr::Literal { value: Value::Bool(false), ty: Type::Bool },
            _ => Expr::Or(tests),
        };
        Ok(if negated { Expr::Not(Box::new(test)) } else { test })
    }

    fn case(
        &mut self,
        (operand, branches, whens): (Option<&ast::Expr>, &[(ast::Expr, ast::Expr)], &[Span]),
        otherwise: Option<&ast::Expr>,
        at: usize,
        place: &mut Place<'_>,
    ) -> Result<Expr> {
        let outer = std::mem::replace(&mut place.lazy, true);
        let operand = operand.map(|operand| self.expr(operand, place)).transpose()?;
        let results = branches.iter().map(|(_, result)| result.span.at());
        let last = otherwise.map_or(at, |otherwise| otherwise.span.at());
        let places: Vec<usize> = std::iter::once(last).chain(results).collect();
        let bound = branches
            .iter()
            .zip(whens)
            .map(|((condition, result), when)| {
                // What is wrong is a comparison that is not written, or the condition itself.
                let at = if operand.is_some() { when.at() } else { condition.span.at() };
                Ok((self.expr(condition, place)?, self.expr(result, place)?, at))
            })
            .collect::<Result<Vec<_>>>()?;
        let otherwise = otherwise.map(|otherwise| self.expr(otherwise, place)).transpose()?;
        place.lazy = outer;
        self.resolver.case(operand, bound, otherwise, at, &places)
    }
}

/// A constant of the type that PostgreSQL gives it; strings and NULL have none yet.
pub fn constant(literal: &Literal, span: Span) -> Result<Expr> {
    let at = span.at();
    let value = match literal {
        Literal::Null => return Ok(Expr::Unknown { text: None, at }),
        Literal::String(text) => return Ok(Expr::Unknown { text: Some(text.clone()), at }),
        Literal::Bool(value) => Value::Bool(*value),
        Literal::Integer(n) => i32::try_from(*n).map_or(Value::Int8(*n), Value::Int4),
        Literal::Numeric(text) => return Expr::number(text).map_err(|error| error.at(at)),
        Literal::Bits(text) => Kind::Bit.parse(text, 0).map_err(|error| error.at(at))?,
    };
    Ok(Expr::literal(value))
}

/// The operator's symbol; operators of other schemas than PostgreSQL's own do not exist.
pub(super) fn operator(op: &Op) -> Result<&str> {
    match &op.schema {
        Some(schema) if schema.name != "pg_catalog" => {
            let message = format!("operator does not exist: {}.{}", schema.name, op.name);
            Err(Error::new(state::UNDEFINED_FUNCTION, message).at(op.span.at()))
        }
        _ => Ok(&op.name),
    }
}

/// The error for an expression that the tree can hold and we cannot evaluate.
fn unsupported(expr: &ast::Expr) -> Error {
    let what = match &expr.kind {
        ExprKind::Star(_) => "row expansion via \"*\" here",
        ExprKind::Default => {
            let message = "DEFAULT is not allowed in this context";
            return Error::new(state::SYNTAX_ERROR, message).at(expr.span.at());
        }
        ExprKind::NamedArg { .. } => "a named argument",
        ExprKind::Field { .. } => "the fields of a composite value here",
        _ => "this expression",
    };
    refuse(what, expr.span)
}
