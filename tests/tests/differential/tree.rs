//! A statement as a tree that knows what can be left out of it.
//!
//! ```text
//! Seq["SELECT ", List[Expr(integer, "a + " Expr(integer, "1"))], Optional[" WHERE " Expr(boolean, …)]]
//! ```
//!
//! [`Sql::reductions`] gives every tree that is one step smaller. A step may make nonsense of a statement (a column that is no
//! longer there); both sides then agree that it is nonsense, so it is no smaller *failing* statement and is not taken.

use super::types::Ty;
use std::fmt;

/// A piece of a statement.
#[derive(Debug, Clone)]
pub enum Sql {
    /// As it is.
    Text(String),
    /// One behind the other.
    Seq(Vec<Sql>),
    /// May be left out.
    Optional(Box<Sql>),
    /// Items with a separator, of which that many must stay.
    List(Vec<Sql>, &'static str, usize),
    /// An expression of a type, for which an expression of the same type within it may stand, or a plain value.
    Expr(Ty, Box<Sql>),
    /// A query's outermost ORDER BY, which makes the order of its rows total, with the LIMIT that relies on it.
    Order(Box<Sql>),
}

impl Sql {
    /// A piece that stays as it is.
    pub fn text(text: impl Into<String>) -> Sql {
        Sql::Text(text.into())
    }

    /// Nothing.
    pub fn nothing() -> Sql {
        Sql::Seq(Vec::new())
    }

    /// A piece that may be left out.
    pub fn optional(parts: Vec<Sql>) -> Sql {
        Sql::Optional(Box::new(Sql::Seq(parts)))
    }

    /// Items between commas; one must stay.
    pub fn list(items: Vec<Sql>) -> Sql {
        Sql::List(items, ", ", 1)
    }

    /// True if the order of rows is part of the answer.
    pub fn is_ordered(&self) -> bool {
        match self {
            Sql::Order(_) => true,
            Sql::Seq(parts) => parts.iter().any(Sql::is_ordered),
            Sql::Optional(part) => part.is_ordered(),
            _ => false,
        }
    }

    /// Trees that are one step smaller, largest steps first.
    pub fn reductions(&self) -> Vec<Sql> {
        let mut out = Vec::new();
        match self {
            Sql::Text(_) => {}
            Sql::Seq(parts) => {
                within(parts, &mut out, &|parts| Sql::Seq(parts));
            }
            Sql::Optional(part) => {
                out.push(Sql::nothing());
                out.extend(part.reductions().into_iter().map(|part| Sql::Optional(Box::new(part))));
            }
            Sql::Order(part) => {
                out.push(Sql::nothing());
                out.extend(part.reductions().into_iter().map(|part| Sql::Order(Box::new(part))));
            }
            Sql::List(items, separator, least) => {
                let list = |items| Sql::List(items, separator, *least);
                if items.len() > *least {
                    // Halves first: a list of rows is long.
                    if items.len() >= 2 * *least.max(&2) {
                        let (front, back) = items.split_at(items.len() / 2);
                        out.push(list(front.to_vec()));
                        out.push(list(back.to_vec()));
                    }
                    for i in 0..items.len() {
                        let mut fewer = items.clone();
                        fewer.remove(i);
                        out.push(list(fewer));
                    }
                }
                within(items, &mut out, &list);
            }
            Sql::Expr(ty, body) => {
                body.of_type(*ty, &mut out);
                for value in ["NULL", ty.info().values[0]] {
                    let quoted = if value == "NULL" { value.to_owned() } else { format!("'{value}'") };
                    let cast = format!("{quoted}::{}", ty.info().name);
                    if cast.len() < self.to_string().len() {
                        out.push(Sql::Text(cast));
                    }
                }
                out.extend(body.reductions().into_iter().map(|body| Sql::Expr(*ty, Box::new(body))));
            }
        }
        out
    }

    /// The outermost expressions of a type.
    fn of_type(&self, ty: Ty, out: &mut Vec<Sql>) {
        match self {
            Sql::Text(_) => {}
            Sql::Expr(of, _) if *of == ty => out.push(self.clone()),
            Sql::Expr(_, part) | Sql::Optional(part) | Sql::Order(part) => part.of_type(ty, out),
            Sql::Seq(parts) | Sql::List(parts, ..) => parts.iter().for_each(|part| part.of_type(ty, out)),
        }
    }
}

/// The reductions of each part, with the others as they are.
fn within(parts: &[Sql], out: &mut Vec<Sql>, make: &dyn Fn(Vec<Sql>) -> Sql) {
    for (i, part) in parts.iter().enumerate() {
        for smaller in part.reductions() {
            let mut parts = parts.to_vec();
            parts[i] = smaller;
            out.push(make(parts));
        }
    }
}

impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Sql::Text(text) => f.write_str(text),
            Sql::Seq(parts) => parts.iter().try_for_each(|part| part.fmt(f)),
            Sql::Optional(part) | Sql::Expr(_, part) | Sql::Order(part) => part.fmt(f),
            Sql::List(items, separator, _) => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str(separator)?;
                    }
                    item.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}
