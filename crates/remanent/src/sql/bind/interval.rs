//! `interval '3' month`, `interval '1-2' year to month`: literals that name their fields.
//!
//! A number alone counts the last field that is named; what is smaller than that field is cut off, as in PostgreSQL.
//!
//! Limits: only literals; a column of such a type, and a precision of seconds, are 0A000.

use super::{Binder, refuse};
use crate::sql::ast::{IntervalFields, TypeName};
use crate::sql::expr::{CastContext, Expr};
use remanent_storage::error::Result;
use remanent_storage::value::{Type, Value};

/// The last field that is named.
fn last_field(fields: IntervalFields) -> &'static str {
    use IntervalFields as F;
    match fields {
        F::Year => "year",
        F::Month | F::YearToMonth => "month",
        F::Day => "day",
        F::Hour | F::DayToHour => "hour",
        F::Minute | F::DayToMinute | F::HourToMinute => "minute",
        F::Second | F::DayToSecond | F::HourToSecond | F::MinuteToSecond => "second",
    }
}

impl Binder<'_> {
    /// A literal of an interval with fields.
    pub(super) fn interval_literal(
        &mut self,
        text: &str,
        fields: IntervalFields,
        ty: &TypeName,
        at: usize,
    ) -> Result<Expr> {
        if let Some(precision) = ty.modifiers.first() {
            return Err(refuse("type interval with a precision", precision.span));
        }
        let unit = last_field(fields);
        let text = match text.trim().parse::<f64>() {
            Ok(_) if text.bytes().all(|b| !b.is_ascii_alphabetic()) => format!("{text} {unit}"),
            // "1:30" is hours and minutes otherwise.
            _ if fields == IntervalFields::MinuteToSecond && text.matches(':').count() == 1 => {
                format!("00:{}", text.trim())
            }
            _ => text.to_string(),
        };
        let whole = self.resolver.cast(
            Expr::Unknown { text: Some(text), at },
            Type::Interval,
            CastContext::Explicit,
            at,
        )?;
        if unit == "second" {
            return Ok(whole);
        }
        let unit = Expr::Literal { value: Value::from(unit), ty: Type::Text };
        self.resolver.call("date_trunc", vec![unit, whole], at)
    }
}
