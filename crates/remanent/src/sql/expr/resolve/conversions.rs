//! Conversions: what is asked for (`CAST`), what a column or a clause wants, and the type that several expressions have in common.

use super::Resolver;
use crate::sql::expr::Expr;
use crate::sql::expr::coerce::{CastContext, can_convert, common, family};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind as Layout;
use remanent_storage::value::{Type, Value};

/// What PostgreSQL advises where a column cannot take a type.
pub(super) const REWRITE: &str = "You will need to rewrite or cast the expression.";

impl Resolver {
    /// A conversion: `CAST(expr AS to)` with `Explicit`; 42846 where there is none.
    pub fn cast(&mut self, expr: Expr, to: Type, context: CastContext, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, context) => {
                let message = format!("cannot cast type {} to {}", family(from), family(to));
                Err(Error::new(state::CANNOT_COERCE, message).at(at))
            }
            _ if context == CastContext::Explicit => self.cut(expr, to, at),
            _ => self.convert(expr, to),
        }
    }

    /// An explicit conversion: what is too long for a character type or a string of bits is cut off.
    fn cut(&mut self, expr: Expr, to: Type, at: usize) -> Result<Expr> {
        if let Type::Other(kind @ (Layout::Bit | Layout::VarBit), length @ 1..) = to {
            return self.cut_bits(expr, kind, length, at);
        }
        let (Type::Varchar(Some(length)) | Type::Char(Some(length))) = to else {
            return self.convert(expr, to);
        };
        if self.known_type(&expr) == Some(to) {
            return Ok(expr);
        }
        let text = self.convert(expr, Type::Text)?;
        let length = Expr::Literal { value: Value::Int4(length as i32), ty: Type::Int4 };
        let cut = self.call("left", vec![text, length], at)?;
        self.convert(cut, to)
    }

    fn cut_bits(&mut self, expr: Expr, kind: Layout, length: u32, at: usize) -> Result<Expr> {
        let to = Type::Other(kind, length);
        let from = self.known_type(&expr);
        if from == Some(to) {
            return Ok(expr);
        }
        let length = Expr::literal(Value::Int4(length as i32));
        let args = match from {
            Some(Type::Int4 | Type::Int8) => vec![expr, length],
            _ => {
                let whole = self.convert(expr, Type::Other(kind, 0))?;
                vec![whole, length, Expr::literal(Value::Bool(true))]
            }
        };
        let cut = self.call(kind.described().name, args, at)?;
        self.convert(cut, to)
    }

    /// A conversion into a column of a table; 42804 names the column.
    pub fn assign(&mut self, expr: Expr, to: Type, column: &str, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, CastContext::Assignment) => {
                let (from, to) = (family(from), family(to));
                let message = format!("column \"{column}\" is of type {to} but expression is of type {from}");
                Err(Error::new(state::DATATYPE_MISMATCH, message).with_hint(REWRITE).at(at))
            }
            _ => self.convert(expr, to),
        }
    }

    /// A condition: `clause` is WHERE, HAVING, AND, … as in "argument of WHERE must be type boolean, not type integer".
    pub fn condition(&mut self, expr: Expr, clause: &str, at: usize) -> Result<Expr> {
        self.argument(expr, Type::Bool, clause, at)
    }

    /// The argument of a clause that wants one type, such as LIMIT.
    pub fn argument(&mut self, expr: Expr, to: Type, clause: &str, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, CastContext::Assignment) => {
                let message = format!("argument of {clause} must be type {to}, not type {}", family(from));
                Err(Error::new(state::DATATYPE_MISMATCH, message).at(at))
            }
            _ => self.convert(expr, to),
        }
    }

    /// The common type alone, for UNION and VALUES; convert each then with `cast(…, Implicit, …)`.
    pub fn common_type(&self, exprs: &[&Expr], context: &str, at: &[usize]) -> Result<Type> {
        let known: Vec<Option<Type>> = exprs.iter().map(|e| self.known_type(e)).collect();
        common(exprs, &known, context, at)
    }

    /// Converts several expressions to their common type. `context` is CASE, UNION, VALUES, … as in
    /// "CASE types integer and boolean cannot be matched"; `at` is where each of them stands.
    pub fn unify(&mut self, exprs: Vec<Expr>, context: &str, at: &[usize]) -> Result<(Vec<Expr>, Type)> {
        let ty = self.common_type(&exprs.iter().collect::<Vec<_>>(), context, at)?;
        let exprs = exprs.into_iter().map(|e| self.convert(e, ty)).collect::<Result<Vec<_>>>()?;
        Ok((exprs, ty))
    }

    /// Gives an output column its type: what is still unknown becomes text.
    pub fn finish(&mut self, mut expr: Expr) -> Result<Expr> {
        self.refresh(&mut expr);
        match expr.known_type() {
            Some(_) => Ok(expr),
            None => self.convert(expr, Type::Text),
        }
    }
}
