//! Values written and read by templates: to_char, to_number, to_date, to_timestamp.
//!
//! | file | holds |
//! |---|---|
//! | `template` | what templates of dates and times are made of |
//! | `write`, `read` | dates and times by them |
//! | `number` | numbers |
//!
//! ```text
//! to_char(timestamp '2026-03-01 09:05', 'FMDay, HH12:MI AM')   Sunday, 09:05 AM
//! to_char(-1234.5, '9G999D99')                                  -1,234.50
//! ```
//!
//! Names of days and months are English, whatever TM says; time is UTC.

mod number;
pub(super) mod read;
mod template;
mod write;

use super::exact::Numbers;
use super::support::{f64s, i64s, intervals};
use super::{
    Args, FLOAT4, FLOAT8, Function, INT4, INT8, INTERVAL, NUMERIC, Signature, TEXT, TIMESTAMP, TIMESTAMPTZ, f,
};
use number::Template;
use remanent_storage::error::{Error, Result, state};
use remanent_storage::value::{Column, Decimal, Numeric, Type, Value, datetime};
use template::Node;
use write::Moment;

static TIMES: &[Signature] =
    &[(&[TIMESTAMPTZ, TEXT], Type::Text), (&[TIMESTAMP, TEXT], Type::Text), (&[INTERVAL, TEXT], Type::Text)];
static WHOLE: &[Signature] =
    &[(&[INT4, TEXT], Type::Text), (&[INT8, TEXT], Type::Text), (&[NUMERIC, TEXT], Type::Text)];
static FLOATS: &[Signature] = &[(&[FLOAT8, TEXT], Type::Text), (&[FLOAT4, TEXT], Type::Text)];
static NUMBER: &[Signature] = &[(&[TEXT, TEXT], Type::Numeric(None))];

pub(super) static FUNCTIONS: &[Function] = &[
    f("to_char", TIMES, time_to_char).stable(),
    f("to_char", WHOLE, number_to_char).stable(),
    f("to_char", FLOATS, float_to_char).stable(),
    f("to_number", NUMBER, to_number).stable(),
    f("to_timestamp", &[(&[TEXT, TEXT], Type::Timestamptz)], from_text).stable(),
    f("to_date", &[(&[TEXT, TEXT], Type::Date)], from_text).stable(),
];

/// The most characters that a template may have; what it makes is at most a few times as long.
const TEMPLATE_MAX: usize = 1 << 20;

/// What was made of the last template: they seldom differ from row to row.
struct Parsed<T>(Option<(String, T)>);

impl<T> Parsed<T> {
    fn get(&mut self, text: &str, parse: fn(&str) -> Result<T>) -> Result<&T> {
        if self.0.as_ref().is_none_or(|(held, _)| held != text) {
            if text.len() > TEMPLATE_MAX {
                return Err(Error::new(state::PROGRAM_LIMIT_EXCEEDED, "a template is too long"));
            }
            self.0 = Some((text.to_owned(), parse(text)?));
        }
        self.0.as_ref().map(|(_, parsed)| parsed).ok_or_else(|| Error::internal("a template was not read"))
    }
}

fn nodes(text: &str) -> Result<Vec<Node>> {
    Ok(template::parse(text))
}

/// Row by row with the text that `write` appends, all of them together not too long; false: NULL.
fn map_some(args: &Args<'_>, write: &mut dyn FnMut(usize, &mut String) -> Result<bool>) -> Result<Column> {
    let mut made = 0;
    args.map_some(&mut |row, text| {
        args.ctx.interrupt.check()?;
        let some = write(row, text)?;
        super::string::charge(&mut made, text.len())?;
        Ok(some)
    })
}

/// Infinite times and empty templates give NULL.
fn time_to_char(args: &Args<'_>) -> Result<Column> {
    let mut parsed = Parsed(None);
    let column = &args.columns[0];
    let spans = if column.ty() == Type::Interval { Some(intervals(column)?) } else { None };
    let times = if spans.is_none() { Some(i64s(column)?) } else { None };
    map_some(args, &mut |row, out| {
        let template = args.text(1, row)?;
        let moment = match (&spans, &times) {
            (Some(spans), _) => Moment::of_interval(spans[row]),
            (_, Some(times)) if !datetime::is_infinite(times[row]) => match column.ty() {
                Type::Timestamptz => Moment::of_moment(times[row], args.ctx.zone),
                _ => Moment::of_timestamp(times[row]),
            },
            _ => return Ok(false),
        };
        if template.is_empty() {
            return Ok(false);
        }
        write::write(parsed.get(template, nodes)?, &moment, out)?;
        Ok(true)
    })
}

/// Sign and digits of a number's text.
fn unsigned(text: &str) -> (bool, &str) {
    text.strip_prefix('-').map_or((false, text), |digits| (true, digits))
}

fn number_to_char(args: &Args<'_>) -> Result<Column> {
    let mut parsed = Parsed(None);
    let column = &args.columns[0];
    let whole = !matches!(column.ty(), Type::Numeric(_));
    let small = column.ty() == Type::Int4;
    let integers = if whole { Some(i64s(column)?) } else { None };
    let exact = if whole { None } else { Some(Numbers::of(column)?) };
    map_some(args, &mut |row, out| {
        let template = parsed.get(args.text(1, row)?, Template::parse)?;
        let value = match (&integers, &exact) {
            (Some(v), _) => Decimal::from(v[row]).into(),
            (_, Some(v)) => v.get(row),
            _ => Numeric::ZERO,
        };
        if template.roman {
            let Some(rounded) = value.round(0)?.to_i64().and_then(|v| i32::try_from(v).ok()) else {
                return Err(Error::new(state::NUMERIC_VALUE_OUT_OF_RANGE, "integer out of range"));
            };
            template.write_roman(u32::try_from(rounded).ok(), out);
        } else if template.scientific && small {
            push_float(value.to_f64(), template.post, out);
        } else if template.scientific {
            push_scientific(&value, template.post, out);
        } else {
            let shifted = match template.shift {
                0 => value,
                n => value.mul(&power_of_ten(n)?)?,
            };
            let text = shifted.round(template.post as i32)?.to_string();
            let (negative, digits) = unsigned(&text);
            template.write(negative, digits, template.post, out);
        }
        Ok(true)
    })
}

fn power_of_ten(n: usize) -> Result<Numeric> {
    let exponent = i64::try_from(n).unwrap_or(i64::MAX);
    Numeric::from(Decimal::from(10i64)).power(&Decimal::from(exponent).into())
}

/// ` 1.23e+04`: one digit before the point.
fn push_scientific(value: &Numeric, post: usize, out: &mut String) {
    let text = value.to_string();
    let (negative, text) = unsigned(&text);
    if value.scale().is_none() {
        out.push_str(&format!(" #.{}", "#".repeat(post + 4)));
        return;
    }
    let (before, behind) = text.split_once('.').unwrap_or((text, ""));
    let all = format!("{before}{behind}");
    let digits = all.trim_start_matches('0');
    let exponent =
        if digits.is_empty() { 0 } else { before.len() as i64 - 1 - (all.len() - digits.len()) as i64 };
    let mut kept: Vec<u8> = digits.bytes().take(post + 1).collect();
    kept.resize(post + 1, b'0');
    // Halves away from zero, as numeric rounds; 9.99 becomes 10.0 and keeps its exponent.
    let mut carried = false;
    if digits.as_bytes().get(post + 1).is_some_and(|&next| next >= b'5') {
        let nines = kept.iter().rev().take_while(|&&digit| digit == b'9').count();
        let last = kept.len() - nines;
        kept[last..].fill(b'0');
        match last.checked_sub(1) {
            Some(i) => kept[i] += 1,
            None => carried = true,
        }
    }
    out.push(if negative { '-' } else { ' ' });
    if carried {
        out.push('1');
    }
    for (i, digit) in kept.iter().enumerate() {
        if i == 1 {
            out.push('.');
        }
        out.push(char::from(*digit));
    }
    push_exponent(exponent, out);
}

/// ` 1.23e+04` of a finite double.
fn push_float(value: f64, post: usize, out: &mut String) {
    let text = format!("{value:.post$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    if !mantissa.starts_with('-') {
        out.push(' ');
    }
    out.push_str(mantissa);
    push_exponent(exponent.parse().unwrap_or(0), out);
}

fn push_exponent(exponent: i64, out: &mut String) {
    out.push_str(&format!("e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
}

/// Digits of a double that mean something.
fn meant(ty: Type) -> usize {
    if ty == Type::Float4 { 6 } else { 15 }
}

fn float_to_char(args: &Args<'_>) -> Result<Column> {
    let mut parsed = Parsed(None);
    let values = f64s(&args.columns[0])?;
    let meant = meant(args.columns[0].ty());
    map_some(args, &mut |row, out| {
        let template = parsed.get(args.text(1, row)?, Template::parse)?;
        let value = values[row];
        if template.roman {
            let rounded = value.round_ties_even();
            template.write_roman((0.0..4000.0).contains(&rounded).then_some(rounded as u32), out);
            return Ok(true);
        }
        if template.scientific {
            if !value.is_finite() {
                out.push_str(&format!(" #.{}", "#".repeat(template.post + 4)));
                return Ok(true);
            }
            push_float(value, template.post, out);
            return Ok(true);
        }
        let shifted = value * 10f64.powi(template.shift.min(400) as i32);
        let digits = match () {
            () if shifted.is_nan() => "NaN".to_owned(),
            () if shifted.is_infinite() => "Infinity".to_owned(),
            () => format!("{:.0}", shifted.abs()),
        };
        if !shifted.is_finite() {
            template.write(shifted < 0.0, &digits, template.post, out);
            return Ok(true);
        }
        let post = match digits.len() {
            before if before >= meant => 0,
            before => template.post.min(meant - before),
        };
        let digits = format!("{:.post$}", shifted.abs());
        template.write(shifted < 0.0, &digits, post, out);
        Ok(true)
    })
}

fn to_number(args: &Args<'_>) -> Result<Column> {
    let mut parsed = Parsed(None);
    args.map(&mut |row| {
        let written = args.text(1, row)?;
        if written.is_empty() {
            return Ok(Value::Null);
        }
        let template = parsed.get(written, Template::parse)?;
        let text = number::read(template, args.text(0, row)?)?;
        let value: Numeric = text.trim().parse().map_err(|_| {
            let message = format!("invalid input syntax for type numeric: \"{text}\"");
            Error::new(state::INVALID_TEXT_REPRESENTATION, message)
        })?;
        // Before the point no more digits than the template has.
        let scale = value.scale().and_then(|scale| u16::try_from(scale).ok()).unwrap_or(0);
        let places = u16::try_from(template.pre + template.shift).unwrap_or(u16::MAX);
        let value = value.fit(places.saturating_add(scale), scale as i16)?;
        match template.shift {
            0 => Ok(value),
            n => value.div(&power_of_ten(n)?),
        }
        .map(Value::from)
    })
}

fn from_text(args: &Args<'_>) -> Result<Column> {
    let mut parsed = Parsed(None);
    args.map_int(&mut |row| {
        let template = parsed.get(args.text(1, row)?, nodes)?;
        let (t, read) = read::read(template, args.text(0, row)?)?;
        match args.ty {
            Type::Date => Ok(datetime::date_of_timestamp(t + read.east() * 1_000_000).into()),
            _ if read.is_zoned() => Ok(t),
            _ => super::zone::moment(t, args.ctx.zone),
        }
    })
}
