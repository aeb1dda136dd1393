//! What a path says of the keys and values of a document, for an inverted index.
//!
//! An item must come of the path, or it must be true. Either needs the keys that the path walks over, and where it asks for `==`
//! the value, at least as items of the document; where in it they are is not said. What is not understood says nothing.
//!
//! ```text
//! $.a[*] ? (@.b == "x" && @.c > 1)      key a, key b, string x, key c        (jsonb_ops)
//!                                       the hash of a, b and x               (jsonb_path_ops)
//! ```

use super::parse::{Chain, Path, Step, Test};
use crate::sql::functions::Cmp;
use remanent_storage::index::Items;
use remanent_storage::index::inverted::extract::{self, json_begins, json_key, json_value};
use remanent_storage::value::Jsonb;
use remanent_storage::value::json::Json;

/// What is wanted of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// An item: `@?`.
    Item,
    /// It is true: `@@`.
    True,
}

/// The items of documents from which a path makes what is wanted; None where the text is no path. `whole`: items are values with
/// the keys that lead to them.
pub fn path_items(text: &str, wanted: Wanted, column: usize, whole: bool) -> Option<Items> {
    let path = Path::parse(text).ok()?;
    let asking = Asking { column, whole };
    Some(match (path.chain.as_slice(), wanted) {
        ([Step::Truth(test)], Wanted::True) => asking.test(test, &Place::default()),
        (chain, _) => Items::All(asking.chain(chain, &Place::default()).needs),
    })
}

/// Where a chain has come to.
#[derive(Clone, Default)]
struct Place {
    /// What the document has if there is an item here.
    needs: Vec<Items>,
    /// The keys from the root to here; None: not known.
    path: Option<extract::Path>,
    /// Items are parts of the document.
    is_part: bool,
}

/// A chain that is a value, or a number with its sign.
fn constant(chain: &[Step]) -> Option<Jsonb> {
    match chain {
        [Step::Value(value)] => Some(value.clone()),
        [Step::Sign(sign, operand)] => {
            let number = constant(operand)?.view().number()?;
            Some(Json::Number(if *sign == '-' { number.negated() } else { number }).encode())
        }
        _ => None,
    }
}

struct Asking {
    column: usize,
    whole: bool,
}

impl Asking {
    fn chain(&self, chain: &[Step], current: &Place) -> Place {
        let mut at = Place::default();
        for step in chain {
            match step {
                Step::Root => {
                    at = Place { needs: Vec::new(), path: Some(extract::Path::default()), is_part: true }
                }
                Step::Current => at = current.clone(),
                Step::Key(key) => {
                    if at.is_part && !self.whole {
                        at.needs.push(json_key(self.column, key));
                    }
                    at.path = at.path.map(|path| path.key(key));
                }
                // Arrays are no part of a path.
                Step::Elements | Step::At(_) => {}
                Step::Members | Step::Below(..) => at.path = None,
                Step::Filter(test) => {
                    let needed = self.test(test, &at);
                    at.needs.push(needed);
                }
                Step::Arithmetic(_, left, right) => {
                    at.needs.extend(self.chain(left, current).needs);
                    at.needs.extend(self.chain(right, current).needs);
                    (at.path, at.is_part) = (None, false);
                }
                Step::Sign(_, operand) => {
                    at.needs.extend(self.chain(operand, current).needs);
                    (at.path, at.is_part) = (None, false);
                }
                Step::Method(..) | Step::Value(_) | Step::Variable(_) | Step::Last | Step::Truth(_) => {
                    (at.path, at.is_part) = (None, false);
                }
            }
        }
        at
    }

    /// What the document has if a test is true.
    fn test(&self, test: &Test, current: &Place) -> Items {
        match test {
            Test::And(a, b) => Items::All(vec![self.test(a, current), self.test(b, current)]),
            Test::Or(a, b) => Items::Any(vec![self.test(a, current), self.test(b, current)]),
            Test::Not(_) | Test::IsUnknown(_) => Items::everything(),
            Test::Exists(chain) | Test::Like(chain, ..) => Items::All(self.chain(chain, current).needs),
            Test::Compare(Cmp::Eq, left, right) => {
                self.compared(left, right, current, &|value, place| self.equal(value, place))
            }
            Test::Compare(_, left, right) => self.compared(left, right, current, &|_, _| None),
            Test::Starts(text, start) => self.compared(text, start, current, &|start, place| {
                let text = start.view().text().filter(|_| place.is_part && !self.whole)?;
                Some(json_begins(self.column, text))
            }),
        }
    }

    /// Both sides have an item; where one is a constant, `more` says of the other what follows from it.
    fn compared(
        &self,
        left: &Chain,
        right: &Chain,
        current: &Place,
        more: &dyn Fn(&Jsonb, &Place) -> Option<Items>,
    ) -> Items {
        let sides = [self.chain(left, current), self.chain(right, current)];
        let mut needs = Vec::new();
        for (chain, other) in [(right, &sides[0]), (left, &sides[1])] {
            needs.extend(constant(chain).and_then(|value| more(&value, other)));
        }
        sides.into_iter().for_each(|side| needs.extend(side.needs));
        Items::All(needs)
    }

    /// A part that is equal to a constant.
    fn equal(&self, value: &Jsonb, place: &Place) -> Option<Items> {
        if !place.is_part {
            return None;
        }
        match self.whole {
            true => place.path.map(|path| path.value(self.column, value.view())),
            false => Some(json_value(self.column, value.view())),
        }
    }
}
