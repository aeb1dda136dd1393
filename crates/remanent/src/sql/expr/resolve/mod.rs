//! From names and parts to expressions, by PostgreSQL's rules of type conversion (manual chapter 10).
//!
//! Here are calls, of functions and of operators: which of those of that name is meant, and what becomes of its arguments.
//! `conversions.rs` has what is converted by itself, `conditions.rs` the syntax that stands for operators, `places.rs` what
//! lies within arrays, `errors.rs` what is said where types do not fit.

mod conditions;
mod conversions;
mod errors;
mod places;

pub use errors::{needs_equality, needs_order};
pub use places::Place;

use super::Expr;
use super::coerce::{CastContext, common, conversion, family};
use super::overload::{Candidate, Choice, choose, exact};
use crate::sql::functions::aggregate::{self, Aggregate};
use crate::sql::functions::missing::is_missing;
use crate::sql::functions::series::SetFunction;
use crate::sql::functions::{self, Arg, Function, Signature};
use errors::{ambiguous, needs, no_such, undetermined};
use remanent_storage::catalog::enums::Enums;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::kinds::Kind as Layout;
use remanent_storage::value::record::RECORD;
use remanent_storage::value::{Element, Type, Value, Zone};
use std::sync::Arc;

const TIMETZ: Type = Type::Other(Layout::TimeTz, 0);

/// Makes expressions from names and parts, by PostgreSQL's rules of type conversion, and learns
/// the types of the parameters on the way. One per statement.
///
/// `at` is always where in the statement an error belongs: the operator, the function's name; in bytes.
#[derive(Debug, Default)]
pub struct Resolver {
    params: Vec<Option<Type>>,
    /// The enum types that there are.
    pub(in crate::sql::expr) enums: Arc<Enums>,
    /// Where literals were read as values of them, each with its type's number.
    pub(in crate::sql::expr) labels: Vec<(usize, u32)>,
    /// The zone of moments that are written without one.
    zone: Zone,
}

/// Which word the errors use.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Function,
    Operator,
}

impl Resolver {
    /// For a statement whose first parameters have these types.
    pub fn new(params: Vec<Option<Type>>) -> Self {
        Resolver { params, ..Resolver::default() }
    }

    /// The same in a time zone.
    pub fn in_zone(self, zone: Zone) -> Self {
        Resolver { zone, ..self }
    }

    /// Takes back what was decided of a parameter.
    pub fn forget(&mut self, expr: &Expr) {
        if let Expr::Param { index, .. } = expr
            && let Some(slot) = self.params.get_mut(*index)
        {
            *slot = None;
        }
    }

    /// `$n`, where `index` is n - 1.
    pub fn param(&mut self, index: usize, at: usize) -> Expr {
        if index >= self.params.len() {
            self.params.resize(index + 1, None);
        }
        Expr::Param { index, ty: self.params[index], at }
    }

    /// The types of all parameters, once everything is resolved; 42P18 for one that no context gave a type.
    pub fn param_types(&self) -> Result<Vec<Type>> {
        let undetermined = |i| {
            let message = format!("could not determine data type of parameter ${}", i + 1);
            Error::new(state::INDETERMINATE_DATATYPE, message)
        };
        self.params.iter().enumerate().map(|(i, ty)| ty.ok_or_else(|| undetermined(i))).collect()
    }

    /// The type, where it is known by now (a parameter's may have become known since it was made).
    pub(super) fn known_type(&self, expr: &Expr) -> Option<Type> {
        match expr {
            Expr::Param { index, ty: None, .. } => self.params.get(*index).copied().flatten(),
            _ => expr.known_type(),
        }
    }

    /// Gives parameters the type that they have by now.
    fn refresh(&self, expr: &mut Expr) {
        if let Expr::Param { index, ty: ty @ None, .. } = expr {
            *ty = self.params.get(*index).copied().flatten();
        }
    }

    /// Converts without asking whether the context allows it. A literal is read as the wanted type here.
    pub(super) fn convert(&mut self, mut expr: Expr, to: Type) -> Result<Expr> {
        self.refresh(&mut expr);
        match expr {
            Expr::Unknown { text: None, .. } => Ok(Expr::Literal { value: Value::Null, ty: to }),
            Expr::Unknown { text: Some(text), at } => {
                if let Some(now) = self.clock_word(&text, to, at)? {
                    return Ok(now);
                }
                if to.is_reference() {
                    return self.reference(Expr::literal(Value::Text(text)), to, Some(at));
                }
                if family(to) == TIMETZ && !self.zone.is_utc() {
                    return self.time_of_now(Expr::literal(Value::Text(text)), to);
                }
                self.labels.extend(to.enumeration().map(|id| (at, id)));
                let read = self.enum_literal(&text, to);
                let value = read.unwrap_or_else(|| Value::parse_in(&text, to, &self.zone));
                Ok(Expr::Literal { value: value.map_err(|e| e.at(at))?, ty: to })
            }
            Expr::Param { index, ty: None, at } => {
                // Of an enum type it is the label that is given.
                let ty = if to.is_reference() { Type::Text } else { family(to).with_enum_as(Type::Text) };
                if let Some(slot) = self.params.get_mut(index) {
                    *slot = Some(ty);
                }
                self.convert(Expr::Param { index, ty: Some(ty), at }, to)
            }
            other if other.known_type() == Some(to) => Ok(other),
            other if self.is_time_of_now(&other, to) => self.time_of_now(other, to),
            Expr::Literal { value: Value::Null, .. } => Ok(Expr::Literal { value: Value::Null, ty: to }),
            other => match other.known_type() {
                Some(from) if from.enumeration().is_some() || to.enumeration().is_some() => {
                    self.convert_enum(other, from, to)
                }
                Some(from) if from.is_reference() || to.is_reference() => {
                    self.convert_reference(other, from, to)
                }
                _ => Ok(Expr::Cast { expr: Box::new(other), to }),
            },
        }
    }

    /// True where a time without a zone becomes one with: the session's, as it is when the statement runs.
    fn is_time_of_now(&self, expr: &Expr, to: Type) -> bool {
        let from = expr.known_type();
        family(to) == TIMETZ
            && !self.zone.is_utc()
            && from.is_some_and(|ty| ty.is_text() || ty.plain() == Type::Time)
    }

    fn time_of_now(&mut self, expr: Expr, to: Type) -> Result<Expr> {
        let name = if expr.ty().plain() == Type::Time { "timetz" } else { "@timetz" };
        let time = self.resolve(Kind::Function, name, vec![expr], 0)?;
        self.convert(time, to)
    }

    /// `'now'`, `'today'` and their kin as a date or time: what the clock says when the statement runs. None: it is another text.
    fn clock_word(&mut self, text: &str, to: Type, at: usize) -> Result<Option<Expr>> {
        if !matches!(to.plain(), Type::Date | Type::Timestamp | Type::Timestamptz | Type::Time) {
            return Ok(None);
        }
        let text = text.to_ascii_lowercase();
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let time = |text: &str| match Value::parse(text, Type::Time) {
            Ok(time) => Some(Expr::literal(time)),
            Err(_) => None,
        };
        let (word, time) = match words.as_slice() {
            [word] => (*word, None),
            ["now", _] | [_, "now"] => return Ok(None),
            [word, other] if let Some(time) = time(other) => (*word, Some(time)),
            [other, word] if let Some(time) = time(other) => (*word, Some(time)),
            _ => return Ok(None),
        };
        let days = match word {
            "now" => None,
            _ if to.plain() == Type::Time => return Ok(None),
            "today" => Some(0),
            "tomorrow" => Some(1),
            "yesterday" => Some(-1),
            _ => return Ok(None),
        };
        let clock = match days {
            None => self.call("now", Vec::new(), at)?,
            Some(days) => {
                let today = self.call("current_date", Vec::new(), at)?;
                self.binary("+", today, Expr::literal(Value::Int4(days)), at)?
            }
        };
        let clock = match time {
            Some(time) => self.binary("+", clock, time, at)?,
            None => clock,
        };
        self.convert(clock, to).map(Some)
    }

    /// Converts to what a function takes: any precision or length of the type will do.
    fn convert_arg(&mut self, mut expr: Expr, to: Arg) -> Result<Expr> {
        self.refresh(&mut expr);
        match (to, expr.known_type()) {
            (Arg::Any, Some(ty)) if ty.enumeration().is_some() => {
                self.convert(expr, ty.with_enum_as(Type::Text))
            }
            (Arg::Any, Some(ty)) if ty.is_reference() => self.convert(expr, Type::Text),
            (Arg::Any, Some(_)) => Ok(expr),
            (Arg::Any, None) => self.convert(expr, Type::Text),
            (Arg::Is(to), Some(from)) if family(from) == to => Ok(expr),
            // To a kernel it is text.
            (Arg::Is(Type::Text), Some(ty)) if ty.is_text() => Ok(expr),
            (Arg::Is(to), _) => self.convert(expr, to),
            (Arg::Array | Arg::Element | Arg::Enum, _) => Ok(expr),
        }
    }

    fn choose(
        &self,
        kind: Kind,
        name: &str,
        signatures: &[(Signature, bool)],
        args: &[Expr],
        at: usize,
    ) -> Result<usize> {
        let types: Vec<Option<Type>> = args.iter().map(|a| self.known_type(a)).collect();
        let candidates: Vec<Candidate<'_>> =
            signatures.iter().map(|&((args, _), variadic)| Candidate { args, variadic }).collect();
        match choose(&candidates, &types, kind == Kind::Operator) {
            Choice::One(i) => Ok(i),
            Choice::None if kind == Kind::Function && signatures.is_empty() && is_missing(name) => {
                let message = format!("function {name} is not supported");
                Err(Error::new(state::FEATURE_NOT_SUPPORTED, message).at(at))
            }
            Choice::None => Err(no_such(kind, name, &types, at)),
            Choice::Ambiguous => Err(ambiguous(kind, name, &types, at)),
        }
    }

    /// A call of the registry.
    fn resolve(&mut self, kind: Kind, name: &str, args: Vec<Expr>, at: usize) -> Result<Expr> {
        let functions = functions::lookup(name);
        let signatures = || {
            let of = |function: &&'static Function| {
                function.signatures.iter().map(|&signature| (signature, function.variadic))
            };
            functions.iter().flat_map(of)
        };
        let types: Vec<Option<Type>> = args.iter().map(|a| self.known_type(a)).collect();
        let candidates = signatures().map(|((args, _), variadic)| Candidate { args, variadic });
        let chosen = match exact(candidates, &types, kind == Kind::Operator) {
            Some(chosen) => chosen,
            None => {
                let signatures: Vec<_> = signatures().collect();
                self.choose(kind, name, &signatures, &args, at)?
            }
        };
        if matches!(name, "to_json" | "to_jsonb")
            && args.iter().any(|arg| matches!(arg, Expr::Unknown { .. }))
        {
            return Err(undetermined());
        }
        let Some(((wanted, returns), _)) = signatures().nth(chosen) else {
            return Err(Error::internal("a signature that is not there was chosen"));
        };
        let (args, ty) = self.convert_args((kind, name), args, wanted, returns, at)?;
        // Whose signature that is.
        let mut left = chosen;
        let function = functions.iter().find(|function| {
            let before = left.checked_sub(function.signatures.len());
            left = before.unwrap_or(left);
            before.is_none()
        });
        match function {
            Some(&function) => Ok(Expr::Call { function, args, ty }),
            None => Err(Error::internal("a signature of no function was chosen")),
        }
    }

    /// Converts to what the signature takes, and says what it returns for them.
    fn convert_args(
        &mut self,
        called: (Kind, &str),
        args: Vec<Expr>,
        wanted: &[Arg],
        returns: Type,
        at: usize,
    ) -> Result<(Vec<Expr>, Type)> {
        let wanted = |i: usize| wanted[i.min(wanted.len() - 1)];
        let args: Result<Vec<Expr>> =
            args.into_iter().enumerate().map(|(i, arg)| self.convert_arg(arg, wanted(i))).collect();
        let mut args = args?;
        let polymorphic = |i: usize| matches!(wanted(i), Arg::Array | Arg::Element | Arg::Enum);
        if !(0..args.len()).any(polymorphic) {
            return Ok((args, returns));
        }
        let Some(element) = self.element_of(&args, &wanted, compares(called.1), joins(called.1))? else {
            let types: Vec<_> = args.iter().map(|arg| self.known_type(arg)).collect();
            return Err(no_such(called.0, called.1, &types, at));
        };
        for (i, arg) in args.iter_mut().enumerate() {
            let to = match wanted(i) {
                Arg::Array => Type::Array(Element::of(element)),
                Arg::Element | Arg::Enum => element,
                _ => continue,
            };
            // What is made a text is made of labels.
            let texts = matches!(returns, Type::Text | Type::Json | Type::Jsonb);
            let to = if texts { to.with_enum_as(Type::Text) } else { to };
            let taken = std::mem::replace(arg, null(at));
            let fits = self.known_type(&taken).is_some_and(|from| family(from) == family(to));
            *arg = if fits { taken } else { self.convert(taken, to)? };
        }
        Ok((
            args,
            match returns {
                Type::Array(Element::ANY) => Type::Array(Element::of(element)),
                Type::Array(Element::ITSELF) => element,
                other => other,
            },
        ))
    }

    /// The type of elements on which the arrays and elements of a call agree, or, `exact`, which they share; None where
    /// they do not. `finds_text`: literals alone are text (PostgreSQL's anycompatible); otherwise that is an error.
    fn element_of(
        &self,
        args: &[Expr],
        wanted: &dyn Fn(usize) -> Arg,
        exact: bool,
        finds_text: bool,
    ) -> Result<Option<Type>> {
        let (mut exprs, mut known) = (Vec::new(), Vec::new());
        for (i, arg) in args.iter().enumerate() {
            let ty = match (wanted(i), self.known_type(arg)) {
                (Arg::Array, Some(Type::Array(element))) => Some(element.ty()),
                (Arg::Element | Arg::Enum, ty) => ty,
                _ => continue,
            };
            exprs.push(arg);
            known.push(ty);
        }
        if known.iter().all(Option::is_none) {
            if (0..args.len()).any(|i| wanted(i) == Arg::Enum) {
                return Ok(None);
            }
            return if finds_text { Ok(Some(Type::Text)) } else { Err(undetermined()) };
        }
        let mut types = known.iter().flatten().map(|ty| family(*ty));
        let first = types.next();
        if exact && types.any(|ty| Some(ty) != first) {
            return Ok(None);
        }
        let ty = common(&exprs, &known, "ARRAY", &[]).ok();
        Ok(ty.map(family))
    }

    /// A function call by name, COALESCE, NULLIF, GREATEST and LEAST included.
    pub fn call(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<Expr> {
        match name {
            "coalesce" | "greatest" | "least" if !args.is_empty() => {
                return self.unified(name, args, &[at]);
            }
            "nullif" if args.len() == 2 => return self.nullif(args, at),
            "pg_typeof" if args.len() == 1 => return self.type_of(args),
            _ => {}
        }
        if let [only] = args.as_slice()
            && functions::lookup(name).is_empty()
            && let Some(to) = type_named(name)
            && self.known_type(only).is_none_or(|from| conversion(from, to).is_some())
        {
            return self.cast(
                args.into_iter().next().unwrap_or_else(|| null(at)),
                to,
                CastContext::Explicit,
                at,
            );
        }
        let call = self.resolve(Kind::Function, name, args, at)?;
        self.with_definition(call)
    }

    /// 42883 for a call of a function that takes no such arguments.
    pub fn no_function(&self, name: &str, args: Vec<Expr>, at: usize) -> Error {
        let types: Vec<Option<Type>> = args.iter().map(|arg| self.known_type(arg)).collect();
        no_such(Kind::Function, name, &types, at)
    }

    /// COALESCE, GREATEST, LEAST, whose arguments stand at these places.
    pub fn unified(&mut self, name: &str, args: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        let (args, ty) = self.unify(args, &name.to_ascii_uppercase(), at)?;
        match name {
            "coalesce" => Ok(Expr::Coalesce { args, ty }),
            _ => {
                needs(ty, "a comparison function", None)?;
                self.of_type(name, args, ty)
            }
        }
    }

    /// The one entry of that name, whose result has the type of its arguments.
    fn of_type(&mut self, name: &str, args: Vec<Expr>, ty: Type) -> Result<Expr> {
        match functions::lookup(name) {
            [function, ..] => Ok(Expr::Call { function, args, ty }),
            [] => Err(Error::internal(format!("function {name} is not in the registry"))),
        }
    }

    fn nullif(&mut self, args: Vec<Expr>, at: usize) -> Result<Expr> {
        let mut args = args.into_iter();
        let (left, right) =
            (args.next().unwrap_or_else(|| null(at)), args.next().unwrap_or_else(|| null(at)));
        match self.binary("=", left, right, at)? {
            Expr::Call { args, .. } => {
                // The type that is compared: text for character varying.
                let ty = match args.first().map(Expr::ty) {
                    None => Type::Text,
                    Some(ty) if ty.is_text() => Type::Text,
                    Some(ty) => ty,
                };
                self.of_type("nullif", args, ty)
            }
            other => Ok(other),
        }
    }

    /// A call of an aggregate; `count(*)` has no arguments.
    pub fn aggregate(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<Aggregate> {
        let mut functions = Vec::new();
        let mut signatures = Vec::new();
        for function in aggregate::lookup(name) {
            for signature in function.signatures {
                functions.push(function);
                signatures.push((*signature, false));
            }
        }
        let chosen = self.choose(Kind::Function, name, &signatures, &args, at)?;
        let ((wanted, ty), _) = signatures[chosen];
        let (mut args, ty) = self.convert_args((Kind::Function, name), args, wanted, ty, at)?;
        let moment = |ty: Type| match ty.plain() {
            Type::Timestamptz => Some(Type::Text),
            RECORD => Some(RECORD),
            Type::Array(element) if element.ty() == Type::Timestamptz => {
                Some(Type::Array(Element::of(Type::Text)))
            }
            Type::Array(element) if element.ty() == RECORD => Some(ty),
            _ => None,
        };
        if name.starts_with("json") {
            let utc = self.zone.is_utc();
            let text =
                |ty: Type| if ty == Type::Oid { Some(Type::Text) } else { moment(ty).filter(|_| !utc) };
            for arg in &mut args {
                if let Some(text) = text(arg.ty()) {
                    *arg = self.of_type("@iso", vec![std::mem::replace(arg, null(at))], text)?;
                }
            }
        }
        Ok(Aggregate { function: functions[chosen], args, ty })
    }

    /// A call of a function that returns rows: its arguments, converted, and the type of its column.
    pub fn set_call(
        &mut self,
        function: &'static SetFunction,
        args: Vec<Expr>,
        at: usize,
    ) -> Result<(Vec<Expr>, Type)> {
        let signatures: Vec<(Signature, bool)> = function.signatures.iter().map(|s| (*s, false)).collect();
        let chosen = self.choose(Kind::Function, function.name, &signatures, &args, at)?;
        let ((wanted, ty), _) = signatures[chosen];
        self.convert_args((Kind::Function, function.name), args, wanted, ty, at)
    }

    /// An infix operator, by its symbol.
    pub fn binary(&mut self, op: &str, left: Expr, right: Expr, at: usize) -> Result<Expr> {
        let (left, right) = self.at_moments(left, right)?;
        self.resolve(Kind::Operator, op, vec![left, right], at)
    }

    /// Of a moment and a time or date without a zone both become moments, by the session's zone. In UTC that changes nothing.
    fn at_moments(&mut self, left: Expr, right: Expr) -> Result<(Expr, Expr)> {
        let of = |this: &Self, expr: &Expr| this.known_type(expr).map(Type::plain);
        Ok(match (of(self, &left), of(self, &right)) {
            _ if self.zone.is_utc() => (left, right),
            (Some(Type::Timestamptz), Some(Type::Timestamp | Type::Date)) => {
                (left, self.convert(right, Type::Timestamptz)?)
            }
            (Some(Type::Timestamp | Type::Date), Some(Type::Timestamptz)) => {
                (self.convert(left, Type::Timestamptz)?, right)
            }
            _ => (left, right),
        })
    }

    /// A prefix operator, by its symbol.
    pub fn unary(&mut self, op: &str, arg: Expr, at: usize) -> Result<Expr> {
        self.resolve(Kind::Operator, op, vec![arg], at)
    }

    /// `f(…, VARIADIC array)`: each element of the array is an argument.
    pub fn spread(&mut self, name: &str, args: Vec<Expr>, at: usize) -> Result<Expr> {
        let types: Vec<_> = args.iter().map(|arg| self.known_type(arg)).collect();
        let function = functions::lookup(name).iter().find(|function| function.variadic);
        let signature = function.and_then(|function| function.signatures.last());
        let Some((wanted, returns)) = signature.filter(|(wanted, _)| wanted.len() == args.len()) else {
            return Err(no_such(Kind::Function, name, &types, at));
        };
        let mut given = vec![Expr::Literal { value: Value::from(name), ty: Type::Text }];
        for (i, (arg, to)) in args.into_iter().zip(*wanted).enumerate() {
            given.push(match (to, types[i]) {
                _ if i + 1 < wanted.len() => self.convert_arg(arg, *to)?,
                (Arg::Is(element), None) => self.convert(arg, Type::Array(Element::of(*element)))?,
                (Arg::Is(element), Some(Type::Array(of))) if family(of.ty()) == *element => arg,
                (Arg::Any, Some(Type::Array(_))) => self.convert_arg(arg, Arg::Any)?,
                (Arg::Any, _) => {
                    let message = "VARIADIC argument must be an array";
                    return Err(Error::new(state::DATATYPE_MISMATCH, message).at(at));
                }
                _ => return Err(no_such(Kind::Function, name, &types, at)),
            });
        }
        self.of_type("@variadic", given, *returns)
    }
}

/// True if an operator takes two arrays of one type only, and converts neither.
fn compares(op: &str) -> bool {
    matches!(op, "=" | "<>" | "<" | "<=" | ">" | ">=" | "@>" | "<@" | "&&")
}

/// True if a function puts elements into arrays, or looks for them there: its literals may be text.
fn joins(name: &str) -> bool {
    name == "||"
        || ["append", "prepend", "cat", "remove", "replace", "position", "positions"]
            .iter()
            .any(|end| name.strip_prefix("array_").is_some_and(|rest| rest == *end))
}

fn null(at: usize) -> Expr {
    Expr::Unknown { text: None, at }
}

/// The type whose name is called like a function: `date('2024-01-01')`.
fn type_named(name: &str) -> Option<Type> {
    Some(match name {
        "bool" => Type::Bool,
        "int2" => Type::Int2,
        "int4" => Type::Int4,
        "int8" => Type::Int8,
        "float4" => Type::Float4,
        "float8" => Type::Float8,
        "numeric" => Type::Numeric(None),
        "text" => Type::Text,
        "bytea" => Type::Bytea,
        "date" => Type::Date,
        "timestamp" => Type::Timestamp,
        "timestamptz" => Type::Timestamptz,
        "interval" => Type::Interval,
        "vector" => Type::Vector(None),
        "varchar" => Type::Varchar(None),
        "bpchar" => Type::Char(None),
        "uuid" => Type::Uuid,
        "time" => Type::Time,
        "oid" => Type::Oid,
        "regclass" => Type::Regclass,
        "regtype" => Type::Regtype,
        "regnamespace" => Type::Regnamespace,
        "regproc" => Type::Regproc,
        "regrole" => Type::Regrole,
        "name" => Type::Name,
        "json" => Type::Json,
        "jsonb" => Type::Jsonb,
        _ => return Layout::of_name(name).map(|kind| Type::Other(kind, 0)),
    })
}
