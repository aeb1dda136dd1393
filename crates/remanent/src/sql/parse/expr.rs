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

/// How an operator stands where it stands.
#[derive(Clone, Copy)]
struct How {
    /// NOT is before it.
    negated: bool,
    power: u8,
    /// Within a [`Parser::expr_from`] that is simple.
    simple: bool,
    /// Where it stands, its NOT included.
    at: Span,
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
        let left = self.prefix(simple)?;
        let expr = self.infixes(left, min, simple)?;
        self.end(outer);
        Ok(expr)
    }

    /// The whole expression whose first operand was read already.
    pub(super) fn expr_after(&mut self, left: Expr) -> Result<Expr> {
        self.infixes(left, 0, false)
    }

    /// What `kind` makes of all that was read since `start`.
    pub(super) fn node(&self, start: Span, kind: ExprKind) -> Expr {
        Expr { kind, span: self.since(start) }
    }

    fn prefix(&mut self, simple: bool) -> Result<Expr> {
        let sign = self.is_any(&["+", "-"]);
        let other = self.kind() == Kind::Op && power::of(&self.token().text) == power::OTHER;
        if sign || other || self.are(&["operator", "("]) {
            return self.unary(sign, simple);
        }
        if !simple && self.is("not") {
            return self.not();
        }
        self.primary()
    }

    fn not(&mut self) -> Result<Expr> {
        let start = self.here();
        self.advance();
        let operand = Box::new(self.expr_from(power::NOT, false)?);
        Ok(self.node(start, ExprKind::Not(operand)))
    }

    fn unary(&mut self, sign: bool, simple: bool) -> Result<Expr> {
        let start = self.here();
        let op = self.operator()?;
        let expr = Box::new(self.expr_from(if sign { power::SIGN } else { power::OTHER + 1 }, simple)?);
        if sign
            && op.name == "-"
            && let ExprKind::Literal(literal) = &expr.kind
            && let Some(literal) = negated(literal)
        {
            return Ok(self.node(start, ExprKind::Literal(literal)));
        }
        Ok(self.node(start, ExprKind::Unary { op, expr }))
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

    fn infixes(&mut self, mut left: Expr, min: u8, simple: bool) -> Result<Expr> {
        // The power of the operator before, where that does not associate.
        let mut before = None;
        while let Some((infix, negated, power)) = self.infix(simple) {
            if power < min {
                break;
            }
            if before == Some(power) {
                return Err(self.syntax_error());
            }
            let at = self.here();
            if negated {
                self.advance();
            }
            // ANY and IN end in a parenthesis and the tests in a word: nothing to associate.
            // The whole begins where its first operand does, within its parentheses.
            let start = left.span;
            let how = How { negated, power, simple, at };
            let open;
            (left, open) = self.infix_node(infix, left, start, how)?;
            before = (open && matches!(power, power::IS | power::COMPARE | power::LIKE)).then_some(power);
        }
        Ok(left)
    }

    /// The operator that is next, applied to `left`. True if it ends in an operand. (Each arm is a function of its own:
    /// the frames of this recursion bound how deep a statement may nest.)
    fn infix_node(&mut self, infix: Infix, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        if !matches!((infix, &left.kind), (Infix::And, ExprKind::And(_)) | (Infix::Or, ExprKind::Or(_))) {
            self.grow()?;
        }
        if !matches!(infix, Infix::Op) {
            self.advance();
        }
        match infix {
            Infix::Op => self.binary(left, start, how),
            Infix::And => self.logical(left, start, how, true),
            Infix::Or => self.logical(left, start, how, false),
            Infix::Is => self.is_test(left, start, how),
            Infix::Like(kind) => self.like(kind, left, start, how),
            Infix::Between => self.between(left, start, how),
            Infix::In => self.in_list(left, start, how),
            Infix::Overlaps => self.overlaps(left, start),
            Infix::AtTimeZone => self.at_time_zone(left, start, how),
            _ => self.postfix(infix, left, start, how.at),
        }
    }

    fn binary(&mut self, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        let op = self.operator()?;
        let left = Box::new(left);
        if self.is_any(&["any", "some", "all"]) && self.ahead(1).is("(") {
            let kind = self.quantified(op, left)?;
            return Ok((self.node(start, kind), false));
        }
        let right = Box::new(self.expr_from(how.power + 1, how.simple)?);
        Ok((self.node(start, ExprKind::Binary { op, left, right }), true))
    }

    fn logical(&mut self, left: Expr, start: Span, how: How, and: bool) -> Result<(Expr, bool)> {
        let right = self.expr_from(how.power + 1, false)?;
        let mut parts = match (left.kind, and) {
            (ExprKind::And(parts), true) | (ExprKind::Or(parts), false) => parts,
            (kind, _) => vec![Expr { kind, span: left.span }],
        };
        parts.push(right);
        let kind = if and { ExprKind::And(parts) } else { ExprKind::Or(parts) };
        Ok((self.node(start, kind), true))
    }

    fn between(&mut self, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        let symmetric = self.eat("symmetric");
        if !symmetric {
            self.eat("asymmetric");
        }
        let low = Box::new(self.expr_from(0, true)?);
        self.expect("and")?;
        let high = Box::new(self.expr_from(how.power + 1, false)?);
        let kind = ExprKind::Between {
            expr: Box::new(left),
            low,
            high,
            negated: how.negated,
            symmetric,
            by: how.at,
        };
        Ok((self.node(start, kind), true))
    }

    fn in_list(&mut self, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        let (expr, negated, by) = (Box::new(left), how.negated, how.at);
        let kind = match self.paren()? {
            Paren::Query(query) => ExprKind::InQuery { expr, query, negated, by },
            Paren::List(list) => ExprKind::In { expr, list, negated, by },
        };
        Ok((self.node(start, kind), false))
    }

    fn overlaps(&mut self, left: Expr, start: Span) -> Result<(Expr, bool)> {
        match (left.kind, self.primary()?.kind) {
            (ExprKind::Row(mut a), ExprKind::Row(b)) if a.len() == 2 && b.len() == 2 => {
                a.extend(b);
                Ok((self.call("overlaps", start, a), true))
            }
            _ => {
                let message = "wrong number of parameters for OVERLAPS: it takes two rows of two values";
                Err(self.refused(left.span, message))
            }
        }
    }

    fn at_time_zone(&mut self, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        self.expect_all(&["time", "zone"])?;
        let zone = self.expr_from(how.power + 1, false)?;
        let call = self.call("timezone", how.at, vec![zone, left]);
        Ok((Expr { span: self.since(start), ..call }, true))
    }

    /// What takes no operand behind it: ISNULL, COLLATE, `::`.
    fn postfix(&mut self, infix: Infix, left: Expr, start: Span, by: Span) -> Result<(Expr, bool)> {
        let expr = Box::new(left);
        let kind = match infix {
            Infix::Null { negated } => ExprKind::IsNull { expr, negated },
            Infix::Collate => ExprKind::Collate { expr, collation: self.qualified()? },
            _ => ExprKind::Cast { expr, ty: self.type_name()?, by },
        };
        Ok((self.node(start, kind), false))
    }

    /// `op ANY (…)` behind the operator.
    fn quantified(&mut self, op: Op, left: Box<Expr>) -> Result<ExprKind> {
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
        Ok(ExprKind::Quantified { left, op, all, right: Box::new(right) })
    }

    /// What stands behind LIKE, ILIKE or SIMILAR.
    fn like(&mut self, kind: LikeKind, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        let (negated, by) = (how.negated, how.at);
        if kind == LikeKind::Similar {
            self.expect("to")?;
        } else if self.is_any(&["any", "some", "all"]) && self.ahead(1).is("(") {
            let name = match (kind, negated) {
                (LikeKind::ILike, false) => "~~*",
                (LikeKind::ILike, true) => "!~~*",
                (_, false) => "~~",
                (_, true) => "!~~",
            };
            let op = Op { name: name.to_string(), schema: None, span: by };
            let kind = self.quantified(op, Box::new(left))?;
            return Ok((self.node(start, kind), false));
        }
        let pattern = Box::new(self.expr_from(power::LIKE + 1, false)?);
        let escape = match self.eat("escape") {
            true => Some(Box::new(self.expr_from(power::LIKE + 1, false)?)),
            false => None,
        };
        let kind = ExprKind::Like { kind, expr: Box::new(left), pattern, escape, negated, by };
        Ok((self.node(start, kind), true))
    }

    /// `IS …`
    fn is_test(&mut self, left: Expr, start: Span, how: How) -> Result<(Expr, bool)> {
        let negated = self.eat("not");
        let expr = Box::new(left);
        if self.eat_all(&["distinct", "from"]) {
            let right = Box::new(self.expr_from(power::IS + 1, how.simple)?);
            let kind = ExprKind::IsDistinct { left: expr, right, negated, by: how.at };
            return Ok((self.node(start, kind), true));
        }
        if how.simple {
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
