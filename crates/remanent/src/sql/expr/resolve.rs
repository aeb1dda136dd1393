//! From names and parts to expressions, by PostgreSQL's rules of type conversion (manual chapter 10).

use super::Expr;
use super::coerce::{CastContext, can_convert, common, conversion, family};
use super::overload::{Candidate, Choice, choose};
use crate::sql::functions::aggregate::{self, Aggregate};
use crate::sql::functions::missing::is_missing;
use crate::sql::functions::series::SetFunction;
use crate::sql::functions::{self, Arg, Signature};
use remanent_storage::catalog::enums::Enums;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::value::kinds::Kind as Layout;
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
    pub(super) enums: Arc<Enums>,
    /// Where literals were read as values of them, each with its type's number.
    pub(super) labels: Vec<(usize, u32)>,
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
        let mut signatures = Vec::with_capacity(functions.iter().map(|f| f.signatures.len()).sum());
        for function in functions {
            signatures.extend(function.signatures.iter().map(|&signature| (signature, function.variadic)));
        }
        let chosen = self.choose(kind, name, &signatures, &args, at)?;
        if matches!(name, "to_json" | "to_jsonb")
            && args.iter().any(|arg| matches!(arg, Expr::Unknown { .. }))
        {
            return Err(undetermined());
        }
        let ((wanted, returns), _) = signatures[chosen];
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
        let alone = exprs.len() == 1;
        Ok(ty.map(|ty| if !alone || matches!(ty, Type::Array(_)) { family(ty) } else { ty.plain() }))
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
            Type::Array(element) if element.ty() == Type::Timestamptz => {
                Some(Type::Array(Element::of(Type::Text)))
            }
            _ => None,
        };
        if name.starts_with("json") && !self.zone.is_utc() {
            for arg in &mut args {
                if let Some(text) = moment(arg.ty()) {
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

    /// A conversion: `CAST(expr AS to)` with `Explicit`; 42846 where there is none.
    pub fn cast(&mut self, expr: Expr, to: Type, context: CastContext, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, context) => {
                let message = format!("cannot cast type {} to {}", family(from), family(to));
                Err(Error::new(state::CANNOT_COERCE, message).at(at))
            }
            _ if context == CastContext::Explicit => self.cut(expr, to, at),
            _ => self.convert(expr, to),
        }
    }

    /// An explicit conversion: what is too long for a character type or a string of bits is cut off.
    fn cut(&mut self, expr: Expr, to: Type, at: usize) -> Result<Expr> {
        if let Type::Other(kind @ (Layout::Bit | Layout::VarBit), length @ 1..) = to {
            return self.cut_bits(expr, kind, length, at);
        }
        let (Type::Varchar(Some(length)) | Type::Char(Some(length))) = to else {
            return self.convert(expr, to);
        };
        if self.known_type(&expr) == Some(to) {
            return Ok(expr);
        }
        let text = self.convert(expr, Type::Text)?;
        let length = Expr::Literal { value: Value::Int4(length as i32), ty: Type::Int4 };
        let cut = self.call("left", vec![text, length], at)?;
        self.convert(cut, to)
    }

    fn cut_bits(&mut self, expr: Expr, kind: Layout, length: u32, at: usize) -> Result<Expr> {
        let to = Type::Other(kind, length);
        let from = self.known_type(&expr);
        if from == Some(to) {
            return Ok(expr);
        }
        let length = Expr::literal(Value::Int4(length as i32));
        let args = match from {
            Some(Type::Int4 | Type::Int8) => vec![expr, length],
            _ => {
                let whole = self.convert(expr, Type::Other(kind, 0))?;
                vec![whole, length, Expr::literal(Value::Bool(true))]
            }
        };
        let cut = self.call(kind.described().name, args, at)?;
        self.convert(cut, to)
    }

    /// `ARRAY[…]`: of elements, or of arrays, which are its rows.
    pub fn array(&mut self, items: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        let (items, ty) = self.unify(items, "ARRAY", at)?;
        self.of_type("@array", items, Type::Array(Element::of(ty.plain())))
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

    /// `left op ANY (array)`, `left op ALL (array)`
    pub fn quantified(&mut self, op: &str, left: Expr, array: Expr, all: bool, at: usize) -> Result<Expr> {
        let element = match (self.known_type(&array), self.known_type(&left)) {
            (Some(Type::Array(element)), _) => element.ty(),
            (Some(_), _) => {
                let message = "op ANY/ALL (array) requires array on right side";
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
            }
            (None, Some(left @ Type::Array(_))) => {
                let message = format!("could not find array type for data type {left}");
                return Err(Error::new(state::UNDEFINED_OBJECT, message).at(at));
            }
            (None, left) => left.unwrap_or(Type::Text),
        };
        // What the operator takes, asked with an element in place of the array.
        let probe = Expr::Operand { ty: element };
        let test = self.binary(op, left, probe, at)?;
        let (left, element) = match test {
            Expr::Call { args, ty: Type::Bool, .. } => {
                let element = args.get(1).map_or(element, Expr::ty);
                (args.into_iter().next().unwrap_or_else(|| null(at)), element)
            }
            _ => {
                let message = "op ANY/ALL (array) requires operator to yield boolean";
                return Err(Error::new(state::WRONG_OBJECT_TYPE, message).at(at));
            }
        };
        let array = self.convert(array, Type::Array(Element::of(element)))?;
        let name = Expr::Literal { value: Value::from(op), ty: Type::Text };
        self.of_type(if all { "@all" } else { "@any" }, vec![name, left, array], Type::Bool)
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

    /// A conversion into a column of a table; 42804 names the column.
    pub fn assign(&mut self, expr: Expr, to: Type, column: &str, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, CastContext::Assignment) => {
                let (from, to) = (family(from), family(to));
                let message = format!("column \"{column}\" is of type {to} but expression is of type {from}");
                Err(Error::new(state::DATATYPE_MISMATCH, message).with_hint(REWRITE).at(at))
            }
            _ => self.convert(expr, to),
        }
    }

    /// A condition: `clause` is WHERE, HAVING, AND, … as in "argument of WHERE must be type boolean, not type integer".
    pub fn condition(&mut self, expr: Expr, clause: &str, at: usize) -> Result<Expr> {
        self.argument(expr, Type::Bool, clause, at)
    }

    /// The argument of a clause that wants one type, such as LIMIT.
    pub fn argument(&mut self, expr: Expr, to: Type, clause: &str, at: usize) -> Result<Expr> {
        match self.known_type(&expr) {
            Some(from) if !can_convert(Some(from), to, CastContext::Assignment) => {
                let message = format!("argument of {clause} must be type {to}, not type {}", family(from));
                Err(Error::new(state::DATATYPE_MISMATCH, message).at(at))
            }
            _ => self.convert(expr, to),
        }
    }

    /// The common type alone, for UNION and VALUES; convert each then with `cast(…, Implicit, …)`.
    pub fn common_type(&self, exprs: &[&Expr], context: &str, at: &[usize]) -> Result<Type> {
        let known: Vec<Option<Type>> = exprs.iter().map(|e| self.known_type(e)).collect();
        common(exprs, &known, context, at)
    }

    /// Converts several expressions to their common type. `context` is CASE, UNION, VALUES, … as in
    /// "CASE types integer and boolean cannot be matched"; `at` is where each of them stands.
    pub fn unify(&mut self, exprs: Vec<Expr>, context: &str, at: &[usize]) -> Result<(Vec<Expr>, Type)> {
        let ty = self.common_type(&exprs.iter().collect::<Vec<_>>(), context, at)?;
        let exprs = exprs.into_iter().map(|e| self.convert(e, ty)).collect::<Result<Vec<_>>>()?;
        Ok((exprs, ty))
    }

    /// AND over two or more.
    pub fn and(&mut self, parts: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        Ok(Expr::And(self.conditions(parts, "AND", at)?))
    }

    /// OR over two or more.
    pub fn or(&mut self, parts: Vec<Expr>, at: &[usize]) -> Result<Expr> {
        Ok(Expr::Or(self.conditions(parts, "OR", at)?))
    }

    /// Conditions, of which the last place stands for those that have none.
    fn conditions(&mut self, parts: Vec<Expr>, clause: &str, at: &[usize]) -> Result<Vec<Expr>> {
        let place = |i: usize| at.get(i).or(at.last()).copied().unwrap_or_default();
        parts.into_iter().enumerate().map(|(i, part)| self.condition(part, clause, place(i))).collect()
    }

    /// NOT
    pub fn not(&mut self, expr: Expr, at: usize) -> Result<Expr> {
        Ok(Expr::Not(Box::new(self.condition(expr, "NOT", at)?)))
    }

    /// IS (NOT) NULL
    pub fn is_null(&mut self, expr: Expr, negated: bool) -> Result<Expr> {
        let expr = Box::new(self.convert_arg(expr, Arg::Any)?);
        Ok(Expr::IsNull { expr, negated })
    }

    /// IS (NOT) TRUE, FALSE, UNKNOWN (None)
    pub fn is_bool(&mut self, expr: Expr, value: Option<bool>, negated: bool, at: usize) -> Result<Expr> {
        let clause = match (value, negated) {
            (Some(true), false) => "IS TRUE",
            (Some(true), true) => "IS NOT TRUE",
            (Some(false), false) => "IS FALSE",
            (Some(false), true) => "IS NOT FALSE",
            (None, false) => "IS UNKNOWN",
            (None, true) => "IS NOT UNKNOWN",
        };
        let expr = Box::new(self.condition(expr, clause, at)?);
        Ok(match value {
            Some(value) => Expr::IsBool { expr, value, negated },
            None => Expr::IsNull { expr, negated },
        })
    }

    /// IS (NOT) DISTINCT FROM
    pub fn is_distinct(&mut self, left: Expr, right: Expr, negated: bool, at: usize) -> Result<Expr> {
        // Whether something is NULL is known of what has no `=`, too.
        for (one, other) in [(&left, &right), (&right, &left)] {
            if matches!(other, Expr::Unknown { text: None, .. }) && self.known_type(one).is_some() {
                return self.is_null(one.clone(), !negated);
            }
        }
        // The operands become what `=` takes.
        match self.binary("=", left, right, at)? {
            Expr::Call { args, .. } => {
                let (mut args, _) = self.unify(args, "IS DISTINCT FROM", &[at])?;
                let right = Box::new(args.pop().unwrap_or_else(|| null(at)));
                let left = Box::new(args.pop().unwrap_or_else(|| null(at)));
                Ok(Expr::IsDistinct { left, right, negated })
            }
            other => Ok(other),
        }
    }

    /// `(NOT) IN (…)` over a list of one or more
    pub fn in_list(&mut self, expr: Expr, list: Vec<Expr>, negated: bool, at: usize) -> Result<Expr> {
        let mut all = vec![expr];
        all.extend(list);
        let refs: Vec<&Expr> = all.iter().collect();
        let Ok(ty) = self.common_type(&refs, "IN", &[at]) else {
            // No common type: as `expr = a OR expr = b`, which says what is wrong, or works.
            return self.in_as_or(all, negated, at);
        };
        if let [one, other] = &refs[..] {
            let op = if negated { "<>" } else { "=" };
            return self.binary(op, (*one).clone(), (*other).clone(), at);
        }
        if !comparable(ty) {
            let types = [Some(ty), Some(ty)];
            return Err(no_such(Kind::Operator, "=", &types, at));
        }
        let mut list = all.into_iter();
        let expr = list.next().unwrap_or_else(|| null(at));
        let to = Arg::Is(family(ty));
        let list = list.map(|e| self.convert_arg(e, to)).collect::<Result<Vec<_>>>()?;
        let expr = Box::new(self.convert_arg(expr, to)?);
        Ok(Expr::In { expr, list, set: None, negated })
    }

    fn in_as_or(&mut self, all: Vec<Expr>, negated: bool, at: usize) -> Result<Expr> {
        let op = if negated { "<>" } else { "=" };
        let mut all = all.into_iter();
        let expr = all.next().unwrap_or_else(|| null(at));
        let parts = all.map(|item| self.binary(op, expr.clone(), item, at)).collect::<Result<Vec<_>>>()?;
        Ok(if negated { Expr::And(parts) } else { Expr::Or(parts) })
    }

    /// `(NOT) BETWEEN [SYMMETRIC]`
    pub fn between(
        &mut self,
        expr: Expr,
        low: Expr,
        high: Expr,
        negated: bool,
        symmetric: bool,
        at: usize,
    ) -> Result<Expr> {
        let mut range = |low: Expr, high: Expr| -> Result<Expr> {
            let (first, second) = if negated { ("<", ">") } else { (">=", "<=") };
            let parts = vec![
                self.binary(first, expr.clone(), low, at)?,
                self.binary(second, expr.clone(), high, at)?,
            ];
            Ok(if negated { Expr::Or(parts) } else { Expr::And(parts) })
        };
        if !symmetric {
            return range(low, high);
        }
        let parts = vec![range(low.clone(), high.clone())?, range(high, low)?];
        Ok(if negated { Expr::And(parts) } else { Expr::Or(parts) })
    }

    /// `expr SIMILAR TO pattern`: a regular expression after all.
    pub fn similar(
        &mut self,
        expr: Expr,
        pattern: Expr,
        escape: Option<Expr>,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let args = std::iter::once(pattern).chain(escape).collect();
        let pattern = self.call("similar_to_escape", args, at)?;
        self.binary(if negated { "!~" } else { "~" }, expr, pattern, at)
    }

    /// `(NOT) LIKE` and `ILIKE`, with ESCAPE
    pub fn like(
        &mut self,
        expr: Expr,
        pattern: Expr,
        escape: Option<Expr>,
        insensitive: bool,
        negated: bool,
        at: usize,
    ) -> Result<Expr> {
        let pattern = match escape {
            Some(escape) => self.call("like_escape", vec![pattern, escape], at)?,
            None => pattern,
        };
        let op = match (insensitive, negated) {
            (false, false) => "~~",
            (false, true) => "!~~",
            (true, false) => "~~*",
            (true, true) => "!~~*",
        };
        self.binary(op, expr, pattern, at)
    }

    /// CASE; with an operand the conditions are what it is compared with. Each branch says where its
    /// condition stands, `places` where ELSE and the results do.
    pub fn case(
        &mut self,
        operand: Option<Expr>,
        branches: Vec<(Expr, Expr, usize)>,
        otherwise: Option<Expr>,
        at: usize,
        places: &[usize],
    ) -> Result<Expr> {
        let operand = operand.map(|o| self.finish(o)).transpose()?;
        let mut conditions = Vec::with_capacity(branches.len());
        // ELSE comes first where the common type is sought, as in PostgreSQL.
        let mut results = vec![otherwise.unwrap_or_else(|| null(at))];
        for (condition, result, at) in branches {
            conditions.push(match &operand {
                Some(operand) => self.binary("=", Expr::Operand { ty: operand.ty() }, condition, at)?,
                None => self.condition(condition, "CASE/WHEN", at)?,
            });
            results.push(result);
        }
        let (results, ty) = self.unify(results, "CASE", places)?;
        let mut results = results.into_iter();
        let otherwise = Box::new(results.next().unwrap_or_else(|| null(at)));
        let branches = conditions.into_iter().zip(results).collect();
        Ok(Expr::Case { operand: operand.map(Box::new), branches, otherwise, ty })
    }

    /// Gives an output column its type: what is still unknown becomes text.
    pub fn finish(&mut self, mut expr: Expr) -> Result<Expr> {
        self.refresh(&mut expr);
        match expr.known_type() {
            Some(_) => Ok(expr),
            None => self.convert(expr, Type::Text),
        }
    }
}

/// A place within an array.
pub enum Place {
    /// One element.
    At(Expr),
    /// A slice; an end left out is the array's.
    Slice(Option<Expr>, Option<Expr>),
}

const REWRITE: &str = "You will need to rewrite or cast the expression.";

fn no_subscripts(ty: Option<Type>, at: usize) -> Error {
    let ty = ty.map_or("unknown".to_string(), |ty| family(ty).to_string());
    let message = format!("cannot subscript type {ty} because it does not support subscripting");
    Error::new(state::DATATYPE_MISMATCH, message).at(at)
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

fn undetermined() -> Error {
    let message = "could not determine polymorphic type because input has type unknown";
    Error::new(state::DATATYPE_MISMATCH, message)
}

fn null(at: usize) -> Expr {
    Expr::Unknown { text: None, at }
}

/// 42883 for a type whose values have no equality; `at` is None where PostgreSQL has no place for it.
pub fn needs_equality(ty: Type, at: Option<usize>) -> Result<()> {
    needs(ty, "an equality operator", at)
}

/// 42883 for a type whose values have no order.
pub fn needs_order(ty: Type, at: usize) -> Result<()> {
    needs(ty, "an ordering operator", Some(at))
        .map_err(|error| error.with_hint("Use an explicit ordering operator or modify the query."))
}

fn needs(ty: Type, what: &str, at: Option<usize>) -> Result<()> {
    if comparable(ty) {
        return Ok(());
    }
    let message = format!("could not identify {what} for type {}", family(ty));
    let error = Error::new(state::UNDEFINED_FUNCTION, message);
    Err(match at {
        Some(at) => error.at(at),
        None => error,
    })
}

/// True for types with an equality, and with it an order.
fn comparable(ty: Type) -> bool {
    if let Type::Array(element) = ty {
        return comparable(element.ty());
    }
    if let Type::Enum(_) = ty {
        return true;
    }
    if ty.is_text() || ty.is_oid() {
        return true;
    }
    let ty = Arg::Is(family(ty));
    functions::lookup("=").iter().flat_map(|f| f.signatures).any(|(args, _)| args.contains(&ty))
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
        "name" => Type::Name,
        "json" => Type::Json,
        "jsonb" => Type::Jsonb,
        _ => return Layout::of_name(name).map(|kind| Type::Other(kind, 0)),
    })
}

/// `integer, unknown`
fn type_list(types: &[Option<Type>]) -> Vec<String> {
    types.iter().map(|ty| ty.map_or("unknown".to_string(), |ty| family(ty).to_string())).collect()
}

/// The name and arguments as errors show them: `f(integer)`, `integer + boolean`, `- boolean`.
fn shown(kind: Kind, name: &str, types: &[Option<Type>]) -> String {
    let types = type_list(types);
    match (kind, types.as_slice()) {
        (Kind::Operator, [only]) => format!("operator {name} {only}"),
        (Kind::Operator, [left, right]) => format!("operator {left} {name} {right}"),
        _ => format!("function {name}({})", types.join(", ")),
    }
}

fn no_such(kind: Kind, name: &str, types: &[Option<Type>], at: usize) -> Error {
    let shown = shown(kind, name, types);
    let (message, hint) = match (kind, types.len()) {
        (Kind::Operator, 1) => (
            shown.replacen("operator", "operator does not exist:", 1),
            "No operator matches the given name and argument type. You might need to add an explicit type cast.",
        ),
        (Kind::Operator, _) => (
            shown.replacen("operator", "operator does not exist:", 1),
            "No operator matches the given name and argument types. You might need to add explicit type casts.",
        ),
        _ => (
            format!("{shown} does not exist"),
            "No function matches the given name and argument types. You might need to add explicit type casts.",
        ),
    };
    failure(state::UNDEFINED_FUNCTION, message, hint, at)
}

fn ambiguous(kind: Kind, name: &str, types: &[Option<Type>], at: usize) -> Error {
    let shown = shown(kind, name, types);
    let (message, hint) = match kind {
        Kind::Operator => (
            shown.replacen("operator", "operator is not unique:", 1),
            "Could not choose a best candidate operator. You might need to add explicit type casts.",
        ),
        Kind::Function => (
            format!("{shown} is not unique"),
            "Could not choose a best candidate function. You might need to add explicit type casts.",
        ),
    };
    failure(state::AMBIGUOUS_FUNCTION, message, hint, at)
}

fn failure(state: SqlState, message: String, hint: &str, at: usize) -> Error {
    Error::new(state, message).with_hint(hint).at(at)
}
