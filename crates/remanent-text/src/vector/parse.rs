//! The text form of a tsvector, and the words that it shares with tsquery.
//!
//! ```text
//! a:1A,5 'it''s':2 stripped     →  'a':1A,5 'it''s':2 'stripped'
//! ```

use super::build::{Entry, build, check_length, check_size};
use super::{Position, Vector, Weight, without_zero};
use crate::error::{Error, Result, code};

/// The tsvector that a text spells. 42601 if it spells none, 54000 if it is too large.
pub fn parse(text: &str) -> Result<Vec<u8>> {
    let mut words = Words { text: without_zero(text), at: 0, query: false, web: false };
    let mut entries = Vec::new();
    let mut total = 0;
    while let Some(lexeme) = words.word()? {
        let positions = words.positions()?;
        check_length(lexeme.len())?;
        total += lexeme.len();
        check_size(total)?;
        entries.push(Entry { text: lexeme.into_bytes(), positions });
    }
    build(entries)
}

/// The text form.
pub fn print(bytes: &[u8]) -> String {
    let mut out = String::new();
    for lexeme in Vector::new(bytes).iter() {
        if !out.is_empty() {
            out.push(' ');
        }
        quote(lexeme.text, &mut out);
        for (i, position) in lexeme.positions.into_iter().enumerate() {
            out.push(if i == 0 { ':' } else { ',' });
            out.push_str(&position.place().to_string());
            if position.weight() != Weight::D {
                out.push(position.weight().letter());
            }
        }
    }
    out
}

/// A lexeme in quotes, those within doubled, and backslashes.
pub(crate) fn quote(lexeme: &[u8], out: &mut String) {
    out.push('\'');
    for c in String::from_utf8_lossy(lexeme).chars() {
        if matches!(c, '\'' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('\'');
}

/// A text of words: of a tsvector, of a query, or of a web search.
#[derive(Debug, Clone)]
pub(crate) struct Words<'a> {
    pub(crate) text: &'a str,
    /// Where the next character is.
    pub(crate) at: usize,
    /// Operators end words, and so do colons.
    pub(crate) query: bool,
    /// Quotes and backslashes are characters like others, save that a double quote ends a word.
    pub(crate) web: bool,
}

/// What makes an operator of a query begin.
pub(crate) fn is_operator(c: char) -> bool {
    matches!(c, '!' | '&' | '|' | '(' | ')' | '<')
}

/// What PostgreSQL takes for a blank.
pub(crate) fn is_blank(c: char) -> bool {
    match c {
        ' ' | '\t'..='\r' => true,
        '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        c => !c.is_ascii() && c.is_whitespace(),
    }
}

impl Words<'_> {
    pub(crate) fn peek(&self) -> Option<char> {
        self.text.get(self.at..)?.chars().next()
    }

    pub(crate) fn step(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn syntax_error(&self) -> Error {
        let kind = if self.query { "tsquery" } else { "tsvector" };
        Error::new(code::SYNTAX, format!("syntax error in {kind}: \"{}\"", self.text))
    }

    fn escaped(&mut self) -> Result<char> {
        let missing =
            || Error::new(code::SYNTAX, format!("there is no escaped character: \"{}\"", self.text));
        let c = self.peek().ok_or_else(missing)?;
        self.at += c.len_utf8();
        Ok(c)
    }

    /// The next word; none at the end.
    pub(crate) fn word(&mut self) -> Result<Option<String>> {
        while self.peek().is_some_and(is_blank) {
            self.step();
        }
        let word = match self.peek() {
            None => return Ok(None),
            Some('\'') if !self.web => self.quoted()?,
            Some(c) if self.query && is_operator(c) => return Err(self.syntax_error()),
            Some(_) => self.plain()?,
        };
        match word.is_empty() {
            true => Err(self.syntax_error()),
            false => Ok(Some(word)),
        }
    }

    fn quoted(&mut self) -> Result<String> {
        self.step();
        let mut word = String::new();
        loop {
            match self.step() {
                None => return Err(self.syntax_error()),
                Some('\\') => word.push(self.escaped()?),
                Some('\'') if self.peek() == Some('\'') => word.extend(self.step()),
                Some('\'') => return Ok(word),
                Some(c) => word.push(c),
            }
        }
    }

    fn plain(&mut self) -> Result<String> {
        let mut word = String::new();
        // The first character belongs to the word, whatever it is.
        let mut first = true;
        while let Some(c) = self.peek() {
            let ends = is_blank(c)
                || c == ':' && !first
                || self.query && is_operator(c)
                || self.web && !first && c == '"';
            if ends {
                break;
            }
            self.step();
            word.push(if c == '\\' && !self.web { self.escaped()? } else { c });
            first = false;
        }
        Ok(word)
    }

    /// The positions behind a word of a tsvector.
    fn positions(&mut self) -> Result<Vec<Position>> {
        let mut positions = Vec::new();
        if self.peek() != Some(':') {
            return Ok(positions);
        }
        loop {
            self.step();
            positions.push(self.position()?);
            match self.peek() {
                Some(',') => {}
                None => return Ok(positions),
                Some(c) if is_blank(c) => return Ok(positions),
                Some(_) => return Err(self.syntax_error()),
            }
        }
    }

    fn position(&mut self) -> Result<Position> {
        if !self.peek().is_some_and(|c| c.is_ascii_digit()) {
            return Err(self.syntax_error());
        }
        let mut place = 0u32;
        while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
            place = place.saturating_mul(10).saturating_add(digit);
            self.step();
        }
        if place == 0 {
            let message = format!("wrong position info in tsvector: \"{}\"", self.text);
            return Err(Error::new(code::SYNTAX, message));
        }
        let mut weight = Weight::D;
        while let Some(c) = self.peek() {
            let named = if c == '*' { Some(Weight::A) } else { Weight::of_letter(c) };
            let Some(named) = named else {
                // Digits behind a letter are skipped.
                if c.is_ascii_digit() {
                    self.step();
                    continue;
                }
                break;
            };
            if weight != Weight::D {
                return Err(self.syntax_error());
            }
            weight = named;
            self.step();
        }
        Ok(Position::new(place, weight))
    }
}
