//! Covariance, correlation and the line through pairs of numbers: corr, covar_pop, regr_slope and their kin.
//!
//! Each takes (Y, X), counts the rows where neither is NULL, and keeps six numbers a group, updated by the formulas of Youngs
//! and Cramer (1971) as PostgreSQL does, so that the digits agree.
//!
//! ```text
//! regr_slope(y, x)      Sxy / Sxx          Sxx = Σ (x - x̄)²
//! corr(y, x)            Sxy / √(Sxx Syy)
//! ```

use super::{Accumulator, AggregateFunction, Present, aggregate, column_of, settled};
use crate::sql::functions::support::{f64s, float_overflow};
use crate::sql::functions::{FLOAT8, Signature};
use remanent_storage::error::Result;
use remanent_storage::value::{Column, Type, Value};

static PAIR: &[Signature] = &[(&[FLOAT8, FLOAT8], Type::Float8)];

pub(super) static AGGREGATES: &[AggregateFunction] = &[
    aggregate("corr", PAIR, |_, ty| make(ty, |s| s.varied().map(|()| s.xy / (s.xx * s.yy).sqrt()))),
    aggregate("covar_pop", PAIR, |_, ty| make(ty, |s| s.of_some(1.0).map(|n| s.xy / n))),
    aggregate("covar_samp", PAIR, |_, ty| make(ty, |s| s.of_some(2.0).map(|n| s.xy / (n - 1.0)))),
    aggregate("regr_avgx", PAIR, |_, ty| make(ty, |s| s.of_some(1.0).map(|n| s.x / n))),
    aggregate("regr_avgy", PAIR, |_, ty| make(ty, |s| s.of_some(1.0).map(|n| s.y / n))),
    aggregate("regr_count", &[(&[FLOAT8, FLOAT8], Type::Int8)], |_, ty| make(ty, |s| Some(s.n))),
    aggregate("regr_intercept", PAIR, |_, ty| {
        make(ty, |s| s.sloped().map(|n| (s.y - s.x * s.xy / s.xx) / n))
    }),
    aggregate("regr_r2", PAIR, |_, ty| {
        make(ty, |s| s.sloped().map(|_| if s.yy == 0.0 { 1.0 } else { s.xy * s.xy / (s.xx * s.yy) }))
    }),
    aggregate("regr_slope", PAIR, |_, ty| make(ty, |s| s.sloped().map(|_| s.xy / s.xx))),
    aggregate("regr_sxx", PAIR, |_, ty| make(ty, |s| s.of_some(1.0).map(|_| s.xx))),
    aggregate("regr_sxy", PAIR, |_, ty| make(ty, |s| s.of_some(1.0).map(|_| s.xy))),
    aggregate("regr_syy", PAIR, |_, ty| make(ty, |s| s.of_some(1.0).map(|_| s.yy))),
];

/// Count, sums, and sums of squares and products around the means.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    x: f64,
    xx: f64,
    y: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    fn add(&mut self, y: f64, x: f64) -> Result<()> {
        let before = *self;
        self.n += 1.0;
        self.x += x;
        self.y += y;
        if before.n == 0.0 {
            if !x.is_finite() {
                (self.xx, self.xy) = (f64::NAN, f64::NAN);
            }
            if !y.is_finite() {
                (self.yy, self.xy) = (f64::NAN, f64::NAN);
            }
            return Ok(());
        }
        let (dx, dy) = (x * self.n - self.x, y * self.n - self.y);
        let scale = 1.0 / (self.n * before.n);
        self.xx += dx * dx * scale;
        self.yy += dy * dy * scale;
        self.xy += dx * dy * scale;
        let too_large = [self.x, self.xx, self.y, self.yy, self.xy].iter().any(|v| v.is_infinite());
        if too_large {
            let x_finite = before.x.is_finite() && x.is_finite();
            let y_finite = before.y.is_finite() && y.is_finite();
            let lost = (self.x.is_infinite() || self.xx.is_infinite()) && x_finite
                || (self.y.is_infinite() || self.yy.is_infinite()) && y_finite
                || self.xy.is_infinite() && x_finite && y_finite;
            if lost {
                return Err(float_overflow());
            }
            for sum in [&mut self.xx, &mut self.yy, &mut self.xy] {
                if sum.is_infinite() {
                    *sum = f64::NAN;
                }
            }
        }
        Ok(())
    }

    /// Both halves' sums (Chan, Golub and LeVeque 1979).
    fn merge(&mut self, more: Sums) {
        if self.n == 0.0 || more.n == 0.0 {
            if self.n == 0.0 {
                *self = more;
            }
            return;
        }
        let n = self.n + more.n;
        let (dx, dy) = (self.x / self.n - more.x / more.n, self.y / self.n - more.y / more.n);
        let weight = self.n * more.n / n;
        *self = Sums {
            n,
            x: self.x + more.x,
            xx: self.xx + more.xx + weight * dx * dx,
            y: self.y + more.y,
            yy: self.yy + more.yy + weight * dy * dy,
            xy: self.xy + more.xy + weight * dx * dy,
        };
    }

    /// The count, where it is that large.
    fn of_some(&self, least: f64) -> Option<f64> {
        (self.n >= least).then_some(self.n)
    }

    /// The count, where the x differ.
    fn sloped(&self) -> Option<f64> {
        self.of_some(1.0).filter(|_| self.xx != 0.0)
    }

    /// Where both differ.
    fn varied(&self) -> Option<()> {
        self.sloped().filter(|_| self.yy != 0.0).map(drop)
    }
}

fn make(ty: Type, result: fn(&Sums) -> Option<f64>) -> Box<dyn Accumulator> {
    Box::new(Regression { ty, result, groups: Vec::new() })
}

struct Regression {
    ty: Type,
    result: fn(&Sums) -> Option<f64>,
    groups: Vec<Sums>,
}

impl Accumulator for Regression {
    fn resize(&mut self, groups: usize) {
        self.groups.resize(groups.max(self.groups.len()), Sums::default());
    }

    fn update(&mut self, groups: Option<&[u32]>, args: &[Column], rows: usize) -> Result<()> {
        let present = Present::of(args, rows);
        let (y, x) = (f64s(&settled(&args[0]))?, f64s(&settled(&args[1]))?);
        present.each(groups, rows, &mut |row, group| self.groups[group].add(y[row], x[row]))
    }

    fn merge(&mut self, into: usize, from: usize) -> Result<()> {
        let more = self.groups[from];
        self.groups[into].merge(more);
        Ok(())
    }

    fn of_group(&mut self, group: usize) -> Result<Option<Box<dyn Accumulator>>> {
        Ok(Some(Box::new(Regression { groups: vec![self.groups[group]], ..*self })))
    }

    fn finish(&mut self) -> Result<Column> {
        column_of(self.ty, self.groups.len(), &mut |g| {
            let result = (self.result)(&self.groups[g]);
            Ok(result.map(|v| if self.ty == Type::Int8 { Value::Int8(v as i64) } else { Value::Float8(v) }))
        })
    }

    fn memory(&self) -> usize {
        self.groups.capacity() * size_of::<Sums>()
    }
}
