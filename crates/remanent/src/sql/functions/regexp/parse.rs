//! PostgreSQL's advanced regular expressions (its manual, section 9.7.3) as trees, by recursive descent.
//!
//! ```text
//! (a|bc)+?x     Sequence (Repeat 1.. short (Group 1 (Either a, Sequence b c)), x)
//! ```
//!
//! Limits, refused with 0A000: basic expressions (option `b`). Letters and their cases are ASCII's.

use super::Options;
use super::tree::{Node, Place, Prefers, Set};
use remanent_storage::error::{Error, Result, state};
use std::iter::Peekable;
use std::str::Chars;

/// The most that a bound may ask for.
const MOST: u32 = 255;
/// How deep parentheses may nest.
const NESTED_MAX: usize = 200;

/// What is wrong with an expression, as PostgreSQL says it.
pub fn invalid(what: &str) -> Error {
    Error::new(state::INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {what}"))
}

fn unbalanced() -> Error {
    invalid("parentheses () not balanced")
}

/// The tree of an expression and how many groups it has. Reads options in the pattern itself.
pub fn parse(pattern: &str, options: &mut Options) -> Result<(Node, usize)> {
    let mut rest = pattern;
    if let Some(more) = rest.strip_prefix("***") {
        rest = match more.chars().next() {
            Some('=') => {
                options.literal = true;
                &more[1..]
            }
            Some(':') => &more[1..],
            _ => return Err(invalid("quantifier operand invalid")),
        };
    } else if !options.literal
        && let Some((letters, more)) = rest.strip_prefix("(?").and_then(|more| more.split_once(')'))
        && !letters.is_empty()
        && letters.bytes().all(|b| b.is_ascii_lowercase())
    {
        letters
            .chars()
            .try_for_each(|letter| options.set(letter).map_err(|_| invalid("invalid embedded option")))?;
        rest = more;
    }
    if options.literal {
        let one = |c| Node::one(Set::one(c, options.ignore_case));
        return Ok((Node::Sequence(rest.chars().map(one).collect()), 0));
    }
    let mut parser =
        Parser { rest: rest.chars().peekable(), options, depth: 0, groups: 0, closed: Vec::new(), looks: 0 };
    let node = parser.either()?;
    match parser.rest.next() {
        None => Ok((node, parser.groups)),
        Some(_) => Err(unbalanced()),
    }
}

struct Parser<'a> {
    rest: Peekable<Chars<'a>>,
    options: &'a Options,
    /// Open parentheses.
    depth: usize,
    /// How many groups were opened.
    groups: usize,
    /// Those that were closed.
    closed: Vec<usize>,
    /// How many look-arounds are open.
    looks: usize,
}

impl Parser<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest.next_if_eq(&c).is_some()
    }

    /// Branches, up to a closing parenthesis or the end.
    fn either(&mut self) -> Result<Node> {
        let mut branches = vec![self.branch()?];
        while self.eat('|') {
            branches.push(self.branch()?);
        }
        Ok(if branches.len() == 1 { branches.remove(0) } else { Node::Either(branches) })
    }

    fn branch(&mut self) -> Result<Node> {
        let mut parts: Vec<Node> = Vec::new();
        // Something stands before that a quantifier may follow.
        let mut atom = false;
        while let Some(c) = self.rest.next_if(|c| !matches!(c, '|' | ')')) {
            let node = match c {
                '\\' => self.escape()?,
                '[' => self.bracket()?,
                '(' => match self.open()? {
                    Some(node) => node,
                    None => continue,
                },
                '^' => Node::At(if self.options.lines { Place::LineBegin } else { Place::Begin }),
                '$' => Node::At(if self.options.lines { Place::LineEnd } else { Place::End }),
                '.' if self.options.stops_at_newline => Node::one(Set::all().without('\n')),
                '.' => Node::one(Set::all()),
                '*' | '+' | '?' => {
                    let (least, most) = match c {
                        '*' => (0, None),
                        '+' => (1, None),
                        _ => (0, Some(1)),
                    };
                    self.repeat(&mut parts, &mut atom, (least, most), true)?;
                    continue;
                }
                '{' if self.rest.peek().is_some_and(char::is_ascii_digit) => {
                    let (least, most, prefers) = self.bound()?;
                    self.repeat(&mut parts, &mut atom, (least, most), prefers)?;
                    continue;
                }
                ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' if self.options.expanded => continue,
                '#' if self.options.expanded => {
                    while self.rest.next_if(|&c| c != '\n').is_some() {}
                    continue;
                }
                c => self.one(c),
            };
            atom = !matches!(node, Node::At(_) | Node::Look { .. });
            parts.push(node);
        }
        Ok(match parts.len() {
            0 => Node::Empty,
            1 => parts.remove(0),
            _ => Node::Sequence(parts),
        })
    }

    fn one(&self, c: char) -> Node {
        Node::one(Set::one(c, self.options.ignore_case))
    }

    /// A quantifier behind the last part; `x{3}` does not say which match it prefers.
    fn repeat(
        &mut self,
        parts: &mut Vec<Node>,
        atom: &mut bool,
        (least, most): (u32, Option<u32>),
        prefers: bool,
    ) -> Result<()> {
        let of = parts.pop().filter(|_| std::mem::take(atom));
        let of = Box::new(of.ok_or_else(|| invalid("quantifier operand invalid"))?);
        let prefers = match (self.eat('?'), prefers) {
            (_, false) => None,
            (true, true) => Some(Prefers::Short),
            (false, true) => Some(Prefers::Long),
        };
        parts.push(Node::Repeat { of, least, most, prefers });
        Ok(())
    }

    /// Behind an opening parenthesis. None: it was a comment.
    fn open(&mut self) -> Result<Option<Node>> {
        let (mut group, mut look) = (None, None);
        if self.eat('?') {
            match self.rest.next() {
                Some(':') => {}
                Some('#') => match self.rest.by_ref().any(|c| c == ')') {
                    true => return Ok(None),
                    false => return Err(unbalanced()),
                },
                Some('=') => look = Some((true, false)),
                Some('!') => look = Some((true, true)),
                Some('<') => match self.rest.next() {
                    Some('=') => look = Some((false, false)),
                    Some('!') => look = Some((false, true)),
                    _ => return Err(invalid("quantifier operand invalid")),
                },
                _ => return Err(invalid("quantifier operand invalid")),
            }
        } else if self.looks == 0 {
            self.groups += 1;
            group = Some(self.groups);
        }
        self.depth += 1;
        if self.depth > NESTED_MAX {
            return Err(too_complex());
        }
        self.looks += usize::from(look.is_some());
        let inner = self.either()?;
        self.looks -= usize::from(look.is_some());
        self.depth -= 1;
        if !self.eat(')') {
            return Err(unbalanced());
        }
        let of = Box::new(inner);
        Ok(Some(match (group, look) {
            (Some(number), _) => {
                self.closed.push(number);
                Node::Group(number, of)
            }
            (None, Some((ahead, negated))) => Node::Look { ahead, negated, of },
            // So that what it holds stays one piece.
            (None, None) => Node::Sequence(vec![*of]),
        }))
    }

    fn count(&mut self) -> Result<Option<u32>> {
        let mut digits = String::new();
        while let Some(digit) = self.rest.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        match digits.parse::<u32>() {
            _ if digits.is_empty() => Ok(None),
            Ok(n) if n <= MOST => Ok(Some(n)),
            _ => Err(invalid("invalid repetition count(s)")),
        }
    }

    /// Behind `{`: at least, at most, and whether it prefers a match.
    fn bound(&mut self) -> Result<(u32, Option<u32>, bool)> {
        let (least, open) = (self.count()?.unwrap_or(0), self.eat(','));
        let most = if open { self.count()? } else { Some(least) };
        if !self.eat('}') {
            return Err(invalid(if self.rest.peek().is_none() {
                "braces {} not balanced"
            } else {
                "invalid repetition count(s)"
            }));
        }
        match most {
            Some(most) if most < least => Err(invalid("invalid repetition count(s)")),
            most => Ok((least, most, open)),
        }
    }

    fn escape(&mut self) -> Result<Node> {
        let Some(c) = self.rest.next() else { return Err(invalid("invalid escape \\ sequence")) };
        let class = |name: &str| Set::class(name).unwrap_or_default();
        Ok(match c {
            'A' => Node::At(Place::Begin),
            'Z' => Node::At(Place::End),
            'm' => Node::At(Place::WordBegin),
            'M' => Node::At(Place::WordEnd),
            'y' => Node::At(Place::WordEdge),
            'Y' => Node::At(Place::NoWordEdge),
            'd' => Node::one(class("digit")),
            's' => Node::one(class("space")),
            'w' => Node::one(class("word")),
            'D' => Node::one(class("digit").negated()),
            'S' => Node::one(class("space").negated()),
            'W' => Node::one(class("word").negated()),
            '1'..='9' => return self.again(c),
            _ => {
                let c = self.character(c)?;
                self.one(c)
            }
        })
    }

    /// `\1`: the text of a group again; more digits are one's number only if there is such a group, else a character.
    fn again(&mut self, first: char) -> Result<Node> {
        let digits: String = self.rest.clone().take_while(char::is_ascii_digit).collect();
        let number = format!("{first}{digits}").parse::<usize>().unwrap_or(usize::MAX);
        if !digits.is_empty() && number > self.groups {
            let c = self.octal(first)?;
            return Ok(self.one(c));
        }
        digits.chars().for_each(|_| {
            self.rest.next();
        });
        match self.closed.contains(&number) && self.looks == 0 {
            true => Ok(Node::Again(number)),
            false => Err(invalid("invalid backreference number")),
        }
    }

    /// A character by up to three octal digits, of which one was read.
    fn octal(&mut self, first: char) -> Result<char> {
        let mut code = first.to_digit(8).ok_or_else(|| invalid("invalid escape \\ sequence"))?;
        for _ in 0..2 {
            let Some(digit) = self.rest.next_if(|c| c.is_digit(8)) else { break };
            code = 8 * code + digit.to_digit(8).unwrap_or(0);
        }
        char::from_u32(code).ok_or_else(|| invalid("invalid escape \\ sequence"))
    }

    /// The character that an escape stands for; `c` is what followed the backslash.
    fn character(&mut self, c: char) -> Result<char> {
        let bad = || invalid("invalid escape \\ sequence");
        Ok(match c {
            'a' => '\x07',
            'b' => '\x08',
            'B' => '\\',
            'c' => char::from(self.rest.next().filter(char::is_ascii).ok_or_else(bad)? as u8 & 0x1f),
            'e' => '\x1b',
            'f' => '\x0c',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\x0b',
            'u' => self.code(4, 4)?,
            'U' => self.code(8, 8)?,
            'x' => self.code(1, 255)?,
            '0' => self.octal('0')?,
            c if c.is_ascii_alphanumeric() => return Err(bad()),
            c => c,
        })
    }

    fn code(&mut self, least: usize, most: usize) -> Result<char> {
        let (mut code, mut digits) = (0u32, 0);
        while digits < most
            && let Some(digit) = self.rest.next_if(char::is_ascii_hexdigit)
        {
            code = code.saturating_mul(16).saturating_add(digit.to_digit(16).unwrap_or(0));
            digits += 1;
        }
        let found = char::from_u32(code).filter(|_| digits >= least);
        found.ok_or_else(|| invalid("invalid escape \\ sequence"))
    }

    /// A bracket expression, behind its `[`.
    fn bracket(&mut self) -> Result<Node> {
        let unbalanced = || invalid("brackets [] not balanced");
        // Two that are no sets at all.
        let text: String = self.rest.clone().take(6).collect();
        for (word, place) in [("[:<:]]", Place::WordBegin), ("[:>:]]", Place::WordEnd)] {
            if text == word {
                self.rest.by_ref().take(6).for_each(drop);
                return Ok(Node::At(place));
            }
        }
        let ignore_case = self.options.ignore_case;
        let negated = self.eat('^');
        let mut set = Set::default();
        let mut first = true;
        loop {
            let c = self.rest.next().ok_or_else(unbalanced)?;
            if c == ']' && !first {
                break;
            }
            first = false;
            let Some(low) = self.member(c, &mut set)? else { continue };
            let is_range = self.rest.peek() == Some(&'-') && {
                let mut ahead = self.rest.clone();
                ahead.next();
                ahead.peek().is_some_and(|&next| next != ']')
            };
            if !is_range {
                set.add(low, low, ignore_case);
                continue;
            }
            self.rest.next();
            let c = self.rest.next().ok_or_else(unbalanced)?;
            let high = self.member(c, &mut Set::default())?.filter(|&high| high >= low);
            let high = high.ok_or_else(|| invalid("invalid character range"))?;
            set.add(low, high, ignore_case);
        }
        if negated {
            set = set.negated();
        }
        Ok(Node::one(if negated && self.options.stops_at_newline { set.without('\n') } else { set }))
    }

    /// One member of a set: a character; or None, and a class was added to the set.
    fn member(&mut self, c: char, set: &mut Set) -> Result<Option<char>> {
        match (c, self.rest.peek().copied()) {
            ('\\', Some(class @ ('d' | 's' | 'w'))) => {
                self.rest.next();
                let name = match class {
                    'd' => "digit",
                    's' => "space",
                    _ => "word",
                };
                set.add_class(&Set::class(name).unwrap_or_default());
                Ok(None)
            }
            ('\\', Some(c)) => {
                self.rest.next();
                self.character(c).map(Some)
            }
            ('\\', None) => Err(invalid("invalid escape \\ sequence")),
            ('[', Some(kind @ (':' | '=' | '.'))) => {
                self.rest.next();
                let mut name = String::new();
                loop {
                    match self.rest.next() {
                        Some(c) if c == kind && self.eat(']') => break,
                        Some(c) => name.push(c),
                        None => return Err(invalid("brackets [] not balanced")),
                    }
                }
                if kind == ':' {
                    // Cases do not count.
                    let cased = matches!(name.as_str(), "lower" | "upper") && self.options.ignore_case;
                    let class = Set::class(if cased { "alpha" } else { &name });
                    set.add_class(&class.ok_or_else(|| invalid("invalid character class"))?);
                    return Ok(None);
                }
                let mut chars = name.chars();
                match (chars.next(), chars.next()) {
                    (Some(c), None) => Ok(Some(c)),
                    _ => Err(invalid("invalid collating element")),
                }
            }
            (c, _) => Ok(Some(c)),
        }
    }
}

/// The expression would need too much memory.
pub fn too_complex() -> Error {
    invalid("regular expression is too complex")
}
