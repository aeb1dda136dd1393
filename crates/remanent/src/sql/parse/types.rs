//! Names of types: SQL's own in words, all others as names.

use super::lexer::Kind;
use super::{Class, Parser, Result};
use crate::error::{Error, state};
use crate::sql::ast::*;

impl Parser<'_> {
    /// `integer`, `numeric(10, 2)`, `timestamp with time zone`, `s.t[]`
    pub(super) fn type_name(&mut self) -> Result<TypeName> {
        let start = self.here();
        if self.is("setof") {
            return self.unsupported(start, "SETOF");
        }
        let mut ty = self.scalar_type()?;
        if self.eat("array") {
            let mut bound = None;
            if self.eat("[") {
                bound = self.integer()?;
                self.expect("]")?;
            }
            ty.array.push(bound);
        }
        while self.eat("[") {
            let bound = if self.is("]") { None } else { self.integer()? };
            self.expect("]")?;
            ty.array.push(bound);
        }
        ty.span = self.since(start);
        Ok(ty)
    }

    fn integer(&mut self) -> Result<Option<i64>> {
        let number = match self.kind() {
            Kind::Integer => self.token().text.parse().ok(),
            _ => None,
        };
        match number {
            Some(n) => {
                self.advance();
                Ok(Some(n))
            }
            None => Err(self.syntax_error()),
        }
    }

    fn scalar_type(&mut self) -> Result<TypeName> {
        let start = self.here();
        let word = match self.kind() {
            Kind::Word(_) => self.token().text.clone().into_owned(),
            _ => String::new(),
        };
        let name = match word.as_str() {
            "int" | "integer" => "int4",
            "smallint" => "int2",
            "bigint" => "int8",
            "real" => "float4",
            "boolean" => "bool",
            "decimal" | "dec" | "numeric" => "numeric",
            "float" => return self.float(start),
            "double" if self.ahead(1).is("precision") => {
                self.advance();
                "float8"
            }
            "bit" | "character" | "char" | "nchar" | "national" | "varchar" => {
                return self.string_type(start, &word);
            }
            "time" | "timestamp" => return self.time_type(start, &word),
            "interval" => return self.interval_type(start),
            _ => return self.named_type(start),
        };
        self.advance();
        let mut ty = self.keyword_type(start, name);
        if name == "numeric" {
            ty.modifiers = self.modifiers()?;
        }
        Ok(ty)
    }

    /// One of SQL's own types under PostgreSQL's name for it.
    fn keyword_type(&self, start: Span, name: &str) -> TypeName {
        let span = self.since(start);
        let name = Name { parts: vec![Ident { name: name.to_string(), span }], span };
        TypeName { name, modifiers: Vec::new(), interval: None, array: Vec::new(), span }
    }

    fn modifiers(&mut self) -> Result<Vec<Expr>> {
        if self.is("(") { self.paren_exprs() } else { Ok(Vec::new()) }
    }

    /// How many digits of seconds: a number, and nothing else.
    fn digits(&mut self) -> Result<Vec<Expr>> {
        if !self.eat("(") {
            return Ok(Vec::new());
        }
        let start = self.here();
        let digits = self.integer()?.unwrap_or_default();
        let digits = self.node(start, ExprKind::Literal(Literal::Integer(digits)));
        self.expect(")")?;
        Ok(vec![digits])
    }

    fn named_type(&mut self, start: Span) -> Result<TypeName> {
        let first = self.name(Class::names_type)?;
        let name = self.qualified_from(first)?;
        let modifiers = self.modifiers()?;
        Ok(TypeName { name, modifiers, interval: None, array: Vec::new(), span: self.since(start) })
    }

    /// `float`, `float(n)`: n binary digits decide between real and double precision.
    fn float(&mut self, start: Span) -> Result<TypeName> {
        self.advance();
        let mut name = "float8";
        if self.eat("(") {
            let at = self.here();
            let bits = self.integer()?.unwrap_or(0);
            let bad = |what| Err(Error::new(state::INVALID_PARAMETER_VALUE, what).at(at.at()));
            name = match bits {
                ..1 => return bad("precision for type float must be at least 1 bit"),
                1..=24 => "float4",
                25..=53 => "float8",
                _ => return bad("precision for type float must be less than 54 bits"),
            };
            self.expect(")")?;
        }
        Ok(self.keyword_type(start, name))
    }

    fn string_type(&mut self, start: Span, word: &str) -> Result<TypeName> {
        self.advance();
        if word == "national" && !self.eat("character") {
            self.expect("char")?;
        }
        let varying = word == "varchar" || self.eat("varying");
        let (name, fixed) = match (word, varying) {
            ("bit", true) => ("varbit", false),
            ("bit", false) => ("bit", true),
            (_, true) => ("varchar", false),
            (_, false) => ("bpchar", true),
        };
        let mut ty = self.keyword_type(start, name);
        ty.modifiers = self.modifiers()?;
        if fixed && ty.modifiers.is_empty() {
            ty.modifiers.push(self.node(start, ExprKind::Literal(Literal::Integer(1))));
        }
        Ok(ty)
    }

    fn time_type(&mut self, start: Span, word: &str) -> Result<TypeName> {
        self.advance();
        let modifiers = self.digits()?;
        let zoned = self.eat_all(&["with", "time", "zone"]);
        if !zoned && self.are(&["without", "time"]) {
            self.expect_all(&["without", "time", "zone"])?;
        }
        let ty = self.keyword_type(start, &if zoned { format!("{word}tz") } else { word.to_string() });
        Ok(TypeName { modifiers, ..ty })
    }

    fn interval_type(&mut self, start: Span) -> Result<TypeName> {
        self.advance();
        let mut ty = self.keyword_type(start, "interval");
        ty.modifiers = self.digits()?;
        if ty.modifiers.is_empty() {
            self.interval_fields(&mut ty)?;
        }
        Ok(ty)
    }

    /// `year`, `day to second(3)`
    fn interval_fields(&mut self, ty: &mut TypeName) -> Result<()> {
        const RANK: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
        use IntervalFields as F;
        let Some(from) = RANK.iter().position(|word| self.is(word)) else { return Ok(()) };
        self.advance();
        let mut to = from;
        if self.is("to") {
            let last = RANK.iter().position(|word| self.ahead(1).is(word));
            let Some(last) = last.filter(|&last| last > from && (last == 1) == (from == 0) && from != 1)
            else {
                self.advance();
                return Err(self.syntax_error());
            };
            self.advance();
            self.advance();
            to = last;
        }
        ty.interval = Some(match (from, to) {
            (0, 0) => F::Year,
            (0, _) => F::YearToMonth,
            (1, _) => F::Month,
            (2, 2) => F::Day,
            (2, 3) => F::DayToHour,
            (2, 4) => F::DayToMinute,
            (2, _) => F::DayToSecond,
            (3, 3) => F::Hour,
            (3, 4) => F::HourToMinute,
            (3, _) => F::HourToSecond,
            (4, 4) => F::Minute,
            (4, _) => F::MinuteToSecond,
            _ => F::Second,
        });
        if to == 5 {
            ty.modifiers = self.digits()?;
        }
        Ok(())
    }

    /// True where a word begins a literal such as `timestamp '…'` or `interval(3) '…'`.
    pub(super) fn at_typed_literal(&self) -> bool {
        let next = self.ahead(1);
        let string = next.kind == Kind::String;
        match self.token().text.as_ref() {
            "int" | "integer" | "smallint" | "bigint" | "real" | "boolean" => string,
            "decimal" | "dec" | "numeric" | "float" | "varchar" | "interval" => string || next.is("("),
            "double" => next.is("precision"),
            "bit" | "character" | "char" | "nchar" => string || next.is("(") || next.is("varying"),
            "national" => next.is("character") || next.is("char"),
            "time" | "timestamp" => {
                string || next.is("(") || (next.is("with") || next.is("without")) && self.ahead(2).is("time")
            }
            _ => false,
        }
    }

    /// `timestamp '…'`, `interval '3' second`
    pub(super) fn typed_literal(&mut self, start: Span) -> Result<Expr> {
        let bare = self.ahead(1).kind == Kind::String;
        let mut ty = self.scalar_type()?;
        if bare {
            // A column of `bit` or `char` has a length of 1, a literal its own.
            ty.modifiers.clear();
        }
        let bare_interval =
            ty.name.simple() == Some("interval") && ty.modifiers.is_empty() && ty.interval.is_none();
        let mut literal = self.literal_of(ty, start)?;
        if bare_interval && let ExprKind::Cast { ty, .. } = &mut literal.kind {
            self.interval_fields(ty)?;
            literal.span = self.since(literal.span);
        }
        Ok(literal)
    }
}
