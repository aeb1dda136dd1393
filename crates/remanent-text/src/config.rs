//! Configurations: what becomes of the tokens of a document.
//!
//! ```text
//! english:  asciiword "Waiting" → waiting → no stop word → wait
//!           asciiword "The"     → the → a stop word: nothing, but a position is counted
//!           version "1.2.3"     → 1.2.3 (numbers, addresses and the like only become lower case)
//!           blank ", "          → nothing, no position
//! ```
//!
//! There is one for each language that PostgreSQL 15 knows, and beside it one that folds accents before it looks for stop words
//! and stems, `french_unaccent` beside `french`: what in PostgreSQL is made by `CREATE TEXT SEARCH CONFIGURATION … (COPY = french)` and
//! `ALTER MAPPING FOR hword, hword_part, word WITH unaccent, french_stem`. Limits: of ten of those the stemmer does not exist here
//! ([`Unknown::Unsupported`]); without the feature `snowball` there is only `simple`.

use crate::accents;
use crate::parser::{KINDS, Kind};
#[cfg(feature = "snowball")]
use crate::stems;
#[cfg(feature = "snowball")]
use std::sync::OnceLock;

/// What reduces a word in lower case to its stem.
#[cfg(feature = "snowball")]
type Algorithm = rust_stemmers::Algorithm;
#[cfg(not(feature = "snowball"))]
type Algorithm = std::convert::Infallible;

struct Language {
    /// Of the configuration that folds accents: that of the other and [`FOLDING`].
    name: &'static str,
    /// Ascending, between blanks.
    #[cfg(feature = "snowball")]
    stop_words: &'static str,
    /// None: words stay as they are.
    stemmer: Option<Algorithm>,
    /// The place of the language of words that are all ASCII.
    ascii: usize,
}

const SIMPLE: Language = Language {
    name: "simple_unaccent",
    #[cfg(feature = "snowball")]
    stop_words: "",
    stemmer: None,
    ascii: 0,
};

#[cfg(feature = "snowball")]
macro_rules! language {
    ($name:literal, $algorithm:ident, $ascii:literal) => {
        language!($name, $algorithm, $ascii, "")
    };
    ($name:literal, $algorithm:ident, $ascii:literal, stops) => {
        language!($name, $algorithm, $ascii, include_str!(concat!("../stopwords/", $name, ".txt")))
    };
    ($name:literal, $algorithm:ident, $ascii:literal, $stops:expr) => {
        Language {
            name: concat!($name, "_unaccent"),
            stop_words: $stops,
            stemmer: Some(Algorithm::$algorithm),
            ascii: $ascii,
        }
    };
}

/// The names of each language's place here may be stored by nobody: [`Config::name`] is what lasts.
#[cfg(feature = "snowball")]
static LANGUAGES: [Language; 19] = [
    SIMPLE,
    language!("arabic", Arabic, 1),
    language!("danish", Danish, 2, stops),
    language!("dutch", Dutch, 3, stops),
    language!("english", English, 4, stops),
    language!("finnish", Finnish, 5, stops),
    language!("french", French, 6, stops),
    language!("german", German, 7, stops),
    language!("greek", Greek, 8),
    language!("hungarian", Hungarian, 9, stops),
    language!("italian", Italian, 10, stops),
    language!("norwegian", Norwegian, 11, stops),
    language!("portuguese", Portuguese, 12, stops),
    language!("romanian", Romanian, 13),
    language!("russian", Russian, 4, stops),
    language!("spanish", Spanish, 15, stops),
    language!("swedish", Swedish, 16, stops),
    language!("tamil", Tamil, 17),
    language!("turkish", Turkish, 18, stops),
];
#[cfg(not(feature = "snowball"))]
static LANGUAGES: [Language; 1] = [SIMPLE];

/// The configurations of PostgreSQL 15 that are not here.
const UNSUPPORTED: &str = "armenian basque catalan hindi indonesian irish lithuanian nepali serbian yiddish";
#[cfg(not(feature = "snowball"))]
const LEFT_OUT: &str = "arabic danish dutch english finnish french german greek hungarian italian norwegian portuguese romanian \
    russian spanish swedish tamil turkish";

/// A longer word is not stemmed.
#[cfg(feature = "snowball")]
const STEM_MAX: usize = 1000;

/// How the name of a configuration ends that folds accents.
pub const FOLDING: &str = "_unaccent";
/// The bit of such a configuration.
const FOLDS: u8 = 1 << 7;

/// A configuration: the place of a language, and [`FOLDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config(u8);

/// Why there is no configuration of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// PostgreSQL has none of that name either.
    Missing,
    /// PostgreSQL has it.
    Unsupported,
}

/// What becomes of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lexed<S = String> {
    /// Nothing: it is not looked at.
    Ignored,
    /// A word that says nothing; its position counts.
    Stop,
    /// A lexeme.
    Lexeme(S),
}

impl Config {
    /// Words as they are, in lower case.
    pub const SIMPLE: Config = Config(0);

    /// The configuration of that name, in lower case.
    pub fn named(name: &str) -> Result<Self, Unknown> {
        let (name, folds) = match name.strip_suffix(FOLDING) {
            Some(plain) => (plain, FOLDS),
            None => (name, 0),
        };
        let named = |language: &Language| language.name.strip_suffix(FOLDING) == Some(name);
        if let Some(at) = LANGUAGES.iter().position(named) {
            return Ok(Config(at as u8 | folds));
        }
        let known = |list: &str| list.split(' ').any(|known| known == name);
        #[cfg(not(feature = "snowball"))]
        if known(LEFT_OUT) {
            return Err(Unknown::Unsupported);
        }
        Err(if known(UNSUPPORTED) { Unknown::Unsupported } else { Unknown::Missing })
    }

    /// Those that PostgreSQL has too.
    pub fn all() -> impl Iterator<Item = Config> {
        (0..LANGUAGES.len() as u8).map(Config)
    }

    /// English, or `simple` where that does not exist.
    pub fn standard() -> Self {
        Config::named("english").unwrap_or(Config::SIMPLE)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        let name = self.language().name;
        if self.0 & FOLDS != 0 { name } else { name.strip_suffix(FOLDING).unwrap_or(name) }
    }

    fn place(self) -> usize {
        usize::from(self.0 & !FOLDS)
    }

    fn language(self) -> &'static Language {
        LANGUAGES.get(self.place()).unwrap_or(&SIMPLE)
    }

    /// True if it folds the accents of tokens of that kind.
    pub fn folds(self, kind: Kind) -> bool {
        self.0 & FOLDS != 0 && matches!(kind, Kind::Word | Kind::Hyphenated | Kind::WordPart)
    }

    /// The place of the language whose stems tokens of that kind become. None: they are not looked at.
    fn dictionary(self, kind: Kind) -> Option<usize> {
        match kind {
            Kind::Blank | Kind::Tag | Kind::Protocol | Kind::Entity => None,
            Kind::AsciiWord | Kind::AsciiHyphenated | Kind::AsciiWordPart => Some(self.language().ascii),
            Kind::Word | Kind::Hyphenated | Kind::WordPart => Some(self.place()),
            _ => Some(0),
        }
    }

    /// The name of the dictionary that tokens of that kind are given to.
    pub fn dictionary_name(self, kind: Kind) -> Option<String> {
        let place = self.dictionary(kind)?;
        let name = Config(place as u8).name();
        let stems = LANGUAGES.get(place)?.stemmer.is_some();
        Some(if stems { format!("{name}_stem") } else { name.to_owned() })
    }

    /// What becomes of a token.
    pub fn lex(self, kind: Kind, text: &str) -> Lexed {
        let mut buffer = String::new();
        match self.lex_in(kind, text, &mut buffer) {
            Lexed::Ignored => Lexed::Ignored,
            Lexed::Stop => Lexed::Stop,
            Lexed::Lexeme(_) => Lexed::Lexeme(buffer),
        }
    }

    /// The same, in a buffer.
    pub(crate) fn lex_in<'a>(self, kind: Kind, text: &str, buffer: &'a mut String) -> Lexed<&'a str> {
        buffer.clear();
        let found = match self.dictionary(kind) {
            None => return Lexed::Ignored,
            Some(language) if self.folds(kind) => {
                let mut plain = String::with_capacity(text.len());
                accents::fold(text, &mut plain);
                !plain.is_empty() && write_lexeme(language, &plain, buffer)
            }
            Some(language) => write_lexeme(language, text, buffer),
        };
        if found { Lexed::Lexeme(buffer) } else { Lexed::Stop }
    }
}

/// Appends a word in lower case, character by character.
fn lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        return out.make_ascii_lowercase();
    }
    out.extend(text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)));
}

/// Appends what a word becomes to an empty text; false for a stop word.
#[cfg(feature = "snowball")]
fn write_lexeme(place: usize, text: &str, out: &mut String) -> bool {
    let stemmer = LANGUAGES.get(place).and_then(|language| language.stemmer);
    let Some(stemmer) = stemmer else {
        lower(text, out);
        return true;
    };
    let key = stems::key(place, text);
    if let Some(known) = key.and_then(|key| stems::recall(key, out)) {
        return known;
    }
    lower(text, out);
    if out.len() > STEM_MAX {
        return true;
    }
    let stops = out.is_empty() || stop_words(place).binary_search(&out.as_str()).is_ok();
    if !stops && let Some(stem) = stem(stemmer, out) {
        *out = stem;
    }
    if let Some(key) = key {
        stems::remember(key, (!stops).then_some(out.as_str()));
    }
    !stops
}

#[cfg(not(feature = "snowball"))]
fn write_lexeme(_: usize, text: &str, out: &mut String) -> bool {
    lower(text, out);
    true
}

#[cfg(feature = "snowball")]
fn stop_words(place: usize) -> &'static [&'static str] {
    static SORTED: [OnceLock<Vec<&'static str>>; LANGUAGES.len()] =
        [const { OnceLock::new() }; LANGUAGES.len()];
    match (SORTED.get(place), LANGUAGES.get(place)) {
        (Some(cell), Some(language)) => {
            cell.get_or_init(|| language.stop_words.split_ascii_whitespace().collect())
        }
        _ => &[],
    }
}

/// The stem, if it is another than the word.
#[cfg(feature = "snowball")]
fn stem(algorithm: Algorithm, word: &str) -> Option<String> {
    match rust_stemmers::Stemmer::create(algorithm).stem(word) {
        std::borrow::Cow::Owned(stem) if !stem.is_empty() => Some(stem),
        std::borrow::Cow::Borrowed(stem) if !stem.is_empty() && stem.len() < word.len() => {
            Some(stem.to_owned())
        }
        _ => None,
    }
}

/// The name and the description of a kind of token.
pub fn describe(kind: Kind) -> (&'static str, &'static str) {
    KINDS.get(kind as usize - 1).map_or(("", ""), |&(_, name, description)| (name, description))
}
