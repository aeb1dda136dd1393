//! `ts_headline`: the part of a document that shows why it was found, the words of the query marked.
//!
//! The document is read again, token by token. Tokens that are words of the query are *hits*; a *cover* is a stretch from hit to
//! hit that satisfies the query. Without fragments the best cover is shown, made longer or shorter to end well; with
//! fragments, the best pieces of covers, each with what stands around it. All choices are PostgreSQL's.
//!
//! Compound tokens (a word with hyphens, a URL) are not shown, since their parts follow.

mod options;
mod select;

pub use options::Options;

use crate::config::{Config, Lexed};
use crate::matching::{Matcher, Source, Truth};
use crate::parser::{Kind, Parser};
use crate::query::{Item, Operand};
use crate::vector::{LEXEME_MAX, POSITION_MAX};

/// A token of the document. One that is several words of the query stands there several times, all but the first *repeated*.
#[derive(Debug, Clone, Copy)]
struct Token<'t> {
    kind: Kind,
    text: &'t str,
    /// The word of the query that it is: the number of its item.
    hit: Option<usize>,
    place: u32,
    repeated: bool,
    /// It belongs to what is shown.
    shown: bool,
}

impl Token<'_> {
    /// Compounds and what is no word do not count.
    fn is_word(&self) -> bool {
        !matches!(self.kind, Kind::Blank | Kind::Tag) && !self.is_compound()
    }

    fn is_compound(&self) -> bool {
        matches!(self.kind, Kind::Url | Kind::NumHyphenated | Kind::AsciiHyphenated | Kind::Hyphenated)
    }

    fn is_interesting(&self) -> bool {
        self.hit.is_some() && !self.repeated
    }

    /// Nothing to end with, unless it is interesting.
    fn ends_badly(&self, short: i32) -> bool {
        let number = matches!(
            self.kind,
            Kind::Scientific
                | Kind::Version
                | Kind::Decimal
                | Kind::Int
                | Kind::Uint
                | Kind::Protocol
                | Kind::Entity
        );
        (!self.is_word() || number || self.text.len() as i64 <= i64::from(short)) && !self.is_interesting()
    }
}

/// A document in tokens.
struct Document<'t> {
    tokens: Vec<Token<'t>>,
    /// Asked now and then; false: what is found from here on is not wanted.
    goes_on: &'t dyn Fn() -> bool,
}

impl<'t> Document<'t> {
    fn read(config: Config, matcher: &Matcher<'_>, text: &'t str, goes_on: &'t dyn Fn() -> bool) -> Self {
        let mut document = Document { tokens: Vec::new(), goes_on };
        let mut place = 0;
        for token in Parser::new(text).filter(|token| token.text.len() < LEXEME_MAX) {
            if document.tokens.len() % 1024 == 1023 && !goes_on() {
                break;
            }
            let (kind, text) = (token.kind, token.text);
            let lexed = config.lex(kind, text);
            if lexed != Lexed::Ignored {
                place = POSITION_MAX.min(place + 1);
            }
            let token = Token { kind, text, hit: None, place, repeated: false, shown: false };
            document.tokens.push(token);
            if let Lexed::Lexeme(lexeme) = lexed {
                document.hit(token, matcher, lexeme.as_bytes());
            }
        }
        document
    }

    /// Notes which words of the query the last token is.
    fn hit(&mut self, token: Token<'t>, matcher: &Matcher<'_>, lexeme: &[u8]) {
        for (i, item) in matcher.items.iter().enumerate() {
            let Item::Word(word) = item else { continue };
            let is = word.names(lexeme);
            if !is {
                continue;
            }
            match self.tokens.last_mut().filter(|last| last.hit.is_none()) {
                Some(last) => last.hit = Some(i),
                None => self.tokens.push(Token { hit: Some(i), repeated: true, ..token }),
            }
        }
    }

    /// The first hit at or behind a token.
    fn next_hit(&self, from: usize) -> Option<usize> {
        let rest = self.tokens.get(from..)?;
        rest.iter().position(|token| token.hit.is_some()).map(|i| from + i)
    }

    /// The first and shortest cover that begins at or behind a token, of at most so many tokens.
    fn cover(&self, matcher: &Matcher<'_>, from: usize, most: usize) -> Option<(usize, usize)> {
        let mut first = self.next_hit(from);
        // Where the longest stretch does not hold, no shorter one does.
        let hopeless = |begin: usize| {
            let end = begin.saturating_add(most).min(self.tokens.len());
            matcher.is_monotone() && !matcher.holds(&Stretch(&self.tokens[begin..end]))
        };
        while let Some(begin) = first.filter(|_| (self.goes_on)()) {
            if hopeless(begin) {
                first = self.next_hit(begin + 1);
                continue;
            }
            let mut last = Some(begin);
            while let Some(end) = last.filter(|end| end - begin < most && (self.goes_on)()) {
                if matcher.holds(&Stretch(&self.tokens[begin..=end])) {
                    return Some((begin, end));
                }
                last = self.next_hit(end + 1);
            }
            first = self.next_hit(begin + 1);
        }
        None
    }
}

/// A piece of a document, to be asked.
struct Stretch<'a>(&'a [Token<'a>]);

impl Source for Stretch<'_> {
    fn look(&self, at: usize, _: &Operand<'_>, places: Option<&mut Vec<u32>>) -> Truth {
        let mut hits = self.0.iter().filter(|token| token.hit == Some(at)).map(|token| token.place);
        let Some(places) = places else {
            return if hits.next().is_some() { Truth::Yes } else { Truth::No };
        };
        for place in hits {
            if places.last().is_none_or(|&last| last < place) {
                places.push(place);
            }
        }
        if places.is_empty() { Truth::No } else { Truth::Yes }
    }
}

/// The headline of a document.
///
/// ```
/// use remanent_text::{config::Config, headline::{Options, headline}, query};
/// let query = query::parse("cat").unwrap().0;
/// let shown = headline(Config::standard(), "The cats sat", &query, &Options::default());
/// assert_eq!(shown, "The <b>cats</b> sat");
/// ```
pub fn headline(config: Config, text: &str, query: &[u8], options: &Options) -> String {
    headline_while(config, text, query, options, &|| true)
}

/// The same; once `goes_on` says no, it ends soon, and what it returns is no headline. The time that it takes grows with the
/// document times the longest stretch.
pub fn headline_while(
    config: Config,
    text: &str,
    query: &[u8],
    options: &Options,
    goes_on: &dyn Fn() -> bool,
) -> String {
    let matcher = Matcher::new(query);
    let mut document = Document::read(config, &matcher, text, goes_on);
    match options.max_fragments {
        0 => select::show_best(&mut document, &matcher, options),
        _ => select::show_fragments(&mut document, &matcher, options),
    }
    let mut out = String::new();
    let (mut fragments, mut within) = (0, false);
    for token in document.tokens.iter().filter(|token| !token.repeated) {
        if !token.shown {
            within = false;
            continue;
        }
        if !within {
            within = true;
            fragments += 1;
            if fragments > 1 {
                out.push_str(&options.delimiter);
            }
        }
        if token.kind == Kind::Tag && !options.highlight_all {
            out.push(' ');
        } else if !token.is_compound() {
            match token.hit {
                None => out.push_str(token.text),
                Some(_) => {
                    [&options.start, token.text, &options.stop].iter().for_each(|part| out.push_str(part));
                }
            }
        }
    }
    out
}
