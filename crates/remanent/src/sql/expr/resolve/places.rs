//! Arrays and what stands within them: `ARRAY[…]`, subscripts, slices, and assignments to those; of jsonb, too.

use super::Resolver;
use super::conversions::REWRITE;
use super::errors::failure;
use crate::sql::expr::Expr;
use crate::sql::expr::coerce::{CastContext, can_convert, family};
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Element, Type, Value};

/// A place within an array.
pub enum Place {
    /// One element.
    At(Expr),
    /// A slice; an end left out is the array's.
    Slice(Option<Expr>, Option<Expr>),
}

impl Resolver {
    /// `ARRAY[…]`: of elements, or of arrays, which are its rows.
    pub fn array(&mut self, items: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        let (items, ty) = self.unify(items, "ARRAY", at)?;
        self.of_type("@array", items, Type::Array(Element::of(ty.plain())))
    }

    /// `array[i]`, `array[i][j:k]`; of jsonb a path. Each place is one subscript or, (low, high), a slice; an end left out
    /// is None.
    pub fn subscript(&mut self, of: Expr, places: Vec<Place>, at: usize) -> Result<Expr> {
        let element = match self.known_type(&of) {
            Some(Type::Array(element)) => element,
            Some(Type::Jsonb) => return self.json_subscript(of, places, at),
            ty => return Err(no_subscripts(ty, at)),
        };
        let (shape, ends) = self.shape(places, at)?;
        let sliced = shape.bytes().any(|place| place != b'i');
        let mut all = vec![of];
        all.extend(sliced.then(|| Expr::Literal { value: Value::Text(shape), ty: Type::Text }));
        all.extend(ends);
        match sliced {
            true => self.of_type("@slice", all, Type::Array(element)),
            false => self.of_type("@element", all, element.ty()),
        }
    }

    /// What is given of each place: one subscript, both ends of a slice, the low one, the high one, none; and those.
    fn shape(&mut self, places: Vec<Place>, at: usize) -> Result<(String, Vec<Expr>)> {
        let (mut shape, mut ends) = (String::new(), Vec::new());
        for place in places {
            let (letter, given) = match place {
                Place::At(i) => ('i', [Some(i), None]),
                Place::Slice(low, high) => {
                    let letter = match (&low, &high) {
                        (Some(_), Some(_)) => 'b',
                        (Some(_), None) => 'l',
                        (None, Some(_)) => 'h',
                        (None, None) => 'n',
                    };
                    (letter, [low, high])
                }
            };
            shape.push(letter);
            for end in given.into_iter().flatten() {
                ends.push(self.cast(end, Type::Int4, CastContext::Assignment, at)?);
            }
        }
        Ok((shape, ends))
    }

    /// `column[places] = value`: the column's new value, made of what it is so far.
    pub fn assign_at(
        &mut self,
        of: Expr,
        places: Vec<Place>,
        value: Expr,
        column: &str,
        at: usize,
    ) -> Result<Expr> {
        let ty = of.ty();
        let element = match ty {
            Type::Array(element) => element,
            Type::Jsonb => {
                let value = self.assign_part(value, Type::Jsonb, column, at)?;
                let path = self.json_path(places, at)?;
                return self.of_type("@assign_json", [of, value].into_iter().chain(path).collect(), ty);
            }
            _ => return Err(no_subscripts(Some(ty), at)),
        };
        let (shape, ends) = self.shape(places, at)?;
        let whole = shape.bytes().any(|place| place != b'i');
        let value = self.assign_part(value, if whole { ty } else { element.ty() }, column, at)?;
        let shape = Expr::Literal { value: Value::Text(shape), ty: Type::Text };
        self.of_type("@assign", [of, value, shape].into_iter().chain(ends).collect(), ty)
    }

    /// A conversion into a part of a column.
    fn assign_part(&mut self, expr: Expr, to: Type, column: &str, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, CastContext::Assignment) => {
                let (from, to) = (family(from), family(to));
                let message = format!(
                    "subscripted assignment to \"{column}\" requires type {to} but expression is of type {from}"
                );
                Err(failure(state::DATATYPE_MISMATCH, message, REWRITE, at))
            }
            _ => self.convert(expr, to),
        }
    }

    fn json_subscript(&mut self, of: Expr, places: Vec<Place>, at: usize) -> Result<Expr> {
        let path = self.json_path(places, at)?;
        self.call("jsonb_extract_path", std::iter::once(of).chain(path).collect(), at)
    }

    /// Subscripts of a jsonb: texts, or integers as texts.
    fn json_path(&mut self, places: Vec<Place>, at: usize) -> Result<Vec<Expr>> {
        let mut path = Vec::with_capacity(places.len());
        for place in places {
            let Place::At(i) = place else {
                let message = "jsonb subscript does not support slices";
                return Err(Error::new(state::DATATYPE_MISMATCH, message).at(at));
            };
            let known = self.known_type(&i);
            if !known.is_none_or(|ty| ty.is_text() || matches!(ty, Type::Int2 | Type::Int4 | Type::Char(_))) {
                let ty = known.map_or(Type::Text, family);
                let message = format!("subscript type {ty} is not supported");
                let hint = "jsonb subscript must be coercible to either integer or text.";
                return Err(failure(state::DATATYPE_MISMATCH, message, hint, at));
            }
            path.push(self.cast(i, Type::Text, CastContext::Explicit, at)?);
        }
        Ok(path)
    }
}

fn no_subscripts(ty: Option<Type>, at: usize) -> Error {
    let ty = ty.map_or("unknown".to_string(), |ty| family(ty).to_string());
    let message = format!("cannot subscript type {ty} because it does not support subscripting");
    Error::new(state::DATATYPE_MISMATCH, message).at(at)
}
