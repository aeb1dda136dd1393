//! What a path makes of a value.
//!
//! Each step is run on one item and hands what it finds to the next ([`Run::chain`]). Lax paths open arrays where a step wants
//! something else, take a lone item for an array, and miss nothing; strict ones fail there. Within a test a failure is not an
//! error but makes it unknown.

use super::compare::{compare, starts_with};
use super::method;
use super::parse::{Chain, Path, Step, Test};
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::txn::Interrupt;
use remanent_storage::value::json::{Json, JsonbRef, Kind};
use remanent_storage::value::{Jsonb, Numeric, Value, Zone};

/// What a path is asked for, and with what.
pub struct Asked<'a> {
    /// The values of `$name`.
    pub vars: Option<JsonbRef<'a>>,
    /// Nobody can give them: they are null.
    pub unset: bool,
    /// One item is enough.
    pub first: bool,
    /// A failure ends the search and is no error.
    pub silent: bool,
    /// Times without a zone may be compared with those that have one: they are meant in this one, those without a date
    /// at this moment.
    pub zone: Option<(&'a Zone, i64)>,
    /// The request to end the statement.
    pub interrupt: &'a Interrupt,
}

/// One item.
#[derive(Debug, Clone)]
pub enum Item<'a> {
    /// A part of what the path was given.
    Part(JsonbRef<'a>),
    /// Something new.
    Made(Jsonb),
    /// A date or time, and by how many seconds its zone is east of UTC.
    Time(Value, i32),
}

/// What was found.
pub struct Found<'a> {
    /// The items; of a path asked for the first, some.
    pub items: Vec<Item<'a>>,
    /// There is one.
    pub any: bool,
    /// The search ended with a failure.
    pub failed: bool,
}

/// Why a search ended.
pub enum Fail {
    /// An error, whatever was asked.
    Hard(Error),
    /// One that a test and a silent path do not mind.
    Soft(Error),
}

impl From<Error> for Fail {
    fn from(error: Error) -> Self {
        Fail::Hard(error)
    }
}

/// A failure that a test does not mind.
pub fn soft<T>(state: &'static str, message: impl Into<String>) -> Search<T> {
    Err(Fail::Soft(Error::new(SqlState(state), message.into())))
}

/// What a search comes to.
pub type Search<T> = std::result::Result<T, Fail>;

/// True, false, or None: unknown.
type Truth = Option<bool>;

/// Where items go.
struct Out<'a> {
    items: Vec<Item<'a>>,
    /// None but the first matters.
    first: bool,
}

impl Out<'_> {
    fn all() -> Self {
        Out { items: Vec::new(), first: false }
    }

    /// True if nothing more is wanted.
    fn done(&self) -> bool {
        self.first && !self.items.is_empty()
    }
}

impl<'a> Item<'a> {
    /// As a value of a document; None for a date or time.
    pub fn view(&self) -> Option<JsonbRef<'_>> {
        match self {
            Item::Part(part) => Some(*part),
            Item::Made(made) => Some(made.view()),
            Item::Time(..) => None,
        }
    }

    /// What it is; a date or time is no kind.
    pub fn kind(&self) -> Option<Kind> {
        self.view().map(JsonbRef::kind)
    }

    /// As a value of a document; dates and times are strings then.
    pub fn into_json(self) -> Jsonb {
        match self {
            Item::Part(part) => part.to_owned(),
            Item::Made(made) => made,
            Item::Time(time, east) => Json::String(method::written(&time, east)).encode(),
        }
    }

    /// A number.
    pub fn number(&self) -> Option<Numeric> {
        self.view().and_then(JsonbRef::number)
    }

    fn is_array(&self) -> bool {
        self.kind() == Some(Kind::Array)
    }

    /// A part of this item as an item of its own.
    fn part(
        &self,
        of: &dyn Fn(JsonbRef<'a>) -> Option<JsonbRef<'a>>,
        own: &dyn Fn(JsonbRef<'_>) -> Option<Jsonb>,
    ) -> Option<Item<'a>> {
        match self {
            Item::Part(part) => of(*part).map(Item::Part),
            Item::Made(made) => own(made.view()).map(Item::Made),
            Item::Time(..) => None,
        }
    }

    fn member(&self, key: &str) -> Option<Item<'a>> {
        self.part(&|part| part.get(key), &|made| made.get(key).map(JsonbRef::to_owned))
    }

    fn element(&self, i: usize) -> Option<Item<'a>> {
        self.part(&|part| part.at(i as i64), &|made| made.at(i as i64).map(JsonbRef::to_owned))
    }

    /// The elements of an array, the values of an object.
    fn inner(&self) -> Vec<Item<'a>> {
        match (self, self.kind()) {
            (Item::Part(part), Some(Kind::Array)) => part.elements().map(Item::Part).collect(),
            (Item::Part(part), Some(Kind::Object)) => {
                part.pairs().map(|(_, value)| Item::Part(value)).collect()
            }
            (Item::Made(made), Some(Kind::Array)) => {
                made.view().elements().map(|item| Item::Made(item.to_owned())).collect()
            }
            (Item::Made(made), Some(Kind::Object)) => {
                made.view().pairs().map(|(_, value)| Item::Made(value.to_owned())).collect()
            }
            _ => Vec::new(),
        }
    }

    fn size(&self) -> usize {
        self.view().map_or(0, JsonbRef::count)
    }
}

struct Run<'a, 'p> {
    asked: &'p Asked<'a>,
    root: Item<'a>,
    lax: bool,
    /// What is not there is no failure.
    lenient: bool,
    /// `@`
    current: Item<'a>,
    /// The length of the array whose subscript is computed.
    length: usize,
}

/// Evaluates a path over a value.
pub fn evaluate<'a>(path: &Path, json: JsonbRef<'a>, asked: &Asked<'a>) -> Result<Found<'a>> {
    let root = Item::Part(json);
    let (lax, current) = (!path.strict, root.clone());
    let mut run = Run { asked, root: root.clone(), lax, lenient: lax, current, length: 0 };
    // A strict path fails wherever it does, not only before its first item.
    let mut out = Out { items: Vec::new(), first: asked.first && lax };
    let failed = match run.chain(&path.chain, root, &mut out) {
        Ok(()) => false,
        Err(Fail::Soft(_)) if asked.silent => true,
        Err(Fail::Soft(error) | Fail::Hard(error)) => return Err(error),
    };
    Ok(Found { any: !out.items.is_empty(), items: out.items, failed })
}

impl<'a> Run<'a, '_> {
    /// Runs steps on an item.
    fn chain(&mut self, chain: &[Step], item: Item<'a>, out: &mut Out<'a>) -> Search<()> {
        self.opened(chain, item, self.lax, out)
    }

    /// The same; `open`: where the first step wants no array, the elements of one.
    fn opened(&mut self, chain: &[Step], item: Item<'a>, open: bool, out: &mut Out<'a>) -> Search<()> {
        let Some((step, rest)) = chain.split_first() else {
            out.items.push(item);
            return Ok(());
        };
        self.asked.interrupt.check()?;
        match step {
            Step::Root => self.chain(rest, self.root.clone(), out),
            Step::Current => self.chain(rest, self.current.clone(), out),
            Step::Last => {
                let last = Numeric::from(remanent_storage::value::Decimal::from(self.length as i64 - 1));
                self.chain(rest, Item::Made(Json::Number(last).encode()), out)
            }
            Step::Value(value) => self.chain(rest, Item::Made(value.clone()), out),
            Step::Variable(_) if self.asked.unset => self.chain(rest, Item::Made(Json::Null.encode()), out),
            Step::Variable(name) => match self.asked.vars.and_then(|vars| vars.get(name)) {
                Some(value) => self.chain(rest, Item::Part(value), out),
                None => {
                    let message = format!("could not find jsonpath variable \"{name}\"");
                    Err(Fail::Hard(Error::new(state::UNDEFINED_OBJECT, message)))
                }
            },
            Step::Key(_) | Step::Members | Step::Elements | Step::Filter(_) | Step::Method(..) => {
                self.structural(step, chain, item, open, out)
            }
            Step::At(places) => self.subscripts(places, rest, item, out),
            Step::Below(first, last) => self.below(*first, *last, rest, item, out),
            Step::Arithmetic(op, left, right) => {
                let result = self.arithmetic(*op, left, right, item)?;
                self.chain(rest, result, out)
            }
            Step::Sign(sign, operand) => self.sign(*sign, operand, rest, item, out),
            Step::Truth(test) => {
                let truth = self.test(test, &item)?;
                let json = truth.map_or(Json::Null, Json::Bool);
                self.chain(rest, Item::Made(json.encode()), out)
            }
        }
    }

    /// Steps that look at what the item is.
    fn structural(
        &mut self,
        step: &Step,
        chain: &[Step],
        item: Item<'a>,
        open: bool,
        out: &mut Out<'a>,
    ) -> Search<()> {
        let rest = &chain[1..];
        let array = item.is_array();
        match step {
            Step::Elements if array => return self.each(rest, item.inner(), self.lax, out),
            Step::Elements if self.lax => return self.chain(rest, item, out),
            Step::Elements => {
                return self
                    .missing("22039", "jsonpath wildcard array accessor can only be applied to an array");
            }
            Step::Method(method, _) if method.takes_arrays() => return self.method(step, rest, item, out),
            // The others want no array.
            _ if array && open => return self.each(chain, item.inner(), false, out),
            _ => {}
        }
        let object = item.kind() == Some(Kind::Object);
        match step {
            Step::Key(key) if object => match item.member(key) {
                Some(member) => self.chain(rest, member, out),
                None => self.missing("2203A", &format!("JSON object does not contain key \"{key}\"")),
            },
            Step::Key(_) => {
                self.missing("2203A", "jsonpath member accessor can only be applied to an object")
            }
            Step::Members if object => self.each(rest, item.inner(), self.lax, out),
            Step::Members => {
                self.missing("2203C", "jsonpath wildcard member accessor can only be applied to an object")
            }
            Step::Filter(test) => {
                let outer = std::mem::replace(&mut self.current, item.clone());
                let truth = self.test(test, &item);
                self.current = outer;
                match truth? {
                    Some(true) => self.chain(rest, item, out),
                    _ => Ok(()),
                }
            }
            _ => self.method(step, rest, item, out),
        }
    }

    /// Something is not there: a failure of a strict path.
    fn missing(&self, state: &'static str, message: &str) -> Search<()> {
        if self.lenient { Ok(()) } else { soft(state, message) }
    }

    /// Runs steps on each of several items.
    fn each(&mut self, chain: &[Step], items: Vec<Item<'a>>, open: bool, out: &mut Out<'a>) -> Search<()> {
        for item in items {
            self.opened(chain, item, open, out)?;
            if out.done() {
                break;
            }
        }
        Ok(())
    }

    fn method(&mut self, step: &Step, rest: &[Step], item: Item<'a>, out: &mut Out<'a>) -> Search<()> {
        let Step::Method(method, template) = step else { return Err(Error::internal("not a method").into()) };
        if *method == method::Method::Size && !item.is_array() && !self.lax {
            return self.missing("22039", "jsonpath item method .size() can only be applied to an array");
        }
        let size = if item.is_array() { item.size() } else { 1 };
        let found = method.of(&item, (size, template.as_deref()), &self.root)?;
        self.each(rest, found, self.lax, out)
    }

    fn subscripts(
        &mut self,
        places: &[(Chain, Option<Chain>)],
        rest: &[Step],
        item: Item<'a>,
        out: &mut Out<'a>,
    ) -> Search<()> {
        let array = item.is_array();
        if !array && !self.lax {
            return self.missing("22039", "jsonpath array accessor can only be applied to an array");
        }
        let size = if array { item.size() } else { 1 };
        let outer = std::mem::replace(&mut self.length, size);
        let mut done = Ok(());
        for (from, to) in places {
            done = self.range(from, to.as_ref(), &item, array.then_some(size), rest, out);
            if done.is_err() || out.done() {
                break;
            }
        }
        self.length = outer;
        done
    }

    /// The elements within one subscript; without a size the item is its only element.
    fn range(
        &mut self,
        from: &Chain,
        to: Option<&Chain>,
        item: &Item<'a>,
        size: Option<usize>,
        rest: &[Step],
        out: &mut Out<'a>,
    ) -> Search<()> {
        let from = self.place(from, item)?;
        let to = to.map_or(Ok(from), |to| self.place(to, item))?;
        let length = size.unwrap_or(1) as i64;
        if !self.lenient && (from < 0 || from > to || to >= length) {
            return soft("22033", "jsonpath array subscript is out of bounds");
        }
        for i in from.max(0)..=to.min(length - 1) {
            let element = if size.is_some() { item.element(i as usize) } else { Some(item.clone()) };
            if let Some(element) = element {
                self.chain(rest, element, out)?;
            }
            if out.done() {
                break;
            }
        }
        Ok(())
    }

    fn place(&mut self, chain: &Chain, item: &Item<'a>) -> Search<i64> {
        let mut found = Out::all();
        self.chain(chain, item.clone(), &mut found)?;
        let number = match found.items.as_slice() {
            [only] => only.number(),
            _ => None,
        };
        let Some(number) = number else {
            return soft("22033", "jsonpath array subscript is not a single numeric value");
        };
        let whole = number.trunc(0).ok().and_then(|whole| whole.to_i64());
        match whole.filter(|whole| i32::try_from(*whole).is_ok()) {
            Some(whole) => Ok(whole),
            None => soft("22033", "jsonpath array subscript is out of integer range"),
        }
    }

    /// `.**`: the item and all within it, of some levels.
    fn below(
        &mut self,
        first: u32,
        last: u32,
        rest: &[Step],
        item: Item<'a>,
        out: &mut Out<'a>,
    ) -> Search<()> {
        let outer = std::mem::replace(&mut self.lenient, true);
        let mut done = Ok(());
        if first == 0 {
            done = self.chain(rest, item.clone(), out);
        }
        if done.is_ok() && !out.done() {
            done = self.levels(1, (first, last), rest, &item, out);
        }
        self.lenient = outer;
        done
    }

    fn levels(
        &mut self,
        level: u32,
        (first, last): (u32, u32),
        rest: &[Step],
        item: &Item<'a>,
        out: &mut Out<'a>,
    ) -> Search<()> {
        if level > last {
            return Ok(());
        }
        for inner in item.inner() {
            let holds = matches!(inner.kind(), Some(Kind::Array | Kind::Object));
            if level >= first || first == u32::MAX && last == u32::MAX && !holds {
                self.chain(rest, inner.clone(), out)?;
            }
            if level < last && holds && !out.done() {
                self.levels(level + 1, (first, last), rest, &inner, out)?;
            }
            if out.done() {
                break;
            }
        }
        Ok(())
    }

    /// The items of an operand; a lax path opens arrays among them.
    fn operand(&mut self, chain: &Chain, item: &Item<'a>, open: bool) -> Search<Vec<Item<'a>>> {
        let mut found = Out::all();
        self.chain(chain, item.clone(), &mut found)?;
        if !open || !self.lax {
            return Ok(found.items);
        }
        let mut items = Vec::with_capacity(found.items.len());
        for item in found.items {
            if item.is_array() { items.extend(item.inner()) } else { items.push(item) }
        }
        Ok(items)
    }

    fn arithmetic(&mut self, op: char, left: &Chain, right: &Chain, item: Item<'a>) -> Search<Item<'a>> {
        let (left, right) = (self.operand(left, &item, true)?, self.operand(right, &item, true)?);
        let number = |side: &str, items: &[Item<'a>]| -> Search<Numeric> {
            let number = if let [only] = items { only.number() } else { None };
            match number {
                Some(number) => Ok(number),
                None => soft(
                    "22038",
                    format!("{side} operand of jsonpath operator {op} is not a single numeric value"),
                ),
            }
        };
        let (a, b) = (number("left", &left)?, number("right", &right)?);
        let result = match op {
            '+' => a.add(&b),
            '-' => a.sub(&b),
            '*' => a.mul(&b),
            '/' => a.div(&b),
            _ => a.rem(&b),
        };
        Ok(Item::Made(Json::Number(result.map_err(Fail::Soft)?).encode()))
    }

    fn sign(
        &mut self,
        sign: char,
        operand: &Chain,
        rest: &[Step],
        item: Item<'a>,
        out: &mut Out<'a>,
    ) -> Search<()> {
        for operand in self.operand(operand, &item, true)? {
            let Some(number) = operand.number() else {
                // As PostgreSQL has it where only whether there is one is asked.
                if out.first && rest.is_empty() {
                    continue;
                }
                let message = format!("operand of unary jsonpath operator {sign} is not a numeric value");
                return soft("2203B", message);
            };
            let number = if sign == '-' { number.negated() } else { number };
            self.chain(rest, Item::Made(Json::Number(number).encode()), out)?;
            if out.done() {
                break;
            }
        }
        Ok(())
    }

    fn test(&mut self, test: &Test, item: &Item<'a>) -> Search<Truth> {
        Ok(match test {
            Test::And(left, right) => match self.test(left, item)? {
                Some(false) => Some(false),
                first => match self.test(right, item)? {
                    Some(true) => first,
                    second => second,
                },
            },
            Test::Or(left, right) => match self.test(left, item)? {
                Some(true) => Some(true),
                first => match self.test(right, item)? {
                    Some(false) => first,
                    second => second,
                },
            },
            Test::Not(inner) => self.test(inner, item)?.map(|truth| !truth),
            Test::IsUnknown(inner) => Some(self.test(inner, item)?.is_none()),
            Test::Exists(chain) => {
                let mut found = Out { items: Vec::new(), first: self.lax };
                quiet(self.chain(chain, item.clone(), &mut found))?.map(|()| !found.items.is_empty())
            }
            Test::Compare(cmp, left, right) => {
                let zone = self.asked.zone;
                self.pairs(left, Some((right, true)), item, &|a, b| compare(*cmp, a, b, zone))?
            }
            Test::Starts(left, right) => {
                self.pairs(left, Some((right, false)), item, &|a, b| Ok(starts_with(a, b)))?
            }
            Test::Like(left, matcher, ..) => self.pairs(left, None, item, &|a, _| {
                Ok(a.view().and_then(|view| view.text().map(|text| matcher.matches(text))))
            })?,
        })
    }

    /// A test of items of the one side and of the other: true where it is of a pair. A strict path tests all of them.
    fn pairs(
        &mut self,
        left: &Chain,
        right: Option<(&Chain, bool)>,
        item: &Item<'a>,
        test: &dyn Fn(&Item<'a>, &Item<'a>) -> Search<Truth>,
    ) -> Search<Truth> {
        let Some(left) = quiet(self.operand(left, item, true))? else { return Ok(None) };
        let right = match right {
            Some((right, open)) => match quiet(self.operand(right, item, open))? {
                Some(right) => right,
                None => return Ok(None),
            },
            None => vec![Item::Made(Json::Null.encode())],
        };
        let (mut unknown, mut found) = (false, false);
        for a in &left {
            for b in &right {
                self.asked.interrupt.check()?;
                match test(a, b)? {
                    Some(true) if self.lax => return Ok(Some(true)),
                    Some(true) => found = true,
                    Some(false) => {}
                    None if !self.lax => return Ok(None),
                    None => unknown = true,
                }
            }
        }
        Ok(match (found, unknown) {
            (true, _) => Some(true),
            (false, true) => None,
            (false, false) => Some(false),
        })
    }
}

/// None for a failure that a test does not mind.
fn quiet<T>(search: Search<T>) -> Search<Option<T>> {
    match search {
        Ok(found) => Ok(Some(found)),
        Err(Fail::Soft(_)) => Ok(None),
        Err(hard) => Err(hard),
    }
}
