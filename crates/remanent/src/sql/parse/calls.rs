//! Calls: ordinary ones with all that may stand around their arguments, and those that SQL writes in words.

use super::expr::power;
use super::lexer::Kind;
use super::{Class, Parser, Result};
use crate::sql::ast::*;

fn plain_call(name: Name, args: Vec<Expr>) -> FunctionCall {
    FunctionCall {
        name,
        args,
        star: false,
        distinct: false,
        variadic: false,
        order_by: Vec::new(),
        within_group: Vec::new(),
        filter: None,
        over: None,
    }
}

impl Parser<'_> {
    /// A call that is written in words, as the call that it is.
    pub(super) fn call(&self, name: &str, start: Span, args: Vec<Expr>) -> Expr {
        let name = Name { parts: vec![Ident { name: name.to_string(), span: start }], span: start };
        self.node(start, ExprKind::Function(Box::new(plain_call(name, args))))
    }

    /// A call, from its opening parenthesis on.
    pub(super) fn function(&mut self, name: Name, start: Span) -> Result<Expr> {
        let outer = self.begin()?;
        let mut call = Box::new(plain_call(name, Vec::new()));
        self.call_arguments(&mut call)?;
        self.end(outer);
        let plain = !call.args.is_empty() && !call.distinct && !call.variadic && call.order_by.is_empty();
        if plain && self.kind() == Kind::String {
            let (name, modifiers) = (call.name, call.args);
            let ty = TypeName { span: self.since(start), name, modifiers, interval: None, array: Vec::new() };
            return self.literal_of(ty, start);
        }
        self.call_clauses(&mut call)?;
        Ok(self.node(start, ExprKind::Function(call)))
    }

    /// `(…)` of a call.
    fn call_arguments(&mut self, call: &mut FunctionCall) -> Result<()> {
        self.expect("(")?;
        if self.are(&["*", ")"]) {
            self.advance();
            call.star = true;
        } else if !self.is(")") {
            if !self.eat("all") {
                call.distinct = self.eat("distinct");
            }
            loop {
                call.variadic = self.eat("variadic");
                call.args.push(self.argument()?);
                if call.variadic || !self.eat(",") {
                    break;
                }
            }
            call.order_by = self.order_by()?;
        }
        self.expect(")")
    }

    /// WITHIN GROUP, FILTER and OVER behind a call.
    fn call_clauses(&mut self, call: &mut FunctionCall) -> Result<()> {
        let start = self.here();
        if self.eat_all(&["within", "group", "("]) {
            for (present, what) in [
                (!call.order_by.is_empty(), "cannot use multiple ORDER BY clauses with WITHIN GROUP"),
                (call.distinct, "cannot use DISTINCT with WITHIN GROUP"),
                (call.variadic, "cannot use VARIADIC with WITHIN GROUP"),
            ] {
                if present {
                    return Err(self.refused(start, what));
                }
            }
            call.within_group = self.order_by()?;
            self.expect(")")?;
        }
        if self.eat_all(&["filter", "("]) {
            self.expect("where")?;
            call.filter = Some(self.expr()?);
            self.expect(")")?;
        }
        if self.eat("over") {
            call.over = Some(match self.is("(") {
                true => Over::Window(self.window()?),
                false => Over::Name(self.ident()?),
            });
        }
        Ok(())
    }

    /// `value`, `name => value`
    fn argument(&mut self) -> Result<Expr> {
        let start = self.here();
        if self.is_name(Class::names_type) && (self.ahead(1).is("=>") || self.ahead(1).is(":=")) {
            let name = self.take_ident();
            self.advance();
            let value = Box::new(self.expr()?);
            return Ok(self.node(start, ExprKind::NamedArg { name, value }));
        }
        self.expr()
    }

    /// `([base] [PARTITION BY …] [ORDER BY …] [frame])`
    pub(super) fn window(&mut self) -> Result<Window> {
        let start = self.here();
        self.expect("(")?;
        let frame_word = self.is_any(&["partition", "rows", "range", "groups"]);
        let base = if frame_word { None } else { self.name_if(Class::names_column) };
        let partition_by = if self.eat_all(&["partition", "by"]) { self.exprs()? } else { Vec::new() };
        let order_by = self.order_by()?;
        let units = [("rows", FrameUnit::Rows), ("range", FrameUnit::Range), ("groups", FrameUnit::Groups)];
        let mut frame = None;
        for (word, unit) in units {
            if self.eat(word) {
                frame = Some(self.frame(unit)?);
                break;
            }
        }
        self.expect(")")?;
        Ok(Window { base, partition_by, order_by, frame, span: self.since(start) })
    }

    fn frame(&mut self, unit: FrameUnit) -> Result<Frame> {
        let (start, end) = if self.eat("between") {
            let start = self.frame_bound()?;
            self.expect("and")?;
            (start, Some(self.frame_bound()?))
        } else {
            (self.frame_bound()?, None)
        };
        let mut exclude = FrameExclude::NoOthers;
        if self.eat("exclude") {
            exclude = match () {
                () if self.eat_all(&["current", "row"]) => FrameExclude::CurrentRow,
                () if self.eat("group") => FrameExclude::Group,
                () if self.eat("ties") => FrameExclude::Ties,
                () => {
                    self.expect_all(&["no", "others"])?;
                    FrameExclude::NoOthers
                }
            };
        }
        Ok(Frame { unit, start, end, exclude })
    }

    fn frame_bound(&mut self) -> Result<FrameBound> {
        if self.eat_all(&["unbounded", "preceding"]) {
            return Ok(FrameBound::UnboundedPreceding);
        }
        if self.eat_all(&["unbounded", "following"]) {
            return Ok(FrameBound::UnboundedFollowing);
        }
        if self.eat_all(&["current", "row"]) {
            return Ok(FrameBound::CurrentRow);
        }
        let offset = Box::new(self.expr()?);
        if self.eat("following") {
            return Ok(FrameBound::Following(offset));
        }
        self.expect("preceding")?;
        Ok(FrameBound::Preceding(offset))
    }

    /// A call that SQL writes in words, or with a key word for a name; None: this is none.
    pub(super) fn special_call(&mut self, word: &str, start: Span) -> Result<Option<Expr>> {
        let next_paren = self.ahead(1).is("(");
        let args = match word {
            "current_date" | "current_role" | "current_user" | "session_user" | "user"
            | "current_catalog" | "current_schema"
                if !(next_paren && word == "current_schema") =>
            {
                self.advance();
                Vec::new()
            }
            "current_time" | "current_timestamp" | "localtime" | "localtimestamp" => {
                self.advance();
                if next_paren { self.precision()? } else { Vec::new() }
            }
            "collation" if self.ahead(1).is("for") => {
                self.expect_all(&["collation", "for"])?;
                let args = self.paren_exprs()?;
                return Ok(Some(self.call("pg_collation_for", start, args)));
            }
            _ if !next_paren => return Ok(None),
            "coalesce" | "greatest" | "least" | "grouping" => {
                self.advance();
                self.paren_exprs()?
            }
            "nullif" => {
                self.advance();
                let args = self.paren_exprs()?;
                if args.len() != 2 {
                    return Err(self.refused(start, "NULLIF takes two arguments"));
                }
                args
            }
            "extract" | "position" | "substring" | "overlay" | "trim" | "normalize" => {
                self.advance();
                self.advance();
                let (name, args) = self.worded(word)?;
                self.expect(")")?;
                return Ok(Some(self.call(name, start, args)));
            }
            "treat" => return self.unsupported(start, "TREAT"),
            _ if word.starts_with("xml") && self.is_name(|c| c != Class::NAME) => {
                return self.unsupported(start, "XML");
            }
            _ => return Ok(None),
        };
        Ok(Some(self.call(word, start, args)))
    }

    /// `(3)`: digits of seconds, as a number that is written.
    fn precision(&mut self) -> Result<Vec<Expr>> {
        self.expect("(")?;
        if self.kind() != Kind::Integer {
            return Err(self.syntax_error());
        }
        let digits = vec![self.primary()?];
        self.expect(")")?;
        Ok(digits)
    }

    /// The arguments of a call that has words between them, in the order of the function that is meant.
    fn worded(&mut self, word: &str) -> Result<(&'static str, Vec<Expr>)> {
        let start = self.here();
        Ok(match word {
            "extract" => {
                let field = match self.kind() {
                    Kind::String => self.take_ident(),
                    _ => self.name(|class| class.names_column() && class.names_type())?,
                };
                let field = self.node(start, ExprKind::Literal(Literal::String(field.name)));
                self.expect("from")?;
                ("extract", vec![field, self.expr()?])
            }
            "position" => {
                let what = self.expr_from(0, true)?;
                self.expect("in")?;
                ("position", vec![self.expr_from(0, true)?, what])
            }
            "overlay" => {
                let mut args = self.arguments()?;
                if args.len() == 1 && self.eat("placing") {
                    args.push(self.expr()?);
                    self.expect("from")?;
                    args.push(self.expr()?);
                    if self.eat("for") {
                        args.push(self.expr()?);
                    }
                }
                ("overlay", args)
            }
            "substring" => ("substring", self.substring(start)?),
            "normalize" => {
                let mut args = vec![self.expr()?];
                if self.eat(",") {
                    let at = self.here();
                    let form = self.label()?.name.to_ascii_uppercase();
                    args.push(self.node(at, ExprKind::Literal(Literal::String(form))));
                }
                ("normalize", args)
            }
            _ => {
                let name = match () {
                    () if self.eat("leading") => "ltrim",
                    () if self.eat("trailing") => "rtrim",
                    () => {
                        self.eat("both");
                        "btrim"
                    }
                };
                // `TRIM(FROM s)`, `TRIM(c FROM s)`, `TRIM(s, c)`
                let first = if self.is("from") { Vec::new() } else { self.exprs()? };
                let mut args = if self.eat("from") { self.exprs()? } else { Vec::new() };
                args.extend(first);
                (name, args)
            }
        })
    }

    fn arguments(&mut self) -> Result<Vec<Expr>> {
        if self.is(")") { Ok(Vec::new()) } else { self.list(Self::argument) }
    }

    /// `x FROM a FOR b` in either order, `x SIMILAR p ESCAPE e`, or plain arguments.
    fn substring(&mut self, start: Span) -> Result<Vec<Expr>> {
        let mut args = self.arguments()?;
        if args.len() != 1 {
            return Ok(args);
        }
        if self.eat("similar") {
            args.push(self.expr_from(power::LIKE + 1, false)?);
            self.expect("escape")?;
            args.push(self.expr()?);
            return Ok(args);
        }
        let (mut from, mut count) = (None, None);
        for _ in 0..2 {
            if from.is_none() && self.eat("from") {
                from = Some(self.expr()?);
            } else if count.is_none() && self.eat("for") {
                count = Some(self.expr()?);
            }
        }
        match (from, count) {
            (None, Some(count)) => {
                args.push(self.node(start, ExprKind::Literal(Literal::Integer(1))));
                args.push(count);
            }
            (from, count) => {
                args.extend(from);
                args.extend(count);
            }
        }
        Ok(args)
    }
}
