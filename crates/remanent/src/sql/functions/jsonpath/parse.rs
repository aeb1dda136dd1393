//! The tree of a path.
//!
//! A [`Chain`] is something and what is done with it, step by step: `$.a[*] ? (@ > 1)` is the root, its member, the
//! elements of that, and a filter. What asks for truth is a [`Test`].

use super::super::regexp::{self, Matcher};
use super::lex::{Token, syntax, tokens};
use super::method::{METHODS, Method};
use crate::sql::functions::Cmp;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::value::json::Json;
use remanent_storage::value::{Jsonb, Numeric};

/// A path that was read.
#[derive(Debug)]
pub struct Path {
    /// What is missing is an error.
    pub strict: bool,
    /// What it is.
    pub chain: Chain,
}

/// Steps, the first of which needs nothing to begin with.
pub type Chain = Vec<Step>;

/// One step.
#[derive(Debug)]
pub enum Step {
    /// `$`
    Root,
    /// `@`
    Current,
    /// `last`
    Last,
    /// A string, a number, true, false, null.
    Value(Jsonb),
    /// `$name`
    Variable(String),
    /// `.key`
    Key(String),
    /// `.*`
    Members,
    /// `[*]`
    Elements,
    /// `[1, 3 to last]`
    At(Vec<(Chain, Option<Chain>)>),
    /// `.**{1 to 2}`; the levels, `u32::MAX` for last.
    Below(u32, u32),
    /// `? (…)`
    Filter(Box<Test>),
    /// `.size()`, `.datetime("HH24:MI")`
    Method(Method, Option<String>),
    /// `a + b`
    Arithmetic(char, Chain, Chain),
    /// `-a`, `+a`
    Sign(char, Chain),
    /// A test as a value.
    Truth(Box<Test>),
}

/// What is true, false or unknown.
#[derive(Debug)]
pub enum Test {
    /// `&&`
    And(Box<Test>, Box<Test>),
    /// `||`
    Or(Box<Test>, Box<Test>),
    /// `!`
    Not(Box<Test>),
    /// `(…) is unknown`
    IsUnknown(Box<Test>),
    /// `==` and its kin
    Compare(Cmp, Chain, Chain),
    /// `starts with`
    Starts(Chain, Chain),
    /// `like_regex`: the pattern and the flags too, as written
    Like(Chain, Matcher, String, String),
    /// `exists (…)`
    Exists(Chain),
}

/// Parentheses and signs may be so deep in each other.
const DEPTH: usize = 100;

/// A path may have so many steps, one behind the other.
const STEPS: usize = 500;

fn too_deep(hint: String) -> Error {
    Error::new(SqlState("54001"), "stack depth limit exceeded").with_hint(hint)
}

/// What a part of a path turned out to be.
enum Part {
    Chain(Chain),
    /// A test; whether it is one in parentheses or EXISTS.
    Test(Test, bool),
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
    /// Within a filter, within a subscript.
    filter: usize,
    subscript: usize,
}

impl Path {
    /// Reads a path; 42601 and its kin where it is none.
    pub fn parse(text: &str) -> Result<Path> {
        let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, filter: 0, subscript: 0 };
        if parser.tokens.is_empty() {
            let message = format!("invalid input syntax for type jsonpath: \"{text}\"");
            return Err(Error::new(state::INVALID_TEXT_REPRESENTATION, message));
        }
        let strict = parser.eat_word("strict");
        if !strict {
            parser.eat_word("lax");
        }
        let part = parser.or()?;
        let chain = match part {
            Part::Chain(chain) => chain,
            Part::Test(test, _) => vec![Step::Truth(Box::new(test))],
        };
        if parser.at < parser.tokens.len() {
            return Err(parser.unexpected());
        }
        Ok(Path { strict, chain })
    }
}

impl Parser {
    fn token(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    /// 42601 at the word at hand.
    fn unexpected(&self) -> Error {
        self.unexpected_at(self.at)
    }

    fn unexpected_at(&self, at: usize) -> Error {
        let near = match self.tokens.get(at) {
            Some(Token::Symbol(symbol)) => Some((*symbol).to_string()),
            Some(Token::Number(number)) => Some(number.clone()),
            Some(Token::String(_)) => Some("\"".to_string()),
            // PostgreSQL's reader has gone on behind a name.
            Some(Token::Name(_) | Token::Variable(_)) | None => None,
        };
        syntax("syntax error", near.as_deref())
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(self.token(), Some(Token::Symbol(held)) if *held == symbol)
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<()> {
        if self.eat(symbol) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn is_word(&self, ahead: usize, word: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some(Token::Name(name)) if name.eq_ignore_ascii_case(word))
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_word(0, word);
        self.at += usize::from(found);
        found
    }

    /// Parses something within something else.
    fn deeper<T>(&mut self, parse: fn(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH {
            return Err(too_deep(format!("A path may be nested {DEPTH} levels deep.")));
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn chain_of(&self, part: Part, at: usize) -> Result<Chain> {
        match part {
            Part::Chain(chain) => Ok(chain),
            Part::Test(..) => Err(self.unexpected_at(at)),
        }
    }

    fn test_of(&self, part: Part) -> Result<Test> {
        match part {
            Part::Test(test, _) => Ok(test),
            Part::Chain(_) => Err(self.unexpected()),
        }
    }

    fn or(&mut self) -> Result<Part> {
        let mut left = self.and()?;
        while self.is("||") {
            let test = self.test_of(left)?;
            self.at += 1;
            let right = self.and()?;
            left = Part::Test(Test::Or(Box::new(test), Box::new(self.test_of(right)?)), false);
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Part> {
        let mut left = self.not()?;
        while self.is("&&") {
            let test = self.test_of(left)?;
            self.at += 1;
            let right = self.not()?;
            left = Part::Test(Test::And(Box::new(test), Box::new(self.test_of(right)?)), false);
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Part> {
        if !self.eat("!") {
            return self.comparison();
        }
        let at = self.at;
        match self.deeper(Self::primary)? {
            Part::Test(test, true) => Ok(Part::Test(Test::Not(Box::new(test)), false)),
            _ => Err(self.unexpected_at(at)),
        }
    }

    fn comparison(&mut self) -> Result<Part> {
        let left = self.sum()?;
        let Part::Chain(_) = left else { return Ok(left) };
        let cmp = match self.token() {
            Some(Token::Symbol("==")) => Some(Cmp::Eq),
            Some(Token::Symbol("!=" | "<>")) => Some(Cmp::Ne),
            Some(Token::Symbol("<")) => Some(Cmp::Lt),
            Some(Token::Symbol("<=")) => Some(Cmp::Le),
            Some(Token::Symbol(">")) => Some(Cmp::Gt),
            Some(Token::Symbol(">=")) => Some(Cmp::Ge),
            _ => None,
        };
        let left = self.chain_of(left, self.at)?;
        let test = if let Some(cmp) = cmp {
            self.at += 1;
            let (at, right) = (self.at, self.sum()?);
            Test::Compare(cmp, left, self.chain_of(right, at)?)
        } else if self.is_word(0, "starts") && self.is_word(1, "with") {
            self.at += 2;
            let with = match self.token() {
                Some(Token::String(text)) => Step::Value(Json::String(text.clone()).encode()),
                Some(Token::Variable(name)) => Step::Variable(name.clone()),
                _ => return Err(self.unexpected()),
            };
            self.at += 1;
            Test::Starts(left, vec![with])
        } else if self.eat_word("like_regex") {
            self.pattern(left)?
        } else {
            return Ok(Part::Chain(left));
        };
        Ok(Part::Test(test, false))
    }

    /// like_regex: the pattern, and its flags.
    fn pattern(&mut self, left: Chain) -> Result<Test> {
        let Some(Token::String(pattern)) = self.token().cloned() else { return Err(self.unexpected()) };
        self.at += 1;
        let mut flags = String::new();
        if self.eat_word("flag") {
            let Some(Token::String(given)) = self.token() else { return Err(self.unexpected()) };
            flags.clone_from(given);
            self.at += 1;
        }
        if let Some(unknown) = flags.chars().find(|c| !"ismxq".contains(*c)) {
            let detail = format!("Unrecognized flag character \"{unknown}\" in LIKE_REGEX predicate.");
            let message = "invalid input syntax for type jsonpath";
            return Err(Error::new(state::SYNTAX_ERROR, message).with_detail(detail));
        }
        if flags.contains('x') && !flags.contains('q') {
            let message = "XQuery \"x\" flag (expanded regular expressions) is not implemented";
            return Err(Error::new(state::FEATURE_NOT_SUPPORTED, message));
        }
        Ok(Test::Like(left, regexp::xquery(&pattern, &flags)?, pattern, flags))
    }

    fn sum(&mut self) -> Result<Part> {
        self.operators(&["+", "-"], Self::product)
    }

    fn product(&mut self) -> Result<Part> {
        self.operators(&["*", "/", "%"], Self::sign)
    }

    fn operators(&mut self, symbols: &[&str], operand: fn(&mut Self) -> Result<Part>) -> Result<Part> {
        let mut left = operand(self)?;
        while let Some(symbol) = symbols.iter().find(|symbol| self.is(symbol)).and_then(|s| s.chars().next())
        {
            let chain = self.chain_of(left, self.at)?;
            self.at += 1;
            let (at, right) = (self.at, operand(self)?);
            left = Part::Chain(vec![Step::Arithmetic(symbol, chain, self.chain_of(right, at)?)]);
        }
        Ok(left)
    }

    fn sign(&mut self) -> Result<Part> {
        let sign = if self.is("-") { '-' } else { '+' };
        if !self.eat("-") && !self.eat("+") {
            return self.primary();
        }
        let at = self.at;
        let inner = self.deeper(Self::sign)?;
        let chain = self.chain_of(inner, at)?;
        // A number with a sign is a number.
        if let [Step::Value(value)] = chain.as_slice()
            && let Some(number) = value.view().number()
        {
            let number = if sign == '-' { number.negated() } else { number };
            return Ok(Part::Chain(vec![Step::Value(Json::Number(number).encode())]));
        }
        Ok(Part::Chain(vec![Step::Sign(sign, chain)]))
    }

    fn primary(&mut self) -> Result<Part> {
        let Some(token) = self.token().cloned() else { return Err(self.unexpected()) };
        let value = |json: Json| Step::Value(json.encode());
        let first = match &token {
            Token::String(text) => value(Json::String(text.clone())),
            Token::Number(text) => {
                value(Json::Number(text.parse::<Numeric>().map_err(|_| self.unexpected())?))
            }
            Token::Variable(name) => Step::Variable(name.clone()),
            Token::Name(name) => match name.as_str() {
                "null" => value(Json::Null),
                "true" => value(Json::Bool(true)),
                "false" => value(Json::Bool(false)),
                word if word.eq_ignore_ascii_case("last") => {
                    if self.subscript == 0 {
                        let message = "LAST is allowed only in array subscripts";
                        return Err(Error::new(state::SYNTAX_ERROR, message));
                    }
                    Step::Last
                }
                word if word.eq_ignore_ascii_case("exists") => return self.exists(),
                _ => return Err(self.unexpected()),
            },
            Token::Symbol("$") => Step::Root,
            Token::Symbol("@") => {
                if self.filter == 0 {
                    let message = "@ is not allowed in root expressions";
                    return Err(Error::new(state::SYNTAX_ERROR, message));
                }
                Step::Current
            }
            Token::Symbol("(") => return self.parentheses(),
            Token::Symbol(_) => return Err(self.unexpected()),
        };
        self.at += 1;
        self.steps(vec![first]).map(Part::Chain)
    }

    fn exists(&mut self) -> Result<Part> {
        self.at += 1;
        self.expect("(")?;
        let (at, inner) = (self.at, self.deeper(Self::or)?);
        let chain = self.chain_of(inner, at)?;
        self.expect(")")?;
        Ok(Part::Test(Test::Exists(chain), true))
    }

    fn parentheses(&mut self) -> Result<Part> {
        self.at += 1;
        let inner = self.deeper(Self::or)?;
        self.expect(")")?;
        let steps = self.is(".") || self.is("[") || self.is("?");
        match inner {
            Part::Test(test, _) if self.is_word(0, "is") && self.is_word(1, "unknown") => {
                self.at += 2;
                Ok(Part::Test(Test::IsUnknown(Box::new(test)), false))
            }
            Part::Test(test, _) if steps => self.steps(vec![Step::Truth(Box::new(test))]).map(Part::Chain),
            Part::Test(test, _) => Ok(Part::Test(test, true)),
            // What is done with the whole begins with it as one value.
            Part::Chain(chain) => self.steps(chain).map(Part::Chain),
        }
    }

    /// `.key`, `[…]`, `? (…)` and so on, as many as there are.
    fn steps(&mut self, mut chain: Chain) -> Result<Chain> {
        loop {
            let step = if self.eat(".") {
                self.member()?
            } else if self.eat("[") {
                self.subscripts()?
            } else if self.eat("?") {
                self.expect("(")?;
                self.filter += 1;
                let (at, part) = (self.at, self.deeper(Self::or)?);
                self.filter -= 1;
                let Part::Test(test, _) = part else {
                    return Err(if self.is(")") { self.unexpected() } else { self.unexpected_at(at) });
                };
                self.expect(")")?;
                Step::Filter(Box::new(test))
            } else {
                return Ok(chain);
            };
            if chain.len() >= STEPS {
                return Err(too_deep(format!("A path may have {STEPS} steps.")));
            }
            chain.push(step);
        }
    }

    /// What stands behind a point.
    fn member(&mut self) -> Result<Step> {
        if self.eat("**") {
            return self.levels();
        }
        if self.eat("*") {
            return Ok(Step::Members);
        }
        let Some(token) = self.token().cloned() else { return Err(self.unexpected()) };
        self.at += 1;
        match token {
            Token::String(key) => Ok(Step::Key(key)),
            Token::Name(name) => {
                let method = METHODS.iter().find(|(known, _)| known.eq_ignore_ascii_case(&name));
                if let Some((_, method)) = method
                    && self.eat("(")
                {
                    let template = match self.token().cloned() {
                        Some(Token::String(template)) if *method == Method::Datetime => {
                            self.at += 1;
                            Some(template)
                        }
                        _ => None,
                    };
                    self.expect(")")?;
                    return Ok(Step::Method(*method, template));
                }
                Ok(Step::Key(name))
            }
            _ => Err(self.unexpected_at(self.at - 1)),
        }
    }

    fn levels(&mut self) -> Result<Step> {
        if !self.eat("{") {
            return Ok(Step::Below(0, u32::MAX));
        }
        let first = self.level()?;
        let last = if self.eat_word("to") { self.level()? } else { first };
        self.expect("}")?;
        Ok(Step::Below(first, last))
    }

    fn level(&mut self) -> Result<u32> {
        let level = match self.token() {
            Some(Token::Name(name)) if name.eq_ignore_ascii_case("last") => u32::MAX,
            Some(Token::Number(number)) => number.parse::<i32>().map_err(|_| self.unexpected())? as u32,
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(level)
    }

    fn subscripts(&mut self) -> Result<Step> {
        if self.eat("*") {
            self.expect("]")?;
            return Ok(Step::Elements);
        }
        self.subscript += 1;
        let mut places = Vec::new();
        loop {
            let (at, part) = (self.at, self.deeper(Self::sum)?);
            let from = self.chain_of(part, at)?;
            let to = if self.eat_word("to") {
                let (at, part) = (self.at, self.deeper(Self::sum)?);
                Some(self.chain_of(part, at)?)
            } else {
                None
            };
            places.push((from, to));
            if !self.eat(",") {
                break;
            }
        }
        self.subscript -= 1;
        self.expect("]")?;
        Ok(Step::At(places))
    }
}
