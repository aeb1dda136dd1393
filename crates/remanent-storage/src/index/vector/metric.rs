//! Distances, and the vectors of columns of either type as floats.

use crate::error::Result;
use crate::index::IndexDef;
use crate::segment::ColdSegment;
use crate::value::column::floats;
use crate::value::kinds::Kind;
use crate::value::{Column, Type, bits};
use remanent_kernels::{count, distance, half};

/// What near means. The numbers are persisted, do not renumber.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Metric {
    /// Euclidean distance, `<->`
    L2 = 0,
    /// Negative inner product, `<#>`
    Inner = 1,
    /// 1 - cosine of the angle, `<=>`
    Cosine = 2,
    /// Sum of the absolute differences, `<+>`
    L1 = 3,
    /// 1 - the share that both have of the bits that either has, `<%>`
    Jaccard = 4,
}

/// How many dimensions the vectors of a type have; None: that is not declared.
pub fn dimensions(ty: Type) -> Option<usize> {
    match ty {
        Type::Vector(n) => n.map(usize::from),
        Type::Other(Kind::HalfVec | Kind::Bit, n) if n > 0 => Some(n as usize),
        _ => None,
    }
}

impl Metric {
    /// The metric of an index, by its operator class.
    pub fn of(def: &IndexDef) -> Metric {
        let class = def.class(0);
        match () {
            _ if class.ends_with("_ip_ops") => Metric::Inner,
            _ if class.ends_with("_cosine_ops") => Metric::Cosine,
            _ if class.ends_with("_l1_ops") => Metric::L1,
            _ if class.ends_with("_jaccard_ops") => Metric::Jaccard,
            _ => Metric::L2,
        }
    }

    /// The operator that it answers.
    pub fn operator(self) -> &'static str {
        match self {
            Metric::L2 => "<->",
            Metric::Inner => "<#>",
            Metric::Cosine => "<=>",
            Metric::L1 => "<+>",
            Metric::Jaccard => "<%>",
        }
    }

    /// Brings a vector into the form that lists compare; false: it has none.
    pub fn prepare(self, v: &mut [f32]) -> bool {
        if !matches!(self, Metric::Cosine | Metric::Jaccard) {
            return true;
        }
        let length = v.iter().map(|&x| f64::from(x) * f64::from(x)).sum::<f64>().sqrt();
        if length == 0.0 || !length.is_finite() {
            return false;
        }
        v.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
        true
    }
}

/// A vector that rows are compared with exactly, as the operator compares them.
pub struct Target<'a> {
    metric: Metric,
    ty: Type,
    to: &'a [f32],
    /// Its squared length, for the cosine.
    squared: f32,
    /// Its bits, for columns of bits.
    bits: Vec<u8>,
}

impl<'a> Target<'a> {
    /// A vector as the statement gave it, beside columns of a type.
    pub fn new(metric: Metric, ty: Type, to: &'a [f32]) -> Self {
        let mut out = bits::Writer::default();
        if matches!(ty, Type::Other(Kind::Bit, _)) {
            to.iter().for_each(|v| out.push(*v > 0.0));
        }
        let squared = if metric == Metric::Cosine { to.iter().fold(0.0, |sum, v| sum + v * v) } else { 0.0 };
        Target { metric, ty, to, squared, bits: out.finish().unwrap_or_default() }
    }

    /// True if it is compared with columns of bits.
    pub fn is_bits(&self) -> bool {
        matches!(self.ty, Type::Other(Kind::Bit, _))
    }

    /// What the operator says of a row's vector: the same number.
    pub fn distance(&self, bytes: &[u8]) -> f64 {
        let to = self.to;
        let is_half = match self.ty {
            Type::Other(Kind::Bit, _) if self.metric == Metric::Jaccard => {
                return bits::jaccard(bytes, &self.bits);
            }
            Type::Other(Kind::Bit, _) => return count::differing(bytes, &self.bits).into(),
            _ => matches!(self.ty, Type::Other(..)),
        };
        match self.metric {
            Metric::L2 if is_half => f64::from(half::l2_squared(bytes, to)).sqrt(),
            Metric::L2 => f64::from(distance::l2_squared(bytes, to)).sqrt(),
            Metric::L1 if is_half => half::l1(bytes, to).into(),
            Metric::L1 => distance::l1(bytes, to).into(),
            Metric::Inner if is_half => -f64::from(half::inner_product(bytes, to)),
            Metric::Inner => -f64::from(distance::inner_product(bytes, to)),
            Metric::Cosine | Metric::Jaccard => {
                let (product, own) = match is_half {
                    true => (half::inner_product(bytes, to), half::norm_squared(bytes)),
                    false => (distance::inner_product(bytes, to), distance::norm_squared(bytes)),
                };
                let norms = f64::from(own) * f64::from(self.squared);
                1.0 - (f64::from(product) / norms.sqrt()).clamp(-1.0, 1.0)
            }
        }
    }
}

/// How many elements a prepared vector of bits has that are set: all of them are alike, and its length is 1.
pub fn set(v: &[f32]) -> f32 {
    v.iter().find(|v| **v > 0.0).map_or(0.0, |v| 1.0 / (v * v))
}

/// Replaces `out` by the elements of a row's vector; false: it is NULL.
pub fn read(column: &Column, row: usize, out: &mut Vec<f32>) -> bool {
    out.clear();
    if !column.is_valid(row) {
        return false;
    }
    match column.ty() {
        Type::Other(Kind::Bit, _) => {
            out.extend(bits::iter(column.bytes(row)).map(|bit| if bit { 1.0 } else { 0.0 }));
        }
        Type::Other(..) => half::read_ordered(column.bytes(row), out),
        _ => out.extend(floats(column.bytes(row))),
    }
    true
}

/// What sees a row: its ordinal, and its vector if it has one.
pub type Each<'a> = dyn FnMut(u32, Option<&[f32]>) -> Result<()> + 'a;

/// Calls `each` with the ordinals and prepared vectors of a segment's rows that are in an index; None: a row without one.
pub fn each_vector(def: &IndexDef, segment: &ColdSegment, each: &mut Each<'_>) -> Result<()> {
    let metric = Metric::of(def);
    let mut columns: Vec<Column> = vec![Column::null(Type::Bool, 0); segment.types().len()];
    let mut v = Vec::new();
    let position = def.columns.first().copied().unwrap_or_default();
    for vector in 0..segment.vectors() {
        for column in def.read() {
            if let Some(place) = columns.get_mut(column) {
                *place = segment.read(column, vector)?.flatten();
            }
        }
        let Some(column) = columns.get(position) else { continue };
        for (row, ordinal) in segment.rows_of(vector).enumerate() {
            if !def.holds(&columns, row) {
                continue;
            }
            let has = read(column, row, &mut v) && metric.prepare(&mut v);
            each(ordinal, has.then_some(v.as_slice()))?;
        }
    }
    Ok(())
}
