//! Expressions, in parentheses where they need them.

use super::{clause, join, list, optional, parens, quote_literal, word};
use crate::sql::ast::*;
use crate::sql::parse::power;
use std::fmt::{Display, Formatter, Result};

impl Display for Op {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match &self.schema {
            Some(schema) => write!(f, "OPERATOR({schema}.{})", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl Op {
    fn power(&self) -> u8 {
        if self.schema.is_some() { power::OTHER } else { power::of(&self.name) }
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Literal::Null => f.write_str("NULL"),
            Literal::Bool(true) => f.write_str("TRUE"),
            Literal::Bool(false) => f.write_str("FALSE"),
            Literal::Integer(i) => write!(f, "{i}"),
            Literal::Numeric(digits) => f.write_str(digits),
            Literal::String(text) => f.write_str(&quote_literal(text)),
            Literal::Bits(bits) => {
                let (kind, digits) = bits.split_at_checked(1).unwrap_or(("b", ""));
                write!(f, "{}'{digits}'", kind.to_ascii_uppercase())
            }
        }
    }
}

/// An operand whose place asks for at least that power.
pub(super) struct Operand<'a>(pub &'a Expr, pub u8);

impl Display for Operand<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match binding(&self.0.kind) < self.1 {
            true => write!(f, "({})", self.0),
            false => Display::fmt(self.0, f),
        }
    }
}

/// How tightly the outermost operator of an expression binds.
fn binding(kind: &ExprKind) -> u8 {
    match kind {
        ExprKind::Or(_) => power::OR,
        ExprKind::And(_) => power::AND,
        ExprKind::Not(_) => power::NOT,
        ExprKind::IsNull { .. } | ExprKind::IsBool { .. } | ExprKind::IsDistinct { .. } => power::IS,
        ExprKind::Binary { op, .. } | ExprKind::Quantified { op, .. } => op.power(),
        ExprKind::Like { .. } | ExprKind::Between { .. } | ExprKind::In { .. } | ExprKind::InQuery { .. } => {
            power::LIKE
        }
        ExprKind::Unary { op, .. } => match op.name.as_str() {
            "+" | "-" if op.schema.is_none() => power::SIGN,
            _ => power::OTHER,
        },
        ExprKind::Collate { .. } => power::COLLATE,
        ExprKind::Cast { .. } => power::CAST,
        ExprKind::Literal(Literal::Integer(..0)) => power::SIGN,
        ExprKind::Literal(Literal::Numeric(digits)) if digits.starts_with('-') => power::SIGN,
        _ => power::PRIMARY,
    }
}

fn not(negated: bool) -> &'static str {
    if negated { "NOT " } else { "" }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let at = |e, power| Operand(e, power);
        let above = |power: u8| power + 1;
        match &self.kind {
            ExprKind::Column(name) => Display::fmt(name, f),
            ExprKind::Star(None) => f.write_str("*"),
            ExprKind::Star(Some(name)) => write!(f, "{name}.*"),
            ExprKind::Literal(literal) => Display::fmt(literal, f),
            ExprKind::Param(n) => write!(f, "${n}"),
            ExprKind::Default => f.write_str("DEFAULT"),
            ExprKind::Unary { op, expr } => write!(f, "{op} {}", at(expr, above(binding(&self.kind)))),
            ExprKind::Binary { op, left, right } => {
                let power = op.power();
                // Comparisons do not associate.
                let left_power = if power == power::COMPARE { above(power) } else { power };
                write!(f, "{} {op} {}", at(left, left_power), at(right, above(power)))
            }
            ExprKind::And(parts) => self.chain(f, parts, power::AND, " AND "),
            ExprKind::Or(parts) => self.chain(f, parts, power::OR, " OR "),
            ExprKind::Not(expr) => write!(f, "NOT {}", at(expr, power::NOT)),
            ExprKind::Cast { expr, ty, .. } => write!(f, "{}::{ty}", at(expr, power::CAST)),
            ExprKind::Collate { expr, collation } => {
                write!(f, "{} COLLATE {collation}", at(expr, power::COLLATE))
            }
            ExprKind::IsNull { expr, negated } => {
                write!(f, "{} IS {}NULL", at(expr, above(power::IS)), not(*negated))
            }
            ExprKind::IsBool { expr, value, negated } => {
                let value = value.map_or("UNKNOWN", |value| if value { "TRUE" } else { "FALSE" });
                write!(f, "{} IS {}{value}", at(expr, above(power::IS)), not(*negated))
            }
            ExprKind::IsDistinct { left, right, negated, .. } => {
                let (left, right) = (at(left, above(power::IS)), at(right, above(power::IS)));
                write!(f, "{left} IS {}DISTINCT FROM {right}", not(*negated))
            }
            ExprKind::Between { expr, low, high, negated, symmetric, .. } => {
                let word = if *symmetric { "BETWEEN SYMMETRIC" } else { "BETWEEN" };
                let bound = above(power::LIKE);
                let (expr, low, high) = (at(expr, bound), at(low, bound), at(high, bound));
                write!(f, "{expr} {}{word} {low} AND {high}", not(*negated))
            }
            ExprKind::In { expr, list, negated, .. } => {
                write!(f, "{} {}", at(expr, above(power::LIKE)), not(*negated))?;
                parens(f, "IN ", list)
            }
            ExprKind::InQuery { expr, query, negated, .. } => {
                write!(f, "{} {}IN ({query})", at(expr, above(power::LIKE)), not(*negated))
            }
            ExprKind::Quantified { left, op, all, right } => {
                let word = if *all { "ALL" } else { "ANY" };
                write!(f, "{} {op} {word} ", at(left, above(op.power())))?;
                match right.kind {
                    ExprKind::Subquery(_) => Display::fmt(right, f),
                    _ => write!(f, "({right})"),
                }
            }
            ExprKind::Like { kind, expr, pattern, escape, negated, .. } => {
                let word = match kind {
                    LikeKind::Like => "LIKE",
                    LikeKind::ILike => "ILIKE",
                    LikeKind::Similar => "SIMILAR TO",
                };
                let (expr, pattern) = (at(expr, above(power::LIKE)), at(pattern, above(power::LIKE)));
                write!(f, "{expr} {}{word} {pattern}", not(*negated))?;
                match escape {
                    Some(escape) => write!(f, " ESCAPE {}", at(escape, above(power::LIKE))),
                    None => Ok(()),
                }
            }
            _ => self.fmt_primary(f),
        }
    }
}

impl Expr {
    fn chain(&self, f: &mut Formatter<'_>, parts: &[Expr], power: u8, between: &str) -> Result {
        let parts: Vec<_> = parts.iter().map(|part| Operand(part, power + 1)).collect();
        join(f, &parts, between)
    }

    fn fmt_primary(&self, f: &mut Formatter<'_>) -> Result {
        match &self.kind {
            ExprKind::Case { operand, branches, otherwise, .. } => {
                f.write_str("CASE")?;
                optional(f, " ", operand)?;
                for (condition, result) in branches {
                    write!(f, " WHEN {condition} THEN {result}")?;
                }
                optional(f, " ELSE ", otherwise)?;
                f.write_str(" END")
            }
            ExprKind::Function(call) => Display::fmt(call, f),
            ExprKind::NamedArg { name, value } => write!(f, "{name} => {value}"),
            ExprKind::Subquery(query) => write!(f, "({query})"),
            ExprKind::Exists(query) => write!(f, "EXISTS ({query})"),
            ExprKind::Row(items) => parens(f, "ROW", items),
            ExprKind::Array(items) => {
                f.write_str("ARRAY[")?;
                list(f, items)?;
                f.write_str("]")
            }
            ExprKind::ArrayQuery(query) => write!(f, "ARRAY({query})"),
            ExprKind::Subscript { expr, subscripts } => {
                self.base(f, expr)?;
                subscripts.iter().try_for_each(|subscript| Display::fmt(subscript, f))
            }
            ExprKind::Field { expr, field } => {
                self.base(f, expr)?;
                match field {
                    Some(field) => write!(f, ".{field}"),
                    None => f.write_str(".*"),
                }
            }
            _ => Ok(()),
        }
    }

    /// What a field or an element is taken of.
    fn base(&self, f: &mut Formatter<'_>, expr: &Expr) -> Result {
        let field = matches!(self.kind, ExprKind::Field { .. });
        match &expr.kind {
            ExprKind::Field { .. } | ExprKind::Param(_) => Display::fmt(expr, f),
            ExprKind::Subscript { .. } if field => Display::fmt(expr, f),
            ExprKind::Column(_) if !field => Display::fmt(expr, f),
            _ => write!(f, "({expr})"),
        }
    }
}

impl Display for Subscript {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            Subscript::At(at) => write!(f, "[{at}]"),
            Subscript::Slice(low, high) => {
                optional(f, "[", low)?;
                word(f, low.is_none(), "[")?;
                // Apart, so that no `::` comes of it.
                f.write_str(" : ")?;
                optional(f, "", high)?;
                f.write_str("]")
            }
        }
    }
}

impl Display for FunctionCall {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self.name.simple() {
            Some(name @ ("coalesce" | "nullif" | "greatest" | "least" | "left" | "right")) => {
                f.write_str(name)?
            }
            _ => Display::fmt(&self.name, f)?,
        }
        f.write_str("(")?;
        word(f, self.star, "*")?;
        word(f, self.distinct, "DISTINCT ")?;
        let last = self.args.len().saturating_sub(1);
        for (i, arg) in self.args.iter().enumerate() {
            word(f, i > 0, ", ")?;
            word(f, self.variadic && i == last, "VARIADIC ")?;
            Display::fmt(arg, f)?;
        }
        clause(f, " ORDER BY ", &self.order_by)?;
        f.write_str(")")?;
        if !self.within_group.is_empty() {
            clause(f, " WITHIN GROUP (ORDER BY ", &self.within_group)?;
            f.write_str(")")?;
        }
        if let Some(filter) = &self.filter {
            write!(f, " FILTER (WHERE {filter})")?;
        }
        match &self.over {
            Some(Over::Name(name)) => write!(f, " OVER {name}"),
            Some(Over::Window(window)) => write!(f, " OVER {window}"),
            None => Ok(()),
        }
    }
}

impl Display for Window {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str("(")?;
        let mut space = "";
        if let Some(base) = &self.base {
            // The words that begin a window's clauses are names only in quotes here.
            write!(f, "\"{}\"", base.name.replace('"', "\"\""))?;
            space = " ";
        }
        if !self.partition_by.is_empty() {
            f.write_str(space)?;
            clause(f, "PARTITION BY ", &self.partition_by)?;
            space = " ";
        }
        if !self.order_by.is_empty() {
            f.write_str(space)?;
            clause(f, "ORDER BY ", &self.order_by)?;
            space = " ";
        }
        optional(f, space, &self.frame)?;
        f.write_str(")")
    }
}

impl Display for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        f.write_str(match self.unit {
            FrameUnit::Rows => "ROWS ",
            FrameUnit::Range => "RANGE ",
            FrameUnit::Groups => "GROUPS ",
        })?;
        match &self.end {
            Some(end) => write!(f, "BETWEEN {} AND {end}", self.start)?,
            None => Display::fmt(&self.start, f)?,
        }
        f.write_str(match self.exclude {
            FrameExclude::NoOthers => "",
            FrameExclude::CurrentRow => " EXCLUDE CURRENT ROW",
            FrameExclude::Group => " EXCLUDE GROUP",
            FrameExclude::Ties => " EXCLUDE TIES",
        })
    }
}

impl Display for FrameBound {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        match self {
            FrameBound::UnboundedPreceding => f.write_str("UNBOUNDED PRECEDING"),
            FrameBound::Preceding(offset) => write!(f, "{offset} PRECEDING"),
            FrameBound::CurrentRow => f.write_str("CURRENT ROW"),
            FrameBound::Following(offset) => write!(f, "{offset} FOLLOWING"),
            FrameBound::UnboundedFollowing => f.write_str("UNBOUNDED FOLLOWING"),
        }
    }
}
