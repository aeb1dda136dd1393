//! What states are written with: classes of characters, and what to do with one.

use super::Kind;
use super::marks::{is_foreign_digit, is_mark};
use super::states::State;
use crate::vector::parse::is_blank;

/// A class of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Any, and the end.
    Any,
    End,
    /// That one.
    Is(u8),
    AsciiLetter,
    Letter,
    Digit,
    Alnum,
    NotAlnum,
    Hex,
    Space,
    /// Combining marks: within a word they belong to it, at its begin they do not.
    Mark,
    /// What a URL's path may consist of.
    UrlChar,
    /// Anything, within a script.
    Ignored,
    /// Anything, where only a host was sought.
    StopHost,
    /// A whole host.
    Host,
    /// A whole path.
    UrlPath,
}

impl Class {
    /// True if the character is of this class; of those that depend on nothing else.
    pub(super) fn has(self, c: Option<char>) -> bool {
        let Some(c) = c else { return matches!(self, Class::End | Class::Any) };
        match self {
            Class::Is(byte) => c == char::from(byte),
            Class::AsciiLetter => c.is_ascii_alphabetic(),
            Class::Letter => is_letter(c),
            Class::Digit => c.is_ascii_digit(),
            Class::Alnum => is_letter(c) || c.is_ascii_digit(),
            Class::NotAlnum => !is_letter(c) && !c.is_ascii_digit(),
            Class::Hex => c.is_ascii_hexdigit(),
            Class::Space => is_blank(c),
            Class::Mark => is_mark(c),
            Class::UrlChar => {
                c > ' ' && c < '\u{7f}' && !matches!(c, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
            }
            _ => false,
        }
    }
}

/// What makes a word: beyond ASCII also digits.
fn is_letter(c: char) -> bool {
    match c.is_ascii() {
        true => c.is_ascii_alphabetic(),
        false => c.is_alphabetic() || is_foreign_digit(c),
    }
}

/// What becomes of the places to come back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// Nothing.
    Go,
    /// Back to the last one: this path leads nowhere.
    Back,
    /// One more: here.
    Try,
    /// The last one is forgotten: this path is right.
    Commit,
    /// All are forgotten.
    CommitAll,
    /// The state of the last one, from here on.
    Merge,
    /// Nothing, and the same character is looked at again.
    Rerun,
}

/// What else is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    None,
    /// See whether a script begins or ends.
    Tag,
    /// Back to the token's begin, now for its host.
    Url,
    /// Back to the token's begin, now for its parts.
    Rewind,
    /// Back to the token's begin, which is one token no more.
    Restart,
}

/// A line of a state.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) class: Class,
    pub(super) then: Then,
    pub(super) to: Option<State>,
    pub(super) token: Option<Kind>,
    pub(super) special: Special,
}

impl Rule {
    const fn new(class: Class, then: Then, to: Option<State>, token: Option<Kind>) -> Self {
        Rule { class, then, to, token, special: Special::None }
    }

    pub(super) const fn with(mut self, special: Special) -> Self {
        self.special = special;
        self
    }
}

/// On to that state.
pub(super) const fn go(class: Class, to: State) -> Rule {
    Rule::new(class, Then::Go, Some(to), None)
}

/// On in this state.
pub(super) const fn stay(class: Class) -> Rule {
    Rule::new(class, Then::Go, None, None)
}

/// On to that state, and back here if it leads nowhere.
pub(super) const fn attempt(class: Class, to: State) -> Rule {
    Rule::new(class, Then::Try, Some(to), None)
}

/// On to that state, which is the right one.
pub(super) const fn commit(class: Class, to: State) -> Rule {
    Rule::new(class, Then::Commit, Some(to), None)
}

/// This leads nowhere.
pub(super) const fn back(class: Class) -> Rule {
    Rule::new(class, Then::Back, None, None)
}

/// The token is complete.
pub(super) const fn token(class: Class, kind: Kind, next: State) -> Rule {
    Rule::new(class, Then::Go, Some(next), Some(kind))
}

/// The token is complete, and was the right attempt.
pub(super) const fn sure(class: Class, kind: Kind, next: State) -> Rule {
    Rule::new(class, Then::Commit, Some(next), Some(kind))
}

/// The token is complete, and there is no other way to see it.
pub(super) const fn certain(class: Class, kind: Kind, next: State) -> Rule {
    Rule::new(class, Then::CommitAll, Some(next), Some(kind))
}

/// The same character again, in that state.
pub(super) const fn rerun(class: Class, to: State) -> Rule {
    Rule::new(class, Then::Rerun, Some(to), None)
}

/// What was tried is over; on as before it.
pub(super) const fn merge(class: Class) -> Rule {
    Rule::new(class, Then::Merge, None, None)
}
