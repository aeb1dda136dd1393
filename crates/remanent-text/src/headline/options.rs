//! The options of a headline: `MaxWords = 20, StartSel = '<em>'`.

use crate::error::{Error, Result, code};

/// How a headline looks. Counts are of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// It is not longer, without fragments.
    pub max_words: i32,
    /// It is not shorter, if the document is not.
    pub min_words: i32,
    /// It does not end with a word of so many bytes or fewer.
    pub short_word: i32,
    /// How many fragments there may be; 0: the best cover is shown instead.
    pub max_fragments: i32,
    /// The whole document is shown.
    pub highlight_all: bool,
    /// What stands before a word of the query.
    pub start: String,
    /// What stands behind it.
    pub stop: String,
    /// What stands between fragments.
    pub delimiter: String,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            max_words: 35,
            min_words: 15,
            short_word: 3,
            max_fragments: 0,
            highlight_all: false,
            start: "<b>".to_owned(),
            stop: "</b>".to_owned(),
            delimiter: " ... ".to_owned(),
        }
    }
}

impl Options {
    /// The options that a text says. 42601 if it is no list, 22023 for an option there is not or that cannot be so, 22P02 and
    /// 22003 for what is no number.
    pub fn parse(text: &str) -> Result<Self> {
        let mut options = Options::default();
        for (name, value) in pairs(text)? {
            options.set(&name, value)?;
        }
        options.check()?;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<()> {
        match name.to_ascii_lowercase().as_str() {
            "maxwords" => self.max_words = integer(&value)?,
            "minwords" => self.min_words = integer(&value)?,
            "shortword" => self.short_word = integer(&value)?,
            "maxfragments" => self.max_fragments = integer(&value)?,
            "startsel" => self.start = value,
            "stopsel" => self.stop = value,
            "fragmentdelimiter" => self.delimiter = value,
            "highlightall" => {
                let yes = ["1", "on", "true", "t", "y", "yes"];
                self.highlight_all = yes.iter().any(|yes| value.eq_ignore_ascii_case(yes));
            }
            _ => {
                let message = format!("unrecognized headline parameter: \"{name}\"");
                return Err(Error::new(code::PARAMETER, message));
            }
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        let wrong = match self {
            _ if self.highlight_all => return Ok(()),
            _ if self.min_words >= self.max_words => "MinWords should be less than MaxWords",
            _ if self.min_words <= 0 => "MinWords should be positive",
            _ if self.short_word < 0 => "ShortWord should be >= 0",
            _ if self.max_fragments < 0 => "MaxFragments should be >= 0",
            _ => return Ok(()),
        };
        Err(Error::new(code::PARAMETER, wrong))
    }
}

fn integer(text: &str) -> Result<i32> {
    let digits = text.trim_matches(|c: char| c.is_ascii_whitespace());
    let bare = digits.strip_prefix(['-', '+']).unwrap_or(digits);
    if bare.is_empty() || !bare.bytes().all(|b| b.is_ascii_digit()) {
        let message = format!("invalid input syntax for type integer: \"{text}\"");
        return Err(Error::new(code::TEXT, message));
    }
    let out_of_range =
        |_| Error::new(code::RANGE, format!("value \"{text}\" is out of range for type integer"));
    digits.parse().map_err(out_of_range)
}

/// The names and values of a list. 42601 if it is none.
fn pairs(text: &str) -> Result<Vec<(String, String)>> {
    let wrong = || Error::new(code::SYNTAX, format!("invalid parameter list format: \"{text}\""));
    let blank = |c: &char| matches!(c, ' ' | '\t'..='\r');
    let mut chars = text.chars().peekable();
    let mut pairs = Vec::new();
    loop {
        while chars.next_if(|c| blank(c) || *c == ',').is_some() {}
        let Some(first) = chars.next() else { return Ok(pairs) };
        let name = match first {
            '"' => quoted(&mut chars, '"').ok_or_else(wrong)?,
            first => {
                let mut name = String::from(first);
                while let Some(c) = chars.next_if(|c| !blank(c) && *c != '=') {
                    name.push(c);
                }
                name
            }
        };
        while chars.next_if(blank).is_some() {}
        if chars.next() != Some('=') {
            return Err(wrong());
        }
        while chars.next_if(blank).is_some() {}
        let value = match chars.next().ok_or_else(wrong)? {
            quote @ ('\'' | '"') => quoted(&mut chars, quote).ok_or_else(wrong)?,
            'E' if chars.next_if_eq(&'\'').is_some() => quoted(&mut chars, '\'').ok_or_else(wrong)?,
            first => {
                let mut value = String::from(first);
                while let Some(c) = chars.next_if(|c| !blank(c) && *c != ',') {
                    value.push(c);
                }
                value
            }
        };
        pairs.push((name, value));
    }
}

/// What follows a quote, up to the next one; doubled ones are one. None: there is no next one.
fn quoted(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, quote: char) -> Option<String> {
    let mut value = String::new();
    loop {
        let c = chars.next()?;
        if c == quote && chars.next_if_eq(&quote).is_none() {
            return Some(value);
        }
        if c == '\\' && quote == '\'' {
            chars.next_if_eq(&'\\');
        }
        value.push(c);
    }
}
