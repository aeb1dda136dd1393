//! Numeric functions.
//!
//! Those of doubles check as PostgreSQL does: a finite argument must not give infinity (22003 overflow).
//! Those of numeric are exact where the result is (abs, round, trunc, powers by whole numbers), and else
//! computed to PostgreSQL's number of digits ([`Numeric`]).

use super::arithmetic::check_float;
use super::exact::{self, Numbers};
use super::random::Generator;
use super::support::{f64s, float_overflow, float_underflow, i64s, out_of_range};
use super::{Args, FLOAT4, FLOAT8, Function, INT2, INT4, INT8, NUMERIC, Signature, f};
use remanent_kernels::arith::Arith;
use remanent_storage::error::{Error, Result, SqlState, state};
use remanent_storage::value::numeric::power::{check_logarithm, negative_root};
use remanent_storage::value::{Column, ColumnData, Decimal, Numeric, Type, Value};

const EXACT: Type = Type::Numeric(None);

static ABS: &[Signature] = &[
    (&[INT4], Type::Int4),
    (&[INT8], Type::Int8),
    (&[FLOAT8], Type::Float8),
    (&[NUMERIC], EXACT),
    (&[INT2], Type::Int2),
    (&[FLOAT4], Type::Float4),
];
static FLOAT: &[Signature] = &[(&[FLOAT8], Type::Float8)];
static TWO_FLOATS: &[Signature] = &[(&[FLOAT8, FLOAT8], Type::Float8)];
static NUMBER: &[Signature] = &[(&[NUMERIC], EXACT)];
static TWO_NUMBERS: &[Signature] = &[(&[NUMERIC, NUMERIC], EXACT)];
static ROUND_TO: &[Signature] = &[(&[NUMERIC, INT4], EXACT)];
static WHOLE: &[Signature] = &[(&[INT4, INT4], Type::Int4), (&[INT8, INT8], Type::Int8)];
static SCALE: &[Signature] = &[(&[NUMERIC], Type::Int4)];

pub(super) static FUNCTIONS: &[Function] = &[
    f("abs", ABS, abs),
    f("@", ABS, abs),
    f("ceil", NUMBER, |a| exact::one(a, (Decimal::ceil, Numeric::ceil))),
    f("ceil", FLOAT, |a| float(a, f64::ceil)),
    f("ceiling", NUMBER, |a| exact::one(a, (Decimal::ceil, Numeric::ceil))),
    f("ceiling", FLOAT, |a| float(a, f64::ceil)),
    f("floor", NUMBER, |a| exact::one(a, (Decimal::floor, Numeric::floor))),
    f("floor", FLOAT, |a| float(a, f64::floor)),
    f("round", NUMBER, |a| exact::one(a, (|d| d.round(0), |n| n.round(0)))),
    f("round", FLOAT, |a| float(a, f64::round_ties_even)),
    f("round", ROUND_TO, |a| number_to(a, Decimal::round, Numeric::round)),
    f("trunc", NUMBER, |a| exact::one(a, (|d| d.trunc(0), |n| n.trunc(0)))),
    f("trunc", FLOAT, |a| float(a, f64::trunc)),
    f("trunc", ROUND_TO, |a| number_to(a, Decimal::trunc, Numeric::trunc)),
    f("sign", NUMBER, |a| exact::one(a, (|d| Some(i64::from(d.signum()).into()), sign))),
    // As in PostgreSQL the sign of NaN is 0.
    f("sign", FLOAT, |a| float(a, |x| f64::from(i8::from(x > 0.0) - i8::from(x < 0.0)))),
    f("sqrt", NUMBER, |a| exact::one(a, (exact::never, Numeric::sqrt))),
    f("sqrt", FLOAT, |a| each(a, sqrt)),
    f("|/", FLOAT, |a| each(a, sqrt)),
    f("cbrt", FLOAT, |a| float(a, f64::cbrt)),
    f("||/", FLOAT, |a| float(a, f64::cbrt)),
    f("exp", NUMBER, |a| exact::one(a, (exact::never, Numeric::exp))),
    f("exp", FLOAT, |a| each(a, exp)),
    f("ln", NUMBER, |a| exact::one(a, (exact::never, Numeric::ln))),
    f("ln", FLOAT, |a| each(a, |x| logarithm(x, f64::ln))),
    f("log", NUMBER, |a| exact::one(a, (exact::never, log10))),
    f("log", FLOAT, |a| each(a, |x| logarithm(x, f64::log10))),
    f("log10", NUMBER, |a| exact::one(a, (exact::never, log10))),
    f("log10", FLOAT, |a| each(a, |x| logarithm(x, f64::log10))),
    f("log", TWO_NUMBERS, |a| exact::two(a, (exact::never_two, |base, x| x.log(base)))),
    f("power", TWO_NUMBERS, |a| exact::two(a, (exact::never_two, Numeric::power))),
    f("power", TWO_FLOATS, |a| pair(a, power)),
    f("pow", TWO_NUMBERS, |a| exact::two(a, (exact::never_two, Numeric::power))),
    f("pow", TWO_FLOATS, |a| pair(a, power)),
    f("^", TWO_NUMBERS, |a| exact::two(a, (exact::never_two, Numeric::power))),
    f("^", TWO_FLOATS, |a| pair(a, power)),
    f("gcd", WHOLE, |a| whole(a, gcd)),
    f("lcm", WHOLE, |a| whole(a, lcm)),
    f("gcd", TWO_NUMBERS, |a| exact::two(a, (exact::never_two, exact::gcd))),
    f("lcm", TWO_NUMBERS, |a| exact::two(a, (exact::never_two, exact::lcm))),
    f("factorial", &[(&[INT8], EXACT)], |a| {
        let n = i64s(&a.columns[0])?;
        a.map_numeric(&mut |i| exact::factorial(n[i], a.ctx.interrupt))
    }),
    f("scale", SCALE, |a| digits(a, |n| n.scale())),
    f("min_scale", SCALE, |a| digits(a, |n| n.trimmed().ok()?.scale())),
    f("trim_scale", NUMBER, |a| exact::one(a, (|d| Some(d.normalize()), Numeric::trimmed))),
    f("pi", &[(&[], Type::Float8)], |a| {
        Column::constant(Type::Float8, &Value::Float8(std::f64::consts::PI), a.rows)
    }),
    f("sin", FLOAT, |a| each(a, |x| finite(x, f64::sin))),
    f("cos", FLOAT, |a| each(a, |x| finite(x, f64::cos))),
    f("tan", FLOAT, |a| each(a, |x| finite(x, f64::tan))),
    f("cot", FLOAT, |a| each(a, |x| finite(x, |x| 1.0 / x.tan()))),
    f("asin", FLOAT, |a| each(a, |x| unit(x, f64::asin))),
    f("acos", FLOAT, |a| each(a, |x| unit(x, f64::acos))),
    f("atan", FLOAT, |a| float(a, f64::atan)),
    f("asinh", FLOAT, |a| float(a, asinh)),
    f("acosh", FLOAT, |a| each(a, |x| if x < 1.0 { Err(range()) } else { Ok(acosh(x)) })),
    f("atanh", FLOAT, |a| each(a, |x| unit(x, f64::atanh))),
    f("atan2", TWO_FLOATS, |a| pair(a, |y, x| Ok(y.atan2(x)))),
    f("sinh", FLOAT, |a| float(a, f64::sinh)),
    f("cosh", FLOAT, |a| float(a, f64::cosh)),
    f("tanh", FLOAT, |a| float(a, f64::tanh)),
    f("degrees", FLOAT, |a| each(a, |x| checked(x, Arith::Div, RADIANS_PER_DEGREE))),
    f("radians", FLOAT, |a| each(a, |x| checked(x, Arith::Mul, RADIANS_PER_DEGREE))),
    f("random", &[(&[], Type::Float8)], random).volatile(),
];

/// PostgreSQL's constant, to its last digit.
#[allow(clippy::excessive_precision, reason = "as PostgreSQL writes it")]
const RADIANS_PER_DEGREE: f64 = 0.0174532925199432957692;

fn abs(args: &Args<'_>) -> Result<Column> {
    let column = &args.columns[0];
    match args.ty {
        Type::Float4 | Type::Float8 => float(args, f64::abs),
        Type::Numeric(_) => exact::one(args, (|d| Some(d.abs()), |n| Ok(n.abs()))),
        _ => {
            let x = i64s(column)?;
            args.map_int(&mut |i| x[i].checked_abs().ok_or_else(|| out_of_range(args.ty)))
        }
    }
}

/// What cannot fail, on all rows.
/// Where the square of a number is near the largest there is, its inverse hyperbolic sine is ln 2x to the last digit.
const HUGE: f64 = 1e150;

fn asinh(x: f64) -> f64 {
    match x.is_finite() && x.abs() > HUGE {
        true => (x.abs().ln() + std::f64::consts::LN_2).copysign(x),
        false => x.asinh(),
    }
}

fn acosh(x: f64) -> f64 {
    match x.is_finite() && x > HUGE {
        true => x.ln() + std::f64::consts::LN_2,
        false => x.acosh(),
    }
}

fn float(args: &Args<'_>, f: fn(f64) -> f64) -> Result<Column> {
    let x = f64s(&args.columns[0])?;
    let out: Vec<f64> = x.iter().map(|&x| f(x)).collect();
    super::support::float_column(args.ty, out, args.valid.clone())
}

pub(super) fn each(args: &Args<'_>, f: fn(f64) -> Result<f64>) -> Result<Column> {
    let x = f64s(&args.columns[0])?;
    args.map_float(&mut |i| f(x[i]))
}

pub(super) fn pair(args: &Args<'_>, f: fn(f64, f64) -> Result<f64>) -> Result<Column> {
    let (x, y) = (f64s(&args.columns[0])?, f64s(&args.columns[1])?);
    args.map_float(&mut |i| f(x[i], y[i]))
}

fn number_to(
    args: &Args<'_>,
    short: fn(Decimal, i32) -> Option<Decimal>,
    any: fn(&Numeric, i32) -> Result<Numeric>,
) -> Result<Column> {
    let (x, n) = (Numbers::of(&args.columns[0])?, i64s(&args.columns[1])?);
    if let Numbers::Short(x) = &x
        && let Some(column) = args.map_decimal(&mut |i| short(x[i], n[i] as i32))
    {
        return Ok(column);
    }
    args.map_numeric(&mut |i| any(&x.get(i), n[i] as i32))
}

/// As in PostgreSQL the sign of NaN is NaN.
fn sign(n: &Numeric) -> Result<Numeric> {
    Ok(if n.is_nan() { Numeric::NaN } else { Decimal::from(i64::from(n.signum())).into() })
}

fn log10(n: &Numeric) -> Result<Numeric> {
    n.log(&Decimal::from(10i64).into())
}

/// A number of digits; NULL for what has none.
fn digits(args: &Args<'_>, f: fn(&Numeric) -> Option<i32>) -> Result<Column> {
    let x = Numbers::of(&args.columns[0])?;
    args.map(&mut |i| Ok(f(&x.get(i)).map_or(Value::Null, Value::Int4)))
}

fn error(state: SqlState, message: &str) -> Error {
    Error::new(state, message)
}

fn sqrt(x: f64) -> Result<f64> {
    match x < 0.0 {
        true => Err(negative_root()),
        false => Ok(x.sqrt()),
    }
}

fn exp(x: f64) -> Result<f64> {
    let result = x.exp();
    if result.is_infinite() && x.is_finite() {
        return Err(float_overflow());
    }
    if result == 0.0 && x.is_finite() {
        return Err(float_underflow());
    }
    Ok(result)
}

fn logarithm(x: f64, f: fn(f64) -> f64) -> Result<f64> {
    check_logarithm(x.partial_cmp(&0.0))?;
    Ok(f(x))
}

fn power(x: f64, y: f64) -> Result<f64> {
    let invalid = |message| Err(error(state::INVALID_ARGUMENT_FOR_POWER, message));
    if x == 0.0 && y < 0.0 {
        return invalid("zero raised to a negative power is undefined");
    }
    if x < 0.0 && y.is_finite() && y.fract() != 0.0 {
        return invalid("a negative number raised to a non-integer power yields a complex result");
    }
    let result = x.powf(y);
    if result.is_infinite() && x.is_finite() && y.is_finite() {
        return Err(float_overflow());
    }
    if result == 0.0 && x != 0.0 && x.is_finite() && y.is_finite() {
        return Err(float_underflow());
    }
    Ok(result)
}

fn checked(x: f64, op: Arith, y: f64) -> Result<f64> {
    let result = if op == Arith::Div { x / y } else { x * y };
    check_float(op, x, y, result)?;
    Ok(result)
}

pub(super) fn range() -> Error {
    error(state::NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range")
}

fn finite(x: f64, f: fn(f64) -> f64) -> Result<f64> {
    if x.is_infinite() { Err(range()) } else { Ok(f(x)) }
}

fn unit(x: f64, f: fn(f64) -> f64) -> Result<f64> {
    if !x.is_nan() && !(-1.0..=1.0).contains(&x) { Err(range()) } else { Ok(f(x)) }
}

fn whole(args: &Args<'_>, f: fn(i64, i64) -> Option<i64>) -> Result<Column> {
    let (x, y) = (i64s(&args.columns[0])?, i64s(&args.columns[1])?);
    args.map_int(&mut |i| f(x[i], y[i]).ok_or_else(|| out_of_range(args.ty)))
}

fn gcd(x: i64, y: i64) -> Option<i64> {
    let (mut a, mut b) = (x.unsigned_abs(), y.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    i64::try_from(a).ok()
}

fn lcm(x: i64, y: i64) -> Option<i64> {
    if x == 0 || y == 0 {
        return Some(0);
    }
    (x / gcd(x, y)?).checked_mul(y)?.checked_abs()
}

/// Uniform in [0, 1): of the sequence that setseed began, else seeded by the world once a batch.
fn random(args: &Args<'_>) -> Result<Column> {
    let seeded = args.ctx.given.and_then(|given| given.random(args.rows));
    let values = seeded.unwrap_or_else(|| {
        let mut generator = Generator::new(args.ctx.world.threads.random());
        (0..args.rows).map(|_| generator.fraction()).collect()
    });
    Ok(Column::flat(Type::Float8, ColumnData::F64(values.into()), None))
}
