//! From documents to tsvectors, and from what people write to queries.
//!
//! ```
//! use remanent_text::config::Config;
//! use remanent_text::document::{to_query, to_vector, Notation};
//! let vector = to_vector(Config::standard(), &["The cats were fighting"]).unwrap();
//! assert_eq!(remanent_text::vector::print(&vector), "'cat':2 'fight':4");
//! let (query, _) = to_query(Config::standard(), Notation::Web, "\"fighting cat\" or -dog").unwrap();
//! assert_eq!(remanent_text::query::print(&query), "'fight' <-> 'cat' | !'dog'");
//! ```
//!
//! Limits: what is 2 KB long is no word.

use crate::config::{Config, Lexed};
use crate::error::Result;
use crate::parser::Parser;
use crate::query::{Empty, Item, Marks, Parts, Sort, assemble};
use crate::vector::{Builder, LEXEME_MAX, POSITION_MAX, without_zero};

/// How a query is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notation {
    /// `to_tsquery`: words and operators.
    Query,
    /// `plainto_tsquery`: all words must be there.
    Plain,
    /// `phraseto_tsquery`: one behind the other.
    Phrase,
    /// `websearch_to_tsquery`: as one types into a search box.
    Web,
}

/// The lexemes of a text, one after the other: None for a stop word.
fn lexemes(config: Config, text: &str, f: &mut dyn FnMut(Option<&str>) -> Result<()>) -> Result<()> {
    let mut buffer = String::with_capacity(32);
    for token in Parser::new(without_zero(text)).filter(|token| token.text.len() < LEXEME_MAX) {
        match config.lex_in(token.kind, token.text, &mut buffer) {
            Lexed::Ignored => {}
            Lexed::Stop => f(None)?,
            Lexed::Lexeme(lexeme) => f(Some(lexeme))?,
        }
    }
    Ok(())
}

/// The tsvector of a document of some texts; between two of them is a gap of one position. 54000 if it is too large.
pub fn to_vector(config: Config, texts: &[&str]) -> Result<Vec<u8>> {
    let mut builder = Builder::new();
    builder.reserve(texts.iter().map(|text| text.len()).sum());
    for text in texts {
        let before = builder.len();
        lexemes(config, text, &mut |lexeme| {
            builder.advance();
            lexeme.map_or(Ok(()), |lexeme| builder.push(lexeme))
        })?;
        if texts.len() > 1 && builder.len() > before {
            builder.advance();
        }
    }
    builder.finish()
}

/// The tsquery that someone wrote, its words made lexemes; and why it is empty, if it is. 42601 for what cannot be read
/// (never for [`Notation::Web`]), 54000 if it is too large.
pub fn to_query(config: Config, notation: Notation, text: &str) -> Result<(Vec<u8>, Option<Empty>)> {
    let (sort, between) = match notation {
        Notation::Query => (Sort::Query, Item::Phrase(1)),
        Notation::Web => (Sort::Web, Item::Phrase(1)),
        Notation::Plain => (Sort::Plain, Item::And),
        Notation::Phrase => (Sort::Plain, Item::Phrase(1)),
    };
    assemble(text, sort, &mut |parts, word, marks| add_words(config, between, parts, word, marks))
}

/// Adds the lexemes of a piece of a query, with an operator between two of them; stop words leave gaps, save at the ends.
fn add_words(
    config: Config,
    between: Item<'static>,
    parts: &mut Parts,
    text: &str,
    marks: Marks,
) -> Result<()> {
    let (mut position, mut last, mut added) = (0, 0, 0usize);
    lexemes(config, text, &mut |lexeme| {
        position = POSITION_MAX.min(position + 1);
        let Some(lexeme) = lexeme else { return Ok(()) };
        while last > 0 && last + 1 < position {
            parts.gap();
            parts.operator(between);
            last += 1;
        }
        parts.word(lexeme, marks)?;
        if added > 0 {
            parts.operator(between);
        }
        last = position;
        added += 1;
        Ok(())
    })?;
    if added == 0 {
        parts.gap();
    }
    Ok(())
}
