//! Conversions to and from regclass and regtype, whose names only the catalog knows: calls that ask it when they run.

use super::{Expr, Resolver};
use crate::sql::bind::{UNKNOWN, type_oid};
use crate::sql::functions::lookup;
use crate::sql::functions::reference::{NAME_OF, NUMBER_OF};
use remanent_storage::error::{Error, Result};
use remanent_storage::value::{Type, Value};

impl Resolver {
    /// A conversion where either side is such a type; `from` and `to` differ.
    pub(super) fn convert_reference(&mut self, expr: Expr, from: Type, to: Type) -> Result<Expr> {
        if from.is_reference() {
            if to.is_oid() || matches!(to, Type::Int8 | Type::Int4) {
                return Ok(Expr::Cast { expr: Box::new(expr), to });
            }
            let name = registered(NAME_OF, vec![expr], Type::Text)?;
            return self.convert(name, to);
        }
        if matches!(from, Type::Oid | Type::Int2 | Type::Int4 | Type::Int8) {
            return Ok(Expr::Cast { expr: Box::new(expr), to });
        }
        let text = self.convert(expr, Type::Text)?;
        self.reference(text, to, None)
    }

    /// The object of a name; `at` is where the name is written.
    pub(super) fn reference(&mut self, name: Expr, to: Type, at: Option<usize>) -> Result<Expr> {
        let at = at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1);
        registered(NUMBER_OF, vec![name, Expr::literal(Value::Int8(at))], to)
    }

    /// `pg_typeof`: the argument is asked for its type, and evaluated, which may fail.
    pub(super) fn type_of(&mut self, args: Vec<Expr>) -> Result<Expr> {
        let mut args = args;
        let oid = args.first().and_then(|arg| self.known_type(arg)).map_or(UNKNOWN, type_oid);
        if let Some(arg) = args.first_mut() {
            *arg = self.finish(arg.clone())?;
        }
        args.push(Expr::literal(Value::Int8(oid)));
        registered("pg_typeof", args, Type::Regtype)
    }
}

fn registered(name: &str, args: Vec<Expr>, ty: Type) -> Result<Expr> {
    match lookup(name) {
        [function, ..] => Ok(Expr::Call { function, args, ty }),
        [] => Err(Error::internal(format!("function {name} is not in the registry"))),
    }
}
