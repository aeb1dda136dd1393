//! The states of the machine: each line is a rule of `rules`.
//!
//! A state named `IN_…` has read something of what it is named after; one named `…_FIRST` has read what comes before it.
//! At the end of the text only `End` and `Any` hold, and what depends on no character.

use super::Kind;
use super::rules::Class::*;
use super::rules::Special;
use super::rules::{Rule, attempt, back, certain, commit, go, merge, rerun, stay, sure, token};

/// A state, by its number in [`STATES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct State(u8);

impl State {
    /// What it does.
    pub(super) fn rules(self) -> &'static [Rule] {
        STATES.get(usize::from(self.0)).copied().unwrap_or_default()
    }
}

pub(super) const BASE: State = State(0);
const IN_NUM_WORD: State = State(1);
const IN_ASCII_WORD: State = State(2);
const IN_WORD: State = State(3);
const IN_UINT: State = State(4);
const INT_FIRST: State = State(5);
const IN_INT: State = State(6);
const IN_SPACE: State = State(7);
const UDECIMAL_FIRST: State = State(8);
const IN_UDECIMAL: State = State(9);
const DECIMAL_FIRST: State = State(10);
const IN_DECIMAL: State = State(11);
const SIGNED_VERSION: State = State(12);
const SIGN_OF_VERSION: State = State(13);
const VERSION_FIRST: State = State(14);
const IN_VERSION: State = State(15);
const MANTISSA_FIRST: State = State(16);
const MANTISSA_SIGN: State = State(17);
const IN_MANTISSA: State = State(18);
const ENTITY_FIRST: State = State(19);
const IN_ENTITY: State = State(20);
const ENTITY_NUM_FIRST: State = State(21);
const ENTITY_HEX_FIRST: State = State(22);
const IN_ENTITY_NUM: State = State(23);
const IN_ENTITY_HEX: State = State(24);
const ENTITY_END: State = State(25);
const TAG_FIRST: State = State(26);
const XML_BEGIN: State = State(27);
const TAG_CLOSE: State = State(28);
const IN_TAG_NAME: State = State(29);
const TAG_SLASH: State = State(30);
const IN_TAG: State = State(31);
const IN_TAG_QUOTED: State = State(32);
const IN_TAG_DOUBLE_QUOTED: State = State(33);
const IN_TAG_ESCAPED: State = State(34);
const TAG_END: State = State(35);
const COMMENT_FIRST: State = State(36);
const COMMENT_SECOND: State = State(37);
const IN_COMMENT: State = State(38);
const COMMENT_DASH: State = State(39);
const COMMENT_DASHES: State = State(40);
const HOST_DOMAIN_FIRST: State = State(41);
const HOST_DOMAIN_SECOND: State = State(42);
const IN_HOST_DOMAIN: State = State(43);
const PORT_FIRST: State = State(44);
const IN_PORT: State = State(45);
const HOST_FIRST: State = State(46);
const IN_HOST: State = State(47);
const IN_EMAIL: State = State(48);
const FILE_FIRST: State = State(49);
const IN_FILE_TILDE: State = State(50);
const PATH_FIRST: State = State(51);
const PATH_DOT: State = State(52);
const PATH_SECOND: State = State(53);
const IN_FILE: State = State(54);
const FILE_NEXT: State = State(55);
pub(super) const IN_URL_PATH_FIRST: State = State(56);
const URL_PATH_START: State = State(57);
const IN_URL_PATH: State = State(58);
const URL_AT_PATH: State = State(59);
const PROTOCOL_FIRST: State = State(60);
const PROTOCOL_SECOND: State = State(61);
const PROTOCOL_END: State = State(62);
const HYPHEN_ASCII_FIRST: State = State(63);
const IN_HYPHEN_ASCII: State = State(64);
const HYPHEN_WORD_FIRST: State = State(65);
const IN_HYPHEN_WORD: State = State(66);
const HYPHEN_NUM_FIRST: State = State(67);
const IN_HYPHEN_NUM: State = State(68);
const HYPHEN_DIGITS: State = State(69);
const PARTS: State = State(70);
const HYPHEN_PART: State = State(71);
const IN_WORD_PART: State = State(72);
const IN_ASCII_PART: State = State(73);
const IN_NUM_PART: State = State(74);
const IN_UINT_PART: State = State(75);

static STATES: &[&[Rule]] = &[
    // BASE: between tokens.
    &[
        stay(End),
        attempt(Is(b'<'), TAG_FIRST),
        go(Ignored, IN_SPACE),
        go(AsciiLetter, IN_ASCII_WORD),
        go(Letter, IN_WORD),
        go(Digit, IN_UINT),
        attempt(Is(b'-'), INT_FIRST),
        attempt(Is(b'+'), INT_FIRST),
        attempt(Is(b'&'), ENTITY_FIRST),
        attempt(Is(b'~'), IN_FILE_TILDE),
        attempt(Is(b'/'), FILE_FIRST),
        attempt(Is(b'.'), PATH_DOT),
        go(Any, IN_SPACE),
    ],
    // IN_NUM_WORD: letters and digits.
    &[
        stay(Alnum),
        stay(Mark),
        attempt(Is(b'@'), IN_EMAIL),
        attempt(Is(b'/'), FILE_FIRST),
        attempt(Is(b'.'), FILE_NEXT),
        attempt(Is(b'-'), HYPHEN_NUM_FIRST),
        token(Any, Kind::NumWord, BASE),
    ],
    // IN_ASCII_WORD
    &[
        stay(AsciiLetter),
        attempt(Is(b'.'), HOST_DOMAIN_FIRST),
        attempt(Is(b'.'), FILE_NEXT),
        attempt(Is(b'-'), HOST_FIRST),
        attempt(Is(b'-'), HYPHEN_ASCII_FIRST),
        attempt(Is(b'_'), HOST_FIRST),
        attempt(Is(b'@'), IN_EMAIL),
        attempt(Is(b':'), PROTOCOL_FIRST),
        attempt(Is(b'/'), FILE_FIRST),
        attempt(Digit, IN_HOST),
        go(Digit, IN_NUM_WORD),
        go(Letter, IN_WORD),
        go(Mark, IN_WORD),
        token(Any, Kind::AsciiWord, BASE),
    ],
    // IN_WORD
    &[
        stay(Letter),
        stay(Mark),
        go(Digit, IN_NUM_WORD),
        attempt(Is(b'-'), HYPHEN_WORD_FIRST),
        token(Any, Kind::Word, BASE),
    ],
    // IN_UINT
    &[
        stay(Digit),
        attempt(Is(b'.'), HOST_DOMAIN_FIRST),
        attempt(Is(b'.'), UDECIMAL_FIRST),
        attempt(Is(b'e'), MANTISSA_FIRST),
        attempt(Is(b'E'), MANTISSA_FIRST),
        attempt(Is(b'-'), HOST_FIRST),
        attempt(Is(b'_'), HOST_FIRST),
        attempt(Is(b'@'), IN_EMAIL),
        attempt(AsciiLetter, IN_HOST),
        go(Letter, IN_NUM_WORD),
        go(Mark, IN_NUM_WORD),
        attempt(Is(b'/'), FILE_FIRST),
        token(Any, Kind::Uint, BASE),
    ],
    // INT_FIRST
    &[back(End), commit(Digit, IN_INT), back(Any)],
    // IN_INT
    &[
        stay(Digit),
        attempt(Is(b'.'), DECIMAL_FIRST),
        attempt(Is(b'e'), MANTISSA_FIRST),
        attempt(Is(b'E'), MANTISSA_FIRST),
        token(Any, Kind::Int, BASE),
    ],
    // IN_SPACE
    &[
        token(End, Kind::Blank, BASE),
        token(Is(b'<'), Kind::Blank, BASE),
        stay(Ignored),
        token(Is(b'-'), Kind::Blank, BASE),
        token(Is(b'+'), Kind::Blank, BASE),
        token(Is(b'&'), Kind::Blank, BASE),
        token(Is(b'/'), Kind::Blank, BASE),
        stay(NotAlnum),
        token(Any, Kind::Blank, BASE),
    ],
    // UDECIMAL_FIRST
    &[commit(Digit, IN_UDECIMAL), back(Any)],
    // IN_UDECIMAL
    &[
        stay(Digit),
        attempt(Is(b'.'), VERSION_FIRST),
        attempt(Is(b'e'), MANTISSA_FIRST),
        attempt(Is(b'E'), MANTISSA_FIRST),
        token(Any, Kind::Decimal, BASE),
    ],
    // DECIMAL_FIRST
    &[commit(Digit, IN_DECIMAL), back(Any)],
    // IN_DECIMAL
    &[
        stay(Digit),
        attempt(Is(b'.'), SIGNED_VERSION),
        attempt(Is(b'e'), MANTISSA_FIRST),
        attempt(Is(b'E'), MANTISSA_FIRST),
        token(Any, Kind::Decimal, BASE),
    ],
    // SIGNED_VERSION: what looked like a signed number has two points: the sign is a blank before a version.
    &[back(End), rerun(Digit, SIGN_OF_VERSION).with(Special::Restart), back(Any)],
    // SIGN_OF_VERSION
    &[back(End), certain(Digit, Kind::Blank, IN_UINT), stay(Any)],
    // VERSION_FIRST
    &[commit(Digit, IN_VERSION), back(Any)],
    // IN_VERSION
    &[stay(Digit), attempt(Is(b'.'), VERSION_FIRST), token(Any, Kind::Version, BASE)],
    // MANTISSA_FIRST
    &[commit(Digit, IN_MANTISSA), go(Is(b'+'), MANTISSA_SIGN), go(Is(b'-'), MANTISSA_SIGN), back(Any)],
    // MANTISSA_SIGN
    &[commit(Digit, IN_MANTISSA), back(Any)],
    // IN_MANTISSA
    &[stay(Digit), token(Any, Kind::Scientific, BASE)],
    // ENTITY_FIRST
    &[
        go(Is(b'#'), ENTITY_NUM_FIRST),
        go(AsciiLetter, IN_ENTITY),
        go(Is(b':'), IN_ENTITY),
        go(Is(b'_'), IN_ENTITY),
        back(Any),
    ],
    // IN_ENTITY
    &[
        stay(Alnum),
        stay(Is(b':')),
        stay(Is(b'_')),
        stay(Is(b'.')),
        stay(Is(b'-')),
        go(Is(b';'), ENTITY_END),
        back(Any),
    ],
    // ENTITY_NUM_FIRST
    &[go(Is(b'x'), ENTITY_HEX_FIRST), go(Is(b'X'), ENTITY_HEX_FIRST), go(Digit, IN_ENTITY_NUM), back(Any)],
    // ENTITY_HEX_FIRST
    &[go(Hex, IN_ENTITY_HEX), back(Any)],
    // IN_ENTITY_NUM
    &[stay(Digit), go(Is(b';'), ENTITY_END), back(Any)],
    // IN_ENTITY_HEX
    &[stay(Hex), go(Is(b';'), ENTITY_END), back(Any)],
    // ENTITY_END
    &[sure(Any, Kind::Entity, BASE)],
    // TAG_FIRST
    &[
        attempt(Is(b'/'), TAG_CLOSE),
        attempt(Is(b'!'), COMMENT_FIRST),
        attempt(Is(b'?'), XML_BEGIN),
        attempt(AsciiLetter, IN_TAG_NAME),
        attempt(Is(b':'), IN_TAG_NAME),
        attempt(Is(b'_'), IN_TAG_NAME),
        back(Any),
    ],
    // XML_BEGIN
    &[go(Is(b'x'), IN_TAG), back(Any)],
    // TAG_CLOSE
    &[go(AsciiLetter, IN_TAG_NAME), back(Any)],
    // IN_TAG_NAME
    &[
        back(End),
        go(Is(b'/'), TAG_SLASH),
        go(Is(b'>'), TAG_END).with(Special::Tag),
        go(Space, IN_TAG).with(Special::Tag),
        stay(Alnum),
        stay(Is(b':')),
        stay(Is(b'_')),
        stay(Is(b'.')),
        stay(Is(b'-')),
        back(Any),
    ],
    // TAG_SLASH
    &[go(Is(b'>'), TAG_END), back(Any)],
    // IN_TAG
    &[
        back(End),
        go(Is(b'>'), TAG_END).with(Special::Tag),
        go(Is(b'\''), IN_TAG_QUOTED),
        go(Is(b'"'), IN_TAG_DOUBLE_QUOTED),
        stay(AsciiLetter),
        stay(Digit),
        stay(Is(b'=')),
        stay(Is(b'-')),
        stay(Is(b'_')),
        stay(Is(b'#')),
        stay(Is(b'/')),
        stay(Is(b':')),
        stay(Is(b'.')),
        stay(Is(b'&')),
        stay(Is(b'?')),
        stay(Is(b'%')),
        stay(Is(b'~')),
        stay(Space).with(Special::Tag),
        back(Any),
    ],
    // IN_TAG_QUOTED
    &[back(End), attempt(Is(b'\\'), IN_TAG_ESCAPED), go(Is(b'\''), IN_TAG), stay(Any)],
    // IN_TAG_DOUBLE_QUOTED
    &[back(End), attempt(Is(b'\\'), IN_TAG_ESCAPED), go(Is(b'"'), IN_TAG), stay(Any)],
    // IN_TAG_ESCAPED
    &[back(End), merge(Any)],
    // TAG_END
    &[certain(Any, Kind::Tag, BASE)],
    // COMMENT_FIRST
    &[go(Is(b'-'), COMMENT_SECOND), go(Is(b'D'), IN_TAG), go(Is(b'd'), IN_TAG), back(Any)],
    // COMMENT_SECOND
    &[go(Is(b'-'), IN_COMMENT), back(Any)],
    // IN_COMMENT
    &[back(End), go(Is(b'-'), COMMENT_DASH), stay(Any)],
    // COMMENT_DASH
    &[back(End), go(Is(b'-'), COMMENT_DASHES), go(Any, IN_COMMENT)],
    // COMMENT_DASHES
    &[back(End), stay(Is(b'-')), go(Is(b'>'), TAG_END), go(Any, IN_COMMENT)],
    // HOST_DOMAIN_FIRST
    &[go(AsciiLetter, HOST_DOMAIN_SECOND), go(Digit, IN_HOST), back(Any)],
    // HOST_DOMAIN_SECOND
    &[
        go(AsciiLetter, IN_HOST_DOMAIN),
        attempt(Digit, IN_HOST),
        attempt(Is(b'-'), HOST_FIRST),
        attempt(Is(b'_'), HOST_FIRST),
        attempt(Is(b'.'), HOST_DOMAIN_FIRST),
        attempt(Is(b'@'), IN_EMAIL),
        back(Any),
    ],
    // IN_HOST_DOMAIN
    &[
        certain(End, Kind::Host, BASE),
        stay(AsciiLetter),
        attempt(Digit, IN_HOST),
        attempt(Is(b':'), PORT_FIRST),
        attempt(Is(b'-'), HOST_FIRST),
        attempt(Is(b'_'), HOST_FIRST),
        attempt(Is(b'.'), HOST_DOMAIN_FIRST),
        attempt(Is(b'@'), IN_EMAIL),
        back(Digit),
        certain(StopHost, Kind::Host, URL_PATH_START),
        attempt(Is(b'/'), URL_AT_PATH),
        certain(Any, Kind::Host, BASE),
    ],
    // PORT_FIRST
    &[go(Digit, IN_PORT), back(Any)],
    // IN_PORT
    &[
        certain(End, Kind::Host, BASE),
        stay(Digit),
        certain(StopHost, Kind::Host, URL_PATH_START),
        attempt(Is(b'/'), URL_AT_PATH),
        certain(Any, Kind::Host, BASE),
    ],
    // HOST_FIRST
    &[go(Digit, IN_HOST), go(AsciiLetter, IN_HOST), back(Any)],
    // IN_HOST
    &[
        back(End),
        stay(Digit),
        stay(AsciiLetter),
        attempt(Is(b'@'), IN_EMAIL),
        attempt(Is(b'.'), HOST_DOMAIN_FIRST),
        attempt(Is(b'-'), HOST_FIRST),
        attempt(Is(b'_'), HOST_FIRST),
        back(Any),
    ],
    // IN_EMAIL
    &[back(StopHost), certain(Host, Kind::Email, BASE), back(Any)],
    // FILE_FIRST
    &[
        go(AsciiLetter, IN_FILE),
        go(Digit, IN_FILE),
        go(Is(b'.'), PATH_FIRST),
        go(Is(b'_'), IN_FILE),
        attempt(Is(b'~'), IN_FILE_TILDE),
        back(Any),
    ],
    // IN_FILE_TILDE
    &[
        go(AsciiLetter, IN_FILE),
        go(Digit, IN_FILE),
        go(Is(b'_'), IN_FILE),
        go(Is(b'/'), FILE_FIRST),
        back(Any),
    ],
    // PATH_FIRST
    &[
        go(AsciiLetter, IN_FILE),
        go(Digit, IN_FILE),
        go(Is(b'_'), IN_FILE),
        go(Is(b'.'), PATH_SECOND),
        go(Is(b'/'), FILE_FIRST),
        back(Any),
    ],
    // PATH_DOT
    &[go(Is(b'.'), PATH_SECOND), go(Is(b'/'), FILE_FIRST), back(Any)],
    // PATH_SECOND
    &[
        sure(End, Kind::File, BASE),
        attempt(Is(b'/'), FILE_FIRST),
        sure(Is(b'/'), Kind::File, BASE),
        sure(Space, Kind::File, BASE),
        back(Any),
    ],
    // IN_FILE
    &[
        stay(AsciiLetter),
        stay(Digit),
        attempt(Is(b'.'), FILE_NEXT),
        stay(Is(b'_')),
        stay(Is(b'-')),
        attempt(Is(b'/'), FILE_FIRST),
        token(Any, Kind::File, BASE),
    ],
    // FILE_NEXT
    &[commit(AsciiLetter, IN_FILE), commit(Digit, IN_FILE), commit(Is(b'_'), IN_FILE), back(Any)],
    // IN_URL_PATH_FIRST
    &[go(UrlChar, IN_URL_PATH), back(Any)],
    // URL_PATH_START
    &[go(Any, IN_URL_PATH)],
    // IN_URL_PATH
    &[stay(UrlChar), token(Any, Kind::UrlPath, BASE)],
    // URL_AT_PATH
    &[back(End), certain(UrlPath, Kind::Url, BASE).with(Special::Url), back(Any)],
    // PROTOCOL_FIRST
    &[go(Is(b'/'), PROTOCOL_SECOND), back(Any)],
    // PROTOCOL_SECOND
    &[go(Is(b'/'), PROTOCOL_END), back(Any)],
    // PROTOCOL_END
    &[certain(Any, Kind::Protocol, BASE)],
    // HYPHEN_ASCII_FIRST
    &[go(AsciiLetter, IN_HYPHEN_ASCII), go(Letter, IN_HYPHEN_WORD), go(Digit, HYPHEN_DIGITS), back(Any)],
    // IN_HYPHEN_ASCII
    &[
        stay(AsciiLetter),
        go(Letter, IN_HYPHEN_WORD),
        go(Mark, IN_HYPHEN_WORD),
        go(Digit, IN_HYPHEN_NUM),
        attempt(Is(b'-'), HYPHEN_ASCII_FIRST),
        certain(Any, Kind::AsciiHyphenated, PARTS).with(Special::Rewind),
    ],
    // HYPHEN_WORD_FIRST
    &[go(Letter, IN_HYPHEN_WORD), go(Digit, HYPHEN_DIGITS), back(Any)],
    // IN_HYPHEN_WORD
    &[
        stay(Letter),
        stay(Mark),
        go(Digit, IN_HYPHEN_NUM),
        attempt(Is(b'-'), HYPHEN_WORD_FIRST),
        certain(Any, Kind::Hyphenated, PARTS).with(Special::Rewind),
    ],
    // HYPHEN_NUM_FIRST
    &[go(Letter, IN_HYPHEN_NUM), go(Digit, HYPHEN_DIGITS), back(Any)],
    // IN_HYPHEN_NUM
    &[
        stay(Alnum),
        stay(Mark),
        attempt(Is(b'-'), HYPHEN_NUM_FIRST),
        certain(Any, Kind::NumHyphenated, PARTS).with(Special::Rewind),
    ],
    // HYPHEN_DIGITS: digits alone are no part of a hyphenated word.
    &[back(End), stay(Digit), go(Letter, IN_HYPHEN_NUM), go(Mark, IN_HYPHEN_NUM), back(Any)],
    // PARTS: the parts of a hyphenated word, which was read before.
    &[
        rerun(End, BASE),
        go(AsciiLetter, IN_ASCII_PART),
        go(Letter, IN_WORD_PART),
        attempt(Digit, IN_UINT_PART),
        attempt(Is(b'-'), HYPHEN_PART),
        rerun(Any, BASE),
    ],
    // HYPHEN_PART
    &[sure(Alnum, Kind::Blank, PARTS), sure(Mark, Kind::Blank, PARTS), back(Any)],
    // IN_WORD_PART
    &[stay(Letter), stay(Mark), go(Digit, IN_NUM_PART), token(Any, Kind::WordPart, PARTS)],
    // IN_ASCII_PART
    &[
        stay(AsciiLetter),
        go(Letter, IN_WORD_PART),
        go(Mark, IN_WORD_PART),
        go(Digit, IN_NUM_PART),
        token(Any, Kind::AsciiWordPart, PARTS),
    ],
    // IN_NUM_PART
    &[stay(Alnum), stay(Mark), token(Any, Kind::NumWordPart, PARTS)],
    // IN_UINT_PART
    &[back(End), stay(Digit), commit(Letter, IN_NUM_PART), commit(Mark, IN_NUM_PART), back(Any)],
];
