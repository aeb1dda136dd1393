//! Conditions, and the syntax that stands for calls of operators: `IN`, `BETWEEN`, `LIKE`, `ANY`, `CASE`.

use super::errors::{comparable, no_such};
use super::{Kind, Resolver, null};
use crate::sql::expr::Expr;
use crate::sql::expr::coerce::family;
use crate::sql::functions::Arg;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Element, Type, Value};

impl Resolver {
    /// AND over two or more.
    pub fn and(&mut self, parts: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        Ok(Expr::And(self.conditions(parts, "AND", at)?))
    }

    /// OR over two or more.
    pub fn or(&mut self, parts: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        Ok(Expr::Or(self.conditions(parts, "OR", at)?))
    }

    /// Conditions, of which the last place stands for those that have none.
    fn conditions(&mut self, parts: Vec<Expr>, clause: &str, at: &[usize]) -> Result<Vec<Expr>> {
        let place = |i: usize| at.get(i).or(at.last()).copied().unwrap_or_default();
        parts.into_iter().enumerate().map(|(i, part)| self.condition(part, clause, place(i))).collect()
    }

    /// NOT
    pub fn not(&mut self, expr: Expr, at: usize) -> Result<Expr> {
        Ok(Expr::Not(Box::new(self.condition(expr, "NOT", at)?)))
    }

    /// IS (NOT) NULL
    pub fn is_null(&mut self, expr: Expr, negated: bool) -> Result<Expr> {
        let expr = Box::new(self.convert_arg(expr, Arg::Any)?);
        Ok(Expr::IsNull { expr, negated })
    }

    /// IS (NOT) TRUE, FALSE, UNKNOWN (None)
    pub fn is_bool(&mut self, expr: Expr, value: Option<bool>, negated: bool, at: usize) -> Result<Expr> {
        let clause = match (value, negated) {
            (Some(true), false) => "IS TRUE",
            (Some(true), true) => "IS NOT TRUE",
            (Some(false), false) => "IS FALSE",
            (Some(false), true) => "IS NOT FALSE",
            (None, false) => "IS UNKNOWN",
            (None, true) => "IS NOT UNKNOWN",
        };
        let expr = Box::new(self.condition(expr, clause, at)?);
        Ok(match value {
            Some(value) => Expr::IsBool { expr, value, negated },
            None => Expr::IsNull { expr, negated },
        })
    }

    /// IS (NOT) DISTINCT FROM
    pub fn is_distinct(&mut self, left: Expr, right: Expr, negated: bool, at: usize) -> Result<Expr> {
        // Whether something is NULL is known of what has no `=`, too.
        for (one, other) in [(&left, &right), (&right, &left)] {
            if matches!(other, Expr::Unknown { text: None, .. }) && self.known_type(one).is_some() {
                return self.is_null(one.clone(), !negated);
            }
        }
        // The operands become what `=` takes.
        match self.binary("=", left, right, at)? {
            Expr::Call { args, .. } => {
                let (mut args, _) = self.unify(args, "IS DISTINCT FROM", &[at])?;
                let right = Box::new(args.pop().unwrap_or_else(|| null(at)));
                let left = Box::new(args.pop().unwrap_or_else(|| null(at)));
                Ok(Expr::IsDistinct { left, right, negated })
            }
            other => Ok(other),
        }
    }

    /// `(NOT) IN (…)` over a list of one or more
    pub fn in_list(&mut self, expr: Expr, list: Vec<Expr>, negated: bool, at: usize) -> Result<Expr> {
        let mut all = vec![expr];
        all.extend(list);
        let refs: Vec<&Expr> = all.iter().collect();
        let Ok(ty) = self.common_type(&refs, "IN", &[at]) else {
            // No common type: as `expr = a OR expr = b`, which says what is wrong, or works.
            return self.in_as_or(all, negated, at);
        };
        if let [one, other] = &refs[..] {
            let op = if negated { "<>" } else { "=" };
            return self.binary(op, (*one).clone(), (*other).clone(), at);
        }
        if !comparable(ty) {
            let types = [Some(ty), Some(ty)];
            return Err(no_such(Kind::Operator, "=", &types, at));
        }
        let mut list = all.into_iter();
        let expr = list.next().unwrap_or_else(|| null(at));
        let to = Arg::Is(family(ty));
        let list = list.map(|e| self.convert_arg(e, to)).collect::<Result<Vec<_>>>()?;
        let expr = Box::new(self.convert_arg(expr, to)?);
        Ok(Expr::In { expr, list, set: None, negated })
    }

    fn in_as_or(&mut self, all: Vec<Expr>, negated: bool, at: usize) -> Result<Expr> {
        let op = if negated { "<>" } else { "=" };
        let mut all = all.into_iter();
        let expr = all.next().unwrap_or_else(|| null(at));
        let parts = all.map(|item| self.binary(op, expr.clone(), item, at)).collect::<Result<Vec<_>>>()?;
        Ok(if negated { Expr::And(parts) } else { Expr::Or(parts) })
    }

    /// `(NOT) BETWEEN [SYMMETRIC]`
    pub fn between(
        &mut self,
        expr: Expr,
        low: Expr,
        high: Expr,
        negated: bool,
        symmetric: bool,
        at: usize,
    ) -> Result<Expr> {
        let mut range = |low: Expr, high: Expr| -> Result<Expr> {
            let (first, second) = if negated { ("<", ">") } else { (">=", "<=") };
            let parts = vec![
                self.binary(first, expr.clone(), low, at)?,
                self.binary(second, expr.clone(), high, at)?,
            ];
            Ok(if negated { Expr::Or(parts) } else { Expr::And(parts) })
        };
        if !symmetric {
            return range(low, high);
        }
        let parts = vec![range(low.clone(), high.clone())?, range(high, low)?];
        Ok(if negated { Expr::And(parts) } else { Expr::Or(parts) })
    }

    /// `expr SIMILAR TO pattern`: a regular expression after all.
    pub fn similar(
        &mut self,
        expr: Expr,
        pattern: Expr,
        escape: Option<Expr>,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let args = std::iter::once(pattern).chain(escape).collect();
        let pattern = self.call("similar_to_escape", args, at)?;
        self.binary(if negated { "!~" } else { "~" }, expr, pattern, at)
    }

    /// `(NOT) LIKE` and `ILIKE`, with ESCAPE
    pub fn like(
        &mut self,
        expr: Expr,
        pattern: Expr,
        escape: Option<Expr>,
        insensitive: bool,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let pattern = match escape {
            Some(escape) => self.call("like_escape", vec![pattern, escape], at)?,
            None => pattern,
        };
        let op = match (insensitive, negated) {
            (false, false) => "~~",
            (false, true) => "!~~",
            (true, false) => "~~*",
            (true, true) => "!~~*",
        };
        self.binary(op, expr, pattern, at)
    }

    /// `left op ANY (array)`, `left op ALL (array)`
    pub fn quantified(&mut self, op: &str, left: Expr, array: Expr, all: bool, at: usize) -> Result<Expr> {
        let element = match (self.known_type(&array), self.known_type(&left)) {
            (Some(Type::Array(element)), _) => element.ty(),
            (Some(_), _) => {
                let message = "op ANY/ALL (array) requires array on right side";
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
            }
            (None, Some(left @ Type::Array(_))) => {
                let message = format!("could not find array type for data type {left}");
                return Err(Error::new(state::UNDEFINED_OBJECT, message).at(at));
            }
            (None, _) => Type::Text,
        };
        // What the operator takes, asked with an element in place of the array.
        let probe = match (self.known_type(&array), self.known_type(&left)) {
            (None, Some(_)) => null(at),
            _ => Expr::Operand { ty: element },
        };
        let test = self.binary(op, left, probe, at)?;
        let (left, element) = match test {
            Expr::Call { args, ty: Type::Bool, .. } => {
                let element = args.get(1).map_or(element, Expr::ty);
                (args.into_iter().next().unwrap_or_else(|| null(at)), element)
            }
            _ => {
                let message = "op ANY/ALL (array) requires operator to yield boolean";
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
            }
        };
        let array = self.convert(array, Type::Array(Element::of(element)))?;
        let name = Expr::Literal { value: Value::from(op), ty: Type::Text };
        self.of_type(if all { "@all" } else { "@any" }, vec![name, left, array], Type::Bool)
    }

    /// CASE; with an operand the conditions are what it is compared with. Each branch says where its
    /// condition stands, `places` where ELSE and the results do.
    pub fn case(
        &mut self,
        operand: Option<Expr>,
        branches: Vec<(Expr, Expr, usize)>,
        otherwise: Option<Expr>,
        at: usize,
        places: &[usize],
    ) -> Result<Expr> {
        let operand = operand.map(|o| self.finish(o)).transpose()?;
        let mut conditions = Vec::with_capacity(branches.len());
        // ELSE comes first where the common type is sought, as in PostgreSQL.
        let mut results = vec![otherwise.unwrap_or_else(|| null(at))];
        for (condition, result, at) in branches {
            conditions.push(match &operand {
                Some(operand) => self.binary("=", Expr::Operand { ty: operand.ty() }, condition, at)?,
                None => self.condition(condition, "CASE/WHEN", at)?,
            });
            results.push(result);
        }
        let (results, ty) = self.unify(results, "CASE", places)?;
        let mut results = results.into_iter();
        let otherwise = Box::new(results.next().unwrap_or_else(|| null(at)));
        let branches = conditions.into_iter().zip(results).collect();
        Ok(Expr::Case { operand: operand.map(Box::new), branches, otherwise, ty })
    }
}
