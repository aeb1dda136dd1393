use super::Expr;
use super::coerce::CastContext;
use crate::sql::functions::aggregate::Aggregate;
use remanent_storage::error::Result;
use remanent_storage::value::Type;

/// Makes expressions from names and parts, by PostgreSQL's rules of type conversion, and learns
/// the types of the parameters on the way. One per statement.
///
/// `at` is always where in the statement an error belongs: the operator, the function's name; in bytes.
#[derive(Debug, Default)]
pub struct Resolver {
    params: Vec<Option<Type>>,
}

#[allow(unused_variables)]
impl Resolver {
    /// For a statement whose first parameters have these types.
    pub fn new(params: Vec<Option<Type>>) -> Self {
        Resolver { params }
    }

    /// `$n`, where `index` is n - 1.
    pub fn param(&mut self, index: usize, at: usize) -> Expr {
        unimplemented!()
    }

    /// The types of all parameters, once everything is resolved; 42P18 for one that no context gave a type.
    pub fn param_types(&self) -> Result<Vec<Type>> {
        unimplemented!()
    }

    /// A function call by name, COALESCE, NULLIF, GREATEST and LEAST included.
    pub fn call(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// A call of an aggregate; `count(*)` has no arguments.
    pub fn aggregate(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<Aggregate> {
        unimplemented!()
    }

    /// An infix operator, by its symbol.
    pub fn binary(&mut self, op: &str, left: Expr, right: Expr, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// A prefix operator, by its symbol.
    pub fn unary(&mut self, op: &str, arg: Expr, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// A conversion: `CAST(expr AS to)` with `Explicit`; 42846 where there is none.
    pub fn cast(&mut self, expr: Expr, to: Type, context: CastContext, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// A conversion into a column of a table; 42804 names the column.
    pub fn assign(&mut self, expr: Expr, to: Type, column: &str, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// A condition: `clause` is WHERE, HAVING, AND, … as in "argument of WHERE must be type boolean, not type integer".
    pub fn condition(&mut self, expr: Expr, clause: &str, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// Converts several expressions to their common type. `context` is CASE, UNION, VALUES, … as in
    /// "CASE types integer and boolean cannot be matched".
    pub fn unify(&mut self, exprs: Vec<Expr>, context: &str, at: usize) -> Result<(Vec<Expr>, Type)> {
        unimplemented!()
    }

    /// The common type alone, for UNION and VALUES; convert each then with `cast(…, Implicit, …)`.
    pub fn common_type(&self, exprs: &[&Expr], context: &str, at: usize) -> Result<Type> {
        unimplemented!()
    }

    /// AND over two or more.
    pub fn and(&mut self, parts: Vec<Expr>, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// OR over two or more.
    pub fn or(&mut self, parts: Vec<Expr>, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// NOT
    pub fn not(&mut self, expr: Expr, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// IS [NOT] NULL
    pub fn is_null(&mut self, expr: Expr, negated: bool) -> Result<Expr> {
        unimplemented!()
    }

    /// IS [NOT] TRUE, FALSE, UNKNOWN (None)
    pub fn is_bool(&mut self, expr: Expr, value: Option<bool>, negated: bool, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// IS [NOT] DISTINCT FROM
    pub fn is_distinct(&mut self, left: Expr, right: Expr, negated: bool, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// `[NOT] IN (…)` over a list of one or more
    pub fn in_list(&mut self, expr: Expr, list: Vec<Expr>, negated: bool, at: usize) -> Result<Expr> {
        unimplemented!()
    }

    /// `[NOT] BETWEEN [SYMMETRIC]`
    pub fn between(
        &mut self,
        expr: Expr,
        low: Expr,
        high: Expr,
        negated: bool,
        symmetric: bool,
        at: usize,
    ) -> Result<Expr> {
        unimplemented!()
    }

    /// `[NOT] LIKE` and `ILIKE`, with ESCAPE
    pub fn like(
        &mut self,
        expr: Expr,
        pattern: Expr,
        escape: Option<Expr>,
        insensitive: bool,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        unimplemented!()
    }

    /// CASE; with an operand the conditions are what it is compared with.
    pub fn case(
        &mut self,
        operand: Option<Expr>,
        branches: Vec<(Expr, Expr)>,
        otherwise: Option<Expr>,
        at: usize,
    ) -> Result<Expr> {
        unimplemented!()
    }

    /// Gives an output column its type: what is still unknown becomes text.
    pub fn finish(&mut self, expr: Expr) -> Result<Expr> {
        unimplemented!()
    }
}
