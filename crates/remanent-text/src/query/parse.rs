//! From text to a query: words and operators, by precedence, without recursion.
//!
//! One parser serves three notations ([`Sort`]); what a word becomes says the caller ([`Push`]): itself for the text form of
//! a tsquery, lexemes for `to_tsquery`. Words that are stop words leave a gap in the tree, which [`assemble`] closes, so that
//! `<N>` goes on counting them.

use super::change::Arena;
use super::{DISTANCE_MAX, EDITS_MAX, Item, Operand, write};
use crate::error::{Error, Result, code};
use crate::vector::parse::{Words, is_blank, is_operator};
use crate::vector::{BYTES_MAX, LEXEME_MAX, Weight, without_zero};

/// How a query is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    /// `a & (b | !c) <-> d:*AB`
    Query,
    /// `a "b c" or -d`: no input is an error.
    Web,
    /// All of it is one word.
    Plain,
}

/// What stands behind a word: `:*AB`, `:~1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks {
    weights: u8,
    prefix: bool,
    edits: u8,
}

/// What a word of the input becomes: it appends to the parts, at least a gap.
pub(crate) type Push<'f> = &'f mut dyn FnMut(&mut Parts, &str, Marks) -> Result<()>;

/// A query on its way: operands before their operator.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    parts: Vec<Part>,
    text: Vec<u8>,
    /// The whole input, for messages.
    input: String,
}

#[derive(Debug, Clone, Copy)]
enum Part {
    Word {
        begin: u32,
        len: u16,
        marks: Marks,
    },
    /// Where a stop word was.
    Gap,
    Operator(Item<'static>),
}

impl Parts {
    /// Adds a lexeme. 54000 if it is too long, or all of them are.
    pub(crate) fn word(&mut self, text: &str, marks: Marks) -> Result<()> {
        let limit = |what: &str| Error::new(code::LIMIT, format!("{what} in tsquery: \"{}\"", self.input));
        if text.len() >= LEXEME_MAX {
            return Err(limit("word is too long"));
        }
        if self.text.len() >= BYTES_MAX {
            return Err(limit("value is too big"));
        }
        let begin = self.text.len() as u32;
        self.text.extend_from_slice(text.as_bytes());
        // PostgreSQL counts a zero byte behind each.
        self.text.push(0);
        self.parts.push(Part::Word { begin, len: text.len() as u16, marks });
        Ok(())
    }

    pub(crate) fn gap(&mut self) {
        self.parts.push(Part::Gap);
    }

    pub(crate) fn operator(&mut self, operator: Item<'static>) {
        self.parts.push(Part::Operator(operator));
    }
}

/// What is worth a notice: why a query is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Empty {
    /// There was nothing in the input.
    NoLexemes,
    /// There were only stop words.
    StopWords,
}

/// The tsquery that a text spells, word for word; and why it is empty, if it is. 42601 if it spells none, 54000 if it is too
/// large, 22023 for a distance out of range.
pub fn parse(text: &str) -> Result<(Vec<u8>, Option<Empty>)> {
    assemble(text, Sort::Query, &mut |parts, word, marks| parts.word(word, marks))
}

/// Parses, lets `push` say what words become, closes the gaps.
pub(crate) fn assemble(text: &str, sort: Sort, push: Push<'_>) -> Result<(Vec<u8>, Option<Empty>)> {
    let text = without_zero(text);
    let mut parts = Parts { input: text.to_owned(), ..Parts::default() };
    let words = Words { text, at: 0, query: true, web: sort == Sort::Web };
    Parser { words, state: State::First, depth: 0, stack: Vec::new() }.run(sort, &mut parts, push)?;
    if parts.parts.is_empty() {
        return Ok((Vec::new(), Some(Empty::NoLexemes)));
    }
    let gaps = parts.parts.iter().any(|part| matches!(part, Part::Gap));
    let items: Vec<Option<Item<'_>>> = parts.parts.iter().rev().map(|part| part.item(&parts.text)).collect();
    let malformed = || Error::new(code::INTERNAL, "malformed tsquery: operand not found");
    if !gaps {
        let mut bytes = Vec::new();
        items.iter().flatten().for_each(|item| write(item, &mut bytes));
        return match super::items(&bytes).is_empty() {
            true => Err(malformed()),
            false => Ok((bytes, None)),
        };
    }
    let mut arena = Arena::new(&items).ok_or_else(malformed)?;
    let bytes = arena.close_gaps();
    let empty = bytes.is_empty().then_some(Empty::StopWords);
    Ok((bytes, empty))
}

impl Part {
    fn item<'a>(&self, text: &'a [u8]) -> Option<Item<'a>> {
        match *self {
            Part::Gap => None,
            Part::Operator(item) => Some(item),
            Part::Word { begin, len, marks: Marks { weights, prefix, edits } } => {
                let text = text.get(begin as usize..)?.get(..usize::from(len))?;
                Some(Item::Word(Operand { text, weights, prefix, edits }))
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning.
    First,
    Operand,
    Operator,
}

/// What the input consists of.
enum Token {
    Word(String, Marks),
    Gap,
    Operator(Item<'static>),
    Open,
    Close,
    End,
}

struct Parser<'a> {
    words: Words<'a>,
    state: State,
    depth: usize,
    /// Operators that wait for their right operand; None: a parenthesis.
    stack: Vec<Option<Item<'static>>>,
}

fn precedence(item: &Item<'_>) -> u8 {
    match item {
        Item::Or => 1,
        Item::And => 2,
        Item::Phrase(_) => 3,
        Item::Not | Item::Word(_) => 4,
    }
}

impl Parser<'_> {
    fn run(mut self, sort: Sort, parts: &mut Parts, push: Push<'_>) -> Result<()> {
        if sort == Sort::Plain {
            let text = self.words.text;
            return if text.is_empty() { Ok(()) } else { push(parts, text, Marks::default()) };
        }
        loop {
            let token = if sort == Sort::Web { self.web_token()? } else { self.token()? };
            match token {
                Token::Word(word, marks) => push(parts, &word, marks)?,
                Token::Gap => {
                    parts.gap();
                    self.unwind(0, parts);
                    return Ok(());
                }
                Token::Operator(item) => {
                    // All but `!` are left-associative.
                    self.unwind(precedence(&item) + u8::from(item == Item::Not), parts);
                    self.stack.push(Some(item));
                }
                Token::Open => self.stack.push(None),
                Token::Close => {
                    self.unwind(0, parts);
                    self.stack.pop();
                }
                Token::End => {
                    self.unwind(0, parts);
                    return Ok(());
                }
            }
        }
    }

    /// Moves the operators that bind at least so strongly, up to the last parenthesis, to the parts.
    fn unwind(&mut self, least: u8, parts: &mut Parts) {
        while let Some(Some(item)) =
            self.stack.last().filter(|top| top.is_some_and(|i| precedence(&i) >= least))
        {
            parts.operator(*item);
            self.stack.pop();
        }
    }

    fn error(&self) -> Error {
        Error::new(code::SYNTAX, format!("syntax error in tsquery: \"{}\"", self.words.text))
    }

    fn operator(&mut self, item: Item<'static>) -> Result<Token> {
        self.words.step();
        self.state = State::Operand;
        Ok(Token::Operator(item))
    }

    fn token(&mut self) -> Result<Token> {
        loop {
            let next = self.words.peek();
            match (self.state, next) {
                (State::Operator, None) if self.depth > 0 => return Err(self.error()),
                (State::Operator, None) => return Ok(Token::End),
                (_, Some(' ' | '\t'..='\r')) => {
                    self.words.step();
                }
                (State::Operator, Some('&')) => return self.operator(Item::And),
                (State::Operator, Some('|')) => return self.operator(Item::Or),
                (State::Operator, Some('<')) => {
                    let distance = self.distance()?;
                    self.state = State::Operand;
                    return Ok(Token::Operator(Item::Phrase(distance)));
                }
                (State::Operator, Some(')')) if self.depth > 0 => {
                    self.words.step();
                    self.depth -= 1;
                    return Ok(Token::Close);
                }
                (State::Operator, Some(_)) | (_, Some(':')) => return Err(self.error()),
                (_, Some('!')) => return self.operator(Item::Not),
                (_, Some('(')) => {
                    self.words.step();
                    self.state = State::Operand;
                    self.depth += 1;
                    return Ok(Token::Open);
                }
                _ => return self.operand(),
            }
        }
    }

    fn operand(&mut self) -> Result<Token> {
        let Some(word) = self.words.word()? else {
            if self.state == State::First {
                return Ok(Token::End);
            }
            let message = format!("no operand in tsquery: \"{}\"", self.words.text);
            return Err(Error::new(code::SYNTAX, message));
        };
        self.state = State::Operator;
        let mut marks = Marks::default();
        if self.words.peek() == Some(':') {
            self.words.step();
            while let Some(c) = self.words.peek() {
                match Weight::of_letter(c) {
                    Some(weight) => marks.weights |= weight.bit(),
                    None if c == '*' => marks.prefix = true,
                    None if c == '~' => {
                        self.words.step();
                        marks.edits = self.edits()?;
                    }
                    None => break,
                }
                self.words.step();
            }
        }
        match marks.prefix && marks.edits > 0 {
            true => Err(self.error()),
            false => Ok(Token::Word(word, marks)),
        }
    }

    /// The number behind `~`, which is left to be passed.
    fn edits(&self) -> Result<u8> {
        let digit = self.words.peek().and_then(|c| c.to_digit(10)).and_then(|digit| u8::try_from(digit).ok());
        digit.filter(|edits| (1..=EDITS_MAX).contains(edits)).ok_or_else(|| self.error())
    }

    /// `<->` or `<N>`.
    fn distance(&mut self) -> Result<u16> {
        self.words.step();
        let mut distance = 1u64;
        match self.words.peek() {
            Some('-') => {
                self.words.step();
            }
            Some(c) if c.is_ascii_digit() => {
                distance = 0;
                while let Some(digit) = self.words.peek().and_then(|c| c.to_digit(10)) {
                    distance = distance.saturating_mul(10).saturating_add(digit.into());
                    self.words.step();
                }
            }
            _ => return Err(self.error()),
        }
        let distance = checked_distance(distance.try_into().unwrap_or(i64::MAX))?;
        // Something must follow.
        if self.words.step() != Some('>') || self.words.peek().is_none() {
            return Err(self.error());
        }
        Ok(distance)
    }

    fn web_token(&mut self) -> Result<Token> {
        loop {
            let next = self.words.peek();
            match (self.state, next) {
                (State::Operator, None) => return Ok(Token::End),
                (_, Some(' ' | '\t'..='\r')) => {
                    self.words.step();
                }
                (State::Operator, Some('o' | 'O')) if self.is_or() => {
                    self.words.step();
                    return self.operator(Item::Or);
                }
                (State::Operator, Some(c)) if is_operator(c) => {
                    self.words.step();
                }
                (State::Operator, Some(_)) => {
                    self.state = State::Operand;
                    return Ok(Token::Operator(Item::And));
                }
                (_, Some('-')) => return self.operator(Item::Not),
                (_, Some('"')) => return Ok(self.quoted()),
                (_, Some(c)) if is_operator(c) => {
                    self.words.step();
                    self.state = State::Operand;
                }
                _ => {
                    let first = self.state == State::First;
                    self.state = State::Operator;
                    return Ok(match self.words.word()? {
                        Some(word) => Token::Word(word, Marks::default()),
                        None if first => Token::End,
                        None => Token::Gap,
                    });
                }
            }
        }
    }

    fn quoted(&mut self) -> Token {
        self.words.step();
        let rest = self.words.text.get(self.words.at..).unwrap_or_default();
        let (quoted, skip) = match rest.find('"') {
            Some(end) => (&rest[..end], end + 1),
            None => (rest, rest.len()),
        };
        self.words.at += skip;
        self.state = State::Operator;
        Token::Word(quoted.to_owned(), Marks::default())
    }

    /// True if what comes is the word `or`, and anything behind it.
    fn is_or(&self) -> bool {
        let rest = self.words.text.get(self.words.at..).unwrap_or_default();
        let Some(("o" | "O", rest)) = rest.split_at_checked(1) else { return false };
        let Some(("r" | "R", rest)) = rest.split_at_checked(1) else { return false };
        let mut behind = rest.chars();
        let Some(next) = behind.next() else { return false };
        if matches!(next, '-' | '_') || next.is_alphanumeric() {
            return false;
        }
        behind.any(|c| !(c.is_ascii() && is_blank(c)))
    }
}

/// A distance of `<N>`. 22023 if it is out of range.
pub(crate) fn checked_distance(distance: i64) -> Result<u16> {
    match u16::try_from(distance) {
        Ok(distance) if distance <= DISTANCE_MAX => Ok(distance),
        _ => Err(Error::new(
            code::PARAMETER,
            format!(
                "distance in phrase operator must be an integer value between zero and {DISTANCE_MAX} inclusive"
            ),
        )),
    }
}
