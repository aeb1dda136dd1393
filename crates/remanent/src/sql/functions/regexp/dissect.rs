//! Which match is meant, and which part of it each group has: as PostgreSQL's own library decides it (Spencer's, its manual 9.7.3.5).
//!
//! The first match in the text is taken, of those that begin there the longest or the shortest, as the first quantifier that says so
//! has it. Then it is dissected: of a sequence the parts that stand first take as much (or as little) as they can.
//!
//! ```text
//! (a|ab)(c|bcd)(d*)    over abcd:  all of it; (a|ab) takes ab, since c and d follow
//! Y*?([0-9]{1,3})      over Y123:  Y1, since Y*? makes all of it short
//! ```
//!
//! Parts of which nobody asks what they matched are machines only. An expression in which a text stands again (`\1`) is matched by trying:
//! every end of the match, every way to part it; the others in time that is linear, and in the square of the text where groups are asked for.

use super::Options;
use super::machine::Machine;
use super::parse::{parse, too_complex};
use super::tree::{Node, Prefers};
use remanent_storage::error::Result;
use rustc_hash::FxHashSet;

/// Parts of an expression at most, all sizes together.
const SIZE_MAX: usize = 1 << 19;
/// After how many tries it is asked whether the statement is to end.
const TRIES: u32 = 1 << 12;

/// What a part says of the match it prefers, and what it holds.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    prefers: Option<Prefers>,
    /// Its parts prefer long ones and short ones.
    mixed: bool,
    groups: bool,
    again: bool,
}

impl Flags {
    /// Of one part and another behind it.
    fn then(self, other: Flags) -> Flags {
        let clash = self.prefers.zip(other.prefers).is_some_and(|(a, b)| a != b);
        Flags {
            prefers: self.prefers.or(other.prefers),
            mixed: self.mixed || other.mixed || clash,
            groups: self.groups || other.groups,
            again: self.again || other.again,
        }
    }

    /// It has to be dissected.
    fn messy(self) -> bool {
        self.mixed || self.groups || self.again
    }

    fn only(prefers: Option<Prefers>) -> Flags {
        Flags { prefers, ..Flags::default() }
    }
}

/// What a tree says.
fn flags(node: &Node) -> Flags {
    match node {
        Node::Empty | Node::One(_) | Node::At(_) | Node::Look { .. } => Flags::default(),
        Node::Again(_) => Flags { again: true, ..Flags::default() },
        Node::Sequence(parts) => parts.iter().map(flags).fold(Flags::default(), Flags::then),
        Node::Either(branches) => {
            branches.iter().map(flags).fold(Flags::only(Some(Prefers::Long)), Flags::then)
        }
        Node::Group(_, of) => Flags { groups: true, ..flags(of) },
        Node::Repeat { of, prefers, .. } => Flags::only(*prefers).then(flags(of)),
    }
}

/// A part that is dissected, with the machine of all of it.
#[derive(Debug)]
struct Part {
    kind: Kind,
    flags: Flags,
    machine: Machine,
}

impl Part {
    /// What it begins with is the text of a group, so that dissecting it tells soon whether it matches.
    fn begins_again(&self) -> bool {
        match &self.kind {
            Kind::Again(..) => true,
            Kind::Then(left, _) => matches!(left.kind, Kind::Again(..)),
            _ => false,
        }
    }
}

#[derive(Debug)]
enum Kind {
    /// Nobody asks.
    Plain,
    /// One part and what follows.
    Then(Box<Part>, Box<Part>),
    /// One of these, the first that fits.
    Either(Vec<Part>),
    Group(usize, Box<Part>),
    /// So often.
    Repeat(Box<Part>, usize, Option<usize>),
    /// The text of a group, so often.
    Again(usize, usize, Option<usize>),
}

/// A regular expression that is ready to match.
#[derive(Debug)]
pub struct Regex {
    root: Part,
    /// How many groups it has.
    groups: usize,
    ignore_case: bool,
}

/// Where a match and its groups lie; the first is all of it.
#[derive(Debug, Clone)]
pub struct Found(Vec<Option<(usize, usize)>>);

impl Found {
    /// Where all of it lies.
    pub fn whole(&self) -> (usize, usize) {
        self.group(0).unwrap_or_default()
    }

    /// Where a group lies, 0 being all of it; None: it has no part in the match.
    pub fn group(&self, n: usize) -> Option<(usize, usize)> {
        self.0.get(n).copied().flatten()
    }

    /// How many there are, all of it being one.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

/// Makes parts of trees.
struct Maker {
    room: usize,
}

impl Maker {
    fn part(&mut self, kind: Kind, flags: Flags, node: &Node) -> Result<Part> {
        let machine = Machine::new(node)?;
        self.room = self.room.checked_sub(machine.size()).ok_or_else(too_complex)?;
        Ok(Part { kind, flags, machine })
    }

    /// What stands for a tree.
    fn make(&mut self, node: &Node) -> Result<Part> {
        match node {
            Node::Sequence(parts) => self.branch(parts),
            Node::Either(branches) => {
                let flags = flags(node);
                let kind = match flags.messy() {
                    true => Kind::Either(branches.iter().map(|b| self.make(b)).collect::<Result<_>>()?),
                    false => Kind::Plain,
                };
                self.part(kind, flags, node)
            }
            Node::Group(number, of) => {
                let of = self.make(of)?;
                let flags = Flags { groups: true, ..of.flags };
                self.part(Kind::Group(*number, Box::new(of)), flags, node)
            }
            one => self.branch(std::slice::from_ref(one)),
        }
    }

    /// A branch: what stands before the first part that has to be dissected is one machine.
    fn branch(&mut self, parts: &[Node]) -> Result<Part> {
        let mut before = Flags::default();
        for (i, node) in parts.iter().enumerate() {
            let together = before.then(flags(node));
            if !together.messy() {
                before = together;
                continue;
            }
            let first = self.quantified(node)?;
            let rest = parts.get(i + 1..).unwrap_or_default();
            let first = match rest.is_empty() {
                true => first,
                false => {
                    let rest = self.branch(rest)?;
                    let flags = first.flags.then(rest.flags);
                    let node = Node::Sequence(parts.get(i..).unwrap_or_default().to_vec());
                    self.part(Kind::Then(Box::new(first), Box::new(rest)), flags, &node)?
                }
            };
            if i == 0 {
                return Ok(first);
            }
            let those = Node::Sequence(parts.get(..i).unwrap_or_default().to_vec());
            let before = self.part(Kind::Plain, before, &those)?;
            let flags = before.flags.then(first.flags);
            let all = Node::Sequence(parts.to_vec());
            return self.part(Kind::Then(Box::new(before), Box::new(first)), flags, &all);
        }
        self.part(Kind::Plain, before, &Node::Sequence(parts.to_vec()))
    }

    /// One part with its quantifier, where it has to be dissected or parts the branch.
    fn quantified(&mut self, node: &Node) -> Result<Part> {
        let (of, least, most, prefers) = match node {
            Node::Repeat { of, least, most, prefers } => (&**of, *least, *most, *prefers),
            other => (other, 1, Some(1), None),
        };
        let flags = flags(node);
        if let Node::Again(number) = of {
            let kind = Kind::Again(*number, least as usize, most.map(|most| most as usize));
            return self.part(kind, flags, node);
        }
        if !flags.groups && !flags.again {
            // A branch of its own within parentheses, or a repetition.
            return match of {
                Node::Sequence(_) if (least, most, prefers) == (1, Some(1), None) => self.make(of),
                _ => self.part(Kind::Plain, flags, node),
            };
        }
        let inner = self.make(of)?;
        let same = prefers
            .is_none_or(|prefers| !inner.flags.mixed && inner.flags.prefers.is_none_or(|own| own == prefers));
        match () {
            () if (least, most) == (1, Some(1)) && same => Ok(inner),
            // Only what the last one matched is asked for.
            () if least > 0 && !inner.flags.again => {
                let (least, most) = (least - 1, most.map(|most| most - 1));
                let before = Node::Repeat { of: Box::new(of.clone()), least, most, prefers };
                let before = self.part(Kind::Plain, Flags::only(flags.prefers), &before)?;
                self.part(Kind::Then(Box::new(before), Box::new(inner)), flags, node)
            }
            () => {
                let most = most.map(|most| most as usize);
                self.part(Kind::Repeat(Box::new(inner), least as usize, most), flags, node)
            }
        }
    }
}

/// A match being dissected.
struct Dissection<'a> {
    text: &'a str,
    found: Vec<Option<(usize, usize)>>,
    ignore_case: bool,
    tries: u32,
    /// Whether the statement is to end.
    check: &'a dyn Fn() -> Result<()>,
}

impl Regex {
    /// Reads an expression, and options in it.
    pub fn new(pattern: &str, options: &mut Options) -> Result<Regex> {
        let (node, groups) = parse(pattern, options)?;
        let root = Maker { room: SIZE_MAX }.make(&node)?;
        Ok(Regex { root, groups, ignore_case: options.ignore_case })
    }

    /// True if a text stands again in it.
    pub fn has_again(&self) -> bool {
        self.root.flags.again
    }

    /// True if it matches somewhere in a text.
    pub fn is_match(&self, text: &str, check: &dyn Fn() -> Result<()>) -> Result<bool> {
        match self.has_again() {
            false => Ok(self.root.machine.finds(text, 0)),
            true => Ok(self.find_at(text, 0, check)?.is_some()),
        }
    }

    /// The first match from byte `from` on.
    pub fn find_at(&self, text: &str, from: usize, check: &dyn Fn() -> Result<()>) -> Result<Option<Found>> {
        let short = self.root.flags.prefers == Some(Prefers::Short);
        let mut dissection =
            Dissection { text, found: Vec::new(), ignore_case: self.ignore_case, tries: 0, check };
        let machine = &self.root.machine;
        if !self.has_again() {
            let Some(whole) = machine.find(text, from, short) else { return Ok(None) };
            return dissection.of(&self.root, self.groups, whole);
        }
        let later = text.get(from..).unwrap_or_default().char_indices().map(|(n, _)| from + n);
        for begin in later.chain([text.len()]) {
            let mut ends = machine.ends(text, begin, text.len());
            if !short {
                ends.reverse();
            }
            for end in ends {
                if let Some(found) = dissection.of(&self.root, self.groups, (begin, end))? {
                    return Ok(Some(found));
                }
            }
        }
        Ok(None)
    }
}

impl Dissection<'_> {
    fn of(&mut self, root: &Part, groups: usize, whole: (usize, usize)) -> Result<Option<Found>> {
        self.found = vec![None; groups + 1];
        if groups > 0 && !self.part(root, whole.0, whole.1)? {
            return Ok(None);
        }
        self.found[0] = Some(whole);
        Ok(Some(Found(std::mem::take(&mut self.found))))
    }

    /// Whether a part matches what lies between, and what its groups have of it.
    fn part(&mut self, part: &Part, begin: usize, end: usize) -> Result<bool> {
        self.tries += 1;
        if self.tries.is_multiple_of(TRIES) {
            (self.check)()?;
        }
        match &part.kind {
            Kind::Plain => Ok(true),
            Kind::Group(number, of) => {
                if !self.part(of, begin, end)? {
                    return Ok(false);
                }
                self.found[*number] = Some((begin, end));
                Ok(true)
            }
            Kind::Either(branches) => {
                for branch in branches {
                    if branch.machine.matches(self.text, begin, end) {
                        let before = self.found.clone();
                        if self.part(branch, begin, end)? {
                            return Ok(true);
                        }
                        self.found = before;
                    }
                }
                Ok(false)
            }
            Kind::Then(left, right) => {
                for middle in self.places(left, begin, end) {
                    // What begins with a text that is known is tried at once.
                    if !right.begins_again() && !right.machine.matches(self.text, middle, end) {
                        continue;
                    }
                    let before = self.found.clone();
                    if self.part(left, begin, middle)? && self.part(right, middle, end)? {
                        return Ok(true);
                    }
                    self.found = before;
                }
                Ok(false)
            }
            Kind::Repeat(of, least, most) => {
                if begin == end && *least == 0 && of.flags.prefers == Some(Prefers::Short) {
                    return Ok(true);
                }
                let most = most.unwrap_or(usize::MAX).min((end - begin).max(*least));
                let filled = self.repeated(of, (*least.max(&1), most), begin, end)?;
                Ok(filled || begin == end && *least == 0)
            }
            Kind::Again(number, least, most) => Ok(self.again(*number, (*least, *most), begin, end)),
        }
    }

    /// Where a part may end, those that it prefers first.
    fn places(&self, part: &Part, begin: usize, end: usize) -> Vec<usize> {
        let mut places = match part.kind {
            Kind::Again(number, least, most) => self.ends_again(number, (least, most), begin, end),
            _ => part.machine.ends(self.text, begin, end),
        };
        if part.flags.prefers != Some(Prefers::Short) {
            places.reverse();
        }
        places
    }

    /// Whether more matches of a part, behind those that ended at `ends`, fill what lies between.
    fn repeated(
        &mut self,
        of: &Part,
        (least, most): (usize, usize),
        begin: usize,
        end: usize,
    ) -> Result<bool> {
        // From where, and after how many, nothing leads to the end.
        let mut failed: FxHashSet<(usize, usize)> = FxHashSet::default();
        // One match after the other, each with the places that it may end at.
        let mut open: Vec<(usize, std::vec::IntoIter<usize>)> = Vec::new();
        open.push((begin, self.places(of, begin, end).into_iter()));
        while let Some((at, places)) = open.last_mut() {
            let at = *at;
            let Some(place) = places.next() else {
                failed.insert((open.len(), at));
                open.pop();
                continue;
            };
            let count = open.len();
            if place != end {
                // An empty match only where the least number asks for it.
                if place == at && (count >= least || least - count < end - place) {
                    continue;
                }
                if count < most && (of.flags.again || !failed.contains(&(count + 1, place))) {
                    open.push((place, self.places(of, place, end).into_iter()));
                }
                continue;
            }
            if count < least {
                open.push((place, self.places(of, place, end).into_iter()));
                continue;
            }
            let ends: Vec<usize> = open.iter().skip(1).map(|(at, _)| *at).chain([end]).collect();
            let before = self.found.clone();
            let (mut from, mut fits) = (begin, true);
            for to in ends {
                // What groups had of an earlier one is nothing any more.
                self.forget(of);
                fits = fits && self.part(of, from, to)?;
                from = to;
            }
            if fits {
                return Ok(true);
            }
            self.found = before;
        }
        Ok(false)
    }

    /// The groups of a part have no part in the match.
    fn forget(&mut self, part: &Part) {
        match &part.kind {
            Kind::Group(number, of) => {
                self.found[*number] = None;
                self.forget(of);
            }
            Kind::Then(left, right) => [left, right].into_iter().for_each(|part| self.forget(part)),
            Kind::Either(branches) => branches.iter().for_each(|part| self.forget(part)),
            Kind::Repeat(of, ..) => self.forget(of),
            Kind::Plain | Kind::Again(..) => {}
        }
    }

    /// Where the text of a group, so often, may end: no machine has to look for what is known.
    fn ends_again(
        &self,
        number: usize,
        (least, most): (usize, Option<usize>),
        begin: usize,
        end: usize,
    ) -> Vec<usize> {
        let Some((from, to)) = self.found.get(number).copied().flatten() else { return Vec::new() };
        if from == to {
            return vec![begin];
        }
        let most = most.unwrap_or(usize::MAX).min((end - begin) / (to - from));
        let ends = (0..=most).map(|count| begin + count * (to - from));
        let same = |&at: &usize| at == begin || self.again(number, (1, Some(1)), at - (to - from), at);
        ends.take_while(same).skip(least).collect()
    }

    /// Whether what lies between is the text of a group, so often.
    fn again(&self, number: usize, (least, most): (usize, Option<usize>), begin: usize, end: usize) -> bool {
        let Some((from, to)) = self.found.get(number).copied().flatten() else { return false };
        let (bytes, own) = (self.text.as_bytes(), to - from);
        let (text, group) =
            (bytes.get(begin..end).unwrap_or_default(), bytes.get(from..to).unwrap_or_default());
        if own == 0 {
            return text.is_empty();
        }
        let count = text.len() / own;
        let same = |piece: &[u8]| match self.ignore_case {
            true => piece.eq_ignore_ascii_case(group),
            false => piece == group,
        };
        text.len() % own == 0
            && count >= least
            && most.is_none_or(|most| count <= most)
            && text.chunks(own).all(same)
    }
}
