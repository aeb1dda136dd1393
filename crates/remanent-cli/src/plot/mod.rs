//! Series of numbers as a picture: `.plot SELECT ts, height, …`.
//!
//! The first column is where a point lies from left to right: a number, a date or a time. Each other column is a series
//! of numbers; where it is NULL its line is broken. One column alone is drawn by the number of its row.
//!
//! | file | holds |
//! |---|---|
//! | `mod` | [`Data`]: points, their range, lines between them |
//! | [`braille`] | in the terminal, eight dots a character |
//! | [`png`] | as a picture (feature `png`) |
//! | [`font`] | letters for that picture |
//!
//! Limits: of more than [`POINTS_MAX`] rows every second one is drawn, of more than twice as many every fourth, and so
//! on. Infinities and NaN are left out.

pub mod braille;
#[cfg(feature = "png")]
mod font;
#[cfg(feature = "png")]
pub mod png;

use crate::failure::{Failure, Result};
use remanent::{Rows, Type, Value};

/// Rows that are held.
const POINTS_MAX: usize = 1 << 20;
/// More series than that cannot be told apart.
pub const SERIES_MAX: usize = 6;

/// What is drawn.
#[derive(Debug, Default)]
pub struct Data {
    /// The series' names.
    pub names: Vec<String>,
    /// Of each row: where it lies, and the series' values; NaN where there is none.
    rows: Vec<(f64, Vec<f64>)>,
    /// How many rows there were for each that is held.
    pub stride: usize,
    /// The ends from left to right, as SQL prints them.
    pub left: String,
    pub right: String,
}

/// The least and the greatest of some numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    pub low: f64,
    pub high: f64,
}

impl Range {
    fn of(values: impl Iterator<Item = f64>) -> Option<Range> {
        values.filter(|v| v.is_finite()).fold(None, |range, v| {
            let Range { low, high } = range.unwrap_or(Range { low: v, high: v });
            Some(Range { low: low.min(v), high: high.max(v) })
        })
    }

    /// Where a value lies, from 0 at the low end to `steps`.
    fn place(self, value: f64, steps: f64) -> f64 {
        // Halved, so that no difference is infinite.
        let span = self.high / 2.0 - self.low / 2.0;
        if span > 0.0 { (value / 2.0 - self.low / 2.0) / span * steps } else { steps / 2.0 }
    }
}

impl Data {
    /// Reads an answer. `each` is asked before every row and may end it.
    pub fn read(rows: Rows, each: &mut dyn FnMut() -> remanent::Result<()>) -> Result<Data> {
        let columns: Vec<(String, Type)> =
            rows.columns().iter().map(|c| (c.name().to_owned(), c.ty())).collect();
        let alone = columns.len() == 1;
        let series = if alone { &columns[..] } else { columns.get(1..).unwrap_or_default() };
        if series.is_empty() || series.len() > SERIES_MAX {
            let hint = "Select what goes from left to right, then up to six series of numbers.";
            return Err(Failure::Other(
                format!("{} columns cannot be drawn", columns.len()),
                Some(hint.into()),
            ));
        }
        let mut data = Data {
            names: series.iter().map(|(name, _)| name.clone()).collect(),
            stride: 1,
            ..Data::default()
        };
        let mut ends: Option<(f64, f64)> = None;
        for (n, row) in rows.enumerate() {
            each()?;
            let values = row?.into_values();
            let (x, rest) = match values.split_first() {
                Some((_, [])) => (n as f64, &values[..]),
                Some((x, rest)) => (number(x).map_err(|value| refuse(&columns[0].0, &value))?, rest),
                None => continue,
            };
            if !x.is_finite() || n % data.stride != 0 {
                continue;
            }
            let mut ys = Vec::with_capacity(rest.len());
            for (value, (name, _)) in rest.iter().zip(series) {
                ys.push(number(value).map_err(|value| refuse(name, &value))?);
            }
            let text =
                || if alone { n.to_string() } else { values.first().map_or(String::new(), Value::to_string) };
            let (low, high) = ends.unwrap_or((f64::INFINITY, f64::NEG_INFINITY));
            if x < low {
                data.left = text();
            }
            if x > high {
                data.right = text();
            }
            ends = Some((low.min(x), high.max(x)));
            data.rows.push((x, ys));
            if data.rows.len() >= POINTS_MAX {
                let mut even = false;
                data.rows.retain(|_| {
                    even = !even;
                    even
                });
                data.stride *= 2;
            }
        }
        Ok(data)
    }

    /// From left to right, and from bottom to top; None where there is nothing to draw.
    pub fn ranges(&self) -> Option<(Range, Range)> {
        let x = Range::of(self.rows.iter().map(|(x, _)| *x))?;
        Some((x, Range::of(self.rows.iter().flat_map(|(_, ys)| ys).copied())?))
    }

    /// Calls `dot` with the series, column and row (from the top) of every dot of all lines on a grid of so many dots.
    pub fn draw(&self, width: usize, height: usize, dot: &mut dyn FnMut(usize, usize, usize)) {
        let Some((x_range, y_range)) = self.ranges() else { return };
        let (right, bottom) = (width.saturating_sub(1) as f64, height.saturating_sub(1) as f64);
        for series in 0..self.names.len() {
            let mut before = None;
            for (x, ys) in &self.rows {
                let Some(y) = ys.get(series).copied().filter(|y| y.is_finite()) else {
                    before = None;
                    continue;
                };
                let at = (x_range.place(*x, right), bottom - y_range.place(y, bottom));
                line(before.unwrap_or(at), at, &mut |x, y| dot(series, x, y));
                before = Some(at);
            }
        }
    }
}

/// The dots from one point to another.
fn line(from: (f64, f64), to: (f64, f64), dot: &mut dyn FnMut(usize, usize)) {
    let steps = (to.0 - from.0).abs().max((to.1 - from.1).abs()).ceil().max(1.0);
    // A grid is at most some thousand dots wide.
    for i in 0..=(steps as usize).min(1 << 16) {
        let t = i as f64 / steps;
        let at = |a: f64, b: f64| (a + (b - a) * t).round().max(0.0) as usize;
        dot(at(from.0, to.0), at(from.1, to.1));
    }
}

/// A value as a number; NaN for NULL. The value itself where it is none.
fn number(value: &Value) -> std::result::Result<f64, Value> {
    Ok(match value {
        Value::Null => f64::NAN,
        Value::Bool(v) => f64::from(u8::from(*v)),
        Value::Int2(v) => f64::from(*v),
        Value::Int4(v) => f64::from(*v),
        Value::Int8(v) => *v as f64,
        Value::Float4(v) => f64::from(*v),
        Value::Float8(v) => *v,
        Value::Date(v) => f64::from(*v) * 86_400e6,
        Value::Timestamp(v) | Value::Timestamptz(v) => *v as f64,
        Value::Numeric(_) => value.to_string().parse().map_err(|_| value.clone())?,
        Value::Time(v) => *v as f64,
        _ => return Err(value.clone()),
    })
}

fn refuse(column: &str, value: &Value) -> Failure {
    let ty = value.type_of().map_or_else(|| "text".to_owned(), |ty| ty.to_string());
    let hint = "Cast it to a number, or leave it out.".to_owned();
    Failure::Other(format!("column \"{column}\" is of type {ty}, which cannot be drawn"), Some(hint))
}

/// A number for an axis.
pub fn label(value: f64) -> String {
    let size = value.abs();
    let text = match size {
        0.0 => return "0".into(),
        ..1e-3 | 1e7.. => return format!("{value:.2e}"),
        ..1.0 => format!("{value:.4}"),
        ..1e3 => format!("{value:.2}"),
        _ => format!("{value:.1}"),
    };
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub fn data(points: &[(f64, f64)]) -> Data {
        let rows = points.iter().map(|(x, y)| (*x, vec![*y])).collect();
        Data { names: vec!["h".into()], rows, stride: 1, left: "0".into(), right: "9".into() }
    }

    #[test]
    fn dots_of_a_line() {
        let mut dots = Vec::new();
        data(&[(0.0, 0.0), (3.0, 3.0)]).draw(4, 4, &mut |_, x, y| dots.push((x, y)));
        dots.dedup();
        assert_eq!(dots, [(0, 3), (1, 2), (2, 1), (3, 0)]);
    }

    #[test]
    fn extremes_stay_on_the_grid() {
        for points in [
            &[(0.0, f64::MAX), (1.0, f64::MIN)][..],
            &[(f64::MIN, 1.0), (f64::MAX, 1.0)],
            &[(5.0, 5.0)],
            &[(0.0, f64::NAN), (1.0, f64::INFINITY), (2.0, 1.0)],
            &[],
        ] {
            data(points).draw(10, 8, &mut |_, x, y| assert!(x < 10 && y < 8, "{points:?}: {x} {y}"));
        }
    }

    #[test]
    fn labels() {
        let labels = [0.0, 0.5, 12.346, 1e9, -1234.56, 1e-6].map(label);
        assert_eq!(labels, ["0", "0.5", "12.35", "1.00e9", "-1234.6", "1.00e-6"]);
    }
}
