//! What stands between operators: literals, names, calls, CASE, parentheses.

use super::expr::number;
use super::lexer::Kind;
use super::{Class, Parser, Result};
use crate::error::{Error, state};
use crate::sql::ast::*;

/// What stood in parentheses.
pub(super) enum Paren {
    /// A query.
    Query(Box<Query>),
    /// One or more expressions.
    List(Vec<Expr>),
}

impl Parser<'_> {
    pub(super) fn primary(&mut self) -> Result<Expr> {
        let start = self.here();
        let kind = match self.kind() {
            Kind::Integer => {
                let text = self.take_ident().name;
                ExprKind::Literal(number(text))
            }
            Kind::Numeric => ExprKind::Literal(Literal::Numeric(self.take_ident().name)),
            Kind::String => ExprKind::Literal(Literal::String(self.take_ident().name)),
            Kind::Bits => ExprKind::Literal(Literal::Bits(self.take_ident().name)),
            Kind::Param => {
                let param = self.param()?;
                let expr = self.node(start, param);
                return self.indirection(expr, start);
            }
            Kind::Symbol if self.is("(") => return self.parenthesized(),
            Kind::Word(class) => return self.word(start, class),
            Kind::Quoted => return self.named(start),
            _ => return Err(self.syntax_error()),
        };
        Ok(self.node(start, kind))
    }

    fn param(&mut self) -> Result<ExprKind> {
        let at = self.here();
        let digits = self.take_ident().name;
        match digits.parse::<u32>() {
            Ok(n @ 1..=65535) => {
                self.params = self.params.max(n);
                Ok(ExprKind::Param(n))
            }
            _ => {
                let message = format!("there is no parameter ${digits}");
                Err(Error::new(state::UNDEFINED_PARAMETER, message).at(at.at()))
            }
        }
    }

    /// `(…)`, a value.
    fn parenthesized(&mut self) -> Result<Expr> {
        let start = self.here();
        let inner = self.paren()?;
        self.operand(inner, start)
    }

    /// `(…)`: a query or expressions. Linear in the text: what an inner parenthesis held is carried on, never
    /// read again.
    pub(super) fn paren(&mut self) -> Result<Paren> {
        let outer = self.begin()?;
        self.expect("(")?;
        let paren = if self.at_query() {
            Paren::Query(Box::new(self.query()?))
        } else {
            let first = match self.is("(") {
                true => self.paren_in_paren()?,
                false => Paren::List(vec![self.expr()?]),
            };
            self.rest_of_list(first)?
        };
        self.expect(")")?;
        self.end(outer);
        Ok(paren)
    }

    /// `((…) …`: what begins with an inner parenthesis.
    fn paren_in_paren(&mut self) -> Result<Paren> {
        let start = self.here();
        match self.paren()? {
            Paren::Query(query) if self.continues_query() => {
                Ok(Paren::Query(Box::new(self.query_after(*query)?)))
            }
            Paren::Query(query) if self.is(")") => Ok(Paren::Query(query)),
            inner => {
                let operand = self.operand(inner, start)?;
                Ok(Paren::List(vec![self.expr_after(operand)?]))
            }
        }
    }

    fn rest_of_list(&mut self, first: Paren) -> Result<Paren> {
        let Paren::List(mut list) = first else { return Ok(first) };
        while self.eat(",") {
            list.push(self.expr()?);
        }
        Ok(Paren::List(list))
    }

    /// A parenthesis as a value: a scalar subquery, an expression or a row.
    fn operand(&mut self, inner: Paren, start: Span) -> Result<Expr> {
        let expr = match inner {
            Paren::Query(query) => self.node(start, ExprKind::Subquery(query)),
            Paren::List(mut list) => match (list.len(), list.pop()) {
                (1, Some(only)) => only,
                (_, last) => {
                    list.extend(last);
                    self.node(start, ExprKind::Row(list))
                }
            },
        };
        // What is taken from a value begins where the value does, within its parentheses.
        let start = expr.span;
        self.indirection(expr, start)
    }

    /// `.field`, `.*` and `[subscript]` behind a value.
    pub(super) fn indirection(&mut self, mut expr: Expr, start: Span) -> Result<Expr> {
        loop {
            let inner = Box::new(expr);
            let kind = if self.eat(".") {
                let field = if self.eat("*") { None } else { Some(self.label()?) };
                ExprKind::Field { expr: inner, field }
            } else if self.is("[") {
                let mut subscripts = Vec::new();
                while self.is("[") {
                    self.grow()?;
                    subscripts.push(self.subscript()?);
                }
                ExprKind::Subscript { expr: inner, subscripts }
            } else {
                return Ok(*inner);
            };
            self.grow()?;
            expr = self.node(start, kind);
        }
    }

    pub(super) fn subscript(&mut self) -> Result<Subscript> {
        self.expect("[")?;
        let low = if self.is(":") { None } else { Some(self.expr()?) };
        let subscript = match (low, self.eat(":")) {
            (Some(at), false) => Subscript::At(at),
            (None, false) => return Err(self.syntax_error()),
            (low, true) => Subscript::Slice(low, if self.is("]") { None } else { Some(self.expr()?) }),
        };
        self.expect("]")?;
        Ok(subscript)
    }

    /// What begins with a word: SQL's own constructs, or a name.
    fn word(&mut self, start: Span, class: Class) -> Result<Expr> {
        let word = self.token().text.clone();
        let next_paren = self.ahead(1).is("(");
        let constant = match word.as_ref() {
            "true" => Some(ExprKind::Literal(Literal::Bool(true))),
            "false" => Some(ExprKind::Literal(Literal::Bool(false))),
            "null" => Some(ExprKind::Literal(Literal::Null)),
            "default" => Some(ExprKind::Default),
            _ => None,
        };
        if let Some(kind) = constant {
            self.advance();
            return Ok(self.node(start, kind));
        }
        match word.as_ref() {
            "case" => self.case(start),
            "cast" => self.cast(start),
            "array" => self.array_or_query(start),
            "exists" if next_paren => {
                self.advance();
                let kind = ExprKind::Exists(self.subquery()?);
                Ok(self.node(start, kind))
            }
            "row" if next_paren => self.row(start),
            _ if self.at_typed_literal() => self.typed_literal(start),
            _ if class.names_type()
                && (next_paren || !matches!(word.as_ref(), "current_schema" | "collation")) =>
            {
                self.named(start)
            }
            _ => match self.special_call(&word, start)? {
                Some(call) => Ok(call),
                None if class.names_column() => self.named(start),
                None => Err(self.syntax_error()),
            },
        }
    }

    fn cast(&mut self, start: Span) -> Result<Expr> {
        self.advance();
        self.expect("(")?;
        let expr = Box::new(self.expr()?);
        self.expect("as")?;
        let ty = self.type_name()?;
        self.expect(")")?;
        Ok(self.node(start, ExprKind::Cast { expr, ty, by: start }))
    }

    fn array_or_query(&mut self, start: Span) -> Result<Expr> {
        self.advance();
        let kind = match self.is("[") {
            true => self.array()?,
            false => ExprKind::ArrayQuery(self.subquery()?),
        };
        let expr = self.node(start, kind);
        self.indirection(expr, start)
    }

    fn row(&mut self, start: Span) -> Result<Expr> {
        self.advance();
        self.expect("(")?;
        let list = if self.is(")") { Vec::new() } else { self.exprs()? };
        self.expect(")")?;
        Ok(self.node(start, ExprKind::Row(list)))
    }

    /// `(SELECT …)` and nothing else.
    pub(super) fn subquery(&mut self) -> Result<Box<Query>> {
        let at = self.ahead(1).span;
        match self.paren()? {
            Paren::Query(query) => Ok(query),
            Paren::List(_) => Err(self.near(at, "syntax error")),
        }
    }

    fn case(&mut self, start: Span) -> Result<Expr> {
        let outer = self.begin()?;
        self.advance();
        let operand = if self.is("when") { None } else { Some(Box::new(self.expr()?)) };
        let (mut branches, mut whens) = (Vec::new(), Vec::new());
        while self.is("when") {
            whens.push(self.here());
            self.advance();
            let condition = self.expr()?;
            self.expect("then")?;
            branches.push((condition, self.expr()?));
        }
        if branches.is_empty() {
            return Err(self.syntax_error());
        }
        let otherwise = if self.eat("else") { Some(Box::new(self.expr()?)) } else { None };
        self.expect("end")?;
        self.end(outer);
        Ok(self.node(start, ExprKind::Case { operand, branches, otherwise, whens }))
    }

    /// `[a, b]`, `[[a], [b]]`
    fn array(&mut self) -> Result<ExprKind> {
        let outer = self.begin()?;
        self.expect("[")?;
        let item = |p: &mut Self| {
            let start = p.here();
            match p.is("[") {
                true => p.array().map(|kind| p.node(start, kind)),
                false => p.expr(),
            }
        };
        let mut items = Vec::new();
        if !self.is("]") {
            items.push(item(self)?);
            while self.eat(",") {
                items.push(item(self)?);
            }
        }
        self.expect("]")?;
        self.end(outer);
        Ok(ExprKind::Array(items))
    }

    /// What begins with a name: a column, a call, or a literal of that type.
    fn named(&mut self, start: Span) -> Result<Expr> {
        let (column, function) = (self.is_name(Class::names_column), self.is_name(Class::names_type));
        let mut name = Name { parts: vec![self.take_ident()], span: start };
        if function && self.is("(") {
            return self.function(name, start);
        }
        while column && self.is(".") {
            self.advance();
            if self.eat("*") {
                name.span = self.since(start);
                return Ok(self.node(start, ExprKind::Star(Some(name))));
            }
            name.parts.push(self.label()?);
            name.span = self.since(start);
        }
        if self.kind() == Kind::String && (function || name.parts.len() > 1) {
            let ty =
                TypeName { span: name.span, name, modifiers: Vec::new(), interval: None, array: Vec::new() };
            return self.literal_of(ty, start);
        }
        if name.parts.len() > 1 && self.is("(") {
            return self.function(name, start);
        }
        if !column {
            return Err(self.syntax_error());
        }
        let expr = self.node(start, ExprKind::Column(name));
        self.indirection(expr, start)
    }

    /// A string behind the name of its type.
    pub(super) fn literal_of(&mut self, ty: TypeName, start: Span) -> Result<Expr> {
        if self.kind() != Kind::String {
            return Err(self.syntax_error());
        }
        let text = self.take_ident();
        let expr = Box::new(Expr { kind: ExprKind::Literal(Literal::String(text.name)), span: text.span });
        // Errors point at the string.
        Ok(self.node(text.span, ExprKind::Cast { expr, ty, by: start }))
    }
}
