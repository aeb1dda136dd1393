//! Expressions with holes: `{integer} + {integer}`, and what fills the holes.
//!
//! | hole | is filled with an expression of |
//! |---|---|
//! | `{text}`, `{integer[]}` … | that type |
//! | `{R}` | the type that is asked for |
//! | `{C}` | one type with an order, the same in all such holes |
//! | `{A}`, `{E}` | one type of arrays, its elements |
//! | `{X}` | any type, another in each hole |
//! | `{#pool}` | a text of that [`pool`](super::pools) |

use super::super::types::Ty;
use super::pools;

/// What fills a hole.
#[derive(Debug, Clone, Copy)]
pub enum Hole {
    /// An expression of a type.
    Of(Ty),
    /// Of the type that is asked for.
    Result,
    /// Of the template's type with an order.
    Ordered,
    /// Of the template's type of arrays.
    Array,
    /// Of its elements' type.
    Element,
    /// Of any type.
    Any,
    /// A text that means something to the function.
    Pool(&'static [&'static str]),
}

/// What a template gives.
#[derive(Debug, Clone, Copy)]
pub enum Returns {
    /// That type.
    Of(Ty),
    /// Whatever is asked for.
    Any,
    /// Whatever is asked for that has an order.
    Ordered,
    /// The type of `{A}`.
    Array,
    /// The type of `{E}`.
    Element,
}

impl Returns {
    /// True if that type can come of it.
    pub fn gives(self, ty: Ty) -> bool {
        match self {
            Returns::Of(of) => of == ty,
            Returns::Any => true,
            Returns::Ordered => ty.info().comparable,
            Returns::Array => ty.element().is_some(),
            Returns::Element => ty.array().is_some(),
        }
    }
}

/// An expression with holes.
#[derive(Debug, Clone)]
pub struct Template {
    /// What it gives.
    pub returns: Returns,
    /// Texts and holes.
    pub parts: Vec<Result<String, Hole>>,
}

impl Template {
    /// Of a text with holes in braces and what it gives; None where a type is not in the table.
    pub fn parse(text: &str, returns: &str) -> Option<Template> {
        let returns = match returns {
            "R" => Returns::Any,
            "C" => Returns::Ordered,
            "A" => Returns::Array,
            "E" => Returns::Element,
            name => Returns::Of(Ty::find(name)?),
        };
        let (mut parts, mut rest) = (Vec::new(), text);
        while let Some((before, behind)) = rest.split_once('{') {
            let (hole, behind) = behind.split_once('}')?;
            parts.push(Ok(before.to_owned()));
            parts.push(Err(hole_of(hole)?));
            rest = behind;
        }
        parts.push(Ok(rest.to_owned()));
        Some(Template { returns, parts })
    }
}

fn hole_of(name: &str) -> Option<Hole> {
    Some(match name {
        "R" => Hole::Result,
        "C" => Hole::Ordered,
        "A" => Hole::Array,
        "E" => Hole::Element,
        "X" => Hole::Any,
        name => match name.strip_prefix('#') {
            Some(pool) => Hole::Pool(pools::pool(pool)),
            None => Hole::Of(Ty::find(name)?),
        },
    })
}

/// The templates that may stand in statements of one kind, by what they give.
pub struct Templates(Vec<Vec<Template>>);

impl Templates {
    /// Of these templates.
    pub fn new(templates: &[Template]) -> Templates {
        let giving = |ty: Ty| templates.iter().filter(|t| t.returns.gives(ty)).cloned().collect();
        Templates(Ty::all().map(giving).collect())
    }

    /// Those that give a type.
    pub fn giving(&self, ty: Ty) -> &[Template] {
        let at = Ty::all().position(|other| other == ty).expect("every type is in the table");
        &self.0[at]
    }
}
