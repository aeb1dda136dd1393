//! The text of expressions in `EXPLAIN`, as PostgreSQL prints them: every operator in parentheses, every
//! constant but numbers and truth values with its type.

use super::{Expr, SubqueryKind, coerce::family};
use crate::sql::functions::enums;
use remanent_storage::value::{Type, Value};
use std::fmt;

/// What `EXPLAIN` calls the columns of a batch.
pub type Names<'a> = &'a dyn Fn(usize) -> String;

struct Shown<'a> {
    expr: &'a Expr,
    names: Names<'a>,
}

impl Expr {
    /// The expression as PostgreSQL's `EXPLAIN` would print it, with columns named by `names`.
    pub fn display<'a>(&'a self, names: Names<'a>) -> impl fmt::Display + 'a {
        Shown { expr: self, names }
    }
}

impl<'a> Shown<'a> {
    fn of(&self, expr: &'a Expr) -> Shown<'a> {
        Shown { expr, names: self.names }
    }

    fn list(&self, f: &mut fmt::Formatter<'_>, exprs: &'a [Expr], between: &str) -> fmt::Result {
        for (i, expr) in exprs.iter().enumerate() {
            if i > 0 {
                f.write_str(between)?;
            }
            write!(f, "{}", self.of(expr))?;
        }
        Ok(())
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let not = |negated: &bool| if *negated { "NOT " } else { "" };
        match self.expr {
            Expr::Column { index, .. } => f.write_str(&(self.names)(*index)),
            Expr::Subquery(subquery) => match subquery.kind {
                SubqueryKind::Scalar(_) => f.write_str("(SubPlan)"),
                SubqueryKind::Exists => f.write_str("EXISTS(SubPlan)"),
                SubqueryKind::Any | SubqueryKind::All => {
                    let word = if subquery.kind == SubqueryKind::Any { "ANY" } else { "ALL" };
                    f.write_str("(")?;
                    self.list(f, &subquery.left, ", ")?;
                    write!(f, " {word} (SubPlan))")
                }
            },
            Expr::Literal { value, ty } => literal(f, value, *ty),
            Expr::Unknown { text: Some(text), .. } => quoted(f, text),
            Expr::Unknown { text: None, .. } => f.write_str("NULL"),
            Expr::Param { index, .. } => write!(f, "${}", index + 1),
            Expr::Operand { .. } => f.write_str("CASE_TEST_EXPR"),
            Expr::Call { function, args, .. } if function.is_operator() => match args.as_slice() {
                [left, right] => {
                    write!(f, "({} {} {})", self.of(left), function.name, self.of(right))
                }
                _ => {
                    write!(f, "({} ", function.name)?;
                    self.list(f, args, ", ")?;
                    f.write_str(")")
                }
            },
            Expr::Call { function, args, ty } if matches!(function.name, enums::LABEL | enums::VALUE) => {
                match args.first() {
                    Some(arg) => write!(f, "({})::{ty}", self.of(arg)),
                    None => Ok(()),
                }
            }
            Expr::Call { function, args, .. } => {
                let upper = matches!(function.name, "greatest" | "least" | "nullif");
                let name = if upper { function.name.to_ascii_uppercase() } else { function.name.to_string() };
                write!(f, "{name}(")?;
                self.list(f, args, ", ")?;
                f.write_str(")")
            }
            Expr::Cast { expr, to } => write!(f, "({})::{to}", self.of(expr)),
            Expr::Once { expr, .. } => write!(f, "{}", self.of(expr)),
            Expr::And(parts) | Expr::Or(parts) => {
                f.write_str("(")?;
                self.list(f, parts, if matches!(self.expr, Expr::And(_)) { " AND " } else { " OR " })?;
                f.write_str(")")
            }
            Expr::Not(expr) => write!(f, "(NOT {})", self.of(expr)),
            Expr::IsNull { expr, negated } => write!(f, "({} IS {}NULL)", self.of(expr), not(negated)),
            Expr::IsBool { expr, value, negated } => {
                let value = if *value { "TRUE" } else { "FALSE" };
                write!(f, "({} IS {}{value})", self.of(expr), not(negated))
            }
            Expr::IsDistinct { left, right, negated } => {
                write!(f, "({} IS {}DISTINCT FROM {})", self.of(left), not(negated), self.of(right))
            }
            Expr::Case { operand, branches, otherwise, .. } => {
                f.write_str("CASE")?;
                if let Some(operand) = operand {
                    write!(f, " {}", self.of(operand))?;
                }
                for (condition, result) in branches {
                    // A simple CASE shows what its operand is compared with.
                    let shown = match (operand, condition) {
                        (Some(_), Expr::Call { args, .. }) => args.last().unwrap_or(condition),
                        _ => condition,
                    };
                    write!(f, " WHEN {} THEN {}", self.of(shown), self.of(result))?;
                }
                write!(f, " ELSE {} END", self.of(otherwise))
            }
            Expr::Coalesce { args, .. } => {
                f.write_str("COALESCE(")?;
                self.list(f, args, ", ")?;
                f.write_str(")")
            }
            Expr::In { expr, list, set, negated } => {
                write!(f, "({} {}IN (", self.of(expr), not(negated))?;
                self.list(f, list, ", ")?;
                if let Some(set) = set {
                    let values = set.values().iter().map(Some).chain(set.has_null().then_some(None));
                    for (i, value) in values.enumerate() {
                        if i > 0 || !list.is_empty() {
                            f.write_str(", ")?;
                        }
                        literal(f, value.unwrap_or(&Value::Null), set.ty())?;
                    }
                }
                f.write_str("))")
            }
        }
    }
}

fn literal(f: &mut fmt::Formatter<'_>, value: &Value, ty: Type) -> fmt::Result {
    match value {
        Value::Null => write!(f, "NULL::{}", family(ty)),
        Value::Bool(v) => write!(f, "{v}"),
        Value::Int4(v) if *v >= 0 => write!(f, "{v}"),
        Value::Numeric(v) if v.signum() >= 0 && v.scale().is_some() => write!(f, "{v}"),
        other => {
            quoted(f, &other.to_string())?;
            write!(f, "::{}", family(ty))
        }
    }
}

fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    write!(f, "'{}'", text.replace('\'', "''"))
}
