//! From text to a tree.

use super::MAX_DEPTH;
use crate::error::{Error, Result, SqlState, state};
use std::fmt;
use std::ops::Range;

/// A value and where it stands in its text.
#[derive(Debug, Clone)]
pub struct Node {
    /// Its bytes in the text, without space around.
    pub span: Range<usize>,
    /// What it is.
    pub item: Item,
}

/// What a value of JSON can be.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "the variants are JSON's words")]
pub enum Item {
    Null,
    Bool(bool),
    /// Its digits are its text.
    Number,
    /// Decoded.
    String(String),
    Array(Vec<Node>),
    /// As written: keys may repeat.
    Object(Vec<(String, Node)>),
}

/// Reads a text as one value. `binary`: as jsonb does, which takes no `\u0000`; json keeps it as it is written.
pub fn parse(text: &str, binary: bool) -> Result<Node> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0, binary };
    let node = parser.value(0)?;
    parser.space();
    match parser.at < text.len() {
        true => Err(parser.expected("end of input")),
        false => Ok(node),
    }
}

/// Appends a string in quotes.
pub fn write_string(out: &mut dyn fmt::Write, text: &str) -> fmt::Result {
    out.write_str("\"")?;
    let mut start = 0;
    for (i, b) in text.bytes().enumerate() {
        let escape = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.write_str(&text[start..i])?;
        match escape {
            "" => write!(out, "\\u{b:04x}")?,
            escape => out.write_str(escape)?,
        }
        start = i + 1;
    }
    out.write_str(&text[start..])?;
    out.write_str("\"")
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    binary: bool,
}

fn failure(state: SqlState, detail: String) -> Error {
    Error::new(state, "invalid input syntax for type json").with_detail(detail)
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The token at the present place, as errors show it.
    fn token(&self) -> &str {
        let word =
            |b: &u8| b.is_ascii_alphanumeric() || *b == b'_' || *b >= 0x80 || matches!(b, b'-' | b'+' | b'.');
        let mut end = self.at + self.bytes[self.at..].iter().take_while(|b| word(b)).count();
        if end == self.at {
            end += self.text[self.at..].chars().next().map_or(0, char::len_utf8);
        }
        self.text.get(self.at..end).unwrap_or_default()
    }

    fn ended() -> Error {
        failure(state::INVALID_TEXT_REPRESENTATION, "The input string ended unexpectedly.".to_string())
    }

    fn expected(&self, what: &str) -> Error {
        if self.peek().is_none() {
            return Self::ended();
        }
        let token = self.token();
        let starts = token.bytes().next().unwrap_or(b' ');
        let known = matches!(token, "true" | "false" | "null")
            || matches!(starts, b'"' | b'{' | b'}' | b'[' | b']' | b',' | b':' | b'0'..=b'9' | b'-');
        let detail = match known {
            true => format!("Expected {what}, but found \"{}\".", self.shown(token)),
            false => format!("Token \"{token}\" is invalid."),
        };
        failure(state::INVALID_TEXT_REPRESENTATION, detail)
    }

    /// A string as a token is shown whole.
    fn shown<'t>(&'t self, token: &'t str) -> &'t str {
        if token != "\"" {
            return token;
        }
        let rest = &self.text[self.at..];
        let close = rest[1..].find('"').map_or(rest.len(), |i| i + 2);
        &rest[..close]
    }

    fn value(&mut self, depth: usize) -> Result<Node> {
        if depth > MAX_DEPTH {
            return Err(Error::new(state::STATEMENT_TOO_COMPLEX, "stack depth limit exceeded")
                .with_hint(format!("JSON can be nested {MAX_DEPTH} deep.")));
        }
        self.space();
        let start = self.at;
        let item = match self.peek() {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Item::String(self.string()?),
            Some(b'-' | b'0'..=b'9') => self.number()?,
            _ => {
                let token = if self.peek().is_some() { self.token() } else { "" };
                let item = match token {
                    "null" => Item::Null,
                    "true" => Item::Bool(true),
                    "false" => Item::Bool(false),
                    _ => return Err(self.expected("JSON value")),
                };
                self.at += token.len();
                item
            }
        };
        Ok(Node { span: start..self.at, item })
    }

    fn object(&mut self, depth: usize) -> Result<Item> {
        self.at += 1;
        let mut pairs = Vec::new();
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Item::Object(pairs));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.expected(if pairs.is_empty() { "string or \"}\"" } else { "string" }));
            }
            let key = self.string()?;
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.expected("\":\""));
            }
            self.at += 1;
            pairs.push((key, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(Item::Object(pairs));
                }
                _ => return Err(self.expected("\",\" or \"}\"")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Item> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Item::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(Item::Array(items));
                }
                _ => return Err(self.expected("\",\" or \"]\"")),
            }
        }
    }

    /// `-0.5e+10`: no zero before other digits, and digits on both sides of the point.
    fn number(&mut self) -> Result<Item> {
        let start = self.at;
        let digits = |p: &mut Self| {
            let from = p.at;
            while p.peek().is_some_and(|b| b.is_ascii_digit()) {
                p.at += 1;
            }
            p.at - from
        };
        self.at += usize::from(self.peek() == Some(b'-'));
        let zero = self.peek() == Some(b'0');
        let whole = digits(self);
        let mut sound = whole > 0 && !(zero && whole > 1);
        if sound && self.peek() == Some(b'.') {
            self.at += 1;
            sound = digits(self) > 0;
        }
        if sound && matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            sound = digits(self) > 0;
        }
        let follows =
            self.peek().is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | 0x80..));
        if !sound || follows {
            self.at = start;
            let token = self.token();
            return Err(failure(
                state::INVALID_TEXT_REPRESENTATION,
                format!("Token \"{token}\" is invalid."),
            ));
        }
        Ok(Item::Number)
    }

    fn string(&mut self) -> Result<String> {
        self.at += 1;
        let mut out = String::new();
        let mut start = self.at;
        loop {
            match self.peek() {
                None => {
                    let token = &self.text[start.min(self.text.len()) - 1..];
                    let detail = format!("Token \"{token}\" is invalid.");
                    return Err(failure(state::INVALID_TEXT_REPRESENTATION, detail));
                }
                Some(b'"') => {
                    out.push_str(&self.text[start..self.at]);
                    self.at += 1;
                    return Ok(out);
                }
                Some(b'\\') => {
                    out.push_str(&self.text[start..self.at]);
                    self.escape(&mut out)?;
                    start = self.at;
                }
                Some(b @ 0..0x20) => {
                    let detail = format!("Character with value 0x{b:02x} must be escaped.");
                    return Err(failure(state::INVALID_TEXT_REPRESENTATION, detail));
                }
                Some(_) => self.at += 1,
            }
        }
    }

    fn escape(&mut self, out: &mut String) -> Result<()> {
        self.at += 1;
        let Some(escaped) = self.text[self.at..].chars().next() else { return Err(Self::ended()) };
        out.push(match escaped {
            '"' | '\\' | '/' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => return self.unicode(out),
            other => {
                let detail = format!("Escape sequence \"\\{other}\" is invalid.");
                return Err(failure(state::INVALID_TEXT_REPRESENTATION, detail));
            }
        });
        self.at += escaped.len_utf8();
        Ok(())
    }

    /// Four hexadecimal digits after `\u`, from the `u` on.
    fn hex(&mut self) -> Result<u32> {
        let digits =
            self.text.get(self.at + 1..self.at + 5).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let value = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).ok_or_else(|| {
            let detail = "\"\\u\" must be followed by four hexadecimal digits.";
            failure(state::INVALID_TEXT_REPRESENTATION, detail.to_string())
        })?;
        self.at += 5;
        Ok(value)
    }

    fn unicode(&mut self, out: &mut String) -> Result<()> {
        let bad = |what: &str| Err(failure(state::INVALID_TEXT_REPRESENTATION, what.to_string()));
        let first = self.hex()?;
        let code = match first {
            0xd800..0xdc00 => {
                if self.peek() != Some(b'\\') || self.bytes.get(self.at + 1) != Some(&b'u') {
                    return bad("Unicode low surrogate must follow a high surrogate.");
                }
                self.at += 1;
                match self.hex()? {
                    low @ 0xdc00..0xe000 => 0x10000 + ((first & 0x3ff) << 10) + (low & 0x3ff),
                    0xd800..0xdc00 => return bad("Unicode high surrogate must not follow a high surrogate."),
                    _ => return bad("Unicode low surrogate must follow a high surrogate."),
                }
            }
            0xdc00..0xe000 => return bad("Unicode low surrogate must follow a high surrogate."),
            0 if self.binary => {
                return Err(Error::new(
                    state::UNTRANSLATABLE_CHARACTER,
                    "unsupported Unicode escape sequence",
                )
                .with_detail("\\u0000 cannot be converted to text."));
            }
            code => code,
        };
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }
}
