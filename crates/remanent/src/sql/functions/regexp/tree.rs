//! Regular expressions as trees, and sets of characters.

use std::sync::Arc;

/// A regular expression.
#[derive(Debug, Clone)]
pub enum Node {
    /// The empty text.
    Empty,
    /// One character of a set.
    One(Arc<Set>),
    /// A place.
    At(Place),
    /// What stands behind (or before) here matches (or does not).
    Look {
        /// Behind here; otherwise before.
        ahead: bool,
        /// It does not.
        negated: bool,
        /// What.
        of: Box<Node>,
    },
    /// The text of a group again.
    Again(usize),
    /// One after the other.
    Sequence(Vec<Node>),
    /// One of these.
    Either(Vec<Node>),
    /// A group by its number.
    Group(usize, Box<Node>),
    /// So often.
    Repeat {
        /// What.
        of: Box<Node>,
        /// At least so often.
        least: u32,
        /// At most; None: any number.
        most: Option<u32>,
        /// As long, or as short, as can be; `x{3}` has no preference of its own.
        prefers: Option<Prefers>,
    },
}

/// Which of several matches is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prefers {
    /// The longest.
    Long,
    /// The shortest.
    Short,
}

/// A place between characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Where the text begins.
    Begin,
    /// Where it ends.
    End,
    /// Where a line begins.
    LineBegin,
    /// Where a line ends.
    LineEnd,
    /// Where a word begins.
    WordBegin,
    /// Where a word ends.
    WordEnd,
    /// Either of these.
    WordEdge,
    /// Neither.
    NoWordEdge,
}

/// Characters.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Set {
    /// Those below 128, a bit each.
    ascii: u128,
    /// Others, from and to.
    ranges: Vec<(char, char)>,
    /// Of the others all but these.
    negated: bool,
}

impl Set {
    /// All characters.
    pub fn all() -> Set {
        Set { ascii: u128::MAX, ranges: Vec::new(), negated: true }
    }

    /// One character.
    pub fn one(c: char, ignore_case: bool) -> Set {
        let mut set = Set::default();
        set.add(c, c, ignore_case);
        set
    }

    /// The ASCII characters of a class; None: there is no such class.
    pub fn class(name: &str) -> Option<Set> {
        let has: fn(&u8) -> bool = match name {
            "alnum" => u8::is_ascii_alphanumeric,
            "alpha" => u8::is_ascii_alphabetic,
            "ascii" => u8::is_ascii,
            "blank" => |c| matches!(c, b' ' | b'\t'),
            "cntrl" => u8::is_ascii_control,
            "digit" => u8::is_ascii_digit,
            "graph" => u8::is_ascii_graphic,
            "lower" => u8::is_ascii_lowercase,
            "print" => |c| c.is_ascii_graphic() || *c == b' ',
            "punct" => u8::is_ascii_punctuation,
            "space" => |c| c.is_ascii_whitespace() || *c == 0x0b,
            "upper" => u8::is_ascii_uppercase,
            "word" => |c| is_word(char::from(*c)),
            "xdigit" => u8::is_ascii_hexdigit,
            _ => return None,
        };
        let ascii = (0..128u8).filter(has).fold(0, |bits, c| bits | 1 << c);
        Some(Set { ascii, ranges: Vec::new(), negated: false })
    }

    /// The characters from one to another, too.
    pub fn add(&mut self, low: char, high: char, ignore_case: bool) {
        for c in (low..=high).take_while(char::is_ascii) {
            self.ascii |= 1 << c as u32;
            if ignore_case {
                self.ascii |= 1 << c.to_ascii_lowercase() as u32 | 1 << c.to_ascii_uppercase() as u32;
            }
        }
        if !high.is_ascii() {
            self.ranges.push((low.max('\u{80}'), high));
        }
    }

    /// Those of a class of ASCII characters, too.
    pub fn add_class(&mut self, class: &Set) {
        self.ascii |= class.ascii;
    }

    /// All others.
    pub fn negated(self) -> Set {
        Set { ascii: !self.ascii, negated: !self.negated, ..self }
    }

    /// All but one below 128.
    pub fn without(self, c: char) -> Set {
        Set { ascii: self.ascii & !(1u128.checked_shl(c as u32).unwrap_or(0)), ..self }
    }

    /// True for a character of it.
    pub fn has(&self, c: char) -> bool {
        match c.is_ascii() {
            true => self.ascii >> c as u32 & 1 == 1,
            false => self.ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != self.negated,
        }
    }

    /// Those below 128, a bit each.
    pub fn ascii(&self) -> u128 {
        self.ascii
    }

    /// True if no character above 127 is of it.
    pub fn is_ascii(&self) -> bool {
        self.ranges.is_empty() && !self.negated
    }
}

/// True for a character of a word.
pub fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Node {
    /// One character of a set.
    pub fn one(set: Set) -> Node {
        Node::One(Arc::new(set))
    }

    /// The most characters that it matches; None: any number.
    pub fn longest(&self) -> Option<u32> {
        match self {
            Node::Empty | Node::At(_) | Node::Look { .. } => Some(0),
            Node::One(_) => Some(1),
            Node::Again(_) => None,
            Node::Sequence(parts) => {
                parts.iter().try_fold(0u32, |sum, part| sum.checked_add(part.longest()?))
            }
            Node::Either(parts) => {
                parts.iter().try_fold(0, |most: u32, part| Some(most.max(part.longest()?)))
            }
            Node::Group(_, of) => of.longest(),
            Node::Repeat { of, most, .. } => of.longest()?.checked_mul((*most)?),
        }
    }
}
