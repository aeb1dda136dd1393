//! Operators: precedence climbing (V. Pratt, "Top Down Operator Precedence", 1973) over PostgreSQL's table
//! (its manual, section 4.1.6).

use super::lexer::Kind;
use super::primary::Paren;
use super::{Parser, Result};
use crate::sql::ast::{Expr, ExprKind, LikeKind, Literal, Op, Span};

/// How tightly operators bind, loosest first. Printing uses the same numbers.
pub(in crate::sql) mod power {
    pub const OR: u8 = 1;
    pub const AND: u8 = 2;
    pub const NOT: u8 = 3;
    pub const IS: u8 = 4;
    /// `< > = <= >= <>`, not associative
    pub const COMPARE: u8 = 5;
    /// BETWEEN, IN, LIKE and their kin, not associative
    pub const LIKE: u8 = 6;
    /// All operators without a place of their own.
    pub const OTHER: u8 = 7;
    pub const ADD: u8 = 8;
    pub const MULTIPLY: u8 = 9;
    pub const POWER: u8 = 10;
    pub const AT: u8 = 11;
    pub const COLLATE: u8 = 12;
    pub const SIGN: u8 = 13;
    pub const CAST: u8 = 15;
    /// Literals, names, calls.
    pub const PRIMARY: u8 = 20;

    /// The power of an infix operator.
    pub fn of(op: &str) -> u8 {
        match op {
            "<" | ">" | "=" | "<=" | ">=" | "<>" => COMPARE,
            "+" | "-" => ADD,
            "*" | "/" | "%" => MULTIPLY,
            "^" => POWER,
            _ => OTHER,
        }
    }
}

/// What follows an operand.
#[derive(Clone, Copy)]
enum Infix {
    Or,
    And,
    Is,
    Null { negated: bool },
    Op,
    Like(LikeKind),
    Between,
    In,
    Overlaps,
    AtTimeZone,
    Collate,
    Cast,
}

impl Parser<'_> {
    /// Any expression.
    pub(super) fn expr(&mut self) -> Result<Expr> {
        self.expr_from(0, false)
    }

    /// One or more, separated by commas.
    pub(super) fn exprs(&mut self) -> Result<Vec<Expr>> {
        self.list(Self::expr)
    }

    /// `(a, b, c)`
    pub(super) fn paren_exprs(&mut self) -> Result<Vec<Expr>> {
        self.expect("(")?;
        let list = self.exprs()?;
        self.expect(")")?;
        Ok(list)
    }

    /// An expression of operators that bind at least as tightly as `min`. `simple`: without AND, OR, NOT, IS NULL
    /// and such (PostgreSQL's b_expr).
    pub(super) fn expr_from(&mut self, min: u8, simple: bool) -> Result<Expr> {
        let outer = self.begin()?;
        let start = self.here();
        let left = self.prefix(simple)?;
        let expr = self.infixes(left, start, min, simple)?;
        self.end(outer);
        Ok(expr)
    }

    /// The whole expression whose first operand was read already.
    pub(super) fn expr_after(&mut self, left: Expr, start: Span) -> Result<Expr> {
        self.infixes(left, start, 0, false)
    }

    /// What `kind` makes of all that was read since `start`.
    pub(super) fn node(&self, start: Span, kind: ExprKind) -> Expr {
        Expr { kind, span: self.since(start) }
    }

    fn prefix(&mut self, simple: bool) -> Result<Expr> {
        let start = self.here();
        let sign = self.is_any(&["+", "-"]);
        let other = self.kind() == Kind::Op && power::of(&self.token().text) == power::OTHER;
        if sign || other || self.are(&["operator", "("]) {
            let op = self.operator()?;
            let operand = self.expr_from(if sign { power::SIGN } else { power::OTHER + 1 }, simple)?;
            if sign
                && op.name == "-"
                && let ExprKind::Literal(literal) = &operand.kind
                && let Some(literal) = negated(literal)
            {
                return Ok(self.node(start, ExprKind::Literal(literal)));
            }
            return Ok(self.node(start, ExprKind::Unary { op, expr: Box::new(operand) }));
        }
        if !simple && self.eat("not") {
            let operand = self.expr_from(power::NOT, false)?;
            return Ok(self.node(start, ExprKind::Not(Box::new(operand))));
        }
        self.primary()
    }

    /// `+`, or `OPERATOR(schema.+)`
    pub(super) fn operator(&mut self) -> Result<Op> {
        let start = self.here();
        let mut schema = None;
        let written_out = self.eat_all(&["operator", "("]);
        if written_out && self.kind() != Kind::Op {
            schema = Some(self.ident()?);
            self.expect(".")?;
        }
        if self.kind() != Kind::Op {
            return Err(self.syntax_error());
        }
        let name = self.take_ident().name;
        if written_out {
            self.expect(")")?;
        }
        Ok(Op { name, schema, span: self.since(start) })
    }

    /// What follows an operand, whether with NOT before it, and how tightly it binds.
    fn infix(&self, simple: bool) -> Option<(Infix, bool, u8)> {
        let token = self.token();
        match token.kind {
            Kind::Op => return Some((Infix::Op, false, power::of(&token.text))),
            Kind::Symbol if token.text == "::" => return Some((Infix::Cast, false, power::CAST)),
            Kind::Word(_) => {}
            _ => return None,
        }
        let negated = token.text == "not";
        let word = if negated { self.ahead(1) } else { token };
        if !matches!(word.kind, Kind::Word(_)) {
            return None;
        }
        let (infix, power) = match word.text.as_ref() {
            "is" if !negated => (Infix::Is, power::IS),
            "operator" if !negated && self.ahead(1).is("(") => (Infix::Op, power::OTHER),
            _ if simple => return None,
            "between" => (Infix::Between, power::LIKE),
            "in" => (Infix::In, power::LIKE),
            "like" => (Infix::Like(LikeKind::Like), power::LIKE),
            "ilike" => (Infix::Like(LikeKind::ILike), power::LIKE),
            "similar" if self.ahead(1 + usize::from(negated)).is("to") => {
                (Infix::Like(LikeKind::Similar), power::LIKE)
            }
            _ if negated => return None,
            "or" => (Infix::Or, power::OR),
            "and" => (Infix::And, power::AND),
            "isnull" => (Infix::Null { negated: false }, power::IS),
            "notnull" => (Infix::Null { negated: true }, power::IS),
            "at" if self.ahead(1).is("time") => (Infix::AtTimeZone, power::AT),
            "collate" => (Infix::Collate, power::COLLATE),
            "overlaps" => (Infix::Overlaps, power::OTHER),
            _ => return None,
        };
        Some((infix, negated, power))
    }

    fn infixes(&mut self, mut left: Expr, start: Span, min: u8, simple: bool) -> Result<Expr> {
        // The power of the operator before, where that does not associate.
        let mut before = None;
        while let Some((infix, negated, power)) = self.infix(simple) {
            if power < min {
                break;
            }
            if before == Some(power) {
                return Err(self.syntax_error());
            }
            if negated {
                self.advance();
            }
            // ANY and IN end in a parenthesis and the tests in a word: nothing to associate.
            let open;
            (left, open) = self.infix_node(infix, left, start, negated, power, simple)?;
            before = (open && matches!(power, power::IS | power::COMPARE | power::LIKE)).then_some(power);
        }
        Ok(left)
    }

    /// The operator that is next, applied to `left`. True if it ends in an operand.
    fn infix_node(
        &mut self,
        infix: Infix,
        left: Expr,
        start: Span,
        negated: bool,
        power: u8,
        simple: bool,
    ) -> Result<(Expr, bool)> {
        if !matches!((infix, &left.kind), (Infix::And, ExprKind::And(_)) | (Infix::Or, ExprKind::Or(_))) {
            self.grow()?;
        }
        if !matches!(infix, Infix::Op | Infix::Is) {
            self.advance();
        }
        let boxed = |e: Expr| Box::new(e);
        let kind = match infix {
            Infix::Op => {
                let op = self.operator()?;
                if self.is_any(&["any", "some", "all"]) && self.ahead(1).is("(") {
                    let kind = self.quantified(op, left)?;
                    return Ok((self.node(start, kind), false));
                }
                let right = boxed(self.expr_from(power + 1, simple)?);
                ExprKind::Binary { op, left: boxed(left), right }
            }
            Infix::And | Infix::Or => {
                let right = self.expr_from(power + 1, false)?;
                match (infix, left.kind) {
                    (Infix::And, ExprKind::And(mut parts)) => {
                        parts.push(right);
                        ExprKind::And(parts)
                    }
                    (Infix::Or, ExprKind::Or(mut parts)) => {
                        parts.push(right);
                        ExprKind::Or(parts)
                    }
                    (Infix::And, kind) => ExprKind::And(vec![Expr { kind, span: left.span }, right]),
                    (_, kind) => ExprKind::Or(vec![Expr { kind, span: left.span }, right]),
                }
            }
            Infix::Is => return self.is_test(left, start, simple),
            Infix::Null { negated } => {
                let kind = ExprKind::IsNull { expr: boxed(left), negated };
                return Ok((self.node(start, kind), false));
            }
            Infix::Like(kind) => return self.like(kind, left, start, negated),
            Infix::Between => {
                let symmetric = self.eat("symmetric");
                if !symmetric {
                    self.eat("asymmetric");
                }
                let low = boxed(self.expr_from(0, true)?);
                self.expect("and")?;
                let high = boxed(self.expr_from(power + 1, false)?);
                ExprKind::Between { expr: boxed(left), low, high, negated, symmetric }
            }
            Infix::In => {
                let expr = boxed(left);
                let kind = match self.paren()? {
                    Paren::Query(query) => ExprKind::InQuery { expr, query, negated },
                    Paren::List(list) => ExprKind::In { expr, list, negated },
                };
                return Ok((self.node(start, kind), false));
            }
            Infix::Overlaps => {
                let right = self.primary()?;
                match (left.kind, right.kind) {
                    (ExprKind::Row(mut a), ExprKind::Row(b)) if a.len() == 2 && b.len() == 2 => {
                        a.extend(b);
                        self.call("overlaps", start, a).kind
                    }
                    _ => {
                        let message =
                            "wrong number of parameters for OVERLAPS: it takes two rows of two values";
                        return Err(self.refused(left.span, message));
                    }
                }
            }
            Infix::AtTimeZone => {
                self.expect_all(&["time", "zone"])?;
                let zone = self.expr_from(power + 1, false)?;
                self.call("timezone", start, vec![zone, left]).kind
            }
            Infix::Collate => ExprKind::Collate { expr: boxed(left), collation: self.qualified()? },
            Infix::Cast => ExprKind::Cast { expr: boxed(left), ty: self.type_name()? },
        };
        Ok((self.node(start, kind), true))
    }

    /// `op ANY (…)` behind the operator.
    fn quantified(&mut self, op: Op, left: Expr) -> Result<ExprKind> {
        let all = self.is("all");
        self.advance();
        let start = self.here();
        let right = match self.paren()? {
            Paren::Query(query) => self.node(start, ExprKind::Subquery(query)),
            Paren::List(mut list) => match (list.pop(), list.is_empty()) {
                (Some(only), true) => only,
                (Some(second), false) => return Err(self.near(second.span, "syntax error")),
                (None, _) => return Err(self.syntax_error()),
            },
        };
        Ok(ExprKind::Quantified { left: Box::new(left), op, all, right: Box::new(right) })
    }

    /// What stands behind LIKE, ILIKE or SIMILAR.
    fn like(&mut self, kind: LikeKind, left: Expr, start: Span, negated: bool) -> Result<(Expr, bool)> {
        let span = self.since(start);
        if kind == LikeKind::Similar {
            self.expect("to")?;
        } else if self.is_any(&["any", "some", "all"]) && self.ahead(1).is("(") {
            let name = match (kind, negated) {
                (LikeKind::ILike, false) => "~~*",
                (LikeKind::ILike, true) => "!~~*",
                (_, false) => "~~",
                (_, true) => "!~~",
            };
            let kind = self.quantified(Op { name: name.to_string(), schema: None, span }, left)?;
            return Ok((self.node(start, kind), false));
        }
        let pattern = Box::new(self.expr_from(power::LIKE + 1, false)?);
        let escape = match self.eat("escape") {
            true => Some(Box::new(self.expr_from(power::LIKE + 1, false)?)),
            false => None,
        };
        let kind = ExprKind::Like { kind, expr: Box::new(left), pattern, escape, negated };
        Ok((self.node(start, kind), true))
    }

    /// `IS …`
    fn is_test(&mut self, left: Expr, start: Span, simple: bool) -> Result<(Expr, bool)> {
        self.advance();
        let negated = self.eat("not");
        let expr = Box::new(left);
        if self.eat_all(&["distinct", "from"]) {
            let right = Box::new(self.expr_from(power::IS + 1, simple)?);
            let kind = ExprKind::IsDistinct { left: expr, right, negated };
            return Ok((self.node(start, kind), true));
        }
        if simple {
            return Err(self.syntax_error());
        }
        let token = self.here();
        let word = self.label()?;
        let kind = match word.name.as_str() {
            "null" => ExprKind::IsNull { expr, negated },
            "true" => ExprKind::IsBool { expr, value: Some(true), negated },
            "false" => ExprKind::IsBool { expr, value: Some(false), negated },
            "unknown" => ExprKind::IsBool { expr, value: None, negated },
            "document" => return self.unsupported(token, "IS DOCUMENT"),
            "normalized" => return Ok((self.normalized(*expr, start, "NFC", negated), false)),
            "nfc" | "nfd" | "nfkc" | "nfkd" if self.eat("normalized") => {
                let form = word.name.to_ascii_uppercase();
                return Ok((self.normalized(*expr, start, &form, negated), false));
            }
            _ => return Err(self.near(token, "syntax error")),
        };
        Ok((self.node(start, kind), false))
    }

    fn normalized(&self, expr: Expr, start: Span, form: &str, negated: bool) -> Expr {
        let form = self.node(start, ExprKind::Literal(Literal::String(form.to_string())));
        let call = self.call("is_normalized", start, vec![expr, form]);
        if negated { self.node(start, ExprKind::Not(Box::new(call))) } else { call }
    }
}

/// A number with the other sign; None for what is no number.
fn negated(literal: &Literal) -> Option<Literal> {
    match literal {
        Literal::Integer(i) => Some(match i.checked_neg() {
            Some(i) => Literal::Integer(i),
            None => Literal::Numeric(i.unsigned_abs().to_string()),
        }),
        Literal::Numeric(digits) => Some(match digits.strip_prefix('-') {
            Some(positive) => Literal::Numeric(positive.to_string()),
            None => number(format!("-{digits}")),
        }),
        _ => None,
    }
}

/// A number as written: an integer where it is one and fits.
pub(super) fn number(text: String) -> Literal {
    match text.parse() {
        Ok(i) => Literal::Integer(i),
        Err(_) => Literal::Numeric(text),
    }
}
