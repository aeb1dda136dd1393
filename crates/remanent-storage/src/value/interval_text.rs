//! Intervals from and to text, as PostgreSQL's `IntervalStyle = postgres`.
//!
//! Input is a list of quantities and units (`1 year 2 mons`, `@ 3 days ago`, `1.5h`), times (`04:05:06.7`), `1-2` for
//! years and months, or ISO 8601 (`P1Y2M3DT4H5M6S`, `P0001-02-03T04:05:06`). As in PostgreSQL's `DecodeInterval` the
//! fields are read from the last to the first, so that a unit is known before its quantity; a quantity without unit at
//! the end counts seconds, before a time days. Fractions run down into smaller units.

use super::datetime::Field;
use super::datetime_fields::{Fault, Kind, Read, split, split_time};
use super::datetime_text::{error, is_keyword, write_seconds};
use super::interval::{DAYS_PER_MONTH, MICROS_PER_DAY};
use super::{Interval, Type};
use crate::error::Result;
use std::fmt;

/// `Value::parse` for [`Type::Interval`].
pub(super) fn parse_interval(text: &str) -> Result<Interval> {
    let parsed = match decode(text) {
        Err(Fault::Format) => decode_iso(text),
        other => other,
    };
    parsed.map_err(|fault| error(fault, text, Type::Interval))
}

/// What was read so far, and of which units: each only once.
#[derive(Default)]
struct Sum {
    years: i32,
    span: Interval,
    seen: u32,
}

impl Sum {
    /// Notes that units were read; twice is a fault.
    fn mark(&mut self, units: &[Field]) -> Read<()> {
        let bits = units.iter().fold(0, |bits, &unit| bits | 1 << unit as u32);
        let fresh = self.seen & bits == 0;
        self.seen |= bits;
        if fresh { Ok(()) } else { Err(Fault::Format) }
    }

    fn add_years(&mut self, whole: i64, years_each: i64) -> Read<()> {
        let years = whole.checked_mul(years_each).and_then(|y| y.checked_add(self.years.into()));
        self.years = years.and_then(|y| i32::try_from(y).ok()).ok_or(Fault::Overflow)?;
        Ok(())
    }

    fn add_months(&mut self, whole: i64) -> Read<()> {
        let months = whole.checked_add(self.span.months.into());
        self.span.months = months.and_then(|m| i32::try_from(m).ok()).ok_or(Fault::Overflow)?;
        Ok(())
    }

    fn finish(self) -> Read<Interval> {
        let months = i64::from(self.years) * 12 + i64::from(self.span.months);
        Ok(Interval { months: i32::try_from(months).map_err(|_| Fault::Range)?, ..self.span })
    }

    fn add_days(&mut self, whole: i64, days_each: i64) -> Read<()> {
        let days = whole.checked_mul(days_each).and_then(|d| d.checked_add(self.span.days.into()));
        self.span.days = days.and_then(|d| i32::try_from(d).ok()).ok_or(Fault::Overflow)?;
        Ok(())
    }

    fn add_micros(&mut self, whole: i64, micros_each: i64) -> Read<()> {
        let micros = whole.checked_mul(micros_each).and_then(|m| m.checked_add(self.span.micros));
        self.span.micros = micros.ok_or(Fault::Overflow)?;
        Ok(())
    }

    fn add_micros_fraction(&mut self, fraction: f64, micros_each: i64) -> Read<()> {
        let exact = fraction * micros_each as f64;
        let whole = exact.trunc();
        // Half goes towards zero.
        let rest = exact - whole;
        let up = i64::from(rest > 0.5) - i64::from(rest < -0.5);
        self.add_micros(whole as i64 + up, 1)
    }

    fn add_days_fraction(&mut self, fraction: f64, days_each: i64) -> Read<()> {
        let exact = fraction * days_each as f64;
        self.add_days(exact.trunc() as i64, 1)?;
        self.add_micros_fraction(exact - exact.trunc(), MICROS_PER_DAY)
    }

    /// `whole + fraction` units.
    fn add(&mut self, unit: Field, whole: i64, fraction: f64) -> Read<()> {
        let micros_each = match unit {
            Field::Microsecond => 1,
            Field::Millisecond => 1000,
            Field::Second => 1_000_000,
            Field::Minute => 60_000_000,
            Field::Hour => 3_600_000_000,
            _ => 0,
        };
        if micros_each > 0 {
            self.add_micros(whole, micros_each)?;
            return self.add_micros_fraction(fraction, micros_each);
        }
        let years_each = match unit {
            Field::Day => {
                self.add_days(whole, 1)?;
                return self.add_micros_fraction(fraction, MICROS_PER_DAY);
            }
            Field::Week => {
                self.add_days(whole, 7)?;
                return self.add_days_fraction(fraction, 7);
            }
            Field::Month => {
                self.add_months(whole)?;
                return self.add_days_fraction(fraction, DAYS_PER_MONTH.into());
            }
            Field::Year => 1,
            Field::Decade => 10,
            Field::Century => 100,
            Field::Millennium => 1000,
            _ => return Err(Fault::Format),
        };
        self.add_years(whole, years_each)?;
        let months = (fraction * (12 * years_each) as f64).round_ties_even();
        self.add_months(months as i64)
    }

    fn add_time(&mut self, text: &str, sign: i64) -> Read<()> {
        let (hours, minutes, micros) = split_time(text)?;
        let total =
            hours.checked_mul(3_600_000_000).and_then(|h| h.checked_add(minutes * 60_000_000 + micros));
        self.add_micros(sign, total.ok_or(Fault::Overflow)?)?;
        self.mark(&[Field::Hour, Field::Minute, Field::Second, Field::Millisecond, Field::Microsecond])
    }
}

fn decode(text: &str) -> Read<Interval> {
    let fields = split(text, is_keyword).ok_or(Fault::Format)?;
    let mut sum = Sum::default();
    let mut unit = None;
    let mut ago = false;
    for field in fields.iter().rev() {
        let text = field.text.as_str();
        match field.kind {
            Kind::Time => {
                sum.add_time(text, 1)?;
                unit = Some(Field::Day);
            }
            Kind::Zone if split_time(&text[1..]).is_ok() => {
                let sign = if text.starts_with('-') { -1 } else { 1 };
                // What is too long for a time is no quantity either.
                sum.add_time(&text[1..], sign).map_err(|_| Fault::Format)?;
                unit = Some(Field::Day);
            }
            Kind::Zone | Kind::Date | Kind::Number => {
                unit = Some(decode_quantity(&mut sum, text, unit.unwrap_or(Field::Second))?);
            }
            Kind::Text | Kind::Special => match text {
                "ago" => {
                    ago = true;
                    unit = Some(Field::Epoch); // a quantity right before "ago" is refused
                }
                word => unit = Some(Field::parse_unit(word).ok_or(Fault::Format)?),
            },
        }
    }
    if sum.seen == 0 {
        return Err(Fault::Format);
    }
    let span = sum.finish()?;
    match ago {
        true => span.neg().map_err(|_| Fault::Overflow),
        false => Ok(span),
    }
}

/// One number; returns the unit of a number without unit before it.
fn decode_quantity(sum: &mut Sum, text: &str, unit: Field) -> Read<Field> {
    let negative = text.starts_with('-');
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = body.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(body.len());
    let (digits, rest) = body.split_at(end);
    let signed = |text: &str| -> Read<i64> {
        let text = if negative { format!("-{text}") } else { text.to_string() };
        text.parse().map_err(|_| Fault::Overflow)
    };
    let whole = if digits.is_empty() { 0 } else { signed(digits)? };
    if let Some(months) = rest.strip_prefix('-') {
        // years-months
        let end = months.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(months.len());
        let (months, junk) = months.split_at(end);
        let months = if months.is_empty() { 0 } else { signed(months)? };
        if months.abs() > 11 {
            return Err(Fault::Overflow);
        }
        if !junk.is_empty() {
            return Err(Fault::Format);
        }
        sum.add_years(whole, 1)?;
        sum.add_months(months)?;
        sum.mark(&[Field::Month])?;
        return Ok(Field::Month);
    }
    let fraction = match rest.strip_prefix('.') {
        None if rest.is_empty() => 0.0,
        Some(decimals) if decimals.bytes().all(|b| b.is_ascii_digit()) => {
            let fraction: f64 = format!("0.{decimals}0").parse().map_err(|_| Fault::Format)?;
            if negative { -fraction } else { fraction }
        }
        _ => return Err(Fault::Format),
    };
    sum.add(unit, whole, fraction)?;
    match unit {
        Field::Second if fraction != 0.0 => {
            sum.mark(&[Field::Second, Field::Millisecond, Field::Microsecond])?;
        }
        _ => sum.mark(&[unit])?,
    }
    Ok(if unit == Field::Hour { Field::Day } else { unit })
}

/// ISO 8601, sections 4.4.3.2 and 4.4.3.3.
fn decode_iso(text: &str) -> Read<Interval> {
    let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(Fault::Format)?;
    let mut sum = Sum::default();
    let mut in_date = true;
    let mut have_field = false;
    while !rest.is_empty() {
        if in_date && rest.starts_with('T') {
            (in_date, have_field, rest) = (false, false, &rest[1..]);
            continue;
        }
        let number = IsoNumber::read(&mut rest)?;
        let designator = rest.chars().next();
        let unit = match (in_date, designator) {
            (true, Some('Y')) => Field::Year,
            (true, Some('M')) => Field::Month,
            (true, Some('W')) => Field::Week,
            (true, Some('D')) => Field::Day,
            (false, Some('H')) => Field::Hour,
            (false, Some('M')) => Field::Minute,
            (false, Some('S')) => Field::Second,
            (true, None | Some('T' | '-')) if !have_field => {
                decode_iso_date(&mut sum, number, &mut rest)?;
                have_field = true;
                continue;
            }
            (false, None | Some(':')) if !have_field => {
                decode_iso_time(&mut sum, number, &mut rest)?;
                return if rest.is_empty() { sum.finish() } else { Err(Fault::Format) };
            }
            _ => return Err(Fault::Format),
        };
        sum.add(unit, number.whole, number.fraction)?;
        have_field = true;
        rest = &rest[1..];
    }
    sum.finish()
}

#[derive(Clone, Copy)]
struct IsoNumber {
    whole: i64,
    fraction: f64,
    /// Digits before the point.
    width: usize,
}

impl IsoNumber {
    fn read(rest: &mut &str) -> Read<Self> {
        let sign = usize::from(rest.starts_with('-'));
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        let width = digits(&rest[sign..]);
        let mut end = sign + width;
        if rest[end..].starts_with('.') {
            end += 1 + digits(&rest[end + 1..]);
        }
        let number: f64 = rest[..end].parse().map_err(|_| Fault::Format)?;
        if number.abs() > 1e15 {
            return Err(Fault::Overflow);
        }
        *rest = &rest[end..];
        Ok(IsoNumber { whole: number as i64, fraction: number - number.trunc(), width })
    }
}

/// `20240102` or `2024-01-02` after `P`: years, months and days.
fn decode_iso_date(sum: &mut Sum, first: IsoNumber, rest: &mut &str) -> Read<()> {
    if first.width == 8 && !rest.starts_with('-') {
        sum.add_years(first.whole / 10_000, 1)?;
        sum.add_months(first.whole / 100 % 100)?;
        sum.add_days(first.whole % 100, 1)?;
        return sum.add_micros_fraction(first.fraction, MICROS_PER_DAY);
    }
    sum.add(Field::Year, first.whole, first.fraction)?;
    for unit in [Field::Month, Field::Day] {
        let Some(after) = rest.strip_prefix('-') else { break };
        *rest = after;
        let number = IsoNumber::read(rest)?;
        sum.add(unit, number.whole, number.fraction)?;
    }
    if rest.is_empty() || rest.starts_with('T') { Ok(()) } else { Err(Fault::Format) }
}

/// `030405` or `03:04:05` after `T`.
fn decode_iso_time(sum: &mut Sum, first: IsoNumber, rest: &mut &str) -> Read<()> {
    if first.width == 6 && !rest.starts_with(':') {
        sum.add_micros(first.whole / 10_000, 3_600_000_000)?;
        sum.add_micros(first.whole / 100 % 100, 60_000_000)?;
        sum.add_micros(first.whole % 100, 1_000_000)?;
        return sum.add_micros_fraction(first.fraction, 1);
    }
    sum.add(Field::Hour, first.whole, first.fraction)?;
    for unit in [Field::Minute, Field::Second] {
        let Some(after) = rest.strip_prefix(':') else { break };
        *rest = after;
        let number = IsoNumber::read(rest)?;
        sum.add(unit, number.whole, number.fraction)?;
    }
    Ok(())
}

/// `1 year 2 mons -3 days +04:05:06.7`
pub(super) fn write_interval(f: &mut fmt::Formatter<'_>, span: Interval) -> fmt::Result {
    let parts = [(span.months / 12, "year"), (span.months % 12, "mon"), (span.days, "day")];
    let (mut first, mut after_negative) = (true, false);
    for (n, unit) in parts {
        if n == 0 {
            continue;
        }
        let space = if first { "" } else { " " };
        // A plus sign is needed only where a minus came before.
        let plus = if after_negative && n > 0 { "+" } else { "" };
        let plural = if n == 1 { "" } else { "s" };
        write!(f, "{space}{plus}{n} {unit}{plural}")?;
        (first, after_negative) = (false, n < 0);
    }
    if span.micros == 0 && !first {
        return Ok(());
    }
    let sign = match span.micros {
        ..0 => "-",
        _ if after_negative => "+",
        _ => "",
    };
    let micros = span.micros.unsigned_abs();
    let (hours, minutes) = (micros / 3_600_000_000, micros / 60_000_000 % 60);
    write!(f, "{}{sign}{hours:02}:{minutes:02}:", if first { "" } else { " " })?;
    write_seconds(f, (micros % 60_000_000) as i64)
}
