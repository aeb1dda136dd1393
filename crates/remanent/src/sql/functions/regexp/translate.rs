//! PostgreSQL's regular expressions written as those of the crate that matches them.
//!
//! Both are extended regular expressions; what differs is rewritten piece by piece: escapes (`\m` is `\b{start}`), bracket
//! expressions, bounds, comments, options, and what a newline means.
//!
//! ```text
//! '^\mfoo'        ^\b{start}foo
//! '[^[:space:]x]' [^[:space:]x]
//! '(?i)a.b'       (?is)a.b
//! ```
//!
//! The rules are those of PostgreSQL 15, section 9.7.3. Limits, refused with 0A000: back references (`\1`) and look-around
//! (`(?=`, `(?<!`); basic expressions (option `b`).

use super::Options;
use remanent_storage::error::{Error, Result, state};
use std::iter::Peekable;
use std::str::Chars;

/// The most that a bound may ask for.
const MOST: u32 = 255;

/// What is wrong with an expression, as PostgreSQL says it.
pub fn invalid(what: &str) -> Error {
    Error::new(state::INVALID_REGULAR_EXPRESSION, format!("invalid regular expression: {what}"))
}

fn refused(what: &str) -> Error {
    Error::new(state::FEATURE_NOT_SUPPORTED, format!("{what} in regular expressions is not supported"))
}

/// The expression for the crate. Reads options in the pattern itself.
pub fn translate(pattern: &str, options: &mut Options) -> Result<String> {
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
    let mut out = String::with_capacity(rest.len() + 8);
    out.push_str("(?");
    out.push_str(if options.ignore_case { "is" } else { "s" });
    out.push_str(if options.lines { "m)" } else { ")" });
    if options.literal {
        rest.chars().for_each(|c| literal(c, &mut out));
        return Ok(out);
    }
    let mut translator = Translator { rest: rest.chars().peekable(), out, options, depth: 0, atom: false };
    translator.run()?;
    Ok(translator.out)
}

/// A character that stands for itself.
fn literal(c: char, out: &mut String) {
    if c.is_ascii()
        && !c.is_ascii_alphanumeric()
        && c != '_'
        && !c.is_ascii_whitespace()
        && !c.is_ascii_control()
    {
        out.push('\\');
    }
    out.push(c);
}

struct Translator<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    options: &'a Options,
    /// Open parentheses.
    depth: usize,
    /// Something stands before that a quantifier may follow.
    atom: bool,
}

impl Translator<'_> {
    fn eat(&mut self, c: char) -> bool {
        self.rest.next_if_eq(&c).is_some()
    }

    fn run(&mut self) -> Result<()> {
        while let Some(c) = self.rest.next() {
            match c {
                '\\' => self.escape()?,
                '[' => self.bracket()?,
                '(' => self.open()?,
                ')' => {
                    self.depth =
                        self.depth.checked_sub(1).ok_or_else(|| invalid("parentheses () not balanced"))?;
                    self.push(")", true);
                }
                '|' => self.push("|", false),
                '^' => self.push("^", false),
                '$' => self.push("$", false),
                '.' => self.push(if self.options.stops_at_newline { "[^\\n]" } else { "." }, true),
                '*' | '+' | '?' => self.quantifier(&c.to_string())?,
                '{' if self.rest.peek().is_some_and(char::is_ascii_digit) => self.bound()?,
                ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c' if self.options.expanded => {}
                '#' if self.options.expanded => while self.rest.next_if(|&c| c != '\n').is_some() {},
                c => {
                    literal(c, &mut self.out);
                    self.atom = true;
                }
            }
        }
        if self.depth > 0 { Err(invalid("parentheses () not balanced")) } else { Ok(()) }
    }

    fn push(&mut self, text: &str, atom: bool) {
        self.out.push_str(text);
        self.atom = atom;
    }

    fn open(&mut self) -> Result<()> {
        if !self.eat('?') {
            self.depth += 1;
            self.push("(", false);
            return Ok(());
        }
        match self.rest.next() {
            Some(':') => {
                self.depth += 1;
                self.push("(?:", false);
                Ok(())
            }
            Some('#') => match self.rest.by_ref().any(|c| c == ')') {
                true => Ok(()),
                false => Err(invalid("parentheses () not balanced")),
            },
            Some('=' | '!' | '<') => Err(refused("looking around")),
            _ => Err(invalid("quantifier operand invalid")),
        }
    }

    fn quantifier(&mut self, text: &str) -> Result<()> {
        if !std::mem::take(&mut self.atom) {
            return Err(invalid("quantifier operand invalid"));
        }
        self.out.push_str(text);
        if self.eat('?') {
            self.out.push('?');
        }
        Ok(())
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

    fn bound(&mut self) -> Result<()> {
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
            Some(most) => self.quantifier(&format!("{{{least},{most}}}")),
            None => self.quantifier(&format!("{{{least},}}")),
        }
    }

    fn escape(&mut self) -> Result<()> {
        let Some(c) = self.rest.next() else { return Err(invalid("invalid escape \\ sequence")) };
        let constraint = match c {
            'A' => "\\A",
            'Z' => "\\z",
            'm' => "\\b{start}",
            'M' => "\\b{end}",
            'y' => "\\b",
            'Y' => "\\B",
            _ => "",
        };
        if !constraint.is_empty() {
            self.push(constraint, false);
            return Ok(());
        }
        match c {
            'd' | 's' | 'w' | 'D' | 'S' | 'W' => {
                self.out.push('\\');
                self.out.push(c);
            }
            '1'..='9' => return Err(refused("a back reference")),
            _ => {
                let c = self.character(c)?;
                literal(c, &mut self.out);
            }
        }
        self.atom = true;
        Ok(())
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
            '0' => '\0',
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
    fn bracket(&mut self) -> Result<()> {
        let unbalanced = || invalid("brackets [] not balanced");
        // Two that are no sets at all.
        let text: String = self.rest.clone().take(6).collect();
        for (word, meaning) in [("[:<:]]", "\\b{start}"), ("[:>:]]", "\\b{end}")] {
            if text == word {
                self.rest.by_ref().take(6).for_each(drop);
                self.push(meaning, false);
                return Ok(());
            }
        }
        let negated = self.eat('^');
        let mut set = String::from(if negated { "[^" } else { "[" });
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
                literal(low, &mut set);
                continue;
            }
            self.rest.next();
            let c = self.rest.next().ok_or_else(unbalanced)?;
            let high = self.member(c, &mut String::new())?.filter(|&high| high >= low);
            let high = high.ok_or_else(|| invalid("invalid character range"))?;
            literal(low, &mut set);
            set.push('-');
            literal(high, &mut set);
        }
        if negated && self.options.stops_at_newline {
            set.push_str("\\n");
        }
        set.push(']');
        self.push(&set, true);
        Ok(())
    }

    /// One member of a set: a character; or None, and a class was written to the set.
    fn member(&mut self, c: char, set: &mut String) -> Result<Option<char>> {
        match (c, self.rest.peek().copied()) {
            ('\\', Some(class @ ('d' | 's' | 'w'))) => {
                self.rest.next();
                set.push('\\');
                set.push(class);
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
                    if !CLASSES.contains(&name.as_str()) {
                        return Err(invalid("invalid character class"));
                    }
                    set.push_str(&format!("[:{name}:]"));
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

const CLASSES: [&str; 13] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space",
    "upper", "xdigit",
];

/// The pattern of SIMILAR TO as a regular expression; with `parts`, the one of `substring(… similar … escape …)`, whose
/// middle part between two escaped quotes is the result.
pub fn similar(pattern: &str, escape: Option<&str>) -> Result<String> {
    let mut letters = escape.unwrap_or("\\").chars();
    let (escape, more) = (letters.next(), letters.next());
    if more.is_some() {
        return Err(Error::new(state::INVALID_ESCAPE_SEQUENCE, "invalid escape string")
            .with_hint("Escape string must be empty or one character."));
    }
    let mut out = String::from("^(?:");
    let (mut quotes, mut in_set, mut rest) = (0, false, pattern.chars());
    while let Some(c) = rest.next() {
        match c {
            c if Some(c) == escape => match rest.next() {
                Some('"') if !in_set => {
                    quotes += 1;
                    match quotes {
                        1 => out.push_str("){1,1}?("),
                        2 => out.push_str("){1,1}(?:"),
                        _ => {
                            let message = "SQL regular expression may not contain more than two escape-double-quote separators";
                            return Err(Error::new(state::INVALID_USE_OF_ESCAPE_CHARACTER, message));
                        }
                    }
                }
                Some(c) => {
                    out.push('\\');
                    out.push(c);
                }
                None => {}
            },
            c if in_set => {
                in_set = c != ']';
                if c == '\\' {
                    out.push('\\');
                }
                out.push(c);
            }
            '[' => {
                in_set = true;
                out.push(c);
            }
            '%' => out.push_str(".*"),
            '_' => out.push('.'),
            // What captures elsewhere does not here.
            '(' => out.push_str("(?:"),
            '\\' | '.' | '^' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out.push_str(")$");
    Ok(out)
}
