//! From text to tree: PostgreSQL 15's grammar by recursive descent, operators by precedence climbing.
//!
//! | file | holds |
//! |---|---|
//! | `keywords` | which words may name what |
//! | `lexer` | text → tokens |
//! | `expr` | operators and their precedence |
//! | `primary` | what stands between operators: literals, names, CASE, parentheses |
//! | `calls` | calls of functions, windows |
//! | `types` | names of types |
//! | `query` | SELECT, VALUES, set operations, WITH |
//! | `from` | FROM: tables, joins, functions |
//! | `merge` | MERGE |
//! | `statement` | INSERT, UPDATE, DELETE, EXPLAIN, transactions, settings |
//! | `table`, `alter_table` | CREATE TABLE; ALTER TABLE and its kin |
//! | `index` | CREATE INDEX, ALTER INDEX, DROP INDEX, REINDEX |
//! | `define` | CREATE of all else, DROP, TRUNCATE, COMMENT ON |
//! | `alter` | ALTER DATABASE, ALTER SYSTEM |
//! | `other` | statements that are recognised and not done |
//!
//! ```
//! use remanent::sql::parse::parse;
//! let script = parse("SELECT 1; SELECT a FROM t WHERE a = $1").unwrap();
//! assert_eq!((script.len(), script[1].params), (2, 1));
//! let error = parse("SELECT 1 FORM t x").unwrap_err();
//! assert_eq!((error.code(), error.position()), ("42601", Some(14)));
//! assert_eq!(error.message(), "syntax error at or near \"t\"");
//! ```
//!
//! Statements that PostgreSQL has and Remanent does not are 0A000, naming the feature. The grammar never looks
//! back: where an opening parenthesis may begin a query or something else, both are read by one function that
//! says which it was, so time is linear in the text.
//!
//! Limits: statements up to 1 GB; trees up to [`MAX_DEPTH`] nested and [`MAX_HEIGHT`] high (54001).

mod alter;
mod alter_table;
mod calls;
mod copy;
mod define;
mod expr;
mod from;
mod index;
pub(in crate::sql) mod keywords;
mod lexer;
mod merge;
mod other;
mod primary;
mod query;
mod statement;
mod table;
#[cfg(test)]
mod tests;
mod types;

use super::ast::{Expr, Ident, Name, Persistence, Span, Statement, TableConstraint, TypeName};
use crate::error::{Error, Result, state};
pub(super) use expr::power;
use keywords::Class;
pub(super) use keywords::{is_keyword, keywords};
use lexer::{Kind, Lexer, Token};
use std::borrow::Cow;

/// How deep a statement may nest: parentheses (each counts two or three), subqueries, prefix operators. Measured, as
/// the next one, so that parsing, binding and planning get by with half of a 2 MB stack; unoptimised code needs more.
pub const MAX_DEPTH: u32 = if cfg!(debug_assertions) { 200 } else { 500 };

/// How high its tree may be: nesting and chains of operators together; a join or a UNION counts two.
pub const MAX_HEIGHT: u32 = if cfg!(debug_assertions) { 200 } else { 800 };

/// Longer texts are refused; spans are 32 bits.
const MAX_TEXT: usize = 1 << 30;

/// All statements of a script. Empty ones are left out.
pub fn parse(sql: &str) -> Result<Vec<Statement>> {
    statements(sql).collect()
}

/// The statements of a script one by one. After a syntax error it goes on behind the next semicolon.
pub fn statements(sql: &str) -> Statements<'_> {
    Statements { parser: Parser::new(sql), done: false }
}

/// One expression and nothing else, such as the stored text of a DEFAULT.
pub fn parse_expr(sql: &str) -> Result<Expr> {
    whole(sql, |p| p.expr())
}

/// One constraint of a table and nothing else, as the catalog stores it.
pub fn parse_constraint(sql: &str) -> Result<TableConstraint> {
    whole(sql, |p| p.table_constraint())
}

/// The text of an expression or a constraint with another name for one of the columns it reads.
pub fn renamed_in(sql: &str, from: &str, to: &str) -> String {
    let mut lexer = Lexer::new(sql);
    let (mut out, mut copied) = (String::new(), 0);
    let mut before: Option<Token<'_>> = None;
    let mut token = lexer.next();
    while !matches!(token.kind, Kind::End | Kind::Bad) {
        let next = lexer.next();
        let named = match token.kind {
            Kind::Quoted => true,
            Kind::Word(class) => class.names_column(),
            _ => false,
        };
        // Behind AS stands a type, before a parenthesis a function.
        let column = named && token.text == from && !next.is("(");
        if column && !before.as_ref().is_some_and(|before| before.is("as") || before.is("::")) {
            out.push_str(sql.get(copied..token.span.range().start).unwrap_or_default());
            out.push_str(&super::ast::quote_ident(to));
            copied = token.span.range().end;
        }
        before = Some(std::mem::replace(&mut token, next));
    }
    out.push_str(sql.get(copied..).unwrap_or_default());
    out
}

/// The name of a type and nothing else.
pub fn parse_type(sql: &str) -> Result<TypeName> {
    whole(sql, |p| p.type_name())
}

/// A name, perhaps with its schema, and nothing else.
pub fn parse_name(sql: &str) -> Result<Name> {
    whole(sql, |p| p.qualified())
}

/// One query and nothing else, as the catalog stores that of a view, and how high its tree is.
pub fn parse_query(sql: &str) -> Result<(super::ast::Query, u32)> {
    whole(sql, |p| Ok((p.query()?, p.height)))
}

fn whole<T>(sql: &str, parse: fn(&mut Parser<'_>) -> Result<T>) -> Result<T> {
    let mut parser = Parser::new(sql);
    parser.load()?;
    let tree = parse(&mut parser)?;
    match parser.kind() {
        Kind::End => Ok(tree),
        _ => Err(parser.syntax_error()),
    }
}

/// The statements of a script, see [`statements`].
pub struct Statements<'a> {
    parser: Parser<'a>,
    done: bool,
}

impl Iterator for Statements<'_> {
    type Item = Result<Statement>;

    fn next(&mut self) -> Option<Self::Item> {
        let parser = &mut self.parser;
        while !self.done {
            if let Err(error) = parser.load() {
                self.done = true;
                return Some(Err(error));
            }
            // The last token is the semicolon, the end, or bad.
            self.done = !parser.tokens.last().is_some_and(|t| t.is(";"));
            if parser.is(";") || parser.kind() == Kind::End {
                continue;
            }
            return Some(parser.statement_to_end());
        }
        None
    }
}

/// Reads the tokens of one statement.
struct Parser<'a> {
    sql: &'a str,
    lexer: Lexer<'a>,
    /// Of the statement at hand, with what ends it: a semicolon, the end or a bad token. Never empty after `load`.
    tokens: Vec<Token<'a>>,
    /// The token that is read next; never past the last.
    pos: usize,
    /// Open calls of `begin`.
    depth: u32,
    /// The greatest height of a subtree since the last `begin`.
    height: u32,
    /// The highest parameter so far.
    params: u32,
    /// INTO of a SELECT.
    into: Option<Into>,
}

/// SELECT … INTO: what the statement makes of its rows.
struct Into {
    /// Where the SELECT begins.
    select: Span,
    /// Where INTO stands.
    at: Span,
    persistence: Persistence,
    name: Name,
}

impl<'a> Parser<'a> {
    fn new(sql: &'a str) -> Self {
        Parser {
            sql,
            lexer: Lexer::new(sql),
            tokens: Vec::new(),
            pos: 0,
            depth: 0,
            height: 0,
            params: 0,
            into: None,
        }
    }

    /// Cuts the next statement into tokens.
    fn load(&mut self) -> Result<()> {
        if self.sql.len() > MAX_TEXT {
            let message = format!("the statement's text has {} bytes, more than {MAX_TEXT}", self.sql.len());
            return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, message));
        }
        self.tokens.clear();
        (self.pos, self.depth, self.height, self.params) = (0, 0, 0, 0);
        self.into = None;
        loop {
            let token = self.lexer.next();
            let last = matches!(token.kind, Kind::End | Kind::Bad) || token.is(";");
            self.tokens.push(token);
            if last {
                return Ok(());
            }
        }
    }

    /// The statement, up to its semicolon.
    fn statement_to_end(&mut self) -> Result<Statement> {
        let statement = self.statement()?;
        match self.is(";") || self.kind() == Kind::End {
            true => Ok(statement),
            false => Err(self.syntax_error()),
        }
    }

    // Looking.

    fn token(&self) -> &Token<'a> {
        self.ahead(0)
    }

    /// The token `n` further on; the last one where there are fewer.
    fn ahead(&self, n: usize) -> &Token<'a> {
        static END: Token<'static> =
            Token { kind: Kind::End, text: Cow::Borrowed(""), span: Span { start: 0, end: 0 } };
        self.tokens.get(self.pos + n).or(self.tokens.last()).unwrap_or(&END)
    }

    fn kind(&self) -> Kind {
        self.token().kind
    }

    /// True if this key word, operator or punctuation is next.
    fn is(&self, text: &str) -> bool {
        self.token().is(text)
    }

    /// True if these are next.
    fn are(&self, texts: &[&str]) -> bool {
        texts.iter().enumerate().all(|(i, text)| self.ahead(i).is(text))
    }

    fn is_any(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }

    /// Where the next token is.
    fn here(&self) -> Span {
        self.token().span
    }

    /// From a span to the last token read.
    fn since(&self, start: Span) -> Span {
        let last = self.pos.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(start, |t| t.span);
        start.to(last)
    }

    // Taking.

    fn advance(&mut self) {
        if self.pos + 1 < self.tokens.len() {
            self.pos += 1;
        }
    }

    /// Takes this key word, operator or punctuation if it is next.
    fn eat(&mut self, text: &str) -> bool {
        let found = self.is(text);
        if found {
            self.advance();
        }
        found
    }

    /// Takes these if all of them are next.
    fn eat_all(&mut self, texts: &[&str]) -> bool {
        let found = self.are(texts);
        if found {
            texts.iter().for_each(|_| self.advance());
        }
        found
    }

    fn expect(&mut self, text: &str) -> Result<()> {
        match self.eat(text) {
            true => Ok(()),
            false => Err(self.syntax_error()),
        }
    }

    fn expect_all(&mut self, texts: &[&str]) -> Result<()> {
        texts.iter().try_for_each(|text| self.expect(text))
    }

    // Names.

    fn take_ident(&mut self) -> Ident {
        let token = self.token();
        let ident = Ident { name: token.text.to_string(), span: token.span };
        self.advance();
        ident
    }

    fn is_name(&self, may: fn(Class) -> bool) -> bool {
        self.ahead_is_name(0, may)
    }

    fn ahead_is_name(&self, n: usize, may: fn(Class) -> bool) -> bool {
        match self.ahead(n).kind {
            Kind::Quoted => true,
            Kind::Word(class) => may(class),
            _ => false,
        }
    }

    fn name_if(&mut self, may: fn(Class) -> bool) -> Option<Ident> {
        self.is_name(may).then(|| self.take_ident())
    }

    fn name(&mut self, may: fn(Class) -> bool) -> Result<Ident> {
        self.name_if(may).ok_or_else(|| self.syntax_error())
    }

    /// The name of a column or a table.
    fn ident(&mut self) -> Result<Ident> {
        self.name(Class::names_column)
    }

    /// Any word as a name, as behind AS and behind a dot.
    fn label(&mut self) -> Result<Ident> {
        self.name(|_| true)
    }

    /// `a.b.c`
    fn qualified(&mut self) -> Result<Name> {
        let first = self.ident()?;
        self.qualified_from(first)
    }

    /// The rest of `a.b.c` behind `a`.
    fn qualified_from(&mut self, first: Ident) -> Result<Name> {
        let start = first.span;
        let mut parts = vec![first];
        while self.eat(".") {
            parts.push(self.label()?);
        }
        Ok(Name { parts, span: self.since(start) })
    }

    /// `(a, b, c)`
    fn ident_list(&mut self) -> Result<Vec<Ident>> {
        self.expect("(")?;
        let list = self.list(Self::ident)?;
        self.expect(")")?;
        Ok(list)
    }

    /// `(a, b, c)` where an opening parenthesis is next.
    fn idents_if(&mut self) -> Result<Vec<Ident>> {
        if self.is("(") { self.ident_list() } else { Ok(Vec::new()) }
    }

    /// One or more, separated by commas.
    fn list<T>(&mut self, item: fn(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.eat(",") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    // Failing.

    /// What is next is not what may come here.
    fn syntax_error(&self) -> Error {
        self.syntax_error_at(0)
    }

    /// The token `n` further on is not what may come there.
    fn syntax_error_at(&self, n: usize) -> Error {
        let token = self.ahead(n);
        match token.kind {
            Kind::Bad => {
                self.lexer.error.clone().unwrap_or_else(|| Error::internal("a bad token without a reason"))
            }
            Kind::End => self.end_error(),
            _ => self.near(token.span, "syntax error"),
        }
    }

    fn end_error(&self) -> Error {
        Error::new(state::SYNTAX_ERROR, "syntax error at end of input").at(self.sql.len())
    }

    fn near(&self, span: Span, what: &str) -> Error {
        let text = self.sql.get(span.range()).unwrap_or("");
        Error::new(state::SYNTAX_ERROR, format!("{what} at or near \"{text}\"")).at(span.at())
    }

    /// The grammar has it, yet it makes no sense.
    fn refused(&self, span: Span, message: &str) -> Error {
        Error::new(state::SYNTAX_ERROR, message).at(span.at())
    }

    /// PostgreSQL has it, Remanent does not.
    fn unsupported<T>(&self, at: Span, feature: &str) -> Result<T> {
        Err(Error::new(state::FEATURE_NOT_SUPPORTED, format!("{feature} is not supported")).at(at.at()))
    }

    fn too_complex(&self) -> Error {
        Error::new(state::STATEMENT_TOO_COMPLEX, "statement too complex")
            .with_detail(format!(
                "It nests deeper than {MAX_DEPTH} or chains more than {MAX_HEIGHT} operators."
            ))
            .with_hint("Split it, or use IN, VALUES or ANY instead of long chains of operators.")
            .at(self.here().at())
    }

    // Bounding the tree. Every function that recursion goes through brackets itself with `begin` and `end`, and
    // calls `grow` for each node that it puts on top of one it has. After an error nothing more is parsed, so
    // `end` need not be called then.

    /// Enters a nested part; returns what `end` wants.
    fn begin(&mut self) -> Result<u32> {
        self.depth += 1;
        match self.depth > MAX_DEPTH {
            true => Err(self.too_complex()),
            false => Ok(std::mem::take(&mut self.height)),
        }
    }

    /// Leaves it.
    fn end(&mut self, outer: u32) {
        self.depth -= 1;
        self.height = outer.max(self.height + 1);
    }

    /// One more join or set operation on top of those since `begin`; planning them takes more than an operator does.
    fn grow_relation(&mut self) -> Result<()> {
        self.height += 1;
        self.grow()
    }

    /// One more node on top of those since `begin`.
    fn grow(&mut self) -> Result<()> {
        self.height += 1;
        match self.height > MAX_HEIGHT {
            true => Err(self.too_complex()),
            false => Ok(()),
        }
    }
}
