//! Which of several functions or operators of one name is meant: PostgreSQL's rules
//! (manual chapters 10.2 and 10.3; `func_select_candidate` in its parser).

use super::coerce::{CastContext, Category, can_convert, category, family, is_preferred};
use crate::sql::functions::Arg;
use remanent_storage::value::Type;

/// What there is to choose from.
#[derive(Clone, Copy)]
pub(super) struct Candidate<'a> {
    pub args: &'a [Arg],
    pub variadic: bool,
}

/// What was chosen.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// The candidate at that place.
    One(usize),
    /// None takes such arguments.
    None,
    /// Several do, and no rule prefers one.
    Ambiguous,
}

impl Candidate<'_> {
    fn takes(&self, count: usize) -> bool {
        match self.variadic {
            true => count >= self.args.len(),
            false => count == self.args.len(),
        }
    }

    /// What it takes at place `i`.
    pub fn arg(&self, i: usize) -> Arg {
        self.args[i.min(self.args.len() - 1)]
    }

    fn matches(&self, i: usize, ty: Option<Type>, operator: bool) -> bool {
        match self.arg(i) {
            // `||` of anything and text: of anything but an array.
            Arg::Any => !operator || !matches!(ty, Some(Type::Array(_))),
            Arg::Array => ty.is_none_or(|ty| matches!(ty, Type::Array(_))),
            Arg::Element => ty.is_none_or(|ty| !matches!(ty, Type::Array(_))),
            Arg::Enum => ty.is_none_or(|ty| matches!(ty, Type::Enum(_))),
            Arg::Is(wanted) => can_convert(ty, wanted, CastContext::Implicit),
        }
    }

    fn is(&self, i: usize, ty: Type) -> bool {
        match (self.arg(i), ty) {
            (Arg::Array, Type::Array(_)) | (Arg::Enum, Type::Enum(_)) => true,
            (arg, ty) => arg == Arg::Is(family(ty)),
        }
    }

    fn is_preferred(&self, i: usize, within: Category) -> bool {
        matches!(self.arg(i), Arg::Is(ty) if is_preferred(ty) && category(ty) == within)
    }
}

/// Chooses for arguments of these types; None is a literal or parameter whose type is not known.
pub(super) fn choose(candidates: &[Candidate<'_>], types: &[Option<Type>], operator: bool) -> Choice {
    if let Some(exact) = exact(candidates.iter().copied(), types, operator) {
        return Choice::One(exact);
    }
    let all = || candidates.iter().enumerate().filter(|(_, c)| c.takes(types.len()));
    let mut left: Vec<(usize, &Candidate<'_>)> =
        all().filter(|(_, c)| types.iter().enumerate().all(|(i, &ty)| c.matches(i, ty, operator))).collect();
    match left.as_slice() {
        [] => return Choice::None,
        [(only, _)] => return Choice::One(*only),
        _ => {}
    }
    let known = || types.iter().enumerate().filter_map(|(i, ty)| ty.map(|ty| (i, ty)));
    keep_best(&mut left, &|c| known().filter(|&(i, ty)| c.is(i, ty)).count());
    if left.len() > 1 {
        keep_best(&mut left, &|c| {
            known().filter(|&(i, ty)| c.is(i, ty) || c.is_preferred(i, category(ty))).count()
        });
    }
    if left.len() > 1 {
        if types.iter().all(Option::is_some) {
            return Choice::Ambiguous;
        }
        by_category(&mut left, types);
    }
    if let [(only, _)] = left.as_slice() {
        return Choice::One(*only);
    }
    // Last: if all known arguments have one type, the unknown ones may have it too.
    let mut kinds = known().map(|(_, ty)| family(ty));
    if let Some(first) = kinds.next()
        && kinds.all(|ty| ty == first)
    {
        left.retain(|(_, c)| (0..types.len()).all(|i| c.matches(i, Some(first), operator)));
        if let [(only, _)] = left.as_slice() {
            return Choice::One(*only);
        }
    }
    Choice::Ambiguous
}

/// The candidate with exactly these types. An operator's one unknown operand counts as of the other's type.
pub(super) fn exact<'a>(
    mut candidates: impl Iterator<Item = Candidate<'a>>,
    types: &[Option<Type>],
    operator: bool,
) -> Option<usize> {
    let of = |i: usize| match types {
        [a, b] if operator => {
            if i == 0 {
                a.or(*b)
            } else {
                b.or(*a)
            }
        }
        types => types.get(i).copied().flatten(),
    };
    candidates
        .position(|c| c.takes(types.len()) && (0..types.len()).all(|i| of(i).is_some_and(|ty| c.is(i, ty))))
}

/// Keeps those with the highest score.
fn keep_best(left: &mut Vec<(usize, &Candidate<'_>)>, score: &dyn Fn(&Candidate<'_>) -> usize) {
    let best = left.iter().map(|(_, c)| score(c)).max().unwrap_or(0);
    left.retain(|(_, c)| score(c) == best);
}

/// For each unknown argument: the category that all accept, or text where any does; then the preferred type in it.
fn by_category(left: &mut Vec<(usize, &Candidate<'_>)>, types: &[Option<Type>]) {
    let slot = |arg: Arg| match arg {
        Arg::Is(ty) => (Some(category(ty)), is_preferred(ty)),
        Arg::Array => (Some(Category::Array), false),
        Arg::Enum => (Some(Category::Enum), false),
        Arg::Any | Arg::Element => (None, false),
    };
    let mut wanted: Vec<(usize, Option<Category>, bool)> = Vec::new();
    for i in (0..types.len()).filter(|&i| types[i].is_none()) {
        let slots: Vec<_> = left.iter().map(|(_, c)| slot(c.arg(i))).collect();
        let text = Some(Category::Text);
        let chosen = if slots.iter().any(|(category, _)| *category == text) { text } else { slots[0].0 };
        if chosen != text && slots.iter().any(|(category, _)| *category != chosen) {
            return;
        }
        wanted.push((i, chosen, slots.iter().any(|&(category, preferred)| category == chosen && preferred)));
    }
    let fits = |c: &Candidate<'_>| {
        wanted.iter().all(|&(i, category, preferred)| {
            let (has, is_preferred) = slot(c.arg(i));
            has == category && (is_preferred || !preferred)
        })
    };
    if left.iter().any(|(_, c)| fits(c)) {
        left.retain(|(_, c)| fits(c));
    }
}
