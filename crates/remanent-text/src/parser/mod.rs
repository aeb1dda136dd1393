//! The parser of documents: text into tokens, as PostgreSQL's default parser finds them.
//!
//! ```text
//! Fly-by at 3.5e3 m, see http://a.org/x?y   →
//!     asciihword Fly-by, hword_asciipart Fly, blank -, hword_asciipart by, blank, asciiword at, …, sfloat 3.5e3, …,
//!     protocol http://, url a.org/x?y, host a.org, url_path /x?y
//! ```
//!
//! A machine of states reads character by character. Each state is a list of [`rules::Rule`]s; the first one whose class
//! the character is of says what to do. A rule may *try*: go on as if, and come back here to the next rule when that leads
//! nowhere. So a token is the first that some path of tries accepts, and its type is what the path says. Compound tokens (a
//! word with hyphens, a URL) are followed by their parts: the machine goes back to the compound's begin.
//!
//! Every character of the text is in some token, save those of compounds, which are in two. Limits: letters are what Unicode
//! calls alphabetic, whatever the locale, plus all digits beyond ASCII; addresses within addresses are looked into
//! 32 deep.

mod marks;
mod plain;
mod rules;
mod states;

use rules::{Class, Rule, Then};
use states::{BASE, IN_URL_PATH_FIRST, State};

/// How many addresses deep an address is looked into.
const NESTED_MAX: u8 = 32;

/// What a token is. The numbers are PostgreSQL's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "KINDS describes them")]
pub enum Kind {
    AsciiWord = 1,
    Word,
    NumWord,
    Email,
    Url,
    Host,
    Scientific,
    Version,
    NumWordPart,
    WordPart,
    AsciiWordPart,
    Blank,
    Tag,
    Protocol,
    NumHyphenated,
    AsciiHyphenated,
    Hyphenated,
    UrlPath,
    File,
    Decimal,
    Int,
    Uint,
    Entity,
}

/// The kinds by their number, from 1 on: the name and the description that `ts_token_type` shows.
pub const KINDS: [(Kind, &str, &str); 23] = [
    (Kind::AsciiWord, "asciiword", "Word, all ASCII"),
    (Kind::Word, "word", "Word, all letters"),
    (Kind::NumWord, "numword", "Word, letters and digits"),
    (Kind::Email, "email", "Email address"),
    (Kind::Url, "url", "URL"),
    (Kind::Host, "host", "Host"),
    (Kind::Scientific, "sfloat", "Scientific notation"),
    (Kind::Version, "version", "Version number"),
    (Kind::NumWordPart, "hword_numpart", "Hyphenated word part, letters and digits"),
    (Kind::WordPart, "hword_part", "Hyphenated word part, all letters"),
    (Kind::AsciiWordPart, "hword_asciipart", "Hyphenated word part, all ASCII"),
    (Kind::Blank, "blank", "Space symbols"),
    (Kind::Tag, "tag", "XML tag"),
    (Kind::Protocol, "protocol", "Protocol head"),
    (Kind::NumHyphenated, "numhword", "Hyphenated word, letters and digits"),
    (Kind::AsciiHyphenated, "asciihword", "Hyphenated word, all ASCII"),
    (Kind::Hyphenated, "hword", "Hyphenated word, all letters"),
    (Kind::UrlPath, "url_path", "URL path"),
    (Kind::File, "file", "File or path name"),
    (Kind::Decimal, "float", "Decimal notation"),
    (Kind::Int, "int", "Signed integer"),
    (Kind::Uint, "uint", "Unsigned integer"),
    (Kind::Entity, "entity", "XML entity"),
];

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// The piece.
    pub text: &'a str,
}

/// Where the machine is, and where it comes back to.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// The byte it reads next.
    at: usize,
    /// How long the token is so far: in bytes, in characters.
    bytes: usize,
    chars: usize,
    state: State,
    /// The rule from which it tried; the next one is due when it comes back.
    tried: Option<usize>,
}

/// The tokens of a text.
#[derive(Debug, Clone)]
pub struct Parser<'a> {
    text: &'a str,
    /// Where the token began.
    begin: usize,
    place: Place,
    /// Places to come back to, the last one first.
    back: Vec<Place>,
    /// A host is sought, and its path thereafter.
    want_host: bool,
    /// Within a script or a style sheet: all is blank.
    ignore: bool,
    nested: u8,
}

impl<'a> Parser<'a> {
    /// The tokens of that text.
    pub fn new(text: &'a str) -> Self {
        let place = Place { at: 0, bytes: 0, chars: 0, state: BASE, tried: None };
        Parser { text, begin: 0, place, back: Vec::new(), want_host: false, ignore: false, nested: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.place.at..).unwrap_or_default()
    }

    /// Reads on to the end of a token: its kind, its length in bytes and in characters.
    fn step(&mut self) -> Option<(Kind, usize, usize)> {
        if self.rest().is_empty() {
            return None;
        }
        self.begin = self.place.at;
        let plain = self.place.state == BASE && !self.ignore;
        if let Some((kind, len)) = plain.then(|| plain::token(self.rest().as_bytes())).flatten() {
            self.place.at += len;
            return Some((kind, len, len));
        }
        self.run()
    }

    /// Has the machine read a token.
    fn run(&mut self) -> Option<(Kind, usize, usize)> {
        self.place.tried = None;
        loop {
            let c = self.rest().chars().next();
            let mut number = self.place.tried.take().map_or(0, |tried| tried + 1);
            let rule = loop {
                // The last rule of each state is of any character.
                let rule = self.place.state.rules().get(number)?;
                if self.is(rule.class, c) {
                    break rule;
                }
                number += 1;
            };
            let width = self.rest().chars().next().map_or(0, char::len_utf8);
            if let Some(found) = self.act(rule, number) {
                return Some(found);
            }
            if rule.then == Then::Rerun {
                continue;
            }
            if self.rest().is_empty() {
                return None;
            }
            if rule.then != Then::Back {
                self.place.at += width;
                self.place.bytes += width;
                self.place.chars += usize::from(width > 0);
            }
        }
    }

    /// Does what a rule says, save for going on to the next character. Returns the token that it completes.
    fn act(&mut self, rule: &Rule, number: usize) -> Option<(Kind, usize, usize)> {
        self.do_special(rule);
        let (bytes, chars) = (self.place.bytes, self.place.chars);
        if rule.token.is_some() {
            (self.place.bytes, self.place.chars) = (0, 0);
        }
        match rule.then {
            Then::Go | Then::Rerun => {}
            Then::Back => self.place = self.back.pop()?,
            Then::Try => {
                self.back.push(Place { tried: Some(number), ..self.place });
            }
            Then::Commit => {
                self.back.pop();
            }
            Then::CommitAll => self.back.clear(),
            Then::Merge => {
                let before = self.back.pop()?;
                self.place = Place { state: before.state, tried: None, ..self.place };
            }
        }
        if let Some(to) = rule.to {
            self.place.state = to;
        }
        rule.token.map(|kind| (kind, bytes, chars))
    }

    fn do_special(&mut self, rule: &Rule) {
        match rule.special {
            rules::Special::None => {}
            rules::Special::Tag => self.note_tag(),
            rules::Special::Url => {
                self.want_host = true;
                self.place.at -= self.place.bytes;
            }
            rules::Special::Rewind => self.place.at -= self.place.bytes,
            rules::Special::Restart => {
                self.place.at -= self.place.bytes;
                (self.place.bytes, self.place.chars) = (0, 0);
            }
        }
    }

    /// Scripts and style sheets are no text.
    fn note_tag(&mut self) {
        let read = self.text.get(self.begin..self.place.at).unwrap_or_default();
        for (tag, ignore) in [("<script", true), ("<style", true), ("</script", false), ("</style", false)] {
            if self.place.chars == tag.len() && read.eq_ignore_ascii_case(tag) {
                self.ignore = ignore;
            }
        }
    }

    /// True if the next character (none at the end) is of that class. Classes that are whole tokens read them.
    fn is(&mut self, class: Class, c: Option<char>) -> bool {
        match class {
            Class::Any => true,
            Class::Ignored => self.ignore,
            Class::StopHost => std::mem::take(&mut self.want_host),
            Class::Host => self.nested_token(BASE, Kind::Host),
            Class::UrlPath => self.nested_token(IN_URL_PATH_FIRST, Kind::UrlPath),
            class => class.has(c),
        }
    }

    /// If a token of that kind comes here, reads it.
    fn nested_token(&mut self, state: State, kind: Kind) -> bool {
        if self.nested == NESTED_MAX {
            return false;
        }
        let mut parser = Parser::new(self.rest());
        parser.nested = self.nested + 1;
        parser.place.state = state;
        parser.want_host = kind == Kind::Host;
        if kind == Kind::UrlPath {
            parser.back.push(Place { state: BASE, ..parser.place });
        }
        match parser.step() {
            Some((found, bytes, chars)) if found == kind => {
                self.place.at += bytes;
                self.place.bytes += bytes;
                self.place.chars += chars;
                true
            }
            _ => false,
        }
    }
}

impl<'a> Iterator for Parser<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let (kind, bytes, _) = self.step()?;
        Some(Token { kind, text: self.text.get(self.begin..self.begin + bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens of a text as the machine alone reads them.
    fn by_the_machine(text: &str) -> Vec<(Kind, &str)> {
        let (mut parser, mut tokens) = (Parser::new(text), Vec::new());
        while !parser.rest().is_empty() {
            parser.begin = parser.place.at;
            let Some((kind, bytes, _)) = parser.run() else { break };
            tokens.push((kind, &text[parser.begin..parser.begin + bytes]));
        }
        tokens
    }

    #[test]
    fn what_is_plain_is_read_as_the_machine_does() {
        let pieces = "a b cat Fat9 7 . , ; : ' \" ! ? ( ) - -- _ @ / // + & &amp; ~ < > <b> <script> </script> http:// \u{e9} \u{301} \u{660} \n = # % * $";
        let pieces: Vec<&str> = pieces.split(' ').chain([" ", " ", "  ", "\0"]).collect();
        let mut seed = 1u64;
        let mut below = |n: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % n
        };
        for _ in 0..30_000 {
            let text: String = (0..1 + below(12)).map(|_| pieces[below(pieces.len())]).collect();
            let tokens: Vec<(Kind, &str)> =
                Parser::new(&text).map(|token| (token.kind, token.text)).collect();
            assert_eq!(tokens, by_the_machine(&text), "{text:?}");
        }
    }
}
