//! Expressions against what PostgreSQL said to them: `tests/golden/*.txt`, recorded by `record.py`.

mod columns;
mod extremes;
mod like;
mod rules;
mod vectors;

use super::{CastContext, EvalContext, Expr, Planner, Resolver};
use crate::sql::ast::{self, ExprKind, LikeKind, Literal};
use crate::sql::functions::aggregate::Aggregate;
use crate::sql::parse::parse_expr;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::{Type, Value};
use remanent_storage::world::World;
use std::sync::Arc;

/// A small binder for expressions over columns that are named by their place: `c0`, `c1`, ….
struct Binder<'a> {
    resolver: Resolver,
    columns: &'a [Type],
}

impl Binder<'_> {
    fn all(&mut self, exprs: &[ast::Expr]) -> Result<Vec<Expr>> {
        exprs.iter().map(|e| self.bind(e)).collect()
    }

    fn bind(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let at = expr.span.at();
        match &expr.kind {
            ExprKind::Column(name) => {
                let index: usize = name.last()[1..].parse().expect("a column is named c and its place");
                Ok(Expr::column(index, self.columns[index]))
            }
            ExprKind::Literal(literal) => Ok(match literal {
                Literal::Null => Expr::Unknown { text: None, at },
                Literal::Bool(v) => Expr::literal(Value::Bool(*v)),
                Literal::Integer(v) => match i32::try_from(*v) {
                    Ok(v) => Expr::literal(Value::Int4(v)),
                    Err(_) => Expr::literal(Value::Int8(*v)),
                },
                Literal::Numeric(text) => Expr::number(text)?,
                Literal::String(text) => Expr::Unknown { text: Some(text.clone()), at },
                Literal::Bits(_) => unimplemented!("no bit strings here"),
            }),
            ExprKind::Param(n) => Ok(self.resolver.param(*n as usize - 1, at)),
            ExprKind::Unary { op, expr } => {
                let arg = self.bind(expr)?;
                self.resolver.unary(&op.name, arg, op.span.at())
            }
            ExprKind::Binary { op, left, right } => {
                let (left, right) = (self.bind(left)?, self.bind(right)?);
                self.resolver.binary(&op.name, left, right, op.span.at())
            }
            ExprKind::And(parts) => {
                let parts = self.all(parts)?;
                self.resolver.and(parts, &[at])
            }
            ExprKind::Or(parts) => {
                let parts = self.all(parts)?;
                self.resolver.or(parts, &[at])
            }
            ExprKind::Not(expr) => {
                let expr = self.bind(expr)?;
                self.resolver.not(expr, at)
            }
            ExprKind::Cast { expr, ty, .. } => {
                let (expr, ty) = (self.bind(expr)?, type_of(ty)?);
                self.resolver.cast(expr, ty, CastContext::Explicit, at)
            }
            ExprKind::Function(call) => {
                let args = self.all(&call.args)?;
                self.resolver.call(call.name.last(), args, at)
            }
            _ => self.bind_syntax(expr),
        }
    }

    fn bind_syntax(&mut self, expr: &ast::Expr) -> Result<Expr> {
        let at = expr.span.at();
        match &expr.kind {
            ExprKind::In { expr, list, negated, .. } => {
                let (expr, list) = (self.bind(expr)?, self.all(list)?);
                self.resolver.in_list(expr, list, *negated, at)
            }
            ExprKind::Between { expr, low, high, negated, symmetric, .. } => {
                let (expr, low, high) = (self.bind(expr)?, self.bind(low)?, self.bind(high)?);
                self.resolver.between(expr, low, high, *negated, *symmetric, at)
            }
            ExprKind::Like { kind, expr, pattern, escape, negated, .. } => {
                let (expr, pattern) = (self.bind(expr)?, self.bind(pattern)?);
                let escape = escape.as_ref().map(|e| self.bind(e)).transpose()?;
                if *kind == LikeKind::Similar {
                    return self.resolver.similar(expr, pattern, escape, *negated, at);
                }
                self.resolver.like(expr, pattern, escape, *kind == LikeKind::ILike, *negated, at)
            }
            ExprKind::IsNull { expr, negated } => {
                let expr = self.bind(expr)?;
                self.resolver.is_null(expr, *negated)
            }
            ExprKind::IsBool { expr, value, negated } => {
                let expr = self.bind(expr)?;
                self.resolver.is_bool(expr, *value, *negated, at)
            }
            ExprKind::IsDistinct { left, right, negated, .. } => {
                let (left, right) = (self.bind(left)?, self.bind(right)?);
                self.resolver.is_distinct(left, right, *negated, at)
            }
            ExprKind::Case { operand, branches, otherwise, .. } => {
                let operand = operand.as_ref().map(|e| self.bind(e)).transpose()?;
                let branches = branches.iter().map(|(c, r)| Ok((self.bind(c)?, self.bind(r)?, at)));
                let branches = branches.collect::<Result<Vec<_>>>()?;
                let otherwise = otherwise.as_ref().map(|e| self.bind(e)).transpose()?;
                self.resolver.case(operand, branches, otherwise, at, &[at])
            }
            other => panic!("the test binder does not know {other:?}"),
        }
    }
}

/// Binds the call of an aggregate over columns of these types.
fn bind_aggregate(sql: &str, columns: &[Type]) -> Result<Aggregate> {
    let mut binder = Binder { resolver: Resolver::default(), columns };
    match parse_expr(sql)?.kind {
        ExprKind::Function(call) => {
            let args = binder.all(&call.args)?;
            binder.resolver.aggregate(call.name.last(), args, 0)
        }
        other => panic!("no call of an aggregate: {other:?}"),
    }
}

fn type_of(name: &ast::TypeName) -> Result<Type> {
    let number = |i: usize| match name.modifiers.get(i).map(|m| &m.kind) {
        Some(ExprKind::Literal(Literal::Integer(n))) => Some(*n),
        _ => None,
    };
    Ok(match name.name.last() {
        "bool" => Type::Bool,
        "int2" => Type::Int2,
        "int4" => Type::Int4,
        "int8" => Type::Int8,
        "float4" => Type::Float4,
        "float8" => Type::Float8,
        "numeric" => Type::Numeric(number(0).map(|p| (p as u16, number(1).unwrap_or(0) as i16))),
        "text" => Type::Text,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "timestamp" => Type::Timestamp,
        "timestamptz" => Type::Timestamptz,
        "interval" => Type::Interval,
        "vector" => Type::Vector(number(0).map(|n| n as u16)),
        other => return Err(Error::new(state::UNDEFINED_OBJECT, format!("type \"{other}\" does not exist"))),
    })
}

/// Binds over columns of these types.
fn bind(sql: &str, columns: &[Type]) -> Result<Expr> {
    let mut binder = Binder { resolver: Resolver::default(), columns };
    let expr = binder.bind(&parse_expr(sql)?)?;
    binder.resolver.finish(expr)
}

fn with_context<T>(params: &[Value], run: impl FnOnce(&EvalContext<'_>) -> T) -> T {
    let (world, interrupt) = (World::real(), Arc::new(Interrupt::default()));
    let now = world.clock.now();
    run(&EvalContext {
        params,
        now,
        statement_now: now,
        interrupt: &interrupt,
        world: &world,
        locks: None,
        subqueries: None,
        instance: None,
        catalog: None,
        path: &[],
        given: None,
        zone: &remanent_storage::value::Zone::UTC,
        settings: None,
        kept: None,
        planner: Planner::default(),
    })
}

/// What one expression gives: its type and text, or its error, as the golden files write it.
fn answer(sql: &str) -> String {
    let result = with_context(&[], |ctx| {
        let expr = bind(sql, &[])?;
        let value = expr.value(ctx)?;
        // Folding must change nothing.
        let folded = expr.clone().fold(ctx);
        if !expr.is_volatile() {
            assert_eq!(folded.value(ctx)?, value, "folded: {sql}");
        }
        Ok((super::coerce::family(expr.ty()), value))
    });
    match result {
        Ok((ty, Value::Null)) => format!("{ty}\tNULL"),
        Ok((ty, value)) => format!("{ty}\t{value}"),
        Err(error) => {
            let error: Error = error;
            format!("!\t{}\t{}", error.code(), error.message())
        }
    }
}

fn check_golden(golden: &str) {
    let mut wrong = Vec::new();
    for line in golden.lines().filter(|l| !l.is_empty() && !l.starts_with('#')) {
        let (sql, expected) = line.split_once('\t').expect("a tab behind the expression");
        let found = answer(sql);
        if found != expected {
            wrong.push(format!("{sql}\n    expected {expected}\n    found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn functions_and_operators_answer_as_postgresql() {
    check_golden(include_str!("../../../../tests/golden/functions.txt"));
}

#[test]
#[ignore = "for expressions recorded by hand: see tests/golden/fuzz.py"]
fn recorded_expressions_answer_as_postgresql() {
    let path = std::env::var("REMANENT_GOLDEN").expect("REMANENT_GOLDEN names the file");
    check_golden(&std::fs::read_to_string(path).expect("the file can be read"));
}
