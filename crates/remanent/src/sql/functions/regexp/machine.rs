//! Machines that match: an expression as instructions, run over a text in step with all its threads (Thompson, *Regular Expression
//! Search Algorithm*, CACM 11(6), 1968), so that time is linear in text and expression.
//!
//! ```text
//! ab*   0 One a · 1 Split 2 4 · 2 One b · 3 Split 2 4 · 4 Match
//! ```
//!
//! A thread knows where its match began. Threads stand in order of that, so that of two in one place the one that began first stays.
//!
//! Limits: the text of a group again (`\1`) is any text here; whether it is that text is decided above.

use super::parse::too_complex;
use super::tree::{Node, Place, Set, is_word};
use remanent_storage::error::Result;
use std::sync::Arc;

/// The most instructions of an expression and what is looked for around places in it.
const INSTRUCTIONS_MAX: usize = 1 << 16;

/// An instruction.
#[derive(Debug)]
enum Step {
    /// A character of a set.
    One(Arc<Set>),
    /// Goes on here and there.
    Split(u32, u32),
    /// Goes on elsewhere.
    Jump(u32),
    /// Only at such a place.
    At(Place),
    /// Only where another machine matches, or does not.
    Look(Box<Look>),
    /// All of it matches.
    Match,
}

/// What is looked for around a place.
#[derive(Debug)]
struct Look {
    ahead: bool,
    negated: bool,
    machine: Machine,
    /// How many characters it is long at most.
    longest: Option<u32>,
}

/// An expression as instructions.
#[derive(Debug)]
pub struct Machine {
    steps: Vec<Step>,
    /// The characters below 128 that a match may begin with; None: any, or it may be empty.
    first: Option<u128>,
    /// It matches at the beginning of the text only.
    anchored: bool,
}

/// Threads in order: each an instruction that waits, and where its match began.
struct Threads {
    list: Vec<(u32, usize)>,
    /// For each instruction the last round in which it was entered.
    entered: Vec<u32>,
    round: u32,
    /// Instructions to be followed yet.
    open: Vec<u32>,
}

impl Threads {
    fn new(machine: &Machine) -> Threads {
        Threads { list: Vec::new(), entered: vec![0; machine.steps.len()], round: 1, open: Vec::new() }
    }

    /// True if that instruction was not entered in this round.
    fn enter(&mut self, step: u32) -> bool {
        std::mem::replace(&mut self.entered[step as usize], self.round) != self.round
    }

    fn clear(&mut self) {
        self.list.clear();
        self.round = self.round.wrapping_add(1);
        if self.round == 0 {
            self.entered.fill(0);
            self.round = 1;
        }
    }
}

/// What stands behind a byte of a text: a character and where it ends.
fn next_char(text: &str, at: usize) -> Option<(char, usize)> {
    match text.as_bytes().get(at) {
        Some(byte) if byte.is_ascii() => Some((char::from(*byte), at + 1)),
        Some(_) => text.get(at..).and_then(|rest| rest.chars().next()).map(|c| (c, at + c.len_utf8())),
        None => None,
    }
}

fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at).and_then(|before| before.chars().next_back())
}

fn is_at(place: Place, text: &str, at: usize) -> bool {
    let line_end = |c: Option<char>| c.is_none_or(|c| c == '\n');
    let word = |c: Option<char>| c.is_some_and(is_word);
    let before = || char_before(text, at);
    let behind = || next_char(text, at).map(|(c, _)| c);
    match place {
        Place::Begin => at == 0,
        Place::End => at == text.len(),
        Place::LineBegin => line_end(before()),
        Place::LineEnd => line_end(behind()),
        Place::WordBegin => !word(before()) && word(behind()),
        Place::WordEnd => word(before()) && !word(behind()),
        Place::WordEdge => word(before()) != word(behind()),
        Place::NoWordEdge => word(before()) == word(behind()),
    }
}

impl Machine {
    /// The machine of an expression.
    pub fn new(node: &Node) -> Result<Machine> {
        let mut machine = Machine { steps: Vec::new(), first: None, anchored: false };
        let mut room = INSTRUCTIONS_MAX;
        machine.add(node, &mut room)?;
        machine.steps.push(Step::Match);
        machine.first = machine.begins_with();
        machine.anchored = matches!(machine.steps.first(), Some(Step::At(Place::Begin)));
        Ok(machine)
    }

    fn push(&mut self, step: Step, room: &mut usize) -> Result<usize> {
        *room = room.checked_sub(1).ok_or_else(too_complex)?;
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    /// How many instructions it has.
    pub fn size(&self) -> usize {
        self.steps.len()
    }

    fn here(&self) -> u32 {
        self.steps.len() as u32
    }

    fn add(&mut self, node: &Node, room: &mut usize) -> Result<()> {
        match node {
            Node::Empty => {}
            Node::One(set) => drop(self.push(Step::One(set.clone()), room)?),
            Node::At(place) => drop(self.push(Step::At(*place), room)?),
            Node::Look { ahead, negated, of } => {
                let machine = Machine::new(of)?;
                *room = room.checked_sub(machine.steps.len()).ok_or_else(too_complex)?;
                let look = Look { ahead: *ahead, negated: *negated, machine, longest: of.longest() };
                self.push(Step::Look(Box::new(look)), room)?;
            }
            Node::Again(_) => self.star(&Node::one(Set::all()), room)?,
            Node::Sequence(parts) => parts.iter().try_for_each(|part| self.add(part, room))?,
            Node::Group(_, of) => self.add(of, room)?,
            Node::Either(branches) => {
                let mut jumps = Vec::with_capacity(branches.len());
                for (i, branch) in branches.iter().enumerate() {
                    if i + 1 == branches.len() {
                        self.add(branch, room)?;
                        break;
                    }
                    let split = self.push(Step::Split(0, 0), room)?;
                    self.add(branch, room)?;
                    jumps.push(self.push(Step::Jump(0), room)?);
                    self.steps[split] = Step::Split(split as u32 + 1, self.here());
                }
                let end = self.here();
                jumps.into_iter().for_each(|jump| self.steps[jump] = Step::Jump(end));
            }
            Node::Repeat { of, least, most, .. } => {
                for _ in 0..*least {
                    self.add(of, room)?;
                }
                let Some(most) = most else { return self.star(of, room) };
                let mut splits = Vec::new();
                for _ in *least..*most {
                    splits.push(self.push(Step::Split(0, 0), room)?);
                    self.add(of, room)?;
                }
                let end = self.here();
                splits.into_iter().for_each(|at| self.steps[at] = Step::Split(at as u32 + 1, end));
            }
        }
        Ok(())
    }

    fn star(&mut self, of: &Node, room: &mut usize) -> Result<()> {
        let split = self.push(Step::Split(0, 0), room)?;
        self.add(of, room)?;
        self.push(Step::Jump(split as u32), room)?;
        self.steps[split] = Step::Split(split as u32 + 1, self.here());
        Ok(())
    }

    /// The characters that a match may begin with, as far as they are below 128.
    fn begins_with(&self) -> Option<u128> {
        let mut first = 0;
        let mut seen = vec![false; self.steps.len()];
        let mut open = vec![0u32];
        while let Some(step) = open.pop() {
            if std::mem::replace(&mut seen[step as usize], true) {
                continue;
            }
            match &self.steps[step as usize] {
                Step::One(set) if set.is_ascii() => first |= set.ascii(),
                Step::One(_) | Step::Match => return None,
                Step::Split(a, b) => open.extend([*a, *b]),
                Step::Jump(to) => open.push(*to),
                Step::At(_) | Step::Look(_) => open.push(step + 1),
            }
        }
        Some(first)
    }

    /// A thread, and all that it becomes without a character.
    fn enter(&self, threads: &mut Threads, step: u32, begin: usize, text: &str, at: usize) {
        threads.open.push(step);
        while let Some(step) = threads.open.pop() {
            if !threads.enter(step) {
                continue;
            }
            match &self.steps[step as usize] {
                Step::Split(a, b) => threads.open.extend([*b, *a]),
                Step::Jump(to) => threads.open.push(*to),
                Step::At(place) if is_at(*place, text, at) => threads.open.push(step + 1),
                Step::Look(look) if look.finds(text, at) => threads.open.push(step + 1),
                Step::One(_) | Step::Match => threads.list.push((step, begin)),
                Step::At(_) | Step::Look(_) => {}
            }
        }
    }

    /// Runs over a text from `from` to `limit`. `begins` says whether a match may begin at a place; `matched` hears of each that
    /// ends: where it began and where it ended, those that began first before others. What it answers ends the run (None), or all
    /// threads that began at that place or later.
    fn run(
        &self,
        text: &str,
        from: usize,
        limit: usize,
        begins: &dyn Fn(usize) -> bool,
        matched: &mut dyn FnMut(usize, usize) -> Option<usize>,
    ) {
        let (mut now, mut next) = (Threads::new(self), Threads::new(self));
        let begins = |at: usize| begins(at) && (at == 0 || !self.anchored);
        let (mut at, mut last) = (from, usize::MAX);
        loop {
            if begins(at) && at < last {
                self.enter(&mut now, 0, at, text, at);
            }
            let following = if at < limit { next_char(text, at) } else { None };
            for i in 0..now.list.len() {
                let (step, begin) = now.list[i];
                if begin >= last {
                    break;
                }
                match (&self.steps[step as usize], following) {
                    (Step::Match, _) => match matched(begin, at) {
                        Some(bound) => last = last.min(bound),
                        None => return,
                    },
                    (Step::One(set), Some((c, end))) if set.has(c) => {
                        self.enter(&mut next, step + 1, begin, text, end);
                    }
                    _ => {}
                }
            }
            let Some((_, end)) = following else { return };
            at = end;
            now.clear();
            std::mem::swap(&mut now, &mut next);
            if now.list.is_empty() {
                if !begins(at) || at >= last {
                    return;
                }
                if let Some(first) = self.first {
                    at = skipped(text, at, limit, first);
                }
            }
        }
    }

    /// True if it matches somewhere from `from` on.
    pub fn finds(&self, text: &str, from: usize) -> bool {
        let mut found = false;
        self.run(text, self.skipped(text, from), text.len(), &|_| true, &mut |_, _| {
            found = true;
            None
        });
        found
    }

    fn skipped(&self, text: &str, from: usize) -> usize {
        self.first.map_or(from, |first| skipped(text, from, text.len(), first))
    }

    /// The match from `from` on that begins first, of these the longest, or the shortest.
    pub fn find(&self, text: &str, from: usize, shortest: bool) -> Option<(usize, usize)> {
        let mut best: Option<(usize, usize)> = None;
        self.run(text, self.skipped(text, from), text.len(), &|_| true, &mut |begin, end| {
            best = Some((begin, end));
            // Those that began before may match yet.
            Some(if shortest { begin } else { begin + 1 })
        });
        best
    }

    /// Where matches end that begin at `begin` and end at `limit` at the latest, in order.
    pub fn ends(&self, text: &str, begin: usize, limit: usize) -> Vec<usize> {
        let mut ends = Vec::new();
        self.run(text, begin, limit, &|at| at == begin, &mut |_, end| {
            ends.push(end);
            Some(usize::MAX)
        });
        ends
    }

    /// True if it matches that part of a text.
    pub fn matches(&self, text: &str, begin: usize, end: usize) -> bool {
        self.ends(text, begin, end).last() == Some(&end)
    }
}

impl Look {
    /// True if a thread may pass here.
    fn finds(&self, text: &str, at: usize) -> bool {
        let mut found = false;
        match self.ahead {
            true => self.machine.run(text, at, text.len(), &|begin| begin == at, &mut |_, _| {
                found = true;
                None
            }),
            false => {
                let back = |n| text.get(..at).and_then(|before| before.char_indices().nth_back(n));
                let from = match self.longest {
                    Some(0) => at,
                    Some(n) => back(n as usize - 1).map_or(0, |(from, _)| from),
                    None => 0,
                };
                self.machine.run(text, from, at, &|_| true, &mut |_, end| {
                    found |= end == at;
                    (!found).then_some(usize::MAX)
                });
            }
        }
        found != self.negated
    }
}

/// The first place from `at` on that a character stands at which is one of these.
fn skipped(text: &str, at: usize, limit: usize, first: u128) -> usize {
    let rest = text.as_bytes().get(at..limit).unwrap_or_default();
    let found = rest.iter().position(|&byte| byte < 128 && first >> byte & 1 == 1);
    found.map_or(limit, |n| at + n)
}
